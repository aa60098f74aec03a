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
    /// Cargo's profile for authors, and for everybody.
    profiles: (&'static str, &'static str),
    /// What wasm-opt should aim at.
    aim: &'static str,
}

/// All modules: the page's own, which every visit loads, and those that are fetched when needed; the
/// slowest to compile last.
const MODULES: [Module; 4] = [
    Module {
        name: "web",
        package: "web",
        features: "hydrate",
        what: "the page's code",
        profiles: ("wasm-dev", "wasm-release"),
        aim: "-Os",
    },
    Module {
        name: "exercise",
        package: "web",
        features: "hydrate",
        what: "the exercises' code",
        profiles: ("wasm-dev", "wasm-release"),
        aim: "-Os",
    },
    Module {
        name: "explorer",
        package: "worker",
        features: "",
        what: "the search",
        profiles: ("wasm-worker-dev", "wasm-worker-release"),
        aim: "-O3",
    },
    Module {
        name: "code",
        package: "worker",
        features: "code",
        what: "the search with learners' code",
        // The language is large: here, small comes before fast.
        profiles: ("wasm-dev", "wasm-release"),
        aim: "-Os",
    },
];

impl Module {
    fn profile(&self, audience: Audience) -> &'static str {
        match audience {
            Audience::Author => self.profiles.0,
            Audience::Public => self.profiles.1,
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

const STAMP: &str = "made-from";

/// Builds the bundle and returns its folder.
pub fn build(
    checkout: &Checkout,
    toolchain: &WasmToolchain,
    audience: Audience,
) -> Outcome<PathBuf> {
    build_some(checkout, toolchain, audience, &MODULES)?;
    Ok(audience.folder(checkout))
}

/// Builds all of an author's bundle but the module with learners' language, by far the slowest, and
/// returns its folder. Where that one was never built, the search stands in for it: it says that it
/// reads no code.
pub fn build_without_code(checkout: &Checkout, toolchain: &WasmToolchain) -> Outcome<PathBuf> {
    let audience = Audience::Author;
    let (code, others) = MODULES.split_last().expect("there are modules");
    build_some(checkout, toolchain, audience, others)?;
    let folder = audience.folder(checkout);
    let place = folder.join(code.name);
    if !place.exists() {
        let explorer = others.last().expect("there are others");
        let compiled = compiled(checkout, toolchain, audience, explorer);
        finish(code, &compiled, &place, audience, None)?;
    }
    Ok(folder)
}

/// Builds the module with learners' language for an author; says whether it is another one now.
pub fn build_code(checkout: &Checkout, toolchain: &WasmToolchain) -> Outcome<bool> {
    let audience = Audience::Author;
    let code = MODULES.last().expect("there are modules");
    let stamp = audience.folder(checkout).join(code.name).join(STAMP);
    let before = fs::read(&stamp).ok();
    build_some(checkout, toolchain, audience, std::slice::from_ref(code))?;
    Ok(fs::read(&stamp).ok() != before)
}

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
    let finish = |module: &Module| {
        let compiled = compiled(checkout, toolchain, audience, module);
        let place = audience.folder(checkout).join(module.name);
        finish(module, &compiled, &place, audience, shrinker.as_deref())
    };
    // Modules of one profile share what is compiled, and wait for each other. Linking and shrinking use
    // one core, so that two profiles are compiled at once, and each module is finished beside the next.
    let mut profiles: Vec<&str> = modules.iter().map(|one| one.profile(audience)).collect();
    profiles.sort_unstable();
    profiles.dedup();
    let finish = &finish;
    thread::scope(|scope| {
        let chain = move |profile: &str| -> Outcome {
            let own = modules
                .iter()
                .filter(|one| one.profile(audience) == profile);
            let mut finishing = Vec::new();
            for module in own {
                compile(checkout, toolchain, audience, module)?;
                finishing.push(scope.spawn(move || finish(module)));
            }
            finishing.into_iter().try_for_each(joined)
        };
        let chains: Vec<_> = profiles
            .iter()
            .map(|&profile| scope.spawn(move || chain(profile)))
            .collect();
        // The scope waits for all of them; the first mistake is told.
        chains.into_iter().try_for_each(joined)
    })
}

fn joined(thread: thread::ScopedJoinHandle<'_, Outcome>) -> Outcome {
    thread.join().expect("building does not panic")
}

/// Where the compiler writes a module.
fn compiled(
    checkout: &Checkout,
    toolchain: &WasmToolchain,
    audience: Audience,
    module: &Module,
) -> PathBuf {
    toolchain
        .output(checkout, module.profile(audience))
        .join(format!("{}.wasm", module.name))
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
    command.args(["--profile", module.profile(audience)]);
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

fn shrink(module: &Module, shrinker: &Path, bound: &Path) -> Outcome {
    let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let before = size(bound);
    let step = Step::begin(format!("shrinking {} with wasm-opt", module.what));
    let mut command = Command::new(shrinker);
    command
        .args(WASM_FEATURES)
        .args([module.aim, "--strip-debug", "--strip-producers"])
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
    (module, aim, WASM_FEATURES, env!("CARGO_PKG_VERSION")).hash(&mut hasher);
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
