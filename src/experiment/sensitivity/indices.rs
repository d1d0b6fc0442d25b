//! Indices from the values of a series, with bootstrap intervals.
//!
//! ```text
//! first order   S_i = 1/N Σ B (AB_i − A) / V            Saltelli et al. (2010), estimator (b) of table 2
//! total         T_i = 1/2N Σ (A − AB_i)² / V            Jansen (1999), (f) of table 2
//! V             variance of A and B together; all values are taken from the mean of A, B and AB, as SALib does
//! effect        e = ΔY / Δu of one step in one factor
//! mu  = Σ w e / Σ w    mu* = Σ w |e| / Σ w    sigma² = n/(n−1) Σ w (e − mu)² / Σ w     with w = Δu²
//! ```
//!
//! Elementary effects: Morris (1991); mu*: Campolongo, Cariboni and Saltelli (2007); from A and AB_i, radially: Campolongo, Saltelli
//! and Cariboni (2011). All steps of a trajectory have one length, and the weights then change nothing. The radial ones have any
//! length, and a simulation jumps: over a short step a jump would count without bound, so effects weigh by the square of the step
//! (the slope of least squares through the origin); this weighting is a judgement of ours.
//! Chance has no length and no sign: its step counts as 1/3, the mean distance of two uniforms, and only its mu* is told.
//!
//! All of it is of the values on the scale of the series: as they are, or their logarithms ([`Scale`]).
//!
//! Intervals are percentile bootstrap over rows (Efron 1979; for these indices Archer, Saltelli and Sobol' 1997), the
//! same resamples for all series.

use rayon::prelude::*;

use super::design::{Design, Method};
use crate::experiment::statistics::quantile_of_sorted;
use crate::math::ln;
use crate::random::{Draws, Purpose, unit_interval};

/// Resamples of the rows. Efron and Tibshirani (1993) ask for about this many for percentile intervals.
pub const RESAMPLES: usize = 1_000;
/// Mean distance of two independent uniforms: the step of chance.
pub const CHANCE_STEP: f64 = 1.0 / 3.0;
/// Ends of a 95% interval.
const ENDS: (f64, f64) = (0.025, 0.975);
/// Columns of sums that every factor has: rows, first order, total, |effect|, squared step.
const WIDTH: usize = 5;

/// Width of an interval of a share of the variance beyond which the share is not known; a judgement.
pub const WIDE: f64 = 1.0;

/// The scale on which a series is analysed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// The values as they are.
    Linear,
    /// Their natural logarithms.
    Ln,
}

impl Scale {
    /// The scale of a series: ln where the unit is one of money and every value that exists is above 0.
    pub fn of(unit: &str, values: &[f64]) -> Scale {
        let exist = || values.iter().filter(|v| v.is_finite());
        let positive = exist().next().is_some() && exist().all(|v| *v > 0.0);
        if unit.starts_with("USD") && positive { Scale::Ln } else { Scale::Linear }
    }
    /// The scale of a word of the tables.
    pub fn of_word(word: &str) -> Option<Scale> {
        [Scale::Linear, Scale::Ln].into_iter().find(|scale| scale.word() == word)
    }
    /// The word in the tables.
    pub fn word(self) -> &'static str {
        match self {
            Scale::Linear => "linear",
            Scale::Ln => "ln",
        }
    }
}

/// A number with its 95% interval; NaN where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    /// The estimate and its interval times a number above 0.
    pub fn scaled(self, by: f64) -> Estimate {
        Estimate { value: self.value * by, low: self.low * by, high: self.high * by }
    }
    /// No number.
    pub const NONE: Estimate = Estimate { value: f64::NAN, low: f64::NAN, high: f64::NAN };
    /// Whether the interval holds zero.
    pub fn is_noise(&self) -> bool {
        !(self.low > 0.0 || self.high < 0.0)
    }
    /// Whether the interval is wider than [`WIDE`], or is none.
    pub fn is_wide(&self) -> bool {
        self.high.is_nan() || self.low.is_nan() || self.high - self.low > WIDE
    }
    /// Whether it cannot stand as a share of a variance: above 1, or with a wide interval.
    pub fn is_uncertain_share(&self) -> bool {
        self.value > 1.0 || self.is_wide()
    }
}

