//! Every metric: name, unit, meaning, and how to read it off the world. To add one, add a row.

use crate::math::{exp, ln};
use crate::mechanisms::concentration::{dissimilarity, hhi};
use crate::mechanisms::forecasts::extrapolators;
use crate::mechanisms::safety::Method;
use crate::mechanisms::surplus::surplus_ratio;
use crate::scenario::Parameters;
use crate::scenario::parameters::{MAX_LABS, WORKLOAD_COUNT, WORKLOADS};
use crate::step::clouds::FUNDING_WINDOW_YEARS;
use crate::step::posture;
use crate::world::World;
use crate::world::labs::TIERS;

/// Capability that the frontier gained a year before the start, to date open models that lag beyond the start; ECI per year.
///
/// Source: `capability_eci_frontier`, 2024 and 2025.
const FRONTIER_SLOPE_BEFORE: f64 = 13.0;
/// Runway below which a lab counts as distressed, months.
const DISTRESS_MONTHS: f64 = 6.0;

/// What a reader sees.
pub struct View<'a> {
    /// State.
    pub world: &'a World,
    /// Parameters in force.
    pub parameters: &'a Parameters,
    sums: Sums,
}

/// Sums that the metrics of many agents share, taken once a date.
struct Sums {
    /// Share of the demand for each alternative that is served.
    service: [f64; MAX_LABS + 1],
    /// Spend of enterprises on each alternative that is served and billed, USD per year.
    spend: [f64; MAX_LABS + 1],
    /// The same on all, USD per year.
    all: f64,
    /// The same on all by workload, by sector, and in regulated sectors, USD per year.
    by_workload: [f64; WORKLOAD_COUNT],
    by_sector: Vec<f64>,
    regulated: f64,
    /// Shares of the largest and of the two largest customers in the run-rate of each lab.
    customers: [(f64, f64); MAX_LABS],
}

impl<'a> View<'a> {
    /// The view of a date.
    pub fn new(world: &'a World, parameters: &'a Parameters) -> View<'a> {
        let sums = Sums {
            service: [0.0; MAX_LABS + 1],
            spend: [0.0; MAX_LABS + 1],
            all: 0.0,
            by_workload: [0.0; WORKLOAD_COUNT],
            by_sector: Vec::with_capacity(world.dims.sectors),
            regulated: 0.0,
            customers: [(0.0, 0.0); MAX_LABS],
        };
        let mut v = View { world, parameters, sums };
        let alternatives = 0..world.dims.alternatives;
        for a in alternatives.clone() {
            v.sums.service[a] =
                if a < world.dims.labs { world.labs.reliability[a] } else { world.clouds.hosting_served };
            v.sums.spend[a] = world.demand.total_usd[a] * v.sums.service[a];
        }
        v.sums.all = alternatives.clone().map(|a| spend_on(&v, a)).sum();
        for w in 0..WORKLOAD_COUNT {
            v.sums.by_workload[w] = alternatives.clone().map(|a| workload_spend(&v, a, w)).sum();
        }
        for s in 0..world.dims.sectors {
            let all = alternatives.clone().map(|a| sector_spend(&v, a, s)).sum();
            v.sums.by_sector.push(all);
        }
        v.sums.regulated = alternatives.map(|a| regulated_spend(&v, a)).sum();
        for i in 0..world.dims.labs {
            v.sums.customers[i] = largest_customers(&v, i);
        }
        v
    }
}

/// Reads one number of an agent.
pub type Reader = fn(&View, usize) -> f64;
/// Reads one number of an agent and a segment (workload, sector, jurisdiction).
pub type SegmentReader = fn(&View, usize, usize) -> f64;

/// A metric of one agent kind.
pub struct Metric {
    /// Name.
    pub name: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Meaning.
    pub meaning: &'static str,
    /// Core: in the summary and in the tables by default.
    pub core: bool,
    /// How to read it.
    pub read: Reader,
}

/// A metric by segment: its name is followed by the segment's.
pub struct SegmentMetric {
    /// Name before the segment, with its underscore: `share_`.
    pub prefix: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Meaning; `{}` stands for the segment.
    pub meaning: &'static str,
    /// Which of its segments are core.
    pub core: fn(&str) -> bool,
    /// Which segments.
    pub over: Segments,
    /// How to read it.
    pub read: SegmentReader,
}

/// What a metric is split by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segments {
    /// The three workloads.
    Workloads,
    /// Sectors of enterprises.
    Sectors,
    /// Jurisdictions.
    Jurisdictions,
}

