//! Choice: whom an enterprise buys from (section 3.7), a random-utility model (McFadden 1974) with
//! consideration sets, persistent taste and switching cost.
//!
//! ```text
//! tier        v_jt = −ln(1 + v²·a_w·gap_jt/10)/v² − η·ln p_jt, for the light tier + f·simple_w     gap to the best tier on sale, ECI
//! menu        V_jw = ln Σ_t exp(v_jt);   of those who take lab j the share exp(v_jt)/Σ exp(v_jt) takes tier t
//! shared      u_jwsg = V_jw + q_jw − o·refusal_w·R_j·S_j − ρ·(1 − reliability_j) + trust − harm − loss − compliance
//! trust       t·sensitivity_sw·(1 − k·x_g)·(T_jg − T̄_g)                  T̄ mean over labs by spend there; x users of governance tools
//! harm        ℓ·liability_s·E_j·(1 − indemnity_j)·(1 − shifted_g)        E_j = exp(−c·(S_j − S̄)), incidents against reference safety
//! loss        χ·h_jg·κ·(1 − cut·O)·(contract in years)                   public buyers alone; h hazard of an exclusion, 1/yr; O orchestrate
//! compliance  b·(1 − readiness_j)                                        regulated sectors where audits are in force
//! own weights u = V + q_0w − k_0 − o·refusal_w·R·S − ρ·(1 − hosts' service) − ℓ·liability_s·E − compliance     the best open model
//! choice      the greatest  u_jwsg + channel_cj + ν_ijw + held_ij + ε    among those considered; ν ~ N(0, sd²) for good, ε Gumbel
//! held        κ of the workload's own vendor, κ·φ of one of the firm's other workloads, 0 of a new one;   κ·(1 − cut) if the firm orchestrates
//! considered  what is held, and who the firm's draw (one a run) is below  P_js = 1 − exp(−(w_c·reach_j + w_b·brand_j + w_p·share_js))
//! quality     d(q − s·q_0) = −(q − s·q_0)/τ_q dt + f_q·ln((1 + e_jw)/2) dt + σ_q dW      e effort at the workload over the mean lab's
//! ```
//!
//! Utility is without unit; capability in ECI, price in USD per million tokens, trust T and safety S from 0 to 1, hazards
//! per year. A lab's menu has two tiers; the workload picks among all tiers of all labs at once, which is
//! the same as picking a lab by the log-sum of its tiers and then a tier by the logit between the two. A lab that is excluded, refused,
//! refuses the sector or no longer sells has weight 0. A firm that considers nobody looks at all. Effort e is the lab's `focus`
//! on the workload over its own mean, over the mean of the labs in business. Under an antitrust remedy κ is that of `antitrust`. How reach,
//! channels, trust and hazards are measured stands under `step/demand/utility.rs`, what q_0 is under `step/start/enterprises/vendors.rs`.
//!
//! Parameters: a_w `capability_weight` times `capability_factor_coding`, `capability_factor_knowledge` or `capability_factor_customer`; v
//! `capability_spread`; η `price_weight`; f `light_tier_fit`; t `trust_weight`; ℓ `liability_weight`; χ `hedging`; contract
//! `contract_months`; ρ `reliability_weight`; k_0 `self_hosting_cost`; ν of sd `taste_sd`; κ `switching_cost`, φ
//! `switching_cost_firm_share`; w_c `consideration_channels`, w_b `consideration_brand`, w_p `consideration_peers`; τ_q
//! `quality_reversion_years`, f_q `quality_effort`, σ_q `quality_volatility`, s `quality_lasting_share`; the channel is `channel_advantage`
//! and `promotion_advantage`. Of other mechanisms: o `safety.over_refusal_loss` and R the method's factor on it; c
//! `incidents.safety_effect`; b `regulation.buyer_compliance`; k `governance_tools.trust_narrowing`; cut
//! `orchestration.switching_cost_cut`. simple_w is 0 for coding,
//! `light_tier_fit_knowledge` and 1; refusal_w 1, `safety.over_refusal_knowledge` and `safety.over_refusal_customer`.
//!
//! Capability by the Laplace transform of gamma distributed weights: mixed logit, McFadden and Train (2000), Mixed MNL models for discrete
//! response. Switching costs: Klemperer (1987), Markets with consumer switching costs. Latent quality is the process of Uhlenbeck and
//! Ornstein (1930), On the theory of the Brownian motion. The terms of utility, and the form of awareness, are our own.
//!
//! Of agents: `brand`, `indemnity`, `audit_readiness` and `focus` of the lab; liability_s `liability`, `regulated`, `public` and the
//! sensitivities `trust_coding`, `trust_knowledge`, `trust_customer` of the sector.

