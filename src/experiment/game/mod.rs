//! Strategies as a game between labs: payoffs of every profile from paired runs, best responses, equilibria.
//!
//! ```text
//! profile s = (s_1, .., s_n)                 a strategy of each player; all profiles share their draws run by run
//! u_i(s) = mean over runs of the payoff      with its standard error sd / √runs
//! gain of a deviation = u_i(t, s_-i) − u_i(s)     paired over runs: see experiment/paired
//! pure equilibrium: no deviation of any player gains
//! regret of a profile: the largest gain of any player's deviation
//! efficiency of a profile: sum of payoffs over the largest sum of any profile
//! ```
//!
//! Sources: Nash (1951), Non-cooperative games; simulation-based games and their statistics as Wellman (2006), Methods
//! for empirical game-theoretic analysis, and Vorobeychik (2010), Probabilistic analysis of simulation-based games.

pub mod board;
pub mod dominance;
pub mod mixed;
pub mod play;
pub mod shape;
pub mod stability;

use self::board::is_reply;
use self::dominance::Dominated;
use self::mixed::{Bimatrix, Mix};
use self::shape::Shape;
use crate::experiment::paired::{Paired, Sign};
use crate::experiment::statistics::{half_95, moments, wilson};

/// Payoffs closer than this part of a player's range count as equal: far below any sampling error, above rounding.
pub const EQUAL: f64 = 1e-9;

/// What a player plays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payoff {
    /// Valuation at the horizon; 0 for a lab that has defaulted, the value within its group for one that was bought.
    Value,
    /// Share of enterprise spend at the horizon; 0 for a lab that is gone.
    Share,
    /// 1 where the lab is in business at the horizon and was not bought, else 0.
    Survival,
}

impl Payoff {
    /// All, in the order of the tables.
    pub const ALL: [Payoff; 3] = [Payoff::Value, Payoff::Share, Payoff::Survival];
    /// The word in scenarios and tables.
    pub fn word(self) -> &'static str {
        match self {
            Payoff::Value => "value",
            Payoff::Share => "share",
            Payoff::Survival => "survival",
        }
    }
    /// The payoff of a word.
    pub fn of(word: &str) -> Option<Payoff> {
        Payoff::ALL.into_iter().find(|p| p.word() == word)
    }
    /// Unit of its mean.
    pub fn unit(self) -> &'static str {
        match self {
            Payoff::Value => "USD",
            Payoff::Share => "fraction",
            Payoff::Survival => "probability",
        }
    }
    /// What it is, for captions.
    pub fn words(self) -> &'static str {
        match self {
            Payoff::Value => "valuation",
            Payoff::Share => "enterprise share",
            Payoff::Survival => "probability of survival",
        }
    }
}

/// The payoffs of every player in every profile, run by run.
#[derive(Clone, Debug, PartialEq)]
pub struct Payoffs {
    /// Players and strategies.
    pub shape: Shape,
    /// Runs of each profile.
    pub runs: usize,
    /// Player after player, profile after profile, run after run.
    pub values: Vec<f64>,
}

impl Payoffs {
    /// The payoffs of a player in a profile, run after run.
    pub fn of(&self, player: usize, profile: usize) -> &[f64] {
        let from = (player * self.shape.profiles() + profile) * self.runs;
        &self.values[from..from + self.runs]
    }
    /// Means, player after player, profile after profile.
    pub fn means(&self) -> Vec<f64> {
        self.values.chunks(self.runs.max(1)).map(|of| of.iter().sum::<f64>() / self.runs as f64).collect()
    }
}

/// A payoff of a player in a profile, over the runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Runs.
    pub n: u64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation over runs.
    pub sd: f64,
    /// Standard error of the mean.
    pub mcse: f64,
    /// Lower end of the 95% interval of the mean.
    pub low: f64,
    /// Upper end of it.
    pub high: f64,
}

