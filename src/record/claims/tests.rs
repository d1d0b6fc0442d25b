use proptest::prelude::*;

use super::*;
use crate::record;

const GOOD: &str = include_str!("../../../tests/invalid/good.toml");

/// A small world with one claim; `steps_per_year` as asked.
fn scenario(test: &str, more: &str, overlays: &[(&str, &str)]) -> Scenario {
    let text = GOOD.replace("labs.openai.enterprise_share between 0.5 and 1.0 at 2026-12", test);
    let overlays: Vec<(String, String)> = overlays.iter().map(|(p, v)| ((*p).into(), (*v).into())).collect();
    let text = format!("{text}\n{more}");
    Scenario::from_text("good.toml", &text, &overlays).unwrap_or_else(|faults| panic!("{}", faults[0]))
}

/// A record in which nothing exists but what is said: (path, its values from the initial state on).
struct Made {
    layout: Layout,
    values: Vec<f64>,
}

fn made(scenario: &Scenario, series: &[(&str, &[f64])]) -> Made {
    let layout = record::layout(&scenario.parameters, scenario.draw_paths());
    let mut values = vec![f64::NAN; layout.len()];
    let names = Names::new(&scenario.parameters);
    for (path, numbers) in series {
        let name = Name { text: (*path).to_string(), at: 0..0 };
        let offset = names.offset(names.one(&name).unwrap());
        for (date, number) in numbers.iter().enumerate() {
            values[date * layout.width + offset] = *number;
        }
    }
    Made { layout, values }
}

fn verdict_of(scenario: &Scenario, run: u64, series: &[(&str, &[f64])]) -> Verdict {
    let Made { layout, values } = made(scenario, series);
    let claims = Claims::new(scenario, &layout).unwrap();
    let mut verdicts = [9];
    claims.judge(run, &values, &mut verdicts);
    Verdict::of(verdicts[0])
}

fn verdict(test: &str, series: &[(&str, &[f64])]) -> Verdict {
    verdict_of(&scenario(test, "", &[]), 0, series)
}

use Verdict::{Fails, Holds, LeftOut, Undecided};

const HHI: &str = "market.hhi";

/// Of HHI: the initial state, then twelve months.
const RISING: [f64; 13] = [0.10, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17, 0.18, 0.19, 0.20, 0.21, 0.22];

#[test]
fn a_date_is_the_end_of_its_step_and_the_month_before_the_start_is_the_initial_state() {
    let rising: [(&str, &[f64]); 1] = [(HHI, &RISING)];
    assert_eq!(verdict("market.hhi <= 0.10 at 2025-12", &rising), Holds);
    assert_eq!(verdict("market.hhi between 0.11 and 0.11 at 2026-01", &rising), Holds);
    assert_eq!(verdict("market.hhi >= 0.22 at 2026-12", &rising), Holds);
    assert_eq!(verdict("market.hhi > 0.22 at 2026-12", &rising), Fails);
    assert_eq!(verdict("market.hhi < 0.22 at 2026-12", &rising), Fails);
}

#[test]
fn in_quarters_a_date_is_the_quarter_that_contains_it() {
    let quarters = |test: &str| {
        let s = scenario(test, "", &[("simulation.steps_per_year", "4")]);
        verdict_of(&s, 0, &[(HHI, &[0.0, 0.1, 0.2, 0.3, 0.4])])
    };
    for (month, value) in [("2025-12", 0.0), ("2026-01", 0.1), ("2026-03", 0.1), ("2026-04", 0.2), ("2026-12", 0.4)] {
        assert_eq!(quarters(&format!("market.hhi between {value} and {value} at {month}")), Holds, "{month}");
    }
    assert_eq!(quarters("market.hhi > 0.15 throughout 2026-05..2026-12"), Holds);
    assert_eq!(quarters("market.hhi > 0.25 throughout 2026-05..2026-12"), Fails);
}

#[test]
fn by_looks_back_to_the_start_and_throughout_at_every_step() {
    let peak: [(&str, &[f64]); 1] = [(HHI, &[0.1, 0.1, 0.1, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])];
    assert_eq!(verdict("market.hhi > 0.4 by 2026-02", &peak), Fails);
    assert_eq!(verdict("market.hhi > 0.4 by 2026-03", &peak), Holds);
    assert_eq!(verdict("market.hhi > 0.4 by 2026-12", &peak), Holds);
    assert_eq!(verdict("market.hhi > 0.4 at 2026-12", &peak), Fails);
    assert_eq!(verdict("market.hhi < 0.4 throughout 2026-04..2026-12", &peak), Holds);
    assert_eq!(verdict("market.hhi < 0.4 throughout 2026-03..2026-12", &peak), Fails);
}

