//! Regulators (section 3.12): stringency, audits, compliance cost, fines, exclusion of one lab; licensing, liability, export
//! controls, capture and publicity. What a breach of the rules pays is in `enforcement`.
//!
//! ```text
//! s' = a·salience·(1 − s) − b·lobbying·influence·s + drift        s stringency, 0 to 1; per year; a and b times the factors of the posture
//! drift = sd·(regime + z/√dt) + that of the posture               z standard normal in each step
//! regime: −1 deregulates, 0, 1 regulates; an election turns it with probability `turnover` to the other sign, 0 to either alike
//! salience' = −d·salience                 and an incident of severity v leaves e^(−k·v) of the gap to 1
//! audits in force where s >= threshold, or by a law of the regulator's own; delay = d0·(1 − readiness)    months
//! compliance = share·s·(1 − saving·readiness·safety)              of revenue under audits
//! a lab that its home government targets spends a further share on its defence
//! fine = max(floor, share·run-rate)                               Regulation (EU) 2024/1689, article 101
//!   at the hazard of fines · s · (1 − saving·readiness·safety)    per year
//! targeted at the hazard (G/rate)·abroad·friction·(1 + ρ·|regime|)·posture    per year; G gamma of the shape, drawn once a run for each pair of
//!   lab and jurisdiction; abroad 1 at home; friction at home only; shut out of public buyers for an exponential time;
//!   `anticipation` times this hazard is what buyers fear
//! licence needed for D·final >= 1e25 FLOP where s >= licensing, or by such a law    D training compute of a model's cycle
//! buyers bear harm·(1 − shift·s), labs the rest                   liability for defective software
//! tilt = influence·(Σ voice·readiness / Σ voice − mean readiness), voice = trust·lobbying
//!   threshold = threshold_0 − capture·(tilt − tilt_0); saving = saving_0 + capture·(tilt − tilt_0)
//! publicity' = −d·publicity, and each new exclusion from public buyers adds its shock   ln appeal to consumers and small firms
//! ```
//!
//! Capture: rules come to serve those whom they bind (Stigler 1971, The theory of economic regulation). Here a lab that is
//! trusted and lobbies is heard, and what it asks for is rules by which its readiness counts: audits sooner, and more saved by
//! those who are ready. A law that an event puts in force (`audits_mandatory`, `licensing_mandatory`) has no threshold to tilt. The
//! parameters are stated at the say that labs had at the start, so that only what changes since tilts them.
//!
//! Parameters: a `salience_response_per_year`, b `lobbying_response_per_year`, influence that of the regulator, sd `regime_drift_sd`; d of
//! salience `salience_decay_per_year`, k `incidents.salience`; audits `audit_threshold`, d0 `audit_delay_months`; share `compliance_share`,
//! saving `readiness_saving`, and `buyer_compliance` for the buyer; defence `legal_share`; hazard of fines `fine_hazard_per_year`,
//! `fine_share`, `fine_floor_usd`; targeted: shape `targeted_shape`, rate `targeted_rate_years`, abroad `targeted_abroad`, ρ
//! `targeted_regime`, mean time `targeted_months`, `anticipation`; licence: final `final_run_share`, `licensing_flop`,
//! `licensing_threshold`, `licence_delay_months`, `licence_fee_usd`; shift `liability_shift`, harm `buyer_harm`; `capture`; publicity: d
//! `publicity_decay_per_year`, shock `publicity`. Factors of postures on a, on b and on the chance of an exclusion: `laissez_faire_rise`,
//! `laissez_faire_fall`, `laissez_faire_exclusion`, `precautionary_rise`, `precautionary_fall`, `precautionary_exclusion`,
//! `adversarial_exclusion`; its drift `precautionary_drift_per_year`; on targeted action `adversarial_targeted`.
//!
//! Of agents: voice is trust times `lobbying` of the lab; `political_friction`; `influence`, `posture`, and the regime's `turnover` in
//! elections, every `election_interval_months` from `next_election`; the state of the start is `stringency`, `salience`, `regime`. Listed
//! `excluded_labs` are shut out of public buyers, `banned_labs` and labs of `banned_jurisdictions` of the market, as is a lab from where it
//! is `absent_from`. Export controls multiply the price of compute by `export_price` and leave the least `export_supply` of any regulator.

use crate::math::exp;
use crate::table;
use crate::units::Month;

