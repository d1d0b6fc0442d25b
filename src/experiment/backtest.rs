//! Comparison of an ensemble with what was observed: which observation is read by which metric, whether it
//! fell within the bands, and what a trend forecast would have said.

use crate::experiment::summary::Summary;
use crate::math::{exp, ln};
use crate::record::TableKind;
use crate::units::Month;

/// One observation of `data/observations.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Date, `YYYY-MM-DD`.
    pub date: String,
    /// Entity as the data name it.
    pub entity: String,
    /// Metric as the data name it.
    pub metric: String,
    /// Segment as the data name it.
    pub segment: String,
    /// Value.
    pub value: f64,
    /// Confidence and flags.
    pub confidence: String,
}

/// The project's own copy of the observations.
const OBSERVATIONS: &str = include_str!("../../data/observations.csv");

/// Reads the observations that the program carries.
pub fn observations() -> Vec<Observation> {
    let mut reader = csv::Reader::from_reader(OBSERVATIONS.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records().flatten() {
        let text = |k: usize| record.get(k).unwrap_or_default().to_string();
        if let Ok(value) = text(4).parse() {
            rows.push(Observation {
                date: text(0),
                entity: text(1),
                metric: text(2),
                segment: text(3),
                value,
                confidence: text(9),
            });
        }
    }
    rows
}

/// The month whose end is nearest to a date.
pub fn nearest_month_end(date: &str) -> Option<Month> {
    let month: Month = date.get(0..7)?.parse().ok()?;
    let day: u32 = date.get(8..10)?.parse().ok()?;
    Some(if day <= 15 { month.plus(-1) } else { month })
}

/// An observation operator: which observations are read by which metric.
struct Operator {
    /// Heading of the series.
    series: &'static str,
    /// Metric of the data.
    observed: &'static str,
    /// Segments of the data that measure the same thing, by prefix.
    segments: &'static [&'static str],
    /// Table, metric and segment of the model.
    model: (TableKind, &'static str, &'static str),
    /// Entities of the data; a lab's id is its name in lower case, all else is the market.
    entities: &'static [&'static str],
    /// Factor from the unit of the data to that of the model.
    factor: f64,
    /// Months of the year that are compared, empty for all.
    months: &'static [i32],
}

const OPERATORS: &[Operator] = &[
    Operator {
        series: "Spend on model APIs, USD",
        observed: "enterprise_llm_api_spend",
        segments: &["menlo"],
        model: (TableKind::Market, "enterprise_spend_usd", ""),
        entities: &["ENTERPRISES"],
        factor: 1.0,
        months: &[],
    },
    Operator {
        series: "Share of API spend",
        observed: "enterprise_llm_share",
        segments: &["menlo_api_usage", "menlo_api_spend"],
        model: (TableKind::Labs, "enterprise_share", ""),
        entities: &["OpenAI", "Anthropic", "Google", "Meta", "DeepSeek"],
        factor: 1.0,
        months: &[],
    },
    Operator {
        series: "Share of spend on coding",
        observed: "enterprise_llm_share",
        segments: &["menlo_coding"],
        model: (TableKind::Labs, "share", "coding"),
        entities: &["OpenAI", "Anthropic"],
        factor: 1.0,
        months: &[],
    },
    Operator {
        series: "Paid adoption, any vendor (Ramp)",
        observed: "enterprise_adoption_any_ai",
        segments: &["US_Ramp_sample_paid"],
        model: (TableKind::Market, "other_business_adoption", ""),
        entities: &["US_businesses_Ramp"],
        factor: 1.0,
        months: &[3, 6, 9, 12],
    },
    Operator {
        series: "Paid adoption by vendor (Ramp)",
        observed: "enterprise_adoption_vendor",
        segments: &["US_Ramp_sample_paid"],
        model: (TableKind::Labs, "paid_adoption", ""),
        entities: &["OpenAI", "Anthropic", "Google", "xAI"],
        factor: 1.0,
        months: &[6, 12],
    },
    Operator {
        series: "Run-rate, USD",
        observed: "revenue_run_rate",
        segments: &["full_company", "ARR"],
        model: (TableKind::Labs, "revenue_run_rate_usd", ""),
        entities: &["OpenAI", "Anthropic", "xAI", "Cohere"],
        factor: 1.0,
        months: &[],
    },
    Operator {
        series: "Valuation, USD",
        observed: "valuation_post_money",
        segments: &["Series", "SoftBank", "tender", "Nvidia", "equity"],
        model: (TableKind::Labs, "valuation_usd", ""),
        entities: &["OpenAI", "Anthropic", "Mistral"],
        factor: 1.0,
        months: &[],
    },
    Operator {
        series: "Capability frontier, ECI",
        observed: "capability_eci_frontier",
        segments: &["best_overall"],
        model: (TableKind::Market, "frontier_eci", ""),
        entities: &["FRONTIER"],
        factor: 1.0,
        months: &[],
    },
    Operator {
        series: "Lag of open weights, months",
        observed: "open_weights_lag_days",
        segments: &[""],
        model: (TableKind::Market, "open_lag_months", ""),
        entities: &["OPEN_WEIGHTS"],
        factor: 12.0 / 365.25,
        months: &[],
    },
];

