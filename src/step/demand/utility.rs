//! What the alternatives offer this month, and the utility that all buyers of a sector, jurisdiction and
//! workload share: computed once a month, so that a choice is left with products of a few factors.
//!
//! ```text
//! awareness  P_js = 1 − exp(−(w_c·reach_j + w_b·brand_j + w_p·share_js))                             of the open model's maker for own weights
//!            reach_j share of firms, by their cloud, whose cloud sells lab j, 1 for own weights;   share_js part of what sector s spends
//! channel    a + b·promoted_cj·n_j^(−φ) where cloud c sells lab j, 0 elsewhere                       utility of firms on that cloud; n_j clouds
//!            promoted 1 for labs of the own group, for a partner the share of its rented compute that is here, 0 for a neutral cloud
//! trust      T_jg − Σ spend·T/Σ spend over labs on sale in the jurisdiction;   own weights count as the mean
//! own weights   ECI of the best open model that can be run; price = its serving cost·(1 + h); under a ban the next best, its gap and cost in utility
//! race       weight exp(u − best u of the row)·exp(channel)·exp(ν)·exp(held);   arrival Exp(1)/weight, the first is chosen, the next the runner-up
//! private    W_jg = exp(v_jg − best)·(share of spend that can have j),   v = mean of ½(u_coding + u_knowledge) over these sectors by spend
//! ```
//!
//! W is what smaller firms and application vendors weigh labs by. Parameters as in `choice`: w_c `consideration_channels`, w_b
//! `consideration_brand`, w_p `consideration_peers`, a `channel_advantage`, b `promotion_advantage`; φ `hold_up.channel_conflict`, h
//! `cloud_market.hosting_markup`.
//!
//! The first of exponential arrivals is the logit: Yellott (1977), The relationship between Luce's choice axiom, Thurstone's theory of
//! comparative judgment, and the double exponential distribution. Awareness and channels are our own.
//!
//! Of agents: `channels` of the lab are the clouds that sell it; `enterprise_share` and `promotion` of the cloud; `spend_share` of the
//! sector.

use crate::math::kernels::{MAX_STRIDE, exp_in_place, exp_less_best, known_below, scaled_sums};
use crate::math::{exp, ln};
use crate::mechanisms::choice::{menu, switching_costs, tier_utility};
use crate::mechanisms::governance_tools::trust_left;
use crate::mechanisms::holdup::will_to_promote;
use crate::scenario::Parameters;
use crate::scenario::parameters::{MAX_LABS, WORKLOAD_COUNT};
use crate::step::demand::bans;
use crate::step::{Context, posture};
use crate::strategies::cloud::Promotion;
use crate::world::demand::Offer;
use crate::world::enterprises::Enterprises;
use crate::world::labs::TIERS;
use crate::world::{World, refill};

/// What every alternative offers.
pub(in crate::step) type Offers = [Offer];

/// What every alternative offers this month. The last is open weights that a firm hosts itself: the most
/// capable open model, at its serving cost with the markup of those who rent out the compute. Who asks hands the memory back to
/// `world.demand.offers`.
pub(in crate::step) fn offers(world: &mut World, parameters: &Parameters) -> Vec<Offer> {
    let mut offers = std::mem::take(&mut world.demand.offers);
    refill(&mut offers, world.dims.alternatives, Offer::default());
    let labs = &world.labs;
    let sold = |p: f64| p.is_finite() && p > 0.0;
    let mut open = usize::MAX;
    let mut best_open = f64::NEG_INFINITY;
    let costs = |j: usize| sold(labs.cost_usd_per_mtok[j * TIERS]);
    for (j, offer) in offers.iter_mut().enumerate().take(world.dims.labs) {
        let price = [labs.price_usd_per_mtok[j * TIERS], labs.price_usd_per_mtok[j * TIERS + 1]];
        *offer = Offer {
            available: labs.alive[j] && labs.sells[j] && sold(price[0]),
            eci: [labs.eci[j], labs.eci[j] - parameters.pricing.light_gap_eci],
            price_usd: [price[0], if sold(price[1]) { price[1] } else { f64::NAN }],
            lab: j,
        };
        // Weights that are out stay out, whatever becomes of who made them.
        if let Some((eci, _)) = labs.published(j).filter(|_| costs(j))
            && eci > best_open
        {
            best_open = eci;
            open = j;
        }
    }
    if open != usize::MAX {
        let factor = (1.0 + parameters.cloud_market.hosting_markup) * published_cost_ratio(world, parameters, open);
        let price = |t: usize| labs.cost_usd_per_mtok[open * TIERS + t] * factor;
        offers[world.dims.labs] = Offer {
            available: sold(price(0)),
            eci: [best_open, best_open - parameters.pricing.light_gap_eci],
            price_usd: [price(0), if sold(price(1)) { price(1) } else { f64::NAN }],
            lab: open,
        };
    }
    offers
}

