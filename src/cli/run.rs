//! `aimarket run`: read and check everything, then simulate scenario after scenario.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::arguments::{RunArguments, RunFlags};
use super::failure::{Failure, INTERRUPTED, RUNS, SCENARIO, UNEXPECTED, USAGE};
use super::terminal::{Bar, claims_table, labs_at_horizon, scored_claims, table, thousands};
use super::{needs, plot, until};
use crate::experiment::statistics::EXACT_RUNS;
use crate::output::selection::Needs;
use crate::output::{About, Outcome, Paths, Request, Until, folder, simulate_until};
use crate::record::claims::{self, Claims};
use crate::run::Model;
use crate::scenario::Scenario;

/// A scenario that is checked and ready.
struct Job<M> {
    scenario: Scenario,
    model: M,
    about: About,
    request: Request,
    until: Option<Until>,
}

/// Simulates scenarios and writes their results.
pub fn run<M: Model>(
    arguments: &RunArguments,
    command_line: Vec<String>,
    prepare: &impl Fn(&Scenario) -> Result<M, String>,
) -> Result<(), Failure> {
    let flags = &arguments.flags;
    let jobs = jobs(arguments, command_line, prepare)?;
    let cancel = cancelled_by_ctrl_c();
    let mut reports = Vec::new();
    let mut failed = 0;
    let mut interrupted = false;
    for job in &jobs {
        let outcome = one(job, flags, &cancel)?;
        interrupted |= outcome.interrupted;
        if let Some(results) = &outcome.results {
            failed += results.manifest.failed;
        }
        reports.push(report(job, &outcome));
        if interrupted {
            break;
        }
    }
    if flags.json {
        let text = serde_json::to_string_pretty(&json!({ "scenarios": reports }));
        anstream::println!("{}", text.map_err(|e| Failure::new(UNEXPECTED, e))?);
    }
    match (interrupted, failed) {
        (true, _) => Err(Failure::silent(INTERRUPTED)),
        (false, 0) => Ok(()),
        (false, n) => Err(Failure::new(
            RUNS,
            format!("{} failed and are left out of all results; see `failures` in manifest.json", counted(n)),
        )),
    }
}

pub(super) fn counted(runs: u64) -> String {
    if runs == 1 { "1 run".to_string() } else { format!("{} runs", thousands(runs)) }
}

/// Reads and checks all scenarios, their folders, and the memory and disk they need, before anything starts.
fn jobs<M: Model>(
    arguments: &RunArguments,
    command_line: Vec<String>,
    prepare: &impl Fn(&Scenario) -> Result<M, String>,
) -> Result<Vec<Job<M>>, Failure> {
    let flags = &arguments.flags;
    let overlays = overlays(flags);
    let named = if arguments.scenarios.is_empty() { vec![default_scenario()] } else { arguments.scenarios.clone() };
    let mut scenarios = Vec::new();
    let mut wrong = Vec::new();
    for what in &named {
        match claims::load(what, &overlays) {
            Ok(scenario) => scenarios.push(scenario),
            Err(faults) => wrong.push(Failure::faults(&faults).text),
        }
    }
    if !wrong.is_empty() {
        return Err(Failure { code: SCENARIO, text: wrong.join("\n") });
    }
    let several = scenarios.len() > 1;
    let mut jobs: Vec<Job<M>> = Vec::new();
    for scenario in scenarios {
        let folder = match &flags.output {
            None => Path::new("output").join(folder_name(&scenario.name)),
            Some(dir) if several => dir.join(folder_name(&scenario.name)),
            Some(dir) => dir.clone(),
        };
        if jobs.iter().any(|job| job.request.folder == folder) {
            let text = format!("two scenarios would write to {}; give them different names", folder.display());
            return Err(Failure::new(USAGE, text));
        }
        let threads = flags.threads.map_or_else(cores, usize::from);
        needs::check_worlds(threads, [&scenario])?;
        let model = prepare(&scenario).map_err(|e| Failure::new(SCENARIO, format!("{}: {e}", scenario.name)))?;
        let runs = scenario.parameters.simulation.runs;
        let request = Request {
            folder,
            runs,
            threads,
            paths: flags.paths.map_or_else(|| Paths::for_runs(runs), Paths::from),
            format: flags.format(),
            overwrite: flags.overwrite,
            resume: flags.resume,
            command_line: command_line.clone(),
        };
        let about = about(&scenario);
        let until = until::watched(&arguments.stop, &model, flags.paths.is_none())?;
        let design = crate::output::simulate::design(&about, &request, until.as_ref());
        folder::check(&request.folder, &design, &about.toml, request.overwrite)?;
        jobs.push(Job { scenario, model, about, request, until });
    }
    check_needs(&jobs)?;
    Ok(jobs)
}

