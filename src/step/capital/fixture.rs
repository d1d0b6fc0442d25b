//! A small world for tests of capital and regulation, written by hand.

use crate::math::exp;
use crate::mechanisms::compute::STAGES;
use crate::mechanisms::investors::InvestorKind;
use crate::random::{Draws, key_of};
use crate::scenario::Parameters;
use crate::scenario::parameters::{Agent, Cloud, Jurisdiction, Lab, RegulatorValues};
use crate::step::start::{investors, regulators};
use crate::step::{Context, posture};
use crate::units::{Month, Usd};
use crate::world::{Dims, World, refill};

fn agent<T>(id: String, values: T) -> Agent<T> {
    Agent { key: key_of(&id), id, values }
}

/// Parameters with so many independent labs and so many kinds of investor, 20 of each, three jurisdictions of which the first two
/// have regulators, and two clouds. Labs 2, 4 and so on are Chinese, and so is the money of kind 2; that of kind 1 is strategic.
pub fn parameters(labs: usize, kinds: usize) -> Parameters {
    let mut p = Parameters::default();
    for id in ["us", "eu", "china"] {
        p.jurisdictions.push(agent(id.to_string(), Jurisdiction::default()));
    }
    for id in ["us", "eu"] {
        p.regulators.push(agent(id.to_string(), RegulatorValues::default()));
    }
    for n in 0..2 {
        p.clouds.push(agent(format!("cloud{n}"), Cloud::default()));
    }
    for n in 0..labs {
        let mut lab = Lab::default();
        lab.start.cash_usd = 10e9;
        lab.start.run_rate_usd = 5e9 * (n + 1) as f64;
        lab.start.growth_per_year = 1.4;
        lab.start.last_round_post_money_usd = 100e9;
        if n % 2 == 0 && n > 1 {
            lab.identity.jurisdiction = "china".to_string();
        }
        p.labs.push(agent(format!("lab{n}"), lab));
    }
    for n in 0..kinds {
        let kind = InvestorKind { inflow_usd_per_year: 40e9, strategic: n == 1, ..InvestorKind::default() };
        p.investors.push(agent(format!("kind{n}"), kind));
    }
    if kinds > 1 {
        for cloud in ["cloud0", "cloud1"] {
            p.investors[1].values.groups.insert(cloud.to_string(), 0.2);
        }
        p.investors[1].values.chip_maker_share = 0.2;
    }
    if kinds > 2 {
        p.investors[2].values.jurisdiction = "china".to_string();
    }
    p
}

/// The context of the step that ends `step` months after January 2026.
pub fn context(p: &Parameters, step: i32) -> Context<'_> {
    Context::new(p, Draws::new(11, 0), Month::new(2026, 1).plus(step))
}

/// A world with these parameters: labs alive, selling in proportion everywhere, half of their compute owned.
pub fn world(p: &Parameters) -> World {
    let mut w = World::default();
    let (l, c, j) = (p.labs.len(), p.clouds.len(), p.jurisdictions.len());
    w.dims = Dims {
        labs: l,
        alternatives: l + 1,
        clouds: c,
        investors: p.investors.iter().map(|k| k.values.count as usize).sum(),
        kinds: p.investors.len(),
        jurisdictions: j,
        sectors: p.sectors.len(),
    };
    w.month = Month::new(2025, 12);
    w.environment.climate = p.environment_start.climate as usize;
    w.ledger.reset(l, c, w.dims.investors);
    w.capital.reset(&w.dims);
    let labs = &mut w.labs;
    for column in [
        &mut labs.owned_h100e,
        &mut labs.rented_h100e,
        &mut labs.budget_usd,
        &mut labs.run_rate_usd,
        &mut labs.run_rate_before_usd,
        &mut labs.burn_usd,
        &mut labs.runway_months,
        &mut labs.expected_growth,
        &mut labs.compliance_share,
        &mut labs.legal_share,
        &mut labs.valuation_usd,
        &mut labs.sentiment,
        &mut labs.last_round_usd,
        &mut labs.months_since_round,
        &mut labs.dilution,
        &mut labs.outside_control,
        &mut labs.distress_months,
        &mut labs.raised_usd,
        &mut labs.safety,
        &mut labs.serving_cost_usd,
        &mut labs.capex_usd,
        &mut labs.profit_usd,
    ] {
        refill(column, l, 0.0);
    }
    for column in [
        &mut labs.commitments_usd,
        &mut labs.commitments_paid_usd,
        &mut labs.rented_by_cloud_h100e,
        &mut labs.raised_from_cloud_usd,
    ] {
        refill(column, l * c, 1.0);
    }
    refill(&mut labs.cloud_plan, l * c, 0.5);
    refill(&mut w.clouds.rental_usd, c, 1.5);
    let labs = &mut w.labs;
    refill(&mut labs.hour_ratio_start, l, 1.0);
    refill(&mut labs.ordered_h100e, l * STAGES, 1.0);
    refill(&mut labs.trust, l * j, 0.5);
    refill(&mut labs.bad_evidence, l * j, 4.0);
    refill(&mut labs.thin_evidence, l * j, 0.0);
    refill(&mut labs.published_eci, l, f64::NAN);
    refill(&mut labs.takeover_h100e, l, 0.0);
    refill(&mut labs.loss_hazard, l * j, 0.0);
    refill(&mut labs.excluded_public, l * j, false);
    refill(&mut labs.excluded, l * j, false);
    refill(&mut labs.alive, l, true);
    refill(&mut labs.sells, l, true);
    refill(&mut labs.defaulted, l, false);
    refill(&mut labs.division, l, false);
    for (i, lab) in p.labs.iter().enumerate() {
        let s = &lab.values.start;
        labs.division[i] = !lab.values.identity.owner.is_empty();
        labs.run_rate_usd[i] = s.run_rate_usd;
        labs.run_rate_before_usd[i] = s.run_rate_usd * exp(-s.growth_per_year / 12.0);
        labs.expected_growth[i] = s.growth_per_year;
        labs.last_round_usd[i] = s.last_round_post_money_usd;
        labs.runway_months[i] = 24.0;
        labs.burn_usd[i] = 5e9;
        labs.owned_h100e[i] = 1e4;
        labs.safety[i] = 0.5;
        let account = w.ledger.lab(i);
        w.ledger.open(account, Usd(s.cash_usd), Usd(1e9), Usd(s.debt_usd + 1e8));
    }
    w.demand.by_jurisdiction_usd = vec![1e9; (l + 1) * j];
    let ctx = Context::new(p, Draws::new(11, 0), Month::new(2025, 12));
    posture::start(&mut w, &ctx);
    regulators::start(&mut w, &ctx);
    investors::start(&mut w, &ctx);
    w
}
