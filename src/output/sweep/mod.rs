//! A sweep: the runs of all points as one ensemble, a file a finished point, then the tables.
//!
//! Runs arrive in order, point after point. The values of one point are held until its last run is in, then its statistics
//! stand in a file and the values are forgotten: memory does not grow with the number of points, and beyond
//! [`EXACT_RUNS`](crate::experiment::statistics::EXACT_RUNS) not with that of runs. A sweep that was stopped continues after
//! the points that are sound.

mod intake;
pub mod store;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

use sha2::{Digest, Sha256};

use super::folder::{self, Folder};
use super::manifest::{self, Design, Manifest};
use super::selection::Needs;
use super::{About, OutputError, Paths, Progress};
use crate::experiment::statistics::{EXACT_RUNS, Method};
use crate::experiment::stopping::Quantity;
use crate::experiment::summary::{SeriesAt, Stats, core_series};
use crate::experiment::{design, response};
use crate::record::Layout;
use crate::run::ensemble::{Block, EnsembleError, Plan, run_some};
use crate::run::family::{Family, Many};
pub use intake::Spent;
use intake::{Intake, KEPT_RUNS};
pub use store::{Done, Store};
pub use tables::{EFFECTS, Effect, POINTS, RESULTS, SweepResults, read, read_series};

/// The word of the command in a manifest.
pub const COMMAND: &str = "sweep";
/// Most runs of a block.
const MOST_BLOCK_RUNS: u64 = 32;
/// Most runs of a block where points stop at standard errors. A judgement: few runs behind the last one of a point are simulated
/// for nothing.
const MOST_STOP_RUNS: u64 = 8;
/// A sweep has at least about so many blocks, so that threads share the work evenly.
const LEAST_BLOCKS: u64 = 64;
/// Most bytes of the values of a block.
const BLOCK_BYTES: u64 = 4 << 20;
/// Bytes of a row of results.csv: what rows of the baseline take.
const ROW_BYTES: u64 = 230;

/// What to sweep, and where to.
#[derive(Clone, Debug)]
pub struct Request {
    /// Results folder.
    pub folder: PathBuf,
    /// Runs of each point; the most there may be, where standard errors say when to stop.
    pub runs: u64,
    /// Threads.
    pub threads: usize,
    /// [`Paths::None`] for the last date, [`Paths::Core`] for all dates.
    pub paths: Paths,
    /// Whether another result of ours may be replaced.
    pub overwrite: bool,
    /// Whether to continue from the points of an earlier attempt.
    pub resume: bool,
    /// Standard errors at which each point stops.
    pub stop: Option<Stop>,
    /// Command line, for the manifest.
    pub command_line: Vec<String>,
}

/// When a point stops.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stop {
    /// What is watched at each point, and where it stands in a record.
    pub watched: Vec<(Quantity, usize)>,
    /// The targets as written.
    pub targets: Vec<String>,
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
    /// The runs of each of them.
    pub spent: Vec<Spent>,
    /// What each path moves each series of effects.csv by, series after series; those that it moves by nothing that can be told
    /// are left out.
    pub effects: Vec<Effect>,
}

/// What decides the bytes of the result of a request; the hash of `about` stands for the base and all points.
pub fn manifest_design(about: &About, request: &Request) -> Design {
    Design {
        until: request.stop.as_ref().map_or_else(Vec::new, |stop| stop.targets.clone()),
        command: COMMAND.to_string(),
        scenario_hash: about.hash.clone(),
        seed: about.seed,
        runs: request.runs,
        version: env!("CARGO_PKG_VERSION").to_string(),
        paths: request.paths.word().to_string(),
        format: "csv".to_string(),
    }
}

/// Which values of a run are gathered: the core series at the last date, or at all dates, and what is watched beside them.
struct Chosen {
    series: Vec<SeriesAt>,
    dates: Vec<usize>,
    /// Index into a record, series after series, date after date; then what is watched beside.
    gather: Vec<usize>,
    /// How many of them feed statistics.
    cells: usize,
    /// Which of them are watched, and which are kept run by run.
    watched: Vec<usize>,
    kept: Vec<usize>,
    block_runs: u64,
}

