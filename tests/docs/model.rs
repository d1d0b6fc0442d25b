//! `docs/model.md`: equations from the headers of the mechanisms, tables from the declarations of the parameters.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use aimarket::record::{TableKind, columns};
use aimarket::scenario::{Basis, InitialProvenance, Scenario, describe};

use crate::{cell, hold, root};

/// The mechanisms in the order of a month: the file, and the groups of parameters that belong to it.
const MECHANISMS: &[(&str, &[&str])] = &[
    ("environment", &["environment", "environment.start"]),
    ("regulation", &["regulation"]),
    ("enforcement", &["enforcement"]),
    ("antitrust", &["antitrust"]),
    ("government", &["government"]),
    ("compute", &["compute"]),
    ("holdup", &["hold_up"]),
    ("clouds", &["cloud_market"]),
    ("research", &["research"]),
    ("safety", &["safety"]),
    ("incidents", &["incidents"]),
    ("trust", &["trust"]),
    ("choice", &["demand", "demand.start"]),
    ("adoption", &["adoption", "enterprises"]),
    ("spend", &["spend"]),
    ("pricing", &["pricing"]),
    ("applications", &["applications", "applications.start"]),
    ("orchestration", &["orchestration", "orchestration.start"]),
    ("diffusion", &[]),
    ("governance_tools", &["governance_tools", "governance_tools.start"]),
    ("entry", &[]),
    ("consumers", &["consumers", "other_business"]),
    ("surplus", &["surplus"]),
    ("concentration", &[]),
    ("valuation", &["valuation"]),
    ("forecasts", &["forecasts"]),
    ("investors", &["rounds"]),
    ("terms", &["terms"]),
    ("exits", &["exits"]),
    ("governance", &["governance"]),
    ("adaptation", &["adaptation"]),
];

/// Files of a month, and the ledger, whose equations stand in a header of their own, in the order of a month.
const MONTH: &[&str] = &[
    "step/labs/plan",
    "step/demand",
    "step/demand/utility",
    "step/other_business",
    "step/settle",
    "step/clearing",
    "world/ledger",
];

/// The same of the initial state, in the order in which it is written.
const START: &[&str] = &[
    "step/start/mod",
    "step/start/labs",
    "step/start/clouds",
    "step/start/enterprises",
    "step/start/enterprises/vendors",
    "step/start/consumers",
    "step/start/other_business",
    "step/start/applications",
    "step/start/investors",
];

/// All other files of a step: each carries out the equations that stand under a mechanism or one of the files above.
const CARRIED_OUT: &[(&str, &str)] = &[
    ("step/adaptation", "adaptation"),
    ("step/applications", "applications"),
    ("step/capital", "investors"),
    ("step/capital/book", "investors"),
    ("step/capital/exits", "exits"),
    ("step/capital/forecasts", "forecasts"),
    ("step/capital/strategic", "terms"),
    ("step/clouds", "clouds"),
    ("step/consumers", "consumers"),
    ("step/demand/bans", "step/demand/utility"),
    ("step/demand/holdings", "step/demand"),
    ("step/demand/shocks", "incidents"),
    ("step/demand/totals", "spend"),
    ("step/environment", "environment"),
    ("step/governance", "governance"),
    ("step/government", "government"),
    ("step/labs/holdup", "holdup"),
    ("step/labs/incidents", "incidents"),
    ("step/labs/price", "pricing"),
    ("step/labs/research", "research"),
    ("step/posture", "adaptation"),
    ("step/quality", "choice"),
    ("step/regulators", "regulation"),
    ("step/regulators/antitrust", "antitrust"),
    ("step/regulators/enforce", "enforcement"),
    ("step/regulators/targeted", "regulation"),
    ("step/start/regulators", "regulation"),
    ("step/start/tools", "entry"),
    ("step/tools", "governance_tools"),
];

/// Files of `src/step` without anything to tell: lists of modules, and worlds for tests.
const NOT_OF_THE_MODEL: &[&str] =
    &["step/mod", "step/labs/mod", "step/tests_support", "step/capital/deals", "step/capital/fixture"];

/// Groups of parameters that belong to agents and to the frame rather than to one mechanism.
const AGENTS: &[(&str, &[&str])] = &[
    ("Simulation", &["simulation"]),
    ("Labs", &["labs.<id>", "labs.<id>.compute", "labs.<id>.alignment", "labs.<id>.governance"]),
    ("Clouds", &["clouds.<id>"]),
    ("Investors", &["investors.<id>"]),
    ("Jurisdictions and sectors", &["jurisdictions.<id>", "sectors.<id>"]),
    ("Regulators", &["regulators.<id>"]),
];

/// What agents are called and how they are drawn: it enters no equation.
const LABELS: &[&str] = &["name", "draw_key", "colour"];

