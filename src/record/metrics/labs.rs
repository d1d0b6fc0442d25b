//! Metrics of labs, in all and by segment.

use super::{
    Metric, SegmentMetric, Segments, View, enterprise_spend, flag, lived, living, row, sector_spend, service, share,
    spend_on, sum_over, workload_spend,
};
use crate::mechanisms::safety::Method;
use crate::scenario::parameters::MAX_LABS;
use crate::step::posture;
use crate::world::World;
use crate::world::labs::TIERS;

/// Runway below which a lab counts as distressed, months.
const DISTRESS_MONTHS: f64 = 6.0;

/// A lab's price, if it sells.
fn list_price(v: &View, i: usize) -> f64 {
    if v.world.labs.sells[i] { living(v, i, v.world.labs.price_usd_per_mtok[i * TIERS]) } else { f64::NAN }
}

/// Metrics of labs.
pub const LABS: &[Metric] = &[
    row(
        "enterprise_share",
        "fraction",
        true,
        "share of enterprises' spend on models that goes to this lab's models, whoever hosts them",
        |v, i| share(spend_on(v, i), enterprise_spend(v)),
    ),
    row(
        "enterprise_customers_share",
        "fraction",
        false,
        "share of adopting enterprises that use the lab's models in some workload; overlaps across labs",
        |v, i| v.world.demand.customer_share[i],
    ),
    row("consumer_share", "fraction", true, "share of assistant users who use this lab's first", |v, i| {
        v.world.consumers.total_share[i]
    }),
    row(
        "paid_adoption",
        "fraction of firms",
        false,
        "share of small firms in the United States that pay this vendor (observation operator for Ramp; overlaps)",
        |v, i| v.world.other_business.paid_adoption[i],
    ),
    row(
        "revenue_run_rate_usd",
        "USD per year",
        true,
        "run-rate of revenue, all sources, gross of what clouds keep",
        |v, i| v.world.labs.run_rate_usd[i],
    ),
    row("revenue_enterprise_usd", "USD per year", false, "run-rate from enterprises outside public sectors", |v, i| {
        v.world.labs.revenue_enterprise_usd[i]
    }),
    row("revenue_consumer_usd", "USD per year", false, "run-rate from consumers", |v, i| {
        v.world.labs.revenue_consumer_usd[i] * v.world.labs.own_service[i]
    }),
    row("revenue_government_usd", "USD per year", false, "run-rate from enterprises in public sectors", |v, i| {
        v.world.labs.revenue_government_usd[i]
    }),
    row(
        "revenue_other_usd",
        "USD per year",
        false,
        "run-rate from smaller firms and seats, and from application vendors where these are switched off",
        |v, i| v.world.labs.revenue_other_usd[i] * v.world.labs.own_service[i],
    ),
    row("revenue_applications_usd", "USD per year", false, "run-rate from application vendors", |v, i| {
        v.world.labs.revenue_applications_usd[i] * v.world.labs.own_service[i]
    }),
    row(
        "largest_customer_share",
        "fraction",
        false,
        "share of the lab's run-rate that its largest customer among application vendors pays",
        |v, i| v.sums.customers[i].0,
    ),
    row(
        "two_largest_customers_share",
        "fraction",
        false,
        "share of the lab's run-rate that its two largest customers among application vendors pay (observation operator for Anthropic's prospectus)",
        |v, i| v.sums.customers[i].1,
    ),
    row(
        "valuation_usd",
        "USD",
        true,
        "what investors as a whole would pay now; notional for a division, 0 after a default",
        |v, i| v.world.labs.valuation_usd[i],
    ),
    row("last_round_usd", "USD", false, "post-money valuation of the last priced round; 0 for none", |v, i| {
        v.world.labs.last_round_usd[i]
    }),
    row("revenue_multiple", "ratio", false, "valuation over run-rate; none without revenue", |v, i| {
        if v.world.labs.run_rate_usd[i] > 0.0 {
            living(v, i, v.world.labs.valuation_usd[i] / v.world.labs.run_rate_usd[i])
        } else {
            f64::NAN
        }
    }),
    row("capability_eci", "ECI", true, "capability of the deployed model", |v, i| living(v, i, v.world.labs.eci[i])),
    row("capability_gap_eci", "ECI", false, "frontier less own capability", |v, i| {
        living(v, i, v.world.environment.frontier_eci - v.world.labs.eci[i])
    }),
    row(
        "price_usd_per_mtok",
        "USD per million tokens",
        true,
        "list price of the frontier model, 3:1 input to output",
        list_price,
    ),
    row("gross_margin", "fraction", false, "revenue less cost of serving, over revenue", |v, i| {
        let r = v.world.labs.run_rate_usd[i];
        if r > 0.0 { 1.0 - v.world.labs.serving_cost_usd[i] / r } else { f64::NAN }
    }),
    row("compute_owned_h100e", "H100e", false, "own compute", |v, i| v.world.labs.owned_h100e[i]),
    row("compute_rented_h100e", "H100e", false, "rented compute", |v, i| v.world.labs.rented_h100e[i]),
    row("compute_serving_h100e", "H100e", false, "compute that serves customers", |v, i| v.world.labs.serving_h100e[i]),
    row("compute_total_h100e", "H100e", false, "own and rented compute", |v, i| {
        v.world.labs.owned_h100e[i] + v.world.labs.rented_h100e[i]
    }),
    row("reliability", "fraction", false, "share of demand that capacity can serve", |v, i| {
        living(v, i, v.world.labs.reliability[i])
    }),
    row("capex_usd", "USD per year", false, "own capex", |v, i| v.world.labs.capex_usd[i]),
    row("cash_usd", "USD", false, "cash", |v, i| v.world.ledger.cash(v.world.ledger.lab(i)).value()),
    row("debt_usd", "USD", false, "debt", |v, i| v.world.ledger.debt(v.world.ledger.lab(i)).value()),
    row("commitments_usd", "USD", false, "commitments to clouds not yet paid, after the haircut", |v, i| {
        if !v.parameters.mechanisms.commitments {
            return 0.0;
        }
        let c = v.world.dims.clouds;
        let contracts =
            sum_over(&v.world.labs.commitments_usd, i, c) - sum_over(&v.world.labs.commitments_paid_usd, i, c);
        contracts.max(0.0) + sum_over(&v.world.capital.pledged_usd, i, c)
    }),
    row("compute_unused_usd", "USD per year", false, "paid to clouds for compute beyond use: take or pay", |v, i| {
        v.world.capital.unused_usd[i]
    }),
    row("compute_credits_usd", "USD", false, "compute paid for ahead with strategic money and not yet used", |v, i| {
        sum_over(&v.world.capital.credits_usd, i, v.world.dims.clouds + 1)
    }),
    row(
        "raised_from_groups_usd",
        "USD",
        false,
        "raised since the start from owners of clouds and chip makers",
        |v, i| v.world.capital.raised_usd[i],
    ),
    row("raised_in_compute_usd", "USD", false, "of it in compute of the investor's own group", |v, i| {
        v.world.capital.raised_in_compute_usd[i]
    }),
    row(
        "group_money_cost",
        "USD of shares per USD",
        false,
        "value of the shares given for a dollar of a group's money since the start; none where none was raised",
        |v, i| {
            let raised = v.world.capital.raised_usd[i];
            if raised > 0.0 { v.world.capital.paid_in_shares_usd[i] / raised } else { f64::NAN }
        },
    ),
    row("independence", "fraction", false, "share of what groups ask for that the lab refuses, in force", |v, i| {
        living(v, i, v.parameters.labs[i].values.parameters.independence)
    }),
    row("exclusivity", "fraction", false, "part of rented compute that is promised to groups that invested", |v, i| {
        sum_over(&v.world.capital.exclusive, i, v.world.dims.clouds)
    }),
    row("hold_ups", "cases", false, "times since the start that a cloud raised its price or refused growth", |v, i| {
        v.world.capital.hold_ups[i]
    }),
    row("compute_dependence", "fraction", false, "largest share of the lab's compute that one cloud holds", |v, i| {
        let c = v.world.dims.clouds;
        let all = v.world.labs.owned_h100e[i] + v.world.labs.rented_h100e[i];
        share(v.world.labs.rented_by_cloud_h100e[i * c..(i + 1) * c].iter().copied().fold(0.0, f64::max), all)
    }),
    row("secondary_price_usd", "USD", false, "value at the price of the last tender; 0 for none", |v, i| {
        v.world.capital.secondary_price_usd[i]
    }),
    row("burn_usd", "USD per year", false, "cash burn before rounds, smoothed over a quarter", |v, i| {
        v.world.labs.burn_usd[i]
    }),
    row(
        "runway_months",
        "months",
        true,
        "months of cash at the forecast burn; 120 stands for 120 or more, and a division has none",
        |v, i| if v.world.labs.division[i] { f64::NAN } else { living(v, i, v.world.labs.runway_months[i]) },
    ),
    row(
        "distressed",
        "flag",
        true,
        "1 when an independent lab has defaulted or has under six months of runway; its mean is a probability",
        |v, i| {
            let labs = &v.world.labs;
            flag(!labs.division[i] && (labs.defaulted[i] || labs.runway_months[i] < DISTRESS_MONTHS))
        },
    ),
    row("profit_usd", "USD per year", true, "profit after depreciation and interest, before rounds", |v, i| {
        lived(v, v.world.labs.profit_usd[i])
    }),
    row(
        "turned_profitable",
        "flag",
        true,
        "1 once the lab has made a profit for twelve months on end; its mean is a probability",
        |v, i| flag(v.world.labs.turned_profitable[i]),
    ),
    row("raised_usd", "USD", false, "raised in rounds this step", |v, i| lived(v, v.world.labs.raised_usd[i])),
    row("incidents", "incidents", false, "incidents this step", |v, i| lived(v, v.world.labs.incidents[i])),
    row(
        "expected_harm",
        "ratio",
        false,
        "expected severity of incidents per unit of usage, 1 at the mean safety of the start",
        |v, i| living(v, i, v.world.labs.expected_severity[i]),
    ),
    row(
        "refusal_loss",
        "utility",
        false,
        "utility that enterprises lose to refusals too many by the deployed model, mean of the workloads by what the market spends on them; a price higher by 10% costs 0.05 at a price weight of 0.5",
        |v, i| {
            let loss = v.parameters.safety.over_refusal_loss * posture::over_refusal(v.world, v.parameters, i);
            let by = v.sums.by_workload;
            let refused = [1.0, v.parameters.safety.over_refusal_knowledge, v.parameters.safety.over_refusal_customer];
            let sensitivity = by.iter().zip(refused).map(|(usd, s)| usd * s).sum::<f64>();
            living(v, i, loss * v.world.labs.safety[i] * share(sensitivity, by.iter().sum()))
        },
    ),
    row("safety_level", "fraction", false, "safety of the deployed model", |v, i| living(v, i, v.world.labs.safety[i])),
    row(
        "regulated_share",
        "fraction",
        true,
        "share of the spend of enterprises in regulated sectors, public ones included",
        |v, i| share(regulated_spend(v, i), v.sums.regulated),
    ),
    row(
        "targeted",
        "flag",
        false,
        "1 while public buyers of some jurisdiction may not choose it, by targeted action or by name",
        |v, i| flag(any_place(v, i, &v.world.labs.excluded_public)),
    ),
    row("violations", "jurisdictions", false, "jurisdictions in which it breaks the rules on audits", |v, i| {
        let j = v.world.dims.jurisdictions;
        v.world.regulators.violating[i * j..(i + 1) * j].iter().map(|&b| flag(b)).sum()
    }),
    row("fines_usd", "USD", false, "fines this step", |v, i| lived(v, v.world.regulators.fines_usd[i])),
    row("antitrust", "flag", false, "1 while an antitrust case against it is open or a remedy binds it", |v, i| {
        let j = v.world.dims.jurisdictions;
        let r = &v.world.regulators;
        let (case, remedy) = (sum_over(&r.antitrust_months_left, i, j), sum_over(&r.remedy_months_left, i, j));
        flag(case + remedy > 0.0)
    }),
    row("markup", "ratio", false, "markup over serving cost", |v, i| living(v, i, v.world.labs.markup[i])),
    row(
        "scale_tilt",
        "fraction",
        false,
        "scale against trust in force: mean of capability in effort (2.5% of research compute for safety is half) and of what the release gate lets pass",
        |v, i| living(v, i, posture::scale_tilt(v.world, v.parameters, i)),
    ),
    row("build_share", "fraction", false, "share of new compute that is built and owned, in force", |v, i| {
        living(v, i, posture::build_share(v.world, v.parameters, i))
    }),
    row("openness", "flag", false, "1 while the weights of the deployed model are public", |v, i| {
        living(v, i, flag(v.world.labs.open[i]))
    }),
    row("constitutional", "flag", false, "1 while the lab aligns by a written constitution", |v, i| {
        living(v, i, flag(v.world.posture.method[i] == Method::Constitutional))
    }),
    row("adaptations", "changes", false, "changes of strategy by the lab itself since the start", |v, i| {
        v.world.posture.adaptations[i]
    }),
    row("crises", "crises", false, "crises of governance since the start", |v, i| v.world.posture.crises[i]),
    row("crisis_hazard", "1 per year", false, "hazard of a crisis of governance", |v, i| {
        lived(v, living(v, i, v.world.posture.crisis_hazard[i]))
    }),
    row(
        "board_stability",
        "fraction",
        false,
        "stability of the board: 1 in quiet times, lower after a crisis",
        |v, i| living(v, i, v.world.posture.stability[i]),
    ),
    row("dilution", "fraction", false, "share of the lab sold in rounds since the start", |v, i| {
        v.world.labs.dilution[i]
    }),
    row("outside_control", "fraction", false, "share held by strategic investors, by the control given up", |v, i| {
        v.world.labs.outside_control[i]
    }),
    row("alive", "flag", false, "1 while the lab is in business", |v, i| flag(v.world.labs.alive[i])),
    row("defaulted", "flag", true, "1 once the lab has defaulted", |v, i| flag(v.world.labs.defaulted[i])),
    row("listed", "flag", false, "1 while the lab's shares are traded in public", |v, i| {
        flag(v.world.capital.listed[i])
    }),
    row("acquired", "flag", true, "1 once a group has bought the lab, which is a division of it since", |v, i| {
        flag(v.world.capital.acquired[i])
    }),
    row("rescues", "rescues", false, "times that a group has rescued the lab", |v, i| v.world.capital.rescues[i]),
    row(
        "leads_share",
        "flag",
        false,
        "1 when the lab has the largest enterprise share; its mean is a probability",
        |v, i| leads(v.world.dims.labs, i, |k| spend_on(v, k)),
    ),
    row("leads_value", "flag", false, "1 when the lab has the highest valuation of independent labs", |v, i| {
        let value = |k: usize| if v.world.labs.division[k] { f64::NEG_INFINITY } else { v.world.labs.valuation_usd[k] };
        leads(v.world.dims.labs, i, value)
    }),
    row("leads_capability", "flag", false, "1 when the lab has the best deployed model", |v, i| {
        flag(v.world.environment.frontier_lab == i && v.world.labs.alive[i])
    }),
];

