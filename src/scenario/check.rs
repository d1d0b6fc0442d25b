//! Checks of a scenario as a whole: names that nothing declares, shares that do not sum, dates that run
//! back, sizes beyond the limits. Each is made wherever what it needs was read soundly, whatever else is at fault.

use crate::fields::Value;
use crate::scenario::document::{Node, Spot, Tree, What};
use crate::scenario::fault::{show, suggest};
use crate::scenario::nodes::{GROUPS, Setting, group};
use crate::scenario::overlay::head;
use crate::scenario::parameters::{MAX_STEPS, Parameters};
use crate::scenario::read::{REFERENCES, Reader, names_of};
use crate::scenario::timeline::Timeline;

/// How far a sum of shares may be from 1.
pub const SHARE_TOLERANCE: f64 = 0.005;

/// Most investors of all kinds together.
pub const MAX_INVESTORS: u64 = 10_000;

/// Checks the whole; faults go to the reader.
pub fn check(reader: &mut Reader<'_>, tree: &Tree, parameters: &Parameters, events: &Timeline) {
    // Without them there is no world, and all other checks would only say so in other words.
    let needed = [("labs", "lab", "openai"), ("sectors", "sector", "finance"), ("jurisdictions", "jurisdiction", "us")];
    let mut told = 0;
    for (group, noun, id) in needed.into_iter().filter(|(group, ..)| names_of(parameters, group).is_empty()) {
        // Of a group that could not be read that is told already; an empty file lacks all in one.
        if reader.unsound.spares(group) && (told == 0 || head(tree).is_some()) {
            let hint = format!("write extends = \"baseline\", or a table [{group}.{id}]");
            reader.fault(Spot::FIRST, format!("the scenario has no {noun}"), hint);
            told += 1;
        }
    }
    let Some(top) = head(tree).filter(|_| told == 0) else { return };
    let at = |path: &str| tree.towards(path).map_or(top, |e| e.node.at);
    names(reader, tree, parameters);
    dates(reader, &at, parameters);
    sums(reader, &at, parameters);
    bounds(reader, &at, parameters, events);
    sizes(reader, &at, parameters);
    draw_keys(reader, &at, parameters);
}

/// Every name in a map or list that refers to an agent.
fn names(reader: &mut Reader<'_>, tree: &Tree, parameters: &Parameters) {
    for group in GROUPS {
        for id in group.ids(parameters) {
            for (owner, field, _) in REFERENCES.iter().filter(|r| r.0 == group.name) {
                let path = format!("{owner}.{id}.{field}");
                if reader.unsound.is(&path) {
                    continue;
                }
                let Some(entry) = tree.towards(&path).filter(|e| path.ends_with(&format!(".{}", e.name))) else {
                    continue;
                };
                let written = match &entry.node.what {
                    What::Text(text) => Setting::Value(Value::Text(text.clone())),
                    What::List(_) => Setting::Value(Value::Texts(Vec::new())),
                    What::Table(_) => Setting::Value(Value::Keyed(Default::default())),
                    _ => continue,
                };
                names_in(reader, &entry.node, &path, written, parameters);
            }
        }
    }
    for regulator in &parameters.regulators {
        if parameters.jurisdiction(&regulator.id).is_none()
            && !reader.unsound.may_hold("jurisdictions", &regulator.id)
            && let Some(entry) = tree.towards(&format!("regulators.{}", regulator.id))
        {
            let ids = names_of(parameters, "jurisdictions");
            let message = format!("regulator `{}` has no jurisdiction of that name", regulator.id);
            reader.fault(entry.name_at, message, suggest(&regulator.id, &ids));
        }
    }
}

