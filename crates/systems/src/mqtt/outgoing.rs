//! What a session still has to deliver: in flight, and waiting.
//!
//! T14. At most `max_inflight_messages` messages with QoS 1 and 2 are in flight to a client at once, or as many as its Receive Maximum says; the others wait in order. A place is free again with PUBACK or PUBCOMP. QoS 0 is sent at once and passes those that wait. Before 2.0.13 an acknowledgement of the n-th in flight lets as many go as if only those before it were in flight, so that the window can be passed. Source: mosquitto.conf(5), `max_inflight_messages`; MQTT 5.0 section 4.9; Mosquitto 2.0, `db__message_delete_outgoing`, issue 2301. Shown by: the test `a_full_window_holds_messages_back`, the test `before_2_0_13_an_acknowledgement_can_pass_the_window`.
//!
//! T15. Beyond those in flight `max_queued_messages` may wait for a client that is offline, and for one that is connected as many more as its window is wide; the newest is dropped. Before 2.0.13 those in flight count too, so that a connected client has `max_queued_messages` waiting behind a full window. Source: Mosquitto 2.0, `db__ready_for_queue`. Shown by: the test `a_full_queue_drops_the_newest`, the test `before_2_0_13_the_queue_counts_what_is_in_flight`.
//!
//! T16. QoS 0 to an offline session is dropped, unless `queue_qos0_messages` is set: then it waits in its place. Source: mosquitto.conf(5). Shown by: mqtt-queue-qos0, mqtt-persistent-session.
//!
//! T17. On a connection that stands nothing is repeated. When the client comes back to its session, what was in flight comes again in its old order, with the same packet identifiers: a PUBLISH with DUP, or PUBREL where PUBREC had come; then what waited, without DUP. Source: MQTT 5.0 section 4.4, 4.6. Shown by: mqtt-qos1-redelivery-dup, the test `after_pubrec_only_the_release_is_repeated`.
//!
//! T18. A PUBACK or PUBREC for an unknown packet identifier is not an error (PUBREC is still answered with PUBREL). An acknowledgement of the wrong kind is, and the broker hangs up. Source: Mosquitto 2.0, `db__message_delete_outgoing`. Shown by: the test `a_wrong_acknowledgement_closes_the_connection`.
//!
//! T19. A message whose message expiry interval is over is not sent any more; a subscriber is told the seconds that are left. Source: MQTT 5.0 section 3.3.2.3.3. Shown by: the test `a_message_that_waited_too_long_is_not_sent`.
//!
//! Simplified: a message gets its packet identifier when it goes in flight; Mosquitto numbers also those that it drops. An identifier in flight is passed over; Mosquitto counts on.
//!
//! Simplified: where a client comes back with a smaller Receive Maximum than it has in flight, nothing new is sent until that many are acknowledged; Mosquitto sends one for each acknowledgement.
//!
//! Left out: limits in bytes (`max_inflight_bytes`, `max_queued_bytes`).

use super::message::Stored;
use super::packet::visit_broker_id;
use super::qos::Qos;
use crate::visit::{Visit, Visitor};
use explore::time::Instant;
use std::collections::VecDeque;

/// A message on its way to one client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Delivery {
    pub stored: Stored,
    pub qos: Qos,
    pub retain: bool,
    pub identifier: Option<u32>,
}

/// What the client has to say next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Awaits {
    Puback,
    Pubrec,
    Pubcomp,
}

/// A delivery with QoS 1 or 2 that was sent and is not complete.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct InFlight {
    pub packet_id: u16,
    pub delivery: Delivery,
    pub awaits: Awaits,
}

/// What a session still has to deliver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Outgoing {
    /// How many may be in flight; 0 is no limit.
    pub(super) window: u16,
    pub(super) in_flight: VecDeque<InFlight>,
    pub(super) queued: VecDeque<Delivery>,
    /// How many of those queued have QoS 1 or 2.
    queued_count: u32,
    last_packet_id: u16,
    /// Before 2.0.13: how many more may go in flight, as the broker counts; it can count wrong.
    pub(super) quota: Option<u16>,
}

impl Visit for Delivery {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.stored.visit(visitor);
    }
}

impl Visit for InFlight {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visit_broker_id(&mut self.packet_id, visitor);
        self.delivery.visit(visitor);
    }
}

impl Visit for Outgoing {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.in_flight.visit(visitor);
        self.queued.visit(visitor);
        visit_broker_id(&mut self.last_packet_id, visitor);
    }
}

/// What an acknowledgement was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Completed {
    /// The delivery, if its packet identifier was in flight.
    pub delivery: Option<Delivery>,
    /// How many were in flight before it.
    pub before: usize,
}

/// An acknowledgement that does not fit what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mismatch;

impl Outgoing {
    /// How many messages with QoS 1 and 2 are in flight.
    pub fn in_flight_count(&self) -> usize {
        self.in_flight.len()
    }

    /// How many messages wait.
    pub fn queued_count(&self) -> usize {
        self.queued.len()
    }

