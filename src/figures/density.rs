//! Kernel density estimates on one and two axes, and the contours that hold a given share of the runs.

use std::collections::HashMap;

use crate::math::{exp, pow};

/// Standard deviation, or the distance between the quartiles made comparable to it, whichever is less and not zero.
fn spread(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt();
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quartile = (quantile(&sorted, 0.75) - quantile(&sorted, 0.25)) / 1.349;
    if quartile > 0.0 { sd.min(quartile) } else { sd }
}

/// Quantile of sorted values, linear between neighbours.
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() as f64 - 1.0);
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64)
}

/// Density of `values` at `points`, greatest 1. Gaussian kernel, bandwidth by Silverman's rule (1986) but at
/// least `least`; mass below `floor`, where there is one, is folded back.
pub fn density(values: &[f64], points: &[f64], least: f64, floor: Option<f64>) -> Vec<f64> {
    let h = (0.9 * spread(values) * pow(values.len() as f64, -0.2)).max(least);
    let kernel = |d: f64| if d.abs() < 5.0 * h { exp(-0.5 * d * d / (h * h)) } else { 0.0 };
    let raw: Vec<f64> = points
        .iter()
        .map(|x| values.iter().map(|v| kernel(x - v) + floor.map_or(0.0, |f| kernel(x - (2.0 * f - v)))).sum())
        .collect();
    let top = raw.iter().copied().fold(0.0, f64::max);
    if top > 0.0 { raw.into_iter().map(|d| d / top).collect() } else { raw }
}

/// Number of grid lines on each axis of a joint density.
const GRID: usize = 96;
/// By how much the kernel is widened at a time, and how far at most, to be rid of islands of a few points.
const WIDER: f64 = 1.15;
const WIDEST: f64 = 4.0;
/// Fewest points, and the least share of them, that make a loop of a contour something seen and not an accident.
const CROWD: (f64, f64) = (10.0, 0.05);

/// What an axis cannot pass: a share is not below 0. Infinite where there is no such end.
pub type Limits = (f64, f64);

/// A joint density on a grid.
pub struct Joint {
    x0: f64,
    y0: f64,
    dx: f64,
    dy: f64,
    limits: [Limits; 2],
    cells: Vec<f64>,
    /// The density at each point, the greatest first.
    at_points: Vec<f64>,
}

/// One axis of the grid: its first line, the distance between lines, and the kernel from every line to every line.
struct Lines {
    first: f64,
    step: f64,
    kernel: Vec<f64>,
}

impl Lines {
    /// Lines over the values and four bandwidths beyond them, but not beyond the limits, with one more at each end for the rim. What the
    /// kernel would carry beyond a limit is mirrored back.
    fn new(values: &[f64], h: f64, limits: Limits) -> Lines {
        let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
        let (low, high) = ((low - 4.0 * h).max(limits.0), (high + 4.0 * h).min(limits.1));
        let step = ((high - low) / (GRID - 3) as f64).max(1e-3 * h);
        let first = low - step;
        let at = |i: usize| first + i as f64 * step;
        let carried = |i: usize, k: usize| {
            let mirrored = [limits.0, limits.1].into_iter().filter(|end| end.is_finite());
            let folded = mirrored.map(|end| gauss((at(i) - (2.0 * end - at(k))) / h)).sum::<f64>();
            gauss((at(i) - at(k)) / h) + folded
        };
        let kernel = (0..GRID * GRID).map(|cell| carried(cell / GRID, cell % GRID)).collect();
        Lines { first, step, kernel }
    }
    /// The line before a value, and how far beyond it the value stands, in steps.
    fn before(&self, value: f64) -> (usize, f64) {
        let at = ((value - self.first) / self.step).clamp(0.0, (GRID - 1) as f64 - 1e-9);
        (at as usize, at - at.floor())
    }
}

