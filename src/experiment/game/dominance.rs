//! Strategies that another of the same player's beats whatever the others do, and what is left without them.
//!
//! t dominates s strictly where t pays more against all that the others may play, weakly where it never pays less and
//! once more. Only single strategies are tried against each other, not mixes of them. In each round the dominated
//! strategies of all players go at once: for strict dominance the order changes nothing, for weak dominance it may.
//!
//! Source: Gilboa, Kalai and Zemel (1990), On the order of eliminating dominated strategies. With noise the 95% interval of
//! the paired difference stands for the mean: what is left then may be large.

use super::Deviation;
use super::shape::Shape;

/// A strategy that iterated elimination removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dominated {
    /// Whose.
    pub player: usize,
    /// Which.
    pub strategy: usize,
    /// A strategy of the same player that dominates it.
    pub by: usize,
    /// Strictly, or weakly.
    pub strict: bool,
    /// Whether it holds within noise: by intervals rather than by means.
    pub clear: bool,
    /// Round of elimination, from 1.
    pub round: usize,
}

/// Iterated elimination in four ways: strict and weak, by means and by intervals.
pub fn eliminate(shape: &Shape, means: &[f64], equal: &[f64], deviations: &[Deviation]) -> Vec<Dominated> {
    let mut all = Vec::new();
    for strict in [true, false] {
        for clear in [false, true] {
            // Least and certain advantage of `by` over `s` where the others play as in `profile`: more, no less.
            let advantage = |profile: usize, player: usize, s: usize, by: usize| {
                let at = |k: usize| means[player * shape.profiles() + shape.with(profile, player, k)];
                if !clear {
                    let d = at(by) - at(s);
                    return (d > equal[player], d >= -equal[player]);
                }
                let from = shape.with(profile, player, s);
                let found = shape.deviation(from, player, by).and_then(|k| deviations.get(k));
                found.map_or((false, false), |d| (d.gain.interval().0 > 0.0, d.gain.interval().0 >= 0.0))
            };
            let mut left: Vec<Vec<bool>> = shape.sizes().iter().map(|n| vec![true; *n]).collect();
            for round in 1.. {
                let mut found = Vec::new();
                for player in 0..shape.players() {
                    let own: Vec<usize> = (0..shape.sizes()[player]).filter(|s| left[player][*s]).collect();
                    for &strategy in &own {
                        let others = |profile: &usize| {
                            shape.strategy(*profile, player) == 0
                                && (0..shape.players()).all(|i| i == player || left[i][shape.strategy(*profile, i)])
                        };
                        let dominates = |by: usize| {
                            let mut once = false;
                            let never_less = (0..shape.profiles()).filter(others).all(|profile| {
                                let (more, no_less) = advantage(profile, player, strategy, by);
                                once |= more;
                                if strict { more } else { no_less }
                            });
                            never_less && once
                        };
                        let by = own.iter().copied().find(|&by| by != strategy && dominates(by));
                        found.extend(by.map(|by| Dominated { player, strategy, by, strict, clear, round }));
                    }
                }
                if found.is_empty() {
                    break;
                }
                found.iter().for_each(|d| left[d.player][d.strategy] = false);
                all.extend(found);
            }
        }
    }
    all
}
