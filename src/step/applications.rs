//! Application vendors for a month (section 3.18): some choose anew whose models they buy, all sell what firms want, and models are paid.

use crate::math::kernels::SimdLevel;
use crate::math::{exp, ln, pow};
use crate::mechanisms::applications::{
    automated, cost_ratio, demand, models_in_cost, price_ratio, relative_growth, unit_weight,
};
use crate::mechanisms::spend::{new_uses, saturation};
use crate::random::Purpose;
use crate::scenario::parameters::MAX_LABS;
use crate::step::other_business::{Renewal, renewed};
use crate::step::{Context, regulators};
use crate::units::Usd;
use crate::world::World;
use crate::world::applications::Applications;
use crate::world::labs::TIERS;
use crate::world::ledger::{Flow, Sector};

/// Moves application vendors by one step and sets the labs' revenue from them. Enterprises and smaller firms have chosen already.
pub fn sell(world: &mut World, ctx: &Context) {
    if !ctx.parameters.mechanisms.applications {
        if !world.applications.key.is_empty() {
            close_down(world, ctx);
        }
        return;
    }
    let mut a = std::mem::take(&mut world.applications);
    grow_apart(&mut a, ctx, world.enterprises.level);
    weigh(world, ctx, &mut a);
    choose(world, ctx, &mut a);
    settle(world, ctx, &mut a);
    world.applications = a;
}

/// Vendors are switched off in mid-run: what they bought of each lab last is from now on part of other business, over the jurisdictions
/// where the lab can be had, and those who join spend more in proportion. They do not come back.
fn close_down(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let jurisdictions = world.dims.jurisdictions;
    let o = &mut world.other_business;
    let vendors = if o.initial_vendors_per_firm > 0.0 { o.vendors_per_firm / o.initial_vendors_per_firm } else { 1.0 };
    let rate = o.intensity * vendors;
    let places = o.base_usd.chunks_exact_mut(world.dims.labs.max(1));
    for (g, (joining, base)) in o.initial_usd.iter_mut().zip(places).enumerate() {
        let before: f64 = base.iter().sum();
        for (j, base) in base.iter_mut().enumerate() {
            let open = |g: usize| world.labs.alive[j] && !world.labs.excluded[j * jurisdictions + g];
            let part = |g: usize| if open(g) { p.jurisdictions[g].values.enterprise_share } else { 0.0 };
            let all: f64 = (0..jurisdictions).map(part).sum();
            if all > 0.0 && rate > 0.0 {
                let moved = world.labs.revenue_applications_usd[j] * part(g) / all;
                *base += moved / rate;
                world.labs.revenue_other_usd[j] += moved;
            }
        }
        if before > 0.0 {
            *joining *= base.iter().sum::<f64>() / before;
        }
    }
    world.labs.revenue_applications_usd.fill(0.0);
    let a = &mut world.applications;
    for column in [&mut a.size, &mut a.units_usd, &mut a.purchases_usd] {
        column.clear();
    }
    a.key.clear();
    a.renewal.clear();
    (a.price, a.crowding) = (1.0, 0.0);
    (a.wanted_usd, a.other_cost_usd, a.revenue_usd, a.model_cost_usd) = (0.0, 0.0, 0.0, 0.0);
    (a.paid_other_usd, a.profit_usd) = (0.0, 0.0);
}

/// Large vendors grow at rates of their own.
fn grow_apart(a: &mut Applications, ctx: &Context, level: SimdLevel) {
    let volatility = ctx.parameters.applications.growth_volatility;
    let large = a.key.len().saturating_sub(1);
    let keys = a.key.iter().map(|&key| (key, 0));
    ctx.fill_news(level, Purpose::ApplicationGrowth, keys, &mut a.news[..large]);
    for (size, &z) in a.size.iter_mut().zip(&a.news[..large]) {
        *size *= relative_growth(volatility, ctx.dt, z);
    }
}

/// Weight of each lab to a vendor that sells everywhere: that to enterprises averaged over jurisdictions, with what vendors see in it
/// besides. A lab that bills nothing, or is gone, has none.
pub(in crate::step) fn weigh(world: &World, ctx: &Context, a: &mut Applications) {
    let p = ctx.parameters;
    a.weight.fill(0.0);
    for (place, row) in p.jurisdictions.iter().zip(world.demand.private_weight.chunks_exact(world.dims.labs.max(1))) {
        for (sum, &w) in a.weight.iter_mut().zip(row) {
            *sum += place.values.enterprise_share * w;
        }
    }
    for (j, w) in a.weight.iter_mut().enumerate() {
        let bills = world.labs.alive[j] && world.labs.sells[j] && world.labs.own_share[j] > 0.0;
        let price = world.labs.price_usd_per_mtok[j * TIERS];
        *w *= if bills { a.appeal[j] * pow(price, -p.applications.price_weight) } else { 0.0 };
    }
}

