//! Switches: what each documents for "off" holds from the start, to the last bit, and when an event turns it off in mid-run.

use aimarket::fields::Table;
use aimarket::record::{Record, TableKind};
use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::parameters::Mechanisms;
use aimarket::scenario::{Parameters, Scenario};
use aimarket::step::posture;
use aimarket::world::World;
use aimarket::world::enterprises::Source;

/// Step after which an event turns a switch off: at the end of 2026.
const BEFORE: usize = 12;

/// The baseline, small and short, with this text below it.
fn engine(text: &str) -> Engine {
    let text = format!(
        "extends = \"baseline\"\nname = \"switches\"\n[simulation]\nend = \"2027-06\"\n[enterprises]\ncount = 120\n{text}"
    );
    match Scenario::from_text("switches", &text, &[]) {
        Ok(scenario) => Engine::new(scenario),
        Err(faults) => panic!("{}", faults.iter().map(|f| f.to_string()).collect::<Vec<_>>().join("\n")),
    }
}

fn record(engine: &Engine, run: u64) -> Record {
    let mut record = Record { run, values: Vec::new(), draws: Vec::new() };
    engine.run(&mut engine.new_state(), run, &mut record).expect("the run completes and its books close");
    record
}

fn turned_off(switch: &str) -> String {
    format!("[[event]]\nid = \"off\"\ndate = \"2027-01\"\nset = {{ \"mechanisms.{switch}\" = false }}\n")
}

/// The world at the start, before the switch is turned off, and after a step of which it was off; the parameters in force then.
struct Seen<'a> {
    start: &'a World,
    before: &'a World,
    now: &'a World,
    p: &'a Parameters,
}

/// What a switch leaves when it is off.
type Neutral = fn(&Seen) -> bool;

fn zero(column: &[f64]) -> bool {
    column.iter().all(|x| *x == 0.0)
}

/// When each workload adopted.
fn adopted(world: &World) -> Vec<i32> {
    world.enterprises.workload.iter().map(|workload| workload.adopted_month).collect()
}

/// Switches whose neutral state can be seen in the world, and that state.
const VISIBLE: [(&str, Neutral); 33] = [
    ("funding_climate", |s| s.now.environment.climate == s.before.environment.climate),
    ("rental_price", |s| s.now.environment.rental_spot_usd == s.before.environment.rental_spot_usd),
    ("build_out", |s| zero(&s.now.labs.capex_usd)),
    ("adoption", |s| adopted(s.now) == adopted(s.before)),
    ("commitments", |s| zero(&s.now.capital.unused_usd)),
    ("hold_up", |s| zero(&s.now.capital.dearer_months) && zero(&s.now.capital.refused_months)),
    ("research", |s| s.now.labs.eci == s.before.labs.eci),
    ("retrofit", |s| s.now.posture.retrofit_to.iter().all(|to| to.is_none())),
    ("incidents", |s| zero(&s.now.labs.severity) && zero(&s.now.labs.expected_severity)),
    ("quality", |s| s.now.labs.quality == s.start.labs.quality),
    ("pricing", |s| {
        let alive = |i: &usize| s.now.labs.alive[*i];
        let same = |i: usize| s.now.labs.markup[i] == s.start.labs.initial_markup[i] && s.now.labs.scarcity[i] == 1.0;
        (0..s.now.dims.labs).filter(alive).all(same)
    }),
    ("applications", |s| {
        let a = &s.now.applications;
        zero(&s.now.labs.revenue_applications_usd) && a.key.is_empty() && a.revenue_usd == 0.0 && a.profit_usd == 0.0
    }),
    ("orchestration", |s| {
        let (t, e) = (&s.now.tools, &s.now.enterprises);
        let none = t.orchestrate == 0.0 && t.orchestration_vendors == 0.0;
        let paid = t.orchestration_revenue_usd != 0.0 || t.orchestration_profit_usd != 0.0;
        none && !paid && e.workload.iter().all(|workload| workload.second() == Source::NONE)
    }),
    ("governance_tools", |s| {
        let t = &s.now.tools;
        let none = zero(&t.users) && t.governance_vendors == 0.0;
        none && t.governance_tools_revenue_usd == 0.0 && t.governance_profit_usd == 0.0
    }),
    ("consumers", |s| zero(&s.now.labs.revenue_consumer_usd)),
    ("cloud_expansion", |s| s.now.clouds.capacity_h100e == s.before.clouds.capacity_h100e),
    ("regulation", |s| {
        let r = &s.now.regulators;
        let over = zero(&r.targeted_months_left) && zero(&r.antitrust_months_left) && zero(&r.remedy_months_left);
        let cost = zero(&s.now.labs.compliance_share) && zero(&s.now.labs.legal_share) && zero(&r.fines_usd);
        over && cost && zero(&r.cases_open) && !r.violating.contains(&true) && !r.audits_in_force.contains(&true)
    }),
    ("publicity", |s| zero(&s.now.regulators.publicity)),
    ("enforcement", |s| {
        let r = &s.now.regulators;
        !r.violating.contains(&true) && zero(&r.sanction_months_left) && zero(&r.probation_months_left)
    }),
    ("antitrust", |s| zero(&s.now.regulators.antitrust_months_left) && zero(&s.now.regulators.remedy_months_left)),
    ("governance", |s| s.now.posture.stability.iter().all(|calm| *calm == 1.0) && zero(&s.now.posture.crisis_hazard)),
    ("adaptation", |s| {
        let as_set = |i: usize| posture::conduct(s.now, s.p, i) == posture::by_scenario(s.p, i);
        let methods = s.now.posture.method == s.now.posture.method_asked;
        (0..s.now.dims.labs).all(as_set) && (methods || s.now.posture.retrofit_to.iter().any(Option::is_some))
    }),
    ("trust", |s| zero(&s.now.investors.trust_above_mean)),
    ("audits", |s| !s.now.regulators.audits_in_force.contains(&true)),
    ("licensing", |s| !s.now.regulators.licensing_in_force.contains(&true)),
    ("liability_law", |s| zero(&s.now.regulators.liability_shifted)),
    ("fines", |s| zero(&s.now.regulators.fines_usd)),
    ("targeted_action", |s| zero(&s.now.regulators.targeted_months_left)),
    ("legal_fights", |s| zero(&s.now.labs.legal_share)),
    ("red_lines", |s| !s.now.government.refused.contains(&true)),
    ("export_controls", |s| {
        let r = &s.now.regulators;
        r.export_price.iter().chain(&r.export_supply).all(|x| *x == 1.0)
    }),
    ("secondary_market", |s| zero(&s.now.capital.secondary_price_usd)),
    ("investors", |s| zero(&s.now.labs.raised_usd)),
];

