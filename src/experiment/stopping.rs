//! When to stop: runs are looked at in their order, at fixed counts, until the standard errors asked for are reached.
//!
//! ```text
//! counts        c₁ = 100, then c → c + ⌈c / 10⌉, and the most runs that are allowed
//! metric        m = Σ x / n                  se = sd / √n
//! probability   p = h / n                    se = √(p̃ (1 − p̃) / ñ),  ñ = n + z²,  p̃ = (h + z²/2) / ñ,  z = 1.96
//! stop          at the first count at which every target holds: se ≤ X, or se ≤ X · |m|
//! ```
//!
//! The counts depend on the rule alone, so the runs of a result do not depend on threads, blocks or resumes.
//!
//! To stop when the runs seen so far look settled biases what is reported a little: stops come more often where the spread
//! happens to look small, so intervals cover slightly less than they say. The bias vanishes as targets shrink: Chow and
//! Robbins (1965), "On the asymptotic theory of fixed-width sequential confidence intervals for the mean", Annals of
//! Mathematical Statistics 36: 457–462; Glynn and Whitt (1992), "The asymptotic validity of sequential stopping rules for
//! stochastic simulations", Annals of Applied Probability 2: 180–198. Hence nothing is looked at before 100 runs, and seldom
//! after. The standard error of a probability is never 0, also where none of the runs has met it: Agresti and Coull (1998),
//! "Approximate is better than exact for interval estimation of binomial proportions", The American Statistician 52: 119–126.

use std::str::FromStr;

use crate::experiment::statistics::Z95;
use crate::record::claims::Claims;
use crate::record::{Layout, TableKind};
use crate::scenario::fault::suggest;

/// Runs before which nothing is looked at. A judgement: with fewer, a standard deviation is itself too rough to stop by.
pub const LEAST_RUNS: u64 = 100;
/// Unit of a metric that is 1 or 0: its mean is a probability.
const FLAG: &str = "flag";
/// What is meant by a target without a path.
pub const SHARES: &str = "labs.*.enterprise_share";
/// Counts before [`LEAST_RUNS`] at which the running means are noted, for a figure.
const EARLY: u64 = 10;

/// The next count at which runs are looked at; `most` is the last.
pub fn next_count(count: u64, most: u64) -> u64 {
    let next = if count < LEAST_RUNS { LEAST_RUNS } else { count + count.div_ceil(10) };
    next.min(most)
}

/// How small a standard error has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// In the unit of the metric.
    Absolute(f64),
    /// As a fraction of the size of the mean.
    Relative(f64),
}

impl Bound {
    /// The greatest standard error that will do beside a mean.
    pub fn at(self, mean: f64) -> f64 {
        match self {
            Bound::Absolute(x) => x,
            Bound::Relative(x) => x * mean.abs(),
        }
    }
}

/// What a target speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A metric at the horizon: its path, in which `*` stands for every agent.
    Metric(String),
    /// The probability of a claim: its id.
    Claim(String),
    /// The probability that the other scenario has more of a metric than the base: the path of the metric.
    Beats(String),
}

/// A standard error to be reached, as it is written on the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// As written.
    pub text: String,
    /// Of what.
    pub subject: Subject,
    /// How small.
    pub bound: Bound,
}

impl FromStr for Target {
    type Err = String;

    /// Reads `X`, `X%`, `PATH=X` or `PATH=X%`.
    fn from_str(text: &str) -> Result<Target, String> {
        let (path, size) = match text.split_once('=') {
            Some((path, _)) if path.trim().is_empty() => {
                return Err(format!(
                    "`{text}` names no metric before `=`; PATH=X would do, for example {SHARES}=0.005, or X alone for it"
                ));
            }
            Some((path, size)) => (path.trim(), size.trim()),
            None => (SHARES, text.trim()),
        };
        let (number, relative) = size.strip_suffix('%').map_or((size, false), |number| (number.trim_end(), true));
        let known = number.parse::<f64>().ok().filter(|x| x.is_finite() && *x > 0.0);
        let Some(x) = known else {
            let said = if size.is_empty() { text } else { size };
            return Err(format!(
                "`{said}` is no standard error; a number above 0 would do, for example 0.005, 2% or {SHARES}=0.005"
            ));
        };
        let subject = match (path.strip_prefix("beats."), path.strip_prefix("claims.")) {
            (Some(of), _) => Subject::Beats(of.to_string()),
            (_, Some(id)) => Subject::Claim(id.to_string()),
            _ => Subject::Metric(path.to_string()),
        };
        let bound = if relative { Bound::Relative(x / 100.0) } else { Bound::Absolute(x) };
        Ok(Target { text: text.trim().to_string(), subject, bound })
    }
}

