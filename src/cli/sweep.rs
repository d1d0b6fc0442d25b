//! `aimarket sweep`: read and check every point, then run them all as one ensemble.

mod words;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use serde_json::json;

use super::arguments::{RunFlags, SweepArguments};
use super::failure::{Failure, INTERRUPTED, OUTPUT, RUNS, SCENARIO, UNEXPECTED, USAGE};
use super::run::{about, cancelled_by_ctrl_c, cores, counted, default_scenario, folder_name, overlays};
use super::terminal::{Bar, thousands};
use super::{needs, plot, until};
use crate::experiment::design::{Asked, Design, DesignFault, Said};
use crate::experiment::points::{Points, PointsError, Varied};
use crate::experiment::response::{Axis, SweepMaterial};
use crate::experiment::stopping::resolve_metrics;
use crate::figures::{Drawn, draw_sweep};
use crate::output::selection::Needs;
use crate::output::sweep::{self, Effect, Outcome, Request, Stop, SweepResults};
use crate::output::{About, Paths, folder};
use crate::record::claims;
use crate::run::Model;
use crate::run::family::Family;
use crate::scenario::{Scenario, SweepSpec};

/// Faults of points that are told one by one.
const FAULTS_TOLD: usize = 5;

/// Runs a sweep and writes its results.
pub fn sweep<M: Model + Send>(
    arguments: &SweepArguments,
    command_line: Vec<String>,
    prepare: &(impl Fn(&Scenario) -> Result<M, String> + Sync),
) -> Result<(), Failure> {
    let flags = &arguments.flags;
    let paths = paths(flags)?;
    let named = arguments.scenario.clone().unwrap_or_else(default_scenario);
    let overlays = overlays(flags);
    let mut base = claims::load(&named, &overlays).map_err(|faults| Failure::faults(&faults))?;
    let asked = asked(arguments, &base, &named);
    let design = Design::new(&asked, &base).map_err(|faults| design_failure(&faults))?;
    let mut request = Request {
        folder: flags
            .output
            .clone()
            .unwrap_or_else(|| Path::new("output").join(format!("{}-{}", folder_name(&base.name), sweep::COMMAND))),
        runs: base.parameters.simulation.runs,
        threads: flags.threads.map_or_else(cores, usize::from),
        paths,
        overwrite: flags.overwrite,
        resume: flags.resume,
        stop: None,
        command_line,
    };
    // A worker holds the world of one point at a time, and points may differ in the number of enterprises.
    let counts = design.columns.iter().filter(|column| column.path == "enterprises.count");
    let counts = counts.flat_map(|column| &column.texts).filter_map(|text| text.parse::<f64>().ok());
    let largest = counts.map(|count| count as u64).fold(base.parameters.enterprises.count, u64::max);
    needs::check_memory(Needs::worlds(request.threads, largest), "fewer --threads or a smaller enterprises.count")?;
    let cancel = cancelled_by_ctrl_c();
    let varied = Varied { scenario: &named, overlays: &overlays, design: &design };
    let points = match Points::check(varied, prepare, request.threads, &cancel) {
        Ok(points) => points,
        Err(PointsError::Faults(faults)) => {
            let mut said: Vec<String> = faults.iter().take(FAULTS_TOLD).map(|f| format!("error: {f}")).collect();
            if faults.len() > FAULTS_TOLD {
                said.push(format!("and {} more faults", faults.len() - FAULTS_TOLD));
            }
            return Err(Failure { code: SCENARIO, text: said.join("\n") });
        }
        Err(PointsError::Cancelled) => {
            anstream::eprintln!("{}: stopped before the first runs; nothing written", base.name);
            return Err(Failure::silent(INTERRUPTED));
        }
        Err(error) => return Err(Failure::new(OUTPUT, error)),
    };
    if !arguments.until_mcse.is_empty() {
        let watched = resolve_metrics(&arguments.until_mcse, points.layout()).map_err(|wrong| until::faults(&wrong))?;
        request.stop = Some(Stop { watched, targets: arguments.until_mcse.iter().map(|t| t.text.clone()).collect() });
    }
    let axes: Vec<Axis> = design.columns.iter().map(|c| Axis::new(&base, &c.path, c.texts.clone())).collect();
    base.sweep = Some(in_force(&design));
    let about = About { hash: points.hash(&base), ..about(&base) };
    folder::check(&request.folder, &sweep::manifest_design(&about, &request), &about.toml, request.overwrite)?;
    let mut needs = sweep::needs(points.layout(), design.points(), &request);
    needs.memory += Needs::worlds(request.threads, largest);
    let less = ["--paths none, fewer runs or fewer --threads", "fewer points, --paths none"];
    needs::check(needs, &request.folder, less)?;
    let told = (flags.quiet, !flags.no_plots);
    let outcome = run(&points, &design, &axes, &about, &request, told, &cancel)?;
    tell(&design, &about, &request, &outcome, flags.quiet, flags.json)
}

