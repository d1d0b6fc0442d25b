//! [`Parameters`]: every value of a scenario, typed. What the engine reads.

use crate::fields::Keyed;
use crate::mechanisms::adaptation::Adaptation;
use crate::mechanisms::adoption::Adoption;
use crate::mechanisms::antitrust::Antitrust;
use crate::mechanisms::applications::{Applications, ApplicationsStart};
use crate::mechanisms::choice::{Demand, DemandStart};
use crate::mechanisms::clouds::Clouds;
use crate::mechanisms::compute::Compute;
use crate::mechanisms::consumers::Consumers;
use crate::mechanisms::enforcement::Enforcement;
use crate::mechanisms::environment::{Environment, EnvironmentStart};
use crate::mechanisms::exits::Exits;
use crate::mechanisms::forecasts::Forecasts;
use crate::mechanisms::governance::{Governance, LabGovernance};
use crate::mechanisms::governance_tools::{GovernanceTools, GovernanceToolsStart};
use crate::mechanisms::government::Government;
use crate::mechanisms::holdup::HoldUp;
use crate::mechanisms::incidents::Incidents;
use crate::mechanisms::investors::{InvestorKind, Rounds};
use crate::mechanisms::orchestration::{Orchestration, OrchestrationStart};
use crate::mechanisms::pricing::Pricing;
use crate::mechanisms::regulation::Regulation;
use crate::mechanisms::research::Research;
use crate::mechanisms::safety::{Method, Safety};
use crate::mechanisms::spend::Spend;
use crate::mechanisms::surplus::Surplus;
use crate::mechanisms::terms::Terms;
use crate::mechanisms::trust::Trust;
use crate::mechanisms::valuation::Valuation;
use crate::strategies::cloud::Promotion;
use crate::strategies::lab::adaptation::Adapting;
use crate::strategies::lab::allocation::Allocation;
use crate::strategies::lab::openness::Openness;
use crate::strategies::lab::pricing::PricingStrategy;
use crate::strategies::lab::release::Release;
use crate::strategies::regulator::Posture;
use crate::units::Month;
use crate::{copied_in_place, table};

/// The three workloads of every enterprise, in the order of all columns.
pub const WORKLOADS: [&str; 3] = ["coding", "knowledge", "customer"];
/// Number of workloads of an enterprise.
pub const WORKLOAD_COUNT: usize = WORKLOADS.len();
/// Most labs of a scenario.
pub const MAX_LABS: usize = 64;
/// Most enterprises of a scenario.
pub const MAX_ENTERPRISES: u64 = 1_000_000;
/// Most steps of a run.
pub const MAX_STEPS: usize = 1_200;
/// Most runs of an ensemble.
pub const MAX_RUNS: u64 = 10_000_000;

table! {
    /// When and how often.
    pub struct Simulation: Structural {
        /// First month simulated; the initial state is that of the end of the month before.
        start: Month = "2026-01", "month", [0.0, 0.0], Setting, "setting";
        /// Last month simulated.
        end: Month = "2030-12", "month", [0.0, 0.0], Setting, "setting";
        /// Steps in a year: 12, 4, 2 or 1.
        steps_per_year: u64 = 12, "steps per year", [1.0, 12.0], Setting, "one step is a month";
        /// Number of runs.
        runs: u64 = 1000, "runs", [1.0, 1e7], Setting, "setting";
        /// Seed of all draws.
        seed: u64 = 20260101, "1", [0.0, 1.8e19], Setting, "setting";
    }
}

