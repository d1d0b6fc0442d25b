//! Trust (section 3.6), a Beta reputation (Jøsang and Ismail 2002) with forgetting.
//!
//! ```text
//! T = ceiling · (r + 1)/(r + n + 2);   r, n decay to `retention` of themselves a quarter
//! r += λ_r dt + audits;   n += w · severity/mean severity / (incidents a year expected of a lab of that usage at reference safety)
//! audits     a·readiness dt where audits are in force and the lab keeps the rules
//! ceiling    1 − m·(1 − fit)                  fit of the lab's principles with the values of the jurisdiction, 0 to 1
//! step       r ← r·k + (λ_r + audits)/(−4·ln retention)·(1 − k),   n ← n·k + harm·√k,   k = retention^(4·dt)         exact inflow; harm at mid-step
//! ```
//!
//! Expected incidents hold those that others set off: λ0·usage^u/(1 − β) of `incidents`. At the start r is that of a lab never harmed,
//! λ_r/(−4·ln retention), and n what gives the trust observed. Crises (`governance`) and breaches found out (`enforcement`) add bad
//! evidence. Parameters: retention `retention_per_quarter`, λ_r `good_evidence_per_year`, w `bad_evidence_weight`, a
//! `audit_evidence_per_year`, m `value_misfit`; fit is `value_fit` of the lab.

use crate::math::{ln, pow};
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

/// Share of evidence that is left after `dt` years.
pub fn retention(per_quarter: f64, dt: f64) -> f64 {
    pow(per_quarter, 4.0 * dt)
}

/// Good evidence of a lab that is never harmed, in the long run.
pub fn good_evidence_unharmed(per_year: f64, retention_per_quarter: f64) -> f64 {
    let decay = -4.0 * ln(retention_per_quarter.clamp(1e-9, 1.0 - 1e-9));
    per_year / decay
}

/// Evidence after a time of which it keeps the share `left`, under a steady inflow that comes to `in_the_long_run`, exactly.
pub fn accrue(evidence: f64, in_the_long_run: f64, left: f64) -> f64 {
    evidence * left + in_the_long_run * (1.0 - left)
}

/// Trust: the mean of a Beta distribution with this evidence, under a ceiling.
pub fn trust(good: f64, bad: f64, ceiling: f64) -> f64 {
    ceiling * (good + 1.0) / (good + bad + 2.0)
}

/// Bad evidence that gives `trust` with this good evidence; 0 where the ceiling is lower.
pub fn bad_evidence_for(trust: f64, good: f64, ceiling: f64) -> f64 {
    (ceiling * (good + 1.0) / trust - good - 2.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unharmed_lab_is_trusted_at_nine_tenths() {
        let good = good_evidence_unharmed(3.4, 0.9);
        assert!((trust(good, 0.0, 1.0) - 0.9).abs() < 0.005);
    }

    #[test]
    fn evidence_alone_follows_its_closed_form() {
        let mut good = 0.0;
        for _ in 0..24 {
            good = accrue(good, good_evidence_unharmed(3.4, 0.9), retention(0.9, 1.0 / 12.0));
        }
        let decay = -4.0 * 0.9f64.ln();
        assert!((good - 3.4 / decay * (1.0 - (-2.0 * decay).exp())).abs() < 1e-9);
    }

    #[test]
    fn recovery_takes_far_longer_than_the_fall() {
        let (good, bad) = (8.0, 4.0);
        let before = trust(good, bad, 1.0);
        let fallen = trust(good, bad + 20.0, 1.0);
        let (mut n, mut months) = (20.0, 0);
        while before - trust(good, bad + n, 1.0) > 0.5 * (before - fallen) {
            n *= retention(0.9, 1.0 / 12.0);
            months += 1;
        }
        assert!(months > 12, "half of the fall of one month is back only after {months} months");
    }

    #[test]
    fn the_evidence_at_the_start_gives_the_trust_at_the_start() {
        let good = good_evidence_unharmed(3.4, 0.9);
        for t in [0.2, 0.5, 0.62] {
            assert!((trust(good, bad_evidence_for(t, good, 0.95), 0.95) - t).abs() < 1e-12);
        }
    }
}
