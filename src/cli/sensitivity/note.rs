//! The short note at the end: sentences and a table that could be pasted as they are. Every number stands in the files.

use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use super::{LABS, OUTCOMES};
use crate::cli::terminal::{thousands, usd};
use crate::experiment::sensitivity::{ALL_ELSE, Analysis, CHANCE, CHANCE_STEP, Design, Estimate, Index, Method, Scale};
use crate::output::sensitivity::{Found, Request};
use crate::record::TableKind;
use crate::scenario::Role;

/// Parameters that are told of an outcome.
const TOLD: usize = 3;
/// Most rows that `--samples` takes.
const MOST_ROWS: usize = 65_536;

/// What will be run, in a line or two.
pub fn plan(scenario: &str, design: &Design, (fixed, others): (usize, usize), request: &Request) -> String {
    let varied = design.factors.len();
    let what = if design.method == Method::Morris { "trajectories" } else { "rows" };
    let mut text = format!(
        "{scenario}: {varied} uncertain parameters and {}, {} {what} of {} runs: {} runs, {} threads",
        design.name(design.chance()),
        thousands(design.rows as u64),
        design.members(),
        thousands(design.runs()),
        request.threads
    );
    if fixed > 0 {
        text.push_str(&format!("\n{fixed} more parameters are fixed by others and are no factors of their own"));
    }
    if others > 0 {
        text.push_str(&format!("\n{}", left_out(others)));
    }
    text
}

/// What is said of the parameters that `--parameters` leaves out.
fn left_out(others: usize) -> String {
    format!(
        "{others} other uncertain parameters stay drawn in every run: `{ALL_ELSE}` is their luck and chance together."
    )
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
                let scale = if analysis.scale == Scale::Ln { ", in ln" } else { "" };
                told.push(Told { called: format!("{name}: {called}{scale}"), unit: &series.unit, analysis });
            }
        }
    }
    told
}

/// An effect in the unit of its outcome, or in ln of it.
fn effect(e: Estimate, unit: &str, scale: Scale) -> String {
    if !e.value.is_finite() {
        return "–".to_string();
    }
    if scale == Scale::Ln {
        return format!("{:.2} [{:.2}, {:.2}] in ln", e.value, e.low, e.high);
    }
    if unit.starts_with("USD") {
        return format!("{} [{}, {}]", usd(e.value), usd(e.low), usd(e.high));
    }
    // A share moves by points, so that it is not read as a part of the variance.
    let [value, low, high] = [e.value, e.low, e.high].map(|v| 100.0 * v);
    format!("{value:.1} points [{low:.1}, {high:.1}]")
}

/// What an index is ranked by, as text.
fn strength(index: &Index, told: &Told, design: &Design) -> String {
    if design.method == Method::Morris {
        effect(index.mu_star, told.unit, told.analysis.scale)
    } else {
        band(index.total)
    }
}

/// A share as it stands in a sentence: one that is no fact is said to be uncertain.
fn quoted(share: Estimate) -> String {
    if share.is_uncertain_share() { format!("uncertain, {}", band(share)) } else { band(share) }
}

/// A sum of first order that is known well enough to be told.
fn known(sum: Estimate) -> bool {
    sum.value.is_finite() && !sum.is_wide()
}

