//! Labs plan: budget, compute to rent and to build (sections 3.2 and 3.3).

use crate::math::exp;
use crate::mechanisms::clouds::rationing;
use crate::mechanisms::compute::{STAGES, commitment_due, deliver, survival};
use crate::step::{Context, posture};
use crate::units::HOURS_PER_YEAR;
use crate::world::World;

/// Years over which a lab plans to spend the cash it has.
const CASH_YEARS: f64 = 1.5;
/// Speed at which spending follows the budget, per year.
const BUDGET_SPEED: f64 = 2.0;
/// Serving capacity kept ready over the need that is expected at the end of the step.
const HEADROOM: f64 = 1.08;
/// Greatest part of a cloud's capacity that can be let.
const LETTABLE: f64 = 0.97;
/// Runway below which a lab renegotiates, months.
const DISTRESS_MONTHS: f64 = 6.0;
/// What a lab that rents nothing can rent at first, as a share of the compute that it runs.
const FIRST_RENT: f64 = 0.1;
/// Fastest fall of rented compute, ln per year: contracts run on.
const SHRINK_PER_YEAR: f64 = 2.0;

/// Sets budgets, rented compute by cloud, and orders of own compute.
pub fn plan(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, c) = (world.dims.labs, world.dims.clouds);
    for i in 0..l {
        let lab = &p.labs[i].values;
        let at = i * STAGES;
        let arrived =
            deliver(&mut world.labs.ordered_h100e[at..at + STAGES], p.compute.campus_lag_months / 12.0, ctx.dt);
        let labs = &mut world.labs;
        labs.owned_h100e[i] = labs.owned_h100e[i] * survival(p.compute.depreciation_per_year, ctx.dt) + arrived;
        labs.rented_before_h100e[i * c..(i + 1) * c].copy_from_slice(&labs.rented_by_cloud_h100e[i * c..(i + 1) * c]);
        if !labs.alive[i] {
            continue;
        }
        renegotiate(world, ctx, i);
        let staff = posture::split(world, p, i).staff;
        let build = if p.mechanisms.build_out { posture::build_share(world, p, i) } else { 0.0 };
        let labs = &mut world.labs;
        let cash = world.ledger.cash(world.ledger.lab(i)).value();
        let transfer = lab.parameters.parent_transfer_usd_per_year
            * exp(lab.parameters.parent_transfer_growth_per_year * world.environment.years);
        let gross_profit = labs.run_rate_usd[i] * (1.0 - labs.compliance_share[i]) - labs.serving_cost_usd[i];
        let aim = gross_profit.max(0.0) + cash.max(0.0) / CASH_YEARS + transfer;
        labs.budget_usd[i] += (aim - labs.budget_usd[i]) * (1.0 - exp(-BUDGET_SPEED * ctx.dt));
        let budget = labs.budget_usd[i];
        let compute_money = budget * (1.0 - staff);

        // Export controls raise the price of compute and leave only a part of what would be added.
        let (export_price, supply) = (world.regulators.export_price[i], world.regulators.export_supply[i]);
        let price_factor = lab.parameters.compute_price_factor * export_price;
        let hour_price = world.environment.rental_contract_usd * price_factor * HOURS_PER_YEAR;
        let expected = labs.serving_need_h100e[i] * exp(labs.expected_growth[i].max(0.0) * ctx.dt);
        let serving = (expected * HEADROOM - labs.owned_h100e[i]).max(0.0);
        let wanted = serving + (1.0 - build) * compute_money / hour_price;
        // A lab that rents nothing yet starts from a tenth of what it runs.
        let before = labs.rented_h100e[i].max(FIRST_RENT * (labs.owned_h100e[i] + labs.rented_h100e[i]));
        let most = before * exp(p.compute.rented_growth_per_year * supply * ctx.dt);
        let least = labs.rented_h100e[i] * exp(-SHRINK_PER_YEAR * ctx.dt);
        let target = wanted.clamp(least, most.max(least));
        if labs.cloud_plan[i * c..(i + 1) * c].iter().all(|share| *share == 0.0) {
            // Clouds outside the scenario: what is wanted can be had.
            labs.rented_h100e[i] = target;
        }
        let mut forced = 0.0;
        for k in 0..c {
            let at = i * c + k;
            let due = due_usd_per_year(world, ctx, i, k);
            let planned = target * world.labs.cloud_plan[at];
            let taken = (due / (world.clouds.rental_usd[k] * price_factor * HOURS_PER_YEAR).max(1.0)).min(
                planned.max(world.labs.rented_by_cloud_h100e[at]) * exp(p.compute.rented_growth_per_year * ctx.dt),
            );
            world.labs.rented_by_cloud_h100e[at] = planned.max(taken);
            forced += (due - planned * hour_price).max(0.0);
        }
        // What commitments force beyond the plan comes out of building first.
        world.labs.capex_usd[i] = (build * compute_money - forced).max(0.0) * supply;
    }
    ration(world, ctx);
    for i in 0..l {
        if !world.labs.alive[i] {
            continue;
        }
        let row = &world.labs.rented_by_cloud_h100e[i * c..(i + 1) * c];
        let named: f64 = world.labs.cloud_plan[i * c..(i + 1) * c].iter().sum();
        if named > 0.0 {
            world.labs.rented_h100e[i] = row.iter().sum();
        }
        let price = world.environment.chip_price_usd + world.environment.shell_price_usd;
        world.labs.ordered_h100e[i * STAGES] += world.labs.capex_usd[i] * ctx.dt
            / (price * p.labs[i].values.parameters.compute_price_factor * world.regulators.export_price[i]);
    }
}

