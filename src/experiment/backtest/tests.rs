use super::*;
use crate::experiment::observations::observations;

fn found<'a>(all: &'a [Observed], series: &str, entity: &str) -> &'a Observed {
    all.iter().find(|o| o.series.starts_with(series) && o.entity == entity).unwrap()
}

fn at(observed: &Observed, year: i32, month: i32) -> Vec<f64> {
    observed.points.iter().filter(|p| p.month == Month::new(year, month)).map(|p| p.value).collect()
}

#[test]
fn every_series_has_observations_in_the_year_that_is_projected() {
    let all = observed(&observations());
    for name in names() {
        assert!(all.iter().any(|o| o.series == name), "{name}");
    }
    for o in &all {
        let after = o.points.iter().filter(|p| p.month > Month::new(2024, 12)).count();
        assert!(after > 0, "{} of {} has none", o.series, o.entity);
        assert!(o.points.windows(2).all(|w| w[0].month < w[1].month), "{} of {}", o.series, o.entity);
    }
}

#[test]
fn rows_that_measure_something_else_do_not_count() {
    let all = observed(&observations());
    // Subscriptions alone, half-years doubled, projections and the figures of the articles are no run-rates.
    assert_eq!(at(found(&all, "Run-rate", "OpenAI"), 2025, 6), Vec::<f64>::new());
    assert_eq!(at(found(&all, "Run-rate", "OpenAI"), 2025, 5), [1.0e10]);
    assert_eq!(at(found(&all, "Share of API", "OpenAI"), 2025, 6), [0.25]);
    // Not the vintage of February 2026.
    assert_eq!(at(found(&all, "Paid adoption by", "Anthropic"), 2025, 12), [0.184]);
    // Not the range that the press gave, nor a merger.
    assert_eq!(at(found(&all, "Valuation", "Anthropic"), 2024, 12), Vec::<f64>::new());
}

#[test]
fn duplicates_follow_the_rule_of_the_data() {
    let all = observed(&observations());
    let openai = found(&all, "Run-rate", "OpenAI");
    let end = openai.points.iter().find(|p| p.month == Month::new(2025, 12)).unwrap();
    assert_eq!(end.range, (2.0e10, 2.14e10));
    assert!(end.later && !end.unscored);
    assert_eq!(at(found(&all, "Run-rate", "Anthropic"), 2025, 12), [9.0e9]);
}

#[test]
fn usage_of_mid_year_and_spend_of_november_are_one_series() {
    let all = observed(&observations());
    let anthropic = found(&all, "Share of API", "Anthropic");
    let values: Vec<f64> = anthropic.points.iter().map(|p| p.value).collect();
    assert_eq!(values, [0.12, 0.24, 0.32, 0.40]);
    // OpenAI's share of mid-2025 is from memory with low confidence: shown, not scored.
    assert!(found(&all, "Share of API", "OpenAI").points[2].unscored);
}

#[test]
fn a_list_price_is_three_parts_input_and_one_part_output() {
    let all = observed(&observations());
    assert_eq!(at(found(&all, "List price", "Anthropic"), 2025, 11), [0.75 * 5.0 + 0.25 * 25.0]);
    assert_eq!(found(&all, "List price", "OpenAI").points.last().map(|p| p.value), Some(0.75 * 1.75 + 0.25 * 14.0));
}

#[test]
fn the_lag_of_open_weights_counts_the_time_since_their_release() {
    let all = observed(&observations());
    // DeepSeek-V3.2 came out on 2025-12-01 with a lag of 229 days.
    let lag = at(found(&all, "Lag", "market"), 2025, 12)[0];
    assert!((lag - 259.0 / DAYS_PER_MONTH).abs() < 0.05, "{lag}");
}

#[test]
fn vendors_per_firm_come_from_one_panel() {
    let all = observed(&observations());
    let rates = 0.3938 + 0.142 + 0.0539 + 0.0172 + 0.0018 + 0.0007;
    assert!((at(found(&all, "Vendors per small", "market"), 2025, 6)[0] - rates / 0.4272).abs() < 1e-9);
}

fn line(value: f64, unscored: bool) -> Line {
    let month = Month::new(2025, 12);
    Line {
        series: "s",
        entity: "e".into(),
        shown: Shown::Number,
        point: Point { month, date: String::new(), value, range: (value, value), later: false, unscored },
        median: 1.0,
        band80: (0.5, 2.0),
        band90: (0.25, 4.0),
        trend: Ok(Forecast { value: 2.0, low: false }),
        no_change: Some(Forecast { value: 0.5, low: false }),
        after_fits: true,
        touched_by: Vec::new(),
    }
}

#[test]
fn a_score_counts_what_lies_within_the_bands_and_passes_over_what_is_not_scored() {
    let lines = [line(1.0, false), line(3.0, false), line(9.0, false), line(9.0, true)];
    let s = score(&lines);
    assert_eq!((s.lines, s.within80, s.within90, s.compared), (3, 1, 2, 3));
    let error = (0.0 + 3f64.ln() + 9f64.ln()) / 3.0;
    assert!((s.error_model - error).abs() < 1e-12);
    assert!((s.error_no_change - s.error_model - 2f64.ln()).abs() < 1e-12);
}

#[test]
fn a_line_that_a_later_fit_touches_is_not_held_out() {
    let held = line(1.0, false);
    let touched = Line { touched_by: vec!["research.eci_per_decade".into()], ..held.clone() };
    let early = Line { after_fits: false, ..held.clone() };
    let standings = [&early, &touched, &held].map(|l| l.standing());
    assert_eq!(standings, Standing::ALL);
}

#[test]
fn a_forecast_of_low_confidence_is_not_scored() {
    let low = Forecast { value: 2.0, low: true };
    let lines = [line(1.0, false), Line { trend: Ok(low), ..line(1.0, false) }];
    assert_eq!((score(&lines).lines, score(&lines).compared), (2, 1));
}