/// What a mechanism moves must have moved before it is turned off, or that it is gone shows nothing: chances are raised here.
const EVENTFUL: &str = "[hold_up]\nhazard_per_year = 3.0\n[antitrust]\nhazard_per_year = 10.0\nshare_threshold = 0.0\ncase_months = 3.0\nfinding = 1.0\n\
[regulation]\naudit_threshold = 0.0\ntargeted_rate_years = 1.0\npublicity = 0.3\n[enforcement]\ninspection = 0.9\nmiss = 0.0\nexclusion_chance = 0.1\n\
[governance]\nhazard_per_year = 0.5\n[orchestration.start]\nshare = 0.5\n[governance_tools.start]\nshare = 0.2\n";

#[test]
fn a_switch_that_an_event_turns_off_leaves_what_it_documents_and_nothing_that_is_no_number() {
    let always = engine(EVENTFUL);
    let (layout, width) = (always.layout().clone(), always.layout().width);
    let runs = 2;
    let on: Vec<Record> = (0..runs).map(|run| record(&always, run)).collect();
    // Tastes are drawn with the initial state: an event that sets their switch is a fault of the scenario.
    for field in Mechanisms::fields().iter().filter(|field| field.name != "taste") {
        let name = field.name;
        let engine = engine(&format!("{EVENTFUL}{}", turned_off(name)));
        let never = self::engine(&format!("{EVENTFUL}[mechanisms]\n{name} = false\n"));
        let neutral = VISIBLE.iter().find(|(switch, _)| *switch == name).map(|(_, neutral)| neutral);
        for run in 0..runs {
            let (mut start, mut before) = (World::default(), World::default());
            let mut state = engine.new_state();
            let see = |step: usize, world: &World, p: &Parameters| {
                assert!(world.ledger.check().is_ok(), "{name}, run {run}, step {step}: {:?}", world.ledger.check());
                match step {
                    0 => start = world.clone(),
                    BEFORE => before = world.clone(),
                    _ if step > BEFORE => {
                        let seen = Seen { start: &start, before: &before, now: world, p };
                        assert!(
                            neutral.is_none_or(|holds| holds(&seen)),
                            "{name} is off, and not neutral in step {step}"
                        );
                    }
                    _ => {}
                }
            };
            engine.watch(&mut state, run, see).expect("the run completes");
            // What does not exist with the switch off in mid-run does not exist either with it always on or always off.
            let (off, none) = (record(&engine, run), record(&never, run));
            for (at, value) in off.values.iter().enumerate() {
                assert!(!value.is_infinite(), "{name}: a metric is infinite");
                let column = |record: &Record| record.values.iter().skip(at % width).step_by(width).any(|v| v.is_nan());
                assert!(
                    !value.is_nan() || column(&none) || on.iter().any(column),
                    "{name}: a metric of {} is no number in step {}",
                    layout.months.len(),
                    at / width
                );
            }
        }
    }
}

