//! State of the labs in columns. L labs; matrices are row after row, row index first:
//! `quality[j * WORKLOAD_COUNT + w]`, `trust[j * J + g]`.

/// Number of tiers on a lab's menu: frontier and light.
pub const TIERS: usize = 2;

/// State of the labs. All rates are per year; money is nominal USD.
#[derive(Clone, Debug, Default)]
pub struct Labs {
    /// Still in business.
    pub alive: Vec<bool>,
    /// Has defaulted.
    pub defaulted: Vec<bool>,
    /// Belongs to an owner group: holds no rounds, its value is notional.
    pub division: Vec<bool>,
    /// Weights of the deployed model are public.
    pub open: Vec<bool>,
    /// Share of its models' enterprise tokens that the lab serves itself, 0 to 1; others host the rest.
    pub own_share: Vec<f64>,
    /// Compute that it would take to serve those who mean to come back from hosts within a step, H100e.
    pub takeover_h100e: Vec<f64>,
    /// Capability of the best model of the lab whose weights are out, ECI; NaN while none are.
    pub published_eci: Vec<f64>,
    /// How far what those who host that model use stays behind it, ECI.
    pub published_lag_eci: Vec<f64>,
    /// Sells models at all (a lab without API, consumers and other business does not).
    pub sells: Vec<bool>,

    /// Capability of the deployed model, ECI.
    pub eci: Vec<f64>,
    /// How far what customers use stays behind the deployed model, ECI.
    pub upgrade_lag_eci: Vec<f64>,
    /// Capability that the next model builds on: the deployed model and what has spilled over since, ECI.
    pub base_eci: Vec<f64>,
    /// ln of algorithmic efficiency relative to the start.
    pub ln_efficiency: Vec<f64>,
    /// Training compute since the last release, FLOP.
    pub training_flop: Vec<f64>,
    /// Capability of the model that is finished and waits for audit or licence, ECI; NaN while none does.
    pub finished_eci: Vec<f64>,
    /// Its luck, ECI.
    pub finished_luck_eci: Vec<f64>,
    /// Its safety, 0 to 1.
    pub finished_safety: Vec<f64>,
    /// Its training compute D, FLOP.
    pub finished_training_flop: Vec<f64>,
    /// Its effective compute D·A.
    pub finished_flop: Vec<f64>,
    /// ln of the algorithmic efficiency that it was trained with.
    pub finished_ln_efficiency: Vec<f64>,
    /// Months for which it has waited.
    pub waited_months: Vec<f64>,
    /// Months since the training run under way began.
    pub months_since_run: Vec<f64>,
    /// ln of the algorithmic efficiency that `base_eci` holds.
    pub base_ln_efficiency: Vec<f64>,
    /// Effective compute D·A of the last release.
    pub reference_flop: Vec<f64>,
    /// Months since the last release.
    pub months_since_release: Vec<f64>,
    /// Releases so far.
    pub releases: Vec<u64>,
    /// Training runs begun so far, released or not; keys the luck of the one under way.
    pub runs: Vec<u64>,
    /// Safety of the deployed model, 0 to 1.
    pub safety: Vec<f64>,
    /// Safety compute since the last release, FLOP.
    pub safety_flop: Vec<f64>,
    /// Part of logit safety that is the lab's own: its safety of the start, less what effort, jump and method explain.
    pub safety_intercept: Vec<f64>,
    /// Share of incidents that come in clusters.
    pub blind_spot: Vec<f64>,
    /// Usage relative to that of the largest lab at the start.
    pub usage: Vec<f64>,
    /// Incidents this step.
    pub incidents: Vec<f64>,
    /// Severity of this step's incidents relative to the median, summed.
    pub severity: Vec<f64>,
    /// Expected severity of a year's incidents per unit of usage, relative to the mean lab.
    pub expected_severity: Vec<f64>,
    /// Sector hit hardest by this step's incidents, or `usize::MAX`.
    pub hit_sector: Vec<usize>,
    /// Good evidence, L × J.
    pub good_evidence: Vec<f64>,
    /// Bad evidence, L × J.
    pub bad_evidence: Vec<f64>,
    /// Ceiling of trust, L × J.
    pub trust_ceiling: Vec<f64>,
    /// Trust, L × J.
    pub trust: Vec<f64>,
    /// Variance of the bad evidence of a lab of this usage and safety, by chance alone.
    pub evidence_variance: Vec<f64>,
    /// Evidence that makes up for how thin the evidence is, L × J.
    pub thin_evidence: Vec<f64>,

    /// Latent quality, L × 3 workloads.
    pub quality: Vec<f64>,
    /// Latent quality at the start, L × 3 workloads.
    pub quality_start: Vec<f64>,
    /// Intercept of ln serving cost: c0.
    pub cost_intercept: Vec<f64>,
    /// Serving cost of a million tokens, L × TIERS, USD.
    pub cost_usd_per_mtok: Vec<f64>,
    /// Price of a million tokens, L × TIERS, USD.
    pub price_usd_per_mtok: Vec<f64>,
    /// Markup over serving cost.
    pub markup: Vec<f64>,
    /// Markup at the start.
    pub initial_markup: Vec<f64>,
    /// Share of demand for the lab's models that is served, by itself and by hosts, 0 to 1.
    pub reliability: Vec<f64>,

