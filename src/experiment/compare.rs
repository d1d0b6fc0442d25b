//! Scenarios against a base, run by run under common random numbers: differences of every core series that both have.
//!
//! ```text
//! d_k = b_k − a_k                             run k of the other and of the base, under the same seed
//! se  = sd(d) / √n,   95% interval  d̄ ± t se, t of Student with n − 1 degrees of freedom
//! P   = (#{b > a} + ½ #{b = a}) / n           with the interval of Wilson (1927)
//! variance reduction = (var a + var b) / var d
//! correlation        = cov(a, b) / (sd a · sd b)
//! ```
//!
//! Law, Simulation Modeling and Analysis (2015), chapter 11, common random numbers; [`crate::experiment::paired`] says the same of two
//! samples at hand. Moments are taken in one pass (Welford 1962), in the order of the runs. Quantiles of the differences are exact
//! while those differences fit in memory, up to 10,000 pairs, and from a [`Sketch`] of them beyond.

use std::collections::BTreeMap;

use crate::experiment::sketch::{RELATIVE_ERROR, Sketch};
use crate::experiment::statistics::{EXACT_RUNS, Method, half_95, quantile_of_sorted, wilson};
use crate::experiment::summary::{QUANTILES, SeriesAt, core_series, split_segment};
use crate::record::{Layout, TableKind};
use crate::units::Month;

pub mod targets;

/// Most bytes of the differences that are kept for exact quantiles, of all scenarios together.
const KEPT_BYTES: usize = 256 << 20;

/// A series by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Table.
    pub kind: TableKind,
    /// Metric without its segment.
    pub metric: String,
    /// Agent.
    pub entity: String,
    /// Segment, or empty.
    pub segment: String,
    /// Unit.
    pub unit: String,
}

/// A core series that base and other have: where it stands in each.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// Its name.
    pub name: Named,
    /// In the base.
    pub in_base: SeriesAt,
    /// In the other.
    pub in_other: SeriesAt,
}

/// The core series that two layouts share, in the order of the base.
pub fn shared(base: &Layout, other: &Layout) -> Vec<Shared> {
    let series_of_other = core_series(other);
    let words = |layout: &Layout, s: &SeriesAt| {
        let t = &layout.tables[s.table];
        (t.kind, t.entities[s.entity].id.clone(), t.columns[s.column].name.clone())
    };
    let named: BTreeMap<_, _> = series_of_other.iter().map(|s| (words(other, s), *s)).collect();
    let both = core_series(base).into_iter().filter_map(|in_base| {
        let (kind, entity, column) = words(base, &in_base);
        let in_other = *named.get(&(kind, entity.clone(), column.clone()))?;
        let (metric, segment) = split_segment(&column);
        let unit = base.tables[in_base.table].columns[in_base.column].unit.to_string();
        let name = Named { kind, metric: metric.to_string(), entity, segment: segment.to_string(), unit };
        Some(Shared { name, in_base, in_other })
    });
    both.collect()
}

/// Moments of pairs, taken one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Pairs {
    n: u64,
    base: f64,
    other: f64,
    difference: f64,
    squares_base: f64,
    squares_other: f64,
    squares_difference: f64,
    products: f64,
    /// Pairs in which the other is greater, ties counting half.
    greater: f64,
}

impl Pairs {
    /// Takes in a pair; one in which a value does not exist is not counted.
    fn add(&mut self, base: f64, other: f64) -> Option<f64> {
        if !(base.is_finite() && other.is_finite()) {
            return None;
        }
        let difference = other - base;
        self.n += 1;
        let n = self.n as f64;
        let (a, b, d) = (base - self.base, other - self.other, difference - self.difference);
        self.base += a / n;
        self.other += b / n;
        self.difference += d / n;
        self.squares_base += a * (base - self.base);
        self.squares_other += b * (other - self.other);
        self.squares_difference += d * (difference - self.difference);
        self.products += a * (other - self.other);
        self.greater += if other > base {
            1.0
        } else if other == base {
            0.5
        } else {
            0.0
        };
        Some(difference)
    }
}

/// The paired difference of a series at a date; what does not exist is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Pairs in which both have a value.
    pub n: u64,
    /// Mean of the base over them.
    pub mean_base: f64,
    /// Mean of the other.
    pub mean: f64,
    /// Mean difference, the other less the base.
    pub difference: f64,
    /// Its standard error.
    pub se: f64,
    /// Lower end of its 95% interval.
    pub ci_low: f64,
    /// Upper end.
    pub ci_high: f64,
    /// Quantiles of the differences at [`QUANTILES`].
    pub quantiles: [f64; 7],
    /// Share of the pairs in which the other is greater, ties counting half.
    pub probability: f64,
    /// Lower end of its 95% interval.
    pub probability_low: f64,
    /// Upper end.
    pub probability_high: f64,
    /// Variance of the difference under independent seeds over that under common ones; infinite where pairs do not vary, but runs do.
    pub variance_reduction: f64,
    /// Correlation of base and other.
    pub correlation: f64,
}