/// Rent that commitments to a cloud make due this step, less what was paid ahead of the schedule, USD per year.
pub fn due_usd_per_year(world: &World, ctx: &Context, lab: usize, cloud: usize) -> f64 {
    let p = ctx.parameters;
    let at = lab * world.dims.clouds + cloud;
    let total = world.labs.commitments_usd[at];
    if total <= 0.0 || !p.mechanisms.commitments {
        return 0.0;
    }
    let term = p.labs[lab].values.start.commitment_term_years;
    let due = total * commitment_due(world.environment.years, term, p.compute.commitment_ramp);
    (due - world.labs.commitments_paid_usd[at]).max(0.0) / ctx.dt
}

/// A lab in distress sheds part of what it still owes clouds, at most once a year.
fn renegotiate(world: &mut World, ctx: &Context, lab: usize) {
    let labs = &mut world.labs;
    labs.months_since_renegotiation[lab] += ctx.dt * 12.0;
    if labs.division[lab] || labs.runway_months[lab] >= DISTRESS_MONTHS || labs.months_since_renegotiation[lab] < 12.0 {
        return;
    }
    labs.months_since_renegotiation[lab] = 0.0;
    let c = world.dims.clouds;
    for at in lab * c..(lab + 1) * c {
        let left = (labs.commitments_usd[at] - labs.commitments_paid_usd[at]).max(0.0);
        labs.commitments_usd[at] -= ctx.parameters.compute.renegotiation_share * left;
    }
}

/// Lets the capacity of each cloud: tenants keep what they hold, and growth is shared alike when it exceeds what is free.
fn ration(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, c) = (world.dims.labs, world.dims.clouds);
    let m = &p.cloud_market;
    let growth = m.external_growth_per_year * exp(-world.environment.years / m.external_fading_years);
    let (mut hosting, mut hosting_wanted) = (0.0, 0.0);
    for k in 0..c {
        let clouds = &mut world.clouds;
        let labs = &mut world.labs;
        let external = clouds.external_h100e[k] * exp(growth * ctx.dt);
        let (mut kept, mut more) = (0.0, 0.0);
        let mut count = |held: f64, wanted: f64| {
            kept += wanted.min(held);
            more += (wanted - held).max(0.0);
        };
        for i in 0..l {
            count(labs.rented_before_h100e[i * c + k], labs.rented_by_cloud_h100e[i * c + k]);
        }
        count(clouds.external_h100e[k], external);
        count(clouds.hosting_h100e[k], clouds.hosting_wanted_h100e[k]);
        let free = clouds.capacity_h100e[k] * LETTABLE;
        let keep = rationing(kept, free);
        let grow = if more > 0.0 { ((free - kept).max(0.0) / more).min(1.0) } else { 1.0 };
        let grant = |held: f64, wanted: f64| keep * wanted.min(held) + grow * (wanted - held).max(0.0);
        let mut to_labs = 0.0;
        for i in 0..l {
            let at = i * c + k;
            labs.rented_by_cloud_h100e[at] = grant(labs.rented_before_h100e[at], labs.rented_by_cloud_h100e[at]);
            to_labs += labs.rented_by_cloud_h100e[at];
        }
        clouds.external_h100e[k] = grant(clouds.external_h100e[k], external);
        clouds.hosting_h100e[k] = grant(clouds.hosting_h100e[k], clouds.hosting_wanted_h100e[k]);
        hosting += clouds.hosting_h100e[k];
        hosting_wanted += clouds.hosting_wanted_h100e[k];
        clouds.rented_to_labs_h100e[k] = to_labs;
        clouds.wanted_h100e[k] = kept + more;
        // Growth that a month would want: the price must not depend on the length of the step.
        clouds.wanted_monthly_h100e[k] = kept + more / (12.0 * ctx.dt);
        clouds.rental_usd[k] = world.environment.rental_contract_usd * p.clouds[k].values.price_ratio;
    }
    world.clouds.hosting_served = if hosting_wanted > 0.0 { hosting / hosting_wanted } else { 1.0 };
}
