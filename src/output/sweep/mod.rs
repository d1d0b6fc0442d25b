//! A sweep: the runs of all points as one ensemble, a file a finished point, then the tables.
//!
//! Runs arrive in order, point after point. The values of one point are held until its last run is in, then its statistics
//! stand in a file and the values are forgotten: memory does not grow with the number of points, and beyond
//! [`EXACT_RUNS`](crate::experiment::statistics::EXACT_RUNS) not with that of runs. A sweep that was stopped continues after
//! the points that are sound.

pub mod store;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::folder::{self, Folder};
use super::manifest::{self, Design, Manifest};
use super::selection::Needs;
use super::{About, OutputError, Paths, Progress};
use crate::experiment::sketch::Sketch;
use crate::experiment::statistics::{Method, exact};
use crate::experiment::summary::{SeriesAt, Stats, core_series};
use crate::experiment::{design, response};
use crate::record::Layout;
use crate::run::ensemble::{Block, EnsembleError, FailedRun, Plan, run};
use crate::run::family::{Family, Many};
pub use store::{Done, Store};
pub use tables::{EFFECTS, Effect, POINTS, RESULTS, SweepResults, read, read_series};

/// The word of the command in a manifest.
pub const COMMAND: &str = "sweep";
/// Most runs of a block.
const MOST_BLOCK_RUNS: u64 = 32;
/// A sweep has at least about so many blocks, so that threads share the work evenly.
const LEAST_BLOCKS: u64 = 64;
/// Most bytes of the values of a block.
const BLOCK_BYTES: u64 = 4 << 20;
/// Bytes of a row of results.csv: what rows of the baseline take.
const ROW_BYTES: u64 = 230;
/// Phase of a run that could not begin because its point could not be read: all points were read before.
const UNREAD: &str = "reading the point";

/// What to sweep, and where to.
#[derive(Clone, Debug)]
pub struct Request {
    /// Results folder.
    pub folder: PathBuf,
    /// Runs of each point.
    pub runs: u64,
    /// Threads.
    pub threads: usize,
    /// [`Paths::None`] for the last date, [`Paths::Core`] for all dates.
    pub paths: Paths,
    /// Whether another result of ours may be replaced.
    pub overwrite: bool,
    /// Whether to continue from the points of an earlier attempt.
    pub resume: bool,
    /// Command line, for the manifest.
    pub command_line: Vec<String>,
}

/// What came of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The result that was published, with the series that effects.csv is of; `None` when the sweep was stopped before its
    /// first point was done.
    pub results: Option<SweepResults>,
    /// Whether it was stopped early.
    pub interrupted: bool,
    /// Points done.
    pub points: u64,
}

/// What decides the bytes of the result of a request; the hash of `about` stands for the base and all points.
pub fn manifest_design(about: &About, request: &Request) -> Design {
    Design {
        until: Vec::new(),
        command: COMMAND.to_string(),
        scenario_hash: about.hash.clone(),
        seed: about.seed,
        runs: request.runs,
        version: env!("CARGO_PKG_VERSION").to_string(),
        paths: request.paths.word().to_string(),
        format: "csv".to_string(),
    }
}

/// Which values of a run feed the statistics: the core series at the last date, or at all dates.
struct Chosen {
    series: Vec<SeriesAt>,
    dates: Vec<usize>,
    /// Index into a record, series after series, date after date.
    gather: Vec<usize>,
    block_runs: u64,
}

impl Chosen {
    fn new(layout: &Layout, points: u64, runs: u64, paths: Paths) -> Chosen {
        let series = core_series(layout);
        let last = layout.months.len().saturating_sub(1);
        let dates: Vec<usize> = if paths == Paths::None { vec![last] } else { (0..=last).collect() };
        let index = |s: &SeriesAt, date: usize| layout.index(s.table, date, s.entity, s.column);
        let gather: Vec<usize> = series.iter().flat_map(|s| dates.iter().map(move |&date| index(s, date))).collect();
        let block_runs = block_runs(gather.len() as u64, points, runs);
        Chosen { series, dates, gather, block_runs }
    }

    /// Hash that every point carries: the design, and what its statistics are of.
    fn hash(&self, design: &Design, layout: &Layout) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(serde_json::to_vec(design).unwrap_or_default());
        for s in &self.series {
            let table = &layout.tables[s.table];
            let column = &table.columns[s.column];
            let (kind, id) = (table.kind.word(), &table.entities[s.entity].id);
            hasher.update(format!("\n{kind} {id} {} {}", column.name, column.unit));
        }
        hasher.update(format!("\n{:?} {:?}", layout.months, self.dates));
        hasher.finalize().into()
    }
}

