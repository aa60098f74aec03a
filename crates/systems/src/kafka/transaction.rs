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
//!    `PRODUCER_FENCED`. An id that the coordinator has forgotten is answered with a new one. Source:
//!    KIP-360, `TransactionMetadata.prepareIncrementProducerEpoch`. Shown by: kafka-txn-fencing, the
//!    test `an_init_whose_answer_was_lost_is_answered_again`, the test
//!    `who_names_a_forgotten_identity_gets_a_new_one`.
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
//! 11. When the epochs of a producer id are used up, the next one comes with a new producer id. The id
//!     before is known until the next change: so long the request that brought the new one can be
//!     repeated, then it is fenced as any other. Source: `prepareProducerIdRotation`,
//!     `prepareTransitionTo`, KIP-890. Shown by: the test `used_up_epochs_bring_a_new_producer_id`, the
//!     test `the_producer_id_before_is_known_until_the_next_change`.
//! 12. An init that names another epoch than the present one, when the present one is the last, is
//!     `UNKNOWN_SERVER_ERROR`: the coordinator stumbles over its own check. Source:
//!     `TransactionMetadata.prepareIncrementProducerEpoch` (`IllegalStateException`), `Errors.forException`.
//!     Shown by: the test `a_wrong_epoch_beside_the_last_one_is_a_server_error`.
//!
//! Left out: several coordinators, authorization, two-phase commit with an outside coordinator (KIP-939).

mod ending;
mod entry;
mod parts;

pub use ending::Ending;
pub use entry::{Identity, State, Transaction};
pub use parts::Parts;

use super::Error;
use super::log::producers::{CoordinatorEpoch, Epoch, ProducerId};
use super::settings::{Settings, TransactionVersion};
use explore::Sorted;
use explore::Weigh;
use explore::time::{Instant, Span};

/// Which transactional id: a number for its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct TransactionalId(pub u16);

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

    /// Gives a transactional id its first producer id before anybody has asked for it. An init that
    /// comes then gets this one: so no number tells which of two ids was asked for first.
    pub fn reserve(&mut self, id: TransactionalId) {
        self.enter(Instant(0), id, Span(0));
    }

    /// Writes down a transactional id that is not known yet, with a producer id and without an epoch.
    fn enter(&mut self, now: Instant, id: TransactionalId, timeout: Span) {
        if self.transactions.get(id).is_some() {
            return;
        }
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

    /// Takes a transactional id (rules 1 to 3, 11 and 12).
    ///
    /// # Errors
    /// [`Error::InvalidTransactionTimeout`], [`Error::ConcurrentTransactions`],
    /// [`Error::ProducerFenced`], [`Error::UnknownServerError`].
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
        self.enter(now, id, timeout);
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
        let is_present = |epoch: Epoch| one.epoch.is_none_or(|present| present == epoch);
        let rotates = match expected {
            _ if !one.is_used_up() => false,
            Some(epoch) if !is_present(epoch) => return Err(Error::UnknownServerError),
            None | Some(_) => true,
        };
        let last_epoch = match expected {
            None => None,
            Some(epoch) if is_present(epoch) => one.epoch,
            Some(epoch) if one.last_epoch == Some(epoch) => one.last_epoch,
            Some(_) => return Err(Error::ProducerFenced),
        };
        let is_repeated = expected.is_some_and(|epoch| !is_present(epoch));
        let fresh = rotates.then(|| self.new_producer());
        let one = self.get_mut(id)?;
        one.change(now, State::Empty);
        match fresh {
            Some(fresh) => one.rotate(fresh, last_epoch),
            None => {
                one.last_epoch = last_epoch;
                if !is_repeated {
                    one.raise();
                }
            }
        }
        one.timeout = timeout;
        one.parts = Parts::default();
        one.started = None;
        Ok(one.identity())
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
        one.check(by)?;
        if one.state == State::Ongoing && one.parts.has(parts) {
            return Ok(());
        }
        if one.state != State::Ongoing {
            one.started = Some(now);
        }
        one.change(now, State::Ongoing);
        one.parts.add(parts);
        one.version = version;
        Ok(())
    }

    /// Whether something belongs to an open transaction: what a write of version 1 is held against.
    ///
    /// # Errors
    /// [`Error::InvalidProducerIdMapping`], [`Error::ProducerFenced`],
    /// [`Error::ConcurrentTransactions`], [`Error::TransactionAbortable`].
    pub fn verify(&self, id: TransactionalId, by: Identity, parts: &Parts) -> Result<(), Error> {
        let one = self.get(id).ok_or(Error::InvalidProducerIdMapping)?;
        one.check(by)?;
        if one.parts.has(parts) {
            Ok(())
        } else {
            Err(Error::TransactionAbortable)
        }
    }

    /// Decides to abort the transactions that are open for too long (rule 9).
    pub fn abort_timed_out(&mut self, now: Instant, settings: &Settings) {
        let late: Vec<_> = self
            .all()
            .filter(|(_, one)| one.state == State::Ongoing && one.times_out() < Some(now))
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
            State::Ongoing => Some((one.times_out()?, id, Deadline::TimeOut)),
            State::Empty | State::Complete(_) => None,
        })
    }

    /// After which instant the first open transaction is open for too long.
    pub fn next_time_out(&self) -> Option<Instant> {
        let open = self.all().filter(|(_, one)| one.state == State::Ongoing);
        open.filter_map(|(_, one)| one.times_out()).min()
    }

    /// Forgets the ids that nobody uses (rule 10).
    pub fn expire(&mut self, now: Instant, unused: Span) {
        self.transactions
            .retain(|one| !one.is_at_rest() || one.updated + unused > now);
    }

    /// When the first id will be unused for so long.
    pub fn next_expiry(&self, unused: Span) -> Option<Instant> {
        let idle = self.all().filter(|(_, one)| one.is_at_rest());
        idle.map(|(_, one)| one.updated + unused).min()
    }
}

#[cfg(test)]
mod tests;
