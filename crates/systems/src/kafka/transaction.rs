//! The transaction coordinator: who holds a transactional id, and how far its transaction is.
//!
//! # Rules
//! 1. Whoever inits a transactional id gets its producer id and the next epoch: who had it before is
//!    fenced. Source: KIP-98, `TransactionCoordinator.handleInitProducerId`. Shown by:
//!    kafka-txn-fencing.
//! 2. An init while a transaction is open aborts that first, under a raised epoch that nobody is given,
//!    and is answered `CONCURRENT_TRANSACTIONS`; repeated, it gets the epoch after that. It is so even
//!    when the init itself will be refused: a fenced producer that repeats it with its own id and epoch
//!    aborts its successor's transaction. Source: `prepareInitProducerIdTransit`. Shown by:
//!    kafka-txn-init-aborts-open, kafka-txn-crash-new-instance.
//! 3. An init that names id and epoch goes on from there when they are the present ones; with the ones
//!    before, it is the repetition of an init whose answer was lost and gets the same again; else it is
//!    `PRODUCER_FENCED`. Source: KIP-360, `TransactionMetadata.prepareIncrementProducerEpoch`. Shown
//!    by: kafka-txn-fencing.
//! 4. Another producer id than the present one is `INVALID_PRODUCER_ID_MAPPING`, another epoch
//!    `PRODUCER_FENCED`. Source: `handleAddPartitionsToTransaction`, `endTransaction`. Shown by:
//!    kafka-txn-fencing, kafka-txn-foreign-id.
//! 5. A transaction begins with the first partition or group that is added. Its time-out counts from
//!    there. Source: `TransactionMetadata.prepareAddPartitions`. Shown by: kafka-txn-timeout,
//!    kafka-txn-two-partitions.
//! 6. To end it is first decided, then written: a marker to each partition, and to the offsets of each
//!    group. Until that is done everything else is answered `CONCURRENT_TRANSACTIONS`. Source: KIP-98.
//!    Shown by: kafka-txn-init-aborts-open.
//! 7. Version 2: the end raises the epoch, so that nothing that comes late can fall into the next
//!    transaction. The same end repeated with the epoch before is answered as the first time; another
//!    one is `INVALID_TXN_STATE`. An abort of nothing is taken, a commit of nothing is not. Source:
//!    KIP-890. Shown by: kafka-txn-epoch-per-transaction, kafka-txn-timeout.
//! 8. Version 1: epochs stay. The same end repeated is fine, another one `INVALID_TXN_STATE`, and so is
//!    the end of nothing. Source: KIP-98. Shown by: kafka-txn-cluster-v1, kafka-txn-offsets-v1.
//! 9. A transaction that is open for longer than its time-out is aborted under a raised epoch, at the
//!    next look (`transaction.abort.timed.out.transaction.cleanup.interval.ms`). Source:
//!    `abortTimedOutTransactions`. Shown by: kafka-txn-timeout.
//! 10. An id that nobody used for `transactional.id.expiration.ms` is forgotten: whatever its holder
//!     asks then is `INVALID_PRODUCER_ID_MAPPING`. Source: `removeExpiredTransactionalIds`. Shown by:
//!     the test `an_id_that_nobody_uses_is_forgotten`.
//! 11. When the epochs of a producer id are used up, the next one comes with a new producer id. Source:
//!     `prepareProducerIdRotation`, KIP-890. Shown by: the test
//!     `used_up_epochs_bring_a_new_producer_id`.
//!
//! Left out: several coordinators, authorization, two-phase commit with an outside coordinator (KIP-939).

use super::log::producers::{CoordinatorEpoch, Epoch, ProducerId};
use super::log::record::Ended;
use super::settings::{Settings, TransactionVersion};
use super::{Error, GroupId, Partition};
use explore::Sorted;
use explore::Weigh;
use explore::time::{Instant, Span};

/// Which transactional id: a number for its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct TransactionalId(pub u16);

