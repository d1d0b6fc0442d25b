//! Regulators (section 3.12): stringency, audits, compliance cost, fines, exclusion of one lab.
//!
//! ```text
//! stringency' = a·salience·(1 − stringency) − b·lobbying·influence·stringency + regime drift      per year
//! audits in force where stringency > threshold; delay = d0·(1 − readiness)
//! ```

use crate::math::exp;
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

/// How a posture changes the response to salience (a), to lobbying (b), and the drift of the rules, 1 per year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// Factor on the response to salience.
    pub salience: f64,
    /// Factor on the response to lobbying.
    pub lobbying: f64,
    /// Added to the drift.
    pub drift_per_year: f64,
    /// Factor on the hazard of targeted political action.
    pub targeting: f64,
}

/// Stringency after `dt` years of rising with salience and falling with lobbying, at constant rates: the exact solution of
/// s' = rise·(1 − s) − fall·s, with drift added and the result kept within 0 and 1.
pub fn next_stringency(stringency: f64, rise: f64, fall: f64, drift: f64, dt: f64) -> f64 {
    let rate = rise + fall;
    let s = if rate > 0.0 {
        let rest = rise / rate;
        rest + (stringency - rest) * exp(-rate * dt)
    } else {
        stringency
    };
    (s + drift * dt).clamp(0.0, 1.0)
}

/// Share of revenue in a jurisdiction that compliance costs.
pub fn compliance_share(share: f64, stringency: f64, saving: f64, readiness: f64, safety: f64) -> f64 {
    share * stringency * (1.0 - saving * readiness * safety)
}

/// A fine: a share of yearly revenue or the floor, the greater.
pub fn fine_usd(run_rate_usd: f64, share: f64, floor_usd: f64) -> f64 {
    (share * run_rate_usd).max(floor_usd)
}

/// Probability that a hazard strikes within `dt` years.
pub fn strikes(hazard_per_year: f64, dt: f64) -> f64 {
    1.0 - exp(-hazard_per_year * dt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stringency_without_lobbying_follows_its_closed_form() {
        let (s0, a) = (0.2, 0.5 * 0.4);
        let mut s = s0;
        for _ in 0..24 {
            s = next_stringency(s, a, 0.0, 0.0, 1.0 / 12.0);
        }
        assert!((s - (1.0 - (1.0 - s0) * (-a * 2.0f64).exp())).abs() < 1e-12);
    }

    #[test]
    fn lobbying_lowers_where_stringency_settles() {
        let settle = |fall| (0..5000).fold(0.5, |s, _| next_stringency(s, 0.2, fall, 0.0, 1.0 / 12.0));
        assert!((settle(0.2) - 0.5).abs() < 1e-9);
        assert!(settle(0.6) < settle(0.2));
    }

    #[test]
    fn the_greater_of_share_and_floor_is_due() {
        assert_eq!(fine_usd(1e9, 0.03, 17.55e6), 30e6);
        assert_eq!(fine_usd(1e8, 0.03, 17.55e6), 17.55e6);
    }

    #[test]
    fn a_ready_and_safe_lab_pays_less_for_compliance_and_never_less_than_nothing() {
        assert!(compliance_share(0.03, 1.0, 0.7, 1.0, 0.8) < compliance_share(0.03, 1.0, 0.7, 0.2, 0.8));
        assert!(compliance_share(0.03, 1.0, 1.0, 1.0, 1.0) >= 0.0);
    }
}
