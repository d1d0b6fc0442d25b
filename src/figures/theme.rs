//! Sizes, colours and number formats: one look for all figures.

use crate::record::Entity;

/// Width of a figure, user units; the PNG has [`PIXELS_PER_UNIT`] pixels a unit.
pub const WIDTH: f64 = 1600.0;
/// Height of a figure, user units.
pub const HEIGHT: f64 = 900.0;
/// Pixels of the PNG in one user unit.
pub const PIXELS_PER_UNIT: f64 = 2.0;
/// Left and right margin.
pub const MARGIN: f64 = 56.0;

/// Size of the title.
pub const TITLE: f64 = 36.0;
/// Size of the subtitle.
pub const SUBTITLE: f64 = 22.0;
/// Size of panel titles.
pub const PANEL: f64 = 24.0;
/// Size of direct labels.
pub const LABEL: f64 = 21.0;
/// Size of tick labels and keys.
pub const TICK: f64 = 19.0;
/// Size of notes and the source line.
pub const NOTE: f64 = 17.0;

/// A colour, red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Reads `#rrggbb`.
    pub fn parse(text: &str) -> Option<Colour> {
        let hex = text.strip_prefix('#').filter(|h| h.len() == 6 && h.is_ascii())?;
        let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).ok();
        Some(Colour(part(0)?, part(2)?, part(4)?))
    }
    /// The colour mixed with black, so that it reads as text on white.
    pub fn darker(self) -> Colour {
        let luma = 0.299 * f64::from(self.0) + 0.587 * f64::from(self.1) + 0.114 * f64::from(self.2);
        let keep = if luma > 110.0 { 110.0 / luma } else { 1.0 };
        let mix = |c: u8| (f64::from(c) * keep) as u8;
        Colour(mix(self.0), mix(self.1), mix(self.2))
    }
    /// `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// Text.
pub const INK: Colour = Colour(0x1f, 0x24, 0x2b);
/// Secondary text.
pub const GREY: Colour = Colour(0x5f, 0x67, 0x71);
/// Lines behind the data that carry meaning.
pub const RULE: Colour = Colour(0x9a, 0xa1, 0xaa);
/// Grid lines.
pub const GRID: Colour = Colour(0xe4, 0xe7, 0xeb);
/// Other series, as context.
pub const CONTEXT: Colour = Colour(0xbd, 0xc3, 0xca);
/// Paper.
pub const PAPER: Colour = Colour(0xff, 0xff, 0xff);

/// Colours that readers with colour-blindness can tell apart: Okabe and Ito (2008), its yellow darkened and
/// its black left to text, then four that keep their distance in lightness.
pub const PALETTE: [Colour; 12] = [
    Colour(0x00, 0x72, 0xb2),
    Colour(0xd5, 0x5e, 0x00),
    Colour(0x00, 0x9e, 0x73),
    Colour(0xcc, 0x79, 0xa7),
    Colour(0xe6, 0x9f, 0x00),
    Colour(0x56, 0xb4, 0xe9),
    Colour(0x5b, 0x3a, 0x8e),
    Colour(0x8a, 0x5a, 0x2b),
    Colour(0x5c, 0x66, 0x70),
    Colour(0x9a, 0xa8, 0x1a),
    Colour(0x9b, 0x1c, 0x31),
    Colour(0x1b, 0x5e, 0x20),
];

/// Colours of the layers of the industry, none of them a lab's: chips, clouds, independent labs, labs of groups (lighter, of the
/// same hue), applications, hosts, governance tools, orchestration, users. Neighbours on a chart differ in lightness.
pub const LAYERS: [Colour; 9] = [
    Colour(0x37, 0x47, 0x4f),
    Colour(0x00, 0x97, 0xa7),
    Colour(0xb7, 0x1c, 0x1c),
    Colour(0xf0, 0x8a, 0x8a),
    Colour(0x8e, 0x6b, 0xbf),
    Colour(0x6d, 0x4c, 0x41),
    Colour(0x8d, 0x8d, 0x8d),
    Colour(0xa8, 0x8a, 0x4a),
    Colour(0x2e, 0x7d, 0x32),
];

