//! A drawing in SVG, and the PNG made from it. Only embedded fonts are used: text becomes outlines, so that a
//! figure looks the same on every machine.
//!
//! plotters draws, in tenths of a user unit; resvg renders, as the bitmaps of plotters set every joint and letter
//! at a whole pixel, and turns the letters of both files into outlines.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, RGBAColor, RGBColor, ShapeStyle, TextStyle, register_font,
};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Node, Options, Tree, WriteOptions, fontdb};

use super::FigureError;
use super::geometry::{cut_loop, cut_path, dashes, join_loops, ring};
use super::theme::{Colour, HEIGHT, PAPER, PIXELS_PER_UNIT, WIDTH};

/// Steps of the drawing in one user unit: plotters knows whole numbers only.
const STEPS: f64 = 10.0;
/// The family of the embedded fonts.
const FAMILY: &str = "Noto Sans";
/// plotters takes the height of a line for the size of a font, this many times the size that it writes.
const LINE: f64 = 1.24;
/// plotters sets the top of a text this far above its base line, in sizes.
const ASCENT: f64 = 0.76;
/// What is drawn of a path that nothing cuts: the page, and room for the widest pen.
const PAGE: Rect = Rect { x: -50.0, y: -50.0, w: WIDTH + 100.0, h: HEIGHT + 100.0 };
/// The family by which a text says that it is the rim of paper behind another.
const RIM: &str = "rim";

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Stroke {
    /// Colour.
    pub colour: Colour,
    /// Width, user units.
    pub width: f64,
    /// Opacity, 0 to 1.
    pub opacity: f64,
    /// Length of dashes and gaps, user units; 0 for a whole line.
    pub dash: f64,
}

impl Stroke {
    /// A whole, opaque line.
    pub fn new(colour: Colour, width: f64) -> Stroke {
        Stroke { colour, width, opacity: 1.0, dash: 0.0 }
    }
    /// The same, dashed.
    pub fn dashed(self, dash: f64) -> Stroke {
        Stroke { dash, ..self }
    }
    /// The same, with another opacity.
    pub fn faded(self, opacity: f64) -> Stroke {
        Stroke { opacity, ..self }
    }
    fn style(self) -> ShapeStyle {
        let width = (self.width * STEPS).round().max(1.0) as u32;
        ShapeStyle { color: ink(self.colour, self.opacity), filled: false, stroke_width: width }
    }
}

/// Which point of a text stands at the position given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    /// Size, user units.
    pub size: f64,
    /// Colour.
    pub colour: Colour,
    /// Whether bold.
    pub bold: bool,
    /// Anchor.
    pub anchor: Anchor,
    /// Whether a rim of paper keeps lines behind from touching the letters.
    pub halo: bool,
}

impl Type {
    /// Regular, from its left end.
    pub fn new(size: f64, colour: Colour) -> Type {
        Type { size, colour, bold: false, anchor: Anchor::Start, halo: false }
    }
    /// The same, bold.
    pub fn bold(self) -> Type {
        Type { bold: true, ..self }
    }
    /// The same, at another anchor.
    pub fn at(self, anchor: Anchor) -> Type {
        Type { anchor, ..self }
    }
    /// The same, with a rim of paper.
    pub fn halo(self) -> Type {
        Type { halo: true, ..self }
    }
}

/// A rectangle, user units from the top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// Right edge.
    pub fn right(&self) -> f64 {
        self.x + self.w
    }
    /// Bottom edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }
    /// What two rectangles share; without area where they share nothing.
    fn shared(&self, other: &Rect) -> Rect {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        Rect { x, y, w: (right - x).max(0.0), h: (bottom - y).max(0.0) }
    }
    /// Whether two rectangles share any area.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// A point of the drawing, steps from the top left.
type Step = (i32, i32);

/// Something drawn, as plotters takes it.
#[derive(Clone, Debug)]
enum Mark {
    Path(Vec<Step>, ShapeStyle),
    Area(Vec<Step>, ShapeStyle),
    Rectangle([Step; 2], ShapeStyle),
    Circle(Step, i32, ShapeStyle),
    Text(String, (f64, f64), Type),
}

