//! The parts of a page that come alive: stages, quizzes, exercises, tasks, progress.
//!
//! Each is an island: rendered on the host into the static page, and brought to life in the
//! browser from the same props. Prose is not in here.

pub mod exercise;
pub mod islands;
pub mod keeping;
pub mod map;
mod notice;
#[cfg(feature = "ssr")]
mod printing;
pub mod progress;
pub mod quiz;
pub mod stage;
pub mod task;
pub mod worker;
