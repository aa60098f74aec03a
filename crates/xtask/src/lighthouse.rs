//! What Lighthouse says of two pages on a phone. It is a program of Google's that is installed by
//! hand; where it is not found, that is said.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::{Compression, write::GzEncoder};
use serde::Deserialize;

use crate::browser::Browser;
use crate::checkout::Checkout;
use crate::draft::Draft;
use crate::failure::{Failure, Outcome};
use crate::program;
use crate::server::Server;
use crate::step::Step;
use crate::weight;

/// The pages, by their path in the site.
const PAGES: [(&str, &str); 2] = [("home", ""), ("lesson", "lessons/consumer-groups/")];

/// How often each page is measured: the median counts.
const RUNS: usize = 3;

/// What is scored, from 0 to 1, in the order in which it is printed.
const CATEGORIES: [&str; 4] = ["performance", "accessibility", "best-practices", "seo"];

/// What is measured in ms, by the name of its audit.
const AUDITS: [(&str, &str); 3] = [
    ("first-contentful-paint", "first paint"),
    ("largest-contentful-paint", "largest"),
    ("total-blocking-time", "blocked"),
];

/// The part of a report that is read.
#[derive(Debug, Deserialize)]
struct Report {
    categories: BTreeMap<String, Category>,
    audits: BTreeMap<String, Audit>,
}

#[derive(Debug, Deserialize)]
struct Category {
    /// None where an audit of it failed to run.
    score: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Audit {
    #[serde(rename = "numericValue")]
    value: Option<f64>,
}

/// Prints the medians of the site in `site`, which is served as a host does it: gzipped.
pub fn run(checkout: &Checkout, site: &Path) -> Outcome {
    let Some(lighthouse) = program::find("lighthouse") else {
        println!(
            "not measured: Lighthouse is not on the search path (`npm install --global lighthouse` brings it)"
        );
        return Ok(());
    };
    let browser = Browser::get()?;
    let folder = checkout.target.join("lighthouse");
    let copy = Draft::begin(&folder.join("site"))?;
    copy_gzipped(site, copy.path())?;
    copy.put_in_place()?;
    let host = Server::bind(0)?.start(folder.join("site"))?;
    println!("\nLighthouse on a phone: median of {RUNS}; scores of 100, times in ms");
    let names = CATEGORIES.iter().chain(AUDITS.iter().map(|(_, name)| name));
    let head: String = names.map(|name| format!("{name:>16}")).collect();
    println!("{:<8}{head}", "");
    for (name, path) in PAGES {
        let address = format!("{}{path}", host.address());
        let mut reports = Vec::new();
        for nth in 1..=RUNS {
            let step = Step::begin(format!("Lighthouse: {name}, {nth} of {RUNS}"));
            let out = folder.join(format!("{name}-{nth}.json"));
            let mut command = Command::new(&lighthouse);
            command.arg(&address).args(["--quiet", "--output=json"]);
            command.arg(format!("--only-categories={}", CATEGORIES.join(",")));
            command.arg("--output-path").arg(&out);
            command.arg("--chrome-flags=--headless=new --no-sandbox");
            command.env("CHROME_PATH", &browser.chromium);
            program::run_under(
                step,
                &mut command,
                "Lighthouse did not measure the page; its words stand above",
            )?;
            reports.push(read(&out)?);
        }
        println!("{name:<8}{}", row(&reports));
    }
    Ok(())
}

fn read(path: &Path) -> Outcome<Report> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    serde_json::from_str(&text).map_err(|error| {
        let path = path.display();
        Failure::new(format!("{path} is no report of Lighthouse: {error}"))
    })
}

/// The medians of several reports, one column each.
fn row(reports: &[Report]) -> String {
    let scores = CATEGORIES.iter().map(|category| {
        let of = |report: &Report| Some(report.categories.get(*category)?.score? * 100.0);
        median(reports.iter().map(of).collect())
    });
    let times = AUDITS.iter().map(|(audit, _)| {
        let of = |report: &Report| report.audits.get(*audit)?.value;
        median(reports.iter().map(of).collect())
    });
    let cell = |value: Option<f64>| match value {
        Some(value) => format!("{value:>16.0}"),
        None => format!("{:>16}", "none"),
    };
    scores.chain(times).map(cell).collect()
}

/// None if one is missing: a median of fewer would say more than was measured.
fn median(values: Vec<Option<f64>>) -> Option<f64> {
    let mut values = values.into_iter().collect::<Option<Vec<f64>>>()?;
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Copies a site, with a compressed copy beside each file, for a server that sends those.
fn copy_gzipped(site: &Path, copy: &Path) -> Outcome {
    for path in weight::files(site) {
        let to = copy.join(path.strip_prefix(site).unwrap_or(&path));
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(|error| Failure::file("create", folder, &error))?;
        }
        let bytes = fs::read(&path).map_err(|error| Failure::file("read", &path, &error))?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let gzipped = encoder.write_all(&bytes).and_then(|()| encoder.finish());
        let gzipped = gzipped.map_err(|error| Failure::file("compress", &path, &error))?;
        let mut beside = to.clone().into_os_string();
        beside.push(".gz");
        let beside = PathBuf::from(beside);
        for (to, bytes) in [(&to, &bytes), (&beside, &gzipped)] {
            fs::write(to, bytes).map_err(|error| Failure::file("write", to, &error))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(performance: &str, largest: &str) -> Report {
        let text = format!(
            r#"{{"categories": {{"performance": {{"score": {performance}}}, "seo": {{"score": 1}}}},
                "audits": {{"largest-contentful-paint": {{"numericValue": {largest}}}, "other": {{}}}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_row_has_the_median_of_each_column_and_says_what_is_missing() {
        let reports = [
            report("0.91", "1000.4"),
            report("0.5", "3000"),
            report("0.99", "2000"),
        ];
        let row = row(&reports);
        let cells: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(cells, ["91", "none", "none", "100", "none", "2000", "none"]);
        assert_eq!(median(vec![Some(1.0), None, Some(2.0)]), None);
    }

    #[test]
    fn a_copy_has_each_file_and_it_compressed() {
        let root = std::env::temp_dir().join(format!("xtask-lighthouse-{}", std::process::id()));
        let (site, copy) = (root.join("site"), root.join("copy"));
        fs::create_dir_all(site.join("a")).unwrap();
        fs::write(site.join("a/index.html"), "text ".repeat(100)).unwrap();
        copy_gzipped(&site, &copy).unwrap();
        let files: Vec<_> = weight::files(&copy).into_iter().collect();
        let expected = [copy.join("a/index.html"), copy.join("a/index.html.gz")];
        assert_eq!(files, expected);
        let length = |path: &PathBuf| fs::metadata(path).unwrap().len();
        assert!(length(&expected[1]) < length(&expected[0]));
        fs::remove_dir_all(&root).unwrap();
    }
}
