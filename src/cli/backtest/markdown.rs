//! The report as Markdown: the numbers from the runs, the explanations from `docs/validation-notes.md`.

use std::fmt::Write as _;

use super::{LABS, PROJECTION, Report, STATE};
use crate::experiment::backtest::{Forecast, Line, Score, Shown, Standing, names, score};
use crate::scenario::describe::{self, ResolvedRow};

/// What the numbers cannot say for themselves.
const NOTES: &str = include_str!("../../../docs/validation-notes.md");
/// What stands where there is no forecast.
const NONE: &str = "–";

/// Writes the report. Writing to a text cannot fail, so the results of `write!` are passed over.
pub fn write(report: &Report) -> String {
    let mut text = String::new();
    head(&mut text, report);
    scores(&mut text, report);
    comparison(&mut text, report);
    unmatched(&mut text, report);
    horizon(&mut text, report);
    fits(&mut text, report);
    text.push('\n');
    text.push_str(NOTES.trim());
    text.push('\n');
    text
}

fn head(text: &mut String, report: &Report) {
    let (done, failed) = report.runs;
    let _ = writeln!(
        text,
        "# Validation: 2025 as projected from the end of 2024\n\n\
         `aimarket backtest > docs/validation.md` makes this page: {done} runs of `{}` ({failed} failed), seed {}, \
         version {}.\n\n\
         The scenario starts from the state of {} and runs to {}. Parameters that were fitted to later data are fitted \
         again to data up to {}: dates up to then are in sample, later ones are held out. None of those fits saw the held-out \
         dates. Some parameters that could not be fitted again saw them: later rows of the series that these touch are \
         in sample by a parameter, and scored apart. The equations, and the priors that this scenario shares with the projection, were chosen with all of 2025 in \
         view, so the test is weaker than its name. The fits and what they rest on stand below, with those that could not be made again.",
        report.scenario.name,
        report.scenario.parameters.simulation.seed,
        env!("CARGO_PKG_VERSION"),
        report.scenario.parameters.month_before_start(),
        report.scenario.parameters.simulation.end,
        report.fitted_until,
    );
}

fn error(value: f64) -> String {
    if value.is_finite() { format!("{value:.2}") } else { NONE.to_string() }
}

fn share(part: usize, of: usize) -> String {
    if of == 0 { NONE.to_string() } else { format!("{part} of {of} ({:.0}%)", 100.0 * part as f64 / of as f64) }
}

fn scores(text: &mut String, report: &Report) {
    text.push_str(
        "\n## How well\n\n\
         Observations within the bands, and the mean absolute error of ln of three forecasts: the median of the runs, the \
         trend of the year before the start, and no change since the last observation before the start. The errors are over \
         the rows for which all three exist and rest on no observation of low confidence. Rows of one series move together, so the counts are fewer independent tests \
         than they look.\n\n\
         | dates | within 80% | within 90% | rows compared | error: model | trend | no change |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for standing in Standing::ALL {
        score_row(text, standing.word(), report.score(standing));
    }
    text.push_str(
        "\nThe same for the held-out rows of each series; one without any is in sample throughout, or not scored:\n\n\
         | series | within 80% | within 90% | rows compared | error: model | trend | no change |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for name in names() {
        let of_series = report.lines.iter().filter(|l| l.standing() == Standing::HeldOut && l.series == name);
        score_row(text, name, score(of_series));
    }
}

fn score_row(text: &mut String, name: &str, s: Score) {
    let _ = writeln!(
        text,
        "| {name} | {} | {} | {} | {} | {} | {} |",
        share(s.within80, s.lines),
        share(s.within90, s.lines),
        s.compared,
        error(s.error_model),
        error(s.error_trend),
        error(s.error_no_change),
    );
}

/// A number with three significant digits, plainly written.
fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        v if v >= 0.9995 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

fn number(shown: Shown, value: f64) -> String {
    match shown {
        Shown::Billions => digits(value / 1e9),
        Shown::Percent => format!("{:.1}%", 100.0 * value),
        // An index of capability needs its tenths.
        Shown::Number if value >= 100.0 => format!("{value:.1}"),
        Shown::Number => digits(value),
    }
}

fn band(shown: Shown, band: (f64, f64)) -> String {
    format!("{} to {}", number(shown, band.0), number(shown, band.1))
}

fn observed(line: &Line) -> String {
    let p = &line.point;
    let value = number(line.shown, p.value);
    if p.range.0 < p.range.1 { format!("{value} ({})", band(line.shown, p.range)) } else { value }
}

/// Where the observation lies.
fn place(line: &Line) -> &'static str {
    let (value, median) = (line.point.value, line.median);
    match (line.within80(), line.within90(), value > median) {
        (true, ..) => "in 80%",
        (_, true, _) => "in 90%",
        (.., true) => "**above**",
        (.., false) => "**below**",
    }
}

fn marks(line: &Line) -> String {
    let p = &line.point;
    let mut marks = vec![line.standing().word()];
    if p.later {
        marks.push("published later");
    }
    if p.unscored {
        marks.push("not scored");
    }
    marks.join(", ")
}

