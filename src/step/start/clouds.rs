//! Clouds at the start.

use crate::mechanisms::compute::STAGES;
use crate::step::Context;
use crate::units::Usd;
use crate::world::{World, refill};

/// Capacity from the capex of the year before, tenants from utilisation.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, c) = (world.dims.labs, world.dims.clouds);
    let clouds = &mut world.clouds;
    for column in [
        &mut clouds.capacity_h100e,
        &mut clouds.rented_to_labs_h100e,
        &mut clouds.external_h100e,
        &mut clouds.hosting_h100e,
        &mut clouds.hosting_need_h100e,
        &mut clouds.hosting_asked_h100e,
        &mut clouds.wanted_h100e,
        &mut clouds.utilisation,
        &mut clouds.expected_growth,
        &mut clouds.demand_before_h100e,
        &mut clouds.rental_usd,
        &mut clouds.revenue_rent_usd,
        &mut clouds.revenue_resale_usd,
        &mut clouds.profit_usd,
        &mut clouds.supplier_funded_share,
    ] {
        refill(column, c, 0.0);
    }
    clouds.hosting_served = 1.0;
    refill(&mut clouds.ordered_h100e, c * STAGES, 0.0);
    refill(&mut clouds.rent_from_lab_usd, c * l, 0.0);
    clouds.supplier_revenue_usd = 0.0;
    clouds.supplier_profit_usd = 0.0;
    for (k, agent) in p.clouds.iter().enumerate() {
        let cloud = &agent.values;
        let to_labs: f64 = (0..l).map(|i| world.labs.rented_by_cloud_h100e[i * c + k]).sum();
        // Capacity is never below what labs are known to rent at this utilisation.
        let stated = cloud.ai_capex_share * cloud.capex_usd_per_year / cloud.cost_usd_per_h100e;
        let capacity = stated.max(to_labs / cloud.utilisation.max(0.05));
        clouds.capacity_h100e[k] = capacity;
        clouds.rented_to_labs_h100e[k] = to_labs;
        clouds.external_h100e[k] = (cloud.utilisation * capacity - to_labs).max(0.0);
        clouds.utilisation[k] = (to_labs + clouds.external_h100e[k]) / capacity.max(1.0);
        clouds.wanted_h100e[k] = to_labs + clouds.external_h100e[k];
        clouds.demand_before_h100e[k] = to_labs + clouds.external_h100e[k];
        clouds.expected_growth[k] = p.cloud_market.expected_growth_per_year;
        // Orders under way are what the capex of the year before has bought over the lag.
        let price = p.compute.chip_price_usd_per_h100e + p.compute.shell_price_usd_per_h100e;
        let arriving = cloud.ai_capex_share * cloud.capex_usd_per_year / price * p.compute.cloud_lag_months / 12.0;
        for stage in &mut clouds.ordered_h100e[k * STAGES..(k + 1) * STAGES] {
            *stage = arriving / STAGES as f64;
        }
        let book = capacity * cloud.cost_usd_per_h100e * 0.75;
        let account = world.ledger.cloud(k);
        world.ledger.open(account, Usd::ZERO, Usd(book), Usd::ZERO);
        clouds.rental_usd[k] = world.environment.rental_contract_usd * cloud.price_ratio;
    }
}
