//! No memory is asked for within a month once a worker has lived its first run.

use aimarket::random::Draws;
use aimarket::scenario::Scenario;
use aimarket::step::{self, Context};
use aimarket::world::World;

/// Allocations within all steps of a run, and whether a lab defaulted in it.
fn run(scenario: &Scenario, world: &mut World, run: u64) -> (u64, bool) {
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
    (allocations, world.labs.defaulted.contains(&true))
}

#[test]
fn a_month_allocates_nothing_after_the_first_run() {
    let scenario = Scenario::load("baseline", &[]).unwrap_or_else(|faults| panic!("{faults:?}"));
    let mut world = World::default();
    run(&scenario, &mut world, 0);
    for number in 1..12 {
        let (allocations, defaulted) = run(&scenario, &mut world, number);
        // A default, once in a lab's life, clears its debts by a small system of equations of its own.
        assert!(allocations == 0 || defaulted, "run {number}: {allocations} allocations");
    }
}