table! {
    /// Switches of the mechanisms; each says what holds when it is off.
    pub struct Mechanisms: Parameter {
        /// The funding climate changes. Off: it stays as at the start.
        funding_climate: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// The rental price of compute follows its trend and the utilisation of clouds. Off: it stays as at the start; chips and serving still get cheaper.
        rental_price: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Labs order compute of their own. Off: none is ordered; what they have and what is on its way at the start stays, and all that is new is rented.
        build_out: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Take-or-pay commitments bind. Off: nothing is owed.
        commitments: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// A cloud that holds much of a lab's compute may raise its price or refuse growth. Off: none does.
        hold_up: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Clouds promote a lab less that their rivals sell too. Off: as if each were the only one.
        channel_conflict: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Labs compare what owning and renting compute cost. Off: the share that they build is that of their strategy.
        user_cost: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Labs train and release models. Off: capability is frozen.
        research: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Knowledge spills over between labs. Off: no spillover.
        spillover: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Release gates hold models back. Off: every model is released when it is ready.
        release_gate: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Methods of alignment differ in readiness for audits, over-refusal, what a jump costs in safety, labels and cost of serving. Off: in intercept, blind spots and training alone.
        alignment_traits: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Another method of alignment takes time, money and compute. Off: it is in force at once and free.
        retrofit: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Incidents happen. Off: none.
        incidents: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Incidents excite further incidents. Off: a Poisson process.
        incident_excitation: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Trust differs between labs. Off: all are trusted alike.
        trust: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Latent quality moves. Off: it stays as fitted at the start.
        quality: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Workloads have tastes of their own. Off: all are alike.
        taste: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Only vendors that a firm knows are considered. Off: all are.
        consideration: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// A new vendor costs effort. Off: switching is free.
        switching_costs: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Buyers anticipate the loss of a vendor. Off: they do not.
        hedging: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// New workloads adopt. Off: adoption stays as at the start.
        adoption: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Spend grows with tenure, capability, price and new uses. Off: that of a workload stays as at the start, but for the ceiling that the market nears as more adopt.
        spend_growth: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Labs set markups by strategy. Off: the markup stays as at the start.
        pricing: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Application vendors buy models and sell applications. Off: what they buy is part of other business, and they earn nothing.
        applications: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Firms with several models adopt orchestration, which cuts switching costs and adds a second source. Off: none orchestrates.
        orchestration: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Adopters use governance tools, which narrow the perceived gap of trust. Off: none uses any.
        governance_tools: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Consumers buy. Off: no consumer revenue.
        consumers: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Clouds expand. Off: capacity stays as at the start.
        cloud_expansion: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Regulators act. Off: no audits, cost, fines or targeted action.
        regulation: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Audits are mandatory where rules are strict. Off: none.
        audits: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Regulators fine. Off: no fines.
        fines: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Political action may exclude one lab from public buyers. Off: none but by event.
        targeted_action: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Publicity of a targeted action moves consumers and small firms. Off: it moves nobody.
        publicity: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// A lab that its home government targets pays for its defence, and research suffers. Off: it costs nothing.
        legal_fights: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Public buyers choose in tenders. Off: they choose like others, when their contracts end.
        tenders: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Labs refuse the sectors of their red lines, and their home government minds. Off: they serve all.
        red_lines: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Labs break rules where it pays, and are found out. Off: all keep the rules, and fines come under other law alone.
        enforcement: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Large models need licences where rules are strictest. Off: none do.
        licensing: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// The law lays a part of buyers' harm on labs. Off: buyers bear what labs do not indemnify.
        liability_law: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Regulators change the price and supply of compute abroad. Off: both stay as at the start.
        export_controls: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Dominant labs face antitrust cases. Off: none do.
        antitrust: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Labs that are trusted and lobby tilt the rules to readiness. Off: lobbying moves stringency alone.
        capture: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Investors fund rounds. Off: labs live on revenue.
        investors: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Boards may fall out with those who run or fund a lab. Off: no crisis, and investors judge outside control alone.
        governance: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Labs adapt their strategies with experience. Off: strategies stay as the scenario sets them.
        adaptation: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Strategic investors bargain for terms and pay partly in compute. Off: they join the book, pay cash, and control follows their stakes.
        strategic_terms: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// A group with much at stake rescues a lab. Off: none does.
        rescue: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Investors switch between fundamental and extrapolative forecasts. Off: each kind keeps its weight.
        forecast_switching: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// A secondary market marks prices between rounds. Off: no such price.
        secondary_market: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Labs list. Off: all stay private.
        listing: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Owner groups buy labs. Off: none does.
        acquisition: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Clouds claim from a lab in default what it has committed. Off: lenders alone claim.
        commitment_claims: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// Debt service, compute paid for but not used, power of own compute and what is kept ready for peaks come out of a lab's budget. Off: the budget does not know them.
        contracted_payments: bool = true, "flag", [0.0, 1.0], Setting, "switch";
        /// A lab without money defaults. Off: lenders always cover a gap.
        default: bool = true, "flag", [0.0, 1.0], Setting, "switch";
    }
}

