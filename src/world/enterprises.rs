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
/// No workload: the end of a list of the calendar.
pub const NOBODY: u32 = u32::MAX;
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

/// Contract ends by month, as doubly linked lists in a ring: putting in and taking out cost the same however
/// many there are, and no memory is asked for.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    head: Vec<u32>,
    entries: Vec<Entry>,
}

/// The place of one workload in the calendar, within one line of the cache.
#[derive(Clone, Copy, Debug)]
#[repr(align(16))]
struct Entry {
    next: u32,
    previous: u32,
    /// Month at whose end the workload chooses again, or `i32::MIN` for one that is in no list.
    due: i32,
}

impl Entry {
    const OUT: Entry = Entry { next: NOBODY, previous: NOBODY, due: i32::MIN };
}

impl Calendar {
    /// Empties the calendar, for `n` workloads.
    pub fn reset(&mut self, n: usize) {
        refill(&mut self.head, CALENDAR_MONTHS, NOBODY);
        refill(&mut self.entries, n, Entry::OUT);
    }
    /// Month at whose end workload `k` chooses again, or `i32::MIN` for one that is in no list.
    pub fn due(&self, k: usize) -> i32 {
        self.entries[k].due
    }
    fn slot(month: i32) -> usize {
        month.rem_euclid(CALENDAR_MONTHS as i32) as usize
    }
    /// Puts workload `k` in, due in `month`, less than [`CALENDAR_MONTHS`] ahead; takes it out first where it is in.
    pub fn put(&mut self, k: u32, month: i32) {
        self.take(k);
        let slot = Calendar::slot(month);
        let head = self.head[slot];
        self.entries[k as usize] = Entry { next: head, previous: NOBODY, due: month };
        if head != NOBODY {
            self.entries[head as usize].previous = k;
        }
        self.head[slot] = k;
    }
    /// Takes workload `k` out, if it is in.
    pub fn take(&mut self, k: u32) {
        let Entry { next, previous, due } = self.entries[k as usize];
        if due == i32::MIN {
            return;
        }
        if next != NOBODY {
            self.entries[next as usize].previous = previous;
        }
        if previous != NOBODY {
            self.entries[previous as usize].next = next;
        } else {
            self.head[Calendar::slot(due)] = next;
        }
        self.entries[k as usize].due = i32::MIN;
    }
    /// Takes out all workloads due in `month` and adds them to `out`.
    pub fn take_due(&mut self, month: i32, out: &mut Vec<u32>) {
        let mut k = std::mem::replace(&mut self.head[Calendar::slot(month)], NOBODY);
        while k != NOBODY {
            out.push(k);
            let entry = &mut self.entries[k as usize];
            entry.due = i32::MIN;
            k = entry.next;
        }
    }
}

/// Committed volumes summed over workloads, in USD per year at the prices and capability of the start.
/// A sum over no workloads is exactly zero.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// Sums, row after row: A × TIERS, then the segments.
    pub base: Vec<f64>,
    holders: Vec<u32>,
    segments: usize,
}

impl Sums {
    /// Clears the sums, for `segments` segments of `alternatives`.
    pub fn reset(&mut self, alternatives: usize, segments: usize) {
        self.segments = segments;
        refill(&mut self.base, alternatives * TIERS * segments, 0.0);
        refill(&mut self.holders, alternatives * TIERS * segments, 0);
    }
    /// Sets all sums to zero, over no workloads.
    pub fn clear(&mut self) {
        self.base.fill(0.0);
        self.holders.fill(0);
    }
    /// Where the sum of an alternative, tier and segment stands.
    pub fn at(&self, alternative: usize, tier: usize, segment: usize) -> usize {
        (alternative * TIERS + tier) * self.segments + segment
    }
    /// Adds a workload.
    pub fn add(&mut self, at: usize, base: f64) {
        self.base[at] += base;
        self.holders[at] += 1;
    }
    /// Gives a workload another volume: the same as taking it out and adding it again.
    pub fn replace(&mut self, at: usize, before: f64, base: f64) {
        let others = if self.holders[at] == 1 { 0.0 } else { self.base[at] - before };
        self.base[at] = others + base;
    }
    /// Takes a workload out.
    pub fn remove(&mut self, at: usize, base: f64) {
        self.holders[at] -= 1;
        self.base[at] = if self.holders[at] == 0 { 0.0 } else { self.base[at] - base };
    }
}

