//! Terms of strategic money (section 3.13): what an industrial investor gets besides shares, by Nash bargaining.
//!
//! ```text
//! max over y, z of  (u − d_lab)^β · (v − d_inv)^(1−β)
//! u − d_lab = a − M·y − F·Σ c_k z_k² / (2(1 − i))       a: what the money does for the holders of the lab beyond its next best book, USD
//! v − d_inv = b + V·y + F·Σ b_k z_k                     b: what the deal costs the investor beside its shares, USD; −F for a plain cheque
//! ```
//!
//! y share of the lab that is sold; z terms, each 0 to 1: control, exclusivity, commitment; M value of the lab to its holders and V to
//! the investor, USD; F money, USD; b_k what a full term is worth to the investor and c_k what it costs a lab that does not mind, per
//! dollar of money; i the lab's independence, 0 to 1. Shares move value between the two at the rate M : V, so the solution is closed:
//!
//! ```text
//! z_k = min(1, (1 − i)·(b_k/c_k)·(M/V)),   S = A/M + B/V,   y = (1 − β)·A/M − β·B/V
//! ```
//!
//! with A and B the two gains without shares at those terms. A deal is struck when S > 0; the lab then gains β·S·M and the investor
//! (1 − β)·S·V. Independence lowers every z, and raises y wherever terms are not given in full: it is paid for in shares, and where S falls
//! below 0 in a deal not struck.
//!
//! Nash (1950), The bargaining problem; generalised weights after Binmore, Rubinstein and Wolinsky (1986), The Nash bargaining solution in
//! economic modelling. Quadratic costs and linear benefits are the simplest that leave terms in the interior.
//!
//! Parameters: β `bargaining_power`; b and c `control_benefit` and `control_cost`, `exclusivity_benefit` and `exclusivity_cost`,
//! `commitment_benefit` and `commitment_cost`; a full promise is `commitment_multiple`·F of rent, of which 1 − exp(−dt/`commitment_years`)
//! falls due in a step; `compute_share` of F is paid in compute, up to `compute_years` of its use; a holds `shortfall_cost` of each dollar
//! by which the deal narrows what the lab lacks. A rescue pays the shortfall and `rescue_months` of burn: d_inv is the loss of the stake
//! and of `rent_margin` of the rent owed, y at most `rescue_dilution`, money at most `rescue_capex_share` of the group's capex.

use crate::table;

/// Control, exclusivity, commitment.
pub const TERMS: usize = 3;

table! {
    /// Terms of strategic money.
    pub struct Terms: Parameter {
        /// Weight of the lab in the bargain.
        bargaining_power: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "even split: nothing tells who is the more patient";
        /// What full control over its stake is worth to a strategic investor, per dollar that it puts in.
        control_benefit: f64 = 0.14, "fraction of the money", [0.0, 2.0], Prior, "Dyck and Zingales (2004), Private benefits of control: mean 14% of equity over 39 countries";
        /// What giving that control costs a lab that does not mind it, per dollar.
        control_cost: f64 = 0.14, "fraction of the money", [0.001, 10.0], Prior, "judgement: as much as it is worth; a lab gives up 1 - independence of it then";
        /// What it is worth to a cloud that the compute which the money buys is rented from it alone, per dollar.
        exclusivity_benefit: f64 = 0.15, "fraction of the money", [0.0, 2.0], Prior, "judgement: half of an operating margin of clouds of about 0.3";
        /// What that costs a lab that does not mind it, per dollar.
        exclusivity_cost: f64 = 0.15, "fraction of the money", [0.001, 10.0], Prior, "judgement: as much as it is worth";
        /// What a full promise of rent is worth to a cloud, per dollar of its money.
        commitment_benefit: f64 = 0.2, "fraction of the money", [0.0, 2.0], Prior, "judgement";
        /// What that promise costs a lab that does not mind it, per dollar.
        commitment_cost: f64 = 0.2, "fraction of the money", [0.001, 10.0], Prior, "judgement: as much as it is worth";
        /// Rent that a full commitment promises, per dollar of money.
        commitment_multiple: f64 = 2.0, "ratio", [0.0, 20.0], Prior, "announced pairs of stake and commitment: 1 to 3 dollars of compute per dollar put in; wide";
        /// Time within which such a promise falls due, in the mean.
        commitment_years: f64 = 3.0, "years", [0.1, 20.0], Prior, "judgement: half of the terms of announced contracts";
        /// Part of strategic money that is paid in compute of the investor's own group.
        compute_share: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement: press reports put most of the early stakes of clouds in labs at credits; wide";
        /// Years of its own rent (or capex) that a lab takes in compute at most.
        compute_years: f64 = 1.0, "years", [0.0, 10.0], Prior, "judgement: credits that cannot be used soon are worth little";
        /// What a dollar that a lab lacks costs its holders beyond the dollar.
        shortfall_cost: f64 = 0.3, "ratio", [0.0, 5.0], Prior, "judgement: near the discount of a down round";
        /// Months of forecast burn that a rescue covers.
        rescue_months: f64 = 12.0, "months", [1.0, 60.0], Prior, "judgement";
        /// Greatest share of the lab that a rescuer takes.
        rescue_dilution: f64 = 0.6, "fraction", [0.01, 0.95], Prior, "judgement";
        /// Most that a group puts into a rescue, as a share of its yearly capex.
        rescue_capex_share: f64 = 0.25, "fraction", [0.0, 5.0], Prior, "judgement: beside its own building";
        /// Margin on rent that a group loses with a tenant.
        rent_margin: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "operating margin of the clouds about 0.3";
    }
}

