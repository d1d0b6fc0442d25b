//! A table of points: a header of paths, a row a point.

use std::path::Path;

use super::spec::{compile, number_text};
use super::{Column, Design, DesignFault, MOST_POINTS};
use crate::scenario::Parameters;

/// Columns that the points of an earlier sweep have beside their paths; they are passed over, so that its `points.csv` can be
/// run again.
pub const BESIDE: [&str; 4] = ["point", "runs", "failed", "target_met"];

/// Reads a table of points. `place` names what asked for it.
pub(super) fn read(place: &str, file: &Path, parameters: &Parameters) -> Result<Design, Vec<DesignFault>> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .map_err(|e| vec![DesignFault::new(place, format!("{name}: {e}"), "name a CSV file: table=FILE.csv")])?;
    parse(&name, &text, parameters)
}

/// Reads the text of a table of points; `name` stands in messages.
pub(super) fn parse(name: &str, text: &str, parameters: &Parameters) -> Result<Design, Vec<DesignFault>> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut faults: Vec<DesignFault> = Vec::new();
    let mut columns: Vec<(usize, Column)> = Vec::new();
    let mut names = Vec::new();
    let mut width = None;
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                faults.push(DesignFault::new(name, error.to_string(), None));
                break;
            }
        };
        let line = row.position().map_or(0, csv::Position::line);
        let Some(width) = width else {
            width = Some(row.len());
            for (at, path) in row.iter().enumerate().filter(|(_, path)| !BESIDE.contains(path)) {
                let spot = format!("{name} line {line}, column {}", at + 1);
                if columns.iter().any(|(_, other)| super::overlaps(&other.path, path)) {
                    let message = format!("`{path}` is varied by an earlier column already");
                    faults.push(DesignFault::new(&spot, message, "vary each value once"));
                    continue;
                }
                match compile(&spot, path, parameters) {
                    Ok(place) => {
                        let strategy = place.variants().is_some();
                        let (path, spec, texts) = (path.to_string(), String::new(), Vec::new());
                        columns.push((at, Column { path, spec, texts, strategy }));
                    }
                    Err(fault) => faults.push(fault),
                }
            }
            continue;
        };
        if row.len() != width {
            let message = format!("{} values for {width} columns", row.len());
            faults.push(DesignFault::new(&format!("{name} line {line}"), message, "write one for each column"));
            continue;
        }
        for (at, column) in &mut columns {
            let value = row[*at].trim();
            if value.is_empty() {
                let spot = format!("{name} line {line}, column {}", *at + 1);
                faults.push(DesignFault::new(&spot, format!("`{}` has no value", column.path), "write one"));
            }
            column.texts.push(plain(value));
        }
        names.push(format!("{name} line {line}"));
    }
    if faults.is_empty() && columns.is_empty() {
        faults.push(DesignFault::new(name, "names no path", "write a header of paths and a row a point below it"));
    } else if faults.is_empty() && !(1..=MOST_POINTS as usize).contains(&names.len()) {
        let hint = Some(format!("1 to {MOST_POINTS} would do"));
        faults.push(DesignFault { place: name.to_string(), message: format!("{} points", names.len()), hint });
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Design { word: "table".to_string(), columns: columns.into_iter().map(|c| c.1).collect(), names })
}

/// A number that a spreadsheet writes and TOML does not read (`.5`, `1E+06`) as TOML writes it; any other value as it stands.
fn plain(value: &str) -> String {
    match value.parse::<f64>() {
        Ok(x) if x.is_finite() => {
            let read = format!("x = {value}").parse::<toml::Table>();
            if read.is_ok() { value.to_string() } else { number_text(x) }
        }
        _ => value.to_string(),
    }
}
