//! Smaller firms for a month: more of them pay, contracts end, some change their vendor, all spend more.
//!
//! ```text
//! join       A ← A + (Ā − A)·(1 − exp(−H)),   H the hazard of `adoption` at the share A/Ā            A share that pays, Ā saturation
//! weight     w_j = W_jg·appeal_j·exp(publicity_j)                            W of `step/demand/utility.rs`; appeal fitted at the start
//! renew      a part ρ = 1 − (1 − 1/contract months)^months of customers; all of them of a lab that cannot be had
//!            of those with k, lab j gets  w_j·exp(−κ'_k)/D_k, k itself w_k/D_k,   D_k = w_k + exp(−κ'_k)·(Σ w − w_k)
//!            κ' = κ, or κ·(1 − i) under a remedy (`antitrust`)
//! new firms  choose j in the share w_j/Σ w and add their part of the spend of the start, X_0·joined/A_0
//! revenue    Σ_g base_jg·I^φ·n                                               USD per year
//!            I spend of enterprises per adopted workload, n vendors per firm of theirs, both over the start; nothing where hosts do all service
//! paid       min(1, A·n_0·n·s_j), n_0 vendors per firm at the start, s_j share of j in vendor relations       as a panel in the US would show
//! ```
//!
//! One aggregate a jurisdiction. A share of vendor relations comes up for renewal each step and chooses by
//! the logit of enterprises without taste; the incumbent has the switching cost in its favour. With the
//! incumbent `k`, lab `j` takes `e^{v_j − κ·[j ≠ k]}/D_k`, where `D_k = e^{v_k} + e^{−κ}(Σ − e^{v_k})`.
//! φ is `spend.other_business_growth_factor`, κ `demand.switching_cost`, Ā `other_business.saturation`, contract `demand.contract_months`.
//!
//! Logit of McFadden (1974) with a cost of switching; adoption after Bass (1969); that smaller firms follow enterprises in spend is our own.

use crate::math::{exp, ln, pow};
use crate::mechanisms::adoption;
use crate::mechanisms::antitrust::opened;
use crate::scenario::parameters::MAX_LABS;
use crate::step::Context;
use crate::world::World;

/// Moves smaller firms by one step and sets the labs' revenue from them. Enterprises have chosen already.
pub fn grow(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (labs, jurisdictions) = (world.dims.labs, world.dims.jurisdictions);
    let mut o = std::mem::take(&mut world.other_business);
    let fall = adoption::price_fall(world.demand.reference_price_usd, world.demand.mean_price_usd);
    let cost = if p.mechanisms.switching_costs { p.demand.switching_cost } else { 0.0 };
    // A remedy makes leaving easier by this factor.
    let eased = exp(cost - opened(cost, p.antitrust.interoperability));
    let renewed = renewed(p.demand.contract_months, ctx.months);
    for g in 0..jurisdictions {
        o.weight.copy_from_slice(&world.demand.private_weight[g * labs..(g + 1) * labs]);
        let there = g * labs..(g + 1) * labs;
        for (j, (w, appeal)) in o.weight.iter_mut().zip(&o.appeal[there.clone()]).enumerate() {
            *w *= appeal * renown(world.regulators.publicity[j * jurisdictions + g]);
        }
        let joined = if p.mechanisms.adoption {
            let saturation = p.other_business.saturation;
            let part = if saturation > 0.0 { (o.adopted[g] / saturation).min(1.0) } else { 1.0 };
            let factor = p.jurisdictions[g].values.adoption_factor;
            let hazard = adoption::step_hazard(&p.adoption, part, fall, factor, ctx.dt);
            (saturation - o.adopted[g]).max(0.0) * (1.0 - exp(-hazard))
        } else {
            0.0
        };
        let before = o.adopted[g];
        o.adopted[g] += joined;
        let remedied =
            |j: usize| p.mechanisms.antitrust && world.regulators.remedy_months_left[j * jurisdictions + g] > 0.0;
        let ease = |j: usize| if remedied(j) { eased } else { 1.0 };
        let renewal = Renewal::new(&o.weight, renewed, cost, ease);
        let (shares, bases) = (&mut o.share[there.clone()], &mut o.base_usd[there]);
        renewal.live(shares);
        renewal.live(bases);
        let total: f64 = o.weight.iter().sum();
        if joined > 0.0 && total > 0.0 {
            let spend = if o.initial_adopted[g] > 0.0 { o.initial_usd[g] * joined / o.initial_adopted[g] } else { 0.0 };
            for ((weight, share), base) in o.weight.iter().zip(shares).zip(bases) {
                let chosen = weight / total;
                *share = (*share * before + chosen * joined) / o.adopted[g];
                *base += chosen * spend;
            }
        }
    }
    if o.initial_enterprise_vendors > 0.0 && world.demand.vendors_per_firm > 0.0 {
        o.vendors_per_firm = o.initial_vendors_per_firm * world.demand.vendors_per_firm / o.initial_enterprise_vendors;
    }
    let growth = enterprise_intensity(world) / o.initial_enterprise_intensity;
    if growth.is_finite() && growth > 0.0 {
        o.intensity = exp(p.spend.other_business_growth_factor * ln(growth));
    }
    let scale = if o.initial_vendors_per_firm > 0.0 { o.vendors_per_firm / o.initial_vendors_per_firm } else { 1.0 };
    for j in 0..labs {
        // The base is what a lab bills itself at the share that the scenario gives it. One that leaves all service to hosts bills
        // nothing; when it closes, it bills those who have come over.
        let bills = if p.labs[j].values.parameters.api_share > 0.0 { 1.0 } else { world.labs.own_share[j] };
        let base: f64 = (0..jurisdictions).map(|g| o.base_usd[g * labs + j]).sum();
        world.labs.revenue_other_usd[j] = base * o.intensity * scale * bills;
    }
    world.other_business = o;
    survey(world, ctx);
}

