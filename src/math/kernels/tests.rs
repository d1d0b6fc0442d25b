use super::*;
use crate::math::{exp, ln, normal_quantile};
use crate::random::mix;

/// Tables of one row each, for `n` alternatives of these weights.
struct Table {
    alternatives: usize,
    keys: Vec<u32>,
    shared: Vec<f32>,
    ones: Vec<f32>,
}

impl Table {
    fn new(weights: &[f32]) -> Table {
        let stride = stride_of(weights.len());
        let mut shared = weights.to_vec();
        shared.resize(stride, 0.0);
        Table {
            alternatives: weights.len(),
            keys: (0..stride as u64).map(|j| mix(j) as u32).collect(),
            shared,
            ones: vec![1.0; stride],
        }
    }
    fn weights(&self) -> Weights<'_> {
        let half = &self.ones;
        Weights {
            alternatives: self.alternatives,
            keys: &self.keys,
            shared: &self.shared,
            channel: half,
            taste: half,
            known: &[u32::MAX; MAX_STRIDE][..self.keys.len()],
        }
    }
}
fn request(noise: u64) -> Request {
    Request {
        noise,
        cell: 0,
        cloud: 0,
        taste: 0,
        awareness: 0,
        known: 0,
        held: [NONE; 3],
        ease: [1.0; 3],
        routed: false,
    }
}

fn requests(n: u64) -> Vec<Request> {
    (0..n).map(|i| request(mix(i))).collect()
}

fn shares(table: &Table, requests: &[Request]) -> Vec<f64> {
    let (mut rows, mut out) = (Batches::default(), vec![0.0; table.alternatives]);
    rows.fill(SimdLevel::default(), table.weights(), requests);
    rows.mean_shares(SimdLevel::default(), &vec![1.0; table.alternatives], &vec![1.0; requests.len()], &mut out);
    out
}

#[test]
fn a_lane_is_marked_where_its_number_lies_below_the_limit() {
    let lanes: Vec<[u32; 64]> = (0..40).map(|w| std::array::from_fn(|n| 3 * (64 * w + n as u32))).collect();
    for (row, limit) in [(7, 0), (8, 1 << 31), (9, u32::MAX / 50)] {
        for level in [SimdLevel::baseline(), SimdLevel::default()] {
            let mut words = vec![u64::MAX; lanes.len()];
            mark_below(level, row, &lanes, limit, &mut words);
            for (word, lanes) in words.iter().zip(&lanes) {
                for (n, &lane) in lanes.iter().enumerate() {
                    assert_eq!(word >> n & 1 == 1, lane_bits(row, lane) < limit);
                }
            }
            let share = f64::from(words.iter().map(|w| w.count_ones()).sum::<u32>()) / 2560.0;
            let p = f64::from(limit) / 4_294_967_296.0;
            assert!((share - p).abs() <= 4.0 * (p * (1.0 - p) / 2560.0).sqrt(), "{share} for {p}");
        }
    }
}

#[test]
fn scaled_sums_are_those_of_a_plain_loop_at_any_level() {
    let row = |k: usize| std::array::from_fn::<f32, MAX_STRIDE, _>(|n| ((n * 7 + k * 13) % 11) as f32 - 4.5);
    let (base, terms) = ([row(0), row(1)], [row(2), row(3), row(4)]);
    let factors = [[0.5, -2.0, 0.3], [1.0, 0.0, 7.7]];
    for level in [SimdLevel::baseline(), SimdLevel::default()] {
        let mut out = [0.0; 2 * 16];
        scaled_sums(level, &base, terms.each_ref(), factors, 16, &mut out);
        for (r, n) in (0..2).flat_map(|r| (0..16).map(move |n| (r, n))) {
            let plain = (0..3).fold(base[r][n], |sum, k| sum + factors[r][k] * terms[k][n]);
            assert_eq!(out[r * 16 + n], plain);
        }
    }
}

#[test]
fn a_firm_considers_a_vendor_where_its_uniform_draw_lies_below_how_well_it_is_known() {
    let keys: Vec<u32> = (0..16u64).map(|j| mix(j + 5) as u32).collect();
    let firms: Vec<u64> = (0..500).map(|i| mix(i + 99)).collect();
    let known: Vec<f32> = (0..16).map(|j| j as f32 / 15.0).collect();
    let limits: Vec<u32> = known.iter().map(|&p| known_below(p)).collect();
    let mut drawn = vec![0.0; firms.len() * 16];
    fill_uniform(SimdLevel::default(), &firms, &keys, &mut drawn);
    let ones = [1.0; 16];
    let (shared, channel, taste) = (&ones, &ones, &ones);
    let weights = Weights { alternatives: 16, keys: &keys, shared, channel, taste, known: &limits };
    for level in [SimdLevel::baseline(), SimdLevel::default()] {
        for (&awareness, drawn) in firms.iter().zip(drawn.chunks_exact(16)) {
            let mut row = [0.0; MAX_STRIDE];
            weights.row_of(level, &Request { awareness, ..request(0) }, &mut row);
            for ((weight, drawn), known) in row.iter().zip(drawn).zip(&known) {
                assert_eq!(*weight > 0.0, drawn < known);
            }
        }
    }
    assert_eq!((known_below(0.0), known_below(1.0)), (0, 1 << 24));
}

