//! A sweep beside the same runs made one point after the other by the ensemble alone: runs a second of eight points of
//! `baseline`, 25 runs each, on one thread and on two.
//!
//! - `sweep/*`: all points as one ensemble, statistics and tables included; points are read and checked beforehand, as before
//!   every sweep, and read again when their runs begin.
//! - `one_by_one/*`: for each point an engine that is ready, and its runs into nothing.

use std::convert::Infallible;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use aimarket::experiment::design::{Asked, Design, Said};
use aimarket::experiment::points::{Points, Varied};
use aimarket::experiment::response::Axis;
use aimarket::experiment::summary::core_series;
use aimarket::output::sweep::{self, Request};
use aimarket::output::{About, Paths};
use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::run::ensemble::{self, Plan};
use aimarket::scenario::Scenario;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const POINTS: u64 = 8;
const RUNS: u64 = 25;

fn request(folder: &Path, threads: usize) -> Request {
    Request {
        folder: folder.to_path_buf(),
        runs: RUNS,
        threads,
        paths: Paths::None,
        overwrite: true,
        resume: false,
        stop: None,
        command_line: Vec::new(),
    }
}

fn sweeps(c: &mut Criterion) {
    let base = Scenario::load("baseline", &[]).expect("the baseline is sound");
    let vary = ("demand.switching_cost".to_string(), format!("2:6:{POINTS}"));
    let asked = Asked { vary: vec![Said::new("--vary", vary)], ..Asked::default() };
    let design = Design::new(&asked, &base).expect("the design is sound");
    let axes: Vec<Axis> = design.columns.iter().map(|c| Axis::new(&base, &c.path, c.texts.clone())).collect();
    let about =
        About { name: base.name.clone(), hash: base.hash().to_string(), toml: base.to_toml(), ..About::default() };
    let prepare = |scenario: &Scenario| Engine::prepare(scenario.clone());
    let never = AtomicBool::new(false);
    let varied = Varied { scenario: "baseline", overlays: &[], design: &design };
    let points = Points::check(varied, &prepare, 2, &never).expect("the points are sound");
    let ready: Vec<Engine> = (0..POINTS)
        .map(|point| prepare(&varied.scenario(point).expect("the point is sound")).expect("the point can be run"))
        .collect();
    let layout = ready[0].layout();
    let last = layout.months.len() - 1;
    let series = core_series(layout);
    let gather: Vec<usize> = series.iter().map(|s| layout.index(s.table, last, s.entity, s.column)).collect();
    let home = tempfile::tempdir().expect("a folder for results");

    let mut group = c.benchmark_group("sweep");
    group.sample_size(10).measurement_time(Duration::from_secs(8)).throughput(Throughput::Elements(POINTS * RUNS));
    for threads in [1, 2] {
        let request = request(&home.path().join("s"), threads);
        group.bench_function(format!("sweep/{threads}_threads"), |b| {
            b.iter(|| {
                sweep::sweep(&points, &design, &axes, &about, &request, &never, &mut |_| {}, &mut |_| {})
                    .expect("the sweep completes")
            })
        });
        let plan = Plan { runs: RUNS, block_runs: 3, first_block: 0, gather: &gather, threads };
        group.bench_function(format!("one_by_one/{threads}_threads"), |b| {
            b.iter(|| {
                for engine in &ready {
                    let sink = &mut |block| {
                        black_box(block);
                        Ok::<(), Infallible>(())
                    };
                    ensemble::run(engine, &plan, &never, sink).expect("the ensemble completes");
                }
            })
        });
    }
    group.finish();
}

// Plots would need a font of the system.
criterion_group!(name = benches; config = Criterion::default().without_plots(); targets = sweeps);
criterion_main!(benches);
