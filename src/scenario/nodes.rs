//! The tree of values: which Rust table holds which path of a scenario, and paths compiled to places.
//!
//! Several tables may stand under one path (`labs.<id>` holds identity, start and parameters of a lab);
//! `describe`, the schema, the reader and the draws all walk the lists of this file.

use crate::fields::{Class, Field, Keyed, Kind, Strategy, Table, Tag, Value, Variant};
use crate::mechanisms::governance::LabGovernance;
use crate::mechanisms::investors::InvestorKind;
use crate::random::key_of;
use crate::scenario::parameters::{
    Agent, Cloud, Jurisdiction, Lab, LabAlignment, LabCompute, LabIdentity, LabParameters, LabStart, Parameters,
    Regulator, RegulatorStart, RegulatorValues, Sector,
};
use crate::strategies::lab::adaptation::Adapting;
use crate::strategies::lab::allocation::Allocation;
use crate::strategies::lab::openness::Openness;
use crate::strategies::lab::pricing::PricingStrategy;
use crate::strategies::lab::release::Release;

/// A table reached without knowing its type.
pub trait Slots {
    /// The value of field `index`.
    fn value(&self, index: usize) -> Value;
    /// Sets field `index`; `false` when the kind is wrong.
    fn assign(&mut self, index: usize, value: &Value) -> bool;
    /// The place of a plain number.
    fn number(&mut self, index: usize) -> Option<&mut f64>;
    /// The place of numbers by name.
    fn keyed(&mut self, index: usize) -> Option<&mut Keyed>;
}

impl<T: Table> Slots for T {
    fn value(&self, index: usize) -> Value {
        Table::value(self, index)
    }
    fn assign(&mut self, index: usize, value: &Value) -> bool {
        Table::assign(self, index, value)
    }
    fn number(&mut self, index: usize) -> Option<&mut f64> {
        Table::number(self, index)
    }
    fn keyed(&mut self, index: usize) -> Option<&mut Keyed> {
        Table::keyed(self, index)
    }
}

/// A strategy reached without knowing its type.
pub trait Choosing {
    /// Index of the variant in force.
    fn current(&self) -> usize;
    /// Takes up the variant `index` at its defaults.
    fn choose(&mut self, index: usize);
    /// The value of field `index` of the variant in force.
    fn value(&self, index: usize) -> Value;
    /// Sets field `index` of the variant in force; `false` when the kind is wrong.
    fn assign(&mut self, index: usize, value: &Value) -> bool;
    /// The place of a plain number of the variant in force.
    fn number(&mut self, index: usize) -> Option<&mut f64>;
}

impl<S: Strategy> Choosing for S {
    fn current(&self) -> usize {
        Strategy::current(self)
    }
    fn choose(&mut self, index: usize) {
        if let Some(variant) = S::variants().get(index).and_then(|v| S::named(v.name)) {
            *self = variant;
        }
    }
    fn value(&self, index: usize) -> Value {
        Strategy::value(self, index)
    }
    fn assign(&mut self, index: usize, value: &Value) -> bool {
        Strategy::assign(self, index, value)
    }
    fn number(&mut self, index: usize) -> Option<&mut f64> {
        Strategy::number(self, index)
    }
}

/// Where a table of fields stands. `prefix` is its path, for an agent the part below `<group>.<id>`.
#[derive(Clone, Copy)]
pub struct Place {
    /// Path of the table.
    pub prefix: &'static str,
    /// Its fields.
    pub fields: fn() -> &'static [Field],
    get: fn(&Parameters, usize) -> &dyn Slots,
    get_mut: fn(&mut Parameters, usize) -> &mut dyn Slots,
}

/// Where a strategy of an agent stands; its path is `<group>.<id>.strategy.<family>`.
#[derive(Clone, Copy)]
pub struct StrategyPlace {
    /// Name of the family, for example `pricing`.
    pub family: &'static str,
    /// The strategies to choose from.
    pub variants: fn() -> &'static [Variant],
    get: fn(&Parameters, usize) -> &dyn Choosing,
    get_mut: fn(&mut Parameters, usize) -> &mut dyn Choosing,
}

