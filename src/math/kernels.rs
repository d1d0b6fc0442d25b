//! Kernels in single precision over rows of lanes, with the same bits at every SIMD level.
//!
//! Each is a loop over blocks of [`LANES`] or [`BATCH`] numbers, plain where the compiler turns it into vector
//! instructions by itself, compiled for several levels and chosen at run time. Only additions, multiplications,
//! divisions, square roots, comparisons and integer arithmetic occur, in a fixed order and without fused
//! arithmetic: IEEE 754 fixes the result of each, so the level changes the speed and no bit.
//!
//! - `ln` and `exp`: range reduction and polynomials of Cephes (Moshier 1992), error about 1e-7 relative.
//! - Normal quantile: Giles (2010), Approximating the erfinv function, single precision.
//! - Lane hash: two rounds of the 32-bit mixer "lowbias32" (Wellons 2018), between which the second half
//!   of the row's key enters.
//! - [`race`]: Gumbel-max as an exponential race. With `E` exponential, `argmin E/w` wins with probability
//!   `w/Σw`, the logit of `ln w`, at one logarithm an alternative and no exponential.

mod batches;

pub use batches::Batches;

use fearless_simd::{Level, Select, Simd, SimdBase, dispatch, f32x16, u32x16};

/// Numbers in a block; rows are padded to a multiple of it.
pub const LANES: usize = 16;
/// Longest row: 64 labs and one more alternative, padded.
pub const MAX_STRIDE: usize = 80;
/// No alternative.
pub const NONE: u16 = u16::MAX;
/// Most vendors that a request may hold.
pub const MAX_HELD: usize = 3;

/// Requests that are worked on at once.
const BATCH: usize = 16;
/// Batches whose rows are asked of the memory together: as many as a processor has on their way at once.
const AHEAD: usize = 4;

