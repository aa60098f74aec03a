//! Operations from bytes, so that a fuzzer can mutate them, and one after the other.

use arbitrary::{Result, Unstructured};
use std::fmt::Debug;

/// At most `most` operations from bytes. Any bytes are some, so that a fuzzer can mutate them.
pub fn decode<'a, Op>(
    bytes: &mut Unstructured<'a>,
    most: usize,
    one: impl Fn(&mut Unstructured<'a>) -> Result<Op>,
) -> Vec<Op> {
    let mut ops = Vec::new();
    while !bytes.is_empty()
        && ops.len() < most
        && let Ok(op) = one(bytes)
    {
        ops.push(op);
    }
    ops
}

/// Does all of this, one after the other, and tells what was done when an assertion fails.
pub fn each<Op: Debug>(ops: &[Op], mut step: impl FnMut(&Op)) {
    for (at, op) in ops.iter().enumerate() {
        let _done = Done(&ops[..=at]);
        step(op);
    }
}

struct Done<'a, Op: Debug>(&'a [Op]);

impl<Op: Debug> Drop for Done<'_, Op> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for op in self.0 {
                eprintln!("{op:?}");
            }
        }
    }
}