/// Share of contracts of this length that come up for renewal in a step, month after month: who chose last month may be up again.
pub(in crate::step) fn renewed(contract_months: u64, months: i32) -> f64 {
    let monthly = 1.0 / contract_months.max(1) as f64;
    if months == 1 { monthly.min(1.0) } else { 1.0 - pow(1.0 - monthly, f64::from(months)) }
}

/// Factor on the weight of a lab that is talked about.
fn renown(publicity: f64) -> f64 {
    // As of most labs most of the time: nobody talks about them.
    if publicity == 0.0 { 1.0 } else { exp(publicity) }
}

/// How customers choose when their contracts end: a share of each lab's, and all of a lab that cannot be had any more.
pub(in crate::step) struct Renewal<'a> {
    weight: &'a [f64],
    all: f64,
    renewed: f64,
    /// Weight of another lab than one's own, relative to what it would be without a cost of switching.
    away: f64,
    /// How much easier than usual it is to leave each lab.
    ease: [f64; MAX_LABS],
    /// Weight of all labs to the customers of each.
    denominator: [f64; MAX_LABS],
}

impl Renewal<'_> {
    /// `ease(j)` is how much easier than usual it is to leave lab `j`.
    pub(in crate::step) fn new(weight: &[f64], renewed: f64, cost: f64, ease: impl Fn(usize) -> f64) -> Renewal<'_> {
        let (all, away) = (weight.iter().sum(), exp(-cost));
        let (eases, denominator) = ([1.0; MAX_LABS], [0.0; MAX_LABS]);
        let mut renewal = Renewal { weight, all, renewed, away, ease: eases, denominator };
        for (j, w) in weight.iter().enumerate() {
            renewal.ease[j] = ease(j);
            renewal.denominator[j] = w + away * renewal.ease[j] * (all - w);
        }
        renewal
    }

    /// Moves what the customers of each lab have. The total stays, unless nobody can be had.
    pub(in crate::step) fn live(&self, of_labs: &mut [f64]) {
        if self.all <= 0.0 {
            of_labs.fill(0.0);
            return;
        }
        let mut owns = [0.0; MAX_LABS];
        let leaving = |weight: f64, x: f64| if weight > 0.0 { self.renewed * x } else { x };
        let labs = self.weight.iter().zip(&self.ease);
        let mut pool = 0.0;
        for (((own, x), (weight, ease)), denominator) in
            owns.iter_mut().zip(&*of_labs).zip(labs.clone()).zip(&self.denominator)
        {
            *own = leaving(*weight, *x) / denominator;
            pool += ease * *own;
        }
        for ((x, own), (weight, ease)) in of_labs.iter_mut().zip(&owns).zip(labs) {
            *x += weight * (own + self.away * (pool - ease * own)) - leaving(*weight, *x);
        }
    }
}

/// Enterprise spend per adopted workload, USD per year for all firms.
pub(in crate::step) fn enterprise_intensity(world: &World) -> f64 {
    let adopted: f64 = world.demand.adoption.iter().sum();
    if adopted > 0.0 { world.demand.total_usd.iter().sum::<f64>() / adopted } else { 0.0 }
}

