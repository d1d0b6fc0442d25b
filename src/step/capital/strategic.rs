//! Strategic money: a group bargains for terms, pays partly in compute, and rescues a lab on which it depends (section 3.13).

use crate::math::exp;
use crate::mechanisms::investors::{Bid, Deal, Offer};
use crate::mechanisms::terms::{Bargain, Sides, bargain, loss_from_default};
use crate::step::Context;
use crate::step::capital::{book, issue, place, rounded_off, shortfall};
use crate::step::clouds::capex_usd_per_year;
use crate::step::labs::plan::{left_usd, rent_usd};
use crate::step::settle::forecast_burn;
use crate::units::{HOURS_PER_YEAR, Usd};
use crate::world::World;
use crate::world::ledger::{Flow, Sector};

/// A group that joins a round, and the book beside it.
#[derive(Clone, Copy, Debug)]
pub struct Partner {
    /// The investor.
    pub investor: usize,
    /// Its money, USD.
    pub money_usd: f64,
    /// What is agreed.
    pub bargain: Bargain,
    /// The book for the rest of the ask.
    pub book: Option<Deal>,
}

/// The best partner for a round that could also be closed at `outside`: the lab's next best book, without any group. After `None` the bids
/// that the book has taken are again those of `offer`.
pub fn propose(
    world: &mut World,
    ctx: &Context,
    i: usize,
    offer: &Offer,
    outside: Option<Deal>,
    share_max: f64,
) -> Option<Partner> {
    let t = &ctx.parameters.terms;
    let c = world.dims.clouds;
    let value = world.labs.valuation_usd[i];
    let ask = offer.need_usd.max(offer.dilution_min * value).min(share_max * value);
    // Who brings most, by how much it thinks of the lab.
    let weight = |group: &Bid| group.limit_usd.min(ask) * exp(group.ln_value);
    let Bid { investor, ln_value, limit_usd } =
        book::groups(world, ctx, i).reduce(|best, group| if weight(&group) > weight(&best) { group } else { best })?;
    let money = limit_usd.min(ask);
    let landlord = world.investors.group_cloud[investor] < c && rents(world, i);
    if money <= 0.0 || value <= 0.0 {
        return None;
    }
    let rest = Offer {
        need_usd: (offer.need_usd - money).max(0.0),
        dilution_min: 0.0,
        dilution_max: (share_max - money / value).max(0.0),
        partial_min: 0.0,
        ln_reserve: offer.ln_reserve,
    };
    let book =
        if rest.need_usd > 0.0 && rest.dilution_max > 0.0 { book::clear(world, ctx, i, 0.0, &rest) } else { None };
    let of = |deal: Option<Deal>| deal.map_or((0.0, 0.0), |d| (d.amount_usd, d.amount_usd / d.price_usd));
    let ((before, sold_before), (after, sold)) = (of(outside), of(book));
    let covered = |usd: f64| usd.min(offer.need_usd);
    let sides = Sides {
        money_usd: money,
        lab_value_usd: value,
        investor_value_usd: exp(ln_value),
        lab_gain_usd: after + money - before + t.shortfall_cost * (covered(after + money) - covered(before))
            - value * (sold - sold_before),
        investor_gain_usd: -money,
        independence: ctx.parameters.labs[i].values.parameters.independence,
        landlord,
    };
    match bargain(t, &sides, (share_max - sold).max(0.0)) {
        Some(bargain) if bargain.share > 0.0 => Some(Partner { investor, money_usd: money, bargain, book }),
        _ => {
            book::clear(world, ctx, i, 0.0, offer);
            None
        }
    }
}

/// Whether a lab rents from clouds of the scenario.
fn rents(world: &World, i: usize) -> bool {
    let c = world.dims.clouds;
    world.labs.cloud_plan[i * c..(i + 1) * c].iter().any(|share| *share > 0.0)
}

