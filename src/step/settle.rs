//! Serving, revenue and costs: what a month's business pays, through the ledger (sections 3.9, 3.11, 3.17).
//!
//! ```text
//! cost       C_j = a_j·Σ X_jwt·c_jt/p_jt + (seats + applications)/((1 + m)·ς) + consumers·s_0·exp(−f·t)          USD per year, to serve all
//! need       N_j = k·C_j/(R·ρ_j·hours)                       H100e; ρ_j what the lab paid for an hour over R at the start, R contract price of the start on its trend, without scarcity, USD per hour
//! serving    min(N_j, (1 − φ)·K_j)                           customers first, down to the floor of research; K own and rented
//! service    σ_j = min(1, (1 − φ)·K_j/N_j);   reliability = a_j·σ_j + (1 − a_j)·σ_h
//! rest       K_j − serving: the share s of safety, e of experiments, 1 − s − e of training                       H100e
//! run-rate   σ_j·(a_j·X_j + consumers + seats + applications)                                                    USD per year; a_j own share
//! hosting    need_k = k·Σ_j (1 − a_j)·X_j,k/((1 + h)·R·hours);   σ_h = Σ_k min(need_k, let_k)/Σ_k need_k;   hosts earn (1 − a_j)·X_j·σ_h
//! serving costs  serving·hour_j·hours + (1 − k)·σ_j·C_j + take      hour_j mean of the rent and user cost that the lab pays; take of clouds (`clouds`)
//! own share  a_j ← a_j + f·(s* − a_j)·(1 − exp(−dt/τ_u))      (`clouds`): moves when a lab opens or closes
//! transfer   min(ceiling (`step/labs/plan.rs`), what the division lacks)
//! rent       Σ_k max(used_k, due_k),  used_k = rented_k·price_k·(1 + rise in a hold-up);   used_k where the cloud refuses growth
//! costs      rent + take + power·own + (1 − k)·σC + staff + legal + interest + compliance + fines and fees + liability
//! profit     run-rate − costs − depreciation,   depreciation = book·(1 − exp(−δ·dt))/dt
//! capex      a share d of it is lent;   debt repays 1 − exp(−ρ·dt) of itself a step at the rate r
//! burn       b ← b + (−Δcash/dt − b)·(1 − exp(−dt/τ_b));   forecast b·exp(0.75·min(1, max(0, g)));   runway = 12·cash/forecast
//!            months, from 0 to 120; a division has 120
//! liability  (a + a·harm·(1 − indemnity)·shifted)·run-rate·severity of the step                                  (`incidents`, `regulation`)
//! later months of a longer step   need ← need·exp(max(0, g)/12)·(ς/ς_before)^(−ε)
//! ```
//!
//! X spend of enterprises, c cost and p price, m markup, ς scarcity (`pricing`), s_0 and f of `consumers`, k `pricing.compute_share`, φ
//! `compute.research_floor`, h `cloud_market.hosting_markup`, g growth that the lab expects (`valuation`), 0.75 years the middle of eighteen
//! months. Rent is paid from compute paid for ahead as long as there is any; owners cover what a division lacks. Staff holds labels and a
//! retrofit (`safety`).
//!
//! Accounting identities, and our own rules: customers before research, all customers served alike. Smoothing is that of Brown (1959),
//! Statistical Forecasting for Inventory Control.
//!
//! τ_b is `rounds.burn_smoothing_years`. Of labs: a_j aims at `api_share` while weights are open, else at 1; s `safety_share`, e `research_share` and staff `staff_share` of the strategy of
//! allocation.

use crate::math::{exp, pow};
use crate::mechanisms::clouds::{own_share_after, part_served};
use crate::mechanisms::compute::survival;
use crate::mechanisms::regulation::liability_of_lab;
use crate::scenario::Parameters;
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::step::labs::plan::{
    hour_usd, outside_rent_usd, pledge_due_usd_per_year, rent_usd, scheduled_usd_per_year, transfer_usd_per_year,
};
use crate::step::{Context, posture};
use crate::units::{HOURS_PER_YEAR, Usd};
use crate::world::World;
use crate::world::labs::TIERS;
use crate::world::ledger::{Flow, Sector};

/// Months on end with a profit after which a lab counts as profitable: one good month is none.
pub const PROFITABLE_MONTHS: f64 = 12.0;
/// Longest runway that is told apart, months.
pub const RUNWAY_CAP_MONTHS: f64 = 120.0;

