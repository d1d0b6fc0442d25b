//! Claims about the future, and the small language of their tests.
//!
//! ```text
//! claim      := test [ "given" test ]
//! test       := comparison when
//!             | "not" test
//!             | ( "all of" | "any of" | "at least" N "of" ) "(" test { ";" test } ")"
//!             | "(" comparison ")" "before" "(" comparison ")" [ "by" DATE ]
//!             | "event" ID
//!             | "(" test ")"
//! comparison := quantity ( ">" | ">=" | "<" | "<=" ) quantity
//!             | quantity "between" quantity "and" quantity
//! when       := "at" DATE | "by" DATE | "throughout" DATE ".." DATE | "within" N "months of event" ID
//!               (left out where every quantity has dates of its own: `change of`)
//! quantity   := sums, differences, products and quotients of
//!               NUMBER | NUMBER "%" | PATH | "-" quantity | "(" quantity ")"
//!             | ( "max" | "min" | "sum" | "mean" ) "of" PATTERN
//!             | "rank of" PATH
//!             | "change of" quantity "from" DATE "to" DATE
//! DATE       := YYYY-MM
//! PATH       := "labs.openai.enterprise_share", "market.hhi", any row of `aimarket list metrics`
//! PATTERN    := "labs.*.enterprise_share"
//! ```
//!
//! What it means, run by run:
//!
//! - A date is the step that contains it; the month before the start is the initial state.
//! - `at` looks at one step, `by` at every step from the initial state to that date and holds when one of them does,
//!   `throughout` holds when every step does, `within` is `by` from the step in which the event begins to the step N
//!   months later.
//! - `(A) before (B)`: A holds for the first time at an earlier step than B. When only A ever holds it is before B; when
//!   neither ever does, or both begin at the same step, it is not. `by DATE` ends the search there; without it the horizon.
//! - `between` includes both ends.
//! - `rank of` is 1 for the largest of its kind. Aggregates and ranks skip agents without the value (a lab that is gone
//!   has no price), and for `valuation_usd`, `last_round_usd` and `revenue_multiple` the divisions of owner groups, whose
//!   value is notional.
//! - A value that does not exist, and what is computed from one, decides nothing. `by`, `within` and `before` pass over
//!   such steps and are undecided only when no step has the value. `not`, `all of`, `any of` and `at least` follow Kleene
//!   (1952), "Introduction to metamathematics", § 64: undecided only when what is missing could change the answer. A run
//!   in which a claim is undecided counts as one in which it does not hold, and such runs are reported.
//! - Runs in which the test after `given` does not hold, or is undecided, are left out and counted. So are runs in which
//!   an event named by `within N months of event` does not happen.
//! - A minus between two names stands apart from them: a name may contain one.

mod parse;

use std::ops::Range;

use crate::scenario::document::Node;
use crate::scenario::fault::{Fault, Where, suggest};
use crate::scenario::notes::{flag, needed, tables, text};
use crate::scenario::parameters::Parameters;
use crate::scenario::read::Reader;
use crate::scenario::timeline::{Event, Timeline, When as EventWhen};
use crate::units::Month;

pub use parse::{Wrong, parse};

/// A claim about the future, scored as the share of runs in which its test holds.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Id, unique in a scenario.
    pub id: String,
    /// Who says so.
    pub source: String,
    /// The claim in words.
    pub text: String,
    /// The claim as a test on metrics, as it was written, for example
    /// `labs.openai.enterprise_share between 0.55 and 0.60 at 2026-06`.
    pub test: String,
    /// What happened, where it is known.
    pub outcome: Option<bool>,
    /// Whether the file says that the claim's dates lie outside the runs, so that it is kept without being scored.
    pub beyond_horizon: bool,
    /// The agent that it names and that was removed, as `labs.openai`: the claim is kept without being scored.
    pub without: Option<String>,
    /// Whether its test stands in a parent of the file asked for.
    pub inherited: bool,
    /// The test, read.
    pub parsed: Parsed,
    /// Where each name and date of the test was written.
    places: Vec<(Range<usize>, Where)>,
}

impl PartialEq for Claim {
    // Where it was written is not what it says, nor is whether the horizon of its file is known to be short of it.
    fn eq(&self, other: &Claim) -> bool {
        let same = self.id == other.id && self.source == other.source && self.text == other.text;
        same && self.test == other.test && self.outcome == other.outcome
    }
}

/// A name or a number of the test, and where in its text it stands (bytes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What is written: the path of a metric, or the id of an event.
    pub text: String,
    /// Where.
    pub at: Range<usize>,
}

/// A month of the test, and where in its text it stands (bytes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Date {
    /// The month.
    pub month: Month,
    /// Where.
    pub at: Range<usize>,
}

/// A claim's test and its condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// What is claimed.
    pub test: Test,
    /// The runs that count: those in which this holds.
    pub given: Option<Test>,
}

