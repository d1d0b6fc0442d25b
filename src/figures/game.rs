//! A game between labs: the matrix of payoffs of two, or the profiles of more in the order of what they are worth together.

use std::path::Path;

use super::canvas::{Anchor, Canvas, Rect, Stroke, Type, text_width};
use super::frame::Frame;
use super::material::Material;
use super::scale::Scale;
use super::theme::{Colour, Format, GREY, GRID, INK, LABEL, NOTE, PANEL, PAPER, RULE, TICK};
use super::{Drawing, Drawn, FigureError, Skip, render};
use crate::experiment::game::board::{Board, Gain};
use crate::experiment::paired::Sign;
use crate::experiment::summary::{Horizon, Provenance, Summary};
use crate::record::TableKind;

/// Most strategies of a side of the matrix; beyond, profiles are ranked.
const SIDE: usize = 5;
/// Most profiles of the ranking.
const RANKED: usize = 14;

/// A game as its figure shows it.
#[derive(Clone, Debug)]
pub struct GameFigure<'a> {
    /// What comes out, as the title.
    pub title: String,
    /// Runs of each profile.
    pub runs: usize,
    /// Id of the lab and names of the strategies of each player.
    pub players: Vec<(String, Vec<String>)>,
    /// The game by a payoff.
    pub board: &'a Board,
}

/// Draws a game into a folder, as `game_<payoff>.png` and `.svg`.
///
/// # Errors
/// When a file cannot be written or the drawing not be rendered.
pub fn draw_game(provenance: &Provenance, game: &GameFigure<'_>, dir: &Path) -> Result<Drawn, FigureError> {
    let (summary, horizon) = (Summary::default(), Horizon::default());
    let material = Material { provenance, summary: &summary, horizon: &horizon };
    std::fs::create_dir_all(dir).map_err(|error| FigureError::Write { path: dir.to_owned(), error })?;
    let mut drawn = Drawn::default();
    let name = format!("game_{}", game.board.payoff.word());
    drawn.take(dir, &name, render(draw(material, game)))?;
    Ok(drawn)
}

/// Draws the matrix where it can be read, else the ranking.
pub(super) fn draw(material: Material, game: &GameFigure<'_>) -> Drawing {
    if game.board.shape.profiles() == 0 {
        return Err(Skip::absent("profile"));
    }
    let sizes = game.board.shape.sizes();
    if sizes.len() == 2 && sizes.iter().all(|n| *n <= SIDE) { matrix(material, game) } else { ranking(material, game) }
}

fn subtitle(material: Material, game: &GameFigure<'_>) -> String {
    let payoff = game.board.payoff.words();
    let mut letters = payoff.chars();
    let payoff = letters.next().map_or(String::new(), |c| c.to_uppercase().chain(letters).collect());
    format!(
        "{payoff} at {}, mean of {} runs of each profile that share their randomness, with 95% intervals",
        material.horizon_words(),
        super::theme::grouped(game.runs as f64, 0)
    )
}

/// The size at which a text fits a width, at most that asked for.
fn fit(text: &str, size: f64, bold: bool, room: f64) -> f64 {
    size * (room / text_width(text, size, bold).max(1.0)).min(1.0)
}

/// A payoff, dollars with three figures: profiles differ by less than two would show.
fn written(format: Format, value: f64) -> String {
    let size = value.abs();
    let scaled = [(1e12, "tn"), (1e9, "bn"), (1e6, "m")].into_iter().find(|(unit, _)| size >= 0.9995 * unit);
    match (format, scaled) {
        (Format::Usd, Some((unit, word))) => {
            let x = size / unit;
            let decimals = [99.95, 9.995].iter().filter(|limit| x < **limit).count();
            format!("{}${x:.decimals$}{word}", if value < 0.0 { "−" } else { "" })
        }
        _ => format.write(value),
    }
}

