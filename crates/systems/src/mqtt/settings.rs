//! Settings of the broker, with the names of `mosquitto.conf`.

use crate::setting::Setting;
use serde_json::Value;
use std::sync::Arc;

/// A release of Mosquitto 2.0, by its last number: 11 is 2.0.11. Releases differ in what was
/// mended meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release(pub u8);

impl Release {
    /// From this one on a client that comes back finds its shared subscriptions too, and clients of
    /// MQTT 3.1.1 are held to `max_keepalive`.
    pub const KEEPS_SHARED: Release = Release(12);
    /// From this one on shared subscriptions get no retained messages.
    pub const NO_RETAINED_TO_SHARED: Release = Release(13);
    /// From this one on the window is kept, and a full queue counts only what waits.
    pub const KEEPS_WINDOW: Release = Release(13);
}

impl Setting for Release {
    fn read(value: &Value) -> Result<Self, String> {
        let number = value.as_str().and_then(|text| text.strip_prefix("2.0."));
        let number = number.and_then(|number| number.parse().ok());
        number
            .map(Release)
            .ok_or_else(|| "expected a release of Mosquitto 2.0, such as 2.0.22".to_owned())
    }
    fn write(&self) -> Value {
        Value::from(format!("2.0.{}", self.0))
    }
}

crate::settings! {
    /// Of the broker.
    pub struct Settings {
        /// Which release of Mosquitto it is; not in `mosquitto.conf`.
        "version" release: Release = Release(22);
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
        /// The longest keep alive in seconds; 0 is no limit. An MQTT 5 client with a longer one or none is told this one, another is refused.
        "max_keepalive" max_keepalive: u16 = 0;
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
