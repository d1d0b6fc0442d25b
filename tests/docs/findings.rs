//! `docs/model.md`: what theory says of pairs of strategies against what the model gives, and what must show.
//!
//! Common random numbers: both sides of a pair have the same seed, so that a difference is due to what was changed.

use std::fmt::Write;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use aimarket::experiment::paired::{Paired, Sign};
use aimarket::experiment::sample::{Sample, Wanted, sample};
use aimarket::experiment::statistics::quantile_of_sorted;
use aimarket::math::ln;
use aimarket::record::TableKind;
use aimarket::run::engine::Engine;
use aimarket::scenario::Scenario;
use aimarket::units::Month;

use crate::hold;

/// Pairs of a comparison.
const RUNS: u64 = 200;
/// Pairs where what is compared is rare: distress befalls a lab in a few runs in a hundred.
const MANY_RUNS: u64 = 1000;
/// Enterprises of each run: market totals do not depend on it, and the pairing takes out most of the sampling.
const ENTERPRISES: &str = "400";

/// A series of a lab.
fn lab(id: &str, metric: &str) -> Wanted {
    Wanted::new(TableKind::Labs, metric, id)
}

/// A series of the market.
fn market(metric: &str) -> Wanted {
    Wanted::new(TableKind::Market, metric, "market")
}

/// Runs a scenario with values laid over it, and keeps some series.
///
/// A lab whose strategy is given keeps it: what it would turn to is not what is compared.
fn runs(scenario: &str, set: &[(&str, &str)], wanted: &[Wanted]) -> Sample {
    kept(Scenario::load(scenario, &overlays(set)), wanted, RUNS)
}

/// Runs a scenario given as text.
fn runs_of(text: &str, wanted: &[Wanted]) -> Sample {
    kept(Scenario::from_text("a scenario of this test", text, &overlays(&[])), wanted, RUNS)
}

fn overlays(set: &[(&str, &str)]) -> Vec<(String, String)> {
    let all = set.iter().chain(&[("enterprises.count", ENTERPRISES)]);
    let mut out: Vec<(String, String)> = all.map(|(p, v)| ((*p).to_string(), (*v).to_string())).collect();
    for (id, _) in LABS {
        if set.iter().any(|(path, _)| path.starts_with(&format!("labs.{id}."))) {
            out.push((format!("labs.{id}.strategy.adaptation"), "{ fixed = {} }".into()));
        }
    }
    out
}

fn kept(scenario: Result<Scenario, Vec<aimarket::scenario::Fault>>, wanted: &[Wanted], count: u64) -> Sample {
    let scenario = scenario.unwrap_or_else(|faults| panic!("{}", faults[0]));
    let engine = Engine::prepare(scenario).unwrap_or_else(|e| panic!("{e}"));
    for w in wanted {
        let layout = aimarket::run::Model::layout(&engine);
        assert!(layout.column(w.kind, &w.column).is_some(), "no metric {}", w.column);
    }
    let found = sample(&engine, wanted, count, 2, &AtomicBool::new(false), &mut |_| ());
    let kept = found.unwrap_or_else(|_| panic!("the threads start"));
    assert!(kept.failed.is_empty(), "{:?}", kept.failed);
    kept
}

/// What is taken of a series: a number a run.
#[derive(Clone, Copy)]
enum Take {
    /// Its value at the horizon.
    Last,
    /// ln of that value.
    LnLast,
    /// Its sum over all steps.
    Sum,
    /// Its mean over all dates.
    Mean,
    /// Its mean over the first eighteen months.
    Early,
    /// 1 where it has been set at some date.
    Ever,
    /// Months until it is below zero for good: one more than there are where it never is.
    Even,
    /// The greatest sum of a yearly flow since the start, as a distance from the median of the runs.
    SpreadOfNeed,
    /// Distance of ln of its value at the horizon from the median of the runs: how widely outcomes spread (Brown and Forsythe 1974).
    Spread,
}