/// Cost of switching of a vendor.
fn switching_cost(world: &World, ctx: &Context) -> f64 {
    let p = ctx.parameters;
    if !p.mechanisms.switching_costs {
        return 0.0;
    }
    let left = world.tools.mean_cost_left(p.orchestration.switching_cost_cut);
    p.demand.switching_cost * p.applications.switching_cost_factor * left
}

/// Large vendors whose contract ends, or whose lab is lost, choose by the race of enterprises; of the others a share does.
fn choose(world: &World, ctx: &Context, a: &mut Applications) {
    let p = ctx.parameters;
    let l = world.dims.labs;
    let Some(others) = a.key.len().checked_sub(1) else { return };
    let cost = switching_cost(world, ctx);
    let contract = p.demand.contract_months.max(1) as i32;
    let eased = |j: usize| regulators::ease_of_leaving(world, ctx, j, cost);
    for v in 0..others {
        let row = &mut a.units_usd[v * l..(v + 1) * l];
        let first = ctx.month.0 - ctx.months + 1;
        let due = (first..=ctx.month.0).find(|m| (m - a.renewal[v]).rem_euclid(contract) == 0);
        let lost = row.iter().zip(&a.weight).any(|(&u, &w)| u > 0.0 && w <= 0.0);
        if due.is_none() && !lost {
            continue;
        }
        let units: f64 = row.iter().sum();
        if units <= 0.0 {
            continue;
        }
        let month = due.unwrap_or(ctx.month.0);
        let held = (0..l).fold(0, |best, j| if row[j] > row[best] { j } else { best });
        // The exponential race: the least E/w wins, the next is the second source.
        let mut places = [(f64::INFINITY, usize::MAX); 2];
        for (j, lab) in p.labs.iter().enumerate().filter(|&(j, _)| a.weight[j] > 0.0) {
            let ease = if j == held { exp(cost - ln(eased(held))) } else { 1.0 };
            let e = ctx.draws.exponential(Purpose::ApplicationChoice, a.key[v], lab.key, month);
            let time = e / (a.weight[j] * ease);
            if time < places[0].0 {
                places = [(time, j), places[0]];
            } else if time < places[1].0 {
                places[1] = (time, j);
            }
        }
        let (winner, second) = (places[0].1, places[1].1);
        if winner == usize::MAX {
            // No lab can be had: it looks again in the next step.
            continue;
        }
        let moved =
            if second == usize::MAX { 0.0 } else { p.orchestration.second_source_share * world.tools.orchestrate };
        row.fill(0.0);
        row[winner] = units * (1.0 - moved);
        if moved > 0.0 {
            row[second] = units * moved;
        }
    }
    let renewed = renewed(p.demand.contract_months, ctx.months);
    if a.weight.iter().any(|&w| w > 0.0) {
        Renewal::new(&a.weight, renewed, cost, eased).live(&mut a.units_usd[others * l..]);
    }
}

/// Adopted share of enterprises' workloads, and of smaller firms.
pub(in crate::step) fn adopted(world: &World, ctx: &Context) -> (f64, f64) {
    let firms = ctx.parameters.jurisdictions.iter().zip(&world.other_business.adopted);
    (world.demand.adoption.iter().sum(), firms.map(|(g, adopted)| g.values.enterprise_share * adopted).sum())
}

/// Weight of a unit of each lab's models now, and ln of its price over the reference; 0 at a lab without a price.
pub(in crate::step) fn unit_weights(
    world: &World,
    ctx: &Context,
    reference_price: f64,
    out: &mut [f64],
    ln_price: &mut [f64],
) {
    for (j, (out, ln_price)) in out.iter_mut().zip(ln_price).enumerate() {
        let price = world.labs.price_usd_per_mtok[j * TIERS];
        let sold = price > 0.0 && reference_price > 0.0;
        *ln_price = if sold { ln(price / reference_price) } else { 0.0 };
        *out = if sold { unit_weight(*ln_price, ctx.parameters.spend.usage_elasticity) } else { 0.0 };
    }
}

/// `now` over `start`, 1 where there was nothing at the start.
fn ratio(now: f64, start: f64) -> f64 {
    if start > 0.0 { now / start } else { 1.0 }
}

/// What a vendor uses of which labs: most use one or two.
fn held(units: &[f64]) -> impl Iterator<Item = (usize, f64)> + '_ {
    units.iter().copied().enumerate().filter(|&(_, u)| u != 0.0)
}

