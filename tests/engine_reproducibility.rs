//! The real engine leaves the same bytes whatever the thread count, the SIMD level and the company that a run keeps.

use std::fs;
use std::path::Path;

use aimarket::math::kernels::SimdLevel;
use aimarket::record::Record;
use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::Scenario;
use aimarket::world::World;
use assert_cmd::Command;

fn quick(overlays: &[(&str, &str)]) -> Scenario {
    let mut all = vec![("enterprises.count".to_string(), "150".to_string())];
    all.extend(overlays.iter().map(|(k, v)| ((*k).to_string(), (*v).to_string())));
    Scenario::load("quick", &all).unwrap_or_else(|faults| panic!("{}", faults[0]))
}

fn record(engine: &Engine, runs: &[u64]) -> Vec<Record> {
    let mut state = engine.new_state();
    runs.iter()
        .map(|&run| {
            let mut record = Record { run, values: Vec::new(), draws: Vec::new() };
            engine.run(&mut state, run, &mut record).expect("the run completes");
            record
        })
        .collect()
}

/// Bits, so that values that do not exist compare too.
fn bits(records: &[Record]) -> Vec<Vec<u64>> {
    records.iter().map(|r| r.values.iter().chain(&r.draws).map(|v| v.to_bits()).collect()).collect()
}

#[test]
fn a_run_alone_equals_the_same_run_among_others() {
    let engine = Engine::new(quick(&[]));
    let among = record(&engine, &[0, 1, 2, 3, 4, 5, 6, 7]);
    for run in [7, 3, 0] {
        assert_eq!(bits(&record(&engine, &[run])), bits(&among[run as usize..=run as usize]), "run {run}");
    }
}

#[test]
fn a_world_that_lived_another_scenario_shape_leaves_no_trace() {
    let engine = Engine::new(quick(&[("mechanisms.regulation", "false"), ("mechanisms.incidents", "false")]));
    let (first, again) = (record(&engine, &[5, 2]), record(&engine, &[2]));
    assert_eq!(bits(&first[1..]), bits(&again));
}

#[test]
fn every_vector_level_gives_the_same_bits() {
    let runs: Vec<u64> = (0..6).collect();
    let best = record(&Engine::new(quick(&[])), &runs);
    let baseline = record(&Engine::new(quick(&[])).with_simd(SimdLevel::baseline()), &runs);
    assert_eq!(bits(&best), bits(&baseline));
}

#[test]
fn a_change_to_one_lab_moves_no_draw_of_another() {
    let (before, after) = (Engine::new(quick(&[])), Engine::new(quick(&[("labs.cohere.brand", "0.9")])));
    let (mut a, mut b) = (before.new_state(), after.new_state());
    // What moves by draws alone: sentiment about each lab, hazards, the climate and the regimes.
    let mut seen = [Vec::new(), Vec::new()];
    let of = |w: &World| {
        (
            w.labs.sentiment.clone(),
            w.regulators.targeted_propensity.clone(),
            w.environment.climate,
            w.regulators.regime.clone(),
        )
    };
    before.watch(&mut a, 3, |_, w, _| seen[0].push(of(w))).expect("the run completes");
    after.watch(&mut b, 3, |_, w, _| seen[1].push(of(w))).expect("the run completes");
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0][0].0 != seen[0][seen[0].len() - 1].0, "sentiment moves at all");
    let (x, y) = (record(&before, &[3]), record(&after, &[3]));
    assert_eq!(x[0].draws, y[0].draws, "what is uncertain is drawn alike");
}

/// All files of a results folder but the manifest, by name.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("the folder is there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            found.extend(files(&entry.path()).into_iter().map(|(n, bytes)| (format!("{name}/{n}"), bytes)));
        } else if name != "manifest.json" {
            found.push((name, fs::read(entry.path()).expect("the file can be read")));
        }
    }
    found.sort();
    found
}

#[test]
fn one_thread_and_three_write_the_same_bytes() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let run = |threads: &str| {
        let out = dir.path().join(threads);
        Command::new(env!("CARGO_BIN_EXE_aimarket"))
            .args(["run", "quick", "-n", "40", "-q", "--set", "enterprises.count=150", "-j", threads, "-o"])
            .arg(&out)
            .assert()
            .success();
        files(&out)
    };
    let (one, three) = (run("1"), run("3"));
    assert!(one.len() > 20, "tables and figures are written: {}", one.len());
    for (a, b) in one.iter().zip(&three) {
        assert_eq!(a.0, b.0);
        assert!(a.1 == b.1, "{} differs between one and three threads", a.0);
    }
}
