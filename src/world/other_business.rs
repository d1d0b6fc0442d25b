//! State of smaller firms, one aggregate a jurisdiction: seats, small APIs, application vendors.

/// State of smaller firms (J jurisdictions, L labs).
#[derive(Clone, Debug, Default)]
pub struct OtherBusiness {
    /// Share of firms that pay any vendor, J.
    pub adopted: Vec<f64>,
    /// Share of vendor relations, L × J; the shares of a jurisdiction sum to 1.
    pub share: Vec<f64>,
    /// Vendors per firm that pays any, all jurisdictions.
    pub vendors_per_firm: f64,
    /// That number at the start.
    pub initial_vendors_per_firm: f64,
    /// Enterprises' vendors per adopting firm at the start.
    pub initial_enterprise_vendors_per_firm: f64,
    /// Enterprise spend per adopted workload at the start, USD per year and share of firms.
    pub initial_intensity: f64,
    /// Share of vendor relations at the start, L × J.
    pub initial_share: Vec<f64>,
    /// Vendor relations (adopted × vendors per firm × share) at the start, L × J.
    pub initial_relations: Vec<f64>,
    /// Spend by lab and jurisdiction at the start, L × J, USD per year.
    pub initial_spend_usd: Vec<f64>,
    /// Spend of a vendor relation that is won from others, by jurisdiction, J, USD per year at the start.
    pub initial_mean_spend_usd: Vec<f64>,
    /// Share of firms of the first jurisdiction (the home of the survey) that pay any vendor.
    pub adoption: f64,
    /// Share of all firms there that pay the lab, L: rates overlap. Compares with the panel of Ramp.
    pub paid_adoption: Vec<f64>,
    /// Scratch: utility by lab.
    pub utility: Vec<f64>,
    /// Scratch: shares that those who choose anew take, by lab.
    pub chosen: Vec<f64>,
}
