//! The sending half of a system's client library.

use super::Context;
use crate::fact::Leg;
use crate::kafka::log::record::Ended;
use crate::kafka::produce::Membership;
use crate::kafka::{GroupId, Offset, Partition};
use crate::party::ClientId;
use crate::record::RecordId;
use crate::server::Server;
use crate::visit::Visit;
use explore::time::Span;
use std::fmt::Debug;
use std::hash::Hash;

/// What a program calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Get ready: the first call, where the library has one (`initTransactions`).
    Open,
    /// Begin a transaction.
    Begin,
    /// Send a record, and wait until it is stored.
    Send(RecordId),
    /// Write in the transaction where a group reads on; Kafka only.
    SendOffsets(GroupId, Option<Membership>, Vec<(Partition, Offset)>),
    /// End the transaction.
    End(Ended),
}

/// What a library makes of a call or an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing the program sees: the call goes on.
    Nothing,
    /// It asks again after this time, because it was told to.
    AskAgain(Span),
    /// The call is over. Of a record that was stored in a log: where it stands.
    Done(Option<Offset>),
    /// The call throws an exception of this class.
    Threw(&'static str),
}

/// The sending half of a system's client library, as its users call it. What it remembers, a crash
/// forgets.
pub trait Outbox: Clone + Eq + Hash + Debug + Visit {
    /// The server that it talks to.
    type Of: Server;
    /// Its settings, and what it has to know of the scene.
    type Plan: Clone + Debug;

    /// The library of a process that begins.
    fn new(plan: &Self::Plan) -> Self;

    /// The program calls it.
    fn call(&mut self, call: Call, step: &mut Context<Self::Of, Self::Plan>) -> Heard;

    /// The server answered.
    fn hear(
        &mut self,
        reply: <Self::Of as Server>::Reply,
        step: &mut Context<Self::Of, Self::Plan>,
    ) -> Heard;

    /// No answer came in time: it asks again, or the call throws.
    fn ask_again(&mut self, step: &mut Context<Self::Of, Self::Plan>) -> Heard;

    /// Whether this is an answer it waits for.
    fn awaits(&self, reply: &<Self::Of as Server>::Reply) -> bool;

    /// Whether it waits for an answer.
    fn waits(&self) -> bool;

    /// Whether it waits to hear that a record is stored.
    fn is_storing(&self) -> bool {
        self.waits()
    }

    /// Whether it has to be opened before anything can be sent.
    fn is_closed(&self) -> bool {
        false
    }

    /// Whether all that is left of its transaction is to abort it.
    fn may_only_abort(&self) -> bool {
        false
    }

    /// What the program knows when a call is over: of a record that was stored in a log, where it stands.
    fn over(
        &self,
        by: ClientId,
        call: &Call,
        at: Option<Offset>,
    ) -> Option<<Self::Of as Server>::Fact>;

    /// What is told when a request that such a library has sent gets lost; none, if such a request cannot
    /// get lost.
    fn lost(
        by: ClientId,
        request: &<Self::Of as Server>::Request,
        what: Leg,
    ) -> Option<<Self::Of as Server>::Fact>;

    /// What is told when the answer that it waits for gets lost.
    fn lost_answer(&self, by: ClientId) -> Option<<Self::Of as Server>::Fact>;

    /// How long it waits for an answer before it asks again.
    fn patience(plan: &Self::Plan) -> Span;

    /// Whether one of these settings has to be opened before anything can be sent.
    fn opens(_: &Self::Plan) -> bool {
        false
    }

    /// Whether one of these settings sends in transactions.
    fn is_transactional(_: &Self::Plan) -> bool {
        false
    }

    /// Whether it takes no notice of such an answer, which then does not even travel.
    fn is_deaf(_: &Self::Plan, _: &<Self::Of as Server>::Reply) -> bool {
        false
    }
}
