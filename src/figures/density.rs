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
const GRID: usize = 72;

/// A joint density on a grid.
pub struct Joint {
    x0: f64,
    y0: f64,
    dx: f64,
    dy: f64,
    cells: Vec<f64>,
}

impl Joint {
    /// Gaussian product kernel, bandwidths by Scott's rule (1992) but at least `least` on each axis.
    pub fn new(points: &[(f64, f64)], least: (f64, f64)) -> Joint {
        let factor = pow(points.len() as f64, -1.0 / 6.0);
        let (xs, ys): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        let (hx, hy) = ((spread(&xs) * factor).max(least.0), (spread(&ys) * factor).max(least.1));
        let range = |v: &[f64], h: f64| {
            let (low, high) = v.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
            (low - 4.0 * h, high + 4.0 * h)
        };
        let ((x0, x1), (y0, y1)) = (range(&xs, hx), range(&ys, hy));
        let (dx, dy) = ((x1 - x0) / (GRID - 1) as f64, (y1 - y0) / (GRID - 1) as f64);
        let mut cells = vec![0.0; GRID * GRID];
        for (x, y) in points {
            let across: Vec<f64> = (0..GRID).map(|i| gauss((x0 + i as f64 * dx - x) / hx)).collect();
            for j in 0..GRID {
                let down = gauss((y0 + j as f64 * dy - y) / hy);
                if down > 0.0 {
                    for (cell, a) in cells[j * GRID..(j + 1) * GRID].iter_mut().zip(&across) {
                        *cell += a * down;
                    }
                }
            }
        }
        // A rim of nothing closes every contour.
        for k in 0..GRID {
            for at in [k, (GRID - 1) * GRID + k, k * GRID, k * GRID + GRID - 1] {
                cells[at] = 0.0;
            }
        }
        Joint { x0, y0, dx, dy, cells }
    }

    /// The density above which a share of the mass lies (highest-density region).
    pub fn level(&self, share: f64) -> f64 {
        let mut sorted = self.cells.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let total: f64 = sorted.iter().sum();
        let mut mass = 0.0;
        for cell in &sorted {
            mass += cell;
            if mass >= share * total {
                return *cell;
            }
        }
        0.0
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
            (self.x0 + x * self.dx, self.y0 + y * self.dy)
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
        // 50% of a bivariate standard normal lies within sqrt(2 ln 2) = 1.177; the kernel widens it a little.
        let z = normals(60);
        let points: Vec<(f64, f64)> = z.iter().flat_map(|x| z.iter().map(move |y| (*x, *y))).collect();
        let joint = Joint::new(&points, (1e-9, 1e-9));
        let loops = joint.contour(joint.level(0.5));
        assert_eq!(loops.len(), 1);
        for (x, y) in &loops[0] {
            let r = (x * x + y * y).sqrt();
            assert!((1.1..1.35).contains(&r), "{r}");
        }
    }

    #[test]
    fn values_that_are_all_alike_still_have_a_density() {
        let d = density(&[3.0; 10], &[2.0, 3.0, 4.0], 0.1, None);
        assert_eq!(d[1], 1.0);
        assert!(d[0] < 1e-6);
        assert!(!Joint::new(&[(1.0, 2.0); 5], (0.1, 0.1)).contour(0.5).is_empty());
    }
}
