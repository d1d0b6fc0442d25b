//! Parameters that were fitted to, or taken from, data after the window of the fits, and the series that they touch.
//!
//! A parameter touches a series where its value rests on that series, or on the figures that the series is made of. What it
//! moves further on, through the money of labs or the choices of buyers, is not followed: by that every series would be
//! touched.

use super::{ADOPTION, CODING, FRONTIER, LAG, PRICE, RUN_RATE, SHARE, SPEND, VALUATION};
use crate::scenario::describe::ResolvedRow;

/// Both series that are read off the index of capability.
const INDEX: &[&str] = &[FRONTIER, LAG];

/// Paths, `*` for an agent, and the series that each touches unless the scenario fits it again. A path of a lab touches
/// what is read of that lab and of the market.
///
/// Those without a series are told on the page: none of what is compared is a margin, the size of a cheque or the date of a round.
const TOUCHES: &[(&str, &[&str])] = &[
    ("research.eci_per_decade", INDEX),
    ("research.training_luck_eci", INDEX),
    ("research.compute_growth_before_per_year", INDEX),
    // Stated for the end of 2025; an earlier start takes it back by the rise of difficulty.
    ("research.research_reference_h100e", INDEX),
    ("research.efficiency_doubling_months", INDEX),
    ("research.access_served_frontier", INDEX),
    ("research.spillover_gap_eci", INDEX),
    // Fitted to the releases of all of 2024 and 2025.
    ("labs.*.strategy.release.cadence.months", INDEX),
    ("labs.*.strategy.release.racing.months", INDEX),
    ("labs.*.strategy.release.racing.behind_months", INDEX),
    ("pricing.light_price_ratio", &[PRICE]),
    ("pricing.cost_per_capability", &[PRICE]),
    ("pricing.cost_fall_per_year", &[PRICE]),
    // The gross margin of 2025.
    ("labs.*.strategy.pricing.premium.markup", &[PRICE]),
    // The source gives no last date, and the panel runs through 2025.
    ("adoption.innovation_per_year", &[ADOPTION]),
    ("adoption.imitation_per_year", &[ADOPTION]),
    // Vendors of applications pay for model APIs.
    ("applications.new_uses_per_year", &[SPEND]),
    ("spend.new_uses_per_year", &[SPEND]),
    ("demand.quality_volatility", &[SHARE, CODING]),
    ("valuation.revenue_multiple", &[VALUATION]),
    ("valuation.option_run_rate_usd", &[VALUATION]),
    // How far what customers use stayed behind the frontier, from its rise in 2024 and 2025.
    ("spend.upgrade_pace_eci_per_year", INDEX),
    ("pricing.comparable_eci", INDEX),
    // Seats and applications of 2025, and what users of assistants paid: run-rates of labs are made of both.
    ("spend.other_business_growth_factor", &[RUN_RATE]),
    ("consumers.revenue_per_eci", &[RUN_RATE]),
    // Tokens by model, and how many firms upgrade in a year.
    ("spend.upgrade_months", &[]),
    ("applications.enterprise_fraction", &[]),
    ("compute.research_floor", &[]),
    ("consumers.saturation", &[]),
    ("consumers.serving_share", &[]),
    ("cloud_market.capex_fading_years", &[]),
    ("cloud_market.expected_growth_per_year", &[]),
    ("rounds.gap_months", &[]),
    ("valuation.fresh_months", &[]),
    // Sizes of cheques, not prices.
    ("rounds.inflow_growth_per_year", &[]),
    ("rounds.concentration_scale", &[]),
    ("rounds.concentration_boom", &[]),
    ("investors.*.concentration_limit", &[]),
    // What OpenAI spent in 2025, and on what.
    ("labs.*.strategy.allocation.scale.staff_share", &[]),
];

/// Priors that name a law, a case or a deal of 2025, and no figure of the market that is projected: they touch nothing and are not
/// listed on the page.
#[cfg(test)]
const PRECEDENTS: &[&str] = &[
    "antitrust.remedy_months",
    "enforcement.exclusion_months",
    "exits.acquisition_hazard_per_year",
    "exits.block_probability",
    "regulation.audit_threshold",
    "regulation.licence_fee_usd",
    "regulation.targeted_abroad",
    "safety.human_label_share",
    "surplus.choke_multiple",
];

