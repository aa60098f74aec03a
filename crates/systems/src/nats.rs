//! NATS: a server that routes messages by subject, and JetStream, which stores them.
//!
//! Core NATS delivers at most once: whoever is subscribed at that moment gets a message, nobody keeps
//! it. A JetStream stream stores what is published to its subjects, and its consumers deliver it until
//! it is acknowledged: at least once. The model behaves as nats-server 2.9.10, and where a later
//! release differs, as the setting `release` says.
//!
//! ```
//! use systems::nats::*;
//! use systems::{Caller, Instant, Out, Server};
//!
//! let (mut nats, mut out, me) = (Nats::default(), Out::default(), Caller { client: 0, connection: 1 });
//! let mut send = |request| nats.handle(Instant(0), me, request, &mut out);
//! let call = Call::CreateStream(Box::new(StreamConfig::new("ORDERS", &["orders.>"])));
//! send(Request::Api { id: 1, call });
//! let config = Box::new(ConsumerConfig::durable("billing"));
//! send(Request::Api { id: 2, call: Call::CreateConsumer { stream: "ORDERS".into(), config } });
//! send(Request::Publish { message: Message::new("orders.new", "one"), reply: None });
//! send(Request::Subscribe { subject: "inbox".into(), queue: None, sid: 1 });
//! let pull = Pull { batch: 1, expires: None, no_wait: true, max_bytes: None };
//! let (stream, consumer, reply) = ("ORDERS".into(), "billing".into(), "inbox".into());
//! send(Request::Next { stream, consumer, reply, pull });
//! let delivered = out.to.iter().any(|(_, reply)| matches!(reply, Reply::Message { message, .. } if &*message.payload == "one"));
//! assert!(delivered);
//! ```
//!
//! # Rules
//! N35. A message with an invalid subject or with wildcards is refused with `-ERR 'Invalid Subject'`;
//! one above `max_payload` with `-ERR 'Maximum Payload Violation'`, which closes the connection.
//! Source: NATS docs, "Client protocol", -ERR. Shown by: the test `what_is_invalid_is_refused`.
//!
//! Simplified: the requests to `$JS.API` are typed instead of JSON. Sequences count from 1 as in the
//! real server and are visible in names, so they are no counters that an explorer may renumber.

mod api;
mod consumer;
mod copy;
mod core;
mod delivery;
mod error;
mod fact;
mod info;
mod interest;
mod log;
mod message;
mod pulling;
mod removing;
mod setting;
mod signals;
mod stream;
pub mod subject;
pub mod tools;
mod work;

pub use api::{Answer, Call, Get};
pub use consumer::{AckPolicy, Consumer, ConsumerConfig, Deliver, Replay, Sequences};
pub use core::Core;
pub use error::{ApiError, CoreError};
pub use fact::Fact;
pub use info::{ConsumerInfo, StreamInfo};
pub use log::{Log, Stored};
pub use message::{AckKind, AckReply, Message, Pull, Reply, ReplyTo, Request};
pub use setting::{Release, Settings};
pub use stream::{Discard, Origin, Republish, Retention, Stream, StreamConfig};

use crate::party::Caller;
use crate::server::{Holder, Out, Server, Wait};
use crate::visit::{Visit, Visitor};
use explore::slot::Slot;
use explore::time::Instant;
use signals::Signals;
use std::collections::BTreeMap;
use std::sync::Arc;
use work::Work;

/// The streams of the server by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Streams(BTreeMap<Arc<str>, Stream>);

impl Visit for Streams {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for stream in self.0.values_mut() {
            stream.visit(visitor);
        }
    }
}

/// The server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Nats {
    core: Slot<Core>,
    streams: Slot<Streams>,
    settings: Arc<Settings>,
}

crate::parts! {
    /// A part of the server.
    pub enum Part of Nats { core: Core(Core), streams: Streams(Streams) }
}

