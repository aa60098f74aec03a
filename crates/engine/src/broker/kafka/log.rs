//! A partition: records in the order they came, each at its offset.

use super::{Error, Offset};
use crate::RecordId;
use serde::{Deserialize, Serialize};

/// A record at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stored {
    /// Where it stands.
    pub offset: Offset,
    /// Which record.
    pub record: RecordId,
}

/// The log of one partition. Offsets begin at 0, never repeat and never go back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    records: Vec<Stored>,
}

impl Log {
    /// Appends a record at the end and says where it stands.
    pub fn append(&mut self, record: RecordId) -> Offset {
        let offset = self.end();
        self.records.push(Stored { offset, record });
        offset
    }

    /// The first offset there is.
    pub fn start(&self) -> Offset {
        Offset(0)
    }

    /// The offset the next record will get.
    pub fn end(&self) -> Offset {
        Offset(self.records.len() as u64)
    }

    /// The records from `offset` on: none at the end of the log.
    ///
    /// # Errors
    /// [`Error::OffsetOutOfRange`] beyond the end.
    pub fn read(&self, offset: Offset) -> Result<&[Stored], Error> {
        usize::try_from(offset.0)
            .ok()
            .and_then(|from| self.records.get(from..))
            .ok_or(Error::OffsetOutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_at_the_end_finds_nothing_and_beyond_it_is_refused() {
        let mut log = Log::default();
        assert_eq!(log.append(RecordId(7)), Offset(0));
        assert_eq!(log.read(Offset(0)).unwrap().len(), 1);
        assert_eq!(log.read(Offset(1)), Ok(&[][..]));
        assert_eq!(log.read(Offset(2)), Err(Error::OffsetOutOfRange));
        assert_eq!(log.read(Offset(u64::MAX)), Err(Error::OffsetOutOfRange));
    }
}
