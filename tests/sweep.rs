//! Sweeps from end to end: results of a point are those of a run, threads and stops change no byte, faults are told before
//! anything runs.

mod sweeps;

use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use aimarket::experiment::statistics::exact;
use aimarket::output::sweep::{self, Outcome, Request};
use aimarket::output::{OutputError, Paths};
use aimarket::random::{Draws, Purpose};
use aimarket::record::{Layout, Record, TableKind};
use aimarket::run::family::Family;
use aimarket::run::{Model, RunFault};
use serde_json::Value;
use sweeps::{COST, TRUST, aimarket, bytes, fault, layout, rows_of, same_bytes};

const SMALL: [&str; 6] = ["--set", "enterprises.count=100", "--until", "2026-06", "-n", "12"];

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn results(folder: &Path) -> String {
    fs::read_to_string(folder.join("results.csv")).unwrap()
}

/// Sweeps the small scenario quietly with more arguments.
fn small(at: &Path, more: &[&str]) -> assert_cmd::assert::Assert {
    aimarket(at).args(["sweep", "quick"]).args(SMALL).args(["-q", "--no-plots"]).args(more).assert()
}

#[test]
fn results_of_a_point_are_those_of_a_run_with_its_values_to_the_byte() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    small(at, &["--vary", COST, "--vary", TRUST, "-o", "s"]).success();
    small(at, &["--vary", COST, "--vary", TRUST, "-o", "dates", "--paths", "core", "-j", "1"]).success();
    for (point, set) in [(1, ["2", "true"]), (4, ["6", "false"])] {
        let folder = at.join(format!("r{point}"));
        let set = [format!("demand.switching_cost={}", set[0]), format!("mechanisms.trust={}", set[1])];
        let run = ["--set", &set[0], "--set", &set[1], "--paths", "none", "-q", "--no-plots", "-o"];
        aimarket(at).args(["run", "quick"]).args(SMALL).args(run).arg(&folder).assert().success();
        let summary = fs::read_to_string(folder.join("summary.csv")).unwrap();
        let last: Vec<&str> = summary.lines().filter(|line| line.contains(",2026-06-30,")).collect();
        assert!(last.len() > 50);
        assert_eq!(rows_of(&at.join("s"), point), last);
        assert_eq!(rows_of(&at.join("dates"), point), summary.lines().skip(1).collect::<Vec<_>>());
    }
    let points = fs::read_to_string(at.join("s/points.csv")).unwrap();
    let expected = "point,demand.switching_cost,mechanisms.trust,runs,failed\n\
                    1,2,true,12,0\n2,2,false,12,0\n3,6,true,12,0\n4,6,false,12,0\n";
    assert_eq!(points, expected);
    assert!(
        fs::read_to_string(at.join("s/results.csv"))
            .unwrap()
            .starts_with("point,metric,entity,segment,unit,date,n,mean")
    );
}

#[test]
fn a_point_is_laid_over_set_and_its_file_and_both_ways_to_ask_give_the_same() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    small(at, &["--vary", COST, "-o", "plain"]).success();
    small(at, &["--vary", COST, "--set", "demand.switching_cost=9", "-o", "set"]).success();
    assert_eq!(results(&at.join("plain")), results(&at.join("set")));
    let file = "extends = \"quick\"\nname = \"quick\"\n[sweep]\nvary = { \"demand.switching_cost\" = \"2,6\" }\n";
    fs::write(at.join("mine.toml"), file).unwrap();
    let asked = |folder: &str, more: &[&str]| {
        aimarket(at).args(["sweep", "mine.toml"]).args(SMALL).args(["-q", "-o", folder]).args(more).assert().success();
    };
    asked("file", &[]);
    assert_eq!(results(&at.join("plain")), results(&at.join("file")));
    // Flags have the last word.
    asked("flags", &["--vary", TRUST]);
    assert!(fs::read_to_string(at.join("flags/points.csv")).unwrap().starts_with("point,mechanisms.trust,runs"));
    // The resolved scenario of a result asks for the same sweep, and a table of its points gives the same results.
    aimarket(at).args(["sweep", "plain/scenario.toml", "-q", "-o", "again"]).assert().success();
    same_bytes(&at.join("plain"), &at.join("again"));
    small(at, &["--design", "table=plain/points.csv", "-o", "table"]).success();
    assert_eq!(results(&at.join("plain")), results(&at.join("table")));
    aimarket(at).args(["sweep", "table/scenario.toml", "-q", "-o", "table-again"]).assert().success();
    same_bytes(&at.join("table"), &at.join("table-again"));
}

