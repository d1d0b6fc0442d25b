//! Whether memory and disk suffice, before anything starts.

use std::path::{Path, PathBuf};

use super::failure::{Failure, OUTPUT};
use super::terminal::size;
use crate::output::selection::Needs;
use crate::scenario::Scenario;

/// Refuses where the worlds of the workers alone do not fit, before any of them is laid. `together` are the scenarios of which
/// every worker holds a world at once.
pub fn check_worlds<'s>(threads: usize, together: impl IntoIterator<Item = &'s Scenario>) -> Result<(), Failure> {
    let enterprises: u64 = together.into_iter().map(|s| s.parameters.enterprises.count).sum();
    check_memory(Needs::worlds(threads, enterprises), "fewer --threads or a smaller enterprises.count")
}

/// Refuses where memory or disk do not suffice; `less` says what would need less of either.
pub fn check(needs: Needs, folder: &Path, less: [&str; 2]) -> Result<(), Failure> {
    let [less_memory, less_disk] = less;
    check_memory(needs.memory, less_memory)?;
    let place = existing(folder);
    match fs4::available_space(&place) {
        Ok(free) if needs.disk > free => {
            let (needed, free, at) = (size(needs.disk), size(free), place.display());
            let text = format!("{needed} of disk needed, {free} free at {at}; try {less_disk} or another --output");
            Err(Failure::new(OUTPUT, text))
        }
        // Where the system does not say how much is free, a full disk is told when it is met.
        _ => Ok(()),
    }
}

/// Refuses where so many bytes of memory cannot be had.
pub fn check_memory(needed: u64, less: &str) -> Result<(), Failure> {
    match free_memory() {
        Some(free) if needed > free => {
            let text = format!("{} of memory needed, {} free; try {less}", size(needed), size(free));
            Err(Failure::new(OUTPUT, text))
        }
        _ => Ok(()),
    }
}

/// The nearest folder above that exists.
fn existing(folder: &Path) -> PathBuf {
    let there = folder.ancestors().find(|p| p.exists());
    there.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Memory that can be had, in bytes, where the system says so.
pub fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