table! {
    /// A lab: who it is.
    pub struct LabIdentity: Structural {
        /// Name shown in tables and figures.
        name: String = "", "text", [0.0, 0.0], Setting, "setting";
        /// Group that owns it; empty for an independent lab. A division holds no rounds and its value is notional.
        owner: String = "", "group", [0.0, 0.0], Setting, "setting";
        /// Home jurisdiction.
        jurisdiction: String = "us", "jurisdiction", [0.0, 0.0], Setting, "setting";
        /// Key of its draws; empty for its id. Renaming a lab with the old key changes no number.
        draw_key: String = "", "text", [0.0, 0.0], Setting, "setting";
        /// Colour in figures, `#rrggbb`; empty for one by rank.
        colour: String = "", "text", [0.0, 0.0], Setting, "setting";
    }
}

table! {
    /// A lab's state at the start.
    pub struct LabStart: Initial {
        /// Cash.
        cash_usd: f64 = 0.0, "USD", [0.0, 1e13], Prior, "no observation";
        /// Debt.
        debt_usd: f64 = 0.0, "USD", [0.0, 1e13], Prior, "no observation";
        /// Run-rate of revenue, all sources; never below the lab's share of enterprise spend.
        run_rate_usd: f64 = 0.0, "USD per year", [0.0, 1e13], Prior, "no observation";
        /// Share of consumers in the run-rate that is not sold to enterprises as an API; the rest is other business.
        consumer_fraction: f64 = 0.0, "fraction", [0.0, 1.0], Prior, "no observation";
        /// Share of application vendors in its other business.
        applications_fraction: f64 = 0.25, "fraction of other business", [0.0, 1.0], Prior, "judgement: the rest are the lab's own seats and small APIs";
        /// Share of its two largest customers among application vendors in what such vendors buy of it.
        large_vendors_share: f64 = 0.4, "fraction", [0.0, 1.0], Prior, "judgement: concentrated, as customer_concentration of Anthropic";
        /// Share of the API spend of enterprises on this lab's models.
        enterprise_share: f64 = 0.0, "fraction", [0.0, 1.0], Prior, "no observation";
        /// Share of the API spend on coding and agents.
        coding_share: f64 = 0.0, "fraction", [0.0, 1.0], Prior, "no observation";
        /// Share of what was newly decided in the year before the start; 0 where unknown. It tells where the share of spend is heading.
        flow_share: f64 = 0.0, "fraction", [0.0, 1.0], Prior, "two surveys a year apart: spend now less what retained customers of the year before spend now";
        /// Capability of the best model deployed.
        eci: f64 = 100.0, "ECI", [0.0, 1000.0], Prior, "no observation";
        /// List price of the frontier model.
        price_usd_per_mtok: f64 = 3.0, "USD per million tokens, 3:1 input to output", [0.001, 10000.0], Prior, "no observation";
        /// Gross margin at that price.
        gross_margin: f64 = 0.4, "fraction", [-5.0, 0.95], Prior, "OpenAI 0.33 and Anthropic 0.40 in 2025";
        /// Trust: the grade of the FLI safety index over 4.3.
        trust: f64 = 0.4, "fraction", [0.02, 0.9], Prior, "no observation; Beta(4, 5)";
        /// Own compute in operation.
        owned_h100e: f64 = 0.0, "H100e", [0.0, 1e9], Prior, "no observation";
        /// Rented compute.
        rented_h100e: f64 = 1000.0, "H100e", [0.0, 1e9], Prior, "no observation";
        /// Own compute on order.
        ordered_h100e: f64 = 0.0, "H100e", [0.0, 1e9], Prior, "no observation";
        /// Commitments to each cloud, at face value.
        commitments_usd: Keyed = [], "USD", [0.0, 1e13], Prior, "no observation";
        /// Term over which the commitments fall due.
        commitment_term_years: f64 = 6.0, "years", [0.5, 30.0], Prior, "5 to 7 years";
        /// What the group of each cloud put into the lab before the start, each sum faded by its age as the model fades what comes later: e^(−age/2 years).
        raised_from_clouds_usd: Keyed = [], "USD", [0.0, 1e13], Prior, "no observation";
        /// Post-money valuation of the last priced round; 0 for none.
        last_round_post_money_usd: f64 = 0.0, "USD", [0.0, 1e14], Prior, "no observation";
        /// Month of that round.
        last_round: Month = "2025-01", "month", [0.0, 0.0], Prior, "no observation";
        /// Months since its deployed model came out; below 0 where that is not known, and then drawn over a cycle of its releases.
        months_since_release: f64 = -1.0, "months", [-1.0, 600.0], Prior, "no observation";
        /// Cash burnt in the year before the start, before rounds; 0 where unknown: then it is that of the lab's accounts at the start.
        cash_burn_usd_per_year: f64 = 0.0, "USD per year", [0.0, 1e13], Prior, "no observation";
        /// Growth of run-rate over the last year.
        growth_per_year: f64 = 1.0, "ln per year", [-3.0, 5.0], Prior, "no observation";
        /// Share of consumers by jurisdiction who use its assistant first.
        consumer_share: Keyed = [], "fraction", [0.0, 1.0], Prior, "no observation";
        /// Paying customers among small firms that pay any vendor, by firms (rates overlap).
        other_business_adoption: f64 = 0.0, "fraction of adopting firms", [0.0, 1.0], Prior, "no observation";
    }
}

