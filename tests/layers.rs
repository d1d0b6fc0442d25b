//! A module imports only from floors below its own. The floors are read off `src/lib.rs`, where modules are
//! declared floor by floor with an empty line between floors.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Floor of each module: the number of its block in `src/lib.rs`.
fn floors(lib: &str) -> BTreeMap<String, usize> {
    let mut floors = BTreeMap::new();
    let mut floor = 0;
    for line in lib.lines() {
        match line.strip_prefix("pub mod ").and_then(|l| l.strip_suffix(';')) {
            Some(name) => {
                floors.insert(name.to_string(), floor);
            }
            None if line.trim().is_empty() => floor += 1,
            None => {}
        }
    }
    floors
}

/// The text without comments, string literals and what is compiled for tests only.
fn production(source: &str) -> String {
    let mut kept = String::new();
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                for c in chars.by_ref() {
                    if c == '\n' {
                        kept.push('\n');
                        break;
                    }
                }
            }
            '"' => {
                let mut escaped = false;
                for c in chars.by_ref() {
                    match c {
                        '"' if !escaped => break,
                        '\\' => escaped = !escaped,
                        _ => escaped = false,
                    }
                }
                kept.push_str("\"\"");
            }
            // The character literals that would open a string or a comment.
            '\'' => {
                kept.push(c);
                let next: String = chars.clone().take(3).collect();
                let skip = if next.starts_with("\"'") || next.starts_with("/'") {
                    2
                } else if next.starts_with("\\\"'") || next.starts_with("\\''") || next.starts_with("\\\\'") {
                    3
                } else {
                    0
                };
                chars.by_ref().take(skip).for_each(drop);
            }
            c => kept.push(c),
        }
    }
    without_tests(&kept)
}

/// Drops every item behind `#[cfg(test)]`: to the end of its braces, or to its semicolon.
fn without_tests(source: &str) -> String {
    let mut kept = String::new();
    let mut rest = source;
    while let Some(at) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        let mut depth = 0;
        let mut end = rest.len();
        for (i, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 && (c == ';' || c == '}') {
                end = i + 1;
                break;
            }
        }
        rest = &rest[end..];
    }
    kept.push_str(rest);
    kept
}

/// Modules of the crate that a source names: `crate::x`, and each of `crate::{x, y::z}`.
fn named(source: &str) -> Vec<String> {
    let mut modules = Vec::new();
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    for (at, found) in source.match_indices("crate::") {
        let after = &source[at + found.len()..];
        match after.strip_prefix('{') {
            None => modules.push(word(after)),
            Some(list) => {
                let mut depth = 0;
                let mut first = true;
                for (i, c) in list.char_indices() {
                    if first && !c.is_whitespace() {
                        modules.push(word(&list[i..]));
                        first = false;
                    }
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => first = true,
                        _ => {}
                    }
                }
            }
        }
    }
    modules
}

/// Imports of a module that point up or sideways, one line each.
fn wrong(module: &str, source: &str, floors: &BTreeMap<String, usize>) -> Vec<String> {
    let own = floors[module];
    let mut wrong: Vec<String> = named(&production(source))
        .into_iter()
        .filter(|other| other != module)
        // Modules of the ground floor stand side by side and share each other's tools.
        .filter(|other| floors.get(other).is_some_and(|&f| f > own || (f == own && own != floors["units"])))
        .map(|other| format!("{module} imports {other}"))
        .collect();
    wrong.dedup();
    wrong
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// The module at the top of the crate that a file belongs to.
fn module_of(path: &Path) -> String {
    let first = path.strip_prefix("src").unwrap().components().next().unwrap();
    Path::new(first.as_os_str()).file_stem().unwrap().to_str().unwrap().to_string()
}

/// Whether a file is itself behind `#[cfg(test)]`, as `mod tests;` in its parent is.
fn is_test(path: &Path) -> bool {
    path.file_stem().is_some_and(|s| s == "tests") || path.components().any(|c| c.as_os_str() == "tests")
}

#[test]
fn no_module_imports_from_its_own_floor_or_above() {
    let floors = floors(&fs::read_to_string("src/lib.rs").unwrap());
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    files.sort();
    let mut found = Vec::new();
    for path in files.iter().filter(|p| !is_test(p)) {
        let module = module_of(path);
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        assert!(floors.contains_key(&module), "{module} is not declared in src/lib.rs");
        let source = fs::read_to_string(path).unwrap();
        found.extend(wrong(&module, &source, &floors).into_iter().map(|w| format!("{}: {w}", path.display())));
    }
    assert!(found.is_empty(), "imports that point up:\n{}", found.join("\n"));
}

#[test]
fn the_floors_are_those_of_the_house() {
    let floors = floors(&fs::read_to_string("src/lib.rs").unwrap());
    let order = [
        "units",
        "mechanisms",
        "strategies",
        "scenario",
        "world",
        "step",
        "record",
        "run",
        "experiment",
        "output",
        "cli",
    ];
    for pair in order.windows(2) {
        assert!(floors[pair[0]] < floors[pair[1]], "{} stands below {}", pair[0], pair[1]);
    }
    for (a, b) in [("units", "random"), ("units", "math"), ("units", "fields"), ("output", "figures")] {
        assert_eq!(floors[a], floors[b], "{a} and {b}");
    }
}

#[test]
fn a_planted_import_is_caught_in_every_way_of_writing_it() {
    let floors = floors(&fs::read_to_string("src/lib.rs").unwrap());
    let caught = [
        ("mechanisms", "use crate::world::World;"),
        ("mechanisms", "fn f() { crate::cli::main() }"),
        ("scenario", "use crate::{fields::{self, Kind}, step, units::Month};"),
        ("world", "pub use crate::step;"),
        ("output", "use crate::figures::draw_all;"),
        ("figures", "use crate::output::manifest;"),
        ("units", "const Q: char = '\"'; use crate::scenario::Parameters;"),
    ];
    for (module, source) in caught {
        assert_eq!(wrong(module, source, &floors).len(), 1, "{module}: {source}");
    }
    let allowed = [
        ("scenario", "use crate::units::Month; use crate::scenario::fault::Fault; use crate::fields::{self, Kind};"),
        (
            "mechanisms",
            "//! see crate::world\n/* nothing */ const A: &str = \"use crate::world\"; const Q: char = '\"';",
        ),
        ("mechanisms", "#[cfg(test)]\nmod tests { use crate::world::World; fn f() {} }\npub fn g() {}"),
        ("math", "use crate::units::Month;"),
    ];
    for (module, source) in allowed {
        assert_eq!(wrong(module, source, &floors), Vec::<String>::new(), "{module}: {source}");
    }
}
