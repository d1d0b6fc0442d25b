//! Regularised incomplete beta and gamma functions and their inverses: quantiles of the beta and gamma distributions.
//!
//! ```text
//! P(a, x) = 1/Γ(a) ∫₀ˣ t^(a−1) e^(−t) dt            I_x(a, b) = 1/B(a, b) ∫₀ˣ t^(a−1) (1−t)^(b−1) dt
//! ```
//!
//! By power series and continued fractions, evaluated by the method of Lentz: Press, Teukolsky, Vetterling and Flannery (2007),
//! Numerical Recipes, sections 6.2 and 6.4. Crates have them too, but on the platform's `exp` and `ln`, whose bits differ
//! between machines. The inverses are Newton's method kept within a bracket.

use super::{exp, ln};

/// Terms after which a series or fraction has long converged for the shapes of priors.
const MOST_TERMS: usize = 10_000;
/// Relative size of a term that no longer counts.
const CLOSE: f64 = 1e-16;
/// Stands for zero where a fraction would divide by it.
const TINY: f64 = 1e-300;

/// P(a, x): probability that a gamma variable of shape `a` > 0 and scale 1 is at most `x`.
pub fn gamma_cdf(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = exp(a * ln(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for k in 1..MOST_TERMS {
            term *= x / (a + k as f64);
            sum += term;
            if term < sum * CLOSE {
                break;
            }
        }
        return (front * sum).min(1.0);
    }
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut h = d;
    for k in 1..MOST_TERMS {
        let k = k as f64;
        let an = -k * (k - a);
        b += 2.0;
        d = 1.0 / away_from_zero(an * d + b);
        c = away_from_zero(b + an / c);
        h *= d * c;
        if (d * c - 1.0).abs() < CLOSE {
            break;
        }
    }
    (1.0 - front * h).max(0.0)
}

/// I_x(a, b): probability that a beta variable of shapes `a`, `b` > 0 is at most `x`.
pub fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = exp(a * ln(x) + b * ln(1.0 - x) - ln_beta(a, b));
    // The fraction converges fast on the side of the mean on which x lies; the other side is its mirror image.
    if x < (a + 1.0) / (a + b + 2.0) {
        (front * beta_fraction(a, b, x) / a).min(1.0)
    } else {
        (1.0 - front * beta_fraction(b, a, 1.0 - x) / b).max(0.0)
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..MOST_TERMS {
        let m = m as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut last = 1.0;
        for part in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + part * d);
            c = away_from_zero(1.0 + part / c);
            last = d * c;
            h *= last;
        }
        if (last - 1.0).abs() < CLOSE {
            break;
        }
    }
    h
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

fn ln_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

/// The value that a gamma variable of shape `a` and scale 1 falls below with probability `p`; 0 at 0, infinite at 1.
pub fn gamma_quantile(a: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let mut high = a.max(1.0);
    while gamma_cdf(a, high) < p && high < 1e300 {
        high *= 2.0;
    }
    let density = |x: f64| exp((a - 1.0) * ln(x) - x - libm::lgamma(a));
    invert(p, high, |x| gamma_cdf(a, x), density)
}

/// The value that a beta variable of shapes `a`, `b` falls below with probability `p`; 0 at 0, 1 at 1.
pub fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    let scale = ln_beta(a, b);
    let density = |x: f64| exp((a - 1.0) * ln(x) + (b - 1.0) * ln(1.0 - x) - scale);
    invert(p, 1.0, |x| beta_cdf(a, b, x), density)
}

/// The value that Student's t with `degrees` > 0 degrees of freedom, which need not be whole, falls below with probability `p` in [0.5, 1);
/// NaN where there are none. `t²/(t² + v)` is beta distributed with the shapes 1/2 and v/2 (Abramowitz and Stegun 1964, 26.7.1).
pub fn student_quantile(p: f64, degrees: f64) -> f64 {
    if degrees.is_nan() || degrees <= 0.0 {
        return f64::NAN;
    }
    let x = beta_quantile(0.5, 0.5 * degrees, 2.0 * p - 1.0);
    if x < 0.5 {
        return (degrees * x / (1.0 - x)).sqrt();
    }
    // Near 1 it loses the digits that its complement has.
    let rest = beta_quantile(0.5 * degrees, 0.5, 2.0 * (1.0 - p));
    (degrees * (1.0 - rest) / rest).sqrt()
}