table! {
    /// Regulation.
    pub struct Regulation: Parameter {
        /// Rise of stringency with salience.
        salience_response_per_year: f64 = 0.5, "1 per year", [0.0, 10.0], Prior, "a; wide";
        /// Fall of stringency with lobbying.
        lobbying_response_per_year: f64 = 0.3, "1 per year", [0.0, 10.0], Prior, "b; wide";
        /// sd of the drift of a political regime.
        regime_drift_sd: f64 = 0.1, "1 per year", [0.0, 5.0], Prior, "wide";
        /// Stringency above which audits are mandatory.
        audit_threshold: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement: the EU's rules for general-purpose models at the end of 2025";
        /// Delay of a release under audit for a lab that is not ready.
        audit_delay_months: f64 = 6.0, "months", [0.0, 60.0], Prior, "d0; wide";
        /// Cost of compliance, as a share of revenue in the jurisdiction, for a lab that is not ready.
        compliance_share: f64 = 0.03, "fraction of revenue", [0.0, 1.0], Prior, "judgement";
        /// Part of that cost that a ready and safe lab saves.
        readiness_saving: f64 = 0.7, "fraction", [0.0, 1.0], Prior, "judgement: the moat";
        /// Cost that the buyer bears in a regulated sector under audits.
        buyer_compliance: f64 = 0.3, "utility", [0.0, 5.0], Prior, "0 to 1";
        /// Fines upon one lab in one jurisdiction of full stringency under other law: privacy, copyright, consumers.
        fine_hazard_per_year: f64 = 0.1, "1 per year", [0.0, 10.0], Prior, "about 0.1 per year for bans and fines";
        /// Fine as a share of yearly revenue.
        fine_share: f64 = 0.03, "fraction of revenue", [0.0, 1.0], Derived, "Regulation (EU) 2024/1689, article 101: 3% or EUR 15 million, the greater";
        /// Least fine.
        fine_floor_usd: f64 = 17.55e6, "USD", [0.0, 1e12], Derived, "EUR 15 million at 1.17 USD";
        /// Fall of salience.
        salience_decay_per_year: f64 = 1.4, "1 per year", [0.0, 50.0], Prior, "half-life of half a year; Downs (1972), Up and down with ecology";
        /// Shape of the gamma distribution of each lab's hazard of targeted political action.
        targeted_shape: f64 = 0.5, "1", [0.01, 100.0], Prior, "Gamma(0.5, rate 18 yr): mean 0.028 per year";
        /// Rate of that distribution.
        targeted_rate_years: f64 = 18.0, "years", [0.01, 1e6], Prior, "Gamma(0.5, rate 18 yr): mean 0.028 per year";
        /// Hazard of targeted action by a government abroad, relative to that at home.
        targeted_abroad: f64 = 0.25, "ratio", [0.0, 10.0], Prior, "judgement: fewer ties, and bans of foreign models (DeepSeek in Italy, 2025)";
        /// Rise of the hazard of targeted action under a political regime of either sign, against a neutral one.
        targeted_regime: f64 = 0.5, "ratio", [0.0, 20.0], Prior, "judgement";
        /// Mean months for which a targeted lab is excluded from public buyers.
        targeted_months: f64 = 12.0, "months", [1.0, 240.0], Prior, "judgement";
        /// Cost of defence of a lab that its home government targets.
        legal_share: f64 = 0.02, "fraction of revenue", [0.0, 1.0], Prior, "judgement, wide: counsel, lobbying and management; section 3.3: legal fights draw research effort";
        /// Appeal to consumers and small firms that the publicity of a targeted action adds, or takes.
        publicity: f64 = 0.0, "ln", [-3.0, 3.0], Prior, "no observation of either sign: 0 (0.3)";
        /// Fading of that publicity.
        publicity_decay_per_year: f64 = 1.0, "1 per year", [0.0, 50.0], Prior, "judgement: a news story, half gone in eight months";
        /// Factor on the rise of stringency under a laissez-faire posture, relative to a responsive one.
        laissez_faire_rise: f64 = 0.5, "ratio", [0.0, 10.0], Prior, "judgement: half as quick to answer; wide";
        /// Factor on the fall of stringency with lobbying under a laissez-faire posture.
        laissez_faire_fall: f64 = 1.5, "ratio", [0.0, 10.0], Prior, "judgement: half as much again is conceded; wide";
        /// Factor on the chance that a lab that breaks the rules is shut out under a laissez-faire posture.
        laissez_faire_exclusion: f64 = 0.5, "ratio", [0.0, 10.0], Prior, "judgement, wide";
        /// Factor on the rise of stringency under a precautionary posture.
        precautionary_rise: f64 = 1.25, "ratio", [0.0, 10.0], Prior, "judgement, wide";
        /// Factor on the fall of stringency with lobbying under a precautionary posture.
        precautionary_fall: f64 = 0.5, "ratio", [0.0, 10.0], Prior, "judgement, wide";
        /// Factor on the chance that a lab that breaks the rules is shut out under a precautionary posture.
        precautionary_exclusion: f64 = 1.5, "ratio", [0.0, 10.0], Prior, "judgement, wide";
        /// Drift of stringency under a precautionary posture, which needs no cause.
        precautionary_drift_per_year: f64 = 0.03, "1 per year", [-5.0, 5.0], Prior, "judgement: a tenth of the scale in three years; wide";
        /// Factor on the hazard of targeted action under an adversarial posture.
        adversarial_targeted: f64 = 3.0, "ratio", [0.0, 100.0], Prior, "judgement, wide";
        /// Factor on the chance that a lab that breaks the rules is shut out under an adversarial posture.
        adversarial_exclusion: f64 = 2.0, "ratio", [0.0, 10.0], Prior, "judgement, wide";
        /// Stringency above which large models need a licence.
        licensing_threshold: f64 = 0.75, "fraction", [0.0, 1.0], Prior, "judgement: proposed in the US Senate in 2023, in force nowhere";
        /// Training compute above which a model needs one.
        licensing_flop: f64 = 1e25, "FLOP", [1e18, 1e35], Derived, "Regulation (EU) 2024/1689, article 51: presumption of systemic risk";
        /// Share of a cycle's training compute that goes into the final model, which is what counts.
        final_run_share: f64 = 0.2, "fraction", [0.0, 1.0], Prior, "judgement: failed, smaller and later runs take the rest";
        /// Months for which the licence holds a release, for a lab that is not ready.
        licence_delay_months: f64 = 4.0, "months", [0.0, 60.0], Prior, "judgement: drugs take ten months (US, PDUFA)";
        /// Fee of a licence.
        licence_fee_usd: f64 = 4.3e6, "USD", [0.0, 1e12], Prior, "by analogy: fee of a new drug application in the US, fiscal year 2025 (PDUFA)";
        /// Part of the harm that buyers bear which a law of full stringency lays on labs.
        liability_shift: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement: Directive (EU) 2024/2853 makes software a product from December 2026";
        /// Harm that buyers without indemnity bear, relative to what incidents cost the lab itself.
        buyer_harm: f64 = 1.0, "ratio", [0.0, 100.0], Prior, "judgement, wide";
        /// How far the say of labs in the rules tilts them to those who are ready.
        capture: f64 = 0.5, "ratio", [0.0, 10.0], Prior, "judgement: a voice that is readier by 0.2 than the mean moves a threshold by 0.1 at full influence";
        /// Yearly hazard of losing a vendor to an exclusion that buyers anticipate, per unit of the lab's hazard.
        anticipation: f64 = 1.0, "ratio", [0.0, 10.0], Prior, "1: rational expectations";
    }
}

