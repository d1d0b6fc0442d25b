use proptest::prelude::*;

use super::*;
use crate::random::{Draws, Purpose};

/// A game without noise: payoffs of player after player, two runs each alike.
fn sure(sizes: &[usize], payoffs: &[&[f64]]) -> Payoffs {
    noisy(sizes, payoffs, 2, 0.0)
}

/// The same with independent noise of a standard deviation on every payoff and run.
fn noisy(sizes: &[usize], payoffs: &[&[f64]], runs: usize, sd: f64) -> Payoffs {
    let mut values = Vec::new();
    for (cell, mean) in payoffs.iter().flat_map(|of| of.iter()).enumerate() {
        values.extend(
            (0..runs).map(|run| mean + sd * Draws::new(1, run as u64).normal(Purpose::Test, cell as u64, 0, 0)),
        );
    }
    Payoffs { shape: Shape::new(sizes.to_vec()), runs, values }
}

fn pure_of(a: &Analysis) -> Vec<Vec<usize>> {
    a.equilibria.iter().filter_map(|e| e.profile).map(|p| a.shape.choice(p)).collect()
}

fn mixed_of(a: &Analysis) -> Vec<&Equilibrium> {
    a.equilibria.iter().filter(|e| e.profile.is_none()).collect()
}

fn close(a: &[f64], b: &[f64]) {
    assert!(a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-9), "{a:?} {b:?}");
}

#[test]
fn prisoners_defect_and_both_lose_by_it() {
    // Cooperate, defect: 3 3, 0 5, 5 0, 1 1.
    let a = analyse(Payoff::Value, &sure(&[2, 2], &[&[3.0, 0.0, 5.0, 1.0], &[3.0, 5.0, 0.0, 1.0]]), 1);
    assert_eq!(pure_of(&a), [vec![1, 1]]);
    assert!(mixed_of(&a).is_empty());
    assert_eq!(a.search, Search::Done { degenerate: false });
    assert_eq!((a.equilibria[0].stability, a.equilibria[0].tie), (1.0, false));
    let (better, gains) = a.equilibria[0].better.clone().unwrap();
    assert_eq!((better, gains[0].difference, gains[1].difference), (0, 2.0, 2.0));
    assert_eq!((a.standings[3].short.difference, a.standings[0].short.difference), (4.0, 0.0));
    let standing = a.standings[3];
    assert_eq!((standing.sum, standing.regret), (2.0, 0.0));
    assert!((standing.efficiency - 2.0 / 6.0).abs() < 1e-12);
    assert_eq!((a.standings[0].regret, a.best_sum()), (2.0, 0));
    for player in 0..2 {
        for clear in [false, true] {
            let found = a.dominated.contains(&Dominated { player, strategy: 0, by: 1, strict: true, clear, round: 1 });
            assert!(found, "{player} {clear}");
        }
    }
    // Cooperating first draws a defection; defecting first a defection too, at no loss.
    let commit: Vec<(usize, f64, f64)> = a.commitments.iter().map(|c| (c.reply, c.payoff, c.price)).collect();
    assert_eq!(commit, [(1, 0.0, 1.0), (1, 1.0, 0.0), (1, 0.0, 1.0), (1, 1.0, 0.0)]);
}

#[test]
fn matching_pennies_are_thrown_at_even_odds() {
    let a = analyse(Payoff::Value, &sure(&[2, 2], &[&[1.0, -1.0, -1.0, 1.0], &[-1.0, 1.0, 1.0, -1.0]]), 1);
    assert!(pure_of(&a).is_empty());
    let mixed = mixed_of(&a);
    assert_eq!(mixed.len(), 1);
    close(&mixed[0].mix[0], &[0.5, 0.5]);
    close(&mixed[0].mix[1], &[0.5, 0.5]);
    close(&mixed[0].expected, &[0.0, 0.0]);
    assert!(a.dominated.is_empty());
}

#[test]
fn the_battle_of_the_sexes_has_two_pure_equilibria_and_a_mixed_one() {
    let a = analyse(Payoff::Value, &sure(&[2, 2], &[&[2.0, 0.0, 0.0, 1.0], &[1.0, 0.0, 0.0, 2.0]]), 1);
    assert_eq!(pure_of(&a), [vec![0, 0], vec![1, 1]]);
    let mixed = mixed_of(&a);
    close(&mixed[0].mix[0], &[2.0 / 3.0, 1.0 / 3.0]);
    close(&mixed[0].mix[1], &[1.0 / 3.0, 2.0 / 3.0]);
    close(&mixed[0].expected, &[2.0 / 3.0, 2.0 / 3.0]);
    assert!(a.equilibria.iter().all(|e| e.better.is_none()));
    // Who commits first has its way.
    assert_eq!((a.commitments[0].payoff, a.commitments[1].price), (2.0, 1.0));
}

