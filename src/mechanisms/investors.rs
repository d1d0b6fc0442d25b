//! Rounds by the book (section 3.13): the book fills from the highest valuation down, each investor
//! within dry powder and limit, and the marginal investor sets the post-money price.
//!
//! ```text
//! ask(P)  = clamp(need, dilution_min·P, dilution_max·P)         USD, at the post-money price P
//! price   = V_m, m the first of the descending order with  sum of limits up to m >= ask(V_m)
//! need    = burn·(ask months)/12 + max(0, −cash)                burn as forecast (`step/settle.rs`), USD per year
//! limit   = max(0, dry powder)·min(1, c·scale·boom)             c of the kind; boom's factor in a boom, else 1; 0 for another bloc's money
//! inflow  = kind's a year · size · climate(now)/climate(start) · exp(g·t) · (1 + rise·share of the bloc's labs that are cut off)
//! opens   runway < trigger, or distress (cash < 0 or runway < its bound), or the best likely value exp(ln V + premium + 2·sd) >= ratio·last price
//!         and at least `gap_months` since the last round, in distress `distress_gap_months`
//! struck  short of money and no distress: at the price of the book;   else at a price >= ratio·last price, or in distress if the whole need is met
//! reserve ln P >= ln V − sd;   if that does not help a lab in distress, none, at values lower by the discount, and more may be sold
//! default cash < 0 for more than the months of grace, and neither rescue nor purchase (`terms`, `exits`; `step/clearing.rs`)
//! ```
//!
//! Limits add up and the ask falls along the order, so there is one such investor at most. A book that never reaches the
//! ask sells what it holds at the value of its last investor, if that is no less than the least that the lab bothers to sell: nothing less
//! when it is short of money, else dilution_min. New shares dilute all others: stake ← stake·(1 − amount/price). Groups bargain
//! instead (`terms`).
//!
//! Parameters: dilution_min `dilution_min`, dilution_max `dilution_max`, in distress `dilution_distress`; ask months `ask_months`; trigger
//! `runway_trigger_months`; ratio `price_trigger`; distress below `distress_months`, at the discount `distress_discount`; scale
//! `concentration_scale`, boom `concentration_boom`, c `concentration_limit` of the kind; g `inflow_growth_per_year`, rise `cut_off_inflow`; sd
//! `valuation.disagreement_sd`; grace `grace_months`; in a default compute fetches `resale_share` of its book value and clouds claim
//! `commitment_claim_share`; tenders offer `secondary_share`; at the start investors hold `initial_share`.
//!
//! Own: a uniform-price book, as in auctions of shares (Wilson 1979, Auctions of shares), with investors who state what they think.

use crate::fields::Keyed;
use crate::math::{exp, ln};
use crate::table;

