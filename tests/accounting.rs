//! Every identity of the ledger, in every step, with all mechanisms on, with each off in turn, and in generated scenarios.
//!
//! The engine itself checks the books in each step and fails a run whose books do not close; here runs must complete.

use aimarket::fields::Table;
use aimarket::math::exp;
use aimarket::random::Draws;
use aimarket::record::{Record, TableKind};
use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::parameters::Mechanisms;
use aimarket::scenario::{Parameters, Scenario};
use aimarket::step::Context;
use aimarket::step::labs::plan::plan;
use aimarket::units::HOURS_PER_YEAR;
use aimarket::world::World;
use aimarket::world::ledger::Sector;
use proptest::prelude::*;

fn live(overlays: &[(String, String)], runs: u64) {
    let scenario = match Scenario::load("quick", overlays) {
        Ok(s) => s,
        Err(faults) => panic!("{}", faults.iter().map(|f| f.to_string()).collect::<Vec<_>>().join("\n")),
    };
    let engine = Engine::new(scenario);
    let mut state = engine.new_state();
    for run in 0..runs {
        let result = engine.watch(&mut state, run, |step, world, _| {
            assert!(world.ledger.check().is_ok(), "run {run}, step {step}: {:?}", world.ledger.check());
            for (j, share) in world.labs.compliance_share.iter().enumerate() {
                assert!((0.0..=1.0).contains(share), "lab {j} spends {share} of its revenue on compliance");
            }
        });
        assert!(result.is_ok(), "{overlays:?}: {}", result.err().map_or(String::new(), |e| e.to_string()));
    }
}

fn set(path: &str, value: impl ToString) -> (String, String) {
    (path.to_string(), value.to_string())
}

#[test]
fn the_books_close_with_everything_on() {
    live(&[set("enterprises.count", 200)], 20);
}

#[test]
fn the_books_close_with_each_mechanism_off_in_turn() {
    for field in Mechanisms::fields() {
        live(&[set("enterprises.count", 120), set(&format!("mechanisms.{}", field.name), false)], 3);
    }
}

#[test]
fn the_books_close_at_any_number_of_steps_a_year() {
    for steps in [1, 2, 4] {
        live(&[set("enterprises.count", 120), set("simulation.steps_per_year", steps)], 3);
    }
}

#[test]
fn revenue_that_was_observed_is_served_at_the_start_whatever_compute_is_drawn() {
    for (name, end) in [("baseline", "2026-01"), ("history/2024-12", "2025-01")] {
        let scenario = Scenario::load(name, &[set("simulation.end", end)]).expect("it is sound");
        let engine = Engine::new(scenario);
        let mut state = engine.new_state();
        for run in 0..30 {
            let result = engine.watch(&mut state, run, |step, world, p| {
                for (i, lab) in p.labs.iter().enumerate().filter(|_| step == 0) {
                    let (rate, stated) = (world.labs.run_rate_usd[i], lab.values.start.run_rate_usd);
                    // No more than was observed, unless what it serves of the spend on models alone is more.
                    let served = world.demand.total_usd[i] * world.labs.own_share[i];
                    let right = stated.max(served);
                    assert!(
                        (rate - right).abs() <= 1e-6 * right,
                        "run {run}: {} earns {rate:.4e}, not {right:.4e}",
                        lab.id
                    );
                    let rented: f64 =
                        world.labs.rented_by_cloud_h100e.chunks_exact(p.clouds.len()).nth(i).unwrap().iter().sum();
                    assert!(
                        rented <= world.labs.rented_h100e[i] * (1.0 + 1e-9),
                        "run {run}: {} rents {rented:.4e}",
                        lab.id
                    );
                }
            });
            assert!(result.is_ok(), "{}", result.err().map_or(String::new(), |e| e.to_string()));
        }
    }
}

fn baseline(end: &str, more: &[(String, String)]) -> Engine {
    let mut overlays = vec![set("simulation.end", end), set("enterprises.count", 200)];
    overlays.extend_from_slice(more);
    Engine::new(Scenario::load("baseline", &overlays).expect("baseline is sound"))
}

