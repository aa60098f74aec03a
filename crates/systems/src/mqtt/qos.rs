//! The three qualities of service.

use serde::{Deserialize, Serialize};

/// How hard sender and receiver try: it holds for one hop, never from publisher to subscriber.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Qos {
    /// 0: sent once and forgotten.
    #[default]
    AtMostOnce,
    /// 1: sent until a PUBACK comes; the receiver may get it twice.
    AtLeastOnce,
    /// 2: PUBLISH, PUBREC, PUBREL, PUBCOMP; the receiver gets it once.
    ExactlyOnce,
}

impl Qos {
    /// The number that stands in packets.
    pub const fn number(self) -> u8 {
        match self {
            Qos::AtMostOnce => 0,
            Qos::AtLeastOnce => 1,
            Qos::ExactlyOnce => 2,
        }
    }

    /// The quality with this number; 3 is reserved and none.
    pub const fn of(number: u8) -> Option<Qos> {
        match number {
            0 => Some(Qos::AtMostOnce),
            1 => Some(Qos::AtLeastOnce),
            2 => Some(Qos::ExactlyOnce),
            _ => None,
        }
    }
}
