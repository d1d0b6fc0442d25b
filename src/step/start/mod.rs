//! The state at the start, agent kind by agent kind.

pub mod consumers;
pub mod enterprises;
pub mod other_business;
