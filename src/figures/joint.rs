//! Joint density of two metrics at the horizon: a cloud a lab with its contours.

use super::canvas::{Anchor, Rect, Stroke, Type, text_width};
use super::density::{Joint, quantile};
use super::frame::Frame;
use super::labels::settle;
use super::material::{Material, words};
use super::scale::Scale;
use super::theme::{Colour, Format, GREY, GRID, LABEL, PAPER, RULE, TICK};
use super::{Drawing, Skip};
use crate::record::TableKind;

/// Most clouds of a figure.
const CLOUDS: usize = 4;
/// Most points drawn of a cloud; the contours use all runs.
const POINTS: usize = 400;
/// Longest logarithmic axis, decades.
const LONGEST: f64 = 7.0;
/// Fewest runs that make a cloud.
const LEAST: usize = 20;

/// Share against valuation.
pub fn share_and_valuation(material: Material) -> Drawing {
    draw(
        material,
        (TableKind::Labs, "*", "enterprise_share"),
        (TableKind::Labs, "*", "valuation_usd"),
        "Does the market leader take the value too?",
    )
}

struct Cloud {
    name: String,
    colour: Colour,
    points: Vec<(f64, f64)>,
    middle: (f64, f64),
}

/// A column as a figure names it: table, agent id or `*`, column.
pub type Path<'a> = (TableKind, &'a str, &'a str);

