//! Figures of a sweep: what the varied paths do to the labs at the horizon.
//!
//! | varied | `response_<metric>` | `heatmap_<metric>` | `tornado_<metric>` |
//! |---|---|---|---|
//! | one path of numbers | curves with bands, a line a lab | | |
//! | one path of words | dots with ranges, a panel a lab | | |
//! | several on a grid | a panel a path, the others averaged | over two paths | a bar a path |
//! | several, sampled | scatter and local means, a panel a path | | a bar a path |
//!
//! The averages are those of [`marginal`]; what a point is worth in all of them is the median of its runs.

mod curves;
mod heatmap;
mod panels;
mod plot;
#[cfg(test)]
mod tests;
mod title;
mod tornado;
mod values;

use super::material::{MEDIAN, Material};
use super::theme::{Colour, Format, grouped};
use super::{Drawing, Skip};
use crate::experiment::marginal::{self, Levels};
use crate::experiment::response::{Response, SweepMaterial, groups_by_rank};
use crate::experiment::summary::Stats;
use crate::record::TableKind;

/// Most labs that are named in a figure.
const NAMED: usize = 6;
/// Most panels of a figure of many paths.
const PANELS: usize = 12;

/// A metric that figures of a sweep show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    kind: TableKind,
    metric: &'static str,
    /// As it stands in a title.
    words: &'static str,
    /// What it is, as it stands in a subtitle.
    quantity: &'static str,
    /// Whether its axis is logarithmic.
    log: bool,
    /// Whether heatmaps and tornado charts show it too.
    full: bool,
}

/// The metrics, in the order of the figures.
const MEASURES: [Measure; 5] = [
    Measure {
        kind: TableKind::Labs,
        metric: "enterprise_share",
        words: "enterprise share",
        quantity: "Share of enterprise spend on model APIs",
        log: false,
        full: true,
    },
    Measure {
        kind: TableKind::Labs,
        metric: "valuation_usd",
        words: "valuation",
        quantity: "Valuation, nominal USD",
        log: true,
        full: true,
    },
    Measure {
        kind: TableKind::Labs,
        metric: "revenue_run_rate_usd",
        words: "revenue run-rate",
        quantity: "Revenue run-rate, nominal USD per year",
        log: true,
        full: false,
    },
    Measure {
        kind: TableKind::Labs,
        metric: "capability_eci",
        words: "capability",
        quantity: "Capability of the deployed model, Epoch Capabilities Index",
        log: false,
        full: false,
    },
    Measure {
        kind: TableKind::Market,
        metric: "hhi",
        words: "market concentration",
        quantity: "Herfindahl index of enterprise spend by vendor, 0 to 1",
        log: false,
        full: false,
    },
];

/// A sweep as its figures see it.
pub struct Sweep<'a> {
    material: Material<'a>,
    what: &'a SweepMaterial,
    /// The levels of each axis.
    levels: Vec<Levels>,
    /// The names of the axes in titles and captions.
    names: Vec<String>,
    /// Whether the points are a full grid.
    grid: bool,
}

/// A metric of one agent over the points.
pub struct Strand<'a> {
    name: String,
    colour: Colour,
    response: &'a Response,
    /// The median at each point; NaN where fewer than one run in fifty has a value.
    medians: Vec<f64>,
}

impl Strand<'_> {
    /// The statistics of a point, where it has a value.
    fn at(&self, point: usize) -> Option<&Stats> {
        self.response.stats.get(point).filter(|_| self.medians[point].is_finite())
    }
}

/// The agents of a metric: those named, greatest first, and the rest.
pub struct Strands<'a> {
    named: Vec<Strand<'a>>,
    rest: Vec<Strand<'a>>,
    format: Format,
}

impl Strands<'_> {
    /// Says who stands in grey or is left out.
    fn others(&self, verb: &str) -> Option<String> {
        let names: Vec<&str> = self.rest.iter().map(|s| s.name.as_str()).collect();
        (!names.is_empty()).then(|| format!("{verb}: {}.", names.join(", ")))
    }
}

