//! What a scenario promises: precedence, inheritance, draws, events, and the resolved text.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::random::Draws;
use crate::strategies::lab::pricing::PricingStrategy;
use crate::units::Month;

const GOOD: &str = include_str!("../../tests/invalid/good.toml");

fn load(overlays: &[(&str, &str)]) -> Scenario {
    let overlays: Vec<_> = overlays.iter().map(|(p, v)| ((*p).to_string(), (*v).to_string())).collect();
    Scenario::from_text("good.toml", GOOD, &overlays).unwrap_or_else(|f| panic!("{}", told(&f)))
}

fn told(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n")
}

/// Writes files into a folder and loads one of them.
fn load_files(files: &[(&str, &str)], what: &str, overlays: &[(&str, &str)]) -> Result<Scenario, Vec<Fault>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let overlays: Vec<_> = overlays.iter().map(|(p, v)| ((*p).to_string(), (*v).to_string())).collect();
    Scenario::load(folder.path().join(what).to_str().unwrap(), &overlays)
}

fn child(text: &str) -> Scenario {
    let text = format!("extends = \"good\"\n{text}");
    load_files(&[("good.toml", GOOD), ("child.toml", &text)], "child.toml", &[])
        .unwrap_or_else(|f| panic!("{}", told(&f)))
}

fn lab<'s>(scenario: &'s Scenario, id: &str) -> &'s parameters::Lab {
    &scenario.parameters.labs[scenario.parameters.lab(id).unwrap()].values
}

#[test]
fn every_shipped_scenario_is_without_faults() {
    for name in shipped::names().filter(|n| *n != shipped::COMMON) {
        if let Err(faults) = Scenario::load(name, &[]) {
            panic!("{name}:\n{}", told(&faults));
        }
    }
}

#[test]
fn a_set_value_wins_over_the_file_and_the_file_over_its_parent() {
    let files = [("good.toml", GOOD), ("child.toml", "extends = \"good\"\n[demand]\nprice_weight = 0.7\n")];
    let value =
        |overlays: &[(&str, &str)]| load_files(&files, "child.toml", overlays).unwrap().parameters.demand.price_weight;
    assert_eq!(value(&[]), 0.7);
    assert_eq!(value(&[("demand.price_weight", "0.8")]), 0.8);
    // A sweep point is laid last.
    assert_eq!(value(&[("demand.price_weight", "0.8"), ("demand.price_weight", "0.9")]), 0.9);
    assert_eq!(load(&[]).parameters.demand.price_weight, 0.5);
}

#[test]
fn a_child_keeps_what_it_does_not_say_and_may_add_agents() {
    let child = child(
        "[labs.openai]\ncash_usd = 1e9\nenterprise_share = 0.3\n[labs.mistral]\nenterprise_share = 0.1\nrented_h100e = 0.0\n",
    );
    assert_eq!(child.name, "child");
    assert_eq!(lab(&child, "openai").start.cash_usd, 1e9);
    assert_eq!(lab(&child, "openai").start.commitments_usd["azure"], 2.5e11);
    assert_eq!(lab(&child, "mistral").identity.name, "mistral");
    assert_eq!(child.parameters.labs.len(), 3);
}

#[test]
fn a_strategy_is_replaced_whole_and_a_value_of_the_one_in_force_can_be_set() {
    let child = child("[labs.openai.strategy.pricing]\ncost_plus = { markup = 0.2 }\n");
    assert!(matches!(&lab(&child, "openai").strategy.pricing, PricingStrategy::CostPlus(c) if c.markup == 0.2));
    let set = load(&[("labs.openai.strategy.pricing", "{ match_cheapest = { ratio = 0.9 } }")]);
    assert!(matches!(&lab(&set, "openai").strategy.pricing, PricingStrategy::MatchCheapest(m) if m.ratio == 0.9));
    let set = load(&[("labs.openai.strategy.pricing.premium.lead_effect", "0.1")]);
    let PricingStrategy::Premium(premium) = &lab(&set, "openai").strategy.pricing else { panic!("not premium") };
    assert_eq!((premium.markup, premium.lead_effect), (0.5, 0.1));
}

