//! A server with one client that does everything, and a clock.

use std::sync::Arc;
use systems::nats::{
    AckKind, AckReply, Answer, ApiError, Call, ConsumerConfig, Message, Nats, Pull, Release, Reply,
    ReplyTo, Request, Settings, StreamConfig,
};
use systems::{Caller, Instant, Out, Server, Span};

/// The client.
pub const ME: Caller = Caller {
    client: 0,
    connection: 1,
};

/// A server, its clock, and all that has come to the client.
pub struct Bench {
    pub nats: Nats,
    pub now: Instant,
    pub came: Vec<Reply>,
    sid: u32,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with(Settings::default())
    }

    pub fn of(release: Release) -> Bench {
        Bench::with(Settings {
            release,
            ..Settings::default()
        })
    }

    pub fn with(settings: Settings) -> Bench {
        let (nats, now) = (Nats::new(settings), Instant(0));
        Bench {
            nats,
            now,
            came: Vec::new(),
            sid: 0,
        }
    }

    /// A server with a stream S of all below `s`.
    pub fn with_stream() -> Bench {
        let mut bench = Bench::new();
        bench
            .stream(StreamConfig::new("S", &["s.>"]))
            .expect("made");
        bench
    }

    /// Sends a request; what comes of it at once.
    pub fn send(&mut self, request: Request) -> Vec<Reply> {
        let mut out = Out::default();
        self.nats.handle(self.now, ME, request, &mut out);
        let replies: Vec<Reply> = out.to.into_iter().map(|(_, reply)| reply).collect();
        self.came.extend(replies.iter().cloned());
        replies
    }

    pub fn call(&mut self, call: Call) -> Result<Answer, ApiError> {
        let replies = self.send(Request::Api { id: 1, call });
        let answer = replies.into_iter().find_map(|reply| match reply {
            Reply::Api { answer, .. } => Some(answer),
            _ => None,
        });
        answer.expect("the API answers at once")
    }

    pub fn stream(&mut self, config: StreamConfig) -> Result<Answer, ApiError> {
        self.call(Call::CreateStream(Box::new(config)))
    }

    pub fn consumer(&mut self, config: ConsumerConfig) -> Result<Answer, ApiError> {
        let (stream, config) = ("S".into(), Box::new(config));
        self.call(Call::CreateConsumer { stream, config })
    }

    /// Subscribes to a subject; the number of the subscription.
    pub fn subscribe(&mut self, subject: &str) -> u32 {
        self.sid += 1;
        let (subject, queue, sid) = (subject.into(), None, self.sid);
        self.send(Request::Subscribe {
            subject,
            queue,
            sid,
        });
        self.sid
    }

    /// Publishes, and what the stream answers as JSON.
    pub fn store(&mut self, message: Message) -> serde_json::Value {
        let sid = self.subscribe("_ack");
        let reply = Some("_ack".into());
        let replies = self.send(Request::Publish { message, reply });
        self.send(Request::Unsubscribe { sid, max: None });
        let body = replies.iter().find_map(|reply| match reply {
            Reply::Message {
                sid: to, message, ..
            } if *to == sid => Some(message.payload.clone()),
            _ => None,
        });
        body.map_or_else(Default::default, |body| {
            serde_json::from_str(&body).expect("JSON")
        })
    }

    pub fn put(&mut self, subject: &str, body: &str) {
        let message = Message::new(subject, body);
        self.send(Request::Publish {
            message,
            reply: None,
        });
    }

    /// Asks a consumer of the stream S for messages; the inbox stays.
    pub fn pull(&mut self, consumer: &str, inbox: &str, pull: Pull) -> Vec<(Arc<str>, AckReply)> {
        let (stream, consumer, reply) = ("S".into(), consumer.into(), inbox.into());
        delivered(&self.send(Request::Next {
            stream,
            consumer,
            reply,
            pull,
        }))
    }

    /// One fetch without waiting.
    pub fn fetch(&mut self, consumer: &str, batch: u64) -> Vec<(Arc<str>, AckReply)> {
        let sid = self.subscribe("_fetch");
        let pull = Pull {
            batch,
            expires: None,
            no_wait: true,
            max_bytes: None,
        };
        let got = self.pull(consumer, "_fetch", pull);
        self.send(Request::Unsubscribe { sid, max: None });
        got
    }

    pub fn answer(&mut self, to: &AckReply, kind: AckKind) {
        self.send(Request::Ack {
            to: to.clone(),
            kind,
            reply: None,
        });
    }

    /// Lets time pass; what comes meanwhile, and when.
    pub fn wait(&mut self, ms: u64) -> Vec<(u64, Reply)> {
        let end = self.now + Span::from_ms(ms);
        let mut came = Vec::new();
        while let Some((at, due)) = self.nats.next_due()
            && at <= end
        {
            self.now = self.now.max(at);
            let mut out = Out::default();
            self.nats.fire(self.now, due, &mut out);
            came.extend(out.to.into_iter().map(|(_, reply)| (self.now.ms(), reply)));
        }
        self.now = end;
        self.came
            .extend(came.iter().map(|(_, reply)| reply.clone()));
        came
    }
}

/// JetStream messages among replies: the body and where it is acknowledged.
pub fn delivered(replies: &[Reply]) -> Vec<(Arc<str>, AckReply)> {
    let one = |reply: &Reply| match reply {
        Reply::Message {
            message,
            reply: Some(ReplyTo::Ack(ack)),
            ..
        } => Some((message.payload.clone(), ack.clone())),
        _ => None,
    };
    replies.iter().filter_map(one).collect()
}

/// The bodies of messages among replies.
pub fn bodies(replies: &[Reply]) -> Vec<String> {
    let one = |reply: &Reply| match reply {
        Reply::Message { message, .. } => Some(message.payload.to_string()),
        _ => None,
    };
    replies.iter().filter_map(one).collect()
}

/// The codes of status lines among replies.
pub fn statuses(replies: &[Reply]) -> Vec<u16> {
    let one = |reply: &Reply| match reply {
        Reply::Status { code, .. } => Some(*code),
        _ => None,
    };
    replies.iter().filter_map(one).collect()
}
