//! The short note at the end: sentences and a table that could be pasted as they are. Every number stands in the files.

use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use super::{LABS, OUTCOMES};
use crate::cli::terminal::{thousands, usd};
use crate::experiment::sensitivity::{Analysis, Design, Estimate, Index, Method};
use crate::output::sensitivity::{Found, Request};
use crate::record::TableKind;
use crate::scenario::Role;

/// Parameters that are told of an outcome.
const TOLD: usize = 3;
/// Width of an interval of a share of the variance from which on it says little.
const WIDE: f64 = 1.0;

/// What will be run, in a line or two.
pub fn plan(scenario: &str, design: &Design, (fixed, others): (usize, usize), request: &Request) -> String {
    let varied = design.factors.len();
    let what = if design.method == Method::Morris { "trajectories" } else { "rows" };
    let mut text = format!(
        "{scenario}: {varied} uncertain parameters and chance, {} {what} of {} runs: {} runs, {} threads",
        thousands(design.rows as u64),
        design.members(),
        thousands(design.runs()),
        request.threads
    );
    if fixed > 0 {
        text.push_str(&format!("\n{fixed} more parameters are fixed by others and are no factors of their own"));
    }
    if others > 0 {
        text.push_str(&format!("\n{}", left_to_chance(others)));
    }
    text
}

/// What is said of the parameters that `--parameters` leaves out.
fn left_to_chance(others: usize) -> String {
    format!("{others} other uncertain parameters stay drawn in every run and count as chance.")
}

fn percent(x: f64) -> String {
    let p = 100.0 * x;
    if p.abs() > 0.0 && p.abs() < 0.95 { format!("{p:.1}%") } else { format!("{p:.0}%") }
}

fn band(e: Estimate) -> String {
    if !e.value.is_finite() {
        return "–".to_string();
    }
    format!("{} [{}, {}]", percent(e.value), percent(e.low), percent(e.high))
}

/// An outcome that is told: what it is called, its unit, what moves it.
struct Told<'a> {
    called: String,
    unit: &'a str,
    analysis: &'a Analysis,
}

fn told(found: &Found) -> Vec<Told<'_>> {
    let labs = found.labs();
    let mut told = Vec::new();
    for (id, name) in labs.iter().take(LABS) {
        for (metric, called, _) in OUTCOMES {
            let series =
                found.series.iter().find(|s| s.kind == TableKind::Labs && s.metric == metric && s.entity == *id);
            if let (Some(series), Some(analysis)) = (series, found.of(TableKind::Labs, metric, id)) {
                told.push(Told { called: format!("{name}: {called}"), unit: &series.unit, analysis });
            }
        }
    }
    told
}

/// An effect in the unit of its outcome.
fn effect(e: Estimate, unit: &str) -> String {
    if !e.value.is_finite() {
        "–".to_string()
    } else if unit.starts_with("USD") {
        format!("{} [{}, {}]", usd(e.value), usd(e.low), usd(e.high))
    } else {
        // A share moves by points, so that it is not read as a part of the variance.
        let [value, low, high] = [e.value, e.low, e.high].map(|v| 100.0 * v);
        format!("{value:.1} points [{low:.1}, {high:.1}]")
    }
}

/// What an index is ranked by, as text.
fn strength(index: &Index, unit: &str, design: &Design) -> String {
    if design.method == Method::Morris { effect(index.mu_star, unit) } else { band(index.total) }
}

/// The note: sentences, then the table.
///
/// `others` counts the uncertain parameters that are not varied.
pub fn note(found: &Found, design: &Design, others: usize) -> String {
    let outcomes = told(found);
    let mut lines = Vec::new();
    let end = found.provenance.end;
    for told in &outcomes {
        lines.push(sentence(told, design, (found.rows, others), &end.to_string()));
    }
    if outcomes.is_empty() {
        lines.push("No lab has an enterprise share at the horizon; sensitivity.csv has all series.".to_string());
    }
    if design.method != Method::Morris {
        let sums: Vec<Estimate> =
            outcomes.iter().map(|t| t.analysis.sum_first).filter(|e| e.value.is_finite()).collect();
        let short = sums.iter().filter(|e| e.high < 1.0).count();
        if short > 0 {
            lines.push(format!(
                "First-order indices sum to less than 1 beyond noise for {short} of these {} outcomes: the rest is interaction.",
                sums.len()
            ));
        } else if !sums.is_empty() {
            lines.push("First-order indices sum to 1 within noise: interactions cannot be told from none.".to_string());
        }
        if sums.iter().any(|e| e.high - e.low > WIDE) {
            lines.push(
                "Some sums are known only to half of the variance or worse; more --samples would tell.".to_string(),
            );
        }
    }
    if others > 0 {
        lines.push(left_to_chance(others));
    }
    let ridge: Vec<&str> =
        design.factors.iter().filter(|f| f.role != Role::Independent).map(|f| f.path.as_str()).collect();
    if !ridge.is_empty() {
        lines.push(format!(
            "{} lie on ridges: what leads counts what it moves through those that follow, what follows counts its own part alone (column role).",
            ridge.join(", ")
        ));
    }
    lines.push(table(&outcomes, design));
    lines.join("\n")
}

