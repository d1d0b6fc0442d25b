//! The question that each page of `docs/scenarios.md` puts and the sentences that answer it. Numbers, directions and names are read off the
//! runs of the page, so that no answer can drift from them.

use std::path::Path;

use aimarket::experiment::paired::{Paired, Sign};
use aimarket::experiment::sample::{Sample, Wanted};
use aimarket::math::{exp, ln};
use aimarket::record::{Layout, TableKind};
use aimarket::units::Month;

/// A scenario, its question, and its answer with places for what the runs say:
///
/// - `{claim ID}`: in how many runs a claim holds
/// - `{first METRIC}`: the lab for which a flag is set most often, and how often
/// - `{median PATH}`: the median at the horizon, as a percentage
/// - `{moves PATH}`, `{moves ln PATH}`: by how much the runs differ from those of the parent, in points or per cent
const ANSWERS: &[(&str, &str, &str)] = &[
    (
        "baseline",
        "Who wins the AI market, from the state of the end of 2025: in share, in value, in capability, and who earns?",
        "At the end of 2030 the largest enterprise share belongs most often to {first leads_share}, the highest value to {first leads_value} and the best model to {first leads_capability}. \
         Concentration stays below that of three equal vendors all the time in {claim no-winner-take-all}, and use cases keep choosing different vendors in {claim durable-segmentation}. \
         Clouds, orchestration and monitoring earn more than labs and than application vendors in {claim infrastructure-earns-most}; with chip makers and builders, clouds earn over half of what they and labs earn in {claim infrastructure-with-chips-earns-most}.",
    ),
    (
        "history/2024-12",
        "What would have been projected for 2025 from what was known at the end of 2024?",
        "At the end of 2025 the largest enterprise share belongs most often to {first leads_share} and the highest value to {first leads_value}. Median shares of spend are {median labs.openai.enterprise_share} for OpenAI and \
         {median labs.anthropic.enterprise_share} for Anthropic, where 27% and 40% were observed; docs/validation.md compares all series.",
    ),
    (
        "history/backtest",
        "Does the projection of 2025 hang on fits that have seen its second half?",
        "With the fits made on data up to June 2025, OpenAI's enterprise share {moves labs.openai.enterprise_share} and Anthropic's {moves labs.anthropic.enterprise_share} at the end of 2025; docs/validation.md scores both against what happened.",
    ),
    (
        "governance-crisis",
        "What does it cost OpenAI that its board breaks, and who gains?",
        "Trust in OpenAI is lower a year later in {claim crisis-costs-trust}; it loses less than three points of enterprise share in that year in {claim customers-stay}. At the horizon its share {moves labs.openai.enterprise_share} and its value \
         {moves ln labs.openai.valuation_usd}, while Anthropic's value {moves ln labs.anthropic.valuation_usd}; within two years Anthropic is worth more than OpenAI in {claim capital-moves-on}.",
    ),
    (
        "safety-table-stakes",
        "What remains of the premium of the lab that was trusted most when all are as safe and trusted alike?",
        "Once all are trusted alike its markup shrinks in {claim premium-goes} and its share falls in {claim trusted-lab-loses-share}. Against the baseline Anthropic's enterprise share {moves labs.anthropic.enterprise_share}, and its value \
         {moves ln labs.anthropic.valuation_usd}.",
    ),
    (
        "open-weights-surge",
        "Who keeps a margin when open weights catch up and hosting gets easy?",
        "The share of open weights in enterprise spend {moves market.open_weights_share}, to a median of {median market.open_weights_share}; it passes 40% by the end of 2028 in {claim open-coalition}. The gross margins of OpenAI and Anthropic are both \
         below a half in {claim margins-are-competed-away}, and the price that enterprises pay {moves ln market.mean_price_usd_per_mtok}.",
    ),
    (
        "capital-migration",
        "Does capital move from the lab that leads in capability to the one that leads in safety, and does the market divide?",
        "The two valuations come within a quarter of each other within 24 months in {claim valuations-converge}, at USD 40 to 60 bn in {claim valuations-at-40-60-bn}, and Anthropic is paid the higher multiple in {claim premium-erodes}. \
         The market stays less concentrated than three equal vendors in {claim no-winner-take-all} and divided by use in {claim durable-segmentation}; that over 70% of large enterprises use several models by 2027 holds in {claim multi-model-70}.",
    ),
    (
        "partnership-terms",
        "What does independence cost a lab, and what does it save?",
        "Where Anthropic is the more independent it is under less outside control in {claim independence-keeps-control} and has less risk of a crisis of governance in {claim independence-lowers-governance-risk}; a dollar of a group's money costs it more \
         than OpenAI in {claim independence-is-dearer-capital}, and it gets less of such money for its value in {claim independence-is-slower-capital}.",
    ),
    (
        "build-vs-partner",
        "Own the compute or rent it: who profits sooner, who is at risk, and does the builder lead?",
        "Where either turns a profit the partner does so first in {claim partner-profits-sooner}, and it stops burning cash first in {claim partner-funds-itself-sooner}. The builder is in distress at some time in {claim builder-in-distress} and the partner \
         in {claim partner-in-distress}; a builder that is not leads by more than 5 ECI in {claim builder-has-the-moat}.",
    ),
    (
        "funding-drought",
        "Who stands two years without easy money?",
        "An independent lab defaults, is bought or is rescued in {claim a-lab-fails-or-is-saved}; OpenAI and Anthropic both keep half a year of cash throughout in {claim both-leaders-keep-half-a-year-of-cash}. Against the baseline OpenAI's value \
         {moves ln labs.openai.valuation_usd} and Anthropic's {moves ln labs.anthropic.valuation_usd}.",
    ),
    (
        "quick",
        "What does the baseline look like at a first look?",
        "At its horizon the largest enterprise share belongs most often to {first leads_share} and the highest value to {first leads_value}.",
    ),
    (
        "targeted-regulation",
        "Who gains, who pivots and who earns when the government of the United States acts against Anthropic?",
        "In the year after the action OpenAI's share rises while Anthropic's falls in {claim openai-gains-from-the-action}; Anthropic turns to commercialisation within 12 months in {claim safety-first-lab-pivots}. Against the history without it \
         Anthropic's enterprise share {moves labs.anthropic.enterprise_share}, OpenAI's {moves labs.openai.enterprise_share} and that of open weights {moves market.open_weights_share}; clouds, orchestration and monitoring earn most in {claim infrastructure-earns-most}.",
    ),
    (
        "trust-endgame",
        "Does trust win regulated buyers when audits are mandatory?",
        "Anthropic's lead over OpenAI in regulated sectors widens in the two years after audits become mandatory everywhere in {claim audits-widen-the-trusted-lead}; against the baseline its share of them {moves labs.anthropic.regulated_share} and OpenAI's \
         {moves labs.openai.regulated_share}. At the same use it causes fewer incidents in {claim fewer-incidents}, at a small loss of usefulness in {claim modest-loss-of-usefulness}.",
    ),
    (
        "regulatory-moat",
        "Who is behind the moat when the United States make audits and licences law and trusted labs have a say in rules?",
        "Against the baseline Anthropic's share of regulated sectors {moves labs.anthropic.regulated_share} and OpenAI's {moves labs.openai.regulated_share}, the share of open weights {moves market.open_weights_share} and the HHI {moves ln market.hhi}. \
         Three years after the rules bind Anthropic's share of regulated sectors is higher than before in {claim regulators-preferred-partner} and the market more concentrated in {claim rules-concentrate-the-market}.",
    ),
    (
        "export-controls-and-digital-ban",
        "Do Chinese models reach parity under tighter or relaxed controls, and does a ban split the market into blocs?",
        "Chinese models are at parity with the frontier by the end of 2028 in {claim parity-under-tighter-controls} where controls tightened; where they are relaxed a tenth of the spend abroad goes to them by the end of 2029 in \
         {claim relaxed-controls-open-the-west}. Blocs grow apart in {claim a-digital-ban-splits-the-market} with a ban, and in {claim without-a-ban-it-splits-as-well} without one.",
    ),
];

