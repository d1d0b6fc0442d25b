//! Points of the unit cube: random, Latin hypercube and shifted Sobol'.

use sobol::Sobol;
use sobol::params::JoeKuoD6;

use super::Said;
use crate::random::{Draws, Purpose, key_of};

/// 2^-32: a Sobol' digit string of 32 bits as a fraction.
const PER_WORD: f64 = 1.0 / 4_294_967_296.0;

/// Numbers inside 0 to 1: a row a varied path, a number a point. A grid needs none.
pub(super) fn unit_points(word: &str, seed: u64, points: u64, vary: &[Said<(String, String)>]) -> Vec<Vec<f64>> {
    let keys: Vec<u64> = vary.iter().map(|said| key_of(&said.value.0)).collect();
    match word {
        "random" => keys.iter().map(|&key| random(seed, points, key)).collect(),
        "lhs" => keys.iter().map(|&key| hypercube(seed, points, key)).collect(),
        "sobol" => shifted_sobol(seed, points, &keys),
        _ => Vec::new(),
    }
}

fn random(seed: u64, points: u64, key: u64) -> Vec<f64> {
    (0..points).map(|point| Draws::new(seed, point).uniform(Purpose::SweepPoint, key, 0, 0)).collect()
}

/// One coordinate of a Latin hypercube: the strata in random order (Fisher and Yates), each point somewhere in its own.
fn hypercube(seed: u64, points: u64, key: u64) -> Vec<f64> {
    let mut stream = Draws::new(seed, 0).stream(Purpose::SweepStratum, key, 0, 0);
    let mut strata: Vec<u64> = (0..points).collect();
    for i in (1..strata.len()).rev() {
        let j = ((stream.uniform() * (i + 1) as f64) as usize).min(i);
        strata.swap(i, j);
    }
    strata.into_iter().map(|stratum| (stratum as f64 + stream.uniform()) / points as f64).collect()
}

/// The plain sequence as strings of 32 binary digits: a point a row, a path a column. At most 100 paths.
pub(super) fn sobol_digits(points: u64, paths: usize) -> Vec<Vec<u32>> {
    Sobol::<u32>::new(paths, &JoeKuoD6::minimal()).take(points as usize).collect()
}

fn shifted_sobol(seed: u64, points: u64, keys: &[u64]) -> Vec<Vec<f64>> {
    let digits = sobol_digits(points, keys.len());
    let coordinate = |(path, &key): (usize, &u64)| {
        let shift = (Draws::new(seed, 0).bits(Purpose::SweepShift, key, 0, 0) >> 32) as u32;
        // At the middle of the finest cell, so that no number is 0 or 1.
        digits.iter().map(|point| (f64::from(point[path] ^ shift) + 0.5) * PER_WORD).collect()
    };
    keys.iter().enumerate().map(coordinate).collect()
}
