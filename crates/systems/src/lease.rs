//! Leases: a message that was given out is its receiver's until a point of time, and then comes again
//! unless it was settled. Whose lease ends when is found without looking at all of them.
//!
//! Amazon SQS (visibility time-out), Pub/Sub (acknowledgement deadline) and NATS JetStream (ack wait)
//! share it. They differ in
//!
//! - what names a lease: a receipt handle of one receive, an ack id of one delivery, the stream's
//!   sequence, whichever delivery it was;
//! - what the receiver may do: SQS and Pub/Sub set a new end (0 gives back); JetStream begins the wait
//!   anew, or gives back with a delay of its own;
//! - how long a lease can become: 12 hours after the receive in SQS, ten minutes at a time in Pub/Sub,
//!   without end in JetStream;
//! - who may settle after the end: anybody whose handle is still the latest in SQS; in Pub/Sub too, but
//!   not with exactly-once delivery; everybody in JetStream;
//! - what the end does: SQS makes the message visible in its old place, Pub/Sub counts a failed attempt
//!   and may wait as its retry policy says, JetStream delivers it before everything new.
//!
//! No leases, though they look like some: a pending entry of Redis has no end, and nothing happens by
//! itself; whoever claims it says how long it must have been idle. A delivery of RabbitMQ is held by its
//! channel, whose end gives it back (`consumer_timeout` closes the channel, it does not give one message
//! to another). The lease of a shard in the KCL is a row in a table that workers count by themselves.
//!
//! Giving up after so many deliveries stays with each system as well, because nothing in it is alike
//! but the purpose: SQS counts receives and moves the message when it would be received once more;
//! Pub/Sub counts failed attempts and forwards a copy at the last; a quorum queue of RabbitMQ counts
//! returns, and dead-letters when one is above the limit; SNS counts attempts of its delivery policy, and
//! the letter gets attributes; JetStream counts deliveries, tells an advisory and keeps the message;
//! Redis only shows the count.

use explore::time::Instant;
use std::collections::BTreeSet;

/// Numbered leases by their ends.
///
/// ```
/// use systems::{Instant, lease::Leases};
/// let mut leases = Leases::default();
/// leases.give(7, Instant(30));
/// leases.give(5, Instant(40));
/// leases.end(7, Instant(30));
/// assert_eq!(leases.next(), Some((Instant(40), 5)));
/// assert_eq!(leases.over(Instant(40)).collect::<Vec<_>>(), [5]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Leases(BTreeSet<(Instant, u64)>);

impl Leases {
    /// Gives what has this number out until then.
    pub fn give(&mut self, number: u64, until: Instant) {
        self.0.insert((until, number));
    }

    /// Ends the lease of this number that would have ended then; whether there was one.
    pub fn end(&mut self, number: u64, until: Instant) -> bool {
        self.0.remove(&(until, number))
    }

    /// Whether there is such a lease.
    pub fn has(&self, number: u64, until: Instant) -> bool {
        self.0.contains(&(until, number))
    }

    /// The one that ends next; of several the one with the lowest number.
    pub fn next(&self) -> Option<(Instant, u64)> {
        self.0.first().copied()
    }

    /// The numbers whose leases are over by now, the earliest first.
    pub fn over(&self, now: Instant) -> impl Iterator<Item = u64> + '_ {
        let over = self.0.range(..=(now, u64::MAX));
        over.map(|(_, number)| *number)
    }

    /// All leases, the one that ends next first.
    pub fn iter(&self) -> impl Iterator<Item = (Instant, u64)> + '_ {
        self.0.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ends all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl FromIterator<(Instant, u64)> for Leases {
    fn from_iter<I: IntoIterator<Item = (Instant, u64)>>(leases: I) -> Leases {
        Leases(leases.into_iter().collect())
    }
}
