//! What strategies do in a whole market: gates, crises, adaptation. Runs are paired: the same seed lives every side.

use std::collections::HashMap;

use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::{Parameters, Scenario};
use aimarket::world::World;

const TWINS: &str = include_str!("scenarios/twins.toml");

fn overlays(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(k, v)| ((*k).to_string(), (*v).to_string())).collect()
}

fn twins(pairs: &[(&str, &str)]) -> Engine {
    match Scenario::from_text("twins", TWINS, &overlays(pairs)) {
        Ok(s) => Engine::new(s),
        Err(faults) => panic!("{}", faults.iter().map(|f| f.to_string()).collect::<Vec<_>>().join("\n")),
    }
}

fn shipped(name: &str, pairs: &[(&str, &str)]) -> Engine {
    Engine::new(Scenario::load(name, &overlays(pairs)).unwrap_or_else(|faults| panic!("{}", faults[0])))
}

/// Lives runs and folds what is seen at each step.
fn live<T>(
    engine: &Engine,
    runs: u64,
    new: impl Fn() -> T,
    see: impl Fn(&mut T, usize, &World, &Parameters),
) -> Vec<T> {
    let mut state = engine.new_state();
    (0..runs)
        .map(|run| {
            let mut out = new();
            engine.watch(&mut state, run, |step, world, p| see(&mut out, step, world, p)).expect("the run completes");
            out
        })
        .collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(s, n), v| (s + v, n + 1.0));
    sum / n
}

/// Every lab of the baseline fixed.
const FIXED: [(&str, &str); 8] = [
    ("labs.alibaba.strategy.adaptation", "{ fixed = {} }"),
    ("labs.openai.strategy.adaptation", "{ fixed = {} }"),
    ("labs.anthropic.strategy.adaptation", "{ fixed = {} }"),
    ("labs.meta.strategy.adaptation", "{ fixed = {} }"),
    ("labs.xai.strategy.adaptation", "{ fixed = {} }"),
    ("labs.mistral.strategy.adaptation", "{ fixed = {} }"),
    ("labs.cohere.strategy.adaptation", "{ fixed = {} }"),
    ("labs.deepseek.strategy.adaptation", "{ fixed = {} }"),
];

#[test]
fn with_every_lab_fixed_and_governance_off_adaptation_changes_no_byte() {
    let few = [("enterprises.count", "200"), ("simulation.end", "2027-12"), ("mechanisms.governance", "false")];
    let horizon = |more: &[(&str, &str)]| {
        let engine = shipped("baseline", &[&few[..], more].concat());
        live(&engine, 3, Vec::new, |out, _, w, _| {
            *out = [&w.demand.total_usd[..], &w.labs.valuation_usd[..], &w.labs.eci[..], &w.labs.run_rate_usd[..]]
                .concat();
        })
    };
    let off = horizon(&[("mechanisms.adaptation", "false"), ("mechanisms.retrofit", "false")]);
    assert_eq!(horizon(&FIXED), off);
    assert_ne!(horizon(&[]), off);
}

#[test]
fn identical_labs_that_adapt_keep_identical_distributions() {
    for way in ["satisficing", "imitative", "learning"] {
        let value = format!("{{ {way} = {{}} }}");
        let paths = ["alpha", "beta", "gamma"].map(|lab| format!("labs.{lab}.strategy.adaptation"));
        let pairs: Vec<(&str, &str)> = paths.iter().map(|p| (p.as_str(), value.as_str())).collect();
        let runs = 60;
        let shares = live(&twins(&pairs), runs, Vec::new, |out, _, w, _| {
            *out = (0..3).map(|i| w.demand.total_usd[i] / w.demand.total_usd.iter().sum::<f64>()).collect::<Vec<f64>>();
            out.push(w.posture.adaptations.iter().sum());
        });
        // Who copies a twin copies itself.
        assert_eq!(mean(shares.iter().map(|s| s[3])) > 0.5, way != "imitative", "{way}");
        let all = mean(shares.iter().map(|s| (s[0] + s[1] + s[2]) / 3.0));
        for i in 0..3 {
            let own = mean(shares.iter().map(|s| s[i]));
            let variance = mean(shares.iter().map(|s| (s[i] - own).powi(2)));
            let error = (variance / runs as f64).sqrt();
            assert!((own - all).abs() < 4.0 * error, "{way}, lab {i}: {own} against {all}");
        }
    }
}

/// Incidents of the last two of five years, releases and capability of the first twin.
fn alpha(pairs: &[(&str, &str)], runs: u64) -> Vec<(f64, f64, f64)> {
    let pairs = [&[("simulation.end", "2030-12")], pairs].concat();
    live(
        &twins(&pairs),
        runs,
        || (0.0, 0.0, 0.0),
        |out, step, w, p| {
            let i = p.lab("alpha").expect("the lab exists");
            out.0 += if step > 36 { w.labs.incidents[i] } else { 0.0 };
            out.1 = w.labs.releases[i] as f64;
            out.2 = w.labs.eci[i];
        },
    )
}

#[test]
fn a_stricter_gate_gives_fewer_incidents_and_later_releases() {
    let gate = |gate: &str| {
        let value = format!("{{ cadence = {{ gate = {gate} }} }}");
        alpha(&[("labs.alpha.strategy.release", &value)], 60)
    };
    let (loose, strict) = (gate("0.2"), gate("0.65"));
    let of = |runs: &[(f64, f64, f64)], f: fn(&(f64, f64, f64)) -> f64| mean(runs.iter().map(f));
    println!(
        "gate 0.2 to 0.65: incidents {:.1} to {:.1}, releases {:.2} to {:.2}, capability {:.1} to {:.1}",
        of(&loose, |r| r.0),
        of(&strict, |r| r.0),
        of(&loose, |r| r.1),
        of(&strict, |r| r.1),
        of(&loose, |r| r.2),
        of(&strict, |r| r.2),
    );
    assert!(of(&strict, |r| r.0) < 0.9 * of(&loose, |r| r.0));
    assert!(of(&strict, |r| r.1) < 0.9 * of(&loose, |r| r.1));
}

