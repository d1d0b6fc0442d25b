use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Parsed {
    parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))
}

#[test]
fn every_form_that_scenarios_use_is_read() {
    for text in [
        "labs.openai.enterprise_share > 0.5 at 2027-12",
        "labs.openai.enterprise_share >= 55% at 2027-12",
        "labs.openai.enterprise_share between 0.55 and 0.60 at 2026-06",
        "labs.openai.enterprise_share > labs.anthropic.enterprise_share at 2027-12",
        "labs.openai.valuation_usd - labs.anthropic.valuation_usd > 1.0e11 by 2027-12",
        "labs.openai.valuation_usd / labs.anthropic.valuation_usd between 0.8 and 1.25 throughout 2026-06..2027-06",
        "labs.anthropic.enterprise_share < .3 within 12 months of event targeted-action",
        "labs.anthropic.enterprise_share < 0.3 within 1 month of event targeted-action",
        "all of (market.hhi < 0.3 at 2030-12; market.segmentation_index > 0.2 at 2030-12)",
        "all of (market.hhi < 0.3 at 2030-12; market.hhi > 0.1 at 2030-12;)",
        "any of (market.hhi < 0.3 at 2030-12; not market.hhi > 0.2 by 2029-12)",
        "at least 2 of (market.hhi > 1 at 2026-01; market.hhi > 2 at 2026-01; event a)",
        "market.hhi > 0.2 at 2027-12 given event targeted-action",
        "market.hhi > 0.2 at 2027-12 given market.frontier_eci > 160 at 2026-12",
        "market.hhi > 0.2 at 2027-12 given not event a",
        "change of labs.openai.trust_us from 2026-01 to 2027-01 > 0.1",
        "change of labs.a.cash_usd / labs.b.cash_usd from 2026-01 to 2027-01 > -0.1",
        "change of market.hhi from 2026-01 to 2027-01 > change of market.open_weights_share from 2026-01 to 2027-01",
        "change of market.hhi from 2026-01 to 2027-01 > market.hhi at 2026-01",
        "(labs.anthropic.profit_usd > 0) before (labs.openai.profit_usd > 0)",
        "((labs.a.cash_usd + 1) * 2 > 0) before (labs.b.cash_usd > 0) by 2027-12",
        "max of labs.*.enterprise_share < 2 * min of labs.*.enterprise_share at 2027-12",
        "sum of labs.*.profit_usd / sum of clouds.*.profit_usd < 1 at 2027-12",
        "mean of regulators.*.stringency > 0.5 by 2027-12",
        "rank of labs.anthropic.valuation_usd <= 2 at 2027-12",
        "(labs.a.cash_usd - labs.b.cash_usd) / labs.a.cash_usd > 0.5 at 2027-12",
        "(market.hhi > 0.2 at 2027-12)",
        "not (not market.hhi > 0.2 at 2027-12)",
        "(not market.hhi > 0.2 at 2027-12)",
        "(any of (market.hhi > 0.2 at 2027-12; event e)) given (event e)",
        "market.hhi>0.2 at 2027-12",
        "  market.hhi\n  > 0.2\n  at 2027-12  ",
        "labs.my-lab.cash_usd - labs.b.cash_usd > 0 at 2026-06",
    ] {
        read(text);
    }
}

