//! What an investor thinks a lab is worth (section 3.13).
//!
//! ```text
//! ln V = ln M_v + ln(R + R0) + e_v·(growth surprise) + climate − g_v·hazard·horizon_v + s_v·(T − T̄) + disagreement
//! ```

use crate::table;

table! {
    /// Valuation of labs.
    pub struct Valuation: Parameter {
        /// Multiple of the run-rate, at the growth of the window in which it was fitted.
        revenue_multiple: f64 = 34.0, "ratio", [0.1, 1000.0], Fitted, "nine priced rounds and tenders of OpenAI and Anthropic; sd 0.25 in ln, residual 0.11";
        /// Run-rate that a lab without revenue is valued at: an option value.
        option_run_rate_usd: f64 = 0.44e9, "USD per year", [0.0, 1e12], Fitted, "nine priced rounds and tenders of OpenAI and Anthropic";
        /// Growth of run-rate that the multiple was fitted at.
        reference_growth_per_year: f64 = 1.4, "ln per year", [-2.0, 5.0], Derived, "run-rates of OpenAI and Anthropic 2024 to 2025";
        /// Fall of ln multiple for each ln per year that expected growth falls short of the reference.
        growth_effect: f64 = 0.9, "ln per ln per year", [0.0, 5.0], Prior, "judgement: listed software at growth 0.3 trades near 8 times revenue: ln(34/8)/(1.4-0.26) = 1.3; wide";
        /// Speed at which expected growth follows the growth seen.
        growth_learning_per_year: f64 = 2.0, "1 per year", [0.01, 50.0], Prior, "judgement";
        /// Disagreement between investors about one lab.
        disagreement_sd: f64 = 0.2, "ln, standard deviation", [0.0, 3.0], Prior, "residual sd 0.11 is that of the marginal investor";
        /// Volatility of what the market as a whole thinks of one lab.
        sentiment_volatility: f64 = 0.25, "ln per square root of a year", [0.0, 3.0], Prior, "residual sd of the fit 0.11; listed peers move 0.4 to 0.5";
        /// Time in which that sentiment reverts.
        sentiment_reversion_years: f64 = 1.0, "years", [0.05, 100.0], Prior, "judgement";
        /// Weight of governance risk over the horizon of an investor.
        governance_weight: f64 = 0.5, "ln per unit of hazard times years", [0.0, 10.0], Prior, "wide: the price of February 2024 shows no discount";
        /// Weight of trust above the mean.
        resilience_weight: f64 = 0.3, "ln per unit of trust", [-5.0, 5.0], Prior, "wide";
    }
}
