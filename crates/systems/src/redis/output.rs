//! Connections: what they are subscribed to, and what waits for those that do not read.
//!
//! R16. What a client has not read waits in its output buffer on the server. At the hard limit at
//! once, or over the soft limit for longer than its seconds without a break, the server closes the
//! connection and throws the buffer away; by default only subscribers have limits (32 MB, 8 MB, 60
//! seconds). Seconds are whole seconds of the clock. Source: Redis manual, "Redis client handling",
//! output buffer limits. Shown by: the test `a_slow_subscriber_is_disconnected_at_the_hard_limit`,
//! the test `a_slow_subscriber_is_disconnected_after_the_soft_limits_time`.
//!
//! Simplified: a buffer's size is that of the replies in it, without what the allocator adds, and the
//! buffers of the operating system take nothing. A client that has stopped reading is told to the
//! server by its connection.

use super::config::{BufferLimit, Settings};
use super::fact::Fact;
use super::wire::Reply;
use super::{Out, Redis};
use crate::party::{Caller, ClientId};
use crate::visit::{Visit, Visitor};
use explore::time::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What can be subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A channel, by its name.
    Channel,
    /// All channels whose names match a pattern.
    Pattern,
    /// A channel of one shard of a cluster.
    Shard,
}

/// The connections with subscriptions or with output that waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Connections {
    subscribers: Vec<Subscriber>,
    /// Who is subscribed to channels by name, each in the order of subscribing.
    receivers: BTreeMap<(Subject, Arc<str>), Vec<Caller>>,
    /// The patterns in the order in which they were first subscribed to.
    patterns: Vec<Arc<str>>,
    stopped: Vec<Stopped>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Subscriber {
    who: Caller,
    subjects: Vec<(Subject, Arc<str>)>,
}

/// A connection whose client does not read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Stopped {
    who: Caller,
    output: Vec<Reply>,
    bytes: u64,
    /// Since when it is over the soft limit.
    over_since: Option<Instant>,
}

impl Connections {
    /// Whether a connection has subscriptions.
    pub fn is_subscribed(&self, who: Caller) -> bool {
        self.subscribers.iter().any(|one| one.who == who)
    }

    /// What a connection is subscribed to.
    pub fn subjects(&self, who: Caller) -> &[(Subject, Arc<str>)] {
        let subscriber = self.subscribers.iter().find(|one| one.who == who);
        subscriber.map_or(&[], |one| &one.subjects)
    }

    /// How many channels and patterns a connection is subscribed to; shards' channels are counted
    /// by themselves.
    pub fn count(&self, who: Caller, sharded: bool) -> usize {
        let subjects = self.subjects(who).iter();
        subjects
            .filter(|(subject, _)| (*subject == Subject::Shard) == sharded)
            .count()
    }

    /// Who is subscribed to this name, in the order of subscribing.
    pub fn receivers(&self, subject: Subject, name: &Arc<str>) -> &[Caller] {
        let receivers = self.receivers.get(&(subject, name.clone()));
        receivers.map_or(&[], |all| all)
    }

    /// The names that somebody is subscribed to; patterns in the order of their first subscription.
    pub fn names(&self, subject: Subject) -> Vec<Arc<str>> {
        if subject == Subject::Pattern {
            return self.patterns.clone();
        }
        let names = self.receivers.keys();
        let names = names.filter(|(one, _)| *one == subject);
        names.map(|(_, name)| name.clone()).collect()
    }

    /// Subscribes a connection, and says whether it was not subscribed before.
    pub fn subscribe(&mut self, who: Caller, subject: Subject, name: &Arc<str>) -> bool {
        let receivers = self.receivers.entry((subject, name.clone())).or_default();
        if receivers.contains(&who) {
            return false;
        }
        if receivers.is_empty() && subject == Subject::Pattern {
            self.patterns.push(name.clone());
        }
        receivers.push(who);
        let subject = (subject, name.clone());
        match self.subscribers.iter_mut().find(|one| one.who == who) {
            Some(subscriber) => subscriber.subjects.push(subject),
            None => self.subscribers.push(Subscriber {
                who,
                subjects: vec![subject],
            }),
        }
        true
    }