/// What would make the sums known: an interval narrows with the root of the rows, so four times as many halve it.
fn unknown_sums(unknown: usize, of: usize, rows: usize) -> String {
    let which = if unknown == of { "these".to_string() } else { format!("{unknown} of these {of}") };
    let (count, more) = (thousands(rows as u64), 4 * rows.next_power_of_two());
    let advice = if more <= MOST_ROWS { format!("; --samples {more} would about halve it") } else { String::new() };
    format!(
        "The sum of first order of {which} outcomes is not known at {count} rows: its interval is wider than 100 points{advice}."
    )
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
        let all = sums.len();
        let sums: Vec<Estimate> = sums.into_iter().filter(|e| known(*e)).collect();
        let short = sums.iter().filter(|e| e.high < 1.0).count();
        if short > 0 {
            lines.push(format!(
                "First-order indices sum to less than 1 beyond noise for {short} of {all} outcomes: the rest is interaction."
            ));
        } else if !sums.is_empty() {
            lines.push(format!(
                "First-order indices sum to 1 within noise for {} of {all} outcomes: interactions cannot be told from none.",
                sums.len()
            ));
        }
        if sums.len() < all {
            lines.push(unknown_sums(all - sums.len(), all, found.rows));
        }
    }
    lines.extend(scales(&outcomes));
    if others > 0 {
        lines.push(left_out(others));
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

/// What must be known of the scales.
fn scales(outcomes: &[Told]) -> Vec<String> {
    let mut lines = Vec::new();
    let analysed = || outcomes.iter().filter(|t| !t.analysis.indices.is_empty());
    if analysed().any(|t| t.analysis.scale == Scale::Ln) {
        lines.push(
            "In ln: what is explained is the variance of the logarithm, of which 0.69 is a doubling.".to_string(),
        );
    }
    let linear: Vec<&str> = analysed()
        .filter(|t| t.analysis.scale == Scale::Linear && t.unit.starts_with("USD"))
        .map(|t| t.called.as_str())
        .collect();
    if !linear.is_empty() {
        lines.push(format!(
            "Not above 0 in every run, so not in ln: {}; a few runs may make such a variance.",
            linear.join(", ")
        ));
    }
    lines
}

fn sentence(told: &Told, design: &Design, (rows, others): (usize, usize), end: &str) -> String {
    let Told { called, analysis, .. } = told;
    let head = if analysis.scale == Scale::Ln { format!("{called}, at {end}") } else { format!("{called} at {end}") };
    let Some(chance) = analysis.chance() else {
        return format!("{head}: it exists in {} of {rows} rows or does not vary, so it has no indices.", analysis.n);
    };
    // What is not varied is drawn with the run, and is no luck.
    let who = if others > 0 { format!("{ALL_ELSE} (chance and {others} more parameters)") } else { CHANCE.to_string() };
    let luck = if design.method == Method::Morris {
        // The elementary effect of chance is a difference over the length that stands for another run number.
        let moved = chance.mu_star.scaled(CHANCE_STEP);
        format!("other draws of {who} move it by {}", effect(moved, told.unit, told.analysis.scale))
    } else {
        let check = if analysis.within.value.is_finite() {
            format!(" (from replicates: {})", quoted(analysis.within))
        } else {
            String::new()
        };
        let known = if others > 0 { "these parameters" } else { "every parameter" };
        if chance.total.is_uncertain_share() {
            let share = band(chance.total);
            format!("with {known} known, what {who} would leave of the variance is uncertain, {share}{check}")
        } else {
            format!("with {known} known, {who} would leave {} of the variance{check}", band(chance.total))
        }
    };
    let Some((one, two, apart)) = analysis.lead else { return format!("{head}: {luck}.") };
    let morris = design.method == Method::Morris;
    let of = |factor: usize| {
        let index = &analysis.indices[factor];
        let size = if morris { effect(index.mu_star, told.unit, told.analysis.scale) } else { quoted(index.total) };
        format!("{} ({size})", design.name(factor))
    };
    let doubt = !morris && [one, two].iter().any(|f| analysis.indices[*f].total.is_uncertain_share());
    let most = if doubt { "seem to move it most" } else { "move it most" };
    let order = if apart.is_noise() {
        "which of the two is greater is within noise"
    } else {
        "the first is the greater, beyond noise"
    };
    format!("{head}: {luck}; {} and {} {most}, {order}.", of(one), of(two))
}

fn table(outcomes: &[Told], design: &Design) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let morris = design.method == Method::Morris;
    let rest = design.name(design.chance());
    let mut head = vec!["outcome".to_string(), format!("{rest}, {}", if morris { "mu*" } else { "total" })];
    head.push(format!("parameters that move it most, {}", if morris { "mu*" } else { "total index" }));
    // A column of numbers that are not known would only be copied.
    let sums = !morris && outcomes.iter().any(|t| known(t.analysis.sum_first));
    if sums {
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
            .map(|f| format!("{} {}", design.name(f), strength(index(f), told, design)))
            .collect();
        let mut row = vec![
            told.called.clone(),
            told.analysis.chance().map_or(String::new(), |c| strength(c, told, design)),
            strongest.join("\n"),
        ];
        if sums {
            let sum = told.analysis.sum_first;
            row.push(if known(sum) { band(sum) } else { "not known at this size".to_string() });
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
            "role": design.role(at),
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
            "scale": t.analysis.scale.word(),
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
    use crate::experiment::sensitivity::Factor;

    fn share(value: f64, low: f64, high: f64) -> Estimate {
        Estimate { value, low, high }
    }

    fn analysis(scale: Scale, total: Estimate, sum_first: Estimate) -> Analysis {
        let index = |total| Index {
            n: 64,
            first: share(0.1, 0.0, 0.2),
            total,
            mu: 0.5,
            mu_star: share(0.7, 0.5, 0.9),
            sigma: 0.1,
        };
        let sound = share(0.3, 0.2, 0.4);
        Analysis {
            scale,
            n: 64,
            mean: 1e12,
            sd: 1e12,
            least: 1e10,
            greatest: 1e13,
            sd_on_scale: 1.0,
            indices: vec![index(total), index(sound), index(total)],
            sum_first,
            within: total,
            lead: Some((0, 1, share(0.1, -0.1, 0.3))),
        }
    }

    fn design(method: Method) -> Design {
        let factor = |draw: usize| Factor { draw, path: format!("x{draw}"), role: Role::Independent };
        Design::new(method, vec![factor(0), factor(1)], 2, 64, 2, 1)
    }

    #[test]
    fn a_sum_that_is_not_known_is_not_printed_and_a_column_of_such_is_left_out() {
        let design = design(Method::Both);
        let wide = analysis(Scale::Ln, share(0.4, 0.3, 0.5), share(2.17, -1.86, 6.13));
        let sound = analysis(Scale::Linear, share(0.4, 0.3, 0.5), share(0.84, 0.5, 1.1));
        let (one, two) = (
            Told { called: "A: value, in ln".into(), unit: "USD", analysis: &wide },
            Told { called: "A: share".into(), unit: "fraction", analysis: &sound },
        );
        let both = table(&[one, two], &design);
        assert!(both.contains("not known at this size") && both.contains("84% [50%, 110%]"), "{both}");
        assert!(!both.contains("217%") && both.contains("40% [30%, 50%]"), "{both}");
        let none = table(&[Told { called: "A".into(), unit: "USD", analysis: &wide }], &design);
        assert!(!none.contains("sum of first order") && !none.contains("not known"), "{none}");
        assert!(unknown_sums(2, 4, 64).contains("2 of these 4") && unknown_sums(2, 4, 64).contains("--samples 256 "));
        // Of rows that a stop left, the next power of two; beyond what --samples takes, nothing.
        assert!(unknown_sums(4, 4, 40).contains("--samples 256 ") && !unknown_sums(1, 4, 32_768).contains("--samples"));
    }

    #[test]
    fn what_is_left_out_is_not_called_chance() {
        let sound = analysis(Scale::Linear, share(0.4, 0.3, 0.5), share(0.9, 0.8, 1.0));
        for (others, name) in [(0, "chance"), (3, "all else")] {
            let design = design(Method::Both).beside(others);
            let told = || Told { called: "A: share".into(), unit: "fraction", analysis: &sound };
            assert!(table(&[told()], &design).contains(&format!("{name}, total")));
            assert!(sentence(&told(), &design, (64, others), "2030-12").contains(&format!("known, {name}")));
            assert_eq!((design.name(2), design.role(2), design.name(0)), (name, name, "x0"));
        }
    }

    #[test]
    fn a_share_that_is_uncertain_is_said_to_be() {
        let say = |a: &Analysis, method| {
            let told = Told { called: "A: value, in ln".into(), unit: "USD", analysis: a };
            sentence(&told, &design(method), (64, 0), "2030-12")
        };
        let sum = share(0.9, 0.8, 1.0);
        let doubtful = [share(2.16, 0.25, 7.14), share(1.05, 0.9, 1.2), share(0.5, -0.1, 1.0)];
        for total in doubtful {
            let text = say(&analysis(Scale::Ln, total, sum), Method::Both);
            assert_eq!(text.matches("uncertain, ").count(), 3, "{text}");
            assert!(text.contains("seem to move it most") && text.contains("in ln, at 2030-12"), "{text}");
            assert!(text.contains("x1 (30% [20%, 40%])"), "{text}");
        }
        let text = say(&analysis(Scale::Ln, share(0.4, 0.3, 0.5), sum), Method::Both);
        assert!(!text.contains("uncertain") && text.contains("would leave 40% [30%, 50%] of the variance"), "{text}");
        let text = say(&analysis(Scale::Ln, Estimate::NONE, Estimate::NONE), Method::Morris);
        assert!(!text.contains("uncertain") && text.contains("x0 (0.70 [0.50, 0.90] in ln)"), "{text}");
        let text = say(&analysis(Scale::Linear, Estimate::NONE, Estimate::NONE), Method::Morris);
        assert!(!text.contains("in ln)"), "{text}");
    }

    #[test]
    fn the_note_says_which_money_is_not_in_ln() {
        let (log, linear) = (
            analysis(Scale::Ln, share(0.4, 0.3, 0.5), share(0.9, 0.8, 1.0)),
            analysis(Scale::Linear, share(0.4, 0.3, 0.5), share(0.9, 0.8, 1.0)),
        );
        let told = |called: &str, unit: &'static str, analysis| Told { called: called.into(), unit, analysis };
        assert!(scales(&[told("A: share", "fraction", &linear)]).is_empty());
        assert_eq!(scales(&[told("A: value, in ln", "USD", &log)]).len(), 1);
        let both = scales(&[told("A: value, in ln", "USD", &log), told("B: value", "USD", &linear)]);
        assert!(both.len() == 2 && both[1].contains("B: value") && !both[1].contains("A: value"), "{both:?}");
    }

    #[test]
    fn an_effect_is_told_in_points_of_a_share_in_dollars_or_in_ln() {
        let of = |value: f64| Estimate { value, low: 0.5 * value, high: 2.0 * value };
        assert_eq!(effect(of(0.08), "fraction", Scale::Linear), "8.0 points [4.0, 16.0]");
        assert_eq!(effect(of(3.0e11), "USD", Scale::Linear), "$300bn [$150bn, $600bn]");
        assert_eq!(effect(of(0.5), "USD", Scale::Ln), "0.50 [0.25, 1.00] in ln");
        assert_eq!(effect(Estimate::NONE, "fraction", Scale::Linear), "–");
    }
}
