//! The same scenario, seed and version give the same bytes, whatever the threads, the stops and the resumes.
//!
//! A small model with known values stands in for the engine, so that every byte of a result can be foretold.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use aimarket::experiment::statistics::exact;
use aimarket::output::{About, Format, Manifest, Outcome, OutputError, Paths, Request, read, simulate};
use aimarket::random::{Draws, Purpose};
use aimarket::record::{Column, Entity, Layout, Record, TableKind, TableLayout};
use aimarket::run::{Model, RunFault};
use aimarket::units::Month;
use arrow_array::{Array, Date32Array, Float64Array, Int64Array, StringArray};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

const DATES: usize = 4;

struct Toy {
    layout: Layout,
    simulated: AtomicU64,
    fails_every: u64,
}

fn toy() -> Toy {
    let entity = |id: &str| Entity { id: id.into(), name: id.to_uppercase(), colour: String::new(), division: false };
    let column = |name: &str, unit, core| Column { name: name.into(), unit, meaning: format!("{name}, a test"), core };
    let tables = vec![
        TableLayout {
            kind: TableKind::Labs,
            entities: vec![entity("a"), entity("b")],
            columns: vec![
                column("enterprise_share", "fraction", true),
                column("share_coding", "fraction", true),
                column("price_usd_per_mtok", "USD per million tokens", false),
            ],
            offset: 0,
        },
        TableLayout {
            kind: TableKind::Market,
            entities: vec![entity("market")],
            columns: vec![column("hhi", "1", true)],
            offset: 6,
        },
    ];
    let months = (0..DATES as i32).map(|m| Month::new(2025, 12).plus(m)).collect();
    let layout = Layout { tables, months, width: 7, draws: vec!["demand.switching_cost".into()] };
    Toy { layout, simulated: AtomicU64::new(0), fails_every: u64::MAX }
}

fn value(run: u64, index: usize) -> f64 {
    Draws::new(1, run).normal(Purpose::Test, index as u64, 0, 0) * 10.0
}

impl Model for Toy {
    type State = ();
    fn layout(&self) -> &Layout {
        &self.layout
    }
    fn new_state(&self) {}
    fn run(&self, _: &mut (), run: u64, into: &mut Record) -> Result<(), RunFault> {
        self.simulated.fetch_add(1, Ordering::Relaxed);
        if run % self.fails_every == self.fails_every - 1 {
            return Err(RunFault { run, phase: "settle", month: Month::new(2026, 2), what: "cash is NaN".into() });
        }
        for (index, v) in into.values.iter_mut().enumerate() {
            // Lab b has no price from the third date on.
            *v = if index >= 14 && index % 7 == 5 { f64::NAN } else { value(run, index) };
        }
        into.draws[0] = value(run, 999);
        Ok(())
    }
}

fn about() -> About {
    About {
        name: "toy".into(),
        hash: "abc".into(),
        toml: "name = \"toy\"\n".into(),
        seed: 1,
        draw_units: vec!["1".into()],
        ..About::default()
    }
}

fn request(folder: &Path, runs: u64, threads: usize) -> Request {
    Request {
        folder: folder.to_path_buf(),
        runs,
        threads,
        paths: Paths::for_runs(runs),
        format: Format::Both,
        overwrite: false,
        resume: false,
        command_line: Vec::new(),
    }
}

/// Simulates; with `stop_at` the ensemble is cancelled when so many runs are done.
fn go(model: &Toy, request: &Request, stop_at: u64) -> Result<Outcome, OutputError> {
    let cancel = AtomicBool::new(false);
    simulate(
        model,
        &about(),
        request,
        &cancel,
        &mut |progress| {
            if progress.done >= stop_at {
                cancel.store(true, Ordering::Relaxed);
            }
        },
        &mut |_, _| {},
    )
}

/// Every file of a folder but the manifest.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let name = |p: &Path| p.file_name().unwrap().to_string_lossy().into_owned();
    files.filter(|p| name(p) != "manifest.json").map(|p| (name(&p), fs::read(&p).unwrap())).collect()
}

fn same_bytes(a: &Path, b: &Path) {
    let (a, b) = (bytes(a), bytes(b));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, content) in &a {
        assert!(b[name] == *content, "{name} differs");
    }
}

#[test]
fn one_thread_and_many_threads_leave_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    for (case, runs, paths) in [("core", 300, Paths::Core), ("all", 300, Paths::All), ("none", 300, Paths::None)] {
        let (one, many) = (home.path().join(format!("{case}1")), home.path().join(format!("{case}5")));
        go(&toy(), &Request { paths, ..request(&one, runs, 1) }, u64::MAX).unwrap();
        go(&toy(), &Request { paths, ..request(&many, runs, 5) }, u64::MAX).unwrap();
        same_bytes(&one, &many);
        assert_eq!(one.join("labs.parquet").exists(), paths != Paths::None);
        assert!(!home.path().join(format!("{case}1.partial")).exists());
    }
}