/// What a player gains by leaving its strategy in a profile, the others holding theirs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deviation {
    /// The profile.
    pub profile: usize,
    /// Who leaves.
    pub player: usize,
    /// Its strategy in the profile.
    pub from: usize,
    /// The strategy it goes to.
    pub to: usize,
    /// The gain, paired over runs.
    pub gain: Paired,
}

/// What a player does best against given strategies of the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Who replies.
    pub player: usize,
    /// A profile that holds the others' strategies; the player's own in it is its best.
    pub against: usize,
    /// The strategy of highest mean, the first of those.
    pub best: usize,
    /// All strategies that are within noise of the best, the best too, in order.
    pub set: Vec<usize>,
}

/// How a profile stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Sum of the players' mean payoffs.
    pub sum: f64,
    /// The sum over the largest of any profile; NaN where that is 0.
    pub efficiency: f64,
    /// What the sum lacks to that of the profile with the largest, paired over runs.
    pub short: Paired,
    /// The deviation that gains most, as a part of the list of deviations.
    pub tempting: usize,
    /// Its gain, or 0 where no deviation gains.
    pub regret: f64,
    /// Whether no deviation has a higher mean: a pure equilibrium of the means.
    pub equilibrium: bool,
    /// Whether no deviation gains clearly: its 95% interval holds zero or lies below.
    pub within_noise: bool,
    /// Share of the resamples of the runs in which it is a pure equilibrium.
    pub stability: f64,
}

/// An equilibrium of the mean payoffs.
#[derive(Clone, Debug, PartialEq)]
pub struct Equilibrium {
    /// The profile, for a pure one.
    pub profile: Option<usize>,
    /// Probability of each strategy of each player.
    pub mix: Vec<Vec<f64>>,
    /// Expected payoff of each player.
    pub expected: Vec<f64>,
    /// Pure: share of the resamples in which it is one. Mixed: in which there is one over the same strategies.
    pub stability: f64,
    /// For a pure one: a profile in which every player has more, that of the largest sum, with each player's gain.
    pub better: Option<(usize, Vec<Paired>)>,
    /// Pure: some deviation is within noise of no loss. Mixed: its strategies carry one in fewer than 95% of the resamples.
    pub tie: bool,
}

/// Whether mixed equilibria were looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// All supports of equal size were tried; in a game that is not degenerate these are all equilibria.
    Done {
        /// Whether some mix has more best responses than strategies in it: there may then be more equilibria, a continuum.
        degenerate: bool,
    },
    /// More than two players: pure equilibria only.
    MorePlayers,
    /// Too many pairs of supports: pure equilibria only.
    TooMany,
}

/// What comes of a player that binds itself to a strategy first, of two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Commitment {
    /// Who commits.
    pub player: usize,
    /// To what.
    pub strategy: usize,
    /// The other's best reply; of equal ones that which suits the first.
    pub reply: usize,
    /// Mean payoff of the one that commits.
    pub payoff: f64,
    /// What it costs against its best commitment.
    pub price: f64,
}

/// All that a payoff says of a game.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// The payoff.
    pub payoff: Payoff,
    /// Players and strategies.
    pub shape: Shape,
    /// Payoffs, player after player, profile after profile.
    pub cells: Vec<Cell>,
    /// Every deviation, profile after profile, player after player.
    pub deviations: Vec<Deviation>,
    /// Best replies, player after player.
    pub replies: Vec<Reply>,
    /// How each profile stands.
    pub standings: Vec<Standing>,
    /// Equilibria: pure ones in the order of profiles, then mixed ones.
    pub equilibria: Vec<Equilibrium>,
    /// Whether mixed ones were looked for.
    pub search: Search,
    /// Strategies that iterated elimination removes.
    pub dominated: Vec<Dominated>,
    /// Commitments, of a game of two.
    pub commitments: Vec<Commitment>,
}

