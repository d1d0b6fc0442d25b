//! Users' surplus (section 3.11): what they would have paid beyond what they pay.
//!
//! Demand is that of section 3.8, isoelastic in price, `q ∝ p^(−ε)`, up to a price p_c at which it chokes:
//!
//! ```text
//! surplus = ∫_p^{p_c} q(s) ds = X·((p_c/p)^(1−ε) − 1)/(1 − ε)        X = p·q spend, USD per year
//!         = X·ln(p_c/p)                                              at ε = 1
//! ```
//!
//! Marshall (1890), Principles of Economics, book III; with small effects of income it is what a change of price is worth (Willig 1976,
//! Consumer's surplus without apology). Use that costs nothing, as that of free assistants, is not in it: a lower bound.

use crate::math::exp;
use crate::table;

/// Surplus per dollar paid: `ln_choke` is ln of the choke price over the price paid; 0 at or above the choke price.
pub fn surplus_ratio(ln_choke: f64, elasticity: f64) -> f64 {
    if ln_choke <= 0.0 {
        return 0.0;
    }
    let slope = 1.0 - elasticity;
    let x = slope * ln_choke;
    // (e^x − 1)/x by its series near zero, where the difference cancels.
    if x.abs() < 1e-5 { ln_choke * (1.0 + 0.5 * x + x * x / 6.0) } else { (exp(x) - 1.0) / slope }
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
    fn integral(ln_choke: f64, elasticity: f64) -> f64 {
        let n = 2000;
        let h = ln_choke / f64::from(n);
        let at = |i: i32| ((1.0 - elasticity) * f64::from(i) * h).exp();
        let inner: f64 = (1..n).map(|i| at(i) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
        (at(0) + at(n) + inner) * h / 3.0
    }

    #[test]
    fn surplus_is_the_area_under_the_demand_curve() {
        for elasticity in [0.05, 0.5, 0.9, 1.0, 1.3, 1.7] {
            for choke in [1.5, 4.0, 100.0] {
                let (got, want) = (surplus_ratio(f64::ln(choke), elasticity), integral(f64::ln(choke), elasticity));
                assert!((got / want - 1.0).abs() < 1e-9, "{got} for {want} at {elasticity}, {choke}");
            }
        }
    }

    #[test]
    fn at_unit_elasticity_it_is_the_logarithm_and_the_limit_is_smooth() {
        let l = f64::ln(8.0);
        assert_eq!(surplus_ratio(l, 1.0), l);
        for gap in [1e-3, 1e-5, 1e-7, 1e-12] {
            assert!(
                (surplus_ratio(l, 1.0 - gap) - l).abs() < 3.0 * gap
                    && (surplus_ratio(l, 1.0 + gap) - l).abs() < 3.0 * gap
            );
        }
    }

    #[test]
    fn a_lower_price_leaves_users_more_and_the_choke_price_nothing() {
        assert_eq!(surplus_ratio(0.0, 0.7), 0.0);
        assert_eq!(surplus_ratio(-1.0, 0.7), 0.0);
        assert!(surplus_ratio(2.0, 0.7) > surplus_ratio(1.0, 0.7));
    }
}
