//! A part of the world that is shared until somebody writes to it, and knows whether it was touched.
//!
//! Copying a world copies no part. What a step reads and writes is noted by the parts themselves,
//! so that an explorer can remember a step by what it depends on (see [`System`](crate::System)).

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A shared part.
#[derive(Clone, Debug, Default)]
pub struct Slot<T> {
    value: Arc<T>,
    touched: Cell<Touched>,
}

/// What was done with a part since somebody last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touched {
    /// Nothing.
    #[default]
    Not,
    /// It was looked at.
    Read,
    /// It was looked at and written to.
    Written,
}

impl<T> Slot<T> {
    /// A part that nobody has touched.
    pub fn new(value: T) -> Self {
        Slot::of(Arc::new(value))
    }

    /// A shared part that nobody has touched.
    pub fn of(value: Arc<T>) -> Self {
        Slot {
            value,
            touched: Cell::new(Touched::Not),
        }
    }

    /// The shared part itself; this is no touch.
    pub fn share(&self) -> Arc<T> {
        Arc::clone(&self.value)
    }

    /// What was done with it.
    pub fn touched(&self) -> Touched {
        self.touched.get()
    }

    /// Counts it as written to, whatever is done with it.
    pub fn touch(&self) {
        self.touched.set(Touched::Written);
    }

    /// Looks at it without a trace, for what nothing depends on.
    pub fn peek(&self) -> &T {
        &self.value
    }
}

impl<T> Deref for Slot<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.touched.set(self.touched.get().max(Touched::Read));
        &self.value
    }
}

impl<T: Clone> DerefMut for Slot<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.touched.set(Touched::Written);
        Arc::make_mut(&mut self.value)
    }
}

impl<T: PartialEq> PartialEq for Slot<T> {
    /// By value. Comparing is no touch.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.value, &other.value) || self.value == other.value
    }
}

impl<T: Eq> Eq for Slot<T> {}

impl<T: std::hash::Hash> std::hash::Hash for Slot<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_shared_until_it_is_written_to() {
        let one = Slot::new(vec![1]);
        let mut other = one.clone();
        assert_eq!(other.touched(), Touched::Not);
        assert_eq!(other.len(), 1);
        assert_eq!(other.touched(), Touched::Read);
        other.push(2);
        assert_eq!(other.touched(), Touched::Written);
        assert_eq!((one.peek().len(), one.touched()), (1, Touched::Not));
    }
}
