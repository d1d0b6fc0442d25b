//! `aimarket sensitivity`: which uncertain parameters, and chance itself, move the outcomes at the horizon.

mod note;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use clap::{Args, ValueEnum};
use wildmatch::WildMatch;

use super::arguments::{RunFlags, whole};
use super::failure::{Failure, INTERRUPTED, OUTPUT, RUNS, SCENARIO, UNEXPECTED, USAGE};
use super::run::{about, cancelled_by_ctrl_c, cores, counted, default_scenario, folder_name, overlays};
use super::terminal::{Bar, thousands};
use super::{needs, plot};
use crate::experiment::sensitivity::design::factors;
use crate::experiment::sensitivity::{Analysis, CHANCE, Design, Estimate, Index, Method, Scale};
use crate::figures::{Drawn, FactorMark, FactorPanel, FigureError, Span, draw_sensitivity};
use crate::output::folder;
use crate::output::sensitivity::{COMMAND, Found, LEAST_ROWS, Request, design_of, needs, simulate};
use crate::record::TableKind;
use crate::record::claims;
use crate::run::Placed;
use crate::scenario::Scenario;
use crate::scenario::fault::suggest;

const EXAMPLES: &str = "Examples:
  aimarket sensitivity baseline                   all uncertain parameters: some 250 runs a row
  aimarket sensitivity baseline --method morris   a screening, with fewer trajectories than rows
  aimarket sensitivity quick --parameters 'demand.*' --parameters 'labs.openai.*' --samples 64
                                                  some of them; the rest and chance are `all else`

Chance is one more factor: with all parameters known, it is what would still differ from run to
run. A row takes (parameters + 5) runs, one less for each replicate left out; a trajectory of a
screening takes (parameters + 2). --resume continues after a stop.
Money that is above 0 in every run is analysed in ln (column `scale`): its variance would else be
that of a few runs.";

/// Rows of the Sobol' design, unless something else is asked for.
const SOBOL_ROWS: u64 = 256;
/// Trajectories, unless something else is asked for: Campolongo, Cariboni and Saltelli (2007) work with tens.
const TRAJECTORIES: u64 = 32;
/// Labs whose share and value are told and drawn.
pub const LABS: usize = 2;

/// Arguments of `sensitivity`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SensitivityArguments {
    /// Scenario file, or name of a shipped scenario [default: scenarios/baseline.toml]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// Rows of the Sobol' design, a power of two [default: 256]; of `--method morris`, trajectories [default: 32]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(LEAST_ROWS as u64, 65_536))]
    pub samples: Option<u64>,
    /// What is computed
    #[arg(long, value_enum, default_value = "both")]
    pub method: MethodWord,
    /// Vary only parameters whose path matches, with * for anything; may be repeated. The others stay drawn, and count with chance as `all else`
    #[arg(long, value_name = "PATTERN")]
    pub parameters: Vec<String>,
    /// More runs of every base row under other run numbers, as a check of the share of chance: 0, or 2 and more
    #[arg(long, value_name = "R", default_value_t = 2, value_parser = whole::<u64>(0, 1_000))]
    pub replicates: u64,
    /// Flags.
    #[command(flatten)]
    pub flags: RunFlags,
}

/// See [`Method`].
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum MethodWord {
    /// Indices of variance, and elementary effects from the same runs
    Both,
    /// Indices of variance alone
    Sobol,
    /// Elementary effects along trajectories: a cheap screening
    Morris,
}

impl From<MethodWord> for Method {
    fn from(word: MethodWord) -> Method {
        match word {
            MethodWord::Both => Method::Both,
            MethodWord::Sobol => Method::Sobol,
            MethodWord::Morris => Method::Morris,
        }
    }
}

/// What is wrong with the command line, all at once.
fn usage(arguments: &SensitivityArguments) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    let method = Method::from(arguments.method);
    if let Some(n) = arguments.flags.runs {
        wrong.push(format!("--runs {n} means nothing here: the design decides the runs; --samples N sets its rows"));
    }
    if arguments.flags.paths.is_some() {
        wrong.push("--paths means nothing here: outputs holds the core series at the horizon of every run".to_string());
    }
    if let Some(n) = arguments.samples.filter(|n| method != Method::Morris && !n.is_power_of_two()) {
        let above = n.next_power_of_two();
        let near = if above > 65_536 { format!("{}", above / 2) } else { format!("{} or {above}", above / 2) };
        wrong.push(format!("--samples {n} is no power of two, which a Sobol' sequence wants; {near} would do"));
    }
    if arguments.replicates == 1 {
        wrong.push("--replicates 1 tells no spread; 0 or 2 would do".to_string());
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::new(USAGE, wrong.join("\nerror: "))) }
}

