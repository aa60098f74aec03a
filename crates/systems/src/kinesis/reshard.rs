//! Resharding: splitting and merging shards.
//!
//! # Rules
//! K22. A split at hash key h replaces a shard by one of the range up to h - 1 and one from h on;
//! a merge replaces two neighbours by one of their whole range, with both as parents. Parents are
//! closed, keep their records and end; numbers of shards go on counting. Source: API reference,
//! SplitShard, MergeShards. Shown by: kinesis-split, kinesis-merge.
//!
//! K23. A split needs an open shard, and a hash key greater than one plus the start of its range and
//! less than its end. A merge needs two open shards, the lower one named first, the other one right
//! after it. Source: API reference, SplitShard and MergeShards; the bounds stand in the words of the
//! service's own errors. Shown by: the test `what_cannot_be_resharded_is_refused`.
//!
//! K24. New records of a key go to the child; who reads a parent to its end before its children keeps
//! the order of each key, and who reads the children first does not. Source: developer guide,
//! "Data routing, data persistence, and shard state after a reshard". Shown by: kinesis-reshard-order.
//!
//! K25. UpdateShardCount splits and merges until so many shards divide the hash space evenly, on the
//! way of which short-lived shards come and go; at most the double, at least the half of the open
//! shards, ten times in 24 hours. Source: API reference, UpdateShardCount. Shown by:
//! the test `update_shard_count_divides_the_hash_space_evenly`.
//!
//! K26. Shards of an on-demand stream are not split, merged or counted by its owner; a stream's mode
//! changes at most twice in 24 hours. Source: API reference, UpdateStreamMode. Shown by:
//! the test `an_on_demand_stream_is_not_resharded`.

use super::error::Error;
use super::fact::Fact;
use super::hash::{HashKey, HashKeyRange, NoHashKey};
use super::reply::Reply;
use super::shard::{Shard, ShardId};
use super::stream::{Change, Mode, Status, Stream};
use super::{Kinesis, Out};
use explore::time::{Instant, Span};
use std::sync::Arc;

const DAY: Span = Span::from_ms(86_400_000);

impl Kinesis {
    pub(super) fn active(&self, stream: &str) -> Result<&Stream, Error> {
        let found = self.stream(stream)?;
        match found.status() {
            Status::Active => Ok(found),
            status => Err(self.named(stream).not_active(status.name())),
        }
    }

