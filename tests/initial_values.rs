//! The initial state of the shipped scenarios against `data/observations.csv`: what is called observed is there,
//! what speaks from a date knows nothing later, and the two states differ in nothing but state.

use std::fs;
use std::path::{Path, PathBuf};

use aimarket::fields::Table as _;
use aimarket::scenario::parameters::{LabParameters, Regulator};
use toml::{Table, Value};

/// The scenarios that hold an initial state, with the date that it describes.
const STATES: [(&str, &str); 2] = [("baseline", "2025-12-31"), ("history/2024-12", "2024-12-31")];
/// Tables of a scenario that hold no value of the model.
const META: [&str; 7] = ["extends", "name", "description", "simulation", "uncertain", "event", "claim"];

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(scenario: &str) -> Table {
    let path = root(&format!("scenarios/{scenario}.toml"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The value at a dotted path, in the scenario itself.
fn at<'a>(scenario: &'a Table, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let value = scenario.get(first)?;
    if rest.is_empty() { Some(value) } else { at(value.as_table()?, rest) }
}

fn number(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|n| n as f64))
}

/// (path, kind of source, text) of every source of a scenario.
fn sources(scenario: &Table) -> Vec<(String, String, String)> {
    let Some(Value::Table(sources)) = scenario.get("sources") else { return Vec::new() };
    let mut all = Vec::new();
    for (path, source) in sources {
        let table = source.as_table().unwrap_or_else(|| panic!("source of {path} is no table"));
        assert_eq!(table.len(), 1, "{path} has one kind of source");
        for (kind, text) in table {
            let text = text.as_str().unwrap_or_else(|| panic!("source of {path} is no text"));
            all.push((path.clone(), kind.clone(), text.to_string()));
        }
    }
    all
}

/// One row of the observations.
struct Row {
    metric: String,
    entity: String,
    date: String,
    segment: String,
    value: f64,
}

fn observations() -> Vec<Row> {
    let mut reader = csv::Reader::from_path(root("data/observations.csv")).expect("the observations open");
    let headers = reader.headers().expect("a header").clone();
    let column = |name: &str| headers.iter().position(|h| h == name).unwrap_or_else(|| panic!("column {name}"));
    let (metric, entity, date, segment, value) =
        (column("metric"), column("entity"), column("date"), column("segment"), column("value"));
    reader
        .records()
        .map(|record| {
            let record = record.expect("a row");
            let text = |i: usize| record[i].trim().to_string();
            Row {
                metric: text(metric),
                entity: text(entity),
                date: text(date),
                segment: text(segment),
                value: record[value].trim().parse().expect("a number"),
            }
        })
        .collect()
}

/// Whether a citation `metric entity date[ segment]: remark` names the row; segments may hold blanks.
fn names(citation: &str, row: &Row) -> bool {
    let key = citation.split_once(": ").map_or(citation, |(key, _)| key);
    let mut words = key.splitn(4, ' ');
    words.next() == Some(&row.metric)
        && words.next() == Some(&row.entity)
        && words.next() == Some(&row.date)
        && words.next().is_none_or(|segment| segment == row.segment)
}

/// Every `YYYY-MM` or `YYYY-MM-DD` in a text.
fn dates(text: &str) -> Vec<&str> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '-'))
        .map(|word| word.trim_matches('-'))
        .filter(|word| {
            matches!(word.len(), 7 | 10) && word.as_bytes()[4] == b'-' && word[..4].bytes().all(|b| b.is_ascii_digit())
        })
        .collect()
}

/// Whether a value is a month, `YYYY-MM`.
fn is_month(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 7 && dates(text) == [text])
}

/// Paths of all numbers and dates of a table.
fn numbers(table: &Table, prefix: &str, into: &mut Vec<String>) {
    for (key, value) in table {
        let path = format!("{prefix}{key}");
        match value {
            Value::Table(inner) => numbers(inner, &format!("{path}."), into),
            Value::Float(_) | Value::Integer(_) => into.push(path),
            date if is_month(date) => into.push(path),
            _ => {}
        }
    }
}

/// The scenario without what is not a value of the model.
fn state(scenario: &Table) -> Table {
    let mut state = scenario.clone();
    for key in META.into_iter().chain(["sources"]) {
        state.remove(key);
    }
    state
}