/// A row of alternatives.
type Row<const LENGTH: usize> = [f32; LENGTH];
/// The number of each lane of a block.
const LANE_NUMBERS: [u32; LANES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// A number of each request of a batch, within one line of the cache.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Lane([f32; BATCH]);

impl Lane {
    const ZERO: Lane = Lane([0.0; BATCH]);
}

/// The set of vector instructions in use. The default is the best that the processor has.
#[derive(Clone, Copy, Debug)]
pub struct SimdLevel(pub(crate) Level);

impl Default for SimdLevel {
    fn default() -> Self {
        SimdLevel(Level::new())
    }
}

impl SimdLevel {
    /// The least that every processor of the target has: slower, with the same bits.
    pub fn baseline() -> SimdLevel {
        SimdLevel(Level::baseline())
    }
}

/// Row length for `n` alternatives.
pub fn stride_of(n: usize) -> usize {
    n.div_ceil(LANES) * LANES
}

#[inline(always)]
fn lowbias32(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// As [`lowbias32`], lane by lane. A function and no closure: those are not always inlined, and then know of no vector instructions.
#[inline(always)]
fn lowbias32_lanes<S: Simd>(x: u32x16<S>) -> u32x16<S> {
    let x = (x ^ (x >> 16)) * 0x7feb_352d;
    let x = (x ^ (x >> 15)) * 0x846c_a68b;
    x ^ (x >> 16)
}

/// 32 random bits for a row and a lane.
#[inline(always)]
fn lane_bits(row: u64, lane: u32) -> u32 {
    lowbias32(lowbias32(lane ^ row as u32).wrapping_add((row >> 32) as u32))
}

/// A uniform number in (0, 1) from 23 of 32 random bits, at mid-points: it and its complement are exact.
#[inline(always)]
fn unit(bits: u32) -> f32 {
    (((bits >> 8) | 1) as i32 as f32) * (1.0 / 16_777_216.0)
}

/// Natural logarithm of a positive normal number.
#[inline(always)]
fn ln_lane(x: f32) -> f32 {
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let t = x.to_bits().wrapping_sub(ROOT_HALF);
    let e = ((t as i32) >> 23) as f32;
    let f = f32::from_bits((t & 0x007f_ffff).wrapping_add(ROOT_HALF)) - 1.0;
    let z = f * f;
    let mut p = 7.037_683_6e-2;
    p = p * f - 1.151_461_e-1;
    p = p * f + 1.167_699_9e-1;
    p = p * f - 1.242_014_1e-1;
    p = p * f + 1.424_932_3e-1;
    p = p * f - 1.666_805_8e-1;
    p = p * f + 2.000_071_5e-1;
    p = p * f - 2.499_999_4e-1;
    p = p * f + 3.333_333e-1;
    let y = f * z * p - 2.121_944_4e-4 * e - 0.5 * z;
    f + y + 0.693_359_4 * e
}

/// e to the power of `x`: 0 below −87, and the value at 88 beyond.
#[inline(always)]
fn exp_lane(x: f32) -> f32 {
    // Adding and subtracting 1.5·2^23 rounds to a whole number, which then stands in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let low = if x > -87.0 { x } else { -87.0 };
    let c = if low < 88.0 { low } else { 88.0 };
    let shifted = c * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let k = (shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    let r = c - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_2e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 0.5;
    let y = (p * r * r + r + 1.0) * f32::from_bits((k.wrapping_add(127) as u32) << 23);
    if x >= -87.0 { y } else { 0.0 }
}

/// How far out a number in (0, 1) lies: what the polynomials of the quantile of the normal distribution are evaluated at.
#[inline(always)]
fn farness_lane(u: f32) -> f32 {
    -ln_lane(4.0 * u * (1.0 - u))
}

/// Quantiles of the standard normal distribution at a block of numbers in (0, 1), with how far out they lie.
#[inline(always)]
fn normal_lanes(u: &mut [f32; LANES], w: &[f32; LANES]) {
    let scale = u.map(|u| std::f32::consts::SQRT_2 * (2.0 * u - 1.0));
    for ((u, scale), &w) in u.iter_mut().zip(&scale).zip(w) {
        let a = w - 2.5;
        let mut p = 2.810_226_4e-8;
        p = p * a + 3.432_739_4e-7;
        p = p * a - 3.523_387_7e-6;
        p = p * a - 4.391_506_5e-6;
        p = p * a + 2.185_808_7e-4;
        p = p * a - 1.253_725e-3;
        p = p * a - 4.177_681_6e-3;
        p = p * a + 2.466_407_3e-1;
        p = p * a + 1.501_409_4;
        *u = scale * p;
    }
    // Few blocks have a number beyond 2.9 standard deviations: the others need not pay for its polynomial.
    if w.iter().fold(false, |far, &w| far | (w >= 5.0)) {
        for ((u, scale), &w) in u.iter_mut().zip(&scale).zip(w) {
            *u = if w < 5.0 { *u } else { scale * tail_lane(w) };
        }
    }
}

/// The factor of the tail in the quantile of the normal distribution.
#[inline(always)]
fn tail_lane(w: f32) -> f32 {
    let b = w.max(0.0).sqrt() - 3.0;
    let mut q = -2.002_142_6e-4;
    q = q * b + 1.009_505_6e-4;
    q = q * b + 1.349_343_2e-3;
    q = q * b - 3.673_428_4e-3;
    q = q * b + 5.739_507_7e-3;
    q = q * b - 7.622_461_3e-3;
    q = q * b + 9.438_870_5e-3;
    q = q * b + 1.001_674;
    q * b + 2.832_976_8
}

/// Replaces every number by its exponential.
pub fn exp_in_place(level: SimdLevel, values: &mut [f32]) {
    #[inline(always)]
    fn run<S: Simd>(_: S, values: &mut [f32]) {
        for x in values {
            *x = exp_lane(*x);
        }
    }
    dispatch!(level.0, simd => run(simd, values));
}

/// Writes the exponential of every utility less the best of its row; all 0 where nothing can be had. Rows are padded, and no utility is NaN,
/// of which each processor has a maximum of its own.
pub fn exp_less_best(level: SimdLevel, utility: &[f32], stride: usize, out: &mut [f32]) {
    #[inline(always)]
    fn run<S: Simd>(simd: S, utility: &[f32], stride: usize, out: &mut [f32]) {
        for (row, out) in utility.chunks_exact(stride).zip(out.chunks_exact_mut(stride)) {
            let blocks = row.as_chunks::<LANES>().0.iter().map(|block| f32x16::from_slice(simd, block));
            let best = blocks.fold(f32x16::splat(simd, f32::NEG_INFINITY), |most, u| most.max(u)).reduce_max();
            let best = if best.is_finite() { best } else { 0.0 };
            for (out, &u) in out.iter_mut().zip(row) {
                *out = exp_lane(u - best);
            }
        }
    }
    dispatch!(level.0, simd => run(simd, utility, stride, out));
}

/// Writes into each row of `out` the `base` of the row plus the sum of all `terms`, each times its factor for the row, in order.
/// Rows of `base` and terms may be longer than the padded `stride` of `out`.
pub fn scaled_sums<const ROWS: usize, const TERMS: usize>(
    level: SimdLevel,
    base: &[[f32; MAX_STRIDE]; ROWS],
    terms: [&[f32; MAX_STRIDE]; TERMS],
    factors: [[f32; TERMS]; ROWS],
    stride: usize,
    out: &mut [f32],
) {
    #[inline(always)]
    fn run<S: Simd, const ROWS: usize, const TERMS: usize>(
        simd: S,
        base: &[[f32; MAX_STRIDE]; ROWS],
        terms: [&[f32; MAX_STRIDE]; TERMS],
        factors: [[f32; TERMS]; ROWS],
        stride: usize,
        out: &mut [f32],
    ) {
        for (row, (base, factors)) in out.chunks_exact_mut(stride).zip(base.iter().zip(factors)) {
            for (b, out) in row.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                let read = |row: &[f32; MAX_STRIDE]| f32x16::from_slice(simd, &row.as_chunks::<LANES>().0[b]);
                let mut sum = read(base);
                for (term, factor) in terms.iter().zip(factors) {
                    sum += read(term) * factor;
                }
                sum.store_slice(out);
            }
        }
    }
    assert!(stride <= MAX_STRIDE && stride.is_multiple_of(LANES), "rows are padded");
    dispatch!(level.0, simd => run(simd, base, terms, factors, stride, out));
}

/// Replaces every positive number by its natural logarithm.
pub fn ln_in_place(level: SimdLevel, values: &mut [f32]) {
    #[inline(always)]
    fn run<S: Simd>(_: S, values: &mut [f32]) {
        for x in values {
            *x = ln_lane(*x);
        }
    }
    dispatch!(level.0, simd => run(simd, values));
}

/// Fills `out`, one row for each of `rows`, with uniform numbers on (0, 1).
pub fn fill_uniform(level: SimdLevel, rows: &[u64], lanes: &[u32], out: &mut [f32]) {
    #[inline(always)]
    fn run<S: Simd>(_: S, rows: &[u64], lanes: &[u32], out: &mut [f32]) {
        for (&row, out) in rows.iter().zip(out.chunks_exact_mut(lanes.len())) {
            for (x, &lane) in out.iter_mut().zip(lanes) {
                *x = unit(lane_bits(row, lane));
            }
        }
    }
    dispatch!(level.0, simd => run(simd, rows, lanes, out));
}

/// Marks the lanes whose uniform number, drawn under the key of a row, lies below `limit` of 2³²: a bit a lane, 64 lanes a word.
pub fn mark_below(level: SimdLevel, row: u64, lanes: &[[u32; 64]], limit: u32, out: &mut [u64]) {
    #[inline(always)]
    fn run<S: Simd>(_: S, row: u64, lanes: &[[u32; 64]], limit: u32, out: &mut [u64]) {
        for (word, lanes) in out.iter_mut().zip(lanes) {
            let mut below = [0u8; 64];
            for (below, &lane) in below.iter_mut().zip(lanes) {
                *below = u8::from(lane_bits(row, lane) < limit);
            }
            // The product moves the flag of byte i to bit 56 + i, and none on another.
            let eight = |flags: &[u8; 8]| u64::from_le_bytes(*flags).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            *word = below.as_chunks::<8>().0.iter().rev().fold(0, |word, flags| word << 8 | eight(flags));
        }
    }
    dispatch!(level.0, simd => run(simd, row, lanes, limit, out));
}

/// Fills `out`, one row for each of `rows`, with lognormal numbers of median 1: `exp(sd·N(0, 1))`.
pub fn fill_lognormal(level: SimdLevel, rows: &[u64], lanes: &[u32], sd: f32, out: &mut [f32]) {
    // Numbers at a time, so that they stay in the cache.
    const PIECE: usize = 1024;
    // A pass for each function: what does not wait for the last fills the vector instructions.
    #[inline(always)]
    fn run<S: Simd>(_: S, sd: f32, out: &mut [f32]) {
        let mut farness = [0.0; PIECE];
        for piece in out.chunks_mut(PIECE) {
            for (w, &u) in farness.iter_mut().zip(&*piece) {
                *w = farness_lane(u);
            }
            for (u, w) in piece.as_chunks_mut().0.iter_mut().zip(farness.as_chunks().0) {
                normal_lanes(u, w);
            }
            for x in piece {
                *x = exp_lane(sd * *x);
            }
        }
    }
    assert!(lanes.len().is_multiple_of(LANES), "rows are padded");
    fill_uniform(level, rows, lanes, out);
    dispatch!(level.0, simd => run(simd, sd, out));
}

/// The factors of the weight of an alternative, each a table of rows of the same padded length.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    /// Number of alternatives; what follows in a row is padding.
    pub alternatives: usize,
    /// Keys of the alternatives; their number is the length of a row.
    pub keys: &'a [u32],
    /// What all choosers of a cell share; 0 for an alternative that they cannot have.
    pub shared: &'a [f32],
    /// Channel factor, by cloud.
    pub channel: &'a [f32],
    /// Taste factor, by chooser.
    pub taste: &'a [f32],
    /// How well known the alternatives are: one is considered where the firm's draw for it, of 24 bits, lies below ([`known_below`]).
    pub known: &'a [u32],
}

/// The limit for a vendor that is known with this probability; [`u32::MAX`] lies above every draw.
pub fn known_below(probability: f32) -> u32 {
    // Rounded up as a whole number, since not every processor can round up a float.
    let limit = probability * 16_777_216.0;
    limit as u32 + u32::from((limit as u32 as f32) < limit)
}

/// One choice to be made: which row of each table, the noise, and what is held already.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Key of the noise.
    pub noise: u64,
    /// Row of `shared`.
    pub cell: u32,
    /// Row of `channel`.
    pub cloud: u32,
    /// Row of `taste`.
    pub taste: u32,
    /// Key of the chooser's draws of awareness.
    pub awareness: u64,
    /// Row of `known`.
    pub known: u32,
    /// Alternatives that are held already: always considered. [`NONE`] ends nothing, it is skipped. Of one that stands there more than once
    /// the last factor counts.
    pub held: [u16; MAX_HELD],
    /// Factor on the weight of each of them relative to an alternative that is new.
    pub ease: [f32; MAX_HELD],
    /// Whether the runner-up counts too. The race is the same: it stands here for whoever reads the outcome beside the request.
    pub routed: bool,
}

