//! The folder of a sensitivity analysis read back: what its figures are drawn from.

use std::path::Path;

use super::{COMMAND, Found};
use crate::experiment::sensitivity::{Analysis, Estimate, Index, Method, Scale};
use crate::experiment::summary::Series;
use crate::output::OutputError;
use crate::output::manifest::{self, Manifest};
use crate::output::rows::{Row, Rows};
use crate::record::TableKind;

/// Reads the folder of a sensitivity analysis.
///
/// # Errors
/// When the folder is none of a sensitivity analysis, or a file of it cannot be read.
pub fn read(folder: &Path) -> Result<Found, OutputError> {
    let refused = |what: String| OutputError::Refused {
        path: folder.to_path_buf(),
        what,
        hint: "name a folder that `aimarket sensitivity` has written".into(),
    };
    let manifest = Manifest::of(folder).ok_or_else(|| refused(format!("holds no {} of ours", manifest::FILE)))?;
    if manifest.design.command != COMMAND {
        return Err(refused(format!("holds the result of `aimarket {}`", manifest.design.command)));
    }
    let sampling = manifest.sampling.as_ref().and_then(|s| Some((Method::of(&s.method)?, s.rows as usize)));
    let (method, rows) = sampling.ok_or_else(|| refused(format!("does not tell its design in {}", manifest::FILE)))?;

    let table = Rows::read(&folder.join("sensitivity.csv"))?;
    let mut moved: Vec<(Key<'_>, Vec<Index>)> = Vec::new();
    let mut factors: Vec<String> = Vec::new();
    for row in table.iter() {
        let key = key(row)?;
        if moved.last().is_none_or(|(of, _)| *of != key) {
            moved.push((key, Vec::new()));
        }
        let name = row.word("parameter")?;
        let place = moved.last().map_or(0, |(_, indices)| indices.len());
        if moved.len() == 1 {
            factors.push(name.to_string());
        } else if factors.get(place).is_none_or(|of| of != name) {
            // All series have the same factors in the same order.
            return Err(row.wrong("parameter"));
        }
        if let Some((_, indices)) = moved.last_mut() {
            indices.push(index(row)?);
        }
    }
    if moved.iter().any(|(_, indices)| indices.len() != factors.len()) {
        return Err(table.wrong("some series lack a parameter"));
    }

    let mut moved = moved.into_iter().peekable();
    let (mut series, mut analyses) = (Vec::new(), Vec::new());
    let variance = Rows::read(&folder.join("variance.csv"))?;
    for row in variance.iter() {
        let key = key(row)?;
        let (kind, metric) = kind_and_metric(key.0).ok_or_else(|| row.wrong("metric"))?;
        let indices = moved.next_if(|(of, _)| *of == key).map_or(Vec::new(), |(_, indices)| indices);
        let factor = |column: &str| -> Result<Option<usize>, OutputError> {
            let name = row.word(column)?;
            let at = factors.iter().position(|f| f == name);
            if name.is_empty() { Ok(None) } else { at.map(Some).ok_or_else(|| row.wrong(column)) }
        };
        let apart = estimate(row, "greatest_less_second")?;
        let scale = Scale::of_word(row.word("scale")?).ok_or_else(|| row.wrong("scale"))?;
        analyses.push(Analysis {
            scale,
            n: row.value("n")?,
            mean: row.number("mean")?,
            sd: row.number("sd")?,
            least: row.number("min")?,
            greatest: row.number("max")?,
            sd_on_scale: row.number("sd_on_scale")?,
            indices,
            sum_first: estimate(row, "sum_first")?,
            within: estimate(row, "within_point")?,
            lead: factor("greatest")?.zip(factor("second")?).map(|(one, two)| (one, two, apart)),
        });
        let [entity, segment, unit] = [key.1, key.2, row.word("unit")?].map(str::to_string);
        series.push(Series { kind, metric: metric.to_string(), entity, segment, unit, rows: Vec::new() });
    }
    if moved.next().is_some() {
        return Err(table.wrong("has series that variance.csv does not have, or in another order"));
    }
    Ok(Found { provenance: manifest.provenance(), method, factors, series, analyses, rows, manifest })
}

/// Metric, entity and segment of a row.
type Key<'r> = (&'r str, &'r str, &'r str);

fn key(row: Row<'_>) -> Result<Key<'_>, OutputError> {
    Ok((row.word("metric")?, row.word("entity")?, row.word("segment")?))
}

fn kind_and_metric(name: &str) -> Option<(TableKind, &str)> {
    let (table, metric) = name.split_once('.')?;
    Some((TableKind::ALL.into_iter().find(|k| k.word() == table)?, metric))
}

fn estimate(row: Row<'_>, column: &str) -> Result<Estimate, OutputError> {
    let end = |end: &str| row.number(&format!("{column}_{end}"));
    Ok(Estimate { value: row.number(column)?, low: end("low")?, high: end("high")? })
}

fn index(row: Row<'_>) -> Result<Index, OutputError> {
    Ok(Index {
        n: row.value("n")?,
        first: estimate(row, "first")?,
        total: estimate(row, "total")?,
        mu: row.number("mu")?,
        mu_star: estimate(row, "mu_star")?,
        sigma: row.number("sigma")?,
    })
}