/// What an H100e-hour costs a lab, USD, told anew: rent by cloud as the ledger charges it, and the user cost of what it owns.
fn hour_usd(world: &World, p: &Parameters, i: usize) -> f64 {
    let (c, labs) = (p.clouds.len(), &world.labs);
    let factor = p.labs[i].values.parameters.compute_price_factor * world.regulators.export_price[i];
    let rent = |k: usize| {
        let held_up = world.capital.dearer_months[i * c + k] > 0.0;
        world.clouds.rental_usd[k] * factor * if held_up { 1.0 + p.hold_up.price_rise } else { 1.0 }
    };
    let (e, r) = (&world.environment, &p.compute);
    let owning = e.chip_price_usd
        * (r.cost_of_capital_per_year + r.depreciation_per_year - r.chip_price_trend_per_year)
        + e.shell_price_usd * (r.cost_of_capital_per_year + r.depreciation_per_year / 4.0);
    let owned = owning * factor / HOURS_PER_YEAR + e.power_usd_per_hour;
    let bill: f64 = (0..c).map(|k| labs.rented_by_cloud_h100e[i * c + k] * rent(k)).sum();
    (bill + labs.owned_h100e[i] * owned) / (labs.rented_h100e[i] + labs.owned_h100e[i])
}

#[test]
fn what_serving_costs_is_the_compute_that_serves_at_what_the_lab_pays_for_it() {
    let engine = baseline("2027-12", &[]);
    let mut state = engine.new_state();
    for run in 0..4 {
        let mut seen = 0;
        let result = engine.watch(&mut state, run, |step, world, p| {
            let (c, labs) = (p.clouds.len(), &world.labs);
            for i in (0..p.labs.len()).filter(|&i| labs.alive[i] && labs.serving_cost_usd[i] > 0.0) {
                // Compute of clouds outside the scenario has no row.
                if labs.cloud_plan[i * c..(i + 1) * c].iter().all(|share| *share == 0.0) && labs.rented_h100e[i] > 0.0 {
                    continue;
                }
                let take: f64 = labs.take_usd[i * c..(i + 1) * c].iter().sum();
                let compute = labs.serving_h100e[i] * hour_usd(world, p, i) * HOURS_PER_YEAR;
                let whole = compute + labs.serving_other_usd[i] + take;
                let cost = labs.serving_cost_usd[i];
                assert!((cost / whole - 1.0).abs() < 1e-9, "run {run}, step {step}, {}: {cost} {whole}", p.labs[i].id);
                seen += 1;
            }
        });
        assert!(result.is_ok() && seen > 150, "{seen}");
    }
}

#[test]
fn the_margin_of_the_start_is_as_observed_whatever_a_lab_pays_for_compute() {
    let margin = |factor: f64| {
        let engine = baseline("2026-01", &[set("labs.anthropic.compute_price_factor", factor)]);
        let mut state = engine.new_state();
        let (mut first, mut need) = (f64::NAN, f64::NAN);
        let result = engine.watch(&mut state, 0, |step, world, p| {
            let i = p.labs.iter().position(|lab| lab.id == "anthropic").expect("it is in the baseline");
            if step == 0 {
                first = 1.0 - world.labs.serving_cost_usd[i] / world.labs.run_rate_usd[i];
                need = world.labs.serving_need_h100e[i];
            }
        });
        assert!(result.is_ok());
        (first, need)
    };
    let (usual, cheap) = (margin(1.0), margin(0.5));
    assert!((usual.0 - cheap.0).abs() < 1e-9, "{usual:?} {cheap:?}");
    assert!((cheap.1 / usual.1 - 2.0).abs() < 1e-9, "at half the price the same bill is twice the compute");
}

