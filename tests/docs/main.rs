//! The pages under `docs/` say what the code does: their generated parts are made from it here, and a page that has drifted fails.
//!
//! `UPDATE_DOCS=1 cargo test --release --test docs` writes them anew.

mod answers;
mod findings;
mod games;
mod model;
mod scenarios;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Pages are read and written one at a time.
static PAGES: Mutex<()> = Mutex::new(());

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> PathBuf {
    root().join("docs").join(name)
}

/// A page with the text between `<!-- generated: part -->` and the next `<!-- end -->` replaced.
fn replaced(page: &str, part: &str, text: &str) -> String {
    let begin = format!("<!-- generated: {part} -->\n");
    let from = page.find(&begin).unwrap_or_else(|| panic!("no `{}` in the page", begin.trim())) + begin.len();
    let to = from + page[from..].find("<!-- end -->").unwrap_or_else(|| panic!("`{part}` has no end"));
    format!("{}\n{}\n\n{}", &page[..from], text.trim(), &page[to..])
}

/// Compares the generated part of a page with what the code gives, or writes it.
fn hold(name: &str, part: &str, text: &str) {
    let _one = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let before = fs::read_to_string(page(name)).unwrap();
    let after = replaced(&before, part, text);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(page(name), after).unwrap();
        return;
    }
    if before != after {
        let differs = before.lines().zip(after.lines()).find(|(a, b)| a != b);
        panic!(
            "docs/{name} has drifted in `{part}`; `UPDATE_DOCS=1 cargo test --release --test docs` writes it anew.\nfirst difference: {differs:#?}"
        );
    }
}

/// Text as a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[test]
fn a_generated_part_is_replaced_and_the_rest_is_kept() {
    let page = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n";
    assert_eq!(replaced(page, "x", "new"), "a\n<!-- generated: x -->\n\nnew\n\n<!-- end -->\nb\n");
}
