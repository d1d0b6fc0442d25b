//! How means settle: running means with their standard errors by the number of runs, a panel a metric.

use super::canvas::{Anchor, Canvas, Rect, Stroke, Type, text_width};
use super::frame::Frame;
use super::material::{Material, words};
use super::scale::Scale;
use super::theme::{Colour, Format, GREY, GRID, INK, MARGIN, PALETTE, PANEL, RULE, TICK, grouped};
use super::{Drawing, Skip};
use crate::experiment::statistics::Z95;
use crate::record::TableKind;

/// Most metrics without a panel that a note names.
const NAMED: usize = 4;
/// Most panels of a figure.
const PANELS: usize = 8;

/// One metric along the runs.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvergencePanel {
    /// Path, for example `labs.openai.enterprise_share` or `claims.<id>`.
    pub path: String,
    /// Unit.
    pub unit: String,
    /// Standard error asked for, in that unit.
    pub target: Option<f64>,
    /// (Runs, mean, standard error), by rising runs.
    pub rows: Vec<(u64, f64, f64)>,
}

impl ConvergencePanel {
    fn known(&self) -> Vec<(u64, f64, f64)> {
        self.rows.iter().copied().filter(|(n, m, se)| *n > 0 && m.is_finite() && se.is_finite()).collect()
    }
    fn last(&self) -> Option<(u64, f64, f64)> {
        self.known().last().copied()
    }
    /// The lab that it is of.
    fn lab(&self) -> Option<&str> {
        let bare = self.path.rsplit(": ").next().unwrap_or(&self.path);
        bare.strip_prefix("beats.").unwrap_or(bare).strip_prefix("labs.")?.split('.').next()
    }
    /// Whether the target is reached; `None` without one.
    fn reached(&self) -> Option<bool> {
        let (last, target) = (self.last()?, self.target?);
        Some(last.2 <= target)
    }
    fn format(&self) -> Format {
        let probability = self.unit == "flag" || ["claims.", "beats."].iter().any(|w| self.path.contains(w));
        if probability { Format::Percent } else { Format::of_unit(&self.unit) }
    }
}

/// Draws the panels; `stopped` is the number of runs at which the targets were reached.
pub fn convergence(material: Material, subtitle: &str, panels: &[ConvergencePanel], stopped: Option<u64>) -> Drawing {
    let mut panels: Vec<&ConvergencePanel> = panels.iter().filter(|p| p.known().len() > 1).collect();
    if panels.is_empty() {
        return Err(Skip::absent("running mean: there are fewer than 20 runs"));
    }
    order(&mut panels, material);
    let most = panels.iter().filter_map(|p| p.last()).map(|(n, _, _)| n).max().unwrap_or(0);
    let asked = panels.iter().filter(|p| p.target.is_some()).count();
    let reached = panels.iter().filter(|p| p.reached() == Some(true)).count();
    let title = match stopped {
        Some(runs) => format!("Enough after {} runs", grouped(runs as f64, 0)),
        None if asked > 0 => format!("Not enough after {} runs: {reached} of {asked} reached", grouped(most as f64, 0)),
        None => "How well do the runs settle the means?".to_owned(),
    };
    let mut frame = Frame::new(material, &title, subtitle, &[]);
    let rest: Vec<String> = panels.iter().skip(PANELS).map(|p| look(material, &p.path, 0).0).collect();
    let more = rest.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let rest = match rest.len() {
        0 => String::new(),
        n => format!("Without a panel: {}{more}. ", rest[..n.min(NAMED)].join(", ")),
    };
    frame.note(format!("{rest}Runs on a logarithmic axis; numbers in convergence.csv."));
    panels.truncate(PANELS);
    key(&mut frame.canvas, panels.iter().any(|p| p.target.is_some()), stopped.is_some());
    let columns = match panels.len() {
        n @ 0..=3 => n,
        4 => 2,
        5 | 6 => 3,
        _ => 4,
    };
    let lines = panels.len().div_ceil(columns);
    let body = frame.body();
    let (gap, head, foot, left) = (26.0, 72.0, 42.0, 74.0);
    let h = (body.h - (head + foot) * lines as f64) / lines as f64;
    let w = (body.w - (left + gap) * columns as f64 + gap) / columns as f64;
    for (cell, panel) in panels.iter().enumerate() {
        let (at, row) = (cell % columns, cell / columns);
        let x = body.x + left + at as f64 * (w + gap + left);
        let area = Rect { x, y: body.y + head + row as f64 * (h + head + foot), w, h };
        one(&mut frame, area, panel, stopped, cell);
    }
    Ok(frame.finish())
}

