//! Comparison of an ensemble with what was observed: which series of the data is read by which metric of the model,
//! whether the observation fell within the bands, and what a trend or no change would have said.

use crate::experiment::observations::{Observation, Point, named_month, nearest_month_end, points};
use crate::experiment::sample::{Sample, Wanted};
use crate::math::ln;
use crate::record::TableKind;
use crate::units::Month;

pub mod hindsight;
mod rulers;

pub use hindsight::Touching;
pub use rulers::{Forecast, Missing, no_change, trend};

/// Last month that parameters may be fitted to, `YYYY-MM`.
pub const FITTED_UNTIL: &str = "2025-06";
/// Days of a month, in the mean.
const DAYS_PER_MONTH: f64 = 365.25 / 12.0;

/// How values of a series are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Billions of USD.
    Billions,
    /// Percent.
    Percent,
    /// A plain number.
    Number,
}

/// What dates of a series mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dating {
    /// A day: the model is read at the nearest end of a month.
    Day,
    /// A month that is named by its first day.
    NamedMonth,
}

/// An observation operator: which rows are compared with which metric.
struct Operator {
    /// Heading of the series.
    series: &'static str,
    /// Metric of the data.
    observed: &'static str,
    /// Keys of the segments that measure this; see [`Observation::key`].
    segments: &'static [&'static str],
    /// Table and column of the model.
    model: (TableKind, &'static str),
    /// Entities of the data. A lab's id is its name in lower case; a market series has one entity.
    entities: &'static [&'static str],
    dating: Dating,
    /// Months of the year that are compared; empty for all.
    months: &'static [i32],
    shown: Shown,
}

/// The survey's shares: of usage until mid-2025, of spend from then on. The model's share is of spend.
const MENLO: &[&str] = &["menlo_api_usage", "menlo_api_spend"];
/// Ramp's panel of small firms, its one complete vintage.
const RAMP: &[&str] = &["US_Ramp_sample_paid"];
/// Rounds, tenders and sales of stock at a price that outsiders paid. Press ranges and mergers within a group are none.
const PRICED: &[&str] = &[
    "Series_A",
    "Series_B",
    "Series_C",
    "Series_D",
    "Series_D_Menlo",
    "Series_E",
    "Series_F",
    "tender",
    "tender_6.6B_secondary",
    "VC_tender",
    "equity_convertible",
    "SoftBank_round",
    "Nvidia_Microsoft",
    "2025_round",
];
const QUARTERS: &[i32] = &[3, 6, 9, 12];
const HALVES: &[i32] = &[6, 12];

/// Headings of the series.
const SPEND: &str = "Spend on model APIs, USD bn a year";
const SHARE: &str = "Share of API spend";
const CODING: &str = "Share of spend on coding";
const ADOPTION: &str = "Paid adoption, any vendor";
const BY_VENDOR: &str = "Paid adoption by vendor";
const RUN_RATE: &str = "Run-rate, USD bn a year";
const VALUATION: &str = "Valuation, USD bn";
const FRONTIER: &str = "Capability frontier, ECI";