/// A difference with its sign.
fn signed(format: Format, value: f64) -> String {
    match format {
        Format::Percent => {
            let text = format!("{:+.1}", 100.0 * value).replace('-', "−");
            if text == "−0.0" { "+0.0".into() } else { text }
        }
        _ if value > 0.0 => format!("+{}", written(format, value)),
        _ => written(format, value),
    }
}

fn matrix(material: Material, game: &GameFigure<'_>) -> Drawing {
    let board = game.board;
    let mut frame = Frame::new(material, &game.title, &subtitle(material, game), &[]);
    frame.note("Tinted: best reply to the other's choice, deep where it is clear of noise. Frame: equilibrium, dashed where a tie within noise.");
    let look = |i: usize| {
        let (name, colour, _) = material.look(TableKind::Labs, &game.players[i].0, i);
        (name, colour)
    };
    let body = frame.body();
    let (side, head) = (200.0, 64.0);
    let room = Rect { x: body.x + side, y: body.y + head - 20.0, w: body.w - side, h: body.h - head + 12.0 };
    let (rows, columns) = (board.shape.sizes()[0], board.shape.sizes()[1]);
    let (w, h) = (room.w / columns as f64, (room.h / rows as f64).min(330.0));
    let canvas = &mut frame.canvas;
    let ((down, down_ink), (across, across_ink)) = (look(0), look(1));
    let labs = [down.clone(), across.clone()];
    let row_names = || game.players[0].1.iter().chain([&down]);
    let row_size = row_names().map(|n| fit(&format!("{n}:"), PANEL, true, side - 20.0)).fold(PANEL, f64::min);
    let heads = || game.players[1].1.iter().map(|strategy| format!("{across}: {strategy}"));
    let head_size = heads().map(|text| fit(&text, PANEL, true, w - 24.0)).fold(PANEL, f64::min);
    for (j, strategy) in game.players[1].1.iter().enumerate() {
        let text = format!("{across}: {strategy}");
        let size = head_size;
        let at = (room.x + (j as f64 + 0.5) * w, room.y - 14.0);
        canvas.text(at, &text, Type::new(size, across_ink.darker()).bold().at(Anchor::Middle));
    }
    for (i, strategy) in game.players[0].1.iter().enumerate() {
        let middle = room.y + (i as f64 + 0.5) * h;
        let name = format!("{down}:");
        let size = row_size;
        let style = Type::new(size, down_ink.darker()).bold();
        canvas.text((body.x, middle - 0.25 * size), &name, style);
        canvas.text((body.x, middle + 1.0 * size), strategy, style);
        for j in 0..columns {
            let profile = i * columns + j;
            let cell =
                Rect { x: room.x + j as f64 * w + 7.0, y: room.y + i as f64 * h + 7.0, w: w - 14.0, h: h - 14.0 };
            for player in 0..2 {
                let part = Rect { y: cell.y + player as f64 * cell.h / 2.0, h: cell.h / 2.0, ..cell };
                block(canvas, part, game, profile, player, (&labs, look(player).1));
            }
            outline(canvas, cell, board, profile);
        }
    }
    Ok(frame.finish())
}

/// The frame of a cell: thick for an equilibrium.
fn outline(canvas: &mut Canvas, cell: Rect, board: &Board, profile: usize) {
    let stroke = match board.equilibrium(profile) {
        Some(true) => Stroke::new(INK, 5.0).dashed(16.0),
        Some(false) => Stroke::new(INK, 5.0),
        None => Stroke::new(RULE, 1.4),
    };
    let corners = [
        (cell.x, cell.y),
        (cell.right(), cell.y),
        (cell.right(), cell.bottom()),
        (cell.x, cell.bottom()),
        (cell.x, cell.y),
    ];
    canvas.path(&corners, stroke);
}

/// The deviation of a player from a profile that pays most.
fn switch(board: &Board, profile: usize, player: usize) -> Option<&Gain> {
    let all = (0..board.shape.sizes()[player]).filter_map(|to| board.gain(profile, player, to));
    all.reduce(|best, d| if d.gain > best.gain { d } else { best })
}

