//! A row of numbers in growing order, for what is mostly added at one end and taken at the other.
//!
//! Message groups of Amazon SQS, ordering keys of Pub/Sub and subjects of a JetStream stream keep theirs in it: there are many of them,
//! and a tree for each would be memory here and there for every message. In the middle of a long row
//! it is slower than a tree, as what is on the shorter side has to move.

use explore::Weigh;
use std::collections::VecDeque;

/// Numbers, each once, in growing order.
///
/// ```
/// use systems::row::Row;
/// let mut row: Row = [2, 3, 5].into_iter().collect();
/// assert!(row.insert(1) && !row.insert(3) && row.remove(2));
/// assert_eq!((row.first(), row.last(), row.after(3)), (Some(1), Some(5), Some(5)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Row(VecDeque<u64>);

impl Row {
    /// Where the number stands, or would stand. At the ends nothing is searched.
    fn place(&self, number: u64) -> Result<usize, usize> {
        match (self.0.front(), self.0.back()) {
            (_, Some(last)) if number > *last => Err(self.0.len()),
            (Some(first), _) if number < *first => Err(0),
            (Some(first), _) if number == *first => Ok(0),
            _ => self.0.binary_search(&number),
        }
    }

    /// Adds a number; false where it is there already.
    pub fn insert(&mut self, number: u64) -> bool {
        let place = self.place(number);
        if let Err(at) = place {
            self.0.insert(at, number);
        }
        place.is_err()
    }

    /// Takes a number out; whether it was there.
    pub fn remove(&mut self, number: u64) -> bool {
        let place = self.place(number);
        place.is_ok_and(|at| self.0.remove(at).is_some())
    }

    /// The smallest.
    pub fn first(&self) -> Option<u64> {
        self.0.front().copied()
    }

    /// The largest.
    pub fn last(&self) -> Option<u64> {
        self.0.back().copied()
    }

    /// The next one above a number.
    pub fn after(&self, number: u64) -> Option<u64> {
        let at = match self.place(number) {
            Ok(at) => at + 1,
            Err(at) => at,
        };
        self.0.get(at).copied()
    }

    /// The first one that is not below a number.
    pub fn from(&self, number: u64) -> Option<u64> {
        let (Ok(at) | Err(at)) = self.place(number);
        self.0.get(at).copied()
    }

    /// Takes out those from a number on.
    pub fn split_off(&mut self, number: u64) -> Row {
        let (Ok(at) | Err(at)) = self.place(number);
        Row(self.0.split_off(at))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().copied()
    }

    /// All of them, to be renumbered in a way that keeps their order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut u64> {
        self.0.iter_mut()
    }
}

impl FromIterator<u64> for Row {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Row {
        let mut row = Row::default();
        for number in numbers {
            row.insert(number);
        }
        row
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::Row;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_row_is_a_sorted_set(acts in proptest::collection::vec((0..4_u8, 0..20_u64), 0..60)) {
            let (mut row, mut set) = (Row::default(), BTreeSet::new());
            for (act, number) in acts {
                match act {
                    0 | 1 => prop_assert_eq!(row.insert(number), set.insert(number)),
                    2 => prop_assert_eq!(row.remove(number), set.remove(&number)),
                    _ => {
                        let (tail, rest) = (row.split_off(number), set.split_off(&number));
                        prop_assert!(tail.iter().eq(rest.iter().copied()));
                    }
                }
                prop_assert!(row.iter().eq(set.iter().copied()));
                prop_assert_eq!(row.after(number), set.range(number + 1..).next().copied());
                prop_assert_eq!(row.from(number), set.range(number..).next().copied());
                prop_assert_eq!((row.first(), row.last()), (set.first().copied(), set.last().copied()));
                prop_assert_eq!((row.len(), row.is_empty()), (set.len(), set.is_empty()));
            }
        }
    }
}