#[test]
fn the_first_of_two_passages_comes_before_and_without_any_there_is_none() {
    let profits = |a: f64, b: f64| {
        let path = |from: f64| (0..13).map(|m| if f64::from(m) >= from { 1.0 } else { -1.0 }).collect::<Vec<f64>>();
        let (a, b) = (path(a), path(b));
        let test = "(labs.anthropic.profit_usd > 0) before (labs.openai.profit_usd > 0)";
        verdict(test, &[("labs.anthropic.profit_usd", &a), ("labs.openai.profit_usd", &b)])
    };
    assert_eq!(profits(3.0, 7.0), Holds);
    assert_eq!(profits(7.0, 3.0), Fails);
    assert_eq!(profits(5.0, 5.0), Fails);
    assert_eq!(profits(5.0, 99.0), Holds);
    assert_eq!(profits(99.0, 5.0), Fails);
    assert_eq!(profits(99.0, 99.0), Fails);
    let until = "(market.hhi > 0.15) before (market.adoption_share > 0) by 2026-05";
    assert_eq!(verdict(until, &[(HHI, &RISING), ("market.adoption_share", &[0.0; 13])]), Fails);
}

#[test]
fn agents_without_the_value_are_skipped_in_aggregates_and_ranks() {
    let (first, second, third) = ([3.0; 13], [2.0; 13], [f64::NAN; 13]);
    let clouds: [(&str, &[f64]); 2] = [("clouds.aws.profit_usd", &first), ("clouds.azure.profit_usd", &second)];
    assert_eq!(verdict("max of clouds.*.profit_usd between 3 and 3 at 2026-12", &clouds), Holds);
    assert_eq!(verdict("min of clouds.*.profit_usd between 2 and 2 at 2026-12", &clouds), Holds);
    assert_eq!(verdict("sum of clouds.*.profit_usd between 5 and 5 at 2026-12", &clouds), Holds);
    assert_eq!(verdict("mean of clouds.*.profit_usd between 2.5 and 2.5 at 2026-12", &clouds), Holds);
    assert_eq!(verdict("rank of clouds.azure.profit_usd between 2 and 2 at 2026-12", &clouds), Holds);
    let gone: [(&str, &[f64]); 2] = [("clouds.aws.profit_usd", &third), ("clouds.azure.profit_usd", &second)];
    assert_eq!(verdict("sum of clouds.*.profit_usd between 2 and 2 at 2026-12", &gone), Holds);
    assert_eq!(verdict("rank of clouds.azure.profit_usd <= 1 at 2026-12", &gone), Holds);
    assert_eq!(verdict("rank of clouds.aws.profit_usd <= 9 at 2026-12", &gone), Undecided);
    assert_eq!(verdict("sum of clouds.*.profit_usd > 0 at 2026-12", &[]), Undecided);
}

#[test]
fn a_division_has_no_rank_in_value_and_does_not_count_in_that_of_others() {
    let owned = "[labs.anthropic]\nowner = \"amazon\"\n";
    let with = |test: &str| {
        let text = GOOD.replace("labs.openai.enterprise_share between 0.5 and 1.0 at 2026-12", test);
        let text = text.replace("[labs.anthropic]\n", owned);
        Scenario::from_text("good.toml", &text, &[]).unwrap_or_else(|faults| panic!("{}", faults[0]))
    };
    let (a, b) = ([9e11; 13], [5e11; 13]);
    let series: [(&str, &[f64]); 2] = [("labs.anthropic.valuation_usd", &a), ("labs.openai.valuation_usd", &b)];
    assert_eq!(verdict_of(&with("rank of labs.openai.valuation_usd <= 1 at 2026-12"), 0, &series), Holds);
    assert_eq!(verdict_of(&with("max of labs.*.valuation_usd <= 5e11 at 2026-12"), 0, &series), Holds);
    let told = faults(&with("rank of labs.anthropic.valuation_usd <= 1 at 2026-12"));
    assert!(told.len() == 1 && told[0].message.contains("notional"), "{told:?}");
}

#[test]
fn a_lab_that_a_group_has_bought_has_no_rank_in_value_since_and_does_not_count_in_that_of_others() {
    let (rich, less) = ([9e11; 13], [5e11; 13]);
    let mut bought = [0.0; 13];
    bought[6..].fill(1.0);
    let series: [(&str, &[f64]); 3] = [
        ("labs.anthropic.valuation_usd", &rich),
        ("labs.anthropic.acquired", &bought),
        ("labs.openai.valuation_usd", &less),
    ];
    assert_eq!(verdict("rank of labs.openai.valuation_usd >= 2 at 2026-05", &series), Holds);
    assert_eq!(verdict("rank of labs.openai.valuation_usd <= 1 at 2026-12", &series), Holds);
    assert_eq!(verdict("rank of labs.anthropic.valuation_usd <= 1 at 2026-05", &series), Holds);
    assert_eq!(verdict("rank of labs.anthropic.valuation_usd <= 1 at 2026-12", &series), Undecided);
    assert_eq!(verdict("max of labs.*.valuation_usd <= 5e11 at 2026-12", &series), Holds);
    // What it sells still counts.
    let sold: [(&str, &[f64]); 3] = [
        ("labs.anthropic.revenue_run_rate_usd", &rich),
        ("labs.anthropic.acquired", &bought),
        ("labs.openai.revenue_run_rate_usd", &less),
    ];
    assert_eq!(verdict("rank of labs.anthropic.revenue_run_rate_usd <= 1 at 2026-12", &sold), Holds);
}

