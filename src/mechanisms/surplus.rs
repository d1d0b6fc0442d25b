//! Users' surplus (section 3.11): what they would have paid beyond what they pay.
//!
//! What is used now was taken up at many prices. Who takes up a use at a price would have paid a multiple m of that price, and not of the
//! price of a day on which the use did not exist:
//!
//! ```text
//! ln p_c = ln m + L        dL = (ln p̄ − L)·(1 − e^{−g})        g ≥ 0 growth of demand at one and the same price, ln, over the step
//! ```
//!
//! L mean over present uses of ln of the price at which each was taken up. With growth g and a fall of prices π, both per year, L stands
//! π/g above ln p̄: users keep the fall of price since they came, not that since the start. The price of no use of a new good lies near that
//! of its introduction (Hicks 1940, The valuation of the social income; Hausman 1997, Valuation of new goods under perfect and imperfect
//! competition).
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
//! Saturation must be in it: with prices a hundredth of the start and little elasticity the isoelastic area alone exceeds the world's
//! income.
//!
//! Marshall (1890), Principles of Economics, book III; with small effects of income it is what a change of price is worth (Willig 1976,
//! Consumer's surplus without apology). Use that costs nothing, as that of free assistants, is not in it: a lower bound.
//!
//! Parameter: m `choke_multiple`; ε and the ceiling K are those of `spend`, and of `applications` for applications.

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

/// Mean ln of the price at which present uses were taken up, after demand at one and the same price grew by `ln_growth` at `ln_price`;
/// who leaves is like those who stay.
pub fn taken_up_after(ln_taken_up: f64, ln_price: f64, ln_growth: f64) -> f64 {
    ln_taken_up + (ln_price - ln_taken_up) * (1.0 - exp(-ln_growth.max(0.0)))
}

table! {
    /// What users would have paid.
    pub struct Surplus: Parameter {
        /// Price at which demand chokes, relative to the mean price at which present uses were taken up.
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
    fn users_keep_the_fall_of_price_over_the_time_in_which_demand_grows_by_e() {
        let (growth, fall, months) = (1.5, 0.6, 240);
        let mut taken_up = 0.0;
        for n in 1..=months {
            taken_up = taken_up_after(taken_up, -fall * f64::from(n) / 12.0, growth / 12.0);
        }
        let gap = taken_up + fall * f64::from(months) / 12.0;
        // In discrete time exactly π·dt/(e^{g·dt} − 1), which tends to π/g.
        assert!((gap / (fall / 12.0 / (f64::exp(growth / 12.0) - 1.0)) - 1.0).abs() < 1e-9);
        assert!((gap / (fall / growth) - 1.0).abs() < 0.07);
        // Where nothing new comes, users keep all of it; a loss of users teaches nothing.
        assert_eq!(taken_up_after(1.0, 0.0, 0.0), 1.0);
        assert_eq!(taken_up_after(1.0, 0.0, -0.5), 1.0);
    }

    #[test]
    fn a_lower_price_leaves_users_more_and_the_choke_price_nothing() {
        assert_eq!(surplus_ratio(0.0, 0.7, 0.1), 0.0);
        assert_eq!(surplus_ratio(-1.0, 0.7, 0.1), 0.0);
        assert!(surplus_ratio(2.0, 0.7, 0.1) > surplus_ratio(1.0, 0.7, 0.1));
    }
}
