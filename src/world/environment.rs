//! Funding climate and rental price of compute.

/// State of the environment.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// 0 drought, 1 normal, 2 boom.
    pub climate: usize,
    /// Years since the start of the run.
    pub years: f64,
    /// Spot price of an H100e-hour, USD.
    pub rental_spot_usd: f64,
    /// Premium of the rental price over its trend, ln.
    pub rental_premium: f64,
    /// Price under contract, USD per H100e-hour.
    pub rental_contract_usd: f64,
    /// What tenants wanted over the capacity of all clouds at the start.
    pub tightness_start: f64,
    /// Shell, network and power plant for one H100e, USD.
    pub shell_price_usd: f64,
    /// Power and operations of one H100e-hour, USD.
    pub power_usd_per_hour: f64,
    /// Price of the chips of one H100e, USD.
    pub chip_price_usd: f64,
    /// Public salience of AI harm that incidents add this month, by severity relative to the median.
    pub salience_pulse: f64,
    /// Excitation of the incident process, incidents per year.
    pub excitation_per_year: f64,
    /// Incidents per year per unit of exposure, before excitation: set at the start.
    pub incident_rate_per_exposure: f64,
    /// Mean safety of the labs at the start, weighted by exposure.
    pub reference_safety: f64,
    /// Spend on the models of the largest lab at the start, USD per year: the unit of usage.
    pub usage_unit_usd: f64,
    /// Rental price under contract on its trend alone, USD per H100e-hour.
    pub rental_trend_usd: f64,
    /// Research compute by which new progress is measured, H100e.
    pub research_reference_h100e: f64,
    /// Best capability of all labs, ECI.
    pub frontier_eci: f64,
    /// Lab that holds it.
    pub frontier_lab: usize,
    /// Times that the lead has changed hands.
    pub lead_changes: f64,
    /// Frontier capability at the end of each month so far, for the lag of open weights.
    pub frontier_history: Vec<f64>,
}
