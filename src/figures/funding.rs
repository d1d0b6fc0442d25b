//! Funding: how likely is distress, and how long does the money last?

use super::canvas::Rect;
use super::fan::median;
use super::frame::{Frame, Key};
use super::material::{Material, Strand, column_name};
use super::overlay::{Overlay, draw, reach};
use super::scale::Scale;
use super::theme::Format;
use super::{Drawing, Skip};
use crate::experiment::summary::{Series, Stats, Summary};
use crate::record::TableKind;

/// Longest runway on the axis, months: beyond it money is no constraint.
const LONGEST: f64 = 60.0;
/// Most lines of a panel.
const LINES: usize = 12;
/// What the figure is made of.
const COLUMNS: [&str; 3] = ["distressed", "defaulted", "runway_months"];

fn mean(stats: &Stats) -> f64 {
    stats.mean
}

fn runway(stats: &Stats) -> f64 {
    median(stats).min(LONGEST)
}

/// The series from the first month that is lived on: at the start the runway is set, not observed, and nobody is in distress.
fn lived(material: Material) -> Summary {
    let of_labs = |s: &&Series| s.kind == TableKind::Labs && COLUMNS.contains(&column_name(s).as_str());
    let start = material.provenance.start;
    let later =
        |s: &Series| Series { rows: s.rows.iter().filter(|(month, _)| *month > start).copied().collect(), ..s.clone() };
    let series = material.summary.series.iter().filter(of_labs).map(later).collect();
    Summary { series, quantile_error: material.summary.quantile_error }
}

/// Probability of distress, and median runway, by lab.
pub fn funding(material: Material) -> Drawing {
    let runs = material.runs();
    let summary = lived(material);
    let seen = Material { summary: &summary, ..material };
    let pick = |column: &str| {
        let (mut strands, blank) = seen.lab_strands(column);
        strands.retain(|s| !s.pieces(runs).is_empty());
        (strands, blank)
    };
    let (mut distress, mut safe) = pick("distressed");
    let mut caption = "probability of distress in the month";
    if distress.is_empty() && safe.is_empty() {
        (distress, safe) = pick("defaulted");
        caption = "probability of having defaulted";
    }
    let (mut months, _) = pick("runway_months");
    if distress.is_empty() && months.is_empty() && safe.is_empty() {
        return Err(Skip::absent("labs.*.distressed and labs.*.runway_months"));
    }
    let last_mean = |s: &Strand| s.last(runs).map_or(0.0, |(_, st)| st.mean);
    distress.sort_by(|a, b| last_mean(b).total_cmp(&last_mean(a)));
    distress.truncate(LINES);
    months.truncate(LINES);
    let subtitle = "Left: share of runs in which a lab has defaulted or has under six months of money. Right: months that its money \
                    lasts at the burn that it forecasts";
    let keys: &[Key] = if months.is_empty() { &[Key::Mean] } else { &[] };
    let mut frame = Frame::new(material, "Whose money might run out?", subtitle, keys);
    if !safe.is_empty() {
        frame.note(format!("In distress in no run: {}.", safe.join(", ")));
    }
    let body = frame.body();
    let body = Rect { y: body.y - 20.0, h: body.h + 20.0, ..body };
    let both = !distress.is_empty() && !months.is_empty();
    let half = if both { (body.w - 36.0) / 2.0 } else { body.w };
    if !distress.is_empty() {
        let how = Overlay {
            caption,
            first: material.start(),
            scale: Scale::share(reach(&distress, runs, 0, mean)),
            format: Format::Percent,
            read: mean,
            banded: 0,
            most: None,
            past: &[],
            stepped: false,
        };
        draw(&mut frame, Rect { w: half, ..body }, &distress, &how);
    }
    if !months.is_empty() {
        let values = reach(&months, runs, 0, runway);
        let capped = values.iter().any(|v| *v >= LONGEST);
        let how = Overlay {
            caption: "median runway, months",
            first: material.start(),
            scale: Scale::linear(values),
            format: Format::Plain,
            read: runway,
            banded: 0,
            most: Some(LONGEST),
            past: &[],
            stepped: false,
        };
        let x = if both { body.x + half + 36.0 } else { body.x };
        draw(&mut frame, Rect { x, w: half, ..body }, &months, &how);
        if capped {
            frame.note("60+ stands for 60 months or more, and for a lab that burns nothing; divisions of groups have no runway.");
        }
    }
    Ok(frame.finish())
}
