//! Labs plan: budget, compute to rent and to build (sections 3.2 and 3.3).
//!
//! ```text
//! target     wanted (`compute`) within max(rented, f·K)·exp(growth·supply·dt) and rented·exp(−fall·dt)                   H100e; K all compute
//! planned_k  target·((1 − Σ promised)·plan_k + promised_k)                        at cloud k: the lab's plan, and shares promised to groups
//! due_k      max(0, F_k·(t/term)^ramp − paid_k)/(time since the last step) + pledge_k·(1 − exp(−dt/y))/dt                USD per year
//! rented_k   max(planned_k, min(due_k/price of a year, max(planned_k, rented_k before)·exp(growth·dt)))                  asked for, H100e
//! price      contract price · price ratio_k · factor of the lab · export price · hours;   export supply 0 to 1 on growth and capex
//! capex      max(0, b·(1 − staff)·B − max(0, Σ_k max(0, due_k − planned_k·price) − unused))·supply                       USD per year
//! orders     capex·dt/((chips + shell)·factor·export price)                       into the first stage of the chain, H100e
//! let        kept = Σ min(wanted, held), more = Σ max(0, wanted − held) over labs, hosts and others;   free = λ·capacity
//!            each gets min(1, free/kept)·min(wanted, held) + min(1, max(0, free − kept)/more)·max(0, wanted − held)
//! hosts      want (need + asked)·exp(max(0, g_k)·dt)·headroom
//! shed       what is left of commitments and pledges ·(1 − ρ), below a runway, at most once a year
//! transfer   at most the parent's a year·exp(growth·t) + support of a group that bought the lab                                      USD per year
//! ```
//!
//! F face value after haircut, unused compute that was paid for last step and not used, y `terms.commitment_years`, λ
//! `cloud_market.lettable_share`, g_k growth that cloud k expects; all else as in `compute`. A lab without a plan of clouds rents from
//! outside the scenario without limit. A cloud that refuses a lab gives it no growth, and the lab asks the others for it (`holdup`).
//!
//! Take-or-pay with a rising ramp after announced contracts; that growth is rationed alike and tenants keep what they hold is our own.
//!
//! Of labs: `build_share` and `clouds` (the plan), `compute_price_factor`, `commitments_usd` over `commitment_term_years`,
//! `parent_transfer_usd_per_year` and `parent_transfer_growth_per_year`.

use crate::math::exp;
use crate::mechanisms::clouds::rationing;
use crate::mechanisms::compute::{STAGES, build_share, commitment_due, deliver, survival, user_cost};
use crate::mechanisms::terms::due_share;
use crate::scenario::parameters::keyed_or;
use crate::step::labs::holdup::dearer;
use crate::step::settle::{repaid_per_year, serve_hosted};
use crate::step::{Context, posture};
use crate::units::HOURS_PER_YEAR;
use crate::world::World;

/// Least price of an H100e-hour, USD: shares of cost are taken of it.
const LEAST_HOUR_USD: f64 = 1e-6;