impl Joint {
    /// Gaussian product kernel on points shared out among the nearest grid lines, bandwidths by Scott's rule (1992) times `wider`, but at
    /// least `least` on each axis.
    pub fn new(points: &[(f64, f64)], least: (f64, f64), limits: [Limits; 2], wider: f64) -> Joint {
        let factor = wider * pow(points.len() as f64, -1.0 / 6.0);
        let (xs, ys): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        let (hx, hy) = ((spread(&xs) * factor).max(least.0), (spread(&ys) * factor).max(least.1));
        let (across, down) = (Lines::new(&xs, hx, limits[0]), Lines::new(&ys, hy, limits[1]));
        let mut shared = vec![0.0; GRID * GRID];
        for (x, y) in points {
            let ((i, u), (j, v)) = (across.before(*x), down.before(*y));
            for (at, part) in corners(i, j, u, v) {
                shared[at] += part;
            }
        }
        // The kernel is a product: first along the lines, then across them.
        let mut along = vec![0.0; GRID * GRID];
        for j in 0..GRID {
            let row = &shared[j * GRID..(j + 1) * GRID];
            for i in 0..GRID {
                let kernel = &across.kernel[i * GRID..(i + 1) * GRID];
                along[j * GRID + i] = row.iter().zip(kernel).map(|(a, b)| a * b).sum();
            }
        }
        let mut cells = vec![0.0; GRID * GRID];
        for j in 0..GRID {
            for (k, weight) in down.kernel[j * GRID..(j + 1) * GRID].iter().enumerate() {
                if *weight > 0.0 {
                    let from = &along[k * GRID..(k + 1) * GRID];
                    cells[j * GRID..(j + 1) * GRID].iter_mut().zip(from).for_each(|(cell, a)| *cell += weight * a);
                }
            }
        }
        let density = |(x, y): &(f64, f64)| {
            let ((i, u), (j, v)) = (across.before(*x), down.before(*y));
            corners(i, j, u, v).into_iter().map(|(at, part)| part * cells[at]).sum()
        };
        let mut at_points: Vec<f64> = points.iter().map(density).collect();
        at_points.sort_by(|a, b| b.total_cmp(a));
        // A rim of nothing closes every contour.
        for k in 0..GRID {
            for at in [k, (GRID - 1) * GRID + k, k * GRID, k * GRID + GRID - 1] {
                cells[at] = 0.0;
            }
        }
        Joint { x0: across.first, y0: down.first, dx: across.step, dy: down.step, limits, cells, at_points }
    }

    /// As [`Joint::new`], with the kernel as wide as it takes for the contours at these shares to have no islands and no holes of a few points.
    pub fn smooth(points: &[(f64, f64)], least: (f64, f64), limits: [Limits; 2], shares: &[f64]) -> Joint {
        let crowd = CROWD.0.max(CROWD.1 * points.len() as f64);
        let mut wider = 1.0;
        loop {
            let joint = Joint::new(points, least, limits, wider);
            let torn = |share: &f64| {
                let loops = joint.contour(joint.level(*share));
                let held = |l: &Vec<(f64, f64)>| points.iter().filter(|p| within(l, **p)).count() as f64;
                loops.len() > 1 && loops.iter().any(|l| held(l) < crowd)
            };
            if wider > WIDEST || !shares.iter().any(torn) {
                return joint;
            }
            wider *= WIDER;
        }
    }

    /// The density that a share of the points has, or a greater one: the highest-density region that holds them (Hyndman 1996).
    pub fn level(&self, share: f64) -> f64 {
        let d = &self.at_points;
        let last = ((share * d.len() as f64).ceil() as usize).clamp(1, d.len());
        0.5 * (d[last - 1] + d.get(last).copied().unwrap_or(0.0).max(0.0))
    }

