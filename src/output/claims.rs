//! `claims.csv`: the claims with their scores, to disk and back.

use std::path::Path;

use super::OutputError;
use super::summarise::text;
use crate::experiment::claims::{Along, Driven, Scored};

/// File name.
pub const FILE: &str = "claims.csv";

const COLUMNS: [&str; 18] = [
    "id",
    "source",
    "text",
    "test",
    "probability",
    "ci_low",
    "ci_high",
    "outcome",
    "brier",
    "n",
    "undecided",
    "conditioned_out",
    "not_decidable",
    "assumption_driven",
    "ridge",
    "ridge_low",
    "ridge_high",
    "ridge_se",
];

/// Writes `claims.csv` into a folder.
pub fn write(claims: &[Scored], folder: &Path) -> Result<(), OutputError> {
    let path = folder.join(FILE);
    let wrong = |e: csv::Error| OutputError::table(&path, e);
    let mut writer = csv::Writer::from_path(&path).map_err(wrong)?;
    writer.write_record(COLUMNS).map_err(wrong)?;
    for claim in claims {
        let Scored { id, source, text: words, test, probability, ci_low, ci_high, outcome, brier, .. } = claim;
        let mut row: Vec<String> = [id, source, words, test].map(String::clone).into();
        row.extend([*probability, *ci_low, *ci_high].map(text));
        row.push(outcome.map_or(String::new(), |o| o.to_string()));
        row.push(text(*brier));
        row.extend([claim.n, claim.undecided, claim.conditioned_out].map(|n| n.to_string()));
        row.push(claim.not_decidable.clone());
        match &claim.along {
            Some(Along { leader, low, high, se, driven }) => {
                row.extend([driven.word().to_string(), leader.clone(), text(*low), text(*high), text(*se)]);
            }
            None => row.extend((0..5).map(|_| String::new())),
        }
        writer.write_record(&row).map_err(wrong)?;
    }
    writer.flush().map_err(OutputError::file(&path))
}

/// Reads `claims.csv` back; a folder without it has no claims.
pub fn read(folder: &Path) -> Result<Vec<Scored>, OutputError> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut reader = csv::Reader::from_path(&path).map_err(|e| OutputError::table(&path, e))?;
    let mut claims = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|e| OutputError::table(&path, e))?;
        let line = row.position().map_or(0, |p| p.line());
        claims.push(parse(&row).ok_or_else(|| OutputError::table(&path, format!("line {line} is no claim")))?);
    }
    Ok(claims)
}

fn parse(row: &csv::StringRecord) -> Option<Scored> {
    if row.len() != COLUMNS.len() {
        return None;
    }
    let word = |i: usize| row[i].to_string();
    let number = |i: usize| if row[i].is_empty() { Some(f64::NAN) } else { row[i].parse().ok() };
    let along = match Driven::of(&row[13]) {
        Some(driven) => Some(Along { leader: word(14), low: number(15)?, high: number(16)?, se: number(17)?, driven }),
        None => None,
    };
    Some(Scored {
        id: word(0),
        source: word(1),
        text: word(2),
        test: word(3),
        probability: number(4)?,
        ci_low: number(5)?,
        ci_high: number(6)?,
        outcome: if row[7].is_empty() { None } else { Some(row[7].parse().ok()?) },
        brier: number(8)?,
        n: row[9].parse().ok()?,
        undecided: row[10].parse().ok()?,
        conditioned_out: row[11].parse().ok()?,
        not_decidable: word(12),
        along,
    })
}
