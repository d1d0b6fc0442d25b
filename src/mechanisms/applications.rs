//! Applications (section 3.18): vendors buy models, sell applications to firms, and keep a margin.
//!
//! ```text
//! R = sat(R_0·(F/F_0)·exp(ψ·(ECI − ECI_0))·P^(1−ε)·N(t))       revenue of vendors, USD per year; sold U/U_0 = (R/R_0)/P
//! r = Σ_j u_j·(p_j/p_ref)^(1−σ) / Σ_j u_j, over that of the start
//! C = (m·r + 1 − m)^(1/(1−σ))                                   cost of an application, 1 at the start; exp(m·Δln p) at σ = 1
//! s = m·r/(m·r + 1 − m)                                         share of models in it;  logit m = logit m_0 + a·(ECI − ECI_0)
//! P = 1 + φ·(C − 1)                                             price of an application, 1 at the start
//! profit = U·(P − k·C),  of the cost k·C·U models are s         k cost over revenue at the start
//! d ln N/dt = g·exp(−(t − 2025)/τ)
//! ```
//!
//! F adopted share of firms; ECI mean capability bought, weighted by units u; p price of models; ε elasticity of applications to their
//! price; φ pass-through. Models and all else (people, sales, hosting) make an application with constant elasticity of substitution σ
//! (Arrow, Chenery, Minhas and Solow 1961): that of tokens to their price in section 3.8, so that cheaper tokens are used more, and yet
//! never cost more than the application. Better models do more of the work themselves: a moves the share of models in it, as automation
//! moves tasks (Acemoglu and Restrepo 2018, The race between man and machine). m_0 and k follow from what labs sell to vendors, what
//! vendors sell, and their other costs. Demand is that of section 3.8 with values of its own; the forms of N and of saturation are those of
//! [`spend`](super::spend).
//!
//! The largest vendors are agents, two for each lab that they buy from at the start: that is how the data count them (two customers were a
//! quarter of Anthropic's revenue of 2025). Their sizes follow a rank-size rule (Zipf 1949; Axtell 2001, Zipf distribution of U.S. firm
//! sizes) and then Gibrat's law of proportional growth (Gibrat 1931). The rest is one aggregate.
//!
//! Parameters: R_0 `applications.start.revenue_usd`, F mean of enterprises `enterprise_fraction` and smaller firms; ψ `capability_effect`,
//! ε `elasticity`, a `automation_per_eci`, φ `pass_through`, g `new_uses_per_year`, τ `new_uses_fading_years`, saturation at
//! `ceiling_usd_per_year`; k by `other_cost_share`; a vendor's choice of lab is that of smaller firms (`step/other_business.rs`) times
//! p^−w, w `price_weight`, at `switching_cost_factor` of the switching cost; sizes by `rank_exponent` and `growth_volatility`; σ
//! `spend.usage_elasticity`.

use crate::math::{exp, pow};
use crate::table;

/// Large vendors for each lab.
pub const LARGE_PER_LAB: usize = 2;

/// Shares of [`LARGE_PER_LAB`] vendors in what they buy together: `1/rank^exponent`, normed.
pub fn rank_shares(exponent: f64) -> [f64; LARGE_PER_LAB] {
    let weights: [f64; LARGE_PER_LAB] = std::array::from_fn(|rank| pow(rank as f64 + 1.0, -exponent));
    let total: f64 = weights.iter().sum();
    weights.map(|w| w / total)
}

/// Growth of a vendor relative to the others over `dt` years, mean 1: Gibrat's law.
pub fn relative_growth(volatility: f64, dt: f64, z: f64) -> f64 {
    exp(volatility * dt.sqrt() * z - 0.5 * volatility * volatility * dt)
}

/// What a unit of models weighs at `ln_price_ratio` of its price to the reference: `(p/p_ref)^(1−σ)`.
pub fn unit_weight(ln_price_ratio: f64, substitution: f64) -> f64 {
    exp((1.0 - substitution) * ln_price_ratio)
}

/// Cost of an application relative to the start: `model_share` of the cost at the start, `ratio` and `ln_price` the mean weight and ln price of
/// models relative to the start.
pub fn cost_ratio(model_share: f64, ratio: f64, ln_price: f64, substitution: f64) -> f64 {
    let slope = 1.0 - substitution;
    if slope.abs() < 1e-6 {
        exp(model_share * ln_price)
    } else {
        pow(model_share * ratio + 1.0 - model_share, 1.0 / slope)
    }
}