impl<'a> Sweep<'a> {
    /// Reads the levels of the axes and whether they are a full grid.
    fn new(material: Material<'a>, what: &'a SweepMaterial) -> Sweep<'a> {
        let levels: Vec<Levels> = what.axes.iter().map(marginal::levels).collect();
        let grid = marginal::is_grid(&levels);
        let short: Vec<String> = what.axes.iter().map(|a| title::path_name(material, &a.path)).collect();
        let twice = |name: &String| short.iter().filter(|n| *n == name).count() > 1;
        let names =
            what.axes.iter().zip(&short).map(|(a, s)| if twice(s) { a.path.clone() } else { s.clone() }).collect();
        Sweep { material, what, levels, names, grid }
    }
    /// Number of points.
    fn points(&self) -> usize {
        self.levels.first().map_or(0, |l| l.of.len())
    }
    /// The design in words, with the runs of a point and the date.
    fn design(&self) -> String {
        let (least, most) =
            (0..self.points()).map(|p| self.runs_of(p)).fold((u64::MAX, 0), |(a, b), n| (a.min(n), b.max(n)));
        let up_to = if least < most { "up to " } else { "" };
        let kind = match self.what.design.as_str() {
            "grid" => "a grid".to_owned(),
            "lhs" => "a Latin hypercube".to_owned(),
            "sobol" => "a Sobol sequence".to_owned(),
            "random" => "random draws".to_owned(),
            other => format!("a {other}"),
        };
        let points = grouped(self.points() as f64, 0);
        let runs = grouped(most as f64, 0);
        format!("{}; {points} points of {kind}, {up_to}{runs} runs each", self.material.horizon_words())
    }
    /// The agents of a metric, by their mean over the points.
    fn strands(&self, measure: Measure) -> Result<Strands<'a>, Skip> {
        let points = self.points();
        let mut all: Vec<(f64, Strand)> = Vec::new();
        let own = self.what.responses.iter();
        let own = own.filter(|r| r.kind == measure.kind && r.metric == measure.metric && r.segment.is_empty());
        for (i, response) in own.enumerate() {
            let median = |(p, s): (usize, &Stats)| {
                if s.n > 0 && s.n * 50 >= self.runs_of(p) { s.quantiles[MEDIAN] } else { f64::NAN }
            };
            let mut medians: Vec<f64> = response.stats.iter().enumerate().map(median).collect();
            medians.resize(points, f64::NAN);
            let known: Vec<f64> = medians.iter().copied().filter(|v| v.is_finite()).collect();
            if known.iter().all(|v| *v == 0.0) {
                continue;
            }
            let mean = known.iter().sum::<f64>() / known.len() as f64;
            let (name, colour, _) = self.material.look(measure.kind, &response.entity, i);
            all.push((mean, Strand { name, colour, response, medians }));
        }
        if all.is_empty() || points == 0 {
            return Err(Skip::absent(&format!("value of {}.{}", measure.kind.word(), measure.metric)));
        }
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let unit = &all[0].1.response.unit;
        let format = if measure.metric.contains("share") { Format::Percent } else { Format::of_unit(unit) };
        let mut named: Vec<Strand> = all.into_iter().map(|(_, s)| s).collect();
        let rest = named.split_off(NAMED.min(named.len()));
        Ok(Strands { named, rest, format })
    }
    /// The greatest number of runs that any series has at a point: points need not have the same.
    fn runs_of(&self, point: usize) -> u64 {
        self.what.responses.iter().filter_map(|r| r.stats.get(point)).map(|s| s.n).max().unwrap_or(0)
    }
    /// The number of an axis in the scenario that is varied.
    fn base_number(&self, axis: usize) -> Option<f64> {
        self.what.axes[axis].base.trim().replace('_', "").parse::<f64>().ok().filter(|v| v.is_finite())
    }
    /// Where the scenario's own value stands on an axis: its number, or the place of its word.
    fn base_at(&self, axis: usize) -> Option<f64> {
        if self.levels[axis].is_numeric() {
            return self.base_number(axis);
        }
        let base = bare(&self.what.axes[axis].base);
        self.levels[axis].texts.iter().position(|t| bare(t) == base).map(|k| k as f64)
    }
    /// A value of an axis as it stands in titles, cells and beside bars.
    fn write(&self, axis: usize, number: f64) -> String {
        if self.levels[axis].is_numeric() {
            // The mean of a bin is no value that anybody chose: two figures say where it stands.
            let figures = if self.grid { 3 } else { 2 };
            return value_format(&self.what.axes[axis].unit).write_value(number, figures);
        }
        self.levels[axis].texts.get(number.round().max(0.0) as usize).map(|t| bare(t).to_owned()).unwrap_or_default()
    }
    /// The unit of an axis as it stands in a caption; empty where numbers carry it or there is none.
    fn unit(&self, axis: usize) -> String {
        let unit = self.what.axes[axis].unit.as_str();
        let silent = unit.is_empty() || unit == "1" || !self.levels[axis].is_numeric();
        if silent { String::new() } else { unit.to_owned() }
    }
    /// The indices of the axes, the one that moves the leaders' values most first; at most `most`.
    fn strongest(&self, strands: &Strands, most: usize) -> Vec<usize> {
        let mut axes: Vec<(f64, usize)> = (0..self.levels.len())
            .map(|k| {
                let moved = strands.named.iter().take(2).filter_map(|s| self.swing(k, s));
                (moved.map(|s| s.range()).fold(0.0, f64::max), k)
            })
            .collect();
        axes.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        axes.into_iter().take(most).map(|(_, k)| k).collect()
    }
    /// Groups by rank of a sampled design: as many as effects.csv compares.
    fn bins(&self) -> usize {
        groups_by_rank(self.points())
    }
    /// What an axis does to an agent between its ends, fifths of the points in a sampled design.
    fn swing(&self, axis: usize, strand: &Strand) -> Option<marginal::Swing> {
        let levels = &self.levels[axis];
        let groups = marginal::along(levels, self.grid, &strand.medians, self.bins());
        marginal::swing(&groups, levels.is_numeric())
    }
}