/// A claim as the table of a run scores it.
#[derive(Clone, Debug)]
pub(super) struct Scored {
    pub id: String,
    /// Share of the runs that count in which it holds; none where it cannot be decided.
    pub probability: Option<f64>,
    /// Runs that count, and those left out by its condition.
    pub n: u64,
    pub conditioned_out: u64,
}

/// Reads `claims.csv` of a folder of results.
pub(super) fn scored(folder: &Path) -> Vec<Scored> {
    let Ok(mut reader) = csv::Reader::from_path(folder.join("claims.csv")) else { return Vec::new() };
    let headers = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let field = |key: &str| headers.iter().position(|h| h == key).map_or("", |i| &record[i]).to_string();
        let count = |key: &str| field(key).parse().unwrap_or(0);
        Scored {
            id: field("id"),
            probability: field("probability").parse().ok(),
            n: count("n"),
            conditioned_out: count("conditioned_out"),
        }
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// What the runs of a page have found.
pub(super) struct Found<'a> {
    pub layout: &'a Layout,
    pub after: &'a Sample,
    /// The parent's runs, where there is a parent.
    pub before: Option<&'a Sample>,
    pub horizon: Month,
    pub claims: &'a [Scored],
}

/// The question of a scenario and its answer.
pub(super) fn answer(name: &str, found: &Found) -> String {
    let (_, question, text) =
        ANSWERS.iter().find(|(n, _, _)| *n == name).unwrap_or_else(|| panic!("no question of {name}"));
    format!("**{question}** {}\n\n", filled(text, found))
}

