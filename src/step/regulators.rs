//! Regulators respond (section 3.12).

use crate::math::exp;
use crate::mechanisms::regulation::{compliance_share, fine_usd, next_stringency, strikes};
use crate::random::Purpose;
use crate::scenario::Parameters;
use crate::step::Context;
use crate::world::World;

/// Part of a regime's index that moves the rules in a year, relative to the sd of the drift.
const REGIME_PUSH: f64 = 0.5;

/// Looks up which labs parameters and events name; to be called whenever parameters change, so that the month compares no names.
pub fn index_names(world: &mut World, p: &Parameters) {
    let j = world.dims.jurisdictions;
    for (i, lab) in p.labs.iter().enumerate() {
        for (g, place) in p.jurisdictions.iter().enumerate() {
            let k = world.regulators.regulator[g];
            let named = |list: &[String]| list.contains(&lab.id);
            let (excluded, banned) = match p.regulators.get(k) {
                Some(r) => (named(&r.values.parameters.excluded_labs), named(&r.values.parameters.banned_labs)),
                None => (false, false),
            };
            world.regulators.named_excluded[i * j + g] = excluded;
            world.regulators.named_banned[i * j + g] =
                banned || lab.values.parameters.absent_from.contains(&place.id);
        }
    }
}

/// Moves salience, stringency, regimes and cases by a step, and puts instruments in force.
pub fn respond(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    world.regulators.fines_usd.fill(0.0);
    if p.mechanisms.regulation {
        for g in 0..j {
            let k = world.regulators.regulator[g];
            if k < p.regulators.len() {
                legislate(world, ctx, g, k);
                act(world, ctx, g, k);
            }
        }
    }
    put_in_force(world, ctx);
}

fn legislate(world: &mut World, ctx: &Context, g: usize, k: usize) {
    let p = ctx.parameters;
    let m = &p.regulation;
    let agent = &p.regulators[k];
    let own = &agent.values.parameters;
    let response = own.posture.response();
    elect(world, ctx, g, k);
    let r = &mut world.regulators;
    let pulse = p.incidents.salience * world.environment.salience_pulse;
    r.salience[g] = (r.salience[g] * exp(-m.salience_decay_per_year * ctx.dt) + pulse).clamp(0.0, 1.0);
    // Lobbying in a place comes from the labs that sell there.
    let (mut lobbying, mut labs) = (0.0, 0.0);
    for (i, lab) in p.labs.iter().enumerate() {
        if world.labs.alive[i] && !world.labs.excluded[i * world.dims.jurisdictions + g] {
            lobbying += lab.values.parameters.lobbying;
            labs += 1.0;
        }
    }
    let lobbying = if labs > 0.0 { lobbying / labs } else { 0.0 };
    // Noise scales with the root of the step so that its variance per year does not depend on the step.
    let noise = m.regime_drift_sd / ctx.dt.sqrt() * ctx.draws.normal(Purpose::RegimeDrift, agent.key, 0, ctx.month.0);
    let drift = response.drift_per_year + REGIME_PUSH * m.regime_drift_sd * r.regime[g] + noise;
    r.stringency[g] = next_stringency(
        r.stringency[g],
        m.salience_response_per_year * response.salience * r.salience[g],
        m.lobbying_response_per_year * response.lobbying * lobbying * own.influence,
        drift,
        ctx.dt,
    );
}

/// Holds a scheduled election that falls into the step; a change of regime turns its sign.
fn elect(world: &mut World, ctx: &Context, g: usize, k: usize) {
    let agent = &ctx.parameters.regulators[k];
    let own = &agent.values.parameters;
    let interval = own.election_interval_months as i32;
    if interval == 0 {
        return;
    }
    for back in 0..ctx.parameters.months_per_step() {
        let month = ctx.month.plus(-back);
        let since = month.since(own.next_election);
        if since >= 0 && since % interval == 0 {
            let u = ctx.draws.uniform(Purpose::Election, agent.key, 0, month.0);
            if u < own.turnover {
                let regime = &mut world.regulators.regime[g];
                // A neutral regime has no opposite: the new one leans either way.
                *regime = if *regime == 0.0 { if u < own.turnover / 2.0 { -0.5 } else { 0.5 } } else { -*regime };
            }
        }
    }
}

