//! The result of a comparison: scenarios run by run with a base, and `compare.csv`.
//!
//! Nothing of a run is kept but its differences, so there are no blocks on disk and nothing to resume. A comparison that is stopped
//! publishes the pairs that are complete, those of the first runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

use sha2::{Digest, Sha256};

use super::folder::{self, Folder};
use super::manifest::{self, Design, Manifest};
use super::selection::Needs;
use super::summarise::text;
use super::{About, OutputError, Progress, convergence, until};
use crate::experiment::compare::targets::PairSource;
use crate::experiment::compare::{Comparison, Difference, DifferenceSeries, Named, Shared, most_kept, shared};
use crate::experiment::stopping::{Quantity, Watch};
use crate::record::{Layout, TableKind};
use crate::run::Model;
use crate::run::ensemble::{Block, EnsembleError, FailedRun, Plan, run};
use crate::run::together::Together;
use crate::units::Month;

/// File name.
pub const FILE: &str = "compare.csv";
/// The command whose result it is.
pub const COMMAND: &str = "compare";
/// Most runs of a block. A judgement: little work is lost when a comparison is stopped, and threads seldom wait.
const BLOCK_RUNS: u64 = 8;
/// Bytes of a sketch of differences, about: two signs, some ten powers of two each.
const SKETCH_BYTES: u64 = 6_000;

const COLUMNS: [&str; 28] = [
    "scenario",
    "base",
    "metric",
    "entity",
    "segment",
    "unit",
    "date",
    "n",
    "mean_base",
    "mean",
    "difference",
    "se",
    "ci_low",
    "ci_high",
    "p05",
    "p10",
    "p25",
    "p50",
    "p75",
    "p90",
    "p95",
    "probability",
    "probability_low",
    "probability_high",
    "variance_reduction",
    "correlation",
    "dropped",
    "independent_pairs",
];

/// A scenario that is checked and ready.
pub struct Side<M> {
    /// What a result says of it.
    pub about: About,
    /// Its model.
    pub model: M,
}

/// What to compare, and where to.
#[derive(Clone, Debug)]
pub struct Comparing {
    /// Results folder.
    pub folder: PathBuf,
    /// Runs; the most there may be, where standard errors say when to stop.
    pub runs: u64,
    /// Threads.
    pub threads: usize,
    /// Whether another result of ours may be replaced.
    pub overwrite: bool,
    /// Command line, for the manifest.
    pub command_line: Vec<String>,
    /// What is watched; a quantity with a bound stops the runs.
    pub watched: Vec<(Quantity, PairSource)>,
    /// The targets as written.
    pub targets: Vec<String>,
    /// Whether `convergence.csv` is written.
    pub convergence: bool,
}

/// One scenario against the base.
#[derive(Clone, Debug, PartialEq)]
pub struct Versus {
    /// Name.
    pub scenario: String,
    /// Pairs of runs.
    pub pairs: u64,
    /// Runs left out because one of the two failed.
    pub dropped: u64,
    /// Differences by series and date.
    pub series: Vec<DifferenceSeries>,
}

/// A comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Name of the base.
    pub base: String,
    /// The others.
    pub others: Vec<Versus>,
    /// The manifest.
    pub manifest: Manifest,
}

/// What decides the bytes of a comparison: the first of the sides is the base.
pub fn design<M>(sides: &[Side<M>], request: &Comparing) -> Design {
    let mut hasher = Sha256::new();
    sides.iter().for_each(|side| hasher.update(format!("{}\n{}\n", side.about.name, side.about.hash)));
    let hash: [u8; 32] = hasher.finalize().into();
    Design {
        command: COMMAND.to_string(),
        scenario_hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        seed: sides.first().map_or(0, |base| base.about.seed),
        runs: request.runs,
        version: env!("CARGO_PKG_VERSION").to_string(),
        paths: "none".to_string(),
        format: "csv".to_string(),
        until: request.targets.clone(),
    }
}

/// Bytes of a row of the table, about.
const ROW_BYTES: u64 = 500;

