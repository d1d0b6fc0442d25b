//! Diffusion of a tool among those who might use it (section 3.16), after Bass (1969), A new product growth for
//! model consumer durables.
//!
//! ```text
//! x' = (p + q·x/c)·(c − x)          1/yr; x users and c potential users, both as shares of the same population
//! x' = −a·(x − c)                   where fewer may or need to use it than do
//! ```
//!
//! Both are exact for any step: the first is Bass's solution for `x/c`, the logistic where p is 0; the second is an exponential.

use super::adoption::bass;
use crate::math::exp;

/// Rates of a diffusion, per year.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Hazard of use without peers, p.
    pub innovation: f64,
    /// Hazard of use when all peers use it, q.
    pub imitation: f64,
    /// Rate at which those who no longer need it give it up, a.
    pub abandonment: f64,
}

/// Users after `years`, from `users` of `potential`, shares of the same population.
pub fn users_after(users: f64, potential: f64, rates: Rates, years: f64) -> f64 {
    if users >= potential {
        return potential + (users - potential) * exp(-rates.abandonment * years);
    }
    let share = users / potential;
    if rates.innovation + rates.imitation * share <= 0.0 {
        return users;
    }
    (potential * bass(rates.innovation, rates.imitation, share, years)).clamp(users, potential)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::logistic;

    const RATES: Rates = Rates { innovation: 0.0, imitation: 0.7, abandonment: 1.0 };

    #[test]
    fn without_innovators_use_follows_the_logistic_curve() {
        for years in [0.5, 3.0, 10.0] {
            let exact = 0.4 * logistic(0.7 * years - (0.9f64 / 0.1).ln());
            assert!((users_after(0.04, 0.4, RATES, years) - exact).abs() < 1e-12);
        }
    }

    #[test]
    fn months_and_quarters_reach_the_same_use() {
        let rates = Rates { innovation: 0.05, ..RATES };
        let after = |steps: u32| (0..steps * 5).fold(0.03, |x, _| users_after(x, 0.5, rates, 1.0 / f64::from(steps)));
        assert!((after(12) - after(4)).abs() < 1e-12);
    }

    #[test]
    fn nobody_starts_what_nobody_uses_or_invents_and_use_beyond_need_falls_away() {
        assert_eq!(users_after(0.0, 0.5, RATES, 4.0), 0.0);
        assert_eq!(users_after(0.0, 0.0, RATES, 4.0), 0.0);
        assert!((users_after(0.5, 0.2, RATES, 1.0) - (0.2 + 0.3 * (-1.0f64).exp())).abs() < 1e-12);
    }
}
