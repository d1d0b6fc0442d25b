//! The engine: one run of the baseline on one core, beside the plain loop, and where its time goes.
//!
//! - `run/engine_best`, `run/engine_baseline`: a whole run of `baseline` with all mechanisms, at the best and at the
//!   least level of vector instructions; it records what `aimarket run` asks for: core metrics at all dates, the others at the last.
//! - `run/start`: the state at the start alone.
//! - `run/demand`: the core of demand alone: 60 months of choices on the state at the start, nothing else moving.
//! - `run/ledger_checks`: the check of the books of a lived run, 60 times as in a run.
//! - `run/plain_loop`: the yardstick.
//! - `ensemble`: many such runs on one thread and on two.

mod yardstick;

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use aimarket::math::kernels::SimdLevel;
use aimarket::output::Paths;
use aimarket::output::selection::Selection;
use aimarket::random::Draws;
use aimarket::record::Record;
use aimarket::record::readings::Wanted;
use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::run::ensemble::{self, Plan};
use aimarket::scenario::Scenario;
use aimarket::step::{self, Context};
use aimarket::world::World;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use crate::yardstick::Yardstick;

/// The same few runs are timed in turn, so that what is drawn moves no comparison.
const RUNS: u64 = 20;

fn baseline() -> Scenario {
    Scenario::load("baseline", &[]).expect("the baseline is sound")
}

fn record(engine: &Engine) -> Record {
    Record { run: 0, values: vec![f64::NAN; engine.layout().len()], draws: Vec::new() }
}

fn runs(c: &mut Criterion) {
    let mut group = c.benchmark_group("run");
    group.sample_size(20).measurement_time(Duration::from_secs(4)).warm_up_time(Duration::from_secs(1));
    for (name, level) in [("engine_best", SimdLevel::default()), ("engine_baseline", SimdLevel::baseline())] {
        let engine = Engine::new(baseline()).with_simd(level);
        // What `aimarket run` asks for.
        let asked = Selection::new(engine.layout(), 1_000, Paths::Core).gather;
        let wanted = Wanted::at(engine.layout(), asked.into_iter());
        let (mut state, mut record) = (engine.new_state_for(&wanted), record(&engine));
        let mut run = 0;
        group.bench_function(name, |b| {
            b.iter(|| {
                run = (run + 1) % RUNS;
                engine.run(&mut state, run, &mut record).expect("the run completes");
            })
        });
    }

    let scenario = baseline();
    let seed = scenario.parameters.simulation.seed;
    let mut drawn = scenario.parameters.clone();
    let mut world = World::default();
    let start = drawn.month_before_start();
    let mut run = 0;
    group.bench_function("start", |b| {
        b.iter(|| {
            run = (run + 1) % RUNS;
            scenario.draw(seed, run, &mut drawn);
            step::start::start(&mut world, &Context::new(&drawn, Draws::new(seed, run), start));
        })
    });

    scenario.draw(seed, 0, &mut drawn);
    let draws = Draws::new(seed, 0);
    step::start::start(&mut world, &Context::new(&drawn, draws, start));
    let begun = world.clone();
    let months = drawn.months_per_step();
    let steps = drawn.steps();
    group.bench_function("demand", |b| {
        b.iter_batched_ref(
            || begun.clone(),
            |world| {
                for n in 1..=steps {
                    let ctx = Context::new(&drawn, draws, start.plus(n as i32 * months));
                    step::demand::apply_shocks(world, &ctx);
                    step::demand::decide(world, &ctx);
                }
            },
            criterion::BatchSize::SmallInput,
        )
    });

    let engine = Engine::new(baseline());
    let mut books = Vec::new();
    let mut state = engine.new_state();
    let lived = engine.watch(&mut state, 0, |step, world, _| {
        if step > 0 {
            books.push(world.ledger.clone());
        }
    });
    lived.expect("the run completes");
    group.bench_function("ledger_checks", |b| {
        b.iter(|| assert!(books.iter().all(|books| black_box(books).check().is_ok())))
    });

    let mut yardstick = Yardstick::default();
    let mut run = 0;
    group.bench_function("plain_loop", |b| {
        b.iter(|| {
            run += 1;
            yardstick.run(Draws::new(1, run))
        })
    });
    group.finish();
}

fn ensembles(c: &mut Criterion) {
    const MANY: u64 = 240;
    let engine = Engine::new(baseline());
    let gather = Selection::new(engine.layout(), MANY, Paths::Core).gather;
    let mut group = c.benchmark_group("ensemble");
    group.sample_size(10).measurement_time(Duration::from_secs(8)).throughput(Throughput::Elements(MANY));
    for threads in [1, 2] {
        let plan = Plan { runs: MANY, block_runs: 4, first_block: 0, gather: &gather, threads };
        group.bench_function(format!("{threads}_threads"), |b| {
            b.iter(|| {
                let sink = &mut |block| {
                    black_box(block);
                    Ok::<(), Infallible>(())
                };
                ensemble::run(&engine, &plan, &AtomicBool::new(false), sink).expect("the ensemble completes")
            })
        });
    }
    group.finish();
}

// Plots would need a font of the system.
criterion_group!(name = benches; config = Criterion::default().without_plots(); targets = runs, ensembles);
criterion_main!(benches);
