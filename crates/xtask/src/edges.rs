//! The edges between the crates: who may depend on whom.
//!
//! The arrow from lesson to picture runs one way. A crate that could reach back
//! would, one day; so a forbidden edge fails the build, with the file to mend.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::MetadataCommand;

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::program;
use crate::step::say;

/// Each crate of ours, and those of ours that it may depend on.
const ALLOWED: [(&str, &[&str]); 14] = [
    ("weigh", &[]),
    ("explore", &["weigh"]),
    ("systems", &["explore"]),
    ("engine", &["explore", "systems"]),
    ("schedule", &["engine", "explore", "systems"]),
    ("handler", &["engine"]),
    ("course", &["engine", "schedule"]),
    ("conformance", &["explore", "systems"]),
    ("web", &["course", "engine", "schedule", "worker"]),
    ("worker", &["course", "engine", "handler", "schedule"]),
    (
        "site",
        &["web", "course", "conformance", "engine", "schedule"],
    ),
    (
        "alo",
        &["course", "conformance", "engine", "handler", "schedule"],
    ),
    // They run the others as programs, and know the built site only.
    ("xtask", &[]),
    ("tests", &[]),
];

/// The engine is the same everywhere: nothing below it may know a platform.
const PLATFORM: [&str; 18] = [
    "async-std",
    "chrono",
    "crossbeam-channel",
    "getrandom",
    "gloo",
    "instant",
    "js-sys",
    "mio",
    "num_cpus",
    "rayon",
    "smol",
    "socket2",
    "time",
    "tokio",
    "wasm-bindgen",
    "web-sys",
    "web-time",
    "yew",
];

/// Nor may its own code: no wall clock, threads, files.
const PLATFORM_MODULES: [&str; 6] = [
    "std::time",
    "std::thread",
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
];

/// One forbidden thing: where it stands, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Breach {
    place: String,
    what: String,
}

/// Fails with every forbidden edge.
pub fn check(checkout: &Checkout) -> Outcome {
    let metadata = MetadataCommand::new()
        .manifest_path(checkout.root.join("Cargo.toml"))
        .exec()
        .map_err(|error| Failure::new(format!("cargo could not read the workspace: {error}")))?;
    let mut breaches = Vec::new();
    for package in metadata.workspace_packages() {
        let dependencies: Vec<&str> = package
            .dependencies
            .iter()
            .filter(|edge| edge.path.is_some())
            .map(|edge| edge.name.as_str())
            .collect();
        let manifest = package.manifest_path.as_std_path();
        for what in forbidden(&package.name, &dependencies) {
            breaches.push(Breach {
                place: place(checkout, manifest, &what.to),
                what: what.sentence,
            });
        }
    }
    breaches.extend(platform_below_engine(checkout)?);
    breaches.extend(platform_in_engine(checkout)?);
    breaches.sort();
    breaches.dedup();
    if breaches.is_empty() {
        return Ok(());
    }
    for breach in &breaches {
        say(&format!("{}: {}", breach.place, breach.what));
    }
    Err(Failure::new(
        "an edge between crates is forbidden; remove it at the place named above",
    ))
}

struct Forbidden {
    to: String,
    sentence: String,
}

/// The forbidden ones among the edges from `from` to crates of ours.
fn forbidden(from: &str, to: &[&str]) -> Vec<Forbidden> {
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == from) else {
        let sentence = format!(
            "{from} has no row in the table of edges; give it one in crates/xtask/src/edges.rs"
        );
        return vec![Forbidden {
            to: "name".to_owned(),
            sentence,
        }];
    };
    let may = match allowed {
        [] => "none of our crates".to_owned(),
        names => format!("{} only", names.join(", ")),
    };
    to.iter()
        .filter(|name| !allowed.contains(*name))
        .map(|name| Forbidden {
            to: (*name).to_owned(),
            sentence: format!("forbidden edge {from} → {name}: {from} may depend on {may}"),
        })
        .collect()
}

/// The line of a manifest that names `word` first.
fn place(checkout: &Checkout, manifest: &Path, word: &str) -> String {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let line = text
        .lines()
        .position(|line| line.trim_start().starts_with(word))
        .map_or(1, |index| index + 1);
    format!("{}:{line}", checkout.tell(manifest))
}

