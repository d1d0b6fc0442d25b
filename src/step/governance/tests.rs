use crate::mechanisms::governance::Form;
use crate::scenario::Parameters;
use crate::step::capital::fixture::{self, context, parameters};
use crate::step::governance::{convene, hazard_priced, research_factor};
use crate::step::labs;
use crate::world::{World, refill};

/// The small world, with some evidence for and against each lab.
fn world(p: &Parameters) -> World {
    let mut w = fixture::world(p);
    let n = w.dims.labs * w.dims.jurisdictions;
    for (column, value) in
        [(&mut w.labs.good_evidence, 8.0), (&mut w.labs.bad_evidence, 8.0), (&mut w.labs.trust_ceiling, 1.0)]
    {
        refill(column, n, value);
    }
    w
}

#[test]
fn an_ordered_crisis_comes_once_and_costs_calm_trust_people_and_value() {
    let mut p = parameters(2, 1);
    p.governance.hazard_per_year = 0.0;
    p.governance.severity_sd = 0.0;
    p.labs[0].values.governance.crisis = true;
    let mut w = world(&p);
    let (trust, value) = (w.labs.trust.clone(), w.labs.valuation_usd.clone());
    for step in 0..6 {
        convene(&mut w, &context(&p, step));
    }
    assert_eq!(w.posture.crises, [1.0, 0.0]);
    let j = w.dims.jurisdictions;
    assert!(w.labs.trust[0] < trust[0] && w.labs.trust[j] == trust[j]);
    assert!((w.labs.valuation_usd[0] / value[0] - (-p.governance.value_loss).exp()).abs() < 1e-9);
    assert_eq!(w.labs.valuation_usd[1], value[1]);
    let factor = research_factor(&w, &context(&p, 6), 0);
    assert!(factor < 1.0 && factor > 1.0 - p.governance.people_share);
    // The order is lifted and given again: a second crisis.
    p.labs[0].values.governance.crisis = false;
    convene(&mut w, &context(&p, 7));
    p.labs[0].values.governance.crisis = true;
    convene(&mut w, &context(&p, 8));
    assert_eq!(w.posture.crises, [2.0, 0.0]);
}

#[test]
fn with_governance_off_no_board_breaks_and_investors_judge_control_alone() {
    let mut p = parameters(2, 1);
    p.mechanisms.governance = false;
    p.labs[0].values.governance.crisis = true;
    p.labs[0].values.governance.form = Form::NonprofitControlled;
    let mut w = world(&p);
    w.labs.outside_control[0] = 0.2;
    convene(&mut w, &context(&p, 0));
    assert_eq!(w.posture.crises, [0.0, 0.0]);
    let exact = 0.02 * (0.6f64.exp() - 1.0);
    assert!((hazard_priced(&w, &context(&p, 0), 0) - exact).abs() < 1e-12);
    assert_eq!(research_factor(&w, &context(&p, 0), 0), 1.0);
}

#[test]
fn a_nonprofit_board_breaks_ten_times_as_often_as_another() {
    let mut p = parameters(2, 1);
    p.labs[0].values.governance.form = Form::NonprofitControlled;
    p.governance.pressure_elasticity = 0.0;
    let mut w = world(&p);
    w.labs.outside_control[0] = p.governance.nonprofit_control;
    let years = 4000;
    for step in 0..12 * years {
        convene(&mut w, &context(&p, step));
    }
    let rate = |i: usize| w.posture.crises[i] / f64::from(years);
    assert!((rate(0) - 0.2).abs() < 0.02, "{}", rate(0));
    assert!((rate(1) - 0.02).abs() < 0.008, "{}", rate(1));
}

#[test]
fn a_price_that_promises_more_growth_and_control_given_away_raise_the_hazard() {
    let p = parameters(2, 1);
    let mut w = world(&p);
    convene(&mut w, &context(&p, 0));
    let before = w.posture.crisis_hazard.clone();
    w.labs.last_round_usd[0] *= 8.0;
    w.labs.outside_control[1] = 0.3;
    convene(&mut w, &context(&p, 1));
    assert!(w.posture.crisis_hazard[0] > 1.5 * before[0]);
    assert!((w.posture.crisis_hazard[1] / before[1] - 0.9f64.exp()).abs() < 1e-9);
}

#[test]
fn research_slows_after_a_crisis_and_comes_back() {
    // The phase of research reads the factor: what is learnt in a month falls by it.
    let p = parameters(1, 1);
    let mut w = world(&p);
    let l = w.dims.labs;
    for column in [
        &mut w.labs.eci,
        &mut w.labs.base_eci,
        &mut w.labs.ln_efficiency,
        &mut w.labs.training_flop,
        &mut w.labs.finished_luck_eci,
        &mut w.labs.finished_safety,
        &mut w.labs.finished_flop,
        &mut w.labs.waited_months,
        &mut w.labs.finished_ln_efficiency,
        &mut w.labs.months_since_run,
        &mut w.labs.base_ln_efficiency,
        &mut w.labs.safety_flop,
        &mut w.labs.reference_flop,
        &mut w.labs.months_since_release,
        &mut w.labs.training_h100e,
        &mut w.labs.safety_h100e,
        &mut w.labs.safety_intercept,
    ] {
        refill(column, l, 0.0);
    }
    refill(&mut w.labs.research_h100e, l, 1e5);
    refill(&mut w.labs.open, l, false);
    refill(&mut w.labs.releases, l, 0);
    refill(&mut w.labs.runs, l, 0);
    refill(&mut w.labs.finished_eci, l, f64::NAN);
    w.environment.research_reference_h100e = 1e5;
    let gain = |stability: f64| {
        let mut w = w.clone();
        w.posture.stability[0] = stability;
        labs::research::release(&mut w, &context(&p, 0));
        w.labs.ln_efficiency[0]
    };
    let ratio = gain(0.5) / gain(1.0);
    let share = 1.0 - 0.5 * p.governance.people_share;
    assert!((ratio - share.powf(p.research.research_elasticity)).abs() < 1e-9, "{ratio}");
}
