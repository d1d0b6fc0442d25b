//! Overlays: a scenario laid over its parent, and single values laid over both.
//!
//! A table merges key by key. A strategy table is replaced whole. Events and claims merge by id, uncertain
//! values and sources by path; figures replace the inherited list. A value set later removes the draw and
//! the source that were inherited for it.

use std::path::{Path, PathBuf};

use crate::scenario::document::{Entry, Layers, Node, Spot, Tree, What};
use crate::scenario::fault::{Fault, is_slip, nearest, suggest};
use crate::scenario::nodes::group;
use crate::scenario::shipped;
use crate::scenario::unsound::Unsound;

/// A scenario with all its parents and overlays merged.
pub struct Merged {
    /// Texts of all layers.
    pub layers: Layers,
    /// The merged table.
    pub tree: Tree,
    /// Name of the file asked for, or of the shipped scenario.
    pub file: String,
    /// Agents removed by `enabled = false`: (group, id).
    pub removed: Vec<(String, String)>,
    /// Faults of the files and of what is laid over them; what is at fault is left out, and the rest is read on.
    pub faults: Vec<Fault>,
    /// Paths of values that were left out, and of agents of which it is not said whether they are in.
    pub unsound: Unsound,
    /// New agents whose id is all but that of an inherited one.
    pub lookalikes: Vec<Lookalike>,
}

/// A new agent that may be a misspelt old one.
pub struct Lookalike {
    /// Its path, for example `labs.opneai`.
    pub path: String,
    /// The inherited id that it is like.
    pub like: String,
}

impl Lookalike {
    /// What is said of it.
    pub fn told(&self) -> String {
        format!("`{}` is new; did you mean `{}`?", self.path, self.like)
    }
    /// Adds that to a fault of the agent, or of a sum over its group.
    pub fn hint(&self, fault: &mut Fault) {
        let group = self.path.split('.').next().unwrap_or_default();
        let own = fault.message.split(|c: char| c.is_whitespace() || "`,:".contains(c));
        let below =
            |word: &str| word.strip_prefix(&self.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if own.into_iter().any(below) || fault.message.contains(&format!("of all {group}")) {
            let before = fault.hint.take().map_or(String::new(), |hint| format!("{hint}; "));
            fault.hint = Some(before + &self.told());
        }
    }
}

/// Keys at the top of a file that are no tables of values.
pub const HEADS: [&str; 9] =
    ["extends", "name", "description", "uncertain", "event", "claim", "figure", "sources", "game"];

struct Found {
    name: String,
    text: String,
    folder: Option<PathBuf>,
}

/// Why a scenario was not found.
struct Missing {
    message: String,
    /// Whether its name may be another one misspelt.
    unknown: bool,
}

impl Missing {
    fn unreadable(message: String) -> Missing {
        Missing { message, unknown: false }
    }
    fn unknown(what: &str) -> Missing {
        Missing { message: format!("there is no scenario `{what}`"), unknown: true }
    }
    fn hint(&self, what: &str) -> Option<String> {
        let names: Vec<&str> = shipped::names().collect();
        self.unknown.then(|| suggest(what, &names)).flatten()
    }
}

/// The text of a file.
fn text_of(path: &Path) -> Result<String, Missing> {
    let unread = |e| Missing::unreadable(format!("`{}` cannot be read: {e}", path.display()));
    let bytes = std::fs::read(path).map_err(unread)?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let line = e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
        Missing::unreadable(format!("`{}` is no text in UTF-8: see line {line}, byte {}", path.display(), at + 1))
    })
}

