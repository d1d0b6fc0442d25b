//! `aimarket compare`: read and check everything, run the scenarios together, write and tell what differs.

pub(super) mod draw;
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::arguments::{CompareArguments, Settings};
use super::failure::{Failure, INTERRUPTED, RUNS, SCENARIO, UNEXPECTED};
use super::run::{about, cancelled_by_ctrl_c, cores, counted, default_scenario, folder_name, overlays};
use super::terminal::{Bar, thousands};
use super::{needs, plot, until};
use crate::experiment::compare::targets::resolve;
use crate::experiment::design::laid;
use crate::output::compare::{Compared, Comparing, Side, compare as run_together, design, needs};
use crate::output::folder;
use crate::record::claims;
use crate::run::Model;
use crate::scenario::nodes::all_paths;
use crate::scenario::{Fault, Scenario, Where};

/// Letters of the name of a results folder that is made of those of scenarios.
const FOLDER_LETTERS: usize = 100;

/// Compares scenarios and writes the result.
pub fn compare<M: Model>(
    arguments: &CompareArguments,
    command_line: Vec<String>,
    prepare: &impl Fn(&Scenario) -> Result<M, String>,
) -> Result<(), Failure> {
    let flags = &arguments.flags;
    refuse(arguments)?;
    let (scenarios, overruled) = scenarios(arguments)?;
    let fixed = fixed(&scenarios, arguments);
    let threads = flags.threads.map_or_else(cores, usize::from);
    needs::check_worlds(threads, &scenarios)?;
    let mut sides = Vec::new();
    for scenario in &scenarios {
        let model = prepare(scenario).map_err(|e| Failure::new(SCENARIO, format!("{}: {e}", scenario.name)))?;
        sides.push(Side { about: about(scenario), model });
    }
    same_months(&sides)?;
    let Some((base, others)) = sides.split_first() else { return Ok(()) };
    let named: Vec<_> = others.iter().map(|side| (side.about.name.as_str(), side.model.layout())).collect();
    let stop = &arguments.stop;
    let asked = !stop.until_mcse.is_empty() || stop.convergence;
    let watched = if asked { resolve(&stop.until_mcse, base.model.layout(), &named) } else { Ok(Vec::new()) };
    let request = Comparing {
        folder: flags.output.clone().unwrap_or_else(|| default_folder(&scenarios)),
        runs: scenarios[0].parameters.simulation.runs,
        threads,
        overwrite: flags.overwrite,
        command_line,
        watched: watched.map_err(|wrong| until::faults(&wrong))?,
        targets: stop.until_mcse.iter().map(|t| t.text.clone()).collect(),
        convergence: stop.convergence,
    };
    folder::check(&request.folder, &design(&sides, &request), "", request.overwrite)?;
    let needed = needs(&sides, &request, scenarios.iter().map(|s| s.parameters.enterprises.count).sum());
    needs::check(needed, &request.folder, ["fewer --threads or scenarios", "fewer scenarios"])?;
    if !flags.quiet {
        let most = if request.targets.is_empty() { "" } else { "at most " };
        let names: Vec<&str> = others.iter().map(|side| side.about.name.as_str()).collect();
        anstream::eprintln!(
            "{} against {}: {most}{} pairs of runs, {} threads, seed {}",
            names.join(", "),
            base.about.name,
            thousands(request.runs),
            request.threads,
            base.about.seed
        );
        overruled.iter().for_each(|text| anstream::eprintln!("{text}"));
    }
    let cancel = cancelled_by_ctrl_c();
    let mut bar = Bar::new("compare", flags.quiet);
    let mut figure_failure = None;
    let compared =
        run_together(&sides, &request, &cancel, &mut |progress| bar.show(progress), &mut |compared, folder| {
            if !flags.no_plots {
                match draw::draw(compared, folder) {
                    Ok(drawn) => plot::tell(&drawn),
                    Err(failure) => figure_failure = Some(failure),
                }
            }
        })?;
    let elapsed = bar.finish();
    let Some(compared) = compared else {
        anstream::eprintln!("stopped before the first pairs were done; nothing written");
        return Err(Failure::silent(INTERRUPTED));
    };
    let manifest = &compared.manifest;
    if flags.json {
        let text = serde_json::to_string_pretty(&report(&compared, &request.folder, &fixed));
        anstream::println!("{}", text.map_err(|e| Failure::new(UNEXPECTED, e))?);
    } else {
        anstream::println!("{}", words::summary(&compared));
        for text in &fixed {
            anstream::println!("{text}");
        }
        if let Some(text) = manifest.stopping.as_ref().and_then(|s| until::words(s, request.runs)) {
            anstream::println!("{text}");
        }
    }
    if !flags.quiet {
        anstream::eprintln!(
            "{} of each scenario in {:.1} s; {} in {}",
            counted(manifest.attempted),
            elapsed.as_secs_f64(),
            if flags.no_plots { "the table is" } else { "table and figures are" },
            request.folder.display()
        );
    }
    for failed in manifest.failures.iter().take(3) {
        anstream::eprintln!("run {} failed in {} at {}: {}", failed.run, failed.phase, failed.month, failed.what);
    }
    if manifest.interrupted {
        anstream::eprintln!("stopped early: the pairs of runs 1 to {} are written", manifest.attempted);
        return Err(Failure::silent(INTERRUPTED));
    }
    if manifest.failed > 0 {
        let text = format!(
            "{} failed in one scenario or more and are left out of its pairs; see `failures` in manifest.json",
            counted(manifest.failed)
        );
        return Err(Failure::new(RUNS, text));
    }
    // The table stands; only the figures are missing.
    figure_failure.map_or(Ok(()), Err)
}

