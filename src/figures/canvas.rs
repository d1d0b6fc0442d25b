//! A drawing in SVG, and the PNG made from it. Only embedded fonts are used: text becomes outlines, so that a
//! figure looks the same on every machine.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Node, Options, Tree, WriteOptions, fontdb};

use super::FigureError;
use super::theme::{Colour, HEIGHT, PAPER, PIXELS_PER_UNIT, WIDTH};

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
    fn attributes(self) -> String {
        let mut out = format!(
            "stroke=\"{}\" stroke-width=\"{:.2}\" stroke-linejoin=\"round\" stroke-linecap=\"{}\"",
            self.colour.hex(),
            self.width,
            if self.dash > 0.0 { "butt" } else { "round" }
        );
        if self.opacity < 1.0 {
            let _ = write!(out, " stroke-opacity=\"{:.3}\"", self.opacity);
        }
        if self.dash > 0.0 {
            let _ = write!(out, " stroke-dasharray=\"{:.2}\"", self.dash);
        }
        out
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
    /// Whether two rectangles share any area.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// A drawing that grows from back to front.
#[derive(Clone, Debug, Default)]
pub struct Canvas {
    body: String,
    clips: usize,
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
        if points.len() > 1 {
            let _ = writeln!(self.body, "<path d=\"{}\" fill=\"none\" {}/>", outline(points), stroke.attributes());
        }
    }
    /// A filled shape of closed loops; a loop within a loop is a hole.
    pub fn shape(&mut self, loops: &[Vec<(f64, f64)>], fill: Colour, opacity: f64, edge: Option<Stroke>) {
        let d: String = loops.iter().filter(|l| l.len() > 2).map(|l| outline(l) + "Z").collect();
        if !d.is_empty() {
            let edge = edge.map(Stroke::attributes).unwrap_or_default();
            let _ = writeln!(
                self.body,
                "<path d=\"{d}\" fill=\"{}\" fill-opacity=\"{opacity:.3}\" fill-rule=\"evenodd\" {edge}/>",
                fill.hex()
            );
        }
    }
    /// A filled rectangle.
    pub fn rect(&mut self, r: Rect, fill: Colour, opacity: f64) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\" fill=\"{}\" fill-opacity=\"{opacity:.3}\"/>",
            r.x,
            r.y,
            r.w,
            r.h,
            fill.hex()
        );
    }
    /// A filled circle with an optional edge.
    pub fn circle(&mut self, at: (f64, f64), radius: f64, fill: Colour, opacity: f64, edge: Option<Stroke>) {
        let edge = edge.map(Stroke::attributes).unwrap_or_default();
        let _ = writeln!(
            self.body,
            "<circle cx=\"{:.2}\" cy=\"{:.2}\" r=\"{radius:.2}\" fill=\"{}\" fill-opacity=\"{opacity:.3}\" {edge}/>",
            at.0,
            at.1,
            fill.hex()
        );
    }
    /// Text with its base line at `at`.
    pub fn text(&mut self, at: (f64, f64), text: &str, style: Type) {
        if text.is_empty() {
            return;
        }
        let word = match style.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
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
        let halo = if style.halo {
            format!(
                " stroke=\"{}\" stroke-width=\"{:.1}\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
                PAPER.hex(),
                style.size * 0.22
            )
        } else {
            String::new()
        };
        let _ = writeln!(
            self.body,
            "<text x=\"{:.2}\" y=\"{:.2}\" font-family=\"Noto Sans\" font-size=\"{:.2}\" font-weight=\"{}\" \
             text-anchor=\"{word}\" fill=\"{}\"{halo}>{}</text>",
            at.0,
            at.1,
            style.size,
            if style.bold { 700 } else { 400 },
            style.colour.hex(),
            escape(text)
        );
    }
    /// Cuts what follows to a rectangle, until [`Canvas::unclip`].
    pub fn clip(&mut self, r: Rect) {
        self.clips += 1;
        let id = self.clips;
        let _ = writeln!(
            self.body,
            "<clipPath id=\"c{id}\"><rect x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\"/></clipPath>\
             <g clip-path=\"url(#c{id})\">",
            r.x, r.y, r.w, r.h
        );
    }
    /// Ends a cut.
    pub fn unclip(&mut self) {
        self.body.push_str("</g>\n");
    }
    /// The drawing as SVG text (letters as outlines) and as PNG.
    pub fn render(&self, title: &str) -> Result<(String, Vec<u8>), FigureError> {
        let source = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
             viewBox=\"0 0 {WIDTH} {HEIGHT}\"><rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{}\"/>\n{}</svg>",
            PAPER.hex(),
            self.body
        );
        let drawing = |error: String| FigureError::Drawing { figure: title.to_owned(), error };
        let tree = Tree::from_str(&source, &options()).map_err(|e| drawing(e.to_string()))?;
        let size = |units: f64| (units * PIXELS_PER_UNIT) as u32;
        let mut pixels =
            Pixmap::new(size(WIDTH), size(HEIGHT)).ok_or_else(|| drawing("the image has no size".to_owned()))?;
        let scale = PIXELS_PER_UNIT as f32;
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        let png = pixels.encode_png().map_err(|e| drawing(e.to_string()))?;
        let written = tree.to_string(&WriteOptions {
            coordinates_precision: 2,
            transforms_precision: 4,
            ..WriteOptions::default()
        });
        // Outlines cannot be read aloud; the title can.
        let svg = written.replacen('>', &format!(">\n    <title>{}</title>", escape(title)), 1);
        Ok((svg, png))
    }
}

/// Path commands through points.
fn outline(points: &[(f64, f64)]) -> String {
    let mut d = String::with_capacity(points.len() * 14);
    for (i, (x, y)) in points.iter().enumerate() {
        let _ = write!(d, "{}{x:.2} {y:.2}", if i == 0 { "M" } else { "L" });
    }
    d
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
    Options { font_family: "Noto Sans".to_owned(), fontdb: Arc::clone(fonts), ..Options::default() }
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
                 font-family=\"Noto Sans\" font-size=\"100\" font-weight=\"{}\">{}</text></svg>",
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
}
