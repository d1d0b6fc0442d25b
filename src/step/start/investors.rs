//! Investors at the start: who they are, their dry powder, and what they hold.
//!
//! ```text
//! size       relative to the mean of the kind: exp(sd·z − sd²/2), scaled so that the kind sums to its count; groups by their stated share
//! dry powder inflow a year·years·size/count                                                 USD
//! opinion    N(0, 1) of each investor on each lab, for the run                              times `valuation.disagreement_sd` in ln
//! stakes     share·√a_v/Σ √a among those with an opinion above 0,   a_v = inflow·limit of concentration/count·size
//!            share = min(`rounds.initial_share`, 1 − stakes of clouds);   the rest is founders', staff's and foundations'
//! control    votes of a group 1 − independence;   sentiment as `valuation` says;   growth seen and its trend as expected
//! ```
//!
//! Investors of China fund labs of China alone, and all others none of them. The root is since past rounds were smaller and many.
//!
//! Own; fund sizes are lognormal, as Gibrat's law has it (Gibrat 1931).
//!
//! Of kinds: `count`, `size_sd`, `inflow_usd_per_year`, `dry_powder_years`, `concentration_limit`, `jurisdiction`, and the shares of groups
//! `groups` and `chip_maker_share`; `stakes` of clouds, `independence` of the lab.

use crate::mechanisms::investors::{Bid, InvestorKind, relative_size};
use crate::mechanisms::valuation::sentiment_at_start;
use crate::random::{Purpose, mix};
use crate::scenario::Parameters;
use crate::scenario::parameters::{Agent, Cloud, keyed_or};
use crate::step::Context;
use crate::step::capital::{self, book};
use crate::units::Usd;
use crate::world::capital::NOBODY;
use crate::world::investors::Queue;
use crate::world::{World, refill};

/// The jurisdiction whose money and labs form a bloc of their own: capital follows politics. Investors of its kind fund
/// its labs only, and all others fund none of them.
const BLOC: &str = "china";

/// Key of the draws of the chip maker as an investor, whatever the clouds of the scenario.
const CHIP_MAKER: u64 = 0x6368_6970;

/// Writes the investors, the values of labs, and who holds them. Needs run-rates, trust and the cash of labs.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, v, k) = (world.dims.labs, world.dims.investors, world.dims.kinds);
    let w = &mut world.investors;
    refill(&mut w.kind, v, 0);
    refill(&mut w.key, v, 0);
    refill(&mut w.group_cloud, v, NOBODY);
    refill(&mut w.first, k + 1, 0);
    refill(&mut w.by_opinion, l * v, 0);
    refill(&mut w.queues, k, Queue::default());
    refill(&mut w.taken, v, Bid::default());
    refill(&mut w.kind_bloc, k, false);
    refill(&mut w.lab_bloc, l, false);
    for (column, n) in [
        (&mut w.size, v),
        (&mut w.opinion, l * v),
        (&mut w.stake, l * v),
        (&mut w.cloud_stake, l * world.dims.clouds),
        (&mut w.growth_seen, l),
        (&mut w.surprise, l),
        (&mut w.trust_above_mean, l),
        (&mut w.crisis_hazard, l),
        (&mut w.ln_fundamental, l),
        (&mut w.deployed_usd, k),
        (&mut w.marked_value_usd, k),
        (&mut w.dry_powder_usd, k),
        (&mut w.extrapolation, k),
    ] {
        refill(column, n, 0.0);
    }
    who(world, ctx);
    for i in 0..l {
        world.investors.lab_bloc[i] = p.labs[i].values.identity.jurisdiction == BLOC;
        world.investors.growth_seen[i] = world.labs.expected_growth[i];
        world.capital.growth_trend[i] = world.labs.expected_growth[i];
        // Terms of the past are those that the lab's independence would have left.
        let groups = world.dims.clouds + 1;
        world.capital.control[i * groups..(i + 1) * groups].fill(1.0 - p.labs[i].values.parameters.independence);
        for (c, cloud) in p.clouds.iter().enumerate() {
            world.investors.cloud_stake[i * world.dims.clouds + c] = keyed_or(&cloud.values.stakes, &p.labs[i].id, 0.0);
        }
    }
    book::rank(world);
    for i in 0..l {
        if !world.labs.division[i] && world.labs.alive[i] {
            hold(world, ctx, i);
        }
    }
    // Values need the control that owners have.
    capital::control(world, ctx);
    value(world, ctx);
    open_shares(world);
    capital::tally(world);
}

