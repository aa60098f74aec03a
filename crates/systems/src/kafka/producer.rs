//! A Kafka producer as users write it: plain, idempotent or transactional.
//!
//! A call is a few requests, one after the other; between any two of them the process can die. So a
//! call is begun ([`Producer::call`]) and led on with each answer ([`Producer::answered`]) until it is
//! done. What it throws has the class that the Java client throws.
//!
//! # Rules
//! 1. An idempotent producer asks for its id before its first record; a transactional one when it is
//!    told to init. What is answered with `CONCURRENT_TRANSACTIONS` it asks again: another transaction
//!    of its id is still ending. Source: KIP-98, `TransactionManager.initializeTransactions`,
//!    `ConcurrentTransactionsException`. Shown by: kafka-txn-crash-new-instance.
//! 2. Calls out of order throw `IllegalStateException`, and change nothing. Source:
//!    `TransactionManager.State.isTransitionValid`. So does a call while another is under way: this
//!    producer has one thread. Shown by: kafka-txn-wrong-calls.
//! 3. Sequences count from 0 in each partition, and from 0 again in a new epoch. Source:
//!    `TxnPartitionMap`. Shown by: kafka-txn-commit, kafka-txn-crash-new-instance.
//! 4. Version 1 announces each partition and group before it writes there; version 2 does not. Source:
//!    KIP-890. Shown by: kafka-txn-cluster-v1.
//! 5. A transaction in which nothing was written ends without a word to the broker. Source:
//!    `TransactionManager.transactionStarted`. Shown by: the test
//!    `a_transaction_without_writes_ends_without_a_word`.
//! 6. After an error of a write in a transaction all that is left is to abort it: everything else
//!    throws. What shows that somebody else has the transactional id is fatal: only closing is left.
//!    Source: `TransactionManager.maybeTransitionToErrorState`, KIP-360. Shown by:
//!    kafka-txn-offsets-member.
//! 7. The broker tells of a fenced epoch as `INVALID_PRODUCER_EPOCH` where records are written, and
//!    that can be aborted; where it is the coordinator who tells it, it is fatal
//!    (`ProducerFencedException`). Source: KIP-588. Shown by: kafka-txn-tools.
//! 8. A batch that the broker finds too large is split and sent again; a single record is not. A record
//!    above `max.request.size` is refused here. Source: `Sender.canSplit`,
//!    `KafkaProducer.ensureValidRecordSize`. Shown by: kafka-log-too-large.
//!
//! Left out: several requests under way at once, lingering, compression. A process in a scene around it
//! also sends again what got lost.

use crate::kafka::log::producers::Sequence;
use crate::kafka::log::record::{Batch, Ended, Record, Stamp};
use crate::kafka::log::{Appended, Refused};
use crate::kafka::produce::{Membership, Transactional};
use crate::kafka::settings::TransactionVersion;
use crate::kafka::transaction::{Identity, TransactionalId};
use crate::kafka::{Error, GroupId, Offset, Partition, ProducerRequest, ProducerResponse};
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use explore::time::Span;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What kind of producer it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Config {
    /// `enable.idempotence`, true as shipped.
    pub idempotent: bool,
    /// `transactional.id`.
    pub transactional_id: Option<TransactionalId>,
    /// `transaction.timeout.ms`, 60000 as shipped.
    pub transaction_timeout: Span,
    /// `max.request.size`, 1048576 as shipped.
    pub max_request_bytes: u64,
    /// The cluster's `transaction.version`, which the client goes by.
    pub version: TransactionVersion,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            idempotent: true,
            transactional_id: None,
            transaction_timeout: Span::from_ms(60_000),
            max_request_bytes: 1_048_576,
            version: TransactionVersion::V2,
        }
    }
}

