//! Claims judged on the record of a run: names and dates become places in the record, once; then each run is judged
//! from its values and the events that happened in it. What the language means is said in [`crate::scenario::claims`].

pub(super) mod names;

use std::collections::BTreeMap;
use std::ops::Range;

use super::Layout;
use crate::random::Draws;
use crate::scenario::claims::{
    Claim, Comparison, Date, Fold, Name, Operator, Part, Quantity, Relation, Test, Undecidable, When,
};
use crate::scenario::fault::Fault;
use crate::scenario::nodes::group as group_of;
use crate::scenario::timeline::Timeline;
use crate::scenario::{Ridge, Scenario, Unsound};
use crate::units::Month;
use names::{Names, Unknown};

/// Values of a lab that are notional where it is a division of an owner group, so that it has no rank in them: at all dates where it is
/// one from the start, from the day on which a group has bought it otherwise.
const NOTIONAL: [&str; 3] = ["valuation_usd", "last_round_usd", "revenue_multiple"];
/// Metric of a lab that tells from when on it is such a division.
const BOUGHT: &str = "acquired";

/// What a run says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    /// It does not hold.
    Fails = 0,
    /// It holds.
    Holds = 1,
    /// A value that it needs does not exist.
    Undecided = 2,
    /// The run is not one of those that it speaks of.
    LeftOut = 3,
}

impl Verdict {
    /// The verdict that a byte on disk stands for.
    pub fn of(byte: u8) -> Verdict {
        match byte {
            0 => Verdict::Fails,
            1 => Verdict::Holds,
            2 => Verdict::Undecided,
            _ => Verdict::LeftOut,
        }
    }
}

/// A claim made ready to be judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The claim.
    pub claim: Claim,
    /// Why the runs cannot decide it, where they cannot.
    pub undecidable: Option<Undecidable>,
    rule: Option<Rule>,
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    test: Test3,
    given: Option<Test3>,
    /// Events without which there is nothing to judge.
    needs: Vec<usize>,
}

/// The claims of a scenario, made ready.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// In the order of the scenario.
    pub claims: Vec<Judged>,
    /// Lines along which uncertain values move together; a leader is an index into the draws of a record.
    pub ridges: Vec<Ridge>,
    events: Timeline,
    seed: u64,
    months: Vec<Month>,
    width: usize,
    /// Places within the values of one date that the claims read.
    reads: Vec<usize>,
}

/// No claims.
pub static NONE: Claims = Claims {
    claims: Vec::new(),
    ridges: Vec::new(),
    events: Timeline::NONE,
    seed: 0,
    months: Vec::new(),
    width: 0,
    reads: Vec::new(),
};

/// A quantity with its places: offsets within the values of one date.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(f64),
    At(usize),
    Fold(Fold, Vec<Own>),
    Rank(Own, Vec<Own>),
    /// From one date to another, as indices.
    Change(Box<Value>, usize, usize),
    Negative(Box<Value>),
    Pair(Box<Value>, Operator, Box<Value>),
}

/// An agent's value among those of others, and the flag that takes it out where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Own {
    at: usize,
    bought: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
enum Compared {
    Order(Value, Relation, Value),
    Between(Value, Value, Value),
}

/// A test with three answers: it holds, it does not, or the run cannot say.
#[derive(Clone, Debug, PartialEq)]
enum Test3 {
    At(Compared, usize),
    Some(Compared, Range<usize>),
    Every(Compared, Range<usize>),
    Within(Compared, i32, usize),
    Not(Box<Test3>),
    AtLeast(usize, Vec<Test3>),
    Before(Compared, Compared, usize),
    Event(usize),
}

/// Reads a scenario for use: as [`Scenario::load`], and the metrics of its figures and the metrics and dates of its claims are checked too. A claim that
/// the horizon of its file does not reach is a fault; one that is inherited, or that `overlays` cut off, is kept, and listed
/// as not decidable.
///
/// # Errors
/// All the faults of the scenario at once.
pub fn load(what: &str, overlays: &[(String, String)]) -> Result<Scenario, Vec<Fault>> {
    let cut = overlays.iter().any(|(path, _)| matches!(path.as_str(), "simulation.end" | "simulation.start"));
    Scenario::load_and(what, overlays, &|scenario, unsound| {
        let mut found = faults_beside(scenario, unsound);
        found.extend(super::figures::faults(scenario, unsound));
        if !cut && unsound.spares("simulation.start") && unsound.spares("simulation.end") {
            let own = scenario.claims.iter().filter(|claim| !claim.inherited);
            found.extend(own.filter_map(|claim| out_of_reach(claim, scenario)));
        }
        found
    })
}

