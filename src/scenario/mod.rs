//! Scenarios: read, extend, overlay, check; what is uncertain; what happens when.

pub mod parameters;

pub use parameters::Parameters;
