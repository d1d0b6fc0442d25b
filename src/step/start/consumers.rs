//! Consumers at the start: users and shares as surveyed, revenue per user from what the labs report.
//!
//! ```text
//! users      population·adoption of the jurisdiction
//! share      as surveyed; a lab with revenue and no survey: B_j·c_j/(revenue per user of the others)/(users it can reach), at most `consumers.inferred_share_cap`
//! others     1 − Σ share, at least 0.001
//! brand      ln(share/others) − a_c·(ECI_j − ECI_front)/10;   revenue per user r_0 = B_j·c_j/users of the lab
//! ```
//!
//! B is the run-rate beyond the API (`step/start/mod.rs`), c the lab's `consumer_fraction`, a_c `consumers.capability_weight`.
//!
//! Own: the constant of a logit from its shares (Berry 1994, Estimating discrete-choice models of product differentiation).
//!
//! Of agents: `population` and `assistant_adoption` of the jurisdiction, `consumer_share` of the lab.

use super::run_rate_beyond_api_usd;
use crate::mechanisms::consumers::fitted_appeal;
use crate::scenario::parameters::keyed_or;
use crate::step::Context;
use crate::step::consumers::{capability, frontier, settle};
use crate::world::{World, refill};

/// Least share of users who use no lab's assistant first; leaves the logit something to compare with.
const LEAST_OTHERS: f64 = 1e-3;

/// Fills the columns of consumers and the labs' revenue from them. Enterprises stand already.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (labs, jurisdictions) = (world.dims.labs, world.dims.jurisdictions);
    let mut c = std::mem::take(&mut world.consumers);
    c.users.clear();
    c.users.extend(p.jurisdictions.iter().map(|g| g.values.population * g.values.assistant_adoption));
    c.initial_users.clone_from(&c.users);
    refill(&mut c.share, labs * jurisdictions, 0.0);
    refill(&mut c.appeal, labs * jurisdictions, f64::NEG_INFINITY);
    refill(&mut c.revenue_per_user_usd, labs, 0.0);
    refill(&mut c.initial_revenue_per_user_usd, labs, 0.0);
    refill(&mut c.total_share, labs, 0.0);
    refill(&mut c.target, labs, 0.0);
    c.eci_start.clone_from(&world.labs.eci);

    let sells = |j: usize, g: usize| world.labs.alive[j] && !world.labs.excluded[j * jurisdictions + g];
    let revenue = |j: usize| run_rate_beyond_api_usd(world, ctx, j) * p.labs[j].values.start.consumer_fraction;
    let users_of = |share: &[f64], users: &[f64]| share.iter().zip(users).map(|(s, u)| s * u).sum::<f64>();
    let (mut paid, mut counted) = (0.0, 0.0);
    for (j, lab) in p.labs.iter().enumerate() {
        for (g, jurisdiction) in p.jurisdictions.iter().enumerate().filter(|&(g, _)| sells(j, g)) {
            c.share[j * jurisdictions + g] = keyed_or(&lab.values.start.consumer_share, &jurisdiction.id, 0.0);
        }
        let users = users_of(&c.share[j * jurisdictions..(j + 1) * jurisdictions], &c.users);
        if users > 0.0 && revenue(j) > 0.0 {
            paid += revenue(j);
            counted += users;
        }
    }
    // A lab with revenue from consumers whom no survey names has as many as pay the others' mean.
    for j in 0..labs {
        let row = &mut c.share[j * jurisdictions..(j + 1) * jurisdictions];
        if row.iter().all(|&s| s == 0.0) && revenue(j) > 0.0 && paid > 0.0 {
            let reached: f64 = (0..jurisdictions).filter(|&g| sells(j, g)).map(|g| c.users[g]).sum();
            let share = if reached > 0.0 { revenue(j) * counted / paid / reached } else { 0.0 };
            (0..jurisdictions)
                .filter(|&g| sells(j, g))
                .for_each(|g| row[g] = share.min(p.consumers.inferred_share_cap));
        }
    }
    for g in 0..jurisdictions {
        let total: f64 = (0..labs).map(|j| c.share[j * jurisdictions + g]).sum();
        let scale = if total > 1.0 - LEAST_OTHERS { (1.0 - LEAST_OTHERS) / total } else { 1.0 };
        for j in 0..labs {
            let share = &mut c.share[j * jurisdictions + g];
            *share *= scale;
            if *share > 0.0 {
                let others = 1.0 - total * scale;
                c.appeal[j * jurisdictions + g] =
                    fitted_appeal(*share, others, capability(world, ctx, j, frontier(world)));
            }
        }
    }
    for j in 0..labs {
        let users = users_of(&c.share[j * jurisdictions..(j + 1) * jurisdictions], &c.users);
        c.initial_revenue_per_user_usd[j] = if users > 0.0 { revenue(j) / users } else { 0.0 };
    }
    world.consumers = c;
    settle(world, ctx);
}
