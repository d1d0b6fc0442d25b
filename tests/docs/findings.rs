//! `docs/model.md`: what theory says of pairs of strategies, and what the model gives.
