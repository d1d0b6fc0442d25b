//! Users' surplus (section 3.11): what they would have paid beyond what they pay.
//!
//! Demand is that of section 3.8 up to a price p_c at which it chokes: isoelastic, `Y ∝ p^(1−ε)`, and saturating as spend does,
//! `X = k·Y/(1 + Y/K)`. With `y = Y/K` at the price paid and `x = (1 − ε)·ln(p_c/p)`:
//!
//! ```text
//! surplus = ∫_p^{p_c} q(s) ds = ∫ X d ln s = X·(1 + y)/(y·(1 − ε))·ln((1 + y·e^x)/(1 + y))        X = p·q spend, USD per year
//!         → X·((p_c/p)^(1−ε) − 1)/(1 − ε)       far from saturation, y → 0
//!         → X·ln(p_c/p)                         at ε = 1
//! ```
//!
//! Saturation must be in it: with prices a hundredth of the start and little elasticity the isoelastic area alone exceeds the world's income.
//!
//! Marshall (1890), Principles of Economics, book III; with small effects of income it is what a change of price is worth (Willig 1976,
//! Consumer's surplus without apology). Use that costs nothing, as that of free assistants, is not in it: a lower bound.

use crate::math::{exp, ln};
use crate::table;

/// Surplus per dollar paid: `ln_choke` is ln of the choke price over the price paid, `crowding` unsaturated spend over the ceiling of
/// spend at the price paid; 0 at or above the choke price.
pub fn surplus_ratio(ln_choke: f64, elasticity: f64, crowding: f64) -> f64 {
    if ln_choke <= 0.0 {
        return 0.0;
    }
    let x = (1.0 - elasticity) * ln_choke;
    // By its series in x near unit elasticity, where the quotient is 0/0.
    if x.abs() < 1e-5 {
        return ln_choke * (1.0 + 0.5 * x / (1.0 + crowding));
    }
    let rise = exp(x) - 1.0;
    // ln(1 + z)·(1 + y)/y with z = y·rise/(1 + y); by its series far from saturation.
    let z = crowding * rise / (1.0 + crowding);
    let area = if z.abs() < 1e-6 { rise * (1.0 - 0.5 * z) } else { ln(1.0 + z) * (1.0 + crowding) / crowding };
    area / (1.0 - elasticity)
}

table! {
    /// What users would have paid.
    pub struct Surplus: Parameter {
        /// Price at which demand chokes, relative to the mean price paid at the start.
        choke_multiple: f64 = 8.0, "ratio", [1.0, 1e6], Prior, "judgement, very wide: Collis and Brynjolfsson (2025) put the surplus of American users in 2024 at about 14 times what they paid, most of it free use";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The integral by Simpson's rule in ln price.
    fn integral(ln_choke: f64, elasticity: f64, y: f64) -> f64 {
        let n = 4000;
        let h = ln_choke / f64::from(n);
        let at = |i: i32| {
            let rise = ((1.0 - elasticity) * f64::from(i) * h).exp();
            rise * (1.0 + y) / (1.0 + y * rise)
        };
        let inner: f64 = (1..n).map(|i| at(i) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
        (at(0) + at(n) + inner) * h / 3.0
    }

    #[test]
    fn surplus_is_the_area_under_the_demand_curve() {
        for elasticity in [0.05, 0.5, 0.9, 1.0, 1.3, 1.7] {
            for choke in [1.5, 4.0, 100.0] {
                for y in [0.0, 1e-8, 0.3, 20.0] {
                    let got = surplus_ratio(f64::ln(choke), elasticity, y);
                    let want = integral(f64::ln(choke), elasticity, y);
                    assert!((got / want - 1.0).abs() < 1e-7, "{got} for {want} at {elasticity}, {choke}, {y}");
                }
            }
        }
    }

    #[test]
    fn at_unit_elasticity_it_is_the_logarithm_and_the_limit_is_smooth() {
        let l = f64::ln(8.0);
        for y in [0.0, 0.5] {
            assert_eq!(surplus_ratio(l, 1.0, y), l);
            for gap in [1e-3, 1e-5, 1e-7, 1e-12] {
                for elasticity in [1.0 - gap, 1.0 + gap] {
                    assert!((surplus_ratio(l, elasticity, y) - l).abs() < 3.0 * gap);
                }
            }
        }
    }

    #[test]
    fn far_from_saturation_it_is_the_isoelastic_form_and_near_it_each_price_pays_alike() {
        let l = f64::ln(8.0);
        assert!((surplus_ratio(l, 0.5, 1e-9) - (8f64.sqrt() - 1.0) / 0.5).abs() < 1e-7);
        assert!((surplus_ratio(l, 0.5, 1e9) - l).abs() < 1e-6);
    }

    #[test]
    fn a_lower_price_leaves_users_more_and_the_choke_price_nothing() {
        assert_eq!(surplus_ratio(0.0, 0.7, 0.1), 0.0);
        assert_eq!(surplus_ratio(-1.0, 0.7, 0.1), 0.0);
        assert!(surplus_ratio(2.0, 0.7, 0.1) > surplus_ratio(1.0, 0.7, 0.1));
    }
}
