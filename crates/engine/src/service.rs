//! What consumers call besides the broker: services with an effect outside, and tables.
//!
//! Both outlive every crash of a consumer. A service cannot take back what it did. A table is read
//! and written in transactions of one row each; inserting what is there already changes nothing.

use crate::cast::RecordId;

/// A service that counts what it did, for example a mail provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Service {
    /// How often, by record, in the order of the scene's records.
    done: Vec<(RecordId, u32)>,
}

impl Service {
    /// Does its work for a record, and says how often it has now done so.
    pub fn perform(&mut self, record: RecordId) -> u32 {
        let at = match self.done.binary_search_by_key(&record, |entry| entry.0) {
            Ok(at) => at,
            Err(at) => {
                self.done.insert(at, (record, 0));
                at
            }
        };
        self.done[at].1 = self.done[at].1.saturating_add(1);
        self.done[at].1
    }

    /// How often it has done its work for a record.
    pub fn times(&self, record: RecordId) -> u32 {
        self.done
            .binary_search_by_key(&record, |entry| entry.0)
            .map_or(0, |at| self.done[at].1)
    }

    /// For which records it has done its work, and how often, in the order of the scene's records.
    pub fn all(&self) -> impl Iterator<Item = (RecordId, u32)> + '_ {
        self.done.iter().copied()
    }

    /// How often it has done its work in all.
    pub fn total(&self) -> u32 {
        self.done
            .iter()
            .fold(0, |sum, (_, times)| sum.saturating_add(*times))
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