/// What holds in a run, or does not.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// A comparison at the steps that it is asked for.
    Compare(Comparison, When),
    /// The contrary.
    Not(Box<Test>),
    /// At least so many of these.
    AtLeast(usize, Vec<Test>),
    /// The first comparison holds for the first time before the second does, up to a date or the horizon.
    Before(Comparison, Comparison, Option<Date>),
    /// The event happens.
    Event(Name),
}

/// The steps at which a comparison is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// At every step alike: its quantities have dates of their own.
    Dated,
    /// At the step of this date.
    At(Date),
    /// At some step to this date.
    By(Date),
    /// At every step from one date to another.
    Throughout(Date, Date),
    /// At some step of so many months from the event on.
    Within(i32, Name),
}

/// One quantity against others.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    /// `left relation right`
    Order(Quantity, Relation, Quantity),
    /// `what between low and high`
    Between(Quantity, Quantity, Quantity),
}

/// How two quantities are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `<=`
    AtMost,
}

/// What two quantities make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
}

/// What the values of all agents of a kind make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
}

/// A quantity of a run at a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// A number.
    Number(f64),
    /// A metric.
    Metric(Name),
    /// A metric of all agents of a kind.
    Fold(Fold, Name),
    /// The place of an agent among its kind, 1 for the largest value.
    Rank(Name),
    /// What a quantity gains from one date to another.
    Change(Box<Quantity>, Date, Date),
    /// Less than nothing of it.
    Negative(Box<Quantity>),
    /// Two of them.
    Pair(Box<Quantity>, Operator, Box<Quantity>),
}

