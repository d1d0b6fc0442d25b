//! What is uncertain: read, put in order of dependence, and drawn once a run.

use crate::random::{Draws, Purpose, key_of};
use crate::scenario::distribution::Distribution;
use crate::scenario::document::{Entry, Node, Spot, Tree, What};
use crate::scenario::fault::{show, suggest};
use crate::scenario::nodes::{CompiledPath, group};
use crate::scenario::parameters::Parameters;
use crate::scenario::read::{REFERENCES, Reader};

/// One uncertain value.
#[derive(Clone, Debug)]
pub struct Draw {
    /// Its path.
    pub path: String,
    /// Its distribution.
    pub distribution: Distribution,
    place: CompiledPath,
    key: u64,
    others: Vec<CompiledPath>,
    min: f64,
    max: f64,
}

impl PartialEq for Draw {
    fn eq(&self, other: &Draw) -> bool {
        self.path == other.path && self.distribution == other.distribution
    }
}

/// All uncertain values of a scenario, in the order of their paths.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Uncertain {
    /// The values.
    pub draws: Vec<Draw>,
    /// Indices into `draws`: what a draw depends on comes before it.
    order: Vec<usize>,
}

/// A line along which correlated priors move together: one value is drawn by itself, others as linear functions of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ridge {
    /// The value that leads, as an index into [`Uncertain::draws`].
    pub leader: usize,
    /// Its path.
    pub path: String,
}

impl Uncertain {
    /// The ridges that are declared, in the order of their leaders. A value that only bounds another (`min_product`) leads
    /// none.
    pub fn ridges(&self) -> Vec<Ridge> {
        let at = |path: &str| self.draws.binary_search_by(|d| d.path.as_str().cmp(path)).ok();
        let follows = |d: &Draw| match &d.distribution {
            Distribution::Linear { of, .. } => of.iter().filter_map(|(path, _)| at(path)).collect(),
            _ => Vec::new(),
        };
        let mut leaders: Vec<usize> = self.draws.iter().flat_map(follows).collect();
        // What follows another is on that one's ridge.
        leaders.retain(|&leader| follows(&self.draws[leader]).is_empty());
        leaders.sort_unstable();
        leaders.dedup();
        leaders.into_iter().map(|leader| Ridge { leader, path: self.draws[leader].path.clone() }).collect()
    }
    /// The paths, in the order in which values are returned.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.draws.iter().map(|d| d.path.as_str())
    }
    /// The distribution of a path.
    pub fn of(&self, path: &str) -> Option<&Distribution> {
        self.draws.binary_search_by(|d| d.path.as_str().cmp(path)).ok().map(|i| &self.draws[i].distribution)
    }
    /// Lays one run's draws over `into` and returns them in the order of the paths. Each is keyed by its own
    /// path, with agents by their draw keys, so that neither one more uncertain value nor a new name moves any other.
    pub fn lay(&self, seed: u64, run: u64, into: &mut Parameters) -> Vec<f64> {
        self.lay_at(seed, run, &[], into)
    }
    /// As [`Uncertain::lay`], but where `at` gives a probability in (0, 1), in the order of the paths, the value is that at this
    /// probability, given the values that it depends on: Rosenblatt (1952), "Remarks on a multivariate transformation". Those that
    /// `at` does not give are drawn.
    pub fn lay_at(&self, seed: u64, run: u64, at: &[Option<f64>], into: &mut Parameters) -> Vec<f64> {
        let keyed = Draws::new(seed, run);
        let mut values = vec![0.0; self.draws.len()];
        let mut others = Vec::new();
        for &index in &self.order {
            let draw = &self.draws[index];
            others.clear();
            others.extend(draw.others.iter().map(|o| o.number(into).unwrap_or(0.0)));
            let value = match at.get(index) {
                Some(Some(u)) => draw.distribution.at(*u, &others, draw.min, draw.max),
                _ => {
                    let mut stream = keyed.stream(Purpose::Uncertain, draw.key, 0, 0);
                    draw.distribution.draw(&mut stream, &others, draw.min, draw.max)
                }
            };
            if let Some(place) = draw.place.number_mut(into) {
                *place = value;
            }
            values[index] = value;
        }
        values
    }
    /// What each value has to do with the others, in the order of the paths.
    pub fn roles(&self) -> Vec<Role> {
        let others = |d: &Draw| -> Vec<usize> {
            let at = |path: &str| self.draws.binary_search_by(|d| d.path.as_str().cmp(path)).ok();
            d.distribution.depends_on().into_iter().filter_map(at).collect()
        };
        let mut leads = vec![false; self.draws.len()];
        self.draws.iter().flat_map(others).for_each(|other| leads[other] = true);
        let role = |(draw, leads): (&Draw, bool)| match (leads, others(draw).is_empty()) {
            (false, true) => Role::Independent,
            (true, true) => Role::Leads,
            (false, false) => Role::Follows,
            (true, false) => Role::Between,
        };
        self.draws.iter().zip(leads).map(role).collect()
    }
}

