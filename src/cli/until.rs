//! `--until-mcse` and `--convergence`: what is watched, and what is said of it at the end.

use super::arguments::StopFlags;
use super::failure::{Failure, USAGE};
use super::terminal::thousands;
use crate::experiment::stopping::resolve;
use crate::output::Until;
use crate::output::manifest::{ErrorReached, Stopping};
use crate::run::Model;

/// Most standard errors that are told; all stand in the manifest.
const MOST_TOLD: usize = 4;

/// What is watched of the runs of a scenario; `None` where nothing is asked. `paths_by_runs`: nothing was said of `--paths`.
pub fn watched<M: Model>(flags: &StopFlags, model: &M, paths_by_runs: bool) -> Result<Option<Until>, Failure> {
    if flags.until_mcse.is_empty() && !flags.convergence {
        return Ok(None);
    }
    let watched = resolve(&flags.until_mcse, model.layout(), model.claims()).map_err(|wrong| faults(&wrong))?;
    let targets = flags.until_mcse.iter().map(|t| t.text.clone()).collect();
    Ok(Some(Until { watched, targets, paths_by_runs, convergence: flags.convergence }))
}

/// All that is wrong with the targets.
pub fn faults(wrong: &[String]) -> Failure {
    let lines: Vec<String> = wrong.iter().map(|w| format!("error: {w}")).collect();
    Failure { code: USAGE, text: lines.join("\n") }
}

/// How many runs would have reached the targets: n (had / asked)² of the one furthest off, as standard errors fall with √n.
/// `None` where all are reached, or one has no standard error at all.
fn would_do(stopping: &Stopping) -> Option<f64> {
    let times = |e: &ErrorReached| match (e.standard_error, e.asked) {
        (Some(had), Some(asked)) if asked > 0.0 => (had / asked) * (had / asked),
        _ => f64::INFINITY,
    };
    let asked = stopping.errors.iter().filter(|e| e.asked.is_some());
    let most = asked.map(times).fold(0.0, f64::max);
    (!stopping.reached && most.is_finite()).then_some(stopping.runs as f64 * most)
}

/// How many runs it took and which standard errors were reached, the tightest first; nothing where no standard error was asked for.
pub fn words(stopping: &Stopping, most: u64) -> Option<String> {
    let mut asked: Vec<&ErrorReached> = stopping.errors.iter().filter(|e| e.asked.is_some()).collect();
    if asked.is_empty() {
        return None;
    }
    // What has no standard error is furthest from its target.
    let strain = |e: &ErrorReached| match (e.standard_error, e.asked) {
        (Some(had), Some(asked)) if asked > 0.0 => had / asked,
        (Some(0.0), _) => 0.0,
        _ => f64::INFINITY,
    };
    asked.sort_by(|a, b| strain(b).total_cmp(&strain(a)));
    let number = |x: Option<f64>| x.map_or("none".to_string(), short);
    let of_one = |e: &&ErrorReached| format!("{} {} of {}", e.path, number(e.standard_error), number(e.asked));
    let told: Vec<String> = asked.iter().take(MOST_TOLD).map(of_one).collect();
    let more = asked.len().saturating_sub(MOST_TOLD);
    let more = if more > 0 { format!(" and {more} more; all are in manifest.json") } else { String::new() };
    let head = if stopping.reached {
        format!("the standard errors asked for were reached after {} runs", thousands(stopping.runs))
    } else if stopping.runs < most {
        format!("the standard errors asked for were not reached in {} runs", thousands(stopping.runs))
    } else {
        format!(
            "the standard errors asked for were not reached in the {} runs that --runs allows",
            thousands(stopping.runs)
        )
    };
    let enough = would_do(stopping).map(|runs| format!("; about {} runs would do", rounded_up(runs)));
    Some(format!("{head} (had, of asked): {}{more}{}", told.join(", "), enough.unwrap_or_default()))
}

/// A count with two figures, rounded up.
fn rounded_up(runs: f64) -> String {
    let mut step = 1.0;
    while step < runs / 100.0 {
        step *= 10.0;
    }
    thousands(((runs / step).ceil() * step) as u64)
}

/// A number with three figures.
pub fn short(x: f64) -> String {
    let size = x.abs();
    if size != 0.0 && !(1e-3..1e5).contains(&size) {
        return format!("{x:.2e}");
    }
    let decimals = if size >= 100.0 {
        0
    } else if size >= 10.0 {
        1
    } else if size >= 1.0 {
        2
    } else {
        4
    };
    format!("{x:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopping(reached: bool, had: &[f64]) -> Stopping {
        let error = |&had: &f64| ErrorReached {
            path: "labs.a.enterprise_share".into(),
            n: 200,
            mean: Some(0.3),
            standard_error: Some(had),
            asked: Some(0.01),
        };
        Stopping { targets: vec!["0.01".into()], reached, runs: 200, errors: had.iter().map(error).collect() }
    }

    #[test]
    fn what_would_do_goes_with_the_square_of_the_error_furthest_off() {
        // 200 · 3² = 1,800; 200 · 2.34² = 1,095.12.
        let told = words(&stopping(false, &[0.02, 0.03]), 200).unwrap();
        assert!(told.ends_with("; about 1,800 runs would do"), "{told}");
        assert!(words(&stopping(false, &[0.0234]), 200).unwrap().ends_with("about 1,100 runs would do"));
        assert!(!words(&stopping(true, &[0.009]), 400).unwrap().contains("would do"));
    }
}