impl Chosen {
    fn new(layout: &Layout, points: u64, request: &Request) -> Chosen {
        let series = core_series(layout);
        let last = layout.months.len().saturating_sub(1);
        let dates: Vec<usize> = if request.paths == Paths::None { vec![last] } else { (0..=last).collect() };
        let index = |s: &SeriesAt, date: usize| layout.index(s.table, date, s.entity, s.column);
        let mut gather: Vec<usize> =
            series.iter().flat_map(|s| dates.iter().map(move |&date| index(s, date))).collect();
        let cells = gather.len();
        let mut watched = Vec::new();
        for (_, value) in request.stop.iter().flat_map(|stop| &stop.watched) {
            let there = gather.iter().position(|at| at == value);
            watched.push(there.unwrap_or_else(|| {
                gather.push(*value);
                gather.len() - 1
            }));
        }
        let is_told = |s: &SeriesAt| {
            let s = s.with(layout, std::iter::empty());
            tables::told(s.kind, &s.metric)
        };
        let at_the_end = |at: usize| at * dates.len() + dates.len() - 1;
        let kept = series.iter().enumerate().filter(|(_, s)| is_told(s)).map(|(at, _)| at_the_end(at)).collect();
        let most = if request.stop.is_some() { MOST_STOP_RUNS } else { MOST_BLOCK_RUNS };
        let block_runs = block_runs(gather.len() as u64, points, request.runs, most);
        Chosen { series, dates, gather, cells, watched, kept, block_runs }
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
fn block_runs(values: u64, points: u64, runs: u64, most: u64) -> u64 {
    let by_memory = BLOCK_BYTES / (8 * values.max(1));
    let by_balance = points.saturating_mul(runs) / LEAST_BLOCKS;
    let most = by_memory.min(by_balance).clamp(1, most.min(runs.max(1)));
    (most.div_ceil(2)..=most).rev().find(|size| runs.is_multiple_of(*size)).unwrap_or(most)
}

/// What a sweep needs, in bytes, before anything runs.
pub fn needs(layout: &Layout, points: u64, request: &Request) -> Needs {
    let chosen = Chosen::new(layout, points, request);
    let (threads, cells) = (request.threads.max(1) as u64, chosen.gather.len() as u64);
    let block = 8 * cells * chosen.block_runs;
    let values = 8 * cells * request.runs.min(EXACT_RUNS);
    // A sketch of a spread-out metric counts in some ten powers of two.
    let sketches = cells * 4_000;
    let held = match Method::for_runs(request.runs) {
        Method::Exact => values,
        Method::Sketch if request.stop.is_some() => values + sketches,
        Method::Sketch => sketches,
    };
    let kept = 8 * chosen.kept.len() as u64 * request.runs.min(KEPT_RUNS);
    let record = 8 * layout.len() as u64;
    // What figures are drawn from: the last date of every point.
    let material = points * chosen.series.len() as u64 * size_of::<Stats>() as u64;
    let memory = threads * (record + block) + (2 * threads + 1) * block + held.max(material) + (32 << 20);
    let disk = points * (cells * (ROW_BYTES + 8 * 11) + kept + 500) + (16 << 20);
    Needs { memory, disk }
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
    let chosen = Chosen::new(layout, points, request);
    let stated = manifest_design(about, request);
    folder::check(&request.folder, &stated, &about.toml, request.overwrite)?;
    let folder = Folder::open(&request.folder, &stated, request.resume)?;
    let store = Store::open(&folder.blocks(), chosen.hash(&stated, layout), (chosen.cells, chosen.kept.len()))?;
    let clock = Instant::now();
    let many = Many::new(family, request.runs);
    let threads = request.threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| OutputError::Threads { threads, what: e.to_string() })?;
    let mut intake = Intake::new(&store, &chosen, request.runs, points, request.stop.as_ref(), &pool);
    if folder.resuming {
        intake.resume(points);
    }
    let resumed_runs = intake.progress.done;
    progress(intake.progress);
    let plan = Plan {
        runs: many.total(),
        block_runs: chosen.block_runs,
        first_block: intake.first_block(),
        gather: &chosen.gather,
        threads,
    };
    if intake.point < points {
        run_some(&many, &plan, cancel, &mut |block: Block| {
            let next = intake.take(&block)?;
            progress(intake.progress);
            Ok(next)
        })
        .map_err(|e| match e {
            EnsembleError::Threads { threads, what } => OutputError::Threads { threads, what },
            EnsembleError::Sink(error) => error,
        })?;
    }
    let Intake { point: complete, progress: counted, failures, spent, .. } = intake;
    let interrupted = complete < points;
    if complete == 0 {
        return Ok(Outcome { results: None, interrupted, points: 0, spent, effects: Vec::new() });
    }
    let simulating_seconds = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let tables = folder.tables()?;
    let dates: Vec<_> = chosen.dates.iter().map(|&date| layout.months[date]).collect();
    tables::write(&store, complete, layout, (&chosen.series, &dates), (design, request.stop.is_some()), &tables)?;
    let scenario_file = tables.join("scenario.toml");
    std::fs::write(&scenario_file, &about.toml).map_err(OutputError::file(&scenario_file))?;
    let attempted = spent.iter().map(|s| s.runs).sum();
    // Where points stop at standard errors, most of them may have fewer runs than allowed.
    let method = Method::for_runs(spent.iter().map(|s| s.runs).max().unwrap_or(0));
    let manifest = Manifest {
        interrupted,
        attempted,
        completed: attempted - counted.failed,
        failed: counted.failed,
        failures,
        started: manifest::utc(started),
        quantile_method: method.word().to_string(),
        quantile_error: method.error(),
        resumed_runs,
        simulating_seconds,
        writing_seconds: clock.elapsed().as_secs_f64(),
        ..Manifest::new(about, stated, layout, request.threads, &request.command_line)
    };
    manifest.write(&tables)?;
    let axes = tables::cut(axes, complete as usize);
    let told = read_series(&tables, design.word.clone(), axes, &tables::told)?;
    let effects = tables::effects(&store, &told)?;
    tables::write_effects(&told, &effects, &tables)?;
    draw(&tables);
    folder.publish(interrupted)?;
    Ok(Outcome { results: Some(told), interrupted, points: complete, spent, effects })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_divide_the_runs_of_a_point_where_they_can_and_are_many_enough_for_the_threads() {
        assert_eq!(block_runs(200, 8, 25, MOST_BLOCK_RUNS), 3);
        assert_eq!(block_runs(200, 1000, 25, MOST_BLOCK_RUNS), 25);
        assert_eq!(block_runs(200, 1000, 40, MOST_BLOCK_RUNS), 20);
        assert_eq!(block_runs(200, 1000, 1000, MOST_BLOCK_RUNS), 25);
        assert_eq!(block_runs(200, 1000, 37, MOST_BLOCK_RUNS), 32);
        assert_eq!(block_runs(200, 2, 1, MOST_BLOCK_RUNS), 1);
        assert_eq!(block_runs(100_000, 1000, 1000, MOST_BLOCK_RUNS), 5);
        assert_eq!(block_runs(200, 1000, 1000, MOST_STOP_RUNS), 8);
    }
}
