//! Build or partner (section 3.2): the same lab with the same luck, once building nearly all its new compute and once renting all of it.
//!
//! Measures are in cash, by which a lab lives or fails: book profit spreads the price of compute over its life, and so flatters who builds.

use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::Scenario;

/// What became of a lab in one run.
#[derive(Clone, Copy, Debug, Default)]
struct Fate {
    /// Burnt in the first 18 months, USD.
    early_usd: f64,
    /// Greatest sum that it has burnt at any time: what investors had to bring, USD.
    most_usd: f64,
    /// Under six months of runway at some time, or failed.
    distressed: bool,
    /// First month from which it burns nothing any more; that after the last where it burns to the end.
    even: f64,
    /// Largest part of its compute that one cloud holds at the end.
    dependence: f64,
}

fn fates(lab: &str, build_share: &str, runs: u64) -> Vec<Fate> {
    let overlays = [("enterprises.count", "200"), (&format!("labs.{lab}.compute.build_share"), build_share)]
        .map(|(path, value)| (path.to_string(), value.to_string()));
    let scenario = Scenario::load("baseline", &overlays).unwrap_or_else(|faults| panic!("{}", faults[0]));
    let engine = Engine::new(scenario);
    let p = &engine.scenario().parameters;
    let (i, last, dt) = (p.lab(lab).expect("the lab exists"), p.steps(), p.years_per_step());
    let mut state = engine.new_state();
    let live = |run| {
        let (mut fate, mut sum) = (Fate { even: f64::MAX, ..Fate::default() }, 0.0);
        let seen = engine.watch(&mut state, run, |step, world, _| {
            let labs = &world.labs;
            if step == 0 {
                return;
            }
            sum += labs.burn_usd[i] * dt;
            fate.most_usd = fate.most_usd.max(sum);
            if step == 18 {
                fate.early_usd = sum;
            }
            fate.distressed |= labs.defaulted[i] || !labs.division[i] && labs.runway_months[i] < 6.0;
            let after = (last + 1) as f64;
            fate.even = if labs.burn_usd[i] > 0.0 { after } else { fate.even.min(step as f64) };
            if step == last {
                let c = world.dims.clouds;
                let rented = &labs.rented_by_cloud_h100e[i * c..(i + 1) * c];
                let all = labs.owned_h100e[i] + labs.rented_h100e[i];
                fate.dependence = rented.iter().copied().fold(0.0, f64::max) / all.max(1.0);
            }
        });
        assert!(seen.is_ok(), "{seen:?}");
        fate
    };
    (0..runs).map(live).collect()
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count() as f64;
    values.sum::<f64>() / n
}

/// Range from the tenth to the ninetieth percentile.
fn spread(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() * 9 / 10] - sorted[sorted.len() / 10]
}

#[test]
fn building_costs_more_early_and_risks_more_and_partnering_breaks_even_sooner_and_depends_on_others() {
    let (mut distressed, mut wider) = ([0, 0], 1.0);
    for lab in ["anthropic", "openai"] {
        let (builder, partner) = (fates(lab, "0.9", 100), fates(lab, "0.0", 100));
        let both = [&builder, &partner];
        let of = |read: fn(&Fate) -> f64| both.map(|fates| mean(fates.iter().map(read)));
        let early = of(|f| f.early_usd);
        assert!(early[0] > 1.25 * early[1], "{lab}: burnt in 18 months {early:?}");
        let wide = both.map(|fates| spread(fates.iter().map(|f| f.most_usd)));
        assert!(wide[0] > wide[1], "{lab}: spread of what had to be brought {wide:?}");
        wider *= wide[0] / wide[1];
        let even = of(|f| f.even);
        assert!(even[1] < even[0] - 2.0, "{lab}: month of breaking even {even:?}");
        let dependence = of(|f| f.dependence);
        assert!(dependence[1] > dependence[0] + 0.1, "{lab}: dependence {dependence:?}");
        for (count, fates) in distressed.iter_mut().zip(both) {
            *count += fates.iter().filter(|f| f.distressed).count();
        }
    }
    // The spread differs little for one lab (a factor of 1.04) and much for the other (1.3); both are on one side.
    assert!(wider > 1.15, "spread of what had to be brought, product of both ratios: {wider}");
    assert!(distressed[0] > distressed[1], "distressed {distressed:?} of 200");
}
