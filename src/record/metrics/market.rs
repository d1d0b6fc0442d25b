//! Metrics of the market.

use super::{
    Metric, View, enterprise_spend, lived, row, sector_spend, service, share, spend_on, sum_over, workload_spend,
};
use crate::math::{exp, ln};
use crate::mechanisms::concentration::{dissimilarity, hhi};
use crate::mechanisms::spend::price_in_use;
use crate::mechanisms::surplus::surplus_ratio;
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::step::demand::published_cost_ratio;
use crate::world::labs::TIERS;

/// Capability that the frontier gained a year before the start, to date open models that lag beyond the start; ECI per year.
///
/// Source: `capability_eci_frontier`, 2024 and 2025.
const FRONTIER_SLOPE_BEFORE: f64 = 13.0;

/// Metrics of the market.
pub const MARKET: &[Metric] = &[
    row(
        "enterprise_spend_usd",
        "USD per year",
        true,
        "spend of enterprises on models that is served and billed",
        |v, _| enterprise_spend(v),
    ),
    row("lab_revenue_usd", "USD per year", true, "run-rate of all labs", |v, _| v.world.labs.run_rate_usd.iter().sum()),
    row(
        "hhi",
        "index, 0 to 1",
        true,
        "Herfindahl-Hirschman index of enterprise spend by vendor; self-hosted open weights count as one",
        |v, _| hhi((0..v.world.dims.alternatives).map(|a| spend_on(v, a))),
    ),
    row(
        "segmentation_index",
        "fraction",
        true,
        "index of dissimilarity of workloads by vendor: 0 when all workloads buy alike, 1 when no vendor sells to two of them",
        |v, _| dissimilarity(v.world.dims.alternatives, WORKLOAD_COUNT, |a, w| workload_spend(v, a, w)),
    ),
    row(
        "sector_segmentation_index",
        "fraction",
        false,
        "index of dissimilarity of sectors by vendor: 0 when all sectors buy alike, 1 when no vendor sells to two of them",
        |v, _| dissimilarity(v.world.dims.alternatives, v.world.dims.sectors, |a, s| sector_spend(v, a, s)),
    ),
    row(
        "bloc_segmentation",
        "fraction",
        true,
        "mean distance of vendors' shares by jurisdiction from their shares overall: 0 when all buy alike, 1 when none share a vendor",
        blocs,
    ),
    row("multi_model_share", "fraction", true, "share of adopting enterprises that use two vendors or more", |v, _| {
        v.world.demand.multi_model_share
    }),
    row(
        "split_by_use_share",
        "fraction",
        false,
        "share of all enterprises whose customer-facing work is with another vendor than their coding or their knowledge work",
        split_by_use,
    ),
    row("vendors_per_firm", "vendors", true, "vendors per adopting enterprise", |v, _| v.world.demand.vendors_per_firm),
    row(
        "switching_rate",
        "1 per year",
        true,
        "share of adopted workloads that change their vendor in a year",
        |v, _| lived(v, v.world.demand.switching_rate),
    ),
    row("open_weights_share", "fraction", true, "share of enterprise spend on open weights, hosted or not", |v, _| {
        let l = v.world.dims.labs;
        // Of a lab that has closed, what hosts still serve.
        let labs = &v.world.labs;
        let on = |i: usize| if labs.open[i] { spend_on(v, i) } else { labs.hosted_usd[i] };
        let open: f64 = (0..l).map(on).sum();
        share(open + spend_on(v, l), enterprise_spend(v))
    }),
    row("adoption_share", "fraction", true, "share of enterprises that have adopted in some workload", |v, _| {
        v.world.demand.adoption_any
    }),
    row(
        "other_business_adoption",
        "fraction",
        true,
        "share of small firms in the United States that pay any vendor (observation operator for Ramp)",
        |v, _| v.world.other_business.adoption,
    ),
    row("other_business_vendors", "vendors", false, "vendors per small firm that pays any", |v, _| {
        share(v.world.other_business.paid_adoption.iter().sum(), v.world.other_business.adoption)
    }),
    row(
        "mean_price_usd_per_mtok",
        "USD per million tokens",
        true,
        "price paid by enterprises, weighted by spend",
        |v, _| v.world.demand.mean_price_usd,
    ),
    row(
        "applications_revenue_usd",
        "USD per year",
        true,
        "revenue of application vendors, without the labs' own seats",
        |v, _| v.world.applications.revenue_usd,
    ),
    row(
        "applications_model_cost_usd",
        "USD per year",
        false,
        "what application vendors pay labs for models",
        |v, _| v.world.applications.model_cost_usd,
    ),
    row(
        "orchestration_share",
        "fraction",
        true,
        "share of adopting enterprises that route their work among models with a platform",
        |v, _| v.world.tools.orchestrate,
    ),
    row("orchestration_revenue_usd", "USD per year", true, "revenue of orchestration platforms", |v, _| {
        v.world.tools.orchestration_revenue_usd
    }),
    row("orchestration_vendors", "vendors", false, "vendors of orchestration platforms", |v, _| {
        v.world.tools.orchestration_vendors
    }),
    row(
        "governance_tools_revenue_usd",
        "USD per year",
        true,
        "revenue from tools of audit, monitoring and policy enforcement, without what labs pay for compliance",
        |v, _| v.world.tools.governance_tools_revenue_usd,
    ),
    row(
        "governance_tools_share",
        "fraction",
        false,
        "share of enterprise spend on models that such tools watch",
        |v, _| {
            let (d, t) = (&v.world.demand.by_jurisdiction_usd, &v.world.tools.users);
            share(d.chunks_exact(t.len()).flat_map(|row| row.iter().zip(t)).map(|(x, u)| x * u).sum(), d.iter().sum())
        },
    ),
    row("governance_tools_vendors", "vendors", false, "vendors of governance tools and audits", |v, _| {
        v.world.tools.governance_vendors
    }),
    row("profit_labs_usd", "USD per year", true, "profit of independent labs", |v, _| lived(v, profit_where(v, false))),
    row(
        "profit_divisions_usd",
        "USD per year",
        true,
        "profit of labs that are divisions of groups, which pay for what they lose",
        |v, _| lived(v, profit_where(v, true)),
    ),
    row("profit_clouds_usd", "USD per year", true, "profit of clouds from AI", |v, _| {
        lived(v, v.world.clouds.profit_usd.iter().sum())
    }),
    row(
        "profit_chips_usd",
        "USD per year",
        true,
        "operating profit of chip makers and builders on what labs and clouds order",
        |v, _| lived(v, v.world.clouds.supplier_profit_usd),
    ),
    row("profit_applications_usd", "USD per year", true, "profit of application vendors", |v, _| {
        v.world.applications.profit_usd
    }),
    row("profit_orchestration_usd", "USD per year", true, "profit of orchestration platforms", |v, _| {
        lived(v, v.world.tools.orchestration_profit_usd)
    }),
    row("profit_governance_usd", "USD per year", true, "profit of vendors of governance tools and audits", |v, _| {
        lived(v, v.world.tools.governance_profit_usd)
    }),
    row(
        "users_surplus_usd",
        "USD per year",
        true,
        "what enterprises, smaller firms and consumers would have paid beyond what they pay for models, seats and applications; free use is not in it",
        |v, _| users_surplus(v),
    ),
    row(
        "applications_profit_share",
        "fraction",
        true,
        "share of application vendors in the positive profits of chips, clouds, labs, applications, orchestration and governance tools",
        |v, _| {
            let w = v.world;
            let positive = |column: &[f64]| column.iter().map(|x| x.max(0.0)).sum::<f64>();
            let tools = w.tools.orchestration_profit_usd.max(0.0) + w.tools.governance_profit_usd.max(0.0);
            let others =
                positive(&w.clouds.profit_usd) + w.clouds.supplier_profit_usd.max(0.0) + positive(&w.labs.profit_usd);
            let own = w.applications.profit_usd.max(0.0);
            lived(v, share(own, own + others + tools))
        },
    ),
    row(
        "infrastructure_profit_share",
        "fraction",
        true,
        "share of clouds, chip makers and builders in the positive profits of clouds, chip makers, builders and labs; application vendors and users are in neither",
        |v, _| {
            let clouds: f64 = v.world.clouds.profit_usd.iter().map(|x| x.max(0.0)).sum();
            let labs: f64 = v.world.labs.profit_usd.iter().map(|x| x.max(0.0)).sum();
            let infrastructure = clouds + v.world.clouds.supplier_profit_usd.max(0.0);
            lived(v, share(infrastructure, infrastructure + labs))
        },
    ),
    row("safety_funding_share", "fraction", false, "share of labs' research compute that goes to safety", |v, _| {
        let labs = &v.world.labs;
        let safety: f64 = labs.safety_h100e.iter().sum();
        share(safety, safety + labs.research_h100e.iter().sum::<f64>() + labs.training_h100e.iter().sum::<f64>())
    }),
    row("frontier_eci", "ECI", true, "best capability of all labs", |v, _| v.world.environment.frontier_eci),
    row("open_lag_months", "months", true, "age of the frontier that the best open weights have reached", open_lag),
    row("chinese_labs_share", "fraction", true, "share of enterprise spend on models of labs in China", |v, _| {
        let home = |i: usize| v.parameters.labs[i].values.identity.jurisdiction == "china";
        share((0..v.world.dims.labs).filter(|&i| home(i)).map(|i| spend_on(v, i)).sum(), enterprise_spend(v))
    }),
    row(
        "chinese_share_abroad",
        "fraction",
        false,
        "share of the spend of enterprises outside China on models of labs in China, hosted by whomever",
        chinese_abroad,
    ),
    row(
        "circularity",
        "fraction",
        true,
        "share of labs' rent that investments of their clouds' own groups fund: the mean of supplier_funded_share, weighted by rent from labs",
        |v, _| {
            let c = &v.world.clouds;
            let l = v.world.dims.labs;
            // Before a month is lived no rent has been paid.
            if v.world.step == 0 {
                return f64::NAN;
            }
            let rent = |k: usize| sum_over(&c.rent_from_lab_usd, k, l);
            let all: f64 = (0..v.world.dims.clouds).map(rent).sum();
            share((0..v.world.dims.clouds).map(|k| rent(k) * c.supplier_funded_share[k]).sum(), all)
        },
    ),
    row(
        "chips_funded_share",
        "fraction",
        false,
        "share of what labs order of chips and buildings that investments of the chip maker in them fund",
        |v, _| {
            let labs = &v.world.labs;
            let raised = &v.world.capital.raised_from_chips_usd;
            let window = v.parameters.cloud_market.funding_window_years;
            let funded = |(capex, raised): (&f64, &f64)| capex.min(raised / window);
            share(labs.capex_usd.iter().zip(raised).map(funded).sum(), labs.capex_usd.iter().sum())
        },
    ),
    row(
        "lead_changes",
        "changes",
        true,
        "times that the best model has passed to another lab since the start",
        |v, _| v.world.environment.lead_changes,
    ),
    row("rental_spot_usd_per_h100e_hour", "USD per H100e-hour", true, "spot price of compute", |v, _| {
        v.world.environment.rental_spot_usd
    }),
    row("utilisation", "fraction", true, "utilisation of all clouds", |v, _| {
        let c = &v.world.clouds;
        let used: f64 = c.capacity_h100e.iter().zip(&c.utilisation).map(|(k, u)| k * u).sum();
        share(used, c.capacity_h100e.iter().sum())
    }),
    row("climate", "state", false, "funding climate: 0 drought, 1 normal, 2 boom", |v, _| {
        v.world.environment.climate as f64
    }),
    row("incidents", "incidents", true, "incidents of all labs this step", |v, _| {
        lived(v, v.world.labs.incidents.iter().sum())
    }),
    row("raised_usd", "USD", true, "raised by all labs in rounds this step", |v, _| {
        lived(v, v.world.labs.raised_usd.iter().sum())
    }),
];

