//! `docs/scenarios.md`: a page for each shipped scenario, with the numbers of a run and its figure.
//!
//! The runs take minutes, so they are made when the pages are written; each page holds the fingerprint of the golden numbers
//! that it was written with, and is stale when those have moved.

use std::fmt::Write;
use std::fs;
use std::sync::atomic::AtomicBool;

use aimarket::experiment::paired::{Paired, Sign};
use aimarket::experiment::sample::{Sample, Wanted, sample};
use aimarket::experiment::summary::Provenance;
use aimarket::figures::{Effect, EffectPanel, draw_effects};
use aimarket::math::ln;
use aimarket::record::{Layout, TableKind};
use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::{Scenario, shipped};
use aimarket::units::Month;
use toml::{Table, Value};

use crate::{PAGES, cell, page, root};

/// Runs of each scenario and of its parent.
const RUNS: u64 = 500;
/// Metrics of the market that a page compares: name, and how its numbers read.
const MARKET: &[(&str, Show)] = &[
    ("enterprise_spend_usd", Show::Ln),
    ("hhi", Show::Plain),
    ("segmentation_index", Show::Plain),
    ("multi_model_share", Show::Share),
    ("open_weights_share", Show::Share),
    ("chinese_labs_share", Show::Share),
    ("infrastructure_profit_share", Show::Share),
    ("frontier_eci", Show::Plain),
    ("open_lag_months", Show::Plain),
    ("mean_price_usd_per_mtok", Show::Ln),
    ("circularity", Show::Share),
    ("governance_tools_revenue_usd", Show::Money),
    ("orchestration_share", Show::Share),
];
/// Metrics of a lab.
const LAB: [&str; 7] = [
    "enterprise_share",
    "valuation_usd",
    "leads_share",
    "leads_value",
    "leads_capability",
    "turned_profitable",
    "defaulted",
];

/// How a number of the market reads.
#[derive(Clone, Copy, PartialEq)]
enum Show {
    /// As a percentage.
    Share,
    /// As its ln: a difference is relative.
    Ln,
    /// In billions of dollars.
    Money,
    /// As it stands.
    Plain,
}

impl Show {
    fn write(self, x: f64) -> String {
        match self {
            Show::Share => format!("{:.1}%", 100.0 * x),
            Show::Money => format!("{:.1} bn", x / 1e9),
            Show::Ln | Show::Plain if x.abs() >= 100.0 => format!("{x:.0}"),
            Show::Ln | Show::Plain => format!("{x:.3}"),
        }
    }
}

/// Shipped scenarios that have a page.
fn names() -> impl Iterator<Item = &'static str> {
    shipped::names().filter(|name| !shipped::COMMON.contains(name) && !shipped::is_game(name))
}

/// FNV-1a of the golden numbers of a scenario.
fn fingerprint(name: &str) -> String {
    let file = root().join("tests/snapshots").join(format!("golden__golden {}.snap", name.replace('/', " ")));
    let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    format!("{hash:016x}")
}

#[test]
fn every_shipped_scenario_has_a_page_of_its_present_results() {
    let _one = PAGES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if std::env::var_os("UPDATE_SCENARIO_PAGES").is_some() {
        fs::write(page("scenarios.md"), pages()).unwrap();
    }
    let text = fs::read_to_string(page("scenarios.md")).unwrap();
    for name in names() {
        let mark = format!("<!-- {name}: {} -->", fingerprint(name));
        assert!(
            text.contains(&mark),
            "docs/scenarios.md does not show the present results of `{name}`; `UPDATE_SCENARIO_PAGES=1 cargo test --release --test docs` writes it anew"
        );
    }
}

fn pages() -> String {
    let mut text = "# Scenarios\n\n".to_string();
    let _ = writeln!(
        text,
        "What each shipped scenario asks, what it changes, and what comes out: {RUNS} runs of it and of its parent with the same seeds, so that a difference is due to what was changed. \
         Intervals are 95% and hold the sampling of runs alone: they say nothing of the assumptions. Values at the horizon of the scenario.\n\n\
         `UPDATE_SCENARIO_PAGES=1 cargo test --release --test docs` writes this page.\n"
    );
    for name in names() {
        let _ = writeln!(text, "- [{name}](#{})", name.replace('/', ""));
    }
    for name in names() {
        let _ = writeln!(text, "\n{}", one(name).trim_end());
    }
    text
}

