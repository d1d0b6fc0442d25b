//! From runs to conclusions: summary statistics (designs, paired comparison and claims build on them).

pub mod sketch;
pub mod statistics;
pub mod summary;
pub mod backtest;
pub mod drivers;
