//! What a partition remembers of its producers: epochs, sequences, open transactions.
//!
//! # Rules
//! 1. Of each producer the last five batches of its present epoch are known. A batch with epoch, first
//!    and last sequence of one of them is a duplicate, whatever is in it: it is answered with the
//!    offsets it once got, and not stored again. Source: `ProducerStateEntry`, KIP-98. Shown by:
//!    kafka-txn-idempotent-duplicate, kafka_idempotent_producer.
//! 2. Otherwise its first sequence must follow the last one; after 2147483647 comes 0. What overlaps in
//!    part, or is older than five batches, is `OUT_OF_ORDER_SEQUENCE_NUMBER`. Source:
//!    `ProducerAppendInfo.checkSequence`. Shown by: kafka_idempotent_producer.
//! 3. A lower epoch is `INVALID_PRODUCER_EPOCH`, for data and for markers; a higher one begins at 0
//!    again. Source: `checkProducerEpoch`. Shown by: kafka-txn-idempotent-epochs.
//! 4. A producer nobody knows here may begin at any sequence: it may have been forgotten. One of
//!    transaction version 2 must begin at 0. Source: `checkSequence`, KIP-890. Shown by:
//!    kafka_idempotent_producer, kafka-txn-epoch-per-transaction.
//! 5. The memory does not hang on the records: what retention or delete records take leaves it as it
//!    is. Silence for `producer.id.expiration.ms` ends it, unless a transaction is open. Source:
//!    `ProducerStateManager.removeExpiredProducers`. Shown by: kafka_idempotent_producer (expired),
//!    kafka-txn-restart-broker.
//! 6. The first record of a transaction opens it here; while it is open, a record of that producer
//!    outside of it is `INVALID_TXN_STATE`. Source: `ProducerAppendInfo.appendDataBatch`. Shown by:
//!    kafka-txn-foreign-id.
//! 7. A marker ends it, and takes an offset also when there was nothing to end. One of an older
//!    coordinator is `TRANSACTION_COORDINATOR_FENCED`. A marker of version 2 has a higher epoch than
//!    the records it ends; with the same epoch it is taken as a repetition only when nothing is open.
//!    Source: `checkCoordinatorEpoch`, KIP-890, KAFKA-19999. Shown by: kafka-txn-markers-direct,
//!    kafka_idempotent_producer.
//! 8. The last stable offset is the first offset of the earliest transaction that is open, or whose
//!    marker is not yet below the high watermark; the high watermark when there is none. Source:
//!    `ProducerStateManager.firstUnstableOffset`. Shown by: kafka_transactions_lso,
//!    kafka-txn-lso-holds-plain.
//! 9. An aborted transaction that had records here is listed, in the order of the markers, with the
//!    last stable offset behind it. Source: `TransactionIndex`. Shown by: kafka_transactions_lso,
//!    kafka_aborted_txn_lookup.

use super::super::{Error, Offset};
use super::record::{Batch, Ended, Marker, Stamp, Stored, Timestamp};
use explore::Sorted;
use explore::Weigh;
use std::collections::BTreeMap;

/// How many batches of a producer are known.
const REMEMBERED: usize = 5;

/// Which producer: a number that the broker gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct ProducerId(pub u64);

/// Which life of a producer: an older one is fenced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct Epoch(pub i16);

impl Epoch {
    /// The last one that can be given out.
    pub const LAST: Epoch = Epoch(i16::MAX - 1);

    /// The one after it; nobody asks for it behind the end.
    #[must_use]
    pub const fn next(self) -> Epoch {
        Epoch(self.0.saturating_add(1))
    }
}

/// The how-manieth record of a producer in this partition and epoch, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Sequence(pub i32);

impl Sequence {
    /// The sequence so many records later (rule 2).
    #[must_use]
    pub const fn plus(self, records: u32) -> Sequence {
        let sum = (self.0 as i64 + records as i64).rem_euclid(1 << 31);
        Sequence(sum as i32)
    }
}

