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
use super::{Format, OutputError, Paths, Results, claims, read, summarise};
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
    /// Units of the uncertain parameters, in the order of the layout.
    pub draw_units: Vec<String>,
}

/// What to simulate, and where to.
#[derive(Clone, Debug)]
pub struct Request {
    /// Results folder.
    pub folder: PathBuf,
    /// Runs.
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

/// What decides the bytes of the result of a request.
pub fn design(about: &About, request: &Request) -> Design {
    Design {
        command: "run".to_string(),
        scenario_hash: about.hash.clone(),
        seed: about.seed,
        runs: request.runs,
        version: env!("CARGO_PKG_VERSION").to_string(),
        paths: request.paths.word().to_string(),
        format: request.format.word().to_string(),
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

/// Takes blocks in order: writes them, feeds the summary, counts.
struct Intake<'a> {
    store: &'a Store,
    selection: &'a Selection,
    core: Vec<usize>,
    sketches: Vec<Sketch>,
    since_checkpoint: u64,
    progress: Progress,
    failures: Vec<FailedRun>,
}

impl Intake<'_> {
    fn count(&mut self, block: &Block) {
        self.progress.done += block.attempted;
        self.progress.failed += block.failed.len() as u64;
        let room = manifest::MOST_FAILURES.saturating_sub(self.failures.len());
        self.failures.extend(block.failed.iter().take(room).cloned());
    }

    fn take(&mut self, block: &Block) -> Result<(), OutputError> {
        self.store.write(block, self.selection.saved)?;
        for (sketch, &position) in self.sketches.iter_mut().zip(&self.core) {
            block.column(position).iter().for_each(|&value| sketch.add(value));
        }
        self.count(block);
        self.since_checkpoint += block.attempted;
        // Ever rarer, so that all of them together cost no more than a few passes over the state.
        let due = self.since_checkpoint >= CHECKPOINT_RUNS.max(self.progress.done / 16);
        if due { self.checkpoint(block.index + 1) } else { Ok(()) }
    }

    fn checkpoint(&mut self, next_block: u64) -> Result<(), OutputError> {
        self.since_checkpoint = 0;
        if self.selection.method == Method::Sketch {
            self.store.write_sketches(next_block, &self.sketches)
        } else {
            Ok(())
        }
    }

    /// Takes up what an earlier attempt left: the number of the first block to run.
    fn resume(&mut self, layout: &Layout, blocks: u64) -> Result<u64, OutputError> {
        let mut sound = self.store.sound_prefix(blocks);
        if self.selection.method == Method::Sketch {
            // Blocks hold no series here: what came after the last saved state of the summary is run again.
            let count = self.sketches.len();
            match self.store.read_sketches(count).filter(|(next, _)| *next <= sound) {
                Some((next, sketches)) => {
                    sound = next;
                    self.sketches = sketches;
                }
                None => {
                    sound = 0;
                    self.sketches = summarise::empty_sketches(layout, self.selection);
                }
            }
        }
        for index in 0..sound {
            self.count(&self.store.read_sound(index)?);
        }
        Ok(sound)
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
    let started = SystemTime::now();
    let layout = model.layout();
    let selection = Selection::new(layout, request.runs, request.paths);
    let design = design(about, request);
    folder::check(&request.folder, &design, request.overwrite)?;
    let folder = Folder::open(&request.folder, &design, request.resume)?;
    let store = Store::open(&folder.blocks(), design_hash(&design, layout, model.claims(), &selection))?;
    let blocks = selection.blocks(request.runs);

    let clock = Instant::now();
    let mut intake = Intake {
        store: &store,
        selection: &selection,
        core: selection.core_positions(layout),
        sketches: summarise::empty_sketches(layout, &selection),
        since_checkpoint: 0,
        progress: Progress { done: 0, failed: 0, total: request.runs },
        failures: Vec::new(),
    };
    let first_block = if folder.resuming { intake.resume(layout, blocks)? } else { 0 };
    let resumed_runs = intake.progress.done;
    progress(intake.progress);
    let plan = Plan {
        runs: request.runs,
        block_runs: selection.block_runs,
        first_block,
        gather: &selection.gather,
        threads: request.threads.max(1),
    };
    let ended = run(model, &plan, cancel, &mut |block: Block| {
        intake.take(&block)?;
        progress(intake.progress);
        Ok(())
    })
    .map_err(|e| match e {
        EnsembleError::Threads { threads, what } => OutputError::Threads { threads, what },
        EnsembleError::Sink(error) => error,
    })?;
    let interrupted = ended.blocks < blocks;
    if interrupted {
        intake.checkpoint(ended.blocks)?;
    }
    let Intake { sketches, progress: done, failures, .. } = intake;
    if interrupted && ended.blocks == 0 {
        return Ok(Outcome { results: None, interrupted, attempted: 0 });
    }
    let simulating_seconds = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let tables = folder.tables()?;
    let summary = match selection.method {
        Method::Exact => summarise::from_blocks(&store, ended.blocks, done.done, layout, &selection)?,
        Method::Sketch => summarise::from_sketches(&sketches, layout, &selection),
    };
    drop(sketches);
    summarise::write(&summary, &tables)?;
    let scenario_file = tables.join("scenario.toml");
    fs::write(&scenario_file, &about.toml).map_err(OutputError::file(&scenario_file))?;
    let mut tally = Tally::new(model.claims());
    write_tables(&store, ended.blocks, layout, &selection, about, request, &design, &tables, &mut tally)?;
    claims::write(&tally.finish(), &tables)?;
    let manifest = Manifest {
        interrupted,
        attempted: done.done,
        completed: done.done - done.failed,
        failed: done.failed,
        failures,
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

#[expect(clippy::too_many_arguments, reason = "each says one thing of the tables, and there is one caller")]
fn write_tables(
    store: &Store,
    blocks: u64,
    layout: &Layout,
    selection: &Selection,
    about: &About,
    request: &Request,
    design: &Design,
    folder: &Path,
    tally: &mut Tally<'_>,
) -> Result<(), OutputError> {
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
    for index in 0..blocks {
        let block = store.read_sound(index)?;
        tables.iter_mut().try_for_each(|table| table.write(&block))?;
        tally.add(&block);
    }
    tables.into_iter().try_for_each(Table::finish)
}
