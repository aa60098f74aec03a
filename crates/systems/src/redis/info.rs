//! XINFO: what a stream, its groups and their consumers look like.
//!
//! R33. XINFO STREAM has the stream's counts with its first and last entry; with FULL it has entries
//! and what is pending for each group and consumer instead, ten of each unless COUNT says otherwise
//! (0 for all). XINFO GROUPS has each group's place; XINFO CONSUMERS how much is pending for each
//! consumer and when it was last seen. Groups and consumers come by name. Source: Redis commands,
//! XINFO STREAM, XINFO GROUPS, XINFO CONSUMERS. Shown by: redis_streams, the test
//! `xinfo_is_printed_as_redis_cli_does`.
//!
//! Simplified: radix-tree-nodes is one more than radix-tree-keys.

use super::config::Version;
use super::error::Error;
use super::group::Group;
use super::stream::{Log, Stream};
use super::wire::Reply;
use super::words::Words;
use super::{Redis, Step, StreamId};
use explore::time::Instant;
use std::sync::Arc;

/// Names with values, in turn.
struct Fields(Vec<Reply>);

impl Fields {
    fn put(&mut self, name: &str, value: Reply) {
        self.0.extend([Reply::text(name), value]);
    }
}

/// A number that may be unknown.
fn known(number: Option<i64>) -> Reply {
    number.map_or(Reply::Nil, Reply::Integer)
}

impl Redis {
    /// XINFO.
    pub(super) fn xinfo(&self, mut words: Words<'_>, step: &Step<'_>) -> Result<Reply, Error> {
        let subcommand = words.word()?;
        let name = subcommand.to_ascii_lowercase();
        let is_fitting = match &*name {
            "stream" => (1..=4).contains(&words.len()),
            "groups" => words.len() == 1,
            "consumers" => words.len() == 2,
            _ => false,
        };
        if !is_fitting {
            return Err(Error::UnknownSubcommand {
                command: "XINFO",
                subcommand: subcommand.clone(),
            });
        }
        let key = words.word()?;
        let stream = self.get::<Stream>(key, step.now)?.ok_or(Error::NoKey)?;
        match &*name {
            "stream" => self.stream_info(stream, words, step.now),
            "groups" => {
                let groups = stream.groups.iter();
                let groups = groups.map(|(name, group)| self.group_info(name, group, &stream.log));
                Ok(Reply::List(groups.collect()))
            }
            _ => {
                let group = words.word()?;
                let held = stream.groups.get(group).ok_or_else(|| Error::NoGroup {
                    key: key.clone(),
                    group: group.clone(),
                })?;
                Ok(self.consumers_info(held, step.now))
            }
        }
    }

    fn group_info(&self, name: &Arc<str>, group: &Group, log: &Log) -> Reply {
        let mut fields = Fields(Vec::new());
        fields.put("name", Reply::Text(name.clone()));
        fields.put("consumers", Reply::count(group.consumers().len()));
        fields.put("pending", Reply::count(group.pending().len()));
        fields.put("last-delivered-id", Reply::Id(group.last));
        if self.settings.version >= Version::V7_0 {
            fields.put("entries-read", entries_read(group));
            fields.put("lag", known(group.lag(log)));
        }
        Reply::List(fields.0)
    }

    fn consumers_info(&self, group: &Group, now: Instant) -> Reply {
        let consumers = group.consumers().iter().map(|(name, consumer)| {
            let mut fields = Fields(Vec::new());
            fields.put("name", Reply::Text(name.clone()));
            fields.put("pending", Reply::count(consumer.pending().len()));
            let ago = |then: Instant| now.ms().saturating_sub(then.ms());
            fields.put("idle", Reply::count(ago(consumer.seen)));
            if self.settings.version >= Version::V7_2 {
                let inactive = consumer.active.map(ago);
                fields.put(
                    "inactive",
                    inactive.map_or(Reply::Integer(-1), Reply::count),
                );
            }
            Reply::List(fields.0)
        });
        Reply::List(consumers.collect())
    }

