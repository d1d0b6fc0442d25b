//! State of what ties labs to groups: terms, compute paid for ahead, hold-up, and how labs leave the private market.
//! L labs, C clouds, K kinds of investor; a group is a cloud's owner or, after the clouds, the chip makers: C + 1 groups.
//! Matrices are row after row, row index first: `control[j * (C + 1) + g]`.

use super::{Dims, refill};

/// No group.
pub const NOBODY: usize = usize::MAX;

/// Ties between labs and groups. Money is nominal USD.
#[derive(Clone, Debug, Default)]
pub struct Capital {
    /// Share of the votes of its stake that a group may use, L × (C + 1), 0 to 1.
    pub control: Vec<f64>,
    /// Part of the lab's rented compute that is promised to the cloud alone, L × C, 0 to 1.
    pub exclusive: Vec<f64>,
    /// Rent promised for strategic money and not yet due, L × C, USD.
    pub pledged_usd: Vec<f64>,
    /// Compute paid for ahead with strategic money, L × (C + 1), USD.
    pub credits_usd: Vec<f64>,
    /// Raised from groups since the start, L, USD.
    pub raised_usd: Vec<f64>,
    /// Raised from the chip maker in the last two years, decaying, L, USD.
    pub raised_from_chips_usd: Vec<f64>,
    /// Raised in compute of the investor's group since the start, L, USD.
    pub raised_in_compute_usd: Vec<f64>,
    /// Shares sold to groups since the start times the value of the lab then, L, USD: over the money raised, what a dollar of it cost.
    pub paid_in_shares_usd: Vec<f64>,
    /// Paid for compute beyond use this step, L, USD per year.
    pub unused_usd: Vec<f64>,
    /// Haircut on commitments that the columns carry.
    pub haircut: f64,

    /// Months for which the cloud still asks the lab for more, L × C.
    pub dearer_months: Vec<f64>,
    /// Months for which the cloud still refuses the lab growth, L × C.
    pub refused_months: Vec<f64>,
    /// Times that a cloud has begun to hold the lab up, L.
    pub hold_ups: Vec<f64>,

    /// Growth of run-rate seen of late, L, ln per year.
    pub growth_trend: Vec<f64>,
    /// How much better extrapolation has forecast growth than fundamentals, K, (ln per year) squared.
    pub fitness_gap: Vec<f64>,
    /// Price of the last tender on the secondary market, L, USD; 0 for none.
    pub secondary_price_usd: Vec<f64>,
    /// Months since that tender, L.
    pub months_since_tender: Vec<f64>,

    /// Shares are traded in public, L.
    pub listed: Vec<bool>,
    /// Bought by a group, L.
    pub acquired: Vec<bool>,
    /// Rescued by a group, L: times.
    pub rescues: Vec<f64>,
    /// Cloud whose group has bought the lab, L, or [`NOBODY`].
    pub acquirer: Vec<usize>,
    /// What that group transfers to the lab now at most, L, USD per year: its burn when it was bought, and what it has needed since.
    pub group_transfer_usd: Vec<f64>,
    /// What the owner of a lab has given it this step, L, USD per year.
    pub transfer_paid_usd: Vec<f64>,
    /// What each cloud was promised by labs that failed and did not get, C, USD.
    pub lost_claims_usd: Vec<f64>,
}

impl Capital {
    /// Empties all columns for a world of these shapes.
    pub fn reset(&mut self, dims: &Dims) {
        let (l, c, k) = (dims.labs, dims.clouds, dims.kinds);
        for (column, n) in [
            (&mut self.control, l * (c + 1)),
            (&mut self.exclusive, l * c),
            (&mut self.pledged_usd, l * c),
            (&mut self.credits_usd, l * (c + 1)),
            (&mut self.raised_usd, l),
            (&mut self.raised_from_chips_usd, l),
            (&mut self.raised_in_compute_usd, l),
            (&mut self.paid_in_shares_usd, l),
            (&mut self.unused_usd, l),
            (&mut self.dearer_months, l * c),
            (&mut self.refused_months, l * c),
            (&mut self.hold_ups, l),
            (&mut self.growth_trend, l),
            (&mut self.fitness_gap, k),
            (&mut self.secondary_price_usd, l),
            (&mut self.months_since_tender, l),
            (&mut self.rescues, l),
            (&mut self.group_transfer_usd, l),
            (&mut self.transfer_paid_usd, l),
            (&mut self.lost_claims_usd, c),
        ] {
            refill(column, n, 0.0);
        }
        refill(&mut self.listed, l, false);
        refill(&mut self.acquired, l, false);
        refill(&mut self.acquirer, l, NOBODY);
        self.haircut = 0.0;
    }

    /// The cloud whose group has bought this lab.
    pub fn acquirer_of(&self, lab: usize) -> Option<usize> {
        self.acquirer.get(lab).copied().filter(|&k| k != NOBODY)
    }
}
