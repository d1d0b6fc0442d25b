//! What a scenario says beside its values and its claims: figures to be drawn, sources, a sweep.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::scenario::document::{Node, Spot, Tree, What};
use crate::scenario::fault::{Fault, Where, suggest};
use crate::scenario::nodes::{Unresolved, compile};
use crate::scenario::parameters::Parameters;
use crate::scenario::read::Reader;

/// A figure that a scenario asks for.
#[derive(Clone, Debug)]
pub struct FigureSpec {
    /// Kind of figure, for example `fan`.
    pub kind: String,
    /// Metric path; `*` stands for every agent: `labs.*.enterprise_share`. Several are parted by commas, two of a joint
    /// density also by `×` or ` x `; empty for a kind that takes none.
    pub metric: String,
    /// One more metric, the second of a joint density; may be empty.
    pub against: String,
    /// Title; may be empty.
    pub title: String,
    /// Whether axes of values are logarithmic; `None` leaves it to the kind of figure.
    pub log: Option<bool>,
    /// Where it was written.
    place: Where,
    /// Every metric path that it names, and where that was written.
    paths: Vec<(String, Where)>,
}

impl PartialEq for FigureSpec {
    // Where it was written is not what it says.
    fn eq(&self, other: &FigureSpec) -> bool {
        let same = self.kind == other.kind && self.metric == other.metric && self.against == other.against;
        same && self.title == other.title && self.log == other.log
    }
}

impl FigureSpec {
    /// The metric paths that it names, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(|(path, _)| path.as_str())
    }
    /// A fault of the figure as a whole.
    pub fn fault(&self, message: impl Into<String>, hint: Option<String>) -> Fault {
        Fault { place: self.place.clone(), message: message.into(), hint }
    }
    /// A fault of its metric path with this number.
    pub fn fault_of_path(&self, nth: usize, message: impl Into<String>, hint: Option<String>) -> Fault {
        let place = self.paths.get(nth).map_or(&self.place, |(_, place)| place);
        Fault { place: place.clone(), message: message.into(), hint }
    }
}

/// Where the metric paths stand in the text of a figure's metric, in bytes.
fn parted(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = 0;
    while from <= text.len() {
        let rest = &text[from..];
        let signs = [",", "×", " x "].into_iter().filter_map(|sign| Some((rest.find(sign)?, sign.len())));
        let (length, sign) = signs.min().unwrap_or((rest.len(), 1));
        let before = rest[..length].len() - rest[..length].trim_start().len();
        let path = rest[..length].trim();
        ranges.push(from + before..from + before + path.len());
        from += length + sign;
    }
    if text.trim().is_empty() { Vec::new() } else { ranges }
}

/// The metric paths in the text of a figure's metric.
pub fn metric_paths(text: &str) -> impl Iterator<Item = &str> {
    parted(text).into_iter().map(|range| &text[range])
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

/// Kinds of figures, and how many metrics each takes, at least and at most. Those that take none are drawn where a scenario asks
/// for no figure.
pub const FIGURE_KINDS: &[(&str, Range<usize>)] = &[
    ("share_fan", 0..1),
    ("valuation_fan", 0..1),
    ("run_rate_fan", 0..1),
    ("capability_race", 0..1),
    ("trust", 0..1),
    ("joint_horizon", 0..1),
    ("distribution_horizon", 0..1),
    ("who_wins", 0..1),
    ("who_profits", 0..1),
    ("concentration", 0..1),
    ("funding_runway", 0..1),
    ("fan", 1..2),
    ("lines", 1..2),
    ("joint", 2..3),
    ("distribution", 1..4),
];

/// The words of the kinds of figures.
pub fn figure_kinds() -> Vec<&'static str> {
    FIGURE_KINDS.iter().map(|(word, _)| *word).collect()
}

/// Reads `[[figure]]`, and what is to be noted of them. What metrics there are is known on a higher floor, which checks the paths.
pub fn figures(reader: &mut Reader<'_>, node: Option<&Node>) -> (Vec<FigureSpec>, Vec<String>) {
    let (mut figures, mut notes) = (Vec::new(), Vec::new());
    let kinds = figure_kinds();
    for (tree, at) in tables(reader, node, "figure") {
        reader.only_keys(tree, "figure", &["kind", "metric", "against", "title", "log"]);
        let kind = needed(reader, tree, at, "kind", "this figure");
        if let Some(node) = tree.get("kind")
            && !kinds.contains(&kind.as_str())
            && node.text().is_some()
        {
            reader.fault(node.at, format!("there is no kind of figure `{kind}`"), suggest(&kind, &kinds));
        }
        let mut paths = Vec::new();
        for node in ["metric", "against"].into_iter().filter_map(|key| tree.get(key)) {
            for range in parted(node.text().unwrap_or_default()) {
                let path = node.text().unwrap_or_default()[range.clone()].to_string();
                paths.push((path, reader.layers.fault(reader.layers.within(node, range), "", None).place));
            }
        }
        let gone = |(path, _): &(String, Where)| {
            let removed = |(group, id): &&(String, String)| path.starts_with(&format!("{group}.{id}."));
            reader.removed.iter().find(removed).map(|(group, id)| format!("{group}.{id}"))
        };
        if let Some(agent) = paths.iter().find_map(gone).filter(|_| !at.is_own()) {
            notes.push(format!("the inherited figure `{kind}` of {agent}, which is removed, is left out"));
            continue;
        }
        figures.push(FigureSpec {
            kind,
            metric: text(reader, tree, "metric"),
            against: text(reader, tree, "against"),
            title: text(reader, tree, "title"),
            log: flag(reader, tree, "log"),
            place: reader.layers.fault(at, "", None).place,
            paths,
        });
    }
    (figures, notes)
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
