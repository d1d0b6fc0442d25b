//! Reads the merged table into typed [`Parameters`]; every fault is collected with its place.

use crate::fields::{Field, Keyed, Kind, Value, Variant};
use crate::scenario::document::{Entry, Layers, Node, Spot, Tree, What};
use crate::scenario::fault::{Fault, nearest, show, suggest};
use crate::scenario::nodes::{
    CompiledPath, GROUPS, Group, Place, Setting, TABLES, Unresolved, compile, group, join, order_agents, top_level,
};
use crate::scenario::overlay::{HEADS, Merged};
use crate::scenario::parameters::{MAX_LABS, Parameters, WORKLOADS};
use crate::scenario::unsound::Unsound;
use crate::units::Month;

/// What a reader carries: the texts for places, the agents removed, the faults found.
pub struct Reader<'m> {
    /// Texts of all layers.
    pub layers: &'m Layers,
    /// Agents removed: their names are skipped in lists and maps.
    pub removed: &'m [(String, String)],
    /// Faults found so far.
    pub faults: Vec<Fault>,
    /// Paths of what could not be read.
    pub unsound: Unsound,
}

impl Reader<'_> {
    /// Notes a fault.
    pub fn fault(&mut self, at: Spot, message: impl Into<String>, hint: impl Into<Option<String>>) {
        self.faults.push(self.layers.fault(at, message, hint.into()));
    }

    /// Notes a key that is not known in a table.
    pub fn unknown_key(&mut self, entry: &Entry, within: &str, names: &[&str]) {
        let place = if within.is_empty() { "at the top of the scenario".to_string() } else { format!("in {within}") };
        self.fault(entry.name_at, format!("unknown key `{}` {place}", entry.name), suggest(&entry.name, names));
    }

    /// Notes keys of a table that are not among `names`.
    pub fn only_keys(&mut self, tree: &Tree, within: &str, names: &[&str]) {
        for entry in tree.entries.iter().filter(|e| !names.contains(&e.name.as_str())) {
            self.unknown_key(entry, within, names);
        }
    }

    /// Resolves a path, or notes why it does not resolve; of what could not be read that is told already.
    pub fn compile(&mut self, parameters: &Parameters, path: &str, at: Spot) -> Option<CompiledPath> {
        match compile(parameters, path) {
            Ok(compiled) => Some(compiled),
            Err(_) if self.is_lost(parameters, path) => None,
            Err(Unresolved { within, part, could_be }) => {
                let names: Vec<&str> = could_be.iter().map(String::as_str).collect();
                let (message, hint) = if part.is_empty() {
                    let first = names.first().copied().unwrap_or_default();
                    let hint = format!("write the whole path in quotes, for example \"{path}.{first}\"");
                    (format!("`{path}` is a table, not a value"), Some(hint))
                } else if within.is_empty() {
                    (format!("there is no path `{path}`"), suggest(&part, &names))
                } else {
                    (format!("there is no path `{path}`: no `{part}` in {within}"), suggest(&part, &names))
                };
                self.fault(at, message, hint);
                None
            }
        }
    }

    /// Whether a path leads through an agent or a strategy that could not be read.
    fn is_lost(&self, parameters: &Parameters, path: &str) -> bool {
        let mut parts = path.splitn(5, '.');
        let mut next = || parts.next().unwrap_or_default();
        let (name, id, table, family) = (next(), next(), next(), next());
        let Some(group) = group(name) else { return false };
        let absent = group.find(parameters, id).is_none();
        let family = join(&join(name, id), &join(table, family));
        absent && self.unsound.may_hold(name, id) || table == "strategy" && self.unsound.is(&family)
    }

    /// A number, finite.
    pub fn number(&mut self, node: &Node, what: &str) -> Option<f64> {
        let x = match node.what {
            What::Number(x) => x,
            What::Integer(n) => n as f64,
            _ => {
                self.wrong_type(node, what, "a number");
                return None;
            }
        };
        if !x.is_finite() {
            self.fault(node.at, format!("`{what}` is {x}"), "a finite number would do".to_string());
            return None;
        }
        Some(x)
    }

    /// Text.
    pub fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        if node.text().is_none() {
            self.wrong_type(node, what, "text in quotes");
        }
        node.text()
    }

    /// A list of texts.
    pub fn texts(&mut self, node: &Node, what: &str) -> Option<Vec<(String, Spot)>> {
        let What::List(list) = &node.what else {
            self.wrong_type(node, what, "a list of names, for example [\"a\", \"b\"]");
            return None;
        };
        let texts: Vec<_> = list.iter().map(|n| Some((self.text(n, what)?.to_string(), n.at))).collect();
        texts.into_iter().collect()
    }

    /// A month.
    pub fn month(&mut self, node: &Node, what: &str) -> Option<Month> {
        let text = match &node.what {
            What::Text(text) => text,
            _ => {
                self.wrong_type(node, what, "a month in quotes, for example \"2026-01\"");
                return None;
            }
        };
        match text.parse() {
            Ok(month) => Some(month),
            Err(_) => {
                let hint = "write a month as YYYY-MM, for example 2026-01".to_string();
                self.fault(node.at, format!("`{what}` is `{text}`, which is no month"), hint);
                None
            }
        }
    }

    /// A table.
    pub fn table<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Tree> {
        if node.table().is_none() {
            self.wrong_type(node, what, "a table");
        }
        node.table()
    }

    /// Notes a value of the wrong type.
    pub fn wrong_type(&mut self, node: &Node, what: &str, wanted: &str) {
        let written = self.layers.written(node.at);
        let value = match &node.what {
            What::Table(_) | What::List(_) => node.kind().to_string(),
            What::Text(text) => format!("the text \"{text}\""),
            _ if written.is_empty() => node.kind().to_string(),
            _ => format!("`{written}`, {}", node.kind()),
        };
        self.fault(node.at, format!("`{what}` is {value}"), format!("{wanted} would do"));
    }

    fn within(&mut self, at: Spot, x: f64, path: &str, field: &Field) -> bool {
        let good = x >= field.min && x <= field.max;
        if !good {
            let hint = format!("{} to {}{} would do", show(field.min), show(field.max), unit(field));
            self.fault(at, format!("`{path}` is {}, out of range", show(x)), hint);
        }
        good
    }

    /// A value of a field: right type, within bounds, names known.
    pub fn value(&mut self, node: &Node, path: &str, field: &Field) -> Option<Value> {
        match field.kind {
            Kind::Number => {
                let x = self.number(node, path)?;
                self.within(node.at, x, path, field).then_some(Value::Number(x))
            }
            Kind::Integer => {
                let n = match node.what {
                    What::Integer(n) => n,
                    What::Number(x) if x.fract() == 0.0 && x.abs() < 9e15 => x as i128,
                    _ => {
                        self.wrong_type(node, path, "a whole number");
                        return None;
                    }
                };
                // The bounds are checked as floats; the conversion itself refuses what they let slip.
                let good = self.within(node.at, n as f64, path, field);
                u64::try_from(n).ok().filter(|_| good).map(Value::Integer)
            }
            Kind::Flag => match node.what {
                What::Flag(b) => Some(Value::Flag(b)),
                _ => {
                    self.wrong_type(node, path, "true or false");
                    None
                }
            },
            Kind::Text => self.text(node, path).map(|t| Value::Text(t.to_string())),
            Kind::Texts => {
                let texts = self.texts(node, path)?;
                Some(Value::Texts(texts.into_iter().map(|(t, _)| t).collect()))
            }
            Kind::Choice(words) => {
                let text = self.text(node, path)?;
                if words.contains(&text) {
                    return Some(Value::Text(text.to_string()));
                }
                let hint = match suggest(text, words) {
                    Some(hint) if hint.starts_with("did") => format!("{hint} One of: {}", words.join(", ")),
                    _ => format!("one of: {}", words.join(", ")),
                };
                self.fault(node.at, format!("`{path}` is `{text}`, which is no {}", field.unit), hint);
                None
            }
            Kind::Month => self.month(node, path).map(Value::Month),
            Kind::Keyed => {
                let tree = self.table(node, path)?;
                let mut map = Keyed::new();
                for entry in &tree.entries {
                    let path = join(path, &entry.name);
                    let x = self.number(&entry.node, &path);
                    if let Some(x) = x.filter(|x| self.within(entry.node.at, *x, &path, field)) {
                        map.insert(entry.name.clone(), x);
                    }
                }
                Some(Value::Keyed(map))
            }
        }
    }

    /// A strategy: one variant with its parameters.
    pub fn strategy(&mut self, node: &Node, path: &str, variants: &[Variant]) -> Option<Setting> {
        let names: Vec<&str> = variants.iter().map(|v| v.name).collect();
        let example = format!("write one of {} with its parameters, for example {} = {{}}", names.join(", "), names[0]);
        let tree = match &node.what {
            What::Table(tree) => tree,
            _ => {
                let names = names.join(", ");
                self.fault(
                    node.at,
                    format!("`{path}` is {}", node.kind()),
                    format!(
                        "one of {names} with its parameters would do, for example {{ {} = {{}} }}",
                        variants[0].name
                    ),
                );
                return None;
            }
        };
        let [entry] = &tree.entries[..] else {
            let message = match tree.entries.len() {
                0 => format!("`{path}` names no strategy"),
                _ => format!("`{path}` names more than one strategy"),
            };
            let at = tree.entries.get(1).map_or(node.at, |e| e.name_at);
            self.fault(at, message, example);
            return None;
        };
        let Some(variant) = names.iter().position(|n| *n == entry.name) else {
            let message = format!("there is no strategy `{}` for {path}", entry.name);
            self.fault(entry.name_at, message, suggest(&entry.name, &names));
            return None;
        };
        let path = join(path, &entry.name);
        let table = self.table(&entry.node, &path)?;
        let fields = (variants[variant].fields)();
        let names: Vec<&str> = fields.iter().map(|f| f.name).collect();
        self.only_keys(table, &path, &names);
        let mut values = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            if let Some(node) = table.get(field.name)
                && let Some(value) = self.value(node, &join(&path, field.name), field)
            {
                values.push((index, value));
            }
        }
        Some(Setting::Strategy(variant, values))
    }

    /// A value for any path: of a field, an entry of a map, or a strategy.
    pub fn setting(&mut self, node: &Node, path: &str, compiled: &CompiledPath) -> Option<Setting> {
        if let Some(variants) = compiled.variants() {
            return self.strategy(node, path, variants);
        }
        let field = compiled.field()?;
        if compiled.is_entry() {
            let x = self.number(node, path)?;
            return self.within(node.at, x, path, field).then_some(Setting::Entry(x));
        }
        self.value(node, path, field).map(Setting::Value)
    }
}

