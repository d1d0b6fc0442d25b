//! Small multiples: one panel a lab with its fan, the others' medians behind it in grey, one axis for all.

use super::canvas::{Anchor, Rect, Stroke, Type, text_width};
use super::fan::{bands, line, median, observed};
use super::frame::{Frame, Key, Panel, gutter};
use super::history::{Observation, observations, publishers};
use super::joint::Path;
use super::material::{BANDS, Material, Strand, path_words};
use super::scale::Scale;
use super::theme::{CONTEXT, Format, GREY, LABEL, PANEL, TICK};
use super::{Drawing, Skip};
use crate::record::TableKind;

/// Most panels of a figure.
const PANELS: usize = 8;
/// Letters of a name that have room above a panel.
const LETTERS: usize = 16;
/// Longest history shown before the start, years.
const PAST: f64 = 3.0;
/// Longest logarithmic axis, decades.
pub const DECADES: f64 = 5.0;

/// What to draw.
pub struct Plan<'a> {
    /// Title.
    pub title: &'a str,
    /// What the values are, with unit; the subtitle goes on to say by whom.
    pub quantity: &'a str,
    /// Table.
    pub kind: TableKind,
    /// Agent id, or `*`.
    pub entity: &'a str,
    /// Column.
    pub column: &'a str,
    /// Whether the value axis is logarithmic.
    pub log: bool,
}

/// Draws the fans of a column, one panel an agent.
pub fn draw(material: Material, plan: &Plan) -> Drawing {
    let runs = material.runs();
    let (mut strands, blank) = if plan.kind == TableKind::Labs && plan.entity == "*" {
        material.lab_strands(plan.column)
    } else {
        (material.strands(plan.kind, plan.entity, plan.column), Vec::new())
    };
    strands.retain(|s| !s.pieces(runs).is_empty());
    if strands.is_empty() {
        return Err(Skip::absent(&format!("{}.{}.{}", plan.kind.word(), plan.entity, plan.column)));
    }
    let format = material.format(&strands);
    let past: Vec<Vec<Observation>> = strands
        .iter()
        .map(|s| {
            let mut seen = observations(plan.column, &s.name);
            seen.retain(|o| o.date >= material.start() - PAST && o.date <= material.end());
            seen
        })
        .collect();
    let any_past = past.iter().any(|p| !p.is_empty());
    let mut keys = vec![Key::Fan];
    if strands.len() > 1 {
        keys.push(Key::Context);
    }
    keys.extend(Key::of_history(past.iter().flatten(), material.start()));
    let subtitle = format!("{}. In brackets: 90% of runs, {}", plan.quantity, material.horizon_words());
    let mut frame = Frame::new(material, plan.title, &subtitle, &keys);
    if any_past {
        frame.sources(publishers(plan.column));
    }
    if !blank.is_empty() {
        frame.note(format!("Zero or absent in every run: {}.", blank.join(", ")));
    }
    if strands.iter().any(|s| s.notional) && plan.column.contains("valuation") {
        frame.note("* Notional: a division of a listed group, valued as if it stood alone.");
    }
    let gone = strands.iter().any(|s| s.series.rows.last().is_some_and(|(_, st)| st.n < runs));
    if gone {
        frame.note("Where a lab is gone in some runs, quantiles are over the runs in which it has a value.");
    }

    let first = past.iter().flatten().map(|o| o.date).fold(material.start(), f64::min);
    let time = (first - if any_past { 0.15 } else { 0.0 }, material.end());
    let reach =
        strands.iter().flat_map(|s| s.pieces(runs).concat()).flat_map(|(_, s)| [s.quantiles[0], s.quantiles[6]]);
    let reach = reach.chain(past.iter().flatten().flat_map(|o| [o.low, o.high]));
    let scale = if plan.log {
        Scale::log(reach, DECADES)
    } else if plan.column.contains("eci") {
        Scale::about(reach)
    } else if format == Format::Percent {
        Scale::share(reach)
    } else {
        Scale::linear(reach)
    };

    let single = if strands.len() > PANELS { PANELS - 1 } else { strands.len() };
    let cells = single + usize::from(strands.len() > single);
    let (columns, lines) = grid(cells);
    let body = frame.body();
    let (gap, head, foot) = (30.0, 48.0, 40.0);
    let h = (body.h - (head + foot) * lines as f64) / lines as f64;
    let left = gutter(&scale, format, h);
    let w = (body.w - left - gap * (columns - 1) as f64) / columns as f64;
    // One size for what stands beside the names, so that the longest fits.
    let blank_panel = Panel { area: Rect { x: 0.0, y: 0.0, w, h }, time, scale, format };
    let small = strands[..single].iter().fold(TICK, |size, s| {
        let room = w - text_width(&caption(s, plan.column), PANEL, true) - 14.0;
        size.min(TICK * room / text_width(&outcome(material, &blank_panel, s), TICK, false))
    });
    for cell in 0..cells {
        let (column, row) = (cell % columns, cell / columns);
        let area = Rect {
            x: body.x + left + column as f64 * (w + gap),
            y: body.y + head + row as f64 * (h + head + foot),
            w,
            h,
        };
        let panel = Panel { area, time, scale, format };
        panel.axes(&mut frame.canvas, column == 0, true);
        if cell < single {
            for (i, other) in strands.iter().enumerate() {
                if i != cell {
                    line(&mut frame.canvas, &panel, other, runs, Stroke::new(CONTEXT, 1.6), median);
                }
            }
            panel.boundary(&mut frame.canvas, material.start());
            one(&mut frame, &panel, &strands[cell], &past[cell], plan.column, small);
        } else {
            panel.boundary(&mut frame.canvas, material.start());
            rest(&mut frame, &panel, &strands[single..], plan.column);
        }
    }
    Ok(frame.finish())
}

