//! The scenarios that are part of the program.

/// Name and text of every shipped scenario; the name is its path below `scenarios/` without the ending.
pub const SHIPPED: &[(&str, &str)] = &[
    ("world", include_str!("../../scenarios/world.toml")),
    ("baseline", include_str!("../../scenarios/baseline.toml")),
    ("history/2024-12", include_str!("../../scenarios/history/2024-12.toml")),
    ("history/backtest", include_str!("../../scenarios/history/backtest.toml")),
    ("governance-crisis", include_str!("../../scenarios/governance-crisis.toml")),
    ("safety-table-stakes", include_str!("../../scenarios/safety-table-stakes.toml")),
    ("open-weights-surge", include_str!("../../scenarios/open-weights-surge.toml")),
    ("capital-migration", include_str!("../../scenarios/capital-migration.toml")),
    ("partnership-terms", include_str!("../../scenarios/partnership-terms.toml")),
    ("build-vs-partner", include_str!("../../scenarios/build-vs-partner.toml")),
    ("funding-drought", include_str!("../../scenarios/funding-drought.toml")),
    ("quick", include_str!("../../scenarios/quick.toml")),
    ("targeted-regulation", include_str!("../../scenarios/targeted-regulation.toml")),
    ("trust-endgame", include_str!("../../scenarios/trust-endgame.toml")),
    ("regulatory-moat", include_str!("../../scenarios/regulatory-moat.toml")),
    ("export-controls-and-digital-ban", include_str!("../../scenarios/export-controls-and-digital-ban.toml")),
    ("games/scale-or-trust", include_str!("../../scenarios/games/scale-or-trust.toml")),
    ("games/build-or-partner", include_str!("../../scenarios/games/build-or-partner.toml")),
];

/// The common parent of all shipped scenarios: it has no initial state and cannot be run by itself.
pub const COMMON: &str = "world";

/// The text of a shipped scenario.
pub fn text(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// Whether a shipped scenario is a game: its runs are those of a scenario that it extends until strategies are chosen, so that it
/// has no page and no golden numbers of its own.
pub fn is_game(name: &str) -> bool {
    name.starts_with("games/")
}

/// Names of the shipped scenarios.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_can_be_read_alone() {
        // Tables and figures sort claims, so that no text may lean on the one before it in its file.
        let leaning = ["And ", "It ", "They ", "The same ", "The reverse ", "Both ", "Its ", "Their "];
        for (name, text) in SHIPPED {
            let file: toml::Table = text.parse().unwrap();
            for claim in file.get("claim").and_then(toml::Value::as_array).into_iter().flatten() {
                let Some(words) = claim.get("text").and_then(toml::Value::as_str) else { continue };
                assert!(!leaning.iter().any(|start| words.starts_with(start)), "{name}: `{words}`");
                // No metric holds the profit of all: application vendors, tools and users are left out of the share of infrastructure.
                assert!(!words.contains("anybody"), "{name}: `{words}`");
            }
        }
    }
}
