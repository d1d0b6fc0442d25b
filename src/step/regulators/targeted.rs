//! Targeted political action on one lab, and the publicity that it brings (section 3.12).

use crate::math::exp;
use crate::mechanisms::government::friction;
use crate::mechanisms::regulation::Regulation;
use crate::random::Purpose;
use crate::step::Context;
use crate::step::regulators::stance;
use crate::world::World;

/// Draws the propensity of each jurisdiction to target each lab: gamma, so that few labs bear most of it. Drawn again, with the same
/// luck, where an event has changed its shape.
pub(in crate::step) fn draw_propensities(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    if world.regulators.targeted_shape == p.regulation.targeted_shape {
        return;
    }
    world.regulators.targeted_shape = p.regulation.targeted_shape;
    let j = world.dims.jurisdictions;
    for (i, agent) in p.labs.iter().enumerate() {
        for (g, place) in p.jurisdictions.iter().enumerate() {
            if world.regulators.regulator[g] != usize::MAX {
                world.regulators.targeted_propensity[i * j + g] = propensity(&p.regulation, ctx, agent.key, place.key);
            }
        }
    }
}

/// A gamma of scale 1.
fn propensity(regulation: &Regulation, ctx: &Context, lab: u64, place: u64) -> f64 {
    let mut stream = ctx.draws.stream(Purpose::TargetedHazard, lab, place, 0);
    stream.gamma(regulation.targeted_shape)
}

/// What a jurisdiction does to the hazard of targeted action, whomever it may hit: factors by its regime and its posture.
pub(super) struct Politics {
    place: usize,
    regime: f64,
    posture: f64,
}

impl Politics {
    /// Nothing where nobody acts.
    pub(super) fn of(world: &World, ctx: &Context, g: usize) -> Option<Politics> {
        let (p, r) = (ctx.parameters, &world.regulators);
        let acts = p.mechanisms.regulation && p.mechanisms.targeted_action && r.regulator[g] != usize::MAX;
        acts.then(|| Politics {
            place: g,
            regime: 1.0 + p.regulation.targeted_regime * r.regime[g].abs(),
            posture: stance(&p.regulation, p.regulators[r.regulator[g]].values.parameters.posture).targeted,
        })
    }

    /// Hazard of targeted action upon a lab, per year.
    pub(super) fn hazard(&self, world: &World, ctx: &Context, i: usize) -> f64 {
        let (p, r) = (ctx.parameters, &world.regulators);
        if !world.labs.alive[i] {
            return 0.0;
        }
        let propensity =
            r.targeted_propensity[i * world.dims.jurisdictions + self.place] / p.regulation.targeted_rate_years;
        let own = if r.home[i] == self.place {
            let political = p.labs[i].values.parameters.political_friction;
            propensity * friction(political, world.government.refuses_public[i], p.government.refusal_friction)
        } else {
            p.regulation.targeted_abroad * propensity
        };
        own * self.regime * self.posture
    }
}

/// Targeted actions run out, and new ones begin.
pub(super) fn target(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    for (g, place) in p.jurisdictions.iter().enumerate() {
        let politics = Politics::of(world, ctx, g);
        for (i, agent) in p.labs.iter().enumerate() {
            let at = i * j + g;
            let left = &mut world.regulators.targeted_months_left[at];
            if *left > 0.0 {
                *left = (*left - 12.0 * ctx.dt).max(0.0);
                continue;
            }
            let Some(politics) = &politics else { continue };
            let hazard = politics.hazard(world, ctx, i) * ctx.dt;
            if ctx.draws.happens(Purpose::TargetedAction, agent.key, place.key, ctx.month.0, hazard) {
                let months = ctx.draws.exponential(Purpose::TargetedMonths, agent.key, place.key, ctx.month.0);
                world.regulators.targeted_months_left[at] = p.regulation.targeted_months * months;
            }
        }
    }
}

/// Publicity fades, and a lab that public buyers may no longer choose is talked about.
pub(super) fn publicise(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let fade = exp(-p.regulation.publicity_decay_per_year * ctx.dt);
    let r = &mut world.regulators;
    let news = r.excluded_public_before.iter_mut().zip(&world.labs.excluded_public);
    for ((before, &now), level) in news.zip(&mut r.publicity) {
        *level = if p.mechanisms.publicity { *level * fade } else { 0.0 };
        if p.mechanisms.publicity && now && !*before {
            *level += p.regulation.publicity;
        }
        *before = now;
    }
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
                let ctx = Context::new(&p, Draws::new(1, run), Month::new(2026, 1));
                propensity(&p.regulation, &ctx, 5, 7) / p.regulation.targeted_rate_years
            })
            .sum();
        // sd of the gamma is sqrt(0.5)/18 = 0.039, of the mean 0.00012.
        assert!((sum / n as f64 - 0.5 / 18.0).abs() < 0.0007, "{}", sum / n as f64);
    }
}