/// A scenario with the runs of a page, to a horizon other than its own where one is given.
fn load(name: &str, end: Option<Month>) -> Scenario {
    let mut set = vec![("simulation.runs".to_string(), RUNS.to_string())];
    set.extend(end.map(|month| ("simulation.end".to_string(), format!("\"{month}\""))));
    Scenario::load(name, &set).unwrap_or_else(|faults| panic!("{}", faults[0]))
}

fn wanted(layout: &Layout) -> Vec<Wanted> {
    let labs = layout.tables.iter().filter(|t| t.kind == TableKind::Labs).flat_map(|t| &t.entities);
    let mut all: Vec<Wanted> =
        labs.flat_map(|e| LAB.map(|metric| Wanted::new(TableKind::Labs, metric, &e.id))).collect();
    all.extend(MARKET.iter().map(|(metric, _)| Wanted::new(TableKind::Market, metric, "market")));
    all
}

fn run(scenario: &Scenario) -> (Layout, Sample) {
    let engine = Engine::prepare(scenario.clone()).unwrap_or_else(|e| panic!("{}: {e}", scenario.name));
    let layout = engine.layout().clone();
    let kept = sample(&engine, &wanted(&layout), RUNS, 2, &AtomicBool::new(false), &mut |_| ());
    (layout, kept.unwrap_or_else(|_| panic!("the threads start")))
}

fn one(name: &str) -> String {
    let file: Table = shipped::text(name).expect("it is shipped").parse().expect("it is TOML");
    let scenario = load(name, None);
    let mut text = format!("## {name}\n\n<!-- {name}: {} -->\n\n{}\n\n", fingerprint(name), scenario.description);
    let parent = file.get("extends").and_then(Value::as_str).filter(|p| !shipped::COMMON.contains(p));
    if let Some(parent) = parent {
        let _ = writeln!(text, "Extends `{parent}`. What differs:\n\n{}", differences(&file));
    }
    let (layout, sample) = run(&scenario);
    let horizon = sample.last().expect("there are dates");
    text.push_str(&labs(&layout, &sample, horizon));
    if let Some(parent) = parent {
        // Its parent to the same horizon, run by run.
        let parent = load(parent, Some(horizon));
        let (_, before) = run(&parent);
        text.push_str(&effects(name, &parent.name, &layout, &before, &sample, horizon));
    }
    text.push_str(&claims(name));
    text
}

