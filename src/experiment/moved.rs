//! What a varied path moves an outcome by, with an error that knows that all points ran on the same random numbers.
//!
//! Along a path, the medians of the points are averaged at each of its values over the other paths. Low and high are its first and
//! its last value where it has numbers, fixed before anything ran; of words, those with the least and the greatest of these
//! averages. The effect is the difference of means between the two, run by run:
//!
//! ```text
//! a_k, b_k = mean over the points at low, at high, of run k      runs that all of them have
//! d_k      = b_k − a_k
//! effect   = Σ d_k / n,   se = sd(d) / √n                        points laid out alike on both sides
//! ```
//!
//! The draws that the runs share cancel in d: Law, Simulation Modeling and Analysis (2015), chapter 11, common random numbers.
//!
//! Where the other paths are sampled (random, Latin hypercube, Sobol'), the two sides differ in them too, which no number of
//! runs tells. There the spread of the means of the points gives a second error, as of two samples of points that are
//! independent:
//!
//! ```text
//! se' = √(s²_low / m_low + s²_high / m_high)                     s² the variance of the means of m points
//! ```
//!
//! A Latin hypercube or Sobol' sequence spreads its points more evenly than that, so that se' is rather too wide. Without two
//! points on either side the error is not known.
//!
//! Of m words the extremes are chosen among all m (m − 1) / 2 pairs. The interval holds for any of them at once, after Bonferroni:
//! Miller, Simultaneous Statistical Inference (1981), chapter 2.
//!
//! ```text
//! effect ± t · se,   t = F⁻¹(1 − 0.025 / pairs; v)               pairs 1 for numbers; F Student's t with v degrees of freedom
//! v  = n − 1,   v' = se'⁴ / ((s²_low / m_low)² / (m_low − 1) + (s²_high / m_high)² / (m_high − 1))
//! ```
//!
//! v' after Welch (1947), "The generalization of Student's problem when several different population variances are involved". Of the
//! two intervals the wider is kept.

use super::paired::Paired;
use super::response::{Axis, Response};
use super::summary::Stats;
use crate::math::incomplete::student_quantile;
use crate::record::TableKind;

/// Points at one value of a path, or in one group of its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// The value, or the group as `a to b`.
    pub text: String,
    /// Points, from 0.
    pub points: Vec<usize>,
    /// Mean of their medians.
    pub median: f64,
}

/// The difference of means between two levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// Runs that all points of both levels have.
    pub runs: usize,
    /// Mean at the low level over those.
    pub low: f64,
    /// Mean at the high level.
    pub high: f64,
    /// Standard error of the difference; NaN where it is not known.
    pub error: f64,
    /// Whether the error is that of the spread of the points.
    pub by_points: bool,
    /// Standard errors from the middle of the interval to its ends.
    pub t: f64,
}

impl Means {
    /// The high mean less the low one.
    pub fn difference(&self) -> f64 {
        self.high - self.low
    }
    /// 95% interval of the difference, wider where the levels were chosen among several.
    pub fn interval(&self) -> (f64, f64) {
        (self.difference() - self.t * self.error, self.difference() + self.t * self.error)
    }
    /// Whether the interval holds zero; `None` where the error is not known.
    pub fn within_noise(&self) -> Option<bool> {
        let (low, high) = self.interval();
        (!low.is_nan()).then_some(low <= 0.0 && high >= 0.0)
    }
}

/// What one path moves one series by.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The first value of a path of numbers; of words, where the averaged medians are least.
    pub low: Level,
    /// The last value of a path of numbers; of words, where they are greatest.
    pub high: Level,
    /// Pairs of values among which the two were chosen: 1 for numbers.
    pub pairs: usize,
    /// Whether other things than the path differ between the points of both: they are sampled, or parted by rank.
    pub sampled: bool,
    /// The difference of means; `None` before [`Moved::pair`], and where no run has a value at all points.
    pub means: Option<Means>,
}

impl Moved {
    /// The averaged median at high less that at low, in the unit of the series; of words never below 0.
    pub fn range(&self) -> f64 {
        self.high.median - self.low.median
    }