/// Closes a round with a partner: shares to the book and to the group, terms, and compute in part of the money.
pub fn join(world: &mut World, ctx: &Context, i: usize, partner: &Partner) {
    let (v, c) = (world.dims.investors, world.dims.clouds);
    let Partner { investor, money_usd, bargain, book } = *partner;
    let from_book = book.map_or((0.0, 0.0), |d| (d.amount_usd, d.amount_usd / d.price_usd));
    let sold = from_book.1 + bargain.share;
    let raised = from_book.0 + money_usd;
    issue(world, i, sold);
    if let Some(deal) = &book {
        place(world, i, deal);
    }
    let (payer, account) = (world.ledger.investor(investor), world.ledger.lab(i));
    world.ledger.pay(payer, account, Usd(money_usd), Flow::Equity);
    world.investors.deployed_usd[world.investors.kind[investor]] += money_usd;
    let group = world.investors.group_cloud[investor];
    entrust(world, i, group, bargain.share, bargain.terms[0]);
    world.investors.stake[i * v + investor] += bargain.share;
    if group < c {
        promise(world, ctx, i, group, money_usd, &bargain);
    }
    if group == c {
        world.capital.raised_from_chips_usd[i] += money_usd;
    }
    pay_in_compute(world, ctx, i, group, money_usd);
    world.capital.raised_usd[i] += money_usd;
    world.capital.paid_in_shares_usd[i] += bargain.share * world.labs.valuation_usd[i];
    world.labs.raised_usd[i] += raised;
    rounded_off(world, i, raised / sold);
}

/// What a lab promises the cloud of a group for its money: that the compute which it buys is rented there alone, and rent.
fn promise(world: &mut World, ctx: &Context, i: usize, cloud: usize, money_usd: f64, bargain: &Bargain) {
    let c = world.dims.clouds;
    world.labs.raised_from_cloud_usd[i * c + cloud] += money_usd;
    let bill = rent_bill_usd(world, ctx, i);
    let rest = 1.0 - world.capital.exclusive[i * c..(i + 1) * c].iter().sum::<f64>();
    let bought = if bill > 0.0 { (money_usd / bill).min(1.0) } else { 1.0 };
    world.capital.exclusive[i * c + cloud] += rest.max(0.0) * bargain.terms[1] * bought;
    world.capital.pledged_usd[i * c + cloud] += bargain.terms[2] * ctx.parameters.terms.commitment_multiple * money_usd;
}

/// Part of a group's money goes back to it at once for compute that the lab uses later.
fn pay_in_compute(world: &mut World, ctx: &Context, i: usize, group: usize, money_usd: f64) {
    let t = &ctx.parameters.terms;
    let c = world.dims.clouds;
    let (provider, use_per_year) = if group < c && rents(world, i) {
        (world.ledger.cloud(group), rent_bill_usd(world, ctx, i))
    } else if group == c {
        (world.ledger.sector(Sector::Suppliers), world.labs.capex_usd[i])
    } else {
        return;
    };
    let at = i * (c + 1) + group;
    let most = (t.compute_years * use_per_year - world.capital.credits_usd[at]).max(0.0);
    let compute = (t.compute_share * money_usd).min(most);
    let account = world.ledger.lab(i);
    world.ledger.pay(account, provider, Usd(compute), Flow::Prepayment);
    world.capital.credits_usd[at] += compute;
    world.capital.raised_in_compute_usd[i] += compute;
}

/// Rent that a lab pays to clouds now, USD per year.
fn rent_bill_usd(world: &World, ctx: &Context, i: usize) -> f64 {
    let c = world.dims.clouds;
    let bill = |k: usize| world.labs.rented_by_cloud_h100e[i * c + k] * rent_usd(world, ctx, i, k);
    (0..c).map(bill).sum::<f64>() * HOURS_PER_YEAR
}

