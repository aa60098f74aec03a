//! Which message of a queue is the oldest.

use crate::numbered::Numbered;
use explore::Weigh;
use explore::time::Instant;
use std::collections::BTreeSet;

/// When the messages of a queue were sent, by their places.
///
/// Mostly whoever came later was sent later, and the first is the oldest. Only a message that was moved
/// here and keeps its age can be older than what is before it; those stand apart.
#[derive(Clone, Debug, Default, Weigh)]
pub struct Ages {
    /// Each was sent no earlier than those before it.
    in_order: Numbered<Instant>,
    others: BTreeSet<(Instant, u64)>,
}

impl Ages {
    /// A message has come.
    pub fn add(&mut self, sequence: u64, sent: Instant) {
        let last = self.in_order.last();
        if last.is_none_or(|(last, before)| last < sequence && *before <= sent) {
            self.in_order.insert(sequence, sent);
        } else {
            self.others.insert((sent, sequence));
        }
    }

    /// It is gone.
    pub fn remove(&mut self, sequence: u64, sent: Instant) {
        if self.in_order.remove(sequence).is_none() {
            self.others.remove(&(sent, sequence));
        }
    }

    /// The oldest; of several the one that came first.
    pub fn oldest(&self) -> Option<(Instant, u64)> {
        let in_order = self.in_order.first();
        let in_order = in_order.map(|(sequence, sent)| (*sent, sequence));
        let others = self.others.first().copied();
        match (in_order, others) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_oldest_is_found_as_among_all(acts in proptest::collection::vec((0..3_u8, 0..8_u64), 0..80)) {
            let (mut ages, mut all) = (Ages::default(), BTreeSet::new());
            for (sequence, (act, number)) in (0..).zip(acts) {
                if act < 2 {
                    // Later than what came before, or not.
                    let sent = Instant(sequence / 2 + number);
                    ages.add(sequence, sent);
                    all.insert((sent, sequence));
                } else if let Some((sent, sequence)) = all.iter().nth(number as usize).copied() {
                    ages.remove(sequence, sent);
                    all.remove(&(sent, sequence));
                }
                prop_assert_eq!(ages.oldest(), all.first().copied());
            }
        }
    }
}
