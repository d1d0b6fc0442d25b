//! Labs train, learn from each other, and release (sections 3.3 and 3.4).

use crate::math::exp;
use crate::mechanisms::regulation::{audit_delay_months, needs_licence};
use crate::mechanisms::research::{candidate_eci, efficiency_gain, knowledge_eci, spillover};
use crate::mechanisms::safety;
use crate::random::Purpose;
use crate::step::{Context, governance, posture};
use crate::units::{FLOP_PER_H100E_HOUR, HOURS_PER_YEAR};
use crate::world::World;

/// Advances training, efficiency and spillover by a step and releases what is due and safe enough.
pub fn release(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let dims = world.dims;
    let months = ctx.dt * 12.0;
    world.environment.research_reference_h100e *= exp(p.research.research_difficulty_per_year * ctx.dt);
    let frontier = world.environment.frontier_eci;
    let frontier_open = world.labs.open[world.environment.frontier_lab];
    let frontier_served = world.labs.sells[world.environment.frontier_lab];
    for i in 0..dims.labs {
        world.labs.months_since_release[i] += months;
        world.labs.months_since_run[i] += months;
        let age = world.labs.months_since_release[i];
        world.labs.open[i] = world.labs.alive[i] && posture::published(world, p, i, age)
            || world.labs.open[i] && posture::stays_public(world, p, i);
        if !world.labs.alive[i] || !p.mechanisms.research {
            keep_published(world, i);
            continue;
        }
        let attention = (1.0 - world.labs.compliance_share[i]) * governance::research_factor(world, ctx, i);
        let overhead = posture::training_overhead(world, p, i);
        let labs = &mut world.labs;
        let hours = HOURS_PER_YEAR * ctx.dt * FLOP_PER_H100E_HOUR;
        labs.training_flop[i] += labs.training_h100e[i] * (1.0 - overhead) * hours;
        labs.safety_flop[i] += labs.safety_h100e[i] * hours;
        labs.ln_efficiency[i] += efficiency_gain(
            labs.research_h100e[i] * attention,
            world.environment.research_reference_h100e,
            p.research.efficiency_doubling_months,
            p.research.research_elasticity,
            ctx.dt,
        );
        if p.mechanisms.spillover {
            let mut access = if labs.open[i] { p.research.access_open } else { p.research.access_closed };
            if frontier_open {
                access *= p.research.access_open_frontier;
            } else if frontier_served {
                access *= p.research.access_served_frontier;
            }
            let found = labs.ln_efficiency[i] - labs.base_ln_efficiency[i];
            labs.base_eci[i] += spillover(
                knowledge_eci(labs.base_eci[i], found, p.research.eci_per_decade),
                frontier,
                p.research.spillover_gap_eci,
                p.research.spillover_per_year * access,
                ctx.dt,
            );
        }
        // What is out before a release: one that closes leaves it out.
        keep_published(world, i);
        consider(world, ctx, i, frontier);
    }
    update_frontier(world, months);
}

/// Keeps what is out of a lab that is open: it stays out when the lab closes.
pub fn keep_published(world: &mut World, i: usize) {
    let labs = &mut world.labs;
    if labs.open[i] {
        (labs.published_eci[i], labs.published_lag_eci[i]) = (labs.eci[i], labs.upgrade_lag_eci[i]);
    }
}

/// Finishes the candidate of a lab if it is due, better and passes the gate, and releases it once audit and licence are there.
fn consider(world: &mut World, ctx: &Context, i: usize, frontier: f64) {
    if world.labs.finished_eci[i].is_nan() && !finish(world, ctx, i, frontier) {
        return;
    }
    let p = ctx.parameters;
    let licensed = p.mechanisms.licensing
        && needs_licence(
            world.labs.finished_training_flop[i],
            p.regulation.final_run_share,
            p.regulation.licensing_flop,
        );
    if world.labs.waited_months[i] < audit_wait(world, ctx, i) + licence_wait(world, ctx, i, licensed) {
        // The model is finished; what is trained from here on is the next one.
        world.labs.waited_months[i] += ctx.dt * 12.0;
        return;
    }
    if licensed {
        let needed = licences(world, i).filter(|&(share, _)| share > 0.0).count();
        world.regulators.licence_fees_usd[i] += p.regulation.licence_fee_usd * needed as f64;
    }
    let open = posture::published(world, p, i, 0.0) || world.labs.open[i] && posture::published(world, p, i, f64::MAX);
    let labs = &mut world.labs;
    let eci = std::mem::replace(&mut labs.finished_eci[i], f64::NAN);
    labs.upgrade_lag_eci[i] += eci - labs.eci[i];
    labs.eci[i] = eci;
    // What the next model builds on does not hold the luck of this one.
    labs.base_eci[i] = labs.base_eci[i].max(eci - labs.finished_luck_eci[i]);
    labs.base_ln_efficiency[i] = labs.finished_ln_efficiency[i];
    // The next candidate is measured against this one's effective compute.
    labs.reference_flop[i] = labs.finished_flop[i];
    labs.safety[i] = labs.finished_safety[i];
    labs.months_since_release[i] = 0.0;
    labs.waited_months[i] = 0.0;
    labs.releases[i] += 1;
    labs.open[i] = open;
}

