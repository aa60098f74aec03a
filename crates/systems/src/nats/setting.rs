//! Settings of the server.

use crate::setting::Setting;
use serde_json::Value;

/// How the server behaves where its releases differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Release {
    /// As nats-server 2.9.10.
    #[default]
    V2_9,
    /// As nats-server of 2026.
    V2_14,
}

impl Setting for Release {
    fn read(value: &Value) -> Result<Self, String> {
        match value.as_str() {
            Some("2.9") => Ok(Release::V2_9),
            Some("2.14") => Ok(Release::V2_14),
            _ => Err("expected `2.9` or `2.14`".to_owned()),
        }
    }
    fn write(&self) -> Value {
        Value::from(match self {
            Release::V2_9 => "2.9",
            Release::V2_14 => "2.14",
        })
    }
}

crate::settings! {
    /// Of the server.
    pub struct Settings {
        /// How many bytes may wait for a client that does not read before it is a slow consumer.
        "max_pending" max_pending: u64 = 67_108_864;
        /// For how many milliseconds a client may take nothing before it is a slow consumer.
        "write_deadline" write_deadline_ms: u64 = 10_000, 1..=86_400_000;
        /// How many bytes a message may have.
        "max_payload" max_payload: u64 = 1_048_576, 1..=67_108_864;
        /// Which release the server behaves as, where they differ.
        "release" release: Release = Release::V2_9;
    }
}
