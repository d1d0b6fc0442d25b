//! What labs do in a month: plan, research and release, suffer incidents, price.

pub mod holdup;
pub mod incidents;
pub mod plan;
pub mod price;
pub mod research;