use crate::math::{exp, ln};
use crate::table;

/// Utility of capability that falls short of the frontier by `gap_eci`, to workloads whose weights of 10 ECI spread about the
/// mean `weight` with the coefficient of variation `spread`.
///
/// Weights that are gamma distributed give the small vendor the share `E[e^(−a·gap/10)] = (1 + v²·a·gap/10)^(−1/v²)` of what it
/// would have at the frontier: who buys far behind it are those who need little, and they stay. A linear utility, the limit of no
/// spread, makes a vendor's fit of everything that its gap does not explain, and hands it the market once the gap closes.
/// Source: the Laplace transform of the gamma distribution; mixed logit, McFadden and Train (2000), Mixed MNL models for discrete response.
pub fn capability_utility(weight: f64, spread: f64, gap_eci: f64) -> f64 {
    let linear = weight * gap_eci / 10.0;
    let v2 = spread * spread;
    // A tier ahead of the frontier of those on sale does not occur; near no spread the logarithm loses its digits.
    if v2 < 1e-6 || linear <= 0.0 { -linear } else { -ln(1.0 + v2 * linear) / v2 }
}

/// Utility of a tier before all that lab and buyer add: capability short of the frontier, and price.
pub fn tier_utility(weight: f64, spread: f64, gap_to_frontier_eci: f64, price_weight: f64, ln_price: f64) -> f64 {
    capability_utility(weight, spread, gap_to_frontier_eci) - price_weight * ln_price
}

/// A menu of two tiers as one alternative: its utility (the log-sum) and the share of the light tier.
pub fn menu(frontier: f64, light: f64) -> (f64, f64) {
    let (high, low) = if frontier > light { (frontier, light) } else { (light, frontier) };
    let lower = exp(low - high);
    let share = if frontier > light { lower } else { 1.0 } / (1.0 + lower);
    (high + ln(1.0 + lower), share)
}

/// Probability that a buyer considers a vendor: `1 − exp(−awareness)`.
pub fn consideration(awareness: f64) -> f64 {
    1.0 - exp(-awareness)
}

/// The switching cost of a vendor new to the workload but known to the firm, and of one new to both.
pub fn switching_costs(total: f64, firm_share: f64) -> (f64, f64) {
    (total * (1.0 - firm_share), total)
}

/// Effort of a lab at a workload relative to the mean lab, as growth of latent quality: `f·ln((1 + e)/2)` for
/// effort `e`, 1 for the mean, so that labs of equal effort do not drift apart.
pub fn effort_drift(gain_per_year: f64, relative_effort: f64) -> f64 {
    gain_per_year * ln((1.0 + relative_effort) / 2.0)
}

/// How latent quality moves in a step, an Ornstein–Uhlenbeck process with drift, exact for any step.
#[derive(Clone, Copy, Debug)]
pub struct QualityStep {
    reversion_years: f64,
    keep: f64,
    sd: f64,
}

impl QualityStep {
    /// A step of `dt` years.
    pub fn new(reversion_years: f64, volatility: f64, dt: f64) -> QualityStep {
        let keep = exp(-dt / reversion_years);
        QualityStep { reversion_years, keep, sd: volatility * (0.5 * reversion_years * (1.0 - keep * keep)).sqrt() }
    }
    /// Latent quality after the step.
    pub fn after(&self, quality: f64, drift_per_year: f64, z: f64) -> f64 {
        let level = drift_per_year * self.reversion_years;
        level + (quality - level) * self.keep + self.sd * z
    }
}

