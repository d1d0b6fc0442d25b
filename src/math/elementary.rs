//! Exponential, logarithm and powers in double precision: additions, multiplications and whole numbers only, in a fixed order, so that
//! the bits are the same on every machine.
//!
//! `e^x = 2^(n/32) · e^r` with `n` the whole number nearest to `32 x / ln 2`, so `|r| ≤ ln 2 / 64`: a table of the 32 roots (Tang 1989,
//! Table-driven implementation of the exponential function) and the series to the sixth power, whose rest is below 2^−55.
//!
//! `ln x = k ln 2 − ln c + ln(1 + r)` with `x = 2^k z`, `c` near `1/z` from a table of 64 and `r = z c − 1`, so `|r| ≤ 1/64` (Tang 1990,
//! Table-driven implementation of the logarithm function), and the series to the ninth power, whose rest is below 2^−57. Around 1, `c` is 1.

/// `2^(k/32)`.
const ROOTS: [f64; 32] = [
    1.0,
    1.021_897_148_654_116_6,
    1.044_273_782_427_413_8,
    1.067_140_400_676_823_7,
    1.090_507_732_665_257_7,
    1.114_386_742_595_892_4,
    1.138_788_634_756_691_6,
    1.163_724_858_777_577_5,
    1.189_207_115_002_721,
    1.215_247_359_980_469,
    1.241_857_812_073_484,
    1.269_050_957_191_733_2,
    1.296_839_554_651_009_6,
    1.325_236_643_159_741_3,
    1.354_255_546_936_892_7,
    1.383_909_881_963_832,
    std::f64::consts::SQRT_2,
    1.445_180_806_977_046_7,
    1.476_826_145_939_499_3,
    1.509_164_427_593_422_8,
    1.542_210_825_407_940_7,
    1.575_980_845_107_886_5,
    1.610_490_331_949_254_3,
    1.645_755_478_153_965,
    1.681_792_830_507_429,
    1.718_619_298_122_478,
    1.756_252_160_373_299_5,
    1.794_709_075_003_107_2,
    1.834_008_086_409_342_4,
    1.874_167_634_110_3,
    1.915_206_561_397_147_4,
    1.957_144_124_175_400_2,
];
/// `32 / ln 2`.
const PER_ROOT: f64 = 46.166_241_308_446_83;
/// `ln 2 / 32` in two parts: the first has 32 bits, so that its product with `n` is exact.
const STEP_HIGH: f64 = 0.021_660_849_386_535_12;
const STEP_LOW: f64 = 5.963_171_653_970_586_6e-12;
/// Adding and subtracting 1.5·2^52 rounds to a whole number, which then stands in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Beyond this the result is none of the normal numbers, or close to where they end.
const FAR: f64 = 707.0;

/// e to the power of `x`, to one unit in the last place.
#[inline]
pub fn exp(x: f64) -> f64 {
    // Not a number is not near either.
    let near = x.abs() < FAR;
    if near { exp_near(x) } else { libm::exp(x) }
}

#[inline(always)]
fn exp_near(x: f64) -> f64 {
    let shifted = x * PER_ROOT + ROUND;
    let bits = shifted.to_bits();
    let n = shifted - ROUND;
    let r = (x - n * STEP_HIGH) - n * STEP_LOW;
    let root = ROOTS[(bits % 32) as usize];
    // In pairs: they do not wait for each other.
    let r2 = r * r;
    let series = r + r2 * ((0.5 + r * (1.0 / 6.0)) + r2 * ((1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0)));
    // The whole number of halvings or doublings goes straight into the exponent; what stands above it falls off.
    let scale = (bits >> 5 << 52) as i64;
    f64::from_bits((root + root * series).to_bits().wrapping_add(scale as u64))
}

/// Where the first interval of `z` starts, as bits: 0.6875, so that 1 is the end of an interval.
const FIRST: u64 = 0x3fe6_0000_0000_0000;
/// `ln 2` in two parts: the first has 42 bits, so that its product with `k` is exact.
const LN2_HIGH: f64 = 0.693_147_180_559_890_3;
const LN2_LOW: f64 = 5.497_923_018_708_371e-14;
/// Of each interval of `z`, `c` with 21 bits and `−ln c`.
const INVERSES: [(f64, f64); 64] = inverses();

const fn inverses() -> [(f64, f64); 64] {
    const BITS: f64 = 1_048_576.0;
    let mut table = [(1.0, 0.0); 64];
    let mut i = 0;
    while i < 64 {
        let middle = f64::from_bits(FIRST + ((2 * i as u64 + 1) << 45));
        // On both sides of 1 nothing may be lost where the logarithm vanishes.
        if middle < 1.0 - 1.0 / 128.0 || middle > 1.0 + 1.0 / 64.0 {
            let c = (BITS / middle + 0.5) as u64 as f64 / BITS;
            table[i] = (c, -series_of_ln(c));
        }
        i += 1;
    }
    table
}

