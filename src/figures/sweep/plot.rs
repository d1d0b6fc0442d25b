//! A plot area with any quantity across: numbers, on a linear or logarithmic axis, or words.

use super::super::canvas::{Anchor, Canvas, Rect, Stroke, Type, text_width};
use super::super::frame::tick_count;
use super::super::scale::Scale;
use super::super::theme::{Colour, Format, GREY, GRID, INK, LABEL, RULE, TICK};
use super::title::fit;
use super::{Measure, Sweep, value_format};
use crate::experiment::marginal::even_in_logs;

/// Least size of letters that still reads at half size.
pub const LEAST: f64 = 14.0;
/// Longest logarithmic axis, decades.
const DECADES: f64 = 5.0;

/// What runs across.
#[derive(Clone, Debug)]
pub enum Across {
    /// Numbers.
    Numbers(Scale, Format),
    /// Words, in equal steps.
    Words(Vec<String>),
}

/// A plot area with its axes.
#[derive(Clone, Debug)]
pub struct Plot {
    /// The area within the axes.
    pub area: Rect,
    /// What runs across.
    pub across: Across,
    /// Value axis.
    pub up: Scale,
    /// How values are written.
    pub format: Format,
}

impl Plot {
    /// Horizontal position of a number, or of the word at a place.
    pub fn x(&self, at: f64) -> f64 {
        let part = match &self.across {
            Across::Numbers(scale, _) => scale.at(at),
            Across::Words(words) => (at + 0.5) / words.len().max(1) as f64,
        };
        self.area.x + part * self.area.w
    }
    /// Vertical position of a value.
    pub fn y(&self, value: f64) -> f64 {
        self.area.bottom() - self.up.at(value) * self.area.h
    }
    /// Whether something across lies within the axes.
    pub fn holds(&self, at: f64) -> bool {
        (self.area.x - 1.0..=self.area.right() + 1.0).contains(&self.x(at))
    }
    /// Draws grid, axes and tick labels.
    pub fn axes(&self, canvas: &mut Canvas, value_labels: bool) {
        let a = self.area;
        let (ticks, step) = self.up.ticks(tick_count(&self.up, a.h));
        for v in &ticks {
            let y = self.y(*v);
            let stroke = if *v == 0.0 && !self.up.log { Stroke::new(RULE, 1.4) } else { Stroke::new(GRID, 1.4) };
            canvas.line((a.x, y), (a.right(), y), stroke);
            if value_labels {
                let style = Type::new(TICK, GREY).at(Anchor::End);
                canvas.text((a.x - 10.0, y + 0.35 * TICK), &self.format.tick(*v, step), style);
            }
        }
        canvas.line((a.x, a.bottom()), (a.right(), a.bottom()), Stroke::new(RULE, 1.4));
        match &self.across {
            Across::Numbers(scale, format) => {
                let (ticks, step) = number_ticks(scale, *format, a.w);
                for v in ticks {
                    let x = self.x(v);
                    canvas.line((x, a.bottom()), (x, a.bottom() + 6.0), Stroke::new(RULE, 1.4));
                    let style = Type::new(TICK, GREY).at(Anchor::Middle);
                    canvas.text((x, a.bottom() + 8.0 + TICK), &format.tick(v, step), style);
                }
            }
            Across::Words(words) => {
                let cell = a.w / words.len().max(1) as f64;
                for (k, word) in words.iter().enumerate() {
                    let (text, size) = fit(word, TICK, false, cell - 8.0, LEAST);
                    let style = Type::new(size, GREY).at(Anchor::Middle);
                    // Words that still are too long for their cell are told in the table of points.
                    if text_width(&text, size, false) <= cell {
                        canvas.text((self.x(k as f64), a.bottom() + 8.0 + TICK), &text, style);
                    }
                }
            }
        }
    }
    /// Marks the scenario's own value; the word stands above the area.
    pub fn base(&self, canvas: &mut Canvas, at: f64, word: &str) {
        if !self.holds(at) {
            return;
        }
        let x = self.x(at);
        let above = if word.is_empty() { 0.0 } else { 6.0 };
        canvas.line((x, self.area.y - above), (x, self.area.bottom()), Stroke::new(INK, 1.8).dashed(6.0));
        if !word.is_empty() {
            let half = 0.5 * text_width(word, LABEL, false);
            let middle = x.clamp(self.area.x + half, (self.area.right() - half).max(self.area.x + half));
            canvas.text((middle, self.area.y - 14.0), word, Type::new(LABEL, INK).at(Anchor::Middle));
        }
    }
}

/// Ticks across that have room for their labels, and the step between them.
fn number_ticks(scale: &Scale, format: Format, width: f64) -> (Vec<f64>, f64) {
    let mut count = (width / 80.0) as usize + 1;
    loop {
        let (ticks, step) = scale.ticks(count);
        let widest = ticks.iter().map(|v| text_width(&format.tick(*v, step), TICK, false)).fold(0.0, f64::max);
        let place = |v: &f64| scale.at(*v) * width;
        let roomy = ticks.windows(2).all(|w| place(&w[1]) - place(&w[0]) > widest + 14.0);
        if roomy || count <= 2 {
            return (ticks, step);
        }
        count -= 1;
    }
}