/// The design that is asked for.
fn design(arguments: &SensitivityArguments, scenario: &Scenario) -> Result<Design, Failure> {
    let paths = scenario.draw_paths();
    let patterns: Vec<WildMatch> = arguments.parameters.iter().map(|p| WildMatch::new(p)).collect();
    let wanted = |path: &str| patterns.is_empty() || patterns.iter().any(|p| p.matches(path));
    let varied = factors(&scenario.uncertain, wanted);
    let all = factors(&scenario.uncertain, |_| true);
    let known: Vec<&str> = all.iter().map(|f| f.path.as_str()).collect();
    let mut wrong = Vec::new();
    for (text, pattern) in arguments.parameters.iter().zip(&patterns) {
        if known.iter().any(|path| pattern.matches(path)) {
            continue;
        }
        let fixed = paths.iter().any(|path| pattern.matches(path));
        let what = if fixed { "matches only parameters that others fix" } else { "matches no uncertain parameter" };
        let hint = suggest(text, &known).map_or(String::new(), |hint| format!("; {hint}"));
        wrong.push(format!("--parameters {text} {what} of {}{hint}", scenario.name));
    }
    if known.is_empty() {
        wrong.push(format!("{} has no uncertain parameter; [uncertain] names them", scenario.name));
    }
    if !wrong.is_empty() {
        return Err(Failure::new(USAGE, wrong.join("\nerror: ")));
    }
    let method = Method::from(arguments.method);
    let usual = if method == Method::Morris { TRAJECTORIES } else { SOBOL_ROWS };
    let rows = arguments.samples.unwrap_or(usual) as usize;
    let seed = scenario.parameters.simulation.seed;
    let others = all.len() - varied.len();
    Ok(Design::new(method, varied, paths.len(), rows, arguments.replicates, seed).beside(others))
}

/// Runs a design, writes its results and tells what moves the largest labs.
pub fn sensitivity<M: Placed>(
    arguments: &SensitivityArguments,
    command_line: Vec<String>,
    prepare: &impl Fn(&Scenario) -> Result<M, String>,
) -> Result<(), Failure> {
    usage(arguments)?;
    let flags = &arguments.flags;
    let what = arguments.scenario.clone().unwrap_or_else(default_scenario);
    let scenario = claims::load(&what, &overlays(flags)).map_err(|faults| Failure::faults(&faults))?;
    let design = design(arguments, &scenario)?;
    let threads = flags.threads.map_or_else(cores, usize::from);
    needs::check_worlds(threads, [&scenario])?;
    let model = prepare(&scenario).map_err(|e| Failure::new(SCENARIO, format!("{}: {e}", scenario.name)))?;
    let about = about(&scenario);
    let usual = || Path::new("output").join(format!("{}-{COMMAND}", folder_name(&scenario.name)));
    let request = Request {
        folder: flags.output.clone().unwrap_or_else(usual),
        threads,
        format: flags.format(),
        overwrite: flags.overwrite,
        resume: flags.resume,
        command_line,
    };
    folder::check(&request.folder, &design_of(&about, &design, request.format), &about.toml, request.overwrite)?;
    let needed = needs(model.layout(), &design, &request, scenario.parameters.enterprises.count);
    needs::check(needed, &request.folder, ["fewer --threads or --samples", "fewer --samples"])?;
    let all = factors(&scenario.uncertain, |_| true).len();
    let (fixed, others) = (scenario.uncertain.draws.len() - all, all - design.factors.len());
    if !flags.quiet {
        anstream::eprintln!("{}", note::plan(&scenario.name, &design, (fixed, others), &request));
    }
    let cancel = cancelled_by_ctrl_c();
    run(&scenario, &model, &about, (&design, others), &request, flags, &cancel)
}

