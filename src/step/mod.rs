//! One month: the phases in order. The only writer of the world.

pub mod consumers;
pub mod demand;
pub mod other_business;
pub mod quality;
pub mod start;
#[cfg(test)]
pub(crate) mod tests_support;

use crate::scenario::Parameters;
use crate::units::Month;
use crate::world::World;

/// A step that cannot go on: a state that is no number, or books that do not close.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{phase} in {month}: {what}")]
pub struct Fault {
    /// Phase.
    pub phase: &'static str,
    /// Month.
    pub month: Month,
    /// What is wrong.
    pub what: String,
}

/// What a phase may see besides the world: parameters in force and the draws of the run.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Parameters in force this month.
    pub parameters: &'a Parameters,
    /// Draws of the run.
    pub draws: crate::random::Draws,
    /// Years of the step.
    pub dt: f64,
    /// The month at whose end the step arrives.
    pub month: Month,
}

/// Whether a world exists at all; keeps the type in use until the phases stand.
pub fn is_empty(world: &World) -> bool {
    world.dims.labs == 0
}
