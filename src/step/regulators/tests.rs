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

/// Hazard of targeted action upon a lab in a jurisdiction, per year.
fn hazard(world: &World, ctx: &Context, i: usize, g: usize) -> f64 {
    targeted::Politics::of(world, ctx, g).map_or(0.0, |politics| politics.hazard(world, ctx, i))
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
    (p.mechanisms.targeted_action, p.mechanisms.enforcement) = (false, false);
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

/// Rules that bind and do not move, in the first jurisdiction alone; labs 0 and 1 are alike.
fn bound(stringency: f64) -> Parameters {
    let mut p = fixture::parameters(2, 1);
    p.regulators.truncate(1);
    p.labs[1].values.start.run_rate_usd = p.labs[0].values.start.run_rate_usd;
    p.regulation.regime_drift_sd = 0.0;
    p.regulation.salience_response_per_year = 0.0;
    p.regulation.lobbying_response_per_year = 0.0;
    p.regulation.fine_hazard_per_year = 0.0;
    p.mechanisms.targeted_action = false;
    p.regulators[0].values.start.stringency = stringency;
    p
}

/// Lab-years of violation of lab 0, fines that it paid in USD, and months for which it was shut out, over 24 months of 300 runs.
fn offences(p: &Parameters) -> (f64, f64, f64) {
    let (mut violating, mut fined, mut out) = (0.0, 0.0, 0.0);
    for run in 0..300 {
        let mut world = fixture::world(p);
        for n in 0..24 {
            let ctx = Context { draws: Draws::new(3, run), ..fixture::context(p, n) };
            respond(&mut world, &ctx);
            violating += f64::from(u8::from(world.regulators.violating[0])) / 12.0;
            fined += world.regulators.fines_usd[0];
            out += f64::from(u8::from(world.labs.excluded[0]));
        }
    }
    (violating, fined, out)
}

#[test]
fn who_is_not_ready_breaks_rules_that_who_is_ready_keeps() {
    let mut p = bound(0.8);
    p.labs[0].values.parameters.audit_readiness = 0.0;
    let unready = offences(&p).0;
    p.labs[0].values.parameters.audit_readiness = 0.9;
    let ready = offences(&p).0;
    assert!(ready < 0.5 * unready, "{ready} against {unready} lab-years");
}

#[test]
fn the_threat_of_exclusion_keeps_labs_within_rules_that_fines_do_not() {
    let mut p = bound(0.8);
    p.enforcement.exclusion_chance = 0.0;
    let fines = offences(&p);
    p.enforcement.exclusion_chance = 1.0;
    let exclusion = offences(&p);
    assert!(fines.1 > 0.0 && fines.2 == 0.0);
    assert!(exclusion.0 < 0.2 * fines.0, "{} against {} lab-years", exclusion.0, fines.0);
}

#[test]
fn who_breaks_the_rules_saves_compliance_until_it_is_found_out_and_pays() {
    let mut p = bound(0.8);
    p.enforcement.exclusion_chance = 1.0;
    // The rules cost more than any fine; nobody is found out, and then all are within a month.
    p.regulation.compliance_share = 1.0;
    p.enforcement.perception_sd = 0.0;
    p.enforcement.inspection = 0.0;
    p.enforcement.whistle_blower = 0.0;
    p.enforcement.leak = 0.0;
    let mut world = fixture::world(&p);
    live(&mut world, &p, 0..1);
    assert!(world.regulators.violating[0]);
    assert_eq!(world.labs.compliance_share[0], 0.0);
    let before = world.labs.bad_evidence[1];
    p.enforcement.leak = 1.0;
    p.enforcement.reputation_ratio = 0.0;
    p.enforcement.exclusion_months = 0.0;
    p.enforcement.comeback_years = 0.0;
    p.regulation.fine_share = 0.0;
    p.regulation.fine_floor_usd = 1.0;
    let mut found = fixture::world(&p);
    live(&mut found, &p, 0..1);
    assert_eq!(found.regulators.fines_usd[0], 1.0);
    assert_eq!(found.labs.bad_evidence[1], before + p.enforcement.trust_evidence);
    assert!(!found.regulators.violating[0] && found.labs.compliance_share[0] > 0.0);
    // It is watched for a year, and fined more gravely after it.
    live(&mut found, &p, 1..12);
    assert_eq!(found.regulators.found_out[0], 1.0);
    live(&mut found, &p, 12..13);
    assert_eq!(found.regulators.found_out[0], 2.0);
    assert_eq!(found.regulators.fines_usd[0], 0.07 * 5e9);
}

#[test]
fn a_lab_that_is_found_out_can_be_shut_out_for_a_time() {
    let mut p = bound(0.8);
    p.labs[0].values.parameters.audit_readiness = 0.0;
    p.enforcement.exclusion_chance = 0.2;
    let (_, fined, out) = offences(&p);
    assert!(fined > 0.0 && out > 0.0);
    p.mechanisms.fines = false;
    let (_, fined, out) = offences(&p);
    assert!(fined == 0.0 && out > 0.0);
    p.mechanisms.enforcement = false;
    assert_eq!(offences(&p), (0.0, 0.0, 0.0));
}

#[test]
fn a_dominant_lab_becomes_a_case_and_its_customers_can_leave_more_easily() {
    let mut p = bound(0.2);
    p.antitrust.hazard_per_year = 50.0;
    p.antitrust.finding = 1.0;
    p.antitrust.case_months = 6.0;
    let mut world = fixture::world(&p);
    live(&mut world, &p, 0..24);
    assert!(world.regulators.remedy_months_left.iter().all(|&m| m == 0.0), "no lab has half of the market");
    world.demand.by_jurisdiction_usd[0] = 10e9;
    live(&mut world, &p, 24..25);
    assert!(world.regulators.antitrust_months_left[0] > 0.0 && world.regulators.cases_open[0] == 1.0);
    live(&mut world, &p, 25..30);
    assert_eq!(world.regulators.fines_usd[0], 0.0);
    live(&mut world, &p, 30..31);
    assert_eq!(world.regulators.remedy_months_left[0], p.antitrust.remedy_months);
    assert_eq!(world.regulators.fines_usd[0], p.antitrust.fine_share * world.labs.run_rate_usd[0]);
    // The other jurisdictions have no regulator that could act.
    assert!(world.regulators.remedy_months_left[1..].iter().all(|&m| m == 0.0));
}

#[test]
fn a_trusted_lab_that_lobbies_brings_audits_sooner_and_saves_more_by_its_readiness() {
    let mut p = fixture::parameters(2, 1);
    p.labs[0].values.parameters.audit_readiness = 0.9;
    p.labs[1].values.parameters.audit_readiness = 0.1;
    let mut world = fixture::world(&p);
    assert_eq!(world.regulators.audit_threshold[0], p.regulation.audit_threshold);
    // Trust moves to the lab that is ready; its say does too.
    world.labs.trust[..3].fill(0.9);
    world.labs.trust[3..].fill(0.1);
    take_stock(&mut world, &fixture::context(&p, 0));
    let tilt = 0.5 * 0.4 * 0.8;
    assert!((world.regulators.audit_threshold[0] - (p.regulation.audit_threshold - 0.5 * tilt)).abs() < 1e-12);
    assert!((world.regulators.readiness_saving[0] - (p.regulation.readiness_saving + 0.5 * tilt)).abs() < 1e-12);
    // Where nobody rules, nobody is heard.
    assert_eq!(world.regulators.audit_threshold[2], p.regulation.audit_threshold);
    p.mechanisms.capture = false;
    take_stock(&mut world, &fixture::context(&p, 0));
    assert_eq!(world.regulators.audit_threshold[0], p.regulation.audit_threshold);
}

#[test]
fn a_digital_ban_shuts_out_the_labs_of_a_bloc_and_their_weights() {
    let mut p = fixture::parameters(3, 1);
    let mut world = fixture::world(&p);
    p.regulators[0].values.parameters.banned_jurisdictions = vec!["china".to_string()];
    index_names(&mut world, &p);
    // Lab 2 is Chinese.
    assert_eq!(world.labs.excluded, [false, false, false, false, false, false, true, false, false]);
    assert_eq!(world.regulators.outlawed, world.labs.excluded);
    p.labs[0].values.parameters.absent_from = vec!["us".to_string()];
    index_names(&mut world, &p);
    assert!(world.labs.excluded[0] && !world.regulators.outlawed[0], "weights may be hosted where a lab does not sell");
}

#[test]
fn export_controls_reach_the_labs_of_the_jurisdiction_that_they_name() {
    let mut p = fixture::parameters(3, 1);
    let mut world = fixture::world(&p);
    assert_eq!(world.regulators.export_price, [1.0; 3]);
    p.regulators[0].values.parameters.export_price.insert("china".to_string(), 2.0);
    p.regulators[1].values.parameters.export_price.insert("china".to_string(), 1.5);
    p.regulators[0].values.parameters.export_supply.insert("china".to_string(), 0.25);
    p.regulators[1].values.parameters.export_supply.insert("china".to_string(), 0.5);
    index_names(&mut world, &p);
    assert_eq!(world.regulators.export_price, [1.0, 1.0, 3.0]);
    assert_eq!(world.regulators.export_supply, [1.0, 1.0, 0.25]);
    p.mechanisms.export_controls = false;
    index_names(&mut world, &p);
    assert_eq!(world.regulators.export_price, [1.0; 3]);
}

#[test]
fn licences_bind_where_rules_are_strictest_and_the_law_shifts_harm_with_stringency() {
    let mut p = bound(0.8);
    let world = fixture::world(&p);
    assert_eq!(world.regulators.licensing_in_force, [true, false, false]);
    assert!((world.regulators.liability_shifted[0] - 0.5 * 0.8).abs() < 1e-12);
    assert_eq!(world.regulators.liability_shifted[1..], [0.0, 0.0]);
    (p.mechanisms.licensing, p.mechanisms.liability_law) = (false, false);
    let world = fixture::world(&p);
    assert_eq!(world.regulators.licensing_in_force, [false; 3]);
    assert_eq!(world.regulators.liability_shifted, [0.0; 3]);
    let world = fixture::world(&bound(0.7));
    assert_eq!(world.regulators.licensing_in_force, [false; 3]);
}

#[test]
fn an_event_on_the_hazard_of_targeted_action_reaches_it() {
    let mut p = fixture::parameters(2, 1);
    let mut world = fixture::world(&p);
    let at = |world: &World, p: &Parameters, i| hazard(world, &fixture::context(p, 0), i, 0);
    let before = at(&world, &p, 0);
    p.regulation.targeted_rate_years /= 2.0;
    take_stock(&mut world, &fixture::context(&p, 0));
    assert!((at(&world, &p, 0) / before - 2.0).abs() < 1e-12);
    p.regulation.targeted_rate_years *= 2.0;
    p.regulation.targeted_shape = 50.0;
    take_stock(&mut world, &fixture::context(&p, 0));
    // Of a gamma of shape 50 the chance of less than half the mean is one in a million.
    assert!(at(&world, &p, 0) > 25.0 / p.regulation.targeted_rate_years);
    p.regulation.targeted_shape = 0.5;
    take_stock(&mut world, &fixture::context(&p, 0));
    assert_eq!(at(&world, &p, 0), before);
    // Abroad is where the home of a lab is not.
    let far = hazard(&world, &fixture::context(&p, 0), 0, 1);
    p.regulation.targeted_abroad *= 3.0;
    assert!((hazard(&world, &fixture::context(&p, 0), 0, 1) / far - 3.0).abs() < 1e-12);
}

#[test]
fn publicity_comes_with_an_exclusion_goes_with_time_and_has_the_sign_that_it_is_given() {
    for shock in [0.4, -0.4] {
        let mut p = fixture::parameters(2, 1);
        p.mechanisms.targeted_action = false;
        p.regulation.publicity = shock;
        let mut world = fixture::world(&p);
        p.regulators[0].values.parameters.excluded_labs = vec!["lab1".to_string()];
        index_names(&mut world, &p);
        live(&mut world, &p, 0..1);
        assert_eq!(world.regulators.publicity, [0.0, 0.0, 0.0, shock, 0.0, 0.0]);
        live(&mut world, &p, 1..13);
        assert!((world.regulators.publicity[3] - shock * exp(-1.0)).abs() < 1e-12);
        p.mechanisms.publicity = false;
        let mut quiet = fixture::world(&p);
        p.regulators[0].values.parameters.excluded_labs.clear();
        index_names(&mut quiet, &p);
        live(&mut quiet, &p, 0..1);
        assert_eq!(quiet.regulators.publicity, [0.0; 6]);
    }
}

#[test]
fn a_lab_that_refuses_its_government_is_likelier_to_be_targeted_at_home_and_not_abroad() {
    let mut p = fixture::parameters(2, 1);
    for (id, public) in [("state", true), ("industry", false)] {
        let values = crate::scenario::parameters::Sector { public, ..Default::default() };
        p.sectors.push(crate::scenario::parameters::Agent { id: id.to_string(), key: 1, values });
    }
    let at = |p: &Parameters, g| hazard(&fixture::world(p), &fixture::context(p, 0), 0, g);
    let (home, abroad) = (at(&p, 0), at(&p, 1));
    p.labs[0].values.parameters.red_lines = vec!["industry".to_string()];
    assert_eq!(at(&p, 0), home);
    p.labs[0].values.parameters.red_lines = vec!["state".to_string()];
    assert!((at(&p, 0) / home - p.government.refusal_friction).abs() < 1e-12);
    assert_eq!(at(&p, 1), abroad);
    p.mechanisms.red_lines = false;
    assert_eq!(at(&p, 0), home);
}

#[test]
fn a_lab_pays_for_its_defence_against_its_own_government_alone() {
    let mut p = fixture::parameters(1, 1);
    p.mechanisms.targeted_action = false;
    let cost = |p: &Parameters| fixture::world(p).labs.legal_share[0];
    let compliance = fixture::world(&p).labs.compliance_share[0];
    p.regulators[1].values.parameters.excluded_labs = vec!["lab0".to_string()];
    assert_eq!(cost(&p), 0.0);
    p.regulators[0].values.parameters.excluded_labs = vec!["lab0".to_string()];
    assert_eq!(cost(&p), p.regulation.legal_share);
    // It is no part of what compliance costs, and takes its part of the people's attention.
    let world = fixture::world(&p);
    assert_eq!(world.labs.compliance_share[0], compliance);
    let attention = crate::step::governance::research_factor(&world, &fixture::context(&p, 0), 0);
    assert!((attention - (1.0 - p.regulation.legal_share)).abs() < 1e-12);
    p.mechanisms.legal_fights = false;
    assert_eq!(cost(&p), 0.0);
}

#[test]
fn what_another_method_adds_to_readiness_counts_for_the_say_of_a_lab_and_for_what_breaking_rules_gains() {
    let mut p = bound(0.8);
    p.regulators[0].values.parameters.influence = 1.0;
    (p.labs[0].values.parameters.lobbying, p.labs[1].values.parameters.lobbying) = (2.0, 1.0);
    let mut world = fixture::world(&p);
    let ctx = fixture::context(&p, 0);
    let methods = [crate::mechanisms::safety::Method::Rlhf, crate::mechanisms::safety::Method::Constitutional];
    let seen = methods.map(|method| {
        world.posture.method[0] = method;
        let ready = posture::audit_readiness(&world, &p, 0);
        (ready, tilt(&world, &ctx, 0), enforce::Stakes::of(&world, &ctx, 0, 0).map(|s| format!("{s:?}")))
    });
    assert!(seen[0].0 < seen[1].0 && seen[0].1 < seen[1].1, "{seen:?}");
    assert!(seen[0].2.is_some() && seen[0].2 != seen[1].2, "{seen:?}");
}
