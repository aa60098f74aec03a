//! MQTT 3.1.1 and 5, as Eclipse Mosquitto 2.0 behaves: one broker. Where releases of 2.0 differ, the
//! setting `version` says which one it is.
//!
//! Publishers send to a topic, subscribers name filters, and the broker keeps for each client id a
//! session with what is still on its way. Both protocol versions are served at once; which one holds
//! is a property of the connection.
//!
//! ```
//! use systems::mqtt::{Broker, Connect, Publish, Qos, Reply, Request, Settings, Subscription};
//! use systems::{Caller, Instant, Out, Server};
//!
//! let (mut broker, mut out) = (Broker::new(Settings::default(), 0), Out::default());
//! let me = Caller { client: 0, connection: 1 };
//! let connect = Connect { client_id: "me".into(), clean_start: true, ..Connect::default() };
//! broker.handle(Instant(0), me, Request::Connect(Box::new(connect)), &mut out);
//! let all = Subscription { filter: "#".into(), qos: Qos::AtLeastOnce, ..Subscription::default() };
//! let subscribe = Request::Subscribe { packet_id: 1, subscriptions: vec![all], identifier: None };
//! broker.handle(Instant(0), me, subscribe, &mut out);
//! let publish = Publish { topic: "lamp".into(), payload: "on".into(), ..Publish::default() };
//! broker.handle(Instant(0), me, Request::Publish(publish), &mut out);
//! assert!(matches!(&out.to[2].1, Reply::Publish(delivery) if &*delivery.payload == "on"));
//! ```
//!
//! Left out: bridges, persistence to disk, plugins, several listeners and MQTT 3.1.

pub mod fact;
pub mod incoming;
pub mod message;
pub mod outgoing;
pub mod packet;
pub mod qos;
pub mod reason;
pub mod retained;
pub mod session;
pub mod settings;
pub mod subscriptions;
pub mod tools;
pub mod topic;

mod connect;
mod deliver;
mod farewell;
mod publish;
mod subscribe;

pub use fact::Fact;
pub use message::{Properties, Will};
pub use packet::{
    Ack, Connack, Connect, Publish, Reply, Request, RetainHandling, Subscription, Version,
};
pub use qos::Qos;
pub use reason::ReasonCode;
pub use session::Session;
pub use settings::{Release, Settings};

use crate::party::{Caller, ClientId};
use crate::server::{self, Holder, Server, Wait};
use crate::spread::Spread;
use explore::slot::Slot;
use explore::time::Instant;
use retained::Retained;
use session::{Clients, Sessions};
use std::sync::Arc;
use subscriptions::Subscriptions;

/// What comes of a step of the broker.
type Out = server::Out<Broker>;

/// An MQTT broker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Broker {
    settings: Settings,
    seed: u64,
    clients: Slot<Clients>,
    sessions: Spread<Sessions>,
    subscriptions: Slot<Subscriptions>,
    retained: Slot<Retained>,
}

crate::parts! {
    /// A part of the broker: which clients there are, some of their sessions, who subscribes to what,
    /// the retained messages.
    pub enum Part of Broker {
        clients: Clients(Clients),
        sessions[]: Sessions(Sessions),
        subscriptions: Subscriptions(Subscriptions),
        retained: Retained(Retained),
    }
}

/// Something the broker does by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// It gives up a client that was silent for too long.
    KeepAlive(Arc<str>),
    /// It publishes a delayed will.
    Will(Arc<str>),
    /// It forgets a session.
    SessionExpiry(Arc<str>),
}

impl Broker {
    /// A broker without sessions. The client ids it chooses follow from `seed`.
    pub fn new(settings: Settings, seed: u64) -> Self {
        Broker {
            settings,
            seed,
            clients: Slot::default(),
            sessions: Spread::default(),
            subscriptions: Slot::default(),
            retained: Slot::default(),
        }
    }

    /// What it was set to.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All sessions, in the order in which they began.
    pub fn sessions(&self) -> Vec<&Session> {
        let ids = self.clients.in_order().iter();
        ids.filter_map(|id| self.sessions.of(id)).collect()
    }

    /// The session of a client.
    pub fn session(&self, client_id: &str) -> Option<&Session> {
        self.sessions.of(client_id)
    }

