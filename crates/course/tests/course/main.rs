//! Lessons, scenes, quizzes and questions, read from texts: what becomes of them, and what is
//! said of those that have mistakes.
//!
//! Expected texts are rewritten by `BLESS=1 cargo test -p course --features host`.

mod exercises;
mod expected;
mod glossary;
mod graded;
mod lessons;
mod mistakes;
mod plan;
mod primers;
mod queries;
mod questions;
mod random;
mod schemas;
mod together;
