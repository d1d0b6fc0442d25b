//! Trust (section 3.6), a Beta reputation (Jøsang and Ismail 2002) with forgetting.
//!
//! ```text
//! T = ceiling · (r + 1)/(r + n + 2 + c);   r, n decay to `retention` of themselves a quarter
//! r += λ_r dt + audits + published;   n += w · severity/mean severity / (incidents a year expected of a lab of that usage at reference safety)
//! audits     a·readiness dt where audits are in force and the lab keeps the rules
//! published  methods published: p dt where weights are open, a part of it under a written constitution or AI feedback
//! c          v/(r + n̄ + 2 + 2v/n̄)       n̄, v: mean and variance of n by chance alone at the usage and safety of the lab
//! v          decays as n does, twice as fast;   dv += w² · E[severity²]/mean severity² · (incidents expected at its safety)/(those at reference safety)² dt
//! ceiling    1 − m·(1 − fit)                  fit of the lab's principles with the values of the jurisdiction, 0 to 1
//! step       r ← r·k + (λ_r + audits + published)/(−4·ln retention)·(1 − k),   n ← n·k + harm·√k,   k = retention^(4·dt)         exact inflow; harm at mid-step
//! ```
//!
//! Expected incidents hold those that others set off: λ0·usage^u/(1 − β) of `incidents`. At the start r is that of a lab never harmed,
//! (λ_r + published)/(−4·ln retention), and n what gives the trust observed. Crises (`governance`) and breaches found out (`enforcement`) add bad
//! evidence. Parameters: retention `retention_per_quarter`, λ_r `good_evidence_per_year`, w `bad_evidence_weight`, a
//! `audit_evidence_per_year`, p `publication_evidence_per_year`, m `value_misfit`; fit is `value_fit` of the lab.
//!
//! T is convex in n, and a little-used lab has few incidents that count for much each: without c it would be trusted more, in the mean,
//! than a large one of the same safety. c takes that back, to the second order with a correction for the skew of n (a gamma of that mean and
//! variance). Incidents that come in clusters count by the second moment of their size.

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
        /// Good evidence of one year in which all of how a lab aligns its models is published.
        publication_evidence_per_year: f64 = 0.4, "1 per year", [0.0, 100.0], Prior, "judgement: half of what audits add, from none to as much; 0 is neutral";
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

/// Variance that bad evidence comes to in the long run by chance alone. `weight` is that of a year of incidents as expected, `expected`
/// their number at reference safety, `relative` that number at the lab's safety over it, and `spread` the mean square of the severity of an
/// occasion over the square of the mean severity, by the number of occasions an incident.
pub fn evidence_variance(weight: f64, expected: f64, relative: f64, spread: f64, retention_per_quarter: f64) -> f64 {
    if expected <= 0.0 {
        0.0
    } else {
        good_evidence_unharmed(weight * weight * spread * relative / expected, retention_per_quarter) / 2.0
    }
}

/// Evidence that takes back what `variance` of bad evidence around `mean` adds to expected trust.
pub fn thin_evidence(good: f64, mean: f64, variance: f64) -> f64 {
    if variance > 0.0 && mean > 0.0 { variance / (good + mean + 2.0 + 2.0 * variance / mean) } else { 0.0 }
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
    fn evidence_of_chance_alone_has_the_variance_of_shot_noise_and_none_of_a_crowd() {
        // Campbell: the variance of shot noise with jumps x at rate l that decay at d is l·E[x²]/(2d).
        let (weight, expected, spread) = (4.0, 5.0, 4.2);
        let jump = weight / expected;
        let exact = expected * jump * jump * spread / (2.0 * -4.0 * 0.9f64.ln());
        assert!((evidence_variance(weight, expected, 1.0, spread, 0.9) / exact - 1.0).abs() < 1e-12);
        assert!(evidence_variance(weight, 1e9, 1.0, spread, 0.9) < 1e-6);
        assert_eq!((thin_evidence(8.0, 9.5, 0.0), thin_evidence(8.0, 0.0, 3.0)), (0.0, 0.0));
        // A gamma of shape 1 (mean 9.5, an exponential): the mean of 1/(d + n) by its integral, with and without the correction.
        let mean_of = |d: f64| {
            (0..200_000)
                .map(|k| (f64::from(k) + 0.5) * 1e-3)
                .map(|n| (-n / 9.5).exp() / 9.5 / (d + n) * 1e-3)
                .sum::<f64>()
        };
        let (plain, flat) = (mean_of(10.0), 1.0 / 19.5);
        let thin = thin_evidence(8.0, 9.5, 9.5 * 9.5);
        assert!(
            (mean_of(10.0 + thin) / flat - 1.0).abs() < 0.2 * (plain / flat - 1.0),
            "{} {plain} {flat}",
            mean_of(10.0 + thin)
        );
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