/// Spend of enterprises in regulated sectors on an alternative that is served, USD per year.
pub(super) fn regulated_spend(v: &View, a: usize) -> f64 {
    let by = v.world.demand.by_sector_usd.iter().skip(a * v.world.dims.sectors);
    let regulated = by.zip(&v.parameters.sectors).filter(|(_, sector)| sector.values.regulated);
    regulated.map(|(usd, _)| usd).sum::<f64>() * service(v, a)
}

/// Whether a flag of a lab is set in some jurisdiction.
fn any_place(v: &View, i: usize, column: &[bool]) -> bool {
    let j = v.world.dims.jurisdictions;
    column[i * j..(i + 1) * j].contains(&true)
}

/// Shares of the largest, and of the two largest, customers of each lab in its run-rate; the aggregate of small vendors is no customer.
pub(super) fn largest_customers(world: &World) -> [(f64, f64); MAX_LABS] {
    let (l, large) = (world.dims.labs, world.applications.key.len().saturating_sub(1));
    let mut largest = [(0.0, 0.0); MAX_LABS];
    for customer in world.applications.purchases_usd.chunks_exact(l.max(1)).take(large) {
        for ((first, second), &paid) in largest.iter_mut().zip(customer) {
            if paid > *first {
                (*first, *second) = (paid, *first);
            } else if paid > *second {
                *second = paid;
            }
        }
    }
    let labs = &world.labs;
    for (i, (first, second)) in largest.iter_mut().enumerate().take(l) {
        let of = |usd: f64| share(usd * labs.own_service[i], labs.run_rate_usd[i]);
        (*first, *second) = (of(*first), of(*first + *second));
    }
    largest
}

