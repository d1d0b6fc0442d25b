//! Consumers (section 3.10): habit, capability and brand choose an assistant; some pay.
//!
//! ```text
//! users    U' = r/(1 − U_0/Ū)·U·(1 − U/Ū)         Ū = saturation · population, in each jurisdiction; r the growth at the start
//! target_j = exp(u_j)/(1 + Σ exp(u_k));   u_j = brand_j + a_c·(ECI_j − ECI_front)/10 + publicity_j
//! share    s_j' = ρ·(target_j − s_j)              ρ of them choose anew in a year, and users of what is gone do at once
//! brand    a random walk, the same news in every jurisdiction
//! revenue  r_j·Σ s_j·U over jurisdictions;   r_j/(cap − r_j) = r_0/(cap − r_0) · exp(w·(ECI_j − ECI_j0) + trend·t)       USD a year
//! ```
//!
//! Who uses none of the labs' assistants has utility 0. How many users pay and what a payer pays is one number, the revenue r_j per user:
//! the paying share is not told apart. At the start r_j is what the lab reports over its users, and brands give the shares surveyed. Users
//! grow by the logistic of Verhulst (1838); the choice is the logit of McFadden (1974) with inertia; that revenue saturates is our own.
//!
//! Parameters: r `user_growth_per_year`, `saturation` of the population; a_c `capability_weight`; ρ `reconsideration_per_year`; sd of the
//! walk `appeal_volatility`, per square root of a year; cap `revenue_per_user_cap_usd`, w `revenue_per_eci`, trend
//! `revenue_trend_per_year`; serving costs `serving_share`·exp(−`serving_share_fall_per_year`·t) of revenue (`step/settle.rs`). Of smaller
//! firms (`step/other_business.rs`): `other_business.adoption`, `other_business.saturation`.

use crate::math::{exp, ln};
use crate::table;

/// Users after `dt` years of logistic growth from `users` to `ceiling`, exact for any step. `rate` is the
/// growth at the start, at which `start` users stood: growth without saturation would be
/// `rate/(1 − start/ceiling)`.
pub fn users_after(users: f64, start: f64, ceiling: f64, rate_per_year: f64, dt: f64) -> f64 {
    if users <= 0.0 || ceiling <= users || start >= ceiling {
        return users;
    }
    let intrinsic = rate_per_year / (1.0 - start / ceiling);
    ceiling / (1.0 + (ceiling / users - 1.0) * exp(-intrinsic * dt))
}

/// Share of those who choose anew in `dt` years at this rate.
pub fn reconsidering(rate_per_year: f64, dt: f64) -> f64 {
    1.0 - exp(-rate_per_year * dt)
}

/// Revenue per user after its ln has grown by `growth`: `start` at no growth, and approaching the greater of
/// `start` and `cap` smoothly. On the scale of `r/(cap − r)` growth is exponential.
pub fn revenue_per_user(start: f64, growth: f64, cap: f64) -> f64 {
    if start <= 0.0 || cap <= start {
        return start;
    }
    let odds = start / (cap - start) * exp(growth);
    if odds.is_finite() { cap * odds / (1.0 + odds) } else { cap }
}

/// Appeal at which a share equals `share` where utility of capability is `utility` and those who use none of
/// the labs' assistants, of share `others`, have utility 0.
pub fn fitted_appeal(share: f64, others: f64, utility: f64) -> f64 {
    ln(share / others) - utility
}

table! {
    /// Consumers of assistants.
    pub struct Consumers: Parameter {
        /// Weight of capability.
        capability_weight: f64 = 0.6, "utility per 10 ECI", [0.0, 20.0], Prior, "judgement: below that of enterprises";
        /// Share of users who choose anew in a year.
        reconsideration_per_year: f64 = 0.35, "1 per year", [0.0, 12.0], Fitted, "consumer_share, Similarweb: ChatGPT 0.87 to 0.67 and Gemini 0.06 to 0.20 in 2025";
        /// Volatility of the appeal of an assistant.
        appeal_volatility: f64 = 0.5, "utility per square root of a year", [0.0, 10.0], Prior, "judgement, half of that in enterprise";
        /// Greatest share of users that is inferred for a lab with consumer revenue and no survey; read when the initial state is laid.
        inferred_share_cap: f64 = 0.05, "fraction", [0.0, 1.0], Prior, "judgement: a survey names whoever has more";
        /// Growth of users at the start.
        user_growth_per_year: f64 = 0.9, "1 per year", [0.0, 10.0], Fitted, "chatgpt_weekly_active_users 300 m to 900 m in 2025, slowing";
        /// Share of the population that may use an assistant.
        saturation: f64 = 0.75, "fraction", [0.0, 1.0], Prior, "smartphone users; 0.53 adopted at the end of 2025 (AI Index 2026)";
        /// Growth of revenue per user with capability.
        revenue_per_eci: f64 = 0.015, "ln per ECI", [0.0, 1.0], Prior, "judgement: paying share 5% of ChatGPT's users in 2025";
        /// Trend of revenue per user: advertising and new tiers.
        revenue_trend_per_year: f64 = 0.10, "ln per year", [-1.0, 2.0], Prior, "judgement";
        /// Greatest revenue per user and year, at which growth of revenue per user ends.
        revenue_per_user_cap_usd: f64 = 60.0, "USD per user and year", [0.0, 10000.0], Prior, "Meta's revenue per user of about USD 50 to 60 worldwide";
        /// Serving cost as a share of consumer revenue at the start.
        serving_share: f64 = 0.65, "fraction", [0.0, 5.0], Derived, "OpenAI gross margin 0.33 in 2025, mostly consumers, free ones too";
        /// Fall of that share in a year.
        serving_share_fall_per_year: f64 = 0.15, "ln per year", [-1.0, 3.0], Prior, "costs fall, use per user grows";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_grow_at_their_rate_at_first_and_end_at_the_ceiling() {
        let growth = ln(users_after(100.0, 100.0, 300.0, 0.6, 1e-6) / 100.0) / 1e-6;
        assert!((growth - 0.6).abs() < 1e-3);
        assert!((users_after(100.0, 100.0, 300.0, 0.6, 100.0) - 300.0).abs() < 1e-6);
        let two = users_after(users_after(100.0, 100.0, 300.0, 0.6, 0.5), 100.0, 300.0, 0.6, 0.5);
        assert!((two - users_after(100.0, 100.0, 300.0, 0.6, 1.0)).abs() < 1e-9);
    }

    #[test]
    fn revenue_per_user_starts_as_observed_and_ends_at_its_cap() {
        assert!((revenue_per_user(12.0, 0.0, 60.0) - 12.0).abs() < 1e-12);
        assert!((revenue_per_user(12.0, 50.0, 60.0) - 60.0).abs() < 1e-6);
        assert_eq!(revenue_per_user(80.0, 1.0, 60.0), 80.0);
        assert_eq!(revenue_per_user(0.0, 1.0, 60.0), 0.0);
    }

    #[test]
    fn the_fitted_appeal_gives_the_share_back() {
        let (share, others, utility) = (0.6, 0.1, -0.3);
        let odds = exp(fitted_appeal(share, others, utility) + utility);
        assert!((odds - share / others).abs() < 1e-12);
    }
}
