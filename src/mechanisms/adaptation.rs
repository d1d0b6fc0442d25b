//! Adaptation of strategies (section 3.15): aspirations, and learning by experience-weighted attraction.
//!
//! ```text
//! performance  P = w_g·growth + w_s·10·d(share)/dt + w_v·d ln V/dt, smoothed over a time      ln per year
//! aspiration   A ← A + a·((1 − σ)·P + σ·P_others − A)                                       at each review
//! search       when P < A, or when runway is below the point of survival
//! attraction   N' = ρN + 1;  A_k' = (φ·N·A_k + [δ + (1 − δ)·1(k = chosen)]·π_k)/N'
//! choice       P(k) = exp(λ·A_k)/Σ exp(λ·A)
//! tilt x       share of research compute for safety ← min(1, share·exp(−x·span));  gate ← min(gate·exp(−x·gate span), max(cap, gate))
//!              −1 (trust) to 1 (scale); experiments get no more than safety leaves
//! build        share ← share + shift, within 0 and 1, |shift| at most its limit;   markup: 1 + aim ← (1 + aim)·exp(shift)
//! open         weights are published, or no longer with the next model;  a lab that opens serves a share of its tokens itself
//! small change tilt ± step, build ± step·limit or markup ± step·limit
//! imitation    tilt and shift ← + speed·(what gives the best rival's conduct − tilt or shift)
//! cells        scale: share for safety < divide;  build: share built >= divide;  open
//! ```
//!
//! Growth is that of run-rate and of what hosts earn with the lab's models; V of a division is not judged. The first review sets A without
//! searching. A small change that narrowed the gap goes on, one that did not is taken back and the next search turns round; a lab without
//! cash builds less and prices higher. In learning, π of other cells is what labs in them earn, 0 where there are none; a search picks a
//! cell and goes beyond its divide. With a chance of their own searches try openness, or the method of the rival most trusted where trust
//! lacks (a retrofit).
//!
//! Parameters: w_g `growth_weight`, w_s `share_weight`, w_v `value_weight`; smoothing `memory_years`; a `aspiration_speed`, σ
//! `social_weight`; survival `survival_months`; span `tilt_span`, gate span `gate_span`; limits `build_limit` and `markup_limit`; own share
//! of tokens `opened_api_share`; cap of a gate `gate_cap`; V counts from `value_floor_usd` on, and d ln V up to `value_growth_cap` a year; divides `trust_divide` and `build_divide`. Step, speed, chances and φ, ρ, δ, λ are those of the lab's
//! strategy of adaptation.
//!
//! Cyert and March (1963), A Behavioral Theory of the Firm: goals, aspirations, problemistic search; Levinthal and March
//! (1981), A model of adaptive organizational search: aspirations that follow performance; March and Shapira (1992),
//! Variable risk preferences: the point of survival; Greve (2003), Organizational Learning from Performance Feedback: own
//! and social aspirations. Camerer and Ho (1999), Experience-weighted attraction learning in normal form games: with
//! δ = 0 reinforcement of what was chosen, with δ = 1, φ = ρ belief learning (fictitious play at φ = 1), N experience.
//! Payoffs π are performance above aspiration.
//!
//! Of strategies: a review every `review_months`; `step`, `speed` and the chance `bold_share`; δ `foregone`, φ `retention`, ρ
//! `experience_retention`, λ `sensitivity`; at the start N `prior_experience` and A of the cell in force `head_start`.

use crate::math::exp;
use crate::table;

/// Cells of scale or trust × build or partner × closed or open: bit 0 scale, bit 1 build, bit 2 open.
pub const CELLS: usize = 8;

