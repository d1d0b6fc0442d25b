//! `aimarket completions SHELL`

use clap::CommandFactory;

use super::arguments::{Arguments, CompletionsArguments};
use super::failure::Failure;

/// Prints a script that completes commands and flags in a shell.
pub fn completions(arguments: &CompletionsArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "aimarket", &mut script);
    anstream::print!("{}", String::from_utf8_lossy(&script));
    Ok(())
}