    /// The closed loops at a level: marching squares, saddles cut apart.
    pub fn contour(&self, level: f64) -> Vec<Vec<(f64, f64)>> {
        let value = |i: usize, j: usize| self.cells[j * GRID + i];
        // An edge of the grid is named by its first corner and whether it runs down.
        type Edge = (usize, usize, bool);
        let mut next: HashMap<Edge, Edge> = HashMap::new();
        let mut order: Vec<Edge> = Vec::new();
        for j in 0..GRID - 1 {
            for i in 0..GRID - 1 {
                let (top, right, bottom, left) = ((i, j, false), (i + 1, j, true), (i, j + 1, false), (i, j, true));
                let inside = [value(i, j), value(i + 1, j), value(i + 1, j + 1), value(i, j + 1)].map(|v| v > level);
                let code = inside.iter().enumerate().fold(0, |c, (k, b)| c | (usize::from(*b) << k));
                // Directed so that the inside lies on one hand, which makes every edge the start of one segment.
                let pairs: &[(Edge, Edge)] = match code {
                    1 => &[(left, top)],
                    2 => &[(top, right)],
                    3 => &[(left, right)],
                    4 => &[(right, bottom)],
                    5 => &[(left, top), (right, bottom)],
                    6 => &[(top, bottom)],
                    7 => &[(left, bottom)],
                    8 => &[(bottom, left)],
                    9 => &[(bottom, top)],
                    10 => &[(top, right), (bottom, left)],
                    11 => &[(bottom, right)],
                    12 => &[(right, left)],
                    13 => &[(right, top)],
                    14 => &[(top, left)],
                    _ => &[],
                };
                for (a, b) in pairs {
                    next.insert(*a, *b);
                    order.push(*a);
                }
            }
        }
        let place = |(i, j, down): Edge| {
            let (a, b) = (value(i, j), if down { value(i, j + 1) } else { value(i + 1, j) });
            let t = if a == b { 0.5 } else { ((level - a) / (b - a)).clamp(0.0, 1.0) };
            let (x, y) = if down { (i as f64, j as f64 + t) } else { (i as f64 + t, j as f64) };
            // Beyond a limit stands the rim alone.
            let [across, down] = self.limits;
            ((self.x0 + x * self.dx).clamp(across.0, across.1), (self.y0 + y * self.dy).clamp(down.0, down.1))
        };
        let mut loops = Vec::new();
        for first in order {
            let mut path = Vec::new();
            let mut edge = first;
            while let Some(to) = next.remove(&edge) {
                path.push(place(edge));
                edge = to;
            }
            if path.len() > 3 {
                loops.push(path);
            }
        }
        loops
    }
}

/// The four grid points about a place and the part of it that each has.
fn corners(i: usize, j: usize, u: f64, v: f64) -> [(usize, f64); 4] {
    let at = j * GRID + i;
    [(at, (1.0 - u) * (1.0 - v)), (at + 1, u * (1.0 - v)), (at + GRID, (1.0 - u) * v), (at + GRID + 1, u * v)]
}

/// Whether a point lies within a loop.
fn within(path: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
    let ends = path.iter().zip(path.iter().cycle().skip(1));
    ends.filter(|((x0, y0), (x1, y1))| (*y0 > y) != (*y1 > y) && x < x0 + (y - y0) / (y1 - y0) * (x1 - x0)).count() % 2
        == 1
}