    /// Sold on the cloud, L × C.
    pub sold_on: Vec<bool>,
    /// Share of rented compute on each cloud that the strategy asks for, L × C.
    pub cloud_plan: Vec<f64>,
    /// Effort by workload relative to its mean, L × 3.
    pub focus: Vec<f64>,
    /// Own compute, H100e.
    pub owned_h100e: Vec<f64>,
    /// Own compute on order by stage of delivery, L × STAGES, H100e.
    pub ordered_h100e: Vec<f64>,
    /// Rented compute, H100e.
    pub rented_h100e: Vec<f64>,
    /// Rented compute by cloud, L × C, H100e.
    pub rented_by_cloud_h100e: Vec<f64>,
    /// Rented compute by cloud a step ago, L × C, H100e.
    pub rented_before_h100e: Vec<f64>,
    /// Months since commitments were last renegotiated.
    pub months_since_renegotiation: Vec<f64>,
    /// Price over that of the strategy while capacity is short, 1 or more.
    pub scarcity: Vec<f64>,
    /// Scarcity premium under which the need for serving was last counted, ratio.
    pub scarcity_before: Vec<f64>,
    /// Share of the lab's own service that its capacity can serve, 0 to 1.
    pub own_service: Vec<f64>,
    /// Compute that demand would take, H100e.
    pub serving_need_h100e: Vec<f64>,
    /// Compute that serves customers, H100e.
    pub serving_h100e: Vec<f64>,
    /// Compute that trains, H100e.
    pub training_h100e: Vec<f64>,
    /// Compute that experiments, H100e.
    pub research_h100e: Vec<f64>,
    /// Compute for safety, H100e.
    pub safety_h100e: Vec<f64>,
    /// Commitments at face value after the haircut, L × C, USD.
    pub commitments_usd: Vec<f64>,
    /// Of them paid so far, L × C, USD.
    pub commitments_paid_usd: Vec<f64>,

    /// Budget for research, staff and capex, USD per year.
    pub budget_usd: Vec<f64>,
    /// Run-rate from enterprises outside the public sectors, USD per year.
    pub revenue_enterprise_usd: Vec<f64>,
    /// Run-rate from enterprises in public sectors, USD per year.
    pub revenue_government_usd: Vec<f64>,
    /// Run-rate from consumers, USD per year.
    pub revenue_consumer_usd: Vec<f64>,
    /// Run-rate from other business, USD per year.
    pub revenue_other_usd: Vec<f64>,
    /// Run-rate from application vendors, USD per year.
    pub revenue_applications_usd: Vec<f64>,
    /// Run-rate, all sources, USD per year.
    pub run_rate_usd: Vec<f64>,
    /// Spend of enterprises on the lab's models that hosts bill, royalty 0, USD per year.
    pub hosted_usd: Vec<f64>,
    /// What clouds keep of sales through them, L × C, USD per year.
    pub take_usd: Vec<f64>,
    /// Price of an hour of compute that the lab paid at the start over the market's contract price of that day.
    pub hour_ratio_start: Vec<f64>,
    /// Cost of serving at the price of compute that the lab pays, with what clouds keep, USD per year.
    pub serving_cost_usd: Vec<f64>,
    /// Of it what is not compute, USD per year.
    pub serving_other_usd: Vec<f64>,
    /// Profit after depreciation and interest, USD per year.
    pub profit_usd: Vec<f64>,
    /// Months on end with a profit.
    pub months_in_profit: Vec<f64>,
    /// Has made a profit for twelve months on end, now or before.
    pub turned_profitable: Vec<bool>,
    /// Own capex, USD per year.
    pub capex_usd: Vec<f64>,
    /// Cash burn (before rounds), USD per year, smoothed.
    pub burn_usd: Vec<f64>,
    /// Months of cash left at the forecast burn; capped at 120.
    pub runway_months: Vec<f64>,
    /// Expected growth of run-rate, ln per year.
    pub expected_growth: Vec<f64>,
    /// Run-rate a step ago, USD per year.
    pub run_rate_before_usd: Vec<f64>,
    /// Share of revenue spent on compliance.
    pub compliance_share: Vec<f64>,
    /// Share of revenue spent on legal defence.
    pub legal_share: Vec<f64>,

    /// What the market would pay: the marked valuation, USD.
    pub valuation_usd: Vec<f64>,
    /// Market sentiment about the lab, ln.
    pub sentiment: Vec<f64>,
    /// Post-money valuation of the last priced round, USD; 0 for none.
    pub last_round_usd: Vec<f64>,
    /// Months since that round.
    pub months_since_round: Vec<f64>,
    /// Share of the lab sold in rounds since the start.
    pub dilution: Vec<f64>,
    /// Share held by strategic investors, weighted by the control given up.
    pub outside_control: Vec<f64>,
    /// Months with negative cash and no filled book.
    pub distress_months: Vec<f64>,
    /// Raised in rounds this step, USD.
    pub raised_usd: Vec<f64>,
    /// Raised from the investment arms of each cloud's group in the last two years, decaying, L × C, USD.
    pub raised_from_cloud_usd: Vec<f64>,

    /// Excluded from public buyers, L × J.
    pub excluded_public: Vec<bool>,
    /// Banned from the whole market, or not selling there, L × J.
    pub excluded: Vec<bool>,
    /// Hazard per year that buyers of a jurisdiction lose the lab, L × J.
    pub loss_hazard: Vec<f64>,
}

impl Labs {
    /// Capability of the best model of a lab whose weights are out, and how far what those who host it use stays behind, both ECI.
    /// Weights that are out stay out when the lab closes, or is gone.
    pub fn published(&self, lab: usize) -> Option<(f64, f64)> {
        if self.open[lab] {
            return Some((self.eci[lab], self.upgrade_lag_eci[lab]));
        }
        let eci = self.published_eci[lab];
        (!eci.is_nan()).then(|| (eci, self.published_lag_eci[lab]))
    }
}
