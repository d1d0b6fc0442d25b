//! Claims scored on the runs of an ensemble: probability with its interval, Brier score, and whether the answer rests on
//! where a run stands along a ridge of correlated priors.
//!
//! - **Probability** p: the share of the runs in which the claim holds, among those that its condition does not leave out.
//!   A run that cannot decide it counts as one in which it does not hold, and is reported.
//! - **Interval**: the 95% score interval, z = 1.96. Wilson (1927), "Probable inference, the law of succession, and
//!   statistical inference", Journal of the American Statistical Association 22: 209–212. It is of the sampling of runs
//!   only; that the model may be wrong is not in it.
//! - **Brier score** (p − outcome)² where it is known what happened: 0 is best, 0.25 is a coin. Brier (1950),
//!   "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78: 1–3.
//! - **Assumption-driven**: the data pin some parameters only together, as a ridge; where along it a run stands is a
//!   prior. A claim's probability in the third of the runs in which the leader of the ridge is lowest is compared with that
//!   in the third in which it is highest. The claim rests on the prior when the two differ by more than 0.2 beyond what
//!   the sampling of runs explains: one-sided at 5%, by the standard error of a difference with one success and one
//!   failure added on either side, so that it is never 0. Agresti and Caffo (2000), "Simple and effective confidence
//!   intervals for proportions and differences of proportions", The American Statistician 54: 280–288. It is said to be
//!   unclear where the runs are too few to tell.
//!
//! Thirds, not a trend: a probability bends where it nears 0 or 1, a difference of two shares assumes no form, and its
//! error is known. It is modest, since the ends of a ridge lie further apart than the means of its outer thirds.

use crate::experiment::statistics::wilson;
use crate::record::claims::{Claims, Verdict};
use crate::run::ensemble::Block;

/// 95% quantile of the normal distribution.
const Z_ONE_SIDED: f64 = 1.644_853_626_951_472_7;
/// Move along a ridge beyond which a claim rests on a prior.
pub const MOVE: f64 = 0.2;
/// Runs from which the thirds of a leader are cut; with more, these cuts stand for all.
pub const CUT_RUNS: usize = 10_000;

/// Standard error of the difference of two shares, after Agresti and Caffo.
fn standard_error((holds_a, n_a): (u64, u64), (holds_b, n_b): (u64, u64)) -> f64 {
    let variance = |holds: u64, n: u64| {
        let n = n as f64 + 2.0;
        let p = (holds as f64 + 1.0) / n;
        p * (1.0 - p) / n
    };
    (variance(holds_a, n_a) + variance(holds_b, n_b)).sqrt()
}

/// Whether a claim rests on where a run stands along a ridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Driven {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The runs are too few to tell.
    Unclear,
}

impl Driven {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Driven::Yes => "yes",
            Driven::No => "no",
            Driven::Unclear => "unclear",
        }
    }
    /// The word read back.
    pub fn of(word: &str) -> Option<Driven> {
        [Driven::Yes, Driven::No, Driven::Unclear].into_iter().find(|d| d.word() == word)
    }
}

/// A ridge, and how a claim's probability moves along it; a claim keeps the one that [tells most](Along::outranks).
#[derive(Clone, Debug, PartialEq)]
pub struct Along {
    /// Path of the leader.
    pub leader: String,
    /// Probability in the third of the runs in which the leader is lowest.
    pub low: f64,
    /// Probability in the third in which it is highest.
    pub high: f64,
    /// Standard error of their difference.
    pub se: f64,
    /// What follows.
    pub driven: Driven,
}

impl Along {
    /// Whether this ridge tells more of a claim than another: one on which it rests before one that may be, and that before one on which
    /// it does not; among equals, the one along which it moves most beyond the noise.
    fn outranks(&self, other: &Along) -> bool {
        let rank = |a: &Along| match a.driven {
            Driven::Yes => 2,
            Driven::Unclear => 1,
            Driven::No => 0,
        };
        let least = |a: &Along| (a.high - a.low).abs() - Z_ONE_SIDED * a.se;
        (rank(self), least(self)) > (rank(other), least(other))
    }

    fn new(leader: &str, low: (u64, u64), high: (u64, u64)) -> Option<Along> {
        let share = |(holds, n): (u64, u64)| (n > 0).then(|| holds as f64 / n as f64);
        let (p_low, p_high, se) = (share(low)?, share(high)?, standard_error(low, high));
        let (moved, noise) = ((p_high - p_low).abs(), Z_ONE_SIDED * se);
        let driven = if moved - noise > MOVE {
            Driven::Yes
        } else if moved + noise <= MOVE {
            Driven::No
        } else {
            Driven::Unclear
        };
        Some(Along { leader: leader.to_string(), low: p_low, high: p_high, se, driven })
    }
}

/// A claim with its score; what does not exist is NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Id.
    pub id: String,
    /// Who says so.
    pub source: String,
    /// The claim in words.
    pub text: String,
    /// Its test.
    pub test: String,
    /// Share of the runs in which it holds.
    pub probability: f64,
    /// Lower end of the 95% interval.
    pub ci_low: f64,
    /// Upper end of the 95% interval.
    pub ci_high: f64,
    /// What happened, where it is known.
    pub outcome: Option<bool>,
    /// Brier score.
    pub brier: f64,
    /// Runs that count.
    pub n: u64,
    /// Of them, runs that could not decide the claim.
    pub undecided: u64,
    /// Runs that its condition leaves out.
    pub conditioned_out: u64,
    /// Why the runs cannot decide it, where they cannot; empty where they can.
    pub not_decidable: String,
    /// The ridge along which it moves most; none without ridges or runs.
    pub along: Option<Along>,
}

