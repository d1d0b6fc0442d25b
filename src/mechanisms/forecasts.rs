//! Which forecast of a lab's growth investors trust (section 3.13): switching between fundamental and extrapolative forecasts.
//!
//! ```text
//! fundamental     the growth that slow learning expects: g
//! extrapolative   growth goes on as it was seen of late: ĝ
//! error           e = (growth seen − forecast)², averaged over labs by value
//! fitness gap     dD/dt = (e_f − e_x − D)/τ_k                    τ_k memory of the kind, a part of its horizon
//! extrapolators   n_k = 1/(1 + exp(−β D_k))
//! ```
//!
//! A kind acts on the surprise of growth with its own weight times 2n: with as many of one sort as of the other (D = 0, or β = 0) that is
//! the weight as it stands. Growth is in ln per year, e and D in (ln per year)², β per (ln per year)².
//!
//! Brock and Hommes (1998), Heterogeneous beliefs and routes to chaos in a simple asset pricing model; fitness by squared forecast error
//! with memory after Hommes (2013), Behavioral rationality and heterogeneous expectations. They find β of order 1 in units of the error's
//! own variance; the sd of growth surprises is near 0.5 a year, which makes 4 the unit. No cost of the fundamental forecast is assumed.
//!
//! Parameters: β `intensity`; τ_k `memory_share` times the kind's horizon; ĝ is growth seen, smoothed over `smoothing_years`. Every
//! `tender_months` the book takes the share `rounds.secondary_share` of a lab from the highest valuation down, and its last buyer marks the
//! price.

use crate::math::exp;
use crate::table;

table! {
    /// Switching between forecasts.
    pub struct Forecasts: Parameter {
        /// Intensity of choice: how strongly investors follow the better forecast.
        intensity: f64 = 2.0, "1 per (ln per year) squared", [0.0, 100.0], Prior, "half of the unit that forecast errors of 0.5 a year imply; wide";
        /// Memory of past performance, as a share of the horizon of a kind.
        memory_share: f64 = 0.25, "share of the horizon", [0.01, 10.0], Prior, "judgement: venture one to two years, pension funds three";
        /// Time over which growth seen is smoothed before it is forecast.
        smoothing_years: f64 = 0.25, "years", [0.01, 5.0], Prior, "quarterly reports";
        /// Months between tenders of one lab's shares.
        tender_months: f64 = 6.0, "months", [1.0, 120.0], Prior, "judgement: large private firms let staff sell once or twice a year";
    }
}

/// Fitness gap after a step in which the two forecasts were off by `fundamental_error` and `extrapolative_error` (squared).
pub fn gap_after(gap: f64, fundamental_error: f64, extrapolative_error: f64, memory_years: f64, years: f64) -> f64 {
    let seen = fundamental_error - extrapolative_error;
    seen + (gap - seen) * exp(-years / memory_years)
}

/// Share of extrapolators, 0 to 1.
pub fn extrapolators(intensity: f64, gap: f64) -> f64 {
    1.0 / (1.0 + exp(-intensity * gap))
}

/// Factor on a kind's own weight on the surprise of growth: 1 when both forecasts have done equally well.
pub fn factor(intensity: f64, gap: f64) -> f64 {
    2.0 * extrapolators(intensity, gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forecasts_that_did_equally_well_have_equally_many_followers() {
        assert_eq!(factor(2.0, 0.0), 1.0);
        assert_eq!(factor(0.0, 3.0), 1.0);
    }

    #[test]
    fn the_better_forecast_wins_followers_by_the_logit_of_its_advantage() {
        let n = extrapolators(2.0, 0.7);
        assert!((crate::math::ln(n / (1.0 - n)) - 1.4).abs() < 1e-12);
        assert!(extrapolators(2.0, -0.7) < 0.5 && (extrapolators(2.0, -0.7) + n - 1.0).abs() < 1e-12);
        assert!(extrapolators(50.0, 0.7) > 0.999);
    }

    #[test]
    fn a_lasting_trend_makes_extrapolators_and_a_return_to_the_mean_unmakes_them() {
        let mut gap = 0.0;
        for _ in 0..120 {
            gap = gap_after(gap, 0.3, 0.1, 1.5, 1.0 / 12.0);
        }
        assert!((gap - 0.2).abs() < 1e-3);
        for _ in 0..120 {
            gap = gap_after(gap, 0.1, 0.3, 1.5, 1.0 / 12.0);
        }
        assert!((gap + 0.2).abs() < 1e-3);
    }

    #[test]
    fn memory_does_not_depend_on_the_length_of_the_step() {
        let months = (0..12).fold(0.0, |gap, _| gap_after(gap, 0.3, 0.1, 1.5, 1.0 / 12.0));
        assert!((months - gap_after(0.0, 0.3, 0.1, 1.5, 1.0)).abs() < 1e-12);
    }
}