/// Crates of a platform among all that the engine is built from.
fn platform_below_engine(checkout: &Checkout) -> Outcome<Vec<Breach>> {
    // The tree, not the metadata: there, features that only the page turns on would count for the engine too.
    let mut command = program::cargo();
    command.args([
        "tree",
        "--quiet",
        "--package",
        "schedule",
        "--edges",
        "normal",
        "--target",
        "all",
    ]);
    command
        .args(["--prefix", "depth", "--format", " {p}"])
        .current_dir(&checkout.root);
    let tree = program::answer(&mut command).ok_or_else(|| {
        Failure::new(
            "cargo could not tell what the engine is built from; run `cargo tree --package schedule`",
        )
    })?;
    let manifest = checkout.root.join("crates/engine/Cargo.toml");
    let breaches = platform_paths(&tree).into_iter().map(|path| Breach {
        place: place(checkout, &manifest, &path[1]),
        what: format!("the engine may know no platform: {}", path.join(" → ")),
    });
    Ok(breaches.collect())
}

/// Paths from the root to a platform's crate, in a tree whose lines are `DEPTH NAME VERSION`.
fn platform_paths(tree: &str) -> Vec<Vec<String>> {
    let mut path: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(name)) = (
            words.next().and_then(|word| word.parse::<usize>().ok()),
            words.next(),
        ) else {
            continue;
        };
        path.truncate(depth);
        path.push(name.to_owned());
        if depth > 0 && PLATFORM.contains(&name) {
            found.push(path.clone());
        }
    }
    found
}

/// Lines of the engine, and of what it is made of, that name a platform's module; their programs and
/// their tests may.
fn platform_in_engine(checkout: &Checkout) -> Outcome<Vec<Breach>> {
    let mut breaches = Vec::new();
    for room in ["explore", "systems", "engine", "schedule"] {
        let sources = checkout.root.join("crates").join(room).join("src");
        for file in rust_files(&sources) {
            if file.starts_with(sources.join("bin")) {
                continue;
            }
            let text =
                fs::read_to_string(&file).map_err(|error| Failure::file("read", &file, &error))?;
            for (line, module) in platform_modules(&text) {
                breaches.push(Breach {
                    place: format!("{}:{line}", checkout.tell(&file)),
                    what: format!("{room} may know no platform: {module}"),
                });
            }
        }
    }
    Ok(breaches)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Line numbers and modules named before the tests at a file's end, comments aside.
fn platform_modules(text: &str) -> Vec<(usize, &'static str)> {
    let code = text
        .lines()
        .take_while(|line| !line.trim_start().starts_with("#[cfg(test)]"));
    code.enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .flat_map(|(index, line)| {
            let named = PLATFORM_MODULES
                .iter()
                .filter(move |module| line.contains(**module));
            named.map(move |module| (index + 1, *module))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arrow_runs_one_way() {
        let check = |from: &str, to: &[&str], forbidden_to: &[&str]| {
            let found: Vec<String> = forbidden(from, to)
                .into_iter()
                .map(|edge| edge.to)
                .collect();
            assert_eq!(found, forbidden_to, "{from} → {to:?}");
        };
        check("engine", &[], &[]);
        check("engine", &["course"], &["course"]);
        check("course", &["engine"], &[]);
        check("course", &["engine", "web", "site"], &["web", "site"]);
        check("handler", &["engine", "course"], &["course"]);
        check("web", &["course", "engine"], &[]);
        check("web", &["handler"], &["handler"]);
        check("alo", &["course", "engine", "handler"], &[]);
        check("web", &["conformance"], &["conformance"]);
        check("conformance", &["systems", "engine"], &["engine"]);
        check("worker", &["course", "web"], &["web"]);
        check("site", &["web", "course", "conformance", "engine"], &[]);
        check("alo", &["conformance", "course"], &[]);
        check("alo", &["web"], &["web"]);
        check("xtask", &["site"], &["site"]);
        check("tests", &["engine"], &["engine"]);
        check("newcomer", &[], &["name"]);
    }

    #[test]
    fn a_forbidden_edge_is_told_with_what_is_allowed() {
        let told: Vec<String> = forbidden("course", &["web"])
            .into_iter()
            .map(|edge| edge.sentence)
            .collect();
        assert_eq!(
            told,
            ["forbidden edge course → web: course may depend on engine, schedule only"]
        );
    }

    #[test]
    fn a_platform_is_found_however_deep() {
        let tree = "0 engine v0.1.0 (/a/crates/engine)\n1 rand v0.9.0\n2 rand_core v0.9.0\n3 getrandom v0.3.0\n1 serde v1.0.0\n";
        assert_eq!(
            platform_paths(tree),
            [["engine", "rand", "rand_core", "getrandom"]]
        );
        assert_eq!(
            platform_paths("0 engine v0.1.0\n1 serde v1.0.0\n"),
            Vec::<Vec<String>>::new()
        );
    }

    #[test]
    fn platform_modules_are_found_in_code_but_not_in_comments_and_tests() {
        let text = "//! No std::time here.\nuse std::time::Instant;\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert_eq!(platform_modules(text), [(2, "std::time")]);
    }
}