impl Segments {
    /// Ids of the segments.
    pub fn ids(self, p: &Parameters) -> Vec<String> {
        match self {
            Segments::Workloads => WORKLOADS.iter().map(|w| (*w).to_string()).collect(),
            Segments::Sectors => p.sectors.iter().map(|s| s.id.clone()).collect(),
            Segments::Jurisdictions => p.jurisdictions.iter().map(|g| g.id.clone()).collect(),
        }
    }
}

const fn row(name: &'static str, unit: &'static str, core: bool, meaning: &'static str, read: Reader) -> Metric {
    Metric { name, unit, meaning, core, read }
}

/// `part / whole`, 0 where the whole is nothing.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Share of the demand for an alternative that is served.
fn service(v: &View, a: usize) -> f64 {
    v.sums.service[a]
}

/// Spend of enterprises on an alternative that is served and billed.
fn spend_on(v: &View, a: usize) -> f64 {
    v.sums.spend[a]
}

fn enterprise_spend(v: &View) -> f64 {
    v.sums.all
}

/// The same on a workload.
fn workload_spend(v: &View, a: usize, w: usize) -> f64 {
    sum_over(&v.world.demand.spend_usd, a * WORKLOAD_COUNT + w, TIERS) * service(v, a)
}

/// The same in a sector.
fn sector_spend(v: &View, a: usize, s: usize) -> f64 {
    v.world.demand.by_sector_usd[a * v.world.dims.sectors + s] * service(v, a)
}

fn flag(b: bool) -> f64 {
    f64::from(u8::from(b))
}

/// A value that a lab that is gone does not have.
fn living(v: &View, i: usize, value: f64) -> f64 {
    if v.world.labs.alive[i] { value } else { f64::NAN }
}

/// A flow that is not known before a month has been lived.
fn lived(v: &View, value: f64) -> f64 {
    if v.world.step == 0 { f64::NAN } else { value }
}

/// A lab's price, if it sells.
fn list_price(v: &View, i: usize) -> f64 {
    if v.world.labs.sells[i] { living(v, i, v.world.labs.price_usd_per_mtok[i * TIERS]) } else { f64::NAN }
}

