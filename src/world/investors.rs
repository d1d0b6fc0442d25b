//! Investors.

/// Investors.
#[derive(Clone, Debug, Default)]
pub struct Investors {}
