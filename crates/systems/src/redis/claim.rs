//! XCLAIM and XAUTOCLAIM: pending entries of others become one's own.
//!
//! R30. An entry is claimed only if it was last delivered at least the given number of milliseconds
//! ago. The claim makes it the consumer's, begins its idle time anew and adds one to its deliveries;
//! with JUSTID it adds nothing and answers ids alone. Of two consumers that claim the same entry one
//! after the other the second gets nothing, since the idle time has begun anew. Source: Redis
//! commands, XCLAIM. Shown by: redis-claim-min-idle, redis_streams (xclaim-basic), the test
//! `of_two_claims_one_wins`.
//!
//! R31. IDLE, TIME and RETRYCOUNT set what the claim would; FORCE claims an entry that is in the
//! stream though it is not pending; LASTID moves the group's last delivered id forwards. Source:
//! Redis commands, XCLAIM. Shown by: the test `claims_set_what_they_are_told`.
//!
//! R32. XAUTOCLAIM looks through the pending entries from an id on: at ten times COUNT of them (100,
//! when left out), until it has claimed or dropped COUNT. It answers where to go on, 0-0 at the end.
//! Since 7.0 entries deleted from the stream are dropped from the pending ones, XAUTOCLAIM lists them
//! and counts them. Source: Redis commands, XAUTOCLAIM; a real server. Shown by:
//! redis-autoclaim-cursor, redis_streams (xautoclaim-basic and random-21).

use super::config::Version;
use super::error::Error;
use super::fact::Fact;
use super::group::{At, Group, Pending};
use super::id::StreamId;
use super::reading::see_consumer;
use super::stream::{Log, Stream};
use super::wire::Reply;
use super::words::Words;
use super::{Redis, Step};
use std::sync::Arc;

/// How a pending entry is claimed.
struct Claim<'a> {
    key: &'a Arc<str>,
    group: &'a Arc<str>,
    consumer: &'a Arc<str>,
    min_idle: u64,
    at: At,
    deliveries: Option<u64>,
    force: bool,
    only_id: bool,
    /// Before 7.0 the pending entry of a deleted one is claimed like any other.
    keeps_deleted: bool,
}

/// What came of claiming one entry.
enum Claimed {
    /// It is not pending, or not for long enough.
    No,
    /// It was dropped, being deleted from the stream.
    Dropped,
    /// It was claimed.
    Yes(Reply),
}

impl Claim<'_> {
    fn take(&self, id: StreamId, held: &mut Group, log: &Log, step: &mut Step<'_>) -> Claimed {
        let entry = log.get(id);
        if entry.is_none() && !self.keeps_deleted {
            let Some(dropped) = held.settle(id) else {
                return Claimed::No;
            };
            step.out.tell(Fact::Dropped {
                stream: self.key.clone(),
                group: self.group.clone(),
                consumer: dropped.consumer,
                id,
            });
            return Claimed::Dropped;
        }
        let before = match held.pending().get(&id) {
            Some(pending) if pending.at.idle_ms(step.now) < self.min_idle => return Claimed::No,
            Some(pending) => pending.deliveries,
            None if self.force && entry.is_some() => 1,
            None => return Claimed::No,
        };
        if held.add_consumer(self.consumer, step.now) {
            step.out.tell(Fact::ConsumerCreated {
                stream: self.key.clone(),
                group: self.group.clone(),
                consumer: self.consumer.clone(),
            });
        }
        if let Some(consumer) = held.consumer_mut(self.consumer) {
            consumer.seen = step.now;
            consumer.active = Some(step.now);
        }
        let once_more = before.saturating_add(u64::from(!self.only_id));
        let deliveries = self.deliveries.unwrap_or(once_more);
        let pending = Pending {
            consumer: self.consumer.clone(),
            at: self.at,
            deliveries,
        };
        let previous = held.own(id, pending);
        step.out.tell(Fact::Claimed {
            stream: self.key.clone(),
            group: self.group.clone(),
            consumer: self.consumer.clone(),
            previous,
            id,
            record: entry.and_then(|entry| entry.record),
            deliveries,
        });
        Claimed::Yes(match (self.only_id, entry) {
            (true, _) => Reply::Id(id),
            (false, Some(entry)) => Reply::Entry(id, Some(entry.clone())),
            (false, None) => Reply::Nil,
        })
    }
}

