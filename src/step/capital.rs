//! Capital markets: investors get money, value labs, fill the books of rounds; a lab without money defaults (section 3.13).

pub mod book;
#[cfg(test)]
mod deals;
pub mod exits;
#[cfg(test)]
pub mod fixture;
pub mod forecasts;
pub mod strategic;

use crate::math::exp;
use crate::mechanisms::investors::{Bid, Deal, Offer, ln_best_likely, ln_price, political_inflow};
use crate::mechanisms::valuation::{expectation_after, growth_seen, ln_fundamental, sentiment_after, surprise};
use crate::random::Purpose;
use crate::scenario::parameters::MAX_LABS;
use crate::step::settle::{forecast_burn, runway_months};
use crate::step::{Context, clearing, governance};
use crate::units::Usd;
use crate::world::World;
use crate::world::capital::NOBODY;
use crate::world::ledger::{Flow, Sector};

/// Does the business of the capital markets after the costs of the step are settled.
pub fn fund(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let months = 12.0 * ctx.dt;
    if p.mechanisms.investors {
        endow(world, ctx);
    }
    strategic::lapse(world, ctx);
    learn(world, ctx);
    judge(world, ctx);
    let l = world.dims.labs;
    for i in 0..l {
        mark(world, ctx, i);
        world.labs.raised_usd[i] = 0.0;
        world.labs.months_since_round[i] += months;
    }
    if p.mechanisms.investors && l > 0 {
        // No lab comes first every month to money that all compete for.
        let first = ctx.month.0.rem_euclid(l as i32) as usize;
        for n in 0..l {
            let i = (first + n) % l;
            if world.labs.alive[i] && !world.labs.division[i] {
                seek(world, ctx, i);
            }
        }
        if p.mechanisms.listing {
            exits::list(world, ctx);
        }
        if p.mechanisms.secondary_market {
            forecasts::tender(world, ctx);
        }
    }
    if !p.mechanisms.investors || !p.mechanisms.secondary_market {
        world.capital.secondary_price_usd.fill(0.0);
    }
    if p.mechanisms.acquisition {
        exits::merge(world, ctx);
    }
    exits::support(world, ctx);
    endure(world, ctx);
    control(world, ctx);
    mark_holdings(world);
}

/// Marks all shares of labs to the market and sums what kinds of investor hold.
pub fn mark_holdings(world: &mut World) {
    mark_shares(world);
    tally(world);
}

/// Savers give investors money: by kind, climate, growth and politics. Shares of a fund are claims of the rest of the world.
fn endow(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let e = &p.environment;
    // Inflow is stated at the climate of the start.
    let stated = e.climate_inflow(p.environment_start.climate as usize);
    let now = e.climate_inflow(world.environment.climate);
    let climate = if stated > 0.0 { now / stated } else { now };
    let growth = exp(p.rounds.inflow_growth_per_year * world.environment.years);
    let savers = world.ledger.sector(Sector::RestOfWorld);
    let politics = [false, true].map(|bloc| political_inflow(p.rounds.cut_off_inflow, cut_off(world, bloc)));
    let w = &world.investors;
    for (k, agent) in p.investors.iter().enumerate() {
        let (kind, members) = (&agent.values, w.first[k]..w.first[k + 1]);
        let (count, drawn) = (kind.count.max(1) as f64, politics[usize::from(w.kind_bloc[k])]);
        let first = world.ledger.investor(members.start);
        let usual = w.size[members].iter().map(|size| kind.inflow_usd_per_year * size / count);
        world.ledger.subscribe(savers, first, usual.map(|usual| Usd(usual * climate * growth * drawn * ctx.dt)));
    }
}