/// What the server does by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// The oldest message of a stream is too old.
    Age(Arc<str>),
    /// A message of a consumer was not acknowledged in time.
    AckWait(Arc<str>, Arc<str>),
    /// A request of a pull consumer has waited long enough.
    PullExpires(Arc<str>, Arc<str>),
    /// The original replay goes on.
    Replay(Arc<str>, Arc<str>),
    /// A consumer has not been used for its inactive threshold.
    Inactive(Arc<str>, Arc<str>),
    /// A client has taken nothing for the write deadline.
    WriteDeadline(Caller),
}

impl Nats {
    /// A server with these settings, without streams.
    pub fn new(settings: Settings) -> Nats {
        Nats {
            settings: Arc::new(settings),
            ..Nats::default()
        }
    }

    /// A stream.
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.0.get(name)
    }

    /// All streams by name.
    pub fn streams(&self) -> impl Iterator<Item = &Stream> {
        self.streams.0.values()
    }

    /// Whether somebody is subscribed to a subject.
    pub fn has_interest(&self, subject: &str) -> bool {
        self.core.interest().has(subject, None)
    }

    fn work(&mut self, now: Instant, out: &mut Out<Nats>, step: impl FnOnce(&mut Work<'_>)) {
        let mut work = Work {
            now,
            settings: &self.settings,
            core: &mut self.core,
            streams: &mut self.streams.0,
            out,
            signals: Signals::default(),
        };
        step(&mut work);
        work.settle();
    }

    /// Push consumers notice who listens now.
    fn listening_changed(work: &mut Work<'_>) {
        let now = work.now;
        for (name, stream) in work.streams.iter_mut() {
            for (consumer, one) in &mut stream.consumers {
                if let Some(subject) = &one.config.deliver_subject {
                    let bound = work
                        .core
                        .interest()
                        .has(subject, one.config.deliver_group.as_ref());
                    if one.bound && !bound {
                        one.used = now;
                    }
                    one.bound = bound;
                    work.signals.add(name, consumer);
                }
            }
        }
    }
}

impl Server for Nats {
    type Request = Request;
    type Reply = Reply;
    type Due = Due;
    type Fact = Fact;

    fn handle(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out<Self>) {
        self.core.seen(from);
        match request {
            Request::Connect {
                echo,
                no_responders,
            } => self.core.connect(from, echo, no_responders),
            Request::Socket { reads } => self.core.socket(from, reads, out),
            Request::Subscribe {
                subject,
                queue,
                sid,
            } => {
                let settings = self.settings.clone();
                if !subject::is_valid(&subject) {
                    let error = Reply::Error(CoreError::InvalidSubject);
                    self.core.send(now, &settings, from, error, out);
                    return;
                }
                self.core.subscribe(from, sid, subject, queue);
                self.work(now, out, Nats::listening_changed);
            }
            Request::Unsubscribe { sid, max } => {
                self.core.unsubscribe(from, sid, max);
                self.work(now, out, Nats::listening_changed);
            }
            Request::Publish { message, reply } => {
                let settings = self.settings.clone();
                if message.size() > settings.max_payload {
                    self.core.disconnect(from);
                    out.reply(from, Reply::Error(CoreError::MaximumPayload));
                    self.work(now, out, Nats::listening_changed);
                } else if !subject::is_literal(&message.subject) {
                    let error = Reply::Error(CoreError::InvalidSubject);
                    self.core.send(now, &settings, from, error, out);
                } else if let Some(to) = AckReply::parse(&message.subject)
                    && let Some(kind) = AckKind::parse(&message.payload)
                {
                    self.work(now, out, |work| work.ack(Some(from), &to, kind, reply));
                } else {
                    self.work(now, out, |work| work.publish(Some(from), message, reply));
                }
            }
            Request::Ack { to, kind, reply } => {
                self.work(now, out, |work| work.ack(Some(from), &to, kind, reply));
            }
            Request::Next {
                stream,
                consumer,
                reply,
                pull,
            } => {
                self.work(now, out, |work| {
                    work.pull(from, &stream, &consumer, reply, pull)
                });
            }
            Request::Api { id, call } => self.work(now, out, |work| {
                let answer = work.call(call);
                let (now, settings) = (work.now, work.settings);
                work.core
                    .send(now, settings, from, Reply::Api { id, answer }, work.out);
            }),
        }
    }

