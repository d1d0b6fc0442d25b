//! A comparison in words and one table.

use comfy_table::{CellAlignment, Table, presets};

use crate::cli::terminal::{thousands, usd};
use crate::experiment::compare::Difference;
use crate::figures::theme::grouped;
use crate::output::compare::{Compared, Versus};
use crate::output::manifest::Lab;
use crate::record::TableKind;

/// A lab at the horizon, in the base and in the other scenario.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct LabCompared {
    /// Id.
    pub id: String,
    /// Name shown.
    pub name: String,
    /// Share of enterprise spend.
    pub enterprise_share: Option<Shown>,
    /// Valuation, USD.
    pub valuation_usd: Option<Shown>,
}

/// A difference as it is told; what is not finite is null.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Shown {
    /// Pairs.
    pub n: u64,
    /// Mean of the base.
    pub mean_base: f64,
    /// Mean of the other.
    pub mean: f64,
    /// Mean difference.
    pub difference: f64,
    /// Its 95% interval.
    pub interval: [f64; 2],
    /// Share of the pairs in which the other has more, ties counting half.
    pub probability: f64,
    /// Whether the interval holds zero.
    pub within_noise: bool,
    /// Independent runs that a pair is worth.
    pub variance_reduction: f64,
    /// Pairs of independent runs that would know the difference as well.
    pub independent_pairs: f64,
}

impl Shown {
    fn new(d: &Difference) -> Shown {
        Shown {
            n: d.n,
            mean_base: d.mean_base,
            mean: d.mean,
            difference: d.difference,
            interval: [d.ci_low, d.ci_high],
            probability: d.probability,
            within_noise: d.within_noise(),
            variance_reduction: d.variance_reduction,
            independent_pairs: d.independent_pairs(),
        }
    }
}

/// The labs at the horizon that both scenarios have, largest share in the base first.
pub fn at_horizon(versus: &Versus, labs: &[Lab]) -> Vec<LabCompared> {
    let last = |metric: &str, lab: &str| {
        let wanted = |k: TableKind, m: &str, e: &str| k == TableKind::Labs && m == metric && e == lab;
        let series = versus.series.iter().find(|s| wanted(s.of.kind, &s.of.metric, &s.of.entity))?;
        series.rows.last().filter(|(_, d)| d.n > 0).map(|(_, d)| Shown::new(d))
    };
    let row = |lab: &Lab| LabCompared {
        id: lab.id.clone(),
        name: lab.name.clone(),
        enterprise_share: last("enterprise_share", &lab.id),
        valuation_usd: last("valuation_usd", &lab.id),
    };
    let mut rows: Vec<LabCompared> =
        labs.iter().map(row).filter(|r| r.enterprise_share.is_some() || r.valuation_usd.is_some()).collect();
    let share = |r: &LabCompared| r.enterprise_share.map_or(f64::NEG_INFINITY, |s| s.mean_base);
    rows.sort_by(|a, b| share(b).total_cmp(&share(a)));
    rows
}

/// The sentences and the table that stand at the end.
pub fn summary(compared: &Compared) -> String {
    let labs = &compared.manifest.labs;
    let mut lines = Vec::new();
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let several = compared.others.len() > 1;
    let mut head = vec!["lab".to_string()];
    if several {
        head.insert(0, "scenario".to_string());
    }
    let end = &compared.manifest.end;
    head.extend([format!("share {end}"), "difference, points".into(), "beats".into()]);
    head.extend(["valuation".to_string(), "difference".into(), "beats".into()]);
    table.set_header(head);
    for versus in &compared.others {
        let rows = at_horizon(versus, labs);
        lines.extend(sentences(compared, versus, &rows));
        for row in &rows {
            let mut cells = vec![row.name.clone()];
            if several {
                cells.insert(0, versus.scenario.clone());
            }
            cells.extend(of(row.enterprise_share, percent, points));
            cells.extend(of(row.valuation_usd, usd, usd));
            table.add_row(cells);
        }
    }
    for column in table.column_iter_mut().skip(if several { 2 } else { 1 }) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{}\n{table}", lines.join("\n"))
}

/// Both means, the difference with its interval, and how often the other has more.
fn of(shown: Option<Shown>, show: fn(f64) -> String, apart: fn(f64) -> String) -> [String; 3] {
    let Some(s) = shown else { return ["–", "–", "–"].map(str::to_string) };
    [format!("{} → {}", show(s.mean_base), show(s.mean)), difference(&s, apart), share_of(s.probability)]
}