impl Analysis {
    /// The payoff of a player in a profile.
    pub fn cell(&self, player: usize, profile: usize) -> Cell {
        self.cells[player * self.shape.profiles() + profile]
    }
    /// The deviation of a player from a profile to a strategy; `None` for the one it plays.
    pub fn deviation(&self, profile: usize, player: usize, to: usize) -> Option<&Deviation> {
        self.deviations.get(self.shape.deviation(profile, player, to)?)
    }
    /// Whether a player's strategy in a profile is a best reply, and whether it is the only one outside noise.
    pub fn is_reply(&self, player: usize, profile: usize) -> (bool, bool) {
        is_reply(&self.shape, &self.cells, &self.replies, player, profile)
    }
    /// Whether a player's strategy in a profile is within noise of its best reply.
    pub fn within_best(&self, player: usize, profile: usize) -> bool {
        let against = self.shape.with(profile, player, 0);
        let own = self.shape.strategy(profile, player);
        let of = |r: &&Reply| r.player == player && self.shape.with(r.against, player, 0) == against;
        self.replies.iter().find(of).is_some_and(|r| r.set.contains(&own))
    }
    /// The profile with the largest sum of payoffs, the first of those.
    pub fn best_sum(&self) -> usize {
        let better = |best: usize, k: usize| if self.standings[k].sum > self.standings[best].sum { k } else { best };
        (0..self.standings.len()).fold(0, better)
    }
}

/// Analyses a payoff of a game of two players or more; `seed` keys the resamples, which run on the pool of
/// threads that this is called on. Two runs or more are needed.
pub fn analyse(payoff: Payoff, payoffs: &Payoffs, seed: u64) -> Analysis {
    let shape = &payoffs.shape;
    let means = payoffs.means();
    let equal = ranges(shape, &means).map(|r| EQUAL * r).collect::<Vec<f64>>();
    let cells = cells(payoff, payoffs, &means);
    let deviations = deviations(payoffs);
    let replies = replies(shape, &means, &|at| deviations.get(at).map(|d| d.gain.sign()));
    let game = (shape.players() == 2).then(|| Bimatrix::new(shape, &means));
    let (mut mixes, search) = match &game {
        None => (Vec::new(), Search::MorePlayers),
        Some(game) => match game.equilibria() {
            None => (Vec::new(), Search::TooMany),
            Some((found, degenerate)) => (found, Search::Done { degenerate }),
        },
    };
    // The pure ones are found for any number of players in the same way.
    mixes.retain(|m| m.iter().any(|of| of.iter().filter(|p| **p > 0.0).count() > 1));
    let stable = stability::stability(payoffs, &mixes, seed);
    let standings = standings(payoffs, &means, &deviations, &equal, &stable.pure);
    let equilibria = equilibria(payoffs, &means, &deviations, &standings, (&mixes, &stable.mixed));
    Analysis {
        payoff,
        shape: shape.clone(),
        replies,
        standings,
        equilibria,
        search,
        dominated: dominance::eliminate(shape, &means, &equal, &deviations),
        commitments: commitments(shape, &means),
        cells,
        deviations,
    }
}

/// Range of each player's mean payoffs over the profiles.
pub(crate) fn ranges<'m>(shape: &Shape, means: &'m [f64]) -> impl Iterator<Item = f64> + use<'m> {
    means.chunks(shape.profiles()).map(|of| {
        let ends = of.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &m| (l.min(m), h.max(m)));
        ends.1 - ends.0
    })
}

fn cells(payoff: Payoff, payoffs: &Payoffs, means: &[f64]) -> Vec<Cell> {
    let of = |(values, &mean): (&[f64], &f64)| {
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let s = moments(values.len() as u64, mean, squares, [f64::NAN; 7]);
        let (low, high) = match payoff {
            // Near 0 and 1, where survival is, the usual interval shrinks to nothing.
            Payoff::Survival => wilson(values.iter().sum(), values.len() as f64),
            _ => (mean - half_95(s.mcse, s.n), mean + half_95(s.mcse, s.n)),
        };
        Cell { n: s.n, mean, sd: s.sd, mcse: s.mcse, low, high }
    };
    payoffs.values.chunks(payoffs.runs.max(1)).zip(means).map(of).collect()
}

