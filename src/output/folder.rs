//! The folder of a result: when it may be replaced, and how it appears all at once.
//!
//! Beside `DIR` stands `DIR.partial/` while an ensemble runs: `design.json`, `blocks/`, and `tables/` while they are
//! assembled. `tables/` becomes `DIR` in one rename; the partial folder goes when the ensemble is complete and stays
//! when it was stopped, for `--resume`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::manifest::{Design, FILE, Manifest};
use super::{OutputError, OutputError as E};

/// A result folder and its partial folder, held by this process alone.
#[derive(Debug)]
pub struct Folder {
    /// Where the result will stand.
    pub target: PathBuf,
    /// `DIR.partial`
    pub partial: PathBuf,
    /// Whether blocks of an earlier attempt are kept.
    pub resuming: bool,
    _lock: File,
}

/// Whether a result may be written to `target`: an empty place, a result of the same design, or with `overwrite` any
/// result of ours.
///
/// `scenario` is the resolved scenario of the result, as its `scenario.toml` holds it; empty where that is of several scenarios.
pub fn check(target: &Path, design: &Design, scenario: &str, overwrite: bool) -> Result<(), OutputError> {
    let refuse =
        |what: String, hint: &str| Err(E::Refused { path: target.to_path_buf(), what, hint: hint.to_string() });
    if target.file_name().is_none() {
        return refuse("is no folder that can be made".into(), "name one with --output");
    }
    if !target.exists() {
        return Ok(());
    }
    if !target.is_dir() {
        return refuse("is a file".into(), "choose another folder with --output");
    }
    let Some(standing) = Manifest::of(target) else {
        let empty = fs::read_dir(target).map_err(E::file(target))?.next().is_none();
        if empty {
            return Ok(());
        }
        let what = format!("holds files but no {FILE} of ours, so it is never replaced");
        return refuse(what, "choose another folder with --output, or move it away");
    };
    if overwrite || standing.design == *design {
        return Ok(());
    }
    let values = match fs::read_to_string(target.join("scenario.toml")) {
        Ok(theirs) if !scenario.is_empty() => differing_values(&theirs, scenario),
        _ => Vec::new(),
    };
    let what = format!("holds another result ({})", differences(&standing.design, design, &values));
    refuse(what, "replace it with --overwrite, or choose another folder with --output")
}

/// Most values that are named as different.
const NAMED: usize = 3;
/// Longest value that is shown, characters.
const SHOWN: usize = 40;

/// The values of a resolved scenario by path; seed and number of runs, which a design names itself, are left out.
fn values(toml: &str) -> BTreeMap<String, &str> {
    let mut values = BTreeMap::new();
    let mut table = String::new();
    for line in toml.lines() {
        if line.starts_with('[') {
            table = line.trim_matches(['[', ']']).to_string();
        } else if let Some((key, value)) = line.split_once(" = ") {
            // Events, claims and figures are told apart by their ids, or else by what stands first in them.
            if ["event", "claim", "figure"].contains(&table.as_str()) {
                table = format!("{table} {}", value.trim_matches('"'));
                let numbered = |n: u32| if n == 1 { table.clone() } else { format!("{table} {n}") };
                let free = (1..).map(numbered).find(|name| !values.contains_key(&format!("{name}.")));
                table = free.unwrap_or_default();
                values.insert(format!("{table}."), "");
            }
            values.insert(if table.is_empty() { key.to_string() } else { format!("{table}.{key}") }, value);
        }
    }
    values.retain(|path, _| path != "simulation.runs" && path != "simulation.seed");
    values
}

