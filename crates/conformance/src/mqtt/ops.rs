//! The words of MQTT's recordings: what a step can ask.

use serde::Deserialize;

/// Who acknowledges what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Acking {
    /// The recording says when.
    Manual,
}

/// Which step of the QoS 2 handshake an `ack` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// PUBREC.
    Received,
    /// PUBCOMP.
    Complete,
}

/// Which connection of a client is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// The one that was taken over.
    Old,
}

/// A will.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Will {
    /// Where.
    pub topic: String,
    /// The body.
    pub msg: String,
    /// With which QoS.
    #[serde(default)]
    pub qos: u8,
    /// Whether it is retained.
    #[serde(default)]
    pub retain: bool,
    /// How many seconds the broker waits.
    #[serde(default)]
    pub delay_s: u32,
}

fn version() -> u8 {
    4
}

fn clean() -> bool {
    true
}

/// CONNECT.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connect {
    /// The client id.
    pub client: String,
    /// 4 is 3.1.1.
    #[serde(default = "version")]
    pub version: u8,
    /// Clean session or clean start.
    #[serde(default = "clean")]
    pub clean: bool,
    /// Left out, the client acknowledges everything at once.
    pub ack: Option<Acking>,
    /// Its will.
    pub will: Option<Will>,
    /// The session expiry interval.
    pub session_expiry_s: Option<u32>,
    /// The receive maximum.
    pub receive_max: Option<u16>,
}

/// SUBSCRIBE with one filter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// Who.
    pub client: String,
    /// To what.
    pub filter: String,
    /// The highest QoS.
    #[serde(default)]
    pub qos: u8,
    /// Without its own messages.
    #[serde(default)]
    pub no_local: bool,
    /// With the publisher's retain flag.
    #[serde(default)]
    pub retain_as_published: bool,
    /// When retained messages come.
    #[serde(default)]
    pub retain_handling: u8,
    /// What comes with every delivery.
    pub subscription_id: Option<u32>,
}

/// PUBLISH.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Who.
    pub client: String,
    /// Where.
    pub topic: String,
    /// The body.
    #[serde(default)]
    pub msg: String,
    /// With which QoS.
    #[serde(default)]
    pub qos: u8,
    /// Whether it is retained.
    #[serde(default)]
    pub retain: bool,
    /// Whether it may have come before.
    #[serde(default)]
    pub dup: bool,
    /// Left out, the client chooses one.
    pub packet_id: Option<u16>,
    /// The message expiry interval.
    pub expiry_s: Option<u32>,
    /// Whether the client does not send PUBREL.
    #[serde(default)]
    pub hold_release: bool,
}

/// A step.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// A client connects.
    Connect(Connect),
    /// It leaves.
    Disconnect {
        /// Who.
        client: String,
        /// The reason code.
        #[serde(default)]
        reason: u8,
    },
    /// Its connection is gone.
    Crash {
        /// Who.
        client: String,
    },
    /// It subscribes.
    Subscribe(Subscribe),
    /// It unsubscribes.
    Unsubscribe {
        /// Who.
        client: String,
        /// From what.
        filter: String,
    },
    /// It publishes.
    Publish(Publish),
    /// It lets go of a message.
    Release {
        /// Who.
        client: String,
        /// Of which.
        packet_id: u16,
    },
    /// It acknowledges a delivery.
    Ack {
        /// Who.
        client: String,
        /// The body.
        msg: String,
        /// Which delivery of it, from 1; left out, the latest.
        delivery: Option<usize>,
        /// Which step, with QoS 2.
        stage: Option<Stage>,
    },
    /// Whether a connection stands.
    Alive {
        /// Whose.
        client: String,
        /// Left out, the newest.
        connection: Option<Which>,
    },
    /// What came since the last drain.
    Drain {
        /// To whom.
        clients: Vec<String>,
        /// Whether all are told as one.
        #[serde(default)]
        merge: bool,
    },
    /// Time passes.
    Wait {
        /// How long.
        ms: u64,
    },
}