/// Yearly rates of revenue, serving need and cost, from demand, prices and compute.
pub fn serve(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let dims = world.dims;
    let (l, c, s) = (dims.labs, dims.clouds, dims.sectors);
    let consumer_cost =
        p.consumers.serving_share * exp(-p.consumers.serving_share_fall_per_year * world.environment.years);
    // List costs carry the trend of the price of compute, and need is measured at the same trend: what a lab paid at the start, on that
    // trend. What the compute costs is another matter: that is the price which the lab pays now.
    let hour = (world.environment.rental_trend_usd * HOURS_PER_YEAR).max(1e-9);
    host(world, ctx);
    if pass_on(world, ctx, hour) {
        host(world, ctx);
    }
    let hosted = world.clouds.hosting_served;
    for i in 0..l {
        if !world.labs.alive[i] {
            clear(world, i, c);
            continue;
        }
        let api = world.labs.own_share[i];
        let cost_api = cost_of_tokens_usd(world, i, api);
        let labs = &mut world.labs;
        let ratio = 1.0 / ((1.0 + labs.markup[i]) * labs.scarcity[i]);
        let seats = labs.revenue_other_usd[i] + labs.revenue_applications_usd[i];
        let cost = cost_api + seats * ratio + labs.revenue_consumer_usd[i] * consumer_cost;
        let need = need_h100e(world, p, i, cost, hour);
        divide(world, ctx, i, need);
        let compute_usd = world.labs.serving_h100e[i] * hour_usd(world, ctx, i) * HOURS_PER_YEAR;
        let labs = &mut world.labs;
        let served = labs.own_service[i];
        let spend = world.demand.total_usd[i];
        let public: f64 =
            (0..s).filter(|&k| p.sectors[k].values.public).map(|k| world.demand.by_sector_usd[i * s + k]).sum();
        labs.revenue_government_usd[i] = api * public * served;
        labs.revenue_enterprise_usd[i] = api * (spend - public).max(0.0) * served;
        labs.hosted_usd[i] = (1.0 - api) * spend * hosted;
        let mut take = 0.0;
        for k in 0..c {
            let at = i * c + k;
            let through = if labs.sold_on[at] { api * world.demand.by_cloud_usd[at] * served } else { 0.0 };
            labs.take_usd[at] = p.cloud_market.take_rate * p.cloud_market.resale_share * through;
            take += labs.take_usd[at];
        }
        labs.run_rate_before_usd[i] = labs.run_rate_usd[i];
        labs.scarcity_before[i] = labs.scarcity[i];
        labs.run_rate_usd[i] = labs.revenue_enterprise_usd[i]
            + labs.revenue_government_usd[i]
            + (labs.revenue_consumer_usd[i] + labs.revenue_other_usd[i] + labs.revenue_applications_usd[i]) * served;
        labs.serving_other_usd[i] = (1.0 - p.pricing.compute_share) * cost * served;
        labs.serving_cost_usd[i] = compute_usd + labs.serving_other_usd[i] + take;
    }
}

/// Cost of serving the share `part` of the enterprise tokens of a lab's models, USD per year.
fn cost_of_tokens_usd(world: &World, i: usize, part: f64) -> f64 {
    let mut cost = 0.0;
    for w in 0..WORKLOAD_COUNT {
        for tier in 0..TIERS {
            let at = i * TIERS + tier;
            let spend = world.demand.spend_usd[(i * WORKLOAD_COUNT + w) * TIERS + tier];
            if spend > 0.0 {
                cost += part * spend * world.labs.cost_usd_per_mtok[at] / world.labs.price_usd_per_mtok[at];
            }
        }
    }
    cost
}