/// What one factor does to a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Index {
    /// Rows (or effects) counted.
    pub n: usize,
    /// Share of the variance that the factor explains alone.
    pub first: Estimate,
    /// Share of the variance in which it has a part.
    pub total: Estimate,
    /// Mean effect over the whole range of the factor, in the unit of the series, or in ln of it.
    pub mu: f64,
    /// Mean absolute effect.
    pub mu_star: Estimate,
    /// Standard deviation of the effects: curvature and interactions.
    pub sigma: f64,
}

impl Index {
    const NONE: Index = Index {
        n: 0,
        first: Estimate::NONE,
        total: Estimate::NONE,
        mu: f64::NAN,
        mu_star: Estimate::NONE,
        sigma: f64::NAN,
    };
}

/// What moves a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Scale on which it is analysed: that of all effects, and of the variance that is shared out.
    pub scale: Scale,
    /// Rows in which the base values exist.
    pub n: usize,
    /// Mean over the base values (A and B, or all of the trajectories), in the unit of the series as are the next three.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: f64,
    /// Least of them.
    pub least: f64,
    /// Greatest of them.
    pub greatest: f64,
    /// Standard deviation on the scale: its square is what is shared out.
    pub sd_on_scale: f64,
    /// By factor, chance last; empty where too few values exist or all are equal.
    pub indices: Vec<Index>,
    /// Sum of the first-order indices: what is missing to 1 is interaction.
    pub sum_first: Estimate,
    /// Share of the variance within a point, from the replicates: the total index of chance, found another way.
    pub within: Estimate,
    /// The two parameters that move it most, by total index (by mu* where there is none), and the difference of the two.
    pub lead: Option<(usize, usize, Estimate)>,
}

impl Analysis {
    /// Parameters in the order of their total index, or of mu* where there is none, greatest first; chance is left out.
    pub fn ranked(&self) -> Vec<usize> {
        let size = |i: &usize| rank_value(&self.indices[*i]);
        let mut order: Vec<usize> = (0..self.indices.len().saturating_sub(1)).collect();
        order.retain(|i| size(i).is_finite());
        order.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
        order
    }
    /// The index of chance.
    pub fn chance(&self) -> Option<&Index> {
        self.indices.last()
    }
    /// Range of the base values on the scale.
    pub fn range(&self) -> f64 {
        match self.scale {
            Scale::Linear => self.greatest - self.least,
            Scale::Ln => ln(self.greatest) - ln(self.least),
        }
    }
}

fn rank_value(index: &Index) -> f64 {
    if index.total.value.is_finite() { index.total.value } else { index.mu_star.value }
}

/// How often each row is in each resample: row after row within a resample.
fn resamples(rows: usize, seed: u64) -> Vec<Vec<f64>> {
    let draws = Draws::new(seed, 0);
    let resample = |r: usize| {
        let mut counts = vec![0.0; rows];
        for k in 0..rows {
            let u = unit_interval(draws.bits(Purpose::SensitivityResample, r as u64, k as u64, 0));
            counts[(u * rows as f64) as usize] += 1.0;
        }
        counts
    };
    (0..RESAMPLES).map(resample).collect()
}

