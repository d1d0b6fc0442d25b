//! Entry of vendors into a category that has revenue (section 3.16).
//!
//! ```text
//! n* = √(S/F)                  S revenue and F fixed cost of a vendor, USD per year; none where S < F
//! n' = (n* − n)/τ              τ years; profit of all = S/n − n·F
//! ```
//!
//! Sutton (1991), Sunk Costs and Market Structure: with a fixed cost of entry and competition in quantities each of n vendors keeps `S/n²`
//! before it, so entry stops where `S/n² = F`. Vendors lag behind revenue, so a category that grows earns and one that shrinks loses.

use crate::math::exp;

/// Vendors that revenue `S` bears in the long run at fixed cost `F`, both USD per year.
pub fn vendors_in_the_long_run(revenue: f64, fixed_cost: f64) -> f64 {
    if revenue < fixed_cost { 0.0 } else { (revenue / fixed_cost).sqrt() }
}

/// Vendors after `dt` years of entry or exit with lag `lag_years`.
pub fn vendors_after(vendors: f64, revenue: f64, fixed_cost: f64, lag_years: f64, dt: f64) -> f64 {
    let target = vendors_in_the_long_run(revenue, fixed_cost);
    target + (vendors - target) * exp(-dt / lag_years)
}

/// Profit of all vendors together, USD per year; a single vendor keeps all it earns before its fixed cost.
pub fn profit(vendors: f64, revenue: f64, fixed_cost: f64) -> f64 {
    revenue / vendors.max(1.0) - vendors * fixed_cost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_times_the_revenue_bears_twice_the_vendors() {
        assert!((vendors_in_the_long_run(4e9, 1e7) / vendors_in_the_long_run(1e9, 1e7) - 2.0).abs() < 1e-12);
        assert_eq!(vendors_in_the_long_run(1e6, 1e7), 0.0);
    }

    #[test]
    fn free_entry_leaves_no_profit_in_the_long_run() {
        let n = vendors_in_the_long_run(1e9, 1e7);
        assert!(profit(n, 1e9, 1e7).abs() < 1e-3);
        assert!(profit(n, 2e9, 1e7) > 0.0 && profit(n, 0.5e9, 1e7) < 0.0);
    }

    #[test]
    fn entry_closes_the_gap_at_the_same_pace_for_any_step() {
        let year = vendors_after(2.0, 1e9, 1e7, 1.5, 1.0);
        let half = vendors_after(vendors_after(2.0, 1e9, 1e7, 1.5, 0.5), 1e9, 1e7, 1.5, 0.5);
        assert!((year - half).abs() < 1e-12 && year > 2.0 && year < 10.0);
    }
}
