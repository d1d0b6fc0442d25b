//! `aimarket sensitivity` from end to end, on the small shipped scenario made smaller.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use aimarket::experiment::sensitivity::design::factors;
use aimarket::experiment::sensitivity::{Design, Method};
use aimarket::output::sensitivity::{Found, Request, read, simulate};
use aimarket::output::{About, Format};
use aimarket::run::engine::Engine;
use aimarket::scenario::Scenario;
use assert_cmd::Command;
use serde_json::Value;

fn aimarket(at: &Path) -> Command {
    let mut command = Command::cargo_bin("aimarket").expect("the binary is built with the tests");
    command.current_dir(at).env("NO_COLOR", "1");
    command
}

const SMALL: [&str; 14] = [
    "sensitivity",
    "quick",
    "--set",
    "enterprises.count=100",
    "--until",
    "2026-06",
    "--parameters",
    "demand.switching_cost",
    "--parameters",
    "*.quality_volatility",
    "--samples",
    "16",
    "--format",
    "csv",
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// Files of a folder and their bytes, but for the manifest.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            found.extend(bytes(&entry.path()).into_iter().map(|(n, b)| (format!("{name}/{n}"), b)));
        } else if name != "manifest.json" {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    found
}

#[test]
fn a_result_holds_indices_samples_outputs_and_figures_and_threads_change_no_byte() {
    let home = tempfile::tempdir().unwrap();
    let done = aimarket(home.path()).args(SMALL).args(["-j", "1", "-o", "one"]).assert().success();
    let note = text(&done.get_output().stdout);
    assert!(
        note.contains("all else, total") && note.contains("lie on ridges") && note.contains("of first order"),
        "{note}"
    );
    let one = bytes(&home.path().join("one"));
    for name in ["sensitivity.csv", "variance.csv", "samples.csv", "cube.csv", "outputs.csv", "scenario.toml"] {
        assert!(one.contains_key(name), "{name}");
    }
    for figure in ["sensitivity_share", "sensitivity_value", "effects_share", "effects_value"] {
        assert!(
            one.contains_key(&format!("figures/{figure}.png")) && one.contains_key(&format!("figures/{figure}.svg"))
        );
    }
    aimarket(home.path()).args(SMALL).args(["-j", "3", "-o", "two", "-q"]).assert().success();
    let two = bytes(&home.path().join("two"));
    for (name, bytes) in &one {
        assert!(two.get(name) == Some(bytes), "{name} differs between 1 and 3 threads");
    }
    assert_eq!(one.len(), two.len());
    // Drawn again from the tables, the figures have the same bytes.
    fs::remove_dir_all(home.path().join("two/figures")).unwrap();
    let drawn = aimarket(home.path()).args(["plot", "two"]).assert().success();
    assert_eq!(text(&drawn.get_output().stdout).lines().count(), 8);
    assert!(bytes(&home.path().join("two")) == two, "a figure differs when it is drawn again");

    // 16 rows of A, B, three AB (all else is one) and two replicates.
    let folder = home.path().join("one");
    let samples = rows(&folder.join("samples.csv"));
    assert_eq!(samples.len(), 16 * 7);
    let words: Vec<&str> = samples[..7].iter().map(|r| r["matrix"].as_str()).collect();
    assert_eq!(words, ["A", "B", "AB", "AB", "AB", "replicate", "replicate"]);
    // AB has the parameter of B where it says so, and chance of A; what is no factor goes with the run number.
    let (a, b, moved) = (&samples[0], &samples[1], &samples[3]);
    let path = "demand.switching_cost";
    assert_eq!(moved["moved"], path);
    assert_eq!((&moved["run"], &moved["demand.quality_volatility"]), (&a["run"], &a["demand.quality_volatility"]));
    assert!(moved[path] != a[path] && a["run"] != b["run"]);
    assert_eq!(a["adaptation.social_weight"], moved["adaptation.social_weight"]);
    assert_ne!(a["adaptation.social_weight"], b["adaptation.social_weight"]);
    let (rest, replicate) = (&samples[4], &samples[5]);
    assert_eq!((rest["moved"].as_str(), &rest["run"], &rest[path]), ("all else", &b["run"], &a[path]));
    assert!(replicate["run"] != a["run"] && replicate["run"] != b["run"] && replicate[path] == a[path]);
    assert_eq!(rows(&folder.join("outputs.csv")).len(), samples.len());
    assert_eq!(rows(&folder.join("cube.csv")).len(), 32);

    let indices = rows(&folder.join("sensitivity.csv"));
    let role = |p: &str| indices.iter().find(|r| r["parameter"] == p).unwrap()["role"].clone();
    assert_eq!(role("demand.quality_volatility"), "leads");
    assert_eq!(role(path), "follows");
    // With other uncertain parameters in it, it is not chance alone.
    assert_eq!(role("all else"), "all else");
    assert!(!indices.iter().any(|r| r["parameter"] == "chance"));
    let share = indices
        .iter()
        .find(|r| r["metric"] == "labs.enterprise_share" && r["entity"] == "openai" && r["parameter"] == "all else");
    let share = share.unwrap();
    let number = |name: &str| share[name].parse::<f64>().unwrap();
    // Of half a year of few enterprises, nearly all is neither of two parameters.
    assert!(number("total") > 0.5 && number("total_low") <= number("total") && share["n"] == "16");
    assert!(share["mu"].is_empty() && share["sigma"].is_empty());

    // The total index of all else can be told from outputs.csv by hand (Jansen 1999).
    let outputs = rows(&folder.join("outputs.csv"));
    let y: Vec<f64> = outputs.iter().map(|r| r["labs.openai.enterprise_share"].parse().unwrap()).collect();
    let base: Vec<f64> = (0..16).flat_map(|k| [y[7 * k], y[7 * k + 1]]).collect();
    let mean = base.iter().sum::<f64>() / 32.0;
    let variance = base.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 32.0;
    let total = (0..16).map(|k| (y[7 * k] - y[7 * k + 4]).powi(2)).sum::<f64>() / 32.0 / variance;
    assert!((total - number("total")).abs() < 1e-9, "{total}");

    // A value is above 0 in every run: the same by hand from ln of the dollars in outputs.csv, whose mean is told in dollars.
    let find = |table: &'static str, metric: &str, parameter: Option<&str>| {
        let all = rows(&folder.join(table));
        let is = |r: &BTreeMap<String, String>| {
            r["metric"] == metric && r["entity"] == "openai" && parameter.is_none_or(|p| r["parameter"] == p)
        };
        all.into_iter().find(is).unwrap()
    };
    let dollars: Vec<f64> = outputs.iter().map(|r| r["labs.openai.valuation_usd"].parse().unwrap()).collect();
    assert!(dollars.iter().all(|v| *v > 1e9));
    let y: Vec<f64> = dollars.iter().map(|v| libm::log(*v)).collect();
    let base: Vec<f64> = (0..16).flat_map(|k| [y[7 * k], y[7 * k + 1]]).collect();
    let mean = base.iter().sum::<f64>() / 32.0;
    let variance = base.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 32.0;
    let total = (0..16).map(|k| (y[7 * k] - y[7 * k + 4]).powi(2)).sum::<f64>() / 32.0 / variance;
    let value = find("sensitivity.csv", "labs.valuation_usd", Some("all else"));
    assert_eq!((value["scale"].as_str(), share["scale"].as_str()), ("ln", "linear"));
    assert!((total - value["total"].parse::<f64>().unwrap()).abs() < 1e-9, "{total}");
    let spread = find("variance.csv", "labs.valuation_usd", None);
    let number = |name: &str| spread[name].parse::<f64>().unwrap();
    let mean = (0..16).map(|k| dollars[7 * k] + dollars[7 * k + 1]).sum::<f64>() / 32.0;
    assert!(spread["scale"] == "ln" && (number("mean") / mean - 1.0).abs() < 1e-12);
    assert!((number("sd_on_scale") / variance.sqrt() - 1.0).abs() < 1e-9);
    assert!(note.contains("value, in ln, at 2026-06"), "{note}");

    // Every series in dollars of the tables is in ln just where no run is at 0 or below.
    let (mut logs, mut linear) = (0, 0);
    for row in rows(&folder.join("variance.csv")) {
        let (table, metric) = row["metric"].split_once('.').unwrap();
        let of = if table == "market" { String::new() } else { format!("{}.", row["entity"]) };
        let segment = if row["segment"].is_empty() { String::new() } else { format!("_{}", row["segment"]) };
        let values: Vec<f64> =
            outputs.iter().filter_map(|r| r[&format!("{table}.{of}{metric}{segment}")].parse().ok()).collect();
        let money = row["unit"].starts_with("USD") && !values.is_empty() && values.iter().all(|v| *v > 0.0);
        assert_eq!(row["scale"], if money { "ln" } else { "linear" }, "{row:?}");
        logs += usize::from(money);
        linear += usize::from(!money && row["unit"].starts_with("USD"));
    }
    assert!(logs > 5 && linear > 0, "{logs} {linear}");
}

