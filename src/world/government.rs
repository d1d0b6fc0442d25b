//! State of government as a buyer: when its tenders fall, and which labs refuse it.

use super::{Dims, refill};

/// No tenders: buyers choose when their contracts end.
pub const CONTINUOUS: i32 = -1;

/// State of government as a buyer.
#[derive(Clone, Debug, Default)]
pub struct Government {
    /// Month of the year in which tenders of a sector and jurisdiction begin, S × J; [`CONTINUOUS`] for private sectors.
    pub tender_phase: Vec<i32>,
    /// Sectors that a lab will not serve, L × S.
    pub refused: Vec<bool>,
    /// Whether a sector that a lab will not serve is public, L.
    pub refuses_public: Vec<bool>,
    /// Sectors refused at the end of the last step, L × S.
    pub refused_before: Vec<bool>,
}

impl Government {
    /// Nobody holds tenders, and nobody refuses.
    pub fn clear(&mut self, dims: &Dims) {
        refill(&mut self.tender_phase, dims.sectors * dims.jurisdictions, CONTINUOUS);
        refill(&mut self.refused, dims.labs * dims.sectors, false);
        refill(&mut self.refuses_public, dims.labs, false);
        refill(&mut self.refused_before, dims.labs * dims.sectors, false);
    }
}