/// Cost of serving the model of a lab whose weights are out relative to that of the one it serves itself: 1 unless it has closed since.
pub(crate) fn published_cost_ratio(world: &World, p: &Parameters, lab: usize) -> f64 {
    let ahead = world.labs.published(lab).map_or(0.0, |(eci, _)| world.labs.eci[lab] - eci);
    if ahead == 0.0 { 1.0 } else { exp(-p.pricing.cost_per_capability * ahead / 10.0) }
}

/// Fills the tables of the month: utility and shared weight by cell, share of the light tier, channel
/// factors, and how well known each alternative is.
pub(in crate::step) fn refresh(world: &mut World, ctx: &Context, offers: &Offers) {
    let (level, stride, alternatives) = (world.enterprises.level, world.enterprises.stride, world.dims.alternatives);
    debug_assert!(stride <= MAX_STRIDE && alternatives <= stride);
    let own = by_workload(world, ctx, offers);
    let (jurisdictions, sectors) = (world.dims.jurisdictions, world.dims.sectors);
    let p = ctx.parameters;

    let mut trust = [0.0f32; MAX_STRIDE];
    let mut loss = [0.0f32; MAX_STRIDE];
    let mut severity = [0.0f32; MAX_STRIDE];
    let mut unready = [0.0f32; MAX_STRIDE];
    for (a, offer) in offers.iter().enumerate().take(alternatives).filter(|(_, o)| o.available) {
        let lab = &p.labs[offer.lab].values.parameters;
        // A firm that hosts open weights itself has nobody who takes harm off it.
        let indemnity = if a == world.dims.labs { 0.0 } else { lab.indemnity };
        severity[a] = (p.demand.liability_weight * world.labs.expected_severity[offer.lab] * (1.0 - indemnity)) as f32;
        unready[a] = (p.regulation.buyer_compliance * (1.0 - posture::audit_readiness(world, p, offer.lab))) as f32;
    }

    let mut utility = std::mem::take(&mut world.enterprises.utility);
    for g in 0..jurisdictions {
        lack_of_trust(world, ctx, offers, g, &mut trust);
        anticipated_loss(world, ctx, g, &mut loss);
        let audits = p.mechanisms.regulation && world.regulators.audits_in_force[g];
        // What the law lays on labs their buyers no longer bear; nobody bears it for a firm that hosts weights itself.
        let borne = (1.0 - world.regulators.liability_shifted[g]) as f32;
        let mut harm = severity;
        harm[..world.dims.labs].iter_mut().for_each(|h| *h *= borne);
        let excluded = set_of(&world.labs.excluded, g, jurisdictions);
        let excluded_public = set_of(&world.labs.excluded_public, g, jurisdictions);
        let hosting = bans::self_hosting(world, ctx, offers, g);
        let watched = trust_left(p.governance_tools.trust_narrowing, world.tools.users[g]);
        for (s, sector) in p.sectors.iter().enumerate().take(sectors) {
            let sector = &sector.values;
            let liability = sector.liability as f32;
            // Targeted action shuts a lab out of public buyers: they alone stand to lose it.
            let feared = if sector.public { 1.0f32 } else { 0.0 };
            let compliance = if audits && sector.regulated { 1.0f32 } else { 0.0 };
            let sensitivity = [sector.trust_coding, sector.trust_knowledge, sector.trust_customer];
            let factors = sensitivity.map(|sensitivity| {
                let trust = (p.demand.trust_weight * sensitivity * watched) as f32;
                [trust, -liability, -feared, -compliance]
            });
            let at = Enterprises::group(&world.dims, s, g, 0) * stride;
            let rows = &mut utility[at..at + WORKLOAD_COUNT * stride];
            scaled_sums(level, &own, [&trust, &harm, &loss, &unready], factors, stride, rows);
            let mut barred = excluded | set_of(&world.government.refused, s, sectors);
            if sector.public {
                barred |= excluded_public;
            }
            while barred != 0 {
                let j = barred.trailing_zeros() as usize;
                barred &= barred - 1;
                (0..WORKLOAD_COUNT).for_each(|w| rows[w * stride + j] = f32::NEG_INFINITY);
            }
            if let Some(change) = &hosting {
                for (row, change) in rows.chunks_exact_mut(stride).zip(change) {
                    row[world.dims.labs] += change;
                }
            }
        }
    }
    exp_less_best(level, &utility, stride, &mut world.enterprises.shared);
    world.enterprises.utility = utility;
    world.enterprises.open_lab =
        if offers[world.dims.labs].available { offers[world.dims.labs].lab } else { usize::MAX };
    channels(world, ctx);
    awareness(world, ctx, offers);
    let mut weights = std::mem::take(&mut world.demand.private_weight);
    for (g, row) in weights.chunks_exact_mut(world.dims.labs.max(1)).enumerate() {
        private_weights(world, ctx, g, row);
    }
    world.demand.private_weight = weights;
}

