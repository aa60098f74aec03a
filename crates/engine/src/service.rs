//! What consumers call besides the broker: services with an effect outside, and tables.
//!
//! Both outlive every crash of a consumer. A service cannot take back what it did. A table is read
//! and written in transactions of one row each; inserting what is there already changes nothing.

use crate::cast::RecordId;
use std::collections::BTreeMap;

/// A service that counts what it did, for example a mail provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Service {
    done: BTreeMap<RecordId, u32>,
}

impl Service {
    /// Does its work for a record, and says how often it has now done so.
    pub fn perform(&mut self, record: RecordId) -> u32 {
        let times = self.done.entry(record).or_insert(0);
        *times = times.saturating_add(1);
        *times
    }

    /// How often it has done its work for a record.
    pub fn times(&self, record: RecordId) -> u32 {
        self.done.get(&record).copied().unwrap_or(0)
    }

    /// For which records it has done its work, and how often, in the order of the scene's records.
    pub fn all(&self) -> impl Iterator<Item = (RecordId, u32)> + '_ {
        self.done.iter().map(|(&record, &times)| (record, times))
    }

    /// How often it has done its work in all.
    pub fn total(&self) -> u32 {
        self.done
            .values()
            .fold(0, |sum, times| sum.saturating_add(*times))
    }
}

/// A table with one row per record, for example of processed events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Table {
    rows: Vec<RecordId>,
}

impl Table {
    /// Whether the record is there.
    pub fn contains(&self, record: RecordId) -> bool {
        self.rows.binary_search(&record).is_ok()
    }

    /// Enters the record.
    pub fn insert(&mut self, record: RecordId) {
        if let Err(at) = self.rows.binary_search(&record) {
            self.rows.insert(at, record);
        }
    }

    /// The rows, in the order of the scene's records.
    pub fn rows(&self) -> &[RecordId] {
        &self.rows
    }
}
