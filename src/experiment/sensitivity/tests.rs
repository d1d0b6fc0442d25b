//! Functions whose indices are known in closed form, on the designs that real runs use.

use std::f64::consts::PI;

use super::design::LEVELS;
use super::*;
use crate::random::{Draws, Purpose};
use crate::scenario::{Role, Scenario};

fn factors(d: usize) -> Vec<Factor> {
    (0..d).map(|draw| Factor { draw, path: format!("x{draw}"), role: Role::Independent }).collect()
}

fn sobol(d: usize, rows: usize, replicates: u64) -> Design {
    Design::new(Method::Both, factors(d), d, rows, replicates, 7)
}

/// Values of a function of the coordinates and the run number, run after run of a design.
fn values(design: &Design, f: impl Fn(&[f64], u64) -> f64) -> Vec<f64> {
    let mut at = Vec::new();
    let one = |run: u64| {
        let place = design.place(run);
        design.lay(place, &mut at);
        let u: Vec<f64> = at.iter().map(|u| u.unwrap()).collect();
        f(&u, design.run_number(place))
    };
    (0..design.runs()).map(one).collect()
}

fn of(design: &Design, f: impl Fn(&[f64], u64) -> f64) -> Analysis {
    analyse(design, &values(design, f), "1", design.rows, 1)
}

fn near(estimate: Estimate, exact: f64, within: f64, what: &str) {
    assert!((estimate.value - exact).abs() < within, "{what}: {estimate:?}, not {exact}");
}

/// Ishigami and Homma (1990) with a = 7, b = 0.1.
fn ishigami(u: &[f64]) -> f64 {
    let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
    libm::sin(x[0]) + 7.0 * libm::sin(x[1]).powi(2) + 0.1 * x[2].powi(4) * libm::sin(x[0])
}

#[test]
fn indices_of_the_ishigami_function_are_those_of_the_closed_form() {
    let found = of(&sobol(3, 4096, 0), |u, _| ishigami(u));
    let (a, b) = (7.0, 0.1);
    let v1 = 0.5 * (1.0 + b * PI.powi(4) / 5.0) * (1.0 + b * PI.powi(4) / 5.0);
    let v2 = a * a / 8.0;
    let v13 = b * b * PI.powi(8) * 8.0 / 225.0;
    let v = v1 + v2 + v13;
    near(found.indices[0].first, v1 / v, 0.02, "S1");
    near(found.indices[1].first, v2 / v, 0.02, "S2");
    near(found.indices[2].first, 0.0, 0.02, "S3");
    near(found.indices[0].total, (v1 + v13) / v, 0.02, "T1");
    near(found.indices[1].total, v2 / v, 0.02, "T2");
    near(found.indices[2].total, v13 / v, 0.02, "T3");
    assert!((found.sd * found.sd / v - 1.0).abs() < 0.01);
    // The function knows no chance.
    assert_eq!((found.indices[3].first.value, found.indices[3].total.value), (0.0, 0.0));
    near(found.sum_first, 1.0 - v13 / v, 0.03, "sum");
    for index in &found.indices[..3] {
        assert!(index.total.low < index.total.value && index.total.value < index.total.high);
        assert!(index.total.high - index.total.low < 0.1);
    }
}

#[test]
fn indices_of_the_g_function_of_sobol_are_those_of_the_closed_form() {
    let a: [f64; 8] = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0];
    let g = |u: &[f64]| u.iter().zip(a).map(|(u, a)| ((4.0 * u - 2.0).abs() + a) / (1.0 + a)).product::<f64>();
    let found = of(&sobol(8, 4096, 0), |u, _| g(u));
    let part = a.map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a)));
    let v = part.iter().map(|v| 1.0 + v).product::<f64>() - 1.0;
    for i in 0..8 {
        near(found.indices[i].first, part[i] / v, 0.02, "first");
        let others: f64 = (0..8).filter(|j| *j != i).map(|j| 1.0 + part[j]).product();
        near(found.indices[i].total, part[i] * others / v, 0.02, "total");
    }
    assert_eq!(found.ranked()[..4], [0, 1, 2, 3]);
    let (one, two, apart) = found.lead.unwrap();
    assert!((one, two) == (0, 1) && apart.low > 0.0);
}

