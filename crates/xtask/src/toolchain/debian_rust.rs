//! Debian's compiler for the browser.
//!
//! Debian keeps a current compiler for building its web browsers, beside the
//! older one for everything else: packages `rustc-web`, `cargo-web`,
//! `rust-web-src`. It knows the browser target but ships no standard library for
//! it, only the sources; [`standard_library`] builds it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{LINKER, TARGET, WasmToolchain, linker, overlay, standard_library};
use crate::checkout::Checkout;
use crate::debian;
use crate::failure::{Failure, Outcome};
use crate::program;

const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";

/// The workspace's `rust-version`; an older compiler refuses it.
const RUST_MINOR_MIN: u32 = 88;

/// The toolchain, if an earlier run has installed and built all of it.
pub fn installed(checkout: &Checkout, target: &Path) -> Option<WasmToolchain> {
    let rust = DebianRust::look(checkout).ok()?;
    let built = standard_library::is_built(&rust.compiler, &rust.destination);
    built.then(|| rust.toolchain(target))
}

/// Installs and builds what is missing and returns the toolchain.
pub fn get(checkout: &Checkout, target: &Path) -> Outcome<WasmToolchain> {
    if !debian::is_here() {
        return Err(Failure::new("this is not a Debian system"));
    }
    debian::install(&PACKAGES, "a compiler that knows the browser")?;
    let llvm =
        program::answer(Command::new(RUSTC).arg("-vV")).and_then(|version| llvm_major(&version));
    if linker(llvm).is_none() {
        let package = llvm.map_or_else(|| "lld".to_owned(), |major| format!("lld-{major}"));
        debian::install(&[&package], "a linker that knows the browser")?;
    }
    let rust = DebianRust::look(checkout)?;
    standard_library::put(checkout, &rust.compiler, &rust.linker, &rust.destination)?;
    Ok(rust.toolchain(target))
}

/// Debian's compiler, and where its library for the browser is or goes.
struct DebianRust {
    compiler: standard_library::Compiler,
    linker: PathBuf,
    /// The folder of the `rustc` and `cargo` to call.
    programs: PathBuf,
    destination: PathBuf,
}

impl DebianRust {
    fn look(checkout: &Checkout) -> Outcome<DebianRust> {
        let version = program::answer(Command::new(RUSTC).arg("-vV"))
            .ok_or_else(|| Failure::new("Debian's compiler does not run"))?;
        if minor_version(&version).is_none_or(|minor| minor < RUST_MINOR_MIN) {
            return Err(Failure::new(format!(
                "Debian's compiler is older than Rust 1.{RUST_MINOR_MIN}"
            )));
        }
        let linker = linker(llvm_major(&version))
            .ok_or_else(|| Failure::new("no linker for the browser was found"))?;
        let compiler = standard_library::Compiler {
            rustc: RUSTC.into(),
            cargo: CARGO.into(),
            version,
        };
        let sysroot = compiler.sysroot()?;
        let of_target = Path::new("lib/rustlib").join(TARGET);
        let beside = sysroot.join(&of_target);
        let (programs, destination) = if standard_library::is_built(&compiler, &beside)
            || overlay::can_write(&sysroot.join("lib/rustlib"))
        {
            (PathBuf::from("/usr/bin"), beside)
        } else {
            let folder = checkout.target.join("wasm-sysroot");
            (
                overlay::lay(&folder, &sysroot, &compiler)?,
                folder.join(of_target),
            )
        };
        Ok(DebianRust {
            compiler,
            linker,
            programs,
            destination,
        })
    }

    fn toolchain(self, target: &Path) -> WasmToolchain {
        let set = vec![
            ("CARGO_TARGET_DIR", target.into()),
            ("CARGO", self.programs.join("cargo").into()),
            ("RUSTC", self.programs.join("rustc").into()),
            ("RUSTDOC", "/usr/bin/rustdoc".into()),
            (LINKER, self.linker.into()),
        ];
        // What rustup and cargo set for their children speaks of the other toolchain.
        let unset = vec!["RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"];
        WasmToolchain {
            cargo: self.programs.join("cargo"),
            programs: Some(self.programs),
            set,
            unset,
        }
    }
}

/// The `96` of `release: 1.96.0`.
fn minor_version(version: &str) -> Option<u32> {
    field(version, "release")?.split('.').nth(1)?.parse().ok()
}

/// The `22` of `LLVM version: 22.1.8`.
fn llvm_major(version: &str) -> Option<u32> {
    field(version, "LLVM version")?
        .split('.')
        .next()?
        .parse()
        .ok()
}

fn field<'a>(version: &'a str, name: &str) -> Option<&'a str> {
    version
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_compilers_own_words() {
        let version = "rustc 1.96.0 (abc 2026-05-25) (built from a source tarball)\nbinary: rustc\n\
                       host: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.8\n";
        assert_eq!(minor_version(version), Some(96));
        assert_eq!(llvm_major(version), Some(22));
        assert_eq!(minor_version("release: 1.97.0-beta.2"), Some(97));
        assert_eq!(minor_version("no compiler's words"), None);
    }
}
