//! What is said of a sweep at its end: sentences for a note, and a table of points.

use comfy_table::{CellAlignment, Table, presets};

use super::at_most;
use crate::cli::run::counted;
use crate::cli::terminal::{percent, thousands, usd};
use crate::experiment::response::{Response, SweepMaterial, middle};
use crate::output::sweep::{Effect, Outcome, Request, Spent, SweepResults};
use crate::record::TableKind;

/// Rows of the table: all points where they are not more, else the highest and the lowest.
const ROWS: usize = 12;
/// Points without the standard errors asked for that are named.
const MISSED_NAMED: usize = 8;

/// The effect of the widest range on one of these series.
fn widest(effects: &[Effect], of: impl Fn(usize) -> bool) -> Option<&Effect> {
    let mut best: Option<&Effect> = None;
    for effect in effects.iter().filter(|e| of(e.response)) {
        if best.is_none_or(|b| effect.moved.range().abs() > b.moved.range().abs()) {
            best = Some(effect);
        }
    }
    best
}

/// The lab with the highest valuation over all points: its series. A division of a group has only a notional value.
fn leader(results: &SweepResults) -> Option<usize> {
    let labs = &results.provenance.labs;
    let stands_alone = |r: &Response| labs.iter().any(|lab| lab.id == r.entity && !lab.division);
    let valued = |r: &Response| r.kind == TableKind::Labs && r.metric == "valuation_usd" && stands_alone(r);
    let there = results.material.responses.iter().enumerate().filter(|(_, r)| valued(r) && middle(r).is_finite());
    there.max_by(|a, b| middle(a.1).total_cmp(&middle(b.1))).map(|(at, _)| at)
}

fn is_share(response: &Response) -> bool {
    response.kind == TableKind::Labs && response.metric == "enterprise_share"
}

/// The least, the median and the greatest number of runs of points; `None` without points.
pub fn taken(spent: &[Spent]) -> Option<(u64, f64, u64)> {
    let mut runs: Vec<u64> = spent.iter().map(|s| s.runs).collect();
    runs.sort_unstable();
    let (least, most) = (*runs.first()?, *runs.last()?);
    let median = (runs[(runs.len() - 1) / 2] + runs[runs.len() / 2]) as f64 / 2.0;
    Some((least, median, most))
}

/// The points, from 1, that did not reach the standard errors asked for.
pub fn missed(spent: &[Spent]) -> Vec<usize> {
    (1..).zip(spent).filter(|(_, s)| !s.met).map(|(point, _)| point).collect()
}

/// Says how many runs the points took and which did not reach the standard errors asked for.
fn stopped(spent: &[Spent], request: &Request) -> Option<String> {
    let stop = request.stop.as_ref()?;
    let (least, median, most) = taken(spent)?;
    let targets = stop.targets.join(" and ");
    let took = match spent {
        [one] => format!("The point took {}", counted(one.runs)),
        _ if least == most => format!("Each point took {}", counted(least)),
        _ => format!("Points took {} to {} runs (median {median})", thousands(least), thousands(most)),
    };
    let missed = missed(spent);
    let which = || {
        let named: Vec<String> = missed.iter().take(MISSED_NAMED).map(usize::to_string).collect();
        let more = missed.len().saturating_sub(MISSED_NAMED);
        format!(
            "{}{}",
            named.join(", "),
            if more > 0 { format!(" and {more} more, see points.csv") } else { String::new() }
        )
    };
    let most = counted(request.runs);
    Some(match missed.len() {
        0 => format!("{took}, and all reached the standard errors asked for ({targets})."),
        1 => format!("{took} for standard errors of {targets}; 1 did not reach them within {most}: point {}.", which()),
        n => format!(
            "{took} for standard errors of {targets}; {n} did not reach them within {most}: points {}.",
            which()
        ),
    })
}

