//! When a lab releases a model, and how safe it must be.

use crate::{strategy, table};

table! {
    /// Releases at a cadence.
    pub struct Cadence: Parameter {
        /// Months from one release to the next, at the soonest.
        months: f64 = 4.0, "months", [1.0, 60.0], Fitted, "capability_eci 2024 to 2025: eight labs improved on their best model by 1 ECI 2.6 times a year each, and so do runs";
        /// Safety below which a model is held back and worked on.
        gate: f64 = 0.0, "fraction", [0.0, 1.0], Prior, "judgement: 0 for no gate";
        /// Least gain of capability that is worth a release.
        least_gain_eci: f64 = 1.0, "ECI", [0.0, 50.0], Prior, "judgement";
    }
}
/// Gain that a racing lab releases for, ECI: the least that `Cadence` asks by default.
const RACING_LEAST_GAIN_ECI: f64 = 1.0;

table! {
    /// Releases in answer to a rival.
    pub struct Racing: Parameter {
        /// Months from one release to the next when nobody is ahead.
        months: f64 = 4.0, "months", [1.0, 60.0], Fitted, "capability_eci 2024 to 2025: as the cadence";
        /// Months from one release to the next when a rival is ahead.
        behind_months: f64 = 2.5, "months", [1.0, 60.0], Fitted, "capability_eci 2024 to 2025: as the cadence; o3 and GPT-5.2 followed rivals within weeks";
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
    /// Months from the start of a training run to its release, at the soonest; `lead_eci` is the lead over the best rival, ECI.
    pub fn interval_months(&self, lead_eci: f64) -> f64 {
        match self {
            Release::Cadence(c) => c.months,
            Release::Racing(r) if lead_eci < 0.0 => r.behind_months,
            Release::Racing(r) => r.months,
        }
    }
    /// Gain over the deployed model, ECI, below which a candidate is not released.
    pub fn least_gain_eci(&self) -> f64 {
        match self {
            Release::Cadence(c) => c.least_gain_eci,
            Release::Racing(_) => RACING_LEAST_GAIN_ECI,
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
        assert!(racing.interval_months(-1.0) < racing.interval_months(1.0));
    }

    #[test]
    fn no_model_is_released_that_is_no_better() {
        for release in [Release::default(), Release::Racing(Racing::default())] {
            assert!(release.least_gain_eci() > 0.0);
        }
    }
}