impl Place {
    /// The value of field `index` of an agent (0 where the table stands once).
    pub fn value(&self, parameters: &Parameters, agent: usize, index: usize) -> Value {
        (self.get)(parameters, agent).value(index)
    }
    /// Sets field `index`; `false` when the kind is wrong.
    pub fn assign(&self, parameters: &mut Parameters, agent: usize, index: usize, value: &Value) -> bool {
        (self.get_mut)(parameters, agent).assign(index, value)
    }
}

impl StrategyPlace {
    /// Sets the strategy of an agent.
    pub fn set(&'static self, parameters: &mut Parameters, agent: usize, setting: &Setting) -> bool {
        CompiledPath { at: At::Strategy(self), agent, key: None }.set(parameters, setting)
    }
}

/// A kind of keyed agent.
#[derive(Clone, Copy)]
pub struct Group {
    /// Name of the group, the first part of the path.
    pub name: &'static str,
    /// One of the group, for messages.
    pub noun: &'static str,
    /// Tables of an agent.
    pub places: &'static [Place],
    /// Strategies of an agent.
    pub strategies: &'static [StrategyPlace],
    /// Number of agents.
    pub count: fn(&Parameters) -> usize,
    /// Id of an agent.
    pub id: fn(&Parameters, usize) -> &str,
    /// What the draws of an agent are keyed by: its `draw_key`, or its id where that is empty.
    pub word: fn(&Parameters, usize) -> &str,
    add: fn(&mut Parameters, &str),
    key: fn(&mut Parameters),
}

impl Group {
    /// Index of the agent with this id.
    pub fn find(&self, parameters: &Parameters, id: &str) -> Option<usize> {
        (0..(self.count)(parameters)).find(|&i| (self.id)(parameters, i) == id)
    }
    /// All ids in order.
    pub fn ids<'p>(&self, parameters: &'p Parameters) -> Vec<&'p str> {
        (0..(self.count)(parameters)).map(|i| (self.id)(parameters, i)).collect()
    }
    /// Adds an agent at its defaults.
    pub fn add(&self, parameters: &mut Parameters, id: &str) {
        (self.add)(parameters, id);
    }
}

macro_rules! place {
    ($prefix:literal, $field:ident: $type:ty) => {
        Place {
            prefix: $prefix,
            fields: <$type as Table>::fields,
            get: |p, _| &p.$field,
            get_mut: |p, _| &mut p.$field,
        }
    };
    ($prefix:literal, $group:ident[] $($field:ident)*: $type:ty) => {
        Place {
            prefix: $prefix,
            fields: <$type as Table>::fields,
            get: |p, agent| &p.$group[agent].values$(.$field)*,
            get_mut: |p, agent| &mut p.$group[agent].values$(.$field)*,
        }
    };
}

macro_rules! strategy_place {
    ($group:ident, $family:ident: $type:ty) => {
        StrategyPlace {
            family: stringify!($family),
            variants: <$type as Strategy>::variants,
            get: |p, agent| &p.$group[agent].values.strategy.$family,
            get_mut: |p, agent| &mut p.$group[agent].values.strategy.$family,
        }
    };
}

/// What the draws of an agent are keyed by.
fn word<T>(agent: &Agent<T>, draw_key: fn(&T) -> &str) -> &str {
    let own = draw_key(&agent.values);
    if own.is_empty() { &agent.id } else { own }
}

macro_rules! group {
    ($name:ident: $type:ty, $noun:literal, $draw_key:expr, $places:expr, $strategies:expr) => {
        Group {
            name: stringify!($name),
            noun: $noun,
            places: $places,
            strategies: $strategies,
            count: |p| p.$name.len(),
            id: |p, agent| &p.$name[agent].id,
            add: |p, id| p.$name.push(Agent { id: id.to_string(), key: key_of(id), values: <$type>::default() }),
            word: |p, agent| word(&p.$name[agent], $draw_key),
            key: |p| {
                let draw_key: fn(&$type) -> &str = $draw_key;
                p.$name.sort_by(|a, b| word(a, draw_key).cmp(word(b, draw_key)).then_with(|| a.id.cmp(&b.id)));
                for agent in &mut p.$name {
                    agent.key = key_of(word(agent, draw_key));
                }
            },
        }
    };
}

