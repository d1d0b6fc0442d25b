//! The figures of a comparison.

use std::path::Path;

use super::super::failure::{Failure, OUTPUT};
use super::super::plot;
use super::super::run::folder_name;
use crate::experiment::compare::{Difference, DifferenceSeries};
use crate::experiment::summary::{Provenance, Series, Stats, Summary};
use crate::figures::theme::grouped;
use crate::figures::{Drawn, Effect, EffectPanel, FigureError, draw_differences, draw_effects};
use crate::output::compare::{Compared, Versus};
use crate::record::TableKind;

/// What is drawn over time: column, what a title calls it, and what a subtitle says of its unit.
const OVER_TIME: [(&str, &str, &str); 4] = [
    ("enterprise_share", "the labs' enterprise shares", "Difference in share of enterprise spend, points of percent"),
    ("valuation_usd", "the labs' valuations", "Difference in valuation"),
    ("revenue_run_rate_usd", "the labs' revenue", "Difference in revenue run-rate, USD a year"),
    ("capability_eci", "the labs' capability", "Difference in capability, Epoch Capabilities Index"),
];
/// What is drawn at the horizon: column and title of its panel.
const AT_HORIZON: [(&str, &str); 3] = [
    ("enterprise_share", "Enterprise share"),
    ("valuation_usd", "Valuation"),
    ("revenue_run_rate_usd", "Run-rate, a year"),
];

/// Draws into `figures/` of a results folder.
pub fn draw(compared: &Compared, folder: &Path) -> Result<Drawn, Failure> {
    let wrong = |e: FigureError| Failure::new(OUTPUT, e);
    let figures = folder.join("figures");
    let mut drawn = Drawn::default();
    let mut take = |more: Drawn| {
        drawn.written.extend(more.written);
        drawn.skipped.extend(more.skipped);
    };
    let several = compared.others.len() > 1;
    for versus in &compared.others {
        let provenance = Provenance { runs: versus.pairs, failed: versus.dropped, ..compared.manifest.provenance() };
        let (other, base) = (&shown(&versus.scenario), &compared.base);
        let ending = if several { format!("_{}", folder_name(&versus.scenario)) } else { String::new() };
        let summary = summary(versus);
        for (column, what, unit) in OVER_TIME {
            let title = format!("{other} against {base}: {what}");
            let subtitle = format!("{unit} from {base}; {} pairs of runs", grouped(versus.pairs as f64, 0));
            let name = format!("differences_{column}{ending}");
            let words = (title.as_str(), subtitle.as_str());
            take(draw_differences(&provenance, words, (&summary, column), &figures, &name).map_err(wrong)?);
        }
        let panels: Vec<EffectPanel> = AT_HORIZON.iter().filter_map(|(c, t)| panel(versus, c, t)).collect();
        let title = format!("{other} against {base}: the labs in {}", compared.manifest.end);
        let subtitle = format!("Mean difference from {base}; {} pairs of runs", grouped(versus.pairs as f64, 0));
        let name = format!("effects{ending}");
        take(draw_effects(&provenance, (&title, &subtitle), &panels, &figures, &name).map_err(wrong)?);
    }
    let provenance = compared.manifest.provenance();
    take(plot::convergence(
        &provenance,
        compared.manifest.stopping.as_ref(),
        folder,
        "Mean differences from the base, at the horizon",
    )?);
    Ok(drawn)
}

/// The name of a scenario in a title: a variant `path=value,path=value` with room around its signs.
fn shown(name: &str) -> String {
    let mut text = String::new();
    let mut depth = 0i32;
    for c in name.chars() {
        depth += i32::from("[{".contains(c)) - i32::from("]}".contains(c));
        match c {
            '=' if depth == 0 => text.push_str(" = "),
            ',' if depth == 0 => text.push_str(", "),
            c => text.push(c),
        }
    }
    text
}

/// The differences as a summary; a series that never differs is left out.
fn summary(versus: &Versus) -> Summary {
    let stats = |d: &Difference| Stats { n: d.n, mean: d.difference, sd: f64::NAN, mcse: d.se, quantiles: d.quantiles };
    let of_labs = versus.series.iter().filter(|s| s.of.kind == TableKind::Labs);
    let series = of_labs.map(|s| Series {
        kind: s.of.kind,
        metric: s.of.metric.clone(),
        entity: s.of.entity.clone(),
        segment: s.of.segment.clone(),
        unit: s.of.unit.clone(),
        rows: s.rows.iter().map(|(month, d)| (*month, stats(d))).collect(),
    });
    Summary { series: series.collect(), quantile_error: 0.0 }
}

/// The differences of the labs at the horizon; none where no lab has an interval.
fn panel(versus: &Versus, column: &str, title: &str) -> Option<EffectPanel> {
    let of = |metric: &str| {
        let wanted = move |s: &&DifferenceSeries| s.of.kind == TableKind::Labs && s.of.metric == metric;
        versus.series.iter().filter(wanted).collect::<Vec<_>>()
    };
    let shares = of(AT_HORIZON[0].0);
    let share = |lab: &str| {
        let last = shares.iter().find(|s| s.of.entity == lab).and_then(|s| s.rows.last());
        last.map_or(f64::NEG_INFINITY, |(_, d)| d.mean_base)
    };
    let mut of_labs = of(column);
    of_labs.sort_by(|a, b| share(&b.of.entity).total_cmp(&share(&a.of.entity)));
    let effect = |s: &&DifferenceSeries| {
        let (_, d) = s.rows.last().filter(|(_, d)| d.se.is_finite())?;
        Some((s.of.entity.clone(), Effect { difference: d.difference, low: d.ci_low, high: d.ci_high }))
    };
    let rows: Vec<(String, Effect)> = of_labs.iter().filter_map(effect).collect();
    let unit = of_labs.first()?.of.unit.clone();
    (!rows.is_empty()).then(|| EffectPanel { title: title.to_string(), unit, rows })
}
