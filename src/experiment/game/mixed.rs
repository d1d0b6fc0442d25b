//! Equilibria of two players in mixed strategies, by enumeration of supports.
//!
//! ```text
//! supports I, J of equal size:   Σ_{i∈I} x_i b_ij = w for j in J,  Σ x_i = 1,  x_i > 0
//!                                Σ_{j∈J} a_ij y_j = v for i in I,  Σ y_j = 1,  y_j > 0
//! and no strategy outside J pays the second more than w, none outside I the first more than v
//! ```
//!
//! Source: Porter, Nudelman and Shoham (2008), Simple search methods for finding a Nash equilibrium: supports of equal size,
//! the small ones first. Without their pruning, as all equilibria are wanted and the games are small. In a game that is
//! not degenerate (von Stengel 2002, Computing equilibria for two-person games: no mix has more best responses than
//! strategies in it) every equilibrium has supports of equal size, and their number is odd (Wilson 1971).
//! Payoffs of each player are first stretched to 0..1, which moves no equilibrium.

use super::EQUAL;
use super::shape::Shape;

/// Most pairs of supports that are tried: 10 strategies against 10 make 184,755. A judgement: seconds.
pub const MOST_SUPPORTS: f64 = 200_000.0;

/// Probability of each strategy of each player.
pub type Mix = Vec<Vec<f64>>;

/// A game of two, its payoffs stretched to 0..1.
#[derive(Clone, Debug, PartialEq)]
pub struct Bimatrix {
    rows: usize,
    columns: usize,
    /// Payoffs of the first player, row after row.
    first: Vec<f64>,
    /// Payoffs of the second.
    second: Vec<f64>,
}

/// One side of a pair of supports.
enum Side {
    /// No mix makes the other's support equally good, or not with all probabilities positive, or another pays more.
    None,
    /// The mix; whether more than the other's support are best responses to it.
    Mix(Vec<f64>, bool),
}

impl Bimatrix {
    /// The game of two players with these mean payoffs, player after player.
    pub fn new(shape: &Shape, means: &[f64]) -> Bimatrix {
        let stretch = |of: &[f64]| -> Vec<f64> {
            let low = of.iter().copied().fold(f64::INFINITY, f64::min);
            let range = of.iter().copied().fold(f64::NEG_INFINITY, f64::max) - low;
            of.iter().map(|m| if range > 0.0 { (m - low) / range } else { 0.0 }).collect()
        };
        let (first, second) = means.split_at(shape.profiles());
        Bimatrix { rows: shape.sizes()[0], columns: shape.sizes()[1], first: stretch(first), second: stretch(second) }
    }

    fn a(&self, i: usize, j: usize) -> f64 {
        self.first[i * self.columns + j]
    }
    fn b(&self, i: usize, j: usize) -> f64 {
        self.second[i * self.columns + j]
    }

    /// The mix of the first over `rows` that makes `columns` the best responses of the second.
    fn mix_of_rows(&self, rows: &[usize], columns: &[usize]) -> Side {
        side(rows, columns, self.rows, self.columns, &|i, j| self.b(i, j))
    }
    /// The mix of the second over `columns` that makes `rows` the best responses of the first.
    fn mix_of_columns(&self, rows: &[usize], columns: &[usize]) -> Side {
        side(columns, rows, self.columns, self.rows, &|j, i| self.a(i, j))
    }

    /// The equilibrium over these supports, if there is one.
    pub fn over(&self, rows: &[usize], columns: &[usize]) -> Option<Mix> {
        match (self.mix_of_rows(rows, columns), self.mix_of_columns(rows, columns)) {
            (Side::Mix(x, _), Side::Mix(y, _)) => Some(vec![x, y]),
            _ => None,
        }
    }

