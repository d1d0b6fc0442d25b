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
    // What the bargain priced is given: control over the shares, exclusivity for what the money buys, and a promise of rent.
    let money = world.labs.raised_from_cloud_usd[0] - 1.0;
    let (terms, bill) = (&p.terms, 2.0 * 1.5 * HOURS_PER_YEAR);
    let full = |benefit: f64, cost: f64| (benefit / cost).min(1.0);
    let promised = full(terms.commitment_benefit, terms.commitment_cost) * terms.commitment_multiple * money;
    let pledged = world.capital.pledged_usd[0];
    assert!(money > bill && pledged > 0.0 && (pledged / promised - 1.0).abs() < 0.05, "{pledged} of {promised}");
    assert!((world.capital.exclusive[0] / full(terms.exclusivity_benefit, terms.exclusivity_cost) - 1.0).abs() < 0.2);
    p.terms.control_benefit = 0.5 * p.terms.control_cost;
    let less = live(&p);
    assert!(less.capital.rescues[0] == 1.0 && less.capital.control[0] < world.capital.control[0]);
    p.terms.control_benefit = p.terms.control_cost;
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

#[test]
fn what_groups_can_pay_grows_as_their_capex_does() {
    let p = parameters();
    let mut world = fixture::world(&p);
    let at = |world: &World| crate::step::clouds::capex_usd_per_year(world, &fixture::context(&p, 0), 0);
    assert_eq!(at(&world), 1e11);
    world.environment.years = 2.0;
    let m = &p.cloud_market;
    let grown = exp(m.capex_growth_per_year * m.capex_fading_years * (1.0 - exp(-2.0 / m.capex_fading_years)));
    assert!((at(&world) / (1e11 * grown) - 1.0).abs() < 1e-12 && grown > 1.5);
}

#[test]
fn promises_of_rent_count_in_a_takeover_as_they_do_in_a_default() {
    let bought = |commitments: f64, on: bool| {
        let mut p = parameters();
        p.mechanisms.commitments = on;
        p.exits.synergy_sd = 0.0;
        p.rounds.commitment_claim_share = 0.25;
        p.exits.capex_share = 100.0;
        let mut world = fixture::world(&p);
        world.labs.valuation_usd[0] = 40e9;
        world.labs.commitments_usd.fill(commitments);
        exits::take_over(&mut world, &fixture::context(&p, 0), 0)
    };
    let worth = 40e9 * exp(0.2 - parameters().rounds.distress_discount) - 1e8;
    assert!(bought(3.9 * worth, true) && !bought(4.1 * worth, true));
    assert!(bought(4.1 * worth, false));
}

#[test]
fn rent_that_a_lab_owes_counts_in_its_rescue_and_not_where_commitments_do_not_bind() {
    let rescued = |owed: f64, on: bool| {
        let mut p = parameters();
        p.mechanisms.commitments = on;
        let mut world = fixture::world(&p);
        world.labs.valuation_usd[0] = 40e9;
        world.investors.cloud_stake[0] = 0.001;
        world.labs.commitments_usd[0] = owed;
        (strategic::rescue(&mut world, &fixture::context(&p, 0), 0), world.investors.cloud_stake.clone())
    };
    assert_ne!(rescued(2e10, true), rescued(0.0, true));
    assert_eq!(rescued(2e10, false), rescued(0.0, true));
}

#[test]
fn a_group_gives_the_lab_that_it_has_bought_what_it_burns_and_no_more_than_it_can() {
    let p = parameters();
    let mut world = fixture::world(&p);
    exits::buy(&mut world, 0, 1, 50e9);
    let months = |world: &mut World, burn: f64| {
        world.labs.burn_usd[0] = burn;
        for n in 0..600 {
            world.capital.transfer_paid_usd[0] = world.capital.group_transfer_usd[0];
            exits::support(world, &fixture::context(&p, n));
        }
        world.capital.group_transfer_usd[0]
    };
    assert!((months(&mut world, 1e9) - p.exits.capex_share * 1e11).abs() < 1.0);
    let given = world.capital.group_transfer_usd[0];
    world.labs.burn_usd[0] = 0.0;
    world.capital.transfer_paid_usd[0] = given - 6e9;
    exits::support(&mut world, &fixture::context(&p, 0));
    let less = given - world.capital.group_transfer_usd[0];
    assert!((less / (6e9 * (1.0 - exp(-1.0 / 12.0))) - 1.0).abs() < 1e-9);
    assert_eq!(months(&mut world, -5e9), 0.0);
}

#[test]
fn a_purchase_by_who_owns_labs_already_is_reviewed_by_what_they_sell_together() {
    let blocked = |siblings: bool| {
        let mut p = fixture::parameters(2, 2);
        p.exits.acquisition_hazard_per_year = 20.0;
        p.exits.block_probability = 0.0;
        p.exits.synergy = 2.0;
        p.exits.capex_share = 100.0;
        p.labs[0].values.parameters.independence = 0.0;
        p.labs[0].values.start.run_rate_usd = 1e7;
        p.labs[1].values.identity.owner = "group".to_string();
        for cloud in &mut p.clouds {
            cloud.values.owner = if siblings { "group".to_string() } else { String::new() };
            cloud.values.capex_usd_per_year = 1e12;
        }
        let mut world = fixture::world(&p);
        (0..24).for_each(|n| exits::merge(&mut world, &fixture::context(&p, n)));
        !world.capital.acquired[0]
    };
    assert!(!blocked(false) && blocked(true));
}

#[test]
fn a_bought_lab_has_the_form_of_a_division_and_no_round_to_live_up_to() {
    let mut p = parameters();
    p.labs[0].values.governance.form = crate::mechanisms::governance::Form::NonprofitControlled;
    let mut world = fixture::world(&p);
    world.labs.last_round_usd[0] = 1e13;
    world.labs.outside_control[0] = 0.0;
    let priced = |world: &World| governance::hazard_priced(world, &fixture::context(&p, 0), 0);
    assert!(priced(&world) > 0.0);
    exits::buy(&mut world, 0, 1, 50e9);
    assert!(priced(&world).abs() < 1e-12, "{}", priced(&world));
    governance::convene(&mut world, &fixture::context(&p, 0));
    assert!((world.posture.crisis_hazard[0] / p.governance.hazard_per_year - 1.0).abs() < 1e-9);
}

#[test]
fn compute_paid_for_ahead_is_measured_by_the_rent_that_the_lab_pays() {
    let credits = |export: f64, dearer: f64| {
        let p = parameters();
        let mut world = seeker(&p);
        // A small bill, so that what the lab can use binds.
        world.labs.rented_by_cloud_h100e.fill(1e3);
        world.regulators.export_price[0] = export;
        world.capital.dearer_months.fill(dearer);
        step(&mut world, &p, 0);
        world.capital.credits_usd.iter().sum::<f64>()
    };
    let usual = credits(1.0, 0.0);
    assert!(usual > 0.0 && (credits(2.0, 0.0) / usual - 2.0).abs() < 1e-9);
    let rise = 1.0 + parameters().hold_up.price_rise;
    assert!((credits(1.0, 6.0) / usual - rise).abs() < 1e-9);
}
