//! The state at the start, agent kind by agent kind.

pub mod consumers;
pub mod enterprises;
pub mod other_business;

use crate::step::Context;
use crate::world::World;

/// Run-rate of a lab at the start that is not the API business with enterprises, USD per year. Of a model
/// that others host too, the lab's run-rate holds only what it serves itself.
fn run_rate_beyond_api_usd(world: &World, ctx: &Context, lab: usize) -> f64 {
    let values = &ctx.parameters.labs[lab].values;
    (values.start.run_rate_usd - world.demand.total_usd[lab] * values.parameters.api_share).max(0.0)
}
