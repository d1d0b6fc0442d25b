//! Several paths: a metric against each of them, everything else averaged; a panel a path, a line a leading lab. Sampled
//! designs show their points too, and local means with the 95% interval of each.

use super::super::canvas::{Anchor, Canvas, Rect, Stroke, Type};
use super::super::frame::{Frame, gutter};
use super::super::labels::spread;
use super::super::theme::{GREY, INK, PANEL, PAPER, RULE, TICK};
use super::super::{Drawing, Skip};
use super::plot::{Across, Mark, Plot, grid, key};
use super::title::fit;
use super::{Measure, PANELS, Strand, Strands, Sweep};
use crate::experiment::marginal::{Group, along, bins_for};
use crate::record::TableKind;

/// Most labs in a panel.
const LABS: usize = 3;
/// How far labs stand apart at a word, a part of its room.
const APART: f64 = 0.2;

/// Draws the panels of a metric.
pub fn draw(sweep: &Sweep, measure: Measure, strands: &Strands) -> Drawing {
    let shown = &strands.named[..strands.named.len().min(LABS)];
    let axes = sweep.strongest(strands, PANELS);
    let subtitle = format!("{}. {}", measure.quantity, sweep.design());
    let mut frame = Frame::new(sweep.material, &sweep.strongest_words(measure, strands), &subtitle, &[]);
    let body = frame.body();
    let mean = if sweep.grid { "mean of the points' medians" } else { "local mean of the points' medians" };
    let band = if sweep.grid { "from least to most, over the other paths" } else { "95% interval of that mean" };
    let mut entries = vec![(Mark::Line, INK, mean), (Mark::Band(0.25), GREY, band)];
    if !sweep.grid {
        entries.push((Mark::Faint, INK, "a point"));
    }
    if (0..sweep.levels.len()).any(|k| sweep.base_at(k).is_some()) {
        entries.push((Mark::Dashed, INK, "the scenario's own value"));
    }
    key(&mut frame.canvas, body.x, &entries);
    notes(&mut frame, sweep, measure, strands, shown.len(), axes.len());

    let mut values = Vec::new();
    for strand in shown {
        values.extend(strand.medians.iter().filter(|v| v.is_finite()));
    }
    if values.is_empty() {
        return Err(Skip::absent(&format!("value of {}", measure.metric)));
    }
    let up = if measure.log || measure.metric.contains("eci") || strands.format == super::Format::Percent {
        sweep.up(measure, strands.format, &values)
    } else {
        // Between paths, the change counts and not the level.
        super::super::scale::Scale::about(values.iter().copied())
    };
    let (columns, lines) = grid(axes.len());
    let (gap, head, foot) = (34.0, 46.0, 40.0);
    let names = if measure.kind == TableKind::Market { 10.0 } else { 150.0 };
    let tall = (body.h - (head + foot) * lines as f64) / lines as f64;
    let left = gutter(&up, strands.format, tall);
    let wide = (body.w - left - names - gap * (columns as f64 - 1.0)) / columns as f64;
    for (cell, axis) in axes.iter().copied().enumerate() {
        let (column, line) = (cell % columns, cell / columns);
        let area = Rect {
            x: body.x + left + column as f64 * (wide + gap),
            y: body.y + head + line as f64 * (tall + head + foot),
            w: wide,
            h: tall,
        };
        let plot = Plot { area, across: sweep.across(axis, 0.03), up, format: strands.format };
        plot.axes(&mut frame.canvas, column == 0);
        let (caption, size) = fit(&sweep.caption(axis), PANEL * 0.9, true, wide, 15.0);
        frame.canvas.text((area.x, area.y - 14.0), &caption, Type::new(size, INK).bold());
        // At a word the labs stand side by side, or they would hide each other.
        let aside = |k: usize| {
            let words = !sweep.levels[axis].is_numeric();
            if words { APART * (k as f64 - 0.5 * (shown.len() as f64 - 1.0)) } else { 0.0 }
        };
        let mut own: Vec<Vec<Group>> = shown.iter().map(|s| groups(sweep, axis, s)).collect();
        for (k, groups) in own.iter_mut().enumerate() {
            groups.iter_mut().for_each(|g| g.at += aside(k));
        }
        for (k, strand) in shown.iter().enumerate().rev() {
            band_of(&mut frame.canvas, &plot, strand, &own[k], sweep.grid);
            if !sweep.grid {
                scatter(&mut frame.canvas, sweep, axis, &plot, strand, aside(k));
            }
        }
        if let Some(at) = sweep.base_at(axis) {
            plot.base(&mut frame.canvas, at, "");
        }
        for (k, strand) in shown.iter().enumerate().rev() {
            mean_of(&mut frame.canvas, &plot, strand, &own[k]);
        }
        let last = column + 1 == columns || cell + 1 == axes.len();
        if last && measure.kind != TableKind::Market {
            label(&mut frame.canvas, &plot, shown, &own, names);
        }
    }
    Ok(frame.finish())
}