/// A player's payoff in a profile, and what it would gain by another choice.
fn block(
    canvas: &mut Canvas,
    part: Rect,
    game: &GameFigure<'_>,
    profile: usize,
    player: usize,
    (names, colour): (&[String; 2], Colour),
) {
    let board = game.board;
    let (best, clear) = board.is_reply(player, profile);
    if best {
        canvas.rect(part, colour, if clear { 0.30 } else { 0.12 });
    }
    let format = Format::of_unit(board.payoff.unit());
    let cell = board.cell(player, profile);
    let value = written(format, cell.mean);
    let interval = format!("{} to {}", written(format, cell.low), written(format, cell.high));
    let left = part.x + 18.0;
    let narrow = part.w - 36.0;
    let large = (0.30 * part.h).clamp(NOTE, 1.5 * LABEL);
    let other = switch(board, profile, player).map(|d| {
        let Gain { gain, low, high, .. } = *d;
        let to = &game.players[player].1[d.to];
        if low == 0.0 && high == 0.0 {
            return format!("switching to {to} changes nothing");
        }
        let unit = if format == Format::Percent { " points" } else { "" };
        let noise = if d.sign() == Sign::Noise { ", within noise" } else { "" };
        format!(
            "by switching to {to} {} ({} to {}{unit}){noise}",
            signed(format, gain),
            signed(format, low),
            signed(format, high)
        )
    });
    let fits = part.h > 95.0;
    let top = if fits { part.y + 0.44 * part.h } else { part.y + 0.62 * part.h };
    // Both names in one size, that of the longer.
    let size = names.iter().map(|n| fit(n, LABEL, false, 0.38 * narrow)).fold(LABEL, f64::min);
    let name = names[player].as_str();
    canvas.circle((left + 7.0, top - 0.32 * LABEL), 7.0, colour, 1.0, None);
    canvas.text((left + 24.0, top), name, Type::new(size, INK));
    let right = part.right() - 18.0;
    // The value and its interval end at the right; what does not fit beside the name is left to the tables.
    let shown = narrow - 40.0 - text_width(name, size, false);
    let beside = text_width(&value, large, true) + 14.0 + text_width(&interval, TICK, false) < shown;
    if beside {
        canvas.text((right, top), &interval, Type::new(TICK, GREY).at(Anchor::End));
        let end = right - text_width(&interval, TICK, false) - 14.0;
        canvas.text((end, top), &value, Type::new(large, INK).bold().at(Anchor::End));
    } else {
        let size = fit(&value, large, true, shown);
        canvas.text((right, top), &value, Type::new(size, INK).bold().at(Anchor::End));
    }
    if let Some(text) = other.filter(|_| fits) {
        let size = fit(&text, TICK, false, narrow - 24.0);
        canvas.text((left + 24.0, top + 1.75 * TICK), &text, Type::new(size, GREY));
    }
}

