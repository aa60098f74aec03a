//! Headless Chromium and the driver that speaks WebDriver to it.

use std::env;
use std::path::PathBuf;

use crate::debian;
use crate::failure::{Failure, Outcome};
use crate::program;

/// A browser and its driver.
#[derive(Clone, Debug)]
pub struct Browser {
    pub chromium: PathBuf,
    pub driver: PathBuf,
}

const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

impl Browser {
    /// Finds a browser and its driver, or installs Debian's.
    pub fn get() -> Outcome<Browser> {
        if let Some(browser) = Browser::find() {
            return Ok(browser);
        }
        const BY_HAND: &str = "install Chromium (or Chrome) and the chromedriver of the same version, \
                               or name them in CHROMIUM and CHROMEDRIVER, and run again";
        if !debian::is_here() {
            return Err(Failure::new(format!(
                "no headless browser was found: {BY_HAND}"
            )));
        }
        // Without a font of the usual kinds, Debian's Chromium draws boxes.
        debian::install(
            &["chromium", "chromium-driver", "fonts-liberation"],
            "a headless browser for the tests",
        )
        .map_err(|reason| {
            Failure::new(format!(
                "no headless browser was found ({reason}): {BY_HAND}"
            ))
        })?;
        Browser::find()
            .ok_or_else(|| Failure::new(format!("no headless browser was found: {BY_HAND}")))
    }

    fn find() -> Option<Browser> {
        let named = |variable: &str| {
            env::var_os(variable)
                .map(PathBuf::from)
                .filter(|path| path.is_file())
        };
        let chromium =
            named("CHROMIUM").or_else(|| NAMES.iter().find_map(|name| program::find(name)))?;
        let driver = named("CHROMEDRIVER").or_else(|| program::find("chromedriver"))?;
        Some(Browser { chromium, driver })
    }
}
