//! Claims: the probability of each, with its interval, and what happened where that is known.

use super::Drawing;
use super::Skip;
use super::canvas::{Anchor, Rect, Stroke, Type, text_width};
use super::frame::Frame;
use super::material::Material;
use super::theme::{GREY, GRID, INK, LABEL, NOTE, PALETTE, PAPER, RULE, TICK};

/// Most claims of a figure: more go to another page.
const CLAIMS: usize = 12;
/// Greatest height of a row.
const TALLEST: f64 = 112.0;
/// From line to line of a text, in its size.
const LEADING: f64 = 1.2;
/// The least size of a text in several lines.
const LEAST: f64 = 13.0;
/// Most lines of a text.
const LINES: usize = 4;
/// Part of the height of a row that its text may take, so that rows do not touch.
const FILLED: f64 = 0.86;

/// A claim as the figure shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimBar {
    /// What is claimed, in brief.
    pub text: String,
    /// Who claims it, for example `seed 003`.
    pub source: String,
    /// Share of the runs in which it holds.
    pub probability: f64,
    /// Lower end of its 95% interval.
    pub ci_low: f64,
    /// Upper end of its 95% interval.
    pub ci_high: f64,
    /// What happened, where it is known.
    pub outcome: Option<bool>,
    /// Brier score, where it is known what happened: 0 is best, 0.25 is a coin.
    pub brier: f64,
    /// For a claim that rests on a prior: its probability at the low and the high end of that ridge.
    pub along_ridge: Option<(f64, f64)>,
    /// Whether only the runs count in which its condition holds.
    pub conditional: bool,
}

/// Draws the claims, the likeliest first, on as many pages of about one length as they take.
pub fn pages(material: Material, claims: &[ClaimBar]) -> Vec<Drawing> {
    let mut shown: Vec<&ClaimBar> = claims.iter().filter(|c| c.probability.is_finite()).collect();
    if shown.is_empty() {
        return vec![Err(Skip::absent("claim with a probability"))];
    }
    shown.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let pages = shown.len().div_ceil(CLAIMS);
    let chunks = shown.chunks(shown.len().div_ceil(pages));
    chunks.enumerate().map(|(page, some)| draw(material, some, (page + 1, pages))).collect()
}

fn draw(material: Material, shown: &[&ClaimBar], (page, pages): (usize, usize)) -> Drawing {
    let which = if pages > 1 { format!("; page {page} of {pages}, the likeliest first") } else { String::new() };
    let subtitle = format!(
        "Share of runs in which each claim holds, with its 95% Monte Carlo interval (sampling of runs only){which}"
    );
    let mut frame = Frame::new(material, "How often do the claims come true?", &subtitle, &[]);
    if shown.iter().any(|c| c.outcome.is_some()) {
        frame.note("Beside the value, where it is known: what happened, and the Brier score (0 is best, 0.25 a coin).");
    }
    if shown.iter().any(|c| c.along_ridge.is_some()) {
        frame.note("Open circle: rests on a prior; the dashes span its lowest to highest third.");
    }
    if shown.iter().any(|c| c.conditional) {
        frame.note("Conditional claims: share of the runs that meet the condition.");
    }
    let body = frame.body();
    let room = Rect { y: body.y - 28.0, h: body.h - 6.0, ..body };
    let names = 0.58 * room.w;
    let step = (room.h / shown.len() as f64).min(TALLEST);
    let room = Rect { h: step * shown.len() as f64, ..room };
    // As wide as its longest text, with room for the last tick label.
    let values = shown.iter().map(|c| text_width(&value(c), TICK, false)).fold(100.0, f64::max) + 20.0;
    let area = Rect { x: room.x + names + 24.0, y: room.y, w: room.w - names - 24.0 - values, h: room.h };
    let x = |p: f64| area.x + p.clamp(0.0, 1.0) * area.w;
    // One size for all texts of the page.
    let width = |claim: &ClaimBar| names - text_width(&claim.source, NOTE, false) - 16.0;
    let size = shown.iter().map(|c| lay(&c.text, width(c), step).0).fold(LABEL, f64::min);
    let canvas = &mut frame.canvas;
    for k in 0..=4 {
        let p = f64::from(k) / 4.0;
        canvas.line((x(p), area.y), (x(p), area.bottom()), Stroke::new(GRID, 1.4));
        let style = Type::new(TICK, GREY).at(Anchor::Middle);
        canvas.text((x(p), area.bottom() + 8.0 + TICK), &format!("{}%", 25 * k), style);
    }
    canvas.line((area.x, area.bottom()), (area.right(), area.bottom()), Stroke::new(RULE, 1.4));
    for (i, claim) in shown.iter().enumerate() {
        let y = area.y + (i as f64 + 0.5) * step;
        let lines =
            wrap(&claim.text, width(claim), size).filter(|lines| LEADING * size * lines.len() as f64 <= FILLED * step);
        let lines = lines.unwrap_or_else(|| vec![shorten(&claim.text, width(claim), size)]);
        for (k, words) in lines.iter().enumerate() {
            let down = (k as f64 - 0.5 * (lines.len() as f64 - 1.0)) * LEADING * size;
            canvas.text((room.x, y + down + 0.35 * size), words, Type::new(size, INK));
        }
        let style = Type::new(NOTE, GREY).at(Anchor::End);
        canvas.text((room.x + names, y + 0.35 * TICK), &claim.source, style);
        let thick = 0.3 * step.min(56.0);
        let bar = Rect { x: area.x, y: y - 0.5 * thick, w: x(claim.probability) - area.x, h: thick };
        canvas.rect(bar, PALETTE[5], 0.45);
        if let Some((low, high)) = claim.along_ridge {
            canvas.line((x(low), y), (x(high), y), Stroke::new(PALETTE[0], 1.6).dashed(5.0));
        }
        canvas.line((x(claim.ci_low), y), (x(claim.ci_high), y), Stroke::new(PALETTE[0], 3.0));
        let (fill, rim) = match claim.along_ridge {
            Some(_) => (PAPER, Stroke::new(PALETTE[0], 2.4)),
            None => (PALETTE[0], Stroke::new(PAPER, 1.6)),
        };
        canvas.circle((x(claim.probability), y), 6.5, fill, 1.0, Some(rim));
        canvas.text((area.right() + 18.0, y + 0.35 * TICK), &value(claim), Type::new(TICK, INK));
    }
    Ok(frame.finish())
}

