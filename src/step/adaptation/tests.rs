use crate::fields::Strategy;
use crate::mechanisms::safety::Method;
use crate::scenario::Parameters;
use crate::step::adaptation::review;
use crate::step::capital::fixture::{context, parameters, world};
use crate::step::posture;
use crate::strategies::lab::adaptation::{Adapting, Imitative, Shift, safety_at};
use crate::world::{World, refill};

/// Two labs that review every month in this way; an aspiration stands already.
fn small(way: &str) -> (Parameters, World) {
    let mut p = parameters(2, 1);
    for lab in &mut p.labs {
        let mut way = Adapting::named(way).expect("a way to adapt");
        way.assign(0, &crate::fields::Value::Number(1.0));
        lab.values.strategy.adaptation = way;
        lab.values.compute.clouds.insert("cloud0".to_string(), 1.0);
        lab.values.compute.build_share = 0.5;
    }
    p.adaptation.aspiration_speed = 0.0;
    let mut w = world(&p);
    w.labs.runway_months.fill(60.0);
    w.posture.aspiration.fill(0.5);
    (p, w)
}

#[test]
fn a_satisficing_lab_never_changes_its_strategy_while_above_its_aspiration() {
    let (p, mut w) = small("satisficing");
    w.posture.performance.fill(0.6);
    for step in 0..60 {
        review(&mut w, &context(&p, step));
    }
    assert_eq!(w.posture.shift, [Shift::default(); 2]);
    assert_eq!(w.posture.adaptations, [0.0, 0.0]);
}

#[test]
fn a_satisficing_lab_below_its_aspiration_searches_and_takes_back_what_did_not_work() {
    let (p, mut w) = small("satisficing");
    w.posture.performance.fill(0.3);
    review(&mut w, &context(&p, 0));
    let tried = w.posture.shift[0];
    assert!(tried != Shift::default() && w.posture.adaptations[0] == 1.0);
    // Nothing got better: the next review takes it back.
    review(&mut w, &context(&p, 1));
    assert_eq!(w.posture.shift[0], Shift::default());
}

#[test]
fn what_worked_goes_on_in_the_same_direction() {
    let (p, mut w) = small("satisficing");
    w.posture.performance.fill(0.1);
    let mut step = 0;
    // Until a small change of tilt, build or markup is tried.
    while w.posture.tried[0] > 2 {
        review(&mut w, &context(&p, step));
        step += 1;
    }
    let first = w.posture.shift[0];
    w.posture.performance[0] = 0.2;
    review(&mut w, &context(&p, step));
    let second = w.posture.shift[0];
    let moved = |s: Shift| [s.tilt, s.build, s.markup][w.posture.tried[0]];
    assert!((moved(second) - 2.0 * moved(first)).abs() < 1e-12, "{first:?} {second:?}");
}

#[test]
fn a_lab_short_of_cash_searches_though_it_does_well() {
    let (p, mut w) = small("satisficing");
    w.posture.performance.fill(0.9);
    w.labs.runway_months[0] = 3.0;
    review(&mut w, &context(&p, 0));
    assert!(w.posture.adaptations[0] > 0.0 && w.posture.adaptations[1] == 0.0);
}

#[test]
fn an_imitator_copies_the_best_rival_and_no_worse_one() {
    let (mut p, _) = small("imitative");
    p.labs[0].values.strategy.adaptation =
        Adapting::Imitative(Imitative { review_months: 1.0, speed: 1.0, bold_share: 1.0 });
    p.labs[1].values.strategy.adaptation = Adapting::default();
    p.labs[1].values.compute.build_share = 0.9;
    let mut w = world(&p);
    w.labs.runway_months.fill(60.0);
    w.posture.aspiration.fill(0.5);
    w.posture.performance = vec![0.3, 0.2];
    review(&mut w, &context(&p, 0));
    assert_eq!(posture::build_share(&w, &p, 0), 0.5);
    w.posture.performance = vec![0.3, 0.4];
    review(&mut w, &context(&p, 1));
    assert!((posture::build_share(&w, &p, 0) - 0.9).abs() < 1e-12);
    assert_eq!(posture::conduct(&w, &p, 0).safety, posture::conduct(&w, &p, 1).safety);
}

#[test]
fn a_learner_leaves_a_cell_that_pays_less_than_what_it_sees_elsewhere() {
    let (mut p, _) = small("learning");
    let Adapting::Learning(mut learning) = Adapting::named("learning").expect("a way") else { panic!("learning") };
    (learning.review_months, learning.sensitivity, learning.head_start) = (1.0, 1e4, 0.1);
    p.labs[0].values.strategy.adaptation = Adapting::Learning(learning);
    p.labs[1].values.strategy.adaptation = Adapting::default();
    p.labs[0].values.compute.build_share = 0.1;
    p.labs[1].values.compute.build_share = 0.9;
    let mut w = world(&p);
    w.labs.runway_months.fill(60.0);
    w.posture.aspiration.fill(0.5);
    w.posture.performance = vec![0.1, 2.0];
    for step in 0..12 {
        review(&mut w, &context(&p, step));
    }
    assert!(posture::build_share(&w, &p, 0) >= p.adaptation.build_divide, "{:?}", w.posture.shift[0]);
}

