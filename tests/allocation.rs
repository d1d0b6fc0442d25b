//! No memory is asked for within a month once a worker has lived its first run.

use aimarket::random::Draws;
use aimarket::scenario::Scenario;
use aimarket::step::{self, Context};
use aimarket::world::World;

/// Allocations within all steps of a run, and how many labs defaulted in it.
fn run(scenario: &Scenario, world: &mut World, run: u64) -> (u64, usize) {
    let mut p = scenario.parameters.clone();
    scenario.draw(p.simulation.seed, run, &mut p);
    let draws = Draws::new(p.simulation.seed, run);
    let start = p.month_before_start();
    step::start::start(world, &Context::new(&p, draws, start));
    let mut allocations = 0;
    for n in 1..=p.steps() {
        let ctx = Context::new(&p, draws, start.plus(n as i32 * p.months_per_step()));
        world.ledger.begin_step();
        let mut lived = Ok(());
        allocations += allocation_counter::measure(|| lived = step::advance(world, &ctx)).count_total;
        assert!(lived.is_ok(), "run {run}: {lived:?}");
    }
    (allocations, world.labs.defaulted.iter().filter(|&&d| d).count())
}

/// Lives runs after a first one and returns how many labs defaulted in them.
fn live(overlays: &[(String, String)], runs: u64) -> usize {
    let scenario = Scenario::load("baseline", overlays).unwrap_or_else(|faults| panic!("{faults:?}"));
    let mut world = World::default();
    run(&scenario, &mut world, 0);
    let mut defaults = 0;
    for number in 1..runs {
        let (allocations, defaulted) = run(&scenario, &mut world, number);
        assert_eq!(allocations, 0, "run {number}");
        defaults += defaulted;
    }
    defaults
}

#[test]
fn a_month_allocates_nothing_after_the_first_run() {
    live(&[], 12);
}

fn off(mechanisms: &[&str]) -> Vec<(String, String)> {
    mechanisms.iter().map(|m| (format!("mechanisms.{m}"), "false".to_string())).collect()
}

#[test]
fn nor_does_a_month_in_which_labs_default() {
    // Labs that cut their budgets at once seldom get there: nobody waits, and all that was promised to clouds binds.
    let mut set = off(&["investors", "rescue", "acquisition"]);
    set.push(("rounds.grace_months".to_string(), "0.0".to_string()));
    set.push(("compute.commitment_haircut".to_string(), "1.0".to_string()));
    assert!(live(&set, 20) > 0, "some lab defaults without investors");
}

#[test]
fn nor_does_a_month_in_which_groups_rescue_or_buy_labs() {
    live(&off(&["investors"]), 6);
}
