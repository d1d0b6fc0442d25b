//! The command line as it is read and shown. Commands share flags; here each says what a flag means to it, and hides those that
//! mean nothing to it (which it refuses, with the reason).

use clap::{Arg, Command, CommandFactory, FromArgMatches};

use super::arguments::Arguments;

/// The definition of all commands.
pub fn command() -> Command {
    Arguments::command()
        .mut_subcommand("sweep", |c| {
            c.mut_arg("runs", |a| a.help("Number of runs of each point [default: the scenario's]"))
                .mut_arg("output", |a| folder(a, "<scenario>-sweep"))
                .mut_arg("paths", |a| {
                    let text = "Dates in results.csv: core has every month, none the last one [default: none]";
                    a.help(text).hide_possible_values(true)
                })
                .mut_arg("format", hidden)
        })
        .mut_subcommand("compare", |c| {
            c.mut_arg("runs", |a| a.help("Number of runs of each scenario [default: that of the base]"))
                .mut_arg("output", |a| folder(a, "<base>-vs-<other>"))
                .mut_arg("resume", hidden)
                .mut_arg("paths", hidden)
                .mut_arg("format", hidden)
        })
        .mut_subcommand("sensitivity", |c| {
            c.mut_arg("runs", hidden)
                .mut_arg("output", |a| folder(a, "<scenario>-sensitivity"))
                .mut_arg("paths", hidden)
                .mut_arg("format", |a| {
                    a.help("Format of samples, cube and outputs; the others are CSV [default: parquet]")
                })
        })
        .mut_subcommand("game", |c| {
            c.mut_arg("runs", |a| a.help("Number of runs of each profile, 2 or more [default: the scenario's]"))
                .mut_arg("output", |a| folder(a, "<scenario>-game"))
                .mut_arg("resume", hidden)
                .mut_arg("paths", hidden)
                .mut_arg("format", hidden)
        })
}

fn folder(arg: Arg, usual: &str) -> Arg {
    arg.help(format!("Results folder [default: output/{usual}]"))
}

fn hidden(arg: Arg) -> Arg {
    arg.hide(true)
}

/// Reads a command line.
///
/// # Errors
/// When it is wrong, and when it asks for help or the version.
pub fn parse<I, T>(words: I) -> Result<Arguments, clap::Error>
where
    I: IntoIterator<Item = T>,
    T: Into<std::ffi::OsString> + Clone,
{
    let matches = command().try_get_matches_from(words)?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(name: &str) -> String {
        command().find_subcommand_mut(name).unwrap().render_long_help().to_string()
    }

    #[test]
    fn the_definition_holds_together_and_reads_flags() {
        command().debug_assert();
        assert_eq!(parse(["aimarket", "game", "g", "-n", "7"]).unwrap().flags.runs, None);
        assert_eq!(parse(["aimarket", "-n", "7"]).unwrap().flags.runs, Some(7));
        assert_eq!(parse(["aimarket", "gaem"]).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn each_command_shows_its_own_folder_and_no_flag_that_it_refuses() {
        for (name, usual, refused) in [
            ("sweep", "output/<scenario>-sweep", &["--format <"][..]),
            ("compare", "output/<base>-vs-<other>", &["--resume\n", "--paths <", "--format <"]),
            ("sensitivity", "output/<scenario>-sensitivity", &["--runs <", "--paths <"]),
            ("game", "output/<scenario>-game", &["--resume\n", "--paths <", "--format <"]),
        ] {
            let (said, run) = (help(name), help("run"));
            let words = |text: &str| text.split_whitespace().collect::<Vec<&str>>().join(" ");
            assert!(words(&said).contains(&format!("[default: {usual}]")), "{said}");
            for flag in refused {
                assert!(run.contains(flag) && !said.contains(flag), "{name} {flag}: {said}");
            }
        }
    }

    #[test]
    fn no_line_of_the_examples_is_broken_in_a_terminal_of_a_hundred_columns() {
        let mut all = command();
        let texts = std::iter::once(all.get_after_help().map(ToString::to_string));
        let texts: Vec<_> =
            texts.chain(all.get_subcommands_mut().map(|c| c.get_after_help().map(ToString::to_string))).collect();
        assert!(texts.iter().flatten().count() >= 7);
        for line in texts.iter().flatten().flat_map(|text| text.lines()) {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}
