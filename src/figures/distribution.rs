//! Distributions at the horizon: a row a lab, with density, median and the ranges of 50 and 90% of the runs.

use super::canvas::{Anchor, Canvas, Rect, Stroke, Type, text_width};
use super::density::{density, quantile};
use super::frame::Frame;
use super::joint::{Path, axis, axis_words, format_of};
use super::material::Material;
use super::scale::Scale;
use super::theme::{Colour, Format, GREY, GRID, INK, LABEL, PAPER, RULE, TICK};
use super::{Drawing, Skip};
use crate::record::TableKind;

/// Most rows of a panel.
const ROWS: usize = 12;
/// Fewest runs that make a row.
const LEAST: usize = 10;
/// Points at which a density is drawn.
const STEPS: usize = 160;

struct Row {
    id: String,
    name: String,
    colour: Colour,
    notional: bool,
    /// Sorted values.
    values: Vec<f64>,
    /// Runs without a value.
    missing: usize,
}

fn rows(material: Material, path: Path) -> Vec<Row> {
    let mut out: Vec<Row> = material
        .horizon
        .columns
        .iter()
        .zip(&material.horizon.values)
        .enumerate()
        .filter(|(_, ((kind, id, column), _))| *kind == path.0 && column == path.2 && (path.1 == "*" || path.1 == id))
        .map(|(nth, ((kind, id, _), all))| {
            let mut values: Vec<f64> = all.iter().copied().filter(|v| v.is_finite()).collect();
            values.sort_by(f64::total_cmp);
            let (name, colour, notional) = material.look(*kind, id, nth);
            Row { id: id.clone(), name, colour, notional, missing: all.len() - values.len(), values }
        })
        .filter(|r| r.values.len() >= LEAST && r.values.iter().any(|v| *v != 0.0))
        .collect();
    out.sort_by(|a, b| quantile(&b.values, 0.5).total_cmp(&quantile(&a.values, 0.5)));
    out
}

/// Whether the horizon has the column.
fn held(material: Material, path: Path) -> bool {
    material.horizon.columns.iter().any(|(k, id, c)| *k == path.0 && c == path.2 && (path.1 == "*" || path.1 == id))
}

/// Enterprise share and valuation at the horizon, side by side.
pub fn share_and_valuation(material: Material) -> Drawing {
    let paths: [Path; 2] = [(TableKind::Labs, "*", "enterprise_share"), (TableKind::Labs, "*", "valuation_usd")];
    draw(material, &paths, "Where might each lab stand at the horizon?", None)
}

/// Draws a panel for each column that there is; the rows keep the order of the first.
pub fn draw(material: Material, paths: &[Path], title: &str, log: Option<bool>) -> Drawing {
    let mut panels: Vec<(Path, Vec<Row>)> =
        paths.iter().map(|p| (*p, rows(material, *p))).filter(|(_, r)| !r.is_empty()).collect();
    let runs = material.runs();
    if panels.is_empty() && (1..LEAST as u64).contains(&runs) && paths.iter().any(|p| held(material, *p)) {
        return Err(Skip::few(runs, LEAST));
    }
    if panels.is_empty() {
        return Err(Skip::absent(&format!("{} at the horizon", paths.first().map_or("a column", |p| p.2))));
    }
    // One order of labs for all panels: by the first, then those that only another has.
    let mut order: Vec<String> = Vec::new();
    for (_, rows) in &panels {
        for row in rows {
            if !order.contains(&row.id) {
                order.push(row.id.clone());
            }
        }
    }
    let seen = order.clone();
    let cut = order.len().saturating_sub(ROWS);
    order.truncate(ROWS);
    for (_, rows) in &mut panels {
        rows.retain(|r| order.contains(&r.id));
    }
    let subtitle = format!(
        "{}: density over the runs, median (dot) and the range of 50% (thick) and 90% (thin) of runs",
        material.horizon_words()
    );
    let mut frame = Frame::new(material, title, &subtitle, &[]);
    if cut > 0 {
        frame.note(format!("{cut} labs with the least shares are not shown."));
    }
    let gone: Vec<String> = material
        .horizon
        .columns
        .iter()
        .enumerate()
        .filter(|(_, (kind, id, column))| {
            paths.first().is_some_and(|p| *kind == p.0 && column == p.2 && (p.1 == "*" || p.1 == id))
        })
        .filter(|(_, (_, id, _))| !seen.contains(id))
        .map(|(nth, (kind, id, _))| material.look(*kind, id, nth).0)
        .collect();
    if !gone.is_empty() {
        frame.note(format!("Nothing to show in nearly all runs: {}.", gone.join(", ")));
    }
    if panels.iter().any(|(p, rows)| p.2.contains("valuation") && rows.iter().any(|r| r.notional)) {
        frame.note("* Notional: a division of a listed group, valued as if it stood alone.");
    }
    if panels.iter().flat_map(|(_, rows)| rows).any(|r| r.missing > 0) {
        frame.note("Percentages after a value: the runs in which the lab still has one.");
    }
    let body = frame.body();
    let body = Rect { y: body.y - 20.0, h: body.h + 20.0, ..body };
    let names = panels.iter().flat_map(|(_, r)| r).map(|r| text_width(&r.name, LABEL, true)).fold(0.0, f64::max) + 24.0;
    let gap = 36.0;
    let w = (body.w - names - gap * (panels.len() - 1) as f64) / panels.len() as f64;
    let step = (body.h - 36.0 - 38.0) / order.len() as f64;
    for (i, (path, rows)) in panels.iter().enumerate() {
        let format = format_of(material, *path);
        let scale = axis(format, &rows.iter().map(|r| r.values.as_slice()).collect::<Vec<_>>(), log);
        let room = Rect { x: body.x + names + i as f64 * (w + gap), y: body.y + 36.0, w, h: body.h - 36.0 - 38.0 };
        strip(&mut frame.canvas, room, rows, &order, step, (format, scale), &axis_words(path.2, &scale), path.2);
        if i == 0 {
            for (k, id) in order.iter().enumerate() {
                let Some(row) = panels.iter().flat_map(|(_, r)| r).find(|r| r.id == *id) else { continue };
                let y = room.y + (k as f64 + 0.62) * step + 0.35 * LABEL;
                let style = Type::new(LABEL, row.colour.darker()).bold();
                frame.canvas.text((body.x, y), &row.name, style);
            }
        }
    }
    Ok(frame.finish())
}

