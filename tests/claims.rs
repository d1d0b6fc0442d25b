//! Claims from a scenario file to `claims.csv`, the figure and the terminal, through the binary.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use aimarket::record::claims;
use assert_cmd::Command;
use serde_json::Value;

const SCENARIO: &str = r#"
extends = "quick"
name = "mine"

[simulation]
end = "2026-12"
runs = 48

[enterprises]
count = 60

[[claim]]
id = "openai-55-60"
enabled = false

[[claim]]
id = "both-worth-40-60-bn"
enabled = false

[[claim]]
id = "multi-model-70"
enabled = false

[[event]]
id = "action"
date = "2026-02"
probability = 0.5
lasts_months = 6
set = { "regulators.us.excluded_labs" = ["deepseek", "anthropic"] }

[[claim]]
id = "sure"
source = "a test"
text = "OpenAI has customers"
test = "labs.openai.enterprise_share > 0 throughout 2025-12..2026-12"
outcome = true

[[claim]]
id = "impossible"
source = "a test"
text = "It has more than all"
test = "any of (labs.openai.enterprise_share > 100% by 2026-12; sum of labs.*.enterprise_share > 1.0001 at 2026-06)"
outcome = true

[[claim]]
id = "even"
source = "a test"
text = "The action happens"
test = "event action"

[[claim]]
id = "hit"
source = "a test"
text = "Where it happens, Anthropic loses share within six months"
test = "labs.anthropic.enterprise_share < 0.40 within 6 months of event action"

[[claim]]
id = "ahead"
source = "a test"
text = "Anthropic passes OpenAI"
test = "(rank of labs.anthropic.enterprise_share <= 1) before (labs.openai.enterprise_share > labs.anthropic.enterprise_share) given not event action"

[[figure]]
kind = "fan"
metric = "labs.*.enterprise_share"
"#;

fn aimarket(at: &Path) -> Command {
    let mut command = Command::cargo_bin("aimarket").expect("the binary is built with the tests");
    command.current_dir(at).env("NO_COLOR", "1");
    command
}

fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("mine.toml"), SCENARIO).unwrap();
    home
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn rows(folder: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(folder.join("claims.csv")).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_string).collect()).collect()
}

#[test]
fn claims_are_scored_on_every_run_and_told_wherever_results_are() {
    let home = home();
    let done = aimarket(home.path()).args(["run", "mine.toml", "-o", "r", "-q"]).assert().success();
    let said = text(&done.get_output().stdout);
    assert!(said.contains("100% [93%, 100%]") && said.contains("came true"), "{said}");
    let folder = home.path().join("r");
    let rows = rows(&folder);
    let columns = ["id", "source", "text", "test", "probability", "ci_low", "ci_high", "outcome", "brier"];
    assert_eq!(rows[0][..9], columns);
    let row = |id: &str| rows.iter().find(|r| r[0] == id).unwrap();
    let column = |name: &str| rows[0].iter().position(|c| c == name).unwrap();
    let number = |id: &str, name: &str| row(id)[column(name)].parse::<f64>().unwrap();
    assert_eq!((number("sure", "probability"), number("sure", "brier"), number("sure", "n")), (1.0, 0.0, 48.0));
    assert_eq!((number("impossible", "probability"), number("impossible", "brier")), (0.0, 1.0));
    // The runs in which the event happens are those that its condition leaves in.
    let happened = number("even", "probability") * 48.0;
    assert!(happened > 10.0 && happened < 38.0);
    assert_eq!((number("hit", "n"), number("hit", "conditioned_out")), (happened, 48.0 - happened));
    assert_eq!(number("ahead", "conditioned_out"), happened);
    assert_eq!(row("hit")[column("outcome")], "");
    assert_eq!(row("hit")[column("brier")], "");
    // The figure is redrawn from the table alone.
    let figure = folder.join("figures/claims.svg");
    let drawn = fs::read(&figure).unwrap();
    fs::remove_file(&figure).unwrap();
    aimarket(home.path()).args(["plot", "r"]).assert().success();
    assert!(fs::read(&figure).unwrap() == drawn);
}

#[test]
fn the_number_of_threads_and_the_paths_kept_change_nothing_of_the_claims() {
    let home = home();
    let claims = |folder: &str, more: &[&str]| {
        let run = ["run", "mine.toml", "-q", "--no-plots", "-o", folder];
        aimarket(home.path()).args(run).args(more).assert().success();
        fs::read(home.path().join(folder).join("claims.csv")).unwrap()
    };
    let one = claims("one", &["-j", "1"]);
    assert!(claims("three", &["-j", "3"]) == one);
    assert!(claims("none", &["--paths", "none"]) == one);
    let again = aimarket(home.path()).args(["run", "one/scenario.toml", "-q", "--no-plots", "-o", "again"]).assert();
    again.success();
    assert!(fs::read(home.path().join("again/claims.csv")).unwrap() == one);
}

