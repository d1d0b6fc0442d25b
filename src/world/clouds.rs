//! State of the clouds in columns, and the sector of chips and builders.

/// State of the clouds (C) and of their suppliers. Rates are per year; money is nominal USD.
#[derive(Clone, Debug, Default)]
pub struct Clouds {
    /// Capacity for AI, H100e.
    pub capacity_h100e: Vec<f64>,
    /// On order by stage of delivery, C × STAGES, H100e.
    pub ordered_h100e: Vec<f64>,
    /// Rented to labs of the scenario, H100e.
    pub rented_to_labs_h100e: Vec<f64>,
    /// Demand of tenants that are no lab of the scenario, H100e.
    pub external_h100e: Vec<f64>,
    /// Compute let to host open weights, H100e.
    pub hosting_h100e: Vec<f64>,
    /// Compute that hosting all that is asked of open weights takes, H100e.
    pub hosting_need_h100e: Vec<f64>,
    /// Compute that hosting would take for those who mean to leave a lab that has opened within a step, H100e.
    pub hosting_asked_h100e: Vec<f64>,
    /// Share of the demand for hosted open weights that is served, 0 to 1.
    pub hosting_served: f64,
    /// What all tenants want of the next month, H100e.
    pub wanted_h100e: Vec<f64>,
    /// Utilisation, 0 to 1.
    pub utilisation: Vec<f64>,
    /// Expected growth of demand, ln per year.
    pub expected_growth: Vec<f64>,
    /// Demand a step ago, H100e.
    pub demand_before_h100e: Vec<f64>,
    /// Price of an H100e-hour to labs, USD.
    pub rental_usd: Vec<f64>,
    /// Income from rent, USD per year.
    pub revenue_rent_usd: Vec<f64>,
    /// Of it from labs of the scenario, C × L, USD per year.
    pub rent_from_lab_usd: Vec<f64>,
    /// Income from resale of models and hosting of open weights, USD per year.
    pub revenue_resale_usd: Vec<f64>,
    /// Profit after depreciation, USD per year.
    pub profit_usd: Vec<f64>,
    /// Share of rent from labs that the investments of the cloud's own group fund.
    pub supplier_funded_share: Vec<f64>,
    /// Orders of chips and buildings by all, USD per year.
    pub supplier_revenue_usd: f64,
    /// Profit of chip makers and builders, USD per year.
    pub supplier_profit_usd: f64,
}