#[test]
fn ln_exp_and_the_normal_quantile_follow_double_precision() {
    for i in 0..200_000u32 {
        let u = unit(lowbias32(i));
        let exact = ln(f64::from(u));
        assert!((f64::from(ln_lane(u)) - exact).abs() <= 3e-7 * exact.abs() + 1e-12, "ln {u}");
        let x = (u - 0.5) * 150.0;
        let e = exp(f64::from(x));
        assert!((f64::from(exp_lane(x)) / e - 1.0).abs() < 4e-7, "exp {x}");
    }
    for i in 0..12_500u32 {
        let us: [f32; LANES] = std::array::from_fn(|lane| unit(lowbias32(LANES as u32 * i + lane as u32)));
        let mut quantiles = us;
        normal_lanes(&mut quantiles, &us.map(farness_lane));
        for (q, u) in quantiles.iter().zip(us) {
            let z = normal_quantile(f64::from(u));
            assert!((f64::from(*q) - z).abs() < 3e-6 * (1.0 + z.abs()), "normal {u}");
        }
    }
    assert_eq!(exp_lane(f32::NEG_INFINITY), 0.0);
    assert_eq!(exp_lane(0.0), 1.0);
    assert!(exp_lane(1e9).is_finite());
}

#[test]
fn every_level_gives_the_same_bits() {
    let (best, base) = (SimdLevel::default(), SimdLevel::baseline());
    let rows: Vec<u64> = (0..65_536).map(mix).collect();
    let lanes: Vec<u32> = (0..16).map(|j| mix(j + 77) as u32).collect();
    let bits = |v: &[f32]| v.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    let (mut a, mut b) = (vec![0.0; rows.len() * 16], vec![0.0; rows.len() * 16]);
    fill_uniform(best, &rows, &lanes, &mut a);
    fill_uniform(base, &rows, &lanes, &mut b);
    assert_eq!(bits(&a), bits(&b));
    ln_in_place(best, &mut a);
    ln_in_place(base, &mut b);
    assert_eq!(bits(&a), bits(&b));
    exp_in_place(best, &mut a);
    exp_in_place(base, &mut b);
    assert_eq!(bits(&a), bits(&b));
    // Whole pieces, and some that leave a rest.
    for n in [rows.len() - 24, rows.len()] {
        fill_lognormal(best, &rows[..n], &lanes, 1.3, &mut a[..16 * n]);
        fill_lognormal(base, &rows[..n], &lanes, 1.3, &mut b[..16 * n]);
        assert_eq!(bits(&a), bits(&b));
    }

    let table = Table::new(&[1.0, 0.3, 0.01, 2.0, 0.5, 0.5, 0.2, 0.9, 1.4, 0.7, 0.6]);
    let requests: Vec<Request> = (0..65_536)
        .map(|i| Request {
            taste: i,
            held: [(i % 11) as u16, NONE, NONE],
            ease: [3.0, 1.0, 1.0],
            ..request(mix(u64::from(i)))
        })
        .collect();
    let weights = Weights { taste: &a, ..table.weights() };
    let (mut x, mut y) = (vec![0; requests.len()], vec![0; requests.len()]);
    race(best, weights, &requests, &mut x);
    race(base, weights, &requests, &mut y);
    assert_eq!(x, y);
    let mass = vec![1.0; requests.len()];
    let (mut s, mut t) = (vec![0.0; 11], vec![0.0; 11]);
    let ones = [1.0; 11];
    let (mut rows, mut others) = (Batches::default(), Batches::default());
    rows.fill(best, weights, &requests);
    others.fill(base, weights, &requests);
    rows.mean_shares(best, &ones, &mass, &mut s);
    others.mean_shares(base, &ones, &mass, &mut t);
    assert_eq!(s.iter().map(|v| v.to_bits()).collect::<Vec<_>>(), t.iter().map(|v| v.to_bits()).collect::<Vec<_>>());
    rows.run_race(best, weights.keys, &requests);
    others.run_race(base, weights.keys, &requests);
    rows.earliest(best, &ones, &mut y);
    assert_eq!(x, y);
    others.earliest(base, &ones, &mut y);
    assert_eq!(x, y);
}

