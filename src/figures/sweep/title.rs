//! Names of paths, and titles that say what the sweep found.

use super::super::canvas::text_width;
use super::super::material::{Material, words};
use super::super::theme::Format;
use super::{Measure, Strand, Strands, Sweep};
use crate::experiment::marginal::{Group, along, bins_for};
use crate::experiment::moved::Told;
use crate::record::TableKind;

/// Letters of a path's name that have room in a title.
const LETTERS: usize = 44;

/// A path as words: `labs.openai.compute.build_share` to `OpenAI's build share`, `demand.switching_cost` to `switching cost`.
pub fn path_name(material: Material, path: &str) -> String {
    let parts: Vec<&str> = path.split('.').map(|p| p.trim_matches('"')).collect();
    let lower = |part: &str| words(part).to_lowercase();
    let last = lower(parts.last().copied().unwrap_or(path));
    match parts.as_slice() {
        ["labs", id, _, ..] => format!("{}'s {last}", material.look(TableKind::Labs, id, 0).0),
        ["mechanisms", _] => format!("{last} mechanism"),
        [.., agent, _] if parts.len() > 2 => format!("{} {last}", lower(agent)),
        _ => last,
    }
}

/// A text cut in its middle to some letters.
pub fn shorten(text: &str, letters: usize) -> String {
    let all: Vec<char> = text.chars().collect();
    if all.len() <= letters.max(3) {
        return text.to_owned();
    }
    let keep = letters.max(3) - 1;
    let head: String = all[..keep.div_ceil(2)].iter().collect();
    let tail: String = all[all.len() - keep / 2..].iter().collect();
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

/// A text that fits into some room: smaller down to `least`, then cut in its middle; with its size.
pub fn fit(text: &str, size: f64, bold: bool, room: f64, least: f64) -> (String, f64) {
    let fitted = size * (room / text_width(text, size, bold).max(1.0)).min(1.0);
    if fitted >= least {
        return (text.to_owned(), fitted);
    }
    let mut letters = text.chars().count();
    while letters > 3 {
        letters -= 1;
        let cut = shorten(text, letters);
        if text_width(&cut, least, bold) <= room {
            return (cut, least);
        }
    }
    (shorten(text, 3), least)
}

/// With a capital first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The possessive of a name that may be the market.
fn owner(measure: Measure, strand: &Strand) -> String {
    if measure.kind == TableKind::Market { String::new() } else { format!("{}'s ", strand.name) }
}

impl Sweep<'_> {
    /// The name of an axis, short enough for a title.
    pub(super) fn name(&self, axis: usize) -> String {
        shorten(&self.names[axis], LETTERS)
    }
    /// What the one path of a sweep does to the three leaders, in one sentence.
    pub(super) fn finding(&self, measure: Measure, strands: &Strands) -> String {
        let levels = &self.levels[0];
        let name = self.name(0);
        // In the coordinate of the axis: a fall by half counts as much as a doubling.
        let coordinate = |v: f64| if measure.log { crate::math::ln(v.max(1e-300)) } else { v };
        let leaders = &strands.named[..strands.named.len().min(3)];
        let mut best: Option<(f64, &Strand, Vec<Group>)> = None;
        for strand in leaders.iter().filter(|s| self.any_moves(measure, s) == Some(true)) {
            let groups: Vec<Group> = along(levels, self.grid, &strand.medians, bins_for(self.points()))
                .into_iter()
                .filter(|g| g.n > 0 && (!measure.log || g.mean > 0.0))
                .collect();
            // Of numbers the ends are compared, as effects.csv does; of words the extremes.
            let ends = if levels.is_numeric() {
                groups.first().zip(groups.last()).map(|(a, b)| vec![coordinate(a.mean), coordinate(b.mean)])
            } else {
                Some(groups.iter().map(|g| coordinate(g.mean)).collect())
            };
            let fold = |(a, b): (f64, f64), v: f64| (a.min(v), b.max(v));
            let (least, most) = ends.into_iter().flatten().fold((f64::INFINITY, f64::NEG_INFINITY), fold);
            if most > least && best.as_ref().is_none_or(|b| most - least > b.0) {
                best = Some((most - least, strand, groups));
            }
        }
        let Some((_, strand, groups)) = best else {
            // One run a point says nothing of noise.
            if leaders.iter().all(|s| self.any_moves(measure, s).is_none()) {
                return capital(&format!("{} over {name}", measure.words));
            }
            return match measure.kind {
                TableKind::Market => format!("{} does not move {} beyond noise", capital(&name), measure.words),
                _ => format!("{} does not move the leaders' {} beyond noise", capital(&name), measure.words),
            };
        };
        let whose = owner(measure, strand);
        let what = measure.words;
        let (first, last) = (groups[0], groups[groups.len() - 1]);
        let change = coordinate(last.mean) - coordinate(first.mean);
        let effect = self.effect(0, measure, strand).map_or(f64::NAN, |e| e.difference);
        let least = groups.iter().copied().reduce(|a, b| if b.mean < a.mean { b } else { a }).unwrap_or(first);
        let most = groups.iter().copied().reduce(|a, b| if b.mean > a.mean { b } else { a }).unwrap_or(last);
        if levels.is_numeric() {
            let (before, after) = apart(strands.format, first.mean, last.mean);
            let (from, to) = (self.write(0, first.at), self.write(0, last.at));
            // The mean, which is tested, and the median, which is shown, may go different ways.
            if change * effect <= 0.0 {
                return capital(&format!("{whose}{what} is {before} with {name} at {from}, and {after} at {to}"));
            }
            let verb = if change > 0.0 { "rises" } else { "falls" };
            return capital(&format!(
                "{whose}{what} {verb} from {before} to {after} as {name} goes from {from} to {to}"
            ));
        }
        let (lowest, highest) = apart(strands.format, least.mean, most.mean);
        capital(&format!(
            "{whose}{what} is {lowest} with {name} at {}, and {highest} at {}",
            self.write(0, least.at),
            self.write(0, most.at)
        ))
    }
    /// What a path moves an agent by, as effects.csv tells it.
    pub(super) fn effect(&self, axis: usize, measure: Measure, strand: &Strand) -> Option<&Told> {
        let response = strand.response;
        let is = |e: &&Told| {
            e.path == self.what.axes[axis].path
                && (e.kind, e.metric.as_str()) == (measure.kind, measure.metric)
                && (e.entity == response.entity && e.segment == response.segment)
        };
        self.what.effects.iter().find(is)
    }
    /// What all paths together do to an agent: whether any moves it beyond noise; `None` where none has a known error.
    pub(super) fn any_moves(&self, measure: Measure, strand: &Strand) -> Option<bool> {
        let noise = |axis| self.effect(axis, measure, strand).and_then(|e| e.within_noise);
        let known: Vec<bool> = (0..self.levels.len()).filter_map(noise).collect();
        (!known.is_empty()).then(|| known.contains(&false))
    }
    /// The title of a figure of several paths: which of them moves the leader most.
    pub(super) fn strongest_words(&self, measure: Measure, strands: &Strands) -> String {
        let leader = &strands.named[0];
        let whose = owner(measure, leader);
        match self.any_moves(measure, leader) {
            None => return capital(&format!("{whose}{} over {} paths", measure.words, self.levels.len())),
            Some(false) => return format!("No path moves {whose}{} beyond noise", measure.words),
            Some(true) => {}
        }
        let mut best: Option<(usize, &Told)> = None;
        for axis in 0..self.levels.len() {
            let Some(effect) = self.effect(axis, measure, leader) else { continue };
            let range = |e: &Told| (e.high - e.low).abs();
            if range(effect) > best.map_or(0.0, |(_, b)| range(b)) {
                best = Some((axis, effect));
            }
        }
        let Some((axis, effect)) = best else {
            return format!("No path moves {whose}the median {}", measure.words);
        };
        let name = capital(&self.name(axis));
        if effect.within_noise != Some(false) {
            return format!("{name} has the widest range, and does not move {whose}{} beyond noise", measure.words);
        }
        let (low, high) = apart(strands.format, effect.low.min(effect.high), effect.low.max(effect.high));
        format!("{name} moves {whose}{} most: {low} to {high} on average", measure.words)
    }
}

/// Two values with as many digits as tell them apart, a tenth of a percent at most.
pub fn apart(format: Format, a: f64, b: f64) -> (String, String) {
    let (short, other) = (format.write(a), format.write(b));
    if short == other && a != b && format == Format::Percent { (tenths(a), tenths(b)) } else { (short, other) }
}

/// A fraction as a percentage with a tenth.
pub fn tenths(value: f64) -> String {
    format!("{:.1}%", 100.0 * value)
}
