//! What a scenario changes over time: paired differences from a base, a panel a lab, with the interval of their mean.

use super::canvas::{Anchor, Rect, Stroke, Type, text_width};
use super::fan::{bands, line, median};
use super::frame::{Frame, Panel, gutter};
use super::material::{BANDS, Material, Strand};
use super::scale::Scale;
use super::theme::{Format, GREY, INK, PANEL, TICK, grouped};
use super::{Drawing, Skip};
use crate::experiment::statistics::half_95;
use crate::experiment::summary::Stats;

/// Most panels of a figure.
const PANELS: usize = 8;
/// Opacity of the interval of the mean.
const INTERVAL: f64 = 0.38;

/// Draws the differences in a column of the labs. The statistics of the summary are of the differences: `mean` is their mean and `mcse`
/// its standard error.
pub fn differences(material: Material, title: &str, subtitle: &str, column: &str) -> Drawing {
    let pairs = material.runs();
    let (mut strands, blank) = material.lab_strands(column);
    strands.retain(|s| !s.pieces(pairs).is_empty());
    if strands.is_empty() {
        return Err(Skip::absent(&format!("difference in labs.*.{column}")));
    }
    // The widest first: where the scenarios differ most.
    strands.sort_by(|a, b| width(b, pairs).total_cmp(&width(a, pairs)));
    let mut frame = Frame::new(material, title, subtitle, &[]);
    key(&mut frame);
    let format = material.format(&strands);
    let mut notes = vec!["Both runs of a pair have the same draws.".to_owned()];
    let rest: Vec<&str> = strands.iter().skip(PANELS).map(|s| s.name.as_str()).collect();
    if !rest.is_empty() {
        notes.push(format!("Smaller, without a panel: {}.", rest.join(", ")));
    }
    if !blank.is_empty() {
        notes.push(format!("No difference in any pair: {}.", blank.join(", ")));
    }
    if strands.iter().any(|s| s.notional) && column.contains("valuation") {
        notes.push("* Notional: a division of a listed group.".to_owned());
    }
    strands.truncate(PANELS);
    let gone = strands.iter().any(|s| s.series.rows.last().is_some_and(|(_, st)| st.n < pairs));
    if gone {
        notes.push("Over the pairs in which the lab has a value in both runs.".to_owned());
    }
    if strands.len() > 3 {
        notes.insert(0, "Each line of panels has an axis of its own.".to_owned());
    }
    frame.note(notes.join(" "));

    let columns = match strands.len() {
        n @ 0..=3 => n.max(1),
        4 => 2,
        5 | 6 => 3,
        _ => 4,
    };
    let lines = strands.len().div_ceil(columns);
    let body = frame.body();
    let (gap, head, foot) = (30.0, 72.0, 40.0);
    let h = (body.h - (head + foot) * lines as f64) / lines as f64;
    // The widest come first, so that a line of panels holds labs of one size; smaller ones would be flat on one axis for all.
    let scales: Vec<Scale> = strands.chunks(columns).map(|row| Scale::linear(reach(row, pairs))).collect();
    let left = scales.iter().map(|scale| gutter(scale, format, h)).fold(0.0, f64::max);
    let w = (body.w - left - gap * (columns - 1) as f64) / columns as f64;
    let time = (material.start(), material.end());
    for (cell, strand) in strands.iter().enumerate() {
        let (at, row) = (cell % columns, cell / columns);
        let x = body.x + left + at as f64 * (w + gap);
        let area = Rect { x, y: body.y + head + row as f64 * (h + head + foot), w, h };
        let panel = Panel { area, time, scale: scales[row], format };
        panel.axes(&mut frame.canvas, at == 0, true);
        one(&mut frame, &panel, strand, column);
    }
    Ok(frame.finish())
}

/// The least and greatest of what panels show.
fn reach(strands: &[Strand], pairs: u64) -> Vec<f64> {
    let of_date = |(_, s): (f64, Stats)| {
        let half = half_95(s.mcse, s.n);
        [s.quantiles[0], s.quantiles[6], s.mean - half, s.mean + half]
    };
    strands.iter().flat_map(|s| s.pieces(pairs).concat()).flat_map(of_date).collect()
}

