//! Tests of strategic money, rescue, listing and purchase on small worlds.

use super::*;
use crate::scenario::Parameters;
use crate::units::HOURS_PER_YEAR;

/// A lab that rents from two clouds and looks for money, among 20 funds and 20 strategic investors of whom three are groups.
fn seeker(p: &Parameters) -> World {
    let mut world = fixture::world(p);
    world.labs.rented_by_cloud_h100e.fill(2e5);
    world.labs.runway_months.fill(6.0);
    world.labs.months_since_round.fill(12.0);
    world
}

fn step(world: &mut World, p: &Parameters, n: i32) {
    world.ledger.begin_step();
    fund(world, &fixture::context(p, n));
    assert_eq!(world.ledger.check(), Ok(()));
}

/// Parameters with one lab and clouds that can pay, all of one opinion.
fn parameters() -> Parameters {
    let mut p = fixture::parameters(1, 2);
    p.valuation.disagreement_sd = 0.0;
    p.investors[1].values.multiple_premium = 0.1;
    for cloud in &mut p.clouds {
        cloud.values.capex_usd_per_year = 1e11;
    }
    p
}

/// Spends all the cash of lab 0 and `more`, in a step of its own.
fn ruin(world: &mut World, more: f64) {
    world.ledger.begin_step();
    let (account, staff) = (world.ledger.lab(0), world.ledger.sector(Sector::Staff));
    let cash = world.ledger.cash(account).value();
    world.ledger.pay(account, staff, Usd(cash + more), Flow::Current);
}

#[test]
fn a_group_pays_partly_in_compute_which_is_a_claim_until_it_is_used() {
    let p = parameters();
    let mut world = seeker(&p);
    step(&mut world, &p, 0);
    let (raised, compute) = (world.capital.raised_usd[0], world.capital.raised_in_compute_usd[0]);
    assert!(raised > 0.0 && (compute / raised - 0.5).abs() < 1e-9, "{compute} of {raised}");
    let account = world.ledger.lab(0);
    assert!((world.ledger.prepaid(account).value() - compute).abs() < 1.0);
    assert!((world.ledger.cash(account).value() - (10e9 + world.labs.raised_usd[0] - compute)).abs() < 1.0);
    // What is promised and what is exclusive stands with the cloud whose owner paid.
    let at = if world.capital.credits_usd[0] > 0.0 { 0 } else { 1 };
    assert!(world.capital.pledged_usd[at] > 0.0 && world.capital.exclusive[at] > 0.0);
    assert_eq!((world.capital.pledged_usd[1 - at], world.capital.exclusive[1 - at]), (0.0, 0.0));
}

#[test]
fn no_lab_takes_more_compute_than_it_can_use() {
    let mut p = parameters();
    p.terms.compute_years = 0.001;
    let mut world = seeker(&p);
    step(&mut world, &p, 0);
    let bill = 2.0 * 2e5 * 1.5 * HOURS_PER_YEAR;
    assert!((world.capital.raised_in_compute_usd[0] - 0.001 * bill).abs() < 1.0);
}

#[test]
fn money_of_a_chip_maker_comes_back_to_it_as_orders() {
    let mut p = parameters();
    p.investors[1].values.groups.clear();
    p.investors[1].values.chip_maker_share = 0.5;
    let mut world = seeker(&p);
    world.labs.capex_usd[0] = 3e9;
    step(&mut world, &p, 0);
    let (raised, compute) = (world.capital.raised_usd[0], world.capital.raised_in_compute_usd[0]);
    assert!(raised > 0.0 && (compute - (0.5 * raised).min(3e9)).abs() < 1.0, "{compute} of {raised}");
    assert_eq!((world.capital.raised_from_chips_usd[0], world.capital.credits_usd[2]), (raised, compute));
    let suppliers = world.ledger.sector(Sector::Suppliers);
    assert!((world.ledger.cash(suppliers).value() - compute).abs() < 1.0);
    // It sells no rent: neither exclusivity nor a commitment.
    assert!(world.capital.pledged_usd.iter().chain(&world.capital.exclusive).all(|x| *x == 0.0));
    assert!(world.capital.control[2] > 0.0 && world.labs.outside_control[0] > 0.0);
}

