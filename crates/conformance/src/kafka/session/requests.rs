//! The raw form: a producer's requests as they are, with right and wrong ids, epochs and sequences.

use super::{Raw, Session, answer};
use crate::kafka::ops::{Op, Publish};
use crate::refusal::Refusal;
use explore::time::Span;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use systems::kafka::Error;
use systems::kafka::group::{Generation, MemberId};
use systems::kafka::log::producers::{CoordinatorEpoch, Epoch, ProducerId, Sequence};
use systems::kafka::log::record::{Batch, Marker, Record, Stamp};
use systems::kafka::produce::{Membership, Transactional};
use systems::kafka::settings::TransactionVersion;
use systems::kafka::transaction::Identity;

/// How often a request is sent again while another transaction is ending; it ends at the first look.
const TRIES: usize = 5;

/// The producer id of the first client that never asked for one; the next ones have smaller ids.
const STRANGER: u64 = u32::MAX as u64;

impl Session {
    /// What a raw client knows of itself. One that never asked for a producer id has one of its own that
    /// the broker has not given out, and that is called after it.
    fn raw_client(&mut self, name: &str) -> Raw {
        if let Some(raw) = self.raw.get(name) {
            return raw.clone();
        }
        let mut producer = ProducerId(STRANGER);
        while self.names.contains_key(&producer) {
            producer.0 -= 1;
        }
        self.name(producer, name);
        let stranger = Raw {
            identity: Identity {
                producer,
                epoch: Epoch(0),
            },
            transactional_id: None,
            version: self.broker.settings().transaction_version,
            sequences: BTreeMap::new(),
        };
        self.raw.insert(name.to_owned(), stranger.clone());
        stranger
    }

    /// How the coordinator knows a raw client, and under which identity it speaks.
    fn speaker(
        &mut self,
        name: &str,
        id: Option<String>,
        epoch: Option<i16>,
    ) -> (Transactional, Identity) {
        let raw = self.raw_client(name);
        let id = id.or(raw.transactional_id).unwrap_or_default();
        let one = Transactional {
            id: self.transactional_id(&id),
            version: raw.version,
        };
        let epoch = epoch.map_or(raw.identity.epoch, Epoch);
        let producer = raw.identity.producer;
        (one, Identity { producer, epoch })
    }

    pub(super) fn publish_raw(
        &mut self,
        publish: &Publish,
        records: Vec<Record>,
    ) -> Result<Value, Refusal> {
        let name = publish.producer.clone().unwrap_or_default();
        let number = publish.partition.unwrap_or(0);
        let partition = match self.known(&publish.topic, number) {
            Ok(partition) => partition,
            Err(error) => return Ok(answer::error(self.no_such(&publish.topic, error))),
        };
        let raw = self.raw_client(&name);
        let transactional = publish
            .transactional
            .unwrap_or(raw.transactional_id.is_some());
        let (one, by) = self.speaker(&name, publish.transactional_id.clone(), publish.epoch);
        let own_epoch = by.epoch == raw.identity.epoch;
        let next = raw.sequences.get(&partition).filter(|_| own_epoch);
        let sequence = publish.sequence.map(Sequence).or(next.copied());
        let sequence = sequence.unwrap_or(Sequence(0));
        let count = records.len() as u32;
        let batch = Batch {
            stamp: Some(Stamp {
                producer: by.producer,
                epoch: by.epoch,
                sequence,
            }),
            transactional,
            records,
        };
        let one = transactional.then_some(one);
        let mut appended = Err(Error::ConcurrentTransactions.into());
        for _ in 0..TRIES {
            appended = self.broker.produce(self.now, partition, &batch, one);
            if appended != Err(Error::ConcurrentTransactions.into()) {
                break;
            }
            self.rest();
        }
        if appended.is_ok()
            && own_epoch
            && let Some(raw) = self.raw.get_mut(&name)
        {
            let after = sequence.plus(count);
            let next = raw.sequences.entry(partition).or_insert(after);
            if next.0 < after.0 || publish.sequence.is_none() {
                *next = after;
            }
        }
        Ok(answer::appended(number as u16, &appended))
    }