/// Finds a scenario: a file, then the shipped ones.
fn find(what: &str, beside: Option<&Path>) -> Result<Found, Missing> {
    let mut candidates = Vec::new();
    let with_ending = |p: PathBuf| {
        let mut ended = p.clone().into_os_string();
        ended.push(".toml");
        [p, PathBuf::from(ended)]
    };
    match beside {
        Some(folder) => candidates.extend(with_ending(folder.join(what))),
        // A bare name is a shipped scenario first; a file of that name is written with its ending or a folder.
        None if shipped::text(what).is_some() => {}
        None => candidates.extend(with_ending(PathBuf::from(what))),
    }
    let folder = candidates.first().filter(|path| path.is_dir()).cloned();
    for path in candidates {
        if path.is_file() {
            let text = text_of(&path)?;
            let folder = path.parent().map(Path::to_path_buf);
            return Ok(Found { name: path.display().to_string(), text, folder });
        }
    }
    // `scenarios/baseline.toml` means the shipped one where that folder is not at hand.
    let bare = what.strip_prefix("scenarios/").unwrap_or(what);
    let bare = bare.strip_suffix(".toml").unwrap_or(bare);
    match shipped::text(bare) {
        Some(text) => Ok(Found { name: format!("{bare}.toml"), text: text.to_string(), folder: None }),
        None => Err(match folder {
            Some(folder) => {
                Missing::unreadable(format!("`{}` is a folder, not a scenario: name a file in it", folder.display()))
            }
            None => Missing::unknown(what),
        }),
    }
}

/// Reads a scenario with its parents and lays `overlays` (path, value) over it.
pub fn load(what: &str, overlays: &[(String, String)]) -> Result<Merged, Vec<Fault>> {
    let found = find(what, None).map_err(|missing| vec![Fault::whole(what, &*missing.message, missing.hint(what))])?;
    load_found(found, overlays)
}

/// Reads a scenario from its text; parents are the shipped ones.
pub fn load_text(name: &str, text: &str, overlays: &[(String, String)]) -> Result<Merged, Vec<Fault>> {
    load_found(Found { name: name.to_string(), text: text.to_string(), folder: None }, overlays)
}

fn load_found(found: Found, overlays: &[(String, String)]) -> Result<Merged, Vec<Fault>> {
    let mut layers = Layers::default();
    let file = found.name.clone();
    let mut chain: Vec<(String, Tree)> = Vec::new();
    let mut next = Some(found);
    while let Some(found) = next.take() {
        let node = layers.read(&found.name, &found.text).map_err(|f| vec![f])?;
        let What::Table(mut tree) = node.what else { break };
        let parent = tree.remove("extends");
        chain.push((found.name.clone(), tree));
        if let Some(parent) = parent {
            next = Some(find_parent(&layers, &parent, &found, &chain).map_err(|f| vec![f])?);
        }
    }
    let mut merged = Tree::default();
    let (mut faults, mut lookalikes) = (Vec::new(), Vec::new());
    for (at, (_, tree)) in chain.into_iter().enumerate().rev() {
        if at == 0 {
            // A name and a description belong to one file; a child without them has none.
            merged.remove("name");
            merged.remove("description");
            lookalikes = new_and_alike(&merged, &tree);
        }
        faults.extend(lay_file(&layers, &mut merged, tree));
    }
    let mut unsound = Unsound::default();
    for (path, value) in overlays {
        let laid = layers.read_set(path, value).map(|node| lay_value(&layers, &mut merged, path, node));
        if let Some(fault) = laid.unwrap_or_else(Some) {
            faults.push(fault);
            unsound.push(path.clone());
        }
    }
    let removed = remove_disabled(&layers, &mut merged, &mut faults, &mut unsound);
    Ok(Merged { layers, tree: merged, file, removed, faults, unsound, lookalikes })
}

