//! Labs at the start.
//!
//! ```text
//! cost       ln c = ln(p·(1 − margin)) − θ·(ECI − 130)/10 as intercept, markup 1/(1 − margin) − 1     price and margin hold as stated
//! safety     = trust stated; its intercept such that effort and method of the start give it (`safety`)
//! trust      r that of a lab never harmed which publishes what it does, n = max(0, ceiling·(r + 1)/trust − r − 2) in each jurisdiction
//! in use     pace·τ_u ECI behind what is offered (`spend`)
//! training   D = H·(u·m/12)·exp(−g·u·m/24),   of the last release H·(m/12)·exp(−g·(u + ½)·m/12)            FLOP; u the part of
//!            the cycle of m months that is over, by `months_since_release`, uniform where that is not known; H training compute in FLOP a year, g its growth before the start
//! commitments   face·haircut;   orders under way stand alike in all stages;   book of own compute `compute.book_share`·(chips + shell)·own
//! growth     expected as stated;   quality and focus: `step/start/enterprises.rs`, `choice`
//! ```
//!
//! θ `pricing.cost_per_capability`, g `research.compute_growth_before_per_year`. Weights are out where the strategy has published a model of that age. What clouds' groups
//! put into the lab before, `raised_from_clouds_usd`, counts as funding what it rents.
//!
//! Own: the equations of the mechanisms, solved for the state that gives what was observed.
//!
//! As stated by the scenario: `eci`, `price_usd_per_mtok`, `gross_margin`, `trust`, `value_fit`, `owned_h100e`, `rented_h100e`,
//! `ordered_h100e`, `cash_usd`, `debt_usd`, `growth_per_year`, `last_round` and `last_round_post_money_usd`; effort by
//! `safety_share_at_start`, under `method_at_start`.

use crate::math::{exp, ln, logit};
use crate::mechanisms::compute::STAGES;
use crate::mechanisms::pricing::{cost_intercept, serving_cost};
use crate::mechanisms::spend::standing_lag;
use crate::mechanisms::{safety, trust};
use crate::random::Purpose;
use crate::scenario::Parameters;
use crate::scenario::parameters::{Lab, WORKLOADS, keyed_or};
use crate::step::Context;
use crate::step::posture::{follow, jump_factor, published_method};
use crate::units::{FLOP_PER_H100E_HOUR, HOURS_PER_YEAR, Usd};
use crate::world::labs::TIERS;
use crate::world::{World, refill};

