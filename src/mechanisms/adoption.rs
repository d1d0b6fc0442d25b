//! Adoption of a workload (section 3.8), a hazard after Bass (1969), each workload on its own
//! exponential clock.
//!
//! ```text
//! h_g = a_g·(p + q·F_g + γ·max(0, ln(p_ref/p̄)))      1/yr; F share of the group (sector, jurisdiction, workload) that has adopted, by firms
//! H_g ← H_g + h_g(F + ½·dt·h_g(F)·(1 − F))·dt         the hazard at the share expected in the middle of the step
//! a workload adopts when H_g exceeds its Exp(1) draw over the factor of its segment
//! segment     tech-forward m = min(f, 1/s), others (1 − s·m)/(1 − s): the mean over all firms is 1
//! ```
//!
//! p̄ mean price of what is bought, by spend, and p_ref that of the start, USD per million tokens. Public buyers that want to adopt wait for
//! their tender. Smaller firms adopt by the same hazard (`step/other_business.rs`). Parameters: p `innovation_per_year`, q
//! `imitation_per_year`, γ `price_effect_per_year`, s `tech_forward_share`, f `tech_forward_factor`; a_g `adoption_factor` of the
//! jurisdiction; the number of firms is `enterprises.count`.
//!
//! Bass (1969), A new product growth for model consumer durables; that a lower price adds to the hazard, and the segments after Rogers
//! (1962), Diffusion of Innovations, are our own form.

use crate::math::ln;
use crate::table;

/// Hazard of a group, per year: `adopted` its share that has adopted, `price_fall` the fall of ln price.
pub fn hazard(a: &Adoption, adopted: f64, price_fall: f64, factor: f64) -> f64 {
    (a.innovation_per_year + a.imitation_per_year * adopted + a.price_effect_per_year * price_fall.max(0.0)) * factor
}

/// Integral of the hazard over a step of `dt` years. Adoption goes on within the step: the hazard is taken
/// at the share expected in its middle, so that the length of the step hardly matters.
pub fn step_hazard(a: &Adoption, adopted: f64, price_fall: f64, factor: f64, dt: f64) -> f64 {
    let now = hazard(a, adopted, price_fall, factor);
    let middle = (adopted + 0.5 * dt * now * (1.0 - adopted)).min(1.0);
    hazard(a, middle, price_fall, factor) * dt
}

/// Fall of ln price since the start.
pub fn price_fall(reference_price: f64, price: f64) -> f64 {
    if price > 0.0 && reference_price > 0.0 { ln(reference_price / price) } else { 0.0 }
}

/// Factors on the hazard of tech-forward and of other firms; their mean over all firms is 1.
pub fn segment_factors(a: &Adoption) -> (f64, f64) {
    let share = a.tech_forward_share;
    let forward = a.tech_forward_factor.min(if share > 0.0 { 1.0 / share } else { f64::INFINITY });
    let other = if share < 1.0 { ((1.0 - share * forward) / (1.0 - share)).max(0.0) } else { 1.0 };
    (if share < 1.0 { forward } else { 1.0 }, other)
}

/// Share that has adopted after `years`, from `start`, at constant price: the solution of Bass (1969).
pub fn bass(innovation: f64, imitation: f64, start: f64, years: f64) -> f64 {
    let x = (1.0 - start) / (innovation + imitation * start) * crate::math::exp(-(innovation + imitation) * years);
    (1.0 - innovation * x) / (1.0 + imitation * x)
}

table! {
    /// When a workload adopts.
    pub struct Adoption: Parameter {
        /// Hazard without peers.
        innovation_per_year: f64 = 0.03, "1 per year", [0.0, 10.0], Fitted, "0.03 (0.03); enterprise_adoption_any_ai";
        /// Hazard when all peers have adopted.
        imitation_per_year: f64 = 0.4, "1 per year", [0.0, 10.0], Fitted, "0.4 (0.15); enterprise_adoption_any_ai";
        /// Rise of the hazard with the fall of ln price.
        price_effect_per_year: f64 = 0.1, "1 per year per ln", [0.0, 5.0], Prior, "0 to 0.2";
        /// Share of firms that are tech-forward.
        tech_forward_share: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement; Rogers (1962): 16% early adopters, 34% early majority";
        /// Hazard of tech-forward firms relative to the mean of all.
        tech_forward_factor: f64 = 1.8, "ratio", [1.0, 10.0], Prior, "judgement";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_factor_of_the_segments_is_one() {
        for (share, factor) in [(0.3, 1.8), (0.5, 10.0), (0.0, 2.0), (1.0, 3.0)] {
            let a = Adoption { tech_forward_share: share, tech_forward_factor: factor, ..Adoption::default() };
            let (forward, other) = segment_factors(&a);
            assert!((share * forward + (1.0 - share) * other - 1.0).abs() < 1e-12);
            assert!(other >= 0.0);
        }
    }

    #[test]
    fn steps_of_a_month_and_of_a_quarter_follow_the_solution_of_bass() {
        let a = Adoption::default();
        let exact = bass(a.innovation_per_year, a.imitation_per_year, 0.5, 5.0);
        for steps_per_year in [12, 4] {
            let dt = 1.0 / f64::from(steps_per_year);
            let mut f = 0.5;
            for _ in 0..5 * steps_per_year {
                f = 1.0 - (1.0 - f) * crate::math::exp(-step_hazard(&a, f, 0.0, 1.0, dt));
            }
            assert!((f - exact).abs() < 2e-4, "{f} for {exact}");
        }
    }

    #[test]
    fn without_imitation_adoption_is_a_constant_hazard() {
        assert!((bass(0.2, 0.0, 0.0, 3.0) - (1.0 - crate::math::exp(-0.6))).abs() < 1e-12);
    }

    #[test]
    fn only_a_fall_of_price_speeds_adoption() {
        let a = Adoption::default();
        assert_eq!(hazard(&a, 0.2, -1.0, 1.0), hazard(&a, 0.2, 0.0, 1.0));
        assert!(hazard(&a, 0.2, 1.0, 1.0) > hazard(&a, 0.2, 0.0, 1.0));
    }
}
