//! The fits behind `history/backtest`, made again from `data/observations.csv` with nothing later than mid-2025.

#![allow(clippy::disallowed_methods)] // the platform's ln is oracle enough for a fit
use aimarket::experiment::observations::{Observation, observations};
use aimarket::scenario::Scenario;
use aimarket::scenario::describe::resolved;

const UNTIL: &str = "2025-07-01";

fn rows(metric: &str) -> Vec<Observation> {
    let known = observations().into_iter().filter(|r| r.metric == metric && r.date.as_str() <= UNTIL);
    known.collect()
}

/// A date as years since the start of 2025.
fn years(date: &str) -> f64 {
    let part = |from: usize, to: usize| date[from..to].parse::<f64>().unwrap();
    part(0, 4) - 2025.0 + (part(5, 7) - 1.0) / 12.0 + (part(8, 10) - 1.0) / 365.25
}

/// Least squares: coefficients, their standard errors, and the residual standard deviation.
fn least_squares(x: &[Vec<f64>], y: &[f64]) -> (Vec<f64>, Vec<f64>, f64) {
    let k = x[0].len();
    // The normal equations beside the unit matrix, reduced to the solution beside the inverse.
    let mut m: Vec<Vec<f64>> = (0..k)
        .map(|i| {
            let mut row: Vec<f64> = (0..k).map(|j| x.iter().map(|r| r[i] * r[j]).sum()).collect();
            row.push(x.iter().zip(y).map(|(r, v)| r[i] * v).sum());
            row.extend((0..k).map(|j| if i == j { 1.0 } else { 0.0 }));
            row
        })
        .collect();
    for i in 0..k {
        let pivot = m[i][i];
        m[i].iter_mut().for_each(|v| *v /= pivot);
        let own = m[i].clone();
        for (j, row) in m.iter_mut().enumerate().filter(|(j, _)| *j != i) {
            let factor = row[i];
            assert!(j != i && pivot.abs() > 1e-9);
            row.iter_mut().zip(&own).for_each(|(v, o)| *v -= factor * o);
        }
    }
    let beta: Vec<f64> = m.iter().map(|row| row[k]).collect();
    let fitted = |r: &Vec<f64>| r.iter().zip(&beta).map(|(a, b)| a * b).sum::<f64>();
    let squares: f64 = x.iter().zip(y).map(|(r, v)| (v - fitted(r)).powi(2)).sum();
    let variance = squares / (y.len() - k) as f64;
    let errors = (0..k).map(|i| (variance * m[i][k + 1 + i]).sqrt()).collect();
    (beta, errors, variance.sqrt())
}

fn near(found: f64, wanted: f64, tolerance: f64) {
    assert!((found - wanted).abs() <= tolerance, "{found} instead of {wanted}");
}

/// Price list and capability index name the same model differently.
const SAME: &[(&str, &str)] = &[
    ("GPT-4 8k", "GPT-4 (Mar 2023)"),
    ("GPT-3.5 Turbo 0613", "GPT-3.5 Turbo (Jun 2023)"),
    ("GPT-4 Turbo", "GPT-4 Turbo (Apr 2024)"),
    ("o1 and o1-preview", "o1-preview"),
    ("o3 Pro", "o3-pro"),
    ("Command R+ 08-2024", "Command R+"),
    ("DeepSeek Reasoner", "DeepSeek-R1"),
    ("DeepSeek Chat V3 promo", "DeepSeek-V3"),
    ("DeepSeek Chat V3 list", "DeepSeek-V3"),
    ("Mistral Large 24.11", "Mistral Large 2 (Nov 2024)"),
    ("Grok-2 1212", "Grok-2 (Dec 2024)"),
];
/// A version in the index is that of the price list when it came out at most so long after it.
const LATEST_YEARS: f64 = 45.0 / 365.25;