/// The labs whose flag in column `at` of `flags`, rows of `n` a lab, is set: a bit a lab.
fn set_of(flags: &[bool], at: usize, n: usize) -> u64 {
    const { assert!(MAX_LABS <= 64) };
    flags.iter().skip(at).step_by(n).enumerate().fold(0, |set, (j, &flag)| set | u64::from(flag) << j)
}

/// Weight of each lab for a buyer of a jurisdiction without taste or incumbent: utility averaged over the private
/// sectors that can have it and over coding and knowledge work, times their part of spend. 0 for a lab that cannot be had.
pub(in crate::step) fn private_weights(world: &World, ctx: &Context, g: usize, weight: &mut [f64]) {
    let e = &world.enterprises;
    weight.fill(0.0);
    // Part of the buyers who can have each lab.
    let mut served = [0.0; MAX_LABS];
    let mut total = 0.0;
    for (s, sector) in ctx.parameters.sectors.iter().enumerate().filter(|(_, s)| !s.values.public) {
        let share = sector.values.spend_share;
        total += share;
        let row = |w: usize| &e.utility[Enterprises::group(&world.dims, s, g, w) * e.stride..];
        let (coding, knowledge) = (row(0), row(1));
        for (((sum, served), &coding), &knowledge) in weight.iter_mut().zip(&mut served).zip(coding).zip(knowledge) {
            // A sector that a lab refuses, or that may not have it, says nothing of what the others think of it. Nothing is added for it,
            // which needs no branch.
            let has = coding.is_finite() & knowledge.is_finite();
            let (coding, knowledge) = if has { (coding, knowledge) } else { (0.0, 0.0) };
            *sum += 0.5 * share * f64::from(coding);
            *sum += 0.5 * share * f64::from(knowledge);
            *served += if has { share } else { 0.0 };
        }
    }
    let mut best = f64::NEG_INFINITY;
    for (u, &served) in weight.iter_mut().zip(&served).filter(|(_, served)| **served > 0.0) {
        *u *= total / served;
        best = best.max(*u);
    }
    for (u, &served) in weight.iter_mut().zip(&served) {
        // Only those whose sector it serves can choose it.
        *u = if served > 0.0 { exp((*u - best) / total) * (served / total) } else { 0.0 };
    }
}

