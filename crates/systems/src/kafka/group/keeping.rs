//! How long groups and their offsets are kept, and how they are deleted.
//!
//! # Rules
//! 1. Offsets are dropped `offsets.retention.minutes` after their commit, in a group of consumers without
//!    members after the last one has left, in a stable one after their commit if nobody subscribes to the
//!    topic. While a group rebalances, or is of another protocol type and has members, none are dropped;
//!    nor is one that an open transaction may change. Source: `ClassicGroup.offsetExpirationCondition`,
//!    `OffsetMetadataManager.cleanupExpiredOffsets`. Shown by: kafka-group-offsets-expire.
//! 2. A group without members and offsets disappears. Source: `maybeDeleteGroup`. Shown by:
//!    kafka-group-offsets-expire.
//! 3. A group with members is not deleted: `NON_EMPTY_GROUP`. Source: `validateDeleteGroup`. Shown by:
//!    kafka-group-group-without-members.
//! 4. Offsets of a topic that a member subscribes to are not deleted: `GROUP_SUBSCRIBED_TO_TOPIC`; none
//!    are while members of another protocol type are in the group. Source: `validateOffsetDelete`. Shown
//!    by: kafka-group-group-without-members.
//!
//! Simplified: only commits that are made with their time ([`Broker::commit_offsets`]) can expire: those
//! of scenes, which are over before that, and of transactions cannot. In a group whose members never
//! committed, an offset that is committed after they have left counts from its commit.
//!
//! [`Broker::commit_offsets`]: crate::kafka::Broker::commit_offsets

use super::{Group, State};
use crate::kafka::{Error, Partition};
use explore::time::{Instant, Span};

impl Group {
    /// From when on an offset's time counts; none if it does not expire as things are (rule 1).
    fn counts_from(&self, partition: Partition, committed: Instant) -> Option<Instant> {
        match (self.state, self.protocol_type().is_some()) {
            (State::Empty, true) => Some(self.emptied.unwrap_or(committed)),
            (_, false) => Some(committed),
            (State::Stable, true) if self.is_of_consumers() => {
                (!self.subscribes_to(partition.topic)).then_some(committed)
            }
            _ => None,
        }
    }

    /// When the next offset expires, or the group itself, if nothing happens until then.
    pub fn expires(&self, retention: Span) -> Option<Instant> {
        if self.state == State::Empty && self.exists() && self.offsets.is_unused() {
            return Some(Instant(0));
        }
        let dated = self.offsets.dated();
        let due = dated.filter_map(|(partition, at)| self.counts_from(partition, at));
        due.map(|from| from + retention).min()
    }

    /// Drops what has expired by now (rules 1 and 2).
    pub fn expire_offsets(&mut self, now: Instant, retention: Span) {
        let dated: Vec<_> = self.offsets.dated().collect();
        for (partition, at) in dated {
            let from = self.counts_from(partition, at);
            if from.is_some_and(|from| from + retention <= now) {
                self.offsets.remove(partition);
            }
        }
        if self.state == State::Empty && self.exists() && self.offsets.is_unused() {
            self.clear();
        }
    }

    /// Deletes the group (rule 3).
    ///
    /// # Errors
    /// [`Error::GroupIdNotFound`], [`Error::NonEmptyGroup`].
    pub fn delete(&mut self) -> Result<(), Error> {
        if !self.exists() {
            return Err(Error::GroupIdNotFound);
        }
        if self.state != State::Empty {
            return Err(Error::NonEmptyGroup);
        }
        self.clear();
        Ok(())
    }

    /// Nothing is left but which ids were given out: no id is given twice.
    fn clear(&mut self) {
        *self = Group {
            ids_given: std::mem::take(&mut self.ids_given),
            ..Group::default()
        };
    }

    /// Deletes offsets of partitions that exist (rule 4).
    ///
    /// # Errors
    /// For all: [`Error::GroupIdNotFound`], [`Error::NonEmptyGroup`]; for each:
    /// [`Error::GroupSubscribedToTopic`].
    pub fn delete_offsets(
        &mut self,
        partitions: &[Partition],
    ) -> Result<Vec<Result<(), Error>>, Error> {
        if !self.exists() {
            return Err(Error::GroupIdNotFound);
        }
        if self.state != State::Empty && !self.is_of_consumers() {
            return Err(Error::NonEmptyGroup);
        }
        let delete = |&partition: &Partition| {
            if self.subscribes_to(partition.topic) {
                return Err(Error::GroupSubscribedToTopic);
            }
            self.known = true;
            self.offsets.remove(partition);
            Ok(())
        };
        Ok(partitions.iter().map(delete).collect())
    }
}