fn sum_over(column: &[f64], row: usize, width: usize) -> f64 {
    column[row * width..(row + 1) * width].iter().sum()
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
fn regulated_spend(v: &View, a: usize) -> f64 {
    let by = v.world.demand.by_sector_usd.iter().skip(a * v.world.dims.sectors);
    let regulated = by.zip(&v.parameters.sectors).filter(|(_, sector)| sector.values.regulated);
    regulated.map(|(usd, _)| usd).sum::<f64>() * service(v, a)
}

/// Whether a flag of a lab is set in some jurisdiction.
fn any_place(v: &View, i: usize, column: &[bool]) -> bool {
    let j = v.world.dims.jurisdictions;
    column[i * j..(i + 1) * j].contains(&true)
}

/// Shares of the largest, and of the two largest, customers of a lab in its run-rate; the aggregate of small vendors is no customer.
fn largest_customers(v: &View, i: usize) -> (f64, f64) {
    let l = v.world.dims.labs;
    let (labs, large) = (&v.world.labs, v.world.applications.key.len().saturating_sub(1));
    let (mut first, mut second) = (0.0, 0.0);
    for paid in v.world.applications.purchases_usd[..large * l].iter().skip(i).step_by(l) {
        if *paid > first {
            (first, second) = (*paid, first);
        } else if *paid > second {
            second = *paid;
        }
    }
    let of = |usd: f64| share(usd * labs.own_service[i], labs.run_rate_usd[i]);
    (of(first), of(first + second))
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

/// Metrics of clouds.
pub const CLOUDS: &[Metric] = &[
    row("capacity_h100e", "H100e", true, "capacity for AI", |v, k| v.world.clouds.capacity_h100e[k]),
    row("utilisation", "fraction", false, "share of capacity that is let", |v, k| v.world.clouds.utilisation[k]),
    row("rental_usd_per_h100e_hour", "USD per H100e-hour", false, "price to labs under contract", |v, k| {
        v.world.clouds.rental_usd[k]
    }),
    row("revenue_usd", "USD per year", true, "revenue from AI", |v, k| {
        lived(v, v.world.clouds.revenue_rent_usd[k] + v.world.clouds.revenue_resale_usd[k])
    }),
    row("revenue_rent_usd", "USD per year", false, "of it rent", |v, k| lived(v, v.world.clouds.revenue_rent_usd[k])),
    row("revenue_resale_usd", "USD per year", false, "of it resale of models and hosting of open weights", |v, k| {
        lived(v, v.world.clouds.revenue_resale_usd[k])
    }),
    row("profit_usd", "USD per year", true, "profit from AI after depreciation", |v, k| {
        lived(v, v.world.clouds.profit_usd[k])
    }),
    row(
        "supplier_funded_share",
        "fraction",
        false,
        "share of rent from labs that investments of the cloud's own group in the last two years fund; those since the start are known",
        |v, k| v.world.clouds.supplier_funded_share[k],
    ),
    row("lost_commitments_usd", "USD", false, "promised by labs that failed since, and not got", |v, k| {
        v.world.capital.lost_claims_usd[k]
    }),
];

/// Metrics of regulators, by jurisdiction.
pub const REGULATORS: &[Metric] = &[
    row("stringency", "fraction", true, "stringency of the rules", |v, k| v.world.regulators.stringency[place(v, k)]),
    row("salience", "fraction", false, "public salience of AI harm", |v, k| v.world.regulators.salience[place(v, k)]),
    row("audits_in_force", "flag", false, "1 when audits are mandatory", |v, k| {
        flag(v.world.regulators.audits_in_force[place(v, k)])
    }),
    row(
        "cases_open",
        "cases",
        false,
        "targeted actions in force, antitrust cases and fines of the last year",
        |v, k| v.world.regulators.cases_open[place(v, k)],
    ),
    row("licensing_in_force", "flag", false, "1 when large models need a licence", |v, k| {
        flag(v.world.regulators.licensing_in_force[place(v, k)])
    }),
    row(
        "audit_threshold",
        "fraction",
        false,
        "stringency above which audits are mandatory, as the say of labs has tilted it",
        |v, k| v.world.regulators.audit_threshold[place(v, k)],
    ),
    row("violations", "labs", false, "labs that break its rules on audits", |v, k| {
        let (j, g) = (v.world.dims.jurisdictions, place(v, k));
        v.world.regulators.violating.iter().skip(g).step_by(j.max(1)).map(|&b| flag(b)).sum()
    }),
];

/// Jurisdiction of the regulator `k`.
fn place(v: &View, k: usize) -> usize {
    v.world.regulators.regulator.iter().position(|&r| r == k).unwrap_or(0)
}

/// Metrics of investors, by kind.
pub const INVESTORS: &[Metric] = &[
    row("deployed_usd", "USD", false, "put into labs since the start", |v, k| v.world.investors.deployed_usd[k]),
    row("marked_value_usd", "USD", false, "value of the shares held", |v, k| v.world.investors.marked_value_usd[k]),
    row("dry_powder_usd", "USD", false, "cash that can still be invested", |v, k| v.world.investors.dry_powder_usd[k]),
    row("extrapolators", "fraction", false, "share of investors who forecast growth by what it was of late", |v, k| {
        if v.parameters.mechanisms.forecast_switching {
            extrapolators(v.parameters.forecasts.intensity, v.world.capital.fitness_gap[k])
        } else {
            0.5
        }
    }),
];

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
        let open: f64 = (0..l).filter(|&i| v.world.labs.open[i]).map(|i| spend_on(v, i)).sum();
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
        false,
        "share of labs' rent that investments of their clouds' own groups fund: the mean of supplier_funded_share, weighted by rent from labs",
        |v, _| {
            let c = &v.world.clouds;
            let l = v.world.dims.labs;
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
            let funded = |(capex, raised): (&f64, &f64)| capex.min(raised / FUNDING_WINDOW_YEARS);
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
    let tokens = |price: f64| ratio(price, taken_up, p.spend.usage_elasticity, crowding);
    let a = &w.applications;
    let mut surplus = a.revenue_usd * ratio(a.price, 1.0, p.applications.elasticity, a.crowding);
    for i in (0..w.dims.labs).filter(|&i| w.labs.alive[i] && w.labs.sells[i]) {
        let price: [f64; TIERS] = std::array::from_fn(|t| w.labs.price_usd_per_mtok[i * TIERS + t]);
        let ratios = price.map(tokens);
        surplus += on_tiers(v, i, ratios);
        let seats = w.labs.revenue_other_usd[i] + w.labs.revenue_consumer_usd[i];
        surplus += seats * w.labs.own_service[i] * ratios[0];
    }
    let open = w.enterprises.open_lab;
    if open < w.dims.labs {
        let hosted = 1.0 + p.cloud_market.hosting_markup;
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
    let best = (0..w.dims.labs).filter(|&i| w.labs.open[i]).map(|i| w.labs.eci[i]).fold(f64::NEG_INFINITY, f64::max);
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