/// What a file sets, but for what is told apart.
fn differences(file: &Table) -> String {
    fn leaves(prefix: &str, table: &Table, out: &mut Vec<(String, String)>) {
        for (key, value) in table {
            let key = if key.contains('.') { format!("\"{key}\"") } else { key.clone() };
            let path = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
            match value {
                Value::Table(inner) if prefix != "uncertain" && !path.contains(".strategy.") => {
                    leaves(&path, inner, out)
                }
                other => out.push((path, other.to_string())),
            }
        }
    }
    let mut set = Vec::new();
    let told = ["extends", "name", "description", "claim", "event", "figure", "sources"];
    let rest: Table =
        file.iter().filter(|(k, _)| !told.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect();
    leaves("", &rest, &mut set);
    let mut text = String::new();
    for (path, value) in set {
        let _ = writeln!(text, "- `{path} = {value}`");
    }
    for event in file.get("event").and_then(Value::as_array).into_iter().flatten() {
        let word = |key: &str| event.get(key).map(Value::to_string);
        let mut line = format!("- event `{}`", event.get("id").and_then(Value::as_str).unwrap_or("?"));
        for (key, before) in [
            ("date", ", at "),
            ("probability", ", with probability "),
            ("lasts_months", ", for months: "),
            ("set", ": "),
        ] {
            if let Some(value) = word(key) {
                let _ = write!(line, "{before}`{value}`");
            }
        }
        let _ = writeln!(text, "{line}");
    }
    if text.is_empty() { "- only claims are added.\n".to_string() } else { text }
}

/// Where each lab stands at the horizon.
fn labs(layout: &Layout, sample: &Sample, horizon: Month) -> String {
    let mut text = format!(
        "At {horizon}, median and range of 90% of runs, and the share of runs in which a lab leads or is gone:\n\n\
         | lab | enterprise share | valuation, USD bn | leads in share | in value | in capability | turned profitable | defaulted |\n|---|---|---|---|---|---|---|---|\n"
    );
    let mut rows: Vec<(f64, String)> = Vec::new();
    for lab in layout.tables.iter().filter(|t| t.kind == TableKind::Labs).flat_map(|t| &t.entities) {
        let at = |metric: &str| Wanted::new(TableKind::Labs, metric, &lab.id);
        let band = |metric: &str, scale: f64, digits: usize| {
            let Some(s) = sample.stats(&at(metric), horizon) else { return (0.0, "–".to_string()) };
            let q = [3, 0, 6].map(|k| s.quantiles[k] * scale);
            (q[0], format!("{:.digits$} ({:.digits$} to {:.digits$})", q[0], q[1], q[2]))
        };
        let (share, share_text) = band("enterprise_share", 100.0, 1);
        let (_, value_text) = band("valuation_usd", 1e-9, 0);
        let value_text = if lab.division { format!("{value_text}, notional") } else { value_text };
        let chances = LAB[2..].iter().map(|metric| {
            if *metric == "leads_value" && lab.division {
                return "–".to_string();
            }
            sample.stats(&at(metric), horizon).map_or("–".to_string(), |s| format!("{:.1}%", 100.0 * s.mean))
        });
        let chances: Vec<String> = chances.collect();
        rows.push((share, format!("| {} | {share_text}% | {value_text} | {} |\n", lab.name, chances.join(" | "))));
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    rows.into_iter().for_each(|(_, row)| text.push_str(&row));
    text.push('\n');
    text
}

/// Paired differences against the parent, as a table and a figure.
fn effects(name: &str, parent: &str, layout: &Layout, before: &Sample, after: &Sample, horizon: Month) -> String {
    let pair = |w: &Wanted, logs: bool| {
        let of = |s: &Sample| -> Option<Vec<f64>> {
            let values = s.values(w, horizon)?;
            Some(if logs {
                values.iter().map(|v| if *v > 0.0 { ln(*v) } else { f64::NAN }).collect()
            } else {
                values.to_vec()
            })
        };
        Paired::new(&of(before)?, &of(after)?)
    };
    let mut text = format!(
        "Against `{parent}`, run by run:\n\n| | `{parent}` | `{name}` | difference (95% interval) | runs that the pairing is worth |\n|---|---|---|---|---|\n"
    );
    let (mut clear, mut all) = (0, 0);
    let mut row = |label: String, show: Show, found: Option<Paired>| {
        let Some(p) = found else { return };
        let (low, high) = p.interval();
        let sign = p.sign();
        all += 1;
        clear += usize::from(sign != Sign::Noise);
        let worth =
            if p.variance_reduction.is_finite() { format!("{:.1}", p.variance_reduction) } else { "–".to_string() };
        let noise = if sign == Sign::Noise { ", within noise" } else { "" };
        let _ = writeln!(
            text,
            "| {label} | {} | {} | {} ({} to {}){noise} | {worth} |",
            show.write(p.first),
            show.write(p.second),
            show.write(p.difference),
            show.write(low),
            show.write(high)
        );
    };
    let labs: Vec<_> = layout.tables.iter().filter(|t| t.kind == TableKind::Labs).flat_map(|t| &t.entities).collect();
    let mut panels = [("Enterprise share", "fraction"), ("ln valuation", "ln")].map(|(title, unit)| EffectPanel {
        title: title.into(),
        unit: unit.into(),
        rows: Vec::new(),
    });
    for lab in &labs {
        for (k, (metric, logs, show)) in
            [("enterprise_share", false, Show::Share), ("valuation_usd", true, Show::Ln)].into_iter().enumerate()
        {
            let found = pair(&Wanted::new(TableKind::Labs, metric, &lab.id), logs);
            if let Some(p) = found.filter(|p| p.first != 0.0 || p.second != 0.0) {
                let (low, high) = p.interval();
                panels[k].rows.push((lab.id.clone(), Effect { difference: p.difference, low, high }));
                row(format!("{}, {}", lab.name, if logs { "ln valuation" } else { "enterprise share" }), show, found);
            }
        }
    }
    for (metric, show) in MARKET {
        let found = pair(&Wanted::new(TableKind::Market, metric, "market"), *show == Show::Ln);
        row(format!("{}`market.{metric}`", if *show == Show::Ln { "ln " } else { "" }), *show, found);
    }
    let expected = 0.05 * f64::from(all);
    let _ = writeln!(
        text,
        "\n{clear} of {all} differences lie outside noise; about {expected:.0} would by chance alone.{}\n",
        if f64::from(clear as u32) <= 2.0 * expected {
            " **The effect of this scenario as a whole is within noise.**"
        } else {
            ""
        }
    );
    let folder = page("figures");
    let file = name.replace('/', "-");
    let (layout_labs, scenario) = (labs.into_iter().cloned().collect(), load(name, None));
    let (initial_observed, initial_priors) = scenario.initial_provenance();
    let provenance = Provenance {
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        runs: RUNS,
        seed: scenario.parameters.simulation.seed,
        version: env!("CARGO_PKG_VERSION").into(),
        initial_observed,
        initial_priors,
        start: scenario.parameters.month_before_start(),
        end: horizon,
        labs: layout_labs,
        ..Provenance::default()
    };
    let title = format!("What {} changes against {parent}", scenario.name);
    let subtitle = format!("Mean paired difference at {horizon}, {RUNS} pairs of runs");
    let drawn =
        draw_effects(&provenance, (&title, &subtitle), &panels, &folder, &file).unwrap_or_else(|e| panic!("{e}"));
    // The page shows the PNG; an SVG beside it would only weigh.
    for path in drawn.written.iter().filter(|p| p.extension().is_some_and(|e| e == "svg")) {
        fs::remove_file(path).unwrap();
    }
    let _ = writeln!(text, "![{title}](figures/{file}.png)\n");
    text
}

/// The claims of a scenario, scored by the program itself.
fn claims(name: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("r");
    let arguments = ["run", name, "--no-plots", "--paths", "none", "-q", "-n"];
    let mut command = assert_cmd::Command::cargo_bin("aimarket").unwrap();
    command.current_dir(home.path()).args(arguments).arg(RUNS.to_string()).arg("-o").arg(&folder).assert().success();
    let Ok(mut reader) = csv::Reader::from_path(folder.join("claims.csv")) else { return String::new() };
    let headers = reader.headers().unwrap().clone();
    let mut text =
        "| claim | source | test | probability (95% interval) | known outcome | |\n|---|---|---|---|---|---|\n"
            .to_string();
    let mut any = false;
    for record in reader.records() {
        let record = record.unwrap();
        let field = |key: &str| headers.iter().position(|h| h == key).map_or("", |i| &record[i]);
        let percent = |key: &str| field(key).parse::<f64>().map_or("–".to_string(), |p| format!("{:.1}%", 100.0 * p));
        let mark = if field("assumption_driven") == "true" { "assumption-driven" } else { "" };
        let outcome = match field("outcome") {
            "true" => "came true",
            "false" => "did not",
            _ => "",
        };
        let _ = writeln!(
            text,
            "| {} | {} | `{}` | {} ({} to {}) | {outcome} | {mark} |",
            cell(field("text")),
            cell(field("source")),
            cell(field("test")),
            percent("probability"),
            percent("ci_low"),
            percent("ci_high"),
        );
        any = true;
    }
    if any { format!("Claims, as the share of runs in which each holds:\n\n{text}\n") } else { String::new() }
}