#[test]
fn a_group_gives_its_division_what_it_lacks_and_no_more() {
    let engine = baseline("2027-12", &[]);
    let mut state = engine.new_state();
    for run in 0..4 {
        let mut given = 0;
        let result = engine.watch(&mut state, run, |step, world, p| {
            for i in (0..p.labs.len()).filter(|&i| step > 0 && world.labs.division[i] && world.labs.alive[i]) {
                let paid = world.capital.transfer_paid_usd[i];
                let cash = world.ledger.cash(world.ledger.lab(i)).value();
                let lab = &p.labs[i].values.parameters;
                let grown = exp(lab.parent_transfer_growth_per_year * world.environment.years);
                let most = lab.parent_transfer_usd_per_year * grown + world.capital.group_transfer_usd[i];
                assert!(paid <= most * (1.0 + 1e-9), "{paid} of {most}");
                assert!(cash > -1.0 && (paid == 0.0 || cash < 1.0), "run {run}, step {step}: {cash} beside {paid}");
                given += usize::from(paid > 0.0);
            }
        });
        assert!(result.is_ok() && given > 20, "{given}");
    }
}

#[test]
fn burn_at_the_start_is_what_was_seen_and_runway_follows_from_it() {
    let engine = baseline("2026-01", &[]);
    let mut state = engine.new_state();
    let result = engine.watch(&mut state, 0, |step, world, p| {
        for (i, lab) in p.labs.iter().enumerate().filter(|_| step == 0) {
            let labs = &world.labs;
            let seen = lab.values.start.cash_burn_usd_per_year;
            if labs.division[i] {
                assert_eq!((labs.burn_usd[i], labs.runway_months[i]), (0.0, 120.0));
                continue;
            }
            if seen > 0.0 {
                assert_eq!(labs.burn_usd[i], seen);
            }
            let forecast = labs.burn_usd[i] * exp(0.75 * labs.expected_growth[i].clamp(0.0, 1.0));
            let months = if forecast > 0.0 { 12.0 * lab.values.start.cash_usd / forecast } else { 120.0 };
            assert!((labs.runway_months[i] - months.min(120.0)).abs() < 1e-9, "{}", lab.id);
        }
        if step == 0 {
            assert!(p.labs.iter().any(|lab| lab.id == "openai" && lab.values.start.cash_burn_usd_per_year == 9e9));
        }
    });
    assert!(result.is_ok());
}

#[test]
fn burn_that_nobody_has_seen_is_that_of_the_first_month() {
    // With compute and its price held still, what the accounts of the start lack is what the first month takes out of the till, but for what it
    // sells more.
    let engine = baseline(
        "2026-01",
        &[
            set("labs.openai.cash_burn_usd_per_year", 0.0),
            set("mechanisms.investors", false),
            set("mechanisms.rental_price", false),
            set("compute.rented_growth_per_year", 0.0),
            set("compute.rented_fall_per_year", 0.0),
        ],
    );
    let mut state = engine.new_state();
    for run in 0..4 {
        let mut before = Vec::new();
        let result = engine.watch(&mut state, run, |step, world, p| {
            let cash: Vec<f64> = (0..p.labs.len()).map(|i| world.ledger.cash(world.ledger.lab(i)).value()).collect();
            if step == 0 {
                before = cash.iter().zip(&world.labs.burn_usd).map(|(cash, burn)| (*cash, *burn)).collect();
                return;
            }
            for i in (0..p.labs.len()).filter(|&i| ["openai", "anthropic"].contains(&p.labs[i].id.as_str())) {
                let more = world.labs.run_rate_usd[i] - world.labs.run_rate_before_usd[i];
                let burnt = 12.0 * (before[i].0 - cash[i]) + more;
                let (told, revenue) = (before[i].1, p.labs[i].values.start.run_rate_usd);
                assert!((told - burnt).abs() < 0.1 * revenue, "run {run}, {}: {told:.3e} {burnt:.3e}", p.labs[i].id);
            }
        });
        assert!(result.is_ok());
    }
}

