//! Smaller firms.

/// Smaller firms.
#[derive(Clone, Debug, Default)]
pub struct OtherBusiness {}
