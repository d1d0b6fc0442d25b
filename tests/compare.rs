//! Scenarios against each other: from the command line on the small shipped scenario, and by models with known values.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use aimarket::experiment::compare::Difference;
use aimarket::experiment::paired::Paired;
use aimarket::output::compare::{Compared, Comparing, Side, compare, read};
use aimarket::output::{About, Manifest};
use aimarket::random::{Draws, Purpose};
use aimarket::record::{Column, Entity, Layout, Record, TableKind, TableLayout};
use aimarket::run::{Model, RunFault};
use aimarket::units::Month;
use assert_cmd::Command;
use serde_json::Value;

fn aimarket(at: &Path) -> Command {
    let mut command = Command::cargo_bin("aimarket").expect("the binary is built with the tests");
    command.current_dir(at).env("NO_COLOR", "1");
    command
}

const FEW: [&str; 6] = ["--set", "enterprises.count=60", "--until", "2026-04", "--no-plots", "-q"];

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A table of numbers and words, by the names of its columns.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_string).collect();
    let named = |row: csv::StringRecord| head.iter().cloned().zip(row.iter().map(str::to_string)).collect();
    reader.records().map(|row| named(row.unwrap())).collect()
}

#[test]
fn a_scenario_against_itself_differs_by_exactly_nothing() {
    let home = tempfile::tempdir().unwrap();
    let done = aimarket(home.path()).args(["compare", "quick", "quick", "-n", "9", "-o", "r"]).args(FEW).assert();
    let told = text(&done.success().get_output().stdout);
    assert!(told.contains("quick (2) against quick: 9 pairs") && told.contains("within noise"), "{told}");
    let rows = rows(&home.path().join("r/compare.csv"));
    assert!(rows.len() > 500);
    for row in &rows {
        let exists = row["n"] != "0";
        for column in ["difference", "p05", "p50", "p95"] {
            assert_eq!(row[column], if exists { "0" } else { "" }, "{row:?}");
        }
        assert_eq!(row["probability"], if exists { "0.5" } else { "" });
        assert!(row["mean"] == row["mean_base"] && ["inf", ""].contains(&row["variance_reduction"].as_str()));
    }
}

#[test]
fn the_table_is_that_of_two_runs_compared_run_by_run() {
    let home = tempfile::tempdir().unwrap();
    let change = "labs.openai.compute.build_share=0.9";
    let go = |words: &[&str]| {
        aimarket(home.path()).args(words).args(FEW).args(["-n", "12"]).assert().success();
    };
    go(&["run", "quick", "--format", "csv", "-o", "a"]);
    go(&["run", "quick", "--set", change, "--format", "csv", "-o", "b"]);
    go(&["compare", "quick", "--with", change, "-o", "c"]);
    let horizon = |folder: &str, entity: &str, column: &str| -> Vec<f64> {
        let all = rows(&home.path().join(folder).join("horizon.csv"));
        all.iter().filter(|r| r["entity"] == entity).map(|r| r[column].parse().unwrap_or(f64::NAN)).collect()
    };
    let compared = rows(&home.path().join("c/compare.csv"));
    let mut differ = 0;
    for (metric, entity, column) in [
        ("labs.enterprise_share", "openai", "enterprise_share"),
        ("labs.valuation_usd", "openai", "valuation_usd"),
        ("labs.share", "anthropic", "share_coding"),
        ("clouds.revenue_usd", "azure", "revenue_usd"),
        ("market.hhi", "market", "hhi"),
    ] {
        let segment = column.strip_prefix("share_").unwrap_or("");
        let last = |r: &&BTreeMap<String, String>| {
            r["metric"] == metric && r["entity"] == entity && r["segment"] == segment && r["date"] == "2026-04-30"
        };
        let Some(row) = compared.iter().find(last) else { continue };
        let p = Paired::new(&horizon("a", entity, column), &horizon("b", entity, column)).unwrap();
        let near = |name: &str, x: f64| {
            let told: f64 = row[name].parse().unwrap();
            assert!(
                told == x || (told - x).abs() <= 1e-9 * (p.first.abs() + x.abs()),
                "{metric} {name}: {told} for {x}"
            );
        };
        near("n", p.n as f64);
        near("mean_base", p.first);
        near("mean", p.second);
        near("difference", p.difference);
        near("se", p.standard_error);
        near("ci_high", p.interval().1);
        near("p50", p.median);
        near("probability", p.second_greater);
        near("variance_reduction", p.variance_reduction);
        near("independent_pairs", p.variance_reduction * p.n as f64);
        differ += usize::from(p.difference != 0.0);
        assert_eq!(row["scenario"], change);
    }
    assert!(differ >= 3, "the change must show, or nothing is compared");
}

