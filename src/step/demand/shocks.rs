//! Shocks: incidents that make buyers of a sector look again, and vendors that can no longer be had. Both
//! move contract ends to this month.

use super::utility;
use crate::random::{Purpose, unit_interval};
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::step::Context;
use crate::world::World;
use crate::world::enterprises::NONE;

/// Reopens the contracts that this step's incidents and exclusions concern.
pub fn apply(world: &mut World, ctx: &Context) {
    reopen_after_incidents(world, ctx);
    reopen_after_losses(world, ctx);
}

/// An incident reopens a share of the lab's contracts in the sector that it hit, in proportion to severity.
fn reopen_after_incidents(world: &mut World, ctx: &Context) {
    let share = ctx.parameters.incidents.churn_share;
    let labs = &world.labs;
    let e = &mut world.enterprises;
    for s in 0..world.dims.sectors {
        let hit = |j: usize| labs.hit_sector[j] == s && labs.severity[j] > 0.0;
        if share <= 0.0 || !(0..world.dims.labs).any(hit) {
            continue;
        }
        for n in e.sector_start[s]..e.sector_start[s + 1] {
            let i = e.by_sector[n as usize] as usize;
            for w in 0..WORKLOAD_COUNT {
                let k = i * WORKLOAD_COUNT + w;
                let vendor = usize::from(e.vendor[k]);
                if vendor < world.dims.labs && hit(vendor) {
                    let bits = ctx.draws.bits(Purpose::Shock, e.key[i], w as u64, ctx.month.0);
                    if unit_interval(bits) < share * labs.severity[vendor] {
                        e.calendar.put(k as u32, ctx.month.0);
                    }
                }
            }
        }
    }
}

/// Customers of a vendor that they may no longer have must choose again: it was excluded, or has gone.
fn reopen_after_losses(world: &mut World, ctx: &Context) {
    let offers = utility::offers(world, ctx.parameters);
    let labs = &world.labs;
    let jurisdictions = world.dims.jurisdictions;
    let e = &mut world.enterprises;
    let excluded = labs.excluded.iter().zip(&labs.excluded_public);
    let new_exclusion =
        e.excluded_before.iter().zip(excluded).any(|(before, (&m, &p))| (m && !before.0) || (p && !before.1));
    let gone = e.offered_before.iter().zip(&offers).any(|(&before, now)| before && !now.available);
    if !new_exclusion && !gone {
        return;
    }
    for i in 0..e.len() {
        let public = ctx.parameters.sectors[usize::from(e.sector[i])].values.public;
        let g = usize::from(e.jurisdiction[i]);
        for k in i * WORKLOAD_COUNT..(i + 1) * WORKLOAD_COUNT {
            let vendor = e.vendor[k];
            if vendor == NONE {
                continue;
            }
            let vendor = usize::from(vendor);
            let barred = vendor < world.dims.labs && {
                let at = vendor * jurisdictions + g;
                labs.excluded[at] || (public && labs.excluded_public[at])
            };
            if barred || !offers[vendor].available {
                e.calendar.put(k as u32, ctx.month.0);
            }
        }
    }
}
