//! Which uncertain parameters, and chance itself, move the outcomes at the horizon.
//!
//! Every factor has a place in the unit cube: an uncertain parameter takes its value at that probability, and chance, all randomness
//! that is no factor, is a factor of its own whose value is the number of the run. `Y = f(U_1, …, U_d, run)`, all independent. Where some
//! uncertain parameters are left out, their draws go with the run: that factor is then called `all else`, and is not chance alone.
//!
//! ```text
//! design    rows of two points A and B of the cube, each with a run number of its own
//!   sobol   f at A, at B, and at A with one factor from B, for every factor        N (d + 2) runs, d with chance
//!   morris  f along a path from A to B that takes one factor after the other       r (d + 1) runs
//! indices   first order  S_i = V(E(Y | U_i)) / V(Y)        total  T_i = E(V(Y | all but U_i)) / V(Y)
//!           elementary effects: mu, mu*, sigma
//! ```
//!
//! Money is heavy-tailed: a few runs would make the variance, and with it every index. So a series in dollars that is above 0 in every
//! run is analysed on the scale of ln: indices are shares of the variance of ln Y, effects are steps of ln Y (0.69 is a doubling). All
//! other series are analysed as they are; [`Analysis::scale`] says which. A logarithm is the transformation that Box and Cox (1964)
//! give for errors in proportion to the value; the indices are those of ln Y, not of Y.
//!
//! Correlated priors: a value that depends on others is a function of them and of a uniform of its own (Rosenblatt 1952), so that an
//! index is that of the part of a parameter that is its own. What leads has in its index what it moves through those that follow it;
//! what follows has what is left: the "full" indices in this order of Mara and Tarantola (2012), "Variance-based sensitivity indices
//! for models with dependent inputs".
//!
//! A value that does not exist (the price of a lab that is gone) or a run that failed leaves its row out of the indices that need it;
//! `n` counts the rows that are left, and a series of which fewer than half are left has no indices.

pub mod design;
pub mod indices;

pub use design::{ALL_ELSE, CHANCE, Design, Factor, Member, Method, Place, Sampled};
pub use indices::{Analysis, CHANCE_STEP, Estimate, Index, Scale, WIDE, analyse, analyse_all};

#[cfg(test)]
mod tests;