/// Sets budgets, rented compute by cloud, and orders of own compute.
pub fn plan(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, c) = (world.dims.labs, world.dims.clouds);
    post_rents(world, ctx);
    recount_commitments(world, ctx);
    let left = survival(p.compute.depreciation_per_year, ctx.dt);
    let follow = 1.0 - exp(-p.compute.budget_speed_per_year * ctx.dt);
    let (fastest, slowest) =
        (exp(p.compute.rented_growth_per_year * ctx.dt), exp(-p.compute.rented_fall_per_year * ctx.dt));
    for i in 0..l {
        let at = i * STAGES;
        let arrived =
            deliver(&mut world.labs.ordered_h100e[at..at + STAGES], p.compute.campus_lag_months / 12.0, ctx.dt);
        let labs = &mut world.labs;
        labs.owned_h100e[i] = labs.owned_h100e[i] * left + arrived;
        labs.rented_before_h100e[i * c..(i + 1) * c].copy_from_slice(&labs.rented_by_cloud_h100e[i * c..(i + 1) * c]);
        if !labs.alive[i] {
            continue;
        }
        renegotiate(world, ctx, i);
        let staff = posture::split(world, p, i).staff;
        let rented_hour = rented_hour_usd(world, ctx, i);
        let build = if p.mechanisms.build_out { building(world, ctx, i, rented_hour) } else { 0.0 };
        let cash = world.ledger.cash(world.ledger.lab(i)).value();
        let transfer = transfer_usd_per_year(world, ctx, i);
        let labs = &world.labs;
        let gross_profit =
            labs.run_rate_usd[i] * (1.0 - labs.compliance_share[i] - labs.legal_share[i]) - labs.serving_cost_usd[i];
        let contracted = contracted_usd_per_year(world, ctx, i) + idle_usd_per_year(world, ctx, i, rented_hour);
        let labs = &mut world.labs;
        // Later in a longer step, the business of the step before has grown as expected.
        let grown =
            if ctx.lived > 0 { exp(labs.expected_growth[i].max(0.0) * f64::from(ctx.lived) / 12.0) } else { 1.0 };
        let aim =
            (gross_profit.max(0.0) * grown + cash.max(0.0) / p.compute.cash_years + transfer - contracted).max(0.0);
        labs.budget_usd[i] += (aim - labs.budget_usd[i]) * follow;
        // Who is about to run out of cash spends no more than its business brings in, at once, and rents no more for research.
        let pinched = !labs.division[i] && (cash < 0.0 || labs.runway_months[i] < p.rounds.distress_months);
        if pinched {
            labs.budget_usd[i] = labs.budget_usd[i].min(aim);
        }
        let budget = labs.budget_usd[i];
        let compute_money = budget * (1.0 - staff);
        // Export controls raise the price of compute and leave only a part of what would be added.
        let supply = world.regulators.export_supply[i];
        let hour_price = rented_hour * HOURS_PER_YEAR;
        let labs = &mut world.labs;
        let need = labs.serving_need_h100e[i] + labs.takeover_h100e[i];
        let expected = need * exp(labs.expected_growth[i].max(0.0) * ctx.dt);
        let serving = (expected * p.compute.serving_headroom - labs.owned_h100e[i]).max(0.0);
        let wanted = serving + (1.0 - build) * compute_money / hour_price;
        let wanted = if pinched { wanted.min(serving.max(labs.rented_h100e[i])) } else { wanted };
        // A lab that rents nothing yet starts from a share of what it runs.
        let before =
            labs.rented_h100e[i].max(p.compute.first_rent_share * (labs.owned_h100e[i] + labs.rented_h100e[i]));
        let most =
            before * if supply == 1.0 { fastest } else { exp(p.compute.rented_growth_per_year * supply * ctx.dt) };
        let least = labs.rented_h100e[i] * slowest;
        let target = wanted.clamp(least, most.max(least));
        if labs.cloud_plan[i * c..(i + 1) * c].iter().all(|share| *share == 0.0) {
            // Clouds outside the scenario: what is wanted can be had.
            labs.rented_h100e[i] = target;
        }
        let mut forced = 0.0;
        let promised: f64 = world.capital.exclusive[i * c..(i + 1) * c].iter().sum();
        for k in 0..c {
            let at = i * c + k;
            let due = due_usd_per_year(world, ctx, i, k);
            let planned = target * ((1.0 - promised) * world.labs.cloud_plan[at] + world.capital.exclusive[at]);
            let here = rent_usd(world, ctx, i, k) * HOURS_PER_YEAR;
            let taken = (due / here.max(1.0)).min(planned.max(world.labs.rented_by_cloud_h100e[at]) * fastest);
            world.labs.rented_by_cloud_h100e[at] = planned.max(taken);
            forced += (due - planned * here).max(0.0);
        }
        super::holdup::refuse(world, i);
        // What commitments force beyond the plan comes out of building first; what of it cannot be used at all has left the budget already.
        let known = if p.mechanisms.contracted_payments { world.capital.unused_usd[i] } else { 0.0 };
        let capex = (build * compute_money - (forced - known).max(0.0)).max(0.0) * supply;
        let price =
            (world.environment.chip_price_usd + world.environment.shell_price_usd) * price_factor(world, ctx, i);
        world.labs.ordered_h100e[i * STAGES] += capex * ctx.dt / price;
        // What is paid for a step is the mean of its months.
        let before = world.labs.capex_usd[i];
        world.labs.capex_usd[i] =
            if ctx.lived == 0 { capex } else { before + (capex - before) / f64::from(ctx.lived + 1) };
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
    }
}

