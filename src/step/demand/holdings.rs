//! What a workload holds: the one place where a vendor is taken on or given up, so that all sums and counts
//! stay true.

use crate::mechanisms::spend::tenure_factor;
use crate::scenario::Parameters;
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::world::Dims;
use crate::world::enterprises::{Enterprises, NONE, TenureTable};

/// Longest tenure told apart, in months; a run has at most 1,200 steps.
const LONGEST_MONTHS: usize = 2_400;

/// Lays the factors of tenure for the exponent and contract in force, where they are not laid yet.
pub(in crate::step) fn lay_tenure_table(table: &mut TenureTable, p: &Parameters) {
    let (exponent, contract) = (p.spend.tenure_exponent, p.demand.contract_months);
    if table.exponent != exponent || table.contract_months != contract {
        table.factor.clear();
        (table.exponent, table.contract_months) = (exponent, contract);
    }
    // Long enough for the months of the run and the tenure before it.
    let months = p.simulation.end.since(p.month_before_start()).max(0) as f64 + 36.0 * p.demand_start.tenure_years;
    let length = (months as usize + 2 + contract as usize).min(LONGEST_MONTHS);
    for m in table.factor.len()..length {
        table.factor.push(tenure_factor(m as f64 / 12.0, contract as f64 / 12.0, exponent));
    }
}

impl TenureTable {
    /// Factor for a contract signed after these months of tenure.
    pub(in crate::step) fn at(&self, months: i32) -> f64 {
        let last = self.factor.len().saturating_sub(1);
        self.factor.get((months.max(0) as usize).min(last)).copied().unwrap_or(1.0)
    }
}

/// Makes workload `k` hold `vendor` ([`NONE`] for nobody) at `tier` with this committed volume, and no second source.
pub(in crate::step) fn hold(e: &mut Enterprises, dims: &Dims, k: u32, vendor: u16, tier: u8, base: f64) {
    let at = k as usize;
    let (i, w) = (at / WORKLOAD_COUNT, at % WORKLOAD_COUNT);
    let (s, g, c) = (usize::from(e.sector[i]), usize::from(e.jurisdiction[i]), usize::from(e.cloud[i]));
    if e.second[at] != NONE {
        unroute(e, k);
    }
    let old = e.vendor[at];
    let segments = [w, s, g, c];
    let (old_tier, old_base) = (e.tier[at], e.base[at]);
    if old == vendor && old_tier == tier && vendor != NONE {
        rebook(e, segments, vendor, tier, [old_base, base]);
    } else {
        for (holder, tier, base, add) in [(old, old_tier, old_base, false), (vendor, tier, base, true)] {
            if holder != NONE {
                book(e, segments, holder, tier, base, add);
            }
        }
    }
    if old != vendor {
        let place = e.place[i] as usize * WORKLOAD_COUNT + w;
        for holder in [old, vendor].into_iter().filter(|&v| v != NONE) {
            e.customers.flip(usize::from(holder), place);
        }
        let parts = e.parts[i];
        count(e, i, parts, false);
        e.vendor[at] = vendor;
        count(e, i, parts, true);
        let adopted = &mut e.counts.adopted[Enterprises::group(dims, s, g, w)];
        if old == NONE {
            *adopted += parts;
        } else if vendor == NONE {
            *adopted -= parts;
        }
    }
    e.tier[at] = tier;
    e.base[at] = base;
}

/// Adds a committed volume to all sums, or takes it out.
fn book(e: &mut Enterprises, segments: [usize; 4], vendor: u16, tier: u8, base: f64, add: bool) {
    let sums = [&mut e.by_workload, &mut e.in_sector, &mut e.in_jurisdiction, &mut e.on_cloud];
    for (sums, segment) in sums.into_iter().zip(segments) {
        let cell = sums.at(usize::from(vendor), usize::from(tier), segment);
        if add { sums.add(cell, base) } else { sums.remove(cell, base) }
    }
}

/// Gives a committed volume another value in all sums: before and now.
fn rebook(e: &mut Enterprises, segments: [usize; 4], vendor: u16, tier: u8, [before, now]: [f64; 2]) {
    let sums = [&mut e.by_workload, &mut e.in_sector, &mut e.in_jurisdiction, &mut e.on_cloud];
    for (sums, segment) in sums.into_iter().zip(segments) {
        sums.replace(sums.at(usize::from(vendor), usize::from(tier), segment), before, now);
    }
}

/// Segments of workload `k`: workload, sector, jurisdiction, cloud.
fn segments(e: &Enterprises, k: u32) -> [usize; 4] {
    let i = k as usize / WORKLOAD_COUNT;
    let [s, g, c] = [e.sector[i], e.jurisdiction[i], e.cloud[i]].map(usize::from);
    [k as usize % WORKLOAD_COUNT, s, g, c]
}

/// Moves a `share` of the volume of workload `k`, which has a vendor and no second source, to a second source. The second source
/// counts as spend and not as a vendor that the firm holds: it came with the platform and may change with it.
pub(in crate::step) fn route(e: &mut Enterprises, k: u32, second: u16, tier: u8, share: f64) {
    let at = k as usize;
    let (vendor, own_tier, base) = (e.vendor[at], e.tier[at], e.base[at]);
    let segments = segments(e, k);
    let (kept, moved) = ((1.0 - share) * base, share * base);
    rebook(e, segments, vendor, own_tier, [base, kept]);
    book(e, segments, second, tier, moved, true);
    let first = e.routed.at(usize::from(vendor), usize::from(own_tier), 0);
    let other = e.routed.at(usize::from(second), usize::from(tier), 0);
    e.routed.add(first, kept);
    e.routed.add(other, moved);
    e.base[at] = kept;
    (e.second[at], e.second_tier[at], e.second_base[at]) = (second, tier, moved);
}

/// Takes the second source of workload `k` out of all sums; what its vendor holds stays.
fn unroute(e: &mut Enterprises, k: u32) {
    let at = k as usize;
    let (second, tier, moved) = (e.second[at], e.second_tier[at], e.second_base[at]);
    let segments = segments(e, k);
    book(e, segments, second, tier, moved, false);
    let first = e.routed.at(usize::from(e.vendor[at]), usize::from(e.tier[at]), 0);
    let other = e.routed.at(usize::from(second), usize::from(tier), 0);
    e.routed.remove(first, e.base[at]);
    e.routed.remove(other, moved);
    (e.second[at], e.second_base[at]) = (NONE, 0.0);
}

/// Counts a firm in or out by what it holds.
fn count(e: &mut Enterprises, firm: usize, parts: u64, add: bool) {
    let change = |n: &mut u64, by: u64| if add { *n += by } else { *n -= by };
    let own = &e.vendor[firm * WORKLOAD_COUNT..(firm + 1) * WORKLOAD_COUNT];
    let mut vendors = 0;
    for (w, &v) in own.iter().enumerate() {
        if v != NONE && !own[..w].contains(&v) {
            vendors += 1;
            change(&mut e.counts.customers[usize::from(v)], parts);
        }
    }
    if vendors > 0 {
        change(&mut e.counts.adopting, parts);
        change(&mut e.counts.vendors, vendors * parts);
    }
    if vendors > 1 {
        change(&mut e.counts.multi, parts);
    }
}
