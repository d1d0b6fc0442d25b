//! Who profits: the profit of each layer of the industry.

use super::fan::median;
use super::frame::{Frame, Key};
use super::material::{Material, Strand, column_name};
use super::overlay::{Overlay, draw, reach};
use super::scale::Scale;
use super::theme::{Colour, Format, PALETTE};
use super::{Drawing, Skip};
use crate::experiment::summary::Series;
use crate::record::TableKind;

/// Profit by layer: medians with bands.
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
        .filter(|s| !s.pieces(runs).is_empty())
        .collect();
    if strands.is_empty() {
        return Err(Skip::absent("market.profit_*_usd"));
    }
    strands.sort_by(|a, b| b.weight(runs).total_cmp(&a.weight(runs)));
    let subtitle = "Profit of each layer of the industry, nominal USD per year";
    let mut frame =
        Frame::new(material, "Who might profit: labs or the infrastructure under them?", subtitle, &[Key::Band]);
    frame.note("Purchases of application vendors are part of other business, so their margin is not shown as a layer.");
    let banded = strands.len();
    let how = Overlay {
        caption: "USD per year",
        first: material.start(),
        scale: Scale::linear(reach(&strands, runs, banded, median)),
        format: Format::Usd,
        read: median,
        banded,
        past: &[],
        stepped: false,
    };
    let room = frame.body();
    draw(&mut frame, room, &strands, &how);
    Ok(frame.finish())
}

/// Name and colour of a layer by its column.
fn layer(column: &str, nth: usize) -> (String, Colour) {
    let word = column.trim_start_matches("profit_").trim_end_matches("_usd");
    let (name, colour) = match word {
        "chips" => ("Chip makers", PALETTE[8]),
        "clouds" => ("Clouds", PALETTE[0]),
        "labs" => ("Independent labs", PALETTE[1]),
        "divisions" => ("Labs of groups", PALETTE[5]),
        "hosting" => ("Hosts of open models", PALETTE[2]),
        "applications" => ("Application vendors", PALETTE[3]),
        "governance" => ("Governance tools", PALETTE[6]),
        _ => return (super::material::words(word), PALETTE[(4 + nth) % PALETTE.len()]),
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