/// What a comparison needs, before anything runs. Every worker holds a world of each side, of `enterprises` together.
pub fn needs<M: Model>(sides: &[Side<M>], request: &Comparing, enterprises: u64) -> Needs {
    let (runs, threads) = (request.runs, request.threads.max(1));
    let Some((base, others)) = sides.split_first() else { return Needs { memory: 0, disk: 0 } };
    let dates = base.model.layout().months.len();
    let cells: usize =
        others.iter().map(|o| shared(base.model.layout(), o.model.layout()).len() * dates).sum::<usize>().max(1);
    let kept = 8 * cells as u64 * runs.min(most_kept(cells));
    let sketched = if runs > most_kept(cells) { SKETCH_BYTES * cells as u64 } else { 0 };
    let values: usize = sides.iter().map(|s| s.model.layout().len()).sum();
    // Two records a worker, and blocks that wait.
    let records = 8 * values as u64 * threads as u64 * (2 + 3 * BLOCK_RUNS);
    let memory = Needs::worlds(threads, enterprises) + kept + sketched + records + (32 << 20);
    Needs { memory, disk: ROW_BYTES * cells as u64 + (16 << 20) }
}

/// Where the cells of a comparison stand in a block.
struct Columns {
    base: Vec<usize>,
    other: Vec<usize>,
}

/// Takes blocks in order.
struct Intake<'a> {
    comparisons: Vec<Comparison>,
    columns: Vec<Columns>,
    failed: Vec<usize>,
    watched: Vec<(&'a PairSource, usize, usize)>,
    watch: Option<Watch>,
    failures: Vec<FailedRun>,
    progress: Progress,
}

impl Intake<'_> {
    /// Takes the runs of a block; true where the last of them taken is the last of all.
    fn take(&mut self, block: &Block, block_runs: u64) -> bool {
        let first = block.index * block_runs;
        let mut at = 0;
        for run in first..first + block.attempted {
            let there = block.runs.get(at) == Some(&run);
            let row = at;
            at += usize::from(there);
            let value = |column: usize| block.column(column)[row];
            let failed = |model: usize| !there || value(self.failed[model]) > 0.0;
            for (other, (comparison, columns)) in self.comparisons.iter_mut().zip(&self.columns).enumerate() {
                if failed(0) || failed(other + 1) {
                    comparison.add(None);
                } else {
                    comparison.add(Some(&mut |cell| (value(columns.base[cell]), value(columns.other[cell]))));
                }
            }
            if !there {
                self.failures.extend(block.failed.iter().filter(|f| f.run == run + 1).cloned());
            }
            self.progress.done += 1;
            self.progress.failed += u64::from((0..self.failed.len()).any(failed));
            if let Some(watch) = &mut self.watch {
                let of_pair = |(source, base, other): &(&PairSource, usize, usize)| {
                    if there { source.value(value(*base), value(*other)) } else { f64::NAN }
                };
                let values: Vec<f64> = self.watched.iter().map(of_pair).collect();
                if watch.see(Some(&values)) {
                    return true;
                }
            }
        }
        false
    }
}

