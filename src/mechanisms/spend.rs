//! Spend of a workload that has adopted (section 3.8).
//!
//! ```text
//! x = S_w·weight·(1 + tenure)^θ_x · exp(ψ(ECI_j − ECI_0)) · (p_j/p_ref)^(1−ε) · N(t)
//! d ln N/dt = g·exp(−(t − 2025)/τ_g);   the market total saturates: X = Y/(1 + Y/ceiling)
//! ```

use crate::table;

table! {
    /// What a workload spends.
    pub struct Spend: Parameter {
        /// Exponent of tenure.
        tenure_exponent: f64 = 0.5, "exponent", [0.0, 5.0], Prior, "0.5 (0.3)";
        /// Growth of spend with capability.
        capability_effect: f64 = 0.05, "ln per ECI", [0.0, 1.0], Prior, "0.05 (0.02)";
        /// Elasticity of usage to price.
        usage_elasticity: f64 = 0.9, "elasticity", [0.0, 5.0], Prior, "0.05 to 1.7, the data disagree; OpenRouter 0.06";
        /// Growth by new uses and agents at the start of 2025.
        new_uses_per_year: f64 = 0.8, "ln per year", [0.0, 5.0], Fitted, "API spend grew 1.75 ln per year in the first half of 2025, of which adoption and intensity explain 0.8 to 1.1";
        /// Time in which that growth fades.
        new_uses_fading_years: f64 = 3.0, "years", [0.1, 100.0], Prior, "judgement";
        /// Spend at which enterprise demand saturates.
        ceiling_usd_per_year: f64 = 6.0e11, "USD per year", [1e6, 1e15], Prior, "judgement: about an eighth of the wages of knowledge workers in the Global 2000; software spend of all firms is about 1.2e12";
        /// sd of ln spend per firm across firms.
        size_sd: f64 = 2.1, "ln, standard deviation", [0.0, 5.0], Fitted, "ai_spend_per_employee_month across Ramp firms";
        /// Weight of the market's mean spend that other business follows in its own growth.
        other_business_growth_factor: f64 = 0.75, "ratio", [0.0, 3.0], Prior, "small firms and seats grow slower than API spend: seats and apps 2025";
    }
}
