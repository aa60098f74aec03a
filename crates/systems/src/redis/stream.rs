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
//! hundred nodes, but no more than a million, when left out). Source: Redis commands, XTRIM. Shown by: redis-trim-unread-lost,
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
use std::collections::{BTreeMap, VecDeque};
use std::hash::{Hash, Hasher};
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
    /// In the order of their ids; none is empty.
    nodes: VecDeque<Node>,
    /// How many nodes went from their front: the others keep their numbers.
    gone: Hint,
    /// How many entries the nodes hold.
    len: u64,
    /// The id given last.
    pub last: StreamId,
    /// The greatest id that was deleted, or 0-0.
    pub max_deleted: StreamId,
    /// How many entries were ever added.
    pub added: u64,
}

/// The number of the node where something was found: whoever looks for what comes next begins there.
/// What is found does not depend on it, so that any two are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hint(u64);

impl PartialEq for Hint {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Hint {}

impl Hash for Hint {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Neighbouring entries that are kept together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Node {
    /// The id of the entry it began with, whether or not that is still there.
    start: StreamId,
    /// What is there, in the order of ids.
    entries: VecDeque<(StreamId, Entry)>,
    deleted: u64,
    bytes: u64,
}

impl Node {
    fn live(&self) -> u64 {
        self.entries.len() as u64
    }

    fn place(&self, id: StreamId) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&id, |(id, _)| *id)
    }

    /// Its entries from one id to another, both included.
    fn range(
        &self,
        start: StreamId,
        end: StreamId,
    ) -> impl DoubleEndedIterator<Item = (StreamId, &Entry)> {
        let from = self.entries.partition_point(|(id, _)| *id < start);
        let to = match self.entries.back() {
            Some((last, _)) if *last <= end => self.entries.len(),
            _ => self.entries.partition_point(|(id, _)| *id <= end),
        };
        let range = self.entries.range(from..to.max(from));
        range.map(|(id, entry)| (*id, entry))
    }
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
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many nodes hold them.
    pub fn nodes(&self) -> u64 {
        self.nodes.len() as u64
    }

    /// The node that an id belongs to, if it belongs to one.
    fn node_of(&self, id: StreamId) -> Option<usize> {
        let is_before = |node: &Node| node.start <= id;
        // Nearly all that is added is in the last node.
        match self.nodes.back() {
            Some(last) if is_before(last) => Some(self.nodes.len() - 1),
            _ => self.nodes.partition_point(is_before).checked_sub(1),
        }
    }

    /// The node that an id belongs to; where the hint says so, or the node after that, nothing is
    /// searched.
    fn node_near(&self, id: StreamId, hint: Hint) -> Option<usize> {
        let is_in = |at: &usize| {
            let begins_by = |node: &Node| node.start <= id;
            let next = at.checked_add(1).and_then(|next| self.nodes.get(next));
            self.nodes.get(*at).is_some_and(begins_by) && !next.is_some_and(begins_by)
        };
        let at = usize::try_from(hint.0.wrapping_sub(self.gone.0)).unwrap_or(usize::MAX);
        let near = [at, at.saturating_add(1)].into_iter().find(is_in);
        near.or_else(|| self.node_of(id))
    }

    /// The entry of an id, which may be near the hint.
    pub fn get_near(&self, id: StreamId, hint: Hint) -> Option<&Entry> {
        let node = self.nodes.get(self.node_near(id, hint)?)?;
        Some(&node.entries.get(node.place(id).ok()?)?.1)
    }

