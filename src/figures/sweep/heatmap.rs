//! Two paths of a grid: the median of a lab over both, a panel a leading lab; or, of three paths, a panel a value of the
//! third for the leader alone. Everything else is averaged.
//!
//! Colours: viridis, van der Walt and Smith (2015), "A better default colormap for Matplotlib" (SciPy), its nine even steps;
//! between them colours are mixed in sRGB.

use super::super::canvas::{Anchor, Canvas, Rect, Stroke, Type, text_width};
use super::super::frame::Frame;
use super::super::theme::{Colour, Format, GREY, INK, LABEL, PANEL, PAPER, RULE, TICK};
use super::super::{Drawing, Skip};
use super::plot::{LEAST, Mark, grid, key, outline, wedge};
use super::title::{apart, capital, fit, tenths};
use super::{Measure, PANELS, Strand, Strands, Sweep};
use crate::experiment::marginal::{Group, by_two};
use crate::math::ln;

const VIRIDIS: [Colour; 9] = [
    Colour(0x44, 0x01, 0x54),
    Colour(0x47, 0x2d, 0x7b),
    Colour(0x3b, 0x52, 0x8b),
    Colour(0x2c, 0x72, 0x8e),
    Colour(0x21, 0x91, 0x8c),
    Colour(0x28, 0xae, 0x80),
    Colour(0x5e, 0xc9, 0x62),
    Colour(0xad, 0xdc, 0x30),
    Colour(0xfd, 0xe7, 0x25),
];
/// Least span of the colours of a share, so that noise is not shown as a landscape; a judgement.
const LEAST_SHARE: f64 = 0.04;
/// Least span of the colours of money, as a ratio of the greatest to the least; a judgement.
const LEAST_RATIO: f64 = 1.2;
/// Span of the shares in a panel below which whole percentages would read alike in most cells; a judgement.
const CLOSE: f64 = 0.03;
/// Most levels across with which three panels stand side by side; of more, fewer labs are shown in larger cells.
const SLIM: usize = 8;
/// Room for the labels of a colour bar, with the bar.
const BAR: f64 = 92.0;

