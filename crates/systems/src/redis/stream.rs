//! Streams: entries by their ids, in nodes, with counts of what has been added and deleted.
//!
//! R6. An entry's id is greater than every id the stream has had, also those of deleted entries; 0-0
//! is no id. `*` takes the clock, or the last id's successor when the clock is not past it; `ms-*`
//! takes the next sequence number of that millisecond; after the greatest id nothing can be added.
//! Source: Redis commands, XADD. Shown by: redis-append-id-rules, redis_streams, the test
//! `ids_from_the_clock_never_go_back`.
//!
//! R7. XTRIM and the options of XADD remove the oldest entries, by number (MAXLEN) or below an id
//! (MINID); what a group has not read is lost to it. With `~` only whole nodes are removed, of
//! stream-node-max-entries entries or stream-node-max-bytes bytes, and at most LIMIT entries (a
//! hundred nodes, when left out). Source: Redis commands, XTRIM. Shown by: redis-trim-unread-lost,
//! redis_streams, the test `approximate_trimming_removes_whole_nodes`.
//!
//! R8. A stream counts all entries ever added, and knows the greatest id deleted with XDEL; trimming
//! does not count as deleting. A stream that has become empty stays. Source: Redis commands, XINFO
//! STREAM. Shown by: redis_streams.
//!
//! Simplified: a node's bytes are those of its texts and eight for each entry; Redis packs them
//! closer, so that nodes that are full by bytes can end at other entries.

use super::config::Settings;
use super::error::Error;
use super::group::Group;
use super::id::{NewId, StreamId};
use super::wire::Entry;
use crate::record::RecordId;
use crate::visit::{Visit, Visitor};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A stream with its groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stream {
    /// The entries.
    pub log: Log,
    /// The groups, by name.
    pub groups: BTreeMap<Arc<str>, Group>,
}

/// The entries of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    entries: BTreeMap<StreamId, Entry>,
    nodes: BTreeMap<StreamId, Node>,
    /// The id given last.
    pub last: StreamId,
    /// The greatest id that was deleted, or 0-0.
    pub max_deleted: StreamId,
    /// How many entries were ever added.
    pub added: u64,
}

/// Neighbouring entries that are kept together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Node {
    live: u64,
    deleted: u64,
    bytes: u64,
}

/// What is to be left by trimming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// So many entries.
    Newest(u64),
    /// Entries from this id on.
    From(StreamId),
}

/// A trimming that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    /// What is to be left.
    pub keep: Keep,
    /// How exactly.
    pub how: How,
}

/// How exactly a stream is trimmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `=`: to the entry.
    Exactly,
    /// `~`: by whole nodes.
    Approximately {
        /// At most so many entries; 0 is no limit.
        limit: u64,
    },
}

/// What trimming removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trimmed {
    /// How many entries.
    pub entries: u64,
    /// What they carried.
    pub records: Vec<RecordId>,
}

impl Log {
    /// How many entries there are.
    pub fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many nodes hold them.
    pub fn nodes(&self) -> u64 {
        self.nodes.len() as u64
    }