/// Utility by workload and alternative that does not depend on the buyer: the menu's capability and price,
/// latent quality, over-refusal, reliability. Fills the share of the light tier too.
fn by_workload(world: &mut World, ctx: &Context, offers: &Offers) -> [[f32; MAX_STRIDE]; WORKLOAD_COUNT] {
    let mut own = [[f32::NEG_INFINITY; MAX_STRIDE]; WORKLOAD_COUNT];
    let p = ctx.parameters;
    let d = &p.demand;
    let weights = [d.capability_factor_coding, d.capability_factor_knowledge, d.capability_factor_customer]
        .map(|f| f * d.capability_weight);
    let (labs, alternatives) = (world.dims.labs, world.dims.alternatives);
    let available = || offers.iter().enumerate().take(alternatives).filter(|(_, o)| o.available);
    let frontier = available().fold(f64::NEG_INFINITY, |m, (_, o)| m.max(o.eci[0]));
    // By workload, in the order of the scenario's; both are stated relative to one of them.
    let simple = [0.0, d.light_tier_fit_knowledge, 1.0];
    let refused = [1.0, p.safety.over_refusal_knowledge, p.safety.over_refusal_customer];
    for (a, offer) in available() {
        let ln_price = offer.price_usd.map(ln);
        let self_hosted = a == labs;
        let loss = p.safety.over_refusal_loss * posture::over_refusal(world, p, offer.lab);
        let refusals = loss * world.labs.safety[offer.lab];
        let reliability = if self_hosted { world.clouds.hosting_served } else { world.labs.reliability[a] };
        for w in 0..WORKLOAD_COUNT {
            let tier = |t: usize| {
                tier_utility(weights[w], d.capability_spread, frontier - offer.eci[t], d.price_weight, ln_price[t])
            };
            let (value, light) = if offer.price_usd[1].is_nan() {
                (tier(0), 0.0)
            } else {
                menu(tier(0), tier(1) + d.light_tier_fit * simple[w])
            };
            let quality = if self_hosted {
                world.enterprises.self_hosted_quality[w] - d.self_hosting_cost
            } else {
                world.labs.quality[a * WORKLOAD_COUNT + w]
            };
            let refusal = refusals * refused[w];
            own[w][a] = (value + quality - refusal - d.reliability_weight * (1.0 - reliability)) as f32;
            world.enterprises.light[w * alternatives + a] = light as f32;
        }
    }
    own
}

/// Trust in each alternative less the mean, weighted by spend in the jurisdiction. Open weights that a firm
/// hosts itself are trusted as the mean.
fn lack_of_trust(world: &World, ctx: &Context, offers: &Offers, g: usize, out: &mut [f32; MAX_STRIDE]) {
    out.fill(0.0);
    if !ctx.parameters.mechanisms.trust {
        return;
    }
    let jurisdictions = world.dims.jurisdictions;
    let trust = |j: usize| world.labs.trust[j * jurisdictions + g];
    let (mut mean, mut total, mut plain, mut count) = (0.0, 0.0, 0.0, 0.0);
    for j in (0..world.dims.labs).filter(|&j| offers[j].available) {
        let spend = world.demand.by_jurisdiction_usd[j * jurisdictions + g];
        mean += spend * trust(j);
        total += spend;
        plain += trust(j);
        count += 1.0;
    }
    let mean = if total > 0.0 { mean / total } else { plain / f64::max(count, 1.0) };
    for j in (0..world.dims.labs).filter(|&j| offers[j].available) {
        out[j] = (trust(j) - mean) as f32;
    }
}

/// What the hazard of losing each vendor within a contract costs: the expected cost of switching.
fn anticipated_loss(world: &World, ctx: &Context, g: usize, out: &mut [f32; MAX_STRIDE]) {
    out.fill(0.0);
    let d = &ctx.parameters.demand;
    if !ctx.parameters.mechanisms.hedging || !ctx.parameters.mechanisms.switching_costs {
        return;
    }
    let (_, cost) = switching_costs(d.switching_cost, d.switching_cost_firm_share);
    let cost = cost * world.tools.mean_cost_left(ctx.parameters.orchestration.switching_cost_cut);
    let years = d.contract_months as f64 / 12.0;
    for (j, out) in out.iter_mut().enumerate().take(world.dims.labs) {
        *out = (d.hedging * world.labs.loss_hazard[j * world.dims.jurisdictions + g] * cost * years) as f32;
    }
}

