//! Safety of a model, release gate, alignment tax (section 3.4).
//!
//! ```text
//! logit safety = intercept + intercept_method + e·ln(1 + effort) − j·j_method·jump/10 + N(0, sd²)          the noise once a model
//! effort       = safety compute / (1% of training compute)             both since the last model was finished
//! jump         = new + c·known,   known = max(0, min(ECI, ECI_front) − ECI_own),   new = max(0, ECI − ECI_own) − known
//! gate         safety < gate: the model is held, and while it is, the lab's training compute goes into its safety compute
//! intercept    = logit(safety at the start) − intercept_method − e·ln(1 + effort at the start) + j·j_method·usual/10
//! overhead     share of training compute that the method takes, and a retrofit while it lasts                 (`research`)
//! readiness    = readiness of the lab + that of the method − that of the method of the start, within 0 and 1
//! serving cost · (1 + o_method)/(1 + o_start)
//! staff        share of budget + labels_method − labels_start + retrofit cost · 12/months while a retrofit lasts
//! over-refusal loss · factor_method · safety · sensitivity of the workload                                    (`choice`)
//! blind spot   share of incidents that come in clusters                                                       (`incidents`)
//! ```
//!
//! A method also sets what safety costs: training and serving compute, labels, over-refusal; and what it is worth under
//! audits. Another method is a retrofit: it takes months, people and training compute before it is in force.
//! Labels, readiness and serving count against the method with which they were observed at the start. While a model is held its jump
//! stays, so that work brings it to the gate. A model is due at least `months` of the strategy of release after the last (or
//! `behind_months` when a rival leads), the months that audits held the last one counted in, at a gain of at least `least_gain_eci`
//! (1 ECI in a race).
//!
//! Parameters: e `effort_gain`; j `jump_loss`, j_method `ai_feedback_jump_factor` under AI feedback and 1 under human feedback; c
//! `catch_up_jump`; usual `usual_jump_eci`; sd `noise_sd`; intercept_method `constitutional_intercept`, `rlhf_dpo_intercept`,
//! `rlaif_intercept`, 0 under RLHF; blind spot `constitutional_blind_spot` in clusters of `blind_spot_cluster`; overhead
//! `constitutional_compute_overhead` and `retrofit_compute_share`; readiness `constitutional_readiness`; o
//! `constitutional_serving_overhead`; labels `human_label_share`, `ai_label_share`; over-refusal `over_refusal_loss`,
//! `constitutional_over_refusal`, by use `over_refusal_knowledge` and `over_refusal_customer`; what is published of a method (`trust`)
//! `constitutional_published`, `rlaif_published`; retrofit `constitutional_retrofit_months` at `retrofit_cost_share`, any other `other_retrofit_months` at
//! half of it.
//!
//! The equation is our own. What methods do is after Bai et al. (2022), Constitutional AI: harmlessness from AI feedback; Lee et al. (2023),
//! RLAIF; Rafailov et al. (2023), Direct preference optimization.
//!
//! Of labs: `method`, against `method_at_start`; `audit_readiness`; the `gate` and the rhythm of the strategy of release.

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
        /// That loss in knowledge and creative work, relative to coding.
        over_refusal_knowledge: f64 = 0.8, "ratio", [0.0, 10.0], Prior, "judgement: code is checked by tests and most prone to be mistaken for an attack";
        /// That loss in customer-facing work, relative to coding.
        over_refusal_customer: f64 = 0.3, "ratio", [0.0, 10.0], Prior, "judgement: customer-facing work is itself cautious";
        /// Factor on what a jump of capability costs in safety under methods that supervise with AI feedback: supervision grows with the model.
        ai_feedback_jump_factor: f64 = 0.9, "ratio", [0.0, 5.0], Prior, "Bowman et al. (2022), Measuring progress on scalable oversight, argues for it without an estimate; judgement, wide";
        /// Readiness for audits that a written constitution adds over human feedback alone.
        constitutional_readiness: f64 = 0.1, "fraction", [-1.0, 1.0], Prior, "seed 001 holds that principles that can be read pass reviews faster; judgement, wide";
        /// Part of how a model is aligned that a lab with a written constitution makes public.
        constitutional_published: f64 = 0.7, "fraction", [0.0, 1.0], Prior, "judgement: constitutions and the method are published, data are not; open weights show all";
        /// Part of it that a lab publishes under RL from AI feedback.
        rlaif_published: f64 = 0.2, "fraction", [0.0, 1.0], Prior, "judgement: the prompts that stand for principles, where they are told";
        /// Over-refusal under Constitutional AI relative to RLHF at the same safety.
        constitutional_over_refusal: f64 = 0.85, "ratio", [0.0, 5.0], Prior, "Bai et al. (2022), Constitutional AI: harmless but less evasive; no size for production models, judgement";
        /// Cost of human labels under RLHF and RLHF with DPO.
        human_label_share: f64 = 0.01, "fraction of budget", [0.0, 1.0], Prior, "judgement: data vendors earned about 1% to 2% of what the labs spent in 2025";
        /// Cost of labels under methods of AI feedback.
        ai_label_share: f64 = 0.003, "fraction of budget", [0.0, 1.0], Prior, "judgement: red teams and a few human labels remain";
        /// Rise of the cost of serving by the classifiers that go with a constitution.
        constitutional_serving_overhead: f64 = 0.01, "fraction", [0.0, 5.0], Prior, "safety_compute_overhead 0.237 for the first classifiers, about 0.01 for their successors";
        /// Months to adopt Constitutional AI: principles, data, evaluation, one cycle of training.
        constitutional_retrofit_months: f64 = 9.0, "months", [0.0, 120.0], Prior, "judgement: one to two cycles of release";
        /// Months to adopt any other method.
        other_retrofit_months: f64 = 4.0, "months", [0.0, 120.0], Prior, "judgement: one cycle of release";
        /// People that a retrofit to Constitutional AI takes, as a share of a year's budget; any other takes half.
        retrofit_cost_share: f64 = 0.02, "fraction of a year's budget", [0.0, 1.0], Prior, "judgement";
        /// Share of training compute that a retrofit takes while it lasts.
        retrofit_compute_share: f64 = 0.05, "fraction of training compute", [0.0, 1.0], Prior, "judgement";
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
    /// Factor on what a jump of capability costs in safety.
    pub jump_factor: f64,
    /// Readiness for audits over that under RLHF.
    pub readiness: f64,
    /// Part of how a model is aligned that the lab makes public.
    pub published: f64,
    /// Over-refusal relative to RLHF at the same safety.
    pub over_refusal: f64,
    /// Cost of labels, fraction of budget.
    pub label_share: f64,
    /// Rise of the cost of serving, fraction.
    pub serving_overhead: f64,
}

