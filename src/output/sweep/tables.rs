//! The tables of a sweep, to disk and back: `points.csv`, `results.csv`, `effects.csv`.

use std::fs::File;
use std::path::Path;

use super::{COMMAND, Store};
use crate::experiment::design::{BESIDE, Design, MOST_POINTS};
use crate::experiment::moved::{Averages, Moved, Told, moved};
use crate::experiment::response::{Axis, Response, SweepMaterial};
use crate::experiment::summary::{Provenance, Series, SeriesAt};
use crate::output::summarise::{COLUMNS, parse, row, text};
use crate::output::{Manifest, OutputError, manifest};
use crate::record::{Layout, TableKind};
use crate::scenario::Scenario;
use crate::units::Month;

/// point, one column a varied path, runs (that did not fail), failed; and `target_met` where points stop at standard errors.
pub const POINTS: &str = "points.csv";
/// point, then the columns of `summary.csv`.
pub const RESULTS: &str = "results.csv";
/// What each path moves the main outcomes by: the averaged medians at two of its values (first and last of numbers, least and
/// greatest of words), and the difference of the means over the same runs between them, with its error. The interval allows for
/// as many `pairs` of values as the two were chosen among.
pub const EFFECTS: &str = "effects.csv";

const EFFECT_COLUMNS: [&str; 22] = [
    "path",
    "metric",
    "entity",
    "segment",
    "unit",
    "low_at",
    "low_points",
    "low_median",
    "high_at",
    "high_points",
    "high_median",
    "median_difference",
    "paired_runs",
    "low_mean",
    "high_mean",
    "mean_difference",
    "se",
    "se_from",
    "ci_low",
    "ci_high",
    "within_noise",
    "pairs",
];

/// What a path moves a series by.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Path, as an index into the axes.
    pub axis: usize,
    /// Series, as an index into the responses.
    pub response: usize,
    /// By how much, and between which values.
    pub moved: Moved,
}

/// A sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepResults {
    /// Where it comes from.
    pub provenance: Provenance,
    /// Its points, and the statistics of its series at the last date.
    pub material: SweepMaterial,
    /// The manifest.
    pub manifest: Manifest,
}

/// What each path moves each series by, series after series; those that it moves by nothing that can be told are left out. The
/// series of `results` are those of which the points of `store` have kept runs.
pub(super) fn effects(store: &Store, results: &SweepResults) -> Result<Vec<Effect>, OutputError> {
    let SweepMaterial { axes, responses, .. } = &results.material;
    let of = |response: usize| {
        let found = (0..axes.len()).map(move |axis| (axis, moved(axes, axis, &responses[response])));
        found.filter_map(move |(axis, moved)| moved.map(|moved| Effect { axis, response, moved }))
    };
    let mut effects: Vec<Effect> = (0..responses.len()).flat_map(of).collect();
    let points = axes.first().map_or(0, |axis| axis.texts.len());
    let mut averages = Averages::new(effects.iter().map(|e| (e.response, &e.moved)), points);
    for point in 0..points {
        averages.add(point, &store.read_sound(point as u64)?.kept);
    }
    for (at, effect) in effects.iter_mut().enumerate() {
        let [low, high] = averages.means(at);
        effect.moved.pair(&low, &high, &responses[effect.response]);
    }
    Ok(effects)
}

/// Whether a series is among those of effects.csv and of the figures.
pub(super) fn told(kind: TableKind, metric: &str) -> bool {
    const LABS: [&str; 4] = ["enterprise_share", "valuation_usd", "revenue_run_rate_usd", "capability_eci"];
    match kind {
        TableKind::Labs => LABS.contains(&metric),
        TableKind::Market => metric == "hhi",
        _ => false,
    }
}

/// The first `points` of axes.
pub(super) fn cut(axes: &[Axis], points: usize) -> Vec<Axis> {
    let first = |axis: &Axis| {
        let mut axis = axis.clone();
        axis.texts.truncate(points);
        axis.numbers.truncate(points);
        axis
    };
    axes.iter().map(first).collect()
}

fn writer(path: &Path) -> Result<csv::Writer<File>, OutputError> {
    csv::Writer::from_path(path).map_err(|e| OutputError::table(path, e))
}

