//! The bundle: the code that runs in the page and beside it, as a browser takes it.
//!
//! A folder for each wasm module, with the glue that loads it. Compiled from its
//! package, bound by wasm-bindgen as a library (so that its version is the lock
//! file's, and nothing is installed), shrunk by wasm-opt where Node is there. A
//! module that did not change is kept.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use wasm_bindgen_cli_support::Bindgen;

use crate::anatomy;
use crate::checkout::Checkout;
use crate::draft::Draft;
use crate::failure::{Failure, Outcome};
use crate::imports;
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
    /// Where the bundle lies, below cargo's output folder.
    pub fn folder(self, checkout: &Checkout) -> PathBuf {
        checkout.target.join(match self {
            Audience::Author => "serve/bundle",
            Audience::Public => "site/bundle",
        })
    }
}

/// A wasm module of the bundle.
#[derive(Clone, Copy, Debug)]
struct Module {
    /// Its program, and its folder in the bundle.
    name: &'static str,
    /// The package that has the program.
    package: &'static str,
    /// The features it is compiled with.
    features: &'static str,
    /// What is said while it is compiled.
    what: &'static str,
    /// What wasm-opt should aim at.
    aim: &'static str,
}

/// The one module of pages and of the workers beside them.
const WEB: Module = Module {
    name: "web",
    package: "web",
    features: "hydrate",
    what: "the page's code",
    aim: "-Os",
};

/// The language that learners write in, fetched when code is checked.
const LANGUAGE: Module = Module {
    name: "language",
    package: "handler",
    features: "",
    what: "the language of learners' code",
    aim: "-Os",
};