table! {
    /// Rounds of funding.
    pub struct Rounds: Parameter {
        /// Runway below which a lab opens a round.
        runway_trigger_months: f64 = 12.0, "months", [0.0, 60.0], Prior, "9 to 12";
        /// Ratio of the price at which the book would clear to the last price above which a lab opens a round.
        price_trigger: f64 = 1.5, "ratio", [1.0, 10.0], Prior, "step-ups of OpenAI and Anthropic 1.6 to 3 a round";
        /// Months of forecast burn that a lab asks for.
        ask_months: f64 = 18.0, "months", [1.0, 60.0], Prior, "usual practice";
        /// Least share of the lab that a round sells.
        dilution_min: f64 = 0.04, "fraction", [0.0, 0.9], Fitted, "funding_raised over valuation_post_money";
        /// Greatest share of the lab that a round sells.
        dilution_max: f64 = 0.14, "fraction", [0.01, 0.9], Fitted, "funding_raised over valuation_post_money";
        /// Greatest share that a lab in distress sells in a down round.
        dilution_distress: f64 = 0.35, "fraction", [0.01, 0.95], Prior, "judgement";
        /// Least months between rounds.
        gap_months: f64 = 4.0, "months", [0.0, 60.0], Fitted, "Anthropic: March, September, November 2025";
        /// Least months between rounds of a lab in distress.
        distress_gap_months: f64 = 2.0, "months", [0.0, 60.0], Prior, "judgement: a bridge takes weeks, and a book that was just asked has given what it has; no longer than `grace_months`";
        /// Discount to the book at which a lab in distress sells.
        distress_discount: f64 = 0.35, "ln", [0.0, 3.0], Prior, "judgement: down rounds of 2022 and 2023";
        /// Growth of inflow to investors.
        inflow_growth_per_year: f64 = 0.20, "ln per year", [-2.0, 3.0], Prior, "private_investment in US AI 109 to 286 bn in 2025; far slower after";
        /// Part of its dry powder that an investor puts into one lab at most (soft: a boom lifts it).
        concentration_scale: f64 = 1.0, "ratio", [0.01, 10.0], Prior, "the largest cheque of 2025 was half of all lab capital";
        /// Runway below which a lab is in distress.
        distress_months: f64 = 3.0, "months", [0.0, 24.0], Prior, "judgement";
        /// Factor on the concentration limit in a boom.
        concentration_boom: f64 = 1.5, "ratio", [1.0, 10.0], Prior, "judgement: SoftBank 2025 put nearly all it had into one lab";
        /// Rise of the money that a bloc's investors get while export controls or bans cut all its labs off: capital follows politics.
        cut_off_inflow: f64 = 0.3, "fraction", [0.0, 10.0], Prior, "seed 003 holds +62% for Chinese funding, which is a claim: half of it, from none to all; 0 is neutral";
        /// Part of its book value that the compute of a lab in default fetches.
        resale_share: f64 = 0.4, "fraction", [0.0, 1.0], Prior, "judgement: forced sales of specific assets fetch a third to a half of book value";
        /// Part of what it has committed and not paid that a cloud may claim from a lab in default: it lets the capacity again.
        commitment_claim_share: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement: between the cap on a landlord's damages (11 U.S.C. 502(b)(6): 15% of the rest of the term) and the whole";
        /// Share of a lab that a tender on the secondary market offers.
        secondary_share: f64 = 0.002, "fraction", [0.0, 0.5], Prior, "judgement: tenders of staff offer well below 1% of a lab";
        /// Share of an independent lab that investors hold at the start.
        initial_share: f64 = 0.4, "fraction", [0.0, 1.0], Prior, "judgement: founders, staff and foundations hold most of the rest";
        /// Months of spending at distress prices that creditors and investors wait before a default when no book fills.
        grace_months: f64 = 2.0, "months", [0.0, 24.0], Prior, "judgement";
        /// Time over which the cash that a lab burns is smoothed before its runway and its asks are reckoned.
        burn_smoothing_years: f64 = 0.25, "years", [0.01, 5.0], Prior, "judgement: boards and investors look at a quarter's accounts";
    }
}

