//! Incidents happen, and trust follows (sections 3.5 and 3.6).

use crate::mechanisms::incidents::{draw, excite, mean_severity, severity_spread, unsafety, usage_weight};
use crate::mechanisms::trust::{accrue, evidence_variance, good_evidence_unharmed, retention, thin_evidence, trust};
use crate::random::Purpose;
use crate::scenario::parameters::MAX_LABS;
use crate::step::{Context, posture};
use crate::world::World;

/// What is spent on a lab's models in a year, whoever hosts them, USD: its usage.
///
/// Spend and not tokens: tokens grow tenfold a year as they get cheaper, recorded incidents by half, and the exponent was fitted to spend.
pub fn usage_usd(world: &World, i: usize) -> f64 {
    if !world.labs.alive[i] {
        return 0.0;
    }
    let labs = &world.labs;
    world.demand.total_usd[i]
        + labs.revenue_other_usd[i]
        + labs.revenue_consumer_usd[i]
        + labs.revenue_applications_usd[i]
}

/// Sets the unit of usage and the rate that makes all labs together suffer the declared number of incidents a year.
pub fn calibrate(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let l = world.dims.labs;
    let unit = (0..l).map(|i| usage_usd(world, i)).fold(0.0, f64::max);
    world.environment.usage_unit_usd = unit.max(1e-9);
    for i in 0..l {
        world.labs.usage[i] = usage_usd(world, i) / world.environment.usage_unit_usd;
    }
    let weight = |world: &World, i: usize| usage_weight(world.labs.usage[i], p.incidents.usage_exponent);
    let weights: f64 = (0..l).map(|i| weight(world, i)).sum();
    let reference = (0..l).map(|i| weight(world, i) * world.labs.safety[i]).sum::<f64>() / weights.max(1e-12);
    world.environment.reference_safety = reference;
    let all: f64 = (0..l).map(|i| weight(world, i) * unsafety_of(world, ctx, i)).sum();
    let offspring = if p.mechanisms.incident_excitation { 1.0 - p.incidents.branching } else { 1.0 };
    world.environment.incident_rate_per_exposure =
        if all > 0.0 { p.incidents.rate_per_year * offspring / all } else { 0.0 };
    world.environment.excitation_per_year = p.incidents.rate_per_year * (1.0 - offspring);
    for i in 0..l {
        let on = ctx.parameters.mechanisms.incidents;
        world.labs.expected_severity[i] = if on { unsafety_of(world, ctx, i) } else { 0.0 };
    }
}

fn unsafety_of(world: &World, ctx: &Context, i: usize) -> f64 {
    unsafety(world.labs.safety[i], world.environment.reference_safety, ctx.parameters.incidents.safety_effect)
}

/// Draws the incidents of the step and moves trust.
pub fn occur(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, s) = (world.dims.labs, world.dims.sectors);
    let on = p.mechanisms.incidents;
    let (mut weights, mut exposures) = ([0.0; MAX_LABS], [0.0; MAX_LABS]);
    for i in 0..l {
        world.labs.usage[i] = usage_usd(world, i) / world.environment.usage_unit_usd;
        weights[i] = usage_weight(world.labs.usage[i], p.incidents.usage_exponent);
        let unsafety = unsafety_of(world, ctx, i);
        world.labs.expected_severity[i] = if on { unsafety } else { 0.0 };
        if world.labs.alive[i] {
            exposures[i] = weights[i] * unsafety;
        }
    }
    let exposed: f64 = exposures[..l].iter().sum();
    let excitation = if p.mechanisms.incident_excitation { world.environment.excitation_per_year } else { 0.0 };
    let (mut all, mut severity_all) = (0.0, 0.0);
    for (i, &own) in exposures.iter().enumerate().take(l) {
        let (mut count, mut severity) = (0.0, 0.0);
        if on && world.labs.alive[i] && own > 0.0 {
            let rate = world.environment.incident_rate_per_exposure * own + excitation * own / exposed;
            let mut stream = ctx.draws.stream(Purpose::IncidentCount, p.labs[i].key, 0, ctx.month.0);
            (count, severity) = draw(
                &mut stream,
                rate * ctx.dt,
                p.incidents.severity_sd,
                world.labs.blind_spot[i],
                p.safety.blind_spot_cluster,
            );
        }
        world.labs.incidents[i] = count;
        world.labs.severity[i] = severity;
        world.labs.hit_sector[i] = usize::MAX;
        if count > 0.0 && s > 0 {
            let u = ctx.draws.uniform(Purpose::IncidentSector, p.labs[i].key, 0, ctx.month.0);
            world.labs.hit_sector[i] = weighted(&world.demand.by_sector_usd[i * s..(i + 1) * s], u);
        }
        all += count;
        severity_all += severity;
    }
    world.environment.salience_pulse = severity_all;
    world.environment.excitation_per_year = if on {
        excite(
            world.environment.excitation_per_year,
            all,
            p.incidents.branching,
            p.incidents.excitation_decay_per_year,
            ctx.dt,
        )
    } else {
        0.0
    };
    move_trust(world, ctx, &weights);
}

