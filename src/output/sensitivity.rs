//! The results folder of a sensitivity analysis.
//!
//! ```text
//! sensitivity.csv   metric, entity, segment, unit, scale, parameter, role, n, indices with their intervals, elementary effects
//! variance.csv      a row a series: scale, mean, sd, range, sum of the first-order indices, variance within a point, and the two
//!                   parameters that move it most with the difference of their total indices (of mu*, in a screening)
//! samples           a row a run: what it is to its row, its run number, the value of every uncertain parameter
//! cube              the base points (of trajectories, every point) in the unit cube, a column a parameter that is varied
//! outputs           the rows of samples, a column a core series at the horizon
//! ```
//!
//! `scale` is `ln` where indices and effects are of the logarithm of the series (money that is above 0 in every run), else `linear`.
//! Effects (mu, mu_star, sigma) and sd_on_scale are then in ln of the unit; mean, sd, min and max, and all outputs, stay in the unit.
//!
//! The last three are Parquet, CSV or both, in the order in which SALib has its samples: A, B and AB by row.

mod read;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

use arrow_array::{ArrayRef, Int64Array, StringArray};
use arrow_schema::{DataType, Field};
use sha2::{Digest, Sha256};

use super::blocks::Store;
use super::folder::{self, Folder};
use super::manifest::{self, Manifest};
use super::selection::Needs;
use super::sheet::Sheet;
use super::summarise::text;
use super::tables::field;
use super::{About, Format, OutputError, Progress};
use crate::experiment::sensitivity::{Analysis, Design, Estimate, Member, Method, Place, Sampled, analyse_all};
use crate::experiment::summary::{Provenance, Series, SeriesAt, core_series};
use crate::record::{Layout, TableKind};
use crate::run::Placed;
use crate::run::ensemble::{Block, EnsembleError, FailedRun, Plan, run};

pub use read::read;

/// The command in manifests, and the end of the name of its usual folder.
pub const COMMAND: &str = "sensitivity";

/// Runs of a block: some blocks a row, so that a stop loses little.
const BLOCK_RUNS: u64 = 32;
/// Fewest rows from which indices are told.
pub const LEAST_ROWS: usize = 8;

/// Where to write, and how to run.
#[derive(Clone, Debug)]
pub struct Request {
    /// Results folder.
    pub folder: PathBuf,
    /// Threads.
    pub threads: usize,
    /// Format of the tables of runs.
    pub format: Format,
    /// Whether another result of ours may be replaced.
    pub overwrite: bool,
    /// Whether to continue from the blocks of an earlier attempt.
    pub resume: bool,
    /// Command line, for the manifest.
    pub command_line: Vec<String>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where it comes from.
    pub provenance: Provenance,
    /// What was computed.
    pub method: Method,
    /// Names of the factors of every analysis, chance last.
    pub factors: Vec<String>,
    /// The series, without rows.
    pub series: Vec<Series>,
    /// What moves each of them.
    pub analyses: Vec<Analysis>,
    /// Rows of the design that are complete.
    pub rows: usize,
    /// The manifest.
    pub manifest: Manifest,
}

impl Found {
    /// What moves a metric of an entity.
    pub fn of(&self, kind: TableKind, metric: &str, entity: &str) -> Option<&Analysis> {
        let is = |s: &Series| s.kind == kind && s.metric == metric && s.segment.is_empty() && s.entity == entity;
        self.analyses.get(self.series.iter().position(is)?)
    }
    /// Ids and names of the labs, greatest mean enterprise share first.
    pub fn labs(&self) -> Vec<(String, String)> {
        let share = |id: &str| self.of(TableKind::Labs, "enterprise_share", id).map(|a| a.mean).filter(|m| !m.is_nan());
        let mut labs: Vec<(f64, &crate::record::Entity)> =
            self.provenance.labs.iter().filter_map(|lab| Some((share(&lab.id)?, lab))).collect();
        labs.sort_by(|a, b| b.0.total_cmp(&a.0));
        labs.into_iter().map(|(_, lab)| (lab.id.clone(), lab.name.clone())).collect()
    }
}