fn take(sample: &Sample, wanted: &Wanted, how: Take) -> Vec<f64> {
    let column = |month: Month| sample.values(wanted, month).expect("the series is kept");
    let last = column(sample.last().expect("there are dates"));
    let over = |months: &[Month], mean: bool| -> Vec<f64> {
        (0..sample.runs)
            .map(|run| {
                let values: Vec<f64> = months.iter().map(|m| column(*m)[run]).filter(|v| v.is_finite()).collect();
                values.iter().sum::<f64>() / if mean { values.len() as f64 } else { 1.0 }
            })
            .collect()
    };
    match how {
        Take::Last => last.to_vec(),
        Take::LnLast => last.iter().map(|v| if *v > 0.0 { ln(*v) } else { f64::NAN }).collect(),
        Take::Sum => over(&sample.months[1..], false),
        Take::Mean => over(&sample.months, true),
        Take::Early => over(&sample.months[1..=18], true),
        Take::Ever => {
            let ever = |run: usize| sample.months.iter().any(|m| column(*m)[run] > 0.5);
            (0..sample.runs).map(|run| f64::from(u8::from(ever(run)))).collect()
        }
        Take::Even => {
            let months = &sample.months[1..];
            let last = |run: usize| months.iter().rposition(|m| column(*m)[run] > 0.0).map_or(0, |at| at + 1);
            (0..sample.runs).map(|run| 1.0 + last(run) as f64).collect()
        }
        Take::SpreadOfNeed => {
            let need = |run: usize| {
                let burnt = sample.months[1..].iter().map(|m| column(*m)[run]).filter(|usd| usd.is_finite());
                let sums = burnt.scan(0.0, |sum, usd| {
                    *sum += usd / 12.0;
                    Some(*sum)
                });
                sums.fold(0.0, f64::max)
            };
            distances(&(0..sample.runs).map(need).collect::<Vec<f64>>())
        }
        Take::Spread => distances(&last.iter().map(|v| ln(v.max(1e6))).collect::<Vec<f64>>()),
    }
}