/// What an uncertain value has to do with other uncertain values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It depends on none, and none on it.
    Independent,
    /// Others depend on it.
    Leads,
    /// It depends on others.
    Follows,
    /// It depends on others, and others on it.
    Between,
}

impl Role {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Role::Independent => "independent",
            Role::Leads => "leads",
            Role::Follows => "follows",
            Role::Between => "follows and leads",
        }
    }
}

/// Reads `[uncertain]`. An entry of a map that is drawn but nowhere set stands at 0 in the nominal values.
pub fn read(reader: &mut Reader<'_>, tree: Option<&Tree>, parameters: &mut Parameters) -> Uncertain {
    let mut draws = Vec::new();
    for entry in tree.iter().flat_map(|t| &t.entries) {
        let Some(place) = reader.compile(parameters, &entry.name, entry.name_at) else { continue };
        if !place.is_number() || place.class() == crate::fields::Class::Structural {
            let hint = "numbers that do not fix the shape of the world can be drawn".to_string();
            reader.fault(entry.name_at, format!("`{}` cannot be uncertain", entry.name), hint);
            continue;
        }
        let Some(mut distribution) = read_distribution(reader, entry) else { continue };
        if let Distribution::Linear { of, .. } = &mut distribution {
            // The order of a sum survives any new name.
            of.sort_by_cached_key(|(path, _)| keyed_by(parameters, path));
        }
        let others: Vec<_> = distribution
            .depends_on()
            .into_iter()
            .filter_map(|path| {
                let other = reader.compile(parameters, path, entry.node.at)?;
                if !other.is_number() {
                    let message = format!("`{path}`, on which `{}` depends, is no number", entry.name);
                    reader.fault(entry.node.at, message, None);
                }
                Some(other)
            })
            .collect();
        let Some(field) = place.field() else { continue };
        let (min, max) = (field.min, field.max);
        if let Some((low, high)) = reach(&distribution).filter(|(low, high)| *low < min || *high > max) {
            let message = format!("`{}` reaches from {} to {}, out of range", entry.name, show(low), show(high));
            let keys: &[&str] = match &distribution {
                Distribution::Uniform { .. } | Distribution::Triangular { .. } if low < min => &["min"],
                Distribution::Uniform { .. } | Distribution::Triangular { .. } => &["max"],
                _ => &["mean", "median", "values", "shape", "a"],
            };
            let at = part_of(entry, keys).unwrap_or(entry.node.at);
            reader.fault(at, message, format!("{} to {} would do", show(min), show(max)));
        }
        if place.get(parameters).is_none()
            && let Some(x) = place.number_mut(parameters)
        {
            *x = min.max(0.0);
        }
        let key = key_of(&keyed_by(parameters, &entry.name));
        draws.push(Draw { key, path: entry.name.clone(), distribution, place, others, min, max });
    }
    draws.sort_by(|a, b| a.path.cmp(&b.path));
    let order = order(&draws).unwrap_or_else(|circle| {
        let at = tree.and_then(|t| t.entry(&circle[0])).map(|e| e.name_at);
        if let Some(at) = at {
            let message = format!("uncertain values depend on each other in a circle: {}", circle.join(" -> "));
            reader.fault(at, message, "let one of them stand alone".to_string());
        }
        Vec::new()
    });
    Uncertain { draws, order }
}