/// List prices of flagship models at 3:1 input to output; the models that each lab lists as its best general one.
const FLAGSHIPS: &[(&str, &str)] = &[
    ("OpenAI", "model:GPT-5"),
    ("OpenAI", "model:GPT-5.2"),
    ("Anthropic", "model:Claude Sonnet 4"),
    ("Anthropic", "model:Claude Opus 4.5"),
    ("Google", "model:Gemini 2.5 Pro"),
    ("Google", "model:Gemini 3 Pro"),
    ("xAI", "model:Grok 4"),
];

/// One line of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Series.
    pub series: String,
    /// Entity as the data name it.
    pub entity: String,
    /// Date of the observation.
    pub date: String,
    /// Observed value, in the unit of the model.
    pub observed: f64,
    /// Median of the runs.
    pub median: f64,
    /// 80% band.
    pub band80: (f64, f64),
    /// 90% band.
    pub band90: (f64, f64),
    /// Trend forecast, where two observations stand before the start.
    pub trend: Option<f64>,
    /// Whether the date lies after the window that may be fitted.
    pub held_out: bool,
}

impl Line {
    /// Whether the observation lies within the 90% band.
    pub fn within90(&self) -> bool {
        self.band90.0 <= self.observed && self.observed <= self.band90.1
    }
    /// Whether the observation lies within the 80% band.
    pub fn within80(&self) -> bool {
        self.band80.0 <= self.observed && self.observed <= self.band80.1
    }
}

/// Compares a summary with the observations after its start; dates after `fitted_until` are held out.
pub fn compare(summary: &Summary, rows: &[Observation], start: Month, fitted_until: Month) -> Vec<Line> {
    let mut lines = Vec::new();
    for op in OPERATORS {
        let (kind, metric, segment) = op.model;
        for entity in op.entities {
            let series: Vec<(Month, &Observation)> = rows
                .iter()
                .filter(|r| r.metric == op.observed && r.entity == *entity && matches_segment(&r.segment, op.segments))
                .filter_map(|r| Some((nearest_month_end(&r.date)?, r)))
                .collect();
            let id = if kind == TableKind::Labs { entity.to_lowercase() } else { "market".to_string() };
            let values: Vec<(Month, &str, f64)> =
                series.iter().map(|(m, r)| (*m, r.date.as_str(), r.value * op.factor)).collect();
            push(
                &mut lines,
                summary,
                (kind, metric, segment, &id),
                op.series,
                entity,
                &values,
                start,
                fitted_until,
                op.months,
            );
        }
    }
    for entity in ["OpenAI", "Anthropic", "Google", "xAI"] {
        let mut values: Vec<(Month, &str, f64)> = Vec::new();
        for r in rows
            .iter()
            .filter(|r| r.metric == "price_input" && FLAGSHIPS.contains(&(r.entity.as_str(), r.segment.as_str())))
        {
            let output = rows.iter().find(|o| {
                o.metric == "price_output" && o.entity == r.entity && o.segment == r.segment && o.date == r.date
            });
            if r.entity == entity
                && let (Some(o), Some(month)) = (output, nearest_month_end(&r.date))
            {
                values.push((month, &r.date, 0.75 * r.value + 0.25 * o.value));
            }
        }
        let model = (TableKind::Labs, "price_usd_per_mtok", "", entity.to_lowercase());
        let model = (model.0, model.1, model.2, model.3.as_str());
        push(
            &mut lines,
            summary,
            model,
            "List price, USD per million tokens",
            entity,
            &values,
            start,
            fitted_until,
            &[],
        );
    }
    vendors_per_firm(&mut lines, summary, rows, start, fitted_until);
    lines
}