#[test]
fn a_fixed_value_removes_the_draw_and_strategies_can_be_varied() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let strategies = "labs.openai.strategy.pricing=penetration,{ cost_plus = { markup = 0.9 } }";
    let done = small(at, &["--vary", strategies, "--json", "-o", "s"]).success();
    let report: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    assert_eq!((report["points"].as_u64(), report["runs"].as_u64()), (Some(2), Some(24)));
    assert!(report["effects"].as_array().unwrap().iter().any(|e| e["metric"] == "labs.enterprise_share"));
    let share =
        |point: u64| rows_of(&at.join("s"), point).into_iter().find(|r| r.starts_with("labs.enterprise_share,openai"));
    assert!(share(1).is_some() && share(1) != share(2));
    let read = sweep::read(&at.join("s")).unwrap();
    assert_eq!(read.material.design, "grid");
    let axis = &read.material.axes[0];
    assert_eq!(axis.texts, ["penetration", "{ cost_plus = { markup = 0.9 } }"]);
    assert!(axis.numbers.iter().all(|x| x.is_nan()) && axis.base.starts_with('{'));
    // Each run of a point draws the same value of what is not varied, whatever is varied.
    small(at, &["--vary", COST, "-o", "cost"]).success();
    let read = sweep::read(&at.join("cost")).unwrap();
    let axis = &read.material.axes[0];
    assert_eq!((axis.numbers.clone(), axis.unit.as_str()), (vec![2.0, 6.0], "utility"));
    assert!(axis.base.contains("linear") && !axis.meaning.is_empty());
    let hhi = read.material.find(TableKind::Market, "hhi", "", "market").unwrap();
    assert_eq!((hhi.stats.len(), hhi.stats[0].n), (2, 12));
}

#[test]
fn what_cannot_be_run_is_refused_before_anything_is_written() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    fs::write(at.join("p.csv"), "demand.switching_cost\n2\n-1\n").unwrap();
    for (arguments, code, part) in [
        (&["--vary", "demand.switching_cots=1,2"][..], 2, "did you mean `switching_cost`?"),
        (&[], 2, "nothing is varied"),
        (&["--vary", COST, "--paths", "all"], 2, "no single runs"),
        (&["--vary", COST, "--format", "parquet"], 2, "--format parquet: the tables of a sweep are CSV"),
        (
            &["--vary", "demand.switching_cost=2,-1"],
            3,
            "point 2 (demand.switching_cost = -1): `demand.switching_cost` is -1",
        ),
        (&["--vary", "mechanisms.trust=true,maybe", "--vary", COST], 3, "(and so has 1 other point)"),
        (&["--design", "table=p.csv"], 3, "p.csv line 3: point 2 (demand.switching_cost = -1)"),
        (&["--vary", "simulation.end=2026-05,2026-04"], 3, "points of a sweep differ in values and strategies only"),
        (&["--vary", "simulation.steps_per_year=12,4"], 3, "points of a sweep differ in values and strategies only"),
        (&["--vary", "labs.openai.strategy.pricing=premium,penetraton"], 3, "did you mean `penetration`?"),
        (&["--vary", "labs.openai.name=A,B", "--vary", "labs.nobody.cash_usd=1,2"], 2, "nobody"),
    ] {
        let failed = small(at, &[arguments, &["-o", "x"]].concat()).code(code);
        let said = text(&failed.get_output().stderr);
        assert!(said.contains(part), "{arguments:?} says\n{said}");
        assert!(!at.join("x").exists() && !at.join("x.partial").exists(), "{arguments:?}");
    }
}

