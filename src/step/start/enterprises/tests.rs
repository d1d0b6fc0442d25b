use super::*;
use crate::step::tests_support::{only_choice, parameters, shares, started};
use crate::world::enterprises::Enterprises;

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * b.abs().max(1e-300), "{a} for {b}");
}

#[test]
fn strata_hold_all_firms_and_all_spend_and_none_is_large() {
    for (n, sd) in [(1, 2.1), (7, 2.1), (2000, 2.1), (2000, 0.0), (50_000, 5.0)] {
        let mut strata = Strata::default();
        strata.lay(n, sd);
        let count: Vec<f64> = strata.parts.iter().map(|&parts| parts as f64 / PARTS).collect();
        // Of each the rest below a part is cut off.
        close(count.iter().sum(), 1.0, 1e-12 + n as f64 / PARTS);
        close(strata.spend.iter().sum(), 1.0, 1e-12);
        assert!(count.iter().chain(&strata.spend).all(|&x| x >= 0.0 && x <= 2.1 / n as f64));
        // In order of size, where the shares are far from the rounding of their sums.
        let known = strata.spend.iter().zip(&count).filter(|(s, c)| **s > 1e-9 && **c > 1e-9);
        let size: Vec<f64> = known.map(|(s, c)| s / c).collect();
        assert!(size.windows(2).all(|w| w[0] <= w[1] * (1.0 + 1e-6)));
    }
}

#[test]
fn spend_by_sector_and_jurisdiction_is_as_declared() {
    let p = parameters(3);
    let world = started(&p, 0);
    let e = &world.enterprises;
    for (s, sector) in p.sectors.iter().enumerate() {
        let share: f64 =
            (0..e.len()).filter(|&i| usize::from(e.firm[i].segment.sector) == s).map(|i| e.weight[i]).sum();
        close(share, sector.values.spend_share, 1e-9);
    }
    for (g, jurisdiction) in p.jurisdictions.iter().enumerate() {
        let share: f64 =
            (0..e.len()).filter(|&i| usize::from(e.firm[i].segment.jurisdiction) == g).map(|i| e.weight[i]).sum();
        close(share, jurisdiction.values.enterprise_share, 1e-9);
    }
}

#[test]
fn spend_by_workload_and_vendor_is_as_observed() {
    let mut p = parameters(4);
    for (j, (all, coding)) in [(0.5, 0.6), (0.3, 0.3), (0.195, 0.1), (0.005, 0.0)].into_iter().enumerate() {
        p.labs[j].values.start.enterprise_share = all;
        p.labs[j].values.start.coding_share = coding;
    }
    for run in 0..5 {
        let world = started(&p, run);
        let d = &world.demand;
        let total: f64 = d.total_usd.iter().sum();
        close(total, p.demand_start.enterprise_spend_usd, 1e-9);
        for (j, share) in [0.5, 0.3, 0.195, 0.005].into_iter().enumerate() {
            close(d.total_usd[j] / total, share, 1e-9);
        }
        let coding: Vec<f64> = (0..4).map(|a| d.spend_usd[a * 6] + d.spend_usd[a * 6 + 1]).collect();
        close(coding.iter().sum::<f64>() / total, p.demand_start.coding_spend_share, 1e-9);
        close(coding[0] / coding.iter().sum::<f64>(), 0.6, 1e-9);
        assert_eq!(coding[3], 0.0);
        assert_eq!(d.total_usd[4], 0.0, "nobody offers open weights");
        for parts in [&d.by_sector_usd, &d.by_jurisdiction_usd, &d.by_cloud_usd, &d.spend_usd] {
            close(parts.iter().sum(), total, 1e-9);
        }
    }
}

#[test]
fn adoption_at_the_start_is_as_declared_and_higher_among_the_tech_forward() {
    let p = parameters(2);
    let world = started(&p, 3);
    let s = &p.demand_start;
    for (w, rate) in [s.adoption_coding, s.adoption_knowledge, s.adoption_customer].into_iter().enumerate() {
        assert!((world.demand.adoption[w] - rate).abs() < 0.05, "{:?}", world.demand.adoption);
    }
    let e = &world.enterprises;
    let rate = |forward: bool| {
        let firms = || (0..e.len()).filter(move |&i| e.forward[i] == forward);
        firms().filter(|&i| e.workload[i * 3].first().vendor() != NONE).count() as f64 / firms().count() as f64
    };
    assert!(rate(true) > 1.4 * rate(false));
}

#[test]
fn fitted_quality_is_what_the_shares_demand() {
    let mut p = parameters(2);
    only_choice(&mut p);
    p.mechanisms.switching_costs = false;
    for (j, share) in [0.8, 0.2].into_iter().enumerate() {
        p.labs[j].values.start.enterprise_share = share;
        p.labs[j].values.start.coding_share = share;
    }
    let world = started(&p, 0);
    let gap = world.labs.quality[0] - world.labs.quality[WORKLOAD_COUNT];
    assert!((gap - crate::math::ln(4.0)).abs() < 5e-3, "{gap}");
}

#[test]
fn a_lab_banned_in_a_jurisdiction_has_no_customer_there() {
    let p = parameters(3);
    let mut world = crate::step::tests_support::world(&p);
    world.labs.excluded[1] = true;
    start(&mut world, &crate::step::tests_support::context(&p, 0, p.month_before_start()));
    assert_eq!(world.demand.by_jurisdiction_usd[1], 0.0);
    assert!(world.demand.by_jurisdiction_usd[0] > 0.0);
    close(shares(&world)[0], 1.0 / 3.0, 1e-9);
}

#[test]
fn worlds_of_a_few_firms_or_one_lab_start_too() {
    for (labs, firms) in [(1, 1), (10, 1), (10, 7), (64, 50), (1, 2000)] {
        let mut p = parameters(labs);
        p.enterprises.count = firms;
        let world = started(&p, 1);
        assert!(world.demand.total_usd.iter().all(|x| x.is_finite()));
        assert!(world.labs.quality.iter().all(|q| q.is_finite()));
        assert_eq!(world.enterprises.len(), firms as usize);
    }
}

#[test]
fn a_worker_that_starts_again_finds_the_same_world() {
    let p = parameters(5);
    let fresh = started(&p, 9);
    let mut used = started(&p, 4);
    for run in [4, 9] {
        start(&mut used, &crate::step::tests_support::context(&p, run, p.month_before_start()));
    }
    assert_eq!(fresh.demand.spend_usd, used.demand.spend_usd);
    assert_eq!(fresh.enterprises.workload, used.enterprises.workload);
    assert_eq!(fresh.labs.quality, used.labs.quality);
    assert_eq!(fresh.enterprises.clock, used.enterprises.clock);
}

#[test]
fn clocks_ring_in_order() {
    let p = parameters(2);
    let world = started(&p, 0);
    let e = &world.enterprises;
    let waiting = e.workload.iter().filter(|workload| workload.first().vendor() == NONE).count();
    assert_eq!(e.clock.len(), waiting);
    for (&from, &to) in e.clock_next.iter().zip(&e.clock_end) {
        assert!(e.clock[from as usize..to as usize].is_sorted());
        for &entry in &e.clock[from as usize..to as usize] {
            let i = (entry as u32) as usize / WORKLOAD_COUNT;
            let group = Enterprises::group(
                &world.dims,
                e.firm[i].segment.sector.into(),
                e.firm[i].segment.jurisdiction.into(),
                (entry as u32) as usize % WORKLOAD_COUNT,
            );
            assert_eq!(e.clock_next[group], from);
        }
    }
}