/// The greatest width of the band of 90% of the pairs.
fn width(strand: &Strand, pairs: u64) -> f64 {
    strand.pieces(pairs).iter().flatten().map(|(_, s)| s.quantiles[6] - s.quantiles[0]).fold(0.0, f64::max)
}

fn one(frame: &mut Frame, panel: &Panel, strand: &Strand, column: &str) {
    let pairs = frame.material.runs();
    let canvas = &mut frame.canvas;
    bands(canvas, panel, strand, pairs, &BANDS);
    line(canvas, panel, strand, pairs, Stroke::new(strand.colour, 3.2), median);
    canvas.clip(panel.area);
    for piece in strand.pieces(pairs) {
        let known: Vec<&(f64, Stats)> = piece.iter().filter(|(_, s)| s.mcse.is_finite()).collect();
        let edge =
            |sign: f64| move |(t, s): &&(f64, Stats)| (panel.x(*t), panel.y(s.mean + sign * half_95(s.mcse, s.n)));
        let mut around: Vec<(f64, f64)> = known.iter().map(edge(1.0)).collect();
        around.extend(known.iter().rev().map(edge(-1.0)));
        canvas.shape(&[around], INK, INTERVAL, None);
    }
    canvas.unclip();
    line(canvas, panel, strand, pairs, Stroke::new(INK, 1.4), |s| s.mean);
    let star = if strand.notional && column.contains("valuation") { "*" } else { "" };
    let name = format!("{}{star}", strand.name);
    let size = PANEL * (panel.area.w / text_width(&name, PANEL, true)).min(1.0);
    canvas.text((panel.area.x, panel.area.y - 40.0), &name, Type::new(size, strand.colour.darker()).bold());
    let words = outcome(panel.format, strand.last(pairs).map(|(_, s)| s));
    let size = TICK * (panel.area.w / text_width(&words, TICK, false)).min(1.0);
    canvas.text((panel.area.x, panel.area.y - 14.0), &words, Type::new(size, GREY));
}

/// Mean difference and its interval at the last date.
fn outcome(format: Format, last: Option<Stats>) -> String {
    let Some(s) = last.filter(|s| s.mcse.is_finite()) else { return "no interval".to_owned() };
    let half = half_95(s.mcse, s.n);
    let (low, high) = (s.mean - half, s.mean + half);
    let noise = if low > 0.0 || high < 0.0 { "" } else { ", noise" };
    format!("{} [{}, {}]{noise}", signed(format, s.mean), signed(format, low), signed(format, high))
}

/// A difference with its sign; of shares in points of percent.
pub fn signed(format: Format, value: f64) -> String {
    let text = match format {
        Format::Percent => {
            let points = 100.0 * value;
            grouped(points, if points.abs() < 0.995 { 2 } else { 1 })
        }
        _ => format.write(value),
    };
    if value > 0.0 && text != "0" { format!("+{text}") } else { text }
}

/// What the marks mean.
fn key(frame: &mut Frame) {
    let style = Type::new(TICK, GREY);
    let (x, y) = (super::theme::MARGIN, 132.0);
    let mid = y - 6.5;
    let canvas = &mut frame.canvas;
    for (i, (_, _, opacity)) in BANDS.iter().enumerate() {
        let h = 24.0 - 7.0 * i as f64;
        canvas.rect(Rect { x, y: mid - h / 2.0, w: 40.0, h }, GREY, opacity * 1.6);
    }
    canvas.line((x, mid), (x + 40.0, mid), Stroke::new(GREY, 3.2));
    let words = "median, and the range of 50, 80 and 90% of pairs of runs";
    canvas.text((x + 50.0, y), words, style);
    let x = x + 50.0 + text_width(words, TICK, false) + 34.0;
    canvas.rect(Rect { x, y: mid - 6.0, w: 40.0, h: 12.0 }, INK, INTERVAL);
    canvas.line((x, mid), (x + 40.0, mid), Stroke::new(INK, 1.4));
    canvas.text(
        (x + 50.0, y),
        "mean difference with its 95% interval; noise where that holds zero",
        style.at(Anchor::Start),
    );
}