/// A parameter whose value rests on data after the window of the fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Touching {
    /// Path, value and source.
    pub row: ResolvedRow,
    /// Series that it touches.
    pub series: &'static [&'static str],
}

impl Touching {
    /// The lab whose parameter it is.
    fn lab(&self) -> Option<&str> {
        self.row.path.strip_prefix("labs.")?.split('.').next()
    }
}

/// Those of the rows that a scenario did not fit again which rest on later data.
pub fn touching<'a>(left: impl IntoIterator<Item = &'a ResolvedRow>) -> Vec<Touching> {
    let of = |row: &ResolvedRow| TOUCHES.iter().find(|(path, _)| is_like(path, &row.path));
    left.into_iter().filter_map(|row| Some(Touching { row: row.clone(), series: of(row)?.1 })).collect()
}

/// Paths of the parameters that touch a series of an entity.
pub fn touched_by(all: &[Touching], series: &str, entity: &str) -> Vec<String> {
    let of_entity = |t: &Touching| entity == "market" || t.lab().is_none_or(|lab| lab == entity.to_lowercase());
    let touch = all.iter().filter(|t| t.series.contains(&series) && of_entity(t));
    touch.map(|t| t.row.path.clone()).collect()
}

fn is_like(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), path.split('.').collect());
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(a, b)| *a == "*" || a == b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;
    use crate::scenario::describe::resolved;

    fn all(scenario: &str) -> Vec<ResolvedRow> {
        resolved(&Scenario::load(scenario, &[]).unwrap())
    }

    #[test]
    fn every_path_is_a_parameter_of_the_test() {
        let rows = all("history/backtest");
        for (path, series) in TOUCHES {
            assert!(rows.iter().any(|r| is_like(path, &r.path)), "{path}");
            assert!(series.iter().all(|s| super::super::names().contains(s)), "{path}");
        }
    }

    #[test]
    fn a_parameter_of_a_lab_touches_that_lab_and_the_market() {
        let found = touching(&all("history/backtest"));
        let price = |lab: &str| touched_by(&found, PRICE, lab);
        assert!(price("Anthropic").contains(&"labs.anthropic.strategy.pricing.premium.markup".to_string()));
        assert!(!price("Google").iter().any(|path| path.starts_with("labs.")));
        assert!(price("Google").contains(&"pricing.light_price_ratio".to_string()));
        let frontier = touched_by(&found, FRONTIER, "market");
        for path in ["research.eci_per_decade", "labs.deepseek.strategy.release.cadence.months"] {
            assert!(frontier.contains(&path.to_string()), "{path}");
        }
        let run_rate = touched_by(&found, RUN_RATE, "OpenAI");
        assert_eq!(run_rate, ["spend.other_business_growth_factor", "consumers.revenue_per_eci"]);
        assert!(touched_by(&found, super::super::BY_VENDOR, "OpenAI").is_empty());
    }

    #[test]
    fn every_value_of_the_test_whose_source_speaks_of_2025_is_known() {
        // Whatever its tag: a new one must say which series it touches. What these two files give a source is the state of the
        // start, whose dates `tests/initial_values.rs` checks, or fitted again.
        let own = |name: &str| {
            let file: toml::Table = crate::scenario::shipped::text(name).unwrap().parse().unwrap();
            file["sources"].as_table().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        let dated = [own("history/2024-12"), own("history/backtest")].concat();
        let rows = all("history/backtest");
        let rests_on_2025 = |r: &&ResolvedRow| r.source.contains("2025") && !dated.contains(&r.path);
        let known = |path: &str| {
            TOUCHES.iter().any(|(like, _)| is_like(like, path)) || PRECEDENTS.iter().any(|like| is_like(like, path))
        };
        for row in rows.iter().filter(rests_on_2025) {
            assert!(known(&row.path), "{}: {}", row.path, row.source);
        }
        // Neither list holds what is not there, or no longer speaks of the year.
        for like in PRECEDENTS {
            assert!(rows.iter().filter(rests_on_2025).any(|r| is_like(like, &r.path)), "{like}");
        }
    }
}
