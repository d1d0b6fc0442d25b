//! Labs keep the rules or break them, and some who break them are found out (section 3.12).

use crate::mechanisms::enforcement::{breaks, detection, exclusion_usd, gain_usd, hazard_of, perception};
use crate::mechanisms::regulation::{audit_delay_months, burden, fine_usd, probability};
use crate::random::Purpose;
use crate::step::regulators::stance;
use crate::step::{Context, posture};
use crate::world::World;

/// Lets each lab decide where audits bind, and finds out some of those who break the rules.
///
/// A lab thinks anew in every step, with one perception of its chances a year: the decision is that of a year, and follows the rules
/// at once when they change.
pub(super) fn enforce(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    if !p.mechanisms.enforcement {
        return;
    }
    let chance =
        detection(p.enforcement.inspection, p.enforcement.miss, p.enforcement.whistle_blower, p.enforcement.leak);
    let found = probability(hazard_of(chance), ctx.dt);
    let months = 12.0 * ctx.dt;
    for (i, agent) in p.labs.iter().enumerate() {
        for (g, place) in p.jurisdictions.iter().enumerate() {
            let at = i * j + g;
            let r = &mut world.regulators;
            r.sanction_months_left[at] = (r.sanction_months_left[at] - months).max(0.0);
            r.probation_months_left[at] = (r.probation_months_left[at] - months).max(0.0);
            let z = || ctx.draws.normal(Purpose::RulePerception, agent.key, place.key, ctx.month.0.div_euclid(12));
            let breaks = Stakes::of(world, ctx, i, g).is_some_and(|s| s.worth_it(ctx, chance, z()));
            world.regulators.violating[at] = breaks;
            if breaks && ctx.draws.uniform(Purpose::RuleFoundOut, agent.key, place.key, ctx.month.0) < found {
                punish(world, ctx, i, g);
            }
        }
    }
}

/// What a lab stands to gain and to lose in a jurisdiction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stakes {
    /// USD per year.
    gain: f64,
    /// USD.
    fine: f64,
    /// USD.
    exclusion: f64,
}

impl Stakes {
    /// The stakes, where there are rules to break and something to sell.
    pub(super) fn of(world: &World, ctx: &Context, i: usize, g: usize) -> Option<Stakes> {
        let p = ctx.parameters;
        let j = world.dims.jurisdictions;
        let at = i * j + g;
        let (labs, r) = (&world.labs, &world.regulators);
        if !r.audits_in_force[g] || !labs.alive[i] || labs.excluded[at] || r.probation_months_left[at] > 0.0 {
            return None;
        }
        let by = world.demand.by_jurisdiction_usd.get(i * j..(i + 1) * j)?;
        let (there, all) = (by[g], by.iter().sum::<f64>());
        let run_rate = labs.run_rate_usd[i];
        if there <= 0.0 || run_rate <= 0.0 {
            return None;
        }
        let e = &p.enforcement;
        let revenue = run_rate * there / all;
        let margin = 1.0 - labs.serving_cost_usd[i] / run_rate;
        let readiness = posture::audit_readiness(world, p, i);
        let compliance = p.regulation.compliance_share
            * r.stringency[g]
            * burden(r.readiness_saving[g], readiness, labs.safety[i])
            * revenue;
        let delay = audit_delay_months(p.regulation.audit_delay_months, readiness);
        let posture = p.regulators[r.regulator[g]].values.parameters.posture;
        let exclusion = (e.exclusion_chance * stance(&p.regulation, posture).exclusion).min(1.0);
        Some(Stakes {
            gain: gain_usd(compliance, delay, e.delay_cost_per_month, revenue, margin),
            fine: fine_of(world, ctx, i, at),
            exclusion: exclusion_usd(exclusion, e.exclusion_months, e.comeback_years, revenue, margin),
        })
    }
    /// Whether breaking the rules pays for a lab that draws `z`.
    pub(super) fn worth_it(&self, ctx: &Context, chance: f64, z: f64) -> bool {
        let e = &ctx.parameters.enforcement;
        let reputation = e.reputation_ratio * self.fine;
        breaks(self.gain, chance, self.fine, reputation, self.exclusion, perception(e.perception_sd, z))
    }
}

/// The fine that a lab faces, or pays: graver for one that was found out before.
fn fine_of(world: &World, ctx: &Context, i: usize, at: usize) -> f64 {
    let (r, e) = (&ctx.parameters.regulation, &ctx.parameters.enforcement);
    let again = world.regulators.found_out[at] > 0.0;
    let (floor, share) =
        if again { (e.grave_fine_floor_usd, e.grave_fine_share) } else { (r.fine_floor_usd, r.fine_share) };
    if ctx.parameters.mechanisms.fines { fine_usd(floor, share, world.labs.run_rate_usd[i]) } else { 0.0 }
}

/// A lab that is found out pays, is trusted less, is watched, and may be shut out.
fn punish(world: &mut World, ctx: &Context, i: usize, g: usize) {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    let at = i * j + g;
    let (lab, place) = (p.labs[i].key, p.jurisdictions[g].key);
    let fine = fine_of(world, ctx, i, at);
    // The news of it goes round the world.
    for elsewhere in &mut world.labs.bad_evidence[i * j..(i + 1) * j] {
        *elsewhere += p.enforcement.trust_evidence;
    }
    let r = &mut world.regulators;
    r.fines_usd[i] += fine;
    if fine > 0.0 {
        r.fines_by_month[g * 12 + ctx.month.0.rem_euclid(12) as usize] += 1.0;
    }
    r.found_out[at] += 1.0;
    r.violating[at] = false;
    r.probation_months_left[at] = p.enforcement.probation_months;
    let posture = p.regulators[r.regulator[g]].values.parameters.posture;
    let chance = p.enforcement.exclusion_chance * stance(&p.regulation, posture).exclusion;
    if ctx.draws.uniform(Purpose::RuleExclusion, lab, place, ctx.month.0) < chance {
        r.sanction_months_left[at] = p.enforcement.exclusion_months;
    }
}