/// What the group that owns a lab gives it at most, or one that has promised support gives it, USD per year.
pub fn transfer_usd_per_year(world: &World, ctx: &Context, i: usize) -> f64 {
    stated_transfer_usd_per_year(world, ctx, i) + world.capital.group_transfer_usd[i]
}

/// What the group that owns a lab from the start gives it at most, USD per year.
pub fn stated_transfer_usd_per_year(world: &World, ctx: &Context, i: usize) -> f64 {
    let lab = &ctx.parameters.labs[i].values.parameters;
    let stated = lab.parent_transfer_usd_per_year;
    if stated > 0.0 { stated * exp(lab.parent_transfer_growth_per_year * world.environment.years) } else { 0.0 }
}

/// What a lab owes beside what serves its customers, USD per year: debt service, and compute that it must pay for and did not use last step.
pub fn contracted_usd_per_year(world: &World, ctx: &Context, i: usize) -> f64 {
    let p = ctx.parameters;
    if !p.mechanisms.contracted_payments {
        return 0.0;
    }
    let debt = world.ledger.debt(world.ledger.lab(i)).value();
    debt * (p.compute.cost_of_capital_per_year + repaid_per_year(ctx)) + world.capital.unused_usd[i]
}

/// Compute that is paid for beside what serves customers and is no choice of the budget: power of own compute, and capacity kept ready for
/// peaks, at this rent of an H100e-hour, USD per year.
pub fn idle_usd_per_year(world: &World, ctx: &Context, i: usize, rented_hour: f64) -> f64 {
    let p = ctx.parameters;
    if !p.mechanisms.contracted_payments {
        return 0.0;
    }
    let labs = &world.labs;
    let (owned, total) = (labs.owned_h100e[i], labs.owned_h100e[i] + labs.rented_h100e[i]);
    let serving = if total > 0.0 { (labs.serving_h100e[i] / total).min(1.0) } else { 0.0 };
    let ready = ready_h100e(world, ctx, i);
    let power = owned * (1.0 - serving) * world.environment.power_usd_per_hour;
    (power + ready * rented_hour) * HOURS_PER_YEAR
}

/// Rented compute that a lab keeps ready for peaks of what it serves, H100e.
pub fn ready_h100e(world: &World, ctx: &Context, i: usize) -> f64 {
    let labs = &world.labs;
    let beyond = |need: f64| (need - labs.owned_h100e[i]).max(0.0);
    let serving = beyond(labs.serving_h100e[i]);
    let ready = beyond(labs.serving_h100e[i] * ctx.parameters.compute.serving_headroom) - serving;
    ready.min(labs.rented_h100e[i] - serving).max(0.0)
}

/// Writes what clouds ask for an H100e-hour this month.
fn post_rents(world: &mut World, ctx: &Context) {
    for (k, agent) in ctx.parameters.clouds.iter().enumerate() {
        world.clouds.rental_usd[k] = world.environment.rental_contract_usd * agent.values.price_ratio;
    }
}

/// Price of compute to a lab relative to what others pay: custom chips, and export controls.
fn price_factor(world: &World, ctx: &Context, i: usize) -> f64 {
    ctx.parameters.labs[i].values.parameters.compute_price_factor * world.regulators.export_price[i]
}

/// Rent that a lab pays a cloud for an H100e-hour, USD: what the ledger charges.
pub fn rent_usd(world: &World, ctx: &Context, i: usize, k: usize) -> f64 {
    let months = world.capital.dearer_months[i * world.dims.clouds + k];
    charged_usd(ctx, world.clouds.rental_usd[k], price_factor(world, ctx, i), months)
}

/// What is charged where this rent is posted, to a lab with this factor on prices, USD.
fn charged_usd(ctx: &Context, posted_usd: f64, factor: f64, dearer_months: f64) -> f64 {
    posted_usd * factor * dearer(ctx, dearer_months)
}

/// The same for each cloud.
fn rents_usd<'a>(world: &'a World, ctx: &'a Context, i: usize) -> impl Iterator<Item = f64> + 'a {
    let c = world.dims.clouds;
    let (factor, dearer_months) = (price_factor(world, ctx, i), &world.capital.dearer_months[i * c..(i + 1) * c]);
    let posted = world.clouds.rental_usd.iter().zip(dearer_months);
    posted.map(move |(&rental, &months)| charged_usd(ctx, rental, factor, months))
}

