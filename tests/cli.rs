//! The command line from end to end, on the small shipped scenario.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

fn aimarket(at: &Path) -> Command {
    let mut command = Command::cargo_bin("aimarket").expect("the binary is built with the tests");
    command.current_dir(at).env("NO_COLOR", "1");
    command
}

const SMALL: [&str; 6] = ["run", "quick", "--set", "enterprises.count=200", "-n", "8"];

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_run_writes_a_whole_result_and_a_table() {
    let home = tempfile::tempdir().unwrap();
    let done = aimarket(home.path()).args(SMALL).args(["-o", "r"]).assert().success();
    let table = text(&done.get_output().stdout);
    assert!(table.contains("leads in share") && table.contains("OpenAI"), "{table}");
    let folder = home.path().join("r");
    for name in [
        "manifest.json",
        "scenario.toml",
        "summary.csv",
        "winners.csv",
        "horizon.parquet",
        "labs.parquet",
        "draws.parquet",
    ] {
        assert!(folder.join(name).is_file(), "{name}");
    }
    assert!(fs::read_dir(folder.join("figures")).unwrap().count() >= 2);
    assert!(!home.path().join("r.partial").exists());
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["completed"], 8);
    assert_eq!(manifest["interrupted"], false);
    // The figures can be redrawn from the folder alone, to the same bytes.
    let svg = fs::read_dir(folder.join("figures")).unwrap().map(|e| e.unwrap().path());
    let before: Vec<_> = svg.map(|p| (p.clone(), fs::read(p).unwrap())).collect();
    aimarket(home.path()).args(["plot", "r"]).assert().success();
    assert!(before.iter().all(|(path, bytes)| fs::read(path).unwrap() == *bytes));
}

#[test]
fn threads_change_no_byte_and_the_resolved_scenario_runs_to_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let run = |folder: &str, more: &[&str]| {
        aimarket(home.path()).args(more).args(["--no-plots", "-q", "-o", folder]).assert().success();
    };
    run("one", &[&SMALL[..], &["-j", "1"]].concat());
    run("two", &[&SMALL[..], &["-j", "3"]].concat());
    run("again", &["run", "one/scenario.toml"]);
    for name in [
        "summary.csv",
        "winners.csv",
        "horizon.parquet",
        "labs.parquet",
        "market.parquet",
        "draws.parquet",
        "scenario.toml",
    ] {
        let bytes = |folder: &str| fs::read(home.path().join(folder).join(name)).unwrap();
        assert!(bytes("one") == bytes("two"), "{name} depends on threads");
        assert!(bytes("one") == bytes("again"), "{name} differs when the resolved scenario is run");
    }
}

#[test]
fn json_is_one_object_on_stdout() {
    let home = tempfile::tempdir().unwrap();
    let done = aimarket(home.path()).args(SMALL).args(["--json", "--no-plots", "--paths", "none"]).assert().success();
    let report: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    assert_eq!(report["scenarios"][0]["runs"], 8);
    assert!(report["scenarios"][0]["labs"][0]["enterprise_share"][1].is_number());
    assert!(!home.path().join("output/quick/labs.parquet").exists());
}

#[test]
fn another_result_is_refused_until_it_may_be_overwritten() {
    let home = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| aimarket(home.path()).args(SMALL).args(["--no-plots", "-o", "r"]).args(more).assert();
    run(&[]).success();
    run(&[]).success();
    let refused = run(&["-s", "7"]).code(5);
    assert!(text(&refused.get_output().stderr).contains("--overwrite"));
    run(&["-s", "7", "--overwrite"]).success();
}

#[test]
fn exit_codes_tell_usage_scenario_and_output_apart() {
    let home = tempfile::tempdir().unwrap();
    aimarket(home.path()).args(["run", "--ruins", "3"]).assert().code(2);
    aimarket(home.path()).arg("rum").assert().code(2);
    let wrong = aimarket(home.path()).args(["run", "quick", "--set", "demand.switching_cots=3"]).assert().code(3);
    assert!(text(&wrong.get_output().stderr).contains("switching_cost"));
    aimarket(home.path()).args(["run", "no-such-scenario"]).assert().code(3);
    aimarket(home.path()).args(["plot", "nowhere"]).assert().code(5);
    fs::create_dir(home.path().join("mine")).unwrap();
    fs::write(home.path().join("mine/notes.txt"), "precious").unwrap();
    aimarket(home.path()).args(SMALL).args(["-o", "mine", "--overwrite"]).assert().code(5);
    assert!(home.path().join("mine/notes.txt").exists());
}

