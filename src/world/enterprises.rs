//! State of the enterprises: who they are, what they hold, when they choose again, and the sums of what they
//! hold. N firms of three workloads; workload `w` of firm `i` stands at `i * WORKLOAD_COUNT + w`.
//!
//! Alternatives of a choice (A = L + 1) are the labs, then open weights that the firm hosts itself. Rows
//! of single-precision factors are padded to `stride`.

use super::Dims;
use super::labs::TIERS;
use super::{Rows, refill};
use crate::math::kernels::{Batches, Request, SimdLevel, stride_of};
use crate::scenario::parameters::WORKLOAD_COUNT;

/// No vendor.
pub use crate::math::kernels::NONE;
/// Months of the calendar ring: longer than most contracts, so that few workloads wait beyond its end.
const CALENDAR_MONTHS: i32 = 32;
/// Parts in which firms are counted: counts of firms are whole numbers, so that they add up exactly.
pub const PARTS: f64 = 1_125_899_906_842_624.0;

/// Sizes of the firms that stand for the market, in order of size. They depend on the number of firms and
/// the spread of sizes only and are kept from run to run.
#[derive(Clone, Debug, Default)]
pub struct Strata {
    /// Spread of ln size for which they were laid.
    pub size_sd: f64,
    /// Share of spend at equal tenure; sums to 1.
    pub spend: Vec<f64>,
    /// Firms that the agent stands for, in whole [`PARTS`] of all.
    pub parts: Vec<u64>,
}

/// Contract ends by month, in a ring of sets with a bit for each workload: putting in and taking out cost the same however many there
/// are, no memory is asked for, and those of a month come in the order in which their columns stand in memory.
///
/// The ring is short, so that it stays in the cache: what is due beyond its end waits in its last set and is put in again from there
/// (a timing wheel with overflow; Varghese and Lauck 1987). A workload that was moved leaves its old bit behind, which is passed over.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    bits: Vec<u64>,
    words: usize,
    /// Last month that was taken, or that before the first.
    taken: i32,
    /// Month at whose end each workload chooses again, or [`Calendar::OUT`].
    due: Vec<i32>,
}

impl Calendar {
    /// The month of a workload that is in no set.
    const OUT: i32 = i32::MIN;

    /// Empties the calendar, for `n` workloads and months after `month`.
    pub fn reset(&mut self, n: usize, month: i32) {
        self.words = n.div_ceil(64);
        self.taken = month;
        refill(&mut self.bits, CALENDAR_MONTHS as usize * self.words, 0);
        refill(&mut self.due, n, Calendar::OUT);
    }
    /// Month at whose end workload `k` chooses again, or `i32::MIN` for one that is in no set.
    pub fn due(&self, k: usize) -> i32 {
        self.due[k]
    }
    fn first_word(&self, month: i32) -> usize {
        month.rem_euclid(CALENDAR_MONTHS) as usize * self.words
    }
    /// Puts workload `k` in, due in `month`, which has not been taken; if it is in, it is moved.
    pub fn put(&mut self, k: u32, month: i32) {
        debug_assert!(month > self.taken, "workload {k}: {month} is over");
        self.due[k as usize] = month;
        let at = self.first_word(month.min(self.taken + CALENDAR_MONTHS)) + k as usize / 64;
        self.bits[at] |= 1 << (k % 64);
    }
    /// Takes out all workloads due in `month` and adds them to `out`, in their order. Months are taken one after the other.
    pub fn take_due(&mut self, month: i32, out: &mut Vec<u32>) {
        let first = self.first_word(month);
        self.taken = month;
        for n in 0..self.words {
            let mut left = std::mem::take(&mut self.bits[first + n]);
            while left != 0 {
                let k = n as u32 * 64 + left.trailing_zeros();
                left &= left - 1;
                let due = &mut self.due[k as usize];
                if *due == month {
                    *due = Calendar::OUT;
                    out.push(k);
                } else if *due > month {
                    self.put(k, self.due[k as usize]);
                }
            }
        }
    }
}