fn notes(frame: &mut Frame, sweep: &Sweep, measure: Measure, strands: &Strands, shown: usize, panels: usize) {
    if sweep.grid {
        frame.note("In each panel all other paths are averaged, every combination counting once.");
    } else {
        frame.note("Local means over bins of equal count along the path; all other paths vary at once.");
    }
    if measure.log {
        frame.note("Value axis logarithmic.");
    }
    if panels < sweep.levels.len() {
        frame.note(format!("The {panels} of {} paths with the widest range.", sweep.levels.len()));
    }
    let left: Vec<&str> = strands.named[shown..].iter().chain(&strands.rest).map(|s| s.name.as_str()).collect();
    if !left.is_empty() {
        frame.note(format!("Not shown: {}.", left.join(", ")));
    }
}

/// The groups of a strand along a path that have a value.
fn groups(sweep: &Sweep, axis: usize, strand: &Strand) -> Vec<Group> {
    let known = (0..sweep.points()).filter(|p| strand.at(*p).is_some()).count();
    let all = along(&sweep.levels[axis], sweep.grid, &strand.medians, bins_for(known));
    all.into_iter().filter(|g| g.n > 0).collect()
}

/// The range or the interval of the groups: an area along numbers, bars at words.
fn band_of(canvas: &mut Canvas, plot: &Plot, strand: &Strand, groups: &[Group], whole: bool) {
    let ends = |g: &Group| {
        if whole {
            return (g.least, g.most);
        }
        let half = if g.se.is_finite() { g.half_95() } else { 0.0 };
        (g.mean - half, g.mean + half)
    };
    canvas.clip(plot.area);
    if matches!(plot.across, Across::Words(_)) || groups.len() == 1 {
        for g in groups {
            let (low, high) = ends(g);
            let x = plot.x(g.at);
            canvas.line((x, plot.y(low)), (x, plot.y(high)), Stroke::new(strand.colour, 9.0).faded(0.3));
        }
    } else {
        let mut edge: Vec<(f64, f64)> = groups.iter().map(|g| (plot.x(g.at), plot.y(ends(g).1))).collect();
        edge.extend(groups.iter().rev().map(|g| (plot.x(g.at), plot.y(ends(g).0))));
        canvas.shape(&[edge], strand.colour, if whole { 0.13 } else { 0.3 }, None);
    }
    canvas.unclip();
}

fn scatter(canvas: &mut Canvas, sweep: &Sweep, axis: usize, plot: &Plot, strand: &Strand, beside: f64) {
    let levels = &sweep.levels[axis];
    let many = sweep.points() > 150;
    canvas.clip(plot.area);
    for (p, value) in strand.medians.iter().enumerate().filter(|(_, v)| v.is_finite()) {
        let at = levels.numbers.get(levels.of[p]).copied().unwrap_or(levels.of[p] as f64);
        // Points of one word are strewn over its room.
        let strewn = if levels.is_numeric() { 0.0 } else { 0.7 * APART * ((p as f64 * 0.618_034).fract() - 0.5) };
        let at = (plot.x(at + beside + strewn), plot.y(*value));
        canvas.circle(at, if many { 2.2 } else { 3.4 }, strand.colour, if many { 0.25 } else { 0.4 }, None);
    }
    canvas.unclip();
}

fn mean_of(canvas: &mut Canvas, plot: &Plot, strand: &Strand, groups: &[Group]) {
    let points: Vec<(f64, f64)> = groups.iter().map(|g| (plot.x(g.at), plot.y(g.mean))).collect();
    let a = plot.area;
    canvas.clip(Rect { x: a.x - 8.0, y: a.y - 8.0, w: a.w + 16.0, h: a.h + 16.0 });
    let words = matches!(plot.across, Across::Words(_));
    if !words {
        canvas.path(&points, Stroke::new(strand.colour, 3.2));
    }
    if words || points.len() <= 12 {
        for point in points {
            let size = if words { 7.0 } else { 4.5 };
            canvas.circle(point, size, strand.colour, 1.0, Some(Stroke::new(PAPER, 1.4)));
        }
    }
    canvas.unclip();
}

/// Names at the right of the last panel of a line.
fn label(canvas: &mut Canvas, plot: &Plot, shown: &[Strand], groups: &[Vec<Group>], room: f64) {
    let ends: Vec<(&Strand, (f64, f64))> = shown
        .iter()
        .zip(groups)
        .filter_map(|(s, g)| {
            g.last().map(|g| (s, (plot.x(g.at), plot.y(g.mean).clamp(plot.area.y, plot.area.bottom()))))
        })
        .collect();
    let wanted: Vec<f64> = ends.iter().map(|e| e.1.1).collect();
    let places = spread(&wanted, TICK * 1.25, plot.area.y + 6.0, plot.area.bottom());
    for ((strand, (x, y)), at) in ends.into_iter().zip(places) {
        let right = plot.area.right();
        if matches!(plot.across, Across::Numbers(..)) {
            canvas.line((x.min(right) + 6.0, y), (right + 16.0, at), Stroke::new(RULE, 1.0));
        }
        let (name, size) = fit(&strand.name, TICK, true, room - 24.0, 13.0);
        let style = Type::new(size, strand.colour.darker()).bold().at(Anchor::Start);
        canvas.text((right + 20.0, at + 0.35 * TICK), &name, style);
    }
}