#[test]
fn a_fixed_value_removes_the_inherited_draw() {
    assert_eq!(load(&[]).draw_paths(), ["demand.quality_volatility", "demand.switching_cost"]);
    assert_eq!(child("[demand]\nquality_volatility = 1.0\n").draw_paths(), ["demand.switching_cost"]);
    assert_eq!(load(&[("demand.switching_cost", "3")]).draw_paths(), ["demand.quality_volatility"]);
    // In one file both may stand: the value is the nominal one.
    let both = child(
        "[demand]\nprice_weight = 0.6\n[uncertain]\n\"demand.price_weight\" = { uniform = { min = 0.1, max = 0.9 } }\n",
    );
    assert_eq!(both.draw_paths().len(), 3);
    assert_eq!(both.parameters.demand.price_weight, 0.6);
}

#[test]
fn a_removed_agent_takes_its_names_draws_and_sources_with_it() {
    let text = "[labs.anthropic]\nenabled = false\n[labs.openai]\nenterprise_share = 0.98\ncoding_share = 0.98\n";
    let child = child(text);
    assert_eq!(child.parameters.labs.len(), 1);
    assert!(child.parameters.clouds.iter().all(|c| c.values.stakes.is_empty()));
    let excluded = &child.events.events[0].set[0].setting;
    assert_eq!(*excluded, Setting::Value(Value::Texts(vec![])));
}

#[test]
fn events_merge_by_id_and_can_be_removed() {
    assert!(child("[[event]]\nid = \"exclusion\"\nenabled = false\n").events.events.is_empty());
    let moved = child("[[event]]\nid = \"exclusion\"\ndate = \"2026-05\"\n");
    assert_eq!(moved.events.events[0].when, When::At(Month::new(2026, 5)));
    assert_eq!(moved.events.events[0].lasts_months, Some(6));
    let more = child("[[event]]\nid = \"more\"\ndate = \"2026-02\"\nset = { \"demand.hedging\" = 0.5 }\n");
    assert_eq!(more.events.events.len(), 2);
    assert_eq!(child("[[figure]]\nkind = \"lines\"\nmetric = \"market.hhi\"\n").figures.len(), 1);
}

#[test]
fn a_source_does_not_outlive_its_value() {
    assert_eq!(load(&[]).sources.len(), 2);
    assert_eq!(child("[labs.openai]\ncash_usd = 1.0\n").sources.len(), 1);
    let own = child("[labs.openai]\ncash_usd = 1.0\n[sources]\n\"labs.openai.cash_usd\" = { prior = \"a guess\" }\n");
    assert_eq!(own.sources["labs.openai.cash_usd"].basis, Basis::Prior);
}

#[test]
fn provenance_counts_a_value_by_its_source_and_a_draw_as_a_prior() {
    let before = load(&[]).initial_provenance();
    let guess = child("[uncertain]\n\"labs.openai.enterprise_share\" = { normal = { mean = 0.4, sd = 0.02 } }\n");
    // The source of the inherited value does not speak for the new distribution.
    let InitialProvenance { observed, priors, drawn } = before;
    let expected = InitialProvenance { observed: observed - 1, priors: priors + 1, drawn: drawn + 1 };
    assert_eq!(guess.initial_provenance(), expected);
    let known = child("[labs.openai]\neci = 150.0\n[sources]\n\"labs.openai.eci\" = { observed = \"index\" }\n");
    let expected = InitialProvenance { observed: observed + 1, priors: priors - 1, drawn };
    assert_eq!(known.initial_provenance(), expected);
}