/// Share of Chinese labs' models in what enterprises outside China spend; self-hosted weights count for the lab that published them.
fn chinese_abroad(v: &View, _: usize) -> f64 {
    let (l, j) = (v.world.dims.labs, v.world.dims.jurisdictions);
    let abroad = |a: usize| -> f64 {
        let by = &v.world.demand.by_jurisdiction_usd[a * j..(a + 1) * j];
        by.iter().zip(&v.parameters.jurisdictions).filter(|(_, g)| g.id != "china").map(|(usd, _)| usd).sum::<f64>()
            * service(v, a)
    };
    let whose = |a: usize| if a < l { a } else { v.world.enterprises.open_lab };
    let home =
        |a: usize| v.parameters.labs.get(whose(a)).is_some_and(|lab| lab.values.identity.jurisdiction == "china");
    let n = v.world.dims.alternatives;
    share((0..n).filter(|&a| home(a)).map(abroad).sum(), (0..n).map(abroad).sum())
}

/// Share of all enterprises, by count, that hold one vendor for customer-facing work and another for coding or knowledge work.
fn split_by_use(v: &View, _: usize) -> f64 {
    let counts = &v.world.enterprises.counts;
    // Every firm is counted with each of its workloads.
    let all: u64 = counts.firms.iter().step_by(WORKLOAD_COUNT).sum();
    share(counts.split as f64, all as f64)
}

