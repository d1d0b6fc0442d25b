//! Orchestration platforms and governance tools for a month (section 3.16): who uses them, and what their vendors earn.

use crate::mechanisms::diffusion::{Rates, users_after};
use crate::mechanisms::{entry, governance_tools};
use crate::step::{Context, demand};
use crate::units::Usd;
use crate::world::World;
use crate::world::ledger::{Flow, Sector};

/// Lets the use of both spread, on what firms used at the end of the last month.
pub fn spread(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let several = world.demand.multi_model_share;
    if !p.mechanisms.orchestration && world.tools.orchestrate > 0.0 {
        demand::withdraw_second_sources(world);
    }
    let t = &mut world.tools;
    if p.mechanisms.orchestration {
        let o = &p.orchestration;
        let rates = Rates {
            innovation: o.innovation_per_year,
            imitation: o.imitation_per_year,
            abandonment: o.abandonment_per_year,
        };
        t.orchestrate = users_after(t.orchestrate, several, rates, ctx.dt);
    } else {
        t.orchestrate = 0.0;
    }
    let o = &p.governance_tools;
    let rates = Rates {
        innovation: o.innovation_per_year,
        imitation: o.imitation_per_year,
        abandonment: o.abandonment_per_year,
    };
    for (users, &audits) in t.users.iter_mut().zip(&world.regulators.audits_in_force) {
        *users = if p.mechanisms.governance_tools {
            users_after(*users, governance_tools::potential(several, audits, o.voluntary_share), rates, ctx.dt)
        } else {
            0.0
        };
    }
}

/// Share of the demand for an alternative that is served.
fn service(world: &World, alternative: usize) -> f64 {
    if alternative < world.dims.labs { world.labs.reliability[alternative] } else { world.clouds.hosting_served }
}

/// Sets revenue of both categories, USD per year: fees on spend that is routed, and prices of tools on spend that is watched.
pub(in crate::step) fn earn(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (a, g) = (world.dims.alternatives, world.dims.jurisdictions);
    let routed: f64 = (0..a).map(|a| world.demand.routed_usd[a] * service(world, a)).sum();
    let mut tools = 0.0;
    for place in 0..g {
        let spend: f64 = (0..a).map(|a| world.demand.by_jurisdiction_usd[a * g + place] * service(world, a)).sum();
        tools += governance_tools::revenue(world.tools.users[place], spend, p.governance_tools.price_share);
    }
    let labs = &world.labs;
    let compliance: f64 = labs.compliance_share.iter().zip(&labs.run_rate_usd).map(|(share, r)| share * r).sum();
    let t = &mut world.tools;
    t.orchestration_revenue_usd = if p.mechanisms.orchestration { p.orchestration.fee_share * routed } else { 0.0 };
    t.governance_tools_revenue_usd = tools;
    t.compliance_revenue_usd = compliance;
}

