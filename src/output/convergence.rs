//! `convergence.csv`: running means and standard errors of what is watched, by the number of runs.

use std::path::Path;

use super::OutputError;
use super::summarise::text;
use crate::experiment::statistics::Z95;
use crate::experiment::stopping::Watch;

/// File name.
pub const FILE: &str = "convergence.csv";

const COLUMNS: [&str; 9] = ["path", "unit", "runs", "n", "mean", "se", "ci_low", "ci_high", "target"];

/// One quantity along the runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Converging {
    /// Path.
    pub path: String,
    /// Unit.
    pub unit: String,
    /// Standard error that was asked for as the mean stands at the end; `None` where none was.
    pub target: Option<f64>,
    /// (Runs, failed ones too; mean; standard error), by rising runs.
    pub rows: Vec<(u64, f64, f64)>,
}

/// Writes the file into a folder: a row a quantity and count, the last for all runs.
pub fn write(watch: &Watch, folder: &Path) -> Result<(), OutputError> {
    let path = folder.join(FILE);
    let wrong = |e: csv::Error| OutputError::table(&path, e);
    let mut writer = csv::Writer::from_path(&path).map_err(wrong)?;
    writer.write_record(COLUMNS).map_err(wrong)?;
    let trace = watch.trace();
    for (at, quantity) in watch.quantities.iter().enumerate() {
        let target = watch.asked(at).map(text).unwrap_or_default();
        for (runs, known) in &trace {
            let k = known[at];
            let half = Z95 * k.standard_error;
            let mut row = vec![quantity.path.clone(), quantity.unit.clone(), runs.to_string(), k.n.to_string()];
            row.extend([k.mean, k.standard_error, k.mean - half, k.mean + half].map(text));
            row.push(target.clone());
            writer.write_record(&row).map_err(wrong)?;
        }
    }
    writer.flush().map_err(OutputError::file(&path))
}

/// Reads it back; nothing where there is no such file.
pub fn read(folder: &Path) -> Result<Vec<Converging>, OutputError> {
    let path = folder.join(FILE);
    let mut all: Vec<Converging> = Vec::new();
    if !path.is_file() {
        return Ok(all);
    }
    let mut reader = csv::Reader::from_path(&path).map_err(|e| OutputError::table(&path, e))?;
    for row in reader.records() {
        let row = row.map_err(|e| OutputError::table(&path, e))?;
        let line = row.position().map_or(0, |p| p.line());
        let number = |i: usize| match row.get(i) {
            Some("") => Some(f64::NAN),
            text => text?.parse().ok(),
        };
        let read = || Some((row.get(2)?.parse().ok()?, number(4)?, number(5)?));
        let Some(known) = read().filter(|_| row.len() == COLUMNS.len()) else {
            return Err(OutputError::table(&path, format!("line {line} is no row of it")));
        };
        if all.last().is_none_or(|c| c.path != row[0]) {
            let target = row[8].parse().ok();
            all.push(Converging { path: row[0].to_string(), unit: row[1].to_string(), target, rows: Vec::new() });
        }
        if let Some(last) = all.last_mut() {
            last.rows.push(known);
        }
    }
    Ok(all)
}
