//! The observations that the program carries, and the rules by which a row of them is compared with the model:
//! which month it describes, what its segment is, and which of several rows of one month counts.
//!
//! The rules are those of `data/README.md`.

use crate::units::Month;

/// One row of `data/observations.csv`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// Date that the figure describes, `YYYY-MM-DD`.
    pub date: String,
    /// Entity as the data name it.
    pub entity: String,
    /// Metric as the data name it.
    pub metric: String,
    /// Segment as the data name it.
    pub segment: String,
    /// Value.
    pub value: f64,
    /// Source.
    pub source: String,
    /// Confidence and flags, for example `low;memory`.
    pub confidence: String,
}

/// The project's own copy of the observations.
const OBSERVATIONS: &str = include_str!("../../data/observations.csv");
/// Last day on which something could be published within the year that is projected.
const LAST_DAY: &str = "2025-12-31";

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
                source: text(8),
                confidence: text(9),
            });
        }
    }
    rows
}

impl Observation {
    /// What the segment measures, without the investor, model or openness that stands behind it: the text before the
    /// first `;` or `:`. Two rows measure the same thing only if this is the same, letter by letter.
    pub fn key(&self) -> &str {
        self.segment.split([';', ':']).next().unwrap_or_default()
    }
    /// The model that the segment names, the text between the first `:` and the next `;`.
    pub fn model(&self) -> Option<&str> {
        self.segment.split_once(':').map(|(_, rest)| rest.split(';').next().unwrap_or(rest).trim())
    }
    /// Rank of its confidence, lowest best: high, medium, low; from memory after from a source.
    pub fn rank(&self) -> (u8, bool) {
        let mut words = self.confidence.split(';');
        let level = match words.next() {
            Some("high") => 0,
            Some("medium") => 1,
            _ => 2,
        };
        (level, words.any(|w| w == "memory"))
    }
    /// Whether the row has low confidence: it is shown and not scored.
    pub fn is_low(&self) -> bool {
        self.rank().0 == 2
    }
    /// Whether the row was published, or last revised, after the year that is projected: its source names 2026, or it
    /// describes the last day of the year.
    pub fn is_later(&self) -> bool {
        self.source.contains("2026") || self.date.as_str() >= LAST_DAY
    }
}

/// The month whose end is nearest to a date: a row of the first half of a month is compared with the month before.
pub fn nearest_month_end(date: &str) -> Option<Month> {
    let month = named_month(date)?;
    let day: u32 = date.get(8..10)?.parse().ok()?;
    Some(if day <= 15 { month.plus(-1) } else { month })
}

/// The month that a date names, for panels that date a month by its first day.
pub fn named_month(date: &str) -> Option<Month> {
    date.get(0..7)?.parse().ok()
}

/// Days from the nearest end of a month.
fn days_off(date: &str) -> u32 {
    let of = |text: &str| text.get(8..10).and_then(|d| d.parse::<u32>().ok());
    let (Some(day), Some(month)) = (of(date), named_month(date)) else { return u32::MAX };
    if day <= 15 { day } else { of(&month.last_day()).unwrap_or(30).saturating_sub(day) }
}

/// What was observed of a series at the end of a month.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Month at whose end the model is read.
    pub month: Month,
    /// Date of the row; of the first, where several count.
    pub date: String,
    /// Value; the mean of rows that differ and rank alike.
    pub value: f64,
    /// Least and greatest value of the rows that count.
    pub range: (f64, f64),
    /// Whether it was published or revised after the year.
    pub later: bool,
    /// Whether it is shown only: low confidence, or extrapolated.
    pub unscored: bool,
}

