//! CONNECT: a client comes, perhaps back to its session.
//!
//! T24. A session is found again when the client neither asks for a clean one nor let it end with the last connection; CONNACK tells by session present. With clean session (3.1.1) or clean start (5) what was kept is dropped with its subscriptions. Source: MQTT 5.0 section 3.1.2.4. Shown by: mqtt-clean-session-wipes, mqtt-persistent-session.
//!
//! T25. In 3.1.1 a session without clean session is kept for ever (or for `persistent_client_expiration`), one with it ends with the connection. In MQTT 5 the session expiry interval alone says how long, whatever clean start was; without one it ends with the connection. Source: MQTT 5.0 section 3.1.2.11.2. Shown by: mqtt-session-expiry-v5.
//!
//! T26. One client id, one connection: the older one is closed, in MQTT 5 with DISCONNECT "Session taken over" (0x8E). Its will is published when its session ends thereby, and otherwise not. Source: MQTT 5.0 section 3.1.4; Mosquitto 2.0, `connect__on_authorised`. Shown by: the test `a_takeover_closes_the_older_connection`.
//!
//! T27. A client without a client id gets one beginning with `auto_id_prefix`; MQTT 5 tells it in CONNACK, 3.1.1 demands a clean session for it and refuses others with return code 2. Source: MQTT 3.1.1 section 3.1.3.1. Shown by: the test `the_broker_chooses_client_ids`.
//!
//! T28. Where `max_keepalive` is set, a longer keep alive, or none, is replaced by it (Server Keep Alive) in MQTT 5 and, from 2.0.12 on, refused with return code 2 in 3.1.1. Source: mosquitto.conf(5). Shown by: the test `a_keep_alive_has_a_maximum`.
//!
//! T29. A second CONNECT on a connection is a protocol error, and anything but CONNECT before it; a will to an invalid topic, and a Receive Maximum of 0, close the connection without CONNACK. Source: MQTT 5.0 section 3.1. Shown by: the test `connect_comes_first_and_once`.

use super::message::Will;
use super::packet::{Connack, Connect, Reply, Version};
use super::qos::Qos;
use super::reason::ReasonCode;
use super::session::{Connection, Session};
use super::settings::Release;
use super::{Broker, Fact, Out, topic};
use crate::party::Caller;
use explore::seed;
use explore::time::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The interval of a session that never expires.
pub(super) const FOR_EVER: u32 = u32::MAX;

impl Broker {
    pub(super) fn take_connect(
        &mut self,
        now: Instant,
        from: Caller,
        connect: Connect,
        out: &mut Out,
    ) {
        let version = connect.version;
        let is_v5 = version == Version::V5;
        if (is_v5 && connect.receive_maximum == Some(0))
            || connect
                .will
                .as_ref()
                .is_some_and(|will| !topic::is_name(&will.topic))
        {
            out.reply(from, Reply::Closed);
            return;
        }
        if let Err(reason) = self.accepts(&connect) {
            self.refuse(from, &connect.client_id, reason, out);
            return;
        }
        let (client_id, assigned) = match connect.client_id.is_empty() {
            true => {
                let id = self.assign_client_id();
                (Arc::clone(&id), Some(id))
            }
            false => (connect.client_id, None),
        };
        let mut found = self.take_over(now, &client_id, connect.clean_start, out);
        let session_present = found.is_some();
        let mut session = found.take().unwrap_or_else(|| Session {
            client_id: Arc::clone(&client_id),
            version,
            expiry_interval: 0,
            connection: None,
            will: None,
            will_due: None,
            expires: None,
            outgoing: super::outgoing::Outgoing::default(),
            incoming: super::incoming::Incoming::default(),
        });
        let keep_alive = match is_v5 && self.is_silent_too_long(connect.keep_alive) {
            true => self.settings.max_keepalive,
            false => connect.keep_alive,
        };
        session.version = version;
        session.expiry_interval = match (version, connect.clean_start) {
            (Version::V311, true) => 0,
            (Version::V311, false) => FOR_EVER,
            (Version::V5, _) => connect.session_expiry_interval.unwrap_or(0),
        };
        session.will = connect.will.map(|will| Will {
            // 3.1.1 knows neither delay nor expiry of a will.
            delay_interval: if is_v5 { will.delay_interval } else { 0 },
            message_expiry_interval: will.message_expiry_interval.filter(|_| is_v5),
            ..will
        });
        let window = connect
            .receive_maximum
            .filter(|_| is_v5)
            .unwrap_or(self.settings.max_inflight_messages);
        let counts_places = self.settings.release >= Release::KEEPS_WINDOW;
        session.outgoing.begin(window, counts_places);
        session.connection = Some(Connection {
            caller: from,
            keep_alive,
            last_in: now,
            aliases: BTreeMap::new(),
        });
        self.add_session(session);
        out.tell(Fact::Connected {
            client_id: Arc::clone(&client_id),
            session_present,
        });
        let connack = Connack {
            session_present,
            assigned_client_id: assigned,
            server_keep_alive: (keep_alive != connect.keep_alive).then_some(keep_alive),
            ..self.connack()
        };
        let connack = match version {
            Version::V5 => connack,
            Version::V311 => Connack {
                session_present,
                ..Connack::default()
            },
        };
        out.reply(from, Reply::Connack(Box::new(connack)));
        self.resume(now, &client_id, out);
    }

