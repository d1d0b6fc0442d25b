//! Designs of a sweep: which values each varied path takes at each point.
//!
//! - `grid`: every combination; the last path varies fastest.
//! - `random`: independent uniform points, each put through the quantile function of its path.
//! - `lhs`: Latin hypercube of McKay, Beckman and Conover (1979), "A comparison of three methods for selecting values of input
//!   variables": point i of n has u = (π(i) + U) / n with a random order π of the n strata for each path, U uniform on (0, 1).
//! - `sobol`: the sequence of Sobol' (1967) with the direction numbers of Joe and Kuo (2008), "Constructing Sobol sequences with
//!   better two-dimensional projections", each path shifted digit by digit by a random number, so that the first point is no
//!   corner and all keep their even spread: L'Ecuyer and Lemieux (2002), "Recent advances in randomized quasi-Monte Carlo methods".
//! - `table`: the points that a file lists.
//!
//! Draws are keyed by the scenario's seed and the path, so that in a random or Latin hypercube design one more path moves no other.
//! The digits of a Sobol' sequence go by the position of the path: a path put before others changes theirs.

mod sequence;
mod spec;
mod table;

use crate::scenario::Scenario;
use crate::scenario::fault::suggest;
pub use spec::{Levels, Spec};
pub use table::BESIDE;

/// Most points of a sweep: a judgement; what figures are drawn from still fits in memory.
pub const MOST_POINTS: u64 = 20_000;
/// Points for each varied path where none are asked for: Loeppky, Sacks and Welch (2009), "Choosing the sample size of a
/// computer experiment: a practical guide".
pub const POINTS_PER_PATH: u64 = 10;
/// Most paths of a Sobol' design: so many direction numbers are at hand.
pub const MOST_SOBOL_PATHS: usize = 100;
/// The words of the designs.
pub const WORDS: [&str; 5] = ["grid", "random", "lhs", "sobol", "table"];

/// What is wrong with a design: where it was asked for, what, and what would do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: error: {message}{}", .hint.as_ref().map(|h| format!("; {h}")).unwrap_or_default())]
pub struct DesignFault {
    /// The flag, key or line at fault.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What would do.
    pub hint: Option<String>,
}

impl DesignFault {
    fn new(place: &str, message: impl Into<String>, hint: impl Into<Option<&'static str>>) -> DesignFault {
        let hint = hint.into().map(str::to_string);
        DesignFault { place: place.to_string(), message: message.into(), hint }
    }
}

/// Something asked for, and where: a flag, or a key of `[sweep]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T> {
    /// Where, as messages name it: `--design`, `[sweep] points`.
    pub place: String,
    /// What.
    pub value: T,
}

impl<T> Said<T> {
    /// Something that was asked for at a place.
    pub fn new(place: impl Into<String>, value: T) -> Said<T> {
        Said { place: place.into(), value }
    }
}

/// What is asked of a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The word of the design, or `table=FILE.csv`; without it, grid where every spec is a list or range, else lhs.
    pub design: Option<Said<String>>,
    /// Number of points, where the design does not give it.
    pub points: Option<Said<u64>>,
    /// (path, spec) of each varied path.
    pub vary: Vec<Said<(String, String)>>,
    /// Where the file of a table is looked for when its name is relative; empty for the working directory.
    pub folder: std::path::PathBuf,
}

/// One varied path and its value at each point, as TOML or a bare word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Path.
    pub path: String,
    /// Its spec as it was written; empty in a table.
    pub spec: String,
    /// The value at each point.
    pub texts: Vec<String>,
    /// Whether the path is a strategy, of which a bare word names one at its defaults.
    pub strategy: bool,
}

/// A design laid out: all its points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// `grid`, `random`, `lhs`, `sobol` or `table`.
    pub word: String,
    /// The varied paths.
    pub columns: Vec<Column>,
    /// Name of each point in messages, where a file lists them; else none.
    names: Vec<String>,
}