fn find_parent(layers: &Layers, parent: &Entry, child: &Found, chain: &[(String, Tree)]) -> Result<Found, Fault> {
    let at = parent.node.at;
    let Some(name) = parent.node.text() else {
        let what = if matches!(parent.node.what, What::List(_)) {
            "a scenario has one parent, not a list"
        } else {
            "`extends` names the parent"
        };
        let hint = "write one name, for example extends = \"baseline\"";
        return Err(layers.fault(at, what, Some(hint.to_string())));
    };
    // Beside the child first (but never the child itself), then the shipped ones.
    let beside = child.folder.as_deref().map(|folder| find(name, Some(folder)));
    let found = match beside {
        Some(Ok(found)) if found.name != child.name || shipped::text(name).is_none() => Ok(found),
        Some(Err(missing)) if shipped::text(name).is_none() => Err(missing),
        _ => match shipped::text(name) {
            Some(text) => Ok(Found { name: format!("{name}.toml"), text: text.to_string(), folder: None }),
            None => Err(Missing::unknown(name)),
        },
    };
    let found = found.map_err(|missing| layers.fault(at, &*missing.message, missing.hint(name)))?;
    if let Some(first) = chain.iter().position(|(n, _)| *n == found.name) {
        let mut circle: Vec<&str> = chain[first..].iter().map(|(n, _)| n.as_str()).collect();
        circle.push(&found.name);
        let message = format!("scenarios extend each other in a circle: {}", circle.join(" -> "));
        return Err(layers.fault(at, message, Some("let one of them stand without a parent".to_string())));
    }
    Ok(found)
}

/// Agents that a child adds under an id that is a slip of the finger away from an inherited one.
fn new_and_alike(inherited: &Tree, child: &Tree) -> Vec<Lookalike> {
    let mut alike = Vec::new();
    for entry in child.entries.iter().filter(|e| group(&e.name).is_some()) {
        let Some(old) = inherited.get(&entry.name).and_then(Node::table) else { continue };
        let agents = entry.node.table().into_iter().flat_map(|t| &t.entries);
        for id in agents.map(|a| &a.name).filter(|id| old.get(id).is_none()) {
            let like = nearest(id, old.entries.iter().map(|e| e.name.as_str()));
            // Ids that are numbered through are alike on purpose.
            let word = |id: &str| id.replace(|c: char| c.is_ascii_digit(), "");
            if let Some(like) = like.filter(|like| is_slip(id, like) && word(id) != word(like)) {
                alike.push(Lookalike { path: format!("{}.{id}", entry.name), like: like.to_string() });
            }
        }
    }
    alike
}

/// Lays a child over what is inherited.
fn lay_file(layers: &Layers, merged: &mut Tree, child: Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut set = Vec::new();
    for entry in child.entries.iter().filter(|e| !HEADS.contains(&e.name.as_str())) {
        leaf_paths(entry, "", &mut set);
    }
    if let Some(uncertain) = child.get("uncertain").and_then(Node::table) {
        forget(merged, "sources", uncertain.entries.iter().map(|e| e.name.as_str()));
    }
    forget(merged, "uncertain", set.iter().map(String::as_str));
    forget(merged, "sources", set.iter().map(String::as_str));
    for entry in child.entries {
        match (entry.name.as_str(), merged.get_mut(&entry.name)) {
            ("event" | "claim", old) => {
                let inherited = match old {
                    Some(Node { what: What::List(list), .. }) => std::mem::take(list),
                    _ => Vec::new(),
                };
                let list = merge_by_id(layers, inherited, &entry, &mut faults);
                let node = Node { at: entry.node.at, what: What::List(list) };
                merged.put(Entry { node, ..entry });
            }
            ("uncertain" | "sources", Some(Node { what: What::Table(old), .. })) => {
                if let What::Table(new) = entry.node.what {
                    new.entries.into_iter().for_each(|e| old.put(e));
                } else {
                    faults.push(wants_table(layers, &entry));
                }
            }
            ("game", Some(Node { what: What::Table(old), .. })) if entry.node.table().is_some() => {
                if let What::Table(new) = entry.node.what {
                    crate::scenario::game::merge(old, new);
                }
            }
            ("uncertain" | "sources", None) if entry.node.table().is_none() => {
                faults.push(wants_table(layers, &entry));
            }
            _ => merge_entry(merged, entry, ""),
        }
    }
    faults
}

fn wants_table(layers: &Layers, entry: &Entry) -> Fault {
    let hint = format!("write [{}] and one line a path below it", entry.name);
    layers.fault(entry.node.at, format!("`{}` is a table, not {}", entry.name, entry.node.kind()), Some(hint))
}