/// What its user calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// `initTransactions`.
    Init,
    /// `beginTransaction`.
    Begin,
    /// `send`, of records that go to one partition in one batch.
    Send(Partition, Vec<Record>),
    /// `sendOffsetsToTransaction`.
    SendOffsets {
        /// Of which group.
        group: GroupId,
        /// As which member.
        membership: Option<Membership>,
        /// The next offset to read, per partition.
        offsets: Vec<(Partition, Offset)>,
    },
    /// `commitTransaction` or `abortTransaction`.
    End(Ended),
    /// `close`.
    Close,
}

/// What a call throws: a class of the Java client, and the class of its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Exception {
    /// Its class.
    pub class: &'static str,
    /// Its cause's class.
    pub cause: Option<&'static str>,
}

impl Exception {
    const fn of(class: &'static str) -> Self {
        Exception { class, cause: None }
    }

    /// What the client makes of an error of the broker. Source: `Errors`.
    pub fn of_error(error: Error) -> Self {
        Exception::of(match error {
            Error::MessageTooLarge => "RecordTooLargeException",
            Error::RecordListTooLarge => "RecordBatchTooLargeException",
            Error::UnknownTopicOrPartition => "UnknownTopicOrPartitionException",
            Error::InvalidTopic => "InvalidTopicException",
            Error::InvalidTimestamp => "InvalidTimestampException",
            Error::InvalidRecord => "InvalidRecordException",
            Error::OutOfOrderSequenceNumber => "OutOfOrderSequenceException",
            Error::InvalidProducerEpoch => "InvalidProducerEpochException",
            Error::InvalidTxnState => "InvalidTxnStateException",
            Error::InvalidProducerIdMapping => "InvalidPidMappingException",
            Error::InvalidTransactionTimeout => "InvalidTxnTimeoutException",
            Error::ConcurrentTransactions => "ConcurrentTransactionsException",
            Error::ProducerFenced => "ProducerFencedException",
            Error::TransactionAbortable => "TransactionAbortableException",
            Error::UnknownMemberId | Error::IllegalGeneration => "CommitFailedException",
            _ => "KafkaException",
        })
    }
}

/// What a call gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing.
    Done,
    /// Where the first record stands.
    Sent(Appended),
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// A request leaves, and its answer is awaited.
    Ask(ProducerRequest),
    /// The call is over.
    Done(Result<Outcome, Exception>),
}

/// How far it is with its transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
enum State {
    #[default]
    Uninitialized,
    Ready,
    InTransaction,
    /// Only an abort is left (rule 6).
    Abortable(Exception),
    /// Only closing is left (rule 6).
    Fatal(Exception),
}

/// The call that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
enum Doing {
    Init,
    Identify(Partition, VecDeque<Vec<Record>>),
    AddPartition(Partition, VecDeque<Vec<Record>>),
    /// Batches that are left; the first one is with the broker. Where the first record of all stands.
    Send(Partition, VecDeque<Vec<Record>>, Option<Appended>),
    AddOffsets(GroupId, Option<Membership>, Vec<(Partition, Offset)>),
    CommitOffsets,
    End(Ended),
    Close,
}

/// A producer's process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Producer {
    config: Config,
    identity: Option<Identity>,
    state: State,
    sequences: BTreeMap<Partition, Sequence>,
    announced: BTreeSet<Partition>,
    announced_groups: BTreeSet<GroupId>,
    /// Whether the broker may know of the open transaction (rule 5).
    started: bool,
    /// The call that is under way, and what it has asked last.
    doing: Option<(Doing, ProducerRequest)>,
}

type Thrown = Result<Next, Exception>;

const ILLEGAL: Exception = Exception::of("IllegalStateException");

impl Producer {
    /// A new process of this kind.
    pub fn new(config: Config) -> Self {
        Producer {
            config,
            ..Producer::default()
        }
    }

    /// Its producer id and epoch, when it has them.
    pub fn identity(&self) -> Option<Identity> {
        self.identity
    }

    /// The transactional id it was given.
    pub fn transactional_id(&self) -> Option<TransactionalId> {
        self.config.transactional_id
    }

