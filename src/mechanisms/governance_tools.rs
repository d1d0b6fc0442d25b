//! Governance tools (section 3.16): auditing, monitoring and enforcement of policy, sold to those who use models.
//!
//! ```text
//! c = M·(a + (1 − a)·v)                        potential users among adopters of a jurisdiction, by spend
//! x' = (p + q·x/c)·(c − x)                     users; M multi-model use, a audits in force (0 or 1), v voluntary use
//! revenue = Σ_g x_g · spend_g · price          USD per year
//! t = t_w·(1 − k·x)                            weight of trust in a buyer's utility, narrowed
//! ```
//!
//! Where audits are in force and use is complete this is revenue = audits × adopters × multi-model use × price. A buyer who can watch
//! what a model does relies less on its maker's name: the perceived gap of trust narrows with use (Akerlof 1970, The market for lemons:
//! inspection stands in for reputation).
//!
//! Parameters: p `innovation_per_year`, q `imitation_per_year`, `abandonment_per_year` where fewer need them; v `voluntary_share`, price
//! `price_share`, k `trust_narrowing`; vendors enter as `entry` says at `fixed_cost_usd` and `entry_lag_years`, on this revenue and what
//! labs pay for compliance; x at the start `governance_tools.start.share`.

use crate::table;

/// Potential users as a share of adopters: all who use several models where audits are in force, else those who would by themselves.
pub fn potential(multi_model: f64, audits: bool, voluntary: f64) -> f64 {
    multi_model * if audits { 1.0 } else { voluntary }
}

/// Revenue of a jurisdiction's tools, USD per year: `users` the share of adopters' `spend` that is watched.
pub fn revenue(users: f64, spend: f64, price: f64) -> f64 {
    users * spend * price
}

/// Factor on the weight of trust where a share `users` of adopters watches what models do.
pub fn trust_left(narrowing: f64, users: f64) -> f64 {
    1.0 - narrowing * users
}

table! {
    /// Governance tools.
    pub struct GovernanceTools: Parameter {
        /// Hazard of adopting tools without peers.
        innovation_per_year: f64 = 0.1, "1 per year", [0.0, 10.0], Prior, "judgement: auditors and insurers ask for them";
        /// Hazard of adopting tools when all peers have.
        imitation_per_year: f64 = 0.6, "1 per year", [0.0, 10.0], Prior, "as orchestration";
        /// Rate at which tools that are no longer asked for are given up.
        abandonment_per_year: f64 = 1.0, "1 per year", [0.0, 20.0], Prior, "annual contracts";
        /// Share of firms with several models that use tools where no audit asks for them.
        voluntary_share: f64 = 0.25, "fraction", [0.0, 1.0], Prior, "judgement: firms in regulated sectors and those with policies of their own; 0.1 to 0.5";
        /// Price, as a share of the spend on models that is watched.
        price_share: f64 = 0.03, "fraction of spend", [0.0, 1.0], Prior, "Forrester (2024): AI governance at 7% of AI software spend by 2030, services within; 0.01 to 0.08";
        /// Part of the perceived gap of trust that complete use of tools takes away.
        trust_narrowing: f64 = 0.4, "fraction", [0.0, 1.0], Prior, "judgement, wide: 0 to 0.8";
        /// Fixed cost of a vendor.
        fixed_cost_usd: f64 = 5.0e6, "USD per year", [1.0, 1e12], Prior, "judgement: a company of 25";
        /// Time in which vendors enter or leave.
        entry_lag_years: f64 = 1.5, "years", [0.05, 50.0], Prior, "judgement: from funding to product";
    }
}

table! {
    /// Governance tools at the start.
    pub struct GovernanceToolsStart: Initial {
        /// Share of adopters in each jurisdiction, by spend, that use tools at the start.
        share: f64 = 0.03, "fraction", [0.0, 1.0], Prior, "judgement: a young category at the end of 2025";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn with_audits_and_complete_use_revenue_is_adopters_times_multi_model_use_times_price() {
        let users = potential(0.4, true, 0.25);
        assert!((revenue(users, 10e9, 0.05) - 10e9 * 0.4 * 0.05).abs() < 1e-3);
        assert!((potential(0.4, false, 0.25) / users - 0.25).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn more_tools_never_widen_the_gap_of_trust_nor_turn_it(k in 0.0f64..1.0, x in 0.0f64..1.0, more in 0.0f64..1.0) {
            let (few, many) = (trust_left(k, x), trust_left(k, (x + more).min(1.0)));
            prop_assert!(many <= few && many >= 0.0 && trust_left(k, 0.0) == 1.0);
        }
    }
}
