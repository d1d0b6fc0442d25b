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

/// Makes workload `k` hold `vendor` ([`NONE`] for nobody) at `tier` with this committed volume.
pub(in crate::step) fn hold(e: &mut Enterprises, dims: &Dims, k: u32, vendor: u16, tier: u8, base: f64) {
    let at = k as usize;
    let (i, w) = (at / WORKLOAD_COUNT, at % WORKLOAD_COUNT);
    let (s, g, c) = (usize::from(e.sector[i]), usize::from(e.jurisdiction[i]), usize::from(e.cloud[i]));
    let old = e.vendor[at];
    for (holder, tier, base, add) in [(old, e.tier[at], e.base[at], false), (vendor, tier, base, true)] {
        if holder == NONE {
            continue;
        }
        for (sums, segment) in
            [(&mut e.by_workload, w), (&mut e.in_sector, s), (&mut e.in_jurisdiction, g), (&mut e.on_cloud, c)]
        {
            let cell = sums.at(usize::from(holder), usize::from(tier), segment);
            if add { sums.add(cell, base) } else { sums.remove(cell, base) }
        }
    }
    if old != vendor {
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
