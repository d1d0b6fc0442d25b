//! Antitrust (section 3.12): cases against a lab that dominates a jurisdiction, and their remedy.
//!
//! ```text
//! hazard of a case = h·posture  while share > threshold        per year
//! a case ends after its months; with probability f the lab is found against:
//!   a fine, and for some years its customers can leave at κ·(1 − cut)        interoperability and portability of data
//! ```
//!
//! Dominance is presumed above half of a market (Court of Justice, C-62/86, AKZO v Commission, 1991). The remedy is that of
//! United States v. Google (2025) and of article 6 of Regulation (EU) 2022/1925, the Digital Markets Act: data that can be
//! moved, interfaces that others may use. Breaking a firm up is rare and left out.
//!
//! Parameters: threshold `share_threshold` of enterprise spend in the jurisdiction, h `hazard_per_year`, months `case_months`, f `finding`,
//! fine `fine_share` of the run-rate, cut `interoperability`, for `remedy_months`; κ is `demand.switching_cost`. There is one case
//! at a time, and none while a remedy holds.

use crate::table;

table! {
    /// Antitrust.
    pub struct Antitrust: Parameter {
        /// Share of a jurisdiction's enterprise spend above which a lab can be a case.
        share_threshold: f64 = 0.5, "fraction", [0.0, 1.0], Derived, "Court of Justice, C-62/86, AKZO v Commission (1991)";
        /// Hazard of a case above it, under a responsive regulator.
        hazard_per_year: f64 = 0.2, "1 per year", [0.0, 10.0], Prior, "judgement: Google dominated search for some ten years before each of its cases";
        /// Months from complaint to decision.
        case_months: f64 = 45.0, "months", [1.0, 240.0], Prior, "United States v. Google: complaint 2020-10, finding 2024-08";
        /// Chance that the lab is found against.
        finding: f64 = 0.6, "probability", [0.0, 1.0], Prior, "judgement";
        /// Fine, as a share of yearly revenue.
        fine_share: f64 = 0.03, "fraction of revenue", [0.0, 0.1], Prior, "Regulation (EC) 1/2003, article 23: up to 10%; usual fines are far lower";
        /// Part of the switching cost of its customers that the remedy takes away.
        interoperability: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement, wide";
        /// Months for which the remedy holds.
        remedy_months: f64 = 72.0, "months", [1.0, 480.0], Prior, "United States v. Google (2025): six years";
    }
}

/// Hazard of a case, per year.
pub fn case_hazard(share: f64, threshold: f64, hazard: f64, posture: f64) -> f64 {
    if share > threshold { hazard * posture } else { 0.0 }
}

/// Switching cost under a remedy that takes a part of it away.
pub fn opened(switching_cost: f64, interoperability: f64) -> f64 {
    switching_cost * (1.0 - interoperability)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_below_the_threshold_is_no_case() {
        assert_eq!(case_hazard(0.5, 0.5, 0.2, 1.0), 0.0);
        assert_eq!(case_hazard(0.51, 0.5, 0.2, 0.5), 0.1);
    }

    #[test]
    fn full_interoperability_makes_leaving_free_and_none_changes_nothing() {
        assert_eq!(opened(4.0, 1.0), 0.0);
        assert_eq!(opened(4.0, 0.0), 4.0);
    }
}
