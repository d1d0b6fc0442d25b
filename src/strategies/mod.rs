//! Strategies: what an agent sees -> what it decides. A strategy is a variant of a closed enum with a
//! table of its own parameters; a file a strategy family.

pub mod cloud;
pub mod lab;
pub mod regulator;
