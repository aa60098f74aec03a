//! Which consumers may have something to deliver in this step.

use std::sync::Arc;

/// A stream's name and a consumer's.
type Name = (Arc<str>, Arc<str>);

/// Consumers to be looked at, each once, in the order of their streams' names and their own.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// The first one stands by itself: mostly there is no other, and then nothing is allocated.
    first: Option<Name>,
    /// The others, the last one first.
    later: Vec<Name>,
}

impl Signals {
    /// Adds a consumer, unless it is among them.
    pub(super) fn add(&mut self, stream: &Arc<str>, consumer: &Arc<str>) {
        let its = (&**stream, &**consumer);
        let order = |one: &Name| (&*one.0, &*one.1).cmp(&its);
        let name = match self.first.as_ref().map(order) {
            Some(std::cmp::Ordering::Equal) => return,
            Some(std::cmp::Ordering::Less) => (stream.clone(), consumer.clone()),
            Some(std::cmp::Ordering::Greater) | None => {
                let first = (stream.clone(), consumer.clone());
                self.later.extend(self.first.replace(first));
                return;
            }
        };
        if let Err(at) = self.later.binary_search_by(|one| order(one).reverse()) {
            self.later.insert(at, name);
        }
    }

    /// Takes the first one.
    pub(super) fn pop_first(&mut self) -> Option<Name> {
        let first = self.first.take()?;
        self.first = self.later.pop();
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn signals_come_as_from_a_sorted_set() {
        let names: Vec<Arc<str>> = ["a", "b", "c"].map(Arc::from).into();
        // Every order of adding four of nine, with repetitions, and taking in between.
        for mut seed in 0..6_561_usize {
            let (mut signals, mut set) = (Signals::default(), BTreeSet::new());
            for _ in 0..4 {
                let (stream, consumer) = (&names[seed % 3], &names[seed / 3 % 3]);
                signals.add(stream, consumer);
                set.insert((stream.clone(), consumer.clone()));
                if seed % 9 == 4 {
                    assert_eq!(signals.pop_first(), set.pop_first());
                }
                seed /= 9;
            }
            while let Some(first) = set.pop_first() {
                assert_eq!(signals.pop_first(), Some(first));
            }
            assert_eq!(signals.pop_first(), None);
        }
    }
}