/// `ln c = 2 artanh((c − 1)/(c + 1))` near 1, by its series from the smallest term up.
const fn series_of_ln(c: f64) -> f64 {
    let s = (c - 1.0) / (c + 1.0);
    let mut sum = 0.0;
    let mut n = 33;
    while n > 1 {
        sum = (sum + 1.0 / n as f64) * s * s;
        n -= 2;
    }
    2.0 * s + 2.0 * s * sum
}

/// Natural logarithm, to two units in the last place.
#[inline]
pub fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    // Positive normal numbers.
    let plain = bits.wrapping_sub(f64::MIN_POSITIVE.to_bits()) < f64::INFINITY.to_bits() - f64::MIN_POSITIVE.to_bits();
    if plain { ln_of_normal(x) } else { libm::log(x) }
}

/// As [`ln`], of a positive normal number: a loop over many vectorises.
#[inline(always)]
pub fn ln_of_normal(x: f64) -> f64 {
    let bits = x.to_bits();
    let above = bits.wrapping_sub(FIRST);
    let k = f64::from((above as i64 >> 52) as i32);
    let z = bits.wrapping_sub(above & (0xfff << 52));
    let (c, less_ln_c) = INVERSES[(above >> 46 & 63) as usize];
    // The upper half of z has 21 bits: its product with c is exact, and so is that less 1.
    let upper = z & (u64::MAX << 32);
    let (upper, lower) = (f64::from_bits(upper), f64::from_bits(z) - f64::from_bits(upper));
    let r = (upper * c - 1.0) + lower * c;
    let r2 = r * r;
    let r4 = r2 * r2;
    let series = r2 * (r * (1.0 / 3.0) - 0.5)
        + r4 * ((r * 0.2 - 0.25) + r2 * (r * (1.0 / 7.0) - 1.0 / 6.0) + r4 * (r * (1.0 / 9.0) - 0.125));
    (k * LN2_HIGH + less_ln_c) + (r + (series + k * LN2_LOW))
}

/// `x` to the power of `y`: `e^(y ln x)` for a positive normal `x`, with a relative error of about `(1 + 2 |y ln x|)·2^−52`.
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    if x.is_normal() && x > 0.0 { exp(y * ln(x)) } else { libm::pow(x, y) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Purpose};

    /// Distance in units of the last place of `b`.
    fn ulps(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place_of_libm_everywhere() {
        let mut stream = Draws::new(5, 1).stream(Purpose::Test, 0, 0, 0);
        for n in 0..400_000 {
            // Most near zero, some over the whole range.
            let width = [1.0, 30.0, 750.0][n % 3];
            let x = (stream.uniform() - 0.5) * 2.0 * width;
            assert!(ulps(exp(x), libm::exp(x)) <= 2, "{x}: {} and {}", exp(x), libm::exp(x));
        }
    }

    #[test]
    fn ln_is_within_two_units_in_the_last_place_of_libm_everywhere() {
        let mut stream = Draws::new(5, 3).stream(Purpose::Test, 0, 0, 0);
        for n in 0..400_000 {
            let u = stream.uniform();
            // Near 1, at any size, and between the ends of all intervals.
            let x = match n % 3 {
                0 => 1.0 + (u - 0.5) * 0.1,
                1 => exp((u - 0.5) * 1_400.0),
                _ => 0.5 + 2.0 * u,
            };
            assert!(ulps(ln(x), libm::log(x)) <= 2, "{x}: {} and {}", ln(x), libm::log(x));
        }
        for x in [1.0, 0.0, f64::INFINITY, f64::MIN_POSITIVE, f64::MAX, 5e-324] {
            assert!(ln(x) == libm::log(x) || ulps(ln(x), libm::log(x)) <= 1, "{x}");
        }
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan());
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn what_is_no_normal_result_is_that_of_libm() {
        for x in [0.0, -0.0, 709.0, 710.0, -745.0, -746.0, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(exp(x), libm::exp(x), "{x}");
        }
        assert!(exp(f64::NAN).is_nan() && pow(f64::NAN, 2.0).is_nan() && pow(-1.0, 0.5).is_nan());
        assert_eq!((exp(0.0), pow(0.0, 0.5), pow(0.0, 0.0), pow(7.0, 0.0), pow(1.0, 9.0)), (1.0, 0.0, 1.0, 1.0, 1.0));
    }

    #[test]
    fn the_roots_are_rounded_to_the_nearest() {
        for (k, root) in ROOTS.into_iter().enumerate() {
            assert!(ulps(root, libm::exp2(k as f64 / 32.0)) <= 1, "{k}");
        }
        let squared = ROOTS[16] * ROOTS[16];
        assert!(ulps(squared, 2.0) <= 1 && ROOTS.is_sorted());
    }

    #[test]
    fn powers_are_as_near_as_they_say() {
        let mut stream = Draws::new(5, 2).stream(Purpose::Test, 0, 0, 0);
        for _ in 0..100_000 {
            let (x, y) = (1e-3 + 1e3 * stream.uniform(), 6.0 * (stream.uniform() - 0.5));
            let right = libm::pow(x, y);
            let allowed = (1.5 + 2.0 * (y * libm::log(x)).abs()) * f64::EPSILON;
            assert!(((pow(x, y) - right) / right).abs() <= allowed, "{x}^{y}");
        }
    }
}
