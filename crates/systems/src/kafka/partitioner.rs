//! The Kafka producer's default partitioner: which partition a record without one goes to.
//!
//! # Rules
//! Sources: `BuiltInPartitioner` and `Utils.murmur2` of the Kafka 4.3 client with their tests, and
//! KIP-794 ("Strictly Uniform Sticky Partitioner").
//!
//! 1. A record with a key goes to `(murmur2(key) AND 0x7fffffff) mod partitions`. The hash is taken
//!    over the serialized bytes; an empty key is a key.
//! 2. So the same key goes to the same partition only while the number of partitions is the same.
//! 3. Records without a key stick to one partition, over several sends and batches, until
//!    `batch.size` bytes went there; then another is drawn. It is not round robin.
//! 4. The first record draws too. A draw may give the same partition again.
//! 5. While the partition's newest batch is not complete the switch is held back, so that no small
//!    batch is left behind, but no longer than until twice `batch.size` bytes went there.
//! 6. What went beyond the limit does not count for the next partition: it begins at 0.
//! 7. Without load statistics every partition with a leader is as likely as any other. Where none
//!    has a leader, all are drawn from.
//! 8. With them (`partitioner.adaptive.partitioning.enable`) a partition's weight is the longest
//!    queue + 1 − its own queue, so that slow brokers get less and none gets nothing.
//! 9. Statistics are not used for a topic of one partition, nor when no partition is left among
//!    them, nor when all queues are equally long and none was left out.
//!    (`partitioner.availability.timeout.ms` leaves out slow ones.)
//! 10. New statistics change nothing for the present partition, only for the next draw.
//!
//! # What it is not
//! No accumulator: who appends counts the bytes and says whether the batch is complete. No source
//! of chance: draws are handed in. `partitioner.ignore.keys` is a matter of whoever asks: it asks
//! without the key. Races between threads of a client and its rack are left out.

use std::num::{NonZeroU16, NonZeroU32};

/// The hash of the Kafka clients for keys: `MurmurHash2`, 32 bits, with a seed of their own.
///
/// ```
/// assert_eq!(systems::kafka::partitioner::murmur2(b"21"), -973_932_308);
/// ```
pub fn murmur2(bytes: &[u8]) -> i32 {
    const SEED: u32 = 0x9747_b28c;
    const MULTIPLIER: u32 = 0x5bd1_e995;
    const SHIFT: u32 = 24;
    // Lengths count modulo 2^32, as they do in the original.
    let mut hash = SEED ^ bytes.len() as u32;
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        let mut mixed = u32::from_le_bytes(*word).wrapping_mul(MULTIPLIER);
        mixed ^= mixed >> SHIFT;
        hash = hash.wrapping_mul(MULTIPLIER) ^ mixed.wrapping_mul(MULTIPLIER);
    }
    if !rest.is_empty() {
        for (byte, at) in rest.iter().zip([0, 8, 16]) {
            hash ^= u32::from(*byte) << at;
        }
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^= hash >> 15;
    hash.cast_signed()
}

/// The partition of a record with a key (rule 1).
///
/// An empty key is a key, and two counts of partitions are two places:
/// ```
/// # use std::num::NonZeroU16;
/// use systems::kafka::partitioner::partition_for_key;
/// let place = |key: &str, partitions| partition_for_key(key.as_bytes(), NonZeroU16::new(partitions).unwrap());
/// assert_eq!(place("user-1", 3), 2);
/// assert_eq!(place("user-1", 12), 8);
/// assert_eq!(place("", 3), 0);
/// ```
pub fn partition_for_key(key: &[u8], partitions: NonZeroU16) -> u16 {
    let place = positive(murmur2(key).cast_unsigned()) % u32::from(partitions.get());
    // Below a u16.
    place as u16
}

/// Without the sign, as the clients do it: not its absolute value, which does not always exist.
const fn positive(number: u32) -> u32 {
    number & 0x7fff_ffff
}

/// A topic as the producer's metadata show it.
#[derive(Clone, Copy, Debug)]
pub struct Topic<'a> {
    /// How many partitions it has.
    pub partitions: NonZeroU16,
    /// Those that have a leader.
    pub available: &'a [u16],
}