fn ranking(material: Material, game: &GameFigure<'_>) -> Drawing {
    let board = game.board;
    let profiles = board.shape.profiles();
    let mut order: Vec<usize> = (0..profiles).collect();
    let key = |p: &usize| (board.equilibrium(*p).is_some(), board.sum(*p));
    // Equilibria are always shown; the others by what they are worth together.
    order.sort_by(|a, b| key(b).0.cmp(&key(a).0).then(key(b).1.total_cmp(&key(a).1)));
    order.truncate(RANKED);
    order.sort_by(|a, b| board.sum(*b).total_cmp(&board.sum(*a)));
    let mut frame = Frame::new(material, &game.title, &subtitle(material, game), &[]);
    frame.note("Large dot: best reply to the others' choices. Bold: equilibrium (with * a tie within noise).");
    if profiles > order.len() {
        frame.note(format!("{} of {profiles} profiles: the equilibria, then those of the largest sums.", order.len()));
    }
    let body = frame.body();
    let format = Format::of_unit(board.payoff.unit());
    let count = game.players.len() as f64;
    let names = 0.34 * body.w;
    let gap = if count > 4.0 { 22.0 } else { 44.0 };
    let wide = (body.w - names) / count - gap;
    let (head, foot) = (26.0, 36.0);
    let step = ((body.h - head - foot) / order.len() as f64).min(60.0);
    let area = |k: usize| Rect {
        x: body.x + names + k as f64 * (wide + gap) + 0.5 * gap,
        y: body.y + head,
        w: wide,
        h: step * order.len() as f64,
    };
    let canvas = &mut frame.canvas;
    for (k, (lab, _)) in game.players.iter().enumerate() {
        let (name, colour, _) = material.look(TableKind::Labs, lab, k);
        let area = area(k);
        let cells = || order.iter().map(|p| board.cell(k, *p));
        let low = cells().map(|c| c.low).fold(f64::INFINITY, f64::min);
        let high = cells().map(|c| c.high).fold(f64::NEG_INFINITY, f64::max);
        // Profiles are compared, not held against zero; where all are alike the dots stand in the middle.
        let room = if high > low { 0.05 * (high - low) } else { 0.5 * high.abs().max(1e-3) };
        let scale = Scale { low: low - room, high: high + room, log: false };
        let x = |v: f64| area.x + scale.at(v) * area.w;
        let size = fit(&name, PANEL, true, wide);
        canvas.text((area.x, area.y - 12.0), &name, Type::new(size, colour.darker()).bold());
        let (ticks, apart) = scale.ticks((wide / 110.0) as usize + 1);
        let mut free = f64::NEG_INFINITY;
        for tick in ticks {
            canvas.line((x(tick), area.y), (x(tick), area.bottom()), Stroke::new(GRID, 1.4));
            let text = format.tick(tick, apart);
            let half = 0.5 * text_width(&text, TICK, false);
            // A label that would touch the one before, or leave the panel, is left out.
            if x(tick) - half > free && x(tick) + half < area.right() + 0.5 * gap {
                let style = Type::new(TICK, GREY).at(Anchor::Middle);
                canvas.text((x(tick), area.bottom() + 8.0 + TICK), &text, style);
                free = x(tick) + half + 8.0;
            }
        }
        for (row, profile) in order.iter().enumerate() {
            let y = area.y + (row as f64 + 0.5) * step;
            let cell = board.cell(k, *profile);
            let (best, _) = board.is_reply(k, *profile);
            canvas.line((x(cell.low), y), (x(cell.high), y), Stroke::new(colour, 4.0).faded(0.6));
            canvas.circle((x(cell.mean), y), if best { 9.5 } else { 5.5 }, colour, 1.0, Some(Stroke::new(PAPER, 1.4)));
        }
    }
    // The strategies of a profile stand in the order of the panels, all rows in one size.
    let label = |profile: &usize| -> String {
        let choice = board.shape.choice(*profile);
        let words: Vec<&str> = game.players.iter().zip(&choice).map(|((_, of), s)| of[*s].as_str()).collect();
        words.join(" · ") + if board.equilibrium(*profile) == Some(true) { " *" } else { "" }
    };
    let fits = |profile: &usize| fit(&label(profile), LABEL, true, names - 10.0);
    let size = order.iter().map(fits).fold(LABEL, f64::min);
    let labs = game.players.iter().enumerate().map(|(k, (lab, _))| material.look(TableKind::Labs, lab, k).0);
    let labs = labs.collect::<Vec<String>>().join(" · ");
    let style = Type::new(fit(&labs, TICK, false, names - 10.0), GREY);
    canvas.text((body.x, body.y + head - 12.0), &labs, style);
    for (row, profile) in order.iter().enumerate() {
        let y = body.y + head + (row as f64 + 0.5) * step;
        let style = Type::new(size, INK);
        let style = if board.equilibrium(*profile).is_some() { style.bold() } else { style };
        canvas.text((body.x, y + 0.35 * size), &label(profile), style);
    }
    Ok(frame.finish())
}