#[test]
fn rock_paper_and_scissors_are_shown_a_third_of_the_time_each() {
    let first = [0.0, -1.0, 1.0, 1.0, 0.0, -1.0, -1.0, 1.0, 0.0];
    let a = analyse(Payoff::Value, &sure(&[3, 3], &[&first, &first.map(|v: f64| -v)]), 1);
    assert_eq!(a.equilibria.len(), 1);
    close(&a.equilibria[0].mix[0], &[1.0 / 3.0; 3]);
    close(&a.equilibria[0].mix[1], &[1.0 / 3.0; 3]);
    assert_eq!(a.search, Search::Done { degenerate: false });
}

#[test]
fn hunters_of_stags_may_agree_on_either_and_risk_decides_between() {
    let a = analyse(Payoff::Value, &sure(&[2, 2], &[&[4.0, 1.0, 3.0, 3.0], &[4.0, 3.0, 1.0, 3.0]]), 1);
    assert_eq!(pure_of(&a), [vec![0, 0], vec![1, 1]]);
    close(&mixed_of(&a)[0].mix[0], &[2.0 / 3.0, 1.0 / 3.0]);
    assert_eq!(a.standings[0].efficiency, 1.0);
}

#[test]
fn elimination_goes_on_until_one_profile_is_left() {
    // Osborne and Rubinstein's kind: the third column goes first, then the third row, then the first column, then the first row.
    let first = [1.0, 2.0, 5.0, 0.0, 3.0, 1.0, 0.5, 1.0, 9.0];
    let second = [3.0, 4.0, 1.0, 1.0, 2.0, 0.0, 4.0, 3.0, 2.0];
    let a = analyse(Payoff::Value, &sure(&[3, 3], &[&first, &second]), 1);
    let removed: Vec<(usize, usize, usize)> =
        a.dominated.iter().filter(|d| d.strict && !d.clear).map(|d| (d.round, d.player, d.strategy)).collect();
    assert_eq!(removed, [(1, 1, 2), (2, 0, 2), (3, 1, 0), (4, 0, 0)]);
    assert_eq!(pure_of(&a), [vec![1, 1]]);
    assert_eq!(a.equilibria.len(), 1);
}

#[test]
fn three_players_who_gain_by_agreeing_have_two_pure_equilibria() {
    // Each gets 1 for each other that plays as it does, and 2 more where all play the second.
    let shape = Shape::new(vec![2, 2, 2]);
    let pay = |player: usize, profile: usize| {
        let c = shape.choice(profile);
        let same = (0..3).filter(|&j| j != player && c[j] == c[player]).count() as f64;
        same + if c == [1, 1, 1] { 2.0 } else { 0.0 }
    };
    let of: Vec<Vec<f64>> = (0..3).map(|i| (0..8).map(|p| pay(i, p)).collect()).collect();
    let a = analyse(Payoff::Share, &sure(&[2, 2, 2], &[&of[0], &of[1], &of[2]]), 1);
    assert_eq!(pure_of(&a), [vec![0, 0, 0], vec![1, 1, 1]]);
    assert_eq!(a.search, Search::MorePlayers);
    assert_eq!(a.equilibria[1].expected, [4.0; 3]);
    assert_eq!(a.replies.len(), 3 * 4);
    // Where the other two part, the third is indifferent: both are best.
    let torn = a.replies.iter().find(|r| r.player == 0 && a.shape.choice(r.against)[1..] == [0, 1]).unwrap();
    assert_eq!(torn.set, [0, 1]);
}