impl Request {
    /// The workload that chooses: each has a row of tastes.
    pub fn workload(&self) -> u32 {
        self.taste
    }
}

impl Weights<'_> {
    #[inline(always)]
    fn row<'t, T>(&self, table: &'t [T], row: u32) -> &'t [[T; LANES]] {
        let stride = self.keys.len();
        table[row as usize * stride..(row as usize + 1) * stride].as_chunks::<LANES>().0
    }

    /// Weights of the alternatives of one request.
    #[inline(always)]
    fn of<S: Simd, const LENGTH: usize>(&self, simd: S, request: &Request, out: &mut Row<LENGTH>) {
        let shared = self.row(self.shared, request.cell);
        let channel = self.row(self.channel, request.cloud);
        let taste = self.row(self.taste, request.taste);
        let firm = request.awareness;
        let keys = self.row(self.keys, 0);
        let known = self.row(self.known, request.known);
        for (b, block) in out.as_chunks_mut::<LANES>().0[..shared.len()].iter_mut().enumerate() {
            let shared = f32x16::from_slice(simd, &shared[b]);
            let channel = f32x16::from_slice(simd, &channel[b]);
            let taste = f32x16::from_slice(simd, &taste[b]);
            // The draw is hashed anew each time: that is quicker than to fetch a row of it from memory.
            let low = lowbias32_lanes(u32x16::from_slice(simd, &keys[b]) ^ firm as u32);
            let drawn = lowbias32_lanes(low + (firm >> 32) as u32) >> 8 | 1;
            let considered = drawn.simd_lt(u32x16::from_slice(simd, &known[b]));
            let new = shared * channel * taste;
            let mut weight = considered.select(new, f32x16::splat(simd, 0.0));
            // What is held is always considered. Nothing held is no lane: whether something is held is a branch that nobody can foresee.
            let lanes = u32x16::from_slice(simd, &LANE_NUMBERS) + (b * LANES) as u32;
            for (&held, &ease) in request.held.iter().zip(&request.ease) {
                let here = lanes.simd_eq(u32x16::splat(simd, u32::from(held)));
                weight = here.select(new * ease, weight);
            }
            weight.store_slice(block);
        }
    }

    /// Reads a number of the taste of each request, so that the rows are on their way from memory before they are needed: they are
    /// many and far apart, and nothing that looks ahead in memory finds them.
    #[inline(always)]
    fn fetch(&self, requests: &[Request]) {
        let stride = self.keys.len();
        for request in requests {
            // Each by itself: gathered into a vector they would come one after the other.
            std::hint::black_box(self.taste.get(request.taste as usize * stride).map_or(0.0, |&taste| taste));
        }
    }

    /// Weights of a batch of requests, alternative by alternative; lanes without a request get none. `rows` is scratch.
    #[inline(always)]
    fn of_batch<S: Simd, const LENGTH: usize>(
        &self,
        simd: S,
        requests: &[Request],
        rows: &mut [Row<LENGTH>; BATCH],
        batch: &mut [Lane],
    ) {
        // Without branches in between, the rows of many requests are on their way from memory at once.
        for (row, request) in rows.iter_mut().zip(requests) {
            self.of(simd, request, row);
        }
        for row in rows.iter_mut().skip(requests.len()) {
            row.fill(0.0);
        }
        // Turned as a whole, a line at a time: storing each row down its lanes would scatter, which is slow.
        for (a, lane) in batch.iter_mut().enumerate() {
            lane.0 = std::array::from_fn(|i| rows[i][a]);
        }
    }

    /// Weights of the alternatives of one request, into a row.
    pub fn row_of(&self, level: SimdLevel, request: &Request, out: &mut [f32; MAX_STRIDE]) {
        self.check();
        dispatch!(level.0, simd => self.of(simd, request, out));
    }

    fn check(&self) {
        let stride = self.keys.len();
        assert!(stride <= MAX_STRIDE && stride.is_multiple_of(LANES) && self.alternatives <= stride, "rows are padded");
    }
}