#[test]
fn products_bind_closer_than_sums_and_sums_run_from_the_left() {
    let value = |text: &str| match read(&format!("{text} > market.hhi at 2026-01")).test {
        Test::Compare(Comparison::Order(quantity, ..), _) => number(&quantity),
        other => panic!("{other:?}"),
    };
    fn number(q: &Quantity) -> f64 {
        match q {
            Quantity::Number(x) => *x,
            Quantity::Negative(of) => -number(of),
            Quantity::Pair(a, operator, b) => operator.apply(number(a), number(b)),
            other => panic!("{other:?}"),
        }
    }
    for (text, expected) in [
        ("1 + 2 * 3", 7.0),
        ("10 - 4 - 3", 3.0),
        ("24 / 4 / 2", 3.0),
        ("(1 + 2) * 3", 9.0),
        ("-2 * 3", -6.0),
        ("4.0e10 / 1e9", 40.0),
        ("50%", 0.5),
        ("2 * 50% + .25", 1.25),
        ("5 - -3", 8.0),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn a_condition_belongs_to_the_whole_and_not_to_what_stands_before_it() {
    let parsed = read("not market.hhi > 0.2 at 2027-12 given event a");
    assert!(matches!(parsed.test, Test::Not(_)));
    assert!(matches!(parsed.given, Some(Test::Event(name)) if name.text == "a"));
}

#[test]
fn names_and_dates_know_where_they_stand() {
    let text =
        "all of (labs.a.cash_usd > 1 at 2027-12; event some-thing) given market.hhi > 0 throughout 2026-01..2026-06";
    let mut seen = Vec::new();
    read(text).visit(&mut |part| match part {
        Part::Metric(n) | Part::Pattern(n) | Part::Rank(n) | Part::Event(n) | Part::Window(n, _) => {
            assert_eq!(&text[n.at.clone()], n.text);
            seen.push(n.text.clone());
        }
        Part::Date(d) => {
            assert_eq!(text[d.at.clone()], d.month.to_string());
            seen.push(d.month.to_string());
        }
    });
    assert_eq!(seen, ["labs.a.cash_usd", "2027-12", "some-thing", "market.hhi", "2026-01", "2026-06"]);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let told: Vec<String> = [
        "",
        "market.hhi",
        "market.hhi > ",
        "market.hhi > 0.2",
        "market.hhi > 0.2 in 2027-12",
        "market.hhi = 0.2 at 2027-12",
        "market.hhi > 0.2 at 2027",
        "market.hhi > 0.2 at 2027-1",
        "market.hhi > 0.2 at 2027-12 and market.hhi < 0.3 at 2027-12",
        "0.1 < market.hhi < 0.3 at 2027-12",
        "market.hhi > 12x at 2027-12",
        "market.hhi > 1,000 at 2027-12",
        "hhi > 0.2 at 2027-12",
        "biggest of labs.*.cash_usd > 0.2 at 2027-12",
        "medain of labs.*.cash_usd > 0.2 at 2027-12",
        "change of 3 from 2026-01 to 2027-01 > 2",
        "change of market.hhi from 2027-01 to 2026-01 > 2",
        "market.hhi > 0.2 within 1.5 months of event a",
        "market.hhi > 0.2 within 12 months of a",
        "at least 0 of (market.hhi > 0.2 at 2027-12)",
        "all of market.hhi > 0.2 at 2027-12",
        "all of (market.hhi > 0.2 at 2027-12",
        "(market.hhi > 0.2 at 2027-12) before (market.hhi > 0.3)",
        "(market.hhi > 0.2) before (market.hhi > 0.3 at 2027-12)",
        "(market.hhi > 0.2 at 2027-12",
        "market.hhi > 0.2 at 2027-12 given",
        "market.hhi > 0.2 at 2027-12 extra",
        "market.hhi > 0.2 & market.hhi < 0.3 at 2027-12",
        "événement > 0.2 at 2027-12 €",
    ]
    .iter()
    .map(|text| match parse(text) {
        Ok(parsed) => panic!("{text} was read as {parsed:?}"),
        Err(Wrong { at, message, hint }) => {
            let hint = hint.map(|h| format!("; {h}")).unwrap_or_default();
            let before: String = text[..at.start].chars().map(|_| ' ').collect();
            let under = "^".repeat(text[at].chars().count().max(1));
            format!("{text}\n{before}{under} {message}{hint}")
        }
    })
    .collect();
    insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("claim_tests_that_cannot_be_read", told.join("\n\n"));
    });
}

#[test]
fn nesting_beyond_reason_is_refused_and_not_a_crash() {
    for (open, close) in [("(", ")"), ("-", ""), ("not ", ""), ("all of (", ")")] {
        let text = format!("{}market.hhi > 0 at 2026-01{}", open.repeat(5_000), close.repeat(5_000));
        assert!(parse(&text).is_err());
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "[ -~é€\n]{0,60}") {
        if let Err(wrong) = parse(&text) {
            prop_assert!(text.get(wrong.at).is_some());
        }
    }

    #[test]
    fn no_pieces_of_the_language_make_the_parser_panic(pieces in prop::collection::vec(0..28_usize, 0..14)) {
        const PIECES: [&str; 28] = [
            "market.hhi", "labs.*.cash_usd", ">", "<=", "between", "and", "0.5", "2027-12", "at", "by", "throughout", "..",
            "within", "months", "of", "event", "e", "given", "not", "all", "any", "least", "(", ")", ";", "before", "change", "-",
        ];
        let text = pieces.iter().map(|&p| PIECES[p]).collect::<Vec<_>>().join(" ");
        if let Err(wrong) = parse(&text) {
            prop_assert!(text.get(wrong.at).is_some());
        }
    }
}
