//! Tests of tenders and red lines on small worlds.

use super::*;
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::step::tests_support::{context, parameters, started, step};
use crate::world::enterprises::NONE;

/// Whether firm `i` is a public buyer.
fn public(world: &World, p: &Parameters, i: usize) -> bool {
    p.sectors[usize::from(world.enterprises.firm[i].segment.sector)].values.public
}

/// A world that holds tenders, from its first month.
fn with_tenders(p: &Parameters) -> World {
    let mut world = crate::step::tests_support::world(p);
    let ctx = context(p, 0, p.month_before_start());
    start(&mut world, &ctx);
    crate::step::start::enterprises::start(&mut world, &ctx);
    world
}

/// Workloads that may have changed hands in a month: those that it took off the calendar.
fn decided(before: &[i32], world: &World) -> Vec<usize> {
    (0..before.len()).filter(|&k| before[k] != world.enterprises.calendar.due(k)).collect()
}

#[test]
fn public_buyers_choose_in_the_months_of_their_tenders_and_others_in_any() {
    let mut p = parameters(3);
    p.government.tenders_per_year = 2;
    let mut world = with_tenders(&p);
    let (mut tendered, mut private_months) = (0, [0; 12]);
    for _ in 0..36 {
        let before: Vec<i32> =
            (0..world.enterprises.workload.len()).map(|k| world.enterprises.calendar.due(k)).collect();
        step(&mut world, &p, 0);
        let e = &world.enterprises;
        for k in decided(&before, &world) {
            let i = k / WORKLOAD_COUNT;
            let adopted_now = e.workload[k].adopted_month == world.month.0;
            let cell = usize::from(e.firm[i].segment.sector) * 2 + usize::from(e.firm[i].segment.jurisdiction);
            if public(&world, &p, i) {
                let phase = world.government.tender_phase[cell];
                let open = (world.month.0 - phase).rem_euclid(6) == 0;
                // What wanted to adopt out of turn has only been put on the list.
                assert!(
                    open || e.workload[k].first().vendor() == NONE && !adopted_now,
                    "workload {k} in {}",
                    world.month
                );
                tendered += usize::from(open);
                assert_eq!((e.calendar.due(k) - phase).rem_euclid(6), 0);
            } else {
                private_months[world.month.0.rem_euclid(12) as usize] += 1;
            }
        }
    }
    assert!(tendered > 0 && private_months.iter().all(|&n| n > 0), "{tendered} {private_months:?}");
}

#[test]
fn tenders_lengthen_no_contract_of_a_year_at_any_length_of_step() {
    for (steps_per_year, tenders) in [(12, 4), (4, 4), (12, 1), (4, 2), (12, 12)] {
        let mut p = parameters(2);
        p.simulation.steps_per_year = steps_per_year;
        p.government.tenders_per_year = tenders;
        let world = with_tenders(&p);
        let calendar = Calendar::of(&world.government, &p);
        let months = p.months_per_step();
        let mut now = 24_000 + months - 1;
        let (mut end, mut contracts) = (calendar.open_from(2, 0, 24_000), 0);
        let first = end;
        while contracts < 5 {
            if end <= now {
                end = calendar.end(2, 0, now, now, 12);
                contracts += 1;
            }
            now += months;
        }
        assert_eq!(end - first, 60, "{steps_per_year} steps, {tenders} tenders");
    }
}

#[test]
fn without_tenders_public_buyers_choose_like_others() {
    let mut p = parameters(2);
    p.mechanisms.tenders = false;
    let world = with_tenders(&p);
    let calendar = Calendar::of(&world.government, &p);
    assert_eq!(calendar.open_from(2, 1, 24_001), 24_001);
    assert_eq!(calendar.end(2, 1, 24_001, 24_001, 12), 24_013);
    // A contract that was signed early in a longer step ends as early in another; a short one does not end before it is signed.
    assert_eq!(calendar.end(2, 1, 24_002, 24_000, 12), 24_012);
    assert_eq!(calendar.end(2, 1, 24_002, 24_000, 1), 24_003);
    assert_eq!(calendar.reopened(2, 1, 24_001, 24_005), 24_001);
    assert_eq!(calendar.again(2, 1, 24_001), 24_002);
}

#[test]
fn each_sector_and_jurisdiction_has_a_calendar_of_its_own_that_no_lab_moves() {
    let p = parameters(3);
    let phases = with_tenders(&p).government.tender_phase;
    assert_eq!(&phases[..4], [CONTINUOUS; 4]);
    assert!(phases[4..].iter().all(|m| (0..12).contains(m)));
    assert_eq!(with_tenders(&parameters(5)).government.tender_phase, phases);
}

#[test]
fn a_lab_sells_nothing_beyond_its_red_line_and_elsewhere_as_before() {
    let p = parameters(3);
    let spend = |p: &Parameters| {
        let mut world = with_tenders(p);
        let refuses = p.mechanisms.red_lines && !p.labs[1].values.parameters.red_lines.is_empty();
        world.government.refused[3 + 2] = refuses;
        for _ in 0..14 {
            step(&mut world, p, 0);
        }
        world.demand.by_sector_usd[3..6].to_vec()
    };
    let mut drawn = p.clone();
    drawn.labs[1].values.parameters.red_lines = vec!["state".to_string()];
    let (free, bound) = (spend(&p), spend(&drawn));
    assert!(free[2] > 0.0);
    assert_eq!(bound[2], 0.0);
    for s in 0..2 {
        assert!((bound[s] / free[s] - 1.0).abs() < 0.05, "{bound:?} against {free:?}");
    }
    drawn.mechanisms.red_lines = false;
    assert_eq!(spend(&drawn), free);
}

#[test]
fn a_red_line_drawn_in_mid_contract_makes_customers_choose_at_once() {
    let p = parameters(3);
    let mut world = started(&p, 0);
    step(&mut world, &p, 0);
    assert!(world.demand.by_sector_usd[3] > 0.0);
    world.government.refused[3] = true;
    step(&mut world, &p, 0);
    assert_eq!(world.demand.by_sector_usd[3], 0.0);
}
