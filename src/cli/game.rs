//! `aimarket game`: strategies as a game between labs.

pub mod draw;
mod words;

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::arguments::RunFlags;
use super::failure::{Failure, INTERRUPTED, RUNS, SCENARIO, UNEXPECTED, USAGE};
use super::run::{about, cancelled_by_ctrl_c, cores, counted, folder_name, overlays};
use super::terminal::{Bar, thousands};
use super::{needs, plot};
use crate::experiment::game::play::{Played, Profiles, bytes, play, profile_words, shape};
use crate::experiment::game::shape::Shape;
use crate::experiment::game::{Analysis, Payoff, analyse};
use crate::output::folder::{self, Folder};
use crate::output::manifest::{self, Design, Manifest};
use crate::output::selection::Needs;
use crate::output::{About, OutputError, Progress, game as tables};
use crate::record::claims;
use crate::run::Model;
use crate::scenario::game::Player;
use crate::scenario::{GameSpec, Scenario, resolve};

/// Most faults of profiles that are told: one strategy spoils many profiles.
const MOST_FAULTS: usize = 5;

const EXAMPLES: &str = "Examples:
  aimarket game games/scale-or-trust               OpenAI and Anthropic choose scale or trust
  aimarket game games/build-or-partner --payoff survival
  aimarket game games/scale-or-trust --players openai=scale,trust --players google=scale,trust
  aimarket game mine.toml -n 500 -o output/mine    a file with a [game] table";

/// Arguments of `game`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct GameArguments {
    /// Scenario file with a [game] table, or the name of a shipped one (games/scale-or-trust, games/build-or-partner)
    #[arg(value_name = "SCENARIO")]
    pub scenario: String,
    /// The payoff whose equilibria the summary tells; the tables hold all three [default: the scenario's]
    #[arg(long, value_enum)]
    pub payoff: Option<PayoffWord>,
    /// A player and its strategies, instead of those of the scenario; repeat it for each player
    #[arg(long, value_name = "LAB=STRATEGY,STRATEGY", value_parser = player)]
    pub players: Vec<(String, Vec<String>)>,
    /// Flags.
    #[command(flatten)]
    pub flags: RunFlags,
}

/// See [`Payoff`].
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PayoffWord {
    /// Valuation at the horizon, 0 after a default; within its group for a lab that was bought
    Value,
    /// Share of enterprise spend at the horizon
    Share,
    /// 1 for a lab that is in business and was not bought
    Survival,
}

impl PayoffWord {
    fn payoff(self) -> Payoff {
        match self {
            PayoffWord::Value => Payoff::Value,
            PayoffWord::Share => Payoff::Share,
            PayoffWord::Survival => Payoff::Survival,
        }
    }
}

fn player(text: &str) -> Result<(String, Vec<String>), String> {
    let example = "write LAB=STRATEGY,STRATEGY, for example openai=scale,trust".to_string();
    let (lab, list) = text.split_once('=').ok_or(&example)?;
    let strategies: Vec<String> = list.split(',').map(|s| s.trim().to_string()).collect();
    if lab.trim().is_empty() || strategies.iter().any(String::is_empty) {
        return Err(example);
    }
    Ok((lab.trim().to_string(), strategies))
}

/// A game that is checked and ready.
struct Job {
    scenario: Scenario,
    game: GameSpec,
    shape: Shape,
    payoff: Payoff,
    about: About,
    design: Design,
    folder: PathBuf,
    runs: u64,
    threads: usize,
}

