//! From runs to conclusions: summary statistics, claims, what moves the horizon (designs and paired comparison build on them).

pub mod backtest;
pub mod claims;
pub mod compare;
pub mod design;
pub mod drivers;
pub mod game;
pub mod marginal;
pub mod moved;
pub mod observations;
pub mod paired;
pub mod points;
pub mod response;
pub mod sample;
pub mod sensitivity;
pub mod sketch;
pub mod statistics;
pub mod stopping;
pub mod summary;
pub mod winners;