/// Replaces the weights of the alternatives by the times at which they arrive for a batch of requests. `times` is scratch.
///
/// In two passes over all alternatives, since each is a long chain of which every step waits for the last: those of several alternatives
/// are under way at once.
#[inline(always)]
fn arrive(keys: &[u32], requests: &[Request], times: &mut [Lane], batch: &mut [Lane]) {
    let (low, high) = halves(requests);
    for (time, &key) in times.iter_mut().zip(keys).take(batch.len()) {
        for i in 0..BATCH {
            time.0[i] = unit(lowbias32(lowbias32(key ^ low[i]).wrapping_add(high[i])));
        }
    }
    for (lane, time) in batch.iter_mut().zip(times) {
        for i in 0..BATCH {
            lane.0[i] = -ln_lane(time.0[i]) / lane.0[i];
        }
    }
}

/// Keys of the noise of a batch, by halves.
#[inline(always)]
fn halves(requests: &[Request]) -> ([u32; BATCH], [u32; BATCH]) {
    let (mut low, mut high) = ([0; BATCH], [0; BATCH]);
    for (i, request) in requests.iter().enumerate() {
        (low[i], high[i]) = (request.noise as u32, (request.noise >> 32) as u32);
    }
    (low, high)
}

/// Who arrives first in each lane, each time stretched by the scale of its alternative.
#[inline(always)]
fn first<S: Simd>(simd: S, batch: &[Lane], scale: &[f32], winners: &mut [u16]) {
    let mut best = f32x16::splat(simd, f32::INFINITY);
    let mut who = u32x16::splat(simd, u32::from(NONE));
    for (a, (lane, &scale)) in batch.iter().zip(scale).enumerate() {
        let time = f32x16::from_slice(simd, &lane.0) * scale;
        let earlier = time.simd_lt(best);
        best = earlier.select(time, best);
        who = earlier.select(u32x16::splat(simd, a as u32), who);
    }
    let mut first = [0; BATCH];
    who.store_slice(&mut first);
    for (winner, &who) in winners.iter_mut().zip(&first) {
        *winner = who as u16;
    }
}

