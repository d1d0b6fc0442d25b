//! How outcomes respond to the varied paths of a sweep: the material of its figures, and what each path moves.
//!
//! Along a path, the medians of the points are averaged at each of its values over the other paths; the effect of the path is
//! the greatest of these averages less the least. Where a path takes another number at every point (a random, Latin hypercube
//! or Sobol' design over several paths), its points are parted by rank into groups of equal size instead, and the error of such a
//! group has the spread of its points in it: the other paths are sampled there, not laid out.
//!
//! The error of a median of n runs is 1.25 R / (1.35 √n), R the distance of its quartiles: McGill, Tukey and Larsen (1978),
//! "Variations of box plots". Points share their random numbers, so averaging over points does not lower it, and the
//! difference of two points has less error than the interval says: it is taken as if the two were independent.

use super::statistics::interpolate;
use super::summary::Stats;
use crate::record::TableKind;
use crate::scenario::nodes::compile;
use crate::scenario::{Scenario, resolve};

/// One varied path: its text at each point, and its number where it is one.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Axis {
    /// Path.
    pub path: String,
    /// Unit; empty for a strategy.
    pub unit: String,
    /// Meaning, one line; empty for a strategy.
    pub meaning: String,
    /// Value at each point, as TOML or a bare word.
    pub texts: Vec<String>,
    /// The number at each point, NaN where the value is none.
    pub numbers: Vec<f64>,
    /// Value, or distribution, of the scenario without the sweep, as TOML writes it.
    pub base: String,
}

/// Statistics of one series at the horizon, a point each.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// Table.
    pub kind: TableKind,
    /// Metric without its segment.
    pub metric: String,
    /// Segment, or empty.
    pub segment: String,
    /// Entity id; `market` for the market.
    pub entity: String,
    /// Unit.
    pub unit: String,
    /// Statistics at the last date, a point each.
    pub stats: Vec<Stats>,
}

/// What the figures of a sweep are drawn from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweepMaterial {
    /// `grid`, `random`, `lhs`, `sobol` or `table`.
    pub design: String,
    /// The varied paths.
    pub axes: Vec<Axis>,
    /// The series at the horizon.
    pub responses: Vec<Response>,
}

impl SweepMaterial {
    /// A series.
    pub fn find(&self, kind: TableKind, metric: &str, segment: &str, entity: &str) -> Option<&Response> {
        let is = |r: &&Response| r.kind == kind && r.metric == metric && r.segment == segment && r.entity == entity;
        self.responses.iter().find(is)
    }
}

impl Axis {
    /// The axis of a path, as a scenario knows it, with its texts at the points.
    pub fn new(scenario: &Scenario, path: &str, texts: Vec<String>) -> Axis {
        let place = compile(&scenario.parameters, path).ok();
        let field = place.as_ref().and_then(|p| p.field());
        let value = || {
            let place = place.as_ref()?;
            Some(resolve::value(&place.get(&scenario.parameters)?, place))
        };
        let base = match scenario.uncertain.of(path) {
            Some(distribution) => resolve::distribution(distribution),
            None => value().unwrap_or_default(),
        };
        Axis {
            path: path.to_string(),
            unit: field.map_or(String::new(), |f| f.unit.to_string()),
            meaning: field.map_or(String::new(), |f| f.meaning.trim().to_string()),
            numbers: texts.iter().map(|text| text.parse().unwrap_or(f64::NAN)).collect(),
            texts,
            base,
        }
    }

    /// The groups of points along the axis, in rising order of its number, or in that of the points: (label, points); and
    /// whether they are parted by rank.
    fn groups(&self, alone: bool) -> (Vec<(String, Vec<usize>)>, bool) {
        let mut by_value: Vec<(String, Vec<usize>)> = Vec::new();
        for (point, text) in self.texts.iter().enumerate() {
            match by_value.iter_mut().find(|(label, _)| label == text) {
                Some((_, points)) => points.push(point),
                None => by_value.push((text.clone(), vec![point])),
            }
            // With many values none comes often enough; see below.
            if by_value.len() > MOST_VALUES && self.numbers.iter().all(|x| x.is_finite()) {
                break;
            }
        }
        let numbers = self.numbers.iter().all(|x| x.is_finite());
        let once = by_value.iter().all(|(_, points)| points.len() == 1);
        if !numbers || (by_value.len() <= MOST_VALUES && (alone || !once)) {
            if numbers {
                by_value.sort_by(|a, b| self.numbers[a.1[0]].total_cmp(&self.numbers[b.1[0]]));
            }
            return (by_value, false);
        }
        let mut ranked: Vec<usize> = (0..self.numbers.len()).collect();
        ranked.sort_by(|&a, &b| self.numbers[a].total_cmp(&self.numbers[b]));
        let groups = (ranked.len() / LEAST_GROUP).clamp(2, MOST_GROUPS);
        let cut = |g: usize| g * ranked.len() / groups;
        let group = |g: usize| {
            let points = &ranked[cut(g)..cut(g + 1)];
            let label = match (points.first(), points.last()) {
                (Some(&a), Some(&b)) if a != b => format!("{} to {}", self.texts[a], self.texts[b]),
                (Some(&a), _) => self.texts[a].clone(),
                _ => String::new(),
            };
            (label, points.to_vec())
        };
        ((0..groups).map(group).filter(|(_, points)| !points.is_empty()).collect(), true)
    }
}

