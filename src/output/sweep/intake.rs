//! Blocks of runs into points: what is held of the point under way, when it ends, and what then stands of it on disk.
//!
//! A point ends after all its runs, or at the first count at which the standard errors asked for are reached at it. The runs
//! behind that are passed over, and the next point begins at its own first run: what comes of a point is that of as many runs
//! of it alone.

use rayon::ThreadPool;
use rayon::prelude::*;

use super::store::{Done, Store};
use super::{Chosen, Progress, Stop};
use crate::experiment::sketch::Sketch;
use crate::experiment::statistics::{EXACT_RUNS, exact};
use crate::experiment::stopping::Watch;
use crate::experiment::summary::Stats;
use crate::output::{OutputError, manifest};
use crate::run::ensemble::{Block, FailedRun, Next};

/// Phase of a run that could not begin because its point could not be read: all points were read before.
const UNREAD: &str = "reading the point";
/// First runs of each point of which values are kept, for effects that are told run by run. A judgement: the error of a mean is
/// then 2% of a standard deviation, and a point on disk stays small.
pub(super) const KEPT_RUNS: u64 = 2_000;

/// The runs of a point that is done, and whether they met what was asked of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Runs simulated, the failed ones too.
    pub runs: u64,
    /// Whether all standard errors asked for were reached; false where none are asked for.
    pub met: bool,
}

/// The values of the point under way.
struct Held {
    /// All of them, a column a cell; none beyond [`EXACT_RUNS`].
    values: Vec<Vec<f64>>,
    /// Fed where there may be more runs.
    sketches: Vec<Sketch>,
}

impl Held {
    fn new(runs: u64, stops: bool, cells: usize) -> Held {
        let few = runs <= EXACT_RUNS;
        Held {
            values: vec![Vec::new(); if few || stops { cells } else { 0 }],
            sketches: vec![Sketch::default(); if few { 0 } else { cells }],
        }
    }

    fn take(&mut self, block: &Block, there: &std::ops::Range<usize>) {
        for (cell, values) in self.values.iter_mut().enumerate() {
            values.extend_from_slice(&block.column(cell)[there.clone()]);
        }
        for (cell, sketch) in self.sketches.iter_mut().enumerate() {
            block.column(cell)[there.clone()].iter().for_each(|&value| sketch.add(value));
        }
    }

    /// The statistics of so many runs: those of a plain ensemble of as many.
    fn stats(mut self, runs: u64, pool: &ThreadPool) -> Vec<Stats> {
        if runs <= EXACT_RUNS {
            pool.install(|| self.values.par_iter_mut().map(exact).collect())
        } else {
            self.sketches.iter().map(Sketch::stats).collect()
        }
    }
}

/// Takes blocks in order, and closes point after point.
pub(super) struct Intake<'a> {
    store: &'a Store,
    chosen: &'a Chosen,
    /// Most runs of a point.
    runs: u64,
    stop: Option<&'a Stop>,
    pool: &'a ThreadPool,
    held: Held,
    watch: Option<Watch>,
    /// The point under way, and its runs taken in.
    pub point: u64,
    taken: u64,
    open: Done,
    /// Runs of the whole before this one belong to points that are done.
    skip: u64,
    pub progress: Progress,
    pub failures: Vec<FailedRun>,
    /// Of each point that is done.
    pub spent: Vec<Spent>,
}

