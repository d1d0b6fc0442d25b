use crate::math::exp;
use crate::math::kernels::SimdLevel;
use crate::mechanisms::adoption::bass;
use crate::scenario::Parameters;
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::step::demand::withdraw_second_sources;
use crate::step::tests_support::{context, only_choice, parameters, shares, started, step};
use crate::world::World;
use crate::world::enterprises::{Enterprises, NONE, PARTS, Sums};

/// Runs `steps` steps from the start.
fn run(p: &Parameters, run_number: u64, steps: usize) -> World {
    let mut world = started(p, run_number);
    for _ in 0..steps {
        step(&mut world, p, run_number);
    }
    world
}

fn count_shares(world: &World) -> Vec<f64> {
    world.demand.customer_share.clone()
}

#[test]
fn with_choice_alone_shares_are_the_softmax_in_the_limit() {
    let mut p = parameters(3);
    only_choice(&mut p);
    p.enterprises.count = 40_000;
    p.spend.usage_elasticity = 1.0;
    p.spend.capability_effect = 0.0;
    let mut world = started(&p, 2);
    let quality = [0.0, 0.7, -0.4];
    for (j, &q) in quality.iter().enumerate() {
        world.labs.quality_start[j * WORKLOAD_COUNT..(j + 1) * WORKLOAD_COUNT].fill(q);
    }
    // The volumes raked at the start go with the workloads, so they do not favour a vendor after a year.
    for _ in 0..12 {
        step(&mut world, &p, 2);
    }
    let total: f64 = quality.iter().map(|&q| exp(q)).sum();
    let found = shares(&world);
    for (j, &q) in quality.iter().enumerate() {
        let share = exp(q) / total;
        let bound = 4.0 * (share * (1.0 - share) * 3.0 / 40_000.0).sqrt();
        assert!((found[j] - share).abs() < bound, "{j}: {} for {share}", found[j]);
    }
}

#[test]
fn adoption_alone_follows_bass() {
    let mut p = parameters(2);
    only_choice(&mut p);
    p.mechanisms.adoption = true;
    p.adoption.tech_forward_factor = 1.0;
    p.adoption.price_effect_per_year = 0.0;
    p.enterprises.count = 20_000;
    let a = &p.adoption;
    let start = started(&p, 5).demand.adoption.clone();
    let end = run(&p, 5, 60).demand.adoption;
    for w in 0..WORKLOAD_COUNT {
        let exact = bass(a.innovation_per_year, a.imitation_per_year, start[w], 5.0);
        assert!((end[w] - exact).abs() < 0.015, "{} for {exact}", end[w]);
    }
}

#[test]
fn monthly_and_quarterly_steps_agree() {
    let mut p = parameters(3);
    p.enterprises.count = 20_000;
    let monthly = run(&p, 0, 60);
    p.simulation.steps_per_year = 4;
    let quarterly = run(&p, 0, 20);
    let total = |w: &World| w.demand.total_usd.iter().sum::<f64>();
    assert!((total(&quarterly) / total(&monthly) - 1.0).abs() < 0.03);
    for (a, b) in quarterly.demand.adoption.iter().zip(&monthly.demand.adoption) {
        assert!((a - b).abs() < 0.01);
    }
}

#[test]
fn one_lab_without_open_weights_has_all_of_the_market() {
    let p = parameters(1);
    let world = run(&p, 0, 24);
    assert_eq!(shares(&world), [1.0, 0.0]);
    assert_eq!(world.demand.vendors_per_firm, 1.0);
    assert_eq!(world.demand.switching_rate, 0.0);
}

#[test]
fn the_market_does_not_depend_on_the_number_of_firms() {
    let mut p = parameters(4);
    p.mechanisms.quality = false;
    let mut totals = Vec::new();
    for count in [1_000, 4_000, 16_000] {
        p.enterprises.count = count;
        let runs = 8;
        let mean = (0..runs).map(|r| run(&p, r, 36).demand.total_usd.iter().sum::<f64>()).sum::<f64>() / runs as f64;
        totals.push(mean);
    }
    for total in &totals {
        assert!((total / totals[2] - 1.0).abs() < 0.02, "{totals:?}");
    }
}

