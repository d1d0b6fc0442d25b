//! Tests of the capital markets on small worlds.

use super::*;
use crate::scenario::Parameters;
use proptest::prelude::*;

/// Lives a step of capital alone, and checks the books.
fn step(world: &mut World, p: &Parameters, n: i32) {
    world.ledger.begin_step();
    fund(world, &fixture::context(p, n));
    assert_eq!(world.ledger.check(), Ok(()));
}

/// Fundamentals alone: no sentiment, no disagreement, no growth news.
fn plain(labs: usize, kinds: usize) -> Parameters {
    let mut p = fixture::parameters(labs, kinds);
    p.valuation.sentiment_volatility = 0.0;
    p.valuation.disagreement_sd = 0.0;
    for kind in &mut p.investors {
        kind.values.extrapolation = 0.0;
    }
    for lab in &mut p.labs {
        lab.values.start.growth_per_year = 1.6;
        lab.values.start.last_round_post_money_usd = 0.0;
        lab.values.parameters.independence = 1.0;
    }
    p
}

#[test]
fn valuation_alone_follows_the_run_rate_exactly() {
    let p = plain(2, 1);
    let mut world = fixture::world(&p);
    for n in 0..12 {
        for i in 0..2 {
            world.labs.run_rate_before_usd[i] = world.labs.run_rate_usd[i];
            world.labs.run_rate_usd[i] *= exp(1.5 / 12.0);
        }
        step(&mut world, &p, n);
        for i in 0..2 {
            let exact = 34.0 * (world.labs.run_rate_usd[i] + 0.44e9);
            assert!((world.labs.valuation_usd[i] / exact - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn the_value_at_the_start_is_the_price_of_a_fresh_round() {
    let mut p = fixture::parameters(3, 2);
    p.clouds[0].values.stakes.insert("lab0".to_string(), 0.2);
    let world = fixture::world(&p);
    for i in 0..3 {
        assert!((world.labs.valuation_usd[i] / 100e9 - 1.0).abs() < 1e-12);
    }
    let cloud = world.ledger.cloud(0);
    assert!((world.ledger.shares(cloud).value() / 20e9 - 1.0).abs() < 1e-9);
    assert!(world.labs.outside_control[0] > world.labs.outside_control[1]);
}

#[test]
fn a_lab_short_of_runway_raises_and_one_with_plenty_at_the_last_price_does_not() {
    let p = plain(2, 1);
    let mut world = fixture::world(&p);
    for i in 0..2 {
        world.labs.months_since_round[i] = 12.0;
        world.labs.last_round_usd[i] = world.labs.valuation_usd[i];
    }
    world.labs.runway_months[0] = 8.0;
    let cash = world.ledger.cash(world.ledger.lab(0)).value();
    let powder: f64 = world.investors.dry_powder_usd.iter().sum();
    step(&mut world, &p, 0);
    let raised = world.labs.raised_usd[0];
    assert!(raised > 0.0 && world.labs.raised_usd[1] == 0.0);
    assert!((world.ledger.cash(world.ledger.lab(0)).value() - cash - raised).abs() < 1.0);
    // All agree, so the price is the market's; the share sold is within its bounds.
    assert!((world.labs.last_round_usd[0] / world.labs.valuation_usd[0] - 1.0).abs() < 0.2);
    assert!((0.04 - 1e-12..=0.14 + 1e-12).contains(&world.labs.dilution[0]), "{}", world.labs.dilution[0]);
    assert_eq!(world.labs.months_since_round[0], 0.0);
    assert!((world.investors.deployed_usd[0] - raised).abs() < 1.0);
    let inflow = 40e9 / 12.0;
    assert!((world.investors.dry_powder_usd[0] - (powder + inflow - raised)).abs() < 1e3);
}

#[test]
fn a_lab_whose_price_has_doubled_opens_a_round_with_money_in_the_bank() {
    let p = plain(2, 1);
    let mut world = fixture::world(&p);
    for i in 0..2 {
        world.labs.months_since_round[i] = 12.0;
        world.labs.last_round_usd[i] = world.labs.valuation_usd[i] / if i == 0 { 3.0 } else { 1.0 };
    }
    step(&mut world, &p, 0);
    assert!(world.labs.raised_usd[0] > 0.0);
    assert_eq!(world.labs.raised_usd[1], 0.0);
}

#[test]
fn no_round_opens_before_the_gap_is_over() {
    let p = plain(1, 1);
    let mut world = fixture::world(&p);
    world.labs.last_round_usd[0] = 1e9;
    world.labs.months_since_round[0] = 0.0;
    world.labs.runway_months[0] = 6.0;
    let mut first = None;
    for n in 0..8 {
        world.labs.runway_months[0] = 6.0;
        step(&mut world, &p, n);
        if world.labs.raised_usd[0] > 0.0 && first.is_none() {
            first = Some(n);
        }
    }
    assert_eq!(first, Some(3));
}

#[test]
fn a_lab_in_distress_asks_again_after_a_shorter_while() {
    let p = plain(1, 1);
    let mut world = fixture::world(&p);
    world.labs.months_since_round[0] = 0.0;
    let raised: Vec<bool> = (0..4)
        .map(|n| {
            world.labs.runway_months[0] = 1.0;
            step(&mut world, &p, n);
            world.labs.raised_usd[0] > 0.0
        })
        .collect();
    assert_eq!(raised, [false, true, false, true]);
}

#[test]
fn without_investors_no_round_opens_and_no_money_comes_in() {
    let mut p = fixture::parameters(2, 2);
    p.mechanisms.investors = false;
    let mut world = fixture::world(&p);
    world.labs.runway_months.fill(1.0);
    let powder: f64 = world.investors.dry_powder_usd.iter().sum();
    for n in 0..6 {
        step(&mut world, &p, n);
        assert!(world.labs.raised_usd.iter().all(|&r| r == 0.0));
    }
    assert_eq!(world.investors.dry_powder_usd.iter().sum::<f64>(), powder);
}

#[test]
fn a_division_holds_no_round_and_its_value_is_that_of_its_revenue() {
    let mut p = plain(2, 1);
    p.labs[0].values.identity.owner = "group".to_string();
    let mut world = fixture::world(&p);
    world.labs.runway_months.fill(1.0);
    world.labs.months_since_round.fill(12.0);
    step(&mut world, &p, 0);
    assert_eq!(world.labs.raised_usd[0], 0.0);
    assert!((world.labs.valuation_usd[0] / (34.0 * (5e9 + 0.44e9)) - 1.0).abs() < 1e-9);
}

#[test]
fn money_stays_within_its_bloc() {
    let p = fixture::parameters(4, 3);
    let mut world = fixture::world(&p);
    world.labs.runway_months.fill(6.0);
    world.labs.months_since_round.fill(12.0);
    step(&mut world, &p, 0);
    let v = world.dims.investors;
    assert!(world.labs.raised_usd[2] > 0.0 && world.labs.raised_usd[0] > 0.0);
    for at in 0..v {
        let chinese = world.investors.kind[at] == 2;
        for i in 0..4 {
            assert!(world.investors.stake[i * v + at] == 0.0 || chinese == (i == 2));
        }
    }
}

#[test]
fn strategic_money_brings_outside_control_unless_the_lab_keeps_its_independence() {
    let run = |independence: f64| {
        let mut p = fixture::parameters(1, 2);
        p.labs[0].values.parameters.independence = independence;
        let mut world = fixture::world(&p);
        world.labs.runway_months[0] = 6.0;
        world.labs.months_since_round[0] = 12.0;
        step(&mut world, &p, 0);
        (world.labs.outside_control[0], world.labs.raised_from_cloud_usd.iter().sum::<f64>())
    };
    let (loose, from_clouds) = run(0.0);
    assert!(loose > 0.0 && from_clouds > 0.0);
    assert_eq!(run(1.0).0, 0.0);
}

#[test]
fn a_lab_without_money_and_without_a_book_defaults_after_its_time_of_grace() {
    let mut p = fixture::parameters(2, 1);
    p.mechanisms.investors = false;
    let mut world = fixture::world(&p);
    world.ledger.begin_step();
    let (account, staff) = (world.ledger.lab(0), world.ledger.sector(Sector::Staff));
    world.ledger.pay(account, staff, Usd(15e9), Flow::Current);
    let mut alive = Vec::new();
    for n in 0..4 {
        fund(&mut world, &fixture::context(&p, n));
        assert_eq!(world.ledger.check(), Ok(()));
        alive.push(world.labs.alive[0]);
        world.ledger.begin_step();
    }
    assert_eq!(alive, [true, true, false, false]);
    assert!(world.labs.alive[1]);
    assert_eq!(world.labs.valuation_usd[0], 0.0);
    assert!((0..world.dims.investors).all(|v| world.investors.stake[v] == 0.0));
}

#[test]
fn with_default_off_lenders_cover_every_gap() {
    let mut p = fixture::parameters(1, 1);
    p.mechanisms.investors = false;
    p.mechanisms.default = false;
    let mut world = fixture::world(&p);
    world.ledger.begin_step();
    let (account, staff) = (world.ledger.lab(0), world.ledger.sector(Sector::Staff));
    let debt = world.ledger.debt(account).value();
    world.ledger.pay(account, staff, Usd(15e9), Flow::Current);
    fund(&mut world, &fixture::context(&p, 0));
    assert_eq!(world.ledger.cash(account), Usd::ZERO);
    assert!((world.ledger.debt(account).value() - debt - 5e9).abs() < 1.0);
    assert_eq!(world.ledger.check(), Ok(()));
}

#[test]
fn a_lab_in_distress_sells_more_at_a_lower_price() {
    let p = fixture::parameters(1, 1);
    let deal = |runway: f64| {
        let mut world = fixture::world(&p);
        world.labs.runway_months[0] = runway;
        world.labs.burn_usd[0] = 60e9;
        world.labs.months_since_round[0] = 12.0;
        step(&mut world, &p, 0);
        (world.labs.last_round_usd[0], world.labs.raised_usd[0])
    };
    let (usual, distressed) = (deal(6.0), deal(1.0));
    assert!(distressed.0 < usual.0, "{distressed:?} {usual:?}");
    assert!(distressed.1 >= usual.1);
}

#[test]
fn a_drought_brings_investors_less_money_than_a_boom() {
    let p = fixture::parameters(1, 1);
    let inflow = |climate: usize| {
        let mut world = fixture::world(&p);
        world.environment.climate = climate;
        let before = world.investors.dry_powder_usd[0];
        step(&mut world, &p, 0);
        world.investors.dry_powder_usd[0] - before
    };
    assert!((inflow(0) / inflow(2) - 0.25).abs() < 1e-6);
}

#[test]
fn money_of_a_bloc_rises_while_its_labs_are_cut_off_and_that_of_no_other() {
    let inflow = |rise: f64, cut: fn(&mut World)| {
        let mut p = fixture::parameters(3, 3);
        p.rounds.cut_off_inflow = rise;
        let mut world = fixture::world(&p);
        cut(&mut world);
        world.ledger.begin_step();
        let cash = |world: &World, kind: usize| -> f64 {
            let of = |v: &usize| world.investors.kind[*v] == kind;
            (0..world.dims.investors).filter(of).map(|v| world.ledger.cash(world.ledger.investor(v)).value()).sum()
        };
        let before = [0, 2].map(|kind| cash(&world, kind));
        endow(&mut world, &fixture::context(&p, 0));
        [cash(&world, 0) - before[0], cash(&world, 2) - before[1]]
    };
    let free = inflow(0.3, |_| {});
    let ways: [fn(&mut World); 3] = [
        |w| w.regulators.export_price[2] = 1.33,
        |w| w.regulators.export_supply[2] = 0.5,
        |w| w.regulators.outlawed[2 * 3] = true,
    ];
    for cut in ways {
        let (held, drawn) = (inflow(0.0, cut), inflow(0.3, cut));
        assert_eq!(held, free, "0 is neutral");
        assert!(
            (drawn[0] / free[0] - 1.0).abs() < 1e-9 && (drawn[1] / free[1] - 1.3).abs() < 1e-9,
            "{drawn:?} {free:?}"
        );
    }
    // Half of the others cut off: half of the rise.
    let half = inflow(0.3, |w| w.regulators.outlawed[2] = true);
    assert!((half[0] / free[0] - 1.15).abs() < 1e-9 && (half[1] / free[1] - 1.0).abs() < 1e-9, "{half:?}");
}

#[test]
fn all_shares_of_a_lab_never_exceed_the_whole() {
    let mut p = fixture::parameters(2, 3);
    p.clouds[0].values.stakes.insert("lab0".to_string(), 0.3);
    let mut world = fixture::world(&p);
    let v = world.dims.investors;
    for n in 0..60 {
        world.labs.runway_months.fill(6.0);
        step(&mut world, &p, n);
        for i in 0..2 {
            let all: f64 = world.investors.stake[i * v..(i + 1) * v].iter().sum::<f64>()
                + world.investors.cloud_stake[i * 2..i * 2 + 2].iter().sum::<f64>();
            assert!(all <= 1.0 + 1e-12, "{all}");
        }
    }
    assert!(world.labs.dilution[0] > 0.3 && world.labs.dilution[0] < 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_books_close_whatever_labs_spend(
        labs in 1usize..5, kinds in 1usize..4, spend in prop::collection::vec(0.0f64..8e9, 48), quarterly: bool, default: bool,
    ) {
        let mut p = fixture::parameters(labs, kinds);
        p.simulation.steps_per_year = if quarterly { 4 } else { 12 };
        p.mechanisms.default = default;
        let mut world = fixture::world(&p);
        let staff = world.ledger.sector(Sector::Staff);
        for n in 0..12 {
            world.ledger.begin_step();
            for i in 0..labs {
                let account = world.ledger.lab(i);
                if world.labs.alive[i] {
                    world.ledger.pay(account, staff, Usd(spend[(n * 4 + i) % 48]), Flow::Current);
                    world.labs.runway_months[i] = (world.ledger.cash(account).value() / 4e8).clamp(0.0, 120.0);
                }
            }
            fund(&mut world, &fixture::context(&p, n as i32 * p.months_per_step()));
            prop_assert_eq!(world.ledger.check(), Ok(()));
            for v in 0..world.dims.investors {
                prop_assert!(world.ledger.cash(world.ledger.investor(v)).value() >= -1e-3);
            }
            for i in 0..labs {
                prop_assert!(world.labs.valuation_usd[i].is_finite() && world.labs.outside_control[i] <= 1.0);
            }
        }
    }
}

#[test]
fn every_investor_has_the_value_of_its_own_shares_on_its_books() {
    let p = fixture::parameters(3, 3);
    let mut world = fixture::world(&p);
    world.ledger.begin_step();
    // Stakes that differ, in blocks and in the rest behind them.
    let v = world.dims.investors;
    assert!(!v.is_multiple_of(SIDE_BY_SIDE) && v > SIDE_BY_SIDE, "{v}");
    for (n, stake) in world.investors.stake.iter_mut().enumerate() {
        *stake = 1e-4 * (n % 37) as f64;
    }
    mark_shares(&mut world);
    for at in 0..v {
        let marked = world.ledger.shares(world.ledger.investor(at)).value();
        assert!(marked > 0.0 && marked == held_by_investor(&world, at), "{at}: {marked}");
    }
}
