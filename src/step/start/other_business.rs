//! Smaller firms at the start: as many pay each lab as the survey says, and they spend what is left of the
//! labs' run-rates after enterprises and consumers.
//!
//! ```text
//! revenue_j  B_j·(1 − consumer part)·(1 − applications part), over jurisdictions where the lab is sold by share of enterprises
//! share_j    firms that pay lab j over those of all labs, vendors per firm their sum           as surveyed
//! appeal_j   max(0.002, share_j)/W_jg                                                          W of `step/demand/utility.rs`
//! adopted    A = `other_business.adoption` in every jurisdiction
//! ```
//!
//! B is the run-rate beyond the API (`step/start/mod.rs`). Without news those who choose anew choose as those before them did.
//!
//! Own: the appeal is the constant of a logit, as for latent quality (Berry 1994, Estimating discrete-choice models of product
//! differentiation).
//!
//! As surveyed: `other_business_adoption` of the lab.

use super::run_rate_beyond_api_usd;
use crate::step::Context;
use crate::step::other_business::{enterprise_intensity, survey};
use crate::world::{World, refill};

/// Least share of vendor relations that a lab's appeal is fitted to: without it nobody new would ever be chosen.
const LEAST_SHARE: f64 = 0.002;

/// Fills the columns of smaller firms and the labs' revenue from them. Enterprises stand already.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (labs, jurisdictions) = (world.dims.labs, world.dims.jurisdictions);
    let mut o = std::mem::take(&mut world.other_business);
    refill(&mut o.adopted, jurisdictions, p.other_business.adoption);
    refill(&mut o.initial_adopted, jurisdictions, p.other_business.adoption);
    refill(&mut o.share, labs * jurisdictions, 0.0);
    refill(&mut o.base_usd, labs * jurisdictions, 0.0);
    refill(&mut o.initial_usd, jurisdictions, 0.0);
    refill(&mut o.paid_adoption, labs, 0.0);
    refill(&mut o.weight, labs, 0.0);
    o.initial_vendors_per_firm = p.labs.iter().map(|lab| lab.values.start.other_business_adoption).sum();
    o.vendors_per_firm = o.initial_vendors_per_firm;
    o.initial_enterprise_vendors = world.demand.vendors_per_firm;
    o.initial_enterprise_intensity = enterprise_intensity(world);
    o.intensity = 1.0;

    let sells =
        |j: usize, g: usize| world.labs.alive[j] && world.labs.sells[j] && !world.labs.excluded[j * jurisdictions + g];
    for (j, lab) in p.labs.iter().enumerate() {
        let start = &lab.values.start;
        let firms = run_rate_beyond_api_usd(world, ctx, j) * (1.0 - start.consumer_fraction);
        let revenue = if p.mechanisms.applications { firms * (1.0 - start.applications_fraction) } else { firms };
        let open: f64 =
            (0..jurisdictions).filter(|&g| sells(j, g)).map(|g| p.jurisdictions[g].values.enterprise_share).sum();
        for g in (0..jurisdictions).filter(|&g| sells(j, g)) {
            let at = g * labs + j;
            o.share[at] = start.other_business_adoption;
            if open > 0.0 {
                o.base_usd[at] = revenue * p.jurisdictions[g].values.enterprise_share / open;
            }
            o.initial_usd[g] += o.base_usd[at];
        }
        world.labs.revenue_other_usd[j] = (0..jurisdictions).map(|g| o.base_usd[g * labs + j]).sum();
    }
    for there in o.share.chunks_exact_mut(labs.max(1)) {
        let total: f64 = there.iter().sum();
        if total > 0.0 {
            there.iter_mut().for_each(|share| *share /= total);
        }
    }
    // Smaller firms buy seats and brands that enterprises' utility does not hold: without news, those who choose
    // anew choose as those before them did.
    refill(&mut o.appeal, labs * jurisdictions, 0.0);
    for g in 0..jurisdictions {
        o.weight.copy_from_slice(&world.demand.private_weight[g * labs..(g + 1) * labs]);
        for j in 0..labs {
            let at = g * labs + j;
            if o.weight[j] > 0.0 {
                o.appeal[at] = o.share[at].max(LEAST_SHARE) / o.weight[j];
            }
        }
    }
    world.other_business = o;
    survey(world, ctx);
}
