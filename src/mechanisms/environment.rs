//! Funding climate, rental price of compute, political regimes (section 3.1 of the model).
//!
//! ```text
//! climate  three states, Markov: stays with `climate_persistence` a month
//! spot     R(t) = R0 · exp(trend · t + premium · (utilisation − target))   USD per H100e-hour
//! ```

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
