//! `aimarket plot DIR`

use std::path::Path;

use super::arguments::PlotArguments;
use super::failure::{Failure, OUTPUT};
use crate::experiment::claims::Driven;
use crate::experiment::summary::Provenance;
use crate::figures::{ClaimBar, ConvergencePanel, Drawn, FigureSpec, draw_all, draw_claims, draw_convergence};
use crate::output::convergence::Converging;
use crate::output::manifest::{RUN, Stopping};
use crate::output::{Manifest, Results, compare, game, read, sensitivity, sweep};
use crate::scenario::Scenario;

/// Redraws the figures of a results folder.
pub fn plot(arguments: &PlotArguments) -> Result<(), Failure> {
    let dir = &arguments.dir;
    if !dir.is_dir() {
        return Err(Failure::new(OUTPUT, format!("there is no folder {}", dir.display())));
    }
    let drawn = match Manifest::of(dir).map(|m| m.design.command).as_deref() {
        Some(compare::COMMAND) => super::compare::draw::draw(&compare::read(dir)?, dir)?,
        Some(sweep::COMMAND) => super::sweep::draw(&sweep::read(dir)?, dir)?,
        Some(sensitivity::COMMAND) => super::sensitivity::draw(&sensitivity::read(dir)?, dir)?,
        Some(game::COMMAND) => super::game::draw::draw(&game::read(dir)?, dir)?,
        Some(other) if other != RUN => {
            let text = format!(
                "{} holds the result of `aimarket {other}`, which this version does not draw; one that has the command would",
                dir.display()
            );
            return Err(Failure::new(OUTPUT, text));
        }
        _ => {
            let results = read(dir)?;
            let file = dir.join("scenario.toml");
            let scenario = Scenario::load(&file.to_string_lossy(), &[]).map_err(|faults| Failure::faults(&faults))?;
            draw(&scenario, &results, dir)?
        }
    };
    tell(&drawn);
    for path in &drawn.written {
        anstream::println!("{}", path.display());
    }
    Ok(())
}

/// Draws what the scenario asks for, or the usual figures, into `figures/` of a results folder.
pub fn draw(scenario: &Scenario, results: &Results, folder: &Path) -> Result<Drawn, Failure> {
    let wrong = |e: crate::figures::FigureError| Failure::new(OUTPUT, e);
    let (asked, unreadable) = FigureSpec::asked(&scenario.figures);
    let Results { provenance, summary, horizon, claims, .. } = results;
    let figures = folder.join("figures");
    let mut drawn = Drawn::default();
    if !asked.is_empty() || unreadable.is_empty() {
        drawn = draw_all(provenance, summary, horizon, &figures, &asked).map_err(wrong)?;
    }
    drawn.skipped.extend(unreadable);
    let bars: Vec<ClaimBar> = claims.iter().filter(|c| c.n > 0).map(bar).collect();
    if !bars.is_empty() {
        let claims = draw_claims(provenance, &bars, &figures).map_err(wrong)?;
        drawn.written.extend(claims.written);
        drawn.skipped.extend(claims.skipped);
    }
    let settled =
        convergence(provenance, results.manifest.stopping.as_ref(), folder, "Means over the runs, at the horizon")?;
    drawn.written.extend(settled.written);
    drawn.skipped.extend(settled.skipped);
    Ok(drawn)
}

/// Draws how means settle, where `convergence.csv` was asked for.
pub(super) fn convergence(
    provenance: &Provenance,
    stopping: Option<&Stopping>,
    folder: &Path,
    subtitle: &str,
) -> Result<Drawn, Failure> {
    let read = crate::output::convergence::read(folder)?;
    if read.is_empty() {
        return Ok(Drawn::default());
    }
    let panel = |c: Converging| ConvergencePanel { path: c.path, unit: c.unit, target: c.target, rows: c.rows };
    let panels: Vec<ConvergencePanel> = read.into_iter().map(panel).collect();
    let stopped = stopping.filter(|s| s.reached).map(|s| s.runs);
    draw_convergence(provenance, subtitle, &panels, stopped, &folder.join("figures"))
        .map_err(|e| Failure::new(OUTPUT, e))
}

fn bar(claim: &crate::experiment::claims::Scored) -> ClaimBar {
    let driven = claim.along.as_ref().filter(|a| a.driven == Driven::Yes);
    ClaimBar {
        text: claim.text.clone(),
        source: claim.source.clone(),
        probability: claim.probability,
        ci_low: claim.ci_low,
        ci_high: claim.ci_high,
        outcome: claim.outcome,
        brier: claim.brier,
        along_ridge: driven.map(|a| (a.low, a.high)),
        conditional: claim.conditioned_out > 0,
    }
}

/// Says which figures were left out, and why.
pub fn tell(drawn: &Drawn) {
    for skipped in &drawn.skipped {
        anstream::eprintln!("no figure {}: {}", skipped.figure, skipped.reason);
    }
}
