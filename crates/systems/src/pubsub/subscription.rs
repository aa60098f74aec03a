//! A subscription: its own copy of every message published since it was made, with the deadlines,
//! acknowledgements and attempts of that copy.
//!
//! # Rules
//! P14. Every subscription has its own copy of a message, with its own deadline and acknowledgement.
//! Deleting a subscription drops what it holds; another of its name starts empty. Source: "What is
//! Pub/Sub", DeleteSubscription method. Shown by: pubsub-fan-out, the test
//! `q25_a_message_reaches_the_subscriptions_that_exist`.
//!
//! P15. A detached subscription drops its backlog and gets nothing any more; it stays, a pull from it is
//! `FAILED_PRECONDITION`, and its topic no longer lists it. Source: DetachSubscription method. Shown by:
//! the test `a_detached_subscription_is_empty_for_ever`.
//!
//! P16. A message that is not acknowledged within the retention of the subscription, counted from
//! publishing, is lost. Source: Subscription reference, `messageRetentionDuration`. Shown by: the test
//! `what_nobody_acknowledges_is_lost_after_the_retention`.
//!
//! P17. A subscription that nobody uses (no pull, no open stream, no acknowledgement, no successful push)
//! for its time to live is deleted. Source: Subscription reference, `expirationPolicy`. Shown by: the test
//! `an_idle_subscription_expires`.
//!
//! Simplified: retention and expiration take effect with the next thing that happens to the subscription,
//! since nobody can see them earlier; the use of a subscription is noted by the day.

pub mod backlog;
pub mod failing;
pub mod giving;
pub mod pushing;
pub mod seeking;
pub mod settling;
mod visits;

use super::Pubsub;
use super::error::Error;
use super::filter::Filter;
use super::message::{Message, PubsubMessage};
use super::request::Description;
use super::settings::Settings;
use super::topic::Topics;
use crate::lease::Leases;
use crate::numbered::Numbered;
use crate::party::Caller;
use crate::row::Row;
use crate::server::Out;
use crate::spread::Marked;
use crate::turns::Turns;
use explore::time::Instant;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// The topic of a subscription whose topic was deleted.
pub const DELETED_TOPIC: &str = "_deleted-topic_";

/// Who holds a message in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// Who pulled it.
    Pull(Caller),
    /// Whose streaming pull it came on.
    Stream(Caller),
    /// The endpoint it was pushed to.
    Endpoint(Caller),
}

impl Holder {
    /// The connection.
    pub const fn caller(self) -> Caller {
        match self {
            Holder::Pull(caller) | Holder::Stream(caller) | Holder::Endpoint(caller) => caller,
        }
    }
}

/// Where a message stands in its subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It can be given out, when its ordering key allows.
    Waiting,
    /// The retry policy keeps it back.
    Delayed {
        /// Until when.
        until: Instant,
    },
    /// It was given out: nobody else gets it.
    InFlight {
        /// Its acknowledgement deadline.
        until: Instant,
        /// Who has it.
        holder: Holder,
    },
    /// It was acknowledged before an earlier message of its ordering key.
    Ahead,
}

/// A message in a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The message.
    pub message: Arc<Message>,
    /// Where it stands.
    pub standing: Standing,
    /// The number of its latest delivery.
    pub delivery: Option<u64>,
    /// How many attempts failed since the subscription has a dead-letter policy.
    pub failures: u32,
    /// How many failures the retry policy counts.
    pub retries: u32,
}

/// The messages of one ordering key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Line {
    /// All of them, in publish order.
    members: Row,
    /// The first of them that are in flight, or acknowledged ahead.
    outstanding: Row,
    /// Whose stream gets the next ones, while some are outstanding.
    holder: Option<Caller>,
}

impl Line {
    /// The first that is not outstanding.
    fn next(&self) -> Option<u64> {
        match self.outstanding.last() {
            None => self.members.first(),
            Some(last) => self.members.after(last),
        }
    }
}

/// A streaming pull.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    /// On which connection.
    pub caller: Caller,
    /// The deadline of what comes on it, in seconds.
    pub ack_deadline_seconds: u32,
    /// At most so many messages outstanding; 0 for no limit.
    pub max_messages: u32,
    /// At most so many bytes outstanding; 0 for no limit.
    pub max_bytes: u64,
    /// How many messages it holds.
    held: u32,
    /// How many bytes it holds.
    held_bytes: u64,
    /// The next messages of the ordering keys that it holds.
    next: BTreeSet<u64>,
}

impl Stream {
    /// Whether flow control lets another message come.
    fn has_room(&self) -> bool {
        (self.max_messages == 0 || self.held < self.max_messages)
            && (self.max_bytes == 0 || self.held_bytes < self.max_bytes)
    }
}

/// A pull that waits for messages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WaitingPull {
    /// Who asks.
    pub caller: Caller,
    /// At most so many.
    pub max_messages: u32,
    /// When it is answered with nothing.
    pub until: Instant,
}