fn sentence(told: &Told, design: &Design, (rows, others): (usize, usize), end: &str) -> String {
    let Told { called, unit, analysis } = told;
    let head = format!("{called} at {end}");
    let Some(chance) = analysis.chance() else {
        return format!("{head}: it exists in {} of {rows} rows or does not vary, so it has no indices.", analysis.n);
    };
    let luck = if design.method == Method::Morris {
        format!("chance moves it by {}", effect(chance.mu_star, unit))
    } else {
        let check = if analysis.within.value.is_finite() {
            format!(" ({} from replicates)", band(analysis.within))
        } else {
            String::new()
        };
        let known = if others > 0 { "these parameters" } else { "every parameter" };
        format!("with {known} known, chance would leave {} of the variance{check}", band(chance.total))
    };
    let Some((one, two, apart)) = analysis.lead else { return format!("{head}: {luck}.") };
    let of = |factor: usize| format!("{} ({})", design.name(factor), strength(&analysis.indices[factor], unit, design));
    let told = if apart.is_noise() {
        "which of the two is greater is within noise"
    } else {
        "the first is the greater, beyond noise"
    };
    format!("{head}: {luck}; {} and {} move it most, {told}.", of(one), of(two))
}

fn table(outcomes: &[Told], design: &Design) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let morris = design.method == Method::Morris;
    let mut head = vec!["outcome".to_string(), if morris { "chance, mu*" } else { "chance, total" }.to_string()];
    head.push(format!("parameters that move it most, {}", if morris { "mu*" } else { "total index" }));
    if !morris {
        head.push("sum of first order".to_string());
    }
    table.set_header(head);
    for told in outcomes.iter().filter(|t| !t.analysis.indices.is_empty()) {
        let index = |factor: usize| &told.analysis.indices[factor];
        let strongest: Vec<String> = told
            .analysis
            .ranked()
            .into_iter()
            .take(TOLD)
            .map(|f| format!("{} {}", design.name(f), strength(index(f), told.unit, design)))
            .collect();
        let mut row = vec![
            told.called.clone(),
            told.analysis.chance().map_or(String::new(), |c| strength(c, told.unit, design)),
            strongest.join("\n"),
        ];
        if !morris {
            row.push(band(told.analysis.sum_first));
        }
        table.add_row(row);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// The object of `--json`; a number that does not exist is null.
pub fn json(found: &Found, design: &Design, others: usize, folder: &Path, interrupted: bool) -> Value {
    let estimate = |e: Estimate| json!({ "value": e.value, "low": e.low, "high": e.high });
    let factor = |at: usize, index: &Index| {
        json!({
            "parameter": design.name(at),
            "role": design.factors.get(at).map_or("chance", |f| f.role.word()),
            "n": index.n,
            "first": estimate(index.first),
            "total": estimate(index.total),
            "mu": index.mu,
            "mu_star": estimate(index.mu_star),
            "sigma": index.sigma,
        })
    };
    let outcome = |t: &Told| {
        json!({
            "outcome": t.called,
            "unit": t.unit,
            "n": t.analysis.n,
            "chance": t.analysis.chance().map(|c| factor(design.chance(), c)),
            "within_point": estimate(t.analysis.within),
            "sum_first": estimate(t.analysis.sum_first),
            "strongest": t.analysis.ranked().into_iter().take(TOLD)
                .map(|f| factor(f, &t.analysis.indices[f])).collect::<Vec<Value>>(),
            "first_less_second": t.analysis.lead.map(|(_, _, apart)| estimate(apart)),
        })
    };
    json!({
        "scenario": found.provenance.scenario,
        "folder": folder,
        "interrupted": interrupted,
        "method": design.method.word(),
        "parameters": design.factors.len(),
        "parameters_left_to_chance": others,
        "rows": found.rows,
        "runs": found.manifest.completed,
        "failed": found.manifest.failed,
        "seed": found.provenance.seed,
        "end": found.manifest.end,
        "outcomes": told(found).iter().map(outcome).collect::<Vec<Value>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_on_a_share_is_told_in_points_and_one_on_a_value_in_dollars() {
        let of = |value: f64| Estimate { value, low: 0.5 * value, high: 2.0 * value };
        assert_eq!(effect(of(0.08), "fraction"), "8.0 points [4.0, 16.0]");
        assert_eq!(effect(of(3.0e11), "USD"), "$300bn [$150bn, $600bn]");
        assert_eq!(effect(Estimate::NONE, "fraction"), "–");
    }
}
