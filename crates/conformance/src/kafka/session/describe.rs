//! What is looked up about the state, and what the tools print.

use super::{Session, answer};
use crate::refusal::Refusal;
use engine::broker::kafka::Error;
use serde_json::{Map, Value, json};

impl Session {
    pub(super) fn describe(
        &mut self,
        kind: &str,
        topic: &str,
        partition: i64,
        id: &str,
    ) -> Result<Value, Refusal> {
        Ok(match kind {
            "log" | "producers" => {
                let found = self.known(topic, partition);
                let Some(log) = found.ok().and_then(|found| self.broker.log(found)) else {
                    return Ok(answer::error(Error::UnknownTopicOrPartition));
                };
                if kind == "log" {
                    let segments = log.segments();
                    let segments = segments
                        .map(|one| json!({ "base_offset": one.base().0, "bytes": one.bytes() }));
                    json!({ "segments": segments.collect::<Vec<_>>(), "bytes": log.bytes() })
                } else {
                    let producers = log.producers().all().map(|(id, one)| {
                        json!({
                            "producer": self.name_of(id),
                            "epoch": one.epoch.0,
                            "last_sequence": one.last_sequence().map_or(-1, |last| last.0),
                            "open_from": one.open_from.map(|offset| offset.0),
                            "coordinator_epoch": one.coordinator.map(|epoch| epoch.0)
                        })
                    });
                    json!({ "producers": producers.collect::<Vec<_>>() })
                }
            }
            "topic" => {
                let Some((_, found)) = self.broker.topics().find(|(_, one)| &*one.name == topic)
                else {
                    return Ok(answer::error(Error::UnknownTopicOrPartition));
                };
                let config: Map<String, Value> = found
                    .written
                    .iter()
                    .map(|(name, value)| (name.to_string(), json!(value)))
                    .collect();
                json!({ "partitions": found.logs.len(), "replicas": 1, "config": config })
            }
            "transaction" => {
                let id = self.transactional_id(id);
                let Some(one) = self.broker.transaction(id) else {
                    return Ok(answer::error(Error::TransactionalIdNotFound));
                };
                let name = |topic| self.broker.topic(topic).map(|topic| topic.name.to_string());
                let mut places: Vec<(String, u16)> = one
                    .parts
                    .partitions
                    .iter()
                    .map(|place| (name(place.topic).unwrap_or_default(), place.index))
                    .collect();
                // There is one partition of offsets in these recordings.
                if !one.parts.groups.is_empty() {
                    places.push(("__consumer_offsets".to_owned(), 0));
                }
                places.sort();
                json!({
                    "state": one.state.name(),
                    "producer": self.name_of(one.producer),
                    "epoch": one.epoch.map(|epoch| epoch.0),
                    "timeout_ms": one.timeout.0 / 1_000,
                    "started_ms": one.started.map(|started| started.0 / 1_000),
                    "partitions": places
                })
            }
            "transactions" => {
                let mut all: Vec<_> = self
                    .broker
                    .transactions()
                    .map(|(id, one)| {
                        let name = self.transactional_ids.get(usize::from(id.0));
                        (
                            name.cloned().unwrap_or_default(),
                            self.name_of(one.producer),
                            one.state.name(),
                        )
                    })
                    .collect();
                all.sort();
                let all = all.into_iter().map(|(id, producer, state)| {
                    json!({ "transactional_id": id, "producer": producer, "state": state })
                });
                json!({ "transactions": all.collect::<Vec<_>>() })
            }
            other => {
                let known = ["log", "topic", "producers", "transaction", "transactions"];
                return Err(Refusal::unknown("kind", other, &known));
            }
        })
    }

    pub(super) fn tool(&mut self, args: &[String], file: Option<&Value>) -> Result<Value, Refusal> {
        let _ = file;
        Err(Refusal::new(format!("the tool {args:?} is not here yet")))
    }
}
