//! Compute: build or partner (section 3.2).
//!
//! ```text
//! owned      K' = (1 − δ)K + arrivals; orders pass an Erlang chain of STAGES stages (gamma lag, mean `campus_lag_months`)
//! user cost  (p_c·(r + δ + π) + p_s·(r + δ/4))/hours + power        USD per H100e-hour of own compute; chips p_c, shell p_s; π = −trend of p_c
//! prices     p_c, p_s and power follow their trends: p = p_0·exp(trend·t)                         chips and shell USD per H100e
//! rented     up to what the cloud can serve, under take-or-pay commitments: cumulative share due (s)^ramp, s elapsed share of the term
//! built      share b of new compute: odds of b = odds of the strategy's share · (rent / user cost)^response
//! budget     B' = v·(max(0, gross profit) + max(0, cash)/Y + transfer − contracted − B), the sum not below 0       USD per year
//!            contracted: interest, repayment of debt, compute that was paid for last step and not used, power of own compute that serves
//!            nobody, and what is kept ready for peaks; a lab in distress cuts B to its sources at once and rents no more for research
//! hour       (rent·rented + user cost·owned) / (rented + owned)                        USD per H100e-hour: what serving costs, in margins and budgets;
//!            compute for a token is that at which the margin of the start holds at the hour of the start
//! wanted     max(0, need·exp(g·dt)·headroom − owned) + (1 − b)·(1 − staff)·B / price of a year of rent               H100e to rent
//!            within exp(−fall·dt) and exp(growth·dt) of what is rented; the rest of the budget, b·(1 − staff)·B, is capex
//! ```
//!
//! How the money is spent, what is due, and who gets the capacity of a cloud stands under `step/labs/plan.rs`; how compute is divided
//! between customers and research under `step/settle.rs`. Parameters: δ `depreciation_per_year`; r `cost_of_capital_per_year`, also the
//! rate on debt; p_c `chip_price_usd_per_h100e`, `chip_price_trend_per_year`; p_s `shell_price_usd_per_h100e` and power
//! `power_usd_per_h100e_hour`, both on `energy_trend_per_year`; lag of clouds `cloud_lag_months`; ramp `commitment_ramp` of what is left
//! after `commitment_haircut`; response `build_response`; v `budget_speed_per_year`, Y `cash_years`; headroom `serving_headroom`; fall
//! `rented_fall_per_year`, growth `rented_growth_per_year` from at least `first_rent_share` of what the lab runs; `debt_share` of capex is
//! borrowed and `debt_repayment_per_year` of it repaid; below `renegotiation_runway_months` a lab sheds `renegotiation_share`;
//! `research_floor` is kept.
//!
//! User cost: Jorgenson (1963), Capital theory and investment behavior. The delivery chain is a linear chain of stages (Erlang). That a
//! budget follows its sources with a lag is the partial adjustment of Nerlove (1958), The dynamics of supply; the rule itself is our own.

use crate::math::{exp, pow};
use crate::table;
use crate::units::HOURS_PER_YEAR;

