//! Google Cloud Pub/Sub: topics that messages are published to, and subscriptions that each give out a copy.
//!
//! It behaves as the Publisher and Subscriber services (`google.pubsub.v1`) document it, as of 2025.
//!
//! ```
//! use systems::pubsub::{Pubsub, PubsubMessage, Reply, Request, Settings};
//! use systems::{Caller, Instant, Out, Server};
//!
//! let (mut pubsub, mut out) = (Pubsub::new("project"), Out::default());
//! let me = Caller { client: 0, connection: 1 };
//! let (orders, billing) = (|| "orders".into(), || "billing".into());
//! for request in [
//!     Request::CreateTopic { topic: orders(), message_retention_duration: None },
//!     Request::CreateSubscription { subscription: billing(), topic: orders(), settings: Box::new(Settings::default()) },
//!     Request::Publish { topic: orders(), messages: vec![PubsubMessage::of("one book")] },
//!     Request::Pull { subscription: billing(), max_messages: 10, return_immediately: true },
//! ] {
//!     pubsub.handle(Instant(0), me, request, &mut out);
//! }
//! let Some((_, Reply::Received { messages, .. })) = out.to.last() else { panic!("no messages") };
//! assert_eq!(&*messages[0].message.data, "one book");
//! // Nobody acknowledges it: it is due again after ten seconds.
//! assert_eq!(pubsub.next_due().map(|(at, _)| at.ms()), Some(10_000));
//! ```
//!
//! # Rules
//! P40. A topic, subscription or snapshot that is not there is `NOT_FOUND`; a name that is taken is
//! `ALREADY_EXISTS`. Source: the methods' references. Shown by: pubsub-names-and-missing.
//!
//! P41. A published message is with all its subscriptions when the publisher gets its id. Source: "What is
//! Pub/Sub". Shown by: pubsub-fan-out.
//!
//! Left out: regions, permissions, quotas of throughput, labels, export subscriptions (BigQuery, Cloud
//! Storage), transforms of single messages, the rules for names.
//!
//! Simplified: nothing is duplicated without a reason, and nothing is late by itself. A client opens at most
//! one streaming pull on a subscription by connection, and acknowledges with requests of their own.

pub mod error;
pub mod fact;
pub mod filter;
pub mod message;
mod methods;
pub mod publisher;
pub mod request;
pub mod roster;
pub mod settings;
pub mod subscriber;
pub mod subscription;
pub mod tools;
pub mod topic;

pub use error::{Code, Error};
pub use fact::Fact;
pub use message::{AckId, Message, PubsubMessage, ReceivedMessage};
pub use request::{Description, Reply, Request, SeekTarget};
pub use settings::Settings;

use crate::party::{Caller, ClientId};
use crate::server::{Holder, Out, Server, Wait};
use crate::spread::Spread;
use crate::visit::{Visit, Visitor};
use explore::slot::Slot;
use explore::time::Instant;
use message::deliveries_of;
use roster::{Listed, Roster, Subscriptions};
use std::collections::BTreeSet;
use std::sync::Arc;
use subscription::{Forward, Subscription, Work};
use topic::{Snapshots, Topics};

/// Who serves which push endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Endpoints(pub Vec<(Arc<str>, Caller)>);

impl Visit for Endpoints {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for (_, caller) in &mut self.0 {
            caller.visit(visitor);
        }
    }
}

/// The numbers that the service gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Numbers {
    /// The id of the latest message.
    pub last_message: u64,
    /// How many topics were made.
    pub topics: u32,
    /// How many subscriptions were made.
    pub subscriptions: u32,
}

impl Visit for Numbers {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.counter(message::MESSAGE_IDS, &mut self.last_message);
    }
}

/// The service, for one project.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pubsub {
    project: Arc<str>,
    topics: Slot<Topics>,
    roster: Slot<Roster>,
    subscriptions: Spread<Subscriptions>,
    snapshots: Slot<Snapshots>,
    endpoints: Slot<Endpoints>,
    numbers: Slot<Numbers>,
    /// The numbers of the subscriptions that something happened to, and that may have something to give
    /// out. Empty between two steps.
    working: BTreeSet<u32>,
}

crate::parts! {
    /// A part of the service: the topics, which subscriptions there are, some of the subscriptions, the
    /// snapshots, the endpoints, the numbers.
    pub enum Part of Pubsub {
        topics: Topics(Topics),
        roster: Roster(Roster),
        subscriptions[]: Subscriptions(Subscriptions),
        snapshots: Snapshots(Snapshots),
        endpoints: Endpoints(Endpoints),
        numbers: Numbers(Numbers),
    }
}

/// Something that the service will do by itself, for one subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Due {
    /// The number of the subscription.
    pub subscription: u32,
    /// What it will do.
    pub what: subscription::seeking::Due,
}

impl Pubsub {
    /// An empty project.
    pub fn new(project: impl Into<Arc<str>>) -> Pubsub {
        Pubsub {
            project: project.into(),
            topics: Slot::new(Topics::default()),
            roster: Slot::new(Roster::default()),
            subscriptions: Spread::default(),
            snapshots: Slot::new(Snapshots::default()),
            endpoints: Slot::new(Endpoints::default()),
            numbers: Slot::new(Numbers::default()),
            working: BTreeSet::new(),
        }
    }

