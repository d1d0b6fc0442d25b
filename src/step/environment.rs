//! The environment shifts: funding climate, rental price of compute, price of chips (section 3.1).

use crate::mechanisms::environment::{CLIMATES, next_climate, on_trend, premium_after, rental_price};
use crate::random::Purpose;
use crate::step::Context;
use crate::world::World;

/// Moves the environment to the end of the step.
pub fn shift(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    world.environment.years += ctx.dt;
    let years = world.environment.years;
    if p.mechanisms.funding_climate {
        let u = ctx.draws.uniform(Purpose::Climate, 0, 0, ctx.month.0);
        let persistence = p.environment.climate_persistence;
        world.environment.climate = next_climate(world.environment.climate, persistence, 12.0 * ctx.dt, u);
    }
    if p.environment.climate_imposed < CLIMATES as u64 {
        world.environment.climate = p.environment.climate_imposed as usize;
    }
    if p.mechanisms.rental_price {
        // The price of the start already carries the tightness of the start.
        let reference = world.environment.tightness_start;
        let target = if reference > 0.0 { reference } else { p.cloud_market.utilisation_target };
        let seen = tightness(world, p.environment.tightness_cap).unwrap_or(target);
        let premium = premium_after(
            world.environment.rental_premium,
            p.environment.rental_utilisation_premium * (seen - target),
            p.environment.rental_adjustment_months,
            ctx.dt,
        );
        world.environment.rental_premium = premium;
        let start = p.environment_start.rental_spot_usd_per_h100e_hour;
        let spot = rental_price(start, p.environment.rental_trend_per_year, years, premium);
        world.environment.rental_spot_usd = spot;
        world.environment.rental_contract_usd = spot * p.environment_start.rental_contract_ratio;
        world.environment.rental_trend_usd *= on_trend(1.0, p.environment.rental_trend_per_year, ctx.dt);
    }
    // Chips that do more per watt need less shell and power for one H100e.
    let efficiency = on_trend(1.0, p.compute.energy_trend_per_year, years);
    world.environment.shell_price_usd = p.compute.shell_price_usd_per_h100e * efficiency;
    world.environment.power_usd_per_hour = p.compute.power_usd_per_h100e_hour * efficiency;
    world.environment.chip_price_usd =
        on_trend(p.compute.chip_price_usd_per_h100e, p.compute.chip_price_trend_per_year, years);
}

/// What tenants want over the capacity of all clouds, at most `cap`; `None` where there is none.
pub fn tightness(world: &World, cap: f64) -> Option<f64> {
    let capacity: f64 = world.clouds.capacity_h100e.iter().sum();
    let wanted: f64 = world.clouds.wanted_h100e.iter().sum();
    (capacity > 0.0).then(|| (wanted / capacity).min(cap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::exp;
    use crate::random::Draws;
    use crate::scenario::Parameters;
    use crate::units::Month;

    fn live(p: &Parameters, steps: i32) -> World {
        let mut world = World::default();
        world.environment.climate = 2;
        world.environment.rental_spot_usd = 2.0;
        world.environment.rental_contract_usd = 1.5;
        world.clouds.capacity_h100e = vec![1e6, 3e6];
        world.clouds.wanted_h100e = vec![0.85e6, 2.55e6];
        for i in 0..steps {
            shift(&mut world, &Context::new(p, Draws::new(1, 0), Month::new(2026, 1).plus(i)));
        }
        world
    }

    #[test]
    fn compute_gets_cheaper_by_its_trend_when_clouds_are_as_full_as_planned() {
        let world = live(&Parameters::default(), 24);
        assert!((world.environment.years - 2.0).abs() < 1e-12);
        assert!((world.environment.rental_spot_usd / (2.0 * exp(-0.66)) - 1.0).abs() < 1e-9);
        assert!((world.environment.rental_contract_usd / world.environment.rental_spot_usd - 0.75).abs() < 1e-12);
        assert!((world.environment.chip_price_usd / (25_000.0 * exp(-0.6)) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn an_event_imposes_a_climate_and_chance_goes_on_from_there() {
        let mut p = Parameters::default();
        p.environment.climate_imposed = 0;
        p.environment.climate_persistence = 1.0;
        let mut world = live(&p, 1);
        assert_eq!(world.environment.climate, 0);
        p.environment.climate_imposed = 3;
        shift(&mut world, &Context::new(&p, Draws::new(1, 0), Month::new(2026, 2)));
        assert_eq!(world.environment.climate, 0);
    }

    #[test]
    fn with_its_switches_off_the_environment_stays_as_at_the_start() {
        let mut p = Parameters::default();
        p.mechanisms.funding_climate = false;
        p.mechanisms.rental_price = false;
        p.environment.climate_persistence = 0.0;
        let world = live(&p, 12);
        assert_eq!(world.environment.climate, 2);
        assert_eq!(world.environment.rental_spot_usd, 2.0);
        assert_eq!(world.environment.rental_contract_usd, 1.5);
    }

    #[test]
    fn the_rental_price_follows_a_shortage_with_its_time_constant() {
        let premium = |months: f64, steps: i32| {
            let mut p = Parameters::default();
            p.environment.rental_adjustment_months = months;
            let mut world = live(&p, 0);
            world.clouds.wanted_h100e = vec![0.95e6, 2.85e6];
            for i in 0..steps {
                shift(&mut world, &Context::new(&p, Draws::new(1, 0), Month::new(2026, 1).plus(i)));
            }
            let trend = exp(p.environment.rental_trend_per_year * world.environment.years);
            crate::math::ln(world.environment.rental_spot_usd / (2.0 * trend))
        };
        let whole = 2.5 * (0.95 - 0.85);
        assert!((premium(0.0, 1) - whole).abs() < 1e-12);
        assert!((premium(3.0, 1) - whole * (1.0 - exp(-1.0 / 3.0))).abs() < 1e-12);
        assert!((premium(3.0, 6) - whole * (1.0 - exp(-2.0))).abs() < 1e-12);
    }

    #[test]
    fn beyond_the_cap_more_demand_raises_the_rental_price_no_further() {
        let price = |wanted: f64, cap: f64| {
            let mut p = Parameters::default();
            p.environment.tightness_cap = cap;
            p.environment.rental_adjustment_months = 0.0;
            let mut world = live(&p, 0);
            world.clouds.wanted_h100e = vec![wanted, 0.0];
            shift(&mut world, &Context::new(&p, Draws::new(1, 0), Month::new(2026, 1)));
            world.environment.rental_spot_usd
        };
        assert_eq!(price(6e6, 1.25), price(5e6, 1.25));
        assert!(price(6e6, 2.0) > price(5e6, 2.0));
    }
}