#[test]
fn identical_labs_have_the_same_expected_share() {
    let p = parameters(4);
    let runs = 40;
    let mut mean = vec![0.0; 5];
    for r in 0..runs {
        for (m, s) in mean.iter_mut().zip(shares(&run(&p, r, 24))) {
            *m += s / runs as f64;
        }
    }
    // Quality moves a share by about 0.15 in a run.
    assert!(mean[..4].iter().all(|m| (m - 0.25).abs() < 4.0 * 0.15 / (runs as f64).sqrt()), "{mean:?}");
}

#[test]
fn a_renamed_lab_with_its_old_key_changes_no_number() {
    let p = parameters(4);
    let mut renamed = p.clone();
    renamed.labs[2].id = "another".to_string();
    assert_eq!(run(&p, 1, 13).demand.spend_usd, run(&renamed, 1, 13).demand.spend_usd);
}

#[test]
fn the_level_of_vector_instructions_changes_no_bit() {
    let p = parameters(6);
    let best = run(&p, 1, 30);
    let mut base = crate::step::tests_support::world(&p);
    base.enterprises.set_level(SimdLevel::baseline());
    crate::step::start::enterprises::start(&mut base, &context(&p, 1, p.month_before_start()));
    for _ in 0..30 {
        step(&mut base, &p, 1);
    }
    assert_eq!(best.demand.spend_usd, base.demand.spend_usd);
    assert_eq!(best.enterprises.workload, base.enterprises.workload);
}

/// Committed volumes by workload and sector, row after row.
fn committed(sums: &Sums) -> impl Iterator<Item = f64> + '_ {
    sums.rows().flat_map(|(a, t)| sums.workloads(a, t)).flatten().map(|&parts| parts as f64 * Sums::PART_USD)
}

#[test]
fn sums_and_counts_are_those_of_what_the_firms_hold() {
    let mut p = parameters(5);
    p.enterprises.count = 500;
    p.incidents.churn_share = 0.5;
    let mut world = started(&p, 3);
    for month in 0..40 {
        world.labs.hit_sector[month % 5] = month % 3;
        world.labs.severity[month % 5] = 1.0;
        step(&mut world, &p, 3);
    }
    let e = &world.enterprises;
    let mut fresh = e.sums.clone();
    fresh.clear();
    let (mut customers, mut multi, mut vendors, mut split) = (vec![0; 6], 0, 0, 0);
    for i in 0..e.len() {
        let mut own = Vec::new();
        for k in i * WORKLOAD_COUNT..(i + 1) * WORKLOAD_COUNT {
            if e.workload[k].first().vendor() != NONE {
                fresh.add(e.workload[k].first(), &e.sums.columns(k % WORKLOAD_COUNT, e.firm[i].segment));
                own.push(e.workload[k].first().vendor());
            }
        }
        own.sort_unstable();
        own.dedup();
        own.iter().for_each(|&v| customers[usize::from(v)] += e.firm[i].parts);
        vendors += own.len() as u64 * e.firm[i].parts;
        multi += if own.len() > 1 { e.firm[i].parts } else { 0 };
        let [coding, knowledge, customer] = e.vendors(i);
        let apart = [coding, knowledge].into_iter().any(|vendor| vendor != NONE && vendor != customer);
        split += if customer != NONE && apart { e.firm[i].parts } else { 0 };
    }
    // Whole parts: not a bit is lost over the months.
    assert_eq!(fresh, e.sums);
    assert_eq!((customers, vendors, multi), (e.counts.customers.clone(), e.counts.vendors, e.counts.multi));
    assert!(split > 0 && split == e.counts.split);
    let d = &world.demand;
    let total: f64 = d.total_usd.iter().sum();
    for parts in [&d.by_sector_usd, &d.by_jurisdiction_usd, &d.by_cloud_usd, &d.spend_usd] {
        assert!((parts.iter().sum::<f64>() / total - 1.0).abs() < 1e-9);
    }
}