const OPERATORS: &[Operator] = &[
    Operator {
        series: SPEND,
        observed: "enterprise_llm_api_spend",
        segments: &["menlo_annualised"],
        model: (TableKind::Market, "enterprise_spend_usd"),
        entities: &["ENTERPRISES"],
        dating: Dating::Day,
        months: &[],
        shown: Shown::Billions,
    },
    Operator {
        series: SHARE,
        observed: "enterprise_llm_share",
        segments: MENLO,
        model: (TableKind::Labs, "enterprise_share"),
        entities: &["OpenAI", "Anthropic", "Google", "Meta", "DeepSeek"],
        dating: Dating::Day,
        months: &[],
        shown: Shown::Percent,
    },
    Operator {
        series: CODING,
        observed: "enterprise_llm_share",
        segments: &["menlo_coding"],
        model: (TableKind::Labs, "share_coding"),
        entities: &["OpenAI", "Anthropic"],
        dating: Dating::Day,
        months: &[],
        shown: Shown::Percent,
    },
    Operator {
        series: ADOPTION,
        observed: "enterprise_adoption_any_ai",
        segments: RAMP,
        model: (TableKind::Market, "other_business_adoption"),
        entities: &["US_businesses_Ramp"],
        dating: Dating::NamedMonth,
        months: QUARTERS,
        shown: Shown::Percent,
    },
    Operator {
        series: BY_VENDOR,
        observed: "enterprise_adoption_vendor",
        segments: RAMP,
        model: (TableKind::Labs, "paid_adoption"),
        entities: &["OpenAI", "Anthropic", "Google", "xAI"],
        dating: Dating::NamedMonth,
        months: HALVES,
        shown: Shown::Percent,
    },
    Operator {
        series: RUN_RATE,
        observed: "revenue_run_rate",
        segments: &["full_company", "ARR"],
        model: (TableKind::Labs, "revenue_run_rate_usd"),
        entities: &["OpenAI", "Anthropic", "xAI", "Cohere"],
        dating: Dating::Day,
        months: &[],
        shown: Shown::Billions,
    },
    Operator {
        series: VALUATION,
        observed: "valuation_post_money",
        segments: PRICED,
        model: (TableKind::Labs, "valuation_usd"),
        entities: &["OpenAI", "Anthropic", "Mistral", "Cohere"],
        dating: Dating::Day,
        months: &[],
        shown: Shown::Billions,
    },
    Operator {
        series: FRONTIER,
        observed: "capability_eci_frontier",
        segments: &["best_overall"],
        model: (TableKind::Market, "frontier_eci"),
        entities: &["FRONTIER"],
        dating: Dating::Day,
        months: &[],
        shown: Shown::Number,
    },
];

/// Series that are computed from several rows, beside those of [`OPERATORS`].
const LAG: &str = "Lag of open weights, months";
const PRICE: &str = "List price, USD per million tokens";
const VENDORS_SMALL: &str = "Vendors per small firm that pays any";
const VENDORS_LARGE: &str = "Vendors per adopting enterprise";

/// The models that a lab listed as its best general one that is not a reasoning or a premium tier, in order of date.
const FLAGSHIPS: &[(&str, &[&str])] = &[
    ("OpenAI", &["GPT-4 Turbo", "GPT-4o (launch)", "GPT-4o", "GPT-4.1", "GPT-5", "GPT-5.1", "GPT-5.2"]),
    ("Anthropic", &["Claude 2.1", "Claude 3.5 Sonnet", "Claude 3.7 Sonnet", "Claude Sonnet 4", "Claude Opus 4.5"]),
    ("Google", &["Gemini 1.5 Pro (launch GA)", "Gemini 1.5 Pro", "Gemini 2.5 Pro", "Gemini 3 Pro"]),
    ("xAI", &["grok-beta", "Grok-2 1212", "Grok 3", "Grok 4"]),
];

/// A series of observations and the metric that it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// Heading.
    pub series: &'static str,
    /// Entity as a reader names it.
    pub entity: String,
    /// The metric.
    pub model: Wanted,
    /// How values are shown.
    pub shown: Shown,
    /// A value a month, in the unit of the model, by month.
    pub points: Vec<Point>,
}

/// Names of all series, in the order of the comparison.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = OPERATORS.iter().map(|o| o.series).collect();
    names.extend([LAG, PRICE, VENDORS_SMALL, VENDORS_LARGE]);
    names
}

/// Every series of the data that the model is compared with.
pub fn observed(rows: &[Observation]) -> Vec<Observed> {
    let mut all = Vec::new();
    for op in OPERATORS {
        for entity in op.entities {
            let found = rows.iter().filter(|r| r.metric == op.observed && r.entity == *entity);
            let dated = found.filter(|r| op.segments.contains(&r.key())).filter_map(|r| {
                let month = match op.dating {
                    Dating::Day => nearest_month_end(&r.date),
                    Dating::NamedMonth => named_month(&r.date),
                }?;
                let counts = op.months.is_empty() || op.months.contains(&month.month());
                counts.then_some((month, r, r.value))
            });
            let (kind, column) = op.model;
            let (id, shown_as) = match kind {
                TableKind::Labs => (entity.to_lowercase(), entity.to_string()),
                _ => ("market".to_string(), "market".to_string()),
            };
            all.push(Observed {
                series: op.series,
                entity: shown_as,
                model: Wanted::new(kind, column, &id),
                shown: op.shown,
                points: points(dated),
            });
        }
    }
    if let Some(spend) = all.first_mut() {
        spend.points.push(extrapolated_spend());
    }
    all.push(Observed {
        series: LAG,
        entity: "market".into(),
        model: Wanted::new(TableKind::Market, "open_lag_months", "market"),
        shown: Shown::Number,
        points: points(lags(rows)),
    });
    for (lab, models) in FLAGSHIPS {
        all.push(Observed {
            series: PRICE,
            entity: (*lab).to_string(),
            model: Wanted::new(TableKind::Labs, "price_usd_per_mtok", &lab.to_lowercase()),
            shown: Shown::Number,
            // A list price is public on its day, whenever it was collected.
            points: points(prices(rows, lab, models)).into_iter().map(|p| Point { later: false, ..p }).collect(),
        });
    }
    for (series, column) in [(VENDORS_SMALL, "other_business_vendors"), (VENDORS_LARGE, "vendors_per_firm")] {
        all.push(Observed {
            series,
            entity: "market".into(),
            model: Wanted::new(TableKind::Market, column, "market"),
            shown: Shown::Number,
            points: points(vendors_per_firm(rows)),
        });
    }
    all
}

