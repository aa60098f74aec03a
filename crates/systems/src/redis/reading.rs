//! XREAD and XREADGROUP.
//!
//! R19. XREAD gives the entries after an id, or after the stream's last (`$`); it consumes nothing,
//! and each reader keeps its own place. XREADGROUP with `>` gives the group's new entries; with an id
//! it gives the consumer's own pending entries after it and nothing else, counting one more delivery
//! of each, and deleted ones without fields. Source: Redis commands, XREAD and XREADGROUP. Shown by:
//! redis-xread-fanout, redis-group-read-new-vs-history, redis_streams.
//!
//! R20. With NOACK new entries count as delivered but do not become pending: what the consumer loses
//! is lost. Source: Redis commands, XREADGROUP. Shown by: redis-noack, redis_streams, the test
//! `noack_leaves_nothing_pending`.
//!
//! R21. A consumer becomes known when it is first given something, or asks for its history; since 7.2
//! with its first attempt. Source: Redis commands, XREADGROUP; a real server. Shown by: redis_streams
//! (random-11).

use super::config::Version;
use super::error::Error;
use super::fact::Fact;
use super::group::{At, Group, Pending};
use super::id::StreamId;
use super::stream::{Log, Stream};
use super::waiting::Wanted;
use super::wire::Reply;
use super::words::Words;
use super::{Answer, Out, Redis, Step};
use explore::time::{Instant, Span};
use std::sync::Arc;

/// A read of streams.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Read {
    pub(super) by: Option<Reader>,
    /// At most so many entries of each stream; 0 is all.
    count: u64,
    /// The streams, and after which id; nothing is the group's new entries.
    pub(super) streams: Vec<(Arc<str>, Option<StreamId>)>,
}

/// Who reads for a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reader {
    pub(super) group: Arc<str>,
    consumer: Arc<str>,
    noack: bool,
}

/// How many entries a read gives that had to wait and has no COUNT.
const BLOCKED_COUNT: u64 = 1_000;

/// The time that a client would wait, in milliseconds.
pub(super) fn timeout(words: &mut Words<'_>) -> Result<u64, Error> {
    let ms = words.number(Error::TimeoutNotInteger)?;
    u64::try_from(ms).map_err(|_| Error::TimeoutNegative)
}

/// Until when a client waits; a time-out of 0 never ends.
pub(super) fn until(now: Instant, timeout_ms: u64) -> Option<Instant> {
    (timeout_ms > 0).then(|| now + Span::from_ms(timeout_ms))
}

