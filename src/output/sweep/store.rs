//! Points on disk: what a sweep has done so far, so that it can continue after any stop.
//!
//! A point is one file: a head of little-endian numbers, the statistics of its series and the values of its first runs that
//! effects are told from, as little-endian numbers, its failed runs as JSON, and a SHA-256 of all that. It carries the hash of its design, so points of another sweep are never mixed in.

use std::path::{Path, PathBuf};

use crate::experiment::summary::{QUANTILES, Stats};
use crate::output::OutputError;
use crate::output::blocks::{place, placed};
use crate::run::ensemble::FailedRun;

const MAGIC: &[u8; 8] = b"aimpnt02";
/// Numbers of the head: point, runs, failed runs, whether the targets are met, statistics, values kept of a series, bytes of
/// failures.
const HEAD_WORDS: usize = 7;
#[cfg(test)]
const HEAD: usize = 8 + 32 + 8 * HEAD_WORDS;
/// Numbers of the statistics of one series at one date: n, mean, sd, mcse and the quantiles.
const WORDS: usize = 4 + QUANTILES.len();

/// A point whose runs are done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// Number of the point, from 0.
    pub point: u64,
    /// Runs that did not fail.
    pub runs: u64,
    /// Runs that failed.
    pub failed: u64,
    /// Whether all standard errors asked for were reached; false where none are asked for.
    pub met: bool,
    /// The failed runs that are listed.
    pub failures: Vec<FailedRun>,
    /// Statistics: series after series, date after date.
    pub stats: Vec<Stats>,
    /// Values of the first runs at the last date, a list a series that effects are told of: the runs in order, NaN where one
    /// failed or has no value.
    pub kept: Vec<Vec<f64>>,
}

impl Done {
    /// Runs simulated.
    pub fn attempted(&self) -> u64 {
        self.runs + self.failed
    }
}

/// A folder of points of one design.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    design: [u8; 32],
    cells: usize,
    kept: usize,
}

impl Store {
    /// Points of the design with this hash in `folder`, which is made; `cells` statistics each, and values of `kept` series.
    pub fn open(folder: &Path, design: [u8; 32], (cells, kept): (usize, usize)) -> Result<Store, OutputError> {
        std::fs::create_dir_all(folder).map_err(OutputError::file(folder))?;
        Ok(Store { folder: folder.to_path_buf(), design, cells, kept })
    }

    /// The file of a point.
    pub fn path(&self, point: u64) -> PathBuf {
        self.folder.join(format!("{point:08}.point"))
    }

    /// Writes a point; it appears whole or not at all.
    pub fn write(&self, done: &Done) -> Result<(), OutputError> {
        let path = self.path(done.point);
        let failures = serde_json::to_vec(&done.failures).map_err(|e| OutputError::table(&path, e))?;
        let kept_runs = done.kept.first().map_or(0, Vec::len);
        let words = HEAD_WORDS + WORDS * done.stats.len() + kept_runs * done.kept.len();
        let mut bytes = Vec::with_capacity(8 + 32 + 8 * words + failures.len() + 32);
        bytes.extend(MAGIC);
        bytes.extend(self.design);
        let (cells, failure_bytes) = (done.stats.len() as u64, failures.len() as u64);
        let head = [done.point, done.runs, done.failed, u64::from(done.met), cells, kept_runs as u64, failure_bytes];
        head.iter().for_each(|word| bytes.extend(word.to_le_bytes()));
        for stats in &done.stats {
            bytes.extend(stats.n.to_le_bytes());
            let values = [stats.mean, stats.sd, stats.mcse].into_iter().chain(stats.quantiles);
            values.for_each(|value| bytes.extend(value.to_le_bytes()));
        }
        done.kept.iter().flatten().for_each(|value| bytes.extend(value.to_le_bytes()));
        bytes.extend(failures);
        place(&path, bytes)
    }