#[test]
fn a_run_of_a_design_is_the_run_of_the_engine_under_that_number() {
    // With nothing varied but one parameter, whose value is set, run 1 of the design is run 1 of the scenario.
    let home = tempfile::tempdir().unwrap();
    let common = ["--set", "enterprises.count=100", "--until", "2026-03", "-q", "--no-plots", "--format", "csv"];
    let design = ["sensitivity", "quick", "--parameters", "adaptation.social_weight", "--samples", "8", "-o", "s"];
    aimarket(home.path()).args(design).args(common).assert().success();
    let first = &rows(&home.path().join("s/samples.csv"))[0];
    let set = format!("adaptation.social_weight={}", first["adaptation.social_weight"]);
    aimarket(home.path()).args(["run", "quick", "-n", "1", "--set", &set, "-o", "r"]).args(common).assert().success();
    let of_run = rows(&home.path().join("r/horizon.csv"));
    let outputs = &rows(&home.path().join("s/outputs.csv"))[0];
    for lab in ["openai", "anthropic", "google"] {
        let row = of_run.iter().find(|r| r["table"] == "labs" && r["entity"] == lab).unwrap();
        for metric in ["enterprise_share", "valuation_usd"] {
            assert_eq!(outputs[&format!("labs.{lab}.{metric}")], row[metric], "{lab} {metric}");
        }
    }
}