/// Runs a comparison and publishes its result; `None` where it was stopped before a block was done. The first of the sides is the
/// base; all have the same dates, seed and runs.
///
/// # Errors
/// When the folder holds something else or cannot be written, or the threads cannot be started.
pub fn compare<M: Model>(
    sides: &[Side<M>],
    request: &Comparing,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(Progress),
    draw: &mut dyn FnMut(&Compared, &Path),
) -> Result<Option<Compared>, OutputError> {
    let started = SystemTime::now();
    let Some((base, others)) = sides.split_first() else { return Ok(None) };
    let design = design(sides, request);
    folder::check(&request.folder, &design, "", request.overwrite)?;
    let folder = Folder::open(&request.folder, &design, false)?;

    let clock = Instant::now();
    let layout = base.model.layout();
    let together = Together::new(sides.iter().map(|side| &side.model).collect());
    let series: Vec<Vec<Shared>> = others.iter().map(|o| shared(layout, o.model.layout())).collect();
    let cells = series.iter().map(Vec::len).sum::<usize>() * layout.months.len();
    let failed: Vec<usize> = (0..sides.len()).map(|model| together.failed(model)).collect();
    let in_base = |index: usize| together.place(0, index);
    let in_other = |other: usize, index: usize| together.place(other + 1, index);
    let cells_of = |layout: &Layout,
                    at: &dyn Fn(usize) -> usize,
                    series: &mut dyn Iterator<Item = crate::experiment::summary::SeriesAt>| {
        let dates = layout.months.len();
        series
            .flat_map(|s| (0..dates).map(move |date| layout.index(s.table, date, s.entity, s.column)))
            .map(at)
            .collect()
    };
    let indices: Vec<(Vec<usize>, Vec<usize>)> = series
        .iter()
        .zip(others)
        .enumerate()
        .map(|(k, (series, other))| {
            let base = cells_of(layout, &in_base, &mut series.iter().map(|s| s.in_base));
            let there = cells_of(other.model.layout(), &|i| in_other(k, i), &mut series.iter().map(|s| s.in_other));
            (base, there)
        })
        .collect();
    let mut needed: BTreeSet<usize> = failed.iter().copied().collect();
    indices.iter().for_each(|(base, other)| needed.extend(base.iter().chain(other)));
    for (_, source) in &request.watched {
        needed.extend([in_base(source.in_base), in_other(source.other, source.in_other)]);
    }
    let gather: Vec<usize> = needed.into_iter().collect();
    let position = |index: usize| gather.partition_point(|&g| g < index);
    let positions = |all: &[usize]| all.iter().map(|&i| position(i)).collect();
    let mut intake = Intake {
        comparisons: series.into_iter().map(|s| Comparison::new(s, layout.months.clone(), most_kept(cells))).collect(),
        columns: indices.iter().map(|(b, o)| Columns { base: positions(b), other: positions(o) }).collect(),
        failed: positions(&failed),
        watched: request
            .watched
            .iter()
            .map(|(_, s)| (s, position(in_base(s.in_base)), position(in_other(s.other, s.in_other))))
            .collect(),
        watch: (!request.watched.is_empty())
            .then(|| Watch::new(request.watched.iter().map(|(q, _)| q.clone()).collect(), request.runs)),
        failures: Vec::new(),
        progress: Progress { done: 0, failed: 0, total: request.runs },
    };
    progress(intake.progress);
    let block_runs = (request.runs / 64).clamp(1, BLOCK_RUNS);
    let plan =
        Plan { runs: request.runs, block_runs, first_block: 0, gather: &gather, threads: request.threads.max(1) };
    let ended = run(&together, &plan, cancel, &mut |block: Block| {
        let last = intake.take(&block, block_runs);
        progress(intake.progress);
        // The end of the ensemble, though no error.
        if last { Err(()) } else { Ok(()) }
    });
    let reached = match ended {
        Ok(_) => false,
        Err(EnsembleError::Sink(())) => true,
        Err(EnsembleError::Threads { threads, what }) => return Err(OutputError::Threads { threads, what }),
    };
    let Intake { comparisons, mut failures, progress: done, watch, .. } = intake;
    let interrupted = !reached && done.done < request.runs;
    if interrupted && done.done == 0 {
        return Ok(None);
    }
    let simulating_seconds = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let tables = folder.tables()?;
    let named = |(model, failed): (usize, FailedRun)| FailedRun {
        what: format!("{}: {}", sides[model].about.name, failed.what),
        ..failed
    };
    failures.extend(together.failures(done.done).into_iter().map(named));
    failures.sort_by_key(|f| f.run);
    failures.truncate(manifest::MOST_FAILURES);
    let methods: Vec<_> = comparisons.iter().map(Comparison::method).collect();
    // Others may have lost more pairs to failures: the coarsest method is told.
    let method = methods.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a });
    let others = others.iter().zip(comparisons).map(|(side, c)| Versus {
        scenario: side.about.name.clone(),
        pairs: c.pairs,
        dropped: c.dropped,
        series: c.finish(),
    });
    let others: Vec<Versus> = others.collect();
    for (k, side) in sides.iter().enumerate() {
        let file = tables.join(format!("scenario-{}.toml", k + 1));
        let toml = if reached { side.about.toml_of_runs(done.done) } else { side.about.toml.clone() };
        fs::write(&file, toml).map_err(OutputError::file(&file))?;
    }
    if let Some(watch) = watch.as_ref().filter(|_| request.convergence) {
        convergence::write(watch, &tables)?;
    }
    let names: Vec<&str> = others.iter().map(|o| o.scenario.as_str()).collect();
    let about = About {
        name: format!("{} against {}", names.join(", "), base.about.name),
        description: base.about.description.clone(),
        ..base.about.clone()
    };
    let mut manifest = Manifest {
        interrupted,
        attempted: done.done,
        completed: done.done - done.failed,
        failed: done.failed,
        failures,
        stopping: watch.as_ref().map(|watch| until::stopping(&request.targets, watch)),
        started: manifest::utc(started),
        simulating_seconds,
        ..Manifest::new(&about, design, layout, request.threads, &request.command_line)
    };
    if let Some((method, error)) = method {
        manifest.quantile_method = method.word().to_string();
        manifest.quantile_error = error;
    }
    let mut compared = Compared { base: base.about.name.clone(), others, manifest };
    write(&compared, &tables)?;
    compared.manifest.writing_seconds = clock.elapsed().as_secs_f64();
    compared.manifest.write(&tables)?;
    draw(&compared, &tables);
    folder.publish(false)?;
    Ok(Some(compared))
}