/// Rent that a lab pays clouds outside the scenario for an H100e-hour, USD.
pub fn outside_rent_usd(world: &World, ctx: &Context, i: usize) -> f64 {
    world.environment.rental_contract_usd * price_factor(world, ctx, i)
}

/// Mean rent of an H100e-hour over the clouds of a lab, USD: by what it rents from each, or by its plan while it rents nothing.
pub fn rented_hour_usd(world: &World, ctx: &Context, i: usize) -> f64 {
    let c = world.dims.clouds;
    for by in [&world.labs.rented_by_cloud_h100e, &world.labs.cloud_plan] {
        let row = &by[i * c..(i + 1) * c];
        let all: f64 = row.iter().sum();
        if all > 0.0 {
            return row.iter().zip(rents_usd(world, ctx, i)).map(|(part, rent)| part * rent).sum::<f64>() / all;
        }
    }
    outside_rent_usd(world, ctx, i)
}

/// What an H100e-hour of own compute costs a lab, USD: the user cost at the prices of today.
fn owned_hour_usd(world: &World, ctx: &Context, i: usize) -> f64 {
    let (p, e) = (ctx.parameters, &world.environment);
    let factor = price_factor(world, ctx, i);
    let cost = user_cost(
        e.chip_price_usd * factor,
        e.shell_price_usd * factor,
        p.compute.cost_of_capital_per_year,
        p.compute.depreciation_per_year,
        -p.compute.chip_price_trend_per_year,
        e.power_usd_per_hour,
    );
    // Chips that are expected to get dearer by more than they cost would be for nothing: power never is.
    cost.max(e.power_usd_per_hour).max(LEAST_HOUR_USD)
}

/// What an H100e-hour costs a lab, USD: the mean of rent and user cost over what it runs.
pub fn hour_usd(world: &World, ctx: &Context, i: usize) -> f64 {
    let (owned, rented) = (world.labs.owned_h100e[i], world.labs.rented_h100e[i]);
    if owned <= 0.0 {
        return rented_hour_usd(world, ctx, i);
    }
    (owned * owned_hour_usd(world, ctx, i) + rented * rented_hour_usd(world, ctx, i)) / (owned + rented)
}

/// Share of new compute that a lab builds: what its strategy asks for, tilted by what owning costs against renting at this rent of an
/// H100e-hour, USD.
pub fn building(world: &World, ctx: &Context, i: usize, rented_hour: f64) -> f64 {
    let p = ctx.parameters;
    let share = posture::build_share(world, p, i);
    if !p.mechanisms.user_cost {
        return share;
    }
    let owned = owned_hour_usd(world, ctx, i);
    build_share(share, rented_hour, owned, p.compute.build_response)
}

/// Carries a change of the haircut (an event may set it) over to what is still owed.
fn recount_commitments(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (before, now) = (world.capital.haircut, p.compute.commitment_haircut);
    if before == now {
        return;
    }
    world.capital.haircut = now;
    for (i, agent) in p.labs.iter().enumerate().filter(|(i, _)| world.labs.alive[*i]) {
        let start = &agent.values.start;
        for (k, cloud) in p.clouds.iter().enumerate() {
            let at = i * p.clouds.len() + k;
            let (total, paid) = (world.labs.commitments_usd[at], world.labs.commitments_paid_usd[at]);
            if before > 0.0 {
                world.labs.commitments_usd[at] = paid + (total - paid).max(0.0) * now / before;
            } else {
                // Nothing was owed so far: of the contracts, what has not fallen due counts from now on.
                let face = keyed_or(&start.commitments_usd, &cloud.id, 0.0) * now;
                let gone =
                    commitment_due(world.environment.years, start.commitment_term_years, p.compute.commitment_ramp);
                world.labs.commitments_usd[at] = face;
                world.labs.commitments_paid_usd[at] = face * gone;
            }
        }
    }
}

/// What a lab still owes a cloud under commitments, at whatever date it falls due, USD; nothing where they do not bind.
pub fn left_usd(world: &World, ctx: &Context, lab: usize, cloud: usize) -> f64 {
    if !ctx.parameters.mechanisms.commitments {
        return 0.0;
    }
    let at = lab * world.dims.clouds + cloud;
    let labs = &world.labs;
    (labs.commitments_usd[at] - labs.commitments_paid_usd[at]).max(0.0) + world.capital.pledged_usd[at]
}

