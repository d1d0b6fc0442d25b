//! Small worlds for tests of the demand side: labs are set by hand.

use crate::random::{Draws, key_of};
use crate::scenario::Parameters;
use crate::scenario::parameters::{Agent, Cloud, Jurisdiction, Lab, Sector, WORKLOAD_COUNT};
use crate::step::Context;
use crate::units::Month;
use crate::world::{Dims, World, refill};

fn agent<T>(id: &str, values: T) -> Agent<T> {
    Agent { id: id.to_string(), key: key_of(id), values }
}

/// `n` labs, alike but for their ids, in two jurisdictions and three sectors, sold on two clouds.
pub fn parameters(n: usize) -> Parameters {
    let mut p = Parameters::default();
    for j in 0..n {
        let mut lab = Lab::default();
        lab.start.enterprise_share = 1.0 / n as f64;
        lab.start.coding_share = 1.0 / n as f64;
        lab.start.consumer_fraction = 0.5;
        lab.start.run_rate_usd = 4e9;
        lab.start.other_business_adoption = 0.1;
        lab.parameters.channels = vec!["north".to_string()];
        p.labs.push(agent(&format!("lab{j}"), lab));
    }
    p.labs.sort_by_key(|lab| lab.key);
    for (id, share) in [("north", 0.6), ("south", 0.4)] {
        p.clouds.push(agent(id, Cloud { enterprise_share: share, ..Cloud::default() }));
    }
    for (id, share) in [("us", 0.7), ("eu", 0.3)] {
        p.jurisdictions.push(agent(id, Jurisdiction { enterprise_share: share, ..Jurisdiction::default() }));
    }
    for (id, share, public) in [("finance", 0.5, false), ("industry", 0.3, false), ("state", 0.2, true)] {
        p.sectors.push(agent(id, Sector { spend_share: share, public, ..Sector::default() }));
    }
    p
}

/// Only the choice is on: no taste, awareness, cost of switching, drift, growth or adoption.
pub fn only_choice(p: &mut Parameters) {
    let m = &mut p.mechanisms;
    (m.taste, m.consideration, m.switching_costs, m.hedging) = (false, false, false, false);
    (m.quality, m.trust, m.adoption, m.spend_growth, m.regulation) = (false, false, false, false, false);
    p.demand.channel_advantage = 0.0;
    p.demand.promotion_advantage = 0.0;
    p.demand.light_tier_fit = -10.0;
}

/// The labs' columns that the demand side reads, all labs alike.
pub fn world(p: &Parameters) -> World {
    let dims = Dims {
        labs: p.labs.len(),
        alternatives: p.labs.len() + 1,
        clouds: p.clouds.len(),
        investors: 0,
        kinds: 0,
        jurisdictions: p.jurisdictions.len(),
        sectors: p.sectors.len(),
    };
    let mut world = World { dims, month: p.month_before_start(), ..World::default() };
    let (n, by) = (dims.labs, dims.labs * dims.jurisdictions);
    let labs = &mut world.labs;
    refill(&mut labs.alive, n, true);
    refill(&mut labs.sells, n, true);
    refill(&mut labs.open, n, false);
    refill(&mut labs.focus, n * WORKLOAD_COUNT, 1.0);
    for (column, value) in [
        (&mut labs.eci, 150.0),
        (&mut labs.upgrade_lag_eci, 0.0),
        (&mut labs.published_eci, f64::NAN),
        (&mut labs.published_lag_eci, 0.0),
        (&mut labs.safety, 0.5),
        (&mut labs.reliability, 1.0),
        (&mut labs.expected_severity, 1.0),
        (&mut labs.severity, 0.0),
        (&mut labs.revenue_consumer_usd, 0.0),
        (&mut labs.revenue_other_usd, 0.0),
        (&mut labs.revenue_applications_usd, 0.0),
        (&mut labs.rented_h100e, 0.0),
    ] {
        refill(column, n, value);
    }
    refill(&mut labs.hit_sector, n, usize::MAX);
    refill(&mut labs.trust, by, 0.5);
    refill(&mut labs.loss_hazard, by, 0.0);
    refill(&mut labs.excluded, by, false);
    refill(&mut labs.excluded_public, by, false);
    refill(&mut labs.quality, n * WORKLOAD_COUNT, 0.0);
    refill(&mut labs.rented_by_cloud_h100e, n * dims.clouds, 0.0);
    labs.sold_on =
        p.labs.iter().flat_map(|lab| p.clouds.iter().map(|c| lab.values.parameters.channels.contains(&c.id))).collect();
    labs.price_usd_per_mtok = [4.0, 0.8].repeat(n);
    labs.cost_usd_per_mtok = [2.0, 0.4].repeat(n);
    world.regulators.clear(&dims);
    world.government.clear(&dims);
    super::posture::start(&mut world, &context(p, 0, p.month_before_start()));
    refill(&mut world.tools.users, dims.jurisdictions, 0.0);
    world
}

/// The context of a month, as the engine would give it.
pub fn context(p: &Parameters, run: u64, month: Month) -> Context<'_> {
    Context::new(p, Draws::new(1, run), month)
}

/// A world at its start.
pub fn started(p: &Parameters, run: u64) -> World {
    let mut world = world(p);
    super::start::enterprises::start(&mut world, &context(p, run, p.month_before_start()));
    world
}

/// Moves the enterprises through one step.
pub fn step(world: &mut World, p: &Parameters, run: u64) {
    let month = world.month.plus(p.months_per_step());
    let ctx = context(p, run, month);
    super::demand::apply_shocks(world, &ctx);
    super::quality::drift(world, &ctx);
    super::demand::decide(world, &ctx);
    world.month = month;
    world.step += 1;
}

/// Share of each alternative in enterprise spend.
pub fn shares(world: &World) -> Vec<f64> {
    let total: f64 = world.demand.total_usd.iter().sum();
    world.demand.total_usd.iter().map(|x| x / total).collect()
}
