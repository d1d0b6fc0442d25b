//! How labs leave the private market: listing, and purchase by a group (section 3.13).

use crate::math::exp;
use crate::mechanisms::environment::DROUGHT;
use crate::mechanisms::exits::{blocked, chance, price_at_leisure, price_in_distress, ready_to_list};
use crate::random::Purpose;
use crate::step::Context;
use crate::step::capital::{issue, rounded_off, shortfall};
use crate::step::clouds::capex_usd_per_year;
use crate::step::labs::holdup::kin;
use crate::step::labs::plan::{left_usd, stated_transfer_usd_per_year};
use crate::step::settle::{RUNWAY_CAP_MONTHS, forecast_burn};
use crate::units::Usd;
use crate::world::World;
use crate::world::ledger::{Flow, Sector};

/// Labs that are ready go public when their time comes.
pub fn list(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let drought = world.environment.climate == DROUGHT;
    for (i, agent) in p.labs.iter().enumerate() {
        let labs = &world.labs;
        if !labs.alive[i] || labs.division[i] || world.capital.listed[i] {
            continue;
        }
        if ready_to_list(&p.exits, labs.run_rate_usd[i], labs.profit_usd[i], drought)
            && ctx.draws.uniform(Purpose::Listing, agent.key, 0, ctx.month.0)
                < chance(p.exits.listing_hazard_per_year, ctx.dt)
        {
            world.capital.listed[i] = true;
            super::mark(world, ctx, i);
            offer(world, i, world.labs.valuation_usd[i] * exp(-p.exits.issue_discount), p.exits.listing_dilution);
        }
    }
}

/// A listed lab that needs money sells new shares to the public: at most a listing's share a year, at a further discount in distress.
pub fn follow_on(world: &mut World, ctx: &Context, i: usize, short: bool, distress: bool) {
    let p = ctx.parameters;
    let closed = world.environment.climate == DROUGHT;
    let rested = world.labs.months_since_round[i] >= p.exits.offering_gap_months;
    if !distress && (!short || closed || !rested) {
        return;
    }
    let discount = p.exits.issue_discount + if distress { p.rounds.distress_discount } else { 0.0 };
    let price = world.labs.valuation_usd[i] * exp(-discount);
    let burn = forecast_burn(world.labs.burn_usd[i], world.labs.expected_growth[i]).max(0.0);
    let need = burn * p.rounds.ask_months / 12.0 + shortfall(world, i);
    let most = if rested { p.exits.listing_dilution } else { 0.0 };
    offer(world, i, price, if price > 0.0 { (need / price).min(most) } else { 0.0 });
}

/// Sells new shares to the public, who are the rest of the world.
fn offer(world: &mut World, i: usize, price: f64, sold: f64) {
    let amount = price * sold;
    if amount <= 0.0 {
        return;
    }
    issue(world, i, sold);
    let (public, lab) = (world.ledger.sector(Sector::RestOfWorld), world.ledger.lab(i));
    world.ledger.pay(public, lab, Usd(amount), Flow::Equity);
    world.labs.raised_usd[i] += amount;
    rounded_off(world, i, price);
}

/// Chances for groups to buy labs, at leisure.
pub fn merge(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    for (i, agent) in p.labs.iter().enumerate() {
        if !world.labs.alive[i]
            || world.labs.division[i]
            || world.investors.lab_bloc[i]
            || ctx.draws.uniform(Purpose::Acquisition, agent.key, 0, ctx.month.0)
                >= chance(p.exits.acquisition_hazard_per_year, ctx.dt)
        {
            continue;
        }
        let Some(k) = nearest(world, i) else { continue };
        let (means, synergy) = (means_usd(world, ctx, k), synergy(ctx, i, k));
        let Some(price) = price_at_leisure(&p.exits, world.labs.valuation_usd[i], synergy, means) else { continue };
        let all: f64 = world.labs.run_rate_usd.iter().sum();
        // What counts is the share that the buyer would have: that of its labs, too.
        let joint = (0..world.dims.labs).filter(|&other| other == i || kin(world, ctx, other, k));
        let share = if all > 0.0 { joint.map(|lab| world.labs.run_rate_usd[lab]).sum::<f64>() / all } else { 0.0 };
        let independence = agent.values.parameters.independence;
        if ctx.draws.uniform(Purpose::Consent, agent.key, 0, ctx.month.0) >= independence
            && ctx.draws.uniform(Purpose::MergerReview, agent.key, 0, ctx.month.0)
                >= blocked(p.exits.block_probability, share)
        {
            buy(world, i, k, price);
        }
    }
}