#[test]
fn a_mechanism_that_is_off_is_one_whose_parameter_is_neutral() {
    let labs = engine("").scenario().parameters.labs.iter().map(|lab| lab.id.clone()).collect::<Vec<_>>();
    let none_builds: String = labs.iter().map(|id| format!("[labs.{id}]\ncompute.build_share = 0.0\n")).collect();
    let cases = [
        // Strategies that shift would build again.
        ("build_out = false\nadaptation = false", "adaptation = false", none_builds.as_str()),
        ("user_cost = false", "", "[compute]\nbuild_response = 0.0\n"),
        ("channel_conflict = false", "", "[hold_up]\nchannel_conflict = 0.0\n"),
        ("spillover = false", "", "[research]\nspillover_per_year = 0.0\n"),
        ("hedging = false", "", "[demand]\nhedging = 0.0\n"),
        ("listing = false", "", "[exits]\nlisting_hazard_per_year = 0.0\n"),
        ("incident_excitation = false", "", "[incidents]\nbranching = 0.0\n"),
        ("hold_up = false", "", "[hold_up]\nhazard_per_year = 0.0\n"),
        (
            "acquisition = false\nrescue = false",
            "rescue = false",
            "[exits]\nacquisition_hazard_per_year = 0.0\ncapex_share = 0.0\n",
        ),
        ("publicity = false", "", "[regulation]\npublicity = 0.0\n"),
        ("legal_fights = false", "", "[regulation]\nlegal_share = 0.0\n"),
    ];
    for (off, besides, neutral) in cases {
        let off_engine = engine(&format!("[mechanisms]\n{off}\n"));
        let neutral_engine = engine(&format!("[mechanisms]\n{besides}\n{neutral}"));
        let without = off_engine.layout().clone();
        let (table, column) = without.column(TableKind::Labs, "build_share").expect("the metric exists");
        let conduct: Vec<usize> = (0..labs.len()).map(|lab| without.index(table, 0, lab, column)).collect();
        for run in 0..2 {
            let (a, b) = (record(&off_engine, run).values, record(&neutral_engine, run).values);
            let differs = a.iter().zip(&b).enumerate().position(|(at, (a, b))| {
                // That strategies say something else is what is compared.
                let told = conduct.contains(&(at % without.width));
                !told && a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan())
            });
            assert_eq!(differs.map(|at| (at / without.width, a[at], b[at])), None, "{off}: differs from {neutral}");
        }
    }
}

#[test]
fn who_waits_for_a_tender_to_adopt_waits_until_adoption_is_on_again() {
    // More public buyers than there are, so that some wait.
    let text = "[sectors.defence]\npublic = true\n[sectors.finance]\npublic = true\n[sectors.health]\npublic = true\n[government]\ntenders_per_year = 2\n[[event]]\nid = \"off\"\ndate = \"2026-07\"\nlasts_months = 6\n\
                set = { \"mechanisms.adoption\" = false }\n";
    let engine = engine(text);
    let [mut waited, mut adopted_off, mut adopted_later] = [0; 3];
    for run in 0..4 {
        let (mut last, mut waiting) = (Vec::new(), Vec::new());
        let see = |step: usize, w: &World, p: &Parameters| {
            let e = &w.enterprises;
            let adopts = |k: &usize| e.workload[*k].adopted_month != i32::MAX;
            match step {
                // The last month in which adoption is on.
                6 => waiting = (0..e.workload.len()).filter(|k| !adopts(k) && e.calendar.due(*k) > 0).collect(),
                7..=12 => {
                    assert!(!p.mechanisms.adoption);
                    adopted_off += usize::from(adopted(w) != last);
                }
                18 => adopted_later += waiting.iter().filter(|k| adopts(k)).count(),
                _ => {}
            }
            last = adopted(w);
        };
        engine.watch(&mut engine.new_state(), run, see).expect("the run completes");
        waited += waiting.len();
    }
    assert!(waited > 0, "nobody waited");
    assert_eq!(adopted_off, 0);
    // In half a year everybody has a tender.
    assert_eq!(adopted_later, waited);
}

