//! How connections, sessions and wills end.
//!
//! T39. DISCONNECT discards the will; MQTT 5 can ask for it with reason 0x04. Any other end of the connection publishes it: a lost connection, a silent client, a broker that hangs up. Source: MQTT 5.0 section 3.1.2.5. Shown by: mqtt-will, mqtt-will-disconnect-reason-v5.
//!
//! T40. A will with a delay is published when the delay is over, or when the session expires before; who comes back to the session in time discards it. Source: MQTT 5.0 section 3.1.3.2.2. Shown by: the test `a_delayed_will_waits_for_the_client`.
//!
//! T41. Where the session ends with the connection, this version still waits for the delay; and a client that comes back with clean start meanwhile discards the will. Source: Mosquitto 2.0, `context__disconnect`, `connect__on_authorised`. Shown by: the test `a_delayed_will_outlives_a_session_that_ends`.
//!
//! T42. A client from which nothing came for one and a half times its keep alive is given up, in MQTT 5 with DISCONNECT 0x8D. Source: MQTT 5.0 section 3.1.2.10. Shown by: the test `a_silent_client_is_given_up`.
//!
//! T43. DISCONNECT may change the session expiry interval, but not from 0 to another: that is a protocol error. Source: MQTT 5.0 section 3.14.2.2.2. Shown by: the test `a_session_that_ends_cannot_be_prolonged`.
//!
//! Simplified: sessions, wills and messages end at the exact instant; Mosquitto counts whole seconds of its clock, so that a session can live up to one second longer and a will come up to one earlier.

use super::connect::FOR_EVER;
use super::message::{Message, Stored, seconds};
use super::packet::{Reply, Version};
use super::reason::ReasonCode;
use super::session::Session;
use super::{Broker, Fact, Out};
use explore::time::Instant;
use std::sync::Arc;

