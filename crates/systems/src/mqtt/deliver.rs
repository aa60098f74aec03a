//! From a published message to its subscribers.
//!
//! T30. A delivery's QoS is the smaller of the publisher's and the subscription's, unless `upgrade_outgoing_qos` is set: then it is the subscription's. Source: MQTT 5.0 section 3.8.4; mosquitto.conf(5). Shown by: mqtt-qos-minimum.
//!
//! T31. Messages of one publisher reach a session in the order in which they came. Source: MQTT 5.0 section 4.6. Shown by: mqtt-persistent-session.

use super::message::Stored;
use super::outgoing::{Awaits, Delivery};
use super::packet::{Ack, Publish, Reply, Version};
use super::qos::Qos;
use super::{Broker, Fact, Out};
use explore::time::Instant;
use std::sync::Arc;

impl Broker {
    /// Hands a message to everybody who subscribes to its topic, and keeps it if it is to be
    /// retained. How many deliveries it made.
    pub(super) fn route(&mut self, now: Instant, stored: &Stored, out: &mut Out) -> u32 {
        let message = &stored.message;
        let mut served: Vec<Arc<str>> = Vec::new();
        let mut matched = 0_u32;
        for (member, is_shared) in self.subscriptions.matching(&message.topic) {
            matched = matched.saturating_add(1);
            if member.no_local && !is_shared && member.client_id == message.source {
                continue;
            }
            let is_once = !self.settings.allow_duplicate_messages
                && self.version(&member.client_id) == Version::V311;
            if is_once && served.contains(&member.client_id) {
                continue;
            }
            let qos = match self.settings.upgrade_outgoing_qos {
                true => member.qos,
                false => member.qos.min(message.qos),
            };
            let delivery = Delivery {
                stored: stored.clone(),
                qos,
                retain: member.retain_as_published && message.retain,
                identifier: member.identifier,
            };
            if self.deliver(now, &member.client_id, delivery, out) && is_once {
                served.push(member.client_id);
            }
        }
        if message.retain {
            self.retain(stored, out);
        }
        matched
    }

    fn retain(&mut self, stored: &Stored, out: &mut Out) {
        let topic = &stored.message.topic;
        if !stored.message.payload.is_empty() {
            self.retained.put(stored.clone());
            out.tell(Fact::Retained {
                topic: Arc::clone(topic),
                record: stored.message.record,
            });
        } else if self.retained.clear(topic) {
            out.tell(Fact::RetainedCleared {
                topic: Arc::clone(topic),
            });
        }
    }

    /// Sends a message to one client, or lets it wait, or drops it; false when it was dropped.
    pub(super) fn deliver(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        delivery: Delivery,
        out: &mut Out,
    ) -> bool {
        let record = delivery.stored.message.record;
        let (most, keeps_qos0) = (
            self.settings.max_queued_messages,
            self.settings.queue_qos0_messages,
        );
        let Some(session) = self.sessions.of_mut(client_id) else {
            return false;
        };
        let is_qos0 = delivery.qos == Qos::AtMostOnce;
        let outgoing = &mut session.outgoing;
        let is_online = session.connection.is_some();
        // By the older way of counting it may pass those that wait.
        let is_next = outgoing.queued.is_empty() || outgoing.quota.is_some();
        if is_online && (is_qos0 || (outgoing.has_room() && is_next)) {
            self.launch(now, client_id, delivery, out);
            return true;
        }
        let allowance = if is_online { outgoing.window } else { 0 };
        let client_id = Arc::clone(client_id);
        let why = if is_qos0 && !keeps_qos0 {
            "offline"
        } else if !outgoing.may_queue(most, allowance) {
            "queue_full"
        } else {
            outgoing.queue(delivery);
            out.tell(Fact::Queued { client_id, record });
            return true;
        };
        out.tell(Fact::Dropped {
            client_id,
            record,
            why: why.into(),
        });
        false
    }

