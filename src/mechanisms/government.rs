//! Government as a buyer (section 3.10): tenders at set times, and what it costs a lab to refuse to serve.
//!
//! ```text
//! tenders: month m where (m − phase) mod (12/n) = 0        n tenders a year; phase of each sector and jurisdiction, months
//! a contract signed at m ends at the first tender at or after m + its term
//! friction = political friction · refusal if the lab refuses a public sector        ratio, on the hazard of targeted action
//! ```
//!
//! Public buyers buy above a threshold of value by open tender (Directive 2014/24/EU; Federal Acquisition Regulation, part
//! 14 and 15), so that a vendor is chosen at the dates of their calendars and not when a product is released.
//!
//! Parameters: n `tenders_per_year`, refusal `refusal_friction`; the phase of a sector and jurisdiction is drawn once a run, uniform over
//! the months.
//!
//! A lab refuses the sectors of its `red_lines`.

use crate::table;

table! {
    /// Government as a buyer.
    pub struct Government: Parameter {
        /// Tenders a year of the public buyers of a sector in a jurisdiction; a number that does not divide 12 is rounded up to one that does.
        tenders_per_year: u64 = 4, "tenders per year", [1.0, 12.0], Prior, "judgement: a few times a year, by the quarters of a budget";
        /// Rise of the hazard of targeted action at home for a lab that refuses to serve a public sector.
        refusal_friction: f64 = 3.0, "ratio", [1.0, 100.0], Prior, "judgement, wide: seed 001 reports a lost contract and friction, no frequency";
    }
}

/// Months between tenders.
pub fn interval_months(tenders_per_year: u64) -> i32 {
    let wanted = tenders_per_year.clamp(1, 12) as i32;
    12 / (wanted..=12).find(|n| 12 % n == 0).unwrap_or(12)
}

/// The first tender in or after a month.
pub fn next_tender(month: i32, phase: i32, interval: i32) -> i32 {
    month + (phase - month).rem_euclid(interval)
}

/// The last tender in or before a month.
pub fn last_tender(month: i32, phase: i32, interval: i32) -> i32 {
    month - (month - phase).rem_euclid(interval)
}

/// Friction of a lab with its home government, a factor on the hazard of targeted action.
pub fn friction(political: f64, refuses: bool, refusal: f64) -> f64 {
    if refuses { political * refusal } else { political }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_holds_as_many_tenders_as_are_asked_for() {
        for (n, months) in [(1, 12), (2, 6), (3, 4), (4, 3), (5, 2), (6, 2), (12, 1)] {
            let interval = interval_months(n);
            assert_eq!(interval, months);
            let held = (24_000..24_012).filter(|&m| next_tender(m, 5, interval) == m).count();
            assert_eq!(held as i32, 12 / months);
        }
    }

    #[test]
    fn between_two_tenders_the_last_is_behind_and_the_next_ahead() {
        for month in 24_000..24_040 {
            let (last, next) = (last_tender(month, 2, 3), next_tender(month, 2, 3));
            assert!(last <= month && month <= next && next - last <= 3);
            assert_eq!((last - 2).rem_euclid(3), 0);
            assert_eq!((next - 2).rem_euclid(3), 0);
            assert_eq!(last == month, next == month);
        }
    }

    #[test]
    fn a_year_after_a_tender_there_is_a_tender() {
        for n in [1, 2, 3, 4, 6, 12] {
            let interval = interval_months(n);
            let signed = next_tender(24_001, 7, interval);
            assert_eq!(next_tender(signed + 12, 7, interval), signed + 12);
        }
    }

    #[test]
    fn only_a_refusal_raises_friction() {
        assert_eq!(friction(2.0, false, 3.0), 2.0);
        assert_eq!(friction(2.0, true, 3.0), 6.0);
        assert_eq!(friction(2.0, true, 1.0), 2.0);
    }
}
