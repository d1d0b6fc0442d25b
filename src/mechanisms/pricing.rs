//! Serving cost, price and markup (section 3.9).
//!
//! ```text
//! ln c = c0 − ρ·t + θ·(ECI − 130)/10         USD per million tokens
//! p = c·(1 + markup)
//! ```

use crate::table;

table! {
    /// Serving cost and price.
    pub struct Pricing: Parameter {
        /// Fall of serving cost at fixed quality.
        cost_fall_per_year: f64 = 2.6, "ln per year", [0.0, 20.0], Fitted, "46 list prices, 2023 to 2025; 2.6 (0.6)";
        /// Rise of serving cost with capability.
        cost_per_capability: f64 = 1.7, "ln per 10 ECI", [0.0, 20.0], Fitted, "46 list prices, 2023 to 2025; 1.7 (0.4)";
        /// Share of serving cost that is compute.
        compute_share: f64 = 0.85, "fraction", [0.01, 1.0], Prior, "the rest is bandwidth, storage, support and payment fees";
        /// Price of the light tier relative to the frontier tier.
        light_price_ratio: f64 = 0.2, "ratio", [0.001, 1.0], Fitted, "price_input: GPT-5 mini to GPT-5 0.2, Haiku 4.5 to Opus 4.5 0.2, Gemini Flash to Pro 0.24";
        /// Capability of the light tier below the frontier tier.
        light_gap_eci: f64 = 8.0, "ECI", [0.0, 60.0], Prior, "capability_eci of small models a generation behind";
        /// Speed at which a markup moves to its aim.
        adjustment_per_year: f64 = 2.0, "1 per year", [0.0, 12.0], Prior, "list prices change about twice a year";
        /// Least markup that a lab keeps for long.
        markup_floor: f64 = -0.5, "ratio", [-0.99, 10.0], Fitted, "gross_margin -0.94 (Anthropic 2024)";
        /// Greatest markup.
        markup_cap: f64 = 3.0, "ratio", [-0.9, 100.0], Prior, "a margin of 0.75; with price_weight near 0.5 an unconstrained optimum runs away";
    }
}
