//! Consumers for a month: more people use assistants, some choose anew, and what a user pays grows.

use crate::math::exp;
use crate::mechanisms::consumers::{reconsidering, revenue_per_user, users_after};
use crate::random::Purpose;
use crate::scenario::parameters::MAX_LABS;
use crate::step::Context;
use crate::world::World;

/// Moves consumers by one step and sets the labs' revenue from them.
pub fn choose(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    if !p.mechanisms.consumers {
        world.labs.revenue_consumer_usd.fill(0.0);
        return;
    }
    let (labs, jurisdictions) = (world.dims.labs, world.dims.jurisdictions);
    let mut c = std::mem::take(&mut world.consumers);
    let root_dt = ctx.dt.sqrt();
    // The appeal of an assistant is that of its brand, the same news everywhere.
    let mut news = [0.0; MAX_LABS];
    let keys = p.labs.iter().map(|lab| (lab.key, 0));
    ctx.fill_news(world.enterprises.level, Purpose::ConsumerAppeal, keys, &mut news[..labs]);
    for (row, z) in c.appeal.chunks_exact_mut(jurisdictions).zip(news) {
        row.iter_mut().for_each(|appeal| *appeal += p.consumers.appeal_volatility * root_dt * z);
    }
    let frontier = frontier(world);
    let moving = reconsidering(p.consumers.reconsideration_per_year, ctx.dt);
    for g in 0..jurisdictions {
        let there = &p.jurisdictions[g].values;
        let ceiling = p.consumers.saturation * there.population;
        c.users[g] = users_after(c.users[g], c.initial_users[g], ceiling, p.consumers.user_growth_per_year, ctx.dt);
        let mut total = 1.0;
        for j in 0..labs {
            let at = j * jurisdictions + g;
            let sells = world.labs.alive[j] && !world.labs.excluded[at];
            c.target[j] = if sells {
                exp((c.appeal[at] + capability(world, ctx, j, frontier) + world.regulators.publicity[at]).min(50.0))
            } else {
                0.0
            };
            total += c.target[j];
        }
        // Users of an assistant that is gone choose anew at once.
        let mut freed = 0.0;
        for j in 0..labs {
            let at = j * jurisdictions + g;
            if !world.labs.alive[j] || world.labs.excluded[at] {
                freed += c.share[at];
                c.share[at] = 0.0;
            }
        }
        for j in 0..labs {
            let share = &mut c.share[j * jurisdictions + g];
            let target = c.target[j] / total;
            *share += freed * target;
            *share += moving * (target - *share);
        }
    }
    world.consumers = c;
    settle(world, ctx);
}

/// Capability of the best model of a lab that is alive, ECI.
pub(in crate::step) fn frontier(world: &World) -> f64 {
    let alive = world.labs.eci.iter().zip(&world.labs.alive).filter(|&(_, &alive)| alive);
    alive.fold(f64::NEG_INFINITY, |best, (&eci, _)| best.max(eci))
}

/// Utility of a lab's capability to consumers, relative to the frontier.
pub(in crate::step) fn capability(world: &World, ctx: &Context, lab: usize, frontier: f64) -> f64 {
    ctx.parameters.consumers.capability_weight * (world.labs.eci[lab] - frontier) / 10.0
}

/// Sets revenue per user, the labs' revenue, and their share of all users.
pub(in crate::step) fn settle(world: &mut World, ctx: &Context) {
    let p = &ctx.parameters.consumers;
    let jurisdictions = world.dims.jurisdictions;
    let years = f64::from(ctx.month.since(ctx.parameters.month_before_start())) / 12.0;
    let c = &mut world.consumers;
    let all: f64 = c.users.iter().sum();
    for (j, row) in c.share.chunks_exact(jurisdictions).enumerate() {
        let users: f64 = row.iter().zip(&c.users).map(|(s, u)| s * u).sum();
        let growth = p.revenue_per_eci * (world.labs.eci[j] - c.eci_start[j]) + p.revenue_trend_per_year * years;
        c.revenue_per_user_usd[j] =
            revenue_per_user(c.initial_revenue_per_user_usd[j], growth, p.revenue_per_user_cap_usd);
        c.total_share[j] = if all > 0.0 { users / all } else { 0.0 };
        let on = ctx.parameters.mechanisms.consumers;
        world.labs.revenue_consumer_usd[j] = if on { users * c.revenue_per_user_usd[j] } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Parameters;
    use crate::step::start;
    use crate::step::tests_support::{context, parameters, started, step};

    fn with_shares() -> Parameters {
        let mut p = parameters(3);
        for (lab, share) in p.labs.iter_mut().zip([0.6, 0.2, 0.0]) {
            lab.values.start.run_rate_usd = 8e9;
            for g in ["us", "eu"] {
                lab.values.start.consumer_share.insert(g.to_string(), share);
            }
        }
        p
    }

    fn open(p: &Parameters) -> World {
        let mut world = started(p, 0);
        start::consumers::start(&mut world, &context(p, 0, p.month_before_start()));
        world
    }

    #[test]
    fn consumers_start_as_surveyed_and_pay_what_the_labs_report() {
        let p = with_shares();
        let world = open(&p);
        assert!((world.consumers.total_share[0] - 0.6).abs() < 1e-12);
        for j in 0..2 {
            let declared = (8e9 - world.demand.total_usd[j]) * 0.5;
            assert!((world.labs.revenue_consumer_usd[j] / declared - 1.0).abs() < 1e-9);
        }
        // The third lab has revenue and no survey: some users are inferred.
        assert!(world.consumers.total_share[2] > 0.0);
    }

    #[test]
    fn without_news_shares_stay_and_users_grow_to_saturation() {
        let mut p = with_shares();
        p.consumers.appeal_volatility = 0.0;
        let mut world = open(&p);
        let before = world.consumers.share.clone();
        for _ in 0..240 {
            step(&mut world, &p, 0);
            let ctx = context(&p, 0, world.month);
            choose(&mut world, &ctx);
        }
        for (a, b) in world.consumers.share.iter().zip(&before) {
            assert!((a - b).abs() < 1e-9);
        }
        assert!((world.consumers.users[0] / (0.75 * 3e8) - 1.0).abs() < 0.01);
        assert!(world.consumers.revenue_per_user_usd[0] <= 60.0 + 1e-9);
    }

    #[test]
    fn a_banned_assistant_loses_its_users_there() {
        let p = with_shares();
        let mut world = open(&p);
        world.labs.excluded[0] = true;
        let ctx = context(&p, 0, world.month.plus(1));
        choose(&mut world, &ctx);
        assert_eq!(world.consumers.share[0], 0.0);
        assert!(world.consumers.share[1] > 0.5);
        assert!(world.consumers.share[2] > 0.2);
    }

    #[test]
    fn switched_off_consumers_pay_nothing() {
        let mut p = with_shares();
        p.mechanisms.consumers = false;
        let mut world = open(&p);
        assert!(world.labs.revenue_consumer_usd.iter().all(|&x| x == 0.0));
        let ctx = context(&p, 0, world.month.plus(1));
        choose(&mut world, &ctx);
        assert!(world.labs.revenue_consumer_usd.iter().all(|&x| x == 0.0));
    }
}