/// Distances from the median (Brown and Forsythe 1974).
fn distances(values: &[f64]) -> Vec<f64> {
    let middle = median(values);
    values.iter().map(|v| (v - middle).abs()).collect()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

fn median(values: &[f64]) -> f64 {
    quantile_of_sorted(&sorted(values), 0.5)
}

/// What theory expects of the second strategy.
#[derive(Clone, Copy, PartialEq)]
enum Theory {
    More,
    Less,
    /// No sign in general.
    Open,
}

/// Rows of the table of interactions.
struct Findings {
    text: String,
}

impl Findings {
    fn new() -> Findings {
        Findings {
            text: "| pair | lab | outcome | theory | first | second | difference (95% interval) | model | |\n|---|---|---|---|---|---|---|---|---|\n".into(),
        }
    }
    fn row(&mut self, pair: &str, lab: &str, outcome: &str, theory: Theory, first: &[f64], second: &[f64]) {
        let p = Paired::new(first, second).unwrap_or_else(|| panic!("{pair}, {lab}, {outcome}: no pairs"));
        let (low, high) = p.interval();
        let (sign, expected) = (
            p.sign(),
            match theory {
                Theory::More => Some(Sign::Up),
                Theory::Less => Some(Sign::Down),
                Theory::Open => None,
            },
        );
        let mark = |s| match s {
            Some(Sign::Up) => "+",
            Some(Sign::Down) => "−",
            Some(Sign::Noise) => "0",
            None => "open",
        };
        let verdict = match expected {
            None => "",
            Some(e) if e == sign => "as expected",
            Some(_) if sign == Sign::Noise => "within noise",
            Some(_) => "**contrary**",
        };
        let n = number;
        let _ = writeln!(
            self.text,
            "| {pair} | {lab} | {outcome} | {} | {} | {} | {} ({} to {}) | {} | {verdict} |",
            mark(expected),
            n(p.first),
            n(p.second),
            n(p.difference),
            n(low),
            n(high),
            mark(Some(sign)),
        );
    }
}

/// A number with three figures.
fn number(x: f64) -> String {
    let size = x.abs();
    // What rounding leaves of nothing is nothing.
    if size < 1e-12 {
        return "0".into();
    }
    let text = match size {
        s if s >= 1e12 => format!("{:.2} tn", size / 1e12),
        s if s >= 1e9 => format!("{:.1} bn", size / 1e9),
        s if s >= 1e6 => format!("{:.1} m", size / 1e6),
        s if s >= 100.0 => format!("{size:.0}"),
        s if s >= 1.0 => format!("{size:.2}"),
        s if s >= 0.001 => format!("{size:.3}"),
        s => format!("{s:.1e}"),
    };
    if x < 0.0 { format!("−{text}") } else { text }
}

/// Differences of differences: what the second strategy gains in one setting beyond what it gains in another.
fn gain(first: &[f64], second: &[f64]) -> Vec<f64> {
    first.iter().zip(second).map(|(a, b)| b - a).collect()
}

const LABS: [(&str, &str); 2] = [("openai", "OpenAI"), ("anthropic", "Anthropic")];

/// All labs audited everywhere.
const AUDITS: [(&str, &str); 4] = [
    ("regulators.us.audits_mandatory", "true"),
    ("regulators.eu.audits_mandatory", "true"),
    ("regulators.uk.audits_mandatory", "true"),
    ("regulators.china.audits_mandatory", "true"),
];

fn scale_or_trust(out: &mut Findings) {
    let pair = "scale or trust";
    for (id, name) in LABS {
        let wanted =
            ["enterprise_share", "capability_eci", "incidents", "trust_us", "share_finance"].map(|m| lab(id, m));
        // What is auditable is part of the posture: published methods and records are what the articles mean by trust.
        let posture = |allocation: &str, release: &str, readiness: &str, more: &[(&str, &str)]| {
            let path = |field: &str| format!("labs.{id}.{field}");
            let (a, r, d) = (path("strategy.allocation"), path("strategy.release"), path("audit_readiness"));
            let set = [(a.as_str(), allocation), (r.as_str(), release), (d.as_str(), readiness)];
            runs("baseline", &[&set, more].concat(), &wanted)
        };
        let scale = |more: &[(&str, &str)]| posture("{ scale = {} }", "{ cadence = { gate = 0.0 } }", "0.3", more);
        let trust = |more: &[(&str, &str)]| posture("{ trust = {} }", "{ cadence = { gate = 0.6 } }", "0.8", more);
        let (a, b) = (scale(&[]), trust(&[]));
        let mut row = |outcome: &str, theory, metric: usize, how| {
            out.row(pair, name, outcome, theory, &take(&a, &wanted[metric], how), &take(&b, &wanted[metric], how));
        };
        row("capability, ECI, mean over time", Theory::Less, 1, Take::Mean);
        row("incidents in five years", Theory::Less, 2, Take::Sum);
        row("trust in the United States at the horizon", Theory::More, 3, Take::Last);
        row("enterprise share at the horizon", Theory::Open, 0, Take::Last);
        let share = |s: &Sample| take(s, &wanted[4], Take::Last);
        let (c, d) = (scale(&AUDITS), trust(&AUDITS));
        let outcome = "gain of trust in share of finance: without, with audits everywhere";
        out.row(pair, name, outcome, Theory::More, &gain(&share(&a), &share(&b)), &gain(&share(&c), &share(&d)));
        let equal = [("mechanisms.trust", "false")];
        let (c, d) = (scale(&equal), trust(&equal));
        let outcome = "gain of trust in share of finance: as it is, when all are trusted alike";
        out.row(pair, name, outcome, Theory::Less, &gain(&share(&a), &share(&b)), &gain(&share(&c), &share(&d)));
    }
}

/// Human feedback against a written constitution, all else the same (seed 001: fewer failures at a small loss of usefulness).
fn feedback_or_constitution(out: &mut Findings) {
    let pair = "feedback or constitution";
    for (id, name) in LABS {
        let metrics = ["incidents", "share_coding", "enterprise_share", "capability_eci", "refusal_loss"];
        let wanted = metrics.map(|m| lab(id, m));
        let path = format!("labs.{id}.alignment.method");
        let side = |method: &str| runs("baseline", &[(path.as_str(), method)], &wanted);
        let (a, b) = (side("\"rlhf\""), side("\"constitutional\""));
        let mut row = |outcome: &str, theory, metric: usize, how| {
            out.row(pair, name, outcome, theory, &take(&a, &wanted[metric], how), &take(&b, &wanted[metric], how));
        };
        row("incidents in five years", Theory::Less, 0, Take::Sum);
        row("utility lost to refusals, mean over time", Theory::More, 4, Take::Mean);
        row("capability, ECI, mean over time", Theory::Open, 3, Take::Mean);
        row("share of spend on coding at the horizon", Theory::Less, 1, Take::Last);
        row("enterprise share at the horizon", Theory::Open, 2, Take::Last);
    }
}

/// What a pair of building and partnering keeps of a lab.
const BUILD_OR_PARTNER: [&str; 9] = [
    "burn_usd",
    "cash_usd",
    "valuation_usd",
    "distressed",
    "gross_margin",
    "turned_profitable",
    "compute_total_h100e",
    "capability_eci",
    "compute_dependence",
];

/// A lab that rents all new compute, and one that builds most of it, in the baseline.
fn partner_and_builder(id: &str, more: &[(&str, &str)]) -> [Sample; 2] {
    let wanted = BUILD_OR_PARTNER.map(|m| lab(id, m));
    let path = format!("labs.{id}.compute.build_share");
    ["0.0", "0.8"].map(|share| {
        let set = [&[(path.as_str(), share)], more].concat();
        kept(Scenario::load("baseline", &overlays(&set)), &wanted, MANY_RUNS)
    })
}

/// Those pairs of each lab, which two tables read.
fn pairs_of_building() -> &'static [[Sample; 2]; 2] {
    static PAIRS: OnceLock<[[Sample; 2]; 2]> = OnceLock::new();
    PAIRS.get_or_init(|| LABS.map(|(id, _)| partner_and_builder(id, &[])))
}