/// What a panel of small firms in the United States would show.
pub(in crate::step) fn survey(world: &mut World, ctx: &Context) {
    let g = ctx.parameters.jurisdiction("us").unwrap_or(0);
    let o = &mut world.other_business;
    let Some(&adopted) = o.adopted.get(g) else { return };
    o.adoption = adopted;
    for (paid, share) in o.paid_adoption.iter_mut().zip(&o.share[g * world.dims.labs..]) {
        *paid = (adopted * o.vendors_per_firm * share).min(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Parameters;
    use crate::step::demand::utility::private_weights;
    use crate::step::start;
    use crate::step::tests_support::{context, parameters, started, step};

    #[test]
    fn three_months_renew_as_one_quarter_does() {
        assert!((1.0 - renewed(12, 3) - (1.0 - renewed(12, 1)).powi(3)).abs() < 1e-15);
        assert_eq!((renewed(12, 1), renewed(1, 3)), (1.0 / 12.0, 1.0));
    }

    #[test]
    fn renewal_moves_customers_and_loses_none() {
        let mut column = [0.5, 0.3, 0.2];
        Renewal::new(&[1.0, 2.0, 0.5], 0.1, 4.0, |_| 1.0).live(&mut column);
        assert!((column.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(column[1] > 0.3 && column[2] < 0.2);
    }

    #[test]
    fn without_switching_cost_shares_go_to_the_logit() {
        let mut column = [1.0, 0.0, 0.0];
        for _ in 0..400 {
            Renewal::new(&[1.0, 2.0, 1.0], 1.0 / 12.0, 0.0, |_| 1.0).live(&mut column);
        }
        assert!((column[1] - 0.5).abs() < 1e-9 && (column[0] - 0.25).abs() < 1e-9);
    }

    #[test]
    fn a_lab_that_must_open_its_interfaces_loses_customers_faster() {
        let after = |ease: f64| {
            let mut column = [0.8, 0.1, 0.1];
            Renewal::new(&[1.0, 1.0, 1.0], 0.1, 4.0, |j| if j == 0 { ease } else { 1.0 }).live(&mut column);
            assert!((column.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            column[0]
        };
        assert!(after(3.3) < after(1.0));
    }

    #[test]
    fn a_lab_that_cannot_be_had_loses_all_its_customers_to_the_others() {
        let mut column = [0.6, 0.4];
        Renewal::new(&[0.0, 1.0], 0.1, 4.0, |_| 1.0).live(&mut column);
        assert_eq!(column[0], 0.0);
        assert!((column[1] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn smaller_firms_start_at_the_observed_revenue_and_adoption_and_grow() {
        let mut p = parameters(4);
        p.mechanisms.applications = false;
        let mut world = started(&p, 0);
        let ctx = context(&p, 0, p.month_before_start());
        start::other_business::start(&mut world, &ctx);
        let declared = (4e9 - world.demand.total_usd[0]).max(0.0) * 0.5;
        assert!((world.labs.revenue_other_usd[0] / declared - 1.0).abs() < 1e-9);
        // A tenth of the firms that pay anybody pay this lab.
        assert!((world.other_business.paid_adoption[1] - 0.1 * 0.459).abs() < 1e-12);
        let before: f64 = world.labs.revenue_other_usd.iter().sum();
        for _ in 0..12 {
            step(&mut world, &p, 0);
            let ctx = context(&p, 0, world.month);
            grow(&mut world, &ctx);
        }
        assert!(world.labs.revenue_other_usd.iter().sum::<f64>() > before);
        assert!(world.other_business.adoption > 0.459);
        for g in 0..2 {
            let total: f64 = (0..4).map(|j| world.other_business.share[g * 4 + j]).sum();
            assert!((total - 1.0).abs() < 1e-9);
        }
    }

    /// A started world in which all labs are alike.
    fn alike(p: &Parameters) -> World {
        let mut world = started(p, 0);
        start::other_business::start(&mut world, &context(p, 0, p.month_before_start()));
        world
    }

    #[test]
    fn a_lab_that_refuses_one_sector_keeps_the_smaller_firms_of_the_others() {
        let mut p = parameters(4);
        crate::step::tests_support::only_choice(&mut p);
        let mut world = alike(&p);
        world.labs.quality_start.fill(0.0);
        // It refuses finance, 0.5 of 0.8 of private spend.
        world.government.refused[0] = true;
        step(&mut world, &p, 0);
        let ctx = context(&p, 0, world.month);
        let mut weight = [0.0; 4];
        private_weights(&world, &ctx, 0, &mut weight);
        assert!((weight[0] / weight[1] - 0.3 / 0.8).abs() < 1e-3, "{weight:?}");
        let before = world.labs.revenue_other_usd[0];
        grow(&mut world, &ctx);
        assert!(world.labs.revenue_other_usd[0] > 0.8 * before);
        // A sector that spends nothing says nothing.
        let finance = p.sectors.iter().position(|s| s.id == "finance").unwrap();
        p.sectors[finance].values.spend_share = 0.0;
        private_weights(&world, &context(&p, 0, world.month), 0, &mut weight);
        assert!(weight.iter().all(|w| w.is_finite() && *w > 0.0), "{weight:?}");
    }

    #[test]
    fn a_lab_that_has_closed_its_weights_bills_smaller_firms_itself() {
        let mut p = parameters(2);
        p.labs[0].values.parameters.api_share = 0.0;
        let mut world = started(&p, 0);
        world.labs.own_share[0] = 0.0;
        start::other_business::start(&mut world, &context(&p, 0, p.month_before_start()));
        let billed = |world: &mut World, open: bool| {
            world.labs.own_share[0] = if open { 0.0 } else { 0.25 };
            let ctx = context(&p, 0, world.month);
            grow(world, &ctx);
            world.labs.revenue_other_usd[0]
        };
        assert_eq!(billed(&mut world, true), 0.0);
        let part = billed(&mut world, false);
        assert!(part > 0.0);
        world.labs.own_share[0] = 1.0;
        let ctx = context(&p, 0, world.month);
        grow(&mut world, &ctx);
        assert!(world.labs.revenue_other_usd[0] > 3.5 * part);
    }
}
