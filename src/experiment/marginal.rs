//! What one path does on its own: averages of a point's value over all the other paths of a design.
//!
//! On a full grid the main effect of a path at a level is the mean over all points with that level: Box, Hunter and
//! Hunter (2005), "Statistics for Experimenters", chapter 5. In sampled designs the same is read off bins of equal
//! count along the path, a local mean: the class-mean estimate of E(y | x) in Saltelli et al. (2008), "Global Sensitivity
//! Analysis: The Primer", chapter 1. Its standard error is s / √n of the n values in a bin.

use super::response::Axis;
use super::statistics::half_95;

/// Most values of a path that are taken as they are; of more, bins are made.
const MOST_LEVELS: usize = 12;
/// Points a bin should hold, so that its mean stands out from the scatter; a judgement.
const POINTS_A_BIN: usize = 8;
/// Most bins along a path.
const MOST_BINS: usize = 10;

/// The distinct values of a path.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Levels {
    /// Texts, those of numbers in rising order, words in the order in which they appear.
    pub texts: Vec<String>,
    /// Their numbers; empty where the path has words.
    pub numbers: Vec<f64>,
    /// The level of each point.
    pub of: Vec<usize>,
}

impl Levels {
    /// Number of levels.
    pub fn len(&self) -> usize {
        self.texts.len()
    }
    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
    /// Whether the path has a number at every point.
    pub fn is_numeric(&self) -> bool {
        !self.numbers.is_empty()
    }
    /// The points' numbers, in their order; empty where the path has words.
    pub fn values(&self) -> Vec<f64> {
        if self.is_numeric() { self.of.iter().map(|k| self.numbers[*k]).collect() } else { Vec::new() }
    }
}

/// The levels of an axis. Equal numbers are one level, however they are written.
pub fn levels(axis: &Axis) -> Levels {
    let numeric = !axis.numbers.is_empty() && axis.numbers.iter().all(|v| v.is_finite());
    if numeric {
        let mut numbers = axis.numbers.clone();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        let of: Vec<usize> = axis.numbers.iter().map(|v| numbers.partition_point(|n| n < v)).collect();
        let texts = (0..numbers.len())
            .map(|k| of.iter().position(|o| *o == k).and_then(|p| axis.texts.get(p)).cloned().unwrap_or_default())
            .collect();
        return Levels { texts, numbers, of };
    }
    let mut texts: Vec<String> = Vec::new();
    let of = axis
        .texts
        .iter()
        .map(|t| {
            texts.iter().position(|known| known == t).unwrap_or_else(|| {
                texts.push(t.clone());
                texts.len() - 1
            })
        })
        .collect();
    Levels { texts, numbers: Vec::new(), of }
}

/// Whether the points are a full grid: every combination of levels exactly once.
pub fn is_grid(levels: &[Levels]) -> bool {
    let Some(points) = levels.first().map(|l| l.of.len()) else { return false };
    let mut size = 1usize;
    for axis in levels {
        if axis.of.len() != points || axis.is_empty() {
            return false;
        }
        size = size.saturating_mul(axis.len());
    }
    if size != points {
        return false;
    }
    let mut seen = vec![false; points];
    for p in 0..points {
        let cell = levels.iter().fold(0, |cell, axis| cell * axis.len() + axis.of[p]);
        if std::mem::replace(&mut seen[cell], true) {
            return false;
        }
    }
    true
}

/// The values of some points: those of a level, or of a bin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Where they stand along the path: the mean of its numbers, or the level's place from 0 where it has words.
    pub at: f64,
    /// Values that exist.
    pub n: usize,
    /// Their mean; NaN where there are none.
    pub mean: f64,
    /// Standard error of the mean, sd / √n; NaN below two values. On a grid it says how far the other paths scatter the
    /// values, not how exact they are.
    pub se: f64,
    /// The least of them.
    pub least: f64,
    /// The greatest of them.
    pub most: f64,
}

impl Group {
    /// Half the 95% interval of the mean, by Student's t; NaN below two values.
    pub fn half_95(&self) -> f64 {
        half_95(self.se, self.n as u64)
    }
}

