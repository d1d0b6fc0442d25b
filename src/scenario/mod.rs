//! Scenarios: read, extend, overlay, check; what is uncertain; what happens when.

pub mod distribution;
pub mod document;
pub mod fault;
pub mod nodes;
pub mod overlay;
pub mod parameters;
pub mod read;
pub mod shipped;
pub mod uncertain;

pub use fault::Fault;
pub use parameters::Parameters;
