//! Messages with QoS 2 that a client sent and has not let go of.
//!
//! T20. A message with QoS 2 is kept until its PUBREL and goes to nobody before. A PUBLISH with a packet identifier that is held is answered with PUBREC and changes nothing; after PUBREL the identifier is new again. A PUBREL for nothing is answered with PUBCOMP. Source: MQTT 5.0 section 4.3.3; Mosquitto 2.0, `handle__pubrel`. Shown by: mqtt-qos2-publisher-dup.
//!
//! T21. What is held belongs to the session and outlives the connection with it. A PUBLISH with a held identifier but another topic, payload or QoS takes the place of the held one. Source: Mosquitto 2.0, `handle__publish`. Shown by: the test `a_reused_packet_identifier_is_another_message`.
//!
//! T22. With QoS 1 the broker remembers nothing: a repeated PUBLISH is another message, also with DUP, and its deliveries have no DUP. Source: MQTT 5.0 section 4.3.2. Shown by: mqtt-qos1-publisher-dup.
//!
//! T23. The broker holds at most `max_inflight_messages` of one client. An MQTT 5 client, which was told so by Receive Maximum, is thrown out with the next (0x93); to one of 3.1.1 the PUBREC comes when there is room. Source: Mosquitto 2.0, `handle__publish`, `db__message_release_incoming`. Shown by: the test `a_publisher_beyond_the_receive_maximum_is_thrown_out`.

use super::message::Stored;
use super::packet::visit_client_id;
use crate::visit::{Visit, Visitor};
use std::collections::VecDeque;

/// A message that waits for its PUBREL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Held {
    pub packet_id: u16,
    pub stored: Stored,
}

/// Messages with QoS 2 that a client has not let go of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Incoming {
    pub(super) held: Vec<Held>,
    /// Of a 3.1.1 client: those for which there is no room; they got no PUBREC.
    pub(super) waiting: VecDeque<Held>,
}

impl Visit for Held {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visit_client_id(&mut self.packet_id, visitor);
        self.stored.visit(visitor);
    }
}

impl Visit for Incoming {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.held.visit(visitor);
        self.waiting.visit(visitor);
    }
}

impl Incoming {
    /// The message with this packet identifier.
    pub(super) fn find(&self, packet_id: u16) -> Option<&Held> {
        let mut all = self.held.iter().chain(&self.waiting);
        all.find(|one| one.packet_id == packet_id)
    }

    /// Forgets the message with this packet identifier.
    pub(super) fn forget(&mut self, packet_id: u16) {
        self.held.retain(|one| one.packet_id != packet_id);
        self.waiting.retain(|one| one.packet_id != packet_id);
    }

    /// Whether another may be held; 0 is no limit.
    pub(super) fn has_room(&self, most: u16) -> bool {
        most == 0 || self.held.len() < usize::from(most)
    }

    /// PUBREL came: the message goes on.
    pub(super) fn release(&mut self, packet_id: u16) -> Option<Stored> {
        let at = self
            .held
            .iter()
            .position(|one| one.packet_id == packet_id)?;
        Some(self.held.remove(at).stored)
    }

    /// How many are held.
    pub fn count(&self) -> usize {
        self.held.len()
    }
}