/// How pushing goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Backoff {
    /// How many pushes failed since the last success, as far as it matters.
    pub failures: u32,
    /// Nothing is pushed before.
    pub until: Option<Instant>,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subscription {
    /// Its name.
    pub name: Arc<str>,
    /// Which subscription it is, also when another of its name comes.
    pub number: u32,
    /// The name of its topic; [`DELETED_TOPIC`] when that was deleted.
    pub topic: Arc<str>,
    /// Its settings.
    pub settings: Settings,
    /// Whether it was detached.
    pub detached: bool,
    filter: Option<Filter>,
    entries: Numbered<Entry>,
    acknowledged: Numbered<Entry>,
    /// What can be given to anybody now: each key's first message only when none of it is outstanding.
    ready: BTreeSet<u64>,
    in_flight: Leases,
    delayed: BTreeSet<(Instant, u64)>,
    lines: BTreeMap<Marked, Line>,
    streams: Turns<Stream>,
    pulls: VecDeque<WaitingPull>,
    backoff: Backoff,
    last_delivery: u64,
    last_day_used: u64,
}

/// A message on its way to a dead-letter topic.
#[derive(Clone, Debug)]
pub struct Forward {
    /// Which topic.
    pub topic: Arc<str>,
    /// The message, with what the service adds.
    pub message: PubsubMessage,
}

/// What a subscription needs of the service around it while something happens to it.
pub struct Work<'a> {
    /// The time.
    pub now: Instant,
    /// The name of the project.
    pub project: &'a str,
    /// The topics, of which one may be for dead letters.
    pub topics: &'a Topics,
    /// Who serves which endpoint.
    pub endpoints: &'a [(Arc<str>, Caller)],
    /// What goes to dead-letter topics.
    pub forwards: &'a mut Vec<Forward>,
    /// What comes of it.
    pub out: &'a mut Out<Pubsub>,
}

fn day(now: Instant) -> u64 {
    now.ms() / 86_400_000
}

impl Subscription {
    /// An empty subscription; its settings were checked.
    pub fn new(
        now: Instant,
        name: Arc<str>,
        number: u32,
        topic: Arc<str>,
        settings: Settings,
    ) -> Subscription {
        Subscription {
            name,
            number,
            topic,
            filter: settings.read_filter().ok().flatten(),
            settings,
            detached: false,
            entries: Numbered::default(),
            acknowledged: Numbered::default(),
            ready: BTreeSet::new(),
            in_flight: Leases::default(),
            delayed: BTreeSet::new(),
            lines: BTreeMap::new(),
            streams: Turns::default(),
            pulls: VecDeque::new(),
            backoff: Backoff::default(),
            last_delivery: 0,
            last_day_used: day(now),
        }
    }

    /// What its resource tells.
    pub fn describe(&self) -> Description {
        Description {
            name: Arc::clone(&self.name),
            topic: Arc::clone(&self.topic),
            settings: self.settings.clone(),
            detached: self.detached,
        }
    }

    /// How many messages it has that are not acknowledged (the metric `num_undelivered_messages`).
    pub fn unacknowledged(&self) -> usize {
        self.entries.len()
    }

    /// How many messages are in flight (the metric `num_outstanding_messages`).
    pub fn outstanding(&self) -> usize {
        self.in_flight.len()
    }

    /// The messages that are not acknowledged, in publish order.
    pub fn backlog(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Whether a message is in it and not acknowledged.
    pub fn has(&self, message: u64) -> bool {
        self.entries.has(message)
    }

    /// Takes other settings, which were checked.
    pub fn update(&mut self, settings: Settings, work: &mut Work<'_>) {
        if settings.push_endpoint != self.settings.push_endpoint {
            self.forget_backoff();
            if settings.push_endpoint.is_some() {
                self.turn_away(&Error::not_pull(), work.out);
            }
        }
        self.settings = settings;
        self.used(work.now);
    }

    /// Somebody uses the subscription.
    pub fn used(&mut self, now: Instant) {
        self.last_day_used = self.last_day_used.max(day(now));
    }

    /// Whether it has been idle for its time to live.
    pub fn is_expired(&self, now: Instant) -> bool {
        let days = self
            .settings
            .expiration_ttl
            .map(|ttl| u64::from(ttl) / 86_400);
        let idle = day(now).saturating_sub(self.last_day_used);
        self.streams.is_empty() && days.is_some_and(|days| idle >= days)
    }

    /// The ordering key of a message, where the subscription keeps its order.
    fn key_of(&self, id: u64) -> Option<Marked> {
        if !self.settings.enable_message_ordering {
            return None;
        }
        let key = &self.entries.get(id)?.message.ordering_key;
        (!key.is_empty()).then(|| Marked::of(key))
    }

    /// Drops everything it holds, and tells how much that was.
    pub fn clear(&mut self) -> u64 {
        let dropped = self.entries.len() as u64;
        self.entries.clear();
        self.acknowledged.clear();
        self.in_flight.clear();
        self.delayed.clear();
        self.arrange();
        dropped
    }
}
