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

/// Groups of parameters that belong to agents and to the frame rather than to one mechanism.
const AGENTS: &[(&str, &[&str])] = &[
    ("Simulation", &["simulation"]),
    ("Labs", &["labs.<id>", "labs.<id>.compute", "labs.<id>.alignment", "labs.<id>.governance"]),
    ("Clouds", &["clouds.<id>"]),
    ("Investors", &["investors.<id>"]),
    ("Jurisdictions and sectors", &["jurisdictions.<id>", "sectors.<id>"]),
    ("Regulators", &["regulators.<id>"]),
];

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

/// The header of a source file, without the marks of a comment: its first line is the title.
fn header(file: &str) -> (String, String) {
    let path = root().join("src/mechanisms").join(format!("{file}.rs"));
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

#[test]
fn every_equation_and_parameter_stands_in_the_documentation_of_the_model() {
    let mut text = String::new();
    for (file, groups) in MECHANISMS {
        let (title, body) = header(file);
        let _ = writeln!(text, "### {title}\n\nIn `src/mechanisms/{file}.rs`.\n{body}\n\n{}", parameters(groups));
    }
    hold("model.md", "mechanisms", &text);
    let mut text = String::new();
    for (name, groups) in AGENTS {
        let _ = writeln!(text, "### {name}\n\n{}", parameters(groups));
    }
    hold("model.md", "agents", &text);
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