    /// Takes the means of both levels, run by run (NaN where a point has no value); `response` is the series of the effect.
    pub fn pair(&mut self, low: &[f64], high: &[f64], response: &Response) {
        let both = || low.iter().zip(high).filter(|(a, b)| a.is_finite() && b.is_finite());
        let runs = both().count();
        if runs == 0 {
            return;
        }
        let by_runs = Paired::new(low, high).map_or(f64::NAN, |p| p.standard_error);
        let (by_points, degrees) = two_samples(spread(&self.low, response), spread(&self.high, response));
        let quantile = |degrees: f64| student_quantile(1.0 - 0.025 / self.pairs as f64, degrees);
        let (of_runs, of_points) = (quantile(runs as f64 - 1.0), quantile(degrees));
        // Unknown stays unknown: the spread of a single point says nothing of what its other paths do.
        let greater = by_points.is_nan() || by_runs.is_nan() || of_points * by_points > of_runs * by_runs;
        let wider = self.sampled && greater;
        self.means = Some(Means {
            runs,
            low: both().map(|(a, _)| a).sum::<f64>() / runs as f64,
            high: both().map(|(_, b)| b).sum::<f64>() / runs as f64,
            error: if wider { by_points } else { by_runs },
            by_points: wider,
            t: if wider { of_points } else { of_runs },
        });
    }
}

/// Standard error of the difference of two means and its degrees of freedom, from the variance of each mean and the number of values
/// that it is the mean of.
fn two_samples((a, of_a): (f64, f64), (b, of_b): (f64, f64)) -> (f64, f64) {
    let sum = a + b;
    // Where neither varies, Welch's degrees of freedom are 0/0, and the error is 0 whatever they are.
    let degrees =
        if sum == 0.0 { of_a + of_b - 2.0 } else { sum * sum / (a * a / (of_a - 1.0) + b * b / (of_b - 1.0)) };
    (sum.sqrt(), degrees)
}

/// Variance of the mean of the means of the points of a level, NaN with fewer than two; and how many they are.
fn spread(level: &Level, response: &Response) -> (f64, f64) {
    let means: Vec<f64> = level.points.iter().filter_map(|&p| response.stats.get(p)).map(|s| s.mean).collect();
    let count = means.len() as f64;
    if means.len() < 2 {
        return (f64::NAN, count);
    }
    let mean = means.iter().sum::<f64>() / count;
    (means.iter().map(|m| (m - mean) * (m - mean)).sum::<f64>() / (count - 1.0) / count, count)
}

/// What path `axis` moves a series by, still without means; `None` where it takes one value, or fewer than two of its values
/// have a median.
pub fn moved(axes: &[Axis], axis: usize, response: &Response) -> Option<Moved> {
    let (groups, by_rank) = axes.get(axis)?.groups(axes.len() == 1);
    let level = |(text, mut points): (String, Vec<usize>)| {
        let there = |s: &Stats| s.n > 0 && s.quantiles[3].is_finite();
        points.retain(|&p| response.stats.get(p).is_some_and(there));
        let median = points.iter().map(|&p| response.stats[p].quantiles[3]).sum::<f64>() / points.len() as f64;
        (!points.is_empty()).then_some(Level { text, points, median })
    };
    let levels: Vec<Level> = groups.into_iter().filter_map(level).collect();
    let numeric = axes[axis].numbers.iter().all(|x| x.is_finite());
    let (low, high) = if numeric {
        (levels.first()?, levels.last()?)
    } else {
        // The first of equals, so that the order of the values decides.
        let low = levels.iter().reduce(|a, b| if b.median < a.median { b } else { a })?;
        (low, levels.iter().reduce(|a, b| if b.median > a.median { b } else { a })?)
    };
    let pairs = if numeric { 1 } else { levels.len() * levels.len().saturating_sub(1) / 2 };
    let others = |level: &Level| {
        let of_point = |&p: &usize| -> Vec<&str> {
            let other = axes.iter().enumerate().filter(|(k, _)| *k != axis);
            other.map(|(_, a)| a.texts[p].as_str()).collect()
        };
        let mut others: Vec<Vec<&str>> = level.points.iter().map(of_point).collect();
        others.sort_unstable();
        others
    };
    let sampled = by_rank || (axes.len() > 1 && others(low) != others(high));
    let (low, high) = (low.clone(), high.clone());
    (levels.len() > 1).then_some(Moved { low, high, pairs, sampled, means: None })
}

