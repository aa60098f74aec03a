//! A Rust toolchain that compiles for the browser: `wasm32-unknown-unknown`.
//!
//! Tried in this order, each told in a line, none ever asked of the reader:
//!
//! 1. the toolchain in use has the target already;
//! 2. rustup adds the target, where there is a rustup and a network;
//! 3. Debian's own compiler and sources, from its package archive; the standard
//!    library is built from those sources. A rustup setup is left as it is;
//! 4. one sentence that says what to do.

mod debian_rust;
mod overlay;
mod standard_library;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::program;
use crate::step::Step;

/// The target of everything that runs in the page.
pub const TARGET: &str = "wasm32-unknown-unknown";

const LINKER: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";

/// A cargo that can build for the browser, and the environment it needs.
#[derive(Clone, Debug)]
pub struct WasmToolchain {
    cargo: PathBuf,
    /// Folder to put first on the search path, so that `cargo` and `rustc` mean these.
    programs: Option<PathBuf>,
    set: Vec<(&'static str, OsString)>,
    unset: Vec<&'static str>,
}

impl WasmToolchain {
    /// Finds a toolchain, or gets one.
    pub fn get(checkout: &Checkout) -> Outcome<WasmToolchain> {
        let target = checkout.target.join("wasm");
        if let Some(active) = WasmToolchain::active(checkout, &target) {
            return Ok(active);
        }
        // Got by an earlier run, for want of a network: asking for one again would take its time.
        if let Some(debian) = debian_rust::installed(checkout, &target) {
            return Ok(debian);
        }
        let added = add_target_with_rustup(checkout);
        if let Some(active) = WasmToolchain::active(checkout, &target) {
            return Ok(active);
        }
        debian_rust::get(checkout, &target).map_err(|reason| match added {
            Some(rustup) => Failure::new(format!(
                "there is no compiler for the browser yet ({rustup}; {reason}): \
                 run `rustup target add {TARGET}` once where there is a network, then run this again"
            )),
            None => Failure::new(format!(
                "there is no compiler for the browser yet ({reason}): \
                 install Rust with rustup from https://rustup.rs, run `rustup target add {TARGET}`, then run this again"
            )),
        })
    }

    /// The toolchain that runs us, if it has the target.
    fn active(checkout: &Checkout, target: &Path) -> Option<WasmToolchain> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut question = Command::new(rustc);
        question
            .args(["--print", "target-libdir", "--target", TARGET])
            .current_dir(&checkout.root);
        let libraries = PathBuf::from(program::answer(&mut question)?);
        standard_library::is_complete(&libraries).then(|| WasmToolchain {
            cargo: program::cargo().get_program().into(),
            programs: None,
            set: vec![("CARGO_TARGET_DIR", target.into())],
            unset: Vec::new(),
        })
    }

    /// Its cargo, in the checkout, with an output folder of its own so that it
    /// never waits for the host's builds, nor throws them away.
    pub fn cargo(&self, checkout: &Checkout) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(&checkout.root);
        for (name, value) in &self.set {
            command.env(name, value);
        }
        for name in &self.unset {
            command.env_remove(name);
        }
        if let Some(folder) = &self.programs {
            command.env("PATH", first_on_path(folder));
        }
        command
    }

    /// Where its cargo puts the outcome of `profile`.
    pub fn output(&self, checkout: &Checkout, profile: &str) -> PathBuf {
        checkout.target.join("wasm").join(TARGET).join(profile)
    }

    /// The same environment for a shell: lines to `eval`.
    pub fn shell_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(folder) = &self.programs {
            lines.push(format!(
                "export PATH={}:\"$PATH\"",
                quoted(&folder.to_string_lossy())
            ));
        }
        for (name, value) in &self.set {
            lines.push(format!(
                "export {name}={}",
                quoted(&value.to_string_lossy())
            ));
        }
        for name in &self.unset {
            lines.push(format!("unset {name}"));
        }
        lines
    }
}

/// Asks rustup for the target. Some words about why not, if there is a rustup and it could not.
fn add_target_with_rustup(checkout: &Checkout) -> Option<String> {
    // Set by rustup's own proxies: only then does the toolchain in use belong to it.
    let toolchain = env::var("RUSTUP_TOOLCHAIN").ok()?;
    program::find("rustup")?;
    let step = Step::begin(
        "adding the compiler's browser target with rustup (the page's code runs in the browser)",
    );
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET, "--toolchain", &toolchain]);
    command.current_dir(&checkout.root);
    command
        .env("RUSTUP_MAX_RETRIES", "1")
        .env("RUSTUP_DOWNLOAD_TIMEOUT", "20");
    let captured = program::capture(&mut command, Duration::from_secs(240), |line| {
        step.note(line)
    })
    .ok()?;
    if captured.success() {
        step.done("");
        return None;
    }
    let reason = "rustup could not download the target";
    step.given_up(reason);
    Some(reason.to_owned())
}

/// The linker for the browser: the one beside the toolchain in use, or LLVM's own.
fn linker(llvm_major: Option<u32>) -> Option<PathBuf> {
    let mut sysroots: Vec<PathBuf> = Vec::new();
    for rustc in ["rustc", "/usr/bin/rustc"] {
        sysroots.extend(
            program::answer(Command::new(rustc).args(["--print", "sysroot"])).map(PathBuf::from),
        );
    }
    let beside = sysroots.iter().flat_map(|sysroot| {
        let hosts = sysroot
            .join("lib/rustlib")
            .read_dir()
            .into_iter()
            .flatten()
            .flatten();
        hosts
            .map(|host| host.path().join("bin/rust-lld"))
            .collect::<Vec<_>>()
    });
    let of_llvm =
        llvm_major.map(|major| PathBuf::from(format!("/usr/lib/llvm-{major}/bin/wasm-ld")));
    beside.chain(of_llvm).find(|path| path.is_file())
}

fn first_on_path(folder: &Path) -> OsString {
    let rest = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(env::split_paths(&rest));
    env::join_paths(folders).unwrap_or(rest)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_told_as_lines_a_shell_can_eval() {
        let toolchain = WasmToolchain {
            cargo: "/usr/bin/cargo".into(),
            programs: Some("/a folder/bin".into()),
            set: vec![("RUSTC", "/it's/rustc".into())],
            unset: vec!["RUSTUP_TOOLCHAIN"],
        };
        let expected = [
            "export PATH='/a folder/bin':\"$PATH\"",
            r"export RUSTC='/it'\''s/rustc'",
            "unset RUSTUP_TOOLCHAIN",
        ];
        assert_eq!(toolchain.shell_lines(), expected);
    }
}
