//! Orchestration platforms and governance tools at the start.

use crate::mechanisms::entry::vendors_in_the_long_run;
use crate::step::Context;
use crate::step::tools::earn;
use crate::world::{World, refill};

/// Writes who uses what at the start; before enterprises, whose utility depends on it.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let t = &mut world.tools;
    t.orchestrate = if p.mechanisms.orchestration { p.orchestration_start.share } else { 0.0 };
    let users = if p.mechanisms.governance_tools { p.governance_tools_start.share } else { 0.0 };
    refill(&mut t.users, world.dims.jurisdictions, users);
    (t.orchestration_vendors, t.orchestration_revenue_usd, t.orchestration_profit_usd) = (0.0, 0.0, 0.0);
    (t.governance_vendors, t.governance_tools_revenue_usd, t.governance_profit_usd) = (0.0, 0.0, 0.0);
    t.compliance_revenue_usd = 0.0;
}

/// Sets revenue of the start, and as many vendors as it bears; once rates of revenue stand.
pub fn enter(world: &mut World, ctx: &Context) {
    earn(world, ctx);
    let p = ctx.parameters;
    let t = &mut world.tools;
    if p.mechanisms.orchestration {
        t.orchestration_vendors = vendors_in_the_long_run(t.orchestration_revenue_usd, p.orchestration.fixed_cost_usd);
    }
    if p.mechanisms.governance_tools {
        let revenue = t.governance_tools_revenue_usd + t.compliance_revenue_usd;
        t.governance_vendors = vendors_in_the_long_run(revenue, p.governance_tools.fixed_cost_usd);
    }
}