/// Plays a game and writes its result.
pub fn game<M: Model + Send>(
    arguments: &GameArguments,
    command_line: &[String],
    prepare: &(impl Fn(&Scenario) -> Result<M, String> + Sync),
) -> Result<(), Failure> {
    let flags = &arguments.flags;
    let job = job(arguments, prepare)?;
    let model = prepare(&job.scenario).map_err(|e| Failure::new(SCENARIO, format!("{}: {e}", job.scenario.name)))?;
    let layout = model.layout().clone();
    drop(model);
    let family = Profiles {
        toml: job.about.toml.clone(),
        game: &job.game,
        shape: job.shape.clone(),
        layout: layout.clone(),
        prepare,
    };
    let started = SystemTime::now();
    let cancel = cancelled_by_ctrl_c();
    let folder = Folder::open(&job.folder, &job.design, false)?;
    if !flags.quiet {
        let profiles = job.shape.profiles() as u64;
        anstream::eprintln!(
            "{}: {} profiles of {}, {} threads, seed {}",
            job.scenario.name,
            thousands(profiles),
            counted(job.runs),
            job.threads,
            job.about.seed
        );
    }
    let clock = Instant::now();
    let mut bar = Bar::new(&job.scenario.name, flags.quiet);
    let total = job.runs * job.shape.profiles() as u64;
    let played = play(&family, &job.game, job.runs, job.threads, &cancel, &mut |done, failed| {
        bar.show(Progress { done, failed, total });
    });
    let elapsed = bar.finish();
    let played = match played {
        Ok(played) if !played.interrupted => played,
        Ok(_) => {
            tables::abandon(folder)?;
            let text =
                "stopped before all profiles were run; nothing written, because part of the profiles make no game";
            return Err(Failure { code: INTERRUPTED, text: text.to_string() });
        }
        Err(error) => {
            tables::abandon(folder)?;
            return Err(Failure::new(UNEXPECTED, error));
        }
    };
    tell_failed(&played);
    if played.payoffs.iter().any(|p| p.runs < 2) {
        tables::abandon(folder)?;
        let text = "fewer than two runs completed in all profiles; nothing written, because nothing can be compared";
        return Err(Failure::new(RUNS, text));
    }
    let simulating_seconds = clock.elapsed().as_secs_f64();
    let clock = Instant::now();
    let analysed =
        || Payoff::ALL.into_iter().zip(&played.payoffs).map(|(p, of)| analyse(p, of, job.about.seed)).collect();
    let all: Vec<Analysis> = pool(job.threads)?.install(analysed);
    let dir = folder.tables()?;
    tables::write(&job.game, &all, &dir)?;
    let file = dir.join("scenario.toml");
    std::fs::write(&file, &job.about.toml).map_err(OutputError::file(&file))?;
    let failed = played.failed.len() as u64;
    let whole = played.payoffs.first().map_or(0, |p| p.runs);
    let manifest = Manifest {
        attempted: played.attempted,
        completed: played.attempted - failed,
        failed,
        failures: played.failed.iter().take(manifest::MOST_FAILURES).cloned().collect(),
        started: manifest::utc(started),
        simulating_seconds,
        writing_seconds: clock.elapsed().as_secs_f64(),
        ..Manifest::new(&job.about, job.design.clone(), &layout, job.threads, command_line)
    };
    manifest.write(&dir)?;
    let told = words::Told { players: &job.game.players, manifest: &manifest, runs: whole };
    let mut figure_failure = None;
    if !flags.no_plots {
        // From the tables, as `aimarket plot` does it.
        match tables::read(&dir).map_err(Failure::from).and_then(|results| draw::draw(&results, &dir)) {
            Ok(drawn) if !flags.quiet => plot::tell(&drawn),
            Ok(_) => {}
            Err(failure) => figure_failure = Some(failure),
        }
    }
    folder.publish(false)?;
    if flags.json {
        let mut report = told.json(job.payoff, &all);
        report["folder"] = json!(job.folder);
        let text = serde_json::to_string_pretty(&report).map_err(|e| Failure::new(UNEXPECTED, e))?;
        anstream::println!("{text}");
    } else {
        anstream::println!("{}", told.summary(job.payoff, &all));
    }
    if !flags.quiet {
        let what = if flags.no_plots { "tables are" } else { "tables and figures are" };
        let runs = counted(played.attempted);
        anstream::eprintln!("{runs} in {:.1} s; {what} in {}", elapsed.as_secs_f64(), job.folder.display());
    }
    match (figure_failure, failed) {
        (Some(failure), _) => Err(failure),
        (None, 0) => Ok(()),
        (None, n) => Err(Failure::new(
            RUNS,
            format!(
                "{} failed; a run that failed in one profile is left out of all, see `failures` in manifest.json",
                counted(n)
            ),
        )),
    }
}

