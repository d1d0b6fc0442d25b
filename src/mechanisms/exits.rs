//! How a lab leaves the private market (section 3.13): listing and acquisition.
//!
//! ```text
//! ready      run-rate >= R_min  and  profit/run-rate >= m_min  and  no drought          then listed at the hazard h_l
//! acquired   chances come at the hazard h_a; struck when  synergy > premium,  price <= what the group can pay,  the lab agrees and no authority blocks
//! price      V·exp(premium);   in distress  D = β·max(0, V_d·exp(synergy) − debts)       V_d the value in distress, USD
//! blocked    1 − (1 − b)·(1 − s)                                                    s the share of the lab and of the buyer's labs in all labs' revenue
//! ```
//!
//! Synergy and premium in ln. A lab agrees with probability 1 − independence. In distress no authority blocks: the failing-firm defence
//! (US Horizontal Merger Guidelines, section 3.1 of 2023). Premiums: Betton, Eckbo and Thorburn (2008), Corporate takeovers: 30 to 48%.
//!
//! Parameters: R_min `listing_run_rate_usd`, m_min `listing_margin`, h_l `listing_hazard_per_year`; a listing sells `listing_dilution` at
//! exp(−`issue_discount`) of the value, later offerings as much at most, `offering_gap_months` apart, at a further discount in distress; the public pays
//! `public_premium`, ln, more; h_a `acquisition_hazard_per_year`; synergy N(`synergy`, `synergy_sd`²), `premium`; b `block_probability`; a
//! group can pay `capex_share` of its yearly capex, and its support follows the burn of the lab over `support_years`. β is the weight of
//! the lab in `terms`.

use crate::math::exp;
use crate::table;

table! {
    /// Listing and acquisition.
    pub struct Exits: Parameter {
        /// Least run-rate of a lab that lists.
        listing_run_rate_usd: f64 = 5e9, "USD per year", [0.0, 1e13], Prior, "judgement: far above the median of technology listings (Ritter: about USD 0.2 bn), as these labs burn more than any before them";
        /// Least profit over run-rate of a lab that lists: the outlook that the public accepts.
        listing_margin: f64 = -0.3, "ratio", [-10.0, 1.0], Prior, "Ritter, Initial public offerings: most technology issuers of 2010 to 2024 made losses; judgement";
        /// Hazard of a listing when all conditions hold.
        listing_hazard_per_year: f64 = 0.4, "1 per year", [0.0, 20.0], Prior, "judgement: boards wait for windows";
        /// Share sold in a listing, and later in any year by a listed lab that needs money.
        listing_dilution: f64 = 0.1, "fraction", [0.0, 0.9], Prior, "large listings sell 5 to 15%";
        /// ln of what the public pays over private investors as a whole.
        public_premium: f64 = 0.0, "ln", [-2.0, 2.0], Prior, "either sign: liquidity against scrutiny";
        /// Discount at which new shares are sold to the public.
        issue_discount: f64 = 0.1, "ln", [0.0, 2.0], Prior, "Ritter: mean first-day return 10 to 20%";
        /// Hazard of a chance that a group might buy a lab.
        acquisition_hazard_per_year: f64 = 0.05, "1 per year", [0.0, 20.0], Prior, "judgement: two or three of some forty labs with a model of their own were taken over in 2023 to 2025, most as licence and hire; from memory";
        /// Mean of what a group gains from owning a lab.
        synergy: f64 = 0.2, "ln", [-2.0, 2.0], Prior, "judgement: below the usual premium, so that most chances pass";
        /// sd of it between chances.
        synergy_sd: f64 = 0.3, "ln, standard deviation", [0.0, 3.0], Prior, "judgement";
        /// Premium over the market value.
        premium: f64 = 0.3, "ln", [0.0, 2.0], Prior, "Betton, Eckbo and Thorburn (2008): 30 to 48%";
        /// Most that a group pays, as a share of its yearly capex.
        capex_share: f64 = 0.5, "fraction", [0.0, 20.0], Prior, "judgement: the largest purchases of these groups were near half a year's capex";
        /// Probability that an authority blocks the purchase of a lab without market share.
        block_probability: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement: stakes of groups in labs were examined by several authorities and none was undone by 2025";
        /// Months between offerings of a listed lab that is not in distress.
        offering_gap_months: f64 = 12.0, "months", [0.0, 120.0], Prior, "judgement: listed firms that burn cash come back about once a year";
        /// Years over which a group's budget follows the needs of a lab that it has bought.
        support_years: f64 = 1.0, "years", [0.05, 20.0], Prior, "judgement: budgets are yearly";
    }
}