/// (Years since 2025, ECI, blended price) of every list price of a model with a known ECI.
fn list_prices() -> Vec<(f64, f64, f64)> {
    let (inputs, outputs, capability) = (rows("price_input"), rows("price_output"), rows("capability_eci"));
    let plain = |name: &str| name.split(" (").next().unwrap().to_lowercase();
    let mut found = Vec::new();
    for input in &inputs {
        let name = input.model().unwrap();
        let same = |o: &&Observation| (&o.date, &o.entity, &o.segment) == (&input.date, &input.entity, &input.segment);
        let Some(output) = outputs.iter().find(same) else { continue };
        let alias = SAME.iter().find(|(listed, _)| *listed == name).map(|(_, index)| *index);
        let version = capability
            .iter()
            .filter(|c| c.entity == input.entity)
            .filter(|c| match alias {
                Some(alias) => c.model() == Some(alias),
                None => {
                    c.model().is_some_and(|m| plain(m) == plain(name))
                        && years(&c.date) <= years(&input.date) + LATEST_YEARS
                }
            })
            .max_by(|a, b| a.date.cmp(&b.date));
        if let Some(version) = version {
            found.push((years(&input.date), version.value, 0.75 * input.value + 0.25 * output.value));
        }
    }
    found
}

#[test]
fn list_prices_give_the_fall_of_cost_and_its_slope_in_capability() {
    let prices = list_prices();
    assert_eq!(prices.len(), 39);
    let x: Vec<Vec<f64>> = prices.iter().map(|p| vec![1.0, p.0, (p.1 - 130.0) / 10.0]).collect();
    let y: Vec<f64> = prices.iter().map(|p| p.2.ln()).collect();
    let (beta, errors, sd) = least_squares(&x, &y);
    near(-beta[1], 2.44, 0.02);
    near(errors[1], 0.71, 0.01);
    near(beta[2], 1.79, 0.02);
    near(errors[2], 0.48, 0.01);
    near(sd, 1.40, 0.01);
    // The ridge: what the fall is when the slope is known.
    let mean = |k: usize| x.iter().map(|r| r[k]).sum::<f64>() / x.len() as f64;
    let (t, c) = (mean(1), mean(2));
    let cross: f64 = x.iter().map(|r| (r[1] - t) * (r[2] - c)).sum();
    let squares: f64 = x.iter().map(|r| (r[1] - t).powi(2)).sum();
    near(cross / squares, 1.27, 0.02);
    near(-beta[1] - cross / squares * beta[2], 0.18, 0.05);
    near(sd / squares.sqrt(), 0.37, 0.01);
}

#[test]
fn rental_fell_as_the_five_figures_say() {
    let rows = rows("gpu_hour_price");
    let x: Vec<Vec<f64>> = rows.iter().map(|r| vec![1.0, years(&r.date)]).collect();
    let y: Vec<f64> = rows.iter().map(|r| r.value.ln()).collect();
    let (beta, errors, _) = least_squares(&x, &y);
    assert_eq!(rows.len(), 5);
    near(beta[1], -0.56, 0.01);
    near(errors[1], 0.27, 0.01);
}

#[test]
fn the_frontier_rose_at_the_slope_that_the_runs_are_held_to() {
    let rows = rows("capability_eci_frontier");
    let frontier = rows.iter().filter(|r| r.entity == "FRONTIER" && r.date.as_str() >= "2024-03");
    let (x, y): (Vec<Vec<f64>>, Vec<f64>) = frontier.map(|r| (vec![1.0, years(&r.date)], r.value)).unzip();
    let (beta, errors, _) = least_squares(&x, &y);
    near(beta[1], 17.4, 0.1);
    near(errors[1], 1.3, 0.1);
    let (alone, with_prior, sd) = doubling(beta[1], 2.4);
    near(alone, 4.46, 0.05);
    near(with_prior, 5.5, 0.1);
    near(sd, 0.18, 0.01);
}

