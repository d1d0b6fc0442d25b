//! Training, algorithmic efficiency, capability, spillover (section 3.3).
//!
//! ```text
//! candidate  ECI_ref + b·log10(D·A / (D·A)_ref) + noise       D training compute since the last release, FLOP
//! efficiency d ln A/dt = ln 2/(doubling/12) · (research / reference)^elasticity
//! spillover  dECI_j = λ · access_j · max(0, ECI_front − gap − ECI_j) dt
//! ```

use crate::table;

table! {
    /// Training, algorithmic efficiency and spillover.
    pub struct Research: Parameter {
        /// Gain of capability for ten times the effective compute.
        eci_per_decade: f64 = 13.5, "ECI per factor of 10", [0.0, 100.0], Fitted, "capability_eci 2024 to 2025; 12 to 15";
        /// Months in which algorithmic efficiency doubles at the frontier.
        efficiency_doubling_months: f64 = 8.0, "months", [1.0, 120.0], Prior, "5 to 14; Ho et al. (2024), Algorithmic progress in language models";
        /// Elasticity of algorithmic progress to research compute.
        research_elasticity: f64 = 0.3, "exponent", [0.0, 2.0], Prior, "diminishing returns in research compute; judgement";
        /// Growth of the research compute that the same progress takes.
        research_difficulty_per_year: f64 = 0.7, "ln per year", [0.0, 3.0], Prior, "Bloom et al. (2020), Are ideas getting harder to find?; judgement";
        /// Research compute that gives the doubling time at the end of 2025.
        research_reference_h100e: f64 = 250000.0, "H100e", [1.0, 1e9], Derived, "about a third of the R&D compute of the largest lab at the end of 2025";
        /// Luck of one training run.
        training_luck_eci: f64 = 1.5, "ECI, standard deviation", [0.0, 20.0], Prior, "scatter of releases about each lab's trend in capability_eci";
        /// Speed of spillover and distillation.
        spillover_per_year: f64 = 1.0, "1 per year", [0.0, 20.0], Prior, "0.5 to 2";
        /// Lead that spillover does not close.
        spillover_gap_eci: f64 = 4.0, "ECI", [0.0, 50.0], Prior, "2 to 8";
        /// Access of a lab with closed weights to what others know.
        access_closed: f64 = 0.3, "fraction", [0.0, 2.0], Prior, "0.3 for closed labs to 1 for open ones";
        /// Access of a lab with open weights.
        access_open: f64 = 1.0, "fraction", [0.0, 2.0], Prior, "0.3 for closed labs to 1 for open ones";
        /// Factor on access when the frontier model itself is open.
        access_open_frontier: f64 = 1.5, "ratio", [0.0, 5.0], Prior, "judgement: larger when the frontier is open";
    }
}
