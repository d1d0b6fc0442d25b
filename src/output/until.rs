//! Runs until standard errors are reached: what is kept while their number is not known yet, and how the runs are dealt out
//! again once it is, so that the result has the bytes of a plain run of that number.
//!
//! Up to [`EXACT_RUNS`] runs the core series of every run are on disk, so that quantiles can be exact; a sketch is fed beside,
//! for the case that it goes further, from where on only the last date is kept. Blocks are small, as what lies behind the last
//! run is thrown away. The tables are written in the blocks that a plain run of as many runs has.

use super::blocks::Store;
use super::manifest::{ErrorReached, Stopping};
use super::selection::Selection;
use super::{OutputError, Paths};
use crate::experiment::statistics::{EXACT_RUNS, Method};
use crate::experiment::stopping::{Known, Quantity, Source, Watch};
use crate::record::Layout;
use crate::record::claims::Verdict;
use crate::run::ensemble::Block;

/// Most runs of a block where the last run is not known. A judgement: few are simulated for nothing, and a file still holds several.
const BLOCK_RUNS: u64 = 16;

/// What is watched, and whether it says when to stop.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Until {
    /// What is watched, and where it comes from; a quantity with a bound stops the ensemble.
    pub watched: Vec<(Quantity, Source)>,
    /// The targets as written; none where the means are only watched.
    pub targets: Vec<String>,
    /// Whether the series that are written depend on the number of runs that it takes, as [`Paths::for_runs`] says.
    pub paths_by_runs: bool,
    /// Whether `convergence.csv` is written.
    pub convergence: bool,
}

/// What is gathered of runs whose number is not known before they end.
pub struct Stages {
    /// Of all runs in memory, and of the first [`EXACT_RUNS`] on disk.
    pub early: Selection,
    /// Of later ones on disk, where there may be any.
    late: Option<Selection>,
}

impl Stages {
    /// Those of a request. Without targets the number of runs is known, and there is one stage.
    pub fn new(layout: &Layout, runs: u64, paths: Paths, until: Option<&Until>) -> Stages {
        let Some(until) = until.filter(|u| !u.targets.is_empty()) else {
            return Stages { early: Selection::new(layout, runs, paths), late: None };
        };
        let paths = if until.paths_by_runs { Paths::None } else { paths };
        let mut early = Selection::new(layout, runs.min(EXACT_RUNS), paths);
        let mut late = (runs > EXACT_RUNS).then(|| Selection::new(layout, runs, paths));
        let block_runs = late.as_ref().map_or(early.block_runs, |l| l.block_runs).min(BLOCK_RUNS);
        for selection in late.iter_mut().chain([&mut early]) {
            selection.block_runs = block_runs;
        }
        Stages { early, late }
    }

    /// Whether the summary may have to come from a sketch, which is then fed from the first run on.
    pub fn may_sketch(&self) -> bool {
        let early = self.early.method == Method::Sketch;
        early || self.late.is_some()
    }

    /// How the values of a block are laid out on disk.
    pub fn on_disk(&self, block: u64) -> &Selection {
        match &self.late {
            Some(late) if block * self.early.block_runs >= EXACT_RUNS => late,
            _ => &self.early,
        }
    }

    /// Writes a block, as it is laid out on disk.
    pub fn write(&self, store: &Store, block: &Block) -> Result<(), OutputError> {
        let to = self.on_disk(block.index);
        match &self.late {
            Some(late) if std::ptr::eq(to, late) => {
                let kept = late.gather[..late.saved].iter().flat_map(|&i| column(block, &self.early, i));
                store.write(&Block { values: kept.copied().collect(), ..block.clone() }, late.saved)
            }
            _ => store.write(block, to.saved),
        }
    }
}

/// The values of a block that stand at place `index` of a record; none where they are not kept.
fn column<'b>(block: &'b Block, laid_out: &Selection, index: usize) -> &'b [f64] {
    laid_out.position(index).map_or(&[], |position| block.column(position))
}

/// The first runs of a block, those with numbers below `end` (from 0).
pub fn cut(block: &Block, first_run: u64, end: u64) -> Block {
    let runs = block.runs.len();
    let keep = block.runs.partition_point(|&run| run < end);
    let part = |all: usize| all.checked_div(runs).unwrap_or(0) * keep;
    let values = block.values.chunks(runs.max(1)).flat_map(|c| &c[..keep.min(c.len())]).copied().collect();
    Block {
        index: block.index,
        attempted: end - first_run,
        runs: block.runs[..keep].to_vec(),
        draws: block.draws[..part(block.draws.len())].to_vec(),
        values,
        verdicts: block.verdicts[..part(block.verdicts.len())].to_vec(),
        // Failed runs count from 1.
        failed: block.failed.iter().filter(|f| f.run <= end).cloned().collect(),
    }
}

/// Feeds a watch from blocks.
pub struct Watching {
    /// The watch.
    pub watch: Watch,
    sources: Vec<Source>,
}

impl Watching {
    /// Nothing seen yet, of at most `runs` runs.
    pub fn new(until: &Until, runs: u64) -> Watching {
        let (quantities, sources) = until.watched.iter().cloned().unzip();
        Watching { watch: Watch::new(quantities, runs), sources }
    }