/// A share of pairs; all and none are said to be that only where they are.
fn share_of(p: f64) -> String {
    match (100.0 * p).round() {
        r if r >= 100.0 && p < 1.0 => ">99%".to_string(),
        r if r <= 0.0 && p > 0.0 => "<1%".to_string(),
        r => format!("{r:.0}%"),
    }
}

fn difference(s: &Shown, apart: fn(f64) -> String) -> String {
    let noise = if s.within_noise { ", within noise" } else { "" };
    let signed = |x: f64| signed(x, apart);
    if s.interval[0].is_nan() {
        return format!("{}, no interval", signed(s.difference));
    }
    format!("{} [{}, {}]{noise}", signed(s.difference), signed(s.interval[0]), signed(s.interval[1]))
}

fn signed(x: f64, show: fn(f64) -> String) -> String {
    if x > 0.0 { format!("+{}", show(x)) } else { show(x) }
}

fn percent(x: f64) -> String {
    format!("{:.1}%", 100.0 * x)
}

/// A difference of shares in points of percent.
fn points(x: f64) -> String {
    let p = 100.0 * x;
    match p.abs() {
        0.0 => "0".to_string(),
        a if a < 0.0995 => format!("{p:.3}"),
        a if a < 0.995 => format!("{p:.2}"),
        _ => format!("{p:.1}"),
    }
}

fn sentences(compared: &Compared, versus: &Versus, rows: &[LabCompared]) -> Vec<String> {
    let end = &compared.manifest.end;
    let dropped = match versus.dropped {
        0 => String::new(),
        n => format!("; {} left out because one of the two failed", thousands(n)),
    };
    let mut said = vec![format!(
        "{} against {}: {} pairs of runs with the same draws{dropped}.",
        versus.scenario,
        compared.base,
        thousands(versus.pairs)
    )];
    let share = changes(rows, "share of enterprise spend", end, |r| r.enterprise_share, (percent, points, " points"));
    let value = changes(rows, "valuation", end, |r| r.valuation_usd, (usd, usd, ""));
    said.extend([share, value].into_iter().flatten());
    said.extend(gain(rows, versus.pairs));
    said
}

type Show = fn(f64) -> String;

/// The clearest changes in a metric: those of the labs whose interval holds no zero, greatest first, and how many are within noise.
fn changes(
    rows: &[LabCompared],
    what: &str,
    end: &str,
    read: fn(&LabCompared) -> Option<Shown>,
    (show, apart, unit): (Show, Show, &str),
) -> Option<String> {
    let mut known: Vec<(&str, Shown)> = rows.iter().filter_map(|r| Some((r.name.as_str(), read(r)?))).collect();
    known.retain(|(_, s)| s.interval[0].is_finite());
    if known.is_empty() {
        return None;
    }
    let noise = known.iter().filter(|(_, s)| s.within_noise).count();
    let all = known.len();
    known.retain(|(_, s)| !s.within_noise);
    known.sort_by(|a, b| b.1.difference.abs().total_cmp(&a.1.difference.abs()));
    let Some((name, s)) = known.first() else {
        return Some(format!("No lab's {what} in {end} differs beyond noise: all {all} intervals hold zero."));
    };
    let word = if s.difference > 0.0 { "higher" } else { "lower" };
    let [low, high] = s.interval.map(|x| signed(x, apart));
    let mut text = format!(
        "{name}'s {what} in {end} is {}{unit} {word} ({} → {}; 95% interval {low} to {high}{unit}; higher in {} of pairs)",
        apart(s.difference.abs()),
        show(s.mean_base),
        show(s.mean),
        share_of(s.probability)
    );
    if let Some((second, s)) = known.get(1) {
        let word = if s.difference > 0.0 { "higher" } else { "lower" };
        text.push_str(&format!("; {second}'s is {}{unit} {word}", apart(s.difference.abs())));
    }
    if noise > 0 {
        let are = if noise == 1 { "is" } else { "are" };
        text.push_str(&format!("; {noise} of {all} labs {are} within noise"));
    }
    if known.len() == 1 && all > 1 {
        text.push_str(", and of twenty such intervals one lies off zero by luck");
    }
    text.push('.');
    Some(text)
}