#[test]
fn a_value_that_does_not_exist_decides_nothing_unless_the_rest_does() {
    let rising: [(&str, &[f64]); 1] = [(HHI, &RISING)];
    let none = "market.adoption_share > 0 at 2026-12";
    assert_eq!(verdict(none, &rising), Undecided);
    assert_eq!(verdict(&format!("not {none}"), &rising), Undecided);
    assert_eq!(verdict(&format!("all of ({none}; market.hhi > 0.9 at 2026-12)"), &rising), Fails);
    assert_eq!(verdict(&format!("all of ({none}; market.hhi > 0.1 at 2026-12)"), &rising), Undecided);
    assert_eq!(verdict(&format!("any of ({none}; market.hhi > 0.1 at 2026-12)"), &rising), Holds);
    assert_eq!(verdict(&format!("any of ({none}; market.hhi > 0.9 at 2026-12)"), &rising), Undecided);
    assert_eq!(verdict("market.hhi / (market.hhi - market.hhi) > 0 at 2026-12", &rising), Undecided);
    // A flow of the initial state is not known; that a lab was never profitable afterwards is.
    let mut profit = [-1.0; 13];
    profit[0] = f64::NAN;
    profit[9..].fill(f64::NAN);
    assert_eq!(verdict("labs.openai.profit_usd > 0 by 2026-12", &[("labs.openai.profit_usd", &profit)]), Fails);
    assert_eq!(
        verdict("labs.openai.profit_usd < 0 throughout 2026-01..2026-08", &[("labs.openai.profit_usd", &profit)]),
        Holds
    );
    assert_eq!(
        verdict("labs.openai.profit_usd < 0 throughout 2026-01..2026-09", &[("labs.openai.profit_usd", &profit)]),
        Undecided
    );
}

#[test]
fn a_change_is_the_difference_of_two_dates_and_needs_no_other() {
    let rising: [(&str, &[f64]); 1] = [(HHI, &RISING)];
    assert_eq!(verdict("change of market.hhi from 2026-01 to 2026-12 between 0.1099 and 0.1101", &rising), Holds);
    assert_eq!(verdict("change of 2 * market.hhi from 2025-12 to 2026-12 > 0.2399", &rising), Holds);
    assert_eq!(verdict("change of market.hhi from 2026-01 to 2026-12 > market.hhi at 2026-01", &rising), Fails);
}

#[test]
fn at_least_two_of_three_is_the_majority() {
    let rising: [(&str, &[f64]); 1] = [(HHI, &RISING)];
    let of = |a: f64, b: f64, c: f64| {
        let test = |x: f64| format!("market.hhi > {x} at 2026-12");
        verdict(&format!("at least 2 of ({}; {}; {})", test(a), test(b), test(c)), &rising)
    };
    assert_eq!(of(0.1, 0.1, 0.9), Holds);
    assert_eq!(of(0.1, 0.9, 0.9), Fails);
}

#[test]
fn runs_without_the_event_are_left_out_and_its_window_begins_when_it_does() {
    let happens =
        |s: &Scenario, run| !s.events.realise(Draws::new(s.parameters.simulation.seed, run)).occurrences().is_empty();
    let given = scenario("market.hhi > 0.2 at 2026-12 given event exclusion", "", &[]);
    let rising: [(&str, &[f64]); 1] = [(HHI, &RISING)];
    let (with, without) =
        ((0..99).find(|&r| happens(&given, r)).unwrap(), (0..99).find(|&r| !happens(&given, r)).unwrap());
    assert_eq!(verdict_of(&given, with, &rising), Holds);
    assert_eq!(verdict_of(&given, without, &rising), LeftOut);
    // The event is of 2026-03: three months on is 2026-06.
    let mut peak = [0.0; 13];
    peak[6] = 1.0;
    let within =
        |months: u32| scenario(&format!("market.hhi > 0.5 within {months} months of event exclusion"), "", &[]);
    assert_eq!(verdict_of(&within(2), with, &[(HHI, &peak)]), Fails);
    assert_eq!(verdict_of(&within(3), with, &[(HHI, &peak)]), Holds);
    assert_eq!(verdict_of(&within(3), without, &[(HHI, &peak)]), LeftOut);
    let mut early = [0.0; 13];
    early[2] = 1.0;
    assert_eq!(verdict_of(&within(9), with, &[(HHI, &early)]), Fails);
    let other = scenario("market.hhi > 0.2 at 2026-12 given market.hhi > 0.5 at 2026-06", "", &[]);
    assert_eq!(verdict_of(&other, 0, &rising), LeftOut);
    let missing = scenario("market.hhi > 0.2 at 2026-12 given market.adoption_share > 0.5 at 2026-06", "", &[]);
    assert_eq!(verdict_of(&missing, 0, &rising), LeftOut);
    assert_eq!(verdict_of(&scenario("not event exclusion", "", &[]), without, &[]), Holds);
}

