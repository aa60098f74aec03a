//! A project at a virtual time, and what came of everything.

use systems::pubsub::{
    AckId, Code, Error, Fact, Pubsub, PubsubMessage, ReceivedMessage, Reply, Request, SeekTarget,
    Settings,
};
use systems::{Caller, Instant, Out, RecordId, Server, Span};

/// The client of this number.
pub const fn client(number: u8) -> Caller {
    Caller {
        client: number,
        connection: 1,
    }
}

/// Who does everything that nobody else does.
pub const ME: Caller = client(0);

/// A message with a body and a key.
pub fn keyed(data: &str, key: &str) -> PubsubMessage {
    PubsubMessage {
        ordering_key: key.into(),
        ..PubsubMessage::of(data)
    }
}

/// Settings that differ from the defaults.
pub fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    change(&mut settings);
    settings
}

pub struct World {
    pub pubsub: Pubsub,
    pub now: Instant,
    pub facts: Vec<Fact>,
    /// What came without being the answer to the last request.
    pub inbox: Vec<(Caller, Reply)>,
}

impl World {
    /// A project with a topic `t`.
    pub fn new() -> World {
        let (facts, inbox) = (Vec::new(), Vec::new());
        let mut world = World {
            pubsub: Pubsub::new("p"),
            now: Instant(0),
            facts,
            inbox,
        };
        world.topic("t");
        world
    }

    /// A project with a topic `t` and a subscription `s`.
    pub fn with(change: impl FnOnce(&mut Settings)) -> World {
        let mut world = World::new();
        world
            .subscribe("s", "t", settings(change))
            .expect("a subscription");
        world
    }

    fn took(&mut self, out: Out<Pubsub>) {
        self.facts.extend(out.facts);
        self.inbox.extend(out.to);
    }

    pub fn try_ask(&mut self, from: Caller, request: Request) -> Result<Option<Reply>, Error> {
        let mut out = Out::default();
        self.pubsub.handle(self.now, from, request, &mut out);
        let is_answer = |(to, reply): &(Caller, Reply)| {
            let unasked = matches!(
                reply,
                Reply::Streamed { .. } | Reply::StreamEnded { .. } | Reply::Push { .. }
            );
            *to == from && !unasked
        };
        let at = out.to.iter().position(is_answer);
        let reply = at.map(|at| out.to.remove(at).1);
        self.took(out);
        match reply {
            Some(Reply::Refused { error, .. }) => Err(error),
            reply => Ok(reply),
        }
    }

    pub fn ask(&mut self, request: Request) -> Option<Reply> {
        self.try_ask(ME, request.clone())
            .unwrap_or_else(|error| panic!("{request:?}: {error}"))
    }

    pub fn refused(&mut self, request: Request) -> Code {
        let reply = self.try_ask(ME, request);
        reply.expect_err("a refusal").code
    }

    pub fn topic(&mut self, name: &str) {
        self.ask(Request::CreateTopic {
            topic: name.into(),
            message_retention_duration: None,
        });
    }

    pub fn subscribe(&mut self, name: &str, topic: &str, settings: Settings) -> Result<(), Error> {
        let (subscription, topic, settings) = (name.into(), topic.into(), Box::new(settings));
        let request = Request::CreateSubscription {
            subscription,
            topic,
            settings,
        };
        self.try_ask(ME, request).map(|_| ())
    }

    pub fn alter(&mut self, name: &str, change: impl FnOnce(&mut Settings)) -> Result<(), Error> {
        let Some(Reply::Subscription(one)) = self.ask(Request::GetSubscription {
            subscription: name.into(),
        }) else {
            panic!("no subscription");
        };
        let mut settings = one.settings;
        change(&mut settings);
        let (subscription, settings) = (name.into(), Box::new(settings));
        self.try_ask(
            ME,
            Request::UpdateSubscription {
                subscription,
                settings,
            },
        )
        .map(|_| ())
    }