/// Writes `compare.csv`: a row a scenario, series and date.
fn write(compared: &Compared, folder: &Path) -> Result<(), OutputError> {
    let path = folder.join(FILE);
    let wrong = |e: csv::Error| OutputError::table(&path, e);
    let mut writer = csv::Writer::from_path(&path).map_err(wrong)?;
    writer.write_record(COLUMNS).map_err(wrong)?;
    for versus in &compared.others {
        let dropped = versus.dropped.to_string();
        for DifferenceSeries { of, rows } in &versus.series {
            let metric = format!("{}.{}", of.kind.word(), of.metric);
            for (month, d) in rows {
                let words = [&versus.scenario, &compared.base, &metric, &of.entity, &of.segment, &of.unit];
                let mut row: Vec<String> = words.into_iter().cloned().collect();
                row.extend([month.last_day(), d.n.to_string()]);
                row.extend(numbers(d).map(text));
                row.extend([dropped.clone(), text(d.independent_pairs())]);
                writer.write_record(&row).map_err(wrong)?;
            }
        }
    }
    writer.flush().map_err(OutputError::file(&path))
}

/// Reads the comparison in a folder back.
///
/// # Errors
/// When the folder holds none of ours, or its table cannot be read.
pub fn read(folder: &Path) -> Result<Compared, OutputError> {
    let manifest =
        Manifest::of(folder).filter(|m| m.design.command == COMMAND).ok_or_else(|| OutputError::Refused {
            path: folder.to_path_buf(),
            what: "holds no comparison of ours".into(),
            hint: "name a folder that `aimarket compare` has written".into(),
        })?;
    let path = folder.join(FILE);
    let mut compared = Compared { base: String::new(), others: Vec::new(), manifest };
    let mut reader = csv::Reader::from_path(&path).map_err(|e| OutputError::table(&path, e))?;
    for row in reader.records() {
        let row = row.map_err(|e| OutputError::table(&path, e))?;
        let line = row.position().map_or(0, |p| p.line());
        let (of, month, d, dropped) =
            parse(&row).ok_or_else(|| OutputError::table(&path, format!("line {line} is no row of a comparison")))?;
        if compared.others.last().is_none_or(|o| o.scenario != row[0]) {
            compared.base = row[1].to_string();
            compared.others.push(Versus { scenario: row[0].to_string(), pairs: 0, dropped, series: Vec::new() });
        }
        let Some(versus) = compared.others.last_mut() else { continue };
        // Of the market there is a value in every pair.
        versus.pairs = versus.pairs.max(d.n);
        match versus.series.last_mut() {
            Some(last) if last.of == of => last.rows.push((month, d)),
            _ => versus.series.push(DifferenceSeries { of, rows: vec![(month, d)] }),
        }
    }
    Ok(compared)
}

fn parse(row: &csv::StringRecord) -> Option<(Named, Month, Difference, u64)> {
    if row.len() != COLUMNS.len() {
        return None;
    }
    let (table, metric) = row[2].split_once('.')?;
    let of = Named {
        kind: TableKind::ALL.into_iter().find(|k| k.word() == table)?,
        metric: metric.to_string(),
        entity: row[3].to_string(),
        segment: row[4].to_string(),
        unit: row[5].to_string(),
    };
    let mut numbers = [f64::NAN; 18];
    for (i, number) in numbers.iter_mut().enumerate().filter(|(i, _)| !row[8 + i].is_empty()) {
        *number = row[8 + i].parse().ok()?;
    }
    let [mean_base, mean, difference, se, ci_low, ci_high, p05, p10, p25, p50, p75, p90, p95, rest @ ..] = numbers;
    let [probability, probability_low, probability_high, variance_reduction, correlation] = rest;
    let d = Difference {
        n: row[7].parse().ok()?,
        mean_base,
        mean,
        difference,
        se,
        ci_low,
        ci_high,
        quantiles: [p05, p10, p25, p50, p75, p90, p95],
        probability,
        probability_low,
        probability_high,
        variance_reduction,
        correlation,
    };
    Some((of, row[6].get(..7)?.parse().ok()?, d, row[26].parse().ok()?))
}

/// The numbers of a row, from `mean_base` on.
fn numbers(d: &Difference) -> [f64; 18] {
    let [p05, p10, p25, p50, p75, p90, p95] = d.quantiles;
    [
        d.mean_base,
        d.mean,
        d.difference,
        d.se,
        d.ci_low,
        d.ci_high,
        p05,
        p10,
        p25,
        p50,
        p75,
        p90,
        p95,
        d.probability,
        d.probability_low,
        d.probability_high,
        d.variance_reduction,
        d.correlation,
    ]
}