/// Writes the columns of the labs as the scenario declares them; demand, serving and rounds come later.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, c, j) = (world.dims.labs, world.dims.clouds, world.dims.jurisdictions);
    let labs = &mut world.labs;
    for column in [
        &mut labs.eci,
        &mut labs.base_eci,
        &mut labs.upgrade_lag_eci,
        &mut labs.ln_efficiency,
        &mut labs.training_flop,
        &mut labs.reference_flop,
        &mut labs.months_since_release,
        &mut labs.safety,
        &mut labs.safety_flop,
        &mut labs.safety_intercept,
        &mut labs.blind_spot,
        &mut labs.usage,
        &mut labs.incidents,
        &mut labs.severity,
        &mut labs.evidence_variance,
        &mut labs.expected_severity,
        &mut labs.cost_intercept,
        &mut labs.markup,
        &mut labs.initial_markup,
        &mut labs.reliability,
        &mut labs.owned_h100e,
        &mut labs.rented_h100e,
        &mut labs.serving_need_h100e,
        &mut labs.serving_h100e,
        &mut labs.training_h100e,
        &mut labs.finished_luck_eci,
        &mut labs.finished_safety,
        &mut labs.finished_training_flop,
        &mut labs.finished_flop,
        &mut labs.takeover_h100e,
        &mut labs.published_lag_eci,
        &mut labs.waited_months,
        &mut labs.finished_ln_efficiency,
        &mut labs.months_since_run,
        &mut labs.base_ln_efficiency,
        &mut labs.research_h100e,
        &mut labs.safety_h100e,
        &mut labs.budget_usd,
        &mut labs.revenue_enterprise_usd,
        &mut labs.revenue_government_usd,
        &mut labs.revenue_consumer_usd,
        &mut labs.revenue_other_usd,
        &mut labs.revenue_applications_usd,
        &mut labs.run_rate_usd,
        &mut labs.hosted_usd,
        &mut labs.hour_ratio_start,
        &mut labs.serving_cost_usd,
        &mut labs.serving_other_usd,
        &mut labs.profit_usd,
        &mut labs.months_in_profit,
        &mut labs.capex_usd,
        &mut labs.burn_usd,
        &mut labs.runway_months,
        &mut labs.expected_growth,
        &mut labs.run_rate_before_usd,
        &mut labs.compliance_share,
        &mut labs.legal_share,
        &mut labs.valuation_usd,
        &mut labs.sentiment,
        &mut labs.last_round_usd,
        &mut labs.months_since_round,
        &mut labs.dilution,
        &mut labs.outside_control,
        &mut labs.distress_months,
        &mut labs.raised_usd,
    ] {
        refill(column, l, 0.0);
    }
    for column in [
        &mut labs.good_evidence,
        &mut labs.bad_evidence,
        &mut labs.trust_ceiling,
        &mut labs.trust,
        &mut labs.thin_evidence,
        &mut labs.loss_hazard,
    ] {
        refill(column, l * j, 0.0);
    }
    for column in [
        &mut labs.rented_by_cloud_h100e,
        &mut labs.commitments_usd,
        &mut labs.commitments_paid_usd,
        &mut labs.raised_from_cloud_usd,
        &mut labs.take_usd,
        &mut labs.rented_before_h100e,
        &mut labs.cloud_plan,
    ] {
        refill(column, l * c, 0.0);
    }
    for column in [&mut labs.excluded_public, &mut labs.excluded] {
        refill(column, l * j, false);
    }
    refill(&mut labs.finished_eci, l, f64::NAN);
    refill(&mut labs.published_eci, l, f64::NAN);
    for column in [&mut labs.scarcity, &mut labs.scarcity_before, &mut labs.own_service] {
        refill(column, l, 1.0);
    }
    refill(&mut labs.months_since_renegotiation, l, f64::MAX);
    for column in [&mut labs.alive, &mut labs.sells] {
        refill(column, l, true);
    }
    for column in [&mut labs.defaulted, &mut labs.division, &mut labs.open, &mut labs.turned_profitable] {
        refill(column, l, false);
    }
    refill(&mut labs.sold_on, l * c, false);
    refill(&mut labs.quality, l * WORKLOADS.len(), 0.0);
    refill(&mut labs.focus, l * WORKLOADS.len(), 1.0);
    refill(&mut labs.cost_usd_per_mtok, l * TIERS, 0.0);
    refill(&mut labs.price_usd_per_mtok, l * TIERS, 0.0);
    refill(&mut labs.ordered_h100e, l * STAGES, 0.0);
    refill(&mut labs.releases, l, 0);
    refill(&mut labs.runs, l, 0);
    refill(&mut labs.hit_sector, l, usize::MAX);

    derive(world, p);
    let labs = &mut world.labs;
    for (i, agent) in p.labs.iter().enumerate() {
        let lab = &agent.values;
        let s = &lab.start;
        labs.division[i] = !lab.identity.owner.is_empty();
        labs.sells[i] = s.enterprise_share > 0.0 || s.coding_share > 0.0 || s.run_rate_usd > 0.0;
        labs.eci[i] = s.eci;
        labs.months_since_release[i] = if s.months_since_release >= 0.0 {
            s.months_since_release
        } else {
            // A model under way is at any point of its cycle.
            ctx.draws.uniform(Purpose::TrainingPhase, agent.key, 0, 0) * cycle_months(lab)
        };
        labs.open[i] = lab.strategy.openness.published(labs.months_since_release[i]);
        // Hosts have what is out.
        labs.own_share[i] = if labs.open[i] { lab.parameters.api_share } else { 1.0 };
        labs.base_eci[i] = s.eci;
        // Without research nothing is ever newer than what is in use.
        let behind = standing_lag(p.spend.upgrade_pace_eci_per_year, p.spend.upgrade_months);
        labs.upgrade_lag_eci[i] = if p.mechanisms.research { behind } else { 0.0 };
        labs.safety[i] = s.trust;
        labs.cost_intercept[i] =
            cost_intercept(s.price_usd_per_mtok, s.gross_margin, s.eci, p.pricing.cost_per_capability);
        labs.markup[i] = 1.0 / (1.0 - s.gross_margin) - 1.0;
        labs.initial_markup[i] = labs.markup[i];
        labs.reliability[i] = 1.0;
        labs.owned_h100e[i] = s.owned_h100e;
        labs.rented_h100e[i] = s.rented_h100e;
        for stage in &mut labs.ordered_h100e[i * STAGES..(i + 1) * STAGES] {
            *stage = s.ordered_h100e / STAGES as f64;
        }
        for (k, cloud) in p.clouds.iter().enumerate() {
            let at = i * c + k;
            labs.rented_by_cloud_h100e[at] = s.rented_h100e * labs.cloud_plan[at];
            let face = keyed_or(&s.commitments_usd, &cloud.id, 0.0);
            labs.commitments_usd[at] = face * p.compute.commitment_haircut;
            labs.raised_from_cloud_usd[at] = keyed_or(&s.raised_from_clouds_usd, &cloud.id, 0.0);
        }
        // What was published so far is in the grade of the start.
        let published = published_method(p, labs.open[i], lab.alignment.method_at_start);
        let inflow = p.trust.good_evidence_per_year + p.trust.publication_evidence_per_year * published;
        let good = trust::good_evidence_unharmed(inflow, p.trust.retention_per_quarter);
        for g in 0..j {
            let at = i * j + g;
            labs.good_evidence[at] = good;
            labs.bad_evidence[at] = trust::bad_evidence_for(s.trust, good, labs.trust_ceiling[at]);
            labs.trust[at] = trust::trust(good, labs.bad_evidence[at], labs.trust_ceiling[at]);
        }
        labs.last_round_usd[i] = s.last_round_post_money_usd;
        labs.months_since_round[i] = f64::from(p.month_before_start().since(s.last_round).max(0));
        labs.expected_growth[i] = s.growth_per_year;
        let effects = p.safety.effects(lab.alignment.method_at_start);
        // What the lab did until now explains its safety of now: the split that it takes up from here must not.
        let safety_share = lab.alignment.safety_share_at_start;
        let training_share = (1.0 - safety_share - lab.strategy.allocation.split().research).max(1e-9);
        labs.safety_intercept[i] = logit(s.trust)
            - effects.intercept
            - p.safety.effort_gain * ln(1.0 + safety::effort(safety_share, training_share))
            + p.safety.jump_loss * jump_factor(p, lab.alignment.method_at_start) * p.safety.usual_jump_eci / 10.0;
        let account = world.ledger.lab(i);
        let new = s.owned_h100e * (p.compute.chip_price_usd_per_h100e + p.compute.shell_price_usd_per_h100e);
        let book = new * p.compute.book_share;
        world.ledger.open(account, Usd(s.cash_usd), Usd(book), Usd(s.debt_usd));
    }
    world.capital.haircut = p.compute.commitment_haircut;
    price(world, ctx);
}