    fn open_shard<'a>(
        &self,
        name: &str,
        stream: &'a Stream,
        id: ShardId,
    ) -> Result<&'a Shard, Error> {
        let named = self.named(name);
        let shard = stream.shard(id).ok_or_else(|| named.no_shard(id))?;
        match shard.closed {
            None => Ok(shard),
            Some(_) => Err(named.closed(id)),
        }
    }

    fn provisioned(&self, name: &str, operation: &str) -> Result<(), Error> {
        match self.stream(name)?.mode {
            Mode::Provisioned => Ok(()),
            Mode::OnDemand => Err(Error::Validation(
                format!("Request is invalid. {operation} is not supported for streams in ON_DEMAND mode.").into(),
            )),
        }
    }

    /// Begins a change that is done when its time has passed.
    pub(super) fn begin(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        change: Change,
        ms: u64,
        out: &mut Out,
    ) {
        let is_reshard = matches!(
            change,
            Change::Split(..) | Change::Merge(..) | Change::Count(_)
        );
        if let Some(stream) = self.streams.0.get_mut(name) {
            stream.change = Some((now + Span::from_ms(ms), change));
        }
        if is_reshard {
            out.tell(Fact::StreamUpdating {
                stream: Arc::clone(name),
            });
        }
    }

    pub(super) fn split_shard(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        id: ShardId,
        at: &str,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        let key = HashKey::read(at);
        if key == Err(NoHashKey::Form) {
            let pattern = "satisfy regular expression pattern: 0|([1-9]\\d{0,38})";
            return Err(Error::member(at, "newStartingHashKey", pattern));
        }
        let named = self.named(name);
        let stream = self.stream(name)?;
        self.provisioned(name, "SplitShard")?;
        let shard = self.open_shard(name, stream, id)?;
        let HashKeyRange { start, end } = shard.range;
        let key = key
            .ok()
            .filter(|key| key.0 > start.0.saturating_add(1) && *key < end)
            .ok_or_else(|| {
                Error::invalid(format!(
                    "NewStartingHashKey {at} used in SplitShard() on shard {id} in {named} is not both greater than one plus the shard's StartingHashKey {start} and less than the shard's EndingHashKey {end}."
                ))
            })?;
        self.active(name)?;
        self.check_shard_limit(1)?;
        let ms = self.settings.update_ms;
        self.begin(now, name, Change::Split(id, key), ms, out);
        Ok(Reply::Done)
    }

    pub(super) fn merge_shards(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        id: ShardId,
        adjacent: ShardId,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        let stream = self.stream(name)?;
        self.provisioned(name, "MergeShards")?;
        let lower = self.open_shard(name, stream, id)?;
        let upper = self.open_shard(name, stream, adjacent)?;
        if !lower.range.is_followed_by(upper.range) {
            return Err(Error::invalid(format!(
                "Shards {id} and {adjacent} in {} are not an adjacent pair of shards eligible for merging",
                self.named(name)
            )));
        }
        self.active(name)?;
        let ms = self.settings.update_ms;
        self.begin(now, name, Change::Merge(id, adjacent), ms, out);
        Ok(Reply::Done)
    }

    pub(super) fn update_shard_count(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        target: u32,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        if target == 0 {
            let bound = "have value greater than or equal to 1";
            return Err(Error::member("0", "targetShardCount", bound));
        }
        self.stream(name)?;
        self.provisioned(name, "UpdateShardCount")?;
        let stream = self.active(name)?;
        let current = stream.open_count();
        let told = format!("Current open shard count: {current}, Target shard count: {target}");
        let limit = self.settings.shard_limit;
        let refused = if target > limit {
            Some(format!(
                "Target shard count or number of open shards cannot be greater than {limit}. {told}"
            ))
        } else if target > current.saturating_mul(2) {
            Some(format!(
                "UpdateShardCount cannot scale up over double your current open shard count. {told}"
            ))
        } else if target < current.div_ceil(2) {
            Some(format!(
                "UpdateShardCount cannot scale down below half your current open shard count. {told}"
            ))
        } else if within_a_day(now, &stream.updated) >= 10 {
            Some(format!(
                "UpdateShardCount cannot be called more than 10 times per rolling 24-hour period for {}.",
                self.named(name)
            ))
        } else {
            None
        };
        if let Some(words) = refused {
            return Err(Error::LimitExceeded(words.into()));
        }
        self.check_shard_limit(target.saturating_sub(current))?;
        if let Some(stream) = self.streams.0.get_mut(name) {
            note(now, &mut stream.updated);
        }
        let ms = self.settings.update_ms;
        self.begin(now, name, Change::Count(target), ms, out);
        Ok(Reply::ShardCount { current, target })
    }

    pub(super) fn update_stream_mode(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        mode: Mode,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        let stream = self.active(name)?;
        if within_a_day(now, &stream.switched) >= 2 {
            let words = format!(
                "UpdateStreamMode cannot be called more than 2 times per rolling 24-hour period for {}.",
                self.named(name)
            );
            return Err(Error::LimitExceeded(words.into()));
        }
        if let Some(stream) = self.streams.0.get_mut(name) {
            note(now, &mut stream.switched);
        }
        let ms = self.settings.update_ms;
        self.begin(now, name, Change::Mode(mode), ms, out);
        Ok(Reply::Done)
    }

    /// Whether the account may have so many more open shards.
    pub(super) fn check_shard_limit(&self, more: u32) -> Result<(), Error> {
        let open = self.streams.iter().map(|(_, stream)| stream.open_count());
        let current = open.fold(0_u32, u32::saturating_add);
        if current.saturating_add(more) <= self.settings.shard_limit {
            return Ok(());
        }
        let words = format!(
            "This request would exceed the shard limit for the account {} in {}. Current shard count for the account: {current}. Limit: {}. Number of additional shards that would have resulted from this request: {more}.",
            self.settings.account, self.settings.region, self.settings.shard_limit
        );
        Err(Error::LimitExceeded(words.into()))
    }

    /// Does what a stream has been changing to.
    pub(super) fn finish(&mut self, now: Instant, name: &Arc<str>, change: Change, out: &mut Out) {
        if change == Change::Delete {
            self.streams.0.remove(name);
            self.end_subscriptions(name, None, out);
            out.tell(Fact::StreamDeleted {
                stream: Arc::clone(name),
            });
            return;
        }
        let Some(stream) = self.streams.0.get_mut(name) else {
            return;
        };
        stream.change = None;
        let mut resharder = Resharder {
            name,
            now,
            stream,
            out,
        };
        match change {
            Change::Split(id, key) => {
                resharder.split(id, key);
            }
            Change::Merge(lower, upper) => {
                resharder.merge(lower, upper);
            }
            Change::Count(target) => resharder.count(target),
            Change::Mode(mode) => stream.mode = mode,
            Change::Create | Change::Delete => {}
        }
        let open_shards = self.streams.get(name).map_or(0, Stream::open_count);
        out.tell(Fact::StreamActive {
            stream: Arc::clone(name),
            open_shards,
        });
    }
}