    /// All equilibria over supports of equal size, pure ones first, and whether the game is degenerate. `None` where there
    /// are more than [`MOST_SUPPORTS`] pairs.
    pub fn equilibria(&self) -> Option<(Vec<Mix>, bool)> {
        let least = self.rows.min(self.columns);
        let pairs: f64 = (1..=least).map(|k| choose(self.rows, k) * choose(self.columns, k)).sum();
        if pairs > MOST_SUPPORTS {
            return None;
        }
        let (mut found, mut degenerate) = (Vec::new(), false);
        for size in 1..=least {
            let all_columns = subsets(self.columns, size);
            for rows in subsets(self.rows, size) {
                for columns in &all_columns {
                    // Either side alone tells a degenerate game: some mix has more best responses than strategies.
                    let x = self.mix_of_rows(&rows, columns);
                    let y = self.mix_of_columns(&rows, columns);
                    degenerate |= matches!(x, Side::Mix(_, true)) || matches!(y, Side::Mix(_, true));
                    if let (Side::Mix(x, _), Side::Mix(y, _)) = (x, y) {
                        found.push(vec![x, y]);
                    }
                }
            }
        }
        Some((found, degenerate))
    }
}

/// The mix over `own` of `own_size` strategies that makes all of `other` equally good for the other player, where nothing
/// else pays that one more. `pay(i, j)` is what the other gets.
fn side(own: &[usize], other: &[usize], own_size: usize, other_size: usize, pay: &dyn Fn(usize, usize) -> f64) -> Side {
    let k = own.len();
    // Unknown: the probabilities and the other's payoff w. Equations: a line each of `other`, and the sum.
    let width = k + 2;
    let mut m = vec![0.0; (k + 1) * width];
    for (line, &j) in other.iter().enumerate() {
        for (c, &i) in own.iter().enumerate() {
            m[line * width + c] = pay(i, j);
        }
        m[line * width + k] = -1.0;
    }
    for c in 0..k {
        m[k * width + c] = 1.0;
    }
    m[k * width + k + 1] = 1.0;
    let Some(solution) = solve(m, k + 1) else { return Side::None };
    let (probabilities, w) = (&solution[..k], solution[k]);
    if probabilities.iter().any(|p| *p <= EQUAL) {
        return Side::None;
    }
    let mut more = false;
    for j in (0..other_size).filter(|j| !other.contains(j)) {
        let pays: f64 = own.iter().zip(probabilities).map(|(&i, p)| p * pay(i, j)).sum();
        if pays > w + EQUAL {
            return Side::None;
        }
        more |= pays >= w - EQUAL;
    }
    let mut mix = vec![0.0; own_size];
    own.iter().zip(probabilities).for_each(|(&i, p)| mix[i] = *p);
    Side::Mix(mix, more)
}

/// Solves n linear equations, lines of n coefficients and the right side, by elimination with row pivots. `None` where they
/// are singular but for rounding.
fn solve(mut m: Vec<f64>, n: usize) -> Option<Vec<f64>> {
    let width = n + 1;
    for c in 0..n {
        let pivot = (c..n).fold(c, |best, r| if m[r * width + c].abs() > m[best * width + c].abs() { r } else { best });
        if m[pivot * width + c].abs() <= EQUAL {
            return None;
        }
        for k in 0..width {
            m.swap(c * width + k, pivot * width + k);
        }
        for r in c + 1..n {
            let factor = m[r * width + c] / m[c * width + c];
            for k in c..width {
                m[r * width + k] -= factor * m[c * width + k];
            }
        }
    }
    let mut x = vec![0.0; n];
    for c in (0..n).rev() {
        let known: f64 = (c + 1..n).map(|k| m[c * width + k] * x[k]).sum();
        x[c] = (m[c * width + n] - known) / m[c * width + c];
    }
    Some(x)
}

fn choose(n: usize, k: usize) -> f64 {
    (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product()
}

/// All sets of `k` of the numbers below `n`, in the order of the alphabet.
fn subsets(n: usize, k: usize) -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    let mut now: Vec<usize> = (0..k).collect();
    loop {
        all.push(now.clone());
        // The last number that can still rise; those after it follow close behind.
        let Some(at) = (0..k).rev().find(|&i| now[i] < n - k + i) else { return all };
        now[at] += 1;
        for i in at + 1..k {
            now[i] = now[i - 1] + 1;
        }
    }
}