#[test]
fn a_retrofit_takes_its_months_and_people_and_then_holds() {
    let (mut p, mut w) = small("fixed");
    w.labs.budget_usd.fill(1e9);
    refill(&mut w.labs.blind_spot, 2, 0.0);
    let before = posture::staff_usd(&w, &p, 0);
    assert!(posture::adopt(&mut w, &p, 0, Method::Constitutional));
    let year = posture::staff_usd(&w, &p, 0) - before;
    let months = p.safety.constitutional_retrofit_months;
    assert!((year * months / 12.0 / 1e9 - p.safety.retrofit_cost_share).abs() < 1e-12);
    assert!(posture::training_overhead(&w, &p, 0) > posture::training_overhead(&w, &p, 1));
    for step in 0..months as i32 {
        assert_eq!(w.posture.method[0], Method::Rlhf);
        review(&mut w, &context(&p, step));
    }
    assert_eq!(w.posture.method[0], Method::Constitutional);
    assert_eq!(w.labs.blind_spot[0], p.safety.constitutional_blind_spot);
    // Fewer labels than under the method of the start.
    assert!(posture::staff_usd(&w, &p, 0) < before);
    p.mechanisms.retrofit = false;
    assert!(posture::adopt(&mut w, &p, 0, Method::Rlhf));
    assert_eq!(w.posture.method[0], Method::Rlhf);
}

#[test]
fn an_event_that_sets_a_strategy_is_obeyed_by_a_lab_that_has_adapted() {
    use crate::strategies::lab::openness::Openness;
    let (mut p, mut w) = small("fixed");
    refill(&mut w.labs.blind_spot, 2, 0.0);
    w.posture.shift[0] = Shift { tilt: 0.5, build: 0.1, markup: 0.0, open: 1.0 };
    p.labs[0].values.strategy.openness = Openness::named("open_weights").expect("a strategy");
    p.labs[0].values.alignment.method = Method::Constitutional;
    p.labs[0].values.compute.build_share = 0.2;
    posture::follow(&mut w, &p);
    assert!(posture::published(&w, &p, 0, 0.0));
    assert_eq!(w.posture.shift[0].open, 0.0);
    assert_eq!(w.posture.retrofit_to[0], Some(Method::Constitutional));
    assert!((posture::build_share(&w, &p, 0) - 0.3).abs() < 1e-12);
    let base = p.labs[0].values.strategy.allocation.split().safety;
    assert_eq!(posture::split(&w, &p, 0).safety, safety_at(&p.adaptation, base, 0.5));
}

#[test]
fn weights_that_are_out_stay_out_until_the_next_model_and_hosts_keep_their_part() {
    use crate::strategies::lab::openness::Openness;
    let (mut p, mut w) = small("fixed");
    refill(&mut w.labs.open, 2, true);
    p.labs[0].values.strategy.openness = Openness::named("open_weights").expect("a strategy");
    p.labs[0].values.parameters.api_share = 0.3;
    assert!(posture::published(&w, &p, 0, 0.0) && posture::own_share_aim(&w, &p, 0) == 0.3);
    w.posture.shift[0].open = -1.0;
    assert!(!posture::published(&w, &p, 0, 0.0) && posture::stays_public(&w, &p, 0));
    assert_eq!(posture::own_share_aim(&w, &p, 0), 0.3);
    w.labs.open[0] = false;
    assert_eq!(posture::own_share_aim(&w, &p, 0), 1.0);
    // A closed lab that opens meets hosts.
    assert_eq!(posture::own_share_aim(&w, &p, 1), 1.0);
    w.posture.shift[1].open = 1.0;
    assert_eq!(posture::own_share_aim(&w, &p, 1), p.adaptation.opened_api_share);
}

#[test]
fn where_all_are_trusted_alike_no_lab_looks_for_trust_elsewhere() {
    let methods = |trust: bool| {
        let (mut p, _) = small("imitative");
        p.mechanisms.trust = trust;
        p.mechanisms.retrofit = false;
        p.labs[0].values.strategy.adaptation =
            Adapting::Imitative(Imitative { review_months: 1.0, speed: 1.0, bold_share: 1.0 });
        p.labs[1].values.strategy.adaptation = Adapting::default();
        p.labs[1].values.alignment.method = Method::Constitutional;
        let mut w = world(&p);
        refill(&mut w.labs.blind_spot, 2, 0.0);
        let j = w.dims.jurisdictions;
        w.labs.trust[j..].fill(0.9);
        w.labs.runway_months.fill(60.0);
        w.posture.aspiration.fill(0.5);
        w.posture.performance = vec![0.3, 0.4];
        review(&mut w, &context(&p, 0));
        w.posture.method[0]
    };
    assert_eq!(methods(true), Method::Constitutional);
    assert_eq!(methods(false), Method::Rlhf);
}
