//! `aimarket game` from end to end, on a tiny game over the small shipped scenario.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use aimarket::scenario::Scenario;
use assert_cmd::Command;
use serde_json::Value;

const TINY: &str = r#"extends = "quick"
name = "tiny"

[simulation]
runs = 12

[enterprises]
count = 60

[game]
payoff = "value"
players = { openai = ["build", "rent"], anthropic = ["as-it-is", "build", "cheap"] }

[game.strategies.build]
set = { "compute.build_share" = 0.85 }

[game.strategies.rent]
set = { "compute.build_share" = 0.0 }

[game.strategies.as-it-is]
set = {}

[game.strategies.anthropic.cheap]
text = "sells at a loss"
set = { "strategy.pricing" = { cost_plus = { markup = -0.3 } } }
"#;

const TABLES: [&str; 7] = [
    "payoffs.csv",
    "deviations.csv",
    "profiles.csv",
    "equilibria.csv",
    "dominance.csv",
    "commitments.csv",
    "scenario.toml",
];

fn aimarket(at: &Path) -> Command {
    let mut command = Command::cargo_bin("aimarket").expect("the binary is built with the tests");
    command.current_dir(at).env("NO_COLOR", "1");
    command
}

fn home(text: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("tiny.toml"), text).unwrap();
    home
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The rows of a table by column.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let head = reader.headers().unwrap().clone();
    let row = |r: csv::StringRecord| head.iter().map(str::to_string).zip(r.iter().map(str::to_string)).collect();
    reader.records().map(|r| row(r.unwrap())).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|e| panic!("{column}: {e} in {row:?}"))
}

#[test]
fn a_game_writes_its_tables_figures_and_a_summary() {
    let home = home(TINY);
    let done = aimarket(home.path()).args(["game", "tiny.toml"]).assert().success();
    let said = text(&done.get_output().stdout);
    assert!(said.contains("OpenAI") && said.contains("does best with") && said.contains("gain by leaving"), "{said}");
    let folder = home.path().join("output/tiny-game");
    for name in TABLES.iter().chain(&["manifest.json", "figures/game_value.png", "figures/game_survival.svg"]) {
        assert!(folder.join(name).is_file(), "{name}");
    }
    assert!(!home.path().join("output/tiny-game.partial").exists());
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["design"]["command"], &manifest["completed"]), (&"game".into(), &72.into()));

    let payoffs = rows(&folder.join("payoffs.csv"));
    assert_eq!(payoffs.len(), 6 * 2 * 3);
    let mean = |profile: &str, player: &str, payoff: &str| {
        let found = payoffs.iter().find(|r| r["profile"] == profile && r["player"] == player && r["payoff"] == payoff);
        number(found.unwrap(), "mean")
    };
    assert!(payoffs.iter().all(|r| r["n"] == "12" && number(r, "ci_low") <= number(r, "mean")));
    // A deviation is the difference of two cells, and the way back is its opposite.
    let deviations = rows(&folder.join("deviations.csv"));
    assert_eq!(deviations.len(), 6 * 3 * 3);
    for d in &deviations {
        let own = format!("strategy_{}", d["player"]);
        assert_eq!(d[&own], d["from"]);
        let other = if d["player"] == "openai" { "strategy_anthropic" } else { "strategy_openai" };
        let there = payoffs.iter().find(|r| r[&own] == d["to"] && r[other] == d[other]).unwrap()["profile"].clone();
        let gain = mean(&there, &d["player"], &d["payoff"]) - mean(&d["profile"], &d["player"], &d["payoff"]);
        let scale = if d["payoff"] == "value" { 1e12 } else { 1.0 };
        assert!((number(d, "gain") - gain).abs() < 1e-9 * scale, "{d:?}");
        assert_eq!(d["paired"], "12");
    }
    // Each pure equilibrium is a profile that no deviation beats; probabilities of each player sum to 1.
    let profiles = rows(&folder.join("profiles.csv"));
    for r in &profiles {
        let tempting = deviations.iter().filter(|d| d["profile"] == r["profile"] && d["payoff"] == r["payoff"]);
        let most = tempting.map(|d| number(d, "gain")).fold(0.0, f64::max);
        let scale = if r["payoff"] == "value" { 1e12 } else { 1.0 };
        assert!((number(r, "regret") - most).abs() < 1e-9 * scale, "{r:?}");
        if r["payoff"] == "value" {
            assert_eq!(r["equilibrium"] == "true", most <= 1e-3, "{r:?}");
        }
    }
    let mut sums: BTreeMap<(String, String, String), f64> = BTreeMap::new();
    for e in rows(&folder.join("equilibria.csv")) {
        let key = (e["payoff"].clone(), e["equilibrium"].clone(), e["player"].clone());
        *sums.entry(key).or_default() += number(&e, "probability");
    }
    assert!(!sums.is_empty() && sums.values().all(|p| (p - 1.0).abs() < 1e-9), "{sums:?}");
}