/// An effect as effects.csv tells it: what figures repeat and test their titles by.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The varied path.
    pub path: String,
    /// Table of the series.
    pub kind: TableKind,
    /// Metric without its segment.
    pub metric: String,
    /// Segment, or empty.
    pub segment: String,
    /// Entity id.
    pub entity: String,
    /// Averaged median at the low value, in the unit of the series.
    pub low: f64,
    /// Averaged median at the high value.
    pub high: f64,
    /// Difference of the means, high less low; NaN where no run has a value at all points.
    pub difference: f64,
    /// Ends of its 95% interval; NaN where the error is not known.
    pub interval: (f64, f64),
    /// Whether the interval holds zero; `None` where the error is not known.
    pub within_noise: Option<bool>,
}

impl Told {
    /// The effect of a path on a series.
    pub fn new(path: &str, response: &Response, moved: &Moved) -> Told {
        let means = moved.means.as_ref();
        Told {
            path: path.to_string(),
            kind: response.kind,
            metric: response.metric.clone(),
            segment: response.segment.clone(),
            entity: response.entity.clone(),
            low: moved.low.median,
            high: moved.high.median,
            difference: means.map_or(f64::NAN, Means::difference),
            interval: means.map_or((f64::NAN, f64::NAN), Means::interval),
            within_noise: means.and_then(Means::within_noise),
        }
    }
    /// Half the width of the interval; NaN where the error is not known.
    pub fn half(&self) -> f64 {
        (self.interval.1 - self.interval.0) / 2.0
    }
}

/// Averages runs over the points of both levels of effects, a point at a time.
pub struct Averages {
    /// Of each point: effect, its series, and whether the point is at the high level.
    of_point: Vec<Vec<(usize, usize, usize)>>,
    /// Of each effect, low and high: points taken in, and the sums of the runs that all of them have.
    sums: Vec<[(usize, Vec<f64>); 2]>,
}