/// The colour of each lab in every figure: its own where it has one, else the first of the palette that no
/// lab claims, in the order of the labs.
pub fn lab_colours(labs: &[Entity]) -> Vec<Colour> {
    let own: Vec<Option<Colour>> = labs.iter().map(|l| Colour::parse(&l.colour)).collect();
    let mut free = PALETTE.iter().filter(|c| !own.contains(&Some(**c))).cycle();
    own.iter().map(|c| c.unwrap_or_else(|| free.next().copied().unwrap_or(INK))).collect()
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A fraction as a percentage.
    Percent,
    /// Dollars, `$1.2tn`.
    Usd,
    /// Anything else.
    Plain,
}

impl Format {
    /// The format for a unit of the metrics.
    pub fn of_unit(unit: &str) -> Format {
        if unit.starts_with("USD") {
            Format::Usd
        } else if unit.contains("fraction") || unit.contains("share") || unit.contains("probability") {
            Format::Percent
        } else {
            Format::Plain
        }
    }
    /// A number as it stands in a label: two or three figures.
    pub fn write(self, value: f64) -> String {
        match self {
            Format::Percent => {
                let p = value * 100.0;
                let size = p.abs();
                if size == 0.0 {
                    "0%".to_owned()
                } else if size < 0.1 {
                    "<0.1%".to_owned()
                } else {
                    format!("{}%", trim(p, if size < 9.95 { 1 } else { 0 }))
                }
            }
            Format::Usd => usd(value),
            Format::Plain => plain(value),
        }
    }
    /// A number as it stands at a tick of an axis whose ticks lie `step` apart (0: on a log axis).
    pub fn tick(self, value: f64, step: f64) -> String {
        match self {
            Format::Percent if step > 0.0 => {
                // As many decimals as tell the ticks apart without rounding them.
                let decimals = (0..4).find(|d| is_whole(step * 100.0 * 10f64.powi(*d))).unwrap_or(3) as usize;
                format!("{}%", trim(value * 100.0, decimals))
            }
            Format::Percent => format!("{}%", trim(value * 100.0, 3)),
            Format::Usd if step > 0.0 => usd_apart(value, step),
            Format::Usd => usd(value),
            Format::Plain if step > 0.0 => {
                let decimals = (0..6).find(|d| is_whole(step * 10f64.powi(*d))).unwrap_or(6) as usize;
                grouped(value, decimals)
            }
            Format::Plain => plain(value),
        }
    }
}

/// Whether a number is whole but for rounding.
fn is_whole(value: f64) -> bool {
    (value - value.round()).abs() < 1e-6 * value.abs().max(1e-9)
}

/// With at most `decimals` decimals and no trailing zeros.
fn trim(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    if text == "-0" { "0".to_owned() } else { text.replace('-', "−") }
}

/// With thousands separators.
pub fn grouped(value: f64, decimals: usize) -> String {
    let text = trim(value, decimals);
    let (sign, digits) = text.strip_prefix('−').map_or(("", text.as_str()), |d| ("−", d));
    let (whole, rest) = digits.split_once('.').map_or((digits, String::new()), |(w, r)| (w, format!(".{r}")));
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    format!("{sign}{out}{rest}")
}

/// A pure number with three figures or so.
fn plain(value: f64) -> String {
    let size = value.abs();
    if size >= 1e12 {
        return format!("{}T", trim(value / 1e12, 1));
    }
    if size >= 1e9 {
        return format!("{}G", trim(value / 1e9, 1));
    }
    if size >= 1e6 {
        return format!("{}M", trim(value / 1e6, 1));
    }
    if size >= 10.0 || size == 0.0 {
        return grouped(value, 0);
    }
    if size >= 1.0 {
        return grouped(value, 1);
    }
    if size >= 0.005 {
        // Trailing zeros stay, so that the labels of one figure have the same width.
        return format!("{value:.2}").replace('-', "−");
    }
    grouped(value, 4)
}

