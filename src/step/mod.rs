//! One month: the phases in order. The only writer of the world.

pub mod adaptation;
pub mod applications;
pub mod capital;
pub mod clearing;
pub mod clouds;
pub mod consumers;
pub mod demand;
pub mod environment;
pub mod governance;
pub mod government;
pub mod labs;
pub mod other_business;
pub mod posture;
pub mod quality;
pub mod regulators;
pub mod settle;
pub mod start;
#[cfg(test)]
pub(crate) mod tests_support;
pub mod tools;

use crate::random::Draws;
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
    pub draws: Draws,
    /// Years of the step.
    pub dt: f64,
    /// The month at whose end the step arrives.
    pub month: Month,
}

impl<'a> Context<'a> {
    /// The context of the step that ends at `month`.
    pub fn new(parameters: &'a Parameters, draws: Draws, month: Month) -> Context<'a> {
        Context { parameters, draws, dt: parameters.years_per_step(), month }
    }
}

/// Lives one step: the month as section 4 of the model tells it. The ledger's step has begun.
pub fn advance(world: &mut World, ctx: &Context) -> Result<(), Fault> {
    environment::shift(world, ctx);
    regulators::respond(world, ctx);

    clouds::build(world, ctx);
    labs::holdup::arise(world, ctx);
    labs::plan::plan(world, ctx);
    clouds::fill(world);
    labs::research::release(world, ctx);
    labs::price::price(world, ctx);
    labs::incidents::occur(world, ctx);

    quality::drift(world, ctx);
    tools::spread(world, ctx);
    demand::apply_shocks(world, ctx);
    demand::decide(world, ctx);
    other_business::grow(world, ctx);
    applications::sell(world, ctx);
    consumers::choose(world, ctx);

    settle::serve(world, ctx);
    settle::pay(world, ctx);
    capital::fund(world, ctx);
    governance::convene(world, ctx);
    adaptation::review(world, ctx);

    world.month = ctx.month;
    world.step += 1;
    check(world, ctx)
}

/// The state must be numbers, and the books must close.
fn check(world: &World, ctx: &Context) -> Result<(), Fault> {
    let fault = |phase, what| Err(Fault { phase, month: ctx.month, what });
    for (i, agent) in ctx.parameters.labs.iter().enumerate() {
        let labs = &world.labs;
        let named = [
            ("capability", labs.eci[i]),
            ("run-rate", labs.run_rate_usd[i]),
            ("compute", labs.owned_h100e[i] + labs.rented_h100e[i]),
            ("valuation", labs.valuation_usd[i]),
            ("budget", labs.budget_usd[i]),
        ];
        for (name, value) in named {
            if !value.is_finite() {
                return fault("check", format!("{name} of {} is {value}", agent.id));
            }
        }
    }
    if let Err(e) = world.ledger.check() {
        let whose = e.account.map_or(String::new(), |a| format!(" for account {a}"));
        return fault("ledger", format!("{}{whose}: off by {} USD", e.identity, e.gap_usd));
    }
    Ok(())
}