/// What is of no lab first, then the labs by their share where that is drawn, else as the results list them.
fn order(panels: &mut [&ConvergencePanel], material: Material) {
    let mut shares: Vec<(&str, f64)> = Vec::new();
    for panel in panels.iter() {
        let share = panel.lab().filter(|lab| panel.path == format!("labs.{lab}.enterprise_share"));
        shares.extend(share.zip(panel.last()).map(|(lab, (_, mean, _))| (lab, mean)));
    }
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    let listed = |lab: &str| material.provenance.labs.iter().position(|l| l.id == lab).unwrap_or(usize::MAX);
    let place = |panel: &&ConvergencePanel| {
        panel.lab().map(|lab| (shares.iter().position(|(l, _)| *l == lab).unwrap_or(usize::MAX), listed(lab)))
    };
    let mut keyed: Vec<_> = panels.iter().map(|p| (place(p), *p)).collect();
    keyed.sort_by_key(|(place, _)| *place);
    panels.iter_mut().zip(keyed).for_each(|(to, (_, panel))| *to = panel);
}

fn one(frame: &mut Frame, area: Rect, panel: &ConvergencePanel, stopped: Option<u64>, nth: usize) {
    let (name, colour) = look(frame.material, &panel.path, nth);
    let format = panel.format();
    let rows = panel.known();
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return };
    let runs = Scale {
        low: first.0 as f64,
        // Room behind the mark.
        high: last.0 as f64 * if stopped.is_some() { 1.3 } else { 1.0 },
        log: true,
    };
    let asked = panel.target.map(|t| (last.1 - Z95 * t, last.1 + Z95 * t));
    let reach = rows.iter().flat_map(|(_, m, se)| [m - Z95 * se, m + Z95 * se]);
    let scale = Scale::about(reach.chain(asked.iter().flat_map(|(low, high)| [*low, *high])));
    let x = |n: u64| area.x + runs.at(n as f64) * area.w;
    let y = |v: f64| area.bottom() - scale.at(v) * area.h;
    let canvas = &mut frame.canvas;
    let (ticks, step) = scale.ticks((area.h / 66.0) as usize + 1);
    for v in ticks {
        canvas.line((area.x, y(v)), (area.right(), y(v)), Stroke::new(GRID, 1.4));
        let style = Type::new(TICK, GREY).at(Anchor::End);
        canvas.text((area.x - 10.0, y(v) + 0.35 * TICK), &format.tick(v, step), style);
    }
    canvas.line((area.x, area.bottom()), (area.right(), area.bottom()), Stroke::new(RULE, 1.4));
    for n in runs.ticks((area.w / 90.0) as usize).0 {
        let at = x(n.round() as u64);
        canvas.line((at, area.bottom()), (at, area.bottom() + 6.0), Stroke::new(RULE, 1.4));
        let style = Type::new(TICK, GREY).at(Anchor::Middle);
        canvas.text((at, area.bottom() + 8.0 + TICK), &grouped(n, 0), style);
    }
    canvas.clip(area);
    let mut band: Vec<(f64, f64)> = rows.iter().map(|(n, m, se)| (x(*n), y(m + Z95 * se))).collect();
    band.extend(rows.iter().rev().map(|(n, m, se)| (x(*n), y(m - Z95 * se))));
    canvas.shape(&[band], colour, 0.26, None);
    for bound in asked.iter().flat_map(|(low, high)| [*low, *high]) {
        canvas.line((area.x, y(bound)), (area.right(), y(bound)), Stroke::new(INK, 1.4).dashed(7.0));
    }
    let mean: Vec<(f64, f64)> = rows.iter().map(|(n, m, _)| (x(*n), y(*m))).collect();
    canvas.path(&mean, Stroke::new(colour, 3.2));
    canvas.unclip();
    if let Some(stopped) = stopped {
        canvas.line((x(stopped), area.y), (x(stopped), area.bottom()), Stroke::new(INK, 2.0));
    }
    let size = PANEL * (area.w / text_width(&name, PANEL, true)).min(1.0);
    canvas.text((area.x, area.y - 40.0), &name, Type::new(size, colour.darker()).bold());
    let asked = panel.target.map_or(String::new(), |t| format!(" (asked: {})", error(format, t)));
    let words = format!("{}, se {}{asked}", written(format, last.1), error(format, last.2));
    let size = TICK * (area.w / text_width(&words, TICK, false)).min(1.0);
    canvas.text((area.x, area.y - 14.0), &words, Type::new(size, GREY));
}