/// What other commands take and this one cannot do.
fn refuse(arguments: &CompareArguments) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    if arguments.flags.resume {
        wrong.push("--resume: a comparison keeps no blocks of runs; start it again without".to_string());
    }
    if arguments.flags.paths.is_some() {
        wrong.push("--paths: a comparison writes differences, not runs; `aimarket run` writes those".to_string());
    }
    wrong.extend(arguments.flags.not_csv("a comparison"));
    let named = arguments.scenarios.len().max(1) + arguments.with.len();
    if named < 2 {
        wrong.push(
            "there is nothing to compare with; name a second scenario, or a variant with --with PATH=VALUE".to_string(),
        );
    }
    if wrong.is_empty() { Ok(()) } else { Err(until::faults(&wrong)) }
}

/// Reads the base, the other scenarios and the variants of the base; all their faults are told at once. With them, where the base
/// overrules the seed or the runs of another file.
fn scenarios(arguments: &CompareArguments) -> Result<(Vec<Scenario>, Vec<String>), Failure> {
    let shared = overlays(&arguments.flags);
    let base_name = arguments.scenarios.first().cloned().unwrap_or_else(default_scenario);
    let (mut scenarios, mut wrong): (Vec<Scenario>, Vec<String>) = (Vec::new(), Vec::new());
    let mut told = Vec::new();
    let mut common = shared.clone();
    match claims::load(&base_name, &shared) {
        Ok(base) => {
            // The same runs of the same seed, whatever the other files say.
            let simulation = &base.parameters.simulation;
            common.push(("simulation.seed".to_string(), simulation.seed.to_string()));
            common.push(("simulation.runs".to_string(), simulation.runs.to_string()));
            scenarios.push(base);
        }
        Err(faults) => wrong.push(Failure::faults(&faults).text),
    }
    for name in arguments.scenarios.iter().skip(1) {
        match claims::load(name, &common) {
            Ok(scenario) => {
                // What the file says without the base.
                let own = claims::load(name, &shared).ok();
                told.extend(own.zip(scenarios.first()).and_then(|(own, base)| overruled(&own, base)));
                scenarios.push(scenario);
            }
            Err(faults) => wrong.push(Failure::faults(&faults).text),
        }
    }
    // Of a base that cannot be read the faults are told.
    let strategies: BTreeSet<String> = scenarios.first().map_or_else(BTreeSet::new, |base| {
        let all = all_paths(&base.parameters).into_iter();
        all.filter(|(_, place)| place.variants().is_some()).map(|(path, _)| path).collect()
    });
    let is_strategy = |path: &str| strategies.contains(path);
    for settings in &arguments.with {
        let laid =
            settings.iter().map(|(path, value)| (path.clone(), laid(value, is_strategy(path)))).collect::<Settings>();
        match claims::load(&base_name, &[common.clone(), laid].concat()) {
            Ok(mut scenario) => {
                scenario.name = name_of(settings);
                scenarios.push(scenario);
            }
            // What is wrong with the base is told already.
            Err(faults) => wrong.extend(faults.iter().filter(|f| is_of(f, settings)).map(|fault| {
                let text = fault.to_string();
                text.strip_prefix("--set").map_or(text.clone(), |rest| format!("--with{rest}"))
            })),
        }
    }
    wrong.dedup();
    if !wrong.is_empty() {
        return Err(Failure { code: SCENARIO, text: wrong.join("\n") });
    }
    apart(&mut scenarios);
    Ok((scenarios, told))
}