impl Audience {
    /// Cargo's profile.
    fn profile(self) -> &'static str {
        match self {
            Audience::Author => "wasm-dev",
            Audience::Public => "wasm-release",
        }
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

/// Functions of one name stand side by side, such as one function for many types: gzip looks back 32 KB, and
/// finds what is alike in them. Measured: 1_014 KB in place of 1_058 for the same module.
const ORDER: &str = "--reorder-functions-by-name";

const STAMP: &str = "made-from";

/// A module with the names of its functions, in its folder of the bundle.
const NAMED: &str = "named.wasm";

/// Builds the bundle and returns its folder.
pub fn build(
    checkout: &Checkout,
    toolchain: &WasmToolchain,
    audience: Audience,
) -> Outcome<PathBuf> {
    build_some(checkout, toolchain, audience, &[WEB, LANGUAGE])?;
    Ok(audience.folder(checkout))
}

/// Builds an author's bundle without the language, which is needed last, and returns its folder.
pub fn build_without_language(checkout: &Checkout, toolchain: &WasmToolchain) -> Outcome<PathBuf> {
    build_some(checkout, toolchain, Audience::Author, &[WEB])?;
    Ok(Audience::Author.folder(checkout))
}

/// Builds the language for an author; says whether it is another one now.
pub fn build_language(checkout: &Checkout, toolchain: &WasmToolchain) -> Outcome<bool> {
    let audience = Audience::Author;
    let stamp = audience.folder(checkout).join(LANGUAGE.name).join(STAMP);
    let before = fs::read(&stamp).ok();
    build_some(checkout, toolchain, audience, &[LANGUAGE])?;
    Ok(fs::read(&stamp).ok() != before)
}

/// One module is compiled after the other, as they share what is compiled; each is linked and shrunk
/// on one core, and so beside the next.
fn build_some(
    checkout: &Checkout,
    toolchain: &WasmToolchain,
    audience: Audience,
    modules: &[Module],
) -> Outcome {
    let shrinker = match audience {
        Audience::Author => None,
        Audience::Public => shrinker(checkout)?,
    };
    let shrinker = shrinker.as_deref();
    thread::scope(|scope| {
        let mut finishing = Vec::new();
        for module in modules {
            compile(checkout, toolchain, audience, module)?;
            let compiled = toolchain
                .output(checkout, audience.profile())
                .join(format!("{}.wasm", module.name));
            finishing.push(scope.spawn(move || {
                let place = audience.folder(checkout).join(module.name);
                finish(module, &compiled, &place, audience, shrinker)
            }));
        }
        // The scope waits for all of them; the first mistake is told.
        finishing
            .into_iter()
            .try_for_each(|one| one.join().expect("building does not panic"))
    })
}

/// From what the compiler wrote to what a browser takes, in a folder of its own.
fn finish(
    module: &Module,
    compiled: &Path,
    place: &Path,
    audience: Audience,
    shrinker: Option<&Path>,
) -> Outcome {
    let bytes = fs::read(compiled).map_err(|error| Failure::file("read", compiled, &error))?;
    let stamp = stamp(&bytes, shrinker.map(|_| module.aim));
    if fs::read_to_string(place.join(STAMP)).is_ok_and(|present| present == stamp) {
        return Ok(());
    }
    let draft = Draft::begin(place)?;
    bind(module, compiled, draft.path(), audience)?;
    if let Some(shrinker) = shrinker {
        let bound = draft.path().join(format!("{}_bg.wasm", module.name));
        shrink(module, shrinker, &bound)?;
    }
    if audience == Audience::Public {
        shorten_imports(module, draft.path())?;
        take_names_out(module, draft.path())?;
    }
    let stamp_file = draft.path().join(STAMP);
    fs::write(&stamp_file, stamp).map_err(|error| Failure::file("write", &stamp_file, &error))?;
    draft.put_in_place()
}

fn compile(
    checkout: &Checkout,
    toolchain: &WasmToolchain,
    audience: Audience,
    module: &Module,
) -> Outcome {
    let step = Step::begin(format!("compiling {} for the browser", module.what));
    let mut command = toolchain.cargo(checkout);
    command.args(["build", "--package", module.package, "--bin", module.name]);
    command.args(["--target", TARGET, "--no-default-features"]);
    command.args(["--features", module.features]);
    command.args(["--profile", audience.profile()]);
    program::run_cargo_under(step, &mut command, Warnings::OfOurs)
}

fn bind(module: &Module, compiled: &Path, folder: &Path, audience: Audience) -> Outcome {
    let step = Step::begin(format!("binding {} with wasm-bindgen", module.what));
    let mut bindgen = Bindgen::new();
    let bound = bindgen
        .input_path(compiled)
        .out_name(module.name)
        .typescript(false)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                // Without the path in it, the glue's `init()` finds no module.
                .omit_default_module_path(false)
                // Names make an author's stack traces readable, and say what a module is made of.
                .remove_name_section(false)
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

/// Gives what the module imports short names.
fn shorten_imports(module: &Module, folder: &Path) -> Outcome {
    let wasm = folder.join(format!("{}_bg.wasm", module.name));
    let script = folder.join(format!("{}.js", module.name));
    let bytes = fs::read(&wasm).map_err(|error| Failure::file("read", &wasm, &error))?;
    let text =
        fs::read_to_string(&script).map_err(|error| Failure::file("read", &script, &error))?;
    let (bytes, text) = imports::shortened(&bytes, &text)?;
    fs::write(&wasm, bytes).map_err(|error| Failure::file("write", &wasm, &error))?;
    fs::write(&script, text).map_err(|error| Failure::file("write", &script, &error))
}

/// The module of a bundle as it would be with names: for [`crate::anatomy`], and not published.
pub fn with_names(checkout: &Checkout, audience: Audience) -> PathBuf {
    audience.folder(checkout).join(WEB.name).join(NAMED)
}

/// Publishes a third less: a module without names. The one with names lies beside it.
fn take_names_out(module: &Module, folder: &Path) -> Outcome {
    let published = folder.join(format!("{}_bg.wasm", module.name));
    let named = folder.join(NAMED);
    fs::rename(&published, &named).map_err(|error| Failure::file("move", &published, &error))?;
    let bytes = fs::read(&named).map_err(|error| Failure::file("read", &named, &error))?;
    let bytes = anatomy::without_names(&bytes)?;
    fs::write(&published, bytes).map_err(|error| Failure::file("write", &published, &error))
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

fn shrink(module: &Module, shrinker: &Path, bound: &Path) -> Outcome {
    let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let before = size(bound);
    let step = Step::begin(format!("shrinking {} with wasm-opt", module.what));
    let mut command = Command::new(shrinker);
    command
        .args(WASM_FEATURES)
        .args([module.aim, ORDER, "--debuginfo", "--strip-producers"])
        .arg(bound)
        .arg("--output")
        .arg(bound);
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
        size(bound) / 1000,
        before / 1000
    ));
    Ok(())
}

/// Tells one module, treated one way, from every other.
fn stamp(module: &[u8], aim: Option<&str>) -> String {
    let mut hasher = DefaultHasher::new();
    let way = (aim, ORDER, WASM_FEATURES, NAMED, "short imports");
    (module, way, env!("CARGO_PKG_VERSION")).hash(&mut hasher);
    format!("{:016x}\n", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_kept_only_for_the_same_module_treated_the_same_way() {
        let small = Some("-Os");
        assert_eq!(stamp(b"module", small), stamp(b"module", small));
        assert_ne!(stamp(b"module", small), stamp(b"module", None));
        assert_ne!(stamp(b"module", small), stamp(b"other", small));
    }
}