#[test]
fn an_event_beyond_the_horizon_has_not_happened() {
    let later = "[[event]]\nid = \"later\"\ndate = \"2027-06\"\nset = { \"mechanisms.trust\" = false }\n";
    assert_eq!(verdict_of(&scenario("event later", later, &[]), 0, &[]), Fails);
}

#[test]
fn a_claim_that_the_runs_do_not_reach_is_kept_without_a_rule() {
    let s = scenario("market.hhi > 0.2 at 2026-12", "", &[("simulation.end", "\"2026-06\"")]);
    let claims = Claims::new(&s, &record::layout(&s.parameters, Vec::new())).unwrap();
    assert_eq!(claims.claims[0].undecidable, Some(Undecidable::Before(Month::new(2026, 12))));
    let within = scenario("market.hhi > 0.2 within 12 months of event exclusion", "", &[]);
    let claims = Claims::new(&within, &record::layout(&within.parameters, Vec::new())).unwrap();
    assert_eq!(claims.claims[0].undecidable, Some(Undecidable::Before(Month::new(2027, 3))));
    // What was cut short is written down as known, so that the result can be run again as it stands.
    assert!(s.to_toml().contains("beyond_horizon = true"));
    let again = Scenario::from_text("scenario.toml", &s.to_toml(), &[]).unwrap();
    assert_eq!(again.hash(), s.hash());
}

#[test]
fn metrics_that_do_not_exist_are_told_with_their_place() {
    let s = scenario("labs.openai.cash > labs.opnai.cash_usd at 2026-12", "", &[]);
    let told: Vec<String> = faults(&s).iter().map(ToString::to_string).collect();
    assert!(
        told[0].starts_with("good.toml:74:9: error: claim `half`: there is no metric `labs.openai.cash`"),
        "{told:?}"
    );
    assert!(told[0].contains("did you mean `cash_usd`?"), "{told:?}");
    assert!(told[1].starts_with("good.toml:74:28:") && told[1].contains("did you mean `openai`?"), "{told:?}");
    assert_eq!(Claims::new(&s, &record::layout(&s.parameters, Vec::new())).unwrap_err().len(), 2);
}

fn series() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![4 => 0.0..1.0, 1 => Just(f64::NAN)], 13)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_contrary_holds_where_a_claim_fails(hhi in series(), bar in 0.0..1.0, month in 1..13) {
        let test = format!("market.hhi > {bar} by 2026-{month:02}");
        let (plain, contrary) = (verdict(&test, &[(HHI, &hhi)]), verdict(&format!("not {test}"), &[(HHI, &hhi)]));
        let expected = match plain { Holds => Fails, Fails => Holds, other => other };
        prop_assert_eq!(contrary, expected);
    }

    #[test]
    fn what_has_happened_by_a_date_has_happened_by_any_later_one(hhi in series(), bar in 0.0..1.0) {
        let held: Vec<bool> = (1..13)
            .map(|month| verdict(&format!("market.hhi > {bar} by 2026-{month:02}"), &[(HHI, &hhi)]) == Holds)
            .collect();
        prop_assert!(held.is_sorted());
    }

    #[test]
    fn all_of_some_claims_hold_no_more_often_than_each(hhi in series(), share in series(), a in 0.0..1.0, b in 0.0..1.0) {
        let both: [(&str, &[f64]); 2] = [(HHI, &hhi), ("market.adoption_share", &share)];
        let (one, two) = (format!("market.hhi > {a} by 2026-12"), format!("market.adoption_share > {b} at 2026-06"));
        let holds = |test: &str| verdict(test, &both) == Holds;
        let all = holds(&format!("all of ({one}; {two})"));
        let any = holds(&format!("any of ({one}; {two})"));
        prop_assert_eq!(all, holds(&one) && holds(&two));
        prop_assert_eq!(any, holds(&one) || holds(&two));
    }
}
