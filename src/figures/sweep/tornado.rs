//! Tornado chart: how far each path moves a lab between its lowest and its highest value, everything else averaged; the two
//! largest labs, the widest bar on top.

use super::super::canvas::{Anchor, Canvas, Rect, Stroke, Type, text_width};
use super::super::frame::Frame;
use super::super::scale::Scale;
use super::super::theme::{GREY, GRID, INK, LABEL, PANEL, PAPER, RULE, TICK};
use super::super::{Drawing, Skip};
use super::plot::{Mark, key};
use super::title::{apart, capital, fit};
use super::{Measure, Strand, Strands, Sweep};
use crate::experiment::marginal::Swing;

/// Most bars.
const BARS: usize = 14;
/// Labs shown.
const LABS: usize = 2;
/// Widest text at the end of a bar.
const MOST_LABEL: f64 = 190.0;
/// Size of what is written at the ends of bars.
const END: f64 = 17.0;

/// Draws the tornado chart of a metric.
pub fn draw(sweep: &Sweep, measure: Measure, strands: &Strands) -> Drawing {
    let shown = &strands.named[..strands.named.len().min(LABS)];
    let subtitle = format!("{}. {}", measure.quantity, sweep.design());
    let title = sweep.strongest_words(measure, strands);
    let mut frame = Frame::new(sweep.material, &title, &subtitle, &[]);
    let body = frame.body();
    let (low, high) = ends_words(sweep);
    let mut entries =
        vec![(Mark::Band(0.35), INK, low), (Mark::Band(0.8), INK, high), (Mark::Line, RULE, "mean of all points")];
    let base = base_point(sweep);
    if base.is_some() {
        entries.push((Mark::Dashed, INK, "the scenario as it is"));
    }
    let known = |s: &Strand| (0..sweep.levels.len()).any(|k| interval(sweep, measure, k, s).is_some());
    if shown.iter().any(known) {
        entries.push((Mark::Thin, INK, "95% interval of the difference; grey: within noise"));
    }
    key(&mut frame.canvas, body.x, &entries);
    if sweep.grid {
        frame.note("Medians of the points, averaged over all other paths. Words: from the least to the greatest. A thin line goes on where a value between the ends reaches further.");
    } else {
        frame.note("Medians of the points, averaged in the lowest and the highest bin of the path. Words: from the least to the greatest. A thin grey line goes on where a bin between reaches further.");
    }
    if sweep.levels.len() > BARS {
        frame.note(format!("The {BARS} widest of {} paths.", sweep.levels.len()));
    }
    let gap = 60.0;
    let wide = (body.w - gap * (shown.len() as f64 - 1.0)) / shown.len() as f64;
    let mut any = false;
    for (k, strand) in shown.iter().enumerate() {
        let place = Rect { x: body.x + k as f64 * (wide + gap), w: wide, ..body };
        let own = base.and_then(|p| strand.at(p)).map(|s| s.quantiles[3]);
        any |= panel(&mut frame.canvas, sweep, (measure, strands), strand, place, own);
    }
    if !any {
        return Err(Skip::absent(&format!("value of {}", measure.metric)));
    }
    Ok(frame.finish())
}

/// What the pale and the full end of a bar are.
fn ends_words(sweep: &Sweep) -> (&'static str, &'static str) {
    if sweep.grid {
        return ("towards the path's lowest value", "towards its highest value");
    }
    match sweep.bins() {
        2 => ("towards the lower half of the path", "towards its upper half"),
        3 => ("towards the lowest third of the path", "towards its highest third"),
        4 => ("towards the lowest quarter of the path", "towards its highest quarter"),
        _ => ("towards the lowest fifth of the path", "towards its highest fifth"),
    }
}

/// Half the 95% interval of what a path moves a lab by and whether it holds zero, as effects.csv has them.
fn interval(sweep: &Sweep, measure: Measure, axis: usize, strand: &Strand) -> Option<(f64, bool)> {
    let effect = sweep.effect(axis, measure, strand)?;
    Some((effect.half(), effect.within_noise?))
}