/// The root of `cdf(x) = p` on (0, `high`): Newton's step where it stays within the bracket, else the middle.
fn invert(p: f64, high: f64, cdf: impl Fn(f64) -> f64, density: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, high);
    let mut x = 0.5 * high;
    // Halving alone ends well within these steps for any value that matters.
    for _ in 0..200 {
        let off = cdf(x) - p;
        if off == 0.0 {
            return x;
        }
        if off > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let newton = x - off / density(x);
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - x).abs() <= 2.0 * f64::EPSILON * x.abs() {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};
    use statrs::function::{beta::beta_reg, gamma::gamma_lr};

    const SHAPES: [f64; 6] = [0.3, 1.0, 2.5, 5.0, 17.0, 60.0];

    #[test]
    fn they_agree_with_another_implementation() {
        for a in SHAPES {
            for x in [0.01, 0.4, 1.0, 3.0, 8.0, 20.0, 70.0] {
                assert!((gamma_cdf(a, x) - gamma_lr(a, x)).abs() < 1e-12, "P({a}, {x})");
            }
            for b in SHAPES {
                for x in [0.001, 0.1, 0.35, 0.5, 0.8, 0.99] {
                    assert!((beta_cdf(a, b, x) - beta_reg(a, b, x)).abs() < 1e-12, "I_{x}({a}, {b})");
                }
            }
        }
    }

    #[test]
    fn a_quantile_undoes_the_distribution_function_and_rises() {
        for a in SHAPES {
            let mut last = 0.0;
            for k in 1..200 {
                let p = f64::from(k) / 200.0;
                let x = gamma_quantile(a, p);
                assert!((gamma_cdf(a, x) - p).abs() < 1e-12 && x > last, "gamma {a} at {p}: {x}");
                last = x;
            }
            for b in SHAPES {
                let mut last = 0.0;
                for k in 1..200 {
                    let p = f64::from(k) / 200.0;
                    let x = beta_quantile(a, b, p);
                    // Near 1 the values themselves lie too far apart to hit a probability.
                    let coarse = 1e-15 / (1.0 - x);
                    assert!((beta_cdf(a, b, x) - p).abs() < 1e-11 + coarse, "beta {a} {b} at {p}");
                    assert!(x > last || coarse > 1e-4, "beta {a} {b} at {p}");
                    last = x;
                }
            }
        }
    }

    #[test]
    fn quantiles_of_student_are_those_of_the_tables_and_of_another_implementation() {
        for (degrees, t) in [(1.0, 12.706_205), (2.0, 4.302_653), (3.0, 3.182_446), (10.0, 2.228_139), (1e6, 1.959_966)]
        {
            assert!((student_quantile(0.975, degrees) - t).abs() < 1e-6, "{degrees}");
        }
        for degrees in [1.0, 2.5, 3.0, 7.7, 30.0, 1e4] {
            let other = StudentsT::new(0.0, 1.0, degrees).unwrap();
            for p in [0.6, 0.9, 0.975, 0.999, 1.0 - 1e-6] {
                let t = student_quantile(p, degrees);
                assert!((other.cdf(t) - p).abs() < 1e-11, "{p} at {degrees}: {t}");
            }
        }
        assert_eq!(student_quantile(0.5, 4.0), 0.0);
        assert!(student_quantile(0.975, 0.0).is_nan() && student_quantile(0.975, f64::NAN).is_nan());
    }

    #[test]
    fn closed_forms_hold() {
        // Shape 1 is the exponential; a beta of shapes (a, 1) has quantile p^(1/a).
        assert!((gamma_quantile(1.0, 0.5) - std::f64::consts::LN_2).abs() < 1e-15);
        assert!((beta_quantile(2.0, 1.0, 0.49) - 0.7).abs() < 1e-15);
        assert!((beta_quantile(1.0, 1.0, 0.3) - 0.3).abs() < 1e-15);
        assert_eq!((gamma_quantile(2.0, 0.0), beta_quantile(2.0, 3.0, 1.0)), (0.0, 1.0));
    }
}
