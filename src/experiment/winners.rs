//! Who wins: how likely each lab leads at the horizon, defaults, is acquired or turns profitable by each date.

use crate::experiment::statistics::wilson;
use crate::experiment::summary::{Horizon, Provenance, Summary};
use crate::record::TableKind;
use crate::units::Month;

/// What may become of a lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Has the largest share of enterprise spend.
    LeadsShare,
    /// Has the highest valuation of the independent labs.
    LeadsValue,
    /// Has the most capable model.
    LeadsCapability,
    /// Has made a profit for twelve months on end.
    TurnedProfitable,
    /// Has defaulted.
    Defaulted,
    /// Has been acquired.
    Acquired,
}

impl Outcome {
    /// All, in the order of tables and figures.
    pub const ALL: [Outcome; 6] = [
        Outcome::LeadsShare,
        Outcome::LeadsValue,
        Outcome::LeadsCapability,
        Outcome::TurnedProfitable,
        Outcome::Acquired,
        Outcome::Defaulted,
    ];
    /// The metric that flags it.
    pub fn metric(self) -> &'static str {
        match self {
            Outcome::LeadsShare => "leads_share",
            Outcome::LeadsValue => "leads_value",
            Outcome::LeadsCapability => "leads_capability",
            Outcome::TurnedProfitable => "turned_profitable",
            Outcome::Defaulted => "defaulted",
            Outcome::Acquired => "acquired",
        }
    }
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Outcome::LeadsShare => "leads in share",
            Outcome::LeadsValue => "leads in value",
            Outcome::LeadsCapability => "leads in capability",
            Outcome::TurnedProfitable => "profitable",
            Outcome::Defaulted => "defaulted",
            Outcome::Acquired => "acquired",
        }
    }
}

/// A probability over runs with its 95% interval (sampling of runs only).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chance {
    /// Runs.
    pub n: u64,
    /// Share of them.
    pub probability: f64,
    /// Lower end of the interval.
    pub ci_low: f64,
    /// Upper end of the interval.
    pub ci_high: f64,
}

impl Chance {
    fn new(probability: f64, n: u64) -> Chance {
        let (ci_low, ci_high) = wilson((probability * n as f64).round(), n as f64);
        Chance { n, probability, ci_low, ci_high }
    }
}

/// How likely an outcome is for a lab at a date.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Id of the lab.
    pub lab: String,
    /// Outcome.
    pub outcome: Outcome,
    /// Date.
    pub month: Month,
    /// How likely.
    pub chance: Chance,
}

/// Every lab and outcome: at the end of each year and at the horizon for what happens by a date, at the horizon alone for who
/// leads. Labs of groups cannot lead in value. Nothing where the results hold no such metric.
pub fn winners(provenance: &Provenance, summary: &Summary, horizon: &Horizon) -> Vec<Row> {
    let mut rows = Vec::new();
    for lab in &provenance.labs {
        for outcome in Outcome::ALL {
            if outcome == Outcome::LeadsValue && lab.division {
                continue;
            }
            let row = |month, chance| Row { lab: lab.id.clone(), outcome, month, chance };
            if let Some(series) = summary.find(TableKind::Labs, outcome.metric(), "", &lab.id) {
                let last = series.rows.len().saturating_sub(1);
                // The initial state is no outcome.
                for (at, (month, stats)) in series.rows.iter().enumerate().skip(1) {
                    if stats.n > 0 && (at == last || month.month() == 12) {
                        rows.push(row(*month, Chance::new(stats.mean, stats.n)));
                    }
                }
            } else if let Some(values) = horizon.find(TableKind::Labs, &lab.id, outcome.metric()) {
                let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
                if !known.is_empty() {
                    let mean = known.iter().sum::<f64>() / known.len() as f64;
                    rows.push(row(provenance.end, Chance::new(mean, known.len() as u64)));
                }
            }
        }
    }
    rows
}

/// How likely an outcome is for a lab at the horizon.
pub fn at_horizon(rows: &[Row], lab: &str, outcome: Outcome) -> Option<Chance> {
    rows.iter().rev().find(|r| r.lab == lab && r.outcome == outcome).map(|r| r.chance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::summary::{Series, Stats};
    use crate::record::Entity;

    #[test]
    fn chances_are_shares_of_runs_by_date() {
        let lab = |id: &str, division| Entity { id: id.into(), name: id.into(), colour: String::new(), division };
        let provenance = Provenance {
            labs: vec![lab("a", false), lab("b", true)],
            end: Month::new(2027, 6),
            ..Provenance::default()
        };
        let stats = |mean| Stats { n: 200, mean, sd: 0.0, mcse: 0.0, quantiles: [0.0; 7] };
        let months = [Month::new(2025, 12), Month::new(2026, 12), Month::new(2027, 3), Month::new(2027, 6)];
        let series = Series {
            kind: TableKind::Labs,
            metric: "defaulted".into(),
            entity: "a".into(),
            segment: String::new(),
            unit: "flag".into(),
            rows: months.into_iter().zip([0.0, 0.1, 0.15, 0.25].map(stats)).collect(),
        };
        let summary = Summary { series: vec![series], quantile_error: 0.0 };
        let flags = |id: &str, metric: &str| (TableKind::Labs, id.to_string(), metric.to_string());
        let horizon = Horizon {
            columns: vec![flags("a", "leads_value"), flags("b", "leads_value"), flags("b", "leads_share")],
            values: vec![vec![1.0, 0.0, 1.0, 1.0], vec![0.0; 4], vec![f64::NAN, 1.0, 0.0, 0.0]],
        };
        let rows = winners(&provenance, &summary, &horizon);
        let found: Vec<(&str, Outcome, Month, f64)> =
            rows.iter().map(|r| (r.lab.as_str(), r.outcome, r.month, r.chance.probability)).collect();
        assert_eq!(
            found,
            [
                ("a", Outcome::LeadsValue, Month::new(2027, 6), 0.75),
                ("a", Outcome::Defaulted, Month::new(2026, 12), 0.1),
                ("a", Outcome::Defaulted, Month::new(2027, 6), 0.25),
                ("b", Outcome::LeadsShare, Month::new(2027, 6), 1.0 / 3.0),
            ]
        );
        let chance = at_horizon(&rows, "a", Outcome::Defaulted).unwrap();
        assert_eq!((chance.n, chance.probability), (200, 0.25));
        assert!(chance.ci_low > 0.19 && chance.ci_low < 0.25 && chance.ci_high > 0.25 && chance.ci_high < 0.32);
        assert_eq!(at_horizon(&rows, "b", Outcome::LeadsValue), None);
    }
}