/// Drops the entries of a table of paths that stand at or below one of these paths.
fn forget<'p>(merged: &mut Tree, table: &str, paths: impl Iterator<Item = &'p str>) {
    if let Some(Node { what: What::Table(tree), .. }) = merged.get_mut(table) {
        for path in paths {
            tree.entries.retain(|e| e.name != path && !is_below(&e.name, path));
        }
    }
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether a path names a strategy: `<group>.<id>.strategy.<family>`.
fn is_strategy(path: &str) -> bool {
    let parts: Vec<&str> = path.split('.').collect();
    parts.len() == 4 && parts[2] == "strategy" && group(parts[0]).is_some()
}

fn leaf_paths(entry: &Entry, before: &str, paths: &mut Vec<String>) {
    let path = if before.is_empty() { entry.name.clone() } else { format!("{before}.{}", entry.name) };
    match entry.node.table() {
        Some(tree) if !is_strategy(&path) => tree.entries.iter().for_each(|e| leaf_paths(e, &path, paths)),
        _ => paths.push(path),
    }
}

fn merge_entry(into: &mut Tree, entry: Entry, before: &str) {
    let path = if before.is_empty() { entry.name.clone() } else { format!("{before}.{}", entry.name) };
    match (into.get_mut(&entry.name), entry.node.what) {
        (Some(Node { what: What::Table(old), at }), What::Table(new)) if !is_strategy(&path) => {
            *at = entry.node.at;
            new.entries.into_iter().for_each(|e| merge_entry(old, e, &path));
        }
        (_, what) => {
            let node = Node { at: entry.node.at, what };
            into.put(Entry { name: entry.name, name_at: entry.name_at, node });
        }
    }
}

/// Merges `[[event]]` or `[[claim]]` by id; one that is at fault is left out.
fn merge_by_id(layers: &Layers, mut list: Vec<Node>, entry: &Entry, faults: &mut Vec<Fault>) -> Vec<Node> {
    let name = &entry.name;
    let What::List(new) = &entry.node.what else {
        let hint = format!("write [[{name}]] and its keys below it");
        faults.push(layers.fault(entry.name_at, format!("`{name}` is a list of tables"), Some(hint)));
        return list;
    };
    let id_of = |n: &Node| n.table().and_then(|t| t.get("id")).and_then(Node::text).map(str::to_string);
    let inherited: Vec<String> = list.iter().filter_map(id_of).collect();
    let mut seen: Vec<&str> = Vec::new();
    for node in new {
        let id = node.table().and_then(|t| t.get("id")).and_then(Node::text);
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            let hint = "write id = \"some-name\"; children change or remove it by that id";
            faults.push(layers.fault(node.at, format!("this {name} has no id"), Some(hint.to_string())));
            continue;
        };
        if seen.contains(&id) {
            let at = node.table().and_then(|t| t.get("id")).map_or(node.at, |n| n.at);
            let hint = "give each an id of its own".to_string();
            faults.push(layers.fault(at, format!("two {name}s have the id `{id}`"), Some(hint)));
            continue;
        }
        seen.push(id);
        let same = |n: &Node| n.table().and_then(|t| t.get("id")).and_then(Node::text) == Some(id);
        match (list.iter().position(same), node.table().and_then(|t| t.get("enabled")).map(|n| &n.what)) {
            (Some(at), Some(What::Flag(false))) => {
                list.remove(at);
            }
            // One that says what it is was switched off where it stands; one that does not means another.
            (None, Some(What::Flag(false))) if ["test", "set", "kind"].iter().any(|k| says(node, k)) => {}
            (None, Some(What::Flag(false))) => {
                let at = node.table().and_then(|t| t.get("id")).map_or(node.at, |n| n.at);
                let known: Vec<&str> = inherited.iter().map(String::as_str).collect();
                let hint = suggest(id, &known).or(Some(format!("no {name} is inherited; take this one out")));
                faults.push(layers.fault(at, format!("there is no {name} `{id}` to switch off"), hint));
            }
            (Some(at), _) => {
                // Key by key: what the child does not say of the event stays as it was.
                if let (What::Table(old), What::Table(new)) = (&mut list[at].what, node.what.clone()) {
                    new.entries.into_iter().for_each(|e| old.put(e));
                }
            }
            (None, _) => list.push(node.clone()),
        }
    }
    list
}