#[test]
fn where_all_are_trusted_alike_what_trust_hangs_on_moves_nothing_but_trust() {
    // Reviews are frequent and bold, and boards break: whoever looks at trust would look often.
    let bold: String = ["anthropic", "openai", "google", "meta", "mistral", "xai"]
        .map(|id| {
            format!(
                "[labs.{id}.strategy]\nadaptation = {{ imitative = {{ review_months = 1.0, bold_share = 0.9 }} }}\n"
            )
        })
        .concat();
    let of = |retention: f64| {
        engine(&format!("{EVENTFUL}[trust]\nretention_per_quarter = {retention}\n[mechanisms]\ntrust = false\n{bold}"))
    };
    let (long, short) = (of(0.95), of(0.6));
    let layout = long.layout().clone();
    let places = &long.scenario().parameters.jurisdictions;
    let labs = long.scenario().parameters.labs.len();
    let mut told = Vec::new();
    for place in places {
        let (table, column) =
            layout.column(TableKind::Labs, &format!("trust_{}", place.id)).expect("the metric exists");
        told.extend((0..labs).map(|lab| layout.index(table, 0, lab, column)));
    }
    let mut moved = false;
    for run in 0..4 {
        let (a, b) = (record(&long, run).values, record(&short, run).values);
        for (at, (a, b)) in a.iter().zip(&b).enumerate() {
            let same = a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
            let trust = told.contains(&(at % layout.width));
            moved |= trust && !same;
            assert!(same || trust, "run {run}, step {}: {a} {b}", at / layout.width);
        }
    }
    assert!(moved, "trust itself hangs on it");
}

#[test]
fn without_commitments_nothing_is_paid_beyond_use_and_with_them_something_is() {
    let unused = |text: &str| {
        let engine = engine(text);
        let mut sum = 0.0;
        let see = |_: usize, w: &World, _: &Parameters| sum += w.capital.unused_usd.iter().sum::<f64>();
        engine.watch(&mut engine.new_state(), 0, see).expect("the run completes");
        sum
    };
    // Contracts at their face: more is promised than can be used.
    assert!(unused("[compute]\ncommitment_haircut = 1.0\n") > 0.0);
    assert_eq!(unused("[compute]\ncommitment_haircut = 1.0\n[mechanisms]\ncommitments = false\n"), 0.0);
}

#[test]
fn without_expansion_clouds_keep_the_capacity_of_the_start() {
    let engine = engine("[mechanisms]\ncloud_expansion = false\n");
    let mut start = Vec::new();
    let see = |step: usize, w: &World, _: &Parameters| {
        if step == 0 {
            start.clone_from(&w.clouds.capacity_h100e);
        }
        assert_eq!(w.clouds.capacity_h100e, start);
    };
    engine.watch(&mut engine.new_state(), 0, see).expect("the run completes");
}

#[test]
fn without_traits_another_method_of_alignment_changes_neither_readiness_nor_refusal_nor_cost() {
    let changed = "[[event]]\nid = \"method\"\ndate = \"2026-06\"\nset = { \"labs.openai.alignment.method\" = \"constitutional\" }\n";
    let traits = |on: bool| {
        let engine =
            engine(&format!("[mechanisms]\nretrofit = false\nadaptation = false\nalignment_traits = {on}\n{changed}"));
        let mut last = None;
        let see = |_: usize, w: &World, p: &Parameters| {
            let i = p.lab("openai").expect("the lab exists");
            let ready = posture::audit_readiness(w, p, i) - p.labs[i].values.parameters.audit_readiness;
            last = Some([ready, posture::over_refusal(w, p, i) - 1.0, posture::serving_factor(w, p, i) - 1.0]);
        };
        engine.watch(&mut engine.new_state(), 0, see).expect("the run completes");
        last.expect("the start is shown")
    };
    assert_eq!(traits(false), [0.0; 3]);
    assert!(traits(true).iter().any(|change| *change != 0.0));
}
