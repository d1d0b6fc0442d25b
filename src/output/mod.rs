//! Results on disk: blocks while an ensemble runs, then tables, summary and manifest in a folder that appears
//! all at once.

pub mod blocks;
pub mod claims;
pub mod compare;
pub mod convergence;
pub mod folder;
pub mod game;
pub mod manifest;
pub mod read;
mod rows;
pub mod selection;
pub mod sensitivity;
mod sheet;
pub mod simulate;
pub mod summarise;
pub mod sweep;
pub mod tables;
pub mod until;
pub mod winners;

use std::path::{Path, PathBuf};

pub use manifest::Manifest;
pub use read::{Results, read};
pub use simulate::{About, Outcome, Progress, Request, simulate, simulate_until};
pub use until::Until;

/// Which series of every run are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paths {
    /// The core metrics of every run and date.
    Core,
    /// Every metric of every run and date.
    All,
    /// Only the last date, in `horizon.parquet`.
    None,
}

impl Paths {
    /// Most runs for which the core metrics are written unless something else is asked for.
    pub const CORE_RUNS: u64 = 2_000;
    /// What is written when nothing is asked for.
    pub fn for_runs(runs: u64) -> Paths {
        if runs <= Paths::CORE_RUNS { Paths::Core } else { Paths::None }
    }
    /// The word on the command line and in the manifest.
    pub fn word(self) -> &'static str {
        match self {
            Paths::Core => "core",
            Paths::All => "all",
            Paths::None => "none",
        }
    }
}

/// The format of the tables. `horizon.parquet` is written whatever the format, because figures are drawn from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Parquet.
    Parquet,
    /// Comma-separated values.
    Csv,
    /// Both.
    Both,
}

impl Format {
    /// The word on the command line and in the manifest.
    pub fn word(self) -> &'static str {
        match self {
            Format::Parquet => "parquet",
            Format::Csv => "csv",
            Format::Both => "both",
        }
    }
    /// Whether Parquet is written.
    pub fn parquet(self) -> bool {
        self != Format::Csv
    }
    /// Whether CSV is written.
    pub fn csv(self) -> bool {
        self != Format::Parquet
    }
}

/// Why results could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A table could not be written or read.
    #[error("{}: {what}", path.display())]
    Table {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The folder holds something else.
    #[error("{} {what}; {hint}", path.display())]
    Refused {
        /// The folder.
        path: PathBuf,
        /// What it holds.
        what: String,
        /// What would do.
        hint: String,
    },
    /// The threads could not be started.
    #[error("could not start {threads} threads: {what}; try fewer with --threads")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// What the system said.
        what: String,
    },
}

impl OutputError {
    /// Wraps an error of the system about `path`.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> OutputError + '_ {
        move |source| OutputError::File { path: path.to_path_buf(), source }
    }
    /// An error in the content of `path`.
    pub fn table(path: &Path, what: impl ToString) -> OutputError {
        OutputError::Table { path: path.to_path_buf(), what: what.to_string() }
    }
}
