//! Counter-based draws: every draw is a function of (seed, run, purpose, entity, entity, month).
//!
//! No generator is shared or threaded through the code, so that a change to one agent moves no other
//! agent's draws, a run can be repeated alone, and threads change nothing. The hash is a keyed chain of
//! the finaliser of SplitMix64 (Steele, Lea and Flood 2014; constants of Stafford's variant 13); tests
//! check known answers, uniformity and the independence of neighbouring keys.

use fearless_simd::{Simd, dispatch};

use crate::math::kernels::SimdLevel;
use crate::math::{exp, ln, ln_of_normal, normal_quantile, normal_quantiles};

/// What a draw is for. Each purpose has draws of its own; values are part of the results, so never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
#[allow(missing_docs)]
pub enum Purpose {
    Uncertain = 1,
    EventDate = 2,
    EventOccurs = 3,
    Climate = 10,
    Election = 11,
    RegimeDrift = 12,
    TrainingLuck = 20,
    SafetyLuck = 21,
    TrainingPhase = 26,
    IncidentCount = 22,
    IncidentSeverity = 23,
    IncidentCluster = 24,
    IncidentSector = 25,
    Quality = 30,
    ConsumerAppeal = 31,
    Sentiment = 32,
    Disagreement = 33,
    DryPowder = 34,
    TargetedHazard = 40,
    TargetedAction = 41,
    TargetedMonths = 42,
    Fine = 43,
    TenderMonth = 140,
    RulePerception = 141,
    RuleFoundOut = 142,
    RuleExclusion = 143,
    AntitrustCase = 144,
    AntitrustFinding = 145,
    HoldUp = 110,
    HoldUpKind = 111,
    Listing = 112,
    Acquisition = 113,
    Synergy = 114,
    Consent = 115,
    MergerReview = 116,
    EnterpriseSize = 50,
    EnterpriseSector = 51,
    EnterpriseJurisdiction = 52,
    EnterpriseCloud = 53,
    EnterpriseForward = 54,
    Taste = 55,
    Awareness = 56,
    AdoptionClock = 57,
    InitialVendor = 58,
    ContractEnd = 59,
    Tenure = 60,
    Choice = 61,
    TierChoice = 62,
    Shock = 63,
    NoncodingSplit = 64,
    InitialAdoption = 65,
    BoardCrisis = 170,
    BoardSeverity = 171,
    BoardTurn = 172,
    ReviewPhase = 173,
    Search = 174,
    ApplicationChoice = 180,
    ApplicationGrowth = 181,
    Orchestrates = 182,
    SweepPoint = 200,
    SweepStratum = 201,
    SweepShift = 202,
    SensitivityShift = 210,
    SensitivityTrajectory = 211,
    SensitivityOrder = 212,
    SensitivityResample = 213,
    GameResample = 190,
    Test = 255,
}

/// Finaliser of SplitMix64: a bijection of 64 bits in which every input bit moves every output bit.
#[inline(always)]
pub fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Hash of a name: the key of an entity's draws (FNV-1a, then mixed).
pub fn key_of(name: &str) -> u64 {
    mix(name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)))
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A uniform number in the open interval (0, 1) from 64 random bits: 53 of them, at mid-points. Inlined at the level of whoever fills vectors.
#[inline(always)]
pub fn unit_interval(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0)
}

/// The chain of hashes from the key of a purpose on.
#[inline(always)]
fn chain(of: u64, a: u64, b: u64, month: i32) -> u64 {
    let mut h = mix(of ^ a.wrapping_mul(0xd6e8_feb8_6659_fd93));
    h = mix(h.wrapping_add(b.wrapping_mul(0xa076_1d64_78bd_642f)));
    mix(h ^ u64::from(month as u32).wrapping_mul(0xe703_7ed1_a0b4_28db))
}

#[inline(always)]
fn fill<S: Simd>(_: S, of: u64, pairs: impl Iterator<Item = (u64, u64)>, month: i32, out: &mut [u64]) {
    for ((a, b), out) in pairs.zip(out) {
        *out = chain(of, a, b, month);
    }
}

/// An exponential number with mean 1 from 64 random bits.
pub fn exponential_of(bits: u64) -> f64 {
    -ln(unit_interval(bits))
}

