//! Shocks: incidents that make buyers of a sector look again, and vendors that can no longer be had. Both
//! move contract ends to this month.

use super::{bans, utility};
use crate::random::{Purpose, unit_interval};
use crate::scenario::parameters::{MAX_LABS, WORKLOAD_COUNT};
use crate::step::Context;
use crate::step::government::Calendar;
use crate::world::enterprises::NONE;
use crate::world::{World, refill};

/// Reopens the contracts that this step's incidents and exclusions concern.
pub fn apply(world: &mut World, ctx: &Context) {
    reopen_after_incidents(world, ctx);
    reopen_after_losses(world, ctx);
}

/// An incident reopens a share of the lab's contracts in the sector that it hit, in proportion to severity.
fn reopen_after_incidents(world: &mut World, ctx: &Context) {
    let churn = ctx.parameters.incidents.churn_share;
    let labs = &world.labs;
    let calendar = Calendar::of(&world.government, ctx.parameters);
    let e = &mut world.enterprises;
    for s in 0..world.dims.sectors {
        // Probability that a contract with each vendor is reopened; padded, so that NONE is a vendor never hit.
        let mut chance = [0.0; MAX_LABS + 1];
        for (j, chance) in chance.iter_mut().enumerate().take(world.dims.labs) {
            if labs.hit_sector[j] == s {
                *chance = churn * labs.severity[j];
            }
        }
        if chance.iter().all(|&c| c <= 0.0) {
            continue;
        }
        let hit = chance.map(|c| u8::from(c > 0.0));
        let place = |vendor: u16| usize::from(vendor).min(MAX_LABS);
        let firms = &e.by_sector[e.sector_start[s] as usize..e.sector_start[s + 1] as usize];
        // Customers first, without a branch that nobody can foresee; then the draws of these few.
        let customers = &mut e.scratch.deciding;
        refill(customers, firms.len() * WORKLOAD_COUNT, 0);
        let holdings = e.vendor.as_chunks::<WORKLOAD_COUNT>().0;
        let mut count = 0;
        for &i in firms {
            for (k, &vendor) in (i * WORKLOAD_COUNT as u32..).zip(&holdings[i as usize]) {
                customers[count] = k;
                count += usize::from(hit[place(vendor)]);
            }
        }
        for &k in &customers[..count] {
            let (i, w) = (k as usize / WORKLOAD_COUNT, k as usize % WORKLOAD_COUNT);
            let bits = ctx.draws.bits(Purpose::Shock, e.key[i], w as u64, ctx.month.0);
            if unit_interval(bits) < chance[place(e.vendor[k as usize])] {
                let due = e.calendar.due[k as usize];
                e.calendar.put(k, calendar.reopened(s, usize::from(e.jurisdiction[i]), ctx.month.0, due));
            }
        }
    }
}

/// Customers of a vendor that they may no longer have must choose again, public ones out of turn: it was excluded, has gone, or
/// will no longer serve them.
fn reopen_after_losses(world: &mut World, ctx: &Context) {
    let offers = utility::offers(world, ctx.parameters);
    let labs = &world.labs;
    let jurisdictions = world.dims.jurisdictions;
    // A bit a jurisdiction: most scenarios have four, and beyond 64 the last bit stands for all others.
    let banned =
        (0..jurisdictions).filter(|&g| bans::newly_banned(world, g)).fold(0u64, |bits, g| bits | 1 << g.min(63));
    let e = &mut world.enterprises;
    let excluded = labs.excluded.iter().zip(&labs.excluded_public);
    let new_exclusion =
        e.excluded_before.iter().zip(excluded).any(|(before, (&m, &p))| (m && !before.0) || (p && !before.1));
    let gone = e.offered_before.iter().zip(&offers).any(|(&before, now)| before && !now.available);
    let government = &world.government;
    let refusal = government.refused.iter().zip(&government.refused_before).any(|(&now, &before)| now && !before);
    if !new_exclusion && !gone && !refusal && banned == 0 {
        return;
    }
    for i in 0..e.len() {
        let s = usize::from(e.sector[i]);
        let public = ctx.parameters.sectors[s].values.public;
        let g = usize::from(e.jurisdiction[i]);
        for k in i * WORKLOAD_COUNT..(i + 1) * WORKLOAD_COUNT {
            let lost = |vendor: u16| {
                let vendor = usize::from(vendor);
                let barred = vendor < world.dims.labs && {
                    let at = vendor * jurisdictions + g;
                    labs.excluded[at]
                        || (public && labs.excluded_public[at])
                        || government.refused[vendor * world.dims.sectors + s]
                };
                // Who hosts weights itself may no longer use those; others are permitted where there are any.
                let outlawed = vendor == world.dims.labs && banned >> g.min(63) & 1 == 1;
                barred || outlawed || !offers[vendor].available
            };
            if [e.vendor[k], e.second[k]].into_iter().any(|vendor| vendor != NONE && lost(vendor)) {
                e.calendar.put(k as u32, ctx.month.0);
            }
        }
    }
}