/// A template with its places filled.
fn filled(template: &str, found: &Found) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}').expect("a place ends");
        text.push_str(before);
        text.push_str(&said(place, found));
        rest = after;
    }
    text + rest
}

fn percent(x: f64) -> String {
    format!("{:.1}%", 100.0 * x)
}

/// The series of a path: `market.hhi`, `labs.openai.enterprise_share`.
fn series(path: &str) -> Wanted {
    let parts: Vec<&str> = path.split('.').collect();
    match parts[..] {
        ["market", metric] => Wanted::new(TableKind::Market, metric, "market"),
        ["labs", id, metric] => Wanted::new(TableKind::Labs, metric, id),
        _ => panic!("`{path}` is no series of an answer"),
    }
}

/// What the runs say in one place.
fn said(place: &str, found: &Found) -> String {
    let words: Vec<&str> = place.split(' ').collect();
    let kept = |w: &Wanted| found.after.stats(w, found.horizon).unwrap_or_else(|| panic!("{w:?} is not kept"));
    match words[..] {
        ["claim", id] => {
            let claim = found.claims.iter().find(|c| c.id == id).unwrap_or_else(|| panic!("no claim {id}"));
            let p = claim.probability.unwrap_or_else(|| panic!("{id} is not decided"));
            if claim.conditioned_out > 0 {
                format!("{} of the {} runs that it speaks of", percent(p), claim.n)
            } else {
                format!("{} of runs", percent(p))
            }
        }
        ["first", metric] => {
            let labs = found.layout.tables.iter().filter(|t| t.kind == TableKind::Labs).flat_map(|t| &t.entities);
            let often = labs.map(|lab| (kept(&Wanted::new(TableKind::Labs, metric, &lab.id)).mean, &lab.name));
            let (often, name) = often.max_by(|a, b| a.0.total_cmp(&b.0)).expect("there are labs");
            format!("{name} ({} of runs)", percent(often))
        }
        ["median", path] => percent(kept(&series(path)).quantiles[3]),
        ["moves", path] => moved(path, false, found),
        ["moves", "ln", path] => moved(path, true, found),
        _ => panic!("`{place}` says nothing"),
    }
}