/// A colour of the palette, 0 the darkest and 1 the lightest.
fn viridis(at: f64) -> Colour {
    let place = at.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let k = (place as usize).min(VIRIDIS.len() - 2);
    let (a, b, t) = (VIRIDIS[k], VIRIDIS[k + 1], place - k as f64);
    let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - t) + f64::from(b) * t).round() as u8;
    Colour(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// Ink that reads on a colour of the palette.
fn on(fill: Colour) -> Colour {
    let luma = 0.299 * f64::from(fill.0) + 0.587 * f64::from(fill.1) + 0.114 * f64::from(fill.2);
    if luma > 135.0 { INK } else { PAPER }
}

/// Which values have which colour.
#[derive(Clone, Copy, Debug)]
struct Shades {
    low: f64,
    high: f64,
    log: bool,
}

impl Shades {
    fn over(values: impl Iterator<Item = f64>, measure: Measure) -> Shades {
        let known: Vec<f64> = values.filter(|v| v.is_finite()).collect();
        let (mut low, mut high) =
            known.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let log = measure.log && low > 0.0;
        if log && high < LEAST_RATIO * low {
            let wider = (LEAST_RATIO * low / high).sqrt();
            (low, high) = (low / wider, high * wider);
        } else if !log && !measure.log && high - low < LEAST_SHARE {
            let middle = ((low + high) / 2.0).max(LEAST_SHARE / 2.0);
            (low, high) = (middle - LEAST_SHARE / 2.0, middle + LEAST_SHARE / 2.0);
        } else if high <= low {
            high = low + 1.0;
        }
        Shades { low, high, log }
    }
    fn at(&self, value: f64) -> f64 {
        if self.log {
            return ln(value.max(1e-300) / self.low) / ln(self.high / self.low);
        }
        (value - self.low) / (self.high - self.low)
    }
}

/// A panel: its caption, colour of the caption, and `[level up][level across]`.
struct Field {
    caption: String,
    colour: Colour,
    cells: Vec<Vec<Group>>,
}

/// Which paths run across and up, and which has a panel a value.
struct Plan {
    across: usize,
    up: usize,
    third: Option<usize>,
}

/// Draws the heatmaps of a metric.
pub fn draw(sweep: &Sweep, measure: Measure, strands: &Strands) -> Drawing {
    let plan = plan(sweep, strands);
    let mut fields = fields(sweep, strands, &plan);
    let dropped = fields.len().saturating_sub(PANELS);
    fields.truncate(PANELS);
    let every = || fields.iter().flat_map(|f| f.cells.iter().flatten()).map(|g| g.mean);
    if every().all(|v| !v.is_finite()) {
        return Err(Skip::absent(&format!("value of {}", measure.metric)));
    }
    let leader = &strands.named[0];
    let own = || fields[0].cells.iter().flatten().map(|g| g.mean);
    let seen = || if plan.third.is_some() { every().collect::<Vec<_>>() } else { own().collect() };
    let ends = seen()
        .into_iter()
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    let (low, high) = apart(strands.format, ends.0, ends.1);
    let pair = format!("{} and {}", sweep.name(plan.across), sweep.name(plan.up));
    let moves = sweep.any_moves(measure, leader);
    let noise = |axis| sweep.effect(axis, measure, leader).and_then(|e| e.within_noise);
    let title = if moves == Some(false) {
        format!("No path moves {}'s {} beyond noise", leader.name, measure.words)
    } else if [plan.across, plan.up].iter().all(|k| noise(*k) == Some(true)) {
        // Another path does, which has a panel a value or is averaged.
        let (a, b) = (capital(&sweep.name(plan.across)), sweep.name(plan.up));
        format!("{a} and {b} do not move {}'s {} beyond noise", leader.name, measure.words)
    } else if moves.is_none() {
        format!("{}'s {} over {pair}", leader.name, measure.words)
    } else if low == high || ends.0 > ends.1 {
        format!("{}'s {} hardly moves over {pair}", leader.name, measure.words)
    } else {
        format!("{}'s {} runs from {low} to {high} over {pair}", leader.name, measure.words)
    };
    let subtitle = format!("{}, median of runs. {}", measure.quantity, sweep.design());
    let mut frame = Frame::new(sweep.material, &title, &subtitle, &[]);
    let gaps = fields.iter().flat_map(|f| f.cells.iter().flatten()).any(|g| g.n == 0);
    notes(&mut frame, sweep, measure, strands, &plan, (fields.len(), dropped, gaps));
    paint(&mut frame, sweep, measure, strands.format, &plan, &fields);
    Ok(frame.finish())
}

/// The two paths of the field, more levels across; of three the one with fewest levels has a panel a value.
fn plan(sweep: &Sweep, strands: &Strands) -> Plan {
    let count = |k: usize| sweep.levels[k].len();
    let mut axes: Vec<usize> = (0..sweep.levels.len()).collect();
    let mut third = None;
    if axes.len() == 3 {
        let fewest = axes.iter().copied().rev().min_by_key(|k| count(*k)).unwrap_or(2);
        if count(fewest) <= PANELS {
            third = Some(fewest);
            axes.retain(|k| *k != fewest);
        }
    }
    if axes.len() > 2 {
        axes = sweep.strongest(strands, 2);
        axes.sort_unstable();
    }
    if count(axes[1]) > count(axes[0]) {
        axes.swap(0, 1);
    }
    Plan { across: axes[0], up: axes[1], third }
}

/// The labs with a panel: numbers in the cells are worth more than two more small labs.
fn shown<'s, 'a>(sweep: &Sweep, strands: &'s Strands<'a>, plan: &Plan) -> &'s [Strand<'a>] {
    let most = if sweep.levels[plan.across].len() > SLIM { 4 } else { super::NAMED };
    &strands.named[..strands.named.len().min(most)]
}

fn fields(sweep: &Sweep, strands: &Strands, plan: &Plan) -> Vec<Field> {
    let (across, up) = (&sweep.levels[plan.across], &sweep.levels[plan.up]);
    let Some(third) = plan.third else {
        let field = |s: &Strand| Field {
            caption: s.name.clone(),
            colour: s.colour.darker(),
            cells: by_two(across, up, &s.medians),
        };
        return shown(sweep, strands, plan).iter().map(field).collect();
    };
    let leader = &strands.named[0];
    let levels = &sweep.levels[third];
    (0..levels.len())
        .map(|k| {
            let own = leader.medians.iter().zip(&levels.of).map(|(v, of)| if *of == k { *v } else { f64::NAN });
            let at = levels.numbers.get(k).copied().unwrap_or(k as f64);
            let mark = if sweep.base_at(third) == Some(at) { " (the scenario's own)" } else { "" };
            Field {
                caption: format!("{}: {}{mark}", capital(&sweep.name(third)), sweep.write(third, at)),
                colour: INK,
                cells: by_two(across, up, &own.collect::<Vec<_>>()),
            }
        })
        .collect()
}

