//! Consumers (section 3.10): habit, capability and brand choose an assistant; some pay.
//!
//! ```text
//! target_j = softmax(a_c·(ECI_j − ECI_front)/10 + brand_j);   s_j += (1 − habit)·(target_j − s_j) a year
//! ```

use crate::table;

table! {
    /// Consumers of assistants.
    pub struct Consumers: Parameter {
        /// Weight of capability.
        capability_weight: f64 = 0.6, "utility per 10 ECI", [0.0, 20.0], Prior, "judgement: below that of enterprises";
        /// Share of users who choose anew in a year.
        reconsideration_per_year: f64 = 0.35, "1 per year", [0.0, 12.0], Fitted, "consumer_share, Similarweb: ChatGPT 0.87 to 0.67 and Gemini 0.06 to 0.20 in 2025";
        /// Volatility of the appeal of an assistant.
        appeal_volatility: f64 = 0.5, "utility per square root of a year", [0.0, 10.0], Prior, "judgement, half of that in enterprise";
        /// Growth of users at the start.
        user_growth_per_year: f64 = 0.7, "1 per year", [0.0, 10.0], Fitted, "chatgpt_weekly_active_users 300 m to 900 m in 2025, slowing";
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
