//! What a game comes to, in sentences and one table.

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use crate::cli::run::counted;
use crate::cli::terminal::{thousands, usd};
use crate::experiment::game::board::Board;
use crate::experiment::game::dominance::Dominated;
use crate::experiment::game::shape::Shape;
use crate::experiment::game::stability::RESAMPLES;
use crate::experiment::game::{Analysis, Equilibrium, Payoff, Reply, Search};
use crate::experiment::paired::{Paired, Sign};
use crate::figures::theme::Format;
use crate::output::Manifest;
use crate::scenario::game::Player;

/// Most profiles of the table.
const ROWS: usize = 12;
/// Runs of a profile below which the summary warns. A judgement: payoffs are skewed, and intervals take them as normal.
const FEW_RUNS: usize = 20;
/// What is said where all profiles are equilibria.
const NO_CHOICE: &str = "no lab's own choice changes what it gets";
/// Most replies that are told one by one.
const REPLIES: usize = 3;

/// A game with the names of its players.
pub(super) struct Told<'a> {
    /// The players and their strategies.
    pub players: &'a [Player],
    /// Names of labs.
    pub manifest: &'a Manifest,
    /// Runs of each profile.
    pub runs: usize,
}

impl Told<'_> {
    fn lab(&self, player: usize) -> &str {
        let id = &self.players[player].lab;
        self.manifest.labs.iter().find(|l| l.id == *id).map_or(id, |l| &l.name)
    }

    fn strategy(&self, player: usize, strategy: usize) -> &str {
        &self.players[player].strategies[strategy]
    }

    /// `OpenAI scale, Anthropic trust`.
    fn profile(&self, shape: &Shape, profile: usize) -> String {
        let each = shape.choice(profile).into_iter().enumerate();
        each.map(|(i, s)| format!("{} {}", self.lab(i), self.strategy(i, s))).collect::<Vec<String>>().join(", ")
    }

    /// What the others play in a profile.
    fn others(&self, a: &Analysis, profile: usize, player: usize) -> String {
        let each = a.shape.choice(profile).into_iter().enumerate().filter(|(i, _)| *i != player);
        let words: Vec<String> = each
            .map(|(i, s)| {
                if a.shape.players() == 2 {
                    self.strategy(i, s).to_string()
                } else {
                    format!("{} {}", self.lab(i), self.strategy(i, s))
                }
            })
            .collect();
        words.join(" with ")
    }

    /// The title of a figure.
    pub fn title(&self, board: &Board) -> String {
        let words = board.payoff.words();
        let profile = |at: usize| self.profile(&board.shape, at);
        match *board.equilibria() {
            [] => {
                let means = if board.all_leave() { "" } else { "by the means " };
                format!("By {words} no profile is an equilibrium: {means}some lab always gains by switching")
            }
            [(at, tie)] => {
                let tie = if tie { ", a tie within noise" } else { "" };
                format!("By {words} one equilibrium{tie}: {}", profile(at))
            }
            ref all if all.len() == board.shape.profiles() => {
                format!("By {words} every profile is an equilibrium: {}", no_choice(board, "no choice matters"))
            }
            [(one, _), (two, _)] => format!("By {words} two equilibria: {}, or {}", profile(one), profile(two)),
            ref all => format!("By {words} {} of {} profiles are equilibria", all.len(), board.shape.profiles()),
        }
    }

    /// Sentences and the table.
    pub fn summary(&self, deciding: Payoff, all: &[Analysis]) -> String {
        let Some(a) = all.iter().find(|a| a.payoff == deciding) else { return String::new() };
        let mut lines: Vec<String> = vec![self.replies(a), self.equilibrium(a)];
        lines.extend(self.cost(a));
        let rest: Vec<String> = all.iter().filter(|a| a.payoff != deciding).map(|a| self.in_brief(a)).collect();
        lines.push(format!("{}.", capital(&rest.join("; "))));
        if self.runs < FEW_RUNS {
            lines.push(format!(
                "Only {} a profile: intervals are wide and may miss rare outcomes; {FEW_RUNS} or more would do.",
                counted(self.runs as u64)
            ));
        }
        lines.push(self.table(a));
        let n = self.runs;
        lines.push(format!(
            "{} at {}, mean of {n} runs a profile with its 95% interval; * best reply to the others, (*) within noise of it. \
             The gain by leaving is paired run by run.",
            capital(a.payoff.words()),
            self.manifest.end
        ));
        lines.join("\n")
    }

    /// What each player does best.
    fn replies(&self, a: &Analysis) -> String {
        (0..a.shape.players()).map(|i| self.replies_of(a, i)).collect::<Vec<String>>().join(" ")
    }

    fn replies_of(&self, a: &Analysis, player: usize) -> String {
        let own: Vec<&Reply> = a.replies.iter().filter(|r| r.player == player).collect();
        let clear = own.iter().filter(|r| r.set.len() == 1).count();
        let lab = self.lab(player);
        let by = if player == 0 { format!("By {}, ", a.payoff.words()) } else { String::new() };
        let noise = match clear {
            0 => "within noise".to_string(),
            n if n == own.len() => "clear of noise".to_string(),
            n => format!("clear of noise in {n} of {} cases, else within it", own.len()),
        };
        let first = own.first().map_or(0, |r| r.best);
        if own.iter().all(|r| r.best == first) {
            let two = a.shape.players() == 2;
            let rival = if two { format!("{} plays", self.lab(1 - player)) } else { "the others play".to_string() };
            let s = self.strategy(player, first);
            return format!("{by}{lab} does best with {s} whatever {rival} ({noise}).");
        }
        if own.len() <= REPLIES {
            let each = own.iter().map(|r| {
                let s = self.strategy(player, r.best);
                let noise = if r.set.len() > 1 { " (within noise)" } else { "" };
                format!("{s} against {}{noise}", self.others(a, r.against, player))
            });
            return format!("{by}{lab} does best with {}.", each.collect::<Vec<String>>().join(" and with "));
        }
        let counts = (0..a.shape.sizes()[player]).filter_map(|s| {
            let n = own.iter().filter(|r| r.best == s).count();
            (n > 0).then(|| format!("{} in {n}", self.strategy(player, s)))
        });
        let counts: Vec<String> = counts.collect();
        format!("{by}{lab} does best with {} of {} cases ({noise}).", counts.join(" and with "), own.len())
    }

    /// Whether there is an equilibrium, and whether it is a tie.
    fn equilibrium(&self, a: &Analysis) -> String {
        let pure: Vec<&Equilibrium> = a.equilibria.iter().filter(|e| e.profile.is_some()).collect();
        let near = a.standings.iter().filter(|s| s.within_noise && !s.equilibrium).count();
        let mut text = match pure[..] {
            [] => "No profile is an equilibrium in pure strategies.".to_string(),
            _ if pure.len() == a.shape.profiles() => {
                format!("Every profile is an equilibrium: {}.", no_choice(&Board::from(a), NO_CHOICE))
            }
            [e] => {
                let tie = if e.tie {
                    "a tie within noise: the interval of some lab's loss by leaving it holds zero"
                } else {
                    "no tie: every lab loses clearly by leaving it"
                };
                format!(
                    "One profile is an equilibrium: {} ({tie}; it is one in {} of {} resamples of the runs).",
                    self.profile(&a.shape, e.profile.unwrap_or(0)),
                    percent(e.stability),
                    thousands(RESAMPLES)
                )
            }
            _ => {
                let ties = pure.iter().filter(|e| e.tie).count();
                let shown: Vec<String> = pure
                    .iter()
                    .take(REPLIES)
                    .map(|e| {
                        format!(
                            "{} ({} of resamples)",
                            self.profile(&a.shape, e.profile.unwrap_or(0)),
                            percent(e.stability)
                        )
                    })
                    .collect();
                let more = if pure.len() > REPLIES { ", and others" } else { "" };
                format!(
                    "{} profiles are equilibria, {ties} of them ties within noise: {}{more}.",
                    pure.len(),
                    shown.join("; ")
                )
            }
        };
        if near > 0 {
            let (are, one) = if near == 1 { ("profile cannot", "it") } else { ("profiles cannot", "them") };
            text.push_str(&format!(
                " {near} other {are} be told from an equilibrium: no lab gains clearly by leaving {one}."
            ));
        }
        for e in a.equilibria.iter().filter(|e| e.profile.is_none()).take(1) {
            let mixes: Vec<String> = e
                .mix
                .iter()
                .enumerate()
                .map(|(i, of)| {
                    let played = of.iter().enumerate().filter(|(_, p)| **p > 0.0);
                    let played: Vec<String> =
                        played.map(|(s, p)| format!("{} {}", self.strategy(i, s), percent(*p))).collect();
                    format!("{} plays {}", self.lab(i), played.join(", "))
                })
                .collect();
            let mixed = a.equilibria.iter().filter(|e| e.profile.is_none()).count();
            let of = if mixed == 1 {
                "In mixed strategies".to_string()
            } else {
                format!("In the first of {mixed} mixed equilibria")
            };
            text.push_str(&format!(" {of} {} (in {} of resamples).", mixes.join(" and "), percent(e.stability)));
        }
        match a.search {
            Search::Done { degenerate: true } => {
                text.push_str(" The game is degenerate: there may be a continuum of further mixed equilibria.");
            }
            Search::TooMany => text.push_str(" Mixed equilibria were not looked for: there are too many supports."),
            Search::MorePlayers | Search::Done { .. } => {}
        }
        text
    }

    /// What the equilibrium costs the players: the first pure one.
    fn cost(&self, a: &Analysis) -> Option<String> {
        let e = a.equilibria.iter().find(|e| e.profile.is_some())?;
        let at = e.profile?;
        if let Some((better, gains)) = &e.better {
            let better_clearly = gains.iter().all(|g| g.sign() == Sign::Up);
            let gains: Vec<String> = gains
                .iter()
                .enumerate()
                .map(|(i, g)| format!("{} {} {}", self.lab(i), change(a.payoff, g.difference), interval(a.payoff, g)))
                .collect();
            // A dilemma: one strategy is best for each whatever the others do, and all would gain by leaving it together.
            let dominant = |clear: bool| {
                let removed = |i: usize| {
                    let first = |d: &&Dominated| d.player == i && d.strict && d.clear == clear && d.round == 1;
                    a.dominated.iter().filter(first).count()
                };
                (0..a.shape.players()).all(|i| removed(i) + 1 == a.shape.sizes()[i])
            };
            let head = match (dominant(false), better_clearly) {
                (true, true) if dominant(true) => "It is a prisoner's dilemma",
                (true, _) => "By the means, but not clear of noise, it is a prisoner's dilemma",
                (false, true) => "It costs all of them",
                (false, false) => "By the means, but not clear of noise, it costs all of them",
            };
            return Some(format!(
                "{head}: with {} {} would be gained.",
                self.profile(&a.shape, *better),
                gains.join(" and ")
            ));
        }
        let standing = a.standings[at];
        let best = a.best_sum();
        if best == at || standing.short.difference <= 0.0 {
            return Some("No profile is worth more to the labs together.".to_string());
        }
        let d = &standing.short;
        let (low, high) = d.interval();
        let noise = if low <= 0.0 && high >= 0.0 { ", within noise" } else { "" };
        Some(format!(
            "Together the labs would have {} {} more with {}{noise}; not each of them would gain.",
            amount(a.payoff, d.difference),
            interval(a.payoff, d),
            self.profile(&a.shape, best)
        ))
    }

    /// Another payoff in one clause.
    fn in_brief(&self, a: &Analysis) -> String {
        let pure: Vec<&Equilibrium> = a.equilibria.iter().filter(|e| e.profile.is_some()).collect();
        let by = a.payoff.words();
        match pure[..] {
            [] => format!("by {by} no profile is an equilibrium"),
            [e] => format!(
                "by {by} the equilibrium is {}{}",
                self.profile(&a.shape, e.profile.unwrap_or(0)),
                if e.tie { " (a tie within noise)" } else { "" }
            ),
            _ if pure.len() == a.shape.profiles() => format!("by {by} {}", no_choice(&Board::from(a), NO_CHOICE)),
            _ => {
                let ties = pure.iter().filter(|e| e.tie).count();
                format!("by {by} {} profiles are equilibria ({ties} ties within noise)", pure.len())
            }
        }
    }

    fn table(&self, a: &Analysis) -> String {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED);
        let players = a.shape.players();
        let mut head: Vec<String> = (0..players).map(|i| self.lab(i).to_string()).collect();
        head.extend((0..players).map(|i| format!("{} of {}", a.payoff.word(), self.lab(i))));
        head.extend(["gain by leaving".to_string(), "equilibrium".to_string()]);
        table.set_header(head);
        let mut order: Vec<usize> = (0..a.shape.profiles()).collect();
        if order.len() > ROWS {
            // Those that are nearest to an equilibrium.
            order.sort_by(|x, y| a.standings[*x].regret.total_cmp(&a.standings[*y].regret));
            order.truncate(ROWS);
        }
        for profile in order {
            let s = a.standings[profile];
            let mut row: Vec<String> =
                a.shape.choice(profile).into_iter().enumerate().map(|(i, k)| self.strategy(i, k).to_string()).collect();
            row.extend((0..players).map(|i| {
                let c = a.cell(i, profile);
                let (best, _) = a.is_reply(i, profile);
                let star = match a.within_best(i, profile) {
                    _ if best => " *",
                    true => " (*)",
                    false => "",
                };
                let [mean, low, high] = [c.mean, c.low, c.high].map(|v| amount(a.payoff, v));
                format!("{mean} [{low}, {high}]{star}")
            }));
            row.push(match a.deviations.get(s.tempting).filter(|_| s.regret > 0.0) {
                Some(d) => format!(
                    "{}: {} {}",
                    self.lab(d.player),
                    change(a.payoff, d.gain.difference),
                    interval(a.payoff, &d.gain)
                ),
                None => "none".to_string(),
            });
            let found = a.equilibria.iter().find(|e| e.profile == Some(profile));
            row.push(match found {
                Some(e) if e.tie => "tie".to_string(),
                Some(_) => "yes".to_string(),
                None if s.within_noise => "within noise".to_string(),
                None => "no".to_string(),
            });
            table.add_row(row);
        }
        for column in table.column_iter_mut().skip(players) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let cut = a.shape.profiles().saturating_sub(ROWS);
        if cut == 0 {
            table.to_string()
        } else {
            format!("{table}\n{cut} profiles further from an equilibrium are not shown.")
        }
    }

    /// The object of `--json`.
    pub fn json(&self, deciding: Payoff, all: &[Analysis]) -> Value {
        let players: Vec<Value> =
            self.players.iter().map(|p| json!({ "lab": p.lab, "strategies": p.strategies })).collect();
        json!({
            "scenario": self.manifest.scenario,
            "runs": self.runs,
            "failed": self.manifest.failed,
            "seed": self.manifest.design.seed,
            "start": self.manifest.start,
            "end": self.manifest.end,
            "payoff": deciding.word(),
            "players": players,
            "payoffs": all.iter().map(|a| self.payoff(a)).collect::<Vec<Value>>(),
        })
    }

    fn payoff(&self, a: &Analysis) -> Value {
        let choice = |profile: usize| -> Vec<&str> {
            a.shape.choice(profile).into_iter().enumerate().map(|(i, s)| self.strategy(i, s)).collect()
        };
        let profile = |at: usize| {
            let s = a.standings[at];
            let cells: Vec<Value> = (0..a.shape.players())
                .map(|i| {
                    let c = a.cell(i, at);
                    json!({ "mean": c.mean, "mcse": c.mcse, "ci_low": c.low, "ci_high": c.high, "best_reply": a.is_reply(i, at).0 })
                })
                .collect();
            json!({
                "strategies": choice(at),
                "payoffs": cells,
                "efficiency": s.efficiency,
                "regret": s.regret,
                "equilibrium": s.equilibrium,
                "within_noise": s.within_noise,
                "stability": s.stability,
            })
        };
        let equilibrium = |e: &Equilibrium| {
            json!({
                "kind": if e.profile.is_some() { "pure" } else { "mixed" },
                "strategies": e.profile.map(choice),
                "mix": e.mix,
                "expected": e.expected,
                "stability": e.stability,
                "tie": e.tie,
                "better_for_all": e.better.as_ref().map(|(p, _)| choice(*p)),
            })
        };
        json!({
            "payoff": a.payoff.word(),
            "unit": a.payoff.unit(),
            "profiles": (0..a.shape.profiles()).map(profile).collect::<Vec<Value>>(),
            "equilibria": a.equilibria.iter().map(equilibrium).collect::<Vec<Value>>(),
            "degenerate": match a.search { Search::Done { degenerate } => Some(degenerate), _ => None },
        })
    }
}

