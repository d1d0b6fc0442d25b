//! Training, algorithmic efficiency, capability, spillover (section 3.3).
//!
//! ```text
//! candidate  ECI_ref + b·log10(D·A / (D·A)_ref) + noise       D training compute since the last was finished, FLOP
//!            D·A that of now and of the last release;  D' = training compute · (1 − overhead of the method);  noise N(0, sd²), once a model
//! base       ECI_ref ← max(ECI_ref, ECI of the release − its noise)       luck is in the model, not in what the next one builds on
//! efficiency d ln A/dt = ln 2/(doubling/12) · (research / reference)^elasticity
//!            research = H100e for experiments · attention,   attention = (1 − compliance)·(1 − legal)·(1 − people·(1 − stability))
//! reference  grows with difficulty: reference_0 · exp(d·t),  stated for the end of 2025
//! spillover  toward the best model that can be had, sold or as weights:   dECI_j = λ · access_j · max(0, ECI_front − gap − ECI_j − b·log10(A / A_ref)) dt
//!            on ECI_ref;  access_j closed or open, times one factor: open where the leader's weights are out, else served where it sells
//! next run   a candidate no better than the deployed model gives way to the next run, with luck of its own, after another interval
//! released   when due by the strategy, safe enough (`safety`), and audit and licence have taken their months (`regulation`)
//! ```
//!
//! The months of audit and licence are means over jurisdictions by the lab's enterprise revenue there; meanwhile the next model is trained.
//! Compliance and legal are the shares of revenue that they cost, people and stability those of `governance`. At the start D·A of the last
//! release is that of its own cycle, when compute was smaller: `exp(−growth·age)`.
//!
//! Parameters: b `eci_per_decade`; noise `training_luck_eci`; doubling `efficiency_doubling_months`, elasticity `research_elasticity`;
//! reference_0 `research_reference_h100e`, d `research_difficulty_per_year`; λ `spillover_per_year`, gap `spillover_gap_eci`; access
//! `access_closed` or `access_open`, `access_open_frontier` or `access_served_frontier`; growth `compute_growth_before_per_year`.
//!
//! Capability by the logarithm of effective compute: Kaplan et al. (2020), Scaling laws for neural language models; algorithmic
//! efficiency as a factor on compute: Ho et al. (2024), Algorithmic progress in language models; a rising requirement of research: Bloom
//! et al. (2020), Are ideas getting harder to find? Spillover is technology diffusion toward a frontier (Nelson and Phelps 1966, Investment
//! in humans, technological diffusion, and economic growth); that it stops a gap short is our own, and so is that a lab does not learn
//! what it has found itself since its last release.

use std::f64::consts::LOG10_E;

use crate::math::{exp, log10, pow};
use crate::table;

table! {
    /// Training, algorithmic efficiency and spillover.
    pub struct Research: Parameter {
        /// Gain of capability for ten times the effective compute.
        eci_per_decade: f64 = 13.5, "ECI per factor of 10", [0.0, 100.0], Fitted, "capability_eci 2024 to 2025; 12 to 15";
        /// Months in which algorithmic efficiency doubles at the frontier.
        efficiency_doubling_months: f64 = 5.8, "months", [1.0, 120.0], Fitted, "5 to 14, Ho et al. (2024), Algorithmic progress in language models; within it, what the frontier slope of 2024 to 2025 (16.2 ECI a year) asks beyond the growth of compute";
        /// Elasticity of algorithmic progress to research compute.
        research_elasticity: f64 = 0.3, "exponent", [0.0, 2.0], Prior, "diminishing returns in research compute; judgement";
        /// Growth of the research compute that the same progress takes.
        research_difficulty_per_year: f64 = 0.7, "ln per year", [0.0, 3.0], Prior, "Bloom et al. (2020), Are ideas getting harder to find?; judgement";
        /// Research compute that gives the doubling time at the end of 2025.
        research_reference_h100e: f64 = 250000.0, "H100e", [1.0, 1e9], Derived, "about a third of the R&D compute of the largest lab at the end of 2025";
        /// Growth of training compute before the start: the compute of the last release lies that far back.
        compute_growth_before_per_year: f64 = 1.1, "ln per year", [-2.0, 5.0], Fitted, "compute_capacity_gw of OpenAI: 0.6 to 1.9 GW in 2025 (1.15)";
        /// Luck of one training run.
        training_luck_eci: f64 = 2.7, "ECI, standard deviation", [0.0, 20.0], Fitted, "capability_eci 2024 to 2025: scatter of releases about the trend of each of seven labs, pooled 2.7 (1.1 to 3.8 by lab)";
        /// Speed of spillover and distillation.
        spillover_per_year: f64 = 1.0, "1 per year", [0.0, 20.0], Prior, "0.5 to 2";
        /// Lead that spillover does not close.
        spillover_gap_eci: f64 = 3.0, "ECI", [0.0, 50.0], Fitted, "the prior 2 to 8, with changes of the lead and the lag of open weights in 2025 by a grid of runs";
        /// Access of a lab with closed weights to what others know.
        access_closed: f64 = 0.3, "fraction", [0.0, 2.0], Prior, "0.3 for closed labs to 1 for open ones";
        /// Access of a lab with open weights.
        access_open: f64 = 1.0, "fraction", [0.0, 2.0], Prior, "0.3 for closed labs to 1 for open ones";
        /// Factor on access when the frontier model is served by API: it can be queried and distilled.
        access_served_frontier: f64 = 4.7, "ratio", [0.0, 10.0], Fitted, "larger when the frontier is served by API; capability_eci of seven followers, changes of the lead and the lag of open weights in 2025, by a grid of runs";
        /// Factor on access when the weights of the frontier model are open.
        access_open_frontier: f64 = 2.0, "ratio", [0.0, 5.0], Prior, "judgement: larger when the frontier is open";
    }
}