/// One point a month from rows with the month that each describes: the best rank counts, then the date nearest to the
/// month's end; rows that are still alike are averaged, and their range is kept.
pub fn points<'a>(rows: impl IntoIterator<Item = (Month, &'a Observation, f64)>) -> Vec<Point> {
    let mut all: Vec<(Month, &Observation, f64)> = rows.into_iter().collect();
    let order = |r: &Observation| (r.rank(), days_off(&r.date));
    all.sort_by(|a, b| (a.0, order(a.1), &a.1.date).cmp(&(b.0, order(b.1), &b.1.date)));
    let mut points = Vec::new();
    let mut rest = all.as_slice();
    while let Some(&(month, best, _)) = rest.first() {
        let of_month = rest.iter().take_while(|r| r.0 == month).count();
        let alike: Vec<f64> = rest[..of_month].iter().filter(|r| order(r.1) == order(best)).map(|r| r.2).collect();
        let (low, high) = alike.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
        points.push(Point {
            month,
            date: best.date.clone(),
            value: alike.iter().sum::<f64>() / alike.len() as f64,
            range: (low, high),
            later: best.is_later(),
            unscored: best.is_low(),
        });
        rest = &rest[of_month..];
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(date: &str, value: f64, confidence: &str) -> Observation {
        Observation { date: date.into(), value, confidence: confidence.into(), ..Observation::default() }
    }

    fn one(rows: &[Observation]) -> Point {
        let month = Month::new(2025, 12);
        let all = points(rows.iter().map(|r| (month, r, r.value)));
        assert_eq!(all.len(), 1);
        all[0].clone()
    }

    #[test]
    fn observations_are_read_with_their_values() {
        let rows = observations();
        assert!(rows.len() > 1000);
        assert!(
            rows.iter().any(|r| r.metric == "valuation_post_money" && r.entity == "Anthropic" && r.value == 61.5e9)
        );
        // Sources and confidences stand where they are read from.
        assert!(rows.iter().all(|r| ["high", "medium", "low"].contains(&r.confidence.split(';').next().unwrap())));
    }

    #[test]
    fn the_month_whose_end_is_nearest_is_taken() {
        assert_eq!(nearest_month_end("2025-07-01"), Some(Month::new(2025, 6)));
        assert_eq!(nearest_month_end("2025-11-30"), Some(Month::new(2025, 11)));
        assert_eq!(named_month("2025-06-01"), Some(Month::new(2025, 6)));
        assert_eq!(nearest_month_end("soon"), None);
    }

    #[test]
    fn a_segment_is_what_stands_before_investor_and_model() {
        let of = |segment: &str| Observation { segment: segment.into(), ..Observation::default() };
        assert_eq!(of("Series_E;investor=VC").key(), "Series_E");
        assert_eq!(of("best_open:DeepSeek-V3").key(), "best_open");
        assert_eq!(of("model:o1;closed").model(), Some("o1"));
        assert_eq!(of("US_Ramp_sample_paid_Feb2026_vintage").key(), "US_Ramp_sample_paid_Feb2026_vintage");
    }

    #[test]
    fn high_confidence_comes_before_medium_and_a_source_before_memory() {
        assert_eq!(one(&[row("2025-12-31", 10.0, "medium"), row("2025-12-31", 9.0, "high")]).value, 9.0);
        assert_eq!(one(&[row("2025-12-31", 10.0, "high;memory"), row("2025-12-31", 9.0, "high")]).value, 9.0);
    }

    #[test]
    fn rows_that_rank_alike_are_averaged_and_keep_their_range() {
        let point = one(&[row("2025-12-31", 20.0, "high"), row("2025-12-31", 21.4, "high")]);
        assert_eq!((point.value, point.range), (20.7, (20.0, 21.4)));
    }

    #[test]
    fn of_two_dates_in_a_month_the_one_nearer_to_its_end_counts() {
        let point = one(&[row("2025-12-20", 1.0, "high"), row("2025-12-30", 2.0, "high")]);
        assert_eq!(point.value, 2.0);
    }

    #[test]
    fn what_describes_the_last_day_or_names_2026_was_published_later() {
        assert!(row("2025-12-31", 1.0, "high").is_later());
        assert!(Observation { source: "Oct-2026 vintage".into(), ..row("2025-06-01", 1.0, "high") }.is_later());
        assert!(!row("2025-07-01", 1.0, "high").is_later());
    }

    #[test]
    fn a_row_of_low_confidence_is_shown_and_not_scored() {
        assert!(one(&[row("2025-12-31", 1.0, "low;memory")]).unscored);
        assert!(!one(&[row("2025-12-31", 1.0, "medium")]).unscored);
    }
}
