//! What a system's client library is to the program around it: a half that receives and settles
//! ([`Inbox`]), and a half that sends ([`Outbox`]).
//!
//! A library is a state machine, as a [`Server`] is. It is handed the clock and its *plan*: the settings its
//! user gave it, and what it has to know of the scene, as plain data in its system's own words. It says
//! what it does to an [`Output`]. It knows no program, no scene and no other library. A crash of its process
//! forgets all of it.

pub mod inbox;
pub mod outbox;

pub use inbox::Inbox;
pub use outbox::Outbox;

use crate::kafka::{Offset, Partition};
use crate::party::ClientId;
use crate::server::Server;
use explore::Weigh;
use explore::time::Instant;
use serde::{Deserialize, Serialize};

/// A place in a log.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh,
)]
pub struct Place {
    /// The partition.
    pub partition: Partition,
    /// The offset in it.
    pub offset: Offset,
}

/// Where a library says what it does: facts in the order in which they happen, and between them the
/// requests, each because of the fact before it.
pub trait Output<S: Server> {
    /// Something happened in the library.
    fn tell(&mut self, fact: S::Fact);
    /// A request leaves for the server.
    fn send(&mut self, request: S::Request);
}

/// What a library may look at when it is called.
pub struct Context<'a, S: Server, P> {
    /// The present instant.
    pub now: Instant,
    /// In whose process it is.
    pub by: ClientId,
    /// Its settings, and what it has to know of the scene.
    pub plan: &'a P,
    /// Where it says what it does.
    pub out: &'a mut dyn Output<S>,
}