/// One step of stringency, exactly: `s' = rise·(1 − s) − fall·s + drift` with constant rates, per year, over `years`.
/// The result stays in [0, 1].
pub fn stringency_after(stringency: f64, rise: f64, fall: f64, drift: f64, years: f64) -> f64 {
    let speed = rise + fall;
    let next = if speed > 1e-12 {
        let rest = (rise + drift) / speed;
        rest + (stringency - rest) * exp(-speed * years)
    } else {
        stringency + drift * years
    };
    next.clamp(0.0, 1.0)
}

/// Salience after `years` of decay at `decay` per year.
pub fn salience_after(salience: f64, decay: f64, years: f64) -> f64 {
    salience * exp(-decay * years)
}

/// Mean over `years` of a salience that decays at `decay` per year.
pub fn salience_mean(salience: f64, decay: f64, years: f64) -> f64 {
    let x = decay * years;
    if x < 1e-9 { salience } else { salience * (1.0 - exp(-x)) / x }
}

/// Salience after incidents of summed severity `pulse`: near 0 it rises by `effect` a unit, and it never passes 1.
pub fn salience_raised(salience: f64, pulse: f64, effect: f64) -> f64 {
    1.0 - (1.0 - salience) * exp(-effect * pulse)
}

/// Months for which an audit holds a release back: `d0` for a lab that is not ready, none for one that is.
pub fn audit_delay_months(d0: f64, readiness: f64) -> f64 {
    d0 * (1.0 - readiness)
}

/// Part of the burden of the rules that a lab bears: 1 for one that is not ready, less by `saving` for one that is
/// ready and safe.
pub fn burden(saving: f64, readiness: f64, safety: f64) -> f64 {
    1.0 - saving * readiness * safety
}

