//! Every metric: name, unit, meaning, and how to read it off the world. To add one, add a row in the file of its agent kind.

mod clouds;
mod investors;
mod labs;
mod market;
mod regulators;

use crate::scenario::Parameters;
use crate::scenario::parameters::{MAX_LABS, WORKLOAD_COUNT, WORKLOADS};
use crate::world::World;
use crate::world::labs::TIERS;
pub use clouds::CLOUDS;
pub use investors::INVESTORS;
pub use labs::{LAB_SEGMENTS, LABS};
use labs::{largest_customers, regulated_spend};
pub use market::MARKET;
pub use regulators::REGULATORS;

/// What a reader sees.
pub struct View<'a> {
    /// State.
    pub world: &'a World,
    /// Parameters in force.
    pub parameters: &'a Parameters,
    sums: Sums,
}

/// Sums that the metrics of many agents share, taken once a date.
struct Sums {
    /// Share of the demand for each alternative that is served.
    service: [f64; MAX_LABS + 1],
    /// Spend of enterprises on each alternative that is served and billed, USD per year.
    spend: [f64; MAX_LABS + 1],
    /// The same on all, USD per year.
    all: f64,
    /// The same on all by workload, by sector, and in regulated sectors, USD per year.
    by_workload: [f64; WORKLOAD_COUNT],
    by_sector: Vec<f64>,
    regulated: f64,
    /// Shares of the largest and of the two largest customers in the run-rate of each lab.
    customers: [(f64, f64); MAX_LABS],
}

impl<'a> View<'a> {
    /// The view of a date.
    pub fn new(world: &'a World, parameters: &'a Parameters) -> View<'a> {
        let sums = Sums {
            service: [0.0; MAX_LABS + 1],
            spend: [0.0; MAX_LABS + 1],
            all: 0.0,
            by_workload: [0.0; WORKLOAD_COUNT],
            by_sector: Vec::with_capacity(world.dims.sectors),
            regulated: 0.0,
            customers: largest_customers(world),
        };
        let mut v = View { world, parameters, sums };
        let alternatives = 0..world.dims.alternatives;
        for a in alternatives.clone() {
            v.sums.service[a] =
                if a < world.dims.labs { world.labs.reliability[a] } else { world.clouds.hosting_served };
            v.sums.spend[a] = world.demand.total_usd[a] * v.sums.service[a];
        }
        v.sums.all = alternatives.clone().map(|a| spend_on(&v, a)).sum();
        let spent = world.demand.spend_usd.as_chunks::<{ WORKLOAD_COUNT * TIERS }>().0;
        for (of_alternative, served) in spent.iter().zip(&v.sums.service) {
            for (sum, tiers) in v.sums.by_workload.iter_mut().zip(of_alternative.chunks_exact(TIERS)) {
                *sum += tiers.iter().sum::<f64>() * served;
            }
        }
        v.sums.by_sector.resize(world.dims.sectors, 0.0);
        let spent = world.demand.by_sector_usd.chunks_exact(world.dims.sectors.max(1));
        for (by_sector, served) in spent.zip(&v.sums.service) {
            v.sums.by_sector.iter_mut().zip(by_sector).for_each(|(sum, usd)| *sum += usd * served);
        }
        v.sums.regulated = alternatives.map(|a| regulated_spend(&v, a)).sum();
        v
    }
}

/// Reads one number of an agent.
pub type Reader = fn(&View, usize) -> f64;
/// Reads one number of an agent and a segment (workload, sector, jurisdiction).
pub type SegmentReader = fn(&View, usize, usize) -> f64;

/// A metric of one agent kind.
pub struct Metric {
    /// Name.
    pub name: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Meaning.
    pub meaning: &'static str,
    /// Core: in the summary and in the tables by default.
    pub core: bool,
    /// How to read it.
    pub read: Reader,
}

/// A metric by segment: its name is followed by the segment's.
pub struct SegmentMetric {
    /// Name before the segment, with its underscore: `share_`.
    pub prefix: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Meaning; `{}` stands for the segment.
    pub meaning: &'static str,
    /// Which of its segments are core.
    pub core: fn(&str) -> bool,
    /// Which segments.
    pub over: Segments,
    /// How to read it.
    pub read: SegmentReader,
}

/// What a metric is split by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segments {
    /// The three workloads.
    Workloads,
    /// Sectors of enterprises.
    Sectors,
    /// Jurisdictions.
    Jurisdictions,
}

impl Segments {
    /// Ids of the segments.
    pub fn ids(self, p: &Parameters) -> Vec<String> {
        match self {
            Segments::Workloads => WORKLOADS.iter().map(|w| (*w).to_string()).collect(),
            Segments::Sectors => p.sectors.iter().map(|s| s.id.clone()).collect(),
            Segments::Jurisdictions => p.jurisdictions.iter().map(|g| g.id.clone()).collect(),
        }
    }
}

const fn row(name: &'static str, unit: &'static str, core: bool, meaning: &'static str, read: Reader) -> Metric {
    Metric { name, unit, meaning, core, read }
}

/// `part / whole`, 0 where the whole is nothing.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Share of the demand for an alternative that is served.
fn service(v: &View, a: usize) -> f64 {
    v.sums.service[a]
}

/// Spend of enterprises on an alternative that is served and billed.
fn spend_on(v: &View, a: usize) -> f64 {
    v.sums.spend[a]
}

fn enterprise_spend(v: &View) -> f64 {
    v.sums.all
}

/// The same on a workload.
fn workload_spend(v: &View, a: usize, w: usize) -> f64 {
    sum_over(&v.world.demand.spend_usd, a * WORKLOAD_COUNT + w, TIERS) * service(v, a)
}

/// The same in a sector.
fn sector_spend(v: &View, a: usize, s: usize) -> f64 {
    v.world.demand.by_sector_usd[a * v.world.dims.sectors + s] * service(v, a)
}

fn flag(b: bool) -> f64 {
    f64::from(u8::from(b))
}

/// A value that a lab that is gone does not have.
fn living(v: &View, i: usize, value: f64) -> f64 {
    if v.world.labs.alive[i] { value } else { f64::NAN }
}

/// A flow that is not known before a month has been lived.
fn lived(v: &View, value: f64) -> f64 {
    if v.world.step == 0 { f64::NAN } else { value }
}

fn sum_over(column: &[f64], row: usize, width: usize) -> f64 {
    column[row * width..(row + 1) * width].iter().sum()
}