    /// The name of the project.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The topics.
    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// The subscriptions, in the order in which they were made.
    pub fn subscriptions(&self) -> Vec<&Subscription> {
        let listed = self.roster.iter();
        listed
            .filter_map(|one| self.subscriptions.of(&one.name))
            .collect()
    }

    /// The subscription of this name.
    pub fn subscription(&self, name: &str) -> Option<&Subscription> {
        self.subscriptions.of(name)
    }

    /// Lets something happen to one subscription, and to whatever comes of it.
    fn with<T>(
        &mut self,
        now: Instant,
        name: &str,
        out: &mut Out<Pubsub>,
        what: impl FnOnce(&mut Subscription, &mut Work<'_>) -> T,
    ) -> Option<T> {
        let mut forwards = Vec::new();
        let mut work = Work {
            now,
            project: &self.project,
            topics: &self.topics,
            endpoints: &self.endpoints.0,
            forwards: &mut forwards,
            out,
        };
        let one = self.subscriptions.of_mut(name)?;
        let done = what(one, &mut work);
        self.working.insert(one.number);
        self.forward(now, forwards, out);
        Some(done)
    }

    /// Publishes dead letters. A topic that was deleted meanwhile loses them.
    fn forward(&mut self, now: Instant, forwards: Vec<Forward>, out: &mut Out<Pubsub>) {
        for Forward { topic, message } in forwards {
            if let Some(at) = self.topics.at(&topic) {
                self.refresh_topic(now, at, out);
                self.store(now, at, message, out);
            }
        }
    }

    /// Lets the subscriptions that something happened to give out whatever they can, in the order in which
    /// they were made, until nothing more can be given.
    fn give_out(&mut self, now: Instant, out: &mut Out<Pubsub>) {
        while let Some(number) = self.working.pop_first() {
            let Some(Listed { name, .. }) = self.roster.numbered(number).cloned() else {
                continue;
            };
            let one = self.subscriptions.of(&name);
            if one.is_some_and(|one| one.has_work(now)) {
                self.with(now, &name, out, |one, work| one.give_out(work));
            }
        }
    }

    /// Lets go of what is too old in a subscription, or of all of it when nobody used it for its time to live.
    fn refresh(&mut self, now: Instant, name: &str, out: &mut Out<Pubsub>) {
        let Some(one) = self.subscriptions.of(name) else {
            return;
        };
        let is_expired = one.is_expired(now);
        if one.is_stale(now) {
            self.with(now, name, out, |one, work| one.prune(work));
        }
        if is_expired {
            self.drop_subscription(name, out);
        }
    }

    /// Lets go of what is too old in the subscriptions of the topic at this place.
    fn refresh_topic(&mut self, now: Instant, topic: usize, out: &mut Out<Pubsub>) {
        let Some(number) = self.topics.0.get(topic).map(|topic| topic.number) else {
            return;
        };
        let names: Vec<_> = self
            .roster
            .of(number)
            .map(|one| Arc::clone(&one.name))
            .collect();
        for name in names {
            self.refresh(now, &name, out);
        }
    }
}

impl Server for Pubsub {
    type Request = Request;
    type Reply = Reply;
    type Due = Due;
    type Fact = Fact;

    fn handle(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out<Self>) {
        let method = request.method();
        match self.call(now, from, request, out) {
            Ok(None) => {}
            Ok(Some(reply)) => out.reply(from, reply),
            Err(error) => out.reply(from, Reply::Refused { method, error }),
        }
        self.give_out(now, out);
    }

    fn dues(&self, _party: u8, each: &mut dyn FnMut(Instant, Due)) {
        for one in self.subscriptions() {
            let subscription = one.number;
            one.dues(&mut |at, what| each(at, Due { subscription, what }));
        }
    }

    fn fire(&mut self, now: Instant, due: Due, out: &mut Out<Self>) {
        if let Some(Listed { name, .. }) = self.roster.numbered(due.subscription).cloned() {
            self.refresh(now, &name, out);
            self.with(now, &name, out, |one, work| one.fire(due.what, work));
        }
        self.give_out(now, out);
    }

    fn disconnect(&mut self, now: Instant, gone: Caller, out: &mut Out<Self>) {
        if self.endpoints.0.iter().any(|(_, caller)| *caller == gone) {
            self.endpoints.0.retain(|(_, caller)| *caller != gone);
        }
        let all = self.subscriptions().into_iter();
        let concerned: Vec<Arc<str>> = all
            .filter(|one| one.knows(gone))
            .map(|one| Arc::clone(&one.name))
            .collect();
        for name in concerned {
            self.with(now, &name, out, |one, work| one.hang_up(gone, work));
        }
        self.give_out(now, out);
    }

    fn waits_for(&self, due: &Due) -> Wait {
        let subscription::seeking::Due::Deadline {
            message, delivery, ..
        } = due.what
        else {
            return Wait::Nobody;
        };
        let one = self.roster.numbered(due.subscription);
        let one = one.and_then(|one| self.subscriptions.of(&one.name));
        let holder = one.and_then(|one| one.holder(message));
        holder.map_or(Wait::Nobody, |holder| {
            Wait::Work(Holder {
                client: ClientId(holder.caller().client),
                holds: Some((deliveries_of(due.subscription), delivery)),
            })
        })
    }
}
