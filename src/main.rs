//! The command line of `aimarket`.

use std::process::ExitCode;

use aimarket::run::engine::Engine;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    ExitCode::from(aimarket::cli::main(&arguments, |scenario| Engine::prepare(scenario.clone())))
}
