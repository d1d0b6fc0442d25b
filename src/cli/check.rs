//! `aimarket check`

use super::arguments::CheckArguments;
use super::failure::{Failure, SCENARIO};
use super::list::print;
use super::needs::free_memory;
use super::run::{cores, tell_undecidable};
use super::sweep;
use super::terminal::{size, thousands};
use crate::output::selection::Needs;
use crate::output::{Format, Paths};
use crate::record::claims;
use crate::run::Model;
use crate::scenario::{Scenario, describe};

/// Reads, resolves and checks scenarios; all faults of all of them are told.
pub fn check<M: Model>(
    arguments: &CheckArguments,
    prepare: &impl Fn(&Scenario) -> Result<M, String>,
) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for what in &arguments.scenarios {
        match one(what, arguments, prepare) {
            Ok(()) => {}
            Err(failure) => wrong.push(failure.text),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure { code: SCENARIO, text: wrong.join("\n") }) }
}

fn one<M: Model>(
    what: &str,
    arguments: &CheckArguments,
    prepare: &impl Fn(&Scenario) -> Result<M, String>,
) -> Result<(), Failure> {
    let scenario = claims::load(what, &arguments.set).map_err(|faults| Failure::faults(&faults))?;
    if arguments.resolved {
        let rows = describe::resolved(&scenario).into_iter().map(|r| {
            let words = [r.unit, &r.range, r.tag].map(str::to_string);
            [r.path, r.value].into_iter().chain(words).chain([r.source]).collect()
        });
        print(&rows.collect::<Vec<_>>());
    }
    let model = prepare(&scenario).map_err(|e| Failure::new(SCENARIO, format!("{what}: {e}")))?;
    sweep::check_table(&scenario, what)?;
    let runs = scenario.parameters.simulation.runs;
    let enterprises = scenario.parameters.enterprises.count;
    let needs = Needs::estimate(model.layout(), runs, Paths::for_runs(runs), Format::Parquet, cores(), enterprises);
    let free = free_memory().map_or(String::new(), |free| format!(" ({} free)", size(free)));
    anstream::eprintln!(
        "{what}: sound. {} runs of {} steps, {} enterprises, {} labs; some {} of memory{free} and {} of disk",
        thousands(runs),
        scenario.parameters.steps(),
        thousands(scenario.parameters.enterprises.count),
        scenario.parameters.labs.len(),
        size(needs.memory),
        size(needs.disk),
    );
    scenario.notes.iter().for_each(|note| anstream::eprintln!("{what}: {note}"));
    tell_undecidable(what, model.claims());
    Ok(())
}