fn comparison(text: &mut String, report: &Report) {
    text.push_str(
        "\n## Series by series\n\n\
         The model is read at the end of the month nearest to the day that a figure describes. *Published later*: the \
         figure, or the vintage used here, came out after 2025. *Not scored*: of low confidence in the data, or \
         extrapolated. Two values of one date that rank alike are averaged, and both stand in brackets. A trend needs two \
         observations before the start that lie five months apart: *none before*, *one before* and *too near* say what is \
         missing. *Low* marks a forecast that rests on an observation of low confidence; it is in no error.\n",
    );
    for name in names() {
        let _ = writeln!(
            text,
            "\n### {name}\n\n\
             | of | date | observed | median | 80% band | 90% band | | trend | no change | |\n\
             |---|---|---|---|---|---|---|---|---|---|"
        );
        for line in report.lines.iter().filter(|l| l.series == name) {
            let forecast =
                |f: Forecast| format!("{}{}", number(line.shown, f.value), if f.low { " (low)" } else { "" });
            let trend = line.trend.map_or_else(|missing| missing.word().to_string(), forecast);
            let no_change = line.no_change.map_or("none before".to_string(), forecast);
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                line.entity,
                line.point.date,
                observed(line),
                number(line.shown, line.median),
                band(line.shown, line.band80),
                band(line.shown, line.band90),
                place(line),
                trend,
                no_change,
                marks(line),
            );
        }
    }
}

fn unmatched(text: &mut String, report: &Report) {
    text.push_str("\n## What is not matched\n\nScored observations outside the 90% band:\n\n");
    let outside: Vec<&Line> = report.lines.iter().filter(|l| !l.point.unscored && !l.within90()).collect();
    if outside.is_empty() {
        text.push_str("- none\n");
    }
    for line in outside {
        let side = if line.point.value > line.median { "above" } else { "below" };
        let _ = writeln!(
            text,
            "- {}, {}, {} ({}): {} observed, {side} the band of {}; the median is {}.",
            line.series,
            line.entity,
            line.point.date,
            line.standing().word(),
            number(line.shown, line.point.value),
            band(line.shown, line.band90),
            number(line.shown, line.median),
        );
    }
}

fn horizon(text: &mut String, report: &Report) {
    let d = &report.drivers;
    let meanings = describe::parameters();
    // An agent's path is listed with `<id>` for its key.
    let meaning = |path: &str| {
        let like = |row: &str| {
            let (mut a, mut b) = (row.split('.'), path.split('.'));
            row.split('.').count() == path.split('.').count()
                && a.by_ref().zip(b.by_ref()).all(|(a, b)| a == b || a == "<id>")
        };
        meanings.iter().find(|row| like(&row.path)).map_or("", |row| row.meaning)
    };
    let _ = writeln!(
        text,
        "\n## What moves the projection most\n\n\
         Rank correlation of the uncertain parameters with the share of enterprise spend at the horizon, over {} runs of \
         `{PROJECTION}`. Among so many parameters, a correlation below {:.2} may be chance. The five assumptions that \
         move the shares of the {LABS} largest labs most, by the mean size of the correlation:\n\n\
         | assumption | what it is | mean size |\n|---|---|---|",
        d.runs,
        d.noise(),
    );
    for (path, r) in &d.overall {
        let _ = writeln!(text, "| `{path}` | {} | {r:.2} |", meaning(path));
    }
    for lab in &d.labs {
        let strongest: Vec<String> = lab.strongest.iter().map(|(path, r)| format!("`{path}` {r:+.2}")).collect();
        let _ = writeln!(text, "\n`{}` (median share {:.0}%): {}.", lab.lab, 100.0 * lab.median, strongest.join(", "));
    }
    text.push_str(
        "\nA parameter may leave the middle of the fan where it is and widen it. Rank correlation with the distance of \
         the share from its median:\n\n| assumption | what it is | mean correlation |\n|---|---|---|\n",
    );
    for (path, r) in &d.spread {
        let _ = writeln!(text, "| `{path}` | {} | {r:+.2} |", meaning(path));
    }
}

/// A cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn fits(text: &mut String, report: &Report) {
    let _ = writeln!(
        text,
        "\n## What was fitted on what\n\nSet for this test only, over `{STATE}`:\n\n| value | now | from |\n|---|---|---|"
    );
    let row = |text: &mut String, r: &ResolvedRow| {
        let _ = writeln!(text, "| `{}` | `{}` | {} |", r.path, cell(&r.value), cell(&r.source));
    };
    report.refitted.iter().for_each(|r| row(text, r));
    text.push_str(
        "\nOther fitted values are left as they are, because half a year does not tell them or because they describe 2024. \
         With them stand values that are not called fitted and still come from figures of 2025. Where a value rests on data \
         after the window, the later rows of the series that it touches are in sample by a parameter: that series itself, or \
         what is made of the same figures; for a parameter of a lab, the rows of that lab and of the market. What a value \
         moves beyond that, through the money of labs or the choices of buyers, is not followed: no series is free of it. A \
         dash stands for a value whose data end earlier or have no date, or that touches none of the series.\n\n\
         | value | now | from | puts in sample |\n|---|---|---|---|\n",
    );
    for r in &report.left {
        let touched = report.touches(&r.path).join("; ");
        let touched = if touched.is_empty() { NONE } else { &touched };
        let _ = writeln!(text, "| `{}` | `{}` | {} | {touched} |", r.path, cell(&r.value), cell(&r.source));
    }
}