/// The path with every agent that it names by its draw key, so that a renamed agent keeps its draws.
fn keyed_by(parameters: &Parameters, path: &str) -> String {
    let word = |target: &str, id: &str| {
        let group = group(target)?;
        Some((group.word)(parameters, group.find(parameters, id)?).to_string())
    };
    let mut parts: Vec<String> = path.split('.').map(str::to_string).collect();
    // The last part may be the name of an agent too: `clouds.azure.stakes.openai`.
    if let [owner, _, field @ .., last] = &mut parts[..]
        && let Some((_, _, target)) = REFERENCES.iter().find(|(o, f, _)| *o == *owner && *f == field.join("."))
        && let Some(key) = word(target, last)
    {
        *last = key;
    }
    if let [owner, id, ..] = &mut parts[..]
        && let Some(key) = word(owner, id)
    {
        *id = key;
    }
    parts.join(".")
}

/// An order in which every draw comes after what it depends on; else paths that form a circle.
fn order(draws: &[Draw]) -> Result<Vec<usize>, Vec<String>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    fn visit(at: usize, draws: &[Draw], marks: &mut [Mark], trail: &mut Vec<usize>, order: &mut Vec<usize>) -> bool {
        match marks[at] {
            Mark::Done => return true,
            Mark::Open => {
                trail.push(at);
                return false;
            }
            Mark::New => {}
        }
        marks[at] = Mark::Open;
        trail.push(at);
        for path in draws[at].distribution.depends_on() {
            if let Ok(other) = draws.binary_search_by(|d| d.path.as_str().cmp(path))
                && !visit(other, draws, marks, trail, order)
            {
                return false;
            }
        }
        trail.pop();
        marks[at] = Mark::Done;
        order.push(at);
        true
    }
    let mut marks = vec![Mark::New; draws.len()];
    let mut order = Vec::with_capacity(draws.len());
    for at in 0..draws.len() {
        let mut trail = Vec::new();
        if !visit(at, draws, &mut marks, &mut trail, &mut order) {
            let again = trail[trail.len() - 1];
            let first = trail.iter().position(|&t| t == again).unwrap_or(0);
            return Err(trail[first..].iter().map(|&t| draws[t].path.clone()).collect());
        }
    }
    Ok(order)
}

/// Name, needed keys and other keys of each distribution.
pub const DISTRIBUTIONS: &[(&str, &[&str], &[&str])] = &[
    ("normal", &["mean", "sd"], &["min", "max", "min_product"]),
    ("lognormal", &["median", "sd"], &["min", "max"]),
    ("uniform", &["min", "max"], &[]),
    ("triangular", &["min", "mode", "max"], &[]),
    ("beta", &["a", "b"], &["min", "max"]),
    ("gamma", &["shape", "rate"], &[]),
    ("discrete", &["values", "weights"], &[]),
    ("linear", &["intercept", "of", "sd"], &["min", "max"]),
];

