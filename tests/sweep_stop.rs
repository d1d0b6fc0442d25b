//! Sweeps whose points stop at standard errors: each has the results of as many plain runs, whatever the threads and stops.

mod sweeps;

use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use aimarket::experiment::stopping::{Target, resolve_metrics};
use aimarket::output::sweep::{self, Outcome, Request, Stop};
use aimarket::output::{Paths, Progress};
use aimarket::random::{Draws, Purpose};
use aimarket::record::{Layout, Record};
use aimarket::run::family::Family;
use aimarket::run::{Model, RunFault};
use serde_json::Value;
use sweeps::{COST, TRUST, aimarket, fault, layout, rows_of, same_bytes};

const SMALL: [&str; 5] = ["--set", "enterprises.count=100", "--until", "2026-06", "-q"];
const VALUATION: &str = "labs.openai.valuation_usd=1.5%";

/// Runs and failed runs of each point, and whether it met its targets, as points.csv says.
fn counts(folder: &Path) -> Vec<(u64, u64, bool)> {
    let points = fs::read_to_string(folder.join("points.csv")).unwrap();
    assert!(points.lines().next().unwrap().ends_with(",runs,failed,target_met"));
    let count = |line: &str| {
        let last: Vec<&str> = line.rsplit(',').take(3).collect();
        (last[2].parse().unwrap(), last[1].parse().unwrap(), last[0].parse().unwrap())
    };
    points.lines().skip(1).map(count).collect()
}

