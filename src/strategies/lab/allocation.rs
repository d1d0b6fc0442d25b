//! Scale or trust: how a lab splits its budget and its research compute.

use crate::{strategy, table};

table! {
    /// Shares of the budget of a lab that puts scale first.
    pub struct Scale: Parameter {
        /// Share of research compute for safety.
        safety_share: f64 = 0.015, "fraction of research compute", [0.0, 1.0], Prior, "judgement; the labs publish no split";
        /// Share of research compute for experiments on algorithms; the rest trains models.
        research_share: f64 = 0.35, "fraction of research compute", [0.0, 1.0], Prior, "Epoch: most R&D compute of OpenAI in 2024 went to experiments; judgement";
        /// Share of the budget for staff, marketing and administration.
        staff_share: f64 = 0.22, "fraction of budget", [0.0, 1.0], Prior, "OpenAI 2025: expenses 34 bn of which compute 16 bn; much of the rest is stock";
    }
}

table! {
    /// Shares of the budget of a lab that keeps both in balance.
    pub struct Balanced: Parameter {
        /// Share of research compute for safety.
        safety_share: f64 = 0.03, "fraction of research compute", [0.0, 1.0], Prior, "judgement; the labs publish no split";
        /// Share of research compute for experiments on algorithms; the rest trains models.
        research_share: f64 = 0.35, "fraction of research compute", [0.0, 1.0], Prior, "Epoch: most R&D compute of OpenAI in 2024 went to experiments; judgement";
        /// Share of the budget for staff, marketing and administration.
        staff_share: f64 = 0.25, "fraction of budget", [0.0, 1.0], Prior, "judgement";
    }
}

table! {
    /// Shares of the budget of a lab that puts trust first.
    pub struct TrustFirst: Parameter {
        /// Share of research compute for safety.
        safety_share: f64 = 0.06, "fraction of research compute", [0.0, 1.0], Prior, "judgement; the labs publish no split";
        /// Share of research compute for experiments on algorithms; the rest trains models.
        research_share: f64 = 0.35, "fraction of research compute", [0.0, 1.0], Prior, "judgement";
        /// Share of the budget for staff, marketing and administration.
        staff_share: f64 = 0.25, "fraction of budget", [0.0, 1.0], Prior, "judgement";
    }
}

strategy! {
    /// Scale or trust.
    pub enum Allocation {
        /// Some safety work beside capability.
        "balanced" => Balanced(Balanced),
        /// Capability before all.
        "scale" => Scale(Scale),
        /// Safety work well above the industry's.
        "trust" => Trust(TrustFirst),
    }
}

/// Shares that an allocation decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// Safety, fraction of research compute.
    pub safety: f64,
    /// Experiments, fraction of research compute.
    pub research: f64,
    /// Staff, fraction of budget.
    pub staff: f64,
}

impl Allocation {
    /// The shares in force.
    pub fn split(&self) -> Split {
        let (safety, research, staff) = match self {
            Allocation::Scale(Scale { safety_share, research_share, staff_share }) => {
                (safety_share, research_share, staff_share)
            }
            Allocation::Balanced(Balanced { safety_share, research_share, staff_share }) => {
                (safety_share, research_share, staff_share)
            }
            Allocation::Trust(TrustFirst { safety_share, research_share, staff_share }) => {
                (safety_share, research_share, staff_share)
            }
        };
        let safety = safety.min(1.0);
        Split { safety, research: research.min(1.0 - safety), staff: *staff }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_first_lab_puts_more_compute_into_safety_than_a_scale_first_lab() {
        let trust = Allocation::Trust(TrustFirst::default()).split();
        let scale = Allocation::Scale(Scale::default()).split();
        assert!(trust.safety > 2.0 * scale.safety);
    }

    #[test]
    fn research_compute_is_never_split_into_more_than_there_is() {
        let greedy = Allocation::Scale(Scale { safety_share: 0.8, research_share: 0.8, staff_share: 0.1 }).split();
        assert!(greedy.safety + greedy.research <= 1.0);
    }
}
