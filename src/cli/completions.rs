//! `aimarket completions SHELL`

use super::arguments::CompletionsArguments;
use super::failure::Failure;
use super::help;

/// Prints a script that completes commands and flags in a shell.
pub fn completions(arguments: &CompletionsArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut help::command(), "aimarket", &mut script);
    anstream::print!("{}", String::from_utf8_lossy(&script));
    Ok(())
}
