//! The funding climate shifts, and compute changes its price (section 3.1).

use crate::math::exp;
use crate::mechanisms::environment::{next_climate, rental_price};
use crate::random::Purpose;
use crate::step::Context;
use crate::world::World;

/// Moves climate, prices of compute and chips, and the clock of the run.
pub fn shift(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let e = &mut world.environment;
    e.years += ctx.dt;
    if p.mechanisms.funding_climate {
        let u = ctx.draws.uniform(Purpose::Climate, 0, 0, ctx.month.0);
        e.climate = next_climate(e.climate, p.environment.climate_persistence, ctx.dt * 12.0, u);
    }
    e.chip_price_usd *= exp(p.compute.chip_price_trend_per_year * ctx.dt);
    if p.mechanisms.rental_price {
        let c = &world.clouds;
        let all: f64 = c.capacity_h100e.iter().sum();
        let used: f64 = c.capacity_h100e.iter().zip(&c.utilisation).map(|(k, u)| k * u).sum();
        let utilisation = if all > 0.0 { used / all } else { p.cloud_market.utilisation_target };
        // The premium of the start is part of the price of the start.
        if world.step == 0 {
            e.utilisation_start = utilisation;
        }
        let start = &p.environment_start;
        e.rental_spot_usd = rental_price(
            start.rental_spot_usd_per_h100e_hour,
            p.environment.rental_trend_per_year,
            e.years,
            p.environment.rental_utilisation_premium,
            utilisation,
            e.utilisation_start,
        );
        e.rental_contract_usd = e.rental_spot_usd * start.rental_contract_ratio;
        e.rental_trend_usd *= exp(p.environment.rental_trend_per_year * ctx.dt);
    }
}