/// Analyses many series over threads; the bytes do not depend on how many. `columns` hold the values of each series, run after run of
/// the first `rows` rows; what does not exist is not finite. `units` are those of the series and, with the values, decide the scale.
///
/// # Errors
/// What the system says when the threads cannot be started.
pub fn analyse_all(
    design: &Design,
    columns: &[Vec<f64>],
    units: &[&str],
    rows: usize,
    seed: u64,
    threads: usize,
) -> Result<Vec<Analysis>, String> {
    let counts = resamples(rows, seed);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build().map_err(|e| e.to_string())?;
    let one = |(at, values): (usize, &Vec<f64>)| {
        let unit = units.get(at).copied().unwrap_or_default();
        analyse_on_scale(design, values, unit, rows, &counts)
    };
    Ok(pool.install(|| columns.par_iter().enumerate().map(one).collect()))
}

/// Analyses one series of a unit; see [`analyse_all`].
pub fn analyse(design: &Design, values: &[f64], unit: &str, rows: usize, seed: u64) -> Analysis {
    analyse_on_scale(design, values, unit, rows, &resamples(rows, seed))
}

/// Takes the logarithm where the scale is that, and tells mean, spread and range of the values as they were.
fn analyse_on_scale(design: &Design, values: &[f64], unit: &str, rows: usize, counts: &[Vec<f64>]) -> Analysis {
    let values = &values[..rows * design.members()];
    if Scale::of(unit, values) == Scale::Linear {
        return analyse_with(design, values, rows, counts);
    }
    let logs: Vec<f64> = values.iter().map(|v| if v.is_finite() { ln(*v) } else { f64::NAN }).collect();
    let on_scale = analyse_with(design, &logs, rows, counts);
    let base: Vec<f64> = values
        .chunks_exact(design.members())
        .map(|line| &line[..base_members(design)])
        .filter(|line| line.iter().all(|v| v.is_finite()))
        .flatten()
        .copied()
        .collect();
    if base.is_empty() {
        return Analysis { scale: Scale::Ln, ..on_scale };
    }
    let mean = base.iter().sum::<f64>() / base.len() as f64;
    let variance = base.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / base.len() as f64;
    Analysis {
        scale: Scale::Ln,
        mean,
        sd: variance.sqrt(),
        least: base.iter().copied().fold(f64::INFINITY, f64::min),
        greatest: base.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ..on_scale
    }
}

/// How many values of a row, from its first, are base values: A and B, or the whole trajectory.
fn base_members(design: &Design) -> usize {
    if design.method == Method::Morris { design.members() } else { 2 }
}

/// A step in one factor within a row.
struct Effect {
    factor: usize,
    /// Value before and after.
    from: f64,
    to: f64,
    /// Length with its sign; of chance, [`CHANCE_STEP`].
    step: f64,
    /// Value at B, for the first-order index.
    b: f64,
}

/// The effects of a row.
fn effects(design: &Design, row: usize, values: &[f64], each: &mut dyn FnMut(Effect)) {
    let (a, b) = design.points(row);
    let step = |factor: usize| if factor == design.chance() { CHANCE_STEP } else { b[factor] - a[factor] };
    if design.method == Method::Morris {
        for (at, &factor) in design.steps(row).iter().enumerate() {
            each(Effect { factor, from: values[at], to: values[at + 1], step: step(factor), b: f64::NAN });
        }
    } else {
        for factor in 0..=design.chance() {
            each(Effect { factor, from: values[0], to: values[2 + factor], step: step(factor), b: values[1] });
        }
    }
}

/// Sums of a row that the statistics are made of.
struct Rows {
    /// [`WIDTH`] numbers a factor, then the tail, a line a row.
    sums: Vec<f64>,
    /// Numbers of a line.
    line: usize,
    /// Where the tail begins: base values, their sum, their squares; rows with replicates, variance within.
    tail: usize,
}