table! {
    /// A lab's parameters.
    pub struct LabParameters: Parameter {
        /// Share of its models' enterprise tokens that the lab serves itself; others host the rest, royalty 0.
        api_share: f64 = 1.0, "fraction", [0.0, 1.0], Prior, "1 for closed labs; hosts serve most open weights";
        /// Clouds on which its models are sold.
        channels: Vec<String> = [], "clouds", [0.0, 0.0], Setting, "public catalogues of the clouds";
        /// Strength of its brand among business buyers.
        brand: f64 = 0.5, "1", [0.0, 10.0], Prior, "judgement";
        /// Share of incident cost that it takes off its buyers.
        indemnity: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Readiness for audits.
        audit_readiness: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement, after transparency scores";
        /// Lobbying, relative to the mean lab.
        lobbying: f64 = 1.0, "ratio", [0.0, 20.0], Prior, "judgement";
        /// Friction with its home government, a factor on the hazard of targeted action.
        political_friction: f64 = 1.0, "ratio", [0.0, 100.0], Prior, "judgement";
        /// Sectors that it will not serve.
        red_lines: Vec<String> = [], "sectors", [0.0, 0.0], Setting, "its own published policy";
        /// Fit of its principles with the values of each jurisdiction; 1 where not named.
        value_fit: Keyed = [], "fraction", [0.0, 1.0], Prior, "judgement";
        /// Most that the group that owns it gives it; of an independent lab, what a backer gives it.
        parent_transfer_usd_per_year: f64 = 0.0, "USD per year", [0.0, 1e13], Prior, "share of the group's capex and research";
        /// Growth of that transfer.
        parent_transfer_growth_per_year: f64 = 0.25, "ln per year", [-3.0, 3.0], Prior, "capex_annual of the group";
        /// Sector shares of attention: effort on coding, knowledge and customer-facing work, relative to their mean.
        focus: Keyed = [], "ratio by workload", [0.0, 10.0], Prior, "judgement; 1 where not named";
        /// Jurisdictions in which it sells nothing.
        absent_from: Vec<String> = [], "jurisdictions", [0.0, 0.0], Setting, "public lists of supported countries";
        /// Relative price of compute it pays: export controls and custom chips.
        compute_price_factor: f64 = 1.0, "ratio", [0.05, 20.0], Prior, "judgement";
        /// Independence kept: share of the outside control that a dollar of strategic money would bring that it refuses.
        independence: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement";
    }
}

