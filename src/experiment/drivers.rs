//! What moves an outcome most: rank correlation of uncertain parameters with it, over the runs of an ensemble.

use crate::experiment::sample::{Sample, Wanted};
use crate::record::TableKind;

/// Spearman's rank correlation of two samples of the same length; 0 when one of them does not vary.
pub fn rank_correlation(x: &[f64], y: &[f64]) -> f64 {
    let (rx, ry) = (ranks(x), ranks(y));
    let n = rx.len() as f64;
    if rx.len() != ry.len() || rx.len() < 3 {
        return 0.0;
    }
    let mean = (n + 1.0) / 2.0;
    let (mut sxy, mut sxx, mut syy) = (0.0, 0.0, 0.0);
    for (a, b) in rx.iter().zip(&ry) {
        sxy += (a - mean) * (b - mean);
        sxx += (a - mean) * (a - mean);
        syy += (b - mean) * (b - mean);
    }
    if sxx == 0.0 || syy == 0.0 { 0.0 } else { sxy / (sxx * syy).sqrt() }
}

/// Ranks from 1, ties sharing their mean.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let mut to = from;
        while to + 1 < order.len() && values[order[to + 1]] == values[order[from]] {
            to += 1;
        }
        for &k in &order[from..=to] {
            ranks[k] = (from + to) as f64 / 2.0 + 1.0;
        }
        from = to + 1;
    }
    ranks
}

/// The parameters that move an outcome most: (index, rank correlation), greatest first, at most `most`.
pub fn strongest(parameters: &[Vec<f64>], outcome: &[f64], most: usize) -> Vec<(usize, f64)> {
    let all: Vec<f64> = parameters.iter().map(|x| rank_correlation(x, outcome)).collect();
    greatest(&all, most)
}

/// What moves the shares of the largest labs at the horizon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drivers {
    /// Runs.
    pub runs: usize,
    /// The labs, largest median share first.
    pub labs: Vec<LabDrivers>,
    /// (Path, mean of the absolute rank correlations with the shares of those labs), greatest first.
    pub overall: Vec<(String, f64)>,
    /// (Path, mean rank correlation with the distance of the shares from their medians), greatest in size first: what
    /// widens or narrows the fan without moving its middle.
    pub spread: Vec<(String, f64)>,
}

/// What moves the share of one lab.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabDrivers {
    /// Id of the lab.
    pub lab: String,
    /// Median share at the horizon.
    pub median: f64,
    /// (Path, rank correlation), greatest in size first.
    pub strongest: Vec<(String, f64)>,
}

impl Drivers {
    /// Rank correlation beyond which one of many parameters without effect comes in one of some hundred cases.
    pub fn noise(&self) -> f64 {
        2.6 / (self.runs.max(2) as f64 - 1.0).sqrt()
    }
}

/// The drivers of the `labs` largest shares of a sample at its last date, `most` of each kind.
pub fn drivers(sample: &Sample, ids: &[String], labs: usize, most: usize) -> Drivers {
    let Some(last) = sample.last() else { return Drivers::default() };
    let mut found: Vec<(LabDrivers, Vec<f64>)> = Vec::new();
    for id in ids {
        let share = Wanted::new(TableKind::Labs, "enterprise_share", id);
        let (Some(values), Some(stats)) = (sample.values(&share, last), sample.stats(&share, last)) else { continue };
        // A lab that is gone sells nothing.
        let values = values.iter().map(|v| if v.is_finite() { *v } else { 0.0 }).collect();
        found.push((LabDrivers { lab: id.clone(), median: stats.quantiles[3], strongest: Vec::new() }, values));
    }
    found.sort_by(|a, b| b.0.median.total_cmp(&a.0.median).then(a.0.lab.cmp(&b.0.lab)));
    found.truncate(labs);
    let named = |best: Vec<(usize, f64)>| -> Vec<(String, f64)> {
        best.into_iter().filter_map(|(k, r)| Some((sample.draw_paths.get(k)?.clone(), r))).collect()
    };
    let (mut moved, mut widened) = (vec![0.0; sample.draws.len()], vec![0.0; sample.draws.len()]);
    let n = found.len().max(1) as f64;
    for (lab, values) in &mut found {
        lab.strongest = named(strongest(&sample.draws, values, most));
        let distance: Vec<f64> = values.iter().map(|v| (v - lab.median).abs()).collect();
        for (k, drawn) in sample.draws.iter().enumerate() {
            moved[k] += rank_correlation(drawn, values).abs() / n;
            widened[k] += rank_correlation(drawn, &distance) / n;
        }
    }
    Drivers {
        runs: sample.runs,
        labs: found.into_iter().map(|(lab, _)| lab).collect(),
        overall: named(greatest(&moved, most)),
        spread: named(greatest(&widened, most)),
    }
}

/// The values that are greatest in size, with their places.
fn greatest(values: &[f64], most: usize) -> Vec<(usize, f64)> {
    let mut all: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
    all.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
    all.truncate(most);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rising_relation_of_any_shape_has_rank_correlation_one() {
        let x: Vec<f64> = (0..50).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|v| v * v * v).collect();
        assert!((rank_correlation(&x, &y) - 1.0).abs() < 1e-12);
        let down: Vec<f64> = x.iter().map(|v| -v).collect();
        assert!((rank_correlation(&x, &down) + 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_vary_moves_nothing() {
        assert_eq!(rank_correlation(&[1.0, 1.0, 1.0, 1.0], &[1.0, 2.0, 3.0, 4.0]), 0.0);
    }

    #[test]
    fn the_strongest_comes_first() {
        let noise = vec![0.3, 0.1, 0.9, 0.2, 0.5];
        let cause = vec![5.0, 4.0, 3.0, 2.0, 1.0];
        let outcome = vec![1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(strongest(&[noise, cause], &outcome, 1)[0].0, 1);
    }

    #[test]
    fn what_is_greatest_in_size_comes_first_and_keeps_its_sign() {
        assert_eq!(greatest(&[0.1, -0.5, 0.3], 2), [(1, -0.5), (2, 0.3)]);
        let drivers = Drivers { runs: 401, ..Drivers::default() };
        assert!((drivers.noise() - 0.13).abs() < 1e-12);
    }
}