/// Runs of a block, a function of the design and never of threads. A point is best begun by one worker only, so blocks divide
/// the runs of a point where that makes them not much smaller.
fn block_runs(values: u64, points: u64, runs: u64) -> u64 {
    let by_memory = BLOCK_BYTES / (8 * values.max(1));
    let by_balance = points.saturating_mul(runs) / LEAST_BLOCKS;
    let most = by_memory.min(by_balance).clamp(1, MOST_BLOCK_RUNS.min(runs.max(1)));
    (most.div_ceil(2)..=most).rev().find(|size| runs.is_multiple_of(*size)).unwrap_or(most)
}

/// What a sweep needs, in bytes, before anything runs.
pub fn needs(layout: &Layout, points: u64, request: &Request) -> Needs {
    let chosen = Chosen::new(layout, points, request.runs, request.paths);
    let (threads, cells) = (request.threads.max(1) as u64, chosen.gather.len() as u64);
    let block = 8 * cells * chosen.block_runs;
    let held = match Method::for_runs(request.runs) {
        Method::Exact => 8 * cells * request.runs,
        // A sketch of a spread-out metric counts in some ten powers of two.
        Method::Sketch => cells * 4_000,
    };
    let record = 8 * layout.len() as u64;
    // What figures are drawn from: the last date of every point.
    let material = points * chosen.series.len() as u64 * size_of::<Stats>() as u64;
    let memory = threads * (record + block) + (2 * threads + 1) * block + held.max(material) + (32 << 20);
    let disk = points * cells * (ROW_BYTES + 8 * 11) + points * 500 + (16 << 20);
    Needs { memory, disk }
}

/// The values of the point under way.
enum Held {
    /// All of them, a column a cell.
    Values(Vec<Vec<f64>>),
    Sketches(Vec<Sketch>),
}

/// Takes blocks in order, and closes point after point.
struct Intake<'a> {
    store: &'a Store,
    runs: u64,
    method: Method,
    cells: usize,
    held: Held,
    /// The point under way, and its runs taken in.
    point: u64,
    taken: u64,
    open: Done,
    /// Runs before this one stand in points that were found on disk.
    skip: u64,
    progress: Progress,
    failures: Vec<FailedRun>,
}

impl Intake<'_> {
    fn fresh(method: Method, cells: usize) -> Held {
        match method {
            Method::Exact => Held::Values(vec![Vec::new(); cells]),
            Method::Sketch => Held::Sketches(vec![Sketch::default(); cells]),
        }
    }

    fn count(&mut self, done: &Done) {
        self.progress.failed += done.failed;
        let room = manifest::MOST_FAILURES.saturating_sub(self.failures.len());
        self.failures.extend(done.failures.iter().take(room).cloned());
    }

    fn take(&mut self, block: &Block, first: u64) -> Result<(), OutputError> {
        if let Some(failed) = block.failed.iter().find(|f| f.phase == UNREAD && f.run > self.skip) {
            let point = (failed.run - 1) / self.runs + 1;
            return Err(OutputError::table(&self.store.path(point - 1), format!("point {point}: {}", failed.what)));
        }
        let mut from = first.max(self.skip);
        let end = first + block.attempted;
        while from < end {
            let to = end.min((self.point + 1) * self.runs);
            self.take_runs(block, from, to)?;
            from = to;
        }
        Ok(())
    }

    /// Takes in runs `from..to` of the whole, which are all of the point under way.
    fn take_runs(&mut self, block: &Block, from: u64, to: u64) -> Result<(), OutputError> {
        let at = |run: u64| block.runs.partition_point(|&r| r < run);
        let there = at(from)..at(to);
        match &mut self.held {
            Held::Values(columns) => {
                let columns = columns.iter_mut().enumerate();
                columns.for_each(|(cell, values)| values.extend_from_slice(&block.column(cell)[there.clone()]));
            }
            Held::Sketches(sketches) => {
                for (cell, sketch) in sketches.iter_mut().enumerate() {
                    block.column(cell)[there.clone()].iter().for_each(|&value| sketch.add(value));
                }
            }
        }
        self.open.runs += there.len() as u64;
        // The numbers of failed runs count from 1.
        for failed in block.failed.iter().filter(|f| f.run > from && f.run <= to) {
            self.open.failed += 1;
            if self.open.failures.len() < manifest::MOST_FAILURES {
                let what = format!("point {}: {}", self.point + 1, failed.what);
                self.open.failures.push(FailedRun { run: failed.run - self.point * self.runs, what, ..failed.clone() });
            }
        }
        self.taken += to - from;
        self.progress.done += to - from;
        if self.taken == self.runs { self.close() } else { Ok(()) }
    }

    /// The last run of a point is in.
    fn close(&mut self) -> Result<(), OutputError> {
        let stats = match std::mem::replace(&mut self.held, Intake::fresh(self.method, self.cells)) {
            Held::Values(mut columns) => columns.par_iter_mut().map(exact).collect(),
            Held::Sketches(sketches) => sketches.iter().map(Sketch::stats).collect(),
        };
        let done = Done { point: self.point, stats, ..std::mem::take(&mut self.open) };
        self.store.write(&done)?;
        self.count(&done);
        self.point += 1;
        self.taken = 0;
        Ok(())
    }
}

