//! From a model to a results folder: run the ensemble into blocks, assemble the tables, publish.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

use sha2::{Digest, Sha256};

use super::blocks::Store;
use super::folder::{self, Folder};
use super::manifest::{self, Design, Manifest};
use super::selection::Selection;
use super::tables::Table;
use super::until::{Stages, Until, Watching, cut, regroup, stopping};
use super::{Format, OutputError, Paths, Results, claims, convergence, read, summarise};
use crate::experiment::claims::Tally;
use crate::experiment::sketch::Sketch;
use crate::experiment::statistics::Method;
use crate::record::Layout;
use crate::record::claims::Claims;
use crate::run::Model;
use crate::run::ensemble::{Block, EnsembleError, FailedRun, Plan, run};

/// Least runs between two saved states of the summary, where it is a sketch.
const CHECKPOINT_RUNS: u64 = 4_096;

/// What a result says of its scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// Name.
    pub name: String,
    /// What it asks.
    pub description: String,
    /// SHA-256 of the resolved scenario.
    pub hash: String,
    /// The resolved scenario, the content of `scenario.toml`.
    pub toml: String,
    /// Seed of all draws.
    pub seed: u64,
    /// Initial values that are observed or derived from observations.
    pub initial_observed: usize,
    /// Initial values that are priors.
    pub initial_priors: usize,
    /// Those of the priors that are drawn once a run.
    pub initial_priors_drawn: usize,
    /// Units of the uncertain parameters, in the order of the layout.
    pub draw_units: Vec<String>,
}

impl About {
    /// `scenario.toml` with another number of runs: where standard errors have ended the runs, running it again runs as many.
    pub fn toml_of_runs(&self, runs: u64) -> String {
        let mut simulation = false;
        let line = |line: &str| {
            if line.starts_with('[') {
                simulation = line == "[simulation]";
            }
            let is = simulation && line.starts_with("runs = ");
            if is { format!("runs = {runs}\n") } else { format!("{line}\n") }
        };
        self.toml.lines().map(line).collect()
    }
}

/// What to simulate, and where to.
#[derive(Clone, Debug)]
pub struct Request {
    /// Results folder.
    pub folder: PathBuf,
    /// Runs; the most there may be, where standard errors say when to stop.
    pub runs: u64,
    /// Threads.
    pub threads: usize,
    /// Which series of every run are written.
    pub paths: Paths,
    /// Format of the tables.
    pub format: Format,
    /// Whether another result of ours may be replaced.
    pub overwrite: bool,
    /// Whether to continue from the blocks of an earlier attempt.
    pub resume: bool,
    /// Command line, for the manifest.
    pub command_line: Vec<String>,
}

/// How far an ensemble is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Runs done, the failed ones and those found on disk too.
    pub done: u64,
    /// Runs that failed.
    pub failed: u64,
    /// Runs asked for.
    pub total: u64,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The result that was published; `None` when the ensemble was stopped before its first block.
    pub results: Option<Results>,
    /// Whether it was stopped early.
    pub interrupted: bool,
    /// Runs simulated, the failed ones too.
    pub attempted: u64,
}

/// What decides the bytes of the result of a request. Where the runs stop at standard errors and nothing was said of the
/// series to be written, these depend on how many runs it takes.
pub fn design(about: &About, request: &Request, until: Option<&Until>) -> Design {
    let stops = until.filter(|u| !u.targets.is_empty());
    let by_runs = stops.is_some_and(|u| u.paths_by_runs);
    Design {
        command: manifest::RUN.to_string(),
        scenario_hash: about.hash.clone(),
        seed: about.seed,
        runs: request.runs,
        version: env!("CARGO_PKG_VERSION").to_string(),
        paths: if by_runs { "by runs" } else { request.paths.word() }.to_string(),
        format: request.format.word().to_string(),
        until: stops.map_or_else(Vec::new, |u| u.targets.clone()),
    }
}

/// Hash that every block carries: the design, and how its values are laid out.
fn design_hash(design: &Design, layout: &Layout, claims: &Claims, selection: &Selection) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(serde_json::to_vec(design).unwrap_or_default());
    for table in &layout.tables {
        hasher.update(table.kind.word());
        table.entities.iter().for_each(|e| hasher.update(format!("\n{}", e.id)));
        table.columns.iter().for_each(|c| hasher.update(format!("\n{} {} {}", c.name, c.unit, c.core)));
    }
    layout.draws.iter().for_each(|d| hasher.update(format!("\n{d}")));
    claims.claims.iter().for_each(|c| hasher.update(format!("\n{} {}", c.claim.id, c.claim.test)));
    hasher.update(format!("\n{:?} {} {}", layout.months, selection.saved, selection.block_runs));
    hasher.finalize().into()
}

/// Takes blocks in order: writes them, feeds the summary and the watch, counts.
struct Intake<'a> {
    store: &'a Store,
    stages: &'a Stages,
    core: Vec<usize>,
    sketches: Vec<Sketch>,
    since_checkpoint: u64,
    progress: Progress,
    failures: Vec<FailedRun>,
    watching: Option<Watching>,
    /// Blocks taken: `0..blocks` exist.
    blocks: u64,
}