/// The group of a path: all but its last part.
fn group(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(group, _)| group)
}

/// Whether a group is that of a strategy: its parameters stand under the strategies, whatever agent chooses it.
fn of_strategy(group: &str) -> bool {
    group.contains(".strategy.")
}

/// The table of the parameters of some groups, with what the baseline says where that differs from the default.
fn parameters(groups: &[&str]) -> String {
    if groups.is_empty() { String::new() } else { parameters_where(|group| groups.contains(&group)) }
}

/// The same of the groups that a test picks.
fn parameters_where(picked: impl Fn(&str) -> bool) -> String {
    let baseline = Scenario::load("baseline", &[]).expect("the baseline is sound");
    let resolved = describe::resolved(&baseline);
    let mut text = "| parameter | default | baseline | unit | range | tag | meaning | source of the default |\n|---|---|---|---|---|---|---|---|\n".to_string();
    for row in describe::parameters().iter().filter(|r| picked(group(&r.path))) {
        let set = resolved.iter().find(|r| r.path == row.path).map_or("", |r| r.value.as_str());
        let set = if row.path.contains('<') {
            "by agent"
        } else if set == row.default {
            "same"
        } else {
            set
        };
        let cells = [&row.path, &row.default, set, row.unit, &row.range, row.tag, row.meaning, row.source].map(cell);
        let _ = writeln!(text, "| `{}` | {} |", cells[0], cells[1..].join(" | "));
    }
    text
}

/// The file of a mechanism, or a file by its path under `src` without its ending.
fn file_of(name: &str) -> String {
    if name.contains('/') { format!("src/{name}.rs") } else { format!("src/mechanisms/{name}.rs") }
}

/// The header of a source file, without the marks of a comment: its first line is the title.
fn header(name: &str) -> (String, String) {
    let path = root().join(file_of(name));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let lines: Vec<&str> = text
        .lines()
        .take_while(|l| l.starts_with("//!"))
        .map(|l| l.trim_start_matches("//!").strip_prefix(' ').unwrap_or(""))
        .collect();
    // The title runs to the first line that is empty or opens a block.
    let end = lines.iter().position(|l| l.is_empty() || l.starts_with("```")).unwrap_or(lines.len());
    (lines[..end].join(" "), lines[end..].join("\n"))
}

/// Whether a source text imports a mechanism, alone or among others.
fn imports(text: &str, mechanism: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find("crate::mechanisms::") {
        rest = &rest[at + "crate::mechanisms::".len()..];
        let end = rest.find(if rest.starts_with('{') { '}' } else { ';' }).unwrap_or(rest.len());
        let path = &rest[..end];
        // In a list every name may be one; else the first of the path is.
        let mut words = path.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
        let found = if path.starts_with('{') { words.any(|w| w == mechanism) } else { words.next() == Some(mechanism) };
        if found {
            return true;
        }
    }
    false
}

/// Where the equations of a file stand, and which files carry them out.
fn whereabouts(name: &str) -> String {
    let listed = CARRIED_OUT.iter().filter(|(_, of)| *of == name).map(|(by, _)| (*by).to_string());
    let mut by: BTreeSet<String> = listed.collect();
    if !name.contains('/') {
        let mut files = BTreeSet::new();
        for folder in ["step", "record", "world"] {
            files_under(folder, &mut files);
        }
        let text = |file: &String| fs::read_to_string(root().join(file_of(file))).unwrap();
        let of_the_model = files.into_iter().filter(|file| !NOT_OF_THE_MODEL.contains(&file.as_str()));
        by.extend(of_the_model.filter(|file| imports(&text(file), name)));
        assert!(!by.is_empty(), "{name} is used nowhere");
    }
    let by: Vec<String> = by.iter().map(|by| format!("`{}`", file_of(by))).collect();
    let by = if by.is_empty() { String::new() } else { format!(", carried out by {}", by.join(", ")) };
    format!("In `{}`{by}.", file_of(name))
}

/// The submodels of these files.
fn submodels(files: &[&str]) -> String {
    let mut text = String::new();
    for file in files {
        let (title, body) = header(file);
        let _ = writeln!(text, "### {title}\n\n{}\n{body}\n", whereabouts(file));
    }
    text
}

#[test]
fn every_equation_and_parameter_stands_in_the_documentation_of_the_model() {
    let mut text = String::new();
    for (file, groups) in MECHANISMS {
        let (title, body) = header(file);
        let _ = writeln!(text, "### {title}\n\n{}\n{body}\n\n{}", whereabouts(file), parameters(groups));
    }
    hold("model.md", "mechanisms", &text);
    hold("model.md", "month", &submodels(MONTH));
    hold("model.md", "start", &submodels(START));
    let mut text = String::new();
    for (name, groups) in AGENTS {
        let _ = writeln!(text, "### {name}\n\n{}", parameters(groups));
    }
    hold("model.md", "agents", &text);
}

