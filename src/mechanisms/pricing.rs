//! Serving cost, price and markup (section 3.9).
//!
//! ```text
//! ln c = c0 − ρ·t + θ·(ECI − 130)/10         USD per million tokens
//! p = c·(1 + m)·ς                            m the markup, ς >= 1 the premium while capacity is short
//! m' = v·(aim − m)                           aim by the strategy, within floor and cap
//! (ln ς)' = v_ς·ln(need / capacity), as a step of 1 − exp(−v_ς dt) toward what clears it, within 1 and a cap;   capacity (1 − research floor)·compute
//!
//! aim, cost_plus        markup; that of the start where none is set
//!      penetration      markup while share < s, then later_markup
//!      premium          (1 + markup)·exp(lead_effect·max(0, ECI_j − best rival)/10 + share_effect·share + trust_effect·max(0, w_j)) − 1
//!                       w_j = t̄·(T_j − T̄)/η   what buyers would pay for its trust, ln of price
//!      match_cheapest   ratio·(price of the cheapest rival not more than `comparable_eci` behind)/c − 1
//! adapted               (1 + aim)·exp(shift) − 1
//! ```
//!
//! Cost by time and capability is a hedonic regression of list prices (Rosen 1974, Hedonic prices and implicit markets). That a seller
//! of quality keeps a part of what it is worth: Tirole (1988), The theory of industrial organization; the strategies and their
//! sizes are our own.
//!
//! Parameters: ρ `cost_fall_per_year`, θ `cost_per_capability`; v `adjustment_per_year` within `markup_floor` and `markup_cap`; v_ς
//! `scarcity_speed_per_year` up to `scarcity_cap`, research floor `compute.research_floor`; the light tier costs `light_price_ratio` of the
//! other and is `light_gap_eci` behind; `compute_share` of serving cost is compute. t̄ is the mean of `demand.trust_weight` times the
//! sensitivities of sectors and workloads, by spend; η `demand.price_weight`; s, markup and effects are those of the strategy.
//!
//! Of strategies: `markup`, `later_markup`, s `share`, `lead_effect`, `share_effect`, `trust_effect`, `ratio`.

use crate::math::{exp, ln};
use crate::table;
use crate::units::ECI_ANCHOR;

table! {
    /// Serving cost and price.
    pub struct Pricing: Parameter {
        /// Fall of serving cost at fixed quality.
        cost_fall_per_year: f64 = 2.6, "ln per year", [0.0, 20.0], Fitted, "46 list prices, 2023 to 2025; 2.6 (0.6)";
        /// Rise of serving cost with capability.
        cost_per_capability: f64 = 1.7, "ln per 10 ECI", [0.0, 20.0], Fitted, "46 list prices, 2023 to 2025; 1.7 (0.4)";
        /// Share of serving cost that is compute.
        compute_share: f64 = 0.85, "fraction", [0.01, 1.0], Prior, "the rest is bandwidth, storage, support and payment fees";
        /// Price of the light tier relative to the frontier tier.
        light_price_ratio: f64 = 0.2, "ratio", [0.001, 1.0], Fitted, "price_input: GPT-5 mini to GPT-5 0.2, Haiku 4.5 to Opus 4.5 0.2, Gemini Flash to Pro 0.24";
        /// Capability of the light tier below the frontier tier.
        light_gap_eci: f64 = 8.0, "ECI", [0.0, 60.0], Prior, "capability_eci of small models a generation behind";
        /// Speed at which a markup moves to its aim.
        adjustment_per_year: f64 = 2.0, "1 per year", [0.0, 12.0], Prior, "list prices change about twice a year";
        /// Speed at which a price rises while capacity is short, and falls when it no longer is.
        scarcity_speed_per_year: f64 = 4.0, "1 per year", [0.0, 12.0], Prior, "judgement: rate limits first, list prices within a quarter";
        /// Greatest scarcity premium on a price.
        scarcity_cap: f64 = 3.0, "ratio", [1.0, 100.0], Prior, "judgement: marketplace prices of H100 hours peaked at 2 to 3 times contract prices in 2023";
        /// Least markup that a lab keeps for long.
        markup_floor: f64 = -0.5, "ratio", [-0.99, 10.0], Fitted, "gross_margin -0.94 (Anthropic 2024)";
        /// Greatest markup.
        markup_cap: f64 = 3.0, "ratio", [-0.9, 100.0], Prior, "a margin of 0.75; with price_weight near 0.5 an unconstrained optimum runs away";
        /// Capability by which a rival's model may fall short and still be comparable.
        comparable_eci: f64 = 5.0, "ECI", [0.0, 100.0], Prior, "judgement: about a third of a year of the frontier of 2025; the strategy that matches rivals looks at these";
    }
}

