//! crates/alo.

fn main() {}
