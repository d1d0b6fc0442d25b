//! Which values could not be read, so that what depends on them is not told of as well: that would only repeat their faults in
//! other words.

use crate::scenario::nodes::join;

/// Paths of values, tables, agents and events that could not be read, and of those that a misspelt key may have been meant for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsound {
    paths: Vec<String>,
}

impl Unsound {
    /// Notes a path; the empty one is the whole scenario.
    pub fn push(&mut self, path: impl Into<String>) {
        self.paths.push(path.into());
    }
    /// Whether all that stands at a path was read soundly, and all tables above it; `*` stands for any name.
    pub fn spares(&self, path: &str) -> bool {
        !self.paths.iter().any(|unsound| on_one_line(unsound, path))
    }
    /// Whether the value at exactly this path could not be read.
    pub fn is(&self, path: &str) -> bool {
        self.paths.iter().any(|unsound| unsound == path)
    }
    /// Whether an agent or event that was not read may be there all the same: it could not be read, or its group could not.
    pub fn may_hold(&self, group: &str, id: &str) -> bool {
        self.is(&join(group, id)) || self.is(group) || self.is("")
    }
}

/// Whether one of two paths stands at or below the other.
fn on_one_line(a: &str, b: &str) -> bool {
    let mut pairs = a.split('.').filter(|p| !p.is_empty()).zip(b.split('.').filter(|p| !p.is_empty()));
    pairs.all(|(a, b)| a == b || a == "*" || b == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_above_or_below_what_could_not_be_read_is_not_sound() {
        let mut unsound = Unsound::default();
        assert!(unsound.spares("labs.*.enterprise_share"));
        unsound.push("labs.openai.enterprise_share");
        unsound.push("clouds.aws");
        assert!(
            !unsound.spares("labs.*.enterprise_share") && !unsound.spares("labs.openai") && !unsound.spares("labs")
        );
        assert!(unsound.spares("labs.*.coding_share") && unsound.spares("labs.anthropic.enterprise_share"));
        assert!(!unsound.spares("clouds.aws.enterprise_share") && unsound.spares("clouds.azure.enterprise_share"));
        assert!(unsound.may_hold("clouds", "aws") && !unsound.may_hold("labs", "openai"));
        unsound.push("");
        assert!(!unsound.spares("demand.start.self_hosted_share") && unsound.may_hold("labs", "openai"));
    }
}