/// Reads the scenario, its game and the flags; checks every profile, the folder and the memory, before anything runs.
fn job<M: Model + Send>(
    arguments: &GameArguments,
    prepare: &(impl Fn(&Scenario) -> Result<M, String> + Sync),
) -> Result<Job, Failure> {
    let flags = &arguments.flags;
    refuse(flags)?;
    let set = overlays(flags);
    let what = &arguments.scenario;
    let mut scenario = claims::load(what, &set).map_err(|faults| Failure::faults(&faults))?;
    let Some(mut game) = scenario.game.clone() else {
        let text = format!(
            "{what} has no [game] table; `games/scale-or-trust` and `games/build-or-partner` are games, and show how one is written"
        );
        return Err(Failure::new(SCENARIO, text));
    };
    if !arguments.players.is_empty() {
        let named = arguments.players.iter().cloned();
        game.players = named.map(|(lab, strategies)| Player { lab, strategies }).collect();
        let said: Vec<String> = game
            .faults(&scenario.parameters)
            .into_iter()
            .map(|(player, message, hint)| {
                // A hint for the whole is one for a file.
                let flags = "--players openai=scale,trust --players anthropic=scale,trust";
                let few = player.is_none() && game.players.len() < 2;
                let hint = if few { hint.map(|_| format!("for example {flags}")) } else { hint };
                format!("error: --players: {message}{}", hint.map_or(String::new(), |h| format!("; {h}")))
            })
            .collect();
        if !said.is_empty() {
            return Err(Failure { code: USAGE, text: said.join("\n") });
        }
    }
    if let Some(word) = arguments.payoff {
        game.payoff = word.payoff().word().to_string();
    }
    let Some(payoff) = Payoff::of(&game.payoff) else {
        return Err(Failure::new(SCENARIO, format!("{what}: there is no payoff `{}`", game.payoff)));
    };
    let runs = scenario.parameters.simulation.runs;
    if runs < 2 {
        let text = "a game needs two runs or more, because strategies are compared over runs; try -n 200";
        return Err(Failure::new(USAGE, text));
    }
    let shape = shape(&game);
    let threads = flags.threads.map_or_else(cores, usize::from);
    // A worker holds the world of one profile at a time; profiles differ in their labs alone.
    let worlds = Needs::worlds(threads, scenario.parameters.enterprises.count);
    needs::check_memory(worlds + bytes(&shape, runs), "fewer --threads, runs or strategies")?;
    pool(threads)?.install(|| check_profiles(what, &set, &game, &shape, prepare))?;
    scenario.game = Some(game.clone());
    // Written again with the players and the payoff that are played, so that the same command repeats it.
    let about = About { hash: resolve::hash(&scenario), ..about(&scenario) };
    let design = Design {
        until: Vec::new(),
        command: tables::COMMAND.to_string(),
        scenario_hash: design_hash(&about),
        seed: about.seed,
        runs,
        version: env!("CARGO_PKG_VERSION").to_string(),
        paths: "none".to_string(),
        format: "csv".to_string(),
    };
    let folder = match &flags.output {
        Some(dir) => dir.clone(),
        None => Path::new("output").join(format!("{}-{}", folder_name(&scenario.name), tables::COMMAND)),
    };
    folder::check(&folder, &design, "", flags.overwrite)?;
    Ok(Job { scenario, game, shape, payoff, about, design, folder, runs, threads })
}

/// What decides the bytes of the tables: the resolved scenario holds the game.
fn design_hash(about: &About) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!("game\n{}", about.hash));
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Flags that make no sense of a game.
fn refuse(flags: &RunFlags) -> Result<(), Failure> {
    let mut said: Vec<String> = Vec::new();
    if flags.resume {
        said.push("error: --resume: a game keeps nothing of a stop, because payoffs are compared over whole profiles; start it afresh".to_string());
    }
    if flags.paths.is_some() {
        said.push(
            "error: --paths: a game writes payoffs at the horizon and no series of single runs; leave it away"
                .to_string(),
        );
    }
    said.extend(flags.not_csv("a game").map(|text| format!("error: {text}")));
    if said.is_empty() { Ok(()) } else { Err(Failure { code: USAGE, text: said.join("\n") }) }
}

/// Reads and prepares every profile; the faults of all are told at once, each once.
fn check_profiles<M: Model + Send>(
    what: &str,
    set: &[(String, String)],
    game: &GameSpec,
    shape: &Shape,
    prepare: &(impl Fn(&Scenario) -> Result<M, String> + Sync),
) -> Result<(), Failure> {
    let check = |profile: usize| -> Vec<(String, String)> {
        let overlays = [set, &game.overlays(&shape.choice(profile))].concat();
        let told = match claims::load(what, &overlays) {
            Ok(scenario) => prepare(&scenario).err().into_iter().collect(),
            Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<String>>(),
        };
        told.into_iter().map(|text| (text, profile_words(game, shape, profile))).collect()
    };
    let found: Vec<Vec<(String, String)>> = (0..shape.profiles()).into_par_iter().map(check).collect();
    let mut said: Vec<(String, String)> = Vec::new();
    for (text, profile) in found.into_iter().flatten() {
        if !said.iter().any(|(known, _)| *known == text) {
            said.push((text, profile));
        }
    }
    if said.is_empty() {
        return Ok(());
    }
    let more = said.len().saturating_sub(MOST_FAULTS);
    let mut lines: Vec<String> = said
        .into_iter()
        .take(MOST_FAULTS)
        .map(|(text, profile)| format!("error: profile {profile}: {}", text.trim_start()))
        .collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    Err(Failure { code: SCENARIO, text: lines.join("\n") })
}

/// As many threads as were asked for.
fn pool(threads: usize) -> Result<rayon::ThreadPool, Failure> {
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
    built.map_err(|e| Failure::new(UNEXPECTED, format!("{threads} threads could not be started: {e}")))
}

fn tell_failed(played: &Played) {
    for failed in played.failed.iter().take(3) {
        anstream::eprintln!("run {} failed in {} at {}: {}", failed.run, failed.phase, failed.month, failed.what);
    }
}