impl Design {
    /// Lays out what is asked for, over a scenario as it stands without the sweep.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn new(asked: &Asked, scenario: &Scenario) -> Result<Design, Vec<DesignFault>> {
        let word = asked.design.as_ref().map_or("", |d| d.value.trim());
        let place = asked.design.as_ref().map_or("--design", |d| d.place.as_str());
        if let Some(file) = word.strip_prefix("table=") {
            return Design::of_table(asked, place, file, scenario);
        }
        if word == "table" {
            return Err(vec![DesignFault::new(place, "`table` names no file", "write table=FILE.csv")]);
        }
        let mut faults = Vec::new();
        if !word.is_empty() && !WORDS.contains(&word) {
            let hint = suggest(word, &WORDS);
            faults.push(DesignFault {
                place: place.to_string(),
                message: format!("there is no design `{word}`"),
                hint,
            });
        }
        if asked.vary.is_empty() {
            let hint = "write --vary PATH=SPEC, for example --vary demand.switching_cost=2:6:5, or a [sweep] table in the scenario";
            faults.push(DesignFault::new("--vary", "nothing is varied", hint));
        }
        let mut specs: Vec<(&Said<(String, String)>, Spec)> = Vec::new();
        for said in &asked.vary {
            let (path, text) = &said.value;
            if let Some((other, _)) = specs.iter().find(|(other, _)| overlaps(&other.value.0, path)) {
                let message = format!("`{path}` is varied already, as `{}`", other.value.0);
                faults.push(DesignFault::new(&said.place, message, "vary each value once"));
                continue;
            }
            match Spec::read(&said.place, path, text, &scenario.parameters) {
                Ok(spec) => specs.push((said, spec)),
                Err(found) => faults.extend(found),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let listed = specs.iter().all(|(_, spec)| matches!(spec.levels, Levels::List(_)));
        let word = match word {
            "" if listed => "grid",
            "" => "lhs",
            word => word,
        };
        let points = points(asked, word, &specs)?;
        let seed = scenario.parameters.simulation.seed;
        let units = sequence::unit_points(word, seed, points, &asked.vary);
        let columns = specs.iter().enumerate().map(|(at, (said, spec))| {
            let texts = match (&spec.levels, word) {
                (Levels::List(list), "grid") => grid_column(&specs, at, list, points),
                _ => (0..points as usize).map(|point| spec.text_at(units[at][point])).collect(),
            };
            Column { path: said.value.0.clone(), spec: said.value.1.trim().to_string(), texts, strategy: spec.strategy }
        });
        Ok(Design { word: word.to_string(), columns: columns.collect(), names: Vec::new() })
    }

    fn of_table(asked: &Asked, place: &str, file: &str, scenario: &Scenario) -> Result<Design, Vec<DesignFault>> {
        let mut faults = Vec::new();
        if let Some(said) = asked.vary.first() {
            let hint = "a table names the paths itself: leave one of the two out";
            faults.push(DesignFault::new(&said.place, "is given beside a table of points", hint));
        }
        let design = table::read(place, &asked.folder.join(file.trim()), &scenario.parameters);
        let design = design.map_err(|found| faults.extend(found));
        if let (Ok(design), Some(said)) = (&design, &asked.points)
            && said.value != design.points()
        {
            let message = format!("{} points are asked for and the table has {}", said.value, design.points());
            faults.push(DesignFault::new(&said.place, message, "leave it out"));
        }
        match design {
            Ok(design) if faults.is_empty() => Ok(design),
            _ => Err(faults),
        }
    }

    /// Number of points.
    pub fn points(&self) -> u64 {
        self.columns.first().map_or(0, |column| column.texts.len() as u64)
    }

    /// The (path, value) overlays of a point, from 0.
    pub fn overlays(&self, point: u64) -> Vec<(String, String)> {
        self.columns.iter().map(|c| (c.path.clone(), laid(self.text(c, point), c.strategy))).collect()
    }

    /// The values of a point, from 0, as they were written.
    pub fn texts(&self, point: u64) -> impl Iterator<Item = &str> {
        self.columns.iter().map(move |column| self.text(column, point))
    }

    fn text<'c>(&self, column: &'c Column, point: u64) -> &'c str {
        column.texts.get(point as usize).map_or("", String::as_str)
    }

    /// A point as messages name it: its number, where it was listed, and all its values.
    pub fn name(&self, point: u64) -> String {
        let paths = self.columns.iter().map(|c| c.path.as_str());
        let values: Vec<String> =
            paths.zip(self.texts(point)).map(|(path, value)| format!("{path} = {value}")).collect();
        let listed = self.names.get(point as usize).map(|name| format!("{name}: ")).unwrap_or_default();
        format!("{listed}point {} ({})", point + 1, values.join(", "))
    }
}

