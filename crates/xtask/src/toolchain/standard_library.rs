//! The standard library for the browser, built from the compiler's own sources.
//!
//! It is built in the checkout's output folder and put beside the compiler as a
//! [`Draft`], with a stamp that names the compiler. So a run that was interrupted
//! leaves nothing that the next one could take for a library, and an updated
//! compiler gets an updated library.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{LINKER, TARGET};
use crate::checkout::Checkout;
use crate::draft::Draft;
use crate::failure::{Failure, Outcome};
use crate::program::{self, Warnings};
use crate::step::Step;

const STAMP: &str = "built-by";

/// A compiler without a standard library for the browser.
pub struct Compiler {
    pub rustc: PathBuf,
    pub cargo: PathBuf,
    /// What `rustc -vV` says.
    pub version: String,
}

impl Compiler {
    /// The folder the compiler looks for its libraries in.
    pub fn sysroot(&self) -> Outcome<PathBuf> {
        program::answer(Command::new(&self.rustc).args(["--print", "sysroot"]))
            .map(PathBuf::from)
            .ok_or_else(|| {
                Failure::new(format!(
                    "{} does not tell its sysroot",
                    self.rustc.display()
                ))
            })
    }
}

/// Whether a folder of libraries holds a core and a standard library.
pub fn is_complete(libraries: &Path) -> bool {
    let names: Vec<String> = libraries
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    // The compiler's own build gives `libstd` a hash in its name, cargo does not.
    [["libcore-", "libcore."], ["libstd-", "libstd."]]
        .iter()
        .all(|starts| {
            names.iter().any(|name| {
                name.ends_with(".rlib") && starts.iter().any(|start| name.starts_with(start))
            })
        })
}

/// Whether `destination` holds the library that `compiler` needs.
pub fn is_built(compiler: &Compiler, destination: &Path) -> bool {
    let stamped = fs::read_to_string(destination.join(STAMP))
        .is_ok_and(|version| version == compiler.version);
    stamped && is_complete(&destination.join("lib"))
}

/// Sees to it that `destination` holds the library that `compiler` needs.
pub fn put(checkout: &Checkout, compiler: &Compiler, linker: &Path, destination: &Path) -> Outcome {
    if is_built(compiler, destination) {
        return Ok(());
    }
    let built = build(checkout, compiler, linker)?;
    copy(&built, destination, &compiler.version)
}

fn build(checkout: &Checkout, compiler: &Compiler, linker: &Path) -> Outcome<PathBuf> {
    let sources = compiler
        .sysroot()?
        .join("lib/rustlib/src/rust/library/sysroot/Cargo.toml");
    let target = checkout.target.join("wasm-std");
    let step = Step::begin(
        "building Rust's standard library for the browser (Debian ships only its sources)",
    );
    let mut command = Command::new(&compiler.cargo);
    command
        .args([
            "build",
            "--release",
            "--locked",
            "--no-default-features",
            "--target",
            TARGET,
            "--manifest-path",
        ])
        .arg(&sources)
        .current_dir(&checkout.root)
        .env("CARGO", &compiler.cargo)
        .env("RUSTC", &compiler.rustc)
        .env("RUSTC_BOOTSTRAP", "1")
        .env(
            "RUSTFLAGS",
            "-Cembed-bitcode=yes -Zforce-unstable-if-unmarked",
        )
        .env("CARGO_TARGET_DIR", &target)
        .env(LINKER, linker)
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("LD_LIBRARY_PATH");
    program::run_cargo_under(step, &mut command, Warnings::OfOthers)?;
    Ok(target.join(TARGET).join("release/deps"))
}

fn copy(built: &Path, destination: &Path, version: &str) -> Outcome {
    let draft = Draft::begin(destination)?;
    let write = |error: &std::io::Error| Failure::file("write", draft.path(), error);
    let libraries = draft.path().join("lib");
    fs::create_dir(&libraries).map_err(|error| write(&error))?;
    for entry in built
        .read_dir()
        .map_err(|error| Failure::file("read", built, &error))?
        .flatten()
    {
        let path = entry.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "rlib")
        {
            fs::copy(&path, libraries.join(entry.file_name())).map_err(|error| write(&error))?;
        }
    }
    if !is_complete(&libraries) {
        return Err(Failure::new(format!(
            "the standard library was built but is not in {}; delete that folder and run again",
            built.display()
        )));
    }
    fs::write(draft.path().join(STAMP), version).map_err(|error| write(&error))?;
    draft.put_in_place()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_copied_library_is_not_taken_for_one() {
        let folder = std::env::temp_dir().join(format!("xtask-std-{}", std::process::id()));
        let (built, destination) = (folder.join("deps"), folder.join("target"));
        fs::create_dir_all(&built).unwrap();
        assert!(!is_complete(&built));
        fs::write(built.join("libcore-1.rlib"), "").unwrap();
        assert!(copy(&built, &destination, "rustc 1").is_err());
        assert!(!destination.exists());
        fs::write(built.join("libstd.rlib"), "").unwrap();
        fs::write(built.join("libstd.rmeta"), "").unwrap();
        copy(&built, &destination, "rustc 1").unwrap();
        copy(&built, &destination, "rustc 2").unwrap();
        assert!(is_complete(&destination.join("lib")));
        assert_eq!(
            fs::read_to_string(destination.join(STAMP)).unwrap(),
            "rustc 2"
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