/// A metric of one agent in a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Table.
    pub table: usize,
    /// Agent within it.
    pub entity: usize,
    /// Column.
    pub column: usize,
}

impl Place {
    /// Its path, for example `labs.openai.enterprise_share`.
    pub fn path(&self, layout: &Layout) -> String {
        let t = &layout.tables[self.table];
        let column = &t.columns[self.column].name;
        match t.kind {
            TableKind::Market => format!("{}.{column}", t.kind.word()),
            kind => format!("{}.{}.{column}", kind.word(), t.entities[self.entity].id),
        }
    }
    /// Where its value at the horizon stands in a record.
    pub fn at_horizon(&self, layout: &Layout) -> usize {
        layout.index(self.table, layout.months.len().saturating_sub(1), self.entity, self.column)
    }
    /// Whether it is 1 or 0.
    pub fn is_flag(&self, layout: &Layout) -> bool {
        layout.tables[self.table].columns[self.column].unit == FLAG
    }
}

/// The metrics that a path names; `*` stands for every agent.
///
/// # Errors
/// What no such metric has, with the nearest right name.
pub fn places(layout: &Layout, path: &str) -> Result<Vec<Place>, String> {
    let no = |what: String, hint: Option<String>| {
        let hint = hint.map(|h| format!("; {h}")).unwrap_or_default();
        Err(format!("there is no metric `{path}`: {what}{hint}"))
    };
    let (word, rest) = path.split_once('.').unwrap_or((path, ""));
    let words: Vec<&str> = layout.tables.iter().map(|t| t.kind.word()).collect();
    let Some(table) = words.iter().position(|w| *w == word) else {
        return no(format!("no agents `{word}`"), suggest(word, &words));
    };
    let t = &layout.tables[table];
    let (agent, metric) = match t.kind {
        TableKind::Market => ("*", rest),
        _ => rest.split_once('.').unwrap_or((rest, "")),
    };
    let ids: Vec<&str> = t.entities.iter().map(|e| e.id.as_str()).collect();
    let entities: Vec<usize> = (0..ids.len()).filter(|&e| agent == "*" || ids[e] == agent).collect();
    if entities.is_empty() {
        return no(format!("no `{agent}` in {word}"), suggest(agent, &ids));
    }
    let columns: Vec<&str> = t.columns.iter().map(|c| c.name.as_str()).collect();
    let Some(column) = columns.iter().position(|c| *c == metric) else {
        return no(format!("no `{metric}` of {word}"), suggest(metric, &columns));
    };
    Ok(entities.into_iter().map(|entity| Place { table, entity, column }).collect())
}

/// Where the value of a quantity comes from in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A value of the record.
    Value(usize),
    /// The verdict on a claim.
    Claim(usize),
}

/// A number whose standard error is watched.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// Path, for example `labs.openai.enterprise_share` or `claims.<id>`.
    pub path: String,
    /// Unit.
    pub unit: String,
    /// Whether its values are 1 or 0 (a tie: 0.5).
    pub probability: bool,
    /// How small its standard error has to be; any where nothing is asked of it.
    pub bounds: Vec<Bound>,
}

/// Adds a quantity, or one more bound on one that is there.
pub fn add<S>(all: &mut Vec<(Quantity, S)>, quantity: Quantity, source: S) {
    match all.iter_mut().find(|(q, _)| q.path == quantity.path) {
        Some((there, _)) => there.bounds.extend(quantity.bounds),
        None => all.push((quantity, source)),
    }
}

