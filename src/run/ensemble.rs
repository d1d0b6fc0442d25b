//! Many runs over threads. Runs are dealt out in blocks of neighbouring numbers, and the blocks are handed
//! over strictly in order, so nothing that is made of them depends on the number of threads.
//!
//! Memory is bounded by threads and block size: a worker that is too far ahead of the oldest block still
//! missing waits for it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Model, RunFault};
use crate::record::Record;
use crate::units::Month;

/// A run that failed: it is left out of all results, and counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailedRun {
    /// Number of the run, from 1 as in the tables.
    pub run: u64,
    /// Phase of the step in which it failed.
    pub phase: String,
    /// Month of that step, `YYYY-MM`.
    pub month: String,
    /// What was found.
    pub what: String,
}

impl From<RunFault> for FailedRun {
    fn from(fault: RunFault) -> FailedRun {
        FailedRun {
            run: fault.run + 1,
            phase: fault.phase.to_string(),
            month: fault.month.to_string(),
            what: fault.what,
        }
    }
}

/// The results of a block of neighbouring runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Number of the block, from 0.
    pub index: u64,
    /// Runs simulated, the failed ones too.
    pub attempted: u64,
    /// Numbers of the runs that did not fail, from 0, in order.
    pub runs: Vec<u64>,
    /// Uncertain parameters drawn: run after run, `runs.len()` × draws.
    pub draws: Vec<f64>,
    /// The values gathered: column after column, columns × `runs.len()`.
    pub values: Vec<f64>,
    /// What each run says of each claim: run after run, `runs.len()` × claims, as [`crate::record::claims::Verdict`].
    pub verdicts: Vec<u8>,
    /// Runs that failed, in order.
    pub failed: Vec<FailedRun>,
}

impl Block {
    /// The values of gathered column `column`, a value a run.
    pub fn column(&self, column: usize) -> &[f64] {
        let m = self.runs.len();
        &self.values[column * m..(column + 1) * m]
    }
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// Runs of the whole ensemble.
    pub runs: u64,
    /// Runs of a block.
    pub block_runs: u64,
    /// First block to run: the blocks before it exist already.
    pub first_block: u64,
    /// Which values of a record are gathered, as indices into [`Record::values`].
    pub gather: &'a [usize],
    /// Threads.
    pub threads: usize,
}

impl Plan<'_> {
    /// Number of blocks of the whole ensemble.
    pub fn blocks(&self) -> u64 {
        self.runs.div_ceil(self.block_runs)
    }
    /// Blocks that may be claimed beyond the oldest one that is not handed over yet.
    pub fn window(&self) -> u64 {
        2 * self.threads as u64
    }
}

/// How an ensemble ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Blocks complete from the first on: `0..blocks` exist now.
    pub blocks: u64,
    /// Most blocks that waited at once to be handed over.
    pub most_waiting: usize,
}

/// Why an ensemble could not be run.
#[derive(Debug, thiserror::Error)]
pub enum EnsembleError<E> {
    /// The threads could not be started.
    #[error("could not start {threads} threads: {what}")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// What the system said.
        what: String,
    },
    /// The receiver of blocks failed.
    #[error(transparent)]
    Sink(E),
}

struct Queue {
    next_claim: u64,
    next_delivery: u64,
    ready: BTreeMap<u64, Block>,
    most_waiting: usize,
    workers: usize,
    stopped: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    room: Condvar,
    arrived: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // A panic within a run is caught before it reaches the lock, so the queue is never half-changed.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the blocks of a plan and hands each to `sink`, in order, on the calling thread.
///
/// `cancel` stops the ensemble after the blocks under way; those handed over are then a prefix without gaps.
pub fn run<M: Model, E: Send>(
    model: &M,
    plan: &Plan<'_>,
    cancel: &AtomicBool,
    sink: &mut dyn FnMut(Block) -> Result<(), E>,
) -> Result<Ended, EnsembleError<E>> {
    let threads = plan.threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|e| EnsembleError::Threads { threads, what: e.to_string() })?;
    let shared = Shared {
        queue: Mutex::new(Queue {
            next_claim: plan.first_block,
            next_delivery: plan.first_block,
            ready: BTreeMap::new(),
            most_waiting: 0,
            workers: threads,
            stopped: false,
        }),
        room: Condvar::new(),
        arrived: Condvar::new(),
    };
    let delivered = pool.in_place_scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|_| work(model, plan, cancel, &shared));
        }
        deliver(&shared, sink)
    });
    delivered.map_err(EnsembleError::Sink)?;
    let queue = shared.lock();
    Ok(Ended { blocks: queue.next_delivery, most_waiting: queue.most_waiting })
}

