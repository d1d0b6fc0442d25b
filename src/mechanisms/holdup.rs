//! Hold-up and channel conflict (sections 3.2 and 3.11): what it costs to depend on one cloud, and on many.
//!
//! ```text
//! hazard = h · s²                  per year that a cloud which holds the share s of a lab's compute raises its price or refuses growth
//! will   = n^(−φ)                  will of each of n clouds to promote a lab that its n − 1 rivals sell too
//! ```
//!
//! With equal shares the hazard over all n clouds is h/n: several clouds lower hold-up, and divide the will to promote.
//! Williamson (1985), The economic institutions of capitalism; Klein, Crawford and Alchian (1978), Vertical integration, appropriable
//! rents, and the competitive contracting process. The weight 0.1 is a prior. φ: seed 000 names the conflict and gives no size.
//!
//! Parameters: h `hazard_per_year`; a case lasts `months`, a price rises by `price_rise`, or with probability `refusal_share` the cloud
//! refuses growth; φ `channel_conflict`. A cloud of the group that owns the lab does not hold it up.
//!
//! Groups are told by `owner`.

use crate::math::pow;
use crate::table;

table! {
    /// Hold-up by clouds, and conflict between channels.
    pub struct HoldUp: Parameter {
        /// Hazard of hold-up at a cloud that holds all of a lab's compute.
        hazard_per_year: f64 = 0.1, "1 per year", [0.0, 20.0], Prior, "wide: no count of such cases exists";
        /// Rise of the price while a cloud holds a lab up.
        price_rise: f64 = 0.25, "fraction", [0.0, 5.0], Prior, "judgement: below the cost of moving away";
        /// Share of cases in which the cloud refuses growth instead of raising its price.
        refusal_share: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement: both are named, neither counted";
        /// Months for which it lasts.
        months: f64 = 12.0, "months", [0.0, 120.0], Prior, "judgement: until a contract elsewhere";
        /// Loss of the will to promote a lab that rival clouds sell too.
        channel_conflict: f64 = 0.5, "exponent", [0.0, 2.0], Prior, "between none (0) and a will that is split evenly (1)";
    }
}

/// Hazard per year that a cloud which holds the share `share` of a lab's compute starts to hold it up.
pub fn hazard(hazard_per_year: f64, share: f64) -> f64 {
    hazard_per_year * share * share
}

/// Will of each of `clouds` clouds to promote a lab, relative to that of the only one.
pub fn will_to_promote(clouds: usize, conflict: f64) -> f64 {
    if clouds < 2 || conflict == 0.0 { 1.0 } else { pow(clouds as f64, -conflict) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_clouds_lower_the_hazard_in_proportion_to_their_number() {
        // Of rivals that do not depend on each other the hazards add.
        let total = |n: i32| (0..n).map(|_| hazard(0.1, 1.0 / f64::from(n))).sum::<f64>();
        for n in 1..6 {
            assert!((total(n) - 0.1 / f64::from(n)).abs() < 1e-12);
        }
    }

    #[test]
    fn more_channels_split_the_will_to_promote_and_without_conflict_they_do_not() {
        assert_eq!(will_to_promote(1, 0.5), 1.0);
        assert_eq!(will_to_promote(4, 0.0), 1.0);
        assert!((will_to_promote(4, 0.5) - 0.5).abs() < 1e-12);
        assert!((4.0 * will_to_promote(4, 1.0) - 1.0).abs() < 1e-12);
    }
}
