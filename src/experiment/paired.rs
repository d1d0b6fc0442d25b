//! Two scenarios run by run under common random numbers: the difference of a metric, and what the pairing gains.
//!
//! ```text
//! d_k = b_k − a_k                       run k of both under the same seed
//! se  = sd(d) / √n                      standard error of the mean difference
//! 95% interval  d̄ ± t se                t of Student with n − 1 degrees of freedom
//! variance reduction = (var a + var b) / var d      runs under independent seeds that one pair is worth
//! ```
//!
//! Source: Law, Simulation Modeling and Analysis (2015), chapter 11, common random numbers.

use crate::experiment::statistics::{half_95, quantile_of_sorted};

/// The paired difference of two samples, the second less the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// Pairs in which both have a value.
    pub n: usize,
    /// Mean of the first.
    pub first: f64,
    /// Mean of the second.
    pub second: f64,
    /// Mean difference.
    pub difference: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Median of the differences.
    pub median: f64,
    /// Share of the pairs in which the second is greater, ties counting half.
    pub second_greater: f64,
    /// Variance of the difference under independent seeds over that under common ones; infinite when the pairs do not vary.
    pub variance_reduction: f64,
}

/// What an interval says of the sign of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The second is greater.
    Up,
    /// The second is less.
    Down,
    /// The interval holds zero.
    Noise,
}

impl Sign {
    /// The sign of what a 95% interval is of.
    pub fn of((low, high): (f64, f64)) -> Sign {
        if low > 0.0 {
            Sign::Up
        } else if high < 0.0 {
            Sign::Down
        } else {
            Sign::Noise
        }
    }
}

impl Paired {
    /// Compares two samples of the same runs in the same order; a run in which either has no value is left out.
    /// `None` with fewer than two pairs.
    pub fn new(first: &[f64], second: &[f64]) -> Option<Paired> {
        let pairs: Vec<(f64, f64)> =
            first.iter().copied().zip(second.iter().copied()).filter(|(a, b)| a.is_finite() && b.is_finite()).collect();
        let n = pairs.len();
        if n < 2 {
            return None;
        }
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n as f64;
        let variance = |of: &dyn Fn(&(f64, f64)) -> f64, m: f64| {
            pairs.iter().map(|p| (of(p) - m) * (of(p) - m)).sum::<f64>() / (n - 1) as f64
        };
        let (a, b, d) = (|p: &(f64, f64)| p.0, |p: &(f64, f64)| p.1, |p: &(f64, f64)| p.1 - p.0);
        let (first, second, difference) = (mean(&a), mean(&b), mean(&d));
        let of_difference = variance(&d, difference);
        let apart = variance(&a, first) + variance(&b, second);
        let mut sorted: Vec<f64> = pairs.iter().map(d).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let score = |p: &(f64, f64)| {
            if p.1 > p.0 {
                1.0
            } else if p.1 == p.0 {
                0.5
            } else {
                0.0
            }
        };
        Some(Paired {
            n,
            first,
            second,
            difference,
            standard_error: (of_difference / n as f64).sqrt(),
            median: quantile_of_sorted(&sorted, 0.5),
            second_greater: mean(&score),
            variance_reduction: if of_difference > 0.0 { apart / of_difference } else { f64::INFINITY },
        })
    }
    /// The 95% interval of the mean difference, by Student's t.
    pub fn interval(&self) -> (f64, f64) {
        let half = half_95(self.standard_error, self.n as u64);
        (self.difference - half, self.difference + half)
    }
    /// The sign of the difference, where the interval leaves no doubt.
    pub fn sign(&self) -> Sign {
        Sign::of(self.interval())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_difference_of_two_short_samples_is_that_worked_by_hand() {
        // Differences 1, 2, 3: mean 2, sd 1.
        let p = Paired::new(&[1.0, 5.0, 3.0, f64::NAN], &[2.0, 7.0, 6.0, 1.0]).unwrap();
        assert_eq!((p.n, p.first, p.second, p.difference, p.median, p.second_greater), (3, 3.0, 5.0, 2.0, 2.0, 1.0));
        assert!((p.standard_error - (1.0f64 / 3.0).sqrt()).abs() < 1e-15);
        // Variances 4 and 7 apart, 1 of the difference.
        assert!((p.variance_reduction - 11.0).abs() < 1e-12);
        // t at two degrees of freedom is 4.303: 2 ± 2.48, where 1.96 would have said ± 1.13.
        assert!((p.interval().1 - 4.484).abs() < 0.02);
        assert_eq!(p.sign(), Sign::Noise);
        assert_eq!(Paired::new(&[1.0], &[2.0]), None);
    }

    #[test]
    fn a_constant_shift_is_known_exactly_and_no_shift_is_noise() {
        let a = [1.0, 4.0, 2.0];
        let p = Paired::new(&a, &a.map(|x| x - 0.5)).unwrap();
        assert_eq!((p.standard_error, p.variance_reduction, p.sign()), (0.0, f64::INFINITY, Sign::Down));
        let p = Paired::new(&a, &a).unwrap();
        assert_eq!((p.difference, p.second_greater, p.sign()), (0.0, 0.5, Sign::Noise));
    }

    proptest! {
        #[test]
        fn swapping_the_two_changes_signs_alone(pairs in prop::collection::vec((-9.0f64..9.0, -9.0f64..9.0), 2..30)) {
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let (p, q) = (Paired::new(&a, &b).unwrap(), Paired::new(&b, &a).unwrap());
            prop_assert!((p.difference + q.difference).abs() < 1e-12);
            prop_assert!((p.standard_error - q.standard_error).abs() < 1e-12);
            prop_assert!((p.second_greater + q.second_greater - 1.0).abs() < 1e-12);
        }
    }
}
