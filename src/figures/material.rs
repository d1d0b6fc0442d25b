//! What figures are drawn from: the summary, the horizon and who is who.

use super::theme::{Colour, Format, PALETTE, lab_colours};
use crate::experiment::summary::{Horizon, Provenance, Series, Stats, Summary};
use crate::record::TableKind;

/// Index of the median in the quantiles of a summary.
pub const MEDIAN: usize = 3;

/// The pairs of quantiles that bound 90, 80 and 50% of the runs, each with the opacity of its band.
pub const BANDS: [(usize, usize, f64); 3] = [(0, 6, 0.14), (1, 5, 0.16), (2, 4, 0.26)];

/// An ensemble as figures see it.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// Scenario, runs, seed and labs.
    pub provenance: &'a Provenance,
    /// Statistics by date.
    pub summary: &'a Summary,
    /// Values of every run at the last date.
    pub horizon: &'a Horizon,
}

/// One line or fan: an agent's metric over time.
#[derive(Clone, Debug)]
pub struct Strand<'a> {
    /// Name shown.
    pub name: String,
    /// Colour.
    pub colour: Colour,
    /// Whether its value is notional (a division of a group).
    pub notional: bool,
    /// The statistics.
    pub series: &'a Series,
}

impl Strand<'_> {
    /// Runs of dates at which at least one run in fifty has a value; the rest are gaps.
    pub fn pieces(&self, runs: u64) -> Vec<Vec<(f64, Stats)>> {
        let mut pieces = vec![Vec::new()];
        for (month, stats) in &self.series.rows {
            let known = stats.n * 50 >= runs.max(1) && stats.n > 0 && stats.quantiles.iter().all(|q| q.is_finite());
            if known {
                if let Some(piece) = pieces.last_mut() {
                    piece.push((month.year_end_decimal(), *stats));
                }
            } else if pieces.last().is_some_and(|p| !p.is_empty()) {
                pieces.push(Vec::new());
            }
        }
        pieces.retain(|p| !p.is_empty());
        pieces
    }
    /// The last date with a value.
    pub fn last(&self, runs: u64) -> Option<(f64, Stats)> {
        self.pieces(runs).last()?.last().copied()
    }
    /// The greatest median over time: what orders the panels.
    pub fn weight(&self, runs: u64) -> f64 {
        self.pieces(runs).iter().flatten().map(|(_, s)| s.quantiles[MEDIAN]).fold(f64::NEG_INFINITY, f64::max)
    }
    /// Whether any run ever has a value other than zero.
    pub fn is_blank(&self, runs: u64) -> bool {
        self.pieces(runs).iter().flatten().all(|(_, s)| s.mean == 0.0 && s.quantiles.iter().all(|q| *q == 0.0))
    }
}

/// The name of a series' column: the metric, and the segment where it has one.
pub fn column_name(series: &Series) -> String {
    if series.segment.is_empty() { series.metric.clone() } else { format!("{}_{}", series.metric, series.segment) }
}

impl<'a> Material<'a> {
    /// Runs with a result.
    pub fn runs(&self) -> u64 {
        self.provenance.runs
    }
    /// Decimal year of the initial state.
    pub fn start(&self) -> f64 {
        self.provenance.start.year_end_decimal()
    }
    /// Decimal year of the horizon.
    pub fn end(&self) -> f64 {
        self.provenance.end.year_end_decimal().max(self.start() + 1.0 / 12.0)
    }
    /// The horizon in words, `Dec 2030`.
    pub fn horizon_words(&self) -> String {
        const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let end = self.provenance.end;
        format!("{} {}", NAMES[(end.month() - 1).rem_euclid(12) as usize], end.year())
    }
    /// Strands of a column, one an agent, in the order of the summary. `entity` is an id or `*`.
    pub fn strands(&self, kind: TableKind, entity: &str, column: &str) -> Vec<Strand<'a>> {
        let found = self
            .summary
            .series
            .iter()
            .filter(|s| s.kind == kind && (entity == "*" || s.entity == entity) && column_name(s) == column);
        found
            .enumerate()
            .map(|(i, series)| {
                let (name, colour, notional) = self.look(kind, &series.entity, i);
                Strand { name, colour, notional, series }
            })
            .collect()
    }
    /// Strands of a column of the labs that are ever anything but zero, the greatest first; and the names of
    /// the labs left out.
    pub fn lab_strands(&self, column: &str) -> (Vec<Strand<'a>>, Vec<String>) {
        let (blank, mut shown): (Vec<_>, Vec<_>) =
            self.strands(TableKind::Labs, "*", column).into_iter().partition(|s| s.is_blank(self.runs()));
        shown.sort_by(|a, b| b.weight(self.runs()).total_cmp(&a.weight(self.runs())));
        (shown, blank.into_iter().map(|s| s.name).collect())
    }
    /// The one series of a column of the market.
    pub fn market(&self, column: &str) -> Option<Strand<'a>> {
        self.strands(TableKind::Market, "*", column).into_iter().next()
    }
    /// Name, colour and whether notional, of an agent.
    pub fn look(&self, kind: TableKind, id: &str, nth: usize) -> (String, Colour, bool) {
        if kind == TableKind::Labs
            && let Some(at) = self.provenance.labs.iter().position(|l| l.id == id)
        {
            let lab = &self.provenance.labs[at];
            let name = if lab.name.is_empty() { words(id) } else { lab.name.clone() };
            return (name, lab_colours(&self.provenance.labs)[at], lab.division);
        }
        (words(id), PALETTE[nth % PALETTE.len()], false)
    }
    /// Format of a metric: by its unit, and by its values where the unit is a bare `1`.
    pub fn format(&self, strands: &[Strand]) -> Format {
        let Some(first) = strands.first() else { return Format::Plain };
        let column = column_name(first.series);
        let share = ["share", "probability", "margin", "utilisation", "distressed", "defaulted", "alive", "acquired"];
        match Format::of_unit(&first.series.unit) {
            Format::Plain if share.iter().any(|w| column.contains(w)) => Format::Percent,
            other => other,
        }
    }
}

/// A column as a scenario names it.
pub fn path_words(kind: TableKind, entity: &str, column: &str) -> String {
    if kind == TableKind::Market { format!("market.{column}") } else { format!("{}.{entity}.{column}", kind.word()) }
}

/// An id or a column's name as words: `azure_us` to `Azure us`, without its unit.
pub fn words(id: &str) -> String {
    if id == "hhi" {
        return "Herfindahl index".to_owned();
    }
    let bare = ["_usd_per_mtok", "_usd_per_h100e_hour", "_usd", "_eci", "_h100e"]
        .iter()
        .find_map(|unit| id.strip_suffix(unit))
        .unwrap_or(id);
    let text = bare.replace(['_', '-'], " ");
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}