/// Committed volumes summed over workloads: a row for each alternative and tier. They are counted in whole parts of a dollar a
/// year, so that a sum is the same in whatever order it came about, and one over nobody is zero.
///
/// A row holds a table of workload × sector and one of jurisdiction × cloud: to change what a workload holds is to change a number in each,
/// and a sum by one dimension is that of a line of a small table. What is orchestrated is summed apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    cells: Vec<i64>,
    /// What of each row is orchestrated.
    routed: Vec<i64>,
    sectors: usize,
    clouds: usize,
    /// Where the second table starts in a row.
    second_table: usize,
    /// Length of a row.
    width: usize,
    /// Rows; behind them stands one that counts what no vendor has, which is nothing.
    rows: usize,
}

/// Parts of a USD a year in which volumes are counted: the greatest market that a scenario may have is far from the end of 64 bits.
const USD_PARTS: f64 = 1024.0;

/// Where the sums of one workload stand in a row, in both tables.
#[derive(Clone, Copy, Debug)]
pub struct Columns([usize; 2]);

impl Sums {
    /// What a part is, USD per year: volumes are parts times this.
    pub const PART_USD: f64 = 1.0 / USD_PARTS;

    /// Clears the sums, for these alternatives and as many sectors, jurisdictions and clouds.
    pub fn reset(&mut self, alternatives: usize, sectors: usize, jurisdictions: usize, clouds: usize) {
        (self.sectors, self.clouds) = (sectors, clouds);
        self.second_table = WORKLOAD_COUNT * sectors;
        self.width = self.second_table + jurisdictions * clouds;
        self.rows = alternatives * TIERS;
        refill(&mut self.cells, (self.rows + 1) * self.width, 0);
        refill(&mut self.routed, self.rows + 1, 0);
    }
    /// Sets all sums to zero, over no workloads.
    #[cfg(test)]
    pub fn clear(&mut self) {
        self.cells.fill(0);
        self.routed.fill(0);
    }
    /// Where the sums of a workload of a firm stand.
    #[inline]
    pub fn columns(&self, workload: usize, segment: Segment) -> Columns {
        let [s, g, c] = [segment.sector, segment.jurisdiction, segment.cloud].map(usize::from);
        Columns([workload * self.sectors + s, self.second_table + g * self.clouds + c])
    }
    fn row(&self, alternative: usize, tier: usize) -> &[i64] {
        let row = (alternative * TIERS + tier) * self.width;
        &self.cells[row..row + self.width]
    }
    /// All alternatives and tiers.
    pub fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.rows).map(|row| (row / TIERS, row % TIERS))
    }
    /// The table of workload × sector of an alternative and tier, a line for each workload.
    pub fn workloads(&self, alternative: usize, tier: usize) -> impl Iterator<Item = &[i64]> {
        self.row(alternative, tier)[..self.second_table].chunks_exact(self.sectors)
    }
    /// The table of jurisdiction × cloud of an alternative and tier, a line for each jurisdiction.
    pub fn jurisdictions(&self, alternative: usize, tier: usize) -> impl Iterator<Item = &[i64]> {
        self.row(alternative, tier)[self.second_table..].chunks_exact(self.clouds)
    }
    /// What of an alternative and tier is orchestrated, in parts.
    pub fn routed(&self, alternative: usize, tier: usize) -> i64 {
        self.routed[alternative * TIERS + tier]
    }
    /// The sum of a line of a table, USD per year.
    pub fn of(line: &[i64]) -> f64 {
        line.iter().sum::<i64>() as f64 * Sums::PART_USD
    }
    /// Puts a source of a workload in.
    #[inline]
    pub fn add(&mut self, source: Source, columns: &Columns) {
        self.book(source, columns, source.parts);
    }
    /// Takes a source of a workload out.
    #[inline]
    pub fn remove(&mut self, source: Source, columns: &Columns) {
        self.book(source, columns, -source.parts);
    }
    /// Without a branch: no source is counted where nothing is.
    #[inline]
    fn book(&mut self, source: Source, columns: &Columns, parts: i64) {
        let row = self.row_of(source) * self.width;
        for column in columns.0 {
            self.cells[row + column] += parts;
        }
    }
    /// The row of a source, or the one behind the last for none.
    #[inline]
    fn row_of(&self, source: Source) -> usize {
        (source.row as usize).min(self.rows)
    }
    /// Counts both sources of a workload that is orchestrated.
    pub fn route(&mut self, sources: [Source; 2]) {
        for source in sources {
            let row = self.row_of(source);
            self.routed[row] += source.parts;
        }
    }
    /// Counts both sources of a workload as orchestrated no longer.
    pub fn unroute(&mut self, sources: [Source; 2]) {
        self.route(sources.map(|source| source.with(-source.parts)));
    }
}