/// Index drawn in proportion to the weights; the first when all are zero.
fn weighted(weights: &[f64], u: f64) -> usize {
    let mut left = u * weights.iter().sum::<f64>();
    for (k, w) in weights.iter().enumerate() {
        left -= w;
        if left < 0.0 {
            return k;
        }
    }
    0
}

fn move_trust(world: &mut World, ctx: &Context, weights: &[f64; MAX_LABS]) {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    let mean = mean_severity(p.incidents.severity_sd);
    let offspring = if p.mechanisms.incident_excitation { 1.0 - p.incidents.branching } else { 1.0 };
    let per_exposure = world.environment.incident_rate_per_exposure / offspring;
    let kept = p.trust.retention_per_quarter;
    // Harm within the step decays for half of it in the mean.
    let (left, left_of_harm) = (retention(kept, ctx.dt), retention(kept, 0.5 * ctx.dt));
    let (left_of_variance, of_inflow) = (left * left, good_evidence_unharmed(1.0, kept));
    for (i, weight) in weights.iter().enumerate().take(world.dims.labs) {
        // Incidents count against those expected in a year of a lab of this usage at the reference safety:
        // otherwise trust would be another word for scale.
        let severity = world.labs.severity[i];
        let expected = per_exposure * weight;
        let harm = if severity > 0.0 && expected > 0.0 {
            p.trust.bad_evidence_weight * severity / mean / expected
        } else {
            0.0
        };
        // Few incidents that count for much each are thin evidence.
        let labs = &mut world.labs;
        let relative = labs.expected_severity[i];
        let spread = severity_spread(p.incidents.severity_sd, labs.blind_spot[i], p.safety.blind_spot_cluster);
        let variance = evidence_variance(p.trust.bad_evidence_weight, expected, relative, spread, kept);
        labs.evidence_variance[i] = accrue(labs.evidence_variance[i], variance, left_of_variance);
        let variance = labs.evidence_variance[i];
        let mean_harm = p.trust.bad_evidence_weight * relative * of_inflow;
        let published = posture::published_method(p, labs.open[i], world.posture.method[i]);
        for g in 0..j {
            let at = i * j + g;
            let mut inflow = p.trust.good_evidence_per_year + p.trust.publication_evidence_per_year * published;
            // Who breaks the rules passes no audit.
            if world.regulators.audits_in_force[g] && !world.regulators.violating[at] {
                inflow += p.trust.audit_evidence_per_year * posture::audit_readiness(world, p, i);
            }
            let labs = &mut world.labs;
            labs.good_evidence[at] = accrue(labs.good_evidence[at], inflow * of_inflow, left);
            labs.bad_evidence[at] = labs.bad_evidence[at] * left + harm * left_of_harm;
            labs.thin_evidence[at] = thin_evidence(labs.good_evidence[at], mean_harm, variance);
            let bad = labs.bad_evidence[at] + labs.thin_evidence[at];
            labs.trust[at] = trust(labs.good_evidence[at], bad, labs.trust_ceiling[at]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::tests_support::{context, parameters, started};
    use crate::world::refill;

    /// Two labs of one safety, one used a thousand times as much as the other, both without evidence against them.
    fn two(p: &crate::scenario::Parameters) -> World {
        let mut world = started(p, 0);
        let labs = &mut world.labs;
        for column in [&mut labs.usage, &mut labs.incidents, &mut labs.blind_spot, &mut labs.evidence_variance] {
            refill(column, 2, 0.0);
        }
        refill(&mut labs.trust_ceiling, 4, 1.0);
        for column in [&mut labs.good_evidence, &mut labs.bad_evidence, &mut labs.thin_evidence] {
            refill(column, 4, 0.0);
        }
        world.labs.revenue_other_usd = vec![0.0, 999.0 * usage_usd(&world, 0)];
        let start = world.month;
        calibrate(&mut world, &context(p, 0, start));
        world
    }

    #[test]
    fn labs_alike_in_safety_are_trusted_alike_in_the_mean_whatever_their_size() {
        let mut p = parameters(2);
        p.mechanisms.audits = false;
        let mut world = two(&p);
        let start = world.month;
        let (mut incidents, mut harm) = ([0.0; 2], [0.0; 2]);
        // Evidence lasts for some years: means of a century are all but independent.
        let (batches, months, warm) = (120, 1200, 240);
        let mut apart = vec![0.0; batches as usize];
        for month in 1..=warm + batches * months {
            occur(&mut world, &context(&p, 0, start.plus(month)));
            if month <= warm {
                continue;
            }
            for i in 0..2 {
                incidents[i] += world.labs.incidents[i];
                harm[i] += world.labs.bad_evidence[2 * i] / f64::from(batches * months);
            }
            let batch = &mut apart[((month - warm - 1) / months) as usize];
            *batch += (world.labs.trust[2] - world.labs.trust[0]) / f64::from(months);
        }
        assert!(incidents[1] > 8.0 * incidents[0], "{incidents:?}");
        assert!((harm[1] / harm[0] - 1.0).abs() < 0.05, "{harm:?}");
        let n = f64::from(batches);
        let mean = apart.iter().sum::<f64>() / n;
        let error = (apart.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0) / n).sqrt();
        // Fine enough to see what thin evidence would do: a point of trust and more.
        assert!(error < 0.0018 && mean.abs() < 3.0 * error, "{mean} ({error})");
    }

    #[test]
    fn a_lab_that_publishes_how_it_aligns_its_models_is_trusted_more_unless_that_counts_for_nothing() {
        use crate::mechanisms::safety::Method;
        let trust = |evidence: f64, open: bool, method: Method| {
            let mut p = parameters(2);
            p.trust.publication_evidence_per_year = evidence;
            p.mechanisms.incidents = false;
            let mut world = two(&p);
            world.labs.open[0] = open;
            world.posture.method[0] = method;
            for month in 1..=24 {
                let now = world.month.plus(month);
                occur(&mut world, &context(&p, 0, now));
            }
            (world.labs.good_evidence[0], world.labs.trust[0])
        };
        let closed = trust(0.4, false, Method::Rlhf);
        let (written, open) = (trust(0.4, false, Method::Constitutional), trust(0.4, true, Method::Rlhf));
        assert!(closed.1 < written.1 && written.1 < open.1, "{closed:?} {written:?} {open:?}");
        let part = (written.0 - closed.0) / (open.0 - closed.0);
        assert!((part - parameters(2).safety.constitutional_published).abs() < 1e-9, "{part}");
        assert_eq!(trust(0.0, true, Method::Constitutional), trust(0.0, false, Method::Rlhf));
    }
}