/// Two to six sentences for a note.
pub fn summary(results: &SweepResults, outcome: &Outcome, request: &Request) -> Vec<String> {
    let effects = &outcome.effects;
    let SweepMaterial { design, axes, responses, .. } = &results.material;
    let paths: Vec<&str> = axes.iter().map(|a| a.path.as_str()).collect();
    let from = &results.provenance;
    let mut said = vec![format!(
        "{}: {} points ({design}) over {}, {}{} each on the same random numbers, seed {}, at {}.",
        from.scenario,
        thousands(outcome.points),
        paths.join(", "),
        at_most(request),
        counted(request.runs),
        from.seed,
        from.end
    )];
    said.extend(stopped(&outcome.spent, request));
    let mut told: Vec<&Effect> = Vec::new();
    if let Some(effect) = widest(effects, |r| is_share(&responses[r])) {
        said.push(sentence(results, effect, "Enterprise share", tenths, points_text, " points"));
        told.extend((!still(effect)).then_some(effect));
    }
    if let Some(lead) = leader(results)
        && let Some(effect) = widest(effects, |r| r == lead)
    {
        said.push(sentence(results, effect, "Valuation of the leading lab", usd, usd, ""));
        told.extend((!still(effect)).then_some(effect));
    }
    let known = |e: &&Effect| e.moved.means.filter(|m| !m.error.is_nan());
    if let Some(runs) = told.iter().filter_map(known).map(|m| m.runs).min() {
        let sampled = told.iter().any(|e| known(e).is_some() && e.moved.sampled);
        let how = if sampled {
            "by the runs or by the spread of the points, whichever is wider"
        } else {
            "run by run, as they have the same random numbers"
        };
        let runs = counted(runs as u64);
        let several = told.iter().any(|e| known(e).is_some() && e.moved.pairs > 1);
        let words = if several { "; of words they hold for every pair of values at once" } else { "" };
        said.push(format!(
            "Intervals are of 95%, of the difference of means over {runs} that all of their points have, {how}{words}."
        ));
        said.extend(looked_at(results, effects));
    }
    if results.manifest.failed > 0 {
        said.push(format!("{} failed and are left out.", counted(results.manifest.failed)));
    }
    said
}

/// Whether a path moves a series by nothing at all.
fn still(effect: &Effect) -> bool {
    effect.moved.range() == 0.0 && effect.moved.means.as_ref().is_none_or(|m| m.difference() == 0.0)
}

/// Says among how many intervals the widest effects were found.
fn looked_at(results: &SweepResults, effects: &[Effect]) -> Option<String> {
    let SweepMaterial { axes, responses, .. } = &results.material;
    let lead = leader(results);
    let of = |e: &&Effect| is_share(&responses[e.response]) || Some(e.response) == lead;
    let known = |e: &&Effect| e.moved.means.as_ref().is_some_and(|m| m.within_noise().is_some());
    let count = effects.iter().filter(of).filter(known).count();
    let paths = if axes.len() == 1 { "" } else { " and paths" };
    (count > 2).then(|| {
        format!(
            "These are the widest of {count} effects over all labs{paths}: of twenty such intervals one lies off zero by luck."
        )
    })
}

/// A value of a path as sentences and tables show it: those of a sampled design, which nobody wrote, with four digits.
fn shown(design: &str, value: &str) -> String {
    if !["lhs", "sobol", "random"].contains(&design) {
        return value.to_string();
    }
    let short = |text: &str| match text.parse::<f64>() {
        Ok(x) if x.is_finite() => {
            let rounded = format!("{x:.3e}").parse::<f64>().unwrap_or(x);
            if (1e-4..1e7).contains(&rounded.abs()) { format!("{rounded}") } else { format!("{rounded:e}") }
        }
        _ => text.to_string(),
    };
    value.split(" to ").map(short).collect::<Vec<_>>().join(" to ")
}