/// What stands beside a bar: the probability and, where it is known, what happened and the score.
fn value(claim: &ClaimBar) -> String {
    let p = super::theme::Format::Percent.write(claim.probability);
    let Some(outcome) = claim.outcome else { return p };
    let happened = if outcome { "came true" } else { "did not" };
    if claim.brier.is_finite() {
        format!("{p} · {happened} · Brier {:.2}", claim.brier)
    } else {
        format!("{p} · {happened}")
    }
}

/// A text in as few lines as let it be largest, no larger than the row bears; with its size.
fn lay(text: &str, room: f64, height: f64) -> (f64, Vec<String>) {
    let tried = (1..=LINES).filter_map(|count| {
        let size = LABEL.min(FILLED * height / (count as f64 * LEADING));
        let lines = wrap(text, room, size)?;
        (lines.len() <= count && size >= LEAST).then_some((size, lines))
    });
    let largest = tried.fold(None, |best: Option<(f64, Vec<String>)>, next| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    });
    largest.unwrap_or_else(|| (LEAST, vec![shorten(text, room, LEAST)]))
}

/// The text in lines of a width; nothing where a word alone is wider.
fn wrap(text: &str, room: f64, size: f64) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        if text_width(word, size, false) > room {
            return None;
        }
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), size, false) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    Some(lines)
}

/// The text cut to a width, at a word.
fn shorten(text: &str, room: f64, size: f64) -> String {
    if text_width(text, size, false) <= room {
        return text.to_owned();
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    for n in (1..words.len()).rev() {
        let cut = format!("{} …", words[..n].join(" "));
        if text_width(&cut, size, false) <= room {
            return cut;
        }
    }
    "…".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_claim_is_cut_at_a_word_and_fits() {
        let text = "OpenAI takes between fifty-five and sixty percent of enterprise use by the middle of 2026";
        let cut = shorten(text, 300.0, 20.0);
        assert!(cut.ends_with(" …") && text_width(&cut, 20.0, false) <= 300.0);
        assert_eq!(shorten("short", 300.0, 20.0), "short");
    }

    #[test]
    fn a_long_claim_takes_several_lines_that_leave_room_to_the_next_row() {
        let text = "OpenAI takes between fifty-five and sixty percent of enterprise use by the middle of 2026";
        let long =
            format!("{text}, and more than that of the use of regulated sectors: by the article, less likely than not");
        for (text, height) in [(text, 56.0), (text, 112.0), (&long, 56.0), (&long, 96.0)] {
            let (size, lines) = lay(text, 600.0, height);
            assert!(lines.len() > 1, "{lines:?}");
            assert_eq!(lines.join(" "), text);
            assert!(lines.iter().all(|l| text_width(l, size, false) <= 600.0));
            assert!(LEADING * size * lines.len() as f64 <= FILLED * height + 1e-9 && size >= LEAST);
        }
        assert_eq!(lay("short", 500.0, 56.0), (LABEL, vec!["short".to_owned()]));
        assert!(lay(text, 500.0, 20.0).1[0].ends_with(" …"));
    }

    #[test]
    fn the_score_stands_where_it_is_known_what_happened() {
        let mut claim = ClaimBar {
            text: "It happens".into(),
            source: "a test".into(),
            probability: 0.2,
            ci_low: 0.1,
            ci_high: 0.3,
            outcome: Some(true),
            brier: 0.64,
            along_ridge: None,
            conditional: false,
        };
        assert!(value(&claim).ends_with(" · came true · Brier 0.64"), "{}", value(&claim));
        (claim.outcome, claim.brier) = (None, f64::NAN);
        assert!(!value(&claim).contains("Brier"));
    }
}
