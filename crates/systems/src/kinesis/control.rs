//! Control operations: making, deleting and describing streams, and for how long records are kept.
//!
//! # Rules
//! K32. ListShards tells shards by number, closed ones too, after a given one, at most so many at
//! once (1 to 10 000). Source: API reference, ListShards. Shown by: kinesis-list-shards.
//!
//! K33. Records are kept for 24 hours at first, and for 24 to 8760 hours when changed; an increase
//! must not make it shorter and a decrease not longer. What has expired does not come back. Source:
//! API reference, IncreaseStreamRetentionPeriod; words of the service's own errors. Shown by:
//! kinesis-retention-edges, the test `a_longer_retention_does_not_bring_expired_records_back`.
//!
//! K34. A stream with registered consumers is deleted only when that is enforced. Source: API
//! reference, DeleteStream. Shown by: the test `a_stream_with_consumers_is_not_deleted_by_accident`.
//!
//! Simplified: ListShards and ListStreams tell whether there is more; the next page is asked for
//! after the last one told, without a token.

use super::error::Error;
use super::fact::Fact;
use super::reply::{Reply, ShardDescription, StreamSummary};
use super::sequence::SequenceNumber;
use super::shard::{Shard, ShardId};
use super::stream::{Change, Mode, Status, Stream};
use super::{Kinesis, Out};
use explore::time::{Instant, Span};
use std::ops::Bound;
use std::sync::Arc;

/// How many shards an on-demand stream has.
const ON_DEMAND_SHARDS: u32 = 4;
const SHORTEST_HOURS: u32 = 24;
const LONGEST_HOURS: u32 = 8_760;

/// Which way the retention period is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Increase,
    Decrease,
}

/// Whether a stream or a consumer can have this name.
pub(super) fn check_name(name: &str, member: &str) -> Result<(), Error> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_letter) {
        let pattern = "satisfy regular expression pattern: [a-zA-Z0-9_.-]+";
        return Err(Error::member(name, member, pattern));
    }
    if name.len() > 128 {
        let bound = "have length less than or equal to 128";
        return Err(Error::member(name, member, bound));
    }
    Ok(())
}

/// How many a page holds.
fn page(limit: Option<u32>, member: &str) -> Result<usize, Error> {
    match limit {
        None => Ok(1_000),
        Some(0) => Err(Error::member(
            "0",
            member,
            "have value greater than or equal to 1",
        )),
        Some(limit) if limit > 10_000 => Err(Error::member(
            &limit.to_string(),
            member,
            "have value less than or equal to 10000",
        )),
        Some(limit) => Ok(limit as usize),
    }
}

fn describe(id: ShardId, shard: &Shard) -> ShardDescription {
    let ending = |at| SequenceNumber::ending(shard.created, id.0, at);
    ShardDescription {
        shard: id,
        range: shard.range,
        parents: shard.parents.clone(),
        starting: SequenceNumber::new(shard.created, id.0, 0, shard.created),
        ending: shard.closed.map(ending),
    }
}

impl Kinesis {
    pub(super) fn create_stream(
        &mut self,
        now: Instant,
        name: Arc<str>,
        shards: Option<u32>,
        mode: Mode,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        check_name(&name, "streamName")?;
        let shards = match (mode, shards) {
            (Mode::OnDemand, None) => ON_DEMAND_SHARDS,
            (Mode::OnDemand, Some(_)) => {
                let words = "ShardCount must not be provided for streams in ON_DEMAND mode.";
                return Err(Error::Validation(words.into()));
            }
            (Mode::Provisioned, None) => {
                let words = "ShardCount must be provided for streams in PROVISIONED mode.";
                return Err(Error::Validation(words.into()));
            }
            (Mode::Provisioned, Some(0)) => {
                let bound = "have value greater than or equal to 1";
                return Err(Error::member("0", "shardCount", bound));
            }
            (Mode::Provisioned, Some(shards)) if shards > 100_000 => {
                let bound = "have value less than or equal to 100000";
                return Err(Error::member(&shards.to_string(), "shardCount", bound));
            }
            (Mode::Provisioned, Some(shards)) => shards,
        };
        if self.streams.get(&name).is_some() {
            return Err(self.named(&name).taken());
        }
        self.check_shard_limit(shards)?;
        let active_at = now + Span::from_ms(self.settings.create_ms);
        let stream = Stream::new(now, mode, shards, active_at);
        self.streams.0.insert(Arc::clone(&name), stream);
        out.tell(Fact::StreamCreating {
            stream: name,
            shards,
        });
        Ok(Reply::Done)
    }