impl<'a> Intake<'a> {
    pub fn new(
        store: &'a Store,
        chosen: &'a Chosen,
        runs: u64,
        points: u64,
        stop: Option<&'a Stop>,
        pool: &'a ThreadPool,
    ) -> Intake<'a> {
        let mut intake = Intake {
            store,
            chosen,
            runs,
            stop,
            pool,
            held: Held::new(0, false, 0),
            watch: None,
            point: 0,
            taken: 0,
            open: Done::default(),
            skip: 0,
            progress: Progress { done: 0, failed: 0, total: points.saturating_mul(runs) },
            failures: Vec::new(),
            spent: Vec::new(),
        };
        intake.begin();
        intake
    }

    /// Makes ready for the first run of the point under way.
    fn begin(&mut self) {
        self.held = Held::new(self.runs, self.stop.is_some(), self.chosen.cells);
        let quantities = |stop: &Stop| stop.watched.iter().map(|(quantity, _)| quantity.clone()).collect();
        self.watch = self.stop.map(|stop| Watch::new(quantities(stop), self.runs));
        self.open = Done { kept: vec![Vec::new(); self.chosen.kept.len()], ..Done::default() };
        self.taken = 0;
        self.skip = self.point * self.runs;
    }

    fn count(&mut self, done: &Done) {
        self.progress.failed += done.failed;
        self.progress.total -= self.runs.saturating_sub(done.attempted());
        let room = manifest::MOST_FAILURES.saturating_sub(self.failures.len());
        self.failures.extend(done.failures.iter().take(room).cloned());
        self.spent.push(Spent { runs: done.attempted(), met: done.met });
    }

    /// Takes up the points that an earlier attempt left.
    pub fn resume(&mut self, points: u64) {
        while let Some(done) = (self.point < points).then(|| self.store.read(self.point)).flatten() {
            self.count(&done);
            self.progress.done += done.attempted();
            self.point += 1;
        }
        self.begin();
    }

    /// The block with the first run of the point under way.
    pub fn first_block(&self) -> u64 {
        self.skip / self.chosen.block_runs
    }

    /// Takes a block, and says which is wanted next.
    pub fn take(&mut self, block: &Block) -> Result<Next, OutputError> {
        let first = block.index * self.chosen.block_runs;
        if let Some(failed) = block.failed.iter().find(|f| f.phase == UNREAD && f.run > self.skip) {
            let point = (failed.run - 1) / self.runs + 1;
            return Err(OutputError::table(&self.store.path(point - 1), format!("point {point}: {}", failed.what)));
        }
        let mut from = first.max(self.skip);
        let end = first + block.attempted;
        while from < end {
            let to = end.min((self.point + 1) * self.runs);
            self.take_runs(block, from, to)?;
            from = to.max(self.skip);
        }
        Ok(if self.skip > end { Next::At(self.first_block()) } else { Next::Following })
    }

    /// Takes in runs `from..to` of the whole, which are all of the point under way, or the first of them where those are enough.
    fn take_runs(&mut self, block: &Block, from: u64, to: u64) -> Result<(), OutputError> {
        let stop = self.see(block, from, to);
        let to = stop.unwrap_or(to);
        let at = |run: u64| block.runs.partition_point(|&r| r < run);
        let there = at(from)..at(to);
        self.held.take(block, &there);
        self.keep(block, from, to);
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
        if self.taken > EXACT_RUNS {
            self.held.values = Vec::new();
        }
        if stop.is_some() || self.taken == self.runs { self.close() } else { Ok(()) }
    }

    /// Shows runs to the watch: the run before which to stop, where it says so.
    fn see(&mut self, block: &Block, from: u64, to: u64) -> Option<u64> {
        let watch = self.watch.as_mut()?;
        let mut at = block.runs.partition_point(|&r| r < from);
        for run in from..to {
            let there = block.runs.get(at) == Some(&run);
            let value = |&column: &usize| block.column(column)[at];
            let values: Option<Vec<f64>> = there.then(|| self.chosen.watched.iter().map(value).collect());
            if watch.see(values.as_deref()) {
                return Some(run + 1);
            }
            at += usize::from(there);
        }
        None
    }

    /// Keeps the values of first runs.
    fn keep(&mut self, block: &Block, from: u64, to: u64) {
        let first = self.point * self.runs;
        let mut at = block.runs.partition_point(|&r| r < from);
        for run in from..to.min(first + KEPT_RUNS) {
            let there = block.runs.get(at) == Some(&run);
            for (&column, kept) in self.chosen.kept.iter().zip(&mut self.open.kept) {
                kept.push(if there { block.column(column)[at] } else { f64::NAN });
            }
            at += usize::from(there);
        }
    }

    /// The last run of a point is in.
    fn close(&mut self) -> Result<(), OutputError> {
        let stats = std::mem::replace(&mut self.held, Held::new(0, false, 0)).stats(self.taken, self.pool);
        let met = self.watch.as_ref().is_some_and(Watch::reached);
        let done = Done { point: self.point, met, stats, ..std::mem::take(&mut self.open) };
        self.store.write(&done)?;
        self.count(&done);
        self.point += 1;
        self.begin();
        Ok(())
    }
}
