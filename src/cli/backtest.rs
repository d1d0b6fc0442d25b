//! `aimarket backtest`: 2025 as projected from the end of 2024, against what happened. Prints `docs/validation.md`.

mod markdown;

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::arguments::BacktestArguments;
use super::failure::{Failure, INTERRUPTED, RUNS, SCENARIO, UNEXPECTED};
use super::needs::check_worlds;
use super::run::{cancelled_by_ctrl_c, cores};
use super::terminal::Bar;
use crate::experiment::backtest::hindsight::touching;
use crate::experiment::backtest::{Line, Missing, Score, Standing, Touching, compare, observed, score};
use crate::experiment::drivers::{Drivers, drivers};
use crate::experiment::observations::observations;
use crate::experiment::sample::{Sample, Wanted, sample};
use crate::output::Progress;
use crate::record::TableKind;
use crate::run::Model;
use crate::scenario::Scenario;
use crate::scenario::describe::{ResolvedRow, resolved};
use crate::units::Month;

/// The state that the overlay of the backtest is laid over.
const STATE: &str = "history/2024-12";
/// The scenario whose horizon is explained.
const PROJECTION: &str = "baseline";
/// Most runs of it: with fewer, chance reorders the lower places among some two hundred parameters.
const PROJECTION_RUNS: u64 = 1000;
/// Labs whose shares are explained, the largest.
const LABS: usize = 3;
/// Assumptions that are named.
const ASSUMPTIONS: usize = 5;

/// All that the report says.
pub(super) struct Report {
    /// The scenario that was run.
    pub scenario: Scenario,
    /// Runs that did not fail, and those that did.
    pub runs: (usize, usize),
    /// Last month that may be fitted.
    pub fitted_until: Month,
    /// The comparison.
    pub lines: Vec<Line>,
    /// Values that the scenario sets otherwise than the state it extends.
    pub refitted: Vec<ResolvedRow>,
    /// Other fitted parameters, and those taken from data after that month: they are left as they are.
    pub left: Vec<ResolvedRow>,
    /// Those of them that rest on data after that month, with the series that they touch.
    pub touching: Vec<Touching>,
    /// What moves the horizon.
    pub drivers: Drivers,
}

impl Report {
    /// Score of the lines of one standing.
    pub fn score(&self, standing: Standing) -> Score {
        score(self.lines.iter().filter(|l| l.standing() == standing))
    }

    /// Series that a parameter which was left as it is puts in sample.
    pub fn touches(&self, path: &str) -> &[&str] {
        self.touching.iter().find(|t| t.row.path == path).map_or(&[], |t| t.series)
    }
}

/// Runs the ensembles, compares, prints.
pub fn backtest<M: Model>(
    arguments: &BacktestArguments,
    prepare: &impl Fn(&Scenario) -> Result<M, String>,
) -> Result<(), Failure> {
    let load = |what: &str, runs: Option<u64>| {
        let mut overlays = arguments.set.clone();
        overlays.extend(runs.map(|n| ("simulation.runs".to_string(), n.to_string())));
        overlays.extend(arguments.seed.map(|s| ("simulation.seed".to_string(), s.to_string())));
        crate::record::claims::load(what, &overlays).map_err(|faults| Failure::faults(&faults))
    };
    let scenario = load(&arguments.scenario, arguments.runs)?;
    let runs = scenario.parameters.simulation.runs;
    let state = load(STATE, Some(runs))?;
    let projection = load(PROJECTION, Some(runs.min(PROJECTION_RUNS)))?;

    let cancel = cancelled_by_ctrl_c();
    let all = observed(&observations());
    let wanted: Vec<Wanted> = all.iter().map(|o| o.model.clone()).collect();
    let ensemble = run_sample(&scenario, &wanted, arguments, prepare, &cancel)?;
    let rows = resolved(&scenario);
    let refitted = differing(&rows, &resolved(&state));
    let kept: Vec<ResolvedRow> = rows.into_iter().filter(|r| !refitted.iter().any(|f| f.path == r.path)).collect();
    let touching = touching(&kept);
    let lines = compare(&ensemble, &all, arguments.fitted_until, &touching);
    let ids: Vec<String> = projection.parameters.labs.iter().map(|lab| lab.id.clone()).collect();
    let shares: Vec<Wanted> = ids.iter().map(|id| Wanted::new(TableKind::Labs, "enterprise_share", id)).collect();
    let horizon = run_sample(&projection, &shares, arguments, prepare, &cancel)?;

    let rests_on_later = |r: &ResolvedRow| touching.iter().any(|t| t.row.path == r.path);
    let left = kept.into_iter().filter(|r| r.tag == "fitted" || rests_on_later(r)).collect();
    let report = Report {
        runs: (ensemble.runs, ensemble.failed.len()),
        fitted_until: arguments.fitted_until,
        lines,
        refitted,
        left,
        touching,
        drivers: drivers(&horizon, &ids, LABS, ASSUMPTIONS),
        scenario,
    };
    if arguments.json {
        let text = serde_json::to_string_pretty(&to_json(&report));
        anstream::println!("{}", text.map_err(|e| Failure::new(UNEXPECTED, e))?);
    } else {
        anstream::print!("{}", markdown::write(&report));
    }
    match ensemble.failed.len() + horizon.failed.len() {
        0 => Ok(()),
        n => Err(Failure::new(RUNS, format!("runs that failed and are left out of all results: {n}"))),
    }
}

