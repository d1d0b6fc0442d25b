//! Regulation at the start.

use crate::mechanisms::regulation::Regulation;
use crate::random::Purpose;
use crate::step::Context;
use crate::step::regulators::{index_names, take_stock};
use crate::world::{World, refill};

/// Writes the state of regulation as the scenario declares it, and draws each lab's hazard of targeted action.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, j) = (world.dims.labs, world.dims.jurisdictions);
    let r = &mut world.regulators;
    refill(&mut r.regulator, j, usize::MAX);
    refill(&mut r.audits_in_force, j, false);
    for column in [&mut r.stringency, &mut r.salience, &mut r.regime, &mut r.cases_open] {
        refill(column, j, 0.0);
    }
    refill(&mut r.targeted_months_left, l * j, 0.0);
    refill(&mut r.targeted_hazard, l * j, 0.0);
    refill(&mut r.fines_usd, l, 0.0);
    refill(&mut r.home, l, usize::MAX);
    refill(&mut r.listed_excluded, l * j, false);
    refill(&mut r.listed_banned, l * j, false);
    refill(&mut r.fines_by_month, j * 12, 0.0);
    for (k, agent) in p.regulators.iter().enumerate() {
        if let Some(g) = p.jurisdiction(&agent.id) {
            let start = &agent.values.start;
            r.regulator[g] = k;
            r.stringency[g] = start.stringency;
            r.salience[g] = start.salience;
            r.regime[g] = start.regime;
        }
    }
    for (i, agent) in p.labs.iter().enumerate() {
        if let Some(home) = p.jurisdiction(&agent.values.identity.jurisdiction) {
            r.home[i] = home;
        }
        for (g, place) in p.jurisdictions.iter().enumerate() {
            if r.regulator[g] != usize::MAX {
                let ratio = if r.home[i] == g { 1.0 } else { p.regulation.targeted_abroad };
                r.targeted_hazard[i * j + g] = ratio * draw_hazard(&p.regulation, ctx, agent.key, place.key);
            }
        }
    }
    index_names(world, p);
    take_stock(world, ctx);
}

/// Hazard of targeted action on a lab in one jurisdiction, per year: gamma, so that few labs bear most of it.
fn draw_hazard(regulation: &Regulation, ctx: &Context, lab: u64, place: u64) -> f64 {
    let mut stream = ctx.draws.stream(Purpose::TargetedHazard, lab, place, 0);
    stream.gamma(regulation.targeted_shape) / regulation.targeted_rate_years
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Draws;
    use crate::scenario::Parameters;
    use crate::units::Month;

    #[test]
    fn the_hazard_of_targeted_action_is_one_in_thirty_six_years_in_the_mean() {
        let p = Parameters::default();
        let n = 100_000;
        let sum: f64 = (0..n)
            .map(|run| {
                let ctx =
                    Context { parameters: &p, draws: Draws::new(1, run), dt: 1.0 / 12.0, month: Month::new(2026, 1) };
                draw_hazard(&p.regulation, &ctx, 5, 7)
            })
            .sum();
        // sd of the gamma is sqrt(0.5)/18 = 0.039, of the mean 0.00012.
        assert!((sum / n as f64 - 0.5 / 18.0).abs() < 0.0007, "{}", sum / n as f64);
    }
}
