//! The demand side against a plain loop that does the same choices without any effort to be fast.
//!
//! - `race`: the choice kernel, ns a choice, at the best and at the least level of vector instructions.
//! - `demand_run`: the demand side of a run: 2,000 enterprises, 10 labs, start and 60 months.
//! - `plain_loop`: the yardstick, choice alone (`yardstick/mod.rs`).

mod yardstick;

use std::hint::black_box;

use aimarket::math::kernels::{NONE, Request, SimdLevel, Weights, race, stride_of};
use aimarket::random::{Draws, key_of, mix};
use aimarket::scenario::Parameters;
use aimarket::scenario::parameters::{Agent, Cloud, Jurisdiction, Lab, Sector, WORKLOAD_COUNT};
use aimarket::step::{Context, consumers, demand, other_business, quality, start};
use aimarket::world::{Dims, World, refill};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use crate::yardstick::{FIRMS, LABS, MONTHS, Yardstick};

fn agent<T>(id: String, values: T) -> Agent<T> {
    let key = key_of(&id);
    Agent { id, key, values }
}

fn parameters() -> Parameters {
    let mut p = Parameters::default();
    for j in 0..LABS {
        let mut lab = Lab::default();
        lab.start.enterprise_share = 1.0 / (j + 2) as f64;
        lab.start.coding_share = 1.0 / (j + 3) as f64;
        lab.start.run_rate_usd = 9e9;
        lab.start.consumer_fraction = 0.5;
        lab.start.other_business_adoption = 0.1;
        for g in 0..5 {
            lab.start.consumer_share.insert(format!("region{g}"), 0.08);
        }
        lab.parameters.channels = vec![format!("cloud{}", j % 5), format!("cloud{}", (j + 2) % 5)];
        p.labs.push(agent(format!("lab{j}"), lab));
    }
    p.labs.sort_by_key(|lab| lab.key);
    for c in 0..5 {
        p.clouds.push(agent(format!("cloud{c}"), Cloud { enterprise_share: 0.2, ..Cloud::default() }));
    }
    for g in 0..5 {
        let jurisdiction = Jurisdiction { enterprise_share: 0.2, ..Jurisdiction::default() };
        p.jurisdictions.push(agent(format!("region{g}"), jurisdiction));
    }
    for s in 0..7 {
        p.sectors.push(agent(format!("sector{s}"), Sector { spend_share: 1.0 / 7.0, ..Sector::default() }));
    }
    p
}

/// The columns of the labs that the demand side reads.
fn labs(world: &mut World, p: &Parameters) {
    world.dims = Dims {
        labs: LABS,
        alternatives: LABS + 1,
        clouds: p.clouds.len(),
        investors: 0,
        kinds: 0,
        jurisdictions: p.jurisdictions.len(),
        sectors: p.sectors.len(),
    };
    world.month = p.month_before_start();
    let by = LABS * p.jurisdictions.len();
    let labs = &mut world.labs;
    for (column, value) in [(&mut labs.alive, true), (&mut labs.sells, true), (&mut labs.open, false)] {
        refill(column, LABS, value);
    }
    labs.open[3] = true;
    for (column, value) in [
        (&mut labs.eci, 150.0),
        (&mut labs.safety, 0.5),
        (&mut labs.reliability, 1.0),
        (&mut labs.expected_severity, 1.0),
        (&mut labs.severity, 1.0),
        (&mut labs.revenue_consumer_usd, 0.0),
        (&mut labs.revenue_other_usd, 0.0),
        (&mut labs.rented_h100e, 0.0),
    ] {
        refill(column, LABS, value);
    }
    for j in 0..LABS {
        labs.eci[j] -= 2.0 * j as f64;
    }
    refill(&mut labs.hit_sector, LABS, usize::MAX);
    refill(&mut labs.trust, by, 0.5);
    refill(&mut labs.loss_hazard, by, 0.03);
    refill(&mut labs.excluded, by, false);
    refill(&mut labs.excluded_public, by, false);
    refill(&mut labs.quality, LABS * WORKLOAD_COUNT, 0.0);
    refill(&mut labs.rented_by_cloud_h100e, LABS * p.clouds.len(), 0.0);
    refill(&mut labs.price_usd_per_mtok, LABS * 2, 4.0);
    refill(&mut labs.cost_usd_per_mtok, LABS * 2, 2.0);
    refill(&mut world.regulators.audits_in_force, p.jurisdictions.len(), false);
}