/// Share of the living labs of a bloc, the Chinese or that of all others, that export controls or a ban abroad cut off.
fn cut_off(world: &World, bloc: bool) -> f64 {
    let (r, j) = (&world.regulators, world.dims.jurisdictions);
    let banned = |i: usize| r.outlawed[i * j..(i + 1) * j].contains(&true);
    let is_cut = |i: usize| r.export_price[i] > 1.0 || r.export_supply[i] < 1.0 || banned(i);
    let labs = || (0..world.dims.labs).filter(|&i| world.labs.alive[i] && world.investors.lab_bloc[i] == bloc);
    let (all, cut) = (labs().count(), labs().filter(|&i| is_cut(i)).count());
    if all > 0 { cut as f64 / all as f64 } else { 0.0 }
}

/// Growth seen, what it was beyond expectation, and expectation and sentiment after it.
fn learn(world: &mut World, ctx: &Context) {
    let v = &ctx.parameters.valuation;
    for i in (0..world.dims.labs).filter(|&i| world.labs.alive[i]) {
        let labs = &world.labs;
        world.investors.growth_seen[i] = growth_seen(v, labs.run_rate_before_usd[i], labs.run_rate_usd[i], ctx.dt);
    }
    forecasts::score(world, ctx);
    let mut news = [0.0; MAX_LABS];
    let keys = ctx.parameters.labs.iter().map(|lab| (lab.key, 0));
    ctx.fill_news(world.enterprises.level, Purpose::Sentiment, keys, &mut news[..world.dims.labs]);
    for (i, z) in news.into_iter().enumerate().take(world.dims.labs) {
        let labs = &mut world.labs;
        if !labs.alive[i] {
            continue;
        }
        let seen = world.investors.growth_seen[i];
        world.investors.surprise[i] = surprise(v, seen, labs.expected_growth[i]);
        labs.expected_growth[i] = expectation_after(labs.expected_growth[i], seen, v.growth_learning_per_year, ctx.dt);
        labs.sentiment[i] =
            sentiment_after(labs.sentiment[i], v.sentiment_volatility, v.sentiment_reversion_years, ctx.dt, z);
    }
}

/// What investors judge: fundamentals, trust above the mean, and the hazard of a crisis of governance.
pub fn judge(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    let (mut sum, mut alive) = (0.0, 0.0);
    for i in 0..world.dims.labs {
        let trust: f64 = world.labs.trust[i * j..(i + 1) * j].iter().sum::<f64>() / (j as f64).max(1.0);
        let labs = &world.labs;
        world.investors.trust_above_mean[i] = trust;
        world.investors.ln_fundamental[i] = ln_fundamental(&p.valuation, labs.run_rate_usd[i], labs.expected_growth[i]);
        if world.labs.alive[i] {
            sum += trust;
            alive += 1.0;
        }
        world.investors.crisis_hazard[i] = governance::hazard_priced(world, ctx, i);
    }
    let mean = if alive > 0.0 { sum / alive } else { 0.0 };
    for trust in &mut world.investors.trust_above_mean {
        *trust = if p.mechanisms.trust { *trust - mean } else { 0.0 };
    }
}

/// Terms of ln value besides fundamentals and sentiment: climate, governance over the mean horizon, trust.
pub fn ln_other_terms(world: &World, ctx: &Context, i: usize) -> f64 {
    let p = ctx.parameters;
    let w = &world.investors;
    p.environment.climate_multiple(world.environment.climate)
        - p.valuation.governance_weight * w.crisis_hazard[i] * w.mean_horizon_years
        + p.valuation.resilience_weight * w.trust_above_mean[i]
}

/// Marks the value of a lab: what the market as a whole would pay. Notional for a division; nothing after a default.
pub fn mark(world: &mut World, ctx: &Context, i: usize) {
    world.labs.valuation_usd[i] = if world.labs.alive[i] {
        let fundamental = world.investors.ln_fundamental[i];
        let public = if world.capital.listed[i] { ctx.parameters.exits.public_premium } else { 0.0 };
        exp(fundamental + world.labs.sentiment[i] + ln_other_terms(world, ctx, i) + public)
    } else {
        0.0
    };
}