#[test]
fn customers_of_a_lab_that_is_excluded_or_gone_choose_again_at_once() {
    let mut p = parameters(3);
    p.mechanisms.adoption = false;
    let mut world = run(&p, 0, 3);
    // Lab 0 is closed to public buyers of the second jurisdiction, lab 1 goes out of business.
    world.labs.excluded_public[1] = true;
    world.labs.alive[1] = false;
    step(&mut world, &p, 0);
    let e = &world.enterprises;
    for i in 0..e.len() {
        for w in 0..WORKLOAD_COUNT {
            let vendor = e.workload[i * WORKLOAD_COUNT + w].first().vendor();
            assert_ne!(vendor, 1);
            if e.firm[i].segment.jurisdiction == 1 && e.firm[i].segment.sector == 2 {
                assert_ne!(vendor, 0);
            }
        }
    }
    assert_eq!(world.demand.total_usd[1], 0.0);
    assert_eq!(count_shares(&world)[1], 0.0);
    assert!(world.demand.switching_rate > 0.3);
}

#[test]
fn without_anyone_to_buy_from_firms_hold_nothing_and_come_back() {
    let p = parameters(1);
    let mut world = run(&p, 0, 2);
    let before = world.demand.adoption.clone();
    world.labs.alive[0] = false;
    step(&mut world, &p, 0);
    assert_eq!(world.demand.total_usd, [0.0, 0.0]);
    assert_eq!(world.demand.adoption_any, 0.0);
    world.labs.alive[0] = true;
    step(&mut world, &p, 0);
    assert!(world.demand.adoption[0] >= before[0]);
}

#[test]
fn open_weights_can_be_hosted_by_the_firm_itself() {
    let p = parameters(3);
    let mut world = crate::step::tests_support::world(&p);
    world.labs.open[2] = true;
    crate::step::start::enterprises::start(&mut world, &context(&p, 0, p.month_before_start()));
    let share = shares(&world)[3];
    assert!((share - p.demand_start.self_hosted_share).abs() < 1e-9, "{share}");
    step(&mut world, &p, 0);
    assert_eq!(world.enterprises.open_lab, 2);
    world.labs.open[2] = false;
    step(&mut world, &p, 0);
    assert_eq!(world.demand.total_usd[3], 0.0);
}

#[test]
fn a_higher_switching_cost_keeps_more_customers() {
    let mut p = parameters(4);
    let rate = |p: &Parameters| run(p, 0, 36).demand.switching_rate;
    let usual = rate(&p);
    p.demand.switching_cost = 8.0;
    let high = rate(&p);
    p.demand.switching_cost = 0.0;
    let none = rate(&p);
    assert!(high < usual && usual < none, "{high} {usual} {none}");
}

#[test]
fn growth_switched_off_leaves_the_market_as_it_was() {
    let mut p = parameters(3);
    (p.mechanisms.spend_growth, p.mechanisms.adoption) = (false, false);
    let world = run(&p, 0, 36);
    let total: f64 = world.demand.total_usd.iter().sum();
    // What is left is the mix of tiers that happens to be chosen anew.
    assert!((total / p.demand_start.enterprise_spend_usd - 1.0).abs() < 0.02, "{total}");
}

#[test]
fn groups_count_all_firms() {
    let p = parameters(2);
    let world = started(&p, 0);
    let firms: u64 = world.enterprises.counts.firms.iter().step_by(WORKLOAD_COUNT).sum();
    assert!((firms as f64 / PARTS - 1.0).abs() < 1e-9);
    assert_eq!(Enterprises::group(&world.dims, 1, 1, 2), 11);
}

#[test]
fn interoperability_lets_the_customers_of_a_dominant_lab_leave() {
    let p = parameters(4);
    let rate = |remedy: f64| {
        let mut world = started(&p, 0);
        world.regulators.remedy_months_left.fill(remedy);
        for _ in 0..36 {
            step(&mut world, &p, 0);
        }
        world.demand.switching_rate
    };
    assert!(rate(1.0) > 1.2 * rate(0.0), "{} and {}", rate(1.0), rate(0.0));
}