fn notes(
    frame: &mut Frame,
    sweep: &Sweep,
    measure: Measure,
    strands: &Strands,
    plan: &Plan,
    (panels, dropped, gaps): (usize, usize, bool),
) {
    let left = sweep.levels.len() - 2 - usize::from(plan.third.is_some());
    if left > 0 {
        let names: Vec<String> = (0..sweep.levels.len())
            .filter(|k| *k != plan.across && *k != plan.up && Some(*k) != plan.third)
            .map(|k| sweep.name(k))
            .collect();
        frame.note(format!("The two paths with the widest range; averaged: {}.", names.join(", ")));
    }
    if plan.third.is_none() {
        if panels > 1 {
            frame.note("Each panel has colours of its own.");
        }
        let left: Vec<&str> = strands.named[panels..].iter().chain(&strands.rest).map(|s| s.name.as_str()).collect();
        if !left.is_empty() {
            frame.note(format!("Not shown: {}.", left.join(", ")));
        }
    } else {
        frame.note("One scale of colours for all panels; the leading lab alone.");
    }
    if measure.log {
        frame.note("Colours logarithmic.");
    }
    if gaps {
        frame.note("Struck out: no value.");
    }
    if dropped > 0 {
        frame.note(format!("{dropped} panels left out."));
    }
    for axis in [plan.across, plan.up] {
        if sweep.base_at(axis).is_some() && base_place(sweep, axis).is_none() {
            let own = super::bare(&sweep.what.axes[axis].base);
            frame.note(format!("The scenario's own {} is {own}, off the grid.", sweep.name(axis)));
        }
    }
}

/// Where the scenario's own value stands among the levels of an axis, in cells from 0; between two where it is none.
fn base_place(sweep: &Sweep, axis: usize) -> Option<f64> {
    let at = sweep.base_at(axis)?;
    let levels = &sweep.levels[axis];
    if !levels.is_numeric() {
        return Some(at);
    }
    let above = levels.numbers.partition_point(|n| *n < at);
    let high = *levels.numbers.get(above)?;
    if high == at {
        return Some(above as f64);
    }
    let low = *levels.numbers.get(above.checked_sub(1)?)?;
    Some(above as f64 - 1.0 + (at - low) / (high - low))
}

fn paint(frame: &mut Frame, sweep: &Sweep, measure: Measure, format: Format, plan: &Plan, fields: &[Field]) {
    let body = frame.body();
    let shared = plan.third.is_some();
    let (columns, lines) = grid(fields.len());
    let up_texts: Vec<String> = texts(sweep, plan.up);
    let longest = up_texts.iter().map(|t| text_width(t, TICK, false)).fold(0.0, f64::max);
    let left = longest.clamp(30.0, 150.0) + 24.0;
    let (head, foot, names) = (48.0, 38.0, 34.0);
    let gap = 34.0;
    let bar = if shared { 0.0 } else { BAR };
    let right = if shared { BAR + 20.0 } else { 0.0 };
    let wide = (body.w - left - right - (bar + gap) * (columns as f64 - 1.0) - bar) / columns as f64;
    let tall = (body.h - names - (head + foot) * lines as f64) / lines as f64;
    let all = Shades::over(fields.iter().flat_map(|f| f.cells.iter().flatten()).map(|g| g.mean), measure);
    // One size of numbers for all cells, or none.
    let every = fields.iter().flat_map(|f| f.cells.iter().flatten()).filter(|g| g.n > 0);
    let write = |v: f64| cell_text(format, fields, v);
    let widest = every.map(|g| text_width(&write(g.mean), 1.0, false)).fold(0.1, f64::max);
    let (across, up) = (sweep.levels[plan.across].len() as f64, sweep.levels[plan.up].len() as f64);
    let number = (0.86 * wide / across / widest).min(0.72 * tall / up).min(24.0);
    let mark = base_place(sweep, plan.across).zip(base_place(sweep, plan.up));
    if let Some((across, up)) = mark {
        let whole = across.fract() == 0.0 && up.fract() == 0.0;
        let how = if whole { Mark::Frame } else { Mark::Wedge };
        key(&mut frame.canvas, body.x, &[(how, INK, "the scenario as it is")]);
    }
    for (i, field) in fields.iter().enumerate() {
        let (column, line) = (i % columns, i / columns);
        let area = Rect {
            x: body.x + left + column as f64 * (wide + bar + gap),
            y: body.y + head + line as f64 * (tall + head + foot),
            w: wide,
            h: tall,
        };
        let own = Shades::over(field.cells.iter().flatten().map(|g| g.mean), measure);
        let shades = if shared { all } else { own };
        let (caption, size) = fit(&field.caption, PANEL * 0.92, true, wide, LEAST);
        frame.canvas.text((area.x, area.y - 12.0), &caption, Type::new(size, field.colour).bold());
        cells(&mut frame.canvas, area, &field.cells, &shades, (&write, number));
        if let Some(at) = mark {
            base(&mut frame.canvas, area, at, (sweep.levels[plan.across].len(), sweep.levels[plan.up].len()));
        }
        labels(&mut frame.canvas, area, &texts(sweep, plan.across), (column == 0).then_some((&up_texts, left)));
        if !shared {
            colour_bar(&mut frame.canvas, Rect { x: area.right() + 10.0, w: 14.0, ..area }, &shades, format);
        }
    }
    if shared {
        let height = (lines as f64 * (tall + head + foot) - head - foot).min(420.0);
        let place = Rect { x: body.right() - BAR + 10.0, y: body.y + head, w: 20.0, h: height };
        colour_bar(&mut frame.canvas, place, &all, format);
    }
    let text = format!("→ {}   ·   ↑ {}", sweep.caption(plan.across), sweep.caption(plan.up));
    let (text, size) = fit(&text, LABEL, true, body.w, LEAST);
    let middle = body.x + body.w / 2.0;
    frame.canvas.text((middle, body.bottom() - 4.0), &text, Type::new(size, INK).bold().at(Anchor::Middle));
}