#[test]
fn a_degenerate_game_is_told() {
    // The second row pays the second player the same in both columns.
    let a = analyse(Payoff::Value, &sure(&[2, 2], &[&[1.0, 0.0, 0.0, 2.0], &[1.0, 0.0, 1.0, 1.0]]), 1);
    assert_eq!(a.search, Search::Done { degenerate: true });
    assert_eq!(pure_of(&a), [vec![0, 0], vec![1, 1]]);
    // A player whose strategies do not matter at all.
    let a = analyse(Payoff::Value, &sure(&[2, 2], &[&[1.0, 1.0, 1.0, 1.0], &[1.0, 0.0, 0.0, 1.0]]), 1);
    assert_eq!(a.search, Search::Done { degenerate: true });
    assert!(a.equilibria.iter().all(|e| e.tie));
}

#[test]
fn mixed_equilibria_of_a_large_game_are_not_looked_for() {
    let cells = 11 * 11;
    let of: Vec<f64> = (0..cells).map(|k| f64::from(k * 37 % 101)).collect();
    let a = analyse(Payoff::Value, &sure(&[11, 11], &[&of, &of]), 1);
    assert_eq!(a.search, Search::TooMany);
    assert!(!pure_of(&a).is_empty());
}

#[test]
fn an_equilibrium_that_noise_decides_is_a_tie_and_one_that_it_does_not_is_none() {
    let prisoners: [&[f64]; 2] = [&[3.0, 0.0, 5.0, 1.0], &[3.0, 5.0, 0.0, 1.0]];
    let clear = analyse(Payoff::Value, &noisy(&[2, 2], &prisoners, 200, 1.0), 7);
    assert_eq!(pure_of(&clear), [vec![1, 1]]);
    assert!(clear.equilibria[0].stability > 0.999 && !clear.equilibria[0].tie);
    assert!(clear.standings[3].within_noise && !clear.standings[0].within_noise);
    // Means that lie a tenth of a standard error apart.
    let level: [&[f64]; 2] = [&[1.0; 4], &[1.0; 4]];
    let tie = analyse(Payoff::Value, &noisy(&[2, 2], &level, 200, 1.0), 7);
    assert!(tie.standings.iter().all(|s| s.within_noise));
    assert!(tie.equilibria.iter().all(|e| e.tie && e.stability < 0.9), "{:?}", tie.equilibria);
    assert!(tie.dominated.iter().all(|d| !d.clear));
    assert!(tie.replies.iter().all(|r| r.set == [0, 1]));
}

#[test]
fn noise_that_all_profiles_share_does_not_blur_their_differences() {
    let mut shared = sure(&[2, 2], &[&[3.0, 0.0, 5.0, 1.0], &[3.0, 5.0, 0.0, 1.0]]);
    shared.runs = 50;
    shared.values = shared
        .values
        .chunks(2)
        .flat_map(|v| (0..50).map(|run| v[0] + 100.0 * Draws::new(1, run).normal(Purpose::Test, 0, 0, 0)))
        .collect();
    let a = analyse(Payoff::Value, &shared, 1);
    assert!(a.cell(0, 0).mcse > 5.0);
    assert!(a.deviations.iter().all(|d| d.gain.standard_error < 1e-9));
    assert_eq!((pure_of(&a), a.equilibria[0].stability), (vec![vec![1, 1]], 1.0));
}

#[test]
fn a_cell_is_the_mean_with_its_interval() {
    let payoffs = Payoffs { shape: Shape::new(vec![2, 2]), runs: 4, values: [[0.0, 1.0, 1.0, 1.0]; 8].concat() };
    let value = analyse(Payoff::Value, &payoffs, 1).cell(1, 2);
    assert_eq!((value.n, value.mean, value.sd), (4, 0.75, 0.5));
    assert!((value.high - value.mean - half_95(0.25, 4)).abs() < 1e-12);
    let survival = analyse(Payoff::Survival, &payoffs, 1).cell(1, 2);
    assert_eq!((survival.low, survival.high), wilson(3.0, 4.0));
}

