//! Spend of a workload that has adopted (section 3.8).
//!
//! ```text
//! x = S_w·weight·(1 + tenure)^θ_x · exp(ψ(ECI'_j − ECI_0)) · (p'_j/p_ref)^(1−ε) · N(t)
//! d ECI'/dt = (ECI − ECI')/τ_u;   p' = p·exp(−θ(ECI − ECI')/10)       what is in use, and its price by the slope of cost
//! d ln N/dt = g·exp(−(t − 2025)/τ_g)
//! X = Y·(1 + Y_0/ceiling)/(1 + Y/ceiling)                             the market saturates: Y sum of x, Y_0 that of the start; X = Y there
//! ```
//!
//! A vendor's customers move to its new model one after the other: what they use and pay follows what is offered. Falls of cost at fixed
//! quality reach them at once, and so does a model that is worse than what they use. Who chooses anew looks at what is offered, and then
//! uses what the vendor's customers use on average: there is one lag a lab. At the start it is what offers that rise at a steady pace
//! leave, pace·τ_u.
//!
//! Volumes are committed for the length of a contract: between two visits the factor of tenure stands at
//! its value in the middle of the contract, `(1 + tenure + half a contract)^θ_x`.
//!
//! Parameters: θ_x `tenure_exponent`; ψ `capability_effect`; ε `usage_elasticity`; τ_u `upgrade_months`, pace `upgrade_pace_eci_per_year`; g
//! `new_uses_per_year`, τ_g `new_uses_fading_years`; ceiling `ceiling_usd_per_year`; θ `pricing.cost_per_capability`; weight a draw of
//! `size_sd` in ln (`step/start/enterprises.rs`); ECI_0 and p_ref are means by spend at the start, S_w the scale of a workload that makes
//! spend of the start what was observed. Smaller firms follow the mean spend of enterprises by `other_business_growth_factor`
//! (`step/other_business.rs`).
//!
//! Own: a demand of constant elasticity in price, with factors for what else has moved spend; sizes are fitted or priors, as their
//! sources below say.

use crate::math::{exp, pow};
use crate::table;

/// Factor of tenure for a contract signed after `tenure_years`: its value in the middle of the contract.
pub fn tenure_factor(tenure_years: f64, contract_years: f64, exponent: f64) -> f64 {
    pow((1.0 + tenure_years + 0.5 * contract_years).max(0.0), exponent)
}

/// Factor of capability and price: `exp(ψ(ECI − ECI_0))·(p/p_ref)^(1−ε)`.
pub fn usage_factor(capability_effect: f64, gain_eci: f64, usage_elasticity: f64, ln_price_ratio: f64) -> f64 {
    exp(capability_effect * gain_eci + (1.0 - usage_elasticity) * ln_price_ratio)
}

/// How far what customers use stays behind what is offered, ECI, after `months`, if it was `lag_eci` behind; customers of a vendor whose
/// models take `upgrade_months` to come into use. Those of a vendor that offers less than they use lose it at once.
pub fn lag_after(lag_eci: f64, months: f64, upgrade_months: f64) -> f64 {
    if upgrade_months > 0.0 { lag_eci.max(0.0) * exp(-months / upgrade_months) } else { 0.0 }
}

/// How far what customers use stays behind, ECI, once offers have risen at this pace for long: `pace·τ_u`.
pub fn standing_lag(pace_eci_per_year: f64, upgrade_months: f64) -> f64 {
    pace_eci_per_year * upgrade_months / 12.0
}

/// Price of what is in use relative to the price of what is offered, if it is `lag_eci` behind: `exp(−θ·lag/10)`.
pub fn price_in_use(lag_eci: f64, cost_per_capability: f64) -> f64 {
    exp(-cost_per_capability * lag_eci / 10.0)
}

/// Growth of ln spend by new uses over the `dt` years that end at calendar year `year` (2025 = its start).
pub fn new_uses(rate_per_year: f64, fading_years: f64, year: f64, dt: f64) -> f64 {
    let at = |t: f64| exp(-(t - 2025.0) / fading_years);
    rate_per_year * fading_years * (at(year - dt) - at(year))
}

/// Saturation as a factor on spend `total`, 1 where it is `total_start`.
pub fn saturation(total: f64, total_start: f64, ceiling: f64) -> f64 {
    (1.0 + total_start / ceiling) / (1.0 + total / ceiling)
}

