//! Figures that a scenario asks for, held against the metrics that there are, and what the summary covers for them.

use super::Layout;
use super::claims::names::Names;
use super::claims::told_already;
use crate::scenario::fault::Fault;
use crate::scenario::notes::FIGURE_KINDS;
use crate::scenario::{FigureSpec, Scenario, Unsound};

/// What to write for a metric.
const EXAMPLE: &str = "labs.*.enterprise_share";

/// What is wrong with the figures of a scenario: metrics that there are not, too few or too many of them, pairs that have no common agents.
pub fn faults(scenario: &Scenario, unsound: &Unsound) -> Vec<Fault> {
    let names = Names::new(&scenario.parameters);
    let mut faults = Vec::new();
    for figure in &scenario.figures {
        // An unknown kind was told when the file was read.
        let Some((_, takes)) = FIGURE_KINDS.iter().find(|(word, _)| *word == figure.kind) else { continue };
        let paths: Vec<&str> = figure.paths().collect();
        if let Some((message, hint)) = miscounted(figure, paths.len(), takes.start, takes.end - 1) {
            faults.push(figure.fault(message, Some(hint)));
        }
        if takes.end == 1 {
            if !figure.title.is_empty() || figure.log.is_some() {
                let message = format!("a figure of kind `{}` has a title and axes of its own", figure.kind);
                faults.push(figure.fault(message, Some("leave out title and log".to_string())));
            }
            continue;
        }
        let found: Vec<_> = paths.iter().map(|path| names.path(path)).collect();
        if figure.kind == "joint"
            && let [Ok((one, None, _)), Ok((other, None, _))] = found[..]
            && one != other
        {
            let message = format!("`{}` and `{}` have no agents in common", paths[0], paths[1]);
            faults.push(figure.fault_of_path(
                1,
                message,
                Some("a metric of the same agents, or of a single one, would do".into()),
            ));
        }
        for (nth, wrong) in found.into_iter().enumerate().filter_map(|(nth, found)| Some((nth, found.err()?))) {
            if told_already(scenario, unsound, paths[nth]) {
                continue;
            }
            let (message, hint) = wrong;
            faults.push(figure.fault_of_path(nth, format!("figure `{}`: {message}", figure.kind), hint));
        }
    }
    faults
}

/// What is said of a figure that names too few metrics or too many.
fn miscounted(figure: &FigureSpec, count: usize, least: usize, most: usize) -> Option<(String, String)> {
    let kind = &figure.kind;
    let words = ["no metric", "one metric", "two metrics", "three metrics"];
    let number = words.get(count).map_or_else(|| format!("{count} metrics"), |w| (*w).to_string());
    if count < least {
        let hint = match (kind.as_str(), count) {
            ("joint", 1) => "write the second as against, for example against = \"labs.*.valuation_usd\"".to_string(),
            ("joint", _) => format!("write metric = \"{EXAMPLE}\" and against = \"labs.*.valuation_usd\""),
            _ => format!("write for example metric = \"{EXAMPLE}\""),
        };
        return Some((format!("a figure of kind `{kind}` takes {}, and this names {number}", words[least]), hint));
    }
    if count > most {
        let hint = match most {
            0 => "leave out metric and against; fan, lines, distribution and joint take metrics".to_string(),
            1 => "give each a figure of its own".to_string(),
            _ => "leave the others to a figure of their own".to_string(),
        };
        let up_to = if least < most { "up to " } else { "" };
        return Some((
            format!("a figure of kind `{kind}` takes {up_to}{}, and this names {number}", words[most]),
            hint,
        ));
    }
    None
}

