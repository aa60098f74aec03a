//! ARCHITECTURE.md names only what exists.
//!
//! A map that drifted is worse than none. Every path it sets in code quotes must
//! be there.

use std::fs;
use std::path::Path;

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::step::say;

/// Folders that commands write, which a fresh checkout does not have.
const WRITTEN: [&str; 3] = ["target", "dist", "node_modules"];

const EXTENSIONS: [&str; 10] = [
    "rs", "md", "toml", "json", "html", "css", "js", "yml", "lock", "svg",
];

/// Fails with every path that is named and is not there.
pub fn check(checkout: &Checkout) -> Outcome {
    let page = checkout.root.join("ARCHITECTURE.md");
    let text = fs::read_to_string(&page).map_err(|error| Failure::file("read", &page, &error))?;
    let names = file_names(&checkout.root);
    let mut missing = 0;
    for (line, path) in paths_named(&text) {
        let is_there = checkout.root.join(path).exists()
            || (!path.contains('/') && names.iter().any(|name| name == path));
        if !is_there {
            missing += 1;
            say(&format!("ARCHITECTURE.md:{line}: `{path}` does not exist"));
        }
    }
    match missing {
        0 => Ok(()),
        _ => Err(Failure::new(
            "ARCHITECTURE.md names what does not exist; correct the lines named above",
        )),
    }
}

/// The paths in a page's code quotes, with the lines they stand on.
fn paths_named(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_block = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            found.extend(
                line.split('`')
                    .skip(1)
                    .step_by(2)
                    .filter(|code| is_path(code))
                    .map(|code| (index + 1, code)),
            );
        }
    }
    found
}

fn is_path(code: &str) -> bool {
    let plain = code
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || "/._-".contains(character));
    let extension = Path::new(code)
        .extension()
        .and_then(|extension| extension.to_str());
    let named = (code.contains('/') && !code.starts_with('/'))
        || extension.is_some_and(|it| EXTENSIONS.contains(&it));
    let first = code.split('/').next().unwrap_or_default();
    plain
        && named
        && !WRITTEN.contains(&first)
        && code.starts_with(|first: char| first != '.' || code.len() > 4)
}

/// The names of all files of the checkout, folders that commands write aside.
fn file_names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if WRITTEN.contains(&name.as_str()) || name == ".git" {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            names.extend(file_names(&entry.path()));
        } else {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_other_code() {
        let check = |code: &str, expected: bool| assert_eq!(is_path(code), expected, "{code}");
        check("crates/engine", true);
        check("crates/xtask/src/main.rs", true);
        check(".ci/run", true);
        check("lesson.md", true);
        check("web/", true);
        check("kafka::Group", false);
        check("cargo xtask test", false);
        check("lessons/<folder>/lesson.md", false);
        check("*.scene.json", false);
        check("/__reload", false);
        check("dist/index.html", false);
        check(".rs", false);
        check("World", false);
    }

    #[test]
    fn only_code_quotes_outside_blocks_name_paths() {
        let text = "See `crates/engine` and web/src.\n```\n`no/such`\n```\nAnd `a.rs`.";
        assert_eq!(paths_named(text), [(1, "crates/engine"), (5, "a.rs")]);
    }
}