/// A fine: the greater of the floor and a share of yearly revenue, USD.
pub fn fine_usd(floor: f64, share: f64, run_rate: f64) -> f64 {
    (share * run_rate).max(floor)
}

/// How far what labs say about the rules leans to readiness: the mean readiness by `voices` (trust times lobbying) less the plain mean,
/// by the regulator's openness to advice. `labs` gives voice and readiness.
pub fn capture_tilt(influence: f64, labs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut said, mut voices, mut plain, mut count) = (0.0, 0.0, 0.0, 0.0);
    for (voice, readiness) in labs {
        said += voice * readiness;
        voices += voice;
        plain += readiness;
        count += 1.0;
    }
    if voices > 0.0 { influence * (said / voices - plain / count) } else { 0.0 }
}

/// A threshold of stringency and the saving of those who are ready, after the tilt of the rules has moved by `tilt` since the start.
pub fn captured(threshold: f64, saving: f64, capture: f64, tilt: f64) -> (f64, f64) {
    ((threshold - capture * tilt).clamp(0.0, 1.0), (saving + capture * tilt).clamp(0.0, 1.0))
}

/// Part of buyers' harm that the law lays on labs.
pub fn liability_shifted(shift: f64, stringency: f64) -> f64 {
    shift * stringency
}

/// Harm of buyers that a lab bears under the law, as a share of its run-rate per unit of severity: `own` is what incidents cost it anyway.
pub fn liability_of_lab(own: f64, buyer_harm: f64, indemnity: f64, shifted: f64) -> f64 {
    own * buyer_harm * (1.0 - indemnity) * shifted
}

/// Whether a model needs a licence.
pub fn needs_licence(training_flop: f64, final_run_share: f64, threshold_flop: f64) -> bool {
    training_flop * final_run_share >= threshold_flop
}

/// Probability of an event of hazard `hazard` per year within `years`.
pub fn probability(hazard: f64, years: f64) -> f64 {
    1.0 - exp(-hazard * years)
}

/// The political regime after an election: with probability `turnover` it changes sign; a neutral one turns either
/// way. `u` is uniform on (0, 1).
pub fn regime_after_election(regime: f64, turnover: f64, u: f64) -> f64 {
    if u >= turnover {
        regime
    } else if regime != 0.0 {
        -regime
    } else if u < 0.5 * turnover {
        -1.0
    } else {
        1.0
    }
}