/// Whether the newest batch of the partition is complete (rule 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batch {
    /// It takes no more records.
    Complete,
    /// It waits for more.
    Open,
}

/// How much waits to be sent to a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Which partition.
    pub partition: u16,
    /// How many batches wait.
    pub batches: u32,
}

/// Chooses partitions for records without a key, for one topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StickyPartitioner {
    batch_size: NonZeroU32,
    current: Option<Current>,
    /// Each partition, and where its share of all weights ends; empty: all are alike (rule 7).
    shares: Vec<(u16, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Current {
    partition: u16,
    bytes: u64,
}

impl StickyPartitioner {
    /// One that has chosen nothing yet. `batch_size` is in bytes; the real client takes 1 for 0.
    pub const fn new(batch_size: NonZeroU32) -> Self {
        StickyPartitioner {
            batch_size,
            current: None,
            shares: Vec::new(),
        }
    }

    /// The partition of the next record. It draws only if none is chosen (rule 4).
    pub fn partition(&mut self, topic: Topic<'_>, draw: &mut impl FnMut() -> u32) -> u16 {
        match self.current {
            Some(current) => current.partition,
            None => self.switch(topic, draw),
        }
    }

    /// Tells that `bytes` were appended to the chosen partition, which may end its turn (rules 3
    /// and 5). Without a chosen partition nothing was appended here, and nothing happens.
    pub fn appended(
        &mut self,
        bytes: u32,
        batch: Batch,
        topic: Topic<'_>,
        draw: &mut impl FnMut() -> u32,
    ) {
        let Some(current) = &mut self.current else {
            return;
        };
        current.bytes += u64::from(bytes);
        let size = u64::from(self.batch_size.get());
        let limit = match batch {
            Batch::Complete => size,
            Batch::Open => size * 2,
        };
        if current.bytes >= limit {
            self.switch(topic, draw);
        }
    }

    /// Hands over new load statistics: the queues of the partitions that have a leader and are not
    /// left out for being slow (rules 8 to 10). `None` switches them off.
    pub fn weigh(&mut self, queues: Option<&[Queue]>, partitions: NonZeroU16) {
        let queues = queues.unwrap_or_default();
        let is_any_left_out = queues.len() < usize::from(partitions.get());
        let are_alike = queues
            .windows(2)
            .all(|pair| pair[0].batches == pair[1].batches);
        self.shares.clear();
        if partitions.get() < 2 || (are_alike && !is_any_left_out) {
            return;
        }
        let lengths: Vec<u32> = queues.iter().map(|queue| queue.batches).collect();
        let mut end = 0;
        for (queue, weight) in queues.iter().zip(weights(&lengths)) {
            end += weight;
            self.shares.push((queue.partition, end));
        }
    }

    fn switch(&mut self, topic: Topic<'_>, draw: &mut impl FnMut() -> u32) -> u16 {
        let partition = self.choose(topic, positive(draw()));
        self.current = Some(Current {
            partition,
            bytes: 0,
        });
        partition
    }

    fn choose(&self, topic: Topic<'_>, draw: u32) -> u16 {
        if let Some(&(last, end)) = self.shares.last() {
            let drawn = u64::from(draw) % end;
            let share = self.shares.iter().find(|(_, end)| drawn < *end);
            return share.map_or(last, |(partition, _)| *partition);
        }
        let place = |count: usize| draw as usize % count.max(1);
        match topic.available.get(place(topic.available.len())) {
            Some(partition) => *partition,
            // Below the number of partitions, a u16.
            None => place(usize::from(topic.partitions.get())) as u16,
        }
    }
}

/// The weights of partitions with queues of these lengths (rule 8).
pub fn weights(queues: &[u32]) -> Vec<u64> {
    let longest = queues.iter().copied().max().map_or(0, u64::from);
    queues
        .iter()
        .map(|queue| longest + 1 - u64::from(*queue))
        .collect()
}

// Random inputs come from a library for the host.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
