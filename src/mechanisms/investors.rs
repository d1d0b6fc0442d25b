//! Rounds by the book (section 3.13): the book fills from the highest valuation down, each investor
//! within dry powder and limit, and the marginal investor sets the post-money price.

use crate::table;

table! {
    /// Rounds of funding.
    pub struct Rounds: Parameter {
        /// Runway below which a lab opens a round.
        runway_trigger_months: f64 = 12.0, "months", [0.0, 60.0], Prior, "9 to 12";
        /// Ratio of the price at which the book would clear to the last price above which a lab opens a round.
        price_trigger: f64 = 1.5, "ratio", [1.0, 10.0], Prior, "step-ups of OpenAI and Anthropic 1.6 to 3 a round";
        /// Months of forecast burn that a lab asks for.
        ask_months: f64 = 18.0, "months", [1.0, 60.0], Prior, "usual practice";
        /// Least share of the lab that a round sells.
        dilution_min: f64 = 0.04, "fraction", [0.0, 0.9], Fitted, "funding_raised over valuation_post_money";
        /// Greatest share of the lab that a round sells.
        dilution_max: f64 = 0.14, "fraction", [0.01, 0.9], Fitted, "funding_raised over valuation_post_money";
        /// Greatest share that a lab in distress sells in a down round.
        dilution_distress: f64 = 0.35, "fraction", [0.01, 0.95], Prior, "judgement";
        /// Least months between rounds.
        gap_months: f64 = 4.0, "months", [0.0, 60.0], Fitted, "Anthropic: March, September, November 2025";
        /// Discount to the book at which a lab in distress sells.
        distress_discount: f64 = 0.35, "ln", [0.0, 3.0], Prior, "judgement: down rounds of 2022 and 2023";
        /// Growth of inflow to investors.
        inflow_growth_per_year: f64 = 0.20, "ln per year", [-2.0, 3.0], Prior, "private_investment in US AI 109 to 286 bn in 2025; far slower after";
        /// Part of its dry powder that an investor puts into one lab at most (soft: a boom lifts it).
        concentration_scale: f64 = 1.0, "ratio", [0.01, 10.0], Prior, "the largest cheque of 2025 was half of all lab capital";
        /// Months of spending at distress prices that creditors and investors wait before a default when no book fills.
        grace_months: f64 = 2.0, "months", [0.0, 24.0], Prior, "judgement";
    }
}

table! {
    /// One kind of investor.
    pub struct InvestorKind: Initial {
        /// Number of investors of this kind.
        count: u64 = 20, "investors", [0.0, 10000.0], Setting, "60 to 200 in all";
        /// Money of the kind that could go to labs in a year, at the climate of the start.
        inflow_usd_per_year: f64 = 10e9, "USD per year", [0.0, 1e13], Derived, "lab rounds of 2025: 65.8 bn (SoftBank 32.5, crossover and sovereign 21.3, strategic 8, venture 4)";
        /// Dry powder at the start in years of inflow.
        dry_powder_years: f64 = 1.5, "years of inflow", [0.0, 20.0], Prior, "lognormal, median 1.5, sd 0.4";
        /// Horizon.
        horizon_years: f64 = 5.0, "years", [0.1, 50.0], Prior, "venture 5, strategic 7, sovereign 10, pension 12";
        /// ln of the multiple that the kind applies relative to the mean of all.
        multiple_premium: f64 = 0.0, "ln", [-3.0, 3.0], Prior, "required return; judgement";
        /// Weight of growth above what was expected (extrapolation), against fundamentals.
        extrapolation: f64 = 0.3, "ln per ln per year", [0.0, 5.0], Prior, "judgement";
        /// Factor on the weight of governance risk.
        governance_factor: f64 = 1.0, "ratio", [0.0, 10.0], Prior, "judgement";
        /// Factor on the weight of regulatory resilience.
        resilience_factor: f64 = 1.0, "ratio", [0.0, 10.0], Prior, "judgement";
        /// Greatest part of its dry powder that goes into one lab (soft).
        concentration_limit: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement; SoftBank 2025 is the exception that makes it soft";
        /// Jurisdiction of the kind's money.
        jurisdiction: String = "us", "jurisdiction", [0.0, 0.0], Setting, "capital follows politics";
    }
}
