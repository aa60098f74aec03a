//! Acknowledgements, and what comes again without one.

use super::{AckPolicy, Consumer, Pending, Sequences};
use crate::nats::setting::Release;
use explore::time::{Instant, Span};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

impl Consumer {
    /// Gives up a message that is used up; how often it was delivered.
    pub(in crate::nats) fn give_up(&mut self, seq: u64) -> u64 {
        self.again.retain(|one| *one != seq);
        self.end_lease(seq);
        self.pending.remove(seq);
        let deliveries = self.deliveries(seq);
        self.redelivered.entry(seq).or_default();
        deliveries
    }

    /// Finds out anew which ack waits run.
    pub(super) fn count_leases(&mut self) {
        let again: BTreeSet<u64> = self.again.iter().copied().collect();
        let waits = |(seq, _): &(u64, _)| !again.contains(seq);
        let waiting = self.pending.iter().filter(waits);
        self.leases = waiting.map(|(seq, one)| (one.due, seq)).collect();
    }

    /// When the next message has waited too long for its acknowledgement.
    pub(in crate::nats) fn next_due(&self) -> Option<Instant> {
        self.leases.next().map(|(due, _)| due)
    }

    /// Which client could still acknowledge the message that is due next.
    pub(in crate::nats) fn next_holder(&self) -> Option<u8> {
        let (_, seq) = self.leases.next()?;
        self.pending.get(seq)?.holder
    }

    /// Makes ready what has waited too long: what is to be delivered again, and what is used up.
    pub(in crate::nats) fn overdue(
        &mut self,
        now: Instant,
        release: Release,
    ) -> (Vec<u64>, Vec<u64>) {
        let mut over: Vec<u64> = self.leases.over(now).collect();
        over.sort_unstable();
        for seq in &over {
            self.end_lease(*seq);
        }
        let ends = |seq: &u64| release != Release::V2_9 && self.used_up(*seq);
        let (used_up, again): (Vec<u64>, Vec<u64>) = over.into_iter().partition(ends);
        self.again.extend(&again);
        (again, used_up)
    }

    /// The ack wait of a message no longer runs.
    pub(super) fn end_lease(&mut self, seq: u64) {
        if let Some(pending) = self.pending.get(seq) {
            self.leases.end(seq, pending.due);
        }
    }

    /// The ack wait of a pending message ends then.
    fn lease(&mut self, seq: u64, due: Instant) {
        self.end_lease(seq);
        if let Some(pending) = self.pending.get_mut(seq) {
            pending.due = due;
            self.leases.give(seq, due);
        }
    }

    /// Whether the stream must keep a message for it.
    pub(in crate::nats) fn needs_ack(&self, seq: u64) -> bool {
        match self.config.ack {
            AckPolicy::Explicit if seq < self.stream_seq => {
                seq > self.floor.stream && self.pending.has(seq)
            }
            _ => seq > self.floor.stream,
        }
    }

    /// Whether a message is delivered and not acknowledged.
    pub(in crate::nats) fn is_pending(&self, seq: u64) -> bool {
        self.pending.has(seq)
    }

    /// Takes an acknowledgement; of which messages of the stream, if it counts.
    pub(in crate::nats) fn acked(
        &mut self,
        seq: u64,
        consumer_seq: u64,
    ) -> Option<RangeInclusive<u64>> {
        if !self.pending.has(seq) && seq >= self.stream_seq {
            return None;
        }
        match self.config.ack {
            AckPolicy::None => None,
            AckPolicy::All => {
                if consumer_seq <= self.floor.consumer || seq <= self.floor.stream {
                    return None;
                }
                let first = self.floor.stream.saturating_add(1);
                self.floor = Sequences {
                    consumer: consumer_seq.min(self.consumer_seq.saturating_sub(1)),
                    stream: seq,
                };
                self.pending.retain(|one, _| one > seq);
                self.redelivered.retain(|one, _| *one > seq);
                self.again.retain(|one| *one > seq);
                self.count_leases();
                Some(first..=seq)
            }
            AckPolicy::Explicit => {
                self.end_lease(seq);
                let pending = self.pending.remove(seq);
                let first = pending.map_or(consumer_seq, |one| one.consumer_seq);
                if self.pending.is_empty() {
                    self.floor = self.delivered();
                } else if first == self.floor.consumer.saturating_add(1) {
                    self.floor = Sequences {
                        consumer: first,
                        stream: seq,
                    };
                    let later = self.pending.from(seq.saturating_add(1)).next();
                    if let Some((next, one)) = later {
                        self.floor = Sequences {
                            consumer: one.consumer_seq.saturating_sub(1),
                            stream: next.saturating_sub(1),
                        };
                    }
                }
                self.redelivered.remove(&seq);
                self.again.retain(|one| *one != seq);
                Some(seq..=seq)
            }
        }
    }

    /// Takes a message back: it is ready at once, or after a delay. Whether it counts.
    pub(in crate::nats) fn naked(
        &mut self,
        now: Instant,
        seq: u64,
        consumer_seq: u64,
        delay: Option<Span>,
    ) -> bool {
        if consumer_seq <= self.floor.consumer || consumer_seq > self.consumer_seq {
            return false;
        }
        let wait = self.wait(seq);
        if !self.pending.has(seq) {
            return false;
        }
        match delay {
            Some(delay) => {
                self.again.retain(|one| *one != seq);
                // The server sets the delivery back by `ack_wait`, whatever the back-off list says.
                let more = Span(wait.0.saturating_sub(self.config.ack_wait.0));
                let less = Span(self.config.ack_wait.0.saturating_sub(wait.0));
                let due = now + delay + more;
                self.lease(seq, Instant(due.0.saturating_sub(less.0)).max(now));
            }
            None if self.again.contains(&seq) => {}
            None => {
                self.end_lease(seq);
                self.again.push_back(seq);
            }
        }
        true
    }

    /// Begins the ack wait of a message anew.
    pub(in crate::nats) fn in_progress(&mut self, now: Instant, seq: u64) {
        let due = now + self.wait(seq);
        let is_running = |one: &Pending| self.leases.has(seq, one.due);
        if self.pending.get(seq).is_some_and(is_running) {
            self.lease(seq, due);
        } else if let Some(pending) = self.pending.get_mut(seq) {
            pending.due = due;
        }
    }
}