/// Vendors per paying firm: the sum of vendors' rates over the rate of any, in the Ramp sample.
fn vendors_per_firm(lines: &mut Vec<Line>, summary: &Summary, rows: &[Observation], start: Month, fitted_until: Month) {
    let mut values: Vec<(Month, &str, f64)> = Vec::new();
    for any in rows.iter().filter(|r| r.metric == "enterprise_adoption_any_ai" && r.segment == "US_Ramp_sample_paid") {
        let sum: f64 = rows
            .iter()
            .filter(|r| r.metric == "enterprise_adoption_vendor" && r.segment == any.segment && r.date == any.date)
            .map(|r| r.value)
            .sum();
        // The sample names a month by its first day: it describes that month.
        if let Ok(month) = any.date.get(0..7).unwrap_or_default().parse::<Month>()
            && sum > 0.0
        {
            values.push((month, &any.date, sum / any.value));
        }
    }
    let model = (TableKind::Market, "vendors_per_firm", "", "market");
    push(lines, summary, model, "Vendors per adopting firm (Ramp)", "US firms", &values, start, fitted_until, &[6, 12]);
}

/// Whether a segment of the data is one that the operator reads: the same text, or a prefix that ends it or a word of it.
fn matches_segment(segment: &str, wanted: &[&str]) -> bool {
    wanted.iter().any(|w| {
        segment == *w
            || (segment.starts_with(w)
                && !segment.ends_with("vintage")
                && !segment.contains("reported")
                && !segment.contains("H1"))
                && !w.starts_with("US_")
                && *w != "menlo_api_usage"
    })
}

#[allow(clippy::too_many_arguments)]
fn push(
    lines: &mut Vec<Line>,
    summary: &Summary,
    (kind, metric, segment, id): (TableKind, &str, &str, &str),
    series: &str,
    entity: &str,
    values: &[(Month, &str, f64)],
    start: Month,
    fitted_until: Month,
    months: &[i32],
) {
    let Some(found) = summary.find(kind, metric, segment, id) else { return };
    let before: Vec<(Month, f64)> = values.iter().filter(|v| v.0 <= start).map(|v| (v.0, v.2)).collect();
    for (month, date, observed) in values.iter().filter(|v| v.0 > start) {
        let described = if date.ends_with("-01") && !months.is_empty() { month.plus(1) } else { *month };
        if !months.is_empty() && !months.contains(&described.month()) {
            continue;
        }
        let Some((_, s)) = found.rows.iter().find(|(m, _)| m == &described) else { continue };
        lines.push(Line {
            series: series.to_string(),
            entity: entity.to_string(),
            date: (*date).to_string(),
            observed: *observed,
            median: s.quantiles[3],
            band80: (s.quantiles[1], s.quantiles[5]),
            band90: (s.quantiles[0], s.quantiles[6]),
            trend: trend(&before, described),
            held_out: described > fitted_until,
        });
    }
}

/// What the trend of the year before the start would say: log-linear through the last observation and the one nearest to a year before it.
pub fn trend(before: &[(Month, f64)], at: Month) -> Option<f64> {
    let mut sorted: Vec<(Month, f64)> = before.iter().copied().filter(|v| v.1 > 0.0).collect();
    sorted.sort_by_key(|v| v.0);
    let last = *sorted.last()?;
    let earlier = sorted.iter().filter(|v| last.0.since(v.0) >= 5).min_by_key(|v| (last.0.since(v.0) - 12).abs())?;
    let slope = ln(last.1 / earlier.1) / f64::from(last.0.since(earlier.0));
    Some(last.1 * exp(slope * f64::from(at.since(last.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_of_doubling_doubles_again() {
        let before = [(Month::new(2023, 12), 1.0), (Month::new(2024, 12), 2.0)];
        assert!((trend(&before, Month::new(2025, 12)).unwrap() - 4.0).abs() < 1e-12);
        assert_eq!(trend(&before[1..], Month::new(2025, 12)), None);
    }

    #[test]
    fn the_month_whose_end_is_nearest_is_taken() {
        assert_eq!(nearest_month_end("2025-07-01"), Some(Month::new(2025, 6)));
        assert_eq!(nearest_month_end("2025-11-30"), Some(Month::new(2025, 11)));
    }

    #[test]
    fn observations_are_read_with_their_values() {
        let rows = observations();
        assert!(rows.len() > 1000);
        assert!(
            rows.iter().any(|r| r.metric == "valuation_post_money" && r.entity == "Anthropic" && r.value == 61.5e9)
        );
    }
}
