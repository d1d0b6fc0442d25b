//! Strategies of a cloud: whose models it promotes.

use crate::choice;

choice! {
    /// Whose models a cloud promotes to its customers.
    pub enum Promotion {
        /// All models that it sells alike.
        "neutral" => Neutral,
        /// Those of its own group first.
        "own" => Own,
        /// Those of the labs that rent from it first.
        "partner" => Partner,
    }
}