/// The dates to keep. Also refuses what other commands take and this one cannot do.
fn paths(flags: &RunFlags) -> Result<Paths, Failure> {
    let paths = flags.paths.map_or(Paths::None, Paths::from);
    let mut wrong = Vec::new();
    if paths == Paths::All {
        wrong.push(
            "--paths all: a sweep keeps statistics of the core metrics and no single runs; core (every date) or none \
             (the last date) would do, and `aimarket run --set ... --paths all` writes one point in full"
                .to_string(),
        );
    }
    wrong.extend(flags.not_csv("a sweep"));
    if wrong.is_empty() { Ok(paths) } else { Err(Failure::new(USAGE, wrong.join("\nerror: "))) }
}

/// What the flags ask for, else the scenario's `[sweep]`. Where the flags say what is varied, its `[sweep]` is left aside.
fn asked(arguments: &SweepArguments, scenario: &Scenario, named: &str) -> Asked {
    let flag = |name: &str| format!("--{name}");
    let design = arguments.design.clone().map(|word| Said::new(flag("design"), word));
    let points = arguments.points.map(|n| Said::new(flag("points"), n));
    let table = arguments.design.as_ref().is_some_and(|word| word.trim().starts_with("table"));
    let vary =
        arguments.vary.iter().map(|(path, spec)| Said::new(format!("--vary {path}"), (path.clone(), spec.clone())));
    let vary: Vec<_> = vary.collect();
    let Some(spec) = scenario.sweep.as_ref().filter(|_| vary.is_empty() && !table) else {
        return Asked { design, points, vary, folder: PathBuf::new() };
    };
    asked_by(spec, named, design, points)
}

/// What the `[sweep]` of a file asks for, where the flags say nothing else.
fn asked_by(spec: &SweepSpec, named: &str, design: Option<Said<String>>, points: Option<Said<u64>>) -> Asked {
    let of_file = |path: &(String, String)| Said::new(format!("[sweep] vary {}", path.0), path.clone());
    // A table that the file names stands beside the file.
    let beside = if design.is_none() { beside(named) } else { PathBuf::new() };
    Asked {
        design: design.or_else(|| (!spec.design.is_empty()).then(|| Said::new("[sweep] design", spec.design.clone()))),
        points: points.or_else(|| spec.points.map(|n| Said::new("[sweep] points", n))),
        vary: spec.vary.iter().map(of_file).collect(),
        folder: beside,
    }
}

/// Refuses a `[sweep]` that `aimarket sweep` could not lay out.
pub(super) fn check_table(scenario: &Scenario, named: &str) -> Result<(), Failure> {
    let Some(spec) = &scenario.sweep else { return Ok(()) };
    let designed = Design::new(&asked_by(spec, named, None, None), scenario);
    designed.map(|_| ()).map_err(|faults| design_failure(&faults))
}

/// The folder of a scenario file; empty for a shipped one.
fn beside(named: &str) -> PathBuf {
    let files = [PathBuf::from(named), PathBuf::from(format!("{named}.toml"))];
    let file = files.iter().find(|file| file.is_file());
    file.and_then(|file| file.parent()).map_or_else(PathBuf::new, Path::to_path_buf)
}

/// The sweep as `scenario.toml` of its result writes it, beside its own points.
fn in_force(design: &Design) -> SweepSpec {
    if design.word == "table" {
        return SweepSpec { design: format!("table={}", sweep::POINTS), points: None, vary: Vec::new() };
    }
    SweepSpec {
        design: design.word.clone(),
        points: (design.word != "grid").then(|| design.points()),
        vary: design.columns.iter().map(|c| (c.path.clone(), c.spec.clone())).collect(),
    }
}

fn design_failure(faults: &[DesignFault]) -> Failure {
    let by_flag = faults.iter().any(|fault| fault.place.starts_with("--"));
    let said: Vec<String> = faults.iter().map(DesignFault::to_string).collect();
    Failure { code: if by_flag { USAGE } else { SCENARIO }, text: said.join("\n") }
}

fn run<F: Family>(
    points: &F,
    design: &Design,
    axes: &[Axis],
    about: &About,
    request: &Request,
    (quiet, figures): (bool, bool),
    cancel: &AtomicBool,
) -> Result<Outcome, Failure>
where
    F::Model: Send,
{
    if !quiet {
        anstream::eprintln!(
            "{}: {} points ({}), {}{} each, {} threads, seed {}",
            about.name,
            thousands(design.points()),
            design.word,
            at_most(request),
            counted(request.runs),
            request.threads,
            about.seed
        );
    }
    let mut bar = Bar::new(&about.name, quiet);
    let mut show = |progress| bar.show(progress);
    let mut figure_failure = None;
    let mut draw_into = |folder: &Path| {
        if figures {
            match sweep::read(folder).map_err(Failure::from).and_then(|results| draw(&results, folder)) {
                Ok(drawn) if !quiet => plot::tell(&drawn),
                Ok(_) => {}
                Err(failure) => figure_failure = Some(failure),
            }
        }
    };
    let outcome = sweep::sweep(points, design, axes, about, request, cancel, &mut show, &mut draw_into)?;
    let elapsed = bar.finish();
    if !quiet && let Some(results) = &outcome.results {
        let (runs, seconds) = (counted(results.manifest.completed), elapsed.as_secs_f64());
        let written = if figures { "tables and figures" } else { "tables" };
        anstream::eprintln!("{runs} in {seconds:.1} s; {written} are in {}", request.folder.display());
    }
    // The tables stand; only the figures are missing.
    figure_failure.map_or(Ok(outcome), Err)
}

