//! Funding climate, rental price of compute (section 3.1 of the model).
//!
//! ```text
//! climate    three states, Markov: stays with `climate_persistence` a month; a normal one turns into a drought or a boom alike, either into a normal one
//! spot       R(t) = R0 · exp(trend · t + x)                                      USD per H100e-hour
//! premium    x' = (premium · (tightness − tightness_0) − x) / adjustment time       ln; 0 at the start
//! tightness  min(cap, Σ wanted / Σ capacity) over clouds; tightness_0 is that of the start, or the utilisation that clouds plan for where none stood
//! contract   R · ratio, the ratio of the start
//! chips, shell and power of an H100e fall on trends of their own
//! ```
//!
//! Political regimes stand under the regulators, whose stringency they move. The chain is that of Hamilton (1989), A new approach to
//! the economic analysis of nonstationary time series and the business cycle; the rental price is our own.
//!
//! Parameters: a multiple of `climate_multiple_normal` and `climate_multiple_drought` in ln, and an inflow of `climate_inflow_normal` and
//! `climate_inflow_drought`, against the boom; an event imposes `climate_imposed`; R0 `environment.start.rental_spot_usd_per_h100e_hour`,
//! trend `rental_trend_per_year`, premium `rental_utilisation_premium`, cap `tightness_cap`, ratio
//! `environment.start.rental_contract_ratio`; the trends of chips, shell and power are those of `compute`. The first climate is
//! `environment.start.climate`; the adjustment time is `rental_adjustment_months` over 12.

use crate::math::{exp, pow};
use crate::table;

/// States of the funding climate: drought, normal, boom.
pub const CLIMATES: usize = 3;
/// The normal climate.
pub const NORMAL: usize = 1;
/// Index of a drought among the climates.
pub const DROUGHT: usize = 0;
/// The boom, in which the multiple was fitted.
pub const BOOM: usize = 2;

table! {
    /// Funding climate and rental price of compute.
    pub struct Environment: Parameter {
        /// Probability that the funding climate stays as it is for a month.
        climate_persistence: f64 = 0.965, "probability per month", [0.0, 1.0], Prior, "0.95 to 0.98; the data hold one boom";
        /// Climate that an event imposes: 0 drought, 1 normal, 2 boom; 3 for none, it takes its own course.
        climate_imposed: u64 = 3, "state", [0.0, 3.0], Setting, "set by events";
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
        /// Rise of the rental price when tenants want more of the capacity than at the start.
        rental_utilisation_premium: f64 = 2.5, "ln per unit of demand over capacity", [0.0, 20.0], Prior, "judgement; it has risen when supply is short";
        /// Time constant with which the rental price follows the tightness of the market; 0 for at once.
        rental_adjustment_months: f64 = 3.0, "months", [0.0, 60.0], Prior, "judgement: an hour of an H100 fell from about 6 to 3 USD between mid-2024 and October (gpu_hour_price), and contracts reprice as they end";
        /// Demand over capacity beyond which the rental price rises no further.
        tightness_cap: f64 = 1.25, "demand over capacity", [0.1, 10.0], Prior, "judgement: whoever wants more than a quarter above all there is gets it at no price";
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

impl Environment {
    /// ln of the valuation multiple in a climate, relative to a boom.
    pub fn climate_multiple(&self, climate: usize) -> f64 {
        match climate {
            0 => self.climate_multiple_drought,
            NORMAL => self.climate_multiple_normal,
            _ => 0.0,
        }
    }
    /// Inflow to investors in a climate, relative to a boom.
    pub fn climate_inflow(&self, climate: usize) -> f64 {
        match climate {
            0 => self.climate_inflow_drought,
            NORMAL => self.climate_inflow_normal,
            _ => 1.0,
        }
    }
}

/// The climate after `months`: it stays with probability `persistence`^`months`; a normal climate turns into a
/// drought or a boom with equal chance, and either of these into a normal one. `u` is uniform on (0, 1).
pub fn next_climate(climate: usize, persistence: f64, months: f64, u: f64) -> usize {
    let stay = pow(persistence, months);
    if u < stay {
        climate
    } else if climate != NORMAL {
        NORMAL
    } else if u < stay + 0.5 * (1.0 - stay) {
        0
    } else {
        BOOM
    }
}

/// Spot price of an H100e-hour, USD: `r0` USD at the start, `trend` in ln per year over `years`, and the `premium` over it in ln.
pub fn rental_price(r0: f64, trend: f64, years: f64, premium: f64) -> f64 {
    r0 * exp(trend * years + premium)
}

/// Premium of the rental price in ln after `dt` years of moving toward its `aim` with a time constant of so many months; at once where that is 0.
pub fn premium_after(premium: f64, aim: f64, months: f64, dt: f64) -> f64 {
    if months > 0.0 { aim + (premium - aim) * exp(-12.0 * dt / months) } else { aim }
}

/// A price on its trend: `start` times e to the power of `trend` (ln per year) over `years`.
pub fn on_trend(start: f64, trend: f64, years: f64) -> f64 {
    start * exp(trend * years)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Purpose};

    #[test]
    fn the_climate_is_normal_half_of_the_time_and_each_extreme_a_quarter() {
        // Detailed balance: pi_normal · (1 − s)/2 = pi_extreme · (1 − s).
        let draws = Draws::new(3, 0);
        let (mut climate, n) = (NORMAL, 400_000);
        let mut seen = [0.0; CLIMATES];
        for i in 0..n {
            climate = next_climate(climate, 0.8, 1.0, draws.uniform(Purpose::Test, 0, 0, i));
            seen[climate] += 1.0 / f64::from(n);
        }
        for (share, expected) in seen.into_iter().zip([0.25, 0.5, 0.25]) {
            assert!((share - expected).abs() < 0.01, "{seen:?}");
        }
    }

    #[test]
    fn a_climate_that_persists_for_certain_never_turns() {
        for climate in 0..CLIMATES {
            assert_eq!(next_climate(climate, 1.0, 1.0, 0.999_999), climate);
        }
        assert_eq!(next_climate(0, 0.0, 1.0, 0.5), NORMAL);
        assert_eq!(next_climate(BOOM, 0.0, 1.0, 0.5), NORMAL);
    }

    #[test]
    fn compute_at_its_target_utilisation_follows_the_trend_alone() {
        let price = rental_price(2.0, -0.33, 3.0, 0.0);
        assert!((price - 2.0 * exp(-0.99)).abs() < 1e-12);
        assert_eq!(price, on_trend(2.0, -0.33, 3.0));
    }

    #[test]
    fn full_clouds_raise_the_price_by_the_premium() {
        let ratio = rental_price(2.0, -0.33, 1.0, 1.5 * (0.95 - 0.85)) / rental_price(2.0, -0.33, 1.0, 0.0);
        assert!((ratio - exp(0.15)).abs() < 1e-12);
    }

    #[test]
    fn a_premium_comes_near_its_aim_by_a_factor_of_e_in_its_time_and_at_once_in_none() {
        let mut premium = 0.0;
        for _ in 0..6 {
            premium = premium_after(premium, 0.4, 3.0, 0.5 / 12.0);
        }
        assert!((premium - 0.4 * (1.0 - exp(-1.0))).abs() < 1e-12);
        assert_eq!(premium_after(0.1, 0.4, 0.0, 1.0 / 12.0), 0.4);
    }
}