    fn dues(&self, _party: u8, each: &mut dyn FnMut(Instant, Due)) {
        for (name, stream) in &self.streams.0 {
            if let Some(at) = stream.next_expiry() {
                each(at, Due::Age(name.clone()));
            }
            for (consumer, one) in stream.consumers() {
                let both = || (name.clone(), consumer.clone());
                if let Some(at) = one.next_due() {
                    let (stream, consumer) = both();
                    each(at, Due::AckWait(stream, consumer));
                }
                let expires = one.waiting.iter().filter_map(|pull| pull.expires).min();
                if let Some(at) = expires {
                    let (stream, consumer) = both();
                    each(at, Due::PullExpires(stream, consumer));
                }
                if let Some(at) = one.replay_due(stream.log())
                    && self.is_used(one)
                {
                    let (stream, consumer) = both();
                    each(at, Due::Replay(stream, consumer));
                }
                if let Some(threshold) = one.config().inactive_threshold
                    && !self.is_used(one)
                {
                    let (stream, consumer) = both();
                    each(one.used + threshold, Due::Inactive(stream, consumer));
                }
            }
        }
        self.core.deadlines(&self.settings, &mut |at, caller| {
            each(at, Due::WriteDeadline(caller))
        });
    }

    fn fire(&mut self, now: Instant, due: Due, out: &mut Out<Self>) {
        match due {
            Due::Age(name) => self.work(now, out, |work| work.expire(&name)),
            Due::AckWait(stream, consumer) => {
                self.work(now, out, |work| work.redeliver(&stream, &consumer));
            }
            Due::PullExpires(stream, consumer) => {
                self.work(now, out, |work| work.expire_pulls(&stream, &consumer));
            }
            Due::Replay(stream, consumer) => self.work(now, out, |work| {
                work.signals.add(&stream, &consumer);
            }),
            Due::Inactive(stream, consumer) => {
                let found = self
                    .streams
                    .0
                    .get(&stream)
                    .and_then(|one| one.consumers.get(&consumer));
                let is_over = found.is_some_and(|one| {
                    let threshold = one.config().inactive_threshold;
                    threshold.is_some_and(|span| one.used + span <= now) && !self.is_used(one)
                });
                if is_over {
                    out.tell(Fact::ConsumerGone {
                        stream: stream.clone(),
                        consumer: consumer.clone(),
                    });
                    // It is there: it was just looked at.
                    self.work(now, out, |work| {
                        drop(work.delete_consumer(&stream, &consumer))
                    });
                }
            }
            Due::WriteDeadline(caller) => {
                let mut is_over = false;
                self.core.deadlines(&self.settings, &mut |at, one| {
                    is_over |= one == caller && at <= now
                });
                if is_over {
                    self.core.cut_off(caller, out);
                    self.work(now, out, Nats::listening_changed);
                }
            }
        }
    }

    fn disconnect(&mut self, now: Instant, gone: Caller, out: &mut Out<Self>) {
        self.core.disconnect(gone);
        self.work(now, out, Nats::listening_changed);
    }

    fn waits_for(&self, due: &Due) -> Wait {
        match due {
            Due::WriteDeadline(caller) => Wait::Life(Holder {
                client: crate::ClientId(caller.client),
                holds: None,
            }),
            Due::AckWait(stream, consumer) => {
                let found = self
                    .streams
                    .0
                    .get(stream)
                    .and_then(|one| one.consumers.get(consumer));
                let holder = found.and_then(Consumer::next_holder);
                holder.map_or(Wait::Nobody, |client| {
                    Wait::Work(Holder {
                        client: crate::ClientId(client),
                        holds: None,
                    })
                })
            }
            _ => Wait::Nobody,
        }
    }
}

impl Nats {
    /// Whether a consumer is in use: somebody listens, or a request of somebody who listens waits.
    fn is_used(&self, one: &Consumer) -> bool {
        match &one.config().deliver_subject {
            Some(subject) => self
                .core
                .interest()
                .has(subject, one.config().deliver_group.as_ref()),
            None => one
                .waiting
                .iter()
                .any(|pull| self.core.interest().has(&pull.inbox, None)),
        }
    }
}