/// Every table that stands once.
pub static TABLES: &[Place] = &[
    place!("simulation", simulation: crate::scenario::parameters::Simulation),
    place!("mechanisms", mechanisms: crate::scenario::parameters::Mechanisms),
    place!("environment", environment: crate::mechanisms::environment::Environment),
    place!("environment.start", environment_start: crate::mechanisms::environment::EnvironmentStart),
    place!("compute", compute: crate::mechanisms::compute::Compute),
    place!("research", research: crate::mechanisms::research::Research),
    place!("safety", safety: crate::mechanisms::safety::Safety),
    place!("governance", governance: crate::mechanisms::governance::Governance),
    place!("adaptation", adaptation: crate::mechanisms::adaptation::Adaptation),
    place!("incidents", incidents: crate::mechanisms::incidents::Incidents),
    place!("trust", trust: crate::mechanisms::trust::Trust),
    place!("demand", demand: crate::mechanisms::choice::Demand),
    place!("demand.start", demand_start: crate::mechanisms::choice::DemandStart),
    place!("adoption", adoption: crate::mechanisms::adoption::Adoption),
    place!("spend", spend: crate::mechanisms::spend::Spend),
    place!("pricing", pricing: crate::mechanisms::pricing::Pricing),
    place!("applications", applications: crate::mechanisms::applications::Applications),
    place!("applications.start", applications_start: crate::mechanisms::applications::ApplicationsStart),
    place!("orchestration", orchestration: crate::mechanisms::orchestration::Orchestration),
    place!("orchestration.start", orchestration_start: crate::mechanisms::orchestration::OrchestrationStart),
    place!("governance_tools", governance_tools: crate::mechanisms::governance_tools::GovernanceTools),
    place!("governance_tools.start", governance_tools_start: crate::mechanisms::governance_tools::GovernanceToolsStart),
    place!("surplus", surplus: crate::mechanisms::surplus::Surplus),
    place!("consumers", consumers: crate::mechanisms::consumers::Consumers),
    place!("cloud_market", cloud_market: crate::mechanisms::clouds::Clouds),
    place!("regulation", regulation: crate::mechanisms::regulation::Regulation),
    place!("enforcement", enforcement: crate::mechanisms::enforcement::Enforcement),
    place!("antitrust", antitrust: crate::mechanisms::antitrust::Antitrust),
    place!("government", government: crate::mechanisms::government::Government),
    place!("valuation", valuation: crate::mechanisms::valuation::Valuation),
    place!("rounds", rounds: crate::mechanisms::investors::Rounds),
    place!("terms", terms: crate::mechanisms::terms::Terms),
    place!("hold_up", hold_up: crate::mechanisms::holdup::HoldUp),
    place!("forecasts", forecasts: crate::mechanisms::forecasts::Forecasts),
    place!("exits", exits: crate::mechanisms::exits::Exits),
    place!("enterprises", enterprises: crate::scenario::parameters::Enterprises),
    place!("other_business", other_business: crate::scenario::parameters::OtherBusiness),
];

/// Every kind of keyed agent.
pub static GROUPS: &[Group] = &[
    group!(
        labs: Lab,
        "lab",
        |l| &l.identity.draw_key,
        &[
            place!("", labs[] identity: LabIdentity),
            place!("", labs[] start: LabStart),
            place!("", labs[] parameters: LabParameters),
            place!("compute", labs[] compute: LabCompute),
            place!("alignment", labs[] alignment: LabAlignment),
            place!("governance", labs[] governance: LabGovernance),
        ],
        &[
            strategy_place!(labs, allocation: Allocation),
            strategy_place!(labs, pricing: PricingStrategy),
            strategy_place!(labs, openness: Openness),
            strategy_place!(labs, release: Release),
            strategy_place!(labs, adaptation: Adapting),
        ]
    ),
    group!(clouds: Cloud, "cloud", |c| &c.draw_key, &[place!("", clouds[]: Cloud)], &[]),
    group!(investors: InvestorKind, "kind of investor", |_| "", &[place!("", investors[]: InvestorKind)], &[]),
    group!(jurisdictions: Jurisdiction, "jurisdiction", |_| "", &[place!("", jurisdictions[]: Jurisdiction)], &[]),
    group!(
        regulators: RegulatorValues,
        "regulator",
        |_| "",
        &[place!("", regulators[] parameters: Regulator), place!("", regulators[] start: RegulatorStart)],
        &[]
    ),
    group!(sectors: Sector, "sector", |_| "", &[place!("", sectors[]: Sector)], &[]),
];