/// Moves customers between a lab that has opened or closed and the hosts of its models, over the step. Returns whether any move.
///
/// Weights that are out can be hosted by whoever has them: when a lab closes, its customers come over to what it serves itself as they
/// move to new models, and when one opens, they go to hosts as these let compute for it. Whoever takes over serves no more than it can:
/// the rest stays where it is served, and the compute for it is asked for.
fn pass_on(world: &mut World, ctx: &Context, hour: f64) -> bool {
    let p = ctx.parameters;
    let (l, c) = (world.dims.labs, world.dims.clouds);
    let (months, upgrade) = (12.0 * ctx.dt, p.spend.upgrade_months);
    world.labs.takeover_h100e.fill(0.0);
    world.clouds.hosting_asked_h100e.fill(0.0);
    let move_of = |world: &World, i: usize| {
        let (now, aim) = (world.labs.own_share[i], posture::own_share_aim(world, p, i));
        if now == aim || !world.labs.alive[i] { 0.0 } else { own_share_after(now, aim, months, upgrade) - now }
    };
    let mut any = false;
    for i in 0..l {
        let change = move_of(world, i);
        any |= change != 0.0;
        if change > 0.0 {
            let all = need_h100e(world, p, i, cost_of_tokens_usd(world, i, 1.0), hour);
            world.labs.takeover_h100e[i] = change * all;
        } else if change < 0.0 {
            let all = hosting_h100e(p, world.demand.total_usd[i], hour);
            for k in 0..c {
                world.clouds.hosting_asked_h100e[k] -= change * all * cloud_share(world, i, k);
            }
        }
    }
    if !any {
        return false;
    }
    for i in 0..l {
        let change = move_of(world, i);
        let served = if change > 0.0 {
            let labs = &world.labs;
            let capacity = (1.0 - p.compute.research_floor) * (labs.owned_h100e[i] + labs.rented_h100e[i]);
            part_served(labs.takeover_h100e[i], capacity / p.compute.serving_headroom - labs.serving_need_h100e[i])
        } else {
            let clouds = &world.clouds;
            let room = |k: usize| clouds.hosting_h100e[k] - clouds.hosting_need_h100e[k];
            (0..c).map(|k| cloud_share(world, i, k) * part_served(clouds.hosting_asked_h100e[k], room(k))).sum()
        };
        world.labs.own_share[i] += change * served;
    }
    true
}

/// Compute that a lab takes to serve what costs `cost_usd` a year at list, at this price of a year of an H100e, H100e: as much as its margin
/// of the start tells at what it paid for compute then.
fn need_h100e(world: &World, p: &Parameters, i: usize, cost_usd: f64, hour: f64) -> f64 {
    p.pricing.compute_share * cost_usd / (hour * world.labs.hour_ratio_start[i])
}

/// Compute that hosting takes that is paid `usd` a year at this price of a year of an H100e, H100e.
fn hosting_h100e(p: &Parameters, usd: f64, hour: f64) -> f64 {
    p.pricing.compute_share * usd / (1.0 + p.cloud_market.hosting_markup) / hour
}

/// Share of a cloud in the spend on an alternative.
fn cloud_share(world: &World, alternative: usize, cloud: usize) -> f64 {
    let c = world.dims.clouds;
    let by = &world.demand.by_cloud_usd[alternative * c..(alternative + 1) * c];
    let all: f64 = by.iter().sum();
    if all > 0.0 { by[cloud] / all } else { 1.0 / c as f64 }
}

/// Divides a lab's compute: what customers need comes first, down to the floor of research; its strategy divides the rest.
fn divide(world: &mut World, ctx: &Context, i: usize, need: f64) {
    let p = ctx.parameters;
    let (api, split) = (world.labs.own_share[i], posture::split(world, p, i));
    let hosted = world.clouds.hosting_served;
    let labs = &mut world.labs;
    let total = labs.owned_h100e[i] + labs.rented_h100e[i];
    let ceiling = (1.0 - p.compute.research_floor) * total;
    labs.serving_need_h100e[i] = need;
    labs.serving_h100e[i] = need.min(ceiling);
    let served = if need > ceiling { ceiling / need } else { 1.0 };
    labs.own_service[i] = served;
    labs.reliability[i] = api * served + (1.0 - api) * hosted;
    let rest = total - labs.serving_h100e[i];
    labs.safety_h100e[i] = rest * split.safety;
    labs.research_h100e[i] = rest * split.research;
    labs.training_h100e[i] = rest * (1.0 - split.safety - split.research);
}