    fn stream_info(
        &self,
        stream: &Stream,
        mut words: Words<'_>,
        now: Instant,
    ) -> Result<Reply, Error> {
        let mut full = None;
        if !words.is_empty() {
            if !words.takes("FULL", 0) {
                return Err(Error::Syntax);
            }
            let mut count = 10;
            if !words.is_empty() {
                if !words.takes("COUNT", 1) {
                    return Err(Error::Syntax);
                }
                count = words.number(Error::NotAnInteger)?;
                if !words.is_empty() {
                    return Err(Error::Syntax);
                }
                if count < 0 {
                    count = 10;
                }
            }
            full = Some(match count {
                0 => usize::MAX,
                count => usize::try_from(count).unwrap_or(usize::MAX),
            });
        }
        let Stream { log, groups } = stream;
        let mut fields = Fields(Vec::new());
        fields.put("length", Reply::count(log.len()));
        fields.put("radix-tree-keys", Reply::count(log.nodes()));
        fields.put("radix-tree-nodes", Reply::count(log.nodes() + 1));
        fields.put("last-generated-id", Reply::Id(log.last));
        if self.settings.version >= Version::V7_0 {
            fields.put("max-deleted-entry-id", Reply::Id(log.max_deleted));
            fields.put("entries-added", Reply::count(log.added));
            fields.put("recorded-first-entry-id", Reply::Id(log.first()));
        }
        let mut entries = log.range(StreamId::MIN, StreamId::MAX);
        if let Some(most) = full {
            let entries = entries.map(|(id, entry)| Reply::Entry(id, Some(entry.clone())));
            fields.put("entries", Reply::List(entries.take(most).collect()));
            let groups = groups.iter();
            let groups = groups.map(|(name, group)| self.full_group(name, group, log, most, now));
            fields.put("groups", Reply::List(groups.collect()));
        } else {
            fields.put("groups", Reply::count(groups.len()));
            let mut edge = |name, found: Option<(StreamId, &super::Entry)>| {
                let entry = found.map(|(id, entry)| Reply::Entry(id, Some(entry.clone())));
                fields.put(name, entry.unwrap_or(Reply::Nil));
            };
            edge("first-entry", entries.next());
            let mut entries = log.range(StreamId::MIN, StreamId::MAX);
            edge("last-entry", entries.next_back());
        }
        Ok(Reply::List(fields.0))
    }

    fn full_group(
        &self,
        name: &Arc<str>,
        group: &Group,
        log: &Log,
        most: usize,
        now: Instant,
    ) -> Reply {
        let unix = |ago: u64| Reply::count(self.unix_ms(now).saturating_sub(ago));
        let version = self.settings.version;
        let mut fields = Fields(Vec::new());
        fields.put("name", Reply::Text(name.clone()));
        fields.put("last-delivered-id", Reply::Id(group.last));
        if version >= Version::V7_0 {
            fields.put("entries-read", entries_read(group));
            fields.put("lag", known(group.lag(log)));
        }
        fields.put("pel-count", Reply::count(group.pending().len()));
        let pending = group.pending().iter().take(most).map(|(id, pending)| {
            Reply::List(vec![
                Reply::Id(*id),
                Reply::Text(pending.consumer.clone()),
                unix(pending.at.idle_ms(now)),
                Reply::count(pending.deliveries),
            ])
        });
        fields.put("pel", Reply::List(pending.collect()));
        let consumers = group.consumers().iter().map(|(name, consumer)| {
            let mut fields = Fields(Vec::new());
            let ago = |then: Instant| unix(now.ms().saturating_sub(then.ms()));
            fields.put("name", Reply::Text(name.clone()));
            fields.put("seen-time", ago(consumer.seen));
            if version >= Version::V7_2 {
                let active = consumer.active.map_or(Reply::Integer(-1), ago);
                fields.put("active-time", active);
            }
            fields.put("pel-count", Reply::count(consumer.pending().len()));
            let own = consumer.pending().iter().take(most);
            let own = own.filter_map(|id| {
                let pending = group.pending().get(id)?;
                Some(Reply::List(vec![
                    Reply::Id(*id),
                    unix(pending.at.idle_ms(now)),
                    Reply::count(pending.deliveries),
                ]))
            });
            fields.put("pel", Reply::List(own.collect()));
            Reply::List(fields.0)
        });
        fields.put("consumers", Reply::List(consumers.collect()));
        Reply::List(fields.0)
    }
}

fn entries_read(group: &Group) -> Reply {
    group.entries_read.map_or(Reply::Nil, Reply::count)
}