#[test]
fn an_observed_value_equals_the_row_that_it_cites() {
    let rows = observations();
    let mut faults = Vec::new();
    let mut checked = 0;
    for (name, _) in STATES {
        let scenario = read(name);
        for (path, kind, text) in sources(&scenario) {
            if kind != "observed" {
                continue;
            }
            checked += 1;
            if let Some(date) = at(&scenario, &path).filter(|value| is_month(value)).and_then(Value::as_str) {
                if !rows.iter().any(|row| names(&text, row) && row.date.starts_with(date)) {
                    faults.push(format!("{name}: {path} is {date}, which no row has that it cites: {text}"));
                }
                continue;
            }
            let Some(value) = at(&scenario, &path).and_then(number) else {
                faults.push(format!("{name}: {path} has a source but no number"));
                continue;
            };
            let cited: Vec<f64> = rows.iter().filter(|row| names(&text, row)).map(|row| row.value).collect();
            if cited.is_empty() {
                faults.push(format!("{name}: {path} cites no row: {text}"));
            } else if !cited.iter().any(|x| (x - value).abs() <= 1e-12 * x.abs()) {
                faults.push(format!("{name}: {path} is {value}, its row says {cited:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(checked >= 60, "only {checked} values are observed");
}

#[test]
fn no_source_cites_a_date_after_the_state_that_it_describes() {
    for (name, date) in STATES {
        for (path, _, text) in sources(&read(name)) {
            for cited in dates(&text) {
                // A month is compared with the month, a day with the day.
                assert!(cited <= &date[..cited.len()], "{name}: {path} cites {cited}: {text}");
            }
        }
    }
}

#[test]
fn every_number_and_date_of_an_initial_state_has_a_source_and_the_other_way_round() {
    for (name, _) in STATES {
        let scenario = read(name);
        let sources: Vec<String> = sources(&scenario).into_iter().map(|(path, _, _)| path).collect();
        let mut paths = Vec::new();
        numbers(&state(&scenario), "", &mut paths);
        let bare: Vec<_> = paths.iter().filter(|path| !sources.contains(path)).collect();
        assert!(bare.is_empty(), "{name}: without a source: {bare:?}");
        let uncertain = scenario["uncertain"].as_table().expect("a table of draws");
        let idle: Vec<_> =
            sources.iter().filter(|path| !paths.contains(path) && !uncertain.contains_key(path.as_str())).collect();
        assert!(idle.is_empty(), "{name}: sources of nothing: {idle:?}");
    }
}

#[test]
fn sources_are_observed_derived_or_prior() {
    for (name, _) in STATES {
        for (path, kind, text) in sources(&read(name)) {
            assert!(["observed", "derived", "prior"].contains(&kind.as_str()), "{name}: {path}: {kind}");
            assert!(text.len() > 3, "{name}: {path} says nothing");
        }
    }
}

#[test]
fn shares_of_labs_and_self_hosting_sum_to_one() {
    for (name, _) in STATES {
        let scenario = read(name);
        let self_hosted = at(&scenario, "demand.start.self_hosted_share").and_then(number).expect("a share");
        for share in ["enterprise_share", "coding_share"] {
            let labs = scenario["labs"].as_table().expect("labs");
            let sum: f64 = labs.values().filter_map(|lab| lab.get(share).and_then(number)).sum();
            assert!((sum + self_hosted - 1.0).abs() < 1e-9, "{name}: {share} sums to {}", sum + self_hosted);
        }
    }
}

#[test]
fn the_two_states_set_no_parameter_of_the_model() {
    // Parameters stand in `world`, so that the two scenarios share them; what changed between the dates is an event.
    let of = |fields: &[aimarket::fields::Field]| fields.iter().map(|f| f.name).collect::<Vec<_>>();
    let of_labs = of(LabParameters::fields());
    let of_regulators = of(Regulator::fields());
    let initial = [
        "environment",
        "demand",
        "other_business",
        "jurisdictions",
        "regulators",
        "clouds",
        "labs",
        "investors",
        "applications",
        "orchestration",
        "governance_tools",
    ];
    for (name, _) in STATES {
        let state = state(&read(name));
        for (key, value) in &state {
            assert!(initial.contains(&key.as_str()), "{name} sets {key}");
            let table = value.as_table().expect("a table");
            match key.as_str() {
                "environment" | "demand" | "applications" | "orchestration" | "governance_tools" => {
                    assert!(table.keys().all(|k| k == "start"), "{name} sets {key}")
                }
                "labs" => {
                    for (id, lab) in table {
                        for field in lab.as_table().expect("a lab").keys() {
                            assert!(!of_labs.contains(&field.as_str()), "{name} sets labs.{id}.{field}");
                            assert!(
                                !["compute", "alignment", "strategy"].contains(&field.as_str()),
                                "{name}: {id}.{field}"
                            );
                        }
                    }
                }
                "regulators" => {
                    for (id, regulator) in table {
                        for field in regulator.as_table().expect("a regulator").keys() {
                            assert!(!of_regulators.contains(&field.as_str()), "{name} sets regulators.{id}.{field}");
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

#[test]
fn dates_are_found_in_a_text() {
    assert_eq!(dates("0.16 (2024-11), 2025-12-11 model:GPT-5.2; ln(62 / 35)"), ["2024-11", "2025-12-11"]);
}