    /// The entries from an id on, which may be near the hint; where the first of them is, the hint says
    /// from now on.
    pub fn onward<'a>(
        &'a self,
        start: StreamId,
        hint: &mut Hint,
    ) -> impl Iterator<Item = (StreamId, &'a Entry)> + use<'a> {
        let from = self.node_near(start, *hint).unwrap_or(0);
        hint.0 = self.gone.0.wrapping_add(from as u64);
        let nodes = self.nodes.range(from.min(self.nodes.len())..);
        nodes.flat_map(move |node| node.range(start, StreamId::MAX))
    }

    /// The entry of an id.
    pub fn get(&self, id: StreamId) -> Option<&Entry> {
        let node = self.nodes.get(self.node_of(id)?)?;
        Some(&node.entries.get(node.place(id).ok()?)?.1)
    }

    /// The entries from one id to another, both included.
    pub fn range(
        &self,
        start: StreamId,
        end: StreamId,
    ) -> impl DoubleEndedIterator<Item = (StreamId, &Entry)> {
        let from = self.node_of(start).unwrap_or(0);
        let to = self.node_of(end).map_or(0, |at| at + 1);
        let nodes = self.nodes.range(from..to.max(from));
        nodes.flat_map(move |node| node.range(start, end))
    }

    /// The id of the first entry, or 0-0.
    pub fn first(&self) -> StreamId {
        let first = self.nodes.front().and_then(|node| node.entries.front());
        first.map_or(StreamId::MIN, |(id, _)| *id)
    }

    /// The id of the last entry that is there, if any is.
    pub fn top(&self) -> Option<StreamId> {
        Some(self.nodes.back()?.entries.back()?.0)
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
        let room = self.nodes.back_mut().filter(|node| {
            let (most, most_bytes) = (
                settings.stream_node_max_entries,
                settings.stream_node_max_bytes,
            );
            (most == 0 || node.live() + node.deleted < most)
                && (most_bytes == 0 || node.bytes + bytes < most_bytes)
        });
        match room {
            Some(node) => {
                node.bytes += bytes;
                node.entries.push_back((id, entry));
            }
            None => {
                // It will hold about as many as the one before.
                let before = self.nodes.back().map_or(1, |node| node.entries.len());
                let mut entries = VecDeque::with_capacity(before);
                entries.push_back((id, entry));
                self.nodes.push_back(Node {
                    start: id,
                    entries,
                    deleted: 0,
                    bytes,
                });
            }
        }
        self.len += 1;
        self.last = id;
        self.added = self.added.saturating_add(1);
        Ok(id)
    }

    /// Takes an entry out of the stream and of its node.
    fn take(&mut self, id: StreamId) -> Option<Entry> {
        let at = self.node_of(id)?;
        let node = self.nodes.get_mut(at)?;
        let (_, entry) = node.entries.remove(node.place(id).ok()?)?;
        node.deleted += 1;
        if node.entries.is_empty() {
            self.nodes.remove(at);
            self.gone.0 += u64::from(at == 0);
        }
        self.len -= 1;
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
                while let Some(node) = self.nodes.front() {
                    let live = node.live();
                    let is_kept = match trim.keep {
                        Keep::Newest(count) => self.len - live < count,
                        Keep::From(least) => node.entries.back().is_none_or(|(id, _)| *id >= least),
                    };
                    if is_kept || limit > 0 && removed.saturating_add(live) > limit {
                        break;
                    }
                    let whole = self.nodes.pop_front();
                    self.gone.0 += 1;
                    self.len -= live;
                    removed += live;
                    let entries = whole.into_iter().flat_map(|node| node.entries);
                    entries.for_each(|(_, entry)| gone(Some(entry)));
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
    fn a_hint_changes_nothing_that_is_found() {
        let settings = Settings {
            stream_node_max_entries: 10,
            ..Settings::default()
        };
        let mut log = filled(95, &settings);
        let id = |ms| StreamId { ms, seq: 0 };
        // Whole nodes go, at the front and in the middle, and entries within one.
        let how = How::Approximately { limit: 0 };
        let keep = Keep::Newest(70);
        log.trim(Trim { keep, how });
        for ms in (41..=50).chain([33, 60, 61]) {
            assert!(log.delete(id(ms)).is_some());
        }
        assert!(log.gone.0 > 0);
        for hint in (0..16).chain([u64::MAX]).map(Hint) {
            for ms in 0..100 {
                assert_eq!(log.get_near(id(ms), hint), log.get(id(ms)), "{hint:?} {ms}");
                let mut kept = hint;
                let onward = log.onward(id(ms), &mut kept);
                assert!(onward.eq(log.range(id(ms), StreamId::MAX)), "{hint:?} {ms}");
                let again = log.onward(id(ms), &mut kept);
                assert!(again.eq(log.range(id(ms), StreamId::MAX)), "{kept:?} {ms}");
            }
        }
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
