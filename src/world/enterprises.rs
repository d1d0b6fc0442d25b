//! Enterprises.

/// Enterprises.
#[derive(Clone, Debug, Default)]
pub struct Enterprises {}
