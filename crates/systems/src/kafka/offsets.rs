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
//!
//! Not here yet: metadata, leader epochs, and the expiry of offsets.

use super::log::producers::ProducerId;
use super::log::record::Ended;
use super::{Error, Offset, Partition, TopicId};
use explore::Weigh;

/// An offset written in a transaction that is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
struct Pending {
    producer: ProducerId,
    partition: Partition,
    offset: Offset,
    /// Whether another one for the partition was written after it, and counts already.
    overtaken: bool,
}

/// A group's offsets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Offsets {
    /// By partition.
    committed: Vec<(Partition, Offset)>,
    /// In the order they were written.
    pending: Vec<Pending>,
}

impl Offsets {
    /// The committed offset of a partition: the next one to read. Nothing where nothing was ever committed.
    pub fn committed(&self, partition: Partition) -> Option<Offset> {
        self.committed
            .binary_search_by_key(&partition, |entry| entry.0)
            .ok()
            .map(|at| self.committed[at].1)
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
