//! Joint density of two metrics at the horizon: a cloud a lab with its contours.

use super::canvas::{Anchor, Rect, Stroke, Type, text_width};
use super::density::{Joint, Limits, quantile};
use super::frame::Frame;
use super::labels::settle;
use super::material::{Material, words};
use super::scale::Scale;
use super::theme::{Colour, Format, GREY, GRID, LABEL, PAPER, RULE, TICK, grouped};
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
        None,
    )
}

/// The closed lines of a contour, in the coordinates of the axes.
type Loops = Vec<Vec<(f64, f64)>>;

struct Cloud {
    name: String,
    colour: Colour,
    points: Vec<(f64, f64)>,
    middle: (f64, f64),
}

/// A column as a figure names it: table, agent id or `*`, column.
pub type Path<'a> = (TableKind, &'a str, &'a str);

/// Whether a path stands for many agents: there is one market.
fn many(path: Path) -> bool {
    path.1 == "*" && path.0 != TableKind::Market
}

/// The agents whose values make a pair, with the number of a column: of the same agent where both paths stand for many, else of one with each.
fn pairs<'h>(material: Material<'h>, across: Path, up: Path) -> Vec<(usize, &'h str, &'h str)> {
    let of = |path: Path| -> Vec<(usize, &'h str)> {
        let columns = material.horizon.columns.iter().enumerate();
        let found = columns.filter(|(_, (k, id, c))| *k == path.0 && c == path.2 && (path.1 == "*" || id == path.1));
        found.map(|(nth, (_, id, _))| (nth, id.as_str())).collect()
    };
    let (xs, ys) = (of(across), of(up));
    match (many(across), many(up)) {
        (true, true) if across.0 != up.0 => Vec::new(),
        (true, true) => xs.into_iter().map(|(nth, id)| (nth, id, id)).collect(),
        (true, false) => xs.iter().flat_map(|(nth, x)| ys.iter().map(move |(_, y)| (*nth, *x, *y))).collect(),
        (false, _) => ys.iter().flat_map(|(nth, y)| xs.iter().map(move |(_, x)| (*nth, *x, *y))).collect(),
    }
}

/// The shares of the runs that contours hold, with opacity and width.
const CONTOURS: [(f64, f64, f64); 2] = [(0.9, 0.07, 1.6), (0.5, 0.16, 2.6)];
/// How far beyond the axes that hold nearly all runs a run counts where it stands, as a share of their length.
const RIM: f64 = 0.25;

