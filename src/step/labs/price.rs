//! Labs set prices (section 3.9).

use crate::mechanisms::governance_tools::trust_left;
use crate::mechanisms::pricing::{move_markup, move_scarcity, serving_cost};
use crate::scenario::parameters::{MAX_LABS, WORKLOAD_COUNT};
use crate::step::{Context, posture};
use crate::strategies::lab::pricing::Seen;
use crate::world::World;
use crate::world::labs::TIERS;

/// Moves serving costs with time and capability, and markups toward what each strategy aims at.
pub fn price(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let l = world.dims.labs;
    let spend: f64 = world.demand.total_usd.iter().sum();
    let trust_worth = trust_worth(world, ctx, trust_sensitivity(world, ctx));
    for i in 0..l {
        let cost = serving_cost(
            world.labs.cost_intercept[i],
            world.environment.years,
            world.labs.eci[i],
            p.pricing.cost_fall_per_year,
            p.pricing.cost_per_capability,
        );
        let cost = cost * posture::serving_factor(world, p, i);
        world.labs.cost_usd_per_mtok[i * TIERS] = cost;
        world.labs.cost_usd_per_mtok[i * TIERS + 1] = cost * p.pricing.light_price_ratio;
    }
    let rivals = Rivals::of(world);
    for (i, &trust_worth) in trust_worth.iter().enumerate().take(l) {
        if !world.labs.alive[i] {
            continue;
        }
        if p.mechanisms.pricing {
            let labs = &world.labs;
            let own = labs.price_usd_per_mtok[i * TIERS];
            let (rival, cheapest) = rivals.of_lab(i, labs.eci[i] - p.pricing.comparable_eci);
            let seen = Seen {
                initial_markup: labs.initial_markup[i],
                cost_usd_per_mtok: labs.cost_usd_per_mtok[i * TIERS],
                share: if spend > 0.0 { world.demand.total_usd[i] / spend } else { 0.0 },
                lead_eci: if rival.is_finite() { labs.eci[i] - rival } else { 0.0 },
                trust_worth,
                cheapest_usd_per_mtok: if cheapest.is_finite() { cheapest } else { own },
            };
            let aim = posture::markup(world, p, i, seen);
            world.labs.markup[i] = move_markup(
                world.labs.markup[i],
                aim,
                p.pricing.adjustment_per_year,
                p.pricing.markup_floor,
                p.pricing.markup_cap,
                ctx.dt,
            );
        } else {
            world.labs.markup[i] = world.labs.initial_markup[i];
        }
    }
    // All have seen the prices of the month before; now all change theirs.
    for i in 0..l {
        let labs = &mut world.labs;
        if !labs.alive[i] {
            continue;
        }
        if p.mechanisms.pricing {
            let capacity = (1.0 - p.compute.research_floor) * (labs.owned_h100e[i] + labs.rented_h100e[i]);
            labs.scarcity[i] = move_scarcity(
                labs.scarcity[i],
                labs.serving_need_h100e[i],
                capacity,
                p.pricing.scarcity_speed_per_year,
                p.pricing.scarcity_cap,
                ctx.dt,
            );
        } else {
            labs.scarcity[i] = 1.0;
        }
        for tier in 0..TIERS {
            let at = i * TIERS + tier;
            labs.price_usd_per_mtok[at] = labs.cost_usd_per_mtok[at] * (1.0 + labs.markup[i]) * labs.scarcity[i];
        }
    }
}

/// Labs whose models are sold: capability and price of each.
struct Rivals {
    labs: [(usize, f64, f64); MAX_LABS],
    count: usize,
}

impl Rivals {
    fn of(world: &World) -> Rivals {
        let labs = &world.labs;
        let mut rivals = Rivals { labs: [(0, 0.0, 0.0); MAX_LABS], count: 0 };
        for i in (0..world.dims.labs).filter(|&i| labs.alive[i] && labs.sells[i]) {
            rivals.labs[rivals.count] = (i, labs.eci[i], labs.price_usd_per_mtok[i * TIERS]);
            rivals.count += 1;
        }
        rivals
    }