#[test]
fn every_command_that_runs_counts_the_worlds_of_its_threads_before_it_lays_one() {
    // Elsewhere the system does not say how much memory is free.
    if !Path::new("/proc/meminfo").exists() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    for command in [
        &["run", "quick"][..],
        &["sweep", "quick", "--vary", "demand.switching_cost=2,6"],
        &["compare", "quick", "--with", "demand.switching_cost=2"],
        &["sensitivity", "quick"],
        &["game", "games/scale-or-trust"],
        &["backtest"],
    ] {
        // A thousand worlds of a million enterprises.
        let large = ["--set", "enterprises.count=1000000", "-j", "1000"];
        let refused = aimarket(home.path()).args(command).args(large).assert().code(5);
        assert!(text(&refused.get_output().stderr).contains("of memory needed"), "{command:?}");
        assert!(fs::read_dir(home.path()).unwrap().next().is_none(), "{command:?}");
    }
    // So does a sweep whose points differ in it.
    let vary = ["sweep", "quick", "--vary", "enterprises.count=100,1000000", "-j", "1000"];
    let refused = aimarket(home.path()).args(vary).assert().code(5);
    assert!(text(&refused.get_output().stderr).contains("of memory needed"));
}

#[test]
fn what_there_is_can_be_listed_and_checked() {
    let home = tempfile::tempdir().unwrap();
    for (what, word) in [
        ("scenarios", "baseline"),
        ("metrics", "labs.<id>.enterprise_share"),
        ("parameters", "demand.switching_cost"),
        ("mechanisms", "mechanisms.trust"),
        ("strategies", "cost_plus"),
    ] {
        let listed = aimarket(home.path()).args(["list", what]).assert().success();
        assert!(text(&listed.get_output().stdout).contains(word), "{what}");
    }
    let checked = aimarket(home.path()).args(["check", "quick", "--resolved"]).assert().success();
    assert!(text(&checked.get_output().stdout).contains("labs.openai.cash_usd"));
    assert!(text(&checked.get_output().stderr).contains("of memory"));
    let schema = aimarket(home.path()).arg("schema").assert().success();
    let schema: Value = serde_json::from_slice(&schema.get_output().stdout).unwrap();
    assert!(schema["properties"]["labs"].is_object());
    let help = aimarket(home.path()).arg("--help").assert().success();
    assert!(text(&help.get_output().stdout).contains("Examples"));
}

const BACKTEST: [&str; 7] = ["backtest", "-n", "8", "--set", "enterprises.count=100", "-j", "2"];

#[test]
fn a_backtest_prints_every_series_and_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let done = aimarket(home.path()).args(BACKTEST).assert().success();
    let page = text(&done.get_output().stdout);
    for series in [
        "Spend on model APIs",
        "Share of API spend",
        "Paid adoption by vendor",
        "Run-rate",
        "Valuation",
        "Capability frontier",
        "Lag of open weights",
        "List price",
        "Vendors per",
    ] {
        let heading = format!("### {series}");
        let table = page.split(&heading).nth(1).unwrap_or_else(|| panic!("no {series}"));
        let table = table.split("###").next().unwrap();
        assert!(table.lines().any(|l| l.contains("| 2025-")), "{series} has no row");
    }
    for part in [
        "8 runs",
        "in sample by a parameter",
        "held out",
        "one before",
        "(low)",
        "published later",
        "What is not matched",
        "moves the projection",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_backtest_is_the_same_on_any_number_of_threads_and_can_be_json() {
    let home = tempfile::tempdir().unwrap();
    let page = |threads: &str| {
        let done = aimarket(home.path()).args(&BACKTEST[..5]).args(["-j", threads, "-q"]).assert().success();
        text(&done.get_output().stdout)
    };
    assert_eq!(page("1"), page("3"));
    let done = aimarket(home.path()).args(&BACKTEST[..5]).args(["history/2024-12", "--json"]).assert().success();
    let report: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    assert_eq!(report["scenario"], "history/2024-12");
    assert_eq!(report["refitted"].as_array().unwrap().len(), 0);
    assert!(report["lines"].as_array().unwrap().len() > 50);
    assert_eq!(report["drivers"]["overall"].as_array().unwrap().len(), 5);
    aimarket(home.path()).args(["backtest", "no-such-scenario"]).assert().code(3);
}

#[test]
fn check_tells_what_a_run_or_a_sweep_of_the_file_would_refuse() {
    let home = tempfile::tempdir().unwrap();
    for (table, words) in [
        ("[[figure]]\nkind = \"fan\"\nmetric = \"labs.*.enterprise_shar\"\n", "did you mean `enterprise_share`?"),
        ("[[figure]]\nkind = \"fan\"\nmetric = \"labs.opnai.enterprise_share\"\n", "labs.opnai.enterprise_share"),
        (
            "[[figure]]\nkind = \"joint\"\nmetric = \"labs.*.enterprise_share\"\n",
            "takes two metrics, and this names one metric",
        ),
        ("[sweep]\nvary = { \"demand.switching_cost\" = \"1:2\" }\n", "`1:2` is no range"),
    ] {
        fs::write(home.path().join("mine.toml"), format!("extends = \"quick\"\n{table}")).unwrap();
        let checked = aimarket(home.path()).args(["check", "mine.toml"]).assert().code(3);
        assert!(text(&checked.get_output().stderr).contains(words), "{table}");
    }
    fs::write(
        home.path().join("mine.toml"),
        "extends = \"quick\"\n[[figure]]\nkind = \"fan\"\nmetric = \"market.hhi\"\n",
    )
    .unwrap();
    aimarket(home.path()).args(["check", "mine.toml"]).assert().success();
}
