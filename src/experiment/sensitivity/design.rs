//! The runs of a sensitivity analysis: where each stands in the unit cube, and under which run number.
//!
//! Sobol' design: Saltelli, Annoni, Azzini, Campolongo, Ratto and Tarantola (2010), "Variance based sensitivity analysis of model
//! output", with the points A and B from one Sobol' sequence of 2d dimensions (Joe and Kuo 2008), shifted digit by digit by a
//! draw of the seed, so that no coordinate is 0 or 1 and another seed gives another sample (L'Ecuyer and Lemieux 2002).
//!
//! Morris design: Morris (1991), "Factorial sampling plans for preliminary computational experiments": levels in the middle of
//! quarters of (0, 1), since many priors have no value at 0 and 1, and steps of half of it.

use sobol::Sobol;
use sobol::params::JoeKuoD6;

use crate::random::{Draws, Purpose, unit_interval};
use crate::record::readings::Wanted;
use crate::record::{Layout, Record};
use crate::run::{Model, Placed, RunFault};
use crate::scenario::{Role, Uncertain};

/// Levels of a Morris design; even, so that a step of half the cube leads from level to level.
pub const LEVELS: u64 = 4;
/// Most dimensions of the smaller table of direction numbers.
const STANDARD_DIMENSIONS: usize = 1_000;

/// What the factor of chance is called where every uncertain parameter is varied.
pub const CHANCE: &str = "chance";
/// What it is called where some are not: their draws go with the run, and are in it too.
pub const ALL_ELSE: &str = "all else";

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Variance-based indices, and the elementary effects of the same runs.
    Both,
    /// Variance-based indices alone.
    Sobol,
    /// Elementary effects along trajectories: a cheap screening.
    Morris,
}

impl Method {
    /// The word on the command line and in results.
    pub fn word(self) -> &'static str {
        match self {
            Method::Both => "both",
            Method::Sobol => "sobol",
            Method::Morris => "morris",
        }
    }
    /// The method of a word.
    pub fn of(word: &str) -> Option<Method> {
        [Method::Both, Method::Sobol, Method::Morris].into_iter().find(|m| m.word() == word)
    }
}

/// An uncertain parameter that is varied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Its place among the uncertain values of the scenario.
    pub draw: usize,
    /// Its path.
    pub path: String,
    /// What it has to do with the others.
    pub role: Role,
}

/// The parameters that have a spread of their own, in the order of their paths, where `wanted` says yes.
pub fn factors(uncertain: &Uncertain, wanted: impl Fn(&str) -> bool) -> Vec<Factor> {
    let all = uncertain.draws.iter().zip(uncertain.roles()).enumerate();
    all.filter(|(_, (draw, _))| !draw.distribution.is_determined() && wanted(&draw.path))
        .map(|(at, (draw, role))| Factor { draw: at, path: draw.path.clone(), role })
        .collect()
}

/// What a run is to its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// At A.
    A,
    /// At B.
    B,
    /// At A with this factor from B; the number of factors stands for chance.
    Swapped(usize),
    /// At A under one more run number, which no index uses.
    Replicate(u64),
    /// After this many steps from A to B.
    Step(usize),
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Row, from 0.
    pub row: usize,
    /// What it is to its row.
    pub member: Member,
}

/// The design: rows of runs, all runs of a row next to each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// What is computed.
    pub method: Method,
    /// The parameters varied.
    pub factors: Vec<Factor>,
    /// Rows: base points, or trajectories.
    pub rows: usize,
    /// Replicates of every row.
    pub replicates: u64,
    /// Parameters with a spread of their own that are not varied.
    pub others: usize,
    draws: usize,
    a: Vec<f64>,
    b: Vec<f64>,
    /// Of trajectories: the factors, chance among them, in the order of the steps, row after row.
    order: Vec<usize>,
}