    pub(super) fn raw_op(&mut self, op: Op) -> Result<Value, Refusal> {
        match op {
            Op::InitProducer {
                producer,
                transactional_id,
                timeout_ms,
                transaction_version,
                keep_id,
                epoch,
                retry,
            } => {
                let names_itself = keep_id || epoch.is_some();
                let expected = names_itself.then(|| self.raw_client(&producer).identity);
                let expected = expected.map(|before| Identity {
                    epoch: epoch.map_or(before.epoch, Epoch),
                    ..before
                });
                let before = self.raw.get(&producer);
                let id = transactional_id.or(before.and_then(|raw| raw.transactional_id.clone()));
                let version = self.version(transaction_version)?;
                let identity = match &id {
                    None => Ok(self.broker.init_idempotent()),
                    Some(id) if id.is_empty() => Err(Error::InvalidRequest),
                    Some(id) => {
                        let id = self.transactional_id(id);
                        let timeout = Span::from_ms(timeout_ms);
                        self.again(retry, |broker, now| {
                            broker.init_transactional(now, id, timeout, expected)
                        })
                    }
                };
                Ok(match identity {
                    Err(error) => answer::error(error),
                    Ok(identity) => {
                        let named = self.name(identity.producer, &producer);
                        let raw = Raw {
                            identity,
                            transactional_id: id,
                            version,
                            sequences: BTreeMap::new(),
                        };
                        self.raw.insert(producer, raw);
                        json!({ "producer": named, "epoch": identity.epoch.0 })
                    }
                })
            }
            Op::AddPartitionsToTxn {
                producer,
                partitions,
                transactional_id,
                epoch,
                retry,
            } => {
                let (one, by) = self.speaker(&producer, transactional_id, epoch);
                let places: Vec<_> = partitions.iter().map(|place| self.place(place)).collect();
                let mut added = Ok(());
                for _ in 0..if retry { TRIES } else { 1 } {
                    added = self
                        .broker
                        .add_partitions_to_txn(self.now, one.id, by, &places);
                    if added.as_ref().is_ok_and(|()| true)
                        || added
                            .as_ref()
                            .is_err_and(|errors| !errors.contains(&Error::ConcurrentTransactions))
                    {
                        break;
                    }
                    self.rest();
                }
                Ok(match added {
                    Ok(()) => answer::nothing(),
                    Err(errors) if errors.iter().all(|error| *error == errors[0]) => {
                        answer::error(errors[0])
                    }
                    Err(errors) => {
                        let told = partitions.iter().zip(errors);
                        let told = told
                            .map(|((topic, number), error)| json!([topic, number, error.name()]));
                        json!({ "partitions": told.collect::<Vec<_>>() })
                    }
                })
            }
            Op::AddOffsetsToTxn {
                producer,
                group,
                epoch,
                transactional_id,
            } => {
                let (one, by) = self.speaker(&producer, transactional_id, epoch);
                let group = self.group(&group);
                let added = self.again(true, |broker, now| {
                    broker.add_offsets_to_txn(now, one.id, by, group)
                });
                Ok(answer::done(added))
            }
            Op::TxnOffsetCommit {
                producer,
                group,
                offsets,
                epoch,
                transactional_id,
                member_of,
                member,
                generation,
            } => {
                let (one, by) = self.speaker(&producer, transactional_id, epoch);
                let group = self.group(&group);
                let mut membership = match &member_of {
                    Some(name) => Some(self.membership_of(name)?),
                    None => None,
                };
                if member.is_some() || generation.is_some() {
                    let stranger = MemberId {
                        client: u8::MAX,
                        nth: u16::MAX,
                    };
                    let before = membership.unwrap_or(Membership {
                        member: stranger,
                        generation: Generation(u32::MAX),
                    });
                    let generation = generation.map(|number| Generation(number as u32));
                    membership = Some(Membership {
                        member: member.map_or(before.member, |_| stranger),
                        generation: generation.unwrap_or(before.generation),
                    });
                }
                let offsets = match self.marks(&offsets) {
                    Ok(offsets) => offsets,
                    Err(error) => return Ok(answer::error(error)),
                };
                let written = self.again(true, |broker, now| {
                    broker.txn_offset_commit(now, one, by, group, membership, &offsets)
                });
                Ok(answer::done(written))
            }
            Op::EndTxn {
                producer,
                result,
                epoch,
                transactional_id,
                retry,
            } => {
                let (one, by) = self.speaker(&producer, transactional_id, epoch);
                let ended = self.again(retry, |broker, now| {
                    broker.end_txn(now, one, by, result.into())
                });
                Ok(match ended {
                    Err(error) => answer::error(error),
                    Ok(_) if one.version == TransactionVersion::V1 => answer::nothing(),
                    Ok(identity) => {
                        if let Some(raw) = self.raw.get_mut(&producer)
                            && raw.identity != identity
                        {
                            raw.identity = identity;
                            raw.sequences.clear();
                        }
                        self.name(identity.producer, &producer);
                        json!({ "epoch": identity.epoch.0 })
                    }
                })
            }
            Op::WriteMarkers {
                producer,
                partitions,
                result,
                epoch,
                coordinator_epoch,
                transaction_version,
            } => {
                let raw = self.raw_client(&producer);
                let by = Identity {
                    epoch: epoch.map_or(raw.identity.epoch, Epoch),
                    ..raw.identity
                };
                let version = self.version(transaction_version)?;
                let marker = Marker {
                    ended: result.into(),
                    coordinator: CoordinatorEpoch(coordinator_epoch),
                };
                let mut refused = None;
                for place in &partitions {
                    let written = self.known(&place.0, place.1).and_then(|partition| {
                        self.broker
                            .write_marker(self.now, partition, by, marker, version)
                    });
                    refused = refused.or(written.err());
                }
                Ok(refused.map_or_else(answer::nothing, answer::error))
            }
            other => Err(Refusal::new(format!(
                "{other:?} is no request of a producer"
            ))),
        }
    }

    /// Asks again while another transaction is ending, as clients do.
    fn again<T>(
        &mut self,
        retry: bool,
        mut ask: impl FnMut(&mut systems::kafka::Broker, explore::time::Instant) -> Result<T, Error>,
    ) -> Result<T, Error> {
        for _ in 1..if retry { TRIES } else { 1 } {
            match ask(&mut self.broker, self.now) {
                Err(Error::ConcurrentTransactions) => self.rest(),
                other => return other,
            }
        }
        ask(&mut self.broker, self.now)
    }

    fn version(&self, given: Option<u8>) -> Result<TransactionVersion, Refusal> {
        let most = self.broker.settings().transaction_version;
        match given {
            None => Ok(most),
            Some(0 | 1) => Ok(TransactionVersion::V1),
            Some(2) => Ok(TransactionVersion::V2.min(most)),
            Some(other) => Err(Refusal::new(format!(
                "there is no transaction version {other}"
            ))),
        }
    }
}
