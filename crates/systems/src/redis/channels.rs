//! Publish and subscribe.
//!
//! R17. A published message goes to those who are subscribed at that moment, and to nobody else:
//! nothing is kept. A client with the channel and a matching pattern, or with two matching patterns,
//! gets it once for each; PUBLISH tells how often it was sent. Source: Redis manual, "Redis Pub/Sub".
//! Shown by: redis-pubsub-offline-misses, redis_psubscribe_glob, the test
//! `a_message_comes_once_for_each_matching_subscription`.
//!
//! R18. A connection with subscriptions can only subscribe, unsubscribe and PING. PUBSUB CHANNELS and
//! NUMSUB leave patterns out, NUMPAT counts different patterns. Sharded channels are apart from the
//! others. Source: Redis commands, SUBSCRIBE, PUBSUB NUMPAT, SSUBSCRIBE. Shown by: the test
//! `pubsub_counts_channels_and_patterns`.
//!
//! Simplified: where Redis lists channels and patterns in the order of a hash table, they are listed
//! by name, and patterns in the order of their first subscription.

use super::error::Error;
use super::fact::Fact;
use super::glob::matches;
use super::output::Subject;
use super::wire::{Element, Reply};
use super::words::Words;
use super::{Redis, Step, config::Version};
use crate::party::{Caller, ClientId};
use std::sync::Arc;

impl Redis {
    /// SUBSCRIBE, UNSUBSCRIBE and their like for patterns and shards; each name is answered by
    /// itself.
    pub(super) fn subscription(&mut self, command: &str, words: Words<'_>, step: &mut Step<'_>) {
        let (subject, is_leaving) = match command {
            "subscribe" => (Subject::Channel, false),
            "psubscribe" => (Subject::Pattern, false),
            "ssubscribe" => (Subject::Shard, false),
            "unsubscribe" => (Subject::Channel, true),
            "punsubscribe" => (Subject::Pattern, true),
            _ => (Subject::Shard, true),
        };
        let mut names = words.0.to_vec();
        let is_all = is_leaving && names.is_empty();
        if is_all {
            let held = self.connections.subjects(step.from).iter();
            names = held
                .filter(|(one, _)| *one == subject)
                .map(|(_, name)| name.clone())
                .collect();
        }
        let is_sharded = subject == Subject::Shard;
        let client = step.client();
        for name in &names {
            let channel = name.clone();
            let connections = &mut *self.connections;
            if is_leaving {
                if connections.unsubscribe(step.from, subject, name) {
                    step.out.tell(Fact::Unsubscribed { client, channel });
                }
            } else if connections.subscribe(step.from, subject, name) {
                step.out.tell(Fact::Subscribed { client, channel });
            }
            let count = connections.count(step.from, is_sharded);
            let name = Reply::Text(name.clone());
            let reply = vec![Reply::text(command), name, Reply::count(count)];
            self.send(step.now, step.from, Reply::List(reply), step.out);
        }
        if is_all && names.is_empty() {
            let count = Reply::count(self.connections.count(step.from, is_sharded));
            let reply = Reply::List(vec![Reply::text(command), Reply::Nil, count]);
            self.send(step.now, step.from, reply, step.out);
        }
    }

    /// PING.
    pub(super) fn ping(&self, words: Words<'_>, from: Caller) -> Result<Reply, Error> {
        let text = words.peek().cloned();
        if self.connections.is_subscribed(from) {
            let text = text.unwrap_or_else(|| Arc::from(""));
            return Ok(Reply::List(vec![Reply::text("pong"), Reply::Text(text)]));
        }
        Ok(text.map_or(Reply::Status("PONG"), Reply::Text))
    }

    /// PUBLISH, SPUBLISH.
    pub(super) fn publish(
        &mut self,
        sharded: bool,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let (channel, text) = (words.word()?, words.word()?);
        let message = Reply::Element(Element {
            text: text.clone(),
            record: step.record(0),
        });
        let name = Reply::Text(channel.clone());
        let mut messages: Vec<(Caller, Reply)> = Vec::new();
        let (subject, kind) = match sharded {
            true => (Subject::Shard, "smessage"),
            false => (Subject::Channel, "message"),
        };
        for receiver in self.connections.receivers(subject, channel) {
            let reply = vec![Reply::text(kind), name.clone(), message.clone()];
            messages.push((*receiver, Reply::List(reply)));
        }
        if !sharded {
            let patterns = self.connections.names(Subject::Pattern);
            for pattern in patterns.iter().filter(|one| matches(one, channel)) {
                for receiver in self.connections.receivers(Subject::Pattern, pattern) {
                    let pattern = Reply::Text(pattern.clone());
                    let reply = vec![
                        Reply::text("pmessage"),
                        pattern,
                        name.clone(),
                        message.clone(),
                    ];
                    messages.push((*receiver, Reply::List(reply)));
                }
            }
        }
        let receivers = messages.len();
        step.out.tell(Fact::Published {
            channel: channel.clone(),
            record: step.record(0),
            receivers: receivers as u64,
        });
        for (receiver, reply) in messages {
            // The connection may have been closed by what it was sent just before.
            if self.connections.is_subscribed(receiver) {
                self.send(step.now, receiver, reply, step.out);
            }
        }
        Ok(Reply::count(receivers))
    }

    /// PUBSUB.
    pub(super) fn pubsub(&self, mut words: Words<'_>) -> Result<Reply, Error> {
        let subcommand = words.word()?;
        let name = subcommand.to_ascii_lowercase();
        let is_7 = self.settings.version >= Version::V7_0;
        let connections = &self.connections;
        let channels = |subject, words: Words<'_>| {
            let pattern = words.peek();
            let names = connections.names(subject).into_iter();
            let names = names.filter(|name| pattern.is_none_or(|pattern| matches(pattern, name)));
            Reply::List(names.map(Reply::Text).collect())
        };
        let counts = |subject, words: Words<'_>| {
            let pairs = words.0.iter().flat_map(|name| {
                let count = connections.receivers(subject, name).len();
                [Reply::Text(name.clone()), Reply::count(count)]
            });
            Reply::List(pairs.collect())
        };
        match &*name {
            "channels" if words.len() <= 1 => Ok(channels(Subject::Channel, words)),
            "shardchannels" if words.len() <= 1 && is_7 => Ok(channels(Subject::Shard, words)),
            "numsub" => Ok(counts(Subject::Channel, words)),
            "shardnumsub" if is_7 => Ok(counts(Subject::Shard, words)),
            "numpat" if words.is_empty() => {
                Ok(Reply::count(connections.names(Subject::Pattern).len()))
            }
            _ => Err(Error::UnknownSubcommand {
                command: "PUBSUB",
                subcommand: subcommand.clone(),
            }),
        }
    }

    /// How many bytes wait for a client that does not read.
    pub fn waiting_bytes(&self, who: Caller) -> u64 {
        self.connections.waiting_bytes(who)
    }

    /// Whose connections are subscribed to a channel by name.
    pub fn subscribers(&self, channel: &Arc<str>) -> Vec<ClientId> {
        let receivers = self.connections.receivers(Subject::Channel, channel);
        receivers.iter().map(|who| ClientId(who.client)).collect()
    }
}