#[test]
fn the_order_of_a_file_changes_nothing() {
    let at = GOOD.find("[labs.openai]").unwrap();
    let then = GOOD.find("[labs.anthropic]").unwrap();
    let end = GOOD.find("[uncertain]").unwrap();
    let turned = format!("{}{}{}{}", &GOOD[..at], &GOOD[then..end], &GOOD[at..then], &GOOD[end..]);
    let turned = Scenario::from_text("good.toml", &turned, &[]).unwrap();
    assert_eq!(turned.hash(), load(&[]).hash());
    assert_eq!(turned, load(&[]));
}

#[test]
fn a_renamed_lab_with_its_old_draw_key_keeps_its_place_and_its_draws() {
    let renamed = GOOD.replace("anthropic", "zeta").replace("[labs.zeta]", "[labs.zeta]\ndraw_key = \"anthropic\"");
    let renamed = Scenario::from_text("good.toml", &renamed, &[]).unwrap();
    let keys = |s: &Scenario| s.parameters.labs.iter().map(|l| l.key).collect::<Vec<_>>();
    assert_eq!(keys(&renamed), keys(&load(&[])));
}

#[test]
fn draws_keep_the_line_between_correlated_values() {
    let scenario = load(&[]);
    let mut into = Parameters::default();
    let n = 20_000;
    let pairs: Vec<(f64, f64)> = (0..n)
        .map(|run| {
            let values = scenario.draw(1, run, &mut into);
            assert_eq!(into.demand.quality_volatility, values[0]);
            assert_eq!(into.demand.switching_cost, values[1]);
            (values[0], values[1])
        })
        .collect();
    let mean = |f: fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>() / n as f64;
    let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
    let sxy: f64 = pairs.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum();
    let sxx: f64 = pairs.iter().map(|p| (p.0 - mx).powi(2)).sum();
    let slope = sxy / sxx;
    let residual: f64 = pairs.iter().map(|p| (p.1 - my - slope * (p.0 - mx)).powi(2)).sum();
    assert!((slope - 1.95).abs() < 0.03, "slope {slope}");
    assert!((my - slope * mx - 2.1).abs() < 0.03);
    assert!(((residual / n as f64).sqrt() - 0.3).abs() < 0.01);
}

#[test]
fn one_more_uncertain_value_moves_no_other() {
    let few = load(&[]);
    let more = child(
        "[uncertain]\n\"demand.price_weight\" = { normal = { mean = 0.5, sd = 0.3, min = 0.02 } }\n\"labs.openai.commitments_usd.azure\" = { lognormal = { median = 2e11, sd = 0.2 } }\n",
    );
    let (mut a, mut b) = (Parameters::default(), Parameters::default());
    for run in 0..50 {
        few.draw(7, run, &mut a);
        more.draw(7, run, &mut b);
        assert_eq!(a.demand.switching_cost, b.demand.switching_cost);
        assert_eq!(a.demand.quality_volatility, b.demand.quality_volatility);
    }
    assert_ne!(b.labs[1].values.start.commitments_usd["azure"], 2.5e11);
}

#[test]
fn a_child_may_turn_a_fixed_value_into_a_draw_bounded_by_others() {
    let bounded = child(
        "[uncertain]\n\"demand.price_weight\" = { normal = { mean = 0.5, sd = 0.3, min = 0.02 } }\n\"demand.capability_weight\" = { normal = { mean = 1.5, sd = 0.6, min_product = [\"demand.price_weight\", \"pricing.cost_per_capability\"] } }\n",
    );
    let mut into = Parameters::default();
    for run in 0..2_000 {
        bounded.draw(3, run, &mut into);
        assert!(into.demand.capability_weight > into.demand.price_weight * into.pricing.cost_per_capability);
    }
}

