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

use crate::math::kernels::SimdLevel;
use crate::random::{Draws, Purpose};
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
    /// Months of the step, also in each of [`Context::each_month`].
    pub months: i32,
    /// The month at whose end the step arrives.
    pub month: Month,
    /// Months of the step that were lived before: 0 but for the later of [`Context::each_month`].
    pub lived: i32,
}

impl<'a> Context<'a> {
    /// The context of the step that ends at `month`.
    pub fn new(parameters: &'a Parameters, draws: Draws, month: Month) -> Context<'a> {
        let (dt, months) = (parameters.years_per_step(), parameters.months_per_step());
        Context { parameters, draws, dt, months, month, lived: 0 }
    }

    /// The contexts of the months of the step, in order: what moves within a quarter is lived month by month whatever the step.
    pub fn each_month(self) -> impl Iterator<Item = Context<'a>> {
        let months = self.months;
        let dt = self.dt / f64::from(months);
        (0..months).map(move |lived| Context { dt, month: self.month.plus(lived + 1 - months), lived, ..self })
    }

    /// Years from the end of the step before.
    pub fn years_since_step(&self) -> f64 {
        self.dt + f64::from(self.lived) / 12.0
    }

    /// Standard normal news of the step: the sum of the months' own, so that steps of any length live through the same luck.
    pub fn news(&self, purpose: Purpose, a: u64, b: u64) -> f64 {
        let months = self.months;
        let of = |n: i32| self.draws.normal(purpose, a, b, self.month.0 - n);
        if months == 1 { of(0) } else { (0..months).map(of).sum::<f64>() / f64::from(months).sqrt() }
    }

    /// As [`Context::news`], for many pairs of entities at once.
    pub fn fill_news(
        &self,
        level: SimdLevel,
        purpose: Purpose,
        pairs: impl Iterator<Item = (u64, u64)>,
        out: &mut [f64],
    ) {
        if self.months == 1 {
            return self.draws.fill_normal(level, purpose, pairs, self.month.0, out);
        }
        for (z, (a, b)) in out.iter_mut().zip(pairs) {
            *z = self.news(purpose, a, b);
        }
    }
}

/// Lives one step: the month as section 4 of the model tells it. The ledger's step has begun.
pub fn advance(world: &mut World, ctx: &Context) -> Result<(), Fault> {
    // Compute is scarce, and what answers to that (rents, rationing, prices, budgets) moves within weeks; models are out when they are
    // due. Both live by the month in steps of any length: on demand as it was seen last, carried forward as labs expect it.
    for month in ctx.each_month() {
        if month.lived > 0 {
            settle::foresee(world, &month);
        }
        environment::shift(world, &month);
        if month.lived == 0 {
            regulators::respond(world, ctx);
        }
        clouds::build(world, &month);
        if month.lived == 0 {
            labs::holdup::arise(world, ctx);
        }
        labs::plan::plan(world, &month);
        clouds::fill(world);
        labs::research::release(world, &month);
        demand::upgrade(world, &month);
        labs::price::price(world, &month);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(p: &Parameters, steps: u64) -> Parameters {
        let mut p = p.clone();
        p.simulation.steps_per_year = steps;
        p
    }

    #[test]
    fn the_months_of_a_step_make_up_the_step() {
        let p = of(&Parameters::default(), 4);
        let ctx = Context::new(&p, Draws::new(1, 0), Month::new(2026, 3));
        let months: Vec<Context> = ctx.each_month().collect();
        assert_eq!(months.iter().map(|m| m.month).collect::<Vec<_>>(), [1, 2, 3].map(|m| Month::new(2026, m)));
        assert!((months.iter().map(|m| m.dt).sum::<f64>() - ctx.dt).abs() < 1e-15);
        assert!((months[2].years_since_step() - ctx.dt).abs() < 1e-15);
        let p = of(&p, 12);
        let ctx = Context::new(&p, Draws::new(1, 0), Month::new(2026, 3));
        let alone: Vec<Context> = ctx.each_month().collect();
        assert_eq!((alone.len(), alone[0].dt, alone[0].month), (1, ctx.dt, ctx.month));
    }

    #[test]
    fn news_of_a_quarter_is_that_of_its_months() {
        let (monthly, quarterly) = (of(&Parameters::default(), 12), of(&Parameters::default(), 4));
        let news = |p, month| Context::new(p, Draws::new(1, 0), Month::new(2026, month)).news(Purpose::Test, 7, 0);
        let months = [1, 2, 3].map(|m| news(&monthly, m));
        assert!((news(&quarterly, 3) - months.iter().sum::<f64>() / 3f64.sqrt()).abs() < 1e-12);
        assert_eq!(months[0], Draws::new(1, 0).normal(Purpose::Test, 7, 0, Month::new(2026, 1).0));
        for p in [&monthly, &quarterly] {
            let mut together = [0.0; 6];
            let ctx = Context::new(p, Draws::new(1, 0), Month::new(2026, 3));
            ctx.fill_news(SimdLevel::default(), Purpose::Test, (0..6).map(|a| (a, 2)), &mut together);
            assert_eq!(together, [0, 1, 2, 3, 4, 5].map(|a| ctx.news(Purpose::Test, a, 2)));
        }
    }
}