/// Whether a lab has a model to release: one that is due, better than the last, and as safe as its gate asks.
fn finish(world: &mut World, ctx: &Context, i: usize, frontier: f64) -> bool {
    let p = ctx.parameters;
    let lab = &p.labs[i].values;
    let interval = lab.strategy.release.interval_months(world.labs.eci[i] - frontier);
    if world.labs.training_h100e[i] <= 0.0 || world.labs.months_since_run[i] < interval {
        return false;
    }
    let (method, gate) = (world.posture.method[i], posture::gate(world, p, i));
    let overhead = posture::training_overhead(world, p, i);
    let labs = &mut world.labs;
    let effective = labs.training_flop[i] * exp(labs.ln_efficiency[i]);
    let key = p.labs[i].key;
    // The luck of a run belongs to the model, not to the month: waiting does not draw again.
    let luck_of = |run| p.research.training_luck_eci * ctx.draws.normal(Purpose::TrainingLuck, key, run, 0);
    let mean = candidate_eci(labs.base_eci[i], effective, labs.reference_flop[i], p.research.eci_per_decade);
    let least = labs.eci[i] + lab.strategy.release.least_gain_eci();
    let mut luck = luck_of(labs.runs[i]);
    if mean + luck < least && labs.months_since_run[i] >= 2.0 * interval {
        // The next run began when this one came due and was no better. Now it is due itself and takes its place.
        labs.runs[i] += 1;
        labs.months_since_run[i] -= interval;
        luck = luck_of(labs.runs[i]);
    }
    let candidate = mean + luck;
    if candidate < least {
        return false;
    }
    let noise = p.safety.noise_sd * ctx.draws.normal(Purpose::SafetyLuck, key, labs.runs[i], 0);
    let intercept = labs.safety_intercept[i] + p.safety.effects(method).intercept;
    let effort = safety::effort(labs.safety_flop[i], labs.training_flop[i]);
    let jump = safety::novel_jump(labs.eci[i], candidate, frontier, p.safety.catch_up_jump);
    let jump_loss = p.safety.jump_loss * posture::jump_factor(p, method);
    let safe = safety::safety(intercept, effort, p.safety.effort_gain, jump, jump_loss, noise);
    if p.mechanisms.release_gate && safe < gate {
        // Held back by the lab's own gate and worked on: training rests and its compute goes into safety, so that effort rises while the
        // jump does not. Were the model trained on, it would move away from its gate as fast as the work brings it there.
        let flop = labs.training_h100e[i] * HOURS_PER_YEAR * ctx.dt * FLOP_PER_H100E_HOUR;
        labs.training_flop[i] -= flop * (1.0 - overhead);
        labs.safety_flop[i] += flop;
        return false;
    }
    labs.finished_eci[i] = candidate;
    labs.finished_luck_eci[i] = luck;
    labs.finished_safety[i] = safe;
    labs.finished_training_flop[i] = labs.training_flop[i];
    labs.finished_flop[i] = effective;
    labs.finished_ln_efficiency[i] = labs.ln_efficiency[i];
    labs.runs[i] += 1;
    labs.months_since_run[i] = 0.0;
    labs.training_flop[i] = 0.0;
    labs.safety_flop[i] = 0.0;
    true
}

/// Months for which audits hold a release: the delay where audits are in force and the lab keeps the rules, weighted by revenue there.
fn audit_wait(world: &World, ctx: &Context, i: usize) -> f64 {
    let p = ctx.parameters;
    if !p.mechanisms.regulation || !p.mechanisms.audits {
        return 0.0;
    }
    let j = world.dims.jurisdictions;
    let by = &world.demand.by_jurisdiction_usd[i * j..(i + 1) * j];
    let all: f64 = by.iter().sum();
    if all <= 0.0 {
        return 0.0;
    }
    let r = &world.regulators;
    let audited: f64 = (0..j).filter(|&g| r.audits_in_force[g] && !r.violating[i * j + g]).map(|g| by[g]).sum();
    audit_delay_months(p.regulation.audit_delay_months, posture::audit_readiness(world, p, i)) * audited / all
}