/// Who wins each request: `argmin E/w` with `E` exponential, so alternative `j` with probability `w_j/Σw`.
///
/// [`NONE`] where no alternative has weight. Equal times (about one choice in ten million) go to the first.
pub fn race(level: SimdLevel, weights: Weights, requests: &[Request], winners: &mut [u16]) {
    #[inline(always)]
    fn run<S: Simd>(simd: S, weights: Weights, requests: &[Request], winners: &mut [u16]) {
        let mut batch = [Lane::ZERO; MAX_STRIDE];
        let batch = &mut batch[..weights.alternatives];
        let (mut rows, mut times) = ([[0.0; MAX_STRIDE]; BATCH], [Lane::ZERO; MAX_STRIDE]);
        let all = requests;
        for (n, (requests, winners)) in requests.chunks(BATCH).zip(winners.chunks_mut(BATCH)).enumerate() {
            if n.is_multiple_of(AHEAD) {
                weights.fetch(&all[n * BATCH..all.len().min((n + AHEAD) * BATCH)]);
            }
            weights.of_batch(simd, requests, &mut rows, batch);
            arrive(weights.keys, requests, &mut times, batch);
            first(simd, batch, &[1.0; MAX_STRIDE], winners);
        }
    }
    weights.check();
    dispatch!(level.0, simd => run(simd, weights, requests, winners));
}