/// Why every profile is an equilibrium.
fn no_choice(board: &Board, words: &str) -> String {
    match board.none_fails() {
        Some(runs) => format!("in none of the {} a lab fails", counted(runs)),
        None if board.nothing_matters() => words.to_string(),
        None => format!("by the means {words}"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |c| c.to_uppercase().chain(letters).collect())
}

fn percent(p: f64) -> String {
    Format::Percent.write(p)
}

fn amount(payoff: Payoff, value: f64) -> String {
    match payoff {
        Payoff::Value => usd(value),
        Payoff::Share | Payoff::Survival => Format::of_unit(payoff.unit()).write(value),
    }
}

/// A difference with its sign: of shares in points.
fn change(payoff: Payoff, value: f64) -> String {
    match payoff {
        Payoff::Value if value > 0.0 => format!("+{}", amount(payoff, value)),
        Payoff::Value => amount(payoff, value),
        Payoff::Share | Payoff::Survival => format!("{:+.1} points", 100.0 * value).replace('-', "−"),
    }
}

/// The 95% interval of a difference in brackets.
fn interval(payoff: Payoff, d: &Paired) -> String {
    let (low, high) = d.interval();
    match payoff {
        Payoff::Value => format!("[{}, {}]", amount(payoff, low), amount(payoff, high)),
        Payoff::Share | Payoff::Survival => format!("[{:+.1}, {:+.1}]", 100.0 * low, 100.0 * high).replace('-', "−"),
    }
}