#[test]
fn a_path_without_its_values_gets_a_hint_of_its_own_and_a_path_that_moves_nothing_is_said_to() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let failed = small(at, &["--vary", "demand.switching_cost"]).code(2);
    let said = text(&failed.get_output().stderr);
    assert!(said.contains("write PATH=SPEC, for example demand.switching_cost=2:6:5"), "{said}");
    // A name changes no number.
    let run =
        |vary: &[&str]| text(&small(at, &[vary, &["--overwrite"]].concat()).success().get_output().stdout.clone());
    let still = run(&["--vary", "labs.openai.name=A,B"]);
    assert!(still.contains("labs.openai.name moves nothing of the enterprise share"), "{still}");
    assert!(!still.contains("Intervals are of 95%"), "{still}");
    // Numbers of a sampled design are shown with four digits and written with all of theirs.
    let sampled = run(&["--vary", "demand.switching_cost=uniform(2,6)", "--points", "4"]);
    let digits = |text: &str| text.split(|c: char| !c.is_ascii_digit() && c != '.').map(str::len).max();
    let table: String = sampled.lines().filter(|line| line.starts_with('│')).collect();
    assert!(digits(&table).unwrap() <= 6, "{sampled}");
    let points = fs::read_to_string(at.join("output/quick-sweep/points.csv")).unwrap();
    assert!(digits(&points).unwrap() > 10, "{points}");
    assert!(sampled.contains("of twenty such intervals one lies off zero by luck"), "{sampled}");
}

#[test]
fn a_sweep_reads_back_the_effects_that_it_wrote_and_figures_repeat_them() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let three = "labs.openai.strategy.pricing=penetration,premium,match_cheapest";
    let done = small(at, &["--vary", three, "--vary", COST, "--json", "-o", "s"]).success();
    let report: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    let (told, read) = (report["effects"].as_array().unwrap(), sweep::read(&at.join("s")).unwrap().material.effects);
    assert_eq!(told.len(), read.len());
    for (told, read) in told.iter().zip(&read) {
        assert_eq!(told["path"], read.path);
        assert_eq!(told["within_noise"].as_bool(), read.within_noise);
        // JSON is read to the last digit but one.
        match told["ci_low"].as_f64() {
            Some(low) => assert!((low - read.interval.0).abs() <= 1e-12 * low.abs()),
            None => assert!(read.interval.0.is_nan()),
        }
        // Three words make three pairs, two numbers one.
        assert_eq!(told["pairs"], if read.path == "demand.switching_cost" { 1 } else { 3 });
    }
    assert!(read.iter().any(|e| e.kind == TableKind::Market) && read.iter().any(|e| e.within_noise == Some(true)));
}

#[test]
fn a_standing_sweep_is_replaced_by_the_same_design_only() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    small(at, &["--vary", COST]).success();
    let folder = at.join("output/quick-sweep");
    let before = bytes(&folder);
    small(at, &["--vary", COST, "-j", "1"]).success();
    assert_eq!(before, bytes(&folder));
    let refused = small(at, &["--vary", "demand.switching_cost=2,5"]).code(5);
    assert!(text(&refused.get_output().stderr).contains("sweep.vary"));
    small(at, &["--vary", "demand.switching_cost=2,5", "--overwrite"]).success();
    assert_ne!(before, bytes(&folder));
}

