//! Whether the numbers of a table are the amounts of the records, and for whom they are not.

use super::World;
use crate::cast::TableId;
use crate::handler::Value;
use std::collections::BTreeMap;

/// A table's numbers beside the amounts of all records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sums {
    /// What the numbers of the table come to.
    pub there: i64,
    /// What the amounts of all records come to.
    pub due: i64,
    /// What those below zero come to.
    pub taken_back: i64,
    /// What those above zero come to.
    pub paid: i64,
}

impl Sums {
    /// By how much the table exceeds the records; below zero where some of it is missing.
    pub const fn surplus(&self) -> i64 {
        self.there.saturating_sub(self.due)
    }
}

/// A row that is not what its records come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Off {
    /// The key of the row and of the records.
    pub key: String,
    /// The number in the row; 0 where there is none.
    pub there: i64,
    /// What the amounts of the records with this key come to.
    pub due: i64,
}

impl World {
    /// The numbers of a table beside the amounts of all records.
    pub fn sums(&self, table: TableId) -> Sums {
        let cast = self.cast();
        let sum_of = |counts: fn(i64) -> bool| {
            let amounts = cast.told().map(|record| cast.records[record.at()].amount);
            let counted = amounts.filter(|&amount| counts(amount));
            counted.fold(0_i64, i64::saturating_add)
        };
        let rows = self.tables()[table.at()].rows().iter();
        Sums {
            there: rows.fold(0_i64, |sum, row| match row.value {
                Value::Number(number) => sum.saturating_add(number),
                _ => sum,
            }),
            due: sum_of(|_| true),
            taken_back: sum_of(|amount| amount < 0),
            paid: sum_of(|amount| amount > 0),
        }
    }

    /// The rows that are not what the records with their key come to, in the order of the keys. None where
    /// the table's numbers stand under something else than the records' keys.
    pub fn off(&self, table: TableId) -> Option<Vec<Off>> {
        let cast = self.cast();
        let mut by_key: BTreeMap<&str, Off> = BTreeMap::new();
        for record in cast.told() {
            let plan = &cast.records[record.at()];
            let key = plan.key.as_deref()?;
            let off = by_key.entry(key).or_insert_with(|| Off {
                key: key.to_owned(),
                there: 0,
                due: 0,
            });
            off.due = off.due.saturating_add(plan.amount);
        }
        for row in self.tables()[table.at()].rows() {
            let Value::Number(number) = row.value else {
                continue;
            };
            let Value::Text(key) = &row.key else {
                return None;
            };
            by_key.get_mut(&**key)?.there = number;
        }
        Some(
            by_key
                .into_values()
                .filter(|off| off.there != off.due)
                .collect(),
        )
    }
}