#[test]
fn a_profile_is_the_scenario_with_its_strategies_laid_over_it() {
    let home = home(TINY);
    aimarket(home.path()).args(["game", "tiny.toml", "--no-plots", "-q", "-o", "g"]).assert().success();
    let set =
        ["labs.openai.compute.build_share=0.0", "labs.anthropic.strategy.pricing={ cost_plus = { markup = -0.3 } }"];
    let plain = ["run", "tiny.toml", "--no-plots", "-q", "-o", "r", "--set", set[0], "--set", set[1]];
    aimarket(home.path()).args(plain).assert().success();
    let summary = rows(&home.path().join("r/summary.csv"));
    let payoffs = rows(&home.path().join("g/payoffs.csv"));
    for (metric, payoff) in [("labs.valuation_usd", "value"), ("labs.enterprise_share", "share")] {
        for lab in ["openai", "anthropic"] {
            let last = summary.iter().rfind(|r| r["metric"] == metric && r["entity"] == lab && r["segment"].is_empty());
            let found = payoffs.iter().find(|r| {
                r["strategy_openai"] == "rent"
                    && r["strategy_anthropic"] == "cheap"
                    && r["player"] == lab
                    && r["payoff"] == payoff
            });
            let (last, found) = (last.unwrap(), found.unwrap());
            for column in ["mean", "sd", "mcse"] {
                let (a, b) = (number(last, column), number(found, column));
                assert!((a - b).abs() <= 1e-12 * a.abs(), "{lab} {metric} {column}: {a} {b}");
            }
        }
    }
}

#[test]
fn threads_change_no_byte_and_the_resolved_scenario_plays_to_the_same_bytes() {
    let home = home(TINY);
    let play = |folder: &str, more: &[&str]| {
        let line = [&["game"], more, &["-q", "-o", folder]].concat();
        aimarket(home.path()).args(line).assert().success();
    };
    let asked = ["--payoff", "share", "--players", "anthropic=cheap,build", "--players", "openai=rent,build"];
    play("one", &[&["tiny.toml", "-j", "1"], &asked[..]].concat());
    play("three", &[&["tiny.toml", "-j", "3"], &asked[..]].concat());
    play("again", &["one/scenario.toml"]);
    for name in TABLES.iter().chain(&["figures/game_value.svg", "figures/game_share.png"]) {
        let bytes = |folder: &str| fs::read(home.path().join(folder).join(name)).unwrap();
        assert!(bytes("one") == bytes("three"), "{name} depends on threads");
        assert!(bytes("one") == bytes("again"), "{name} differs when the resolved scenario is played");
    }
    let first = &rows(&home.path().join("one/payoffs.csv"))[0];
    assert_eq!((&first["strategy_anthropic"][..], &first["strategy_openai"][..]), ("cheap", "rent"));
}

/// Files of `figures/` and their bytes.
fn figures(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder.join("figures")).unwrap().map(Result::unwrap);
    files.map(|f| (f.file_name().into_string().unwrap(), fs::read(f.path()).unwrap())).collect()
}

