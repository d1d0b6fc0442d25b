//! One path of numbers: a metric against its value, a line a lab, with bands of the runs.

use super::super::canvas::{Anchor, Canvas, Rect, Stroke, Type, text_width};
use super::super::frame::{Frame, Key, gutter};
use super::super::labels::spread;
use super::super::material::BANDS;
use super::super::theme::{CONTEXT, GREY, INK, LABEL, PAPER, RULE};
use super::super::{Drawing, Skip};
use super::plot::{Across, Mark, Plot, key};
use super::title::fit;
use super::{Measure, Strand, Strands, Sweep};
use crate::record::TableKind;

/// Most labs whose three bands can be told apart; of more, the leaders have one.
const FEW: usize = 2;
/// Labs with a band where there are more.
const LEADERS: usize = 2;
/// Most points that are marked by dots.
const DOTS: usize = 25;

/// Draws the curves of a metric.
pub fn draw(sweep: &Sweep, measure: Measure, strands: &Strands) -> Drawing {
    let few = strands.named.len() + strands.rest.len() <= FEW;
    let mut order: Vec<usize> = (0..sweep.points()).collect();
    let numbers = sweep.levels[0].values();
    order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]).then(a.cmp(b)));
    if strands.named.iter().all(|s| order.iter().all(|p| s.at(*p).is_none())) {
        return Err(Skip::absent(&format!("value of {}", measure.metric)));
    }
    let subtitle = format!("{}. {}", measure.quantity, sweep.design());
    let keys: &[Key] = if few { &[Key::Fan] } else { &[] };
    let mut frame = Frame::new(sweep.material, &sweep.finding(measure, strands), &subtitle, keys);
    if !few {
        let entries =
            [(Mark::Line, INK, "median of runs"), (Mark::Band(0.25), GREY, "80% of runs, for the two leaders")];
        let more = [(Mark::Thin, CONTEXT, "medians of the other labs")];
        let left = frame.body().x;
        let x = key(&mut frame.canvas, left, &entries);
        if !strands.rest.is_empty() {
            key(&mut frame.canvas, x, &more);
        }
    }
    if let Some(text) = strands.others("In grey") {
        frame.note(text);
    }
    if measure.log {
        frame.note("Value axis logarithmic.");
    }
    let mut values = Vec::new();
    for (k, strand) in strands.named.iter().enumerate() {
        for s in order.iter().filter_map(|p| strand.at(*p)) {
            values.extend(match (few, k < LEADERS) {
                (true, _) => vec![s.quantiles[0], s.quantiles[6]],
                (false, true) => vec![s.quantiles[1], s.quantiles[5]],
                _ => vec![s.quantiles[3]],
            });
        }
    }
    values.extend(strands.rest.iter().flat_map(|s| &s.medians).filter(|v| v.is_finite()));
    let up = sweep.up(measure, strands.format, &values);
    let body = frame.body();
    let names = 230.0;
    let mut area = Rect { x: 0.0, y: body.y + 44.0, w: 0.0, h: body.h - 44.0 - 74.0 };
    area.x = body.x + gutter(&up, strands.format, area.h);
    area.w = body.right() - names - area.x;
    let plot = Plot { area, across: sweep.across(0, 0.0), up, format: strands.format };
    plot.axes(&mut frame.canvas, true);
    below(&mut frame.canvas, sweep, &plot, body);
    if let Some(text) = sweep.base_off_axis(0, &plot) {
        frame.note(text);
    }
    let canvas = &mut frame.canvas;
    for strand in &strands.rest {
        line(canvas, &plot, strand, &order, &numbers, Stroke::new(CONTEXT, 1.8), false);
    }
    for (k, strand) in strands.named.iter().enumerate().rev() {
        if few {
            bands(canvas, &plot, strand, &order, &numbers, &BANDS);
        } else if k < LEADERS {
            bands(canvas, &plot, strand, &order, &numbers, &[(1, 5, 0.18)]);
        }
    }
    if let Some(at) = sweep.base_at(0) {
        plot.base(canvas, at, &format!("scenario: {}", sweep.write(0, at)));
    }
    for strand in strands.named.iter().rev() {
        line(canvas, &plot, strand, &order, &numbers, Stroke::new(strand.colour, 3.4), order.len() <= DOTS);
    }
    ends(canvas, &plot, &strands.named, &order, measure, names);
    Ok(frame.finish())
}

