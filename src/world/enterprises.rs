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
/// Months of the calendar ring; longer than any contract and step.
pub const CALENDAR_MONTHS: usize = 160;
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
    /// Share of the firms that the agent stands for; sums to 1.
    pub count: Vec<f64>,
}

/// Contract ends by month, in a ring of sets with a bit for each workload: putting in and taking out cost the same however many there
/// are, no memory is asked for, and those of a month come in the order in which their columns stand in memory.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    bits: Vec<u64>,
    words: usize,
    /// Month at whose end each workload chooses again, or [`Calendar::OUT`].
    due: Vec<i32>,
}

impl Calendar {
    /// The month of a workload that is in no set.
    const OUT: i32 = i32::MIN;

    /// Empties the calendar, for `n` workloads.
    pub fn reset(&mut self, n: usize) {
        self.words = n.div_ceil(64);
        refill(&mut self.bits, CALENDAR_MONTHS * self.words, 0);
        refill(&mut self.due, n, Calendar::OUT);
    }
    /// Month at whose end workload `k` chooses again, or `i32::MIN` for one that is in no set.
    pub fn due(&self, k: usize) -> i32 {
        self.due[k]
    }
    fn first_word(&self, month: i32) -> usize {
        month.rem_euclid(CALENDAR_MONTHS as i32) as usize * self.words
    }
    /// Puts workload `k` in, due in `month`, less than [`CALENDAR_MONTHS`] ahead; takes it out first where it is in.
    pub fn put(&mut self, k: u32, month: i32) {
        let (word, bit) = (k as usize / 64, 1 << (k % 64));
        let before = std::mem::replace(&mut self.due[k as usize], month);
        if before != Calendar::OUT {
            let at = self.first_word(before) + word;
            self.bits[at] &= !bit;
        }
        let at = self.first_word(month) + word;
        self.bits[at] |= bit;
    }
    /// Takes out all workloads due in `month` and adds them to `out`, in their order.
    pub fn take_due(&mut self, month: i32, out: &mut Vec<u32>) {
        let first = self.first_word(month);
        for (n, word) in self.bits[first..first + self.words].iter_mut().enumerate() {
            let mut left = std::mem::take(word);
            while left != 0 {
                let k = n as u32 * 64 + left.trailing_zeros();
                left &= left - 1;
                self.due[k as usize] = Calendar::OUT;
                out.push(k);
            }
        }
    }
}

/// Committed volumes summed over workloads, in USD per year at the prices and capability of the start: a row for each alternative and
/// tier. A sum over no workloads is exactly zero.
///
/// A row holds a table of workload × sector, one of jurisdiction × cloud, and what is not orchestrated and what is: to change what a workload
/// holds is to change a number in each, and a sum by one dimension is that of a line of a small table.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    cells: Vec<Cell>,
    sectors: usize,
    clouds: usize,
    /// Where the second table starts in a row.
    second_table: usize,
    /// Length of a row.
    width: usize,
}

/// One sum and how many sources it counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cell {
    /// USD per year.
    pub base: f64,
    /// Sources.
    pub holders: u32,
}

/// Where the sums of one workload stand in a row: in both tables, and among what is orchestrated or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns([usize; 3]);