    /// The entry of an id.
    pub fn get(&self, id: StreamId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// The entries from one id to another, both included.
    pub fn range(
        &self,
        start: StreamId,
        end: StreamId,
    ) -> impl DoubleEndedIterator<Item = (StreamId, &Entry)> {
        let bounds = (start <= end).then_some(start..=end);
        bounds
            .into_iter()
            .flat_map(|bounds| self.entries.range(bounds))
            .map(|(id, entry)| (*id, entry))
    }

    /// The id of the first entry, or 0-0.
    pub fn first(&self) -> StreamId {
        let first = self.entries.first_key_value();
        first.map_or(StreamId::MIN, |(id, _)| *id)
    }

    /// The id of the last entry that is there, if any is.
    pub fn top(&self) -> Option<StreamId> {
        self.entries.last_key_value().map(|(id, _)| *id)
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// The id is not greater than all before it.
    pub fn add(
        &mut self,
        unix_ms: u64,
        id: NewId,
        entry: Entry,
        settings: &Settings,
    ) -> Result<StreamId, Error> {
        let after = self.last.next().ok_or(Error::IdsExhausted)?;
        let id = match id {
            NewId::Clock if unix_ms > self.last.ms => StreamId {
                ms: unix_ms,
                seq: 0,
            },
            NewId::Clock => after,
            NewId::Sequence(ms) if ms > self.last.ms => StreamId { ms, seq: 0 },
            NewId::Sequence(ms) if ms == self.last.ms && ms == after.ms => after,
            NewId::Sequence(_) => return Err(Error::IdNotGreater),
            NewId::Explicit(id) => id,
        };
        if id < after {
            return Err(Error::IdNotGreater);
        }
        let texts = entry.fields.iter().map(|text| text.len() as u64);
        let bytes = texts.sum::<u64>() + 8;
        let room = self.nodes.last_entry().filter(|node| {
            let node = node.get();
            let (most, most_bytes) = (
                settings.stream_node_max_entries,
                settings.stream_node_max_bytes,
            );
            (most == 0 || node.live + node.deleted < most)
                && (most_bytes == 0 || node.bytes + bytes < most_bytes)
        });
        match room {
            Some(mut node) => {
                let node = node.get_mut();
                node.live += 1;
                node.bytes += bytes;
            }
            None => {
                let node = Node {
                    live: 1,
                    deleted: 0,
                    bytes,
                };
                self.nodes.insert(id, node);
            }
        }
        self.entries.insert(id, entry);
        self.last = id;
        self.added = self.added.saturating_add(1);
        Ok(id)
    }

    /// Takes an entry out of the stream and of its node.
    fn take(&mut self, id: StreamId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        let (first, node) = self.nodes.range_mut(..=id).next_back()?;
        node.live = node.live.saturating_sub(1);
        node.deleted += 1;
        let first = *first;
        if node.live == 0 {
            self.nodes.remove(&first);
        }
        Some(entry)
    }

    /// Deletes an entry by its id, where it is there.
    pub fn delete(&mut self, id: StreamId) -> Option<Entry> {
        let entry = self.take(id)?;
        self.max_deleted = self.max_deleted.max(id);
        Some(entry)
    }

    /// Removes the oldest entries.
    pub fn trim(&mut self, trim: Trim) -> Trimmed {
        let mut trimmed = Trimmed::default();
        let mut gone = |entry: Option<Entry>| {
            trimmed.entries += 1;
            trimmed.records.extend(entry.and_then(|entry| entry.record));
        };
        match trim.how {
            How::Exactly => loop {
                let id = self.first();
                let is_kept = match trim.keep {
                    Keep::Newest(count) => self.len() <= count,
                    Keep::From(least) => id >= least,
                };
                if self.is_empty() || is_kept {
                    break;
                }
                gone(self.take(id));
            },
            How::Approximately { limit } => {
                let mut removed = 0u64;
                while let Some((_, node)) = self.nodes.first_key_value() {
                    let live = node.live;
                    let after = self.nodes.keys().nth(1).copied();
                    let is_kept = match trim.keep {
                        Keep::Newest(count) => self.len() - live.min(self.len()) < count,
                        Keep::From(least) => {
                            let end = after.unwrap_or(StreamId::MAX);
                            let last = self.entries.range(..end).next_back();
                            last.is_none_or(|(id, _)| *id >= least)
                        }
                    };
                    if is_kept || limit > 0 && removed.saturating_add(live) > limit {
                        break;
                    }
                    for _ in 0..live {
                        gone(self.take(self.first()));
                    }
                    removed += live;
                }
            }
        }
        trimmed
    }

    /// How many entries had been added when the one with this id was, where that can be told from
    /// the counts: not for an id between others, nor where entries after it were deleted.
    pub fn place_of(&self, id: StreamId) -> Option<u64> {
        if self.added == 0 {
            return Some(0);
        }
        if self.is_empty() && id <= self.last || id == self.last {
            return Some(self.added);
        }
        let first = self.first();
        if id > self.last || self.max_deleted != StreamId::MIN && self.max_deleted >= first {
            return None;
        }
        let before_first = self.added.saturating_sub(self.len());
        match id.cmp(&first) {
            std::cmp::Ordering::Less => Some(before_first),
            std::cmp::Ordering::Equal => Some(before_first.saturating_add(1)),
            std::cmp::Ordering::Greater => None,
        }
    }

    /// Whether an entry from this id on has been deleted.
    pub fn has_deleted_from(&self, id: StreamId) -> bool {
        !self.is_empty() && self.max_deleted != StreamId::MIN && id <= self.max_deleted
    }
}

impl Visit for Stream {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for group in self.groups.values_mut() {
            group.visit(visitor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(count: u64, settings: &Settings) -> Log {
        let mut log = Log::default();
        for ms in 1..=count {
            let id = NewId::Explicit(StreamId { ms, seq: 0 });
            assert!(log.add(0, id, nothing(), settings).is_ok());
        }
        log
    }

    fn nothing() -> Entry {
        Entry {
            fields: Arc::from([]),
            record: None,
        }
    }

    #[test]
    fn ids_from_the_clock_never_go_back() {
        let (mut log, settings) = (Log::default(), Settings::default());
        let mut add = |ms| {
            let id = log.add(ms, NewId::Clock, nothing(), &settings);
            id.map(|id| id.to_string()).unwrap_or_default()
        };
        let ids = [add(0), add(0), add(7), add(7), add(3), add(8)];
        assert_eq!(ids, ["0-1", "0-2", "7-0", "7-1", "7-2", "8-0"]);
        log.last = StreamId::MAX;
        let refused = log.add(9, NewId::Clock, nothing(), &settings);
        assert_eq!(refused, Err(Error::IdsExhausted));
    }

    #[test]
    fn approximate_trimming_removes_whole_nodes() {
        let settings = Settings {
            stream_node_max_entries: 10,
            ..Settings::default()
        };
        let check = |keep, limit, left: u64| {
            let mut log = filled(35, &settings);
            let how = How::Approximately { limit };
            let trimmed = log.trim(Trim { keep, how });
            assert_eq!((log.len(), trimmed.entries), (left, 35 - left), "{keep:?}");
        };
        check(Keep::Newest(20), 0, 25);
        check(Keep::Newest(25), 0, 25);
        check(Keep::Newest(26), 0, 35);
        check(Keep::Newest(0), 0, 0);
        check(Keep::Newest(0), 20, 15);
        check(Keep::Newest(0), 9, 35);
        check(Keep::From(StreamId { ms: 21, seq: 0 }), 0, 15);
        check(Keep::From(StreamId { ms: 20, seq: 0 }), 0, 25);
        check(Keep::From(StreamId::MAX), 0, 0);
    }
}