/// What came of a request.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was published; `None` when too few rows were complete at a stop.
    pub found: Option<Found>,
    /// Whether it was stopped early.
    pub interrupted: bool,
}

/// What decides the bytes of the result of a request.
pub fn design_of(about: &About, design: &Design, format: Format) -> manifest::Design {
    let mut hasher = Sha256::new();
    hasher.update(&about.hash);
    hasher.update(format!("\n{} {} {}", design.method.word(), design.rows, design.replicates));
    design.factors.iter().for_each(|f| hasher.update(format!("\n{}", f.path)));
    manifest::Design {
        until: Vec::new(),
        command: COMMAND.to_string(),
        scenario_hash: hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        seed: about.seed,
        runs: design.runs(),
        version: env!("CARGO_PKG_VERSION").to_string(),
        paths: "none".to_string(),
        format: format.word().to_string(),
    }
}

/// What a request needs, about. In memory: the series of every run, and the sums of the rows and a world on every thread. On disk: blocks
/// and tables together.
pub fn needs(layout: &Layout, design: &Design, request: &Request, enterprises: u64) -> Needs {
    let (series, threads) = (core_series(layout).len() as u64, request.threads.max(1));
    let sums = (design.rows * (design.factors.len() + 2) * 40 * threads) as u64;
    let memory = Needs::worlds(threads, enterprises) + design.runs() * series * 8 + sums + (64 << 20) * threads as u64;
    let saved = 8 * design.runs() * (series + layout.draws.len() as u64 + 1);
    // As in [`Needs::estimate`]: Parquet compresses to about 0.8, CSV writes some 20 characters a number.
    let parquet = if request.format.parquet() { saved * 8 / 10 } else { 0 };
    let csv = if request.format.csv() { saved * 20 / 8 } else { 0 };
    Needs { memory, disk: saved + parquet + csv + (16 << 20) }
}