/// Checks the names that a value refers to, and drops those of removed agents.
pub fn names_in(
    reader: &mut Reader<'_>,
    node: &Node,
    path: &str,
    setting: Setting,
    parameters: &Parameters,
) -> Setting {
    let mut parts = path.splitn(3, '.');
    let (owner, field) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
    let Some((_, _, target)) = REFERENCES.iter().find(|(o, f, _)| *o == owner && *f == field) else { return setting };
    let noun = group(target).map_or("workload", |g| g.noun);
    let known: Vec<String> = names_of(parameters, target).into_iter().map(str::to_string).collect();
    let removed: Vec<String> =
        reader.removed.iter().filter(|(group, _)| group == target).map(|(_, id)| id.clone()).collect();
    let mut check = |name: &str, at: Spot| {
        let there = known.iter().chain(&removed).any(|k| k == name) || reader.unsound.may_hold(target, name);
        if !there {
            let names: Vec<&str> = known.iter().map(String::as_str).collect();
            reader.fault(at, format!("`{path}` names `{name}`, which is no {noun}"), suggest(name, &names));
        }
    };
    match &node.what {
        What::Text(text) => check(text, node.at),
        What::List(list) => list.iter().for_each(|n| check(n.text().unwrap_or_default(), n.at)),
        What::Table(tree) => tree.entries.iter().for_each(|e| check(&e.name, e.name_at)),
        _ => {}
    }
    match setting {
        Setting::Value(Value::Texts(mut list)) => {
            list.retain(|name| !removed.contains(name));
            Setting::Value(Value::Texts(list))
        }
        Setting::Value(Value::Keyed(mut map)) => {
            map.retain(|name, _| !removed.contains(name));
            Setting::Value(Value::Keyed(map))
        }
        other => other,
    }
}

fn dates(reader: &mut Reader<'_>, at: &impl Fn(&str) -> Spot, parameters: &Parameters) {
    let simulation = &parameters.simulation;
    let steps_per_year = simulation.steps_per_year;
    let mut steps_are_sound = reader.unsound.spares("simulation.steps_per_year");
    if steps_are_sound && ![1, 2, 4, 12].contains(&steps_per_year) {
        let message = format!("`simulation.steps_per_year` is {steps_per_year}");
        reader.fault(at("simulation.steps_per_year"), message, "12, 4, 2 or 1 would do".to_string());
        steps_are_sound = false;
    }
    if !reader.unsound.spares("simulation.start") {
        return;
    }
    if reader.unsound.spares("simulation.end") {
        horizon(reader, at, parameters, steps_are_sound);
    }
    for lab in &parameters.labs {
        let start = &lab.values.start;
        let path = format!("labs.{}.last_round", lab.id);
        let sound = reader.unsound.spares(&path) && reader.unsound.spares(&format!("{path}_post_money_usd"));
        if sound && start.last_round_post_money_usd > 0.0 && start.last_round > parameters.month_before_start() {
            let message = format!("dates run back: `{path}` is {}, after the initial state", start.last_round);
            let hint = format!("{} or earlier would do", parameters.month_before_start());
            reader.fault(at(&path), message, hint);
        }
    }
}

/// What lies between the start and the end. An end that cannot be is none for the dates of claims.
fn horizon(reader: &mut Reader<'_>, at: &impl Fn(&str) -> Spot, parameters: &Parameters, steps_are_sound: bool) {
    let simulation = &parameters.simulation;
    let months = simulation.end.since(simulation.start) + 1;
    if months < 0 {
        let message = format!("dates run back: the end {} is before the start {}", simulation.end, simulation.start);
        let least = parameters.month_before_start();
        let hint = format!("an end of {least} gives no step, of {} one month", simulation.start);
        reader.fault(at("simulation.end"), message, hint);
        reader.unsound.push("simulation.end");
        return;
    }
    if !steps_are_sound {
        return;
    }
    let step = parameters.months_per_step();
    if months % step != 0 {
        let message = format!("{months} months are no whole number of steps of {step} months");
        let hint = format!("an end of {} would do", simulation.end.plus(-(months % step)));
        reader.fault(at("simulation.end"), message, hint);
    }
    if parameters.steps() > MAX_STEPS {
        let message = format!("the horizon is {} steps", parameters.steps());
        reader.fault(at("simulation.end"), message, format!("at most {MAX_STEPS} steps would do"));
    }
}