/// Months in which efficiency doubles by a slope of the frontier, ECI a year, less the growth of OpenAI's compute: alone, and
/// with the prior of 8 months (0.3 in ln), with the sd of its ln. `sd` is that of the slope.
fn doubling(slope: f64, sd: f64) -> (f64, f64, f64) {
    const ECI_PER_DECADE: f64 = 13.5;
    let capacity: Vec<f64> = rows("compute_capacity_gw").iter().map(|r| r.value).collect();
    assert_eq!(capacity.len(), 2, "the ends of 2023 and 2024");
    let compute = (capacity[1] / capacity[0]).ln();
    near(compute, 1.1, 0.01);
    let months = |s: f64| 12.0 * 2f64.ln() / (s * 10f64.ln() / ECI_PER_DECADE - compute);
    let spread = (months(slope - sd) / months(slope + sd)).ln() / 2.0;
    let (seen, prior) = (spread.powi(-2), 0.3f64.powi(-2));
    let ln = (seen * months(slope).ln() + prior * 8f64.ln()) / (seen + prior);
    (months(slope), ln.exp(), (seen + prior).powf(-0.5))
}

/// The same for the projection, on all of 2025.
#[test]
fn the_projection_doubles_efficiency_as_the_slope_to_the_end_of_2025_asks() {
    let all = observations();
    let frontier = all.iter().filter(|r| {
        r.metric == "capability_eci_frontier"
            && r.entity == "FRONTIER"
            && ("2024-03".."2026").contains(&r.date.as_str())
    });
    let (x, y): (Vec<Vec<f64>>, Vec<f64>) = frontier.map(|r| (vec![1.0, years(&r.date)], r.value)).unzip();
    assert_eq!(y.len(), 8);
    let (beta, _, _) = least_squares(&x, &y);
    near(beta[1], 16.2, 0.1);
    near(doubling(beta[1], 1.9).1, 5.8, 0.1);
}

#[test]
fn users_of_assistants_grew_as_the_reports_say() {
    let rows = rows("chatgpt_weekly_active_users");
    let x: Vec<Vec<f64>> = rows.iter().map(|r| vec![1.0, years(&r.date)]).collect();
    let y: Vec<f64> = rows.iter().map(|r| r.value.ln()).collect();
    near(least_squares(&x, &y).0[1], 1.09, 0.01);
}

#[test]
fn rounds_are_priced_at_one_multiple_of_the_run_rate() {
    // Rounds from 2024 on, with the run-rate of the day: the report nearest to it, or between two of them in ln.
    let rates = rows("revenue_run_rate");
    let rate = |lab: &str, at: f64| {
        let mut known: Vec<(f64, f64)> = rates
            .iter()
            .filter(|r| r.entity == lab && r.key() == "full_company")
            .map(|r| (years(&r.date), r.value))
            .collect();
        known.sort_by(|a, b| a.0.total_cmp(&b.0));
        let after = known.iter().position(|k| k.0 >= at).unwrap();
        let (a, b) = (known[after - 1], known[after]);
        (a.1.ln() + (b.1 / a.1).ln() * (at - a.0) / (b.0 - a.0)).exp()
    };
    let priced = ["Series_D_Menlo", "tender", "equity_convertible", "Series_E", "SoftBank_round"];
    let rounds: Vec<(f64, f64)> = rows("valuation_post_money")
        .iter()
        .filter(|r| ["OpenAI", "Anthropic"].contains(&r.entity.as_str()) && priced.contains(&r.key()))
        .map(|r| (r.value, rate(&r.entity, years(&r.date))))
        .collect();
    assert_eq!(rounds.len(), 5);
    let fit = |option: f64| {
        let logs: Vec<f64> = rounds.iter().map(|(value, rate)| (value / (rate + option)).ln()).collect();
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let squares: f64 = logs.iter().map(|l| (l - mean).powi(2)).sum();
        (mean.exp(), (squares / (logs.len() - 2) as f64).sqrt())
    };
    let options = (1..200).map(|k| f64::from(k) * 0.01e9);
    let best = options.min_by(|a, b| fit(*a).1.total_cmp(&fit(*b).1)).unwrap();
    near(best / 1e9, 0.45, 0.03);
    near(fit(best).0, 33.0, 0.5);
    near(fit(best).1, 0.10, 0.02);
}