/// Runs that count and those in which a claim holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    holds: u64,
    undecided: u64,
    n: u64,
    left_out: u64,
}

impl Count {
    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::LeftOut => self.left_out += 1,
            Verdict::Fails => self.n += 1,
            Verdict::Holds => {
                self.n += 1;
                self.holds += 1;
            }
            Verdict::Undecided => {
                self.n += 1;
                self.undecided += 1;
            }
        }
    }
}

/// Scores claims from blocks as they come, in order, in memory that does not grow with the runs.
#[derive(Clone, Debug)]
pub struct Tally<'c> {
    claims: &'c Claims,
    all: Vec<Count>,
    /// The lowest and the highest third along each ridge: ridge after ridge, claim after claim.
    thirds: Vec<[Count; 2]>,
    /// Ends of the lowest and beginnings of the highest third, a ridge each, once they are cut.
    cuts: Option<Vec<(f64, f64)>>,
    /// Leaders and verdicts of the runs before that.
    waiting: Vec<(Vec<f64>, Vec<u8>)>,
}

impl<'c> Tally<'c> {
    /// Nothing counted yet.
    pub fn new(claims: &'c Claims) -> Tally<'c> {
        let count = claims.len();
        Tally {
            claims,
            all: vec![Count::default(); count],
            thirds: vec![<[Count; 2]>::default(); count * claims.ridges.len()],
            cuts: None,
            waiting: Vec::new(),
        }
    }

    /// Counts the runs of the next block.
    pub fn add(&mut self, block: &Block) {
        let count = self.claims.len();
        if count == 0 {
            return;
        }
        let draws = block.draws.len().checked_div(block.runs.len()).unwrap_or(0);
        for (run, verdicts) in block.verdicts.chunks_exact(count).enumerate() {
            self.all.iter_mut().zip(verdicts).for_each(|(all, &verdict)| all.add(Verdict::of(verdict)));
            let leader = |ridge: &crate::scenario::Ridge| block.draws[run * draws + ridge.leader];
            let leaders: Vec<f64> = self.claims.ridges.iter().map(leader).collect();
            if self.cuts.is_some() {
                self.sort(&leaders, verdicts);
            } else {
                self.waiting.push((leaders, verdicts.to_vec()));
                if self.waiting.len() == CUT_RUNS {
                    self.cut();
                }
            }
        }
    }

    /// Cuts the thirds of every leader, and sorts the runs that waited for that.
    fn cut(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let third = |ridge: usize| {
            let mut values: Vec<f64> = waiting.iter().map(|(leaders, _)| leaders[ridge]).collect();
            values.sort_unstable_by(f64::total_cmp);
            let last = values.len().saturating_sub(1);
            let at = values.len() / 3;
            match (values.get(at.saturating_sub(1)), values.get(last + 1 - at.min(last))) {
                (Some(&low), Some(&high)) if at > 0 => (low, high),
                _ => (f64::NEG_INFINITY, f64::INFINITY),
            }
        };
        self.cuts = Some((0..self.claims.ridges.len()).map(third).collect());
        waiting.iter().for_each(|(leaders, verdicts)| self.sort(leaders, verdicts));
    }

    fn sort(&mut self, leaders: &[f64], verdicts: &[u8]) {
        let Some(cuts) = &self.cuts else { return };
        for (ridge, (&leader, &(low, high))) in leaders.iter().zip(cuts).enumerate() {
            // Where a third of the runs heap on one value, that value is in neither of the outer thirds twice.
            let side = match (leader <= low, leader >= high) {
                (true, false) => 0,
                (false, true) => 1,
                _ => continue,
            };
            let counts = &mut self.thirds[ridge * verdicts.len()..(ridge + 1) * verdicts.len()];
            counts.iter_mut().zip(verdicts).for_each(|(count, &verdict)| count[side].add(Verdict::of(verdict)));
        }
    }

    /// The scores of the runs counted, in the order of the claims.
    pub fn finish(mut self) -> Vec<Scored> {
        if self.cuts.is_none() {
            self.cut();
        }
        (0..self.claims.len()).map(|claim| self.scored(claim)).collect()
    }

    fn scored(&self, index: usize) -> Scored {
        let judged = &self.claims.claims[index];
        let claim = &judged.claim;
        let count = if judged.undecidable.is_some() { Count::default() } else { self.all[index] };
        let probability = if count.n > 0 { count.holds as f64 / count.n as f64 } else { f64::NAN };
        let (ci_low, ci_high) = wilson(count.holds as f64, count.n as f64);
        let mut along: Option<Along> = None;
        for (ridge, named) in self.claims.ridges.iter().enumerate().filter(|_| count.n > 0) {
            let [low, high] = self.thirds[ridge * self.claims.len() + index];
            let found = Along::new(&named.path, (low.holds, low.n), (high.holds, high.n));
            if let Some(found) = found
                && along.as_ref().is_none_or(|best| found.outranks(best))
            {
                along = Some(found);
            }
        }
        Scored {
            id: claim.id.clone(),
            source: claim.source.clone(),
            text: claim.text.clone(),
            test: claim.test.clone(),
            probability,
            ci_low,
            ci_high,
            outcome: claim.outcome,
            brier: claim
                .outcome
                .map_or(f64::NAN, |o| (probability - f64::from(u8::from(o))) * (probability - f64::from(u8::from(o)))),
            n: count.n,
            undecided: count.undecided,
            conditioned_out: count.left_out,
            not_decidable: judged.not_decidable(),
            along,
        }
    }
}

#[cfg(test)]
mod tests;