#[test]
fn threads_change_no_byte_and_a_stop_at_a_standard_error_is_a_plain_comparison_of_as_many() {
    let home = tempfile::tempdir().unwrap();
    let go = |folder: &str, more: &[&str]| {
        let with = ["compare", "quick", "--with", "labs.openai.compute.build_share=0.9", "-o", folder];
        aimarket(home.path()).args(with).args(FEW).args(more).assert().success();
    };
    let until =
        ["--until-mcse", "labs.openai.valuation_usd=1e12", "--until-mcse", "beats.labs.openai.valuation_usd=0.047"];
    go("one", &[&until[..], &["-n", "400", "-j", "1"]].concat());
    go("three", &[&until[..], &["-n", "400", "-j", "3"]].concat());
    let manifest = Manifest::of(&home.path().join("one")).unwrap();
    let stopping = manifest.stopping.unwrap();
    // The standard error of a probability is at most 1 / √(4 (n + 3.84)): 0.047 at 110.
    assert!(stopping.reached && [100, 110].contains(&manifest.attempted), "{stopping:?}");
    go("plain", &["-n", &manifest.attempted.to_string()]);
    for name in ["compare.csv", "scenario-1.toml", "scenario-2.toml"] {
        let bytes = |folder: &str| text(&fs::read(home.path().join(folder).join(name)).unwrap());
        assert!(bytes("one") == bytes("three"), "{name} depends on threads");
        assert!(bytes("one") == bytes("plain"), "{name} differs from a plain comparison");
    }
}

#[test]
fn a_run_that_stopped_at_a_standard_error_is_run_again_from_its_scenario_to_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let target = ["--until-mcse", "labs.openai.valuation_usd=1e13", "-n", "300", "--format", "csv", "-o", "first"];
    let done = aimarket(home.path()).args(["run", "quick"]).args(target).args(FEW).assert().success();
    let told = text(&done.get_output().stdout);
    assert!(
        told.contains("the standard errors asked for were reached after 100 runs (had, of asked): labs.openai"),
        "{told}"
    );
    let again = ["run", "first/scenario.toml", "--format", "csv", "-o", "again", "--no-plots", "-q"];
    aimarket(home.path()).args(again).assert().success();
    for name in ["summary.csv", "horizon.csv", "scenario.toml"] {
        let bytes = |folder: &str| text(&fs::read(home.path().join(folder).join(name)).unwrap());
        assert!(bytes("first") == bytes("again"), "{name} differs");
    }
    assert_eq!(Manifest::of(&home.path().join("again")).unwrap().attempted, 100);
}

#[test]
fn a_bare_strategy_is_known_and_what_the_base_overrules_or_draws_is_told() {
    let home = tempfile::tempdir().unwrap();
    let size = ["--set", "enterprises.count=60", "--until", "2026-04", "--no-plots", "-n", "8"];
    let with = ["--with", "labs.openai.strategy.pricing=cost_plus", "--with", "demand.switching_cost=4.5"];
    let done = aimarket(home.path()).args(["compare", "quick"]).args(with).args(size).assert().success();
    let told = text(&done.get_output().stdout);
    assert!(told.contains("labs.openai.strategy.pricing=cost_plus against quick: 8 pairs"), "{told}");
    fs::write(home.path().join("own.toml"), "extends = \"quick\"\nname = \"own\"\n[simulation]\nseed = 77\n").unwrap();
    let done = aimarket(home.path()).args(["compare", "quick", "own.toml"]).args(size).assert().success();
    let told = text(&done.get_output().stderr);
    assert!(told.contains("instead of its own 77, as pairs are of the same draws as in quick"), "{told}");
}

