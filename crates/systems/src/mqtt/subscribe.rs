//! SUBSCRIBE and UNSUBSCRIBE.
//!
//! T36. SUBACK tells for each filter the QoS that was granted: the one asked for, or `max_qos`. Source: MQTT 5.0 section 3.9.3. Shown by: mqtt-qos-minimum.
//!
//! T37. The broker hangs up on an invalid filter, one that begins with `$share` and names no group and filter, and a SUBSCRIBE without filters; the filters before it in the same packet stand. Source: Mosquitto 2.0, `handle__subscribe`. Shown by: the test `an_invalid_filter_closes_the_connection`.
//!
//! T38. UNSUBACK tells MQTT 5 clients when there was no such subscription (0x11). What already waits for the client still comes. Source: MQTT 5.0 section 3.10.4. Shown by: mqtt-resubscribe-replaces, the test `unsubscribing_from_nothing_is_told`.

use super::outgoing::Delivery;
use super::packet::{Reply, RetainHandling, Subscription, Version};
use super::qos::Qos;
use super::reason::ReasonCode;
use super::settings::Release;
use super::subscriptions::Added;
use super::{Broker, Fact, Out, topic};
use explore::time::Instant;
use std::sync::Arc;

/// The highest subscription identifier.
const LAST_IDENTIFIER: u32 = 268_435_455;

impl Broker {
    pub(super) fn take_subscribe(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        packet_id: u16,
        subscriptions: &[Subscription],
        identifier: Option<u32>,
        out: &mut Out,
    ) {
        let is_v5 = self.version(client_id) == Version::V5;
        let identifier = identifier.filter(|_| is_v5);
        let is_wrong = |id: u32| id == 0 || id > LAST_IDENTIFIER;
        if packet_id == 0 || subscriptions.is_empty() || identifier.is_some_and(is_wrong) {
            return self.close(now, client_id, ReasonCode::ProtocolError, out);
        }
        let mut reasons = Vec::new();
        let mut retained = Vec::new();
        for asked in subscriptions {
            match self.subscribe(now, client_id, asked, identifier, out) {
                Ok((qos, deliveries)) => {
                    reasons.push(match qos {
                        Qos::AtMostOnce => ReasonCode::Success,
                        Qos::AtLeastOnce => ReasonCode::GrantedQos1,
                        Qos::ExactlyOnce => ReasonCode::GrantedQos2,
                    });
                    retained.extend(deliveries);
                }
                Err(reason) => return self.close(now, client_id, reason, out),
            }
        }
        self.send(client_id, Reply::Suback { packet_id, reasons }, out);
        for delivery in retained {
            self.deliver(now, client_id, delivery, out);
        }
    }

    /// Adds one subscription: the granted QoS, and the retained messages that it brings.
    fn subscribe(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        asked: &Subscription,
        identifier: Option<u32>,
        out: &mut Out,
    ) -> Result<(Qos, Vec<Delivery>), ReasonCode> {
        let is_v5 = self.version(client_id) == Version::V5;
        if !topic::is_filter(&asked.filter) {
            return Err(ReasonCode::MalformedPacket);
        }
        let is_shared = asked.filter.starts_with("$share/");
        // 3.1.1 has none of these options.
        let asked = Subscription {
            no_local: is_v5 && asked.no_local,
            retain_as_published: is_v5 && asked.retain_as_published,
            retain_handling: match is_v5 {
                true => asked.retain_handling,
                false => RetainHandling::Always,
            },
            ..asked.clone()
        };
        if is_shared && asked.no_local {
            return Err(ReasonCode::ProtocolError);
        }
        let most = Qos::of(self.settings.max_qos).unwrap_or(Qos::ExactlyOnce);
        let qos = asked.qos.min(most);
        let added = self.subscriptions.add(client_id, &asked, qos, identifier);
        let added = added.ok_or(ReasonCode::ProtocolError)?;
        out.tell(Fact::Subscribed {
            client_id: Arc::clone(client_id),
            filter: Arc::clone(&asked.filter),
            qos: qos.number(),
        });
        let brings = match asked.retain_handling {
            RetainHandling::Always => true,
            RetainHandling::IfNew => added == Added::New,
            RetainHandling::Never => false,
        };
        let is_served = !is_shared || self.settings.release < Release::NO_RETAINED_TO_SHARED;
        let levels = topic::shared(&asked.filter).map(|(_, levels)| levels);
        let Some(levels) = levels.filter(|_| is_served && brings) else {
            return Ok((qos, Vec::new()));
        };
        let found = self.retained.matching(now, &levels);
        let deliveries = found.into_iter().map(|stored| Delivery {
            qos: match self.settings.upgrade_outgoing_qos {
                true => qos,
                false => qos.min(stored.message.qos),
            },
            stored,
            retain: true,
            identifier,
        });
        Ok((qos, deliveries.collect()))
    }

    pub(super) fn take_unsubscribe(
        &mut self,
        now: Instant,
        client_id: &Arc<str>,
        packet_id: u16,
        filters: &[Arc<str>],
        out: &mut Out,
    ) {
        if packet_id == 0 || filters.is_empty() {
            return self.close(now, client_id, ReasonCode::ProtocolError, out);
        }
        let mut reasons = Vec::new();
        for filter in filters {
            if !topic::is_filter(filter) {
                return self.close(now, client_id, ReasonCode::MalformedPacket, out);
            }
            let existed = self.subscriptions.remove(client_id, filter);
            if existed {
                out.tell(Fact::Unsubscribed {
                    client_id: Arc::clone(client_id),
                    filter: Arc::clone(filter),
                });
            }
            reasons.push(match existed {
                true => ReasonCode::Success,
                false => ReasonCode::NoSubscriptionExisted,
            });
        }
        if self.version(client_id) == Version::V311 {
            reasons.clear();
        }
        self.send(client_id, Reply::Unsuback { packet_id, reasons }, out);
    }
}
