//! Kinds on one partition's producers and transactions.

use crate::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use systems::kafka::isolation;
use systems::kafka::log::producers::{
    Aborted, CoordinatorEpoch, Epoch, Origin, ProducerId, Sequence, aborted_between,
};
use systems::kafka::log::record::{Batch, Ended, Marker, Record, Stamp, Timestamp};
use systems::kafka::log::{Isolation, Log, Read};
use systems::kafka::topic::Config;
use systems::kafka::{Error, Offset};

/// The most records that a case's batch may have.
const MOST_RECORDS: u32 = 100_000;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Commit,
    Abort,
}

impl From<Type> for Ended {
    fn from(kind: Type) -> Self {
        match kind {
            Type::Commit => Ended::Commit,
            Type::Abort => Ended::Abort,
        }
    }
}

fn records(count: u32) -> Result<Vec<Record>, Refusal> {
    if (1..=MOST_RECORDS).contains(&count) {
        Ok(vec![Record::default(); count as usize])
    } else {
        Err(Refusal::new(format!("a batch of {count} records is none")))
    }
}

fn batch(
    (pid, epoch, seq): (u64, i16, i32),
    count: u32,
    transactional: bool,
) -> Result<Batch, Refusal> {
    Ok(Batch {
        stamp: Some(Stamp {
            producer: ProducerId(pid),
            epoch: Epoch(epoch),
            sequence: Sequence(seq),
        }),
        transactional,
        records: records(count)?,
    })
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
enum Op {
    /// A client's batch.
    Append {
        pid: u64,
        epoch: i16,
        seq: i32,
        count: u32,
        #[serde(default)]
        txn: bool,
    },
    /// A batch as copied from a leader.
    Seed {
        pid: u64,
        epoch: i16,
        seq: i32,
        count: u32,
        #[serde(default)]
        txn: bool,
    },
    /// The end of a transaction.
    Marker {
        pid: u64,
        epoch: i16,
        #[serde(rename = "type")]
        kind: Type,
        coordinator_epoch: i32,
    },
    /// All idle producers are forgotten.
    Expire {},
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ops<T> {
    ops: Vec<T>,
    high_watermark: Option<u64>,
}

fn name(error: Error) -> &'static str {
    match error {
        // The cases' own words for two of them.
        Error::OutOfOrderSequenceNumber => "OUT_OF_ORDER_SEQUENCE",
        Error::TransactionCoordinatorFenced => "COORDINATOR_FENCED",
        other => other.name(),
    }
}

/// `kafka_idempotent_producer`: what a partition says to batches and markers, one after the other.
///
/// # Errors
/// The input is none of this kind.
pub fn idempotent_producer(input: &Value) -> Result<Value, Refusal> {
    let Ops { ops, .. }: Ops<Op> = super::input(input)?;
    let (mut log, config) = (Log::default(), Config::default());
    let now = Timestamp(0);
    let mut told = Vec::new();
    for op in ops {
        let (batch, origin) = match op {
            Op::Append {
                pid,
                epoch,
                seq,
                count,
                txn,
            } => {
                let bumps_epochs = false;
                let origin = Origin::Client { bumps_epochs };
                (batch((pid, epoch, seq), count, txn)?, origin)
            }
            Op::Seed {
                pid,
                epoch,
                seq,
                count,
                txn,
            } => (batch((pid, epoch, seq), count, txn)?, Origin::Replication),
            Op::Marker {
                pid,
                epoch,
                kind,
                coordinator_epoch,
            } => {
                let marker = Marker {
                    ended: kind.into(),
                    coordinator: CoordinatorEpoch(coordinator_epoch),
                };
                let by = (ProducerId(pid), Epoch(epoch));
                told.push(match log.append_marker(now, by, marker, false, &config) {
                    Ok(at) => json!({ "ok": [at.0, at.0] }),
                    Err(error) => json!({ "error": name(error) }),
                });
                continue;
            }
            Op::Expire {} => {
                log.expire_producers(Timestamp(i64::MAX), 0);
                told.push(json!({ "ok": [] }));
                continue;
            }
        };
        told.push(match log.append(now, &batch, origin, &config) {
            Err(refused) => json!({ "error": name(refused.error) }),
            Ok(appended) => {
                let place = [appended.first.0, appended.last.0];
                let word = if appended.duplicate {
                    "duplicate"
                } else {
                    "ok"
                };
                json!({ word: place })
            }
        });
    }
    Ok(Value::Array(told))
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
enum Write {
    /// Records in a transaction.
    Txn { pid: u64, count: u32 },
    /// Plain records.
    Data { count: u32 },
    /// The end of a transaction.
    Marker {
        pid: u64,
        #[serde(rename = "type")]
        kind: Type,
    },
}

/// `kafka_transactions_lso`: ends, the last stable offset, the aborted list, and what a reader of
/// committed records sees.
///
/// # Errors
/// The input is none of this kind.
pub fn transactions_lso(input: &Value) -> Result<Value, Refusal> {
    let ops: Ops<Write> = super::input(input)?;
    let (mut log, config) = (Log::default(), Config::default());
    let now = Timestamp(0);
    let mut sequences: BTreeMap<u64, i32> = BTreeMap::new();
    for op in ops.ops {
        let bumps_epochs = false;
        let origin = Origin::Client { bumps_epochs };
        let appended = match op {
            Write::Txn { pid, count } => {
                let sequence = sequences.entry(pid).or_default();
                let batch = batch((pid, 0, *sequence), count, true)?;
                *sequence = Sequence(*sequence).plus(count).0;
                log.append(now, &batch, origin, &config)
                    .map_err(|refused| refused.error)
                    .map(|_| ())
            }
            Write::Data { count } => log
                .append(now, &Batch::plain(records(count)?), origin, &config)
                .map_err(|refused| refused.error)
                .map(|_| ()),
            Write::Marker { pid, kind } => {
                let marker = Marker {
                    ended: kind.into(),
                    coordinator: CoordinatorEpoch(0),
                };
                let by = (ProducerId(pid), Epoch(0));
                log.append_marker(now, by, marker, false, &config)
                    .map(|_| ())
            }
        };
        appended.map_err(|error| Refusal::new(format!("a write was refused: {}", error.name())))?;
    }
    log.acknowledge(ops.high_watermark.map_or(log.end(), Offset));
    let found = log.read(&Read {
        from: 0,
        bytes_max: u64::MAX,
        at_least_one: true,
        isolation: Isolation::ReadCommitted,
    });
    let found = found.map_err(|error| Refusal::new(error.name()))?;
    let seen = isolation::seen(&found, Offset(0), Isolation::ReadCommitted);
    let visible: Vec<u64> = seen.into_iter().map(|(offset, _)| offset.0).collect();
    let aborted = log.producers().aborted().iter().map(|one| {
        json!({
            "pid": one.producer.0,
            "first": one.first.0,
            "last": one.last.0,
            "lso": one.last_stable.0
        })
    });
    Ok(json!({
        "log_end": log.end().0,
        "first_unstable": log.producers().first_unstable().map(|offset| offset.0),
        "lso": log.last_stable().0,
        "aborted": aborted.collect::<Vec<_>>(),
        "visible": visible
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    pid: u64,
    first: u64,
    last: u64,
    lso: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lookup {
    index: Vec<Entry>,
    from: u64,
    to: u64,
}

/// `kafka_aborted_txn_lookup`: the aborted transactions that a reader of a range is told.
///
/// # Errors
/// The input is none of this kind.
pub fn aborted_txn_lookup(input: &Value) -> Result<Value, Refusal> {
    let Lookup { index, from, to } = super::input(input)?;
    let list: Vec<Aborted> = index
        .into_iter()
        .map(|entry| Aborted {
            producer: ProducerId(entry.pid),
            first: Offset(entry.first),
            last: Offset(entry.last),
            last_stable: Offset(entry.lso),
        })
        .collect();
    let (found, complete) = aborted_between(&list, Offset(from), Offset(to));
    let pids: Vec<u64> = found.iter().map(|one| one.producer.0).collect();
    Ok(json!({ "pids": pids, "complete": complete }))
}
