//! One path of words or switches: a row a value, with median and ranges of the runs; a panel a lab.

use super::super::canvas::{Anchor, Rect, Stroke, Type, text_width};
use super::super::frame::Frame;
use super::super::theme::{GREY, GRID, INK, LABEL, PANEL, PAPER, RULE, TICK};
use super::super::{Drawing, Skip};
use super::plot::{Mark, key};
use super::title::fit;
use super::{Measure, Strand, Strands, Sweep};
use crate::experiment::summary::Stats;
use crate::record::TableKind;

/// Most rows that can be read in one panel of two lines of panels.
const ROWS_OF_TWO: usize = 7;
/// Least height of a row.
const LEAST_ROW: f64 = 17.0;

/// Draws the dots of a metric.
pub fn draw(sweep: &Sweep, measure: Measure, strands: &Strands) -> Drawing {
    let levels = &sweep.levels[0];
    // Points of one value have the same runs: the first stands for all.
    let first =
        |k: usize| levels.of.iter().position(|of| *of == k).map(|p| (super::bare(&levels.texts[k]).to_owned(), p));
    let mut rows: Vec<(String, usize)> = (0..levels.len()).filter_map(first).collect();
    let base = sweep.base_at(0).map(|k| k as usize);
    let most = if rows.len() > ROWS_OF_TWO { 3 } else { super::NAMED };
    let shown = &strands.named[..strands.named.len().min(most)];
    let body_rows = if shown.len() > 3 { 2 } else { 1 };
    let subtitle = format!("{}. {}", measure.quantity, sweep.design());
    let mut frame = Frame::new(sweep.material, &sweep.finding(measure, strands), &subtitle, &[]);
    let body = frame.body();
    let entries = [
        (Mark::Dot, INK, "median of runs"),
        (Mark::Line, GREY, "50% of runs"),
        (Mark::Thin, GREY, "90% of runs"),
        (Mark::Dashed, INK, "median of the scenario as it is"),
    ];
    key(&mut frame.canvas, body.x, if base.is_some() { &entries } else { &entries[..3] });
    let left: Vec<&str> = strands.named[shown.len()..].iter().chain(&strands.rest).map(|s| s.name.as_str()).collect();
    if !left.is_empty() {
        frame.note(format!("Not shown: {}.", left.join(", ")));
    }
    if measure.log {
        frame.note("Axes logarithmic.");
    }
    let columns = shown.len().div_ceil(body_rows);
    let names = 230.0;
    let (gap, head, foot) = (50.0, 74.0, 34.0);
    let wide = (body.w - names - gap * (columns as f64 - 1.0)) / columns as f64;
    let tall = body.h / body_rows as f64 - head - foot;
    let fits = (tall / LEAST_ROW) as usize;
    if rows.len() > fits {
        frame.note(format!("The first {fits} of {} values.", rows.len()));
        rows.truncate(fits);
    }
    let step = (tall / rows.len() as f64).min(190.0);
    if reach(shown, &rows).is_empty() {
        return Err(Skip::absent(&format!("value of {}", measure.metric)));
    }
    for (i, strand) in shown.iter().enumerate() {
        let (column, line) = (i % columns, i / columns);
        let area = Rect {
            x: body.x + names + column as f64 * (wide + gap),
            y: body.y + head + line as f64 * (tall + head + foot),
            w: wide,
            h: step * rows.len() as f64,
        };
        // A line of panels shares its axis; money of labs of different size shares none: what counts is the change.
        let line_of = &shown[line * columns..((line + 1) * columns).min(shown.len())];
        let sharing = if measure.log { std::slice::from_ref(strand) } else { line_of };
        let scale = sweep.up(measure, strands.format, &reach(sharing, &rows));
        let x = |v: f64| area.x + scale.at(v).clamp(0.0, 1.0) * area.w;
        let canvas = &mut frame.canvas;
        if measure.kind != TableKind::Market {
            let (name, size) = fit(&strand.name, PANEL, true, wide, 15.0);
            canvas.text((area.x, area.y - 14.0), &name, Type::new(size, strand.colour.darker()).bold());
        }
        let (ticks, apart) = scale.ticks((wide / 95.0) as usize + 1);
        let mut free = f64::NEG_INFINITY;
        for tick in ticks {
            let text = strands.format.tick(tick, apart);
            canvas.line((x(tick), area.y), (x(tick), area.bottom()), Stroke::new(GRID, 1.4));
            let half = 0.5 * text_width(&text, TICK, false);
            if x(tick) - half > free {
                let style = Type::new(TICK, GREY).at(Anchor::Middle);
                canvas.text((x(tick), area.bottom() + 8.0 + TICK), &text, style);
                free = x(tick) + half + 12.0;
            }
        }
        let own_base =
            base.and_then(|k| rows.iter().find(|(_, p)| levels.of[*p] == k)).and_then(|(_, p)| strand.at(*p));
        if let Some(stats) = own_base {
            let at = x(stats.quantiles[3]);
            canvas.line((at, area.y), (at, area.bottom()), Stroke::new(INK, 1.6).dashed(6.0));
        }
        for (k, (word, p)) in rows.iter().enumerate() {
            let y = area.y + (k as f64 + 0.5) * step;
            if column == 0 {
                let (text, size) = fit(word, LABEL.min(step), false, names - 20.0, 13.0);
                let ink = if base == Some(levels.of[*p]) { INK } else { GREY };
                let style = Type::new(size, ink).at(Anchor::End);
                let style = if base == Some(levels.of[*p]) { style.bold() } else { style };
                canvas.text((area.x - 14.0, y + 0.35 * size), &text, style);
            }
            let Some(Stats { quantiles: q, .. }) = strand.at(*p) else {
                canvas.text((area.x + 8.0, y + 5.0), "no value", Type::new(15.0, RULE));
                continue;
            };
            canvas.line((x(q[0]), y), (x(q[6]), y), Stroke::new(strand.colour, 2.2));
            canvas.line((x(q[2]), y), (x(q[4]), y), Stroke::new(strand.colour, 7.0f64.min(step * 0.4)).faded(0.55));
            canvas.circle((x(q[3]), y), 8.0f64.min(step * 0.42), strand.colour, 1.0, Some(Stroke::new(PAPER, 1.6)));
            if step > 40.0 {
                let text = strands.format.write(q[3]);
                let half = 0.5 * text_width(&text, 18.0, false);
                let at = x(q[3]).clamp(area.x + half, area.right() - half);
                canvas.text((at, y - 15.0), &text, Type::new(18.0, INK).at(Anchor::Middle).halo());
            }
        }
    }
    let (caption, size) = fit(&sweep.what.axes[0].path, TICK, true, names + wide, 14.0);
    frame.canvas.text((body.x, body.y + 22.0), &caption, Type::new(size, INK).bold());
    Ok(frame.finish())
}

/// The 5% and 95% quantiles of some labs at some points.
fn reach(strands: &[Strand], rows: &[(String, usize)]) -> Vec<f64> {
    let stats = strands.iter().flat_map(|s| rows.iter().filter_map(|(_, p)| s.at(*p)));
    stats.flat_map(|s| [s.quantiles[0], s.quantiles[6]]).collect()
}
