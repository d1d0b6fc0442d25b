//! Summary statistics of an ensemble: quantiles, means and Monte Carlo standard errors by date.

use crate::record::{Entity, Layout, TableKind};
use crate::units::Month;

/// Probabilities of the quantiles in a summary, in order.
pub const QUANTILES: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];

/// Statistics of one metric of one entity at one date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stats {
    /// Runs with a value.
    pub n: u64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Monte Carlo standard error of the mean.
    pub mcse: f64,
    /// Quantiles at [`QUANTILES`].
    pub quantiles: [f64; 7],
}

/// Statistics of one metric of one entity over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Table.
    pub kind: TableKind,
    /// Metric without a segment, for example `share` of `share_coding`, else the column's name.
    pub metric: String,
    /// Entity id; `market` for the market.
    pub entity: String,
    /// Segment (workload, sector, jurisdiction), or empty.
    pub segment: String,
    /// Unit.
    pub unit: String,
    /// One row a date.
    pub rows: Vec<(Month, Stats)>,
}

/// Families of columns with a segment: `share_coding` is the metric `share` in the segment `coding`.
pub const SEGMENTED: [&str; 2] = ["share", "trust"];

/// A column's name as metric and segment; the segment is empty where the metric has none.
pub fn split_segment(column: &str) -> (&str, &str) {
    match column.split_once('_') {
        Some((family, segment)) if SEGMENTED.contains(&family) && !segment.is_empty() => (family, segment),
        _ => (column, ""),
    }
}

/// One series of a layout: a core metric of an entity, before its statistics are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesAt {
    /// Table.
    pub table: usize,
    /// Entity of the table.
    pub entity: usize,
    /// Column of the table.
    pub column: usize,
}

/// The core series of a layout, in its order: what a summary covers.
pub fn core_series(layout: &Layout) -> Vec<SeriesAt> {
    let mut series = Vec::new();
    for (table, t) in layout.tables.iter().enumerate() {
        for entity in 0..t.entities.len() {
            let core = t.columns.iter().enumerate().filter(|(_, c)| c.core);
            series.extend(core.map(|(column, _)| SeriesAt { table, entity, column }));
        }
    }
    series
}

impl SeriesAt {
    /// The series with its statistics, a row a date.
    pub fn with(self, layout: &Layout, rows: impl Iterator<Item = Stats>) -> Series {
        let table = &layout.tables[self.table];
        let (metric, segment) = split_segment(&table.columns[self.column].name);
        Series {
            kind: table.kind,
            metric: metric.to_string(),
            entity: table.entities[self.entity].id.clone(),
            segment: segment.to_string(),
            unit: table.columns[self.column].unit.to_string(),
            rows: layout.months.iter().copied().zip(rows).collect(),
        }
    }
}

/// A summary of an ensemble.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Summary {
    /// Series in the order of the layout.
    pub series: Vec<Series>,
    /// Greatest relative error of the quantiles: 0 when they are exact.
    pub quantile_error: f64,
}

impl Summary {
    /// The series of a metric of an entity.
    pub fn find(&self, kind: TableKind, metric: &str, segment: &str, entity: &str) -> Option<&Series> {
        self.series.iter().find(|s| s.kind == kind && s.metric == metric && s.segment == segment && s.entity == entity)
    }
}

/// The last date of every run, for distributions and joint densities: a column holds a value a run.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Horizon {
    /// (table, entity id, column name) of each column.
    pub columns: Vec<(TableKind, String, String)>,
    /// A column's values, run after run.
    pub values: Vec<Vec<f64>>,
}

impl Horizon {
    /// The values of a metric of an entity.
    pub fn find(&self, kind: TableKind, entity: &str, metric: &str) -> Option<&[f64]> {
        let at = self.columns.iter().position(|(k, e, m)| *k == kind && e == entity && m == metric)?;
        Some(&self.values[at])
    }
}

/// What every figure and table says of where it comes from.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Provenance {
    /// Scenario name.
    pub scenario: String,
    /// Description of the scenario.
    pub description: String,
    /// Runs completed.
    pub runs: u64,
    /// Runs that failed.
    pub failed: u64,
    /// Seed.
    pub seed: u64,
    /// Version of the program.
    pub version: String,
    /// Initial values that are observed or derived from observations.
    pub initial_observed: usize,
    /// Initial values that are priors.
    pub initial_priors: usize,
    /// Those of the priors that are drawn once a run.
    pub initial_priors_drawn: usize,
    /// Month of the initial state.
    pub start: Month,
    /// Horizon.
    pub end: Month,
    /// The labs, in the order of the layout.
    pub labs: Vec<Entity>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_segmented_families_are_split() {
        assert_eq!(split_segment("share_coding"), ("share", "coding"));
        assert_eq!(split_segment("trust_us"), ("trust", "us"));
        assert_eq!(split_segment("enterprise_share"), ("enterprise_share", ""));
        assert_eq!(split_segment("price_usd_per_mtok"), ("price_usd_per_mtok", ""));
        assert_eq!(split_segment("hhi"), ("hhi", ""));
    }
}