/// Stages of the delivery chain; the lag is gamma distributed with this shape.
pub const STAGES: usize = 6;
/// Short steps for the mean time in one stage.
const CUTS_PER_STAGE: f64 = 4.0;

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
        shell_price_usd_per_h100e: f64 = 8000.0, "USD per H100e", [0.0, 1e6], Prior, "about USD 8 to 12 bn a GW of shell, network and power; with chips about the 30k per H100e of the clouds";
        /// Trend of the price of chips per H100e.
        chip_price_trend_per_year: f64 = -0.30, "ln per year", [-3.0, 1.0], Prior, "Epoch: price performance of chips doubles in about 2 to 2.5 years; rental trend -0.33";
        /// Trend of shell and power per H100e: newer chips do more per watt.
        energy_trend_per_year: f64 = -0.25, "ln per year", [-3.0, 1.0], Prior, "Epoch: energy efficiency of leading chips grows about 40% a year; fleets follow more slowly";
        /// Power and operations of one H100e-hour at the start.
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
        /// Part of the remaining commitments that a lab in distress sheds when it renegotiates.
        renegotiation_share: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement: renegotiable at a haircut";
        /// How strongly the odds of building follow the ratio of rent to the cost of owning; 0 for not at all.
        build_response: f64 = 1.0, "exponent", [0.0, 10.0], Prior, "judgement: sites, power and contracts bind more than price; wide";
        /// Least share of a lab's compute kept for training and research when serving is short.
        research_floor: f64 = 0.25, "fraction", [0.0, 1.0], Prior, "OpenAI 2025: R&D 9 of 16 bn of compute";
        /// Years over which a lab plans to spend the cash it has.
        cash_years: f64 = 1.5, "years", [0.1, 20.0], Prior, "judgement: the 18 months of burn that a round asks for (`rounds.ask_months`)";
        /// Speed at which spending follows the budget.
        budget_speed_per_year: f64 = 2.0, "1 per year", [0.0, 24.0], Prior, "judgement: budgets are revised about twice a year";
        /// Serving capacity kept ready over the need expected at the end of the step.
        serving_headroom: f64 = 1.08, "ratio", [1.0, 3.0], Prior, "judgement: capacity is reserved for the mean of a month, and peaks are shed by rate limits and batches";
        /// Runway below which a lab renegotiates its commitments.
        renegotiation_runway_months: f64 = 6.0, "months", [0.0, 60.0], Prior, "judgement: after a round is sought and before it is a distress round (`rounds.*`)";
        /// What a lab that rents nothing can rent at first, as a share of the compute that it runs.
        first_rent_share: f64 = 0.1, "fraction", [0.0, 1.0], Prior, "judgement: a first contract is small; growth of rented compute needs something to start from";
        /// Book value of own compute at the start, as a share of its price when new; read when the initial state is laid.
        book_share: f64 = 0.65, "fraction", [0.0, 1.0], Prior, "judgement: about two years of wear at `depreciation_per_year`";
        /// Fastest fall of rented compute.
        rented_fall_per_year: f64 = 2.0, "ln per year", [0.0, 20.0], Prior, "judgement: contracts run on, so that half is given back in some four months at the fastest";
    }
}

/// User cost of own compute, USD per H100e-hour (Jorgenson 1963).
///
/// Prices in USD per H100e; `return_`, `depreciation` and `price_fall` per year; `power` USD per H100e-hour.
/// Chips lose value as they wear and as new ones get cheaper; the shell wears at a quarter of that rate.
pub fn user_cost(chips: f64, shell: f64, return_: f64, depreciation: f64, price_fall: f64, power: f64) -> f64 {
    (chips * (return_ + depreciation + price_fall) + shell * (return_ + depreciation / 4.0)) / HOURS_PER_YEAR + power
}

/// Share of new compute that a lab builds, when its strategy asks for `share` and an hour costs `rent` to rent and `owned` to own, USD.
///
/// The odds of building are those of the strategy times (rent/owned)^response: with equal costs, or a response of 0, they are the strategy's.
pub fn build_share(share: f64, rent: f64, owned: f64, response: f64) -> f64 {
    if response == 0.0 || share <= 0.0 || share >= 1.0 || rent <= 0.0 || owned <= 0.0 {
        return share;
    }
    let odds = share / (1.0 - share) * pow(rent / owned, response);
    odds / (1.0 + odds)
}

