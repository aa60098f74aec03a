//! What a subscription holds: what is ready, in flight, kept back, and what waits behind its ordering key.
//!
//! # Rules
//! P18. A message that was given out is hidden from everybody else until its acknowledgement deadline; then
//! it comes again, as often as nobody acknowledges it. Source: Subscription reference,
//! `ackDeadlineSeconds`. Shown by: pubsub-deadline-default, pubsub-ack-is-final.
//!
//! P19. With ordering, messages of one key come in publish order. One batch of a key is outstanding at a
//! time: a pull takes several messages of a key, and the next pull none of them until all are acknowledged;
//! a stream that holds a key gets its next messages without waiting, and no other stream does. Keys do not
//! wait for each other, messages without a key for nobody. Source: "Order messages". Shown by:
//! pubsub-ordering-one-by-one, the test `what_is_acknowledged_stays_away_and_keys_keep_their_order`, the test `a_stream_that_holds_a_key_gets_its_next_messages`.
//!
//! P20. With ordering, a message that comes again (a nack, a missed deadline) brings every later message of
//! its key again that was given out after it, in publish order, also one that was acknowledged: an
//! acknowledgement counts only when all earlier ones of its key do. Source: "Order messages", redelivery.
//! Shown by: the test `a_message_that_comes_again_brings_the_later_ones_of_its_key`.
//!
//! P21. Ordering is the subscription's: without it a key is only data. Source: "Order messages". Shown by:
//! the test `without_ordering_a_key_is_only_data`.

use super::{Entry, Holder, Line, Standing, Subscription, Work};
use crate::party::Caller;
use crate::pubsub::fact::Fact;
use crate::pubsub::message::{AckId, Message, ReceivedMessage};
use crate::spread::Marked;
use explore::time::{Instant, Span};
use std::sync::Arc;

impl Subscription {
    /// Takes a message that was published; false when the filter leaves it out.
    pub fn add(&mut self, message: &Arc<Message>, work: &mut Work<'_>) -> bool {
        if self
            .filter
            .as_ref()
            .is_some_and(|filter| !filter.matches(message))
        {
            work.out.tell(Fact::FilteredOut {
                record: message.record,
                subscription: Arc::clone(&self.name),
            });
            return false;
        }
        self.put(Entry {
            message: Arc::clone(message),
            standing: Standing::Waiting,
            delivery: None,
            failures: 0,
            retries: 0,
        });
        true
    }

    /// Puts a waiting message in its place.
    pub(super) fn put(&mut self, entry: Entry) {
        let id = entry.message.id;
        self.entries.insert(id, entry);
        match self.key_of(id) {
            None => {
                self.ready.insert(id);
            }
            Some(key) => {
                match self.lines.get_mut(&key) {
                    // Behind others nothing changes: the next message of the key is still the next.
                    Some(line) if line.next().is_some_and(|next| next < id) => {
                        line.members.insert(id);
                        return;
                    }
                    Some(_) => {}
                    None => {
                        self.lines.insert(key.clone(), Line::default());
                    }
                }
                self.in_line(&key, |line| {
                    line.members.insert(id);
                });
            }
        }
    }

    /// Arranges everything anew, all of it waiting.
    pub(super) fn arrange(&mut self) {
        self.ready.clear();
        self.in_flight.clear();
        self.delayed.clear();
        self.lines.clear();
        for stream in self.streams.iter_mut() {
            (stream.held, stream.held_bytes) = (0, 0);
            stream.next.clear();
        }
        for (_, mut entry) in std::mem::take(&mut self.entries).into_things() {
            entry.standing = Standing::Waiting;
            self.put(entry);
        }
    }

    /// Takes the next message of a key out of reach, before its line changes.
    pub(super) fn unplace(&mut self, key: &Marked) {
        if let Some(next) = self.lines.get(key).and_then(|line| line.next()) {
            self.ready.remove(&next);
            for stream in self.streams.iter_mut() {
                stream.next.remove(&next);
            }
        }
    }

    /// Puts the next message of a key within reach of those who can have it.
    pub(super) fn place(&mut self, key: &Marked) {
        self.in_line(key, |_| ());
    }

