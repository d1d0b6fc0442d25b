//! `winners.csv`: how likely each lab leads, turns profitable, is acquired or defaults, by date.

use std::path::Path;

use super::{OutputError, Results};
use crate::experiment::winners::winners;

/// File name.
pub const FILE: &str = "winners.csv";

/// Writes `winners.csv` into a folder: a row a lab, outcome and date (the ends of years and the horizon).
pub fn write(results: &Results, folder: &Path) -> Result<(), OutputError> {
    let path = folder.join(FILE);
    let wrong = |e: csv::Error| OutputError::table(&path, e);
    let mut writer = csv::Writer::from_path(&path).map_err(wrong)?;
    writer.write_record(["lab", "outcome", "date", "n", "probability", "ci_low", "ci_high"]).map_err(wrong)?;
    for row in winners(&results.provenance, &results.summary, &results.horizon) {
        let c = row.chance;
        let numbers = [c.probability, c.ci_low, c.ci_high].map(|p| p.to_string());
        let [p, low, high] = &numbers;
        let words = [row.lab.as_str(), row.outcome.metric(), &row.month.last_day(), &c.n.to_string(), p, low, high];
        writer.write_record(words).map_err(wrong)?;
    }
    writer.flush().map_err(OutputError::file(&path))
}
