//! A client of the recorder: what came to it, and what it says to that.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use systems::Caller;
use systems::mqtt::{Ack, Publish, Qos, Reply, Request};

/// How the recorder names a PUBREL for a message that did not come on this connection.
const NOT_SEEN: &str = "packet not seen on this connection";

/// A delivery that can be acknowledged.
#[derive(Clone, Debug)]
struct Delivered {
    msg: String,
    packet_id: u16,
    qos: Qos,
}

/// A connection, and whether it stands.
#[derive(Clone, Copy, Debug)]
struct Connection {
    caller: Caller,
    is_alive: bool,
}

/// A client.
#[derive(Clone, Debug)]
pub(super) struct Client {
    number: u8,
    /// All it ever had; the last is the newest.
    connections: Vec<Connection>,
    acks_itself: bool,
    /// Deliveries and releases since the last drain.
    inbox: Vec<Value>,
    delivered: Vec<Delivered>,
    /// What came on this connection, by packet identifier.
    seen: BTreeMap<u16, String>,
    last_packet_id: u16,
}

impl Client {
    /// A client that has not connected.
    pub fn new(number: u8) -> Client {
        Client {
            number,
            connections: Vec::new(),
            acks_itself: true,
            inbox: Vec::new(),
            delivered: Vec::new(),
            seen: BTreeMap::new(),
            // Above those that recordings choose.
            last_packet_id: 1_000,
        }
    }

    /// Whether a connection is one of its own.
    pub fn is(&self, caller: Caller) -> bool {
        self.number == caller.client
    }

    /// Its newest connection.
    pub fn caller(&self) -> Option<Caller> {
        self.connections.last().map(|one| one.caller)
    }

    /// A new connection.
    pub fn connect(&mut self, acks_by_hand: bool) -> Caller {
        let caller = Caller {
            client: self.number,
            connection: u16::try_from(self.connections.len() + 1).unwrap_or(u16::MAX),
        };
        self.connections.push(Connection {
            caller,
            is_alive: true,
        });
        self.acks_itself = !acks_by_hand;
        self.seen.clear();
        caller
    }

    /// A packet identifier that it has not used.
    pub fn next_packet_id(&mut self) -> u16 {
        self.last_packet_id = self.last_packet_id.checked_add(1).unwrap_or(1);
        self.last_packet_id
    }

    /// A connection is gone.
    pub fn lose(&mut self, caller: Caller) {
        for one in self
            .connections
            .iter_mut()
            .filter(|one| one.caller == caller)
        {
            one.is_alive = false;
        }
    }

    /// Whether the newest connection stands.
    pub fn is_alive(&self) -> bool {
        self.connections.last().is_some_and(|one| one.is_alive)
    }

    /// Whether the connection before it stands.
    pub fn is_old_alive(&self) -> bool {
        let mut before = self.connections.iter().rev().skip(1);
        before.next().is_some_and(|one| one.is_alive)
    }

    /// Something came on a connection; what it says to that.
    pub fn take(&mut self, on: Caller, reply: &Reply) -> Option<Request> {
        match reply {
            Reply::Closed => {
                self.lose(on);
                None
            }
            Reply::Publish(publish) => self.take_delivery(publish),
            Reply::Pubrel(ack) if self.acks_itself => {
                Some(Request::Pubcomp(Ack::of(ack.packet_id)))
            }
            Reply::Pubrel(ack) => {
                let seen = self.seen.get(&ack.packet_id).cloned();
                let msg = seen.unwrap_or_else(|| NOT_SEEN.to_owned());
                self.inbox.push(json!({"release": msg}));
                self.delivered.push(Delivered {
                    msg,
                    packet_id: ack.packet_id,
                    qos: Qos::ExactlyOnce,
                });
                None
            }
            _ => None,
        }
    }

    fn take_delivery(&mut self, publish: &Publish) -> Option<Request> {
        let mut told = json!({
            "topic": &*publish.topic,
            "msg": &*publish.payload,
            "qos": publish.qos.number(),
            "retain": publish.retain,
            "dup": publish.dup,
        });
        if let Some(seconds) = publish.message_expiry_interval {
            told["expiry_left_s"] = json!(seconds);
        }
        if !publish.subscription_identifiers.is_empty() {
            told["subscription_ids"] = json!(publish.subscription_identifiers);
        }
        self.inbox.push(told);
        let packet_id = publish.packet_id?;
        let msg = publish.payload.to_string();
        self.seen.insert(packet_id, msg.clone());
        self.delivered.push(Delivered {
            msg,
            packet_id,
            qos: publish.qos,
        });
        let ack = Ack::of(packet_id);
        match publish.qos {
            _ if !self.acks_itself => None,
            Qos::AtMostOnce => None,
            Qos::AtLeastOnce => Some(Request::Puback(ack)),
            Qos::ExactlyOnce => Some(Request::Pubrec(ack)),
        }
    }

    /// The packet identifier and QoS of a delivery: the latest of this body, or the n-th, from 1.
    pub fn delivered(&self, msg: &str, nth: Option<usize>) -> Option<(u16, Qos)> {
        let mut all = self.delivered.iter().filter(|one| one.msg == msg);
        let found = match nth {
            None => all.next_back(),
            Some(nth) => all.nth(nth.checked_sub(1)?),
        };
        found.map(|one| (one.packet_id, one.qos))
    }

    /// What came since the last drain.
    pub fn drain(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.inbox)
    }
}
