//! What leaves a stream: over a limit, too old, done with.
//!
//! # Rules
//! N25. An interest stream gives a sequence to a message that no consumer wants and does not keep it;
//! one that consumers want goes when the last of them has acknowledged it. A work queue's message
//! goes when it is acknowledged or terminated. Source: NATS docs, "Streams", RetentionPolicy. Shown
//! by: nats-js-interest, nats-js-workqueue, nats-js-limits-ack-keeps.
//!
//! N26. A pending message that leaves its stream counts as acknowledged. Source: nats-server,
//! `consumer.decStreamPending`. Shown by: nats-js-discard-old.

use super::Fact;
use super::log::Stored;
use super::stream::Retention;
use super::work::Work;
use crate::row::Row;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Work<'_> {
    /// Removes what the limits no longer allow: of one subject, or of all.
    pub(super) fn enforce_limits(&mut self, name: &Arc<str>, subject: Option<&str>) {
        let Some(stream) = self.streams.get(name) else {
            return;
        };
        let (log, config) = (&stream.log, &stream.config);
        let limits = [
            config.max_msgs_per_subject,
            config.max_msgs,
            config.max_bytes,
        ];
        if limits.iter().flatten().all(|max| *max == 0) {
            return;
        }
        let mut gone: BTreeSet<u64> = BTreeSet::new();
        if let Some(max) = config.max_msgs_per_subject.filter(|max| *max > 0) {
            let kept = usize::try_from(max).unwrap_or(usize::MAX);
            let mut trim = |seqs: &Row| {
                let over = seqs.len().saturating_sub(kept);
                gone.extend(seqs.iter().take(over));
            };
            match subject {
                Some(subject) => log.on(subject).into_iter().for_each(&mut trim),
                None => log.subjects(">").for_each(|(_, seqs)| trim(seqs)),
            }
        }
        let (mut count, mut bytes) = (log.len() - gone.len() as u64, log.bytes());
        for seq in &gone {
            bytes = bytes.saturating_sub(log.get(*seq).map_or(0, Stored::size));
        }
        let max_msgs = config.max_msgs.filter(|max| *max > 0).unwrap_or(u64::MAX);
        let max_bytes = config.max_bytes.filter(|max| *max > 0).unwrap_or(u64::MAX);
        for stored in log.from(0) {
            if count <= max_msgs && bytes <= max_bytes {
                break;
            }
            if gone.insert(stored.seq) {
                count -= 1;
                bytes = bytes.saturating_sub(stored.size());
            }
        }
        for seq in gone {
            self.remove(name, seq, "limit");
        }
    }

    /// Removes a message from its stream.
    pub(super) fn remove(&mut self, name: &Arc<str>, seq: u64, why: &str) {
        let Some(stream) = self.streams.get_mut(name) else {
            return;
        };
        let Some(stored) = stream.log.remove(seq) else {
            return;
        };
        self.out.tell(Fact::Removed {
            record: stored.message.record,
            stream: name.clone(),
            seq,
            why: why.into(),
        });
        for (consumer, one) in &mut stream.consumers {
            if one.removed(seq, &stored.message.subject) {
                self.signals.add(name, consumer);
            }
        }
    }

    /// Removes messages that are too old.
    pub(super) fn expire(&mut self, name: &Arc<str>) {
        let now = self.now;
        while let Some(stream) = self.streams.get(name)
            && stream.next_expiry().is_some_and(|at| at <= now)
            && let Some(oldest) = stream.log.oldest()
        {
            let seq = oldest.seq;
            self.remove(name, seq, "age");
        }
    }

    /// Removes a message that a consumer is done with, where the retention says so.
    pub(super) fn settled(&mut self, name: &Arc<str>, consumer: &Arc<str>, seq: u64) {
        let Some(stream) = self.streams.get(name) else {
            return;
        };
        let goes = match stream.config.retention {
            Retention::Limits => false,
            Retention::WorkQueue => {
                !self.has_copies(name) || !stream.is_wanted(seq, Some(consumer))
            }
            Retention::Interest => !stream.is_wanted(seq, Some(consumer)),
        };
        if goes {
            self.remove(name, seq, "acked");
        }
    }
}