/// Columns and lines of a grid of panels.
fn grid(cells: usize) -> (usize, usize) {
    match cells {
        0..=3 => (cells.max(1), 1),
        4 => (2, 2),
        5 | 6 => (3, 2),
        _ => (4, 2),
    }
}

fn one(frame: &mut Frame, panel: &Panel, strand: &Strand, past: &[Observation], column: &str, size: f64) {
    let runs = frame.material.runs();
    let canvas = &mut frame.canvas;
    bands(canvas, panel, strand, runs, &BANDS);
    line(canvas, panel, strand, runs, Stroke::new(strand.colour, 3.2), median);
    observed(canvas, panel, past, frame.material.start(), strand.colour.darker(), 5.0, column.ends_with("_eci"));
    panel.caption(canvas, panel.area.x, &caption(strand, column), strand.colour.darker());
    let words = outcome(frame.material, panel, strand);
    canvas.text((panel.area.right(), panel.area.y - 16.0), &words, Type::new(size, GREY).at(Anchor::End));
}

/// The name above a panel, with a star where the value is notional.
fn caption(strand: &Strand, column: &str) -> String {
    let mut name: String = strand.name.chars().take(LETTERS).collect();
    if name.len() < strand.name.len() {
        name.push('…');
    }
    format!("{name}{}", if strand.notional && column.contains("valuation") { "*" } else { "" })
}

/// Median and range at the horizon.
fn outcome(material: Material, panel: &Panel, strand: &Strand) -> String {
    let write = |v: f64| panel.format.write(v);
    match strand.last(material.runs()) {
        Some((at, s)) if at > material.end() - 1e-6 && (s.quantiles[6] != 0.0 || s.quantiles[0] != 0.0) => {
            format!("{} ({} to {})", write(median(&s)), write(s.quantiles[0]), write(s.quantiles[6]))
        }
        _ => "gone in nearly all runs".to_owned(),
    }
}