/// What differs between the scenario of a standing result and the one asked for, in words.
fn differing_values(standing: &str, asked: &str) -> Vec<String> {
    let (standing, asked) = (values(standing), values(asked));
    let paths: BTreeSet<&String> = standing.keys().chain(asked.keys()).filter(|path| !path.ends_with('.')).collect();
    let word = |value: Option<&&str>| match value {
        Some(value) if value.chars().count() > SHOWN => "another text".to_string(),
        Some(value) => (*value).to_string(),
        None => "none".to_string(),
    };
    let differs = paths.into_iter().filter(|path| standing.get(*path) != asked.get(*path));
    differs.map(|path| format!("{path} {} instead of {}", word(standing.get(path)), word(asked.get(path)))).collect()
}

/// How two designs differ, in words; `values` are those of the scenarios that differ, where both are at hand.
fn differences(standing: &Design, asked: &Design, values: &[String]) -> String {
    let mut said: Vec<String> = values.iter().take(NAMED).cloned().collect();
    match values.len().saturating_sub(NAMED) {
        0 => {}
        1 => said.push("1 more value".to_string()),
        more => said.push(format!("{more} more values")),
    }
    // The hash is over seed and runs too: where they differ it says nothing of the rest.
    let same_size = standing.seed == asked.seed && standing.runs == asked.runs;
    if standing.scenario_hash != asked.scenario_hash && values.is_empty() && same_size {
        said.push("another scenario".to_string());
    }
    if standing.seed != asked.seed {
        said.push(format!("seed {} instead of {}", standing.seed, asked.seed));
    }
    if standing.runs != asked.runs {
        said.push(format!("{} runs instead of {}", standing.runs, asked.runs));
    }
    for (name, a, b) in [
        ("command", &standing.command, &asked.command),
        ("version", &standing.version, &asked.version),
        ("paths", &standing.paths, &asked.paths),
        ("format", &standing.format, &asked.format),
    ] {
        if a != b {
            said.push(format!("{name} {a} instead of {b}"));
        }
    }
    if standing.until != asked.until {
        let words = |until: &[String]| if until.is_empty() { "no target".to_string() } else { until.join(" ") };
        said.push(format!("standard errors: {} instead of {}", words(&standing.until), words(&asked.until)));
    }
    said.join(", ")
}

/// `DIR.partial` beside `DIR`.
pub fn partial_of(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(".partial");
    target.with_file_name(name)
}

impl Folder {
    /// Opens the partial folder for an ensemble of this design. With `resume` the blocks of an earlier attempt are
    /// kept, and must be of the same design; without it they are cleared away.
    pub fn open(target: &Path, design: &Design, resume: bool) -> Result<Folder, OutputError> {
        let partial = partial_of(target);
        let design_file = partial.join("design.json");
        let earlier: Option<Design> = fs::read(&design_file).ok().and_then(|b| serde_json::from_slice(&b).ok());
        if partial.exists() && earlier.is_none() {
            let empty = fs::read_dir(&partial).map_err(E::file(&partial))?.all(|entry| {
                // A stop right after the folder was made leaves at most these.
                entry.is_ok_and(|e| ["lock", "design.part"].iter().any(|name| e.file_name() == *name))
            });
            if !empty {
                let what = "holds files that are not blocks of ours".to_string();
                return Err(E::Refused { path: partial, what, hint: "move it away".into() });
            }
        }
        if resume
            && let Some(earlier) = &earlier
            && earlier != design
        {
            return Err(E::Refused {
                path: partial,
                what: format!("holds blocks of another design ({})", differences(earlier, design, &[])),
                hint: "repeat the command that was stopped, or start afresh without --resume".into(),
            });
        }
        fs::create_dir_all(&partial).map_err(E::file(&partial))?;
        let lock = lock(&partial)?;
        if !resume {
            clear(&partial.join("blocks"))?;
        }
        clear(&partial.join("tables"))?;
        let text = serde_json::to_vec_pretty(design).map_err(|e| E::table(&design_file, e))?;
        let part = partial.join("design.part");
        fs::write(&part, text).map_err(E::file(&part))?;
        fs::rename(&part, &design_file).map_err(E::file(&design_file))?;
        Ok(Folder { target: target.to_path_buf(), partial, resuming: resume && earlier.is_some(), _lock: lock })
    }

