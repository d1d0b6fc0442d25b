//! What there is: the rows behind `list` and `check --resolved`. The schema takes its words from the same
//! tables.

use crate::fields::{Class, Field, Kind, Table, Tag, Value, Variant};
use crate::mechanisms::governance::Form;
use crate::mechanisms::safety::Method;
use crate::scenario::fault::show;
use crate::scenario::nodes::{CompiledPath, GROUPS, Place, Setting, TABLES, all_paths, compile, join};
use crate::scenario::notes::Source;
use crate::scenario::parameters::Mechanisms;
use crate::scenario::resolve;
use crate::scenario::{Scenario, shipped};
use crate::strategies::cloud::Promotion;
use crate::strategies::regulator::Posture;

/// A path that a scenario may set; `<id>` stands for the key of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterRow {
    /// Path, for example `labs.<id>.cash_usd`.
    pub path: String,
    /// Unit; `1` for a pure number.
    pub unit: &'static str,
    /// Values that would do, for example `0 to 1` or `a|b`.
    pub range: String,
    /// Default, as TOML writes it.
    pub default: String,
    /// `structural`, `initial` or `parameter`.
    pub class: &'static str,
    /// `fitted`, `prior`, `derived` or `setting`.
    pub tag: &'static str,
    /// Meaning, one line.
    pub meaning: &'static str,
    /// Source of the default.
    pub source: &'static str,
}

/// A name and its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRow {
    /// Path or name.
    pub name: String,
    /// Meaning, one line.
    pub meaning: String,
}

/// A strategy of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategyRow {
    /// Path at which it is chosen, for example `labs.<id>.strategy.pricing`.
    pub path: String,
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// Names of its parameters.
    pub parameters: Vec<&'static str>,
}

/// A value of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedRow {
    /// Path.
    pub path: String,
    /// Value, or distribution, as TOML writes it.
    pub value: String,
    /// Unit; `1` for a pure number.
    pub unit: &'static str,
    /// Values that would do.
    pub range: String,
    /// `observed`, `derived`, `prior` where the scenario says so, else the tag of the default.
    pub tag: &'static str,
    /// Where the value comes from.
    pub source: String,
}

/// The word for a class.
pub fn class_word(class: Class) -> &'static str {
    match class {
        Class::Structural => "structural",
        Class::Initial => "initial",
        Class::Parameter => "parameter",
    }
}

/// Values of a field that would do.
pub fn range(field: &Field) -> String {
    match field.kind {
        Kind::Number | Kind::Integer => format!("{} to {}", show(field.min), show(field.max)),
        Kind::Keyed => format!("{{ name = {} to {} }}", show(field.min), show(field.max)),
        Kind::Flag => "true|false".to_string(),
        Kind::Text => "text".to_string(),
        Kind::Texts => "list of names".to_string(),
        Kind::Choice(words) => words.join("|"),
        Kind::Month => "YYYY-MM".to_string(),
    }
}

/// The defaults of every table: an agent of each kind, all else as it comes.
pub(crate) fn defaults() -> crate::scenario::Parameters {
    let mut defaults = crate::scenario::Parameters::default();
    for group in GROUPS {
        group.add(&mut defaults, "id");
    }
    defaults
}

fn row(path: String, field: &'static Field, default: String) -> ParameterRow {
    let Field { unit, class, tag, meaning, source, .. } = *field;
    let (class, tag, meaning) = (class_word(class), tag.word(), meaning.trim());
    ParameterRow { path, unit, range: range(field), default, class, tag, meaning, source }
}

/// Every path that a scenario may set, in the order of declaration.
pub fn parameters() -> Vec<ParameterRow> {
    let defaults = defaults();
    let mut rows = Vec::new();
    let mut add = |places: &'static [Place], before: &str| {
        for place in places {
            for (index, field) in (place.fields)().iter().enumerate() {
                let default = resolve::plain(&place.value(&defaults, 0, index), field.kind);
                rows.push(row(join(&join(before, place.prefix), field.name), field, default));
            }
        }
    };
    add(TABLES, "");
    for group in GROUPS {
        add(group.places, &format!("{}.<id>", group.name));
    }
    for group in GROUPS {
        for place in group.strategies {
            for (index, variant) in (place.variants)().iter().enumerate() {
                let mut at_defaults = defaults.clone();
                place.set(&mut at_defaults, 0, &Setting::Strategy(index, Vec::new()));
                let path = format!("strategy.{}.{}", place.family, variant.name);
                for field in (variant.fields)() {
                    let compiled = compile(&at_defaults, &format!("{}.id.{path}.{}", group.name, field.name));
                    let default = match compiled.ok().and_then(|c| c.get(&at_defaults)) {
                        Some(Setting::Value(value)) => resolve::plain(&value, field.kind),
                        _ => continue,
                    };
                    rows.push(row(format!("{}.<id>.{path}.{}", group.name, field.name), field, default));
                }
            }
        }
    }
    rows
}

/// The switches of the mechanisms, and what holds when each is off.
pub fn mechanisms() -> Vec<NamedRow> {
    let rows = Mechanisms::fields().iter();
    rows.map(|f| NamedRow { name: format!("mechanisms.{}", f.name), meaning: f.meaning.trim().to_string() }).collect()
}

