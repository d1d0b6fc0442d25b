//! `docs/scenarios.md`: a page for each shipped scenario, with the numbers of a run and its figure.
//!
//! The runs take minutes, so they are made when the pages are written; each page holds the fingerprint of the golden numbers
//! that it was written with, and is stale when those have moved.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use aimarket::experiment::claims::Driven;
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

use crate::answers::{Found, answer};
use crate::{PAGES, answers, cell, page, root};

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
    ("applications_profit_share", Show::Share),
];
/// Outcomes of the market that every page shows: heading and metric, read as in [`MARKET`].
const OUTCOMES: [(&str, &str); 7] = [
    ("HHI of enterprise spend", "hhi"),
    ("segmentation index of workloads", "segmentation_index"),
    ("enterprises that use several models, of those that use any", "multi_model_share"),
    ("open weights in enterprise spend", "open_weights_share"),
    ("circularity: rent of labs that investments of their clouds' groups fund", "circularity"),
    ("clouds, chip makers and builders in their and labs' positive profits", "infrastructure_profit_share"),
    ("application vendors in the positive profits of all", "applications_profit_share"),
];
/// Metrics of a lab.
const LAB: [&str; 9] = [
    "enterprise_share",
    "regulated_share",
    "valuation_usd",
    "leads_share",
    "leads_value",
    "leads_capability",
    "turned_profitable",
    "acquired",
    "defaulted",
];
/// The chances of a lab that a page shows: heading, metric, and whether it is read [`early`] and not at the horizon.
const CHANCES: [(&str, &str, bool); 7] = [
    ("leads in share", "leads_share", false),
    ("in value", "leads_value", false),
    ("in capability", "leads_capability", false),
    ("profitable by 2028", "turned_profitable", true),
    ("by the horizon", "turned_profitable", false),
    ("acquired", "acquired", false),
    ("defaulted", "defaulted", false),
];
/// The month by which a lab may have turned profitable early.
fn early() -> Month {
    Month::new(2028, 12)
}
/// Who profits: heading and metric of the market, as in the figure `who_profits`.
const PROFITS: [(&str, &str); 8] = [
    ("chips", "profit_chips_usd"),
    ("clouds", "profit_clouds_usd"),
    ("independent labs", "profit_labs_usd"),
    ("labs of groups", "profit_divisions_usd"),
    ("applications", "profit_applications_usd"),
    ("orchestration", "profit_orchestration_usd"),
    ("governance tools", "profit_governance_usd"),
    ("users' surplus", "users_surplus_usd"),
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

/// Shipped scenarios that have a page with results.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    shipped::names().filter(|name| !shipped::COMMON.contains(name) && !shipped::is_game(name))
}

