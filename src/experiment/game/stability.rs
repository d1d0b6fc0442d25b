//! Whether an equilibrium is one of the model or of the runs drawn: resamples of the runs with replacement.
//!
//! A resample takes the same runs of all profiles, so that what the profiles share stays shared. The share of resamples in
//! which a profile is an equilibrium says how far the runs settle it; it says nothing of the model.
//!
//! Source: Efron (1979), Bootstrap methods; for simulated games Wiedenbeck, Cassell and Wellman (2014), Bootstrap statistics
//! for empirical games.

use rayon::prelude::*;

use super::mixed::{Bimatrix, Mix};
use super::shape::Shape;
use super::{EQUAL, Payoffs, ranges};
use crate::random::{Draws, Purpose};

/// Resamples: the standard error of a share is then at most 1.6 points.
pub const RESAMPLES: u64 = 1_000;

/// Shares of resamples.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// In which a profile is a pure equilibrium, profile after profile.
    pub pure: Vec<f64>,
    /// In which there is an equilibrium over the same supports, mix after mix.
    pub mixed: Vec<f64>,
}

/// Resamples the runs, on the pool of threads that it is called on. `mixes` are equilibria of two players.
pub fn stability(payoffs: &Payoffs, mixes: &[Mix], seed: u64) -> Stability {
    let shape = &payoffs.shape;
    let support = |of: &Vec<f64>| (0..of.len()).filter(|&s| of[s] > 0.0).collect::<Vec<usize>>();
    let supports: Vec<[Vec<usize>; 2]> = mixes.iter().map(|m| [support(&m[0]), support(&m[1])]).collect();
    let one = |resample: u64| {
        let means = resampled(payoffs, seed, resample);
        let pure = pure(shape, &means);
        let game = (!supports.is_empty()).then(|| Bimatrix::new(shape, &means));
        let over = |s: &[Vec<usize>; 2]| game.as_ref().is_some_and(|g| g.over(&s[0], &s[1]).is_some());
        (pure, supports.iter().map(over).collect::<Vec<bool>>())
    };
    let add = |(mut a, mut b): (Vec<u64>, Vec<u64>), (c, d): (Vec<bool>, Vec<bool>)| {
        a.iter_mut().zip(c).for_each(|(n, hit)| *n += u64::from(hit));
        b.iter_mut().zip(d).for_each(|(n, hit)| *n += u64::from(hit));
        (a, b)
    };
    let none = || (vec![0u64; shape.profiles()], vec![0u64; supports.len()]);
    let join = |(mut a, mut b): (Vec<u64>, Vec<u64>), (c, d): (Vec<u64>, Vec<u64>)| {
        a.iter_mut().zip(c).for_each(|(n, m)| *n += m);
        b.iter_mut().zip(d).for_each(|(n, m)| *n += m);
        (a, b)
    };
    // Counts of whole numbers: the order in which they are added changes nothing.
    let (pure, mixed) = (0..RESAMPLES).into_par_iter().map(one).fold(none, add).reduce(none, join);
    let share = |counts: Vec<u64>| counts.into_iter().map(|n| n as f64 / RESAMPLES as f64).collect();
    Stability { pure: share(pure), mixed: share(mixed) }
}

/// Mean payoffs of a resample, player after player, profile after profile.
fn resampled(payoffs: &Payoffs, seed: u64, resample: u64) -> Vec<f64> {
    let mut stream = Draws::new(seed, resample).stream(Purpose::GameResample, 0, 0, 0);
    let runs = payoffs.runs;
    let mut times = vec![0.0; runs];
    for _ in 0..runs {
        let at = (stream.uniform() * runs as f64) as usize;
        times[at.min(runs - 1)] += 1.0;
    }
    let mean = |of: &[f64]| of.iter().zip(&times).map(|(v, n)| v * n).sum::<f64>() / runs as f64;
    payoffs.values.chunks(runs.max(1)).map(mean).collect()
}

/// Which profiles are pure equilibria of mean payoffs: no deviation of any player gains.
pub fn pure(shape: &Shape, means: &[f64]) -> Vec<bool> {
    let profiles = shape.profiles();
    let mut is = vec![true; profiles];
    for (player, range) in ranges(shape, means).enumerate() {
        let of = &means[player * profiles..(player + 1) * profiles];
        for others in (0..profiles).filter(|p| shape.strategy(*p, player) == 0) {
            let own = || (0..shape.sizes()[player]).map(|s| shape.with(others, player, s));
            let best = own().map(|p| of[p]).fold(f64::NEG_INFINITY, f64::max);
            own().filter(|&p| of[p] < best - EQUAL * range).for_each(|p| is[p] = false);
        }
    }
    is
}
