//! What producers ask: ids, records written, transactions opened and ended.
//!
//! # Rules
//! 1. An internal topic is `INVALID_TOPIC_EXCEPTION`; a partition that is not there
//!    `UNKNOWN_TOPIC_OR_PARTITION`. Source: `ReplicaManager.appendRecords`. Shown by:
//!    kafka-log-unknown-targets.
//! 2. With one replica `acks` 1 and all are the same: what is stored is on all replicas.
//!    `min.insync.replicas` above the number of replicas does not refuse it. Source: KIP-966. Shown by:
//!    kafka-log-acks.
//! 3. A transactional batch whose producer has no transaction open in the partition is held against the
//!    coordinator first: version 2 adds the partition to the transaction, version 1 must have added it
//!    (`TRANSACTION_ABORTABLE`), unless `transaction.partition.verification.enable` is off.
//!    `PRODUCER_FENCED` is then told as `INVALID_PRODUCER_EPOCH`. Source: KIP-890,
//!    `AddPartitionsToTxnManager`. Shown by: kafka-txn-foreign-id, kafka-txn-fencing,
//!    kafka-txn-epoch-per-transaction.
//! 4. Offsets written in a transaction are held against the coordinator in the same way, and then
//!    against the group: an unknown member is `UNKNOWN_MEMBER_ID`, another generation
//!    `ILLEGAL_GENERATION`; without a member nothing is looked at. Source: KIP-447,
//!    `ClassicGroup.validateOffsetCommit`. Shown by: kafka-txn-offsets-member, kafka-txn-offsets-v1.
//! 5. When one of several partitions cannot be added to a transaction, none is: the others are
//!    `OPERATION_NOT_ATTEMPTED`. Source: `KafkaApis.handleAddPartitionsToTxnRequest`. Shown by:
//!    kafka-txn-offsets-v1.
//! 6. Without a transactional id every init gives a new producer id, with epoch 0. Source: KIP-98.
//!    Shown by: kafka-txn-idempotent-epochs.

mod markers;
mod scene;

use super::group::{Generation, MemberId};
use super::log::producers::{Epoch, Origin};
use super::log::record::{Batch, Timestamp};
use super::log::{Appended, Refused};
use super::settings::TransactionVersion;
use super::transaction::{Identity, Parts, Transaction, TransactionalId};
use super::{Broker, Error, GroupId, Offset, Partition, ProducerRequest, ProducerResponse};
use explore::Weigh;
use explore::time::{Instant, Span};

/// How a producer of a transactional batch is known to the coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Transactional {
    /// Under which id.
    pub id: TransactionalId,
    /// Which version of transactions it speaks.
    pub version: TransactionVersion,
}

/// Whose offsets are written in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Membership {
    /// The member.
    pub member: MemberId,
    /// In which generation.
    pub generation: Generation,
}

impl Broker {
    /// What is known of a transactional id.
    pub fn transaction(&self, id: TransactionalId) -> Option<&Transaction> {
        self.transactions.get(id)
    }

    /// All transactional ids.
    pub fn transactions(&self) -> impl Iterator<Item = (TransactionalId, &Transaction)> {
        self.transactions.all()
    }

    /// Answers a producer at once.
    pub fn answer(&mut self, now: Instant, request: ProducerRequest) -> ProducerResponse {
        use {ProducerRequest as Asked, ProducerResponse as Answer};
        match request {
            Asked::InitIdempotent => Answer::Identity(Ok(self.init_idempotent())),
            Asked::Init(id, timeout, known_as) => {
                Answer::Identity(self.init_transactional(now, id, timeout, known_as))
            }
            Asked::AddPartition(id, by, partition) => {
                let added = self.add_partitions_to_txn(now, id, by, &[Some(partition)]);
                let first = |errors: Vec<Error>| errors.into_iter().next();
                Answer::Done(added.map_err(|errors| first(errors).unwrap_or(Error::InvalidRequest)))
            }
            Asked::AddOffsets(id, by, group) => {
                Answer::Done(self.add_offsets_to_txn(now, id, by, group))
            }
            Asked::Produce(partition, batch, one) => {
                Answer::Produced(self.produce(now, partition, &batch, one))
            }
            Asked::TxnOffsetCommit {
                one,
                by,
                group,
                membership,
                offsets,
            } => Answer::Done(self.txn_offset_commit(now, one, by, group, membership, &offsets)),
            Asked::End(one, by, ended) => Answer::Identity(self.end_txn(now, one, by, ended)),
        }
    }

    /// Gives out a producer id without a transactional id (rule 6).
    pub fn init_idempotent(&mut self) -> Identity {
        Identity {
            producer: self.transactions.new_producer(),
            epoch: Epoch(0),
        }
    }

    /// Takes a transactional id.
    ///
    /// # Errors
    /// [`Error::InvalidTransactionTimeout`], [`Error::ConcurrentTransactions`],
    /// [`Error::ProducerFenced`].
    pub fn init_transactional(
        &mut self,
        now: Instant,
        id: TransactionalId,
        timeout: Span,
        expected: Option<Identity>,
    ) -> Result<Identity, Error> {
        self.transactions
            .init(now, id, timeout, expected, &self.settings)
    }