/// Carries demand on compute forward to the next month of a longer step: it grows as expected, and falls as scarcity raises prices.
///
/// What customers do is settled at the end of the step; this is what labs and clouds act on until then.
pub fn foresee(world: &mut World, ctx: &Context) {
    for i in 0..world.dims.labs {
        if !world.labs.alive[i] {
            continue;
        }
        let labs = &mut world.labs;
        let dearer = labs.scarcity[i] / labs.scarcity_before[i].max(1.0);
        labs.scarcity_before[i] = labs.scarcity[i];
        let growth = exp(labs.expected_growth[i].max(0.0) / 12.0) * pow(dearer, -ctx.parameters.spend.usage_elasticity);
        let need = labs.serving_need_h100e[i] * growth;
        divide(world, ctx, i, need);
    }
    let clouds = &mut world.clouds;
    for (need, growth) in clouds.hosting_need_h100e.iter_mut().zip(&clouds.expected_growth) {
        *need *= exp(growth.max(0.0) / 12.0);
    }
}

fn clear(world: &mut World, i: usize, c: usize) {
    let labs = &mut world.labs;
    for column in [
        &mut labs.serving_need_h100e,
        &mut labs.serving_h100e,
        &mut labs.safety_h100e,
        &mut labs.research_h100e,
        &mut labs.training_h100e,
        &mut labs.revenue_government_usd,
        &mut labs.revenue_enterprise_usd,
        &mut labs.revenue_consumer_usd,
        &mut labs.revenue_other_usd,
        &mut labs.revenue_applications_usd,
        &mut labs.hosted_usd,
        &mut labs.run_rate_usd,
        &mut labs.serving_other_usd,
        &mut labs.serving_cost_usd,
        &mut labs.rented_h100e,
        &mut labs.capex_usd,
    ] {
        column[i] = 0.0;
    }
    for k in 0..c {
        labs.take_usd[i * c + k] = 0.0;
        labs.rented_by_cloud_h100e[i * c + k] = 0.0;
    }
}

/// What hosting open weights needs, by cloud, and the share of it that the compute let for it can serve.
pub fn host(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, c) = (world.dims.labs, world.dims.clouds);
    let hour = (world.environment.rental_trend_usd * HOURS_PER_YEAR).max(1e-9);
    world.clouds.hosting_need_h100e.fill(0.0);
    // Open weights that firms host themselves, behind the last lab, run on the same clouds.
    for alternative in 0..=l {
        let hosted = if alternative == l {
            1.0
        } else if world.labs.alive[alternative] {
            1.0 - world.labs.own_share[alternative]
        } else {
            0.0
        };
        let spend = hosted * world.demand.total_usd[alternative];
        if spend <= 0.0 {
            continue;
        }
        let compute = hosting_h100e(p, spend, hour);
        let by = &world.demand.by_cloud_usd[alternative * c..(alternative + 1) * c];
        let all: f64 = by.iter().sum();
        for (need, spent) in world.clouds.hosting_need_h100e.iter_mut().zip(by) {
            *need += compute * if all > 0.0 { spent / all } else { 1.0 / c as f64 };
        }
    }
    serve_hosted(world);
}

/// Sets the share of the need for hosting that is served. A cloud serves its own customers alone.
pub fn serve_hosted(world: &mut World) {
    let clouds = &mut world.clouds;
    let pairs = || clouds.hosting_need_h100e.iter().zip(&clouds.hosting_h100e);
    let need: f64 = clouds.hosting_need_h100e.iter().sum();
    let served: f64 = pairs().map(|(need, let_for_it)| need.min(*let_for_it)).sum();
    clouds.hosting_served = if need > 0.0 { served / need } else { 1.0 };
}

/// Pays a step's business through the ledger.
pub fn pay(world: &mut World, ctx: &Context) {
    let c = world.dims.clouds;
    world.clouds.revenue_rent_usd.fill(0.0);
    world.clouds.revenue_resale_usd.fill(0.0);
    world.clouds.rent_from_lab_usd.fill(0.0);
    let kept = Kept::of(ctx);
    for i in 0..world.dims.labs {
        pay_hosts(world, ctx, i, world.labs.hosted_usd[i]);
        if world.labs.alive[i] {
            pay_lab(world, ctx, i, &kept);
        } else {
            world.labs.profit_usd[i] = 0.0;
        }
    }
    let own = world.dims.labs;
    pay_hosts(world, ctx, own, world.demand.total_usd[own] * world.clouds.hosting_served);
    for k in 0..c {
        super::clouds::pay(world, ctx, k);
    }
    super::clouds::pay_suppliers(world, ctx);
    super::applications::pay(world, ctx);
    super::tools::pay(world, ctx);
}

