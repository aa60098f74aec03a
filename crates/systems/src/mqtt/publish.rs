//! PUBLISH and the acknowledgements.
//!
//! T32. PUBACK tells MQTT 5 clients that nobody subscribes to the topic (0x10); the message is gone, unless it is retained. PUBREC does not tell: subscribers are looked for at PUBREL. Source: Mosquitto 2.0, `handle__publish`. Shown by: the test `nobody_subscribes`.
//!
//! T33. Clients cannot publish to `$SYS` and `$share`: it is acknowledged (in MQTT 5 with 0x87) and goes nowhere. Other topics with `$` are topics. Source: Mosquitto 2.0, `acl__check_dollar`. Shown by: the test `dollar_topics_are_hidden_from_wildcards`.
//!
//! T34. A PUBLISH to an invalid topic closes the connection, and so does QoS 1 or 2 without a packet identifier, DUP with QoS 0, more than `max_qos`, and the retain flag where nothing is retained. Source: MQTT 5.0 section 3.3. Shown by: the test `a_bad_publish_closes_the_connection`.
//!
//! T35. A topic alias stands for the topic it came with last on this connection; 0, one above `topic_alias_maximum`, and one that nothing stands behind close the connection. The broker itself uses none. Source: MQTT 5.0 section 3.3.2.3.4. Shown by: the test `a_topic_alias_stands_for_its_topic`.

use super::incoming::Held;
use super::message::{Message, Stored, seconds};
use super::outgoing::{Awaits, Completed, Mismatch};
use super::packet::{Ack, Publish, Reply, Version};
use super::qos::Qos;
use super::reason::ReasonCode;
use super::{Broker, Fact, Out, topic};
use explore::time::Instant;
use std::sync::Arc;

/// Whether clients may publish to this topic.
fn may_publish(topic: &str) -> bool {
    !topic.starts_with("$SYS") && !topic.starts_with("$share")
}

impl Broker {
    pub(super) fn take_publish(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        publish: Publish,
        out: &mut Out,
    ) {
        let topic = match self.check_publish(client_id, &publish) {
            Ok(topic) => topic,
            Err(reason) => return self.close(now, client_id, reason, out),
        };
        let is_v5 = self.version(client_id) == Version::V5;
        let ack = Ack {
            packet_id: publish.packet_id.unwrap_or_default(),
            reason: ReasonCode::Success,
            record: publish.record,
        };
        let qos = publish.qos;
        if !may_publish(&topic) {
            let refused = Ack {
                reason: if is_v5 {
                    ReasonCode::NotAuthorized
                } else {
                    ack.reason
                },
                ..ack
            };
            match qos {
                Qos::AtMostOnce => {}
                Qos::AtLeastOnce => self.send(client_id, Reply::Puback(refused), out),
                Qos::ExactlyOnce => self.send(client_id, Reply::Pubrec(refused), out),
            }
            return;
        }
        let interval = publish.message_expiry_interval.filter(|_| is_v5);
        let stored = Stored {
            message: Arc::new(Message {
                topic,
                payload: publish.payload,
                qos,
                retain: publish.retain,
                properties: if is_v5 {
                    publish.properties
                } else {
                    Default::default()
                },
                source: Arc::clone(client_id),
                record: publish.record,
            }),
            expires: interval.map(|interval| now + seconds(interval)),
        };
        match qos {
            Qos::AtMostOnce => {
                self.publish(now, client_id, &stored, out);
            }
            Qos::AtLeastOnce => {
                let matched = self.publish(now, client_id, &stored, out);
                let reason = match matched {
                    0 if is_v5 => ReasonCode::NoMatchingSubscribers,
                    _ => ReasonCode::Success,
                };
                self.send(client_id, Reply::Puback(Ack { reason, ..ack }), out);
            }
            Qos::ExactlyOnce => self.hold(now, client_id, ack, stored, out),
        }
    }

    /// The topic of a PUBLISH that may come so.
    fn check_publish(
        &mut self,
        client_id: &str,
        publish: &Publish,
    ) -> Result<Arc<str>, ReasonCode> {
        let is_acknowledged = publish.qos != Qos::AtMostOnce;
        if is_acknowledged && publish.packet_id.unwrap_or(0) == 0 {
            return Err(ReasonCode::ProtocolError);
        }
        if !is_acknowledged && publish.dup {
            return Err(ReasonCode::MalformedPacket);
        }
        if publish.qos.number() > self.settings.max_qos {
            return Err(ReasonCode::QosNotSupported);
        }
        if publish.retain && !self.settings.retain_available {
            return Err(ReasonCode::RetainNotSupported);
        }
        let topic = self.resolve_alias(client_id, publish)?;
        match topic::is_name(&topic) {
            true => Ok(topic),
            false => Err(ReasonCode::MalformedPacket),
        }
    }

    fn resolve_alias(
        &mut self,
        client_id: &str,
        publish: &Publish,
    ) -> Result<Arc<str>, ReasonCode> {
        let most = self.settings.max_topic_alias;
        let session = self.sessions.of_mut(client_id);
        let session = session.filter(|session| session.version == Version::V5);
        let connection = session.and_then(|session| session.connection.as_mut());
        let (Some(alias), Some(connection)) = (publish.topic_alias, connection) else {
            return Ok(Arc::clone(&publish.topic));
        };
        if alias == 0 || alias > most {
            return Err(ReasonCode::TopicAliasInvalid);
        }
        if publish.topic.is_empty() {
            let known = connection.aliases.get(&alias);
            return known.cloned().ok_or(ReasonCode::ProtocolError);
        }
        connection.aliases.insert(alias, Arc::clone(&publish.topic));
        Ok(Arc::clone(&publish.topic))
    }