    /// Writes a batch to a partition (rules 1 to 3).
    ///
    /// # Errors
    /// Those of [`Log::append`](super::log::Log::append) and of the coordinator.
    pub fn produce(
        &mut self,
        now: Instant,
        partition: Partition,
        batch: &Batch,
        transactional: Option<Transactional>,
    ) -> Result<Appended, Refused> {
        let version = transactional.map_or(TransactionVersion::V1, |one| one.version);
        if batch.transactional
            && let Some(stamp) = batch.stamp
        {
            let log = self.log(partition).ok_or(Error::UnknownTopicOrPartition)?;
            if !log.producers().is_open(stamp.producer, stamp.epoch) {
                let one = transactional.ok_or(Error::InvalidRequest)?;
                let by = Identity {
                    producer: stamp.producer,
                    epoch: stamp.epoch,
                };
                if self.announce(now, one, by, &Parts::partition(partition))? {
                    let log = self.log_mut(partition)?;
                    log.producers_mut().attempt(stamp);
                }
            }
        }
        self.append(now.into(), partition, batch, version)
    }

    /// Hands a client's batch to a log, whose only replica has it then (rule 2).
    ///
    /// # Errors
    /// A partition that is not there, or what the log refuses.
    pub fn append(
        &mut self,
        now: Timestamp,
        partition: Partition,
        batch: &Batch,
        version: TransactionVersion,
    ) -> Result<Appended, Refused> {
        let topic = self.topic_mut(partition.topic)?;
        let log = topic.logs.get_mut(usize::from(partition.index));
        let log = log.ok_or(Error::UnknownTopicOrPartition)?;
        let origin = Origin::Client {
            bumps_epochs: version == TransactionVersion::V2,
        };
        let appended = log.append(now, batch, origin, &topic.config)?;
        log.acknowledge(log.end());
        Ok(appended)
    }

    /// Holds a write against the coordinator, or adds it to the transaction (rules 3 and 4). Says
    /// whether the coordinator was asked.
    fn announce(
        &mut self,
        now: Instant,
        one: Transactional,
        by: Identity,
        parts: &Parts,
    ) -> Result<bool, Error> {
        let answer = match one.version {
            TransactionVersion::V2 => self.transactions.add(now, one.id, by, parts, one.version),
            TransactionVersion::V1 if self.settings.transaction_verification => {
                self.transactions.verify(one.id, by, parts)
            }
            TransactionVersion::V1 => return Ok(false),
        };
        match answer {
            Ok(()) => Ok(true),
            Err(Error::ProducerFenced) => Err(Error::InvalidProducerEpoch),
            Err(error) => Err(error),
        }
    }

    /// Adds partitions to a transaction, all or none (rule 5).
    ///
    /// # Errors
    /// Of each partition its own, or the coordinator's of all of them.
    pub fn add_partitions_to_txn(
        &mut self,
        now: Instant,
        id: TransactionalId,
        by: Identity,
        partitions: &[Option<Partition>],
    ) -> Result<(), Vec<Error>> {
        let known = |one: &Option<Partition>| one.filter(|one| self.log(*one).is_some());
        let found: Vec<Option<Partition>> = partitions.iter().map(known).collect();
        if found.iter().any(Option::is_none) {
            let told = |one: &Option<Partition>| match one {
                Some(_) => Error::OperationNotAttempted,
                None => Error::UnknownTopicOrPartition,
            };
            return Err(found.iter().map(told).collect());
        }
        let parts = Parts {
            partitions: found.into_iter().flatten().collect(),
            ..Parts::default()
        };
        self.transactions
            .add(now, id, by, &parts, TransactionVersion::V1)
            .map_err(|error| vec![error; partitions.len()])
    }

    /// Announces that offsets of a group will be written in a transaction.
    ///
    /// # Errors
    /// Those of the coordinator.
    pub fn add_offsets_to_txn(
        &mut self,
        now: Instant,
        id: TransactionalId,
        by: Identity,
        group: GroupId,
    ) -> Result<(), Error> {
        let parts = Parts::group(group);
        self.transactions
            .add(now, id, by, &parts, TransactionVersion::V1)
    }

    /// Writes offsets that count when the transaction commits (rule 4).
    ///
    /// # Errors
    /// Those of the coordinator, [`Error::UnknownMemberId`], [`Error::IllegalGeneration`].
    pub fn txn_offset_commit(
        &mut self,
        now: Instant,
        one: Transactional,
        by: Identity,
        group: GroupId,
        membership: Option<Membership>,
        offsets: &[(Partition, Offset)],
    ) -> Result<(), Error> {
        self.announce(now, one, by, &Parts::group(group))?;
        let state = self.groups.get_mut(usize::from(group.0));
        let state = state.ok_or(Error::UnknownMemberId)?;
        if let Some(membership) = membership {
            state.check_member(membership.member, membership.generation)?;
        }
        state.offsets_mut().write(by.producer, offsets);
        Ok(())
    }

    fn log_mut(&mut self, partition: Partition) -> Result<&mut super::log::Log, Error> {
        let topic = self.topic_mut(partition.topic)?;
        let log = topic.logs.get_mut(usize::from(partition.index));
        log.ok_or(Error::UnknownTopicOrPartition)
    }
}