/// The group of some values at a place; a value that is not finite does not exist.
fn group(at: f64, values: impl Iterator<Item = f64>) -> Group {
    let known: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    let n = known.len();
    let mean = if n > 0 { known.iter().sum::<f64>() / n as f64 } else { f64::NAN };
    let squares: f64 = known.iter().map(|v| (v - mean) * (v - mean)).sum();
    let se = if n > 1 { (squares / (n as f64 - 1.0) / n as f64).sqrt() } else { f64::NAN };
    let least = known.iter().copied().fold(f64::NAN, f64::min);
    let most = known.iter().copied().fold(f64::NAN, f64::max);
    Group { at, n, mean, se, least, most }
}

/// A group a level: the points' values averaged over everything else.
pub fn by_level(levels: &Levels, values: &[f64]) -> Vec<Group> {
    (0..levels.len())
        .map(|k| {
            let at = levels.numbers.get(k).copied().unwrap_or(k as f64);
            group(at, levels.of.iter().zip(values).filter(|(of, _)| **of == k).map(|(_, v)| *v))
        })
        .collect()
}

/// Groups of as equal count as can be along numbers, `count` of them at most; points of the same number stay together.
/// Points without a value are left out before the cut.
pub fn by_bin(numbers: &[f64], values: &[f64], count: usize) -> Vec<Group> {
    let mut known: Vec<(f64, f64)> =
        numbers.iter().copied().zip(values.iter().copied()).filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    known.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (n, count) = (known.len(), count.max(1));
    let mut out = Vec::new();
    let mut from = 0;
    for k in 1..=count {
        let mut to = (n * k / count).max(from);
        while to > from && to < n && known[to].0 == known[to - 1].0 {
            to += 1;
        }
        if to > from {
            let bin = &known[from..to];
            let at = bin.iter().map(|(x, _)| x).sum::<f64>() / bin.len() as f64;
            out.push(group(at, bin.iter().map(|(_, y)| *y)));
        }
        from = to;
    }
    out
}

/// How many bins suit a number of points: one for every eight, three to ten.
pub fn bins_for(points: usize) -> usize {
    (points / POINTS_A_BIN).clamp(3, MOST_BINS)
}

/// A path's groups: its levels on a grid, where it has words or few values; bins of equal count, at most `bins`, otherwise.
pub fn along(levels: &Levels, grid: bool, values: &[f64], bins: usize) -> Vec<Group> {
    if grid || takes_levels(levels) { by_level(levels, values) } else { by_bin(&levels.values(), values, bins) }
}

/// Whether the values of a path in a sampled design are few enough to be taken one by one.
pub fn takes_levels(levels: &Levels) -> bool {
    !levels.is_numeric() || (levels.len() <= MOST_LEVELS && levels.len() * 2 <= levels.of.len())
}

/// The means over two paths: `[level of down][level of across]`, everything else averaged.
pub fn by_two(across: &Levels, down: &Levels, values: &[f64]) -> Vec<Vec<Group>> {
    (0..down.len())
        .map(|d| {
            (0..across.len())
                .map(|a| {
                    let here = (0..values.len()).filter(|p| across.of[*p] == a && down.of[*p] == d);
                    group(a as f64, here.map(|p| values[p]))
                })
                .collect()
        })
        .collect()
}

/// What a path does between its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swing {
    /// Its lowest group with a value; of words the one with the least mean.
    pub low: Group,
    /// Its highest group with a value; of words the one with the greatest mean.
    pub high: Group,
    /// Its group with the least mean.
    pub least: Group,
    /// Its group with the greatest mean.
    pub most: Group,
}

impl Swing {
    /// How far the means of both ends lie apart: what paths are sorted by.
    pub fn range(&self) -> f64 {
        (self.high.mean - self.low.mean).abs()
    }
}

/// The swing of a path's groups; `None` where none has a value.
pub fn swing(groups: &[Group], numeric: bool) -> Option<Swing> {
    let known: Vec<Group> = groups.iter().copied().filter(|g| g.n > 0).collect();
    let least = known.iter().min_by(|a, b| a.mean.total_cmp(&b.mean))?;
    let most = known.iter().max_by(|a, b| a.mean.total_cmp(&b.mean))?;
    let (low, high) = if numeric { (known.first()?, known.last()?) } else { (least, most) };
    Some(Swing { low: *low, high: *high, least: *least, most: *most })
}