/// Which workloads hold each vendor, a bit each, so that the customers of one are found without a look at all others. The workloads of
/// a firm stand at three places in a row, firms in the order of [`Firm::place`].
#[derive(Clone, Debug, Default)]
pub struct Customers {
    bits: Vec<u64>,
    words: usize,
}

impl Customers {
    /// Clears the sets, for `alternatives` vendors and `n` workloads.
    pub fn reset(&mut self, alternatives: usize, n: usize) {
        self.words = n.div_ceil(64);
        refill(&mut self.bits, alternatives * self.words, 0);
    }
    /// Turns the workload at `place` into a customer of `vendor`, or back.
    pub fn flip(&mut self, vendor: usize, place: usize) {
        self.bits[vendor * self.words + place / 64] ^= 1 << (place % 64);
    }
    /// The customers of a vendor among the 64 workloads of a word.
    pub fn word(&self, vendor: usize, word: usize) -> u64 {
        self.bits[vendor * self.words + word]
    }
}

/// Where a firm stands in the market: what is read together stands together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Sector.
    pub sector: u16,
    /// Jurisdiction.
    pub jurisdiction: u16,
    /// Primary cloud; 0 where the scenario has none.
    pub cloud: u16,
}

/// Where volume of a workload goes: two numbers, which pass from hand to hand in registers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Source {
    /// Committed volume in parts of a USD per year: the workload's volume times the factor of tenure at the last visit, or the part of it
    /// that goes here.
    pub parts: i64,
    /// Vendor and tier of its menu as a row of [`Sums`]; −1 for none.
    row: i16,
}

impl Source {
    /// No source.
    pub const NONE: Source = Source { parts: 0, row: -1 };
    /// Volume, USD per year, that goes to a vendor, on a tier of its menu.
    #[inline]
    pub fn new(vendor: u16, tier: u8, usd: f64) -> Source {
        Source { parts: 0, row: (vendor * TIERS as u16 + u16::from(tier)) as i16 }.with_usd(usd)
    }
    /// The same source with another volume, USD per year.
    #[inline]
    pub fn with_usd(self, usd: f64) -> Source {
        self.with((usd * USD_PARTS) as i64)
    }
    /// The same source with another volume, in parts.
    #[inline]
    pub fn with(self, parts: i64) -> Source {
        Source { parts, ..self }
    }
    /// Vendor; [`NONE`] for no such source.
    #[inline]
    pub fn vendor(&self) -> u16 {
        // Rounded down, none of −1 is [`NONE`].
        self.row.div_euclid(TIERS as i16) as u16
    }
    /// Committed volume, USD per year.
    pub fn usd(&self) -> f64 {
        self.parts as f64 * Sums::PART_USD
    }
}

/// What is read of a firm when one of its workloads decides: what is read together stands together, within a line of the cache or two.
#[derive(Clone, Copy, Debug, Default)]
pub struct Firm {
    /// Key of its draws of awareness: it considers a vendor that is known better than it draws.
    pub awareness: u64,
    /// It orchestrates once the share of firms that do exceeds this draw.
    pub reluctance: f64,
    /// Firms that the agent stands for, in [`PARTS`] of all.
    pub parts: u64,
    /// Where it stands among the firms sector after sector.
    pub place: u32,
    /// Where it stands in the market.
    pub segment: Segment,
}

/// What a workload is and holds; two of them stand in a line of the cache.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(32))]
pub struct Workload {
    first_parts: i64,
    second_parts: i64,
    /// Volume at tenure factor 1, USD per year at the prices and capability of the start.
    pub volume: f64,
    /// Month in which it adopted, or `i32::MAX`.
    pub adopted_month: i32,
    first_row: i16,
    second_row: i16,
}