#[test]
fn a_screening_writes_trajectories_and_json_is_one_object() {
    let home = tempfile::tempdir().unwrap();
    let done = aimarket(home.path())
        .args(SMALL)
        .args(["--method", "morris", "--no-plots", "--json", "-q", "-o", "m"])
        .assert()
        .success();
    let told: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    assert_eq!((&told["method"], &told["rows"], &told["runs"]), (&"morris".into(), &16.into(), &64.into()));
    assert_eq!((&told["outcomes"][0]["scale"], &told["outcomes"][1]["scale"]), (&"linear".into(), &"ln".into()));
    assert!(told["outcomes"][0]["strongest"][0]["mu_star"]["value"].as_f64().unwrap() > 0.0);
    let samples = rows(&home.path().join("m/samples.csv"));
    assert_eq!(samples.len(), 16 * 4);
    assert!(samples.iter().all(|r| r["matrix"] == "trajectory"));
    let indices = rows(&home.path().join("m/sensitivity.csv"));
    assert!(indices.iter().all(|r| r["first"].is_empty() && r["total"].is_empty()));
    // Of a screening only the effects are drawn.
    aimarket(home.path()).args(["plot", "m"]).assert().success();
    let figures = bytes(&home.path().join("m/figures"));
    assert_eq!(
        figures.keys().collect::<Vec<_>>(),
        ["effects_share.png", "effects_share.svg", "effects_value.png", "effects_value.svg"]
    );
    // The same again replaces it; another design is refused, and says how to go on.
    let again = |more: &[&str]| {
        let mut command = aimarket(home.path());
        command.args(SMALL).args(["--method", "morris", "--no-plots", "-q", "-o", "m"]).args(more);
        command
    };
    again(&[]).assert().success();
    let refused = again(&["--seed", "5"]).assert().code(5);
    assert!(text(&refused.get_output().stderr).contains("--overwrite"));
}