/// What an unknown key may have been meant for: the name that it is like, or anything in its table.
fn meant(entry: &Entry, within: &str, names: &[&str]) -> String {
    nearest(&entry.name, names.iter().copied()).map_or_else(|| within.to_string(), |name| join(within, name))
}

/// The unit of a field in brackets; nothing for a pure number.
fn unit(field: &Field) -> String {
    if field.unit == "1" { String::new() } else { format!(" ({})", field.unit) }
}

/// Reads all values; agents stand in the order of their draw keys.
pub fn parameters(merged: &Merged, reader: &mut Reader<'_>) -> Parameters {
    let mut parameters = Parameters::default();
    for entry in &merged.tree.entries {
        if HEADS.contains(&entry.name.as_str()) || entry.name == "sweep" {
            continue;
        }
        if let Some(group) = group(&entry.name) {
            read_group(reader, &mut parameters, group, entry);
        } else if TABLES.iter().any(|t| t.prefix == entry.name) {
            match reader.table(&entry.node, &entry.name) {
                Some(tree) => read_tables(reader, &mut parameters, TABLES, 0, tree, &entry.name, ""),
                None => reader.unsound.push(entry.name.clone()),
            }
        } else {
            let names: Vec<&str> = top_level().into_iter().chain(HEADS).chain(["sweep"]).collect();
            reader.unknown_key(entry, "", &names);
            // All values of a scenario stand in tables.
            if entry.node.table().is_some() {
                reader.unsound.push(meant(entry, "", &names));
            }
        }
    }
    for lab in &mut parameters.labs {
        if lab.values.identity.name.is_empty() {
            lab.values.identity.name.clone_from(&lab.id);
        }
    }
    for cloud in &mut parameters.clouds {
        if cloud.values.name.is_empty() {
            cloud.values.name.clone_from(&cloud.id);
        }
    }
    order_agents(&mut parameters);
    drop_removed(merged, &mut parameters);
    parameters
}

