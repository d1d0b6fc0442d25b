//! What `--until-mcse` means between two scenarios: a path is the mean difference, `beats.` before it the probability that the
//! other has more.

use crate::experiment::stopping::{Bound, Place, Quantity, SHARES, Subject, Target, add, places};
use crate::record::Layout;

/// Where the value of a quantity comes from in a pair of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairSource {
    /// Number of the other scenario, from 0.
    pub other: usize,
    /// Where the metric stands in a record of the base.
    pub in_base: usize,
    /// Where it stands in a record of the other.
    pub in_other: usize,
    /// Whether it is who has more, instead of the difference.
    pub beats: bool,
}

impl PairSource {
    /// The value in a pair of runs; NaN where one of them has none.
    pub fn value(&self, base: f64, other: f64) -> f64 {
        match base.partial_cmp(&other) {
            _ if !self.beats => other - base,
            Some(std::cmp::Ordering::Less) => 1.0,
            Some(std::cmp::Ordering::Equal) => 0.5,
            Some(std::cmp::Ordering::Greater) => 0.0,
            None => f64::NAN,
        }
    }
}

/// The quantities that targets on the differences of others from a base speak of, each of the others by name. Without
/// targets: the differences in enterprise share, unbound.
///
/// # Errors
/// Every target that speaks of nothing that both have, and what would do.
pub fn resolve(
    targets: &[Target],
    base: &Layout,
    others: &[(&str, &Layout)],
) -> Result<Vec<(Quantity, PairSource)>, Vec<String>> {
    let shares =
        Target { text: String::new(), subject: Subject::Metric(SHARES.to_string()), bound: Bound::Absolute(0.0) };
    let unbound = targets.is_empty();
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    for target in if unbound { std::slice::from_ref(&shares) } else { targets } {
        let (path, beats) = match &target.subject {
            Subject::Metric(path) => (path, false),
            Subject::Beats(path) => (path, true),
            Subject::Claim(_) => {
                let would = "a metric's path would do, and `aimarket run` knows claims";
                wrong.push(format!("--until-mcse {}: claims are not judged in a comparison; {would}", target.text));
                continue;
            }
        };
        for (number, (name, other)) in others.iter().enumerate() {
            let pairs = match both(base, other, path) {
                Ok(pairs) => pairs,
                Err(what) => {
                    wrong.push(format!("--until-mcse {}: {what}", target.text));
                    continue;
                }
            };
            for (in_base, in_other) in pairs {
                let column = &base.tables[in_base.table].columns[in_base.column];
                let of = if others.len() > 1 { format!("{name}: ") } else { String::new() };
                let word = if beats { "beats." } else { "" };
                let quantity = Quantity {
                    path: format!("{of}{word}{}", in_base.path(base)),
                    unit: if beats { "1" } else { column.unit }.to_string(),
                    probability: beats,
                    bounds: if unbound { Vec::new() } else { vec![target.bound] },
                };
                let (in_base, in_other) = (in_base.at_horizon(base), in_other.at_horizon(other));
                add(&mut all, quantity, PairSource { other: number, in_base, in_other, beats });
            }
        }
    }
    wrong.dedup();
    if wrong.is_empty() { Ok(all) } else { Err(wrong) }
}

/// The metrics that a path names in both layouts.
fn both(base: &Layout, other: &Layout, path: &str) -> Result<Vec<(Place, Place)>, String> {
    let (in_base, in_other) = (places(base, path)?, places(other, path)?);
    let pair = |b: Place| {
        let path = b.path(base);
        in_other.iter().find(|o| o.path(other) == path).map(|o| (b, o.clone()))
    };
    let pairs: Vec<_> = in_base.into_iter().filter_map(pair).collect();
    if pairs.is_empty() { Err(format!("the two scenarios share no agent of `{path}`")) } else { Ok(pairs) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Column, Entity, TableKind, TableLayout};
    use crate::units::Month;

    fn layout(labs: &[&str]) -> Layout {
        let entity =
            |id: &&str| Entity { id: (*id).into(), name: (*id).into(), colour: String::new(), division: false };
        let column = |name: &str| Column { name: name.into(), unit: "fraction", meaning: String::new(), core: true };
        let columns = vec![column("enterprise_share"), column("consumer_share")];
        let entities: Vec<Entity> = labs.iter().map(entity).collect();
        let width = entities.len() * columns.len();
        let tables = vec![TableLayout { kind: TableKind::Labs, entities, columns, offset: 0 }];
        Layout { tables, months: vec![Month::new(2025, 12), Month::new(2026, 1)], width, draws: Vec::new() }
    }

    fn targets(texts: &[&str]) -> Vec<Target> {
        texts.iter().map(|t| t.parse().unwrap()).collect()
    }

    #[test]
    fn a_path_is_the_difference_of_the_agents_that_both_have() {
        let (base, other) = (layout(&["a", "b"]), layout(&["z", "b"]));
        let asked = targets(&["0.01", "beats.labs.b.consumer_share=5%"]);
        let found = resolve(&asked, &base, &[("other", &other)]).unwrap();
        let paths: Vec<&str> = found.iter().map(|(q, _)| q.path.as_str()).collect();
        assert_eq!(paths, ["labs.b.enterprise_share", "beats.labs.b.consumer_share"]);
        assert_eq!(found[0].1, PairSource { other: 0, in_base: 6, in_other: 6, beats: false });
        assert_eq!((found[1].0.probability, &found[1].0.bounds[..]), (true, &[Bound::Relative(0.05)][..]));
        // Of several others each is asked.
        let found = resolve(&[], &base, &[("one", &other), ("two", &base)]).unwrap();
        let paths: Vec<&str> = found.iter().map(|(q, _)| q.path.as_str()).collect();
        let expected = ["one: labs.b.enterprise_share", "two: labs.a.enterprise_share", "two: labs.b.enterprise_share"];
        assert_eq!(paths, expected);
        assert!(found.iter().all(|(q, _)| q.bounds.is_empty()));
    }

    #[test]
    fn what_both_do_not_have_is_told() {
        let (base, other) = (layout(&["a", "b"]), layout(&["c"]));
        let asked = targets(&["0.01", "labs.b.enterprise_share=1%", "claims.x=0.01"]);
        let wrong = resolve(&asked, &base, &[("other", &other)]).unwrap_err();
        insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("targets_of_a_comparison", wrong.join("\n"));
        });
    }

    #[test]
    fn who_has_more_counts_one_and_a_tie_a_half() {
        let source = PairSource { other: 0, in_base: 0, in_other: 0, beats: true };
        assert_eq!([source.value(1.0, 2.0), source.value(2.0, 2.0), source.value(3.0, 2.0)], [1.0, 0.5, 0.0]);
        assert!(source.value(f64::NAN, 2.0).is_nan());
        assert_eq!(PairSource { beats: false, ..source }.value(1.0, 3.0), 2.0);
    }
}