    /// Where the blocks are.
    pub fn blocks(&self) -> PathBuf {
        self.partial.join("blocks")
    }

    /// An empty folder in which the tables are assembled.
    pub fn tables(&self) -> Result<PathBuf, OutputError> {
        let tables = self.partial.join("tables");
        clear(&tables)?;
        fs::create_dir_all(&tables).map_err(E::file(&tables))?;
        Ok(tables)
    }

    /// Puts the tables in the place of the result; what stood there goes. The partial folder stays when `keep_blocks`.
    pub fn publish(self, keep_blocks: bool) -> Result<(), OutputError> {
        let replaced = self.partial.join("replaced");
        clear(&replaced)?;
        if self.target.exists() {
            fs::rename(&self.target, &replaced).map_err(E::file(&self.target))?;
        }
        fs::rename(self.partial.join("tables"), &self.target).map_err(E::file(&self.target))?;
        if keep_blocks { clear(&replaced) } else { clear(&self.partial) }
    }
}

fn lock(partial: &Path) -> Result<File, OutputError> {
    let path = partial.join("lock");
    let file = File::options().create(true).append(true).open(&path).map_err(E::file(&path))?;
    match file.try_lock() {
        // Some network file systems know no locks; there the user keeps two processes apart.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(E::Refused {
            path: partial.to_path_buf(),
            what: "is being written by another process".into(),
            hint: "wait for it, or choose another folder with --output".into(),
        }),
    }
}

fn clear(folder: &Path) -> Result<(), OutputError> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(E::File { path: folder.to_path_buf(), source: e }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design(hash: &str, runs: u64, seed: u64) -> Design {
        Design {
            command: "run".into(),
            scenario_hash: hash.into(),
            seed,
            runs,
            version: "1".into(),
            paths: "core".into(),
            format: "parquet".into(),
            until: Vec::new(),
        }
    }

    const TOML: &str = "name = \"x\"\n\n[simulation]\nruns = 200\nseed = 1\nend = \"2030-12\"\n\n[labs.openai]\ncash_usd = 3e10\n\n\
                        [[figure]]\nkind = \"fan\"\nmetric = \"a\"\n\n[[figure]]\nkind = \"fan\"\nmetric = \"b\"\n";

    #[test]
    fn only_what_differs_is_named() {
        let told = |a: (&Design, &str), b: (&Design, &str)| differences(a.0, b.0, &differing_values(a.1, b.1));
        let (few, many) = (design("a", 200, 1), design("b", 2000, 1));
        let larger = TOML.replace("runs = 200", "runs = 2000");
        assert_eq!(told((&few, TOML), (&many, &larger)), "200 runs instead of 2000");
        let reseeded = TOML.replace("seed = 1", "seed = 7");
        assert_eq!(told((&few, TOML), (&design("c", 200, 7), &reseeded)), "seed 1 instead of 7");
        let richer = TOML.replace("3e10", "4e10");
        assert_eq!(told((&few, TOML), (&design("d", 200, 1), &richer)), "labs.openai.cash_usd 3e10 instead of 4e10");
        let both = richer.replace("runs = 200", "runs = 2000");
        let said = told((&few, TOML), (&design("e", 2000, 1), &both));
        assert_eq!(said, "labs.openai.cash_usd 3e10 instead of 4e10, 200 runs instead of 2000");
        let redrawn = TOML.replace("metric = \"b\"", "metric = \"c\"");
        let said = told((&few, TOML), (&design("f", 200, 1), &redrawn));
        assert_eq!(said, "figure fan 2.metric \"b\" instead of \"c\"");
        // Without the scenarios at hand.
        assert_eq!(differences(&few, &many, &[]), "200 runs instead of 2000");
        assert_eq!(differences(&few, &design("g", 200, 1), &[]), "another scenario");
    }
}