/// Runs the points of a family that a design lays out, and publishes the result.
///
/// `cancel` stops after the blocks under way; the points that are complete are published as a prefix, and stay for `resume`.
/// `progress` is called once a block. `draw` may add figures to the folder before it is published; [`read`] gives
/// it their material.
///
/// # Errors
/// When the folder holds something else, a file cannot be written, threads cannot be started, or the scenario has changed since
/// the points were checked.
#[expect(clippy::too_many_arguments, reason = "the points, what to do with them, and whom to tell")]
pub fn sweep<F: Family>(
    family: &F,
    design: &design::Design,
    axes: &[response::Axis],
    about: &About,
    request: &Request,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(Progress),
    draw: &mut dyn FnMut(&Path),
) -> Result<Outcome, OutputError>
where
    F::Model: Send,
{
    let started = SystemTime::now();
    let (layout, points) = (family.layout(), family.points());
    let chosen = Chosen::new(layout, points, request.runs, request.paths);
    let stated = manifest_design(about, request);
    folder::check(&request.folder, &stated, request.overwrite)?;
    let folder = Folder::open(&request.folder, &stated, request.resume)?;
    let store = Store::open(&folder.blocks(), chosen.hash(&stated, layout), chosen.gather.len())?;
    let clock = Instant::now();
    let many = Many::new(family, request.runs);
    let method = Method::for_runs(request.runs);
    let mut intake = Intake {
        store: &store,
        runs: request.runs,
        method,
        cells: chosen.gather.len(),
        held: Intake::fresh(method, chosen.gather.len()),
        point: 0,
        taken: 0,
        open: Done::default(),
        skip: 0,
        progress: Progress { done: 0, failed: 0, total: many.total() },
        failures: Vec::new(),
    };
    if folder.resuming {
        while let Some(done) = (intake.point < points).then(|| store.read(intake.point)).flatten() {
            intake.count(&done);
            intake.point += 1;
        }
        intake.skip = intake.point * request.runs;
        intake.progress.done = intake.skip;
    }
    let resumed_runs = intake.skip;
    progress(intake.progress);
    let plan = Plan {
        runs: many.total(),
        block_runs: chosen.block_runs,
        first_block: resumed_runs / chosen.block_runs,
        gather: &chosen.gather,
        threads: request.threads.max(1),
    };
    if intake.point < points {
        run(&many, &plan, cancel, &mut |block: Block| {
            intake.take(&block, block.index * chosen.block_runs)?;
            progress(intake.progress);
            Ok(())
        })
        .map_err(|e| match e {
            EnsembleError::Threads { threads, what } => OutputError::Threads { threads, what },
            EnsembleError::Sink(error) => error,
        })?;
    }
    let Intake { point: complete, progress: counted, failures, .. } = intake;
    let interrupted = complete < points;
    if complete == 0 {
        return Ok(Outcome { results: None, interrupted, points: 0 });
    }
    let simulating_seconds = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let tables = folder.tables()?;
    let dates: Vec<_> = chosen.dates.iter().map(|&date| layout.months[date]).collect();
    tables::write(&store, complete, layout, &chosen.series, &dates, design, &tables)?;
    let scenario_file = tables.join("scenario.toml");
    std::fs::write(&scenario_file, &about.toml).map_err(OutputError::file(&scenario_file))?;
    let attempted = complete * request.runs;
    let manifest = Manifest {
        interrupted,
        attempted,
        completed: attempted - counted.failed,
        failed: counted.failed,
        failures,
        started: manifest::utc(started),
        resumed_runs,
        simulating_seconds,
        writing_seconds: clock.elapsed().as_secs_f64(),
        ..Manifest::new(about, stated, layout, request.threads, &request.command_line)
    };
    manifest.write(&tables)?;
    let axes = tables::cut(axes, complete as usize);
    let told = read_series(&tables, design.word.clone(), axes, &tables::told)?;
    tables::write_effects(&told, &tables)?;
    draw(&tables);
    folder.publish(interrupted)?;
    Ok(Outcome { results: Some(told), interrupted, points: complete })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_divide_the_runs_of_a_point_where_they_can_and_are_many_enough_for_the_threads() {
        assert_eq!(block_runs(200, 8, 25), 3);
        assert_eq!(block_runs(200, 1000, 25), 25);
        assert_eq!(block_runs(200, 1000, 40), 20);
        assert_eq!(block_runs(200, 1000, 1000), 25);
        assert_eq!(block_runs(200, 1000, 37), 32);
        assert_eq!(block_runs(200, 2, 1), 1);
        assert_eq!(block_runs(100_000, 1000, 1000), 5);
    }
}