/// The quantities that targets on one scenario speak of. Without targets: the enterprise shares of all labs, unbound.
///
/// # Errors
/// Every target that speaks of nothing that is there, and what would do.
pub fn resolve(targets: &[Target], layout: &Layout, claims: &Claims) -> Result<Vec<(Quantity, Source)>, Vec<String>> {
    let mut all = Vec::new();
    let mut wrong = Vec::new();
    let metric = |all: &mut Vec<(Quantity, Source)>, path: &str, bounds: Vec<Bound>| -> Result<(), String> {
        for place in places(layout, path)? {
            let quantity = Quantity {
                path: place.path(layout),
                unit: layout.tables[place.table].columns[place.column].unit.to_string(),
                probability: place.is_flag(layout),
                bounds: bounds.clone(),
            };
            add(all, quantity, Source::Value(place.at_horizon(layout)));
        }
        Ok(())
    };
    for target in targets {
        let found = match &target.subject {
            Subject::Metric(path) => metric(&mut all, path, vec![target.bound]),
            Subject::Beats(_) => Err("`beats.` compares two scenarios; `aimarket compare` knows it".to_string()),
            Subject::Claim(id) => claim(claims, id).map(|at| {
                let path = format!("claims.{id}");
                let bounds = vec![target.bound];
                add(&mut all, Quantity { path, unit: "1".into(), probability: true, bounds }, Source::Claim(at));
            }),
        };
        wrong.extend(found.err().map(|what| format!("--until-mcse {}: {what}", target.text)));
    }
    if targets.is_empty() {
        wrong.extend(metric(&mut all, SHARES, Vec::new()).err());
    }
    if wrong.is_empty() { Ok(all) } else { Err(wrong) }
}

/// The metrics that targets on every point of a sweep speak of, and where they stand in a record.
///
/// # Errors
/// As [`resolve`]; and every target on a claim: a sweep judges none.
pub fn resolve_metrics(targets: &[Target], layout: &Layout) -> Result<Vec<(Quantity, usize)>, Vec<String>> {
    let is_claim = |t: &&Target| matches!(t.subject, Subject::Claim(_));
    let refused = |t: &Target| {
        let text = &t.text;
        format!(
            "--until-mcse {text}: a sweep judges no claims, so that none has a probability; `aimarket run --set PATH=VALUE \
             --until-mcse {text}` does it a point at a time"
        )
    };
    let mut wrong: Vec<String> = targets.iter().filter(is_claim).map(refused).collect();
    let metrics: Vec<Target> = targets.iter().filter(|t| !is_claim(t)).cloned().collect();
    let mut found = Vec::new();
    match resolve(&metrics, layout, &Claims::default()) {
        Ok(all) => {
            for (quantity, source) in all {
                match source {
                    Source::Value(index) => found.push((quantity, index)),
                    Source::Claim(_) => wrong.push(format!("`{}` is no metric", quantity.path)),
                }
            }
        }
        Err(more) => wrong.extend(more),
    }
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

fn claim(claims: &Claims, id: &str) -> Result<usize, String> {
    let Some(at) = claims.claims.iter().position(|c| c.claim.id == id) else {
        let ids: Vec<&str> = claims.claims.iter().map(|c| c.claim.id.as_str()).collect();
        let hint = suggest(id, &ids).map(|h| format!("; {h}")).unwrap_or_default();
        return Err(format!("there is no claim `{id}`{hint}"));
    };
    match &claims.claims[at] {
        c if c.undecidable.is_some() => Err(format!("claim `{id}` is not decidable {}", c.not_decidable())),
        _ => Ok(at),
    }
}

/// Count, mean and spread of a stream of numbers, after Welford (1962).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Values.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes in a value; one that is not finite does not exist and is not counted.
    pub fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.n += 1;
            let step = value - self.mean;
            self.mean += step / self.n as f64;
            self.squares += step * (value - self.mean);
        }
    }
    /// Sample variance; NaN with fewer than two values.
    pub fn variance(&self) -> f64 {
        if self.n > 1 { self.squares / (self.n - 1) as f64 } else { f64::NAN }
    }
    /// Standard error of the mean; NaN with fewer than two values.
    pub fn standard_error(&self) -> f64 {
        (self.variance() / self.n as f64).sqrt()
    }
}