/// The path, its unit and its meaning below the axis.
fn below(canvas: &mut Canvas, sweep: &Sweep, plot: &Plot, body: Rect) {
    let axis = &sweep.what.axes[0];
    let log = matches!(&plot.across, Across::Numbers(scale, _) if scale.log);
    let unit = if sweep.unit(0).is_empty() { String::new() } else { format!(", {}", sweep.unit(0)) };
    let text = format!("{}{unit}{}", axis.path, if log { ", log scale" } else { "" });
    let (text, size) = fit(&text, LABEL, true, plot.area.w, 15.0);
    let middle = plot.area.x + plot.area.w / 2.0;
    canvas.text((middle, body.bottom() - 22.0), &text, Type::new(size, INK).bold().at(Anchor::Middle));
    let (text, size) = fit(&axis.meaning, 18.0, false, plot.area.w, 15.0);
    canvas.text((middle, body.bottom() + 1.0), &text, Type::new(size, GREY).at(Anchor::Middle));
}

/// The points of a strand that have a value, in pieces without a gap.
fn pieces(strand: &Strand, order: &[usize]) -> Vec<Vec<usize>> {
    let mut pieces = vec![Vec::new()];
    for p in order {
        if strand.at(*p).is_some() {
            if let Some(piece) = pieces.last_mut() {
                piece.push(*p);
            }
        } else if pieces.last().is_some_and(|p| !p.is_empty()) {
            pieces.push(Vec::new());
        }
    }
    pieces.retain(|p| !p.is_empty());
    pieces
}

fn bands(
    canvas: &mut Canvas,
    plot: &Plot,
    strand: &Strand,
    order: &[usize],
    numbers: &[f64],
    pairs: &[(usize, usize, f64)],
) {
    canvas.clip(plot.area);
    for piece in pieces(strand, order) {
        for (low, high, opacity) in pairs {
            let edge = |q: usize| {
                let at = |p: &usize| strand.at(*p).map(|s| (plot.x(numbers[*p]), plot.y(s.quantiles[q])));
                piece.iter().filter_map(at).collect::<Vec<_>>()
            };
            let (mut loops, back) = (edge(*high), edge(*low));
            if loops.len() == 1 {
                // A single point has a range and no area.
                canvas.line(loops[0], back[0], Stroke::new(strand.colour, 8.0).faded(*opacity));
                continue;
            }
            loops.extend(back.into_iter().rev());
            canvas.shape(&[loops], strand.colour, *opacity, None);
        }
    }
    canvas.unclip();
}

fn line(
    canvas: &mut Canvas,
    plot: &Plot,
    strand: &Strand,
    order: &[usize],
    numbers: &[f64],
    stroke: Stroke,
    dots: bool,
) {
    // Dots at the ends of the axis are whole.
    let a = plot.area;
    canvas.clip(Rect { x: a.x - 8.0, y: a.y, w: a.w + 16.0, h: a.h + 8.0 });
    for piece in pieces(strand, order) {
        let points: Vec<(f64, f64)> = piece.iter().map(|p| (plot.x(numbers[*p]), plot.y(strand.medians[*p]))).collect();
        canvas.path(&points, stroke);
        if dots || points.len() == 1 {
            for point in points {
                canvas.circle(point, 5.5, stroke.colour, 1.0, Some(Stroke::new(PAPER, 1.4)));
            }
        }
    }
    canvas.unclip();
}

/// Names at the right, where the lines end, with the last median.
fn ends(canvas: &mut Canvas, plot: &Plot, named: &[Strand], order: &[usize], measure: Measure, room: f64) {
    let known: Vec<(&Strand, f64, f64, bool)> = named
        .iter()
        .filter_map(|s| {
            let last = order.iter().rev().find(|p| s.at(**p).is_some())?;
            let value = s.medians[*last];
            let y = plot.y(value).clamp(plot.area.y, plot.area.bottom());
            Some((s, value, y, Some(last) == order.last()))
        })
        .collect();
    let wanted: Vec<f64> = known.iter().map(|k| k.2).collect();
    let places = spread(&wanted, LABEL * 1.2, plot.area.y + 8.0, plot.area.bottom());
    for ((strand, value, y, whole), at) in known.iter().zip(places) {
        let x = plot.area.right();
        canvas.line((x + 6.0, *y), (x + 26.0, at), Stroke::new(RULE, 1.2));
        let name = if measure.kind == TableKind::Market { "" } else { strand.name.as_str() };
        let text = if *whole { plot.format.write(*value) } else { "no value at the end".to_owned() };
        let wide = text_width(&text, LABEL, false);
        let (name, size) = fit(name, LABEL, true, room - 46.0 - wide, 15.0);
        let style = Type::new(size, strand.colour.darker()).bold();
        canvas.text((x + 32.0, at + 0.35 * LABEL), &name, style);
        let gap = if name.is_empty() { 0.0 } else { text_width(&name, size, true) + 8.0 };
        canvas.text((x + 32.0 + gap, at + 0.35 * LABEL), &text, Type::new(LABEL, strand.colour.darker()));
    }
}