#[expect(clippy::too_many_arguments, reason = "one call, and each is a thing of its own")]
fn strip(
    canvas: &mut Canvas,
    room: Rect,
    rows: &[Row],
    order: &[String],
    step: f64,
    (format, scale): (Format, Scale),
    words: &str,
    column: &str,
) {
    let values: Vec<String> = rows
        .iter()
        .map(|r| {
            let total = r.values.len() + r.missing;
            let here = r.values.len() as f64 / total as f64;
            let star = if r.notional && column.contains("valuation") { "*" } else { "" };
            let part = if r.missing > 0 { format!(" · {}", Format::Percent.write(here)) } else { String::new() };
            format!("{}{star}{part}", format.write(quantile(&r.values, 0.5)))
        })
        .collect();
    let label = values.iter().map(|v| text_width(v, TICK, false)).fold(0.0, f64::max) + 16.0;
    let area = Rect { w: room.w - label, ..room };
    let x = |v: f64| area.x + scale.at(v) * area.w;
    canvas.text((area.x, area.y - 14.0), words, Type::new(LABEL, INK).bold());
    let (ticks, tick_step) = scale.ticks((area.w / 90.0) as usize);
    for v in ticks {
        canvas.line((x(v), area.y), (x(v), area.bottom()), Stroke::new(GRID, 1.4));
        let style = Type::new(TICK, GREY).at(Anchor::Middle);
        canvas.text((x(v), area.bottom() + 8.0 + TICK), &format.tick(v, tick_step), style);
    }
    canvas.line((area.x, area.bottom()), (area.right(), area.bottom()), Stroke::new(RULE, 1.4));
    let (low, high) = (scale.coordinate(scale.low), scale.coordinate(scale.high));
    let points: Vec<f64> = (0..STEPS).map(|i| low + (high - low) * i as f64 / (STEPS - 1) as f64).collect();
    for (row, value) in rows.iter().zip(&values) {
        let Some(k) = order.iter().position(|id| *id == row.id) else { continue };
        let base = area.y + (k as f64 + 0.62) * step;
        // What is not above 0 has no place on a logarithmic axis.
        let placed = row.values.iter().filter(|v| !scale.log || **v > 0.0);
        let coordinates: Vec<f64> = placed.map(|v| scale.coordinate(*v)).collect();
        let floor = (!scale.log && scale.low == 0.0).then_some(0.0);
        let heights = density(&coordinates, &points, 0.006 * (high - low), floor);
        let mut edge: Vec<(f64, f64)> = points
            .iter()
            .zip(&heights)
            .map(|(p, d)| (area.x + (p - low) / (high - low) * area.w, base - d * 0.56 * step))
            .collect();
        edge.push((area.right(), base));
        edge.push((area.x, base));
        canvas.clip(Rect { x: area.x, y: area.y - 4.0, w: area.w, h: area.h + 8.0 });
        canvas.shape(&[edge], row.colour, 0.28, None);
        let y = base + 0.09 * step;
        let q = |p: f64| x(quantile(&row.values, p));
        canvas.line((q(0.05), y), (q(0.95), y), Stroke::new(row.colour, 2.4));
        canvas.line((q(0.25), y), (q(0.75), y), Stroke::new(row.colour, 7.0));
        canvas.unclip();
        canvas.circle(
            (q(0.5).clamp(area.x, area.right()), y),
            6.0,
            PAPER,
            1.0,
            Some(Stroke::new(row.colour.darker(), 2.6)),
        );
        let style = Type::new(TICK, INK).at(Anchor::End);
        canvas.text((room.right(), base + 0.35 * TICK), value, style);
    }
}