/// Why the ensemble is ended before its last block.
enum Halt {
    /// All standard errors asked for are reached.
    Reached,
    /// The disk failed.
    Failed(OutputError),
}

impl Intake<'_> {
    fn count(&mut self, block: &Block) {
        self.progress.done += block.attempted;
        self.progress.failed += block.failed.len() as u64;
        let room = manifest::MOST_FAILURES.saturating_sub(self.failures.len());
        self.failures.extend(block.failed.iter().take(room).cloned());
        self.blocks = block.index + 1;
    }

    /// Takes a block, or its first runs where those are enough, which it then says.
    fn take(&mut self, mut block: Block) -> Result<(), Halt> {
        let first_run = block.index * self.stages.early.block_runs;
        let stop = self.watching.as_mut().and_then(|w| w.see(&block, first_run, &self.stages.early));
        if let Some(end) = stop {
            block = cut(&block, first_run, end);
        }
        self.stages.write(self.store, &block).map_err(Halt::Failed)?;
        let core = std::mem::take(&mut self.core);
        self.feed(&block, &core);
        self.core = core;
        self.count(&block);
        self.since_checkpoint += block.attempted;
        // Ever rarer, so that all of them together cost no more than a few passes over the state.
        let due = self.since_checkpoint >= CHECKPOINT_RUNS.max(self.progress.done / 16);
        if due {
            self.checkpoint(block.index + 1).map_err(Halt::Failed)?;
        }
        if stop.is_some() { Err(Halt::Reached) } else { Ok(()) }
    }

    fn feed(&mut self, block: &Block, core: &[usize]) {
        for (sketch, &position) in self.sketches.iter_mut().zip(core) {
            block.column(position).iter().for_each(|&value| sketch.add(value));
        }
    }

    fn checkpoint(&mut self, next_block: u64) -> Result<(), OutputError> {
        self.since_checkpoint = 0;
        if self.stages.may_sketch() { self.store.write_sketches(next_block, &self.sketches) } else { Ok(()) }
    }

    /// Takes up what an earlier attempt left: the number of the first block to run, and whether none is left to run.
    fn resume(&mut self, layout: &Layout, blocks: u64) -> Result<(u64, bool), OutputError> {
        let sound = self.store.sound_prefix(blocks);
        let mut fed = sound;
        if self.stages.may_sketch() {
            match self.store.read_sketches(self.sketches.len()).filter(|(next, _)| *next <= sound) {
                Some((next, sketches)) => {
                    fed = next;
                    self.sketches = sketches;
                }
                None => {
                    fed = 0;
                    self.sketches = summarise::empty_sketches(self.sketches.len());
                }
            }
        }
        for index in 0..sound {
            let laid_out = self.stages.on_disk(index);
            let block = self.store.read_sound(index)?;
            if index >= fed {
                // Where blocks hold no series, what came after the last saved state of the summary is run again.
                let core = laid_out.core_positions(layout);
                if core.iter().any(|&position| position >= laid_out.saved) {
                    return Ok((index, false));
                }
                self.feed(&block, &core);
            }
            let first_run = index * self.stages.early.block_runs;
            let stop = self.watching.as_mut().and_then(|w| w.see(&block, first_run, laid_out));
            self.count(&block);
            if stop.is_some() {
                return Ok((index + 1, true));
            }
        }
        Ok((sound, false))
    }
}

/// Simulates a request and publishes its result.
///
/// `cancel` stops after the blocks under way; the runs that are complete are published as a prefix, and the blocks stay
/// for `resume`. `progress` is called once a block. `draw` may add figures to the folder before it is published.
pub fn simulate<M: Model>(
    model: &M,
    about: &About,
    request: &Request,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(Progress),
    draw: &mut dyn FnMut(&Results, &Path),
) -> Result<Outcome, OutputError> {
    simulate_until(model, about, (request, None), cancel, progress, draw)
}

