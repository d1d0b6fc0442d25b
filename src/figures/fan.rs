//! Fans, lines and observations within a panel.

use super::canvas::{Canvas, Stroke};
use super::frame::Panel;
use super::history::Observation;
use super::material::{MEDIAN, Strand};
use super::theme::{Colour, PAPER};
use crate::experiment::summary::Stats;

/// Draws the bands between pairs of quantiles, the widest first, each with its opacity.
pub fn bands(canvas: &mut Canvas, panel: &Panel, strand: &Strand, runs: u64, pairs: &[(usize, usize, f64)]) {
    canvas.clip(panel.area);
    for piece in strand.pieces(runs) {
        for (low, high, opacity) in pairs {
            let mut edge: Vec<(f64, f64)> =
                piece.iter().map(|(t, s)| (panel.x(*t), panel.y(s.quantiles[*high]))).collect();
            edge.extend(piece.iter().rev().map(|(t, s)| (panel.x(*t), panel.y(s.quantiles[*low]))));
            canvas.shape(&[edge], strand.colour, *opacity, None);
        }
    }
    canvas.unclip();
}

/// Draws a statistic as a line.
pub fn line(
    canvas: &mut Canvas,
    panel: &Panel,
    strand: &Strand,
    runs: u64,
    stroke: Stroke,
    read: impl Fn(&Stats) -> f64,
) {
    canvas.clip(panel.area);
    for piece in strand.pieces(runs) {
        let points: Vec<(f64, f64)> = piece.iter().map(|(t, s)| (panel.x(*t), panel.y(read(s)))).collect();
        canvas.path(&points, stroke);
    }
    canvas.unclip();
}

/// The median of a date.
pub fn median(stats: &Stats) -> f64 {
    stats.quantiles[MEDIAN]
}

/// The mark of an observation of low confidence: a hollow diamond.
pub fn diamond(canvas: &mut Canvas, (x, y): (f64, f64), radius: f64, colour: Colour) {
    let corners = vec![(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)];
    canvas.shape(&[corners], PAPER, 1.0, Some(Stroke::new(colour, 2.0)));
}

/// Draws observations: full up to the start, joined by a line; hollow after it. Those of low confidence are hollow diamonds, and
/// what joins them is dashed.
pub fn observed(
    canvas: &mut Canvas,
    panel: &Panel,
    seen: &[Observation],
    start: f64,
    colour: Colour,
    radius: f64,
    stepped: bool,
) {
    let on_axis = |o: &&Observation| {
        o.date >= panel.time.0 - 1e-9 && o.date <= panel.time.1 && (-0.001..=1.001).contains(&panel.scale.at(o.value))
    };
    let seen: Vec<&Observation> = seen.iter().filter(on_axis).collect();
    let known: Vec<&&Observation> = seen.iter().filter(|o| o.date <= start + 1e-6).collect();
    let place = |o: &Observation| (panel.x(o.date), panel.y(o.value));
    for (i, o) in known.iter().enumerate() {
        let from = place(o);
        let to = match known.get(i + 1) {
            Some(next) => place(next),
            None if stepped => (panel.x(start), from.1),
            None => break,
        };
        let unsure = o.unsure || known.get(i + 1).is_some_and(|next| next.unsure);
        let stroke = Stroke::new(colour, 1.6).faded(0.6);
        let stroke = if unsure { stroke.dashed(4.0) } else { stroke };
        let trail = if stepped { vec![from, (to.0, from.1), to] } else { vec![from, to] };
        canvas.path(&trail, stroke);
    }
    for o in seen {
        let (x, y) = (panel.x(o.date), panel.y(o.value));
        if o.high > o.low {
            canvas.line((x, panel.y(o.low)), (x, panel.y(o.high)), Stroke::new(colour, radius * 0.8).faded(0.5));
        }
        if o.unsure {
            diamond(canvas, (x, y), radius * 1.25, colour);
        } else if o.date <= start + 1e-6 {
            canvas.circle((x, y), radius, colour, 1.0, Some(Stroke::new(PAPER, 1.0)));
        } else {
            canvas.circle((x, y), radius * 0.9, PAPER, 1.0, Some(Stroke::new(colour, 2.0)));
        }
    }
}