/// The last scheduled election after `after` and not later than `until`: elections are held at `next` and every
/// `interval` months from then on. An interval of 0 means that none are held.
pub fn election_within(next: Month, interval: i32, after: Month, until: Month) -> Option<Month> {
    if interval <= 0 || until < next {
        return None;
    }
    let held = next.plus(until.since(next).div_euclid(interval) * interval);
    (held > after).then_some(held)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_lobbying_stringency_closes_the_gap_to_one_at_the_rate_of_salience() {
        let (a, salience, s0): (f64, f64, f64) = (0.5, 0.4, 0.3);
        let mut s = s0;
        for _ in 0..36 {
            s = stringency_after(s, a * salience, 0.0, 0.0, 1.0 / 12.0);
        }
        assert!((s - (1.0 - (1.0 - s0) * exp(-a * salience * 3.0))).abs() < 1e-12);
    }

    #[test]
    fn a_fading_salience_leaves_the_stringency_that_its_integral_gives_at_any_step() {
        let (a, decay, s0, salience0) = (0.5, 1.4, 0.3, 0.6);
        let exact = 1.0 - (1.0 - s0) * exp(-a * salience0 * (1.0 - exp(-decay * 2.0)) / decay);
        for steps in [1, 4, 12] {
            let dt = 1.0 / f64::from(steps);
            let (mut s, mut salience) = (s0, salience0);
            for _ in 0..2 * steps {
                s = stringency_after(s, a * salience_mean(salience, decay, dt), 0.0, 0.0, dt);
                salience = salience_after(salience, decay, dt);
            }
            assert!((s - exact).abs() < 1e-12, "{steps}");
        }
    }

    #[test]
    fn lobbying_alone_lets_stringency_fade_and_a_balance_is_where_they_meet() {
        assert!((stringency_after(0.8, 0.0, 0.3, 0.0, 2.0) - 0.8 * exp(-0.6)).abs() < 1e-12);
        assert!((stringency_after(0.1, 0.2, 0.3, 0.0, 1e4) - 0.4).abs() < 1e-12);
        assert!((stringency_after(0.5, 0.0, 0.0, 0.1, 2.0) - 0.7).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn stringency_and_salience_stay_between_zero_and_one(
            s in 0.0f64..=1.0, rise in 0.0f64..20.0, fall in 0.0f64..20.0, drift in -5.0f64..5.0, dt in 0.01f64..1.0, pulse in 0.0f64..1e4,
        ) {
            let next = stringency_after(s, rise, fall, drift, dt);
            prop_assert!((0.0..=1.0).contains(&next));
            prop_assert!((0.0..=1.0).contains(&salience_raised(salience_after(s, rise, dt), pulse, 0.002)));
        }
    }

    #[test]
    fn an_incident_of_median_severity_raises_a_low_salience_by_its_effect() {
        assert!((salience_raised(0.0, 1.0, 0.002) - 0.002).abs() < 3e-6);
        assert_eq!(salience_raised(1.0, 5.0, 0.002), 1.0);
    }

    #[test]
    fn elections_fall_on_their_scheduled_months_only() {
        let next = Month::new(2028, 11);
        let held: Vec<Month> = (0..240)
            .map(|i| Month::new(2026, 1).plus(i))
            .filter_map(|m| election_within(next, 48, m.plus(-1), m))
            .collect();
        let expected = [2028, 2032, 2036, 2040, 2044].map(|y| Month::new(y, 11));
        assert_eq!(held, expected);
        // A step of three months meets the election that falls within it.
        assert_eq!(election_within(next, 48, Month::new(2028, 9), Month::new(2028, 12)), Some(next));
        assert_eq!(election_within(next, 0, Month::new(2028, 9), Month::new(2028, 12)), None);
    }

    #[test]
    fn a_regime_changes_hands_with_the_probability_of_turnover() {
        assert_eq!(regime_after_election(-1.0, 0.45, 0.44), 1.0);
        assert_eq!(regime_after_election(-1.0, 0.45, 0.46), -1.0);
        assert_eq!(regime_after_election(0.0, 0.4, 0.1), -1.0);
        assert_eq!(regime_after_election(0.0, 0.4, 0.3), 1.0);
    }

    #[test]
    fn the_greater_of_the_two_fines_applies() {
        assert_eq!(fine_usd(17.55e6, 0.03, 1e8), 17.55e6);
        assert_eq!(fine_usd(17.55e6, 0.03, 2e10), 6e8);
    }

    #[test]
    fn rules_tilt_to_readiness_when_those_who_are_ready_have_more_say() {
        let tilt = |voices: [f64; 2]| capture_tilt(0.5, voices.into_iter().zip([0.8, 0.2]));
        assert!(tilt([1.0, 1.0]).abs() < 1e-12);
        assert!((tilt([1.0, 0.0]) - 0.15).abs() < 1e-12);
        assert!((tilt([0.0, 1.0]) + 0.15).abs() < 1e-12);
        assert_eq!(capture_tilt(0.0, [(1.0, 0.8), (0.0, 0.2)].into_iter()), 0.0);
        assert_eq!(capture_tilt(1.0, std::iter::empty()), 0.0);
        let (threshold, saving) = captured(0.5, 0.7, 0.5, 0.2);
        assert!((threshold - 0.4).abs() < 1e-12 && (saving - 0.8).abs() < 1e-12);
        assert_eq!(captured(0.5, 0.7, 0.5, 0.0), (0.5, 0.7));
        assert_eq!(captured(0.5, 0.7, 10.0, 1.0), (0.0, 1.0));
    }

    #[test]
    fn what_the_law_takes_off_buyers_without_indemnity_labs_bear() {
        let shifted = liability_shifted(0.5, 0.8);
        assert!((shifted - 0.4).abs() < 1e-12);
        assert!((liability_of_lab(1e-4, 2.0, 0.25, shifted) - 1e-4 * 2.0 * 0.75 * 0.4).abs() < 1e-16);
        assert_eq!(liability_of_lab(1e-4, 2.0, 1.0, shifted), 0.0);
    }

    #[test]
    fn a_model_of_the_size_of_the_law_needs_a_licence() {
        assert!(needs_licence(1e26, 0.2, 1e25));
        assert!(!needs_licence(4e25, 0.2, 1e25));
    }

    #[test]
    fn a_ready_lab_waits_for_no_audit_and_readiness_pays_only_with_safety() {
        assert_eq!(audit_delay_months(6.0, 0.0), 6.0);
        assert_eq!(audit_delay_months(6.0, 1.0), 0.0);
        assert_eq!(burden(0.7, 1.0, 0.0), 1.0);
        assert!((burden(0.7, 1.0, 1.0) - 0.3).abs() < 1e-12);
    }
}
