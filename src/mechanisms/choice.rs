//! Choice: whom an enterprise buys from (section 3.7), a random-utility model (McFadden 1974) with
//! consideration sets, persistent taste and switching cost.
//!
//! ```text
//! u_ijw = a_w·(ECI_j − ECI_front)/10 + q_jw − η·ln p_j + t_iw·(T_j − T̄) − liability_i·E[severity_j]·(1 − indemnity_j)
//!         − h_j·κ + channel_ij + ν_ijw − κ_w·[new to workload] − κ_f·[new to firm] − compliance_ij + Gumbel
//! ```

use crate::table;

table! {
    /// Whom an enterprise buys from. (The path of this table is `demand`.)
    pub struct Demand: Parameter {
        /// Weight of capability, for 10 ECI.
        capability_weight: f64 = 1.5, "utility per 10 ECI", [0.0, 20.0], Prior, "1.5 (0.6), drawn so that it exceeds price_weight times the slope of cost in capability";
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