/// Draws the joint density of two columns.
pub fn draw(material: Material, across: Path, up: Path, title: &str, log: Option<bool>) -> Drawing {
    let mut clouds = Vec::new();
    let mut few = false;
    for (nth, x_id, y_id) in pairs(material, across, up) {
        let found = (material.horizon.find(across.0, x_id, across.2), material.horizon.find(up.0, y_id, up.2));
        let (Some(xs), Some(ys)) = found else { continue };
        // A lab that is gone is worth nothing: it has no place on a logarithmic axis.
        let gone = |y: f64| ["valuation_usd", "last_round_usd"].contains(&up.2) && y <= 0.0;
        let points: Vec<(f64, f64)> = xs
            .iter()
            .zip(ys)
            .filter(|(x, y)| x.is_finite() && y.is_finite() && !gone(**y))
            .map(|(x, y)| (*x, *y))
            .collect();
        if points.iter().all(|p| p.0 == 0.0) {
            continue;
        }
        if points.len() < LEAST {
            few = true;
            continue;
        }
        let (kind, id) =
            if many(up) && !many(across) || across.0 == TableKind::Market { (up.0, y_id) } else { (across.0, x_id) };
        let (name, colour, notional) = material.look(kind, id, nth);
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
        let absent = Skip::absent(&format!("{} or {} at the horizon", across.2, up.2));
        return Err(if few { Skip::few(material.runs(), LEAST) } else { absent });
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
    let (xs, ys) = (sorted(|p| p.0), sorted(|p| p.1));
    let scale =
        |format, columns: &[Vec<f64>]| axis(format, &columns.iter().map(Vec::as_slice).collect::<Vec<_>>(), log);
    let (rough_x, rough_y) = (scale(fx, &xs), scale(fy, &ys));
    let limits = [limits(fx, &rough_x, &xs), limits(fy, &rough_y, &ys)];
    let least = (0.004 * span(&rough_x), 0.01 * span(&rough_y));
    // The contours come first: the axes have room for all of them.
    let drawn: Vec<Vec<Loops>> = clouds
        .iter()
        .map(|cloud| {
            // The few runs far beyond the axes count at a rim, so that they do not coarsen the grid.
            let held = |s: &Scale, limits: Limits, v: f64| {
                let (low, high) = (s.coordinate(s.low) - RIM * span(s), s.coordinate(s.high) + RIM * span(s));
                s.coordinate(v).clamp(low.max(limits.0), high.min(limits.1))
            };
            let place = |p: &(f64, f64)| (held(&rough_x, limits[0], p.0), held(&rough_y, limits[1], p.1));
            let inner: Vec<(f64, f64)> = cloud.points.iter().map(place).collect();
            let joint = Joint::smooth(&inner, least, limits, &CONTOURS.map(|c| c.0));
            CONTOURS.iter().map(|(share, ..)| joint.contour(joint.level(*share))).collect()
        })
        .collect();
    let all = || drawn.iter().flatten().flatten().flatten();
    let sx = roomy(&rough_x, limits[0], all().map(|p| p.0));
    let sy = roomy(&rough_y, limits[1], all().map(|p| p.1));

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
    let off = |p: &&(f64, f64)| [sx.at(p.0), sy.at(p.1)].iter().any(|at| !(-1e-9..=1.0 + 1e-9).contains(at));
    let beyond: usize = clouds.iter().map(|c| c.points.iter().filter(off).count()).sum();
    if beyond > 0 {
        let total: usize = clouds.iter().map(|c| c.points.len()).sum();
        let lie = if beyond == 1 { "lies" } else { "lie" };
        frame.note(format!(
            "{} of {} points {lie} beyond the axes.",
            grouped(beyond as f64, 0),
            grouped(total as f64, 0)
        ));
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
    let words = |path: Path, other: Path, scale: &Scale| {
        let single = !many(path) && path.0 != TableKind::Market && path.1 != other.1;
        let of = if single { format!("{}: ", material.look(path.0, path.1, 0).0) } else { String::new() };
        format!("{of}{}", axis_words(path.2, scale))
    };
    canvas.text((area.x, area.y - 12.0), &words(up, across, &sy), Type::new(LABEL, GREY));
    let style = Type::new(LABEL, GREY).at(Anchor::End);
    canvas.text((area.right(), area.bottom() + 34.0 + LABEL), &words(across, up, &sx), style);

    // A contour that runs along the end of an axis keeps its whole line.
    canvas.clip(Rect { x: area.x - 2.0, y: area.y - 2.0, w: area.w + 4.0, h: area.h + 4.0 });
    for (cloud, contours) in clouds.iter().zip(&drawn).rev() {
        let every = cloud.points.len().div_ceil(POINTS);
        for p in cloud.points.iter().step_by(every).filter(|p| !off(p)) {
            canvas.circle(place(*p), 2.6, cloud.colour, 0.35, None);
        }
        for ((_, opacity, width), loops) in CONTOURS.iter().zip(contours) {
            let line = |l: &Vec<(f64, f64)>| l.iter().map(|(x, y)| place((sx.value(*x), sy.value(*y)))).collect();
            let loops: Vec<Vec<(f64, f64)>> = loops.iter().map(line).collect();
            canvas.shape(&loops, cloud.colour, *opacity, Some(Stroke::new(cloud.colour, *width)));
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

/// What the values of an axis cannot pass: a share is not below 0 nor above 1, and what is never negative is not below 0.
fn limits(format: Format, scale: &Scale, sorted: &[Vec<f64>]) -> Limits {
    let least = sorted.iter().filter_map(|v| v.first()).copied().fold(f64::INFINITY, f64::min);
    let greatest = sorted.iter().filter_map(|v| v.last()).copied().fold(f64::NEG_INFINITY, f64::max);
    let floored = !scale.log && format != Format::Plain && least >= 0.0;
    let capped = !scale.log && format == Format::Percent && greatest <= 1.0;
    (if floored { 0.0 } else { f64::NEG_INFINITY }, if capped { 1.0 } else { f64::INFINITY })
}

/// The axis made long enough for these coordinates too, with a little room, but not beyond its limits.
fn roomy(scale: &Scale, limits: Limits, coordinates: impl Iterator<Item = f64>) -> Scale {
    let ends = (scale.coordinate(scale.low), scale.coordinate(scale.high));
    let (low, high) = coordinates.fold(ends, |(a, b), c| (a.min(c), b.max(c)));
    let room = 0.02 * (high - low);
    let end = |c: f64| scale.value(c.clamp(limits.0, limits.1));
    Scale { low: end(low - room), high: end(high + room), log: scale.log }
}

/// An axis for several distributions, each sorted: long enough for 96% of every one. Shares start at zero;
/// money stands on a logarithmic axis, unless the scenario says otherwise.
pub fn axis(format: Format, sorted: &[&[f64]], log: Option<bool>) -> Scale {
    let reach = sorted.iter().filter(|v| !v.is_empty()).flat_map(|v| [quantile(v, 0.02), quantile(v, 0.98)]);
    let positive = sorted.iter().filter(|v| !v.is_empty()).all(|v| quantile(v, 0.02) > 0.0);
    match format {
        _ if log == Some(true) => Scale::log(reach, LONGEST),
        Format::Percent => Scale::share(reach),
        Format::Usd if positive && log.is_none() => Scale::log(reach, LONGEST),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_room_for_all_that_is_drawn_and_do_not_pass_their_limits() {
        let rough = Scale { low: 0.0, high: 0.6, log: false };
        let ends = limits(Format::Percent, &rough, &[vec![0.0, 0.3], vec![0.1, 0.98]]);
        assert_eq!(ends, (0.0, 1.0));
        let long = roomy(&rough, ends, [0.0, 0.8].into_iter());
        assert!(long.low == 0.0 && long.high > 0.8 && long.high < 0.85, "{long:?}");
        assert_eq!(roomy(&rough, ends, [0.0, 1.0].into_iter()).high, 1.0);
        let money = Scale { low: 1e9, high: 1e12, log: true };
        let free = limits(Format::Usd, &money, &[vec![1e8, 1e13]]);
        let long = roomy(&money, free, [8.5, 12.5].into_iter());
        assert!(long.at(long.value(8.5)) > 0.01 && long.at(long.value(12.5)) < 0.99, "{long:?}");
        // Margins may be negative.
        assert_eq!(limits(Format::Percent, &rough, &[vec![-0.2, 0.3]]).0, f64::NEG_INFINITY);
    }
}
