//! Orchestration platforms and governance tools for a month (section 3.16): who uses them, and what their vendors earn.

use crate::mechanisms::diffusion::{Rates, users_after};
use crate::mechanisms::{entry, governance_tools};
use crate::step::Context;
use crate::units::Usd;
use crate::world::World;
use crate::world::ledger::{Flow, Sector};

/// Lets the use of both spread, on what firms used at the end of the last month.
pub fn spread(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let several = world.demand.multi_model_share;
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
    }
    if p.mechanisms.governance_tools {
        let (o, revenue) = (&p.governance_tools, t.governance_tools_revenue_usd + t.compliance_revenue_usd);
        t.governance_vendors =
            entry::vendors_after(t.governance_vendors, revenue, o.fixed_cost_usd, o.entry_lag_years, ctx.dt);
        t.governance_profit_usd = entry::profit(t.governance_vendors, revenue, o.fixed_cost_usd);
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
