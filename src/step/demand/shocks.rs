//! Shocks: incidents that make buyers of a sector look again, and vendors that can no longer be had. Both
//! move contract ends to this month.

use super::{bans, utility, utility::Offers};
use crate::math::kernels::mark_below;
use crate::random::Purpose;
use crate::scenario::parameters::{MAX_LABS, WORKLOAD_COUNT};
use crate::step::Context;
use crate::step::government::Calendar;
use crate::world::World;
use crate::world::enterprises::{Segment, Source};

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
        // Probability that a contract with each vendor is reopened.
        let mut chance = [0.0; MAX_LABS];
        for (j, chance) in chance.iter_mut().enumerate().take(world.dims.labs) {
            if labs.hit_sector[j] == s {
                *chance = churn * labs.severity[j];
            }
        }
        if chance.iter().all(|&c| c <= 0.0) {
            continue;
        }
        let [from, to] = [s, s + 1].map(|s| e.sector_start[s] as usize * WORKLOAD_COUNT);
        let words = from / 64..to.div_ceil(64);
        // Every workload has one number a month, whoever serves it.
        let row = ctx.draws.bits(Purpose::Shock, 0, 0, ctx.month.0);
        for j in (0..world.dims.labs).filter(|&j| chance[j] > 0.0) {
            let limit = (chance[j].min(1.0) * f64::from(u32::MAX)) as u32;
            let marks = &mut e.scratch.marks[words.clone()];
            mark_below(e.level, row, &e.in_place[words.clone()], limit, marks);
            for (word, marked) in words.clone().zip(marks) {
                let mut hit = *marked & e.customers.word(j, word);
                while hit != 0 {
                    let at = hit.trailing_zeros() as usize;
                    hit &= hit - 1;
                    let place = word * 64 + at;
                    // Words at the ends of a sector hold customers of its neighbours too.
                    if place < from || place >= to {
                        continue;
                    }
                    let k = e.in_place[word][at];
                    let firm = k as usize / WORKLOAD_COUNT;
                    let (g, due) = (usize::from(e.firm[firm].segment.jurisdiction), e.calendar.due(k as usize));
                    e.calendar.put(k, calendar.reopened(s, g, ctx.month.0, due));
                }
            }
        }
    }
}

/// Customers of a vendor that they may no longer have must choose again, public ones out of turn: it was excluded, has gone, or
/// will no longer serve them.
fn reopen_after_losses(world: &mut World, ctx: &Context) {
    let offers = utility::offers(world, ctx.parameters);
    reopen_what_is_lost(world, ctx, &offers);
    world.demand.offers = offers;
}

fn reopen_what_is_lost(world: &mut World, ctx: &Context, offers: &Offers) {
    let labs = &world.labs;
    let jurisdictions = world.dims.jurisdictions;
    // A bit a jurisdiction: most scenarios have four, and beyond 64 the last bit stands for all others.
    let banned =
        (0..jurisdictions).filter(|&g| bans::newly_banned(world, g)).fold(0u64, |bits, g| bits | 1 << g.min(63));
    let e = &mut world.enterprises;
    let excluded = labs.excluded.iter().zip(&labs.excluded_public);
    let new_exclusion =
        e.excluded_before.iter().zip(excluded).any(|(before, (&m, &p))| (m && !before.0) || (p && !before.1));
    let gone = e.offered_before.iter().zip(offers).any(|(&before, now)| before && !now.available);
    let government = &world.government;
    let refusal = government.refused.iter().zip(&government.refused_before).any(|(&now, &before)| now && !before);
    if !new_exclusion && !gone && !refusal && banned == 0 {
        return;
    }
    let sectors = world.dims.sectors;
    for (cell, lost) in e.scratch.lost.iter_mut().enumerate() {
        let (s, g) = (cell / jurisdictions, cell % jurisdictions);
        let public = ctx.parameters.sectors[s].values.public;
        *lost = 0;
        for (vendor, offer) in offers.iter().enumerate().take(world.dims.alternatives) {
            let barred = vendor < world.dims.labs && {
                let at = vendor * jurisdictions + g;
                labs.excluded[at] || (public && labs.excluded_public[at]) || government.refused[vendor * sectors + s]
            };
            // Who hosts weights itself may no longer use those; others are permitted where there are any.
            let outlawed = vendor == world.dims.labs && banned >> g.min(63) & 1 == 1;
            // Of those that went before, customers have chosen again already.
            let gone = !offer.available && e.offered_before[vendor];
            *lost |= u128::from(barred || outlawed || gone) << vendor;
        }
    }
    // No vendor is the last bit, which is never set.
    let of = |lost: u128, source: Source| lost >> source.vendor().min(127) & 1;
    let firms = e.firm.iter().zip(e.workload.as_chunks::<WORKLOAD_COUNT>().0);
    for (i, (firm, workloads)) in firms.enumerate() {
        let Segment { sector, jurisdiction, .. } = firm.segment;
        let lost = e.scratch.lost[usize::from(sector) * jurisdictions + usize::from(jurisdiction)];
        if lost == 0 {
            continue;
        }
        for (w, workload) in workloads.iter().enumerate() {
            if (of(lost, workload.first()) | of(lost, workload.second())) != 0 {
                e.calendar.put((i * WORKLOAD_COUNT + w) as u32, ctx.month.0);
            }
        }
    }
}