/// Files of a folder under `src`, and of its folders, as paths under `src` without their ending; tests are left out.
fn files_under(folder: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(root().join("src").join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            files_under(&path, found);
        } else if let Some(file) = path.strip_suffix(".rs").filter(|file| !file.ends_with("/tests")) {
            found.insert(file.to_string());
        }
    }
}

#[test]
fn every_file_of_a_step_tells_its_equations_or_whose_they_are() {
    let mut files = BTreeSet::new();
    files_under("step", &mut files);
    files.insert("world/ledger".to_string());
    let listed = || MONTH.iter().chain(START).chain(NOT_OF_THE_MODEL).copied().chain(CARRIED_OUT.iter().map(|c| c.0));
    let told: BTreeSet<String> = listed().map(str::to_string).collect();
    assert_eq!(files, told, "tests/docs/model.rs lists the files of a step");
    assert_eq!(told.len(), listed().count(), "each of them once");
    for (file, of) in CARRIED_OUT {
        let known = MECHANISMS.iter().any(|(m, _)| m == of) || MONTH.contains(of) || START.contains(of);
        assert!(known, "{file} carries out the equations of {of}, which is told nowhere");
    }
}

/// Blocks of a header that are set as they stand, and the words around them.
fn blocks(body: &str) -> (String, String) {
    let (mut set, mut words, mut inside) = (String::new(), String::new(), false);
    for line in body.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else {
            let out = if inside { &mut set } else { &mut words };
            out.push_str(line);
            out.push('\n');
        }
    }
    (set, words)
}

/// Whether a text names where an equation is from: a work by its year, or the model itself.
fn names_a_source(text: &str) -> bool {
    let words = || text.split(|c: char| !c.is_alphanumeric());
    let year = |w: &str| w.len() == 4 && w.parse().is_ok_and(|y: u32| (1700..2100).contains(&y));
    words().any(|w| year(w) || w == "own" || w == "Own")
}

#[test]
fn every_submodel_has_an_equation_and_its_source() {
    for name in MECHANISMS.iter().map(|(file, _)| file).chain(MONTH).chain(START) {
        let (title, body) = header(name);
        let (equations, words) = blocks(&body);
        let relation = |l: &str| ["=", "←", "+=", "<", ">"].iter().any(|sign| l.contains(sign));
        assert!(equations.lines().any(relation), "the header of {} states no equation", file_of(name));
        assert!(names_a_source(&format!("{title} {words}")), "the header of {} names no source", file_of(name));
    }
}

#[test]
fn every_parameter_is_named_where_its_equation_stands() {
    let headers: Vec<(&str, String)> = MECHANISMS
        .iter()
        .map(|(file, _)| *file)
        .chain(MONTH.iter().chain(START).copied())
        .map(|name| (name, header(name).1))
        .collect();
    let rows = describe::parameters();
    let mut missing = Vec::new();
    for (file, groups) in MECHANISMS {
        for row in rows.iter().filter(|r| groups.contains(&group(&r.path))) {
            let leaf = row.path.rsplit('.').next().unwrap_or(&row.path);
            // By its name where its mechanism is told, or by its path anywhere.
            let (own, path) = (format!("`{leaf}`"), format!("`{}`", row.path));
            if !headers.iter().any(|(name, body)| name == file && body.contains(&own) || body.contains(&path)) {
                missing.push(format!("{} in {}", row.path, file_of(file)));
            }
        }
    }
    // Those of agents and strategies are used in more places than one.
    let of_agent = |group: &str| of_strategy(group) || AGENTS.iter().skip(1).any(|(_, groups)| groups.contains(&group));
    for row in rows.iter().filter(|r| of_agent(group(&r.path))) {
        let leaf = row.path.rsplit('.').next().unwrap_or(&row.path);
        let own = format!("`{leaf}`");
        if !LABELS.contains(&leaf) && !headers.iter().any(|(_, body)| body.contains(&own)) {
            missing.push(row.path.clone());
        }
    }
    assert!(missing.is_empty(), "no header says in which equation these stand:\n{}", missing.join("\n"));
}

#[test]
fn headers_name_only_parameters_that_there_are() {
    let rows = describe::parameters();
    let roots: BTreeSet<&str> = rows.iter().filter_map(|r| r.path.split('.').next()).collect();
    for name in MECHANISMS.iter().map(|(file, _)| file).chain(MONTH).chain(START) {
        let (_, body) = header(name);
        for quoted in blocks(&body).1.split('`').skip(1).step_by(2) {
            // A path of a parameter begins with the name of a table; fields of agents are named without one.
            let is_path = quoted.split_once('.').is_some_and(|(root, _)| roots.contains(root));
            let is_path = is_path && quoted.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
            assert!(
                !is_path || rows.iter().any(|r| r.path == quoted),
                "the header of {} names `{quoted}`, which is no parameter",
                file_of(name)
            );
        }
    }
}

