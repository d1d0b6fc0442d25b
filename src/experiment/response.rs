//! What a design over paths brought: the varied paths and the statistics of every series at the horizon, a point each.

use super::summary::Stats;
use crate::record::TableKind;

/// One varied path: its text at each point, and its number where it is one.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Axis {
    /// The path, as a scenario writes it.
    pub path: String,
    /// Unit of its value; empty where it has none.
    pub unit: String,
    /// What it means, in words.
    pub meaning: String,
    /// Its text at each point.
    pub texts: Vec<String>,
    /// Its number at each point; NaN where it is none.
    pub numbers: Vec<f64>,
    /// Its text in the scenario that is varied; empty where there is none.
    pub base: String,
}

/// Statistics of one series at the horizon, a point each.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// Table.
    pub kind: TableKind,
    /// Metric without a segment.
    pub metric: String,
    /// Segment (workload, sector, jurisdiction), or empty.
    pub segment: String,
    /// Entity id; `market` for the market.
    pub entity: String,
    /// Unit.
    pub unit: String,
    /// Its statistics at each point.
    pub stats: Vec<Stats>,
}

/// What figures of a sweep are drawn from. All vectors have one item a point, in the order of the points.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SweepMaterial {
    /// The design's word: `grid`, `random`, `lhs`, `sobol` or `table`.
    pub design: String,
    /// The varied paths.
    pub axes: Vec<Axis>,
    /// The series.
    pub responses: Vec<Response>,
}
