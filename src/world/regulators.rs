//! State of regulation by jurisdiction. Jurisdictions without a regulator stay at zero.

/// State of regulation, by jurisdiction (J).
#[derive(Clone, Debug, Default)]
pub struct Regulators {
    /// Index of the regulator in the parameters, or `usize::MAX` for none.
    pub regulator: Vec<usize>,
    /// Stringency, 0 to 1.
    pub stringency: Vec<f64>,
    /// Salience, 0 to 1.
    pub salience: Vec<f64>,
    /// Political regime: -1 deregulates, 1 regulates.
    pub regime: Vec<f64>,
    /// Audits are mandatory.
    pub audits_in_force: Vec<bool>,
    /// Open cases: targeted actions in force and fines of the last year.
    pub cases_open: Vec<f64>,
    /// Months left of a targeted action against a lab, L × J.
    pub targeted_months_left: Vec<f64>,
    /// Hazard of targeted action, L × J, per year, drawn once a run.
    pub targeted_hazard: Vec<f64>,
    /// Fines this step, L, USD.
    pub fines_usd: Vec<f64>,
    /// Home jurisdiction of each lab, L; `usize::MAX` for one outside the scenario.
    pub home: Vec<usize>,
    /// Excluded from public buyers by the parameters in force, L × J.
    pub listed_excluded: Vec<bool>,
    /// Banned by the parameters in force, or not selling there, L × J.
    pub listed_banned: Vec<bool>,
    /// Fines by calendar month of the last year, J × 12.
    pub fines_by_month: Vec<f64>,
}
