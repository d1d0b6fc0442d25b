//! Enforcement with detection (section 3.12): a lab keeps a rule when breaking it does not pay.
//!
//! ```text
//! breaks a rule when  gain > p_eff·(fine + reputation + exclusion)·perception         USD per year
//! p_eff = 1 − (1 − π(1 − FN))(1 − p_w)(1 − p_b)        chance of being found out in a year
//! gain = compliance cost avoided + months of delay avoided · worth of a month · gross margin
//! exclusion = chance · (years shut out + years to come back) · revenue there · gross margin
//! ```
//!
//! π is the chance of an inspection in a year, FN that it finds nothing, p_w that a whistle-blower tells and p_b that a breach
//! or leak shows it. The offender's choice is that of Becker (1968), Crime and punishment: an economic approach; that fines alone
//! need not deter, of Polinsky and Shavell (2000), The economic theory of public enforcement of law. Fines are those of Regulation
//! (EU) 2024/1689, articles 99 and 101. What a firm thinks of its chances differs: perception is lognormal with median 1.
//!
//! Parameters: π `inspection`, FN `miss`, p_w `whistle_blower`, p_b `leak`; fine that of `regulation`, for a lab found out before
//! `grave_fine_share` and `grave_fine_floor_usd`; reputation `reputation_ratio` times the fine; exclusion `exclusion_chance` (times the
//! factor of the posture), `exclusion_months`, `comeback_years`; worth of a month `delay_cost_per_month`; perception `perception_sd`. Who
//! is found out is trusted less by `trust_evidence` everywhere and is watched for `probation_months`.

use crate::math::{exp, ln};
use crate::table;

table! {
    /// Enforcement of the rules.
    pub struct Enforcement: Parameter {
        /// Chance of an inspection in a year.
        inspection: f64 = 0.05, "probability per year", [0.0, 1.0], Prior, "judgement: few inspectors, many models";
        /// Chance that an inspection finds nothing where there is something.
        miss: f64 = 0.4, "probability", [0.0, 1.0], Prior, "judgement";
        /// Chance that a whistle-blower tells in a year.
        whistle_blower: f64 = 0.05, "probability per year", [0.0, 1.0], Prior, "judgement; Dyck, Morse and Zingales (2010): employees reveal about one fraud in six";
        /// Chance that a breach or leak shows it in a year.
        leak: f64 = 0.1, "probability per year", [0.0, 1.0], Prior, "judgement";
        /// Fine of a lab that is found out again, as a share of yearly revenue.
        grave_fine_share: f64 = 0.07, "fraction of revenue", [0.0, 1.0], Derived, "Regulation (EU) 2024/1689, article 99: 7% or EUR 35 million, the greater, for the gravest; a repeated offence stands for it";
        /// Least fine of such a lab.
        grave_fine_floor_usd: f64 = 40.95e6, "USD", [0.0, 1e12], Derived, "EUR 35 million at 1.17 USD";
        /// Loss of reputation that a lab expects, relative to the fine.
        reputation_ratio: f64 = 1.0, "ratio", [0.0, 50.0], Prior, "Armour, Mayer and Polo (2017): nine times the fine where customers are harmed, nothing where others are";
        /// Bad evidence on the lab when it is found out; an incident as grave as a year's leaves `trust.bad_evidence_weight`.
        trust_evidence: f64 = 2.0, "evidence", [0.0, 100.0], Prior, "judgement: half a bad year";
        /// Chance that a lab that is found out is shut out of the market.
        exclusion_chance: f64 = 0.3, "probability", [0.0, 1.0], Prior, "judgement: article 93 of Regulation (EU) 2024/1689 allows it, Italy did so twice";
        /// Months for which it is shut out.
        exclusion_months: f64 = 6.0, "months", [0.0, 240.0], Prior, "judgement: ChatGPT in Italy one month in 2023, DeepSeek since January 2025";
        /// Years of revenue there that a lab expects to lose while it comes back.
        comeback_years: f64 = 1.0, "years", [0.0, 20.0], Prior, "judgement: customers return as contracts end";
        /// Worth of a month's earlier release, as a share of yearly revenue.
        delay_cost_per_month: f64 = 0.03, "fraction of revenue per month", [0.0, 1.0], Prior, "the frontier gains 1.1 ECI a month, each worth 5% of use (spend.capability_effect), of which about half is lost";
        /// Spread of what labs think of their chances.
        perception_sd: f64 = 0.5, "ln", [0.0, 5.0], Prior, "judgement";
        /// Months for which a lab that was found out is watched and keeps the rules.
        probation_months: f64 = 12.0, "months", [0.0, 240.0], Prior, "judgement";
    }
}

/// Chance of being found out in a year: by an inspection that does not miss, a whistle-blower or a leak.
pub fn detection(inspection: f64, miss: f64, whistle_blower: f64, leak: f64) -> f64 {
    1.0 - (1.0 - inspection * (1.0 - miss)) * (1.0 - whistle_blower) * (1.0 - leak)
}

/// Hazard per year of a chance within a year.
pub fn hazard_of(chance_per_year: f64) -> f64 {
    -ln((1.0 - chance_per_year).max(1e-12))
}

