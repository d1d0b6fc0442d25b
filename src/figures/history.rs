//! What was observed of the labs, for the same chart as the projection.
//!
//! Rows of `data/observations.csv`. Each metric names the series that it may be compared with; the articles'
//! own figures are claims to be tested, so they are never shown as history.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::units::Month;

/// Something observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// When, decimal calendar year (the end of 2025 is 2026.0).
    pub date: f64,
    /// Value, in the unit of the metric.
    pub value: f64,
    /// Least of the values reported.
    pub low: f64,
    /// Greatest of the values reported.
    pub high: f64,
    /// Whether it is of low confidence in the data.
    pub unsure: bool,
}

/// A row of the file.
struct Row {
    date: String,
    entity: String,
    metric: String,
    segment: String,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
    source: String,
    rank: u8,
}

/// Rank of a confidence of `medium`.
const MEDIUM: u8 = 2;

/// The best grade of the FLI index: trust at the start is a lab's grade over it, in every jurisdiction.
const GRADES: f64 = 4.3;

fn is_trust(metric: &str) -> bool {
    metric == "trust" || metric.starts_with("trust_")
}

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let mut reader = csv::Reader::from_reader(include_bytes!("../../data/observations.csv").as_slice());
        reader
            .records()
            .flatten()
            .filter_map(|r| {
                let get = |at: usize| r.get(at).unwrap_or("").trim();
                let confidence = get(9);
                let rank = if confidence.starts_with("high") {
                    3
                } else if confidence.starts_with("medium") {
                    MEDIUM
                } else {
                    1
                };
                Some(Row {
                    date: get(0).to_owned(),
                    entity: get(1).to_owned(),
                    metric: get(2).to_owned(),
                    segment: get(3).to_owned(),
                    value: get(4).parse().ok()?,
                    low: get(6).parse().ok(),
                    high: get(7).parse().ok(),
                    source: get(8).to_owned(),
                    // A sourced figure before one from memory.
                    rank: 2 * rank + u8::from(!confidence.contains("memory")),
                })
            })
            .collect()
    })
}

/// The observations that a metric of an agent may be compared with, by its display name, in order of time.
/// Of several figures for one day the best sourced stands; where several are equally good, their middle stands
/// and they make the range.
pub fn observations(metric: &str, name: &str) -> Vec<Observation> {
    let best_so_far = metric == "capability_eci";
    let fits = |row: &&Row| -> bool {
        if row.source.starts_with("seed ") {
            return false;
        }
        let segment = row.segment.as_str();
        match metric {
            "enterprise_share" => {
                row.entity == name
                    && row.metric == "enterprise_llm_share"
                    && matches!(segment, "menlo_api_usage" | "menlo_api_spend")
            }
            "share_coding" => row.entity == name && row.metric == "enterprise_llm_share" && segment == "menlo_coding",
            "revenue_run_rate_usd" => {
                row.entity == name && row.metric == "revenue_run_rate" && matches!(segment, "full_company" | "ARR")
            }
            "valuation_usd" => {
                row.entity == name
                    && row.metric == "valuation_post_money"
                    && !segment.contains("combined")
                    && !segment.starts_with("estimated")
            }
            "capability_eci" => row.entity == name && row.metric == "capability_eci",
            _ if is_trust(metric) => row.entity == name && row.metric == "safety_index_gpa",
            "frontier_eci" => row.entity == "FRONTIER" && row.metric == "capability_eci_frontier",
            "open_weights_share" => {
                row.entity == "OPEN_WEIGHTS"
                    && row.metric == "open_weights_share"
                    && segment == "menlo_enterprise_workloads"
            }
            _ => false,
        }
    };
    let mut days: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows().iter().filter(fits) {
        days.entry(&row.date).or_default().push(row);
    }
    let mut best = f64::NEG_INFINITY;
    let unit = if is_trust(metric) { GRADES } else { 1.0 };
    days.into_iter()
        .filter_map(|(date, rows)| {
            let rank = rows.iter().map(|r| r.rank).max()?;
            let unsure = rank < 2 * MEDIUM;
            let kept: Vec<&Row> = rows.into_iter().filter(|r| r.rank == rank).collect();
            let low = kept.iter().map(|r| r.low.unwrap_or(r.value).min(r.value)).fold(f64::INFINITY, f64::min);
            let high = kept.iter().map(|r| r.high.unwrap_or(r.value).max(r.value)).fold(f64::NEG_INFINITY, f64::max);
            let value = if best_so_far { high } else { kept.iter().map(|r| r.value).sum::<f64>() / kept.len() as f64 };
            if best_so_far {
                // A lab stands at its best model: weaker ones that follow are not steps back.
                if value <= best {
                    return None;
                }
                best = value;
                return Some(Observation { date: decimal_year(date)?, value, low: value, high: value, unsure });
            }
            Some(Observation {
                date: decimal_year(date)?,
                value: value / unit,
                low: low / unit,
                high: high / unit,
                unsure,
            })
        })
        .collect()
}

