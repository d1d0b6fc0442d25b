//! Names of paths, and titles that say what the sweep found.

use super::super::canvas::text_width;
use super::super::material::{MEDIAN, Material, words};
use super::super::theme::Format;
use super::{Measure, Strand, Strands, Sweep};
use crate::experiment::marginal::{Group, Swing, along, bins_for};
use crate::record::TableKind;

/// Letters of a path's name that have room in a title.
const LETTERS: usize = 44;
/// Standard errors by which the means of two groups differ before a title speaks of it: one in a hundred by chance.
const CLEAR: f64 = 2.6;

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
        let mut best: Option<(f64, &Strand, Vec<Group>)> = None;
        for strand in strands.named.iter().take(3).filter(|s| self.is_clear(s)) {
            let groups: Vec<Group> = along(levels, self.grid, &strand.medians, bins_for(self.points()))
                .into_iter()
                .filter(|g| g.n > 0 && (!measure.log || g.mean > 0.0))
                .collect();
            let values = groups.iter().map(|g| coordinate(g.mean));
            let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
            if most > least && best.as_ref().is_none_or(|b| most - least > b.0) {
                best = Some((most - least, strand, groups));
            }
        }
        let Some((range, strand, groups)) = best else {
            // One run a point says nothing of noise.
            let spread_known = strands.named.iter().flat_map(|s| &s.response.stats).any(|s| s.mcse.is_finite());
            if !spread_known {
                return capital(&format!("{} over {name}", measure.words));
            }
            return match measure.kind {
                TableKind::Market => format!("{} does not move {} beyond noise", capital(&name), measure.words),
                _ => format!("{} does not move the leaders' {} beyond noise", capital(&name), measure.words),
            };
        };
        let write = |v: f64| strands.format.write(v);
        let whose = owner(measure, strand);
        let what = measure.words;
        let (first, last) = (groups[0], groups[groups.len() - 1]);
        let change = coordinate(last.mean) - coordinate(first.mean);
        let least = groups.iter().copied().reduce(|a, b| if b.mean < a.mean { b } else { a }).unwrap_or(first);
        let most = groups.iter().copied().reduce(|a, b| if b.mean > a.mean { b } else { a }).unwrap_or(last);
        if levels.is_numeric() && change.abs() > 0.67 * range {
            let (from, to) = (self.write(0, first.at), self.write(0, last.at));
            let verb = if change > 0.0 { "rises" } else { "falls" };
            return capital(&format!(
                "{whose}{what} {verb} from {} to {} as {name} goes from {from} to {to}",
                write(first.mean),
                write(last.mean)
            ));
        }
        capital(&format!(
            "{whose}{what} is {} with {name} at {}, and {} at {}",
            write(least.mean),
            self.write(0, least.at),
            write(most.mean),
            self.write(0, most.at)
        ))
    }
    /// Whether the means of the points with the least and the greatest median differ beyond noise. Points share their
    /// randomness, so that the true error of the difference is smaller than the one taken here.
    fn is_clear(&self, strand: &Strand) -> bool {
        let known = (0..self.points()).filter_map(|p| strand.at(p));
        let known: Vec<_> = known.collect();
        let by = |s: &&&crate::experiment::summary::Stats| s.quantiles[MEDIAN];
        let (Some(a), Some(b)) =
            (known.iter().min_by(|x, y| by(x).total_cmp(&by(y))), known.iter().max_by(|x, y| by(x).total_cmp(&by(y))))
        else {
            return false;
        };
        let error = (a.mcse * a.mcse + b.mcse * b.mcse).sqrt();
        (b.mean - a.mean).abs() > CLEAR * error
    }
    /// The title of a figure of several paths: which of them moves the leader most.
    pub(super) fn strongest_words(&self, measure: Measure, strands: &Strands) -> String {
        let leader = &strands.named[0];
        let axis = self.strongest_for(leader);
        let name = self.name(axis);
        let whose = owner(measure, leader);
        let Some(swing) = self.swing(axis, leader).filter(|s| s.range() > 0.0) else {
            return format!("No path moves {whose}{}", measure.words);
        };
        let write = |format: Format, v: f64| format.write(v);
        let (low, high) = (write(strands.format, swing.least.mean), write(strands.format, swing.most.mean));
        if self.is_scatter(&swing) {
            return format!("No path moves {whose}{} beyond the scatter of the points", measure.words);
        }
        if low == high {
            return format!("No path moves {whose}{} by much", measure.words);
        }
        format!("{} moves {whose}{} most: {low} to {high} on average", capital(&name), measure.words)
    }
    /// Whether in a sampled design the least and the greatest bin of a path could differ by the luck of the other paths.
    fn is_scatter(&self, swing: &Swing) -> bool {
        let error = (swing.least.se * swing.least.se + swing.most.se * swing.most.se).sqrt();
        !self.grid && swing.range() <= CLEAR * error
    }
    /// The axis with the widest range of one agent's means.
    fn strongest_for(&self, strand: &Strand) -> usize {
        let mut best = (f64::NEG_INFINITY, 0);
        for k in 0..self.levels.len() {
            let range = self.swing(k, strand).map_or(0.0, |s| s.range());
            if range > best.0 {
                best = (range, k);
            }
        }
        best.1
    }
}
