//! Figures of medians in one panel: the capability race, trust, and any metric that a scenario asks for.

use super::fan::median;
use super::frame::{Frame, Key};
use super::history::{Observation, observations, publishers};
use super::joint::Path;
use super::material::{Material, Strand, path_words, words};
use super::overlay::{Overlay, draw, reach};
use super::scale::Scale;
use super::theme::Format;
use super::{Drawing, Skip};
use crate::record::TableKind;

/// Most lines of a panel.
const LINES: usize = 14;
/// Longest history shown before the start, years.
const PAST: f64 = 3.0;

/// Capability of each lab's best deployed model.
pub fn capability(material: Material) -> Drawing {
    let (mut strands, blank) = material.lab_strands("capability_eci");
    // They are the frontier, and have bands.
    highest_first(&mut strands, material.runs());
    let subtitle = "Best model deployed, Epoch Capabilities Index (Claude 3.5 Sonnet = 130); bands for the three most \
                    capable at the end";
    panel(
        material,
        (strands, blank),
        "Who might lead in capability, and by how much?",
        (subtitle, "ECI"),
        ("capability_eci", None),
        3,
    )
}

/// Puts those first whose median is highest at the end.
fn highest_first(strands: &mut [Strand], runs: u64) {
    let last = |s: &Strand| s.last(runs).map_or(f64::NEG_INFINITY, |(_, st)| median(&st));
    strands.sort_by(|a, b| last(b).total_cmp(&last(a)));
}

/// Trust of the buyers of one jurisdiction in each lab: that of `us`, or the first there is.
pub fn trust(material: Material) -> Drawing {
    let segments: Vec<&str> = material
        .summary
        .series
        .iter()
        .filter(|s| s.kind == TableKind::Labs && s.metric == "trust" && !s.segment.is_empty())
        .map(|s| s.segment.as_str())
        .collect();
    let Some(at) = segments.iter().find(|s| **s == "us").or(segments.first()) else {
        return Err(Skip::absent("labs.*.trust_<jurisdiction>"));
    };
    let column = format!("trust_{at}");
    let (mut strands, blank) = material.lab_strands(&column);
    highest_first(&mut strands, material.runs());
    let place = if *at == "us" { "the United States".to_owned() } else { words(at) };
    let subtitle =
        format!("Trust of buyers in {place} in each lab, 0 to 100%; bands for the two most trusted at the end");
    panel(material, (strands, blank), "Whom might buyers trust?", (&subtitle, "trust, %"), (&column, None), 2)
}

/// Any column as lines.
pub fn generic(material: Material, (kind, entity, column): Path, title: &str, log: Option<bool>) -> Drawing {
    let mut strands = material.strands(kind, entity, column);
    strands.sort_by(|a, b| b.weight(material.runs()).total_cmp(&a.weight(material.runs())));
    let unit = strands.first().map_or(String::new(), |s| s.series.unit.clone());
    let subtitle = format!("{}; bands for the first two", path_words(kind, entity, column));
    panel(material, (strands, Vec::new()), title, (&subtitle, &unit), (column, log), 2)
}

/// Draws the strands; those without a value are named in a note beside those that were `blank` before.
fn panel(
    material: Material,
    (mut strands, mut blank): (Vec<Strand>, Vec<String>),
    title: &str,
    (subtitle, caption): (&str, &str),
    (column, log): (&str, Option<bool>),
    banded: usize,
) -> Drawing {
    let runs = material.runs();
    blank.extend(strands.iter().filter(|s| s.pieces(runs).is_empty()).map(|s| s.name.clone()));
    strands.retain(|s| !s.pieces(runs).is_empty());
    if strands.is_empty() {
        return Err(Skip::absent(&format!("value of {column}")));
    }
    let left_out: Vec<String> = strands.iter().skip(LINES).map(|s| s.name.clone()).collect();
    strands.truncate(LINES);
    let past: Vec<Vec<Observation>> = strands
        .iter()
        .map(|s| {
            let mut seen = observations(column, &s.name);
            seen.retain(|o| o.date >= material.start() - PAST && o.date <= material.end());
            seen
        })
        .collect();
    let any_past = past.iter().any(|p| !p.is_empty());
    let mut keys = vec![Key::Band];
    keys.extend(Key::of_history(past.iter().flatten(), material.start()));
    let mut frame = Frame::new(material, title, subtitle, &keys);
    if any_past {
        frame.sources(publishers(column));
    }
    if !left_out.is_empty() {
        frame.note(format!("Not shown: {}.", left_out.join(", ")));
    }
    if !blank.is_empty() {
        frame.note(format!("Without a value: {}.", blank.join(", ")));
    }
    let format = material.format(&strands);
    let mut values = reach(&strands, runs, banded, median);
    values.extend(past.iter().flatten().map(|o| o.value));
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
    let scale = if log == Some(true) {
        Scale::log(values, super::multiples::DECADES)
    } else if column.starts_with("trust") {
        Scale { low: 0.0, high: 1.0, log: false }
    } else if column.contains("eci") {
        Scale::about(values)
    } else if log.is_none() && format == Format::Usd && low > 0.0 && high > 100.0 * low {
        Scale::log(values, super::multiples::DECADES)
    } else if format == Format::Percent {
        Scale::share(values)
    } else {
        Scale::linear(values)
    };
    let first = past.iter().flatten().map(|o| o.date).fold(material.start(), f64::min);
    let how = Overlay {
        caption,
        first: if any_past { first - 0.04 } else { first },
        scale,
        format,
        read: median,
        banded,
        most: None,
        past: &past,
        stepped: column.ends_with("_eci"),
    };
    let room = frame.body();
    draw(&mut frame, room, &strands, &how);
    Ok(frame.finish())
}
