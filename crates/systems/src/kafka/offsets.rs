//! The offsets that a group has committed, and those that transactions have written for it.
//!
//! # Rules
//! 1. A committed offset is the next one to read. Neither who owns the partition nor whether the offset
//!    lies in the log is looked at. Shown by: kafka-txn-send-offsets.
//! 2. An offset written in a transaction is pending: nobody sees it until the transaction commits, and
//!    an abort forgets it. Who asks for stable offsets gets `UNSTABLE_OFFSET_COMMIT` meanwhile, for the
//!    partitions concerned only. Source: KIP-98, KIP-447. Shown by: kafka-txn-send-offsets.
//! 3. Of a pending offset and another for the same partition the one written later wins, whichever was
//!    committed last. Source: `OffsetMetadataManager.completeTransactionalOffsetCommits`. Shown by: the
//!    test `the_offset_written_later_wins`.
//! 4. A deleted topic takes its offsets along. Source: `GroupCoordinator.onPartitionsDeleted`. Shown
//!    by: kafka-log-delete-topic.
//! 5. A commit may carry a note of up to `offset.metadata.max.bytes`; the next commit replaces it too.
//!    Source: documentation, "Broker Configs". Shown by: kafka-group-commit-values.
//! 6. A negative offset is kept as it is, and reads as if there were none. Source:
//!    `OffsetFetchResponse.INVALID_OFFSET`. Shown by: kafka-group-commit-values.
//!
//! Left out: leader epochs. How long offsets are kept stands in [`super::group::keeping`].

use super::log::producers::ProducerId;
use super::log::record::Ended;
use super::{Error, Offset, Partition, TopicId};
use explore::Weigh;
use explore::time::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An offset written in a transaction that is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
struct Pending {
    producer: ProducerId,
    partition: Partition,
    offset: Offset,
    /// Whether another one for the partition was written after it, and counts already.
    overtaken: bool,
}

/// What a commit of the library's calls has beside its offset.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
struct Note {
    at: Instant,
    text: Arc<str>,
}

/// A group's offsets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Offsets {
    /// By partition.
    committed: Vec<(Partition, Offset)>,
    /// Of those that were committed with a note and their time.
    notes: BTreeMap<Partition, Note>,
    /// In the order they were written.
    pending: Vec<Pending>,
}

impl Offset {
    /// What stands for every negative offset: it is no place in a log (rule 6).
    pub const NEGATIVE: Offset = Offset(u64::MAX);
}

impl Offsets {
    /// The committed offset of a partition: the next one to read. Nothing where nothing was ever committed.
    pub fn committed(&self, partition: Partition) -> Option<Offset> {
        self.committed
            .binary_search_by_key(&partition, |entry| entry.0)
            .ok()
            .map(|at| self.committed[at].1)
            .filter(|offset| *offset != Offset::NEGATIVE)
    }

    /// The note of a committed offset.
    pub fn note(&self, partition: Partition) -> Option<&str> {
        self.notes.get(&partition).map(|note| &*note.text)
    }

    /// Writes a committed offset with its note and its time (rule 5).
    pub(super) fn enter_dated(
        &mut self,
        partition: Partition,
        offset: Offset,
        text: &Arc<str>,
        at: Instant,
    ) {
        self.commit(&[(partition, offset)]);
        let text = Arc::clone(text);
        self.notes.insert(partition, Note { at, text });
    }

    /// Forgets a committed offset.
    pub(super) fn remove(&mut self, partition: Partition) {
        self.committed.retain(|(at, _)| *at != partition);
        self.notes.remove(&partition);
        for pending in &mut self.pending {
            pending.overtaken |= pending.partition == partition;
        }
    }

