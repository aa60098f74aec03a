//! Redis: streams with consumer groups, publish and subscribe, and the few other commands that job
//! queues are built from.
//!
//! It behaves as a single Redis server of version 7.0, or as 6.2 or 7.2 where it is
//! [set](config::Settings) so. It takes commands as lists of words and answers with the replies of
//! the protocol, refusals in Redis's own words.
//!
//! ```
//! use systems::redis::{Redis, Request, tools};
//! use systems::{Caller, Instant, Out, Server};
//!
//! let (mut redis, mut out) = (Redis::default(), Out::default());
//! let me = Caller { client: 0, connection: 1 };
//! for line in ["XADD s 1-0 k v", "XGROUP CREATE s g 0", "XREADGROUP GROUP g c STREAMS s >"] {
//!     redis.handle(Instant(0), me, Request::line(line), &mut out);
//! }
//! assert_eq!(out.to[2].1.entries()[0].0.to_string(), "1-0");
//! let summary = tools::redis_cli(&redis, Instant(5_000), "XPENDING s g - + 10");
//! assert_eq!(summary, "1) 1) \"1-0\"\n   2) \"c\"\n   3) (integer) 5\n   4) (integer) 1\n");
//! ```
//!
//! # Rules
//! R13. Commands are executed one at a time, in the order in which they arrive; the commands of a
//! connection that waits in a blocking read are executed when it has got its answer. After each
//! command the clients that wait for what it changed are served, in the order in which they began to
//! wait. Source: Redis commands, BLPOP, "Serving order of blocked clients". Shown by: the test
//! `blocked_readers_are_served_in_the_order_of_their_waiting`.
//!
//! R14. A connection that goes away loses its subscriptions and its place among those that wait;
//! nothing of a group changes. Source: Redis manual, "Redis Streams". Shown by:
//! redis-crash-keeps-pending, redis-pubsub-offline-misses.
//!
//! Left out: persistence, replication and what a failover loses, cluster redirections, transactions
//! and scripts, access control, RESP3, keyspace notifications, eviction, databases other than 0, and
//! the commands that are about none of messages.
//!
//! Simplified: ids of entries are not renumbered when worlds are compared, since clients can choose
//! them; times before the scene began are kept as a number of milliseconds.

mod channels;
mod claim;
mod commands;
pub mod config;
pub mod error;
pub mod fact;
pub mod glob;
pub mod group;
mod groups;
pub mod id;
mod info;
mod keys;
pub mod keyspace;
mod lists;
pub mod output;
mod pending;
mod reading;
mod serving;
pub mod stream;
mod streams;
pub mod tools;
pub mod waiting;
pub mod wire;
pub mod words;

use crate::party::{Caller, ClientId};
use crate::record::RecordId;
use crate::server::{Out, Server};
use crate::spread::Spread;
use config::Settings;
pub use error::Error;
use explore::slot::Slot;
use explore::time::Instant;
pub use fact::Fact;
pub use id::StreamId;
use keyspace::{Key, Keys, Kind};
use output::Connections;
use std::sync::Arc;
use stream::Stream;
use waiting::Waiting;
pub use wire::{Element, Entry, Reply, Request};
use words::Words;

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redis {
    settings: Settings,
    keys: Spread<Keys>,
    waiting: Slot<Waiting>,
    connections: Slot<Connections>,
}

crate::parts! {
    /// A part of a server: some of its keys, the clients that wait, the connections with
    /// subscriptions or with output that waits.
    pub enum Part of Redis {
        keys[]: Keys(Keys),
        waiting: Waiting(Waiting),
        connections: Connections(Connections),
    }
}

/// Something the server does by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// A client has waited for as long as it said.
    BlockTimeout(Caller),
    /// A client's output has been over its soft limit for too long.
    SoftLimit(Caller),
}

/// A command that is being executed.
pub(crate) struct Step<'a> {
    now: Instant,
    from: Caller,
    records: &'a [RecordId],
    out: &'a mut Out<Redis>,
    /// The keys on which somebody may be waiting.
    ready: Vec<Arc<str>>,
}

impl Step<'_> {
    /// What the `n`-th element of this command carries.
    fn record(&self, n: usize) -> Option<RecordId> {
        self.records.get(n).copied()
    }

    fn client(&self) -> ClientId {
        ClientId(self.from.client)
    }
}

/// What a command answers; nothing, when its answer comes later or was sent by itself.
type Answer = Result<Option<Reply>, Error>;

impl Default for Redis {
    fn default() -> Self {
        Redis::new(Settings::default())
    }
}