/// Spend at the end of 2025 as `baseline` assumes it, 12 to 18: no survey of API spend was taken after mid-2025, so this
/// is what the growth of the first half becomes when it slows. It is shown and not scored.
fn extrapolated_spend() -> Point {
    Point {
        month: Month::new(2025, 12),
        date: "2025-12-31".into(),
        value: 15.5e9,
        range: (12e9, 18e9),
        later: true,
        unscored: true,
    }
}

/// Age of the frontier that the best open weights have reached, months: the lag of that model when it came out, and the
/// time since. The data give the first; the metric of the model is the sum.
fn lags(rows: &[Observation]) -> Vec<(Month, &Observation, f64)> {
    let released = |model: &str| {
        let of = rows.iter().filter(|r| r.metric == "capability_eci" && r.model() == Some(model));
        of.map(|r| r.date.as_str()).min().and_then(day_number)
    };
    rows.iter()
        .filter(|r| r.metric == "open_weights_lag_days")
        .filter_map(|r| {
            let since = day_number(&r.date)? - released(r.model()?)?;
            Some((nearest_month_end(&r.date)?, r, (r.value + since) / DAYS_PER_MONTH))
        })
        .collect()
}

/// Days since a fixed day, good to a day over a few years.
fn day_number(date: &str) -> Option<f64> {
    let month = named_month(date)?;
    let day: f64 = date.get(8..10)?.parse().ok()?;
    Some(f64::from(month.since(Month::new(2020, 1))) * DAYS_PER_MONTH + day)
}

/// List prices of a lab's flagships at three input tokens to one of output.
fn prices<'a>(rows: &'a [Observation], lab: &str, models: &[&str]) -> Vec<(Month, &'a Observation, f64)> {
    let of = |metric: &'static str| rows.iter().filter(move |r| r.metric == metric);
    of("price_input")
        .filter(|r| r.entity == lab && r.model().is_some_and(|m| models.contains(&m)))
        .filter_map(|r| {
            let same = |o: &&Observation| o.entity == r.entity && o.segment == r.segment && o.date == r.date;
            let output = of("price_output").find(same)?;
            Some((nearest_month_end(&r.date)?, r, 0.75 * r.value + 0.25 * output.value))
        })
        .collect()
}

/// Vendors per firm that pays any: the sum of the vendors' rates over the rate of any, in one vintage of Ramp's panel.
fn vendors_per_firm(rows: &[Observation]) -> Vec<(Month, &Observation, f64)> {
    let panel = |metric: &'static str| rows.iter().filter(move |r| r.metric == metric && RAMP.contains(&r.key()));
    panel("enterprise_adoption_any_ai")
        .filter_map(|any| {
            let month = named_month(&any.date).filter(|m| HALVES.contains(&m.month()))?;
            let sum: f64 = panel("enterprise_adoption_vendor").filter(|r| r.date == any.date).map(|r| r.value).sum();
            (sum > 0.0).then_some((month, any, sum / any.value))
        })
        .collect()
}

/// One line of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Series.
    pub series: &'static str,
    /// Entity.
    pub entity: String,
    /// How values are shown.
    pub shown: Shown,
    /// What was observed.
    pub point: Point,
    /// Median of the runs.
    pub median: f64,
    /// 80% band.
    pub band80: (f64, f64),
    /// 90% band.
    pub band90: (f64, f64),
    /// Trend forecast, or why there is none.
    pub trend: Result<Forecast, Missing>,
    /// Last observation before the start.
    pub no_change: Option<Forecast>,
    /// Whether the date lies after the window that may be fitted.
    pub after_fits: bool,
    /// Of a line after that window: parameters of its series whose fit saw later data.
    pub touched_by: Vec<String>,
}