#[test]
fn no_mechanism_and_no_parameter_is_left_out() {
    let files: BTreeSet<String> = fs::read_dir(root().join("src/mechanisms"))
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().trim_end_matches(".rs").to_string())
        .filter(|name| name != "mod")
        .collect();
    let told: BTreeSet<String> = MECHANISMS.iter().map(|(file, _)| (*file).to_string()).collect();
    assert_eq!(files, told, "tests/docs/model.rs lists the mechanisms");
    let named = |g: &str| MECHANISMS.iter().chain(AGENTS).filter(|(_, groups)| groups.contains(&g)).count();
    let strategies = strategies();
    for row in describe::parameters() {
        let group = group(&row.path);
        if of_strategy(group) {
            let line = format!("| `{}` | {} | by agent | {} |", row.path, cell(&row.default), cell(row.unit));
            assert!(strategies.contains(&line), "`{}` stands under the strategies with its default and unit", row.path);
        }
        let elsewhere = group == "mechanisms" || of_strategy(group);
        assert_eq!(named(group), usize::from(!elsewhere), "parameters of `{group}` stand in the documentation once");
    }
}

/// The strategies, and then the parameters of all of them.
fn strategies() -> String {
    let mut text = "| chosen at | strategy | what it does | its parameters |\n|---|---|---|---|\n".to_string();
    for row in describe::strategies() {
        let parameters: Vec<String> = row.parameters.iter().map(|p| format!("`{p}`")).collect();
        let _ =
            writeln!(text, "| `{}` | `{}` | {} | {} |", row.path, row.name, cell(row.meaning), parameters.join(", "));
    }
    let _ = write!(text, "\n{}", parameters_where(of_strategy));
    text
}

#[test]
fn switches_strategies_and_metrics_stand_in_the_documentation_of_the_model() {
    let mut text = "| switch | what it does, and what holds when it is off |\n|---|---|\n".to_string();
    for row in describe::mechanisms() {
        let _ = writeln!(text, "| `{}` | {} |", row.name, cell(&row.meaning));
    }
    hold("model.md", "switches", &text);

    hold("model.md", "strategies", &strategies());

    let baseline = Scenario::load("baseline", &[]).expect("the baseline is sound");
    let mut text = "| metric | unit | core | meaning |\n|---|---|---|---|\n".to_string();
    for kind in TableKind::ALL {
        for column in columns(kind, &baseline.parameters) {
            let before =
                if kind == TableKind::Market { "market.".to_string() } else { format!("{}.<id>.", kind.word()) };
            let core = if column.core { "yes" } else { "" };
            let _ =
                writeln!(text, "| `{before}{}` | {} | {core} | {} |", column.name, column.unit, cell(&column.meaning));
        }
    }
    hold("model.md", "metrics", &text);
}

#[test]
fn what_the_initial_state_rests_on_is_counted() {
    let baseline = Scenario::load("baseline", &[]).expect("the baseline is sound");
    let all = baseline.initial_provenance();
    let mut groups: Vec<(String, InitialProvenance)> = Vec::new();
    for (path, basis, drawn) in baseline.initial_values() {
        let group = path.split('.').next().unwrap_or_default();
        let at = groups.iter().position(|(name, _)| name == group).unwrap_or_else(|| {
            groups.push((group.to_string(), InitialProvenance::default()));
            groups.len() - 1
        });
        let count = &mut groups[at].1;
        match basis {
            Basis::Observed | Basis::Derived => count.observed += 1,
            Basis::Prior => {
                count.priors += 1;
                count.drawn += usize::from(drawn);
            }
        }
    }
    let mut text = format!(
        "`baseline` has {} initial values, counted one by one with what it takes from `scenarios/world.toml`: {} are observed or derived from observations and {} are priors, of which {} are drawn once a run and {} are fixed points, \
         whose uncertainty no band holds.\n\n| group | observed or derived | priors | of them drawn | fixed |\n|---|---|---|---|---|\n",
        all.observed + all.priors,
        all.observed,
        all.priors,
        all.drawn,
        all.priors - all.drawn
    );
    groups.sort();
    for (name, n) in &groups {
        let _ = writeln!(text, "| `{name}` | {} | {} | {} | {} |", n.observed, n.priors, n.drawn, n.priors - n.drawn);
    }
    hold("model.md", "priors", &text);
}