/// Which life of a transaction coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct CoordinatorEpoch(pub i32);

/// A batch that is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
struct Known {
    last_sequence: Sequence,
    first: Offset,
    last: Offset,
}

impl Known {
    fn first_sequence(&self) -> Sequence {
        let back = (self.last.0 - self.first.0) as i64;
        Sequence((i64::from(self.last_sequence.0) - back).rem_euclid(1 << 31) as i32)
    }
}

/// What is known of one producer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Producer {
    /// Its present epoch.
    pub epoch: Epoch,
    /// The coordinator that ended its last transaction here.
    pub coordinator: Option<CoordinatorEpoch>,
    /// When it was last heard of.
    pub latest: Timestamp,
    /// Where its open transaction begins.
    pub open_from: Option<Offset>,
    batches: Vec<Known>,
}

impl Producer {
    /// One that nothing is known of yet.
    fn new(epoch: Epoch) -> Self {
        Producer {
            epoch,
            coordinator: None,
            latest: Timestamp::MIN,
            open_from: None,
            batches: Vec::new(),
        }
    }

    /// The last sequence of its present epoch.
    pub fn last_sequence(&self) -> Option<Sequence> {
        self.batches.last().map(|batch| batch.last_sequence)
    }

    fn enter(&mut self, epoch: Epoch) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.batches.clear();
        }
    }
}

/// What a producer has written last, as far as it is still to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Last {
    /// Records; this is the last offset.
    Records(Offset),
    /// Nothing in its present epoch, which a marker has begun.
    Marker(Epoch),
}

/// Whether a transactional write was held against the coordinator before it came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A client's batch. The version is that of its transactions; 2 begins at sequence 0.
    Client {
        /// Whether the client's transactions are of version 2.
        bumps_epochs: bool,
    },
    /// A copy of what a leader has stored: nothing of it is doubted.
    Replication,
}

/// An attempt to open a transaction that the coordinator was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
struct Attempt {
    epoch: Epoch,
    lowest: Sequence,
}

/// An aborted transaction that had records here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Aborted {
    /// Whose it was.
    pub producer: ProducerId,
    /// Its first record.
    pub first: Offset,
    /// Its marker.
    pub last: Offset,
    /// The last stable offset behind it.
    pub last_stable: Offset,
}

/// What a partition remembers of its producers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Producers {
    known: Sorted<ProducerId, Producer>,
    attempts: Sorted<ProducerId, Attempt>,
    open: Sorted<Offset, ProducerId>,
    /// First and last offset of ended transactions whose marker may lie above the high watermark.
    ended: Vec<(Offset, Offset)>,
    aborted: Vec<Aborted>,
}

impl Producers {
    /// All producers that are known here.
    pub fn all(&self) -> impl Iterator<Item = (ProducerId, &Producer)> {
        self.known.iter()
    }

    /// What is known of one.
    pub fn get(&self, id: ProducerId) -> Option<&Producer> {
        self.known.get(id)
    }

    /// What each of them has written last. Source: `UnifiedLog.lastRecordsOfActiveProducers`.
    pub fn lasts(&self) -> BTreeMap<ProducerId, Last> {
        let last = |producer: &Producer| match producer.batches.last() {
            Some(batch) => Last::Records(batch.last),
            None => Last::Marker(producer.epoch),
        };
        self.all().map(|(id, one)| (id, last(one))).collect()
    }

    /// Whether this producer has a transaction open here under this epoch.
    pub fn is_open(&self, id: ProducerId, epoch: Epoch) -> bool {
        self.get(id)
            .is_some_and(|one| one.open_from.is_some() && one.epoch == epoch)
    }