    /// What the broker tells every client of MQTT 5.
    fn connack(&self) -> Connack {
        let some = |number: u16| (number > 0).then_some(number);
        Connack {
            receive_maximum: some(self.settings.max_inflight_messages),
            topic_alias_maximum: some(self.settings.max_topic_alias),
            maximum_qos: Qos::of(self.settings.max_qos).filter(|qos| *qos != Qos::ExactlyOnce),
            retain_available: (!self.settings.retain_available).then_some(false),
            ..Connack::default()
        }
    }

    /// Whether a client that asks for this keep alive could be silent for longer than it may.
    fn is_silent_too_long(&self, keep_alive: u16) -> bool {
        let most = self.settings.max_keepalive;
        most > 0 && (keep_alive > most || keep_alive == 0)
    }

    /// Whether a client may connect so.
    fn accepts(&self, connect: &Connect) -> Result<(), ReasonCode> {
        let is_v5 = connect.version == Version::V5;
        if connect.client_id.is_empty()
            && (!self.settings.allow_zero_length_clientid || (!is_v5 && !connect.clean_start))
        {
            return Err(ReasonCode::ClientIdentifierNotValid);
        }
        if !is_v5
            && self.settings.release >= Release::KEEPS_SHARED
            && self.is_silent_too_long(connect.keep_alive)
        {
            return Err(ReasonCode::ClientIdentifierNotValid);
        }
        if let Some(will) = &connect.will {
            if will.qos.number() > self.settings.max_qos {
                return Err(ReasonCode::QosNotSupported);
            }
            if will.retain && !self.settings.retain_available {
                return Err(match connect.version {
                    Version::V5 => ReasonCode::RetainNotSupported,
                    Version::V311 => ReasonCode::NotAuthorized,
                });
            }
        }
        Ok(())
    }

    fn refuse(&self, from: Caller, client_id: &Arc<str>, reason: ReasonCode, out: &mut Out) {
        out.tell(Fact::Refused {
            client_id: Arc::clone(client_id),
            reason: reason.name().into(),
        });
        let connack = Connack {
            reason,
            ..Connack::default()
        };
        out.reply(from, Reply::Connack(Box::new(connack)));
        out.reply(from, Reply::Closed);
    }

    fn assign_client_id(&mut self) -> Arc<str> {
        let prefix = Arc::clone(&self.settings.auto_id_prefix);
        loop {
            let number = self.clients.assigned;
            self.clients.assigned = number.wrapping_add(1);
            let id = format!("{prefix}{}", seed::uuid(self.seed, number).to_uppercase());
            if self.sessions.of(&id).is_none() {
                return id.into();
            }
        }
    }

    /// Ends what the client had before: its connection, and its session unless it goes on; then it is
    /// handed out.
    fn take_over(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        clean_start: bool,
        out: &mut Out,
    ) -> Option<Session> {
        let old = self.sessions.of(client_id)?;
        let goes_on = !clean_start && old.expiry_interval > 0;
        let is_v5 = old.version == Version::V5;
        let delay = old.will.as_ref().map(|will| will.delay_interval);
        if !goes_on {
            self.subscriptions.remove_all(client_id);
        } else if self.settings.release < Release::KEEPS_SHARED {
            self.subscriptions.remove_all_shared(client_id);
        }
        match delay {
            // A delayed will is lost in this version even where the session ends.
            Some(0) if !goes_on => self.publish_will(now, client_id, out),
            Some(_) => out.tell(Fact::WillDiscarded {
                client_id: Arc::clone(client_id),
            }),
            None => {}
        }
        let mut old = self.remove_session(client_id)?;
        if let Some(connection) = old.connection.take() {
            out.tell(Fact::TakenOver {
                client_id: Arc::clone(client_id),
            });
            if is_v5 {
                let reason = ReasonCode::SessionTakenOver;
                out.reply(connection.caller, Reply::Disconnect { reason });
            }
            out.reply(connection.caller, Reply::Closed);
        }
        (old.will, old.will_due, old.expires) = (None, None, None);
        if goes_on {
            return Some(old);
        }
        out.tell(Fact::SessionEnded {
            client_id: Arc::clone(client_id),
            messages: super::farewell::lost(&old),
        });
        None
    }
}