#[test]
fn figures_drawn_again_have_the_same_bytes_and_a_spoilt_table_is_told() {
    let home = home(TINY);
    // A matrix, and a ranking of three players.
    let three = ["openai=rent,build", "google=build,rent", "anthropic=cheap,build"].map(|p| ["--players", p]).concat();
    for (folder, more) in [("two", &[][..]), ("three", &three[..])] {
        aimarket(home.path()).args(["game", "tiny.toml", "-q", "-o", folder]).args(more).assert().success();
        let first = figures(&home.path().join(folder));
        assert_eq!(first.len(), 6);
        fs::remove_dir_all(home.path().join(folder).join("figures")).unwrap();
        let drawn = aimarket(home.path()).args(["plot", folder]).assert().success();
        assert_eq!(text(&drawn.get_output().stdout).lines().count(), 6);
        assert!(figures(&home.path().join(folder)) == first, "a figure of {folder} differs when it is drawn again");
    }
    let svg = fs::read_to_string(home.path().join("two/figures/game_value.svg")).unwrap();
    let drawn_again = |file: &str, from: &str, to: &str, said: &[&str]| {
        let path = home.path().join("two").join(file);
        let whole = fs::read_to_string(&path).unwrap();
        assert!(whole.contains(from), "{file} {from}");
        fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        let done = aimarket(home.path()).args(["plot", "two"]).assert().code(5);
        let error = text(&done.get_output().stderr);
        assert!(said.iter().all(|word| error.contains(word)), "{error}");
        fs::write(&path, whole).unwrap();
    };
    drawn_again("payoffs.csv", ",survival,", ",fame,", &["payoffs.csv", "`fame`", "column payoff"]);
    drawn_again("deviations.csv", ",openai,build,rent,", ",meta,build,rent,", &["deviations.csv", "`meta`", "player"]);
    drawn_again("profiles.csv", "6,rent,cheap,survival", "1,rent,cheap,survival", &["missing in the tables"]);
    assert_eq!(fs::read_to_string(home.path().join("two/figures/game_value.svg")).unwrap(), svg);
}

#[test]
fn json_is_one_object_and_the_payoff_asked_for_decides() {
    let home = home(TINY);
    let line = ["game", "tiny.toml", "-q", "--no-plots", "--json", "--payoff", "survival", "-n", "5"];
    let done = aimarket(home.path()).args(line).assert().success();
    let report: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    assert_eq!((&report["payoff"], &report["runs"]), (&"survival".into(), &5.into()));
    assert_eq!(report["players"][1]["strategies"][2], "cheap");
    assert_eq!(report["payoffs"][0]["profiles"].as_array().unwrap().len(), 6);
    assert!(report["payoffs"][2]["profiles"][0]["payoffs"][0]["mean"].as_f64().unwrap() <= 1.0);
}

#[test]
fn what_cannot_be_played_is_refused_before_anything_runs() {
    let home = home(TINY);
    let refused = |line: &[&str], code: i32, words: &[&str]| {
        let done = aimarket(home.path()).arg("game").args(line).assert().code(code);
        let said = text(&done.get_output().stderr);
        assert!(words.iter().all(|w| said.contains(w)), "{line:?}: {said}");
        assert!(!home.path().join("output").exists(), "{line:?} left something");
    };
    refused(&["quick"], 3, &["no [game] table", "games/scale-or-trust"]);
    let flags = ["tiny.toml", "--resume", "--paths", "all", "--format", "both"];
    refused(&flags, 2, &["--resume", "--paths", "--format both"]);
    refused(&["tiny.toml", "-n", "1"], 2, &["two runs or more"]);
    refused(&["tiny.toml", "--payoff", "fame"], 2, &["fame"]);
    refused(&["tiny.toml", "--players", "openai"], 2, &["LAB=STRATEGY"]);
    refused(
        &["tiny.toml", "--players", "opnai=build,rent", "--players", "anthropic=build,chaep"],
        2,
        &["did you mean `openai`?", "did you mean `cheap`?"],
    );
    refused(&["tiny.toml", "--players", "openai=build,rent"], 2, &["two players or more"]);
    // What only the whole scenario of a profile shows.
    let nowhere = TINY.replace("\"compute.build_share\" = 0.85", "\"channels\" = [\"nowhere\"]");
    fs::write(home.path().join("nowhere.toml"), nowhere).unwrap();
    refused(&["nowhere.toml"], 3, &["profile openai build", "nowhere"]);
}

