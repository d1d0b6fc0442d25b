//! A sketch of a distribution: counts in bins of a fixed relative width, for ensembles too large to sort.
//!
//! The idea is that of Masson, Rim and Lee (2019), "DDSketch: a fast and fully-mergeable quantile sketch with
//! relative-error guarantees"; the bins are cut from the bits of the number itself, 64 to each power of two, so that
//! no logarithm is taken and the bytes are the same on every machine. A value v is known to within v / 128,
//! on the metric's own scale, of either sign; what is nearer to zero than 1e-9 is zero.

use super::statistics::{interpolate, moments};
use super::summary::{QUANTILES, Stats};

/// Bits of the mantissa that choose a bin: 64 bins to each power of two.
const MANTISSA_BITS: u32 = 6;
const SHIFT: u32 = 52 - MANTISSA_BITS;
/// Greatest relative error of a quantile: half a bin.
pub const RELATIVE_ERROR: f64 = 1.0 / 128.0;
/// Values nearer to zero than this are zero.
pub const ZERO_BELOW: f64 = 1e-9;
/// Bins are added so many at a time.
const CHUNK: usize = 32;

/// Counts of positive numbers by bin.
#[derive(Clone, Debug, Default, PartialEq)]
struct Bins {
    /// Bin of the first count.
    first: u32,
    counts: Vec<u32>,
}

/// The bin of a positive number: its exponent and leading mantissa bits, which order as the numbers do.
fn bin_of(value: f64) -> u32 {
    (value.to_bits() >> SHIFT) as u32
}

/// The middle of a bin.
fn middle_of(bin: u32) -> f64 {
    let edge = |b: u32| f64::from_bits(u64::from(b) << SHIFT);
    0.5 * edge(bin) + 0.5 * edge(bin + 1)
}

impl Bins {
    fn add(&mut self, value: f64) {
        let bin = bin_of(value);
        if self.counts.is_empty() {
            self.first = bin;
        }
        if bin < self.first {
            let room = ((self.first - bin) as usize).next_multiple_of(CHUNK).min(self.first as usize);
            self.counts.splice(0..0, std::iter::repeat_n(0, room));
            self.first -= room as u32;
        }
        let at = (bin - self.first) as usize;
        if at >= self.counts.len() {
            self.counts.resize((at + 1).next_multiple_of(CHUNK), 0);
        }
        self.counts[at] += 1;
    }
    fn total(&self) -> u64 {
        self.counts.iter().map(|&c| u64::from(c)).sum()
    }
    /// The middle of the bin that holds the value of this rank, from 0.
    fn at_rank(&self, rank: u64) -> f64 {
        let mut seen = 0;
        for (i, &count) in self.counts.iter().enumerate() {
            seen += u64::from(count);
            if seen > rank {
                return middle_of(self.first + i as u32);
            }
        }
        f64::NAN
    }
}

/// Count, mean, spread and quantiles of a stream of values, which must come in the order of the runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Sketch {
    n: u64,
    mean: f64,
    squares: f64,
    least: f64,
    greatest: f64,
    zeros: u64,
    positive: Bins,
    negative: Bins,
}

impl Default for Sketch {
    fn default() -> Sketch {
        Sketch {
            n: 0,
            mean: 0.0,
            squares: 0.0,
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
            zeros: 0,
            positive: Bins::default(),
            negative: Bins::default(),
        }
    }
}

