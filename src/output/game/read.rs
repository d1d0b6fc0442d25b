//! The tables of a game read back: what its figures are drawn from.

use std::collections::BTreeMap;
use std::path::Path;

use super::COMMAND;
use crate::experiment::game::board::{Board, Gain};
use crate::experiment::game::shape::Shape;
use crate::experiment::game::{Cell, Payoff};
use crate::output::OutputError;
use crate::output::manifest::{self, Manifest};
use crate::output::rows::{Row, Rows};
use crate::scenario::game::Player;

/// A game as its folder holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct GameResults {
    /// The manifest.
    pub manifest: Manifest,
    /// The players and their strategies.
    pub players: Vec<Player>,
    /// Runs of each profile that are counted.
    pub runs: u64,
    /// The game by each payoff, in the order of the tables.
    pub boards: Vec<Board>,
}

/// Reads the folder of a game.
///
/// # Errors
/// When the folder is none of a game, or a file of it cannot be read.
pub fn read(folder: &Path) -> Result<GameResults, OutputError> {
    let refused = |what: String| OutputError::Refused {
        path: folder.to_path_buf(),
        what,
        hint: "name a folder that `aimarket game` has written".into(),
    };
    let manifest = Manifest::of(folder).ok_or_else(|| refused(format!("holds no {} of ours", manifest::FILE)))?;
    if manifest.design.command != COMMAND {
        return Err(refused(format!("holds the result of `aimarket {}`", manifest.design.command)));
    }
    let payoffs = Rows::read(&folder.join("payoffs.csv"))?;
    let players = players(&payoffs)?;
    let shape = Shape::new(players.iter().map(|p| p.strategies.len()).collect());
    let table = Table { players: &players, shape: &shape };

    let mut boards: BTreeMap<usize, Parts> = BTreeMap::new();
    for row in payoffs.iter() {
        let (payoff, profile, player) = table.place(row)?;
        let cell = Cell {
            n: row.value("n")?,
            mean: row.number("mean")?,
            sd: row.number("sd")?,
            mcse: row.number("mcse")?,
            low: row.number("ci_low")?,
            high: row.number("ci_high")?,
        };
        boards.entry(payoff).or_default().cells.insert((player, profile), cell);
    }
    for row in Rows::read(&folder.join("deviations.csv"))?.iter() {
        let (payoff, profile, player) = table.place(row)?;
        let to = row.word("to")?;
        let to = players[player].strategies.iter().position(|s| s == to).ok_or_else(|| row.wrong("to"))?;
        let at = shape.deviation(profile, player, to).ok_or_else(|| row.wrong("to"))?;
        let gain = Gain { to, gain: row.number("gain")?, low: row.number("ci_low")?, high: row.number("ci_high")? };
        boards.entry(payoff).or_default().gains.insert(at, gain);
    }
    for row in Rows::read(&folder.join("profiles.csv"))?.iter() {
        let sum = row.number("sum")?;
        boards.entry(payoff(row)?).or_default().sums.insert(table.profile(row)?, sum);
    }
    for row in Rows::read(&folder.join("equilibria.csv"))?.iter() {
        // A mixed one is in no profile.
        if row.word("kind")? == "pure" {
            let tie = row.value("tie")?;
            boards.entry(payoff(row)?).or_default().equilibria.insert(table.profile(row)?, tie);
        }
    }
    let runs = boards.values().next().and_then(|parts| parts.cells.values().next()).map_or(0, |cell| cell.n);
    let board = |(payoff, parts): (usize, Parts)| {
        let gaps =
            || payoffs.wrong("some player, profile or deviation of a payoff is missing in the tables of the game");
        parts.board(Payoff::ALL[payoff], &shape).ok_or_else(gaps)
    };
    let boards = boards.into_iter().map(board).collect::<Result<_, _>>()?;
    Ok(GameResults { manifest, players, runs, boards })
}

/// What the tables tell of a payoff, by the place where it belongs.
#[derive(Default)]
struct Parts {
    cells: BTreeMap<(usize, usize), Cell>,
    gains: BTreeMap<usize, Gain>,
    sums: BTreeMap<usize, f64>,
    equilibria: BTreeMap<usize, bool>,
}

impl Parts {
    fn board(self, payoff: Payoff, shape: &Shape) -> Option<Board> {
        let cells = self.cells.into_values().collect();
        let (gains, sums) = (self.gains.into_values().collect(), self.sums.into_values().collect());
        Board::new(payoff, shape.clone(), cells, gains, sums, self.equilibria.into_iter().collect())
    }
}

