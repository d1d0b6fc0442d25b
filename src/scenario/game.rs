//! `[game]`: labs as players, the strategies that each may choose, and what a strategy sets.
//!
//! A strategy is a list of paths below a lab with their values, so that several labs may share it. Each combination of
//! strategies, a profile, is the scenario with the values of all chosen strategies laid over it.

use crate::scenario::document::{Entry, Node, Spot, Tree, What};
use crate::scenario::fault::suggest;
use crate::scenario::notes::text;
use crate::scenario::parameters::Parameters;
use crate::scenario::read::Reader;
use crate::scenario::resolve;

/// What a game may be decided by.
pub const PAYOFFS: [&str; 3] = ["value", "share", "survival"];
/// Most profiles of a game: a judgement; at 1,000 runs each it is ten million runs, the most of any scenario.
pub const MOST_PROFILES: u64 = 10_000;

/// A game that a scenario asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GameSpec {
    /// The payoff that decides the equilibria, one of [`PAYOFFS`].
    pub payoff: String,
    /// The players in the order of the file.
    pub players: Vec<Player>,
    /// The strategies in the order of the file.
    pub strategies: Vec<Strategy>,
}

/// A lab that chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Player {
    /// Id of the lab.
    pub lab: String,
    /// Names of its strategies, two or more.
    pub strategies: Vec<String>,
}

/// What a lab does that has chosen a strategy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strategy {
    /// The lab whose own it is; empty for a strategy of any lab.
    pub lab: String,
    /// Name.
    pub name: String,
    /// What it means, in words; may be empty.
    pub text: String,
    /// (Path below the lab, value as TOML) in the order of the file; empty leaves the lab as it is.
    pub set: Vec<(String, String)>,
}

impl GameSpec {
    /// The strategy of a name as a lab plays it: its own before that of all.
    pub fn strategy(&self, lab: &str, name: &str) -> Option<&Strategy> {
        let of = |owner: &str| self.strategies.iter().find(|s| s.lab == owner && s.name == name);
        of(lab).or_else(|| of(""))
    }
    /// Names of the strategies that a lab may play.
    pub fn names_for(&self, lab: &str) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for s in self.strategies.iter().filter(|s| s.lab.is_empty() || s.lab == lab) {
            if !names.contains(&s.name.as_str()) {
                names.push(&s.name);
            }
        }
        names
    }
    /// The (path, value) that a profile lays over the scenario: `choice` holds the number of each player's strategy.
    pub fn overlays(&self, choice: &[usize]) -> Vec<(String, String)> {
        let mut overlays = Vec::new();
        for (player, &chosen) in self.players.iter().zip(choice) {
            let strategy = player.strategies.get(chosen).and_then(|name| self.strategy(&player.lab, name));
            let set = strategy.into_iter().flat_map(|s| &s.set);
            overlays.extend(set.map(|(path, value)| (format!("labs.{}.{path}", player.lab), value.clone())));
        }
        overlays
    }
    /// What is wrong with the players, as (number of the player, message, hint); the place is for the caller to say.
    pub fn faults(&self, parameters: &Parameters) -> Vec<(Option<usize>, String, Option<String>)> {
        let mut faults = Vec::new();
        let labs: Vec<&str> = parameters.labs.iter().map(|lab| lab.id.as_str()).collect();
        for (at, player) in self.players.iter().enumerate() {
            let lab = &player.lab;
            if !labs.contains(&lab.as_str()) {
                faults.push((Some(at), format!("there is no lab `{lab}` to play"), suggest(lab, &labs)));
                continue;
            }
            if self.players[..at].iter().any(|p| p.lab == *lab) {
                faults.push((Some(at), format!("`{lab}` plays twice"), Some("one list of strategies a lab".into())));
            }
            let names = self.names_for(lab);
            let before = faults.len();
            for (k, name) in player.strategies.iter().enumerate() {
                if !names.contains(&name.as_str()) {
                    let message = format!("there is no strategy `{name}` for `{lab}`");
                    faults.push((Some(at), message, suggest(name, &names)));
                } else if player.strategies[..k].contains(name) {
                    faults.push((Some(at), format!("`{lab}` has the strategy `{name}` twice"), None));
                }
            }
            if player.strategies.len() < 2 && faults.len() == before {
                let message = format!("`{lab}` has nothing to choose from");
                faults.push((Some(at), message, Some("two strategies or more would do".into())));
            }
        }
        if self.players.len() < 2 {
            let hint = "name two labs or more, for example players = { openai = [\"scale\", \"trust\"], anthropic = [\"scale\", \"trust\"] }";
            faults.push((None, "a game needs two players or more".into(), Some(hint.into())));
        }
        let profiles = self.players.iter().try_fold(1u64, |n, p| n.checked_mul(p.strategies.len() as u64));
        if profiles.is_none_or(|n| n > MOST_PROFILES) {
            let message = format!("the game has {} profiles", profiles.map_or("too many".into(), |n| n.to_string()));
            faults.push((None, message, Some(format!("at most {MOST_PROFILES} combinations of strategies would do"))));
        }
        faults
    }
}