#[test]
fn an_event_happens_with_its_probability_and_is_laid_for_as_long_as_it_lasts() {
    let scenario = load(&[]);
    let base = &scenario.parameters;
    let mut out = Parameters::default();
    let mut happened = 0;
    for run in 0..2_000 {
        let realised = scenario.events.realise(Draws::new(1, run));
        happened += realised.occurrences().len();
        let happens = !realised.occurrences().is_empty();
        for m in 0..12 {
            let month = Month::new(2026, 1 + m);
            assert_eq!(realised.changes(month), happens && [3, 9].contains(&month.month()), "{month}");
            if run < 20 {
                realised.lay(base, month, &mut out);
                let excluded = happens && (3..9).contains(&month.month());
                assert_eq!(out.regulators[0].values.parameters.excluded_labs.len(), usize::from(excluded));
            }
        }
    }
    assert!((800..1200).contains(&happened), "{happened}");
}

#[test]
fn when_an_event_expires_the_rest_are_laid_again() {
    let scenario = child(concat!(
        "[[event]]\nid = \"exclusion\"\nenabled = false\n",
        "[[event]]\nid = \"later\"\ndate = \"2026-04\"\nlasts_months = 2\nset = { \"demand.hedging\" = 3.0 }\n",
        "[[event]]\nid = \"sooner\"\ndate = \"2026-02\"\nset = { \"demand.hedging\" = 2.0, \"labs.openai.brand\" = 4 }\n",
    ));
    let realised = scenario.events.realise(Draws::new(1, 1));
    let mut out = Parameters::default();
    let mut hedging = |month| {
        realised.lay(&scenario.parameters, Month::new(2026, month), &mut out);
        out.demand.hedging
    };
    assert_eq!([1, 2, 3, 4, 5, 6, 12].map(&mut hedging), [1.0, 2.0, 2.0, 3.0, 3.0, 2.0, 2.0]);
    assert!(realised.changes_within(Month::new(2026, 5), Month::new(2026, 6)));
    assert!(!realised.changes_within(Month::new(2026, 7), Month::new(2026, 12)));
}

#[test]
fn dates_are_drawn_evenly_over_their_range_and_each_event_has_its_own() {
    let scenario = child(concat!(
        "[[event]]\nid = \"a\"\ndate = { between = [\"2026-02\", \"2026-05\"] }\nset = { \"demand.hedging\" = 3.0 }\n",
        "[[event]]\nid = \"b\"\ndate = { between = [\"2026-02\", \"2026-05\"] }\nset = { \"demand.hedging\" = 2.0 }\n",
    ));
    let mut months = [0; 4];
    let mut same = 0;
    for run in 0..4_000 {
        let realised = scenario.events.realise(Draws::new(9, run));
        let of = |event: usize| realised.occurrences().iter().find(|o| o.event == event).unwrap().from;
        months[of(1).since(Month::new(2026, 2)) as usize] += 1;
        same += usize::from(of(1) == of(2));
    }
    assert!(months.iter().all(|n| (880..1120).contains(n)), "{months:?}");
    assert!((880..1120).contains(&same), "{same}");
}

#[test]
fn a_transfer_names_both_sides_and_sets_nothing() {
    let scenario = child(
        "[[event]]\nid = \"gift\"\ndate = \"2026-04\"\nkind = \"transfer\"\nfrom = \"openai\"\nto = \"anthropic\"\namount_usd = 1e9\n",
    );
    let realised = scenario.events.realise(Draws::new(1, 0));
    let months = |first, last| realised.transfers_within(Month::new(2026, first), Month::new(2026, last)).count();
    assert_eq!((months(1, 3), months(4, 4), months(5, 12)), (0, 1, 0));
}

#[test]
fn what_began_before_the_start_is_in_force_in_the_first_month() {
    let scenario = child("[[event]]\nid = \"old\"\ndate = \"2025-04\"\nset = { \"demand.hedging\" = 3.0 }\n");
    let realised = scenario.events.realise(Draws::new(1, 0));
    assert!(realised.changes(Month::new(2026, 1)));
    let mut out = Parameters::default();
    realised.lay(&scenario.parameters, Month::new(2026, 1), &mut out);
    assert_eq!(out.demand.hedging, 3.0);
}