    pub fn send(&mut self, topic: &str, messages: Vec<PubsubMessage>) -> Vec<u64> {
        match self.ask(Request::Publish {
            topic: topic.into(),
            messages,
        }) {
            Some(Reply::Published { message_ids }) => message_ids,
            other => panic!("{other:?}"),
        }
    }

    /// Publishes bodies to `t`.
    pub fn publish(&mut self, bodies: &[&str]) {
        let messages = bodies.iter().map(|body| PubsubMessage::of(*body));
        self.send("t", messages.collect());
    }

    pub fn pull_max(&mut self, subscription: &str, max_messages: u32) -> Vec<ReceivedMessage> {
        let subscription = subscription.into();
        let request = Request::Pull {
            subscription,
            max_messages,
            return_immediately: true,
        };
        match self.ask(request) {
            Some(Reply::Received { messages, .. }) => messages,
            other => panic!("{other:?}"),
        }
    }

    pub fn pull(&mut self, subscription: &str) -> Vec<ReceivedMessage> {
        self.pull_max(subscription, 100)
    }

    /// The bodies that a pull gives.
    pub fn bodies(&mut self, subscription: &str) -> Vec<String> {
        bodies(&self.pull(subscription))
    }

    pub fn ack(&mut self, subscription: &str, ids: &[AckId]) -> Result<(), Error> {
        let (subscription, ack_ids) = (subscription.into(), ids.to_vec());
        self.try_ask(
            ME,
            Request::Acknowledge {
                subscription,
                ack_ids,
            },
        )
        .map(|_| ())
    }

    pub fn modify(&mut self, subscription: &str, id: AckId, seconds: u32) -> Result<(), Error> {
        let (subscription, ack_ids) = (subscription.into(), vec![id]);
        let request = Request::ModifyAckDeadline {
            subscription,
            ack_ids,
            ack_deadline_seconds: seconds,
        };
        self.try_ask(ME, request).map(|_| ())
    }

    pub fn nack(&mut self, subscription: &str, id: AckId) {
        self.modify(subscription, id, 0).expect("a nack");
    }

    pub fn stream(&mut self, from: Caller, subscription: &str, messages: u32, bytes: u64) {
        let request = Request::StreamingPull {
            subscription: subscription.into(),
            stream_ack_deadline_seconds: 10,
            max_outstanding_messages: messages,
            max_outstanding_bytes: bytes,
        };
        self.try_ask(from, request).expect("a stream");
    }

    /// What came to a stream since somebody looked.
    pub fn streamed(&mut self, to: Caller) -> Vec<ReceivedMessage> {
        let (mine, others) = std::mem::take(&mut self.inbox)
            .into_iter()
            .partition(|(caller, reply)| *caller == to && matches!(reply, Reply::Streamed { .. }));
        self.inbox = others;
        let mine: Vec<(Caller, Reply)> = mine;
        let messages = mine.into_iter().map(|(_, reply)| match reply {
            Reply::Streamed { messages, .. } => messages,
            _ => Vec::new(),
        });
        messages.flatten().collect()
    }

    pub fn seek(&mut self, subscription: &str, to: SeekTarget) {
        self.ask(Request::Seek {
            subscription: subscription.into(),
            to,
        });
    }

    /// Lets time pass.
    pub fn wait(&mut self, ms: u64) {
        let end = self.now + Span::from_ms(ms);
        while let Some((at, due)) = self.pubsub.next_due().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            let mut out = Out::default();
            self.pubsub.fire(self.now, due, &mut out);
            self.took(out);
        }
        self.now = end;
    }
}

pub fn bodies(messages: &[ReceivedMessage]) -> Vec<String> {
    messages
        .iter()
        .map(|one| one.message.data.to_string())
        .collect()
}

/// The messages that were acknowledged, by the facts.
pub fn record(number: usize) -> Option<RecordId> {
    Some(RecordId(number as u16))
}

impl World {
    /// A connection breaks.
    pub fn pubsub_disconnect(&mut self, gone: Caller) {
        let mut out = Out::default();
        self.pubsub.disconnect(self.now, gone, &mut out);
        self.took(out);
    }
}