    /// Changes the line of a key: what was its next message is taken out of reach, what is then within
    /// reach of those who can have it.
    fn in_line(&mut self, key: &Marked, change: impl FnOnce(&mut Line)) {
        let Some(line) = self.lines.get_mut(key) else {
            return;
        };
        let before = line.next();
        change(line);
        if line.outstanding.is_empty() {
            line.holder = None;
        }
        let (is_over, is_free, holder) = (
            line.members.is_empty(),
            line.outstanding.is_empty(),
            line.holder,
        );
        let next = line.next();
        if let Some(before) = before {
            self.ready.remove(&before);
            for stream in self.streams.iter_mut() {
                stream.next.remove(&before);
            }
        }
        if is_over {
            self.lines.remove(key);
            return;
        }
        let Some(next) = next.filter(|next| self.is_waiting(*next)) else {
            return;
        };
        if is_free {
            self.ready.insert(next);
        } else if let Some(holder) = holder {
            let mut streams = self.streams.iter_mut();
            if let Some(stream) = streams.find(|stream| stream.caller == holder) {
                stream.next.insert(next);
            }
        }
    }

    /// The stream of this connection is gone: what it holds it holds as if it had pulled it, and the next
    /// messages of its keys wait for those.
    pub(super) fn give_up_stream(&mut self, caller: Caller) {
        for line in self.lines.values_mut() {
            if line.holder == Some(caller) {
                line.holder = None;
            }
        }
        for (until, id) in self.in_flight.iter() {
            let Some(entry) = self.entries.get_mut(id) else {
                continue;
            };
            let held = Standing::InFlight {
                until,
                holder: Holder::Stream(caller),
            };
            if entry.standing == held {
                entry.standing = Standing::InFlight {
                    until,
                    holder: Holder::Pull(caller),
                };
            }
        }
    }

    fn is_waiting(&self, id: u64) -> bool {
        let entry = self.entries.get(id);
        entry.is_some_and(|entry| entry.standing == Standing::Waiting)
    }

    /// The next message of the key of this one, if it can be given to whoever has this one.
    pub(super) fn next_of_key(&self, id: u64) -> Option<u64> {
        let key = self.key_of(id)?;
        let next = self.lines.get(&key)?.next()?;
        self.is_waiting(next).then_some(next)
    }

    /// Whether a message can be taken in hand again by itself: nothing of its key is before it.
    pub(super) fn is_first_of_key(&self, id: u64) -> bool {
        match self.key_of(id).and_then(|key| self.lines.get(&key)) {
            None => true,
            Some(line) => line.members.first() == Some(id) && line.outstanding.is_empty(),
        }
    }

    /// Gives a message to somebody.
    pub(super) fn give(
        &mut self,
        id: u64,
        seconds: u32,
        holder: Holder,
        work: &mut Work<'_>,
    ) -> Option<ReceivedMessage> {
        let key = self.key_of(id);
        let tells_attempts = self.settings.dead_letter_topic.is_some();
        let entry = self.entries.get_mut(id)?;
        self.last_delivery = self.last_delivery.saturating_add(1);
        let is_again = entry.delivery.replace(self.last_delivery).is_some();
        let received = ReceivedMessage {
            ack_id: AckId {
                subscription: self.number,
                message: id,
                delivery: self.last_delivery,
                record: entry.message.record,
            },
            message: Arc::clone(&entry.message),
            delivery_attempt: tells_attempts.then(|| entry.failures.saturating_add(1)),
        };
        self.hold(id, work.now, seconds, holder);
        match key {
            Some(key) => self.in_line(&key, |line| {
                line.outstanding.insert(id);
                line.holder = match holder {
                    Holder::Stream(caller) => Some(caller),
                    Holder::Pull(_) | Holder::Endpoint(_) => None,
                };
            }),
            None => {
                self.ready.remove(&id);
            }
        }
        work.out.tell(Fact::Delivered {
            record: received.message.record,
            subscription: Arc::clone(&self.name),
            is_again,
            attempt: received.delivery_attempt,
        });
        Some(received)
    }

    /// Puts a message in flight, or moves its deadline.
    fn hold(&mut self, id: u64, now: Instant, seconds: u32, holder: Holder) {
        self.let_go(id);
        let until = now + Span::from_ms(u64::from(seconds) * 1000);
        let Some(entry) = self.entries.get_mut(id) else {
            return;
        };
        entry.standing = Standing::InFlight { until, holder };
        self.in_flight.give(id, until);
        if let Holder::Stream(caller) = holder {
            let stream = self
                .streams
                .iter_mut()
                .find(|stream| stream.caller == caller);
            if let Some(stream) = stream {
                stream.held = stream.held.saturating_add(1);
                stream.held_bytes = stream.held_bytes.saturating_add(entry.message.size());
            }
        }
    }

