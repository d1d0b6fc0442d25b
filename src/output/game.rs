//! The tables of a game: `payoffs.csv`, `deviations.csv`, `profiles.csv`, `equilibria.csv`, `dominance.csv`, `commitments.csv`.
//!
//! Profiles are numbered from 1; beside the number stands the strategy of each player, in a column `strategy_<lab>`.

mod read;

use std::fs;
use std::path::Path;

use super::OutputError;
use super::folder::Folder;
use super::summarise::text;
use crate::experiment::game::{Analysis, Search};
use crate::experiment::paired::Paired;
use crate::scenario::GameSpec;

pub use read::{GameResults, read};

/// The command in manifests, and the end of the name of its usual folder.
pub const COMMAND: &str = "game";

/// A table under way.
struct Csv<'p> {
    path: &'p Path,
    writer: csv::Writer<fs::File>,
}

impl Csv<'_> {
    fn row(&mut self, words: &[String]) -> Result<(), OutputError> {
        self.writer.write_record(words).map_err(|e| OutputError::table(self.path, e))
    }
}

/// Writes a table of these columns, with rows as `fill` gives them.
fn table(
    path: &Path,
    columns: &[String],
    fill: impl FnOnce(&mut Csv<'_>) -> Result<(), OutputError>,
) -> Result<(), OutputError> {
    let writer = csv::Writer::from_path(path).map_err(|e| OutputError::table(path, e))?;
    let mut csv = Csv { path, writer };
    csv.row(columns)?;
    fill(&mut csv)?;
    csv.writer.flush().map_err(OutputError::file(path))
}

fn words<const N: usize>(list: [&str; N]) -> Vec<String> {
    list.map(str::to_string).into()
}

/// Mean difference, standard error and 95% interval.
fn difference(d: &Paired) -> [String; 4] {
    let (low, high) = d.interval();
    [d.difference, d.standard_error, low, high].map(text)
}

/// Writes the tables of a game into a folder, an analysis a payoff.
pub fn write(game: &GameSpec, analyses: &[Analysis], folder: &Path) -> Result<(), OutputError> {
    let lab = |player: usize| game.players[player].lab.clone();
    let name = |player: usize, strategy: usize| game.players[player].strategies[strategy].clone();
    let labs: Vec<String> = game.players.iter().map(|p| format!("strategy_{}", p.lab)).collect();
    let profile = |a: &Analysis, at: usize| -> Vec<String> {
        let each = a.shape.choice(at).into_iter().enumerate().map(|(i, s)| name(i, s));
        std::iter::once((at + 1).to_string()).chain(each).collect()
    };
    let head = |rest: Vec<String>| [words(["profile"]), labs.clone(), rest].concat();

    let columns = head(words(["player", "payoff", "unit", "n", "mean", "sd", "mcse", "ci_low", "ci_high"]));
    table(&folder.join("payoffs.csv"), &columns, |csv| {
        for a in analyses {
            for at in 0..a.shape.profiles() {
                for player in 0..a.shape.players() {
                    let c = a.cell(player, at);
                    let own = [lab(player), a.payoff.word().into(), a.payoff.unit().into(), c.n.to_string()];
                    let numbers = [c.mean, c.sd, c.mcse, c.low, c.high].map(text);
                    csv.row(&[&profile(a, at)[..], &own, &numbers].concat())?;
                }
            }
        }
        Ok(())
    })?;

    let rest =
        ["player", "from", "to", "payoff", "unit", "gain", "se", "ci_low", "ci_high", "paired", "variance_reduction"];
    table(&folder.join("deviations.csv"), &head(words(rest)), |csv| {
        for a in analyses {
            for d in &a.deviations {
                let (player, unit) = (d.player, a.payoff.unit().to_string());
                let own = [lab(player), name(player, d.from), name(player, d.to), a.payoff.word().into(), unit];
                let finite = Some(d.gain.variance_reduction).filter(|v| v.is_finite());
                let pairs = [d.gain.n.to_string(), text(finite.unwrap_or(f64::NAN))];
                csv.row(&[&profile(a, d.profile)[..], &own, &difference(&d.gain), &pairs].concat())?;
            }
        }
        Ok(())
    })?;

    let rest = [
        "payoff",
        "unit",
        "sum",
        "efficiency",
        "short_of_best",
        "short_se",
        "short_ci_low",
        "short_ci_high",
        "regret",
        "tempted",
        "to",
        "equilibrium",
        "within_noise",
        "stability",
    ];
    table(&folder.join("profiles.csv"), &head(words(rest)), |csv| {
        for a in analyses {
            for (at, s) in a.standings.iter().enumerate() {
                let tempting = a.deviations.get(s.tempting).filter(|_| s.regret > 0.0);
                let to = tempting.map_or([String::new(), String::new()], |d| [lab(d.player), name(d.player, d.to)]);
                let sums = [s.sum, s.efficiency].map(text);
                let flags = [s.equilibrium.to_string(), s.within_noise.to_string(), text(s.stability)];
                let own = [a.payoff.word().to_string(), a.payoff.unit().to_string()];
                let regret = [text(s.regret)];
                csv.row(&[&profile(a, at)[..], &own, &sums, &difference(&s.short), &regret, &to, &flags].concat())?;
            }
        }
        Ok(())
    })?;

    let columns = words([
        "payoff",
        "unit",
        "equilibrium",
        "kind",
        "profile",
        "player",
        "strategy",
        "probability",
        "expected_payoff",
        "stability",
        "tie",
        "degenerate",
        "better_profile",
        "better_gain",
        "better_se",
        "better_ci_low",
        "better_ci_high",
    ]);
    table(&folder.join("equilibria.csv"), &columns, |csv| {
        for a in analyses {
            let degenerate = match a.search {
                Search::Done { degenerate } => degenerate.to_string(),
                Search::MorePlayers | Search::TooMany => String::new(),
            };
            for (number, e) in a.equilibria.iter().enumerate() {
                let kind = if e.profile.is_some() { "pure" } else { "mixed" };
                let at = e.profile.map_or(String::new(), |p| (p + 1).to_string());
                for (player, mix) in e.mix.iter().enumerate() {
                    for (strategy, &p) in mix.iter().enumerate().filter(|(_, p)| **p > 0.0) {
                        let mut row = words([a.payoff.word(), a.payoff.unit(), &(number + 1).to_string(), kind, &at]);
                        row.extend([lab(player), name(player, strategy)]);
                        row.extend([p, e.expected[player], e.stability].map(text));
                        row.extend([e.tie.to_string(), degenerate.clone()]);
                        match &e.better {
                            Some((profile, gains)) => {
                                row.push((profile + 1).to_string());
                                row.extend(difference(&gains[player]));
                            }
                            None => row.extend((0..5).map(|_| String::new())),
                        }
                        csv.row(&row)?;
                    }
                }
            }
        }
        Ok(())
    })?;

    let columns = words(["payoff", "player", "strategy", "dominated_by", "kind", "by", "round"]);
    table(&folder.join("dominance.csv"), &columns, |csv| {
        for a in analyses {
            for d in &a.dominated {
                let kind = if d.strict { "strict" } else { "weak" };
                let by = if d.clear { "intervals" } else { "means" };
                let mut row = words([a.payoff.word()]);
                row.extend([lab(d.player), name(d.player, d.strategy), name(d.player, d.by)]);
                row.extend(words([kind, by, &d.round.to_string()]));
                csv.row(&row)?;
            }
        }
        Ok(())
    })?;

    let columns = words(["payoff", "unit", "player", "strategy", "reply", "expected_payoff", "price"]);
    table(&folder.join("commitments.csv"), &columns, |csv| {
        for a in analyses {
            for c in &a.commitments {
                let mut row = words([a.payoff.word(), a.payoff.unit()]);
                row.extend([lab(c.player), name(c.player, c.strategy), name(1 - c.player, c.reply)]);
                row.extend([c.payoff, c.price].map(text));
                csv.row(&row)?;
            }
        }
        Ok(())
    })
}

/// Takes away the partial folder of a game that was stopped: half of its profiles make no game.
pub fn abandon(folder: Folder) -> Result<(), OutputError> {
    fs::remove_dir_all(&folder.partial).map_err(OutputError::file(&folder.partial))
}