/// Profit of all divisions, or of all labs that are none, USD per year.
fn profit_where(v: &View, division: bool) -> f64 {
    let labs = &v.world.labs;
    (0..v.world.dims.labs).filter(|&i| labs.division[i] == division).map(|i| labs.profit_usd[i]).sum()
}

/// What users would have paid beyond what they pay, USD per year. Tokens are demanded as in section 3.8, each at the price of its lab
/// and tier; seats and assistants at that of the lab's frontier model; applications at their own price, elasticity and ceiling.
fn users_surplus(v: &View) -> f64 {
    let (w, p) = (v.world, v.parameters);
    let choke = ln(p.surplus.choke_multiple);
    let ratio = |price: f64, reference: f64, elasticity: f64, crowding: f64| {
        let sold = price > 0.0 && reference > 0.0;
        if sold { surplus_ratio(choke - ln(price / reference), elasticity, crowding) } else { 0.0 }
    };
    // Unsaturated spend over its ceiling, from the factor of saturation that holds.
    let start = w.enterprises.initial_total_usd / p.spend.ceiling_usd_per_year;
    let crowding = ((1.0 + start) / w.demand.saturation - 1.0).max(0.0);
    let taken_up = exp(w.demand.ln_price_taken_up);
    let in_use = |lab: usize| price_in_use(w.labs.upgrade_lag_eci[lab], p.pricing.cost_per_capability);
    let tokens = |price: f64| ratio(price, taken_up, p.spend.usage_elasticity, crowding);
    let a = &w.applications;
    let mut surplus = a.revenue_usd * ratio(a.price, 1.0, p.applications.elasticity, a.crowding);
    for i in (0..w.dims.labs).filter(|&i| w.labs.alive[i] && w.labs.sells[i]) {
        let in_use = in_use(i);
        let price: [f64; TIERS] = std::array::from_fn(|t| w.labs.price_usd_per_mtok[i * TIERS + t] * in_use);
        let ratios = price.map(tokens);
        surplus += on_tiers(v, i, ratios);
        let seats = w.labs.revenue_other_usd[i] + w.labs.revenue_consumer_usd[i];
        surplus += seats * w.labs.own_service[i] * ratios[0];
    }
    let open = w.enterprises.open_lab;
    if open < w.dims.labs {
        let lag = w.labs.published(open).map_or(0.0, |(_, lag)| lag);
        let hosted = (1.0 + p.cloud_market.hosting_markup) * published_cost_ratio(w, p, open);
        let hosted = hosted * price_in_use(lag, p.pricing.cost_per_capability);
        let price: [f64; TIERS] = std::array::from_fn(|t| w.labs.cost_usd_per_mtok[open * TIERS + t] * hosted);
        surplus += on_tiers(v, w.dims.labs, price.map(tokens));
    }
    surplus
}