    /// Reads a point; `None` when it is missing, cut short, changed, or of another design.
    pub fn read(&self, point: u64) -> Option<Done> {
        let content = placed(&self.path(point))?;
        let rest = content.strip_prefix(MAGIC)?.strip_prefix(&self.design)?;
        let (head, rest) = rest.split_at_checked(8 * HEAD_WORDS)?;
        let words = |bytes: &[u8]| -> Vec<u64> {
            bytes.chunks_exact(8).map(|b| u64::from_le_bytes(b.try_into().unwrap_or_default())).collect()
        };
        let [number, runs, failed, met, cells, kept_runs, failure_bytes] = words(head)[..] else { return None };
        if number != point || usize::try_from(cells).ok()? != self.cells {
            return None;
        }
        let (stats, rest) = rest.split_at_checked(8 * WORDS * self.cells)?;
        let kept_runs = usize::try_from(kept_runs).ok()?;
        let (kept, failures) = rest.split_at_checked(kept_runs.checked_mul(8 * self.kept)?)?;
        if usize::try_from(failure_bytes).ok()? != failures.len() {
            return None;
        }
        let stats = words(stats).chunks_exact(WORDS).map(stats_of).collect();
        let kept: Vec<f64> = words(kept).into_iter().map(f64::from_bits).collect();
        let kept = (0..self.kept).map(|series| kept[series * kept_runs..(series + 1) * kept_runs].to_vec()).collect();
        let failures = serde_json::from_slice(failures).ok()?;
        Some(Done { point, runs, failed, met: met == 1, failures, stats, kept })
    }

    /// Reads a point that was written or verified before.
    pub fn read_sound(&self, point: u64) -> Result<Done, OutputError> {
        self.read(point).ok_or_else(|| OutputError::table(&self.path(point), "the point is missing or damaged"))
    }
}

fn stats_of(words: &[u64]) -> Stats {
    let value = |i: usize| f64::from_bits(words[i]);
    let mut quantiles = [0.0; QUANTILES.len()];
    quantiles.iter_mut().enumerate().for_each(|(i, q)| *q = value(4 + i));
    Stats { n: words[0], mean: value(1), sd: value(2), mcse: value(3), quantiles }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn done(point: u64) -> Done {
        let stats = Stats { n: 3, mean: -0.5, sd: f64::NAN, mcse: 1e-300, quantiles: [0.1; 7] };
        let failed = FailedRun { run: 3, phase: "settle".into(), month: "2026-01".into(), what: "é".into() };
        let kept = vec![vec![0.5, f64::NAN, -1.0], vec![1e300, f64::NAN, 0.0]];
        Done { point, runs: 2, failed: 1, met: true, failures: vec![failed], stats: vec![stats; 4], kept }
    }

    #[test]
    fn a_point_survives_the_disk_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), [7; 32], (4, 2)).unwrap();
        store.write(&done(2)).unwrap();
        assert_eq!(format!("{:?}", store.read(2)), format!("{:?}", Some(done(2))));
    }

    #[test]
    fn a_point_that_is_cut_changed_moved_or_of_another_design_is_not_sound() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), [7; 32], (4, 2)).unwrap();
        (0..3).for_each(|point| store.write(&done(point)).unwrap());
        let bytes = fs::read(store.path(0)).unwrap();
        let mut changed = bytes.clone();
        changed[HEAD + 20] ^= 1;
        fs::write(store.path(0), &changed).unwrap();
        assert!(store.read(0).is_none());
        for length in [0, 20, HEAD, bytes.len() - 1] {
            fs::write(store.path(0), &bytes[..length]).unwrap();
            assert!(store.read(0).is_none(), "cut to {length}");
        }
        fs::rename(store.path(2), store.path(0)).unwrap();
        assert!(store.read(0).is_none());
        assert!(store.read(1).is_some());
        assert!(Store::open(folder.path(), [8; 32], (4, 2)).unwrap().read(1).is_none());
        assert!(Store::open(folder.path(), [7; 32], (5, 2)).unwrap().read(1).is_none());
        assert!(Store::open(folder.path(), [7; 32], (4, 3)).unwrap().read(1).is_none());
    }
}