/// Rent that a promise for strategic money makes due this step, USD per year.
pub fn pledge_due_usd_per_year(world: &World, ctx: &Context, lab: usize, cloud: usize) -> f64 {
    let p = ctx.parameters;
    let pledged = world.capital.pledged_usd[lab * world.dims.clouds + cloud];
    if pledged <= 0.0 || !p.mechanisms.commitments {
        return 0.0;
    }
    pledged * due_share(p.terms.commitment_years, ctx.dt) / ctx.dt
}

/// Rent that commitments to a cloud and pledges make due this step, USD per year.
pub fn due_usd_per_year(world: &World, ctx: &Context, lab: usize, cloud: usize) -> f64 {
    scheduled_usd_per_year(world, ctx, lab, cloud) + pledge_due_usd_per_year(world, ctx, lab, cloud)
}

/// Rent that the schedule of commitments to a cloud makes due this step, less what was paid ahead of it, USD per year.
pub fn scheduled_usd_per_year(world: &World, ctx: &Context, lab: usize, cloud: usize) -> f64 {
    let p = ctx.parameters;
    let at = lab * world.dims.clouds + cloud;
    let total = world.labs.commitments_usd[at];
    if total <= 0.0 || !p.mechanisms.commitments {
        return 0.0;
    }
    let term = p.labs[lab].values.start.commitment_term_years;
    let due = total * commitment_due(world.environment.years, term, p.compute.commitment_ramp);
    (due - world.labs.commitments_paid_usd[at]).max(0.0) / ctx.years_since_step()
}

/// A lab in distress sheds part of what it still owes clouds, at most once a year.
fn renegotiate(world: &mut World, ctx: &Context, lab: usize) {
    let labs = &mut world.labs;
    labs.months_since_renegotiation[lab] += ctx.dt * 12.0;
    if labs.division[lab]
        || labs.runway_months[lab] >= ctx.parameters.compute.renegotiation_runway_months
        || labs.months_since_renegotiation[lab] < 12.0
    {
        return;
    }
    labs.months_since_renegotiation[lab] = 0.0;
    let c = world.dims.clouds;
    for at in lab * c..(lab + 1) * c {
        let left = (labs.commitments_usd[at] - labs.commitments_paid_usd[at]).max(0.0);
        labs.commitments_usd[at] -= ctx.parameters.compute.renegotiation_share * left;
        world.capital.pledged_usd[at] -= ctx.parameters.compute.renegotiation_share * world.capital.pledged_usd[at];
    }
}