/// The point of the design that is the scenario as it is.
fn base_point(sweep: &Sweep) -> Option<usize> {
    let base: Option<Vec<f64>> = (0..sweep.levels.len()).map(|k| sweep.base_at(k)).collect();
    let base = base?;
    (0..sweep.points()).find(|p| {
        sweep.levels.iter().zip(&base).all(|(l, at)| {
            let here = l.numbers.get(l.of[*p]).copied().unwrap_or(l.of[*p] as f64);
            here == *at
        })
    })
}

/// A bar: the axis, its swing, and what stands at its left and right end.
struct Bar {
    axis: usize,
    swing: Swing,
    left: String,
    right: String,
    /// Half the interval of the difference; 0 where it is not known.
    half: f64,
    within_noise: bool,
}

fn bars(sweep: &Sweep, measure: Measure, strands: &Strands, strand: &Strand) -> Vec<Bar> {
    let mut bars: Vec<Bar> = (0..sweep.levels.len())
        .filter_map(|axis| {
            let swing = sweep.swing(axis, strand)?;
            let (low, high) = apart(strands.format, swing.low.mean, swing.high.mean);
            let low = format!("{} ({low})", sweep.write(axis, swing.low.at));
            let high = format!("{} ({high})", sweep.write(axis, swing.high.at));
            let (half, within_noise) = interval(sweep, measure, axis, strand).unwrap_or((0.0, false));
            let (left, right) = if swing.low.mean <= swing.high.mean { (low, high) } else { (high, low) };
            Some(Bar { axis, swing, left, right, half, within_noise })
        })
        .collect();
    bars.sort_by(|a, b| b.swing.range().total_cmp(&a.swing.range()).then(a.axis.cmp(&b.axis)));
    bars.truncate(BARS);
    bars
}

