//! Regulation and government in the whole model: paired runs that share their draws, and what the articles say of audits, reported.

use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::{Parameters, Scenario};
use aimarket::world::World;
use aimarket::world::ledger::Sector;

/// The baseline, small and short, with this text below it.
fn engine(text: &str) -> Engine {
    let text = format!(
        "extends = \"baseline\"\nname = \"paired\"\n[simulation]\nend = \"2028-12\"\n[enterprises]\ncount = 300\n{text}"
    );
    match Scenario::from_text("paired", &text, &[]) {
        Ok(scenario) => Engine::new(scenario),
        Err(faults) => panic!("{}", faults.iter().map(|f| f.to_string()).collect::<Vec<_>>().join("\n")),
    }
}

/// What `read` sees at the horizon of each run.
fn horizons<T>(engine: &Engine, runs: u64, read: impl Fn(&World, &Parameters) -> T) -> Vec<T> {
    let mut state = engine.new_state();
    (0..runs)
        .map(|run| {
            let mut last = None;
            engine.watch(&mut state, run, |_, world, p| last = Some(read(world, p))).expect("the run completes");
            last.expect("the initial state is shown")
        })
        .collect()
}

/// Mean and standard error of the paired differences `b - a`.
fn paired(a: &[f64], b: &[f64]) -> (f64, f64) {
    let n = a.len() as f64;
    let mean = a.iter().zip(b).map(|(a, b)| b - a).sum::<f64>() / n;
    let variance = a.iter().zip(b).map(|(a, b)| (b - a - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Share of a lab in the spend of sectors that `which` names.
fn share_of(world: &World, p: &Parameters, lab: &str, which: impl Fn(&str, bool) -> bool) -> f64 {
    let (s, i) = (world.dims.sectors, p.lab(lab).expect("the lab exists"));
    let of = |a: usize| -> f64 {
        let row = &world.demand.by_sector_usd[a * s..(a + 1) * s];
        let sectors = row.iter().zip(&p.sectors);
        sectors.filter(|(_, sector)| which(&sector.id, sector.values.regulated)).map(|(usd, _)| usd).sum()
    };
    let all: f64 = (0..world.dims.alternatives).map(of).sum();
    if all > 0.0 { of(i) / all } else { 0.0 }
}

/// Seeds 000 and 001 say that mandatory audits help the trusted lab where buyers are regulated. The direction is reported; what is asserted
/// is only that audits bite, and that so many paired runs tell their effect on shares from chance.
#[test]
fn as_audits_become_mandatory_the_trusted_labs_share_of_the_regulated_moves_as_reported() {
    let runs = 160;
    let read = |world: &World, p: &Parameters| {
        let cost = |lab: &str| world.labs.compliance_share[p.lab(lab).expect("the lab exists")];
        [
            share_of(world, p, "anthropic", |_, regulated| regulated),
            share_of(world, p, "anthropic", |_, regulated| !regulated),
            share_of(world, p, "openai", |_, regulated| regulated),
            cost("anthropic"),
            cost("xai"),
        ]
    };
    let never = horizons(&engine("[regulation]\naudit_threshold = 1.0\ncapture = 0.0\n"), runs, read);
    let always = horizons(&engine("[regulation]\naudit_threshold = 0.0\ncapture = 0.0\n"), runs, read);
    let column = |rows: &[[f64; 5]], k: usize| rows.iter().map(|r| r[k]).collect::<Vec<f64>>();
    let change = |k: usize| paired(&column(&never, k), &column(&always, k));
    for (k, name) in ["anthropic, regulated", "anthropic, not regulated", "openai, regulated"].iter().enumerate() {
        let (mean, error) = change(k);
        println!("mandatory audits, three years on: share of {name} {mean:+.4} ({error:.4})");
        // Paired runs share their draws: were they not to, the error would be several times this.
        assert!(error > 0.0 && error < 0.01, "{name}: {mean} is known to {error}");
    }
    let (ready, unready) = (change(3).0, change(4).0);
    assert!(ready > 0.0 && unready > 0.0, "audits cost {ready} and {unready} of revenue");
}

#[test]
fn an_exclusion_takes_public_buyers_and_what_else_it_does_is_an_outcome() {
    let event = "[[event]]\nid = \"targeted\"\ndate = \"2026-06\"\nset = { \"regulators.us.excluded_labs\" = [\"anthropic\", \"deepseek\"] }\n";
    let off = "[mechanisms]\ntargeted_action = false\n";
    let read = |world: &World, p: &Parameters| {
        [
            share_of(world, p, "anthropic", |id, _| id == "public"),
            share_of(world, p, "anthropic", |id, _| id == "technology"),
        ]
    };
    let free = horizons(&engine(off), 24, read);
    let shut = horizons(&engine(&format!("{off}{event}")), 24, read);
    let column = |rows: &[[f64; 2]], k: usize| rows.iter().map(|r| r[k]).collect::<Vec<f64>>();
    let (public, error) = paired(&column(&free, 0), &column(&shut, 0));
    let (private, private_error) = paired(&column(&free, 1), &column(&shut, 1));
    println!("excluded: public {public:+.4} ({error:.4}), technology {private:+.4} ({private_error:.4})");
    assert!(public < -0.02);
    // No buyer outside the public sector is forbidden to stay.
    assert!(private.abs() < 0.5 * public.abs());
}

#[test]
fn publicity_brings_users_or_drives_them_away() {
    // Seen soon after: what users bring a lab comes back in its models, and in the luck of its runs, later.
    let event = "[[event]]\nid = \"targeted\"\ndate = \"2028-09\"\nset = { \"regulators.us.excluded_labs\" = [\"anthropic\", \"deepseek\"] }\n";
    let users = |publicity: f64| {
        let text = format!("[regulation]\npublicity = {publicity:?}\n{event}");
        horizons(&engine(&text), 6, |w, p| w.consumers.total_share[p.lab("anthropic").expect("it exists")])
    };
    let (worse, none, better) = (users(-0.5), users(0.0), users(0.5));
    for ((a, b), c) in worse.iter().zip(&none).zip(&better) {
        assert!(a < b && b < c, "{a} {b} {c}");
    }
}

#[test]
fn a_digital_ban_leaves_chinese_models_no_buyer_where_it_holds() {
    let event = "[[event]]\nid = \"ban\"\ndate = \"2027-01\"\n[event.set]\n\"regulators.us.banned_jurisdictions\" = [\"china\"]\n";
    let read = |world: &World, p: &Parameters| {
        let (j, us) = (world.dims.jurisdictions, p.jurisdiction("us").expect("it exists"));
        let chinese = |i: &usize| p.labs[*i].values.identity.jurisdiction == "china";
        let there = (0..world.dims.labs).filter(chinese).map(|i| world.demand.by_jurisdiction_usd[i * j + us]).sum();
        let users: f64 = (0..world.dims.labs).filter(chinese).map(|i| world.consumers.share[i * j + us]).sum();
        (there, users)
    };
    let before: Vec<(f64, f64)> = horizons(&engine(""), 6, read);
    assert!(before.iter().all(|x| x.0 > 0.0 && x.1 > 0.0));
    assert!(horizons(&engine(event), 6, read).iter().all(|x| *x == (0.0, 0.0)));
}

#[test]
fn export_controls_hold_the_compute_and_capability_of_those_whom_they_name_back() {
    let event = "[[event]]\nid = \"controls\"\ndate = \"2026-02\"\n[event.set]\n\"regulators.us.export_supply\" = { china = 0.1 }\n\"regulators.us.export_price\" = { china = 2.0 }\n";
    let read = |world: &World, p: &Parameters| {
        let i = p.lab("deepseek").expect("it exists");
        (world.labs.owned_h100e[i] + world.labs.rented_h100e[i], world.labs.eci[i])
    };
    let free = horizons(&engine(""), 10, read);
    let bound = horizons(&engine(event), 10, read);
    let eci = |rows: &[(f64, f64)]| rows.iter().map(|r| r.1).sum::<f64>() / rows.len() as f64;
    for (a, b) in free.iter().zip(&bound) {
        assert!(b.0 < a.0, "compute {} against {}", b.0, a.0);
    }
    assert!(eci(&bound) < eci(&free), "{} against {}", eci(&bound), eci(&free));
}

#[test]
fn lists_that_name_nobody_are_as_good_as_a_switch() {
    let read = |world: &World, _: &Parameters| (world.demand.total_usd.clone(), world.labs.valuation_usd.clone());
    let on = horizons(&engine(""), 3, read);
    assert_eq!(horizons(&engine("[mechanisms]\nexport_controls = false\nred_lines = false\n"), 3, read), on);
    assert_eq!(
        horizons(&engine("[regulation]\npublicity = 0.0\n"), 3, read),
        horizons(&engine("[mechanisms]\npublicity = false\n"), 3, read)
    );
}

#[test]
fn who_asks_for_public_money_is_paid_by_governments_whoever_hosts() {
    let engine = engine("[mechanisms]\nregulation = false\n");
    let mut state = engine.new_state();
    for run in 0..3 {
        let mut before = 0.0;
        let lived = engine.watch(&mut state, run, |step, world, p| {
            let cash = world.ledger.cash(world.ledger.sector(Sector::Governments)).value();
            let (s, l) = (world.dims.sectors, world.dims.labs);
            let public = |a: usize| -> f64 {
                let row = &world.demand.by_sector_usd[a * s..(a + 1) * s];
                let of: f64 = row.iter().zip(&p.sectors).filter(|(_, k)| k.values.public).map(|(usd, _)| usd).sum();
                if of > 0.0 { of / row.iter().sum::<f64>() } else { 0.0 }
            };
            let hosted: f64 = (0..l).map(|i| world.labs.hosted_usd[i] * public(i)).sum();
            let own = world.demand.total_usd[l] * world.clouds.hosting_served * public(l);
            let billed: f64 = world.labs.revenue_government_usd.iter().sum();
            if step > 0 {
                let paid = (hosted + own + billed) / 12.0;
                assert!(((before - cash) / paid - 1.0).abs() < 1e-6, "{} paid, {paid} due", before - cash);
            }
            before = cash;
        });
        assert!(lived.is_ok());
    }
}

#[test]
fn the_month_of_a_tender_does_not_move_the_size_of_the_public_market() {
    let public = |text: &str| {
        let rows = horizons(&engine(text), 24, |world, p| {
            let s = world.dims.sectors;
            let sum = |public: bool| -> f64 {
                let by = world.demand.by_sector_usd.iter().enumerate();
                by.filter(|(k, _)| p.sectors[k % s].values.public == public).map(|(_, usd)| usd).sum()
            };
            sum(true) / sum(false)
        });
        rows.iter().sum::<f64>() / rows.len() as f64
    };
    let (tenders, free) = (public(""), public("[mechanisms]\ntenders = false\n"));
    assert!((tenders / free - 1.0).abs() < 0.08, "{tenders} against {free} of the private market");
}

#[test]
fn licences_cost_large_labs_fees_and_time() {
    let text = "[regulation]\nlicensing_threshold = 0.0\nlicence_delay_months = 6.0\n";
    let lived = |text: &str| {
        let engine = engine(text);
        let mut state = engine.new_state();
        let (mut fees, mut releases) = (0.0, 0);
        for run in 0..12 {
            let lived = engine.watch(&mut state, run, |step, world, _| {
                fees += world.regulators.licence_fees_usd.iter().sum::<f64>();
                if step == 36 {
                    releases += world.labs.releases.iter().sum::<u64>();
                }
            });
            assert!(lived.is_ok());
        }
        (fees, releases)
    };
    let (with, without) = (lived(text), lived(&format!("{text}[mechanisms]\nlicensing = false\n")));
    assert!(with.0 > 0.0 && without.0 == 0.0);
    // Models come later and, trained for longer, larger: what that does to the frontier has no sign.
    assert!(10 * with.1 < 9 * without.1, "{} releases with licences, {} without", with.1, without.1);
}

/// Audits and licences in force by jurisdiction, at each of these dates, in each of the first runs of a shipped scenario.
fn in_force(name: &str, text: &str, dates: &[&str], runs: u64) -> Vec<Vec<(String, bool, bool)>> {
    let end = dates.last().expect("there is a date");
    let text = format!(
        "extends = \"{name}\"\nname = \"{name}-short\"\n[simulation]\nend = \"{end}\"\n[enterprises]\ncount = 60\n{text}"
    );
    let scenario = Scenario::from_text("short", &text, &[]).unwrap_or_else(|faults| panic!("{}", faults[0]));
    let engine = Engine::new(scenario);
    let mut state = engine.new_state();
    let mut found = Vec::new();
    for run in 0..runs {
        let see = |date: usize, world: &World, p: &Parameters| {
            if dates.contains(&engine.layout().months[date].to_string().as_str()) {
                let r = &world.regulators;
                let row = p.jurisdictions.iter().enumerate();
                found.push(
                    row.map(|(g, place)| (place.id.clone(), r.audits_in_force[g], r.licensing_in_force[g])).collect(),
                );
            }
        };
        engine.watch(&mut state, run, see).expect("the run completes");
    }
    assert_eq!(found.len(), runs as usize * dates.len());
    found
}

#[test]
fn a_law_that_an_event_passes_is_in_force_where_it_is_passed_in_every_run_and_moves_no_other_jurisdiction() {
    // The capture of the scenario is on: no say of labs lifts a law, though it moves thresholds.
    let off = |id: &str| format!("[[event]]\nid = \"{id}\"\nprobability = 0.0\n");
    let cases = [
        ("regulatory-moat", "frontier-act", "2026-08", "2026-09", vec!["us"], true),
        ("trust-endgame", "audits-mandatory-in-the-eu", "2026-07", "2026-08", vec!["eu"], false),
        ("trust-endgame", "audits-mandatory-everywhere", "2027-07", "2027-08", vec!["us", "eu", "uk", "china"], false),
    ];
    for (scenario, event, before, month, places, licences) in cases {
        let runs = 60;
        let dates = [before, month];
        let with = in_force(scenario, "", &dates, runs);
        let without = in_force(scenario, &off(event), &dates, runs);
        let mut new = 0;
        for (k, (with, without)) in with.iter().zip(&without).enumerate() {
            for (now, free) in with.iter().zip(without) {
                if k % 2 == 1 && places.contains(&now.0.as_str()) {
                    assert!(now.1, "{event}: audits bind in {} in run {}", now.0, k / 2);
                    assert!(now.2 == (licences || free.2), "{event}: licences in {} in run {}", now.0, k / 2);
                    new += u32::from(!free.1);
                } else {
                    assert_eq!(now, free, "{event} moves {} in run {}", now.0, k / 2);
                }
            }
        }
        assert!(new > 0, "{event} changes nothing");
    }
}

#[test]
fn a_law_stays_in_force_however_far_stringency_falls() {
    let text = "[regulators.us]\naudits_mandatory = true\nlicensing_mandatory = true\nstringency = 0.0\n[regulation]\ncapture = 10.0\nsalience_response_per_year = 0.0\n";
    let engine = engine(text);
    let (mut state, mut months) = (engine.new_state(), 0);
    for run in 0..3 {
        let see = |_, world: &World, p: &Parameters| {
            let us = p.jurisdiction("us").expect("there is one");
            assert!(world.regulators.audits_in_force[us] && world.regulators.licensing_in_force[us]);
            months += 1;
        };
        engine.watch(&mut state, run, see).expect("the run completes");
    }
    assert_eq!(months, 3 * 37);
}