fn build_or_partner(out: &mut Findings) {
    let pair = "build or partner";
    for ((id, name), [a, b]) in LABS.into_iter().zip(pairs_of_building()) {
        let wanted = BUILD_OR_PARTNER.map(|m| lab(id, m));
        let mut row = |outcome: &str, theory, metric: usize, how| {
            out.row(pair, name, outcome, theory, &take(a, &wanted[metric], how), &take(b, &wanted[metric], how));
        };
        row("cash burnt a year, USD, mean of the first 18 months", Theory::More, 0, Take::Early);
        row("cash, USD, mean of the first 18 months", Theory::Open, 1, Take::Early);
        row("spread of ln value at the horizon", Theory::More, 2, Take::Spread);
        row("ever in distress by the horizon", Theory::More, 3, Take::Ever);
        row("share of its compute that one cloud holds, at the horizon", Theory::Less, 8, Take::Last);
        row("turned profitable by the horizon", Theory::Less, 5, Take::Last);
        row("gross margin at the horizon", Theory::More, 4, Take::Last);
        row("compute at the horizon, H100e", Theory::Open, 6, Take::Last);
        row("capability at the horizon, ECI", Theory::Open, 7, Take::Last);
        let drought = [("environment.start.climate", "0"), ("environment.climate_persistence", "0.99")];
        let [c, d] = partner_and_builder(id, &drought);
        let ever = |s: &Sample| take(s, &wanted[3], Take::Ever);
        let outcome = "what building adds to being ever in distress: as it is, in a drought";
        out.row(pair, name, outcome, Theory::More, &gain(&ever(a), &ever(b)), &gain(&ever(&c), &ever(&d)));
    }
}

fn independent_or_allied(out: &mut Findings) {
    let pair = "allied or independent";
    for (id, name) in LABS {
        let wanted = [
            "outside_control",
            "raised_from_groups_usd",
            "group_money_cost",
            "crisis_hazard",
            "valuation_usd",
            "runway_months",
        ]
        .map(|m| lab(id, m));
        let path = format!("labs.{id}.independence");
        let side = |share: &str| runs("baseline", &[(path.as_str(), share)], &wanted);
        let (a, b) = (side("0.0"), side("1.0"));
        let mut row = |outcome: &str, theory, metric: usize, how| {
            out.row(pair, name, outcome, theory, &take(&a, &wanted[metric], how), &take(&b, &wanted[metric], how));
        };
        row("outside control at the horizon", Theory::Less, 0, Take::Last);
        row("money of groups raised by the horizon, USD", Theory::Less, 1, Take::Last);
        row("shares given for a dollar of groups' money, against the book", Theory::More, 2, Take::Last);
        row("hazard of a crisis of governance a year, mean over time", Theory::Less, 3, Take::Mean);
        row("runway, months, mean over time", Theory::Less, 5, Take::Mean);
        row("ln value at the horizon", Theory::Open, 4, Take::LnLast);
    }
}