#[test]
fn lanes_of_neighbouring_keys_are_uniform_and_uncorrelated() {
    let n = 200_000u64;
    type At = fn(u64) -> f32;
    let along: [At; 4] = [
        |i| unit(lane_bits(mix(i), 7)),
        |i| unit(lane_bits(mix(3), i as u32)),
        |i| unit(lane_bits(i, 7)),
        |i| unit(lane_bits(i << 32, 7)),
    ];
    for at in along {
        let mut cells = [0u32; 100];
        let (mut last, mut lagged, mut squares) = (0.5, 0.0, 0.0);
        for i in 0..n {
            let u = f64::from(at(i));
            cells[(u * 100.0) as usize] += 1;
            lagged += (u - 0.5) * (last - 0.5);
            squares += ((u - 0.5) * (u - 0.5) - 1.0 / 12.0) * ((last - 0.5) * (last - 0.5) - 1.0 / 12.0);
            last = u;
        }
        let expected = n as f64 / 100.0;
        let chi2: f64 = cells.iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
        assert!(chi2 > 42.0 && chi2 < 190.0, "chi2 {chi2}");
        assert!((lagged / n as f64).abs() < 6.0 / 12.0 / (n as f64).sqrt());
        assert!((squares / n as f64).abs() < 6.0 / 180.0 / (n as f64).sqrt());
    }
}

#[test]
fn winners_follow_the_softmax() {
    let utilities = [0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 0.1];
    let table = Table::new(&utilities.map(|u| exp(u) as f32));
    let total: f64 = utilities.iter().map(|&u| exp(u)).sum();
    let n = 400_000u64;
    let requests = requests(n);
    let mut winners = vec![0; requests.len()];
    race(SimdLevel::default(), table.weights(), &requests, &mut winners);
    for (j, &u) in utilities.iter().enumerate() {
        let p = exp(u) / total;
        let share = winners.iter().filter(|&&w| w == j as u16).count() as f64 / n as f64;
        assert!((share - p).abs() < 4.0 * (p * (1.0 - p) / n as f64).sqrt(), "{j}: {share} for {p}");
    }
    let shares = shares(&table, &requests[..10]);
    for (j, &u) in utilities.iter().enumerate() {
        assert!((shares[j] - exp(u) / total).abs() < 1e-6);
    }
}

#[test]
fn a_better_alternative_draws_from_the_others_and_shuffles_none_among_them() {
    let before = Table::new(&[1.0, 1.0, 1.0, 1.0]);
    let after = Table::new(&[1.0, 1.6, 1.0, 1.0]);
    let requests = requests(50_000);
    let (mut x, mut y) = (vec![0; requests.len()], vec![0; requests.len()]);
    race(SimdLevel::default(), before.weights(), &requests, &mut x);
    race(SimdLevel::default(), after.weights(), &requests, &mut y);
    assert!(x.iter().zip(&y).all(|(a, b)| a == b || *b == 1));
    assert!(x != y);
}

#[test]
fn what_cannot_be_had_never_wins_and_nothing_wins_where_there_is_nothing() {
    let table = Table::new(&[0.0, 1.0, 0.0]);
    let requests = requests(1000);
    let mut winners = vec![0; 1000];
    race(SimdLevel::default(), table.weights(), &requests, &mut winners);
    assert!(winners.iter().all(|&w| w == 1));
    race(SimdLevel::default(), Table::new(&[0.0; 3]).weights(), &requests, &mut winners);
    assert!(winners.iter().all(|&w| w == NONE));
}

#[test]
fn a_vendor_that_is_held_is_always_considered_and_has_its_ease() {
    let table = Table::new(&[1.0, 1.0]);
    let weights = Weights { known: &[0; MAX_STRIDE], ..table.weights() };
    let mut winners = vec![0; 1];
    let one = Request { held: [1, NONE, NONE], ..request(5) };
    race(SimdLevel::default(), weights, &[one], &mut winners);
    assert_eq!(winners, [1]);
    let eased = Request { held: [1, NONE, NONE], ease: [3.0, 1.0, 1.0], ..request(5) };
    let shares = shares(&table, &[eased]);
    assert!((shares[1] - 0.75).abs() < 1e-6);
}

#[test]
fn a_tie_goes_to_the_first() {
    let mut table = Table::new(&[1.0, 1.0, 1.0]);
    table.keys[2] = table.keys[1];
    let requests = requests(10_000);
    let mut winners = vec![0; requests.len()];
    race(SimdLevel::default(), table.weights(), &requests, &mut winners);
    assert!(winners.iter().all(|&w| w < 2));
}