#[test]
fn what_is_wrong_is_told_at_once_and_nothing_is_written() {
    let home = tempfile::tempdir().unwrap();
    let fails = |arguments: &[&str], code: i32, said: &[&str]| {
        let done = aimarket(home.path()).arg("sensitivity").args(arguments).assert().code(code);
        let error = text(&done.get_output().stderr);
        assert!(said.iter().all(|s| error.contains(s)), "{arguments:?}: {error}");
    };
    fails(
        &["quick", "--samples", "100", "-n", "5", "--replicates", "1", "--paths", "all"],
        2,
        &["64 or 128", "--samples N sets", "--replicates 1", "--paths means nothing"],
    );
    fails(
        &["quick", "--parameters", "demand.switching_costs", "--parameters", "moon.*"],
        2,
        &["demand.switching_cost`", "moon.* matches no uncertain parameter"],
    );
    fails(&["quick", "--parameters", "labs.meta.coding_share"], 2, &["matches only parameters that others fix"]);
    fails(&["quick", "--set", "labs.openai.cash_us=1"], 3, &["cash_us"]);
    fails(&["qick"], 3, &["quick"]);
    fails(&["quick", "--samples", "4"], 2, &["8"]);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_design_that_is_stopped_publishes_its_whole_rows_and_resumes_to_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let set = [("enterprises.count", "60"), ("simulation.end", "\"2026-03\"")];
    let overlays: Vec<(String, String)> = set.iter().map(|(p, v)| (p.to_string(), v.to_string())).collect();
    let scenario = Scenario::load("quick", &overlays).unwrap();
    let about = About { hash: scenario.hash().into(), toml: scenario.to_toml(), seed: 1, ..About::default() };
    let varied = factors(&scenario.uncertain, |path| path.starts_with("adoption."));
    let design = Design::new(Method::Both, varied, scenario.uncertain.draws.len(), 32, 2, 1);
    let model = Engine::new(scenario);
    let run = |folder: &str, resume: bool, stop_after: u64| {
        let request = Request {
            folder: home.path().join(folder),
            threads: 2,
            format: Format::Csv,
            overwrite: false,
            resume,
            command_line: Vec::new(),
        };
        let cancel = AtomicBool::new(false);
        let mut show = |p: aimarket::output::Progress| cancel.store(p.done >= stop_after, Ordering::Relaxed);
        simulate(&model, &about, &design, &request, &cancel, &mut show, &mut |_, _| {}).unwrap()
    };
    // Stopped before the first block: nothing is published.
    let stopped = run("a", false, 0);
    assert!(stopped.interrupted && stopped.found.is_none() && !home.path().join("a").exists());
    let stopped = run("a", true, 128);
    let found = stopped.found.unwrap();
    let members = design.members();
    assert!(stopped.interrupted && (8..32).contains(&found.rows) && found.manifest.interrupted);
    for file in ["samples.csv", "outputs.csv"] {
        assert_eq!(rows(&home.path().join("a").join(file)).len(), found.rows * members, "{file}");
    }
    let whole = run("a", true, u64::MAX).found.unwrap();
    assert!(whole.rows == 32 && whole.manifest.resumed_runs >= 128 && !home.path().join("a.partial").exists());
    // What is read back from the tables is what was found, to the last digit.
    let read = read(&home.path().join("a")).unwrap();
    let content = |f: &Found| format!("{:?}", (&f.provenance, f.method, &f.factors, &f.series, &f.analyses, f.rows));
    assert!(content(&read) == content(&whole), "{}\n{}", content(&read), content(&whole));
    assert!(whole.analyses.iter().filter(|a| a.lead.is_some()).count() > 10 && read.labs() == whole.labs());
    run("b", false, u64::MAX);
    assert!(bytes(&home.path().join("a")) == bytes(&home.path().join("b")));
}

#[test]
fn a_folder_that_cannot_be_drawn_again_says_why() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("s");
    aimarket(home.path()).args(SMALL).args(["--no-plots", "-q", "-o", "s"]).assert().success();
    let plot = |words: &[&str]| {
        let done = aimarket(home.path()).args(["plot", "s"]).assert().code(5);
        let said = text(&done.get_output().stderr);
        assert!(words.iter().all(|w| said.contains(w)) && !folder.join("figures").exists(), "{said}");
    };
    let change = |file: &str, from: &str, to: &str| {
        let whole = fs::read_to_string(folder.join(file)).unwrap();
        assert!(whole.contains(from), "{file} {from}");
        fs::write(folder.join(file), whole.replacen(from, to, 1)).unwrap();
        whole
    };
    // A row that lacks its parameter, then a word where a number should be, then no table.
    let file = "sensitivity.csv";
    let whole = change(file, ",all else,", ",luck,");
    plot(&[file, "line", "parameter"]);
    fs::write(folder.join(file), &whole).unwrap();
    let whole_variance = change("variance.csv", ",16,", ",many,");
    plot(&["variance.csv", "`many`", "column n"]);
    fs::remove_file(folder.join("variance.csv")).unwrap();
    plot(&["variance.csv"]);
    fs::write(folder.join("variance.csv"), whole_variance).unwrap();
    // A command that this version does not know, and no manifest.
    change("manifest.json", "\"command\": \"sensitivity\"", "\"command\": \"calibrate\"");
    plot(&["`aimarket calibrate`", "does not draw"]);
    fs::remove_file(folder.join("manifest.json")).unwrap();
    plot(&["holds no manifest.json of ours"]);
}
