//! Budgets: how much a page may make a browser load. The limits stand in
//! tests/budgets.toml; going over one fails `test`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::anatomy::{Anatomy, Names};
use crate::bundle::{self, Audience};
use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::weight::{self, kilobytes};

/// All limits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budgets {
    /// Of the pages that have some, by their path in the site.
    page: BTreeMap<String, Budget>,
    /// Of the systems whose code is in the module, by their name.
    system: BTreeMap<String, SystemBudget>,
    /// Of the assets that no page loads by itself, by their name before the hash.
    asset: BTreeMap<String, AssetBudget>,
}

/// The limits of one page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// All that the page loads but wasm: itself, styles, scripts, pictures, fonts.
    without_wasm_gzipped_bytes_max: u64,
    /// What is fetched beside that once for the whole course, to play, search and have an exercise
    /// graded: the module, and the script of the worker.
    module_gzipped_bytes_max: u64,
    /// The same, with the language that learners write in.
    with_code_gzipped_bytes_max: u64,
}

/// The limit of one system.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SystemBudget {
    /// The functions in the module that bear its name, compressed by themselves.
    gzipped_bytes_max: u64,
}

/// The limit of one asset that is loaded when somebody asks for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssetBudget {
    gzipped_bytes_max: u64,
}

/// Prints every page's weight beside its limit; fails if one is over.
pub fn check(checkout: &Checkout, site: &Path) -> Outcome {
    let path = checkout.root.join("tests/budgets.toml");
    let text = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
    let budgets: Budgets = toml::from_str(&text)
        .map_err(|error| Failure::new(format!("tests/budgets.toml is damaged: {error}")))?;
    let mut over = 0;
    let mut loaded_by_pages = BTreeSet::new();
    for (name, budget) in &budgets.page {
        let page = site.join(name).join("index.html");
        if !page.is_file() {
            println!("{name}: the site has no such page");
            over += 1;
            continue;
        }
        let loaded = weight::loaded_by(site, &page)?;
        loaded_by_pages.extend(loaded.iter().cloned());
        let (wasm, rest): (Vec<PathBuf>, Vec<PathBuf>) = loaded
            .into_iter()
            .partition(|path| weight::part(path) == "wasm");
        let mut later = weight::loaded_later_by(site, &page)?;
        let mut beside = |what: &str| -> Vec<PathBuf> {
            let files = later.remove(what).unwrap_or_else(|| {
                println!("{name}: the page has no `data-later-{what}`");
                over += 1;
                BTreeSet::new()
            });
            files
                .into_iter()
                .filter(|file| !rest.contains(file))
                .collect()
        };
        let mut module = wasm;
        module.extend(beside("worker"));
        let mut with_code = module.clone();
        with_code.extend(beside("language"));
        for (what, files) in &later {
            let has_limit = |file: &PathBuf| {
                let limit = asset_name(file).and_then(|name| budgets.asset.get(&name));
                limit.is_some()
            };
            if files.is_empty() || !files.iter().all(has_limit) {
                println!("{name}: nothing limits what `data-later-{what}` loads");
                over += 1;
            }
        }
        let weighed = [
            (
                "without the module",
                rest,
                budget.without_wasm_gzipped_bytes_max,
            ),
            (
                "to play, search and grade",
                module,
                budget.module_gzipped_bytes_max,
            ),
            (
                "the same with code",
                with_code,
                budget.with_code_gzipped_bytes_max,
            ),
        ];
        for (what, files, limit) in weighed {
            let bytes = weight::of_files(&files)?.gzipped_bytes;
            let verdict = verdict(bytes, limit);
            over += usize::from(bytes > limit);
            println!(
                "{name} {what}: {} gzipped of {} allowed, {verdict}",
                kilobytes(bytes),
                kilobytes(limit)
            );
            for file in &files {
                let weight = weight::of_file(file)?;
                let told = file.strip_prefix(site).unwrap_or(file).display();
                println!("    {:>10}  {told}", kilobytes(weight.gzipped_bytes));
            }
        }
    }
    for (name, budget) in &budgets.asset {
        let Some(file) = asset(site, name) else {
            println!("{name}: the site has no such asset");
            over += 1;
            continue;
        };
        if loaded_by_pages.contains(&file) {
            println!("{name}: a page loads it, and it is to be loaded when somebody asks for it");
            over += 1;
        }
        let bytes = weight::of_file(&file)?.gzipped_bytes;
        let limit = budget.gzipped_bytes_max;
        over += usize::from(bytes > limit);
        println!(
            "{name} by itself: {} gzipped of {} allowed, {}",
            kilobytes(bytes),
            kilobytes(limit),
            verdict(bytes, limit)
        );
    }
    for (name, share) in &anatomy(checkout)?.systems {
        let bytes = share.gzipped_bytes();
        let Some(budget) = budgets.system.get(name) else {
            let told = kilobytes(bytes);
            println!("{name}: {told} gzipped of the module, and tests/budgets.toml has no limit");
            over += 1;
            continue;
        };
        let limit = budget.gzipped_bytes_max;
        over += usize::from(bytes > limit);
        println!(
            "{name} in the module: {} gzipped of {} allowed, {}",
            kilobytes(bytes),
            kilobytes(limit),
            verdict(bytes, limit)
        );
    }
    println!(
        "budgets: {} pages, {} systems, {} assets, {over} over",
        budgets.page.len(),
        budgets.system.len(),
        budgets.asset.len()
    );
    match over {
        0 => Ok(()),
        _ => Err(Failure::new(
            "a page, system or asset is over its budget in tests/budgets.toml; make it load less",
        )),
    }
}

