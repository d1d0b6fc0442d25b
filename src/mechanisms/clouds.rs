//! Clouds (section 3.11): capacity toward a utilisation target, rent, resale, promotion.
//!
//! ```text
//! capacity   K ← K·exp(−δ·dt) + arrivals                         H100e; orders pass the chain of `compute` with the clouds' lag
//! forecast   g ← g + (ĝ − g)·(1 − exp(−v·dt)),   ĝ = ln(D/D_before)/dt within −1 and 2          D what all tenants want, H100e
//! gap        D·exp(max(0, g)·lag)/target − K_l − on order,   K_l = K·(1 − δ·lag): what wears out before an order arrives counts as gone
//! orders     min(1, 2·dt)·gap + δ·K_l·dt,   within 0 and what can be financed, a·X·F(t)·dt/cost                           H100e
//! cost       (chips + shell)·build factor of the cloud                USD per H100e: chips of their own are cheaper
//! finance    F(t) = exp(γ·τ·(1 − exp(−t/τ)))                     capex of the group over that of the year before the start, X
//! let        = what tenants want, within a share of capacity: all keep what they hold, and growth is rationed alike
//! outside    tenants that are no lab of the scenario want E·exp(γ_e·exp(−t/τ_e)·dt)
//! rent       spot · contract ratio · price ratio of the cloud    USD per H100e-hour; times the lab's own factors (`step/labs/plan.rs`)
//! take       c·φ · what a lab sells itself to firms of a cloud that sells it                              USD per year, kept by the cloud
//! hosting    open weights are sold at serving cost · (1 + h)     the cloud keeps all of it: royalty 0
//! own share  d s/dt = f·(s* − s)/τ_u        s: share of a lab's tokens that it serves itself, the rest is hosted; s* 1 for closed weights
//! profit     rents + take + hosting − power − depreciation       suppliers keep m of what they sell
//! ```
//!
//! Parameters: target `utilisation_target`; γ `capex_growth_per_year`, τ `capex_fading_years`; g at the start `expected_growth_per_year`;
//! γ_e `external_growth_per_year`, τ_e `external_fading_years`; c `take_rate`, φ `resale_share`; h `hosting_markup`; m `supplier_margin`;
//! v `forecast_learning_per_year`; what groups put into labs funds rent over `funding_window_years`; the share of capacity that can be let
//! `lettable_share`; a, X, the price ratio and the build factor are the cloud's `ai_capex_share`,
//! `capex_usd_per_year`, `price_ratio` and `build_cost_factor`. What promotion is worth stands under `step/demand/utility.rs`.
//!
//! When a lab opens or closes its weights, customers move between it and its hosts as they move to a new model (`spend.upgrade_months`),
//! and no faster than whoever takes over can serve them: f is the part of the compute for the move that it has. It asks for the rest.
//!
//! Orders are the flexible accelerator with a lag of delivery (Chenery 1952, Overcapacity and the acceleration principle); limits of
//! finance and rationing are our own. Expectations adapt: Nerlove (1958), Adaptive expectations and cobweb phenomena.

use crate::math::exp;
use crate::mechanisms::spend::lag_after;
use crate::table;

table! {
    /// Clouds and the sector of chips and builders behind them.
    pub struct Clouds: Parameter {
        /// Utilisation that clouds plan for.
        utilisation_target: f64 = 0.85, "fraction", [0.1, 1.0], Prior, "Beta(17, 3) at the start";
        /// Growth of the capex that clouds can finance and build, at the start.
        capex_growth_per_year: f64 = 0.45, "ln per year", [-2.0, 3.0], Fitted, "capex_annual of four hyperscalers 250 to 409 bn in 2025 (0.49)";
        /// Fading of that growth: cash flow of the groups and power set limits.
        capex_fading_years: f64 = 3.0, "years", [0.1, 100.0], Prior, "judgement: capex of the four neared their operating cash flow at the end of 2025";
        /// Growth of demand that clouds expect at the start.
        expected_growth_per_year: f64 = 0.9, "ln per year", [-1.0, 3.0], Prior, "judgement: OpenAI's capacity grew 1.15 in 2025, capex of the four hyperscalers 0.49 at prices that fell by 0.30";
        /// Growth of the demand of tenants that are no lab of the scenario.
        external_growth_per_year: f64 = 0.45, "ln per year", [-1.0, 3.0], Prior, "judgement";
        /// Fading of that growth.
        external_fading_years: f64 = 4.0, "years", [0.1, 100.0], Prior, "judgement";
        /// Share of the sale of a model through a cloud that the cloud keeps.
        take_rate: f64 = 0.2, "fraction", [0.0, 1.0], Prior, "0.1 to 0.4";
        /// Share of a lab's enterprise sales that pass through the cloud on which it is sold.
        resale_share: f64 = 0.35, "fraction", [0.0, 1.0], Prior, "judgement: Bedrock, Vertex and Foundry against own APIs";
        /// Operating profit of chip makers and builders as a share of what they sell.
        supplier_margin: f64 = 0.45, "fraction", [0.0, 1.0], Derived, "Nvidia's operating margin about 0.6 on two thirds of capex, builders 0.1 on the rest";
        /// Price of hosted open weights over compute cost.
        hosting_markup: f64 = 0.3, "ratio", [-0.5, 5.0], Prior, "judgement: thin margins among hosts of open weights";
        /// Greatest part of a cloud's capacity that can be let.
        lettable_share: f64 = 0.97, "fraction", [0.1, 1.0], Prior, "judgement: repairs and moves between tenants take some of any fleet";
        /// Speed at which a cloud's forecast of growth follows the growth that it sees.
        forecast_learning_per_year: f64 = 1.0, "1 per year", [0.01, 50.0], Prior, "judgement: slower than investors' (`valuation.growth_learning_per_year`): buildings outlast a boom";
        /// Time over which what a group has put into a tenant counts as funding what the tenant buys of it.
        funding_window_years: f64 = 2.0, "years", [0.1, 20.0], Prior, "judgement: a round is sized for 18 months of burn (`rounds.ask_months`) and lasts longer; it moves nothing but shares that are told";
    }
}

