//! Safety of a model, release gate, alignment tax (section 3.4).
//!
//! ```text
//! logit safety = intercept_method + e·ln(1 + effort) − j_method·(ECI jump)/10 + N(0, sd)
//! effort       = safety compute / (1% of training compute)
//! ```

use crate::math::{ln, logistic};
use crate::{choice, table};

table! {
    /// Safety of a release.
    pub struct Safety: Parameter {
        /// Gain of logit safety with ln of effort.
        effort_gain: f64 = 0.5, "logit per ln", [0.0, 5.0], Prior, "diminishing returns to safety effort; judgement";
        /// Loss of logit safety for a jump of 10 ECI, before the factor of the method.
        jump_loss: f64 = 0.5, "logit per 10 ECI", [0.0, 5.0], Prior, "judgement";
        /// Part of a jump that counts where it only reaches what another lab already runs.
        catch_up_jump: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement: what others already run is better understood";
        /// Jump of an ordinary release, at which a lab's safety of the start was observed.
        usual_jump_eci: f64 = 4.0, "ECI", [0.0, 50.0], Derived, "capability_eci: 13 ECI per year over about three releases";
        /// Luck of one release.
        noise_sd: f64 = 0.3, "logit, standard deviation", [0.0, 5.0], Prior, "judgement";
        /// Intercept added by Constitutional AI over RLHF.
        constitutional_intercept: f64 = 0.3, "logit", [-3.0, 3.0], Prior, "0.3 (0.3); jailbreaks 86% to 4.4% with classifiers, arXiv 2501.18837, is an upper end";
        /// Intercept added by RLHF with direct preference optimisation over RLHF.
        rlhf_dpo_intercept: f64 = 0.0, "logit", [-3.0, 3.0], Prior, "no evidence of a difference";
        /// Intercept added by RL from AI feedback over RLHF.
        rlaif_intercept: f64 = 0.1, "logit", [-3.0, 3.0], Prior, "Lee et al. (2023): on par with RLHF or slightly better on harmlessness";
        /// Share of the incidents of a lab with a written constitution that come in correlated clusters.
        constitutional_blind_spot: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement: what a constitution leaves out fails everywhere at once";
        /// Mean number of incidents of a cluster.
        blind_spot_cluster: f64 = 4.0, "incidents", [1.0, 100.0], Prior, "judgement";
        /// Loss of utility by over-refusal at safety 1, before the sensitivity of the workload.
        over_refusal_loss: f64 = 0.1, "utility", [0.0, 5.0], Prior, "over_refusal_increase 0.0038 in production for classifiers; judgement on how buyers weigh it";
        /// Share of training compute that the method takes, for Constitutional AI.
        constitutional_compute_overhead: f64 = 0.03, "fraction", [0.0, 1.0], Prior, "safety_compute_overhead 0.237 for the first classifiers, far less since";
    }
}

choice! {
    /// How a lab aligns its models.
    pub enum Method {
        /// Reinforcement learning from human feedback.
        "rlhf" => Rlhf,
        /// A written constitution, self-critique and AI feedback.
        "constitutional" => Constitutional,
        /// RLHF with direct preference optimisation.
        "rlhf_dpo" => RlhfDpo,
        /// Reinforcement learning from AI feedback.
        "rlaif" => Rlaif,
    }
}

/// What a method of alignment changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MethodEffects {
    /// Added to logit safety.
    pub intercept: f64,
    /// Share of incidents that come in correlated clusters.
    pub blind_spot: f64,
    /// Share of training compute that the method takes.
    pub overhead: f64,
}

impl Safety {
    /// The effects of a method.
    pub fn effects(&self, method: Method) -> MethodEffects {
        let (intercept, blind_spot, overhead) = match method {
            Method::Rlhf => (0.0, 0.0, 0.0),
            Method::Constitutional => {
                (self.constitutional_intercept, self.constitutional_blind_spot, self.constitutional_compute_overhead)
            }
            Method::RlhfDpo => (self.rlhf_dpo_intercept, 0.0, 0.0),
            Method::Rlaif => (self.rlaif_intercept, 0.0, 0.0),
        };
        MethodEffects { intercept, blind_spot, overhead }
    }
}

/// Safety compute over 1% of training compute; both in the same unit.
pub fn effort(safety_flop: f64, training_flop: f64) -> f64 {
    if training_flop <= 0.0 { 0.0 } else { safety_flop / (0.01 * training_flop) }
}

/// The jump that counts for safety, ECI: in full beyond the frontier that others have reached, in part below it.
pub fn novel_jump(own_eci: f64, candidate_eci: f64, others_eci: f64, catch_up: f64) -> f64 {
    let known = (candidate_eci.min(others_eci) - own_eci).max(0.0);
    let new = (candidate_eci - own_eci).max(0.0) - known;
    new + catch_up * known
}

/// Safety of a candidate, 0 to 1.
pub fn safety(intercept: f64, effort: f64, effort_gain: f64, jump_eci: f64, jump_loss: f64, noise: f64) -> f64 {
    logistic(intercept + effort_gain * ln(1.0 + effort) - jump_loss * jump_eci.max(0.0) / 10.0 + noise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safety_follows_its_equation() {
        let s = safety(0.3, 1.0, 0.5, 10.0, 0.5, 0.0);
        assert!((s - 1.0 / (1.0 + (-(0.3 + 0.5 * 2f64.ln() - 0.5)).exp())).abs() < 1e-12);
    }

    #[test]
    fn more_effort_is_safer_and_a_larger_jump_is_less_safe() {
        let at = |effort, jump| safety(0.0, effort, 0.5, jump, 0.5, 0.0);
        assert!(at(3.0, 5.0) > at(1.0, 5.0));
        assert!(at(1.0, 9.0) < at(1.0, 5.0));
    }

    #[test]
    fn reaching_what_others_run_counts_less_than_going_beyond() {
        assert!((novel_jump(140.0, 160.0, 150.0, 0.3) - (10.0 + 3.0)).abs() < 1e-12);
        assert!((novel_jump(155.0, 160.0, 150.0, 0.3) - 5.0).abs() < 1e-12);
    }

    #[test]
    fn one_percent_of_training_compute_is_an_effort_of_one() {
        assert!((effort(1.0, 100.0) - 1.0).abs() < 1e-12);
        assert_eq!(effort(1.0, 0.0), 0.0);
    }
}