table! {
    /// Whom an enterprise buys from. (The path of this table is `demand`.)
    pub struct Demand: Parameter {
        /// Weight of capability, for 10 ECI.
        capability_weight: f64 = 1.5, "utility per 10 ECI", [0.0, 20.0], Prior, "1.5 (0.6), drawn so that it exceeds price_weight times the slope of cost in capability";
        /// Spread of that weight over workloads: its coefficient of variation. 0: all alike, and utility is linear in capability.
        capability_spread: f64 = 1.0, "ratio", [0.0, 5.0], Prior, "judgement: needs differ by as much as their mean; OpenRouter and Ramp show models two years behind in paid use";
        /// Factor on the weight of capability in coding and agents.
        capability_factor_coding: f64 = 1.3, "ratio", [0.0, 5.0], Prior, "judgement: coding buyers follow benchmarks";
        /// Factor on the weight of capability in knowledge and creative work.
        capability_factor_knowledge: f64 = 0.9, "ratio", [0.0, 5.0], Prior, "judgement";
        /// Factor on the weight of capability in customer-facing and compliance-sensitive work.
        capability_factor_customer: f64 = 0.8, "ratio", [0.0, 5.0], Prior, "judgement";
        /// Weight of ln price.
        price_weight: f64 = 0.5, "utility per ln price", [0.0, 10.0], Prior, "0.5 (0.3) > 0; OpenRouter: usage rises 0.5 to 0.7% for a price 10% lower";
        /// Cost of a vendor that is new to the workload and to the firm: the sum of both parts.
        switching_cost: f64 = 4.05, "utility", [0.0, 30.0], Fitted, "11% a year change primary vendor; a ridge with quality_volatility: 2.1 + 1.95 sd_q + N(0, 0.3)";
        /// Part of the switching cost that falls away when the firm knows the vendor from another workload.
        switching_cost_firm_share: f64 = 0.333, "fraction", [0.0, 1.0], Prior, "0.1 to 0.6";
        /// Volatility of a lab's latent quality at a workload.
        quality_volatility: f64 = 1.0, "utility per square root of a year", [0.0, 10.0], Fitted, "enterprise_llm_share 2023 to 2025: Anthropic 0.12 to 0.40, OpenAI 0.50 to 0.27; 1.0 (0.4)";
        /// Time in which latent quality reverts to zero.
        quality_reversion_years: f64 = 2.5, "years", [0.1, 100.0], Prior, "2 to 3";
        /// How far the latent quality of the start follows new decisions rather than the standing share.
        momentum: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "0 to 1: the flow of new decisions is itself inferred from two surveys";
        /// Least ln of the ratio of new decisions to the standing share that is believed.
        momentum_least: f64 = -2.0, "ln", [-10.0, 0.0], Prior, "judgement: two surveys tell no more than a fall to an eighth";
        /// Greatest ln of that ratio that is believed.
        momentum_greatest: f64 = 1.0, "ln", [0.0, 10.0], Prior, "judgement: two surveys tell no more than a rise to near three times";
        /// Share of the latent quality of the start that lasts; the rest reverts.
        quality_lasting_share: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "0 to 1: four surveys cannot tell product fit that lasts from luck that passes";
        /// Gain of latent quality with ln of relative effort at a workload.
        quality_effort: f64 = 0.3, "utility per year per ln", [0.0, 5.0], Prior, "0 to 1";
        /// sd of the persistent taste of a workload for a vendor.
        taste_sd: f64 = 1.0, "utility, standard deviation", [0.0, 10.0], Prior, "0.5 to 2";
        /// Greatest weight of trust, in the most sensitive sector and workload.
        trust_weight: f64 = 4.0, "utility per unit of trust", [0.0, 40.0], Prior, "0 to 4 by sector and workload; 46% name security and safety as a reason to switch";
        /// Weight of a vendor's incident severity for a liable buyer without indemnity.
        liability_weight: f64 = 0.1, "utility", [0.0, 10.0], Prior, "judgement";
        /// Weight of the hazard of losing the vendor.
        hedging: f64 = 1.0, "ratio", [0.0, 10.0], Prior, "1: the expected switching cost";
        /// Advantage of a lab that is sold on the firm's own cloud.
        channel_advantage: f64 = 0.5, "utility", [0.0, 10.0], Prior, "judgement";
        /// Further advantage of a lab that the firm's own cloud promotes.
        promotion_advantage: f64 = 0.25, "utility", [0.0, 10.0], Prior, "judgement: half the advantage of being sold there";
        /// Months of a contract.
        contract_months: u64 = 12, "months", [1.0, 120.0], Prior, "annual contracts";
        /// Weight of brand in consideration.
        consideration_brand: f64 = 1.5, "1", [0.0, 20.0], Prior, "judgement: P = 1 - exp(-(channels + brand + peers))";
        /// Weight of channels in consideration.
        consideration_channels: f64 = 1.0, "1", [0.0, 20.0], Prior, "judgement";
        /// Weight of peers (a lab's share in the sector) in consideration.
        consideration_peers: f64 = 3.0, "1", [0.0, 20.0], Prior, "judgement";
        /// Weight of falling short of capacity.
        reliability_weight: f64 = 3.0, "utility per unit of reliability", [0.0, 40.0], Prior, "judgement";
        /// Cost of running open weights oneself, apart from compute.
        self_hosting_cost: f64 = 1.0, "utility", [-5.0, 20.0], Prior, "judgement: engineers, and no support";
        /// Advantage of the light tier in simple workloads, before its lower price and capability.
        light_tier_fit: f64 = 0.0, "utility", [-10.0, 10.0], Prior, "judgement";
        /// Part of that fit in knowledge and creative work: coding has none of it, customer-facing work all.
        light_tier_fit_knowledge: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement: tasks between the hardest and the simplest";
    }
}