fn read_group(reader: &mut Reader<'_>, parameters: &mut Parameters, group: &'static Group, entry: &Entry) {
    let Some(agents) = reader.table(&entry.node, group.name) else {
        reader.unsound.push(group.name.to_string());
        return;
    };
    for agent in &agents.entries {
        let path = format!("{}.{}", group.name, agent.name);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if agent.name.is_empty() || !agent.name.chars().all(plain) {
            let hint = "small letters, digits, _ and - would do; the name shown is a value of its own".to_string();
            reader.fault(agent.name_at, format!("`{}` is no id for a {}", agent.name, group.noun), hint);
            reader.unsound.push(path);
            continue;
        }
        let Some(tree) = reader.table(&agent.node, &path) else {
            reader.unsound.push(path);
            continue;
        };
        if group.name == "labs" && parameters.labs.len() == MAX_LABS {
            let hint = format!("at most {MAX_LABS} labs would do");
            reader.fault(agent.name_at, format!("`{}` is one lab too many", agent.name), hint);
            reader.unsound.push(group.name.to_string());
            return;
        }
        group.add(parameters, &agent.name);
        let index = (group.count)(parameters) - 1;
        read_tables(reader, parameters, group.places, index, tree, "", &path);
        let Some(strategies) = tree.get("strategy").filter(|_| !group.strategies.is_empty()) else { continue };
        let path = format!("{path}.strategy");
        let families: Vec<&str> = group.strategies.iter().map(|s| s.family).collect();
        let Some(strategies) = reader.table(strategies, &path) else {
            families.iter().for_each(|family| reader.unsound.push(join(&path, family)));
            continue;
        };
        reader.only_keys(strategies, &path, &families);
        for place in group.strategies {
            let Some(node) = strategies.get(place.family) else { continue };
            let path = join(&path, place.family);
            match reader.strategy(node, &path, (place.variants)()) {
                Some(setting) => {
                    place.set(parameters, index, &setting);
                }
                None => reader.unsound.push(path),
            }
        }
    }
}

