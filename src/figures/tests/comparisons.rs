//! Figures of comparisons and of convergence.

use super::*;
use crate::figures::convergence::{ConvergencePanel, convergence};
use crate::figures::differences::{differences, signed};
use crate::figures::theme::Format;

/// An ensemble whose statistics are read as differences: half of the labs gain what the others lose.
fn differing() -> Invented {
    let mut invented = Invented::new(Month::new(2025, 12));
    for (k, series) in invented.summary.series.iter_mut().enumerate() {
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        for (_, s) in &mut series.rows {
            let middle = s.quantiles[3];
            s.mean = sign * (s.mean - 0.9 * middle);
            let mut quantiles = s.quantiles.map(|q| sign * (q - 0.9 * middle));
            quantiles.sort_by(f64::total_cmp);
            s.quantiles = quantiles;
        }
    }
    invented.provenance.scenario = "export-controls-and-digital-ban against baseline".into();
    invented
}

fn panels(paths: &[&str], target: Option<f64>) -> Vec<ConvergencePanel> {
    let rows = |k: usize| {
        let level = if k.is_multiple_of(2) { 0.31 } else { -0.002 };
        let row =
            |n: u64| (n, level * (1.0 + noise(n as usize, k) / (n as f64).sqrt()), level.abs() / (n as f64).sqrt());
        [10, 20, 50, 90, 100, 148, 289, 1_432, 8_761].map(row).to_vec()
    };
    let panel = |(k, path): (usize, &&str)| {
        let unit = if path.contains("valuation") && !path.starts_with("beats.") { "USD" } else { "fraction" };
        let scale = if unit == "USD" { 4.0e12 } else { 1.0 };
        let rows = rows(k).into_iter().map(|(n, m, se)| (n, m * scale, se * scale)).collect();
        ConvergencePanel { path: (*path).into(), unit: unit.into(), target: target.map(|t| t * scale), rows }
    };
    paths.iter().enumerate().map(panel).collect()
}

#[test]
fn differences_and_convergence_are_drawn_without_a_word_on_another() {
    let mut long = differing();
    for (i, lab) in long.provenance.labs.iter_mut().enumerate() {
        lab.name = format!("International Consortium for Models No. {i}");
    }
    for invented in [&differing(), &long] {
        for column in ["enterprise_share", "valuation_usd", "revenue_run_rate_usd", "capability_eci"] {
            let drawn = differences(invented.material(), "What it changes", "Difference in something", column);
            let Ok(picture) = drawn else { panic!("{column} is missing") };
            no_overlap(column, &picture);
        }
        let paths = [
            "labs.openai.enterprise_share",
            "labs.google.valuation_usd",
            "market.hhi",
            "claims.no-winner-take-all",
            "build-vs-partner: labs.anthropic.enterprise_share",
            "beats.labs.openai.valuation_usd",
            "labs.xai.share_coding",
            "labs.meta.alive",
            "labs.cohere.enterprise_share",
        ];
        for (count, stopped, target) in [(1, None, None), (4, Some(8_761), Some(0.004)), (9, Some(8_761), Some(0.004))]
        {
            let drawn = convergence(invented.material(), "Means", &panels(&paths[..count], target), stopped);
            let Ok(picture) = drawn else { panic!("{count} panels are missing") };
            no_overlap("convergence", &picture);
            let says = |word: &str| picture.canvas.words().iter().any(|(text, _)| text.contains(word));
            assert_eq!(says("Enough after 8,761 runs"), stopped.is_some());
            assert_eq!(says("asked: "), target.is_some());
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("AIMARKET_KEEP_FIGURES").map(PathBuf::from);
    let dir = kept.as_deref().unwrap_or(dir.path());
    let invented = differing();
    let (title, subtitle) =
        ("What it changes in the labs' enterprise shares", "Difference in share, points of percent");
    let name = "differences_enterprise_share";
    let drawn =
        draw_differences(&invented.provenance, (title, subtitle), (&invented.summary, "enterprise_share"), dir, name);
    assert_eq!(drawn.unwrap().written.len(), 2);
}

#[test]
fn nothing_that_differs_and_nothing_that_settles_is_skipped_with_the_reason() {
    let mut invented = differing();
    for series in &mut invented.summary.series {
        for (_, s) in &mut series.rows {
            (s.mean, s.mcse, s.quantiles) = (0.0, 0.0, [0.0; 7]);
        }
    }
    let Err(Skip(reason)) = differences(invented.material(), "", "", "enterprise_share") else { panic!() };
    assert_eq!(reason, "the results hold no difference in labs.*.enterprise_share");
    let mut few = panels(&["market.hhi"], None);
    few[0].rows.truncate(1);
    assert!(convergence(invented.material(), "", &few, None).is_err());
}

#[test]
fn differences_are_written_with_their_sign() {
    assert_eq!(signed(Format::Percent, 0.0123), "+1.2");
    assert_eq!(signed(Format::Percent, -0.00031), "−0.03");
    assert_eq!(signed(Format::Percent, 0.0), "0");
    assert_eq!(signed(Format::Usd, 4.0e9), "+$4bn");
    assert_eq!(signed(Format::Usd, -4.0e9), "−$4bn");
}
