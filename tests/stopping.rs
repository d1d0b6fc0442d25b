//! Runs that stop at a standard error: how many there are, and that their result is that of a plain run of as many.
//!
//! A model with known values stands in for the engine.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use aimarket::experiment::stopping::{Target, resolve};
use aimarket::output::{
    About, Format, Manifest, Outcome, OutputError, Paths, Request, Until, simulate, simulate_until,
};
use aimarket::random::{Draws, Purpose};
use aimarket::record::claims::Claims;
use aimarket::record::{Column, Entity, Layout, Record, TableKind, TableLayout};
use aimarket::run::{Model, RunFault};
use aimarket::units::Month;

const DATES: usize = 3;
const LAST: usize = (DATES - 1) * 3;

struct Toy {
    layout: Layout,
    simulated: AtomicU64,
    fails_every: u64,
}

fn toy() -> Toy {
    let entity = |id: &str| Entity { id: id.into(), name: id.to_uppercase(), colour: String::new(), division: false };
    let column = |name: &str, unit, core| Column { name: name.into(), unit, meaning: format!("{name}, a test"), core };
    let labs = vec![column("enterprise_share", "fraction", true), column("alive", "flag", false)];
    let tables = vec![
        TableLayout { kind: TableKind::Labs, entities: vec![entity("a")], columns: labs, offset: 0 },
        TableLayout {
            kind: TableKind::Market,
            entities: vec![entity("market")],
            columns: vec![column("hhi", "1", true)],
            offset: 2,
        },
    ];
    let months = (0..DATES as i32).map(|m| Month::new(2025, 12).plus(m)).collect();
    let layout = Layout { tables, months, width: 3, draws: vec!["demand.switching_cost".into()] };
    Toy { layout, simulated: AtomicU64::new(0), fails_every: u64::MAX }
}

/// Normal with standard deviation 1.
fn value(run: u64, index: usize) -> f64 {
    Draws::new(1, run).normal(Purpose::Test, index as u64, 0, 0)
}

impl Model for Toy {
    type State = ();
    fn layout(&self) -> &Layout {
        &self.layout
    }
    fn new_state(&self) {}
    fn run(&self, _: &mut (), run: u64, into: &mut Record) -> Result<(), RunFault> {
        self.simulated.fetch_add(1, Ordering::Relaxed);
        if run % self.fails_every == self.fails_every - 1 {
            return Err(RunFault { run, phase: "settle", month: Month::new(2026, 2), what: "cash is NaN".into() });
        }
        into.values.iter_mut().enumerate().for_each(|(index, v)| *v = value(run, index));
        into.draws[0] = value(run, 999);
        Ok(())
    }
}

fn about() -> About {
    About { name: "toy".into(), hash: "abc".into(), toml: "name = \"toy\"\n".into(), seed: 1, ..About::default() }
}

fn request(folder: &Path, runs: u64, threads: usize) -> Request {
    Request {
        folder: folder.to_path_buf(),
        runs,
        threads,
        paths: Paths::for_runs(runs),
        format: Format::Both,
        overwrite: false,
        resume: false,
        command_line: Vec::new(),
    }
}

fn until(targets: &[&str]) -> Until {
    let parsed: Vec<Target> = targets.iter().map(|t| t.parse().unwrap()).collect();
    Until {
        watched: resolve(&parsed, &toy().layout, &Claims::default()).unwrap(),
        targets: targets.iter().map(|t| (*t).to_string()).collect(),
        paths_by_runs: true,
        convergence: false,
    }
}

/// Simulates; with `stop_at` the ensemble is cancelled when so many runs are done.
fn go(model: &Toy, request: &Request, until: &Until, stop_at: u64) -> Result<Outcome, OutputError> {
    let cancel = AtomicBool::new(false);
    let mut progress = |p: aimarket::output::Progress| {
        if p.done >= stop_at {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    simulate_until(model, &about(), (request, Some(until)), &cancel, &mut progress, &mut |_, _| {})
}

/// The same number of runs, asked for.
fn plain(model: &Toy, request: &Request) {
    simulate(model, &about(), request, &AtomicBool::new(false), &mut |_| {}, &mut |_, _| {}).unwrap();
}

fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let name = |p: &Path| p.file_name().unwrap().to_string_lossy().into_owned();
    files.filter(|p| name(p) != "manifest.json").map(|p| (name(&p), fs::read(&p).unwrap())).collect()
}

fn same_bytes(a: &Path, b: &Path) {
    let (a, b) = (bytes(a), bytes(b));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, content) in &a {
        assert!(b[name] == *content, "{name} differs");
    }
}