/// Share of a lab that a group holds: what its cloud has held, and what its investors bought.
pub fn group_stake(world: &World, i: usize, group: usize) -> f64 {
    let (v, c, w) = (world.dims.investors, world.dims.clouds, &world.investors);
    let since_start = if group < c { w.cloud_stake[i * c + group] } else { 0.0 };
    since_start + (0..v).filter(|&at| w.group_cloud[at] == group).map(|at| w.stake[i * v + at]).sum::<f64>()
}

/// Gives a group the votes of new shares: its weight is the mean over its shares, old (already diluted) and new.
fn entrust(world: &mut World, i: usize, group: usize, share: f64, control: f64) {
    let held = group_stake(world, i, group);
    if held + share > 0.0 {
        let weight = &mut world.capital.control[i * (world.dims.clouds + 1) + group];
        *weight = (*weight * held + control * share) / (held + share);
    }
}

/// A group that would lose more by a lab's default puts money in for control. Whether one did.
///
/// The bargain is that of a round; only the outside options differ: without it the holders get nothing, and the group loses its stake and the
/// margin on rent. Its money is burnt, so that shares are worth what the lab is worth in distress. Independence is what a lab keeps while it has a
/// choice: in distress it bargains as one that minds no terms, and gives those that are agreed.
pub fn rescue(world: &mut World, ctx: &Context, i: usize) -> bool {
    let (p, c) = (ctx.parameters, world.dims.clouds);
    let t = &p.terms;
    let burn = forecast_burn(world.labs.burn_usd[i], world.labs.expected_growth[i]).max(0.0);
    let money = shortfall(world, i) + burn * t.rescue_months / 12.0;
    let value = world.labs.valuation_usd[i] * exp(-p.rounds.distress_discount);
    let mut best: Option<(usize, Bargain)> = None;
    for k in 0..c {
        let stake = group_stake(world, i, k);
        let means = t.rescue_capex_share * capex_usd_per_year(world, ctx, k);
        if stake <= 0.0 || money > means || world.investors.lab_bloc[i] {
            continue;
        }
        let rent = left_usd(world, ctx, i, k);
        let sides = Sides {
            money_usd: money,
            lab_value_usd: value,
            investor_value_usd: value,
            lab_gain_usd: value,
            investor_gain_usd: loss_from_default(stake, value, t.rent_margin, rent) - money,
            independence: 0.0,
            landlord: ctx.parameters.mechanisms.strategic_terms && rents(world, i),
        };
        if let Some(found) = bargain(t, &sides, t.rescue_dilution)
            && found.share > 0.0
            && best.is_none_or(|(_, b)| found.investor_usd > b.investor_usd)
        {
            best = Some((k, found));
        }
    }
    let Some((k, found)) = best else { return false };
    issue(world, i, found.share);
    entrust(world, i, k, found.share, found.terms[0]);
    world.investors.cloud_stake[i * c + k] += found.share;
    let (owners, cloud, lab) = (world.ledger.sector(Sector::Owners), world.ledger.cloud(k), world.ledger.lab(i));
    world.ledger.pay(owners, cloud, Usd(money), Flow::Equity);
    world.ledger.pay(cloud, lab, Usd(money), Flow::Equity);
    promise(world, ctx, i, k, money, &found);
    world.labs.raised_usd[i] += money;
    world.capital.rescues[i] += 1.0;
    rounded_off(world, i, money / found.share);
    true
}

/// Promises of exclusivity end as the contracts do, and money of the chip maker ceases to count as funding what labs order.
pub fn lapse(world: &mut World, ctx: &Context) {
    let kept = exp(-ctx.dt / ctx.parameters.terms.commitment_years);
    for promised in &mut world.capital.exclusive {
        *promised *= kept;
    }
    let fresh = exp(-ctx.dt / ctx.parameters.cloud_market.funding_window_years);
    for raised in &mut world.capital.raised_from_chips_usd {
        *raised *= fresh;
    }
}
