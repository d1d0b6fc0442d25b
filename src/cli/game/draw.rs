//! The figures of a game, from its folder.

use std::path::Path;

use super::words::Told;
use crate::cli::failure::{Failure, OUTPUT};
use crate::figures::{Drawn, GameFigure, draw_game};
use crate::output::game::GameResults;

/// Draws a game into `figures/` of its folder, a figure a payoff.
pub fn draw(results: &GameResults, folder: &Path) -> Result<Drawn, Failure> {
    let GameResults { manifest, players, runs, boards } = results;
    let told = Told { players, manifest, runs: *runs as usize };
    let mut drawn = Drawn::default();
    for board in boards {
        let players = players.iter().map(|p| (p.lab.clone(), p.strategies.clone())).collect();
        let figure = GameFigure { title: told.title(board), runs: told.runs, players, board };
        let more = draw_game(&manifest.provenance(), &figure, &folder.join("figures"));
        let more = more.map_err(|e| Failure::new(OUTPUT, e))?;
        drawn.written.extend(more.written);
        drawn.skipped.extend(more.skipped);
    }
    Ok(drawn)
}
