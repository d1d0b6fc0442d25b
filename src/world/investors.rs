//! State of the investors in columns, and who holds what of the labs. V investors in K kinds; matrices are row after
//! row, row index first: `stake[j * V + v]`.

use crate::mechanisms::investors::Bid;

/// State of the investors. Their dry powder is the cash of their accounts.
#[derive(Clone, Debug, Default)]
pub struct Investors {
    /// Kind of each investor, V: an index into the parameters.
    pub kind: Vec<usize>,
    /// What the draws of each investor are keyed by, V.
    pub key: Vec<u64>,
    /// Investors stand kind by kind: the first of each kind, and after the last kind the number of all, K + 1.
    pub first: Vec<usize>,
    /// Group to which a strategic investor belongs, V: a cloud, after those the chip makers; [`NOBODY`](super::capital::NOBODY) for none.
    pub group_cloud: Vec<usize>,
    /// Size relative to the mean of the kind, V: the sizes of a kind sum to its count.
    pub size: Vec<f64>,
    /// Bloc of the money of each kind, K: money stays within its bloc.
    pub kind_bloc: Vec<bool>,
    /// Bloc of each lab, L.
    pub lab_bloc: Vec<bool>,
    /// Mean horizon of all investors, years.
    pub mean_horizon_years: f64,

    /// Lasting opinion of an investor about a lab, L × V, in standard deviations of disagreement.
    pub opinion: Vec<f64>,
    /// Investors of each kind from the highest opinion about a lab down, in the places of the kind, L × V.
    pub by_opinion: Vec<usize>,
    /// Share of the lab that the investor holds, L × V.
    pub stake: Vec<f64>,
    /// Share of the lab that the cloud's group has held since the start, L × C.
    pub cloud_stake: Vec<f64>,
    /// Growth of run-rate seen this step, L, ln per year.
    pub growth_seen: Vec<f64>,
    /// That growth above what was expected, L, ln per year.
    pub surprise: Vec<f64>,
    /// Trust above the mean lab's, L.
    pub trust_above_mean: Vec<f64>,
    /// ln of the value by fundamentals, L, USD.
    pub ln_fundamental: Vec<f64>,
    /// Weight that a kind gives the surprise of growth, K.
    pub extrapolation: Vec<f64>,
    /// Hazard of a crisis of governance above that of a lab that keeps its own control, L, per year.
    pub crisis_hazard: Vec<f64>,

    /// Put into labs since the start, K, USD.
    pub deployed_usd: Vec<f64>,
    /// Value of the shares held, K, USD.
    pub marked_value_usd: Vec<f64>,
    /// Cash that can still be invested, K, USD.
    pub dry_powder_usd: Vec<f64>,

    /// Scratch of a book: the kinds that have something to give.
    pub queues: Vec<Queue>,
    /// Bids that a book has taken, from the highest valuation down.
    pub taken: Vec<Bid>,
}

/// The investors of a kind that a book has not come to yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Queue {
    /// What the kind makes of the lab.
    pub appraisal: Appraisal,
    /// The next bid.
    pub next: Bid,
    /// Where those behind it begin, and where they end.
    pub rest: (usize, usize),
}

/// What a kind of investor makes of a lab.
#[derive(Clone, Copy, Debug, Default)]
pub struct Appraisal {
    /// ln of its value to an investor of the kind without an opinion of its own, USD.
    pub ln_value: f64,
    /// Part of its dry powder that an investor of the kind puts into it, before a boom.
    pub concentration: f64,
}
