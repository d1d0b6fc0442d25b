//! What labs have changed of their strategies since the start, what they remember of it, and the state of their boards.
//! The strategy in force is the scenario's plus what stands here (`step::posture` reads it). L labs, row after row.

use crate::mechanisms::adaptation::CELLS;
use crate::mechanisms::safety::Method;
use crate::strategies::lab::adaptation::{Move, Shift};

/// Numbers of what a search may try: columns of `direction`.
pub const MOVES: usize = Move::ALL.len();
/// Columns of `attraction`.
pub const ATTRACTIONS: usize = CELLS;

/// Adapted strategies and boards.
#[derive(Clone, Debug, Default)]
pub struct Posture {
    /// What was adapted; the default where nothing was.
    pub shift: Vec<Shift>,
    /// Method of alignment in force.
    pub method: Vec<Method>,
    /// Method that the scenario asked for when last looked at.
    pub method_asked: Vec<Method>,
    /// Whether the scenario asked for open weights when last looked at.
    pub open_asked: Vec<bool>,
    /// Method that a retrofit leads to.
    pub retrofit_to: Vec<Option<Method>>,
    /// Months of that retrofit left.
    pub retrofit_months: Vec<f64>,
    /// Share of research compute for safety at the start.
    pub safety_at_start: Vec<f64>,
    /// Changes since the start.
    pub adaptations: Vec<f64>,

    /// Months since the last review of strategy.
    pub months_since_review: Vec<f64>,
    /// A crisis asks for a review now.
    pub review_now: Vec<bool>,
    /// Performance, smoothed, ln per year; NaN before the first step.
    pub performance: Vec<f64>,
    /// Aspiration, ln per year; NaN before the first review.
    pub aspiration: Vec<f64>,
    /// Enterprise share a step ago.
    pub share_before: Vec<f64>,
    /// Run-rate and what hosts bill for the lab's models a step ago, USD per year.
    pub business_before_usd: Vec<f64>,
    /// Value a step ago, USD.
    pub value_before_usd: Vec<f64>,
    /// What the last search tried: an index into the moves, or `usize::MAX`.
    pub tried: Vec<usize>,
    /// Performance above aspiration when it was tried.
    pub gap_when_tried: Vec<f64>,
    /// Direction in which each move is tried next, 1 or -1, 0 for unknown; L × MOVES.
    pub direction: Vec<f64>,
    /// Attraction of each cell, L × ATTRACTIONS.
    pub attraction: Vec<f64>,
    /// Weight of experience.
    pub experience: Vec<f64>,

    /// Stability of the board: 1 in quiet times.
    pub stability: Vec<f64>,
    /// Hazard of a crisis of the board, per year.
    pub crisis_hazard: Vec<f64>,
    /// Crises since the start.
    pub crises: Vec<f64>,
    /// The scenario's order of a crisis has been carried out.
    pub ordered: Vec<bool>,
}
