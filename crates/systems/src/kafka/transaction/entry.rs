//! What the coordinator knows of one transactional id.

use super::parts::Parts;
use crate::kafka::Error;
use crate::kafka::log::producers::{Epoch, ProducerId};
use crate::kafka::log::record::Ended;
use crate::kafka::settings::TransactionVersion;
use explore::Weigh;
use explore::time::{Instant, Span};

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
    pub(super) last_epoch: Option<Epoch>,
    /// The producer id before, if the last change has brought this one (rule 11).
    pub(super) previous: Option<ProducerId>,
    /// The producer id it goes on with, when this one's epochs are used up.
    pub(super) next: Option<ProducerId>,
    pub(super) version: TransactionVersion,
    pub(super) updated: Instant,
}

impl Transaction {
    pub(super) fn identity(&self) -> Identity {
        Identity {
            producer: self.producer,
            epoch: self.epoch.unwrap_or(Epoch(-1)),
        }
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.epoch >= Some(Epoch::LAST)
    }

    /// Whether the epoch is the one after this (rule 7).
    pub(super) fn is_raised_from(&self, epoch: Epoch) -> bool {
        self.version == TransactionVersion::V2 && self.epoch == Some(epoch.next())
    }

    pub(super) fn raise(&mut self) {
        self.epoch = Some(self.epoch.map_or(Epoch(0), Epoch::next));
    }

    /// Decides to end it (rule 6).
    pub(super) fn prepare(&mut self, now: Instant, ended: Ended) {
        self.change(now, State::Prepare(ended));
    }
    /// Comes into another state; the producer id before is forgotten (rule 11).
    pub(super) fn change(&mut self, now: Instant, state: State) {
        self.state = state;
        self.previous = None;
        self.updated = now;
    }

    /// Goes on with another producer id, and the first of its epochs (rule 11).
    pub(super) fn rotate(&mut self, to: ProducerId, last_epoch: Option<Epoch>) {
        self.previous = Some(self.producer);
        self.last_epoch = last_epoch;
        self.producer = to;
        self.epoch = Some(Epoch(0));
    }

    /// Whether an identity is the present one, and nothing is about to be written (rules 4 and 6).
    pub(super) fn check(&self, by: Identity) -> Result<(), Error> {
        if self.producer != by.producer {
            Err(Error::InvalidProducerIdMapping)
        } else if self.epoch != Some(by.epoch) {
            Err(Error::ProducerFenced)
        } else if matches!(self.state, State::Prepare(_)) {
            Err(Error::ConcurrentTransactions)
        } else {
            Ok(())
        }
    }

    pub(super) fn times_out(&self) -> Option<Instant> {
        self.started.map(|started| started + self.timeout)
    }

    pub(super) fn is_at_rest(&self) -> bool {
        matches!(self.state, State::Empty | State::Complete(_))
    }
}