    /// Begins a call.
    pub fn call(&mut self, call: Call) -> Next {
        self.begin(call)
            .unwrap_or_else(|thrown| Next::Done(Err(thrown)))
    }

    fn begin(&mut self, call: Call) -> Thrown {
        if self.doing.is_some() {
            return Err(ILLEGAL);
        }
        match call {
            Call::Send(partition, records) => self.send(partition, records),
            Call::Close => match (self.transactional(), self.state) {
                (Ok(one), State::InTransaction | State::Abortable(_)) if self.started => {
                    let by = self.identity.ok_or(ILLEGAL)?;
                    let request = ProducerRequest::End(one, by, Ended::Abort);
                    Ok(self.ask(Doing::Close, request))
                }
                _ => Ok(Next::Done(Ok(Outcome::Done))),
            },
            Call::Init => {
                let one = self.transactional()?;
                self.check()?;
                if self.state != State::Uninitialized {
                    return Err(ILLEGAL);
                }
                let request = ProducerRequest::Init(one.id, self.config.transaction_timeout);
                Ok(self.ask(Doing::Init, request))
            }
            Call::Begin => {
                self.transactional()?;
                self.check()?;
                if self.state != State::Ready {
                    return Err(ILLEGAL);
                }
                self.state = State::InTransaction;
                Ok(Next::Done(Ok(Outcome::Done)))
            }
            Call::SendOffsets {
                group,
                membership,
                offsets,
            } => {
                let one = self.transactional()?;
                self.check()?;
                let by = self.in_transaction()?;
                self.started = true;
                let v1 = one.version == TransactionVersion::V1;
                if v1 && !self.announced_groups.contains(&group) {
                    let request = ProducerRequest::AddOffsets(one.id, by, group);
                    return Ok(self.ask(Doing::AddOffsets(group, membership, offsets), request));
                }
                Ok(self.commit_offsets(one, by, group, membership, offsets))
            }
            Call::End(ended) => {
                let one = self.transactional()?;
                let may_abort = ended == Ended::Abort && matches!(self.state, State::Abortable(_));
                if !may_abort {
                    self.check()?;
                    self.in_transaction()?;
                }
                if !self.started {
                    self.end();
                    return Ok(Next::Done(Ok(Outcome::Done)));
                }
                let by = self.identity.ok_or(ILLEGAL)?;
                Ok(self.ask(Doing::End(ended), ProducerRequest::End(one, by, ended)))
            }
        }
    }

    fn ask(&mut self, doing: Doing, request: ProducerRequest) -> Next {
        self.doing = Some((doing, request.clone()));
        Next::Ask(request)
    }

    /// What it waits for an answer to.
    pub fn waits_for(&self) -> Option<&ProducerRequest> {
        self.doing.as_ref().map(|(_, request)| request)
    }

    /// No answer came in time, and the call is not to be made again.
    pub fn give_up(&mut self) -> Next {
        self.doing = None;
        let thrown = Exception::of("TimeoutException");
        self.failed(thrown);
        Next::Done(Err(thrown))
    }

    /// Whether all that is left of its transaction is to abort it (rule 6).
    pub fn may_only_abort(&self) -> bool {
        matches!(self.state, State::Abortable(_))
    }

    /// How the coordinator knows it; without a transactional id there are no transactions (rule 2).
    fn transactional(&self) -> Result<Transactional, Exception> {
        let id = self.config.transactional_id.ok_or(ILLEGAL)?;
        Ok(Transactional {
            id,
            version: self.config.version,
        })
    }

    fn in_transaction(&self) -> Result<Identity, Exception> {
        match (self.state, self.identity) {
            (State::InTransaction, Some(identity)) => Ok(identity),
            _ => Err(ILLEGAL),
        }
    }

    /// Throws what went wrong before (rule 6).
    fn check(&self) -> Result<(), Exception> {
        match self.state {
            State::Abortable(before) | State::Fatal(before) => {
                let plain = ["ProducerFencedException", "InvalidProducerEpochException"];
                Err(if plain.contains(&before.class) {
                    before
                } else {
                    Exception {
                        class: "KafkaException",
                        cause: Some(before.class),
                    }
                })
            }
            State::Uninitialized | State::Ready | State::InTransaction => Ok(()),
        }
    }

