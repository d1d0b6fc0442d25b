//! Open weights that a digital ban leaves to those who host them themselves.

use super::utility::Offers;
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
    let permitted = (0..world.dims.labs)
        .filter(|&j| labs.alive[j] && labs.open[j] && !outlawed(j) && labs.cost_usd_per_mtok[j * TIERS] > 0.0)
        .fold(None, |most: Option<usize>, j| match most {
            Some(k) if labs.eci[k] >= labs.eci[j] => Some(k),
            _ => Some(j),
        });
    let Some(next) = permitted else { return Some([f32::NEG_INFINITY; WORKLOAD_COUNT]) };
    let d = &ctx.parameters.demand;
    let ln_price = ln(labs.cost_usd_per_mtok[next * TIERS] / labs.cost_usd_per_mtok[best.lab * TIERS]);
    let gap = labs.eci[best.lab] - labs.eci[next];
    let factors = [d.capability_factor_coding, d.capability_factor_knowledge, d.capability_factor_customer];
    Some(
        factors
            .map(|f| tier_utility(f * d.capability_weight, d.capability_spread, gap, d.price_weight, ln_price) as f32),
    )
}