/// 1 when `i` has the largest positive value; the first of equals.
fn leads(n: usize, i: usize, value: impl Fn(usize) -> f64) -> f64 {
    let own = value(i);
    flag(own > 0.0 && (0..n).all(|k| k == i || value(k) < own || (value(k) == own && k > i)))
}

/// Metrics of labs by segment.
pub const LAB_SEGMENTS: &[SegmentMetric] = &[
    SegmentMetric {
        prefix: "share_",
        unit: "fraction",
        meaning: "share of enterprises' spend on {} workloads",
        core: |_| true,
        over: Segments::Workloads,
        read: |v, i, w| share(workload_spend(v, i, w), v.sums.by_workload[w]),
    },
    SegmentMetric {
        prefix: "share_",
        unit: "fraction",
        meaning: "share of the spend of enterprises in the sector {}",
        core: |_| false,
        over: Segments::Sectors,
        read: |v, i, s| share(sector_spend(v, i, s), v.sums.by_sector[s]),
    },
    SegmentMetric {
        prefix: "trust_",
        unit: "fraction",
        meaning: "trust in the jurisdiction {}",
        core: |place| place == "us",
        over: Segments::Jurisdictions,
        read: |v, i, g| {
            // A lab that sells nothing gives nobody a reason to trust it or not.
            if v.world.labs.sells[i] {
                living(v, i, v.world.labs.trust[i * v.world.dims.jurisdictions + g])
            } else {
                f64::NAN
            }
        },
    },
];