/// Reads the fields of the tables at `prefix`, and the tables below it. `before` is the path of the agent.
fn read_tables(
    reader: &mut Reader<'_>,
    parameters: &mut Parameters,
    places: &'static [Place],
    agent: usize,
    tree: &Tree,
    prefix: &str,
    before: &str,
) {
    let path = join(before, prefix);
    for entry in &tree.entries {
        let below = join(prefix, &entry.name);
        let here = places.iter().filter(|p| p.prefix == prefix);
        let field = here.clone().find_map(|p| Some((p, (p.fields)().iter().position(|f| f.name == entry.name)?)));
        if let Some((place, index)) = field {
            let path = join(before, &below);
            match reader.value(&entry.node, &path, &(place.fields)()[index]) {
                Some(value) => {
                    if let (Value::Keyed(map), Some(tree)) = (&value, entry.node.table()) {
                        let lost = tree.entries.iter().filter(|e| !map.contains_key(&e.name));
                        lost.for_each(|e| reader.unsound.push(join(&path, &e.name)));
                    }
                    place.assign(parameters, agent, index, &value);
                }
                None => reader.unsound.push(path),
            }
        } else if places.iter().any(|p| p.prefix == below) {
            let path = join(before, &below);
            match reader.table(&entry.node, &path) {
                Some(tree) => read_tables(reader, parameters, places, agent, tree, &below, before),
                None => reader.unsound.push(path),
            }
        } else if !(prefix.is_empty() && entry.name == "strategy" && before.starts_with("labs.")) {
            let fields = here.flat_map(|p| (p.fields)().iter().map(|f| f.name));
            let tables = places.iter().filter_map(|p| match prefix {
                "" => Some(p.prefix),
                prefix => p.prefix.strip_prefix(prefix)?.strip_prefix('.'),
            });
            let extra: &[&str] = if prefix.is_empty() { &["enabled"] } else { &[] };
            let strategy: &[&str] = if prefix.is_empty() && before.starts_with("labs.") { &["strategy"] } else { &[] };
            let names: Vec<&str> = fields
                .chain(tables.filter(|t| !t.is_empty()))
                .chain(extra.iter().copied())
                .chain(strategy.iter().copied())
                .collect();
            reader.unknown_key(entry, &path, &names);
            reader.unsound.push(meant(entry, &path, &names));
        }
    }
}