fn deviations(payoffs: &Payoffs) -> Vec<Deviation> {
    let shape = &payoffs.shape;
    let mut all = Vec::new();
    for profile in 0..shape.profiles() {
        for player in 0..shape.players() {
            let from = shape.strategy(profile, player);
            for to in (0..shape.sizes()[player]).filter(|to| *to != from) {
                let other = shape.with(profile, player, to);
                let pair = Paired::new(payoffs.of(player, profile), payoffs.of(player, other));
                all.extend(pair.map(|gain| Deviation { profile, player, from, to, gain }));
            }
        }
    }
    all
}

/// The best replies to all strategies of the others; `sign` tells that of the gain of a deviation.
fn replies(shape: &Shape, means: &[f64], sign: &dyn Fn(usize) -> Option<Sign>) -> Vec<Reply> {
    let mean = |player: usize, profile: usize| means[player * shape.profiles() + profile];
    let mut all = Vec::new();
    for player in 0..shape.players() {
        for others in (0..shape.profiles()).filter(|p| shape.strategy(*p, player) == 0) {
            let size = shape.sizes()[player];
            let at = |s: usize| mean(player, shape.with(others, player, s));
            let best = (1..size).fold(0, |best, s| if at(s) > at(best) { s } else { best });
            let against = shape.with(others, player, best);
            let clear = |s: usize| shape.deviation(against, player, s).and_then(sign) == Some(Sign::Down);
            let set = (0..size).filter(|&s| s == best || !clear(s)).collect();
            all.push(Reply { player, against, best, set });
        }
    }
    all
}

/// Paired differences; a game has two runs or more.
fn paired(first: &[f64], second: &[f64]) -> Paired {
    Paired::new(first, second).unwrap_or(Paired {
        n: first.len(),
        first: f64::NAN,
        second: f64::NAN,
        difference: f64::NAN,
        standard_error: f64::NAN,
        median: f64::NAN,
        second_greater: f64::NAN,
        variance_reduction: f64::NAN,
    })
}

fn standings(
    payoffs: &Payoffs,
    means: &[f64],
    deviations: &[Deviation],
    equal: &[f64],
    stability: &[f64],
) -> Vec<Standing> {
    let shape = &payoffs.shape;
    let profiles = shape.profiles();
    let sums: Vec<f64> = (0..profiles).map(|p| means.iter().skip(p).step_by(profiles).sum()).collect();
    let largest = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let most = (0..profiles).fold(0, |best, p| if sums[p] > sums[best] { p } else { best });
    let total = |profile: usize| -> Vec<f64> {
        let of = |run: usize| (0..shape.players()).map(|i| payoffs.of(i, profile)[run]).sum();
        (0..payoffs.runs).map(of).collect()
    };
    let best_total = total(most);
    let each = deviations.len() / profiles.max(1);
    let standing = |profile: usize| {
        let own = profile * each..(profile + 1) * each;
        let gain = |k: usize| {
            let d = &deviations[k];
            let of = |p: usize| means[d.player * profiles + p];
            of(shape.with(profile, d.player, d.to)) - of(profile)
        };
        let tempting = own.clone().fold(own.start, |best, k| if gain(k) > gain(best) { k } else { best });
        let sum = sums[profile];
        Standing {
            sum,
            efficiency: if largest > 0.0 { sum / largest } else { f64::NAN },
            short: paired(&total(profile), &best_total),
            tempting,
            regret: gain(tempting).max(0.0),
            equilibrium: own.clone().all(|k| gain(k) <= equal[deviations[k].player]),
            within_noise: own.clone().all(|k| deviations[k].gain.sign() != Sign::Up),
            stability: stability[profile],
        }
    };
    (0..profiles).map(standing).collect()
}

