//! Clouds expand, and divide their income (section 3.11).

use crate::math::{exp, ln};
use crate::mechanisms::clouds::{capex_limit, orders};
use crate::mechanisms::compute::{STAGES, deliver, survival};
use crate::step::Context;
use crate::units::{HOURS_PER_YEAR, Usd};
use crate::world::World;
use crate::world::ledger::{Flow, Sector};

/// Delivers and orders capacity.
pub fn build(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let m = &p.cloud_market;
    if ctx.lived == 0 {
        world.clouds.supplier_revenue_usd = 0.0;
    }
    let financed = capex_limit(m.capex_growth_per_year, m.capex_fading_years, world.environment.years);
    let market = world.environment.chip_price_usd + world.environment.shell_price_usd;
    for k in 0..world.dims.clouds {
        let at = k * STAGES;
        let price = market * p.clouds[k].values.build_cost_factor;
        let clouds = &mut world.clouds;
        let arrived = deliver(&mut clouds.ordered_h100e[at..at + STAGES], p.compute.cloud_lag_months / 12.0, ctx.dt);
        let capacity = clouds.capacity_h100e[k] * survival(p.compute.depreciation_per_year, ctx.dt);
        if !p.mechanisms.cloud_expansion {
            continue;
        }
        clouds.capacity_h100e[k] = capacity + arrived;
        let wanted = clouds.wanted_h100e[k];
        let before = clouds.demand_before_h100e[k];
        if before > 0.0 && wanted > 0.0 {
            let seen = (ln(wanted / before) / ctx.dt).clamp(-1.0, 2.0);
            let follow = 1.0 - exp(-m.forecast_learning_per_year * ctx.dt);
            clouds.expected_growth[k] += (seen - clouds.expected_growth[k]) * follow;
        }
        clouds.demand_before_h100e[k] = wanted;
        let on_order: f64 = clouds.ordered_h100e[at..at + STAGES].iter().sum();
        let lag = p.compute.cloud_lag_months / 12.0;
        // What wears out before an order arrives must be replaced too.
        let replaced = clouds.capacity_h100e[k] * p.compute.depreciation_per_year * lag;
        let order = orders(
            wanted,
            clouds.expected_growth[k].max(0.0),
            lag,
            m.utilisation_target,
            clouds.capacity_h100e[k] - replaced,
            on_order,
            p.compute.depreciation_per_year,
            p.clouds[k].values.ai_capex_share * p.clouds[k].values.capex_usd_per_year * financed / price,
            ctx.dt,
        );
        clouds.ordered_h100e[at] += order;
        let cost = order * price;
        let (account, suppliers) = (world.ledger.cloud(k), world.ledger.sector(Sector::Suppliers));
        world.ledger.pay(account, suppliers, Usd(cost), Flow::Capital);
        world.clouds.supplier_revenue_usd += cost / p.years_per_step();
    }
}

/// Capex that the group of a cloud can finance now, USD per year.
pub fn capex_usd_per_year(world: &World, ctx: &Context, k: usize) -> f64 {
    let m = &ctx.parameters.cloud_market;
    let financed = capex_limit(m.capex_growth_per_year, m.capex_fading_years, world.environment.years);
    ctx.parameters.clouds[k].values.capex_usd_per_year * financed
}

/// How full the clouds are, once capacity is let.
pub fn fill(world: &mut World) {
    for k in 0..world.dims.clouds {
        let clouds = &mut world.clouds;
        let all = clouds.rented_to_labs_h100e[k] + clouds.external_h100e[k] + clouds.hosting_h100e[k];
        clouds.utilisation[k] =
            if clouds.capacity_h100e[k] > 0.0 { (all / clouds.capacity_h100e[k]).min(1.0) } else { 0.0 };
    }
}

/// Income and costs of a cloud in a step, after labs have paid their rent.
pub fn pay(world: &mut World, ctx: &Context, k: usize) {
    let p = ctx.parameters;
    let dt = ctx.dt;
    let l = world.dims.labs;
    let account = world.ledger.cloud(k);
    let external = world.clouds.external_h100e[k] * world.clouds.rental_usd[k] * HOURS_PER_YEAR;
    let tenants = world.ledger.sector(Sector::RestOfWorld);
    world.ledger.pay(tenants, account, Usd(external * dt), Flow::Current);
    world.clouds.revenue_rent_usd[k] += external;
    let power = world.clouds.capacity_h100e[k]
        * world.clouds.utilisation[k]
        * world.environment.power_usd_per_hour
        * HOURS_PER_YEAR;
    let supplier = world.ledger.sector(Sector::Power);
    world.ledger.pay(account, supplier, Usd(power * dt), Flow::Current);
    let worn = world.ledger.capital(account).value() * (1.0 - survival(p.compute.depreciation_per_year, dt));
    let worn = world.ledger.depreciate(account, Usd(worn)).value();
    let clouds = &mut world.clouds;
    clouds.profit_usd[k] = clouds.revenue_rent_usd[k] + clouds.revenue_resale_usd[k] - power - worn / dt;
    // Rent that the group's own investments fund: at most what it put into each tenant over the window.
    let window = p.cloud_market.funding_window_years;
    let (mut funded, mut rent) = (0.0, 0.0);
    for i in 0..l {
        let from = clouds.rent_from_lab_usd[k * l + i];
        rent += from;
        funded += from.min(world.labs.raised_from_cloud_usd[i * world.dims.clouds + k] / window);
    }
    clouds.supplier_funded_share[k] = if rent > 0.0 { funded / rent } else { 0.0 };
}

/// The sector of chips and builders pays its own costs; groups cover what their clouds spend beyond income.
pub fn pay_suppliers(world: &mut World, ctx: &Context) {
    let margin = ctx.parameters.cloud_market.supplier_margin;
    let revenue = world.clouds.supplier_revenue_usd;
    let (suppliers, staff) = (world.ledger.sector(Sector::Suppliers), world.ledger.sector(Sector::Staff));
    world.ledger.pay(suppliers, staff, Usd(revenue * (1.0 - margin) * ctx.dt), Flow::Current);
    world.clouds.supplier_profit_usd = revenue * margin;
    let owners = world.ledger.sector(Sector::Owners);
    for k in 0..world.dims.clouds {
        let account = world.ledger.cloud(k);
        let cash = world.ledger.cash(account).value();
        if cash < 0.0 {
            world.ledger.pay(owners, account, Usd(-cash), Flow::Equity);
        } else {
            // A cloud keeps no idle cash: its group takes it as its owner.
            world.ledger.pay(account, owners, Usd(cash), Flow::Distribution);
        }
    }
}
