//! What a scenario says beside its values and its claims: figures to be drawn, sources, a sweep.

use std::collections::BTreeMap;

use crate::scenario::document::{Node, Spot, Tree, What};
use crate::scenario::fault::suggest;
use crate::scenario::nodes::{Unresolved, compile};
use crate::scenario::parameters::Parameters;
use crate::scenario::read::Reader;

/// A figure that a scenario asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureSpec {
    /// Kind of figure, for example `fan`.
    pub kind: String,
    /// Metric path; `*` stands for every agent: `labs.*.enterprise_share`.
    pub metric: String,
    /// Second metric, for a joint density; may be empty.
    pub against: String,
    /// Title; may be empty.
    pub title: String,
    /// Whether the axis is logarithmic; `None` leaves it to the kind of figure.
    pub log: Option<bool>,
}

/// How well a value is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Read off a source.
    Observed,
    /// Arithmetic on observed figures.
    Derived,
    /// A judgement, or the literature.
    Prior,
}

impl Basis {
    /// The word that a scenario file uses.
    pub fn word(self) -> &'static str {
        match self {
            Basis::Observed => "observed",
            Basis::Derived => "derived",
            Basis::Prior => "prior",
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// How well it is known.
    pub basis: Basis,
    /// The source in words.
    pub text: String,
}

/// Sources by path; for any other path the source of its field holds.
pub type Sources = BTreeMap<String, Source>;

/// A sweep that a file asks for: which paths are varied, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepSpec {
    /// Design, for example `grid`; may be empty for the usual one.
    pub design: String,
    /// Number of points, where the design does not give it.
    pub points: Option<u64>,
    /// (path, spec of its values) in the order of the file.
    pub vary: Vec<(String, String)>,
}

/// The tables of a list, each with its place. Anything else in the list was refused before, or is here.
pub(super) fn tables<'n>(reader: &mut Reader<'_>, node: Option<&'n Node>, name: &str) -> Vec<(&'n Tree, Spot)> {
    let Some(node) = node else { return Vec::new() };
    let What::List(list) = &node.what else {
        reader.wrong_type(node, name, &format!("[[{name}]] with keys below it"));
        return Vec::new();
    };
    list.iter().filter_map(|n| Some((reader.table(n, name)?, n.at))).collect()
}

pub(super) fn text(reader: &mut Reader<'_>, tree: &Tree, key: &str) -> String {
    match tree.get(key) {
        Some(node) => reader.text(node, key).unwrap_or_default().to_string(),
        None => String::new(),
    }
}

pub(super) fn needed(reader: &mut Reader<'_>, tree: &Tree, at: Spot, key: &str, of: &str) -> String {
    if tree.get(key).is_none() {
        reader.fault(at, format!("{of} has no `{key}`"), None);
    }
    text(reader, tree, key)
}

pub(super) fn flag(reader: &mut Reader<'_>, tree: &Tree, key: &str) -> Option<bool> {
    let node = tree.get(key)?;
    match node.what {
        What::Flag(b) => Some(b),
        _ => {
            reader.wrong_type(node, key, "true or false");
            None
        }
    }
}

/// Kinds of figures.
pub const FIGURE_KINDS: &[&str] = &["fan", "lines", "distribution", "joint"];

/// Reads `[[figure]]`.
pub fn figures(reader: &mut Reader<'_>, node: Option<&Node>) -> Vec<FigureSpec> {
    let mut figures = Vec::new();
    for (tree, at) in tables(reader, node, "figure") {
        reader.only_keys(tree, "figure", &["kind", "metric", "against", "title", "log"]);
        let kind = needed(reader, tree, at, "kind", "this figure");
        if let Some(node) = tree.get("kind")
            && !kind.is_empty()
            && !FIGURE_KINDS.contains(&kind.as_str())
        {
            reader.fault(node.at, format!("there is no kind of figure `{kind}`"), suggest(&kind, FIGURE_KINDS));
        }
        figures.push(FigureSpec {
            kind,
            metric: needed(reader, tree, at, "metric", "this figure"),
            against: text(reader, tree, "against"),
            title: text(reader, tree, "title"),
            log: flag(reader, tree, "log"),
        });
    }
    figures
}

/// Reads `[sources]`.
pub fn sources(reader: &mut Reader<'_>, tree: Option<&Tree>, parameters: &Parameters) -> Sources {
    let mut sources = Sources::new();
    for entry in tree.iter().flat_map(|t| &t.entries) {
        if let Err(Unresolved { within, .. }) = compile(parameters, &entry.name)
            // A strategy that is not in force may keep its source.
            && !within.contains(".strategy.")
        {
            reader.compile(parameters, &entry.name, entry.name_at);
            continue;
        }
        let example = "write { observed = \"...\" }, { derived = \"...\" } or { prior = \"...\" }".to_string();
        let Some([inner]) = entry.node.table().map(|t| &t.entries[..]) else {
            reader.fault(entry.node.at, format!("the source of `{}` is no table of one entry", entry.name), example);
            continue;
        };
        let basis = match inner.name.as_str() {
            "observed" => Basis::Observed,
            "derived" => Basis::Derived,
            "prior" => Basis::Prior,
            _ => {
                reader.unknown_key(inner, "a source", &["observed", "derived", "prior"]);
                continue;
            }
        };
        if let Some(text) = reader.text(&inner.node, &inner.name) {
            sources.insert(entry.name.clone(), Source { basis, text: text.to_string() });
        }
    }
    sources
}

/// Reads `[sweep]`.
pub fn sweep(reader: &mut Reader<'_>, node: Option<&Node>, parameters: &Parameters) -> Option<SweepSpec> {
    let tree = reader.table(node?, "sweep")?;
    reader.only_keys(tree, "sweep", &["design", "points", "vary"]);
    let points = tree.get("points").and_then(|node| match node.what {
        What::Integer(n) if n > 0 => u64::try_from(n).ok(),
        _ => {
            reader.wrong_type(node, "points", "a whole number above 0");
            None
        }
    });
    let mut vary = Vec::new();
    if let Some(node) = tree.get("vary") {
        for entry in reader.table(node, "vary").into_iter().flat_map(|t| &t.entries) {
            reader.compile(parameters, &entry.name, entry.name_at);
            if let Some(spec) = reader.text(&entry.node, &entry.name) {
                vary.push((entry.name.clone(), spec.to_string()));
            }
        }
    }
    Some(SweepSpec { design: text(reader, tree, "design"), points, vary })
}