#[test]
fn another_game_is_not_replaced_unless_asked() {
    let home = home(TINY);
    let play = |more: &[&str]| {
        let line = [&["game", "tiny.toml", "-q", "--no-plots", "-n", "3", "-o", "g"], more].concat();
        aimarket(home.path()).args(line).assert()
    };
    play(&[]).success();
    play(&[]).success();
    let refused = play(&["--players", "openai=rent,build", "--players", "anthropic=build,cheap"]).code(5);
    assert!(text(&refused.get_output().stderr).contains("--overwrite"));
    play(&["--seed", "3", "--overwrite"]).success();
}

/// A stop leaves nothing: part of the profiles make no game.
#[cfg(unix)]
#[test]
fn a_game_that_is_stopped_writes_nothing_and_says_so() {
    let home = home(TINY);
    let binary = assert_cmd::cargo::cargo_bin("aimarket");
    let mut child = std::process::Command::new(binary)
        .current_dir(home.path())
        .args(["game", "tiny.toml", "-n", "100000", "-o", "g"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The partial folder is there once the runs are about to start, and Ctrl-C is listened to before that.
    while !home.path().join("g.partial/design.json").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was stopped");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(130));
    assert!(text(&done.stderr).contains("nothing written"));
    assert!(!home.path().join("g").exists() && !home.path().join("g.partial").exists());
}

#[test]
fn a_child_replaces_players_and_strategies_by_name() {
    let home = home(TINY);
    let child = "extends = \"tiny\"\n[game]\npayoff = \"share\"\nplayers = { openai = [\"rent\", \"own\"], anthropic = [\"cheap\", \"build\"] }\n\
                 [game.strategies.rent]\nset = { \"brand\" = 3.0 }\n[game.strategies.openai.own]\nset = { \"strategy.pricing\" = { premium = {} } }\n";
    fs::write(home.path().join("child.toml"), child).unwrap();
    let load = |name: &str| {
        Scenario::load(home.path().join(name).to_str().unwrap(), &[]).unwrap_or_else(|f| panic!("{}", f[0]))
    };
    let game = load("child.toml").game.unwrap();
    assert_eq!(game.payoff, "share");
    assert_eq!(game.players[0].strategies, ["rent", "own"]);
    let laid = game.overlays(&[0, 0]);
    assert_eq!(laid[0], ("labs.openai.brand".to_string(), "3.0".to_string()));
    assert_eq!(laid[1].0, "labs.anthropic.strategy.pricing");
    assert_eq!(game.overlays(&[1, 1])[0], ("labs.openai.strategy.pricing".into(), "{ premium = {} }".into()));
    assert_eq!(load("tiny.toml").game.unwrap().overlays(&[0, 0]).len(), 1);
}

#[test]
fn a_game_of_too_many_profiles_is_refused() {
    let names: Vec<String> = (0..101).map(|k| format!("s{k}")).collect();
    let list = names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    let mut file = format!("extends = \"quick\"\n[game]\nplayers = {{ openai = [{list}], anthropic = [{list}] }}\n");
    names.iter().for_each(|n| file.push_str(&format!("[game.strategies.{n}]\nset = {{}}\n")));
    let faults = Scenario::from_text("large.toml", &file, &[]).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert!(faults[0].to_string().contains("10201 profiles"), "{}", faults[0]);
}
