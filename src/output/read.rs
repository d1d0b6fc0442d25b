//! A results folder read back: what figures and the table at the end of a run are made of.

use std::fs::File;
use std::path::Path;

use arrow_array::{Array, Float64Array, StringArray};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{Manifest, OutputError, claims, manifest, summarise};
use crate::experiment::claims::Scored;
use crate::experiment::summary::{Horizon, Provenance, Summary};
use crate::record::TableKind;

/// Most runs of the horizon that are held in memory: enough for any density, and no more with more runs.
pub const HORIZON_RUNS: u64 = 10_000;

/// A result.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// Where it comes from.
    pub provenance: Provenance,
    /// Statistics by date.
    pub summary: Summary,
    /// The last date of the first [`HORIZON_RUNS`] runs.
    pub horizon: Horizon,
    /// The claims with their scores.
    pub claims: Vec<Scored>,
    /// The manifest.
    pub manifest: Manifest,
}

/// Reads a results folder.
pub fn read(folder: &Path) -> Result<Results, OutputError> {
    let manifest = Manifest::of(folder).ok_or_else(|| OutputError::Refused {
        path: folder.to_path_buf(),
        what: format!("holds no {} of ours", manifest::FILE),
        hint: "name a folder that `aimarket run`, or an experiment, has written".into(),
    })?;
    Ok(Results {
        provenance: manifest.provenance(),
        summary: summarise::read(folder, manifest.quantile_error)?,
        horizon: horizon(&folder.join("horizon.parquet"))?,
        claims: claims::read(folder)?,
        manifest,
    })
}

fn horizon(path: &Path) -> Result<Horizon, OutputError> {
    let file = File::open(path).map_err(OutputError::file(path))?;
    let wrong = |e: &dyn std::fmt::Display| OutputError::table(path, e);
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| wrong(&e))?;
    let schema = builder.schema().clone();
    let columns_of = |table: &str| -> Vec<usize> {
        let holds = |i: &usize| {
            let tables = schema.field(*i).metadata().get("tables");
            tables.is_some_and(|t| t.split(',').any(|word| word == table))
        };
        (3..schema.fields().len()).filter(holds).collect()
    };
    let by_kind: Vec<(TableKind, Vec<usize>)> =
        TableKind::ALL.into_iter().map(|kind| (kind, columns_of(kind.word()))).collect();
    let mut horizon = Horizon::default();
    // Where the columns of each agent begin, in the order of the rows of a run.
    let mut agents: Vec<(String, TableKind, usize)> = Vec::new();
    let mut row_of_run = 0;
    let mut runs = 0;
    for batch in builder.build().map_err(|e| wrong(&e))? {
        let batch = batch.map_err(|e| wrong(&e))?;
        let words = |i: usize| batch.column(i).as_any().downcast_ref::<StringArray>();
        let (Some(tables), Some(entities)) = (words(1), words(2)) else {
            return Err(wrong(&"the columns `table` and `entity` are not text"));
        };
        let numbers: Vec<Option<&Float64Array>> = batch.columns().iter().map(|c| c.as_any().downcast_ref()).collect();
        for row in 0..batch.num_rows() {
            let (table, entity) = (tables.value(row), entities.value(row));
            let again = |a: &(String, TableKind, usize)| a.0 == entity && a.1.word() == table;
            if runs == 0 && agents.first().is_some_and(again) {
                runs = 1;
                row_of_run = 0;
            }
            if runs == 0 {
                let kind = by_kind.iter().find(|(k, _)| k.word() == table).ok_or_else(|| wrong(&table))?;
                agents.push((entity.to_string(), kind.0, horizon.columns.len()));
                for &i in &kind.1 {
                    horizon.columns.push((kind.0, entity.to_string(), schema.field(i).name().clone()));
                    horizon.values.push(Vec::new());
                }
            } else if row_of_run == agents.len() {
                runs += 1;
                row_of_run = 0;
            }
            if runs >= HORIZON_RUNS {
                return Ok(horizon);
            }
            let (_, kind, begin) = &agents[row_of_run];
            let Some((_, columns)) = by_kind.iter().find(|(k, _)| k == kind) else { continue };
            for (offset, &i) in columns.iter().enumerate() {
                let value = numbers[i].filter(|a| a.is_valid(row)).map_or(f64::NAN, |a| a.value(row));
                horizon.values[begin + offset].push(value);
            }
            row_of_run += 1;
        }
    }
    Ok(horizon)
}
