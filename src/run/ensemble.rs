//! Many runs over threads. Runs are dealt out in blocks of neighbouring numbers, and the blocks are handed
//! over strictly in order, so nothing that is made of them depends on the number of threads.
//!
//! Memory is bounded by threads and block size: a worker that is too far ahead of the oldest block still
//! missing waits for it.
//!
//! The receiver of blocks may go on at a later one. Blocks before it that are done or under way are thrown away, so what is
//! handed over depends on the content of the blocks alone.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Model, RunFault};
use crate::record::Record;
use crate::record::readings::Wanted;
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
    /// The block that would have been handed over next: `0..blocks` exist now, but for those that the receiver passed over.
    pub blocks: u64,
    /// Most blocks that waited at once to be handed over.
    pub most_waiting: usize,
}

/// Which block the receiver wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The one that follows.
    Following,
    /// The one with this number, or the one that follows where that is later.
    At(u64),
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
    run_some(model, plan, cancel, &mut |block| sink(block).map(|()| Next::Following))
}

/// As [`run`], and `sink` says with each block which one it wants next. At most [`Plan::window`] blocks are simulated for nothing
/// each time that it passes some over.
pub fn run_some<M: Model, E: Send>(
    model: &M,
    plan: &Plan<'_>,
    cancel: &AtomicBool,
    sink: &mut dyn FnMut(Block) -> Result<Next, E>,
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

fn deliver<E>(shared: &Shared, sink: &mut dyn FnMut(Block) -> Result<Next, E>) -> Result<(), E> {
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
            Ok(Next::Following) => queue.next_delivery += 1,
            Ok(Next::At(block)) => {
                let block = block.max(next + 1);
                queue.next_delivery = block;
                queue.next_claim = queue.next_claim.max(block);
                queue.ready = queue.ready.split_off(&block);
            }
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
    let places = plan.gather.iter().copied();
    let wanted = Wanted::at(model.layout(), places.chain(model.claims().reads()));
    while let Some(index) = claim(plan, cancel, shared) {
        let block = worker.get_or_insert_with(|| Worker::new(model, &wanted)).block(plan, index);
        let mut queue = shared.lock();
        // The receiver may have passed over it while it was under way.
        if index >= queue.next_delivery {
            queue.ready.insert(index, block);
            queue.most_waiting = queue.most_waiting.max(queue.ready.len());
        }
        shared.arrived.notify_one();
    }
    shared.lock().workers -= 1;
    shared.arrived.notify_one();
}

/// One worker: its world and its record are reused by all its runs.
struct Worker<'a, M: Model> {
    model: &'a M,
    wanted: &'a Wanted,
    state: Option<M::State>,
    record: Record,
}

impl<'a, M: Model> Worker<'a, M> {
    fn new(model: &'a M, wanted: &'a Wanted) -> Worker<'a, M> {
        let layout = model.layout();
        let record = Record { run: 0, values: vec![f64::NAN; layout.len()], draws: vec![f64::NAN; layout.draws.len()] };
        Worker { model, wanted, state: None, record }
    }

    fn run(&mut self, run: u64) -> Result<(), RunFault> {
        self.record.run = run;
        self.record.values.fill(f64::NAN);
        let (model, wanted, record, state) = (self.model, self.wanted, &mut self.record, &mut self.state);
        // A panic is a fault of the engine; it costs its run and the state it left, not the ensemble.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            model.run(state.get_or_insert_with(|| model.new_state_for(wanted)), run, record)
        }));
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
mod tests;