    /// Shows the runs of a block to the watch: the number of runs after which to stop, where it says so.
    pub fn see(&mut self, block: &Block, first_run: u64, laid_out: &Selection) -> Option<u64> {
        let claims = block.verdicts.len().checked_div(block.runs.len()).unwrap_or(0);
        let mut at = 0;
        for run in first_run..first_run + block.attempted {
            let there = block.runs.get(at) == Some(&run);
            let value = |source: &Source| match *source {
                Source::Value(index) => column(block, laid_out, index).get(at).copied().unwrap_or(f64::NAN),
                Source::Claim(claim) => match Verdict::of(block.verdicts[at * claims + claim]) {
                    Verdict::Holds => 1.0,
                    Verdict::Fails | Verdict::Undecided => 0.0,
                    Verdict::LeftOut => f64::NAN,
                },
            };
            let values: Option<Vec<f64>> = there.then(|| self.sources.iter().map(value).collect());
            if self.watch.see(values.as_deref()) {
                return Some(run + 1);
            }
            at += usize::from(there);
        }
        None
    }
}

/// How a watch ended, for the manifest.
pub fn stopping(targets: &[String], watch: &Watch) -> Stopping {
    let number = |x: f64| x.is_finite().then_some(x);
    let error = |(at, (q, k)): (usize, (&Quantity, Known))| ErrorReached {
        path: q.path.clone(),
        n: k.n,
        mean: number(k.mean),
        standard_error: number(k.standard_error),
        asked: watch.asked(at),
    };
    Stopping {
        targets: targets.to_vec(),
        reached: watch.reached(),
        runs: watch.seen(),
        errors: watch.quantities.iter().zip(watch.known()).enumerate().map(error).collect(),
    }
}

/// Deals the runs of the first `blocks` blocks on disk out again, into the blocks of `to`, of `runs` runs in all.
pub fn regroup(
    store: &Store,
    blocks: u64,
    stages: &Stages,
    (to, runs): (&Selection, u64),
    sink: &mut dyn FnMut(&Block) -> Result<(), OutputError>,
) -> Result<(), OutputError> {
    let mut next = Dealt::new(0, to, runs);
    let as_they_are = blocks == 0 || [0, blocks - 1].iter().all(|&index| stages.on_disk(index) == to);
    for index in 0..blocks {
        let block = store.read_sound(index)?;
        let from = stages.on_disk(index);
        if as_they_are {
            sink(&block)?;
            continue;
        }
        let places: Vec<Option<usize>> = to.gather[..to.saved].iter().map(|&i| from.position(i)).collect();
        for (at, &run) in block.runs.iter().enumerate() {
            while run >= next.end {
                sink(&next.block())?;
                next = Dealt::new(next.index + 1, to, runs);
            }
            next.add(&block, at, &places);
        }
    }
    // The last ones, also where all of their runs have failed.
    while !as_they_are && next.start < next.end {
        sink(&next.block())?;
        next = Dealt::new(next.index + 1, to, runs);
    }
    Ok(())
}

/// A block that is being filled, run after run.
struct Dealt {
    index: u64,
    start: u64,
    end: u64,
    runs: Vec<u64>,
    draws: Vec<f64>,
    verdicts: Vec<u8>,
    rows: Vec<f64>,
}

impl Dealt {
    fn new(index: u64, to: &Selection, runs: u64) -> Dealt {
        let (start, end) = ((index * to.block_runs).min(runs), ((index + 1) * to.block_runs).min(runs));
        Dealt { index, start, end, runs: Vec::new(), draws: Vec::new(), verdicts: Vec::new(), rows: Vec::new() }
    }

    fn add(&mut self, from: &Block, at: usize, places: &[Option<usize>]) {
        let m = from.runs.len();
        let (draws, claims) = (from.draws.len() / m, from.verdicts.len() / m);
        self.runs.push(from.runs[at]);
        self.draws.extend(&from.draws[at * draws..(at + 1) * draws]);
        self.verdicts.extend(&from.verdicts[at * claims..(at + 1) * claims]);
        self.rows.extend(places.iter().map(|p| p.map_or(f64::NAN, |p| from.values[p * m + at])));
    }

    fn block(&mut self) -> Block {
        let (m, columns) = (self.runs.len(), self.rows.len().checked_div(self.runs.len()).unwrap_or(0));
        let values = (0..columns).flat_map(|c| (0..m).map(move |r| (r, c))).map(|(r, c)| self.rows[r * columns + c]);
        Block {
            index: self.index,
            attempted: self.end - self.start,
            values: values.collect(),
            runs: std::mem::take(&mut self.runs),
            draws: std::mem::take(&mut self.draws),
            verdicts: std::mem::take(&mut self.verdicts),
            failed: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ensemble::FailedRun;

    #[test]
    fn the_first_runs_of_a_block_are_cut_out_of_every_column() {
        let failed = |run| FailedRun { run, phase: "settle".into(), month: "2026-01".into(), what: "x".into() };
        let block = Block {
            index: 2,
            attempted: 5,
            runs: vec![10, 12, 14],
            draws: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            values: vec![0.1, 0.2, 0.3, 1.1, 1.2, 1.3],
            verdicts: vec![0, 1, 2],
            failed: vec![failed(12), failed(14)],
        };
        let first = cut(&block, 10, 13);
        assert_eq!((first.attempted, &first.runs[..], &first.draws[..]), (3, &[10, 12][..], &[1.0, 2.0, 3.0, 4.0][..]));
        assert_eq!((&first.values[..], &first.verdicts[..]), (&[0.1, 0.2, 1.1, 1.2][..], &[0, 1][..]));
        assert_eq!(first.failed.iter().map(|f| f.run).collect::<Vec<_>>(), [12]);
        assert_eq!(cut(&block, 10, 15), block);
    }
}
