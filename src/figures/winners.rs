//! Who wins: a row a lab, a column an outcome, each cell the share of runs in which it comes about by the horizon.

use super::canvas::{Anchor, Rect, Stroke, Type, text_width};
use super::frame::Frame;
use super::material::Material;
use super::theme::{Format, GREY, INK, LABEL, NOTE, PALETTE, PAPER, RULE, TICK};
use super::{Drawing, Skip};
use crate::experiment::winners::{Chance, Outcome, at_horizon, winners as rows_of};
use crate::record::TableKind;

/// Most labs of the figure.
const LABS: usize = 14;

/// Draws the matrix of outcomes by lab, the labs that lead in share most often first.
pub fn winners(material: Material) -> Drawing {
    let rows = rows_of(material.provenance, material.summary, material.horizon);
    let there = |outcome: &Outcome| rows.iter().any(|r| r.outcome == *outcome);
    let outcomes: Vec<Outcome> = Outcome::ALL.into_iter().filter(there).collect();
    if outcomes.is_empty() {
        return Err(Skip::absent("flag of an outcome"));
    }
    let p = |lab: &str, outcome| at_horizon(&rows, lab, outcome).map_or(0.0, |c| c.probability);
    let weight = |lab: &str| {
        [Outcome::LeadsShare, Outcome::LeadsValue, Outcome::LeadsCapability].map(|o| p(lab, o)).iter().sum::<f64>()
    };
    let mut labs: Vec<&str> = material.provenance.labs.iter().map(|l| l.id.as_str()).collect();
    labs.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let cut = labs.len().saturating_sub(LABS);
    labs.truncate(LABS);

    let subtitle =
        format!("Share of runs by {}; below it the 95% interval from sampling of runs alone", material.horizon_words());
    let mut frame = Frame::new(material, "Who wins, who earns, who is gone?", &subtitle, &[]);
    frame.note(
        "Labs of groups (°) hold no rounds and cannot lead in value. Profitable: a profit for twelve months on end.",
    );
    if cut > 0 {
        frame.note(format!("{cut} labs that lead least often are not shown."));
    }
    let body = frame.body();
    let names = 220.0;
    let head = 30.0;
    let room = Rect { x: body.x + names, y: body.y + head, w: body.w - names, h: body.h - head };
    let (w, h) = (room.w / outcomes.len() as f64, (room.h / labs.len() as f64).min(84.0));
    let canvas = &mut frame.canvas;
    for (k, outcome) in outcomes.iter().enumerate() {
        let style = Type::new(TICK, INK).bold().at(Anchor::Middle);
        canvas.text((room.x + (k as f64 + 0.5) * w, room.y - 12.0), outcome.words(), style);
    }
    for (i, lab) in labs.iter().enumerate() {
        let top = room.y + i as f64 * h;
        let (name, colour, notional) = material.look(TableKind::Labs, lab, i);
        let name = if notional { format!("{name}°") } else { name };
        canvas.circle((body.x + 8.0, top + 0.5 * h), 7.0, colour, 1.0, None);
        // A long name shrinks until it fits.
        let size = LABEL * ((names - 40.0) / text_width(&name, LABEL, false)).min(1.0);
        canvas.text((body.x + 26.0, top + 0.5 * h + 0.35 * size), &name, Type::new(size, INK));
        for (k, outcome) in outcomes.iter().enumerate() {
            let cell = Rect { x: room.x + k as f64 * w + 3.0, y: top + 3.0, w: w - 6.0, h: h - 6.0 };
            cell_of(canvas, cell, at_horizon(&rows, lab, *outcome), *outcome);
        }
    }
    Ok(frame.finish())
}

fn cell_of(canvas: &mut super::Canvas, cell: Rect, chance: Option<Chance>, outcome: Outcome) {
    let middle = cell.x + 0.5 * cell.w;
    let Some(chance) = chance else {
        canvas.line(
            (middle - 8.0, cell.y + 0.5 * cell.h),
            (middle + 8.0, cell.y + 0.5 * cell.h),
            Stroke::new(RULE, 1.6),
        );
        return;
    };
    let colour = match outcome {
        Outcome::Defaulted | Outcome::Acquired => PALETTE[1],
        Outcome::TurnedProfitable => PALETTE[2],
        _ => PALETTE[0],
    };
    canvas.rect(cell, colour, 0.04 + 0.86 * chance.probability);
    let (ink, pale) = if chance.probability > 0.7 { (PAPER, PAPER) } else { (INK, GREY) };
    let value = Format::Percent.write(chance.probability);
    let interval = format!("{} to {}", Format::Percent.write(chance.ci_low), Format::Percent.write(chance.ci_high));
    let fits = cell.h > 2.4 * LABEL && text_width(&interval, NOTE, false) < cell.w;
    let y = cell.y + if fits { 0.46 * cell.h } else { 0.5 * cell.h + 0.35 * LABEL };
    canvas.text((middle, y), &value, Type::new(LABEL, ink).bold().at(Anchor::Middle));
    if fits {
        canvas.text((middle, y + 1.2 * NOTE), &interval, Type::new(NOTE, pale).at(Anchor::Middle));
    }
}
