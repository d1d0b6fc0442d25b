//! The arguments of every command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::output::{Format, Paths};
use crate::units::Month;

const EXAMPLES: &str = "Examples:
  aimarket                                      run the baseline
  aimarket run quick -n 50                      a first look: 50 runs of a small scenario
  aimarket run my.toml -n 5000 -o output/mine   a scenario of your own
  aimarket run --set demand.switching_cost=2.5  the baseline with one value changed
  aimarket run baseline --resume                continue after a stop
  aimarket new my.toml                          a commented scenario to start from
  aimarket check my.toml --resolved             every value with unit, range and source
  aimarket list metrics                         what is recorded
  aimarket game games/scale-or-trust            two labs choose strategies: payoffs and equilibria
  aimarket backtest                             2025 as projected from the end of 2024, against what happened

Exit codes: 0 done, 1 unexpected, 2 usage, 3 scenario, 4 some runs failed, 5 output, 130 interrupted.";

const COMPLETIONS: &str = "For example:
  aimarket completions bash > ~/.local/share/bash-completion/completions/aimarket
  aimarket completions zsh > ~/.zfunc/_aimarket
  aimarket completions fish > ~/.config/fish/completions/aimarket.fish";

/// Projects who wins the AI market, from scenario files, by simulating its agents thousands of times.
///
/// Without a command, `run` and its flags are meant.
#[derive(Debug, Parser)]
#[command(name = "aimarket", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Flags of `run`, when no command is named.
    #[command(flatten)]
    pub flags: RunFlags,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate scenarios; write tables, summary and figures
    Run(RunArguments),
    /// Redraw the figures of a results folder
    Plot(PlotArguments),
    /// Project 2025 from the end of 2024 and compare with what happened, as Markdown
    Backtest(BacktestArguments),
    /// Play strategies of labs against each other: payoffs, best replies, equilibria
    Game(super::game::GameArguments),
    /// Read, resolve and check scenarios without running them
    Check(CheckArguments),
    /// List what there is, one line each
    List(ListArguments),
    /// Print the JSON Schema of a scenario file, for completion in an editor
    Schema,
    /// Write a commented starter scenario
    New(NewArguments),
    /// Print a script that completes commands and flags in a shell
    Completions(CompletionsArguments),
}

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RunArguments {
    /// Scenario files, or names of shipped scenarios (see `aimarket list scenarios`) [default: scenarios/baseline.toml]
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Flags.
    #[command(flatten)]
    pub flags: RunFlags,
}

/// Flags of `run`.
#[derive(Debug, Args)]
pub struct RunFlags {
    /// Number of runs [default: the scenario's]
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub runs: Option<u64>,
    /// Seed of all draws [default: the scenario's]
    #[arg(short, long, value_name = "S")]
    pub seed: Option<u64>,
    /// Threads [default: all cores]
    #[arg(short = 'j', long, value_name = "T", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Results folder; with several scenarios each has a folder of its own in it [default: output/<scenario>]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Set a value of the scenario, as TOML; may be repeated
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// Last month simulated
    #[arg(long, value_name = "YYYY-MM")]
    pub until: Option<Month>,
    /// Replace another result of this program in the results folder
    #[arg(long)]
    pub overwrite: bool,
    /// Continue from what an earlier attempt has done
    #[arg(long)]
    pub resume: bool,
    /// Draw no figures
    #[arg(long)]
    pub no_plots: bool,
    /// Series written for every run [default: core up to 2,000 runs, else none]
    #[arg(long, value_enum)]
    pub paths: Option<PathsWord>,
    /// Format of the tables
    #[arg(long, value_enum, default_value = "parquet")]
    pub format: FormatWord,
    /// No progress and no messages but errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Print one JSON object on stdout instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `backtest`.
#[derive(Debug, Args)]
pub struct BacktestArguments {
    /// Scenario that starts at the end of 2024: a file, or the name of a shipped one
    #[arg(value_name = "SCENARIO", default_value = "history/backtest")]
    pub scenario: String,
    /// Last month that counts as fitted; later observations are held out
    #[arg(long, value_name = "YYYY-MM", default_value = crate::experiment::backtest::FITTED_UNTIL)]
    pub fitted_until: Month,
    /// Number of runs [default: the scenario's]
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub runs: Option<u64>,
    /// Seed of all draws [default: the scenario's]
    #[arg(short, long, value_name = "S")]
    pub seed: Option<u64>,
    /// Threads [default: all cores]
    #[arg(short = 'j', long, value_name = "T", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Set a value of the scenario, and of the baseline for what moves the horizon, as TOML; may be repeated
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// No progress and no messages but errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Print one JSON object instead of Markdown
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `plot`.
#[derive(Debug, Args)]
pub struct PlotArguments {
    /// Results folder that `aimarket run` has written
    pub dir: PathBuf,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Scenario files, or names of shipped scenarios
    #[arg(value_name = "SCENARIO", required = true)]
    pub scenarios: Vec<String>,
    /// Print every value with unit, range and source
    #[arg(long)]
    pub resolved: bool,
    /// Set a value of the scenario, as TOML; may be repeated
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
}

/// Arguments of `new`.
#[derive(Debug, Args)]
pub struct NewArguments {
    /// File to write; one that stands there already is left alone
    pub file: PathBuf,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS)]
pub struct CompletionsArguments {
    /// Shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// What to list
    #[arg(value_enum)]
    pub what: Listed,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Listed {
    /// The shipped scenarios
    Scenarios,
    /// What is recorded of every run
    Metrics,
    /// Every value that a scenario may set
    Parameters,
    /// The switches of the mechanisms
    Mechanisms,
    /// What agents may follow
    Strategies,
}

/// See [`Paths`].
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PathsWord {
    /// The core metrics
    Core,
    /// Every metric
    All,
    /// Only the last date, in horizon.parquet
    None,
}

impl From<PathsWord> for Paths {
    fn from(word: PathsWord) -> Paths {
        match word {
            PathsWord::Core => Paths::Core,
            PathsWord::All => Paths::All,
            PathsWord::None => Paths::None,
        }
    }
}

/// See [`Format`].
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FormatWord {
    /// Parquet
    Parquet,
    /// Comma-separated values (horizon.parquet is written too)
    Csv,
    /// Both
    Both,
}

impl From<FormatWord> for Format {
    fn from(word: FormatWord) -> Format {
        match word {
            FormatWord::Parquet => Format::Parquet,
            FormatWord::Csv => Format::Csv,
            FormatWord::Both => Format::Both,
        }
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() => Ok((path.trim().to_string(), value.trim().to_string())),
        _ => Err("write PATH=VALUE, for example labs.openai.cash_usd=4.0e10".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_command_line_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_a_command_the_flags_of_run_are_meant() {
        let parsed =
            Arguments::try_parse_from(["aimarket", "-n", "7", "--set", "a.b = 3", "--until", "2027-06"]).unwrap();
        assert!(parsed.command.is_none());
        assert_eq!(parsed.flags.runs, Some(7));
        assert_eq!(parsed.flags.set, [("a.b".to_string(), "3".to_string())]);
        assert_eq!(parsed.flags.until, Some(Month::new(2027, 6)));
    }

    #[test]
    fn a_misspelt_command_or_flag_is_a_usage_error() {
        for line in [vec!["rum"], vec!["run", "--ruins", "3"], vec!["-n", "0"], vec!["run", "--set", "a"]] {
            let words = std::iter::once("aimarket").chain(line);
            assert_eq!(Arguments::try_parse_from(words).unwrap_err().exit_code(), 2);
        }
    }
}
