//! Sessions: what the broker knows of a client, with or without a connection.

use super::Broker;
use super::incoming::Incoming;
use super::message::Will;
use super::outgoing::Outgoing;
use super::packet::Version;
use crate::party::Caller;
use crate::spread::Spread;
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

/// Some of the sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sessions(BTreeMap<Arc<str>, Session>);

impl Visit for Sessions {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for session in self.0.values_mut() {
            session.visit(visitor);
        }
    }
}

impl Spread<Sessions> {
    /// The session of this client.
    pub(super) fn of(&self, client_id: &str) -> Option<&Session> {
        self.slot(client_id).0.get(client_id)
    }

    /// The session of this client, to be changed.
    pub(super) fn of_mut(&mut self, client_id: &str) -> Option<&mut Session> {
        let slot = self.slot_mut(client_id);
        match slot.0.contains_key(client_id) {
            true => slot.0.get_mut(client_id),
            false => None,
        }
    }
}

/// Which sessions there are, and which of them are connected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clients {
    /// In the order in which their sessions began.
    in_order: Vec<Arc<str>>,
    /// Whose connections stand.
    connected: Vec<(Caller, Arc<str>)>,
    /// How many client ids the broker has chosen.
    pub(super) assigned: u64,
}

impl Clients {
    /// All of them, in the order in which their sessions began.
    pub(super) fn in_order(&self) -> &[Arc<str>] {
        &self.in_order
    }

    /// The client of this connection.
    pub(super) fn of(&self, caller: Caller) -> Option<&Arc<str>> {
        let mut connected = self.connected.iter();
        connected.find(|(of, _)| *of == caller).map(|(_, id)| id)
    }

    /// A client's connection is gone.
    pub(super) fn hung_up(&mut self, client_id: &str) {
        self.connected.retain(|(_, id)| **id != *client_id);
    }
}

impl Visit for Clients {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for (caller, _) in &mut self.connected {
            caller.visit(visitor);
        }
    }
}

impl Broker {
    /// Adds a session behind all others.
    pub(super) fn add_session(&mut self, session: Session) {
        let id = Arc::clone(&session.client_id);
        if let Some(connection) = &session.connection {
            let connected = (connection.caller, Arc::clone(&id));
            self.clients.connected.push(connected);
        }
        self.clients.in_order.push(Arc::clone(&id));
        self.sessions
            .slot_mut(&id)
            .0
            .insert(Arc::clone(&id), session);
    }

    /// Takes out the session of a client.
    pub(super) fn remove_session(&mut self, client_id: &str) -> Option<Session> {
        self.sessions.of(client_id)?;
        self.clients.hung_up(client_id);
        self.clients.in_order.retain(|id| **id != *client_id);
        self.sessions.slot_mut(client_id).0.remove(client_id)
    }
}