fn deliver<E>(shared: &Shared, sink: &mut dyn FnMut(Block) -> Result<(), E>) -> Result<(), E> {
    loop {
        let mut queue = shared.lock();
        let next = queue.next_delivery;
        let block = loop {
            if let Some(block) = queue.ready.remove(&next) {
                break block;
            }
            if queue.workers == 0 {
                return Ok(());
            }
            queue = shared.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
        };
        drop(queue);
        let taken = sink(block);
        let mut queue = shared.lock();
        match taken {
            Ok(()) => queue.next_delivery += 1,
            Err(error) => {
                queue.stopped = true;
                shared.room.notify_all();
                return Err(error);
            }
        }
        shared.room.notify_all();
    }
}

fn claim(plan: &Plan<'_>, cancel: &AtomicBool, shared: &Shared) -> Option<u64> {
    let mut queue = shared.lock();
    loop {
        if queue.stopped || cancel.load(Ordering::Relaxed) || queue.next_claim >= plan.blocks() {
            return None;
        }
        if queue.next_claim < queue.next_delivery + plan.window() {
            queue.next_claim += 1;
            return Some(queue.next_claim - 1);
        }
        queue = shared.room.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}

fn work<M: Model>(model: &M, plan: &Plan<'_>, cancel: &AtomicBool, shared: &Shared) {
    let mut worker: Option<Worker<'_, M>> = None;
    while let Some(index) = claim(plan, cancel, shared) {
        let block = worker.get_or_insert_with(|| Worker::new(model)).block(plan, index);
        let mut queue = shared.lock();
        queue.ready.insert(index, block);
        queue.most_waiting = queue.most_waiting.max(queue.ready.len());
        shared.arrived.notify_one();
    }
    shared.lock().workers -= 1;
    shared.arrived.notify_one();
}

/// One worker: its world and its record are reused by all its runs.
struct Worker<'a, M: Model> {
    model: &'a M,
    state: Option<M::State>,
    record: Record,
}

