//! The commands on groups: XGROUP and XACK.
//!
//! R26. A group needs a stream, which MKSTREAM makes; its name is taken once (BUSYGROUP). It begins
//! after an id: `0` for everything, `$` for what comes from now on. SETID moves it, forwards or back;
//! DESTROY removes it with all that is pending. Source: Redis commands, XGROUP CREATE and the others.
//! Shown by: redis-group-errors, redis-group-start-positions, redis_streams.
//!
//! R27. DELCONSUMER answers how many entries were pending for the consumer, and throws them away: the
//! group never gives them to anybody again. Source: Redis commands, XGROUP DELCONSUMER. Shown by:
//! redis_streams (delconsumer-drops-pel), the test `deleting_a_consumer_loses_what_it_had`.
//!
//! R28. XACK takes entries off the pending list and counts only those that were on it. It fails as a
//! whole when one of the ids is none; a stream or group that is not there has nothing to acknowledge.
//! Source: Redis commands, XACK. Shown by: redis_streams (ack-invalid-id),
//! redis-pending-idle-deliveries, redis-group-errors.

use super::config::Version;
use super::error::Error;
use super::fact::Fact;
use super::group::Group;
use super::id::StreamId;
use super::stream::Stream;
use super::streams::ids;
use super::wire::Reply;
use super::words::Words;
use super::{Redis, Step};
use std::sync::Arc;

impl Redis {
    /// XGROUP.
    pub(super) fn xgroup(
        &mut self,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let subcommand = words.word()?;
        let name = subcommand.to_ascii_lowercase();
        let unknown = || Error::UnknownSubcommand {
            command: "XGROUP",
            subcommand: subcommand.clone(),
        };
        let (least, most) = match &*name {
            "create" => (3, 6),
            "setid" => (3, 5),
            "destroy" => (2, 2),
            "createconsumer" | "delconsumer" => (3, 3),
            _ => return Err(unknown()),
        };
        if words.len() < least || words.len() > most {
            return Err(match self.settings.version >= Version::V7_0 {
                true => Error::Arity(format!("xgroup|{name}").into()),
                false => unknown(),
            });
        }
        let (key, group) = (words.word()?, words.word()?);
        if name == "create" {
            return self.create_group(key, group, words, step);
        }
        let stream = self.get_mut::<Stream>(key, step.now)?;
        let stream = stream.ok_or(Error::GroupNeedsKey)?;
        if name == "destroy" {
            let Some(gone) = stream.groups.remove(group) else {
                return Ok(Reply::Integer(0));
            };
            step.out.tell(Fact::GroupDestroyed {
                stream: key.clone(),
                group: group.clone(),
                pending: gone.pending().len() as u64,
            });
            // Who waits for its entries must learn of it.
            step.ready.push(key.clone());
            return Ok(Reply::Integer(1));
        }
        let Stream { log, groups } = stream;
        let held = groups.get_mut(group).ok_or_else(|| Error::NoGroup {
            key: key.clone(),
            group: group.clone(),
        })?;
        let word = words.word()?;
        match &*name {
            "setid" => {
                let id = match &**word {
                    "$" => log.last,
                    word => StreamId::read_or_sign(word, 0)?,
                };
                let (_, read) = group_options(false, words)?;
                held.last = id;
                held.entries_read = read;
                step.out.tell(Fact::GroupMoved {
                    stream: key.clone(),
                    group: group.clone(),
                    last_delivered: id,
                });
                Ok(Reply::Status("OK"))
            }
            "createconsumer" => {
                let is_new = held.add_consumer(word, step.now);
                if is_new {
                    step.out.tell(Fact::ConsumerCreated {
                        stream: key.clone(),
                        group: group.clone(),
                        consumer: word.clone(),
                    });
                }
                Ok(Reply::Integer(is_new.into()))
            }
            _ => {
                let is_there = held.consumers().contains_key(word);
                let lost = held.delete_consumer(word);
                if is_there {
                    let entries = lost.iter().filter_map(|id| log.get(*id));
                    step.out.tell(Fact::ConsumerDeleted {
                        stream: key.clone(),
                        group: group.clone(),
                        consumer: word.clone(),
                        lost: entries.filter_map(|entry| entry.record).collect(),
                    });
                }
                Ok(Reply::count(lost.len()))
            }
        }
    }

    fn create_group(
        &mut self,
        key: &Arc<str>,
        group: &Arc<str>,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let start = words.word()?;
        let (make, read) = group_options(true, words)?;
        let stream = self.get::<Stream>(key, step.now)?;
        if stream.is_none() && !make {
            return Err(Error::GroupNeedsKey);
        }
        let id = match &**start {
            "$" => stream.map_or(StreamId::MIN, |stream| stream.log.last),
            start => StreamId::read(start, 0)?,
        };
        let stream: &mut Stream = self.keys_mut(key).get_or_make(key, step.now)?;
        if stream.groups.contains_key(group) {
            return Err(Error::BusyGroup);
        }
        stream.groups.insert(group.clone(), Group::new(id, read));
        step.out.tell(Fact::GroupCreated {
            stream: key.clone(),
            group: group.clone(),
            last_delivered: id,
        });
        Ok(Reply::Status("OK"))
    }

    /// XACK.
    pub(super) fn xack(
        &mut self,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let (key, group) = (words.word()?, words.word()?);
        let Some(Stream { log, groups }) = self.get_mut::<Stream>(key, step.now)? else {
            return Ok(Reply::Integer(0));
        };
        let Some(held) = groups.get_mut(group) else {
            return Ok(Reply::Integer(0));
        };
        let mut acknowledged = 0u64;
        for id in ids(words)? {
            let Some(pending) = held.settle(id) else {
                continue;
            };
            acknowledged += 1;
            step.out.tell(Fact::Acknowledged {
                stream: key.clone(),
                group: group.clone(),
                consumer: pending.consumer,
                id,
                record: log.get_near(id, held.near).and_then(|entry| entry.record),
            });
        }
        Ok(Reply::count(acknowledged))
    }
}

/// MKSTREAM and ENTRIESREAD.
fn group_options(creates: bool, mut words: Words<'_>) -> Result<(bool, Option<u64>), Error> {
    let (mut make, mut read) = (false, None);
    while !words.is_empty() {
        if creates && words.takes("MKSTREAM", 0) {
            make = true;
        } else if words.takes("ENTRIESREAD", 1) {
            let count = words.number(Error::NotAnInteger)?;
            if count < -1 {
                return Err(Error::EntriesReadNegative);
            }
            read = u64::try_from(count).ok();
        } else {
            return Err(Error::Syntax);
        }
    }
    Ok((make, read))
}
