//! Several models run by run: run `k` of all of them is one run, so that what is compared comes together and the first runs are
//! complete whenever an ensemble stops. Threads are dealt blocks of such runs as of any ensemble.
//!
//! A run of which one model fails is no failed run: what the others have stays, and those that compare with it leave it out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::ensemble::FailedRun;
use super::{Model, RunFault};
use crate::record::readings::Wanted;
use crate::record::{Layout, Record};

/// Most failures that are kept, those of the first runs. All are seen in the values.
const MOST_FAILURES: usize = 1_000;

/// Models that run together. Their dates are the same; what they lay out at each may differ.
pub struct Together<'m, M: Model> {
    models: Vec<&'m M>,
    layout: Layout,
    failures: Mutex<BTreeMap<(u64, usize), FailedRun>>,
}

/// What a worker keeps: the state and the record of each model.
pub struct States<M: Model>(Vec<(M::State, Record)>);

impl<'m, M: Model> Together<'m, M> {
    /// Models with as many dates as the first. Their values stand one after the other in a record, then a number a model:
    /// 1 where it has failed.
    pub fn new(models: Vec<&'m M>) -> Together<'m, M> {
        let months = models.first().map_or_else(Vec::new, |m| m.layout().months.clone());
        // A row more a model and date than is used: a layout is as wide at all dates.
        let width = models.iter().map(|m| m.layout().width + 1).sum();
        let layout = Layout { tables: Vec::new(), months, width, draws: Vec::new() };
        Together { models, layout, failures: Mutex::default() }
    }

    /// Where value `index` of the records of model `model` stands.
    pub fn place(&self, model: usize, index: usize) -> usize {
        self.models[..model].iter().map(|m| m.layout().len()).sum::<usize>() + index
    }

    /// Where it says whether model `model` has failed.
    pub fn failed(&self, model: usize) -> usize {
        self.place(self.models.len(), 0) + model
    }

    /// The failures of the first `runs` runs: model and failure, by run.
    pub fn failures(&self, runs: u64) -> Vec<(usize, FailedRun)> {
        let found = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        found.range(..(runs, 0)).map(|((_, model), failed)| (*model, failed.clone())).collect()
    }

    fn note(&self, run: u64, model: usize, fault: RunFault) {
        let mut found = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert((run, model), fault.into());
        if found.len() > MOST_FAILURES {
            // Whatever the order in which they come, those of the first runs stay.
            found.pop_last();
        }
    }
}

impl<M: Model> Model for Together<'_, M> {
    type State = States<M>;

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn new_state(&self) -> States<M> {
        self.new_state_for(&Wanted::all(&self.layout))
    }

    fn new_state_for(&self, wanted: &Wanted) -> States<M> {
        let state = |(at, model): (usize, &&M)| {
            let (place, length) = (self.place(at, 0), model.layout().len());
            let record =
                Record { run: 0, values: vec![f64::NAN; length], draws: vec![f64::NAN; model.layout().draws.len()] };
            (model.new_state_for(&wanted.part(place..place + length)), record)
        };
        States(self.models.iter().enumerate().map(state).collect())
    }

    fn run(&self, state: &mut States<M>, run: u64, into: &mut Record) -> Result<(), RunFault> {
        for (at, (model, (state, record))) in self.models.iter().zip(&mut state.0).enumerate() {
            record.run = run;
            record.values.fill(f64::NAN);
            let place = self.place(at, 0);
            let room = &mut into.values[place..place + record.values.len()];
            let done = model.run(state, run, record);
            let failed = done.is_err();
            match done {
                Ok(()) => room.copy_from_slice(&record.values),
                Err(fault) => self.note(run, at, fault),
            }
            into.values[self.failed(at)] = f64::from(u8::from(failed));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::record::{Column, Entity, TableKind, TableLayout};
    use crate::run::ensemble::{self, Plan};
    use crate::units::Month;

    struct Toy {
        layout: Layout,
        fails: u64,
    }

    fn toy(columns: usize, fails: u64) -> Toy {
        let column = Column { name: "a".into(), unit: "1", meaning: String::new(), core: true };
        let entity = Entity { id: "market".into(), name: "Market".into(), colour: String::new(), division: false };
        let table =
            TableLayout { kind: TableKind::Market, entities: vec![entity], columns: vec![column; columns], offset: 0 };
        let months = vec![Month::new(2025, 12), Month::new(2026, 1)];
        Toy { layout: Layout { tables: vec![table], months, width: columns, draws: Vec::new() }, fails }
    }

    impl Model for Toy {
        type State = ();
        fn layout(&self) -> &Layout {
            &self.layout
        }
        fn new_state(&self) {}
        fn run(&self, _: &mut (), run: u64, into: &mut Record) -> Result<(), RunFault> {
            let n = into.values.len();
            into.values.iter_mut().enumerate().for_each(|(i, v)| *v = (n * 100 + i) as f64 + run as f64 / 1000.0);
            if run % 7 == self.fails {
                return Err(RunFault { run, phase: "settle", month: Month::new(2026, 1), what: "x".into() });
            }
            Ok(())
        }
    }

    #[test]
    fn what_each_model_has_stands_in_its_place_and_the_failure_of_one_leaves_the_other() {
        let (a, b) = (toy(2, 3), toy(3, 5));
        let both = Together::new(vec![&a, &b]);
        let gather = [both.place(0, 1), both.place(1, 5), both.failed(0), both.failed(1)];
        let all = |threads| {
            let plan = Plan { runs: 20, block_runs: 3, first_block: 0, gather: &gather, threads };
            let mut rows = Vec::new();
            ensemble::run(&both, &plan, &AtomicBool::new(false), &mut |block| {
                rows.extend((0..block.runs.len()).map(|r| [0, 1, 2, 3].map(|c| block.column(c)[r])));
                Ok::<(), Infallible>(())
            })
            .unwrap();
            rows
        };
        let rows = all(1);
        assert_eq!(format!("{rows:?}"), format!("{:?}", all(3)));
        for (run, row) in rows.iter().enumerate() {
            let luck = run as f64 / 1000.0;
            let failed = [run % 7 == 3, run % 7 == 5];
            assert_eq!(row[2..], failed.map(|f| f64::from(u8::from(f))));
            assert_eq!((row[0].is_nan(), row[1].is_nan()), (failed[0], failed[1]));
            assert!(failed[0] || row[0] == 401.0 + luck);
            assert!(failed[1] || row[1] == 605.0 + luck);
        }
        let told: Vec<(usize, u64)> = both.failures(13).iter().map(|(model, f)| (*model, f.run)).collect();
        assert_eq!(told, [(0, 4), (1, 6), (0, 11), (1, 13)]);
    }
}