impl Redis {
    /// XCLAIM.
    pub(super) fn xclaim(
        &mut self,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let (key, group, consumer) = (words.word()?, words.word()?, words.word()?);
        self.existing_group(key, group, step)?;
        let min_idle = words.number(Error::ClaimMinIdle)?.max(0).unsigned_abs();
        let mut ids = Vec::new();
        while let Some(id) = words.peek().and_then(|word| StreamId::read(word, 0).ok()) {
            ids.push(id);
            words.word()?;
        }
        let version = self.settings.version;
        let mut claim = Claim {
            key,
            group,
            consumer,
            min_idle,
            at: At::now(step.now),
            deliveries: None,
            force: false,
            only_id: false,
            keeps_deleted: version < Version::V7_0,
        };
        let mut last = StreamId::MIN;
        while let Some(word) = words.peek() {
            if words.takes("FORCE", 0) {
                claim.force = true;
            } else if words.takes("JUSTID", 0) {
                claim.only_id = true;
            } else if words.takes("IDLE", 1) {
                let idle = words.number(Error::ClaimIdle)?.max(0).unsigned_abs();
                claim.at = At::ago(step.now, idle);
            } else if words.takes("TIME", 1) {
                // A time that has not come yet, or is none, is taken as now.
                let time = u64::try_from(words.number(Error::ClaimTime)?).ok();
                let ago = time.and_then(|time| self.unix_ms(step.now).checked_sub(time));
                claim.at = At::ago(step.now, ago.unwrap_or(0));
            } else if words.takes("RETRYCOUNT", 1) {
                claim.deliveries = u64::try_from(words.number(Error::ClaimRetryCount)?).ok();
            } else if words.takes("LASTID", 1) {
                last = StreamId::read(words.word()?, 0)?;
            } else {
                return Err(Error::UnrecognizedClaimOption(word.clone()));
            }
        }
        let Some(Stream { log, groups }) = self.get_mut::<Stream>(key, step.now)? else {
            return Ok(Reply::List(Vec::new()));
        };
        let Some(held) = groups.get_mut(group) else {
            return Ok(Reply::List(Vec::new()));
        };
        if version >= Version::V7_2 {
            see_consumer(held, (key, group, consumer), step.now, step.out);
        }
        held.last = held.last.max(last);
        let mut claimed = Vec::new();
        for id in ids {
            if let Claimed::Yes(reply) = claim.take(id, held, log, step) {
                claimed.push(reply);
            }
        }
        Ok(Reply::List(claimed))
    }

    /// XAUTOCLAIM.
    pub(super) fn xautoclaim(
        &mut self,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let (key, group, consumer) = (words.word()?, words.word()?, words.word()?);
        let min_idle = words.number(Error::AutoClaimMinIdle)?.max(0).unsigned_abs();
        let start = StreamId::read_start(words.word()?)?;
        let (mut count, mut only_id) = (100u64, false);
        while !words.is_empty() {
            if words.takes("COUNT", 1) {
                let most = words.number(Error::CountNotPositive)?;
                count = u64::try_from(most)
                    .ok()
                    .filter(|count| *count > 0)
                    .ok_or(Error::CountNotPositive)?;
            } else if words.takes("JUSTID", 0) {
                only_id = true;
            } else {
                return Err(Error::Syntax);
            }
        }
        self.existing_group(key, group, step)?;
        let version = self.settings.version;
        let claim = Claim {
            key,
            group,
            consumer,
            min_idle,
            at: At::now(step.now),
            deliveries: None,
            force: false,
            only_id,
            keeps_deleted: version < Version::V7_0,
        };
        let stream = self.get_mut::<Stream>(key, step.now)?;
        let Some(Stream { log, groups }) = stream else {
            return Err(Error::NoKey);
        };
        let Some(held) = groups.get_mut(group) else {
            return Err(Error::NoKey);
        };
        if version >= Version::V7_2 {
            see_consumer(held, (key, group, consumer), step.now, step.out);
        }
        let (mut claimed, mut dropped) = (Vec::new(), Vec::new());
        let mut attempts = count.saturating_mul(10);
        let mut next = held.pending().range(start..).next().map(|(id, _)| *id);
        while let Some(id) = next {
            if attempts == 0 || count == 0 {
                break;
            }
            attempts -= 1;
            match claim.take(id, held, log, step) {
                Claimed::No => {}
                Claimed::Dropped => {
                    dropped.push(Reply::Id(id));
                    count -= 1;
                }
                Claimed::Yes(reply) => {
                    claimed.push(reply);
                    count -= 1;
                }
            }
            let after = id.next();
            next = after.and_then(|after| Some(*held.pending().range(after..).next()?.0));
        }
        let next = Reply::Id(next.unwrap_or(StreamId::MIN));
        let mut reply = vec![next, Reply::List(claimed)];
        if version >= Version::V7_0 {
            reply.push(Reply::List(dropped));
        }
        Ok(Reply::List(reply))
    }
}