/// Runs a design and publishes what it says. `cancel` stops after the blocks under way; the rows that are complete are published, and
/// the blocks stay for `resume`. `draw` may add figures to the folder before it is published.
///
/// # Errors
/// When the folder is taken, or a file cannot be written or read.
pub fn simulate<M: Placed>(
    model: &M,
    about: &About,
    design: &Design,
    request: &Request,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(Progress),
    draw: &mut dyn FnMut(&Found, &Path),
) -> Result<Outcome, OutputError> {
    let started = SystemTime::now();
    let layout = model.layout();
    let decided = design_of(about, design, request.format);
    folder::check(&request.folder, &decided, &about.toml, request.overwrite)?;
    let folder = Folder::open(&request.folder, &decided, request.resume)?;
    let mut hasher = Sha256::new();
    hasher.update(serde_json::to_vec(&decided).unwrap_or_default());
    let store = Store::open(&folder.blocks(), hasher.finalize().into())?;

    let series = core_series(layout);
    let last = layout.months.len().saturating_sub(1);
    let gather: Vec<usize> = series.iter().map(|s| layout.index(s.table, last, s.entity, s.column)).collect();
    let total = design.runs();
    let mut intake = Intake {
        columns: vec![vec![f64::NAN; total as usize]; series.len()],
        progress: Progress { done: 0, failed: 0, total },
        failures: Vec::new(),
    };
    let mut plan =
        Plan { runs: total, block_runs: BLOCK_RUNS, first_block: 0, gather: &gather, threads: request.threads.max(1) };
    if folder.resuming {
        plan.first_block = store.sound_prefix(plan.blocks());
        for index in 0..plan.first_block {
            intake.take(&store.read_sound(index)?);
        }
    }
    let resumed_runs = intake.progress.done;
    progress(intake.progress);
    let clock = Instant::now();
    let ended = run(&Sampled { model, design }, &plan, cancel, &mut |block: Block| {
        store.write(&block, gather.len())?;
        intake.take(&block);
        progress(intake.progress);
        Ok(())
    })
    .map_err(|e| match e {
        EnsembleError::Threads { threads, what } => OutputError::Threads { threads, what },
        EnsembleError::Sink(error) => error,
    })?;
    let simulating_seconds = clock.elapsed().as_secs_f64();
    let interrupted = ended.blocks < plan.blocks();
    let rows = (intake.progress.done / design.members() as u64) as usize;
    if interrupted && rows < LEAST_ROWS {
        return Ok(Outcome { found: None, interrupted });
    }

    let clock = Instant::now();
    let runs = rows * design.members();
    intake.columns.iter_mut().for_each(|column| column.truncate(runs));
    intake.failures.retain(|f| f.run <= runs as u64);
    let threads = request.threads.max(1);
    let named: Vec<Series> = series.iter().map(|s| s.with(layout, std::iter::empty())).collect();
    let units: Vec<&str> = named.iter().map(|s| s.unit.as_str()).collect();
    let analyses = analyse_all(design, &intake.columns, &units, rows, about.seed, threads)
        .map_err(|what| OutputError::Threads { threads, what })?;
    let tables = folder.tables()?;
    let failed = intake.failures.len() as u64;
    let manifest = Manifest {
        interrupted,
        attempted: runs as u64,
        completed: runs as u64 - failed,
        failed,
        failures: intake.failures.iter().take(manifest::MOST_FAILURES).cloned().collect(),
        sampling: Some(manifest::Sampling {
            method: design.method.word().to_string(),
            rows: rows as u64,
            rows_asked: design.rows as u64,
            replicates: design.replicates,
        }),
        started: manifest::utc(started),
        resumed_runs,
        simulating_seconds,
        ..Manifest::new(about, decided, layout, request.threads, &request.command_line)
    };
    let factors = (0..=design.chance()).map(|factor| design.name(factor).to_string()).collect();
    let (provenance, method) = (manifest.provenance(), design.method);
    let found = Found { provenance, method, factors, series: named, analyses, rows, manifest };
    write_indices(&found, design, &tables)?;
    write_variance(&found, design, &tables)?;
    let writer = Writer { design, about, format: request.format, folder: &tables };
    writer.samples(layout, &store, ended.blocks, runs as u64)?;
    writer.cube(rows)?;
    writer.outputs(layout, &series, &intake.columns)?;
    let scenario = tables.join("scenario.toml");
    fs::write(&scenario, &about.toml).map_err(OutputError::file(&scenario))?;
    draw(&found, &tables);
    Manifest { writing_seconds: clock.elapsed().as_secs_f64(), ..found.manifest.clone() }.write(&tables)?;
    folder.publish(interrupted)?;
    Ok(Outcome { found: Some(found), interrupted })
}

/// The values of the runs, as their blocks come in.
struct Intake {
    /// A column a series, run after run of the design; NaN until it is known, and where the run failed.
    columns: Vec<Vec<f64>>,
    progress: Progress,
    failures: Vec<FailedRun>,
}

impl Intake {
    fn take(&mut self, block: &Block) {
        for (series, column) in self.columns.iter_mut().enumerate() {
            for (&run, &value) in block.runs.iter().zip(block.column(series)) {
                column[run as usize] = value;
            }
        }
        self.progress.done += block.attempted;
        self.progress.failed += block.failed.len() as u64;
        self.failures.extend(block.failed.iter().cloned());
    }
}

/// Metric, entity, segment and unit of a series, and the scale on which it is analysed.
fn name(series: &Series, analysis: &Analysis) -> [String; 5] {
    let metric = format!("{}.{}", series.kind.word(), series.metric);
    [metric, series.entity.clone(), series.segment.clone(), series.unit.clone(), analysis.scale.word().to_string()]
}

fn ends(e: Estimate) -> [String; 3] {
    [text(e.value), text(e.low), text(e.high)]
}

const NAMES: [&str; 5] = ["metric", "entity", "segment", "unit", "scale"];