fn begin(world: &mut World, p: &Parameters, draws: Draws) {
    labs(world, p);
    let ctx = Context::new(p, draws, world.month);
    start::enterprises::start(world, &ctx);
    start::other_business::start(world, &ctx);
    start::consumers::start(world, &ctx);
}

/// One run of the demand side; every month an incident hits one lab in one sector.
fn demand_run(world: &mut World, p: &Parameters, draws: Draws) -> f64 {
    begin(world, p, draws);
    for step in 0..MONTHS {
        world.month = world.month.plus(1);
        let ctx = Context::new(p, draws, world.month);
        world.labs.hit_sector.fill(usize::MAX);
        world.labs.hit_sector[step as usize % LABS] = step as usize % 7;
        demand::apply_shocks(world, &ctx);
        quality::drift(world, &ctx);
        demand::decide(world, &ctx);
        other_business::grow(world, &ctx);
        consumers::choose(world, &ctx);
        world.step += 1;
    }
    world.demand.total_usd.iter().sum()
}

fn bench(c: &mut Criterion) {
    let stride = stride_of(LABS + 1);
    let n = FIRMS * WORKLOAD_COUNT;
    let keys: Vec<u32> = (0..stride as u64).map(|j| mix(j) as u32).collect();
    let mut shared = vec![0.5f32; stride];
    shared[LABS + 1..].fill(0.0);
    let (ones, known, taste) = (vec![1.0f32; stride], vec![u32::MAX; stride], vec![1.0f32; n * stride]);
    let weights =
        Weights { alternatives: LABS + 1, keys: &keys, shared: &shared, channel: &ones, taste: &taste, known: &known };
    let requests: Vec<Request> = (0..n)
        .map(|k| Request {
            noise: mix(k as u64),
            cell: 0,
            cloud: 0,
            taste: k as u32,
            awareness: 7,
            known: 0,
            held: [(k % LABS) as u16, NONE, NONE],
            ease: [50.0, 1.0, 1.0],
            routed: false,
        })
        .collect();
    let mut winners = vec![0; n];
    let mut group = c.benchmark_group("race");
    group.throughput(Throughput::Elements(n as u64));
    for (name, level) in [("best", SimdLevel::default()), ("baseline", SimdLevel::baseline())] {
        group.bench_function(name, |b| b.iter(|| race(level, weights, black_box(&requests), &mut winners)));
    }
    group.finish();

    let p = parameters();
    let mut group = c.benchmark_group("demand");
    for (name, level) in [("best", SimdLevel::default()), ("baseline", SimdLevel::baseline())] {
        let mut world = World::default();
        world.enterprises.set_level(level);
        let mut run = 0;
        group.bench_function(format!("start_{name}"), |b| {
            b.iter(|| {
                run += 1;
                begin(&mut world, &p, Draws::new(1, run));
            })
        });
        group.bench_function(format!("run_{name}"), |b| {
            b.iter(|| {
                run += 1;
                demand_run(&mut world, &p, Draws::new(1, run))
            })
        });
    }
    let mut yardstick = Yardstick::default();
    let mut run = 0;
    group.bench_function("plain_loop", |b| {
        b.iter(|| {
            run += 1;
            yardstick.run(Draws::new(1, run))
        })
    });
    group.finish();
}

// Plots would need a font of the system.
criterion_group!(name = benches; config = Criterion::default().without_plots(); targets = bench);
criterion_main!(benches);
