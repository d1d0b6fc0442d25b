use super::*;
use crate::record;
use crate::scenario::Scenario;

const GOOD: &str = include_str!("../../../tests/invalid/good.toml");

/// A claim with the ridge of the small world: its leader is `demand.quality_volatility`, its first draw.
fn claims(outcome: &str) -> Claims {
    let text = GOOD.replace("text = \"OpenAI keeps half\"", &format!("text = \"OpenAI keeps half\"\n{outcome}"));
    let scenario = Scenario::from_text("good.toml", &text, &[]).unwrap();
    let claims = Claims::new(&scenario, &record::layout(&scenario.parameters, scenario.draw_paths())).unwrap();
    assert_eq!(claims.ridges.len(), 1);
    assert_eq!(claims.ridges[0].path, "demand.quality_volatility");
    claims
}

/// Runs with a leader and a verdict each, in blocks of `size`.
fn score(claims: &Claims, runs: &[(f64, Verdict)], size: usize) -> Scored {
    let mut tally = Tally::new(claims);
    for (index, chunk) in runs.chunks(size).enumerate() {
        tally.add(&Block {
            index: index as u64,
            attempted: chunk.len() as u64,
            runs: (0..chunk.len()).map(|r| (index * size + r) as u64).collect(),
            draws: chunk.iter().flat_map(|(leader, _)| [*leader, -1.0]).collect(),
            verdicts: chunk.iter().map(|(_, verdict)| *verdict as u8).collect(),
            ..Block::default()
        });
    }
    tally.finish().remove(0)
}

use Verdict::{Fails, Holds, LeftOut, Undecided};

/// `n` runs whose leader runs evenly over 0 to 1 in a scattered order, and which hold as `holds` says.
fn evenly(n: usize, holds: impl Fn(f64, usize) -> bool) -> Vec<(f64, Verdict)> {
    let scattered = |i: usize| (i * 7919 % n) as f64 / n as f64;
    (0..n).map(|i| (scattered(i), if holds(scattered(i), i) { Holds } else { Fails })).collect()
}

#[test]
fn the_score_interval_is_that_of_the_published_examples() {
    // Newcombe (1998), "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, table I.
    for (holds, n, low, high) in
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
    {
        let (l, h) = wilson(f64::from(holds), f64::from(n));
        assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{holds} of {n}: {l} to {h}");
    }
    let (low, high) = wilson(20.0, 20.0);
    assert!((low - (1.0 - 0.1611)).abs() < 5e-5 && high == 1.0);
    assert!(wilson(0.0, 0.0).0.is_nan());
}

#[test]
fn more_runs_narrow_the_interval_about_the_same_share() {
    let width = |n: f64| wilson(n / 4.0, n).1 - wilson(n / 4.0, n).0;
    assert!(width(400.0) < 0.6 * width(100.0));
    assert!((width(4e6) / width(1e6) - 0.5).abs() < 1e-3);
}

#[test]
fn runs_left_out_do_not_count_and_undecided_runs_count_as_not_holding() {
    let runs = [(0.1, Holds), (0.2, Fails), (0.3, Undecided), (0.4, LeftOut), (0.5, LeftOut), (0.6, Holds)];
    let scored = score(&claims("outcome = true"), &runs, 4);
    assert_eq!((scored.n, scored.undecided, scored.conditioned_out, scored.probability), (4, 1, 2, 0.5));
    assert_eq!(scored.brier, 0.25);
    let certain = score(&claims("outcome = false"), &[(0.1, Fails), (0.2, Fails)], 1);
    assert_eq!((certain.brier, certain.probability, certain.ci_low), (0.0, 0.0, 0.0));
    assert!(score(&claims(""), &runs, 4).brier.is_nan());
    let none = score(&claims("outcome = true"), &[(0.1, LeftOut)], 1);
    assert!(none.probability.is_nan() && none.brier.is_nan() && none.ci_low.is_nan() && none.along.is_none());
}

#[test]
fn a_claim_that_follows_the_leader_of_a_ridge_rests_on_a_prior() {
    let claims = claims("");
    let of = |runs: &[(f64, Verdict)]| score(&claims, runs, 64).along.unwrap();
    let follows = of(&evenly(600, |x, _| x > 0.5));
    assert_eq!((follows.low, follows.high, follows.driven), (0.0, 1.0, Driven::Yes));
    assert_eq!(follows.leader, "demand.quality_volatility");
    let turned = of(&evenly(600, |x, _| x < 0.5));
    assert_eq!((turned.low, turned.high, turned.driven), (1.0, 0.0, Driven::Yes));
    let apart = of(&evenly(3_000, |_, i| i % 2 == 0));
    assert!((apart.low - 0.5).abs() < 0.05 && apart.driven == Driven::No, "{apart:?}");
}

#[test]
fn too_few_runs_do_not_tell_whether_a_claim_rests_on_a_prior() {
    let claims = claims("");
    // Three in ten more along the ridge: plain with many runs, not with thirty.
    let tilted = |x: f64, i: usize| (i * 31 % 100) as f64 / 100.0 < 0.3 + 0.45 * x;
    assert_eq!(score(&claims, &evenly(29, tilted), 8).along.unwrap().driven, Driven::Unclear);
    assert_eq!(score(&claims, &evenly(9_001, tilted), 8).along.unwrap().driven, Driven::Yes);
}

#[test]
fn blocks_of_any_size_give_the_same_score_beyond_the_runs_that_cut_the_thirds_too() {
    let claims = claims("outcome = true");
    let runs = evenly(CUT_RUNS + 2_503, |x, i| x > 0.3 || i % 5 == 0);
    let one = score(&claims, &runs, 1);
    for size in [7, 256, runs.len()] {
        assert_eq!(score(&claims, &runs, size), one);
    }
    assert_eq!(one.n as usize, runs.len());
}

#[test]
fn a_leader_that_heaps_on_one_value_is_not_in_both_thirds() {
    let runs: Vec<(f64, Verdict)> = (0..90).map(|i| (1.0, if i % 2 == 0 { Holds } else { Fails })).collect();
    assert!(score(&claims(""), &runs, 8).along.is_none());
}

#[test]
fn a_ridge_on_which_a_claim_may_rest_tells_more_than_one_on_which_it_does_not() {
    // With few runs the noise is wide: what is unclear may move less beyond it than what is plainly still.
    let no = Along::new("still", (5_000, 10_000), (6_500, 10_000)).unwrap();
    let unclear = Along::new("unclear", (5, 10), (7, 10)).unwrap();
    let yes = Along::new("moving", (2, 10), (9, 10)).unwrap();
    assert_eq!((no.driven, unclear.driven, yes.driven), (Driven::No, Driven::Unclear, Driven::Yes));
    assert!(unclear.outranks(&no) && !no.outranks(&unclear));
    assert!(yes.outranks(&unclear) && yes.outranks(&no) && !unclear.outranks(&yes));
    let further = Along::new("further", (1, 20), (19, 20)).unwrap();
    assert!(further.outranks(&yes) && !yes.outranks(&further));
}