/// Columns that follow from parameters alone; to be called whenever parameters change, so that events reach them.
pub fn derive(world: &mut World, p: &Parameters) {
    follow(world, p);
    let (c, j) = (world.dims.clouds, world.dims.jurisdictions);
    let labs = &mut world.labs;
    for (i, agent) in p.labs.iter().enumerate() {
        let lab = &agent.values;
        for (k, cloud) in p.clouds.iter().enumerate() {
            labs.cloud_plan[i * c + k] = keyed_or(&lab.compute.clouds, &cloud.id, 0.0);
            labs.sold_on[i * c + k] = lab.parameters.channels.contains(&cloud.id);
        }
        let focus = |name: &str| keyed_or(&lab.parameters.focus, name, 1.0);
        let mean = WORKLOADS.iter().map(|w| focus(w)).sum::<f64>() / WORKLOADS.len() as f64;
        for (w, name) in WORKLOADS.iter().enumerate() {
            labs.focus[i * WORKLOADS.len() + w] = focus(name) / mean.max(1e-9);
        }
        for (g, place) in p.jurisdictions.iter().enumerate() {
            let fit = keyed_or(&lab.parameters.value_fit, &place.id, 1.0);
            labs.trust_ceiling[i * j + g] = 1.0 - p.trust.value_misfit * (1.0 - fit);
        }
        labs.blind_spot[i] = p.safety.effects(world.posture.method[i]).blind_spot;
    }
}

/// Costs and prices of the menu at the start.
fn price(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let labs = &mut world.labs;
    for i in 0..world.dims.labs {
        let cost = serving_cost(labs.cost_intercept[i], 0.0, labs.eci[i], 0.0, p.pricing.cost_per_capability);
        for (tier, ratio) in [1.0, p.pricing.light_price_ratio].into_iter().enumerate() {
            labs.cost_usd_per_mtok[i * TIERS + tier] = cost * ratio;
            labs.price_usd_per_mtok[i * TIERS + tier] = cost * ratio * (1.0 + labs.markup[i]);
        }
    }
}

/// Months from one release of a lab to the next while nobody is ahead.
fn cycle_months(lab: &Lab) -> f64 {
    lab.strategy.release.interval_months(0.0)
}

/// Training under way and effective compute of the last release, once the compute of the start is split.
pub fn training(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let labs = &mut world.labs;
    for (i, agent) in p.labs.iter().enumerate() {
        let months = cycle_months(&agent.values);
        let phase = labs.months_since_release[i] / months;
        let per_year = labs.training_h100e[i] * HOURS_PER_YEAR * FLOP_PER_H100E_HOUR;
        let growth = p.research.compute_growth_before_per_year;
        labs.months_since_run[i] = labs.months_since_release[i];
        labs.training_flop[i] = per_year * phase * months / 12.0 * exp(-growth * phase * months / 24.0);
        labs.safety_flop[i] = labs.training_flop[i] * labs.safety_h100e[i] / labs.training_h100e[i].max(1.0);
        // The last release was trained over the cycle before this one.
        labs.reference_flop[i] = per_year * months / 12.0 * exp(-growth * (phase + 0.5) * months / 12.0);
    }
}
