//! A map of few entries, kept in the order of their keys in one list.
//!
//! For state that is copied, hashed and compared far more often than it grows: a list is small in code
//! and in memory. Adding in the middle moves what is behind.

use crate::Weigh;

/// A map in the order of its keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Sorted<K, V>(Vec<(K, V)>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted(Vec::new())
    }
}

impl<K: Copy + Ord, V> Sorted<K, V> {
    fn place(&self, key: K) -> Result<usize, usize> {
        self.0.binary_search_by_key(&key, |(key, _)| *key)
    }

    /// What is there under a key.
    pub fn get(&self, key: K) -> Option<&V> {
        let at = self.place(key).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// What is there under a key, to be changed.
    pub fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let at = self.place(key).ok()?;
        self.0.get_mut(at).map(|(_, value)| value)
    }

    /// What is there under a key, after this was put there if nothing was.
    pub fn or_insert(&mut self, key: K, value: V) -> &mut V {
        let at = self.place(key).unwrap_or_else(|at| {
            self.0.insert(at, (key, value));
            at
        });
        &mut self.0[at].1
    }

    /// Takes out what is there under a key.
    pub fn remove(&mut self, key: K) {
        if let Ok(at) = self.place(key) {
            self.0.remove(at);
        }
    }

    /// Keeps what passes.
    pub fn retain(&mut self, mut passes: impl FnMut(&V) -> bool) {
        self.0.retain(|(_, value)| passes(value));
    }

    /// All entries, by key.
    pub fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    /// The first key.
    pub fn first(&self) -> Option<K> {
        self.0.first().map(|(key, _)| *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_map_in_order() {
        let mut map = Sorted::default();
        for (key, value) in [(3, "c"), (1, "a"), (2, "b"), (3, "d")] {
            map.or_insert(key, value);
        }
        let all: Vec<_> = map.iter().map(|(key, value)| (key, *value)).collect();
        assert_eq!(all, [(1, "a"), (2, "b"), (3, "c")]);
        assert_eq!(
            (map.first(), map.get(2), map.get(4)),
            (Some(1), Some(&"b"), None)
        );
        map.remove(1);
        map.remove(9);
        map.retain(|value| *value != "c");
        assert_eq!(map.iter().count(), 1);
    }
}