    /// Moves the deadline of a message; one whose deadline has passed is in flight again.
    pub(super) fn extend(&mut self, id: u64, now: Instant, seconds: u32, holder: Holder) {
        let holder = match self.entries.get(id).map(|entry| entry.standing) {
            Some(Standing::InFlight { holder, .. }) => holder,
            _ => holder,
        };
        let key = self.key_of(id);
        self.hold(id, now, seconds, holder);
        match key {
            Some(key) => self.in_line(&key, |line| {
                line.outstanding.insert(id);
            }),
            None => {
                self.ready.remove(&id);
            }
        }
    }

    /// Nobody has the message any more, and nothing keeps it back.
    pub(super) fn let_go(&mut self, id: u64) {
        let Some(entry) = self.entries.get_mut(id) else {
            return;
        };
        match std::mem::replace(&mut entry.standing, Standing::Waiting) {
            Standing::Waiting | Standing::Ahead => {}
            Standing::Delayed { until } => {
                self.delayed.remove(&(until, id));
            }
            Standing::InFlight { until, holder } => {
                self.in_flight.end(id, until);
                if let Holder::Stream(caller) = holder {
                    let stream = self
                        .streams
                        .iter_mut()
                        .find(|stream| stream.caller == caller);
                    if let Some(stream) = stream {
                        stream.held = stream.held.saturating_sub(1);
                        stream.held_bytes = stream.held_bytes.saturating_sub(entry.message.size());
                    }
                }
            }
        }
    }

    /// Takes a message out; with it, where it had a key, that key.
    fn remove(&mut self, id: u64) -> Option<(Entry, Option<Marked>)> {
        let key = self.key_of(id);
        self.let_go(id);
        let entry = self.entries.remove(id)?;
        match &key {
            Some(key) => self.in_line(key, |line| {
                line.members.remove(id);
                line.outstanding.remove(id);
            }),
            None => {
                self.ready.remove(&id);
            }
        }
        Some((entry, key))
    }

    /// A message is done with, and with it those of its key that were acknowledged ahead.
    pub(super) fn finish(&mut self, id: u64, work: &mut Work<'_>) {
        let mut done = Some(id);
        while let Some(id) = done.take() {
            let Some((entry, key)) = self.remove(id) else {
                break;
            };
            work.out.tell(Fact::Acknowledged {
                record: entry.message.record,
                subscription: Arc::clone(&self.name),
            });
            if self.settings.retain_acked_messages {
                self.acknowledged.insert(id, entry);
            }
            done = key.and_then(|key| self.first_ahead(&key));
        }
    }

    /// The first message of a key, if it was acknowledged before those that are gone now.
    fn first_ahead(&self, key: &Marked) -> Option<u64> {
        let first = self.lines.get(key)?.outstanding.first()?;
        let entry = self.entries.get(first)?;
        (entry.standing == Standing::Ahead).then_some(first)
    }

    /// Takes a message out that was not acknowledged; those of its key that waited for it are done with.
    pub(super) fn take_out(&mut self, id: u64, work: &mut Work<'_>) -> Option<Entry> {
        let (entry, key) = self.remove(id)?;
        if let Some(first) = key.and_then(|key| self.first_ahead(&key)) {
            self.finish(first, work);
        }
        Some(entry)
    }

    /// A message is acknowledged: done with, unless an earlier one of its key is not.
    pub(super) fn acknowledge_entry(&mut self, id: u64, work: &mut Work<'_>) {
        let line = self.key_of(id).and_then(|key| self.lines.get(&key));
        if line.is_some_and(|line| line.members.first() != Some(id)) {
            self.let_go(id);
            if let Some(entry) = self.entries.get_mut(id) {
                entry.standing = Standing::Ahead;
                work.out.tell(Fact::AcknowledgedAhead {
                    record: entry.message.record,
                    subscription: Arc::clone(&self.name),
                });
            }
            return;
        }
        self.finish(id, work);
    }
}