/// Enterprises pay the clouds that host open weights for them, and governments for the public ones among them.
fn pay_hosts(world: &mut World, ctx: &Context, alternative: usize, spend: f64) {
    let c = world.dims.clouds;
    if spend <= 0.0 || c == 0 {
        return;
    }
    let by = alternative * c;
    let all: f64 = world.demand.by_cloud_usd[by..by + c].iter().sum();
    let public = public_share(world, ctx, alternative);
    let payers = [(Sector::Enterprises, 1.0 - public), (Sector::Governments, public)];
    for k in 0..c {
        let share = if all > 0.0 { world.demand.by_cloud_usd[by + k] / all } else { 1.0 / c as f64 };
        let account = world.ledger.cloud(k);
        for (payer, part) in payers {
            let payer = world.ledger.sector(payer);
            world.ledger.pay(payer, account, Usd(spend * share * part * ctx.dt), Flow::Current);
        }
        world.clouds.revenue_resale_usd[k] += spend * share;
    }
}

/// Share of public buyers in the spend on an alternative.
fn public_share(world: &World, ctx: &Context, alternative: usize) -> f64 {
    let s = world.dims.sectors;
    let by = &world.demand.by_sector_usd[alternative * s..(alternative + 1) * s];
    let all: f64 = by.iter().sum();
    let sectors = by.iter().zip(&ctx.parameters.sectors);
    let public: f64 = sectors.filter(|(_, sector)| sector.values.public).map(|(usd, _)| usd).sum();
    if all > 0.0 { (public / all).clamp(0.0, 1.0) } else { 0.0 }
}

/// Parts that are left after a step, the same for all labs.
struct Kept {
    debt: f64,
    capital: f64,
    burn: f64,
    funding: f64,
}

impl Kept {
    fn of(ctx: &Context) -> Kept {
        let compute = &ctx.parameters.compute;
        Kept {
            debt: survival(compute.debt_repayment_per_year, ctx.dt),
            capital: survival(compute.depreciation_per_year, ctx.dt),
            burn: exp(-ctx.dt / ctx.parameters.rounds.burn_smoothing_years),
            funding: exp(-ctx.dt / ctx.parameters.cloud_market.funding_window_years),
        }
    }
}

