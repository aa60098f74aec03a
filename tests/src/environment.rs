//! What the command that runs the stories hands over in the environment.

use std::env;
use std::path::PathBuf;

/// The built site.
///
/// # Panics
/// Where none is named: building it is not the stories' business.
pub fn site() -> PathBuf {
    let Some(site) = env::var_os("SITE_DIR") else {
        panic!(
            "there is no site to visit: run `cargo xtask test`, which builds one and names it in SITE_DIR"
        );
    };
    let site = PathBuf::from(site);
    assert!(
        site.join("index.html").is_file(),
        "{} holds no site: run `cargo xtask test`, which builds one",
        site.display()
    );
    site
}

/// The program that speaks WebDriver.
pub fn driver() -> PathBuf {
    env::var_os("CHROMEDRIVER").map_or_else(|| "chromedriver".into(), PathBuf::from)
}

/// The browser, where the driver would not find it by itself.
pub fn browser() -> Option<String> {
    env::var("CHROMIUM").ok()
}

/// The script that checks a page for barriers; `cargo xtask test` says where it cannot have it.
pub fn axe() -> Option<PathBuf> {
    env::var_os("AXE_JS").map(PathBuf::from)
}