/// What it takes to adopt a method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retrofit {
    /// Months until it is in force.
    pub months: f64,
    /// People, fraction of a year's budget in all.
    pub cost_share: f64,
}

impl Safety {
    /// The effects of a method.
    pub fn effects(&self, method: Method) -> MethodEffects {
        let human = MethodEffects {
            intercept: 0.0,
            blind_spot: 0.0,
            overhead: 0.0,
            jump_factor: 1.0,
            readiness: 0.0,
            published: 0.0,
            over_refusal: 1.0,
            label_share: self.human_label_share,
            serving_overhead: 0.0,
        };
        let ai = MethodEffects { jump_factor: self.ai_feedback_jump_factor, label_share: self.ai_label_share, ..human };
        match method {
            Method::Rlhf => human,
            Method::RlhfDpo => MethodEffects { intercept: self.rlhf_dpo_intercept, ..human },
            Method::Rlaif => MethodEffects { intercept: self.rlaif_intercept, published: self.rlaif_published, ..ai },
            Method::Constitutional => MethodEffects {
                intercept: self.constitutional_intercept,
                blind_spot: self.constitutional_blind_spot,
                overhead: self.constitutional_compute_overhead,
                readiness: self.constitutional_readiness,
                published: self.constitutional_published,
                over_refusal: self.constitutional_over_refusal,
                serving_overhead: self.constitutional_serving_overhead,
                ..ai
            },
        }
    }

    /// What it takes to adopt a method.
    pub fn retrofit(&self, to: Method) -> Retrofit {
        match to {
            Method::Constitutional => {
                Retrofit { months: self.constitutional_retrofit_months, cost_share: self.retrofit_cost_share }
            }
            Method::Rlhf | Method::RlhfDpo | Method::Rlaif => {
                Retrofit { months: self.other_retrofit_months, cost_share: 0.5 * self.retrofit_cost_share }
            }
        }
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
    fn a_written_constitution_is_safer_readier_and_less_evasive_but_takes_compute_and_fails_in_clusters() {
        let s = Safety::default();
        let (plain, written) = (s.effects(Method::Rlhf), s.effects(Method::Constitutional));
        assert!(written.intercept > plain.intercept && written.readiness > plain.readiness);
        assert!(written.over_refusal < plain.over_refusal && written.label_share < plain.label_share);
        assert!(written.overhead > plain.overhead && written.serving_overhead > plain.serving_overhead);
        assert!(written.blind_spot > plain.blind_spot);
        assert!(s.retrofit(Method::Constitutional).months > s.retrofit(Method::Rlhf).months);
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