#[test]
fn each_point_has_the_results_of_a_run_of_as_many_runs_on_any_number_of_threads() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let sweep = |folder: &str, threads: &str| {
        let arguments = ["-n", "400", "--vary", COST, "--vary", TRUST, "--until-mcse", VALUATION, "--json"];
        let more = ["--until-mcse", "labs.openai.alive=0.9", "-j", threads, "-o", folder];
        let mut command = aimarket(at);
        command.args(["sweep", "quick"]).args(SMALL).args(arguments).args(more);
        command.assert().success().get_output().stdout.clone()
    };
    let report: Value = serde_json::from_slice(&sweep("one", "1")).unwrap();
    sweep("four", "4");
    same_bytes(&at.join("one"), &at.join("four"));
    let took = counts(&at.join("one"));
    assert!(took.iter().all(|&(runs, failed, met)| (100..400).contains(&runs) && failed == 0 && met), "{took:?}");
    assert!(took.iter().any(|point| point.0 != took[0].0), "points stop on their own: {took:?}");
    for (point, set) in [(1, ["2", "true"]), (4, ["6", "false"])] {
        let set = [format!("demand.switching_cost={}", set[0]), format!("mechanisms.trust={}", set[1])];
        let (runs, folder) = (took[point - 1].0.to_string(), format!("r{point}"));
        let run = ["-n", &runs, "--set", &set[0], "--set", &set[1], "--paths", "none", "--no-plots", "-o", &folder];
        aimarket(at).args(["run", "quick"]).args(SMALL).args(run).assert().success();
        let summary = fs::read_to_string(at.join(folder).join("summary.csv")).unwrap();
        let last: Vec<&str> = summary.lines().filter(|line| line.contains(",2026-06-30,")).collect();
        assert!(last.len() > 50);
        assert_eq!(rows_of(&at.join("one"), point as u64), last);
    }
    // The same is said everywhere.
    let manifest: Value = serde_json::from_slice(&fs::read(at.join("one/manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["design"]["until"], serde_json::json!([VALUATION, "labs.openai.alive=0.9"]));
    let all: u64 = took.iter().map(|t| t.0).sum();
    assert_eq!((manifest["attempted"].as_u64(), report["runs"].as_u64()), (Some(all), Some(all)));
    let (least, most) = (took.iter().map(|t| t.0).min(), took.iter().map(|t| t.0).max());
    let stopping = &report["stopping"];
    assert_eq!((stopping["runs_least"].as_u64(), stopping["runs_most"].as_u64()), (least, most));
    assert_eq!(stopping["points_not_met"], serde_json::json!([]));
    // Its points can be run again as a table, and its figures be drawn again.
    let table = ["--design", "table=one/points.csv", "-n", "10", "--no-plots", "-o", "table"];
    aimarket(at).args(["sweep", "quick"]).args(SMALL).args(table).assert().success();
    assert_eq!(sweep::read(&at.join("one")).unwrap().material.axes.len(), 2);
    // A plain sweep is another design.
    let plain = ["-n", "400", "--vary", COST, "--vary", TRUST, "-o", "one"];
    aimarket(at).args(["sweep", "quick"]).args(SMALL).args(plain).assert().code(5);
}

#[test]
fn targets_that_no_point_can_have_are_refused_before_anything_is_written() {
    let home = tempfile::tempdir().unwrap();
    let targets = ["claims.openai-55-60=0.01", "labs.opnai.enterprise_share=1", "beats.market.hhi=0.1"];
    let mut command = aimarket(home.path());
    command.args(["sweep", "quick", "--vary", COST, "-o", "x"]).args(SMALL);
    targets.iter().for_each(|target| {
        command.args(["--until-mcse", target]);
    });
    let said = String::from_utf8(command.assert().code(2).get_output().stderr.clone()).unwrap();
    for part in ["a sweep judges no claims", "did you mean `openai`?", "`aimarket compare` knows it"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(fs::read_dir(home.path()).unwrap().next().is_none());
}

#[test]
fn a_sweep_that_is_killed_continues_to_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let sweep = |folder: &str, threads: &str, more: &[&str]| {
        let mut process = Process::new(assert_cmd::cargo::cargo_bin("aimarket"));
        process.current_dir(at).args(["sweep", "quick", "--vary", "demand.switching_cost=1:8.5:6", "--no-plots"]);
        process.args(SMALL).args(["-n", "401", "--until-mcse", VALUATION, "-o", folder, "-j", threads]).args(more);
        process.stdout(Stdio::null());
        process
    };
    assert!(sweep("whole", "1", &[]).status().unwrap().success());
    for (point, resume) in [(0, &[][..]), (2, &["--resume"][..])] {
        let mut child = sweep("cut", "2", resume).spawn().unwrap();
        let file = at.join(format!("cut.partial/blocks/{point:08}.point"));
        while !file.exists() {
            assert!(child.try_wait().unwrap().is_none(), "it ended before point {} stood", point + 1);
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!at.join("cut").exists());
    }
    assert!(sweep("cut", "3", &["--resume"]).status().unwrap().success());
    same_bytes(&at.join("whole"), &at.join("cut"));
    let manifest: Value = serde_json::from_slice(&fs::read(at.join("cut/manifest.json")).unwrap()).unwrap();
    let took = counts(&at.join("cut"));
    let first: u64 = took.iter().take(3).map(|t| t.0).sum();
    assert!(manifest["resumed_runs"].as_u64().unwrap() >= first && took.iter().all(|t| t.2));
}

/// Points with spreads of their own; run 7, 17, 27 and so on fail.
const SPREADS: [f64; 4] = [0.2, 3.0, 12.0, 1.1];

struct Toys {
    layout: Layout,
    simulated: AtomicU64,
}

struct Toy<'t> {
    point: u64,
    toys: &'t Toys,
}

fn toys() -> &'static Toys {
    let layout = layout(&["a"], &[("enterprise_share", true), ("gross_margin", false)]);
    Box::leak(Box::new(Toys { layout, simulated: AtomicU64::new(0) }))
}

impl Model for Toy<'static> {
    type State = ();
    fn layout(&self) -> &Layout {
        &self.toys.layout
    }
    fn new_state(&self) {}
    fn run(&self, _: &mut (), run: u64, into: &mut Record) -> Result<(), RunFault> {
        self.toys.simulated.fetch_add(1, Ordering::Relaxed);
        if run % 10 == 7 {
            return Err(fault(run));
        }
        let normal = |index: usize| Draws::new(1, run).normal(Purpose::Test, index as u64, 0, 0);
        let spread = SPREADS[self.point as usize];
        into.values.iter_mut().enumerate().for_each(|(index, v)| *v = self.point as f64 + spread * normal(index));
        Ok(())
    }
}

impl Family for &'static Toys {
    type Model = Toy<'static>;
    fn points(&self) -> u64 {
        SPREADS.len() as u64
    }
    fn layout(&self) -> &Layout {
        &self.layout
    }
    fn model(&self, point: u64) -> Result<Toy<'static>, String> {
        Ok(Toy { point, toys: self })
    }
}

