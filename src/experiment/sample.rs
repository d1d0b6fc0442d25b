//! A few series of an ensemble, run by run, in memory: for a comparison that needs no results folder.

use std::convert::Infallible;
use std::sync::atomic::AtomicBool;

use crate::experiment::statistics;
use crate::experiment::summary::Stats;
use crate::record::{Layout, TableKind};
use crate::run::Model;
use crate::run::ensemble::{Block, EnsembleError, FailedRun, Plan, run};
use crate::units::Month;

/// Runs handed over at once.
const BLOCK_RUNS: u64 = 16;

/// A series to keep: a column of an entity, and whether all its dates are kept or only the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Table.
    pub kind: TableKind,
    /// Column, for example `share_coding`.
    pub column: String,
    /// Entity id; `market` for the market.
    pub entity: String,
}

impl Wanted {
    /// A series.
    pub fn new(kind: TableKind, column: &str, entity: &str) -> Wanted {
        Wanted { kind, column: column.to_string(), entity: entity.to_string() }
    }
}

/// The values of an ensemble that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Runs that did not fail.
    pub runs: usize,
    /// Runs that failed.
    pub failed: Vec<FailedRun>,
    /// Dates: the month of the initial state, then the end of every step.
    pub months: Vec<Month>,
    /// Paths of the uncertain parameters.
    pub draw_paths: Vec<String>,
    /// Uncertain parameters: a parameter's values, run after run.
    pub draws: Vec<Vec<f64>>,
    series: Vec<Wanted>,
    /// Values by series and date, run after run.
    values: Vec<Vec<f64>>,
}

impl Sample {
    /// Values of a series at a date, run after run; `None` where it was not kept or the date is not simulated.
    pub fn values(&self, wanted: &Wanted, month: Month) -> Option<&[f64]> {
        let series = self.series.iter().position(|s| s == wanted)?;
        let date = self.months.iter().position(|m| *m == month)?;
        self.values.get(series * self.months.len() + date).map(Vec::as_slice)
    }
    /// Statistics of a series at a date, over the runs in which it exists.
    pub fn stats(&self, wanted: &Wanted, month: Month) -> Option<Stats> {
        let mut column = self.values(wanted, month)?.to_vec();
        let stats = statistics::exact(&mut column);
        (stats.n > 0).then_some(stats)
    }
    /// The last date.
    pub fn last(&self) -> Option<Month> {
        self.months.last().copied()
    }
}

/// Where a series stands in a layout.
fn place(layout: &Layout, wanted: &Wanted) -> Option<(usize, usize, usize)> {
    let (table, column) = layout.column(wanted.kind, &wanted.column)?;
    let entity = layout.tables.get(table)?.entities.iter().position(|e| e.id == wanted.entity)?;
    Some((table, entity, column))
}

/// Runs an ensemble and keeps the series that the model has of those wanted. `cancel` stops it early, with what is done.
///
/// # Errors
/// When the threads cannot be started.
pub fn sample<M: Model>(
    model: &M,
    wanted: &[Wanted],
    runs: u64,
    threads: usize,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(u64),
) -> Result<Sample, EnsembleError<Infallible>> {
    let layout = model.layout();
    let dates = layout.months.len();
    let there: Vec<(Wanted, (usize, usize, usize))> =
        wanted.iter().filter_map(|w| Some((w.clone(), place(layout, w)?))).collect();
    let gather: Vec<usize> = there
        .iter()
        .flat_map(|&(_, (table, entity, column))| (0..dates).map(move |date| layout.index(table, date, entity, column)))
        .collect();
    let mut kept = Sample {
        months: layout.months.clone(),
        draw_paths: layout.draws.clone(),
        draws: vec![Vec::new(); layout.draws.len()],
        values: vec![Vec::new(); gather.len()],
        series: there.into_iter().map(|(w, _)| w).collect(),
        ..Sample::default()
    };
    let plan = Plan { runs, block_runs: BLOCK_RUNS, first_block: 0, gather: &gather, threads };
    let mut attempted = 0;
    run(model, &plan, cancel, &mut |block: Block| {
        for (column, values) in kept.values.iter_mut().enumerate() {
            values.extend_from_slice(block.column(column));
        }
        let width = kept.draws.len().max(1);
        for drawn in block.draws.chunks(width) {
            kept.draws.iter_mut().zip(drawn).for_each(|(values, &value)| values.push(value));
        }
        kept.runs += block.runs.len();
        attempted += block.attempted;
        kept.failed.extend(block.failed);
        progress(attempted);
        Ok(())
    })?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::engine::Engine;
    use crate::scenario::Scenario;

    #[test]
    fn a_sample_holds_the_draws_and_the_series_of_every_run() {
        let set = [("enterprises.count", "60"), ("simulation.end", "\"2025-02\"")];
        let overlays: Vec<(String, String)> = set.iter().map(|(p, v)| (p.to_string(), v.to_string())).collect();
        let scenario = Scenario::load("history/2024-12", &overlays).unwrap();
        let share = Wanted::new(TableKind::Labs, "enterprise_share", "openai");
        let wanted = [share.clone(), Wanted::new(TableKind::Market, "no_such_metric", "market")];
        let model = Engine::new(scenario.clone());
        let kept = sample(&model, &wanted, 20, 2, &AtomicBool::new(false), &mut |_| ()).unwrap();
        assert_eq!((kept.runs, kept.failed.len()), (20, 0));
        assert_eq!(kept.last(), Some(Month::new(2025, 2)));
        let values = kept.values(&share, Month::new(2025, 2)).unwrap();
        assert!(values.len() == 20 && values.iter().all(|v| (0.0..=1.0).contains(v)));
        assert!(kept.stats(&wanted[1], Month::new(2025, 2)).is_none());
        // A parameter's values stand under its own path, run after run.
        let mut drawn = scenario.parameters.clone();
        for run in [0, 7, 19] {
            let of_run = scenario.draw(scenario.parameters.simulation.seed, run, &mut drawn);
            for (k, value) in of_run.iter().enumerate() {
                assert_eq!(kept.draws[k][run as usize], *value, "{}", kept.draw_paths[k]);
            }
        }
    }
}