table! {
    /// One kind of investor.
    pub struct InvestorKind: Initial {
        /// Number of investors of this kind.
        count: u64 = 20, "investors", [0.0, 10000.0], Setting, "60 to 200 in all";
        /// Money of the kind that could go to labs in a year, at the climate of the start.
        inflow_usd_per_year: f64 = 10e9, "USD per year", [0.0, 1e13], Derived, "lab rounds of 2025: 65.8 bn (SoftBank 32.5, crossover and sovereign 21.3, strategic 8, venture 4)";
        /// Dry powder at the start in years of inflow.
        dry_powder_years: f64 = 1.5, "years of inflow", [0.0, 20.0], Prior, "lognormal, median 1.5, sd 0.4";
        /// Horizon.
        horizon_years: f64 = 5.0, "years", [0.1, 50.0], Prior, "venture 5, strategic 7, sovereign 10, pension 12";
        /// ln of the multiple that the kind applies relative to the mean of all.
        multiple_premium: f64 = 0.0, "ln", [-3.0, 3.0], Prior, "required return; judgement";
        /// Weight of growth above what was expected (extrapolation), against fundamentals.
        extrapolation: f64 = 0.3, "ln per ln per year", [0.0, 5.0], Prior, "judgement";
        /// Factor on the weight of governance risk.
        governance_factor: f64 = 1.0, "ratio", [0.0, 10.0], Prior, "judgement";
        /// Factor on the weight of regulatory resilience.
        resilience_factor: f64 = 1.0, "ratio", [0.0, 10.0], Prior, "judgement";
        /// Greatest part of its dry powder that goes into one lab (soft).
        concentration_limit: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement; SoftBank 2025 is the exception that makes it soft";
        /// Whether it belongs to an industrial group that asks for a say: its stakes count as outside control.
        strategic: bool = false, "flag", [0.0, 1.0], Setting, "definition";
        /// Of a strategic kind: share of its money that is that of a cloud's owner, each one investor.
        groups: Keyed = [], "fraction of the kind's money by cloud", [0.0, 1.0], Prior, "judgement after announced stakes";
        /// Of a strategic kind: share of its money that is that of a chip maker, one investor.
        chip_maker_share: f64 = 0.0, "fraction of the kind's money", [0.0, 1.0], Prior, "judgement after announced stakes";
        /// sd of ln size of the investors of the kind.
        size_sd: f64 = 0.7, "ln", [0.0, 3.0], Prior, "judgement: fund sizes are lognormal";
        /// Jurisdiction of the kind's money.
        jurisdiction: String = "us", "jurisdiction", [0.0, 0.0], Setting, "capital follows politics";
    }
}

/// What a lab offers to the book.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// Money that it needs, USD.
    pub need_usd: f64,
    /// Least share that it sells.
    pub dilution_min: f64,
    /// Greatest share that it sells.
    pub dilution_max: f64,
    /// Least share that it sells where the book does not cover what it asks for: little is better than nothing for a
    /// lab whose money runs out.
    pub partial_min: f64,
    /// ln of the least post-money price that it accepts.
    pub ln_reserve: f64,
}

/// A book that has cleared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deal {
    /// Post-money price: the value of the marginal investor, USD.
    pub price_usd: f64,
    /// Money raised, USD.
    pub amount_usd: f64,
    /// Investors that take part, the first of the order; the last of them gives what is still missing.
    pub investors: usize,
    /// Whether the book covers the whole ask.
    pub filled: bool,
}

/// Factor on the money that investors of a bloc get while the share `cut_off` of its labs is cut off from compute or markets abroad, where
/// `rise` is that of a bloc that is cut off whole.
pub fn political_inflow(rise: f64, cut_off: f64) -> f64 {
    1.0 + rise * cut_off
}

/// Most that an investor puts into one lab now, USD: its part of its dry powder, more in a boom, never more than it has.
pub fn limit_usd(dry_powder: f64, concentration: f64, softness: f64) -> f64 {
    dry_powder.max(0.0) * (concentration * softness).clamp(0.0, 1.0)
}

/// What an investor would give for shares of a lab.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bid {
    /// The investor.
    pub investor: usize,
    /// ln of its valuation, USD.
    pub ln_value: f64,
    /// Most that it gives, USD.
    pub limit_usd: f64,
}

/// Clears a book of bids, which come from the highest valuation down and of which each has something to give. `taken` is scratch; after a
/// deal its first entries are those that take part.
pub fn clear_book(bids: impl Iterator<Item = Bid>, taken: &mut Vec<Bid>, offer: &Offer) -> Option<Deal> {
    let ask = |price: f64| offer.need_usd.max(offer.dilution_min * price).min(offer.dilution_max * price);
    // Nobody in the book pays less than the reserve: until it covers the ask at that price, it covers none.
    let least = ask(exp(offer.ln_reserve));
    let mut held = 0.0;
    taken.clear();
    for bid in bids.take_while(|bid| bid.ln_value >= offer.ln_reserve) {
        held += bid.limit_usd;
        taken.push(bid);
        if held < least {
            continue;
        }
        let price_usd = exp(bid.ln_value);
        let amount_usd = ask(price_usd);
        if held >= amount_usd {
            let deal = Deal { price_usd, amount_usd, investors: taken.len(), filled: true };
            return (amount_usd > 0.0).then_some(deal);
        }
    }
    let price_usd = exp(taken.last()?.ln_value);
    let partial = Deal { price_usd, amount_usd: held, investors: taken.len(), filled: false };
    (held > 0.0 && held >= offer.partial_min * price_usd).then_some(partial)
}