fn analyse_with(design: &Design, values: &[f64], rows: usize, counts: &[Vec<f64>]) -> Analysis {
    let members = design.members();
    let of_row = |row: usize| &values[row * members..(row + 1) * members];
    let trajectories = design.method == Method::Morris;
    // Base values: their spread is what is explained.
    let base = base_members(design);
    let not_replicates = members - design.replicates as usize;
    let (mut sum, mut count) = (0.0, 0.0);
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    for row in 0..rows {
        let line = of_row(row);
        for value in line[..not_replicates].iter().filter(|v| v.is_finite()) {
            sum += value;
            count += 1.0;
        }
        if line[..base].iter().all(|v| v.is_finite()) {
            least = line[..base].iter().copied().fold(least, f64::min);
            greatest = line[..base].iter().copied().fold(greatest, f64::max);
        }
    }
    let centre = if count > 0.0 { sum / count } else { 0.0 };
    let d = design.factors.len() + 1;
    let (tail, line) = (d * WIDTH, d * WIDTH + 5);
    let mut kept = Rows { sums: vec![0.0; rows * line], line, tail };
    for row in 0..rows {
        let line = of_row(row);
        let sums = &mut kept.sums[row * kept.line..(row + 1) * kept.line];
        let whole = line[..base].iter().all(|v| v.is_finite());
        if whole {
            sums[tail] = 1.0;
            for value in &line[..base] {
                sums[tail + 1] += value - centre;
                sums[tail + 2] += (value - centre) * (value - centre);
            }
        }
        effects(design, row, line, &mut |e| {
            let move_ = e.to - e.from;
            if !move_.is_finite() || !(trajectories || whole) {
                return;
            }
            let of = &mut sums[e.factor * WIDTH..(e.factor + 1) * WIDTH];
            of[0] = 1.0;
            of[1] = (e.b - centre) * move_;
            of[2] = 0.5 * move_ * move_;
            of[3] = move_.abs() * e.step.abs();
            of[4] = e.step * e.step;
        });
        let again = &line[not_replicates..];
        if again.len() > 1 && again.iter().all(|v| v.is_finite()) {
            let m = again.iter().sum::<f64>() / again.len() as f64;
            sums[tail + 3] = 1.0;
            sums[tail + 4] = again.iter().map(|v| (v - m) * (v - m)).sum::<f64>() / (again.len() - 1) as f64;
        }
    }
    let all = statistics(&kept, &vec![1.0; rows], d, base, design.method);
    let mut analysis = Analysis {
        scale: Scale::Linear,
        n: all.n as usize,
        mean: centre + all.mean,
        sd: all.variance.sqrt(),
        least,
        greatest,
        sd_on_scale: all.variance.sqrt(),
        indices: Vec::new(),
        sum_first: Estimate::NONE,
        within: Estimate::NONE,
        lead: None,
    };
    if analysis.n == 0 {
        (analysis.mean, analysis.sd, analysis.least, analysis.greatest) = (f64::NAN, f64::NAN, f64::NAN, f64::NAN);
        analysis.sd_on_scale = f64::NAN;
    }
    if 2 * analysis.n < rows.max(2) || least >= greatest {
        return analysis;
    }
    let drawn: Vec<Statistics> = counts.iter().map(|w| statistics(&kept, w, d, base, design.method)).collect();
    let estimate = |of: &dyn Fn(&Statistics) -> f64| interval(of(&all), drawn.iter().map(of));
    let (mu, sigma) = signed(design, values, rows);
    for factor in 0..d {
        let n = all.rows[factor] as usize;
        if 2 * n < rows.max(2) {
            analysis.indices.push(Index { n, ..Index::NONE });
            continue;
        }
        let (first, total) = if trajectories {
            (Estimate::NONE, Estimate::NONE)
        } else {
            (estimate(&|s| s.first[factor]), estimate(&|s| s.total[factor]))
        };
        let effects = design.method != Method::Sobol;
        analysis.indices.push(Index {
            n,
            first,
            total,
            mu: if effects { mu[factor] } else { f64::NAN },
            mu_star: if effects { estimate(&|s| s.mu_star[factor]) } else { Estimate::NONE },
            sigma: if effects { sigma[factor] } else { f64::NAN },
        });
    }
    if !trajectories {
        analysis.sum_first = estimate(&|s| s.first.iter().filter(|f| f.is_finite()).sum());
        if design.replicates > 1 {
            analysis.within = estimate(&|s| s.within);
        }
    }
    if let [one, two, ..] = analysis.ranked()[..] {
        let of = |s: &Statistics, i: usize| if trajectories { s.mu_star[i] } else { s.total[i] };
        analysis.lead = Some((one, two, estimate(&|s| of(s, one) - of(s, two))));
    }
    analysis
}