/// ln of the gain in algorithmic efficiency over `dt` years.
///
/// `research` and `reference` in H100e; at the reference, efficiency doubles in `doubling_months`.
pub fn efficiency_gain(research: f64, reference: f64, doubling_months: f64, elasticity: f64, dt: f64) -> f64 {
    if research <= 0.0 {
        return 0.0;
    }
    std::f64::consts::LN_2 * 12.0 / doubling_months * pow(research / reference, elasticity) * dt
}

/// Capability of a candidate, ECI, before the luck of its run.
///
/// `flop` is the training compute since the last release times efficiency now; `reference` the same of the last release.
pub fn candidate_eci(base_eci: f64, flop: f64, reference: f64, eci_per_decade: f64) -> f64 {
    if flop <= 0.0 || reference <= 0.0 {
        return base_eci;
    }
    base_eci + eci_per_decade * log10(flop / reference)
}

/// Capability that a lab knows how to reach with the compute of its last release, ECI.
///
/// `base_eci` is that of its last release and of what has spilled over since; `ln_gain` is the ln of its own gain in
/// efficiency since. Spillover counts from here: from `base_eci` alone, a lab would learn the more the less often it releases.
pub fn knowledge_eci(base_eci: f64, ln_gain: f64, eci_per_decade: f64) -> f64 {
    base_eci + eci_per_decade * ln_gain * LOG10_E
}

/// What spills over to a lab in `dt` years, ECI: the exact solution of dE/dt = λ·access·(front − gap − E).
pub fn spillover(base_eci: f64, front_eci: f64, gap_eci: f64, rate_times_access: f64, dt: f64) -> f64 {
    (front_eci - gap_eci - base_eci).max(0.0) * (1.0 - exp(-rate_times_access * dt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efficiency_doubles_in_its_doubling_time_at_the_reference() {
        let gain: f64 = (0..8).map(|_| efficiency_gain(5.0, 5.0, 8.0, 0.3, 1.0 / 12.0)).sum();
        assert!((exp(gain) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn ten_times_the_research_buys_two_times_the_pace_and_none_buys_nothing() {
        let pace = |r| efficiency_gain(r, 1.0, 8.0, 0.3, 1.0);
        assert!((pace(10.0) / pace(1.0) - 10f64.powf(0.3)).abs() < 1e-12);
        assert_eq!(pace(0.0), 0.0);
    }

    #[test]
    fn ten_times_the_effective_compute_gains_one_decade_of_capability() {
        assert!((candidate_eci(150.0, 1e27, 1e26, 13.5) - 163.5).abs() < 1e-9);
        assert_eq!(candidate_eci(150.0, 0.0, 1e26, 13.5), 150.0);
    }

    #[test]
    fn how_often_a_lab_releases_does_not_move_what_spills_over_to_it() {
        let knows_after_two_years = |months_between_releases: usize| {
            let (mut base, mut gain) = (130.0, 0.0);
            for month in 1..=24 {
                gain += 1.2 / 12.0;
                let front = 140.0 + month as f64;
                base += spillover(knowledge_eci(base, gain, 13.5), front, 4.0, 1.0, 1.0 / 12.0);
                if month % months_between_releases == 0 {
                    // As much compute as for the model before: only efficiency lifts it.
                    base += candidate_eci(0.0, exp(gain), 1.0, 13.5);
                    gain = 0.0;
                }
            }
            knowledge_eci(base, gain, 13.5)
        };
        let (often, seldom) = (knows_after_two_years(1), knows_after_two_years(12));
        assert!((often - seldom).abs() < 1e-9, "{often} {seldom}");
    }

    #[test]
    fn spillover_closes_the_gap_to_the_frontier_less_the_lead_it_leaves() {
        let mut eci = 130.0;
        for _ in 0..1200 {
            eci += spillover(eci, 155.0, 4.0, 1.0, 1.0 / 12.0);
        }
        assert!((eci - 151.0).abs() < 1e-9);
        assert_eq!(spillover(153.0, 155.0, 4.0, 1.0, 1.0), 0.0);
    }
}