/// The texts of an axis' levels.
fn texts(sweep: &Sweep, axis: usize) -> Vec<String> {
    let levels = &sweep.levels[axis];
    (0..levels.len()).map(|k| sweep.write(axis, levels.numbers.get(k).copied().unwrap_or(k as f64))).collect()
}

/// What stands in a cell: shares with a tenth where the cells of a panel with whole percentages lie within [`CLOSE`] of each other.
fn cell_text(format: Format, fields: &[Field], value: f64) -> String {
    let close = |field: &Field| {
        let known = field.cells.iter().flatten().filter(|g| g.n > 0).map(|g| g.mean);
        let (low, high) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        low < high && high - low < CLOSE && high >= 0.1
    };
    if format == Format::Percent && fields.iter().any(close) { tenths(value) } else { format.write(value) }
}

fn cells(
    canvas: &mut Canvas,
    area: Rect,
    rows: &[Vec<Group>],
    shades: &Shades,
    (write, size): (&dyn Fn(f64) -> String, f64),
) {
    let (h, w) = (area.h / rows.len() as f64, area.w / rows[0].len() as f64);
    for (j, row) in rows.iter().enumerate() {
        for (i, group) in row.iter().enumerate() {
            let cell = Rect { x: area.x + i as f64 * w, y: area.bottom() - (j as f64 + 1.0) * h, w, h };
            if group.n == 0 {
                canvas.rect(cell, RULE, 0.18);
                canvas.line((cell.x, cell.bottom()), (cell.right(), cell.y), Stroke::new(RULE, 1.2));
                continue;
            }
            let fill = viridis(shades.at(group.mean));
            // A hair of overlap, or the paper shines between cells.
            canvas.rect(Rect { w: w + 0.4, h: h + 0.4, ..cell }, fill, 1.0);
            if size >= LEAST {
                let at = (cell.x + w / 2.0, cell.y + h / 2.0 + 0.35 * size);
                canvas.text(at, &write(group.mean), Type::new(size, on(fill)).at(Anchor::Middle));
            }
        }
    }
}

/// Marks the scenario's own values: a frame round their cell, or wedges at the edges where they lie between cells.
fn base(canvas: &mut Canvas, area: Rect, at: (f64, f64), (across, up): (usize, usize)) {
    let (w, h) = (area.w / across as f64, area.h / up as f64);
    if at.0.fract() == 0.0 && at.1.fract() == 0.0 {
        let cell = Rect { x: area.x + at.0 * w, y: area.bottom() - (at.1 + 1.0) * h, w, h };
        outline(canvas, cell, PAPER, 6.0);
        outline(canvas, cell, INK, 3.0);
        return;
    }
    wedge(canvas, (area.x + (at.0 + 0.5) * w, area.bottom() + 1.0), false, INK);
    wedge(canvas, (area.x - 1.0, area.bottom() - (at.1 + 0.5) * h), true, INK);
}