table! {
    /// How labs judge themselves and how far they move.
    pub struct Adaptation: Parameter {
        /// Weight of growth of run-rate.
        growth_weight: f64 = 0.4, "weight", [0.0, 10.0], Prior, "judgement";
        /// Weight of ten times the yearly change of enterprise share.
        share_weight: f64 = 0.2, "weight", [0.0, 10.0], Prior, "judgement: 10 points of share a year count like growth by a factor of e";
        /// Weight of growth of value.
        value_weight: f64 = 0.4, "weight", [0.0, 10.0], Prior, "judgement";
        /// Time over which performance is smoothed.
        memory_years: f64 = 0.5, "years", [0.05, 10.0], Prior, "judgement: boards look at two to four quarters";
        /// Part of the gap that an aspiration closes at a review.
        aspiration_speed: f64 = 0.4, "fraction", [0.0, 1.0], Prior, "judgement, after Greve (2003); wide";
        /// Weight of other labs' performance in the aspiration.
        social_weight: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement, after Greve (2003); wide";
        /// Runway below which survival is at stake whatever the performance.
        survival_months: f64 = 8.0, "months", [0.0, 60.0], Prior, "judgement: below the runway at which labs usually raise";
        /// Fall of ln safety share when posture tilts from the scenario's to all scale; as much rise to all trust.
        tilt_span: f64 = 1.1, "ln", [0.0, 5.0], Prior, "judgement: a factor of 3 either way";
        /// Fall of the ln of the release gate with the same tilt.
        gate_span: f64 = 0.3, "ln", [0.0, 5.0], Prior, "judgement";
        /// Greatest change of the share of compute that a lab builds.
        build_limit: f64 = 0.6, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Greatest change of ln(1 + markup).
        markup_limit: f64 = 0.4, "ln", [0.0, 3.0], Prior, "judgement";
        /// Share of its enterprise tokens that a lab serves itself once it opens what the scenario keeps closed; others host the rest.
        opened_api_share: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement: between Mistral and DeepSeek, whose weights others host too";
        /// Share of research compute for safety that divides trust from scale.
        trust_divide: f64 = 0.025, "fraction of research compute", [0.0001, 1.0], Prior, "judgement: between the shares of the scale-first and the trust-first posture";
        /// Share of new compute built that divides builders from partners.
        build_divide: f64 = 0.35, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Value below which growth of value is not told apart from none.
        value_floor_usd: f64 = 1e8, "USD", [1.0, 1e12], Prior, "judgement: below the price of a first large round";
        /// Greatest growth or fall of value that counts in a review.
        value_growth_cap: f64 = 5.0, "ln per year", [0.0, 100.0], Prior, "judgement: a new price that is half as high again within a month reads as 4.9 a year, and more is no news of conduct";
        /// Highest release gate that adaptation can lead to, where the scenario sets none higher.
        gate_cap: f64 = 0.95, "fraction", [0.0, 1.0], Prior, "judgement: at 1 nothing would ever be released";
    }
}

/// Performance over a step, ln per year. `share_change_per_year` is a fraction per year.
pub fn performance(a: &Adaptation, growth: f64, share_change_per_year: f64, value_growth: f64) -> f64 {
    a.growth_weight * growth + a.share_weight * 10.0 * share_change_per_year + a.value_weight * value_growth
}

/// A smoothed number after `dt` years in which it was `seen`.
pub fn smoothed(before: f64, seen: f64, memory_years: f64, dt: f64) -> f64 {
    seen + (before - seen) * exp(-dt / memory_years)
}

/// The aspiration after a review.
pub fn aspiration_after(a: &Adaptation, aspiration: f64, own: f64, others: f64) -> f64 {
    aspiration + a.aspiration_speed * ((1.0 - a.social_weight) * own + a.social_weight * others - aspiration)
}

/// The parameters of experience-weighted attraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ewa {
    /// Weight of payoffs forgone, δ.
    pub foregone: f64,
    /// Retention of attractions, φ.
    pub retention: f64,
    /// Retention of experience, ρ.
    pub experience_retention: f64,
}

impl Ewa {
    /// Attractions and experience after a period in which `chosen` was played and each cell gave, or would have given, its payoff.
    pub fn update(&self, attractions: &mut [f64], experience: &mut f64, chosen: usize, payoffs: &[f64]) {
        let before = *experience;
        *experience = self.experience_retention * before + 1.0;
        for (k, (attraction, payoff)) in attractions.iter_mut().zip(payoffs).enumerate() {
            let weight = if k == chosen { 1.0 } else { self.foregone };
            *attraction = (self.retention * before * *attraction + weight * payoff) / *experience;
        }
    }
}