impl Sums {
    /// Clears the sums, for these alternatives and as many sectors, jurisdictions and clouds.
    pub fn reset(&mut self, alternatives: usize, sectors: usize, jurisdictions: usize, clouds: usize) {
        (self.sectors, self.clouds) = (sectors, clouds);
        self.second_table = WORKLOAD_COUNT * sectors;
        self.width = self.second_table + jurisdictions * clouds + 2;
        let cells = alternatives * TIERS * self.width;
        refill(&mut self.cells, cells, Cell::default());
    }
    /// Sets all sums to zero, over no workloads.
    pub fn clear(&mut self) {
        self.cells.fill(Cell::default());
    }
    /// Where the sums of a workload of a firm stand.
    #[inline]
    pub fn columns(&self, workload: usize, segment: Segment, routed: bool) -> Columns {
        let [s, g, c] = [segment.sector, segment.jurisdiction, segment.cloud].map(usize::from);
        let last = self.width - 2 + usize::from(routed);
        Columns([workload * self.sectors + s, self.second_table + g * self.clouds + c, last])
    }
    fn row(&self, alternative: usize, tier: usize) -> &[Cell] {
        let row = (alternative * TIERS + tier) * self.width;
        &self.cells[row..row + self.width]
    }
    #[inline]
    fn row_of(&mut self, source: &Source) -> &mut [Cell] {
        let row = (usize::from(source.vendor) * TIERS + usize::from(source.tier)) * self.width;
        &mut self.cells[row..row + self.width]
    }
    /// All alternatives and tiers.
    pub fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.cells.len() / self.width).map(|row| (row / TIERS, row % TIERS))
    }
    /// The table of workload × sector of an alternative and tier, a line for each workload.
    pub fn workloads(&self, alternative: usize, tier: usize) -> impl Iterator<Item = &[Cell]> {
        self.row(alternative, tier)[..self.second_table].chunks_exact(self.sectors)
    }
    /// The table of jurisdiction × cloud of an alternative and tier, a line for each jurisdiction.
    pub fn jurisdictions(&self, alternative: usize, tier: usize) -> impl Iterator<Item = &[Cell]> {
        let row = self.row(alternative, tier);
        row[self.second_table..row.len() - 2].chunks_exact(self.clouds)
    }
    /// What of an alternative and tier is orchestrated.
    pub fn routed(&self, alternative: usize, tier: usize) -> f64 {
        self.row(alternative, tier).last().map_or(0.0, |cell| cell.base)
    }
    /// Puts a source of a workload in.
    #[inline]
    pub fn add(&mut self, source: &Source, columns: &Columns) {
        let row = self.row_of(source);
        for column in columns.0 {
            let cell = &mut row[column];
            cell.base += source.base;
            cell.holders += 1;
        }
    }
    /// Takes a source of a workload out.
    #[inline]
    pub fn remove(&mut self, source: &Source, columns: &Columns) {
        let row = self.row_of(source);
        for column in columns.0 {
            let cell = &mut row[column];
            cell.holders -= 1;
            cell.base = if cell.holders == 0 { 0.0 } else { cell.base - source.base };
        }
    }
    /// Gives a source of a workload another volume: the same as taking it out and putting it in again.
    #[inline]
    pub fn replace(&mut self, source: &Source, columns: &Columns, before: f64) {
        let row = self.row_of(source);
        for column in columns.0 {
            let cell = &mut row[column];
            let others = if cell.holders == 1 { 0.0 } else { cell.base - before };
            cell.base = others + source.base;
        }
    }
}

/// The sum of a line of a table, USD per year.
pub fn sum_of(line: &[Cell]) -> f64 {
    line.iter().map(|cell| cell.base).sum()
}

/// Which workloads hold each vendor, a bit each, so that the customers of one are found without a look at all others. The workloads of
/// a firm stand at three places in a row, firms in the order of [`Enterprises::place`].
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

/// Where volume of a workload goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Source {
    /// Committed volume: the workload's volume times the factor of tenure at the last visit, or the part of it that goes here, USD per year.
    pub base: f64,
    /// Vendor; [`NONE`] for no such source.
    pub vendor: u16,
    /// Tier of its menu.
    pub tier: u8,
}

impl Source {
    /// No source.
    pub const NONE: Source = Source { base: 0.0, vendor: NONE, tier: 0 };
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
    /// Where the firm stands in the market.
    pub segment: Vec<Segment>,
    /// Tech-forward firms adopt sooner.
    pub forward: Vec<bool>,
    /// Share of spend at equal tenure; sums to 1.
    pub weight: Vec<f64>,
    /// Firms that the agent stands for, in [`PARTS`] of all.
    pub parts: Vec<u64>,
    /// Draw of each firm, N: it orchestrates once the share of firms that do exceeds it.
    pub reluctance: Vec<f64>,
    /// Keys of the firms' draws of awareness: a firm considers a vendor that is known better than it draws.
    pub awareness_key: Vec<u64>,
    /// Where the firms of each sector start, sector after sector, S + 1.
    pub sector_start: Vec<u32>,
    /// Where each firm stands among the firms sector after sector, N.
    pub place: Vec<u32>,
    /// The workloads of the firms in that order, 64 a word; those behind the last are none.
    pub in_place: Vec<[u32; 64]>,

