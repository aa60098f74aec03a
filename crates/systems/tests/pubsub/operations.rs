//! What clients may ask of the service, decoded from bytes.

use arbitrary::Arbitrary;
use systems::pubsub::{AckId, PubsubMessage, Request, SeekTarget, Settings};

pub type Text = u8;

/// A request as its fields' shapes; names are few, so that they meet.
#[derive(Arbitrary, Debug)]
pub enum Sent {
    CreateTopic(Text, Option<u32>),
    GetTopic(Text),
    List(Text),
    DeleteTopic(Text),
    Publish(Text, Vec<(Text, Text, Text)>),
    Create(Text, Text, [u8; 10]),
    Update(Text, [u8; 10]),
    Get(Text),
    ModifyPush(Text, Option<Text>),
    Delete(Text),
    Detach(Text),
    Pull(Text, u32, bool),
    Stream(Text, u32, u32, u64),
    Close(Text),
    Ack(Text, Vec<Id>),
    Modify(Text, Vec<Id>, u32),
    Snapshot(Text, Text),
    DeleteSnapshot(Text),
    SeekTime(Text, u64),
    SeekSnapshot(Text, Text),
    Serve(Text),
    Answer(Text, Id, u16),
    Disconnect,
    Fire,
    Wait(u32),
    WaitLong(u64),
    Sleep(u16),
}

/// An acknowledgement id: one that was given out, or any.
#[derive(Arbitrary, Debug)]
pub enum Id {
    Given(u8),
    Any(u32, u64, u64),
}

fn name(text: Text) -> std::sync::Arc<str> {
    ["a", "b", "c", ""][usize::from(text) % 4].into()
}

fn settings(of: [u8; 10]) -> Box<Settings> {
    let is = |at: usize| of[at].is_multiple_of(4);
    let filter = [
        "attributes:a",
        "attributes.a = \"b\"",
        "(",
        "NOT attributes:b",
    ];
    Box::new(Settings {
        ack_deadline_seconds: [10, 600, 0, 1][usize::from(of[0]) % 4],
        message_retention_duration: [600, 604_800][usize::from(of[1]) % 2],
        retain_acked_messages: is(2),
        enable_message_ordering: of[3].is_multiple_of(2),
        enable_exactly_once_delivery: is(4),
        filter: is(5).then(|| filter[usize::from(of[5] / 4) % 4].into()),
        dead_letter_topic: is(6).then(|| name(of[6] / 4)),
        max_delivery_attempts: 5,
        minimum_backoff: is(7).then_some(u32::from(of[7])),
        maximum_backoff: 600,
        push_endpoint: is(8).then(|| name(of[8] / 4)),
        expiration_ttl: is(9).then_some(86_400),
    })
}

/// The acknowledgement ids that were given out.
#[derive(Default)]
pub struct Given(pub Vec<AckId>);

impl Given {
    fn id(&self, id: &Id) -> AckId {
        match id {
            Id::Given(at) if !self.0.is_empty() => self.0[usize::from(*at) % self.0.len()],
            Id::Given(at) => AckId {
                subscription: 1,
                message: 1,
                delivery: u64::from(*at),
                record: None,
            },
            Id::Any(subscription, message, delivery) => AckId {
                subscription: *subscription,
                message: *message,
                delivery: *delivery,
                record: None,
            },
        }
    }

    fn all(&self, ids: &[Id]) -> Vec<AckId> {
        ids.iter().map(|id| self.id(id)).collect()
    }

    /// The request that this is, if a client sends it.
    pub fn request(&self, sent: &Sent) -> Option<Request> {
        Some(match sent {
            Sent::CreateTopic(topic, retention) => Request::CreateTopic {
                topic: name(*topic),
                message_retention_duration: *retention,
            },
            Sent::GetTopic(topic) => Request::GetTopic {
                topic: name(*topic),
            },
            Sent::List(topic) => Request::ListTopicSubscriptions {
                topic: name(*topic),
            },
            Sent::DeleteTopic(topic) => Request::DeleteTopic {
                topic: name(*topic),
            },
            Sent::Publish(topic, messages) => Request::Publish {
                topic: name(*topic),
                messages: messages
                    .iter()
                    .map(|(data, key, attribute)| PubsubMessage {
                        data: name(*data),
                        attributes: vec![(name(*attribute), name(*data))],
                        ordering_key: name(*key),
                        record: None,
                    })
                    .collect(),
            },
            Sent::Create(subscription, topic, of) => Request::CreateSubscription {
                subscription: name(*subscription),
                topic: name(*topic),
                settings: settings(*of),
            },
            Sent::Update(subscription, of) => Request::UpdateSubscription {
                subscription: name(*subscription),
                settings: settings(*of),
            },
            Sent::Get(subscription) => Request::GetSubscription {
                subscription: name(*subscription),
            },
            Sent::ModifyPush(subscription, endpoint) => Request::ModifyPushConfig {
                subscription: name(*subscription),
                push_endpoint: endpoint.map(name),
            },
            Sent::Delete(subscription) => Request::DeleteSubscription {
                subscription: name(*subscription),
            },
            Sent::Detach(subscription) => Request::DetachSubscription {
                subscription: name(*subscription),
            },
            Sent::Pull(subscription, max_messages, return_immediately) => Request::Pull {
                subscription: name(*subscription),
                max_messages: *max_messages,
                return_immediately: *return_immediately,
            },
            Sent::Stream(subscription, seconds, messages, bytes) => Request::StreamingPull {
                subscription: name(*subscription),
                stream_ack_deadline_seconds: 10 + seconds % 600,
                max_outstanding_messages: messages % 4,
                max_outstanding_bytes: bytes % 8,
            },
            Sent::Close(subscription) => Request::CloseStream {
                subscription: name(*subscription),
            },
            Sent::Ack(subscription, ids) => Request::Acknowledge {
                subscription: name(*subscription),
                ack_ids: self.all(ids),
            },
            Sent::Modify(subscription, ids, seconds) => Request::ModifyAckDeadline {
                subscription: name(*subscription),
                ack_ids: self.all(ids),
                ack_deadline_seconds: seconds % 602,
            },
            Sent::Snapshot(snapshot, subscription) => Request::CreateSnapshot {
                snapshot: name(*snapshot),
                subscription: name(*subscription),
            },
            Sent::DeleteSnapshot(snapshot) => Request::DeleteSnapshot {
                snapshot: name(*snapshot),
            },
            Sent::SeekTime(subscription, ms) => Request::Seek {
                subscription: name(*subscription),
                to: SeekTarget::Time(*ms),
            },
            Sent::SeekSnapshot(subscription, snapshot) => Request::Seek {
                subscription: name(*subscription),
                to: SeekTarget::Snapshot(name(*snapshot)),
            },
            Sent::Serve(endpoint) => Request::Serve {
                endpoint: name(*endpoint),
            },
            Sent::Answer(subscription, id, status) => Request::PushAnswer {
                subscription: name(*subscription),
                ack_id: self.id(id),
                status: if status.is_multiple_of(2) {
                    200
                } else {
                    *status
                },
            },
            Sent::Disconnect | Sent::Fire | Sent::Wait(_) | Sent::WaitLong(_) | Sent::Sleep(_) => {
                return None;
            }
        })
    }
}