/// As [`exponential_of`], of many at once.
pub fn fill_exponential(level: SimdLevel, bits: &[u64], out: &mut Vec<f64>) {
    #[inline(always)]
    fn run<S: Simd>(_: S, bits: &[u64], out: &mut [f64]) {
        for (x, &bits) in out.iter_mut().zip(bits) {
            // A uniform number is a normal one.
            *x = -ln_of_normal(unit_interval(bits));
        }
    }
    // What stands there is written over.
    out.resize(bits.len(), 0.0);
    dispatch!(level.0, simd => run(simd, bits, out));
}

/// Random bits for a purpose beside that of a draw, from its bits: at a third of the cost of another draw of the same entities.
pub fn beside(bits: u64, purpose: Purpose) -> u64 {
    mix(bits ^ (purpose as u64).wrapping_mul(GOLDEN))
}

/// The draws of one run.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    base: u64,
}

impl Draws {
    /// Draws of run `run` under `seed`.
    pub fn new(seed: u64, run: u64) -> Draws {
        Draws {
            base: mix(mix(seed.wrapping_add(GOLDEN)).wrapping_add(run.wrapping_mul(GOLDEN)) ^ 0x5851_f42d_4c95_7f2d),
        }
    }

    /// 64 random bits for a purpose, two entities and an absolute month.
    #[inline]
    pub fn bits(self, purpose: Purpose, a: u64, b: u64, month: i32) -> u64 {
        chain(self.of(purpose), a, b, month)
    }
    /// The same bits for many pairs of entities at once: pairs that do not wait for each other fill the vector instructions.
    pub fn fill_bits(self, level: SimdLevel, purpose: Purpose, a: &[u64], b: &[u64], month: i32, out: &mut Vec<u64>) {
        // What stands there is written over.
        out.resize(a.len().min(b.len()), 0);
        let pairs = a.iter().copied().zip(b.iter().copied());
        dispatch!(level.0, simd => fill(simd, self.of(purpose), pairs, month, out));
    }
    /// As [`Draws::fill_bits`], for each first entity with the numbers below `EACH` as the second, one after the other.
    pub fn fill_bits_each<const EACH: usize>(
        self,
        level: SimdLevel,
        purpose: Purpose,
        a: &[u64],
        month: i32,
        out: &mut Vec<u64>,
    ) {
        #[inline(always)]
        fn run<S: Simd, const EACH: usize>(_: S, of: u64, a: &[u64], month: i32, out: &mut [[u64; EACH]]) {
            for (&a, out) in a.iter().zip(out) {
                *out = std::array::from_fn(|b| chain(of, a, b as u64, month));
            }
        }
        out.resize(a.len() * EACH, 0);
        dispatch!(level.0, simd => run(simd, self.of(purpose), a, month, out.as_chunks_mut::<EACH>().0));
    }
    /// As [`Draws::fill_bits`], with one second entity for all.
    pub fn fill_bits_with(self, level: SimdLevel, purpose: Purpose, a: &[u64], b: u64, month: i32, out: &mut Vec<u64>) {
        out.resize(a.len(), 0);
        let pairs = a.iter().map(|&a| (a, b));
        dispatch!(level.0, simd => fill(simd, self.of(purpose), pairs, month, out));
    }
    #[inline]
    fn of(self, purpose: Purpose) -> u64 {
        mix(self.base ^ (purpose as u64).wrapping_mul(GOLDEN))
    }
    /// Uniform on (0, 1).
    pub fn uniform(self, purpose: Purpose, a: u64, b: u64, month: i32) -> f64 {
        unit_interval(self.bits(purpose, a, b, month))
    }
    /// Standard normal.
    pub fn normal(self, purpose: Purpose, a: u64, b: u64, month: i32) -> f64 {
        normal_quantile(self.uniform(purpose, a, b, month))
    }
    /// As [`Draws::normal`], for many pairs of entities at once.
    pub fn fill_normal(
        self,
        level: SimdLevel,
        purpose: Purpose,
        pairs: impl Iterator<Item = (u64, u64)>,
        month: i32,
        out: &mut [f64],
    ) {
        #[inline(always)]
        fn run<S: Simd>(_: S, of: u64, pairs: impl Iterator<Item = (u64, u64)>, month: i32, out: &mut [f64]) {
            for (x, (a, b)) in out.iter_mut().zip(pairs) {
                *x = unit_interval(chain(of, a, b, month));
            }
            normal_quantiles(out);
        }
        dispatch!(level.0, simd => run(simd, self.of(purpose), pairs, month, out));
    }
    /// Exponential with mean 1.
    pub fn exponential(self, purpose: Purpose, a: u64, b: u64, month: i32) -> f64 {
        exponential_of(self.bits(purpose, a, b, month))
    }
    /// Whether an event of this hazard, cumulated over the time in question, happens: with probability `1 − e^(−hazard)`.
    pub fn happens(self, purpose: Purpose, a: u64, b: u64, month: i32, hazard: f64) -> bool {
        if hazard <= 0.0 {
            return false;
        }
        let u = self.uniform(purpose, a, b, month);
        // The probability is no more than the hazard: where that is small, few draws need the exponential.
        u < hazard && u < 1.0 - exp(-hazard)
    }
    /// A sequence of draws, for samplers that need several.
    pub fn stream(self, purpose: Purpose, a: u64, b: u64, month: i32) -> Stream {
        Stream { state: self.bits(purpose, a, b, month) }
    }
}