#[test]
fn a_small_change_takes_at_least_ten_times_fewer_runs_for_the_shares_of_the_largest_labs() {
    let home = tempfile::tempdir().unwrap();
    let small = ["--set", "demand.switching_cost=4.05", "--with", "demand.switching_cost=4.13"];
    let size = ["--set", "enterprises.count=500", "-n", "60", "--no-plots", "-q", "--json"];
    let done = aimarket(home.path()).args(["compare", "quick"]).args(small).args(size).assert().success();
    let report: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    let labs = report["others"][0]["labs"].as_array().unwrap();
    for lab in &labs[..2] {
        let worth = lab["enterprise_share"]["variance_reduction"].as_f64().unwrap();
        assert!(worth >= 10.0, "{}: {worth}", lab["id"]);
    }
}

#[test]
fn what_cannot_be_compared_is_told_all_at_once_with_what_would_do() {
    let home = tempfile::tempdir().unwrap();
    let cases: [(&[&str], i32); 10] = [
        (&["quick"], 2),
        (&["quick", "--resume", "--paths", "all"], 2),
        (&["baseline", "quick"], 3),
        (&["quick", "no-such-scenario", "--with", "demand.switching_cots=3", "--with", "labs.openai.cash_usd=-1"], 3),
        (&["quick", "--with", "a"], 2),
        (&["quick", "quick", "--until-mcse", "0", "--until-mcse", "1"], 2),
        (&["quick", "quick", "--until-mcse", "labs.opnai.enterprise_share=1%", "--until-mcse", "claims.x=1%"], 2),
        (&["quick", "quick", "--until-mcse", "beats.labs.openai.enterprise_shar=1%"], 2),
        (&["quick", "quick", "-n", "0"], 2),
        (&["quick", "history/2024-12"], 3),
    ];
    let mut told = String::new();
    for (words, code) in cases {
        let done = aimarket(home.path()).arg("compare").args(words).assert().code(code);
        told.push_str(&format!("$ aimarket compare {}\n{}\n", words.join(" "), text(&done.get_output().stderr)));
        assert!(done.get_output().stdout.is_empty());
    }
    insta::assert_snapshot!("refusals", told);
    let both = aimarket(home.path()).args(["compare", "quick", "quick", "--format", "both"]).assert().code(2);
    assert!(text(&both.get_output().stderr).contains("--format both: the tables of a comparison are CSV"));
    let run = aimarket(home.path()).args(["run", "quick", "--until-mcse", "beats.market.hhi=0.1"]).assert().code(2);
    assert!(text(&run.get_output().stderr).contains("`aimarket compare` knows it"));
    let run = aimarket(home.path()).args(["run", "quick", "--until-mcse", "claims.no-winner=0.1"]).assert().code(2);
    assert!(text(&run.get_output().stderr).contains("there is no claim `no-winner`"));
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "nothing is written");
}

#[test]
fn figures_are_drawn_and_redrawn_from_the_folder_to_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let size = ["--set", "enterprises.count=60", "--until", "2026-06", "-n", "30", "-q", "--convergence", "-o", "r"];
    let with = ["--with", "labs.openai.compute.build_share=0.9", "--with", "labs.openai.compute.build_share=0.1"];
    aimarket(home.path()).args(["compare", "quick"]).args(with).args(size).assert().success();
    let figures = home.path().join("r/figures");
    let files = || -> BTreeMap<String, Vec<u8>> {
        let read =
            |p: std::path::PathBuf| (p.file_name().unwrap().to_string_lossy().into_owned(), fs::read(p).unwrap());
        fs::read_dir(&figures).unwrap().map(|f| read(f.unwrap().path())).collect()
    };
    let before = files();
    // Four metrics over time and the effects at the horizon for each of the two, and the convergence; each as PNG and SVG.
    assert_eq!(before.len(), 22);
    let named = |word: &str| before.keys().filter(|n| n.starts_with(word)).count();
    assert_eq!((named("differences_enterprise_share"), named("effects"), named("convergence")), (4, 4, 2));
    fs::remove_dir_all(&figures).unwrap();
    aimarket(home.path()).args(["plot", "r"]).assert().success();
    assert!(files() == before);
    assert!(home.path().join("r/convergence.csv").is_file());
}

/// A metric that is `base + shift` times luck, run by run.
struct Toy {
    layout: Layout,
    shift: f64,
    fails_at: u64,
}