/// Most values of a path that make a group each.
const MOST_VALUES: usize = 12;
/// Most groups by rank: fifths.
const MOST_GROUPS: usize = 5;
/// Fewest points of a group by rank, where there are enough points for two groups.
const LEAST_GROUP: usize = 4;
/// 97.5% quantile of the standard normal.
const Z: f64 = 1.959_963_984_540_054;

/// Points at one value of a path, or in one group of its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// The value, or the group as `a to b`.
    pub text: String,
    /// Points.
    pub points: usize,
    /// Mean of their medians.
    pub median: f64,
    /// Standard error of that mean.
    pub error: f64,
}

/// What one path moves one series by.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// Where the averaged medians are least.
    pub low: Level,
    /// Where they are greatest.
    pub high: Level,
}

impl Moved {
    /// The greatest average less the least, in the unit of the series.
    pub fn range(&self) -> f64 {
        self.high.median - self.low.median
    }
    /// 95% interval of [`range`](Moved::range): sampling of runs alone, for the two levels as if they had been chosen beforehand.
    pub fn interval(&self) -> (f64, f64) {
        let half = Z * (self.high.error * self.high.error + self.low.error * self.low.error).sqrt();
        (self.range() - half, self.range() + half)
    }
    /// Whether the interval holds zero; `None` where the error is not known: points of one run each.
    pub fn within_noise(&self) -> Option<bool> {
        let (low, _) = self.interval();
        (!low.is_nan()).then_some(low <= 0.0)
    }
}

/// What a path moves a series by; `None` where it takes one value, or fewer than two of its values have a median. `alone` where no other path is varied.
pub fn moved(axis: &Axis, response: &Response, alone: bool) -> Option<Moved> {
    let (groups, by_rank) = axis.groups(alone);
    let level = |(text, points): (String, Vec<usize>)| {
        let there = points.iter().filter_map(|&p| response.stats.get(p));
        let there: Vec<&Stats> = there.filter(|s| s.n > 0 && s.quantiles[3].is_finite()).collect();
        let count = there.len() as f64;
        let mean = |of: &dyn Fn(&Stats) -> f64| there.iter().map(|s| of(s)).sum::<f64>() / count;
        let median = mean(&|s| s.quantiles[3]);
        let mut error = mean(&median_error);
        if by_rank && there.len() > 1 {
            let squares = mean(&|s| (s.quantiles[3] - median) * (s.quantiles[3] - median));
            let between = squares / (count - 1.0);
            // With one run a point the spread of the points is all that tells the error.
            error = if error.is_nan() { between.sqrt() } else { (error * error + between).sqrt() };
        }
        (!there.is_empty()).then_some(Level { text, points: there.len(), median, error })
    };
    let levels: Vec<Level> = groups.into_iter().filter_map(level).collect();
    // The first of equals, so that the order of the values decides.
    let low = levels.iter().reduce(|a, b| if b.median < a.median { b } else { a })?;
    let high = levels.iter().reduce(|a, b| if b.median > a.median { b } else { a })?;
    (levels.len() > 1).then(|| Moved { low: low.clone(), high: high.clone() })
}

/// Standard error of a median; NaN where there is one run.
pub fn median_error(stats: &Stats) -> f64 {
    if stats.n < 2 {
        return f64::NAN;
    }
    1.25 * (stats.quantiles[4] - stats.quantiles[2]) / (1.35 * (stats.n as f64).sqrt())
}

