//! Market concentration: four measures, a panel each.

use super::canvas::{Anchor, Rect, Stroke, Type};
use super::fan::{bands, line, median, observed};
use super::frame::{Frame, Key, Panel, gutter};
use super::history::{Observation, observations, publishers};
use super::material::{BANDS, Material, Strand};
use super::scale::Scale;
use super::theme::{Format, GREY, INK, PALETTE, RULE, TICK};
use super::{Drawing, Skip};

/// Herfindahl index above which the US Merger Guidelines (2023) call a market highly concentrated.
const HIGHLY_CONCENTRATED: f64 = 0.18;
/// Longest history shown before the start, years.
const PAST: f64 = 2.0;

/// The measures of concentration, open weights and multi-sourcing.
pub fn concentration(material: Material) -> Drawing {
    let runs = material.runs();
    let measures = [
        ("hhi", "Herfindahl index of enterprise spend, 0 to 1", Format::Plain),
        ("segmentation_index", "Segmentation index of enterprise spend, 0 to 1", Format::Plain),
        ("open_weights_share", "Open-weight models' share of enterprise use", Format::Percent),
        ("multi_model_share", "Adopting enterprises that use models of several labs", Format::Percent),
    ];
    let mut panels: Vec<(Strand, &str, &str, Format, Vec<Observation>)> = Vec::new();
    for (column, words, format) in measures {
        if let Some(mut strand) = material.market(column).filter(|s| !s.pieces(runs).is_empty()) {
            strand.colour = PALETTE[0];
            let mut seen = observations(column, "");
            seen.retain(|o| o.date >= material.start() - PAST && o.date <= material.end());
            panels.push((strand, column, words, format, seen));
        }
    }
    if panels.is_empty() {
        return Err(Skip::absent("market.hhi and its kin"));
    }
    let any_past = panels.iter().any(|p| !p.4.is_empty());
    let mut keys = vec![Key::Fan];
    keys.extend(Key::of_history(panels.iter().flat_map(|p| &p.4), material.start()));
    let subtitle =
        format!("Four measures of the structure of the market. In brackets: 90% of runs, {}", material.horizon_words());
    let mut frame = Frame::new(material, "Does the market concentrate, split or open up?", &subtitle, &keys);
    if any_past {
        frame.sources(publishers("open_weights_share"));
    }
    let first = panels.iter().flat_map(|p| &p.4).map(|o| o.date).fold(material.start(), f64::min);
    let columns = if panels.len() == 1 { 1 } else { 2 };
    let lines = panels.len().div_ceil(columns);
    let body = frame.body();
    let (gap, head, foot) = (40.0, 46.0, 40.0);
    let left = 66.0;
    let w = (body.w - gap * (columns - 1) as f64) / columns as f64 - left;
    let h = body.h / lines as f64 - head - foot;
    for (i, (strand, column, words, format, seen)) in panels.iter().enumerate() {
        let values = strand.pieces(runs).concat().into_iter().flat_map(|(_, s)| [s.quantiles[0], s.quantiles[6]]);
        let values: Vec<f64> = values.chain(seen.iter().flat_map(|o| [o.low, o.high])).collect();
        let scale = if *format == Format::Percent { Scale::share(values) } else { Scale::linear(values) };
        let pad = gutter(&scale, *format, h).max(left);
        let area = Rect {
            x: body.x + (i % columns) as f64 * (w + left + gap) + pad,
            y: body.y + head + (i / columns) as f64 * (h + head + foot),
            w: w + left - pad,
            h,
        };
        let panel = Panel { area, time: (first - 0.04, material.end()), scale, format: *format };
        panel.axes(&mut frame.canvas, true, true);
        panel.boundary(&mut frame.canvas, material.start());
        bands(&mut frame.canvas, &panel, strand, runs, &BANDS);
        line(&mut frame.canvas, &panel, strand, runs, Stroke::new(strand.colour, 3.2), median);
        observed(&mut frame.canvas, &panel, seen, material.start(), INK, 5.0, false);
        if *column == "hhi" && scale.high > HIGHLY_CONCENTRATED && scale.high <= 1.2 {
            let y = panel.y(HIGHLY_CONCENTRATED);
            frame.canvas.line((area.x, y), (area.right(), y), Stroke::new(RULE, 2.0).dashed(7.0));
            let style = Type::new(TICK, GREY).halo();
            let at = (panel.x(material.start()) + 10.0, y + TICK + 3.0);
            frame.canvas.text(at, "above: highly concentrated (US guidelines, 2023)", style);
        }
        let value = strand.last(runs).map_or(String::new(), |(_, s)| {
            let f = |v| format.write(v);
            format!("{} ({} to {})", f(median(&s)), f(s.quantiles[0]), f(s.quantiles[6]))
        });
        frame.canvas.text((area.x - pad, area.y - 16.0), words, Type::new(TICK + 1.0, INK).bold());
        let style = Type::new(TICK, GREY).at(Anchor::End);
        frame.canvas.text((area.right(), area.y - 16.0), &value, style);
    }
    Ok(frame.finish())
}
