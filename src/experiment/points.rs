//! The points of a design made ready to run: all are read and checked before the first run, and each is read again when its
//! runs begin, so that memory does not grow with their number.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::design::Design;
use crate::record::{Layout, claims};
use crate::run::Model;
use crate::run::family::Family;
use crate::scenario::fault::{Fault, Where};
use crate::scenario::{Scenario, resolve};

/// Points checked between two looks at `cancel`.
const AT_ONCE: usize = 64;

/// Something wrong with points.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{point}: {what}{}", others(.more))]
pub struct PointFault {
    /// The first point that has it, with all its values.
    pub point: String,
    /// What is wrong.
    pub what: String,
    /// How many other points have the same.
    pub more: u64,
}

fn others(more: &u64) -> String {
    match more {
        0 => String::new(),
        1 => " (and so has 1 other point)".to_string(),
        n => format!(" (and so have {n} other points)"),
    }
}

/// Why points cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointsError {
    /// Some are wrong; in the order of the points, each fault once.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faults(Vec<PointFault>),
    /// Threads could not be started.
    #[error("could not start {threads} threads: {what}")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// What the system said.
        what: String,
    },
    /// Stopped before all were checked.
    #[error("stopped while the points were checked")]
    Cancelled,
}

/// What a scenario is varied over.
#[derive(Clone, Copy, Debug)]
pub struct Varied<'a> {
    /// File or name of the scenario.
    pub scenario: &'a str,
    /// Overlays (path, value) that hold for all points; those of a point are laid over them.
    pub overlays: &'a [(String, String)],
    /// The points.
    pub design: &'a Design,
}

impl Varied<'_> {
    /// The scenario of a point, from 0.
    ///
    /// # Errors
    /// Its faults.
    pub fn scenario(&self, point: u64) -> Result<Scenario, Vec<Fault>> {
        let mut overlays = self.overlays.to_vec();
        overlays.extend(self.design.overlays(point));
        claims::load(self.scenario, &overlays)
    }
}

/// The points of a design, checked: a family of models that lay out their values alike.
pub struct Points<'a, M, P> {
    varied: Varied<'a>,
    layout: Layout,
    /// Hash of the resolved scenario of each point.
    hashes: Vec<String>,
    prepare: &'a P,
    models: PhantomData<fn() -> M>,
}