/// What the published module is made of.
pub fn anatomy(checkout: &Checkout) -> Outcome<Anatomy> {
    let named = bundle::with_names(checkout, Audience::Public);
    let module = fs::read(&named).map_err(|error| Failure::file("read", &named, &error))?;
    Anatomy::of(&module, &Names::of(checkout))
}

/// The file of the asset `editor.js`, which is called `editor-0123456789ab.js`.
fn asset(site: &Path, name: &str) -> Option<PathBuf> {
    weight::files(&site.join("assets"))
        .into_iter()
        .find(|path| asset_name(path).as_deref() == Some(name))
}

/// The name of an asset without its hash.
fn asset_name(path: &Path) -> Option<String> {
    without_hash(&path.file_name()?.to_string_lossy())
}

/// `editor-0123456789ab.js` becomes `editor.js`; nothing of a name without a hash.
fn without_hash(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let (stem, hash) = stem.rsplit_once('-')?;
    let is_hash = !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| format!("{stem}.{extension}"))
}

fn verdict(bytes: u64, limit: u64) -> String {
    if bytes > limit {
        format!("OVER by {}", kilobytes(bytes - limit))
    } else {
        format!("{} left", kilobytes(limit - bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_within_the_budget() {
        let check = |bytes, limit, said: &str| assert_eq!(verdict(bytes, limit), said);
        check(60_000, 60_000, "0.0 KB left");
        check(40_000, 60_000, "20.0 KB left");
        check(61_500, 60_000, "OVER by 1.5 KB");
    }

    #[test]
    fn the_committed_budgets_can_be_read() {
        let text = fs::read_to_string(Checkout::find().root.join("tests/budgets.toml")).unwrap();
        let budgets: Budgets = toml::from_str(&text).unwrap();
        assert!(!budgets.page.is_empty());
        assert!(budgets.asset.contains_key("editor.js"));
    }

    #[test]
    fn the_kept_bundles_are_within_their_budgets() {
        let root = Checkout::find().root;
        let text = fs::read_to_string(root.join("tests/budgets.toml")).unwrap();
        let budgets: Budgets = toml::from_str(&text).unwrap();
        for name in ["editor", "finder", "review"] {
            let bundle = root.join(format!("web/{name}/{name}.bundle.js"));
            let bytes = weight::of_file(&bundle).unwrap().gzipped_bytes;
            let limit = budgets.asset[&format!("{name}.js")].gzipped_bytes_max;
            assert!(bytes <= limit, "{name}: {bytes} of {limit}");
        }
    }

    #[test]
    fn an_asset_is_known_by_its_name_before_the_hash() {
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(without_hash(name).as_deref(), expected, "{name}");
        };
        check("editor-0123456789ab.js", Some("editor.js"));
        check("web.wasm", None);
        check("my-editor.js", None);
        check("my-editor-0a.js", Some("my-editor.js"));
    }

    #[test]
    fn an_unknown_limit_is_refused() {
        let text = "[asset]\n[system]\n[page.\"a/\"]\nwithout_wasm_gzipped_bytes_max = 1\nmodule_gzipped_bytes_max = 1\nwith_code_gzipped_bytes_max = 1\n";
        assert!(toml::from_str::<Budgets>(text).is_ok());
        assert!(toml::from_str::<Budgets>(&format!("{text}wams = 1\n")).is_err());
    }
}
