//! The engine as a [`Model`]: a scenario made ready to run.

use std::convert::Infallible;

use super::{Model, RunFault};
use crate::record::{Layout, Record};
use crate::scenario::Scenario;

/// A scenario made ready to run. No value of this type exists in a build without the engine.
#[derive(Debug)]
pub struct Simulator {
    never: Infallible,
}

impl Simulator {
    /// Makes a scenario ready, or says why its world cannot be built.
    pub fn new(_: &Scenario) -> Result<Simulator, String> {
        Err("this build has no engine".to_string())
    }
}

impl Model for Simulator {
    type State = ();
    fn layout(&self) -> &Layout {
        match self.never {}
    }
    fn new_state(&self) {
        match self.never {}
    }
    fn run(&self, _: &mut (), _: u64, _: &mut Record) -> Result<(), RunFault> {
        match self.never {}
    }
}