table! {
    /// Initial state of enterprise demand.
    pub struct DemandStart: Initial {
        /// Spend of enterprises on model APIs at the start.
        enterprise_spend_usd: f64 = 15.5e9, "USD per year", [0.0, 1e13], Derived, "enterprise_llm_api_spend 3.5 bn (2024-12) and 8.4 bn (2025-07), extrapolated; 12 to 18";
        /// Share of that spend on coding and agents.
        coding_spend_share: f64 = 0.42, "fraction", [0.0, 1.0], Prior, "judgement; coding is the largest use in Menlo's surveys";
        /// Share of that spend on customer-facing and compliance-sensitive work.
        customer_spend_share: f64 = 0.24, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Share of enterprise spend on open weights that firms host themselves.
        self_hosted_share: f64 = 0.02, "fraction", [0.0, 1.0], Prior, "part of the open-weights share 0.11 (enterprise_llm_share, open_weights_share) that no vendor bills";
        /// Concentration of the Dirichlet that splits what is not coding between the other two workloads.
        noncoding_concentration: f64 = 30.0, "1", [0.1, 1e6], Prior, "no survey splits the rest";
        /// Share of firms that have adopted coding and agents.
        adoption_coding: f64 = 0.50, "fraction", [0.0, 1.0], Prior, "Ramp large firms paying any AI vendor 0.558 (2025-12); McKinsey any function 0.88";
        /// Share of firms that have adopted knowledge and creative work.
        adoption_knowledge: f64 = 0.55, "fraction", [0.0, 1.0], Prior, "Ramp large firms paying any AI vendor 0.558 (2025-12); McKinsey any function 0.88";
        /// Share of firms that have adopted customer-facing and compliance-sensitive work.
        adoption_customer: f64 = 0.30, "fraction", [0.0, 1.0], Prior, "judgement: below the other two";
        /// Mean tenure of a workload that has adopted.
        tenure_years: f64 = 1.0, "years", [0.01, 20.0], Prior, "adoption doubled in the year before";
        /// Tendency of a firm to use one vendor for all its workloads at the start, as a share of the switching cost of a vendor new to the firm.
        coherence: f64 = 1.0, "ratio", [0.0, 5.0], Fitted, "vendors per adopting firm 1.49 at the end of 2025 (Ramp)";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_needs_spread_the_share_of_a_vendor_behind_is_the_mean_over_needs() {
        // Weights exponential with mean 1.5 (v = 1): E[e^(−a·g)] = 1/(1 + 1.5·g) for a gap of 10·g ECI, here by quadrature.
        for gap in [1.0, 8.0, 23.0] {
            let n = 200_000;
            let mean: f64 = (0..n).map(|k| exp(ln(1.0 - (f64::from(k) + 0.5) / f64::from(n)) * 1.5 * gap / 10.0)).sum();
            let share = exp(capability_utility(1.5, 1.0, gap));
            assert!((share - mean / f64::from(n)).abs() < 1e-4, "{gap}: {share}");
            assert!((share - 1.0 / (1.0 + 0.15 * gap)).abs() < 1e-12);
        }
    }

    #[test]
    fn without_spread_utility_is_linear_and_near_the_frontier_it_always_is() {
        assert!((capability_utility(1.5, 0.0, 20.0) + 3.0).abs() < 1e-12);
        assert!((capability_utility(1.5, 0.01, 20.0) + 3.0).abs() < 1e-3);
        let slope = capability_utility(1.5, 1.0, 1e-6) / 1e-6;
        assert!((slope + 0.15).abs() < 1e-6);
        assert_eq!(capability_utility(1.5, 1.0, 0.0), 0.0);
    }

    #[test]
    fn half_the_price_wins_the_price_weight_times_ln_two() {
        let gain = tier_utility(1.5, 1.0, 0.0, 0.5, ln(1.0)) - tier_utility(1.5, 1.0, 0.0, 0.5, ln(2.0));
        assert!((gain - 0.5 * ln(2.0)).abs() < 1e-12);
    }

    #[test]
    fn a_lab_and_then_its_tier_is_a_flat_logit_over_all_tiers() {
        let tiers = [0.3, -0.4, 1.2, 0.9];
        let total: f64 = tiers.iter().map(|&u| exp(u)).sum();
        let (a, light_a) = menu(tiers[0], tiers[1]);
        let (b, light_b) = menu(tiers[2], tiers[3]);
        let lab_a = crate::math::logistic(a - b);
        assert!((lab_a * (1.0 - light_a) - exp(tiers[0]) / total).abs() < 1e-12);
        assert!((lab_a * light_a - exp(tiers[1]) / total).abs() < 1e-12);
        assert!(((1.0 - lab_a) * light_b - exp(tiers[3]) / total).abs() < 1e-12);
    }

    #[test]
    fn latent_quality_is_the_same_for_any_step_and_has_the_stationary_variance() {
        let (tau, sigma) = (2.5, 1.0);
        let whole = QualityStep::new(tau, 0.0, 1.0).after(1.0, 0.2, 0.0);
        let half = QualityStep::new(tau, 0.0, 0.5);
        let halves = half.after(half.after(1.0, 0.2, 0.0), 0.2, 0.0);
        assert!((whole - halves).abs() < 1e-12);
        let sd = QualityStep::new(tau, sigma, 1e3).after(0.0, 0.0, 1.0);
        assert!((sd * sd - sigma * sigma * tau / 2.0).abs() < 1e-9);
    }

    #[test]
    fn labs_of_equal_effort_do_not_drift_apart() {
        assert_eq!(effort_drift(0.3, 1.0), 0.0);
        assert!(effort_drift(0.3, 2.0) > 0.0 && effort_drift(0.3, 0.0) < 0.0);
    }

    #[test]
    fn nobody_considers_a_vendor_of_which_nobody_hears() {
        assert_eq!(consideration(0.0), 0.0);
        assert!(consideration(30.0) > 0.999_999);
    }
}
