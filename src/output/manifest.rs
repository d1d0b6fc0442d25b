//! `manifest.json`: what was run, with what, how it went. The one file of a result that may differ between
//! repetitions.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::{About, OutputError};
use crate::experiment::statistics::Method;
use crate::experiment::summary::Provenance;
use crate::record::{Entity, Layout, TableKind};
use crate::run::ensemble::FailedRun;
use crate::units::Month;

/// The word by which a folder is known to be ours.
pub const PROGRAM: &str = "aimarket";
/// The command of a plain result.
pub const RUN: &str = "run";
/// File name.
pub const FILE: &str = "manifest.json";
/// Most failed runs that are listed; all are counted.
pub const MOST_FAILURES: usize = 1_000;

/// What decides the bytes of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// The command whose result it is: `run`, or that of an experiment.
    #[serde(default = "run")]
    pub command: String,
    /// SHA-256 of the resolved scenario; of an experiment, of all its scenarios and its design.
    pub scenario_hash: String,
    /// Seed.
    pub seed: u64,
    /// Runs asked for.
    pub runs: u64,
    /// Version of the program.
    pub version: String,
    /// Which series of every run are written: `core`, `all` or `none`.
    pub paths: String,
    /// Format of the tables: `parquet`, `csv` or `both`.
    pub format: String,
    /// Standard errors at which the runs stop, as written; `runs` is then the most there may be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub until: Vec<String>,
}

fn run() -> String {
    RUN.to_string()
}

/// How runs ended that were to stop at given standard errors, or whose convergence was watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stopping {
    /// The targets as written.
    pub targets: Vec<String>,
    /// Whether all of them were reached.
    pub reached: bool,
    /// Runs that it took, the failed ones too.
    pub runs: u64,
    /// The standard errors at the end.
    pub errors: Vec<ErrorReached>,
}

/// A standard error at the end of the runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorReached {
    /// Path of the metric, `claims.<id>` for a claim.
    pub path: String,
    /// Runs with a value.
    pub n: u64,
    /// Mean over them.
    pub mean: Option<f64>,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// The standard error asked for, beside this mean.
    pub asked: Option<f64>,
}

/// The design of a sensitivity analysis, as far as its tables do not tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampling {
    /// `both`, `sobol` or `morris`.
    pub method: String,
    /// Rows, or trajectories, in the tables.
    pub rows: u64,
    /// Those asked for.
    pub rows_asked: u64,
    /// More runs of every base row.
    pub replicates: u64,
}

/// A lab, as figures need it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lab {
    /// Id.
    pub id: String,
    /// Name shown.
    pub name: String,
    /// Colour, `#rrggbb`, or empty.
    pub colour: String,
    /// Whether it is a division of an owner group.
    pub division: bool,
}

/// The content of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// `aimarket`.
    pub program: String,
    /// Scenario name.
    pub scenario: String,
    /// What the scenario asks.
    pub description: String,
    /// What decides the bytes of all other files.
    pub design: Design,
    /// Whether the ensemble was stopped early: the tables hold the runs from 1 to `attempted`.
    pub interrupted: bool,
    /// Runs simulated, the failed ones too.
    pub attempted: u64,
    /// Runs in the tables.
    pub completed: u64,
    /// Runs that failed: left out of all tables and of every `n`.
    pub failed: u64,
    /// The failed runs, at most [`MOST_FAILURES`].
    pub failures: Vec<FailedRun>,
    /// How the runs ended, where standard errors were to be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Stopping>,
    /// What was sampled, of a sensitivity analysis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// How quantiles were computed: `exact` or `sketch`.
    pub quantile_method: String,
    /// Greatest relative error of a quantile.
    pub quantile_error: f64,
    /// Month of the initial state, `YYYY-MM`.
    pub start: String,
    /// Horizon, `YYYY-MM`.
    pub end: String,
    /// Initial values that are observed or derived from observations.
    pub initial_observed: usize,
    /// Initial values that are priors.
    pub initial_priors: usize,
    /// Those of the priors that are drawn once a run.
    #[serde(default)]
    pub initial_priors_drawn: usize,
    /// The labs in the order of the tables.
    pub labs: Vec<Lab>,
    /// Command line.
    pub command_line: Vec<String>,
    /// Commit of the source, `unknown` outside a checkout.
    pub commit: String,
    /// Operating system and processor.
    pub platform: String,
    /// Threads.
    pub threads: usize,
    /// When it started, UTC.
    pub started: String,
    /// Runs that were found on disk and not simulated again.
    pub resumed_runs: u64,
    /// Seconds spent on simulating.
    pub simulating_seconds: f64,
    /// Seconds spent on summary and tables.
    pub writing_seconds: f64,
}

