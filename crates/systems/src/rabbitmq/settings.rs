//! Settings of the broker, and the versions that behave differently.

use crate::setting::Setting;
use serde_json::Value;

/// A release whose behaviour differs from the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// 3.10: quorum queues learn message TTL; no limit of deliveries unless one is set.
    V3_10,
    /// 3.13: dead letters carry `x-last-death-*` beside `x-first-death-*`.
    V3_13,
    /// 4.0 to 4.2: quorum queues limit deliveries to 20 and know two priorities; an `x-death` that a
    /// client sends is not counted on.
    V4_0,
    /// 4.3: quorum queues keep the acknowledgement timeout themselves and count only failures.
    V4_3,
}

impl Setting for Version {
    /// Any release from 3.10 on, such as "3.10.8": it behaves as the last one named above up to it.
    fn read(value: &Value) -> Result<Self, String> {
        let wrong = || "expected a release from 3.10 on, such as \"3.13\" or \"4.2.1\"".to_owned();
        let text = value.as_str().ok_or_else(wrong)?;
        let mut numbers = text.split('.').map(|number| number.parse::<u32>().ok());
        let major = numbers.next().flatten().ok_or_else(wrong)?;
        let minor = numbers.next().flatten().ok_or_else(wrong)?;
        match (major, minor) {
            (3, 10..=12) => Ok(Version::V3_10),
            (3, 13..) => Ok(Version::V3_13),
            (4, 0..=2) => Ok(Version::V4_0),
            (4.., _) => Ok(Version::V4_3),
            _ => Err(wrong()),
        }
    }
    fn write(&self) -> Value {
        Value::from(match self {
            Version::V3_10 => "3.10",
            Version::V3_13 => "3.13",
            Version::V4_0 => "4.0",
            Version::V4_3 => "4.3",
        })
    }
}

crate::settings! {
    /// What `rabbitmq.conf` sets, and which release reads it.
    pub struct Settings {
        /// The release, such as "3.13" or "4.2".
        "version" version: Version = Version::V4_0;
        /// After how many milliseconds without an acknowledgement a delivery has timed out; null for
        /// never.
        "consumer_timeout" consumer_timeout: Option<u64> = Some(1_800_000);
        /// How often, in milliseconds, deliveries that timed out are looked for.
        "channel_tick_interval" channel_tick_interval: u64 = 60_000, 1..=86_400_000;
        /// Whether a new topic binding may have at most two `#` words (main branch of 2026).
        "topic_binding_wildcard_limit" topic_binding_wildcard_limit: bool = false;
    }
}
