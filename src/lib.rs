//! `aimarket` projects who wins the AI market: an agent-based simulation in which labs, investors,
//! enterprises, clouds and regulators act month by month, run thousands of times from scenario files.
//!
//! Data flows one way, through the floors below. A module imports only from floors below its own;
//! `tests/layers.rs` fails on an import that points up.
//!
//! ```text
//! 0  units        money, compute, capability, calendar months; conversion constants
//!    random       counter-based draws keyed by (seed, run, purpose, entity, entity, month)
//!    math         exp, ln and SIMD kernels with the same bits on every machine
//!    fields       typed tables of named values: unit, bounds, default, meaning, source, tag
//! 1  mechanisms   one equation a file: its parameters, a pure function, its tests
//! 2  strategies   what an agent sees -> what it decides; a strategy a file
//! 3  scenario     read, extend, overlay, check -> Scenario; uncertainty; events -> Parameters
//! 4  world        state only, in columns, one file an agent kind; the ledger
//! 5  step         the month: the phases in order; the only writer of the world
//! 6  record       metrics (name, unit, meaning, how to read it) and the recorder
//! 7  run          one run -> Record; ensemble: many runs over threads, in order, streamed
//! 8  experiment   statistics of an ensemble, claims, comparison with history; sweeps, paired comparison,
//!                 sensitivity, games; when runs are enough
//! 9  output       tables, manifest
//!    figures      summary -> PNG and SVG
//! 10 cli          arguments, a file a command, terminal
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]
// Tests take the platform's functions as their oracle.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod fields;
pub mod math;
pub mod random;
pub mod units;

pub mod mechanisms;

pub mod strategies;

pub mod scenario;

pub mod world;

pub mod step;

pub mod record;

pub mod run;

pub mod experiment;

pub mod figures;
pub mod output;

pub mod cli;
