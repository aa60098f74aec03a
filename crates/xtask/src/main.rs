//! crates/xtask.

fn main() {}