impl Design {
    /// A design for a model with `draws` uncertain values, of which `factors` are varied. `replicates` are of the Sobol' design.
    pub fn new(method: Method, factors: Vec<Factor>, draws: usize, rows: usize, replicates: u64, seed: u64) -> Design {
        let (a, b, order) = (Vec::new(), Vec::new(), Vec::new());
        let mut design = Design { method, factors, rows, replicates, others: 0, draws, a, b, order };
        if method == Method::Morris {
            design.replicates = 0;
            design.lay_trajectories(Draws::new(seed, 0));
        } else {
            design.lay_sobol(Draws::new(seed, 0));
        }
        design
    }

    /// The same beside so many parameters with a spread of their own that are not varied.
    pub fn beside(self, others: usize) -> Design {
        Design { others, ..self }
    }

    fn lay_sobol(&mut self, draws: Draws) {
        let d = self.factors.len();
        // Dimensions come in pairs of A and B; one is the least that a sequence has.
        let dimensions = (2 * d).max(1);
        let table = if dimensions <= STANDARD_DIMENSIONS { JoeKuoD6::standard() } else { JoeKuoD6::extended() };
        let sequence: Sobol<u32> = Sobol::new(dimensions, &table);
        let shift: Vec<u32> =
            (0..dimensions).map(|k| (draws.bits(Purpose::SensitivityShift, k as u64, 0, 0) >> 32) as u32).collect();
        for point in sequence.take(self.rows) {
            // The middle of the cell of 2^-32 in which the point lies.
            let unit = |k: usize| (f64::from(point[k] ^ shift[k]) + 0.5) / 4_294_967_296.0;
            self.a.extend((0..d).map(unit));
            self.b.extend((d..2 * d).map(unit));
        }
    }

    fn lay_trajectories(&mut self, draws: Draws) {
        let d = self.factors.len();
        let level = |k: u64| (k as f64 + 0.5) / LEVELS as f64;
        for row in 0..self.rows as u64 {
            for factor in 0..d as u64 {
                let bits = draws.bits(Purpose::SensitivityTrajectory, row, factor, 0);
                let low = (bits >> 1) % (LEVELS / 2);
                let (from, to) = (level(low), level(low + LEVELS / 2));
                let up = bits & 1 == 0;
                self.a.push(if up { from } else { to });
                self.b.push(if up { to } else { from });
            }
            let first = self.order.len();
            self.order.extend(0..=d);
            let order = &mut self.order[first..];
            for k in (1..=d).rev() {
                let u = unit_interval(draws.bits(Purpose::SensitivityOrder, row, k as u64, 0));
                order.swap(k, (u * (k + 1) as f64) as usize);
            }
        }
    }

