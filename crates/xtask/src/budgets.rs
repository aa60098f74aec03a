//! Budgets: how much a page may make a browser load. The limits stand in
//! tests/budgets.toml; going over one fails `test`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::weight::{self, kilobytes};

/// The limits of all pages that have some, by their path in the site.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budgets {
    page: BTreeMap<String, Budget>,
}

/// The limits of one page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// All that the page loads but wasm: itself, styles, scripts, pictures, fonts.
    without_wasm_gzipped_bytes_max: u64,
    /// The wasm that the page loads.
    wasm_gzipped_bytes_max: u64,
    /// What it loads only when somebody asks for it, by name: wasm and scripts together.
    #[serde(default)]
    later_gzipped_bytes_max: BTreeMap<String, u64>,
}

/// Prints every page's weight beside its limit; fails if one is over.
pub fn check(checkout: &Checkout, site: &Path) -> Outcome {
    let path = checkout.root.join("tests/budgets.toml");
    let text = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
    let budgets: Budgets = toml::from_str(&text)
        .map_err(|error| Failure::new(format!("tests/budgets.toml is damaged: {error}")))?;
    let mut over = 0;
    for (name, budget) in &budgets.page {
        let page = site.join(name).join("index.html");
        if !page.is_file() {
            println!("{name}: the site has no such page");
            over += 1;
            continue;
        }
        let loaded = weight::loaded_by(site, &page)?;
        let (wasm, rest): (Vec<PathBuf>, Vec<PathBuf>) = loaded
            .into_iter()
            .partition(|path| weight::part(path) == "wasm");
        let mut weighed = vec![
            (
                "without wasm".to_owned(),
                rest,
                budget.without_wasm_gzipped_bytes_max,
            ),
            ("wasm".to_owned(), wasm, budget.wasm_gzipped_bytes_max),
        ];
        let later = weight::loaded_later_by(site, &page)?;
        for (what, files) in &later {
            // What nobody gave a limit may weigh nothing.
            let limit = budget.later_gzipped_bytes_max.get(what).copied();
            let files = files.iter().cloned().collect();
            weighed.push((format!("later, {what}"), files, limit.unwrap_or(0)));
        }
        for what in budget.later_gzipped_bytes_max.keys() {
            if !later.contains_key(what) {
                println!("{name}: the page has no `data-later-{what}`");
                over += 1;
            }
        }
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
    println!("budgets: {} pages, {over} over", budgets.page.len());
    match over {
        0 => Ok(()),
        _ => Err(Failure::new(
            "a page is over its budget in tests/budgets.toml; make it load less",
        )),
    }
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
    }

    #[test]
    fn an_unknown_limit_is_refused() {
        let text = "[page.\"a/\"]\nwithout_wasm_gzipped_bytes_max = 1\nwasm_gzipped_bytes_max = 1\nwams = 1\n";
        assert!(toml::from_str::<Budgets>(text).is_err());
    }
}
