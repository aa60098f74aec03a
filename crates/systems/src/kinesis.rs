//! Amazon Kinesis Data Streams: streams of records in shards, read by place.
//!
//! It behaves as the service's API of version 2013-12-02 is documented. Each room states its rules;
//! they are numbered throughout, with a K. The client library with its leases and checkpoints is
//! [`kcl`].
//!
//! ```
//! use systems::kinesis::request::{Entry, Request, Starting};
//! use systems::kinesis::shard::ShardId;
//! use systems::kinesis::setting::Settings;
//! use systems::kinesis::stream::Mode;
//! use systems::kinesis::{Kinesis, reply::Reply};
//! use systems::{Caller, Instant, Out, Server};
//!
//! let (me, mut out) = (Caller { client: 0, connection: 1 }, Out::default());
//! let mut kinesis = Kinesis::new(Settings::default());
//! let mode = Mode::Provisioned;
//! kinesis.handle(Instant(0), me, Request::CreateStream { stream: "orders".into(), shards: Some(1), mode }, &mut out);
//! let (now, due) = kinesis.next_due().expect("the stream becomes active");
//! kinesis.fire(now, due, &mut out);
//! let (entry, shard) = (Entry::new("customer-7", "paid"), ShardId(0));
//! kinesis.handle(now, me, Request::PutRecord { stream: "orders".into(), entry, sequence_number_for_ordering: None }, &mut out);
//! kinesis.handle(now, me, Request::GetShardIterator { stream: "orders".into(), shard, starting: Starting::TrimHorizon }, &mut out);
//! let Some((_, Reply::Iterator(iterator))) = out.to.pop() else { panic!() };
//! kinesis.handle(now, me, Request::GetRecords { iterator, limit: None }, &mut out);
//! let Some((_, Reply::Records(batch, Some(_)))) = out.to.pop() else { panic!() };
//! assert_eq!(&*batch.records[0].body, "paid");
//! ```
//!
//! # Rules
//! K35. What the service does by itself happens when its time has come: a change of a stream or a
//! consumer is done, a record or a closed shard expires, a record is pushed, a subscription ends.
//! Source: API reference, StreamStatus. Shown by: the test `a_service_at_rest_announces_nothing`.
//!
//! Simplified: one account in one region, and nobody is refused for lack of permission.

pub mod control;
pub mod date;
pub mod error;
pub mod fact;
pub mod fanout;
pub mod hash;
pub mod iterator;
pub mod kcl;
pub mod meter;
pub mod put;
pub mod reply;
pub mod request;
pub mod reshard;
pub mod sequence;
pub mod setting;
pub mod shard;
pub mod stream;
pub mod tools;

use crate::party::Caller;
use crate::server::Server;
use control::Direction;
use error::{Error, Named};
use explore::slot::Slot;
use explore::time::Instant;
use fact::Fact;
use fanout::{SubscriptionId, Subscriptions};
use reply::Reply;
use request::Request;
use setting::Settings;
use shard::{Shard, ShardId};
use std::sync::Arc;
use stream::{Stream, Streams};

type Out = crate::server::Out<Kinesis>;

/// The service, with the streams of one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kinesis {
    settings: Arc<Settings>,
    streams: Slot<Streams>,
    subscriptions: Slot<Subscriptions>,
}

crate::parts! {
    /// A part of the service.
    pub enum Part of Kinesis {
        streams: Streams(Streams),
        subscriptions: Subscriptions(Subscriptions),
    }
}

/// Something the service will do by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// The change of a stream is done.
    StreamChanged(Arc<str>),
    /// The oldest records of a shard, or a closed shard itself, expire.
    Expire(Arc<str>, ShardId),
    /// A consumer becomes ACTIVE.
    ConsumerActive(Arc<str>, Arc<str>),
    /// Records go to a subscribed consumer.
    Push(SubscriptionId),
    /// The five minutes of a subscription are over.
    EndSubscription(SubscriptionId),
}

