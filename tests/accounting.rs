//! Every identity of the ledger, in every step, with all mechanisms on, with each off in turn, and in generated scenarios.
//!
//! The engine itself checks the books in each step and fails a run whose books do not close; here runs must complete.

use aimarket::fields::Table;
use aimarket::record::{Record, TableKind};
use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::parameters::Mechanisms;
use aimarket::scenario::{Parameters, Scenario};
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
    let engine =
        Engine::new(Scenario::load("baseline", &[set("simulation.end", "2026-01")]).expect("baseline is sound"));
    let mut state = engine.new_state();
    for run in 0..30 {
        let result = engine.watch(&mut state, run, |step, world, p| {
            for (i, lab) in p.labs.iter().enumerate().filter(|_| step == 0) {
                let (rate, stated) = (world.labs.run_rate_usd[i], lab.values.start.run_rate_usd);
                assert!(rate >= stated * (1.0 - 1e-6), "run {run}: {} earns {rate:.4e} of {stated:.4e}", lab.id);
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
