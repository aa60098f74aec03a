//! Settings of the broker, with the names of `mosquitto.conf`.

use std::sync::Arc;

crate::settings! {
    /// Of the broker.
    pub struct Settings {
        /// How many messages with QoS 1 and 2 may be in flight to a client at once; 0 is no limit. An MQTT 5 client can set its own with Receive Maximum.
        "max_inflight_messages" max_inflight_messages: u16 = 20;
        /// How many messages with QoS 1 and 2 wait for one client beyond those in flight; what comes then is dropped; 0 is no limit.
        "max_queued_messages" max_queued_messages: u32 = 1_000;
        /// Whether messages with QoS 0 wait for a persistent session that is offline.
        "queue_qos0_messages" queue_qos0_messages: bool = false;
        /// Whether a client of MQTT 3.1.1 with overlapping subscriptions gets one copy for each; otherwise it gets the first.
        "allow_duplicate_messages" allow_duplicate_messages: bool = false;
        /// Whether a delivery has the QoS of the subscription even when the publisher's is smaller.
        "upgrade_outgoing_qos" upgrade_outgoing_qos: bool = false;
        /// Whether the broker keeps retained messages.
        "retain_available" retain_available: bool = true;
        /// The highest QoS that clients may use.
        "max_qos" max_qos: u8 = 2, 0..=2;
        /// The longest keep alive in seconds. An MQTT 5 client with a longer one is told this one, another is refused.
        "max_keepalive" max_keepalive: u16 = 65_535;
        /// The highest topic alias that a client may use.
        "max_topic_alias" max_topic_alias: u16 = 10;
        /// After how many seconds offline a persistent session is forgotten, whatever its client asked for; null is never.
        "persistent_client_expiration" persistent_client_expiration: Option<u32> = None;
        /// Whether a client may leave it to the broker to choose its client id.
        "allow_zero_length_clientid" allow_zero_length_clientid: bool = true;
        /// How client ids begin that the broker chooses.
        "auto_id_prefix" auto_id_prefix: Arc<str> = "auto-".into();
    }
}