pub(super) fn read_distribution(reader: &mut Reader<'_>, entry: &Entry) -> Option<Distribution> {
    let path = &entry.name;
    let words: Vec<&str> = DISTRIBUTIONS.iter().map(|d| d.0).collect();
    let example = "write for example { normal = { mean = 1.0, sd = 0.2 } }".to_string();
    let Some([inner]) = entry.node.table().map(|t| &t.entries[..]) else {
        reader.fault(entry.node.at, format!("`{path}` wants one distribution"), example);
        return None;
    };
    let Some((word, needed, others)) = DISTRIBUTIONS.iter().find(|d| d.0 == inner.name) else {
        let message = format!("there is no distribution `{}`", inner.name);
        reader.fault(inner.name_at, message, suggest(&inner.name, &words));
        return None;
    };
    let tree = reader.table(&inner.node, path)?;
    let names: Vec<&str> = needed.iter().chain(*others).copied().collect();
    let before = reader.faults.len();
    reader.only_keys(tree, word, &names);
    for name in needed.iter().filter(|n| tree.get(n).is_none()) {
        reader.fault(inner.name_at, format!("`{word}` for `{path}` lacks `{name}`"), None);
    }
    if reader.faults.len() > before {
        return None;
    }
    let mut numbers = Numbers { reader, tree, path };
    // All that are no numbers are told.
    let plain = tree.entries.iter().filter(|e| !["min_product", "values", "weights", "of"].contains(&e.name.as_str()));
    let read: Vec<_> = plain.map(|e| numbers.reader.number(&e.node, &e.name)).collect();
    if read.contains(&None) {
        return None;
    }
    let distribution = match *word {
        "normal" => Distribution::Normal {
            mean: numbers.need("mean")?,
            sd: numbers.need("sd")?,
            min: numbers.may("min")?,
            max: numbers.may("max")?,
            min_product: match tree.get("min_product") {
                Some(node) => numbers.reader.texts(node, "min_product")?.into_iter().map(|(t, _)| t).collect(),
                None => Vec::new(),
            },
        },
        "lognormal" => Distribution::Lognormal {
            median: numbers.need("median")?,
            sd: numbers.need("sd")?,
            min: numbers.may("min")?,
            max: numbers.may("max")?,
        },
        "uniform" => Distribution::Uniform { min: numbers.need("min")?, max: numbers.need("max")? },
        "triangular" => Distribution::Triangular {
            min: numbers.need("min")?,
            mode: numbers.need("mode")?,
            max: numbers.need("max")?,
        },
        "beta" => Distribution::Beta {
            a: numbers.need("a")?,
            b: numbers.need("b")?,
            min: numbers.may("min")?.unwrap_or(0.0),
            max: numbers.may("max")?.unwrap_or(1.0),
        },
        "gamma" => Distribution::Gamma { shape: numbers.need("shape")?, rate: numbers.need("rate")? },
        "discrete" => {
            let (values, weights) = (numbers.list("values"), numbers.list("weights"));
            Distribution::Discrete { values: values?, weights: weights? }
        }
        _ => Distribution::Linear {
            intercept: numbers.need("intercept")?,
            of: numbers.slopes("of")?,
            sd: numbers.need("sd")?,
            min: numbers.may("min")?,
            max: numbers.may("max")?,
        },
    };
    if let Some((key, message, hint)) = nonsense(&distribution) {
        reader.fault(part_of(entry, &[key]).unwrap_or(inner.node.at), format!("`{path}`: {message}"), hint.to_string());
        return None;
    }
    Some(distribution)
}

/// Where the first of these keys that a distribution has was given its value.
fn part_of(entry: &Entry, keys: &[&str]) -> Option<Spot> {
    let [inner] = &entry.node.table()?.entries[..] else { return None };
    let tree = inner.node.table()?;
    keys.iter().find_map(|key| tree.get(key)).map(|node| node.at)
}

struct Numbers<'a, 'm> {
    reader: &'a mut Reader<'m>,
    tree: &'a Tree,
    path: &'a str,
}

