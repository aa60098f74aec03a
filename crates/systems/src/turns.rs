//! Receivers that take turns: whoever is served goes to the end of the row.
//!
//! The members of a shared subscription of MQTT and the streaming pulls of a subscription of Pub/Sub
//! stand in such a row. They differ in
//!
//! - who is passed over: a stream whose flow control has no room, or for which there is nothing, keeps
//!   its place in Pub/Sub; a member of a shared subscription is never passed over, and its share waits
//!   in its session while it is offline;
//! - what names a receiver: a connection in Pub/Sub, a client id, which outlives its connections, in
//!   MQTT.
//!
//! Others share a queue's messages and do not stand in this row. RabbitMQ's consumers have priorities,
//! and one without credit leaves the row until it has some. A queue group of NATS spans subscriptions to
//! several subjects, of which a message meets some: there the one goes first that has waited longest.
//! The subscriptions of a topic (`pubsub::roster`) take no turns at all: each gets its copy. Readers of
//! a Redis stream group are served in the order in which they ask.

use crate::visit::{Visit, Visitor};
use std::collections::VecDeque;

/// A row of receivers; the first has the next turn.
///
/// ```
/// use systems::turns::Turns;
/// let mut turns = Turns::default();
/// ["a", "b", "c"].map(|one| turns.join(one));
/// let mut next = |passed_over: &str| turns.serve(|one| (*one != passed_over).then_some(())).map(|(one, ())| *one);
/// assert_eq!([next(""), next("b"), next("")], [Some("a"), Some("c"), Some("b")]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Turns<T>(VecDeque<T>);

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Turns(VecDeque::new())
    }
}

impl<T> Turns<T> {
    /// A new receiver stands at the end.
    pub fn join(&mut self, receiver: T) {
        self.0.push_back(receiver);
    }

    /// The turn of the first receiver for which `gets` has something: it goes to the end. Those before
    /// it keep their places.
    pub fn serve<R>(&mut self, mut gets: impl FnMut(&T) -> Option<R>) -> Option<(&T, R)> {
        let mut served = self.0.iter().enumerate();
        let (at, got) = served.find_map(|(at, one)| Some((at, gets(one)?)))?;
        let one = self.0.remove(at)?;
        self.0.push_back(one);
        Some((self.0.back()?, got))
    }

    /// Takes out the first for which `is_it` holds.
    pub fn leave(&mut self, is_it: impl FnMut(&T) -> bool) -> Option<T> {
        let at = self.0.iter().position(is_it)?;
        self.0.remove(at)
    }

    /// All of them, the one with the next turn first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> IntoIterator for Turns<T> {
    type Item = T;
    type IntoIter = std::collections::vec_deque::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: Visit> Visit for Turns<T> {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.0.visit(visitor);
    }
}
