//! The folder of a result: when it may be replaced, and how it appears all at once.
//!
//! Beside `DIR` stands `DIR.partial/` while an ensemble runs: `design.json`, `blocks/`, and `tables/` while they are
//! assembled. `tables/` becomes `DIR` in one rename; the partial folder goes when the ensemble is complete and stays
//! when it was stopped, for `--resume`.

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
pub fn check(target: &Path, design: &Design, overwrite: bool) -> Result<(), OutputError> {
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
    let what = format!("holds another result ({})", differences(&standing.design, design));
    refuse(what, "replace it with --overwrite, or choose another folder with --output")
}

fn differences(standing: &Design, asked: &Design) -> String {
    let mut said = Vec::new();
    if standing.scenario_hash != asked.scenario_hash {
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
                what: format!("holds blocks of another design ({})", differences(earlier, design)),
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
