//! What moves an outcome: ranked indices with their intervals, and mean effects against their spread; a panel a lab.

use std::path::Path;

use super::canvas::{Anchor, Canvas, Rect, Stroke, Type, text_width};
use super::frame::Frame;
use super::labels::settle;
use super::material::Material;
use super::scale::Scale;
use super::theme::{Colour, Format, GREY, GRID, INK, NOTE, PANEL, PAPER, RULE, TICK};
use super::{Drawing, Drawn, FigureError, Skip, render};
use crate::experiment::sensitivity::{CHANCE, CHANCE_STEP, WIDE};
use crate::experiment::summary::{Horizon, Provenance, Summary};
use crate::record::TableKind;

/// Most factors of a panel of bars.
pub const BARS: usize = 12;
/// Most points of a panel that bear a label.
const LABELLED: usize = 9;
/// Length of the axis of indices that no interval stretches: an index beyond 1 is noise.
const LONGEST: f64 = 1.5;
/// Most points of a panel; those beyond crowd about zero.
const POINTS: usize = 60;

/// A number with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The number.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What one factor does to an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct FactorMark {
    /// Path of the parameter, or what chance is called.
    pub name: String,
    /// First-order index.
    pub first: Span,
    /// Total index.
    pub total: Span,
    /// Mean absolute effect, units of the outcome, or of its logarithm.
    pub mu_star: Span,
    /// Standard deviation of the effects; NaN for chance.
    pub sigma: f64,
    /// Whether it is chance.
    pub chance: bool,
}

/// A panel: an outcome of a lab.
#[derive(Clone, Debug, PartialEq)]
pub struct FactorPanel {
    /// Id of the lab.
    pub lab: String,
    /// Unit of the outcome: decides how effects are written.
    pub unit: String,
    /// Whether indices and effects are of the natural logarithm of the outcome.
    pub ln: bool,
    /// The factors.
    pub factors: Vec<FactorMark>,
}

/// Draws ranked indices (`bars`) or mean effects against their spread into a folder, as `<name>.png` and `<name>.svg`.
///
/// # Errors
/// When a file cannot be written.
pub fn draw_sensitivity(
    provenance: &Provenance,
    (title, subtitle): (&str, &str),
    panels: &[FactorPanel],
    bars: bool,
    dir: &Path,
    name: &str,
) -> Result<Drawn, FigureError> {
    let (summary, horizon) = (Summary::default(), Horizon::default());
    let material = Material { provenance, summary: &summary, horizon: &horizon };
    std::fs::create_dir_all(dir).map_err(|error| FigureError::Write { path: dir.to_owned(), error })?;
    let mut drawn = Drawn::default();
    let drawing =
        if bars { indices(material, title, subtitle, panels) } else { effects(material, title, subtitle, panels) };
    drawn.take(dir, name, render(drawing))?;
    Ok(drawn)
}

/// The last word of a path, and what stands before it.
fn parts(path: &str) -> (&str, &str) {
    path.rsplit_once('.').map_or((path, ""), |(group, last)| (last, group))
}

/// A path as it stands at a point: its last word, and the agent where it is one's.
fn short(path: &str) -> &str {
    match path.split_once('.') {
        Some(("labs" | "clouds" | "regulators" | "investors", rest)) => rest,
        _ => parts(path).0,
    }
}

/// Text in a size that fits the room.
fn fitted(canvas: &mut Canvas, at: (f64, f64), text: &str, size: f64, room: f64, colour: Colour, anchor: Anchor) {
    let size = size * (room / text_width(text, size, false).max(1.0)).min(1.0);
    canvas.text(at, text, Type::new(size, colour).at(anchor));
}

/// Whether an interval of a share is too wide for the share to be known.
fn is_wide(share: &Span) -> bool {
    share.value.is_finite() && share.high - share.low > WIDE
}

