//! Forecasts that need no model: the trend of the year before the start, and no change.

use crate::experiment::observations::Point;
use crate::math::{exp, ln};
use crate::units::Month;

/// Least months between the two observations that make a trend.
const LEAST_TREND_MONTHS: i32 = 5;

/// A forecast from the observations before the start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// What it says.
    pub value: f64,
    /// Whether it rests on an observation of low confidence: it is shown and not scored.
    pub low: bool,
}

/// Why there is no trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing was observed before the start.
    NoneBefore,
    /// One observation makes no slope.
    OneBefore,
    /// All observations before the start lie too near to each other.
    TooNear,
}

impl Missing {
    /// How a reader is told.
    pub fn word(self) -> &'static str {
        match self {
            Missing::NoneBefore => "none before",
            Missing::OneBefore => "one before",
            Missing::TooNear => "too near",
        }
    }
}

/// What the trend of the year before the start would say at a month: log-linear through the last observation and the one
/// nearest to a year before it. `before` in order of months; rows of low confidence count where the others make no trend.
pub fn trend(before: &[&Point], at: Month) -> Result<Forecast, Missing> {
    let sound: Vec<&Point> = before.iter().copied().filter(|p| !p.unscored).collect();
    slope(&sound, at).or_else(|_| slope(before, at))
}

fn slope(before: &[&Point], at: Month) -> Result<Forecast, Missing> {
    let positive: Vec<&Point> = before.iter().copied().filter(|p| p.value > 0.0).collect();
    let last = *positive.last().ok_or(Missing::NoneBefore)?;
    let old_enough = positive.iter().filter(|p| last.month.since(p.month) >= LEAST_TREND_MONTHS);
    let Some(earlier) = old_enough.min_by_key(|p| (last.month.since(p.month) - 12).abs()) else {
        return Err(if positive.len() == 1 { Missing::OneBefore } else { Missing::TooNear });
    };
    let slope = ln(last.value / earlier.value) / f64::from(last.month.since(earlier.month));
    let value = last.value * exp(slope * f64::from(at.since(last.month)));
    Ok(Forecast { value, low: last.unscored || earlier.unscored })
}

/// The last observation before the start; one of low confidence where there is no other.
pub fn no_change(before: &[&Point]) -> Option<Forecast> {
    let last = before.iter().rev().find(|p| !p.unscored).or(before.last())?;
    Some(Forecast { value: last.value, low: last.unscored })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(year: i32, month: i32, value: f64, unscored: bool) -> Point {
        let month = Month::new(year, month);
        Point { month, date: String::new(), value, range: (value, value), later: false, unscored }
    }

    fn at_the_end(points: &[Point]) -> Result<Forecast, Missing> {
        trend(&points.iter().collect::<Vec<_>>(), Month::new(2025, 12))
    }

    #[test]
    fn a_trend_of_doubling_doubles_again() {
        let found = at_the_end(&[point(2023, 12, 1.0, false), point(2024, 12, 2.0, false)]).unwrap();
        assert!((found.value - 4.0).abs() < 1e-12 && !found.low);
    }

    #[test]
    fn a_trend_that_is_missing_says_why() {
        assert_eq!(at_the_end(&[]), Err(Missing::NoneBefore));
        assert_eq!(at_the_end(&[point(2024, 12, 2.0, false)]), Err(Missing::OneBefore));
        assert_eq!(at_the_end(&[point(2024, 11, 1.0, false), point(2024, 12, 2.0, true)]), Err(Missing::TooNear));
    }

    #[test]
    fn rows_of_low_confidence_make_a_trend_where_there_is_no_other_and_flag_it() {
        let low = at_the_end(&[point(2023, 12, 1.0, true), point(2024, 12, 2.0, false)]).unwrap();
        assert!((low.value - 4.0).abs() < 1e-12 && low.low);
        let points = [point(2023, 12, 1.0, false), point(2024, 6, 9.0, true), point(2024, 12, 1.0, false)];
        assert_eq!(at_the_end(&points), Ok(Forecast { value: 1.0, low: false }));
    }

    #[test]
    fn no_change_takes_a_sound_row_before_a_later_one_of_low_confidence() {
        let points = [point(2024, 6, 1.0, false), point(2024, 12, 2.0, true)];
        let of = |points: &[Point]| no_change(&points.iter().collect::<Vec<_>>());
        assert_eq!(of(&points), Some(Forecast { value: 1.0, low: false }));
        assert_eq!(of(&points[1..]), Some(Forecast { value: 2.0, low: true }));
        assert_eq!(of(&[]), None);
    }
}