/// The cell that a logit choice picks at the uniform number `u`: `exp(sensitivity·attraction)` over the sum.
pub fn choose(attractions: &[f64], sensitivity: f64, u: f64) -> usize {
    let best = attractions.iter().fold(f64::NEG_INFINITY, |m, &a| m.max(a));
    let weight = |a: f64| exp(sensitivity * (a - best));
    let mut left = u * attractions.iter().map(|&a| weight(a)).sum::<f64>();
    for (k, &a) in attractions.iter().enumerate() {
        left -= weight(a);
        if left < 0.0 {
            return k;
        }
    }
    attractions.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attractions_follow_a_sequence_worked_by_hand() {
        let ewa = Ewa { foregone: 0.5, retention: 0.9, experience_retention: 0.8 };
        let (mut a, mut n) = ([0.0, 1.0], 1.0);
        // N = 1.8; A0 = (0 + 2)/1.8; A1 = (0.9·1·1 + 0.5·4)/1.8.
        ewa.update(&mut a, &mut n, 0, &[2.0, 4.0]);
        assert!((n - 1.8).abs() < 1e-12);
        assert!((a[0] - 2.0 / 1.8).abs() < 1e-12 && (a[1] - 2.9 / 1.8).abs() < 1e-12, "{a:?}");
        // N = 2.44; A0 = (0.9·1.8·1.1111 − 0.5)/2.44; A1 = (0.9·1.8·1.6111 + 3)/2.44.
        ewa.update(&mut a, &mut n, 1, &[-1.0, 3.0]);
        assert!((n - 2.44).abs() < 1e-12);
        assert!((a[0] - (0.9 * 2.0 - 0.5) / 2.44).abs() < 1e-12, "{a:?}");
        assert!((a[1] - (0.9 * 2.9 + 3.0) / 2.44).abs() < 1e-12, "{a:?}");
    }

    #[test]
    fn without_forgone_payoffs_only_what_was_chosen_is_reinforced() {
        let ewa = Ewa { foregone: 0.0, retention: 0.9, experience_retention: 0.0 };
        let (mut a, mut n) = ([0.5, 0.5, 0.5], 1.0);
        ewa.update(&mut a, &mut n, 1, &[9.0, 2.0, 9.0]);
        // Cumulative reinforcement of Roth and Erev: φ·A + π for the chosen, φ·A for the rest.
        assert_eq!(n, 1.0);
        assert!((a[0] - 0.45).abs() < 1e-12 && (a[1] - 2.45).abs() < 1e-12 && (a[2] - 0.45).abs() < 1e-12);
    }

    #[test]
    fn with_forgone_payoffs_in_full_attractions_are_the_mean_payoffs_of_fictitious_play() {
        let ewa = Ewa { foregone: 1.0, retention: 1.0, experience_retention: 1.0 };
        let (mut a, mut n) = ([0.0, 0.0], 0.0);
        let history = [[1.0, 5.0], [3.0, -1.0], [2.0, 2.0]];
        for (t, payoffs) in history.iter().enumerate() {
            ewa.update(&mut a, &mut n, t % 2, payoffs);
        }
        assert!((a[0] - 2.0).abs() < 1e-12 && (a[1] - 2.0).abs() < 1e-12, "{a:?}");
    }

    #[test]
    fn a_sensitive_lab_takes_the_best_cell_and_an_insensitive_one_any() {
        let a = [0.1, 0.5, 0.3];
        for n in 0..10 {
            let u = (f64::from(n) + 0.5) / 10.0;
            assert_eq!(choose(&a, 1e4, u), 1);
            assert_eq!(choose(&a, 0.0, u), (u * 3.0) as usize);
        }
        // ln 2 more attraction at a sensitivity of 1 is twice the odds.
        let share = (0..3000).filter(|n| choose(&[0.0, 2f64.ln()], 1.0, (f64::from(*n) + 0.5) / 3000.0) == 1).count();
        assert!((share as f64 / 3000.0 - 2.0 / 3.0).abs() < 1e-3);
    }

    #[test]
    fn an_aspiration_follows_own_and_others_performance_and_rests_where_both_are_met() {
        let a = Adaptation::default();
        assert_eq!(aspiration_after(&a, 0.4, 0.4, 0.4), 0.4);
        assert!((aspiration_after(&a, 0.4, 0.8, 0.2) - (0.4 + 0.4 * 0.1)).abs() < 1e-12);
        let mut x = 2.0;
        for _ in 0..100 {
            x = aspiration_after(&a, x, 0.5, 0.3);
        }
        assert!((x - 0.4).abs() < 1e-9);
    }

    #[test]
    fn smoothing_keeps_what_does_not_change_at_any_step() {
        assert_eq!(smoothed(0.3, 0.3, 0.5, 0.25), 0.3);
        let twice = smoothed(smoothed(0.0, 1.0, 0.5, 0.125), 1.0, 0.5, 0.125);
        assert!((twice - smoothed(0.0, 1.0, 0.5, 0.25)).abs() < 1e-12);
    }
}