/// A value as it is laid: the bare name of a strategy stands for that strategy at its defaults.
pub fn laid(value: &str, strategy: bool) -> String {
    let bare = !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || c == '_');
    if bare && strategy { format!("{{ {value} = {{}} }}") } else { value.to_string() }
}

/// Whether two paths are the same value, or one is a part of the other.
fn overlaps(a: &str, b: &str) -> bool {
    let within = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    within(a, b) || within(b, a)
}

/// Number of points of a design other than a table.
fn points(asked: &Asked, word: &str, specs: &[(&Said<(String, String)>, Spec)]) -> Result<u64, Vec<DesignFault>> {
    let mut faults = Vec::new();
    let place = |said: Option<&str>| said.unwrap_or("--design").to_string();
    let design_place = place(asked.design.as_ref().map(|d| d.place.as_str()));
    let points_place = place(asked.points.as_ref().map(|p| p.place.as_str()));
    let wanted = asked.points.as_ref().map(|said| said.value);
    let mut count = wanted.unwrap_or(POINTS_PER_PATH * specs.len() as u64);
    if word == "grid" {
        count = 1;
        for (said, spec) in specs {
            match &spec.levels {
                Levels::List(list) => count = count.saturating_mul(list.len() as u64),
                Levels::Spread { .. } => {
                    let message = format!("`{}` is a distribution, which has no grid", said.value.1.trim());
                    faults.push(DesignFault::new(
                        &said.place,
                        message,
                        "write from:to:steps or a,b,c, or take --design lhs",
                    ));
                }
            }
        }
        if let Some(wanted) = wanted.filter(|&wanted| wanted != count && faults.is_empty()) {
            let message = format!("{wanted} points are asked for and the grid has {count}");
            faults.push(DesignFault::new(&points_place, message, "leave it out, or take --design lhs"));
        }
    } else if wanted.is_none() && word == "sobol" {
        // A power of two of points is spread evenly.
        count = count.next_power_of_two();
    }
    if word == "sobol" && specs.len() > MOST_SOBOL_PATHS {
        let message = format!("a Sobol' design takes at most {MOST_SOBOL_PATHS} paths, not {}", specs.len());
        faults.push(DesignFault::new(&design_place, message, "take lhs or random"));
    }
    if (count == 0 || count > MOST_POINTS) && faults.is_empty() {
        let place = if wanted.is_some() { &points_place } else { &design_place };
        faults.push(DesignFault {
            place: place.clone(),
            message: format!("{count} points"),
            hint: Some(format!("1 to {MOST_POINTS} would do")),
        });
    }
    if faults.is_empty() { Ok(count) } else { Err(faults) }
}

/// The values of path `at` at the points of a grid, in which the last path varies fastest.
fn grid_column(specs: &[(&Said<(String, String)>, Spec)], at: usize, list: &[String], points: u64) -> Vec<String> {
    let length = |spec: &Spec| match &spec.levels {
        Levels::List(list) => list.len() as u64,
        Levels::Spread { .. } => 1,
    };
    let every: u64 = specs[at + 1..].iter().map(|(_, spec)| length(spec)).product();
    (0..points).map(|point| list[(point / every) as usize % list.len()].clone()).collect()
}

#[cfg(test)]
mod tests;
