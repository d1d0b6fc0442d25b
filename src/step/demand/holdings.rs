//! What a workload holds: the one place where a vendor is taken on or given up, so that all sums and counts
//! stay true.

use crate::mechanisms::spend::tenure_factor;
use crate::scenario::Parameters;
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::world::Dims;
use crate::world::enterprises::{Counts, Enterprises, NONE, Source, TenureTable, is_split};

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
///
/// Inlined: in the loop of those who decide, where nearly all calls come from, all that is read here is at hand.
#[inline(always)]
pub(in crate::step) fn hold(e: &mut Enterprises, dims: &Dims, k: u32, first: Source, second: Source) {
    let (i, w) = (k as usize / WORKLOAD_COUNT, k as usize % WORKLOAD_COUNT);
    let workload = &mut e.workload[k as usize];
    let (held, routed) = (workload.first(), workload.second());
    let (was_routed, is_routed) = (routed.vendor() != NONE, second.vendor() != NONE);
    let columns = e.sums.columns(w, e.firm[i].segment);
    e.sums.remove(held, &columns);
    e.sums.add(first, &columns);
    workload.set_first(first);
    if was_routed | is_routed {
        e.sums.remove(routed, &columns);
        e.sums.add(second, &columns);
        if was_routed {
            e.sums.unroute([held, routed]);
        }
        if is_routed {
            e.sums.route([first, second]);
        }
        workload.set_second(second);
    }
    if held.vendor() != first.vendor() {
        change_vendor(e, dims, (i, w), held.vendor(), first.vendor());
    }
}

/// Counts a workload, which holds `now` already, among the customers of that vendor and no longer among those of `before`; either may be
/// none. Apart, so that who stays with a vendor saves no registers for it.
#[inline(never)]
fn change_vendor(e: &mut Enterprises, dims: &Dims, (i, w): (usize, usize), before: u16, now: u16) {
    let firm = &e.firm[i];
    let place = firm.place as usize * WORKLOAD_COUNT + w;
    for holder in [before, now].into_iter().filter(|&v| v != NONE) {
        e.customers.flip(usize::from(holder), place);
    }
    let held = e.vendors(i);
    let mut held_before = held;
    held_before[w] = before;
    let split = firm.parts * u64::from(is_split(held));
    e.counts.split = e.counts.split + split - firm.parts * u64::from(is_split(held_before));
    let [a, b, c] = held;
    let others = [[b, c], [a, c], [a, b]][w];
    recount(&mut e.counts, firm.parts, others, [before, now]);
    let group = Enterprises::group(dims, firm.segment.sector.into(), firm.segment.jurisdiction.into(), w);
    let adopted = &mut e.counts.adopted[group];
    if before == NONE {
        *adopted += firm.parts;
    } else if now == NONE {
        *adopted -= firm.parts;
    }
}

/// Counts a firm of these parts anew after one of its workloads went from a vendor to another; either may be none. `x` and `y` are those
/// of its other workloads.
fn recount(counts: &mut Counts, parts: u64, [x, y]: [u16; 2], [before, now]: [u16; 2]) {
    // Without a branch: which vendors a firm uses nobody can foresee.
    let others = u64::from(x != NONE) + u64::from((y != NONE) & (y != x));
    let alone = |vendor: u16| (vendor != NONE) & (vendor != x) & (vendor != y);
    let (left, won) = (alone(before), alone(now));
    let (was, is) = (others + u64::from(left), others + u64::from(won));
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
