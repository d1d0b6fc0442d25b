//! Strategies of a lab, one table each in the scenario (`labs.<id>.strategy.<family>`).

pub mod adaptation;
pub mod allocation;
pub mod openness;
pub mod pricing;
pub mod release;
