//! A window in which an id is taken once: what came first with it is remembered for a while, and then
//! the id is free. The window counts from the first message, however many duplicates came since, and
//! after exactly the window the id is free.
//!
//! Amazon SQS, Amazon SNS and NATS JetStream share it. They differ in
//!
//! - how long the window is: five minutes at AWS, a setting of the stream in JetStream;
//! - within what an id counts: a queue, a topic or one of its message groups at AWS, a stream in
//!   JetStream;
//! - what a message without an id has: the hash of its body at AWS, where that is switched on; none in
//!   JetStream, which then takes it every time;
//! - what the sender of a duplicate hears: the id and number of the first at AWS, its sequence and that
//!   it is a duplicate in JetStream.
//!
//! An idempotent producer of Kafka is no such window: it numbers its batches, and the broker compares
//! with the last numbers. The publisher of Pub/Sub has none.

mod places;

use crate::spread;
use crate::visit::Visitor;
use explore::Weigh;
use explore::time::{Instant, Span};
use places::{Mark, Places};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// How long AWS remembers a deduplication id.
pub const WINDOW: Span = Span::from_ms(300_000);

/// A deduplication id, with the message group if ids count in their group only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Key {
    mark: Mark,
    group: Option<Arc<str>>,
    id: Arc<str>,
}

impl Key {
    /// An id of a message group, or of all that the window is for.
    pub fn new(group: Option<Arc<str>>, id: Arc<str>) -> Key {
        let of_group = group.iter().flat_map(|group| group.bytes());
        let fingerprint = spread::fingerprint(id.bytes().chain([0xff]).chain(of_group));
        Key {
            mark: Mark::of(fingerprint),
            group,
            id,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
struct Remembered<First> {
    since: Instant,
    key: Key,
    first: First,
}

/// The ids of the window, each with what came first.
#[derive(Clone, Debug, Weigh)]
pub struct Deduplication<First> {
    /// In the order of arrival.
    remembered: VecDeque<Remembered<First>>,
    /// How many were forgotten before the first of them.
    forgotten: u32,
    /// Where a key is: how many came before it. Counting begins again behind the greatest number of 32
    /// bits; as many ids at once would fill the memory before. It follows from what is remembered, and is
    /// neither compared nor hashed, nor gone through in its own order.
    places: Places,
}

impl<First> Default for Deduplication<First> {
    fn default() -> Self {
        Deduplication {
            remembered: VecDeque::new(),
            forgotten: 0,
            places: Places::default(),
        }
    }
}

impl<First: PartialEq> PartialEq for Deduplication<First> {
    fn eq(&self, other: &Self) -> bool {
        self.remembered == other.remembered
    }
}

impl<First: Eq> Eq for Deduplication<First> {}

impl<First: Hash> Hash for Deduplication<First> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.remembered.hash(state);
    }
}

/// What is remembered at a place.
fn at<First>(
    remembered: &VecDeque<Remembered<First>>,
    forgotten: u32,
    place: u32,
) -> Option<&Remembered<First>> {
    remembered.get(place.wrapping_sub(forgotten) as usize)
}

impl<First> Deduplication<First> {
    /// What came first with an id, if it is still remembered.
    pub fn first(&mut self, now: Instant, window: Span, key: &Key) -> Option<&First> {
        while let Some(oldest) = self.remembered.front()
            && oldest.since + window <= now
        {
            let place = self.forgotten;
            self.places.remove(oldest.key.mark, place);
            self.remembered.pop_front();
            self.forgotten = self.forgotten.wrapping_add(1);
        }
        let (remembered, forgotten) = (&self.remembered, self.forgotten);
        let place = self.places.find(key.mark, |place| {
            at(remembered, forgotten, place).is_some_and(|one| one.key == *key)
        })?;
        Some(&at(remembered, forgotten, place)?.first)
    }

    /// Remembers an id from now on. It is free: [`first`](Deduplication::first) found nothing.
    pub fn remember(&mut self, now: Instant, key: Key, first: First) {
        let place = self.forgotten.wrapping_add(self.remembered.len() as u32);
        self.places.insert(key.mark, place);
        self.remembered.push_back(Remembered {
            since: now,
            key,
            first,
        });
    }

    /// Everything remembered, the earliest first, to be visited.
    pub fn each(&mut self, mut visit: impl FnMut(&mut Instant, &mut First)) {
        for one in &mut self.remembered {
            visit(&mut one.since, &mut one.first);
        }
    }
}

impl<First> Deduplication<First> {
    /// Shows the times; what came first may have numbers of its own, see [`Deduplication::each`].
    pub fn visit_in(&mut self, window: Span, visitor: &mut impl Visitor) {
        self.each(|since, _| visitor.since(since, window));
    }
}

/// The deduplication id of a body: its SHA-256.
pub fn content_id(body: &str) -> Arc<str> {
    let mut hex = String::new();
    for byte in Sha256::digest(body.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_of_the_body_is_the_id() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            &*content_id("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn an_id_is_free_after_exactly_the_window() {
        let mut ids = Deduplication::default();
        let key = Key::new(None, Arc::from("a"));
        ids.remember(Instant(0), key.clone(), 7);
        assert_eq!(ids.first(Instant(WINDOW.0 - 1), WINDOW, &key), Some(&7));
        assert_eq!(ids.first(Instant(WINDOW.0), WINDOW, &key), None);
    }

    #[test]
    fn what_is_remembered_decides_whether_two_windows_are_equal() {
        let key = |id: &str| Key::new(None, Arc::from(id));
        let (mut one, mut other) = (Deduplication::default(), Deduplication::default());
        one.remember(Instant(0), key("a"), 1);
        assert_eq!(one.first(WINDOW_END, WINDOW, &key("b")), None);
        one.remember(WINDOW_END, key("b"), 2);
        other.remember(WINDOW_END, key("b"), 2);
        assert_eq!(one, other);
        assert_eq!(one.first(WINDOW_END, WINDOW, &key("b")), Some(&2));
        other.remember(WINDOW_END, key("c"), 3);
        assert_ne!(one, other);
    }

    const WINDOW_END: Instant = Instant(WINDOW.0);
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod random {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_is_found_as_in_a_list(asks in proptest::collection::vec((0..200_u64, 0..30_u8), 0..200)) {
            let (mut ids, mut list, mut now) = (Deduplication::default(), Vec::new(), Instant(0));
            let window = Span(1_000);
            for (number, (later, id)) in asks.into_iter().enumerate() {
                now = Instant(now.0 + later);
                let key = Key::new(None, id.to_string().into());
                list.retain(|(since, _, _): &(Instant, Key, usize)| *since + window > now);
                let known = list.iter().find(|(_, other, _)| *other == key);
                prop_assert_eq!(ids.first(now, window, &key), known.map(|(_, _, first)| first));
                if known.is_none() {
                    ids.remember(now, key.clone(), number);
                    list.push((now, key, number));
                }
            }
        }
    }
}