    /// The offsets that can expire, and when they were committed.
    pub(super) fn dated(&self) -> impl Iterator<Item = (Partition, Instant)> + '_ {
        let is_open = |at: Partition| self.pending.iter().any(|one| one.partition == at);
        let notes = self.notes.iter().map(|(at, note)| (*at, note.at));
        notes.filter(move |(at, _)| !is_open(*at))
    }

    /// Whether some of them can expire.
    pub(super) fn can_expire(&self) -> bool {
        !self.notes.is_empty()
    }

    /// Whether there are none, and no transaction has written any.
    pub(super) fn is_unused(&self) -> bool {
        self.committed.is_empty() && self.pending.is_empty()
    }

    /// The committed offset of a partition, for somebody who does not want one that may change with a
    /// transaction (rule 2).
    ///
    /// # Errors
    /// [`Error::UnstableOffsetCommit`].
    pub fn stable(&self, partition: Partition) -> Result<Option<Offset>, Error> {
        if self.pending.iter().any(|one| one.partition == partition) {
            return Err(Error::UnstableOffsetCommit);
        }
        Ok(self.committed(partition))
    }

    /// All committed offsets, by partition.
    pub fn all(&self) -> &[(Partition, Offset)] {
        &self.committed
    }

    /// Writes committed offsets.
    pub fn commit(&mut self, offsets: &[(Partition, Offset)]) {
        for &(partition, offset) in offsets {
            self.enter(partition, offset);
            for pending in &mut self.pending {
                pending.overtaken |= pending.partition == partition;
            }
        }
    }

    fn enter(&mut self, partition: Partition, offset: Offset) {
        self.notes.remove(&partition);
        match self
            .committed
            .binary_search_by_key(&partition, |entry| entry.0)
        {
            Ok(at) => self.committed[at].1 = offset,
            Err(at) => self.committed.insert(at, (partition, offset)),
        }
    }

    /// Writes offsets that count when the producer's transaction commits.
    pub fn write(&mut self, producer: ProducerId, offsets: &[(Partition, Offset)]) {
        for &(partition, offset) in offsets {
            self.pending
                .retain(|one| (one.producer, one.partition) != (producer, partition));
            self.pending.push(Pending {
                producer,
                partition,
                offset,
                overtaken: false,
            });
        }
    }

    /// A producer's transaction has ended (rules 2 and 3).
    pub fn end(&mut self, producer: ProducerId, ended: Ended) {
        if ended == Ended::Commit {
            for at in 0..self.pending.len() {
                let one = self.pending[at];
                if one.producer == producer && !one.overtaken {
                    self.enter(one.partition, one.offset);
                    for earlier in &mut self.pending[..at] {
                        earlier.overtaken |= earlier.partition == one.partition;
                    }
                }
            }
        }
        self.pending.retain(|one| one.producer != producer);
    }

    /// Forgets what is written for a topic (rule 4).
    pub fn forget(&mut self, topic: TopicId) {
        self.committed
            .retain(|(partition, _)| partition.topic != topic);
        self.notes.retain(|partition, _| partition.topic != topic);
        self.pending.retain(|one| one.partition.topic != topic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: Partition = Partition {
        topic: TopicId(0),
        index: 0,
    };

    fn check(steps: &[(&str, u64)], expected: Option<u64>) {
        let mut offsets = Offsets::default();
        for (what, number) in steps {
            let (one, other) = (ProducerId(1), ProducerId(2));
            match *what {
                "plain" => offsets.commit(&[(P, Offset(*number))]),
                "one writes" => offsets.write(one, &[(P, Offset(*number))]),
                "other writes" => offsets.write(other, &[(P, Offset(*number))]),
                "one commits" => offsets.end(one, Ended::Commit),
                "other commits" => offsets.end(other, Ended::Commit),
                "one aborts" => offsets.end(one, Ended::Abort),
                unknown => panic!("{unknown}"),
            }
        }
        let found = offsets.committed(P).map(|offset| offset.0);
        assert_eq!(found, expected, "{steps:?}");
    }

    #[test]
    fn the_offset_written_later_wins() {
        check(&[("plain", 1), ("one writes", 2)], Some(1));
        check(&[("one writes", 2), ("one commits", 0)], Some(2));
        check(
            &[("plain", 1), ("one writes", 2), ("one aborts", 0)],
            Some(1),
        );
        check(
            &[("one writes", 2), ("plain", 1), ("one commits", 0)],
            Some(1),
        );
        check(
            &[
                ("one writes", 2),
                ("other writes", 3),
                ("other commits", 0),
                ("one commits", 0),
            ],
            Some(3),
        );
        check(
            &[
                ("one writes", 2),
                ("other writes", 3),
                ("one commits", 0),
                ("other commits", 0),
            ],
            Some(3),
        );
        check(
            &[
                ("one writes", 2),
                ("plain", 1),
                ("one writes", 4),
                ("one commits", 0),
            ],
            Some(4),
        );
    }

    #[test]
    fn who_wants_stable_offsets_is_told_of_open_transactions() {
        let mut offsets = Offsets::default();
        offsets.commit(&[(P, Offset(1))]);
        offsets.write(ProducerId(1), &[(P, Offset(2))]);
        assert_eq!(offsets.stable(P), Err(Error::UnstableOffsetCommit));
        let other = Partition { index: 1, ..P };
        assert_eq!(offsets.stable(other), Ok(None));
        offsets.end(ProducerId(1), Ended::Commit);
        assert_eq!(offsets.stable(P), Ok(Some(Offset(2))));
    }
}
