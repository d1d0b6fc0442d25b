//! Strategies of a regulator.

use crate::choice;

choice! {
    /// How a regulator responds.
    pub enum Posture {
        /// Stringency follows salience; fines before exclusion.
        "responsive" => Responsive,
        /// Little response to salience, much to lobbying.
        "laissez_faire" => LaissezFaire,
        /// Acts before harm: stringency drifts up without salience.
        "precautionary" => Precautionary,
        /// Treats some labs as opponents: targeted action is more likely.
        "adversarial" => Adversarial,
    }
}
