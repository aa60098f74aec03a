//! What producers ask.

use super::{Trial, version};
use crate::operations::{By, Count, Op, Text, Whose};
use crate::reference::Refusal;
use explore::time::Span;
use systems::kafka::log::Appended;
use systems::kafka::log::producers::{CoordinatorEpoch, Sequence};
use systems::kafka::log::record::{Batch, Ended, Header, Marker, Record, Stamp};
use systems::kafka::produce::Transactional;
use systems::kafka::settings::TransactionVersion;
use systems::kafka::transaction::{Identity, TransactionalId};
use systems::kafka::{
    Caller, Error, Out, Partition, ProducerRequest, ProducerResponse, Request, Response,
};

impl Trial {
    pub(super) fn produce_or_end(&mut self, op: &Op) {
        match op {
            Op::Produce {
                at,
                by,
                first,
                more,
                as_request,
            } => {
                let texts = first.iter().chain(more.iter().flatten());
                let records = texts.map(|text| self.record(*text)).collect();
                self.produce(self.place(*at), *by, records, *as_request);
            }
            Op::InitIdempotent => {
                let identity = self.broker.init_idempotent();
                assert_eq!(identity.producer, self.coordinator.new_producer());
                assert_eq!(identity.epoch.0, 0);
                self.given.push(identity);
            }
            Op::Init {
                id,
                timeout_s,
                expected,
            } => {
                let id = u16::from(id % 3);
                let timeout = Span::from_ms(u64::from(timeout_s % 1_000) * 1_000);
                let expected = expected.map(|whose| self.whose(whose));
                let (now, settings) = (self.now, self.broker.settings().clone());
                let answer =
                    self.broker
                        .init_transactional(now, TransactionalId(id), timeout, expected);
                let model = self.coordinator.init(now, id, timeout, expected, &settings);
                assert_eq!(answer, model);
                self.given.extend(answer.ok());
            }
            Op::AddToTxn { one, places } => {
                let (one, by) = self.txn(*one);
                let places = places.iter().flatten();
                let places: Vec<_> = places.map(|place| self.place(*place)).collect();
                let known = |place: &Partition| self.partitions.contains_key(place);
                let expected = if places.iter().all(known) {
                    let parts = (&places[..], &[][..]);
                    self.coordinator
                        .add(self.now, one.id.0, by, parts, TransactionVersion::V1)
                        .map_err(|error| vec![error; places.len()])
                } else {
                    let told = |place| match known(place) {
                        true => Error::OperationNotAttempted,
                        false => Error::UnknownTopicOrPartition,
                    };
                    Err(places.iter().map(told).collect())
                };
                let asked: Vec<_> = places.iter().copied().map(Some).collect();
                let answer = self
                    .broker
                    .add_partitions_to_txn(self.now, one.id, by, &asked);
                assert_eq!(answer, expected);
            }
            Op::AddOffsets { one, group } => {
                let ((one, by), group) = (self.txn(*one), self.group(*group));
                let answer = self.broker.add_offsets_to_txn(self.now, one.id, by, group);
                let parts = (&[][..], &[group][..]);
                let model =
                    self.coordinator
                        .add(self.now, one.id.0, by, parts, TransactionVersion::V1);
                assert_eq!(answer, model);
            }
            Op::EndTxn { one, commit } => {
                let (one, by) = self.txn(*one);
                let ended = ended(*commit);
                let answer = self.broker.end_txn(self.now, one, by, ended);
                let model = self
                    .coordinator
                    .end(self.now, one.id.0, by, ended, one.version);
                assert_eq!(answer, model);
                self.given.extend(answer.ok());
            }
            Op::WriteMarkers => {
                self.broker.write_markers(self.now);
                self.write_model_markers();
            }
            Op::WriteMarker {
                at,
                whose,
                commit,
                coordinator,
                first_version,
            } => {
                let (partition, by) = (self.place(*at), self.whose(*whose));
                let marker = Marker {
                    ended: ended(*commit),
                    coordinator: CoordinatorEpoch(coordinator.map_or(0, |epoch| epoch.into())),
                };
                let version = version(*first_version);
                let answer = self
                    .broker
                    .write_marker(self.now, partition, by, marker, version);
                let model = self.mark(partition, by, marker, version);
                assert_eq!(answer, model);
            }
            _ => {}
        }
    }

    fn mark(
        &mut self,
        partition: Partition,
        by: Identity,
        marker: Marker,
        version: TransactionVersion,
    ) -> Result<systems::kafka::Offset, Error> {
        let now = self.time().0;
        let model = self.partitions.get_mut(&partition);
        let model = model.ok_or(Error::UnknownTopicOrPartition)?;
        let second = version == TransactionVersion::V2;
        model.mark(now, (by.producer, by.epoch), marker, second)
    }