#[test]
fn the_hazard_of_adoption_is_told_only_in_its_mean() {
    let any = rows("enterprise_adoption_any_ai");
    let mut panel: Vec<(&str, f64)> = any
        .iter()
        .filter(|r| r.key() == "US_Ramp_sample_paid" && ("2023-06-01"..="2025-06-01").contains(&r.date.as_str()))
        .map(|r| (r.date.as_str(), r.value))
        .collect();
    panel.sort_by(|a, b| a.0.cmp(b.0));
    const SATURATION: f64 = 0.9;
    // Adoption in the first jurisdiction is 1.05 times as fast as the parameters say.
    let quarters: Vec<(f64, f64)> = (0..panel.len() - 3)
        .step_by(3)
        .map(|i| {
            let middle = 0.5 * (panel[i].1 + panel[i + 3].1);
            (middle / SATURATION, 4.0 * (panel[i + 3].1 - panel[i].1) / (SATURATION - middle) / 1.05)
        })
        .collect();
    let mean = quarters.iter().map(|q| q.1).sum::<f64>() / quarters.len() as f64;
    near(mean, 0.147, 0.002);
    let part = quarters.iter().map(|q| q.0).sum::<f64>() / quarters.len() as f64;
    near((mean - 0.03) / part, 0.3, 0.02);
    let x: Vec<Vec<f64>> = quarters.iter().map(|q| vec![1.0, q.0]).collect();
    let (beta, errors, _) = least_squares(&x, &quarters.iter().map(|q| q.1).collect::<Vec<_>>());
    assert!(errors[1] > beta[1], "the data tell p from q after all: {beta:?} {errors:?}");
}

#[test]
fn growth_of_compute_capex_spend_and_incidents() {
    let value = |metric: &str, entity: &str, key: &str, date: &str| {
        let all = rows(metric);
        let found = all.iter().find(|r| r.entity == entity && r.key() == key && r.date == date);
        found.unwrap_or_else(|| panic!("{metric} {date}")).value
    };
    let growth = |metric: &str, entity: &str, key: &str, from: &str, to: &str| {
        (value(metric, entity, key, to) / value(metric, entity, key, from)).ln()
    };
    let (before, after) = ("2023-12-31", "2024-12-31");
    near(growth("compute_capacity_gw", "OpenAI", "year_end", before, after), 1.1, 0.01);
    near(growth("capex_annual", "HYPERSCALERS_4", "cash_plus_finance_leases", before, after), 0.48, 0.01);
    let half = growth("enterprise_llm_api_spend", "ENTERPRISES", "menlo_annualised", after, "2025-07-01");
    near(2.0 * half, 1.75, 0.01);
    let incidents = growth("ai_incidents_per_year", "AIID", "Stanford_AI_Index_2025_vintage", before, after);
    near(incidents / ((5.5 + 1.0) / (2.0 + 0.096_f64)).ln(), 0.39, 0.01);
}

#[test]
fn the_overlay_changes_parameters_only_and_cites_nothing_later() {
    let overlay = Scenario::load("history/backtest", &[]).unwrap();
    let state = Scenario::load("history/2024-12", &[]).unwrap();
    let before = resolved(&state);
    let changed: Vec<_> = resolved(&overlay)
        .into_iter()
        .filter(|r| !before.iter().any(|b| b.path == r.path && b.value == r.value && b.source == r.source))
        .collect();
    assert!(changed.len() >= 12, "{changed:?}");
    for row in &changed {
        assert!(!row.path.contains(".start."), "{} is state", row.path);
        for later in ["2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "end of 2025", "2026"] {
            assert!(!row.source.contains(later), "{}: {}", row.path, row.source);
        }
    }
    assert_eq!(overlay.parameters.simulation, state.parameters.simulation);
}