/// Dollars with two or three figures: `$350bn`, `$1.2tn`, `−$40m`.
pub fn usd(value: f64) -> String {
    let sign = if value < 0.0 { "−" } else { "" };
    let size = value.abs();
    for (unit, word) in [(1e15, "qn"), (1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")] {
        // 0.9995 so that 999.6 million is written as $1bn.
        if size >= unit * 0.9995 {
            let scaled = size / unit;
            return format!("{sign}${}{word}", trim(scaled, usize::from(scaled < 9.95)));
        }
    }
    if size == 0.0 {
        return "$0".to_owned();
    }
    format!("{sign}${}", trim(size, if size < 10.0 { 2 } else { 0 }))
}

/// Dollars with as many decimals as tell values `step` apart without rounding them.
fn usd_apart(value: f64, step: f64) -> String {
    let size = value.abs();
    for (unit, word) in [(1e15, "qn"), (1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")] {
        if size >= unit * 0.9995 {
            let decimals = (0..3).find(|d| is_whole(step / unit * 10f64.powi(*d))).unwrap_or(2) as usize;
            return format!("{}${}{word}", if value < 0.0 { "−" } else { "" }, trim(size / unit, decimals));
        }
    }
    usd(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_of_dollars_are_not_rounded() {
        assert_eq!(Format::Usd.tick(1.25e12, 2.5e11), "$1.25tn");
        assert_eq!(Format::Usd.tick(1.0e12, 2.5e11), "$1tn");
        assert_eq!(Format::Usd.tick(-5.0e10, 5.0e10), "−$50bn");
        assert_eq!(Format::Usd.tick(0.0, 5.0e10), "$0");
    }

    #[test]
    fn dollars_are_written_with_their_magnitude() {
        for (value, text) in [
            (1.2e12, "$1.2tn"),
            (3.5e11, "$350bn"),
            (9.996e8, "$1bn"),
            (0.0, "$0"),
            (-4.0e7, "−$40m"),
            (12_345.0, "$12k"),
            (0.25, "$0.25"),
        ] {
            assert_eq!(usd(value), text);
        }
    }

    #[test]
    fn shares_are_written_as_percentages() {
        assert_eq!(Format::Percent.write(0.45), "45%");
        assert_eq!(Format::Percent.write(0.034), "3.4%");
        assert_eq!(Format::Percent.write(0.0004), "<0.1%");
        assert_eq!(Format::Percent.tick(0.005, 0.005), "0.5%");
        assert_eq!(Format::Percent.tick(0.2, 0.1), "20%");
        assert_eq!(grouped(1_234_567.0, 0), "1,234,567");
    }

    #[test]
    fn no_layer_has_the_colour_of_a_lab() {
        let baseline = crate::scenario::Scenario::load("baseline", &[]).unwrap();
        let labs = crate::record::entities(crate::record::TableKind::Labs, &baseline.parameters);
        let of_labs = lab_colours(&labs);
        for (i, layer) in LAYERS.iter().enumerate() {
            assert!(!of_labs.contains(layer) && !PALETTE.contains(layer), "{}", layer.hex());
            assert!(!LAYERS[..i].contains(layer));
        }
    }

    #[test]
    fn every_lab_has_a_colour_of_its_own_and_keeps_the_one_it_claims() {
        let lab = |colour: &str| Entity { id: "a".into(), name: "A".into(), colour: colour.into(), division: false };
        let labs: Vec<Entity> = ["", "#0072b2", "", "nonsense"].into_iter().map(lab).collect();
        let colours = lab_colours(&labs);
        assert_eq!(colours[1], Colour(0, 0x72, 0xb2));
        for i in 0..4 {
            for j in 0..i {
                assert_ne!(colours[i], colours[j]);
            }
        }
    }
}
