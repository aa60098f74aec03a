//! crates/site.

fn main() {}
