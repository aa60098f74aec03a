//! Nothing that a client sends makes the service panic: requests decoded from any bytes.

use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use systems::pubsub::{AckId, Pubsub, PubsubMessage, Reply, Request, SeekTarget, Settings};
use systems::{Caller, Counter, Instant, Out, Parts, Server, Span, Visit, Visitor, Wire};

type Text = u8;

/// A request as its fields' shapes; names are few, so that they meet.
#[derive(Arbitrary, Debug)]
enum Sent {
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
}

/// An acknowledgement id: one that was given out, or any.
#[derive(Arbitrary, Debug)]
enum Id {
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

/// Sees everything, and moves every time and number on.
struct Shift(u64);

impl Visitor for Shift {
    fn instant(&mut self, at: &mut Instant) {
        at.0 = at.0.wrapping_add(self.0);
    }
    fn counter(&mut self, _: Counter, number: &mut u64) {
        *number = number.wrapping_add(self.0);
    }
}

struct Bench {
    pubsub: Pubsub,
    now: Instant,
    ids: Vec<AckId>,
}

impl Bench {
    fn id(&self, id: &Id) -> AckId {
        match id {
            Id::Given(at) if !self.ids.is_empty() => self.ids[usize::from(*at) % self.ids.len()],
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

    fn ids(&self, ids: &[Id]) -> Vec<AckId> {
        ids.iter().map(|id| self.id(id)).collect()
    }

    fn took(&mut self, out: Out<Pubsub>) {
        for (_, mut reply) in out.to {
            let _ = (reply.about(), reply.is_upkeep());
            reply.visit(&mut Shift(0));
            match reply {
                Reply::Received { messages, .. } | Reply::Streamed { messages, .. } => {
                    self.ids.extend(messages.iter().map(|one| one.ack_id));
                }
                Reply::Push { message, .. } => self.ids.push(message.ack_id),
                _ => {}
            }
        }
    }

    fn fire(&mut self) {
        if let Some((at, due)) = self.pubsub.next_due() {
            self.pubsub.waits_for(&due);
            self.now = self.now.max(at);
            let mut out = Out::default();
            self.pubsub.fire(self.now, due, &mut out);
            self.took(out);
        }
    }

    fn request(&self, sent: &Sent) -> Option<Request> {
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
                ack_ids: self.ids(ids),
            },
            Sent::Modify(subscription, ids, seconds) => Request::ModifyAckDeadline {
                subscription: name(*subscription),
                ack_ids: self.ids(ids),
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
            Sent::Disconnect | Sent::Fire | Sent::Wait(_) | Sent::WaitLong(_) => return None,
        })
    }

    fn step(&mut self, from: Caller, sent: &Sent) {
        let mut out = Out::default();
        match (self.request(sent), sent) {
            (Some(mut request), _) => {
                let _ = (request.about(), request.is_upkeep());
                request.visit(&mut Shift(0));
                self.pubsub.handle(self.now, from, request, &mut out);
            }
            (None, Sent::Disconnect) => self.pubsub.disconnect(self.now, from, &mut out),
            (None, Sent::Fire) => self.fire(),
            (None, Sent::Wait(ms)) => self.now = self.now + Span::from_ms(u64::from(*ms) % 30_000),
            (None, Sent::WaitLong(us)) => self.now = self.now + Span(*us >> 20),
            (None, _) => {}
        }
        self.took(out);
    }
}

/// Plays what the bytes say, and looks at the state in every way.
fn play(bytes: &[u8]) {
    let mut bench = Bench {
        pubsub: Pubsub::new("p"),
        now: Instant(0),
        ids: Vec::new(),
    };
    for topic in ["a", "b"] {
        let mut out = Out::default();
        let topic = topic.into();
        let request = Request::CreateTopic {
            topic,
            message_retention_duration: None,
        };
        bench.pubsub.handle(
            bench.now,
            Caller {
                client: 0,
                connection: 1,
            },
            request,
            &mut out,
        );
    }
    let mut from = Unstructured::new(bytes);
    while !from.is_empty() {
        let Ok((client, sent)) = <(u8, Sent)>::arbitrary(&mut from) else {
            break;
        };
        bench.step(
            Caller {
                client: client % 3,
                connection: 1,
            },
            &sent,
        );
    }
    for _ in 0..50 {
        bench.fire();
    }
    let mut other = bench.pubsub.clone();
    other.visit_parts(&mut Shift(0), |_| true);
    assert_eq!(other, bench.pubsub, "looking changes nothing");
    let mut parts = Vec::new();
    bench.pubsub.parts(&mut |_, part| parts.push(part));
    other.put(&mut parts.into_iter());
    assert_eq!(other, bench.pubsub);
    for one in &bench.pubsub.subscriptions().0 {
        let text = systems::pubsub::tools::subscriptions_describe(&bench.pubsub, &one.name);
        assert!(text.is_ok());
    }
}

#[test]
fn any_bytes_are_played_without_a_panic() {
    proptest!(ProptestConfig { cases: 512, ..ProptestConfig::default() }, |(bytes in prop::collection::vec(any::<u8>(), 0..2048))| {
        play(&bytes);
    });
}

#[test]
fn times_and_numbers_are_visited() {
    let mut bench = Bench {
        pubsub: Pubsub::new("p"),
        now: Instant(5),
        ids: Vec::new(),
    };
    let me = Caller {
        client: 0,
        connection: 1,
    };
    for request in [
        Request::CreateTopic {
            topic: "a".into(),
            message_retention_duration: None,
        },
        Request::CreateSubscription {
            subscription: "s".into(),
            topic: "a".into(),
            settings: Box::new(Settings {
                enable_message_ordering: true,
                ..Settings::default()
            }),
        },
        Request::CreateSnapshot {
            snapshot: "snap".into(),
            subscription: "s".into(),
        },
        Request::Publish {
            topic: "a".into(),
            messages: vec![
                PubsubMessage {
                    ordering_key: "k".into(),
                    ..PubsubMessage::of("m")
                };
                2
            ],
        },
        Request::Pull {
            subscription: "s".into(),
            max_messages: 1,
            return_immediately: true,
        },
    ] {
        let mut out = Out::default();
        bench.pubsub.handle(bench.now, me, request, &mut out);
        bench.took(out);
    }
    let mut moved = bench.pubsub.clone();
    moved.visit_parts(&mut Shift(7), |_| true);
    assert_ne!(moved, bench.pubsub);
    let due = bench.pubsub.next_due().expect("a deadline").0;
    assert_eq!(moved.next_due().expect("a deadline").0, Instant(due.0 + 7));
    moved.visit_parts(&mut Shift(7u64.wrapping_neg()), |_| true);
    assert_eq!(moved, bench.pubsub);
}