/// The panel of those without one of their own: medians, labelled where they end.
fn rest(frame: &mut Frame, panel: &Panel, strands: &[Strand], column: &str) {
    let (runs, end) = (frame.material.runs(), frame.material.end());
    panel.caption(&mut frame.canvas, panel.area.x, "Others: medians", GREY);
    for strand in strands {
        line(&mut frame.canvas, panel, strand, runs, Stroke::new(strand.colour, 2.8), median);
    }
    // As many names as the panel has room for; the strands come greatest first. They are stacked above the
    // lines, in the order in which these end.
    let mut named: Vec<(f64, &Strand)> = strands
        .iter()
        .take((panel.area.h / LABEL) as usize)
        .map(|s| (s.last(runs).map_or(panel.area.bottom(), |(_, st)| panel.y(median(&st))), s))
        .collect();
    named.sort_by(|a, b| a.0.total_cmp(&b.0));
    let crest = strands
        .iter()
        .flat_map(|s| s.pieces(runs).concat())
        .filter(|(at, _)| panel.x(*at) > panel.area.x + 0.4 * panel.area.w)
        .map(|(_, st)| panel.y(median(&st)))
        .fold(panel.area.bottom(), f64::min);
    let height = LABEL * (named.len() as f64 - 1.0).max(0.0);
    let top = (crest - 12.0 - height).max(panel.area.y + LABEL).min(panel.area.bottom() - 12.0 - height);
    for (i, (_, strand)) in named.iter().enumerate() {
        let style = Type::new(TICK, strand.colour.darker()).at(Anchor::End).halo();
        let value = match strand.last(runs) {
            Some((at, s)) if at > end - 1e-6 => format!(" {}", panel.format.write(median(&s))),
            _ => ": gone".to_owned(),
        };
        let at = (panel.area.right() - 6.0, top + i as f64 * LABEL);
        frame.canvas.text(at, &format!("{}{value}", caption(strand, column)), style);
    }
}

/// The enterprise share of every lab.
pub fn share(material: Material) -> Drawing {
    let plan = Plan {
        title: "How might enterprise demand divide between the labs?",
        quantity: "Share of enterprise spend on model APIs, by lab of the model, %",
        kind: TableKind::Labs,
        entity: "*",
        column: "enterprise_share",
        log: false,
    };
    draw(material, &plan)
}

/// The valuation of every lab.
pub fn valuation(material: Material) -> Drawing {
    let plan = Plan {
        title: "What might each lab be worth?",
        quantity: "Post-money valuation or market value, nominal USD, log scale",
        kind: TableKind::Labs,
        entity: "*",
        column: "valuation_usd",
        log: true,
    };
    draw(material, &plan)
}

/// The revenue run-rate of every lab.
pub fn run_rate(material: Material) -> Drawing {
    let plan = Plan {
        title: "How fast might each lab's revenue grow?",
        quantity: "Annualised revenue run-rate, nominal USD per year, log scale",
        kind: TableKind::Labs,
        entity: "*",
        column: "revenue_run_rate_usd",
        log: true,
    };
    draw(material, &plan)
}

/// Any column, as a scenario asks for it.
pub fn generic(material: Material, (kind, entity, column): Path, title: &str, log: Option<bool>) -> Drawing {
    let found = material.strands(kind, entity, column);
    let unit = found.first().map_or("", |s| s.series.unit.as_str());
    let spans = found
        .iter()
        .flat_map(|s| s.pieces(material.runs()).concat())
        .map(|(_, s)| s.quantiles)
        .fold((f64::INFINITY, 0.0f64), |(a, b), q| (a.min(q[0]), b.max(q[6])));
    // Money that spans more than two decades reads only on a logarithmic axis.
    let log = log.unwrap_or(unit.starts_with("USD") && spans.0 > 0.0 && spans.1 > 100.0 * spans.0);
    let unit_words = if unit == "1" || unit.is_empty() { String::new() } else { format!(", {unit}") };
    let quantity = format!("{}{unit_words}{}", path_words(kind, entity, column), if log { ", log scale" } else { "" });
    let plan = Plan { title, quantity: &quantity, kind, entity, column, log };
    draw(material, &plan)
}
