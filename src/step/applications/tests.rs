use super::*;
use crate::scenario::Parameters;
use crate::step::start;
use crate::step::tests_support::{context, parameters, started, step};
use crate::world::refill;

/// Three labs that sell to application vendors; the first most.
fn scenario() -> Parameters {
    let mut p = parameters(3);
    for (lab, fraction) in p.labs.iter_mut().zip([0.9, 0.5, 0.2]) {
        lab.values.start.run_rate_usd = 8e9;
        lab.values.start.applications_fraction = fraction;
        lab.values.start.large_vendors_share = 0.6;
    }
    p
}

fn open(p: &Parameters, run: u64) -> World {
    let mut world = started(p, run);
    refill(&mut world.labs.own_service, p.labs.len(), 1.0);
    let ctx = context(p, run, p.month_before_start());
    start::other_business::start(&mut world, &ctx);
    start::applications::start(&mut world, &ctx);
    world
}

/// Moves enterprises, smaller firms and vendors through one step.
fn live(world: &mut World, p: &Parameters, run: u64) {
    step(world, p, run);
    let ctx = context(p, run, world.month);
    crate::step::other_business::grow(world, &ctx);
    sell(world, &ctx);
}

#[test]
fn what_vendors_buy_is_taken_out_of_other_business_and_the_sum_stays() {
    let p = scenario();
    let world = open(&p, 0);
    for j in 0..3 {
        let firms = (8e9 - world.demand.total_usd[j]).max(0.0) * 0.5;
        let (other, vendors) = (world.labs.revenue_other_usd[j], world.labs.revenue_applications_usd[j]);
        assert!(((other + vendors) / firms - 1.0).abs() < 1e-9);
        assert!((vendors / firms - p.labs[j].values.start.applications_fraction).abs() < 1e-9);
    }
}

#[test]
fn the_two_largest_customers_buy_their_declared_share_one_twice_the_other() {
    let p = scenario();
    let world = open(&p, 0);
    let bought = &world.applications.purchases_usd;
    let (first, second) = (bought[0], bought[3]);
    assert!((first / second - 2.0).abs() < 1e-9);
    assert!(((first + second) / world.labs.revenue_applications_usd[0] - 0.6).abs() < 1e-9);
}

#[test]
fn with_nothing_moving_the_first_month_is_the_start() {
    let mut p = scenario();
    let m = &mut p.mechanisms;
    (m.adoption, m.spend_growth, m.quality, m.trust) = (false, false, false, false);
    p.applications.growth_volatility = 0.0;
    p.applications.switching_cost_factor = 100.0;
    let mut world = open(&p, 0);
    let before = world.labs.revenue_applications_usd.clone();
    live(&mut world, &p, 0);
    for (a, b) in before.iter().zip(&world.labs.revenue_applications_usd) {
        assert!((a / b - 1.0).abs() < 1e-9, "{a} {b}");
    }
    assert!((world.applications.wanted_usd / p.applications_start.revenue_usd - 1.0).abs() < 1e-9);
}

#[test]
fn a_large_customer_that_switches_moves_a_visible_slice_of_a_labs_revenue() {
    let p = scenario();
    let mut world = open(&p, 0);
    let start = world.labs.revenue_applications_usd[0];
    // The first lab may no longer be had: its customers go, and go to the others.
    world.labs.alive[0] = false;
    live(&mut world, &p, 0);
    assert_eq!(world.labs.revenue_applications_usd[0], 0.0);
    let others: f64 = world.labs.revenue_applications_usd[1..].iter().sum();
    assert!(others > 0.8 * start, "{others} for {start}");
    let large: f64 = world.applications.purchases_usd[..6].iter().sum();
    assert!(large > 0.5 * start, "the slice of the two went with them: {large}");
}

#[test]
fn costly_switching_keeps_large_customers_and_free_switching_does_not() {
    let stays = |factor: f64| {
        let mut p = scenario();
        p.applications.switching_cost_factor = factor;
        let stayed = |run: u64| {
            let mut world = open(&p, run);
            (0..12).for_each(|_| live(&mut world, &p, run));
            let units = &world.applications.units_usd;
            (0..6).filter(|&v| units[v * 3 + v / 2] > 0.0).count()
        };
        (0..20).map(stayed).sum::<usize>()
    };
    let (costly, free) = (stays(3.0), stays(0.0));
    assert!(costly > 115, "{costly} of 120 stay at a high cost");
    assert!(free < 75, "{free} of 120 stay at none");
}

