//! Investors follow the forecast that has done better, and tenders mark prices between rounds (section 3.13).

use crate::math::exp;
use crate::mechanisms::forecasts::{factor, gap_after};
use crate::step::Context;
use crate::step::capital::book;
use crate::world::World;

/// Scores both forecasts of the growth that was seen this step, over labs by value, and moves each kind's fitness gap and weight. Needs the
/// growth seen, and expectations and trends as they stood before it.
pub fn score(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let f = &p.forecasts;
    let (mut fundamental, mut extrapolative, mut weight) = (0.0, 0.0, 0.0);
    for i in (0..world.dims.labs).filter(|&i| world.labs.alive[i] && !world.labs.division[i]) {
        let value = world.labs.valuation_usd[i];
        let seen = world.investors.growth_seen[i];
        fundamental += value * (seen - world.labs.expected_growth[i]) * (seen - world.labs.expected_growth[i]);
        extrapolative += value * (seen - world.capital.growth_trend[i]) * (seen - world.capital.growth_trend[i]);
        weight += value;
    }
    if weight > 0.0 {
        for (k, agent) in p.investors.iter().enumerate() {
            let memory = f.memory_share * agent.values.horizon_years;
            let gap = &mut world.capital.fitness_gap[k];
            *gap = gap_after(*gap, fundamental / weight, extrapolative / weight, memory, ctx.dt);
        }
    }
    for k in 0..world.dims.kinds {
        world.investors.extrapolation[k] = extrapolation(world, ctx, k);
    }
    let kept = exp(-ctx.dt / f.smoothing_years);
    for (trend, seen) in world.capital.growth_trend.iter_mut().zip(&world.investors.growth_seen) {
        *trend = seen + (*trend - seen) * kept;
    }
}

/// Weight that a kind gives the surprise of growth.
pub fn extrapolation(world: &World, ctx: &Context, kind: usize) -> f64 {
    let p = ctx.parameters;
    let own = p.investors[kind].values.extrapolation;
    if p.mechanisms.forecast_switching {
        own * factor(p.forecasts.intensity, world.capital.fitness_gap[kind])
    } else {
        own
    }
}

/// A tender: every few months staff offer a little, the book takes it from the highest valuation down, and its last buyer marks the price. The money is
/// too little to matter and is not moved; a listed lab's price is its value.
pub fn tender(world: &mut World, ctx: &Context) {
    for i in 0..world.dims.labs {
        if !world.labs.alive[i] || world.labs.division[i] {
            world.capital.secondary_price_usd[i] = 0.0;
            continue;
        }
        if world.capital.listed[i] {
            world.capital.secondary_price_usd[i] = world.labs.valuation_usd[i];
            continue;
        }
        world.capital.months_since_tender[i] += 12.0 * ctx.dt;
        if world.capital.months_since_tender[i] < ctx.parameters.forecasts.tender_months {
            continue;
        }
        world.capital.months_since_tender[i] = 0.0;
        let price = book::price_of_share(world, ctx, i, ctx.parameters.rounds.secondary_share);
        world.capital.secondary_price_usd[i] = price.unwrap_or(0.0);
    }
}