/// A producer id in one of its epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Identity {
    /// The producer id.
    pub producer: ProducerId,
    /// The epoch.
    pub epoch: Epoch,
}

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum State {
    /// There was none yet.
    Empty,
    /// It is open.
    Ongoing,
    /// It is to end so, and its markers are to be written.
    Prepare(Ended),
    /// It has ended so.
    Complete(Ended),
}

impl State {
    /// The name the tools print.
    pub const fn name(self) -> &'static str {
        match self {
            State::Empty => "Empty",
            State::Ongoing => "Ongoing",
            State::Prepare(Ended::Commit) => "PrepareCommit",
            State::Prepare(Ended::Abort) => "PrepareAbort",
            State::Complete(Ended::Commit) => "CompleteCommit",
            State::Complete(Ended::Abort) => "CompleteAbort",
        }
    }
}

/// What belongs to a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Parts {
    /// Partitions that were, or will be, written to, in order.
    pub partitions: Vec<Partition>,
    /// Groups that offsets are written for, in order.
    pub groups: Vec<GroupId>,
}

impl Parts {
    /// One partition.
    pub fn partition(partition: Partition) -> Self {
        Parts {
            partitions: vec![partition],
            groups: Vec::new(),
        }
    }

    /// One group's offsets.
    pub fn group(group: GroupId) -> Self {
        Parts {
            partitions: Vec::new(),
            groups: vec![group],
        }
    }

    fn has(&self, others: &Parts) -> bool {
        let mut partitions = others.partitions.iter();
        let mut groups = others.groups.iter();
        partitions.all(|one| self.partitions.contains(one))
            && groups.all(|one| self.groups.contains(one))
    }

    fn add(&mut self, others: &Parts) {
        self.partitions.extend(&others.partitions);
        self.partitions.sort_unstable();
        self.partitions.dedup();
        self.groups.extend(&others.groups);
        self.groups.sort_unstable();
        self.groups.dedup();
    }
}

/// What is known of a transactional id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Transaction {
    /// Its producer id.
    pub producer: ProducerId,
    /// The present epoch; none before the first init has ended.
    pub epoch: Option<Epoch>,
    /// How far it is.
    pub state: State,
    /// How long a transaction may be open.
    pub timeout: Span,
    /// When the last transaction began.
    pub started: Option<Instant>,
    /// What belongs to the open one.
    pub parts: Parts,
    last_epoch: Option<Epoch>,
    previous: Option<ProducerId>,
    /// The producer id it goes on with, when this one's epochs are used up.
    next: Option<ProducerId>,
    version: TransactionVersion,
    updated: Instant,
}

impl Transaction {
    fn identity(&self) -> Identity {
        Identity {
            producer: self.producer,
            epoch: self.epoch.unwrap_or(Epoch(-1)),
        }
    }

    fn is_used_up(&self) -> bool {
        self.epoch >= Some(Epoch::LAST)
    }

    /// Whether the epoch is the one after this (rule 7).
    fn is_raised_from(&self, epoch: Epoch) -> bool {
        self.version == TransactionVersion::V2 && self.epoch == Some(epoch.next())
    }

    fn raise(&mut self) {
        self.epoch = Some(self.epoch.map_or(Epoch(0), Epoch::next));
    }

    /// Decides to end it (rule 6).
    fn prepare(&mut self, now: Instant, ended: Ended) {
        self.state = State::Prepare(ended);
        self.updated = now;
    }
}

/// What is to be written to end a transaction (rule 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Whose transaction it is, under the epoch of the markers.
    pub by: Identity,
    /// How it ends.
    pub ended: Ended,
    /// Where.
    pub parts: Parts,
    /// Of which version it is.
    pub version: TransactionVersion,
}

/// What the coordinator is about to do by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deadline {
    /// To write the markers of a transaction that is decided (rule 6).
    Markers,
    /// To abort a transaction that is open for too long (rule 9).
    TimeOut,
}

/// The coordinator's state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Coordinator {
    transactions: Sorted<TransactionalId, Transaction>,
    producers_given: u64,
}

