//! Faults of a scenario: what, where, and which value would do.

use std::fmt;

/// Where a fault stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// In a file.
    File {
        /// Name of the file, or of the embedded scenario.
        name: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// The line itself.
        text: String,
        /// Width of the part meant, in characters, at least 1.
        width: usize,
    },
    /// In a value laid over the file: its path.
    Set(String),
    /// In the scenario as a whole: its name.
    Whole(String),
}

/// A fault of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// Where it stands.
    pub place: Where,
    /// What is wrong.
    pub message: String,
    /// What would do.
    pub hint: Option<String>,
}

impl Fault {
    /// A fault of the scenario as a whole.
    pub fn whole(name: &str, message: impl Into<String>, hint: Option<String>) -> Fault {
        Fault { place: Where::Whole(name.to_string()), message: message.into(), hint }
    }
    /// The line of the file, or 0 where there is none: faults are told in this order.
    pub fn line(&self) -> usize {
        match self.place {
            Where::File { line, .. } => line,
            Where::Set(_) | Where::Whole(_) => 0,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hint = self.hint.as_ref().map(|h| format!("; {h}")).unwrap_or_default();
        match &self.place {
            Where::File { name, line, column, text, width } => {
                writeln!(f, "{name}:{line}:{column}: error: {}{hint}", self.message)?;
                let number = line.to_string();
                let margin = " ".repeat(number.len());
                // Tabs are kept in the margin so that the caret stands under what it means.
                let before: String =
                    text.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
                writeln!(f, " {number} | {text}")?;
                write!(f, " {margin} | {before}{}", "^".repeat(*width))
            }
            Where::Set(path) => write!(f, "--set {path}: error: {}{hint}", self.message),
            Where::Whole(name) => write!(f, "{name}: error: {}{hint}", self.message),
        }
    }
}

/// The name most like `word`, if any is like it at all.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let mut best: Option<(f64, &str)> = None;
    for name in names {
        // A slip of the finger is a short edit; a half-remembered name shares its beginning.
        let edits = strsim::normalized_damerau_levenshtein(word, name);
        let likeness = edits.max(strsim::jaro_winkler(word, name) - 0.25);
        if likeness >= 0.5 && best.is_none_or(|(l, _)| likeness > l) {
            best = Some((likeness, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Whether two different names are so alike that one may be the other misspelt.
pub fn is_slip(word: &str, name: &str) -> bool {
    word != name && strsim::normalized_damerau_levenshtein(word, name) >= 0.7
}

/// What to say after an unknown name: the nearest right one, or all of them where they are few.
pub fn suggest(word: &str, names: &[&str]) -> Option<String> {
    if let Some(name) = nearest(word, names.iter().copied()) {
        return Some(format!("did you mean `{name}`?"));
    }
    match names.len() {
        0 => None,
        1..=12 => Some(format!("known here: {}", names.join(", "))),
        n => Some(format!("{n} names are known here, among them {}", names[..6].join(", "))),
    }
}

/// A number as a message shows it.
pub fn show(x: f64) -> String {
    // An empty sum is -0.0, which a message shows as 0.
    let x = x + 0.0;
    // What arithmetic left in the last two of 17 digits is nothing that somebody wrote.
    let x = format!("{x:.14e}").parse().unwrap_or(x);
    if x != 0.0 && (x.abs() >= 1e6 || x.abs() < 1e-3) { format!("{x:e}") } else { format!("{x}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_for_a_slip_and_none_for_nonsense() {
        let names = ["cash_usd", "debt_usd", "enterprise_share"];
        assert_eq!(nearest("csah_usd", names), Some("cash_usd"));
        assert_eq!(nearest("enterprise_shares", names), Some("enterprise_share"));
        assert_eq!(nearest("zzz", names), None);
    }

    #[test]
    fn a_number_is_shown_as_somebody_would_write_it() {
        assert_eq!(show(1.9729999999999999), "1.973");
        assert_eq!(show(0.1 + 0.2), "0.3");
        assert_eq!(show(123_456.789_012_345), "123456.789012345");
        assert_eq!(show(4.0e10), "4e10");
        assert_eq!(show(-0.0), "0");
        assert_eq!(show(f64::INFINITY), "inf");
    }

    #[test]
    fn the_caret_stands_under_what_is_meant() {
        let place = Where::File { name: "x.toml".into(), line: 12, column: 3, text: "a.bcd = 1".into(), width: 3 };
        let fault = Fault { place, message: "unknown key `bcd`".into(), hint: None };
        assert_eq!(fault.to_string(), "x.toml:12:3: error: unknown key `bcd`\n 12 | a.bcd = 1\n    |   ^^^");
    }
}