/// Which workloads hold each vendor, a bit each, so that the customers of one are found without a look at all others. The workloads of
/// a firm stand at three places in a row, firms in the order of [`Enterprises::by_sector`].
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
    /// Sector.
    pub sector: Vec<u16>,
    /// Jurisdiction.
    pub jurisdiction: Vec<u16>,
    /// Primary cloud; 0 where the scenario has none.
    pub cloud: Vec<u16>,
    /// Tech-forward firms adopt sooner.
    pub forward: Vec<bool>,
    /// Share of spend at equal tenure; sums to 1.
    pub weight: Vec<f64>,
    /// Firms that the agent stands for, in [`PARTS`] of all.
    pub parts: Vec<u64>,
    /// Draw of each firm, N: it orchestrates once the share of firms that do exceeds it.
    pub reluctance: Vec<f64>,
    /// Threshold of awareness, N × stride: a firm considers a vendor that is known better than this.
    pub awareness: Rows,
    /// Firms by sector, sector after sector.
    pub by_sector: Vec<u32>,
    /// Where each sector starts among them, S + 1.
    pub sector_start: Vec<u32>,
    /// Where each firm stands among them, N.
    pub place: Vec<u32>,

    /// Volume of a workload at tenure factor 1, USD per year at the prices and capability of the start, N × 3.
    pub volume: Vec<f64>,
    /// Persistent taste as a factor on the weight of an alternative, N × 3 × stride.
    pub taste: Rows,
    /// Vendor held, N × 3; [`NONE`] before adoption.
    pub vendor: Vec<u16>,
    /// Tier held.
    pub tier: Vec<u8>,
    /// Committed volume at `vendor`: `volume` times the factor of tenure at the last visit, USD per year.
    pub base: Vec<f64>,
    /// Second source of an orchestrated workload, N × 3; [`NONE`] for none.
    pub second: Vec<u16>,
    /// Tier of the second source.
    pub second_tier: Vec<u8>,
    /// Part of the committed volume that goes to the second source, beside `base`, USD per year.
    pub second_base: Vec<f64>,
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

    /// Committed volume by workload.
    pub by_workload: Sums,
    /// Committed volume by sector.
    pub in_sector: Sums,
    /// Committed volume by jurisdiction.
    pub in_jurisdiction: Sums,
    /// Committed volume by primary cloud.
    pub on_cloud: Sums,
    /// Committed volume of workloads that are orchestrated, at both sources.
    pub routed: Sums,
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
    /// How well known the alternatives are, S × stride; and a row above every threshold.
    pub known: Vec<f32>,
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
    /// Vendors that can no longer be had, S × J × A.
    pub lost: Vec<bool>,
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
        calendar.take(0);
        calendar.take(0);
        let list = |c: &mut Calendar, month| {
            let mut found = Vec::new();
            c.take_due(month, &mut found);
            found.sort_unstable();
            found
        };
        assert_eq!(list(&mut calendar, 24_000), [1, 3]);
        assert_eq!(list(&mut calendar, 24_007), [2, 4]);
        assert!(list(&mut calendar, 24_000).is_empty());
    }

    #[test]
    fn a_sum_over_nobody_is_exactly_zero() {
        let mut sums = Sums::default();
        sums.reset(2, 3);
        let at = sums.at(1, 1, 2);
        for x in [0.1, 0.2, 0.3] {
            sums.add(at, x);
        }
        for x in [0.1, 0.3, 0.2] {
            sums.remove(at, x);
        }
        assert_eq!(sums.base[at], 0.0);
    }

    #[test]
    fn another_volume_is_the_old_one_taken_out_and_the_new_one_added() {
        let mut sums = [Sums::default(), Sums::default()];
        for n in [1, 2, 3] {
            sums.iter_mut().for_each(|s| s.reset(1, 1));
            (0..n).for_each(|k| sums.iter_mut().for_each(|s| s.add(0, 0.1 + f64::from(k) / 3.0)));
            sums[0].replace(0, 0.1, 0.7);
            sums[1].remove(0, 0.1);
            sums[1].add(0, 0.7);
            assert_eq!((sums[0].base[0], sums[0].holders[0]), (sums[1].base[0], sums[1].holders[0]));
        }
    }
}
