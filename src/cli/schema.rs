//! `aimarket schema`

use super::failure::{Failure, UNEXPECTED};

/// Prints the JSON Schema of a scenario file.
pub fn schema() -> Result<(), Failure> {
    let schema = crate::scenario::schema::schema();
    let text = serde_json::to_string_pretty(&schema).map_err(|e| Failure::new(UNEXPECTED, e))?;
    anstream::println!("{text}");
    Ok(())
}
