//! Regulators (section 3.12): stringency, audits, compliance cost, fines, exclusion of one lab.
//!
//! ```text
//! stringency' = a·salience·(1 − stringency) − b·lobbying·influence·stringency + regime drift      per year
//! audits in force where stringency > threshold; delay = d0·(1 − readiness)
//! ```

use crate::table;

table! {
    /// Regulation.
    pub struct Regulation: Parameter {
        /// Rise of stringency with salience.
        salience_response_per_year: f64 = 0.5, "1 per year", [0.0, 10.0], Prior, "a; wide";
        /// Fall of stringency with lobbying.
        lobbying_response_per_year: f64 = 0.3, "1 per year", [0.0, 10.0], Prior, "b; wide";
        /// sd of the drift of a political regime.
        regime_drift_sd: f64 = 0.1, "1 per year", [0.0, 5.0], Prior, "wide";
        /// Stringency above which audits are mandatory.
        audit_threshold: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement: the EU's rules for general-purpose models at the end of 2025";
        /// Delay of a release under audit for a lab that is not ready.
        audit_delay_months: f64 = 6.0, "months", [0.0, 60.0], Prior, "d0; wide";
        /// Cost of compliance, as a share of revenue in the jurisdiction, for a lab that is not ready.
        compliance_share: f64 = 0.03, "fraction of revenue", [0.0, 1.0], Prior, "judgement";
        /// Part of that cost that a ready and safe lab saves.
        readiness_saving: f64 = 0.7, "fraction", [0.0, 1.0], Prior, "judgement: the moat";
        /// Cost that the buyer bears in a regulated sector under audits.
        buyer_compliance: f64 = 0.3, "utility", [0.0, 5.0], Prior, "0 to 1";
        /// Fines upon one lab in one jurisdiction of full stringency.
        fine_hazard_per_year: f64 = 0.1, "1 per year", [0.0, 10.0], Prior, "about 0.1 per year for bans and fines";
        /// Fine as a share of yearly revenue.
        fine_share: f64 = 0.03, "fraction of revenue", [0.0, 1.0], Derived, "Regulation (EU) 2024/1689, article 101: 3% or EUR 15 million, the greater";
        /// Least fine.
        fine_floor_usd: f64 = 17.55e6, "USD", [0.0, 1e12], Derived, "EUR 15 million at 1.17 USD";
        /// Fall of salience.
        salience_decay_per_year: f64 = 1.4, "1 per year", [0.0, 50.0], Prior, "half-life of half a year; Downs (1972), Up and down with ecology";
        /// Shape of the gamma distribution of each lab's hazard of targeted political action.
        targeted_shape: f64 = 0.5, "1", [0.01, 100.0], Prior, "Gamma(0.5, rate 18 yr): mean 0.028 per year";
        /// Rate of that distribution.
        targeted_rate_years: f64 = 18.0, "years", [0.01, 1e6], Prior, "Gamma(0.5, rate 18 yr): mean 0.028 per year";
        /// Mean months for which a targeted lab is excluded from public buyers.
        targeted_months: f64 = 12.0, "months", [1.0, 240.0], Prior, "judgement";
        /// Yearly hazard of losing a vendor to an exclusion that buyers anticipate, per unit of the lab's hazard.
        anticipation: f64 = 1.0, "ratio", [0.0, 10.0], Prior, "1: rational expectations";
    }
}
