//! What people do at the built site, one story each; each module is a part of the page.
//!
//! Run by `cargo xtask test --only stories`, which builds the site and finds the browser.

mod ahead;
mod barriers;
mod branches;
mod break_it;
mod crashes;
mod exercises;
mod finder;
mod glossary;
mod home;
mod hosts;
mod keyboard;
mod lessons;
mod links;
mod newcomer;
mod play;
mod primer;
mod progress;
mod quiz;
mod readable;
mod review;
mod scripts_off;
mod settings;
mod storage;
mod tasks;
mod terminal;
mod verdicts;
mod width;