fn pay_lab(world: &mut World, ctx: &Context, i: usize, kept: &Kept) {
    let p = ctx.parameters;
    let (c, dt) = (world.dims.clouds, ctx.dt);
    let account = world.ledger.lab(i);
    let cash_before = world.ledger.cash(account).value();
    let served = world.labs.own_service[i];
    let sector = |world: &World, s| world.ledger.sector(s);

    let sales = [
        (Sector::Enterprises, world.labs.revenue_enterprise_usd[i]),
        (Sector::Governments, world.labs.revenue_government_usd[i]),
        (Sector::Consumers, world.labs.revenue_consumer_usd[i] * served),
        (Sector::OtherBusiness, world.labs.revenue_other_usd[i] * served),
        (Sector::Applications, world.labs.revenue_applications_usd[i] * served),
    ];
    for (buyer, usd) in sales {
        let buyer = sector(world, buyer);
        world.ledger.pay(buyer, account, Usd(usd * dt), Flow::Current);
    }

    let mut costs = 0.0;
    let mut unused = 0.0;
    for k in 0..c {
        let at = i * c + k;
        let cloud = world.ledger.cloud(k);
        let take = world.labs.take_usd[at];
        let used = world.labs.rented_by_cloud_h100e[at] * rent_usd(world, ctx, i, k) * HOURS_PER_YEAR;
        // Take or pay: what is due beyond use is paid all the same. A cloud that refuses to deliver has no claim to it, then or later.
        let pledge = pledge_due_usd_per_year(world, ctx, i, k);
        let due = used.max(scheduled_usd_per_year(world, ctx, i, k) + pledge);
        let rent = if world.capital.refused_months[at] > 0.0 { used } else { due };
        unused += rent - used;
        world.capital.pledged_usd[at] -= pledge * dt;
        world.labs.commitments_paid_usd[at] += (due - pledge) * dt;
        // Rent is paid in compute that was paid for ahead, as long as there is any.
        let drawn = world.capital.credits_usd[i * (c + 1) + k].min(rent * dt);
        world.capital.credits_usd[i * (c + 1) + k] -= drawn;
        world.ledger.draw_prepaid(account, cloud, Usd(drawn), false);
        world.ledger.pay(account, cloud, Usd(((take + rent) * dt - drawn).max(0.0)), Flow::Current);
        world.clouds.revenue_resale_usd[k] += take;
        world.clouds.revenue_rent_usd[k] += rent;
        world.clouds.rent_from_lab_usd[k * world.dims.labs + i] = rent;
        costs += take + rent;
    }
    world.capital.unused_usd[i] = unused;
    let named: f64 = world.labs.cloud_plan[i * c..(i + 1) * c].iter().sum();
    let staff_usd = posture::staff_usd(world, p, i);
    let debt = world.ledger.debt(account).value();
    let bills = [
        // Compute rented from clouds outside the scenario.
        (
            Sector::RestOfWorld,
            if named > 0.0 {
                0.0
            } else {
                world.labs.rented_h100e[i] * outside_rent_usd(world, ctx, i) * HOURS_PER_YEAR
            },
        ),
        (
            Sector::Power,
            world.labs.owned_h100e[i] * world.environment.power_usd_per_hour * HOURS_PER_YEAR
                + world.labs.serving_other_usd[i],
        ),
        // Counsel for its defence are people, too.
        (Sector::Staff, staff_usd + world.labs.legal_share[i] * world.labs.run_rate_usd[i]),
        (Sector::Lenders, debt * p.compute.cost_of_capital_per_year),
        (Sector::GovernanceVendors, world.labs.compliance_share[i] * world.labs.run_rate_usd[i]),
        (Sector::Governments, (world.regulators.fines_usd[i] + world.regulators.licence_fees_usd[i]) / dt),
        (
            Sector::Enterprises,
            liability_of_law(world, ctx, i) * world.labs.run_rate_usd[i] * world.labs.severity[i] / dt,
        ),
        (Sector::RestOfWorld, p.incidents.liability_share * world.labs.run_rate_usd[i] * world.labs.severity[i] / dt),
    ];
    for (payee, usd) in bills {
        let payee = sector(world, payee);
        world.ledger.pay(account, payee, Usd(usd * dt), Flow::Current);
        costs += usd;
    }

    let capex = world.labs.capex_usd[i];
    let suppliers = sector(world, Sector::Suppliers);
    let lenders = sector(world, Sector::Lenders);
    let owners = sector(world, Sector::Owners);
    let drawn = world.capital.credits_usd[i * (c + 1) + c].min(capex * dt);
    world.capital.credits_usd[i * (c + 1) + c] -= drawn;
    world.ledger.draw_prepaid(account, suppliers, Usd(drawn), true);
    world.ledger.pay(account, suppliers, Usd((capex * dt - drawn).max(0.0)), Flow::Capital);
    world.clouds.supplier_revenue_usd += capex;
    world.ledger.pay(lenders, account, Usd(capex * p.compute.debt_share * dt), Flow::Loan);
    let repaid = debt * (1.0 - kept.debt);
    world.ledger.pay(account, lenders, Usd(repaid), Flow::Repayment);
    // A group gives its division what it spends beyond its means, up to the transfer; beyond that it covers the gap.
    let most = transfer_usd_per_year(world, ctx, i);
    let lacks = -world.ledger.cash(account).value() / dt;
    let transfer = if world.labs.division[i] { most.min(lacks.max(0.0)) } else { most };
    if transfer > 0.0 {
        world.ledger.pay(owners, account, Usd(transfer * dt), Flow::Equity);
    }
    world.capital.transfer_paid_usd[i] = transfer;
    let worn = world.ledger.capital(account).value() * (1.0 - kept.capital);
    let worn = world.ledger.depreciate(account, Usd(worn)).value();

    let cash = world.ledger.cash(account).value();
    if world.labs.division[i] && cash < 0.0 {
        world.ledger.pay(owners, account, Usd(-cash), Flow::Equity);
    }
    let labs = &mut world.labs;
    labs.profit_usd[i] = labs.run_rate_usd[i] - costs - worn / dt;
    let profitable = labs.run_rate_usd[i] > 0.0 && labs.profit_usd[i] > 0.0;
    labs.months_in_profit[i] = if profitable { labs.months_in_profit[i] + 12.0 * dt } else { 0.0 };
    labs.turned_profitable[i] |= labs.months_in_profit[i] > PROFITABLE_MONTHS - 0.5;
    let burn = (cash_before - cash) / dt;
    labs.burn_usd[i] += (burn - labs.burn_usd[i]) * (1.0 - kept.burn);
    world.labs.runway_months[i] = runway_months(world, i, cash);
    for raised in &mut world.labs.raised_from_cloud_usd[i * c..(i + 1) * c] {
        *raised *= kept.funding;
    }
}

