//! Which values of a record are asked for, and reading those off the world: a table of a few metrics at the horizon need not pay for all of
//! them at every date.

use std::ops::Range;

use super::metrics::{Reader, SegmentReader, Segments, View};
use super::{Layout, rows_of};
use crate::scenario::Parameters;
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::world::World;

/// The values of a record that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted(Vec<bool>);

impl Wanted {
    /// All values of this layout.
    pub fn all(layout: &Layout) -> Wanted {
        Wanted(vec![true; layout.len()])
    }
    /// Those at these places, as indices into [`super::Record::values`].
    pub fn at(layout: &Layout, places: impl Iterator<Item = usize>) -> Wanted {
        let mut wanted = vec![false; layout.len()];
        places.for_each(|place| wanted[place] = true);
        Wanted(wanted)
    }
    /// Of a record in which several stand one after the other, what is wanted of the one that stands there.
    pub fn part(&self, places: Range<usize>) -> Wanted {
        Wanted(self.0[places].to_vec())
    }
}

/// How to read one number off the world.
#[derive(Clone, Copy)]
enum Read {
    Agent(Reader, usize),
    Segment(SegmentReader, usize, usize),
}

/// What is read at each date.
#[derive(Default)]
pub struct Readings {
    /// Lists of places within the values of a date and what is read there. Most dates have the same.
    lists: Vec<Vec<(usize, Read)>>,
    /// The list of each date.
    of_date: Vec<usize>,
}

impl Readings {
    /// The readings of the values that are wanted, from worlds that are laid out so.
    pub fn new(layout: &Layout, p: &Parameters, wanted: &Wanted) -> Readings {
        let mut all = Vec::with_capacity(layout.width);
        for table in &layout.tables {
            let (rows, segments) = rows_of(table.kind);
            for entity in 0..table.entities.len() {
                all.extend(rows.iter().map(|m| Read::Agent(m.read, entity)));
                for m in segments {
                    let n = match m.over {
                        Segments::Workloads => WORKLOAD_COUNT,
                        Segments::Sectors => p.sectors.len(),
                        Segments::Jurisdictions => p.jurisdictions.len(),
                    };
                    all.extend((0..n).map(|segment| Read::Segment(m.read, entity, segment)));
                }
            }
        }
        let mut patterns: Vec<&[bool]> = Vec::new();
        let mut of_date = Vec::with_capacity(layout.months.len());
        for pattern in wanted.0.chunks(layout.width.max(1)) {
            let known = patterns.iter().position(|p| *p == pattern);
            of_date.push(known.unwrap_or(patterns.len()));
            if known.is_none() {
                patterns.push(pattern);
            }
        }
        let list = |pattern: &&[bool]| {
            let marked = all.iter().enumerate().zip(*pattern).filter(|(_, wanted)| **wanted);
            marked.map(|((place, read), _)| (place, *read)).collect()
        };
        Readings { lists: patterns.iter().map(list).collect(), of_date }
    }

    /// Reads the metrics that are wanted at a date, given as its index, into the values of that date; the others stay as they are.
    pub fn read(&self, date: usize, world: &World, parameters: &Parameters, into: &mut [f64]) {
        let Some(list) = self.of_date.get(date).map(|&list| &self.lists[list]).filter(|list| !list.is_empty()) else {
            return;
        };
        let view = View::new(world, parameters);
        for &(place, read) in list {
            into[place] = match read {
                Read::Agent(read, entity) => read(&view, entity),
                Read::Segment(read, entity, segment) => read(&view, entity, segment),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;
    use crate::run::Model;
    use crate::run::engine::Engine;
    use crate::scenario::Scenario;

    fn engine() -> Engine {
        let set = [("enterprises.count", "60"), ("simulation.end", "\"2026-03\"")];
        Engine::new(Scenario::load("quick", &set.map(|(p, v)| (p.to_string(), v.to_string()))).unwrap())
    }

    fn values(engine: &Engine, wanted: &Wanted) -> Vec<f64> {
        let mut record = Record { run: 0, values: vec![-7.0; engine.layout().len()], draws: Vec::new() };
        engine.run(&mut engine.new_state_for(wanted), 1, &mut record).unwrap();
        record.values
    }

    #[test]
    fn what_is_wanted_is_as_among_all_and_nothing_else_is_written() {
        let engine = engine();
        let layout = engine.layout();
        let all = values(&engine, &Wanted::all(layout));
        let last = layout.len() - layout.width;
        let places: Vec<usize> = (0..layout.len()).filter(|i| *i >= last && i % 3 == 0 || i % 17 == 5).collect();
        let some = values(&engine, &Wanted::at(layout, places.iter().copied()));
        for (i, (some, all)) in some.iter().zip(&all).enumerate() {
            let expected = if places.contains(&i) { *all } else { -7.0 };
            assert_eq!(some.to_bits(), expected.to_bits(), "{i}");
        }
        assert!(values(&engine, &Wanted::at(layout, [].into_iter())).iter().all(|v| *v == -7.0));
    }

    #[test]
    fn a_part_of_what_is_wanted_counts_from_its_own_start() {
        let engine = engine();
        let n = engine.layout().len();
        let wanted = Wanted::at(engine.layout(), [0, n - 4, n - 1].into_iter());
        assert_eq!(wanted.part(n - 4..n), Wanted(vec![true, false, false, true]));
    }
}