    /// The offsets that this very batch was stored at before (rule 1).
    pub fn duplicate(&self, stamp: Stamp, records: usize) -> Option<(Offset, Offset)> {
        let producer = self.get(stamp.producer)?;
        let last = stamp.sequence.plus(records.saturating_sub(1) as u32);
        let same = |known: &&Known| {
            known.first_sequence() == stamp.sequence && known.last_sequence == last
        };
        let mut batches = producer.batches.iter();
        (producer.epoch == stamp.epoch)
            .then(|| batches.find(same))
            .flatten()
            .map(|known| (known.first, known.last))
    }

    /// Notes that the coordinator is asked about a write that may open a transaction here. The lowest
    /// sequence asked about must be the first one stored. Source: `VerificationStateEntry`.
    pub fn attempt(&mut self, stamp: Stamp) {
        let asked = Attempt {
            epoch: stamp.epoch,
            lowest: stamp.sequence,
        };
        let attempt = self.attempts.or_insert(stamp.producer, asked);
        let lower = asked.epoch == attempt.epoch && asked.lowest.0 < attempt.lowest.0;
        if asked.epoch > attempt.epoch || lower {
            *attempt = asked;
        }
    }

    /// Whether a batch may be stored now.
    ///
    /// # Errors
    /// [`Error::InvalidProducerEpoch`], [`Error::OutOfOrderSequenceNumber`], [`Error::InvalidTxnState`].
    pub fn check(&self, stamp: Stamp, transactional: bool, origin: Origin) -> Result<(), Error> {
        let Origin::Client { bumps_epochs } = origin else {
            return Ok(());
        };
        let known = self.get(stamp.producer);
        if known.is_some_and(|known| stamp.epoch < known.epoch) {
            return Err(Error::InvalidProducerEpoch);
        }
        let attempt = self.attempts.get(stamp.producer);
        let begins = stamp.sequence.0 == 0;
        let empty = known.is_none_or(|known| known.batches.is_empty());
        if transactional && attempt.is_some() && bumps_epochs && !begins && empty
            || attempt.is_some_and(|attempt| stamp.sequence.0 > attempt.lowest.0)
        {
            return Err(Error::OutOfOrderSequenceNumber);
        }
        let follows = match known {
            None => true,
            Some(known) if known.epoch == stamp.epoch => match known.last_sequence() {
                Some(last) => last.plus(1) == stamp.sequence,
                None => begins,
            },
            Some(_) => begins,
        };
        if !follows {
            return Err(Error::OutOfOrderSequenceNumber);
        }
        if !transactional && known.is_some_and(|known| known.open_from.is_some()) {
            return Err(Error::InvalidTxnState);
        }
        Ok(())
    }

    /// Notes a stored batch.
    pub(super) fn stored(&mut self, stored: &Stored) {
        let (Some((id, epoch)), Some(last_sequence)) = (stored.producer, stored.last_sequence())
        else {
            return;
        };
        let producer = self.known.or_insert(id, Producer::new(epoch));
        producer.enter(epoch);
        if producer.batches.len() == REMEMBERED {
            producer.batches.remove(0);
        }
        producer.batches.push(Known {
            last_sequence,
            first: stored.base,
            last: stored.last,
        });
        producer.latest = stored.latest;
        if stored.transactional && producer.open_from.is_none() {
            producer.open_from = Some(stored.base);
            self.open.or_insert(stored.base, id);
        }
        if stored.transactional {
            self.attempts.remove(id);
        }
    }

    /// Whether a marker may be stored now.
    ///
    /// # Errors
    /// [`Error::InvalidProducerEpoch`], [`Error::TransactionCoordinatorFenced`].
    pub fn check_marker(
        &self,
        id: ProducerId,
        epoch: Epoch,
        marker: Marker,
        bumps_epochs: bool,
    ) -> Result<(), Error> {
        let Some(known) = self.get(id) else {
            return Ok(());
        };
        let repeated = epoch == known.epoch && known.open_from.is_none();
        if epoch < known.epoch || bumps_epochs && epoch == known.epoch && !repeated {
            return Err(Error::InvalidProducerEpoch);
        }
        if known.coordinator > Some(marker.coordinator) {
            return Err(Error::TransactionCoordinatorFenced);
        }
        Ok(())
    }