/// Demand for applications, what vendors buy for it, and the labs' revenue from them.
fn settle(world: &mut World, ctx: &Context, a: &mut Applications) {
    let p = ctx.parameters;
    let s = &p.applications;
    let l = world.dims.labs;
    let grows = p.mechanisms.spend_growth;
    let (mut weight, mut ln_price) = ([0.0; MAX_LABS], [0.0; MAX_LABS]);
    unit_weights(world, ctx, a.reference_price_usd, &mut weight[..l], &mut ln_price[..l]);
    if !grows {
        weight[..l].copy_from_slice(&a.initial_weight);
        ln_price[..l].copy_from_slice(&a.initial_ln_price);
    }
    let (mut units, mut spent, mut logs, mut eci) = (0.0, 0.0, 0.0, 0.0);
    for (v, &size) in a.size.iter().enumerate() {
        for (j, u) in held(&a.units_usd[v * l..(v + 1) * l]) {
            units += size * u;
            spent += size * u * weight[j];
            logs += size * u * ln_price[j];
            eci += size * u * world.labs.eci[j];
        }
    }
    if units <= 0.0 {
        (a.wanted_usd, a.other_cost_usd) = (0.0, 0.0);
        a.purchases_usd.fill(0.0);
        world.labs.revenue_applications_usd.fill(0.0);
        return;
    }
    // Over the means of the start.
    let (spent, logs) = (spent / units / a.reference_weight, logs / units - a.reference_ln_price);
    let gain = if grows { eci / units - a.reference_eci } else { 0.0 };
    let share = automated(a.model_share, s.automation_per_eci, gain);
    let cost = cost_ratio(share, spent, logs, p.spend.usage_elasticity);
    a.price = price_ratio(s.pass_through, cost);
    let now = adopted(world, ctx);
    let firms = s.enterprise_fraction * ratio(now.0, a.initial_adopted.0)
        + (1.0 - s.enterprise_fraction) * ratio(now.1, a.initial_adopted.1);
    if grows {
        let year = ctx.month.year_end_decimal();
        a.ln_new_uses += new_uses(s.new_uses_per_year, s.new_uses_fading_years, year, ctx.dt);
    }
    let start = p.applications_start.revenue_usd;
    let wanted = start * demand(firms, s.capability_effect, gain, s.elasticity, a.price, a.ln_new_uses);
    a.crowding = wanted / s.ceiling_usd_per_year;
    a.wanted_usd = wanted * saturation(wanted, start, s.ceiling_usd_per_year);
    let sold = ratio(a.wanted_usd, start) / a.price;
    let costs = sold * a.cost_share * start * cost;
    let models = costs * models_in_cost(share, spent);
    a.other_cost_usd = costs - models;
    // What a unit of weight pays: the sizes of vendors divide the purchases among them and move no total.
    let rate = models / (units * spent * a.reference_weight);
    world.labs.revenue_applications_usd.fill(0.0);
    a.purchases_usd.fill(0.0);
    for (v, &size) in a.size.iter().enumerate() {
        for (j, u) in held(&a.units_usd[v * l..(v + 1) * l]).filter(|&(j, _)| a.weight[j] > 0.0) {
            let paid = u * size * weight[j] * rate;
            a.purchases_usd[v * l + j] = paid;
            world.labs.revenue_applications_usd[j] += paid;
        }
    }
}

/// Firms pay for applications, vendors pay all but the labs, whom [`settle::pay`](super::settle::pay) has paid. What labs cannot serve is
/// not sold.
pub fn pay(world: &mut World, ctx: &Context) {
    if !ctx.parameters.mechanisms.applications {
        return;
    }
    let s = &ctx.parameters.applications;
    account(world);
    let (revenue, other) = (world.applications.revenue_usd, world.applications.paid_other_usd);
    let vendors = world.ledger.sector(Sector::Applications);
    for (buyer, share) in
        [(Sector::Enterprises, s.enterprise_fraction), (Sector::OtherBusiness, 1.0 - s.enterprise_fraction)]
    {
        let buyer = world.ledger.sector(buyer);
        world.ledger.pay(buyer, vendors, Usd(share * revenue * ctx.dt), Flow::Current);
    }
    let staff = world.ledger.sector(Sector::Staff);
    world.ledger.pay(vendors, staff, Usd(other * ctx.dt), Flow::Current);
}

/// Revenue, cost of models and profit of all vendors, once it is known what labs serve.
pub(in crate::step) fn account(world: &mut World) {
    let a = &mut world.applications;
    let labs = &world.labs;
    let asked: f64 = labs.revenue_applications_usd.iter().sum();
    let served: f64 = labs.revenue_applications_usd.iter().zip(&labs.own_service).map(|(r, s)| r * s).sum();
    a.model_cost_usd = served;
    let service = if asked > 0.0 { served / asked } else { 1.0 };
    a.revenue_usd = a.wanted_usd * service;
    a.paid_other_usd = a.other_cost_usd * service;
    a.profit_usd = a.revenue_usd - served - a.paid_other_usd;
}

#[cfg(test)]
mod tests;
