//! Exit codes, and what is said on the way out.

use crate::output::OutputError;
use crate::scenario::Fault;

/// Done.
pub const DONE: u8 = 0;
/// Something that should not happen.
pub const UNEXPECTED: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;
/// A scenario is wrong.
pub const SCENARIO: u8 = 3;
/// Some runs failed; the results are of the others.
pub const RUNS: u8 = 4;
/// Results could not be written or read.
pub const OUTPUT: u8 = 5;
/// Stopped by Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// Why a command ends otherwise than well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Exit code.
    pub code: u8,
    /// Message; empty where all is said already.
    pub text: String,
}

impl Failure {
    /// A failure with a message.
    pub fn new(code: u8, text: impl std::fmt::Display) -> Failure {
        Failure { code, text: format!("error: {text}") }
    }
    /// An exit code after all is said.
    pub fn silent(code: u8) -> Failure {
        Failure { code, text: String::new() }
    }
    /// The faults of a scenario.
    pub fn faults(faults: &[Fault]) -> Failure {
        let said: Vec<String> = faults.iter().map(Fault::to_string).collect();
        Failure { code: SCENARIO, text: said.join("\n") }
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Failure {
        Failure::new(OUTPUT, error)
    }
}
