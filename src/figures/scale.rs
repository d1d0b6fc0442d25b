//! Axes: where a value stands, and which values get a tick.

use crate::math::{exp10, log10};

/// A value axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Least value.
    pub low: f64,
    /// Greatest value.
    pub high: f64,
    /// Whether logarithmic.
    pub log: bool,
}

impl Scale {
    /// A linear axis over the values, with zero in it and room at the top.
    pub fn linear(values: impl IntoIterator<Item = f64>) -> Scale {
        let (mut low, mut high) = (0.0f64, 0.0f64);
        for v in values.into_iter().filter(|v| v.is_finite()) {
            (low, high) = (low.min(v), high.max(v));
        }
        if high <= low {
            high = low + 1.0;
        }
        let room = 0.04 * (high - low);
        Scale { low: if low < 0.0 { low - room } else { 0.0 }, high: high + room, log: false }
    }
    /// A linear axis about the values, without zero.
    pub fn about(values: impl IntoIterator<Item = f64>) -> Scale {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for v in values.into_iter().filter(|v| v.is_finite()) {
            (low, high) = (low.min(v), high.max(v));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let room = (0.05 * (high - low)).max(1e-9 * high.abs()).max(1e-12);
        Scale { low: low - room, high: high + room, log: false }
    }
    /// A share axis: linear from zero, to 100% at most.
    pub fn share(values: impl IntoIterator<Item = f64>) -> Scale {
        let s = Scale::linear(values);
        Scale { high: if s.high > 0.97 { 1.0f64.max(s.high / 1.04) } else { s.high }, ..s }
    }
    /// A logarithmic axis over the positive values, at most `decades` long: the least values fall below it.
    pub fn log(values: impl IntoIterator<Item = f64>, decades: f64) -> Scale {
        let (mut low, mut high) = (f64::INFINITY, 0.0f64);
        for v in values.into_iter().filter(|v| v.is_finite() && *v > 0.0) {
            (low, high) = (low.min(v), high.max(v));
        }
        if low > high {
            (low, high) = (1.0, 10.0);
        }
        let high = high * 1.3;
        let low = (low / 1.3).max(high / exp10(decades));
        Scale { low: low.min(high / 3.0), high, log: true }
    }
    /// A value in the coordinate of the axis: itself, or its decimal logarithm.
    pub fn coordinate(&self, value: f64) -> f64 {
        if self.log { log10(value.max(1e-300)) } else { value }
    }
    /// The value at a coordinate of the axis.
    pub fn value(&self, coordinate: f64) -> f64 {
        if self.log { exp10(coordinate) } else { coordinate }
    }
    /// Where a value stands: 0 at the low end, 1 at the high end. Values off the axis are held within one
    /// length of it, so that nothing drawn is endless.
    pub fn at(&self, value: f64) -> f64 {
        let (a, b) = (self.coordinate(self.low), self.coordinate(self.high));
        ((self.coordinate(value) - a) / (b - a)).clamp(-1.0, 2.0)
    }
    /// Ticks, at most about `count`, and the step between them (0 on a logarithmic axis).
    pub fn ticks(&self, count: usize) -> (Vec<f64>, f64) {
        let count = count.max(2);
        if !self.log {
            return linear_ticks(self.low, self.high, count);
        }
        let (a, b) = (log10(self.low), log10(self.high));
        let (first, last) = (a.floor() as i32, b.ceil() as i32);
        let sets: [&[f64]; 3] = [&[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
        for digits in sets {
            let ticks = within(self, (first..=last).flat_map(|d| digits.iter().map(move |m| m * exp10(f64::from(d)))));
            if ticks.len() <= count && ticks.len() > 1 {
                return (ticks, 0.0);
            }
        }
        let decades = within(self, (first..=last).map(|d| exp10(f64::from(d))));
        let every = decades.len().div_ceil(count).max(1);
        (decades.into_iter().step_by(every).collect(), 0.0)
    }
}

fn within(scale: &Scale, values: impl Iterator<Item = f64>) -> Vec<f64> {
    values.filter(|v| *v >= scale.low * 0.999_999 && *v <= scale.high * 1.000_001).collect()
}

/// Multiples of 1, 2, 2.5 or 5 times a power of ten.
fn linear_ticks(low: f64, high: f64, count: usize) -> (Vec<f64>, f64) {
    let raw = (high - low) / count as f64;
    let base = exp10(log10(raw).floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].iter().map(|m| m * base).find(|s| *s >= raw * 0.999_999).unwrap_or(base);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    ((first..=last).map(|k| k as f64 * step).collect(), step)
}

/// Ticks of a time axis in decimal years: whole years, every one, two or five, and two at least where the axis holds two.
pub fn years(low: f64, high: f64, count: usize) -> Vec<f64> {
    let (first, last) = ((low - 1e-6).ceil() as i32, (high + 1e-6).floor() as i32);
    let every = [1, 2, 5, 10, 20, 50].into_iter().find(|e| (last - first) / e < count.max(2) as i32).unwrap_or(100);
    let round: Vec<f64> = (first..=last).filter(|y| y % every == 0).map(f64::from).collect();
    if round.len() > 1 || last <= first { round } else { vec![f64::from(first), f64::from(last)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round_and_inside() {
        let (ticks, step) = Scale { low: 0.0, high: 0.63, log: false }.ticks(5);
        assert_eq!(step, 0.2);
        assert_eq!(ticks.len(), 4);
        let (ticks, _) = Scale { low: -3.2e10, high: 1.1e11, log: false }.ticks(6);
        assert_eq!(ticks, vec![-2.5e10, 0.0, 2.5e10, 5.0e10, 7.5e10, 1.0e11]);
    }

    #[test]
    fn log_ticks_are_decades_on_long_axes_and_one_two_five_on_short_ones() {
        let (ticks, _) = Scale { low: 1e8, high: 1e13, log: true }.ticks(7);
        assert_eq!(ticks.len(), 6);
        assert!((ticks[5] / 1e13 - 1.0).abs() < 1e-12);
        let (ticks, _) = Scale { low: 0.9e9, high: 2.1e10, log: true }.ticks(7);
        for (got, want) in ticks.iter().zip([1e9, 2e9, 5e9, 1e10, 2e10]) {
            assert!((got / want - 1.0).abs() < 1e-12);
        }
        assert!(Scale { low: 1.0, high: 1e12, log: true }.ticks(5).0.len() <= 7);
    }

    #[test]
    fn a_log_axis_is_never_longer_than_asked() {
        let s = Scale::log([1e-3, 1e12], 5.0);
        assert!((log10(s.high / s.low) - 5.0).abs() < 1e-9);
        assert_eq!(s.at(s.low), 0.0);
        assert!(s.at(0.0) < 0.0);
    }

    #[test]
    fn years_are_whole_and_few() {
        assert_eq!(years(2023.9, 2031.0, 5), vec![2024.0, 2026.0, 2028.0, 2030.0]);
        assert_eq!(years(2026.0, 2031.0, 8).len(), 6);
        // A narrow panel that only one round year would fit has its ends.
        assert_eq!(years(2026.0, 2031.0, 2), vec![2026.0, 2031.0]);
        assert_eq!(years(2026.0, 2026.5, 2), vec![2026.0]);
    }
}
