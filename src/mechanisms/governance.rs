//! Crises of governance (section 3.14): when a board and those who run or fund a lab fall out in public.
//!
//! ```text
//! h            = h_form · exp(c·control) · pressure^a · drift^b · factor      hazard, per year
//! P(crisis)    = 1 − exp(−h·dt)
//! severity     lognormal, median 1
//! stability    s ← s·exp(−d·severity) at a crisis;  d(1 − s)/dt = −(1 − s)/τ after it
//! research     · (1 − people·(1 − s))
//! ```
//!
//! control: share of control given to outsiders, the sum of their stakes times the votes given with them (`terms`; the stakes are those of
//! clouds and `strategic` kinds of investor). Two strains are ratios, 1 where they add nothing:
//! pressure = price of the last round over what fundamentals would fetch now (section 3.13): growth that was promised to
//! those who paid and is no longer expected;
//! drift = share of research compute for safety at the start over that in force: how far conduct has left the mission.
//! factor: what an event adds. All hazards are constant within a step, so that with the strains at 1 the waiting time is
//! exponential. Sources: one public crisis of this kind (OpenAI, November 2023) in some fifty lab-years, five of them under
//! a nonprofit; elasticities are priors. Bad evidence is in the unit of section 3.6.
//!
//! Parameters: h_form `hazard_per_year`, or `nonprofit_hazard_per_year`·exp(−c·`nonprofit_control`) under a nonprofit; c `control_effect`,
//! a `pressure_elasticity`, b `drift_elasticity`, pressure at least 1, each strain within `strain_cap` and its inverse; severity
//! `severity_sd`; d `depth`, τ `recovery_years`, people `people_share`. A crisis adds `bad_evidence` and takes `value_loss`, each times
//! severity; growth wins with chance `growth_wins`, else the mission, and the lab tilts that way (`adaptation`). Investors price
//! (h_o + p)·(exp(c·control)·strains − 1) + p, h_o the ordinary hazard and p the form's beyond it times `priced_form_share`.
//!
//! Of labs: `form`, `crisis_hazard_factor`, and `crisis` for one that an event makes certain.

use crate::math::{exp, pow};
use crate::{choice, table};

choice! {
    /// Who governs a lab.
    pub enum Form {
        /// A public benefit corporation: a board with duties beyond profit.
        "public_benefit" => PublicBenefit,
        /// A nonprofit whose board owes investors nothing controls the lab.
        "nonprofit_controlled" => NonprofitControlled,
        /// A division of a larger company.
        "corporate_division" => CorporateDivision,
        /// A founder who cannot be outvoted.
        "founder_led" => FounderLed,
    }
}

table! {
    /// How a lab is governed.
    pub struct LabGovernance: Parameter {
        /// Form of governance.
        form: Form = Form::PublicBenefit, "form", [0.0, 0.0], Setting, "public facts at the date of the scenario";
        /// Factor on the hazard of a crisis.
        crisis_hazard_factor: f64 = 1.0, "ratio", [0.0, 1000.0], Setting, "1 but in events";
        /// True makes a crisis certain, once, in the first month in which it stands; a later month needs false in between.
        crisis: bool = false, "flag", [0.0, 1.0], Setting, "false but in events";
    }
}

table! {
    /// Hazard and effects of crises of governance.
    pub struct Governance: Parameter {
        /// Outside control at which the hazard under a nonprofit was observed.
        nonprofit_control: f64 = 0.25, "fraction", [0.0, 1.0], Prior, "OpenAI in 2023: Microsoft's share of profits of about a half, of which it refused about half in control; judgement";
        /// Hazard of a crisis of the board of a lab that a nonprofit controls, at that outside control.
        nonprofit_hazard_per_year: f64 = 0.2, "1 per year", [0.0, 5.0], Prior, "0.2 (0.15): OpenAI, one crisis in some five years under its nonprofit with investors beside it";
        /// Hazard under any other form, for a lab that holds its own control.
        hazard_per_year: f64 = 0.02, "1 per year", [0.0, 5.0], Prior, "judgement: one such crisis in some fifty lab-years";
        /// Rise of ln hazard with the share of control given to outsiders.
        control_effect: f64 = 3.0, "ln per unit of control", [0.0, 20.0], Prior, "wide";
        /// Elasticity of the hazard to growth pressure.
        pressure_elasticity: f64 = 0.5, "exponent", [0.0, 5.0], Prior, "wide";
        /// Elasticity of the hazard to mission drift.
        drift_elasticity: f64 = 0.5, "exponent", [0.0, 5.0], Prior, "wide";
        /// Greatest factor, and least the inverse, of one strain.
        strain_cap: f64 = 4.0, "ratio", [1.0, 100.0], Prior, "judgement: beyond it the ratio says more of the lab's start than of its board";
        /// Part of the hazard of the form, above an ordinary board's, that investors price.
        priced_form_share: f64 = 0.0, "fraction", [0.0, 1.0], Prior, "the price of February 2024, under the nonprofit and after its crisis, shows no discount";
        /// sd of ln severity.
        severity_sd: f64 = 0.5, "ln", [0.0, 3.0], Prior, "judgement";
        /// Fall of ln stability in a crisis of median severity.
        depth: f64 = 0.7, "ln", [0.0, 10.0], Prior, "judgement: half of the calm is gone";
        /// Time in which unrest fades.
        recovery_years: f64 = 1.0, "years", [0.05, 20.0], Prior, "judgement: departures from OpenAI went on for about a year after November 2023";
        /// Research lost while nothing of stability is left: people leave or are distracted.
        people_share: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement: 0.15 after a crisis of median severity";
        /// Bad evidence of a crisis of median severity.
        bad_evidence: f64 = 2.0, "1", [0.0, 100.0], Prior, "judgement: half a year of incidents as expected";
        /// Fall of ln value in a crisis of median severity, beyond what the rest of the model makes of it; it fades as sentiment does.
        value_loss: f64 = 0.05, "ln", [0.0, 3.0], Prior, "the price of February 2024 shows no discount";
        /// Chance that those who want growth win the crisis; else those who want the mission.
        growth_wins: f64 = 0.6, "probability", [0.0, 1.0], Prior, "judgement: they did in November 2023";
    }
}

