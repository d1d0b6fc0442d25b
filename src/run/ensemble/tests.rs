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
fn blocks_that_are_passed_over_are_neither_handed_over_nor_all_simulated() {
    let plan = Plan { runs: 900, block_runs: 2, first_block: 0, gather: &[0], threads: 1 };
    // From 3 blocks of every hundred on to the next hundred; and back, which is no more than the next block.
    let some = |threads: usize| {
        let (mut seen, mut blocks) = (Vec::new(), Vec::new());
        let ended = run_some(&toy(), &Plan { threads, ..plan }, &AtomicBool::new(false), &mut |block| {
            seen.push(block.index);
            let next = if block.index % 100 == 2 { Next::At(block.index + 98) } else { Next::At(0) };
            blocks.push(block);
            Ok::<Next, ()>(next)
        });
        let ended = ended.expect("the sink never fails");
        assert!(ended.most_waiting as u64 <= plan.window().max(2 * threads as u64));
        (seen, blocks, ended.blocks)
    };
    let (seen, one, end) = some(1);
    let expected: Vec<u64> = (0..5).flat_map(|hundred| (0..3).map(move |b| 100 * hundred + b)).collect();
    assert_eq!((seen.as_slice(), end), (expected.as_slice(), 500));
    assert!(one.iter().all(|b| b.attempted == 2));
    for threads in [2, 4, 7] {
        assert_eq!(some(threads).1, one);
    }
}

#[test]
fn passing_over_blocks_simulates_no_more_than_a_window_for_nothing() {
    struct Counting(Toy, std::sync::atomic::AtomicU64);
    impl Model for Counting {
        type State = u64;
        fn layout(&self) -> &Layout {
            self.0.layout()
        }
        fn new_state(&self) -> u64 {
            0
        }
        fn run(&self, state: &mut u64, run: u64, into: &mut Record) -> Result<(), RunFault> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.run(state, run, into)
        }
    }
    let model = Counting(toy(), std::sync::atomic::AtomicU64::new(0));
    let plan = Plan { runs: 100_000, block_runs: 1, first_block: 0, gather: &[0], threads: 4 };
    let mut taken = 0;
    run_some(&model, &plan, &AtomicBool::new(false), &mut |block| {
        taken += 1;
        Ok::<Next, ()>(if block.index == 20 { Next::At(99_990) } else { Next::Following })
    })
    .expect("the sink never fails");
    assert_eq!(taken, 31);
    assert!(model.1.load(Ordering::Relaxed) <= 31 + plan.window());
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