impl Coordinator {
    /// Which life of the coordinator this is: one node coordinates from the beginning.
    pub const EPOCH: CoordinatorEpoch = CoordinatorEpoch(0);

    /// A producer id that nobody has yet.
    pub fn new_producer(&mut self) -> ProducerId {
        let id = ProducerId(self.producers_given);
        self.producers_given += 1;
        id
    }

    /// What is known of a transactional id.
    pub fn get(&self, id: TransactionalId) -> Option<&Transaction> {
        self.transactions.get(id)
    }

    /// All transactional ids.
    pub fn all(&self) -> impl Iterator<Item = (TransactionalId, &Transaction)> {
        self.transactions.iter()
    }

    fn get_mut(&mut self, id: TransactionalId) -> Result<&mut Transaction, Error> {
        let found = self.transactions.get_mut(id);
        found.ok_or(Error::InvalidProducerIdMapping)
    }

    /// Takes a transactional id (rules 1 to 3).
    ///
    /// # Errors
    /// [`Error::InvalidTransactionTimeout`], [`Error::ConcurrentTransactions`],
    /// [`Error::ProducerFenced`].
    pub fn init(
        &mut self,
        now: Instant,
        id: TransactionalId,
        timeout: Span,
        expected: Option<Identity>,
        settings: &Settings,
    ) -> Result<Identity, Error> {
        if timeout > settings.transaction_max_timeout || timeout.0 == 0 {
            return Err(Error::InvalidTransactionTimeout);
        }
        if self.transactions.get(id).is_none() {
            let created = Transaction {
                producer: self.new_producer(),
                epoch: None,
                state: State::Empty,
                timeout,
                started: None,
                parts: Parts::default(),
                last_epoch: None,
                previous: None,
                next: None,
                version: TransactionVersion::V1,
                updated: now,
            };
            self.transactions.or_insert(id, created);
        }
        let one = self.get_mut(id)?;
        let is_valid = |expected: Identity| {
            one.epoch.is_none()
                || expected.producer == one.producer
                || Some(expected.producer) == one.previous && expected.epoch >= Epoch::LAST
        };
        if !expected.is_none_or(is_valid) {
            return Err(Error::ProducerFenced);
        }
        match one.state {
            State::Prepare(_) => return Err(Error::ConcurrentTransactions),
            State::Ongoing => {
                self.abort(now, id, settings);
                return Err(Error::ConcurrentTransactions);
            }
            State::Empty | State::Complete(_) => {}
        }
        let expected = expected.map(|expected| expected.epoch);
        if one.is_used_up() && expected.is_none_or(|epoch| one.epoch == Some(epoch)) {
            // Rule 11. The id before is remembered only for somebody who named it.
            let fresh = self.new_producer();
            let one = self.get_mut(id)?;
            one.previous = expected.is_some().then_some(one.producer);
            one.last_epoch = expected;
            one.producer = fresh;
            one.epoch = Some(Epoch(0));
        } else {
            match expected {
                None => {
                    one.last_epoch = None;
                    one.raise();
                }
                Some(epoch) if one.epoch.is_none_or(|present| present == epoch) => {
                    one.last_epoch = one.epoch;
                    one.raise();
                }
                Some(epoch) if one.last_epoch == Some(epoch) => {}
                Some(_) => return Err(Error::ProducerFenced),
            }
        }
        let one = self.get_mut(id)?;
        one.state = State::Empty;
        one.timeout = timeout;
        one.parts = Parts::default();
        one.started = None;
        one.updated = now;
        Ok(one.identity())
    }

    /// Aborts an open transaction under a raised epoch (rules 2 and 9).
    pub fn abort(&mut self, now: Instant, id: TransactionalId, settings: &Settings) {
        let Some(one) = self.transactions.get_mut(id) else {
            return;
        };
        if one.state != State::Ongoing {
            return;
        }
        one.raise();
        one.last_epoch = None;
        one.version = settings.transaction_version;
        one.prepare(now, Ended::Abort);
    }