/// Lays `[game]` of a child over the inherited one: payoff and players are replaced, strategies by name and each whole.
pub fn merge(old: &mut Tree, new: Tree) {
    for entry in new.entries {
        match (entry.name.as_str(), old.get_mut(&entry.name), entry.node.what) {
            ("strategies", Some(Node { what: What::Table(old), at }), What::Table(new)) => {
                *at = entry.node.at;
                for strategy in new.entries {
                    merge_strategy(old, strategy);
                }
            }
            (_, _, what) => old.put(Entry { node: Node { at: entry.node.at, what }, ..entry }),
        }
    }
}

/// A table without `set` holds the strategies of one lab, which merge by name too.
fn merge_strategy(old: &mut Tree, entry: Entry) {
    let own = |node: &Node| node.table().is_some_and(|t| t.get("set").is_none());
    match old.get_mut(&entry.name) {
        Some(before) if own(before) && own(&entry.node) => {
            if let (What::Table(before), What::Table(new)) = (&mut before.what, entry.node.what) {
                new.entries.into_iter().for_each(|e| before.put(e));
            }
        }
        _ => old.put(entry),
    }
}

/// Reads `[game]`.
pub fn read(reader: &mut Reader<'_>, node: Option<&Node>, parameters: &Parameters) -> Option<GameSpec> {
    let node = node?;
    let tree = reader.table(node, "game")?;
    reader.only_keys(tree, "game", &["payoff", "players", "strategies"]);
    let payoff = match tree.get("payoff") {
        None => PAYOFFS[0].to_string(),
        Some(at) => {
            let word = text(reader, tree, "payoff");
            if at.text().is_some() && !PAYOFFS.contains(&word.as_str()) {
                reader.fault(at.at, format!("there is no payoff `{word}`"), suggest(&word, &PAYOFFS));
            }
            word
        }
    };
    let mut places: Vec<Spot> = Vec::new();
    let mut players = Vec::new();
    let mut sound = true;
    match tree.get("players").map(|n| (n, reader.table(n, "players"))) {
        None => {}
        Some((_, None)) => sound = false,
        Some((_, Some(table))) => {
            for entry in &table.entries {
                match reader.texts(&entry.node, &format!("players.{}", entry.name)) {
                    Some(list) => {
                        places.push(entry.name_at);
                        let strategies = list.into_iter().map(|(name, _)| name).collect();
                        players.push(Player { lab: entry.name.clone(), strategies });
                    }
                    None => sound = false,
                }
            }
        }
    }
    let mut spec = GameSpec { payoff, players, strategies: Vec::new() };
    // The strategies first by name, so that players can be held against them; then their values.
    let found = strategies(reader, tree.get("strategies"), parameters);
    spec.strategies.extend(found.iter().map(|(s, _)| s.clone()));
    if sound {
        for (player, message, hint) in spec.faults(parameters) {
            let lab = player.and_then(|p| spec.players.get(p)).map(|p| p.lab.as_str());
            let absent = lab.filter(|lab| parameters.lab(lab).is_none());
            if absent.is_some_and(|lab| reader.unsound.may_hold("labs", lab)) {
                continue;
            }
            let at = player.and_then(|p| places.get(p).copied());
            reader.fault(at.or(tree.get("players").map(|n| n.at)).unwrap_or(node.at), message, hint);
        }
    }
    let labs: Vec<&str> = parameters.labs.iter().map(|lab| lab.id.as_str()).collect();
    for (number, (strategy, set)) in found.iter().enumerate() {
        let Some(set) = set else { continue };
        // Whoever plays it; a strategy that nobody plays is held against the first player.
        let plays = |p: &&Player| {
            p.strategies.contains(&strategy.name)
                && spec.strategy(&p.lab, &strategy.name).is_some_and(|s| s.lab == strategy.lab)
        };
        let mut users: Vec<&str> = spec.players.iter().filter(plays).map(|p| p.lab.as_str()).collect();
        if users.is_empty() {
            let first = spec.players.first().map_or("", |p| p.lab.as_str());
            users.push(if strategy.lab.is_empty() { first } else { &strategy.lab });
        }
        users.retain(|lab| labs.contains(lab));
        let mut values = Vec::new();
        for entry in &set.entries {
            let mut written = None;
            for lab in &users {
                let path = format!("labs.{lab}.{}", entry.name);
                let value = reader.compile(parameters, &path, entry.name_at).and_then(|place| {
                    let setting = reader.setting(&entry.node, &path, &place)?;
                    Some(resolve::value(&setting, &place))
                });
                // What is wrong for one lab is wrong for the next in the same words.
                written = value;
                if written.is_none() {
                    break;
                }
            }
            values.extend(written.map(|value| (entry.name.clone(), value)));
        }
        spec.strategies[number].set = values;
    }
    Some(spec)
}