fn sums(reader: &mut Reader<'_>, at: &impl Fn(&str) -> Spot, parameters: &Parameters) {
    let rounded = |x: f64| show((x * 1e6).round() / 1e6);
    let mut whole = |path: &str, terms: &[&str], what: &str, sum: f64| {
        let sound = terms.iter().all(|term| reader.unsound.spares(term));
        if sound && (sum - 1.0).abs() > SHARE_TOLERANCE {
            let off = if sum < 1.0 { "missing" } else { "too much" };
            let message = format!("the sum of {what} is {}, not 1", rounded(sum));
            let hint = format!("{} is {off}; within {SHARE_TOLERANCE} of 1 would do", rounded((sum - 1.0).abs()));
            reader.fault(at(path), message, hint);
        }
    };
    let p = parameters;
    if !p.labs.is_empty() {
        let (own, own_path) = (p.demand_start.self_hosted_share, "demand.start.self_hosted_share");
        let shares = |share: fn(&crate::scenario::parameters::LabStart) -> f64| {
            p.labs.iter().fold(own, |sum, lab| sum + share(&lab.values.start))
        };
        let mut of_labs = |name: &str, sum: f64| {
            let what = format!("`{name}` of all labs and `{own_path}`");
            whole("labs", &[&format!("labs.*.{name}"), own_path], &what, sum);
        };
        of_labs("enterprise_share", shares(|l| l.enterprise_share));
        of_labs("coding_share", shares(|l| l.coding_share));
    }
    let mut of_all = |group: &str, name: &str, count: usize, sum: f64| {
        if count > 0 {
            whole(group, &[&format!("{group}.*.{name}")], &format!("`{name}` of all {group}"), sum);
        }
    };
    let sum = p.jurisdictions.iter().map(|j| j.values.enterprise_share).sum();
    of_all("jurisdictions", "enterprise_share", p.jurisdictions.len(), sum);
    of_all("sectors", "spend_share", p.sectors.len(), p.sectors.iter().map(|s| s.values.spend_share).sum());
    let sum = p.clouds.iter().map(|c| c.values.enterprise_share).sum();
    of_all("clouds", "enterprise_share", p.clouds.len(), sum);
    for lab in &p.labs {
        let clouds = &lab.values.compute.clouds;
        let (path, rented) = (format!("labs.{}.compute.clouds", lab.id), format!("labs.{}.rented_h100e", lab.id));
        // A lab that rents nothing yet need not say from whom it would; where it does, the shares are those of what it will rent.
        let terms: &[&str] = if clouds.is_empty() { &[&path, &rented] } else { &[&path] };
        if lab.values.start.rented_h100e > 0.0 || !clouds.is_empty() {
            whole(&path, terms, &format!("shares in `{path}`"), clouds.values().sum());
        }
    }
    for jurisdiction in &p.jurisdictions {
        let sum: f64 = p.labs.iter().filter_map(|l| l.values.start.consumer_share.get(&jurisdiction.id)).sum();
        let sound = reader.unsound.spares(&format!("labs.*.consumer_share.{}", jurisdiction.id));
        if sound && sum > 1.0 + SHARE_TOLERANCE {
            let message = format!("`consumer_share` of all labs in {} sums to {}", jurisdiction.id, rounded(sum));
            reader.fault(at("labs"), message, "a sum of at most 1 would do".to_string());
        }
    }
    for kind in &p.investors {
        let k = &kind.values;
        let groups = k.groups.len() + usize::from(k.chip_maker_share > 0.0);
        let sum = k.groups.values().sum::<f64>() + k.chip_maker_share;
        let path = format!("investors.{}.groups", kind.id);
        let spares = |name: &str| reader.unsound.spares(&format!("investors.{}.{name}", kind.id));
        let (sound, counted) = (spares("groups") && spares("chip_maker_share"), spares("count"));
        if sound && sum > 1.0 + SHARE_TOLERANCE {
            let message = format!("groups hold {} of the money of investors.{}", rounded(sum), kind.id);
            reader.fault(at(&path), message, "a sum of at most 1 would do".to_string());
        }
        if sound && counted && groups as u64 > k.count {
            let message = format!("investors.{} has {groups} groups and {} investors", kind.id, k.count);
            reader.fault(at(&path), message, format!("a count of {groups} or more would do"));
        }
    }
    let split = p.demand_start.coding_spend_share + p.demand_start.customer_spend_share;
    let spares = |name: &str| reader.unsound.spares(&format!("demand.start.{name}"));
    if spares("coding_spend_share") && spares("customer_spend_share") && split > 1.0 {
        let message = format!("coding and customer-facing work have {} of spend together", rounded(split));
        let hint = "a sum of at most 1 would do; the rest is knowledge work".to_string();
        reader.fault(at("demand.start"), message, hint);
    }
}

