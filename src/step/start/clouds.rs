//! Clouds at the start.
//!
//! ```text
//! known    = rented to labs + hosting                                    H100e: once what they need to serve is known
//! capacity = max(a·X/(c·f), known/max(0.05, utilisation))                H100e: what the AI part of the capex of the year before bought
//! outside  = max(0, utilisation·capacity − known)                        tenants that are no lab of the scenario
//! orders   = a·X/((chips + shell)·f)·lag, alike in all stages;   book 0.75·c·f·capacity;   forecast of growth as stated
//! ```
//!
//! X capex of the group a year, a its AI share, c cost of an H100e over that year, f what building costs the cloud beside the market, lag
//! `compute.cloud_lag_months`. 0.75 is a judgement on wear.
//!
//! Own: an inventory of what was bought, for want of a count of what stands.
//!
//! X `capex_usd_per_year`, a `ai_capex_share`, c `cost_usd_per_h100e`, f `build_cost_factor`, `utilisation`.

use crate::mechanisms::compute::STAGES;
use crate::step::Context;
use crate::units::Usd;
use crate::world::{World, refill};

/// Book value of a cloud's capacity at the start, as a share of its price when new: about a year and a half of wear.
const BOOK_SHARE: f64 = 0.75;

/// Orders under way and prices; capacity is let once it is known what labs and hosts need ([`let_capacity`]).
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
        clouds.expected_growth[k] = p.cloud_market.expected_growth_per_year;
        // Orders under way are what the capex of the year before has bought over the lag.
        let market = p.compute.chip_price_usd_per_h100e + p.compute.shell_price_usd_per_h100e;
        let price = market * cloud.build_cost_factor;
        let arriving = cloud.ai_capex_share * cloud.capex_usd_per_year / price * p.compute.cloud_lag_months / 12.0;
        for stage in &mut clouds.ordered_h100e[k * STAGES..(k + 1) * STAGES] {
            *stage = arriving / STAGES as f64;
        }
        clouds.rental_usd[k] = world.environment.rental_contract_usd * cloud.price_ratio;
    }
}

/// Capacity from the capex of the year before, let to labs and to hosting, and to other tenants up to utilisation: what the first month finds
/// is what the start holds, so that neither utilisation nor what is wanted of the capacity jumps in it.
pub fn let_capacity(world: &mut World, ctx: &Context) {
    let (l, c) = (world.dims.labs, world.dims.clouds);
    for (k, agent) in ctx.parameters.clouds.iter().enumerate() {
        let cloud = &agent.values;
        let clouds = &mut world.clouds;
        let to_labs: f64 = (0..l).map(|i| world.labs.rented_by_cloud_h100e[i * c + k]).sum();
        let known = to_labs + clouds.hosting_h100e[k];
        // Capacity is never below what labs are known to rent and hosts to serve at this utilisation.
        let cost = cloud.cost_usd_per_h100e * cloud.build_cost_factor;
        let stated = cloud.ai_capex_share * cloud.capex_usd_per_year / cost;
        let capacity = stated.max(known / cloud.utilisation.max(0.05));
        clouds.capacity_h100e[k] = capacity;
        clouds.rented_to_labs_h100e[k] = to_labs;
        clouds.external_h100e[k] = (cloud.utilisation * capacity - known).max(0.0);
        let all = known + clouds.external_h100e[k];
        clouds.utilisation[k] = all / capacity.max(1.0);
        clouds.wanted_h100e[k] = all;
        clouds.demand_before_h100e[k] = all;
        let book = capacity * cost * BOOK_SHARE;
        let account = world.ledger.cloud(k);
        world.ledger.open(account, Usd::ZERO, Usd(book), Usd::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Draws;
    use crate::scenario::Scenario;
    use crate::step;
    use crate::step::environment::tightness;

    /// The baseline in which nobody wants more than at the start, and a lab that holds far less than what it serves with.
    const STILL: &[(&str, &str)] = &[
        ("enterprises.count", "60"),
        ("labs.anthropic.rented_h100e", "5e4"),
        ("mechanisms.cloud_expansion", "false"),
        ("mechanisms.adoption", "false"),
        ("mechanisms.spend_growth", "false"),
        ("mechanisms.applications", "false"),
        ("mechanisms.research", "false"),
        ("mechanisms.pricing", "false"),
        ("mechanisms.quality", "false"),
        ("mechanisms.build_out", "false"),
        ("mechanisms.commitments", "false"),
        ("mechanisms.hold_up", "false"),
        ("mechanisms.incidents", "false"),
        ("mechanisms.regulation", "false"),
        ("mechanisms.adaptation", "false"),
        ("demand.switching_cost", "30.0"),
        ("compute.rented_growth_per_year", "0.0"),
        ("compute.rented_fall_per_year", "0.0"),
        ("compute.first_rent_share", "0.0"),
        ("cloud_market.external_growth_per_year", "0.0"),
        ("cloud_market.expected_growth_per_year", "0.0"),
        ("environment.rental_trend_per_year", "0.0"),
    ];

    #[test]
    fn the_first_month_finds_the_clouds_as_the_start_left_them() {
        let set: Vec<(String, String)> = STILL.iter().map(|(k, v)| ((*k).to_string(), (*v).to_string())).collect();
        let scenario = Scenario::load("baseline", &set).unwrap_or_else(|faults| panic!("{}", faults[0]));
        let p = &scenario.parameters;
        let draws = Draws::new(7, 0);
        let mut world = World::default();
        step::start::start(&mut world, &Context::new(p, draws, p.month_before_start()));
        let anthropic = p.lab("anthropic").unwrap();
        assert!(world.labs.rented_h100e[anthropic] > 2e5, "{}", world.labs.rented_h100e[anthropic]);
        assert!(world.clouds.hosting_h100e.iter().sum::<f64>() > 1e4, "{:?}", world.clouds.hosting_h100e);
        for (k, cloud) in p.clouds.iter().enumerate() {
            let c = &world.clouds;
            let let_out = c.rented_to_labs_h100e[k] + c.hosting_h100e[k] + c.external_h100e[k];
            assert!((let_out / c.capacity_h100e[k] / cloud.values.utilisation - 1.0).abs() < 1e-12, "{}", cloud.id);
        }
        let cap = p.environment.tightness_cap;
        let (utilisation, tight) = (world.clouds.utilisation.clone(), tightness(&world, cap).unwrap());
        assert_eq!(tight, world.environment.tightness_start);
        let spot = world.environment.rental_spot_usd;
        let mut live = |month| {
            world.ledger.begin_step();
            step::advance(&mut world, &Context::new(p, draws, p.month_before_start().plus(month))).unwrap();
            (world.clouds.utilisation.clone(), tightness(&world, cap).unwrap(), world.environment.rental_spot_usd)
        };
        let (full, wanted, _) = live(1);
        for (k, (before, now)) in utilisation.iter().zip(&full).enumerate() {
            assert!((now - before).abs() < 0.002, "cloud {k}: {before} and {now}");
        }
        assert!((wanted - tight).abs() < 0.002, "{tight} and {wanted}");
        // What is wanted in the first month sets the rent of the second.
        let (_, _, rent) = live(2);
        assert!((rent / spot - 1.0).abs() < 0.005, "{spot} and {rent}");
    }
}
