//! What administrators ask: topics made, changed, grown and deleted; records deleted.
//!
//! # Rules
//! 1. A topic that exists is `TOPIC_ALREADY_EXISTS`, one whose name is too much like another's
//!    `INVALID_TOPIC_EXCEPTION`, less than one partition `INVALID_PARTITIONS`, more replicas than
//!    brokers `INVALID_REPLICATION_FACTOR`; an assignment that names a broker that is not there, or
//!    one twice, `INVALID_REPLICA_ASSIGNMENT`. Source: `ReplicationControlManager.createTopic`.
//! 2. Partitions can only be added. Old records stay where they are. The same or a smaller number is
//!    `INVALID_PARTITIONS`. Source: `ReplicationControlManager.createPartitions`.
//! 3. A topic that is made again under an old name begins at 0 and has another id; what groups had
//!    committed for the old one is gone. Source: KIP-516, `GroupCoordinator.onPartitionsDeleted`.
//! 4. Records of a topic that is compacted and nothing else cannot be deleted: `POLICY_VIOLATION`.
//!    Source: `ReplicaManager.deleteRecordsOnLocalLog`.

use super::topic::{Config, INTERNAL, Topic, collide, is_name};
use super::{Broker, Error, Offset, Partition, TopicId};
use crate::slot::Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A setting and what is written for it; nothing takes it back.
pub type Setting<'a> = (&'a str, Option<&'a str>);

impl Broker {
    /// Makes a topic with so many partitions and these settings (rule 1).
    ///
    /// # Errors
    /// As rule 1 says, and [`Error::InvalidConfig`].
    pub fn create_topic(
        &mut self,
        name: &str,
        partitions: u16,
        settings: &[(&str, &str)],
    ) -> Result<TopicId, Error> {
        let replicas = vec![vec![self.settings().node]; usize::from(partitions)];
        self.create_topic_placed(name, &replicas, settings)
    }

    /// Makes a topic whose partitions have their replicas on these brokers.
    ///
    /// # Errors
    /// As rule 1 says, and [`Error::InvalidConfig`].
    pub fn create_topic_placed(
        &mut self,
        name: &str,
        replicas: &[Vec<i32>],
        settings: &[(&str, &str)],
    ) -> Result<TopicId, Error> {
        self.check_topic_name(name)?;
        if replicas.is_empty() || replicas.len() > usize::from(u16::MAX) {
            return Err(Error::InvalidPartitions);
        }
        for placed in replicas {
            let distinct: BTreeSet<&i32> = placed.iter().collect();
            let here = placed.iter().all(|node| *node == self.settings().node);
            if placed.is_empty() || distinct.len() < placed.len() || !here {
                return Err(Error::InvalidReplicaAssignment);
            }
        }
        let written: BTreeMap<Arc<str>, Arc<str>> = settings
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        let config = Config::of(&self.settings().topic, &written)?;
        let id = u8::try_from(self.topics.len()).map_err(|_| Error::InvalidPartitions)?;
        self.topics.push(Slot::new(Topic {
            name: name.into(),
            config,
            written,
            logs: vec![super::log::Log::default(); replicas.len()],
        }));
        Ok(TopicId(id))
    }

    /// Whether a topic can be made under this name (rule 1).
    ///
    /// # Errors
    /// [`Error::TopicAlreadyExists`], [`Error::InvalidTopic`].
    pub fn check_topic_name(&self, name: &str) -> Result<(), Error> {
        if self.find_topic(name).is_some() || INTERNAL.contains(&name) {
            return Err(Error::TopicAlreadyExists);
        }
        let mut names = self.topics().map(|(_, topic)| &*topic.name);
        if !is_name(name) || names.any(|other| collide(name, other)) {
            return Err(Error::InvalidTopic);
        }
        Ok(())
    }

    /// All topics there are.
    pub fn topics(&self) -> impl Iterator<Item = (TopicId, &Topic)> {
        (0..self.topics.len())
            .map(|at| TopicId(at as u8))
            .filter_map(|id| Some((id, self.topic(id)?)))
    }

    /// The topic of this name.
    pub fn find_topic(&self, name: &str) -> Option<TopicId> {
        let mut topics = self.topics();
        topics
            .find(|(_, topic)| &*topic.name == name)
            .map(|(id, _)| id)
    }

    pub(super) fn topic_mut(&mut self, topic: TopicId) -> Result<&mut Topic, Error> {
        if self.topic(topic).is_none() {
            return Err(Error::UnknownTopicOrPartition);
        }
        let slot = self.topics.get_mut(usize::from(topic.0));
        slot.map(|slot| &mut **slot)
            .ok_or(Error::UnknownTopicOrPartition)
    }

    /// Changes settings of a topic.
    ///
    /// # Errors
    /// [`Error::UnknownTopicOrPartition`], [`Error::InvalidConfig`]; then nothing is changed.
    pub fn alter_topic(&mut self, topic: TopicId, settings: &[Setting<'_>]) -> Result<(), Error> {
        let defaults = self.settings().topic.clone();
        let topic = self.topic_mut(topic)?;
        let mut written = topic.written.clone();
        for (name, value) in settings {
            match value {
                Some(value) => written.insert((*name).into(), (*value).into()),
                None => written.remove(*name),
            };
        }
        topic.config = Config::of(&defaults, &written)?;
        topic.written = written;
        Ok(())
    }

    /// Raises the number of a topic's partitions (rule 2).
    ///
    /// # Errors
    /// [`Error::UnknownTopicOrPartition`], [`Error::InvalidPartitions`].
    pub fn add_partitions(&mut self, topic: TopicId, total: u16) -> Result<(), Error> {
        let topic = self.topic_mut(topic)?;
        if usize::from(total) <= topic.logs.len() {
            return Err(Error::InvalidPartitions);
        }
        topic
            .logs
            .resize(usize::from(total), super::log::Log::default());
        Ok(())
    }

    /// Deletes a topic, and what groups committed for it (rule 3).
    ///
    /// # Errors
    /// [`Error::UnknownTopicOrPartition`].
    pub fn delete_topic(&mut self, topic: TopicId) -> Result<(), Error> {
        *self.topic_mut(topic)? = Topic::default();
        for group in &mut self.groups {
            group.offsets_mut().forget(topic);
        }
        Ok(())
    }

    /// Deletes the records below an offset; nothing means all below the high watermark. Says where
    /// the log begins then.
    ///
    /// # Errors
    /// [`Error::UnknownTopicOrPartition`], [`Error::PolicyViolation`], [`Error::OffsetOutOfRange`].
    pub fn delete_records(
        &mut self,
        partition: Partition,
        before: Option<Offset>,
    ) -> Result<Offset, Error> {
        let topic = self.topic_mut(partition.topic)?;
        let cleanup = topic.config.cleanup;
        let log = topic.logs.get_mut(usize::from(partition.index));
        let log = log.ok_or(Error::UnknownTopicOrPartition)?;
        if cleanup.compact && !cleanup.delete {
            return Err(Error::PolicyViolation);
        }
        log.delete_before(before)
    }
}
