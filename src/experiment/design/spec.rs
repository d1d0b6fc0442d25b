//! The spec of one varied path: `from:to:steps`, `a,b,c`, or a distribution.

use super::DesignFault;
use crate::scenario::fault::suggest;
use crate::scenario::nodes::CompiledPath;
use crate::scenario::uncertain::DISTRIBUTIONS;
use crate::scenario::{Distribution, Parameters, vary};

/// Distributions that have a quantile function here, and what each takes in round brackets, in order; those after the bar
/// may be left out.
const SHORT: [(&str, &[&str], &[&str]); 4] = [
    ("normal", &["mean", "sd"], &["min", "max"]),
    ("lognormal", &["median", "sd"], &["min", "max"]),
    ("uniform", &["min", "max"], &[]),
    ("triangular", &["min", "mode", "max"], &[]),
];
/// Significant digits of a value between two ends or out of a distribution: more would only show the rounding of arithmetic.
const DIGITS: usize = 12;

/// What a path is varied over.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Its values.
    pub levels: Levels,
    /// Whether the path is a strategy.
    pub strategy: bool,
}

/// The values of a spec.
#[derive(Clone, Debug, PartialEq)]
pub enum Levels {
    /// A list, each as TOML or a bare word.
    List(Vec<String>),
    /// A distribution within the bounds of the field.
    Spread {
        /// The distribution.
        distribution: Distribution,
        /// Least value of the field.
        lowest: f64,
        /// Greatest value of the field.
        highest: f64,
    },
}

impl Spec {
    /// Reads the spec of a path of a scenario with these parameters. `place` says where it was written.
    pub fn read(place: &str, path: &str, text: &str, parameters: &Parameters) -> Result<Spec, Vec<DesignFault>> {
        let fault =
            |message: String, hint: Option<String>| vec![DesignFault { place: place.to_string(), message, hint }];
        let at = compile(place, path, parameters).map_err(|f| vec![f])?;
        let text = text.trim();
        if text.is_empty() {
            let hint = "write from:to:steps, a,b,c or a distribution such as normal(1.0,0.2)";
            return Err(fault(format!("`{path}` has no values"), Some(hint.to_string())));
        }
        if let Some(written) = distribution_text(text).map_err(|(message, hint)| fault(message, hint))? {
            let distribution = vary::distribution(path, &written).map_err(|f| fault(f.message, f.hint))?;
            return spread(path, &at, distribution)
                .map(|levels| Spec { levels, strategy: false })
                .map_err(|(m, h)| fault(m, Some(h)));
        }
        let list: Vec<String> = match range(text) {
            Some(Ok(numbers)) => numbers.into_iter().map(number_text).collect(),
            Some(Err((message, hint))) => return Err(fault(message, Some(hint))),
            None => split(text),
        };
        for (i, value) in list.iter().enumerate() {
            let message = match value {
                empty if empty.is_empty() => format!("`{text}` has an empty value"),
                again if list[..i].iter().any(|other| same(other, again)) => format!("`{again}` is given twice"),
                _ => continue,
            };
            return Err(fault(message, Some("write each value once, parted by commas".to_string())));
        }
        Ok(Spec { levels: Levels::List(list), strategy: at.variants().is_some() })
    }

    /// The value at `u` of the unit interval, which a list cuts into equal parts.
    pub fn text_at(&self, u: f64) -> String {
        match &self.levels {
            Levels::List(list) => list[((u * list.len() as f64) as usize).min(list.len() - 1)].clone(),
            Levels::Spread { distribution, lowest, highest } => {
                number_text(rounded(distribution.at(u, &[], *lowest, *highest)))
            }
        }
    }
}

/// The place of a path that may be varied.
pub(super) fn compile(place: &str, path: &str, parameters: &Parameters) -> Result<CompiledPath, DesignFault> {
    if let "simulation.runs" | "simulation.seed" = path {
        let hint = "--runs and --seed hold for all of them";
        return Err(DesignFault::new(place, format!("the points of a sweep share `{path}`"), hint));
    }
    let fault = |f: crate::scenario::Fault| DesignFault { place: place.to_string(), message: f.message, hint: f.hint };
    vary::place(parameters, path).map_err(fault)
}

/// A number as TOML reads it back to the same bits.
pub(super) fn number_text(x: f64) -> String {
    let x = x + 0.0;
    if x.fract() == 0.0 && x.abs() < 1e15 { format!("{x}") } else { format!("{x:?}") }
}

/// The nearest number of [`DIGITS`] significant digits.
fn rounded(x: f64) -> f64 {
    format!("{x:.*e}", DIGITS - 1).parse().unwrap_or(x)
}

/// Whether two values are the same text or the same number.
fn same(a: &str, b: &str) -> bool {
    let number = |text: &str| text.replace('_', "").parse::<f64>().ok();
    a == b || number(a).is_some_and(|a| number(b) == Some(a))
}

type Told = (String, Option<String>);