/// Serving cost of a million tokens, USD.
pub fn serving_cost(intercept: f64, years: f64, eci: f64, cost_fall: f64, per_capability: f64) -> f64 {
    exp(intercept - cost_fall * years + per_capability * (eci - ECI_ANCHOR) / 10.0)
}

/// The intercept with which a lab's price and gross margin hold at the start.
pub fn cost_intercept(price: f64, gross_margin: f64, eci: f64, per_capability: f64) -> f64 {
    ln(price * (1.0 - gross_margin)) - per_capability * (eci - ECI_ANCHOR) / 10.0
}

/// Markup after `dt` years of moving toward its aim, within floor and cap.
pub fn move_markup(markup: f64, aim: f64, speed: f64, floor: f64, cap: f64, dt: f64) -> f64 {
    // A scenario, a draw or an event that puts the floor above the cap is refused before it comes here.
    let aim = aim.max(floor).min(cap);
    aim + (markup - aim) * exp(-speed * dt)
}

/// Scarcity premium after `dt` years: moves toward what would clear the shortage, `need` over `capacity`, within 1 and the cap.
pub fn move_scarcity(premium: f64, need: f64, capacity: f64, speed: f64, cap: f64, dt: f64) -> f64 {
    if need <= 0.0 || capacity <= 0.0 {
        return premium;
    }
    // As most labs most of the time: nothing is short and nothing was.
    if premium == 1.0 && need <= capacity {
        return 1.0;
    }
    exp(ln(premium) + ln(need / capacity) * (1.0 - exp(-speed * dt))).clamp(1.0, cap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_lifts_the_price_and_slack_lets_it_fall_back() {
        let up = move_scarcity(1.0, 2.0, 1.0, 4.0, 3.0, 0.25);
        assert!(up > 1.0 && up < 2.0);
        assert_eq!(move_scarcity(1.2, 0.5, 1.0, 12.0, 3.0, 1.0), 1.0);
        assert_eq!(move_scarcity(2.9, 9.0, 1.0, 12.0, 3.0, 1.0), 3.0);
    }

    #[test]
    fn quality_that_stays_the_same_gets_thirteen_times_cheaper_in_a_year() {
        let now = serving_cost(0.0, 0.0, 140.0, 2.6, 1.7);
        let later = serving_cost(0.0, 1.0, 140.0, 2.6, 1.7);
        assert!((now / later - 13.46).abs() < 0.01);
    }

    #[test]
    fn a_frontier_that_gains_fourteen_points_a_year_costs_about_the_same() {
        let later = serving_cost(0.0, 1.0, 144.0, 2.6, 1.7);
        assert!((later / serving_cost(0.0, 0.0, 130.0, 2.6, 1.7) - 0.8).abs() < 0.05);
    }

    #[test]
    fn price_and_margin_hold_at_the_start() {
        let c = serving_cost(cost_intercept(6.0, 0.4, 150.0, 1.7), 0.0, 150.0, 2.6, 1.7);
        assert!((c - 3.6).abs() < 1e-12);
    }

    #[test]
    fn a_markup_reaches_its_aim_within_its_bounds() {
        let mut m = 0.0;
        for _ in 0..600 {
            m = move_markup(m, 9.0, 2.0, -0.5, 3.0, 1.0 / 12.0);
        }
        assert!((m - 3.0).abs() < 1e-9);
        // Bounds that cross are refused before; they are no reason to panic.
        assert!(move_markup(0.0, 0.5, 2.0, 10.0, 3.0, 1.0).is_finite());
    }
}