/// Writes points.csv and results.csv from the first `points` of a store.
pub(super) fn write(
    store: &Store,
    points: u64,
    layout: &Layout,
    (series, dates): (&[SeriesAt], &[Month]),
    (design, stops): (&Design, bool),
    folder: &Path,
) -> Result<(), OutputError> {
    let (points_path, results_path) = (folder.join(POINTS), folder.join(RESULTS));
    let mut points_file = writer(&points_path)?;
    let mut results_file = writer(&results_path)?;
    let wrong_points = |e: csv::Error| OutputError::table(&points_path, e);
    let wrong_results = |e: csv::Error| OutputError::table(&results_path, e);
    let paths = design.columns.iter().map(|c| c.path.as_str());
    let counts = ["runs", "failed", "target_met"].into_iter().take(if stops { 3 } else { 2 });
    points_file.write_record(["point"].into_iter().chain(paths).chain(counts)).map_err(wrong_points)?;
    results_file.write_record(["point"].into_iter().chain(COLUMNS)).map_err(wrong_results)?;
    let series: Vec<Series> = series.iter().map(|s| s.with(layout, std::iter::empty())).collect();
    for point in 0..points {
        let done = store.read_sound(point)?;
        let number = (point + 1).to_string();
        let values = design.texts(point).map(str::to_string);
        let met = stops.then(|| done.met.to_string());
        let counts = [done.runs.to_string(), done.failed.to_string()].into_iter().chain(met);
        let record: Vec<String> = [number.clone()].into_iter().chain(values).chain(counts).collect();
        points_file.write_record(&record).map_err(wrong_points)?;
        for (series, stats) in series.iter().zip(done.stats.chunks_exact(dates.len())) {
            for (date, stats) in dates.iter().zip(stats) {
                results_file.write_field(&number).map_err(wrong_results)?;
                results_file.write_record(row(series, *date, stats)).map_err(wrong_results)?;
            }
        }
    }
    points_file.flush().map_err(OutputError::file(&points_path))?;
    results_file.flush().map_err(OutputError::file(&results_path))
}

/// Writes effects.csv.
pub(super) fn write_effects(results: &SweepResults, effects: &[Effect], folder: &Path) -> Result<(), OutputError> {
    let path = folder.join(EFFECTS);
    let wrong = |e: csv::Error| OutputError::table(&path, e);
    let mut file = writer(&path)?;
    file.write_record(EFFECT_COLUMNS).map_err(wrong)?;
    for Effect { axis, response, moved } in effects {
        let (axis, response) = (&results.material.axes[*axis], &results.material.responses[*response]);
        let mut record = vec![
            axis.path.clone(),
            format!("{}.{}", response.kind.word(), response.metric),
            response.entity.clone(),
            response.segment.clone(),
            response.unit.clone(),
            moved.low.text.clone(),
            moved.low.points.len().to_string(),
            text(moved.low.median),
            moved.high.text.clone(),
            moved.high.points.len().to_string(),
            text(moved.high.median),
            text(moved.range()),
        ];
        if let Some(means) = &moved.means {
            let (ci_low, ci_high) = means.interval();
            let from = if means.by_points { "points" } else { "runs" };
            record.push(means.runs.to_string());
            record.extend([means.low, means.high, means.difference(), means.error].map(text));
            record.push(if means.error.is_nan() { String::new() } else { from.to_string() });
            record.extend([ci_low, ci_high].map(text));
            record.push(means.within_noise().map_or(String::new(), |within| within.to_string()));
        } else {
            record.push("0".to_string());
        }
        record.resize(EFFECT_COLUMNS.len() - 1, String::new());
        record.push(moved.pairs.to_string());
        file.write_record(&record).map_err(wrong)?;
    }
    file.flush().map_err(OutputError::file(&path))
}

/// Reads the folder of a sweep: all series at the last date.
///
/// # Errors
/// When the folder is none of a sweep, or a file of it cannot be read.
pub fn read(folder: &Path) -> Result<SweepResults, OutputError> {
    let file = folder.join("scenario.toml");
    let refused = |what: String| OutputError::Refused {
        path: folder.to_path_buf(),
        what,
        hint: "name a folder that `aimarket sweep` has written".into(),
    };
    let manifest = Manifest::of(folder).ok_or_else(|| refused(format!("holds no {} of ours", manifest::FILE)))?;
    if manifest.design.command != COMMAND {
        return Err(refused(format!("holds the result of `aimarket {}`", manifest.design.command)));
    }
    let scenario = Scenario::load(&file.to_string_lossy(), &[]).map_err(|faults| {
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        OutputError::table(&file, said.join("\n"))
    })?;
    let word = scenario.sweep.as_ref().map_or(String::new(), |sweep| sweep.design.clone());
    let word = word.split('=').next().unwrap_or_default().to_string();
    let axes = read_points(&folder.join(POINTS), &scenario)?;
    let mut results = read_series(folder, word, axes, &|_, _| true)?;
    results.material.effects = read_effects(&folder.join(EFFECTS))?;
    Ok(results)
}