/// Harm of buyers that the law lays on a lab, as a share of run-rate per unit of severity: by where its enterprise customers are.
fn liability_of_law(world: &World, ctx: &Context, i: usize) -> f64 {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    let by = &world.demand.by_jurisdiction_usd[i * j..(i + 1) * j];
    let all: f64 = by.iter().sum();
    let shifted: f64 = by.iter().zip(&world.regulators.liability_shifted).map(|(usd, shifted)| usd * shifted).sum();
    let mean = if all > 0.0 { shifted / all } else { 0.0 };
    let indemnity = p.labs[i].values.parameters.indemnity;
    liability_of_lab(p.incidents.liability_share, p.regulation.buyer_harm, indemnity, mean)
}

/// Months for which this cash lasts a lab at the burn that it forecasts; a division has a group behind it.
pub fn runway_months(world: &World, i: usize, cash: f64) -> f64 {
    let labs = &world.labs;
    let forecast = forecast_burn(labs.burn_usd[i], labs.expected_growth[i]);
    if labs.division[i] || forecast <= 0.0 {
        RUNWAY_CAP_MONTHS
    } else {
        (12.0 * cash / forecast).clamp(0.0, RUNWAY_CAP_MONTHS)
    }
}

/// Debt that falls due in a step, as a yearly share of what is owed.
pub fn repaid_per_year(ctx: &Context) -> f64 {
    (1.0 - survival(ctx.parameters.compute.debt_repayment_per_year, ctx.dt)) / ctx.dt
}

/// Burn that a lab expects in the mean of the next eighteen months, USD per year: spending grows with revenue, at most at the rate of e a year.
pub fn forecast_burn(burn: f64, expected_growth: f64) -> f64 {
    burn * exp(expected_growth.clamp(0.0, 1.0) * 0.75)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::capital::fixture;

    #[test]
    fn until_demand_is_seen_again_it_is_expected_to_grow_and_to_answer_to_prices() {
        let p = fixture::parameters(1, 1);
        let mut world = fixture::world(&p);
        lay_columns(&mut world);
        let total = world.labs.owned_h100e[0] + world.labs.rented_h100e[0];
        let need = 0.1 * total;
        world.labs.serving_need_h100e[0] = need;
        world.labs.expected_growth[0] = 1.2;
        (world.labs.scarcity[0], world.labs.scarcity_before[0]) = (2.0, 1.0);
        foresee(&mut world, &fixture::context(&p, 0));
        let grown = need * 0.1f64.exp() * 2f64.powf(-p.spend.usage_elasticity);
        assert!((world.labs.serving_need_h100e[0] / grown - 1.0).abs() < 1e-12);
        // The price has been answered to: another month only adds growth.
        foresee(&mut world, &fixture::context(&p, 1));
        assert!((world.labs.serving_need_h100e[0] / grown - 0.1f64.exp()).abs() < 1e-12);
        let labs = &world.labs;
        let divided = labs.serving_h100e[0] + labs.safety_h100e[0] + labs.research_h100e[0] + labs.training_h100e[0];
        assert!((divided / total - 1.0).abs() < 1e-12);
    }

    fn lay_columns(world: &mut World) {
        let labs = &mut world.labs;
        for column in [
            &mut labs.serving_need_h100e,
            &mut labs.serving_h100e,
            &mut labs.safety_h100e,
            &mut labs.research_h100e,
            &mut labs.training_h100e,
            &mut labs.scarcity,
            &mut labs.scarcity_before,
            &mut labs.own_service,
            &mut labs.reliability,
        ] {
            crate::world::refill(column, 1, 1.0);
        }
        crate::world::refill(&mut labs.open, 1, false);
    }

    #[test]
    fn a_lab_that_grows_expects_to_burn_more_and_one_that_shrinks_no_less() {
        assert!((forecast_burn(10.0, 1.0) / 10.0 - 0.75f64.exp()).abs() < 1e-12);
        assert_eq!(forecast_burn(10.0, -0.5), 10.0);
    }
}