/// What one kind of investor adds to the market's ln value of a lab.
fn ln_premium(world: &World, ctx: &Context, i: usize, k: usize) -> f64 {
    let v = &ctx.parameters.valuation;
    let kind = &ctx.parameters.investors[k].values;
    let w = &world.investors;
    kind.multiple_premium + w.extrapolation[k] * w.surprise[i]
        - v.governance_weight
            * w.crisis_hazard[i]
            * (kind.governance_factor * kind.horizon_years - w.mean_horizon_years)
        + v.resilience_weight * w.trust_above_mean[i] * (kind.resilience_factor - 1.0)
}

/// A lab looks for money: when its runway is short, or when the book would clear well above its last price.
fn seek(world: &mut World, ctx: &Context, i: usize) {
    let p = ctx.parameters;
    let cash = world.ledger.cash(world.ledger.lab(i)).value();
    let distress = cash < 0.0 || world.labs.runway_months[i] < p.rounds.distress_months;
    let gap = if distress { p.rounds.distress_gap_months } else { p.rounds.gap_months };
    if world.labs.months_since_round[i] < gap {
        return;
    }
    let short = distress || world.labs.runway_months[i] < p.rounds.runway_trigger_months;
    if world.capital.listed[i] {
        exits::follow_on(world, ctx, i, short, distress);
        return;
    }
    let ln_market = ln_price(world.labs.valuation_usd[i]);
    let trigger = p.rounds.price_trigger * world.labs.last_round_usd[i];
    if !short {
        let greatest = (0..world.dims.kinds)
            .filter(|&k| world.investors.kind_bloc[k] == world.investors.lab_bloc[i])
            .map(|k| ln_premium(world, ctx, i, k))
            .fold(f64::NEG_INFINITY, f64::max);
        let best = ln_best_likely(ln_market, greatest, p.valuation.disagreement_sd);
        if trigger <= 0.0 || best < ln_price(trigger) {
            return;
        }
    }
    let burn = forecast_burn(world.labs.burn_usd[i], world.labs.expected_growth[i]);
    // A lab asks for months of burn beyond what it owes already.
    let need_usd = (burn * p.rounds.ask_months / 12.0).max(0.0) + (-cash).max(0.0);
    let usual = Offer {
        need_usd,
        dilution_min: p.rounds.dilution_min,
        dilution_max: p.rounds.dilution_max.max(p.rounds.dilution_min),
        partial_min: if short { 0.0 } else { p.rounds.dilution_min },
        // A lab that can wait does not sell to those who think much less of it than the market does.
        ln_reserve: ln_market - p.valuation.disagreement_sd,
    };
    let deal = book::clear(world, ctx, i, 0.0, &usual);
    let good = |deal: &Deal| {
        short && !distress
            || deal.price_usd >= trigger && trigger > 0.0
            || distress && deal.filled && deal.amount_usd >= need_usd
    };
    let deal = deal.filter(good);
    if p.mechanisms.strategic_terms && (short || deal.is_some()) {
        let most = if distress { p.rounds.dilution_distress } else { usual.dilution_max };
        if let Some(partner) = strategic::propose(world, ctx, i, &usual, deal, most) {
            strategic::join(world, ctx, i, &partner);
            return;
        }
    }
    if let Some(deal) = deal {
        close(world, i, &deal);
    } else if distress {
        let down = Offer {
            need_usd,
            dilution_min: 0.0,
            dilution_max: p.rounds.dilution_distress,
            partial_min: 0.0,
            ln_reserve: f64::NEG_INFINITY,
        };
        if let Some(deal) = book::clear(world, ctx, i, p.rounds.distress_discount, &down) {
            close(world, i, &deal);
        }
    }
}

/// What a lab owes beyond its cash, USD.
fn shortfall(world: &World, i: usize) -> f64 {
    (-world.ledger.cash(world.ledger.lab(i)).value()).max(0.0)
}

