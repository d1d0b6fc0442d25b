//! Who profits: the profit of each layer of the industry, and what is left to users, on an axis of its own beside it.

use super::canvas::Rect;
use super::fan::median;
use super::frame::{Frame, Key};
use super::material::{Material, Strand, column_name};
use super::overlay::{Overlay, draw, reach};
use super::scale::Scale;
use super::theme::{Colour, Format, LAYERS as COLOURS};
use super::{Drawing, Skip};
use crate::experiment::summary::Series;
use crate::record::TableKind;

/// Layers with a band; those of least weight are lines alone.
const BANDED: usize = 5;
/// Part of the width for layers where users stand beside them.
const LAYERS: f64 = 0.66;

/// Profit by layer, and users' surplus: medians with bands.
pub fn profits(material: Material) -> Drawing {
    let runs = material.runs();
    let found: Vec<&Series> = material
        .summary
        .series
        .iter()
        .filter(|s| s.kind == TableKind::Market)
        .filter(|s| column_name(s).starts_with("profit_") && column_name(s).ends_with("_usd"))
        .collect();
    let yearly: Vec<Series> = found.iter().map(|s| per_year(s)).collect();
    let mut strands: Vec<Strand> = yearly
        .iter()
        .enumerate()
        .map(|(i, series)| {
            let (name, colour) = layer(&column_name(series), i);
            Strand { name, colour, notional: false, series }
        })
        .filter(|s| !s.is_blank(runs))
        .collect();
    if strands.is_empty() {
        return Err(Skip::absent("market.profit_*_usd"));
    }
    strands.sort_by(|a, b| size(b, runs).total_cmp(&size(a, runs)));
    let users = material.market("users_surplus_usd").filter(|s| !s.is_blank(runs));
    let users = users.map(|s| Strand { name: "Users".to_owned(), colour: COLOURS[8], ..s });
    let subtitle = "Profit of each layer of the industry, losses below zero, and what users would have paid beyond what they pay; \
                    nominal USD per year";
    let mut frame =
        Frame::new(material, "Who might profit: chips, clouds, labs, applications or users?", subtitle, &[Key::Band]);
    let banded = strands.len().min(BANDED);
    let how = Overlay {
        caption: "profit, USD per year",
        first: material.start(),
        scale: Scale::linear(reach(&strands, runs, banded, median)),
        format: Format::Usd,
        read: median,
        banded,
        most: None,
        past: &[],
        stepped: false,
    };
    let room = frame.body();
    let split = if users.is_some() { LAYERS } else { 1.0 };
    draw(&mut frame, Rect { w: split * room.w, ..room }, &strands, &how);
    if let Some(users) = users {
        frame.note("Users' surplus stands on an axis of its own; free use is not in it.");
        let strand = [users];
        let how = Overlay {
            caption: "users' surplus, USD per year",
            scale: Scale::linear(reach(&strand, runs, 1, median)),
            banded: 1,
            ..how
        };
        draw(
            &mut frame,
            Rect { x: room.x + (split + 0.02) * room.w, w: (0.98 - split) * room.w, ..room },
            &strand,
            &how,
        );
    }
    Ok(frame.finish())
}

/// The greatest profit or loss of a layer over time, in the median.
fn size(strand: &Strand, runs: u64) -> f64 {
    strand.pieces(runs).iter().flatten().map(|(_, s)| median(s).abs()).fold(0.0, f64::max)
}

/// Name and colour of a layer by its column.
fn layer(column: &str, nth: usize) -> (String, Colour) {
    let word = column.trim_start_matches("profit_").trim_end_matches("_usd");
    let (name, colour) = match word {
        "chips" => ("Chip makers", COLOURS[0]),
        "clouds" => ("Clouds", COLOURS[1]),
        "labs" => ("Independent labs", COLOURS[2]),
        "divisions" => ("Labs of groups", COLOURS[3]),
        "applications" => ("Application vendors", COLOURS[4]),
        "hosting" => ("Hosts of open models", COLOURS[5]),
        "governance" => ("Governance tools", COLOURS[6]),
        "orchestration" => ("Orchestration", COLOURS[7]),
        _ => return (super::material::words(word), COLOURS[(5 + nth) % COLOURS.len()]),
    };
    (name.to_owned(), colour)
}

/// A flow a month as a flow a year; what is a year's flow already is left alone.
fn per_year(series: &Series) -> Series {
    let mut out = series.clone();
    if !series.unit.contains("month") {
        return out;
    }
    out.unit = "USD per year".to_owned();
    for (_, s) in &mut out.rows {
        s.mean *= 12.0;
        s.sd *= 12.0;
        s.mcse *= 12.0;
        s.quantiles = s.quantiles.map(|q| q * 12.0);
    }
    out
}
