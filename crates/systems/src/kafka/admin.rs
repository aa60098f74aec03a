//! What administrators ask: topics made, changed, grown and deleted; records deleted.
//!
//! # Rules
//! 1. A topic that exists is `TOPIC_ALREADY_EXISTS`, one whose name is too much like another's
//!    `INVALID_TOPIC_EXCEPTION`, less than one partition `INVALID_PARTITIONS`, more replicas than
//!    brokers `INVALID_REPLICATION_FACTOR`; an assignment that names a broker that is not there, or one
//!    twice, `INVALID_REPLICA_ASSIGNMENT`. Source: `ReplicationControlManager.createTopic`. Shown by:
//!    kafka-log-unknown-targets.
//! 2. Partitions can only be added. Old records stay where they are. The same or a smaller number is
//!    `INVALID_PARTITIONS`. Source: `ReplicationControlManager.createPartitions`. Shown by:
//!    kafka-log-add-partitions-basic.
//! 3. A topic that is made again under an old name begins at 0 and has another id; what groups had
//!    committed for the old one is gone. Source: KIP-516, `GroupCoordinator.onPartitionsDeleted`. Shown
//!    by: kafka-log-delete-topic.
//! 4. Records of a topic that is compacted and nothing else cannot be deleted: `POLICY_VIOLATION`.
//!    Source: `ReplicaManager.deleteRecordsOnLocalLog`. Shown by: the test
//!    `records_of_a_compacted_topic_are_not_deleted`.
//! 5. A topic that is not there is `UNKNOWN_TOPIC_OR_PARTITION`, and `INVALID_TOPIC_EXCEPTION` when
//!    none can be called so. Source: `KafkaApis.getTopicMetadata`. Shown by: the test
//!    `metadata_tell_an_impossible_topic_from_an_unknown_one`.

use super::topic::{Config, INTERNAL, Topic, Written, collide, is_name};
use super::{Broker, Error, Offset, Partition, TopicId};
use explore::slot::Slot;
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
        let written: Written = written.into_iter().collect();
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

    /// A topic as a scene has it: its name, its partitions and its settings are checked.
    pub fn add_topic(&mut self, name: &str, partitions: u16, config: Config) {
        self.topics.push(Slot::new(Topic {
            name: name.into(),
            config,
            written: Arc::default(),
            logs: vec![super::log::Log::default(); usize::from(partitions)],
        }));
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

    /// How many partitions a topic has: what the broker answers when it is asked for its metadata
    /// (rule 5). Those of an internal topic are answered as a write to it is.
    ///
    /// # Errors
    /// [`Error::UnknownTopicOrPartition`], [`Error::InvalidTopic`].
    pub fn metadata(&self, name: &str) -> Result<u16, Error> {
        match self.find_topic(name) {
            Some(topic) => Ok(self.partitions(topic).count() as u16),
            None if is_name(name) && !INTERNAL.contains(&name) => {
                Err(Error::UnknownTopicOrPartition)
            }
            None => Err(Error::InvalidTopic),
        }
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
        let mut written: BTreeMap<Arc<str>, Arc<str>> = topic.written.iter().cloned().collect();
        for (name, value) in settings {
            match value {
                Some(value) => written.insert((*name).into(), (*value).into()),
                None => written.remove(*name),
            };
        }
        let written: Written = written.into_iter().collect();
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

#[cfg(test)]
mod tests {
    use super::super::log::record::{Batch, Record};
    use super::super::{Settings, TopicId};
    use super::*;
    use explore::time::Instant;

    fn broker() -> (Broker, TopicId) {
        let mut broker = Broker::new(Settings::default(), 0);
        let topic = broker.create_topic("t", 2, &[]).expect("a topic");
        (broker, topic)
    }

    #[test]
    fn records_of_a_compacted_topic_are_not_deleted() {
        let (mut broker, topic) = broker();
        let place = Partition { topic, index: 0 };
        let batch = Batch::plain(vec![Record::new("k", "v")]);
        broker
            .produce(Instant(0), place, &batch, None)
            .expect("it is stored");
        let mut check = |policy: &str, expected| {
            let setting = ("cleanup.policy", Some(policy));
            broker.alter_topic(topic, &[setting]).expect("a policy");
            assert_eq!(broker.delete_records(place, None), expected, "{policy}");
        };
        check("compact", Err(Error::PolicyViolation));
        check("compact,delete", Ok(Offset(1)));
        check("delete", Ok(Offset(1)));
    }

    #[test]
    fn metadata_tell_an_impossible_topic_from_an_unknown_one() {
        let (broker, _) = broker();
        assert_eq!(
            broker.metadata("nothere"),
            Err(Error::UnknownTopicOrPartition)
        );
        for name in ["", "..", "bad name", "__consumer_offsets"] {
            assert_eq!(broker.metadata(name), Err(Error::InvalidTopic), "{name}");
        }
        let (_, topic) = broker.topics().next().expect("a topic");
        assert_eq!(broker.metadata(&topic.name), Ok(topic.logs.len() as u16));
    }

    #[test]
    fn a_refused_change_changes_nothing() {
        let (mut broker, topic) = broker();
        let before = broker.clone();
        let settings = [("retention.ms", Some("5")), ("segment.ms", Some("soon"))];
        assert_eq!(
            broker.alter_topic(topic, &settings),
            Err(Error::InvalidConfig)
        );
        assert_eq!(
            broker.add_partitions(topic, 2),
            Err(Error::InvalidPartitions)
        );
        assert_eq!(
            broker.create_topic("t.a", 0, &[]),
            Err(Error::InvalidPartitions)
        );
        assert_eq!(broker, before);
    }
}