/// Kinds, groups, sizes, opinions and dry powder.
fn who(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (level, v) = (world.enterprises.level, world.dims.investors);
    let (mut first, mut horizons) = (0, 0.0);
    for (k, agent) in p.investors.iter().enumerate() {
        let kind = &agent.values;
        let count = kind.count as usize;
        let w = &mut world.investors;
        w.kind_bloc[k] = kind.jurisdiction == BLOC;
        horizons += kind.horizon_years * count as f64;
        let (mut sum, mut named) = (0.0, 0.0);
        let places = (0..count as u64).map(|n| (agent.key, n));
        ctx.draws.fill_normal(level, Purpose::DryPowder, places, 0, &mut w.size[first..first + count]);
        for n in 0..count {
            let at = first + n;
            w.kind[at] = k;
            // An investor is known by its place within its kind, or by the group that it belongs to.
            w.key[at] = mix(agent.key ^ n as u64);
            match nth_group(p, kind, n) {
                Some((group, share)) => {
                    w.group_cloud[at] = group;
                    w.size[at] = share * count as f64;
                    named += share;
                    w.key[at] = mix(agent.key ^ p.clouds.get(group).map_or(CHIP_MAKER, |cloud| cloud.key));
                }
                None => {
                    w.size[at] = relative_size(kind.size_sd, w.size[at]);
                    sum += w.size[at];
                }
            }
        }
        for at in first..first + count {
            if world.investors.group_cloud[at] == NOBODY {
                world.investors.size[at] *= (1.0 - named).max(0.0) * count as f64 / sum;
            }
            let share = world.investors.size[at] / count as f64;
            let account = world.ledger.investor(at);
            let powder = kind.inflow_usd_per_year * kind.dry_powder_years * share;
            world.ledger.open(account, Usd(powder), Usd::ZERO, Usd::ZERO);
        }
        first += count;
        world.investors.first[k + 1] = first;
    }
    let w = &mut world.investors;
    for (lab, opinions) in p.labs.iter().zip(w.opinion.chunks_exact_mut(v.max(1))) {
        let pairs = w.key.iter().map(|&who| (who, lab.key));
        ctx.draws.fill_normal(level, Purpose::Disagreement, pairs, 0, opinions);
    }
    world.investors.mean_horizon_years = if v > 0 { horizons / v as f64 } else { 0.0 };
}

/// The group to which the n-th investor of a kind belongs and its share of the kind's money: clouds in their order, then the chip maker.
fn nth_group(p: &Parameters, kind: &InvestorKind, n: usize) -> Option<(usize, f64)> {
    let of = |(k, cloud): (usize, &Agent<Cloud>)| kind.groups.get(&cloud.id).map(|share| (k, *share));
    let chips = (kind.chip_maker_share > 0.0).then_some((p.clouds.len(), kind.chip_maker_share));
    p.clouds.iter().enumerate().filter_map(of).chain(chips).nth(n)
}

/// Values of labs, with the sentiment that explains the prices of their last rounds.
fn value(world: &mut World, ctx: &Context) {
    let v = &ctx.parameters.valuation;
    capital::judge(world, ctx);
    for i in 0..world.dims.labs {
        world.labs.sentiment[i] = 0.0;
        if !world.labs.division[i] {
            let (run_rate, growth) = (world.labs.run_rate_usd[i], world.labs.expected_growth[i]);
            let other = capital::ln_other_terms(world, ctx, i);
            let (price, age) = (world.labs.last_round_usd[i], world.labs.months_since_round[i]);
            world.labs.sentiment[i] = sentiment_at_start(v, price, age, run_rate, growth, other);
        }
        capital::mark(world, ctx, i);
    }
}

/// Shares of an independent lab among the investors who think more of it than the market: by the square root of what
/// they could give, since past rounds were smaller and many, and one holding of today's size did not lead them all.
/// The rest is held by clouds, as declared, and by founders, staff and foundations, who have no account.
fn hold(world: &mut World, ctx: &Context, i: usize) {
    let p = ctx.parameters;
    let (v, c) = (world.dims.investors, world.dims.clouds);
    let clouds: f64 = world.investors.cloud_stake[i * c..(i + 1) * c].iter().sum();
    let share = p.rounds.initial_share.min(1.0 - clouds).max(0.0);
    let w = &mut world.investors;
    let stakes = &mut w.stake[i * v..(i + 1) * v];
    let mut all = 0.0;
    for (at, stake) in stakes.iter_mut().enumerate() {
        if w.kind_bloc[w.kind[at]] == w.lab_bloc[i] && w.opinion[i * v + at] > 0.0 {
            *stake = (appetite_usd(p, w.kind[at]) * w.size[at]).sqrt();
            all += *stake;
        }
    }
    if all > 0.0 {
        for stake in stakes {
            *stake = share * *stake / all;
        }
    }
}

/// What one investor of a kind could have put into one lab, USD.
fn appetite_usd(p: &Parameters, k: usize) -> f64 {
    let kind = &p.investors[k].values;
    kind.inflow_usd_per_year * kind.concentration_limit / kind.count.max(1) as f64
}

/// Gives investors and clouds their shares at the values of the start.
fn open_shares(world: &mut World) {
    for at in 0..world.dims.investors {
        let account = world.ledger.investor(at);
        world.ledger.open_shares(account, Usd(capital::held_by_investor(world, at)));
    }
    for k in 0..world.dims.clouds {
        let account = world.ledger.cloud(k);
        world.ledger.open_shares(account, Usd(capital::held_by_cloud(world, k)));
    }
}