    /// Lets a message go to its subscribers; how many there are.
    pub(super) fn publish(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        stored: &Stored,
        out: &mut Out,
    ) -> u32 {
        let at = out.facts.len();
        let deliveries = self.route(now, stored, out);
        let message = &stored.message;
        // What it came to is known only now, but it happened before its deliveries.
        out.facts.insert(
            at,
            Fact::Published {
                client_id: Arc::clone(client_id),
                record: message.record,
                topic: Arc::clone(&message.topic),
                qos: message.qos.number(),
                deliveries,
            },
        );
        deliveries
    }

    /// Keeps a message with QoS 2 until its PUBREL.
    fn hold(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        ack: Ack,
        stored: Stored,
        out: &mut Out,
    ) {
        let most = self.settings.max_inflight_messages;
        let most_waiting = self.settings.max_queued_messages;
        let packet_id = ack.packet_id;
        let record = ack.record;
        let Some(session) = self.sessions.of_mut(client_id) else {
            return;
        };
        let is_v5 = session.version == Version::V5;
        let incoming = &mut session.incoming;
        let is_same = |held: &Held| {
            let (held, new) = (&held.stored.message, &stored.message);
            held.topic == new.topic && held.payload == new.payload
        };
        let fact = match incoming.find(packet_id) {
            Some(held) if is_same(held) => Fact::AlreadyHeld {
                client_id: Arc::clone(client_id),
                record,
                packet_id,
            },
            other => {
                if other.is_some() {
                    incoming.forget(packet_id);
                }
                let held = Held { packet_id, stored };
                if !incoming.has_room(most) {
                    if is_v5 {
                        let reason = ReasonCode::ReceiveMaximumExceeded;
                        return self.close(now, client_id, reason, out);
                    }
                    let waiting = u32::try_from(incoming.waiting.len()).unwrap_or(u32::MAX);
                    let is_full =
                        most_waiting > 0 && waiting.saturating_sub(u32::from(most)) >= most_waiting;
                    if !is_full {
                        // PUBREC comes when there is room.
                        incoming.waiting.push_back(held);
                        return;
                    }
                    // It is acknowledged and goes nowhere, as 3.1.1 has no way to refuse it.
                    self.send(client_id, Reply::Pubrec(ack), out);
                    return;
                }
                incoming.held.push(held);
                Fact::Held {
                    client_id: Arc::clone(client_id),
                    record,
                    packet_id,
                }
            }
        };
        out.tell(fact);
        self.send(client_id, Reply::Pubrec(ack), out);
    }

    pub(super) fn take_pubrel(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        ack: Ack,
        out: &mut Out,
    ) {
        let most = self.settings.max_inflight_messages;
        let Some(session) = self.sessions.of_mut(client_id) else {
            return;
        };
        let released = session.incoming.release(ack.packet_id);
        let record = released.as_ref().and_then(|stored| stored.message.record);
        if let Some(stored) = released {
            self.publish(now, client_id, &stored, out);
        }
        while let Some(session) = self.sessions.of_mut(client_id)
            && session.incoming.has_room(most)
            && let Some(next) = session.incoming.waiting.pop_front()
        {
            let (packet_id, record) = (next.packet_id, next.stored.message.record);
            session.incoming.held.push(next);
            let ack = Ack {
                record,
                ..Ack::of(packet_id)
            };
            out.tell(Fact::Held {
                client_id: Arc::clone(client_id),
                record,
                packet_id,
            });
            self.send(client_id, Reply::Pubrec(ack), out);
        }
        let ack = Ack {
            record,
            ..Ack::of(ack.packet_id)
        };
        self.send(client_id, Reply::Pubcomp(ack), out);
    }

    pub(super) fn take_puback(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        ack: Ack,
        out: &mut Out,
    ) {
        self.complete(now, client_id, ack.packet_id, Awaits::Puback, out);
    }

    pub(super) fn take_pubcomp(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        ack: Ack,
        out: &mut Out,
    ) {
        self.complete(now, client_id, ack.packet_id, Awaits::Pubcomp, out);
    }

    pub(super) fn take_pubrec(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        ack: Ack,
        out: &mut Out,
    ) {
        let Some(session) = self.sessions.of_mut(client_id) else {
            return;
        };
        if session.version == Version::V5 && ack.reason.is_failure() {
            return self.complete(now, client_id, ack.packet_id, Awaits::Pubrec, out);
        }
        match session.outgoing.received(ack.packet_id) {
            Ok(delivery) => {
                let delivery = delivery.cloned();
                self.send_pubrel(client_id, ack.packet_id, delivery.as_ref(), out);
            }
            Err(Mismatch) => self.close(now, client_id, ReasonCode::ProtocolError, out),
        }
    }

    fn complete(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        packet_id: u16,
        awaits: Awaits,
        out: &mut Out,
    ) {
        let Some(session) = self.sessions.of_mut(client_id) else {
            return;
        };
        let completed = session.outgoing.complete(packet_id, awaits);
        let keeps_window = session.outgoing.quota.is_none();
        match completed {
            Ok(Completed { delivery, before }) => {
                if let Some(delivery) = delivery {
                    out.tell(Fact::Acknowledged {
                        client_id: Arc::clone(client_id),
                        record: delivery.stored.message.record,
                    });
                }
                match keeps_window {
                    true => self.pump(now, client_id, out),
                    false => self.refill(now, client_id, before, out),
                }
            }
            Err(Mismatch) => self.close(now, client_id, ReasonCode::ProtocolError, out),
        }
    }
}
