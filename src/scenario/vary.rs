//! Paths and distributions that a command names, read as a scenario file would read them.

use crate::scenario::distribution::Distribution;
use crate::scenario::document::{Entry, Layers};
use crate::scenario::fault::Fault;
use crate::scenario::nodes::CompiledPath;
use crate::scenario::parameters::Parameters;
use crate::scenario::read::Reader;
use crate::scenario::uncertain::read_distribution;
use crate::scenario::unsound::Unsound;

/// The place of a path.
///
/// # Errors
/// The fault, with the nearest right name, when the path does not exist or is a whole table.
pub fn place(parameters: &Parameters, path: &str) -> Result<CompiledPath, Fault> {
    let mut layers = Layers::default();
    let node = layers.read_set(path, "true")?;
    let mut reader = Reader { layers: &layers, removed: &[], faults: Vec::new(), unsound: Unsound::default() };
    let place = reader.compile(parameters, path, node.at);
    found(place, path, reader.faults)
}

/// The distribution of a path from its text as `[uncertain]` writes it: `{ normal = { mean = 1.0, sd = 0.2 } }`.
///
/// # Errors
/// The first fault of the text.
pub fn distribution(path: &str, text: &str) -> Result<Distribution, Fault> {
    let mut layers = Layers::default();
    let node = layers.read_set(path, text)?;
    let entry = Entry { name: path.to_string(), name_at: node.at, node };
    let mut reader = Reader { layers: &layers, removed: &[], faults: Vec::new(), unsound: Unsound::default() };
    let distribution = read_distribution(&mut reader, &entry);
    found(distribution, path, reader.faults)
}

fn found<T>(value: Option<T>, path: &str, faults: Vec<Fault>) -> Result<T, Fault> {
    match (value, faults.into_iter().next()) {
        (_, Some(fault)) => Err(fault),
        (Some(value), None) => Ok(value),
        (None, None) => Err(Fault::whole(path, "cannot be read", None)),
    }
}