/// Target on the share, most runs, and the runs that (sd / target)² says.
const CASES: [(&str, u64, u64); 4] = [
    // Core series of every run; exact quantiles.
    ("labs.a.enterprise_share=0.04", 6_000, 625),
    // Only the last date of every run; the most runs would be sketched.
    ("labs.a.enterprise_share=0.0182", 30_000, 3_019),
    // Beyond what is exact: sketched.
    ("labs.a.enterprise_share=0.0095", 30_000, 11_080),
    // Never reached.
    ("labs.a.enterprise_share=0.001", 900, 900),
];

#[test]
fn it_takes_the_runs_that_the_spread_says_and_leaves_the_bytes_of_as_many_plain_runs_on_any_number_of_threads() {
    for (target, most, expected) in CASES {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let model = Toy { fails_every: 97, ..toy() };
        let until = until(&[target]);
        go(&model, &request(&at("one"), most, 1), &until, u64::MAX).unwrap();
        let outcome = go(&model, &request(&at("four"), most, 4), &until, u64::MAX).unwrap();
        same_bytes(&at("one"), &at("four"));
        let manifest = outcome.results.unwrap().manifest;
        let (n, stopping) = (manifest.attempted, manifest.stopping.unwrap());
        assert!(!outcome.interrupted && !manifest.interrupted && stopping.runs == n);
        // Counts lie a tenth apart, and one run in 97 fails.
        assert!(n as f64 > 0.93 * expected as f64 && (n as f64) < 1.16 * expected as f64 && n <= most, "{target}: {n}");
        assert_eq!(stopping.reached, n < most);
        let error = &stopping.errors[0];
        assert_eq!((&*error.path, error.n), ("labs.a.enterprise_share", n - n / 97));
        assert_eq!(error.standard_error <= error.asked, stopping.reached);
        plain(&model, &request(&at("plain"), n, 2));
        same_bytes(&at("one"), &at("plain"));
        assert_eq!(Manifest::of(&at("plain")).unwrap().quantile_method, manifest.quantile_method);
        assert!(!at("one.partial").exists());
    }
}

#[test]
fn what_was_stopped_resumes_to_the_same_bytes_and_runs_nothing_twice() {
    for (target, most, _) in CASES {
        let home = tempfile::tempdir().unwrap();
        let (whole, stopped) = (home.path().join("whole"), home.path().join("stopped"));
        let until = until(&[target]);
        go(&toy(), &request(&whole, most, 2), &until, u64::MAX).unwrap();
        let first = go(&toy(), &request(&stopped, most, 2), &until, 300).unwrap();
        assert!(first.interrupted && first.attempted >= 300);
        // The state of a sketch is lost with a kill: the first blocks hold all that it was made of.
        let _ = fs::remove_file(home.path().join("stopped.partial/blocks/summary.sketch"));
        let model = toy();
        let resumed = Request { resume: true, ..request(&stopped, most, 3) };
        let second = go(&model, &resumed, &until, u64::MAX).unwrap();
        same_bytes(&whole, &stopped);
        let thrown_away = 16 * 7;
        assert!(model.simulated.load(Ordering::Relaxed) <= second.attempted - first.attempted + thrown_away);
    }
}

