//! The bundle: the page's code as a browser takes it, one wasm module and the
//! glue that loads it.
//!
//! Compiled from package `web`, bound by wasm-bindgen as a library (so that its
//! version is the lock file's, and nothing is installed), shrunk by wasm-opt where
//! Node is there. A bundle whose module did not change is kept.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::checkout::Checkout;
use crate::draft::Draft;
use crate::failure::{Failure, Outcome};
use crate::node;
use crate::program::{self, Warnings};
use crate::step::{Step, say};
use crate::toolchain::{TARGET, WasmToolchain};

/// Who the bundle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Somebody who edits it: soon there.
    Author,
    /// Everybody: small.
    Public,
}

impl Audience {
    fn profile(self) -> &'static str {
        match self {
            Audience::Author => "wasm-dev",
            Audience::Public => "wasm-release",
        }
    }

    /// Where the bundle lies, below cargo's output folder.
    pub fn folder(self, checkout: &Checkout) -> PathBuf {
        checkout.target.join(match self {
            Audience::Author => "serve/bundle",
            Audience::Public => "site/bundle",
        })
    }
}

/// What the compiler may use and every browser of the last two years has.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

const STAMP: &str = "made-from";

/// Builds the bundle and returns its folder.
pub fn build(
    checkout: &Checkout,
    toolchain: &WasmToolchain,
    audience: Audience,
) -> Outcome<PathBuf> {
    compile(checkout, toolchain, audience)?;
    let module = toolchain
        .output(checkout, audience.profile())
        .join("web.wasm");
    let shrinker = match audience {
        Audience::Author => None,
        Audience::Public => shrinker(checkout)?,
    };
    let folder = audience.folder(checkout);
    let bytes = fs::read(&module).map_err(|error| Failure::file("read", &module, &error))?;
    let stamp = stamp(&bytes, shrinker.is_some());
    if fs::read_to_string(folder.join(STAMP)).is_ok_and(|present| present == stamp) {
        return Ok(folder);
    }
    let draft = Draft::begin(&folder)?;
    bind(&module, draft.path(), audience)?;
    if let Some(shrinker) = shrinker {
        shrink(&shrinker, &draft.path().join("web_bg.wasm"))?;
    }
    let stamp_file = draft.path().join(STAMP);
    fs::write(&stamp_file, stamp).map_err(|error| Failure::file("write", &stamp_file, &error))?;
    draft.put_in_place()?;
    Ok(folder)
}

fn compile(checkout: &Checkout, toolchain: &WasmToolchain, audience: Audience) -> Outcome {
    let step = Step::begin("compiling the page's code for the browser");
    let mut command = toolchain.cargo(checkout);
    command.args([
        "build",
        "--package",
        "web",
        "--bin",
        "web",
        "--target",
        TARGET,
    ]);
    command.args([
        "--no-default-features",
        "--features",
        "hydrate",
        "--profile",
        audience.profile(),
    ]);
    program::run_cargo_under(step, &mut command, Warnings::OfOurs)
}

fn bind(module: &Path, folder: &Path, audience: Audience) -> Outcome {
    let step = Step::begin("binding it to the page with wasm-bindgen");
    let mut bindgen = Bindgen::new();
    let bound = bindgen
        .input_path(module)
        .out_name("web")
        .typescript(false)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                // Without the path in it, the glue's `init()` finds no module.
                .omit_default_module_path(false)
                // Names make an author's stack traces readable, and a third of the size.
                .remove_name_section(audience == Audience::Public)
                .remove_producers_section(audience == Audience::Public)
                .generate(folder)
        });
    match bound {
        Ok(()) => step.done(""),
        Err(error) => {
            step.failed();
            return Err(Failure::new(format!(
                "wasm-bindgen refused the module: {error:#}"
            )));
        }
    }
    Ok(())
}

/// The wasm-opt that npm brought, if there is a Node to run it.
fn shrinker(checkout: &Checkout) -> Outcome<Option<PathBuf>> {
    if !node::is_here() {
        say(
            "- not shrinking the module with wasm-opt: Node.js is not here (the page works, and is larger)",
        );
        return Ok(None);
    }
    match node::program(checkout, "wasm-opt") {
        Ok(path) => Ok(Some(path)),
        Err(reason) => {
            say(&format!(
                "- not shrinking the module with wasm-opt: {reason} (the page works, and is larger)"
            ));
            Ok(None)
        }
    }
}

fn shrink(shrinker: &Path, module: &Path) -> Outcome {
    let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let before = size(module);
    let step = Step::begin("shrinking it with wasm-opt");
    let mut command = Command::new(shrinker);
    command
        .args(WASM_FEATURES)
        .args(["-Os", "--strip-debug", "--strip-producers"])
        .arg(module)
        .arg("--output")
        .arg(module);
    let captured = program::capture(&mut command, std::time::Duration::from_secs(900), |line| {
        step.note(line)
    })?;
    if !captured.success() {
        step.failed();
        return Err(Failure::told(
            &captured.text,
            "wasm-opt refused the module; its words stand above",
        ));
    }
    step.done(&format!(
        "{} KB from {} KB",
        size(module) / 1000,
        before / 1000
    ));
    Ok(())
}

/// Tells one module, treated one way, from every other.
fn stamp(module: &[u8], shrunk: bool) -> String {
    let mut hasher = DefaultHasher::new();
    (module, shrunk, WASM_FEATURES, env!("CARGO_PKG_VERSION")).hash(&mut hasher);
    format!("{:016x}\n", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_kept_only_for_the_same_module_treated_the_same_way() {
        assert_eq!(stamp(b"module", true), stamp(b"module", true));
        assert_ne!(stamp(b"module", true), stamp(b"module", false));
        assert_ne!(stamp(b"module", true), stamp(b"other", true));
    }
}
