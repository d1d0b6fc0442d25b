//! A scenario file as a tree of values that remember where they were written.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::scenario::fault::{Fault, Where};

/// A place in one of the [`Layers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    layer: usize,
    start: usize,
    end: usize,
}

impl Spot {
    /// The beginning of the file asked for.
    pub const FIRST: Spot = Spot { layer: 0, start: 0, end: 0 };
    /// Whether it is in the file asked for, which is read first, and not in one of its parents.
    pub fn is_own(self) -> bool {
        self.layer == 0
    }
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where.
    pub at: Spot,
    /// What.
    pub what: What,
}

/// A value as the file writes it.
#[derive(Clone, Debug)]
pub enum What {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// A floating-point number.
    Number(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A date or a time of day in TOML's own notation, which no scenario uses.
    Datetime(String),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Tree),
}

impl Node {
    /// The table, if it is one.
    pub fn table(&self) -> Option<&Tree> {
        match &self.what {
            What::Table(tree) => Some(tree),
            _ => None,
        }
    }
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.what {
            What::Text(text) => Some(text),
            _ => None,
        }
    }
    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self.what {
            What::Text(_) => "text",
            What::Integer(_) => "a whole number",
            What::Number(_) => "a number",
            What::Flag(_) => "true or false",
            What::Datetime(_) => "a date without quotes",
            What::List(_) => "a list",
            What::Table(_) => "a table",
        }
    }
}

/// A key of a table, with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub name: String,
    /// Where the key was written.
    pub name_at: Spot,
    /// The value.
    pub node: Node,
}

/// A table: entries in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The entries.
    pub entries: Vec<Entry>,
}

impl Tree {
    /// The entry with this name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.name == name)
    }
    /// The value with this name.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entry(name).map(|e| &e.node)
    }
    /// The value with this name.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|e| e.name == name).map(|e| &mut e.node)
    }
    /// Takes out the entry with this name.
    pub fn remove(&mut self, name: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|e| e.name == name)?;
        Some(self.entries.remove(at))
    }
    /// Puts an entry in the place of the one with its name, or at the end.
    pub fn put(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|e| e.name == entry.name) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }
    /// The entry at a path, or the deepest one on the way to it.
    pub fn towards(&self, path: &str) -> Option<&Entry> {
        let (head, rest) = path.split_once('.').unwrap_or((path, ""));
        let entry = self.entry(head)?;
        match entry.node.table() {
            Some(tree) if !rest.is_empty() => tree.towards(rest).or(Some(entry)),
            _ => Some(entry),
        }
    }
}

enum Origin {
    File { name: String, text: String },
    Set(String),
}

/// The texts that a scenario was read from, from which places get line and column.
#[derive(Default)]
pub struct Layers {
    layers: Vec<Origin>,
}

impl Layers {
    /// Reads a file; the error is a fault of syntax, with its place.
    pub fn read(&mut self, name: &str, text: &str) -> Result<Node, Fault> {
        let layer = self.layers.len();
        self.layers.push(Origin::File { name: name.to_string(), text: text.to_string() });
        match DeTable::parse(text) {
            Ok(table) => {
                let at = spot(layer, table.span());
                Ok(Node { at, what: What::Table(tree(layer, table.get_ref())) })
            }
            Err(error) => {
                let at = spot(layer, error.span().unwrap_or(0..0));
                Err(self.fault(at, error.message().trim().replace('\n', ", "), None))
            }
        }
    }

    /// Reads the value of `--set PATH=VALUE`; a bare word is text.
    pub fn read_set(&mut self, path: &str, value: &str) -> Result<Node, Fault> {
        let layer = self.layers.len();
        self.layers.push(Origin::Set(path.to_string()));
        let parsed = DeTable::parse(&format!("value = {value}")).ok().and_then(|table| {
            // More than one entry: the value ran on into another line.
            let table = table.into_inner();
            (table.len() == 1).then(|| table.iter().next().map(|(_, v)| node(layer, v))).flatten()
        });
        let bare = !value.is_empty() && !value.contains(['"', '\'', '=', '{', '}', '[', ']', '\n']);
        match parsed {
            Some(node) => Ok(node),
            None if bare => Ok(Node { at: spot(layer, 0..0), what: What::Text(value.to_string()) }),
            None => {
                let hint = "write a number, a word, \"text\", [\"a\", \"list\"] or { a = \"table\" }";
                Err(self.fault(spot(layer, 0..0), format!("`{value}` is no value"), Some(hint.to_string())))
            }
        }
    }

    /// A fault at this place.
    pub fn fault(&self, at: Spot, message: impl Into<String>, hint: Option<String>) -> Fault {
        let place = match &self.layers[at.layer] {
            Origin::Set(path) => Where::Set(path.clone()),
            Origin::File { name, text } => {
                let start = at.start.min(text.len());
                let line_start = text[..start].rfind('\n').map_or(0, |i| i + 1);
                let line_end = text[start..].find('\n').map_or(text.len(), |i| start + i);
                let end = at.end.clamp(start, line_end);
                Where::File {
                    name: name.clone(),
                    line: text[..line_start].matches('\n').count() + 1,
                    column: text[line_start..start].chars().count() + 1,
                    text: text[line_start..line_end].trim_end().to_string(),
                    width: text[start..end].trim_end().chars().count().max(1),
                }
            }
        };
        Fault { place, message: message.into(), hint }
    }

    /// The place of a part of a text (in bytes of the text); the whole of it where it is not written letter for letter.
    pub fn within(&self, node: &Node, part: Range<usize>) -> Spot {
        let begin = node.text().and_then(|text| self.written(node.at).find(text));
        let Some(begin) = begin else { return node.at };
        let start = node.at.start + begin;
        Spot { layer: node.at.layer, start: start + part.start, end: start + part.end }
    }

    /// What stands at this place, as it was written.
    pub fn written(&self, at: Spot) -> &str {
        match &self.layers[at.layer] {
            Origin::File { text, .. } => text.get(at.start..at.end).unwrap_or_default(),
            Origin::Set(_) => "",
        }
    }
}

fn spot(layer: usize, span: Range<usize>) -> Spot {
    Spot { layer, start: span.start, end: span.end }
}

fn tree(layer: usize, table: &DeTable<'_>) -> Tree {
    let entries = table.iter().map(|(key, value)| Entry {
        name: key.get_ref().to_string(),
        name_at: spot(layer, key.span()),
        node: node(layer, value),
    });
    Tree { entries: entries.collect() }
}

fn node(layer: usize, value: &Spanned<DeValue<'_>>) -> Node {
    let what = match value.get_ref() {
        DeValue::String(text) => What::Text(text.to_string()),
        // A literal beyond 128 bits is beyond every bound, as infinity is.
        DeValue::Integer(n) => {
            i128::from_str_radix(n.as_str(), n.radix()).map_or(What::Number(f64::INFINITY), What::Integer)
        }
        DeValue::Float(x) => What::Number(x.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(b) => What::Flag(*b),
        DeValue::Datetime(d) => What::Datetime(d.to_string()),
        DeValue::Array(list) => What::List(list.iter().map(|v| node(layer, v)).collect()),
        DeValue::Table(table) => What::Table(tree(layer, table)),
    };
    Node { at: spot(layer, value.span()), what }
}
