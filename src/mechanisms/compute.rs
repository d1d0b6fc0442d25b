//! Compute: build or partner (section 3.2).
//!
//! ```text
//! owned      K' = (1 − δ)K + arrivals; orders pass an Erlang chain of STAGES stages (gamma lag, mean `campus_lag_months`)
//! user cost  p_K (r + δ + π) / hours + power        USD per H100e-hour of own compute, π the expected price fall
//! rented     up to what the cloud can serve, under take-or-pay commitments: cumulative share due (s)^ramp, s elapsed share of the term
//! ```

use crate::table;

/// Stages of the delivery chain; the lag is gamma distributed with this shape.
pub const STAGES: usize = 6;

table! {
    /// Own and rented compute.
    pub struct Compute: Parameter {
        /// Mean lag from order to arrival of a campus that a lab builds.
        campus_lag_months: f64 = 24.0, "months", [1.0, 120.0], Prior, "12 to 42 months; reported schedules of large campuses";
        /// Mean lag of capacity that clouds order (chips into existing shells, and campuses).
        cloud_lag_months: f64 = 9.0, "months", [1.0, 120.0], Prior, "chips alone 2 to 6 months, campuses 12 to 42";
        /// Depreciation of compute.
        depreciation_per_year: f64 = 0.2, "1 per year", [0.01, 1.0], Prior, "0.1 to 0.35; accounting lives of 4 to 6 years";
        /// Price of an H100e of chips at the start.
        chip_price_usd_per_h100e: f64 = 25000.0, "USD per H100e", [100.0, 1e6], Prior, "USD 20k to 30k";
        /// Shell, network and power plant for one H100e at the start.
        shell_price_usd_per_h100e: f64 = 12000.0, "USD per H100e", [0.0, 1e6], Prior, "about USD 10 to 15 bn a GW of shell and power";
        /// Trend of the price of chips per H100e.
        chip_price_trend_per_year: f64 = -0.30, "ln per year", [-3.0, 1.0], Prior, "Epoch: price performance of chips doubles in about 2 to 2.5 years; rental trend -0.33";
        /// Power and operations of one H100e-hour.
        power_usd_per_h100e_hour: f64 = 0.15, "USD per H100e-hour", [0.0, 5.0], Prior, "1.0 to 1.4 kW at USD 0.07 to 0.10 per kWh, and staff";
        /// Required return on own compute, and rate on debt.
        cost_of_capital_per_year: f64 = 0.10, "1 per year", [0.0, 1.0], Prior, "r of the user cost";
        /// Share of own capex that lenders finance.
        debt_share: f64 = 0.3, "fraction", [0.0, 0.9], Prior, "xAI's secured notes; project finance of campuses";
        /// Yearly repayment of debt.
        debt_repayment_per_year: f64 = 0.2, "1 per year", [0.0, 2.0], Prior, "five-year terms";
        /// Fastest growth of rented compute.
        rented_growth_per_year: f64 = 1.3, "ln per year", [0.0, 10.0], Fitted, "compute_capacity_gw of OpenAI: 0.6 to 1.9 GW in 2025 (1.15)";
        /// Part of contracted commitments that holds, after overlaps and renegotiation.
        commitment_haircut: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "contracts overlap and are renegotiable; never sum them at face value";
        /// Curvature of the ramp of commitments: the share due by elapsed share s of the term is s to this power.
        commitment_ramp: f64 = 2.0, "exponent", [1.0, 6.0], Prior, "announced contracts start small and end large";
        /// Least share of a lab's compute kept for training and research when serving is short.
        research_floor: f64 = 0.25, "fraction", [0.0, 1.0], Prior, "OpenAI 2025: R&D 9 of 16 bn of compute";
    }
}