table! {
    /// A lab's compute strategy: build or partner.
    pub struct LabCompute: Parameter {
        /// Share of new compute that the lab builds and owns; the rest is rented.
        build_share: f64 = 0.2, "fraction", [0.0, 1.0], Prior, "announced projects";
        /// Shares of rented compute by cloud.
        clouds: Keyed = [], "fraction by cloud", [0.0, 1.0], Prior, "announced contracts";
    }
}

table! {
    /// How a lab aligns its models.
    pub struct LabAlignment: Parameter {
        /// Method.
        method: Method = Method::Rlhf, "method", [0.0, 0.0], Setting, "the labs' own papers; seed 000";
        /// Method with which the safety of the start was observed; a scenario that asks what another would do changes `method` alone.
        method_at_start: Method = Method::Rlhf, "method", [0.0, 0.0], Setting, "the labs' own papers; seed 000";
        /// Share of research compute for safety with which the safety of the start was observed; a scenario that asks what another split would do changes `strategy.allocation` alone.
        safety_share_at_start: f64 = 0.03, "fraction of research compute", [0.0, 0.9], Prior, "judgement; the labs publish no split";
    }
}

/// The strategies of a lab.
#[derive(Debug, Default, PartialEq)]
pub struct LabStrategies {
    /// How the budget and compute are split: scale or trust.
    pub allocation: Allocation,
    /// How markups are set.
    pub pricing: PricingStrategy,
    /// Whether weights are published.
    pub openness: Openness,
    /// When a model is released, and how safe it must be.
    pub release: Release,
    /// Whether and how all that changes with experience.
    pub adaptation: Adapting,
}
copied_in_place!(LabStrategies { allocation, pricing, openness, release, adaptation });

/// A lab.
#[derive(Debug, Default, PartialEq)]
pub struct Lab {
    /// Who it is. (Its fields stand directly under `labs.<id>`.)
    pub identity: LabIdentity,
    /// State at the start. (Directly under `labs.<id>`.)
    pub start: LabStart,
    /// Parameters. (Directly under `labs.<id>`.)
    pub parameters: LabParameters,
    /// `labs.<id>.compute`
    pub compute: LabCompute,
    /// `labs.<id>.alignment`
    pub alignment: LabAlignment,
    /// `labs.<id>.governance`
    pub governance: LabGovernance,
    /// `labs.<id>.strategy.<family>`
    pub strategy: LabStrategies,
}
copied_in_place!(Lab { identity, start, parameters, compute, alignment, governance, strategy });

