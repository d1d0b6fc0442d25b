//! The equations of the model, one to a file: its parameters, a pure function over plain values or
//! columns, and tests against closed forms. No function here sees the world.

pub mod adaptation;
pub mod adoption;
pub mod antitrust;
pub mod applications;
pub mod choice;
pub mod clouds;
pub mod compute;
pub mod concentration;
pub mod consumers;
pub mod diffusion;
pub mod enforcement;
pub mod entry;
pub mod environment;
pub mod exits;
pub mod forecasts;
pub mod governance;
pub mod governance_tools;
pub mod government;
pub mod holdup;
pub mod incidents;
pub mod investors;
pub mod orchestration;
pub mod pricing;
pub mod regulation;
pub mod research;
pub mod safety;
pub mod spend;
pub mod surplus;
pub mod terms;
pub mod trust;
pub mod valuation;