#[test]
fn independence_keeps_control_and_costs_shares() {
    let deal = |independence: f64| {
        let mut p = parameters();
        p.labs[0].values.parameters.independence = independence;
        let mut world = seeker(&p);
        step(&mut world, &p, 0);
        let cost = world.capital.paid_in_shares_usd[0] / world.capital.raised_usd[0];
        (world.labs.outside_control[0], cost, world.capital.pledged_usd.iter().sum::<f64>())
    };
    let deals = [0.0, 0.25, 0.5, 0.75, 1.0].map(deal);
    for pair in deals.windows(2) {
        assert!(pair[1].0 <= pair[0].0 && pair[1].2 <= pair[0].2, "{deals:?}");
        assert!(pair[1].1 >= pair[0].1 - 1e-12, "{deals:?}");
    }
    assert!(deals[0].0 > 0.0 && deals[4].0 == 0.0 && deals[4].1 > deals[0].1 + 0.05, "{deals:?}");
}

#[test]
fn terms_asked_of_a_lab_come_with_money_that_the_book_would_give_more_dearly() {
    let price = |terms: bool| {
        let mut p = parameters();
        p.mechanisms.strategic_terms = terms;
        p.labs[0].values.parameters.independence = 0.0;
        let mut world = seeker(&p);
        step(&mut world, &p, 0);
        world.labs.dilution[0] / world.labs.raised_usd[0]
    };
    assert!(price(true) < price(false), "{} {}", price(true), price(false));
}

#[test]
fn a_group_with_much_at_stake_rescues_a_lab_and_takes_control() {
    let mut p = parameters();
    p.mechanisms.investors = false;
    p.mechanisms.acquisition = false;
    p.clouds[0].values.stakes.insert("lab0".to_string(), 0.3);
    let live = |p: &Parameters| {
        let mut world = fixture::world(p);
        ruin(&mut world, 1e9);
        for n in 0..4 {
            step(&mut world, p, n);
        }
        world
    };
    let world = live(&p);
    assert!(world.labs.alive[0] && world.capital.rescues[0] == 1.0);
    assert!(world.investors.cloud_stake[0] > 0.3 && world.capital.control[0] > 0.5);
    assert!(world.ledger.cash(world.ledger.lab(0)).value() > 0.0);
    p.mechanisms.rescue = false;
    assert!(live(&p).labs.defaulted[0]);
    p.mechanisms.rescue = true;
    p.clouds[0].values.stakes.clear();
    assert!(live(&p).labs.defaulted[0], "nobody rescues a lab in which nothing is at stake");
}

#[test]
fn a_lab_in_distress_may_become_a_division_that_its_buyer_funds() {
    let mut p = parameters();
    p.mechanisms.investors = false;
    p.mechanisms.rescue = false;
    let mut world = fixture::world(&p);
    ruin(&mut world, 1e9);
    let spend = world.demand.by_jurisdiction_usd.clone();
    for n in 0..4 {
        step(&mut world, &p, n);
    }
    assert!(world.capital.acquired[0] && world.labs.alive[0] && world.labs.division[0] && !world.labs.defaulted[0]);
    assert_eq!(world.labs.outside_control[0], 0.0);
    assert_eq!(world.ledger.cash(world.ledger.lab(0)).value(), 0.0);
    assert_eq!(world.demand.by_jurisdiction_usd, spend, "customers stay");
    let k = world.capital.acquirer_of(0).unwrap();
    assert_eq!(world.investors.cloud_stake[k], 1.0);
}

