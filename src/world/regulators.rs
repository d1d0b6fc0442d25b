//! State of regulation by jurisdiction. Jurisdictions without a regulator stay at zero.

use super::{Dims, refill};

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
    /// Large models need a licence.
    pub licensing_in_force: Vec<bool>,
    /// Stringency above which audits are mandatory, as the say of labs has tilted it.
    pub audit_threshold: Vec<f64>,
    /// Part of the burden that a ready and safe lab saves, as the say of labs has tilted it.
    pub readiness_saving: Vec<f64>,
    /// Tilt of the rules to readiness at the start.
    pub capture_start: Vec<f64>,
    /// Part of buyers' harm that the law lays on labs.
    pub liability_shifted: Vec<f64>,
    /// Open cases: targeted actions in force, antitrust cases and fines of the last year.
    pub cases_open: Vec<f64>,
    /// Fines by calendar month of the last year, J × 12.
    pub fines_by_month: Vec<f64>,

    /// Home jurisdiction of each lab, L; `usize::MAX` for one outside the scenario.
    pub home: Vec<usize>,
    /// Fines this step, L, USD.
    pub fines_usd: Vec<f64>,
    /// Fees of licences this step, L, USD.
    pub licence_fees_usd: Vec<f64>,
    /// Price of compute under export controls relative to those of the start, L.
    pub export_price: Vec<f64>,
    /// Share of the compute it would add that export controls leave a lab, L.
    pub export_supply: Vec<f64>,

    /// Months left of a targeted action against a lab, L × J.
    pub targeted_months_left: Vec<f64>,
    /// Propensity of a jurisdiction to target a lab, L × J: a gamma of scale 1, drawn once a run.
    pub targeted_propensity: Vec<f64>,
    /// Shape for which it was drawn.
    pub targeted_shape: f64,
    /// Appeal to consumers and small firms that publicity has added, L × J, ln.
    pub publicity: Vec<f64>,
    /// Excluded from public buyers at the end of the last step, L × J.
    pub excluded_public_before: Vec<bool>,
    /// Excluded from public buyers by the parameters in force, L × J.
    pub listed_excluded: Vec<bool>,
    /// Banned by the parameters in force, or not selling there, L × J.
    pub listed_banned: Vec<bool>,
    /// Banned by the parameters in force, its weights too, L × J.
    pub outlawed: Vec<bool>,

    /// That at the end of the last step, L × J.
    pub outlawed_before: Vec<bool>,

    /// Breaks the rules, L × J.
    pub violating: Vec<bool>,
    /// Months left for which a lab that was found out is watched, L × J.
    pub probation_months_left: Vec<f64>,
    /// Months left for which it is shut out of the market, L × J.
    pub sanction_months_left: Vec<f64>,
    /// Times that it was found out, L × J.
    pub found_out: Vec<f64>,
    /// Months left of an antitrust case, L × J.
    pub antitrust_months_left: Vec<f64>,
    /// Months left of an antitrust remedy, L × J.
    pub remedy_months_left: Vec<f64>,
}

impl Regulators {
    /// No regulator anywhere, and every column at its neutral value.
    pub fn clear(&mut self, dims: &Dims) {
        let (l, j) = (dims.labs, dims.jurisdictions);
        refill(&mut self.regulator, j, usize::MAX);
        refill(&mut self.home, l, usize::MAX);
        for column in [&mut self.audits_in_force, &mut self.licensing_in_force] {
            refill(column, j, false);
        }
        for column in [
            &mut self.stringency,
            &mut self.salience,
            &mut self.regime,
            &mut self.audit_threshold,
            &mut self.readiness_saving,
            &mut self.capture_start,
            &mut self.liability_shifted,
            &mut self.cases_open,
        ] {
            refill(column, j, 0.0);
        }
        refill(&mut self.fines_by_month, j * 12, 0.0);
        for (column, value) in [
            (&mut self.fines_usd, 0.0),
            (&mut self.licence_fees_usd, 0.0),
            (&mut self.export_price, 1.0),
            (&mut self.export_supply, 1.0),
        ] {
            refill(column, l, value);
        }
        self.targeted_shape = 0.0;
        for column in [
            &mut self.targeted_months_left,
            &mut self.targeted_propensity,
            &mut self.publicity,
            &mut self.probation_months_left,
            &mut self.sanction_months_left,
            &mut self.found_out,
            &mut self.antitrust_months_left,
            &mut self.remedy_months_left,
        ] {
            refill(column, l * j, 0.0);
        }
        for column in [
            &mut self.excluded_public_before,
            &mut self.listed_excluded,
            &mut self.listed_banned,
            &mut self.outlawed,
            &mut self.outlawed_before,
            &mut self.violating,
        ] {
            refill(column, l * j, false);
        }
    }
}