#[test]
fn a_sum_has_total_indices_that_are_its_shares_and_effects_that_are_its_slopes() {
    let slopes = [3.0, -2.0, 0.0, 1.0];
    let sum = |u: &[f64]| u.iter().zip(slopes).map(|(u, c)| c * u).sum::<f64>();
    let found = of(&sobol(4, 1024, 0), |u, _| 10.0 + sum(u));
    for (index, c) in found.indices.iter().zip(slopes) {
        near(index.total, c * c / 14.0, 0.005, "total");
        near(index.first, c * c / 14.0, 0.01, "first");
        // Every effect is the slope, whatever its step.
        assert!((index.mu - c).abs() < 1e-9 && (index.mu_star.value - c.abs()).abs() < 1e-9 && index.sigma < 1e-7);
        assert!((index.mu_star.high - index.mu_star.low).abs() < 1e-9);
    }
    near(found.sum_first, 1.0, 0.02, "sum");
    let along = Design::new(Method::Morris, factors(4), 4, 16, 0, 7);
    let found = of(&along, |u, _| 10.0 + sum(u));
    for (index, c) in found.indices.iter().zip(slopes) {
        assert!((index.mu - c).abs() < 1e-12 && (index.mu_star.value - c.abs()).abs() < 1e-12 && index.sigma < 1e-12);
        assert!(index.first.value.is_nan() && index.n == 16);
    }
    assert_eq!(found.indices[4].mu_star.value, 0.0);
}

/// A uniform of variance 1/12 that belongs to a run number.
fn luck(run: u64) -> f64 {
    Draws::new(3, run).uniform(Purpose::Test, 0, 0, 0)
}

#[test]
fn chance_has_its_share_of_the_variance_and_the_replicates_say_the_same() {
    // Variances 4/12 and 1/12 in the sum; then luck that acts through the parameter alone.
    let found = of(&sobol(1, 2048, 2), |u, run| 2.0 * u[0] + luck(run));
    near(found.indices[0].first, 0.8, 0.03, "parameter alone");
    near(found.indices[0].total, 0.8, 0.03, "parameter");
    near(found.indices[1].first, 0.2, 0.03, "chance alone");
    near(found.indices[1].total, 0.2, 0.02, "chance");
    near(found.within, 0.2, 0.02, "replicates");
    assert!(found.indices[1].mu.is_nan() && found.indices[1].sigma.is_nan());
    // Two uniforms lie 1/3 apart in the mean: luck has the effect of a slope of 1.
    near(found.indices[1].mu_star, 1.0, 0.04, "effect of chance");
    // (u − 1/2)(luck − 1/2): all of it is interaction.
    let found = of(&sobol(1, 2048, 2), |u, run| (u[0] - 0.5) * (luck(run) - 0.5));
    near(found.indices[0].first, 0.0, 0.05, "parameter alone");
    near(found.indices[0].total, 1.0, 0.07, "parameter");
    near(found.indices[1].total, 1.0, 0.07, "chance");
    near(found.within, 1.0, 0.1, "replicates");
}

#[test]
fn what_leads_counts_what_it_moves_through_those_that_follow() {
    // x = z1, y = r x + sqrt(1 − r²) z2, f = x + y: the leader has (1 + r)², the follower 1 − r², of 2 + 2r.
    let r: f64 = 0.6;
    let f = |u: &[f64]| {
        let (z1, z2) = (crate::math::normal_quantile(u[0]), crate::math::normal_quantile(u[1]));
        z1 + r * z1 + (1.0 - r * r).sqrt() * z2
    };
    let found = of(&sobol(2, 4096, 0), |u, _| f(u));
    near(found.indices[0].total, (1.0 + r) / 2.0, 0.03, "leader");
    near(found.indices[1].total, (1.0 - r) / 2.0, 0.03, "follower");
}

