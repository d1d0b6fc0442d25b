//! State of smaller firms, one aggregate a jurisdiction: seats and small APIs, and application vendors where these are switched off.

/// State of smaller firms (L labs, J jurisdictions; matrices are place after place: `share[g * L + j]`).
#[derive(Clone, Debug, Default)]
pub struct OtherBusiness {
    /// Share of firms that pay any vendor, J.
    pub adopted: Vec<f64>,
    /// That share at the start, J.
    pub initial_adopted: Vec<f64>,
    /// Share of vendor relations, J × L: those of a jurisdiction sum to 1.
    pub share: Vec<f64>,
    /// What the lab has for smaller firms beyond its utility to enterprises, a factor on its weight, J × L: fitted at the start.
    pub appeal: Vec<f64>,
    /// Spend at the intensity of the start, J × L, USD per year.
    pub base_usd: Vec<f64>,
    /// Spend of all at the start, J, USD per year.
    pub initial_usd: Vec<f64>,
    /// Vendors per firm that pays any.
    pub vendors_per_firm: f64,
    /// That number at the start.
    pub initial_vendors_per_firm: f64,
    /// Enterprises' vendors per adopting firm at the start.
    pub initial_enterprise_vendors: f64,
    /// Enterprise spend per adopted workload at the start, USD per year for all firms.
    pub initial_enterprise_intensity: f64,
    /// Spend of a vendor relation relative to the start.
    pub intensity: f64,
    /// Share of firms in the jurisdiction of the survey (`us`, else the first) that pay any vendor.
    pub adoption: f64,
    /// Share of all firms there that pay the lab, L: rates overlap. Compares with the panel of Ramp.
    pub paid_adoption: Vec<f64>,
    /// Scratch: weight of each lab in a choice without an incumbent.
    pub weight: Vec<f64>,
}
