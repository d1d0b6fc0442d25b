//! Regulators respond: salience and stringency move, elections are held, audits bind, labs are fined or shut out
//! (section 3.12).

use crate::mechanisms::regulation::{
    burden, election_within, fine_usd, probability, regime_after_election, salience_after, salience_mean,
    salience_raised, stringency_after,
};
use crate::random::Purpose;
use crate::scenario::Parameters;
use crate::step::{Context, posture};
use crate::strategies::regulator::Posture;
use crate::world::World;

/// What a posture changes: factors on the rise with salience, on the fall with lobbying and on the hazard of targeted
/// action, and a drift of stringency per year that needs no cause.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stance {
    rise: f64,
    fall: f64,
    targeted: f64,
    drift_per_year: f64,
}

/// Judgement, wide: how far each posture departs from the responsive one, at which the parameters are stated.
fn stance(posture: Posture) -> Stance {
    let responsive = Stance { rise: 1.0, fall: 1.0, targeted: 1.0, drift_per_year: 0.0 };
    match posture {
        Posture::Responsive => responsive,
        Posture::LaissezFaire => Stance { rise: 0.5, fall: 1.5, ..responsive },
        Posture::Precautionary => Stance { rise: 1.25, fall: 0.5, drift_per_year: 0.03, ..responsive },
        Posture::Adversarial => Stance { targeted: 3.0, ..responsive },
    }
}

/// Resolves the names of jurisdictions and labs in the parameters, so that no month compares strings. Needed at the start
/// and whenever an event changes the parameters.
pub fn index_names(world: &mut World, parameters: &Parameters) {
    let j = world.dims.jurisdictions;
    let r = &mut world.regulators;
    for (i, agent) in parameters.labs.iter().enumerate() {
        for (g, place) in parameters.jurisdictions.iter().enumerate() {
            let rules = parameters.regulators.get(r.regulator[g]).map(|k| &k.values.parameters);
            let named = |list: &[String]| list.contains(&agent.id);
            r.listed_excluded[i * j + g] = rules.is_some_and(|k| named(&k.excluded_labs));
            r.listed_banned[i * j + g] =
                rules.is_some_and(|k| named(&k.banned_labs)) || agent.values.parameters.absent_from.contains(&place.id);
        }
    }
    shut_out(world, parameters);
}

/// Moves regulation through the step.
pub fn respond(world: &mut World, ctx: &Context) {
    world.regulators.fines_usd.fill(0.0);
    if ctx.parameters.mechanisms.regulation {
        for g in 0..world.dims.jurisdictions {
            if world.regulators.regulator[g] != usize::MAX {
                move_stringency(world, ctx, g);
            }
        }
        target(world, ctx);
        fine(world, ctx);
    }
    take_stock(world, ctx);
}

/// What follows from the state of regulation: who is shut out, which audits bind, what compliance costs, what buyers fear.
pub fn take_stock(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    shut_out(world, p);
    let on = p.mechanisms.regulation;
    for g in 0..world.dims.jurisdictions {
        let r = &mut world.regulators;
        let bound = r.regulator[g] != usize::MAX && r.stringency[g] >= p.regulation.audit_threshold;
        r.audits_in_force[g] = on && p.mechanisms.audits && bound;
    }
    count_cases(world);
    for i in 0..world.dims.labs {
        world.labs.compliance_share[i] = compliance_share(world, ctx, i);
        for g in 0..world.dims.jurisdictions {
            let hazard = targeted_hazard(world, ctx, i, g);
            world.labs.loss_hazard[i * world.dims.jurisdictions + g] = p.regulation.anticipation * hazard;
        }
    }
}

/// One jurisdiction: elections of the step, then stringency under the salience of the step, then salience itself.
fn move_stringency(world: &mut World, ctx: &Context, g: usize) {
    let p = ctx.parameters;
    let key = p.jurisdictions[g].key;
    let rules = &p.regulators[world.regulators.regulator[g]].values.parameters;
    let lobbying = lobbying(world, ctx, g);
    let pulse = world.environment.salience_pulse;
    let before = ctx.month.plus(-p.months_per_step());
    let r = &mut world.regulators;
    if let Some(month) = election_within(rules.next_election, rules.election_interval_months as i32, before, ctx.month)
    {
        let u = ctx.draws.uniform(Purpose::Election, key, 0, month.0);
        r.regime[g] = regime_after_election(r.regime[g], rules.turnover, u);
    }
    r.salience[g] = salience_raised(r.salience[g], pulse, p.incidents.salience);
    let stance = stance(rules.posture);
    let salience = salience_mean(r.salience[g], p.regulation.salience_decay_per_year, ctx.dt);
    let rise = p.regulation.salience_response_per_year * stance.rise * salience;
    let fall = p.regulation.lobbying_response_per_year * stance.fall * lobbying * rules.influence;
    // A regime pushes one way for its term, and chance pushes either way: its variance grows with time.
    let noise = ctx.draws.normal(Purpose::RegimeDrift, key, 0, ctx.month.0) / ctx.dt.sqrt();
    let drift = p.regulation.regime_drift_sd * (r.regime[g] + noise) + stance.drift_per_year;
    r.stringency[g] = stringency_after(r.stringency[g], rise, fall, drift, ctx.dt);
    r.salience[g] = salience_after(r.salience[g], p.regulation.salience_decay_per_year, ctx.dt);
}