#[test]
fn chance_among_vendors_moves_no_total() {
    let revenue = |volatility: f64| {
        let mut p = scenario();
        p.applications.growth_volatility = volatility;
        // All labs alike in what vendors see, so that only sizes differ.
        p.applications.switching_cost_factor = 100.0;
        let mut world = open(&p, 1);
        (0..6).for_each(|_| live(&mut world, &p, 1));
        (world.applications.wanted_usd, world.labs.revenue_applications_usd.iter().sum::<f64>())
    };
    let (calm, wild) = (revenue(0.0), revenue(1.0));
    assert!((calm.0 / wild.0 - 1.0).abs() < 1e-6 && (calm.1 / wild.1 - 1.0).abs() < 1e-6, "{calm:?} {wild:?}");
}

#[test]
fn switched_off_there_are_no_vendors_and_other_business_is_whole() {
    let mut p = scenario();
    p.mechanisms.applications = false;
    let mut world = open(&p, 0);
    let firms = (8e9 - world.demand.total_usd[0]).max(0.0) * 0.5;
    assert!((world.labs.revenue_other_usd[0] / firms - 1.0).abs() < 1e-9);
    live(&mut world, &p, 0);
    assert!(world.labs.revenue_applications_usd.iter().all(|&x| x == 0.0));
    assert_eq!(world.applications.revenue_usd, 0.0);
}

#[test]
fn a_remedy_lets_vendors_leave_a_dominant_lab_as_it_lets_firms() {
    let p = scenario();
    let kept = |months: f64| {
        let kept = |run: u64| {
            let mut world = open(&p, run);
            // Everywhere where the first lab sells.
            world.regulators.remedy_months_left[..2].fill(months);
            (0..12).for_each(|_| live(&mut world, &p, run));
            let units = &world.applications.units_usd;
            let large = (0..2).filter(|&v| units[v * 3] > 0.0).count();
            (large, units[6 * 3])
        };
        (0..30).map(kept).fold((0, 0.0), |sum, x| (sum.0 + x.0, sum.1 + x.1))
    };
    let (usual, remedied) = (kept(0.0), kept(60.0));
    assert!(remedied.0 < usual.0, "{} of 60 large vendors stay, {} without a remedy", remedied.0, usual.0);
    assert!(remedied.1 < usual.1, "{} and {}", remedied.1, usual.1);
}

#[test]
fn leaving_is_eased_by_the_part_of_a_labs_buyers_who_are_under_the_remedy() {
    let p = scenario();
    let mut world = open(&p, 0);
    let ctx = context(&p, 0, world.month);
    assert_eq!(regulators::ease_of_leaving(&world, &ctx, 0, 3.0), 1.0);
    world.regulators.remedy_months_left[0] = 1.0;
    let by = &world.demand.by_jurisdiction_usd;
    let part = by[0] / (by[0] + by[1]);
    let whole = crate::math::exp(3.0 - crate::mechanisms::antitrust::opened(3.0, p.antitrust.interoperability));
    let eased = regulators::ease_of_leaving(&world, &ctx, 0, 3.0);
    assert!((eased - (part * whole + 1.0 - part)).abs() < 1e-12 && part > 0.5 && part < 1.0);
    assert_eq!(regulators::ease_of_leaving(&world, &ctx, 1, 3.0), 1.0);
}

#[test]
fn vendors_switched_off_in_mid_run_leave_what_they_bought_to_other_business() {
    let mut p = scenario();
    let mut world = open(&p, 0);
    live(&mut world, &p, 0);
    let bought = world.labs.revenue_applications_usd.clone();
    p.mechanisms.applications = false;
    step(&mut world, &p, 0);
    let ctx = context(&p, 0, world.month);
    crate::step::other_business::grow(&mut world, &ctx);
    let others = world.labs.revenue_other_usd.clone();
    sell(&mut world, &ctx);
    for j in 0..3 {
        assert!((world.labs.revenue_other_usd[j] / (others[j] + bought[j]) - 1.0).abs() < 1e-12);
        assert_eq!(world.labs.revenue_applications_usd[j], 0.0);
    }
    // It stays there, and grows with other business.
    let after: f64 = world.labs.revenue_other_usd.iter().sum();
    crate::step::other_business::grow(&mut world, &ctx);
    assert!(world.labs.revenue_other_usd.iter().sum::<f64>() >= after * (1.0 - 1e-9));
    assert!(world.applications.key.is_empty() && world.applications.revenue_usd == 0.0);
}