/// Who published the observations of a metric, for the source line.
pub fn publishers(metric: &str) -> &'static str {
    match metric {
        "enterprise_share" | "share_coding" | "open_weights_share" => "Menlo Ventures surveys",
        "revenue_run_rate_usd" | "valuation_usd" => "Epoch AI and press reports",
        "capability_eci" | "frontier_eci" => "Epoch Capabilities Index",
        _ if is_trust(metric) => "FLI AI Safety Index, grade over 4.3",
        _ => "",
    }
}

/// Decimal year of the end of a day `YYYY-MM-DD`.
fn decimal_year(date: &str) -> Option<f64> {
    let month: Month = date.get(..7)?.parse().ok()?;
    let day: f64 = date.get(8..10)?.parse().ok()?;
    let days = f64::from(month.last_day_since_epoch() - month.plus(-1).last_day_since_epoch());
    Some(month.plus(-1).year_end_decimal() + day / days / 12.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_survey_of_2025_is_the_last_observed_share() {
        let seen = observations("enterprise_share", "OpenAI");
        assert!(seen.len() >= 4);
        assert_eq!(seen.last().unwrap().value, 0.27);
        assert!((seen.last().unwrap().date - (2025.0 + 11.0 / 12.0)).abs() < 1e-9);
        assert!(seen.windows(2).all(|w| w[0].date < w[1].date));
    }

    #[test]
    fn equally_good_figures_of_one_day_make_a_range() {
        let last = *observations("revenue_run_rate_usd", "OpenAI").last().unwrap();
        assert_eq!((last.low, last.high), (2.0e10, 2.14e10));
        assert!((last.date - 2026.0).abs() < 1e-9);
    }

    #[test]
    fn a_better_sourced_figure_of_the_same_day_stands_alone() {
        let last = *observations("revenue_run_rate_usd", "Anthropic").last().unwrap();
        assert_eq!((last.value, last.low, last.high), (9.0e9, 9.0e9, 9.0e9));
    }

    #[test]
    fn what_the_data_hold_for_unsure_is_told_apart() {
        let seen = observations("revenue_run_rate_usd", "Mistral");
        assert!(seen.iter().any(|o| o.value == 2.0e7 && o.unsure), "{seen:?}");
        assert!(observations("revenue_run_rate_usd", "OpenAI").iter().all(|o| !o.unsure));
        let shares = observations("enterprise_share", "OpenAI");
        assert!(shares.iter().any(|o| o.unsure) && !shares.last().unwrap().unsure, "{shares:?}");
    }

    #[test]
    fn capability_never_falls_in_history() {
        for lab in ["OpenAI", "Anthropic", "Google", "Meta", "DeepSeek"] {
            let seen = observations("capability_eci", lab);
            assert!(seen.len() > 3 && seen.windows(2).all(|w| w[0].value < w[1].value), "{lab}");
        }
        assert_eq!(observations("capability_eci", "OpenAI").last().unwrap().value, 155.4);
    }

    #[test]
    fn the_last_grade_is_the_trust_of_the_start() {
        let seen = observations("trust_us", "Anthropic");
        assert_eq!(seen.len(), 3);
        assert!((seen.last().unwrap().value - 0.6209).abs() < 1e-4);
        assert!(publishers("trust_us").contains("FLI"));
        assert!(observations("trust_us", "Microsoft").is_empty());
    }

    #[test]
    fn the_articles_figures_are_no_history() {
        // The article of seed 003 puts OpenAI at 45% in mid-2025.
        assert!(observations("enterprise_share", "OpenAI").iter().all(|o| o.value != 0.45));
    }
}