/// Shipped games, which have a page without runs.
fn games() -> impl Iterator<Item = &'static str> {
    shipped::names().filter(|name| shipped::is_game(name))
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
    for name in games() {
        assert!(
            text.contains(super::games::one(name).trim()),
            "docs/scenarios.md does not show `{name}` as its file and docs/experiments.md do; `UPDATE_SCENARIO_PAGES=1 cargo test --release --test docs` writes it anew"
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
    for name in names().chain(games()) {
        let _ = writeln!(text, "- [{name}](#{})", name.replace('/', ""));
    }
    for name in names() {
        let _ = writeln!(text, "\n{}", one(name).trim_end());
    }
    for name in games() {
        let _ = writeln!(text, "\n{}", super::games::one(name).trim_end());
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
    let market = MARKET.iter().map(|(metric, _)| *metric).chain(PROFITS.map(|(_, metric)| metric));
    all.extend(market.map(|metric| Wanted::new(TableKind::Market, metric, "market")));
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
    let (layout, sample) = run(&scenario);
    let horizon = sample.last().expect("there are dates");
    let parent = file.get("extends").and_then(Value::as_str).filter(|p| !shipped::COMMON.contains(p));
    // Its parent to the same horizon, run by run.
    let before = parent.map(|parent| run(&load(parent, Some(horizon))).1);
    let (claims, scored) = claims(name, parent.is_none());
    let found = Found { layout: &layout, after: &sample, before: before.as_ref(), horizon, claims: &scored };
    text.push_str(&answer(name, &found));
    if let Some(parent) = parent {
        let _ = writeln!(text, "Extends `{parent}`. What differs:\n\n{}", differences(&file));
    }
    text.push_str(&labs(&layout, &sample, horizon));
    text.push_str(&outcomes(&sample, horizon));
    text.push_str(&who_profits(&sample, horizon));
    if let (Some(parent), Some(before)) = (parent, &before) {
        text.push_str(&effects(name, parent, &layout, before, &sample, horizon));
    }
    text + &claims
}

/// What a file sets, but for what is told apart.
pub(super) fn differences(file: &Table) -> String {
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
    let told = ["extends", "name", "description", "claim", "event", "figure", "sources", "game"];
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
            ("enabled", ", enabled: "),
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
    // A horizon before that month has nothing to read there.
    let shown: Vec<_> = CHANCES.into_iter().filter(|(_, _, by)| !by || early() < horizon).collect();
    let heads: Vec<&str> = shown.iter().map(|(head, _, _)| *head).collect();
    let heads = heads.join(" | ");
    let heads = if shown.len() < CHANCES.len() { heads.replace("by the horizon", "turned profitable") } else { heads };
    let mut text = format!(
        "At {horizon}, median and range of 90% of runs, and the share of runs in which a lab leads, has turned profitable or is gone:\n\n\
         | lab | enterprise share | valuation, USD bn | {heads} |\n|---|---|---|{}\n",
        "---|".repeat(shown.len())
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
        let chances = shown.iter().map(|&(_, metric, by)| {
            if lab.division && matches!(metric, "leads_value" | "acquired") {
                return "–".to_string();
            }
            let month = if by { early() } else { horizon };
            sample.stats(&at(metric), month).map_or("–".to_string(), |s| format!("{:.1}%", 100.0 * s.mean))
        });
        let chances: Vec<String> = chances.collect();
        rows.push((share, format!("| {} | {share_text}% | {value_text} | {} |\n", lab.name, chances.join(" | "))));
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    rows.into_iter().for_each(|(_, row)| text.push_str(&row));
    text.push('\n');
    text
}

/// How concentrated, divided and circular the market is, and how its profit splits.
fn outcomes(sample: &Sample, horizon: Month) -> String {
    let mut text = format!("The market at {horizon}:\n\n| | median | 90% of runs |\n|---|---|---|\n");
    for (head, metric) in OUTCOMES {
        let Some(s) = sample.stats(&Wanted::new(TableKind::Market, metric, "market"), horizon) else { continue };
        let show = MARKET.iter().find(|(m, _)| *m == metric).map_or(Show::Plain, |(_, show)| *show);
        let q = [3, 0, 6].map(|k| show.write(s.quantiles[k]));
        let _ = writeln!(text, "| {head} | {} | {} to {} |", q[0], q[1], q[2]);
    }
    text + "\n"
}

/// What each layer of the industry earns, and what is left to users.
fn who_profits(sample: &Sample, horizon: Month) -> String {
    let (mut heads, mut medians, mut ranges) = (String::new(), String::new(), String::new());
    for (head, metric) in PROFITS {
        let Some(s) = sample.stats(&Wanted::new(TableKind::Market, metric, "market"), horizon) else { continue };
        let q = [3, 0, 6].map(|k| s.quantiles[k] / 1e9);
        let _ = write!(heads, " {head} |");
        let _ = write!(medians, " {:.1} |", q[0]);
        let _ = write!(ranges, " {:.1} to {:.1} |", q[1], q[2]);
    }
    format!(
        "Who profits, at {horizon}, USD bn a year:\n\n| |{heads}\n|---|{}\n| median |{medians}\n| 90% of runs |{ranges}\n\n",
        "---|".repeat(heads.matches('|').count())
    )
}

#[test]
fn a_page_tells_when_labs_profit_who_is_bought_and_who_profits() {
    let set = [("enterprises.count", "60"), ("simulation.end", "\"2026-02\"")];
    let set: Vec<(String, String)> = set.iter().map(|(p, v)| (p.to_string(), v.to_string())).collect();
    let engine = Engine::new(Scenario::load("quick", &set).unwrap());
    let layout = engine.layout().clone();
    let sample = sample(&engine, &wanted(&layout), 4, 1, &AtomicBool::new(false), &mut |_| ()).unwrap();
    let last = sample.last().unwrap();
    let table = labs(&layout, &sample, last);
    assert!(table.contains("| turned profitable | acquired | defaulted |") && !table.contains("2028"), "{table}");
    let profits = who_profits(&sample, last);
    assert!(PROFITS.iter().all(|(head, _)| profits.contains(&format!("| {head} |"))), "{profits}");
    let columns: Vec<usize> = profits.lines().filter(|l| l.starts_with('|')).map(|l| l.matches('|').count()).collect();
    assert_eq!(columns, [PROFITS.len() + 2; 4]);
    let market = outcomes(&sample, last);
    assert!(OUTCOMES.iter().all(|(head, _)| market.contains(&format!("| {head} | "))), "{market}");
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
    let initial = scenario.initial_provenance();
    let provenance = Provenance {
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        runs: RUNS,
        seed: scenario.parameters.simulation.seed,
        version: env!("CARGO_PKG_VERSION").into(),
        initial_observed: initial.observed,
        initial_priors: initial.priors,
        initial_priors_drawn: initial.drawn,
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

/// What a page says of whether a claim rests on a prior, by the word of `claims.csv`.
fn mark(word: &str) -> &'static str {
    match Driven::of(word) {
        Some(Driven::Yes) => "assumption-driven",
        Some(Driven::Unclear) => "too few runs to tell whether it is assumption-driven",
        Some(Driven::No) | None => "",
    }
}

#[test]
fn a_claim_that_rests_on_a_prior_is_marked_by_the_words_of_the_table() {
    assert_eq!(mark(Driven::Yes.word()), "assumption-driven");
    assert!(mark(Driven::Unclear.word()).contains("too few runs"));
    assert_eq!((mark(Driven::No.word()), mark("")), ("", ""));
}

/// The claims of a scenario, scored by the program itself; below the fan of shares that it draws, where a page has no other figure.
fn claims(name: &str, figure: bool) -> (String, Vec<answers::Scored>) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("r");
    let mut command = assert_cmd::Command::cargo_bin("aimarket").unwrap();
    command.current_dir(home.path()).args(["run", name, "--paths", "none", "-q", "-n"]).arg(RUNS.to_string());
    command.args((!figure).then_some("--no-plots")).arg("-o").arg(&folder).assert().success();
    let mut above = String::new();
    if figure {
        let file = format!("{}.png", name.replace('/', "-"));
        fs::copy(folder.join("figures/share_fan.png"), page("figures").join(&file)).unwrap();
        let _ = writeln!(above, "![Enterprise share in {name}](figures/{file})\n");
    }
    (above + &scored(&folder), answers::scored(&folder))
}

/// On how many runs a probability stands: those that count, of them undecided, and left out by the condition.
fn counted(n: &str, undecided: &str, out: &str) -> String {
    let mut text = n.to_string();
    for (count, words) in [(undecided, "undecided, which count as no"), (out, "left out")] {
        if !matches!(count, "" | "0") {
            let _ = write!(text, "; {count} {words}");
        }
    }
    text
}

#[test]
fn a_claim_tells_what_its_condition_leaves_out_and_what_is_undecided() {
    assert_eq!(counted("500", "0", "0"), "500");
    assert_eq!(counted("247", "65", "253"), "247; 65 undecided, which count as no; 253 left out");
    assert_eq!(counted("182", "0", "318"), "182; 318 left out");
}

/// The table of `claims.csv`.
fn scored(folder: &Path) -> String {
    let Ok(mut reader) = csv::Reader::from_path(folder.join("claims.csv")) else { return String::new() };
    let headers = reader.headers().unwrap().clone();
    let mut text =
        "| claim | source | test | probability (95% interval) | runs | known outcome | |\n|---|---|---|---|---|---|---|\n"
            .to_string();
    let mut any = false;
    for record in reader.records() {
        let record = record.unwrap();
        let field = |key: &str| headers.iter().position(|h| h == key).map_or("", |i| &record[i]);
        let percent = |key: &str| field(key).parse::<f64>().map_or("–".to_string(), |p| format!("{:.1}%", 100.0 * p));
        let mark = mark(field("assumption_driven"));
        let outcome = match field("outcome") {
            "true" => "came true",
            "false" => "did not",
            _ => "",
        };
        let _ = writeln!(
            text,
            "| {} | {} | `{}` | {} ({} to {}) | {} | {outcome} | {mark} |",
            cell(field("text")),
            cell(field("source")),
            cell(field("test")),
            percent("probability"),
            percent("ci_low"),
            percent("ci_high"),
            counted(field("n"), field("undecided"), field("conditioned_out")),
        );
        any = true;
    }
    if any { format!("Claims, as the share of runs in which each holds:\n\n{text}\n") } else { String::new() }
}
