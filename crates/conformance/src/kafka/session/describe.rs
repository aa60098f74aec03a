//! What is looked up about the state, and what the tools print.

use super::{Session, answer};
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use systems::kafka::group::MemberId;
use systems::kafka::tools::{self, Names};
use systems::kafka::transaction::TransactionalId;
use systems::kafka::{Error, GroupId, TopicId};

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
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let file = file.map(ToString::to_string);
        let known = self.broker.topics();
        let names = Masks {
            topics: known
                .map(|(id, topic)| (id, topic.name.to_string()))
                .collect(),
            groups: self.groups.clone(),
            transactional_ids: self.transactional_ids.clone(),
            members: self.members.clone(),
        };
        let printed = tools::run(&mut self.broker, self.now, &args, file.as_deref(), &names)
            .map_err(|refusal| Refusal::new(refusal.to_string()))?;
        Ok(json!({ "stdout": printed.stdout, "exit": printed.exit }))
    }
}

/// Names as the recordings have them, and masks for what differs from run to run.
struct Masks {
    topics: BTreeMap<TopicId, String>,
    groups: Vec<String>,
    transactional_ids: Vec<String>,
    members: Vec<String>,
}

fn nth(names: &[String], at: usize) -> String {
    names.get(at).cloned().unwrap_or_default()
}

impl Names for Masks {
    fn group(&self, group: GroupId) -> String {
        nth(&self.groups, usize::from(group.0))
    }

    fn topic(&self, topic: TopicId) -> String {
        self.topics.get(&topic).cloned().unwrap_or_default()
    }

    fn member(&self, member: MemberId) -> String {
        format!("{}-<id>", nth(&self.members, usize::from(member.client)))
    }

    fn host(&self, _: u8) -> String {
        "<host>".to_owned()
    }

    fn client(&self, client: u8) -> String {
        nth(&self.members, usize::from(client))
    }

    fn transactional_id(&self, id: TransactionalId) -> String {
        nth(&self.transactional_ids, usize::from(id.0))
    }

    fn address(&self) -> String {
        "<host>".to_owned()
    }

    fn instant(&self, ms: i64) -> String {
        format!("<t{ms:+}>")
    }

    fn duration(&self, _: u64) -> String {
        "<ms>".to_owned()
    }

    fn offsets_partitions(&self) -> u32 {
        1
    }
}
