//! What a scenario changes: paired differences against another, a row a lab, with their 95% intervals.

use super::canvas::{Anchor, Rect, Stroke, Type, text_width};
use super::frame::Frame;
use super::material::Material;
use super::scale::Scale;
use super::theme::{Colour, Format, GREY, GRID, INK, LABEL, PANEL, PAPER, RULE, TICK};
use super::{Drawing, Skip};
use crate::record::TableKind;

/// A difference with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Mean difference over the pairs of runs.
    pub difference: f64,
    /// Lower end of its 95% interval.
    pub low: f64,
    /// Upper end of its 95% interval.
    pub high: f64,
}

/// A panel: one metric, a difference a lab.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectPanel {
    /// Title, for example `Enterprise share`.
    pub title: String,
    /// Unit of the metric: decides how numbers are written.
    pub unit: String,
    /// (Id of the lab, its difference); a lab without one has no mark.
    pub rows: Vec<(String, Effect)>,
}

/// Draws the panels side by side, the labs in the order of the first.
pub fn effects(material: Material, title: &str, subtitle: &str, panels: &[EffectPanel]) -> Drawing {
    let mut labs: Vec<&str> = Vec::new();
    for (lab, _) in panels.iter().flat_map(|p| &p.rows) {
        if !labs.contains(&lab.as_str()) {
            labs.push(lab);
        }
    }
    if labs.is_empty() {
        return Err(Skip::absent("difference"));
    }
    let mut frame = Frame::new(material, title, subtitle, &[]);
    frame.note("Dot: mean over pairs of runs that share their randomness; line: 95% interval. Pale where the interval holds zero.");
    let body = frame.body();
    let names = 190.0;
    let gap = 60.0;
    let wide = (body.w - names) / panels.len() as f64 - gap;
    let head = 34.0;
    let foot = 40.0;
    let step = ((body.h - head - foot) / labs.len() as f64).min(70.0);
    let tall = step * labs.len() as f64;
    let top = body.y + head;
    for (i, lab) in labs.iter().enumerate() {
        let (name, colour, _) = material.look(TableKind::Labs, lab, i);
        let y = top + (i as f64 + 0.5) * step;
        let size = LABEL * ((names - 40.0) / text_width(&name, LABEL, false)).min(1.0);
        frame.canvas.circle((body.x + 8.0, y), 7.0, colour, 1.0, None);
        frame.canvas.text((body.x + 26.0, y + 0.35 * size), &name, Type::new(size, INK));
    }
    for (k, panel) in panels.iter().enumerate() {
        let area = Rect { x: body.x + names + k as f64 * (wide + gap), y: top, w: wide, h: tall };
        let reach = panel.rows.iter().flat_map(|(_, e)| [e.low.abs(), e.high.abs()]).fold(0.0, f64::max);
        let reach = if reach > 0.0 { 1.1 * reach } else { 1.0 };
        let scale = Scale { low: -reach, high: reach, log: false };
        let format = Format::of_unit(&panel.unit);
        let x = |v: f64| area.x + scale.at(v) * area.w;
        let canvas = &mut frame.canvas;
        // A difference of shares is in points of percent.
        let points = if format == Format::Percent { ", points" } else { "" };
        canvas.text((area.x, area.y - 14.0), &format!("{}{points}", panel.title), Type::new(PANEL, INK).bold());
        let (ticks, apart) = scale.ticks(4);
        for tick in ticks {
            let stroke = if tick == 0.0 { Stroke::new(RULE, 2.0) } else { Stroke::new(GRID, 1.4) };
            canvas.line((x(tick), area.y), (x(tick), area.bottom()), stroke);
            let style = Type::new(TICK, GREY).at(Anchor::Middle);
            let sign = if tick > 0.0 { "+" } else { "" };
            let written = format.tick(tick, apart);
            let written = written.strip_suffix('%').unwrap_or(&written);
            canvas.text((x(tick), area.bottom() + 10.0 + TICK), &format!("{sign}{written}"), style);
        }
        for (lab, effect) in &panel.rows {
            let Some(i) = labs.iter().position(|l| l == lab) else { continue };
            let (_, colour, _): (String, Colour, bool) = material.look(TableKind::Labs, lab, i);
            let y = area.y + (i as f64 + 0.5) * step;
            let clear = effect.low > 0.0 || effect.high < 0.0;
            let ink = if clear { colour } else { RULE };
            canvas.line((x(effect.low), y), (x(effect.high), y), Stroke::new(ink, if clear { 5.0 } else { 3.0 }));
            canvas.circle((x(effect.difference), y), 7.5, ink, 1.0, Some(Stroke::new(PAPER, 1.6)));
        }
    }
    Ok(frame.finish())
}