/// A drawing that grows from back to front.
#[derive(Clone, Debug, Default)]
pub struct Canvas {
    marks: Vec<Mark>,
    clips: Vec<Rect>,
    #[cfg(test)]
    words: Vec<(String, Rect)>,
}

impl Canvas {
    /// An empty drawing.
    pub fn new() -> Canvas {
        Canvas::default()
    }
    #[cfg(test)]
    /// The texts drawn so far, each with the box that it fills.
    pub fn words(&self) -> &[(String, Rect)] {
        &self.words
    }
    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        self.path(&[from, to], stroke);
    }
    /// An open path.
    pub fn path(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        let style = stroke.style();
        for piece in cut_path(points, &self.reach()) {
            let pieces = if stroke.dash > 0.0 { dashes(&piece, stroke.dash, stroke.width) } else { vec![piece] };
            self.marks.extend(pieces.iter().map(|p| Mark::Path(steps(p), style)));
        }
    }
    /// A filled shape of closed loops; a loop within a loop is a hole.
    pub fn shape(&mut self, loops: &[Vec<(f64, f64)>], fill: Colour, opacity: f64, edge: Option<Stroke>) {
        let reach = self.reach();
        let cut: Vec<_> = loops.iter().map(|l| cut_loop(l, &reach)).filter(|l| !l.is_empty()).collect();
        if !cut.is_empty() {
            self.marks.push(Mark::Area(steps(&join_loops(&cut)), full(fill, opacity)));
        }
        if let Some(edge) = edge {
            for l in loops.iter().filter(|l| l.len() > 2) {
                let closed: Vec<_> = l.iter().chain(l.first()).copied().collect();
                self.path(&closed, edge);
            }
        }
    }
    /// A filled rectangle.
    pub fn rect(&mut self, r: Rect, fill: Colour, opacity: f64) {
        let r = r.shared(&self.reach());
        if r.w > 0.0 && r.h > 0.0 {
            self.marks.push(Mark::Rectangle([step((r.x, r.y)), step((r.right(), r.bottom()))], full(fill, opacity)));
        }
    }
    /// A filled circle with an optional edge.
    pub fn circle(&mut self, at: (f64, f64), radius: f64, fill: Colour, opacity: f64, edge: Option<Stroke>) {
        let reach = self.reach();
        let within = at.0 - radius >= reach.x
            && at.0 + radius <= reach.right()
            && at.1 - radius >= reach.y
            && at.1 + radius <= reach.bottom();
        if !within {
            return self.shape(&[ring(at, radius)], fill, opacity, edge);
        }
        let size = (radius * STEPS).round() as i32;
        self.marks.push(Mark::Circle(step(at), size, full(fill, opacity)));
        self.marks.extend(edge.map(|e| Mark::Circle(step(at), size, e.style())));
    }
    /// Text with its base line at `at`. It is never cut.
    pub fn text(&mut self, at: (f64, f64), text: &str, style: Type) {
        if text.is_empty() {
            return;
        }
        #[cfg(test)]
        {
            let w = text_width(text, style.size, style.bold);
            let x = match style.anchor {
                Anchor::Start => at.0,
                Anchor::Middle => at.0 - w / 2.0,
                Anchor::End => at.0 - w,
            };
            self.words.push((text.to_owned(), Rect { x, y: at.1 - 0.72 * style.size, w, h: 0.94 * style.size }));
        }
        self.marks.push(Mark::Text(text.to_owned(), at, style));
    }
    /// Cuts what follows to a rectangle, until [`Canvas::unclip`].
    pub fn clip(&mut self, r: Rect) {
        self.clips.push(r.shared(&self.reach()));
    }
    /// Ends a cut.
    pub fn unclip(&mut self) {
        self.clips.pop();
    }
    /// What is drawn at present.
    fn reach(&self) -> Rect {
        self.clips.last().copied().unwrap_or(PAGE)
    }
    /// The drawing as plotters writes it, within an element of the figure's size.
    fn source(&self) -> Result<String, DrawingAreaErrorKind<std::io::Error>> {
        let mut drawn = String::new();
        let (width, height) = ((WIDTH * STEPS) as u32, (HEIGHT * STEPS) as u32);
        let area = SVGBackend::with_string(&mut drawn, (width, height)).into_drawing_area();
        area.fill(&RGBColor(PAPER.0, PAPER.1, PAPER.2))?;
        for mark in &self.marks {
            match mark {
                Mark::Path(points, style) => area.draw(&PathElement::new(points.as_slice(), *style))?,
                Mark::Area(points, style) => area.draw(&Polygon::new(points.as_slice(), *style))?,
                Mark::Rectangle(corners, style) => area.draw(&Rectangle::new(*corners, *style))?,
                Mark::Circle(at, radius, style) => area.draw(&Circle::new(*at, *radius, *style))?,
                Mark::Text(text, at, style) => write(&area, text, *at, *style)?,
            }
        }
        area.present()?;
        drop(area);
        // plotters sets neither joints, ends nor holes, and knows no size but its own: all that is inherited.
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
             viewBox=\"0 0 {width} {height}\" stroke-linejoin=\"round\" stroke-linecap=\"round\" \
             fill-rule=\"evenodd\">"
        );
        // It fades whole elements, each of which would become a layer; all have one paint, and to fade that is the
        // same. It strokes no letters: those of a rim are stroked here.
        let rim = format!("\"{FAMILY}\" stroke=\"{}\" stroke-width=\"0.22em\"", PAPER.hex());
        for line in drawn.lines().skip(1) {
            if line.starts_with('<') {
                let paint = if line.contains(" fill=\"none\"") { " stroke-opacity=\"" } else { " fill-opacity=\"" };
                out.push_str(&line.replacen(" opacity=\"", paint, 1).replacen(&format!("\"{RIM}\""), &rim, 1));
            } else {
                out.push_str(line);
            }
            out.push('\n');
        }
        Ok(out)
    }
    /// The drawing as SVG text (letters as outlines) and as PNG.
    pub fn render(&self, title: &str) -> Result<(String, Vec<u8>), FigureError> {
        let drawing = |error: String| FigureError::Drawing { figure: title.to_owned(), error };
        register_fonts().map_err(|e| drawing(e.to_owned()))?;
        let source = self.source().map_err(|e| drawing(e.to_string()))?;
        let tree = Tree::from_str(&source, &options()).map_err(|e| drawing(e.to_string()))?;
        let size = |units: f64| (units * PIXELS_PER_UNIT) as u32;
        let mut pixels =
            Pixmap::new(size(WIDTH), size(HEIGHT)).ok_or_else(|| drawing("the image has no size".to_owned()))?;
        let scale = PIXELS_PER_UNIT as f32;
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        let png = pixels.encode_png().map_err(|e| drawing(e.to_string()))?;
        let written = tree.to_string(&WriteOptions {
            coordinates_precision: 1,
            transforms_precision: 4,
            ..WriteOptions::default()
        });
        // Outlines cannot be read aloud; the title can.
        let svg = written.replacen('>', &format!(">\n    <title>{}</title>", escape(title)), 1);
        Ok((svg, png))
    }
}