/// What the names in a map or list stand for: the field's path below its agent and the group it names.
pub const REFERENCES: &[(&str, &str, &str)] = &[
    ("labs", "commitments_usd", "clouds"),
    ("labs", "raised_from_clouds_usd", "clouds"),
    ("labs", "consumer_share", "jurisdictions"),
    ("labs", "value_fit", "jurisdictions"),
    ("labs", "focus", "workloads"),
    ("labs", "channels", "clouds"),
    ("labs", "absent_from", "jurisdictions"),
    ("labs", "compute.clouds", "clouds"),
    ("labs", "jurisdiction", "jurisdictions"),
    ("clouds", "stakes", "labs"),
    ("investors", "groups", "clouds"),
    ("investors", "jurisdiction", "jurisdictions"),
    ("regulators", "excluded_labs", "labs"),
    ("regulators", "banned_labs", "labs"),
    ("regulators", "banned_jurisdictions", "jurisdictions"),
    ("regulators", "export_price", "jurisdictions"),
    ("regulators", "export_supply", "jurisdictions"),
    ("labs", "red_lines", "sectors"),
];

/// Names that a reference may take.
pub fn names_of<'p>(parameters: &'p Parameters, target: &str) -> Vec<&'p str> {
    match group(target) {
        Some(group) => group.ids(parameters),
        None => WORKLOADS.to_vec(),
    }
}

/// Takes the names of removed agents out of maps and lists, so that a smaller scenario need not restate them.
fn drop_removed(merged: &Merged, parameters: &mut Parameters) {
    for (target, gone) in &merged.removed {
        for (owner, path, _) in REFERENCES.iter().filter(|(_, _, t)| t == target) {
            let Some(group) = GROUPS.iter().find(|g| g.name == *owner) else { continue };
            for agent in 0..(group.count)(parameters) {
                let full = format!("{owner}.{}.{path}", (group.id)(parameters, agent));
                let Ok(compiled) = compile(parameters, &full) else { continue };
                let pruned = match compiled.get(parameters) {
                    Some(Setting::Value(Value::Keyed(mut map))) => {
                        map.remove(gone);
                        Value::Keyed(map)
                    }
                    Some(Setting::Value(Value::Texts(mut list))) => {
                        list.retain(|name| name != gone);
                        Value::Texts(list)
                    }
                    _ => continue,
                };
                compiled.set(parameters, &Setting::Value(pruned));
            }
        }
    }
}