/// The group with this name.
pub fn group(name: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|g| g.name == name)
}

/// Puts every group in the order of its draw keys and sets the keys.
pub fn order_agents(parameters: &mut Parameters) {
    for group in GROUPS {
        (group.key)(parameters);
    }
}

/// A value of any slot: a plain value, or a strategy with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// A plain value.
    Value(Value),
    /// One number of a table of numbers by name.
    Entry(f64),
    /// A strategy: index of the variant, and (field, value) for what differs from its defaults.
    Strategy(usize, Vec<(usize, Value)>),
}

#[derive(Clone, Copy)]
enum At {
    Field(&'static Place, usize),
    Strategy(&'static StrategyPlace),
    StrategyField(&'static StrategyPlace, usize, usize),
}

/// A path resolved to its place in [`Parameters`]: read or set without parsing.
///
/// Valid for parameters with the same agents in the same order.
#[derive(Clone)]
pub struct CompiledPath {
    at: At,
    agent: usize,
    key: Option<String>,
}

impl std::fmt::Debug for CompiledPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = match self.at {
            At::Field(place, index) => (place.prefix, (place.fields)()[index].name),
            At::Strategy(place) => (place.family, ""),
            At::StrategyField(place, variant, index) => {
                (place.family, ((place.variants)()[variant].fields)()[index].name)
            }
        };
        write!(f, "CompiledPath({at:?}, {}, {:?})", self.agent, self.key)
    }
}

impl CompiledPath {
    /// What is known of the field; `None` for a whole strategy.
    pub fn field(&self) -> Option<&'static Field> {
        match self.at {
            At::Field(place, index) => Some(&(place.fields)()[index]),
            At::Strategy(_) => None,
            At::StrategyField(place, variant, index) => Some(&((place.variants)()[variant].fields)()[index]),
        }
    }
    /// When the value may be set.
    pub fn class(&self) -> Class {
        self.field().map_or(Class::Parameter, |f| f.class)
    }
    /// The variants to choose from, for a whole strategy.
    pub fn variants(&self) -> Option<&'static [Variant]> {
        match self.at {
            At::Strategy(place) => Some((place.variants)()),
            _ => None,
        }
    }
    /// The entry `name` of a table of numbers by name.
    pub fn entry(&self, name: &str) -> CompiledPath {
        CompiledPath { key: Some(name.to_string()), ..self.clone() }
    }
    /// Whether the path ends in one entry of a table of numbers by name.
    pub fn is_entry(&self) -> bool {
        self.key.is_some()
    }
    /// Whether the place holds one floating-point number.
    pub fn is_number(&self) -> bool {
        self.is_entry() || self.field().is_some_and(|f| f.kind == Kind::Number)
    }
    /// The value in force; `None` for an entry that is not set or a strategy that is not in force.
    pub fn get(&self, parameters: &Parameters) -> Option<Setting> {
        let value = match self.at {
            At::Field(place, index) => (place.get)(parameters, self.agent).value(index),
            At::Strategy(place) => {
                let strategy = (place.get)(parameters, self.agent);
                let variant = strategy.current();
                let fields = ((place.variants)()[variant].fields)();
                let values = (0..fields.len()).map(|i| (i, strategy.value(i))).collect();
                return Some(Setting::Strategy(variant, values));
            }
            At::StrategyField(place, variant, index) => {
                let strategy = (place.get)(parameters, self.agent);
                if strategy.current() != variant {
                    return None;
                }
                strategy.value(index)
            }
        };
        match (&self.key, value) {
            (Some(key), Value::Keyed(map)) => map.get(key).map(|x| Setting::Entry(*x)),
            (_, value) => Some(Setting::Value(value)),
        }
    }
    /// The number in force.
    pub fn number(&self, parameters: &Parameters) -> Option<f64> {
        match self.get(parameters)? {
            Setting::Value(Value::Number(x)) | Setting::Entry(x) => Some(x),
            Setting::Value(Value::Integer(n)) => Some(n as f64),
            Setting::Value(Value::Flag(b)) => Some(f64::from(u8::from(b))),
            _ => None,
        }
    }
    /// The place of the number; `None` where there is none (a strategy that is not in force).
    pub fn number_mut<'p>(&self, parameters: &'p mut Parameters) -> Option<&'p mut f64> {
        match self.at {
            At::Field(place, index) => {
                let slots = (place.get_mut)(parameters, self.agent);
                match &self.key {
                    None => slots.number(index),
                    Some(key) => {
                        let map = slots.keyed(index)?;
                        if !map.contains_key(key) {
                            map.insert(key.clone(), 0.0);
                        }
                        map.get_mut(key)
                    }
                }
            }
            At::Strategy(_) => None,
            At::StrategyField(place, variant, index) => {
                let strategy = (place.get_mut)(parameters, self.agent);
                if strategy.current() == variant { strategy.number(index) } else { None }
            }
        }
    }
    /// Sets the value; `false` when it is of the wrong kind, or the strategy is not in force.
    pub fn set(&self, parameters: &mut Parameters, setting: &Setting) -> bool {
        match (self.at, setting) {
            (At::Field(..), Setting::Entry(x)) => match self.number_mut(parameters) {
                Some(place) => {
                    *place = *x;
                    true
                }
                None => false,
            },
            (At::Field(place, index), Setting::Value(value)) => {
                self.key.is_none() && (place.get_mut)(parameters, self.agent).assign(index, value)
            }
            (At::Strategy(place), Setting::Strategy(variant, values)) => {
                let strategy = (place.get_mut)(parameters, self.agent);
                strategy.choose(*variant);
                values.iter().all(|(index, value)| strategy.assign(*index, value))
            }
            (At::StrategyField(place, variant, index), Setting::Value(value)) => {
                let strategy = (place.get_mut)(parameters, self.agent);
                strategy.current() == variant && strategy.assign(index, value)
            }
            _ => false,
        }
    }
}

