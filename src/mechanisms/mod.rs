//! The equations of the model, one to a file: its parameters, a pure function over plain values or
//! columns, and tests against closed forms. No function here sees the world.

pub mod adaptation;
pub mod adoption;
pub mod antitrust;
pub mod choice;
pub mod clouds;
pub mod compute;
pub mod consumers;
pub mod enforcement;
pub mod environment;
pub mod governance;
pub mod government;
pub mod incidents;
pub mod investors;
pub mod pricing;
pub mod regulation;
pub mod research;
pub mod safety;
pub mod spend;
pub mod trust;
pub mod valuation;