    /// Notes a stored marker.
    pub(super) fn ended(
        &mut self,
        id: ProducerId,
        epoch: Epoch,
        marker: Marker,
        at: Offset,
        now: Timestamp,
    ) {
        let producer = self.known.or_insert(id, Producer::new(epoch));
        producer.enter(epoch);
        producer.coordinator = Some(marker.coordinator);
        producer.latest = now;
        self.attempts.remove(id);
        let Some(first) = producer.open_from.take() else {
            return;
        };
        self.open.remove(first);
        self.ended.push((first, at));
        if marker.ended == Ended::Abort {
            let last_stable = self.open.first();
            self.aborted.push(Aborted {
                producer: id,
                first,
                last: at,
                last_stable: last_stable.unwrap_or(Offset(at.0 + 1)),
            });
        }
    }

    /// Everything below this offset is on all replicas.
    pub(super) fn replicated(&mut self, high_watermark: Offset) {
        self.ended.retain(|(_, last)| *last >= high_watermark);
    }

    /// The first offset that readers of committed records may not pass (rule 8).
    pub fn first_unstable(&self) -> Option<Offset> {
        let open = self.open.first();
        let ended = self.ended.iter().map(|(first, _)| *first).min();
        open.into_iter().chain(ended).min()
    }

    /// All aborted transactions that are listed.
    pub fn aborted(&self) -> &[Aborted] {
        &self.aborted
    }

    /// Those that a reader from one offset to below another must know of (rule 9), and whether the
    /// list goes on behind what was looked at in vain. Source: `TransactionIndex.collectAbortedTxns`.
    pub fn aborted_between(&self, from: Offset, below: Offset) -> Vec<Aborted> {
        let begin = self.aborted.partition_point(|one| one.last < from);
        aborted_between(&self.aborted[begin..], from, below).0
    }

    /// Forgets aborted transactions that end below an offset.
    pub(super) fn forget_aborted(&mut self, below: Offset) {
        self.aborted.retain(|one| one.last >= below);
    }

    /// Replaces the part of the list that ends below an offset.
    pub(super) fn list_aborted_again(&mut self, below: Offset, listed: Vec<Aborted>) {
        let end = self.aborted.partition_point(|one| one.last < below);
        self.aborted.splice(..end, listed);
    }

    /// Forgets who was silent for so long (rule 5).
    pub fn expire(&mut self, now: Timestamp, silence_ms: i64) {
        self.known.retain(|producer| {
            // A producer may claim any time, so the distance may be more than a number can say.
            let silent = now.0.saturating_sub(producer.latest.0);
            producer.open_from.is_some() || silent < silence_ms
        });
    }

    /// When the next one has been silent for so long.
    pub(crate) fn next_expiry(&self, silence_ms: i64) -> Option<Timestamp> {
        let known = self.known.iter().map(|(_, one)| one);
        let idle = known.filter(|one| one.open_from.is_none());
        idle.map(|one| Timestamp(one.latest.0.saturating_add(silence_ms)))
            .min()
    }
}

/// The aborted transactions of a list that a reader of this range must know of, and whether looking
/// on could find more. The upper end is coarse: what begins below it counts.
pub fn aborted_between(list: &[Aborted], from: Offset, below: Offset) -> (Vec<Aborted>, bool) {
    let mut found = Vec::new();
    for one in list {
        if one.last >= from && one.first < below {
            found.push(*one);
        }
        if one.last_stable >= below {
            return (found, true);
        }
    }
    (found, false)
}

/// Whether a batch can be one of a producer's at all. Source: `LogValidator.validateBatch`.
pub(super) fn is_sound(batch: &Batch) -> bool {
    match batch.stamp {
        None => !batch.transactional,
        Some(stamp) => stamp.sequence.0 >= 0,
    }
}