/// Draws the joint density of two columns of the same agents.
pub fn draw(material: Material, across: Path, up: Path, title: &str) -> Drawing {
    let absent = || Skip::absent(&format!("{} or {} at the horizon", across.2, up.2));
    let mut clouds = Vec::new();
    for (nth, (kind, id, column)) in material.horizon.columns.iter().enumerate() {
        if *kind != across.0 || column != across.2 || (across.1 != "*" && id != across.1) {
            continue;
        }
        let other = if across.0 == up.0 { id.as_str() } else { up.1 };
        let (Some(xs), Some(ys)) = (material.horizon.find(*kind, id, column), material.horizon.find(up.0, other, up.2))
        else {
            continue;
        };
        // A lab that is gone is worth nothing: it has no place on a logarithmic axis.
        let gone = |y: f64| up.2.ends_with("_usd") && y <= 0.0;
        let points: Vec<(f64, f64)> = xs
            .iter()
            .zip(ys)
            .filter(|(x, y)| x.is_finite() && y.is_finite() && !gone(**y))
            .map(|(x, y)| (*x, *y))
            .collect();
        if points.len() < LEAST || points.iter().all(|p| p.0 == 0.0) {
            continue;
        }
        let (name, colour, notional) = material.look(*kind, id, nth);
        let name = if notional && up.2.contains("valuation") { format!("{name} (notional)") } else { name };
        let middle = |read: fn(&(f64, f64)) -> f64| {
            let mut v: Vec<f64> = points.iter().map(read).collect();
            v.sort_by(f64::total_cmp);
            quantile(&v, 0.5)
        };
        let middle = (middle(|p| p.0), middle(|p| p.1));
        clouds.push(Cloud { name, colour, points, middle });
    }
    if clouds.is_empty() {
        return Err(absent());
    }
    clouds.sort_by(|a, b| b.middle.0.total_cmp(&a.middle.0));
    let left_out: Vec<String> = clouds.iter().skip(CLOUDS).map(|c| c.name.clone()).collect();
    clouds.truncate(CLOUDS);

    let (fx, fy) = (format_of(material, across), format_of(material, up));
    let sorted = |read: fn(&(f64, f64)) -> f64| -> Vec<Vec<f64>> {
        let column = |c: &Cloud| {
            let mut v: Vec<f64> = c.points.iter().map(read).collect();
            v.sort_by(f64::total_cmp);
            v
        };
        clouds.iter().map(column).collect()
    };
    let scale = |format, columns: Vec<Vec<f64>>| axis(format, &columns.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let (sx, sy) = (scale(fx, sorted(|p| p.0)), scale(fy, sorted(|p| p.1)));
    let subtitle = format!(
        "{}: a point is a run, a large dot the medians; the contours hold 50 and 90% of a lab's runs",
        material.horizon_words()
    );
    let mut frame = Frame::new(material, title, &subtitle, &[]);
    if !left_out.is_empty() {
        frame.note(format!("Not shown (least on the horizontal axis): {}.", left_out.join(", ")));
    }
    if clouds.iter().any(|c| c.points.len() as u64 * 20 < material.runs() * 19) {
        frame.note("Runs in which a lab is gone have no point.");
    }
    let body = frame.body();
    let left = super::frame::gutter(&sy, fy, body.h - 100.0);
    let area = Rect { x: body.x + left, y: body.y + 8.0, w: body.w - left - 14.0, h: body.h - 66.0 };
    let place = |p: (f64, f64)| (area.x + sx.at(p.0) * area.w, area.bottom() - sy.at(p.1) * area.h);

    let canvas = &mut frame.canvas;
    let (ticks, step) = sy.ticks((area.h / 62.0) as usize);
    for v in ticks {
        let y = place((sx.low, v)).1;
        canvas.line((area.x, y), (area.right(), y), Stroke::new(GRID, 1.4));
        canvas.text((area.x - 10.0, y + 0.35 * TICK), &fy.tick(v, step), Type::new(TICK, GREY).at(Anchor::End));
    }
    let (ticks, step) = sx.ticks((area.w / 130.0) as usize);
    for v in ticks {
        let x = place((v, sy.low)).0;
        canvas.line((x, area.y), (x, area.bottom()), Stroke::new(GRID, 1.4));
        canvas.text((x, area.bottom() + 8.0 + TICK), &fx.tick(v, step), Type::new(TICK, GREY).at(Anchor::Middle));
    }
    canvas.line((area.x, area.bottom()), (area.right(), area.bottom()), Stroke::new(RULE, 1.4));
    canvas.text((area.x, area.y - 12.0), &axis_words(up.2, &sy), Type::new(LABEL, GREY));
    let style = Type::new(LABEL, GREY).at(Anchor::End);
    canvas.text((area.right(), area.bottom() + 34.0 + LABEL), &axis_words(across.2, &sx), style);

    canvas.clip(area);
    let least = (0.004 * span(&sx), 0.01 * span(&sy));
    for cloud in clouds.iter().rev() {
        let every = cloud.points.len().div_ceil(POINTS);
        for p in cloud.points.iter().step_by(every) {
            canvas.circle(place(*p), 2.6, cloud.colour, 0.35, None);
        }
        // The few runs beyond the axes count at their rim, so that they do not coarsen the grid.
        let within = |s: &Scale, v: f64| {
            let (low, high) = (s.coordinate(s.low), s.coordinate(s.high));
            s.coordinate(v).clamp(low - 0.05 * (high - low), high + 0.05 * (high - low))
        };
        let inner: Vec<(f64, f64)> = cloud.points.iter().map(|p| (within(&sx, p.0), within(&sy, p.1))).collect();
        let joint = Joint::new(&inner, least);
        for (share, opacity, width) in [(0.9, 0.07, 1.6), (0.5, 0.16, 2.6)] {
            let loops: Vec<Vec<(f64, f64)>> = joint
                .contour(joint.level(share))
                .iter()
                .map(|l| l.iter().map(|(x, y)| place((sx.value(*x), sy.value(*y)))).collect())
                .collect();
            canvas.shape(&loops, cloud.colour, opacity, Some(Stroke::new(cloud.colour, width)));
        }
    }
    canvas.unclip();
    let marks: Vec<(f64, f64)> = clouds.iter().map(|c| place(c.middle)).collect();
    for (cloud, mark) in clouds.iter().zip(&marks) {
        canvas.circle(*mark, 7.0, cloud.colour, 1.0, Some(Stroke::new(PAPER, 2.0)));
    }
    let boxes: Vec<Rect> = clouds
        .iter()
        .zip(&marks)
        .map(|(c, m)| {
            let w = text_width(&c.name, LABEL, true) + 8.0;
            let x = if m.0 + 16.0 + w > area.right() { m.0 - 16.0 - w } else { m.0 + 14.0 };
            Rect { x, y: m.1 - 0.6 * LABEL, w, h: LABEL + 4.0 }
        })
        .collect();
    let taken: Vec<Rect> = marks.iter().map(|m| Rect { x: m.0 - 8.0, y: m.1 - 8.0, w: 16.0, h: 16.0 }).collect();
    for (i, found) in settle(&boxes, &taken, area.y, area.bottom()).into_iter().enumerate() {
        let Some(r) = found else { continue };
        if (r.y - boxes[i].y).abs() > 12.0 {
            let side = if r.x > marks[i].0 { r.x } else { r.right() };
            canvas.line(marks[i], (side, r.y + 0.5 * r.h), Stroke::new(clouds[i].colour, 1.2));
        }
        let style = Type::new(LABEL, clouds[i].colour.darker()).bold().halo();
        canvas.text((r.x + 4.0, r.y + 0.95 * LABEL), &clouds[i].name, style);
    }
    Ok(frame.finish())
}

fn span(s: &Scale) -> f64 {
    s.coordinate(s.high) - s.coordinate(s.low)
}

/// An axis for several distributions, each sorted: long enough for 96% of every one. Shares start at zero;
/// money stands on a logarithmic axis.
pub fn axis(format: Format, sorted: &[&[f64]]) -> Scale {
    let reach = sorted.iter().filter(|v| !v.is_empty()).flat_map(|v| [quantile(v, 0.02), quantile(v, 0.98)]);
    let positive = sorted.iter().filter(|v| !v.is_empty()).all(|v| quantile(v, 0.02) > 0.0);
    match format {
        Format::Percent => Scale::share(reach),
        Format::Usd if positive => Scale::log(reach, LONGEST),
        Format::Usd => Scale::linear(reach),
        Format::Plain => Scale::about(reach),
    }
}

/// The format of a column by its unit in the summary, else by its name.
pub fn format_of(material: Material, path: Path) -> Format {
    let strands = material.strands(path.0, path.1, path.2);
    match material.format(&strands) {
        Format::Plain if path.2.ends_with("_usd") => Format::Usd,
        Format::Plain if path.2.contains("share") => Format::Percent,
        other => other,
    }
}

/// What an axis shows.
pub fn axis_words(column: &str, scale: &Scale) -> String {
    let name = match column {
        "enterprise_share" => "Share of enterprise API spend".to_owned(),
        "valuation_usd" => "Valuation, nominal USD".to_owned(),
        "revenue_run_rate_usd" => "Revenue run-rate, USD per year".to_owned(),
        other => words(other),
    };
    if scale.log { format!("{name} (log scale)") } else { name }
}
