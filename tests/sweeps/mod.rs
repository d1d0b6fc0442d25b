//! What the tests of sweeps share: the binary, folders of results, and a sweep of families with known values.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use aimarket::experiment::design::{Asked, Design, Said};
use aimarket::experiment::response::Axis;
use aimarket::output::sweep::{self, Outcome, Request, Stop};
use aimarket::output::{About, OutputError, Paths, Progress};
use aimarket::record::{Column, Entity, Layout, TableKind, TableLayout};
use aimarket::run::family::Family;
use aimarket::run::{Model, RunFault};
use aimarket::scenario::Scenario;
use aimarket::units::Month;
use assert_cmd::Command;

/// Two values of a number.
pub const COST: &str = "demand.switching_cost=2,6";
/// Two values of a flag.
pub const TRUST: &str = "mechanisms.trust=true,false";

pub fn aimarket(at: &Path) -> Command {
    let mut command = Command::cargo_bin("aimarket").expect("the binary is built with the tests");
    command.current_dir(at).env("NO_COLOR", "1");
    command
}

/// Every file of a folder but the manifest.
pub fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file());
    let name = |p: &Path| p.file_name().unwrap().to_string_lossy().into_owned();
    files.filter(|p| name(p) != "manifest.json").map(|p| (name(&p), fs::read(&p).unwrap())).collect()
}

pub fn same_bytes(a: &Path, b: &Path) {
    let (a, b) = (bytes(a), bytes(b));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    assert!(a.len() >= 4);
    for (name, content) in &a {
        assert!(b[name] == *content, "{name} differs");
    }
}

/// The rows of a point in results.csv, without its number.
pub fn rows_of(folder: &Path, point: u64) -> Vec<String> {
    let results = fs::read_to_string(folder.join("results.csv")).unwrap();
    let head = format!("{point},");
    results.lines().filter_map(|line| line.strip_prefix(&head)).map(str::to_string).collect()
}

/// Three dates of labs with these metrics, each with whether it is a core one.
pub fn layout(labs: &[&str], metrics: &[(&str, bool)]) -> Layout {
    let entity =
        |id: &&str| Entity { id: (*id).into(), name: id.to_uppercase(), colour: String::new(), division: false };
    let column =
        |&(name, core): &(&str, bool)| Column { name: name.into(), unit: "fraction", meaning: String::new(), core };
    let table = TableLayout {
        kind: TableKind::Labs,
        entities: labs.iter().map(entity).collect(),
        columns: metrics.iter().map(column).collect(),
        offset: 0,
    };
    let months = (0..3).map(|m| Month::new(2025, 12).plus(m)).collect();
    Layout { tables: vec![table], months, width: labs.len() * metrics.len(), draws: Vec::new() }
}

/// What is wrong with a run that is to fail.
pub fn fault(run: u64) -> RunFault {
    RunFault { run, phase: "settle", month: Month::new(2026, 1), what: "cash is NaN".into() }
}

pub fn request(folder: &Path, runs: u64, threads: usize, paths: Paths, stop: Option<Stop>) -> Request {
    let (folder, command_line) = (folder.to_path_buf(), Vec::new());
    Request { folder, runs, threads, paths, overwrite: false, resume: false, stop, command_line }
}

/// Sweeps a family of four points; cancelled when so many runs are done. With the last progress that was told.
pub fn go<F: Family>(family: &F, request: &Request, stop_at: u64) -> Result<(Outcome, Progress), OutputError>
where
    F::Model: Model + Send,
{
    let scenario = Scenario::load("quick", &[]).unwrap();
    let vary = vec![Said::new("", ("demand.switching_cost".to_string(), "1,2,3,4".to_string()))];
    let design = Design::new(&Asked { vary, ..Asked::default() }, &scenario).unwrap();
    let axes: Vec<Axis> = design.columns.iter().map(|c| Axis::new(&scenario, &c.path, c.texts.clone())).collect();
    let about = About { name: "toy".into(), hash: "abc".into(), toml: "name = \"toy\"\n".into(), ..About::default() };
    let cancel = AtomicBool::new(false);
    let mut last = Progress { done: 0, failed: 0, total: 0 };
    let mut progress = |p: Progress| {
        last = p;
        if p.done >= stop_at {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let outcome = sweep::sweep(family, &design, &axes, &about, request, &cancel, &mut progress, &mut |_| {})?;
    Ok((outcome, last))
}
