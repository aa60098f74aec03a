//! How a transaction ends: it is decided, and its markers are written.

use super::Transactional;
use crate::kafka::log::producers::CoordinatorEpoch;
use crate::kafka::log::record::{Ended, Marker};
use crate::kafka::settings::TransactionVersion;
use crate::kafka::transaction::{Coordinator, Deadline, Ending, Identity, TransactionalId};
use crate::kafka::{Broker, Error, Fact, Offset, Out, Partition};
use explore::time::Instant;

impl Broker {
    /// Lets one deadline of a transaction pass: its markers are written, or it is aborted.
    pub fn expire_transaction(
        &mut self,
        now: Instant,
        id: TransactionalId,
        deadline: Deadline,
        out: &mut Out,
    ) {
        match deadline {
            Deadline::Markers => {
                let ending = self.transactions.endings().find(|(one, _)| *one == id);
                let Some((_, ending)) = ending else { return };
                let (ended, groups) = (ending.ended, ending.parts.groups.clone());
                for (partition, offset) in self.write_markers_of(now, id, ending) {
                    out.facts.push(Fact::Marked {
                        partition,
                        offset,
                        ended,
                    });
                }
                for group in groups {
                    out.facts.push(Fact::OffsetsEnded { group, ended });
                }
                self.wake(out);
            }
            Deadline::TimeOut => {
                self.transactions.abort(now, id, &self.settings);
                out.facts
                    .push(Fact::TransactionTimedOut { transaction: id });
            }
        }
    }

    /// Decides how a transaction ends, and says under which identity its producer goes on. The markers
    /// are written with [`Broker::write_markers`].
    ///
    /// # Errors
    /// Those of the coordinator.
    pub fn end_txn(
        &mut self,
        now: Instant,
        one: Transactional,
        by: Identity,
        ended: Ended,
    ) -> Result<Identity, Error> {
        self.transactions.end(now, one.id, by, ended, one.version)
    }

    /// Writes the markers of all transactions that are decided.
    pub fn write_markers(&mut self, now: Instant) {
        let endings: Vec<_> = self.transactions.endings().collect();
        for (id, ending) in endings {
            self.write_markers_of(now, id, ending);
        }
    }

    /// Writes a transaction's markers, and says where they stand.
    fn write_markers_of(
        &mut self,
        now: Instant,
        id: TransactionalId,
        ending: Ending,
    ) -> Vec<(Partition, Offset)> {
        let marker = Marker {
            ended: ending.ended,
            coordinator: Coordinator::EPOCH,
        };
        let mut written = Vec::new();
        for partition in ending.parts.partitions {
            // A partition that was deleted meanwhile, or knows a higher epoch, needs none.
            let marked = self.write_marker(now, partition, ending.by, marker, ending.version);
            written.extend(marked.ok().map(|offset| (partition, offset)));
        }
        for group in ending.parts.groups {
            if let Some(state) = self.groups.get_mut(usize::from(group.0)) {
                state.offsets_mut().end(ending.by.producer, ending.ended);
            }
        }
        self.transactions.complete(now, id);
        written
    }

    /// Writes one marker: the coordinator's request to a partition.
    ///
    /// # Errors
    /// [`Error::UnknownTopicOrPartition`], [`Error::InvalidProducerEpoch`],
    /// [`Error::TransactionCoordinatorFenced`].
    pub fn write_marker(
        &mut self,
        now: Instant,
        partition: Partition,
        by: Identity,
        marker: Marker,
        version: TransactionVersion,
    ) -> Result<Offset, Error> {
        let topic = self.topic_mut(partition.topic)?;
        let log = topic.logs.get_mut(usize::from(partition.index));
        let log = log.ok_or(Error::UnknownTopicOrPartition)?;
        let at = log.append_marker(
            now.into(),
            (by.producer, by.epoch),
            marker,
            version == TransactionVersion::V2,
            &topic.config,
        )?;
        log.acknowledge(log.end());
        Ok(at)
    }

    /// The epoch of the coordinator that markers carry.
    pub const fn coordinator_epoch(&self) -> CoordinatorEpoch {
        Coordinator::EPOCH
    }
}