    /// Capability of the best rival of a lab, ECI, and the least price among those of at least this capability, USD per million tokens.
    fn of_lab(&self, i: usize, comparable: f64) -> (f64, f64) {
        let (mut best, mut cheapest) = (f64::NEG_INFINITY, f64::INFINITY);
        for &(_, eci, price) in self.labs[..self.count].iter().filter(|rival| rival.0 != i) {
            if eci > best {
                best = eci;
            }
            if eci >= comparable && price < cheapest {
                cheapest = price;
            }
        }
        (best, cheapest)
    }
}

/// Utility of a unit of trust to the buyers of the market: the mean over sectors and workloads, by spend.
fn trust_sensitivity(world: &World, ctx: &Context) -> f64 {
    let p = ctx.parameters;
    if !p.mechanisms.trust {
        return 0.0;
    }
    let mut weights = [0.0; WORKLOAD_COUNT];
    for of_alternative in world.demand.spend_usd.chunks_exact(WORKLOAD_COUNT * TIERS) {
        for (weight, tiers) in weights.iter_mut().zip(of_alternative.chunks_exact(TIERS)) {
            tiers.iter().for_each(|spend| *weight += spend);
        }
    }
    let (mut sum, mut all) = (0.0, 0.0);
    for (s, sector) in p.sectors.iter().enumerate() {
        let n = world.dims.sectors;
        let spend: f64 = (0..world.dims.alternatives).map(|a| world.demand.by_sector_usd[a * n + s]).sum();
        let v = &sector.values;
        for (w, share) in [v.trust_coding, v.trust_knowledge, v.trust_customer].into_iter().enumerate() {
            sum += spend * weights[w] * share;
            all += spend * weights[w];
        }
    }
    if all > 0.0 { p.demand.trust_weight * sum / all } else { 0.0 }
}

/// What buyers would pay for each lab's trust beyond a vendor of mean trust, ln of price, over jurisdictions by what they spend on it.
fn trust_worth(world: &World, ctx: &Context, sensitivity: f64) -> [f64; MAX_LABS] {
    let price_weight = ctx.parameters.demand.price_weight;
    let (mut above, mut own) = ([0.0; MAX_LABS], [0.0; MAX_LABS]);
    if sensitivity <= 0.0 || price_weight <= 0.0 {
        return above;
    }
    let (l, j) = (world.dims.labs, world.dims.jurisdictions);
    for g in 0..j {
        let (mut mean, mut all) = (0.0, 0.0);
        for k in 0..l {
            let spend = world.demand.by_jurisdiction_usd[k * j + g];
            mean += spend * world.labs.trust[k * j + g];
            all += spend;
        }
        if all <= 0.0 {
            continue;
        }
        // Governance tools narrow the gap that buyers see, as in their utility.
        let seen = trust_left(ctx.parameters.governance_tools.trust_narrowing, world.tools.users[g]);
        for k in 0..l {
            let spend = world.demand.by_jurisdiction_usd[k * j + g];
            above[k] += spend * (world.labs.trust[k * j + g] - mean / all) * seen;
            own[k] += spend;
        }
    }
    for (above, own) in above.iter_mut().zip(own) {
        *above = if own > 0.0 { sensitivity * *above / own / price_weight } else { 0.0 };
    }
    above
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::tests_support::{context, parameters, started};

    #[test]
    fn what_tools_take_of_the_gap_of_trust_a_trusted_lab_cannot_charge_for() {
        let mut p = parameters(2);
        p.governance_tools.trust_narrowing = 0.5;
        let mut world = started(&p, 0);
        world.labs.trust = vec![0.8, 0.8, 0.4, 0.4];
        let ctx = context(&p, 0, world.month);
        let worth = |world: &World| trust_worth(world, &ctx, 1.0)[0];
        let none = worth(&world);
        world.tools.users.fill(1.0);
        assert!(none > 0.0 && (worth(&world) / none - 0.5).abs() < 1e-12);
    }
}