impl<'a, M: Model> Worker<'a, M> {
    fn new(model: &'a M) -> Worker<'a, M> {
        let layout = model.layout();
        let record = Record { run: 0, values: vec![f64::NAN; layout.len()], draws: vec![f64::NAN; layout.draws.len()] };
        Worker { model, state: None, record }
    }

    fn run(&mut self, run: u64) -> Result<(), RunFault> {
        self.record.run = run;
        self.record.values.fill(f64::NAN);
        let (model, record, state) = (self.model, &mut self.record, &mut self.state);
        // A panic is a fault of the engine; it costs its run and the state it left, not the ensemble.
        let outcome =
            catch_unwind(AssertUnwindSafe(|| model.run(state.get_or_insert_with(|| model.new_state()), run, record)));
        outcome.unwrap_or_else(|panic| {
            self.state = None;
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            let month = self.model.layout().months.first().copied().unwrap_or(Month(0));
            Err(RunFault { run, phase: "engine", month, what: format!("panicked: {text}") })
        })
    }

    fn block(&mut self, plan: &Plan<'_>, index: u64) -> Block {
        let first = index * plan.block_runs;
        let last = (first + plan.block_runs).min(plan.runs);
        let stride = (last - first) as usize;
        let mut block = Block { index, attempted: last - first, ..Block::default() };
        block.values = vec![0.0; plan.gather.len() * stride];
        let claims = self.model.claims();
        for run in first..last {
            match self.run(run) {
                Ok(()) => {
                    let at = block.runs.len();
                    block.runs.push(run);
                    block.draws.extend_from_slice(&self.record.draws);
                    block.verdicts.resize((at + 1) * claims.len(), 0);
                    claims.judge(run, &self.record.values, &mut block.verdicts[at * claims.len()..]);
                    for (column, &from) in plan.gather.iter().enumerate() {
                        block.values[column * stride + at] = self.record.values[from];
                    }
                }
                Err(fault) => block.failed.push(fault.into()),
            }
        }
        let m = block.runs.len();
        if m < stride {
            for column in 0..plan.gather.len() {
                block.values.copy_within(column * stride..column * stride + m, column * m);
            }
            block.values.truncate(plan.gather.len() * m);
        }
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Column, Entity, Layout, TableKind, TableLayout};
    use crate::units::Month;

    struct Toy {
        layout: Layout,
    }

    fn toy() -> Toy {
        let column = |name: &str| Column { name: name.into(), unit: "1", meaning: String::new(), core: true };
        let entity = Entity { id: "market".into(), name: "Market".into(), colour: String::new(), division: false };
        let table = TableLayout {
            kind: TableKind::Market,
            entities: vec![entity],
            columns: vec![column("a"), column("b")],
            offset: 0,
        };
        let layout = Layout {
            tables: vec![table],
            months: vec![Month::new(2025, 12), Month::new(2026, 1)],
            width: 2,
            draws: vec!["x".into()],
        };
        Toy { layout }
    }

    impl Model for Toy {
        type State = u64;
        fn layout(&self) -> &Layout {
            &self.layout
        }
        fn new_state(&self) -> u64 {
            0
        }
        fn run(&self, state: &mut u64, run: u64, into: &mut Record) -> Result<(), RunFault> {
            *state += 1;
            if run % 10 == 7 {
                return Err(RunFault { run, phase: "settle", month: Month::new(2026, 1), what: "cash is NaN".into() });
            }
            assert!(run != 13, "run thirteen");
            if run.is_multiple_of(5) {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            for (i, v) in into.values.iter_mut().enumerate() {
                *v = run as f64 * 10.0 + i as f64;
            }
            into.draws[0] = -(run as f64);
            Ok(())
        }
    }

    fn all(plan: &Plan<'_>, cancel: &AtomicBool, stop_after: usize) -> (Vec<Block>, Ended) {
        let mut blocks = Vec::new();
        let ended = run(&toy(), plan, cancel, &mut |block| {
            blocks.push(block);
            if blocks.len() == stop_after {
                cancel.store(true, Ordering::Relaxed);
            }
            Ok::<(), ()>(())
        });
        (blocks, ended.expect("the sink never fails"))
    }

    #[test]
    fn blocks_come_in_order_and_are_the_same_for_any_number_of_threads() {
        let gather = [3, 0];
        let plan = Plan { runs: 103, block_runs: 4, first_block: 0, gather: &gather, threads: 1 };
        let (one, ended) = all(&plan, &AtomicBool::new(false), 0);
        assert_eq!(ended.blocks, 26);
        let (four, _) = all(&Plan { threads: 4, ..plan }, &AtomicBool::new(false), 0);
        assert_eq!(one, four);
        assert!(one.iter().enumerate().all(|(i, b)| b.index == i as u64));
        let block = &one[25];
        assert_eq!(block.runs, [100, 101, 102]);
        assert_eq!(block.column(0), [1003.0, 1013.0, 1023.0]);
        assert_eq!(block.column(1), [1000.0, 1010.0, 1020.0]);
    }

    #[test]
    fn a_run_that_fails_or_panics_is_left_out_and_reported() {
        let plan = Plan { runs: 20, block_runs: 8, first_block: 0, gather: &[1], threads: 2 };
        let (blocks, _) = all(&plan, &AtomicBool::new(false), 0);
        let failed: Vec<u64> = blocks.iter().flat_map(|b| b.failed.iter().map(|f| f.run)).collect();
        assert_eq!(failed, [8, 14, 18]);
        assert!(blocks[1].failed[0].what.contains("run thirteen"));
        assert_eq!(blocks[1].runs, [8, 9, 10, 11, 12, 14, 15]);
        assert_eq!(blocks[1].column(0).len(), 7);
        assert_eq!(blocks[1].column(0)[5], 141.0);
    }

    #[test]
    fn a_cancelled_ensemble_leaves_a_prefix_without_gaps() {
        let plan = Plan { runs: 1000, block_runs: 2, first_block: 3, gather: &[0], threads: 3 };
        let (blocks, ended) = all(&plan, &AtomicBool::new(false), 5);
        assert!(ended.blocks < plan.blocks());
        let expected: Vec<u64> = (3..ended.blocks).collect();
        assert_eq!(blocks.iter().map(|b| b.index).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn workers_wait_for_a_slow_receiver_so_that_waiting_blocks_stay_bounded() {
        let plan = Plan { runs: 400, block_runs: 1, first_block: 0, gather: &[0], threads: 3 };
        let mut seen = 0;
        let ended = run(&toy(), &plan, &AtomicBool::new(false), &mut |_| {
            seen += 1;
            std::thread::sleep(std::time::Duration::from_micros(200));
            Ok::<(), ()>(())
        })
        .expect("the sink never fails");
        assert_eq!(seen, 400);
        assert!(ended.most_waiting as u64 <= plan.window(), "{}", ended.most_waiting);
    }

    #[test]
    fn a_receiver_that_fails_ends_the_ensemble() {
        let plan = Plan { runs: 400, block_runs: 1, first_block: 0, gather: &[0], threads: 3 };
        let mut seen = 0;
        let ended = run(&toy(), &plan, &AtomicBool::new(false), &mut |_| {
            seen += 1;
            if seen == 7 { Err("disk full") } else { Ok(()) }
        });
        assert!(matches!(ended, Err(EnsembleError::Sink("disk full"))));
    }
}