/// Parameters that contradict each other: what is said of them, or none.
pub fn contradiction(parameters: &Parameters) -> Option<String> {
    let (floor, cap) = (parameters.pricing.markup_floor, parameters.pricing.markup_cap);
    (floor > cap).then(|| {
        format!("`pricing.markup_floor` is {}, above `pricing.markup_cap`, which is {}", show(floor), show(cap))
    })
}

/// Bounds that cross, as the scenario sets them and as each event would. Draws are looked at run by run.
fn bounds(reader: &mut Reader<'_>, at: &impl Fn(&str) -> Spot, parameters: &Parameters, events: &Timeline) {
    let hint = || "a floor no higher than the cap would do".to_string();
    if let Some(message) = contradiction(parameters) {
        reader.fault(at("pricing.markup_floor"), message, hint());
        return;
    }
    let bounding = |path: &str| path.starts_with("pricing.markup_");
    for event in events.events.iter().filter(|e| e.set.iter().any(|change| bounding(&change.path))) {
        let mut then = parameters.clone();
        for change in &event.set {
            change.place().set(&mut then, &change.setting);
        }
        if let Some(message) = contradiction(&then) {
            reader.fault(at("event"), format!("under event `{}` {message}", event.id), hint());
        }
    }
}

fn sizes(reader: &mut Reader<'_>, at: &impl Fn(&str) -> Spot, parameters: &Parameters) {
    // Labs are counted while they are read; runs and enterprises have bounds of their own.
    let investors: u64 = parameters.investors.iter().map(|i| i.values.count).sum();
    if reader.unsound.spares("investors.*.count") && investors > MAX_INVESTORS {
        let message = format!("the scenario has {investors} investors");
        reader.fault(at("investors"), message, format!("at most {MAX_INVESTORS} would do"));
    }
}

fn draw_keys(reader: &mut Reader<'_>, at: &impl Fn(&str) -> Spot, parameters: &Parameters) {
    let labs = parameters.labs.iter().map(|a| ("labs", &a.id, a.key));
    let clouds = parameters.clouds.iter().map(|a| ("clouds", &a.id, a.key));
    let all: Vec<_> = labs.chain(clouds).collect();
    for (i, (group, id, key)) in all.iter().enumerate() {
        if let Some((_, other, _)) = all[..i].iter().find(|(g, _, k)| g == group && k == key) {
            let message = format!("{group}.{other} and {group}.{id} have the same draw key");
            let keys = [id, other].map(|id| format!("{group}.{id}.draw_key"));
            if keys.iter().any(|key| !reader.unsound.spares(key)) {
                continue;
            }
            let hint = "a `draw_key` of its own, or none, would do".to_string();
            reader.fault(at(&format!("{group}.{id}.draw_key")), message, hint);
        }
    }
}