impl Redis {
    /// An empty server.
    pub fn new(settings: Settings) -> Redis {
        Redis {
            settings,
            keys: Spread::default(),
            waiting: Slot::new(Waiting::default()),
            connections: Slot::new(Connections::default()),
        }
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The stream of a key, if it holds one.
    pub fn stream(&self, key: &str) -> Option<&Stream> {
        Stream::of(&self.keys(key).key(key, Instant(0))?.value)
    }

    /// The Unix time in milliseconds.
    fn unix_ms(&self, now: Instant) -> u64 {
        self.settings.unix_time_ms.saturating_add(now.ms())
    }

    fn keys(&self, key: &str) -> &Slot<Keys> {
        self.keys.slot(key)
    }

    fn keys_mut(&mut self, key: &str) -> &mut Slot<Keys> {
        self.keys.slot_mut(key)
    }

    fn held(&self, key: &str, now: Instant) -> Option<&Key> {
        self.keys(key).key(key, now)
    }

    /// The value of a key as one kind.
    fn get<K: Kind>(&self, key: &str, now: Instant) -> Result<Option<&K>, Error> {
        self.keys(key).get(key, now)
    }

    /// The value of a key as one kind, to change it.
    fn get_mut<K: Kind>(&mut self, key: &str, now: Instant) -> Result<Option<&mut K>, Error> {
        if self.get::<K>(key, now)?.is_none() {
            return Ok(None);
        }
        self.keys_mut(key).get_mut(key, now)
    }

    /// Executes a command, sends its answer, and then serves those who wait for what it changed.
    fn execute(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out<Self>) {
        let (words, records) = match request {
            Request::Command { words, records } => (words, records),
            Request::StopsReading => return self.connections.stop(from),
            Request::ReadsOn => return self.connections.go_on(from, out),
        };
        let mut step = Step {
            now,
            from,
            records: &records,
            out,
            ready: Vec::new(),
        };
        let answer = self.command(&words, &mut step);
        let ready = std::mem::take(&mut step.ready);
        match answer {
            Ok(Some(reply)) => self.send(now, from, reply, out),
            Ok(None) => {}
            Err(error) => {
                out.tell(Fact::Refused {
                    code: error.code().into(),
                    message: error.to_string().into(),
                });
                self.send(now, from, Reply::Error(error), out);
            }
        }
        self.serve(now, ready, out);
    }

    fn command(&mut self, words: &[Arc<str>], step: &mut Step<'_>) -> Answer {
        let unknown = || Error::UnknownCommand(words.into());
        let (name, rest) = words.split_first().ok_or_else(unknown)?;
        let rest = Words(rest);
        let (name, (least, most)) = commands::find(name).ok_or_else(unknown)?;
        let is_7 = self.settings.version >= config::Version::V7_0;
        if !is_7 && matches!(name, "ssubscribe" | "sunsubscribe" | "spublish") {
            return Err(unknown());
        }
        if rest.len() < least || rest.len() > most {
            return Err(Error::Arity(name.into()));
        }
        let is_about_channels = name.ends_with("subscribe") || name == "ping";
        if !is_about_channels && self.connections.is_subscribed(step.from) {
            return Err(Error::InSubscription(name.into()));
        }
        let reply = match name {
            "xread" | "xreadgroup" => return self.xread(name == "xreadgroup", rest, step),
            "blpop" | "brpop" => return self.blocking_pop(name == "blpop", rest, step),
            "subscribe" | "psubscribe" | "ssubscribe" | "unsubscribe" | "punsubscribe"
            | "sunsubscribe" => {
                self.subscription(name, rest, step);
                return Ok(None);
            }
            "ping" => self.ping(rest, step.from),
            "publish" | "spublish" => self.publish(name == "spublish", rest, step),
            "pubsub" => self.pubsub(rest),
            "xadd" => self.xadd(rest, step),
            "xlen" => self.xlen(rest, step),
            "xrange" | "xrevrange" => self.xrange(name == "xrevrange", rest, step),
            "xdel" => self.xdel(rest, step),
            "xtrim" => self.xtrim(rest, step),
            "xsetid" => self.xsetid(rest, step),
            "xgroup" => self.xgroup(rest, step),
            "xack" => self.xack(rest, step),
            "xpending" => self.xpending(rest, step),
            "xclaim" => self.xclaim(rest, step),
            "xautoclaim" => self.xautoclaim(rest, step),
            "xinfo" => self.xinfo(rest, step),
            "lpush" | "rpush" => self.push(name == "lpush", rest, step),
            "lpop" | "rpop" => self.pop(name == "lpop", rest, step),
            "llen" | "lrange" => self.look_at_list(rest, step),
            _ => self.key_command(name, rest, step),
        };
        reply.map(Some)
    }

    /// Sends a reply, unless the client does not read: then it waits in the client's output buffer.
    fn send(&mut self, now: Instant, to: Caller, reply: Reply, out: &mut Out<Self>) {
        if self.connections.is_reading(to) {
            out.reply(to, reply);
        } else {
            self.connections.keep(now, to, reply, &self.settings, out);
        }
    }
}

impl Server for Redis {
    type Request = Request;
    type Reply = Reply;
    type Due = Due;
    type Fact = Fact;

    fn handle(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out<Self>) {
        let is_command = matches!(request, Request::Command { .. });
        if is_command && self.waiting.is_waiting(from) {
            self.waiting.queue(from, request);
        } else {
            self.execute(now, from, request, out);
            self.go_on(now, out);
        }
    }

    fn dues(&self, _party: u8, each: &mut dyn FnMut(Instant, Due)) {
        for (at, who) in self.waiting.timeouts() {
            each(at, Due::BlockTimeout(who));
        }
        for (at, who) in self.connections.soft_limits(&self.settings) {
            each(at, Due::SoftLimit(who));
        }
    }

    fn fire(&mut self, now: Instant, due: Due, out: &mut Out<Self>) {
        match due {
            Due::BlockTimeout(who) => {
                let is_due = self
                    .waiting
                    .timeouts()
                    .any(|(at, one)| one == who && at <= now);
                if is_due {
                    out.tell(Fact::BlockTimedOut {
                        client: ClientId(who.client),
                    });
                    self.waiting.answer(who);
                    self.send(now, who, Reply::Nil, out);
                    self.go_on(now, out);
                }
            }
            Due::SoftLimit(who) => {
                let mut limits = self.connections.soft_limits(&self.settings);
                let is_due = limits.any(|(at, one)| one == who && at <= now);
                drop(limits);
                if is_due {
                    self.connections.close(who, out);
                    self.waiting.forget(who);
                }
            }
        }
    }

    fn disconnect(&mut self, _now: Instant, gone: Caller, _out: &mut Out<Self>) {
        self.waiting.forget(gone);
        self.connections.forget(gone);
    }
}
