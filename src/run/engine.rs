//! The real model: a scenario made ready to run.

use crate::math::kernels::SimdLevel;
use crate::random::Draws;
use crate::record::claims::Claims;
use crate::record::readings::{Readings, Wanted};
use crate::record::{self, Layout, Record};
use crate::run::{Model, Placed, RunFault};
use crate::scenario::check::contradiction;
use crate::scenario::timeline::Transfer;
use crate::scenario::{Parameters, Scenario};
use crate::step::{self, Context};
use crate::units::Month;
use crate::world::World;
use crate::world::ledger::{Flow, Sector};

/// A scenario and the layout of its results; every run starts anew from it.
pub struct Engine {
    scenario: Scenario,
    layout: Layout,
    claims: Claims,
    simd: SimdLevel,
}

/// What a worker keeps between runs, so that a run allocates nothing after its world is built.
pub struct State {
    world: World,
    /// Parameters of the run: the scenario's with its draws laid over them.
    drawn: Parameters,
    /// Parameters in force this month: those of the run with active events laid over them.
    in_force: Parameters,
    /// What is read off the world for the record.
    readings: Readings,
}

impl Engine {
    /// Makes a scenario ready. Its claims are not judged: [`Engine::prepare`] is for results.
    pub fn new(scenario: Scenario) -> Engine {
        let layout = record::figures::cover(record::layout(&scenario.parameters, scenario.draw_paths()), &scenario);
        Engine { scenario, layout, claims: Claims::default(), simd: SimdLevel::default() }
    }

    /// Makes a scenario ready, its claims too, or says which labs could not pay for the compute that it gives them.
    ///
    /// # Errors
    /// When a claim names a metric that does not exist, or when the bill for a lab's research compute at the start, at the values before any draw, exceeds its budget.
    pub fn prepare(scenario: Scenario) -> Result<Engine, String> {
        let mut engine = Engine::new(scenario);
        engine.claims = Claims::new(&engine.scenario, &engine.layout)
            .map_err(|faults| faults.iter().map(|f| format!("\n{f}")).collect::<String>())?;
        let p = &engine.scenario.parameters;
        let draws = Draws::new(p.simulation.seed, 0);
        let mut in_force = p.clone();
        engine.scenario.events.realise(draws).lay(p, p.simulation.start, &mut in_force);
        let ctx = Context::new(&in_force, draws, p.month_before_start());
        let mut world = World::default();
        step::start::start(&mut world, &ctx);
        let found = step::start::overcommitted(&world, &ctx);
        if found.is_empty() {
            return Ok(engine);
        }
        let lines: Vec<String> = found
            .iter()
            .map(|o| {
                let id = &p.labs[o.lab].id;
                let message = format!(
                    "labs.{id}: compute that serves nobody costs {:.2e} USD a year at the start, more than its budget of {:.2e}",
                    o.bill_usd, o.budget_usd
                );
                let hint =
                    "less rented_h100e or owned_h100e, or more cash_usd or parent_transfer_usd_per_year would do".to_string();
                format!("\n{}", engine.scenario.fault_of_compute(id, message, hint))
            })
            .collect();
        Err(lines.concat())
    }

    /// Uses this SIMD level for all kernels; results are the same at every level.
    pub fn with_simd(mut self, level: SimdLevel) -> Engine {
        self.simd = level;
        self
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Runs, and shows the world at the end of each step (the initial state first).
    ///
    /// # Errors
    /// When a state is no number or the books do not close.
    pub fn watch(
        &self,
        state: &mut State,
        run: u64,
        see: impl FnMut(usize, &World, &Parameters),
    ) -> Result<Vec<f64>, RunFault> {
        self.watch_at(state, run, &[], see)
    }

    /// As [`Engine::watch`], with the uncertain values at given probabilities where `at` gives them.
    ///
    /// # Errors
    /// As of [`Engine::watch`].
    pub fn watch_at(
        &self,
        state: &mut State,
        run: u64,
        at: &[Option<f64>],
        mut see: impl FnMut(usize, &World, &Parameters),
    ) -> Result<Vec<f64>, RunFault> {
        let seed = self.scenario.parameters.simulation.seed;
        let drawn = self.scenario.draw_at(seed, run, at, &mut state.drawn);
        let draws = Draws::new(seed, run);
        let events = self.scenario.events.realise(draws);
        let start = state.drawn.month_before_start();
        // Events of the first month set the terms under which the initial state is read.
        events.lay(&state.drawn, state.drawn.simulation.start, &mut state.in_force);
        agree(&state.in_force, run, start)?;
        let world = &mut state.world;
        world.enterprises.set_level(self.simd);
        let ctx = Context::new(&state.in_force, draws, start);
        step::start::start(world, &ctx);
        see(0, world, &state.in_force);
        let months = state.drawn.months_per_step();
        for step in 1..=state.drawn.steps() {
            let month = start.plus(step as i32 * months);
            let first = month.plus(1 - months);
            if events.changes_within(first, month) {
                events.lay(&state.drawn, month, &mut state.in_force);
                agree(&state.in_force, run, month)?;
                step::regulators::index_names(world, &state.in_force);
                step::start::labs::derive(world, &state.in_force);
            }
            let ctx = Context::new(&state.in_force, draws, month);
            world.ledger.begin_step();
            for transfer in events.transfers_within(first, month) {
                move_money(world, &state.in_force, transfer);
            }
            step::advance(world, &ctx).map_err(|e| RunFault { run, phase: e.phase, month: e.month, what: e.what })?;
            see(step, world, &state.in_force);
        }
        Ok(drawn)
    }
}

/// Draws and events must not contradict each other: a run in which they do has failed.
fn agree(p: &Parameters, run: u64, month: Month) -> Result<(), RunFault> {
    contradiction(p).map_or(Ok(()), |what| Err(RunFault { run, phase: "parameters", month, what }))
}

/// Moves the money of a transfer event; a side that is no lab is its owner group's sector.
fn move_money(world: &mut World, p: &Parameters, transfer: &Transfer) {
    let side = |name: &str| match p.lab(name) {
        Some(i) => world.ledger.lab(i),
        None => world.ledger.sector(Sector::Owners),
    };
    let (from, to) = (side(&transfer.from), side(&transfer.to));
    world.ledger.pay(from, to, transfer.amount, Flow::Current);
}

impl Model for Engine {
    type State = State;

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn new_state(&self) -> State {
        self.new_state_for(&Wanted::all(&self.layout))
    }

    fn new_state_for(&self, wanted: &Wanted) -> State {
        let p = &self.scenario.parameters;
        let readings = Readings::new(&self.layout, p, wanted);
        State { world: World::default(), drawn: p.clone(), in_force: p.clone(), readings }
    }

    fn run(&self, state: &mut State, run: u64, into: &mut Record) -> Result<(), RunFault> {
        self.run_at(state, run, &[], into)
    }

    fn claims(&self) -> &Claims {
        &self.claims
    }
}

impl Placed for Engine {
    fn run_at(&self, state: &mut State, run: u64, at: &[Option<f64>], into: &mut Record) -> Result<(), RunFault> {
        let layout = &self.layout;
        into.run = run;
        into.values.resize(layout.len(), f64::NAN);
        let values = &mut into.values;
        let readings = std::mem::take(&mut state.readings);
        let lived = self.watch_at(state, run, at, |step, world, p| {
            readings.read(step, world, p, &mut values[step * layout.width..(step + 1) * layout.width]);
        });
        state.readings = readings;
        into.draws = lived?;
        Ok(())
    }
}
