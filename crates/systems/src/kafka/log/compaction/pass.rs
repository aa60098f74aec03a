//! One pass of the cleaner over batches in a row.
//!
//! It knows no segments and no settings: which batches it goes over, and where the dirty ones begin, is
//! said to it. The rules are those of [`super`].

use super::super::super::Offset;
use super::super::producers::{Aborted, Last, ProducerId};
use super::super::record::{Content, Record, Stored, Timestamp};
use super::transactions::Transactions;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a pass is told.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    /// From here on records were never cleaned: they decide which one is the last of its key.
    pub dirty_from: Offset,
    /// What begins here or later is left alone.
    pub below: Offset,
    /// What time it is.
    pub now: Timestamp,
    /// For how long tombstones and markers stay after the pass that could have taken them.
    pub delete_retention_ms: i64,
    /// The aborted transactions whose markers lie in the log, in the order of the markers.
    pub aborted: &'a [Aborted],
    /// What each producer that is still known wrote last.
    pub lasts: &'a BTreeMap<ProducerId, Last>,
}

/// A pass under way. Batches are handed to it one by one, in order.
pub struct Cleaner<'a> {
    pass: Pass<'a>,
    /// The last offset of each key among the dirty records.
    keys: BTreeMap<&'a [u8], Offset>,
    transactions: Transactions<'a>,
}

impl<'a> Pass<'a> {
    /// Learns the keys of these batches; then they can be cleaned.
    pub fn begin(self, batches: impl IntoIterator<Item = &'a Arc<Stored>>) -> Cleaner<'a> {
        let is_dirty = |at: Offset| at >= self.dirty_from;
        let aborted = self.aborted.iter().filter(|one| is_dirty(one.last));
        let mut transactions = Transactions::new(aborted);
        let mut keys = BTreeMap::new();
        let batches = batches.into_iter();
        for batch in batches.take_while(|batch| batch.base < self.below) {
            if !is_dirty(batch.last) || transactions.read(batch) {
                continue;
            }
            for (offset, record) in batch.records() {
                if let Some(key) = record.key.as_deref()
                    && is_dirty(*offset)
                {
                    keys.insert(key, *offset);
                }
            }
        }
        Cleaner {
            pass: self,
            keys,
            transactions: Transactions::new(self.aborted),
        }
    }
}

impl Cleaner<'_> {
    /// What is left of the next batch.
    pub fn keep(&mut self, batch: &Arc<Stored>) -> Option<Arc<Stored>> {
        let is_needless = self.transactions.read(batch);
        let is_past = batch
            .horizon
            .is_some_and(|horizon| horizon <= self.pass.now);
        let goes = is_needless && (is_past || !batch.is_control());
        let mut kept = Stored::clone(batch);
        let is_empty = match &mut kept.content {
            Content::Records(records) => {
                records.retain(|(offset, record)| !goes && self.counts(*offset, record, is_past));
                records.is_empty()
            }
            Content::Marker(..) => goes,
            Content::Gone => true,
        };
        if is_empty {
            let ends_pass = batch.last.0 + 1 == self.pass.below.0;
            if !ends_pass && !self.is_last(batch) {
                return None;
            }
            kept.empty();
            return Some(Arc::new(kept));
        }
        let has_tombstones = kept.records().iter().any(|(_, one)| one.value.is_none());
        let waits = has_tombstones || is_needless && batch.is_control();
        if waits && batch.horizon.is_none() {
            let now = self.pass.now.0;
            let horizon = now.saturating_add(self.pass.delete_retention_ms);
            kept.horizon = Some(Timestamp(horizon));
        }
        if kept == **batch {
            return Some(Arc::clone(batch));
        }
        kept.weigh();
        Some(Arc::new(kept))
    }

    /// The aborted transactions that are still listed, of those whose markers were handed over.
    pub fn listed(self) -> Vec<Aborted> {
        self.transactions.listed()
    }

    /// Whether a record is the last of its key, and no tombstone that has been there for long enough.
    fn counts(&self, offset: Offset, record: &Record, is_past: bool) -> bool {
        let Some(key) = &record.key else {
            return false;
        };
        let is_newest = self.keys.get(&**key).is_none_or(|last| offset >= *last);
        is_newest && (record.value.is_some() || !is_past)
    }

    /// Whether the last sequence of a producer, or its epoch, is known by this batch alone.
    fn is_last(&self, batch: &Stored) -> bool {
        let Some((producer, epoch)) = batch.producer else {
            return false;
        };
        match self.pass.lasts.get(&producer) {
            Some(Last::Records(last)) => batch.last == *last,
            Some(Last::Marker(last)) => batch.is_control() && epoch == *last,
            None => false,
        }
    }
}
