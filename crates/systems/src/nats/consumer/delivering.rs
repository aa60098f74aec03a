//! What is delivered next, and what a delivery leaves behind.

use super::{AckPolicy, Consumer, Next, Pending, Replay, Sequences};
use crate::nats::log::Log;
use crate::nats::subject;
use explore::time::Instant;

impl Consumer {
    /// What it would deliver next.
    pub(in crate::nats) fn next(&mut self, now: Instant, log: &Log) -> Next {
        while let Some(&seq) = self.again.front() {
            if self.used_up(seq) {
                return Next::UsedUp(seq);
            }
            if log.get(seq).is_some() {
                return Next::Again(seq);
            }
            self.again.pop_front();
            if let Some(pending) = self.pending.get(seq) {
                self.leases.give(seq, pending.due);
            }
        }
        let limit = u64::try_from(self.config.max_ack_pending).unwrap_or(u64::MAX);
        if self.config.ack != AckPolicy::None && self.ack_pending() >= limit {
            return Next::Full;
        }
        let Some(seq) = self.next_unseen(log) else {
            self.replayed = None;
            return Next::Nothing;
        };
        if let (Replay::Original, Some((when, stamp)), Some(stored)) =
            (self.config.replay, self.replayed, log.get(seq))
            && when + stored.at.since(stamp) > now
        {
            return Next::NotYet;
        }
        Next::New(seq)
    }

    /// The next message that was never delivered; passes over what its filters do not take.
    fn next_unseen(&mut self, log: &Log) -> Option<u64> {
        while let Some(&seq) = self.lasts.front() {
            if log.get(seq).is_some() {
                return Some(seq);
            }
            self.drop_last();
        }
        let found = match &self.config.filters[..] {
            [] => log.from(self.stream_seq).next().map(|stored| stored.seq),
            [one] if subject::is_literal(one) => {
                let seqs = log.on(one);
                seqs.and_then(|seqs| seqs.from(self.stream_seq))
            }
            _ => {
                let mut rest = log.from(self.stream_seq);
                let found = rest.find(|stored| self.wants(&stored.message.subject));
                found.map(|stored| stored.seq)
            }
        };
        self.stream_seq =
            found.unwrap_or_else(|| log.last().saturating_add(1).max(self.stream_seq));
        found
    }

    fn drop_last(&mut self) {
        self.lasts.pop_front();
        let then = self.lasts_end.saturating_add(1);
        self.stream_seq = self.lasts.front().copied().unwrap_or(then);
    }

    /// When the original replay goes on.
    pub(in crate::nats) fn replay_due(&self, log: &Log) -> Option<Instant> {
        let (when, stamp) = self.replayed?;
        if self.config.replay == Replay::Instant || !self.again.is_empty() {
            return None;
        }
        let ready = self.config.deliver_subject.is_some() || !self.waiting.is_empty();
        let stored = log
            .from(self.stream_seq)
            .find(|one| self.wants(&one.message.subject))?;
        let limit = u64::try_from(self.config.max_ack_pending).unwrap_or(u64::MAX);
        let is_full = self.config.ack != AckPolicy::None && self.ack_pending() >= limit;
        (ready && !is_full).then(|| when + stored.at.since(stamp))
    }

    /// Takes note that a message is delivered: the number of the delivery, and how often by now.
    pub(in crate::nats) fn deliver(
        &mut self,
        now: Instant,
        next: Next,
        stored_at: Instant,
        holder: Option<u8>,
    ) -> (u64, u64) {
        let consumer_seq = self.consumer_seq;
        self.consumer_seq += 1;
        let seq = match next {
            Next::Again(seq) => {
                self.again.pop_front();
                *self.redelivered.entry(seq).or_default() += 1;
                seq
            }
            Next::New(seq) => {
                self.unseen = self.unseen.saturating_sub(1);
                match self.lasts.is_empty() {
                    true => self.stream_seq = seq.saturating_add(1),
                    false => self.drop_last(),
                }
                self.replayed = Some((now, stored_at));
                seq
            }
            _ => return (consumer_seq, 1),
        };
        let due = now + self.wait(seq);
        match self.config.ack {
            AckPolicy::None => {
                self.floor = Sequences {
                    consumer: consumer_seq,
                    stream: seq,
                };
            }
            _ => {
                let mut given = Pending {
                    consumer_seq,
                    due,
                    holder,
                };
                if let Some(before) = self.pending.get(seq) {
                    self.leases.end(seq, before.due);
                    given.consumer_seq = before.consumer_seq;
                }
                self.pending.insert(seq, given);
                self.leases.give(seq, due);
            }
        }
        (consumer_seq, self.deliveries(seq))
    }
}