/// A mean with as many figures as its standard error deserves.
fn written(format: Format, mean: f64) -> String {
    if format == Format::Percent { format!("{}%", grouped(100.0 * mean, 1)) } else { format.write(mean) }
}

/// A standard error.
fn error(format: Format, se: f64) -> String {
    match format {
        Format::Percent => format!("{}%", grouped(100.0 * se, if se < 0.00995 { 2 } else { 1 })),
        _ => format.write(se),
    }
}

/// Name and colour of a metric: those of the lab where it is one of a lab.
fn look(material: Material, path: &str, nth: usize) -> (String, Colour) {
    let bare = path.rsplit(": ").next().unwrap_or(path);
    let beats = bare.strip_prefix("beats.");
    let plain = PALETTE[nth % PALETTE.len()];
    let parts: Vec<&str> = beats.unwrap_or(bare).split('.').collect();
    let (what, colour) = match parts[..] {
        ["labs", lab, column] => {
            let (name, colour, _) = material.look(TableKind::Labs, lab, nth);
            (format!("{name}: {}", words(column).to_lowercase()), colour)
        }
        ["claims", id] => (format!("claim {id}"), plain),
        [.., column] => (words(column), plain),
        [] => (path.to_owned(), plain),
    };
    let chance = if beats.is_some() { "more " } else { "" };
    let of = path.strip_suffix(bare).unwrap_or_default();
    (format!("{of}{chance}{what}"), colour)
}

/// What the marks mean.
fn key(canvas: &mut Canvas, targets: bool, stopped: bool) {
    let style = Type::new(TICK, GREY);
    let (x, y) = (MARGIN, 132.0);
    let mid = y - 6.5;
    canvas.rect(Rect { x, y: mid - 10.0, w: 40.0, h: 20.0 }, GREY, 0.4);
    canvas.line((x, mid), (x + 40.0, mid), Stroke::new(GREY, 3.2));
    let text = "mean of the first n runs, ± 1.96 standard errors";
    canvas.text((x + 50.0, y), text, style);
    if targets {
        let x = x + 50.0 + text_width(text, TICK, false) + 34.0;
        canvas.line((x, mid), (x + 40.0, mid), Stroke::new(INK, 1.4).dashed(7.0));
        let text = "± 1.96 times what was asked for";
        canvas.text((x + 50.0, y), text, style);
        if stopped {
            let x = x + 50.0 + text_width(text, TICK, false) + 34.0;
            canvas.line((x, mid - 10.0), (x, mid + 10.0), Stroke::new(INK, 2.0));
            canvas.text((x + 12.0, y), "where the runs were enough", style);
        }
    }
}
