//! Named things that come and go, in a fixed number of [`Slot`]s.
//!
//! A search compares states as rows of parts, always as many and in the same order. Keys of Redis,
//! sessions of MQTT and subscriptions of Pub/Sub are made and forgotten while a scene runs, so they cannot
//! be a slot each. They are spread over eight slots by their names: a step that touches one of them touches its slot, and does
//! not depend on what is in the others. Two that happen to share a slot only seem to depend on each
//! other, which costs a search some work and no truth. Which slot a name falls into is fixed, so that
//! equal states have equal parts.
//!
//! What is asked about all of them at once (in which order they came, whose connection this is) stands
//! in a slot of its own and changes only when one comes or goes. Queues of SQS and groups of Kafka are
//! few, and stay when they are empty: those are a list of slots.
//!
//! Beside it stands what it is found by: a name with a number made of it ([`Marked`]), as the message
//! groups of Amazon SQS and the ordering keys of Pub/Sub are kept by.

use explore::Weigh;
use explore::slot::Slot;
use std::sync::Arc;

/// How many slots there are.
const SLOTS: usize = 8;

/// Named things, some of them in each slot.
///
/// ```
/// use std::collections::BTreeSet;
/// use systems::spread::Spread;
/// let mut spread: Spread<BTreeSet<&str>> = Spread::default();
/// spread.slot_mut("a").insert("a");
/// assert!(spread.slot("a").contains("a"));
/// assert_eq!((&spread).into_iter().count(), 8);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Spread<T>([Slot<T>; SLOTS]);

impl<T: Default> Default for Spread<T> {
    fn default() -> Self {
        Spread(std::array::from_fn(|_| Slot::new(T::default())))
    }
}

/// A name, and a number made of it that comes first in every comparison: names that begin alike, or
/// lie anywhere in memory, are told apart without looking at their letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct Marked {
    mark: u64,
    /// The name.
    pub name: Arc<str>,
}

impl Marked {
    /// A name with its number.
    pub fn of(name: &Arc<str>) -> Marked {
        Marked {
            mark: fingerprint(name.bytes()),
            name: Arc::clone(name),
        }
    }
}

/// A number made of a text (FNV-1a over its bytes).
pub(crate) fn fingerprint(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn place(name: &str) -> usize {
    (fingerprint(name.bytes()) % SLOTS as u64) as usize
}

impl<T> Spread<T> {
    /// The slot that what has this name is in.
    pub fn slot(&self, name: &str) -> &Slot<T> {
        &self.0[place(name)]
    }

    /// The slot that what has this name is in, to be changed.
    pub fn slot_mut(&mut self, name: &str) -> &mut Slot<T> {
        &mut self.0[place(name)]
    }
}

impl<'a, T> IntoIterator for &'a Spread<T> {
    type Item = &'a Slot<T>;
    type IntoIter = std::slice::Iter<'a, Slot<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Spread<T> {
    type Item = &'a mut Slot<T>;
    type IntoIter = std::slice::IterMut<'a, Slot<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter_mut()
    }
}