/// Whether positive, rising numbers are spaced for a logarithmic axis: over at least a factor of five, and with steps
/// that are less than half as uneven in logarithms as in themselves (by their coefficient of variation).
pub fn even_in_logs(rising: &[f64]) -> bool {
    let (Some(first), Some(last)) = (rising.first(), rising.last()) else { return false };
    if rising.len() < 3 || *first <= 0.0 || *last < 5.0 * first {
        return false;
    }
    let logs: Vec<f64> = rising.iter().map(|v| crate::math::ln(*v)).collect();
    unevenness(&logs) < 0.5 * unevenness(rising)
}

/// Coefficient of variation of the steps between rising numbers.
fn unevenness(rising: &[f64]) -> f64 {
    let steps: Vec<f64> = rising.windows(2).map(|w| w[1] - w[0]).collect();
    let mean = steps.iter().sum::<f64>() / steps.len() as f64;
    let squares: f64 = steps.iter().map(|s| (s - mean) * (s - mean)).sum();
    (squares / steps.len() as f64).sqrt() / mean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(texts: &[&str]) -> Axis {
        Axis {
            texts: texts.iter().map(|t| (*t).to_owned()).collect(),
            numbers: texts.iter().map(|t| t.parse().unwrap_or(f64::NAN)).collect(),
            ..Axis::default()
        }
    }

    /// A grid of x in 0..4 by y in 0..3 by z in 0..2, the last running fastest.
    fn grid() -> [Levels; 3] {
        let mut texts: [Vec<String>; 3] = Default::default();
        for (x, y, z) in (0..4).flat_map(|x| (0..3).flat_map(move |y| (0..2).map(move |z| (x, y, z)))) {
            for (axis, v) in texts.iter_mut().zip([x, y, z]) {
                axis.push(v.to_string());
            }
        }
        texts.map(|t| levels(&axis(&t.iter().map(String::as_str).collect::<Vec<_>>())))
    }

    #[test]
    fn numbers_rise_and_words_keep_their_order() {
        let numbers = levels(&axis(&["10", "2", "1e1", "-3"]));
        assert_eq!(numbers.numbers, [-3.0, 2.0, 10.0]);
        assert_eq!(numbers.texts, ["-3", "2", "10"]);
        assert_eq!(numbers.of, [2, 1, 2, 0]);
        assert_eq!(numbers.values(), [10.0, 2.0, 10.0, -3.0]);
        // One word among numbers makes the path one of words.
        let words = levels(&axis(&["match", "2", "match"]));
        assert_eq!((words.texts.clone(), words.of.clone()), (vec!["match".to_owned(), "2".to_owned()], vec![0, 1, 0]));
        assert!(!words.is_numeric() && words.values().is_empty());
    }

    #[test]
    fn a_full_grid_is_known_and_one_point_amiss_is_too() {
        let full = grid();
        assert!(is_grid(&full));
        let mut short = full.clone();
        short.iter_mut().for_each(|l| l.of.truncate(23));
        assert!(!is_grid(&short));
        let mut twice = full;
        for l in &mut twice {
            l.of[1] = l.of[0];
        }
        assert!(!is_grid(&twice), "a point twice, another missing");
        assert!(!is_grid(&[]));
        assert!(is_grid(&[levels(&axis(&["3", "1", "2"]))]));
    }

    #[test]
    fn the_main_effects_of_a_grid_are_those_of_the_formula() {
        // f = x + 10 y + 100 z + x y: over y and z its mean is x + 10 + 50 + x, over x and z 1.5 + 10 y + 50 + 1.5 y.
        let [x, y, z] = grid();
        let f: Vec<f64> = (0..24)
            .map(|p| {
                let (x, y, z) = (x.of[p] as f64, y.of[p] as f64, z.of[p] as f64);
                x + 10.0 * y + 100.0 * z + x * y
            })
            .collect();
        for (k, g) in by_level(&x, &f).iter().enumerate() {
            assert!((g.mean - (60.0 + 2.0 * k as f64)).abs() < 1e-12 && g.n == 6 && g.at == k as f64);
            let k = k as f64;
            assert_eq!((g.least, g.most), (k, k + 20.0 + 100.0 + 2.0 * k));
        }
        for (k, g) in along(&y, true, &f, 5).iter().enumerate() {
            assert!((g.mean - (51.5 + 11.5 * k as f64)).abs() < 1e-12);
        }
        let two = by_two(&x, &y, &f);
        assert_eq!((two.len(), two[0].len()), (3, 4));
        for (j, row) in two.iter().enumerate() {
            for (i, g) in row.iter().enumerate() {
                let (i, j) = (i as f64, j as f64);
                assert!((g.mean - (i + 10.0 * j + 50.0 + i * j)).abs() < 1e-12 && g.n == 2);
            }
        }
        let swing = swing(&by_level(&z, &f), true).unwrap();
        assert!((swing.range() - 100.0).abs() < 1e-12 && swing.low.at == 0.0);
    }

    #[test]
    fn bins_hold_equal_counts_and_their_means_are_those_of_the_formula() {
        // y = 2 x over 0..99 in ten bins: means of x 4.5, 14.5, ..; the deviation of 0..9 is √(110/12).
        let x: Vec<f64> = (0..100).map(f64::from).rev().collect();
        let y: Vec<f64> = x.iter().map(|v| 2.0 * v).collect();
        let bins = by_bin(&x, &y, 10);
        assert_eq!(bins.len(), 10);
        for (k, bin) in bins.iter().enumerate() {
            let at = 4.5 + 10.0 * k as f64;
            assert!(bin.n == 10 && (bin.at - at).abs() < 1e-12 && (bin.mean - 2.0 * at).abs() < 1e-12);
            assert!((bin.se - 2.0 * (110.0 / 12.0 / 10.0f64).sqrt()).abs() < 1e-12);
        }
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_student() {
        // Quantiles of t at 0.975 from the tables.
        for (n, t) in [(3, 4.303), (4, 3.182), (6, 2.571), (11, 2.228), (31, 2.042), (1001, 1.962)] {
            let g = Group { at: 0.0, n, mean: 0.0, se: 2.0, least: 0.0, most: 0.0 };
            assert!((g.half_95() / (2.0 * t) - 1.0).abs() < 0.01, "{n}: {}", g.half_95());
        }
        assert!(group(0.0, [1.0].into_iter()).half_95().is_nan());
    }

    #[test]
    fn points_of_one_number_share_a_bin_and_points_without_a_value_none() {
        let x = [1.0, 1.0, 1.0, 1.0, 2.0, 3.0];
        let bins = by_bin(&x, &[1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN], 3);
        assert_eq!(bins.iter().map(|b| b.n).collect::<Vec<_>>(), [4, 1]);
        assert!(bins[1].se.is_nan());
        assert_eq!(by_bin(&x, &[f64::NAN; 6], 3), []);
        assert!(by_level(&levels(&axis(&["a", "b"])), &[1.0, f64::NAN])[1].mean.is_nan());
    }

    #[test]
    fn a_swing_runs_from_the_lowest_value_to_the_highest_and_of_words_from_the_least_to_the_most() {
        let groups = by_level(&levels(&axis(&["1", "2", "3", "4"])), &[5.0, 9.0, 6.0, f64::NAN]);
        let s = swing(&groups, true).unwrap();
        assert_eq!((s.low.mean, s.high.mean, s.least.mean, s.most.mean), (5.0, 6.0, 5.0, 9.0));
        let s = swing(&groups, false).unwrap();
        assert_eq!((s.low.mean, s.high.mean, s.high.at), (5.0, 9.0, 2.0));
        assert_eq!(swing(&[], true), None);
    }

    #[test]
    fn sampled_paths_are_binned_unless_their_values_are_few() {
        let many: Vec<String> = (0..60).map(|i| i.to_string()).collect();
        let many = levels(&axis(&many.iter().map(String::as_str).collect::<Vec<_>>()));
        assert_eq!(along(&many, false, &[1.0; 60], bins_for(60)).len(), 7);
        assert_eq!(along(&many, true, &[1.0; 60], 7).len(), 60);
        let few = levels(&axis(&["1", "2", "1", "2", "1", "2"]));
        assert_eq!(along(&few, false, &[1.0; 6], 3).len(), 2);
        assert_eq!((bins_for(5), bins_for(1000)), (3, 10));
    }

    #[test]
    fn only_values_even_in_logarithms_ask_for_a_log_axis() {
        assert!(even_in_logs(&[1.0, 10.0, 100.0, 1000.0]));
        assert!(even_in_logs(&[1.0, 2.0, 5.0, 10.0]));
        assert!(!even_in_logs(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        assert!(!even_in_logs(&[0.0, 1.0, 10.0]));
        assert!(!even_in_logs(&[1.0, 1.5, 2.25]), "less than a factor of five");
        assert!(!even_in_logs(&[1.0, 10.0]));
    }
}