    fn send(&mut self, partition: Partition, records: Vec<Record>) -> Thrown {
        self.check()?;
        if self.config.transactional_id.is_some() {
            self.in_transaction()?;
        }
        let too_large = |record: &Record| record.bytes_at_most() > self.config.max_request_bytes;
        if records.iter().any(too_large) {
            let thrown = Exception::of("RecordTooLargeException");
            self.failed(thrown);
            return Err(thrown);
        }
        let batches = VecDeque::from([records]);
        if self.config.idempotent && self.identity.is_none() {
            let doing = Doing::Identify(partition, batches);
            return Ok(self.ask(doing, ProducerRequest::InitIdempotent));
        }
        Ok(self.announce(partition, batches))
    }

    /// Adds the partition to the transaction, where that is the producer's duty (rule 4).
    fn announce(&mut self, partition: Partition, batches: VecDeque<Vec<Record>>) -> Next {
        if let (Ok(one), Some(by)) = (self.transactional(), self.identity) {
            self.started = true;
            if one.version == TransactionVersion::V1 && !self.announced.contains(&partition) {
                let request = ProducerRequest::AddPartition(one.id, by, partition);
                return self.ask(Doing::AddPartition(partition, batches), request);
            }
        }
        self.produce(partition, batches, None)
    }

    fn produce(
        &mut self,
        partition: Partition,
        batches: VecDeque<Vec<Record>>,
        first: Option<Appended>,
    ) -> Next {
        let Some(records) = batches.front().cloned() else {
            let outcome = first.map_or(Outcome::Done, Outcome::Sent);
            return Next::Done(Ok(outcome));
        };
        let stamp = self.identity.filter(|_| self.config.idempotent).map(|by| {
            let next = self.sequences.get(&partition);
            Stamp {
                producer: by.producer,
                epoch: by.epoch,
                sequence: next.copied().unwrap_or(Sequence(0)),
            }
        });
        let transactional = self.transactional().ok();
        let batch = Batch {
            stamp,
            transactional: transactional.is_some(),
            records,
        };
        let request = ProducerRequest::Produce(partition, batch, transactional);
        self.ask(Doing::Send(partition, batches, first), request)
    }

    fn commit_offsets(
        &mut self,
        one: Transactional,
        by: Identity,
        group: GroupId,
        membership: Option<Membership>,
        offsets: Vec<(Partition, Offset)>,
    ) -> Next {
        let request = ProducerRequest::TxnOffsetCommit {
            one,
            by,
            group,
            membership,
            offsets,
        };
        self.ask(Doing::CommitOffsets, request)
    }

    /// The transaction is over.
    fn end(&mut self) {
        self.state = State::Ready;
        self.started = false;
        self.announced.clear();
        self.announced_groups.clear();
    }

    /// Goes on under an identity; another epoch begins its sequences again (rule 3).
    fn become_known(&mut self, identity: Identity) {
        if self.identity != Some(identity) {
            self.sequences.clear();
        }
        self.identity = Some(identity);
    }

    /// A write has failed (rule 6).
    fn failed(&mut self, thrown: Exception) {
        let fatal = ["ProducerFencedException", "InvalidPidMappingException"];
        if fatal.contains(&thrown.class) {
            self.state = State::Fatal(thrown);
        } else if self.config.transactional_id.is_some() {
            self.state = State::Abortable(thrown);
        }
    }

    /// The coordinator has refused (rule 7).
    fn refused(&mut self, error: Error) -> Exception {
        let thrown = match error {
            Error::InvalidProducerEpoch | Error::ProducerFenced => {
                Exception::of("ProducerFencedException")
            }
            error => Exception::of_error(error),
        };
        let abortable = [
            Error::UnknownMemberId,
            Error::IllegalGeneration,
            Error::TransactionAbortable,
            Error::UnknownTopicOrPartition,
        ];
        self.state = if abortable.contains(&error) {
            State::Abortable(thrown)
        } else {
            State::Fatal(thrown)
        };
        thrown
    }