/// A word without the quotes of TOML.
fn bare(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

/// How the values of a path are written: dollars as such, all else as the scenario has it.
fn value_format(unit: &str) -> Format {
    if unit.starts_with("USD") { Format::Usd } else { Format::Plain }
}

impl Format {
    /// A value of a parameter: like [`Format::write`], but with as many figures as are asked for.
    fn write_value(self, value: f64, figures: i32) -> String {
        if self == Format::Usd || value == 0.0 || !(1e-4..1e6).contains(&value.abs()) {
            return self.write(value);
        }
        let whole = crate::math::log10(value.abs()).floor() as i32;
        let decimals = (figures - 1 - whole).max(0) as usize;
        grouped(value, decimals)
    }
}

/// Everything that fits the design: the names of files with their drawings.
pub fn drawings(material: Material, what: &SweepMaterial) -> Vec<(String, Drawing)> {
    let sweep = Sweep::new(material, what);
    let mut out: Vec<(String, Drawing)> = Vec::new();
    let mut add = |kind: &str, measure: Measure, draw: fn(&Sweep, Measure, &Strands) -> Drawing| {
        let drawing = sweep.strands(measure).and_then(|strands| draw(&sweep, measure, &strands));
        out.push((format!("{kind}_{}", measure.metric), drawing));
    };
    let single = sweep.levels.len() == 1;
    for measure in MEASURES {
        if single && sweep.levels[0].is_numeric() {
            add("response", measure, curves::draw);
        } else if single {
            add("response", measure, values::draw);
        } else if sweep.levels.len() > 1 {
            add("response", measure, panels::draw);
        }
        if measure.full && sweep.levels.len() > 1 {
            if sweep.grid {
                add("heatmap", measure, heatmap::draw);
            }
            add("tornado", measure, tornado::draw);
        }
    }
    out
}