/// `--set` in the order given, then the flags that have names of their own.
pub(super) fn overlays(flags: &RunFlags) -> Vec<(String, String)> {
    let mut overlays = flags.set.clone();
    let mut add = |path: &str, value: Option<String>| overlays.extend(value.map(|value| (path.to_string(), value)));
    add("simulation.runs", flags.runs.map(|n| n.to_string()));
    add("simulation.seed", flags.seed.map(|s| s.to_string()));
    add("simulation.end", flags.until.map(|m| format!("\"{m}\"")));
    overlays
}

/// `scenarios/baseline.toml` where it stands, else the baseline that is shipped.
pub(super) fn default_scenario() -> String {
    let file = "scenarios/baseline.toml";
    if Path::new(file).is_file() { file.to_string() } else { "baseline".to_string() }
}

/// The name of a scenario as the name of a folder.
pub(super) fn folder_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "scenario".to_string() } else { name.to_string() }
}

pub(super) fn about(scenario: &Scenario) -> About {
    let initial = scenario.initial_provenance();
    About {
        name: scenario.name.clone(),
        description: scenario.description.clone(),
        hash: scenario.hash().to_string(),
        toml: scenario.to_toml(),
        seed: scenario.parameters.simulation.seed,
        initial_observed: initial.observed,
        initial_priors: initial.priors,
        initial_priors_drawn: initial.drawn,
        draw_units: draw_units(scenario),
    }
}

fn draw_units(scenario: &Scenario) -> Vec<String> {
    let rows = crate::scenario::describe::resolved(scenario);
    let unit = |path: &String| rows.iter().find(|r| r.path == *path).map_or(String::new(), |r| r.unit.to_string());
    scenario.draw_paths().iter().map(unit).collect()
}

/// Whether memory and disk suffice for all that is asked.
fn check_needs<M: Model>(jobs: &[Job<M>]) -> Result<(), Failure> {
    let of_job = |job: &Job<M>| {
        let r = &job.request;
        let enterprises = job.scenario.parameters.enterprises.count;
        let estimate = |runs, paths| Needs::estimate(job.model.layout(), runs, paths, r.format, r.threads, enterprises);
        let most = estimate(r.runs, r.paths);
        if r.runs <= EXACT_RUNS || job.until.as_ref().is_none_or(|u| u.targets.is_empty()) {
            return most;
        }
        // Until it is known how many runs it takes, the core series of the first ones are kept.
        let first = estimate(EXACT_RUNS, Paths::None);
        Needs { memory: most.memory.max(first.memory), disk: most.disk + first.disk }
    };
    let memory = jobs.iter().map(|job| of_job(job).memory).max().unwrap_or(0);
    let disk: u64 = jobs.iter().map(|job| of_job(job).disk).sum();
    let folder = jobs.first().map_or(Path::new("."), |job| &job.request.folder);
    needs::check(Needs { memory, disk }, folder, ["fewer --threads", "fewer runs, --paths none"])
}