/// Closes a round: money against new shares, which dilute all others.
fn close(world: &mut World, i: usize, deal: &Deal) {
    issue(world, i, deal.amount_usd / deal.price_usd);
    place(world, i, deal);
    world.labs.raised_usd[i] += deal.amount_usd;
    rounded_off(world, i, deal.price_usd);
}

/// Issues new shares, which are then the part `sold` of the lab: all others are diluted.
fn issue(world: &mut World, i: usize, sold: f64) {
    let (v, c) = (world.dims.investors, world.dims.clouds);
    for stake in &mut world.investors.stake[i * v..(i + 1) * v] {
        *stake *= 1.0 - sold;
    }
    for stake in &mut world.investors.cloud_stake[i * c..(i + 1) * c] {
        *stake *= 1.0 - sold;
    }
    world.labs.dilution[i] = 1.0 - (1.0 - world.labs.dilution[i]) * (1.0 - sold);
}

/// Gives the investors of a book the shares that they pay for.
fn place(world: &mut World, i: usize, deal: &Deal) {
    let (v, c) = (world.dims.investors, world.dims.clouds);
    let account = world.ledger.lab(i);
    let mut left = deal.amount_usd;
    for n in 0..deal.investors {
        let Bid { investor: at, limit_usd, .. } = world.investors.taken[n];
        let paid = limit_usd.min(left);
        if paid <= 0.0 {
            continue;
        }
        left -= paid;
        let payer = world.ledger.investor(at);
        world.ledger.pay(payer, account, Usd(paid), Flow::Equity);
        world.investors.stake[i * v + at] += paid / deal.price_usd;
        world.investors.deployed_usd[world.investors.kind[at]] += paid;
        let group = world.investors.group_cloud[at];
        if group < c {
            world.labs.raised_from_cloud_usd[i * c + group] += paid;
        }
    }
}

/// Ends a round at this price: the runway is that of the new cash.
fn rounded_off(world: &mut World, i: usize, price_usd: f64) {
    world.labs.last_round_usd[i] = price_usd;
    world.labs.months_since_round[i] = 0.0;
    world.labs.runway_months[i] = runway_months(world, i, world.ledger.cash(world.ledger.lab(i)).value());
}

/// Labs without money: lenders cover the gap where default is off; else a gap that no book closes ends in default.
fn endure(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let lenders = world.ledger.sector(Sector::Lenders);
    let mut failed = false;
    for i in 0..world.dims.labs {
        if !world.labs.alive[i] || world.labs.division[i] {
            continue;
        }
        let account = world.ledger.lab(i);
        let cash = world.ledger.cash(account).value();
        if cash >= 0.0 {
            world.labs.distress_months[i] = 0.0;
        } else if !p.mechanisms.default {
            world.ledger.pay(lenders, account, Usd(-cash), Flow::Loan);
        } else {
            world.labs.distress_months[i] += 12.0 * ctx.dt;
            if world.labs.distress_months[i] > p.rounds.grace_months {
                let saved = p.mechanisms.rescue && strategic::rescue(world, ctx, i)
                    || p.mechanisms.acquisition && exits::take_over(world, ctx, i);
                if saved {
                    world.labs.distress_months[i] = 0.0;
                }
                failed |= !saved;
            }
        }
    }
    if failed {
        clearing::settle_defaults(world, ctx);
    }
}

/// Share of control given to outsiders: the stakes of strategic investors and clouds, by the votes that they were given, or where terms are off
/// less what the lab refuses to give. A lab that a group has bought has no outsiders.
pub fn control(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    for i in 0..world.dims.labs {
        let given = 1.0 - p.labs[i].values.parameters.independence;
        world.labs.outside_control[i] = if world.capital.acquired[i] {
            0.0
        } else if p.mechanisms.strategic_terms {
            outsiders(world, ctx, i, |group| if group == NOBODY { given } else { votes(world, i, group) })
        } else {
            outsiders(world, ctx, i, |_| 1.0) * given
        };
    }
}