#[test]
fn the_last_block_of_a_stopped_ensemble_is_read_again_after_a_kill() {
    let home = tempfile::tempdir().unwrap();
    let (whole, killed) = (home.path().join("whole"), home.path().join("killed"));
    let until = until(&["labs.a.enterprise_share=0.04"]);
    go(&toy(), &request(&whole, 6_000, 2), &until, u64::MAX).unwrap();
    // Blocks of all runs, as a kill between the last block and the tables leaves them.
    let _ = go(&toy(), &request(&killed, 6_000, 1), &until, 600).unwrap();
    fs::remove_dir_all(&killed).unwrap();
    let again = Request { resume: true, ..request(&killed, 6_000, 1) };
    let partial = home.path().join("killed.partial");
    let kept = home.path().join("kept");
    let copy = |from: &Path, to: &Path| {
        fs::create_dir_all(to).unwrap();
        fs::read_dir(from).unwrap().for_each(|f| {
            let f = f.unwrap().path();
            fs::copy(&f, to.join(f.file_name().unwrap())).unwrap();
        });
    };
    // The figures are drawn when all blocks are there and before the result stands.
    let mut keep = |_: &aimarket::output::Results, _: &Path| copy(&partial.join("blocks"), &kept);
    let cancel = AtomicBool::new(false);
    simulate_until(&toy(), &about(), (&again, Some(&until)), &cancel, &mut |_| {}, &mut keep).unwrap();
    let design = serde_json::to_vec(&Manifest::of(&killed).unwrap().design).unwrap();
    fs::remove_dir_all(&killed).unwrap();
    copy(&kept, &partial.join("blocks"));
    fs::write(partial.join("design.json"), design).unwrap();
    let model = toy();
    go(&model, &again, &until, u64::MAX).unwrap();
    assert_eq!(model.simulated.load(Ordering::Relaxed), 0);
    same_bytes(&whole, &killed);
}

#[test]
fn all_targets_have_to_hold_and_the_design_tells_them() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("r");
    let both = until(&["labs.*.enterprise_share=0.08", "market.hhi=0.06"]);
    let outcome = go(&toy(), &request(&folder, 5_000, 2), &both, u64::MAX).unwrap();
    assert!((260..=330).contains(&outcome.attempted), "{}", outcome.attempted);
    assert_eq!(Manifest::of(&folder).unwrap().design.until, both.targets);
    // The same again replaces it; with other targets, or none, it is another result.
    go(&toy(), &request(&folder, 5_000, 1), &both, u64::MAX).unwrap();
    let error = go(&toy(), &request(&folder, 5_000, 2), &until(&["0.08"]), u64::MAX).unwrap_err().to_string();
    assert!(error.contains("standard errors: labs.*.enterprise_share=0.08 market.hhi=0.06 instead of 0.08"), "{error}");
}

#[test]
fn convergence_tells_the_means_of_the_first_runs() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("r");
    let until = Until { convergence: true, ..until(&["market.hhi=0.06"]) };
    let outcome = go(&toy(), &request(&folder, 5_000, 2), &until, u64::MAX).unwrap();
    let read = aimarket::output::convergence::read(&folder).unwrap();
    assert_eq!((read.len(), &*read[0].path, read[0].target), (1, "market.hhi", Some(0.06)));
    let runs: Vec<u64> = read[0].rows.iter().map(|r| r.0).collect();
    assert_eq!(runs[..12], [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 121]);
    assert_eq!(runs.last(), Some(&outcome.attempted));
    for &(n, mean, error) in &read[0].rows {
        let values: Vec<f64> = (0..n).map(|run| value(run, LAST + 2)).collect();
        let stats = aimarket::experiment::statistics::exact(&mut values.clone());
        assert!((mean - stats.mean).abs() < 1e-12 && (error - stats.mcse).abs() < 1e-12);
    }
    // Without targets the means are noted, and all runs are run.
    let plain = Until { targets: Vec::new(), paths_by_runs: false, convergence: true, ..Until::default() };
    let watched = resolve(&[], &toy().layout, &Claims::default()).unwrap();
    let outcome = go(&toy(), &request(&home.path().join("p"), 130, 2), &Until { watched, ..plain }, u64::MAX).unwrap();
    assert_eq!(outcome.attempted, 130);
    assert_eq!(outcome.results.unwrap().manifest.design.until, Vec::<String>::new());
}
