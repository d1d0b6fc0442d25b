//! The arguments of every command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::terminal::thousands;
use crate::experiment::stopping::Target;
use crate::output::{Format, Paths};
use crate::units::Month;

const EXAMPLES: &str = "Examples:
  aimarket                                        run the baseline
  aimarket run quick -n 50                        a first look: 50 runs of a small scenario
  aimarket compare baseline build-vs-partner      what another scenario changes, run by run
  aimarket sweep --vary demand.switching_cost=2:6:5 -n 200
                                                  what comes of each of five values
  aimarket sensitivity baseline --method morris   what moves the outcomes, and how much is chance
  aimarket game games/scale-or-trust              two labs choose: best replies and equilibria
  aimarket backtest                               2025 as projected, against what happened
  aimarket plot output/baseline                   its figures, drawn again
  aimarket new my.toml                            a commented scenario to start from
  aimarket check my.toml --resolved               every value with unit, range and source
  aimarket list metrics                           what is recorded
Each command tells more with --help.

Exit codes: 0 done, 1 unexpected, 2 usage, 3 scenario, 4 some runs failed, 5 output,
130 interrupted.";

const RUNS: &str = "Examples:
  aimarket run quick -n 50                      a first look: 50 runs of a small scenario
  aimarket run my.toml -n 5000 -o output/mine   a scenario of your own
  aimarket run --set demand.switching_cost=2.5  the baseline with one value changed
  aimarket run baseline --resume                continue after a stop
  aimarket run -n 50000 --until-mcse 0.002      as many runs as the shares' standard errors need";

const SWEEPS: &str = "A value is varied over
  2:6:5                      five even steps from 2 to 6
  1,2.5,4  or  true,false    a list of numbers, switches, or words of a choice or strategy
  normal(4,0.8)              a distribution, for the designs random, lhs and sobol, which cut a
                             list into equal parts: normal, lognormal, uniform, triangular, or
                             { discrete = { ... } } as in [uncertain]

Examples:
  aimarket sweep --vary demand.switching_cost=2:6:5 -n 200
  aimarket sweep baseline --vary mechanisms.trust=true,false \\
      --vary labs.openai.strategy.pricing=cost_plus,penetration
  aimarket sweep --vary 'demand.switching_cost=normal(4,0.8)' \\
      --vary 'labs.openai.cash_usd=uniform(2e10,8e10)' --points 40
  aimarket sweep baseline --design table=points.csv    a header of paths, a row a point
  aimarket sweep my.toml --resume                      the [sweep] of a file, after a stop
  aimarket sweep --vary demand.switching_cost=2:6:5 -n 5000 --until-mcse 0.005
                                  as many runs at each point as its own errors need

All points run on the same random numbers. A point is laid over --set, and a varied value is not
drawn. Tables are CSV: points.csv, results.csv, effects.csv.";

const COMPARISONS: &str = "Examples:
  aimarket compare baseline build-vs-partner     what the strategies of that scenario change
  aimarket compare baseline export-controls-and-digital-ban regulatory-moat -n 500
  aimarket compare quick --with labs.openai.compute.build_share=0.8
  aimarket compare --set demand.switching_cost=4.05 --with demand.switching_cost=4.13
                                                 a small change of a value that is drawn otherwise
  aimarket compare baseline build-vs-partner -n 20000 \\
      --until-mcse labs.openai.enterprise_share=0.002

