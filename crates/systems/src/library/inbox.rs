//! The receiving half of a system's client library.

use super::{Context, Place};
use crate::record::RecordId;
use crate::server::Server;
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use explore::time::{Instant, Span};
use std::fmt::Debug;
use std::hash::Hash;

/// A record that the call that takes records returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken<R> {
    /// Which.
    pub record: RecordId,
    /// Where it stands, in a system whose records have places.
    pub place: Option<Place>,
    /// How often it has been given out by now, as far as the system counts; 1 where it does not.
    pub attempt: u32,
    /// Whether the system says that it had been given out before.
    pub redelivered: bool,
    /// With what it is settled, in a system that gives something for it.
    pub receipt: Option<R>,
}

/// What a library makes of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard<R> {
    /// Nothing the program sees.
    Nothing,
    /// The call that takes records returns these.
    Took(Vec<Taken<R>>),
    /// What was settled is settled, or was refused.
    Settled(bool),
    /// It is settled, these receipts excepted, which were refused.
    SettledWithout(Vec<R>),
    /// What the program has published is stored, or was refused.
    Stored(bool),
    /// Nothing yet: the library looks again after this time.
    LookAgain(Span),
}

impl<R> Heard<R> {
    /// The same, with receipts that say of which system they are.
    pub fn map<T>(self, receipt: impl Fn(R) -> T) -> Heard<T> {
        match self {
            Heard::Nothing => Heard::Nothing,
            Heard::Took(records) => {
                let taken = records.into_iter().map(|one| Taken {
                    record: one.record,
                    place: one.place,
                    attempt: one.attempt,
                    redelivered: one.redelivered,
                    receipt: one.receipt.map(&receipt),
                });
                Heard::Took(taken.collect())
            }
            Heard::Settled(taken) => Heard::Settled(taken),
            Heard::SettledWithout(refused) => {
                Heard::SettledWithout(refused.into_iter().map(receipt).collect())
            }
            Heard::Stored(taken) => Heard::Stored(taken),
            Heard::LookAgain(span) => Heard::LookAgain(span),
        }
    }
}

/// How a program lets go of a record that it could not handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveBack {
    /// As its user has set it, to be handed out again after this time where the system can wait.
    AsSet(Span),
    /// To be tried again after this time.
    Again(Span),
    /// For good: it is not to be tried again.
    Reject,
}

/// The receipt of a system that gives none: its records are settled by where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct NoReceipt;

impl Visit for NoReceipt {
    const HAS_ANY: bool = false;
    fn visit(&mut self, _: &mut impl Visitor) {}
}

/// The receiving half of a system's client library, as its users call it. What it remembers, a crash
/// forgets.
pub trait Inbox: Clone + Eq + Hash + Debug + Visit {
    /// The server that it talks to.
    type Of: Server;
    /// Its settings, and what it has to know of the scene.
    type Plan: Clone + Debug;
    /// With what a record is settled.
    type Receipt: Copy + Eq + Hash + Debug + Visit;

    /// The library of a process that begins.
    fn new(plan: &Self::Plan) -> Self;

    /// The call that takes records: a poll, or a receive. While the program `waits` before it looks again,
    /// nothing new is asked.
    fn take(
        &mut self,
        waits: bool,
        step: &mut Context<Self::Of, Self::Plan>,
    ) -> Heard<Self::Receipt>;

    /// The server answered, or has something nobody asked for.
    fn hear(
        &mut self,
        reply: <Self::Of as Server>::Reply,
        step: &mut Context<Self::Of, Self::Plan>,
    ) -> Heard<Self::Receipt>;

    /// Settles what was taken: commits all positions, or deletes these messages. Nothing where there is an
    /// answer to wait for; else whether it is done, or could not be.
    fn settle(
        &mut self,
        done: &[Self::Receipt],
        step: &mut Context<Self::Of, Self::Plan>,
    ) -> Option<bool>;

    /// Settles one record, where the handler says so. Nothing where there is an answer to wait for; else
    /// whether it is done, or could not be.
    fn settle_one(
        &mut self,
        place: Option<Place>,
        receipt: Option<Self::Receipt>,
        step: &mut Context<Self::Of, Self::Plan>,
    ) -> Option<bool>;

    /// Lets go of a record whose handling failed, where the system gives it out again or sets it aside, and
    /// its user has set it so. Says whether it did.
    fn give_back(
        &mut self,
        _: Option<Self::Receipt>,
        _: GiveBack,
        _: &mut Context<Self::Of, Self::Plan>,
    ) -> bool {
        false
    }

    /// Whether the program names the records that it settles, and so has to remember them.
    fn settles_by_name(&self) -> bool;

    /// Whether each record is settled when its own work is done, and not the batch.
    fn settles_each(plan: &Self::Plan) -> bool;

    /// Publishes a record on the connection it receives on, without a library for sending. Says whether
    /// there is an answer to wait for; there is none where the library cannot.
    fn publish(&mut self, _: RecordId, _: &mut Context<Self::Of, Self::Plan>) -> bool {
        false
    }

    /// When it gives its next sign of life by itself: a heartbeat, or a longer lease.
    fn heartbeat_due(&self) -> Option<Instant> {
        None
    }

    /// The sign of life leaves.
    fn heartbeat(&mut self, _: &mut Context<Self::Of, Self::Plan>) {}

    /// When it settles by itself. The program is inside the call that takes records, or not (`taking`).
    fn auto_commit_due(&self, _taking: bool) -> Option<Instant> {
        None
    }

    /// When it has waited long enough for the program to take records again.
    fn poll_interval_due(&self) -> Option<Instant> {
        None
    }

    /// That time has passed, and the program has not come back.
    fn poll_interval_passed(&mut self, _: &mut Context<Self::Of, Self::Plan>) {}

    /// The interval after which it settles by itself has passed.
    fn auto_commit_is_ready(&mut self, _taking: bool, _: &mut Context<Self::Of, Self::Plan>) {}
}