    /// Sends a message to a client that is connected and has room for it.
    fn launch(&mut self, now: Instant, client_id: &Arc<str>, delivery: Delivery, out: &mut Out) {
        if delivery.stored.is_expired(now) {
            self.tell_expired(client_id, &delivery, out);
            return;
        }
        let Some(session) = self.sessions.of_mut(client_id) else {
            return;
        };
        let packet_id = match delivery.qos {
            Qos::AtMostOnce => None,
            _ => Some(session.outgoing.launch(delivery.clone())),
        };
        self.send_delivery(now, client_id, &delivery, packet_id, false, out);
    }

    fn send_delivery(
        &self,
        now: Instant,
        client_id: &Arc<str>,
        delivery: &Delivery,
        packet_id: Option<u16>,
        dup: bool,
        out: &mut Out,
    ) {
        let message = &delivery.stored.message;
        let mut publish = Publish {
            topic: Arc::clone(&message.topic),
            payload: Arc::clone(&message.payload),
            qos: delivery.qos,
            retain: delivery.retain,
            dup,
            packet_id,
            record: message.record,
            ..Publish::default()
        };
        if self.version(client_id) == Version::V5 {
            // None left is not said.
            let left = delivery.stored.seconds_left(now);
            publish.message_expiry_interval = left.filter(|seconds| *seconds > 0);
            publish.subscription_identifiers = delivery.identifier.into_iter().collect();
            publish.properties = message.properties.clone();
        }
        out.tell(Fact::Sent {
            client_id: Arc::clone(client_id),
            record: message.record,
            qos: delivery.qos.number(),
            dup,
            retain: delivery.retain,
        });
        self.send(client_id, Reply::Publish(publish), out);
    }

    fn tell_expired(&self, client_id: &Arc<str>, delivery: &Delivery, out: &mut Out) {
        out.tell(Fact::MessageExpired {
            client_id: Arc::clone(client_id),
            record: delivery.stored.message.record,
        });
    }

    /// A client is back: sends again what was in flight, then what waited.
    pub(super) fn resume(&mut self, now: Instant, client_id: &Arc<str>, out: &mut Out) {
        let Some(session) = self.sessions.of_mut(client_id) else {
            return;
        };
        if session.outgoing.in_flight.is_empty() && session.outgoing.queued.is_empty() {
            return;
        }
        let expired = session.outgoing.expire(now);
        let in_flight = session.outgoing.in_flight.clone();
        for delivery in &expired {
            self.tell_expired(client_id, delivery, out);
        }
        for one in &in_flight {
            let id = one.packet_id;
            match one.awaits {
                Awaits::Pubcomp => self.send_pubrel(client_id, id, Some(&one.delivery), out),
                Awaits::Puback | Awaits::Pubrec => {
                    self.send_delivery(now, client_id, &one.delivery, Some(id), true, out);
                }
            }
        }
        self.pump(now, client_id, out);
    }

    pub(super) fn send_pubrel(
        &self,
        client_id: &Arc<str>,
        packet_id: u16,
        delivery: Option<&Delivery>,
        out: &mut Out,
    ) {
        let record = delivery.and_then(|delivery| delivery.stored.message.record);
        out.tell(Fact::Released {
            client_id: Arc::clone(client_id),
            record,
        });
        let ack = Ack {
            record,
            ..Ack::of(packet_id)
        };
        self.send(client_id, Reply::Pubrel(ack), out);
    }

    /// Before 2.0.13: sends what waits as if only so many were in flight.
    pub(super) fn refill(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        before: usize,
        out: &mut Out,
    ) {
        let mut count = before;
        while let Some(session) = self.sessions.of_mut(client_id)
            && session.connection.is_some()
            && (session.outgoing.window == 0 || count < usize::from(session.outgoing.window))
            && let Some(delivery) = session.outgoing.pop()
        {
            count += 1;
            self.launch(now, client_id, delivery, out);
        }
    }

    /// Sends what waits, as far as there is room.
    pub(super) fn pump(&mut self, now: Instant, client_id: &Arc<str>, out: &mut Out) {
        while let Some(session) = self.sessions.of_mut(client_id)
            && session.connection.is_some()
            && let Some(delivery) = session.outgoing.dequeue()
        {
            self.launch(now, client_id, delivery, out);
        }
    }
}