/// Draws a text, its rim of paper first where it has one.
fn write<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    text: &str,
    at: (f64, f64),
    style: Type,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let weight = if style.bold { FontStyle::Bold } else { FontStyle::Normal };
    let side = match style.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let place = step((at.0, at.1 - ASCENT * style.size));
    let set = |family, colour| {
        let font = FontDesc::new(FontFamily::Name(family), style.size * STEPS * LINE, weight);
        let pos = Pos::new(side, VPos::Top);
        Text::new(text, place, TextStyle { font, color: ink(colour, 1.0).to_backend_color(), pos })
    };
    if style.halo {
        area.draw(&set(RIM, PAPER))?;
    }
    area.draw(&set(FAMILY, style.colour))
}

/// A colour with an opacity.
fn ink(colour: Colour, opacity: f64) -> RGBAColor {
    RGBAColor(colour.0, colour.1, colour.2, (opacity * 1000.0).round() / 1000.0)
}

/// A fill.
fn full(colour: Colour, opacity: f64) -> ShapeStyle {
    ShapeStyle { color: ink(colour, opacity), filled: true, stroke_width: 0 }
}

/// A point in steps.
fn step(p: (f64, f64)) -> Step {
    ((p.0 * STEPS).round() as i32, (p.1 * STEPS).round() as i32)
}

/// Points in steps.
fn steps(points: &[(f64, f64)]) -> Vec<Step> {
    points.iter().copied().map(step).collect()
}