impl Sweep<'_> {
    /// The axis across of a path; `room` is what is left free at either end, a part of its length.
    pub(super) fn across(&self, axis: usize, room: f64) -> Across {
        let levels = &self.levels[axis];
        let (Some(first), Some(last)) = (levels.numbers.first(), levels.numbers.last()) else {
            return Across::Words(levels.texts.iter().map(|t| super::bare(t).to_owned()).collect());
        };
        let format = value_format(&self.what.axes[axis].unit);
        let log = even_in_logs(&levels.numbers);
        let bare = Scale { low: *first, high: *last, log };
        if last <= first {
            let wide = Scale::about([*first]);
            let half = if *first == 0.0 { 1.0 } else { 0.1 * first.abs() };
            return Across::Numbers(Scale { low: wide.low - half, high: wide.high + half, log: false }, format);
        }
        let (a, b) = (bare.coordinate(*first), bare.coordinate(*last));
        let scale = Scale { low: bare.value(a - room * (b - a)), high: bare.value(b + room * (b - a)), log };
        Across::Numbers(scale, format)
    }
    /// The value axis of a metric over some values.
    pub(super) fn up(&self, measure: Measure, format: Format, values: &[f64]) -> Scale {
        let values = values.iter().copied();
        if measure.log && values.clone().any(|v| v > 0.0) {
            Scale::log(values, DECADES)
        } else if measure.metric.contains("eci") {
            Scale::about(values)
        } else if format == Format::Percent {
            Scale::share(values)
        } else {
            Scale::linear(values)
        }
    }
    /// Name and unit of an axis, for a caption.
    pub(super) fn caption(&self, axis: usize) -> String {
        let unit = self.unit(axis);
        let name = super::title::capital(&self.names[axis]);
        if unit.is_empty() { name } else { format!("{name}, {unit}") }
    }
    /// Says where the scenario's own value is, where no mark can: it is off the axis.
    pub(super) fn base_off_axis(&self, axis: usize, plot: &Plot) -> Option<String> {
        let at = self.base_at(axis)?;
        let text = super::bare(&self.what.axes[axis].base);
        (!plot.holds(at)).then(|| format!("The scenario's own {} is {text}, off the axis.", self.name(axis)))
    }
}

/// Draws swatches with words in a row at the place of the key; ends where the next would begin.
pub fn key(canvas: &mut Canvas, mut x: f64, entries: &[(Mark, Colour, &str)]) -> f64 {
    let mid = 132.0 - 6.5;
    for (mark, colour, text) in entries {
        let wide = match mark {
            Mark::Line => {
                canvas.line((x, mid), (x + 36.0, mid), Stroke::new(*colour, 3.2));
                36.0
            }
            Mark::Dashed => {
                canvas.line((x, mid), (x + 36.0, mid), Stroke::new(*colour, 1.8).dashed(6.0));
                36.0
            }
            Mark::Dot => {
                canvas.circle((x + 7.0, mid), 7.0, *colour, 1.0, None);
                14.0
            }
            Mark::Faint => {
                canvas.circle((x + 6.0, mid), 5.0, *colour, 0.4, None);
                12.0
            }
            Mark::Band(opacity) => {
                canvas.rect(Rect { x, y: mid - 9.0, w: 36.0, h: 18.0 }, *colour, *opacity);
                36.0
            }
            Mark::Thin => {
                canvas.line((x, mid), (x + 36.0, mid), Stroke::new(*colour, 2.0));
                36.0
            }
            Mark::Wedge => {
                wedge(canvas, (x + 8.0, mid - 8.0), false, *colour);
                18.0
            }
            Mark::Frame => {
                outline(canvas, Rect { x: x + 2.0, y: mid - 9.0, w: 22.0, h: 18.0 }, *colour, 3.0);
                26.0
            }
        };
        canvas.text((x + wide + 10.0, 132.0), text, Type::new(TICK, GREY));
        x += wide + 10.0 + text_width(text, TICK, false) + 34.0;
    }
    x
}

/// What stands before the words of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// A thick line.
    Line,
    /// A dashed line.
    Dashed,
    /// A dot.
    Dot,
    /// A pale dot.
    Faint,
    /// A band of some opacity.
    Band(f64),
    /// A thin line.
    Thin,
    /// An empty frame.
    Frame,
    /// A wedge that points up.
    Wedge,
}

/// A wedge whose tip is at a place, pointing up or to the right.
pub fn wedge(canvas: &mut Canvas, tip: (f64, f64), aside: bool, colour: Colour) {
    let (x, y) = tip;
    let rest =
        if aside { [(x - 13.0, y - 7.0), (x - 13.0, y + 7.0)] } else { [(x - 7.0, y + 13.0), (x + 7.0, y + 13.0)] };
    canvas.shape(&[vec![tip, rest[0], rest[1]]], colour, 1.0, None);
}

/// The edge of a rectangle.
pub fn outline(canvas: &mut Canvas, r: Rect, colour: Colour, width: f64) {
    let corners = [(r.x, r.y), (r.right(), r.y), (r.right(), r.bottom()), (r.x, r.bottom()), (r.x, r.y)];
    canvas.path(&corners, Stroke::new(colour, width));
}

/// Columns and lines of a grid of panels.
pub fn grid(cells: usize) -> (usize, usize) {
    match cells {
        0..=3 => (cells.max(1), 1),
        4 => (2, 2),
        5 | 6 => (3, 2),
        7 | 8 => (4, 2),
        _ => (4, 3),
    }
}