    /// The factor that is chance: all draws but those of the parameters varied.
    pub fn chance(&self) -> usize {
        self.factors.len()
    }
    /// The path of a factor; of chance, [`CHANCE`], or [`ALL_ELSE`] where it holds parameters that are not varied.
    pub fn name(&self, factor: usize) -> &str {
        self.factors.get(factor).map_or(if self.others > 0 { ALL_ELSE } else { CHANCE }, |f| &f.path)
    }
    /// What a factor has to do with others; of chance, its name.
    pub fn role(&self, factor: usize) -> &str {
        self.factors.get(factor).map_or(self.name(factor), |f| f.role.word())
    }
    /// Runs of a row.
    pub fn members(&self) -> usize {
        match self.method {
            Method::Morris => self.factors.len() + 2,
            _ => self.factors.len() + 3 + self.replicates as usize,
        }
    }
    /// Runs of the whole design.
    pub fn runs(&self) -> u64 {
        self.rows as u64 * self.members() as u64
    }
    /// Where run `run` stands.
    pub fn place(&self, run: u64) -> Place {
        let (row, at) = ((run / self.members() as u64) as usize, (run % self.members() as u64) as usize);
        let member = match (self.method, at) {
            (Method::Morris, step) => Member::Step(step),
            (_, 0) => Member::A,
            (_, 1) => Member::B,
            (_, at) if at - 2 <= self.chance() => Member::Swapped(at - 2),
            (_, at) => Member::Replicate((at - 3 - self.chance()) as u64),
        };
        Place { row, member }
    }
    /// Coordinates of A and B in a row, a number a parameter.
    pub fn points(&self, row: usize) -> (&[f64], &[f64]) {
        let d = self.factors.len();
        (&self.a[row * d..(row + 1) * d], &self.b[row * d..(row + 1) * d])
    }
    /// The factors in the order of the steps of a trajectory.
    pub fn steps(&self, row: usize) -> &[usize] {
        let d = self.factors.len() + 1;
        &self.order[row * d..(row + 1) * d]
    }
    /// Whether a factor is that of B at a place.
    pub fn is_moved(&self, place: Place, factor: usize) -> bool {
        match place.member {
            Member::A => false,
            Member::B => true,
            Member::Swapped(moved) => moved == factor,
            Member::Replicate(_) => factor == self.chance(),
            Member::Step(steps) => self.steps(place.row)[..steps].contains(&factor),
        }
    }
    /// Coordinate of a parameter at a place.
    pub fn coordinate(&self, place: Place, factor: usize) -> f64 {
        let (a, b) = self.points(place.row);
        if self.is_moved(place, factor) { b[factor] } else { a[factor] }
    }
    /// Run number of a place, from 0: what chance is keyed by. No two rows share one.
    pub fn run_number(&self, place: Place) -> u64 {
        let each = 2 + self.replicates;
        let own = match place.member {
            Member::Replicate(r) => 2 + r,
            _ => u64::from(self.is_moved(place, self.chance())),
        };
        place.row as u64 * each + own
    }
    /// The factor in which a run differs from the one before it on its trajectory, or from A; none for A, B and the first of a trajectory.
    pub fn moved(&self, place: Place) -> Option<usize> {
        match place.member {
            Member::A | Member::B => None,
            Member::Swapped(factor) => Some(factor),
            Member::Replicate(_) => Some(self.chance()),
            Member::Step(steps) => steps.checked_sub(1).map(|last| self.steps(place.row)[last]),
        }
    }
    /// The word for what a run is to its row.
    pub fn matrix(&self, place: Place) -> &'static str {
        match place.member {
            Member::A => "A",
            Member::B => "B",
            Member::Swapped(_) => "AB",
            Member::Replicate(_) => "replicate",
            Member::Step(_) => "trajectory",
        }
    }
    /// The probabilities at which a run's uncertain values are taken, by draw.
    pub fn lay(&self, place: Place, into: &mut Vec<Option<f64>>) {
        into.clear();
        into.resize(self.draws, None);
        let (a, b) = self.points(place.row);
        let source = if place.member == Member::B { b } else { a };
        for (factor, &u) in self.factors.iter().zip(source) {
            into[factor.draw] = Some(u);
        }
        let moved: &[usize] = match &place.member {
            Member::Swapped(factor) => std::slice::from_ref(factor),
            Member::Step(steps) => &self.steps(place.row)[..*steps],
            _ => &[],
        };
        for &factor in moved.iter().filter(|&&f| f < self.chance()) {
            into[self.factors[factor].draw] = Some(b[factor]);
        }
    }
}

/// The runs of a design as the runs of one model.
pub struct Sampled<'m, M: Placed> {
    /// What is run.
    pub model: &'m M,
    /// Where.
    pub design: &'m Design,
}

impl<M: Placed> Model for Sampled<'_, M> {
    type State = (M::State, Vec<Option<f64>>);

    fn layout(&self) -> &Layout {
        self.model.layout()
    }
    fn new_state(&self) -> Self::State {
        (self.model.new_state(), Vec::new())
    }
    fn new_state_for(&self, wanted: &Wanted) -> Self::State {
        (self.model.new_state_for(wanted), Vec::new())
    }
    fn run(&self, (state, at): &mut Self::State, run: u64, into: &mut Record) -> Result<(), RunFault> {
        let place = self.design.place(run);
        self.design.lay(place, at);
        // Faults count by the run of the design.
        self.model.run_at(state, self.design.run_number(place), at, into).map_err(|fault| RunFault { run, ..fault })
    }
}
