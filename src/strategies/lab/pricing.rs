//! How a lab sets its markup over serving cost.

use crate::{strategy, table};

table! {
    /// A fixed markup.
    pub struct CostPlus: Parameter {
        /// Markup over serving cost; the observed one at the start when below -0.99.
        markup: f64 = -1.0, "ratio", [-1.0, 50.0], Prior, "the markup of the start goes on";
    }
}
table! {
    /// Low prices first, for share.
    pub struct Penetration: Parameter {
        /// Markup aimed at while the lab's share is small.
        markup: f64 = 0.05, "ratio", [-0.99, 50.0], Prior, "judgement";
        /// Markup once the lab's share has reached `share`.
        later_markup: f64 = 0.6, "ratio", [-0.99, 50.0], Prior, "judgement";
        /// Share at which it is done.
        share: f64 = 0.15, "fraction", [0.0, 1.0], Prior, "judgement";
    }
}
table! {
    /// A markup that grows with the lead.
    pub struct Premium: Parameter {
        /// Markup without a lead.
        markup: f64 = 0.6, "ratio", [-0.99, 50.0], Prior, "Anthropic gross margin 0.40 in 2025";
        /// Rise of ln(1 + markup) for a lead of 10 ECI over the best rival.
        lead_effect: f64 = 0.4, "ln per 10 ECI", [0.0, 5.0], Prior, "judgement";
        /// Rise of ln(1 + markup) with share.
        share_effect: f64 = 0.3, "ln per unit of share", [0.0, 5.0], Prior, "judgement";
        /// Part that the lab takes of what buyers would pay for its trust above the mean.
        trust_effect: f64 = 0.3, "fraction", [0.0, 1.0], Prior, "judgement: sellers of quality keep a part of what it is worth, Tirole (1988), The theory of industrial organization, ch. 2";
    }
}
table! {
    /// Near the cheapest of comparable models.
    pub struct MatchCheapest: Parameter {
        /// Price aimed at, relative to the cheapest comparable model (`pricing.comparable_eci`).
        ratio: f64 = 1.0, "ratio", [0.01, 10.0], Prior, "judgement";
    }
}

strategy! {
    /// How markups are set.
    pub enum PricingStrategy {
        /// A fixed markup over serving cost.
        "cost_plus" => CostPlus(CostPlus),
        /// Low prices until a share is won, then more.
        "penetration" => Penetration(Penetration),
        /// A markup that grows with lead and share.
        "premium" => Premium(Premium),
        /// The price of the cheapest comparable model.
        "match_cheapest" => MatchCheapest(MatchCheapest),
    }
}

/// What a lab sees when it sets its markup.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Markup at the start of the run.
    pub initial_markup: f64,
    /// Own serving cost, USD per million tokens.
    pub cost_usd_per_mtok: f64,
    /// Own share of enterprise spend.
    pub share: f64,
    /// Own capability less that of the best rival, ECI.
    pub lead_eci: f64,
    /// ln of the price that buyers would pay for the lab's trust beyond that for a vendor of mean trust: `t·(T_j − T̄)/η`.
    pub trust_worth: f64,
    /// Price of the cheapest comparable model of a rival, USD per million tokens; own price where there is none.
    pub cheapest_usd_per_mtok: f64,
}

impl PricingStrategy {
    /// The markup that the strategy aims at, before floor and cap.
    pub fn aim(&self, seen: Seen) -> f64 {
        match self {
            PricingStrategy::CostPlus(CostPlus { markup }) => {
                if *markup < -0.99 {
                    seen.initial_markup
                } else {
                    *markup
                }
            }
            PricingStrategy::Penetration(Penetration { markup, later_markup, share }) => {
                if seen.share < *share {
                    *markup
                } else {
                    *later_markup
                }
            }
            PricingStrategy::Premium(Premium { markup, lead_effect, share_effect, trust_effect }) => {
                let lead = lead_effect * seen.lead_eci.max(0.0) / 10.0;
                let trust = trust_effect * seen.trust_worth.max(0.0);
                (1.0 + markup) * crate::math::exp(lead + share_effect * seen.share + trust) - 1.0
            }
            PricingStrategy::MatchCheapest(MatchCheapest { ratio }) => {
                ratio * seen.cheapest_usd_per_mtok / seen.cost_usd_per_mtok - 1.0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: Seen = Seen {
        initial_markup: 0.5,
        cost_usd_per_mtok: 2.0,
        share: 0.1,
        lead_eci: 0.0,
        trust_worth: 0.0,
        cheapest_usd_per_mtok: 3.0,
    };

    #[test]
    fn matching_the_cheapest_sets_its_price() {
        let aim = PricingStrategy::MatchCheapest(MatchCheapest { ratio: 1.0 }).aim(SEEN);
        assert!((SEEN.cost_usd_per_mtok * (1.0 + aim) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_lead_is_worth_a_premium_and_a_lag_is_not_punished() {
        let premium =
            PricingStrategy::Premium(Premium { markup: 0.5, lead_effect: 0.4, share_effect: 0.0, trust_effect: 0.3 });
        let at = |lead_eci| premium.aim(Seen { lead_eci, ..SEEN });
        assert!((at(0.0) - 0.5).abs() < 1e-12);
        assert!((at(10.0) - (1.5 * 0.4f64.exp() - 1.0)).abs() < 1e-9);
        assert_eq!(at(-10.0), at(0.0));
    }

    #[test]
    fn what_trust_is_worth_to_buyers_goes_in_part_into_the_markup_and_nothing_is_left_when_all_are_trusted() {
        let premium =
            PricingStrategy::Premium(Premium { markup: 0.5, lead_effect: 0.0, share_effect: 0.0, trust_effect: 0.25 });
        let at = |trust_worth| premium.aim(Seen { trust_worth, ..SEEN });
        assert!((at(0.4) - (1.5 * 0.1f64.exp() - 1.0)).abs() < 1e-12);
        assert!((at(0.0) - 0.5).abs() < 1e-12);
        assert_eq!(at(-0.4), at(0.0));
    }

    #[test]
    fn penetration_ends_when_the_share_is_won() {
        let p = PricingStrategy::Penetration(Penetration { markup: 0.0, later_markup: 0.6, share: 0.15 });
        assert_eq!(p.aim(SEEN), 0.0);
        assert_eq!(p.aim(Seen { share: 0.2, ..SEEN }), 0.6);
    }

    #[test]
    fn cost_plus_without_a_markup_keeps_that_of_the_start() {
        assert_eq!(PricingStrategy::default().aim(SEEN), 0.5);
    }
}