/// Share of models in cost at the prices of the start, once models that are better by `gain_eci` do more of the work.
pub fn automated(model_share: f64, automation: f64, gain_eci: f64) -> f64 {
    let odds = exp(automation * gain_eci);
    model_share * odds / (model_share * odds + 1.0 - model_share)
}

/// Share of models in the cost of an application.
pub fn models_in_cost(model_share: f64, ratio: f64) -> f64 {
    model_share * ratio / (model_share * ratio + 1.0 - model_share)
}

/// Price of an application relative to the start when it costs `cost` times what it did.
pub fn price_ratio(pass_through: f64, cost: f64) -> f64 {
    1.0 + pass_through * (cost - 1.0)
}

/// Demand for applications relative to the start, before saturation: adoption, capability, price and new uses.
pub fn demand(
    adopted_ratio: f64,
    capability_effect: f64,
    gain_eci: f64,
    elasticity: f64,
    price: f64,
    ln_new: f64,
) -> f64 {
    adopted_ratio * exp(capability_effect * gain_eci + ln_new) * pow(price, 1.0 - elasticity)
}

table! {
    /// Application vendors.
    pub struct Applications: Parameter {
        /// Share of applications that enterprises buy; smaller firms buy the rest.
        enterprise_fraction: f64 = 0.6, "fraction", [0.0, 1.0], Prior, "judgement: Menlo (2025) finds more of the spend on applications with small firms than on infrastructure";
        /// Growth of demand with capability.
        capability_effect: f64 = 0.03, "ln per ECI", [0.0, 1.0], Prior, "judgement, below that of tokens: an application is paid by seat or outcome";
        /// Elasticity of demand for applications to their price.
        elasticity: f64 = 1.2, "elasticity", [0.0, 5.0], Prior, "software 1 to 2 (Ghose and Han 2014: apps 2; enterprise software about 1)";
        /// Work that passes from people and software to models as these get better: rise of ln odds of the models' share in cost.
        automation_per_eci: f64 = 0.03, "ln per ECI", [0.0, 1.0], Prior, "judgement: 0 to 0.05; spend on tokens rises 0.05 with each ECI (spend.capability_effect), demand for applications 0.03";
        /// Part of a change of cost that goes into the price of applications.
        pass_through: f64 = 0.8, "fraction", [0.0, 1.0], Prior, "0.5 (linear demand, monopoly) to 1 (competition): Weyl and Fabinger (2013), Pass-through as an economic tool";
        /// Growth by new uses and agents at the start of 2025.
        new_uses_per_year: f64 = 0.7, "ln per year", [0.0, 5.0], Prior, "enterprise_genai_spend, half of it on applications: 11.5 bn in 2024 and 37 bn in 2025, 1.2 in ln, of which adoption and capability explain about half";
        /// Time in which that growth fades.
        new_uses_fading_years: f64 = 3.0, "years", [0.1, 100.0], Prior, "as spend.new_uses_fading_years";
        /// Revenue of vendors at which demand saturates.
        ceiling_usd_per_year: f64 = 5.0e11, "USD per year", [1e6, 1e15], Prior, "judgement: half of the 1 trillion that all firms pay for software";
        /// Costs of vendors apart from models, as a share of revenue at the start.
        other_cost_share: f64 = 0.7, "fraction of revenue", [0.0, 3.0], Prior, "software firms: sales 0.3 to 0.4, development 0.2 to 0.25, administration 0.1, hosting and support 0.1";
        /// Weight of ln price in a vendor's choice of a lab, beyond that of enterprises: models are its largest cost of sales.
        price_weight: f64 = 0.3, "utility per ln price", [0.0, 10.0], Prior, "judgement";
        /// Switching cost of a vendor relative to that of an enterprise.
        switching_cost_factor: f64 = 0.5, "ratio", [0.0, 5.0], Prior, "judgement: vendors build on several models and test each release; 0.3 to 0.8";
        /// Exponent of the rank-size rule among a lab's largest customers.
        rank_exponent: f64 = 1.0, "exponent", [0.0, 5.0], Prior, "Zipf's law: Axtell (2001)";
        /// Volatility of a large vendor's growth relative to the others.
        growth_volatility: f64 = 0.4, "ln per square root of a year", [0.0, 5.0], Prior, "judgement: young software firms; listed firms 0.2 to 0.5 (Stanley and others 1996)";
    }
}