/// The two sides before shares and terms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sides {
    /// Money, USD.
    pub money_usd: f64,
    /// Value of the lab to its holders, post-money, USD.
    pub lab_value_usd: f64,
    /// Value of the lab to the investor, post-money, USD.
    pub investor_value_usd: f64,
    /// What the money does for the holders beyond their next best book, USD.
    pub lab_gain_usd: f64,
    /// What the deal brings the investor beside shares and terms, beyond keeping its money, USD: minus the money for a plain cheque.
    pub investor_gain_usd: f64,
    /// Independence of the lab, 0 to 1.
    pub independence: f64,
    /// Whether the investor sells compute to the lab: only then exclusivity and commitment mean anything.
    pub landlord: bool,
}

/// What is agreed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bargain {
    /// Share of the lab sold.
    pub share: f64,
    /// Control, exclusivity, commitment, each 0 to 1.
    pub terms: [f64; TERMS],
    /// Gain of the lab's holders over their outside option, USD.
    pub lab_usd: f64,
    /// Gain of the investor over its outside option, USD.
    pub investor_usd: f64,
}

/// Benefit and cost of each term per dollar, for a landlord or another.
fn weights(t: &Terms, landlord: bool) -> [(f64, f64); TERMS] {
    let on = if landlord { 1.0 } else { 0.0 };
    [
        (t.control_benefit, t.control_cost),
        (on * t.exclusivity_benefit, t.exclusivity_cost),
        (on * t.commitment_benefit, t.commitment_cost),
    ]
}

/// Gains of the lab and of the investor from a share and terms, USD.
pub fn gains(t: &Terms, s: &Sides, share: f64, terms: &[f64; TERMS]) -> (f64, f64) {
    let will = 1.0 - s.independence.min(1.0);
    let (mut lab, mut investor) = (s.lab_gain_usd, s.investor_gain_usd);
    for ((benefit, cost), z) in weights(t, s.landlord).iter().zip(terms) {
        // A lab that is wholly independent gives nothing, which costs it nothing.
        lab -= if *z > 0.0 { s.money_usd * cost * z * z / (2.0 * will) } else { 0.0 };
        investor += s.money_usd * benefit * z;
    }
    (lab - s.lab_value_usd * share, investor + s.investor_value_usd * share)
}

/// The bargain, or none where there is nothing to gain for both. The share is at most `share_max`.
pub fn bargain(t: &Terms, s: &Sides, share_max: f64) -> Option<Bargain> {
    if s.money_usd <= 0.0 || s.lab_value_usd <= 0.0 || s.investor_value_usd <= 0.0 {
        return None;
    }
    let will = 1.0 - s.independence.min(1.0);
    let rate = s.lab_value_usd / s.investor_value_usd;
    let terms = weights(t, s.landlord).map(|(benefit, cost)| (will * benefit / cost * rate).min(1.0));
    let (lab, investor) = gains(t, s, 0.0, &terms);
    let (lab, investor) = (lab / s.lab_value_usd, investor / s.investor_value_usd);
    if lab + investor <= 0.0 {
        return None;
    }
    let b = t.bargaining_power;
    let share = ((1.0 - b) * lab - b * investor).clamp(0.0, share_max);
    let (lab_usd, investor_usd) = gains(t, s, share, &terms);
    // A share at its bound leaves one side less than its part: it must still gain.
    (lab_usd >= 0.0 && investor_usd >= 0.0).then_some(Bargain { share, terms, lab_usd, investor_usd })
}

/// What a rescuer loses when it lets a lab fail, USD: its shares and the margin on what the lab rents from it.
pub fn loss_from_default(stake: f64, lab_value_usd: f64, rent_margin: f64, rent_owed_usd: f64) -> f64 {
    stake * lab_value_usd + rent_margin * rent_owed_usd
}