impl Sketch {
    /// Takes in one value; one that is not finite does not exist and is not counted.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.n += 1;
        // Welford (1962): stable, and in one pass.
        let step = value - self.mean;
        self.mean += step / self.n as f64;
        self.squares += step * (value - self.mean);
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
        if value.abs() < ZERO_BELOW {
            self.zeros += 1;
        } else if value > 0.0 {
            self.positive.add(value);
        } else {
            self.negative.add(-value);
        }
    }

    /// The statistics of what was taken in.
    pub fn stats(&self) -> Stats {
        let negatives = self.negative.total();
        let value_at = |rank: u64| {
            let middle = if rank < negatives {
                -self.negative.at_rank(negatives - 1 - rank)
            } else if rank < negatives + self.zeros {
                0.0
            } else {
                self.positive.at_rank(rank - negatives - self.zeros)
            };
            middle.clamp(self.least, self.greatest)
        };
        let quantiles = QUANTILES.map(|p| {
            if self.n == 0 {
                return f64::NAN;
            }
            let last = self.n - 1;
            let at = last as f64 * p;
            let below = at.floor() as u64;
            interpolate(value_at(below), value_at((below + 1).min(last)), at - below as f64)
        });
        moments(self.n, self.mean, self.squares, quantiles)
    }

    /// Appends the state as bytes, little-endian.
    pub fn write(&self, into: &mut Vec<u8>) {
        into.extend(self.n.to_le_bytes());
        into.extend(self.zeros.to_le_bytes());
        for value in [self.mean, self.squares, self.least, self.greatest] {
            into.extend(value.to_le_bytes());
        }
        for bins in [&self.positive, &self.negative] {
            into.extend(bins.first.to_le_bytes());
            into.extend((bins.counts.len() as u32).to_le_bytes());
            into.extend(bins.counts.iter().flat_map(|c| c.to_le_bytes()));
        }
    }

    /// Reads a state that [`write`](Sketch::write) left, and moves `from` behind it; `None` when it is cut short.
    pub fn read(from: &mut &[u8]) -> Option<Sketch> {
        let mut words = [[0u8; 8]; 6];
        for word in &mut words {
            *word = take(from)?;
        }
        let [n, zeros, mean, squares, least, greatest] = words;
        let mut bins = || -> Option<Bins> {
            let first = u32::from_le_bytes(take(from)?);
            let length = u32::from_le_bytes(take(from)?) as usize;
            let bytes = from.split_off(..length.checked_mul(4)?)?;
            let count = |b: &[u8]| u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            Some(Bins { first, counts: bytes.chunks_exact(4).map(count).collect() })
        };
        let (positive, negative) = (bins()?, bins()?);
        Some(Sketch {
            n: u64::from_le_bytes(n),
            zeros: u64::from_le_bytes(zeros),
            mean: f64::from_le_bytes(mean),
            squares: f64::from_le_bytes(squares),
            least: f64::from_le_bytes(least),
            greatest: f64::from_le_bytes(greatest),
            positive,
            negative,
        })
    }
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    from.split_off(..N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::statistics::exact;
    use crate::math::exp;
    use crate::random::{Draws, Purpose};

    fn sketch_of(values: &[f64]) -> Sketch {
        let mut sketch = Sketch::default();
        values.iter().for_each(|&v| sketch.add(v));
        sketch
    }

    #[test]
    fn quantiles_stay_within_the_stated_error_of_the_exact_ones() {
        let mut stream = Draws::new(3, 0).stream(Purpose::Test, 0, 0, 0);
        type Shape = fn(f64) -> f64;
        let shapes: [Shape; 5] =
            [|z| exp(26.0 + 2.0 * z), |z| z, |z| 1e9 * z + 5e8, |z| (0.3 + 0.1 * z).max(0.0), |_| 0.4];
        for shape in shapes {
            let mut values: Vec<f64> = (0..20_000).map(|_| shape(stream.normal())).collect();
            let approximate = sketch_of(&values).stats();
            let reference = exact(&mut values);
            assert_eq!(approximate.n, reference.n);
            assert!((approximate.mean / reference.mean - 1.0).abs() < 1e-9);
            assert!((approximate.sd - reference.sd).abs() <= 1e-9 * reference.mean.abs().max(reference.sd));
            for (a, e) in approximate.quantiles.iter().zip(reference.quantiles) {
                assert!((a - e).abs() <= RELATIVE_ERROR * e.abs() + ZERO_BELOW, "{a} for {e}");
            }
        }
    }

    #[test]
    fn zeros_and_both_signs_keep_their_order() {
        let stats = sketch_of(&[-4.0, -4.0, -4.0, 0.0, 0.0, 0.0, 0.0, 8.0, 8.0, f64::NAN, f64::INFINITY]).stats();
        assert_eq!(stats.n, 9);
        assert_eq!(stats.quantiles[3], 0.0);
        assert!(stats.quantiles[0] <= -3.9 && stats.quantiles[6] >= 7.9);
        let none = Sketch::default().stats();
        assert!(none.n == 0 && none.mean.is_nan() && none.quantiles[3].is_nan());
    }

    #[test]
    fn a_state_survives_its_own_bytes() {
        let sketches = [sketch_of(&[1.0, -2.5, 0.0, 1e13, 1e-7]), Sketch::default(), sketch_of(&[7.0])];
        let mut bytes = Vec::new();
        sketches.iter().for_each(|s| s.write(&mut bytes));
        let mut rest = bytes.as_slice();
        for sketch in &sketches {
            assert_eq!(Sketch::read(&mut rest).as_ref(), Some(sketch));
        }
        assert!(rest.is_empty());
        assert_eq!(Sketch::read(&mut &bytes[..20]), None);
    }
}
