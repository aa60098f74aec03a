//! Everything that may happen next, each with its virtual due time.
//!
//! The calendar is not kept: every party owns its part of it (a deadline, a timer, a message under
//! way), and the whole is read off the world. So nothing ever has to be taken back from it.

use crate::broker::kafka::group::Deadline;
use crate::broker::kafka::{Caller, GroupId, Request, Response};
use crate::cast::{ConsumerId, RecordId, ServiceId, TableId};
use crate::client::consumer::{Answer, Timer};
use crate::scene::Verb;
use crate::time::Instant;
use crate::trace::Cause;

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flight {
    /// When it arrives.
    pub due: Instant,
    /// The fact that sent it.
    pub cause: Cause,
    /// Which consumer's process is at one end.
    pub caller: Caller,
    /// What it is, and where it goes.
    pub message: Message,
}

/// What travels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// To the broker.
    Request(Request),
    /// From the broker.
    Response(Response),
    /// To a service.
    Perform(ServiceId, RecordId),
    /// To a table: is it there?
    Lookup(TableId, RecordId),
    /// To a table: enter it.
    Insert(TableId, RecordId),
    /// From a service or a table.
    Answer(Answer),
}

/// Something that may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A message arrives: the n-th of those under way.
    Arrive(usize),
    /// The coordinator's patience ends.
    Deadline(GroupId, Deadline),
    /// A consumer's timer fires.
    Timer(ConsumerId, Timer),
    /// A fault of the story as told.
    Scripted(Verb, ConsumerId),
}

/// A step with its due time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Instant,
    /// What.
    pub step: Step,
}
