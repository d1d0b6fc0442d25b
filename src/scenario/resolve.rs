//! A scenario written out in full, and its hash.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::fields::{Field, Kind, Value};
use crate::scenario::Scenario;
use crate::scenario::claims::Undecidable;
use crate::scenario::distribution::Distribution;
use crate::scenario::nodes::{CompiledPath, GROUPS, Setting, all_paths};
use crate::scenario::timeline::{Event, When};

/// SHA-256 of the resolved scenario, in hexadecimal.
pub fn hash(scenario: &Scenario) -> String {
    let digest = Sha256::digest(to_toml(scenario).as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The scenario with every value explicit, in the order of declaration. Agents stand in the order of their
/// draw keys and paths in that of the alphabet, so that reordering a file changes nothing.
pub fn to_toml(scenario: &Scenario) -> String {
    let mut lines = vec![format!("name = {}", text(&scenario.name))];
    lines.push(format!("description = {}", text(&scenario.description)));
    values(scenario, &mut lines);
    if !scenario.uncertain.draws.is_empty() {
        lines.extend([String::new(), "[uncertain]".to_string()]);
        lines.extend(
            scenario.uncertain.draws.iter().map(|d| format!("{} = {}", text(&d.path), distribution(&d.distribution))),
        );
    }
    scenario.events.events.iter().for_each(|e| event(e, &mut lines));
    for claim in &scenario.claims {
        lines.extend([String::new(), "[[claim]]".to_string(), format!("id = {}", text(&claim.id))]);
        lines.push(format!("source = {}", text(&claim.source)));
        lines.push(format!("text = {}", text(&claim.text)));
        lines.push(format!("test = {}", text(&claim.test)));
        lines.extend(claim.outcome.map(|o| format!("outcome = {o}")));
        // Whatever shortened the runs, the result can be run again as it stands.
        match claim.undecidable(&scenario.parameters, &scenario.events) {
            Some((Undecidable::Before(_) | Undecidable::Since(_), _)) => {
                lines.push("beyond_horizon = true".to_string())
            }
            Some((Undecidable::Without, _)) | None => {}
        }
        lines.extend(claim.without.iter().map(|agent| format!("without = {}", text(agent))));
    }
    for figure in &scenario.figures {
        lines.extend([String::new(), "[[figure]]".to_string(), format!("kind = {}", text(&figure.kind))]);
        lines.push(format!("metric = {}", text(&figure.metric)));
        lines.push(format!("against = {}", text(&figure.against)));
        lines.push(format!("title = {}", text(&figure.title)));
        lines.extend(figure.log.map(|l| format!("log = {l}")));
    }
    if let Some(sweep) = &scenario.sweep {
        lines.extend([String::new(), "[sweep]".to_string(), format!("design = {}", text(&sweep.design))]);
        lines.extend(sweep.points.map(|n| format!("points = {n}")));
        let vary: Vec<String> = sweep.vary.iter().map(|(p, s)| format!("{} = {}", text(p), text(s))).collect();
        lines.push(format!("vary = {{ {} }}", vary.join(", ")));
    }
    lines.extend(scenario.game.iter().flat_map(crate::scenario::game::lines));
    if !scenario.sources.is_empty() {
        lines.extend([String::new(), "[sources]".to_string()]);
        let source = |(path, source): (&String, &crate::scenario::Source)| {
            format!("{} = {{ {} = {} }}", text(path), source.basis.word(), text(&source.text))
        };
        lines.extend(scenario.sources.iter().map(source));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// One table a header, fields below it, in the order of [`all_paths`].
fn values(scenario: &Scenario, lines: &mut Vec<String>) {
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for group in GROUPS {
        // An agent with nothing but defaults still needs its header.
        for id in group.ids(&scenario.parameters) {
            tables.push((format!("{}.{id}", group.name), Vec::new()));
        }
    }
    let agents = tables.len();
    for (path, place) in all_paths(&scenario.parameters) {
        let Some(setting) = place.get(&scenario.parameters) else { continue };
        let (table, name) = path.rsplit_once('.').unwrap_or(("", &path));
        let line = format!("{name} = {}", value(&setting, &place));
        match tables.iter_mut().find(|(t, _)| t == table) {
            Some((_, fields)) => fields.push(line),
            None => tables.push((table.to_string(), vec![line])),
        }
    }
    // Tables that stand once come first, as in the files.
    tables.rotate_left(agents);
    let once = tables.iter().position(|(t, _)| GROUPS.iter().any(|g| t.starts_with(&format!("{}.", g.name))));
    tables[once.unwrap_or(0)..].sort_by_key(|(table, _)| {
        let (group, id) = table.split_once('.').map_or(("", ""), |(g, rest)| (g, rest.split('.').next().unwrap_or("")));
        let group = GROUPS.iter().position(|g| g.name == group);
        (group, group.and_then(|g| GROUPS[g].find(&scenario.parameters, id)), table.clone())
    });
    for (table, fields) in tables {
        lines.extend([String::new(), format!("[{table}]")]);
        lines.extend(fields);
    }
}

/// Text as TOML writes it.
pub fn text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A number as TOML writes it: the shortest text that reads back to the same bits.
pub fn number(x: f64) -> String {
    format!("{x:?}")
}

fn numbers(xs: &[f64]) -> String {
    xs.iter().map(|x| number(*x)).collect::<Vec<_>>().join(", ")
}

fn texts(list: &[String]) -> String {
    list.iter().map(|t| text(t)).collect::<Vec<_>>().join(", ")
}

/// A plain value as TOML writes it.
pub fn plain(value: &Value, kind: Kind) -> String {
    match value {
        Value::Number(x) => number(*x),
        Value::Integer(n) if kind == Kind::Number => number(*n as f64),
        Value::Integer(n) => n.to_string(),
        Value::Flag(b) => b.to_string(),
        Value::Text(t) => text(t),
        Value::Texts(list) => format!("[{}]", texts(list)),
        Value::Month(m) => text(&m.to_string()),
        Value::Keyed(map) if map.is_empty() => "{}".to_string(),
        Value::Keyed(map) => {
            let entries: Vec<String> = map.iter().map(|(k, x)| format!("{} = {}", text(k), number(*x))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// A value at a place, as TOML writes it.
pub fn value(setting: &Setting, place: &CompiledPath) -> String {
    match setting {
        Setting::Value(value) => plain(value, place.field().map_or(Kind::Number, |f| f.kind)),
        Setting::Entry(x) => number(*x),
        Setting::Strategy(variant, values) => {
            let Some(variant) = place.variants().and_then(|v| v.get(*variant)) else { return "{}".to_string() };
            let fields: &[Field] = (variant.fields)();
            let entries: Vec<String> =
                values.iter().map(|(i, v)| format!("{} = {}", fields[*i].name, plain(v, fields[*i].kind))).collect();
            if entries.is_empty() {
                format!("{{ {} = {{}} }}", variant.name)
            } else {
                format!("{{ {} = {{ {} }} }}", variant.name, entries.join(", "))
            }
        }
    }
}

/// A distribution as TOML writes it.
pub fn distribution(distribution: &Distribution) -> String {
    let mut keys: Vec<(&str, String)> = Vec::new();
    let limits = |min: &Option<f64>, max: &Option<f64>| {
        let limits = [("min", *min), ("max", *max)];
        limits.into_iter().filter_map(|(k, x)| Some((k, number(x?)))).collect::<Vec<_>>()
    };
    match distribution {
        Distribution::Normal { mean, sd, min, max, min_product } => {
            keys.extend([("mean", number(*mean)), ("sd", number(*sd))]);
            keys.extend(limits(min, max));
            if !min_product.is_empty() {
                keys.push(("min_product", format!("[{}]", texts(min_product))));
            }
        }
        Distribution::Lognormal { median, sd, min, max } => {
            keys.extend([("median", number(*median)), ("sd", number(*sd))]);
            keys.extend(limits(min, max));
        }
        Distribution::Uniform { min, max } => keys.extend([("min", number(*min)), ("max", number(*max))]),
        Distribution::Triangular { min, mode, max } => {
            keys.extend([("min", number(*min)), ("mode", number(*mode)), ("max", number(*max))]);
        }
        Distribution::Beta { a, b, min, max } => {
            keys.extend([("a", number(*a)), ("b", number(*b)), ("min", number(*min)), ("max", number(*max))]);
        }
        Distribution::Gamma { shape, rate } => keys.extend([("shape", number(*shape)), ("rate", number(*rate))]),
        Distribution::Discrete { values, weights } => {
            keys.push(("values", format!("[{}]", numbers(values))));
            keys.push(("weights", format!("[{}]", numbers(weights))));
        }
        Distribution::Linear { intercept, of, sd, min, max } => {
            let slopes: Vec<String> = of.iter().map(|(p, x)| format!("{} = {}", text(p), number(*x))).collect();
            keys.push(("intercept", number(*intercept)));
            keys.push(("of", format!("{{ {} }}", slopes.join(", "))));
            keys.push(("sd", number(*sd)));
            keys.extend(limits(min, max));
        }
    }
    let keys: Vec<String> = keys.into_iter().map(|(k, x)| format!("{k} = {x}")).collect();
    format!("{{ {} = {{ {} }} }}", distribution.word(), keys.join(", "))
}

fn event(event: &Event, lines: &mut Vec<String>) {
    let Event { id, text: about, source, when, probability, lasts_months, set, transfer } = event;
    lines.extend([String::new(), "[[event]]".to_string(), format!("id = {}", text(id))]);
    lines.push(format!("text = {}", text(about)));
    lines.push(format!("source = {}", text(source)));
    lines.push(match when {
        When::At(month) => format!("date = \"{month}\""),
        When::Between(first, last) => format!("date = {{ between = [\"{first}\", \"{last}\"] }}"),
    });
    lines.push(format!("probability = {}", number(*probability)));
    lines.extend(lasts_months.map(|n| format!("lasts_months = {n}")));
    if let Some(transfer) = transfer {
        lines.push("kind = \"transfer\"".to_string());
        lines.push(format!("from = {}", text(&transfer.from)));
        lines.push(format!("to = {}", text(&transfer.to)));
        lines.push(format!("amount_usd = {}", number(transfer.amount.value())));
    }
    let changes: Vec<String> =
        set.iter().map(|c| format!("{} = {}", text(&c.path), value(&c.setting, c.place()))).collect();
    lines.push(format!("set = {{ {} }}", changes.join(", ")));
}