/// Why a path does not resolve: how much of it does, the part that does not, and what could stand there.
#[derive(Clone, Debug, PartialEq)]
pub struct Unresolved {
    /// The part of the path that is right, without a dot at its end.
    pub within: String,
    /// The part that is not known there; empty when the path ends too early.
    pub part: String,
    /// Names that could stand there.
    pub could_be: Vec<String>,
}

/// Resolves a path among these agents and strategies.
pub fn compile(parameters: &Parameters, path: &str) -> Result<CompiledPath, Unresolved> {
    let parts: Vec<&str> = path.split('.').collect();
    if let Some(group) = group(parts[0]) {
        let Some(id) = parts.get(1) else {
            return Err(unresolved(&parts, 1, group.ids(parameters)));
        };
        let Some(agent) = group.find(parameters, id) else {
            return Err(unresolved(&parts, 1, group.ids(parameters)));
        };
        if parts.get(2) == Some(&"strategy") && !group.strategies.is_empty() {
            return compile_strategy(parameters, group, agent, &parts);
        }
        return compile_in(group.places, agent, &parts, 2, !group.strategies.is_empty());
    }
    if !TABLES.iter().any(|t| t.prefix == parts[0]) {
        return Err(unresolved(&parts, 0, top_level()));
    }
    compile_in(TABLES, 0, &parts, 0, false)
}

fn unresolved<'n>(parts: &[&str], at: usize, names: impl IntoIterator<Item = &'n str>) -> Unresolved {
    Unresolved {
        within: parts[..at.min(parts.len())].join("."),
        part: parts.get(at).copied().unwrap_or_default().to_string(),
        could_be: names.into_iter().map(str::to_string).collect(),
    }
}

/// Names of the tables and groups at the top of a scenario.
pub fn top_level() -> Vec<&'static str> {
    TABLES.iter().map(|t| t.prefix).filter(|p| !p.contains('.')).chain(GROUPS.iter().map(|g| g.name)).collect()
}