table! {
    /// A cloud.
    pub struct Cloud: Initial {
        /// Name shown in tables and figures.
        name: String = "", "text", [0.0, 0.0], Setting, "setting";
        /// Group that owns it.
        owner: String = "", "group", [0.0, 0.0], Setting, "setting";
        /// Key of its draws; empty for its id.
        draw_key: String = "", "text", [0.0, 0.0], Setting, "setting";
        /// Capex of its group in the year before the start.
        capex_usd_per_year: f64 = 1e10, "USD per year", [0.0, 1e13], Prior, "no observation";
        /// Share of that year's capex that stands as AI capacity at the start.
        ai_capex_share: f64 = 0.625, "fraction", [0.0, 5.0], Prior, "U(0.5, 0.75)";
        /// Cost of an H100e with its shell over that year, at the market's price of chips.
        cost_usd_per_h100e: f64 = 30000.0, "USD per H100e", [100.0, 1e6], Prior, "30k per H100e";
        /// Cost of the compute that it builds relative to the market's: chips of its own.
        build_cost_factor: f64 = 1.0, "ratio", [0.05, 10.0], Prior, "judgement: custom chips; 1 for those who buy what all can buy";
        /// Utilisation at the start.
        utilisation: f64 = 0.85, "fraction", [0.0, 1.0], Prior, "Beta(17, 3)";
        /// Share of the world's enterprises whose primary cloud it is.
        enterprise_share: f64 = 0.2, "fraction", [0.0, 1.0], Derived, "cloud_revenue_quarter 2025Q4";
        /// Rental price relative to the market's.
        price_ratio: f64 = 1.0, "ratio", [0.05, 10.0], Prior, "judgement: custom chips";
        /// Stakes in labs at the start.
        stakes: Keyed = [], "fraction of the lab by lab", [0.0, 1.0], Prior, "press reports";
        /// Whose models it promotes.
        promotion: Promotion = Promotion::Neutral, "posture", [0.0, 0.0], Prior, "judgement";
    }
}

table! {
    /// A jurisdiction: where firms, consumers and regulators are.
    pub struct Jurisdiction: Initial {
        /// Share of the world's large enterprises, by AI spend.
        enterprise_share: f64 = 0.2, "fraction", [0.0, 1.0], Prior, "Forbes Global 2000 by country, weighted to early adopters";
        /// People.
        population: f64 = 3e8, "people", [0.0, 1e10], Prior, "UN World Population Prospects 2024";
        /// Share of them that use an assistant at the start.
        assistant_adoption: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "consumer_adoption_genai 0.53 (population surveys) at the end of 2025";
        /// Factor on adoption hazards of enterprises.
        adoption_factor: f64 = 1.0, "ratio", [0.0, 10.0], Prior, "judgement";
    }
}

table! {
    /// A regulator, keyed as its jurisdiction.
    pub struct Regulator: Parameter {
        /// How it responds.
        posture: Posture = Posture::Responsive, "posture", [0.0, 0.0], Prior, "judgement";
        /// Labs that it excludes from public buyers.
        excluded_labs: Vec<String> = [], "labs", [0.0, 0.0], Setting, "set by events";
        /// Labs that it bans from its whole market.
        banned_labs: Vec<String> = [], "labs", [0.0, 0.0], Setting, "set by events";
        /// Jurisdictions whose labs it bans from its whole market, and whose open weights nobody there may host: a digital ban.
        banned_jurisdictions: Vec<String> = [], "jurisdictions", [0.0, 0.0], Setting, "set by events";
        /// Export controls: price of compute for the labs of other jurisdictions, relative to what it is under the controls of the start.
        export_price: Keyed = [], "ratio by jurisdiction", [0.05, 20.0], Setting, "set by events; what held at the start is in `compute_price_factor` of the labs";
        /// Export controls: share of the compute that the labs of other jurisdictions would order, or add to their rent, that they may have.
        export_supply: Keyed = [], "fraction by jurisdiction", [0.0, 1.0], Setting, "set by events";
        /// Whether audits are mandatory by a law of its own, whatever the stringency; the say of labs does not lift it.
        audits_mandatory: bool = false, "flag", [0.0, 1.0], Setting, "set by events";
        /// Whether large models need a licence by a law of its own, whatever the stringency.
        licensing_mandatory: bool = false, "flag", [0.0, 1.0], Setting, "set by events";
        /// Openness to the advice of the industry: influence of lobbying.
        influence: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Months between scheduled elections; 0 for none.
        election_interval_months: u64 = 48, "months", [0.0, 240.0], Setting, "constitutions";
        /// Next scheduled election after the start of 2025.
        next_election: Month = "2028-11", "month", [0.0, 0.0], Setting, "constitutions";
        /// Probability that an election changes the political regime.
        turnover: f64 = 0.45, "probability", [0.0, 1.0], Prior, "judgement";
    }
}

