//! Antitrust cases begin, end, and leave a remedy (section 3.12).

use crate::math::exp;
use crate::mechanisms::antitrust::{case_hazard, opened};
use crate::random::Purpose;
use crate::step::Context;
use crate::step::regulators::stance;
use crate::world::World;

/// Moves the cases against dominant labs through the step.
pub(super) fn proceed(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (a, j) = (world.dims.alternatives, world.dims.jurisdictions);
    if !p.mechanisms.antitrust {
        return;
    }
    let spend = &world.demand.by_jurisdiction_usd;
    for (g, place) in p.jurisdictions.iter().enumerate() {
        let r = &mut world.regulators;
        if r.regulator[g] == usize::MAX {
            continue;
        }
        let posture = p.regulators[r.regulator[g]].values.parameters.posture;
        let all: f64 = (0..a).map(|k| spend.get(k * j + g).copied().unwrap_or(0.0)).sum();
        for (i, agent) in p.labs.iter().enumerate() {
            let at = i * j + g;
            let months = 12.0 * ctx.dt;
            r.remedy_months_left[at] = (r.remedy_months_left[at] - months).max(0.0);
            if !world.labs.alive[i] {
                r.antitrust_months_left[at] = 0.0;
                continue;
            }
            if r.antitrust_months_left[at] > 0.0 {
                r.antitrust_months_left[at] = (r.antitrust_months_left[at] - months).max(0.0);
                let u = || ctx.draws.uniform(Purpose::AntitrustFinding, agent.key, place.key, ctx.month.0);
                if r.antitrust_months_left[at] <= 0.0 && u() < p.antitrust.finding {
                    r.remedy_months_left[at] = p.antitrust.remedy_months;
                    if p.mechanisms.fines {
                        r.fines_usd[i] += p.antitrust.fine_share * world.labs.run_rate_usd[i];
                        r.fines_by_month[g * 12 + ctx.month.0.rem_euclid(12) as usize] += 1.0;
                    }
                }
            } else if all > 0.0 && r.remedy_months_left[at] <= 0.0 {
                let share = spend[at] / all;
                let hazard = case_hazard(
                    share,
                    p.antitrust.share_threshold,
                    p.antitrust.hazard_per_year,
                    stance(&p.regulation, posture).rise,
                );
                if ctx.draws.happens(Purpose::AntitrustCase, agent.key, place.key, ctx.month.0, hazard * ctx.dt) {
                    r.antitrust_months_left[at] = p.antitrust.case_months;
                }
            }
        }
    }
}

/// How much easier than usual it is to leave a lab for a buyer that buys everywhere and bears this switching cost: the mean over
/// jurisdictions, by what enterprises spend on the lab, of `e^{relief}` where a remedy holds and 1 elsewhere.
pub(in crate::step) fn ease_of_leaving(world: &World, ctx: &Context, i: usize, cost: f64) -> f64 {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    let remedies = &world.regulators.remedy_months_left[i * j..(i + 1) * j];
    if !p.mechanisms.antitrust || remedies.iter().all(|&months| months <= 0.0) {
        return 1.0;
    }
    let spend = &world.demand.by_jurisdiction_usd[i * j..(i + 1) * j];
    let all: f64 = spend.iter().sum();
    let opened_to: f64 = spend.iter().zip(remedies).filter(|(_, months)| **months > 0.0).map(|(usd, _)| usd).sum();
    let part = if all > 0.0 { opened_to / all } else { 0.0 };
    1.0 + part * (exp(cost - opened(cost, p.antitrust.interoperability)) - 1.0)
}
