//! What a workload holds: the one place where a vendor is taken on or given up, so that all sums and counts
//! stay true.

use crate::mechanisms::spend::tenure_factor;
use crate::scenario::Parameters;
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::world::Dims;
use crate::world::enterprises::{Enterprises, NONE, Source, TenureTable};

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

/// Makes workload `k` hold `first` and, where it is orchestrated, a second source beside it. The second source counts as spend and not
/// as a vendor that the firm holds: it came with the platform and may change with it.
pub(in crate::step) fn hold(e: &mut Enterprises, dims: &Dims, k: u32, first: Source, second: Source) {
    let at = k as usize;
    let (i, w) = (at / WORKLOAD_COUNT, at % WORKLOAD_COUNT);
    let segment = e.firm[i].segment;
    let (held, routed) = (e.workload[at].first, e.workload[at].second);
    let (was_routed, is_routed) = (routed.vendor != NONE, second.vendor != NONE);
    let columns = e.sums.columns(w, segment);
    e.sums.remove(&held, &columns, was_routed);
    e.sums.add(&first, &columns, is_routed);
    if was_routed | is_routed {
        e.sums.remove(&routed, &columns, was_routed);
        e.sums.add(&second, &columns, is_routed);
        e.workload[at].second = second;
    }
    if held.vendor == first.vendor {
        e.workload[at].first = first;
        return;
    }
    let place = e.firm[i].place as usize * WORKLOAD_COUNT + w;
    for holder in [held.vendor, first.vendor].into_iter().filter(|&v| v != NONE) {
        e.customers.flip(usize::from(holder), place);
    }
    let parts = e.firm[i].parts;
    e.workload[at].first = first;
    recount(e, (i, w), held.vendor, first.vendor);
    let group = Enterprises::group(dims, segment.sector.into(), segment.jurisdiction.into(), w);
    let adopted = &mut e.counts.adopted[group];
    if held.vendor == NONE {
        *adopted += parts;
    } else if first.vendor == NONE {
        *adopted -= parts;
    }
}

/// Counts a firm anew after one of its workloads went from a vendor to another; either may be none.
fn recount(e: &mut Enterprises, (firm, workload): (usize, usize), before: u16, now: u16) {
    let [a, b, c] = e.vendors(firm);
    let [x, y] = [[b, c], [a, c], [a, b]][workload];
    // Without a branch: which vendors a firm uses nobody can foresee.
    let others = u64::from(x != NONE) + u64::from((y != NONE) & (y != x));
    let alone = |vendor: u16| (vendor != NONE) & (vendor != x) & (vendor != y);
    let (left, won) = (alone(before), alone(now));
    let (was, is) = (others + u64::from(left), others + u64::from(won));
    let parts = e.firm[firm].parts;
    let counts = &mut e.counts;
    if left {
        counts.customers[usize::from(before)] -= parts;
    }
    if won {
        counts.customers[usize::from(now)] += parts;
    }
    counts.adopting = counts.adopting + parts * u64::from(is > 0) - parts * u64::from(was > 0);
    counts.vendors = counts.vendors + parts * is - parts * was;
    counts.multi = counts.multi + parts * u64::from(is > 1) - parts * u64::from(was > 1);
}