/// How the runs differ from the parent's, pair by pair.
fn moved(path: &str, relative: bool, found: &Found) -> String {
    let w = series(path);
    let of = |s: &Sample| -> Vec<f64> {
        let values = s.values(&w, found.horizon).unwrap_or_else(|| panic!("{path} is not kept"));
        let log = |v: &f64| if *v > 0.0 { ln(*v) } else { f64::NAN };
        if relative { values.iter().map(log).collect() } else { values.to_vec() }
    };
    let before = found.before.expect("only a scenario with a parent moves");
    let p = Paired::new(&of(before), &of(found.after)).expect("there are pairs");
    let (low, high) = p.interval();
    let number = |x: f64| if relative { 100.0 * (exp(x) - 1.0) } else { 100.0 * x };
    let unit = if relative { "%" } else { " points" };
    match p.sign() {
        Sign::Noise => format!("does not move beyond noise ({:+.1} to {:+.1}{unit})", number(low), number(high)),
        sign => {
            let verb = if sign == Sign::Up { "rises" } else { "falls" };
            let ends = [number(low).abs(), number(high).abs()];
            let (least, most) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
            format!("{verb} by {:.1}{unit} ({least:.1} to {most:.1})", number(p.difference).abs())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use aimarket::experiment::sample::sample;
    use aimarket::run::Model;
    use aimarket::run::engine::Engine;
    use aimarket::scenario::{Scenario, shipped};

    use super::*;

    #[test]
    fn every_shipped_scenario_has_a_question_and_its_answer_names_claims_that_it_has() {
        for name in super::super::scenarios::names() {
            let (_, _, text) =
                ANSWERS.iter().find(|(n, _, _)| *n == name).unwrap_or_else(|| panic!("no question of {name}"));
            let scenario = Scenario::load(name, &[]).unwrap_or_else(|faults| panic!("{}", faults[0]));
            let has_parent = shipped::text(name).is_some_and(|t| !t.contains("extends = \"world\""));
            let engine = Engine::new(scenario);
            for place in text.split('{').skip(1).map(|p| p.split_once('}').expect("a place ends").0) {
                let words: Vec<&str> = place.split(' ').collect();
                if words[0] == "claim" {
                    let ids: Vec<&str> = engine.scenario().claims.iter().map(|c| c.id.as_str()).collect();
                    assert!(ids.contains(&words[1]), "{name} has no claim {}: {ids:?}", words[1]);
                }
                assert!(words[0] != "moves" || has_parent, "{name} has no parent");
            }
        }
        assert_eq!(ANSWERS.len(), super::super::scenarios::names().count());
    }

    #[test]
    fn an_answer_says_what_the_runs_say() {
        let run = |set: &[(&str, &str)]| {
            let all = [("enterprises.count", "60"), ("simulation.end", "\"2026-04\"")];
            let set: Vec<(String, String)> =
                all.iter().chain(set).map(|(p, v)| ((*p).to_string(), (*v).to_string())).collect();
            let engine = Engine::new(Scenario::load("quick", &set).unwrap_or_else(|faults| panic!("{}", faults[0])));
            let wanted = [series("market.hhi"), series("labs.openai.cash_usd")];
            let flags = [
                "openai",
                "anthropic",
                "google",
                "meta",
                "microsoft",
                "xai",
                "mistral",
                "cohere",
                "deepseek",
                "alibaba",
            ]
            .map(|id| Wanted::new(TableKind::Labs, "leads_share", id));
            let wanted = [&wanted[..], &flags[..]].concat();
            let kept = sample(&engine, &wanted, 24, 1, &AtomicBool::new(false), &mut |_| ()).unwrap();
            (engine.layout().clone(), kept)
        };
        let (layout, before) = run(&[]);
        let (_, richer) = run(&[("labs.openai.cash_usd", "100e9")]);
        let claims = [Scored { id: "x".into(), probability: Some(0.25), n: 8, conditioned_out: 16 }];
        let found = Found {
            layout: &layout,
            after: &richer,
            before: Some(&before),
            horizon: before.last().unwrap(),
            claims: &claims,
        };
        assert_eq!(filled("a {claim x} b", &found), "a 25.0% of the 8 runs that it speaks of b");
        assert!(filled("{moves ln labs.openai.cash_usd}", &found).starts_with("rises by "));
        let same = Found { after: &before, ..found };
        assert!(filled("{moves market.hhi}", &same).starts_with("does not move beyond noise"));
        let first = filled("{first leads_share}", &same);
        assert!(first.ends_with("% of runs)") && first.contains('('), "{first}");
        let poorer = Found { after: &before, before: Some(&richer), ..same };
        assert!(filled("{moves ln labs.openai.cash_usd}", &poorer).starts_with("falls by "));
    }
}
