//! `cargo xtask serve`: the site on this machine, rebuilt and reloaded on change.
//!
//! The address is printed once the page can be opened. A rebuild that fails shows
//! its errors and the last good site stays.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::bundle::Audience;
use crate::checkout::Checkout;
use crate::failure::Outcome;
use crate::server::Server;
use crate::site;
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
                self.due = None;
                true
            }
            Err(failure) => {
                failure.say("error");
                false
            }
        }
    }

    fn try_rebuild(&self) -> Outcome {
        let checkout = self.checkout;
        let audience = Audience::Author;
        let write = |bundle: &Path| site::write(checkout, bundle, &self.folder, audience);
        match self.due {
            None => Ok(()),
            Some(Change::Lesson) => write(&audience.folder(checkout)),
            Some(Change::Builder) => {
                site::compile_builder(checkout)?;
                write(&audience.folder(checkout))
            }
            Some(Change::Page) => {
                site::check_edges(checkout)?;
                write(&site::bundle_and_builder(
                    checkout,
                    &self.toolchain,
                    audience,
                )?)
            }
        }
    }
}
