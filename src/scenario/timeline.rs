//! What happens when: events of a scenario, their dates in one run, and the parameters then in force.

use crate::fields::Class;
use crate::random::{Draws, Purpose, key_of};
use crate::scenario::check;
use crate::scenario::document::{Node, Spot, Tree, What};
use crate::scenario::fault::{show, suggest};
use crate::scenario::nodes::{CompiledPath, Setting, join};
use crate::scenario::parameters::Parameters;
use crate::scenario::read::Reader;
use crate::units::{Month, Usd};

/// When an event happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// In this month.
    At(Month),
    /// In one of these months and those between them, each as likely.
    Between(Month, Month),
}

/// Money that an event moves; it moves in no other way.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    /// Lab, or owner group, that pays.
    pub from: String,
    /// Lab, or owner group, that receives.
    pub to: String,
    /// Amount.
    pub amount: Usd,
}

/// A parameter that an event sets.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its path.
    pub path: String,
    /// Its value while the event is in force.
    pub setting: Setting,
    place: CompiledPath,
}

impl Change {
    /// Where the value goes.
    pub fn place(&self) -> &CompiledPath {
        &self.place
    }
}

impl PartialEq for Change {
    fn eq(&self, other: &Change) -> bool {
        self.path == other.path && self.setting == other.setting
    }
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Id, unique in a scenario.
    pub id: String,
    /// What it is about, one line; may be empty.
    pub text: String,
    /// Where it is known from; may be empty.
    pub source: String,
    /// When it happens, if it does.
    pub when: When,
    /// Probability that it happens.
    pub probability: f64,
    /// Months for which it is in force; `None` for good.
    pub lasts_months: Option<i32>,
    /// What it sets.
    pub set: Vec<Change>,
    /// What it moves.
    pub transfer: Option<Transfer>,
}

/// The events of a scenario in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The events.
    pub events: Vec<Event>,
    start: Month,
}

/// An event that happens in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Index into [`Timeline::events`].
    pub event: usize,
    /// First month in force.
    pub from: Month,
    /// First month no longer in force.
    pub until: Option<Month>,
}

impl Occurrence {
    fn in_force(&self, month: Month) -> bool {
        self.from <= month && self.until.is_none_or(|until| month < until)
    }
}

/// The events of one run, in the order of their dates, then of the file.
#[derive(Clone, Debug)]
pub struct Realised<'t> {
    timeline: &'t Timeline,
    occurrences: Vec<Occurrence>,
}

impl Timeline {
    /// No events.
    pub const NONE: Timeline = Timeline { events: Vec::new(), start: Month(0) };

    /// The event with this id.
    pub fn find(&self, id: &str) -> Option<&Event> {
        self.events.iter().find(|e| e.id == id)
    }
    /// Which events happen in a run, and when. Each is keyed by its id: one more event moves no other.
    pub fn realise(&self, draws: Draws) -> Realised<'_> {
        let mut occurrences = Vec::with_capacity(self.events.len());
        for (event, Event { id, when, probability, lasts_months, .. }) in self.events.iter().enumerate() {
            let key = key_of(id);
            if *probability < 1.0 && draws.uniform(Purpose::EventOccurs, key, 0, 0) >= *probability {
                continue;
            }
            let from = match *when {
                When::At(month) => month,
                When::Between(first, last) => {
                    let months = last.since(first) + 1;
                    let later = (draws.uniform(Purpose::EventDate, key, 0, 0) * f64::from(months)) as i32;
                    first.plus(later.min(months - 1))
                }
            };
            occurrences.push(Occurrence { event, from, until: lasts_months.map(|n| from.plus(n)) });
        }
        // The sort is stable: events of one date stay in the order of the file.
        occurrences.sort_by_key(|o| o.from);
        Realised { timeline: self, occurrences }
    }
}

impl Realised<'_> {
    /// The events that happen.
    pub fn occurrences(&self) -> &[Occurrence] {
        &self.occurrences
    }
    /// Whether the parameters in force change with this month. What began before the start of the scenario
    /// counts as a change in its first month.
    pub fn changes(&self, month: Month) -> bool {
        self.changes_within(month, month)
    }
    /// Whether the parameters in force change in any month from `first` to `last`.
    pub fn changes_within(&self, first: Month, last: Month) -> bool {
        let start = self.timeline.start;
        let within = |m: Month| first <= m && m <= last;
        let sets = |o: &&Occurrence| !self.timeline.events[o.event].set.is_empty();
        self.occurrences.iter().filter(sets).any(|o| match o.until {
            Some(until) if until <= start => false,
            Some(until) => within(o.from.max(start)) || within(until),
            None => within(o.from.max(start)),
        })
    }
    /// Makes `out` the parameters in force in a month: `base` with all events in force laid over it. Nothing
    /// of an event that has expired is left.
    pub fn lay(&self, base: &Parameters, month: Month, out: &mut Parameters) {
        out.clone_from(base);
        for occurrence in self.occurrences.iter().filter(|o| o.in_force(month)) {
            for change in &self.timeline.events[occurrence.event].set {
                change.place.set(out, &change.setting);
            }
        }
    }
    /// Money that events move in the months from `first` to `last`.
    pub fn transfers_within(&self, first: Month, last: Month) -> impl Iterator<Item = &Transfer> {
        self.occurrences
            .iter()
            .filter(move |o| first <= o.from && o.from <= last)
            .filter_map(|o| self.timeline.events[o.event].transfer.as_ref())
    }
}