    /// Adds to a transaction; the first addition begins it (rules 4 and 5).
    ///
    /// # Errors
    /// [`Error::InvalidProducerIdMapping`], [`Error::ProducerFenced`],
    /// [`Error::ConcurrentTransactions`].
    pub fn add(
        &mut self,
        now: Instant,
        id: TransactionalId,
        by: Identity,
        parts: &Parts,
        version: TransactionVersion,
    ) -> Result<(), Error> {
        let one = self.get_mut(id)?;
        check(one, by)?;
        if one.state == State::Ongoing && one.parts.has(parts) {
            return Ok(());
        }
        if one.state != State::Ongoing {
            one.started = Some(now);
            one.state = State::Ongoing;
        }
        one.parts.add(parts);
        one.version = version;
        one.updated = now;
        Ok(())
    }

    /// Whether something belongs to an open transaction: what a write of version 1 is held against.
    ///
    /// # Errors
    /// [`Error::InvalidProducerIdMapping`], [`Error::ProducerFenced`],
    /// [`Error::ConcurrentTransactions`], [`Error::TransactionAbortable`].
    pub fn verify(&self, id: TransactionalId, by: Identity, parts: &Parts) -> Result<(), Error> {
        let one = self.get(id).ok_or(Error::InvalidProducerIdMapping)?;
        check(one, by)?;
        if one.parts.has(parts) {
            Ok(())
        } else {
            Err(Error::TransactionAbortable)
        }
    }

    /// Ends a transaction (rules 6 to 8), and says under which identity its producer goes on.
    ///
    /// # Errors
    /// [`Error::InvalidProducerIdMapping`], [`Error::ProducerFenced`],
    /// [`Error::ConcurrentTransactions`], [`Error::InvalidTxnState`].
    pub fn end(
        &mut self,
        now: Instant,
        id: TransactionalId,
        by: Identity,
        ended: Ended,
        version: TransactionVersion,
    ) -> Result<Identity, Error> {
        match version {
            TransactionVersion::V1 => self.end_v1(now, id, by, ended),
            TransactionVersion::V2 => self.end_v2(now, id, by, ended),
        }
    }

    fn end_v1(
        &mut self,
        now: Instant,
        id: TransactionalId,
        by: Identity,
        ended: Ended,
    ) -> Result<Identity, Error> {
        let one = self.get_mut(id)?;
        if one.producer != by.producer {
            return Err(Error::InvalidProducerIdMapping);
        }
        if one.epoch != Some(by.epoch) {
            return Err(Error::ProducerFenced);
        }
        match one.state {
            State::Ongoing => {
                one.version = TransactionVersion::V1;
                one.prepare(now, ended);
                Ok(by)
            }
            State::Complete(other) if other == ended => Ok(by),
            State::Prepare(other) if other == ended => Err(Error::ConcurrentTransactions),
            State::Empty | State::Complete(_) | State::Prepare(_) => Err(Error::InvalidTxnState),
        }
    }

    fn end_v2(
        &mut self,
        now: Instant,
        id: TransactionalId,
        by: Identity,
        ended: Ended,
    ) -> Result<Identity, Error> {
        let one = self.get_mut(id)?;
        let from_used_up = one.previous == Some(by.producer)
            && by.epoch == Epoch::LAST
            && one.epoch == Some(Epoch(0));
        let repeated = from_used_up || one.is_raised_from(by.epoch);
        if one.producer != by.producer && !from_used_up {
            return Err(Error::InvalidProducerIdMapping);
        }
        let present = one.epoch == Some(by.epoch);
        let known = match one.state {
            State::Empty | State::Ongoing => present,
            State::Prepare(_) => repeated,
            State::Complete(_) => repeated || present,
        };
        if !known {
            return Err(Error::ProducerFenced);
        }
        match one.state {
            State::Ongoing => {}
            State::Prepare(other) if other == ended => return Err(Error::ConcurrentTransactions),
            State::Complete(other) if repeated && other == ended => return Ok(one.identity()),
            State::Complete(_) if repeated => return Err(Error::InvalidTxnState),
            State::Empty | State::Complete(_) if ended == Ended::Abort => {
                one.started = Some(now);
                one.parts = Parts::default();
            }
            State::Empty | State::Complete(_) | State::Prepare(_) => {
                return Err(Error::InvalidTxnState);
            }
        }
        let next = if one.is_used_up() {
            Some(self.new_producer())
        } else {
            None
        };
        let one = self.get_mut(id)?;
        one.next = next;
        one.last_epoch = one.epoch;
        one.raise();
        one.version = TransactionVersion::V2;
        one.prepare(now, ended);
        Ok(match next {
            Some(producer) => Identity {
                producer,
                epoch: Epoch(0),
            },
            None => one.identity(),
        })
    }