/// How many messages are lost with a session.
pub(super) fn lost(session: &Session) -> u32 {
    let outgoing = &session.outgoing;
    let count = outgoing
        .in_flight
        .len()
        .saturating_add(outgoing.queued.len());
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Broker {
    pub(super) fn take_disconnect(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        reason: ReasonCode,
        session_expiry_interval: Option<u32>,
        out: &mut Out,
    ) {
        let Some(session) = self.sessions.of_mut(client_id) else {
            return;
        };
        let is_v5 = session.version == Version::V5;
        if let Some(interval) = session_expiry_interval.filter(|_| is_v5) {
            if session.expiry_interval == 0 && interval > 0 {
                return self.close(now, client_id, ReasonCode::ProtocolError, out);
            }
            session.expiry_interval = interval;
        }
        let keeps_will = is_v5 && reason == ReasonCode::DisconnectWithWill;
        let had_will = !keeps_will && session.will.take().is_some();
        let caller = session
            .connection
            .as_ref()
            .map(|connection| connection.caller);
        out.tell(Fact::Disconnected {
            client_id: Arc::clone(client_id),
        });
        if had_will {
            out.tell(Fact::WillDiscarded {
                client_id: Arc::clone(client_id),
            });
        }
        if let Some(caller) = caller {
            out.reply(caller, Reply::Closed);
        }
        self.end_connection(now, client_id, out);
    }

    /// Closes a connection on a client that did what it must not.
    pub(super) fn close(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        reason: ReasonCode,
        out: &mut Out,
    ) {
        out.tell(Fact::Closed {
            client_id: Arc::clone(client_id),
            reason: reason.name().into(),
        });
        self.hang_up(now, client_id, reason, out);
    }

    fn hang_up(&mut self, now: Instant, client_id: &Arc<str>, reason: ReasonCode, out: &mut Out) {
        if self.version(client_id) == Version::V5 {
            self.send(client_id, Reply::Disconnect { reason }, out);
        }
        self.send(client_id, Reply::Closed, out);
        self.end_connection(now, client_id, out);
    }

    /// The connection is gone: the will, unless there is none, and what becomes of the session.
    pub(super) fn end_connection(&mut self, now: Instant, client_id: &Arc<str>, out: &mut Out) {
        let longest = self.settings.persistent_client_expiration;
        let Some(session) = self.sessions.of_mut(client_id) else {
            return;
        };
        session.connection = None;
        let delay = session.will.as_ref().map(|will| will.delay_interval);
        let interval = session.expiry_interval;
        self.clients.hung_up(client_id);
        if interval > 0 {
            let interval = longest.unwrap_or(FOR_EVER).min(interval);
            session.expires = (interval != FOR_EVER).then(|| now + seconds(interval));
        }
        match delay {
            Some(delay) if delay > 0 => {
                session.will_due = Some(now + seconds(delay));
                out.tell(Fact::WillDelayed {
                    client_id: Arc::clone(client_id),
                    seconds: delay,
                });
                // A session that ends now still waits for its will.
                return;
            }
            Some(_) => self.publish_will(now, client_id, out),
            None => {}
        }
        if interval == 0 {
            self.end_session(client_id, out);
        }
    }

    fn end_session(&mut self, client_id: &Arc<str>, out: &mut Out) {
        self.subscriptions.remove_all(client_id);
        if let Some(session) = self.remove_session(client_id) {
            out.tell(Fact::SessionEnded {
                client_id: Arc::clone(client_id),
                messages: lost(&session),
            });
        }
    }

    /// Publishes the will of a client, if it has one.
    pub(super) fn publish_will(&mut self, now: Instant, client_id: &Arc<str>, out: &mut Out) {
        let Some(session) = self.sessions.of_mut(client_id) else {
            return;
        };
        session.will_due = None;
        let Some(will) = session.will.take() else {
            return;
        };
        // As with any publish, clients have no right to `$SYS`.
        if will.topic.starts_with("$SYS") || will.topic.starts_with("$share") {
            return;
        }
        let interval = will.message_expiry_interval;
        let stored = Stored {
            message: Arc::new(Message {
                topic: will.topic,
                payload: will.payload,
                qos: will.qos,
                retain: will.retain,
                properties: will.properties,
                source: Arc::clone(client_id),
                record: will.record,
            }),
            expires: interval.map(|interval| now + seconds(interval)),
        };
        out.tell(Fact::WillPublished {
            client_id: Arc::clone(client_id),
            record: stored.message.record,
            topic: Arc::clone(&stored.message.topic),
        });
        self.route(now, &stored, out);
    }

    /// Nothing came from the client for too long.
    pub(super) fn give_up(&mut self, now: Instant, client_id: &Arc<str>, out: &mut Out) {
        let session = self.sessions.of(client_id);
        let connection = session.and_then(|session| session.connection.as_ref());
        let gives_up = connection.and_then(|connection| connection.gives_up());
        if gives_up.is_some_and(|at| at <= now) {
            out.tell(Fact::KeepAliveTimedOut {
                client_id: Arc::clone(client_id),
            });
            self.hang_up(now, client_id, ReasonCode::KeepAliveTimeout, out);
        }
    }

    /// The delay of a will is over.
    pub(super) fn publish_delayed_will(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        out: &mut Out,
    ) {
        let session = self.sessions.of(client_id);
        let Some(session) = session.filter(|one| one.will_due.is_some_and(|at| at <= now)) else {
            return;
        };
        let ends = session.expiry_interval == 0;
        self.publish_will(now, client_id, out);
        if ends {
            self.end_session(client_id, out);
        }
    }

    /// A session outlived its interval.
    pub(super) fn expire_session(&mut self, now: Instant, client_id: &Arc<str>, out: &mut Out) {
        let session = self.sessions.of(client_id);
        if session.is_none_or(|one| one.expires.is_none_or(|at| at > now)) {
            return;
        }
        out.tell(Fact::SessionExpired {
            client_id: Arc::clone(client_id),
        });
        self.publish_will(now, client_id, out);
        self.end_session(client_id, out);
    }
}