const KEYS: [&str; 13] = [
    "id",
    "text",
    "source",
    "date",
    "probability",
    "lasts_months",
    "set",
    "kind",
    "from",
    "to",
    "amount_usd",
    "enabled",
    "description",
];

/// Reads `[[event]]`.
pub fn read(reader: &mut Reader<'_>, node: Option<&Node>, parameters: &Parameters) -> Timeline {
    let mut events = Vec::new();
    if let Some(What::List(list)) = node.map(|n| &n.what) {
        for node in list {
            // What is no table or has no id was refused when the files were merged.
            let Some(tree) = node.table() else { continue };
            let Some(id) = tree.get("id").and_then(Node::text) else { continue };
            match read_event(reader, tree, id, node.at, parameters) {
                Some(event) => events.push(event),
                None => reader.unsound.push(join("event", id)),
            }
        }
    }
    Timeline { events, start: parameters.simulation.start }
}

/// What is to be noted of the events that the file itself declares: those that no run reaches.
pub fn notes(node: Option<&Node>, timeline: &Timeline, parameters: &Parameters) -> Vec<String> {
    let Some(What::List(list)) = node.map(|n| &n.what) else { return Vec::new() };
    let own = list.iter().filter(|node| node.at.is_own());
    let ids = own.filter_map(|node| node.table()?.get("id")?.text());
    let end = parameters.simulation.end;
    let late = |event: &&Event| match event.when {
        When::At(month) | When::Between(month, _) => month > end,
    };
    let told = |event: &Event| {
        let first = match event.when {
            When::At(month) => month.to_string(),
            When::Between(first, last) => format!("{first} to {last}"),
        };
        format!("event `{}` is dated {first}, and the runs end at {end}: it happens in none", event.id)
    };
    ids.filter_map(|id| timeline.find(id)).filter(late).map(told).collect()
}

fn read_event(reader: &mut Reader<'_>, tree: &Tree, id: &str, at: Spot, parameters: &Parameters) -> Option<Event> {
    let name = format!("event `{id}`");
    reader.only_keys(tree, &name, &KEYS);
    let text_of = |reader: &mut Reader<'_>, key: &str| match tree.get(key) {
        Some(node) => reader.text(node, key).unwrap_or_default().to_string(),
        None => String::new(),
    };
    let text = [text_of(reader, "text"), text_of(reader, "description")].into_iter().find(|t| !t.is_empty());
    let source = text_of(reader, "source");
    let when = match tree.get("date") {
        Some(node) => read_date(reader, node),
        None => {
            let hint = "write date = \"2026-03\" or date = { between = [\"2026-03\", \"2027-03\"] }".to_string();
            reader.fault(at, format!("{name} has no date"), hint);
            None
        }
    };
    let probability = match tree.get("probability") {
        Some(node) => {
            let p = reader.number(node, "probability");
            if let Some(p) = p.filter(|p| !(0.0..=1.0).contains(p)) {
                let message = format!("the probability of {name} is {}", show(p));
                reader.fault(node.at, message, "0 to 1 would do".to_string());
            }
            p
        }
        None => Some(1.0),
    };
    let lasts_months = match tree.get("lasts_months") {
        Some(node) => match node.what {
            What::Integer(n) if (1..=12_000).contains(&n) => Some(n as i32),
            _ => {
                reader.wrong_type(node, "lasts_months", "a whole number of months, 1 or more,");
                None
            }
        },
        None => None,
    };
    let transfer = read_transfer(reader, tree, at, &name, parameters);
    let mut set = Vec::new();
    if let Some(node) = tree.get("set") {
        if let Some(changes) = reader.table(node, "set") {
            read_changes(reader, changes, parameters, &mut set);
        }
    } else if transfer.is_none() && tree.get("kind").is_none() {
        reader.fault(at, format!("{name} does nothing"), "write set = { \"path\" = value }".to_string());
    }
    let (id, text) = (id.to_string(), text.unwrap_or_default());
    Some(Event { id, text, source, when: when?, probability: probability?, lasts_months, set, transfer })
}

