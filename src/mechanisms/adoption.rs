//! Adoption of a workload (section 3.8), a hazard after Bass (1969), each workload on its own
//! exponential clock.
//!
//! ```text
//! h_g = p + q·F_g + γ·max(0, ln(p_ref/p̄))      1/yr;   a workload adopts when ∫h_g exceeds its Exp(1) draw
//! ```

use crate::table;

table! {
    /// When a workload adopts.
    pub struct Adoption: Parameter {
        /// Hazard without peers.
        innovation_per_year: f64 = 0.03, "1 per year", [0.0, 10.0], Fitted, "0.03 (0.03); enterprise_adoption_any_ai";
        /// Hazard when all peers have adopted.
        imitation_per_year: f64 = 0.4, "1 per year", [0.0, 10.0], Fitted, "0.4 (0.15); enterprise_adoption_any_ai";
        /// Rise of the hazard with the fall of ln price.
        price_effect_per_year: f64 = 0.1, "1 per year per ln", [0.0, 5.0], Prior, "0 to 0.2";
        /// Share of firms that are tech-forward.
        tech_forward_share: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement; Rogers (1962): 16% early adopters, 34% early majority";
        /// Hazard of tech-forward firms relative to the mean of all.
        tech_forward_factor: f64 = 1.8, "ratio", [1.0, 10.0], Prior, "judgement";
    }
}