/// Price at which a book takes the share `share` of a lab: that of [`clear_book`] for just that share; `None` where nobody can give
/// anything. If all together cannot take it, the price of the last of them.
pub fn marginal_price(bids: impl Iterator<Item = Bid>, share: f64) -> Option<f64> {
    let (mut held, mut price) = (0.0, None);
    for bid in bids {
        held += bid.limit_usd;
        let own = exp(bid.ln_value);
        price = Some(own);
        if held >= share * own {
            break;
        }
    }
    price
}

/// Valuation that no book is likely to clear above, ln USD: two standard deviations of opinion above the market's, with the
/// greatest premium of any kind. A cheap check before a book is built.
pub fn ln_best_likely(ln_market: f64, greatest_premium: f64, disagreement_sd: f64) -> f64 {
    ln_market + greatest_premium + 2.0 * disagreement_sd
}

/// ln of the size of an investor relative to the mean of its kind: lognormal with mean 1. `z` is standard normal.
pub fn relative_size(sd: f64, z: f64) -> f64 {
    exp(sd * z - 0.5 * sd * sd)
}

/// ln of a price, or minus infinity for none.
pub fn ln_price(price: f64) -> f64 {
    if price > 0.0 { ln(price) } else { f64::NEG_INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn offer(need: f64) -> Offer {
        Offer {
            need_usd: need,
            dilution_min: 0.04,
            dilution_max: 0.14,
            partial_min: 0.04,
            ln_reserve: f64::NEG_INFINITY,
        }
    }
    fn lns(values: &[f64]) -> Vec<f64> {
        values.iter().map(|&v| ln(v)).collect()
    }

    /// The bids of investors with these valuations and limits, from the highest down.
    fn bids(ln_values: &[f64], limits: &[f64]) -> std::vec::IntoIter<Bid> {
        let bid = |(investor, (&ln_value, &limit_usd))| Bid { investor, ln_value, limit_usd };
        let mut bids: Vec<Bid> = ln_values.iter().zip(limits).enumerate().map(bid).collect();
        bids.retain(|bid| bid.limit_usd > 0.0);
        bids.sort_by(|a, b| b.ln_value.total_cmp(&a.ln_value));
        bids.into_iter()
    }

    #[test]
    fn the_book_fills_from_the_top_and_the_marginal_investor_sets_the_price() {
        // Asked for 10: 100 gives 4, 90 gives 4, and 80 the missing 2. 70 is not needed.
        let mut taken = Vec::new();
        let book = bids(&lns(&[80.0, 100.0, 70.0, 90.0]), &[4.0; 4]);
        let deal = clear_book(book, &mut taken, &offer(10.0)).unwrap();
        assert!((deal.price_usd - 80.0).abs() < 1e-9);
        assert_eq!((deal.amount_usd, deal.investors, deal.filled), (10.0, 3, true));
        assert_eq!(taken.iter().map(|bid| bid.investor).collect::<Vec<_>>(), [1, 3, 0]);
    }

    #[test]
    fn a_lab_sells_no_less_than_the_least_and_no_more_than_the_greatest_share() {
        let book = bids(&lns(&[100.0, 90.0, 80.0]), &[1e3; 3]);
        let raised = |need| clear_book(book.clone(), &mut Vec::new(), &offer(need)).unwrap().amount_usd;
        assert!((raised(0.0) - 4.0).abs() < 1e-9);
        assert!((raised(1e9) - 14.0).abs() < 1e-9);
    }

    #[test]
    fn a_book_that_cannot_cover_the_ask_sells_what_it_holds_or_nothing() {
        let clear = |values: &[f64], limits: &[f64]| clear_book(bids(&lns(values), limits), &mut vec![], &offer(10.0));
        let deal = clear(&[100.0, 90.0], &[3.0, 3.0]).unwrap();
        assert!((deal.price_usd - 90.0).abs() < 1e-9);
        assert_eq!((deal.amount_usd, deal.filled), (6.0, false));
        assert_eq!(clear(&[100.0, 90.0], &[1.0, 1.0]), None);
        assert_eq!(clear(&[], &[]), None);
    }

    #[test]
    fn investors_below_the_reserve_are_not_asked() {
        let o = Offer { ln_reserve: ln(85.0), ..offer(10.0) };
        let book = bids(&lns(&[100.0, 90.0, 80.0]), &[4.0; 3]);
        assert_eq!(clear_book(book, &mut Vec::new(), &o).unwrap().investors, 2);
    }

    proptest! {
        #[test]
        fn a_deal_stays_within_limits_values_and_dilution(
            book in prop::collection::vec((0.0f64..4.0, 0.0f64..20.0), 1..40), need in 0.0f64..100.0,
        ) {
            let values: Vec<f64> = book.iter().map(|b| b.0).collect();
            let limits: Vec<f64> = book.iter().map(|b| b.1).collect();
            let mut taken = Vec::new();
            if let Some(deal) = clear_book(bids(&values, &limits), &mut taken, &offer(need)) {
                let given: f64 = taken[..deal.investors].iter().map(|bid| bid.limit_usd).sum();
                prop_assert!(deal.amount_usd <= given * (1.0 + 1e-12));
                prop_assert!(deal.price_usd <= exp(values.iter().copied().fold(f64::MIN, f64::max)) * (1.0 + 1e-12));
                let sold = deal.amount_usd / deal.price_usd;
                prop_assert!((0.04 - 1e-12..=0.14 + 1e-12).contains(&sold), "{}", sold);
            }
        }

        #[test]
        fn a_tender_clears_at_the_price_of_a_book_that_sells_just_that_share(
            book in prop::collection::vec((0.0f64..4.0, 0.0f64..2.0), 1..40), share in 0.001f64..0.5,
        ) {
            let values: Vec<f64> = book.iter().map(|b| b.0).collect();
            let limits: Vec<f64> = book.iter().map(|b| b.1).collect();
            let tender = Offer { dilution_min: share, dilution_max: share, partial_min: 0.0, ..offer(0.0) };
            let deal = clear_book(bids(&values, &limits), &mut Vec::new(), &tender);
            prop_assert_eq!(deal.map(|d| d.price_usd), marginal_price(bids(&values, &limits), share));
        }

        #[test]
        fn more_dry_powder_never_lowers_the_price(
            book in prop::collection::vec((0.0f64..4.0, 0.01f64..20.0, 0.0f64..20.0), 1..40), need in 0.0f64..100.0,
        ) {
            let values: Vec<f64> = book.iter().map(|b| b.0).collect();
            let poor: Vec<f64> = book.iter().map(|b| b.1).collect();
            let rich: Vec<f64> = book.iter().map(|b| b.1 + b.2).collect();
            let clear = |limits: &[f64]| clear_book(bids(&values, limits), &mut Vec::new(), &offer(need));
            if let Some(before) = clear(&poor) {
                prop_assert!(clear(&rich).unwrap().price_usd >= before.price_usd);
            }
        }
    }

    #[test]
    fn no_investor_gives_more_than_it_has() {
        assert_eq!(limit_usd(100.0, 0.9, 1.5), 100.0);
        assert!((limit_usd(100.0, 0.2, 1.5) - 30.0).abs() < 1e-9);
        assert_eq!(limit_usd(-5.0, 0.2, 1.0), 0.0);
    }
}
