//! The records of a shard.

use super::Record;
use crate::visit::{Visit, Visitor};
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// How many records a block has, the first and the last excepted, which may have fewer.
const BLOCK: usize = 128;

/// Records one behind the other. They stand in blocks: a copy shares them, and neither adding one nor
/// dropping the oldest moves the others. Where blocks begin depends on what was dropped before; the
/// same records are equal all the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    blocks: VecDeque<Arc<VecDeque<Record>>>,
    len: usize,
}

impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl Eq for Records {}

impl Hash for Records {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len.hash(state);
        self.iter().for_each(|record| record.hash(state));
    }
}

impl Records {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.blocks.iter().flat_map(|block| block.iter())
    }

    pub(super) fn oldest(&self) -> Option<&Record> {
        self.blocks.front()?.front()
    }

    /// The record before which there are so many.
    pub(super) fn get(&self, place: usize) -> Option<&Record> {
        let first = self.blocks.front()?;
        match place.checked_sub(first.len()) {
            None => first.get(place),
            Some(behind) => self.blocks.get(behind / BLOCK + 1)?.get(behind % BLOCK),
        }
    }

    /// How many records there are before the first for which `is_before` does not hold.
    pub(super) fn partition_point(&self, is_before: impl Fn(&Record) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle).is_some_and(&is_before) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }

    pub(super) fn push(&mut self, record: Record) {
        if self.blocks.back().is_none_or(|block| block.len() >= BLOCK) {
            self.blocks.push_back(Arc::default());
        }
        if let Some(block) = self.blocks.back_mut() {
            Arc::make_mut(block).push_back(record);
            self.len += 1;
        }
    }

    /// Drops the oldest record.
    pub(super) fn drop_oldest(&mut self) {
        let Some(block) = self.blocks.front_mut() else {
            return;
        };
        if Arc::make_mut(block).pop_front().is_some() {
            self.len -= 1;
        }
        if block.is_empty() {
            self.blocks.pop_front();
        }
    }
}

impl Visit for Records {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for block in &mut self.blocks {
            Arc::make_mut(block).visit(visitor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinesis::sequence::SequenceNumber;
    use explore::time::Instant;

    fn record(number: u64) -> Record {
        Record {
            sequence: SequenceNumber::new(Instant(0), 0, number, Instant(0)),
            arrived: Instant(number),
            key: "k".into(),
            body: "b".into(),
            record: None,
        }
    }

    #[test]
    fn records_are_found_whatever_was_dropped_before_them() {
        for dropped in [0, 1, 127, 128, 129, 300] {
            let mut records = Records::default();
            (0..dropped).for_each(|number| records.push(record(number)));
            (0..dropped).for_each(|_| records.drop_oldest());
            assert_eq!((records.len(), records.oldest()), (0, None));
            let mut fresh = Records::default();
            for number in 0..1_000 {
                records.push(record(number));
                fresh.push(record(number));
                if number % 3 == 0 {
                    records.drop_oldest();
                    fresh.drop_oldest();
                }
            }
            assert_eq!(records, fresh);
            let first = 334;
            for place in 0..records.len() {
                assert_eq!(records.get(place), Some(&record(first + place as u64)));
            }
            assert_eq!(records.get(records.len()), None);
            let before = records.partition_point(|one| one.arrived < Instant(500));
            assert_eq!(before, 500 - 334);
        }
    }
}
