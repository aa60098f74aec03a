//! Streams: their state, shards, retention and consumers.
//!
//! # Rules
//! K10. A stream is CREATING, ACTIVE, UPDATING or DELETING. Only an ACTIVE stream is changed; while
//! it is UPDATING or DELETING it goes on taking and giving records, while it is CREATING it does not.
//! Source: API reference, CreateStream, DeleteStream, SplitShard. Shown by: kinesis-streams,
//! the test `a_stream_passes_through_its_states`.
//!
//! K11. A name is in use until its stream is gone; a new stream of that name has nothing of the old
//! one. Source: API reference, CreateStream. Shown by: kinesis-streams.
//!
//! Simplified: an on-demand stream has four shards, and neither its shards nor its quotas grow with
//! what is written to it.
//!
//! Left out: tags, encryption, shard-level metrics, resource policies, DescribeStream and DescribeLimits
//! (DescribeStreamSummary and ListShards tell of the stream), filters of ListShards, and the limits on
//! how often CreateStream, ListShards, GetShardIterator and the other control operations may be called.

use super::fanout::Consumer;
use super::hash::{HashKey, HashKeyRange};
use super::shard::{ChildShard, Shard, ShardId};
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The state of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It is being made and takes no records yet.
    Creating,
    /// It is ready.
    Active,
    /// Its shards or its mode are being changed.
    Updating,
    /// It is going away.
    Deleting,
}

impl Status {
    /// As the service writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Creating => "CREATING",
            Status::Active => "ACTIVE",
            Status::Updating => "UPDATING",
            Status::Deleting => "DELETING",
        }
    }
}

/// Who chooses the number of shards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The owner of the stream.
    #[default]
    Provisioned,
    /// The service.
    OnDemand,
}

impl Mode {
    /// As the service writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Provisioned => "PROVISIONED",
            Mode::OnDemand => "ON_DEMAND",
        }
    }
}

/// What a stream is being changed to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Change {
    Create,
    Delete,
    Split(ShardId, HashKey),
    Merge(ShardId, ShardId),
    Count(u32),
    Mode(Mode),
}

/// A stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    /// When it was made.
    pub created: Instant,
    /// Who chooses the number of its shards.
    pub mode: Mode,
    /// For how many hours records are kept.
    pub retention_hours: u32,
    pub(super) shards: BTreeMap<ShardId, Shard>,
    /// The open shards by where their range begins.
    pub(super) open: BTreeMap<HashKey, ShardId>,
    next_shard: u32,
    pub(super) change: Option<(Instant, Change)>,
    pub(super) consumers: BTreeMap<Arc<str>, Consumer>,
    /// When its number of shards was updated within the last day.
    pub(super) updated: Vec<Instant>,
    /// When its mode was changed within the last day.
    pub(super) switched: Vec<Instant>,
}

impl Stream {
    pub(super) fn new(now: Instant, mode: Mode, shards: u32, active_at: Instant) -> Stream {
        let mut stream = Stream {
            created: now,
            mode,
            retention_hours: 24,
            shards: BTreeMap::new(),
            open: BTreeMap::new(),
            next_shard: 0,
            change: Some((active_at, Change::Create)),
            consumers: BTreeMap::new(),
            updated: Vec::new(),
            switched: Vec::new(),
        };
        for range in HashKeyRange::even(shards) {
            stream.add(range, Vec::new(), now);
        }
        stream
    }

    /// Its state.
    pub fn status(&self) -> Status {
        match &self.change {
            None => Status::Active,
            Some((_, Change::Create)) => Status::Creating,
            Some((_, Change::Delete)) => Status::Deleting,
            Some(_) => Status::Updating,
        }
    }

    /// How long records are kept.
    pub fn retention(&self) -> Span {
        Span::from_ms(u64::from(self.retention_hours) * 3_600_000)
    }

    /// All shards that have not expired, by number.
    pub fn shards(&self) -> impl Iterator<Item = (ShardId, &Shard)> + '_ {
        self.shards.iter().map(|(id, shard)| (*id, shard))
    }

    /// A shard.
    pub fn shard(&self, id: ShardId) -> Option<&Shard> {
        self.shards.get(&id)
    }

    /// How many shards are open.
    pub fn open_count(&self) -> u32 {
        self.open.len() as u32
    }

    /// The open shard that takes records with this hash key.
    pub fn shard_for(&self, key: HashKey) -> Option<ShardId> {
        self.open.range(..=key).next_back().map(|(_, id)| *id)
    }

    /// The children of a closed shard.
    pub fn children(&self, id: ShardId) -> Vec<ChildShard> {
        let numbers = self.shard(id).map(|shard| shard.children.clone());
        let child = |number: ShardId| {
            let shard = self.shard(number)?;
            Some(ChildShard {
                shard: number,
                parents: shard.parents.clone(),
                range: shard.range,
            })
        };
        numbers.into_iter().flatten().filter_map(child).collect()
    }

    /// Opens a shard.
    pub(super) fn add(
        &mut self,
        range: HashKeyRange,
        parents: Vec<ShardId>,
        at: Instant,
    ) -> ShardId {
        let id = ShardId(self.next_shard);
        self.next_shard = self.next_shard.saturating_add(1);
        for parent in &parents {
            if let Some(parent) = self.shards.get_mut(parent) {
                parent.children.push(id);
            }
        }
        self.open.insert(range.start, id);
        self.shards.insert(id, Shard::new(range, parents, at));
        id
    }

    /// Closes a shard.
    pub(super) fn close(&mut self, now: Instant, id: ShardId) {
        if let Some(shard) = self.shards.get_mut(&id) {
            shard.closed = Some(now);
            self.open.remove(&shard.range.start);
        }
    }
}

impl Visit for Stream {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.created.visit(visitor);
        for (id, shard) in &mut self.shards {
            shard.visit_as(*id, visitor);
        }
        if let Some((at, _)) = &mut self.change {
            at.visit(visitor);
        }
        for consumer in self.consumers.values_mut() {
            consumer.visit(visitor);
        }
        self.updated.visit(visitor);
        self.switched.visit(visitor);
    }
}

/// The streams of the account, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Streams(pub(super) BTreeMap<Arc<str>, Stream>);

impl Streams {
    /// A stream.
    pub fn get(&self, name: &str) -> Option<&Stream> {
        self.0.get(name)
    }

    /// All streams, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Stream)> + '_ {
        self.0.iter()
    }
}

impl Visit for Streams {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.0.values_mut().for_each(|stream| stream.visit(visitor));
    }
}