    /// Takes the answer to what the call has asked. An answer to nothing is passed over.
    pub fn answered(&mut self, answer: ProducerResponse) -> Next {
        let Some((doing, asked)) = self.doing.take() else {
            return Next::Done(Ok(Outcome::Done));
        };
        if answer.refused() == Some(Error::ConcurrentTransactions) {
            return self.ask(doing, asked);
        }
        self.lead_on(doing, answer)
            .unwrap_or_else(|thrown| Next::Done(Err(thrown)))
    }

    fn lead_on(&mut self, doing: Doing, answer: ProducerResponse) -> Thrown {
        let done = Ok(Next::Done(Ok(Outcome::Done)));
        match (doing, answer) {
            (Doing::Init, ProducerResponse::Identity(answer)) => {
                let identity = answer.map_err(|error| self.refused(error))?;
                self.become_known(identity);
                self.state = State::Ready;
                done
            }
            (Doing::Identify(partition, batches), ProducerResponse::Identity(answer)) => {
                let identity = answer.map_err(Exception::of_error)?;
                self.become_known(identity);
                Ok(self.announce(partition, batches))
            }
            (Doing::AddPartition(partition, batches), ProducerResponse::Done(answer)) => {
                answer.map_err(|error| self.refused(error))?;
                self.announced.insert(partition);
                Ok(self.produce(partition, batches, None))
            }
            (Doing::Send(partition, batches, first), ProducerResponse::Produced(answer)) => {
                self.sent(partition, batches, first, answer)
            }
            (Doing::AddOffsets(group, membership, offsets), ProducerResponse::Done(answer)) => {
                answer.map_err(|error| self.refused(error))?;
                self.announced_groups.insert(group);
                let one = self.transactional()?;
                let by = self.in_transaction()?;
                Ok(self.commit_offsets(one, by, group, membership, offsets))
            }
            (Doing::CommitOffsets, ProducerResponse::Done(answer)) => {
                answer.map_err(|error| self.refused(error))?;
                done
            }
            (Doing::End(_), ProducerResponse::Identity(answer)) => {
                let identity = answer.map_err(|error| self.refused(error))?;
                self.become_known(identity);
                self.end();
                done
            }
            // An answer to something else: the call is over, and nothing is known.
            (Doing::Close, _) | (_, _) => done,
        }
    }

    fn sent(
        &mut self,
        partition: Partition,
        mut batches: VecDeque<Vec<Record>>,
        first: Option<Appended>,
        answer: Result<Appended, Refused>,
    ) -> Thrown {
        let Some(records) = batches.pop_front() else {
            return Ok(Next::Done(Ok(Outcome::Done)));
        };
        match answer {
            Ok(appended) => {
                if self.config.idempotent && self.identity.is_some() {
                    let next = self.sequences.get(&partition).copied();
                    let next = next.unwrap_or(Sequence(0)).plus(records.len() as u32);
                    self.sequences.insert(partition, next);
                }
                Ok(self.produce(partition, batches, first.or(Some(appended))))
            }
            Err(refused) if refused.error == Error::MessageTooLarge && records.len() > 1 => {
                let rest = records.len() / 2;
                let (one, other) = records.split_at(rest);
                batches.push_front(other.to_vec());
                batches.push_front(one.to_vec());
                Ok(self.produce(partition, batches, first))
            }
            Err(refused) => {
                let thrown = Exception::of_error(refused.error);
                self.failed(thrown);
                Err(thrown)
            }
        }
    }
}

impl Visit for Producer {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let Some((doing, asked)) = &mut self.doing {
            if let Doing::AddOffsets(_, membership, _) = doing {
                membership.visit(visitor);
            }
            asked.visit(visitor);
        }
    }
}

#[cfg(test)]
mod tests;