/// Ranked bars: the total index pale, the first-order index solid within it.
fn indices(material: Material, title: &str, subtitle: &str, panels: &[FactorPanel]) -> Drawing {
    let rows = |panel: &FactorPanel| {
        let mut rows: Vec<FactorMark> = panel.factors.iter().filter(|f| f.total.value.is_finite()).cloned().collect();
        rows.sort_by(|a, b| b.total.value.total_cmp(&a.total.value).then(a.name.cmp(&b.name)));
        // Chance is always shown: it is what no better knowledge of the parameters would remove.
        let chance = rows.iter().position(|r| r.chance).filter(|at| *at >= BARS).map(|at| rows.remove(at));
        rows.truncate(BARS - usize::from(chance.is_some()));
        rows.extend(chance);
        rows
    };
    let panels: Vec<(&FactorPanel, Vec<FactorMark>)> =
        panels.iter().map(|p| (p, rows(p))).filter(|(_, r)| !r.is_empty()).collect();
    if panels.is_empty() {
        return Err(Skip::absent("index of variance"));
    }
    let mut frame = Frame::new(material, title, subtitle, &[]);
    let alone = panels.iter().flat_map(|(_, r)| r).all(|f| !f.chance || f.name == CHANCE);
    let grey =
        if alone { "chance, all draws but those of the parameters" } else { "chance and the parameters not varied" };
    frame.note(format!(
        "Pale bar: total index; solid bar: first order (alone); lines: their 95% intervals. Grey: {grey}."
    ));
    let body = frame.body();
    let gap = 50.0;
    let wide = (body.w - gap * (panels.len() - 1) as f64) / panels.len() as f64;
    let names = (0.44 * wide).min(330.0);
    let (head, foot) = (20.0, 50.0);
    let most = panels.iter().map(|(_, r)| r.len()).max().unwrap_or(1);
    let step = ((body.h - head - foot) / most as f64).min(64.0);
    // One axis for all panels, so that bars compare across them; an interval from few rows must not press the bars together.
    let over = |of: fn(&Span) -> f64| panels.iter().flat_map(|(_, r)| r).map(|f| of(&f.total)).fold(0.0, f64::max);
    let reach = over(|t| t.high.max(t.value)).min(over(|t| t.value).max(LONGEST));
    if over(|t| t.high) > reach {
        frame.note("Lines are cut at the edge.");
    }
    if panels.iter().flat_map(|(_, r)| r).any(|f| is_wide(&f.first)) {
        frame.note("A first order known to no better than 100 points is not drawn.");
    }
    let scale = Scale { low: 0.0, high: 1.04 * reach.max(0.01), log: false };
    for (k, (panel, rows)) in panels.iter().enumerate() {
        let left = body.x + k as f64 * (wide + gap);
        let area =
            Rect { x: left + names + 14.0, y: body.y + head, w: wide - names - 24.0, h: step * rows.len() as f64 };
        let (name, colour, _) = material.look(TableKind::Labs, &panel.lab, k);
        let canvas = &mut frame.canvas;
        canvas.text((left, area.y - 10.0), &name, Type::new(PANEL, colour.darker()).bold());
        let (ticks, apart) = scale.ticks((area.w / 90.0) as usize);
        for tick in ticks {
            let x = area.x + scale.at(tick) * area.w;
            canvas.line((x, area.y), (x, area.bottom()), Stroke::new(GRID, 1.4));
            let text = Format::Percent.tick(tick, apart);
            canvas.text((x, area.bottom() + 8.0 + TICK), &text, Type::new(TICK, GREY).at(Anchor::Middle));
        }
        canvas.line((area.x, area.y), (area.x, area.bottom()), Stroke::new(RULE, 1.4));
        for (i, factor) in rows.iter().enumerate() {
            let y = area.y + (i as f64 + 0.5) * step;
            let colour = if factor.chance { GREY } else { colour };
            let (last, group) = parts(&factor.name);
            let end = (left + names, y);
            if group.is_empty() {
                fitted(canvas, (end.0, y + 0.35 * TICK), last, TICK, names, INK, Anchor::End);
            } else {
                fitted(canvas, (end.0, y - 2.0), last, TICK, names, INK, Anchor::End);
                fitted(canvas, (end.0, y + NOTE - 1.0), group, NOTE, names, GREY, Anchor::End);
            }
            let x = |v: f64| area.x + scale.at(v.max(0.0)).min(1.0) * area.w;
            let thick = 0.52 * step.min(44.0);
            let bar = |v: f64, h: f64| Rect { x: area.x, y: y - 0.5 * h, w: x(v) - area.x, h };
            canvas.rect(bar(factor.total.value, thick), colour, 0.32);
            let known = !is_wide(&factor.first);
            if known {
                canvas.rect(bar(factor.first.value, 0.42 * thick), colour, 0.95);
            }
            let mut line = |span: &Span, y: f64, colour: Colour, width: f64| {
                if span.low.is_finite() && span.high.is_finite() {
                    canvas.line((x(span.low), y), (x(span.high), y), Stroke::new(colour, width));
                }
            };
            line(&factor.total, y - 0.36 * thick, INK, 2.2);
            if known {
                line(&factor.first, y + 0.36 * thick, GREY, 1.6);
            }
        }
        let middle = (area.x + 0.5 * area.w, area.bottom() + 14.0 + 2.0 * TICK);
        let caption = if panel.ln { "share of the variance of the logarithm (ln)" } else { "share of the variance" };
        canvas.text(middle, caption, Type::new(NOTE, GREY).at(Anchor::Middle));
    }
    Ok(frame.finish())
}