/// Statistics of a resample.
struct Statistics {
    /// Rows with base values.
    n: f64,
    /// Mean of the base values from the centre.
    mean: f64,
    variance: f64,
    rows: Vec<f64>,
    first: Vec<f64>,
    total: Vec<f64>,
    mu_star: Vec<f64>,
    within: f64,
}

fn statistics(kept: &Rows, weights: &[f64], d: usize, base: usize, method: Method) -> Statistics {
    let mut sums = vec![0.0; kept.line];
    for (row, &weight) in kept.sums.chunks_exact(kept.line).zip(weights) {
        if weight > 0.0 {
            sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += weight * x);
        }
    }
    let tail = &sums[kept.tail..];
    let values = tail[0] * base as f64;
    let mean = tail[1] / values;
    let variance = (tail[2] / values - mean * mean).max(0.0);
    let of = |factor: usize, what: usize| sums[factor * WIDTH + what];
    let by = |f: &dyn Fn(usize) -> f64| (0..d).map(f).collect::<Vec<f64>>();
    let none = method == Method::Morris;
    Statistics {
        n: tail[0],
        mean,
        variance,
        rows: by(&|i| of(i, 0)),
        first: if none { Vec::new() } else { by(&|i| of(i, 1) / of(i, 0) / variance) },
        total: if none { Vec::new() } else { by(&|i| of(i, 2) / of(i, 0) / variance) },
        mu_star: by(&|i| of(i, 3) / of(i, 4)),
        within: tail[4] / tail[3] / variance,
    }
}

/// Weighted mean and standard deviation of the effects, by factor; NaN for chance.
fn signed(design: &Design, values: &[f64], rows: usize) -> (Vec<f64>, Vec<f64>) {
    let members = design.members();
    let d = design.factors.len() + 1;
    let over = |each: &mut dyn FnMut(Effect)| {
        for row in 0..rows {
            let line = &values[row * members..(row + 1) * members];
            let usable = design.method == Method::Morris || (line[0].is_finite() && line[1].is_finite());
            effects(design, row, line, &mut |e| {
                if usable && e.factor != design.chance() && (e.to - e.from).is_finite() {
                    each(e);
                }
            });
        }
    };
    let (mut n, mut slope, mut weight, mut square) = (vec![0.0; d], vec![0.0; d], vec![0.0; d], vec![0.0; d]);
    over(&mut |e| {
        n[e.factor] += 1.0;
        slope[e.factor] += (e.to - e.from) * e.step;
        weight[e.factor] += e.step * e.step;
    });
    let mu: Vec<f64> = slope.iter().zip(&weight).map(|(s, w)| s / w).collect();
    over(&mut |e| {
        let off = (e.to - e.from) - mu[e.factor] * e.step;
        square[e.factor] += off * off;
    });
    let sigma = (0..d).map(|i| (n[i] / (n[i] - 1.0) * square[i] / weight[i]).sqrt()).collect();
    (mu, sigma)
}

/// A number with the percentiles of its resamples.
fn interval(value: f64, resampled: impl Iterator<Item = f64>) -> Estimate {
    let mut sorted: Vec<f64> = resampled.filter(|v| v.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    Estimate { value, low: quantile_of_sorted(&sorted, ENDS.0), high: quantile_of_sorted(&sorted, ENDS.1) }
}
