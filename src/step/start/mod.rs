//! The initial state: each kind of agent as the scenario declares it.
//!
//! ```text
//! reference of research   reference_0·exp(d·years from December 2025)             an earlier start has a lower one
//! beyond the API   B_j = max(0, run-rate_j − a_j·X_j): consumers a part, applications a part of the rest, smaller firms what is left
//! compute    rented ← rented + (N/(1 − φ) − K) where K could not have served what was observed; clouds let what labs and hosts need first
//! hosting    let = headroom·need of the hosts
//! hour       ρ_j = what an H100e-hour costs the lab/R                                margins of the start hold at it
//! budget     max(0, gross profit + cash/Y + transfer − contracted − idle), Y `compute.cash_years`; idle own compute and what is kept ready
//! burn       `cash_burn_usd_per_year` where it was observed, else what the accounts of the start leave uncovered; 0 for a division
//! runway     12·cash/burn as forecast                                                months
//! check      (rented − serving − ready)·price of a year <= budget     a scenario in which it fails is refused; own power too, where it is not in the budget
//! ```
//!
//! In this order: environment, strategies, labs, regulators, clouds, tools, enterprises, consumers, smaller firms, application vendors,
//! hours, hosting, serving, compute, capacity of clouds, training, incidents, budgets, investors. d `research.research_difficulty_per_year`, N need and K compute (`step/settle.rs`), φ
//! `compute.research_floor`, headroom `compute.serving_headroom`. Rental price, chips, shell and power start at their parameters.
//!
//! Own: what the scenario states is taken as observed, and what it does not state follows from what it does.
//!
//! Of labs: `run_rate_usd`, `consumer_fraction`, `applications_fraction`.

pub mod applications;
pub mod clouds;
pub mod consumers;
pub mod enterprises;
pub mod investors;
pub mod labs;
pub mod other_business;
pub mod regulators;
pub mod tools;

use crate::math::exp;
use crate::step::labs::plan;
use crate::step::{Context, posture, settle};
use crate::units::{HOURS_PER_YEAR, Month};
use crate::world::{Dims, World};

/// Month at whose end the reference of research compute is stated: December 2025.
const REFERENCE_MONTH: Month = Month(2025 * 12 + 11);

/// Most rounds in which labs rent what they lack at the start; each closes nearly all of what the one before left.
const EQUIP_ROUNDS: usize = 12;

/// Writes the initial state of a run into a world that may have lived another run before.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    world.dims = Dims {
        labs: p.labs.len(),
        alternatives: p.labs.len() + 1,
        clouds: p.clouds.len(),
        investors: p.investors.iter().map(|k| k.values.count as usize).sum(),
        kinds: p.investors.len(),
        jurisdictions: p.jurisdictions.len(),
        sectors: p.sectors.len(),
    };
    world.month = p.month_before_start();
    world.step = 0;
    world.ledger.reset(world.dims.labs, world.dims.clouds, world.dims.investors);
    world.capital.reset(&world.dims);
    // The labs, and the clouds and lenders whom they owe.
    world.clearing.reserve(world.dims.labs + world.dims.clouds + 1);
    // A worker's world may hold the demand of the run before.
    world.demand.by_jurisdiction_usd.clear();
    environment(world, ctx);
    super::posture::start(world, ctx);
    labs::start(world, ctx);
    (0..world.dims.labs).for_each(|i| super::labs::research::keep_published(world, i));
    regulators::start(world, ctx);
    clouds::start(world, ctx);
    tools::start(world, ctx);
    enterprises::start(world, ctx);
    consumers::start(world, ctx);
    other_business::start(world, ctx);
    applications::start(world, ctx);
    price_hours(world, ctx);
    // What is hosted at the start is served.
    settle::host(world, ctx);
    for k in 0..world.dims.clouds {
        world.clouds.hosting_h100e[k] = ctx.parameters.compute.serving_headroom * world.clouds.hosting_need_h100e[k];
    }
    settle::serve(world, ctx);
    // What is rented on top moves what an hour costs the lab, and that how much compute its margin tells: a few rounds settle it.
    for _ in 0..EQUIP_ROUNDS {
        if !equip(world, ctx) {
            break;
        }
        price_hours(world, ctx);
        settle::serve(world, ctx);
    }
    clouds::let_capacity(world, ctx);
    world.environment.tightness_start =
        super::environment::tightness(world, ctx.parameters.environment.tightness_cap).unwrap_or(0.0);
    for i in 0..world.dims.labs {
        world.labs.run_rate_before_usd[i] = world.labs.run_rate_usd[i];
    }
    applications::open_books(world, ctx);
    tools::enter(world, ctx);
    labs::training(world, ctx);
    super::labs::incidents::calibrate(world, ctx);
    budgets(world, ctx);
    super::labs::research::update_frontier(world, 0.0);
    investors::start(world, ctx);
}