#[test]
fn many_threads_leave_the_same_bytes_where_quantiles_are_sketched() {
    let home = tempfile::tempdir().unwrap();
    let (one, many) = (home.path().join("one"), home.path().join("many"));
    let outcome = go(&toy(), &request(&one, 10_500, 1), u64::MAX).unwrap();
    go(&toy(), &request(&many, 10_500, 3), u64::MAX).unwrap();
    same_bytes(&one, &many);
    let results = outcome.results.unwrap();
    assert_eq!(results.manifest.quantile_method, "sketch");
    let series = results.summary.find(TableKind::Labs, "share", "coding", "b").unwrap();
    let reference = exact(&mut (0..10_500).map(|run| value(run, 4)).collect());
    for (q, e) in series.rows[0].1.quantiles.iter().zip(reference.quantiles) {
        assert!((q - e).abs() <= results.summary.quantile_error * e.abs() + 1e-9, "{q} for {e}");
    }
}

#[test]
fn a_run_among_others_is_the_same_as_the_run_alone() {
    let home = tempfile::tempdir().unwrap();
    let few = go(&toy(), &request(&home.path().join("few"), 10, 2), u64::MAX).unwrap().results.unwrap();
    let many = go(&toy(), &request(&home.path().join("many"), 200, 2), u64::MAX).unwrap().results.unwrap();
    let last = DATES - 1;
    for run in 0..10 {
        let a = few.horizon.find(TableKind::Market, "market", "hhi").unwrap()[run];
        assert_eq!(a, many.horizon.find(TableKind::Market, "market", "hhi").unwrap()[run]);
        assert_eq!(a, value(run as u64, last * 7 + 6));
    }
}

#[test]
fn exact_quantiles_are_those_of_the_sorted_values() {
    let home = tempfile::tempdir().unwrap();
    let results = go(&toy(), &request(&home.path().join("r"), 500, 2), u64::MAX).unwrap().results.unwrap();
    assert_eq!(results.summary.quantile_error, 0.0);
    assert_eq!(results.summary.series.len(), 5);
    for date in 0..DATES {
        let series = results.summary.find(TableKind::Market, "hhi", "", "market").unwrap();
        assert_eq!(series.rows[date].1, exact(&mut (0..500).map(|run| value(run, date * 7 + 6)).collect()));
        assert_eq!(series.rows[date].0, Month::new(2025, 12).plus(date as i32));
    }
}

#[test]
fn a_stopped_ensemble_publishes_a_prefix_and_resumes_to_the_same_bytes() {
    for runs in [640, 20_000] {
        let home = tempfile::tempdir().unwrap();
        let (whole, stopped) = (home.path().join("whole"), home.path().join("stopped"));
        go(&toy(), &request(&whole, runs, 2), u64::MAX).unwrap();
        let first = go(&toy(), &request(&stopped, runs, 2), runs / 3).unwrap();
        let manifest = Manifest::of(&stopped).unwrap();
        assert!(first.interrupted && manifest.interrupted);
        assert!(manifest.attempted >= runs / 3 && manifest.attempted < runs);
        let horizon = first.results.unwrap().horizon;
        assert_eq!(horizon.values[0].len() as u64, manifest.attempted.min(10_000));

        let model = toy();
        let resumed = Request { resume: true, ..request(&stopped, runs, 3) };
        let second = go(&model, &resumed, u64::MAX).unwrap();
        assert!(!second.interrupted && !Manifest::of(&stopped).unwrap().interrupted);
        assert_eq!(model.simulated.load(Ordering::Relaxed), runs - manifest.attempted);
        same_bytes(&whole, &stopped);
        assert!(!home.path().join("stopped.partial").exists());
    }
}

#[test]
fn damaged_and_missing_blocks_are_run_again_and_the_bytes_are_the_same() {
    for runs in [640, 20_000] {
        let home = tempfile::tempdir().unwrap();
        let (whole, stopped) = (home.path().join("whole"), home.path().join("stopped"));
        go(&toy(), &request(&whole, runs, 2), u64::MAX).unwrap();
        go(&toy(), &request(&stopped, runs, 2), runs / 2).unwrap();
        let blocks = home.path().join("stopped.partial/blocks");
        let sixth = blocks.join("00000005.block");
        let content = fs::read(&sixth).unwrap();
        fs::write(&sixth, &content[..content.len() / 2]).unwrap();
        fs::remove_file(blocks.join("00000009.block")).unwrap();
        // A file half-written when the power went.
        fs::write(blocks.join("00000011.part"), b"x").unwrap();
        fs::remove_dir_all(&stopped).unwrap();
        go(&toy(), &Request { resume: true, ..request(&stopped, runs, 2) }, u64::MAX).unwrap();
        same_bytes(&whole, &stopped);
    }
}

#[test]
fn resuming_with_another_number_of_runs_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("r");
    go(&toy(), &request(&folder, 640, 2), 100).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let error = go(&toy(), &Request { resume: true, ..request(&folder, 1_280, 2) }, u64::MAX).unwrap_err();
    assert!(error.to_string().contains("640 runs instead of 1280"), "{error}");
}