#[test]
fn a_cloud_with_chips_of_its_own_has_more_compute_for_the_same_capex() {
    let start = |factor: f64| {
        let engine = baseline("2026-01", &[set("clouds.coreweave.build_cost_factor", factor)]);
        let mut state = engine.new_state();
        let mut seen = Vec::new();
        let result = engine.watch(&mut state, 0, |_, world, p| {
            let k = p.clouds.iter().position(|cloud| cloud.id == "coreweave").expect("it is in the baseline");
            let stages = world.clouds.ordered_h100e.len() / p.clouds.len();
            let book = world.ledger.capital(world.ledger.cloud(k)).value();
            let ordered: f64 = world.clouds.ordered_h100e[k * stages..(k + 1) * stages].iter().sum();
            seen.push((world.clouds.capacity_h100e[k], ordered, book));
        });
        assert!(result.is_ok());
        seen
    };
    let (usual, half) = (start(1.0), start(0.5));
    assert!((half[0].0 / usual[0].0 - 2.0).abs() < 1e-9 && (half[0].1 / usual[0].1 - 2.0).abs() < 1e-9);
    assert!((half[0].2 / usual[0].2 - 1.0).abs() < 1e-9, "twice the compute at half the cost is the same book value");
}

#[test]
fn a_lab_in_distress_rents_no_more_for_research() {
    let engine = baseline("2026-06", &[set("mechanisms.commitments", false)]);
    let mut state = engine.new_state();
    let mut met = 0;
    let result = engine.watch(&mut state, 1, |step, world, p| {
        for (i, _) in p.labs.iter().enumerate().filter(|(_, lab)| step > 0 && lab.id == "anthropic") {
            let planned = |runway: f64| {
                let mut world = world.clone();
                world.labs.runway_months[i] = runway;
                world.labs.budget_usd[i] *= 3.0;
                let ctx = Context::new(p, Draws::new(1, 0), world.month.plus(1));
                plan(&mut world, &ctx);
                (world.labs.rented_h100e[i], world.labs.budget_usd[i])
            };
            let (usual, pinched) = (planned(24.0), planned(0.5));
            assert!(pinched.1 < usual.1, "its budget falls at once");
            if usual.0 > world.labs.rented_h100e[i] * (1.0 + 1e-9) {
                // It keeps what it holds, and what customers need beyond that.
                let growth = exp(world.labs.expected_growth[i].max(0.0) / 12.0);
                let serving = world.labs.serving_need_h100e[i] * growth * p.compute.serving_headroom;
                assert!(pinched.0 <= world.labs.rented_h100e[i].max(serving) * (1.0 + 1e-9));
                assert!(pinched.0 < usual.0, "{pinched:?} {usual:?}");
                met += 1;
            }
        }
    });
    assert!(result.is_ok() && met > 0);
}

#[test]
fn revenue_by_source_sums_to_the_run_rate_as_recorded() {
    let engine = Engine::new(Scenario::load("quick", &[set("enterprises.count", 200)]).expect("quick is sound"));
    let layout = engine.layout().clone();
    let at = |name: &str| layout.column(TableKind::Labs, name).expect("the metric exists");
    let sources = [
        "revenue_enterprise_usd",
        "revenue_government_usd",
        "revenue_consumer_usd",
        "revenue_other_usd",
        "revenue_applications_usd",
    ]
    .map(at);
    let total = at("revenue_run_rate_usd");
    let mut state = engine.new_state();
    for run in 0..5 {
        let mut record = Record { run, values: Vec::new(), draws: Vec::new() };
        engine.run(&mut state, run, &mut record).expect("the run completes");
        for date in 0..layout.months.len() {
            for lab in 0..layout.tables[total.0].entities.len() {
                let read = |(table, column): (usize, usize)| record.values[layout.index(table, date, lab, column)];
                let sum: f64 = sources.iter().map(|s| read(*s)).sum();
                assert!((sum - read(total)).abs() <= 1e-9 * sum.max(1.0), "lab {lab} at {}", layout.months[date]);
            }
        }
    }
}