    /// The transactions whose markers are to be written.
    pub fn endings(&self) -> impl Iterator<Item = (TransactionalId, Ending)> {
        self.transactions.iter().filter_map(|(id, one)| {
            let State::Prepare(ended) = one.state else {
                return None;
            };
            let ending = Ending {
                by: one.identity(),
                ended,
                parts: one.parts.clone(),
                version: one.version,
            };
            Some((id, ending))
        })
    }

    /// All markers of a transaction are written.
    pub fn complete(&mut self, now: Instant, id: TransactionalId) {
        let Some(one) = self.transactions.get_mut(id) else {
            return;
        };
        let State::Prepare(ended) = one.state else {
            return;
        };
        one.state = State::Complete(ended);
        one.parts = Parts::default();
        one.updated = now;
        if let Some(next) = one.next.take() {
            one.previous = Some(one.producer);
            one.last_epoch = Some(Epoch::LAST);
            one.producer = next;
            one.epoch = Some(Epoch(0));
        }
    }

    /// Decides to abort the transactions that are open for too long (rule 9).
    pub fn abort_timed_out(&mut self, now: Instant, settings: &Settings) {
        let late: Vec<_> = self
            .all()
            .filter(|(_, one)| one.state == State::Ongoing && times_out(one) < Some(now))
            .map(|(id, _)| id)
            .collect();
        for id in late {
            self.abort(now, id, settings);
        }
    }

    /// What is due, transaction by transaction.
    pub fn deadlines(&self) -> impl Iterator<Item = (Instant, TransactionalId, Deadline)> + '_ {
        self.all().filter_map(|(id, one)| match one.state {
            State::Prepare(_) => Some((one.updated, id, Deadline::Markers)),
            State::Ongoing => Some((times_out(one)?, id, Deadline::TimeOut)),
            State::Empty | State::Complete(_) => None,
        })
    }

    /// After which instant the first open transaction is open for too long.
    pub fn next_time_out(&self) -> Option<Instant> {
        let open = self.all().filter(|(_, one)| one.state == State::Ongoing);
        open.filter_map(|(_, one)| times_out(one)).min()
    }

    /// Forgets the ids that nobody uses (rule 10).
    pub fn expire(&mut self, now: Instant, unused: Span) {
        self.transactions
            .retain(|one| !is_at_rest(one) || one.updated + unused > now);
    }

    /// When the first id will be unused for so long.
    pub fn next_expiry(&self, unused: Span) -> Option<Instant> {
        let idle = self.all().filter(|(_, one)| is_at_rest(one));
        idle.map(|(_, one)| one.updated + unused).min()
    }
}

/// Whether an identity is the present one, and nothing is about to be written (rules 4 and 6).
fn check(one: &Transaction, by: Identity) -> Result<(), Error> {
    if one.producer != by.producer {
        Err(Error::InvalidProducerIdMapping)
    } else if one.epoch != Some(by.epoch) {
        Err(Error::ProducerFenced)
    } else if matches!(one.state, State::Prepare(_)) {
        Err(Error::ConcurrentTransactions)
    } else {
        Ok(())
    }
}

fn times_out(one: &Transaction) -> Option<Instant> {
    one.started.map(|started| started + one.timeout)
}

fn is_at_rest(one: &Transaction) -> bool {
    matches!(one.state, State::Empty | State::Complete(_))
}

#[cfg(test)]
mod tests;