/// What a ratio of strain adds to the hazard: `ratio^elasticity` within the cap.
fn strained(ratio: f64, elasticity: f64, cap: f64) -> f64 {
    // As most boards most of the time: 1 to any power.
    if ratio == 1.0 {
        return 1.0;
    }
    pow(ratio.clamp(1.0 / cap, cap), elasticity)
}

/// Factor on the hazard by growth pressure and mission drift, both 1 where they add nothing, and by what an event adds.
pub fn strain(g: &Governance, pressure: f64, drift: f64, factor: f64) -> f64 {
    strained(pressure, g.pressure_elasticity, g.strain_cap) * strained(drift, g.drift_elasticity, g.strain_cap) * factor
}

/// Growth promised and no longer expected: the price of the last round over the value by fundamentals now; 1 without a round,
/// and for a lab that has outgrown it: a promise that was kept is no grievance.
pub fn growth_pressure(last_round_usd: f64, ln_fundamental: f64) -> f64 {
    if last_round_usd <= 0.0 { 1.0 } else { (last_round_usd / exp(ln_fundamental)).max(1.0) }
}

/// How far the share for safety has left that of the start: start over now; 1 where there was none.
pub fn mission_drift(share_at_start: f64, share_now: f64, cap: f64) -> f64 {
    if share_at_start <= 0.0 {
        1.0
    } else if share_now <= 0.0 {
        cap
    } else {
        share_at_start / share_now
    }
}

/// Hazard of the form at strains of 1 and no outside control, per year. The one under a nonprofit was observed beside investors.
pub fn form_hazard(g: &Governance, form: Form) -> f64 {
    match form {
        Form::NonprofitControlled => g.nonprofit_hazard_per_year * exp(-g.control_effect * g.nonprofit_control),
        Form::PublicBenefit | Form::CorporateDivision | Form::FounderLed => g.hazard_per_year,
    }
}

/// Hazard of a crisis, per year.
pub fn hazard(g: &Governance, form: Form, outside_control: f64, strain: f64) -> f64 {
    form_hazard(g, form) * exp(g.control_effect * outside_control) * strain
}

/// Hazard that investors see beyond that of an ordinary board that keeps its own control, per year.
///
/// The multiple was fitted to rounds under several forms and shows no discount for any, so that control and strain are
/// priced at the hazard of an ordinary board; the form's own counts as far as `priced_form_share` says.
pub fn excess_hazard(g: &Governance, form: Form, outside_control: f64, strain: f64) -> f64 {
    let more = (form_hazard(g, form) - g.hazard_per_year) * g.priced_form_share;
    (g.hazard_per_year + more) * (exp(g.control_effect * outside_control) * strain - 1.0) + more
}

/// Severity of a crisis relative to the median; `z` is standard normal.
pub fn severity(g: &Governance, z: f64) -> f64 {
    exp(g.severity_sd * z)
}

/// Stability after a crisis.
pub fn shaken(stability: f64, depth: f64, severity: f64) -> f64 {
    stability * exp(-depth * severity)
}

/// Stability after `dt` quiet years.
pub fn calmed(stability: f64, recovery_years: f64, dt: f64) -> f64 {
    if stability == 1.0 {
        return 1.0;
    }
    1.0 - (1.0 - stability) * exp(-dt / recovery_years)
}

