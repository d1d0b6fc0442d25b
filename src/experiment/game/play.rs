//! Plays a game: the runs of all its profiles as one ensemble, and the payoffs read off their last dates.

use std::convert::Infallible;
use std::sync::atomic::AtomicBool;

use super::shape::Shape;
use super::{Payoff, Payoffs};
use crate::record::{Layout, TableKind};
use crate::run::Model;
use crate::run::ensemble::{Block, EnsembleError, FailedRun, Plan, run};
use crate::run::family::{Family, Many};
use crate::scenario::{GameSpec, Scenario};

/// Runs handed over at once.
const BLOCK_RUNS: u64 = 16;
/// What is read of a player at the horizon.
const COLUMNS: [&str; 5] = ["valuation_usd", "enterprise_share", "alive", "defaulted", "acquired"];

/// The profiles of a game as points of a family.
pub struct Profiles<'a, P> {
    /// The resolved scenario, as text: it is not read again from disk while it runs.
    pub toml: String,
    /// The game.
    pub game: &'a GameSpec,
    /// Players and strategies.
    pub shape: Shape,
    /// How the runs of every profile are laid out.
    pub layout: Layout,
    /// Makes a scenario ready.
    pub prepare: &'a P,
}

/// The shape of a game.
pub fn shape(game: &GameSpec) -> Shape {
    Shape::new(game.players.iter().map(|p| p.strategies.len()).collect())
}

impl<M: Model, P: Fn(&Scenario) -> Result<M, String> + Sync> Family for Profiles<'_, P> {
    type Model = M;

    fn points(&self) -> u64 {
        self.shape.profiles() as u64
    }
    fn layout(&self) -> &Layout {
        &self.layout
    }
    fn model(&self, point: u64) -> Result<M, String> {
        let overlays = self.game.overlays(&self.shape.choice(point as usize));
        let scenario = Scenario::from_text("scenario.toml", &self.toml, &overlays)
            .map_err(|faults| faults.first().map_or_else(String::new, ToString::to_string))?;
        (self.prepare)(&scenario)
    }
}

/// What came of a game.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// Payoffs in the order of [`Payoff::ALL`], over the runs that did not fail in any profile.
    pub payoffs: Vec<Payoffs>,
    /// Runs of all profiles simulated, the failed ones too.
    pub attempted: u64,
    /// Runs that failed, in order; of each the number within its profile, and the profile in words.
    pub failed: Vec<FailedRun>,
    /// Whether it was stopped before all runs were done: there are no payoffs then.
    pub interrupted: bool,
}

/// Why a game could not be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] EnsembleError<Infallible>),
    /// A metric is not recorded.
    #[error("{0} is not recorded, and a game is played for it")]
    Metric(String),
}

/// Bytes of the values that are kept of a game.
pub fn bytes(shape: &Shape, runs: u64) -> u64 {
    // What is read, and the payoffs made of it.
    let per_run = (COLUMNS.len() + Payoff::ALL.len()) * shape.players() * shape.profiles();
    8 * runs * per_run as u64
}

/// Runs every profile `runs` times. `progress` is called with the runs done and failed, once a block.
///
/// # Errors
/// When the threads cannot be started, or a metric of a player is not in the layout.
pub fn play<F: Family>(
    family: &F,
    game: &GameSpec,
    runs: u64,
    threads: usize,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Played, PlayError>
where
    F::Model: Send,
{
    let (layout, shape) = (family.layout(), shape(game));
    let last = layout.months.len().saturating_sub(1);
    let mut gather = Vec::new();
    for player in &game.players {
        for name in COLUMNS {
            let found = layout.column(TableKind::Labs, name).and_then(|(table, column)| {
                let entity = layout.tables[table].entities.iter().position(|e| e.id == player.lab)?;
                Some(layout.index(table, last, entity, column))
            });
            let index = found.ok_or_else(|| PlayError::Metric(format!("labs.{}.{name}", player.lab)))?;
            gather.push(index);
        }
    }
    let many = Many::new(family, runs);
    let plan = Plan { runs: many.total(), block_runs: BLOCK_RUNS, first_block: 0, gather: &gather, threads };
    let mut kept: Vec<Vec<f64>> = vec![vec![f64::NAN; many.total() as usize]; gather.len()];
    let mut there = vec![false; many.total() as usize];
    let (mut attempted, mut failed) = (0, Vec::new());
    run(&many, &plan, cancel, &mut |block: Block| {
        for (at, &run) in block.runs.iter().enumerate() {
            there[run as usize] = true;
            kept.iter_mut().enumerate().for_each(|(c, values)| values[run as usize] = block.column(c)[at]);
        }
        attempted += block.attempted;
        failed.extend(block.failed);
        progress(attempted, failed.len() as u64);
        Ok(())
    })?;
    let interrupted = attempted < many.total();
    for fault in &mut failed {
        let (profile, own) = many.place(fault.run - 1);
        *fault = FailedRun {
            run: own + 1,
            what: format!("{} ({})", fault.what, profile_words(game, &shape, profile as usize)),
            ..fault.clone()
        };
    }
    let payoffs = if interrupted { Vec::new() } else { payoffs(&shape, runs as usize, &kept, &there) };
    Ok(Played { payoffs, attempted, failed, interrupted })
}

/// A profile in words: `openai scale, anthropic trust`.
pub fn profile_words(game: &GameSpec, shape: &Shape, profile: usize) -> String {
    let each = game.players.iter().zip(shape.choice(profile));
    let words: Vec<String> = each.map(|(p, s)| format!("{} {}", p.lab, p.strategies[s])).collect();
    words.join(", ")
}

/// Payoffs from the values of all runs; a run that failed in one profile is left out of all, so that all are of the same runs.
fn payoffs(shape: &Shape, runs: usize, kept: &[Vec<f64>], there: &[bool]) -> Vec<Payoffs> {
    let profiles = shape.profiles();
    let whole: Vec<usize> = (0..runs).filter(|run| (0..profiles).all(|p| there[p * runs + run])).collect();
    let of = |payoff: Payoff| {
        let mut values = Vec::with_capacity(shape.players() * profiles * whole.len());
        for player in 0..shape.players() {
            let own = &kept[player * COLUMNS.len()..(player + 1) * COLUMNS.len()];
            for profile in 0..profiles {
                values.extend(whole.iter().map(|run| {
                    let at = |column: usize| own[column][profile * runs + run];
                    // A lab that is gone has no price and no customers; no other value of a lab fails to exist.
                    let gone = at(2) < 0.5 || at(3) > 0.5;
                    match payoff {
                        Payoff::Value | Payoff::Share if gone => 0.0,
                        Payoff::Value => at(0),
                        Payoff::Share => at(1),
                        Payoff::Survival => f64::from(u8::from(!gone && at(4) < 0.5)),
                    }
                }));
            }
        }
        Payoffs { shape: shape.clone(), runs: whole.len(), values }
    };
    Payoff::ALL.map(of).into()
}
