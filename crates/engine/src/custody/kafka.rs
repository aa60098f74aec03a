//! Custody on Kafka: copies of a record in a log, and how far a group has committed.

use super::Custody;
use crate::cast::{Cast, ClientId, RecordId};
use crate::fact::{Fact, kafka};
use crate::handler::Place;
use crate::scene::Published;
use crate::trace::{FactId, Trace};
use systems::kafka::log::Isolation;
use systems::kafka::log::producers::ProducerId;
use systems::kafka::log::record::Ended;
use systems::kafka::offsets::Offsets;
use systems::kafka::transaction::TransactionalId;
use systems::kafka::{Error, GroupId, Offset, Partition, TopicId};

/// How a copy of a record stands in its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In no transaction, or in one that was committed.
    Counts,
    /// In a transaction that has not ended.
    Open,
    /// In a transaction that was aborted.
    Aborted,
}

/// A record in a log; it may stand there several times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where.
    pub offset: Offset,
    /// How.
    pub standing: Standing,
}

/// Where a record is for a group that has committed so far in its partition.
///
/// Of a record that stands there several times the last copy decides: as long as one is not passed,
/// somebody will be handed it. What an open or an aborted transaction wrote is nowhere for a group that
/// reads committed records, and counts like any other for one that reads all. What stood in a segment that was
/// deleted is settled (`is_gone`): nobody will be handed it any more. What cleaning took from a compacted log is
/// nowhere: a later record of its key stands for it.
pub fn custody(
    copies: impl Iterator<Item = Copy>,
    committed: Option<Offset>,
    isolation: Isolation,
    is_gone: impl FnOnce() -> bool,
    holder: impl FnOnce() -> Option<ClientId>,
) -> Custody {
    let mut copies = copies.peekable();
    if copies.peek().is_none() {
        return match is_gone() {
            true => Custody::Settled,
            false => Custody::Nowhere,
        };
    }
    let is_seen =
        |copy: &Copy| isolation == Isolation::ReadUncommitted || copy.standing == Standing::Counts;
    let last = copies.filter(is_seen).map(|copy| copy.offset).max();
    match last {
        None => Custody::Nowhere,
        Some(last) if committed.is_some_and(|committed| last < committed) => Custody::Settled,
        Some(_) => holder().map_or(Custody::Waiting, Custody::Out),
    }
}

/// The dead letters of a record, one for each topic of them.
pub fn dead_letters(cast: &Cast, record: RecordId) -> impl Iterator<Item = RecordId> + '_ {
    let topics = cast.topics.iter().enumerate();
    topics
        .filter(|(_, plan)| plan.published == Some(Published::DeadLetters))
        .filter_map(move |(at, _)| cast.event(TopicId(at as u8), record))
}

/// A copy as the facts told of it.
struct Told {
    record: RecordId,
    partition: Partition,
    copy: Copy,
    /// Under which transactional id it was written.
    within: Option<TransactionalId>,
}

/// What the facts of a trace have told of logs, offsets and transactions.
pub struct Reader {
    copies: Vec<Told>,
    /// By group. Who wrote an offset in a transaction is told by its transactional id, not its producer id.
    offsets: Vec<Offsets>,
    /// By transactional id: how its open transaction will end, when that is decided.
    decided: Vec<Option<Ended>>,
    /// The open transactions that have written an offset, with the group.
    written: Vec<(TransactionalId, GroupId)>,
    /// Records whose producers know that they stand somewhere.
    acknowledged: Vec<RecordId>,
    /// The transaction that ended with the last fact, if one did.
    ending: Option<TransactionalId>,
}

/// A transactional id where the model of offsets has a producer id.
fn producer(id: TransactionalId) -> ProducerId {
    ProducerId(u64::from(id.0))
}

impl Reader {
    /// Before any fact.
    pub fn new(cast: &Cast) -> Reader {
        Reader {
            copies: Vec::new(),
            offsets: vec![Offsets::default(); cast.groups.len()],
            decided: vec![None; cast.transactional_ids.len()],
            written: Vec::new(),
            acknowledged: Vec::new(),
            ending: None,
        }
    }