/// The text of a distribution as `[uncertain]` writes it, from that or from `normal(1.0,0.2)`; `None` where it is none.
fn distribution_text(text: &str) -> Result<Option<String>, Told> {
    let words: Vec<&str> = DISTRIBUTIONS.iter().map(|d| d.0).collect();
    if let Some(inner) = text.strip_prefix('{') {
        let word: String = inner.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let alone = split(text).len() == 1;
        return Ok((alone && words.contains(&word.as_str())).then(|| text.to_string()));
    }
    let Some((word, rest)) = text.split_once('(') else { return Ok(None) };
    let word = word.trim();
    let Some(inside) = rest.strip_suffix(')') else {
        return Err((format!("`{text}` does not end with a bracket"), Some(example())));
    };
    let Some((_, needed, others)) = SHORT.iter().find(|short| short.0 == word) else {
        return Err(match words.contains(&word) {
            true => (format!("`{word}` has no short form"), Some(format!("write {{ {word} = {{ ... }} }}"))),
            false => (format!("there is no distribution `{word}`"), suggest(word, &words)),
        });
    };
    let given: Vec<&str> = inside.split(',').map(str::trim).collect();
    if given.len() < needed.len() || given.len() > needed.len() + others.len() || given.contains(&"") {
        let takes: Vec<String> =
            needed.iter().map(|n| (*n).to_string()).chain(others.iter().map(|o| format!("[{o}]"))).collect();
        return Err((
            format!("`{text}` has {} numbers", given.len()),
            Some(format!("write {word}({})", takes.join(","))),
        ));
    }
    let pairs: Vec<String> = needed.iter().chain(*others).zip(given).map(|(n, v)| format!("{n} = {v}")).collect();
    Ok(Some(format!("{{ {word} = {{ {} }} }}", pairs.join(", "))))
}

fn example() -> String {
    "write for example normal(1.0,0.2), or { normal = { mean = 1.0, sd = 0.2 } }".to_string()
}

/// Levels of a distribution that can be put through its quantile function.
fn spread(path: &str, at: &CompiledPath, distribution: Distribution) -> Result<Levels, (String, String)> {
    match &distribution {
        Distribution::Linear { .. } => {
            let usable = "any other distribution would do".to_string();
            return Err(("`linear` depends on other paths and cannot be varied over points".to_string(), usable));
        }
        Distribution::Normal { min_product, .. } if !min_product.is_empty() => {
            let message = "a normal that depends on other paths cannot be varied over points".to_string();
            return Err((message, "leave min_product out".to_string()));
        }
        _ => {}
    }
    let Some(field) = at.field().filter(|_| at.is_number()) else {
        return Err((format!("`{path}` is no number, so it has no distribution"), "write a list: a,b,c".to_string()));
    };
    // Beyond the bounds of the field many points would lie on the bound.
    let ends = match &distribution {
        Distribution::Uniform { min, max }
        | Distribution::Triangular { min, max, .. }
        | Distribution::Beta { min, max, .. } => Some((*min, *max)),
        Distribution::Discrete { values, .. } => {
            Some(values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v))))
        }
        _ => None,
    };
    if let Some((least, most)) = ends.filter(|(least, most)| *least < field.min || *most > field.max) {
        let message = format!("the {} of `{path}` goes from {least} to {most}", distribution.word());
        return Err((message, format!("{} to {} would do", field.min, field.max)));
    }
    Ok(Levels::Spread { distribution, lowest: field.min, highest: field.max })
}

/// The even steps of `from:to:steps`; `None` where the text is no range.
fn range(text: &str) -> Option<Result<Vec<f64>, (String, String)>> {
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    let from: f64 = parts[0].parse().ok().filter(|_| parts.len() > 1)?;
    let hint = "write from:to:steps with two numbers and 2 steps or more, for example 2:6:5";
    let wrong = || Some(Err((format!("`{text}` is no range"), hint.to_string())));
    let [_, to, steps] = parts[..] else { return wrong() };
    let (Ok(to), Ok(steps)) = (to.parse::<f64>(), steps.parse::<u64>()) else { return wrong() };
    if steps > super::MOST_POINTS {
        let most = "a sweep has at most 20,000 points: take at most 20,000 steps".to_string();
        return Some(Err((format!("`{text}` has {steps} steps"), most)));
    }
    if steps < 2 || from == to || !from.is_finite() || !to.is_finite() {
        return wrong();
    }
    let last = (steps - 1) as f64;
    let step = |k: u64| match k {
        0 => from,
        k if k == steps - 1 => to,
        k => rounded((from * (last - k as f64) + to * k as f64) / last),
    };
    Some(Ok((0..steps).map(step).collect()))
}

/// The parts between commas that stand in no bracket and no quotes.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut depth, mut quote) = (0i32, None);
    for c in text.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(c),
            ('{' | '[' | '(', None) => depth += 1,
            ('}' | ']' | ')', None) => depth -= 1,
            (',', None) if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_string()).collect()
}
