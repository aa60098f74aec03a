//! Reason codes.
//!
//! T1. MQTT 5 tells in CONNACK, the acknowledgements, SUBACK, UNSUBACK and DISCONNECT why; MQTT 3.1.1 has return codes in CONNACK, 0x80 in SUBACK, and no DISCONNECT from the broker: it closes the connection. Source: MQTT 5.0 section 2.4; MQTT 3.1.1 section 3.2.2.3. Shown by: the test `an_invalid_filter_closes_the_connection`.
//!
//! Left out: reason strings. Mosquitto 2.0 sends none, and ignores those that clients send.

/// Why something was answered as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ReasonCode {
    /// It was done; in SUBACK QoS 0 was granted, in DISCONNECT it is the normal end.
    #[default]
    Success = 0x00,
    /// QoS 1 was granted.
    GrantedQos1 = 0x01,
    /// QoS 2 was granted.
    GrantedQos2 = 0x02,
    /// The client leaves and wants its will to be published.
    DisconnectWithWill = 0x04,
    /// Nobody subscribes to this topic.
    NoMatchingSubscribers = 0x10,
    /// There was no such subscription.
    NoSubscriptionExisted = 0x11,
    /// Something failed and nobody says what.
    UnspecifiedError = 0x80,
    /// A packet cannot be read.
    MalformedPacket = 0x81,
    /// A packet stands where it must not.
    ProtocolError = 0x82,
    /// This cannot be taken.
    ImplementationSpecificError = 0x83,
    /// The client id is not allowed.
    ClientIdentifierNotValid = 0x85,
    /// The client must not do this.
    NotAuthorized = 0x87,
    /// Nothing came for one and a half times the keep alive.
    KeepAliveTimeout = 0x8D,
    /// Another connection uses this client id now.
    SessionTakenOver = 0x8E,
    /// No such filter.
    TopicFilterInvalid = 0x8F,
    /// No such topic.
    TopicNameInvalid = 0x90,
    /// The packet identifier is in use.
    PacketIdentifierInUse = 0x91,
    /// No message has this packet identifier.
    PacketIdentifierNotFound = 0x92,
    /// More unacknowledged messages than the receive maximum.
    ReceiveMaximumExceeded = 0x93,
    /// A topic alias of 0 or above the maximum.
    TopicAliasInvalid = 0x94,
    /// The broker takes no more.
    QuotaExceeded = 0x97,
    /// The broker keeps no retained messages.
    RetainNotSupported = 0x9A,
    /// The broker does not offer this QoS.
    QosNotSupported = 0x9B,
}

impl ReasonCode {
    /// The number in packets.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Whether it tells of a failure.
    pub const fn is_failure(self) -> bool {
        self.code() >= 0x80
    }

    /// The return code of a CONNACK in MQTT 3.1.1.
    pub const fn return_code(self) -> u8 {
        match self {
            ReasonCode::Success => 0,
            ReasonCode::ClientIdentifierNotValid => 2,
            ReasonCode::NotAuthorized => 5,
            _ => 3,
        }
    }

    /// The name that the standard gives it.
    pub const fn name(self) -> &'static str {
        match self {
            ReasonCode::Success => "Success",
            ReasonCode::GrantedQos1 => "Granted QoS 1",
            ReasonCode::GrantedQos2 => "Granted QoS 2",
            ReasonCode::DisconnectWithWill => "Disconnect with Will Message",
            ReasonCode::NoMatchingSubscribers => "No matching subscribers",
            ReasonCode::NoSubscriptionExisted => "No subscription existed",
            ReasonCode::UnspecifiedError => "Unspecified error",
            ReasonCode::MalformedPacket => "Malformed Packet",
            ReasonCode::ProtocolError => "Protocol Error",
            ReasonCode::ImplementationSpecificError => "Implementation specific error",
            ReasonCode::ClientIdentifierNotValid => "Client Identifier not valid",
            ReasonCode::NotAuthorized => "Not authorized",
            ReasonCode::KeepAliveTimeout => "Keep Alive timeout",
            ReasonCode::SessionTakenOver => "Session taken over",
            ReasonCode::TopicFilterInvalid => "Topic Filter invalid",
            ReasonCode::TopicNameInvalid => "Topic Name invalid",
            ReasonCode::PacketIdentifierInUse => "Packet Identifier in use",
            ReasonCode::PacketIdentifierNotFound => "Packet Identifier not found",
            ReasonCode::ReceiveMaximumExceeded => "Receive Maximum exceeded",
            ReasonCode::TopicAliasInvalid => "Topic Alias invalid",
            ReasonCode::QuotaExceeded => "Quota exceeded",
            ReasonCode::RetainNotSupported => "Retain not supported",
            ReasonCode::QosNotSupported => "QoS not supported",
        }
    }
}

impl std::fmt::Display for ReasonCode {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} (0x{:02X})", self.name(), self.code())
    }
}
