//! The equations of the model, one to a file: its parameters, a pure function over plain values or
//! columns, and tests against closed forms. No function here sees the world.

pub mod adoption;
pub mod choice;
pub mod clouds;
pub mod compute;
pub mod consumers;
pub mod environment;
pub mod exits;
pub mod forecasts;
pub mod holdup;
pub mod incidents;
pub mod investors;
pub mod pricing;
pub mod regulation;
pub mod research;
pub mod safety;
pub mod spend;
pub mod terms;
pub mod trust;
pub mod valuation;