/// Lets orders pass `dt` years of their Erlang chain and returns what arrives, H100e.
///
/// Each stage hands on h·n/lag of what it holds in each of the short steps h into which `dt` is cut: the mean time in a chain of n
/// stages is then the lag exactly, and the lag is gamma distributed but for the length of those steps.
pub fn deliver(stages: &mut [f64], lag_years: f64, dt: f64) -> f64 {
    let rate = stages.len() as f64 / lag_years;
    let cuts = (dt * rate * CUTS_PER_STAGE).ceil().max(1.0);
    let share = rate * dt / cuts;
    let mut arrived = 0.0;
    for _ in 0..cuts as usize {
        let mut arriving = 0.0;
        for stage in stages.iter_mut() {
            let leaving = *stage * share;
            *stage += arriving - leaving;
            arriving = leaving;
        }
        arrived += arriving;
    }
    arrived
}

/// What is left of capital after `dt` years, as a share.
pub fn survival(depreciation_per_year: f64, dt: f64) -> f64 {
    exp(-depreciation_per_year * dt)
}

/// Cumulative share of a commitment that is due when `elapsed` years of a `term` have passed.
pub fn commitment_due(elapsed: f64, term: f64, ramp: f64) -> f64 {
    pow((elapsed / term).clamp(0.0, 1.0), ramp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn owning_costs_what_the_model_says_today() {
        let low = user_cost(20_000.0, 8_000.0, 0.10, 0.10, 0.25, 0.12);
        let high = user_cost(30_000.0, 12_000.0, 0.10, 0.20, 0.30, 0.18);
        assert!(low > 1.0 && high < 2.6, "{low} to {high}");
    }

    #[test]
    fn the_dearer_owning_is_the_less_is_built_and_at_equal_cost_the_strategy_holds() {
        assert!((build_share(0.3, 1.5, 1.5, 2.0) - 0.3).abs() < 1e-12);
        assert_eq!(build_share(0.3, 1.0, 9.0, 0.0), 0.3);
        // Twice as dear at a response of 1 halves the odds: 3/7 to 3/14.
        assert!((build_share(0.3, 1.0, 2.0, 1.0) - 3.0 / 17.0).abs() < 1e-12);
        assert_eq!((build_share(0.0, 2.0, 1.0, 1.0), build_share(1.0, 1.0, 2.0, 1.0)), (0.0, 1.0));
    }

    #[test]
    fn orders_arrive_after_the_mean_lag() {
        for (lag, dt) in [(2.0, 1.0 / 12.0), (0.75, 0.25), (0.75, 1.0 / 12.0)] {
            let mut stages = [0.0; STAGES];
            stages[0] = 1.0;
            let (mut arrived, mut mean) = (0.0, 0.0);
            for step in 1..=600 {
                let a = deliver(&mut stages, lag, dt);
                arrived += a;
                mean += a * f64::from(step) * dt;
            }
            assert!((arrived - 1.0).abs() < 1e-9);
            // What arrives within a step is seen at its end: late by at most the step.
            assert!(mean >= lag - 1e-9 && mean - lag < dt, "{mean} for {lag} in steps of {dt}");
        }
    }

    #[test]
    fn idle_capital_decays_exponentially() {
        let mut k = 1.0;
        for _ in 0..24 {
            k *= survival(0.2, 1.0 / 12.0);
        }
        assert!((k - exp(-0.4)).abs() < 1e-12);
    }

    #[test]
    fn a_commitment_falls_due_in_full_and_never_more() {
        assert_eq!(commitment_due(0.0, 5.0, 2.0), 0.0);
        assert!((commitment_due(2.5, 5.0, 2.0) - 0.25).abs() < 1e-12);
        assert_eq!(commitment_due(9.0, 5.0, 2.0), 1.0);
    }

    proptest! {
        #[test]
        fn delivery_neither_makes_nor_loses_compute(orders in prop::collection::vec(0.0f64..1e6, STAGES), lag in 0.1f64..5.0) {
            let mut stages = orders.clone();
            let arrived = deliver(&mut stages, lag, 1.0 / 12.0);
            let before: f64 = orders.iter().sum();
            prop_assert!((stages.iter().sum::<f64>() + arrived - before).abs() <= 1e-9 * before.max(1.0));
        }
    }
}
