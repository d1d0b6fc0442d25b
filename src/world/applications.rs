//! State of the application vendors in columns: the large ones (two for each lab that they buy from at the start), then one aggregate
//! of all others. V vendors, L labs; matrices are row after row, `purchases_usd[v * L + j]`.

/// State of application vendors. Rates are per year; money is nominal USD.
#[derive(Clone, Debug, Default)]
pub struct Applications {
    /// Keys of the vendors' draws, V; that of the aggregate is never used.
    pub key: Vec<u64>,
    /// Month of the year in which a contract of a large vendor ends, V.
    pub renewal: Vec<i32>,
    /// Size relative to the start, V.
    pub size: Vec<f64>,
    /// What is bought at the reference price and the size of the start, V × L, USD per year.
    pub units_usd: Vec<f64>,
    /// What vendors pay each lab, if it serves all, V × L, USD per year.
    pub purchases_usd: Vec<f64>,
    /// What a lab has for vendors beyond its utility to enterprises, a factor on its weight, L: fitted at the start.
    pub appeal: Vec<f64>,
    /// Weight of a unit of each lab's models at the start, L.
    pub initial_weight: Vec<f64>,
    /// ln of each lab's price over the reference at the start, L.
    pub initial_ln_price: Vec<f64>,
    /// Mean price of models bought at the start, USD per million tokens.
    pub reference_price_usd: f64,
    /// Mean capability bought at the start, ECI.
    pub reference_eci: f64,
    /// Mean weight of a unit at the start.
    pub reference_weight: f64,
    /// Mean ln price over the reference at the start.
    pub reference_ln_price: f64,
    /// Adopted share of enterprises' workloads and of smaller firms at the start.
    pub initial_adopted: (f64, f64),
    /// Models in the cost of vendors at the start.
    pub model_share: f64,
    /// Cost of vendors over their revenue at the start.
    pub cost_share: f64,
    /// ln of growth by new uses since the start.
    pub ln_new_uses: f64,
    /// Price of an application relative to the start.
    pub price: f64,
    /// Demand for applications before saturation, over its ceiling.
    pub crowding: f64,
    /// Revenue of all vendors, if labs serve all, USD per year.
    pub wanted_usd: f64,
    /// Costs of all vendors apart from models, if labs serve all, USD per year.
    pub other_cost_usd: f64,
    /// Revenue of all vendors, USD per year.
    pub revenue_usd: f64,
    /// What they pay for models, USD per year.
    pub model_cost_usd: f64,
    /// What they pay for all else, USD per year.
    pub paid_other_usd: f64,
    /// Their profit, USD per year.
    pub profit_usd: f64,
    /// Scratch: news of the growth of each vendor, V.
    pub news: Vec<f64>,
    /// Scratch: weight of each lab in the market, L.
    pub weight: Vec<f64>,
}