fn out_of_reach(claim: &Claim, scenario: &Scenario) -> Option<Fault> {
    let p = &scenario.parameters;
    let (why, at) = claim.undecidable(p, &scenario.events).filter(|_| !claim.beyond_horizon)?;
    let (message, hint) = match why {
        Undecidable::Before(month) => (
            format!("claim `{}` is not decidable before {month}, and the runs end at {}", claim.id, p.simulation.end),
            "an earlier date, a later simulation.end, enabled = false or beyond_horizon = true would do",
        ),
        Undecidable::Since(month) => (
            format!(
                "claim `{}` asks for {month}, and the initial state is that of {}",
                claim.id,
                p.month_before_start()
            ),
            "a later date, enabled = false or beyond_horizon = true would do",
        ),
        Undecidable::Without => return None,
    };
    Some(claim.fault(at, message, Some(hint.to_string())))
}

/// Names that no metric has, in all claims of a scenario.
pub fn faults(scenario: &Scenario) -> Vec<Fault> {
    faults_beside(scenario, &Unsound::default())
}

/// As [`faults`]; of agents that could not be read that is told already.
fn faults_beside(scenario: &Scenario, unsound: &Unsound) -> Vec<Fault> {
    let names = Names::new(&scenario.parameters);
    let mut faults = Vec::new();
    for claim in scenario.claims.iter().filter(|claim| claim.without.is_none()) {
        claim.parsed.visit(&mut |part| {
            let (name, found) = match part {
                Part::Metric(name) => (name, names.one(name).map(|_| ())),
                Part::Pattern(name) => (name, names.all(name).map(|_| ())),
                Part::Rank(name) => (name, names.rank(name).map(|_| ())),
                Part::Event(_) | Part::Window(..) | Part::Date(_) => return,
            };
            if let Err((message, hint)) = found
                && !told_already(scenario, unsound, &name.text)
            {
                faults.push(claim.fault(&name.at, format!("claim `{}`: {message}", claim.id), hint));
            }
        });
    }
    faults
}

/// Whether a metric is that of an agent that could not be read.
pub(super) fn told_already(scenario: &Scenario, unsound: &Unsound, path: &str) -> bool {
    let (group, rest) = path.split_once('.').unwrap_or_default();
    let id = rest.split('.').next().unwrap_or_default();
    let absent = group_of(group).is_some_and(|g| g.find(&scenario.parameters, id).is_none());
    absent && unsound.may_hold(group, id)
}

/// What turns names and dates into places.
struct Compiler<'s> {
    names: Names,
    scenario: &'s Scenario,
    months: &'s [Month],
}

impl Compiler<'_> {
    fn value(&self, quantity: &Quantity) -> Result<Value, Unknown> {
        Ok(match quantity {
            Quantity::Number(x) => Value::Number(*x),
            Quantity::Metric(name) => Value::At(self.names.offset(self.names.one(name)?)),
            Quantity::Fold(fold, name) => {
                let (table, counted, column) = self.names.all(name)?;
                let at = counted.into_iter().map(|entity| self.names.own((table, entity, column)));
                Value::Fold(*fold, at.collect())
            }
            Quantity::Rank(name) => {
                let ((table, entity, column), others) = self.names.rank(name)?;
                let at = |entity| self.names.own((table, entity, column));
                Value::Rank(at(entity), others.into_iter().map(at).collect())
            }
            Quantity::Change(of, from, to) => Value::Change(Box::new(self.value(of)?), self.date(from), self.date(to)),
            Quantity::Negative(of) => Value::Negative(Box::new(self.value(of)?)),
            Quantity::Pair(left, operator, right) => {
                Value::Pair(Box::new(self.value(left)?), *operator, Box::new(self.value(right)?))
            }
        })
    }

    fn compared(&self, comparison: &Comparison) -> Result<Compared, Unknown> {
        Ok(match comparison {
            Comparison::Order(left, relation, right) => {
                Compared::Order(self.value(left)?, *relation, self.value(right)?)
            }
            Comparison::Between(what, low, high) => {
                Compared::Between(self.value(what)?, self.value(low)?, self.value(high)?)
            }
        })
    }

    fn date(&self, date: &Date) -> usize {
        step_of(self.months, date.month)
    }

    fn event(&self, name: &Name) -> Result<usize, Unknown> {
        let events = &self.scenario.events.events;
        let unknown = || (format!("there is no event `{}`", name.text), None);
        events.iter().position(|e| e.id == name.text).ok_or_else(unknown)
    }

    fn test(&self, test: &Test) -> Result<Test3, Unknown> {
        let last = self.months.len().saturating_sub(1);
        Ok(match test {
            Test::Compare(comparison, when) => {
                let compared = self.compared(comparison)?;
                match when {
                    When::Dated => Test3::At(compared, last),
                    When::At(date) => Test3::At(compared, self.date(date)),
                    When::By(date) => Test3::Some(compared, 0..self.date(date) + 1),
                    When::Throughout(from, to) => Test3::Every(compared, self.date(from)..self.date(to) + 1),
                    When::Within(months, event) => Test3::Within(compared, *months, self.event(event)?),
                }
            }
            Test::Not(test) => Test3::Not(Box::new(self.test(test)?)),
            Test::AtLeast(least, tests) => {
                Test3::AtLeast(*least, tests.iter().map(|t| self.test(t)).collect::<Result<_, _>>()?)
            }
            Test::Before(first, second, by) => {
                let end = by.as_ref().map_or(last, |date| self.date(date));
                Test3::Before(self.compared(first)?, self.compared(second)?, end + 1)
            }
            Test::Event(name) => Test3::Event(self.event(name)?),
        })
    }

    fn rule(&self, claim: &Claim) -> Result<Rule, Unknown> {
        let test = self.test(&claim.parsed.test)?;
        let given = claim.parsed.given.as_ref().map(|t| self.test(t)).transpose()?;
        let mut needs = Vec::new();
        claim.parsed.visit(&mut |part| {
            if let Part::Window(event, _) = part {
                needs.extend(self.event(event));
            }
        });
        Ok(Rule { test, given, needs })
    }
}