#[test]
fn the_safest_lab_can_be_the_one_that_falls_behind() {
    // The safety trap: one of three twins turns a third of its research to safety and holds models back behind a gate.
    let text = TWINS.replace(
        "# -- labs --",
        "[[event]]\nid = \"turn\"\ndate = \"2026-02\"\n[event.set]\n\
         \"labs.alpha.strategy.allocation.balanced.safety_share\" = 0.33\n\
         \"labs.alpha.strategy.release.cadence.gate\" = 0.58\n",
    );
    let five_years = overlays(&[("simulation.end", "2030-12")]);
    let strict = Scenario::from_text("twins", &text, &five_years).unwrap_or_else(|faults| panic!("{}", faults[0]));
    let ends = live(
        &Engine::new(strict),
        60,
        || (0.0, 0.0),
        |out, _, w, p| {
            let i = p.lab("alpha").expect("the lab exists");
            let best = |c: &[f64]| (0..3).filter(|&k| k != i).map(|k| c[k]).fold(f64::NEG_INFINITY, f64::max);
            *out = (w.labs.safety[i] - best(&w.labs.safety), w.labs.eci[i] - best(&w.labs.eci));
        },
    );
    let trapped = mean(ends.iter().map(|e| f64::from(u8::from(e.0 > 0.0 && e.1 < -3.0))));
    let (safer, lead) = (mean(ends.iter().map(|e| e.0)), mean(ends.iter().map(|e| e.1)));
    println!("safest and over 3 ECI behind in {trapped:.2} of runs; safer by {safer:.2}, ahead by {lead:.1} ECI");
    assert!(trapped > 0.1 && trapped < 1.0, "{trapped}");
}

#[test]
fn a_crisis_by_event_costs_the_lab_trust_and_spares_its_rivals() {
    let with = TWINS.replace(
        "# -- labs --",
        "[[event]]\nid = \"crisis\"\ndate = \"2026-06\"\nlasts_months = 3\nset = { \"labs.alpha.governance.crisis\" = true }\n",
    );
    let horizon = |text: &str| {
        let engine =
            Engine::new(Scenario::from_text("twins", text, &[]).unwrap_or_else(|faults| panic!("{}", faults[0])));
        live(&engine, 20, HashMap::new, |out: &mut HashMap<usize, [f64; 4]>, step, w, p| {
            let (i, k) = (p.lab("alpha").expect("lab"), p.lab("beta").expect("lab"));
            out.insert(step, [w.posture.crises[i], w.labs.trust[i], w.posture.crises[k], w.labs.trust[k]]);
        })
    };
    let (before, after) = (horizon(TWINS), horizon(&with));
    for (a, b) in before.iter().zip(&after) {
        assert_eq!(b[&6][0], a[&6][0] + 1.0, "one crisis more in June");
        assert_eq!(b[&9][0], a[&9][0] + 1.0, "and no other while the order stands");
        assert!(b[&6][1] < a[&6][1]);
        assert_eq!([b[&6][2], b[&6][3]], [a[&6][2], a[&6][3]], "the rival is as it was");
    }
}

#[test]
fn open_labs_can_adopt_a_constitution_and_a_safety_first_lab_can_commercialise() {
    // Neither is wired in: both must be possible, and neither certain.
    let pressed =
        shipped("baseline", &[("enterprises.count", "300"), ("regulators.us.excluded_labs", "[\"anthropic\"]")]);
    let seen = live(
        &pressed,
        60,
        || (false, false),
        |out, _, w, p| {
            let anthropic = p.lab("anthropic").expect("lab");
            out.0 |= w.posture.shift[anthropic].tilt > 0.2;
            for id in ["mistral", "deepseek", "alibaba"] {
                let i = p.lab(id).expect("lab");
                out.1 |= w.labs.open[i] && w.posture.method[i] == aimarket::mechanisms::safety::Method::Constitutional;
            }
        },
    );
    let share = |f: fn(&(bool, bool)) -> bool| mean(seen.iter().map(|s| f64::from(u8::from(f(s)))));
    println!("commercialises in {} of runs, an open lab adopts a constitution in {}", share(|s| s.0), share(|s| s.1));
    assert!(share(|s| s.0) > 0.0 && share(|s| s.0) < 1.0);
    assert!(share(|s| s.1) > 0.0 && share(|s| s.1) < 1.0);
}

#[test]
fn a_lab_under_its_nonprofit_breaks_more_often_than_after_its_recapitalisation() {
    let crises = |form: &str| {
        let engine = shipped("history/2024-12", &[("enterprises.count", "200"), ("labs.openai.governance.form", form)]);
        let runs = live(&engine, 150, || 0.0, |out, _, w, p| *out = w.posture.crises[p.lab("openai").expect("lab")]);
        mean(runs.into_iter())
    };
    let (nonprofit, benefit) = (crises("\"nonprofit_controlled\""), crises("\"public_benefit\""));
    println!("crises of OpenAI in 2025: {nonprofit} under its nonprofit, {benefit} as a public benefit corporation");
    assert!(nonprofit > 2.0 * benefit + 0.02);
}