/// Lets the capacity of each cloud: tenants keep what they hold, and growth is shared alike when it exceeds what is free.
fn ration(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, c) = (world.dims.labs, world.dims.clouds);
    let m = &p.cloud_market;
    let growth = m.external_growth_per_year * exp(-world.environment.years / m.external_fading_years);
    for k in 0..c {
        let clouds = &mut world.clouds;
        let labs = &mut world.labs;
        let external = clouds.external_h100e[k] * exp(growth * ctx.dt);
        // Hosts keep what they expect to need, as labs do.
        let hosting = (clouds.hosting_need_h100e[k] + clouds.hosting_asked_h100e[k])
            * exp(clouds.expected_growth[k].max(0.0) * ctx.dt)
            * p.compute.serving_headroom;
        let (mut kept, mut more) = (0.0, 0.0);
        let mut count = |held: f64, wanted: f64| {
            kept += wanted.min(held);
            more += (wanted - held).max(0.0);
        };
        for i in 0..l {
            count(labs.rented_before_h100e[i * c + k], labs.rented_by_cloud_h100e[i * c + k]);
        }
        count(clouds.external_h100e[k], external);
        count(clouds.hosting_h100e[k], hosting);
        let free = clouds.capacity_h100e[k] * m.lettable_share;
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
        clouds.hosting_h100e[k] = grant(clouds.hosting_h100e[k], hosting);
        clouds.rented_to_labs_h100e[k] = to_labs;
        clouds.wanted_h100e[k] = kept + more;
    }
    serve_hosted(world);
    // Who chooses this month sees what hosts can serve now.
    for i in 0..l {
        let api = world.labs.own_share[i];
        if api < 1.0 {
            world.labs.reliability[i] = api * world.labs.own_service[i] + (1.0 - api) * world.clouds.hosting_served;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::capital::fixture;

    #[test]
    fn debt_service_and_compute_paid_for_in_vain_come_out_of_the_budget() {
        let mut p = fixture::parameters(1, 1);
        p.labs[0].values.start.debt_usd = 9.9e9;
        let mut world = fixture::world(&p);
        world.capital.unused_usd[0] = 2e9;
        let exact = 1e10 * (0.1 + (1.0 - exp(-0.2 / 12.0)) * 12.0) + 2e9;
        assert!((contracted_usd_per_year(&world, &fixture::context(&p, 0), 0) / exact - 1.0).abs() < 1e-9);
        p.mechanisms.contracted_payments = false;
        assert_eq!(contracted_usd_per_year(&world, &fixture::context(&p, 0), 0), 0.0);
    }

    #[test]
    fn an_event_on_the_haircut_reaches_what_is_still_owed_and_not_what_is_paid() {
        let mut p = fixture::parameters(1, 1);
        let mut world = fixture::world(&p);
        world.capital.haircut = 0.5;
        world.labs.commitments_usd = vec![50.0, 0.0];
        world.labs.commitments_paid_usd = vec![10.0, 0.0];
        recount_commitments(&mut world, &fixture::context(&p, 0));
        assert_eq!(world.labs.commitments_usd[0], 50.0);
        p.compute.commitment_haircut = 0.25;
        recount_commitments(&mut world, &fixture::context(&p, 0));
        assert_eq!((world.labs.commitments_usd[0], world.labs.commitments_paid_usd[0]), (30.0, 10.0));
        assert_eq!(left_usd(&world, &fixture::context(&p, 0), 0, 0), 20.0);
        p.mechanisms.commitments = false;
        assert_eq!(left_usd(&world, &fixture::context(&p, 0), 0, 0), 0.0);
    }

    #[test]
    fn contracts_that_counted_for_nothing_count_from_the_day_they_hold() {
        let mut p = fixture::parameters(1, 1);
        p.labs[0].values.start.commitments_usd.insert("cloud0".to_string(), 100.0);
        p.labs[0].values.start.commitment_term_years = 4.0;
        let mut world = fixture::world(&p);
        world.environment.years = 2.0;
        recount_commitments(&mut world, &fixture::context(&p, 0));
        // Half of them hold; a quarter of that has fallen due in half of the term.
        assert_eq!((world.labs.commitments_usd[0], world.labs.commitments_paid_usd[0]), (50.0, 12.5));
    }

    #[test]
    fn a_promise_of_rent_falls_due_over_its_years_and_is_kept_whole() {
        let p = fixture::parameters(1, 1);
        let mut world = fixture::world(&p);
        let ctx = fixture::context(&p, 0);
        (world.labs.commitments_usd[0], world.labs.commitments_paid_usd[0]) = (0.0, 0.0);
        world.capital.pledged_usd[0] = 120.0;
        let mut paid = 0.0;
        for _ in 0..36 {
            let due = due_usd_per_year(&world, &ctx, 0, 0);
            paid += due * ctx.dt;
            world.capital.pledged_usd[0] -= due * ctx.dt;
        }
        assert!((paid - 120.0 * (1.0 - exp(-1.0))).abs() < 1e-9);
        assert!((paid + world.capital.pledged_usd[0] - 120.0).abs() < 1e-9);
    }

    #[test]
    fn a_lab_renegotiates_below_the_runway_that_the_scenario_sets() {
        let owed = |below: f64| {
            let mut p = fixture::parameters(1, 1);
            p.compute.renegotiation_runway_months = below;
            let mut world = fixture::world(&p);
            world.labs.commitments_usd = vec![50.0, 0.0];
            world.labs.commitments_paid_usd = vec![10.0, 0.0];
            world.labs.runway_months = vec![8.0];
            world.labs.months_since_renegotiation = vec![24.0];
            renegotiate(&mut world, &fixture::context(&p, 0), 0);
            world.labs.commitments_usd[0]
        };
        assert_eq!((owed(6.0), owed(9.0)), (50.0, 38.0));
    }
}
