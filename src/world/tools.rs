//! State of the categories that grow around models: orchestration platforms and governance tools.

/// State of both categories. Rates are per year; money is nominal USD.
#[derive(Clone, Debug, Default)]
pub struct Tools {
    /// Share of adopting enterprises that orchestrate.
    pub orchestrate: f64,
    /// Vendors of orchestration platforms.
    pub orchestration_vendors: f64,
    /// Their revenue, USD per year.
    pub orchestration_revenue_usd: f64,
    /// Their profit, USD per year.
    pub orchestration_profit_usd: f64,
    /// Share of adopters that use governance tools, by spend, J.
    pub users: Vec<f64>,
    /// Vendors of governance tools and audits.
    pub governance_vendors: f64,
    /// Revenue from tools, USD per year.
    pub governance_tools_revenue_usd: f64,
    /// Revenue from what labs pay for compliance, USD per year.
    pub compliance_revenue_usd: f64,
    /// Profit of these vendors, USD per year.
    pub governance_profit_usd: f64,
}

impl Tools {
    /// Mean part of the switching cost that platforms leave, when they take away `cut` of it.
    pub fn mean_cost_left(&self, cut: f64) -> f64 {
        1.0 - cut * self.orchestrate
    }
}