/// A short sequence of draws that belongs to one key (SplitMix64).
#[derive(Clone, Debug)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }
    /// Uniform on (0, 1).
    pub fn uniform(&mut self) -> f64 {
        unit_interval(self.bits())
    }
    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }
    /// Gamma with this shape and scale 1: Marsaglia and Tsang (2000); below shape 1 by their boost.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = exp(ln(self.uniform()) / shape);
            return self.gamma(shape + 1.0) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            if ln(self.uniform()) < 0.5 * x * x + d - d * v + d * ln(v) {
                return d * v;
            }
        }
    }
    /// Beta with these shapes, as a ratio of gammas.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (x, y) = (self.gamma(a), self.gamma(b));
        x / (x + y)
    }
    /// Poisson with this mean, by inversion in chunks of mean at most 16, so that it never underflows.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        let mut left = mean;
        let mut count = 0;
        while left > 0.0 {
            let chunk = left.min(16.0);
            left -= chunk;
            let limit = exp(-chunk);
            let mut product = self.uniform();
            while product > limit {
                count += 1;
                product *= self.uniform();
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_variance(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0))
    }

    #[test]
    fn an_event_happens_as_often_as_its_cumulated_hazard_says() {
        let n = 100_000;
        for hazard in [0.0, 0.01, 0.5, 3.0] {
            let hits = (0..n).filter(|&k| Draws::new(3, k).happens(Purpose::Test, 1, 2, 0, hazard)).count() as f64;
            let p = 1.0 - exp(-hazard);
            assert!((hits / n as f64 - p).abs() <= 4.0 * (p * (1.0 - p) / n as f64).sqrt(), "{hazard}: {hits}");
        }
    }

    #[test]
    fn known_answers_do_not_move() {
        // The published first outputs of SplitMix64 seeded with 1234567 pin the finaliser.
        let mut stream = Stream { state: 1_234_567 };
        assert_eq!(stream.bits(), 6_457_827_717_110_365_317);
        assert_eq!(stream.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn many_draws_at_once_are_the_draws_one_by_one() {
        let draws = Draws::new(3, 1);
        let a: Vec<u64> = (0..37).map(key_of_number).collect();
        let b: Vec<u64> = (0..37).map(|n| n % 3).collect();
        for level in [SimdLevel::default(), SimdLevel::baseline()] {
            let mut many = Vec::new();
            draws.fill_bits(level, Purpose::Test, &a, &b, -7, &mut many);
            let singly: Vec<u64> = a.iter().zip(&b).map(|(&a, &b)| draws.bits(Purpose::Test, a, b, -7)).collect();
            assert_eq!(many, singly);
            draws.fill_bits_each::<3>(level, Purpose::Test, &a, -7, &mut many);
            let singly: Vec<u64> =
                a.iter().flat_map(|&a| (0..3).map(move |b| draws.bits(Purpose::Test, a, b, -7))).collect();
            assert_eq!(many, singly);
            let mut exponential = Vec::new();
            fill_exponential(level, &many, &mut exponential);
            assert_eq!(exponential, many.iter().map(|&bits| exponential_of(bits)).collect::<Vec<_>>());
            // Enough for both tails, and some beyond whole blocks.
            let pairs: Vec<(u64, u64)> = (0..999).map(|n| (key_of_number(n), n % 5)).collect();
            let mut normal = vec![0.0; pairs.len()];
            draws.fill_normal(level, Purpose::Test, pairs.iter().copied(), 7, &mut normal);
            for (x, (a, b)) in normal.into_iter().zip(pairs) {
                assert_eq!(x.to_bits(), draws.normal(Purpose::Test, a, b, 7).to_bits());
            }
        }
    }

    fn key_of_number(n: u64) -> u64 {
        mix(n.wrapping_add(11))
    }

    #[test]
    fn what_is_drawn_beside_is_uniform_and_independent_of_the_draw() {
        let n = 100_000;
        let (mut cells, mut together) = ([0u32; 100], 0.0);
        for i in 0..n {
            let bits = Draws::new(9, i).bits(Purpose::Test, 1, 2, 3);
            let (u, v) = (unit_interval(bits), unit_interval(beside(bits, Purpose::TierChoice)));
            cells[(v * 100.0) as usize] += 1;
            together += (u - 0.5) * (v - 0.5);
        }
        let chi2: f64 = cells.iter().map(|&c| (f64::from(c) - n as f64 / 100.0).powi(2) / (n as f64 / 100.0)).sum();
        assert!(chi2 > 42.0 && chi2 < 190.0, "{chi2}");
        assert!((together / n as f64).abs() < 6.0 / 12.0 / (n as f64).sqrt());
    }

    #[test]
    fn neighbouring_keys_are_uniform_and_uncorrelated() {
        let draws = Draws::new(1, 0);
        type At = Box<dyn Fn(u64) -> f64>;
        let along: [At; 4] = [
            Box::new(move |i| draws.uniform(Purpose::Test, i, 0, 0)),
            Box::new(move |i| draws.uniform(Purpose::Test, 0, i, 0)),
            Box::new(move |i| draws.uniform(Purpose::Test, 0, 0, i as i32)),
            Box::new(move |i| Draws::new(1, i).uniform(Purpose::Test, 0, 0, 0)),
        ];
        for at in along {
            let n = 100_000;
            let mut cells = [0u32; 100];
            let (mut lagged, mut last) = (0.0, 0.5);
            for i in 0..n {
                let u = at(i);
                cells[(u * 100.0) as usize] += 1;
                lagged += (u - 0.5) * (last - 0.5);
                last = u;
            }
            let expected = n as f64 / 100.0;
            let chi2: f64 = cells.iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
            // 99 degrees of freedom: 42 to 190 is beyond 1 in 1e7 on either side.
            assert!(chi2 > 42.0 && chi2 < 190.0, "chi2 {chi2}");
            // sd of the lagged product mean is 1/12/sqrt(n).
            assert!((lagged / n as f64).abs() < 6.0 / 12.0 / (n as f64).sqrt());
        }
    }

    #[test]
    fn samplers_have_the_mean_and_variance_of_their_distribution() {
        let n = 200_000;
        let mut s = Draws::new(7, 3).stream(Purpose::Test, 1, 2, 3);
        type Sampler = fn(&mut Stream) -> f64;
        let cases: [(Sampler, f64, f64); 5] = [
            (|s| s.normal(), 0.0, 1.0),
            (|s| s.gamma(0.5), 0.5, 0.5),
            (|s| s.gamma(4.0), 4.0, 4.0),
            (|s| s.beta(17.0, 3.0), 0.85, 17.0 * 3.0 / (400.0 * 21.0)),
            (|s| s.poisson(20.0) as f64, 20.0, 20.0),
        ];
        for (sampler, mean, variance) in cases {
            let values: Vec<f64> = (0..n).map(|_| sampler(&mut s)).collect();
            let (m, v) = mean_and_variance(&values);
            assert!((m - mean).abs() < 6.0 * (variance / n as f64).sqrt(), "mean {m} for {mean}");
            assert!((v / variance - 1.0).abs() < 0.05, "variance {v} for {variance}");
        }
    }
}
