//! What consumers call besides the broker: services with an effect outside, and tables.
//!
//! Both outlive every crash of a consumer.
//!
//! # Rules
//! 1. A service cannot take back what it did. A request with an idempotency key it has seen before
//!    is answered like the first one and does nothing.
//! 2. A transaction over tables happens at one instant, whole or not at all. An `insert` whose row is
//!    there undoes the transaction it is part of; alone it changes nothing and says so.
//! 3. A row of a table with a time to live is gone when that has passed since it was last written.

use crate::cast::{RecordId, TableId};
use crate::handler::{TableStep, Value};
use crate::time::Instant;
use explore::Weigh;
use systems::visit::{Visit, Visitor};

/// A service that counts what it did, for example a mail provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Service {
    /// How often, by record, in the order of the scene's records.
    done: Vec<(RecordId, u32)>,
    /// The idempotency keys it has seen, sorted.
    keys: Vec<Value>,
    /// The first record whose work was done, for the first time, after that of a later one of its key.
    overtaken: Option<RecordId>,
}

impl Service {
    /// Does its work for a record, and says how often it has now done so. Nothing when it knew the key.
    pub fn perform(&mut self, record: RecordId, key: Option<&Value>) -> Option<u32> {
        if let Some(key) = key {
            match self.keys.binary_search(key) {
                Ok(_) => return None,
                Err(at) => self.keys.insert(at, key.clone()),
            }
        }
        let at = match self.done.binary_search_by_key(&record, |entry| entry.0) {
            Ok(at) => at,
            Err(at) => {
                self.done.insert(at, (record, 0));
                at
            }
        };
        self.done[at].1 = self.done[at].1.saturating_add(1);
        Some(self.done[at].1)
    }

    /// Notes that a record was overtaken by a later one of its key.
    pub fn overtake(&mut self, record: RecordId) {
        self.overtaken.get_or_insert(record);
    }

    /// The first record that was overtaken.
    pub fn overtaken(&self) -> Option<RecordId> {
        self.overtaken
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

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Row {
    /// Its key. The text of a record stands for that record.
    pub key: Value,
    /// What it says.
    pub value: Value,
    /// When it is gone by itself.
    pub expires: Option<Instant>,
}

/// A table, for example of processed events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Table {
    /// Sorted by key.
    rows: Vec<Row>,
}

impl Table {
    fn place(&self, key: &Value) -> Result<usize, usize> {
        self.rows.binary_search_by(|row| row.key.cmp(key))
    }

    /// Whether there is a row with this key.
    pub fn contains(&self, key: &Value) -> bool {
        self.place(key).is_ok()
    }

    /// What the row with this key says.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.place(key).ok().map(|at| &self.rows[at].value)
    }

    /// The rows, sorted by key.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    fn write(&mut self, key: &Value, value: Value, expires: Option<Instant>) {
        let row = Row {
            key: key.clone(),
            value,
            expires,
        };
        match self.place(key) {
            Ok(at) => self.rows[at] = row,
            Err(at) => self.rows.insert(at, row),
        }
    }

    /// Takes a row out and says whether it was there.
    pub fn remove(&mut self, key: &Value) -> bool {
        self.place(key).map(|at| self.rows.remove(at)).is_ok()
    }
}

impl Visit for Table {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for row in &mut self.rows {
            row.expires.visit(visitor);
        }
    }
}

impl TableStep {
    /// Which table.
    pub const fn table(&self) -> TableId {
        match self {
            TableStep::Get(table, _)
            | TableStep::Has(table, _)
            | TableStep::Insert(table, _, _)
            | TableStep::Put(table, _, _)
            | TableStep::Add(table, _, _)
            | TableStep::Delete(table, _) => *table,
        }
    }

    /// Whether it changes nothing.
    pub const fn only_reads(&self) -> bool {
        matches!(self, TableStep::Get(..) | TableStep::Has(..))
    }

    /// Does it, when it [only reads](TableStep::only_reads), and answers.
    pub fn read(&self, table: &Table) -> Value {
        match self {
            TableStep::Get(_, key) => table.get(key).cloned().unwrap_or_default(),
            TableStep::Has(_, key) => Value::Truth(table.contains(key)),
            _ => Value::Nothing,
        }
    }

    /// Does it, and answers. A row it writes lives until `expires`.
    pub fn apply(&self, table: &mut Table, expires: Option<Instant>) -> Value {
        match self {
            TableStep::Get(..) | TableStep::Has(..) => self.read(table),
            TableStep::Insert(_, key, value) => {
                let free = !table.contains(key);
                if free {
                    table.write(key, value.clone(), expires);
                }
                Value::Truth(free)
            }
            TableStep::Put(_, key, value) => {
                table.write(key, value.clone(), expires);
                Value::Nothing
            }
            TableStep::Add(_, key, by) => {
                let before = match table.get(key) {
                    Some(Value::Number(number)) => *number,
                    _ => 0,
                };
                let after = before.saturating_add(*by);
                table.write(key, Value::Number(after), expires);
                Value::Number(after)
            }
            TableStep::Delete(_, key) => Value::Truth(table.remove(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_knows_the_key_does_nothing_again() {
        let mut service = Service::default();
        let key = Value::Text("ord_1".into());
        assert_eq!(service.perform(RecordId(0), Some(&key)), Some(1));
        assert_eq!(service.perform(RecordId(0), Some(&key)), None);
        assert_eq!(service.perform(RecordId(0), None), Some(2));
    }

    #[test]
    fn what_a_step_does_to_a_table_and_answers() {
        let key = || Value::Text("a".into());
        let (id, number) = (TableId(0), Value::Number);
        let mut table = Table::default();
        for (step, answer) in [
            (TableStep::Has(id, key()), Value::Truth(false)),
            (TableStep::Insert(id, key(), number(1)), Value::Truth(true)),
            (TableStep::Insert(id, key(), number(2)), Value::Truth(false)),
            (TableStep::Get(id, key()), number(1)),
            (TableStep::Add(id, key(), 5), number(6)),
            (TableStep::Put(id, key(), Value::Nothing), Value::Nothing),
            (TableStep::Add(id, key(), i64::MAX), number(i64::MAX)),
            (TableStep::Add(id, key(), 1), number(i64::MAX)),
            (TableStep::Delete(id, key()), Value::Truth(true)),
            (TableStep::Delete(id, key()), Value::Truth(false)),
        ] {
            assert_eq!(step.apply(&mut table, None), answer, "{step:?}");
        }
    }
}
