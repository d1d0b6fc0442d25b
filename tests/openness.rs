//! Labs open and close their weights: what they sold is still served, by whoever can, and spend does not fall.

use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::{Parameters, Scenario};
use aimarket::world::World;

/// What is seen of a month: spend of enterprises that is served, of all and of the lab, the part of the lab that is served, and the
/// share that it serves itself.
#[derive(Clone, Copy, Debug)]
struct Seen {
    spend: f64,
    of_lab: f64,
    reliability: f64,
    own: f64,
    room: f64,
}

fn lived(id: &str, text: &str, run: u64) -> Vec<Seen> {
    let text = format!("extends = \"baseline\"\nname = \"openness\"\n[enterprises]\ncount = 200\n{text}");
    let scenario = Scenario::from_text("openness", &text, &[]).unwrap_or_else(|faults| panic!("{faults:?}"));
    let engine = Engine::new(scenario);
    let mut seen = Vec::new();
    let see = |_: usize, w: &World, p: &Parameters| {
        let (i, n) = (p.lab(id).expect("the lab exists"), w.dims.labs);
        let served = |a: usize| if a < n { w.labs.reliability[a] } else { w.clouds.hosting_served };
        let spend = (0..=n).map(|a| w.demand.total_usd[a] * served(a)).sum();
        seen.push(Seen {
            spend,
            of_lab: w.demand.total_usd[i] * served(i),
            reliability: w.labs.reliability[i],
            own: w.labs.own_share[i],
            room: w.labs.own_service[i],
        });
    };
    engine.watch(&mut engine.new_state(), run, see).expect("the run completes");
    seen
}

/// Whoever sells most is banned early and buyers look at prices, so that much hangs on Meta, and nobody adapts, so that only an event opens or closes a lab.
const STRONG: &str = "[simulation]\nend = \"2028-12\"\n[mechanisms]\nadaptation = false\n[[event]]\nid = \"room\"\ndate = \"2026-03\"\n[event.set]\n\"demand.price_weight\" = 3.0\n\"regulators.us.banned_labs\" = [\"openai\", \"anthropic\", \"google\"]\n\"regulators.eu.banned_labs\" = [\"openai\", \"anthropic\", \"google\"]\n\"regulators.uk.banned_labs\" = [\"openai\", \"anthropic\", \"google\"]\n";

#[test]
fn a_lab_that_closes_keeps_what_it_sold_and_serves_it_itself_bit_by_bit() {
    let closes =
        "[[event]]\nid = \"closes\"\ndate = \"2027-12\"\nset = { \"labs.meta.strategy.openness\" = { closed = {} } }\n";
    for run in 0..3 {
        let open = lived("meta", STRONG, run);
        let closed = lived("meta", &format!("{STRONG}{closes}"), run);
        let at = 24;
        assert!(open[at].of_lab > 0.1 * open[at].spend, "much hangs on the lab: {:?}", open[at]);
        for month in at..open.len() {
            let (a, b) = (open[month], closed[month]);
            assert!(b.reliability > 0.9 * a.reliability, "run {run}, month {month}: {a:?} {b:?}");
            // Later on, customers have chosen anew.
            assert!(month > at + 2 || b.spend > 0.98 * a.spend, "run {run}, month {month}: {a:?} {b:?}");
        }
        // No more comes over than the lab can serve, and it does come over.
        assert!(closed[at].own < 0.5 && closed.last().expect("months").own > closed[at].own, "{closed:?}");
        assert!(closed.windows(2).all(|w| w[1].own >= w[0].own), "{closed:?}");
        assert!(closed.iter().all(|s| s.room > 0.5), "{closed:?}");
    }
}

#[test]
fn a_lab_that_opens_hands_over_as_hosts_have_room_and_little_is_left_unserved() {
    let opens = "[[event]]\nid = \"opens\"\ndate = \"2026-07\"\nset = { \"labs.ID.strategy.openness\" = { open_weights = {} }, \"labs.ID.api_share\" = 0.5 }\n";
    for id in ["openai", "anthropic"] {
        let opens = opens.replace("ID", id);
        let calm = "[simulation]\nend = \"2027-12\"\n[mechanisms]\nadaptation = false\n";
        let mut first = 0.0;
        for run in 0..3 {
            let (closed, open) = (lived(id, calm, run), lived(id, &format!("{calm}{opens}"), run));
            // Later on, firms have gone over to cheaper weights.
            for (month, (a, b)) in closed.iter().zip(&open).enumerate().take(9) {
                // A host whose cloud is full leaves some unserved.
                assert!(b.spend > 0.95 * a.spend, "{id}, run {run}, month {month}: {a:?} {b:?}");
            }
            first += (open[7].spend / closed[7].spend - 1.0) / 3.0;
            let shares: Vec<f64> = open.iter().map(|s| s.own).collect();
            assert!(shares.windows(2).all(|w| w[1] <= w[0]), "{shares:?}");
            assert!(shares[6] == 1.0 && shares[7] > 0.7 && *shares.last().expect("months") < 0.99, "{shares:?}");
        }
        assert!(first > -0.015, "{id}: {first}");
    }
}

#[test]
fn weights_that_are_out_are_still_hosted_by_firms_when_their_lab_has_closed() {
    let closes =
        "[[event]]\nid = \"closes\"\ndate = \"2026-06\"\nset = { \"labs.meta.strategy.openness\" = { closed = {} } }\n";
    let text = format!("extends = \"baseline\"\nname = \"openness\"\n[enterprises]\ncount = 120\n{STRONG}{closes}");
    let engine = Engine::new(Scenario::from_text("openness", &text, &[]).unwrap_or_else(|faults| panic!("{faults:?}")));
    let mut out = Vec::new();
    let see = |_: usize, w: &World, p: &Parameters| {
        let i = p.lab("meta").expect("the lab exists");
        out.push((w.labs.open[i], w.labs.published(i).map(|(eci, _)| eci), w.labs.eci[i]));
    };
    engine.watch(&mut engine.new_state(), 0, see).expect("the run completes");
    assert!(out[5].0 && out[5].1 == Some(out[5].2));
    assert!(out[6..].iter().all(|(open, published, _)| !open && *published == out[5].1), "{out:?}");
    assert!(out.last().expect("months").2 > out[5].2);
}
