//! Strategies of a regulator.

use crate::choice;
use crate::mechanisms::regulation::Response;

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

impl Posture {
    /// How the posture responds. Factors are judgement: their signs are what the words mean.
    pub fn response(self) -> Response {
        match self {
            Posture::Responsive => Response { salience: 1.0, lobbying: 1.0, drift_per_year: 0.0, targeting: 1.0 },
            Posture::LaissezFaire => Response { salience: 0.4, lobbying: 1.6, drift_per_year: 0.0, targeting: 1.0 },
            Posture::Precautionary => Response { salience: 1.2, lobbying: 0.6, drift_per_year: 0.03, targeting: 0.5 },
            Posture::Adversarial => Response { salience: 1.0, lobbying: 1.0, drift_per_year: 0.0, targeting: 3.0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_precautionary_regulator_acts_before_harm_and_a_laissez_faire_one_listens_to_industry() {
        assert!(Posture::Precautionary.response().drift_per_year > 0.0);
        assert!(Posture::LaissezFaire.response().lobbying > Posture::Responsive.response().lobbying);
        assert!(Posture::Adversarial.response().targeting > Posture::Responsive.response().targeting);
    }
}