impl<'a, M: Model, P: Fn(&Scenario) -> Result<M, String> + Sync> Points<'a, M, P> {
    /// Reads and prepares every point over `threads`, and compares how they lay out their values with the first.
    ///
    /// # Errors
    /// What is wrong with them, each fault once; when `cancel` is raised meanwhile; when the threads cannot be started.
    pub fn check(
        varied: Varied<'a>,
        prepare: &'a P,
        threads: usize,
        cancel: &AtomicBool,
    ) -> Result<Points<'a, M, P>, PointsError> {
        let ready = |point: u64| -> Result<(Layout, String), Vec<String>> {
            let scenario = varied.scenario(point).map_err(|faults| faults.iter().map(told).collect::<Vec<_>>())?;
            let model = prepare(&scenario).map_err(|what| vec![what])?;
            Ok((model.layout().clone(), hash(scenario)))
        };
        let mut faults = Faults::default();
        let first = ready(0);
        let layout = first.as_ref().ok().map(|(layout, _)| layout.clone());
        let mut hashes = Vec::new();
        let mut take = |point: u64, checked: Result<String, Vec<String>>| match checked {
            Ok(hash) => hashes.push(hash),
            Err(found) => faults.add(varied.design, point, found),
        };
        take(0, first.map(|(_, hash)| hash));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .build()
            .map_err(|e| PointsError::Threads { threads, what: e.to_string() })?;
        let rest: Vec<u64> = (1..varied.design.points()).collect();
        for some in rest.chunks(AT_ONCE) {
            if cancel.load(Ordering::Relaxed) {
                return Err(PointsError::Cancelled);
            }
            let checked: Vec<Result<String, Vec<String>>> = pool.install(|| {
                let check = |&point: &u64| {
                    let (own, hash) = ready(point)?;
                    match layout.as_ref().and_then(|first| shape(first, &own)) {
                        Some(what) => Err(vec![what]),
                        None => Ok(hash),
                    }
                };
                some.par_iter().map(check).collect()
            });
            some.iter().zip(checked).for_each(|(&point, checked)| take(point, checked));
        }
        match layout {
            Some(layout) if faults.found.is_empty() => {
                Ok(Points { varied, layout, hashes, prepare, models: PhantomData })
            }
            _ => Err(PointsError::Faults(faults.found)),
        }
    }

    /// SHA-256, in hexadecimal, of what decides the results: the base with the sweep that it asks for, and all points.
    pub fn hash(&self, base: &Scenario) -> String {
        let mut hasher = Sha256::new();
        hasher.update(resolve::hash(base));
        self.varied.design.columns.iter().for_each(|c| hasher.update(format!("\n{}", c.path)));
        self.hashes.iter().enumerate().for_each(|(point, hash)| {
            let values = self.varied.design.overlays(point as u64);
            hasher.update(format!("\n{hash} {values:?}"));
        });
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl<M: Model, P: Fn(&Scenario) -> Result<M, String> + Sync> Family for Points<'_, M, P> {
    type Model = M;

    fn points(&self) -> u64 {
        self.hashes.len() as u64
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn model(&self, point: u64) -> Result<M, String> {
        let scenario = self.varied.scenario(point).map_err(|faults| faults.iter().map(told).collect::<String>())?;
        let model = (self.prepare)(&scenario)?;
        if self.hashes.get(point as usize).is_none_or(|checked| *checked != hash(scenario)) {
            return Err("the scenario has changed since the sweep was checked".to_string());
        }
        Ok(model)
    }
}

/// Hash of a resolved scenario without the sweep that it may ask for, which is no part of a point.
fn hash(mut scenario: Scenario) -> String {
    match scenario.sweep.take() {
        None => scenario.hash().to_string(),
        Some(_) => resolve::hash(&scenario),
    }
}

/// Faults by what they say, in the order in which they were met.
#[derive(Default)]
struct Faults {
    found: Vec<PointFault>,
    places: HashMap<String, usize>,
}

impl Faults {
    fn add(&mut self, design: &Design, point: u64, what: Vec<String>) {
        for what in what {
            match self.places.get(&what) {
                Some(&at) => self.found[at].more += 1,
                None => {
                    self.places.insert(what.clone(), self.found.len());
                    self.found.push(PointFault { point: design.name(point), what, more: 0 });
                }
            }
        }
    }
}

/// A fault of a point; what was laid over the file was laid by the point or by `--set`.
fn told(fault: &Fault) -> String {
    match &fault.place {
        Where::Set(path) => {
            let hint = fault.hint.as_ref().map(|h| format!("; {h}")).unwrap_or_default();
            let named = fault.message.contains(path.as_str());
            let path = if named { String::new() } else { format!("{path}: ") };
            format!("{path}{}{hint}", fault.message)
        }
        _ => fault.to_string(),
    }
}

/// How the values of a point are laid out otherwise than those of the first, if they are.
fn shape(first: &Layout, own: &Layout) -> Option<String> {
    let hint = "points of a sweep differ in values and strategies only; compare scenarios that differ in more";
    if first.months != own.months {
        let span = |l: &Layout| {
            let end = |at: Option<&crate::units::Month>| at.copied().unwrap_or_default();
            format!("{} dates from {} to {}", l.months.len(), end(l.months.first()), end(l.months.last()))
        };
        return Some(format!("it has {} and the first point {}; {hint}", span(own), span(first)));
    }
    for (a, b) in first.tables.iter().zip(&own.tables) {
        let ids = |t: &crate::record::TableLayout| t.entities.iter().map(|e| e.id.clone()).collect::<Vec<_>>();
        let columns = |t: &crate::record::TableLayout| t.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
        let word = a.kind.word();
        if ids(a) != ids(b) {
            let (own, first) = (ids(b).join(", "), ids(a).join(", "));
            return Some(format!("its {word} are {own}, and those of the first point {first}; {hint}"));
        }
        if columns(a) != columns(b) {
            return Some(format!("it records other metrics of {word} than the first point; {hint}"));
        }
    }
    None
}