/// The players in the order of their columns, each strategy where it is first met: profiles are in the order of strategies.
fn players(payoffs: &Rows) -> Result<Vec<Player>, OutputError> {
    let labs = payoffs.columns().filter_map(|column| column.strip_prefix("strategy_"));
    let mut players: Vec<Player> = labs.map(|lab| Player { lab: lab.to_string(), strategies: Vec::new() }).collect();
    for row in payoffs.iter() {
        for player in &mut players {
            let strategy = row.word(&format!("strategy_{}", player.lab))?;
            if !player.strategies.iter().any(|s| s == strategy) {
                player.strategies.push(strategy.to_string());
            }
        }
    }
    if players.is_empty() || players.iter().any(|p| p.strategies.is_empty()) {
        return Err(payoffs.wrong("holds no strategies of players"));
    }
    Ok(players)
}

/// What rows are placed by.
struct Table<'t> {
    players: &'t [Player],
    shape: &'t Shape,
}

impl Table<'_> {
    /// The profile of a row, from 0.
    fn profile(&self, row: Row<'_>) -> Result<usize, OutputError> {
        let number: usize = row.value("profile")?;
        let known = (1..=self.shape.profiles()).contains(&number);
        if known { Ok(number - 1) } else { Err(row.wrong("profile")) }
    }
    /// Payoff, profile and player of a row.
    fn place(&self, row: Row<'_>) -> Result<(usize, usize, usize), OutputError> {
        let lab = row.word("player")?;
        let player = self.players.iter().position(|p| p.lab == lab).ok_or_else(|| row.wrong("player"))?;
        Ok((payoff(row)?, self.profile(row)?, player))
    }
}

/// The place of a row's payoff among all.
fn payoff(row: Row<'_>) -> Result<usize, OutputError> {
    let word = row.word("payoff")?;
    Payoff::ALL.into_iter().position(|p| p.word() == word).ok_or_else(|| row.wrong("payoff"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::game::{Payoffs, analyse};
    use crate::output::{About, game};
    use crate::record::Layout;
    use crate::scenario::GameSpec;

    #[test]
    fn what_is_read_back_is_what_was_found() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout { tables: Vec::new(), months: Vec::new(), width: 0, draws: Vec::new() };
        let names = |n: usize| ["open", "closed", "cheap"][..n].iter().map(ToString::to_string).collect();
        for sizes in [&[2, 3][..], &[3, 2, 2]] {
            let labs = ["openai", "meta", "anthropic"].into_iter().zip(sizes);
            let players = labs.map(|(lab, &n)| Player { lab: lab.to_string(), strategies: names(n) }).collect();
            let game = GameSpec { payoff: "value".into(), players, strategies: Vec::new() };
            let shape = Shape::new(sizes.to_vec());
            let runs = 9;
            let cells = shape.profiles() * shape.players();
            // Parts of one without an end in tenths; all gain by going to the first profile.
            let first = |cell: usize| if cell.is_multiple_of(shape.profiles()) { 0.4 } else { 0.0 };
            let noise = |cell: usize, run: usize| ((11 * run + 5 * cell) % 13) as f64 / 41.0;
            let value = |cell: usize, run: usize| first(cell) + ((7 * cell) % 5) as f64 / 18.0 + noise(cell, run);
            let values = (0..cells * runs).map(|at| value(at / runs, at % runs)).collect();
            let payoffs = Payoffs { shape, runs, values };
            let all = Payoff::ALL.map(|payoff| analyse(payoff, &payoffs, 3));
            game::write(&game, &all, dir.path()).unwrap();
            let design = manifest::Design {
                command: COMMAND.into(),
                scenario_hash: String::new(),
                seed: 3,
                runs: 9,
                version: String::new(),
                paths: String::new(),
                format: String::new(),
                until: Vec::new(),
            };
            Manifest::new(&About::default(), design, &layout, 1, &[]).write(dir.path()).unwrap();
            let read = read(dir.path()).unwrap();
            assert_eq!((read.runs, &read.players), (9, &game.players));
            assert_eq!(read.boards, all.each_ref().map(Board::from));
            assert!(read.boards.iter().all(|b| b.equilibrium(0).is_some()));
        }
    }
}
