//! `summary.csv`: from blocks or sketches to statistics, to disk and back.

use std::path::Path;

use rayon::prelude::*;

use super::OutputError;
use super::blocks::Store;
use super::selection::Selection;
use crate::experiment::sketch::Sketch;
use crate::experiment::statistics::exact;
use crate::experiment::summary::{QUANTILES, Series, Stats, Summary};
use crate::record::{Layout, TableKind};
use crate::units::Month;

/// File name.
pub const FILE: &str = "summary.csv";
/// Bytes of values held at once for exact quantiles: columns are read in passes that fit.
pub const PASS_BYTES: usize = 128 << 20;

pub(super) const COLUMNS: [&str; 16] = [
    "metric", "entity", "segment", "unit", "date", "n", "mean", "sd", "mcse", "p05", "p10", "p25", "p50", "p75", "p90",
    "p95",
];

/// The exact summary of blocks `0..blocks`, read in passes over the columns.
pub fn from_blocks(
    store: &Store,
    blocks: u64,
    runs: u64,
    layout: &Layout,
    selection: &Selection,
) -> Result<Summary, OutputError> {
    let positions = selection.core_positions(layout);
    let mut cells_by_position: Vec<(usize, usize)> = positions.iter().copied().zip(0..).collect();
    cells_by_position.sort_unstable();
    let at_once = (PASS_BYTES / (8 * runs.max(1) as usize)).max(1);
    let mut cells: Vec<Option<Stats>> = vec![None; positions.len()];
    let mut todo = cells_by_position.as_slice();
    while let Some(&(from, _)) = todo.first() {
        let to = (from + at_once).min(selection.saved);
        let here = todo.partition_point(|&(position, _)| position < to);
        let mut columns: Vec<Vec<f64>> = vec![Vec::new(); to - from];
        for block in 0..blocks {
            store.read_columns(block, from, to, &mut columns)?;
        }
        let stats: Vec<Stats> = columns.par_iter_mut().map(exact).collect();
        for &(position, cell) in &todo[..here] {
            cells[cell] = Some(stats[position - from]);
        }
        todo = &todo[here..];
    }
    Ok(assemble(layout, selection, cells.into_iter().flatten()))
}

/// The summary of sketches, one for each core series and date.
pub fn from_sketches(sketches: &[Sketch], layout: &Layout, selection: &Selection) -> Summary {
    assemble(layout, selection, sketches.iter().map(Sketch::stats))
}

fn assemble(layout: &Layout, selection: &Selection, mut cells: impl Iterator<Item = Stats>) -> Summary {
    let dates = layout.months.len();
    let series = selection.series.iter().map(|s| s.with(layout, cells.by_ref().take(dates))).collect();
    Summary { series, quantile_error: selection.method.error() }
}

/// The sketches at the start of an ensemble, one for each core series and date; `count` is 0 where quantiles are exact.
pub fn empty_sketches(count: usize) -> Vec<Sketch> {
    vec![Sketch::default(); count]
}

/// A number as text: empty where it does not exist, else the shortest text that reads back to the same number.
pub(super) fn text(value: f64) -> String {
    if value.is_nan() { String::new() } else { value.to_string() }
}

/// A row of `summary.csv`.
pub(super) fn row(series: &Series, month: Month, stats: &Stats) -> Vec<String> {
    let metric = format!("{}.{}", series.kind.word(), series.metric);
    let names = [&metric, &series.entity, &series.segment, &series.unit];
    let mut row: Vec<String> = names.into_iter().cloned().chain([month.last_day(), stats.n.to_string()]).collect();
    row.extend([stats.mean, stats.sd, stats.mcse].into_iter().chain(stats.quantiles).map(text));
    row
}

/// Writes `summary.csv` into a folder.
pub fn write(summary: &Summary, folder: &Path) -> Result<(), OutputError> {
    let path = folder.join(FILE);
    let wrong = |e: csv::Error| OutputError::table(&path, e);
    let mut writer = csv::Writer::from_path(&path).map_err(wrong)?;
    writer.write_record(COLUMNS).map_err(wrong)?;
    for series in &summary.series {
        for (month, stats) in &series.rows {
            writer.write_record(row(series, *month, stats)).map_err(wrong)?;
        }
    }
    writer.flush().map_err(OutputError::file(&path))
}

/// Reads `summary.csv` back. Its quantile error stands in the manifest.
pub fn read(folder: &Path, quantile_error: f64) -> Result<Summary, OutputError> {
    let path = folder.join(FILE);
    let mut reader = csv::Reader::from_path(&path).map_err(|e| OutputError::table(&path, e))?;
    let mut series: Vec<Series> = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|e| OutputError::table(&path, e))?;
        let line = row.position().map_or(0, |p| p.line());
        let (name, month, stats) =
            parse(&row).ok_or_else(|| OutputError::table(&path, format!("line {line} is no row of a summary")))?;
        let (kind, metric) = name;
        let same = series
            .last()
            .is_some_and(|s| s.kind == kind && s.metric == metric && s.entity == row[1] && s.segment == row[2]);
        if !same {
            series.push(Series {
                kind,
                metric: metric.to_string(),
                entity: row[1].to_string(),
                segment: row[2].to_string(),
                unit: row[3].to_string(),
                rows: Vec::new(),
            });
        }
        if let Some(last) = series.last_mut() {
            last.rows.push((month, stats));
        }
    }
    Ok(Summary { series, quantile_error })
}

/// Table and metric, date and statistics of a row; `None` where it is no row of a summary.
pub(super) fn parse(row: &csv::StringRecord) -> Option<((TableKind, &str), Month, Stats)> {
    if row.len() != COLUMNS.len() {
        return None;
    }
    let (table, metric) = row[0].split_once('.')?;
    let kind = TableKind::ALL.into_iter().find(|k| k.word() == table)?;
    let month: Month = row[4].get(..7)?.parse().ok()?;
    let number = |i: usize| if row[i].is_empty() { Some(f64::NAN) } else { row[i].parse().ok() };
    let mut quantiles = [f64::NAN; QUANTILES.len()];
    for (i, q) in quantiles.iter_mut().enumerate() {
        *q = number(9 + i)?;
    }
    let stats = Stats { n: row[5].parse().ok()?, mean: number(6)?, sd: number(7)?, mcse: number(8)?, quantiles };
    Some(((kind, metric), month, stats))
}