/// What a line may count for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its date lies within the window that may be fitted.
    InSample,
    /// Its date is later, but a parameter of its series was fitted to later data.
    Touched,
    /// No fit has seen it.
    HeldOut,
}

impl Standing {
    /// All of them, as the page orders them.
    pub const ALL: [Standing; 3] = [Standing::InSample, Standing::Touched, Standing::HeldOut];

    /// How a reader is told.
    pub fn word(self) -> &'static str {
        match self {
            Standing::InSample => "in sample",
            Standing::Touched => "in sample by a parameter",
            Standing::HeldOut => "held out",
        }
    }
}

impl Line {
    /// What it may count for.
    pub fn standing(&self) -> Standing {
        match (self.after_fits, self.touched_by.is_empty()) {
            (false, _) => Standing::InSample,
            (true, false) => Standing::Touched,
            (true, true) => Standing::HeldOut,
        }
    }
    /// Whether the observation lies within the 90% band.
    pub fn within90(&self) -> bool {
        self.band90.0 <= self.point.value && self.point.value <= self.band90.1
    }
    /// Whether the observation lies within the 80% band.
    pub fn within80(&self) -> bool {
        self.band80.0 <= self.point.value && self.point.value <= self.band80.1
    }
}

/// Compares a sample with the observations after its start; dates after `fitted_until` are held out, where none of the
/// parameters in `touching` had seen data of the series.
pub fn compare(sample: &Sample, all: &[Observed], fitted_until: Month, touching: &[Touching]) -> Vec<Line> {
    let Some(&start) = sample.months.first() else { return Vec::new() };
    let mut lines = Vec::new();
    for observed in all {
        let before: Vec<&Point> = observed.points.iter().filter(|p| p.month <= start).collect();
        let touched_by = hindsight::touched_by(touching, observed.series, &observed.entity);
        for point in observed.points.iter().filter(|p| p.month > start) {
            let Some(s) = sample.stats(&observed.model, point.month) else { continue };
            lines.push(Line {
                series: observed.series,
                entity: observed.entity.clone(),
                shown: observed.shown,
                point: point.clone(),
                median: s.quantiles[3],
                band80: (s.quantiles[1], s.quantiles[5]),
                band90: (s.quantiles[0], s.quantiles[6]),
                trend: trend(&before, point.month),
                no_change: no_change(&before),
                after_fits: point.month > fitted_until,
                touched_by: if point.month > fitted_until { touched_by.clone() } else { Vec::new() },
            });
        }
    }
    lines
}

/// How well a set of lines was projected.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// Lines that count.
    pub lines: usize,
    /// Of them within the 80% band.
    pub within80: usize,
    /// Of them within the 90% band.
    pub within90: usize,
    /// Lines for which both a trend and no change can be told from sound observations: the errors are over these.
    pub compared: usize,
    /// Mean absolute error of ln: the median of the runs.
    pub error_model: f64,
    /// The same of the trend.
    pub error_trend: f64,
    /// The same of no change.
    pub error_no_change: f64,
}

/// Scores lines; those that are not scored are passed over.
pub fn score<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Score {
    let mut score = Score::default();
    for line in lines.into_iter().filter(|l| !l.point.unscored) {
        score.lines += 1;
        score.within80 += usize::from(line.within80());
        score.within90 += usize::from(line.within90());
        let value = line.point.value;
        let sound = |f: Forecast| (!f.low).then_some(f.value);
        if let (Some(trend), Some(no_change)) = (line.trend.ok().and_then(sound), line.no_change.and_then(sound))
            && [value, line.median, trend, no_change].iter().all(|v| *v > 0.0)
        {
            score.compared += 1;
            score.error_model += ln(line.median / value).abs();
            score.error_trend += ln(trend / value).abs();
            score.error_no_change += ln(no_change / value).abs();
        }
    }
    let n = score.compared as f64;
    score.error_model /= n;
    score.error_trend /= n;
    score.error_no_change /= n;
    score
}

#[cfg(test)]
mod tests;
