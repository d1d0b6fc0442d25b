//! Open weights that a digital ban leaves to those who host them themselves.

use super::utility::{Offers, published_cost_ratio};
use crate::math::ln;
use crate::mechanisms::choice::tier_utility;
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::step::Context;
use crate::world::World;
use crate::world::labs::TIERS;

/// What hosting weights oneself loses in a jurisdiction that bans the best open model, by workload: the next best is hosted there.
/// `None` where it is not banned, −∞ where all open weights are.
///
/// Utility is that of the jurisdiction; spend and price follow the best open model everywhere, so that a firm under the ban buys as
/// much as one elsewhere. The gap between open models is small beside what a ban of the hosted ones moves.
pub(super) fn self_hosting(world: &World, ctx: &Context, offers: &Offers, g: usize) -> Option<[f32; WORKLOAD_COUNT]> {
    let labs = &world.labs;
    let best = offers[world.dims.labs];
    let outlawed = |lab: usize| world.regulators.outlawed[lab * world.dims.jurisdictions + g];
    if !best.available || !outlawed(best.lab) {
        return None;
    }
    let Some(next) = hosted(world, outlawed) else { return Some([f32::NEG_INFINITY; WORKLOAD_COUNT]) };
    let d = &ctx.parameters.demand;
    let cost = |lab: usize| labs.cost_usd_per_mtok[lab * TIERS] * published_cost_ratio(world, ctx.parameters, lab);
    let ln_price = ln(cost(next) / cost(best.lab));
    let gap = best.eci[0] - out(world, next);
    let factors = [d.capability_factor_coding, d.capability_factor_knowledge, d.capability_factor_customer];
    Some(
        factors
            .map(|f| tier_utility(f * d.capability_weight, d.capability_spread, gap, d.price_weight, ln_price) as f32),
    )
}

/// Lab whose weights are hosted where those of some labs are outlawed: the best that are out and permitted.
fn hosted(world: &World, outlawed: impl Fn(usize) -> bool) -> Option<usize> {
    let labs = &world.labs;
    let sold = |j: usize| !outlawed(j) && labs.published(j).is_some() && labs.cost_usd_per_mtok[j * TIERS] > 0.0;
    (0..world.dims.labs).filter(|&j| sold(j)).fold(None, |most: Option<usize>, j| match most {
        Some(k) if out(world, k) >= out(world, j) => Some(k),
        _ => Some(j),
    })
}

/// Capability of the best model of a lab whose weights are out, ECI; −∞ where none are.
fn out(world: &World, lab: usize) -> f64 {
    world.labs.published(lab).map_or(f64::NEG_INFINITY, |(eci, _)| eci)
}

/// Whether the weights that firms of a jurisdiction host themselves have been banned there since the last step.
pub(super) fn newly_banned(world: &World, g: usize) -> bool {
    let r = &world.regulators;
    let at = |lab: usize| lab * world.dims.jurisdictions + g;
    hosted(world, |lab| r.outlawed_before[at(lab)]).is_some_and(|lab| r.outlawed[at(lab)])
}
