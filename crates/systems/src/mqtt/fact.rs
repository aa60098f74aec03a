//! What happens on the broker, as a learner is told.

use crate::record::RecordId;
use std::sync::Arc;

crate::facts! {
    /// A client connected.
    Headline Connected "connected" {
        /// Its client id.
        client_id: Arc<str>,
        /// Whether it found its old session.
        session_present: bool,
    }
    /// A connection was refused in CONNACK.
    Headline Refused "refused" {
        /// The client id.
        client_id: Arc<str>,
        /// Why.
        reason: Arc<str>,
    }
    /// Another connection uses the client id now; the older one was closed.
    Headline TakenOver "taken_over" {
        /// The client id.
        client_id: Arc<str>,
    }
    /// A client left with DISCONNECT.
    Headline Disconnected "disconnected" {
        /// The client id.
        client_id: Arc<str>,
    }
    /// A connection is gone without DISCONNECT.
    Headline ConnectionLost "connection_lost" {
        /// The client id.
        client_id: Arc<str>,
    }
    /// Nothing came for one and a half times the keep alive; the broker closed the connection.
    Headline KeepAliveTimedOut "keep_alive_timed_out" {
        /// The client id.
        client_id: Arc<str>,
    }
    /// The broker closed the connection of a client that did what it must not.
    Headline Closed "closed" {
        /// The client id.
        client_id: Arc<str>,
        /// Why.
        reason: Arc<str>,
    }
    /// A session ended, with its subscriptions and all that waited in it.
    Headline SessionEnded "session_ended" {
        /// The client id.
        client_id: Arc<str>,
        /// How many messages were lost with it.
        messages: u32,
    }
    /// A session outlived its session expiry interval.
    Headline SessionExpired "session_expired" {
        /// The client id.
        client_id: Arc<str>,
    }
    /// A will was published.
    Headline WillPublished "will_published" {
        /// Whose.
        client_id: Arc<str>,
        /// Which message.
        record: Option<RecordId>,
        /// Where.
        topic: Arc<str>,
    }
    /// A will waits for its delay to be over.
    Detail WillDelayed "will_delayed" {
        /// Whose.
        client_id: Arc<str>,
        /// How many seconds.
        seconds: u32,
    }
    /// A will is not published: the client said goodbye or came back.
    Detail WillDiscarded "will_discarded" {
        /// Whose.
        client_id: Arc<str>,
    }
    /// A client subscribed.
    Headline Subscribed "subscribed" {
        /// Who.
        client_id: Arc<str>,
        /// To what.
        filter: Arc<str>,
        /// The granted QoS.
        qos: u8,
    }
    /// A client unsubscribed.
    Headline Unsubscribed "unsubscribed" {
        /// Who.
        client_id: Arc<str>,
        /// From what.
        filter: Arc<str>,
    }
    /// A message came in and goes to whoever subscribes.
    Headline Published "published" {
        /// By whom.
        client_id: Arc<str>,
        /// Which message.
        record: Option<RecordId>,
        /// Where.
        topic: Arc<str>,
        /// The publisher's QoS.
        qos: u8,
        /// How many deliveries it made.
        deliveries: u32,
    }
    /// A message with QoS 2 came in; it goes nowhere before its PUBREL.
    Headline Held "held" {
        /// By whom.
        client_id: Arc<str>,
        /// Which message.
        record: Option<RecordId>,
        /// The publisher's packet identifier.
        packet_id: u16,
    }
    /// A message with QoS 2 came in again before its PUBREL; the broker has it already.
    Headline AlreadyHeld "already_held" {
        /// By whom.
        client_id: Arc<str>,
        /// Which message.
        record: Option<RecordId>,
        /// The publisher's packet identifier.
        packet_id: u16,
    }
    /// A message was sent to a subscriber.
    Headline Sent "sent" {
        /// To whom.
        client_id: Arc<str>,
        /// Which message.
        record: Option<RecordId>,
        /// The QoS of the delivery.
        qos: u8,
        /// Whether it may have come before.
        dup: bool,
        /// Whether it is a retained message.
        retain: bool,
    }
    /// A message waits in a session: the client is offline or its window is full.
    Headline Queued "queued" {
        /// For whom.
        client_id: Arc<str>,
        /// Which message.
        record: Option<RecordId>,
    }
    /// A message was dropped for one subscriber.
    Headline Dropped "dropped" {
        /// For whom.
        client_id: Arc<str>,
        /// Which message.
        record: Option<RecordId>,
        /// Why: `offline` or `queue_full`.
        why: Arc<str>,
    }
    /// A message outlived its message expiry interval before it could be sent.
    Headline MessageExpired "message_expired" {
        /// For whom.
        client_id: Arc<str>,
        /// Which message.
        record: Option<RecordId>,
    }
    /// A subscriber has a message with QoS 2, and the broker released it.
    Detail Released "released" {
        /// Who.
        client_id: Arc<str>,
        /// Which message.
        record: Option<RecordId>,
    }
    /// A delivery is complete: its PUBACK or PUBCOMP came.
    Headline Acknowledged "acknowledged" {
        /// By whom.
        client_id: Arc<str>,
        /// Which message.
        record: Option<RecordId>,
    }
    /// A topic has a retained message, in place of the one before.
    Headline Retained "retained" {
        /// The topic.
        topic: Arc<str>,
        /// Which message.
        record: Option<RecordId>,
    }
    /// A topic has no retained message any more.
    Headline RetainedCleared "retained_cleared" {
        /// The topic.
        topic: Arc<str>,
    }
}