/// The definition: no strategy pays either player more than its mix does.
fn is_equilibrium(first: &[f64], second: &[f64], columns: usize, mix: &[Vec<f64>]) -> bool {
    let (x, y) = (&mix[0], &mix[1]);
    let pays = |of: &[f64], i: usize, j: usize| of[i * columns + j];
    let row = |i: usize| (0..columns).map(|j| y[j] * pays(first, i, j)).sum::<f64>();
    let column = |j: usize| (0..x.len()).map(|i| x[i] * pays(second, i, j)).sum::<f64>();
    let u: f64 = (0..x.len()).map(|i| x[i] * row(i)).sum();
    let w: f64 = (0..columns).map(|j| y[j] * column(j)).sum();
    (0..x.len()).all(|i| row(i) <= u + 1e-6) && (0..columns).all(|j| column(j) <= w + 1e-6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_equilibrium_of_two_is_one_and_their_number_is_odd(
        rows in 1..5usize, columns in 1..5usize, cells in prop::collection::vec(-9.0f64..9.0, 32),
    ) {
        let n = rows * columns;
        let (first, second) = (&cells[..n], &cells[16..16 + n]);
        let shape = Shape::new(vec![rows, columns]);
        let means = [first, second].concat();
        let (found, degenerate) = Bimatrix::new(&shape, &means).equilibria().unwrap();
        for mix in &found {
            prop_assert!(is_equilibrium(first, second, columns, mix));
            for side in mix {
                prop_assert!((side.iter().sum::<f64>() - 1.0).abs() < 1e-9 && side.iter().all(|p| *p >= 0.0));
            }
        }
        // Wilson (1971).
        prop_assert!(degenerate || found.len() % 2 == 1, "{} equilibria", found.len());
        // The pure ones are those of the definition for any number of players.
        let pure = stability::pure(&shape, &means).iter().filter(|is| **is).count();
        let unmixed = found.iter().filter(|m| m.iter().all(|of| of.contains(&1.0))).count();
        prop_assert_eq!(pure, unmixed);
    }

    #[test]
    fn swapping_the_players_swaps_the_analysis(cells in prop::collection::vec(-9.0f64..9.0, 12)) {
        let (a, b) = (&cells[..6], &cells[6..]);
        let turned = |of: &[f64]| [0, 3, 1, 4, 2, 5].map(|k| of[k]).to_vec();
        let one = analyse(Payoff::Value, &sure(&[2, 3], &[a, b]), 1);
        let other = analyse(Payoff::Value, &sure(&[3, 2], &[&turned(b), &turned(a)]), 1);
        prop_assert_eq!(one.equilibria.len(), other.equilibria.len());
        let mut sums = [one.standings, other.standings].map(|s| s.iter().map(|s| s.sum).collect::<Vec<f64>>());
        sums.iter_mut().for_each(|s| s.sort_by(f64::total_cmp));
        prop_assert!(sums[0].iter().zip(&sums[1]).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}

#[test]
fn a_board_of_the_numbers_in_the_tables_has_the_best_replies_of_the_analysis() {
    use super::board::{Board, Gain};

    for (sizes, seed) in [(&[2, 3][..], 1), (&[3, 2, 2], 2)] {
        let profiles: usize = sizes.iter().product();
        let means: Vec<Vec<f64>> = (0..sizes.len())
            .map(|i| (0..profiles).map(|p| ((7 * p + 3 * i + seed) % 5) as f64 * 0.4).collect())
            .collect();
        let means: Vec<&[f64]> = means.iter().map(Vec::as_slice).collect();
        let a = analyse(Payoff::Share, &noisy(sizes, &means, 40, 1.0), seed as u64);
        let board = Board::from(&a);
        let gain = |d: &Deviation| {
            let (low, high) = d.gain.interval();
            Gain { to: d.to, gain: d.gain.difference, low, high }
        };
        let (gains, sums): (Vec<Gain>, Vec<f64>) =
            (a.deviations.iter().map(gain).collect(), a.standings.iter().map(|s| s.sum).collect());
        let pure: Vec<(usize, bool)> = a.equilibria.iter().filter_map(|e| Some((e.profile?, e.tie))).collect();
        let new = |cells: &[Cell], pure: &[(usize, bool)]| {
            Board::new(a.payoff, a.shape.clone(), cells.to_vec(), gains.clone(), sums.clone(), pure.to_vec())
        };
        assert_eq!(new(&a.cells, &pure), Some(board.clone()));
        assert!(new(&a.cells[1..], &pure).is_none() && new(&a.cells, &[(profiles, false)]).is_none());
        for profile in 0..profiles {
            assert_eq!(board.equilibrium(profile).is_some(), a.standings[profile].equilibrium);
            for player in 0..sizes.len() {
                assert_eq!(board.is_reply(player, profile), a.is_reply(player, profile));
            }
        }
        // Noise is such that some best replies are clear and others are not.
        let clear = a.replies.iter().filter(|r| r.set.len() == 1).count();
        assert!(0 < clear && clear < a.replies.len(), "{clear}");
    }
}