fn write_csv(
    folder: &Path,
    file: &str,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<(), OutputError> {
    let path = folder.join(file);
    let wrong = |e: csv::Error| OutputError::table(&path, e);
    let mut writer = csv::Writer::from_path(&path).map_err(wrong)?;
    writer.write_record(NAMES.iter().chain(columns)).map_err(wrong)?;
    for row in rows {
        writer.write_record(&row).map_err(wrong)?;
    }
    writer.flush().map_err(OutputError::file(&path))
}

fn write_indices(found: &Found, design: &Design, folder: &Path) -> Result<(), OutputError> {
    const COLUMNS: [&str; 15] = [
        "parameter",
        "role",
        "n",
        "first",
        "first_low",
        "first_high",
        "total",
        "total_low",
        "total_high",
        "mu",
        "mu_star",
        "mu_star_low",
        "mu_star_high",
        "sigma",
        "mu_star_of_range",
    ];
    let rows = found.series.iter().zip(&found.analyses).flat_map(|(series, analysis)| {
        analysis.indices.iter().enumerate().map(move |(factor, index)| {
            let mut row = name(series, analysis).to_vec();
            row.extend([design.name(factor).to_string(), design.role(factor).to_string(), index.n.to_string()]);
            row.extend(ends(index.first));
            row.extend(ends(index.total));
            row.push(text(index.mu));
            row.extend(ends(index.mu_star));
            row.extend([text(index.sigma), text(index.mu_star.value / analysis.range())]);
            row
        })
    });
    write_csv(folder, "sensitivity.csv", &COLUMNS, rows)
}

fn write_variance(found: &Found, design: &Design, folder: &Path) -> Result<(), OutputError> {
    const COLUMNS: [&str; 17] = [
        "n",
        "mean",
        "sd",
        "min",
        "max",
        "sd_on_scale",
        "sum_first",
        "sum_first_low",
        "sum_first_high",
        "within_point",
        "within_point_low",
        "within_point_high",
        "greatest",
        "second",
        "greatest_less_second",
        "greatest_less_second_low",
        "greatest_less_second_high",
    ];
    let rows = found.series.iter().zip(&found.analyses).map(|(series, a)| {
        let mut row = name(series, a).to_vec();
        row.push(a.n.to_string());
        row.extend([a.mean, a.sd, a.least, a.greatest, a.sd_on_scale].map(text));
        row.extend(ends(a.sum_first));
        row.extend(ends(a.within));
        let named = |factor: usize| design.name(factor).to_string();
        let (greatest, second) = a.lead.map_or_else(Default::default, |(one, two, _)| (named(one), named(two)));
        row.extend([greatest, second]);
        row.extend(ends(a.lead.map_or(Estimate::NONE, |(.., apart)| apart)));
        row
    });
    write_csv(folder, "variance.csv", &COLUMNS, rows)
}

/// What the tables of runs share.
struct Writer<'a> {
    design: &'a Design,
    about: &'a About,
    format: Format,
    folder: &'a Path,
}