#[test]
fn a_zero_horizon_is_allowed() {
    assert_eq!(load(&[("simulation.end", "2025-12")]).parameters.steps(), 0);
}

#[test]
fn parents_are_sought_beside_the_child_first_then_among_the_shipped() {
    let files = [("child.toml", "extends = \"baseline\"\n[simulation]\nruns = 7\n")];
    assert_eq!(load_files(&files, "child.toml", &[]).unwrap().parameters.simulation.runs, 7);
    let own = GOOD.replace("name = \"good\"", "name = \"baseline\"").replace("count = 50", "count = 51");
    let files = [files[0], ("baseline.toml", own.as_str())];
    assert_eq!(load_files(&files, "child.toml", &[]).unwrap().parameters.enterprises.count, 51);
}

#[test]
fn a_circle_of_parents_is_a_fault() {
    let files = [("a.toml", "extends = \"b\"\n"), ("b.toml", "extends = \"a\"\n")];
    let faults = load_files(&files, "a.toml", &[]).unwrap_err();
    assert!(faults[0].message.contains("circle"), "{}", faults[0]);
    let selfish = load_files(&[("a.toml", "extends = \"a\"\n")], "a.toml", &[]).unwrap_err();
    assert!(selfish[0].message.contains("circle"), "{}", selfish[0]);
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_the_lines() {
    let bad = GOOD.replace("cash_usd = 3.5e10", "captial_usd = 3.5e10").replace("runs = 10", "runs = \"ten\"");
    let bad = bad.replace("\"responsive\"", "\"responsible\"");
    let faults = Scenario::from_text("bad.toml", &bad, &[]).unwrap_err();
    assert!(faults.len() >= 3, "{}", told(&faults));
    assert!(faults.is_sorted_by_key(Fault::line));
}

fn refused(text: &str, overlays: &[(&str, &str)]) -> Vec<Fault> {
    let text = format!("extends = \"good\"\n{text}");
    load_files(&[("good.toml", GOOD), ("child.toml", &text)], "child.toml", overlays).unwrap_err()
}

#[test]
fn switching_off_what_is_not_inherited_is_a_fault_with_the_nearest_id() {
    let faults = refused("[[event]]\nid = \"exclusoin\"\nenabled = false\n", &[]);
    let said = told(&faults);
    assert!(faults.len() == 1 && said.contains("child.toml:3:6"), "{said}");
    assert!(said.contains("there is no event `exclusoin` to switch off; did you mean `exclusion`?"), "{said}");
    assert_eq!(refused("[[claim]]\nid = \"any\"\nenabled = false\n", &[]).len(), 1);
    // One of its own may be switched off where it stands.
    let own = "[[event]]\nid = \"own\"\ndate = \"2026-02\"\nset = { \"demand.hedging\" = 0.5 }\nenabled = false\n";
    assert_eq!(child(own).events.events.len(), 1);
}

#[test]
fn a_bad_set_hides_neither_the_faults_of_the_file_nor_those_of_other_sets() {
    let text = "[demand]\nprice_wieght = 1.0\n[[event]]\nid = \"exclusoin\"\nenabled = false\n";
    let sets = [("labs.foo.cash_usd", "1"), ("labs.openai.eci", "-1e9"), ("simulation.runs", "\"1")];
    let said = told(&refused(text, &sets));
    for part in ["price_wieght", "exclusoin", "--set labs.foo", "--set labs.openai.eci", "--set simulation.runs"] {
        assert_eq!(said.matches(part).count().min(1), 1, "{part}:\n{said}");
    }
    assert_eq!(refused(text, &sets).len(), 5, "{said}");
}

#[test]
fn a_new_agent_that_is_all_but_an_old_one_is_told_and_no_fault() {
    let more = child("[investors.ventur]\ncount = 3\n[investors.pension]\ncount = 3\n");
    assert_eq!(more.notes, ["`investors.ventur` is new; did you mean `venture`?"]);
    // Where something is wrong with it, or with a sum that it enters, the fault says so too.
    let said = told(&refused("[sectors.financ]\nspend_share = 0.15\n", &[]));
    assert!(said.contains("`sectors.financ` is new; did you mean `finance`?"), "{said}");
    let said = told(&refused("[labs.opneai]\ncash = 1.0\n[demand]\nhedgin = 1.0\n", &[]));
    // The key, and the clouds that it would rent from; not the fault of another table.
    assert_eq!((said.matches("did you mean `openai`?").count(), said.matches("error: ").count()), (2, 3), "{said}");
    assert!(child("[labs.mistral]\nrented_h100e = 0.0\n").notes.is_empty());
}

fn overlay() -> impl Strategy<Value = (String, String)> {
    let number = |path: &'static str, min: f64, max: f64| {
        (min..max).prop_map(move |x| (path.to_string(), resolve::number(x))).boxed()
    };
    prop_oneof![
        number("demand.switching_cost", 0.0, 30.0),
        number("labs.openai.cash_usd", 0.0, 1e13),
        number("labs.openai.commitments_usd.aws", 0.0, 1e13),
        number("labs.anthropic.strategy.pricing.cost_plus.markup", -0.9, 50.0),
        (0u64..18_000_000_000_000_000_000).prop_map(|n| ("simulation.seed".to_string(), n.to_string())),
        "[ -~éß\n\t]{0,20}".prop_map(|t| ("labs.openai.name".to_string(), resolve::text(&t))),
        any::<bool>().prop_map(|b| ("mechanisms.trust".to_string(), b.to_string())),
        prop::sample::select(vec!["2026-02", "2030-11"]).prop_map(|m| ("simulation.end".to_string(), m.to_string())),
    ]
}

