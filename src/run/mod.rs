//! One run leaves a [`Record`]; an ensemble is many runs over threads, delivered in order.

pub mod engine;
pub mod ensemble;
pub mod family;
pub mod together;

use crate::record::claims::{self, Claims};
use crate::record::readings::Wanted;
use crate::record::{Layout, Record};
use crate::units::Month;

/// What can be run: a scenario made ready, from which every run starts anew.
pub trait Model: Sync {
    /// The world of one worker. It is built once and reused by all the runs of that worker.
    type State: Send;
    /// How the values of a run are laid out.
    fn layout(&self) -> &Layout;
    /// A state to run in.
    fn new_state(&self) -> Self::State;
    /// A state to run in of whose runs only these values are asked for: the others need not be written.
    fn new_state_for(&self, _wanted: &Wanted) -> Self::State {
        self.new_state()
    }
    /// Simulates run `run` (from 0) and leaves its values in `into`, which has the length of the layout.
    fn run(&self, state: &mut Self::State, run: u64, into: &mut Record) -> Result<(), RunFault>;
    /// The claims that every run is judged by.
    fn claims(&self) -> &Claims {
        &claims::NONE
    }
}

/// A model whose uncertain parameters can be set by their probabilities, apart from all other randomness.
pub trait Placed: Model {
    /// As [`Model::run`], but an uncertain parameter to which `at` gives a probability, in the order of the layout's draws, takes its
    /// value there ([`crate::scenario::Uncertain::lay_at`]); all else is drawn as for run `run`.
    ///
    /// # Errors
    /// As of [`Model::run`].
    fn run_at(&self, state: &mut Self::State, run: u64, at: &[Option<f64>], into: &mut Record) -> Result<(), RunFault>;
}

/// Why a run ended before its horizon.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("run {} failed in {phase} at {month}: {what}", run + 1)]
pub struct RunFault {
    /// Number of the run, from 0.
    pub run: u64,
    /// Phase of the step.
    pub phase: &'static str,
    /// Month of the step.
    pub month: Month,
    /// What was found.
    pub what: String,
}