/// Who arrives first in each lane, and who second. What is known so far stays in vectors: in tables it would go through memory once an
/// alternative, each time waiting for the last.
#[inline(always)]
fn first_two<S: Simd>(simd: S, batch: &[Lane], winners: &mut [u16], seconds: &mut [u16]) {
    let mut best = f32x16::splat(simd, f32::INFINITY);
    let mut next = best;
    let mut who = u32x16::splat(simd, u32::from(NONE));
    let mut other = who;
    for (a, lane) in batch.iter().enumerate() {
        let time = f32x16::from_slice(simd, &lane.0);
        let here = u32x16::splat(simd, a as u32);
        let (earlier, between) = (time.simd_lt(best), time.simd_lt(next));
        next = earlier.select(best, between.select(time, next));
        other = earlier.select(who, between.select(here, other));
        best = earlier.select(time, best);
        who = earlier.select(here, who);
    }
    let (mut first, mut second) = ([0; BATCH], [0; BATCH]);
    who.store_slice(&mut first);
    other.store_slice(&mut second);
    for ((winner, runner_up), (&who, &other)) in winners.iter_mut().zip(seconds).zip(first.iter().zip(&second)) {
        (*winner, *runner_up) = (who as u16, other as u16);
    }
}

/// As [`race`], with the runner-up of each request too; [`NONE`] where fewer than two alternatives have weight.
pub fn race_for_two(
    level: SimdLevel,
    weights: Weights,
    requests: &[Request],
    winners: &mut [u16],
    seconds: &mut [u16],
) {
    #[inline(always)]
    fn run<S: Simd, const LENGTH: usize>(
        simd: S,
        weights: Weights,
        requests: &[Request],
        winners: &mut [u16],
        seconds: &mut [u16],
    ) {
        let mut batch = [Lane::ZERO; LENGTH];
        let batch = &mut batch[..weights.alternatives];
        let mut rows = [[0.0; LENGTH]; BATCH];
        let mut times = [Lane::ZERO; LENGTH];
        let all = requests;
        let places = winners.chunks_mut(BATCH).zip(seconds.chunks_mut(BATCH));
        for (n, (requests, (winners, seconds))) in requests.chunks(BATCH).zip(places).enumerate() {
            if n.is_multiple_of(AHEAD) {
                weights.fetch(&all[n * BATCH..all.len().min((n + AHEAD) * BATCH)]);
            }
            weights.of_batch(simd, requests, &mut rows, batch);
            arrive(weights.keys, requests, &mut times, batch);
            first_two(simd, batch, winners, seconds);
        }
    }
    weights.check();
    // Up to fifteen labs fill one block: no loop over blocks, and less to clear.
    if weights.keys.len() == LANES {
        dispatch!(level.0, simd => run::<_, LANES>(simd, weights, requests, winners, seconds));
    } else {
        dispatch!(level.0, simd => run::<_, MAX_STRIDE>(simd, weights, requests, winners, seconds));
    }
}

#[cfg(test)]
mod tests;