#[test]
fn holders_are_paid_for_their_shares_and_the_books_know_what_founders_held() {
    let p = parameters();
    let mut world = fixture::world(&p);
    world.ledger.begin_step();
    let held: f64 = world.investors.stake[..world.dims.investors].iter().sum();
    let cash = |w: &World| (0..w.dims.investors).map(|v| w.ledger.cash(w.ledger.investor(v)).value()).sum::<f64>();
    let before = cash(&world);
    exits::buy(&mut world, 0, 1, 50e9);
    assert!(held > 0.3 && ((cash(&world) - before) / (50e9 * held) - 1.0).abs() < 1e-9);
    assert_eq!(world.ledger.check(), Ok(()));
    mark_shares(&mut world);
    assert_eq!(world.ledger.check(), Ok(()));
    let cloud = world.ledger.cloud(1);
    assert!((world.ledger.shares(cloud).value() / world.labs.valuation_usd[0] - 1.0).abs() < 1e-9);
}

#[test]
fn a_large_lab_near_profit_lists_but_not_in_a_drought() {
    let live = |climate: usize, profit: f64| {
        let mut p = parameters();
        p.exits.listing_hazard_per_year = 20.0;
        let mut world = fixture::world(&p);
        world.environment.climate = climate;
        world.labs.profit_usd[0] = profit;
        for n in 0..12 {
            step(&mut world, &p, n);
        }
        world
    };
    let world = live(2, 0.0);
    assert!(world.capital.listed[0]);
    assert_eq!(world.capital.secondary_price_usd[0], world.labs.valuation_usd[0]);
    assert!((world.labs.dilution[0] - 0.1).abs() < 1e-12);
    assert!(!live(0, 0.0).capital.listed[0]);
    assert!(!live(2, -4e9).capital.listed[0]);
}

#[test]
fn a_listed_lab_that_needs_money_sells_to_the_public_once_a_year() {
    let mut p = parameters();
    p.exits.listing_hazard_per_year = 0.0;
    let mut world = fixture::world(&p);
    world.capital.listed[0] = true;
    world.labs.months_since_round[0] = 20.0;
    let mut offerings = 0;
    for n in 0..24 {
        world.labs.runway_months[0] = 8.0;
        step(&mut world, &p, n);
        offerings += u32::from(world.labs.raised_usd[0] > 0.0);
    }
    assert_eq!(offerings, 2);
    let v = world.dims.investors;
    assert!((0..v).all(|at| world.investors.deployed_usd[world.investors.kind[at]] == 0.0));
}

#[test]
fn tenders_mark_a_price_by_those_who_think_most_of_a_lab() {
    let mut p = fixture::parameters(1, 1);
    p.valuation.sentiment_volatility = 0.0;
    let mut world = fixture::world(&p);
    for n in 0..6 {
        assert_eq!(world.capital.secondary_price_usd[0], 0.0);
        step(&mut world, &p, n);
    }
    let ratio = world.capital.secondary_price_usd[0] / world.labs.valuation_usd[0];
    assert!(ratio > 1.0 && ratio < 2.0, "{ratio}");
    p.mechanisms.secondary_market = false;
    let mut world = fixture::world(&p);
    for n in 0..12 {
        step(&mut world, &p, n);
        assert_eq!(world.capital.secondary_price_usd[0], 0.0);
    }
}

#[test]
fn extrapolators_grow_while_growth_lasts_beyond_what_was_expected() {
    let mut p = fixture::parameters(1, 2);
    p.valuation.growth_learning_per_year = 0.5;
    p.investors[1].values.horizon_years = 12.0;
    let mut world = fixture::world(&p);
    world.labs.expected_growth[0] = 0.5;
    world.capital.growth_trend[0] = 0.5;
    for n in 0..9 {
        world.labs.run_rate_before_usd[0] = world.labs.run_rate_usd[0];
        world.labs.run_rate_usd[0] *= exp(1.8 / 12.0);
        step(&mut world, &p, n);
    }
    let ctx = fixture::context(&p, 9);
    let weight = |k: usize| forecasts::extrapolation(&world, &ctx, k) / p.investors[k].values.extrapolation;
    assert!(weight(0) > weight(1) && weight(1) > 1.0, "{} {}", weight(0), weight(1));
    let mut off = p.clone();
    off.mechanisms.forecast_switching = false;
    let own = forecasts::extrapolation(&world, &fixture::context(&off, 9), 0);
    assert_eq!(own, off.investors[0].values.extrapolation);
}