/// What stands before the runs of a point.
fn at_most(request: &Request) -> &'static str {
    if request.stop.is_some() { "at most " } else { "" }
}

/// Draws the figures of a sweep into `figures/` of its folder.
pub fn draw(results: &SweepResults, folder: &Path) -> Result<Drawn, Failure> {
    draw_sweep(&results.provenance, &results.material, &folder.join("figures")).map_err(|e| Failure::new(OUTPUT, e))
}

/// Says what came of a sweep, on stdout and stderr, and how the command ends.
fn tell(
    design: &Design,
    about: &About,
    request: &Request,
    outcome: &Outcome,
    quiet: bool,
    as_json: bool,
) -> Result<(), Failure> {
    let Some(results) = &outcome.results else {
        anstream::eprintln!("{}: stopped before the first point was done; --resume continues", about.name);
        return Err(Failure::silent(INTERRUPTED));
    };
    let effects = &outcome.effects;
    let manifest = &results.manifest;
    if as_json {
        let object = json!({
            "command": sweep::COMMAND,
            "scenario": about.name,
            "folder": request.folder,
            "design": design.word,
            "points": outcome.points,
            "points_asked": design.points(),
            "runs_per_point": request.runs,
            "stopping": stopping_json(request, outcome),
            "runs": manifest.completed,
            "failed": manifest.failed,
            "seed": about.seed,
            "scenario_hash": about.hash,
            "end": manifest.end,
            "interrupted": outcome.interrupted,
            "simulating_seconds": manifest.simulating_seconds,
            "paths": results.material.axes.iter().map(|a| json!({ "path": a.path, "unit": a.unit, "base": a.base })).collect::<Vec<_>>(),
            "effects": effects.iter().map(|e| effect_json(&results.material, e)).collect::<Vec<_>>(),
        });
        let text = serde_json::to_string_pretty(&object).map_err(|e| Failure::new(UNEXPECTED, e))?;
        anstream::println!("{text}");
    } else {
        for sentence in words::summary(results, outcome, request) {
            anstream::println!("{sentence}");
        }
        if let Some(table) = words::table(results, effects) {
            anstream::println!("{table}");
        }
    }
    for failed in manifest.failures.iter().take(3) {
        anstream::eprintln!("run {} failed in {} at {}: {}", failed.run, failed.phase, failed.month, failed.what);
    }
    if outcome.interrupted {
        if !quiet {
            let (done, all) = (outcome.points, design.points());
            anstream::eprintln!("stopped early: points 1 to {done} of {all} are written; --resume continues");
        }
        return Err(Failure::silent(INTERRUPTED));
    }
    match manifest.failed {
        0 => Ok(()),
        n => Err(Failure::new(RUNS, format!("{} failed and are left out of all results; see points.csv", counted(n)))),
    }
}

/// How many runs the points took, where they stop at standard errors.
fn stopping_json(request: &Request, outcome: &Outcome) -> Option<serde_json::Value> {
    let stop = request.stop.as_ref()?;
    let (least, median, most) = words::taken(&outcome.spent)?;
    let missed: Vec<usize> = words::missed(&outcome.spent);
    Some(json!({
        "targets": stop.targets,
        "runs_least": least,
        "runs_median": median,
        "runs_most": most,
        "points_not_met": missed,
    }))
}

fn effect_json(material: &SweepMaterial, effect: &Effect) -> serde_json::Value {
    let (response, moved) = (&material.responses[effect.response], &effect.moved);
    let means = moved.means.as_ref();
    let (ci_low, ci_high) = means.map(|m| m.interval()).unzip();
    json!({
        "path": material.axes[effect.axis].path,
        "metric": format!("{}.{}", response.kind.word(), response.metric),
        "entity": response.entity,
        "unit": response.unit,
        "low_at": moved.low.text,
        "low_median": moved.low.median,
        "high_at": moved.high.text,
        "high_median": moved.high.median,
        "median_difference": moved.range(),
        "paired_runs": means.map_or(0, |m| m.runs),
        "low_mean": means.map(|m| m.low),
        "high_mean": means.map(|m| m.high),
        "mean_difference": means.map(|m| m.difference()),
        "se": means.map(|m| m.error),
        "se_from": means.filter(|m| !m.error.is_nan()).map(|m| if m.by_points { "points" } else { "runs" }),
        "ci_low": ci_low,
        "ci_high": ci_high,
        "within_noise": means.and_then(|m| m.within_noise()),
        "pairs": moved.pairs,
    })
}