/// What the pairing gained, for the two labs with the largest shares.
fn gain(rows: &[LabCompared], pairs: u64) -> Option<String> {
    let of = |read: fn(&LabCompared) -> Option<Shown>| {
        let worth = |r: &LabCompared| {
            let s = read(r)?;
            let runs = s.independent_pairs;
            // Pairs that do not vary at all need no number of others.
            runs.is_finite().then(|| format!("{} ({})", grouped(runs, 0), r.name))
        };
        rows.iter().filter_map(worth).take(2).collect::<Vec<_>>().join(" or ")
    };
    let (share, value) = (of(|r| r.enterprise_share), of(|r| r.valuation_usd));
    if share.is_empty() {
        return None;
    }
    let value = if value.is_empty() { String::new() } else { format!(", for valuation what {value} would") };
    Some(format!(
        "{} pairs do for enterprise share what {share} pairs of independent runs would{value}.",
        thousands(pairs)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(mean_base: f64, difference: f64, half: f64) -> Option<Shown> {
        let interval = [difference - half, difference + half];
        Some(Shown {
            n: 200,
            mean_base,
            mean: mean_base + difference,
            difference,
            interval,
            probability: if difference > 0.0 { 0.999 } else { 0.25 },
            within_noise: !(interval[0] > 0.0 || interval[1] < 0.0),
            variance_reduction: 12.0,
            independent_pairs: 2_400.0,
        })
    }

    fn labs(differences: [f64; 3]) -> Vec<LabCompared> {
        let lab = |(id, d): (&str, f64)| LabCompared {
            id: id.to_lowercase(),
            name: id.into(),
            enterprise_share: shown(0.3, d, 0.004),
            valuation_usd: shown(1.0e12, 1e12 * d, 5.0e9),
        };
        ["Alpha", "Beta", "Gamma"].into_iter().zip(differences).map(lab).collect()
    }

    #[test]
    fn the_greatest_clear_change_is_told_and_what_is_noise_is_counted() {
        let share = |rows: &[LabCompared]| {
            changes(rows, "share", "2030-12", |r| r.enterprise_share, (percent, points, " points"))
        };
        assert_eq!(
            share(&labs([0.021, -0.05, 0.001])).unwrap(),
            "Beta's share in 2030-12 is 5.0 points lower (30.0% → 25.0%; 95% interval -5.4 to -4.6 points; higher in 25% of \
             pairs); Alpha's is 2.1 points higher; 1 of 3 labs is within noise."
        );
        assert_eq!(
            share(&labs([0.0, 0.003, 0.001])).unwrap(),
            "No lab's share in 2030-12 differs beyond noise: all 3 intervals hold zero."
        );
        assert!(
            share(&labs([0.0, 0.03, 0.001]))
                .unwrap()
                .ends_with("and of twenty such intervals one lies off zero by luck.")
        );
        assert_eq!(share(&[]), None);
    }

    #[test]
    fn a_row_shows_both_means_the_difference_and_how_often_it_is_more() {
        let [means, difference, beats] = of(shown(0.3, 0.021, 0.004), percent, points);
        assert_eq!((&*means, &*difference, &*beats), ("30.0% → 32.1%", "+2.1 [+1.7, +2.5]", ">99%"));
        let [_, difference, _] = of(shown(1.0e12, 4.0e8, 5.0e9), usd, usd);
        assert_eq!(difference, "+$400m [-$4.60bn, +$5.40bn], within noise");
        assert_eq!(of(None, usd, usd), ["–"; 3]);
    }

    #[test]
    fn what_the_pairing_gains_is_told_for_the_two_largest() {
        let still = Some(Shown {
            variance_reduction: f64::INFINITY,
            independent_pairs: f64::INFINITY,
            ..shown(0.3, 0.0, 0.0).unwrap()
        });
        let same: Vec<LabCompared> =
            labs([0.0; 3]).into_iter().map(|r| LabCompared { enterprise_share: still, ..r }).collect();
        assert_eq!(gain(&same, 200), None);
        let told = gain(&labs([0.0; 3]), 200).unwrap();
        assert_eq!(
            told,
            "200 pairs do for enterprise share what 2,400 (Alpha) or 2,400 (Beta) pairs of independent runs would, for \
             valuation what 2,400 (Alpha) or 2,400 (Beta) would."
        );
    }
}