impl Kinesis {
    /// An account without streams.
    pub fn new(settings: Settings) -> Kinesis {
        Kinesis {
            settings: Arc::new(settings),
            streams: Slot::new(Streams::default()),
            subscriptions: Slot::new(Subscriptions::default()),
        }
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The streams as they are, for tools and tests.
    pub fn streams(&self) -> &Streams {
        self.streams.peek()
    }

    fn named<'a>(&'a self, stream: &'a str) -> Named<'a> {
        Named {
            stream,
            account: &self.settings.account,
        }
    }

    fn stream(&self, name: &str) -> Result<&Stream, Error> {
        let found = self.streams.get(name);
        found.ok_or_else(|| self.named(name).no_stream())
    }

    fn shard_mut(&mut self, stream: &str, id: ShardId) -> Option<&mut Shard> {
        self.streams.0.get_mut(stream)?.shards.get_mut(&id)
    }

    fn answer(
        &mut self,
        now: Instant,
        from: Caller,
        request: Request,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        match request {
            Request::CreateStream {
                stream,
                shards,
                mode,
            } => self.create_stream(now, stream, shards, mode, out),
            Request::DeleteStream {
                stream,
                enforce_consumer_deletion,
            } => self.delete_stream(now, &stream, enforce_consumer_deletion, out),
            Request::ListStreams { after, limit } => self.list_streams(after, limit),
            Request::DescribeStreamSummary { stream } => self.summary(&stream).map(Reply::Summary),
            Request::ListShards {
                stream,
                after,
                limit,
            } => self.list_shards(&stream, after, limit),
            Request::PutRecord {
                stream,
                entry,
                sequence_number_for_ordering,
            } => self.put_record(now, &stream, entry, sequence_number_for_ordering, out),
            Request::PutRecords { stream, entries } => self.put_records(now, &stream, entries, out),
            Request::GetShardIterator {
                stream,
                shard,
                starting,
            } => {
                self.trim(now, &stream, shard, out);
                self.get_shard_iterator(now, stream, shard, &starting)
            }
            Request::GetRecords { iterator, limit } => self.get_records(now, iterator, limit, out),
            Request::SplitShard {
                stream,
                shard,
                new_starting_hash_key,
            } => self.split_shard(now, &stream, shard, &new_starting_hash_key, out),
            Request::MergeShards {
                stream,
                shard,
                adjacent,
            } => self.merge_shards(now, &stream, shard, adjacent, out),
            Request::UpdateShardCount { stream, target } => {
                self.update_shard_count(now, &stream, target, out)
            }
            Request::UpdateStreamMode { stream, mode } => {
                self.update_stream_mode(now, &stream, mode, out)
            }
            Request::IncreaseStreamRetentionPeriod { stream, hours } => {
                self.change_retention(now, &stream, hours, Direction::Increase, out)
            }
            Request::DecreaseStreamRetentionPeriod { stream, hours } => {
                self.change_retention(now, &stream, hours, Direction::Decrease, out)
            }
            Request::RegisterStreamConsumer { stream, consumer } => {
                self.register(now, &stream, consumer, out)
            }
            Request::DeregisterStreamConsumer { stream, consumer } => {
                self.deregister(&stream, &consumer, out)
            }
            Request::DescribeStreamConsumer { stream, consumer } => {
                self.describe_consumer(&stream, &consumer)
            }
            Request::ListStreamConsumers { stream } => self.list_consumers(&stream),
            Request::SubscribeToShard {
                stream,
                consumer,
                shard,
                starting,
            } => {
                self.trim(now, &stream, shard, out);
                let id = SubscriptionId {
                    stream,
                    consumer,
                    shard,
                };
                self.subscribe(now, from, id, &starting, out)
            }
        }
    }
}

impl Server for Kinesis {
    type Request = Request;
    type Reply = Reply;
    type Due = Due;
    type Fact = Fact;

    fn handle(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out) {
        let answer = self.answer(now, from, request, out);
        out.reply(from, answer.unwrap_or_else(Reply::Refused));
    }

    fn dues(&self, _party: u8, each: &mut dyn FnMut(Instant, Due)) {
        for (name, stream) in self.streams.iter() {
            if let Some((at, _)) = stream.change {
                each(at, Due::StreamChanged(Arc::clone(name)));
            }
            for (id, shard) in stream.shards() {
                if let Some(at) = shard.expires(stream.retention()) {
                    each(at, Due::Expire(Arc::clone(name), id));
                }
            }
            for (consumer, state) in &stream.consumers {
                if let Some(at) = state.active_at {
                    let due = Due::ConsumerActive(Arc::clone(name), Arc::clone(consumer));
                    each(at, due);
                }
            }
        }
        self.subscription_dues(each);
    }

    fn fire(&mut self, now: Instant, due: Due, out: &mut Out) {
        match due {
            Due::StreamChanged(name) => {
                let change = self.streams.get(&name).and_then(|one| one.change.clone());
                if let Some((_, change)) = change.filter(|(at, _)| *at <= now) {
                    self.finish(now, &name, change, out);
                }
            }
            Due::Expire(name, shard) => self.trim(now, &name, shard, out),
            Due::ConsumerActive(name, consumer) => self.activate(now, &name, &consumer),
            Due::Push(id) => self.push(now, &id, out),
            Due::EndSubscription(id) => self.end_after_its_time(now, &id, out),
        }
    }

    fn disconnect(&mut self, _: Instant, gone: Caller, _: &mut Out) {
        self.forget(gone);
    }
}
