//! What enterprises demand, summed over firms: the interface between the demand side and the labs.

use super::labs::TIERS;

/// What an alternative offers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offer {
    /// Whether it can be had at all.
    pub available: bool,
    /// Capability by tier, ECI.
    pub eci: [f64; TIERS],
    /// Price by tier, USD per million tokens; NaN for a tier that is not sold.
    pub price_usd: [f64; TIERS],
    /// Lab whose model it is.
    pub lab: usize,
}

/// Enterprise demand by alternative (A = L + 1: the labs, then open weights hosted by the firm itself).
/// Spend is in USD per year at this month's prices and capability.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// Spend by workload and tier, A × 3 × 2.
    pub spend_usd: Vec<f64>,
    /// Spend by sector, A × S.
    pub by_sector_usd: Vec<f64>,
    /// Spend by jurisdiction, A × J.
    pub by_jurisdiction_usd: Vec<f64>,
    /// Spend by the buyer's primary cloud, A × C.
    pub by_cloud_usd: Vec<f64>,
    /// Spend, A.
    pub total_usd: Vec<f64>,
    /// Spend of workloads that are orchestrated, A.
    pub routed_usd: Vec<f64>,
    /// Weight of each lab to a private buyer of a jurisdiction without taste or incumbent, J × L.
    pub private_weight: Vec<f64>,
    /// Share of adopting firms that hold the vendor in some workload, A (counts of firms, each firm once).
    pub customer_share: Vec<f64>,
    /// Share of firms that have adopted, by workload.
    pub adoption: Vec<f64>,
    /// Share of firms that have adopted in any workload.
    pub adoption_any: f64,
    /// Vendors per adopting firm.
    pub vendors_per_firm: f64,
    /// Share of adopting firms with two vendors or more.
    pub multi_model_share: f64,
    /// Workloads that changed their vendor, share of adopted workloads per year, smoothed over a year.
    pub switching_rate: f64,
    /// Mean price paid, weighted by spend, USD per million tokens.
    pub mean_price_usd: f64,
    /// That price at the start.
    pub reference_price_usd: f64,
    /// Mean over what is used now of the ln of the price at which it was taken up, USD per million tokens.
    pub ln_price_taken_up: f64,
    /// ln of demand at one and the same price, before saturation.
    pub ln_demand: f64,
    /// Mean capability bought at the start, weighted by spend, ECI.
    pub reference_eci: f64,
    /// ln of growth by new uses since the start.
    pub ln_new_uses: f64,
    /// Market total before saturation over market total: 1 at the start.
    pub saturation: f64,
    /// Scratch: what each alternative offers, A.
    pub offers: Vec<Offer>,
}