fn read_date(reader: &mut Reader<'_>, node: &Node) -> Option<When> {
    let Some(tree) = node.table() else { return reader.month(node, "date").map(When::At) };
    reader.only_keys(tree, "date", &["between"]);
    let between = tree.get("between")?;
    let What::List(months) = &between.what else {
        reader.wrong_type(between, "between", "a list of two months");
        return None;
    };
    let [first, last] = &months[..] else {
        let hint = "write between = [\"2026-03\", \"2027-03\"]".to_string();
        reader.fault(between.at, format!("`between` holds {} months, not two", months.len()), hint);
        return None;
    };
    let (first, last) = (reader.month(first, "between")?, reader.month(last, "between")?);
    if last < first {
        let hint = "write the earlier month first".to_string();
        reader.fault(between.at, format!("dates run back: from {first} to {last}"), hint);
        return None;
    }
    Some(When::Between(first, last))
}

fn read_transfer(
    reader: &mut Reader<'_>,
    tree: &Tree,
    at: Spot,
    name: &str,
    parameters: &Parameters,
) -> Option<Transfer> {
    let Some(kind) = tree.get("kind") else {
        if let Some(entry) = ["from", "to", "amount_usd"].iter().find_map(|k| tree.entry(k)) {
            let hint = "add kind = \"transfer\"".to_string();
            reader.fault(entry.name_at, format!("`{}` in {name}, which is no transfer", entry.name), hint);
        }
        return None;
    };
    match reader.text(kind, "kind")? {
        "transfer" => {}
        other => {
            let message = format!("there is no kind of event `{other}`");
            reader.fault(kind.at, message, suggest(other, &["transfer"]));
            return None;
        }
    }
    for key in ["from", "to", "amount_usd"].into_iter().filter(|k| tree.get(k).is_none()) {
        let hint = "a transfer names from, to and amount_usd".to_string();
        reader.fault(at, format!("{name} lacks `{key}`"), hint);
    }
    let mut sides: Vec<&str> = parameters.labs.iter().map(|l| l.id.as_str()).collect();
    let owners = parameters.labs.iter().map(|l| l.values.identity.owner.as_str());
    sides.extend(owners.chain(parameters.clouds.iter().map(|c| c.values.owner.as_str())).filter(|o| !o.is_empty()));
    sides.sort_unstable();
    sides.dedup();
    let side = |reader: &mut Reader<'_>, key: &str| {
        let node = tree.get(key)?;
        let text = reader.text(node, key)?;
        if !sides.contains(&text) && !reader.unsound.may_hold("labs", text) {
            let message = format!("`{key}` is `{text}`, which is no lab and no owner");
            reader.fault(node.at, message, suggest(text, &sides));
            return None;
        }
        Some(text.to_string())
    };
    let (from, to) = (side(reader, "from"), side(reader, "to"));
    let amount = tree.get("amount_usd").and_then(|node| {
        let amount = reader.number(node, "amount_usd")?;
        let good = amount > 0.0 && amount <= 1e13;
        if !good {
            let message = format!("`amount_usd` is {}", show(amount));
            reader.fault(node.at, message, "more than 0, up to 1e13 USD, would do".to_string());
        }
        good.then_some(amount)
    });
    Some(Transfer { from: from?, to: to?, amount: Usd(amount?) })
}

/// Parameters that the initial state alone depends on: an event upon one of them would do nothing.
const READ_AT_THE_START: &[&str] = &[
    "mechanisms.taste",
    "demand.taste_sd",
    "demand.momentum",
    "adoption.tech_forward_share",
    "adoption.tech_forward_factor",
    "research.compute_growth_before_per_year",
    "demand.momentum_least",
    "demand.momentum_greatest",
    "compute.book_share",
    "consumers.inferred_share_cap",
    "valuation.fresh_months",
];

fn read_changes(reader: &mut Reader<'_>, tree: &Tree, parameters: &Parameters, set: &mut Vec<Change>) {
    for entry in &tree.entries {
        let path = &entry.name;
        let gone = |(group, id): &(String, String)| {
            path.strip_prefix(group.as_str())
                .and_then(|p| p.strip_prefix('.'))
                .is_some_and(|p| p.split('.').next() == Some(id))
        };
        if reader.removed.iter().any(gone) {
            continue;
        }
        let Some(place) = reader.compile(parameters, path, entry.name_at) else { continue };
        if place.class() != Class::Parameter {
            let class = if place.class() == Class::Initial { "a state at the start" } else { "structural" };
            let hint = "events set parameters only; money moves by kind = \"transfer\"".to_string();
            reader.fault(entry.name_at, format!("an event cannot set `{path}`, which is {class}"), hint);
            continue;
        }
        if READ_AT_THE_START.contains(&path.as_str()) {
            let hint = "set it in the scenario itself, or let the event set another parameter".to_string();
            let message =
                format!("an event cannot set `{path}`, which is read when the initial state is laid and not again");
            reader.fault(entry.name_at, message, hint);
            continue;
        }
        if let Some(setting) = reader.setting(&entry.node, path, &place) {
            let setting = check::names_in(reader, &entry.node, path, setting, parameters);
            set.push(Change { path: path.clone(), setting, place });
        }
    }
}
