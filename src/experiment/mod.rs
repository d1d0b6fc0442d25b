//! From runs to conclusions: summary statistics (designs, paired comparison and claims build on them).

pub mod backtest;
pub mod drivers;
pub mod observations;
pub mod paired;
pub mod sample;
pub mod sketch;
pub mod statistics;
pub mod summary;
pub mod winners;
