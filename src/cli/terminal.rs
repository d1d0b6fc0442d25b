//! What an analyst sees while and after an ensemble runs.

use std::io::IsTerminal;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::experiment::claims::{Along, Driven, Scored};
use crate::experiment::summary::{Series, Stats};
use crate::experiment::winners::{Outcome, at_horizon, winners};
use crate::output::{Progress, Results};
use crate::record::TableKind;

/// A progress bar with rate and time left: on a terminal only, moved once a block.
pub struct Bar {
    bar: ProgressBar,
    started_at: Option<u64>,
}

impl Bar {
    /// A bar for a scenario; hidden when `quiet` or when stderr is no terminal.
    pub fn new(scenario: &str, quiet: bool) -> Bar {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let template = "{prefix} {wide_bar} {pos}/{len} runs, {per_sec}, {eta} left {msg}";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(scenario.to_string());
        Bar { bar, started_at: None }
    }
    /// Moves the bar.
    pub fn show(&mut self, progress: Progress) {
        if self.started_at.is_none() {
            self.started_at = Some(progress.done);
            self.bar.set_length(progress.total);
            self.bar.set_position(progress.done);
            // Runs that were found on disk say nothing of the rate.
            self.bar.reset_eta();
        }
        // Points that stop early leave fewer to do.
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.done);
        if progress.failed > 0 {
            self.bar.set_message(format!("({} failed)", progress.failed));
        }
    }
    /// Clears the bar and says how long the ensemble took.
    pub fn finish(self) -> Duration {
        let elapsed = self.bar.elapsed();
        self.bar.finish_and_clear();
        elapsed
    }
}

/// One lab at the horizon.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct LabAtHorizon {
    /// Id.
    pub id: String,
    /// Name shown.
    pub name: String,
    /// Share of enterprise spend: 5%, 50% and 95% quantiles.
    pub enterprise_share: Option<[f64; 3]>,
    /// Run-rate in USD a year: 5%, 50% and 95% quantiles.
    pub revenue_run_rate_usd: Option<[f64; 3]>,
    /// Valuation in USD: 5%, 50% and 95% quantiles.
    pub valuation_usd: Option<[f64; 3]>,
    /// Share of runs in which it has the largest share of enterprise spend.
    pub leads_share: Option<f64>,
    /// Share of runs in which it has the highest valuation of the independent labs.
    pub leads_value: Option<f64>,
    /// Share of runs in which it has the most capable model.
    pub leads_capability: Option<f64>,
    /// Share of runs in which it has made a profit for twelve months on end.
    pub turned_profitable: Option<f64>,
    /// Share of runs in which it has been acquired.
    pub acquired: Option<f64>,
    /// Share of runs in which it has defaulted.
    pub defaulted: Option<f64>,
}

/// The labs at the horizon, in the order of the scenario's layout.
pub fn labs_at_horizon(results: &Results) -> Vec<LabAtHorizon> {
    let labs = &results.provenance.labs;
    let rows = winners(&results.provenance, &results.summary, &results.horizon);
    let last = |metric: &str, lab: &str| -> Option<Stats> {
        let series: &Series = results.summary.find(TableKind::Labs, metric, "", lab)?;
        series.rows.last().map(|(_, stats)| *stats).filter(|stats| stats.n > 0)
    };
    let band = |metric: &str, lab: &str| last(metric, lab).map(|s| [s.quantiles[0], s.quantiles[3], s.quantiles[6]]);
    let of_lab = labs.iter().map(|lab| {
        let chance = |outcome| at_horizon(&rows, &lab.id, outcome).map(|c| c.probability);
        LabAtHorizon {
            id: lab.id.clone(),
            name: lab.name.clone(),
            enterprise_share: band("enterprise_share", &lab.id),
            revenue_run_rate_usd: band("revenue_run_rate_usd", &lab.id),
            valuation_usd: band("valuation_usd", &lab.id),
            leads_share: chance(Outcome::LeadsShare),
            leads_value: chance(Outcome::LeadsValue),
            leads_capability: chance(Outcome::LeadsCapability),
            turned_profitable: chance(Outcome::TurnedProfitable),
            acquired: chance(Outcome::Acquired),
            defaulted: chance(Outcome::Defaulted),
        }
    });
    of_lab.collect()
}

