//! The pages of `docs/scenarios.md` for the shipped games: what each asks, and what `docs/experiments.md` shows of it. No game is played here.

use std::fmt::Write;
use std::fs;

use aimarket::scenario::shipped;
use toml::{Table, Value};

use crate::page;
use crate::scenarios::differences;

/// The page of a game.
pub fn one(name: &str) -> String {
    let file: Table = shipped::text(name).expect("it is shipped").parse().expect("it is TOML");
    let word = |table: &Table, key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    let mut text = format!("## {name}\n\n{}\n\n", word(&file, "description"));
    let _ = writeln!(text, "Extends `{}`. What differs:\n\n{}", word(&file, "extends"), differences(&file));
    let game = file["game"].as_table().expect("it is a game");
    let _ = writeln!(text, "The payoff is `{}`, read at the horizon. What each lab may play:\n", word(game, "payoff"));
    for (lab, choices) in game["players"].as_table().expect("it has players") {
        let names: Vec<&str> = choices.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let _ = writeln!(text, "- `{lab}`: {}", names.join(" or "));
    }
    text.push_str("\n| strategy | in words | sets |\n|---|---|---|\n");
    for (strategy, what) in game["strategies"].as_table().expect("it has strategies") {
        let what = what.as_table().expect("a strategy is a table");
        let set: Vec<String> =
            what["set"].as_table().into_iter().flatten().map(|(path, value)| format!("`{path} = {value}`")).collect();
        let _ = writeln!(text, "| {strategy} | {} | {} |", word(what, "text"), set.join("; "));
    }
    let _ = writeln!(
        text,
        "\nWhat comes out, from [docs/experiments.md](experiments.md#which-strategy-is-better-game), where the payoffs stand:\n\n{}",
        verdict(name)
    );
    text
}

/// The sentences that `docs/experiments.md` shows for a game, above its table.
fn verdict(name: &str) -> String {
    let experiments = fs::read_to_string(page("experiments.md")).unwrap();
    let command = format!("aimarket game {name} ");
    let from = experiments.find(&command).unwrap_or_else(|| panic!("docs/experiments.md does not play `{name}`"));
    let told = experiments[from..].lines().skip_while(|line| *line != "```text").skip(1);
    let lines = told.take_while(|line| !line.starts_with('┌') && *line != "```").map(|line| format!("> {line}\n>\n"));
    lines.collect::<String>().trim_end_matches(">\n").to_string()
}

#[test]
fn a_game_has_a_page_with_its_question_strategies_payoff_and_verdict() {
    let page = one("games/build-or-partner");
    for part in [
        "which pays, and which lasts?",
        "payoff is `value`",
        "| partner | Rents all",
        "`compute.build_share = 0.0`",
        "> By valuation,",
    ] {
        assert!(page.contains(part), "no `{part}` in {page}");
    }
    let page = one("games/scale-or-trust");
    assert!(page.contains("`anthropic-refuses-defence`, enabled: `false`"), "{page}");
    assert!(!page.contains('┌'));
}
