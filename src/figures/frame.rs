//! The frame of a figure: title, subtitle, key, notes and the line that says where it comes from; and the
//! panels inside it, with axes.

use super::Picture;
use super::canvas::{Anchor, Canvas, Rect, Stroke, Type, text_width};
use super::fan::diamond;
use super::history::Observation;
use super::material::{BANDS, Material};
use super::scale::{Scale, years};
use super::theme::{
    Colour, Format, GREY, GRID, HEIGHT, INK, LABEL, MARGIN, NOTE, PANEL, PAPER, RULE, SUBTITLE, TICK, TITLE, WIDTH,
    grouped,
};

/// An entry of the key below the subtitle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Median and the bands of 50, 80 and 90% of the runs.
    Fan,
    /// Median and the band of 80% of the runs.
    Band,
    /// A line that is a median, without bands.
    Median,
    /// A line that is a mean over the runs.
    Mean,
    /// The medians of the other agents, for context.
    Context,
    /// Observations before the start, and after it where there are any.
    Observed {
        /// Whether some were observed after the start.
        later: bool,
        /// Whether some are of low confidence.
        unsure: bool,
    },
    /// The line at the start of the projection.
    Start,
}

impl Key {
    /// What the key says of what was observed; nothing where nothing was.
    pub fn of_history<'o>(seen: impl Iterator<Item = &'o Observation>, start: f64) -> Vec<Key> {
        let (mut any, mut later, mut unsure) = (false, false, false);
        for o in seen {
            any = true;
            later |= o.date > start + 1e-6;
            unsure |= o.unsure;
        }
        if any { vec![Key::Observed { later, unsure }, Key::Start] } else { Vec::new() }
    }
}

/// The scenario whose parameters were fitted again to data up to the middle of 2025.
const BACKTEST: &str = "history/backtest";

/// A figure under construction.
pub struct Frame<'a> {
    /// Where to draw.
    pub canvas: Canvas,
    /// What is drawn.
    pub material: Material<'a>,
    title: String,
    sources: String,
    notes: Vec<String>,
}