/// The date at which the step that contains a month ends, as an index; months before the first date count as that.
fn step_of(months: &[Month], month: Month) -> usize {
    months.partition_point(|end| *end < month)
}

impl Claims {
    /// Makes the claims of a scenario ready to be judged on records of this layout.
    ///
    /// # Errors
    /// Every name that no metric has, with its place.
    pub fn new(scenario: &Scenario, layout: &Layout) -> Result<Claims, Vec<Fault>> {
        let found = faults(scenario);
        if !found.is_empty() {
            return Err(found);
        }
        let compiler = Compiler { names: Names::new(&scenario.parameters), scenario, months: &layout.months };
        let mut claims = Vec::new();
        for claim in &scenario.claims {
            let why = claim.undecidable(&scenario.parameters, &scenario.events).map(|(why, _)| why);
            let rule = match why {
                Some(_) => None,
                None => {
                    Some(compiler.rule(claim).map_err(|(message, hint)| vec![Fault::whole(&claim.id, message, hint)])?)
                }
            };
            claims.push(Judged { claim: claim.clone(), undecidable: why, rule });
        }
        Ok(Claims {
            claims,
            ridges: scenario.uncertain.ridges(),
            events: scenario.events.clone(),
            seed: scenario.parameters.simulation.seed,
            months: layout.months.clone(),
            width: layout.width,
            reads: compiler.names.asked(),
        })
    }

    /// Number of claims.
    pub fn len(&self) -> usize {
        self.claims.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// Places of the values that [`Claims::judge`] reads, at whatever dates.
    pub fn reads(&self) -> impl Iterator<Item = usize> {
        (0..self.months.len()).flat_map(move |date| self.reads.iter().map(move |place| date * self.width + place))
    }

    /// Judges a run by its values, laid out as the [`Layout`] says; a byte a claim.
    pub fn judge(&self, run: u64, values: &[f64], verdicts: &mut [u8]) {
        if self.claims.is_empty() {
            return;
        }
        // An event is drawn by its own key: asked again, it has the same date.
        let events = self.events.realise(Draws::new(self.seed, run));
        let last = self.months.last().copied().unwrap_or_default();
        let happened: BTreeMap<usize, Month> =
            events.occurrences().iter().filter(|o| o.from <= last).map(|o| (o.event, o.from)).collect();
        let run = Run { values, width: self.width, months: &self.months, happened };
        for (judged, verdict) in self.claims.iter().zip(verdicts) {
            *verdict = judged.verdict(&run) as u8;
        }
    }
}

impl Judged {
    /// Why the runs cannot decide the claim, in a few words: `before 2030-12`; empty where they can.
    pub fn not_decidable(&self) -> String {
        match self.undecidable {
            None => String::new(),
            Some(Undecidable::Before(month)) => format!("before {month}"),
            Some(Undecidable::Since(month)) => format!("in {month}"),
            Some(Undecidable::Without) => format!("without {}", self.claim.without.as_deref().unwrap_or("its agent")),
        }
    }

    fn verdict(&self, run: &Run<'_>) -> Verdict {
        let Some(rule) = &self.rule else { return Verdict::Undecided };
        let there = rule.needs.iter().all(|event| run.happened.contains_key(event));
        if !there || rule.given.as_ref().is_some_and(|given| run.test(given) != Some(true)) {
            return Verdict::LeftOut;
        }
        match run.test(&rule.test) {
            Some(true) => Verdict::Holds,
            Some(false) => Verdict::Fails,
            None => Verdict::Undecided,
        }
    }
}

/// A run that is judged.
struct Run<'r> {
    values: &'r [f64],
    width: usize,
    months: &'r [Month],
    /// First months of the events that happen.
    happened: BTreeMap<usize, Month>,
}

