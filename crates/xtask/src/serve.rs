//! `cargo xtask serve`: the site on this machine, rebuilt and reloaded on change.
//!
//! The address is printed once the page can be opened. What checks learners' code takes
//! longest to compile and is needed last: it follows when the page is there. A rebuild that
//! fails shows its errors and the last good site stays.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::bundle::{self, Audience};
use crate::checkout::Checkout;
use crate::failure::Outcome;
use crate::server::Server;
use crate::site::{self, Builder};
use crate::step::{duration, say};
use crate::toolchain::WasmToolchain;
use crate::watch::{Change, Watch};

/// Builds, serves on `port` of the loopback address, and watches; ends only with a failure.
pub fn serve(checkout: &Checkout, port: u16) -> Outcome {
    let folder = checkout.target.join("serve/site");
    // Before the long steps: a port in use is told at once, and an edit during them is not missed.
    let server = Server::bind(port)?;
    let watch = Watch::begin(checkout)?;
    let toolchain = WasmToolchain::get(checkout)?;
    let mut workshop = Workshop {
        checkout,
        toolchain,
        folder,
        due: Some(Change::Page),
        behind: false,
    };

    while !workshop.rebuild() {
        say("waiting for a change that mends it");
        workshop.note(watch.next()?);
    }
    let browsers = server.start(workshop.folder.clone())?;
    say(&format!(
        "\n  open {}   (Ctrl-C ends; edits to lessons, web and crates reload the page)\n",
        browsers.address()
    ));
    loop {
        if workshop.follow_up() {
            browsers.reload();
            say("reloaded: code can be checked");
        }
        let change = watch.next()?;
        let began = Instant::now();
        workshop.note(change);
        if workshop.rebuild() {
            browsers.reload();
            say(&format!("reloaded after {}", duration(began.elapsed())));
        } else {
            say("the page stays as it was");
        }
    }
}

/// The site in the making, and what of it is out of date.
struct Workshop<'a> {
    checkout: &'a Checkout,
    toolchain: WasmToolchain,
    folder: PathBuf,
    due: Option<Change>,
    /// Whether what checks learners' code may be older than the page.
    behind: bool,
}

impl Workshop<'_> {
    /// A failed rebuild stays due, so that a later edit elsewhere does not hide it.
    fn note(&mut self, change: Change) {
        self.due = self.due.max(Some(change));
    }

    /// Rebuilds what is due; tells the failure itself and returns false.
    fn rebuild(&mut self) -> bool {
        match self.try_rebuild() {
            Ok(()) => {
                self.behind |= self.due == Some(Change::Page);
                self.due = None;
                true
            }
            Err(failure) => {
                failure.say("error");
                false
            }
        }
    }

    /// Compiles what checks learners' code, when it may be out of date; says whether the site is
    /// another one now. A failure is told, and tried again after the next change.
    fn follow_up(&mut self) -> bool {
        if !self.behind {
            return false;
        }
        let written = bundle::build_language(self.checkout, &self.toolchain).and_then(|new| {
            if new {
                self.write(&Audience::Author.folder(self.checkout))?;
            }
            Ok(new)
        });
        match written {
            Ok(new) => {
                self.behind = false;
                new
            }
            Err(failure) => {
                failure.say("error");
                false
            }
        }
    }

    fn write(&self, bundle: &Path) -> Outcome {
        site::write(self.checkout, bundle, &self.folder, Audience::Author)
    }

    fn try_rebuild(&self) -> Outcome {
        let checkout = self.checkout;
        match self.due {
            None => Ok(()),
            Some(Change::Lesson) => self.write(&Audience::Author.folder(checkout)),
            Some(Change::Builder) => {
                site::compile_builder(checkout, Builder::Alone)?;
                self.write(&Audience::Author.folder(checkout))
            }
            Some(Change::Page) => {
                site::check_edges(checkout)?;
                let bundle = || bundle::build_without_language(checkout, &self.toolchain);
                self.write(&site::with_builder(checkout, Builder::Alone, bundle)?)
            }
        }
    }
}