#[test]
fn the_runner_up_is_who_would_win_without_the_winner_and_the_winner_is_unchanged() {
    let weights = [1.0, 2.5, 0.0, 0.7, 1.3, 4.0, 0.2];
    let table = Table::new(&weights);
    let requests = requests(20_000);
    let mut winners = vec![0; requests.len()];
    let (mut same, mut seconds) = (winners.clone(), winners.clone());
    race(SimdLevel::default(), table.weights(), &requests, &mut winners);
    race_for_two(SimdLevel::default(), table.weights(), &requests, &mut same, &mut seconds);
    assert_eq!(winners, same);
    for gone in 0..weights.len() {
        let mut rest = weights;
        rest[gone] = 0.0;
        let mut next = vec![0; requests.len()];
        race(SimdLevel::default(), Table::new(&rest).weights(), &requests, &mut next);
        for i in (0..requests.len()).filter(|&i| usize::from(winners[i]) == gone) {
            assert_eq!(seconds[i], next[i]);
        }
    }
    let (mut base, mut others) = (winners.clone(), winners.clone());
    race_for_two(SimdLevel::baseline(), table.weights(), &requests, &mut base, &mut others);
    assert_eq!((base, others), (winners, seconds));
    // In rows of several blocks too.
    for n in [17, 65] {
        let weights: Vec<f32> = (0..n).map(|a| [1.0, 0.3, 2.0, 0.0, 0.7][a % 5]).collect();
        let table = Table::new(&weights);
        let requests = &requests[..4_000];
        let mut outcome = [SimdLevel::default(), SimdLevel::baseline()].map(|level| {
            let (mut winners, mut seconds) = (vec![0; requests.len()], vec![0; requests.len()]);
            race_for_two(level, table.weights(), requests, &mut winners, &mut seconds);
            (winners, seconds)
        });
        assert_eq!(outcome[0], outcome[1]);
        let (winners, seconds) = &mut outcome[0];
        let mut alone = vec![0; requests.len()];
        race(SimdLevel::default(), table.weights(), requests, &mut alone);
        assert_eq!(*winners, alone);
        for gone in [0, 2, n - 1] {
            let mut rest = weights.clone();
            rest[gone] = 0.0;
            race(SimdLevel::default(), Table::new(&rest).weights(), requests, &mut alone);
            let lost: Vec<usize> = (0..requests.len()).filter(|&i| usize::from(winners[i]) == gone).collect();
            assert!(lost.len() > 20 && lost.iter().all(|&i| seconds[i] == alone[i]), "{n}: {gone}");
        }
    }
    let alone = Table::new(&[0.0, 1.0, 0.0]);
    let (mut winner, mut none) = ([0u16; 3], [0u16; 3]);
    race_for_two(SimdLevel::default(), alone.weights(), &requests[..3], &mut winner, &mut none);
    assert_eq!((winner, none), ([1; 3], [NONE; 3]));
}

#[test]
fn the_best_of_a_row_of_several_blocks_weighs_one_wherever_it_stands() {
    for best in 0..80 {
        let utility: [f32; 80] = std::array::from_fn(|a| if a == best { 2.0 } else { -(a as f32) });
        for level in [SimdLevel::default(), SimdLevel::baseline()] {
            let mut weights = [7.0f32; 80];
            exp_less_best(level, &utility, 80, &mut weights);
            assert!((0..80).all(|a| (weights[a] == 1.0) == (a == best)));
        }
    }
}

#[test]
fn the_best_of_a_row_weighs_one_and_what_cannot_be_had_nothing() {
    const OUT: f32 = f32::NEG_INFINITY;
    let mut utility = [OUT; 3 * 16];
    (0..11).for_each(|a| utility[a] = 0.3 * a as f32 - 1.0);
    (utility[16 + 9], utility[16 + 2]) = (-4.0, -5.5);
    for level in [SimdLevel::default(), SimdLevel::baseline()] {
        let mut weights = [7.0f32; 3 * 16];
        exp_less_best(level, &utility, 16, &mut weights);
        let mut plain = utility;
        for row in plain.chunks_exact_mut(16) {
            let best = row.iter().copied().fold(OUT, f32::max);
            row.iter_mut().for_each(|u| *u -= if best.is_finite() { best } else { 0.0 });
        }
        exp_in_place(level, &mut plain);
        assert_eq!(weights, plain);
        assert_eq!((weights[10], weights[16 + 9], weights[40]), (1.0, 1.0, 0.0));
    }
}
