//! One bad file a fault, named for it: each is a small child of `tests/invalid/good.toml`. The message is a
//! snapshot, so that a reader of scenario files is told what is wrong, where, and what would do.

use std::fs;

use aimarket::record::claims;
use aimarket::scenario::{Fault, Scenario};

fn told(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_good_scenario_is_without_faults() {
    if let Err(faults) = claims::load("tests/invalid/good.toml", &[]) {
        panic!("{}", told(&faults));
    }
}

#[test]
fn every_bad_scenario_has_its_one_fault() {
    let mut names: Vec<String> = fs::read_dir("tests/invalid")
        .unwrap()
        .filter_map(|file| Some(file.unwrap().path().file_stem()?.to_str()?.to_string()))
        .filter(|name| name != "good")
        .collect();
    names.sort();
    assert!(names.len() >= 25);
    for name in names {
        match claims::load(&format!("tests/invalid/{name}.toml"), &[]) {
            Ok(_) => panic!("{name} was accepted"),
            Err(faults) => {
                assert_eq!(faults.len(), 1, "{name}:\n{}", told(&faults));
                insta::assert_snapshot!(name, told(&faults));
            }
        }
    }
}

#[test]
fn all_faults_of_a_file_are_told_at_once_and_each_of_them_once() {
    for (name, count) in
        [("faults_of_every_kind", 20), ("faults_told_once", 14), ("nothing_but_a_name", 3), ("nothing", 1)]
    {
        let faults = claims::load(&format!("tests/invalid_together/{name}.toml"), &[]).expect_err(name);
        assert_eq!(faults.len(), count, "{name}:\n{}", told(&faults));
        insta::assert_snapshot!(name, told(&faults));
    }
}

#[test]
fn a_value_laid_over_that_cannot_be_read_is_told_without_the_sum_that_it_is_in() {
    for (path, value) in [("labs.openai.enterprise_share", "much"), ("labs.opnai.enterprise_share", "0.4")] {
        let overlays = [("labs.anthropic.enterprise_share", "0.2"), (path, value)];
        let overlays = overlays.map(|(path, value)| (path.to_string(), value.to_string()));
        let faults = Scenario::load("tests/invalid/good.toml", &overlays).expect_err(path);
        assert_eq!(faults.len(), 1, "{}", told(&faults));
        let read = Scenario::load("tests/invalid/good.toml", &overlays[..1]).expect_err("the sum");
        assert!(told(&read).contains("the sum of `enterprise_share` of all labs"), "{}", told(&read));
    }
}

#[test]
fn shares_of_clouds_sum_to_one_where_they_are_set_and_where_compute_is_rented() {
    let good = fs::read_to_string("tests/invalid/good.toml").unwrap();
    let unset: String =
        good.lines().filter(|line| !line.starts_with("compute.clouds")).map(|l| format!("{l}\n")).collect();
    let half = good.replace("{ azure = 1.0 }", "{ azure = 0.5 }");
    let idle: Vec<_> =
        ["openai", "anthropic"].map(|lab| (format!("labs.{lab}.rented_h100e"), "0.0".to_string())).into();
    let faults = |text: &str, overlays: &[(String, String)]| {
        Scenario::from_text("good", text, overlays).map_or_else(|faults| faults.len(), |_| 0)
    };
    assert_eq!((faults(&good, &[]), faults(&good, &idle)), (0, 0));
    assert_eq!((faults(&half, &[]), faults(&half, &idle)), (1, 1));
    assert_eq!((faults(&unset, &[]), faults(&unset, &idle)), (2, 0));
}

#[test]
fn a_bad_value_laid_over_a_scenario_is_told_by_its_path() {
    let cases = [
        ("demand.switching_costs", "3"),
        ("demand.switching_cost", "-3"),
        ("demand.switching_cost", "much"),
        ("demand.switching_cost.coding", "1"),
        ("labs.opnai.cash_usd", "1"),
        ("labs.openai.strategy.pricing", "premium"),
        ("labs.openai.strategy.pricing.cost_plus.markup", "0.2"),
        ("uncertain.x", "1"),
        ("simulation.runs", "\"1"),
        ("mechanisms.trust", "off"),
    ];
    let all: Vec<String> = cases
        .iter()
        .map(|(path, value)| {
            let overlay = [((*path).to_string(), (*value).to_string())];
            let faults = Scenario::load("tests/invalid/good.toml", &overlay).expect_err(path);
            assert_eq!(faults.len(), 1, "{}", told(&faults));
            told(&faults)
        })
        .collect();
    insta::assert_snapshot!("laid_over", all.join("\n"));
}

#[test]
fn a_scenario_that_does_not_exist_is_told_with_the_nearest_name() {
    let faults = Scenario::load("basline", &[]).unwrap_err();
    insta::assert_snapshot!("no_such_scenario", told(&faults));
}

#[test]
fn a_folder_and_a_file_that_is_no_text_are_told_as_what_they_are() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("some");
    fs::create_dir(&folder).unwrap();
    let file = home.path().join("x.toml");
    fs::write(&file, b"name = \"x\"\n# \xff\xfe\n").unwrap();
    for (what, part) in [(&folder, "is a folder, not a scenario"), (&file, "is no text in UTF-8: see line 2, byte 14")]
    {
        let faults = Scenario::load(&what.to_string_lossy(), &[]).unwrap_err();
        assert!(faults.len() == 1 && faults[0].message.contains(part) && faults[0].hint.is_none(), "{}", told(&faults));
    }
}

#[test]
fn a_scenario_without_labs_is_told_at_its_file_whatever_is_laid_over_it() {
    let runs = [("simulation.runs".to_string(), "2".to_string())];
    let faults = Scenario::load("tests/invalid/empty.toml", &runs).unwrap_err();
    assert!(
        told(&faults).starts_with("tests/invalid/empty.toml:1:1: error: the scenario has no lab;"),
        "{}",
        told(&faults)
    );
}

#[test]
fn an_event_that_no_run_reaches_is_noted() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("x.toml");
    let event = |date| {
        format!(
            "extends = \"quick\"\n[[event]]\nid = \"late\"\ndate = {date}\nset = {{ \"demand.price_weight\" = 0.5 }}\n"
        )
    };
    for (date, late) in
        [("\"2099-01\"", true), ("{ between = [\"2098-01\", \"2099-01\"] }", true), ("\"2026-03\"", false)]
    {
        fs::write(&file, event(date)).unwrap();
        let scenario = Scenario::load(&file.to_string_lossy(), &[]).unwrap_or_else(|f| panic!("{}", told(&f)));
        let noted =
            scenario.notes.iter().any(|n| n.starts_with("event `late` is dated") && n.ends_with("it happens in none"));
        assert_eq!(noted, late, "{date}: {:?}", scenario.notes);
    }
}