Run k of every scenario has the same draws, so that differences are of the scenarios and not of
luck. --set, --seed, --runs and --until hold for all of them. In --until-mcse a path means the mean
difference from the base, and beats.PATH=X the probability that the other has more of it than the
base. The result is compare.csv, the resolved scenarios, figures.";

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
    /// Flags of `run` that say when to stop.
    #[command(flatten)]
    pub stop: StopFlags,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate scenarios; write tables, summary and figures
    Run(RunArguments),
    /// Run a design over varied values; write points, results and what each value moves
    Sweep(SweepArguments),
    /// Compare scenarios run by run under common random numbers
    Compare(CompareArguments),
    /// Redraw the figures of a results folder
    Plot(PlotArguments),
    /// Project 2025 from the end of 2024 and compare with what happened, as Markdown
    Backtest(BacktestArguments),
    /// Tell which uncertain parameters, and chance itself, move the outcomes
    Sensitivity(super::sensitivity::SensitivityArguments),
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
#[command(after_help = RUNS)]
pub struct RunArguments {
    /// Scenario files, or names of shipped scenarios (see `aimarket list scenarios`) [default: scenarios/baseline.toml]
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Flags.
    #[command(flatten)]
    pub flags: RunFlags,
    /// When to stop.
    #[command(flatten)]
    pub stop: StopFlags,
}

/// Flags that say when to stop.
#[derive(Clone, Debug, Default, Args)]
pub struct StopFlags {
    /// Stop once a standard error is small enough; may be repeated, then all must be. X (of the enterprise share of every lab at
    /// the horizon), X% (of its mean), PATH=X or PATH=X% with PATH a metric (labs.openai.valuation_usd, labs.*.enterprise_share,
    /// market.hhi) or claims.<id>. Looked at after 100 runs and then 10% more each time; --runs is the most that are run
    #[arg(long, value_name = "TARGET", value_parser = target)]
    pub until_mcse: Vec<Target>,
    /// Write convergence.csv and draw figures/convergence: means and their errors by the number of runs
    #[arg(long)]
    pub convergence: bool,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(after_help = COMPARISONS)]
pub struct CompareArguments {
    /// Scenario files or names of shipped scenarios, the base first [default: scenarios/baseline.toml]
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// A variant of the base with these values changed, named by them; may be repeated
    #[arg(long, value_name = "PATH=VALUE[,PATH=VALUE]", value_parser = settings)]
    pub with: Vec<Settings>,
    /// Flags.
    #[command(flatten)]
    pub flags: RunFlags,
    /// When to stop.
    #[command(flatten)]
    pub stop: StopFlags,
}

/// Flags of `run`.
#[derive(Debug, Args)]
pub struct RunFlags {
    /// Number of runs [default: the scenario's]
    #[arg(short = 'n', long, value_name = "N", value_parser = whole::<u64>(1, 10_000_000))]
    pub runs: Option<u64>,
    /// Seed of all draws [default: the scenario's]
    #[arg(short, long, value_name = "S")]
    pub seed: Option<u64>,
    /// Threads [default: all cores]
    #[arg(short = 'j', long, value_name = "T", value_parser = whole::<u16>(1, 1024))]
    pub threads: Option<u16>,
    /// Results folder; with several scenarios each has a folder of its own in it [default: output/<scenario>; an experiment adds
    /// what it is, such as output/<scenario>-sweep]
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
    /// Format of the tables [default: parquet]
    #[arg(long, value_enum)]
    pub format: Option<FormatWord>,
    /// No progress and no messages but errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Print one JSON object on stdout instead of a table
    #[arg(long)]
    pub json: bool,
}

impl RunFlags {
    /// The format of the tables.
    pub fn format(&self) -> Format {
        self.format.map_or(Format::Parquet, Format::from)
    }
    /// What is wrong with `--format` for a command that writes CSV only; `what` is what it runs.
    pub fn not_csv(&self, what: &str) -> Option<String> {
        let word = self.format.map(Format::from).filter(|f| *f != Format::Csv)?.word();
        Some(format!("--format {word}: the tables of {what} are CSV; leave it away"))
    }
}