/// Spend of enterprises on an alternative that is served, each tier times its ratio.
fn on_tiers(v: &View, a: usize, ratio: [f64; TIERS]) -> f64 {
    let rows =
        v.world.demand.spend_usd[a * WORKLOAD_COUNT * TIERS..(a + 1) * WORKLOAD_COUNT * TIERS].as_chunks::<TIERS>().0;
    let sum: f64 =
        rows.iter().flat_map(|row| row.iter().zip(&ratio)).filter(|(x, _)| **x > 0.0).map(|(x, r)| x * r).sum();
    sum * service(v, a)
}

/// The same by jurisdiction, weighted by the jurisdiction's spend.
fn blocs(v: &View, _: usize) -> f64 {
    let (n, j) = (v.world.dims.alternatives, v.world.dims.jurisdictions);
    let all = enterprise_spend(v);
    let spend = |a: usize, g: usize| v.world.demand.by_jurisdiction_usd[a * j + g] * service(v, a);
    let mut index = 0.0;
    for g in 0..j {
        let total: f64 = (0..n).map(|a| spend(a, g)).sum();
        let distance: f64 = (0..n).map(|a| (share(spend(a, g), total) - share(spend_on(v, a), all)).abs()).sum();
        index += share(total, all) * distance / 2.0;
    }
    index
}

/// Months since the frontier stood where the best open weights stand now.
fn open_lag(v: &View, _: usize) -> f64 {
    let w = v.world;
    let out = (0..w.dims.labs).filter_map(|i| w.labs.published(i));
    let best = out.map(|(eci, _)| eci).fold(f64::NEG_INFINITY, f64::max);
    if best == f64::NEG_INFINITY {
        return f64::NAN;
    }
    let history = &w.environment.frontier_history;
    let now = history.len().saturating_sub(1);
    match history.iter().position(|f| *f >= best) {
        Some(0) => now as f64 + (history[0] - best) / FRONTIER_SLOPE_BEFORE * 12.0,
        Some(step) => (now - step) as f64,
        None => 0.0,
    }
}