impl Numbers<'_, '_> {
    fn need(&mut self, name: &str) -> Option<f64> {
        let node = self.tree.get(name)?;
        self.reader.number(node, name)
    }
    /// `Some(None)` where the key is absent, `None` where it is at fault.
    fn may(&mut self, name: &str) -> Option<Option<f64>> {
        match self.tree.get(name) {
            Some(node) => self.reader.number(node, name).map(Some),
            None => Some(None),
        }
    }
    fn list(&mut self, name: &str) -> Option<Vec<f64>> {
        let node = self.tree.get(name)?;
        let What::List(list) = &node.what else {
            self.reader.wrong_type(node, name, "a list of numbers");
            return None;
        };
        let numbers: Vec<_> = list.iter().map(|n| self.reader.number(n, name)).collect();
        numbers.into_iter().collect()
    }
    fn slopes(&mut self, name: &str) -> Option<Vec<(String, f64)>> {
        let node: &Node = self.tree.get(name)?;
        let tree = self.reader.table(node, name)?;
        let mut slopes = Vec::new();
        for entry in &tree.entries {
            if entry.node.table().is_some() {
                let message = format!("`of` for `{}` holds a table", self.path);
                let hint = "write paths in quotes: of = { \"demand.quality_volatility\" = 1.95 }".to_string();
                self.reader.fault(entry.name_at, message, hint);
                return None;
            }
            slopes.push((entry.name.clone(), self.reader.number(&entry.node, &entry.name)?));
        }
        // Sums of floats depend on their order; that of the paths survives any reordering of the file.
        slopes.sort_by(|a, b| a.0.cmp(&b.0));
        Some(slopes)
    }
}

/// What a distribution reaches: its ends where it has them, else its middle. Tails are cut at the bounds of
/// the field, but cutting an end would heap draws on the bound.
fn reach(distribution: &Distribution) -> Option<(f64, f64)> {
    match distribution {
        Distribution::Normal { mean: middle, .. } | Distribution::Lognormal { median: middle, .. } => {
            Some((*middle, *middle))
        }
        Distribution::Uniform { min, max } | Distribution::Triangular { min, max, .. } => Some((*min, *max)),
        Distribution::Beta { a, b, min, max } => {
            let mean = min + (max - min) * a / (a + b);
            Some((mean, mean))
        }
        Distribution::Gamma { shape, rate } => Some((shape / rate, shape / rate)),
        Distribution::Discrete { values, .. } => {
            Some(values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x))))
        }
        Distribution::Linear { .. } => None,
    }
}

/// What is wrong with the numbers of a distribution: the key at fault, what, and what would do.
fn nonsense(distribution: &Distribution) -> Option<(&'static str, String, &'static str)> {
    let spread = |sd: f64| (sd < 0.0).then(|| ("sd", format!("sd is {}", show(sd)), "0 or more would do"));
    let limits = |min: Option<f64>, max: Option<f64>| match (min, max) {
        (Some(min), Some(max)) if min >= max => {
            Some(("min", format!("min {} is not below max {}", show(min), show(max)), "a min below the max would do"))
        }
        _ => None,
    };
    let above_zero = |name: &'static str, x: f64| {
        (x <= 0.0).then(|| (name, format!("{name} is {}", show(x)), "more than 0 would do"))
    };
    match distribution {
        Distribution::Normal { sd, min, max, .. } | Distribution::Linear { sd, min, max, .. } => {
            spread(*sd).or_else(|| limits(*min, *max))
        }
        Distribution::Lognormal { median, sd, min, max } => {
            above_zero("median", *median).or_else(|| spread(*sd)).or_else(|| limits(*min, *max))
        }
        Distribution::Uniform { min, max } => limits(Some(*min), Some(*max)),
        Distribution::Triangular { min, mode, max } => limits(Some(*min), Some(*max)).or_else(|| {
            let out = !(*min..=*max).contains(mode);
            out.then(|| {
                ("mode", format!("mode {} is not between min and max", show(*mode)), "a mode between them would do")
            })
        }),
        Distribution::Beta { a, b, min, max } => {
            above_zero("a", *a).or_else(|| above_zero("b", *b)).or_else(|| limits(Some(*min), Some(*max)))
        }
        Distribution::Gamma { shape, rate } => above_zero("shape", *shape).or_else(|| above_zero("rate", *rate)),
        Distribution::Discrete { values, weights } => {
            let matched = values.len() == weights.len() && !values.is_empty();
            let positive = weights.iter().all(|w| *w >= 0.0) && weights.iter().sum::<f64>() > 0.0;
            (!matched || !positive).then(|| {
                let message = format!("{} values and {} weights", values.len(), weights.len());
                ("weights", message, "as many weights as values, none below 0 and one above it, would do")
            })
        }
    }
}
