//! State of consumers: users by jurisdiction, shares and revenue by lab.

/// State of consumers.
#[derive(Clone, Debug, Default)]
pub struct Consumers {
    /// Users of assistants, J, people.
    pub users: Vec<f64>,
    /// Share of users who use the lab's assistant first, L × J.
    pub share: Vec<f64>,
    /// Appeal of the assistant beyond its capability, L × J: brand, fitted at the start, then volatile.
    pub appeal: Vec<f64>,
    /// Revenue per user, L, USD per user and year.
    pub revenue_per_user_usd: Vec<f64>,
    /// That revenue at the start, L, USD per user and year.
    pub initial_revenue_per_user_usd: Vec<f64>,
    /// Users at the start, J, people.
    pub initial_users: Vec<f64>,
    /// Capability at the start, L, ECI.
    pub eci_start: Vec<f64>,
    /// Share of all users, L.
    pub total_share: Vec<f64>,
    /// Scratch: share of those who choose anew that takes each lab, L.
    pub target: Vec<f64>,
}