/// How many of these moments lie within a day before `now`.
fn within_a_day(now: Instant, moments: &[Instant]) -> usize {
    moments.iter().filter(|at| now.since(**at) < DAY).count()
}

fn note(now: Instant, moments: &mut Vec<Instant>) {
    moments.retain(|at| now.since(*at) < DAY);
    moments.push(now);
}

/// Splits and merges the shards of one stream.
struct Resharder<'a> {
    name: &'a Arc<str>,
    now: Instant,
    stream: &'a mut Stream,
    out: &'a mut Out,
}

impl Resharder<'_> {
    fn close(&mut self, id: ShardId) {
        self.stream.close(self.now, id);
        self.out.tell(Fact::ShardClosed {
            stream: Arc::clone(self.name),
            shard: id.0,
        });
    }

    fn open(&mut self, range: HashKeyRange, parents: Vec<ShardId>) -> ShardId {
        let told = parents.iter().map(|parent| parent.0).collect();
        // A child begins a second after its parents end, so that its numbers are greater.
        let created = self.now + Span::from_ms(1_000);
        let id = self.stream.add(range, parents, created);
        self.out.tell(Fact::ShardOpened {
            stream: Arc::clone(self.name),
            shard: id.0,
            parents: told,
        });
        id
    }

    /// The upper child.
    fn split(&mut self, id: ShardId, key: HashKey) -> Option<ShardId> {
        let HashKeyRange { start, end } = self.stream.shard(id)?.range;
        let last = HashKey(key.0.checked_sub(1)?);
        self.close(id);
        self.open(HashKeyRange { start, end: last }, vec![id]);
        Some(self.open(HashKeyRange { start: key, end }, vec![id]))
    }

    fn merge(&mut self, lower: ShardId, upper: ShardId) -> Option<ShardId> {
        let range = HashKeyRange {
            start: self.stream.shard(lower)?.range.start,
            end: self.stream.shard(upper)?.range.end,
        };
        self.close(lower);
        self.close(upper);
        Some(self.open(range, vec![lower, upper]))
    }

    /// Splits where the new ranges begin, then merges what belongs to one of them.
    fn count(&mut self, target: u32) {
        let ranges = HashKeyRange::even(target);
        for range in &ranges {
            let holder = self.stream.shard_for(range.start);
            let is_inside = |id: &ShardId| {
                let shard = self.stream.shard(*id);
                shard.is_some_and(|shard| shard.range.start != range.start)
            };
            if let Some(id) = holder.filter(is_inside) {
                self.split(id, range.start);
            }
        }
        for range in &ranges {
            let pieces = self.stream.open.range(range.start..=range.end);
            let pieces: Vec<ShardId> = pieces.map(|(_, id)| *id).collect();
            let mut pieces = pieces.into_iter();
            let Some(mut whole) = pieces.next() else {
                continue;
            };
            for piece in pieces {
                whole = self.merge(whole, piece).unwrap_or(whole);
            }
        }
    }
}
