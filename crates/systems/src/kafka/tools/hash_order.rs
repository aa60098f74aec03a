//! The order in which Java goes through a hash map.
//!
//! # Rules
//! 1. A text hashes to 31 times what came before plus the next UTF-16 unit, a partition to
//!    31 × (31 + index) plus its topic's hash, a long to its two halves against each other. Source:
//!    `String.hashCode`, `TopicPartition.hashCode`, `Long.hashCode`.
//! 2. The upper half of a hash is laid over the lower one, and the lowest bits choose the bucket. The
//!    buckets are gone through in order, and within one in the order of arrival. Source: `HashMap.hash`.
//! 3. There are 16 buckets, or the power of two at or above the number that was asked for. They double
//!    when more than three quarters as many entries are there. Source: `HashMap.resize`,
//!    `HashMap.tableSizeFor`. A concurrent map doubles at three quarters already. Source:
//!    `ConcurrentHashMap.addCount`.
//!
//! Left out: that eight or more in one bucket become a tree.

/// What kind of map, which decides how many buckets it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Map {
    /// A `HashMap` that grows from 16 buckets.
    Plain,
    /// A `HashMap` that was asked for room for as many entries as come.
    Sized,
    /// A `ConcurrentHashMap`.
    Concurrent,
}

impl Map {
    /// How many buckets it has with so many entries.
    pub fn buckets(self, entries: usize) -> u32 {
        let entries = u32::try_from(entries).unwrap_or(u32::MAX).min(1 << 28);
        let mut buckets = match self {
            Map::Plain | Map::Concurrent => 16,
            Map::Sized => entries.max(1).next_power_of_two(),
        };
        loop {
            let full = match self {
                Map::Plain | Map::Sized => entries * 4 > buckets * 3,
                Map::Concurrent => entries * 4 >= buckets * 3,
            };
            if !full {
                return buckets;
            }
            buckets *= 2;
        }
    }

    /// Brings entries that stand in the order of their arrival into the map's order.
    pub fn order<T>(self, entries: &mut [T], hash: impl Fn(&T) -> Hash) {
        let buckets = self.buckets(entries.len());
        tiny_sort::stable::sort_by_key(entries, |entry| hash(entry).bucket(buckets));
    }
}

/// What Java's `hashCode` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash(i32);

impl Hash {
    /// Of a text.
    pub fn of_text(text: &str) -> Hash {
        let step = |hash: i32, unit: u16| hash.wrapping_mul(31).wrapping_add(i32::from(unit));
        Hash(text.encode_utf16().fold(0, step))
    }

    /// Of a partition of a topic.
    pub fn of_partition(topic: &str, index: u32) -> Hash {
        let index = 31_i32.wrapping_add(index as i32);
        Hash(index.wrapping_mul(31).wrapping_add(Hash::of_text(topic).0))
    }

    /// Of a long.
    pub const fn of_long(number: u64) -> Hash {
        Hash((number ^ (number >> 32)) as i32)
    }

    /// The number itself.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// With its upper half over its lower one.
    pub const fn spread(self) -> i32 {
        let bits = self.0 as u32;
        (bits ^ (bits >> 16)) as i32
    }

    /// In which of so many buckets it falls.
    pub const fn bucket(self, buckets: u32) -> u32 {
        self.spread() as u32 & (buckets - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_partitions_hash_as_java_says() {
        assert_eq!(Hash::of_text("").number(), 0);
        assert_eq!(Hash::of_text("t").number(), 116);
        // Documented collision of `String.hashCode`.
        assert_eq!(Hash::of_text("Aa"), Hash::of_text("BB"));
        assert_eq!(Hash::of_text("polygenelubricants").number(), i32::MIN);
        assert_eq!(Hash::of_partition("t", 0).number(), 1_077);
        assert_eq!(Hash::of_long(1 << 32), Hash::of_long(1));
    }

    #[test]
    fn maps_grow_at_three_quarters() {
        let check = |map: Map, entries: usize, buckets: u32| {
            assert_eq!(map.buckets(entries), buckets, "{map:?} {entries}");
        };
        check(Map::Plain, 0, 16);
        check(Map::Plain, 12, 16);
        check(Map::Plain, 13, 32);
        check(Map::Concurrent, 11, 16);
        check(Map::Concurrent, 12, 32);
        check(Map::Sized, 0, 1);
        check(Map::Sized, 1, 2);
        check(Map::Sized, 2, 4);
        check(Map::Sized, 3, 4);
        check(Map::Sized, 4, 8);
        check(Map::Plain, usize::MAX, 1 << 29);
    }

    #[test]
    fn a_consumer_was_seen_to_print_partitions_in_this_order() {
        let mut partitions = [0, 1, 2, 3, 4, 5];
        Map::Plain.order(&mut partitions, |index| {
            Hash::of_partition("cdr.voice", *index)
        });
        assert_eq!(partitions, [2, 1, 0, 5, 4, 3]);
        let mut partitions = [0, 1];
        Map::Plain.order(&mut partitions, |index| Hash::of_partition("t", *index));
        assert_eq!(partitions, [1, 0]);
    }
}
