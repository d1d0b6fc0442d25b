//! Latent quality of each lab at each workload drifts.

use crate::mechanisms::choice::{QualityStep, effort_drift};
use crate::random::Purpose;
use crate::scenario::parameters::{MAX_LABS, WORKLOAD_COUNT};
use crate::step::Context;
use crate::world::World;

/// Moves latent quality by one step: reversion, effort relative to the mean lab, and chance.
pub fn drift(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    if !p.mechanisms.quality {
        let labs = &mut world.labs;
        labs.quality.copy_from_slice(&labs.quality_start);
        return;
    }
    let step = QualityStep::new(p.demand.quality_reversion_years, p.demand.quality_volatility, ctx.dt);
    let alive = world.labs.alive.iter().filter(|&&alive| alive).count();
    let mut news = [0.0; MAX_LABS];
    for w in 0..WORKLOAD_COUNT {
        // A lab's effort is relative to its own mean: what goes into one workload is missing in the others.
        let effort = |world: &World, j: usize| world.labs.focus[j * WORKLOAD_COUNT + w];
        let total: f64 = (0..world.dims.labs).filter(|&j| world.labs.alive[j]).map(|j| effort(world, j)).sum();
        let mean = if total > 0.0 { total / alive as f64 } else { 1.0 };
        let keys = p.labs.iter().map(|lab| (lab.key, w as u64));
        ctx.fill_news(world.enterprises.level, Purpose::Quality, keys, &mut news[..world.dims.labs]);
        for j in (0..world.dims.labs).filter(|&j| world.labs.alive[j]) {
            let d = &p.demand;
            let drift = effort_drift(d.quality_effort, effort(world, j) / mean);
            let at = j * WORKLOAD_COUNT + w;
            // What lasts of the start is where quality reverts to, besides what effort sustains.
            let lasting = d.quality_lasting_share * world.labs.quality_start[at];
            let q = &mut world.labs.quality[at];
            *q = lasting + step.after(*q - lasting, drift, news[j]);
        }
    }
}
