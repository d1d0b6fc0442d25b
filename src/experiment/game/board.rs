//! A game by one payoff as it is shown: the part of an analysis that its tables hold to the last digit.

use super::shape::Shape;
use super::{Analysis, Cell, EQUAL, Payoff, Reply, ranges, replies};
use crate::experiment::paired::Sign;

/// What a player gains by leaving a profile, the others holding their strategies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gain {
    /// The strategy it goes to.
    pub to: usize,
    /// Mean gain, paired over runs.
    pub gain: f64,
    /// Lower end of its 95% interval.
    pub low: f64,
    /// Upper end of it.
    pub high: f64,
}

impl Gain {
    /// The sign of the gain, where the interval leaves no doubt.
    pub fn sign(&self) -> Sign {
        Sign::of((self.low, self.high))
    }
}

/// A game by one payoff.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// The payoff.
    pub payoff: Payoff,
    /// Players and strategies.
    pub shape: Shape,
    /// Payoffs, player after player, profile after profile.
    cells: Vec<Cell>,
    /// Every deviation, profile after profile, player after player, strategy after strategy.
    gains: Vec<Gain>,
    /// Sum of the players' mean payoffs, by profile.
    sums: Vec<f64>,
    /// The pure equilibria, and whether each is a tie.
    equilibria: Vec<(usize, bool)>,
    /// Best replies, told from cells and gains.
    replies: Vec<Reply>,
}

impl Board {
    /// Puts a board together; `None` where the lengths do not fit the shape, or an equilibrium is no profile of it.
    ///
    /// `cells` stand player after player, profile after profile; `gains` as [`Shape::deviation`] counts them; `sums` by
    /// profile; `equilibria` are profiles, and whether each is a tie.
    pub fn new(
        payoff: Payoff,
        shape: Shape,
        cells: Vec<Cell>,
        gains: Vec<Gain>,
        sums: Vec<f64>,
        equilibria: Vec<(usize, bool)>,
    ) -> Option<Board> {
        let (profiles, players) = (shape.profiles(), shape.players());
        let each: usize = shape.sizes().iter().map(|n| n - 1).sum();
        let fits = cells.len() == profiles * players && gains.len() == profiles * each && sums.len() == profiles;
        if !fits || equilibria.iter().any(|(profile, _)| *profile >= profiles) {
            return None;
        }
        let means: Vec<f64> = cells.iter().map(|c| c.mean).collect();
        let replies = replies(&shape, &means, &|deviation| gains.get(deviation).map(Gain::sign));
        Some(Board { payoff, shape, cells, gains, sums, equilibria, replies })
    }

    /// The payoff of a player in a profile.
    pub fn cell(&self, player: usize, profile: usize) -> Cell {
        self.cells[player * self.shape.profiles() + profile]
    }
    /// What a player gains by going from a profile to a strategy; `None` for the one it plays.
    pub fn gain(&self, profile: usize, player: usize, to: usize) -> Option<&Gain> {
        self.gains.get(self.shape.deviation(profile, player, to)?)
    }
    /// Sum of the players' mean payoffs in a profile.
    pub fn sum(&self, profile: usize) -> f64 {
        self.sums[profile]
    }
    /// Whether from every profile some player gains clearly by leaving: the interval of its gain lies above zero.
    pub fn all_leave(&self) -> bool {
        let each = self.gains.len() / self.shape.profiles().max(1);
        each > 0 && self.gains.chunks(each).all(|of| of.iter().any(|g| g.sign() == Sign::Up))
    }
    /// Whether no deviation changes a payoff in any run.
    pub fn nothing_matters(&self) -> bool {
        self.gains.iter().all(|g| g.gain == 0.0 && g.low == 0.0 && g.high == 0.0)
    }
    /// The runs of a profile, where all players survive in all of them in every profile.
    pub fn none_fails(&self) -> Option<u64> {
        let all = self.payoff == Payoff::Survival && self.cells.iter().all(|c| c.mean == 1.0);
        self.cells.first().filter(|_| all).map(|c| c.n)
    }
    /// The pure equilibria in the order of profiles, and whether each is a tie within noise.
    pub fn equilibria(&self) -> &[(usize, bool)] {
        &self.equilibria
    }
    /// Whether a profile is a pure equilibrium, and then whether it is a tie within noise.
    pub fn equilibrium(&self, profile: usize) -> Option<bool> {
        self.equilibria.iter().find(|(at, _)| *at == profile).map(|(_, tie)| *tie)
    }
    /// Whether a player's strategy in a profile is a best reply, and whether it is the only one outside noise.
    pub fn is_reply(&self, player: usize, profile: usize) -> (bool, bool) {
        is_reply(&self.shape, &self.cells, &self.replies, player, profile)
    }
}

impl From<&Analysis> for Board {
    fn from(a: &Analysis) -> Board {
        let gain = |d: &super::Deviation| {
            let (low, high) = d.gain.interval();
            Gain { to: d.to, gain: d.gain.difference, low, high }
        };
        Board {
            payoff: a.payoff,
            shape: a.shape.clone(),
            cells: a.cells.clone(),
            gains: a.deviations.iter().map(gain).collect(),
            sums: a.standings.iter().map(|s| s.sum).collect(),
            equilibria: a.equilibria.iter().filter_map(|e| Some((e.profile?, e.tie))).collect(),
            replies: a.replies.clone(),
        }
    }
}

/// Whether a player's strategy in a profile is a best reply, and whether it is the only one outside noise.
pub(super) fn is_reply(
    shape: &Shape,
    cells: &[Cell],
    replies: &[Reply],
    player: usize,
    profile: usize,
) -> (bool, bool) {
    let profiles = shape.profiles();
    let means: Vec<f64> = cells[player * profiles..(player + 1) * profiles].iter().map(|c| c.mean).collect();
    // As for equilibria: payoffs this close are equal.
    let equal = ranges(shape, &means).next().map_or(0.0, |range| EQUAL * range);
    let against = shape.with(profile, player, 0);
    let own = shape.strategy(profile, player);
    let reply = replies.iter().find(|r| r.player == player && shape.with(r.against, player, 0) == against);
    reply.map_or((false, false), |r| (means[profile] >= means[r.against] - equal, r.set == [own]))
}
