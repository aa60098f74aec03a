//! Whatever comes in from outside, driven by coverage: a door for each kind of input.
//!
//! ```text
//! cd crates/alo/fuzz && mkdir -p found/scene
//! DOOR=scene cargo run --release -- found/scene ../tests/doors/scene \
//!     -max_total_time=600 -max_len=20000
//! mkdir kept && DOOR=scene cargo run --release -- -set_cover_merge=1 -use_counters=0 \
//!     -max_len=20000 kept ../tests/doors/scene found/scene
//! ```
//!
//! Doors: `scene`, `lesson`, `progress`, `link`, `code`, `recording`. The first run takes what
//! reaches something new into `found`; of what the second one keeps, the smallest hundred files
//! at most replace those in `tests/doors`. What fails is left as `crash-…`, `timeout-…` or
//! `oom-…`. Needs a C++ compiler for the fuzzer itself, and nothing beyond stable Rust.

#![no_main]

use std::sync::LazyLock;

#[path = "../../handler/tests/common/mod.rs"]
mod common;
/// What is done with an input is what the tests do.
#[path = "../tests/doors/trial.rs"]
mod trial;

static ENTER: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("DOOR").expect("DOOR names a door");
    let doors = trial::DOORS.into_iter();
    let door = doors.into_iter().find(|(door, _)| *door == name);
    door.expect("DOOR names one of the doors").1
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ENTER(bytes);
});