#[test]
fn a_sweep_that_is_killed_again_and_again_ends_in_the_bytes_of_one_that_never_was() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let sweep = |folder: &str, threads: &str, more: &[&str]| {
        let mut process = Process::new(assert_cmd::cargo::cargo_bin("aimarket"));
        process.current_dir(at).args([
            "sweep",
            "quick",
            "--vary",
            "demand.switching_cost=1:8.5:16",
            "-q",
            "--no-plots",
        ]);
        process.args(["--set", "enterprises.count=200", "-n", "24", "-o", folder, "-j", threads]).args(more);
        process.stdout(Stdio::null());
        process
    };
    assert!(sweep("whole", "1", &[]).status().unwrap().success());
    let mut kills = 0;
    // Killed as soon as the first, the third, the fifth and the sixth point stand on disk.
    for point in [0, 2, 4, 5] {
        let resume: &[&str] = if kills == 0 { &[] } else { &["--resume"] };
        let mut child = sweep("cut", "2", resume).spawn().unwrap();
        let file = at.join(format!("cut.partial/blocks/{point:08}.point"));
        loop {
            if file.exists() {
                child.kill().unwrap();
                child.wait().unwrap();
                kills += 1;
                break;
            }
            assert!(child.try_wait().unwrap().is_none(), "it ended before point {} stood", point + 1);
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        assert!(!at.join("cut").exists());
    }
    // A point that is damaged is run again, and so are all after it.
    let damaged = at.join("cut.partial/blocks/00000003.point");
    let content = fs::read(&damaged).unwrap();
    fs::write(&damaged, &content[..content.len() / 2]).unwrap();
    assert!(sweep("cut", "3", &["--resume"]).status().unwrap().success());
    same_bytes(&at.join("whole"), &at.join("cut"));
    assert!(!at.join("cut.partial").exists());
    let manifest: Value = serde_json::from_slice(&fs::read(at.join("cut/manifest.json")).unwrap()).unwrap();
    assert_eq!((manifest["resumed_runs"].as_u64(), manifest["attempted"].as_u64()), (Some(72), Some(384)));
    // Another design does not continue from these points.
    let mut child = sweep("cut2", "2", &[]).spawn().unwrap();
    while !at.join("cut2.partial/blocks/00000000.point").exists() {
        assert!(child.try_wait().unwrap().is_none());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let other = sweep("cut2", "2", &["--resume", "--seed", "5"]).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(other.status.code(), Some(5));
    assert!(text(&other.stderr).contains("another design"));
}

/// A family with known values: two series over three dates; every run with `run % fails == fails - 1` fails.
struct Toys {
    layout: Layout,
    fails: u64,
}

struct Toy {
    point: u64,
    layout: Layout,
    fails: u64,
}

const POINTS: u64 = 4;

fn toys(fails: u64) -> Toys {
    Toys { layout: layout(&["a", "b"], &[("enterprise_share", true)]), fails }
}

fn value(point: u64, run: u64, index: usize) -> f64 {
    point as f64 + Draws::new(1, run).normal(Purpose::Test, index as u64, 0, 0)
}

impl Model for Toy {
    type State = ();
    fn layout(&self) -> &Layout {
        &self.layout
    }
    fn new_state(&self) {}
    fn run(&self, _: &mut (), run: u64, into: &mut Record) -> Result<(), RunFault> {
        if run % self.fails == self.fails - 1 {
            return Err(fault(run));
        }
        into.values.iter_mut().enumerate().for_each(|(index, v)| *v = value(self.point, run, index));
        Ok(())
    }
}

impl Family for Toys {
    type Model = Toy;
    fn points(&self) -> u64 {
        POINTS
    }
    fn layout(&self) -> &Layout {
        &self.layout
    }
    fn model(&self, point: u64) -> Result<Toy, String> {
        Ok(Toy { point, layout: self.layout.clone(), fails: self.fails })
    }
}

fn request(folder: &Path, runs: u64, threads: usize) -> Request {
    sweeps::request(folder, runs, threads, Paths::None, None)
}

/// Sweeps the toys; cancelled when so many runs are done.
fn go(toys: &Toys, request: &Request, stop_at: u64) -> Result<Outcome, OutputError> {
    sweeps::go(toys, request, stop_at).map(|(outcome, _)| outcome)
}

#[test]
fn statistics_are_those_of_the_runs_of_each_point_and_failed_runs_are_counted() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("s");
    let outcome = go(&toys(10), &request(&folder, 95, 3), u64::MAX).unwrap();
    let results = outcome.results.unwrap();
    for point in 0..POINTS {
        for (lab, response) in results.material.responses.iter().enumerate() {
            let runs = (0..95).filter(|run| run % 10 != 9);
            let mut values: Vec<f64> = runs.map(|run| value(point, run, 4 + lab)).collect();
            assert_eq!(response.stats[point as usize], exact(&mut values));
        }
    }
    let points = fs::read_to_string(folder.join("points.csv")).unwrap();
    assert!(points.contains("\n3,3,86,9\n"), "{points}");
    let manifest = &results.manifest;
    assert_eq!((manifest.attempted, manifest.completed, manifest.failed), (380, 344, 36));
    assert_eq!((manifest.failures[9].run, manifest.failures[9].what.as_str()), (10, "point 2: cash is NaN"));
    // Runs of two points differ by what the points differ in, run by run: the medians by 1 for each step.
    let effect = &outcome.effects[0];
    assert!((effect.moved.range() - 3.0).abs() < 1e-12);
    let means = effect.moved.means.unwrap();
    assert!((means.difference() - 3.0).abs() < 1e-12 && means.error < 1e-12);
    assert_eq!((means.runs, means.by_points, means.within_noise()), (86, false, Some(false)));
    assert_eq!((effect.moved.low.text.as_str(), effect.moved.high.text.as_str()), ("1", "4"));
    // A point of which no run succeeds has no statistics and no effect.
    let none = go(&toys(1), &request(&home.path().join("none"), 5, 1), u64::MAX).unwrap();
    let responses = none.results.unwrap().material.responses;
    assert!(responses.iter().all(|r| r.stats.iter().all(|s| s.n == 0)) && none.effects.is_empty());
}

