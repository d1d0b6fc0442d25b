//! Tests of regulation on small worlds.

use super::*;
use crate::math::exp;
use crate::random::Draws;
use crate::step::capital::fixture;
use crate::units::Month;

fn live(world: &mut World, p: &Parameters, months: std::ops::Range<i32>) {
    for n in months {
        respond(world, &fixture::context(p, n));
    }
}

/// A jurisdiction that only salience moves.
fn quiet(p: &mut Parameters) {
    p.regulation.regime_drift_sd = 0.0;
    p.regulation.lobbying_response_per_year = 0.0;
    p.regulation.salience_decay_per_year = 0.0;
}

#[test]
fn without_lobbying_and_drift_stringency_follows_its_closed_form() {
    let mut p = fixture::parameters(2, 1);
    quiet(&mut p);
    let mut world = fixture::world(&p);
    live(&mut world, &p, 0..36);
    let exact = 1.0 - 0.7 * exp(-0.5 * 0.3 * 3.0);
    assert!((world.regulators.stringency[0] - exact).abs() < 1e-12);
    // The third jurisdiction has no regulator.
    assert_eq!(world.regulators.stringency[2], 0.0);
}

#[test]
fn lobbying_by_the_labs_holds_stringency_down() {
    let mut p = fixture::parameters(2, 1);
    quiet(&mut p);
    let mut free = fixture::world(&p);
    live(&mut free, &p, 0..24);
    p.regulation.lobbying_response_per_year = 0.5;
    let mut lobbied = fixture::world(&p);
    live(&mut lobbied, &p, 0..24);
    assert!(lobbied.regulators.stringency[0] < free.regulators.stringency[0]);
}

#[test]
fn a_precautionary_regulator_ends_stricter_than_one_that_lets_be() {
    let mut p = fixture::parameters(2, 1);
    p.regulation.regime_drift_sd = 0.0;
    p.regulators[0].values.parameters.posture = Posture::Precautionary;
    p.regulators[1].values.parameters.posture = Posture::LaissezFaire;
    let mut world = fixture::world(&p);
    live(&mut world, &p, 0..36);
    assert!(world.regulators.stringency[0] > world.regulators.stringency[1] + 0.05);
}

#[test]
fn harm_in_the_news_raises_salience_and_silence_lets_it_fade() {
    let p = fixture::parameters(1, 1);
    let mut world = fixture::world(&p);
    live(&mut world, &p, 0..6);
    assert!((world.regulators.salience[0] - 0.3 * exp(-0.7)).abs() < 1e-9);
    let before = world.regulators.salience[0];
    world.environment.salience_pulse = 200.0;
    live(&mut world, &p, 6..7);
    assert!(world.regulators.salience[0] > before && world.regulators.salience[0] < 1.0);
}

#[test]
fn an_election_with_certain_turnover_turns_the_regime_in_its_month() {
    let mut p = fixture::parameters(1, 1);
    p.regulators[0].values.start.regime = -1.0;
    p.regulators[0].values.parameters.turnover = 1.0;
    p.regulators[0].values.parameters.next_election = Month::new(2026, 6);
    p.regulators[1].values.parameters.election_interval_months = 0;
    p.regulators[1].values.start.regime = 1.0;
    p.regulators[1].values.parameters.turnover = 1.0;
    let mut world = fixture::world(&p);
    live(&mut world, &p, 0..5);
    assert_eq!(world.regulators.regime[0], -1.0);
    live(&mut world, &p, 5..6);
    assert_eq!(world.regulators.regime[0], 1.0);
    live(&mut world, &p, 6..60);
    assert_eq!(world.regulators.regime[..2], [-1.0, 1.0]);
}

#[test]
fn without_regulators_nothing_is_owed_to_them() {
    let mut p = fixture::parameters(3, 1);
    p.regulators.clear();
    let mut world = fixture::world(&p);
    world.environment.salience_pulse = 100.0;
    live(&mut world, &p, 0..36);
    assert!(world.labs.compliance_share.iter().chain(&world.labs.loss_hazard).all(|&x| x == 0.0));
    assert!(world.regulators.fines_usd.iter().all(|&x| x == 0.0));
    assert!(!world.labs.excluded_public.contains(&true) && !world.regulators.audits_in_force.contains(&true));
}