#[test]
fn vendors_of_applications_and_tools_receive_their_revenue_and_pay_their_costs() {
    let engine = Engine::new(Scenario::load("quick", &[set("enterprises.count", 200)]).expect("quick is sound"));
    let mut state = engine.new_state();
    for run in 0..4 {
        let see = |step: usize, world: &World, p: &Parameters| {
            if step == 0 {
                return;
            }
            let (a, t) = (&world.applications, &world.tools);
            let sold = world.labs.revenue_applications_usd.iter().zip(&world.labs.own_service).map(|(r, s)| r * s);
            assert!((sold.sum::<f64>() / a.model_cost_usd - 1.0).abs() < 1e-9);
            let cases = [
                (Sector::Applications, a.revenue_usd, a.profit_usd),
                (Sector::Orchestration, t.orchestration_revenue_usd, t.orchestration_profit_usd),
                (
                    Sector::GovernanceVendors,
                    t.governance_tools_revenue_usd + t.compliance_revenue_usd,
                    t.governance_profit_usd,
                ),
            ];
            for (sector, revenue, profit) in cases {
                let account = world.ledger.sector(sector);
                let (inflow, outflow) = (world.ledger.inflow(account).value(), world.ledger.outflow(account).value());
                let scale = 1e-9 * revenue.max(1.0);
                assert!((inflow / p.years_per_step() - revenue).abs() < scale, "{sector:?} receives {inflow}");
                assert!(
                    ((inflow - outflow) / p.years_per_step() - profit).abs() < 10.0 * scale,
                    "{sector:?} keeps {profit}"
                );
            }
            // What the clouds' own groups fund of rent, all clouds together, lies between the least and the greatest of them.
            let c = &world.clouds;
            assert!(c.supplier_funded_share.iter().all(|s| (0.0..=1.0 + 1e-12).contains(s)));
            assert!(t.orchestrate <= 1.0 && t.users.iter().all(|u| (0.0..=1.0).contains(u)));
        };
        assert!(engine.watch(&mut state, run, see).is_ok());
    }
}

#[test]
fn a_switch_that_is_off_leaves_the_category_without_vendors_revenue_or_users() {
    let off = ["applications", "orchestration", "governance_tools"].map(|m| set(&format!("mechanisms.{m}"), false));
    let overlays: Vec<_> = off.into_iter().chain([set("enterprises.count", 200)]).collect();
    let engine = Engine::new(Scenario::load("quick", &overlays).expect("quick is sound"));
    let mut state = engine.new_state();
    let see = |_: usize, world: &World, _: &Parameters| {
        let (a, t) = (&world.applications, &world.tools);
        assert!(a.revenue_usd == 0.0 && a.profit_usd == 0.0 && a.key.is_empty());
        assert!(world.labs.revenue_applications_usd.iter().all(|&x| x == 0.0));
        assert!(t.orchestrate == 0.0 && t.orchestration_revenue_usd == 0.0 && t.orchestration_vendors == 0.0);
        assert!(
            t.users.iter().all(|&u| u == 0.0) && t.governance_tools_revenue_usd == 0.0 && t.governance_vendors == 0.0
        );
        assert!(world.demand.routed_usd.iter().all(|&x| x == 0.0));
    };
    assert!(engine.watch(&mut state, 0, see).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_books_close_in_generated_scenarios(
        cash in 0.0f64..1e11, share in 0.0f64..0.9, elasticity in 0.05f64..1.7, multiple in 1.0f64..100.0,
        depreciation in 0.05f64..0.5, take in 0.0f64..0.5, debt in 0.0f64..0.8, seed in 0u64..1000
    ) {
        live(&[
            set("enterprises.count", 80),
            set("simulation.seed", seed),
            set("labs.openai.cash_usd", cash),
            set("labs.openai.compute.build_share", share),
            set("spend.usage_elasticity", elasticity),
            set("valuation.revenue_multiple", multiple),
            set("compute.depreciation_per_year", depreciation),
            set("cloud_market.take_rate", take),
            set("compute.debt_share", debt),
        ], 1);
    }
}