/// Part of a promise of rent that falls due in `years`, when it does so in `mean_years` in the mean.
pub fn due_share(mean_years: f64, years: f64) -> f64 {
    1.0 - crate::math::exp(-years / mean_years)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::pow;
    use proptest::prelude::*;

    fn sides(independence: f64) -> Sides {
        Sides {
            money_usd: 4e9,
            lab_value_usd: 90e9,
            investor_value_usd: 110e9,
            lab_gain_usd: 4.6e9,
            investor_gain_usd: -4e9,
            independence,
            landlord: true,
        }
    }

    #[test]
    fn the_bargain_is_the_greatest_product_of_gains_of_all_shares_and_terms() {
        for beta in [0.3, 0.5, 0.8] {
            let t = Terms { bargaining_power: beta, ..Terms::default() };
            for independence in [0.1, 0.5, 0.9] {
                let s = sides(independence);
                let deal = bargain(&t, &s, 1.0).unwrap();
                let product = |share: f64, z: &[f64; TERMS]| {
                    let (lab, investor) = gains(&t, &s, share, z);
                    if lab > 0.0 && investor > 0.0 { pow(lab, beta) * pow(investor, 1.0 - beta) } else { 0.0 }
                };
                let best = product(deal.share, &deal.terms);
                assert!(best > 0.0);
                for share in 0..60 {
                    for n in 0..6 * 6 * 6 {
                        let z = [n % 6, n / 6 % 6, n / 36].map(|k| f64::from(k) / 5.0);
                        assert!(product(f64::from(share) / 600.0, &z) <= best * (1.0 + 1e-9));
                    }
                }
            }
        }
    }

    #[test]
    fn gains_are_split_by_bargaining_power() {
        let t = Terms { bargaining_power: 0.3, ..Terms::default() };
        let s = sides(0.4);
        let deal = bargain(&t, &s, 1.0).unwrap();
        let (lab, investor) = (deal.lab_usd / s.lab_value_usd, deal.investor_usd / s.investor_value_usd);
        assert!((lab / (lab + investor) - 0.3).abs() < 1e-9);
    }

    #[test]
    fn an_investor_that_values_the_lab_as_its_holders_do_gets_what_independence_leaves() {
        let s = Sides { investor_value_usd: 90e9, ..sides(0.35) };
        let deal = bargain(&Terms::default(), &s, 1.0).unwrap();
        assert!(deal.terms.iter().all(|z| (z - 0.65).abs() < 1e-12));
    }

    #[test]
    fn a_supplier_of_no_compute_asks_for_control_alone() {
        let deal = bargain(&Terms::default(), &Sides { landlord: false, ..sides(0.5) }, 1.0).unwrap();
        assert!(deal.terms[0] > 0.0 && deal.terms[1] == 0.0 && deal.terms[2] == 0.0);
    }

    #[test]
    fn a_lab_that_gives_nothing_sells_plain_shares_at_the_split_of_the_two_values() {
        let s = sides(1.0);
        let deal = bargain(&Terms::default(), &s, 1.0).unwrap();
        assert_eq!(deal.terms, [0.0; TERMS]);
        assert!((deal.share - 0.5 * (4.6 / 90.0 + 4.0 / 110.0)).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn more_independence_never_gives_more_control_and_its_price_is_paid_in_shares(
            low in 0.0f64..1.0, more in 0.0f64..1.0, value in 92e9f64..200e9, gain in 3e9f64..8e9, beta in 0.05f64..0.95,
        ) {
            let t = Terms { bargaining_power: beta, ..Terms::default() };
            let at = |independence: f64| {
                bargain(&t, &Sides { investor_value_usd: value, lab_gain_usd: gain, ..sides(independence) }, 1.0)
            };
            let (loose, strict) = (at(low), at(low + (1.0 - low) * more));
            match (loose, strict) {
                (Some(loose), Some(strict)) => {
                    for k in 0..TERMS {
                        prop_assert!(strict.terms[k] <= loose.terms[k] + 1e-12);
                    }
                    prop_assert!(strict.share >= loose.share - 1e-12);
                    prop_assert!(strict.lab_usd <= loose.lab_usd + 1.0);
                }
                // Where a loose lab finds no deal a strict one finds none.
                (None, found) => prop_assert!(found.is_none()),
                (Some(_), None) => {}
            }
        }
    }

    #[test]
    fn who_has_much_at_stake_loses_much() {
        assert_eq!(loss_from_default(0.2, 50e9, 0.3, 10e9), 13e9);
        assert!((due_share(3.0, 3.0) - (1.0 - crate::math::exp(-1.0))).abs() < 1e-12);
    }
}