fn read_effects(path: &Path) -> Result<Vec<Told>, OutputError> {
    let wrong = |e: csv::Error| OutputError::table(path, e);
    let mut reader = csv::Reader::from_path(path).map_err(wrong)?;
    let header = reader.headers().map_err(wrong)?.clone();
    if header.iter().ne(EFFECT_COLUMNS) {
        return Err(OutputError::table(path, "has not the columns of this version: run the sweep again"));
    }
    let read = |record: &csv::StringRecord| {
        let text = |name: &str| record.get(EFFECT_COLUMNS.iter().position(|c| *c == name)?);
        let number = |name: &str| match text(name)? {
            "" => Some(f64::NAN),
            number => number.parse::<f64>().ok(),
        };
        let (table, metric) = text("metric")?.split_once('.')?;
        let kind = [TableKind::Labs, TableKind::Market].into_iter().find(|kind| kind.word() == table)?;
        Some(Told {
            path: text("path")?.to_string(),
            kind,
            metric: metric.to_string(),
            segment: text("segment")?.to_string(),
            entity: text("entity")?.to_string(),
            low: number("low_median")?,
            high: number("high_median")?,
            difference: number("mean_difference")?,
            interval: (number("ci_low")?, number("ci_high")?),
            within_noise: match text("within_noise")? {
                "" => None,
                word => Some(word.parse().ok()?),
            },
        })
    };
    let mut effects = Vec::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let line = record.position().map_or(0, csv::Position::line);
        let told = read(&record).ok_or_else(|| OutputError::table(path, format!("line {line} is no effect")));
        effects.push(told?);
    }
    Ok(effects)
}

fn read_points(path: &Path, scenario: &Scenario) -> Result<Vec<Axis>, OutputError> {
    let wrong = |e: csv::Error| OutputError::table(path, e);
    let mut reader = csv::Reader::from_path(path).map_err(wrong)?;
    let header = reader.headers().map_err(wrong)?.clone();
    // What stands beside the paths comes first and last.
    let paths: Vec<&str> = header.iter().skip(1).filter(|name| !BESIDE.contains(name)).collect();
    let mut texts: Vec<Vec<String>> = vec![Vec::new(); paths.len()];
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        texts.iter_mut().zip(record.iter().skip(1)).for_each(|(texts, text)| texts.push(text.to_string()));
    }
    Ok(paths.iter().zip(texts).map(|(path, texts)| Axis::new(scenario, path, texts)).collect())
}

/// Reads the series that `keep` wants (by table and metric) at the last date, for points whose axes are known.
///
/// # Errors
/// When a file cannot be read, or holds no results of a sweep.
pub fn read_series(
    folder: &Path,
    design: String,
    axes: Vec<Axis>,
    keep: &dyn Fn(TableKind, &str) -> bool,
) -> Result<SweepResults, OutputError> {
    let manifest =
        Manifest::of(folder).ok_or_else(|| OutputError::table(&folder.join(manifest::FILE), "cannot be read"))?;
    let provenance = manifest.provenance();
    let path = folder.join(RESULTS);
    let mut reader = csv::Reader::from_path(&path).map_err(|e| OutputError::table(&path, e))?;
    let points = axes.first().map_or(0, |axis| axis.texts.len());
    let mut responses: Vec<Response> = Vec::new();
    // Where the next row of a point stands among the responses.
    let (mut point, mut next) = (0, 0);
    for record in reader.records() {
        let record = record.map_err(|e| OutputError::table(&path, e))?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = || OutputError::table(&path, format!("line {line} is no row of the results of a sweep"));
        let number: u64 = record.get(0).and_then(|n| n.parse().ok()).ok_or_else(wrong)?;
        let rest: csv::StringRecord = record.iter().skip(1).collect();
        let ((kind, metric), month, stats) = parse(&rest).ok_or_else(wrong)?;
        if month != provenance.end || !keep(kind, metric) {
            continue;
        }
        if number != point {
            if number != point + 1 || number > MOST_POINTS || next != responses.len() {
                return Err(wrong());
            }
            (point, next) = (number, 0);
        }
        if point == 1 {
            let (metric, entity, segment, unit) = (metric.into(), rest[1].into(), rest[2].into(), rest[3].into());
            responses.push(Response { kind, metric, segment, entity, unit, stats: Vec::new() });
        }
        let there =
            responses.get_mut(next).filter(|r| r.metric == metric && r.entity == rest[1] && r.segment == rest[2]);
        there.ok_or_else(wrong)?.stats.push(stats);
        next += 1;
    }
    if responses.iter().any(|r| r.stats.len() != points) {
        return Err(OutputError::table(&path, format!("does not hold the {points} points of {POINTS}")));
    }
    Ok(SweepResults { provenance, material: SweepMaterial { design, axes, responses, effects: Vec::new() }, manifest })
}
