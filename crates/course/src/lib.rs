//! What the course is made of, and how its authors' files are read.
//!
//! A lesson is prose, scenes, quizzes and tasks. Everything here is a function from value to
//! value: text in, a lesson or *all* of its mistakes out. Numbers in prose and the keys of
//! predict questions are computed by running the scenes, never trusted.
//!
//! Two parties use this crate, and they need different halves of it:
//! - **The page** gets values that were read and checked before. It needs [`query`] and
//!   [`task`], to see when a task is done; [`quiz`] and [`exercise`], to grade; [`progress`], to
//!   remember;
//!   [`link`], to name a place in a run; [`found`], to say what a search found;
//!   [`search`], to talk with its worker.
//! - **Authors and the site builder** read files, with feature `host`: `course`, `lesson`,
//!   `scene`, `plan`, `primer`, `schema` and `diagnostic`, and the rooms they share: `source`, `document`, `shape`.
//!
//! # What is deliberately absent
//! No browser, no Yew, no clock. Without `host` also no files, no Markdown, no schema.

pub mod budget;
#[cfg(feature = "host")]
pub mod comparison;
#[cfg(feature = "host")]
pub mod course;
#[cfg(feature = "host")]
pub mod diagnostic;
#[cfg(feature = "host")]
pub mod document;
pub mod exercise;
#[cfg(feature = "host")]
pub mod expected;
pub mod found;
#[cfg(feature = "host")]
pub mod glossary;
#[cfg(feature = "host")]
mod lengths;
#[cfg(feature = "host")]
pub mod lesson;
pub mod link;
#[cfg(feature = "host")]
pub mod plan;
#[cfg(feature = "host")]
pub mod primer;
pub mod progress;
pub mod query;
pub mod quiz;
#[cfg(feature = "host")]
mod reading;
#[cfg(feature = "host")]
pub mod scene;
#[cfg(feature = "host")]
pub mod schema;
pub mod search;
#[cfg(feature = "host")]
pub mod shape;
#[cfg(feature = "host")]
pub mod source;
pub mod task;
pub mod witness;

#[cfg(feature = "host")]
pub use course::{Course, read_course};
#[cfg(feature = "host")]
pub use diagnostic::{Diagnostic, Diagnostics};
#[cfg(feature = "host")]
pub use lesson::{Block, Lesson, read_lesson};
#[cfg(feature = "host")]
pub use scene::read_scene;
#[cfg(feature = "host")]
pub use source::Source;