impl Averages {
    /// Nothing averaged yet, for effects on series over `points` points.
    pub fn new<'m>(effects: impl Iterator<Item = (usize, &'m Moved)>, points: usize) -> Averages {
        let mut averages = Averages { of_point: vec![Vec::new(); points], sums: Vec::new() };
        for (effect, (series, moved)) in effects.enumerate() {
            for (side, level) in [&moved.low, &moved.high].into_iter().enumerate() {
                for &point in &level.points {
                    averages.of_point[point].push((effect, series, side));
                }
            }
            averages.sums.push(Default::default());
        }
        averages
    }

    /// Takes in the runs of a point: a list of values a series, run after run.
    pub fn add(&mut self, point: usize, series: &[Vec<f64>]) {
        for &(effect, at, side) in &self.of_point[point] {
            let (count, sums) = &mut self.sums[effect][side];
            let values = &series[at];
            if *count == 0 {
                sums.clone_from(values);
            } else {
                sums.truncate(values.len());
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            *count += 1;
        }
    }

    /// The means of an effect at its low and its high level, run by run.
    pub fn means(&self, effect: usize) -> [Vec<f64>; 2] {
        let mean = |(count, sums): &(usize, Vec<f64>)| sums.iter().map(|sum| sum / *count as f64).collect();
        [mean(&self.sums[effect][0]), mean(&self.sums[effect][1])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TableKind;

    fn axis(texts: &[&str]) -> Axis {
        Axis {
            path: "a.b".into(),
            unit: "1".into(),
            meaning: String::new(),
            texts: texts.iter().map(|t| (*t).to_string()).collect(),
            numbers: texts.iter().map(|t| t.parse().unwrap_or(f64::NAN)).collect(),
            base: "1".into(),
        }
    }

    /// Points whose medians and means are these.
    fn response(means: &[f64]) -> Response {
        let stats = |m: &f64| Stats { n: 100, mean: *m, sd: 1.0, mcse: 0.1, quantiles: [*m; 7] };
        Response {
            kind: TableKind::Labs,
            metric: "enterprise_share".into(),
            segment: String::new(),
            entity: "x".into(),
            unit: "fraction".into(),
            stats: means.iter().map(stats).collect(),
        }
    }

    /// The effect of a path with the runs of every point.
    fn effect(axes: &[Axis], at: usize, runs: &[Vec<f64>]) -> Moved {
        let mean = |runs: &Vec<f64>| {
            let there: Vec<f64> = runs.iter().copied().filter(|v| v.is_finite()).collect();
            there.iter().sum::<f64>() / there.len() as f64
        };
        let response = response(&runs.iter().map(mean).collect::<Vec<_>>());
        let mut moved = moved(axes, at, &response).unwrap();
        let mut averages = Averages::new([(0, &moved)].into_iter(), runs.len());
        runs.iter().enumerate().for_each(|(point, runs)| averages.add(point, std::slice::from_ref(runs)));
        let [low, high] = averages.means(0);
        moved.pair(&low, &high, &response);
        moved
    }

    #[test]
    fn the_range_of_a_path_on_a_grid_is_that_of_the_means_over_the_other_path() {
        // Two paths: f = 3a + b for a in 1, 2, 3 and b in 0, 10.
        let axes = [axis(&["2", "2", "1", "1", "3", "3"]), axis(&["0", "10", "0", "10", "0", "10"])];
        let outcome = response(&[6.0, 16.0, 3.0, 13.0, 9.0, 19.0]);
        let by_a = moved(&axes, 0, &outcome).unwrap();
        assert_eq!((by_a.range(), by_a.low.text.as_str(), by_a.high.text.as_str()), (6.0, "1", "3"));
        let by_b = moved(&axes, 1, &outcome).unwrap();
        assert_eq!((by_b.range(), by_b.low.median, by_b.high.points.len()), (10.0, 6.0, 3));
        assert!(!by_a.sampled && !by_b.sampled);
    }

    #[test]
    fn what_the_runs_share_cancels_and_the_error_is_that_of_the_averaged_difference() {
        // Run k of point (a, b) is luck_k + own_k · a + b: the luck is large and shared, b averages out.
        let luck = [5.0, -30.0, 12.0, 40.0];
        let own = [2.0, 3.0, 3.0, 4.0];
        let axes = [axis(&["0", "0", "1", "1"]), axis(&["0", "7", "0", "7"])];
        let point = |a: f64, b: f64| luck.iter().zip(own).map(|(l, o)| l + o * a + b).collect::<Vec<f64>>();
        let runs = [point(0.0, 0.0), point(0.0, 7.0), point(1.0, 0.0), point(1.0, 7.0)];
        let means = effect(&axes, 0, &runs).means.unwrap();
        // d = own: mean 3, variance (1 + 0 + 0 + 1) / 3.
        assert_eq!((means.runs, means.by_points), (4, false));
        assert!((means.difference() - 3.0).abs() < 1e-12 && (means.low - 10.25).abs() < 1e-12);
        assert!((means.error - (2f64 / 3.0 / 4.0).sqrt()).abs() < 1e-12, "{}", means.error);
        assert_eq!(means.within_noise(), Some(false));
        // As if the points were independent, the same difference would be far within noise.
        let sd = effect(&axes, 1, &runs).means.unwrap();
        assert!((sd.difference() - 7.0).abs() < 1e-12 && sd.error < 1e-12);
    }

    #[test]
    fn the_difference_counts_the_runs_that_all_points_have() {
        let axes = [axis(&["0", "1"])];
        let runs = [vec![1.0, f64::NAN, 3.0, 4.0, 0.0], vec![2.0, 2.0, 5.0, 7.0]];
        let means = effect(&axes, 0, &runs).means.unwrap();
        // Runs 1, 3 and 4: d = 1, 2, 3.
        assert_eq!(means.runs, 3);
        assert!((means.difference() - 2.0).abs() < 1e-12 && (means.error - (1f64 / 3.0).sqrt()).abs() < 1e-12);
        let none = effect(&axes, 0, &[vec![1.0, f64::NAN], vec![f64::NAN, 2.0]]);
        assert!(none.means.is_none() && none.range() == 1.0);
    }

    #[test]
    fn numbers_that_never_repeat_are_parted_by_rank_and_have_the_error_of_their_points() {
        let texts: Vec<String> = (0..20).map(|i| format!("{}", (i * 7) % 20)).collect();
        let many = axis(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let other = axis(&(0..20).map(|i| ["u", "v", "w"][i % 3]).collect::<Vec<_>>());
        let runs: Vec<Vec<f64>> = many.numbers.iter().map(|x| vec![x - 0.1, *x, x + 0.1]).collect();
        let axes = [many, other];
        let found = effect(&axes, 0, &runs);
        assert_eq!((found.low.text.as_str(), found.low.points.len(), found.low.median), ("0 to 3", 4, 1.5));
        assert_eq!((found.high.text.as_str(), found.high.median), ("16 to 19", 17.5));
        // The runs do not differ in their differences. Means 16 to 19: variance 5/3, over four points 5/12; as much for the lowest.
        let means = found.means.unwrap();
        assert!(found.sampled && means.by_points && (means.error - (5f64 / 6.0).sqrt()).abs() < 1e-12);
        // Words of a sampled design are no groups by rank, and still the other paths differ between them.
        assert!(effect(&axes, 1, &runs).means.unwrap().by_points);
        // Where runs differ by more than points, they are the more cautious.
        let wild: Vec<Vec<f64>> = axes[0].numbers.iter().map(|x| vec![x - 9.0 * x, *x, x + 9.0 * x]).collect();
        let means = effect(&axes, 0, &wild).means.unwrap();
        // d = 16 · (−8, 1, 10): sd 16 · 9.
        assert!(!means.by_points && (means.error - 144.0 / 3f64.sqrt()).abs() < 1e-9, "{}", means.error);
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        // One run a point: no spread of runs. Two sides of one point each that differ in another path: no spread of points.
        let alone = effect(&[axis(&["1", "2"])], 0, &[vec![1.0], vec![5.0]]).means.unwrap();
        assert!(alone.difference() == 4.0 && alone.error.is_nan() && alone.within_noise().is_none());
        let axes = [axis(&["x", "y"]), axis(&["1", "2"])];
        let torn = effect(&axes, 0, &[vec![1.0, 2.0], vec![5.0, 6.5]]).means.unwrap();
        assert!(torn.error.is_nan() && torn.within_noise().is_none());
        // A difference of zero that never varies is within noise.
        let same = effect(&[axis(&["1", "2"])], 0, &[vec![1.0, 2.0], vec![1.0, 2.0]]).means.unwrap();
        assert_eq!((same.error, same.within_noise()), (0.0, Some(true)));
    }

    #[test]
    fn a_path_with_one_value_or_one_median_moves_nothing() {
        assert_eq!(moved(&[axis(&["1", "1"])], 0, &response(&[1.0, 2.0])), None);
        assert_eq!(moved(&[axis(&["1", "2"])], 0, &response(&[1.0, f64::NAN])), None);
        let words = moved(&[axis(&["x", "y", "z"])], 0, &response(&[1.0, 5.0, 3.0])).unwrap();
        assert_eq!((words.low.text.as_str(), words.high.text.as_str()), ("x", "y"));
    }

    #[test]
    fn numbers_are_compared_at_their_ends_and_words_with_an_interval_for_every_pair() {
        // A hump: what the middle does is not picked.
        let numbers = [axis(&["1", "9", "2"])];
        let hump = effect(&numbers, 0, &[vec![4.0, 5.0], vec![3.0, 4.5], vec![90.0, 91.0]]);
        assert_eq!((hump.low.text.as_str(), hump.high.text.as_str(), hump.pairs), ("1", "9", 1));
        // Two runs: t at one degree of freedom.
        assert!(hump.range() == -0.75 && (hump.means.unwrap().t - 12.706_205).abs() < 1e-6);
        // Mean 2, standard error 0.354: off zero as a pair chosen beforehand, within noise as one of six.
        let low = vec![0.0; 4];
        let high = vec![1.0, 2.0, 2.5, 2.5];
        let runs = [low.clone(), high.clone(), vec![0.1; 4], vec![0.2; 4]];
        let four = effect(&[axis(&["a", "b", "c", "d"])], 0, &runs).means.unwrap();
        // 1 - 0.025 / 6 at three degrees of freedom, by the closed form of its distribution function.
        let distribution = |t: f64| {
            let x = t / 3f64.sqrt();
            0.5 + (x.atan() + x / (1.0 + x * x)) / std::f64::consts::PI
        };
        assert!((distribution(four.t) - (1.0 - 0.025 / 6.0)).abs() < 1e-12, "{}", four.t);
        let two = effect(&[axis(&["a", "b"])], 0, &[low, high]).means.unwrap();
        assert!(two.error == four.error && (two.t - 3.182_446).abs() < 1e-6);
        assert_eq!((two.within_noise(), four.within_noise()), (Some(false), Some(true)));
        assert!(four.interval().0 < two.interval().0 && four.interval().1 > two.interval().1);
    }

    #[test]
    fn equal_numbers_are_one_value_however_they_are_written() {
        let twice = [axis(&["3", "3.0", "3e0"])];
        assert_eq!(moved(&twice, 0, &response(&[1.0, 2.0, 3.0])), None);
    }
}