/// Research that is done at this stability, relative to that of a quiet lab.
pub fn research_done(people_share: f64, stability: f64) -> f64 {
    1.0 - people_share * (1.0 - stability)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Purpose};

    #[test]
    fn a_lab_that_has_outgrown_its_round_is_under_no_pressure_and_owes_its_board_no_calm() {
        assert_eq!(growth_pressure(1e11, crate::math::ln(4e11)), 1.0);
        assert!((growth_pressure(4e11, crate::math::ln(1e11)) - 4.0).abs() < 1e-9);
        assert_eq!(growth_pressure(0.0, 1.0), 1.0);
    }

    #[test]
    fn the_waiting_time_for_a_crisis_is_exponential_at_any_step() {
        let g = Governance::default();
        let h = hazard(&g, Form::NonprofitControlled, g.nonprofit_control, strain(&g, 1.0, 1.0, 1.0));
        assert!((h - g.nonprofit_hazard_per_year).abs() < 1e-12);
        let n = 20_000;
        for steps in [4, 12] {
            let dt = 1.0 / f64::from(steps);
            let (mut sum, mut beyond) = (0.0, 0);
            for lab in 0..n {
                let draws = Draws::new(9, lab);
                let mut month = 0;
                while !draws.happens(Purpose::Test, 0, 0, month, h * dt) {
                    month += 1;
                }
                // A crisis falls anywhere within its step.
                let years = (f64::from(month) + 0.5) * dt;
                sum += years;
                beyond += usize::from(years > 5.0);
            }
            let n = n as f64;
            assert!((sum / n - 5.0).abs() < 0.15, "{}", sum / n);
            assert!((beyond as f64 / n - exp(-1.0)).abs() < 0.02);
        }
    }

    #[test]
    fn a_board_without_strain_and_outside_control_has_the_hazard_of_its_form() {
        let g = Governance::default();
        for &form in Form::ALL {
            assert_eq!(hazard(&g, form, 0.0, 1.0), form_hazard(&g, form));
        }
        assert_eq!(excess_hazard(&g, Form::FounderLed, 0.0, 1.0), 0.0);
        // What the fit of the multiple shows: no discount for a form.
        assert_eq!(excess_hazard(&g, Form::NonprofitControlled, 0.0, 1.0), 0.0);
    }

    #[test]
    fn control_pressure_and_drift_each_raise_the_hazard_within_the_cap() {
        let g = Governance::default();
        let at = |control, pressure, drift| {
            hazard(&g, Form::PublicBenefit, control, strain(&g, pressure, drift, 1.0)) / g.hazard_per_year
        };
        assert!((at(0.2, 1.0, 1.0) - exp(0.6)).abs() < 1e-12);
        assert!((at(0.0, 4.0, 1.0) - 2.0).abs() < 1e-12);
        assert!((at(0.0, 1.0, 2.0) - 2f64.sqrt()).abs() < 1e-12);
        assert_eq!(at(0.0, 1e9, 1.0), at(0.0, 4.0, 1.0));
        assert!(excess_hazard(&g, Form::PublicBenefit, 0.3, 1.0) > excess_hazard(&g, Form::PublicBenefit, 0.1, 1.0));
    }

    #[test]
    fn a_price_that_fundamentals_still_fetch_is_no_pressure_and_growth_that_fades_is() {
        use crate::mechanisms::valuation::{Valuation, ln_fundamental};
        let v = Valuation::default();
        let at = |growth| growth_pressure(34.0 * 10.44e9, ln_fundamental(&v, 10e9, growth));
        assert!((at(1.2) - 1.0).abs() < 1e-12);
        assert!((at(0.5) - exp(0.5 * v.growth_effect)).abs() < 1e-9);
        assert_eq!(growth_pressure(0.0, 25.0), 1.0);
    }

    #[test]
    fn half_the_share_for_safety_is_a_drift_of_two() {
        assert_eq!(mission_drift(0.06, 0.03, 4.0), 2.0);
        assert_eq!(mission_drift(0.0, 0.0, 4.0), 1.0);
        assert_eq!(mission_drift(0.06, 0.0, 4.0), 4.0);
    }

    #[test]
    fn unrest_fades_at_its_own_pace_and_people_come_back() {
        let g = Governance::default();
        let mut s = shaken(1.0, g.depth, 1.0);
        assert!((s - exp(-0.7)).abs() < 1e-12);
        let before = s;
        for _ in 0..12 {
            s = calmed(s, 1.0, 1.0 / 12.0);
        }
        assert!(((1.0 - s) / (1.0 - before) - exp(-1.0)).abs() < 1e-12);
        assert_eq!(research_done(g.people_share, 1.0), 1.0);
        assert_eq!(calmed(1.0, 1.0, 0.25), 1.0);
    }
}
