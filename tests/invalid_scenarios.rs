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
