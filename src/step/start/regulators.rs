//! Regulation at the start.

use crate::random::Purpose;
use crate::step::{Context, regulators};
use crate::world::{World, refill};

/// Stringency, salience and regime as declared; each lab's hazard of targeted action drawn once a run.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, j) = (world.dims.labs, world.dims.jurisdictions);
    let r = &mut world.regulators;
    for column in [&mut r.stringency, &mut r.salience, &mut r.regime, &mut r.cases_open] {
        refill(column, j, 0.0);
    }
    for column in [&mut r.targeted_months_left, &mut r.targeted_hazard] {
        refill(column, l * j, 0.0);
    }
    for column in [&mut r.named_excluded, &mut r.named_banned] {
        refill(column, l * j, false);
    }
    refill(&mut r.audits_in_force, j, false);
    refill(&mut r.regulator, j, usize::MAX);
    refill(&mut r.fines_usd, l, 0.0);
    for (g, place) in p.jurisdictions.iter().enumerate() {
        let Some(k) = p.regulators.iter().position(|a| a.id == place.id) else { continue };
        let start = &p.regulators[k].values.start;
        r.regulator[g] = k;
        r.stringency[g] = start.stringency;
        r.salience[g] = start.salience;
        r.regime[g] = start.regime;
    }
    for i in 0..l {
        // One hazard a lab: political action comes from its home government, whose buyers it then loses.
        let mut stream = ctx.draws.stream(Purpose::TargetedHazard, p.labs[i].key, 0, 0);
        let hazard = stream.gamma(p.regulation.targeted_shape) / p.regulation.targeted_rate_years;
        if let Some(g) = p.jurisdiction(&p.labs[i].values.identity.jurisdiction) {
            world.regulators.targeted_hazard[i * j + g] = hazard;
        }
    }
    regulators::index_names(world, p);
    regulators::put_in_force(world, ctx);
}