table! {
    /// Application vendors at the start.
    pub struct ApplicationsStart: Initial {
        /// Revenue of application vendors at the start, without the labs' own seats.
        revenue_usd: f64 = 13.5e9, "USD per year", [0.0, 1e13], Derived, "enterprise_genai_spend 2025: 19 bn on applications, less about 5.5 bn of the labs' own seats";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_of_two_buys_twice_what_the_second_does_under_zipfs_law() {
        let [first, second] = rank_shares(1.0);
        assert!((first / second - 2.0).abs() < 1e-12 && (first + second - 1.0).abs() < 1e-12);
        assert_eq!(rank_shares(0.0), [0.5, 0.5]);
    }

    #[test]
    fn nothing_changes_while_nothing_changes() {
        assert_eq!(unit_weight(0.0, 0.7), 1.0);
        assert_eq!(cost_ratio(0.2, 1.0, 0.0, 1.5), 1.0);
        assert_eq!(price_ratio(0.5, 1.0), 1.0);
        assert_eq!(demand(1.0, 0.03, 0.0, 1.2, 1.0, 0.0), 1.0);
        assert_eq!(relative_growth(0.0, 1.0, 2.0), 1.0);
    }

    #[test]
    fn the_share_of_models_in_cost_is_how_fast_cost_rises_with_their_price() {
        // Shephard's lemma: d ln C/d ln p = s.
        for substitution in [0.3, 0.999_999_9, 1.6] {
            for ln_price in [-3.0, -0.5, 1.0] {
                let cost = |l: f64| cost_ratio(0.2, unit_weight(l, substitution), l, substitution).ln();
                let slope = (cost(ln_price + 1e-5) - cost(ln_price - 1e-5)) / 2e-5;
                let share = models_in_cost(0.2, unit_weight(ln_price, substitution));
                assert!((slope - share).abs() < 1e-5, "{slope} for {share}");
            }
        }
    }

    #[test]
    fn cheaper_models_make_applications_cheaper_and_never_cost_more_than_they() {
        for substitution in [0.05, 0.9, 1.0, 1.7] {
            let ratio = unit_weight(-5.0, substitution);
            let (cost, share) = (cost_ratio(0.2, ratio, -5.0, substitution), models_in_cost(0.2, ratio));
            assert!(cost < 1.0 && cost > 0.0 && (0.0..1.0).contains(&share), "{cost} {share}");
        }
        let close = |gap: f64| cost_ratio(0.2, unit_weight(-2.0, 1.0 - gap), -2.0, 1.0 - gap);
        assert!((close(1e-4) - close(0.0)).abs() < 1e-4);
    }

    #[test]
    fn better_models_do_more_of_the_work_and_never_all_of_it() {
        assert!((automated(0.2, 0.03, 0.0) - 0.2).abs() < 1e-15);
        let more = automated(0.2, 0.03, 50.0);
        assert!((crate::math::logit(more) - crate::math::logit(0.2) - 1.5).abs() < 1e-12);
        // At lower prices of models, doing more of the work with them makes applications cheaper.
        for substitution in [0.5, 1.5] {
            let ratio = unit_weight(-2.0, substitution);
            assert!(cost_ratio(more, ratio, -2.0, substitution) < cost_ratio(0.2, ratio, -2.0, substitution));
        }
    }

    #[test]
    fn demand_for_applications_falls_with_their_price_by_its_elasticity() {
        let units = |p: f64| demand(1.0, 0.03, 0.0, 1.2, p, 0.0) / p;
        assert!((units(0.8) - 0.8f64.powf(-1.2)).abs() < 1e-12);
    }

    #[test]
    fn growth_by_chance_alone_has_mean_one() {
        let n = 4001;
        let mean: f64 = (0..n)
            .map(|i| relative_growth(0.4, 0.25, crate::math::normal_quantile((f64::from(i) + 0.5) / f64::from(n))))
            .sum::<f64>()
            / f64::from(n);
        assert!((mean - 1.0).abs() < 1e-3, "{mean}");
    }
}
