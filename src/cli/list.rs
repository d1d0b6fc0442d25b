//! `aimarket list`

use super::arguments::{ListArguments, Listed};
use super::failure::{Failure, SCENARIO};
use crate::experiment::summary::split_segment;
use crate::run::Model;
use crate::scenario::{Scenario, describe};

/// Prints what there is, one line each.
pub fn list<M: Model>(
    arguments: &ListArguments,
    prepare: &impl Fn(&Scenario) -> Result<M, String>,
) -> Result<(), Failure> {
    let rows: Vec<Vec<String>> = match arguments.what {
        Listed::Scenarios => describe::scenarios().into_iter().map(|r| vec![r.name, r.meaning]).collect(),
        Listed::Mechanisms => describe::mechanisms().into_iter().map(|r| vec![r.name, r.meaning]).collect(),
        Listed::Strategies => describe::strategies()
            .into_iter()
            .map(|r| {
                let parameters = if r.parameters.is_empty() { "–".to_string() } else { r.parameters.join(", ") };
                vec![r.path, r.name.to_string(), parameters, r.meaning.to_string()]
            })
            .collect(),
        Listed::Parameters => describe::parameters()
            .into_iter()
            .map(|r| {
                let words = [r.unit, &r.range, &r.default, r.class, r.tag, r.meaning, r.source].map(str::to_string);
                std::iter::once(r.path).chain(words).collect()
            })
            .collect(),
        Listed::Metrics => metrics(prepare)?,
    };
    print(&rows);
    Ok(())
}

/// The metrics of the baseline: what is recorded depends on its sectors and jurisdictions.
fn metrics<M: Model>(prepare: &impl Fn(&Scenario) -> Result<M, String>) -> Result<Vec<Vec<String>>, Failure> {
    let scenario = Scenario::load("baseline", &[]).map_err(|faults| Failure::faults(&faults))?;
    let model = prepare(&scenario).map_err(|e| Failure::new(SCENARIO, e))?;
    let mut rows = Vec::new();
    for table in &model.layout().tables {
        for column in &table.columns {
            let (metric, segment) = split_segment(&column.name);
            let word = table.kind.word();
            let path = match table.kind {
                crate::record::TableKind::Market => format!("{word}.{}", column.name),
                _ => format!("{word}.<id>.{}", column.name),
            };
            let kept = if column.core { "core" } else { "all" };
            let segment = if segment.is_empty() { "–".to_string() } else { format!("{metric} in {segment}") };
            rows.push(vec![path, column.unit.to_string(), kept.to_string(), segment, column.meaning.clone()]);
        }
    }
    Ok(rows)
}

/// Prints rows in columns as wide as they need, two spaces apart.
pub fn print(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let last = row.len().saturating_sub(1);
        let mut line = String::new();
        for (c, cell) in row.iter().enumerate() {
            line.push_str(cell);
            if c < last {
                let gap = widths[c] - cell.chars().count() + 2;
                line.extend(std::iter::repeat_n(' ', gap));
            }
        }
        anstream::println!("{line}");
    }
}