    /// The packet identifiers in flight, in order.
    pub fn packet_ids(&self) -> Vec<u16> {
        self.in_flight.iter().map(|one| one.packet_id).collect()
    }

    /// Whether another message with QoS 1 or 2 may go in flight.
    pub(super) fn has_room(&self) -> bool {
        let most = match self.window {
            0 => usize::from(u16::MAX),
            window => usize::from(window),
        };
        match self.quota {
            Some(quota) if self.window > 0 => quota > 0,
            _ => self.in_flight.len() < most,
        }
    }

    /// A connection begins with this window; `counts_places` from 2.0.13 on.
    pub(super) fn begin(&mut self, window: u16, counts_places: bool) {
        self.window = window;
        let in_flight = u16::try_from(self.in_flight.len()).unwrap_or(u16::MAX);
        self.quota = (!counts_places).then(|| window.saturating_sub(in_flight));
    }

    /// Whether another message may wait, beyond `allowance`, which a connected client has.
    pub(super) fn may_queue(&self, max_queued_messages: u32, allowance: u16) -> bool {
        let in_flight = match self.quota {
            Some(_) => u32::try_from(self.in_flight.len()).unwrap_or(u32::MAX),
            None => 0,
        };
        let count = self.queued_count.saturating_add(in_flight);
        max_queued_messages == 0 || count.saturating_sub(u32::from(allowance)) < max_queued_messages
    }

    /// Lets a message wait.
    pub(super) fn queue(&mut self, delivery: Delivery) {
        if delivery.qos != Qos::AtMostOnce {
            self.queued_count = self.queued_count.saturating_add(1);
        }
        self.queued.push_back(delivery);
    }

    /// The next that waits and can go now.
    pub(super) fn dequeue(&mut self) -> Option<Delivery> {
        let is_free = |next: &Delivery| next.qos == Qos::AtMostOnce;
        if !self.has_room() && !self.queued.front().is_some_and(is_free) {
            return None;
        }
        self.pop()
    }

    /// The next that waits, whether it can go or not.
    pub(super) fn pop(&mut self) -> Option<Delivery> {
        let next = self.queued.pop_front()?;
        if next.qos != Qos::AtMostOnce {
            self.queued_count = self.queued_count.saturating_sub(1);
        }
        Some(next)
    }

    /// Puts a message with QoS 1 or 2 in flight, and gives it a packet identifier.
    pub(super) fn launch(&mut self, delivery: Delivery) -> u16 {
        let mut id = self.last_packet_id;
        loop {
            id = id.checked_add(1).unwrap_or(1);
            let is_free = self.in_flight.iter().all(|one| one.packet_id != id);
            // With all 65535 in use the window would be passed, which nobody may do.
            if is_free || id == self.last_packet_id {
                break;
            }
        }
        self.last_packet_id = id;
        self.quota = self.quota.map(|quota| quota.saturating_sub(1));
        let awaits = match delivery.qos {
            Qos::ExactlyOnce => Awaits::Pubrec,
            Qos::AtLeastOnce | Qos::AtMostOnce => Awaits::Puback,
        };
        self.in_flight.push_back(InFlight {
            packet_id: id,
            delivery,
            awaits,
        });
        id
    }

    /// A delivery is complete: PUBACK, PUBCOMP, or a PUBREC that refuses it.
    pub(super) fn complete(
        &mut self,
        packet_id: u16,
        awaits: Awaits,
    ) -> Result<Completed, Mismatch> {
        let window = self.window;
        self.quota = self.quota.map(|quota| quota.saturating_add(1).min(window));
        let mut all = self.in_flight.iter();
        let Some(at) = all.position(|one| one.packet_id == packet_id) else {
            return Ok(Completed {
                delivery: None,
                before: self.in_flight.len(),
            });
        };
        if self.in_flight.get(at).map(|one| one.awaits) != Some(awaits) {
            return Err(Mismatch);
        }
        Ok(Completed {
            delivery: self.in_flight.remove(at).map(|one| one.delivery),
            before: at,
        })
    }

    /// PUBREC came: the client has the message.
    pub(super) fn received(&mut self, packet_id: u16) -> Result<Option<&Delivery>, Mismatch> {
        let mut all = self.in_flight.iter_mut();
        match all.find(|one| one.packet_id == packet_id) {
            None => Ok(None),
            Some(one) if one.delivery.qos == Qos::ExactlyOnce => {
                one.awaits = Awaits::Pubcomp;
                Ok(Some(&one.delivery))
            }
            Some(_) => Err(Mismatch),
        }
    }

    /// Takes out what is too old to be sent; what the client has already stays until it is complete.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Delivery> {
        let mut gone = Vec::new();
        self.in_flight.retain(|one| {
            let is_gone = one.awaits != Awaits::Pubcomp && one.delivery.stored.is_expired(now);
            if is_gone {
                gone.push(one.delivery.clone());
            }
            !is_gone
        });
        gone
    }
}