#[test]
fn roles_and_values_follow_the_ridge_of_a_scenario() {
    let scenario = Scenario::load("quick", &[]).unwrap();
    let all = design::factors(&scenario.uncertain, |_| true);
    let role = |path: &str| all.iter().find(|f| f.path == path).map(|f| f.role);
    assert_eq!(role("demand.quality_volatility"), Some(Role::Leads));
    assert_eq!(role("demand.switching_cost"), Some(Role::Follows));
    assert_eq!(role("adaptation.social_weight"), Some(Role::Independent));
    // A linear value without spread of its own is no factor.
    assert_eq!(role("labs.meta.coding_share"), None);
    let at = |u: [f64; 2]| {
        let paths = scenario.draw_paths();
        let index = |path: &str| paths.iter().position(|p| p == path).unwrap();
        let (leader, follower) = (index("demand.quality_volatility"), index("demand.switching_cost"));
        let mut laid = vec![None; paths.len()];
        (laid[leader], laid[follower]) = (Some(u[0]), Some(u[1]));
        let mut into = scenario.parameters.clone();
        let drawn = scenario.draw_at(1, 0, &laid, &mut into);
        (drawn[leader], drawn[follower], drawn)
    };
    let ((x, y, _), (x2, y2, _)) = (at([0.3, 0.5]), at([0.8, 0.5]));
    // At the median of its own part the follower is on the line.
    assert!((y - (2.1 + 1.95 * x)).abs() < 1e-9 && (y2 - (2.1 + 1.95 * x2)).abs() < 1e-9 && x2 > x);
    // What is not placed is drawn as ever, and no place at all is the draw of the run.
    let (_, _, placed) = at([0.3, 0.5]);
    let mut into = scenario.parameters.clone();
    let drawn = scenario.draw(1, 0, &mut into);
    let same = placed.iter().zip(&drawn).filter(|(a, b)| a.to_bits() == b.to_bits()).count();
    assert!(same > 0 && same < drawn.len());
    assert_eq!(scenario.draw_at(1, 0, &vec![None; drawn.len()], &mut into), drawn);
}

#[test]
fn a_step_changes_one_factor_by_half_the_cube_and_no_two_rows_share_a_run_number() {
    let design = Design::new(Method::Morris, factors(5), 5, 40, 0, 3);
    let mut ups = 0;
    for row in 0..40 {
        let mut steps = design.steps(row).to_vec();
        steps.sort_unstable();
        assert_eq!(steps, [0, 1, 2, 3, 4, 5]);
        for step in 1..=6 {
            let place = |step| Place { row, member: Member::Step(step) };
            let moved = design.moved(place(step)).unwrap();
            for factor in 0..5 {
                let (before, after) =
                    (design.coordinate(place(step - 1), factor), design.coordinate(place(step), factor));
                let by = if factor == moved { 0.5 } else { 0.0 };
                assert!(((after - before).abs() - by).abs() < 1e-15);
                assert!((after * LEVELS as f64 - 0.5).fract().abs() < 1e-12 && (0.0..1.0).contains(&after));
                ups += usize::from(after > before);
            }
            let (before, after) = (design.run_number(place(step - 1)), design.run_number(place(step)));
            assert_eq!(after - before, u64::from(moved == design.chance()));
            assert_eq!(after / 2, row as u64);
        }
    }
    assert!((70..130).contains(&ups), "{ups} of 200 steps go up");
    let design = sobol(2, 8, 3);
    let numbers: Vec<u64> = (0..design.runs()).map(|run| design.run_number(design.place(run))).collect();
    assert_eq!(numbers[..8], [0, 1, 0, 0, 1, 2, 3, 4]);
    assert_eq!(numbers[8..10], [5, 6]);
}

#[test]
fn rows_that_lack_a_value_are_left_out_and_counted() {
    let design = sobol(3, 512, 0);
    let mut y = values(&design, |u, _| u[0] + 0.5 * u[1]);
    let members = design.members();
    for row in 0..100 {
        y[row * members + 2] = f64::NAN;
    }
    y[200 * members + 1] = f64::NAN;
    let found = analyse(&design, &y, "1", 512, 1);
    assert_eq!((found.n, found.indices[0].n, found.indices[1].n), (511, 411, 511));
    near(found.indices[0].total, 0.8, 0.05, "total");
    for row in 0..300 {
        y[row * members] = f64::NAN;
    }
    let found = analyse(&design, &y, "1", 512, 1);
    assert!(found.n == 212 && found.indices.is_empty());
    let flat = of(&design, |_, _| 3.0);
    assert!(flat.indices.is_empty() && flat.mean == 3.0 && flat.sd == 0.0);
}

#[test]
fn a_longer_design_begins_with_the_shorter_and_threads_change_nothing() {
    let (short, long) = (sobol(3, 64, 2), sobol(3, 128, 2));
    for run in 0..short.runs() {
        let place = short.place(run);
        assert_eq!(place, long.place(run));
        assert_eq!(short.run_number(place), long.run_number(place));
        assert!((0..3).all(|i| short.coordinate(place, i) == long.coordinate(place, i)));
    }
    let columns: Vec<Vec<f64>> = (1..6).map(|k| values(&short, |u, run| u[0] * f64::from(k) + luck(run))).collect();
    let units = ["1", "USD", "USD per year", "1", "1"];
    let one = analyse_all(&short, &columns, &units, 64, 5, 1).unwrap();
    assert_eq!(format!("{one:?}"), format!("{:?}", analyse_all(&short, &columns, &units, 64, 5, 3).unwrap()));
    // A prefix of the rows is a design of its own.
    let prefix = analyse(&short, &columns[0], "1", 32, 5);
    assert!(prefix.n == 32 && prefix.indices[0].total.value > prefix.indices[1].total.value);
}