#[test]
fn a_run_that_was_killed_resumes_to_the_same_claims() {
    let home = home();
    let run = ["run", "mine.toml", "-n", "400", "-q", "--no-plots"];
    aimarket(home.path()).args(run).args(["-o", "whole"]).assert().success();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("aimarket"))
        .current_dir(home.path())
        .args(run)
        .args(["-o", "killed", "-j", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let blocks = home.path().join("killed.partial/blocks");
    let begun = Instant::now();
    while fs::read_dir(&blocks).map_or(0, Iterator::count) < 4 && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(blocks.exists() && !home.path().join("killed").exists(), "it was done before it could be killed");
    aimarket(home.path()).args(run).args(["-o", "killed", "--resume"]).assert().success();
    let bytes = |folder: &str| fs::read(home.path().join(folder).join("claims.csv")).unwrap();
    assert!(bytes("killed") == bytes("whole"));
}

#[test]
fn a_claim_beyond_a_shortened_run_is_told_and_has_an_empty_row() {
    let home = home();
    let short = ["run", "mine.toml", "--no-plots", "-n", "8", "--until", "2026-06", "-o", "short"];
    let done = aimarket(home.path()).args(short).assert().success();
    let noted = text(&done.get_output().stderr);
    assert!(noted.contains("claim `sure` is not decidable before 2026-12"), "{noted}");
    let rows = rows(&home.path().join("short"));
    let row = rows.iter().find(|r| r[0] == "sure").unwrap();
    assert!(row[4..7].iter().all(String::is_empty) && row[8].is_empty(), "{row:?}");
    assert_eq!(row[12], "before 2026-12");
    assert!(!rows.iter().find(|r| r[0] == "even").unwrap()[4].is_empty());
    assert!(text(&done.get_output().stdout).contains("not decidable before 2026-12"));
    // The result can be run again as it stands, and plotted.
    let again = ["run", "short/scenario.toml", "-q", "--no-plots", "-o", "again"];
    aimarket(home.path()).args(again).assert().success();
    let bytes = |folder: &str| fs::read(home.path().join(folder).join("claims.csv")).unwrap();
    assert!(bytes("again") == bytes("short"));
    aimarket(home.path()).args(["plot", "short"]).assert().success();
}

#[test]
fn an_inherited_claim_beyond_a_shorter_child_is_told_and_one_of_its_own_is_a_fault() {
    let home = home();
    let child = "extends = \"mine\"\n[simulation]\nend = \"2026-06\"\n";
    fs::write(home.path().join("child.toml"), child).unwrap();
    let done = aimarket(home.path()).args(["check", "child.toml"]).assert().success();
    let said = text(&done.get_output().stderr);
    assert!(said.contains("claim `sure` is not decidable before 2026-12"), "{said}");
    let test = "test = \"labs.openai.enterprise_share > 0 at 2026-12\"";
    let own = format!("{child}[[claim]]\nid = \"own\"\nsource = \"a test\"\ntext = \"late\"\n{test}\n");
    fs::write(home.path().join("child.toml"), own).unwrap();
    let told = aimarket(home.path()).args(["check", "child.toml"]).assert().code(3);
    let told = text(&told.get_output().stderr);
    assert!(told.contains("claim `own`") && !told.contains("claim `sure`"), "{told}");
}

#[test]
fn a_lab_that_is_removed_takes_the_claims_about_it_along_and_that_is_told() {
    let home = home();
    let run = ["run", "mine.toml", "--no-plots", "-n", "8", "--set", "labs.cohere.enabled=false"];
    aimarket(home.path()).args(run).args(["-o", "r"]).assert().success();
    assert!(!rows(&home.path().join("r")).iter().any(|r| r[0] != "not_decidable" && r[12].starts_with("without")));
    let about = SCENARIO.replace("labs.openai.enterprise_share > 0 t", "labs.cohere.enterprise_share >= 0 t");
    fs::write(home.path().join("mine.toml"), about).unwrap();
    let done = aimarket(home.path()).args(run).args(["-o", "s"]).assert().success();
    let noted = text(&done.get_output().stderr);
    assert!(noted.contains("claim `sure` is not decidable without labs.cohere"), "{noted}");
    let row = rows(&home.path().join("s")).into_iter().find(|r| r[0] == "sure").unwrap();
    assert!(row[4].is_empty() && row[12] == "without labs.cohere", "{row:?}");
    let again = ["run", "s/scenario.toml", "-q", "--no-plots", "-o", "again"];
    aimarket(home.path()).args(again).assert().success();
    let bytes = |folder: &str| fs::read(home.path().join(folder).join("claims.csv")).unwrap();
    assert!(bytes("again") == bytes("s"));
}

#[test]
fn faults_of_claims_are_told_with_their_place_by_check_and_by_run() {
    let home = home();
    let bad = SCENARIO
        .replace("labs.openai.enterprise_share > 0 t", "labs.opnai.enterprise_share > 0 t")
        .replace(
            "2026-12\"\noutcome = true\n\n[[claim]]\nid = \"impossible\"",
            "2027-12\"\n\n[[claim]]\nid = \"impossible\"",
        )
        .replace("count = 60", "count = 60\nconut = 60");
    fs::write(home.path().join("bad.toml"), bad).unwrap();
    for command in ["check", "run"] {
        let told = aimarket(home.path()).args([command, "bad.toml"]).assert().code(3);
        let told = text(&told.get_output().stderr);
        assert!(told.contains("bad.toml:11:1") && told.contains("conut"), "{told}");
        assert!(told.contains("bad.toml:36:9") && told.contains("did you mean `openai`?"), "{told}");
    }
    let short = SCENARIO.replace("2026-12\"\nruns", "2026-09\"\nruns");
    fs::write(home.path().join("short.toml"), short).unwrap();
    let told = aimarket(home.path()).args(["check", "short.toml"]).assert().code(3);
    assert!(text(&told.get_output().stderr).contains("not decidable before 2026-12, and the runs end at 2026-09"));
}

#[test]
fn json_holds_the_claims() {
    let home = home();
    let run = ["run", "mine.toml", "-q", "--no-plots", "-n", "8", "--json"];
    let done = aimarket(home.path()).args(run).assert().success();
    let report: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    let claims = report["scenarios"][0]["claims"].as_array().unwrap();
    let sure = claims.iter().find(|c| c["id"] == "sure").unwrap();
    assert_eq!((&sure["probability"], &sure["outcome"]), (&Value::from(1.0), &Value::from(true)));
}

#[test]
fn the_claims_of_every_shipped_scenario_name_metrics_that_exist_and_dates_that_are_reached() {
    for (name, _) in aimarket::scenario::shipped::SHIPPED.iter().filter(|(name, _)| *name != "world") {
        if let Err(faults) = claims::load(name, &[]) {
            panic!("{name}: {}", faults[0]);
        }
    }
}

#[test]
fn a_new_scenario_is_sound_and_never_replaces_a_file() {
    let home = tempfile::tempdir().unwrap();
    aimarket(home.path()).args(["new", "mine.toml"]).assert().success();
    aimarket(home.path()).args(["check", "mine.toml"]).assert().success();
    let written = fs::read_to_string(home.path().join("mine.toml")).unwrap();
    for table in
        ["[simulation]", "[labs.", ".strategy.", "[uncertain]", "[sources]", "[[event]]", "[[claim]]", "[[figure]]"]
    {
        assert!(written.contains(table), "{table}");
    }
    let small = ["-n", "2", "--set", "enterprises.count=50", "-q", "-o", "r"];
    aimarket(home.path()).args(["run", "mine.toml"]).args(small).assert().success();
    assert!(home.path().join("r/figures/claims.png").is_file());
    fs::write(home.path().join("mine.toml"), "precious").unwrap();
    let refused = aimarket(home.path()).args(["new", "mine.toml"]).assert().code(5);
    assert!(text(&refused.get_output().stderr).contains("exists already"));
    assert_eq!(fs::read_to_string(home.path().join("mine.toml")).unwrap(), "precious");
    aimarket(home.path()).args(["new", "no/such/folder.toml"]).assert().code(5);
}

#[test]
fn every_shell_completes_every_command() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let done = aimarket(home.path()).args(["completions", shell]).assert().success();
        let script = text(&done.get_output().stdout);
        for word in ["run", "plot", "check", "list", "schema", "new", "completions", "threads"] {
            assert!(script.contains(word), "{shell} {word}");
        }
    }
    aimarket(home.path()).args(["completions", "abacus"]).assert().code(2);
}
