//! Statistics of one column of values, and when they are exact.
//!
//! Quantiles interpolate linearly between order statistics: with n sorted values the quantile at p stands at
//! position (n − 1) p. Hyndman and Fan (1996), "Sample quantiles in statistical packages", definition 7.
//! The Monte Carlo standard error of the mean is sd / √n: runs are independent.

use super::summary::{QUANTILES, Stats};

/// Standard errors to either side of a 95% interval: the 97.5% quantile of the normal distribution.
pub const Z95: f64 = 1.959_963_984_540_054;
/// Most runs for which quantiles are exact; beyond, they come from a [sketch](super::sketch).
pub const EXACT_RUNS: u64 = 10_000;

/// How quantiles are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// From all the values.
    Exact,
    /// From counts in bins of a fixed relative width.
    Sketch,
}

impl Method {
    /// The method for this number of runs; nothing else decides it.
    pub fn for_runs(runs: u64) -> Method {
        if runs <= EXACT_RUNS { Method::Exact } else { Method::Sketch }
    }
    /// The word in the manifest.
    pub fn word(self) -> &'static str {
        match self {
            Method::Exact => "exact",
            Method::Sketch => "sketch",
        }
    }
    /// Greatest relative error of a quantile.
    pub fn error(self) -> f64 {
        match self {
            Method::Exact => 0.0,
            Method::Sketch => super::sketch::RELATIVE_ERROR,
        }
    }
}

/// Statistics of the finite values of a column, in any order; the column is sorted on the way.
///
/// A value that is not finite does not exist (the price of a lab that is gone) and is not counted in `n`.
pub fn exact(column: &mut Vec<f64>) -> Stats {
    column.retain(|v| v.is_finite());
    let n = column.len();
    // Summed in the order of the runs, before the sort.
    let mean = column.iter().sum::<f64>() / n as f64;
    let squares: f64 = column.iter().map(|v| (v - mean) * (v - mean)).sum();
    column.sort_unstable_by(f64::total_cmp);
    let quantiles = QUANTILES.map(|p| quantile_of_sorted(column, p));
    moments(n as u64, mean, squares, quantiles)
}

/// Statistics from count, mean and the sum of squared deviations; what does not exist is NaN.
pub fn moments(n: u64, mean: f64, squares: f64, quantiles: [f64; 7]) -> Stats {
    let sd = if n > 1 { (squares / (n - 1) as f64).sqrt() } else { f64::NAN };
    let mean = if n > 0 { mean } else { f64::NAN };
    Stats { n, mean, sd, mcse: sd / (n as f64).sqrt(), quantiles }
}

/// The 95% interval of a probability that was met in `hits` of `n` runs; NaN where there are none.
///
/// Wilson (1927), "Probable inference, the law of succession, and statistical inference": it keeps its coverage near 0 and 1,
/// where the usual interval shrinks to nothing.
pub fn wilson(hits: f64, n: f64) -> (f64, f64) {
    const Z: f64 = Z95;
    if n <= 0.0 {
        return (f64::NAN, f64::NAN);
    }
    let p = hits / n;
    let z2 = Z * Z / n;
    let middle = p + z2 / 2.0;
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n)).sqrt();
    // At the ends the formula leaves a rounding error on the wrong side.
    let low = if hits <= 0.0 { 0.0 } else { (middle - half) / (1.0 + z2) };
    let high = if hits >= n { 1.0 } else { (middle + half) / (1.0 + z2) };
    (low, high)
}

/// Half the 95% interval of a mean of `n` values with this standard error: it times the quantile of Student's t with n − 1 degrees
/// of freedom; NaN below two values.
///
/// Exact at one degree of freedom; from two on Abramowitz and Stegun (1964), 26.7.5, within 1%.
pub fn half_95(se: f64, n: u64) -> f64 {
    /// The quantile at one degree of freedom: tan(0.475 π).
    const ONE_DEGREE: f64 = 12.706_204_736_432_095;
    match n {
        0 | 1 => return f64::NAN,
        2 => return se * ONE_DEGREE,
        _ => {}
    }
    let v = n as f64 - 1.0;
    let z2 = Z95 * Z95;
    let first = Z95 * (z2 + 1.0) / 4.0;
    let second = Z95 * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let third = Z95 * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    let fourth = Z95 * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0;
    se * (Z95 + (first + (second + (third + fourth / v) / v) / v) / v)
}

/// Quantile of sorted values at `p`; NaN where there are none.
pub fn quantile_of_sorted(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = last as f64 * p;
    let below = at.floor() as usize;
    let above = (below + 1).min(last);
    interpolate(sorted[below], sorted[above], at - below as f64)
}

/// The point at fraction `t` of the way from `a` to `b`.
pub fn interpolate(a: f64, b: f64, t: f64) -> f64 {
    if a == b { a } else { a * (1.0 - t) + b * t }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_zero_to_one_hundred_are_the_percentages() {
        let mut column: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        let stats = exact(&mut column);
        for (q, p) in stats.quantiles.iter().zip(QUANTILES) {
            assert!((q - 100.0 * p).abs() < 1e-12);
        }
        assert_eq!((stats.n, stats.mean), (101, 50.0));
        // The variance of 0, 1, .., m with m + 1 values is (m + 1)(m + 2) / 12.
        assert!((stats.sd * stats.sd - 101.0 * 102.0 / 12.0).abs() < 1e-9);
        assert!((stats.mcse - stats.sd / 101f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn values_that_do_not_exist_are_not_counted() {
        let stats = exact(&mut vec![f64::NAN, 2.0, f64::INFINITY, 4.0]);
        assert_eq!((stats.n, stats.mean, stats.quantiles[3]), (2, 3.0, 3.0));
        let none = exact(&mut vec![f64::NAN]);
        assert_eq!(none.n, 0);
        assert!(none.mean.is_nan() && none.sd.is_nan() && none.quantiles.iter().all(|q| q.is_nan()));
        let one = exact(&mut vec![5.0]);
        assert!(one.sd.is_nan() && one.quantiles == [5.0; 7]);
    }

    #[test]
    fn an_interval_of_wilson_is_that_of_the_paper_and_never_empty() {
        // 8 of 10: 0.4902 to 0.9433; none of 10: 0 to 0.2775.
        let (low, high) = wilson(8.0, 10.0);
        assert!((low - 0.490_16).abs() < 1e-4 && (high - 0.943_32).abs() < 1e-4, "{low} {high}");
        let (low, high) = wilson(0.0, 10.0);
        assert!(low == 0.0 && (high - 0.277_53).abs() < 1e-4, "{high}");
        assert_eq!(wilson(10.0, 10.0).1, 1.0);
        assert!(wilson(0.0, 0.0).0.is_nan());
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_student() {
        // Quantiles of t at 0.975 from the tables.
        for (n, t) in [(2, 12.706), (3, 4.303), (4, 3.182), (6, 2.571), (11, 2.228), (31, 2.042), (1001, 1.962)] {
            assert!((half_95(2.0, n) / (2.0 * t) - 1.0).abs() < 0.01, "{n}: {}", half_95(2.0, n));
        }
        assert!(half_95(1.0, 1).is_nan() && half_95(f64::NAN, 9).is_nan());
        assert_eq!(half_95(0.0, 5), 0.0);
    }

    #[test]
    fn the_method_depends_on_the_number_of_runs_only() {
        assert_eq!(Method::for_runs(10_000), Method::Exact);
        assert_eq!(Method::for_runs(10_001), Method::Sketch);
    }
}
