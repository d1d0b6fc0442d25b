//! Regulation and government at the start.

use crate::step::Context;
use crate::step::government;
use crate::step::regulators::{index_names, take_stock, tilt};
use crate::world::World;

/// Writes the state of regulation as the scenario declares it, and draws each lab's propensity to be targeted and the calendar of
/// tenders.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    government::start(world, ctx);
    let r = &mut world.regulators;
    r.clear(&world.dims);
    for (k, agent) in p.regulators.iter().enumerate() {
        if let Some(g) = p.jurisdiction(&agent.id) {
            let start = &agent.values.start;
            r.regulator[g] = k;
            r.stringency[g] = start.stringency;
            r.salience[g] = start.salience;
            r.regime[g] = start.regime;
        }
    }
    for (i, agent) in p.labs.iter().enumerate() {
        if let Some(home) = p.jurisdiction(&agent.values.identity.jurisdiction) {
            r.home[i] = home;
        }
    }
    for g in 0..world.dims.jurisdictions {
        world.regulators.capture_start[g] = tilt(world, ctx, g);
    }
    index_names(world, p);
    take_stock(world, ctx);
    // What is excluded at the start is no news; who refuses public buyers at the start never had them.
    world.regulators.excluded_public_before.clone_from(&world.labs.excluded_public);
    world.government.refused_before.clone_from(&world.government.refused);
}