    pub(super) fn write_model_markers(&mut self) {
        while let Some((holder, ended)) = self.coordinator.take_ending(self.now) {
            let marker = Marker {
                ended,
                coordinator: self.broker.coordinator_epoch(),
            };
            let mut partitions = holder.partitions.clone();
            partitions.sort_unstable();
            partitions.dedup();
            for partition in partitions {
                // What a partition refuses stays as it is there.
                let _ = self.mark(partition, holder.identity(), marker, holder.version);
            }
            for group in &holder.groups {
                let producer = holder.producer;
                self.coordinator.end_offsets(*group, producer, ended);
            }
        }
    }

    fn record(&self, text: Text) -> Record {
        let header = Header {
            name: "h".into(),
            value: text.key.map(|key| [key].as_slice().into()),
        };
        Record {
            timestamp: self.when(text.when),
            key: text
                .key
                .map(|key| vec![key % 4; usize::from(key % 3)].into()),
            value: text.value.map(|value| vec![b'.'; value.into()].into()),
            headers: vec![header; usize::from(text.headers)],
            of: None,
        }
    }

    /// The batch, and what a repetition must have as its length.
    fn stamp(&self, at: Partition, by: Identity, count: Count) -> (Stamp, Option<usize>) {
        let model = self.partitions.get(&at);
        let next = model.map_or(0, |model| model.next_sequence(by.producer, by.epoch));
        let earlier = |back| model.and_then(|model| model.earlier(by.producer, back));
        let (sequence, length) = match count {
            Count::Next => (next, None),
            Count::Again { back } => match earlier(back.into()) {
                Some((first, records)) => (first, Some(records)),
                None => (next, None),
            },
            Count::Beside(by) => (next.saturating_add(by.into()), None),
            Count::Any(any) => (any, None),
            Count::BeforeTheEnd { records } => (i32::MAX - i32::from(records % 4), None),
        };
        let stamp = Stamp {
            producer: by.producer,
            epoch: by.epoch,
            sequence: Sequence(sequence),
        };
        (stamp, length)
    }

    fn produce(&mut self, at: Partition, by: By, mut records: Vec<Record>, as_request: bool) {
        let (who, transactional) = match by {
            By::Nobody => (None, None),
            By::Idempotent { whose, count } => (Some((self.whose(whose), count)), None),
            By::Transactional { one, count } => {
                let (one, by) = self.txn(one);
                (Some((by, count)), Some(one))
            }
            By::Nameless { whose, count } => {
                (whose.map(|whose: Whose| (self.whose(whose), count)), None)
            }
        };
        let stamp = who.map(|(by, count)| {
            let (stamp, length) = self.stamp(at, by, count);
            if let (Some(length), Some(record)) = (length, records.first().cloned()) {
                records.resize(length.min(8), record);
            }
            stamp
        });
        let batch = Batch {
            stamp,
            transactional: matches!(by, By::Transactional { .. } | By::Nameless { .. }),
            records,
        };
        let expected = self.produce_in_model(at, &batch, transactional);
        let answer = if as_request {
            let mut out = Out::default();
            let caller = Caller {
                client: 0,
                connection: 1,
            };
            let request = ProducerRequest::Produce(at, batch.clone(), transactional);
            self.broker
                .handle(self.now, caller, Request::Producer(request), &mut out);
            let told = out.to.into_iter().find_map(|(_, answer)| match answer {
                Response::Producer(ProducerResponse::Produced(told)) => Some(told),
                _ => None,
            });
            told.expect("a producer is answered at once")
        } else {
            self.broker.produce(self.now, at, &batch, transactional)
        };
        let answer = answer.map_err(|refused| (refused.error, refused.records));
        assert_eq!(answer, expected, "{batch:?}");
    }

    fn produce_in_model(
        &mut self,
        at: Partition,
        batch: &Batch,
        transactional: Option<Transactional>,
    ) -> Result<Appended, Refusal> {
        let plain = |error| (error, Vec::new());
        let config = self.config(at);
        let (now, time) = (self.now, self.time().0);
        let Some((model, config)) = self.partitions.get_mut(&at).zip(config) else {
            return Err(plain(Error::UnknownTopicOrPartition));
        };
        let second = transactional.is_some_and(|one| one.version == TransactionVersion::V2);
        if batch.transactional
            && let Some(stamp) = batch.stamp
            && !model.is_open(stamp.producer, stamp.epoch)
        {
            let one = transactional.ok_or(plain(Error::InvalidRequest))?;
            let by = Identity {
                producer: stamp.producer,
                epoch: stamp.epoch,
            };
            let asked = if second {
                let parts = (&[at][..], &[][..]);
                self.coordinator
                    .add(now, one.id.0, by, parts, TransactionVersion::V2)
            } else {
                self.coordinator.verify(one.id.0, by, &[at], &[])
            };
            asked.map_err(|error| plain(told_by_partition(error)))?;
            model.ask(stamp);
        }
        model.append(time, batch, second, &config)
    }
}

/// Where records are written, a fenced producer is told of its epoch.
pub(super) fn told_by_partition(error: Error) -> Error {
    match error {
        Error::ProducerFenced => Error::InvalidProducerEpoch,
        other => other,
    }
}

fn ended(commit: bool) -> Ended {
    if commit { Ended::Commit } else { Ended::Abort }
}
