//! Kinds on what retention drops and what the cleaner keeps.

use crate::refusal::Refusal;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::kafka::Offset;
use systems::kafka::log::compaction::pass::Pass;
use systems::kafka::log::producers::{
    Aborted, CoordinatorEpoch, Epoch, Last, ProducerId, Sequence,
};
use systems::kafka::log::record::{
    Batch, Bytes, Content, Ended, Marker, Record, Stamp, Stored, Timestamp,
};
use systems::kafka::log::retention::{Extent, Held, droppable};
use systems::kafka::topic::{Cleanup, Config};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retention {
    segments: Vec<Segment>,
    log_end: u32,
    high_watermark: u32,
    now: i64,
    retention_ms: i64,
    retention_bytes: i64,
    policy: Vec<Policy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Segment {
    base: u32,
    bytes: u32,
    max_ts: i64,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Policy {
    Compact,
    Delete,
}

/// `kafka_retention`: the segments that are left of a log, by their first offsets, and where it then
/// starts.
///
/// # Errors
/// The input is none of this kind, or has no segment.
pub fn retention(input: &Value) -> Result<Value, Refusal> {
    let input: Retention = super::input(input)?;
    let offset = |offset: u32| Offset(offset.into());
    let held = |segment: &Segment| Held {
        base: offset(segment.base),
        bytes: segment.bytes.into(),
        latest: Some(Timestamp(segment.max_ts)),
    };
    let segments: Vec<Held> = input.segments.iter().map(held).collect();
    let Some(first) = segments.first() else {
        return Err(Refusal::new("a log has at least one of `segments`"));
    };
    let log = Extent {
        start: first.base,
        end: offset(input.log_end),
        high_watermark: offset(input.high_watermark),
    };
    let config = Config {
        cleanup: Cleanup {
            delete: input.policy.contains(&Policy::Delete),
            compact: input.policy.contains(&Policy::Compact),
        },
        retention_ms: Some(input.retention_ms).filter(|span| *span >= 0),
        retention_bytes: u64::try_from(input.retention_bytes).ok(),
        ..Config::default()
    };
    let gone = droppable(&segments, log, Timestamp(input.now), &config);
    let mut left: Vec<u64> = segments[gone..].iter().map(|one| one.base.0).collect();
    if left.is_empty() {
        left.push(log.end.0);
    }
    Ok(json!({ "left": left, "log_start": left[0] }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Compaction {
    log: Vec<Item>,
    #[serde(default)]
    clean_from: u32,
    clean_to: Option<u32>,
    #[serde(default)]
    drop_tombstones: bool,
    #[serde(default)]
    drop_markers: bool,
}

/// A record, one of a transaction, or the end of a transaction. Without an offset it takes the next
/// one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    k: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    v: Option<Value>,
    txn: Option<u32>,
    marker: Option<u32>,
    r#type: Option<End>,
    offset: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    Commit,
    Abort,
}

/// Tells null, which is a tombstone's value, from a field that is left out.
fn given<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(field).map(Some)
}

/// A log as its items make it, and what a cleaner is told of it.
#[derive(Default)]
struct Log {
    batches: Vec<Arc<Stored>>,
    end: u64,
    aborted: Vec<Aborted>,
    /// Where the open transactions begin.
    open: BTreeMap<ProducerId, Offset>,
    lasts: BTreeMap<ProducerId, Last>,
}

impl Log {
    fn append(&mut self, item: Item) -> Result<(), Refusal> {
        let at = Offset(item.offset.map_or(self.end, u64::from));
        if at.0 < self.end {
            let cause = format!("item at offset {}: the next one is {}", at.0, self.end);
            return Err(Refusal::new(cause));
        }
        let stored = match (item.k, item.v, item.txn, item.marker, item.r#type) {
            (Some(key), Some(value), producer, None, None) => {
                let producer = producer.map(|id| ProducerId(id.into()));
                if let Some(producer) = producer {
                    self.open.entry(producer).or_insert(at);
                    self.lasts.insert(producer, Last::Records(at));
                }
                Stored::new(at, &batch(&key, &value, producer))
            }
            (None, None, None, Some(id), Some(end)) => {
                let producer = ProducerId(id.into());
                let ended = match end {
                    End::Commit => Ended::Commit,
                    End::Abort => Ended::Abort,
                };
                if let Some(first) = self.open.remove(&producer)
                    && ended == Ended::Abort
                {
                    self.aborted.push(Aborted {
                        producer,
                        first,
                        last: at,
                        last_stable: Offset(at.0 + 1),
                    });
                }
                let marker = Marker {
                    ended,
                    coordinator: CoordinatorEpoch(0),
                };
                Stored::marker(at, (producer, Epoch(0)), marker, Timestamp(0))
            }
            _ => {
                let cause = format!(
                    "item at offset {}: `k` and `v`, with `txn` or without, or `marker` and `type` are expected",
                    at.0
                );
                return Err(Refusal::new(cause));
            }
        };
        self.end = at.0 + 1;
        self.batches.push(Arc::new(stored));
        Ok(())
    }

    /// One pass over what lies below an offset; horizons it sets are never past.
    fn clean(&mut self, dirty_from: Offset, below: Offset) {
        let pass = Pass {
            dirty_from,
            below,
            now: Timestamp(0),
            delete_retention_ms: i64::MAX,
            aborted: &self.aborted,
            lasts: &self.lasts,
        };
        let mut cleaner = pass.begin(&self.batches);
        let left = |batch: &Arc<Stored>| {
            if batch.base < below {
                cleaner.keep(batch)
            } else {
                Some(Arc::clone(batch))
            }
        };
        let batches = self.batches.iter().filter_map(left).collect();
        let listed = cleaner.listed();
        self.batches = batches;
        let end = self.aborted.partition_point(|one| one.last < below);
        self.aborted.splice(..end, listed);
    }
}

/// A batch of one record.
fn batch(key: &Value, value: &Value, producer: Option<ProducerId>) -> Batch {
    let bytes = |value: &Value| -> Bytes { value.to_string().into_bytes().into() };
    Batch {
        stamp: producer.map(|producer| Stamp {
            producer,
            epoch: Epoch(0),
            sequence: Sequence(0),
        }),
        transactional: producer.is_some(),
        records: vec![Record {
            key: Some(bytes(key)),
            value: (!value.is_null()).then(|| bytes(value)),
            ..Record::default()
        }],
    }
}

/// `kafka_log_compaction`: the offsets that a cleaning leaves in a log, and the keys in their order.
/// Tombstones and markers go only when the case says that their horizon has passed. That takes a pass
/// that empties the transactions, one that finds them empty, and one behind the horizon.
///
/// # Errors
/// The input is none of this kind.
pub fn log_compaction(input: &Value) -> Result<Value, Refusal> {
    let input: Compaction = super::input(input)?;
    let mut log = Log::default();
    for item in input.log {
        log.append(item)?;
    }
    let open = log.open.values().min().map_or(log.end, |first| first.0);
    let dirty_from = Offset(input.clean_from.into());
    let below = Offset(input.clean_to.map_or(log.end, u64::from).min(open));
    log.clean(dirty_from, below);
    if input.drop_tombstones || input.drop_markers {
        log.clean(dirty_from, below);
        for batch in &mut log.batches {
            let drops = if batch.is_control() {
                input.drop_markers
            } else {
                input.drop_tombstones
            };
            if drops && batch.horizon.is_some() {
                Arc::make_mut(batch).horizon = Some(Timestamp(0));
            }
        }
        log.clean(dirty_from, below);
    }
    let mut offsets = Vec::new();
    let mut keys = Vec::new();
    for batch in &log.batches {
        match &batch.content {
            Content::Marker(..) => offsets.push(batch.base.0),
            Content::Gone => {}
            Content::Records(records) => {
                for (offset, record) in records {
                    offsets.push(offset.0);
                    let key = record.key.as_deref().unwrap_or_default();
                    keys.push(serde_json::from_slice::<Value>(key)?);
                }
            }
        }
    }
    Ok(json!({ "offsets": offsets, "keys": keys }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_input_of_the_kind_is_refused() {
        let check = |answer: fn(&Value) -> Result<Value, Refusal>, input: Value, cause: &str| {
            let refusal = answer(&input).expect_err("no such input");
            assert!(refusal.cause.contains(cause), "{input}: {refusal}");
        };
        let log = |segments: Value, policy: &str| {
            json!({"segments": segments, "log_end": 9, "high_watermark": 9, "now": 0,
                   "retention_ms": -1, "retention_bytes": -1, "policy": [policy]})
        };
        check(retention, log(json!([]), "delete"), "at least one");
        check(retention, log(json!([]), "keep"), "`keep`");
        check(retention, json!({"segment": []}), "`segment`");
        let segment = json!([{"base": 0, "bytes": -1, "max_ts": 0}]);
        check(retention, log(segment, "delete"), "-1");
        let items = |items: Value| json!({ "log": items });
        check(log_compaction, items(json!([{"k": 1}])), "offset 0");
        check(log_compaction, items(json!([{"marker": 1}])), "offset 0");
        let both = json!([{"k": 1, "v": 1, "marker": 1, "type": "abort"}]);
        check(log_compaction, items(both), "offset 0");
        let again = json!([{"k": 1, "v": 1, "offset": 4}, {"k": 1, "v": 1, "offset": 4}]);
        check(log_compaction, items(again), "the next one is 5");
        check(log_compaction, items(json!([{"key": 1}])), "`key`");
        let end = json!([{"marker": 1, "type": "undo"}]);
        check(log_compaction, items(end), "`undo`");
        check(log_compaction, json!({"log": [], "to": 1}), "`to`");
    }

    #[test]
    fn what_is_left_is_told_by_offsets_and_keys() {
        let check = |input: Value, offsets: &[u64], keys: Value| {
            let output = log_compaction(&input).expect("an input of the kind");
            assert_eq!(output, json!({"offsets": offsets, "keys": keys}), "{input}");
        };
        check(json!({"log": []}), &[], json!([]));
        let log =
            json!([{"k": "a", "v": 1}, {"k": "b", "v": 1, "offset": 7}, {"k": "a", "v": null}]);
        check(json!({"log": log}), &[7, 8], json!(["b", "a"]));
        check(
            json!({"log": log, "clean_to": 8}),
            &[0, 7, 8],
            json!(["a", "b", "a"]),
        );
        check(
            json!({"log": log, "clean_from": 8}),
            &[7, 8],
            json!(["b", "a"]),
        );
        check(
            json!({"log": log, "drop_markers": true}),
            &[7, 8],
            json!(["b", "a"]),
        );
        check(
            json!({"log": log, "drop_tombstones": true}),
            &[7],
            json!(["b"]),
        );
        // What was cleaned once does not say what is the last of a key.
        let log = json!([{"k": "a", "v": 1}, {"k": "a", "v": 2}, {"k": "b", "v": 1}]);
        check(
            json!({"log": log, "clean_from": 2}),
            &[0, 1, 2],
            json!(["a", "a", "b"]),
        );
        // An open transaction ends what can be cleaned.
        let log = json!([{"k": "a", "v": 1}, {"txn": 1, "k": "c", "v": 1}, {"k": "a", "v": 2}]);
        check(json!({"log": log}), &[0, 1, 2], json!(["a", "c", "a"]));
    }
}
