//! `aimarket new FILE`

use std::fs::File;
use std::io::{ErrorKind, Write};

use super::arguments::NewArguments;
use super::failure::{Failure, OUTPUT};

/// A scenario that runs as it is and shows every kind of table.
pub const STARTER: &str = include_str!("starter.toml");

/// Writes a commented starter scenario; what stands in its place already is left alone.
pub fn new(arguments: &NewArguments) -> Result<(), Failure> {
    let file = &arguments.file;
    let wrong = |e: std::io::Error| Failure::new(OUTPUT, format!("{}: {e}", file.display()));
    let mut made = File::create_new(file).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => {
            Failure::new(OUTPUT, format!("{} exists already; name another file", file.display()))
        }
        ErrorKind::NotFound => {
            Failure::new(OUTPUT, format!("{} cannot be made: its folder does not exist", file.display()))
        }
        _ => wrong(e),
    })?;
    made.write_all(STARTER.as_bytes()).map_err(wrong)?;
    let shown = file.display();
    anstream::eprintln!("{shown} written; `aimarket check {shown}` checks it, `aimarket run {shown}` runs it");
    Ok(())
}