/// A group takes over a lab that would default, with its debts. Whether one did.
pub fn take_over(world: &mut World, ctx: &Context, i: usize) -> bool {
    let p = ctx.parameters;
    if world.investors.lab_bloc[i] {
        return false;
    }
    let value = world.labs.valuation_usd[i] * exp(-p.rounds.distress_discount);
    let debt = world.ledger.debt(world.ledger.lab(i)).value() + shortfall(world, i);
    // Promises of rent are worth what clouds would claim for them in a default: they still deliver compute.
    let claimed = p.rounds.commitment_claim_share;
    let owed: f64 = (0..world.dims.clouds).map(|k| left_usd(world, ctx, i, k)).sum();
    let part = 1.0 - p.terms.bargaining_power;
    let mut best: Option<(usize, f64)> = None;
    for k in 0..world.dims.clouds {
        // What the lab has promised the buyer itself is no debt to others.
        let debts = debt + claimed * (owed - left_usd(world, ctx, i, k));
        let price = price_in_distress(value, synergy(ctx, i, k), debts, 1.0 - part, means_usd(world, ctx, k));
        if let Some(price) = price
            && best.is_none_or(|(_, most)| price > most)
        {
            best = Some((k, price));
        }
    }
    if let Some((k, price)) = best {
        buy(world, i, k, price);
    }
    best.is_some()
}

/// Groups follow what the labs that they have bought burn beyond what they are given, within what they would pay for a lab: more for
/// one that runs out of cash, less for one that earns its own.
pub fn support(world: &mut World, ctx: &Context) {
    for i in 0..world.dims.labs {
        let Some(k) = world.capital.acquirer_of(i) else { continue };
        let most = means_usd(world, ctx, k);
        let given = world.capital.group_transfer_usd[i];
        // Burn is what was left uncovered; what was not asked for is no longer set aside. What its first owner gives comes first.
        let first = stated_transfer_usd_per_year(world, ctx, i);
        let needed = (world.capital.transfer_paid_usd[i] - first).max(0.0) + world.labs.burn_usd[i];
        let more = (needed - given) * (1.0 - exp(-ctx.dt / ctx.parameters.exits.support_years));
        world.capital.group_transfer_usd[i] = if world.labs.alive[i] { (given + more).clamp(0.0, most) } else { 0.0 };
    }
}

/// The cloud that is closest to a lab: by stake, then by what the lab rents from it.
fn nearest(world: &World, i: usize) -> Option<usize> {
    let c = world.dims.clouds;
    let all = world.labs.rented_h100e[i].max(1.0);
    let near =
        |k: usize| super::strategic::group_stake(world, i, k) + world.labs.rented_by_cloud_h100e[i * c + k] / all;
    (0..c).reduce(|best, k| if near(k) > near(best) { k } else { best })
}

/// Most that the group of a cloud pays for a lab, USD.
fn means_usd(world: &World, ctx: &Context, k: usize) -> f64 {
    ctx.parameters.exits.capex_share * capex_usd_per_year(world, ctx, k)
}

/// What a group would gain from owning a lab this month, ln.
fn synergy(ctx: &Context, i: usize, k: usize) -> f64 {
    let (p, e) = (ctx.parameters, &ctx.parameters.exits);
    e.synergy + e.synergy_sd * ctx.draws.normal(Purpose::Synergy, p.labs[i].key, p.clouds[k].key, ctx.month.0)
}

/// A group pays the holders of a lab and makes it a division, which it funds from then on; customers, debts and compute stay.
pub fn buy(world: &mut World, i: usize, k: usize, price: f64) {
    let (v, c) = (world.dims.investors, world.dims.clouds);
    let (owners, cloud) = (world.ledger.sector(Sector::Owners), world.ledger.cloud(k));
    let own = world.investors.cloud_stake[i * c + k];
    world.ledger.pay(owners, cloud, Usd(price * (1.0 - own).max(0.0)), Flow::Equity);
    let mut rest = price * (1.0 - own).max(0.0);
    for at in 0..v + c {
        let (stake, holder) = if at < v {
            (world.investors.stake[i * v + at], world.ledger.investor(at))
        } else if at - v != k {
            (world.investors.cloud_stake[i * c + at - v], world.ledger.cloud(at - v))
        } else {
            continue;
        };
        let part = (price * stake).min(rest);
        world.ledger.pay(cloud, holder, Usd(part), Flow::Shares);
        rest -= part;
    }
    // Founders, staff and the public: what they held beyond what the books show of it is revaluation.
    let others = world.ledger.sector(Sector::RestOfWorld);
    let before = world.ledger.shares(others);
    world.ledger.pay(cloud, others, Usd(rest.max(0.0)), Flow::Shares);
    world.ledger.mark_shares(others, before);
    world.investors.stake[i * v..(i + 1) * v].fill(0.0);
    world.investors.cloud_stake[i * c..(i + 1) * c].fill(0.0);
    world.investors.cloud_stake[i * c + k] = 1.0;
    let lab = world.ledger.lab(i);
    let gap = shortfall(world, i);
    world.ledger.pay(owners, lab, Usd(gap), Flow::Equity);
    world.capital.acquired[i] = true;
    world.capital.acquirer[i] = k;
    world.capital.listed[i] = false;
    world.capital.group_transfer_usd[i] = world.labs.burn_usd[i].max(0.0);
    world.labs.division[i] = true;
    world.labs.distress_months[i] = 0.0;
    world.labs.runway_months[i] = RUNWAY_CAP_MONTHS;
}