fn equilibria(
    payoffs: &Payoffs,
    means: &[f64],
    deviations: &[Deviation],
    standings: &[Standing],
    (mixes, stability): (&[Mix], &[f64]),
) -> Vec<Equilibrium> {
    let shape = &payoffs.shape;
    let profiles = shape.profiles();
    let each = deviations.len() / profiles.max(1);
    let mut all = Vec::new();
    for (profile, standing) in standings.iter().enumerate().filter(|(_, s)| s.equilibrium) {
        let mix = (0..shape.players()).map(|i| {
            let own = shape.strategy(profile, i);
            (0..shape.sizes()[i]).map(|s| f64::from(u8::from(s == own))).collect()
        });
        all.push(Equilibrium {
            profile: Some(profile),
            mix: mix.collect(),
            expected: (0..shape.players()).map(|i| means[i * profiles + profile]).collect(),
            stability: standing.stability,
            better: better_for_all(payoffs, means, standings, profile),
            tie: deviations[profile * each..(profile + 1) * each].iter().any(|d| d.gain.sign() != Sign::Down),
        });
    }
    for (mix, &stability) in mixes.iter().zip(stability) {
        let weight = |profile: usize| mix.iter().enumerate().map(|(i, of)| of[shape.strategy(profile, i)]).product();
        let weights: Vec<f64> = (0..profiles).map(weight).collect();
        let expected = means.chunks(profiles).map(|of| of.iter().zip(&weights).map(|(m, w)| m * w).sum());
        let tie = stability < 0.95;
        all.push(Equilibrium {
            profile: None,
            mix: mix.clone(),
            expected: expected.collect(),
            stability,
            better: None,
            tie,
        });
    }
    all
}

/// The profile of the largest sum in which every player has a higher mean than in this one.
fn better_for_all(
    payoffs: &Payoffs,
    means: &[f64],
    standings: &[Standing],
    profile: usize,
) -> Option<(usize, Vec<Paired>)> {
    let profiles = standings.len();
    let better = |k: &usize| means.chunks(profiles).all(|of| of[*k] > of[profile]);
    let more = |best: usize, k: usize| if standings[k].sum > standings[best].sum { k } else { best };
    let found = (0..profiles).filter(better).reduce(more)?;
    let gains = (0..payoffs.shape.players()).map(|i| paired(payoffs.of(i, profile), payoffs.of(i, found)));
    Some((found, gains.collect()))
}

/// Each commitment of each of two players: the other replies best to it. Of replies of equal payoff the one that suits the
/// first is taken (von Stengel and Zamir 2010, Leadership games with convex strategy sets: the limit of mixed commitments).
fn commitments(shape: &Shape, means: &[f64]) -> Vec<Commitment> {
    let mut all: Vec<Commitment> = Vec::new();
    if shape.players() != 2 {
        return all;
    }
    let profiles = shape.profiles();
    for player in 0..2 {
        let other = 1 - player;
        let first = all.len();
        for strategy in 0..shape.sizes()[player] {
            let at = |reply: usize| shape.with(shape.with(0, player, strategy), other, reply);
            let key = |reply: usize| (means[other * profiles + at(reply)], means[player * profiles + at(reply)]);
            let reply = (1..shape.sizes()[other]).fold(0, |best, r| if key(r) > key(best) { r } else { best });
            let payoff = means[player * profiles + at(reply)];
            all.push(Commitment { player, strategy, reply, payoff, price: 0.0 });
        }
        let most = all[first..].iter().map(|c| c.payoff).fold(f64::NEG_INFINITY, f64::max);
        all[first..].iter_mut().for_each(|c| c.price = most - c.payoff);
    }
    all
}

#[cfg(test)]
mod tests;