/// A part of a test that stands for something outside it.
#[derive(Clone, Copy, Debug)]
pub enum Part<'t> {
    /// A metric of one agent, or of the market.
    Metric(&'t Name),
    /// A metric of all agents of a kind.
    Pattern(&'t Name),
    /// A rank: a metric of one agent.
    Rank(&'t Name),
    /// An event.
    Event(&'t Name),
    /// An event, and the months after it that are looked at.
    Window(&'t Name, i32),
    /// A date.
    Date(&'t Date),
}

impl Parsed {
    /// Shows every part that stands for something outside the test, in the order of the text.
    pub fn visit<'t>(&'t self, see: &mut impl FnMut(Part<'t>)) {
        self.test.visit(see);
        if let Some(given) = &self.given {
            given.visit(see);
        }
    }
}

impl Test {
    fn visit<'t>(&'t self, see: &mut impl FnMut(Part<'t>)) {
        match self {
            Test::Compare(comparison, when) => {
                comparison.visit(see);
                match when {
                    When::Dated => {}
                    When::At(date) | When::By(date) => see(Part::Date(date)),
                    When::Throughout(from, to) => {
                        see(Part::Date(from));
                        see(Part::Date(to));
                    }
                    When::Within(months, event) => see(Part::Window(event, *months)),
                }
            }
            Test::Not(test) => test.visit(see),
            Test::AtLeast(_, tests) => tests.iter().for_each(|t| t.visit(see)),
            Test::Before(first, second, by) => {
                first.visit(see);
                second.visit(see);
                by.iter().for_each(|date| see(Part::Date(date)));
            }
            Test::Event(event) => see(Part::Event(event)),
        }
    }
}

impl Comparison {
    fn visit<'t>(&'t self, see: &mut impl FnMut(Part<'t>)) {
        match self {
            Comparison::Order(left, _, right) => {
                left.visit(see);
                right.visit(see);
            }
            Comparison::Between(what, low, high) => [what, low, high].into_iter().for_each(|q| q.visit(see)),
        }
    }
    /// Whether a value in it depends on the step at which it is read.
    pub fn is_open(&self) -> bool {
        match self {
            Comparison::Order(left, _, right) => left.is_open() || right.is_open(),
            Comparison::Between(what, low, high) => what.is_open() || low.is_open() || high.is_open(),
        }
    }
}

impl Quantity {
    fn visit<'t>(&'t self, see: &mut impl FnMut(Part<'t>)) {
        match self {
            Quantity::Number(_) => {}
            Quantity::Metric(name) => see(Part::Metric(name)),
            Quantity::Fold(_, name) => see(Part::Pattern(name)),
            Quantity::Rank(name) => see(Part::Rank(name)),
            Quantity::Change(of, from, to) => {
                of.visit(see);
                see(Part::Date(from));
                see(Part::Date(to));
            }
            Quantity::Negative(of) => of.visit(see),
            Quantity::Pair(left, _, right) => {
                left.visit(see);
                right.visit(see);
            }
        }
    }
    fn is_open(&self) -> bool {
        match self {
            Quantity::Number(_) | Quantity::Change(..) => false,
            Quantity::Metric(_) | Quantity::Fold(..) | Quantity::Rank(_) => true,
            Quantity::Negative(of) => of.is_open(),
            Quantity::Pair(left, _, right) => left.is_open() || right.is_open(),
        }
    }
}

/// Why runs of a scenario cannot decide a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecidable {
    /// It is not decidable before this month, and the runs end earlier.
    Before(Month),
    /// It asks for this month, and the runs begin later.
    Since(Month),
    /// It names an agent that was removed: [`Claim::without`].
    Without,
}

impl Claim {
    /// A fault at a part of the test.
    pub fn fault(&self, at: &Range<usize>, message: impl Into<String>, hint: Option<String>) -> Fault {
        match self.places.iter().find(|(range, _)| range == at) {
            Some((_, place)) => Fault { place: place.clone(), message: message.into(), hint },
            None => Fault::whole(&format!("claim `{}`", self.id), message, hint),
        }
    }

    /// Why runs of these parameters cannot decide the claim, and at which part of its test that is seen.
    pub fn undecidable(&self, parameters: &Parameters, events: &Timeline) -> Option<(Undecidable, &Range<usize>)> {
        if self.without.is_some() {
            return Some((Undecidable::Without, &(0..0)));
        }
        let (first, last) = (parameters.month_before_start(), parameters.simulation.end);
        let (mut early, mut late): (Option<&Date>, Option<(Month, &Range<usize>)>) = (None, None);
        let mut needs = |month: Month, at| {
            if month > last && late.is_none_or(|(l, _)| month > l) {
                late = Some((month, at));
            }
        };
        self.parsed.visit(&mut |part| match part {
            Part::Date(date) => {
                needs(date.month, &date.at);
                if date.month < first && early.is_none_or(|e| date.month < e.month) {
                    early = Some(date);
                }
            }
            Part::Window(name, months) => {
                if let Some(event) = events.find(&name.text) {
                    needs(latest(event).plus(months), &name.at);
                }
            }
            Part::Metric(_) | Part::Pattern(_) | Part::Rank(_) | Part::Event(_) => {}
        });
        let late = late.map(|(month, at)| (Undecidable::Before(month), at));
        late.or_else(|| early.map(|date| (Undecidable::Since(date.month), &date.at)))
    }
}

fn latest(event: &Event) -> Month {
    match event.when {
        EventWhen::At(month) => month,
        EventWhen::Between(_, last) => last,
    }
}

/// Reads `[[claim]]`; the events it may name are read already.
pub fn read(reader: &mut Reader<'_>, node: Option<&Node>, events: &Timeline) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (tree, at) in tables(reader, node, "claim") {
        let id = text(reader, tree, "id");
        let name = format!("claim `{id}`");
        reader.only_keys(
            tree,
            &name,
            &["id", "source", "text", "test", "outcome", "beyond_horizon", "without", "enabled"],
        );
        let source = text(reader, tree, "source");
        let words = needed(reader, tree, at, "text", &name);
        let test = needed(reader, tree, at, "test", &name);
        let outcome = flag(reader, tree, "outcome");
        let beyond_horizon = flag(reader, tree, "beyond_horizon").unwrap_or(false);
        let mut without = Some(text(reader, tree, "without")).filter(|agent| !agent.is_empty());
        let Some(node) = tree.get("test").filter(|n| n.text().is_some()) else { continue };
        let parsed = match parse(&test) {
            Ok(parsed) => parsed,
            Err(Wrong { at, message, hint }) => {
                let spot = reader.layers.within(node, at);
                reader.fault(spot, format!("{name}: {message}"), hint);
                continue;
            }
        };
        let mut places = Vec::new();
        parsed.visit(&mut |part| {
            let at = match part {
                Part::Metric(n) | Part::Pattern(n) | Part::Rank(n) | Part::Event(n) | Part::Window(n, _) => &n.at,
                Part::Date(date) => &date.at,
            };
            let place = reader.layers.fault(reader.layers.within(node, at.clone()), "", None).place;
            places.push((at.clone(), place));
        });
        // Who is removed from a scenario takes along what is said of him, and that is told.
        parsed.visit(&mut |part| {
            if let Part::Metric(name) | Part::Rank(name) = part {
                let removed = reader.removed.iter().map(|(group, id)| format!("{group}.{id}"));
                let names = |agent: &String| name.text.strip_prefix(agent).is_some_and(|rest| rest.starts_with('.'));
                without = without.take().or_else(|| removed.into_iter().find(names));
            }
        });
        let inherited = !node.at.is_own();
        let text = words;
        let claim = Claim { id, source, text, test, outcome, beyond_horizon, without, inherited, parsed, places };
        let known: Vec<&str> = events.events.iter().map(|e| e.id.as_str()).collect();
        claim.parsed.visit(&mut |part| {
            if let Part::Event(event) | Part::Window(event, _) = part
                && !known.contains(&event.text.as_str())
                && !reader.unsound.may_hold("event", &event.text)
            {
                let hint = suggest(&event.text, &known).or(Some("the scenario has no events".to_string()));
                reader.faults.push(claim.fault(&event.at, format!("{name}: there is no event `{}`", event.text), hint));
            }
        });
        claims.push(claim);
    }
    claims
}

#[cfg(test)]
mod tests;