fn toy(shift: f64, fails_at: u64) -> Side<Toy> {
    let entity = Entity { id: "market".into(), name: "Market".into(), colour: String::new(), division: false };
    let column = Column { name: "hhi".into(), unit: "1", meaning: String::new(), core: true };
    let table = TableLayout { kind: TableKind::Market, entities: vec![entity], columns: vec![column], offset: 0 };
    let months = vec![Month::new(2025, 12), Month::new(2026, 1)];
    let layout = Layout { tables: vec![table], months, width: 1, draws: Vec::new() };
    let name = format!("toy {shift}");
    let about = About { name, hash: format!("{shift}"), seed: 1, ..About::default() };
    Side { about, model: Toy { layout, shift, fails_at } }
}

impl Model for Toy {
    type State = ();
    fn layout(&self) -> &Layout {
        &self.layout
    }
    fn new_state(&self) {}
    fn run(&self, _: &mut (), run: u64, into: &mut Record) -> Result<(), RunFault> {
        assert!(run != 40 || self.shift != 2.0, "the fortieth");
        if run % 10 == self.fails_at {
            return Err(RunFault { run, phase: "settle", month: Month::new(2026, 1), what: "cash is NaN".into() });
        }
        let luck = Draws::new(1, run).normal(Purpose::Test, 0, 0, 0);
        into.values.iter_mut().enumerate().for_each(|(date, v)| *v = luck * (1.0 + self.shift * date as f64));
        Ok(())
    }
}

fn go(sides: &[Side<Toy>], folder: &Path, stop_at: u64) -> Option<Compared> {
    let request = Comparing {
        folder: folder.to_path_buf(),
        runs: 300,
        threads: 3,
        overwrite: false,
        command_line: Vec::new(),
        watched: Vec::new(),
        targets: Vec::new(),
        convergence: false,
    };
    let cancel = AtomicBool::new(stop_at == 0);
    let mut progress = |p: aimarket::output::Progress| {
        if p.done >= stop_at {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    compare(sides, &request, &cancel, &mut progress, &mut |_, _| {}).unwrap()
}

#[test]
fn a_failed_run_costs_the_pairs_that_it_is_in_and_is_counted() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("r");
    let sides = [toy(0.0, 3), toy(1.0, 99), toy(2.0, 7)];
    let compared = go(&sides, &folder, u64::MAX).unwrap();
    let counts: Vec<(u64, u64)> = compared.others.iter().map(|o| (o.pairs, o.dropped)).collect();
    // The base fails in 30 of 300, the second other in 30 more; its panic takes run 41 from all.
    assert_eq!(counts, [(269, 31), (239, 61)]);
    let m = &compared.manifest;
    assert_eq!((m.attempted, m.completed, m.failed, m.failures.len()), (300, 239, 61, 61));
    assert!(m.failures[0].run == 4 && m.failures[0].what == "toy 0: cash is NaN");
    assert!(m.failures.iter().any(|f| f.run == 41 && f.what.contains("the fortieth")));
    let last = |k: usize| -> Difference { compared.others[k].series[0].rows[1].1 };
    assert_eq!((last(0).n, last(0).correlation), (269, 1.0));
    // Luck itself: variance (1 + 4) / 1 and (1 + 9) / 4.
    assert!((last(0).variance_reduction - 5.0).abs() < 1e-9 && (last(1).variance_reduction - 2.5).abs() < 1e-9);
    let back = read(&folder).unwrap();
    assert_eq!((back.base, back.others), (compared.base.clone(), compared.others.clone()));
}

#[test]
fn a_stopped_comparison_publishes_the_pairs_of_the_first_runs_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    let sides = [toy(0.0, 99), toy(1.0, 99)];
    assert!(go(&sides, &home.path().join("none"), 0).is_none());
    assert!(!home.path().join("none").exists());
    let folder = home.path().join("r");
    let compared = go(&sides, &folder, 100).unwrap();
    let k = compared.manifest.attempted;
    assert!(compared.manifest.interrupted && (100..300).contains(&k) && compared.others[0].pairs == k);
    let luck: Vec<f64> = (0..k).map(|run| Draws::new(1, run).normal(Purpose::Test, 0, 0, 0)).collect();
    let mean = luck.iter().sum::<f64>() / k as f64;
    assert!((compared.others[0].series[0].rows[1].1.difference - mean).abs() < 1e-12);
    assert!(!home.path().join("r.partial").exists());
    // Again, in full: the same design, so it is simply replaced.
    assert!(!go(&sides, &folder, u64::MAX).unwrap().manifest.interrupted);
}
