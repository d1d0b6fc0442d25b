//! Orchestration (sections 3.7 and 3.16): platforms that route the work of a firm among several models.
//!
//! ```text
//! O' = (p + q·O/M)·(M − O)             O share of adopting firms that orchestrate, M share that use several models
//! κ_o = κ·(1 − cut)                    switching cost of a firm that orchestrates, both its parts
//! second source: share s of a workload's volume goes to the runner-up of its race, on that vendor's cheaper tier
//! revenue = fee · spend that is routed          USD per year
//! ```
//!
//! The diffusion is that of [`diffusion`](super::diffusion). A firm orchestrates when it uses several models and its own draw lies
//! below O/M: the same firms come first in every month, so that nobody flickers.
//!
//! Parameters: p `innovation_per_year`, q `imitation_per_year`, `abandonment_per_year` where fewer use several models; cut
//! `switching_cost_cut`; s `second_source_share`; fee `fee_share`; vendors enter as `entry` says at `fixed_cost_usd` and `entry_lag_years`;
//! O at the start `orchestration.start.share`. That a platform lowers switching cost and routes to a second source is our own form.

use crate::table;

/// Part of the switching cost that is left to a firm that orchestrates.
pub fn cost_left(cut: f64) -> f64 {
    1.0 - cut
}

/// Share of those who use several models that orchestrate: `O/M`, 0 where nobody uses several.
pub fn share_of_users(orchestrate: f64, several: f64) -> f64 {
    if several > 0.0 { (orchestrate / several).min(1.0) } else { 0.0 }
}

table! {
    /// Orchestration platforms.
    pub struct Orchestration: Parameter {
        /// Hazard of adopting a platform without peers, of firms that use several models.
        innovation_per_year: f64 = 0.05, "1 per year", [0.0, 10.0], Prior, "judgement, above that of AI itself: whoever uses several models has the problem";
        /// Hazard of adopting a platform when all peers have.
        imitation_per_year: f64 = 0.6, "1 per year", [0.0, 10.0], Prior, "Bass (1969) and later surveys: 0.3 to 0.6; forecasts of gateways among users of several models are faster";
        /// Rate at which firms that no longer use several models give a platform up.
        abandonment_per_year: f64 = 1.0, "1 per year", [0.0, 20.0], Prior, "annual contracts";
        /// Part of the switching cost that a platform takes away.
        switching_cost_cut: f64 = 0.4, "fraction", [0.0, 1.0], Prior, "judgement: prompts and evaluations stay with a model, interfaces and contracts do not; 0.2 to 0.7";
        /// Share of an orchestrated workload's volume that goes to the second source.
        second_source_share: f64 = 0.2, "fraction", [0.0, 0.5], Prior, "judgement: simple requests are routed to a cheaper model; 0.1 to 0.4";
        /// What a platform earns of the spend that it routes.
        fee_share: f64 = 0.03, "fraction of spend", [0.0, 1.0], Prior, "OpenRouter charges about 5% on what passes through it; large contracts pay less: 0.01 to 0.08";
        /// Fixed cost of a platform.
        fixed_cost_usd: f64 = 1.0e7, "USD per year", [1.0, 1e12], Prior, "judgement: a company of 50";
        /// Time in which vendors enter or leave.
        entry_lag_years: f64 = 1.5, "years", [0.05, 50.0], Prior, "judgement: from funding to product";
    }
}

table! {
    /// Orchestration at the start.
    pub struct OrchestrationStart: Initial {
        /// Share of adopting firms that orchestrate at the start.
        share: f64 = 0.05, "fraction", [0.0, 1.0], Prior, "judgement: early products at the end of 2025; no survey counts them";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_that_cuts_nothing_leaves_the_cost_of_switching_as_it_is() {
        assert_eq!(cost_left(0.0), 1.0);
        assert_eq!(cost_left(1.0), 0.0);
    }

    #[test]
    fn only_users_of_several_models_orchestrate() {
        assert_eq!(share_of_users(0.1, 0.0), 0.0);
        assert_eq!(share_of_users(0.1, 0.4), 0.25);
        assert_eq!(share_of_users(0.5, 0.4), 1.0);
    }
}
