//! Application vendors at the start: what labs sell to them is a part of the labs' observed run-rates, and concentrated as declared.
//!
//! ```text
//! bought_j   B_j·(1 − consumer part)·applications part                                      USD per year, by the vendors of lab j
//! large      two for each lab: l·(1/rank^x)/Σ 1/rank^x of it;   the aggregate of all others 1 − l
//! m_0        Σ bought/(Σ bought + o·R_0),   k = (Σ bought + o·R_0)/R_0                       share of models in cost, cost over revenue
//! appeal_j   max(0.002, share of purchases)/weight (`step/applications.rs`)
//! ```
//!
//! B is the run-rate beyond the API (`step/start/mod.rs`), l `large_vendors_share` of the lab, x `applications.rank_exponent`, o
//! `applications.other_cost_share`, R_0 `applications.start.revenue_usd`.
//!
//! Rank and size after Zipf (1949), Human Behavior and the Principle of Least Effort; the rest is our own.

use super::run_rate_beyond_api_usd;
use crate::mechanisms::applications::{LARGE_PER_LAB, rank_shares};
use crate::random::{Purpose, mix};
use crate::step::Context;
use crate::step::applications::{account, adopted, unit_weights, weigh};
use crate::world::labs::TIERS;
use crate::world::{World, refill};

/// Least share of purchases that a lab's appeal is fitted to: without it nobody new would ever choose it.
const LEAST_SHARE: f64 = 0.002;

/// Fills the columns of application vendors and the labs' revenue from them. Smaller firms stand already.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let l = world.dims.labs;
    let on = p.mechanisms.applications;
    let vendors = if on { l * LARGE_PER_LAB + 1 } else { 0 };
    let mut a = std::mem::take(&mut world.applications);
    a.key.clear();
    // The customers of a lab carry its key: they are the same whoever else there is.
    for lab in p.labs.iter().filter(|_| on) {
        a.key.extend((0..LARGE_PER_LAB as u64).map(|rank| mix(lab.key.wrapping_add(rank + 1))));
    }
    a.key.resize(vendors, 0);
    refill(&mut a.renewal, vendors, 0);
    refill(&mut a.size, vendors, 1.0);
    refill(&mut a.news, vendors, 0.0);
    refill(&mut a.units_usd, vendors * l, 0.0);
    refill(&mut a.purchases_usd, vendors * l, 0.0);
    for column in [&mut a.appeal, &mut a.weight, &mut a.initial_weight, &mut a.initial_ln_price] {
        refill(column, l, 1.0);
    }
    (a.ln_new_uses, a.price, a.model_share, a.cost_share) = (0.0, 1.0, 0.0, 0.0);
    (a.wanted_usd, a.other_cost_usd, a.revenue_usd, a.model_cost_usd) = (0.0, 0.0, 0.0, 0.0);
    (a.paid_other_usd, a.profit_usd, a.crowding) = (0.0, 0.0, 0.0);
    (a.reference_price_usd, a.reference_eci, a.reference_weight, a.reference_ln_price) = (1.0, 0.0, 1.0, 0.0);
    world.labs.revenue_applications_usd.fill(0.0);
    if on {
        buy(world, ctx, &mut a);
    }
    a.initial_adopted = adopted(world, ctx);
    world.applications = a;
}

/// Divides what each lab sells to vendors among its two largest customers and all others, and fits the labs' appeal to vendors.
fn buy(world: &mut World, ctx: &Context, a: &mut crate::world::applications::Applications) {
    let p = ctx.parameters;
    let l = world.dims.labs;
    let ranks = rank_shares(p.applications.rank_exponent);
    let bills = |j: usize| world.labs.sells[j] && world.labs.own_share[j] > 0.0;
    for (j, lab) in p.labs.iter().enumerate().filter(|&(j, _)| bills(j)) {
        let start = &lab.values.start;
        let firms = run_rate_beyond_api_usd(world, ctx, j) * (1.0 - start.consumer_fraction);
        let bought = firms * start.applications_fraction;
        for (rank, share) in ranks.into_iter().enumerate() {
            let v = j * LARGE_PER_LAB + rank;
            a.purchases_usd[v * l + j] = bought * start.large_vendors_share * share;
            a.renewal[v] = (ctx.draws.bits(Purpose::ApplicationChoice, a.key[v], 0, 0) % 1200) as i32;
        }
        a.purchases_usd[LARGE_PER_LAB * l * l + j] = bought * (1.0 - start.large_vendors_share);
    }
    let price = |j: usize| world.labs.price_usd_per_mtok[j * TIERS];
    let (mut all, mut paid, mut eci) = (0.0, 0.0, 0.0);
    for (at, &usd) in a.purchases_usd.iter().enumerate() {
        let j = at % l;
        world.labs.revenue_applications_usd[j] += usd;
        all += usd;
        paid += usd * price(j);
    }
    if all > 0.0 {
        a.reference_price_usd = paid / all;
    }
    unit_weights(world, ctx, a.reference_price_usd, &mut a.initial_weight, &mut a.initial_ln_price);
    let (mut units, mut logs) = (0.0, 0.0);
    for (at, &usd) in a.purchases_usd.iter().enumerate() {
        let j = at % l;
        if usd > 0.0 {
            a.units_usd[at] = usd / a.initial_weight[j];
            units += a.units_usd[at];
            logs += a.units_usd[at] * a.initial_ln_price[j];
            eci += a.units_usd[at] * world.labs.eci[j];
        }
    }
    if all > 0.0 {
        (a.reference_weight, a.reference_ln_price, a.reference_eci) = (all / units, logs / units, eci / units);
    }
    // Without a lab to buy from there are no applications.
    a.wanted_usd = if all > 0.0 { p.applications_start.revenue_usd } else { 0.0 };
    a.crowding = a.wanted_usd / p.applications.ceiling_usd_per_year;
    a.other_cost_usd = p.applications.other_cost_share * a.wanted_usd;
    let costs = all + a.other_cost_usd;
    a.model_share = if costs > 0.0 { all / costs } else { 0.0 };
    a.cost_share = if a.wanted_usd > 0.0 { costs / a.wanted_usd } else { 0.0 };
    // Without news, vendors that choose anew choose as those before them did.
    weigh(world, ctx, a);
    for j in 0..l {
        let share = if all > 0.0 { world.labs.revenue_applications_usd[j] / all } else { 0.0 };
        a.appeal[j] = if a.weight[j] > 0.0 { share.max(LEAST_SHARE) / a.weight[j] } else { 0.0 };
    }
}

/// Revenue and profit of the start, once it is known what labs serve.
pub fn open_books(world: &mut World, ctx: &Context) {
    if ctx.parameters.mechanisms.applications {
        account(world);
    }
}