#[test]
fn with_regulation_off_only_what_a_scenario_lists_is_shut_out() {
    let mut p = fixture::parameters(2, 1);
    p.mechanisms.regulation = false;
    p.regulation.fine_hazard_per_year = 10.0;
    p.regulators[0].values.start.stringency = 0.9;
    p.regulators[0].values.parameters.excluded_labs = vec!["lab1".to_string()];
    p.labs[0].values.parameters.absent_from = vec!["china".to_string()];
    let mut world = fixture::world(&p);
    live(&mut world, &p, 0..12);
    assert_eq!(world.regulators.stringency[0], 0.9);
    assert!(!world.regulators.audits_in_force[0]);
    assert!(world.labs.compliance_share.iter().all(|&x| x == 0.0));
    assert_eq!(world.labs.excluded_public, [false, false, false, true, false, false]);
    assert_eq!(world.labs.excluded, [false, false, true, false, false, false]);
}

#[test]
fn an_exclusion_that_an_event_lists_holds_until_it_is_lifted() {
    let mut p = fixture::parameters(2, 1);
    p.mechanisms.targeted_action = false;
    let mut world = fixture::world(&p);
    p.regulators[1].values.parameters.banned_labs = vec!["lab0".to_string()];
    index_names(&mut world, &p);
    live(&mut world, &p, 0..2);
    assert!(world.labs.excluded[1] && !world.labs.excluded[4]);
    p.regulators[1].values.parameters.banned_labs.clear();
    index_names(&mut world, &p);
    assert!(!world.labs.excluded.contains(&true));
}

#[test]
fn audits_cost_a_lab_that_is_not_ready_more_than_one_that_is() {
    let mut p = fixture::parameters(2, 1);
    p.regulators[0].values.start.stringency = 0.8;
    p.regulators[1].values.start.stringency = 0.2;
    p.labs[0].values.parameters.audit_readiness = 0.0;
    p.labs[1].values.parameters.audit_readiness = 1.0;
    let world = fixture::world(&p);
    assert_eq!(world.regulators.audits_in_force, [true, false, false]);
    // A third of the revenue is under audits of stringency 0.8; the second lab's safety is 0.5.
    assert!((world.labs.compliance_share[0] - 0.03 * 0.8 / 3.0).abs() < 1e-12);
    assert!((world.labs.compliance_share[1] - 0.03 * 0.8 / 3.0 * 0.65).abs() < 1e-12);
}

#[test]
fn targeted_action_shuts_a_lab_out_for_as_long_as_it_lasts() {
    let mut p = fixture::parameters(1, 1);
    p.regulation.targeted_months = 3.0;
    let mut world = fixture::world(&p);
    world.regulators.targeted_propensity[0] = 1e8;
    live(&mut world, &p, 0..1);
    assert!(world.labs.excluded_public[0]);
    assert!(world.labs.loss_hazard[0] > 1.0 && world.regulators.cases_open[0] >= 1.0);
    world.regulators.targeted_propensity[0] = 0.0;
    live(&mut world, &p, 1..61);
    assert!(!world.labs.excluded_public[0]);
}

#[test]
fn fines_fall_at_their_hazard_and_stay_open_for_a_year() {
    let mut p = fixture::parameters(1, 1);
    p.regulation.regime_drift_sd = 0.0;
    p.mechanisms.targeted_action = false;
    p.regulators.truncate(1);
    p.regulators[0].values.start.stringency = 1.0;
    p.regulation.salience_response_per_year = 0.0;
    p.regulation.lobbying_response_per_year = 0.0;
    p.labs[0].values.parameters.audit_readiness = 0.0;
    let (mut fines, runs) = (0.0, 600);
    for run in 0..runs {
        let mut world = fixture::world(&p);
        let (mut last_year, mut month) = ([0.0; 12], 0);
        for n in 0..24 {
            let ctx = Context { draws: Draws::new(2, run), ..fixture::context(&p, n) };
            respond(&mut world, &ctx);
            let count = if world.regulators.fines_usd[0] > 0.0 { 1.0 } else { 0.0 };
            if count > 0.0 {
                assert_eq!(world.regulators.fines_usd[0], 0.03 * 5e9);
            }
            fines += count;
            last_year[month % 12] = count;
            month += 1;
            assert_eq!(world.regulators.cases_open[0], last_year.iter().sum::<f64>());
        }
    }
    // 0.1 a year over 1,200 lab-years: 120, sd 11.
    assert!((fines - 120.0f64).abs() < 45.0, "{fines}");
}
