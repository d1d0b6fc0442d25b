//! What enterprises spend this month, from the sums of what they hold.

use super::share_of;
use super::utility::Offers;
use crate::math::ln;
use crate::mechanisms::spend::{lag_after, new_uses, price_in_use, saturation, usage_factor};
use crate::mechanisms::surplus::taken_up_after;
use crate::scenario::Parameters;
use crate::scenario::parameters::{MAX_LABS, WORKLOAD_COUNT};
use crate::step::Context;
use crate::world::World;
use crate::world::demand::{Demand, Offer};
use crate::world::enterprises::Sums;
use crate::world::labs::TIERS;

/// Factors by alternative and tier.
pub(in crate::step) type Factors = [[f64; TIERS]; MAX_LABS + 1];

/// Factor of capability and price on committed volume, by alternative and tier; 0 for what is not sold.
pub(in crate::step) fn usage_factors(
    p: &Parameters,
    offers: &Offers,
    alternatives: usize,
    reference_eci: f64,
    reference_price_usd: f64,
) -> Factors {
    let mut factors = [[0.0; TIERS]; MAX_LABS + 1];
    let s = &p.spend;
    for (factor, offer) in factors.iter_mut().zip(offers).take(alternatives).filter(|(_, o)| o.available) {
        for (t, factor) in factor.iter_mut().enumerate().filter(|&(t, _)| !offer.price_usd[t].is_nan()) {
            let gain = offer.eci[t] - reference_eci;
            let ratio = ln(offer.price_usd[t] / reference_price_usd);
            *factor = usage_factor(s.capability_effect, gain, s.usage_elasticity, ratio);
        }
    }
    factors
}

/// Turns what is offered into what customers have in use: a new model comes into use bit by bit, at the price that goes with its quality.
pub(in crate::step) fn put_in_use(world: &World, p: &Parameters, offers: &mut Offers) {
    for (a, offer) in offers.iter_mut().enumerate().filter(|(_, o)| o.available) {
        // Who hosts weights that are out uses those, whatever their lab offers since.
        let hosted = if a == world.dims.labs { world.labs.published(offer.lab) } else { None };
        let lag = hosted.map_or(world.labs.upgrade_lag_eci[offer.lab], |(_, lag)| lag);
        let cheaper = price_in_use(lag, p.pricing.cost_per_capability);
        for (eci, price) in offer.eci.iter_mut().zip(&mut offer.price_usd) {
            *eci -= lag;
            *price *= cheaper;
        }
    }
}

/// Lets customers of all labs move on to what is offered, a month.
pub fn upgrade(world: &mut World, ctx: &Context) {
    let labs = &mut world.labs;
    for lag in labs.upgrade_lag_eci.iter_mut().chain(&mut labs.published_lag_eci) {
        *lag = lag_after(*lag, 12.0 * ctx.dt, ctx.parameters.spend.upgrade_months);
    }
}

/// ln of demand at the price of the start, given spend before saturation: what adoption, tenure, capability and new uses have made of it.
pub(in crate::step) fn ln_demand(p: &Parameters, demand: &Demand, unsaturated_usd: f64) -> f64 {
    // Growth off: spend follows no price.
    let elasticity = if p.mechanisms.spend_growth { p.spend.usage_elasticity } else { 1.0 };
    ln(unsaturated_usd.max(1.0)) - (1.0 - elasticity) * ln(demand.mean_price_usd / demand.reference_price_usd)
}

/// Spend at these factors by alternative and tier, before saturation and growth by new uses.
pub(in crate::step) fn before_saturation(sums: &Sums, factors: &[[f64; TIERS]]) -> f64 {
    let of = |(n, f): (usize, &f64)| sums.workloads(n / TIERS, n % TIERS).map(Sums::of).sum::<f64>() * f;
    factors.as_flattened().iter().enumerate().map(of).sum()
}

