use super::*;
use crate::random::{Draws, Purpose};
use crate::record::{Column, Entity, TableLayout};
use crate::units::Month;
use proptest::prelude::*;

fn quantity(probability: bool, bounds: &[Bound]) -> Quantity {
    Quantity { path: "x".into(), unit: "1".into(), probability, bounds: bounds.to_vec() }
}

/// Runs of a normal metric until the rule stops them.
fn stopped(bound: Bound, mean: f64, sd: f64, seed: u64, most: u64) -> Watch {
    let mut watch = Watch::new(vec![quantity(false, &[bound])], most);
    for run in 0..most {
        let x = mean + sd * Draws::new(seed, run).normal(Purpose::Test, 0, 0, 0);
        if watch.see(Some(&[x])) {
            break;
        }
    }
    watch
}

#[test]
fn a_known_spread_stops_near_its_square_over_that_of_the_target() {
    // (sd / x)² = 2,500 runs; the counts are 10% apart, and the sd is known to within 1 / √(2 n) = 1.4%.
    for (bound, mean) in [(Bound::Absolute(0.04), 0.0), (Bound::Relative(0.01), -4.0)] {
        for seed in 0..5 {
            let watch = stopped(bound, mean, 2.0, seed, 100_000);
            assert!(watch.reached() && (2_300..=2_950).contains(&watch.seen()), "{}", watch.seen());
            assert!(watch.known()[0].standard_error <= watch.asked(0).unwrap());
        }
    }
}

#[test]
fn the_most_runs_are_looked_at_too_and_said_not_to_suffice_where_they_do_not() {
    let watch = stopped(Bound::Absolute(0.04), 0.0, 2.0, 1, 900);
    assert!(!watch.reached() && watch.seen() == 900);
    assert_eq!(watch.trace().last().unwrap().0, 900);
    // An error that the last look, and no regular count, finds small enough.
    let watch = stopped(Bound::Absolute(0.2), 0.0, 2.0, 1, 105);
    assert!(watch.seen() <= 105);
    let few = stopped(Bound::Absolute(10.0), 0.0, 2.0, 1, 30);
    assert!(few.reached() && few.seen() == 30);
}

#[test]
fn nothing_stops_before_a_hundred_runs_and_counts_grow_by_a_tenth() {
    assert_eq!(stopped(Bound::Absolute(1e9), 0.0, 1.0, 3, 5_000).seen(), 100);
    let mut counts = vec![next_count(0, 1_000)];
    while counts[counts.len() - 1] < 1_000 {
        counts.push(next_count(counts[counts.len() - 1], 1_000));
    }
    assert_eq!(counts[..5], [100, 110, 121, 134, 148]);
    assert_eq!(counts[counts.len() - 2..], [924, 1_000]);
}

#[test]
fn a_probability_that_no_run_met_has_an_error_and_a_metric_without_values_never_holds() {
    let mut watch = Watch::new(vec![quantity(true, &[Bound::Absolute(0.01)])], 10_000);
    while !watch.see(Some(&[0.0])) {}
    // √(p̃ (1 − p̃) / ñ) of 0 in n falls as 1.39 / n: to 0.01 at about 134.
    assert!((121..=148).contains(&watch.seen()), "{}", watch.seen());
    let mut none = Watch::new(vec![quantity(false, &[Bound::Absolute(1e9)])], 300);
    assert!((0..300).all(|_| !none.see(Some(&[f64::NAN]))));
    assert!(none.known()[0].mean.is_nan() && !none.reached());
    // A failed run counts among the runs, and nowhere else.
    let mut failing = Watch::new(vec![quantity(false, &[Bound::Absolute(1e9)])], 300);
    let stop = (0..300).find(|run| failing.see((run % 2 == 0).then_some(&[1.0]))).unwrap();
    assert_eq!((stop, failing.known()[0].n), (99, 50));
}

proptest! {
    #[test]
    fn moments_of_a_stream_are_those_of_its_values(values in prop::collection::vec(-9.0f64..9.0, 2..40)) {
        let mut moments = Moments::default();
        values.iter().for_each(|v| moments.add(*v));
        let reference = crate::experiment::statistics::exact(&mut values.clone());
        prop_assert!((moments.mean - reference.mean).abs() < 1e-12);
        prop_assert!((moments.standard_error() - reference.mcse).abs() < 1e-12);
    }
}

fn layout() -> Layout {
    let entity = |id: &str| Entity { id: id.into(), name: id.into(), colour: String::new(), division: false };
    let column = |name: &str, unit| Column { name: name.into(), unit, meaning: String::new(), core: true };
    let labs = vec![column("enterprise_share", "fraction"), column("alive", "flag")];
    let entities = vec![entity("openai"), entity("anthropic")];
    let market = vec![column("hhi", "1")];
    let tables = vec![
        TableLayout { kind: TableKind::Labs, entities, columns: labs, offset: 0 },
        TableLayout { kind: TableKind::Market, entities: vec![entity("market")], columns: market, offset: 4 },
    ];
    Layout { tables, months: vec![Month::new(2025, 12), Month::new(2026, 1)], width: 5, draws: Vec::new() }
}

fn targets(texts: &[&str]) -> Vec<Target> {
    texts.iter().map(|t| t.parse().unwrap()).collect()
}

#[test]
fn a_target_names_a_metric_of_one_agent_or_of_all() {
    let claims = Claims::default();
    let found =
        resolve(&targets(&["0.01", "labs.openai.enterprise_share=2%", "market.hhi = 3e-3"]), &layout(), &claims);
    let found = found.unwrap();
    let said: Vec<(&str, Source)> = found.iter().map(|(q, s)| (q.path.as_str(), *s)).collect();
    let expected = [
        ("labs.openai.enterprise_share", Source::Value(5)),
        ("labs.anthropic.enterprise_share", Source::Value(7)),
        ("market.hhi", Source::Value(9)),
    ];
    assert_eq!(said, expected);
    assert_eq!(found[0].0.bounds, [Bound::Absolute(0.01), Bound::Relative(0.02)]);
    let flags = resolve(&targets(&["labs.*.alive=0.1"]), &layout(), &claims).unwrap();
    assert!(flags.len() == 2 && flags[1].0.probability && !found[0].0.probability);
    // Without targets the shares are watched, and never stop anything.
    let watched = resolve(&[], &layout(), &claims).unwrap();
    assert!(watched.len() == 2 && watched.iter().all(|(q, _)| q.bounds.is_empty()));
}

#[test]
fn all_wrong_targets_are_told_at_once_with_what_would_do() {
    let wrong =
        ["labs.opnai.enterprise_share=1%", "market.hh=1", "labz.x.y=1", "claims.none=0.1", "beats.market.hhi=0.1"];
    let faults = resolve(&targets(&wrong), &layout(), &Claims::default()).unwrap_err();
    let numbers = ["", "0", "-1", "x=", "market.hhi=abc", "nan", "inf%"];
    let unread: Vec<String> = numbers.iter().map(|t| Target::from_str(t).unwrap_err()).collect();
    insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("targets_that_cannot_be_read", [faults, unread].concat().join("\n"));
    });
}