/// Channel factors: an advantage for labs sold on the firm's own cloud, and more for those it promotes.
fn channels(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let e = &mut world.enterprises;
    e.channel.fill(0.0);
    for (c, cloud) in p.clouds.iter().enumerate() {
        let row = &mut e.channel[c * e.stride..(c + 1) * e.stride];
        for (j, lab) in p.labs.iter().enumerate() {
            if !world.labs.sold_on[j * world.dims.clouds + c] {
                continue;
            }
            let own = world.capital.acquirer_of(j) == Some(c);
            let promoted = match cloud.values.promotion {
                Promotion::Neutral => 0.0,
                Promotion::Own => {
                    let same = !cloud.values.owner.is_empty() && lab.values.identity.owner == cloud.values.owner;
                    if same || own { 1.0 } else { 0.0 }
                }
                Promotion::Partner => {
                    let rented = world.labs.rented_h100e[j];
                    let here = world.labs.rented_by_cloud_h100e[j * world.dims.clouds + c];
                    if rented > 0.0 { (here / rented).clamp(0.0, 1.0) } else { 0.0 }
                }
            };
            let will = if p.mechanisms.channel_conflict && promoted > 0.0 {
                will_to_promote(lab.values.parameters.channels.len(), p.hold_up.channel_conflict)
            } else {
                1.0
            };
            row[j] = (p.demand.channel_advantage + p.demand.promotion_advantage * promoted * will) as f32;
        }
    }
    exp_in_place(e.level, &mut e.channel);
}

/// How well known each alternative is in each sector: the probability that a firm considers it.
fn awareness(world: &mut World, ctx: &Context, offers: &Offers) {
    let p = ctx.parameters;
    let d = &p.demand;
    let e = &mut world.enterprises;
    if !p.mechanisms.consideration {
        // Above every threshold: all are considered.
        e.known.fill(u32::MAX);
        return;
    }
    let sectors = world.dims.sectors;
    let clouds: f64 = p.clouds.iter().map(|c| c.values.enterprise_share).sum();
    let mut standing = [0.0; MAX_LABS + 1];
    for (a, offer) in offers.iter().enumerate().take(world.dims.alternatives).filter(|(_, o)| o.available) {
        let lab = &p.labs[offer.lab].values.parameters;
        let reach: f64 = if a == world.dims.labs || clouds <= 0.0 {
            // Open weights can be run on any cloud.
            1.0
        } else {
            let on = &world.labs.sold_on[a * world.dims.clouds..(a + 1) * world.dims.clouds];
            let sold = p.clouds.iter().zip(on).filter(|(_, on)| **on);
            sold.map(|(c, _)| c.values.enterprise_share).sum::<f64>() / clouds
        };
        standing[a] = d.consideration_channels * reach + d.consideration_brand * lab.brand;
    }
    for s in 0..sectors {
        let spend = |a: usize| world.demand.by_sector_usd[a * sectors + s];
        let total: f64 = (0..world.dims.alternatives).map(spend).sum();
        let mut unknown = [0.0f32; MAX_STRIDE];
        for (a, unknown) in unknown.iter_mut().enumerate().take(world.dims.alternatives) {
            let peers = if total > 0.0 { spend(a) / total } else { 0.0 };
            *unknown = -(standing[a] + d.consideration_peers * peers) as f32;
        }
        exp_in_place(e.level, &mut unknown[..e.stride]);
        let row = &mut e.known[s * e.stride..(s + 1) * e.stride];
        for (known, unknown) in row.iter_mut().zip(unknown) {
            *known = known_below(1.0 - unknown);
        }
    }
}

/// Keeps what could be had this month, so that the next step finds what has been lost since.
pub(in crate::step) fn remember(world: &mut World, offers: &Offers) {
    let e = &mut world.enterprises;
    let exclusions = world.labs.excluded.iter().zip(&world.labs.excluded_public);
    for (before, (&market, &public)) in e.excluded_before.iter_mut().zip(exclusions) {
        *before = (market, public);
    }
    world.regulators.outlawed_before.clone_from(&world.regulators.outlawed);
    world.government.refused_before.clone_from(&world.government.refused);
    for (before, offer) in e.offered_before.iter_mut().zip(offers) {
        *before = offer.available;
    }
}