/// Draws one lab; says whether there was anything to draw.
fn panel(
    canvas: &mut Canvas,
    sweep: &Sweep,
    (measure, strands): (Measure, &Strands),
    strand: &Strand,
    place: Rect,
    base: Option<f64>,
) -> bool {
    let bars = bars(sweep, measure, strands, strand);
    let known: Vec<f64> = strand.medians.iter().copied().filter(|v| v.is_finite()).collect();
    if bars.is_empty() || known.is_empty() {
        return false;
    }
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let reach = |b: &Bar| {
        let high = b.swing.high.mean;
        ((high - b.half).min(b.swing.least.mean), (high + b.half).max(b.swing.most.mean))
    };
    let spans = bars.iter().flat_map(|b| [reach(b).0, reach(b).1]);
    let scale = Scale::about(spans.chain([mean]).chain(base));
    let names =
        bars.iter().map(|b| text_width(&capital(&sweep.names[b.axis]), LABEL, false)).fold(0.0, f64::max).min(240.0);
    let (head, foot) = (66.0, 40.0);
    let step = ((place.h - head - foot) / bars.len() as f64).min(150.0);
    let room =
        Rect { x: place.x + names + 18.0, y: place.y + head, w: place.w - names - 18.0, h: step * bars.len() as f64 };
    let labels = |b: &Bar| [&b.left, &b.right].map(|t| text_width(t, END, false).min(MOST_LABEL) + 10.0);
    let (mut left, mut right) = (0.0, 0.0);
    // The margins that every label needs beside its bar; wider margins shorten the bars, so that they are found in rounds.
    for _ in 0..40 {
        let inner: f64 = room.w - left - right;
        let over = |b: &Bar| {
            let (from, to) = reach(b);
            let [l, r] = labels(b);
            (l - scale.at(from) * inner, r - (1.0 - scale.at(to)) * inner)
        };
        left = bars.iter().map(|b| over(b).0).fold(left, f64::max);
        right = bars.iter().map(|b| over(b).1).fold(right, f64::max);
    }
    let area = Rect { x: room.x + left, w: room.w - left - right, ..room };
    let x = |v: f64| area.x + scale.at(v) * area.w;
    let (name, size) = fit(&strand.name, PANEL, true, place.w, 15.0);
    canvas.text((place.x, place.y + 24.0), &name, Type::new(size, strand.colour.darker()).bold());
    axis(canvas, strands, area, &scale);
    let said = format!("mean {}", strands.format.write(mean));
    canvas.text((x(mean), area.y - 8.0), &said, Type::new(TICK, GREY).at(Anchor::Middle));
    for (k, bar) in bars.iter().enumerate() {
        let y = area.y + (k as f64 + 0.5) * step;
        let tall = (0.62 * step).min(58.0);
        let (text, size) = fit(&capital(&sweep.names[bar.axis]), LABEL.min(step), false, names, 13.0);
        canvas.text((place.x + names, y + 0.35 * size), &text, Type::new(size, INK).at(Anchor::End));
        let (low, high) = (bar.swing.low.mean, bar.swing.high.mean);
        let parted = if (low.min(high)..=low.max(high)).contains(&mean) { mean } else { (low + high) / 2.0 };
        let colour = if bar.within_noise { GREY } else { strand.colour };
        let piece = |canvas: &mut Canvas, a: f64, b: f64, opacity: f64| {
            let (a, b) = (x(a).min(x(b)), x(a).max(x(b)));
            canvas.rect(Rect { x: a, y: y - tall / 2.0, w: (b - a).max(0.8), h: tall }, colour, opacity);
        };
        piece(canvas, low, parted, 0.4);
        piece(canvas, parted, high, 0.95);
        for (end, reached) in [(low.min(high), bar.swing.least.mean), (low.max(high), bar.swing.most.mean)] {
            if end != reached {
                canvas.line((x(end), y), (x(reached), y), Stroke::new(RULE, 2.0));
                canvas.line((x(reached), y - 6.0), (x(reached), y + 6.0), Stroke::new(RULE, 2.0));
            }
        }
        // The difference is uncertain, not either end; its interval stands at the high one.
        if bar.half > 0.0 {
            canvas.line((x(high - bar.half), y), (x(high + bar.half), y), Stroke::new(INK, 1.6));
        }
        let (from, to) = reach(bar);
        for (text, at, anchor) in [(&bar.left, x(from) - 8.0, Anchor::End), (&bar.right, x(to) + 8.0, Anchor::Start)] {
            let (text, size) = fit(text, END, false, MOST_LABEL, 13.0);
            canvas.text((at, y + 0.35 * size), &text, Type::new(size, INK).at(anchor).halo());
        }
    }
    canvas.line((x(mean), area.y), (x(mean), area.bottom()), Stroke::new(RULE, 2.4));
    if let Some(own) = base {
        canvas.line((x(own), area.y), (x(own), area.bottom()), Stroke::new(PAPER, 3.6).faded(0.7));
        canvas.line((x(own), area.y), (x(own), area.bottom()), Stroke::new(INK, 1.8).dashed(6.0));
    }
    true
}

fn axis(canvas: &mut Canvas, strands: &Strands, area: Rect, scale: &Scale) {
    let (ticks, apart) = scale.ticks((area.w / 60.0) as usize + 1);
    let mut free = f64::NEG_INFINITY;
    for tick in ticks {
        let x = area.x + scale.at(tick) * area.w;
        canvas.line((x, area.y), (x, area.bottom()), Stroke::new(GRID, 1.4));
        let text = strands.format.tick(tick, apart);
        let half = 0.5 * text_width(&text, TICK, false);
        if x - half > free {
            canvas.text((x, area.bottom() + 8.0 + TICK), &text, Type::new(TICK, GREY).at(Anchor::Middle));
            free = x + half + 12.0;
        }
    }
}