    /// All subscriptions.
    pub fn subscriptions(&self) -> &Subscriptions {
        &self.subscriptions
    }

    /// All retained messages.
    pub fn retained(&self) -> &Retained {
        &self.retained
    }

    fn packet(&mut self, now: Instant, client_id: &Arc<str>, request: Request, out: &mut Out) {
        match request {
            Request::Connect(_) => self.close(now, client_id, ReasonCode::ProtocolError, out),
            Request::Publish(publish) => self.take_publish(now, client_id, publish, out),
            Request::Puback(ack) => self.take_puback(now, client_id, ack, out),
            Request::Pubrec(ack) => self.take_pubrec(now, client_id, ack, out),
            Request::Pubrel(ack) => self.take_pubrel(now, client_id, ack, out),
            Request::Pubcomp(ack) => self.take_pubcomp(now, client_id, ack, out),
            Request::Subscribe {
                packet_id,
                subscriptions,
                identifier,
            } => self.take_subscribe(now, client_id, packet_id, &subscriptions, identifier, out),
            Request::Unsubscribe { packet_id, filters } => {
                self.take_unsubscribe(now, client_id, packet_id, &filters, out);
            }
            Request::Pingreq => self.send(client_id, Reply::Pingresp, out),
            Request::Disconnect {
                reason,
                session_expiry_interval,
            } => self.take_disconnect(now, client_id, reason, session_expiry_interval, out),
        }
    }

    /// Sends a packet to a client, if it is connected.
    fn send(&self, client_id: &str, reply: Reply, out: &mut Out) {
        let session = self.sessions.of(client_id);
        if let Some(connection) = session.and_then(|session| session.connection.as_ref()) {
            out.reply(connection.caller, reply);
        }
    }

    /// Which protocol the client speaks, or spoke last.
    fn version(&self, client_id: &str) -> Version {
        let session = self.sessions.of(client_id);
        session.map_or(Version::V311, |session| session.version)
    }
}

impl Server for Broker {
    type Request = Request;
    type Reply = Reply;
    type Due = Due;
    type Fact = Fact;

    fn handle(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out) {
        match (self.clients.of(from).cloned(), request) {
            (Some(client_id), request) => {
                let session = self.sessions.of_mut(&client_id);
                if let Some(connection) = session.and_then(|session| session.connection.as_mut()) {
                    connection.last_in = now;
                }
                self.packet(now, &client_id, request, out);
            }
            (None, Request::Connect(connect)) => self.take_connect(now, from, *connect, out),
            // Nothing but CONNECT can come first.
            (None, _) => out.reply(from, Reply::Closed),
        }
    }

    fn dues(&self, _party: u8, each: &mut dyn FnMut(Instant, Due)) {
        for session in self.sessions() {
            let id = || Arc::clone(&session.client_id);
            let connection = session.connection.as_ref();
            if let Some(at) = connection.and_then(|connection| connection.gives_up()) {
                each(at, Due::KeepAlive(id()));
            }
            if let Some(at) = session.will_due {
                each(at, Due::Will(id()));
            }
            if let Some(at) = session.expires {
                each(at, Due::SessionExpiry(id()));
            }
        }
    }

    fn fire(&mut self, now: Instant, due: Due, out: &mut Out) {
        match due {
            Due::KeepAlive(client_id) => self.give_up(now, &client_id, out),
            Due::Will(client_id) => self.publish_delayed_will(now, &client_id, out),
            Due::SessionExpiry(client_id) => self.expire_session(now, &client_id, out),
        }
    }

    fn disconnect(&mut self, now: Instant, gone: Caller, out: &mut Out) {
        if let Some(client_id) = self.clients.of(gone).cloned() {
            out.tell(Fact::ConnectionLost {
                client_id: Arc::clone(&client_id),
            });
            self.end_connection(now, &client_id, out);
        }
    }

    fn waits_for(&self, due: &Due) -> Wait {
        let Due::KeepAlive(client_id) = due else {
            return Wait::Nobody;
        };
        let session = self.sessions.of(client_id);
        let connection = session.and_then(|session| session.connection.as_ref());
        connection.map_or(Wait::Nobody, |connection| {
            Wait::Life(Holder {
                client: ClientId(connection.caller.client),
                holds: None,
            })
        })
    }
}