fn closed_or_open(out: &mut Findings) {
    let pair = "closed or open";
    for (id, name) in LABS {
        let wanted = [
            lab(id, "revenue_run_rate_usd"),
            lab(id, "enterprise_share"),
            lab(if id == "openai" { "anthropic" } else { "openai" }, "capability_eci"),
            market("open_lag_months"),
            market("mean_price_usd_per_mtok"),
        ];
        let (open, hosted) = (format!("labs.{id}.strategy.openness"), format!("labs.{id}.api_share"));
        let a = runs("baseline", &[(open.as_str(), "{ closed = {} }")], &wanted);
        let b = runs("baseline", &[(open.as_str(), "{ open_weights = {} }"), (hosted.as_str(), "0.3")], &wanted);
        let mut row = |outcome: &str, theory, metric: usize, how| {
            out.row(pair, name, outcome, theory, &take(&a, &wanted[metric], how), &take(&b, &wanted[metric], how));
        };
        row("ln run-rate at the horizon", Theory::Less, 0, Take::LnLast);
        row("share of use at the horizon, whoever hosts", Theory::More, 1, Take::Last);
        row("capability of the strongest rival, ECI, mean over time", Theory::More, 2, Take::Mean);
        row("lag of open weights, months, mean over time", Theory::Less, 3, Take::Mean);
        row("ln price paid by enterprises at the horizon", Theory::Less, 4, Take::LnLast);
    }
}

#[test]
fn what_theory_expects_of_pairs_of_strategies_stands_beside_what_the_model_gives() {
    let mut out = Findings::new();
    scale_or_trust(&mut out);
    feedback_or_constitution(&mut out);
    build_or_partner(&mut out);
    independent_or_allied(&mut out);
    closed_or_open(&mut out);
    let how = format!(
        "{RUNS} pairs of runs to the horizon of the baseline, {MANY_RUNS} of *build or partner*, where distress is rare; {ENTERPRISES} enterprises in each run. The lab that is compared keeps the strategy \
         that it is given (`adaptation = {{ fixed = {{}} }}`); all others adapt. `+` and `−` where the 95% interval of the mean difference excludes zero, `0` where it does not.\n\n"
    );
    hold("model.md", "interactions", &(how + &out.text));
}

/// What a row of what must show is held against.
enum Asked<'a> {
    /// The median lies within these bounds.
    Within(f64, f64),
    /// The 95% interval of the mean lies below zero.
    Falls,
    /// The 95% interval of the mean lies above zero.
    Rises,
    /// Measured only; nothing is asked of the number.
    Measured(&'a str),
}

/// A row of what must show: the median of the runs with its 90% range, against what is asked.
fn shown(text: &mut String, section: &str, what: &str, asked: Asked, values: &[f64]) {
    let s = sorted(values);
    let q = |p| number(quantile_of_sorted(&s, p));
    let zero = vec![0.0; values.len()];
    let sign = Paired::new(&zero, values).map_or(Sign::Noise, |p| p.sign());
    let verdict = |holds: bool| if holds { "shows" } else { "**does not show**" };
    let (words, verdict) = match asked {
        Asked::Within(low, high) => {
            (format!("{} to {}", number(low), number(high)), verdict((low..=high).contains(&median(values))))
        }
        Asked::Falls => ("below 0".into(), verdict(sign == Sign::Down)),
        Asked::Rises => ("above 0".into(), verdict(sign == Sign::Up)),
        Asked::Measured(words) => (words.to_string(), "–"),
    };
    let mean = values.iter().filter(|v| v.is_finite()).sum::<f64>() / s.len().max(1) as f64;
    let _ = writeln!(
        text,
        "| {section} | {what} | {words} | {} ({} to {}) | {} | {verdict} |",
        q(0.5),
        q(0.05),
        q(0.95),
        number(mean)
    );
}

/// Section 3.2, each part with a verdict: building costs more early, spreads wider and risks distress; partnering breaks even sooner and
/// depends on others.
fn build_or_partner_must_show(t: &mut String) {
    let mut distress = Vec::new();
    for ((id, name), [partner, builder]) in LABS.into_iter().zip(pairs_of_building()) {
        let of = |metric: &str, how| {
            let wanted = lab(id, metric);
            gain(&take(partner, &wanted, how), &take(builder, &wanted, how))
        };
        let mut row = |what: &str, asked, values: &[f64]| {
            shown(t, "3.2", &format!("{name} as a builder less as a partner: {what}"), asked, values);
        };
        row("cash burnt a year in the first 18 months, USD", Asked::Rises, &of("burn_usd", Take::Early));
        let need = of("burn_usd", Take::SpreadOfNeed);
        row("spread of the greatest sum that it has to be given, USD", Asked::Rises, &need);
        let months = "month from which it burns no cash any more (that after the horizon where there is none)";
        row(months, Asked::Rises, &of("burn_usd", Take::Even));
        row("share of its compute that one cloud holds in 2030", Asked::Falls, &of("compute_dependence", Take::Last));
        distress.push(of("distressed", Take::Ever));
        row("ever in distress by 2030", Asked::Rises, &distress[distress.len() - 1]);
    }
    let both: Vec<f64> = distress[0].iter().zip(&distress[1]).map(|(a, b)| (a + b) / 2.0).collect();
    shown(t, "3.2", "the same, mean of both labs", Asked::Rises, &both);
}