/// Threads that the machine runs at once.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A flag that Ctrl-C raises; a second Ctrl-C ends the program at once, and `--resume` continues.
pub fn cancelled_by_ctrl_c() -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let raised = cancel.clone();
    let set = ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        anstream::eprintln!("stopping after the runs under way (Ctrl-C again to end at once)");
    });
    if let Err(error) = set {
        anstream::eprintln!("Ctrl-C will not publish what is done: {error}");
    }
    cancel
}

fn one<M: Model>(job: &Job<M>, flags: &RunFlags, cancel: &AtomicBool) -> Result<Outcome, Failure> {
    let Job { scenario, model, about, request, until } = job;
    if !flags.quiet {
        anstream::eprintln!(
            "{}: {}{} runs, {} threads, seed {}",
            scenario.name,
            if until.as_ref().is_some_and(|u| !u.targets.is_empty()) { "at most " } else { "" },
            thousands(request.runs),
            request.threads,
            about.seed
        );
        tell_undecidable(&scenario.name, model.claims());
    }
    let mut bar = Bar::new(&scenario.name, flags.quiet);
    let mut figure_failure = None;
    let outcome = simulate_until(
        model,
        about,
        (request, until.as_ref()),
        cancel,
        &mut |progress| bar.show(progress),
        &mut |results, folder| {
            if !flags.no_plots && results.manifest.completed > 0 {
                match plot::draw(scenario, results, folder) {
                    Ok(drawn) if !flags.quiet => plot::tell(&drawn),
                    Ok(_) => {}
                    Err(failure) => figure_failure = Some(failure),
                }
            }
        },
    )?;
    let elapsed = bar.finish();
    let Some(results) = &outcome.results else {
        anstream::eprintln!("{}: stopped before the first runs were done; nothing written", scenario.name);
        return Ok(outcome);
    };
    if !flags.json {
        anstream::println!("{}", table(results));
        if let Some(claims) = claims_table(&results.claims) {
            anstream::println!("{claims}");
        }
        if let Some(text) = results.manifest.stopping.as_ref().and_then(|s| until::words(s, request.runs)) {
            anstream::println!("{text}");
        }
    }
    if !flags.quiet {
        anstream::eprintln!(
            "{} in {:.1} s; {} are in {}",
            counted(results.manifest.completed),
            elapsed.as_secs_f64(),
            if flags.no_plots { "tables and summary" } else { "tables, summary and figures" },
            request.folder.display()
        );
        if outcome.interrupted {
            anstream::eprintln!("stopped early: runs 1 to {} are written; --resume continues", outcome.attempted);
        }
    }
    for failed in results.manifest.failures.iter().take(3) {
        anstream::eprintln!("run {} failed in {} at {}: {}", failed.run, failed.phase, failed.month, failed.what);
    }
    // The tables stand; only the figures are missing.
    figure_failure.map_or(Ok(outcome), Err)
}

/// Says which claims the runs cannot decide: their rows have no probability.
pub fn tell_undecidable(scenario: &str, claims: &Claims) {
    for judged in claims.claims.iter().filter(|judged| judged.undecidable.is_some()) {
        anstream::eprintln!("{scenario}: claim `{}` is not decidable {}", judged.claim.id, judged.not_decidable());
    }
}

fn report<M>(job: &Job<M>, outcome: &Outcome) -> serde_json::Value {
    let manifest = outcome.results.as_ref().map(|r| &r.manifest);
    json!({
        "scenario": job.scenario.name,
        "folder": job.request.folder,
        "interrupted": outcome.interrupted,
        "runs": manifest.map_or(0, |m| m.completed),
        "failed": manifest.map_or(0, |m| m.failed),
        "seed": job.about.seed,
        "scenario_hash": job.about.hash,
        "start": manifest.map(|m| &m.start),
        "end": manifest.map(|m| &m.end),
        "simulating_seconds": manifest.map(|m| m.simulating_seconds),
        "stopping": manifest.and_then(|m| m.stopping.as_ref()),
        "labs": outcome.results.as_ref().map(labs_at_horizon),
        "claims": outcome.results.as_ref().map(|r| scored_claims(&r.claims)),
    })
}