table! {
    /// A regulator's state at the start.
    pub struct RegulatorStart: Initial {
        /// Stringency.
        stringency: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement after events.csv";
        /// Salience.
        salience: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Political regime: -1 deregulates, 0 neutral, 1 regulates.
        regime: f64 = 0.0, "index", [-1.0, 1.0], Prior, "judgement after events.csv";
    }
}

table! {
    /// A sector of enterprises.
    pub struct Sector: Initial {
        /// Share of AI spend.
        spend_share: f64 = 0.15, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Weight of trust in coding, of the greatest.
        trust_coding: f64 = 0.2, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Weight of trust in knowledge work, of the greatest.
        trust_knowledge: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Weight of trust in customer-facing work, of the greatest.
        trust_customer: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Liability for what a vendor's model does.
        liability: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Whether the sector is regulated: its buyers bear compliance under audits.
        regulated: bool = false, "flag", [0.0, 1.0], Setting, "sector law";
        /// Whether its buyers are public: an exclusion by the regulator binds them.
        public: bool = false, "flag", [0.0, 1.0], Setting, "definition";
    }
}

table! {
    /// The population of enterprises.
    pub struct Enterprises: Structural {
        /// Number of enterprise agents; the market's size does not depend on it.
        count: u64 = 2000, "enterprises", [1.0, 1e6], Setting, "the Global 2000";
    }
}

table! {
    /// Smaller firms, one aggregate per jurisdiction: seats and small APIs, and application vendors where these are switched off.
    pub struct OtherBusiness: Initial {
        /// Share of firms that pay any vendor at the start.
        adoption: f64 = 0.459, "fraction", [0.0, 1.0], Fitted, "enterprise_adoption_any_ai, Ramp sample 2025-12";
        /// Share of firms that may ever pay.
        saturation: f64 = 0.9, "fraction", [0.0, 1.0], Prior, "judgement";
    }
}

/// One keyed agent: its id in the scenario, the hash of its draw key, and its values.
#[derive(Debug, Default, PartialEq)]
pub struct Agent<T> {
    /// Id: the key of its table.
    pub id: String,
    /// Key of its draws: a hash of `draw_key`, or of the id where that is empty.
    pub key: u64,
    /// Its values.
    pub values: T,
}
copied_in_place!(Agent<T> { id, key, values });

/// A regulator: parameters and start, both directly under `regulators.<id>`.
#[derive(Debug, Default, PartialEq)]
pub struct RegulatorValues {
    /// Parameters.
    pub parameters: Regulator,
    /// State at the start.
    pub start: RegulatorStart,
}
copied_in_place!(RegulatorValues { parameters, start });

