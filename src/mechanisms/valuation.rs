//! What an investor thinks a lab is worth (section 3.13).
//!
//! ```text
//! ln V = ln M + ln(R + R0) + f·min(0, g − g*) + climate + sentiment − G·(h − h0)·H̄ + S·(T − T̄)      the market
//! ln V_v = ln V + premium_v + e_v·(growth seen − g) − G·(h − h0)·(G_v·H_v − H̄) + S·(T − T̄)·(S_v − 1) + disagreement
//! ```
//!
//! V post-money valuation, USD; M multiple of the run-rate R, USD per year; R0 option value, USD per year; g expected
//! and g* reference growth, ln per year; h hazard of a crisis of governance, per year, H horizon, years; T trust.
//! The multiple was fitted to priced rounds near the growth g* and at the governance of the time, so that neither adds
//! anything there: with g >= g*, h = h0, T at its mean and no sentiment the value is M·(R + R0).
//!
//! Own, fitted to priced rounds: valuation by a multiple. Sentiment is an Ornstein-Uhlenbeck process (Uhlenbeck and Ornstein 1930, On the
//! theory of the Brownian motion); that prices rest on disagreement is after Miller (1977), Risk, uncertainty, and divergence of opinion.
//!
//! ```text
//! g ← seen + (g − seen)·exp(−v·dt),   growth seen = ln((R + r0)/(R_before + r0))/dt within its bounds
//! d sentiment = −sentiment/τ dt + σ dW;   at the start what the last round's price leaves unexplained, exp(−age/τ) of it for a price that is stale
//! ```
//!
//! Growth seen lies within `growth_seen_least` and `growth_seen_greatest`, r0 is `growth_floor_usd`; what is seen beyond g counts up to
//! `surprise_cap`; a price is stale after `fresh_months`. A listed lab is worth `exits.public_premium` more, in ln. T is the plain mean over
//! jurisdictions, T̄ over labs in business. h − h0 is the hazard beyond an ordinary board's (`governance`). Parameters: M
//! `revenue_multiple`, R0 `option_run_rate_usd`, g* `reference_growth_per_year`, f `growth_effect`, v `growth_learning_per_year`, sd of
//! disagreement `disagreement_sd`, σ `sentiment_volatility`, τ `sentiment_reversion_years`, G `governance_weight`, S `resilience_weight`;
//! climate as in `environment`; premium, horizon and the factors G_v, S_v and e_v are those of the kind.
//!
//! Of kinds: premium `multiple_premium`, e_v `extrapolation`, G_v `governance_factor`, S_v `resilience_factor`, H `horizon_years`.

use crate::math::{exp, ln};
use crate::table;

table! {
    /// Valuation of labs.
    pub struct Valuation: Parameter {
        /// Multiple of the run-rate, at the growth of the window in which it was fitted.
        revenue_multiple: f64 = 34.0, "ratio", [0.1, 1000.0], Fitted, "nine priced rounds and tenders of OpenAI and Anthropic; sd 0.25 in ln, residual 0.11";
        /// Run-rate that a lab without revenue is valued at: an option value.
        option_run_rate_usd: f64 = 0.44e9, "USD per year", [0.0, 1e12], Fitted, "nine priced rounds and tenders of OpenAI and Anthropic";
        /// Growth of run-rate that the multiple was fitted at.
        reference_growth_per_year: f64 = 1.0, "ln per year", [-2.0, 5.0], Derived, "the least growth among the rounds of the fit: OpenAI in 2024";
        /// Fall of ln multiple for each ln per year that expected growth falls short of the reference.
        growth_effect: f64 = 1.5, "ln per ln per year", [0.0, 5.0], Prior, "judgement: software that grows by 0.26 in ln trades near 8 to 12 times revenue: ln(34/8..12)/(1.0-0.26) = 1.4 to 2.0; wide";
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
        /// Run-rate below which growth is not told apart from none.
        growth_floor_usd: f64 = 10e6, "USD per year", [1.0, 1e12], Prior, "judgement: first pilots of a lab that is not yet in business";
        /// Fastest fall of the run-rate that is believed.
        growth_seen_least: f64 = -3.0, "ln per year", [-100.0, 0.0], Prior, "judgement: to a twentieth within a year; a month extrapolated tells no more";
        /// Fastest growth of the run-rate that is believed.
        growth_seen_greatest: f64 = 3.0, "ln per year", [0.0, 100.0], Prior, "judgement: twentyfold within a year; a month extrapolated tells no more";
        /// Greatest surprise of growth that an investor acts upon.
        surprise_cap: f64 = 1.0, "ln per year", [0.0, 100.0], Prior, "judgement: as much as the growth that the multiple was fitted at";
        /// Time for which the price of a round stands as the market's; read when the initial state is laid.
        fresh_months: f64 = 6.0, "months", [0.0, 120.0], Prior, "judgement: about the time between the rounds of one lab in 2025 (`rounds.gap_months`)";
    }
}

/// ln of the value by fundamentals: `M·(R + R0)`, less for growth below the reference. USD.
pub fn ln_fundamental(v: &Valuation, run_rate: f64, expected_growth: f64) -> f64 {
    ln(v.revenue_multiple)
        + ln((run_rate + v.option_run_rate_usd).max(1.0))
        + v.growth_effect * (expected_growth - v.reference_growth_per_year).min(0.0)
}

