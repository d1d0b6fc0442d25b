//! How outcomes respond to the varied paths of a sweep: the material of its figures, and the groups of points along a path.
//!
//! The points of a path are grouped by its value. Where it takes another number at every point (a random, Latin hypercube or
//! Sobol' design over several paths), they are parted by rank into groups of equal size instead. What a path moves an outcome by
//! is in [`moved`](super::moved).

use super::moved::Told;
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
    /// What each path moves the series of effects.csv by.
    pub effects: Vec<Told>,
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
    pub(super) fn groups(&self, alone: bool) -> (Vec<(String, Vec<usize>)>, bool) {
        let mut by_value: Vec<(String, Vec<usize>)> = Vec::new();
        for (point, text) in self.texts.iter().enumerate() {
            let x = self.numbers[point];
            // Equal numbers are one value, however they are written.
            match by_value.iter_mut().find(|(label, points)| label == text || self.numbers[points[0]] == x) {
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
        let groups = groups_by_rank(ranked.len());
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

/// Into how many groups of equal size points are parted by rank.
pub fn groups_by_rank(points: usize) -> usize {
    (points / LEAST_GROUP).clamp(2, MOST_GROUPS)
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

    #[test]
    fn the_middle_is_that_of_the_medians_that_exist() {
        let stats = |m: f64| Stats { n: 100, mean: m, sd: 1.0, mcse: 0.1, quantiles: [m; 7] };
        let response = Response {
            kind: TableKind::Labs,
            metric: "enterprise_share".into(),
            segment: String::new(),
            entity: "x".into(),
            unit: "fraction".into(),
            stats: [4.0, 1.0, f64::NAN, 2.0, 3.0].map(stats).to_vec(),
        };
        assert_eq!(middle(&response), 2.5);
    }
}
