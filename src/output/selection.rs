//! Which values of a record are kept on disk, which only feed the summary, and what that costs.

use super::{Format, Paths};
use crate::experiment::statistics::Method;
use crate::experiment::summary::{SeriesAt, core_series};
use crate::record::Layout;

/// Most bytes of the values of a block.
const BLOCK_BYTES: usize = 4 << 20;
/// Most runs of a block.
const MOST_BLOCK_RUNS: u64 = 256;
/// An ensemble has at least about so many blocks, so that threads share the work evenly.
const LEAST_BLOCKS: u64 = 64;

/// The values gathered from every run, and where each stands among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// Indices into the values of a record: first the saved ones in rising order, then those that only feed the
    /// summary, in rising order.
    pub gather: Vec<usize>,
    /// How many of them are saved on disk.
    pub saved: usize,
    /// How the summary is computed.
    pub method: Method,
    /// Core series: what the summary covers.
    pub series: Vec<SeriesAt>,
    /// Runs of a block: a function of layout and runs, never of threads.
    pub block_runs: u64,
}

impl Selection {
    /// What is gathered of `runs` runs of this layout.
    pub fn new(layout: &Layout, runs: u64, paths: Paths) -> Selection {
        let method = Method::for_runs(runs);
        let series = core_series(layout);
        let dates = layout.months.len();
        let core: Vec<usize> = (0..dates)
            .flat_map(|date| series.iter().map(move |s| layout.index(s.table, date, s.entity, s.column)))
            .collect();
        let horizon = dates.saturating_sub(1) * layout.width..layout.len();
        let mut saved = vec![false; layout.len()];
        let keep_core = paths == Paths::Core || method == Method::Exact;
        saved[horizon].fill(true);
        if paths == Paths::All {
            saved.fill(true);
        } else if keep_core {
            core.iter().for_each(|&i| saved[i] = true);
        }
        let mut gather: Vec<usize> = (0..layout.len()).filter(|&i| saved[i]).collect();
        let count = gather.len();
        let mut extra: Vec<usize> = core.into_iter().filter(|&i| !saved[i]).collect();
        extra.sort_unstable();
        gather.extend(extra);
        let block_runs = block_runs(gather.len(), runs);
        Selection { gather, saved: count, method, series, block_runs }
    }

    /// Where value `index` of a record stands among the gathered ones.
    pub fn position(&self, index: usize) -> Option<usize> {
        let (saved, extra) = self.gather.split_at(self.saved);
        saved.binary_search(&index).ok().or_else(|| extra.binary_search(&index).ok().map(|i| self.saved + i))
    }

    /// Position of each core series at each date: series after series, date after date.
    pub fn core_positions(&self, layout: &Layout) -> Vec<usize> {
        let dates = layout.months.len();
        let index = |s: &SeriesAt, date| layout.index(s.table, date, s.entity, s.column);
        let all = self.series.iter().flat_map(|s| (0..dates).map(move |date| index(s, date)));
        all.map(|i| self.position(i).expect("every core value is gathered")).collect()
    }

    /// Blocks of an ensemble of `runs` runs.
    pub fn blocks(&self, runs: u64) -> u64 {
        runs.div_ceil(self.block_runs)
    }
}

fn block_runs(values: usize, runs: u64) -> u64 {
    let by_memory = (BLOCK_BYTES / (8 * values.max(1))) as u64;
    let by_balance = runs / LEAST_BLOCKS;
    let most = by_memory.min(by_balance).clamp(1, MOST_BLOCK_RUNS);
    // The largest power of two that is not above it.
    1 << most.ilog2()
}

/// What an ensemble needs, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Memory for records, blocks, the summary and the worlds of the workers.
    pub memory: u64,
    /// Disk at the worst moment: blocks and tables together.
    pub disk: u64,
}

/// Bytes of a worker's world for each enterprise: runs of 2,000 to 1,000,000 on one thread took 0.67 kB more of memory for
/// each.
const ENTERPRISE_BYTES: u64 = 670;

impl Needs {
    /// Memory of the worlds of so many workers, in bytes.
    pub fn worlds(threads: usize, enterprises: u64) -> u64 {
        threads.max(1) as u64 * enterprises * ENTERPRISE_BYTES
    }

    /// An estimate from the layout, before anything runs.
    pub fn estimate(
        layout: &Layout,
        runs: u64,
        paths: Paths,
        format: Format,
        threads: usize,
        enterprises: u64,
    ) -> Needs {
        let selection = Selection::new(layout, runs, paths);
        let worlds = Needs::worlds(threads, enterprises);
        let threads = threads as u64;
        let value = 8u64;
        let record = value * layout.len() as u64;
        let block = value * selection.gather.len() as u64 * selection.block_runs;
        let cells = (selection.series.len() * layout.months.len()) as u64;
        let summary = match selection.method {
            Method::Exact => super::summarise::PASS_BYTES as u64,
            // A sketch of a spread-out metric counts in some ten powers of two.
            Method::Sketch => cells * 4_000,
        };
        let tables = 4 * super::tables::GROUP_ROWS as u64 * value * 40;
        let horizon = super::read::HORIZON_RUNS.min(runs) * value * layout.width as u64;
        let blocks = threads * (record + block) + (2 * threads + 1) * block;
        let memory = worlds + blocks + summary.max(tables) + horizon + (32 << 20);
        let saved = value * runs * (selection.saved as u64 + layout.draws.len() as u64 + 1);
        // Parquet compresses to about 0.8 of the plain numbers; CSV writes some 20 characters for each.
        let plain = value * runs * layout.width as u64
            + match paths {
                Paths::None => 0,
                Paths::Core => value * runs * cells,
                Paths::All => record * runs,
            };
        let parquet = if format.parquet() { plain * 8 / 10 } else { 0 };
        let csv = if format.csv() { plain * 20 / 8 } else { 0 };
        let sketches = if selection.method == Method::Sketch { 2 * summary } else { 0 };
        Needs { memory, disk: saved + parquet + csv + sketches + (16 << 20) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record;
    use crate::scenario::Scenario;

    #[test]
    fn memory_grows_with_the_number_of_enterprises_in_the_world_of_every_thread() {
        let quick = Scenario::load("quick", &[]).unwrap();
        let layout = record::layout(&quick.parameters, quick.draw_paths());
        let memory = |threads, enterprises| {
            Needs::estimate(&layout, 100, Paths::Core, Format::Parquet, threads, enterprises).memory
        };
        assert!(memory(16, 1_000_000) > 8_000_000_000);
        let count = quick.parameters.enterprises.count;
        assert!(memory(2, count) - memory(2, 0) < memory(2, 0) / 20);
    }
}
