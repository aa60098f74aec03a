//! Everything that may happen next, each with its virtual due time.
//!
//! The calendar is not kept: every party owns its part of it (a deadline, a timer, a message under
//! way), and the whole is read off the world. So nothing ever has to be taken back from it.

use crate::cast::{ClientId, RecordId, ServiceId, TableId};
use crate::client::process::Timer;
use crate::handler::{TableStep, Value};
use crate::scene::Verb;
use crate::time::Instant;
use crate::trace::Cause;
use explore::Weigh;
use systems::Caller;
use systems::broker::{self, Reply, Request};
use systems::visit::{Visit, Visitor};

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Flight {
    /// When it arrives.
    pub due: Instant,
    /// The how-manieth message of the world it is: at one instant the earlier sent arrives first.
    pub sent: u32,
    /// The fact that sent it.
    pub cause: Cause,
    /// Which client's process is at one end.
    pub caller: Caller,
    /// What it is, and where it goes.
    pub message: Message,
}

/// What travels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Message {
    /// To the broker.
    Request(Request),
    /// From the broker.
    Reply(Reply),
    /// To a service.
    Perform(Call),
    /// To the tables: a transaction.
    Tables(Vec<TableStep>),
    /// From a service, about a record.
    Answer(RecordId),
    /// From the tables.
    Rows(Value),
}

impl Message {
    /// Whether it goes to a client, and does not come from one.
    pub const fn is_for_client(&self) -> bool {
        matches!(
            self,
            Message::Reply(_) | Message::Answer(_) | Message::Rows(_)
        )
    }
}

/// A call to a service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Call {
    /// Which.
    pub service: ServiceId,
    /// About which record.
    pub record: RecordId,
    /// With which idempotency key.
    pub key: Option<Value>,
    /// Whether it is a second copy that nobody will hear an answer to.
    pub double: bool,
}

/// Something that may happen next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A message arrives: the n-th of those under way to or from this client.
    Arrive(ClientId, usize),
    /// The broker does something by itself.
    Broker(broker::Due),
    /// A client's timer fires.
    Timer(ClientId, Timer),
    /// A row's time to live has passed.
    Expire(TableId, Value),
    /// A fault of the story as told.
    Scripted(Verb, ClientId),
}

/// A step with its due time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Instant,
    /// What.
    pub step: Step,
}

impl Visit for Flight {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.due.visit(visitor);
        self.caller.visit(visitor);
        match &mut self.message {
            Message::Request(request) => request.visit(visitor),
            Message::Reply(reply) => reply.visit(visitor),
            Message::Perform(_) | Message::Tables(_) | Message::Answer(_) | Message::Rows(_) => {}
        }
    }
}
