//! What happens to the rows of tables.

use crate::cast::{ConsumerId, RecordId, TableId};
use crate::handler::Value;

systems::facts! {
    /// The guard asked the table, and the record was not in it.
    Headline NotFound "not_in_table" {
        /// Who asked.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// Which record.
        record: RecordId,
    }
    /// The guard asked the table, the record was in it, and the handler passed over it.
    Headline Skipped "skipped" {
        /// Who.
        consumer: ConsumerId,
        /// In which table it stood.
        table: TableId,
        /// Which record.
        record: RecordId,
    }
    /// A record was entered in a table.
    Headline Inserted "inserted" {
        /// Who entered it.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// Which record.
        record: RecordId,
    }
    /// A row was written: put, or added to.
    Headline Wrote "wrote" {
        /// Who wrote it.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// The row's key.
        key: Value,
        /// What it says now.
        value: Value,
    }
    /// A row was taken out.
    Headline Removed "removed" {
        /// Who took it out.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// The row's key.
        key: Value,
    }
    /// A row was read.
    Headline Read "read" {
        /// Who read it.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// The row's key.
        key: Value,
        /// What it says.
        value: Value,
    }
    /// A transaction was undone, because a row it would have entered was there.
    Headline Undone "undone" {
        /// Whose.
        consumer: ConsumerId,
        /// Which table.
        table: TableId,
        /// The row that was there.
        key: Value,
    }
    /// The time to live of a row has passed.
    Headline Expired "row_expired" {
        /// Which table.
        table: TableId,
        /// The row's key.
        key: Value,
    }
}