/// Gives plotters the embedded fonts, so that it can lay out text without the system's.
fn register_fonts() -> Result<(), &'static str> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let registered = REGISTERED.get_or_init(|| {
        [FAMILY, RIM].into_iter().all(|family| {
            register_font(family, FontStyle::Normal, notosans::REGULAR_TTF).is_ok()
                && register_font(family, FontStyle::Bold, notosans::BOLD_TTF).is_ok()
        })
    });
    if *registered { Ok(()) } else { Err("plotters cannot read the embedded fonts") }
}

/// Text as it may stand in XML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Settings of the SVG reader: the embedded fonts, and no others.
fn options() -> Options<'static> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(notosans::REGULAR_TTF.to_vec());
        fonts.load_font_data(notosans::BOLD_TTF.to_vec());
        Arc::new(fonts)
    });
    Options { font_family: FAMILY.to_owned(), fontdb: Arc::clone(fonts), ..Options::default() }
}

/// Width of a text, user units, as the renderer will set it.
pub fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    thread_local! {
        static KNOWN: RefCell<HashMap<(String, bool), f64>> = RefCell::new(HashMap::new());
    }
    KNOWN.with(|known| {
        let per_unit = *known.borrow_mut().entry((text.to_owned(), bold)).or_insert_with(|| {
            let source = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"100\"><text y=\"50\" \
                 font-family=\"{FAMILY}\" font-size=\"100\" font-weight=\"{}\">{}</text></svg>",
                if bold { 700 } else { 400 },
                escape(text)
            );
            let measured = Tree::from_str(&source, &options()).ok().and_then(|tree| {
                tree.root().children().iter().find_map(|node| match node {
                    Node::Text(text) => Some(f64::from(text.bounding_box().width())),
                    _ => None,
                })
            });
            // Letters that the font lacks: an average letter's width.
            measured.unwrap_or(58.0 * text.chars().count() as f64) / 100.0
        });
        per_unit * size
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_text_is_wider_and_bold_is_wider_still() {
        let short = text_width("OpenAI", 20.0, false);
        assert!((50.0..90.0).contains(&short), "{short}");
        assert!(text_width("OpenAI OpenAI", 20.0, false) > 2.0 * short);
        assert!(text_width("OpenAI", 20.0, true) > short);
        assert!((text_width("OpenAI", 40.0, false) - 2.0 * short).abs() < 0.1);
    }

    #[test]
    fn a_drawing_becomes_outlines_and_pixels_of_the_size_set() {
        let mut canvas = Canvas::new();
        canvas.text((100.0, 100.0), "A & B < C", Type::new(30.0, Colour(0, 0, 0)).halo());
        let (svg, png) = canvas.render("Who & what?").unwrap();
        assert!(!svg.contains("<text"), "letters are outlines");
        assert!(svg.contains("<title>Who &amp; what?</title>"));
        let pixels = Pixmap::decode_png(&png).unwrap();
        assert_eq!((pixels.width(), pixels.height()), (3200, 1800));
        assert!(pixels.pixels().iter().any(|p| p.red() < 40), "the text is there");
    }

    /// The colours of some points of a drawing, as numbers from 0 to 255.
    fn seen<const N: usize>(canvas: &Canvas, at: [(f64, f64); N]) -> [[u8; 3]; N] {
        let pixels = Pixmap::decode_png(&canvas.render("A test").unwrap().1).unwrap();
        at.map(|(x, y)| {
            let p = pixels.pixel((x * PIXELS_PER_UNIT) as u32, (y * PIXELS_PER_UNIT) as u32).unwrap();
            [p.red(), p.green(), p.blue()]
        })
    }

    const WHITE: [u8; 3] = [255; 3];

    #[test]
    fn a_loop_within_a_loop_is_a_hole_and_bridges_leave_no_trace() {
        let square = |x: f64, y: f64, s: f64| vec![(x, y), (x + s, y), (x + s, y + s), (x, y + s)];
        let mut canvas = Canvas::new();
        canvas.shape(
            &[square(100.0, 100.0, 300.0), square(200.0, 150.0, 100.0), square(700.0, 350.0, 50.0)],
            Colour(0, 0, 200),
            0.5,
            None,
        );
        let blue = [127, 127, 227];
        // Within, in the hole, in the island, on the bridge to the hole, on the bridge to the island.
        let at = [(110.0, 390.0), (250.0, 200.0), (720.0, 370.0), (150.0, 125.0), (520.0, 275.0)];
        for (colour, wanted) in seen(&canvas, at).into_iter().zip([blue, WHITE, blue, blue, WHITE]) {
            assert!((0..3).all(|i| colour[i].abs_diff(wanted[i]) <= 1), "{colour:?} {wanted:?}");
        }
    }

    #[test]
    fn nothing_is_drawn_beyond_a_cut_and_all_after_it() {
        let black = Colour(0, 0, 0);
        let mut canvas = Canvas::new();
        canvas.clip(Rect { x: 100.0, y: 100.0, w: 100.0, h: 100.0 });
        canvas.rect(Rect { x: 0.0, y: 110.0, w: 400.0, h: 10.0 }, black, 1.0);
        canvas.line((0.0, 130.0), (400.0, 130.0), Stroke::new(black, 4.0));
        canvas.circle((200.0, 160.0), 20.0, black, 1.0, None);
        canvas.unclip();
        canvas.rect(Rect { x: 300.0, y: 180.0, w: 10.0, h: 10.0 }, black, 1.0);
        let dark = [[0; 3]; 4];
        assert_eq!(seen(&canvas, [(150.0, 115.0), (150.0, 130.0), (190.0, 160.0), (305.0, 185.0)]), dark);
        assert_eq!(seen(&canvas, [(50.0, 115.0), (250.0, 130.0), (205.0, 160.0), (210.0, 160.0)]), [WHITE; 4]);
    }

    #[test]
    fn a_rim_of_paper_parts_letters_from_what_lies_behind() {
        let behind = [100, 150, 200];
        let mut canvas = Canvas::new();
        canvas.rect(Rect { x: 0.0, y: 0.0, w: WIDTH, h: HEIGHT }, Colour(100, 150, 200), 1.0);
        canvas.text((100.0, 200.0), "I", Type::new(100.0, Colour(0, 0, 0)).halo());
        canvas.text((300.0, 200.0), "I", Type::new(100.0, Colour(0, 0, 0)));
        // Letters, the one without a rim and what lies beside it; then beside and above the one with.
        let stem = 100.0 + 0.5 * text_width("I", 100.0, false);
        let at = [stem, stem + 200.0, stem + 213.0, stem + 230.0].map(|x| (x, 165.0));
        assert_eq!(seen(&canvas, at), [[0; 3], [0; 3], behind, behind]);
        assert_eq!(seen(&canvas, [(stem + 30.0, 115.0), (stem, 118.0)]), [behind, WHITE]);
    }

    #[test]
    fn text_stands_where_its_anchor_says() {
        for (anchor, left) in [(Anchor::Start, 0.0), (Anchor::Middle, 0.5), (Anchor::End, 1.0)] {
            let mut canvas = Canvas::new();
            canvas.text((800.0, 450.0), "HHHH", Type::new(100.0, Colour(0, 0, 0)).at(anchor));
            let pixels = Pixmap::decode_png(&canvas.render("A test").unwrap().1).unwrap();
            let dark = |i: &usize| pixels.pixels()[*i].red() < 128;
            let all: Vec<usize> = (0..3200 * 1800).filter(dark).collect();
            let range = |read: fn(usize) -> usize| {
                let low = all.iter().map(|i| read(*i)).min().unwrap() as f64 / PIXELS_PER_UNIT;
                (low, all.iter().map(|i| read(*i)).max().unwrap() as f64 / PIXELS_PER_UNIT)
            };
            let width = text_width("HHHH", 100.0, false);
            let (x, y) = (range(|i| i % 3200), range(|i| i / 3200));
            // The letter has 10 units of room on either side.
            let from = 800.0 - left * width;
            assert!((x.0 - from).abs() < 12.0 && (x.1 - from - width).abs() < 12.0, "{anchor:?}: {x:?}");
            // It stands on the base line and is 71 units high.
            assert!((y.1 - 450.0).abs() < 1.0 && (y.0 - 378.6).abs() < 1.0, "{anchor:?}: {y:?}");
        }
    }
}