table! {
    /// What a workload spends.
    pub struct Spend: Parameter {
        /// Exponent of tenure.
        tenure_exponent: f64 = 0.5, "exponent", [0.0, 5.0], Prior, "0.5 (0.3)";
        /// Growth of spend with capability.
        capability_effect: f64 = 0.05, "ln per ECI", [0.0, 1.0], Prior, "0.05 (0.02)";
        /// Elasticity of usage to price.
        usage_elasticity: f64 = 0.9, "elasticity", [0.0, 5.0], Prior, "0.05 to 1.7, the data disagree; OpenRouter 0.06";
        /// Time in which a vendor's new model comes into use among its customers; 0 for at once.
        upgrade_months: f64 = 4.0, "months", [0.0, 60.0], Prior, "between about 2 (flagship releases of 2025: near half of a vendor's tokens in a month) and 9 (upgrade_within_vendor_rate_annual 0.66 of all firms, Menlo 2025)";
        /// Pace of the models that customers had moved to before the start: times the time of upgrade, how far what they use stays behind then.
        upgrade_pace_eci_per_year: f64 = 11.0, "ECI per year", [0.0, 60.0], Derived, "capability_eci: rise of the frontier in 2024 and 2025";
        /// Growth by new uses and agents at the start of 2025.
        new_uses_per_year: f64 = 0.8, "ln per year", [0.0, 5.0], Fitted, "API spend grew 1.75 ln per year in the first half of 2025, of which adoption and intensity explain 0.8 to 1.1";
        /// Time in which that growth fades.
        new_uses_fading_years: f64 = 3.0, "years", [0.1, 100.0], Prior, "judgement";
        /// Spend at which enterprise demand saturates.
        ceiling_usd_per_year: f64 = 6.0e11, "USD per year", [1e6, 1e15], Prior, "judgement: about an eighth of the wages of knowledge workers in the Global 2000; software spend of all firms is about 1.2e12";
        /// sd of ln spend per firm across firms.
        size_sd: f64 = 2.1, "ln, standard deviation", [0.0, 5.0], Fitted, "ai_spend_per_employee_month across Ramp firms";
        /// Weight of the market's mean spend that other business follows in its own growth.
        other_business_growth_factor: f64 = 0.75, "ratio", [0.0, 3.0], Prior, "small firms and seats grow slower than API spend: seats and apps 2025";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_follows_what_is_offered_and_costs_what_its_quality_costs() {
        assert!((lag_after(10.0, 4.0, 4.0) - 10.0 * exp(-1.0)).abs() < 1e-12);
        assert!((lag_after(lag_after(10.0, 1.0, 4.0), 2.0, 4.0) - lag_after(10.0, 3.0, 4.0)).abs() < 1e-12);
        assert_eq!((lag_after(10.0, 1.0, 0.0), lag_after(-3.0, 1.0, 4.0)), (0.0, 0.0));
        // A rise of a little a day, and what is left of it, come to rest at the standing lag.
        let lag = (0..10_000).fold(0.0, |lag, _| lag_after(lag + 11.0 / 365.0, 12.0 / 365.0, 4.0));
        assert!((lag / standing_lag(11.0, 4.0) - 1.0).abs() < 0.01, "{lag}");
        // Ten ECI behind at 1.7 per ten: what two models 10 ECI apart cost to serve.
        let cost = |eci: f64| crate::mechanisms::pricing::serving_cost(0.4, 0.5, eci, 2.6, 1.7);
        assert!((price_in_use(10.0, 1.7) - cost(140.0) / cost(150.0)).abs() < 1e-12);
    }

    #[test]
    fn new_uses_add_the_integral_of_a_fading_rate_whatever_the_step() {
        let monthly: f64 = (1..=24).map(|m| new_uses(0.8, 3.0, 2025.0 + f64::from(m) / 12.0, 1.0 / 12.0)).sum();
        assert!((monthly - 0.8 * 3.0 * (1.0 - exp(-2.0 / 3.0))).abs() < 1e-10);
    }

    #[test]
    fn spend_saturates_below_its_ceiling_and_starts_as_it_was() {
        let (start, ceiling) = (15e9, 600e9);
        assert!((saturation(start, start, ceiling) - 1.0).abs() < 1e-12);
        let large = 1e16;
        assert!((large * saturation(large, start, ceiling) / (ceiling + start) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn at_unit_elasticity_price_leaves_spend_as_it_is() {
        assert!((usage_factor(0.05, 10.0, 1.0, -2.0) - exp(0.5)).abs() < 1e-12);
        assert!(usage_factor(0.05, 0.0, 0.5, -2.0) < 1.0);
    }

    #[test]
    fn a_workload_in_its_third_year_spends_more_than_a_new_one() {
        assert!((tenure_factor(3.0, 0.0, 0.5) - 2.0).abs() < 1e-12);
        assert_eq!(tenure_factor(3.0, 1.0, 0.0), 1.0);
    }
}