/// Mean absolute effect against the spread of the effects.
fn effects(material: Material, title: &str, subtitle: &str, panels: &[FactorPanel]) -> Drawing {
    let points = |panel: &FactorPanel| {
        let mut points: Vec<FactorMark> =
            panel.factors.iter().filter(|f| f.mu_star.value.is_finite() && !f.chance).cloned().collect();
        points.sort_by(|a, b| b.mu_star.value.total_cmp(&a.mu_star.value).then(a.name.cmp(&b.name)));
        points
    };
    let panels: Vec<(&FactorPanel, Vec<FactorMark>)> =
        panels.iter().map(|p| (p, points(p))).filter(|(_, r)| !r.is_empty()).collect();
    if panels.is_empty() {
        return Err(Skip::absent("elementary effect"));
    }
    let mut frame = Frame::new(material, title, subtitle, &[]);
    frame.note("On the dashed line effects spread as much as they are large: above it they change with the other parameters. Line: 95% interval of the mean.");
    if panels.iter().any(|(p, _)| p.ln) {
        frame.note("In ln, 0.69 is a doubling.");
    }
    let body = frame.body();
    let gap = 60.0;
    let wide = (body.w - gap * (panels.len() - 1) as f64) / panels.len() as f64;
    for (k, (panel, points)) in panels.iter().enumerate() {
        let (format, scale) = if panel.ln { (Format::Plain, ", in ln") } else { (Format::of_unit(&panel.unit), "") };
        let left = body.x + k as f64 * (wide + gap);
        let area = Rect { x: left + 84.0, y: body.y + 56.0, w: wide - 100.0, h: body.h - 56.0 - 60.0 };
        let (name, colour, _) = material.look(TableKind::Labs, &panel.lab, k);
        let shown = &points[..points.len().min(POINTS)];
        let across = Scale::linear(shown.iter().map(|p| p.mu_star.high.max(p.mu_star.value)));
        let up = Scale::linear(shown.iter().map(|p| p.sigma));
        let x = |v: f64| area.x + across.at(v.max(0.0)).min(1.0) * area.w;
        let y = |v: f64| area.bottom() - up.at(v) * area.h;
        let canvas = &mut frame.canvas;
        canvas.text((left, body.y + 6.0), &name, Type::new(PANEL, colour.darker()).bold());
        canvas.text((left, area.y - 16.0), &format!("spread of the effects (sigma){scale}"), Type::new(NOTE, GREY));
        // Chance has no spread to place it by, and would often set the length of the axis for all others.
        if let Some(chance) = panel.factors.iter().find(|f| f.chance && f.mu_star.value.is_finite()) {
            // The effect of chance is a difference over the step that stands for another run number: told is the difference.
            let Span { value, low, high } = chance.mu_star;
            let [value, low, high] = [value, low, high].map(|v| format.write(v * CHANCE_STEP));
            let text = format!("{} moves it by {value} [{low}, {high}]", chance.name);
            canvas.text((area.right(), area.y - 16.0), &text, Type::new(NOTE, GREY).at(Anchor::End));
        }
        let (ticks, apart) = across.ticks((area.w / 110.0) as usize);
        for tick in ticks {
            canvas.line((x(tick), area.y), (x(tick), area.bottom()), Stroke::new(GRID, 1.4));
            let style = Type::new(TICK, GREY).at(Anchor::Middle);
            canvas.text((x(tick), area.bottom() + 8.0 + TICK), &format.tick(tick, apart), style);
        }
        let (ticks, apart) = up.ticks((area.h / 66.0) as usize + 1);
        for tick in ticks {
            canvas.line((area.x, y(tick)), (area.right(), y(tick)), Stroke::new(GRID, 1.4));
            let style = Type::new(TICK, GREY).at(Anchor::End);
            canvas.text((area.x - 10.0, y(tick) + 0.35 * TICK), &format.tick(tick, apart), style);
        }
        let middle = (area.x + 0.5 * area.w, area.bottom() + 14.0 + 2.0 * TICK);
        let caption = format!("mean effect over the whole range (mu*){scale}");
        canvas.text(middle, &caption, Type::new(NOTE, GREY).at(Anchor::Middle));
        let edge = across.high.min(up.high);
        canvas.line((x(0.0), y(0.0)), (x(edge), y(edge)), Stroke::new(RULE, 1.6).dashed(6.0));
        let at = |p: &FactorMark| (x(p.mu_star.value), y(if p.sigma.is_finite() { p.sigma } else { 0.0 }));
        for point in shown.iter().rev() {
            let (px, py) = at(point);
            if point.mu_star.low.is_finite() && point.mu_star.high.is_finite() {
                let span = (x(point.mu_star.low), x(point.mu_star.high));
                canvas.line((span.0, py), (span.1, py), Stroke::new(colour, 2.2).faded(0.45));
            }
            canvas.circle((px, py), 7.0, colour, 0.9, Some(Stroke::new(PAPER, 1.4)));
        }
        let named: Vec<&FactorMark> = shown.iter().take(LABELLED).collect();
        let words: Vec<&str> = named.iter().map(|p| short(&p.name)).collect();
        let boxes: Vec<Rect> = named
            .iter()
            .zip(&words)
            .map(|(p, word)| {
                let (px, py) = at(p);
                let w = text_width(word, NOTE, false);
                let right = px + 14.0 + w <= area.right();
                let x = if right { px + 14.0 } else { (px - 14.0 - w).max(area.x + 2.0) };
                Rect { x, y: py - 0.5 * NOTE - 1.0, w, h: NOTE + 2.0 }
            })
            .collect();
        let dots: Vec<Rect> = named
            .iter()
            .map(|p| {
                let (px, py) = at(p);
                Rect { x: px - 7.0, y: py - 7.0, w: 14.0, h: 14.0 }
            })
            .collect();
        for ((place, wanted), (word, point)) in
            settle(&boxes, &dots, area.y, area.bottom()).into_iter().zip(&boxes).zip(words.iter().zip(&named))
        {
            let Some(place) = place else { continue };
            let (px, py) = at(point);
            if (place.y - wanted.y).abs() > 8.0 {
                let near = if place.x > px { place.x - 3.0 } else { place.right() + 3.0 };
                canvas.line((px, py), (near, place.y + 0.5 * place.h), Stroke::new(RULE, 1.2));
            }
            canvas.text((place.x, place.y + 0.5 * place.h + 0.34 * NOTE), word, Type::new(NOTE, INK).halo());
        }
    }
    Ok(frame.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Entity;
    use crate::units::Month;

    fn provenance() -> Provenance {
        let lab =
            |id: &str, name: &str| Entity { id: id.into(), name: name.into(), colour: String::new(), division: false };
        Provenance {
            scenario: "baseline".into(),
            runs: 64_000,
            version: "0.1.0".into(),
            start: Month::new(2025, 12),
            end: Month::new(2030, 12),
            labs: vec![lab("openai", "OpenAI"), lab("anthropic", "Anthropic")],
            ..Provenance::default()
        }
    }

    fn panel(lab: &str, n: usize) -> FactorPanel {
        let span = |v: f64| Span { value: v, low: 0.7 * v, high: 1.4 * v };
        let factor = |i: usize| {
            let size = 0.5 / (i as f64 + 1.0);
            FactorMark {
                name: format!("labs.a_lab_of_some_name.a_parameter_with_a_long_name_{i}"),
                first: span(0.6 * size),
                total: span(size),
                mu_star: span(0.3 * size),
                sigma: 0.2 * size * (1.0 + 0.3 * (i % 3) as f64),
                chance: false,
            }
        };
        let mut factors: Vec<FactorMark> = (0..n).map(factor).collect();
        let small = FactorMark { sigma: f64::NAN, chance: true, name: "chance".into(), ..factor(40) };
        factors.push(small);
        FactorPanel { lab: lab.into(), unit: "fraction".into(), ln: false, factors }
    }

    #[test]
    fn no_word_lies_on_another_and_chance_is_always_shown() {
        let provenance = provenance();
        let (summary, horizon) = (Summary::default(), Horizon::default());
        let material = Material { provenance: &provenance, summary: &summary, horizon: &horizon };
        for n in [1, 5, 30, 200] {
            let logs = FactorPanel { unit: "USD".into(), ln: true, ..panel("anthropic", n.min(8)) };
            let panels = [panel("openai", n), logs];
            for draw in [indices, effects] {
                let Ok(picture) = draw(material, "What moves it?", "A test", &panels) else { panic!("{n}") };
                let words = picture.canvas.words();
                assert!(words.iter().filter(|(text, _)| text.starts_with("chance")).count() == 2, "{n}");
                // Where it holds parameters that are not varied, nothing is called chance that is not.
                let mut rest = panels.clone();
                rest.iter_mut()
                    .flat_map(|p| &mut p.factors)
                    .filter(|f| f.chance)
                    .for_each(|f| f.name = "all else".into());
                let Ok(other) = draw(material, "What moves it?", "A test", &rest) else { panic!("{n}") };
                let starts =
                    |word: &str| other.canvas.words().iter().filter(|(text, _)| text.starts_with(word)).count();
                assert_eq!((starts("chance"), starts("all else")), (0, 2), "{n}");
                let told =
                    other.canvas.words().iter().any(|(text, _)| text.contains("chance and the parameters not varied"));
                assert_eq!(told, other.canvas.words().iter().any(|(text, _)| text.contains("Pale bar")), "{n}");
                // The axes say which panel is in ln, and its effects are no dollars.
                let says = |what: &str| words.iter().filter(|(text, _)| text.contains(what)).count();
                let of_bars = [says("variance of the logarithm (ln)"), says("(mu*), in ln"), says("(sigma), in ln")];
                assert!([[1, 0, 0], [0, 1, 1]].contains(&of_bars), "{n}: {of_bars:?}");
                assert!(says("0.69") == of_bars[1] && says("$") == 0, "{n}");
                for (i, (text, a)) in words.iter().enumerate() {
                    let inside = a.x >= 0.0 && a.right() <= super::super::theme::WIDTH && a.y >= 0.0;
                    assert!(
                        inside && a.bottom() <= super::super::theme::HEIGHT,
                        "{n}: `{text}` leaves the page: {a:?}"
                    );
                    for (other, b) in &words[..i] {
                        assert!(!a.overlaps(b), "{n}: `{text}` lies on `{other}`: {a:?} {b:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_first_order_that_is_not_known_is_not_drawn() {
        let provenance = provenance();
        let (summary, horizon) = (Summary::default(), Horizon::default());
        let material = Material { provenance: &provenance, summary: &summary, horizon: &horizon };
        let drawn = |first: Span| {
            let mut panel = panel("openai", 1);
            panel.factors[0].first = first;
            let Ok(picture) = indices(material, "a", "b", &[panel]) else { panic!("no figure") };
            let said = picture.canvas.words().iter().any(|(text, _)| text.contains("is not drawn"));
            (said, format!("{:?}", picture.canvas).matches("Rectangle(").count())
        };
        let (said, known) = drawn(Span { value: 0.3, low: -0.1, high: 0.7 });
        assert!(!said);
        let (said, unknown) = drawn(Span { value: 0.3, low: -0.5, high: 0.7 });
        assert!(said && unknown == known - 1, "{known} {unknown}");
    }

    #[test]
    fn without_indices_there_is_no_figure_and_the_reason_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let mut empty = panel("openai", 3);
        empty.factors.iter_mut().for_each(|f| f.total.value = f64::NAN);
        let drawn = draw_sensitivity(&provenance(), ("a", "b"), &[empty.clone()], true, dir.path(), "s").unwrap();
        assert!(drawn.written.is_empty() && drawn.skipped.len() == 1);
        let drawn = draw_sensitivity(&provenance(), ("a", "b"), &[empty], false, dir.path(), "s").unwrap();
        assert_eq!(drawn.written.len(), 2);
    }
}