fn run<M: Placed>(
    scenario: &Scenario,
    model: &M,
    about: &crate::output::About,
    (design, others): (&Design, usize),
    request: &Request,
    flags: &RunFlags,
    cancel: &AtomicBool,
) -> Result<(), Failure> {
    let mut bar = Bar::new(&scenario.name, flags.quiet);
    let mut figure_failure = None;
    let outcome =
        simulate(model, about, design, request, cancel, &mut |progress| bar.show(progress), &mut |found, folder| {
            if !flags.no_plots {
                match draw(found, folder) {
                    Ok(drawn) if !flags.quiet => plot::tell(&drawn),
                    Ok(_) => {}
                    Err(failure) => figure_failure = Some(failure),
                }
            }
        })?;
    let elapsed = bar.finish();
    let Some(found) = &outcome.found else {
        anstream::eprintln!(
            "{}: stopped before {LEAST_ROWS} rows were complete; nothing written (--resume continues)",
            scenario.name
        );
        return Err(Failure::silent(INTERRUPTED));
    };
    if flags.json {
        let text =
            serde_json::to_string_pretty(&note::json(found, design, others, &request.folder, outcome.interrupted));
        anstream::println!("{}", text.map_err(|e| Failure::new(UNEXPECTED, e))?);
    } else {
        anstream::println!("{}", note::note(found, design, others));
    }
    if !flags.quiet {
        let runs = counted(found.manifest.completed);
        let (seconds, folder) = (elapsed.as_secs_f64(), request.folder.display());
        anstream::eprintln!("{runs} in {seconds:.1} s; indices, samples and outputs are in {folder}");
        if outcome.interrupted {
            let rows = thousands(found.rows as u64);
            anstream::eprintln!("stopped early: rows 1 to {rows} of {} are written; --resume continues", design.rows);
        }
    }
    for failed in found.manifest.failures.iter().take(3) {
        anstream::eprintln!("run {} failed in {} at {}: {}", failed.run, failed.phase, failed.month, failed.what);
    }
    match (outcome.interrupted, found.manifest.failed, figure_failure) {
        (true, ..) => Err(Failure::silent(INTERRUPTED)),
        // The tables stand; only the figures are missing.
        (false, _, Some(failure)) => Err(failure),
        (false, 0, None) => Ok(()),
        (false, n, None) => Err(Failure::new(
            RUNS,
            format!("{} failed and are left out of all indices; see `failures` in manifest.json", counted(n)),
        )),
    }
}

/// The outcomes that are told and drawn: metric, what it is called in a sentence, stem of its figures.
pub(super) const OUTCOMES: [(&str, &str, &str); 2] =
    [("enterprise_share", "enterprise share", "share"), ("valuation_usd", "value", "value")];

/// Draws ranked indices and effects into `figures/` of a results folder, a figure an outcome, a panel a lab.
pub fn draw(found: &Found, folder: &Path) -> Result<Drawn, Failure> {
    let dir = &folder.join("figures");
    let wrong = |e: FigureError| Failure::new(OUTPUT, e);
    let mut drawn = Drawn::default();
    let labs = found.labs();
    for (metric, called, stem) in OUTCOMES {
        let panel = |(id, _): &(String, String)| {
            let unit = found.series.iter().find(|s| s.kind == TableKind::Labs && s.metric == metric)?.unit.clone();
            let analysis = found.of(TableKind::Labs, metric, id)?;
            let ln = analysis.scale == Scale::Ln;
            Some(FactorPanel { lab: id.clone(), unit, ln, factors: marks(analysis, &found.factors) })
        };
        let panels: Vec<FactorPanel> = labs.iter().take(LABS).filter_map(panel).collect();
        let end = found.provenance.end;
        let rows = thousands(found.rows as u64);
        let title = format!("What moves the {called} of the largest labs by {end}?");
        let mut take = |more: Drawn| {
            drawn.written.extend(more.written);
            drawn.skipped.extend(more.skipped);
        };
        if found.method != Method::Morris {
            let rest = found.factors.last().map_or(CHANCE, String::as_str);
            let what =
                format!("Share of the variance that each parameter varied, and {rest}, has a part in; {rows} rows");
            let name = format!("sensitivity_{stem}");
            take(draw_sensitivity(&found.provenance, (&title, &what), &panels, true, dir, &name).map_err(wrong)?);
        }
        if found.method != Method::Sobol {
            let what = format!("Elementary effects of the uncertain parameters over their whole range; {rows} rows");
            let name = format!("effects_{stem}");
            take(draw_sensitivity(&found.provenance, (&title, &what), &panels, false, dir, &name).map_err(wrong)?);
        }
    }
    Ok(drawn)
}

fn marks(analysis: &Analysis, factors: &[String]) -> Vec<FactorMark> {
    let span = |e: Estimate| Span { value: e.value, low: e.low, high: e.high };
    let mark = |(at, (index, name)): (usize, (&Index, &String))| FactorMark {
        name: name.clone(),
        first: span(index.first),
        total: span(index.total),
        mu_star: span(index.mu_star),
        sigma: index.sigma,
        // Chance is the last factor.
        chance: at + 1 == factors.len(),
    };
    analysis.indices.iter().zip(factors).enumerate().map(mark).collect()
}