#[test]
fn threads_change_no_byte_where_quantiles_are_sketched_either() {
    let home = tempfile::tempdir().unwrap();
    let (one, many) = (home.path().join("one"), home.path().join("many"));
    go(&toys(1_000), &request(&one, 10_001, 1), u64::MAX).unwrap();
    let results = go(&toys(1_000), &request(&many, 10_001, 4), u64::MAX).unwrap().results.unwrap();
    same_bytes(&one, &many);
    assert_eq!(results.manifest.quantile_method, "sketch");
    let stats = &results.material.responses[0].stats[2];
    assert_eq!(stats.n, 9_991);
    assert!((stats.mean - 2.0).abs() < 0.04 && (stats.quantiles[3] - 2.0).abs() < 0.06);
}

#[test]
fn an_interrupted_sweep_publishes_its_whole_points_and_continues_to_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let (whole, cut) = (home.path().join("whole"), home.path().join("cut"));
    go(&toys(10), &request(&whole, 60, 2), u64::MAX).unwrap();
    let stopped = go(&toys(10), &request(&cut, 60, 2), 130).unwrap();
    assert!(stopped.interrupted && (2..POINTS).contains(&stopped.points));
    let manifest = stopped.results.unwrap().manifest;
    assert!(manifest.interrupted && manifest.attempted == 60 * stopped.points);
    let points = fs::read_to_string(cut.join("points.csv")).unwrap();
    assert_eq!(points.lines().count() as u64, 1 + stopped.points);
    assert_eq!(rows_of(&cut, 2), rows_of(&whole, 2));
    let resumed = go(&toys(10), &Request { resume: true, ..request(&cut, 60, 3) }, u64::MAX).unwrap();
    assert!(!resumed.interrupted);
    assert_eq!(resumed.results.unwrap().manifest.resumed_runs, 60 * stopped.points);
    same_bytes(&whole, &cut);
    // Stopped before the first point is done nothing is published.
    let early = go(&toys(10), &request(&home.path().join("early"), 60, 1), 1).unwrap();
    assert!(early.results.is_none() && !home.path().join("early").exists());
}
