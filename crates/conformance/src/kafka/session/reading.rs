//! Fetches and look-ups of offsets.

use super::{Session, answer};
use crate::kafka::ops::{Isolation, Op};
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use systems::kafka::isolation;
use systems::kafka::log::producers::Aborted;
use systems::kafka::log::record::{Ended, Stored, Timestamp};
use systems::kafka::log::{At, Found, Read};
use systems::kafka::{Error, Offset, Partition};

/// What a client asks for when it does not say (`fetch.max.bytes`).
const FETCH_MAX_BYTES: u64 = 52_428_800;

impl Session {
    pub(super) fn read(&mut self, op: Op) -> Result<Value, Refusal> {
        match op {
            Op::Fetch {
                topic,
                partition,
                offset,
                isolation,
                max_bytes,
                once,
                timestamps,
                raw,
                topic_id_of,
            } => {
                let single = once || max_bytes.is_some() || topic_id_of.is_some();
                let partition = match topic_id_of {
                    None => self.known(&topic, partition),
                    Some(name) => {
                        let id = self.topic_ids.get(&name).copied();
                        let id = id.ok_or_else(|| {
                            Refusal::new(format!("no topic id was remembered as `{name}`"))
                        })?;
                        self.broker
                            .topic(id)
                            .ok_or(Error::UnknownTopicId)
                            .and_then(|_| {
                                let index = u16::try_from(partition).unwrap_or(u16::MAX);
                                let partition = Partition { topic: id, index };
                                let found = self.broker.log(partition).map(|_| partition);
                                found.ok_or(Error::UnknownTopicOrPartition)
                            })
                    }
                };
                let max_bytes = max_bytes.unwrap_or(FETCH_MAX_BYTES);
                let fetched = partition.and_then(|partition| {
                    self.fetch(partition, offset, isolation, max_bytes, single)
                });
                Ok(match fetched {
                    Ok((found, from)) => self.found(&found, from, isolation, timestamps, raw),
                    Err(error) => answer::error(error),
                })
            }
            Op::ListOffsets {
                topic,
                partition,
                at,
                isolation,
            } => self.list_offsets(&topic, &partition, &at, isolation),
            other => Err(Refusal::new(format!("{other:?} reads nothing"))),
        }
    }

    /// Reads on from an offset until nothing more comes, or once.
    pub(super) fn fetch(
        &self,
        partition: Partition,
        offset: i64,
        isolation: Isolation,
        bytes_max: u64,
        once: bool,
    ) -> Result<(Found, Offset), Error> {
        let log = self.broker.log(partition);
        let log = log.ok_or(Error::UnknownTopicOrPartition)?;
        let read = |from| {
            log.read(&Read {
                from,
                bytes_max,
                at_least_one: true,
                isolation: isolation.into(),
            })
        };
        let mut all = read(offset)?;
        let from = Offset(u64::try_from(offset).unwrap_or(0));
        while !once && !all.batches.is_empty() {
            let next = isolation::next(&all.batches, from);
            let more = read(next.0 as i64)?;
            if more.batches.is_empty() {
                break;
            }
            all.batches.extend(more.batches);
            let fresh = |one: &Aborted| !all.aborted.contains(one);
            let fresh: Vec<_> = more.aborted.into_iter().filter(fresh).collect();
            all.aborted.extend(fresh);
        }
        Ok((all, from))
    }

    fn found(
        &self,
        found: &Found,
        from: Offset,
        isolation: Isolation,
        timestamps: bool,
        raw: bool,
    ) -> Value {
        let mut told = Map::new();
        if raw {
            let batches = found.batches.iter();
            let batches = batches.map(|batch| self.batch(batch, timestamps));
            told.insert("batches".to_owned(), batches.collect());
        } else {
            let seen = isolation::seen(found, from, isolation.into()).into_iter();
            let records = seen.map(|(offset, record)| answer::record(offset, record, timestamps));
            told.insert("records".to_owned(), records.map(Value::from).collect());
        }
        told.insert("high_watermark".to_owned(), json!(found.high_watermark.0));
        told.insert("last_stable_offset".to_owned(), json!(found.last_stable.0));
        told.insert("log_start".to_owned(), json!(found.start.0));
        if isolation == Isolation::ReadCommitted {
            // The broker lists them in the order of their markers, recordings by their first offsets.
            let mut listed: Vec<&Aborted> = found.aborted.iter().collect();
            listed.sort_by_key(|one| one.first);
            let listed = listed.into_iter().map(|one| {
                json!({ "producer": self.name_of(one.producer), "first_offset": one.first.0 })
            });
            told.insert("aborted".to_owned(), listed.collect());
        }
        Value::Object(told)
    }

    fn batch(&self, batch: &Arc<Stored>, timestamps: bool) -> Value {
        let records = batch.records().iter();
        let records = records
            .map(|(offset, record)| Value::from(answer::record(*offset, record, timestamps)));
        let marker = batch.end_marker();
        json!({
            "base_offset": batch.base.0,
            "last_offset": batch.last.0,
            "producer": batch.producer.map(|(id, _)| self.name_of(id)),
            "epoch": batch.producer.map(|(_, epoch)| epoch.0),
            "base_sequence": batch.sequence.map(|sequence| sequence.0),
            "last_sequence": batch.last_sequence().map(|sequence| sequence.0),
            "transactional": batch.transactional,
            "control": marker.map(|marker| match marker.ended {
                Ended::Commit => "COMMIT",
                Ended::Abort => "ABORT",
            }),
            "coordinator_epoch": marker.map(|marker| marker.coordinator.0),
            "records": records.collect::<Vec<_>>(),
            "bytes": batch.bytes
        })
    }

    fn list_offsets(
        &self,
        topic: &str,
        partition: &Value,
        at: &Value,
        isolation: Isolation,
    ) -> Result<Value, Refusal> {
        let at = match (at.as_str(), at.as_i64()) {
            (Some("earliest"), _) => At::Earliest,
            (Some("latest"), _) => At::Latest,
            (Some("max_timestamp"), _) => At::LatestTimestamp,
            (None, Some(ms)) => At::Time(Timestamp(ms)),
            _ => return Err(Refusal::new(format!("{at} is no place in a log"))),
        };
        let look = |partition: Partition| {
            let log = self.broker.log(partition)?;
            log.offset_at(at, isolation.into())
        };
        if partition.as_str() == Some("all") {
            let Some(topic) = self.broker.find_topic(topic) else {
                return Ok(answer::error(Error::UnknownTopicOrPartition));
            };
            let offsets: Vec<_> = self
                .broker
                .partitions(topic)
                .map(|partition| look(partition).map(|(offset, _)| offset.0))
                .collect();
            return Ok(json!({ "offsets": offsets }));
        }
        let number = partition
            .as_i64()
            .ok_or_else(|| Refusal::new(format!("{partition} is no partition")))?;
        Ok(match self.known(topic, number) {
            Err(error) => answer::error(error),
            Ok(partition) => {
                let found = look(partition);
                let time = found.and_then(|(_, time)| time);
                json!({
                    "offset": found.map(|(offset, _)| offset.0),
                    "timestamp_ms": time.map(|time| time.0)
                })
            }
        })
    }
}