impl Redis {
    /// XREAD, XREADGROUP.
    pub(super) fn xread(
        &mut self,
        for_group: bool,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Answer {
        let (mut block, mut count, mut group, mut noack) = (None, 0, None, false);
        let places = loop {
            if words.takes("BLOCK", 1) {
                block = Some(timeout(&mut words)?);
            } else if words.takes("COUNT", 1) {
                count = words.number(Error::NotAnInteger)?.max(0).unsigned_abs();
            } else if words.takes("STREAMS", 1) {
                break words;
            } else if words.takes("GROUP", 2) {
                if !for_group {
                    return Err(Error::GroupInRead);
                }
                group = Some((words.word()?.clone(), words.word()?.clone()));
            } else if words.takes("NOACK", 0) {
                if !for_group {
                    return Err(Error::NoAckInRead);
                }
                noack = true;
            } else {
                return Err(Error::Syntax);
            }
        };
        if places.len() % 2 != 0 {
            return Err(match for_group {
                true => Error::UnbalancedReadGroup,
                false => Error::UnbalancedRead,
            });
        }
        if for_group && group.is_none() {
            return Err(Error::MissingGroup);
        }
        let by = group.map(|(group, consumer)| Reader {
            group,
            consumer,
            noack,
        });
        let (keys, ids) = places.0.split_at(places.len() / 2);
        let mut read = Read {
            by,
            count,
            streams: Vec::new(),
        };
        for (key, id) in keys.iter().zip(ids) {
            let after = self.read_place(key, id, read.by.as_ref(), step.now)?;
            read.streams.push((key.clone(), after));
        }
        self.meet_consumer(&read, step)?;
        let mut found = Vec::new();
        for (key, after) in &read.streams {
            found.extend(self.read_stream(&read, key, *after, step.now, step.out)?);
        }
        if !found.is_empty() {
            return Ok(Some(Reply::List(found)));
        }
        let Some(timeout) = block else {
            return Ok(Some(Reply::Nil));
        };
        if read.count == 0 {
            read.count = BLOCKED_COUNT;
        }
        let until = until(step.now, timeout);
        self.waiting.begin(step.from, until, Wanted::Entries(read));
        step.out.tell(Fact::Blocked {
            client: step.client(),
        });
        Ok(None)
    }

    /// After which id a stream is read; nothing stands for a group's new entries.
    fn read_place(
        &self,
        key: &Arc<str>,
        id: &str,
        by: Option<&Reader>,
        now: Instant,
    ) -> Result<Option<StreamId>, Error> {
        let stream = self.get::<Stream>(key, now)?;
        if let Some(by) = by
            && stream.is_none_or(|stream| !stream.groups.contains_key(&by.group))
        {
            return Err(Error::NoGroupToRead {
                key: key.clone(),
                group: by.group.clone(),
            });
        }
        match (id, by) {
            ("$", Some(_)) => Err(Error::DollarInGroup),
            ("$", None) => Ok(Some(stream.map_or(StreamId::MIN, |one| one.log.last))),
            (">", Some(_)) => Ok(None),
            (">", None) => Err(Error::GreaterInRead),
            (id, _) => StreamId::read(id, 0).map(Some),
        }
    }

    /// Since 7.2 a consumer is known, and seen, when it asks.
    fn meet_consumer(&mut self, read: &Read, step: &mut Step<'_>) -> Result<(), Error> {
        let Some(by) = read.by.as_ref() else {
            return Ok(());
        };
        if self.settings.version < Version::V7_2 {
            return Ok(());
        }
        for (key, _) in &read.streams {
            let stream = self.get_mut::<Stream>(key, step.now)?;
            if let Some(held) = stream.and_then(|stream| stream.groups.get_mut(&by.group)) {
                see_consumer(held, (key, &by.group, &by.consumer), step.now, step.out);
            }
        }
        Ok(())
    }

    /// What a read finds in one stream now: the stream's name with the entries.
    pub(super) fn read_stream(
        &mut self,
        read: &Read,
        key: &Arc<str>,
        after: Option<StreamId>,
        now: Instant,
        out: &mut Out<Redis>,
    ) -> Result<Option<Reply>, Error> {
        let Some(stream) = self.get::<Stream>(key, now)? else {
            return Ok(None);
        };
        let most = match read.count {
            0 => usize::MAX,
            count => usize::try_from(count).unwrap_or(usize::MAX),
        };
        let entries = match (&read.by, after) {
            (None, after) => {
                let Some(start) = after.and_then(StreamId::next) else {
                    return Ok(None);
                };
                let found: Vec<Reply> = stream
                    .log
                    .range(start, StreamId::MAX)
                    .take(most)
                    .map(|(id, entry)| {
                        out.tell(Fact::Read {
                            stream: key.clone(),
                            id,
                            record: entry.record,
                        });
                        Reply::Entry(id, Some(entry.clone()))
                    })
                    .collect();
                if found.is_empty() {
                    return Ok(None);
                }
                found
            }
            (Some(by), after) => {
                let group = stream.groups.get(&by.group);
                let has_new =
                    group.is_some_and(|group| stream.log.top().is_some_and(|top| top > group.last));
                if group.is_none() || after.is_none() && !has_new {
                    return Ok(None);
                }
                let stream = self.keys.slot_mut(key).get_mut::<Stream>(key, now)?;
                let Some(Stream { log, groups }) = stream else {
                    return Ok(None);
                };
                let Some(group) = groups.get_mut(&by.group) else {
                    return Ok(None);
                };
                see_consumer(group, (key, &by.group, &by.consumer), now, out);
                match after {
                    None => by.deliver(group, log, (key, most), now, out),
                    Some(after) => by.history(group, log, (key, most), after, now, out),
                }
            }
        };
        let name = Reply::Text(key.clone());
        Ok(Some(Reply::List(vec![name, Reply::List(entries)])))
    }
}

/// Makes a consumer known, and notes that it asked: a stream's key, the group's name and its own.
pub(super) fn see_consumer(
    held: &mut Group,
    (stream, group, consumer): (&Arc<str>, &Arc<str>, &Arc<str>),
    now: Instant,
    out: &mut Out<Redis>,
) {
    if let Some(known) = held.consumer_mut(consumer) {
        known.seen = now;
    } else if held.add_consumer(consumer, now) {
        out.tell(Fact::ConsumerCreated {
            stream: stream.clone(),
            group: group.clone(),
            consumer: consumer.clone(),
        });
    }
}

impl Reader {
    /// Gives a group's new entries to a consumer.
    fn deliver(
        &self,
        group: &mut Group,
        log: &Log,
        (key, most): (&Arc<str>, usize),
        now: Instant,
        out: &mut Out<Redis>,
    ) -> Vec<Reply> {
        let start = group.last.next().unwrap_or(StreamId::MAX);
        let mut found = Vec::new();
        for (id, entry) in log.onward(start, &mut group.near).take(most) {
            group.advance(id, log);
            if !self.noack {
                let pending = Pending {
                    consumer: self.consumer.clone(),
                    at: At::now(now),
                    deliveries: 1,
                };
                group.own(id, pending);
            }
            out.tell(Fact::Delivered {
                stream: key.clone(),
                group: self.group.clone(),
                consumer: self.consumer.clone(),
                id,
                record: entry.record,
                pending: !self.noack,
            });
            found.push(Reply::Entry(id, Some(entry.clone())));
        }
        if let Some(consumer) = group.consumer_mut(&self.consumer) {
            consumer.active = Some(now);
        }
        found
    }

    /// Gives a consumer its own pending entries again.
    fn history(
        &self,
        group: &mut Group,
        log: &Log,
        (key, most): (&Arc<str>, usize),
        after: StreamId,
        now: Instant,
        out: &mut Out<Redis>,
    ) -> Vec<Reply> {
        let Some(start) = after.next() else {
            return Vec::new();
        };
        let consumer = group.consumers().get(&self.consumer);
        let own = consumer
            .into_iter()
            .flat_map(|one| one.pending().range(start..));
        let ids: Vec<StreamId> = own.take(most).copied().collect();
        let mut found = Vec::new();
        for id in ids {
            let entry = log.get(id).cloned();
            if let Some(entry) = &entry
                && let Some(deliveries) = group.deliver_again(id, now)
            {
                out.tell(Fact::HistoryRead {
                    stream: key.clone(),
                    group: self.group.clone(),
                    consumer: self.consumer.clone(),
                    id,
                    record: entry.record,
                    deliveries,
                });
            }
            found.push(Reply::Entry(id, entry));
        }
        if let Some(consumer) = group.consumer_mut(&self.consumer)
            && !found.is_empty()
        {
            consumer.active = Some(now);
        }
        found
    }
}
