//! How a transaction ends: it is decided, and then its markers are written (rules 6 to 9 of [`super`]).

use super::{Coordinator, Identity, Parts, State, TransactionalId};
use crate::kafka::Error;
use crate::kafka::log::producers::Epoch;
use crate::kafka::log::record::Ended;
use crate::kafka::settings::{Settings, TransactionVersion};
use explore::time::Instant;

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

impl Coordinator {
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
        one.change(now, State::Complete(ended));
        one.parts = Parts::default();
        if let Some(next) = one.next.take() {
            one.rotate(next, Some(Epoch::LAST));
        }
    }
}