/// Every strategy of every agent.
pub fn strategies() -> Vec<StrategyRow> {
    let mut rows = Vec::new();
    for group in GROUPS {
        for place in group.strategies {
            for Variant { name, meaning, fields } in (place.variants)() {
                let parameters = fields().iter().map(|f| f.name).collect();
                let path = format!("{}.<id>.strategy.{}", group.name, place.family);
                rows.push(StrategyRow { path, name, meaning: meaning.trim(), parameters });
            }
        }
    }
    let postures = [
        ("labs.<id>.alignment.method", Method::WORDS, Method::MEANINGS),
        ("labs.<id>.governance.form", Form::WORDS, Form::MEANINGS),
        ("clouds.<id>.promotion", Promotion::WORDS, Promotion::MEANINGS),
        ("regulators.<id>.posture", Posture::WORDS, Posture::MEANINGS),
    ];
    for (path, words, meanings) in postures {
        for (name, meaning) in words.iter().zip(meanings) {
            rows.push(StrategyRow { path: path.to_string(), name, meaning: meaning.trim(), parameters: Vec::new() });
        }
    }
    rows
}

/// The shipped scenarios that can be run, with their descriptions.
pub fn scenarios() -> Vec<NamedRow> {
    let describe = |text: &str| {
        let table = text.parse::<toml::Table>().ok()?;
        table.get("description")?.as_str().map(str::to_string)
    };
    shipped::SHIPPED
        .iter()
        .filter(|(name, _)| *name != shipped::COMMON)
        .map(|(name, text)| NamedRow { name: (*name).to_string(), meaning: describe(text).unwrap_or_default() })
        .collect()
}

/// Every value of a scenario, each number of a map and of a strategy on a line of its own.
pub fn resolved(scenario: &Scenario) -> Vec<ResolvedRow> {
    let mut rows = Vec::new();
    for (path, place) in all_paths(&scenario.parameters) {
        match place.get(&scenario.parameters) {
            Some(Setting::Value(Value::Keyed(map))) if !map.is_empty() => {
                for name in map.keys() {
                    rows.extend(resolved_row(scenario, format!("{path}.{name}"), &place.entry(name)));
                }
            }
            Some(Setting::Strategy(variant, _)) => {
                let Some(variant) = place.variants().and_then(|v| v.get(variant)) else { continue };
                let path = format!("{path}.{}", variant.name);
                for field in (variant.fields)() {
                    let path = format!("{path}.{}", field.name);
                    if let Ok(place) = compile(&scenario.parameters, &path) {
                        rows.extend(resolved_row(scenario, path, &place));
                    }
                }
            }
            _ => rows.extend(resolved_row(scenario, path, &place)),
        }
    }
    rows
}

fn resolved_row(scenario: &Scenario, path: String, place: &CompiledPath) -> Option<ResolvedRow> {
    let field = place.field()?;
    let value = match scenario.uncertain.of(&path) {
        Some(distribution) => resolve::distribution(distribution),
        None => resolve::value(&place.get(&scenario.parameters)?, place),
    };
    let map = path.rsplit_once('.').map_or("", |(map, _)| map);
    let own = scenario.sources.get(&path).or_else(|| scenario.sources.get(map).filter(|_| place.is_entry()));
    let (tag, source) = match own {
        Some(Source { basis, text }) => (basis.word(), text.clone()),
        // A fitted parameter stays fitted when its error is drawn; a state at the start that is drawn was not seen.
        None if scenario.uncertain.of(&path).is_some()
            && (field.tag != Tag::Fitted || field.class == Class::Initial) =>
        {
            (Tag::Prior.word(), field.source.to_string())
        }
        None => (field.tag.word(), field.source.to_string()),
    };
    let range = match place.is_entry() {
        true => format!("{} to {}", show(field.min), show(field.max)),
        false => range(field),
    };
    Some(ResolvedRow { path, value, unit: field.unit, range, tag, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_unit_meaning_and_source_and_no_path_comes_twice() {
        let rows = parameters();
        assert!(rows.len() > 200);
        for row in &rows {
            assert!(!row.unit.is_empty() && !row.meaning.is_empty() && !row.source.is_empty(), "{row:?}");
        }
        let mut paths: Vec<_> = rows.iter().map(|r| &r.path).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), rows.len());
    }

    #[test]
    fn every_listed_path_can_be_set_to_its_default() {
        let world = concat!(
            "[labs.id]\nenterprise_share = 0.98\ncoding_share = 0.98\nrented_h100e = 0.0\njurisdiction = \"us\"\n",
            "[jurisdictions.us]\nenterprise_share = 1.0\n[sectors.finance]\nspend_share = 1.0\n"
        );
        for row in parameters().iter().filter(|r| !r.path.contains("strategy") && r.path.starts_with("labs.")) {
            if ["enterprise_share", "coding_share", "rented_h100e"].iter().any(|n| row.path.ends_with(n)) {
                continue;
            }
            let overlay = [(row.path.replace("<id>", "id"), row.default.clone())];
            let read = Scenario::from_text("x.toml", world, &overlay);
            assert!(read.is_ok(), "{}: {}", row.path, read.unwrap_err()[0]);
        }
    }

    #[test]
    fn a_resolved_row_stands_for_every_value_and_shows_its_distribution() {
        let scenario = Scenario::load("baseline", &[]).unwrap();
        let rows = resolved(&scenario);
        for path in scenario.draw_paths() {
            let row = rows.iter().find(|r| r.path == path);
            assert!(row.is_some_and(|r| r.value.starts_with('{')), "{path}");
        }
        assert!(rows.iter().any(|r| r.path == "labs.openai.cash_usd"));
    }
}