/// Lobbying of the labs relative to the mean lab, weighted by trust in them: a trusted lab has more say in the rules.
fn lobbying(world: &World, ctx: &Context, g: usize) -> f64 {
    let j = world.dims.jurisdictions;
    let (mut said, mut weight) = (0.0, 0.0);
    for (i, agent) in ctx.parameters.labs.iter().enumerate() {
        if world.labs.alive[i] {
            let trust = if ctx.parameters.mechanisms.trust { world.labs.trust[i * j + g] } else { 1.0 };
            said += trust * agent.values.parameters.lobbying;
            weight += trust;
        }
    }
    if weight > 0.0 { said / weight } else { 0.0 }
}

/// Hazard of targeted action upon a lab in a jurisdiction, per year.
fn targeted_hazard(world: &World, ctx: &Context, i: usize, g: usize) -> f64 {
    let p = ctx.parameters;
    let r = &world.regulators;
    if !p.mechanisms.regulation || !p.mechanisms.targeted_action || r.regulator[g] == usize::MAX || !world.labs.alive[i]
    {
        return 0.0;
    }
    let friction = if r.home[i] == g { p.labs[i].values.parameters.political_friction } else { 1.0 };
    let posture = p.regulators[r.regulator[g]].values.parameters.posture;
    let regime = 1.0 + p.regulation.targeted_regime * r.regime[g].abs();
    r.targeted_hazard[i * world.dims.jurisdictions + g] * friction * regime * stance(posture).targeted
}

/// Targeted actions run out, and new ones begin.
fn target(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    for (i, agent) in p.labs.iter().enumerate() {
        for (g, place) in p.jurisdictions.iter().enumerate() {
            let at = i * j + g;
            let left = &mut world.regulators.targeted_months_left[at];
            if *left > 0.0 {
                *left = (*left - 12.0 * ctx.dt).max(0.0);
                continue;
            }
            let chance = probability(targeted_hazard(world, ctx, i, g), ctx.dt);
            if chance > 0.0 && ctx.draws.uniform(Purpose::TargetedAction, agent.key, place.key, ctx.month.0) < chance {
                let months = ctx.draws.exponential(Purpose::TargetedMonths, agent.key, place.key, ctx.month.0);
                world.regulators.targeted_months_left[at] = p.regulation.targeted_months * months;
            }
        }
    }
}

/// Fines: more likely under strict rules, less for a lab that is ready and safe.
fn fine(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    // The cells of this step's months, a year old, make room.
    for back in 0..p.months_per_step() {
        let month = ctx.month.plus(-back).0.rem_euclid(12) as usize;
        for g in 0..j {
            world.regulators.fines_by_month[g * 12 + month] = 0.0;
        }
    }
    if !p.mechanisms.fines {
        return;
    }
    let month = ctx.month.0.rem_euclid(12) as usize;
    for (i, agent) in p.labs.iter().enumerate() {
        let run_rate = world.labs.run_rate_usd[i];
        if !world.labs.alive[i] || run_rate <= 0.0 {
            continue;
        }
        let burden = burden(p.regulation.readiness_saving, posture::audit_readiness(world, p, i), world.labs.safety[i]);
        for (g, place) in p.jurisdictions.iter().enumerate() {
            let r = &mut world.regulators;
            if r.regulator[g] == usize::MAX || world.labs.excluded[i * j + g] {
                continue;
            }
            let chance = probability(p.regulation.fine_hazard_per_year * r.stringency[g] * burden, ctx.dt);
            if chance > 0.0 && ctx.draws.uniform(Purpose::Fine, agent.key, place.key, ctx.month.0) < chance {
                r.fines_usd[i] += fine_usd(p.regulation.fine_floor_usd, p.regulation.fine_share, run_rate);
                r.fines_by_month[g * 12 + month] += 1.0;
            }
        }
    }
}

/// Who is shut out: by targeted action or a listed exclusion from public buyers; by a ban or its own absence from all.
fn shut_out(world: &mut World, parameters: &Parameters) {
    let acts = parameters.mechanisms.regulation && parameters.mechanisms.targeted_action;
    let r = &world.regulators;
    for at in 0..r.listed_banned.len() {
        world.labs.excluded_public[at] = acts && r.targeted_months_left[at] > 0.0 || r.listed_excluded[at];
        world.labs.excluded[at] = r.listed_banned[at];
    }
}

fn count_cases(world: &mut World) {
    let j = world.dims.jurisdictions;
    let r = &mut world.regulators;
    for g in 0..j {
        let targeted = (0..world.dims.labs).filter(|&i| r.targeted_months_left[i * j + g] > 0.0).count();
        r.cases_open[g] = targeted as f64 + r.fines_by_month[g * 12..(g + 1) * 12].iter().sum::<f64>();
    }
}

/// Share of a lab's revenue that compliance costs: by where its enterprise customers are.
fn compliance_share(world: &World, ctx: &Context, i: usize) -> f64 {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    if !p.mechanisms.regulation || !world.labs.alive[i] {
        return 0.0;
    }
    let Some(by) = world.demand.by_jurisdiction_usd.get(i * j..(i + 1) * j) else {
        return 0.0;
    };
    let all: f64 = by.iter().sum();
    if all <= 0.0 {
        return 0.0;
    }
    let r = &world.regulators;
    let strict: f64 = (0..j).filter(|&g| r.audits_in_force[g]).map(|g| by[g] / all * r.stringency[g]).sum();
    let readiness = posture::audit_readiness(world, p, i);
    p.regulation.compliance_share * strict * burden(p.regulation.readiness_saving, readiness, world.labs.safety[i])
}

#[cfg(test)]
mod tests;