type Found<'n> = Vec<(Strategy, Option<&'n Tree>)>;

/// The strategies by name, with the tables of their values.
fn strategies<'n>(reader: &mut Reader<'_>, node: Option<&'n Node>, parameters: &Parameters) -> Found<'n> {
    let mut found = Vec::new();
    let Some(tree) = node.and_then(|n| reader.table(n, "game.strategies")) else { return found };
    for entry in &tree.entries {
        let path = format!("game.strategies.{}", entry.name);
        if parameters.lab(&entry.name).is_none() {
            strategy(reader, entry, "", &path, &mut found);
        } else if let Some(own) = reader.table(&entry.node, &path) {
            for below in &own.entries {
                strategy(reader, below, &entry.name, &format!("{path}.{}", below.name), &mut found);
            }
        }
    }
    found
}

fn strategy<'n>(reader: &mut Reader<'_>, entry: &'n Entry, lab: &str, path: &str, found: &mut Found<'n>) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if entry.name.is_empty() || !entry.name.chars().all(plain) {
        let hint = "small letters, digits, _ and - would do".to_string();
        reader.fault(entry.name_at, format!("`{}` is no name for a strategy", entry.name), hint);
        return;
    }
    let Some(tree) = reader.table(&entry.node, path) else { return };
    reader.only_keys(tree, path, &["text", "set"]);
    let set = match tree.get("set") {
        Some(node) => reader.table(node, &format!("{path}.set")),
        None => {
            let hint = "write set = { \"compute.build_share\" = 0.8 }, or set = {} to leave the lab as it is";
            reader.fault(entry.name_at, format!("the strategy `{}` has no `set`", entry.name), hint.to_string());
            None
        }
    };
    let words = text(reader, tree, "text");
    found.push((Strategy { lab: lab.to_string(), name: entry.name.clone(), text: words, set: Vec::new() }, set));
}

/// `[game]` as TOML, line by line.
pub fn lines(spec: &GameSpec) -> Vec<String> {
    let quoted = resolve::text;
    let mut lines = vec![String::new(), "[game]".to_string(), format!("payoff = {}", quoted(&spec.payoff))];
    let players: Vec<String> = spec
        .players
        .iter()
        .map(|p| {
            let names: Vec<String> = p.strategies.iter().map(|s| quoted(s)).collect();
            format!("{} = [{}]", quoted(&p.lab), names.join(", "))
        })
        .collect();
    lines.push(format!("players = {{ {} }}", players.join(", ")));
    for strategy in &spec.strategies {
        let owner = if strategy.lab.is_empty() { String::new() } else { format!("{}.", quoted(&strategy.lab)) };
        lines.extend([String::new(), format!("[game.strategies.{owner}{}]", quoted(&strategy.name))]);
        lines.push(format!("text = {}", quoted(&strategy.text)));
        let set: Vec<String> = strategy.set.iter().map(|(path, value)| format!("{} = {value}", quoted(path))).collect();
        lines.push(if set.is_empty() { "set = {}".to_string() } else { format!("set = {{ {} }}", set.join(", ")) });
    }
    lines
}