/// What a lab gains by breaking the rules of a jurisdiction, USD per year.
pub fn gain_usd(compliance_usd: f64, delay_months: f64, cost_per_month: f64, revenue_there: f64, margin: f64) -> f64 {
    compliance_usd + delay_months * cost_per_month * revenue_there * margin.max(0.0)
}

/// What it loses by being shut out, in expectation once it is found out, USD.
pub fn exclusion_usd(chance: f64, months: f64, comeback_years: f64, revenue_there: f64, margin: f64) -> f64 {
    chance * (months / 12.0 + comeback_years) * revenue_there * margin.max(0.0)
}

/// How a lab that draws the standard normal `z` sees its chances: median 1.
pub fn perception(sd: f64, z: f64) -> f64 {
    exp(sd * z)
}

/// Whether it breaks the rules.
pub fn breaks(gain: f64, found_out: f64, fine: f64, reputation: f64, exclusion: f64, perception: f64) -> bool {
    gain > found_out * (fine + reputation + exclusion) * perception
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanisms::regulation::{Regulation, audit_delay_months, burden, fine_usd};

    fn p_eff(e: &Enforcement) -> f64 {
        detection(e.inspection, e.miss, e.whistle_blower, e.leak)
    }

    #[test]
    fn one_lab_in_six_is_found_out_in_a_year() {
        assert!((p_eff(&Enforcement::default()) - (1.0 - 0.97 * 0.95 * 0.9)).abs() < 1e-12);
        assert_eq!(detection(1.0, 0.0, 0.0, 0.0), 1.0);
        assert_eq!(detection(0.0, 0.4, 0.0, 0.0), 0.0);
    }

    #[test]
    fn the_chance_of_a_year_is_that_of_twelve_months() {
        let month = 1.0 - exp(-hazard_of(0.17) / 12.0);
        assert!((1.0 - (1.0 - month).powi(12) - 0.17).abs() < 1e-12);
    }

    #[test]
    fn a_rule_is_broken_where_the_gain_exceeds_the_expected_penalty() {
        assert!(breaks(1.0, 0.1, 9.9, 0.0, 0.0, 1.0));
        assert!(!breaks(1.0, 0.1, 5.0, 4.0, 1.0, 1.0));
        // Who thinks that he is watched twice as closely keeps a rule that pays 1.9 times.
        assert!(!breaks(1.9, 0.1, 10.0, 0.0, 0.0, 2.0));
    }

    #[test]
    fn a_lab_at_a_loss_gains_nothing_by_being_early_and_fears_no_exclusion() {
        assert_eq!(gain_usd(3.0, 6.0, 0.03, 1e9, -0.5), 3.0);
        assert_eq!(exclusion_usd(0.3, 6.0, 1.0, 1e9, -0.5), 0.0);
    }

    /// Shares of cases in which the fine alone, the fine with lost reputation, and all with exclusion deter: labs of 0.2 to 20 bn USD,
    /// ready or not, with a twentieth to nine tenths of their revenue in the jurisdiction, under rules of stringency 0.4 to 0.9.
    fn deterred(p: &Enforcement, r: &Regulation) -> [f64; 3] {
        let found_out = p_eff(p);
        let (mut counts, mut cases) = ([0.0; 3], 0.0);
        for run_rate in [0.2e9, 1e9, 5e9, 20e9] {
            for readiness in [0.0, 0.25, 0.5, 0.75, 1.0] {
                for part in [0.05, 0.2, 0.4, 0.6, 0.9] {
                    for stringency in [0.4, 0.65, 0.9] {
                        let there = part * run_rate;
                        let cost = r.compliance_share * stringency * burden(r.readiness_saving, readiness, 0.5) * there;
                        let delay = audit_delay_months(r.audit_delay_months, readiness);
                        let gain = gain_usd(cost, delay, p.delay_cost_per_month, there, 0.4);
                        let fine = fine_usd(r.fine_floor_usd, r.fine_share, run_rate);
                        let exclusion =
                            exclusion_usd(p.exclusion_chance, p.exclusion_months, p.comeback_years, there, 0.4);
                        let reputation = p.reputation_ratio * fine;
                        for (count, terms) in
                            counts.iter_mut().zip([(0.0, 0.0), (reputation, 0.0), (reputation, exclusion)])
                        {
                            *count += f64::from(u8::from(!breaks(gain, found_out, fine, terms.0, terms.1, 1.0)));
                        }
                        cases += 1.0;
                    }
                }
            }
        }
        counts.map(|n| n / cases)
    }

    #[test]
    fn the_threat_of_exclusion_deters_where_fines_do_not() {
        let (p, r) = (Enforcement::default(), Regulation::default());
        let [fine, reputation, all] = deterred(&p, &r);
        let certain = deterred(&Enforcement { exclusion_chance: 1.0, ..p }, &r)[2];
        println!(
            "deterred by the fine {fine:.2}, with reputation {reputation:.2}, with exclusion {all:.2}, if it is certain {certain:.2}"
        );
        assert!(fine < 0.5, "fines alone bind in {fine} of the cases");
        assert!(fine < reputation && reputation < all && all < certain);
        assert!(certain > 0.9, "exclusion that is certain binds in {certain} of the cases");
    }
}