impl Run<'_> {
    /// A quantity at a date; NaN where it does not exist.
    fn value(&self, value: &Value, date: usize) -> f64 {
        let read = |offset: &usize| self.values[date * self.width + offset];
        // NaN, as what does not exist, for a lab that a group has bought by then.
        let own = |own: &Own| {
            let bought = own.bought.is_some_and(|flag| read(&flag) > 0.0);
            if bought { f64::NAN } else { read(&own.at) }
        };
        match value {
            Value::Number(x) => *x,
            Value::At(offset) => read(offset),
            Value::Fold(fold, offsets) => {
                let there = || offsets.iter().map(own).filter(|v| !v.is_nan());
                let count = there().count();
                match (count, fold) {
                    (0, _) => f64::NAN,
                    (_, Fold::Max) => there().fold(f64::NEG_INFINITY, f64::max),
                    (_, Fold::Min) => there().fold(f64::INFINITY, f64::min),
                    (_, Fold::Sum) => there().sum(),
                    (n, Fold::Mean) => there().sum::<f64>() / n as f64,
                }
            }
            Value::Rank(offset, others) => {
                let value = own(offset);
                let above = others.iter().filter(|&o| own(o) > value).count();
                if value.is_nan() { f64::NAN } else { (1 + above) as f64 }
            }
            Value::Change(of, from, to) => self.value(of, *to) - self.value(of, *from),
            Value::Negative(of) => -self.value(of, date),
            Value::Pair(left, operator, right) => operator.apply(self.value(left, date), self.value(right, date)),
        }
    }

    fn compared(&self, compared: &Compared, date: usize) -> Option<bool> {
        match compared {
            Compared::Order(left, relation, right) => relation.holds(self.value(left, date), self.value(right, date)),
            Compared::Between(what, low, high) => {
                let what = self.value(what, date);
                let above = Relation::AtLeast.holds(what, self.value(low, date));
                let below = Relation::AtMost.holds(what, self.value(high, date));
                all([above, below].into_iter())
            }
        }
    }

    /// The first of these dates at which a comparison holds, and whether any of them could tell.
    fn first(&self, compared: &Compared, dates: Range<usize>) -> (Option<usize>, bool) {
        let mut told = false;
        for date in dates {
            match self.compared(compared, date) {
                Some(true) => return (Some(date), true),
                Some(false) => told = true,
                None => {}
            }
        }
        (None, told)
    }

    fn some(&self, compared: &Compared, dates: Range<usize>) -> Option<bool> {
        match self.first(compared, dates) {
            (Some(_), _) => Some(true),
            (None, true) => Some(false),
            (None, false) => None,
        }
    }

    fn test(&self, test: &Test3) -> Option<bool> {
        match test {
            Test3::At(compared, date) => self.compared(compared, *date),
            Test3::Some(compared, dates) => self.some(compared, dates.clone()),
            Test3::Every(compared, dates) => all(dates.clone().map(|date| self.compared(compared, date))),
            Test3::Within(compared, months, event) => {
                let from = *self.happened.get(event)?;
                let last = self.months.len().saturating_sub(1);
                let (begin, end) = (step_of(self.months, from), step_of(self.months, from.plus(*months)).min(last));
                self.some(compared, begin..end + 1)
            }
            Test3::Not(test) => self.test(test).map(|holds| !holds),
            Test3::AtLeast(least, tests) => {
                let (mut holding, mut open) = (0, 0);
                for test in tests {
                    match self.test(test) {
                        Some(true) => holding += 1,
                        Some(false) => {}
                        None => open += 1,
                    }
                }
                if holding >= *least {
                    Some(true)
                } else if holding + open < *least {
                    Some(false)
                } else {
                    None
                }
            }
            Test3::Before(first, second, end) => {
                let (a, told) = self.first(first, 0..*end);
                match (a, self.first(second, 0..*end).0) {
                    (Some(a), Some(b)) => Some(a < b),
                    (Some(_), None) => Some(true),
                    (None, _) if told => Some(false),
                    (None, _) => None,
                }
            }
            Test3::Event(event) => Some(self.happened.contains_key(event)),
        }
    }
}

/// Whether all hold: no as soon as one does not, unknown where one is and none fails.
fn all(tests: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unknown = false;
    for test in tests {
        match test {
            Some(false) => return Some(false),
            Some(true) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(true) }
}

#[cfg(test)]
mod tests;