/// Fills `world.demand` for a step.
pub(in crate::step) fn fill(world: &mut World, ctx: &Context, mut offers: Vec<Offer>) {
    let p = ctx.parameters;
    put_in_use(world, p, &mut offers);
    let alternatives = world.dims.alternatives;
    let (eci, price) = (world.demand.reference_eci, world.demand.reference_price_usd);
    let mut factors = usage_factors(p, &offers, alternatives, eci, price);
    if p.mechanisms.spend_growth {
        let s = &p.spend;
        let year = ctx.month.year_end_decimal();
        world.demand.ln_new_uses += new_uses(s.new_uses_per_year, s.new_uses_fading_years, year, ctx.dt);
    } else {
        // Growth off: capability and price count as at the start, where they were known then.
        for (factor, start) in factors.iter_mut().zip(world.enterprises.initial_factor.as_chunks::<TIERS>().0) {
            for (f, &start) in factor.iter_mut().zip(start) {
                if *f > 0.0 && start > 0.0 {
                    *f = start;
                }
            }
        }
    }
    let e = &world.enterprises;
    let growth = crate::math::exp(world.demand.ln_new_uses);
    let total = before_saturation(&e.sums, &factors[..alternatives]) * growth;
    world.demand.saturation = saturation(total, e.initial_total_usd, p.spend.ceiling_usd_per_year);
    let scale = growth * world.demand.saturation;
    for f in factors.as_flattened_mut() {
        *f *= scale;
    }
    spread(world, &factors, &offers);
    world.demand.offers = offers;
    let d = &mut world.demand;
    let before = d.ln_demand;
    d.ln_demand = ln_demand(p, d, total);
    d.ln_price_taken_up = taken_up_after(d.ln_price_taken_up, ln(d.mean_price_usd), d.ln_demand - before);
    let adopted: u64 = world.enterprises.counts.adopted.iter().sum();
    smooth_switching(world, ctx, adopted);
}

/// Spends by all segments from the committed volumes and these factors, and counts customers.
pub(in crate::step) fn spread(world: &mut World, factors: &Factors, offers: &Offers) {
    let dims = world.dims;
    let e = &world.enterprises;
    let part = Sums::PART_USD;
    let d = &mut world.demand;
    for (a, f) in factors.iter().enumerate().take(dims.alternatives) {
        let mut total = 0.0;
        let by_sector = &mut d.by_sector_usd[a * dims.sectors..(a + 1) * dims.sectors];
        let by_jurisdiction = &mut d.by_jurisdiction_usd[a * dims.jurisdictions..(a + 1) * dims.jurisdictions];
        let by_cloud = &mut d.by_cloud_usd[a * dims.clouds..(a + 1) * dims.clouds];
        by_sector.fill(0.0);
        by_jurisdiction.fill(0.0);
        by_cloud.fill(0.0);
        d.routed_usd[a] = 0.0;
        for (t, f) in f.iter().enumerate() {
            for (w, line) in e.sums.workloads(a, t).enumerate() {
                let spend = Sums::of(line) * f;
                d.spend_usd[(a * WORKLOAD_COUNT + w) * TIERS + t] = spend;
                total += spend;
                by_sector.iter_mut().zip(line).for_each(|(out, &parts)| *out += parts as f64 * (part * f));
            }
            for (out, line) in by_jurisdiction.iter_mut().zip(e.sums.jurisdictions(a, t)) {
                *out += Sums::of(line) * f;
                by_cloud.iter_mut().zip(line).for_each(|(out, &parts)| *out += parts as f64 * (part * f));
            }
            d.routed_usd[a] += e.sums.routed(a, t) as f64 * (part * f);
        }
        d.total_usd[a] = total;
        d.customer_share[a] =
            if e.counts.adopting > 0 { e.counts.customers[a] as f64 / e.counts.adopting as f64 } else { 0.0 };
    }
    let (mut paid, mut spent) = (0.0, 0.0);
    for (a, offer) in offers.iter().enumerate().take(dims.alternatives) {
        for t in 0..TIERS {
            let spend: f64 = (0..WORKLOAD_COUNT).map(|w| d.spend_usd[(a * WORKLOAD_COUNT + w) * TIERS + t]).sum();
            if spend > 0.0 {
                paid += spend * offer.price_usd[t];
                spent += spend;
            }
        }
    }
    if spent > 0.0 {
        d.mean_price_usd = paid / spent;
    }
    for (w, share) in d.adoption.iter_mut().enumerate() {
        let of = |parts: &[u64]| parts.iter().skip(w).step_by(WORKLOAD_COUNT).sum::<u64>() as f64;
        *share = of(&e.counts.adopted) / of(&e.counts.firms).max(1.0);
    }
    let firms: u64 = e.counts.firms.iter().step_by(WORKLOAD_COUNT).sum();
    let adopting = e.counts.adopting.max(1) as f64;
    d.adoption_any = e.counts.adopting as f64 / firms.max(1) as f64;
    d.vendors_per_firm = e.counts.vendors as f64 / adopting;
    d.multi_model_share = e.counts.multi as f64 / adopting;
}

/// Switching in a year, smoothed over a year; in the first year, over the time since the start.
fn smooth_switching(world: &mut World, ctx: &Context, adopted: u64) {
    let switched = share_of(world.enterprises.counts.switched);
    let rate = if adopted > 0 { switched / share_of(adopted) / ctx.dt } else { 0.0 };
    let elapsed = (f64::from(ctx.month.since(ctx.parameters.month_before_start())) / 12.0).clamp(ctx.dt, 1.0);
    world.demand.switching_rate += (rate - world.demand.switching_rate) * (ctx.dt / elapsed).min(1.0);
}