/// Labs that publish their weights.
const OPEN_LABS: [&str; 4] = ["meta", "mistral", "deepseek", "alibaba"];

#[test]
fn what_must_show_is_measured() {
    let mut text =
        "| section | what | asked | median of the runs (90% of them) | mean | |\n|---|---|---|---|---|---|\n"
            .to_string();
    let t = &mut text;
    let wanted =
        ["frontier_eci", "open_lag_months", "lead_changes", "switching_rate", "other_business_vendors"].map(market);
    let year = runs("history/2024-12", &[("simulation.end", "\"2025-12\"")], &wanted);
    let at = |w: usize, month: Month| year.values(&wanted[w], month).expect("kept");
    let (start, end) = (Month::new(2024, 12), Month::new(2025, 12));
    shown(
        t,
        "3.3",
        "slope of the frontier in 2025, ECI a year",
        Asked::Within(12.0, 16.0),
        &gain(at(0, start), at(0, end)),
    );
    // A median of 5.5 with an sd of 4 over single models.
    shown(
        t,
        "3.3",
        "lag of open weights in 2025, months",
        Asked::Within(1.5, 9.5),
        &take(&year, &wanted[1], Take::Mean),
    );
    let changes: Vec<f64> = at(2, end).iter().map(|c| c / 4.0).collect();
    shown(t, "3.3", "changes of the lead a quarter in 2025", Asked::Within(0.5, 2.0), &changes);
    let switching = take(&year, &wanted[3], Take::Mean);
    shown(
        t,
        "3.7",
        "workloads that change their vendor in a year, 2025 (about 0.11); the others go on with their vendor's newest model, which is not counted",
        Asked::Within(0.07, 0.15),
        &switching,
    );
    shown(
        t,
        "3.7",
        "vendors per small firm that pays any, end of 2025 (1.49 observed)",
        Asked::Within(1.4, 1.6),
        at(4, end),
    );

    let ids = ["openai", "anthropic", "google", "meta", "xai", "mistral", "cohere", "deepseek", "alibaba", "microsoft"];
    let mut wanted = vec![
        market("frontier_eci"),
        lab("openai", "price_usd_per_mtok"),
        market("incidents"),
        market("lead_changes"),
        market("open_lag_months"),
        market("switching_rate"),
        market("profit_chips_usd"),
        market("profit_clouds_usd"),
        market("profit_labs_usd"),
        market("profit_applications_usd"),
        market("users_surplus_usd"),
    ];
    let fixed = wanted.len();
    wanted.extend(ids.map(|id| lab(id, "safety_level")));
    wanted.extend(ids.map(|id| lab(id, "capability_gap_eci")));
    wanted.extend(OPEN_LABS.map(|id| lab(id, "constitutional")));
    wanted.extend(ids.map(|id| lab(id, "enterprise_share")));
    let base = runs("baseline", &[], &wanted);
    let at = |w: usize, month: Month| base.values(&wanted[w], month).expect("kept");
    let (start, first, end) = (Month::new(2025, 12), Month::new(2026, 12), Month::new(2030, 12));
    let per_year = |v: Vec<f64>| v.into_iter().map(|x| x / 5.0).collect::<Vec<f64>>();
    let slope = per_year(gain(at(0, start), at(0, end)));
    shown(
        t,
        "3.3",
        "slope of the frontier, 2026 to 2030, ECI a year",
        Asked::Measured("the window is 2024 to 2025"),
        &slope,
    );
    let changes: Vec<f64> = at(3, end).iter().map(|c| c / 20.0).collect();
    shown(t, "3.3", "changes of the lead a quarter, 2026 to 2030", Asked::Within(0.5, 2.0), &changes);
    shown(
        t,
        "3.3",
        "lag of open weights, 2026 to 2030, months",
        Asked::Within(1.5, 9.5),
        &take(&base, &wanted[4], Take::Mean),
    );
    let months: Vec<Month> = (1..=12).map(|m| Month::new(2026, m)).collect();
    let incidents: Vec<f64> = (0..base.runs).map(|run| months.iter().map(|m| at(2, *m)[run]).sum()).collect();
    shown(t, "3.5", "incidents of labs in 2026", Asked::Within(36.0, 145.0), &incidents);
    shown(
        t,
        "3.7",
        "workloads that change their vendor in a year, end of 2026",
        Asked::Within(0.07, 0.15),
        at(5, first),
    );
    let logs = |v: &[f64]| v.iter().map(|x| ln(*x)).collect::<Vec<f64>>();
    let price = per_year(gain(&logs(at(1, start)), &logs(at(1, end))));
    let words = "flat where the frontier gains 15 ECI a year";
    shown(t, "3.9", "ln list price of OpenAI's frontier model a year, 2026 to 2030", Asked::Measured(words), &price);
    for (w, who) in [
        (6, "chip makers"),
        (7, "clouds"),
        (8, "independent labs"),
        (9, "application vendors"),
        (10, "users (surplus)"),
    ] {
        shown(
            t,
            "3.11",
            &format!("profit of {who} in 2030, USD a year"),
            Asked::Measured("measured in every run"),
            at(w, end),
        );
    }
    build_or_partner_must_show(t);
    // The safety trap: the safest lab, of those that sell a model, is far behind.
    let n = ids.len();
    let trapped: Vec<f64> = (0..base.runs)
        .map(|run| {
            let safety = |k: usize| at(fixed + k, end)[run];
            let sells = |k: usize| at(fixed + 2 * n + OPEN_LABS.len() + k, end)[run] > 0.0;
            let safest =
                (0..n).filter(|&k| safety(k).is_finite() && sells(k)).max_by(|&a, &b| safety(a).total_cmp(&safety(b)));
            safest.map_or(f64::NAN, |k| f64::from(u8::from(at(fixed + n + k, end)[run] > 8.0)))
        })
        .collect();
    shown(
        t,
        "3.4",
        "the safety trap happens: the safest lab that sells is over 8 ECI behind in 2030, share of runs",
        Asked::Rises,
        &trapped,
    );
    let adopted: Vec<f64> = (0..base.runs)
        .map(|run| f64::from(u8::from((0..OPEN_LABS.len()).any(|k| at(fixed + 2 * n + k, end)[run] > 0.5))))
        .collect();
    shown(t, "3.15", "an open-weight lab adopts a constitution by 2030, share of runs", Asked::Rises, &adopted);

    // A stricter gate.
    let wanted = ["incidents", "capability_eci"].map(|m| lab("openai", m));
    let gate = |gate: &str| {
        let release = format!("{{ cadence = {{ gate = {gate} }} }}");
        runs("baseline", &[("labs.openai.strategy.release", release.as_str())], &wanted)
    };
    let (a, b) = (gate("0.0"), gate("0.7"));
    let change = |w: usize, how| gain(&take(&a, &wanted[w], how), &take(&b, &wanted[w], how));
    shown(t, "3.4", "incidents of OpenAI in five years: a gate of 0.7 less none", Asked::Falls, &change(0, Take::Sum));
    let what = "its capability in use, mean over time, ECI: a gate of 0.7 less none (later releases, by what they cost; dates are not kept)";
    shown(t, "3.4", what, Asked::Falls, &change(1, Take::Mean));

    // Labs alike in safety, and in all that trust hangs on but their size.
    let wanted = ["openai", "mistral"].map(|id| lab(id, "trust_us"));
    let alike = [
        ("incidents.safety_effect", "0.0"),
        ("trust.value_misfit", "0.0"),
        ("mechanisms.audits", "false"),
        ("mechanisms.governance", "false"),
        ("trust.publication_evidence_per_year", "0.0"),
        ("labs.openai.trust", "0.5"),
        ("labs.mistral.trust", "0.5"),
        ("labs.mistral.alignment.method", "\"rlhf\""),
        ("labs.openai.alignment.method", "\"rlhf\""),
    ];
    let alike = runs("baseline", &alike, &wanted);
    let less = gain(&take(&alike, &wanted[1], Take::Last), &take(&alike, &wanted[0], Take::Last));
    let n = less.len() as f64;
    let mean = less.iter().sum::<f64>() / n;
    let error = (less.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0) / n).sqrt();
    let what = "trust of OpenAI less that of Mistral in 2030 when all labs are as safe and start alike, mean over its standard error: the same at any size";
    shown(t, "3.6", what, Asked::Within(-3.0, 3.0), &[mean / error]);

    // Trust falls at once and comes back slowly: a shock in one month, all else as it is.
    let wanted = [lab("openai", "trust_us")];
    let shock = "extends = \"baseline\"\nname = \"shock\"\n[[event]]\nid = \"shock\"\ndate = \"2026-07\"\nlasts_months = 1\nset = { \"labs.openai.governance.crisis\" = true }\n";
    let (base, hit) = (runs("baseline", &[], &wanted), runs_of(shock, &wanted));
    let lost = |month: Month| {
        gain(hit.values(&wanted[0], month).expect("kept"), base.values(&wanted[0], month).expect("kept"))
    };
    let fall = lost(Month::new(2026, 8));
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let half =
        (1..=52).find(|k| mean(&lost(Month::new(2026, 8).plus(*k))) < 0.5 * mean(&fall)).map_or(f64::NAN, f64::from);
    shown(t, "3.6", "trust that OpenAI loses by a crisis within a month", Asked::Rises, &fall);
    shown(
        t,
        "3.6",
        "months until half of the mean loss is back (the fall takes one)",
        Asked::Within(6.0, 52.0),
        &[half],
    );

    // A safety-first lab under pressure.
    let wanted = [lab("anthropic", "scale_tilt")];
    let pressed = "extends = \"baseline\"\nname = \"pressed\"\n[[event]]\nid = \"action\"\ndate = \"2026-03\"\nset = { \"regulators.us.excluded_labs\" = [\"anthropic\", \"deepseek\"] }\n";
    let pressed = runs_of(pressed, &wanted);
    let moved = gain(
        pressed.values(&wanted[0], Month::new(2026, 2)).expect("kept"),
        pressed.values(&wanted[0], Month::new(2028, 2)).expect("kept"),
    );
    let moved: Vec<f64> = moved.iter().map(|m| f64::from(u8::from(*m > 0.01))).collect();
    shown(
        t,
        "3.15",
        "a safety-first lab that is shut out leans to scale within two years, share of runs",
        Asked::Rises,
        &moved,
    );

    // Table stakes: the premium and the margin of the trusted lab when all are trusted alike.
    let wanted = ["gross_margin", "markup"].map(|m| lab("anthropic", m));
    let equal = runs("baseline", &[("mechanisms.trust", "false")], &wanted);
    let base = runs("baseline", &[], &wanted);
    let change = |w: usize| gain(&take(&base, &wanted[w], Take::Last), &take(&equal, &wanted[w], Take::Last));
    shown(t, "3.9", "Anthropic's markup when all are trusted alike, less as it is", Asked::Falls, &change(1));
    shown(t, "3.9", "Anthropic's gross margin when all are trusted alike, less as it is", Asked::Falls, &change(0));
    hold("model.md", "must show", &text);
}

