//! Incidents (section 3.5): a Poisson process that may excite itself (Hawkes 1971).
//!
//! ```text
//! rate_j = λ0 · usage_j^u · exp(−c·(safety_j − reference))   + excitation     per year
//! ```

use crate::table;

table! {
    /// Rate, severity and effects of incidents.
    pub struct Incidents: Parameter {
        /// Incidents of all labs together in a year, at the usage and safety of the start.
        rate_per_year: f64 = 90.0, "incidents per year", [0.0, 1e5], Derived, "ai_incidents_per_year 362 in 2025, of which 10 to 40% are a lab's (36 to 145)";
        /// Exponent of usage.
        usage_exponent: f64 = 0.35, "exponent", [0.0, 2.0], Fitted, "recorded incidents against usage 2022 to 2025";
        /// Fall of the rate with safety.
        safety_effect: f64 = 3.0, "ln per unit of safety", [0.0, 20.0], Prior, "3 (1)";
        /// Further incidents that one incident sets off anywhere in the industry.
        branching: f64 = 0.2, "incidents per incident", [0.0, 0.95], Prior, "0.1 to 0.4";
        /// Decay of that excitation.
        excitation_decay_per_year: f64 = 12.0, "1 per year", [0.1, 365.0], Prior, "about a month; judgement";
        /// sd of ln severity.
        severity_sd: f64 = 1.2, "ln", [0.0, 4.0], Prior, "heavy-tailed; judgement";
        /// Share of the workloads of the hit sector whose contract is reopened by an incident of median severity.
        churn_share: f64 = 0.002, "fraction", [0.0, 1.0], Prior, "observed effects are small on average and large in the tail";
        /// Cost to the lab of an incident of median severity, for each USD of its yearly revenue.
        liability_share: f64 = 0.00005, "fraction of run-rate", [0.0, 1.0], Prior, "settlements are rare; Bartz v. Anthropic USD 1.5 bn is the tail";
        /// Rise of public salience with an incident of median severity.
        salience: f64 = 0.002, "fraction", [0.0, 1.0], Prior, "judgement";
    }
}
