//! Distributions of uncertain values, drawn from keyed uniforms with the same bits on every machine.

use crate::math::incomplete::{beta_quantile, gamma_quantile};
use crate::math::{exp, ln, normal_quantile};
use crate::random::Stream;

/// A distribution as a scenario file writes it: `{ normal = { mean = 1.0, sd = 0.2, min = 0.0 } }`.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Normal, truncated to `[min, max]` and, where given, to values above the product of other paths.
    Normal {
        /// Mean before truncation.
        mean: f64,
        /// Standard deviation before truncation.
        sd: f64,
        /// Least value.
        min: Option<f64>,
        /// Greatest value.
        max: Option<f64>,
        /// Paths whose product the value exceeds.
        min_product: Vec<String>,
    },
    /// Lognormal, truncated.
    Lognormal {
        /// Median before truncation, above 0.
        median: f64,
        /// Standard deviation of the natural logarithm.
        sd: f64,
        /// Least value.
        min: Option<f64>,
        /// Greatest value.
        max: Option<f64>,
    },
    /// Uniform.
    Uniform {
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
    /// Triangular.
    Triangular {
        /// Least value.
        min: f64,
        /// Most likely value.
        mode: f64,
        /// Greatest value.
        max: f64,
    },
    /// Beta on `[min, max]`, by default `[0, 1]`.
    Beta {
        /// First shape.
        a: f64,
        /// Second shape.
        b: f64,
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
    /// Gamma.
    Gamma {
        /// Shape.
        shape: f64,
        /// Rate: the mean is shape / rate.
        rate: f64,
    },
    /// One of a few values.
    Discrete {
        /// The values.
        values: Vec<f64>,
        /// Their weights, of any sum.
        weights: Vec<f64>,
    },
    /// Normal around a linear function of other paths, truncated: for correlated priors.
    Linear {
        /// Constant.
        intercept: f64,
        /// Coefficient of each other path.
        of: Vec<(String, f64)>,
        /// Standard deviation around the line.
        sd: f64,
        /// Least value.
        min: Option<f64>,
        /// Greatest value.
        max: Option<f64>,
    },
}

impl Distribution {
    /// The word that a scenario file uses.
    pub fn word(&self) -> &'static str {
        match self {
            Distribution::Normal { .. } => "normal",
            Distribution::Lognormal { .. } => "lognormal",
            Distribution::Uniform { .. } => "uniform",
            Distribution::Triangular { .. } => "triangular",
            Distribution::Beta { .. } => "beta",
            Distribution::Gamma { .. } => "gamma",
            Distribution::Discrete { .. } => "discrete",
            Distribution::Linear { .. } => "linear",
        }
    }

    /// Other paths that a draw depends on.
    pub fn depends_on(&self) -> Vec<&str> {
        match self {
            Distribution::Normal { min_product, .. } => min_product.iter().map(String::as_str).collect(),
            Distribution::Linear { of, .. } => of.iter().map(|(path, _)| path.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    /// Draws a value within `[lowest, highest]`, the bounds of the field. `others` holds the values of
    /// [`Distribution::depends_on`], in that order.
    pub fn draw(&self, stream: &mut Stream, others: &[f64], lowest: f64, highest: f64) -> f64 {
        match self {
            // Their samplers take several uniforms; results rest on those, so they stay.
            Distribution::Beta { a, b, min, max } => (min + (max - min) * stream.beta(*a, *b)).clamp(lowest, highest),
            Distribution::Gamma { shape, rate } => (stream.gamma(*shape) / rate).clamp(lowest, highest),
            _ => self.at(stream.uniform(), others, lowest, highest),
        }
    }

    /// The value at probability `u` in (0, 1), within `[lowest, highest]`: the quantile, given `others`. It rises with `u`, but for
    /// [`Distribution::Discrete`], whose values are taken in the order of the file. Where a draw takes one uniform, this is that draw.
    pub fn at(&self, u: f64, others: &[f64], lowest: f64, highest: f64) -> f64 {
        let value = match self {
            Distribution::Normal { mean, sd, min, max, min_product } => {
                let product = if min_product.is_empty() { f64::NEG_INFINITY } else { others.iter().product() };
                let least = min.unwrap_or(f64::NEG_INFINITY).max(product).max(lowest);
                truncated_normal(u, *mean, *sd, least, max.unwrap_or(f64::INFINITY).min(highest))
            }
            Distribution::Lognormal { median, sd, min, max } => {
                let least = min.unwrap_or(0.0).max(lowest).max(0.0);
                let greatest = max.unwrap_or(f64::INFINITY).min(highest);
                let ln_of = |x: f64| if x <= 0.0 { f64::NEG_INFINITY } else { ln(x) };
                exp(truncated_normal(u, ln(*median), *sd, ln_of(least), ln_of(greatest)))
            }
            Distribution::Uniform { min, max } => min + (max - min) * u,
            Distribution::Triangular { min, mode, max } => {
                let (left, width) = (mode - min, max - min);
                if u * width < left {
                    min + (u * width * left).sqrt()
                } else {
                    max - ((1.0 - u) * width * (max - mode)).sqrt()
                }
            }
            Distribution::Beta { a, b, min, max } => min + (max - min) * beta_quantile(*a, *b, u),
            Distribution::Gamma { shape, rate } => gamma_quantile(*shape, u) / rate,
            Distribution::Discrete { values, weights } => {
                let mut left = u * weights.iter().sum::<f64>();
                let mut found = values[values.len() - 1];
                for (value, weight) in values.iter().zip(weights) {
                    if left < *weight {
                        found = *value;
                        break;
                    }
                    left -= weight;
                }
                found
            }
            Distribution::Linear { intercept, of, sd, min, max } => {
                let mean = of.iter().zip(others).fold(*intercept, |sum, ((_, slope), x)| sum + slope * x);
                let least = min.unwrap_or(f64::NEG_INFINITY).max(lowest);
                truncated_normal(u, mean, *sd, least, max.unwrap_or(f64::INFINITY).min(highest))
            }
        };
        value.clamp(lowest, highest)
    }

    /// Whether the value has no spread of its own: it is fixed, by itself or by the values that it depends on.
    pub fn is_determined(&self) -> bool {
        match self {
            Distribution::Normal { sd, .. } | Distribution::Lognormal { sd, .. } | Distribution::Linear { sd, .. } => {
                *sd <= 0.0
            }
            Distribution::Discrete { values, weights } => {
                let mut possible = values.iter().zip(weights).filter(|(_, w)| **w > 0.0).map(|(v, _)| v);
                let first = possible.next();
                possible.all(|v| Some(v) == first)
            }
            Distribution::Uniform { min, max } | Distribution::Triangular { min, max, .. } => min >= max,
            Distribution::Beta { .. } | Distribution::Gamma { .. } => false,
        }
    }
}

/// Distribution function of the standard normal.
fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// The quantile at `u` of a normal truncated to `[min, max]`.
///
/// By the inverse distribution function, so that one uniform makes one draw and a change of mean or bound
/// moves the draw smoothly. Far in the upper tail the mirror image is used, where the function is exact.
pub(crate) fn truncated_normal(u: f64, mean: f64, sd: f64, min: f64, max: f64) -> f64 {
    if min >= max {
        return max;
    }
    if sd <= 0.0 {
        return mean.clamp(min, max);
    }
    let (a, b) = ((min - mean) / sd, (max - mean) / sd);
    let z = if a > 0.0 {
        let (tail_a, tail_b) = (normal_cdf(-a), normal_cdf(-b));
        -normal_quantile((tail_a + u * (tail_b - tail_a)).max(f64::MIN_POSITIVE))
    } else {
        let (below_a, below_b) = (normal_cdf(a), normal_cdf(b));
        normal_quantile((below_a + u * (below_b - below_a)).clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0))
    };
    (mean + sd * z).clamp(min, max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Purpose};

    fn moments(distribution: &Distribution, others: &[f64]) -> (f64, f64) {
        let n = 100_000;
        let values: Vec<f64> = (0..n)
            .map(|i| {
                let mut stream = Draws::new(5, i).stream(Purpose::Test, 1, 0, 0);
                distribution.draw(&mut stream, others, -1e9, 1e9)
            })
            .collect();
        let mean = values.iter().sum::<f64>() / n as f64;
        (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64).sqrt())
    }

    #[test]
    fn every_distribution_has_its_mean_and_standard_deviation() {
        let normal = |mean, sd| Distribution::Normal { mean, sd, min: None, max: None, min_product: vec![] };
        let lognormal = Distribution::Lognormal { median: 2.0, sd: 0.5, min: None, max: None };
        let cases = [
            (normal(3.0, 0.7), 3.0, 0.7),
            (lognormal, 2.0 * exp(0.125), 2.0 * (exp(0.25) * (exp(0.25) - 1.0)).sqrt()),
            (Distribution::Uniform { min: 1.0, max: 4.0 }, 2.5, 3.0 / 12f64.sqrt()),
            // (a + b + c) / 3 and sqrt((a² + b² + c² − ab − ac − bc) / 18).
            (Distribution::Triangular { min: 0.0, mode: 1.0, max: 5.0 }, 2.0, (21.0f64 / 18.0).sqrt()),
            (Distribution::Beta { a: 4.0, b: 5.0, min: 0.0, max: 1.0 }, 4.0 / 9.0, (20.0f64 / 810.0).sqrt()),
            (Distribution::Beta { a: 2.0, b: 2.0, min: 1.0, max: 3.0 }, 2.0, 2.0 * 0.05f64.sqrt()),
            (Distribution::Gamma { shape: 4.0, rate: 2.0 }, 2.0, 1.0),
            (Distribution::Discrete { values: vec![1.0, 3.0], weights: vec![1.0, 3.0] }, 2.5, 0.75f64.sqrt()),
        ];
        for (distribution, mean, sd) in cases {
            let (m, s) = moments(&distribution, &[]);
            assert!((m - mean).abs() < 0.02 * sd.max(0.1), "{distribution:?}: mean {m}, not {mean}");
            assert!((s / sd - 1.0).abs() < 0.02, "{distribution:?}: sd {s}, not {sd}");
        }
    }

    #[test]
    fn a_half_normal_has_the_mean_of_the_closed_form() {
        let half = Distribution::Normal { mean: 0.0, sd: 1.0, min: Some(0.0), max: None, min_product: vec![] };
        let (mean, _) = moments(&half, &[]);
        assert!((mean - (2.0 / std::f64::consts::PI).sqrt()).abs() < 0.01);
    }

    #[test]
    fn a_normal_far_in_its_tail_stays_within_its_bounds_and_near_the_nearer_one() {
        for min in [5.0, 9.0, 20.0, 60.0] {
            let z = truncated_normal(0.5, 0.0, 1.0, min, f64::INFINITY);
            assert!(z >= min && z < min + 1.0, "{z} for {min}");
            let mirrored = truncated_normal(0.5, 0.0, 1.0, f64::NEG_INFINITY, -min);
            assert!(mirrored <= -min && mirrored > -min - 1.0, "{mirrored} for {min}");
        }
    }

    #[test]
    fn a_value_bounded_by_a_product_exceeds_it() {
        let weight = Distribution::Normal {
            mean: 1.5,
            sd: 0.6,
            min: None,
            max: None,
            min_product: vec!["a".to_string(), "b".to_string()],
        };
        for i in 0..2000 {
            let mut stream = Draws::new(1, i).stream(Purpose::Test, 0, 0, 0);
            assert!(weight.draw(&mut stream, &[0.9, 1.7], 0.0, 20.0) > 0.9 * 1.7);
        }
    }

    #[test]
    fn a_draw_never_leaves_the_bounds_of_its_field() {
        let wide = Distribution::Gamma { shape: 0.5, rate: 0.1 };
        for i in 0..2000 {
            let mut stream = Draws::new(1, i).stream(Purpose::Test, 0, 0, 0);
            assert!((0.2..=1.0).contains(&wide.draw(&mut stream, &[], 0.2, 1.0)));
        }
    }

    #[test]
    fn the_value_at_a_probability_is_the_draw_of_that_uniform() {
        let normal = |min| Distribution::Normal { mean: 1.0, sd: 0.7, min, max: Some(2.5), min_product: vec![] };
        let linear = Distribution::Linear {
            intercept: 0.4,
            of: vec![("a".to_string(), 1.3), ("b".to_string(), -0.5)],
            sd: 0.25,
            min: Some(0.5),
            max: None,
        };
        let bounded = Distribution::Normal {
            mean: 1.5,
            sd: 0.6,
            min: None,
            max: None,
            min_product: vec!["a".to_string(), "b".to_string()],
        };
        let single = [
            normal(None),
            normal(Some(0.9)),
            bounded,
            linear,
            Distribution::Lognormal { median: 2.0, sd: 0.5, min: Some(1.0), max: None },
            Distribution::Uniform { min: 1.0, max: 4.0 },
            Distribution::Triangular { min: 0.0, mode: 1.0, max: 5.0 },
            Distribution::Discrete { values: vec![1.0, 3.0, 9.0], weights: vec![1.0, 3.0, 2.0] },
        ];
        for distribution in single {
            for i in 0..500 {
                let stream = Draws::new(3, i).stream(Purpose::Test, 0, 0, 0);
                let u = stream.clone().uniform();
                let (drawn, at) = (
                    distribution.draw(&mut stream.clone(), &[0.9, 1.1], 0.0, 4.0),
                    distribution.at(u, &[0.9, 1.1], 0.0, 4.0),
                );
                assert_eq!(drawn.to_bits(), at.to_bits(), "{distribution:?} at {u}");
            }
        }
    }

    #[test]
    fn values_at_probabilities_have_the_distribution_of_the_draws() {
        let n = 4000;
        for (distribution, mean, sd) in [
            (Distribution::Beta { a: 17.0, b: 3.0, min: 0.0, max: 1.0 }, 0.85, (51.0f64 / 8400.0).sqrt()),
            (Distribution::Beta { a: 2.0, b: 2.0, min: 1.0, max: 3.0 }, 2.0, 2.0 * 0.05f64.sqrt()),
            (Distribution::Gamma { shape: 4.0, rate: 2.0 }, 2.0, 1.0),
        ] {
            let at = |k: usize| distribution.at((k as f64 + 0.5) / n as f64, &[], 0.0, 1e9);
            let values: Vec<f64> = (0..n).map(at).collect();
            assert!(values.windows(2).all(|w| w[0] < w[1]), "{distribution:?} does not rise");
            let m = values.iter().sum::<f64>() / n as f64;
            let s = (values.iter().map(|v| (v - m).powi(2)).sum::<f64>() / n as f64).sqrt();
            assert!((m / mean - 1.0).abs() < 1e-4, "{distribution:?}: mean {m}");
            assert!((s / sd - 1.0).abs() < 2e-3, "{distribution:?}: sd {s}");
        }
    }

    #[test]
    fn a_value_is_determined_where_nothing_of_its_own_is_uncertain() {
        let linear = |sd| Distribution::Linear { intercept: 0.0, of: vec![], sd, min: None, max: None };
        assert!(linear(0.0).is_determined() && !linear(0.1).is_determined());
        let discrete = |w: [f64; 2]| Distribution::Discrete { values: vec![1.0, 2.0], weights: w.to_vec() };
        assert!(discrete([0.0, 1.0]).is_determined() && !discrete([1.0, 1.0]).is_determined());
    }
}