/// What a path moves a series by, in one sentence.
fn sentence(
    results: &SweepResults,
    effect: &Effect,
    what: &str,
    show: fn(f64) -> String,
    change: fn(f64) -> String,
    unit: &str,
) -> String {
    let SweepMaterial { axes, responses, design, .. } = &results.material;
    let id = &responses[effect.response].entity;
    let lab = results.provenance.labs.iter().find(|lab| lab.id == *id).map_or(id, |lab| &lab.name);
    let moved = &effect.moved;
    if still(effect) {
        let paths = if axes.len() == 1 { &axes[0].path } else { "No path" };
        let verb = if axes.len() == 1 { "moves nothing of" } else { "moves" };
        return format!("{paths} {verb} the {}: it is {} throughout.", lower(what), show(moved.low.median));
    }
    let mean = match &moved.means {
        None => "no run has a value at all of these points".to_string(),
        Some(means) => {
            let (low, high) = means.interval();
            let error = match means.within_noise() {
                Some(within) => {
                    let noise = if within { ", within noise" } else { "" };
                    format!(" [{}, {}]{noise}", change(low), change(high))
                }
                None => ", of unknown error with so few runs or points".to_string(),
            };
            format!("the mean changes by {}{unit}{error}", change(means.difference()))
        }
    };
    let others = if axes.len() > 1 { ", the other paths averaged" } else { "" };
    format!(
        "{what} moves most along {}: the median of {lab} goes from {} at {} to {} at {}{others}; {mean}.",
        axes[effect.axis].path,
        show(moved.low.median),
        shown(design, &moved.low.text),
        show(moved.high.median),
        shown(design, &moved.high.text),
    )
}

/// With a small first letter.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// A fraction as a percentage with a tenth.
fn tenths(x: f64) -> String {
    format!("{:.1}%", 100.0 * x)
}

/// A difference of fractions in percentage points.
fn points_text(x: f64) -> String {
    format!("{:.1}", 100.0 * x)
}

/// The points, or the six with the highest and the six with the lowest share of the lab whose share moves most.
pub fn table(results: &SweepResults, effects: &[Effect]) -> Option<String> {
    let SweepMaterial { axes, responses, design, .. } = &results.material;
    let share = widest(effects, |r| is_share(&responses[r])).map(|e| e.response);
    let share = &responses[share.or_else(|| responses.iter().position(is_share))?];
    let value = leader(results).map(|at| &responses[at]);
    let labs = &results.provenance.labs;
    let name = |id: &str| labs.iter().find(|lab| lab.id == id).map_or_else(|| id.to_string(), |lab| lab.name.clone());
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let mut header = vec!["point".to_string()];
    header.extend(axes.iter().map(|axis| axis.path.clone()));
    header.push(format!("share of {}", name(&share.entity)));
    header.extend(value.map(|v| format!("valuation of {}", name(&v.entity))));
    table.set_header(header);
    let mut order: Vec<usize> = (0..share.stats.len()).collect();
    if order.len() > ROWS {
        order.sort_by(|&a, &b| share.stats[b].quantiles[3].total_cmp(&share.stats[a].quantiles[3]));
        order.drain(ROWS / 2..order.len() - ROWS / 2);
    }
    let band = |response: &Response, point: usize, show: fn(f64) -> String| {
        let stats = response.stats.get(point).filter(|s| s.n > 0);
        let [low, middle, high] = stats.map(|s| [0, 3, 6].map(|q| s.quantiles[q]))?;
        Some(format!("{} [{}, {}]", show(middle), show(low), show(high)))
    };
    for (row, &point) in order.iter().enumerate() {
        if row == ROWS / 2 && share.stats.len() > ROWS {
            table.add_row(vec!["…"; 2 + axes.len() + usize::from(value.is_some())]);
        }
        let mut cells = vec![(point + 1).to_string()];
        cells.extend(axes.iter().map(|axis| shown(design, &axis.texts[point])));
        let none = || "–".to_string();
        cells.push(band(share, point, percent).unwrap_or_else(none));
        cells.extend(value.map(|v| band(v, point, usd).unwrap_or_else(none)));
        table.add_row(cells);
    }
    for column in table.column_iter_mut().skip(1 + axes.len()) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    Some(format!("{table}\nMedian over the runs of a point, in brackets the middle 90% of them."))
}