/// Makes the metrics that figures name core metrics of this layout, so that the summary and the tables hold what is to be drawn.
pub fn cover(mut layout: Layout, scenario: &Scenario) -> Layout {
    if scenario.figures.is_empty() {
        return layout;
    }
    let names = Names::new(&scenario.parameters);
    for path in scenario.figures.iter().flat_map(FigureSpec::paths) {
        // One that there is not is told where scenarios are checked, and by the figure that is then left out.
        if let Ok((table, _, column)) = names.path(path) {
            layout.tables[table].columns[column].core = true;
        }
    }
    layout
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(figure: &str) -> Vec<String> {
        let text = format!("extends = \"quick\"\n[[figure]]\n{figure}\n");
        let scenario = Scenario::from_text("x.toml", &text, &[]).unwrap();
        faults(&scenario, &Unsound::default()).iter().map(Fault::to_string).collect()
    }

    #[test]
    fn a_metric_that_there_is_not_is_told_at_its_place_with_the_nearest_name() {
        let said = told("kind = \"fan\"\nmetric = \"labs.*.enterprise_sare\"");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with("x.toml:4:11: error: figure `fan`: there is no metric `labs.*.enterprise_sare`"),
            "{}",
            said[0]
        );
        assert!(said[0].contains("did you mean `enterprise_share`?"), "{}", said[0]);
        let said = told("kind = \"lines\"\nmetric = \"labs.opnai.enterprise_share\"");
        assert!(said[0].contains("did you mean `openai`?"), "{}", said[0]);
        let said = told("kind = \"joint\"\nmetric = \"labs.*.cash_usd\"\nagainst = \"labs.*.valuation_us\"");
        assert!(said.len() == 1 && said[0].starts_with("x.toml:5:12: "), "{said:?}");
        let said = told("kind = \"joint\"\nmetric = \"labs.*.cash_usd × labs.*.valuation_us\"");
        assert!(said.len() == 1 && said[0].starts_with("x.toml:4:29: "), "{said:?}");
        let said = told("kind = \"fan\"\nmetric = \"labs.enterprise_share\"");
        assert!(said[0].contains("write `labs.*.enterprise_share`"), "{}", said[0]);
    }

    #[test]
    fn a_figure_with_too_few_or_too_many_metrics_is_told() {
        for (figure, part) in [
            ("kind = \"fan\"", "takes one metric, and this names no metric"),
            ("kind = \"joint\"\nmetric = \"market.hhi\"", "takes two metrics, and this names one metric"),
            ("kind = \"trust\"\nmetric = \"market.hhi\"", "takes no metric, and this names one metric"),
            ("kind = \"lines\"\nmetric = \"market.hhi, market.hhi\"", "takes one metric, and this names two metrics"),
            (
                "kind = \"distribution\"\nmetric = \"market.hhi,market.hhi,market.hhi\"\nagainst = \"market.hhi\"",
                "takes up to three metrics, and this names 4",
            ),
            ("kind = \"joint\"\nmetric = \"labs.*.cash_usd × clouds.*.utilisation\"", "have no agents in common"),
        ] {
            let said = told(figure);
            assert!(said.len() == 1 && said[0].contains(part), "{figure}: {said:?}");
        }
    }

    #[test]
    fn sound_figures_are_no_fault_and_what_they_name_is_covered_by_the_summary() {
        for figure in [
            "kind = \"share_fan\"",
            "kind = \"joint\"\nmetric = \"labs.openai.enterprise_share\"\nagainst = \"market.hhi\"",
        ] {
            assert_eq!(told(figure), Vec::<String>::new());
        }
        let text = "extends = \"quick\"\n[[figure]]\nkind = \"fan\"\nmetric = \"labs.openai.gross_margin\"\n";
        let scenario = Scenario::from_text("x.toml", text, &[]).unwrap();
        let plain = crate::record::layout(&scenario.parameters, Vec::new());
        let (table, column) = plain.column(crate::record::TableKind::Labs, "gross_margin").unwrap();
        assert!(!plain.tables[table].columns[column].core);
        let covered = cover(plain.clone(), &scenario);
        assert!(covered.tables[table].columns[column].core);
        let core = |layout: &Layout| layout.tables.iter().flat_map(|t| &t.columns).filter(|c| c.core).count();
        assert_eq!(core(&covered), core(&plain) + 1);
    }

    #[test]
    fn an_inherited_figure_of_a_lab_that_is_removed_is_left_out_and_noted() {
        let dir = tempfile::tempdir().unwrap();
        let parent = "extends = \"quick\"\n[[figure]]\nkind = \"fan\"\nmetric = \"labs.cohere.cash_usd\"\n[[figure]]\nkind = \"trust\"\n";
        std::fs::write(dir.path().join("parent.toml"), parent).unwrap();
        let file = dir.path().join("child.toml");
        // The shares of a lab without its model business are no matter here: only what is said of figures is.
        std::fs::write(&file, "extends = \"parent\"\n[labs.cohere]\nenabled = false\n").unwrap();
        match Scenario::load(&file.to_string_lossy(), &[]) {
            Ok(scenario) => {
                assert_eq!(scenario.figures.iter().map(|f| f.kind.as_str()).collect::<Vec<_>>(), ["trust"]);
                assert!(scenario.notes.iter().any(|n| n.contains("labs.cohere")), "{:?}", scenario.notes);
            }
            Err(faults) => assert!(faults.iter().all(|f| !f.message.contains("figure")), "{faults:?}"),
        }
    }
}