/// Labels of the levels: below, and at the left of the first panel of a line; as many as have room.
fn labels(canvas: &mut Canvas, area: Rect, across: &[String], up: Option<(&Vec<String>, f64)>) {
    let w = area.w / across.len() as f64;
    let numbers = across.iter().all(|t| t.chars().next().is_some_and(|c| !c.is_alphabetic()));
    let widest = across.iter().map(|t| text_width(t, TICK, false)).fold(0.0, f64::max);
    let every = if numbers { (((widest + 10.0) / w).ceil() as usize).max(1) } else { 1 };
    for (i, text) in across.iter().enumerate().step_by(every) {
        let (text, size) = fit(text, TICK, false, (every as f64 * w - 8.0).max(20.0), 13.0);
        let style = Type::new(size, GREY).at(Anchor::Middle);
        if text_width(&text, size, false) < every as f64 * w {
            canvas.text((area.x + (i as f64 + 0.5) * w, area.bottom() + 12.0 + TICK), &text, style);
        }
    }
    let Some((up, room)) = up else { return };
    let h = area.h / up.len() as f64;
    let every = (((TICK * 1.1) / h).ceil() as usize).max(1);
    for (j, text) in up.iter().enumerate().step_by(every) {
        let (text, size) = fit(text, TICK, false, room - 20.0, 13.0);
        let y = area.bottom() - (j as f64 + 0.5) * h + 0.35 * size;
        canvas.text((area.x - 18.0, y), &text, Type::new(size, GREY).at(Anchor::End));
    }
}

fn colour_bar(canvas: &mut Canvas, place: Rect, shades: &Shades, format: Format) {
    const STEPS: usize = 64;
    let h = place.h / STEPS as f64;
    for k in 0..STEPS {
        let y = place.bottom() - (k as f64 + 1.0) * h;
        canvas.rect(Rect { y, h: h + 0.3, ..place }, viridis((k as f64 + 0.5) / STEPS as f64), 1.0);
    }
    let middle = if shades.log { (shades.low * shades.high).sqrt() } else { (shades.low + shades.high) / 2.0 };
    for (value, at) in [(shades.low, place.bottom()), (middle, place.y + place.h / 2.0), (shades.high, place.y)] {
        canvas.line((place.right(), at), (place.right() + 5.0, at), Stroke::new(RULE, 1.4));
        let y = (at + 0.35 * 17.0).clamp(place.y + 10.0, place.bottom() + 2.0);
        canvas.text((place.right() + 8.0, y), &format.write(value), Type::new(17.0, GREY));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::sweep::MEASURES;

    #[test]
    fn the_palette_gets_lighter_all_the_way_and_meets_its_steps() {
        let luma = |c: Colour| 0.2126 * f64::from(c.0) + 0.7152 * f64::from(c.1) + 0.0722 * f64::from(c.2);
        let shades: Vec<f64> = (0..=100).map(|k| luma(viridis(f64::from(k) / 100.0))).collect();
        assert!(shades.windows(2).all(|w| w[1] > w[0] - 0.5), "{shades:?}");
        assert_eq!((viridis(-1.0), viridis(0.5), viridis(2.0)), (VIRIDIS[0], VIRIDIS[4], VIRIDIS[8]));
        assert_eq!((on(VIRIDIS[0]), on(VIRIDIS[8])), (PAPER, INK));
    }

    #[test]
    fn noise_does_not_fill_the_palette() {
        let [share, money, ..] = MEASURES;
        let s = Shades::over([0.30, 0.302].into_iter(), share);
        assert!((s.high - s.low - LEAST_SHARE).abs() < 1e-12 && (s.at(0.301) - 0.5).abs() < 1e-9);
        let s = Shades::over([1e12, 1.01e12].into_iter(), money);
        assert!((s.high / s.low - LEAST_RATIO).abs() < 1e-9);
        let s = Shades::over([1e11, 1e12, f64::NAN].into_iter(), money);
        assert!((s.at(10f64.sqrt() * 1e11) - 0.5).abs() < 1e-9, "even in logarithms");
        assert!(Shades::over(std::iter::empty(), share).high > 0.0);
    }
}