fn request(folder: &Path, runs: u64, threads: usize, targets: &[&str]) -> Request {
    let parsed: Vec<Target> = targets.iter().map(|t| t.parse().unwrap()).collect();
    let watched = resolve_metrics(&parsed, &toys().layout).unwrap();
    let stop = Stop { watched, targets: targets.iter().map(|t| (*t).to_string()).collect() };
    sweeps::request(folder, runs, threads, Paths::Core, (!targets.is_empty()).then_some(stop))
}

/// Sweeps the toys, cancelled when so many runs are done; with the last progress that was told.
fn go(toys: &'static Toys, request: &Request, stop_at: u64) -> (Outcome, Progress) {
    sweeps::go(&toys, request, stop_at).unwrap()
}

#[test]
fn points_that_stop_on_both_sides_of_the_exact_runs_are_those_of_plain_sweeps() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    // 20,011 is prime: no block divides the runs of a point.
    let toys = toys();
    let (outcome, progress) = go(toys, &request(&at("s"), 20_011, 2, &["0.1"]), u64::MAX);
    let took: Vec<u64> = outcome.spent.iter().map(|s| s.runs).collect();
    assert!(took[0] == 100 && (800..1_200).contains(&took[1]) && took[2] > 10_000 && took[3] < 250, "{took:?}");
    assert!(outcome.spent.iter().all(|s| s.met));
    let all: u64 = took.iter().sum();
    assert_eq!((progress.done, progress.total), (all, all));
    // Only what was under way when a point stopped is simulated for nothing.
    let simulated = toys.simulated.load(Ordering::Relaxed);
    assert!(simulated >= all && simulated < all + 4 * 6 * 8, "{simulated} for {all}");
    for (point, &runs) in took.iter().enumerate() {
        let folder = at(&format!("plain{point}"));
        go(toys, &request(&folder, runs, 2, &[]), u64::MAX);
        let rows = rows_of(&at("s"), point as u64 + 1);
        assert_eq!(rows.len(), 3);
        assert_eq!(rows, rows_of(&folder, point as u64 + 1), "point {point}");
    }
    let listed = counts(&at("s"));
    let sums: Vec<u64> = listed.iter().map(|(runs, failed, _)| runs + failed).collect();
    assert_eq!((sums.as_slice(), listed[0].1), (took.as_slice(), 10));
    let manifest = outcome.results.unwrap().manifest;
    assert_eq!((manifest.attempted, manifest.quantile_method.as_str()), (all, "sketch"));
    // What points move is told over the runs that both have: those of the first point.
    let means = outcome.effects[0].moved.means.unwrap();
    assert_eq!(means.runs, 90);
    assert!(outcome.effects[0].moved.high.points == [3]);
}

#[test]
fn an_interrupted_sweep_continues_to_the_same_bytes_and_says_which_points_fell_short() {
    let home = tempfile::tempdir().unwrap();
    let (whole, cut) = (home.path().join("whole"), home.path().join("cut"));
    // The metric of a target need not be one of the tables.
    let asked = |folder: &Path, threads| request(folder, 307, threads, &["labs.a.gross_margin=0.1", "0.1"]);
    let (outcome, _) = go(toys(), &asked(&whole, 4), u64::MAX);
    let met: Vec<bool> = outcome.spent.iter().map(|s| s.met).collect();
    assert_eq!(met, [true, false, false, true]);
    assert_eq!((outcome.spent[1].runs, outcome.spent[2].runs), (307, 307));
    assert_eq!(counts(&whole).iter().map(|t| t.2).collect::<Vec<_>>(), met);
    assert!(fs::read_to_string(whole.join("results.csv")).unwrap().lines().all(|l| !l.contains("gross_margin")));
    let (stopped, _) = go(toys(), &asked(&cut, 2), 450);
    assert!(stopped.interrupted && (2..4).contains(&stopped.points), "{}", stopped.points);
    assert_eq!(rows_of(&cut, 2), rows_of(&whole, 2));
    let (resumed, progress) = go(toys(), &Request { resume: true, ..asked(&cut, 1) }, u64::MAX);
    assert_eq!(resumed.spent, outcome.spent);
    let all: u64 = resumed.spent.iter().map(|s| s.runs).sum();
    assert_eq!((progress.done, progress.total), (all, all));
    same_bytes(&whole, &cut);
}