#[test]
fn what_is_left_without_trust_is_told_as_it_is_and_after_quality_is_fitted_again() {
    let ids = ["anthropic", "openai", "google", "meta", "mistral", "xai"];
    let mut wanted = ids.map(|id| lab(id, "enterprise_share")).to_vec();
    wanted.extend(ids.map(|id| lab(id, "share_finance")));
    let off = "extends = \"baseline\"\nname = \"trust-off\"\n[[event]]\nid = \"off\"\ndate = \"2026-02\"\nset = { \"mechanisms.trust\" = false }\n";
    let base = runs("baseline", &[], &wanted);
    let as_it_is = runs_of(off, &wanted);
    let again = runs("baseline", &[("mechanisms.trust", "false")], &wanted);
    let mut text =
        "| lab | share at the horizon | trust off, as it is | trust off, quality fitted again | share of finance | as it is | fitted again |\n|---|---|---|---|---|---|---|\n"
            .to_string();
    for (i, id) in ids.iter().enumerate() {
        let mut cells = Vec::new();
        for w in [i, ids.len() + i] {
            let mean = |s: &Sample| take(s, &wanted[w], Take::Last);
            let first = mean(&base);
            cells.push(format!("{:.1}%", 100.0 * first.iter().sum::<f64>() / first.len() as f64));
            for other in [&as_it_is, &again] {
                let p = Paired::new(&first, &mean(other)).expect("there are pairs");
                let (low, high) = p.interval();
                cells.push(format!("{:+.1} ({:+.1} to {:+.1})", 100.0 * p.difference, 100.0 * low, 100.0 * high));
            }
        }
        let _ = writeln!(text, "| {id} | {} |", cells.join(" | "));
    }
    hold("model.md", "trust off", &text);
}
