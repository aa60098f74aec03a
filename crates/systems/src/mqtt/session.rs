//! Sessions: what the broker knows of a client, with or without a connection.

use super::incoming::Incoming;
use super::message::Will;
use super::outgoing::Outgoing;
use super::packet::Version;
use crate::party::Caller;
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A connection that stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Connection {
    pub caller: Caller,
    /// In seconds; 0 is none.
    pub keep_alive: u16,
    /// When something last came from the client.
    pub last_in: Instant,
    /// The topics that the client's aliases stand for.
    pub aliases: BTreeMap<u16, Arc<str>>,
}

impl Connection {
    /// When the broker gives the client up.
    pub fn gives_up(&self) -> Option<Instant> {
        let patience = u64::from(self.keep_alive) * 1_500;
        (self.keep_alive > 0).then(|| self.last_in + Span::from_ms(patience))
    }
}

/// What the broker knows of a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    pub(super) client_id: Arc<str>,
    pub(super) version: Version,
    /// How many seconds it outlives its connection; 0 is not at all, `u32::MAX` for ever.
    pub(super) expiry_interval: u32,
    pub(super) connection: Option<Connection>,
    pub(super) will: Option<Will>,
    /// When the delayed will is published.
    pub(super) will_due: Option<Instant>,
    /// When it ends, while the client is offline.
    pub(super) expires: Option<Instant>,
    pub(super) outgoing: Outgoing,
    pub(super) incoming: Incoming,
}

impl Session {
    /// The client's name, which is the session's.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Whether its client is connected.
    pub fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// What it still has to deliver.
    pub fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    /// What its client has not let go of.
    pub fn incoming(&self) -> &Incoming {
        &self.incoming
    }

    /// How many of its client's messages are in flight at most; 0 is no limit.
    pub fn window(&self) -> u16 {
        self.outgoing.window
    }
}

impl Visit for Session {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let Some(connection) = &mut self.connection {
            connection.last_in.visit(visitor);
            connection.caller.visit(visitor);
        }
        self.will_due.visit(visitor);
        self.expires.visit(visitor);
        self.outgoing.visit(visitor);
        self.incoming.visit(visitor);
    }
}

/// All sessions, in the order in which they began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sessions {
    pub(super) all: Vec<Session>,
    /// How many client ids the broker has chosen.
    pub(super) assigned: u64,
}

impl Sessions {
    /// The session of this client.
    pub(super) fn of(&self, client_id: &str) -> Option<&Session> {
        self.all.iter().find(|one| *one.client_id == *client_id)
    }

    /// The session of this client, to be changed.
    pub(super) fn of_mut(&mut self, client_id: &str) -> Option<&mut Session> {
        self.all.iter_mut().find(|one| *one.client_id == *client_id)
    }

    /// The client of this connection.
    pub(super) fn client_of(&self, caller: Caller) -> Option<Arc<str>> {
        let is_its = |one: &&Session| {
            let connection = one.connection.as_ref();
            connection.is_some_and(|connection| connection.caller == caller)
        };
        self.all
            .iter()
            .find(is_its)
            .map(|one| Arc::clone(&one.client_id))
    }

    /// Takes out the session of this client.
    pub(super) fn remove(&mut self, client_id: &str) -> Option<Session> {
        let at = self
            .all
            .iter()
            .position(|one| *one.client_id == *client_id)?;
        Some(self.all.remove(at))
    }
}

impl Visit for Sessions {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.all.visit(visitor);
    }
}