fn says(node: &Node, key: &str) -> bool {
    node.table().is_some_and(|t| t.get(key).is_some())
}

/// Lays one value over the tree, as `--set` and sweeps do.
fn lay_value(layers: &Layers, merged: &mut Tree, path: &str, node: Node) -> Option<Fault> {
    let parts: Vec<&str> = path.split('.').collect();
    let at = node.at;
    if parts.iter().any(|p| p.is_empty()) {
        return Some(layers.fault(at, format!("`{path}` is no path"), None));
    }
    if HEADS.contains(&parts[0]) && !matches!(parts[..], ["name" | "description"]) {
        let hint = "only values can be set this way; write a file that extends the scenario";
        return Some(layers.fault(at, format!("`{path}` is not a value"), Some(hint.to_string())));
    }
    if let (Some(group), Some(id)) = (group(parts[0]), parts.get(1)) {
        // Only `extends` adds agents: a misspelt id must not make one.
        let ids: Vec<&str> = match merged.get(group.name).and_then(Node::table) {
            Some(tree) => tree.entries.iter().map(|e| e.name.as_str()).collect(),
            None => Vec::new(),
        };
        if !ids.contains(id) {
            return Some(layers.fault(at, format!("there is no {} `{id}`", group.noun), suggest(id, &ids)));
        }
    }
    let mut set = Vec::new();
    let name = parts[parts.len() - 1].to_string();
    let entry = Entry { name, name_at: at, node };
    leaf_paths(&entry, &parts[..parts.len() - 1].join("."), &mut set);
    forget(merged, "uncertain", set.iter().map(String::as_str));
    forget(merged, "sources", set.iter().map(String::as_str));
    let mut tree = merged;
    for (depth, part) in parts[..parts.len() - 1].iter().enumerate() {
        let fresh = || Node { at, what: What::Table(Tree::default()) };
        if tree.get(part).is_none() {
            tree.put(Entry { name: (*part).to_string(), name_at: at, node: fresh() });
        }
        tree = match tree.get_mut(part) {
            Some(Node { what: What::Table(below), .. }) => below,
            _ => {
                let above = parts[..=depth].join(".");
                return Some(layers.fault(at, format!("`{above}` is a value; nothing stands below it"), None));
            }
        };
    }
    merge_entry(tree, entry, &parts[..parts.len() - 1].join("."));
    None
}

/// Takes out agents with `enabled = false`, with the draws and sources that were theirs.
fn remove_disabled(
    layers: &Layers,
    merged: &mut Tree,
    faults: &mut Vec<Fault>,
    unsound: &mut Unsound,
) -> Vec<(String, String)> {
    let mut removed = Vec::new();
    for entry in &mut merged.entries {
        let (Some(group), What::Table(agents)) = (group(&entry.name), &mut entry.node.what) else { continue };
        agents.entries.retain_mut(|agent| {
            let What::Table(values) = &mut agent.node.what else { return true };
            match values.remove("enabled").map(|e| e.node) {
                None | Some(Node { what: What::Flag(true), .. }) => true,
                Some(Node { what: What::Flag(false), .. }) => {
                    removed.push((group.name.to_string(), agent.name.clone()));
                    false
                }
                Some(node) => {
                    let hint = Some("true or false would do".to_string());
                    faults.push(layers.fault(node.at, format!("`enabled` is {}", node.kind()), hint));
                    unsound.push(format!("{}.{}", group.name, agent.name));
                    true
                }
            }
        });
    }
    let paths: Vec<String> = removed.iter().map(|(group, id)| format!("{group}.{id}")).collect();
    forget(merged, "uncertain", paths.iter().map(String::as_str));
    forget(merged, "sources", paths.iter().map(String::as_str));
    removed
}

/// A place for faults of the scenario as a whole: the head of the merged table.
pub fn head(tree: &Tree) -> Option<Spot> {
    tree.entries.first().map(|e| e.name_at)
}