#[test]
fn failed_runs_are_left_out_and_counted() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("r");
    let model = Toy { fails_every: 10, ..toy() };
    go(&model, &request(&folder, 200, 2), u64::MAX).unwrap();
    let results = read(&folder).unwrap();
    assert_eq!((results.manifest.attempted, results.manifest.completed, results.manifest.failed), (200, 180, 20));
    assert_eq!((results.provenance.runs, results.provenance.failed), (180, 20));
    assert_eq!(results.manifest.failures[1].run, 20);
    assert!(results.summary.series.iter().all(|s| s.rows.iter().all(|(_, stats)| stats.n == 180)));
    let none = Toy { fails_every: 1, ..toy() };
    let all = go(&none, &request(&home.path().join("none"), 20, 2), u64::MAX).unwrap().results.unwrap();
    assert_eq!((all.manifest.completed, all.manifest.failed), (0, 20));
}

#[test]
fn a_result_is_replaced_only_where_that_is_safe() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("r");
    go(&toy(), &request(&folder, 20, 2), u64::MAX).unwrap();
    // The same design is simply replaced.
    go(&toy(), &request(&folder, 20, 1), u64::MAX).unwrap();
    // Another is refused, unless it may be overwritten.
    let error = go(&toy(), &request(&folder, 30, 2), u64::MAX).unwrap_err().to_string();
    assert!(error.contains("20 runs instead of 30") && error.contains("--overwrite"), "{error}");
    go(&toy(), &Request { overwrite: true, ..request(&folder, 30, 2) }, u64::MAX).unwrap();
    assert_eq!(Manifest::of(&folder).unwrap().design.runs, 30);
    // A folder without our manifest is never replaced.
    let foreign = home.path().join("thesis");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("chapter1.txt"), "precious").unwrap();
    let asked = Request { overwrite: true, ..request(&foreign, 20, 2) };
    assert!(go(&toy(), &asked, u64::MAX).unwrap_err().to_string().contains("never replaced"));
    assert!(foreign.join("chapter1.txt").exists());
    // Nor is a partial folder that is not ours.
    fs::create_dir(home.path().join("s.partial")).unwrap();
    fs::write(home.path().join("s.partial/notes.txt"), "precious").unwrap();
    assert!(go(&toy(), &request(&home.path().join("s"), 20, 2), u64::MAX).is_err());
    assert!(home.path().join("s.partial/notes.txt").exists());
    // An empty folder is no hindrance.
    fs::create_dir(home.path().join("empty")).unwrap();
    go(&toy(), &request(&home.path().join("empty"), 20, 2), u64::MAX).unwrap();
}

#[test]
fn parquet_opens_with_dates_as_dates_names_as_text_and_units_in_the_metadata() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("r");
    go(&toy(), &Request { paths: Paths::All, ..request(&folder, 50, 2) }, u64::MAX).unwrap();
    let file = fs::File::open(folder.join("labs.parquet")).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let schema = builder.schema().clone();
    let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    assert_eq!(names, ["run", "date", "entity", "enterprise_share", "share_coding", "price_usd_per_mtok"]);
    assert_eq!(schema.field(1).data_type(), &DataType::Date32);
    assert_eq!(schema.field(2).data_type(), &DataType::Utf8);
    assert_eq!(schema.field(5).metadata().get("unit").map(|u| &**u), Some("USD per million tokens"));
    let mut rows = 0;
    for batch in builder.build().unwrap() {
        let batch = batch.unwrap();
        let run = batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap();
        let date = batch.column(1).as_any().downcast_ref::<Date32Array>().unwrap();
        let entity = batch.column(2).as_any().downcast_ref::<StringArray>().unwrap();
        let price = batch.column(5).as_any().downcast_ref::<Float64Array>().unwrap();
        for row in 0..batch.num_rows() {
            let at = rows + row;
            let (r, d, e) = (at / (2 * DATES), at / 2 % DATES, at % 2);
            assert_eq!(run.value(row), r as i64 + 1);
            assert_eq!(date.value(row), Month::new(2025, 12).plus(d as i32).last_day_since_epoch());
            assert_eq!(entity.value(row), ["a", "b"][e]);
            assert_eq!(price.is_null(row), d >= 2 && e == 1);
            if price.is_valid(row) {
                assert_eq!(price.value(row), value(r as u64, d * 7 + e * 3 + 2));
            }
        }
        rows += batch.num_rows();
    }
    assert_eq!(rows, 50 * DATES * 2);
    let csv = fs::read_to_string(folder.join("labs.csv")).unwrap();
    assert!(csv.lines().nth(1).unwrap().starts_with("1,2025-12-31,a,"));
    let summary = fs::read_to_string(folder.join("summary.csv")).unwrap();
    let head = "metric,entity,segment,unit,date,n,mean,sd,mcse,p05,p10,p25,p50,p75,p90,p95";
    assert_eq!(summary.lines().next(), Some(head));
    assert!(summary.lines().any(|l| l.starts_with("labs.share,b,coding,fraction,2026-03-31,50,")));
}