    /// Reads the next fact. Says whether it may have moved a record.
    pub fn read(&mut self, at: FactId, trace: &Trace) -> bool {
        let (cast, Some(entry)) = (trace.cast(), trace.get(at)) else {
            return false;
        };
        let follows = entry.cause.0.is_some_and(|cause| cause.0 + 1 == at.0);
        // The markers of one transaction are told in a row, each because of the one before.
        let ending = self.ending.take().filter(|_| follows);
        let Fact::Kafka(fact) = &entry.fact else {
            return false;
        };
        match fact {
            kafka::Fact::Appended {
                partition,
                offset,
                record,
            } => self.add((*partition, *offset), *record, None),
            kafka::Fact::Stored {
                producer,
                partition,
                offset,
                record,
            } => self.add(
                (*partition, *offset),
                *record,
                cast.transactional_id(*producer),
            ),
            kafka::Fact::Published {
                consumer,
                partition,
                offset,
                record,
            } => self.add(
                (*partition, *offset),
                *record,
                cast.transactional_id((*consumer).into()),
            ),
            kafka::Fact::Committed {
                group,
                partition,
                offset,
                ..
            } => {
                if let Some(offsets) = self.offsets.get_mut(usize::from(group.0)) {
                    offsets.commit(&[(*partition, *offset)]);
                }
            }
            kafka::Fact::OffsetWritten {
                producer: client,
                group,
                partition,
                offset,
            } => {
                let id = cast.transactional_id(*client);
                if let (Some(id), Some(offsets)) = (id, self.offsets.get_mut(usize::from(group.0)))
                {
                    offsets.write(producer(id), &[(*partition, *offset)]);
                    self.written.push((id, *group));
                    self.decide(Some(id), None);
                }
            }
            kafka::Fact::TransactionDecided { producer, ended } => {
                self.decide(cast.transactional_id(*producer), Some(*ended));
            }
            kafka::Fact::TransactionTimedOut { transaction } => {
                self.decide(Some(*transaction), Some(Ended::Abort));
            }
            // Whoever takes a transactional id with an open transaction is told to wait for its abort.
            kafka::Fact::ProducerRefused {
                producer,
                error: Error::ConcurrentTransactions,
            } => {
                let id = cast.transactional_id(*producer);
                if let Some(id) = id.filter(|id| self.decision(*id).is_none()) {
                    self.decide(Some(id), Some(Ended::Abort));
                }
            }
            kafka::Fact::Marked {
                partition,
                offset,
                ended,
            } => {
                let open = |told: &Told| {
                    (told.partition, told.copy.standing) == (*partition, Standing::Open)
                        && told.copy.offset < *offset
                };
                let ids = self.copies.iter().filter(|told| open(told));
                let ids: Vec<_> = ids.filter_map(|told| told.within).collect();
                self.ending = ending.or_else(|| self.take_ended(&ids, *ended));
                for told in self.copies.iter_mut().filter(|told| open(told)) {
                    if told.within == self.ending {
                        told.copy.standing = match ended {
                            Ended::Commit => Standing::Counts,
                            Ended::Abort => Standing::Aborted,
                        };
                    }
                }
            }
            kafka::Fact::OffsetsEnded { group, ended } => {
                let ids = self.written.iter().filter(|(_, of)| of == group);
                let ids: Vec<_> = ids.map(|(id, _)| *id).collect();
                self.ending = ending.or_else(|| self.take_ended(&ids, *ended));
                if let (Some(id), Some(offsets)) =
                    (self.ending, self.offsets.get_mut(usize::from(group.0)))
                {
                    offsets.end(producer(id), *ended);
                    self.written.retain(|one| *one != (id, *group));
                }
            }
            kafka::Fact::SegmentDeleted {
                partition, start, ..
            } => self
                .copies
                .retain(|told| told.partition != *partition || told.copy.offset >= *start),
            kafka::Fact::Cleaned {
                partition, records, ..
            } => self
                .copies
                .retain(|told| told.partition != *partition || !records.contains(&told.record)),
            kafka::Fact::Acknowledged { record, .. } => self.acknowledged.push(*record),
            _ => return false,
        }
        true
    }

    fn add(
        &mut self,
        (partition, offset): (Partition, Offset),
        record: RecordId,
        within: Option<TransactionalId>,
    ) {
        let standing = match within {
            Some(_) => Standing::Open,
            None => Standing::Counts,
        };
        self.copies.push(Told {
            record,
            partition,
            copy: Copy { offset, standing },
            within,
        });
        self.decide(within, None);
    }

    fn decide(&mut self, id: Option<TransactionalId>, ended: Option<Ended>) {
        let decided = id.and_then(|id| self.decided.get_mut(usize::from(id.0)));
        if let Some(decided) = decided {
            *decided = ended;
        }
    }

    fn decision(&self, id: TransactionalId) -> Option<Ended> {
        self.decided.get(usize::from(id.0)).copied().flatten()
    }

    /// Which of these transactions has ended so, which the fact does not say: one whose end was decided so.
    fn take_ended(&mut self, ids: &[TransactionalId], ended: Ended) -> Option<TransactionalId> {
        let mut ids = ids.iter().copied();
        let id = ids.find(|id| self.decision(*id) == Some(ended));
        self.decide(id, None);
        id
    }

    fn copies(&self, record: RecordId) -> impl Iterator<Item = &Told> {
        self.copies.iter().filter(move |told| told.record == record)
    }

    /// Where a record is, for one group.
    pub fn custody(
        &self,
        record: RecordId,
        of: GroupId,
        cast: &Cast,
        holder: impl FnOnce() -> Option<ClientId>,
    ) -> Custody {
        let stands = |letter: RecordId| {
            let mut copies = self.copies(letter);
            copies.any(|told| told.copy.standing == Standing::Counts)
        };
        if dead_letters(cast, record).any(stands) {
            return Custody::SetAside;
        }
        let partition = cast.records[record.at()].partition;
        let offsets = self.offsets.get(usize::from(of.0));
        let committed = offsets.and_then(|offsets| offsets.committed(partition));
        let copies = self.copies(record).map(|told| told.copy);
        let is_known = |record| self.acknowledged.contains(&record);
        let is_gone = || cast.can_be_deleted(record, is_known);
        custody(copies, committed, cast.isolation_of(of), is_gone, holder)
    }

    /// Where the last copy of a record stands.
    pub fn place(&self, record: RecordId) -> Option<Place> {
        let last = self.copies(record).last()?;
        Some(Place {
            partition: last.partition,
            offset: last.copy.offset,
        })
    }
}