/// Margins of the start were observed at what each lab paid for its compute then.
fn price_hours(world: &mut World, ctx: &Context) {
    for i in 0..world.dims.labs {
        world.labs.hour_ratio_start[i] = plan::hour_usd(world, ctx, i) / world.environment.rental_trend_usd.max(1e-9);
    }
}

/// Revenue at the start was observed, so it was served: a lab whose compute, which is drawn, could not have served it rents what did.
/// Returns whether any does.
fn equip(world: &mut World, ctx: &Context) -> bool {
    let (l, c) = (world.dims.labs, world.dims.clouds);
    let mut any = false;
    for i in 0..l {
        let labs = &mut world.labs;
        let total = labs.owned_h100e[i] + labs.rented_h100e[i];
        // A hair more, so that rounding leaves nobody unserved.
        let needed = labs.serving_need_h100e[i] / (1.0 - ctx.parameters.compute.research_floor) * (1.0 + 1e-9);
        if !labs.alive[i] || !needed.is_finite() || needed <= total {
            continue;
        }
        any = true;
        let more = needed - total;
        labs.rented_h100e[i] += more;
        for k in 0..c {
            let share = labs.cloud_plan[i * c + k] * more;
            labs.rented_by_cloud_h100e[i * c + k] += share;
        }
    }
    any
}

fn environment(world: &mut World, ctx: &Context) {
    let start = &ctx.parameters.environment_start;
    let e = &mut world.environment;
    e.climate = start.climate as usize;
    e.years = 0.0;
    e.rental_spot_usd = start.rental_spot_usd_per_h100e_hour;
    e.rental_contract_usd = start.rental_spot_usd_per_h100e_hour * start.rental_contract_ratio;
    e.rental_trend_usd = e.rental_contract_usd;
    e.rental_premium = 0.0;
    e.chip_price_usd = ctx.parameters.compute.chip_price_usd_per_h100e;
    e.shell_price_usd = ctx.parameters.compute.shell_price_usd_per_h100e;
    e.power_usd_per_hour = ctx.parameters.compute.power_usd_per_h100e_hour;
    e.salience_pulse = 0.0;
    e.excitation_per_year = 0.0;
    // The reference is stated for the end of 2025 and rises with difficulty: earlier starts have a lower one.
    let years = f64::from(ctx.parameters.month_before_start().since(REFERENCE_MONTH)) / 12.0;
    let research = &ctx.parameters.research;
    e.research_reference_h100e = research.research_reference_h100e * exp(research.research_difficulty_per_year * years);
    e.lead_changes = 0.0;
    e.frontier_lab = 0;
    e.frontier_eci = 0.0;
    e.frontier_history.clear();
    e.frontier_history.reserve(ctx.parameters.steps() * ctx.months as usize + 1);
}

/// A lab whose compute at the start costs more than it can spend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overcommitted {
    /// Lab.
    pub lab: usize,
    /// Bill for compute that serves nobody: rent, and power that the budget does not bear, USD per year.
    pub bill_usd: f64,
    /// Budget for research, staff and capex, USD per year.
    pub budget_usd: f64,
}