#[test]
fn money_above_zero_is_analysed_in_ln_and_told_in_dollars() {
    // A product of powers, heavy-tailed: ln of it is a sum, of which every factor has the square of its power.
    let powers = [2.0, 1.0, -1.0];
    let design = sobol(3, 2048, 2);
    let value = |u: &[f64], run: u64| {
        let z: Vec<f64> = u.iter().map(|u| crate::math::normal_quantile(*u)).collect();
        let ln = z.iter().zip(powers).map(|(z, c)| c * z).sum::<f64>() + 3.0 * (luck(run) - 0.5);
        1e9 * crate::math::exp(ln)
    };
    let y = values(&design, value);
    let all = 6.0 + 0.75;
    let found = analyse(&design, &y, "USD per year", 2048, 1);
    assert_eq!(found.scale, Scale::Ln);
    for (index, c) in found.indices.iter().zip(powers) {
        near(index.total, c * c / all, 0.02, "total");
        near(index.first, c * c / all, 0.06, "first");
        assert!(index.mu * c > 0.0);
    }
    near(found.indices[3].total, 0.75 / all, 0.02, "chance");
    near(found.within, 0.75 / all, 0.02, "replicates");
    near(found.sum_first, 1.0, 0.06, "sum");
    assert!((found.sd_on_scale - all.sqrt()).abs() < 0.05, "{}", found.sd_on_scale);
    // Mean and range stay in dollars, and are those of A and B.
    let members = design.members();
    let base: Vec<f64> = y.chunks(members).flat_map(|line| [line[0], line[1]]).collect();
    let (least, greatest) = (base.iter().copied().fold(1e99, f64::min), base.iter().copied().fold(0.0, f64::max));
    assert_eq!((found.least, found.greatest), (least, greatest));
    assert!((found.mean / (base.iter().sum::<f64>() / 4096.0) - 1.0).abs() < 1e-12 && found.sd > found.mean);
    assert!((found.range() - crate::math::ln(greatest / least)).abs() < 1e-9);
    // As it is, the same numbers in another unit, a few runs make the variance.
    let linear = analyse(&design, &y, "1", 2048, 1);
    assert!(linear.scale == Scale::Linear && linear.sd_on_scale == linear.sd);
    assert!((linear.mean / found.mean - 1.0).abs() < 1e-9 && (linear.sd / found.sd - 1.0).abs() < 1e-9);
    let width = |a: &Analysis| a.sum_first.high - a.sum_first.low;
    assert!(width(&linear) > 3.0 * width(&found), "{:?} {:?}", linear.sum_first, found.sum_first);
    // The currency does not matter, and a value that does not exist leaves out its row alone.
    let mut cents: Vec<f64> = y.iter().map(|v| 100.0 * v).collect();
    let other = analyse(&design, &cents, "USD", 2048, 1);
    assert!((other.indices[0].total.value - found.indices[0].total.value).abs() < 1e-9);
    cents[5 * members + 2] = f64::NAN;
    let other = analyse(&design, &cents, "USD", 2048, 1);
    assert_eq!((other.scale, other.n, other.indices[0].n, other.indices[1].n), (Scale::Ln, 2048, 2047, 2048));
    // One run at zero, even a replicate, and it stays as it is.
    cents[members - 1] = 0.0;
    let other = analyse(&design, &cents, "USD", 2048, 1);
    assert!(other.scale == Scale::Linear && (other.mean / 100.0 / found.mean - 1.0).abs() < 1e-9);
    // That run does not count when it is not among the rows that are kept.
    let mut late = y.clone();
    late[2047 * members] = -1.0;
    assert_eq!(analyse(&design, &late, "USD", 2048, 1).scale, Scale::Linear);
    assert_eq!(analyse(&design, &late, "USD", 1024, 1).scale, Scale::Ln);
    assert_eq!(Scale::of("USD", &[f64::NAN]), Scale::Linear);
}

#[test]
fn a_share_above_one_or_with_a_wide_interval_is_uncertain() {
    let share = |value, low, high| Estimate { value, low, high }.is_uncertain_share();
    assert!(!share(0.3, -0.1, 0.8) && !share(1.0, 0.2, 1.2));
    assert!(share(1.01, 0.9, 1.1) && share(0.3, -0.2, 0.9) && share(0.3, f64::NAN, f64::NAN));
}