/// Fines and targeted action.
fn act(world: &mut World, ctx: &Context, g: usize, k: usize) {
    let p = ctx.parameters;
    let m = &p.regulation;
    let j = world.dims.jurisdictions;
    let place = p.jurisdictions[g].key;
    let targeting = p.regulators[k].values.parameters.posture.response().targeting;
    world.regulators.cases_open[g] *= exp(-ctx.dt);
    for i in 0..world.dims.labs {
        let at = i * j + g;
        let key = p.labs[i].key;
        let left = world.regulators.targeted_months_left[at];
        world.regulators.targeted_months_left[at] = (left - ctx.dt * 12.0).max(0.0);
        if !world.labs.alive[i] || world.labs.excluded[at] {
            continue;
        }
        if p.mechanisms.fines {
            let hazard = m.fine_hazard_per_year * world.regulators.stringency[g];
            if ctx.draws.uniform(Purpose::Fine, key, place, ctx.month.0) < strikes(hazard, ctx.dt)
                && world.labs.run_rate_usd[i] > 0.0
            {
                world.regulators.fines_usd[i] += fine_usd(world.labs.run_rate_usd[i], m.fine_share, m.fine_floor_usd);
                world.regulators.cases_open[g] += 1.0;
            }
        }
        if p.mechanisms.targeted_action {
            let hazard = world.regulators.targeted_hazard[at] * p.labs[i].values.parameters.political_friction * targeting;
            if ctx.draws.uniform(Purpose::TargetedAction, key, place, ctx.month.0) < strikes(hazard, ctx.dt) {
                let months = m.targeted_months * ctx.draws.exponential(Purpose::TargetedMonths, key, place, ctx.month.0);
                let left = &mut world.regulators.targeted_months_left[at];
                *left = left.max(months);
                world.regulators.cases_open[g] += 1.0;
            }
        }
    }
}

/// Audits, exclusions, the hazard of loss that buyers anticipate, and the cost of compliance, as they stand this month.
pub fn put_in_force(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let m = &p.regulation;
    let on = p.mechanisms.regulation;
    let j = world.dims.jurisdictions;
    for g in 0..j {
        world.regulators.audits_in_force[g] = on
            && p.mechanisms.audits
            && world.regulators.regulator[g] != usize::MAX
            && world.regulators.stringency[g] >= m.audit_threshold;
    }
    for i in 0..world.dims.labs {
        let own = &p.labs[i].values.parameters;
        let (mut sales, mut cost) = (0.0, 0.0);
        for g in 0..j {
            let at = i * j + g;
            let r = &world.regulators;
            world.labs.excluded[at] = r.named_banned[at];
            world.labs.excluded_public[at] = r.named_excluded[at] || r.targeted_months_left[at] > 0.0;
            let targeting =
                p.regulators.get(r.regulator[g]).map_or(0.0, |a| a.values.parameters.posture.response().targeting);
            world.labs.loss_hazard[at] = if on && p.mechanisms.targeted_action {
                m.anticipation * r.targeted_hazard[at] * own.political_friction * targeting
            } else {
                0.0
            };
            let here = world.demand.by_jurisdiction_usd.get(at).copied().unwrap_or(0.0);
            sales += here;
            if on && r.regulator[g] != usize::MAX && r.audits_in_force[g] {
                cost += here
                    * compliance_share(m.compliance_share, r.stringency[g], m.readiness_saving, own.audit_readiness, world.labs.safety[i]);
            }
        }
        world.labs.compliance_share[i] = if sales > 0.0 { cost / sales } else { 0.0 };
    }
}