/// A variant is named by its settings.
fn name_of(settings: &Settings) -> String {
    settings.iter().map(|(path, value)| format!("{path}={value}")).collect::<Vec<_>>().join(",")
}

/// Whether a fault comes from the settings of a variant: it names one of them, or the whole, which without them is sound.
fn is_of(fault: &Fault, settings: &Settings) -> bool {
    match &fault.place {
        Where::Set(path) => settings.iter().any(|(set, _)| set == path),
        Where::File { .. } => false,
        Where::Whole(_) => true,
    }
}

/// Numbers the second and further scenarios of one name.
fn apart(scenarios: &mut [Scenario]) {
    let names: Vec<String> = scenarios.iter().map(|s| s.name.clone()).collect();
    for (k, scenario) in scenarios.iter_mut().enumerate() {
        let earlier = names[..k].iter().filter(|n| **n == scenario.name).count();
        if earlier > 0 {
            scenario.name = format!("{} ({})", scenario.name, earlier + 1);
        }
    }
}

/// Whether all scenarios have the dates of the base.
fn same_months<M: Model>(sides: &[Side<M>]) -> Result<(), Failure> {
    let Some((base, others)) = sides.split_first() else { return Ok(()) };
    let span = |side: &Side<M>| {
        let months = &side.model.layout().months;
        let end = |m: Option<&crate::units::Month>| m.copied().unwrap_or_default().to_string();
        (end(months.first()), end(months.last()))
    };
    let mut wrong = Vec::new();
    for other in others.iter().filter(|o| o.model.layout().months != base.model.layout().months) {
        let ((start, end), (first, last)) = (span(other), span(base));
        let would = if start == first && end != last {
            format!("--until {} would do", end.min(last.clone()))
        } else {
            "the same start, end and steps_per_year in both would do".to_string()
        };
        wrong.push(format!(
            "{} goes from {start} to {} and {} from {first} to {last}: only the same dates can be compared; {would}",
            other.about.name,
            span(other).1,
            base.about.name
        ));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure { code: SCENARIO, ..until::faults(&wrong) }) }
}

/// Where a variant fixes what the base draws, the difference is not of the value alone: one sentence a path.
fn fixed(scenarios: &[Scenario], arguments: &CompareArguments) -> Vec<String> {
    let drawn = scenarios.first().map(Scenario::draw_paths).unwrap_or_default();
    let paths: BTreeSet<&String> = arguments.with.iter().flatten().map(|(path, _)| path).collect();
    let sentence = |path: &String| {
        format!(
            "{path} is drawn in {}, and its variant fixes it: the difference is of both. --set {path}=VALUE fixes it in the base too.",
            scenarios[0].name
        )
    };
    paths.into_iter().filter(|path| drawn.contains(path)).map(sentence).collect()
}

/// The seed and the runs of a scenario where they give way to those of the base: one sentence.
fn overruled(own: &Scenario, base: &Scenario) -> Option<String> {
    let (own_values, of_base) = (&own.parameters.simulation, &base.parameters.simulation);
    let mut told = Vec::new();
    if own_values.seed != of_base.seed {
        told.push(format!("seed {} instead of its own {}", of_base.seed, own_values.seed));
    }
    if own_values.runs != of_base.runs {
        told.push(format!("{} instead of its own {}", counted(of_base.runs), thousands(own_values.runs)));
    }
    let text = || format!("{}: {}, as pairs are of the same draws as in {}", own.name, told.join(" and "), base.name);
    (!told.is_empty()).then(text)
}

fn default_folder(scenarios: &[Scenario]) -> PathBuf {
    let names: Vec<String> = scenarios.iter().map(|s| folder_name(&s.name)).collect();
    let name: String = names.join("-vs-").chars().take(FOLDER_LETTERS).collect();
    Path::new("output").join(name)
}

fn report(compared: &Compared, folder: &Path, notes: &[String]) -> serde_json::Value {
    let m = &compared.manifest;
    let others = compared.others.iter().map(|versus| {
        json!({
            "scenario": versus.scenario,
            "pairs": versus.pairs,
            "dropped": versus.dropped,
            "labs": words::at_horizon(versus, &m.labs),
        })
    });
    json!({
        "base": compared.base,
        "folder": folder,
        "interrupted": m.interrupted,
        "runs": m.attempted,
        "failed": m.failed,
        "seed": m.design.seed,
        "start": m.start,
        "end": m.end,
        "simulating_seconds": m.simulating_seconds,
        "stopping": m.stopping,
        "notes": notes,
        "others": others.collect::<Vec<_>>(),
    })
}