/// Whether the public would take a lab now.
pub fn ready_to_list(e: &Exits, run_rate: f64, profit: f64, drought: bool) -> bool {
    !drought && run_rate > 0.0 && run_rate >= e.listing_run_rate_usd && profit >= e.listing_margin * run_rate
}

/// Probability that something with this hazard happens within `years`.
pub fn chance(hazard_per_year: f64, years: f64) -> f64 {
    1.0 - exp(-hazard_per_year * years)
}

/// Probability that an authority blocks a purchase that gives the buyer this share of the market.
pub fn blocked(block_probability: f64, market_share: f64) -> f64 {
    1.0 - (1.0 - block_probability) * (1.0 - market_share.clamp(0.0, 1.0))
}

/// Price at which a group buys a lab at leisure, USD; `None` where it would pay more than the lab is worth to it, or than it can.
pub fn price_at_leisure(e: &Exits, value_usd: f64, synergy: f64, means_usd: f64) -> Option<f64> {
    let price = value_usd * exp(e.premium);
    (value_usd > 0.0 && synergy > e.premium && price <= means_usd).then_some(price)
}

/// Price at which a group takes over a lab in distress with its debts, USD; `None` where its debts exceed what it is worth to it, or what it can pay.
pub fn price_in_distress(
    value_usd: f64,
    synergy: f64,
    debts_usd: f64,
    holders_part: f64,
    means_usd: f64,
) -> Option<f64> {
    let gain = value_usd * exp(synergy) - debts_usd;
    let price = holders_part * gain.max(0.0);
    (gain > 0.0 && price + debts_usd <= means_usd).then_some(price)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_large_lab_with_an_outlook_lists_and_none_in_a_drought() {
        let e = Exits::default();
        assert!(ready_to_list(&e, 10e9, -2e9, false));
        assert!(!ready_to_list(&e, 10e9, -4e9, false));
        assert!(!ready_to_list(&e, 1e9, 1e8, false));
        assert!(!ready_to_list(&e, 10e9, 2e9, true));
    }

    #[test]
    fn a_purchase_pays_the_premium_and_happens_only_when_it_is_worth_it_and_can_be_paid() {
        let e = Exits::default();
        assert!((price_at_leisure(&e, 10e9, 0.4, 20e9).unwrap() - 10e9 * exp(0.3)).abs() < 1.0);
        assert_eq!(price_at_leisure(&e, 10e9, 0.2, 20e9), None);
        assert_eq!(price_at_leisure(&e, 10e9, 0.4, 10e9), None);
    }

    #[test]
    fn holders_of_a_lab_in_distress_get_part_of_what_its_debts_leave() {
        assert_eq!(price_in_distress(10e9, 0.0, 4e9, 0.5, 20e9), Some(3e9));
        assert_eq!(price_in_distress(3e9, 0.0, 4e9, 0.5, 20e9), None);
        assert_eq!(price_in_distress(10e9, 0.0, 4e9, 0.5, 6e9), None);
    }

    #[test]
    fn the_larger_the_share_the_likelier_a_block() {
        assert!((blocked(0.3, 0.0) - 0.3).abs() < 1e-12);
        assert!((blocked(0.3, 0.5) - 0.65).abs() < 1e-12);
        assert_eq!(blocked(0.0, 0.0), 0.0);
        assert!(((1.0 - chance(0.4, 0.5)) * (1.0 - chance(0.4, 0.5)) - (1.0 - chance(0.4, 1.0))).abs() < 1e-12);
    }
}