/// Share of the votes of its stake in a lab that a group may use.
fn votes(world: &World, i: usize, group: usize) -> f64 {
    world.capital.control[i * (world.dims.clouds + 1) + group]
}

/// Sum of the stakes of clouds and strategic investors in a lab, each weighted by its group. Of a division investors hold nothing.
fn outsiders(world: &World, ctx: &Context, i: usize, weight: impl Fn(usize) -> f64) -> f64 {
    let (v, c, w) = (world.dims.investors, world.dims.clouds, &world.investors);
    let mut sum = 0.0;
    for (cloud, stake) in w.cloud_stake[i * c..(i + 1) * c].iter().enumerate() {
        sum += stake * weight(cloud);
    }
    if world.labs.division[i] {
        return sum;
    }
    let stakes = &w.stake[i * v..(i + 1) * v];
    let strategic = |&k: &usize| ctx.parameters.investors[k].values.strategic;
    for k in (0..world.dims.kinds).filter(strategic) {
        let members = w.first[k]..w.first[k + 1];
        for (stake, &group) in stakes[members.clone()].iter().zip(&w.group_cloud[members]) {
            sum += stake * weight(group);
        }
    }
    sum
}

/// Value of the shares of labs that an investor holds, USD.
pub fn held_by_investor(world: &World, investor: usize) -> f64 {
    let v = world.dims.investors;
    (0..world.dims.labs).map(|i| world.investors.stake[i * v + investor] * world.labs.valuation_usd[i]).sum()
}

/// Value of the shares of labs that a cloud's group has held since the start, USD.
pub fn held_by_cloud(world: &World, cloud: usize) -> f64 {
    let c = world.dims.clouds;
    (0..world.dims.labs).map(|i| world.investors.cloud_stake[i * c + cloud] * world.labs.valuation_usd[i]).sum()
}

/// Investors whose shares are summed side by side: one after the other they would wait for memory.
const SIDE_BY_SIDE: usize = 8;

/// Value of the shares of labs that an investor and those after it hold, USD.
fn held_side_by_side(world: &World, investor: usize) -> [f64; SIDE_BY_SIDE] {
    let mut sums = [0.0; SIDE_BY_SIDE];
    let labs = world.investors.stake.chunks_exact(world.dims.investors).zip(&world.labs.valuation_usd);
    for (stakes, value) in labs {
        if let Some(stakes) = stakes[investor..].first_chunk::<SIDE_BY_SIDE>() {
            sums.iter_mut().zip(stakes).for_each(|(sum, stake)| *sum += stake * value);
        }
    }
    sums
}

/// Marks all shares of labs to the market.
fn mark_shares(world: &mut World) {
    let v = world.dims.investors;
    let whole = v - v % SIDE_BY_SIDE;
    for first in (0..whole).step_by(SIDE_BY_SIDE) {
        for (n, value) in held_side_by_side(world, first).into_iter().enumerate() {
            world.ledger.mark_shares(world.ledger.investor(first + n), Usd(value));
        }
    }
    for at in whole..v {
        let value = held_by_investor(world, at);
        world.ledger.mark_shares(world.ledger.investor(at), Usd(value));
    }
    for k in 0..world.dims.clouds {
        let account = world.ledger.cloud(k);
        let value = held_by_cloud(world, k);
        world.ledger.mark_shares(account, Usd(value));
    }
}

/// Sums dry powder and shares by kind of investor.
pub fn tally(world: &mut World) {
    for k in 0..world.dims.kinds {
        let (mut cash, mut shares) = (0.0, 0.0);
        for at in world.investors.first[k]..world.investors.first[k + 1] {
            let account = world.ledger.investor(at);
            cash += world.ledger.cash(account).value();
            shares += world.ledger.shares(account).value();
        }
        world.investors.dry_powder_usd[k] = cash;
        world.investors.marked_value_usd[k] = shares;
    }
}

#[cfg(test)]
mod tests;
