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
//! 9. A producer that is only idempotent and gives up a batch raises its epoch by itself, without a word
//!    to the broker: the sequence that was given up is never used again. What the broker finds out of
//!    order it sends again under the raised epoch. Behind the last epoch it asks for another producer
//!    id. Source: KIP-360, `TransactionManager.handleFailedBatch`, `canRetry`,
//!    `bumpIdempotentProducerEpoch`. Shown by: the test
//!    `an_idempotent_producer_goes_on_in_a_raised_epoch_after_a_batch_it_gave_up`, the test
//!    `what_is_out_of_order_is_sent_again_in_a_raised_epoch`, the test
//!    `behind_the_last_epoch_comes_another_producer_id`.
//! 10. A transactional producer has its epoch raised by the coordinator. In version 2 every end does it.
//!     In version 1, when a write failed, the abort is followed by an init that names the present id and
//!     epoch. Source: KIP-360, `TransactionManager.needToTriggerEpochBumpFromClient`,
//!     `beginCompletingTransaction`. Shown by: the test
//!     `version_1_raises_the_epoch_after_it_has_aborted_a_failed_write`.
//! 11. What could have gone better at another try (`TimeoutException`), and `INVALID_TXN_STATE`, make the
//!     transaction one to be aborted: later calls throw `KafkaException` because of a
//!     `TransactionAbortableException`. Source: KIP-1050,
//!     `TransactionManager.maybeTransitionToErrorState`. Shown by: the test
//!     `a_topic_that_is_not_there_leaves_a_transaction_to_be_aborted`.
//!
//! What it has to know of a topic first stands in [`metadata`].
//!
//! Left out: several requests under way at once, lingering, compression, the time that passes until
//! `delivery.timeout.ms`. A process in a scene around it also sends again what got lost.

mod call;
mod exception;
pub mod metadata;
mod sending;

pub use call::{Call, Config, Next, Outcome};
pub use exception::Exception;

use crate::kafka::log::producers::Sequence;
use crate::kafka::log::record::Ended;
use crate::kafka::produce::{Membership, Transactional};
use crate::kafka::settings::TransactionVersion;
use crate::kafka::transaction::{Identity, TransactionalId};
use crate::kafka::{Error, GroupId, Offset, Partition, ProducerRequest, ProducerResponse};
use crate::visit::{Visit, Visitor};
use exception::{ILLEGAL, TIMEOUT};
use explore::Weigh;
use sending::Sending;
use std::collections::{BTreeMap, BTreeSet};

/// How far it is with its transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
enum State {
    #[default]
    Uninitialized,
    Ready,
    InTransaction,
    /// Only an abort is left, because of this error (rule 6).
    Abortable(Exception),
    /// Only closing is left (rule 6).
    Fatal(Exception),
}

/// The call that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
enum Doing {
    /// `initTransactions`, or the init that follows an abort (rule 10).
    Init,
    Identify(Sending),
    AddPartition(Sending),
    Send(Sending),
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
    /// Whether the abort is to be followed by an init that raises the epoch (rule 10).
    raises_epoch: bool,
    /// The call that is under way, and what it has asked last.
    doing: Option<(Doing, ProducerRequest)>,
}

type Thrown = Result<Next, Exception>;

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
                Ok(self.init(one, None))
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
                    return Ok(self.ended(one));
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

    fn init(&mut self, one: Transactional, known_as: Option<Identity>) -> Next {
        let timeout = self.config.transaction_timeout;
        let request = ProducerRequest::Init(one.id, timeout, known_as);
        self.ask(Doing::Init, request)
    }

    /// What it waits for an answer to.
    pub fn waits_for(&self) -> Option<&ProducerRequest> {
        self.doing.as_ref().map(|(_, request)| request)
    }

    /// No answer came in time, and the call is not to be made again.
    pub fn give_up(&mut self) -> Next {
        if let Some((Doing::Send(_), _)) = self.doing.take() {
            self.raise_epoch();
        }
        self.failed(TIMEOUT);
        Next::Done(Err(TIMEOUT))
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
            State::Abortable(before) | State::Fatal(before) => Err(before.again()),
            State::Uninitialized | State::Ready | State::InTransaction => Ok(()),
        }
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

    /// The transaction is over; an init follows where the epoch is to be raised (rule 10).
    fn ended(&mut self, one: Transactional) -> Next {
        self.state = State::Ready;
        self.started = false;
        self.announced.clear();
        self.announced_groups.clear();
        let raises = std::mem::take(&mut self.raises_epoch);
        match self.identity.filter(|_| raises) {
            Some(by) => {
                self.state = State::Uninitialized;
                self.init(one, Some(by))
            }
            None => Next::Done(Ok(Outcome::Done)),
        }
    }

    /// Goes on under an identity; another epoch begins its sequences again (rule 3).
    fn become_known(&mut self, identity: Identity) {
        if self.identity != Some(identity) {
            self.sequences.clear();
        }
        self.identity = Some(identity);
    }

    /// A write has failed (rules 6, 10 and 11).
    fn failed(&mut self, thrown: Exception) {
        if thrown.is_fatal() {
            self.state = State::Fatal(thrown);
        } else if self.config.transactional_id.is_some() {
            self.state = State::Abortable(thrown.remembered());
            self.raises_epoch = self.config.version == TransactionVersion::V1;
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
            (Doing::Identify(sending), ProducerResponse::Identity(answer)) => {
                let identity = answer.map_err(Exception::of_error)?;
                self.become_known(identity);
                Ok(self.announce(sending))
            }
            (Doing::AddPartition(sending), ProducerResponse::Done(answer)) => {
                answer.map_err(|error| self.refused(error))?;
                self.announced.insert(sending.partition);
                Ok(self.produce(sending))
            }
            (Doing::Send(sending), ProducerResponse::Produced(answer)) => {
                self.sent(sending, answer)
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
                let one = self.transactional()?;
                Ok(self.ended(one))
            }
            // An answer to something else: the call is over, and nothing is known.
            (Doing::Close, _) | (_, _) => done,
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
