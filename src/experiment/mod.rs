//! From runs to conclusions: summary statistics, claims, what moves the horizon (designs and paired comparison build on them).

pub mod backtest;
pub mod claims;
pub mod drivers;
pub mod game;
pub mod observations;
pub mod paired;
pub mod sample;
pub mod sketch;
pub mod statistics;
pub mod summary;
pub mod winners;
