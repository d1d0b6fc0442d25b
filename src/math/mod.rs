//! Elementary functions and kernels with the same bits on every machine and at every SIMD level.
//!
//! The platform's `exp`, `ln` and `pow` round differently on processors with and without fused
//! multiply-add; `libm` in plain Rust does not. `clippy.toml` forbids the platform's.

mod elementary;
pub mod incomplete;
pub mod kernels;

pub use elementary::{exp, ln, ln_of_normal, pow};

/// Decimal logarithm.
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}
/// Ten to the power of `x`; exact where that is a whole power that a number can hold.
pub fn exp10(x: f64) -> f64 {
    libm::exp10(x)
}
/// 1 / (1 + e^−x).
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}
/// ln(p / (1 − p)).
pub fn logit(p: f64) -> f64 {
    ln(p / (1.0 - p))
}

/// Quantile of the standard normal distribution at `p` in (0, 1).
///
/// Wichura (1988), algorithm AS 241 (PPND16), relative error about 1e-16.
pub fn normal_quantile(p: f64) -> f64 {
    if in_tail(p) { quantile_in_tail(p) } else { quantile_in_middle(p) }
}

/// Replaces every probability by its [`normal_quantile`]: in the middle of the distribution, several at once. Inlined with all that it calls
/// there, so that it is compiled for the level of its caller.
#[inline(always)]
pub fn normal_quantiles(p: &mut [f64]) {
    const BLOCK: usize = 4;
    let (blocks, rest) = p.as_chunks_mut::<BLOCK>();
    for block in blocks {
        let probabilities = *block;
        block.iter_mut().for_each(|x| *x = quantile_in_middle(*x));
        for (x, p) in block.iter_mut().zip(probabilities).filter(|&(_, p)| in_tail(p)) {
            *x = quantile_in_tail(p);
        }
    }
    rest.iter_mut().for_each(|x| *x = normal_quantile(*x));
}

#[inline(always)]
fn in_tail(p: f64) -> bool {
    (p - 0.5).abs() > 0.425
}

/// As [`normal_quantile`], no further than 0.425 from one half.
#[inline(always)]
fn quantile_in_middle(p: f64) -> f64 {
    const A: [f64; 8] = [
        3.387_132_872_796_366_5,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ];
    const B: [f64; 8] = [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_854e3,
    ];
    let q = p - 0.5;
    let r = 0.180_625 - q * q;
    q * polynomial(&A, r) / polynomial(&B, r)
}

/// As [`normal_quantile`], beyond that.
fn quantile_in_tail(p: f64) -> f64 {
    const C: [f64; 8] = [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ];
    const D: [f64; 8] = [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ];
    const E: [f64; 8] = [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ];
    const F: [f64; 8] = [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ];
    let below = p < 0.5;
    let tail = if below { p } else { 1.0 - p };
    let r = (-ln(tail)).sqrt();
    let x = if r <= 5.0 {
        polynomial(&C, r - 1.6) / polynomial(&D, r - 1.6)
    } else {
        polynomial(&E, r - 5.0) / polynomial(&F, r - 5.0)
    };
    if below { -x } else { x }
}

/// Value at `x` of the polynomial with these coefficients, from the constant up: by Horner's rule.
#[inline(always)]
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    let [lower @ .., highest] = coefficients;
    lower.iter().rev().fold(*highest, |sum, k| sum * x + k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn the_normal_quantile_inverts_the_distribution_function() {
        let normal = Normal::standard();
        for i in 1..1000 {
            let p = f64::from(i) / 1000.0;
            assert!((normal.cdf(normal_quantile(p)) - p).abs() < 1e-10, "{p}");
        }
        assert!((normal_quantile(1e-12) + 7.034_483_825_301_131).abs() < 1e-6);
    }

    #[test]
    fn logit_and_logistic_undo_each_other() {
        for x in [-20.0, -1.0, 0.0, 0.3, 12.0] {
            assert!((logit(logistic(x)) - x).abs() < 1e-6);
        }
    }
}