/// Resolves `parts[from..]` within places: sub-table, field, and the key of a table of numbers by name.
fn compile_in(
    places: &'static [Place],
    agent: usize,
    parts: &[&str],
    from: usize,
    strategies: bool,
) -> Result<CompiledPath, Unresolved> {
    // The longest prefix that the path begins with is the table meant.
    let rest = &parts[from.min(parts.len())..];
    let depth_of = |prefix: &str| if prefix.is_empty() { 0 } else { prefix.split('.').count() };
    let deepest = places
        .iter()
        .filter(|p| {
            let depth = depth_of(p.prefix);
            depth == 0 || (depth <= rest.len() && rest[..depth].join(".") == p.prefix)
        })
        .map(|p| depth_of(p.prefix))
        .max()
        .unwrap_or(0);
    let prefix = rest[..deepest].join(".");
    let name = rest.get(deepest).copied().unwrap_or_default();
    for place in places.iter().filter(|p| p.prefix == prefix) {
        if let Some(index) = (place.fields)().iter().position(|f| f.name == name) {
            let tail = &rest[deepest + 1..];
            let key = match (tail, (place.fields)()[index].kind) {
                ([], _) => None,
                ([key], Kind::Keyed) => Some((*key).to_string()),
                _ => return Err(unresolved(parts, from + deepest + 1, [])),
            };
            return Ok(CompiledPath { at: At::Field(place, index), agent, key });
        }
    }
    let own = places.iter().filter(|p| p.prefix == prefix).flat_map(|p| (p.fields)().iter().map(|f| f.name));
    let below = places.iter().filter_map(|p| {
        let rest = if prefix.is_empty() { Some(p.prefix) } else { p.prefix.strip_prefix(&prefix)?.strip_prefix('.') }?;
        (!rest.is_empty() && (from == 2 || !prefix.is_empty())).then_some(rest)
    });
    let strategy = (strategies && prefix.is_empty()).then_some("strategy");
    let names: Vec<&str> = own.chain(below).chain(strategy).collect();
    Err(unresolved(parts, from + deepest, names))
}

fn compile_strategy(
    parameters: &Parameters,
    group: &'static Group,
    agent: usize,
    parts: &[&str],
) -> Result<CompiledPath, Unresolved> {
    let families = || group.strategies.iter().map(|s| s.family);
    let family = parts.get(3).copied().unwrap_or_default();
    let Some(place) = group.strategies.iter().find(|s| s.family == family) else {
        return Err(unresolved(parts, 3, families()));
    };
    let Some(word) = parts.get(4) else {
        return Ok(CompiledPath { at: At::Strategy(place), agent, key: None });
    };
    // Only the strategy in force has values to set.
    let current = (place.get)(parameters, agent).current();
    let variant = &(place.variants)()[current];
    if variant.name != *word {
        return Err(unresolved(parts, 4, [variant.name]));
    }
    let fields = (variant.fields)();
    match fields.iter().position(|f| Some(&f.name) == parts.get(5)) {
        Some(index) if parts.len() == 6 => {
            Ok(CompiledPath { at: At::StrategyField(place, current, index), agent, key: None })
        }
        Some(_) => Err(unresolved(parts, 6, [])),
        None => Err(unresolved(parts, 5, fields.iter().map(|f| f.name))),
    }
}

/// Every path that holds a value or a strategy, in the order of declaration.
pub fn all_paths(parameters: &Parameters) -> Vec<(String, CompiledPath)> {
    let mut paths = Vec::new();
    fields_of(TABLES, 0, "", &mut paths);
    for group in GROUPS {
        for agent in 0..(group.count)(parameters) {
            let before = format!("{}.{}", group.name, (group.id)(parameters, agent));
            fields_of(group.places, agent, &before, &mut paths);
            for place in group.strategies {
                let path = format!("{before}.strategy.{}", place.family);
                paths.push((path, CompiledPath { at: At::Strategy(place), agent, key: None }));
            }
        }
    }
    paths
}

fn fields_of(places: &'static [Place], agent: usize, before: &str, paths: &mut Vec<(String, CompiledPath)>) {
    for place in places {
        for (index, field) in (place.fields)().iter().enumerate() {
            let path = join(&join(before, place.prefix), field.name);
            paths.push((path, CompiledPath { at: At::Field(place, index), agent, key: None }));
        }
    }
}

/// Two parts of a path with a dot between them; an empty part counts for nothing.
pub fn join(before: &str, after: &str) -> String {
    match (before, after) {
        ("", part) | (part, "") => part.to_string(),
        (before, after) => format!("{before}.{after}"),
    }
}

/// Whether a value is a state at the start that data or a prior must give.
pub fn is_sourced_start(field: &Field) -> bool {
    field.class == Class::Initial
        && field.tag != Tag::Setting
        && matches!(field.kind, Kind::Number | Kind::Integer | Kind::Keyed)
}
