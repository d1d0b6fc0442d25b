//! Tells the program which commit it is built from: `AIMARKET_BUILT_FROM` is the first 12 digits of the commit, with
//! `-modified` where what shapes results has changes that are not committed, or `unknown` where there is no git or no
//! repository. `AIMARKET_COMMIT` stands instead of all that.

use std::path::Path;
use std::process::Command;

/// What shapes a run, from the root of the repository.
const SHAPING: [&str; 6] = ["src", "scenarios", "data", "Cargo.toml", "Cargo.lock", "build.rs"];
/// Digits of a commit.
const DIGITS: usize = 12;

fn main() {
    println!("cargo::rerun-if-env-changed=AIMARKET_COMMIT");
    // A file that is named and not there would run this at every build.
    for path in SHAPING.into_iter().filter(|path| Path::new(path).exists()) {
        println!("cargo::rerun-if-changed={path}");
    }
    let told = std::env::var("AIMARKET_COMMIT").ok().filter(|text| !text.trim().is_empty());
    let commit = told.or_else(commit).unwrap_or_else(|| "unknown".to_string());
    println!("cargo::rustc-env=AIMARKET_BUILT_FROM={}", commit.trim());
}

/// The commit that is checked out.
fn commit() -> Option<String> {
    // A copy of the sources inside another repository is not that repository.
    if !git(&["rev-parse", "--show-prefix"])?.is_empty() {
        return None;
    }
    watch();
    let head = git(&["rev-parse", "--verify", "HEAD"])?;
    let digits = head.get(..DIGITS).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let mut status = vec!["status", "--porcelain", "--"];
    status.extend(SHAPING);
    let modified = git(&status).is_none_or(|changes| !changes.is_empty());
    Some(format!("{digits}{}", if modified { "-modified" } else { "" }))
}

/// Runs again when another commit is checked out. The log of `HEAD` grows with every commit, also where the branch has no
/// file of its own.
fn watch() {
    let branch = git(&["symbolic-ref", "-q", "HEAD"]);
    for name in ["HEAD", "logs/HEAD", "packed-refs"].into_iter().chain(branch.as_deref()) {
        let path = git(&["rev-parse", "--git-path", name]);
        if let Some(path) = path.filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

/// What git says; `None` where it fails or is not there.
fn git(arguments: &[&str]) -> Option<String> {
    // Without locks: a build must not stand in the way of a commit.
    let done = Command::new("git").env("GIT_OPTIONAL_LOCKS", "0").args(arguments).output().ok()?;
    done.status.success().then(|| String::from_utf8_lossy(&done.stdout).trim().to_string())
}
