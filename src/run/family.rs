//! The points of a design as one ensemble: run after run of the first point, then of the next. Threads are dealt blocks of it as of any
//! ensemble, so that no core idles while a point ends, and points share their randomness run by run.

use super::{Model, RunFault};
use crate::record::readings::Wanted;
use crate::record::{Layout, Record};

/// Models that lay out their values alike: the points of a design.
pub trait Family: Sync {
    /// The model of a point.
    type Model: Model;
    /// Number of points.
    fn points(&self) -> u64;
    /// How the values of every point are laid out, apart from its draws.
    fn layout(&self) -> &Layout;
    /// The model of point `point` (from 0). Points are checked before any of them runs; what goes wrong later fails the run.
    ///
    /// # Errors
    /// What is wrong with the point.
    fn model(&self, point: u64) -> Result<Self::Model, String>;
}

/// The runs of all points of a family as the runs of one model: run `k` of point `p` is run `p·runs + k`.
pub struct Many<'f, F: Family> {
    family: &'f F,
    runs: u64,
}

/// What a worker keeps: the model of the point that it ran last, and its world.
pub struct Last<M: Model> {
    wanted: Wanted,
    of_point: Option<(u64, M, M::State)>,
}

impl<'f, F: Family> Many<'f, F> {
    /// The runs of all points, `runs` each.
    pub fn new(family: &'f F, runs: u64) -> Many<'f, F> {
        Many { family, runs: runs.max(1) }
    }
    /// Runs of all points together.
    pub fn total(&self) -> u64 {
        self.family.points() * self.runs
    }
    /// Point and run, both from 0, of a run of the whole.
    pub fn place(&self, run: u64) -> (u64, u64) {
        (run / self.runs, run % self.runs)
    }
}

impl<F: Family> Model for Many<'_, F>
where
    F::Model: Send,
{
    type State = Last<F::Model>;

    fn layout(&self) -> &Layout {
        self.family.layout()
    }

    fn new_state(&self) -> Self::State {
        self.new_state_for(&Wanted::all(self.layout()))
    }

    fn new_state_for(&self, wanted: &Wanted) -> Self::State {
        Last { wanted: wanted.clone(), of_point: None }
    }

    fn run(&self, state: &mut Self::State, run: u64, into: &mut Record) -> Result<(), RunFault> {
        let (point, own) = self.place(run);
        // Faults and values count by the run of the whole, from which both point and run can be told.
        let month = self.layout().months.first().copied().unwrap_or_default();
        if state.of_point.as_ref().is_none_or(|(last, ..)| *last != point) {
            let model =
                self.family.model(point).map_err(|what| RunFault { run, phase: "reading the point", month, what })?;
            let fresh = model.new_state_for(&state.wanted);
            state.of_point = Some((point, model, fresh));
        }
        let Some((_, model, state)) = &mut state.of_point else { return Ok(()) };
        model.run(state, own, into).map_err(|fault| RunFault { run, ..fault })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::run::engine::Engine;
    use crate::run::ensemble::{Plan, run};
    use crate::scenario::Scenario;

    const CUTS: [&str; 3] = ["0.1", "4.0", "8.0"];

    fn scenario(cost: &str) -> Scenario {
        let set = [("enterprises.count", "60"), ("simulation.end", "\"2026-03\""), ("demand.switching_cost", cost)];
        Scenario::load("quick", &set.map(|(p, v)| (p.to_string(), v.to_string()))).unwrap()
    }

    struct Costs(Layout);

    impl Family for Costs {
        type Model = Engine;
        fn points(&self) -> u64 {
            CUTS.len() as u64
        }
        fn layout(&self) -> &Layout {
            &self.0
        }
        fn model(&self, point: u64) -> Result<Engine, String> {
            if point == 2 { Err("no such point".into()) } else { Ok(Engine::new(scenario(CUTS[point as usize]))) }
        }
    }

    #[test]
    fn runs_of_a_point_are_those_of_its_model_alone_on_any_number_of_threads() {
        let family = Costs(Engine::new(scenario(CUTS[0])).layout().clone());
        let many = Many::new(&family, 5);
        assert_eq!((many.total(), many.place(7)), (15, (1, 2)));
        let gather: Vec<usize> = (0..family.layout().len()).collect();
        let all = |threads: usize| {
            let plan = Plan { runs: many.total(), block_runs: 3, first_block: 0, gather: &gather, threads };
            let mut rows: Vec<(u64, Vec<f64>)> = Vec::new();
            let mut failed = Vec::new();
            run(&many, &plan, &AtomicBool::new(false), &mut |block| {
                for (at, &run) in block.runs.iter().enumerate() {
                    rows.push((run, (0..gather.len()).map(|c| block.column(c)[at]).collect()));
                }
                failed.extend(block.failed.iter().map(|f| f.run));
                Ok::<(), Infallible>(())
            })
            .unwrap();
            (rows, failed)
        };
        let (rows, failed) = all(1);
        assert_eq!(failed, [11, 12, 13, 14, 15]);
        assert_eq!(format!("{:?}", all(3)), format!("{:?}", (&rows, &failed)));
        let alone = Engine::new(scenario(CUTS[1]));
        let mut record = Record { run: 0, values: Vec::new(), draws: Vec::new() };
        alone.run(&mut alone.new_state(), 2, &mut record).unwrap();
        let (run, values) = &rows[7];
        assert_eq!(*run, 7);
        assert!(values.iter().zip(&record.values).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}
