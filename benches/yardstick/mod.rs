//! The yardstick: choice alone, in a plain loop without any effort to be fast. Ten labs with persistent taste and
//! 12-month contracts, 2,000 firms of three workloads, 60 months: Gumbel-max in double precision with the
//! platform's `exp` and `ln`.

use aimarket::random::{Draws, Purpose, mix, unit_interval};
use aimarket::scenario::parameters::WORKLOAD_COUNT;

/// Labs.
pub const LABS: usize = 10;
/// Firms.
pub const FIRMS: usize = 2_000;
/// Months.
pub const MONTHS: i32 = 60;

/// What the plain loop keeps from run to run.
pub struct Yardstick {
    taste: Vec<f64>,
    vendor: Vec<usize>,
}

impl Default for Yardstick {
    fn default() -> Yardstick {
        let n = FIRMS * WORKLOAD_COUNT;
        Yardstick { taste: vec![0.0; n * LABS], vendor: vec![0; n] }
    }
}

impl Yardstick {
    /// One run of the choices; the spend that comes of it.
    pub fn run(&mut self, draws: Draws) -> f64 {
        plain_loop(draws, &mut self.taste, &mut self.vendor)
    }
}

#[allow(clippy::disallowed_methods)]
fn plain_loop(draws: Draws, taste: &mut [f64], vendor: &mut [usize]) -> f64 {
    let normal = |h: u64| {
        let (a, b) = (unit_interval(mix(h)), unit_interval(mix(h ^ 1)));
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    };
    for (k, t) in taste.iter_mut().enumerate() {
        *t = normal(draws.bits(Purpose::Taste, k as u64, 0, 0));
    }
    vendor.fill(usize::MAX);
    let workloads = FIRMS * WORKLOAD_COUNT;
    let mut utility = [0.0; LABS];
    let mut spend = 0.0;
    for month in 0..MONTHS {
        for (j, u) in utility.iter_mut().enumerate() {
            let capability = 150.0 - j as f64 + 0.3 * f64::from(month);
            let price = (4.0 + j as f64 * 0.1 - 0.01 * f64::from(month)).max(0.1);
            *u = 1.5 * (capability - 150.0) / 10.0 - 0.5 * price.ln();
        }
        let mut sums = [0.0; LABS];
        for k in 0..workloads {
            if month % 12 == (k % 12) as i32 || vendor[k] == usize::MAX {
                let (mut best, mut best_value) = (0, f64::NEG_INFINITY);
                for j in 0..LABS {
                    let bits = draws.bits(Purpose::Choice, k as u64, j as u64, month);
                    let gumbel = -(-unit_interval(bits).ln()).ln();
                    let cost = if vendor[k] == j || vendor[k] == usize::MAX { 0.0 } else { 4.05 };
                    let value = utility[j] + taste[k * LABS + j] - cost + gumbel;
                    if value > best_value {
                        (best, best_value) = (j, value);
                    }
                }
                vendor[k] = best;
            }
            sums[vendor[k]] += (0.05 * f64::from(month)).exp();
        }
        spend += sums.iter().sum::<f64>();
    }
    spend
}