/// The table at the end of a run: where each lab stands at the horizon, and the share of runs in which it leads, has turned a
/// profit, is gone.
pub fn table(results: &Results) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let end = results.provenance.end;
    table.set_header([
        "lab".to_string(),
        format!("share {end}"),
        "run-rate".to_string(),
        "valuation".to_string(),
        "leads in share | value | capability".to_string(),
        "profitable | acquired | defaulted".to_string(),
    ]);
    let mut labs = labs_at_horizon(results);
    let median = |lab: &LabAtHorizon| lab.enterprise_share.map_or(f64::NEG_INFINITY, |q| q[1]);
    labs.sort_by(|a, b| median(b).total_cmp(&median(a)));
    let band = |q: Option<[f64; 3]>, show: fn(f64) -> String| {
        q.map_or("–".to_string(), |[low, middle, high]| format!("{} [{}, {}]", show(middle), show(low), show(high)))
    };
    let chances = |p: [Option<f64>; 3]| p.map(|p| p.map_or("–".to_string(), percent)).join(" | ");
    for lab in labs {
        table.add_row([
            lab.name.clone(),
            band(lab.enterprise_share, percent),
            band(lab.revenue_run_rate_usd, usd),
            band(lab.valuation_usd, usd),
            chances([lab.leads_share, lab.leads_value, lab.leads_capability]),
            chances([lab.turned_profitable, lab.acquired, lab.defaulted]),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// The table of claims; none where the scenario makes none.
pub fn claims_table(claims: &[Scored]) -> Option<String> {
    if claims.is_empty() {
        return None;
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["claim", "source", "probability", "outcome", "Brier"]);
    let driven = |c: &Scored| c.along.as_ref().filter(|a| a.driven == Driven::Yes).cloned();
    for claim in claims {
        let star = if driven(claim).is_some() { "*" } else { "" };
        let probability = match claim {
            c if !c.not_decidable.is_empty() => format!("not decidable {}", c.not_decidable),
            c if c.n == 0 => "no run to judge by".to_string(),
            c => format!("{} [{}, {}]", percent(c.probability), percent(c.ci_low), percent(c.ci_high)),
        };
        let outcome = match claim.outcome {
            Some(true) => "came true",
            Some(false) => "did not",
            None => "–",
        };
        let brier = if claim.brier.is_nan() { "–".to_string() } else { format!("{:.2}", claim.brier) };
        let row = [format!("{}{star}", claim.id), claim.source.clone(), probability, outcome.to_string(), brier];
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut lines = vec![table.to_string()];
    for claim in claims {
        if let Some(Along { leader, low, high, .. }) = driven(claim) {
            let move_ = format!("from {} to {} from the lowest to the highest third of", percent(low), percent(high));
            lines.push(format!("* {} rests on a prior: {move_} {leader}", claim.id));
        }
        let counted = |n: u64| format!("{} of {} runs", thousands(n), thousands(claim.n + claim.conditioned_out));
        if claim.undecided > 0 {
            lines.push(format!("{}: {} cannot decide it and count as not", claim.id, counted(claim.undecided)));
        }
        if claim.conditioned_out > 0 {
            lines.push(format!("{}: {} are left out by its condition", claim.id, counted(claim.conditioned_out)));
        }
    }
    Some(lines.join("\n"))
}

/// The claims as they stand in the object of `--json`; a number that does not exist is null.
pub fn scored_claims(claims: &[Scored]) -> Vec<serde_json::Value> {
    let row = |c: &Scored| {
        serde_json::json!({
            "id": c.id,
            "source": c.source,
            "text": c.text,
            "test": c.test,
            "probability": c.probability,
            "ci_low": c.ci_low,
            "ci_high": c.ci_high,
            "outcome": c.outcome,
            "brier": c.brier,
            "n": c.n,
            "undecided": c.undecided,
            "conditioned_out": c.conditioned_out,
            "not_decidable": (!c.not_decidable.is_empty()).then_some(&c.not_decidable),
            "assumption_driven": c.along.as_ref().map(|a| a.driven),
            "ridge": c.along.as_ref().map(|a| &a.leader),
            "ridge_low": c.along.as_ref().map(|a| a.low),
            "ridge_high": c.along.as_ref().map(|a| a.high),
            "ridge_se": c.along.as_ref().map(|a| a.se),
        })
    };
    claims.iter().map(row).collect()
}

/// A fraction as a percentage.
pub fn percent(x: f64) -> String {
    let p = 100.0 * x;
    if p > 0.0 && p < 0.95 { format!("{p:.1}%") } else { format!("{p:.0}%") }
}

/// Money with a unit that suits its size.
pub fn usd(x: f64) -> String {
    if x == 0.0 {
        return "$0".to_string();
    }
    let sign = if x < 0.0 { "-" } else { "" };
    let (value, unit) = match x.abs() {
        a if a >= 9.995e11 => (a / 1e12, "tn"),
        a if a >= 9.995e8 => (a / 1e9, "bn"),
        a => (a / 1e6, "m"),
    };
    let decimals = if value >= 99.95 {
        0
    } else if value >= 9.995 {
        1
    } else {
        2
    };
    format!("{sign}${value:.decimals$}{unit}")
}

/// Bytes with a unit that suits their size.
pub fn size(bytes: u64) -> String {
    match bytes as f64 {
        b if b >= 1e9 => format!("{:.1} GB", b / 1e9),
        b if b >= 1e6 => format!("{:.0} MB", b / 1e6),
        b => format!("{:.0} kB", b / 1e3),
    }
}

/// A whole number with its thousands set apart.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_in_units_that_suit_them() {
        assert_eq!(usd(3.5e11), "$350bn");
        assert_eq!(usd(1.234e12), "$1.23tn");
        assert_eq!(usd(-4.5e6), "-$4.50m");
        assert_eq!(usd(0.0), "$0");
        assert_eq!(percent(0.004), "0.4%");
        assert_eq!(percent(0.456), "46%");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(12), "12");
        assert_eq!(size(1_500_000_000), "1.5 GB");
    }
}
