//! The settings of a server, as in `redis.conf`, and the version it runs.
//!
//! R4. What differs between the versions follows one setting. 7.0 brought `ms-*` ids, ENTRIESREAD,
//! the fields entries-read and lag, sharded channels, and made XCLAIM and XAUTOCLAIM drop pending
//! entries whose entry is deleted; 6.2 hands out nil for those and XAUTOCLAIM answers with two
//! elements. 7.2 makes a consumer known by its first attempt, and tells the last attempt
//! (seen-time, idle) from the last success (active-time, inactive). Source: Redis 7.0 and 7.2
//! release notes; Redis commands, XAUTOCLAIM and XINFO CONSUMERS. Shown by: the test
//! `versions_differ_where_redis_says_so`.

use crate::setting::Setting;
use serde_json::Value;

/// The version a server behaves as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 6.2, of 2021.
    V6_2,
    /// 7.0, of 2022: what the recordings are from.
    #[default]
    V7_0,
    /// 7.2, of 2023.
    V7_2,
}

impl Version {
    const NAMES: [(&'static str, Version); 3] = [
        ("6.2", Version::V6_2),
        ("7.0", Version::V7_0),
        ("7.2", Version::V7_2),
    ];
}

impl Setting for Version {
    fn read(value: &Value) -> Result<Self, String> {
        let found = Version::NAMES
            .iter()
            .find(|(name, _)| value.as_str() == Some(name));
        found
            .map(|(_, version)| *version)
            .ok_or_else(|| "expected \"6.2\", \"7.0\" or \"7.2\"".to_owned())
    }
    fn write(&self) -> Value {
        let name = Version::NAMES.iter().find(|(_, one)| one == self);
        Value::from(name.map(|(name, _)| *name))
    }
}

/// How much may wait in a client's output buffer: the hard limit at once, the soft limit for some
/// time. Zero is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BufferLimit {
    /// From so many bytes on the client is disconnected at once.
    pub hard_bytes: u64,
    /// More bytes than this may not wait for longer than the time.
    pub soft_bytes: u64,
    /// The time, in seconds.
    pub soft_seconds: u64,
}

impl Setting for BufferLimit {
    fn read(value: &Value) -> Result<Self, String> {
        let text = value.as_str().unwrap_or_default();
        let mut words = text.split_whitespace();
        let mut next = || words.next();
        let limits = next().zip(next()).zip(next());
        let read = limits.and_then(|((hard, soft), seconds)| {
            Some(BufferLimit {
                hard_bytes: bytes(hard)?,
                soft_bytes: bytes(soft)?,
                soft_seconds: seconds.parse().ok()?,
            })
        });
        read.filter(|_| words.next().is_none())
            .ok_or_else(|| "expected three numbers, such as \"32mb 8mb 60\"".to_owned())
    }
    fn write(&self) -> Value {
        let BufferLimit {
            hard_bytes,
            soft_bytes,
            soft_seconds,
        } = self;
        Value::from(format!("{hard_bytes} {soft_bytes} {soft_seconds}"))
    }
}

/// A number of bytes with its unit: `mb` is 1024 times 1024, `m` a million.
fn bytes(text: &str) -> Option<u64> {
    let text = text.to_ascii_lowercase();
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let factor = match unit {
        "" | "b" => 1,
        "k" => 1_000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

crate::settings! {
    /// Of a server.
    pub struct Settings {
        /// The version whose behaviour it has: 6.2, 7.0 or 7.2.
        "version" version: Version = Version::default();
        /// The Unix time at which virtual time begins, in milliseconds; ids made from the clock begin
        /// with it. With 0 the id 1500-0 is of an entry added after one and a half seconds.
        "unix-time-ms" unix_time_ms: u64 = 0, 0..=4_102_444_800_000;
        /// How many entries a node of a stream holds; approximate trimming removes whole nodes.
        "stream-node-max-entries" stream_node_max_entries: u64 = 100, 0..=1_000_000;
        /// How many bytes a node of a stream holds.
        "stream-node-max-bytes" stream_node_max_bytes: u64 = 4096, 0..=1_000_000_000;
        /// What may wait for a subscriber that does not read: hard limit, soft limit, seconds.
        "client-output-buffer-limit pubsub" pubsub_limit: BufferLimit = BufferLimit {
            hard_bytes: 32 << 20,
            soft_bytes: 8 << 20,
            soft_seconds: 60,
        };
        /// What may wait for any other client that does not read.
        "client-output-buffer-limit normal" normal_limit: BufferLimit = BufferLimit {
            hard_bytes: 0,
            soft_bytes: 0,
            soft_seconds: 0,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn limits_and_versions_are_read_as_redis_writes_them() {
        let mut settings = Settings::default();
        let name = "client-output-buffer-limit pubsub";
        assert_eq!(settings.get(name), Some(json!("33554432 8388608 60")));
        assert_eq!(settings.set(name, &json!("1k 2kb 3")), Ok(()));
        assert_eq!(settings.get(name), Some(json!("1000 2048 3")));
        assert!(settings.set(name, &json!("1k 2kb")).is_err());
        assert!(settings.set(name, &json!("1k 2kb 3 4")).is_err());
        assert_eq!(settings.set("version", &json!("7.2")), Ok(()));
        assert_eq!(settings.get("version"), Some(json!("7.2")));
        assert!(settings.set("version", &json!("5.0")).is_err());
    }
}