fn gauss(z: f64) -> f64 {
    if z.abs() < 4.5 { exp(-0.5 * z * z) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::normal_quantile;

    fn normals(n: usize) -> Vec<f64> {
        (0..n).map(|i| normal_quantile((i as f64 + 0.5) / n as f64)).collect()
    }

    #[test]
    fn the_density_of_normal_draws_is_greatest_in_the_middle() {
        let d = density(&normals(2000), &[-2.0, 0.0, 2.0], 1e-9, None);
        assert_eq!(d[1], 1.0);
        assert!((d[0] - d[2]).abs() < 1e-9 && (0.1..0.2).contains(&d[0]), "{d:?}");
    }

    #[test]
    fn the_half_contour_of_a_normal_cloud_is_a_circle_of_the_right_radius() {
        // 50% of a bivariate standard normal lies within sqrt(2 ln 2) = 1.177, however wide the kernel is.
        let z = normals(60);
        let points: Vec<(f64, f64)> = z.iter().flat_map(|x| z.iter().map(move |y| (*x, *y))).collect();
        let joint = Joint::new(&points, (1e-9, 1e-9), FREE, 1.5);
        let loops = joint.contour(joint.level(0.5));
        assert_eq!(loops.len(), 1);
        for (x, y) in &loops[0] {
            let r = (x * x + y * y).sqrt();
            assert!((1.12..1.24).contains(&r), "{r}");
        }
    }

    const FREE: [Limits; 2] = [(f64::NEG_INFINITY, f64::INFINITY); 2];

    /// Normal luck of point `i` on one of two axes.
    fn luck(i: u64, axis: u64) -> f64 {
        let hash = crate::random::mix(i << 8 | axis);
        normal_quantile(((hash >> 11) as f64 + 0.5) / (1u64 << 53) as f64)
    }

    #[test]
    fn contours_hold_the_share_of_the_points_that_they_promise_and_a_hundred_points_have_no_islands() {
        for (n, key) in [(100, 0), (100, 1), (200, 2), (1000, 3)] {
            let points: Vec<(f64, f64)> = (0..n).map(|i| (luck(i, 2 * key), luck(i, 2 * key + 1))).collect();
            let joint = Joint::smooth(&points, (1e-9, 1e-9), FREE, &[0.5, 0.9]);
            for share in [0.5, 0.9] {
                let loops = joint.contour(joint.level(share));
                assert_eq!(loops.len(), 1, "{n} points, {share}");
                let held = points.iter().filter(|p| within(&loops[0], **p)).count() as f64 / n as f64;
                assert!((held - share).abs() < 0.02, "{held} of {share}");
            }
        }
    }

    #[test]
    fn two_crowds_apart_keep_a_loop_each() {
        let points: Vec<(f64, f64)> =
            (0..200).map(|i| (luck(i, 0), luck(i, 1) + if i % 4 == 0 { 30.0 } else { 0.0 })).collect();
        // A bandwidth by the spread of all of them joins what lies nearer than that.
        let joint = Joint::smooth(&points, (1e-9, 1e-9), FREE, &[0.9]);
        assert_eq!(joint.contour(joint.level(0.9)).len(), 2);
    }

    #[test]
    fn a_contour_is_closed_at_a_limit_and_does_not_pass_it() {
        let points: Vec<(f64, f64)> = (0..400).map(|i| (luck(i, 0).abs(), luck(i, 1))).collect();
        let limits = [(0.0, f64::INFINITY), FREE[1]];
        let joint = Joint::smooth(&points, (1e-9, 1e-9), limits, &[0.9]);
        let loops = joint.contour(joint.level(0.9));
        assert_eq!(loops.len(), 1);
        assert!(loops[0].iter().all(|p| p.0 >= 0.0) && loops[0].iter().filter(|p| p.0 == 0.0).count() > 10);
        // A half normal is densest at 0: mirroring keeps it so.
        let (top, _) = loops[0].iter().fold((0.0f64, 0.0f64), |a, p| if p.1 > a.1 { (p.0, p.1) } else { a });
        assert!(top < 0.8, "{top}");
    }

    #[test]
    fn values_that_are_all_alike_still_have_a_density() {
        let d = density(&[3.0; 10], &[2.0, 3.0, 4.0], 0.1, None);
        assert_eq!(d[1], 1.0);
        assert!(d[0] < 1e-6);
        assert!(!Joint::new(&[(1.0, 2.0); 5], (0.1, 0.1), FREE, 1.0).contour(0.5).is_empty());
    }
}