/// Capacity to order in a step of `dt` years, H100e.
///
/// `demand` and `capacity` in H100e, `growth` the expected growth of demand per year over the lag, `most_per_year` what can be financed
/// and built, H100e per year. Orders close the gap within half a year and replace wear.
#[allow(clippy::too_many_arguments)]
pub fn orders(
    demand: f64,
    growth: f64,
    lag_years: f64,
    target: f64,
    capacity: f64,
    on_order: f64,
    depreciation: f64,
    most_per_year: f64,
    dt: f64,
) -> f64 {
    let wear = depreciation * capacity * dt;
    let gap = demand * exp(growth * lag_years) / target - capacity - on_order;
    (gap * (2.0 * dt).min(1.0) + wear).clamp(0.0, most_per_year * dt)
}

/// Capex that can be financed `years` after the start, relative to the start: growth that fades exponentially.
pub fn capex_limit(growth: f64, fading_years: f64, years: f64) -> f64 {
    exp(growth * fading_years * (1.0 - exp(-years / fading_years)))
}

/// The share of what all tenants want that they get.
pub fn rationing(demand: f64, capacity: f64) -> f64 {
    if demand <= capacity || demand <= 0.0 { 1.0 } else { capacity / demand }
}

/// Share of customers that is left to move below which all have moved.
const SETTLED: f64 = 1e-3;

/// Share that a lab serves itself after `months` in which all who mean to move can: it closes in on its aim in `upgrade_months`.
pub fn own_share_after(now: f64, aim: f64, months: f64, upgrade_months: f64) -> f64 {
    let left = lag_after((now - aim).abs(), months, upgrade_months);
    if left < SETTLED {
        aim
    } else if now > aim {
        aim + left
    } else {
        aim - left
    }
}

/// Part of the compute `asked` that `room` holds.
pub fn part_served(asked: f64, room: f64) -> f64 {
    if asked > 0.0 { (room / asked).clamp(0.0, 1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_move_between_a_lab_and_its_hosts_in_the_time_of_an_upgrade() {
        assert!((own_share_after(0.0, 1.0, 4.0, 4.0) - (1.0 - exp(-1.0))).abs() < 1e-12);
        assert!((own_share_after(1.0, 0.5, 4.0, 4.0) - (0.5 + 0.5 * exp(-1.0))).abs() < 1e-12);
        let twice = own_share_after(own_share_after(1.0, 0.5, 1.0, 4.0), 0.5, 2.0, 4.0);
        assert!((twice - own_share_after(1.0, 0.5, 3.0, 4.0)).abs() < 1e-12);
        assert_eq!((own_share_after(0.3, 1.0, 1.0, 0.0), own_share_after(0.9995, 1.0, 1.0, 60.0)), (1.0, 1.0));
        assert_eq!((part_served(10.0, 4.0), part_served(10.0, 40.0), part_served(10.0, -1.0)), (0.4, 1.0, 0.0));
    }

    #[test]
    fn a_cloud_at_its_target_with_no_growth_orders_only_what_wears_out() {
        let o = orders(85.0, 0.0, 1.0, 0.85, 100.0, 0.0, 0.2, 70.0, 1.0 / 12.0);
        assert!((o - 100.0 * 0.2 / 12.0).abs() < 1e-9);
    }

    #[test]
    fn no_cloud_orders_more_than_can_be_built() {
        assert_eq!(orders(1e6, 1.0, 1.0, 0.85, 100.0, 0.0, 0.0, 70.0, 1.0), 70.0);
    }

    #[test]
    fn growth_of_capex_fades_to_a_limit() {
        assert_eq!(capex_limit(0.45, 3.0, 0.0), 1.0);
        assert!((capex_limit(0.45, 3.0, 1e3) - exp(0.45 * 3.0)).abs() < 1e-9);
        assert!((capex_limit(0.45, 1e9, 1.0) - exp(0.45)).abs() < 1e-6);
    }

    #[test]
    fn a_full_cloud_rations_all_alike() {
        assert_eq!(rationing(50.0, 100.0), 1.0);
        assert_eq!(rationing(200.0, 100.0), 0.5);
    }
}