    /// Volume of a workload at tenure factor 1, USD per year at the prices and capability of the start, N × 3.
    pub volume: Vec<f64>,
    /// Persistent taste as a factor on the weight of an alternative, N × 3 × stride.
    pub taste: Rows,
    /// What a workload holds, N × 3.
    pub first: Vec<Source>,
    /// Second source of an orchestrated workload, N × 3.
    pub second: Vec<Source>,
    /// Month in which the workload adopted, or `i32::MAX`.
    pub adopted_month: Vec<i32>,
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
    /// Workloads that have yet to adopt, group after group, in order of their thresholds of cumulative
    /// hazard: the threshold's bits, then the workload.
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
    /// Which of them are orchestrated.
    pub orchestrated: Vec<bool>,
    /// Numbers by alternative and the like.
    pub numbers: Vec<f64>,
    /// Masses of requests.
    pub mass: Vec<f32>,
    /// Keys of rows.
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
        self.first.as_chunks::<WORKLOAD_COUNT>().0[firm].map(|source| source.vendor)
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
mod tests {
    use super::*;

    #[test]
    fn a_workload_is_due_once_wherever_it_was_moved() {
        let mut calendar = Calendar::default();
        calendar.reset(5);
        for k in 0..5 {
            calendar.put(k, 24_000);
        }
        calendar.put(2, 24_007);
        calendar.put(4, 24_007);
        let list = |c: &mut Calendar, month| {
            let mut found = Vec::new();
            c.take_due(month, &mut found);
            found
        };
        assert_eq!(list(&mut calendar, 24_000), [0, 1, 3]);
        assert_eq!((calendar.due(1), calendar.due(2)), (i32::MIN, 24_007));
        assert_eq!(list(&mut calendar, 24_007), [2, 4]);
        assert!(list(&mut calendar, 24_000).is_empty());
    }

    const SEGMENT: Segment = Segment { sector: 1, jurisdiction: 3, cloud: 1 };

    fn source(base: f64) -> Source {
        Source { base, vendor: 1, tier: 1 }
    }

    fn workloads(sums: &Sums) -> Vec<f64> {
        sums.workloads(1, 1).flatten().map(|cell| cell.base).collect()
    }
    fn jurisdictions(sums: &Sums) -> Vec<f64> {
        sums.jurisdictions(1, 1).flatten().map(|cell| cell.base).collect()
    }

    #[test]
    fn a_sum_over_nobody_is_exactly_zero() {
        let mut sums = Sums::default();
        sums.reset(2, 2, 4, 2);
        let columns = sums.columns(2, SEGMENT, true);
        for x in [0.1, 0.2, 0.3] {
            sums.add(&source(x), &columns);
        }
        assert!((workloads(&sums).iter().sum::<f64>() - 0.6).abs() < 1e-12);
        for x in [0.1, 0.3, 0.2] {
            sums.remove(&source(x), &columns);
        }
        assert!(workloads(&sums).iter().chain(&jurisdictions(&sums)).all(|&base| base == 0.0));
        assert_eq!(sums.routed(1, 1), 0.0);
    }

    #[test]
    fn another_volume_is_the_old_one_taken_out_and_the_new_one_added() {
        let mut sums = [Sums::default(), Sums::default()];
        for n in [1, 2, 3] {
            sums.iter_mut().for_each(|s| s.reset(2, 2, 4, 2));
            let columns = sums[0].columns(0, SEGMENT, false);
            (0..n).for_each(|k| sums.iter_mut().for_each(|s| s.add(&source(0.1 + f64::from(k) / 3.0), &columns)));
            sums[0].replace(&source(0.7), &columns, 0.1);
            sums[1].remove(&source(0.1), &columns);
            sums[1].add(&source(0.7), &columns);
            assert_eq!(sums[0].cells, sums[1].cells);
        }
    }

    #[test]
    fn a_source_counts_once_in_each_table_and_where_it_is_orchestrated() {
        let mut sums = Sums::default();
        sums.reset(2, 2, 4, 2);
        let columns = sums.columns(2, SEGMENT, false);
        sums.add(&source(5.0), &columns);
        assert_eq!(workloads(&sums), [0.0, 0.0, 0.0, 0.0, 0.0, 5.0]);
        assert_eq!(jurisdictions(&sums), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0]);
        assert_eq!(sums.routed(1, 1), 0.0);
        assert!(sums.rows().filter(|&row| row != (1, 1)).all(|(a, t)| sum_of(sums.row(a, t)) == 0.0));
        let columns = sums.columns(0, Segment::default(), true);
        sums.add(&source(1.0), &columns);
        assert_eq!((workloads(&sums)[0], jurisdictions(&sums)[0], sums.routed(1, 1)), (1.0, 1.0, 1.0));
    }
}