/// Arguments of `sweep`.
#[derive(Debug, Args)]
#[command(after_help = SWEEPS)]
pub struct SweepArguments {
    /// Scenario file, or name of a shipped scenario [default: scenarios/baseline.toml]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// Vary a value over from:to:steps, a,b,c or a distribution; may be repeated. Without it the file's [sweep] is run
    #[arg(long, value_name = "PATH=SPEC", value_parser = varied)]
    pub vary: Vec<(String, String)>,
    /// grid, random, lhs, sobol or table=FILE.csv [default: grid where all is listed, else lhs]
    #[arg(long, value_name = "DESIGN")]
    pub design: Option<String>,
    /// Number of points of a random, lhs or sobol design [default: 10 a varied path]
    #[arg(long, value_name = "N")]
    pub points: Option<u64>,
    /// Stop each point once its own standard errors are small enough; may be repeated, then all must be. X (of the enterprise
    /// share of every lab at the horizon), X% (of its mean), PATH=X or PATH=X% with PATH a metric. Looked at after 100 runs and
    /// then 10% more each time; --runs is the most that a point takes
    #[arg(long, value_name = "TARGET", value_parser = target)]
    pub until_mcse: Vec<Target>,
    /// Flags.
    #[command(flatten)]
    pub flags: RunFlags,
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
    #[arg(short = 'n', long, value_name = "N", value_parser = whole::<u64>(1, 100_000))]
    pub runs: Option<u64>,
    /// Seed of all draws [default: the scenario's]
    #[arg(short, long, value_name = "S")]
    pub seed: Option<u64>,
    /// Threads [default: all cores]
    #[arg(short = 'j', long, value_name = "T", value_parser = whole::<u16>(1, 1024))]
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
    /// Results folder of run, sweep, compare, sensitivity or game
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

/// Settings of a variant: (path, value), in the order given.
pub type Settings = Vec<(String, String)>;

/// Reads `PATH=VALUE[,PATH=VALUE]`; a comma within brackets, braces or quotes belongs to a value.
fn settings(text: &str) -> Result<Settings, String> {
    let (mut depth, mut quote, mut from) = (0i32, None, 0);
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    let of_variant = |part: &str| match part.split_once('=') {
        None if !part.trim().is_empty() => Err(format!(
            "`{0}` says what to change and not to what; write {0}=VALUE, for example --with demand.switching_cost=4.5",
            part.trim()
        )),
        _ => setting(part),
    };
    parts.into_iter().map(of_variant).collect()
}

/// Reads a whole number within bounds.
pub(super) fn whole<T: TryFrom<u64>>(low: u64, high: u64) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| {
        let number = text.parse::<u64>().ok().filter(|n| (low..=high).contains(n));
        let number = number.and_then(|n| T::try_from(n).ok());
        number.ok_or_else(|| format!("a whole number from {} to {} would do", thousands(low), thousands(high)))
    }
}

fn target(text: &str) -> Result<Target, String> {
    text.parse()
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() => Ok((path.trim().to_string(), value.trim().to_string())),
        _ => Err("write PATH=VALUE, for example labs.openai.cash_usd=4.0e10".to_string()),
    }
}

fn varied(text: &str) -> Result<(String, String), String> {
    let hint = |_| "write PATH=SPEC, for example demand.switching_cost=2:6:5, =2,4,6 or ='normal(4,0.8)'".to_string();
    setting(text).map_err(hint)
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
    fn settings_of_a_variant_are_parted_by_commas_outside_values() {
        let read = settings("a.b=[1, 2], c.d = {x = 1, y = \"u,v\"},e=3").unwrap();
        let expected = [("a.b", "[1, 2]"), ("c.d", "{x = 1, y = \"u,v\"}"), ("e", "3")];
        assert_eq!(read, expected.map(|(p, v)| (p.to_string(), v.to_string())));
        assert!(settings("a.b=1,c").is_err() && settings("").is_err());
    }

    #[test]
    fn a_misspelt_command_or_flag_is_a_usage_error() {
        for line in [vec!["rum"], vec!["run", "--ruins", "3"], vec!["-n", "0"], vec!["run", "--set", "a"]] {
            let words = std::iter::once("aimarket").chain(line);
            assert_eq!(Arguments::try_parse_from(words).unwrap_err().exit_code(), 2);
        }
    }
}