impl Workload {
    /// One that holds nothing yet.
    pub const NONE: Workload = Workload {
        first_parts: Source::NONE.parts,
        second_parts: Source::NONE.parts,
        volume: 0.0,
        adopted_month: i32::MAX,
        first_row: Source::NONE.row,
        second_row: Source::NONE.row,
    };
    /// What it holds.
    #[inline]
    pub fn first(&self) -> Source {
        Source { parts: self.first_parts, row: self.first_row }
    }
    /// Its second source, where it is orchestrated.
    #[inline]
    pub fn second(&self) -> Source {
        Source { parts: self.second_parts, row: self.second_row }
    }
    /// Makes it hold `source`.
    #[inline]
    pub fn set_first(&mut self, source: Source) {
        (self.first_parts, self.first_row) = (source.parts, source.row);
    }
    /// Makes `source` its second.
    #[inline]
    pub fn set_second(&mut self, source: Source) {
        (self.second_parts, self.second_row) = (source.parts, source.row);
    }
}

/// Who holds what, counted in [`PARTS`] of all firms.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Firms that hold the vendor in some workload, A.
    pub customers: Vec<u64>,
    /// Firms that have adopted in some workload.
    pub adopting: u64,
    /// Sum over firms of their number of vendors.
    pub vendors: u64,
    /// Firms with two vendors or more.
    pub multi: u64,
    /// Firms that hold one vendor for customer-facing work and another for coding or knowledge work.
    pub split: u64,
    /// Adopted workloads, by group (S × J × 3).
    pub adopted: Vec<u64>,
    /// Firms, by group.
    pub firms: Vec<u64>,
    /// Workloads that changed their vendor this step.
    pub switched: u64,
}

/// State of the enterprises.
#[derive(Clone, Debug, Default)]
pub struct Enterprises {
    /// Vector instructions in use: the best there are, unless set otherwise. Bits do not depend on it.
    pub level: SimdLevel,
    /// Numbers in a padded row of alternatives.
    pub stride: usize,
    /// Sizes, kept from run to run.
    pub strata: Strata,

    /// Keys of the firms' draws.
    pub key: Vec<u64>,
    /// The firms.
    pub firm: Vec<Firm>,
    /// Tech-forward firms adopt sooner.
    pub forward: Vec<bool>,
    /// Share of spend at equal tenure; sums to 1.
    pub weight: Vec<f64>,
    /// Where the firms of each sector start, sector after sector, S + 1.
    pub sector_start: Vec<u32>,
    /// The workloads of the firms in that order, 64 a word; those behind the last are none.
    pub in_place: Vec<[u32; 64]>,

    /// The workloads, N × 3.
    pub workload: Vec<Workload>,
    /// Persistent taste as a factor on the weight of an alternative, N × 3 × stride.
    pub taste: Rows,
    /// When each workload chooses again.
    pub calendar: Calendar,

    /// Keys of the alternatives' noise, stride.
    pub alternative_key: Vec<u32>,
    /// Latent quality of open weights that firms host themselves, by workload; fitted at the start.
    pub self_hosted_quality: [f64; WORKLOAD_COUNT],
    /// Lab whose open weights firms host themselves, or `usize::MAX` for none.
    pub open_lab: usize,

    /// Cumulative hazard of adoption by group (S × J × 3), since the start.
    pub hazard: Vec<f64>,
    /// Next workload to adopt of each group, an index into `clock`.
    pub clock_next: Vec<u32>,
    /// Where each group ends in `clock`.
    pub clock_end: Vec<u32>,
    /// Workloads that have yet to adopt: one of the three workloads after the other, in each group after group, in order of their thresholds
    /// of cumulative hazard: the threshold's bits, then the workload.
    pub clock: Vec<u64>,

    /// Committed volumes, summed in every way that is asked for.
    pub sums: Sums,
    /// Who holds what.
    pub counts: Counts,
    /// Workloads by vendor.
    pub customers: Customers,
    /// Factor of capability and price on committed volume at the start, A × TIERS.
    pub initial_factor: Vec<f64>,
    /// Spend before saturation at the start, USD per year.
    pub initial_total_usd: f64,