/// Runs a scenario in memory.
fn run_sample<M: Model>(
    scenario: &Scenario,
    wanted: &[Wanted],
    arguments: &BacktestArguments,
    prepare: &impl Fn(&Scenario) -> Result<M, String>,
    cancel: &AtomicBool,
) -> Result<Sample, Failure> {
    let threads = arguments.threads.map_or_else(cores, usize::from);
    check_worlds(threads, [scenario])?;
    let model = prepare(scenario).map_err(|e| Failure::new(SCENARIO, format!("{}: {e}", scenario.name)))?;
    let runs = scenario.parameters.simulation.runs;
    let mut bar = Bar::new(&scenario.name, arguments.quiet);
    let taken = sample(&model, wanted, runs, threads, cancel, &mut |done| {
        bar.show(Progress { done, failed: 0, total: runs });
    });
    bar.finish();
    if cancel.load(Ordering::Relaxed) {
        return Err(Failure::silent(INTERRUPTED));
    }
    let taken = taken.map_err(|e| Failure::new(UNEXPECTED, e))?;
    for failed in taken.failed.iter().take(3) {
        anstream::eprintln!("run {} failed in {} at {}: {}", failed.run, failed.phase, failed.month, failed.what);
    }
    if taken.runs == 0 {
        return Err(Failure::new(RUNS, format!("{}: every run failed", scenario.name)));
    }
    Ok(taken)
}

/// Rows whose value is another than in the scenario that is extended, or whose source is.
fn differing(rows: &[ResolvedRow], before: &[ResolvedRow]) -> Vec<ResolvedRow> {
    let same = |r: &ResolvedRow| before.iter().any(|b| b.path == r.path && b.value == r.value && b.source == r.source);
    rows.iter().filter(|r| !same(r)).cloned().collect()
}

fn to_json(report: &Report) -> Value {
    let line = |l: &Line| {
        json!({
            "series": l.series,
            "entity": l.entity,
            "date": l.point.date,
            "month": l.point.month.to_string(),
            "observed": l.point.value,
            "observed_range": l.point.range,
            "published_later": l.point.later,
            "scored": !l.point.unscored,
            "held_out": l.standing() == Standing::HeldOut,
            "touched_by": l.touched_by,
            "median": l.median,
            "band80": l.band80,
            "band90": l.band90,
            "trend": l.trend.ok().map(|f| f.value),
            "trend_low_confidence": l.trend.is_ok_and(|f| f.low),
            "trend_missing": l.trend.err().map(Missing::word),
            "no_change": l.no_change.map(|f| f.value),
            "no_change_low_confidence": l.no_change.is_some_and(|f| f.low),
        })
    };
    let score = |s: Score| {
        json!({
            "lines": s.lines,
            "within80": s.within80,
            "within90": s.within90,
            "compared": s.compared,
            "error_model": s.error_model,
            "error_trend": s.error_trend,
            "error_no_change": s.error_no_change,
        })
    };
    let d = &report.drivers;
    json!({
        "scenario": report.scenario.name,
        "runs": report.runs.0,
        "failed": report.runs.1,
        "seed": report.scenario.parameters.simulation.seed,
        "version": env!("CARGO_PKG_VERSION"),
        "fitted_until": report.fitted_until.to_string(),
        "lines": report.lines.iter().map(line).collect::<Vec<_>>(),
        "in_sample": score(report.score(Standing::InSample)),
        "in_sample_by_parameter": score(report.score(Standing::Touched)),
        "held_out": score(report.score(Standing::HeldOut)),
        "refitted": report.refitted.iter().map(|r| json!({ "path": r.path, "value": r.value, "source": r.source })).collect::<Vec<_>>(),
        "left": report.left.iter().map(|r| json!({ "path": r.path, "value": r.value, "source": r.source, "touches": report.touches(&r.path) })).collect::<Vec<_>>(),
        "drivers": {
            "runs": d.runs,
            "overall": d.overall,
            "spread": d.spread,
            "labs": d.labs.iter().map(|l| json!({ "lab": l.lab, "median": l.median, "strongest": l.strongest })).collect::<Vec<_>>(),
        },
    })
}