proptest! {
    #[test]
    fn the_resolved_scenario_reads_back_to_itself(overlays in prop::collection::vec(overlay(), 0..5)) {
        let scenario = Scenario::from_text("good.toml", GOOD, &overlays).unwrap();
        let text = scenario.to_toml();
        let again = Scenario::from_text("scenario.toml", &text, &[]).map_err(|f| TestCaseError::fail(told(&f)))?;
        prop_assert_eq!(&again, &scenario);
        prop_assert_eq!(again.hash(), scenario.hash());
    }

    #[test]
    fn no_text_makes_the_reader_panic(at in 0..GOOD.len(), cut in 0..40usize, put in "[ -~\n]{0,8}") {
        let at = (0..=at).rev().find(|&i| GOOD.is_char_boundary(i)).unwrap();
        let end = (at + cut).min(GOOD.len());
        let text = format!("{}{put}{}", &GOOD[..at], GOOD.get(end..).unwrap_or(""));
        if let Err(faults) = Scenario::from_text("bad.toml", &text, &[]) {
            prop_assert!(!told(&faults).is_empty());
        }
    }
}

#[test]
fn the_shipped_scenarios_read_back_to_themselves() {
    for name in shipped::names().filter(|n| *n != shipped::COMMON) {
        let scenario = Scenario::load(name, &[]).unwrap();
        let again = Scenario::from_text("scenario.toml", &scenario.to_toml(), &[]).unwrap();
        assert_eq!(again.hash(), scenario.hash(), "{name}");
        let (mut a, mut b) = (Parameters::default(), Parameters::default());
        assert_eq!(scenario.draw(1, 2, &mut a), again.draw(1, 2, &mut b));
        assert_eq!(a, b);
    }
}

#[test]
fn values_copied_over_those_of_another_scenario_are_those_of_the_source() {
    let load = |name: &str| Scenario::load(name, &[]).unwrap().parameters;
    let (baseline, other) = (load("baseline"), load("history/2024-12"));
    let mut copy = other.clone();
    copy.clone_from(&baseline);
    assert_eq!(copy, baseline);
    copy.clouds[0].values.stakes.clear();
    copy.labs.truncate(2);
    copy.clone_from(&other);
    assert_eq!(copy, other);
}