#[test]
fn weights_that_are_banned_are_hosted_by_nobody_and_the_next_best_by_few() {
    let p = parameters(4);
    let share = |banned: bool, other_open: bool| {
        let mut world = crate::step::tests_support::world(&p);
        world.labs.open[2] = true;
        world.labs.open[3] = other_open;
        world.labs.eci[3] = 140.0;
        crate::step::start::enterprises::start(&mut world, &context(&p, 0, p.month_before_start()));
        world.regulators.outlawed[2 * 2..3 * 2].fill(banned);
        for _ in 0..24 {
            step(&mut world, &p, 0);
        }
        shares(&world)[4]
    };
    let (free, next, none) = (share(false, true), share(true, true), share(true, false));
    assert!(next < free && none < next, "{free} {next} {none}");
}

#[test]
fn under_a_law_that_lays_harm_on_labs_indemnity_wins_no_customers() {
    let mut p = parameters(2);
    only_choice(&mut p);
    p.demand.liability_weight = 4.0;
    p.labs[0].values.parameters.indemnity = 0.0;
    p.labs[1].values.parameters.indemnity = 1.0;
    let utility = |shifted: f64| {
        let mut world = crate::step::tests_support::world(&p);
        crate::step::start::enterprises::start(&mut world, &context(&p, 0, p.month_before_start()));
        world.labs.quality_start.fill(0.0);
        world.regulators.liability_shifted.fill(shifted);
        step(&mut world, &p, 0);
        world.enterprises.utility[1] - world.enterprises.utility[0]
    };
    let (buyers, half, labs) = (utility(0.0), utility(0.5), utility(1.0));
    assert!(buyers > 0.5 && (half - 0.5 * buyers).abs() < 1e-3 && labs.abs() < 1e-5, "{buyers} {half} {labs}");
}

#[test]
fn who_hosts_weights_that_are_banned_chooses_anew_at_once_and_others_do_not() {
    let p = parameters(4);
    let mut world = crate::step::tests_support::world(&p);
    world.labs.open[2] = true;
    crate::step::start::enterprises::start(&mut world, &context(&p, 0, p.month_before_start()));
    step(&mut world, &p, 0);
    let hosting = |world: &World, g: usize| world.demand.by_jurisdiction_usd[4 * 2 + g];
    let before = [hosting(&world, 0), hosting(&world, 1)];
    assert!(before.iter().all(|usd| *usd > 0.0));
    world.regulators.outlawed[2 * 2] = true;
    step(&mut world, &p, 0);
    assert_eq!(hosting(&world, 0), 0.0);
    assert!(hosting(&world, 1) > 0.7 * before[1]);
}

#[test]
fn weights_outlive_the_lab_that_published_them() {
    let p = parameters(3);
    let mut world = crate::step::tests_support::world(&p);
    world.labs.open[2] = true;
    crate::step::start::enterprises::start(&mut world, &context(&p, 0, p.month_before_start()));
    step(&mut world, &p, 0);
    (world.labs.alive[2], world.labs.sells[2]) = (false, false);
    step(&mut world, &p, 0);
    assert_eq!(world.demand.total_usd[2], 0.0);
    assert!(world.demand.total_usd[3] > 0.0 && world.enterprises.open_lab == 2);
}

#[test]
fn second_sources_that_are_withdrawn_give_their_volume_back() {
    let mut p = parameters(4);
    p.orchestration_start.share = 0.5;
    let mut world = crate::step::tests_support::world(&p);
    let ctx = context(&p, 0, p.month_before_start());
    crate::step::start::tools::start(&mut world, &ctx);
    crate::step::start::enterprises::start(&mut world, &ctx);
    (0..18).for_each(|_| step(&mut world, &p, 0));
    let volume = |world: &World| committed(&world.enterprises.sums).sum::<f64>();
    let (before, held) = (volume(&world), world.enterprises.counts.vendors);
    assert!(world.enterprises.workload.iter().any(|workload| workload.second().parts > 0));
    withdraw_second_sources(&mut world);
    assert!((volume(&world) / before - 1.0).abs() < 1e-9);
    assert!(world.enterprises.workload.iter().all(|workload| workload.second().vendor() == NONE));
    let sums = &world.enterprises.sums;
    assert!(sums.rows().all(|(a, t)| sums.routed(a, t) == 0));
    assert_eq!(world.enterprises.counts.vendors, held);
}