/// The middle of a set of medians: what stands for a series over all points.
pub fn middle(response: &Response) -> f64 {
    let mut medians: Vec<f64> = response.stats.iter().map(|s| s.quantiles[3]).filter(|m| m.is_finite()).collect();
    medians.sort_unstable_by(f64::total_cmp);
    match medians.len() {
        0 => f64::NAN,
        n => interpolate(medians[(n - 1) / 2], medians[n / 2], 0.5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn response(medians: &[f64], spread: f64) -> Response {
        let stats = |m: &f64| {
            let quantiles = [m - spread, m - spread, m - spread, *m, m + spread, m + spread, m + spread];
            Stats { n: 100, mean: *m, sd: spread, mcse: spread / 10.0, quantiles }
        };
        Response {
            kind: TableKind::Labs,
            metric: "enterprise_share".into(),
            segment: String::new(),
            entity: "x".into(),
            unit: "fraction".into(),
            stats: medians.iter().map(stats).collect(),
        }
    }

    #[test]
    fn the_effect_of_a_path_on_a_grid_is_the_range_of_the_means_over_the_other_path() {
        // Two paths: f = 3a + b for a in 1, 2, 3 and b in 0, 10.
        let (a, b) = (axis(&["2", "2", "1", "1", "3", "3"]), axis(&["0", "10", "0", "10", "0", "10"]));
        let outcome = response(&[6.0, 16.0, 3.0, 13.0, 9.0, 19.0], 0.0);
        let by_a = moved(&a, &outcome, false).unwrap();
        assert_eq!((by_a.range(), by_a.low.text.as_str(), by_a.high.text.as_str()), (6.0, "1", "3"));
        let by_b = moved(&b, &outcome, false).unwrap();
        assert_eq!((by_b.range(), by_b.low.median, by_b.high.points), (10.0, 6.0, 3));
    }

    #[test]
    fn a_range_smaller_than_the_error_of_the_medians_is_within_noise() {
        let a = axis(&["1", "2"]);
        // R = 2, n = 100: the error of a median is 1.25 · 2 / (1.35 · 10) = 0.185, that of a difference 0.262.
        let near = moved(&a, &response(&[0.0, 0.5], 1.0), true).unwrap();
        let far = moved(&a, &response(&[0.0, 0.6], 1.0), true).unwrap();
        assert_eq!((near.within_noise(), far.within_noise()), (Some(true), Some(false)));
        let half = far.range() - far.interval().0;
        assert!((half - 1.959_964 * 0.185_185 * 2f64.sqrt()).abs() < 1e-5, "{half}");
    }

    #[test]
    fn numbers_that_never_repeat_are_parted_by_rank_and_words_are_not() {
        let texts: Vec<String> = (0..20).map(|i| format!("{}", (i * 7) % 20)).collect();
        let many = axis(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let medians: Vec<f64> = many.numbers.clone();
        let effect = moved(&many, &response(&medians, 0.0), false).unwrap();
        assert_eq!((effect.low.text.as_str(), effect.low.points, effect.low.median), ("0 to 3", 4, 1.5));
        assert_eq!((effect.high.text.as_str(), effect.high.median), ("16 to 19", 17.5));
        // Medians 16 to 19: variance 5/3, over four points 5/12, and as much for the lowest.
        let half = effect.interval().1 - effect.range();
        assert!((half - 1.959_964 * (5f64 / 6.0).sqrt()).abs() < 1e-5, "{half}");
        let words = moved(&axis(&["x", "y", "z"]), &response(&[1.0, 5.0, 3.0], 0.0), false).unwrap();
        assert_eq!((words.low.text.as_str(), words.high.text.as_str()), ("x", "y"));
    }

    #[test]
    fn one_run_a_point_has_no_error_that_could_be_told() {
        let mut outcome = response(&[1.0, 5.0], 0.0);
        outcome.stats.iter_mut().for_each(|s| s.n = 1);
        let effect = moved(&axis(&["1", "2"]), &outcome, true).unwrap();
        assert!(effect.range() == 4.0 && effect.interval().0.is_nan() && effect.within_noise().is_none());
    }

    #[test]
    fn a_path_with_one_value_or_one_median_moves_nothing() {
        assert_eq!(moved(&axis(&["1", "1"]), &response(&[1.0, 2.0], 0.0), true), None);
        assert_eq!(moved(&axis(&["1", "2"]), &response(&[1.0, f64::NAN], 0.0), true), None);
        assert_eq!(middle(&response(&[4.0, 1.0, f64::NAN, 2.0, 3.0], 0.0)), 2.5);
    }
}