    pub(super) fn delete_stream(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        enforce_consumer_deletion: bool,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        let stream = self.stream(name)?;
        if stream.status() == Status::Deleting {
            return Ok(Reply::Done);
        }
        if !stream.consumers.is_empty() && !enforce_consumer_deletion {
            let words = format!(
                "Stream {name} under account {} has consumers registered; deregister them or enforce their deletion.",
                self.settings.account
            );
            return Err(Error::ResourceInUse(words.into()));
        }
        let ms = self.settings.delete_ms;
        self.begin(now, name, Change::Delete, ms, out);
        Ok(Reply::Done)
    }

    pub(super) fn list_streams(
        &self,
        after: Option<Arc<str>>,
        limit: Option<u32>,
    ) -> Result<Reply, Error> {
        let most = match limit {
            None => 100,
            limit => page(limit, "limit")?,
        };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut names = self.streams.0.range((from, Bound::Unbounded));
        let told = names.by_ref().take(most).map(|(name, _)| Arc::clone(name));
        let told = told.collect();
        Ok(Reply::Streams(told, names.next().is_some()))
    }

    pub(super) fn list_shards(
        &self,
        name: &str,
        after: Option<ShardId>,
        limit: Option<u32>,
    ) -> Result<Reply, Error> {
        let most = page(limit, "maxResults")?;
        let stream = self.stream(name)?;
        if stream.status() == Status::Creating {
            return Ok(Reply::Shards(Vec::new(), false));
        }
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut shards = stream.shards.range((from, Bound::Unbounded));
        let told = shards.by_ref().take(most);
        let told = told.map(|(id, shard)| describe(*id, shard)).collect();
        Ok(Reply::Shards(told, shards.next().is_some()))
    }

    /// A stream in short.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn summary(&self, name: &str) -> Result<StreamSummary, Error> {
        let stream = self.stream(name)?;
        Ok(StreamSummary {
            stream: name.into(),
            status: stream.status(),
            mode: stream.mode,
            retention_hours: stream.retention_hours,
            created: stream.created,
            open_shards: match stream.status() {
                Status::Creating => 0,
                _ => stream.open_count(),
            },
            consumers: stream.consumers.len() as u32,
        })
    }

    pub(super) fn change_retention(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        hours: u32,
        direction: Direction,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        let existing = self.stream(name)?.retention_hours;
        let asked = format!("Requested retention period ({hours} hours)");
        let refused = if hours < SHORTEST_HOURS {
            Some(format!(
                "Minimum allowed retention period is {SHORTEST_HOURS} hours. {asked} is too short."
            ))
        } else if hours > LONGEST_HOURS {
            Some(format!(
                "Maximum allowed retention period is {LONGEST_HOURS} hours. {asked} is too long."
            ))
        } else if direction == Direction::Increase && hours < existing {
            Some(format!(
                "{asked} for stream {name} can not be shorter than existing retention period ({existing} hours). Use DecreaseRetentionPeriod API."
            ))
        } else if direction == Direction::Decrease && hours > existing {
            Some(format!(
                "{asked} for stream {name} can not be longer than existing retention period ({existing} hours). Use IncreaseRetentionPeriod API."
            ))
        } else {
            None
        };
        if let Some(words) = refused {
            return Err(Error::invalid(words));
        }
        self.active(name)?;
        // What has expired by now stays so under the new period.
        let shards: Vec<ShardId> = self.stream(name)?.shards.keys().copied().collect();
        for shard in shards {
            self.trim(now, name, shard, out);
        }
        if let Some(stream) = self.streams.0.get_mut(name) {
            stream.retention_hours = hours;
        }
        if hours != existing {
            out.tell(Fact::RetentionChanged {
                stream: Arc::clone(name),
                hours,
            });
        }
        Ok(Reply::Done)
    }

    /// Drops what has left the retention period: records, and a closed shard with them.
    pub(super) fn trim(&mut self, now: Instant, name: &Arc<str>, id: ShardId, out: &mut Out) {
        let Some(stream) = self.streams.get(name) else {
            return;
        };
        let retention = stream.retention();
        let expires = stream.shard(id).and_then(|shard| shard.expires(retention));
        if expires.is_none_or(|at| at > now) {
            return;
        }
        let Some(stream) = self.streams.0.get_mut(name) else {
            return;
        };
        let Some(shard) = stream.shards.get_mut(&id) else {
            return;
        };
        let count = shard.trim(now, retention);
        let is_gone =
            shard.closed.is_some() && shard.expires(retention).is_some_and(|at| at <= now);
        if is_gone {
            stream.shards.remove(&id);
        }
        if count > 0 {
            out.tell(Fact::RecordsExpired {
                stream: Arc::clone(name),
                shard: id.0,
                count,
            });
        }
        if is_gone {
            out.tell(Fact::ShardExpired {
                stream: Arc::clone(name),
                shard: id.0,
            });
        }
    }
}