impl Difference {
    fn new(p: &Pairs, quantiles: [f64; 7]) -> Difference {
        let n = p.n as f64;
        let known = |x: f64| if p.n > 0 { x } else { f64::NAN };
        let variance = |squares: f64| if p.n > 1 { squares / (n - 1.0) } else { f64::NAN };
        let se = (variance(p.squares_difference) / n).sqrt();
        let (probability_low, probability_high) = wilson(p.greater, n);
        let apart = variance(p.squares_base) + variance(p.squares_other);
        let spread = (p.squares_base * p.squares_other).sqrt();
        Difference {
            n: p.n,
            mean_base: known(p.base),
            mean: known(p.other),
            difference: known(p.difference),
            se,
            ci_low: p.difference - half_95(se, p.n),
            ci_high: p.difference + half_95(se, p.n),
            quantiles,
            probability: known(p.greater / n.max(1.0)),
            probability_low,
            probability_high,
            variance_reduction: if apart > 0.0 { apart / variance(p.squares_difference) } else { f64::NAN },
            correlation: if spread > 0.0 { (p.products / spread).clamp(-1.0, 1.0) } else { f64::NAN },
        }
    }
    /// Pairs of independent runs that would know the difference as well; infinite or NaN as the variance reduction is.
    pub fn independent_pairs(&self) -> f64 {
        self.variance_reduction * self.n as f64
    }
    /// Whether its 95% interval holds zero, so that the sign is not known. Without an interval nothing is known.
    pub fn within_noise(&self) -> bool {
        !(self.ci_low > 0.0 || self.ci_high < 0.0)
    }
}

/// The differences of a cell: themselves, or a sketch of them.
#[derive(Clone, Debug)]
enum Spread {
    Kept(Vec<f64>),
    Sketched(Box<Sketch>),
}

/// A series with its differences by date.
#[derive(Clone, Debug, PartialEq)]
pub struct DifferenceSeries {
    /// Which.
    pub of: Named,
    /// One row a date.
    pub rows: Vec<(Month, Difference)>,
}

/// Takes in the runs of base and other, in order.
#[derive(Clone, Debug)]
pub struct Comparison {
    series: Vec<Shared>,
    months: Vec<Month>,
    /// Series after series, date after date.
    cells: Vec<(Pairs, Spread)>,
    keep: u64,
    /// Pairs of runs of which neither has failed.
    pub pairs: u64,
    /// Runs of which one or both have failed.
    pub dropped: u64,
}

/// Most pairs of which all the differences are kept, where there are so many cells in all comparisons together.
pub fn most_kept(cells: usize) -> u64 {
    ((KEPT_BYTES / (8 * cells.max(1))) as u64).min(EXACT_RUNS)
}

impl Comparison {
    /// Nothing taken in yet; the differences of at most `keep` pairs are kept.
    pub fn new(series: Vec<Shared>, months: Vec<Month>, keep: u64) -> Comparison {
        let cells = vec![(Pairs::default(), Spread::Kept(Vec::new())); series.len() * months.len()];
        Comparison { series, months, cells, keep, pairs: 0, dropped: 0 }
    }

    /// Takes in the next run: the values of base and other by cell. `None` where one of them has failed.
    pub fn add(&mut self, run: Option<&mut dyn FnMut(usize) -> (f64, f64)>) {
        let Some(values) = run else {
            self.dropped += 1;
            return;
        };
        self.pairs += 1;
        if self.pairs == self.keep + 1 {
            self.sketch();
        }
        for (cell, (pairs, spread)) in self.cells.iter_mut().enumerate() {
            let (base, other) = values(cell);
            match (pairs.add(base, other), spread) {
                (Some(d), Spread::Kept(all)) => all.push(d),
                (Some(d), Spread::Sketched(sketch)) => sketch.add(d),
                (None, _) => {}
            }
        }
    }

    /// Goes over from the differences themselves to sketches of them.
    fn sketch(&mut self) {
        for (_, spread) in &mut self.cells {
            if let Spread::Kept(all) = spread {
                let mut sketch = Box::<Sketch>::default();
                all.iter().for_each(|&d| sketch.add(d));
                *spread = Spread::Sketched(sketch);
            }
        }
    }

    /// How the quantiles are computed, and their greatest relative error.
    pub fn method(&self) -> (Method, f64) {
        if self.pairs > self.keep { (Method::Sketch, RELATIVE_ERROR) } else { (Method::Exact, 0.0) }
    }