/// Growth of the run-rate over a step, ln per year, within bounds.
pub fn growth_seen(v: &Valuation, before: f64, now: f64, years: f64) -> f64 {
    let growth = ln((now.max(0.0) + v.growth_floor_usd) / (before.max(0.0) + v.growth_floor_usd)) / years;
    growth.clamp(v.growth_seen_least, v.growth_seen_greatest)
}

/// Expected growth after a step: it follows the growth seen at `speed` per year.
pub fn expectation_after(expected: f64, seen: f64, speed: f64, years: f64) -> f64 {
    seen + (expected - seen) * exp(-speed * years)
}

/// Growth seen above what was expected, within the cap on what investors act upon, ln per year.
pub fn surprise(v: &Valuation, seen: f64, expected: f64) -> f64 {
    (seen - expected).clamp(-v.surprise_cap, v.surprise_cap)
}

/// Sentiment after a step: an Ornstein-Uhlenbeck process, exactly. `z` is standard normal.
pub fn sentiment_after(sentiment: f64, volatility: f64, reversion_years: f64, years: f64, z: f64) -> f64 {
    let kept = exp(-years / reversion_years);
    let sd = volatility * (0.5 * reversion_years * (1.0 - kept * kept)).sqrt();
    sentiment * kept + sd * z
}

/// Sentiment that explains the price of the last round: its price stands while it is fresh; of an older one, measured by
/// the run-rate that the lab had when its price went stale, what is left after the reversion of sentiment.
pub fn sentiment_at_start(
    v: &Valuation,
    price: f64,
    age_months: f64,
    run_rate: f64,
    growth: f64,
    ln_other_terms: f64,
) -> f64 {
    if price <= 0.0 {
        return 0.0;
    }
    let stale_years = (age_months - v.fresh_months).max(0.0) / 12.0;
    let then = run_rate * exp(-growth * stale_years);
    let gap = ln(price) - ln_fundamental(v, then, growth) - ln_other_terms;
    gap * exp(-stale_years / v.sentiment_reversion_years)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Purpose};

    #[test]
    fn valuation_alone_is_the_multiple_of_run_rate_and_option_value() {
        let v = Valuation::default();
        for run_rate in [0.0, 1e8, 9.5e9, 2e12] {
            let value = exp(ln_fundamental(&v, run_rate, v.reference_growth_per_year));
            let exact = v.revenue_multiple * (run_rate + v.option_run_rate_usd);
            assert!((value / exact - 1.0).abs() < 1e-12);
            // Growth above the reference adds nothing: the multiple was fitted near it.
            assert_eq!(ln_fundamental(&v, run_rate, 9.0), ln_fundamental(&v, run_rate, v.reference_growth_per_year));
        }
    }

    #[test]
    fn a_lab_whose_growth_fades_is_worth_a_lower_multiple() {
        let v = Valuation::default();
        let fall = ln_fundamental(&v, 1e10, v.reference_growth_per_year)
            - ln_fundamental(&v, 1e10, v.reference_growth_per_year - 1.0);
        assert!((fall - v.growth_effect).abs() < 1e-12);
    }

    #[test]
    fn steady_growth_is_seen_as_it_is_and_believed_in_the_end() {
        let dt = 1.0 / 12.0;
        let v = Valuation::default();
        let seen = growth_seen(&v, 1e10, 1e10 * exp(0.8 * dt), dt);
        assert!((seen - 0.8).abs() < 0.001);
        let mut expected = 1.4;
        for _ in 0..24 {
            expected = expectation_after(expected, 0.8, 2.0, dt);
        }
        assert!((expected - (0.8 + 0.6 * exp(-4.0))).abs() < 1e-12);
        assert_eq!(growth_seen(&v, 0.0, 0.0, dt), 0.0);
    }

    #[test]
    fn sentiment_has_the_variance_of_its_process_at_any_step() {
        let draws = Draws::new(5, 0);
        for steps in [4, 12] {
            let (mut s, mut sum, mut squares, n) = (0.0, 0.0, 0.0, 200_000);
            for i in 0..n {
                s = sentiment_after(s, 0.25, 1.0, 1.0 / f64::from(steps), draws.normal(Purpose::Test, 0, 0, i));
                sum += s;
                squares += s * s;
            }
            let n = f64::from(n);
            assert!((sum / n).abs() < 0.02);
            assert!((squares / n / (0.25 * 0.25 / 2.0) - 1.0).abs() < 0.06, "{}", squares / n);
        }
    }

    #[test]
    fn a_fresh_price_is_the_value_at_the_start_and_a_stale_one_fades() {
        let v = Valuation::default();
        let value = |age| exp(ln_fundamental(&v, 20e9, 1.2) + sentiment_at_start(&v, 500e9, age, 20e9, 1.2, 0.0));
        assert!((value(2.0) / 500e9 - 1.0).abs() < 1e-12);
        assert!((value(600.0) / exp(ln_fundamental(&v, 20e9, 1.2)) - 1.0).abs() < 1e-6);
        assert_eq!(sentiment_at_start(&v, 0.0, 3.0, 20e9, 1.2, 0.0), 0.0);
    }
}
