//! State of the investors in columns, and who holds what of the labs. V investors in K kinds; matrices are row after
//! row, row index first: `stake[j * V + v]`.

/// State of the investors. Their dry powder is the cash of their accounts.
#[derive(Clone, Debug, Default)]
pub struct Investors {
    /// Kind of each investor, V: an index into the parameters.
    pub kind: Vec<usize>,
    /// Group to which a strategic investor belongs, V: a cloud, after those the chip makers; [`NOBODY`](super::capital::NOBODY) for none.
    pub group_cloud: Vec<usize>,
    /// Size relative to the mean of the kind, V: the sizes of a kind sum to its count.
    pub size: Vec<f64>,
    /// Bloc of the money of each kind, K: money stays within its bloc.
    pub kind_bloc: Vec<bool>,
    /// Bloc of each lab, L.
    pub lab_bloc: Vec<bool>,
    /// Mean horizon of all investors, years.
    pub mean_horizon_years: f64,

    /// Lasting opinion of an investor about a lab, L × V, in standard deviations of disagreement.
    pub opinion: Vec<f64>,
    /// Share of the lab that the investor holds, L × V.
    pub stake: Vec<f64>,
    /// Share of the lab that the cloud's group has held since the start, L × C.
    pub cloud_stake: Vec<f64>,
    /// Growth of run-rate seen this step, L, ln per year.
    pub growth_seen: Vec<f64>,
    /// That growth above what was expected, L, ln per year.
    pub surprise: Vec<f64>,
    /// Trust above the mean lab's, L.
    pub trust_above_mean: Vec<f64>,
    /// Hazard of a crisis of governance above that of a lab that keeps its own control, L, per year.
    pub crisis_hazard: Vec<f64>,

    /// Put into labs since the start, K, USD.
    pub deployed_usd: Vec<f64>,
    /// Value of the shares held, K, USD.
    pub marked_value_usd: Vec<f64>,
    /// Cash that can still be invested, K, USD.
    pub dry_powder_usd: Vec<f64>,

    /// Scratch of a mark: value of the shares that each investor holds, V, USD.
    pub held_usd: Vec<f64>,
    /// Scratch of a book: ln of each investor's valuation, V.
    pub ln_value: Vec<f64>,
    /// Scratch of a book: most that each investor gives, V, USD.
    pub limit_usd: Vec<f64>,
    /// Scratch of a book: investors from the highest valuation down, V.
    pub order: Vec<usize>,
}
