//! A call of `send`: its batches, one after the other, with their sequences.

use super::exception::Exception;
use super::{Doing, Next, Outcome, Producer, Thrown};
use crate::kafka::log::producers::{Epoch, Sequence};
use crate::kafka::log::record::{Batch, Record, Stamp};
use crate::kafka::log::{Appended, Refused};
use crate::kafka::settings::TransactionVersion;
use crate::kafka::transaction::Identity;
use crate::kafka::{Error, Partition, ProducerRequest};
use explore::Weigh;
use std::collections::VecDeque;

/// Records on their way to one partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub(super) struct Sending {
    pub(super) partition: Partition,
    /// The batches that are left.
    batches: VecDeque<Vec<Record>>,
    /// Where the first of all is stored, when it is.
    first: Option<Appended>,
}

impl Producer {
    pub(super) fn send(&mut self, partition: Partition, records: Vec<Record>) -> Thrown {
        self.check()?;
        if self.config.transactional_id.is_some() {
            self.in_transaction()?;
        }
        let too_large = |record: &Record| record.bytes_at_most() > self.config.max_request_bytes;
        if records.iter().any(too_large) {
            let thrown = Exception::of("RecordTooLargeException");
            self.failed(thrown);
            return Err(thrown);
        }
        Ok(self.identify(Sending {
            partition,
            batches: VecDeque::from([records]),
            first: None,
        }))
    }

    /// Gets a producer id, where an idempotent producer has none (rule 1).
    fn identify(&mut self, sending: Sending) -> Next {
        if self.config.idempotent && self.identity.is_none() {
            return self.ask(Doing::Identify(sending), ProducerRequest::InitIdempotent);
        }
        self.announce(sending)
    }

    /// Adds the partition to the transaction, where that is the producer's duty (rule 4).
    pub(super) fn announce(&mut self, sending: Sending) -> Next {
        if let (Ok(one), Some(by)) = (self.transactional(), self.identity) {
            self.started = true;
            let partition = sending.partition;
            if one.version == TransactionVersion::V1 && !self.announced.contains(&partition) {
                let request = ProducerRequest::AddPartition(one.id, by, partition);
                return self.ask(Doing::AddPartition(sending), request);
            }
        }
        self.produce(sending)
    }

    pub(super) fn produce(&mut self, sending: Sending) -> Next {
        let Some(records) = sending.batches.front().cloned() else {
            let outcome = sending.first.map_or(Outcome::Done, Outcome::Sent);
            return Next::Done(Ok(outcome));
        };
        let partition = sending.partition;
        let stamp = self.identity.filter(|_| self.config.idempotent).map(|by| {
            let next = self.sequences.get(&partition);
            Stamp {
                producer: by.producer,
                epoch: by.epoch,
                sequence: next.copied().unwrap_or(Sequence(0)),
            }
        });
        let transactional = self.transactional().ok();
        let batch = Batch {
            stamp,
            transactional: transactional.is_some(),
            records,
        };
        let request = ProducerRequest::Produce(partition, batch, transactional);
        self.ask(Doing::Send(sending), request)
    }

    pub(super) fn sent(
        &mut self,
        mut sending: Sending,
        answer: Result<Appended, Refused>,
    ) -> Thrown {
        let Some(records) = sending.batches.pop_front() else {
            return Ok(Next::Done(Ok(Outcome::Done)));
        };
        let error = match answer {
            Ok(appended) => {
                if self.config.idempotent && self.identity.is_some() {
                    let partition = sending.partition;
                    let next = self.sequences.get(&partition).copied();
                    let next = next.unwrap_or(Sequence(0)).plus(records.len() as u32);
                    self.sequences.insert(partition, next);
                }
                sending.first = sending.first.or(Some(appended));
                return Ok(self.produce(sending));
            }
            Err(refused) => refused.error,
        };
        match error {
            Error::MessageTooLarge if records.len() > 1 => {
                let (one, other) = records.split_at(records.len() / 2);
                sending.batches.push_front(other.to_vec());
                sending.batches.push_front(one.to_vec());
                Ok(self.produce(sending))
            }
            Error::OutOfOrderSequenceNumber if self.raises_epochs_by_itself() => {
                self.raise_epoch();
                sending.batches.push_front(records);
                Ok(self.identify(sending))
            }
            error => {
                let thrown = Exception::of_batch(error);
                self.raise_epoch();
                self.failed(thrown);
                Err(thrown)
            }
        }
    }

    fn raises_epochs_by_itself(&self) -> bool {
        self.config.idempotent && self.config.transactional_id.is_none()
    }

    /// Goes on in the next epoch, without a word to the broker, where it may (rule 9).
    pub(super) fn raise_epoch(&mut self) {
        if !self.raises_epochs_by_itself() {
            return;
        }
        self.sequences.clear();
        let may_rise = |by: &Identity| by.epoch < Epoch(i16::MAX);
        self.identity = self.identity.filter(may_rise).map(|by| Identity {
            epoch: by.epoch.next(),
            ..by
        });
    }
}