/// As [`simulate`], and watches standard errors as `until` says. Where they stop the ensemble after n runs, every file but
/// the manifest has the bytes of a plain run of n runs.
pub fn simulate_until<M: Model>(
    model: &M,
    about: &About,
    (request, until): (&Request, Option<&Until>),
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(Progress),
    draw: &mut dyn FnMut(&Results, &Path),
) -> Result<Outcome, OutputError> {
    let started = SystemTime::now();
    let layout = model.layout();
    let stages = Stages::new(layout, request.runs, request.paths, until);
    let design = design(about, request, until);
    folder::check(&request.folder, &design, &about.toml, request.overwrite)?;
    let folder = Folder::open(&request.folder, &design, request.resume)?;
    let store = Store::open(&folder.blocks(), design_hash(&design, layout, model.claims(), &stages.early))?;
    let blocks = stages.early.blocks(request.runs);

    let clock = Instant::now();
    let core = stages.early.core_positions(layout);
    let sketches = if stages.may_sketch() { core.len() } else { 0 };
    let mut intake = Intake {
        store: &store,
        stages: &stages,
        core,
        sketches: summarise::empty_sketches(sketches),
        since_checkpoint: 0,
        progress: Progress { done: 0, failed: 0, total: request.runs },
        failures: Vec::new(),
        watching: until.map(|until| Watching::new(until, request.runs)),
        blocks: 0,
    };
    let (first_block, mut reached) = if folder.resuming { intake.resume(layout, blocks)? } else { (0, false) };
    let resumed_runs = intake.progress.done;
    progress(intake.progress);
    let plan = Plan {
        runs: request.runs,
        block_runs: stages.early.block_runs,
        first_block,
        gather: &stages.early.gather,
        threads: request.threads.max(1),
    };
    if !reached {
        let ended = run(model, &plan, cancel, &mut |block: Block| {
            let taken = intake.take(block);
            progress(intake.progress);
            taken
        });
        match ended {
            Ok(_) => {}
            Err(EnsembleError::Sink(Halt::Reached)) => reached = true,
            Err(EnsembleError::Sink(Halt::Failed(error))) => return Err(error),
            Err(EnsembleError::Threads { threads, what }) => return Err(OutputError::Threads { threads, what }),
        }
    }
    let interrupted = !reached && intake.blocks < blocks;
    if interrupted {
        intake.checkpoint(intake.blocks)?;
    }
    let Intake { sketches, progress: done, failures, watching, blocks, .. } = intake;
    if interrupted && blocks == 0 {
        return Ok(Outcome { results: None, interrupted, attempted: 0 });
    }
    let simulating_seconds = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let tables = folder.tables()?;
    // What the tables hold: that of a plain run of so many runs, where standard errors have decided how many.
    let stops = until.filter(|u| !u.targets.is_empty());
    let paths = if stops.is_some_and(|u| u.paths_by_runs) { Paths::for_runs(done.done) } else { request.paths };
    let selection = if stops.is_some() { Selection::new(layout, done.done, paths) } else { stages.early.clone() };
    let summary = match selection.method {
        Method::Exact => summarise::from_blocks(&store, blocks, done.done, layout, &stages.early)?,
        Method::Sketch => summarise::from_sketches(&sketches, layout, &selection),
    };
    drop(sketches);
    summarise::write(&summary, &tables)?;
    let scenario_file = tables.join("scenario.toml");
    let toml = if reached { about.toml_of_runs(done.done) } else { about.toml.clone() };
    fs::write(&scenario_file, toml).map_err(OutputError::file(&scenario_file))?;
    let mut tally = Tally::new(model.claims());
    let asked = Request { paths, ..request.clone() };
    let mut files = open_tables(layout, &selection, about, &asked, &design, &tables)?;
    regroup(&store, blocks, &stages, (&selection, done.done), &mut |block| {
        files.iter_mut().try_for_each(|table| table.write(block))?;
        tally.add(block);
        Ok(())
    })?;
    files.into_iter().try_for_each(Table::finish)?;
    claims::write(&tally.finish(), &tables)?;
    let watch = watching.map(|w| w.watch);
    if let Some(watch) = watch.as_ref().filter(|_| until.is_some_and(|u| u.convergence)) {
        convergence::write(watch, &tables)?;
    }
    let manifest = Manifest {
        interrupted,
        attempted: done.done,
        completed: done.done - done.failed,
        failed: done.failed,
        failures,
        stopping: watch.as_ref().map(|watch| stopping(stops.map_or(&[], |u| &u.targets), watch)),
        quantile_method: selection.method.word().to_string(),
        quantile_error: selection.method.error(),
        started: manifest::utc(started),
        resumed_runs,
        simulating_seconds,
        writing_seconds: clock.elapsed().as_secs_f64(),
        ..Manifest::new(about, design, layout, request.threads, &request.command_line)
    };
    manifest.write(&tables)?;
    let results = read::read(&tables)?;
    super::winners::write(&results, &tables)?;
    draw(&results, &tables);
    folder.publish(interrupted)?;
    Ok(Outcome { results: Some(results), interrupted, attempted: done.done })
}

/// The tables of runs, still without rows.
fn open_tables(
    layout: &Layout,
    selection: &Selection,
    about: &About,
    request: &Request,
    design: &Design,
    folder: &Path,
) -> Result<Vec<Table>, OutputError> {
    let metadata = vec![
        ("scenario".to_string(), about.name.clone()),
        ("seed".to_string(), design.seed.to_string()),
        ("version".to_string(), design.version.clone()),
    ];
    let mut tables = vec![Table::horizon(layout, selection, request.format, &metadata, folder)?];
    tables.push(Table::draws(layout, &about.draw_units, selection, request.format, &metadata, folder)?);
    if request.paths != Paths::None {
        for table in 0..layout.tables.len() {
            tables.push(Table::paths(layout, table, selection, request.paths, request.format, &metadata, folder)?);
        }
    }
    Ok(tables)
}
