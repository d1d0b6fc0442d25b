//! Several lines in one panel, each named where it ends.

use super::canvas::{Rect, Stroke, Type, text_width};
use super::fan::{bands, line, observed};
use super::frame::{Frame, Panel, gutter};
use super::history::Observation;
use super::labels::spread;
use super::material::Strand;
use super::scale::Scale;
use super::theme::{Format, LABEL};
use crate::experiment::summary::Stats;

/// How to draw the lines of a panel.
pub struct Overlay<'a> {
    /// What stands above the panel: the quantity and its unit.
    pub caption: &'a str,
    /// First date, decimal years.
    pub first: f64,
    /// Value axis.
    pub scale: Scale,
    /// How values are written.
    pub format: Format,
    /// The statistic drawn.
    pub read: fn(&Stats) -> f64,
    /// How many of the lines, from the first, have a band of 80% of the runs.
    pub banded: usize,
    /// The value that stands for itself and more, where there is one: a plus follows it in labels.
    pub most: Option<f64>,
    /// Observations of each line.
    pub past: &'a [Vec<Observation>],
    /// Whether values stand until the next observation.
    pub stepped: bool,
}

/// Draws the lines into `room`, axes and labels included.
pub fn draw(frame: &mut Frame, room: Rect, strands: &[Strand], how: &Overlay) {
    let runs = frame.material.runs();
    let end = frame.material.end();
    // As many names as the height has room for; the strands come most important first.
    let named = strands.len().min(((room.h - 80.0) / (LABEL + 3.0)).max(1.0) as usize);
    let labels: Vec<String> = strands
        .iter()
        .map(|s| {
            s.last(runs).map_or(s.name.clone(), |(at, st)| {
                if at < end - 1e-6 {
                    s.name.clone()
                } else {
                    let value = (how.read)(&st);
                    let plus = if how.most.is_some_and(|most| value >= most) { "+" } else { "" };
                    format!("{} {}{plus}", s.name, how.format.write(value))
                }
            })
        })
        .collect();
    let label_width = labels.iter().map(|l| text_width(l, LABEL, true)).fold(0.0, f64::max) + 34.0;
    let (head, foot) = (40.0, 36.0);
    let left = gutter(&how.scale, how.format, room.h - head - foot);
    let area = Rect { x: room.x + left, y: room.y + head, w: room.w - left - label_width, h: room.h - head - foot };
    let panel = Panel { area, time: (how.first, end), scale: how.scale, format: how.format };
    panel.axes(&mut frame.canvas, true, true);
    panel.unit(&mut frame.canvas, room.x, how.caption);
    panel.boundary(&mut frame.canvas, frame.material.start());
    for strand in strands.iter().take(how.banded) {
        bands(&mut frame.canvas, &panel, strand, runs, &[(1, 5, 0.12)]);
        // Edges keep bands that overlap apart.
        for edge in [1, 5] {
            let stroke = Stroke::new(strand.colour, 1.4).faded(0.55);
            line(&mut frame.canvas, &panel, strand, runs, stroke, |s| s.quantiles[edge]);
        }
    }
    let start = frame.material.start();
    // The most important line is drawn last, on top.
    for (i, strand) in strands.iter().enumerate().rev() {
        line(&mut frame.canvas, &panel, strand, runs, Stroke::new(strand.colour, 3.2), how.read);
        if let Some(past) = how.past.get(i) {
            observed(&mut frame.canvas, &panel, past, start, strand.colour, 4.2, how.stepped);
        }
    }
    let ends: Vec<(f64, f64)> = strands[..named]
        .iter()
        .map(|s| s.last(runs).map_or((end, how.scale.low), |(at, st)| (at, (how.read)(&st))))
        .map(|(at, v)| (panel.x(at), panel.y(v).clamp(area.y, area.bottom())))
        .collect();
    let wanted: Vec<f64> = ends.iter().map(|e| e.1).collect();
    let places = spread(&wanted, LABEL + 3.0, area.y + 4.0, area.bottom() - 4.0);
    for (i, strand) in strands[..named].iter().enumerate() {
        let y = places[i];
        let (from, ended) = (ends[i], ends[i].0 < area.right() - 1.0);
        if ended {
            // A line that stops: a cross where it does, so that its name is not read as a value at the horizon.
            for d in [-1.0, 1.0] {
                let arm = Stroke::new(strand.colour, 2.6);
                frame.canvas.line((from.0 - 6.0, from.1 - 6.0 * d), (from.0 + 6.0, from.1 + 6.0 * d), arm);
            }
        }
        let leader = Stroke::new(strand.colour, 1.2).faded(0.7);
        let leader = if ended { leader.dashed(4.0) } else { leader };
        if ended || (y - from.1).abs() > 1.5 {
            frame.canvas.path(&[from, (area.right().max(from.0) + 4.0, from.1), (area.right() + 20.0, y)], leader);
        } else {
            frame.canvas.line((area.right() + 4.0, y), (area.right() + 20.0, y), leader);
        }
        let style = Type::new(LABEL, strand.colour.darker()).bold();
        frame.canvas.text((area.right() + 26.0, y + 0.35 * LABEL), &labels[i], style);
    }
    if ends.iter().any(|e| e.0 < area.right() - 1.0) {
        frame.note("A cross marks where a lab is gone in nearly all runs.");
    }
    if named < strands.len() {
        let names: Vec<&str> = strands[named..].iter().map(|s| s.name.as_str()).collect();
        frame.note(format!("Without a label: {}.", names.join(", ")));
    }
}

/// The least and greatest of what an overlay shows.
pub fn reach(strands: &[Strand], runs: u64, banded: usize, read: fn(&Stats) -> f64) -> Vec<f64> {
    let mut values = Vec::new();
    for (i, strand) in strands.iter().enumerate() {
        for (_, s) in strand.pieces(runs).concat() {
            values.push(read(&s));
            if i < banded {
                values.extend([s.quantiles[1], s.quantiles[5]]);
            }
        }
    }
    values
}