impl<'a> Frame<'a> {
    /// Draws title, subtitle and key.
    pub fn new(material: Material<'a>, title: &str, subtitle: &str, keys: &[Key]) -> Frame<'a> {
        let mut canvas = Canvas::new();
        let room = WIDTH - 2.0 * MARGIN;
        let fit = |text: &str, size: f64, bold: bool| size * (room / text_width(text, size, bold).max(1.0)).min(1.0);
        canvas.text((MARGIN, 60.0), title, Type::new(fit(title, TITLE, true), INK).bold());
        canvas.text((MARGIN, 96.0), subtitle, Type::new(fit(subtitle, SUBTITLE, false), GREY));
        let lay = |canvas: &mut Canvas, size: f64| {
            keys.iter().fold(MARGIN, |x, key| draw_key(canvas, *key, x, 132.0, size) + 1.7 * size) - 1.7 * size - MARGIN
        };
        // All in one line, smaller where they would not fit.
        let size = TICK * (room / lay(&mut Canvas::new(), TICK).max(1.0)).min(1.0);
        lay(&mut canvas, size);
        let mut notes = Vec::new();
        if keys.iter().any(|key| matches!(key, Key::Observed { later: true, .. })) {
            let fitted =
                if material.provenance.scenario == BACKTEST { "data up to June 2025" } else { "data of 2025 too" };
            notes.push(format!(
                "What was observed after the start is not in the initial state; parameters were fitted to {fitted}."
            ));
        }
        Frame { canvas, material, title: title.to_owned(), sources: String::new(), notes }
    }
    /// Names who published the history shown.
    pub fn sources(&mut self, publishers: &str) {
        self.sources = publishers.to_owned();
    }
    /// Adds a note at the foot.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }
    /// The room for panels, between the key and the notes.
    pub fn body(&self) -> Rect {
        Rect { x: MARGIN, y: 150.0, w: WIDTH - 2.0 * MARGIN, h: HEIGHT - 150.0 - 70.0 }
    }
    /// Draws the notes and the source line.
    pub fn finish(mut self) -> Picture {
        let p = self.material.provenance;
        let mut parts = vec![format!("Scenario {}", p.scenario), format!("{} runs", grouped(p.runs as f64, 0))];
        if p.failed > 0 {
            parts.push(format!("{} failed and left out", grouped(p.failed as f64, 0)));
        }
        parts.push(format!("seed {}", p.seed));
        parts.push(format!("aimarket {}", p.version));
        parts.push(format!(
            "{} of {} initial values are priors ({} drawn)",
            p.initial_priors,
            p.initial_priors + p.initial_observed,
            p.initial_priors_drawn
        ));
        if !self.sources.is_empty() {
            parts.push(format!("history: {} via data/observations.csv", self.sources));
        }
        let room = WIDTH - 2.0 * MARGIN;
        for (text, y) in [(self.notes.join(" "), HEIGHT - 46.0), (parts.join(" · "), HEIGHT - 20.0)] {
            let size = NOTE * (room / text_width(&text, NOTE, false).max(1.0)).min(1.0);
            self.canvas.text((MARGIN, y), &text, Type::new(size, GREY));
        }
        Picture { canvas: self.canvas, title: self.title }
    }
}

/// Draws an entry of the key; returns where it ends.
fn draw_key(canvas: &mut Canvas, key: Key, x: f64, y: f64, size: f64) -> f64 {
    let style = Type::new(size, GREY);
    let mid = y - 6.5;
    let say = |canvas: &mut Canvas, x: f64, text: &str| {
        canvas.text((x, y), text, style);
        x + text_width(text, size, false)
    };
    let swatch = |canvas: &mut Canvas, bands: &[(usize, usize, f64)]| {
        for (i, (_, _, opacity)) in bands.iter().enumerate() {
            let h = if bands.len() == 1 { 16.0 } else { 24.0 - 7.0 * i as f64 };
            canvas.rect(Rect { x, y: mid - h / 2.0, w: 40.0, h }, GREY, opacity * 1.6);
        }
        canvas.line((x, mid), (x + 40.0, mid), Stroke::new(INK, 3.0));
    };
    match key {
        Key::Fan => {
            swatch(canvas, &BANDS);
            say(canvas, x + 50.0, "median, range of 50, 80 and 90% of runs")
        }
        Key::Band => {
            swatch(canvas, &[(1, 5, 0.2)]);
            say(canvas, x + 50.0, "median, and the range of 80% of runs")
        }
        Key::Median | Key::Mean => {
            canvas.line((x, mid), (x + 36.0, mid), Stroke::new(INK, 3.0));
            say(canvas, x + 46.0, if key == Key::Median { "median of runs" } else { "share of runs" })
        }
        Key::Context => {
            canvas.line((x, mid), (x + 36.0, mid), Stroke::new(super::theme::CONTEXT, 2.0));
            say(canvas, x + 46.0, "medians of the others")
        }
        Key::Observed { later, unsure } => {
            canvas.circle((x + 7.0, mid), 5.5, INK, 1.0, None);
            let mut x = say(canvas, x + 20.0, "observed");
            if later {
                canvas.circle((x + 29.0, mid), 5.0, PAPER, 1.0, Some(Stroke::new(INK, 2.0)));
                x = say(canvas, x + 42.0, "observed after the start");
            }
            if unsure {
                diamond(canvas, (x + 29.0, mid), 6.0, INK);
                x = say(canvas, x + 42.0, "of low confidence");
            }
            x
        }
        Key::Start => {
            canvas.line((x + 6.0, mid - 11.0), (x + 6.0, mid + 11.0), Stroke::new(RULE, 1.6).dashed(5.0));
            say(canvas, x + 16.0, "start of the projection")
        }
    }
}

/// A plot area with a time axis and a value axis.
#[derive(Clone, Copy, Debug)]
pub struct Panel {
    /// The area within the axes.
    pub area: Rect,
    /// First and last date, decimal years.
    pub time: (f64, f64),
    /// Value axis.
    pub scale: Scale,
    /// How values are written.
    pub format: Format,
}

impl Panel {
    /// Horizontal position of a date.
    pub fn x(&self, date: f64) -> f64 {
        self.area.x + (date - self.time.0) / (self.time.1 - self.time.0) * self.area.w
    }
    /// Vertical position of a value.
    pub fn y(&self, value: f64) -> f64 {
        self.area.bottom() - self.scale.at(value) * self.area.h
    }
    /// Draws grid, axes and tick labels; a caption stands above the value axis.
    pub fn axes(&self, canvas: &mut Canvas, value_labels: bool, year_labels: bool) {
        let a = self.area;
        let (ticks, step) = self.scale.ticks(tick_count(&self.scale, a.h));
        for v in &ticks {
            let y = self.y(*v);
            let stroke = if *v == 0.0 && !self.scale.log { Stroke::new(RULE, 1.4) } else { Stroke::new(GRID, 1.4) };
            canvas.line((a.x, y), (a.right(), y), stroke);
            if value_labels {
                let style = Type::new(TICK, GREY).at(Anchor::End);
                canvas.text((a.x - 10.0, y + 0.35 * TICK), &self.format.tick(*v, step), style);
            }
        }
        for year in years(self.time.0, self.time.1, (a.w / 78.0) as usize) {
            let x = self.x(year);
            canvas.line((x, a.bottom()), (x, a.bottom() + 6.0), Stroke::new(RULE, 1.4));
            if year_labels {
                let style = Type::new(TICK, GREY).at(Anchor::Middle);
                let text = format!("{year:.0}");
                // In a narrow panel a label at the edge keeps clear of the panel beside.
                let over = if a.w < 600.0 { (0.5 * text_width(&text, TICK, false) - 10.0).min(0.5 * a.w) } else { 0.0 };
                let x = if over > 0.0 { x.clamp(a.x + over, a.right() - over) } else { x };
                canvas.text((x, a.bottom() + 8.0 + TICK), &text, style);
            }
        }
        canvas.line((a.x, a.bottom()), (a.right(), a.bottom()), Stroke::new(RULE, 1.4));
    }
    /// Draws the line between what was and what is projected.
    pub fn boundary(&self, canvas: &mut Canvas, start: f64) {
        if start < self.time.0 + 0.02 {
            return;
        }
        let x = self.x(start);
        canvas.line((x, self.area.y), (x, self.area.bottom()), Stroke::new(RULE, 1.6).dashed(5.0));
    }
    /// Draws a caption above the panel.
    pub fn caption(&self, canvas: &mut Canvas, left: f64, text: &str, colour: Colour) {
        canvas.text((left, self.area.y - 16.0), text, Type::new(PANEL, colour).bold());
    }
    /// Draws the unit above the value axis.
    pub fn unit(&self, canvas: &mut Canvas, left: f64, text: &str) {
        canvas.text((left, self.area.y - 20.0), text, Type::new(LABEL, GREY));
    }
}

/// How many ticks a value axis of a height bears: decades may stand closer, there is nothing between them to read.
pub fn tick_count(scale: &Scale, height: f64) -> usize {
    (height / if scale.log { 42.0 } else { 66.0 }) as usize + 1
}

/// Width that the labels of a value axis need, with their gap.
pub fn gutter(scale: &Scale, format: Format, height: f64) -> f64 {
    let (ticks, step) = scale.ticks(tick_count(scale, height));
    ticks.iter().map(|v| text_width(&format.tick(*v, step), TICK, false)).fold(0.0, f64::max) + 14.0
}