/// Share of a lab's revenue in each jurisdiction that asks for a licence, and the jurisdiction.
fn licences(world: &World, i: usize) -> impl Iterator<Item = (f64, usize)> + '_ {
    let j = world.dims.jurisdictions;
    let by = &world.demand.by_jurisdiction_usd[i * j..(i + 1) * j];
    let all: f64 = by.iter().sum();
    let asks = (0..j).filter(|&g| world.regulators.licensing_in_force[g]);
    asks.map(move |g| (if all > 0.0 { by[g] / all } else { 0.0 }, g))
}

/// Months for which licences hold a release that needs them, weighted by revenue like audits.
fn licence_wait(world: &World, ctx: &Context, i: usize, needed: bool) -> f64 {
    if !needed {
        return 0.0;
    }
    let share: f64 = licences(world, i).map(|(share, _)| share).sum();
    let readiness = posture::audit_readiness(world, ctx.parameters, i);
    audit_delay_months(ctx.parameters.regulation.licence_delay_months, readiness) * share
}

/// Who leads among the labs whose models can be had, sold or as weights, and whether the lead has changed hands. What nobody can have,
/// such as the model of a lab that resells those of others, is no frontier of the market: nobody buys it, and nobody learns from it.
pub fn update_frontier(world: &mut World, months: f64) {
    let mut best = (f64::NEG_INFINITY, world.environment.frontier_lab);
    let labs = &world.labs;
    let any = (0..world.dims.labs).any(|i| labs.alive[i] && (labs.sells[i] || labs.open[i]));
    for i in (0..world.dims.labs).filter(|&i| labs.alive[i]) {
        if (labs.sells[i] || labs.open[i] || !any) && labs.eci[i] > best.0 {
            best = (labs.eci[i], i);
        }
    }
    if best.0 > f64::NEG_INFINITY {
        if best.1 != world.environment.frontier_lab && months > 0.0 {
            world.environment.lead_changes += 1.0;
        }
        world.environment.frontier_eci = best.0;
        world.environment.frontier_lab = best.1;
    }
    world.environment.frontier_history.push(world.environment.frontier_eci);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;
    use crate::step;

    /// Lives the baseline, small and without luck, and tells (month, ECI, safety) of each release of a lab.
    fn releases(lab: &str, set: &[(&str, &str)]) -> Vec<(usize, f64, f64)> {
        releases_with(lab, 7, set)
    }

    fn releases_with(lab: &str, seed: u64, set: &[(&str, &str)]) -> Vec<(usize, f64, f64)> {
        let fixed = [
            ("enterprises.count", "60"),
            ("simulation.end", "\"2028-12\""),
            ("research.training_luck_eci", "0.0"),
            ("safety.noise_sd", "0.0"),
            ("mechanisms.adaptation", "false"),
            ("mechanisms.enforcement", "false"),
            ("regulation.compliance_share", "0.0"),
            ("mechanisms.release_gate", "false"),
        ];
        let all = fixed.iter().chain(set).map(|(p, v)| ((*p).to_string(), (*v).to_string()));
        let scenario = Scenario::load("baseline", &all.collect::<Vec<_>>()).unwrap();
        let p = &scenario.parameters;
        let at = p.lab(lab).unwrap();
        let draws = crate::random::Draws::new(seed, 0);
        let mut world = World::default();
        step::start::start(&mut world, &Context::new(p, draws, p.month_before_start()));
        let mut found = Vec::new();
        for month in 1..=36 {
            let before = world.labs.releases[at];
            world.ledger.begin_step();
            step::advance(&mut world, &Context::new(p, draws, p.month_before_start().plus(month))).unwrap();
            if world.labs.releases[at] > before {
                found.push((month as usize, world.labs.eci[at], world.labs.safety[at]));
            }
        }
        found
    }

    #[test]
    fn an_audit_delays_releases_and_neither_their_number_nor_their_safety_suffers() {
        let none = [("mechanisms.audits", "false"), ("mechanisms.licensing", "false")];
        let audits = [
            ("regulation.audit_threshold", "0.0"),
            ("regulation.audit_delay_months", "4.0"),
            ("mechanisms.licensing", "false"),
        ];
        let (free, audited) = (releases("anthropic", &none), releases("anthropic", &audits));
        // A lab that releases at a cadence. The first model comes later by the wait of a lab that is half ready or so, and is the one that was finished then.
        let wait = audited[0].0 - free[0].0;
        assert!((1..=4).contains(&wait), "{free:?} {audited:?}");
        // Audits move demand a little, and with it the compute that is left for training.
        assert!(
            (audited[0].1 - free[0].1).abs() < 0.5 && (audited[0].2 - free[0].2).abs() < 0.01,
            "{free:?} {audited:?}"
        );
        // Training of the next began meanwhile: the rhythm is kept.
        assert!(audited.len() + 1 >= free.len(), "{free:?} {audited:?}");
    }

    #[test]
    fn a_run_of_bad_luck_is_superseded_by_the_next_one() {
        // Luck far larger than what a cycle gains: without a new draw a lab would wait for years to make up for one bad run.
        let unlucky =
            [("research.training_luck_eci", "8.0"), ("mechanisms.audits", "false"), ("mechanisms.licensing", "false")];
        let mut longest = 0;
        for seed in 0..20 {
            let found = releases_with("anthropic", seed, &unlucky);
            assert!(found.windows(2).all(|w| w[1].1 - w[0].1 >= 1.0 - 1e-9), "{found:?}");
            let months = std::iter::once(0).chain(found.iter().map(|r| r.0)).collect::<Vec<_>>();
            longest = longest.max(months.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(36));
        }
        assert!(longest <= 24, "{longest}");
    }

    /// A world at the start of the baseline, small, with these values.
    fn started(set: &[(&str, &str)]) -> (crate::scenario::Parameters, World) {
        let all = [("enterprises.count", "60")].iter().chain(set).map(|(p, v)| ((*p).to_string(), (*v).to_string()));
        let p = Scenario::load("baseline", &all.collect::<Vec<_>>()).unwrap().parameters;
        let mut world = World::default();
        step::start::start(&mut world, &Context::new(&p, crate::random::Draws::new(7, 0), p.month_before_start()));
        (p, world)
    }

    #[test]
    fn whether_a_finished_model_needs_a_licence_does_not_change_while_it_waits() {
        let (p, mut world) = started(&[("regulation.licence_delay_months", "12.0"), ("mechanisms.audits", "false")]);
        let i = p.lab("openai").unwrap();
        world.regulators.licensing_in_force.fill(true);
        let labs = &mut world.labs;
        labs.finished_eci[i] = labs.eci[i] + 5.0;
        labs.finished_training_flop[i] = 1.5 * p.regulation.licensing_flop / p.regulation.final_run_share;
        labs.finished_flop[i] = labs.finished_training_flop[i] * exp(labs.ln_efficiency[i]);
        // What a later model could do with the same compute says nothing of this one.
        labs.ln_efficiency[i] += 3.0;
        let frontier = world.environment.frontier_eci;
        let ctx = Context::new(&p, crate::random::Draws::new(7, 0), p.simulation.start);
        consider(&mut world, &ctx, i, frontier);
        assert!(world.labs.waited_months[i] > 0.0 && !world.labs.finished_eci[i].is_nan());
    }

    #[test]
    fn a_model_that_nobody_can_have_leads_nowhere() {
        let (p, mut world) = started(&[]);
        let i = p.lab("microsoft").unwrap();
        assert!(!world.labs.sells[i] && !world.labs.open[i]);
        let before = (world.environment.frontier_lab, world.environment.frontier_eci);
        world.labs.eci[i] = 300.0;
        update_frontier(&mut world, 1.0);
        assert_eq!((world.environment.frontier_lab, world.environment.frontier_eci), before);
        assert_eq!(world.environment.lead_changes, 0.0);
        world.labs.open[i] = true;
        update_frontier(&mut world, 1.0);
        assert_eq!((world.environment.frontier_lab, world.environment.frontier_eci), (i, 300.0));
    }

    #[test]
    fn weights_that_were_out_stay_out_as_they_were_when_their_lab_closes() {
        let (p, mut world) = started(&[]);
        let i = p.lab("meta").unwrap();
        let ctx = Context::new(&p, crate::random::Draws::new(7, 0), p.simulation.start);
        keep_published(&mut world, i);
        let before = world.labs.published(i);
        assert_eq!(before, Some((world.labs.eci[i], world.labs.upgrade_lag_eci[i])));
        world.posture.shift[i].open = -1.0;
        world.labs.finished_eci[i] = world.labs.eci[i] + 10.0;
        let frontier = world.environment.frontier_eci;
        consider(&mut world, &ctx, i, frontier);
        assert!(!world.labs.open[i] && world.labs.published(i) == before);
    }
}
