//! What the command that runs the stories hands over in the environment.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::{env, process};

/// The built site; where none is named, one sentence says how to get one and the program ends.
pub fn site() -> PathBuf {
    match env::var_os("SITE_DIR").map(PathBuf::from) {
        Some(site) if site.join("index.html").is_file() => site,
        Some(site) => refuse(&format!("{} holds no site", site.display())),
        None => refuse("there is no site to visit"),
    }
}

/// Ends the program, and not this story alone: all the others would say the same.
fn refuse(reason: &str) -> ! {
    static ONCE: Mutex<()> = Mutex::new(());
    let _only_one = ONCE.lock();
    // Past the runner, which keeps what a story prints until its end.
    let _ = writeln!(
        io::stderr(),
        "{reason}: run `cargo xtask test --only stories`, which builds it first"
    );
    process::exit(1)
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