/// Vendors enter or leave, enterprises pay for what they use, and vendors pay their costs. Labs have paid for compliance already.
pub fn pay(world: &mut World, ctx: &Context) {
    earn(world, ctx);
    let p = ctx.parameters;
    let t = &mut world.tools;
    if p.mechanisms.orchestration {
        let (o, revenue) = (&p.orchestration, t.orchestration_revenue_usd);
        t.orchestration_vendors =
            entry::vendors_after(t.orchestration_vendors, revenue, o.fixed_cost_usd, o.entry_lag_years, ctx.dt);
        t.orchestration_profit_usd = entry::profit(t.orchestration_vendors, revenue, o.fixed_cost_usd);
    } else {
        (t.orchestration_vendors, t.orchestration_profit_usd) = (0.0, 0.0);
    }
    if p.mechanisms.governance_tools {
        let (o, revenue) = (&p.governance_tools, t.governance_tools_revenue_usd + t.compliance_revenue_usd);
        t.governance_vendors =
            entry::vendors_after(t.governance_vendors, revenue, o.fixed_cost_usd, o.entry_lag_years, ctx.dt);
        t.governance_profit_usd = entry::profit(t.governance_vendors, revenue, o.fixed_cost_usd);
    } else {
        (t.governance_vendors, t.governance_profit_usd) = (0.0, 0.0);
    }
    let bills = [
        (
            p.mechanisms.orchestration,
            Sector::Orchestration,
            t.orchestration_revenue_usd,
            t.orchestration_revenue_usd - t.orchestration_profit_usd,
        ),
        (
            p.mechanisms.governance_tools,
            Sector::GovernanceVendors,
            t.governance_tools_revenue_usd,
            t.governance_tools_revenue_usd + t.compliance_revenue_usd - t.governance_profit_usd,
        ),
    ];
    let (buyers, staff) = (world.ledger.sector(Sector::Enterprises), world.ledger.sector(Sector::Staff));
    for (_, vendors, revenue, costs) in bills.into_iter().filter(|bill| bill.0) {
        let vendors = world.ledger.sector(vendors);
        world.ledger.pay(buyers, vendors, Usd(revenue * ctx.dt), Flow::Current);
        world.ledger.pay(vendors, staff, Usd(costs * ctx.dt), Flow::Current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::kernels::NONE;
    use crate::scenario::Parameters;
    use crate::scenario::parameters::WORKLOAD_COUNT;
    use crate::step::start;
    use crate::step::tests_support::{context, parameters, step, world as empty};
    use crate::world::labs::TIERS;
    use crate::world::refill;

    /// A world whose firms orchestrate at the start.
    fn open(p: &Parameters, run: u64) -> World {
        let mut world = empty(p);
        let ctx = context(p, run, p.month_before_start());
        refill(&mut world.labs.compliance_share, p.labs.len(), 0.0);
        refill(&mut world.labs.run_rate_usd, p.labs.len(), 0.0);
        start::tools::start(&mut world, &ctx);
        start::enterprises::start(&mut world, &ctx);
        world
    }

    fn live(world: &mut World, p: &Parameters, run: u64, steps: usize) {
        for _ in 0..steps {
            let ctx = context(p, run, world.month.plus(p.months_per_step()));
            spread(world, &ctx);
            step(world, p, run);
        }
    }

    fn scenario() -> Parameters {
        let mut p = parameters(4);
        p.enterprises.count = 1500;
        p.orchestration_start.share = 0.1;
        p
    }

    #[test]
    fn orchestration_at_the_start_moves_no_share() {
        let (mut p, mut q) = (scenario(), scenario());
        p.orchestration_start.share = 0.3;
        q.mechanisms.orchestration = false;
        let (with, without) = (open(&p, 0), open(&q, 0));
        for (a, b) in with.demand.total_usd.iter().zip(&without.demand.total_usd) {
            assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} {b}");
        }
        let routed: f64 = with.demand.routed_usd.iter().sum();
        assert!(routed > 0.1 * with.demand.total_usd.iter().sum::<f64>());
        assert!(without.demand.routed_usd.iter().all(|&x| x == 0.0));
    }

    #[test]
    fn orchestration_spreads_among_users_of_several_models_only_and_as_the_logistic_does() {
        let mut p = scenario();
        (p.orchestration.innovation_per_year, p.mechanisms.adoption) = (0.0, false);
        let mut world = open(&p, 0);
        world.demand.multi_model_share = 0.4;
        for _ in 0..36 {
            let ctx = context(&p, 0, world.month.plus(1));
            spread(&mut world, &ctx);
        }
        let exact = 0.4 * crate::math::logistic(3.0 * p.orchestration.imitation_per_year - 3.0f64.ln());
        assert!((world.tools.orchestrate - exact).abs() < 1e-9, "{} for {exact}", world.tools.orchestrate);
    }

    #[test]
    fn sums_of_spend_count_both_sources_and_routed_spend_is_that_of_orchestrated_workloads() {
        let p = scenario();
        let mut world = open(&p, 2);
        live(&mut world, &p, 2, 30);
        let e = &world.enterprises;
        let mut fresh = e.sums.clone();
        fresh.clear();
        let mut seconds = 0;
        for k in 0..e.workload.len() {
            let (first, second) = (e.workload[k].first(), e.workload[k].second());
            let routed = second.vendor() != NONE;
            let columns = e.sums.columns(k % WORKLOAD_COUNT, e.firm[k / WORKLOAD_COUNT].segment);
            for source in [first, second].into_iter().filter(|source| source.vendor() != NONE) {
                fresh.add(source, &columns);
            }
            if routed {
                fresh.route([first, second]);
            }
            seconds += usize::from(routed && second.vendor() != first.vendor());
        }
        assert!(seconds > 50, "{seconds}");
        assert_eq!(fresh, e.sums);
        let d = &world.demand;
        assert!((d.spend_usd.iter().sum::<f64>() / d.by_cloud_usd.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(d.routed_usd.iter().zip(&d.total_usd).all(|(r, t)| *r <= t * (1.0 + 1e-9)));
        let light: f64 = d.spend_usd.iter().skip(1).step_by(TIERS).sum();
        assert!(light > 0.0);
    }

    #[test]
    fn orchestration_makes_firms_switch_more() {
        // Paired runs: the same draws but for the switch.
        let rate = |on: bool| {
            let mut p = scenario();
            p.mechanisms.orchestration = on;
            p.orchestration_start.share = 0.5;
            p.orchestration.switching_cost_cut = 0.8;
            let rates = (0..4).map(|run| {
                let mut world = open(&p, run);
                live(&mut world, &p, run, 24);
                world.demand.switching_rate
            });
            rates.sum::<f64>()
        };
        let (with, without) = (rate(true), rate(false));
        assert!(with > 1.1 * without, "{with} against {without}");
    }

    #[test]
    fn tools_narrow_the_gap_that_trust_opens_between_labs() {
        let gap = |users: f64| {
            let mut p = parameters(2);
            p.governance_tools_start.share = users;
            p.governance_tools.trust_narrowing = 0.5;
            let mut world = open(&p, 0);
            // Two jurisdictions: the first lab is trusted more in both.
            (world.labs.trust[0], world.labs.trust[1], world.labs.trust[2], world.labs.trust[3]) = (0.8, 0.8, 0.4, 0.4);
            let ctx = context(&p, 0, world.month.plus(1));
            let offers = crate::step::demand::utility::offers(&mut world, &p);
            crate::step::demand::utility::refresh(&mut world, &ctx, &offers);
            f64::from(world.enterprises.utility[0] - world.enterprises.utility[1])
        };
        let (none, half, all) = (gap(0.0), gap(0.5), gap(1.0));
        assert!(none > half && half > all && all > 0.0, "{none} {half} {all}");
    }

    #[test]
    fn revenue_of_tools_is_adopters_spend_times_use_times_price_and_of_platforms_a_fee_on_what_is_routed() {
        let p = scenario();
        let mut world = open(&p, 0);
        world.clouds.hosting_served = 1.0;
        live(&mut world, &p, 0, 6);
        (world.tools.users[0], world.tools.users[1]) = (0.4, 0.0);
        let ctx = context(&p, 0, world.month);
        earn(&mut world, &ctx);
        let spend: f64 = world.demand.by_jurisdiction_usd.iter().step_by(2).sum();
        let price = p.governance_tools.price_share;
        assert!((world.tools.governance_tools_revenue_usd / (0.4 * spend * price) - 1.0).abs() < 1e-9);
        let routed: f64 = world.demand.routed_usd.iter().sum();
        assert!((world.tools.orchestration_revenue_usd / (routed * p.orchestration.fee_share) - 1.0).abs() < 1e-9);
    }
}