    /// Exclusions in force at the end of the last step, L × J: from the market, and from public buyers.
    pub excluded_before: Vec<(bool, bool)>,
    /// Alternatives that could be had anywhere at the end of the last step, A.
    pub offered_before: Vec<bool>,

    /// Utility less noise, taste, channel and switching costs, S × J × 3 × stride; −∞ for what cannot be had.
    pub utility: Vec<f32>,
    /// Its exponential, relative to the best of the cell.
    pub shared: Vec<f32>,
    /// Probability of the light tier, 3 × A.
    pub light: Vec<f32>,
    /// Channel factor, C × stride.
    pub channel: Vec<f32>,
    /// How well known the alternatives are, S × stride, as limits of the firms' draws; and a row above every draw.
    pub known: Vec<u32>,
    /// Factor of tenure by months of tenure, and the exponent and contract for which it holds.
    pub tenure: TenureTable,
    /// Scratch of the month.
    pub scratch: Scratch,
}

/// The factor of tenure by whole months of tenure.
#[derive(Clone, Debug, Default)]
pub struct TenureTable {
    /// Factors.
    pub factor: Vec<f64>,
    /// Exponent for which they hold.
    pub exponent: f64,
    /// Months of a contract for which they hold.
    pub contract_months: u64,
}

/// Buffers that a month fills and forgets; they keep their memory.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    /// Workloads that choose this month.
    pub deciding: Vec<u32>,
    /// Absolute months in which they do.
    pub months: Vec<i32>,
    /// Their requests.
    pub requests: Vec<Request>,
    /// Whom they choose.
    pub winners: Vec<u16>,
    /// Who came second.
    pub seconds: Vec<u16>,
    /// Numbers by alternative, or by firm what its workloads have in common at the start.
    pub numbers: Vec<f64>,
    /// Exponential numbers that are drawn together.
    pub exponentials: Vec<f64>,
    /// Masses of requests.
    pub mass: Vec<f32>,
    /// Keys of rows of tastes, and what is drawn for adoption, tenure, contract ends and clocks.
    pub keys: Vec<u64>,
    /// Keys of the firms of the workloads that draw.
    pub firms: Vec<u64>,
    /// Numbers of the workloads that draw.
    pub workloads: Vec<u64>,
    /// What they draw for the choice.
    pub noise: Vec<u64>,
    /// What they draw for the tier.
    pub tier_noise: Vec<u64>,
    /// Vendors that can no longer be had, a bit each, S × J.
    pub lost: Vec<u128>,
    /// Workloads that an incident may have reopened, a bit each in the order of [`Enterprises::in_place`].
    pub marks: Vec<u64>,
    /// Weights or times by request and alternative.
    pub rows: Batches,
}

/// Whether a firm with these vendors of its workloads holds one for customer-facing work and another for coding or knowledge work.
pub fn is_split([coding, knowledge, customer]: [u16; WORKLOAD_COUNT]) -> bool {
    // Without a branch: which vendors a firm uses nobody can foresee.
    let other = |vendor: u16| (vendor != NONE) & (vendor != customer);
    (customer != NONE) & (other(coding) | other(knowledge))
}

impl Enterprises {
    /// Uses these vector instructions from now on.
    pub fn set_level(&mut self, level: SimdLevel) {
        self.level = level;
    }
    /// Number of firms.
    pub fn len(&self) -> usize {
        self.weight.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weight.is_empty()
    }
    /// Vendors of the workloads of a firm; [`NONE`] before adoption.
    pub fn vendors(&self, firm: usize) -> [u16; WORKLOAD_COUNT] {
        self.workload.as_chunks::<WORKLOAD_COUNT>().0[firm].map(|workload| workload.first().vendor())
    }
    /// Padded length of a row of alternatives in a world of these shapes.
    pub fn stride_for(dims: &Dims) -> usize {
        stride_of(dims.alternatives)
    }
    /// Group (and cell of utility) of a sector, jurisdiction and workload.
    pub fn group(dims: &Dims, sector: usize, jurisdiction: usize, workload: usize) -> usize {
        (sector * dims.jurisdictions + jurisdiction) * WORKLOAD_COUNT + workload
    }
}

#[cfg(test)]
mod tests;
