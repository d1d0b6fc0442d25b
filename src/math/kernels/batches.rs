//! Weights of many requests kept as a table, for the fit at the start: expected shares, and races that are run again with other scales.

use fearless_simd::{Select, Simd, SimdBase, dispatch, f32x16};

use super::{BATCH, Lane, MAX_STRIDE, Request, SimdLevel, Weights, arrive, first};

/// The masses of the last requests, with none for the lanes without.
fn padded(mass: &[f32]) -> [f32; BATCH] {
    let mut all = [0.0; BATCH];
    all[..mass.len()].copy_from_slice(mass);
    all
}

/// A table of numbers by request and alternative, in batches of [`BATCH`] requests: within a batch
/// alternative by alternative.
#[derive(Clone, Debug, Default)]
pub struct Batches {
    alternatives: usize,
    lanes: Vec<Lane>,
}

impl Batches {
    /// The number of a request and an alternative.
    pub fn at(&self, request: usize, alternative: usize) -> f32 {
        self.lanes[request / BATCH * self.alternatives + alternative].0[request % BATCH]
    }

    /// Whether a request has no weight on any alternative.
    pub fn is_empty(&self, request: usize) -> bool {
        let from = request / BATCH * self.alternatives;
        self.lanes[from..from + self.alternatives].iter().all(|lane| lane.0[request % BATCH] == 0.0)
    }

    /// Fills the table with the weights of the alternatives of each request.
    pub fn fill(&mut self, level: SimdLevel, weights: Weights, requests: &[Request]) {
        #[inline(always)]
        fn run<S: Simd>(simd: S, weights: Weights, requests: &[Request], lanes: &mut [Lane]) {
            let mut rows = [[0.0; MAX_STRIDE]; BATCH];
            for (requests, batch) in requests.chunks(BATCH).zip(lanes.chunks_exact_mut(weights.alternatives)) {
                weights.of_batch(simd, requests, &mut rows, batch);
            }
        }
        weights.check();
        self.alternatives = weights.alternatives;
        self.lanes.clear();
        self.lanes.resize(requests.len().div_ceil(BATCH) * self.alternatives, Lane::ZERO);
        dispatch!(level.0, simd => run(simd, weights, requests, &mut self.lanes));
    }

    /// Sets the weights of one request again.
    pub fn set(&mut self, request: usize, row: &[f32]) {
        let from = request / BATCH * self.alternatives;
        for (lane, &w) in self.lanes[from..from + self.alternatives].iter_mut().zip(row) {
            lane.0[request % BATCH] = w;
        }
    }

    /// Expected share of each alternative, each weight times the `factor` of its alternative, and each
    /// request counting by its mass. The shares sum to 1, or are 0 where there is no weight.
    pub fn mean_shares(&self, level: SimdLevel, factor: &[f32], mass: &[f32], out: &mut [f64]) {
        #[inline(always)]
        fn run<S: Simd>(simd: S, lanes: &[Lane], factor: &[f32], mass: &[f32], out: &mut [f64]) {
            // Single precision sums up few batches at a time, so that many requests lose nothing.
            const FEW: usize = 64;
            let n = factor.len();
            let read = |lane: &Lane| f32x16::from_slice(simd, &lane.0);
            for (lanes, mass) in lanes.chunks(FEW * n).zip(mass.chunks(FEW * BATCH)) {
                let mut sums = [Lane::ZERO; MAX_STRIDE];
                for (batch, mass) in lanes.chunks_exact(n).zip(mass.chunks(BATCH)) {
                    let scale = mass.first_chunk().copied().unwrap_or_else(|| padded(mass));
                    let zero = f32x16::splat(simd, 0.0);
                    let mut total = zero;
                    for (lane, &factor) in batch.iter().zip(factor) {
                        total += read(lane) * factor;
                    }
                    let scale = total.simd_gt(zero).select(f32x16::from_slice(simd, &scale) / total, zero);
                    for (sum, lane) in sums.iter_mut().zip(batch) {
                        (read(sum) + read(lane) * scale).store_slice(&mut sum.0);
                    }
                }
                for ((out, sum), &factor) in out.iter_mut().zip(&sums).zip(factor) {
                    *out += f64::from(sum.0.iter().sum::<f32>()) * f64::from(factor);
                }
            }
        }
        assert!(factor.len() == self.alternatives && factor.len() <= MAX_STRIDE, "a factor an alternative");
        out.fill(0.0);
        dispatch!(level.0, simd => run(simd, &self.lanes, factor, mass, out));
        let total: f64 = out.iter().sum();
        if total > 0.0 {
            out.iter_mut().for_each(|s| *s /= total);
        }
    }

    /// Turns the weights into the times of arrival of the exponential race.
    pub fn run_race(&mut self, level: SimdLevel, keys: &[u32], requests: &[Request]) {
        #[inline(always)]
        fn run<S: Simd>(_: S, keys: &[u32], requests: &[Request], alternatives: usize, lanes: &mut [Lane]) {
            let mut times = [Lane::ZERO; MAX_STRIDE];
            for (requests, batch) in requests.chunks(BATCH).zip(lanes.chunks_exact_mut(alternatives)) {
                arrive(keys, requests, &mut times, batch);
            }
        }
        dispatch!(level.0, simd => run(simd, keys, requests, self.alternatives, &mut self.lanes));
    }

    /// Who arrives first for each request, each time stretched by the `scale` of its alternative; [`NONE`]
    /// where nobody arrives.
    pub fn earliest(&self, level: SimdLevel, scale: &[f32], winners: &mut [u16]) {
        #[inline(always)]
        fn run<S: Simd>(simd: S, lanes: &[Lane], scale: &[f32], winners: &mut [u16]) {
            for (batch, winners) in lanes.chunks_exact(scale.len()).zip(winners.chunks_mut(BATCH)) {
                first(simd, batch, scale, winners);
            }
        }
        assert!(scale.len() == self.alternatives, "a scale an alternative");
        dispatch!(level.0, simd => run(simd, &self.lanes, scale, winners));
    }
}