impl Writer<'_> {
    fn sheet(&self, file: &str, numbers: Vec<Field>) -> Result<Sheet, OutputError> {
        let mut fields = vec![
            field("row", DataType::Int64, false, "1", "row of the design, from 1"),
            field("matrix", DataType::Utf8, false, "id", "what the run is to its row"),
            field(
                "moved",
                DataType::Utf8,
                false,
                "id",
                "the parameter, or chance (`all else` with the parameters not varied), that differs from A or from the step before",
            ),
            field("run", DataType::Int64, false, "1", "run number that all chance is keyed by, from 1"),
        ];
        fields.extend(numbers);
        let metadata = [
            ("scenario".to_string(), self.about.name.clone()),
            ("seed".to_string(), self.about.seed.to_string()),
            ("version".to_string(), env!("CARGO_PKG_VERSION").to_string()),
        ];
        Sheet::create(self.folder, file, fields, self.format, &metadata)
    }

    fn keys(&self, places: &[Place]) -> Vec<ArrayRef> {
        let design = self.design;
        let moved = |p: &Place| design.moved(*p).map_or("", |factor| design.name(factor));
        vec![
            Arc::new(Int64Array::from_iter_values(places.iter().map(|p| p.row as i64 + 1))),
            Arc::new(StringArray::from_iter_values(places.iter().map(|p| design.matrix(*p)))),
            Arc::new(StringArray::from_iter_values(places.iter().map(moved))),
            Arc::new(Int64Array::from_iter_values(places.iter().map(|p| design.run_number(*p) as i64 + 1))),
        ]
    }

    /// The uncertain values of every run, in their own units.
    fn samples(&self, layout: &Layout, store: &Store, blocks: u64, runs: u64) -> Result<(), OutputError> {
        let unit = |at: usize| self.about.draw_units.get(at).map_or("", String::as_str);
        let number =
            |(at, path): (usize, &String)| field(path, DataType::Float64, true, unit(at), "uncertain parameter");
        let mut sheet = self.sheet("samples", layout.draws.iter().enumerate().map(number).collect())?;
        let width = layout.draws.len();
        for index in 0..blocks {
            let block = store.read_sound(index)?;
            let first = index * BLOCK_RUNS;
            let last = (first + block.attempted).min(runs);
            let places: Vec<Place> = (first..last).map(|run| self.design.place(run)).collect();
            let mut columns = vec![vec![f64::NAN; places.len()]; width];
            for (at, &run) in block.runs.iter().enumerate().filter(|(_, run)| **run < runs) {
                let drawn = &block.draws[at * width..(at + 1) * width];
                columns.iter_mut().zip(drawn).for_each(|(column, &value)| column[(run - first) as usize] = value);
            }
            if !places.is_empty() {
                sheet.write(self.keys(&places), &columns)?;
            }
        }
        sheet.finish()
    }

    /// The points that span the design, in the unit cube.
    fn cube(&self, rows: usize) -> Result<(), OutputError> {
        let meaning = "probability at which the parameter is taken";
        let number = |f: &crate::experiment::sensitivity::Factor| field(&f.path, DataType::Float64, true, "1", meaning);
        let mut sheet = self.sheet("cube", self.design.factors.iter().map(number).collect())?;
        let members = self.design.members() as u64;
        for row in 0..rows as u64 {
            let all = (row * members..(row + 1) * members).map(|run| self.design.place(run));
            let spans = |p: &Place| matches!(p.member, Member::A | Member::B | Member::Step(_));
            let places: Vec<Place> = all.filter(spans).collect();
            let column = |factor: usize| places.iter().map(|p| self.design.coordinate(*p, factor)).collect();
            let columns: Vec<Vec<f64>> = (0..self.design.factors.len()).map(column).collect();
            sheet.write(self.keys(&places), &columns)?;
        }
        sheet.finish()
    }

    /// The core series at the horizon of every run.
    fn outputs(&self, layout: &Layout, series: &[SeriesAt], columns: &[Vec<f64>]) -> Result<(), OutputError> {
        let number = |s: &SeriesAt| {
            let (table, column) = (&layout.tables[s.table], &layout.tables[s.table].columns[s.column]);
            let name = match table.kind {
                TableKind::Market => format!("market.{}", column.name),
                kind => format!("{}.{}.{}", kind.word(), table.entities[s.entity].id, column.name),
            };
            field(&name, DataType::Float64, true, column.unit, &column.meaning)
        };
        let mut sheet = self.sheet("outputs", series.iter().map(number).collect())?;
        let runs = columns.first().map_or(0, Vec::len);
        for first in (0..runs).step_by(4_096) {
            let last = (first + 4_096).min(runs);
            let places: Vec<Place> = (first..last).map(|run| self.design.place(run as u64)).collect();
            let part: Vec<Vec<f64>> = columns.iter().map(|column| column[first..last].to_vec()).collect();
            sheet.write(self.keys(&places), &part)?;
        }
        sheet.finish()
    }
}