/// Every value of a scenario. Agents stand in the order of their draw keys.
#[derive(Debug, Default, PartialEq)]
pub struct Parameters {
    /// `simulation`
    pub simulation: Simulation,
    /// `mechanisms`
    pub mechanisms: Mechanisms,
    /// `environment`
    pub environment: Environment,
    /// `environment.start`
    pub environment_start: EnvironmentStart,
    /// `compute`
    pub compute: Compute,
    /// `research`
    pub research: Research,
    /// `safety`
    pub safety: Safety,
    /// `governance`
    pub governance: Governance,
    /// `adaptation`
    pub adaptation: Adaptation,
    /// `incidents`
    pub incidents: Incidents,
    /// `trust`
    pub trust: Trust,
    /// `demand`
    pub demand: Demand,
    /// `demand.start`
    pub demand_start: DemandStart,
    /// `adoption`
    pub adoption: Adoption,
    /// `spend`
    pub spend: Spend,
    /// `pricing`
    pub pricing: Pricing,
    /// `consumers`
    pub consumers: Consumers,
    /// `cloud_market`
    pub cloud_market: Clouds,
    /// `regulation`
    pub regulation: Regulation,
    /// `enforcement`
    pub enforcement: Enforcement,
    /// `antitrust`
    pub antitrust: Antitrust,
    /// `government`
    pub government: Government,
    /// `valuation`
    pub valuation: Valuation,
    /// `rounds`
    pub rounds: Rounds,
    /// `applications`
    pub applications: Applications,
    /// `applications.start`
    pub applications_start: ApplicationsStart,
    /// `orchestration`
    pub orchestration: Orchestration,
    /// `orchestration.start`
    pub orchestration_start: OrchestrationStart,
    /// `governance_tools`
    pub governance_tools: GovernanceTools,
    /// `governance_tools.start`
    pub governance_tools_start: GovernanceToolsStart,
    /// `surplus`
    pub surplus: Surplus,
    /// `terms`
    pub terms: Terms,
    /// `hold_up`
    pub hold_up: HoldUp,
    /// `forecasts`
    pub forecasts: Forecasts,
    /// `exits`
    pub exits: Exits,
    /// `enterprises`
    pub enterprises: Enterprises,
    /// `other_business`
    pub other_business: OtherBusiness,
    /// `labs.<id>`
    pub labs: Vec<Agent<Lab>>,
    /// `clouds.<id>`
    pub clouds: Vec<Agent<Cloud>>,
    /// `investors.<kind>`
    pub investors: Vec<Agent<InvestorKind>>,
    /// `jurisdictions.<id>`
    pub jurisdictions: Vec<Agent<Jurisdiction>>,
    /// `regulators.<id>`, each keyed as a jurisdiction
    pub regulators: Vec<Agent<RegulatorValues>>,
    /// `sectors.<id>`
    pub sectors: Vec<Agent<Sector>>,
}
copied_in_place!(Parameters {
    simulation,
    mechanisms,
    environment,
    environment_start,
    compute,
    research,
    safety,
    governance,
    adaptation,
    incidents,
    trust,
    demand,
    demand_start,
    adoption,
    spend,
    pricing,
    consumers,
    cloud_market,
    regulation,
    enforcement,
    antitrust,
    government,
    valuation,
    rounds,
    applications,
    applications_start,
    orchestration,
    orchestration_start,
    governance_tools,
    governance_tools_start,
    surplus,
    terms,
    hold_up,
    forecasts,
    exits,
    enterprises,
    other_business,
    labs,
    clouds,
    investors,
    jurisdictions,
    regulators,
    sectors
});

impl Parameters {
    /// Years of one step.
    pub fn years_per_step(&self) -> f64 {
        1.0 / self.simulation.steps_per_year as f64
    }
    /// Months of one step.
    pub fn months_per_step(&self) -> i32 {
        (12 / self.simulation.steps_per_year.clamp(1, 12)) as i32
    }
    /// Number of steps of a run: zero when the end lies before the start.
    pub fn steps(&self) -> usize {
        let months = self.simulation.end.since(self.simulation.start) + 1;
        (months.max(0) / self.months_per_step()) as usize
    }
    /// The month whose end the initial state describes.
    pub fn month_before_start(&self) -> Month {
        self.simulation.start.plus(-1)
    }
    /// Index of a lab.
    pub fn lab(&self, id: &str) -> Option<usize> {
        self.labs.iter().position(|a| a.id == id)
    }
    /// Index of a cloud.
    pub fn cloud(&self, id: &str) -> Option<usize> {
        self.clouds.iter().position(|a| a.id == id)
    }
    /// Index of a jurisdiction.
    pub fn jurisdiction(&self, id: &str) -> Option<usize> {
        self.jurisdictions.iter().position(|a| a.id == id)
    }
}

/// The number under `name`, or `otherwise`.
pub fn keyed_or(map: &Keyed, name: &str, otherwise: f64) -> f64 {
    map.get(name).copied().unwrap_or(otherwise)
}
