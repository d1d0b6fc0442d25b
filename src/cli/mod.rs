//! The command line: arguments, a file a command, terminal. Messages go to stderr, data to stdout.

pub mod arguments;
pub mod backtest;
pub mod check;
pub mod compare;
pub mod completions;
pub mod failure;
pub mod game;
pub mod help;
pub mod list;
pub mod needs;
pub mod new;
pub mod plot;
pub mod run;
pub mod schema;
pub mod sensitivity;
pub mod sweep;
pub mod terminal;
pub mod until;

use std::ffi::OsString;

use crate::run::Placed;
use crate::scenario::Scenario;
use arguments::{Command, RunArguments};
use failure::Failure;

/// Reads the command line, does what it says, and returns the exit code. `prepare` makes a scenario ready to run.
pub fn main<M: Placed + Send>(arguments: &[OsString], prepare: impl Fn(&Scenario) -> Result<M, String> + Sync) -> u8 {
    let parsed = match help::parse(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version are no errors; clap sends them to stdout itself.
            let shown = error.print();
            return if shown.is_err() { failure::UNEXPECTED } else { error.exit_code() as u8 };
        }
    };
    let command_line: Vec<String> = arguments.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let done = match parsed.command {
        None => {
            let arguments = RunArguments { scenarios: Vec::new(), flags: parsed.flags, stop: parsed.stop };
            run::run(&arguments, command_line, &prepare)
        }
        Some(Command::Run(arguments)) => run::run(&arguments, command_line, &prepare),
        Some(Command::Sweep(arguments)) => sweep::sweep(&arguments, command_line, &prepare),
        Some(Command::Compare(arguments)) => compare::compare(&arguments, command_line, &prepare),
        Some(Command::Plot(arguments)) => plot::plot(&arguments),
        Some(Command::Backtest(arguments)) => backtest::backtest(&arguments, &prepare),
        Some(Command::Sensitivity(arguments)) => sensitivity::sensitivity(&arguments, command_line, &prepare),
        Some(Command::Game(arguments)) => game::game(&arguments, &command_line, &prepare),
        Some(Command::Check(arguments)) => check::check(&arguments, &prepare),
        Some(Command::List(arguments)) => list::list(&arguments, &prepare),
        Some(Command::Schema) => schema::schema(),
        Some(Command::New(arguments)) => new::new(&arguments),
        Some(Command::Completions(arguments)) => completions::completions(&arguments),
    };
    match done {
        Ok(()) => failure::DONE,
        Err(Failure { code, text }) => {
            if !text.is_empty() {
                anstream::eprintln!("{text}");
            }
            code
        }
    }
}