    /// Ends a subscription, and says whether there was one.
    pub fn unsubscribe(&mut self, who: Caller, subject: Subject, name: &Arc<str>) -> bool {
        let one = (subject, name.clone());
        let Some(receivers) = self.receivers.get_mut(&one) else {
            return false;
        };
        let before = receivers.len();
        receivers.retain(|receiver| *receiver != who);
        let was_there = receivers.len() < before;
        if receivers.is_empty() {
            self.receivers.remove(&one);
            if subject == Subject::Pattern {
                self.patterns.retain(|pattern| pattern != name);
            }
        }
        for subscriber in self.subscribers.iter_mut().filter(|one| one.who == who) {
            subscriber.subjects.retain(|held| *held != one);
        }
        self.subscribers.retain(|one| !one.subjects.is_empty());
        was_there
    }

    /// A connection is gone.
    pub fn forget(&mut self, who: Caller) {
        for (subject, name) in self.subjects(who).to_vec() {
            self.unsubscribe(who, subject, &name);
        }
        self.stopped.retain(|one| one.who != who);
    }

    /// Whether a client reads what it is sent.
    pub fn is_reading(&self, who: Caller) -> bool {
        self.stopped.iter().all(|one| one.who != who)
    }

    /// A client stops reading.
    pub fn stop(&mut self, who: Caller) {
        if self.is_reading(who) {
            self.stopped.push(Stopped {
                who,
                output: Vec::new(),
                bytes: 0,
                over_since: None,
            });
        }
    }

    /// A client reads again: it gets what waited for it.
    pub fn go_on(&mut self, who: Caller, out: &mut Out<Redis>) {
        if let Some(at) = self.stopped.iter().position(|one| one.who == who) {
            let stopped = self.stopped.remove(at);
            out.to
                .extend(stopped.output.into_iter().map(|reply| (who, reply)));
        }
    }

    fn limit(&self, who: Caller, settings: &Settings) -> BufferLimit {
        match self.is_subscribed(who) {
            true => settings.pubsub_limit,
            false => settings.normal_limit,
        }
    }

    /// Keeps a reply for a client that does not read, and closes its connection at the hard limit.
    pub fn keep(
        &mut self,
        now: Instant,
        who: Caller,
        reply: Reply,
        settings: &Settings,
        out: &mut Out<Redis>,
    ) {
        let limit = self.limit(who, settings);
        let Some(stopped) = self.stopped.iter_mut().find(|one| one.who == who) else {
            return;
        };
        stopped.bytes = stopped.bytes.saturating_add(reply.bytes());
        stopped.output.push(reply);
        if limit.soft_bytes > 0 && stopped.bytes >= limit.soft_bytes {
            stopped.over_since.get_or_insert(now);
        }
        if limit.hard_bytes > 0 && stopped.bytes >= limit.hard_bytes {
            self.close(who, out);
        }
    }

    /// Closes the connection of a client that does not read.
    pub fn close(&mut self, who: Caller, out: &mut Out<Redis>) {
        if let Some(stopped) = self.stopped.iter().find(|one| one.who == who) {
            out.tell(Fact::BufferOverrun {
                client: ClientId(who.client),
                bytes: stopped.bytes,
                lost: stopped.output.iter().flat_map(Reply::records).collect(),
            });
        }
        self.forget(who);
        out.reply(who, Reply::Closed);
    }

    /// How many bytes wait for a client.
    pub fn waiting_bytes(&self, who: Caller) -> u64 {
        let stopped = self.stopped.iter().find(|one| one.who == who);
        stopped.map_or(0, |one| one.bytes)
    }

    /// When clients will have been over their soft limits for too long, and who.
    pub fn soft_limits(&self, settings: &Settings) -> impl Iterator<Item = (Instant, Caller)> {
        let over = self.stopped.iter();
        over.filter_map(|one| {
            let seconds = one.over_since?.ms() / 1_000;
            let limit = self.limit(one.who, settings).soft_seconds;
            let end = seconds.saturating_add(limit).saturating_add(1);
            Some((Instant(end.saturating_mul(1_000_000)), one.who))
        })
    }
}

impl Visit for Connections {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for subscriber in &mut self.subscribers {
            subscriber.who.visit(visitor);
        }
        for receiver in self.receivers.values_mut().flatten() {
            receiver.visit(visitor);
        }
        for stopped in &mut self.stopped {
            stopped.over_since.visit(visitor);
            stopped.who.visit(visitor);
        }
    }
}
