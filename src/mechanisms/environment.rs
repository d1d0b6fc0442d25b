//! Funding climate, rental price of compute, political regimes (section 3.1 of the model).
//!
//! ```text
//! climate  three states, Markov: stays with `climate_persistence` a month
//! spot     R(t) = R0 · exp(trend · t + premium · (utilisation − target))   USD per H100e-hour
//! ```

use crate::math::{exp, pow};
use crate::table;

table! {
    /// Funding climate and rental price of compute.
    pub struct Environment: Parameter {
        /// Probability that the funding climate stays as it is for a month.
        climate_persistence: f64 = 0.965, "probability per month", [0.0, 1.0], Prior, "0.95 to 0.98; the data hold one boom";
        /// ln of the valuation multiple in a normal climate relative to a boom, in which the multiple was fitted.
        climate_multiple_normal: f64 = -0.2, "ln", [-3.0, 2.0], Prior, "judgement: median revenue multiples of private software fell by about half from 2021 to 2023";
        /// ln of the valuation multiple in a drought relative to a boom.
        climate_multiple_drought: f64 = -0.7, "ln", [-5.0, 2.0], Prior, "judgement: median revenue multiples of private software fell by about half from 2021 to 2023";
        /// Inflow to investors in a normal climate, relative to a boom.
        climate_inflow_normal: f64 = 0.6, "ratio", [0.0, 5.0], Prior, "judgement";
        /// Inflow to investors in a drought, relative to a boom.
        climate_inflow_drought: f64 = 0.25, "ratio", [0.0, 5.0], Prior, "judgement";
        /// Trend of the rental price of an H100e-hour.
        rental_trend_per_year: f64 = -0.33, "ln per year", [-3.0, 1.0], Fitted, "gpu_hour_price, spot and contract, 2023 to 2025; sd 0.10";
        /// Rise of the rental price when clouds are fuller than their target.
        rental_utilisation_premium: f64 = 1.5, "ln per unit of utilisation", [0.0, 20.0], Prior, "judgement; it has risen when supply is short";
    }
}

table! {
    /// State of the environment at the start.
    pub struct EnvironmentStart: Initial {
        /// Climate at the start: 0 drought, 1 normal, 2 boom.
        climate: u64 = 2, "state", [0.0, 2.0], Prior, "2025 was a boom: US private AI investment USD 285.9 bn";
        /// Spot price of an H100e-hour at the start.
        rental_spot_usd_per_h100e_hour: f64 = 2.0, "USD per H100e-hour", [0.01, 100.0], Fitted, "gpu_hour_price 2025-12-31 spot; 1.7 to 2.3";
        /// Price that labs pay under contract, as a ratio to the spot price.
        rental_contract_ratio: f64 = 0.75, "ratio", [0.05, 2.0], Derived, "contracts 1.5 (1.2 to 1.8) against spot 2.0; OpenAI's 2025 compute bill over its mean capacity is 1.46";
    }
}

/// Climate a step later: stays with probability `persistence` a month, else moves one state; from the middle up or down alike.
///
/// `u` uniform on (0, 1), `months` of the step. States: 0 drought, 1 normal, 2 boom.
pub fn next_climate(state: usize, persistence: f64, months: f64, u: f64) -> usize {
    let leave = 1.0 - pow(persistence, months);
    if u >= leave {
        return state;
    }
    match state {
        1 if u < leave / 2.0 => 0,
        1 => 2,
        _ => 1,
    }
}

/// Rental price of an H100e-hour: its trend, and a premium when clouds are fuller than their target.
pub fn rental_price(at_start: f64, trend: f64, years: f64, premium: f64, utilisation: f64, target: f64) -> f64 {
    at_start * exp(trend * years + premium * (utilisation - target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Purpose};

    #[test]
    fn in_the_long_run_half_of_all_months_are_normal() {
        // Balance of a chain that leaves the middle for either side at half the rate at which it returns.
        let draws = Draws::new(1, 0);
        let (mut state, mut months) = (2, [0.0; 3]);
        let n = 200_000;
        for m in 0..n {
            state = next_climate(state, 0.9, 1.0, draws.uniform(Purpose::Test, 0, 0, m));
            months[state] += 1.0 / f64::from(n);
        }
        assert!((months[1] - 0.5).abs() < 0.02 && (months[0] - 0.25).abs() < 0.02, "{months:?}");
    }

    #[test]
    fn the_rental_price_follows_its_trend_and_rises_when_supply_is_short() {
        assert!((rental_price(2.0, -0.33, 1.0, 1.5, 0.85, 0.85) - 2.0 * exp(-0.33)).abs() < 1e-12);
        assert!((rental_price(2.0, 0.0, 1.0, 1.5, 0.95, 0.85) / 2.0 - exp(0.15)).abs() < 1e-12);
    }
}
