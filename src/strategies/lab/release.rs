//! When a lab releases a model, and how safe it must be.

use crate::{strategy, table};

table! {
    /// Releases at a cadence.
    pub struct Cadence: Parameter {
        /// Months from one release to the next, at the soonest.
        months: f64 = 4.0, "months", [1.0, 60.0], Fitted, "capability_eci: releases of one lab are 2 to 6 months apart";
        /// Safety below which a model is held back and worked on.
        gate: f64 = 0.0, "fraction", [0.0, 1.0], Prior, "judgement: 0 for no gate";
        /// Least gain of capability that is worth a release.
        least_gain_eci: f64 = 1.0, "ECI", [0.0, 50.0], Prior, "judgement";
    }
}
table! {
    /// Releases in answer to a rival.
    pub struct Racing: Parameter {
        /// Months from one release to the next when nobody is ahead.
        months: f64 = 5.0, "months", [1.0, 60.0], Prior, "judgement";
        /// Months from one release to the next when a rival is ahead.
        behind_months: f64 = 2.5, "months", [1.0, 60.0], Prior, "judgement: o3 and GPT-5.2 followed rivals within weeks";
        /// Safety below which a model is held back and worked on.
        gate: f64 = 0.0, "fraction", [0.0, 1.0], Prior, "judgement: 0 for no gate";
    }
}

strategy! {
    /// When a model is released.
    pub enum Release {
        /// At a steady cadence.
        "cadence" => Cadence(Cadence),
        /// Sooner when a rival is ahead.
        "racing" => Racing(Racing),
    }
}

impl Release {
    /// Whether a candidate is due: months since the last release, gain over the deployed model and lead over the best rival, ECI.
    pub fn due(&self, months: f64, gain_eci: f64, lead_eci: f64) -> bool {
        match self {
            Release::Cadence(c) => months >= c.months && gain_eci >= c.least_gain_eci,
            Release::Racing(r) => months >= if lead_eci < 0.0 { r.behind_months } else { r.months } && gain_eci >= 1.0,
        }
    }
    /// Safety below which a candidate is held back.
    pub fn gate(&self) -> f64 {
        match self {
            Release::Cadence(c) => c.gate,
            Release::Racing(r) => r.gate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_racing_lab_answers_a_rival_sooner() {
        let racing = Release::Racing(Racing::default());
        assert!(!racing.due(3.0, 5.0, 1.0));
        assert!(racing.due(3.0, 5.0, -1.0));
    }

    #[test]
    fn no_model_is_released_that_is_no_better() {
        assert!(!Release::default().due(12.0, 0.0, 0.0));
    }
}