/// Standard error of a probability that was met in `p · n` of `n` runs.
fn of_probability(p: f64, n: u64) -> f64 {
    let n = n as f64;
    let wide = n + Z95 * Z95;
    let middle = (p * n + Z95 * Z95 / 2.0) / wide;
    (middle * (1.0 - middle) / wide).sqrt()
}

/// What is known of a quantity after some runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// Runs in which it has a value.
    pub n: u64,
    /// Mean; NaN without a value.
    pub mean: f64,
    /// Standard error; NaN with fewer than two values.
    pub standard_error: f64,
}

/// Counts runs in their order and says when to stop.
#[derive(Clone, Debug)]
pub struct Watch {
    /// What is watched.
    pub quantities: Vec<Quantity>,
    moments: Vec<Moments>,
    most: u64,
    seen: u64,
    next: u64,
    bound: bool,
    reached: bool,
    trace: Vec<(u64, Vec<Known>)>,
}

impl Watch {
    /// Nothing seen yet, of at most `most` runs.
    pub fn new(quantities: Vec<Quantity>, most: u64) -> Watch {
        Watch {
            moments: vec![Moments::default(); quantities.len()],
            bound: quantities.iter().any(|q| !q.bounds.is_empty()),
            quantities,
            most,
            seen: 0,
            next: next_count(0, most),
            reached: false,
            trace: Vec::new(),
        }
    }

    /// Takes the next run: a value a quantity, or `None` where the run failed. True when this run is the last: a count at which
    /// all targets hold.
    pub fn see(&mut self, values: Option<&[f64]>) -> bool {
        if let Some(values) = values {
            self.moments.iter_mut().zip(values).for_each(|(moments, &value)| moments.add(value));
        }
        self.seen += 1;
        let look = self.seen == self.next;
        if look || (self.seen < LEAST_RUNS && self.seen.is_multiple_of(EARLY)) {
            self.trace.push((self.seen, self.known()));
        }
        if look {
            self.next = next_count(self.seen, self.most);
            self.reached = self.bound && (0..self.quantities.len()).all(|at| self.holds(at));
        }
        self.reached
    }

    /// Runs seen, the failed ones too.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether all targets held at the last count that was looked at.
    pub fn reached(&self) -> bool {
        self.reached
    }

    /// What is known now, a quantity each.
    pub fn known(&self) -> Vec<Known> {
        let known = |(m, q): (&Moments, &Quantity)| Known {
            n: m.n,
            mean: if m.n > 0 { m.mean } else { f64::NAN },
            standard_error: match m.n {
                0 => f64::NAN,
                n if q.probability => of_probability(m.mean, n),
                _ => m.standard_error(),
            },
        };
        self.moments.iter().zip(&self.quantities).map(known).collect()
    }

    /// What was known at the counts that were looked at, and at the end.
    pub fn trace(&self) -> Vec<(u64, Vec<Known>)> {
        let mut trace = self.trace.clone();
        if self.seen > 0 && trace.last().is_none_or(|(seen, _)| *seen < self.seen) {
            trace.push((self.seen, self.known()));
        }
        trace
    }

    /// The greatest standard error that would do for a quantity as it stands; `None` where nothing is asked of it.
    pub fn asked(&self, at: usize) -> Option<f64> {
        let mean = self.moments[at].mean;
        let bounds = self.quantities[at].bounds.iter().map(|b| b.at(mean));
        bounds.reduce(f64::min)
    }

    /// Whether all that is asked of a quantity holds; one that never varies holds at once, one without values never.
    pub fn holds(&self, at: usize) -> bool {
        self.asked(at).is_none_or(|asked| self.known()[at].standard_error <= asked)
    }
}

#[cfg(test)]
mod tests;
