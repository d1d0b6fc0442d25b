//! Incidents (section 3.5): a Poisson process that may excite itself (Hawkes 1971).
//!
//! ```text
//! rate_j = λ0 · usage_j^u · exp(−c·(safety_j − reference))   + excitation     per year
//! usage      all that is spent on the lab's models, over the greatest of the start; reference: mean safety of the start by usage^u
//! λ0         such that all labs together have n·(1 − β) a year at the start: n with what these set off, X = n·β
//! excitation X ← X·exp(−d·dt) + N·β·(1 − exp(−d·dt))/dt      N incidents of the step; each lab its part of X by usage^u·exp(...)
//! number     Poisson((1 − s)·rate·dt) alone, and Poisson(s·rate·dt/m) clusters of 1 + Poisson(m − 1)
//! severity   exp(sd·N(0, 1)) each, one draw for all of a cluster; v sum over the step
//! churn      each contract of the lab in the sector that is hit is reopened with probability min(1, k·v)
//! cost       (a + a·b·(1 − indemnity)·shifted)·v·run-rate    USD: the lab's own liability, and what the law lays on it (`regulation`)
//! salience   severity v leaves exp(−k_s·v) of its gap to 1   (`regulation`);   trust: bad evidence (`trust`)
//! ```
//!
//! The sector that is hit is drawn by what it spends on the lab. Only a lab with a written constitution has clusters: s and m are those of
//! `safety`. Parameters: n `rate_per_year`, u `usage_exponent`, c `safety_effect`, β `branching`, d `excitation_decay_per_year`, sd
//! `severity_sd`, k `churn_share`, a `liability_share`, b `regulation.buyer_harm`; k_s `salience`.
//!
//! Hawkes (1971), Spectra of some self-exciting and mutually exciting point processes; the rate by usage and safety is our own.

use crate::math::{exp, pow};
use crate::random::Stream;
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

/// Weight of usage in the industry's incidents, usage^u. Times [`unsafety`] it is the exposure of a lab: usage^u · exp(−c·(safety − reference)).
pub fn usage_weight(usage: f64, usage_exponent: f64) -> f64 {
    if usage <= 0.0 { 0.0 } else { pow(usage, usage_exponent) }
}

/// Incidents of a lab relative to one of the same usage at the reference safety: exp(−c·(safety − reference)).
pub fn unsafety(safety: f64, reference: f64, safety_effect: f64) -> f64 {
    exp(-safety_effect * (safety - reference))
}

/// Mean severity relative to the median of a lognormal.
pub fn mean_severity(severity_sd: f64) -> f64 {
    exp(0.5 * severity_sd * severity_sd)
}

/// Mean square of the severity of an occasion over the squared mean severity of an incident, summed over the occasions of an incident in
/// the mean: clusters of `cluster` incidents are fewer occasions, each larger.
pub fn severity_spread(severity_sd: f64, blind_spot: f64, cluster: f64) -> f64 {
    // A cluster is 1 + Poisson(cluster − 1): mean square cluster² + cluster − 1.
    let clustered = (cluster * cluster + cluster - 1.0) / cluster;
    exp(severity_sd * severity_sd) * (1.0 - blind_spot + blind_spot * clustered)
}

/// Excitation left after `dt` years, and what `incidents` of the step add, both incidents per year.
///
/// An exponential kernel whose integral is the branching ratio: each incident sets off `branching` more.
pub fn excite(excitation: f64, incidents: f64, branching: f64, decay: f64, dt: f64) -> f64 {
    // Incidents are seen at the end of the step; what they set off decays over the next, whose mean is taken.
    let mean_of_next = (1.0 - exp(-decay * dt)) / (decay * dt);
    excitation * exp(-decay * dt) + incidents * branching * decay * mean_of_next
}

/// Incidents of a step and their summed severity relative to the median.
///
/// `expected` incidents in the mean, of which the share `blind_spot` comes in clusters of `cluster` in the mean:
/// fewer occasions, each larger, so that the mean is the same and the spread is not.
pub fn draw(stream: &mut Stream, expected: f64, severity_sd: f64, blind_spot: f64, cluster: f64) -> (f64, f64) {
    let (mut count, mut severity) = (0.0, 0.0);
    for _ in 0..stream.poisson(expected * (1.0 - blind_spot)) {
        count += 1.0;
        severity += exp(severity_sd * stream.normal());
    }
    if blind_spot > 0.0 {
        for _ in 0..stream.poisson(expected * blind_spot / cluster) {
            let size = 1.0 + stream.poisson(cluster - 1.0) as f64;
            count += size;
            severity += size * exp(severity_sd * stream.normal());
        }
    }
    (count, severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Purpose};

    fn counts(blind_spot: f64) -> (f64, f64) {
        let n = 100_000u64;
        let values: Vec<f64> = (0..n)
            .map(|i| draw(&mut Draws::new(1, i).stream(Purpose::Test, 0, 0, 0), 0.8, 1.2, blind_spot, 4.0).0)
            .collect();
        let mean = values.iter().sum::<f64>() / n as f64;
        (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64)
    }

    #[test]
    fn incidents_alone_are_poisson() {
        let (mean, variance) = counts(0.0);
        assert!((mean - 0.8).abs() < 0.02 && (variance - 0.8).abs() < 0.03, "{mean} {variance}");
    }

    #[test]
    fn blind_spots_keep_the_mean_and_widen_the_spread() {
        let (mean, variance) = counts(0.3);
        assert!((mean - 0.8).abs() < 0.02, "{mean}");
        // Compound Poisson: 0.56 + 0.06·(16 + 3).
        assert!((variance - (0.56 + 0.06 * 19.0)).abs() < 0.06, "{variance}");
    }

    #[test]
    fn self_excitation_multiplies_the_mean_by_the_hawkes_factor() {
        let (base, branching, decay, dt) = (90.0, 0.3, 12.0, 1.0 / 12.0);
        let mut total = 0.0;
        let years = 20_000;
        let mut excitation = 0.0;
        for step in 0..years {
            let mut s = Draws::new(5, step).stream(Purpose::Test, 0, 0, 0);
            let n = s.poisson((base + excitation) * dt) as f64;
            total += n;
            excitation = excite(excitation, n, branching, decay, dt);
        }
        let rate = total / (years as f64 * dt);
        assert!((rate / (base / (1.0 - branching)) - 1.0).abs() < 0.02, "{rate}");
    }

    #[test]
    fn a_safer_lab_of_the_same_usage_has_fewer_incidents() {
        assert!(unsafety(0.6, 0.4, 3.0) < 1.0 && unsafety(0.3, 0.4, 3.0) > 1.0);
        assert_eq!((unsafety(0.4, 0.4, 3.0), usage_weight(0.0, 0.35), usage_weight(1.0, 0.35)), (1.0, 0.0, 1.0));
    }
}