/// The labs whose bill for research compute alone exceeds their budget (section 3.2 asks for this check); `world` is a start.
///
/// What serves customers is left out of the bill: gross profit, and through it the budget, already bears it.
pub fn overcommitted(world: &World, ctx: &Context) -> Vec<Overcommitted> {
    let labs = &world.labs;
    let each = |i: usize| {
        // The budget bears power and what is kept ready already, unless contracted payments are off.
        let borne = ctx.parameters.mechanisms.contracted_payments;
        let ready = if borne { plan::ready_h100e(world, ctx, i) } else { 0.0 };
        let power = if borne { 0.0 } else { labs.owned_h100e[i] * world.environment.power_usd_per_hour };
        let research = (labs.rented_h100e[i] - labs.serving_h100e[i] - ready).max(0.0);
        let bill_usd = (research * plan::rented_hour_usd(world, ctx, i) + power) * HOURS_PER_YEAR;
        let budget_usd = labs.budget_usd[i];
        (bill_usd > budget_usd).then_some(Overcommitted { lab: i, bill_usd, budget_usd })
    };
    (0..world.dims.labs).filter_map(each).collect()
}

/// Budgets of the start, as if labs had planned the month before.
fn budgets(world: &mut World, ctx: &Context) {
    for (i, agent) in ctx.parameters.labs.iter().enumerate() {
        let labs = &world.labs;
        let cash = world.ledger.cash(i).value();
        let gross_profit = (labs.run_rate_usd[i] - labs.serving_cost_usd[i]).max(0.0);
        let transfer = plan::transfer_usd_per_year(world, ctx, i);
        let rented_hour = plan::rented_hour_usd(world, ctx, i);
        let contracted =
            plan::contracted_usd_per_year(world, ctx, i) + plan::idle_usd_per_year(world, ctx, i, rented_hour);
        let labs = &mut world.labs;
        labs.budget_usd[i] = (gross_profit + cash / ctx.parameters.compute.cash_years + transfer - contracted).max(0.0);
        let seen = agent.values.start.cash_burn_usd_per_year;
        let burn = if seen > 0.0 { seen } else { burn_usd_per_year(world, ctx, i) };
        // A group covers what its division burns.
        let burn = if world.labs.division[i] { 0.0 } else { burn };
        world.labs.burn_usd[i] = burn;
        world.labs.runway_months[i] = settle::runway_months(world, i, cash);
    }
}

/// What the accounts of the start leave uncovered, before rounds, USD per year: bills and capex less revenue, transfers and loans.
fn burn_usd_per_year(world: &World, ctx: &Context, i: usize) -> f64 {
    let p = ctx.parameters;
    let (labs, c) = (&world.labs, world.dims.clouds);
    let debt = world.ledger.debt(world.ledger.lab(i)).value();
    let service = debt * (p.compute.cost_of_capital_per_year + settle::repaid_per_year(ctx));
    let rented_hour = plan::rented_hour_usd(world, ctx, i);
    let build = if p.mechanisms.build_out { plan::building(world, ctx, i, rented_hour) } else { 0.0 };
    let capex = build * (1.0 - posture::split(world, p, i).staff) * labs.budget_usd[i];
    let hours = labs.rented_h100e[i] * rented_hour + labs.owned_h100e[i] * world.environment.power_usd_per_hour;
    let take: f64 = labs.take_usd[i * c..(i + 1) * c].iter().sum();
    hours * HOURS_PER_YEAR
        + labs.serving_other_usd[i]
        + take
        + posture::staff_usd(world, p, i)
        + service
        + capex * (1.0 - p.compute.debt_share)
        - labs.run_rate_usd[i]
        - plan::transfer_usd_per_year(world, ctx, i)
}

/// Run-rate of a lab at the start that is not the API business with enterprises, USD per year. Of a model
/// that others host too, the lab's run-rate holds only what it serves itself.
fn run_rate_beyond_api_usd(world: &World, ctx: &Context, lab: usize) -> f64 {
    let stated = ctx.parameters.labs[lab].values.start.run_rate_usd;
    (stated - world.demand.total_usd[lab] * world.labs.own_share[lab]).max(0.0)
}