impl Manifest {
    /// The manifest of a result of which nothing is counted yet.
    pub fn new(about: &About, design: Design, layout: &Layout, threads: usize, command_line: &[String]) -> Manifest {
        let end = |at: Option<&Month>| at.copied().unwrap_or_default().to_string();
        let labs = layout.tables.iter().filter(|t| t.kind == TableKind::Labs).flat_map(|t| &t.entities);
        let lab =
            |e: &Entity| Lab { id: e.id.clone(), name: e.name.clone(), colour: e.colour.clone(), division: e.division };
        let method = Method::for_runs(design.runs);
        Manifest {
            program: PROGRAM.to_string(),
            scenario: about.name.clone(),
            description: about.description.clone(),
            design,
            interrupted: false,
            attempted: 0,
            completed: 0,
            failed: 0,
            failures: Vec::new(),
            stopping: None,
            sampling: None,
            quantile_method: method.word().to_string(),
            quantile_error: method.error(),
            start: end(layout.months.first()),
            end: end(layout.months.last()),
            initial_observed: about.initial_observed,
            initial_priors: about.initial_priors,
            initial_priors_drawn: about.initial_priors_drawn,
            labs: labs.map(lab).collect(),
            command_line: command_line.to_vec(),
            commit: commit(),
            platform: platform(),
            threads,
            started: utc(SystemTime::now()),
            resumed_runs: 0,
            simulating_seconds: 0.0,
            writing_seconds: 0.0,
        }
    }

    /// Reads the manifest of a folder; `None` where there is none of ours.
    pub fn of(folder: &Path) -> Option<Manifest> {
        let manifest: Manifest = serde_json::from_slice(&fs::read(folder.join(FILE)).ok()?).ok()?;
        (manifest.program == PROGRAM).then_some(manifest)
    }

    /// Writes it into a folder.
    pub fn write(&self, folder: &Path) -> Result<(), OutputError> {
        let path = folder.join(FILE);
        let mut text = serde_json::to_string_pretty(self).map_err(|e| OutputError::table(&path, e))?;
        text.push('\n');
        fs::write(&path, text).map_err(OutputError::file(&path))
    }

    /// What figures and tables say of where they come from.
    pub fn provenance(&self) -> Provenance {
        let entity = |lab: &Lab| Entity {
            id: lab.id.clone(),
            name: lab.name.clone(),
            colour: lab.colour.clone(),
            division: lab.division,
        };
        Provenance {
            scenario: self.scenario.clone(),
            description: self.description.clone(),
            runs: self.completed,
            failed: self.failed,
            seed: self.design.seed,
            version: self.design.version.clone(),
            initial_observed: self.initial_observed,
            initial_priors: self.initial_priors,
            initial_priors_drawn: self.initial_priors_drawn,
            start: self.start.parse().unwrap_or_default(),
            end: self.end.parse().unwrap_or_default(),
            labs: self.labs.iter().map(entity).collect(),
        }
    }
}

/// Commit of the source, as `build.rs` found it: 12 digits, with `-modified` where the tree was not clean, or `unknown`.
pub fn commit() -> String {
    option_env!("AIMARKET_BUILT_FROM").unwrap_or("unknown").to_string()
}

/// Operating system and processor.
pub fn platform() -> String {
    format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)
}

/// The time in UTC, `YYYY-MM-DDThh:mm:ssZ`.
pub fn utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (days, rest) = ((seconds / 86_400) as i64, seconds % 86_400);
    // Hinnant, "chrono-compatible low-level date algorithms": civil date from days since 1970-01-01.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_is_unknown_or_twelve_digits() {
        // A build that is told its commit says what it is told.
        if option_env!("AIMARKET_COMMIT").is_some_and(|told| !told.is_empty()) {
            return;
        }
        let commit = commit();
        let digits = commit.strip_suffix("-modified").unwrap_or(&commit);
        let is_short = digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(commit == "unknown" || is_short, "{commit}");
        // Where git knows the commit of this folder, the build has found it.
        let git = |arguments: &[&str]| {
            let done =
                std::process::Command::new("git").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
            let done = done.ok().filter(|done| done.status.success())?;
            Some(String::from_utf8_lossy(&done.stdout).trim().to_string())
        };
        if git(&["rev-parse", "--show-prefix"]).is_some_and(|prefix| prefix.is_empty()) {
            let head = git(&["rev-parse", "HEAD"]).unwrap();
            assert!(is_short && head.starts_with(digits), "{commit} is built, {head} is checked out");
        }
    }

    #[test]
    fn the_time_of_the_billionth_second_is_known() {
        assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(1_000_000_000)), "2001-09-09T01:46:40Z");
        assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(1_709_164_800)), "2024-02-29T00:00:00Z");
    }
}
