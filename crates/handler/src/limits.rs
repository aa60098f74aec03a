//! How much a handler may do, counted so that every machine counts the same.
//!
//! Statements, expressions, elements and characters are the language's own units: natively and in a
//! page the same program is stopped at the same place with the same words. What is counted bounds
//! what is not: a step of any kind takes some microseconds and some hundred bytes at the very most.
//! Behind all of it is the hard cap, which is a process of its own natively and a worker in a page.

use std::fmt;

/// The longest program, in bytes.
pub const SOURCE_MAX: usize = 20_000;
/// The deepest nesting of brackets, operators and attributes in a line.
pub const NESTING_MAX: u32 = 60;
/// The most `elif` in a program; each is a level of the tree that is built of it.
pub const ELIF_MAX: u32 = 50;
/// The most statements in one handling, counted from its start.
pub const STATEMENTS_MAX: u64 = 20_000;
/// The most turns of loops and calls in one handling, of built-in functions and operators too;
/// looked at after every thousand. A loop whose body does nothing has no other count.
pub const TURNS_MAX: u64 = 100_000;
/// The most steps of the language in one handling: an expression that is computed is one, and so is
/// each element, each number of a range and each [`BYTES_A_STEP`] bytes of text that a built-in
/// function, a method or an operator goes through or makes.
pub const STEPS_MAX: u64 = 200_000;
/// How many bytes of a text are gone through in one step.
pub const BYTES_A_STEP: u64 = 16;
/// How often sorting goes through what it sorts: the logarithm of [`ELEMENTS_MAX`].
pub(crate) const COMPARISONS: u32 = 10;
/// The most steps of the language in all handlings together that a program is asked for, on every
/// schedule that is tried: some ten seconds.
pub const PROGRAM_STEPS_MAX: u64 = 200_000_000;
/// What beginning a program counts, in steps.
pub(crate) const BEGIN_STEPS: u64 = 100;
/// The deepest call in a call.
pub const CALLS_MAX: usize = 40;
/// The longest text, in bytes.
pub const TEXT_MAX: usize = 10_000;
/// The most elements of a list, tuple or dict, those within its elements too.
pub const ELEMENTS_MAX: usize = 1_000;
/// The most bytes of all texts within a list, tuple or dict.
pub const TEXTS_MAX: usize = 10 * TEXT_MAX;
/// The longest range that can be made; [`STATEMENTS_MAX`] ends a loop over it long before.
pub const RANGE_MAX: i64 = 1_000_000;
/// The most steps of the world in one handling. A program is run from its start for each, so their
/// cost grows with the square; no handler that is worth exploring comes near.
pub const EFFECTS_MAX: usize = 200;
/// The most lines logged between two steps.
pub const LOG_MAX: usize = 100;
/// The longest line logged, in characters; the rest is cut off.
pub const LOG_LINE_MAX: usize = 500;
/// The longest wait, in ms: a day.
pub const WAIT_MAX_MS: i64 = 86_400_000;
/// The most bytes of the language's own memory, looked at before each statement: values that nobody
/// holds any more are freed only when a handling ends.
pub const HEAP_MAX: usize = 32 << 20;

/// A number with its thousands apart.
pub(crate) struct Thousands(pub u64);

impl fmt::Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

pub(crate) fn too_many_statements() -> String {
    format!(
        "stopped after {} statements: is there a loop over a very long range?",
        Thousands(STATEMENTS_MAX)
    )
}

pub(crate) fn too_many_turns() -> String {
    format!(
        "stopped after {} turns of loops and calls: is there a loop over a very long range?",
        Thousands(TURNS_MAX)
    )
}

pub(crate) fn too_many_steps() -> String {
    format!(
        "stopped after {} steps, counting each expression, each element and each {BYTES_A_STEP} characters: is there a very long range, list or text?",
        Thousands(STEPS_MAX)
    )
}

pub(crate) fn too_much_altogether() -> String {
    format!(
        "the code took more than {} steps before every schedule was tried: does it go through long ranges, lists or texts again and again?",
        Thousands(PROGRAM_STEPS_MAX)
    )
}

pub(crate) fn too_deep() -> String {
    format!(
        "stopped: calls within calls, more than {} deep: does a function call itself?",
        CALLS_MAX - 2
    )
}

pub(crate) fn text_too_long() -> String {
    format!(
        "stopped: a text of more than {} bytes",
        Thousands(TEXT_MAX as u64)
    )
}

pub(crate) fn too_much_text_within() -> String {
    format!(
        "stopped: a list, tuple or dict with texts of more than {} bytes",
        Thousands(TEXTS_MAX as u64)
    )
}

pub(crate) fn too_many_elements() -> String {
    format!(
        "stopped: a list, tuple or dict of more than {} elements, with those within them",
        Thousands(ELEMENTS_MAX as u64)
    )
}

pub(crate) fn number_too_large() -> String {
    "this number is too large: whole numbers go from -9,223,372,036,854,775,808 to 9,223,372,036,854,775,807".to_owned()
}

pub(crate) fn too_much_memory() -> String {
    "stopped: the values of this handling take too much memory".to_owned()
}