    /// The differences by series and date.
    pub fn finish(self) -> Vec<DifferenceSeries> {
        let dates = self.months.len();
        let mut cells = self.cells.into_iter().map(|(pairs, spread)| {
            let quantiles = match spread {
                Spread::Kept(mut all) => {
                    all.sort_unstable_by(f64::total_cmp);
                    QUANTILES.map(|p| quantile_of_sorted(&all, p))
                }
                Spread::Sketched(sketch) => sketch.stats().quantiles,
            };
            Difference::new(&pairs, quantiles)
        });
        let months = &self.months;
        let of_series = self.series.into_iter().map(|of| {
            let rows = months.iter().copied().zip(cells.by_ref().take(dates)).collect();
            DifferenceSeries { of: of.name, rows }
        });
        of_series.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::paired::Paired;
    use proptest::prelude::*;

    fn series() -> Shared {
        let at = SeriesAt { table: 0, entity: 0, column: 0 };
        let name = Named {
            kind: TableKind::Market,
            metric: "hhi".into(),
            entity: "market".into(),
            segment: String::new(),
            unit: "1".into(),
        };
        Shared { name, in_base: at, in_other: at }
    }

    fn compared(pairs: &[(f64, f64)], keep: u64) -> Difference {
        let mut all = Comparison::new(vec![series()], vec![Month::new(2025, 12)], keep);
        pairs.iter().for_each(|&p| all.add(Some(&mut |_| p)));
        all.finish()[0].rows[0].1
    }

    fn near(a: f64, b: f64, scale: f64) -> bool {
        a == b || (a - b).abs() <= 1e-9 * scale
    }

    proptest! {
        #[test]
        fn in_one_pass_it_is_what_two_samples_at_hand_give(
            pairs in prop::collection::vec((-9.0f64..9.0, -9.0f64..9.0), 2..60)
        ) {
            let d = compared(&pairs, 1_000);
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let p = Paired::new(&a, &b).unwrap();
            prop_assert_eq!((d.n as usize, d.probability, d.quantiles[3]), (p.n, p.second_greater, p.median));
            prop_assert!(near(d.mean_base, p.first, 1.0) && near(d.mean, p.second, 1.0));
            prop_assert!(near(d.difference, p.difference, 1.0) && near(d.se, p.standard_error, 1.0));
            prop_assert!(near(d.variance_reduction, p.variance_reduction, p.variance_reduction));
            prop_assert!(near(d.ci_low, p.interval().0, 1.0) && near(d.ci_high, p.interval().1, 1.0));
            // var d = var a + var b − 2 cov: the correlation follows from the variance reduction.
            let (ra, rb) = (Paired::new(&vec![0.0; a.len()], &a).unwrap(), Paired::new(&vec![0.0; b.len()], &b).unwrap());
            let (va, vb) = (ra.standard_error * ra.standard_error, rb.standard_error * rb.standard_error);
            let correlation = (va + vb - p.standard_error * p.standard_error) / (2.0 * (va * vb).sqrt());
            prop_assert!((d.correlation - correlation).abs() < 1e-6);
        }
    }

    #[test]
    fn a_scenario_against_itself_differs_by_nothing_at_all() {
        let d = compared(&[(0.1, 0.1), (0.7, 0.7), (0.3, 0.3)], 10);
        assert_eq!((d.difference, d.se, d.quantiles, d.probability), (0.0, 0.0, [0.0; 7], 0.5));
        assert!(d.within_noise() && d.variance_reduction == f64::INFINITY && d.correlation == 1.0);
        // Where nothing varies at all there is nothing to reduce.
        let d = compared(&[(2.0, 2.0), (2.0, 2.0)], 10);
        assert!(d.variance_reduction.is_nan() && d.correlation.is_nan());
    }

    #[test]
    fn beyond_what_is_kept_quantiles_come_from_a_sketch_and_moments_stay() {
        let pairs: Vec<(f64, f64)> = (0..2_000).map(|k| (f64::from(k % 97), f64::from(k % 89) * 1.5)).collect();
        let (exact, sketched) = (compared(&pairs, 2_000), compared(&pairs, 1_999));
        assert_eq!((exact.difference, exact.se), (sketched.difference, sketched.se));
        assert_ne!(exact.quantiles, sketched.quantiles);
        for (e, s) in exact.quantiles.iter().zip(sketched.quantiles) {
            assert!((e - s).abs() <= RELATIVE_ERROR * e.abs() + 1e-9, "{e} {s}");
        }
        assert_eq!((most_kept(10), most_kept(200 * 61)), (10_000, 2_750));
    }

    #[test]
    fn pairs_without_a_value_or_with_a_failure_are_left_out_and_counted() {
        let mut all = Comparison::new(vec![series()], vec![Month::new(2025, 12)], 100);
        let runs = [Some((1.0, 2.0)), Some((f64::NAN, 2.0)), None, Some((1.0, 4.0))];
        for run in runs {
            match run {
                Some(pair) => all.add(Some(&mut |_| pair)),
                None => all.add(None),
            }
        }
        assert_eq!((all.pairs, all.dropped), (3, 1));
        let d = all.finish()[0].rows[0].1;
        assert_eq!((d.n, d.difference, d.mean_base), (2, 2.0, 1.0));
        let none = compared(&[(f64::NAN, 1.0)], 10);
        assert!(none.n == 0 && none.difference.is_nan() && none.quantiles[3].is_nan() && none.within_noise());
    }
}
