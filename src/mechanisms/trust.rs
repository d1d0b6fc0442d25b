//! Trust (section 3.6), a Beta reputation (Jøsang and Ismail 2002) with forgetting.
//!
//! ```text
//! T = ceiling · (r + 1)/(r + n + 2);   r, n decay to `retention` of themselves a quarter
//! r += λ_r dt + audits;   n += w · severity/mean severity / (incidents a year expected of a lab of that usage at reference safety)
//! ```

use crate::table;

table! {
    /// Trust in a lab, by jurisdiction.
    pub struct Trust: Parameter {
        /// What is left of the evidence after a quarter.
        retention_per_quarter: f64 = 0.9, "fraction", [0.0, 1.0], Prior, "recovery takes far longer than the fall";
        /// Good evidence that accrues in a year without harm.
        good_evidence_per_year: f64 = 3.4, "1 per year", [0.0, 100.0], Derived, "so that trust is near 0.9 unharmed";
        /// Bad evidence of a year of incidents as expected.
        bad_evidence_weight: f64 = 4.0, "1", [0.0, 100.0], Prior, "3 to 5; gives a lab of reference safety the mean FLI grade";
        /// Good evidence of one year under audit with full readiness.
        audit_evidence_per_year: f64 = 0.8, "1 per year", [0.0, 100.0], Prior, "judgement";
        /// Loss of the ceiling of trust in a jurisdiction with whose values a lab's principles do not fit.
        value_misfit: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement";
    }
}
