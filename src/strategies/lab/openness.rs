//! Closed or open: whether a lab publishes the weights of its models.

use crate::{strategy, table};

table! {
    /// No parameters.
    pub struct Closed: Parameter {}
}
table! {
    /// No parameters.
    pub struct Open: Parameter {}
}
table! {
    /// Open after a delay.
    pub struct Delayed: Parameter {
        /// Months from release to publication of the weights.
        months: f64 = 9.0, "months", [0.0, 120.0], Prior, "judgement";
    }
}

strategy! {
    /// Closed or open weights.
    pub enum Openness {
        /// Weights are never published.
        "closed" => Closed(Closed),
        /// Weights are published with the model.
        "open_weights" => Open(Open),
        /// Weights are published after a delay.
        "delayed" => Delayed(Delayed),
    }
}

impl Openness {
    /// Whether the weights of a model released `months` ago are public.
    pub fn published(&self, months: f64) -> bool {
        match self {
            Openness::Closed(_) => false,
            Openness::Open(_) => true,
            Openness::Delayed(d) => months >= d.months,
        }
    }
}
