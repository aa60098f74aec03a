//! Topics made, changed, grown and deleted.

use super::{Session, answer, text};
use crate::kafka::ops::Op;
use crate::refusal::Refusal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use systems::kafka::admin::Setting;
use systems::kafka::{Error, Offset};

fn written(config: &BTreeMap<String, Value>) -> Vec<(String, String)> {
    let all = config.iter();
    all.map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

impl Session {
    pub(super) fn topics(&mut self, op: Op) -> Result<Value, Refusal> {
        Ok(match op {
            Op::Declare {
                kind,
                name,
                partitions,
                replicas,
                assignment,
                config,
            } => {
                only("topic", &kind)?;
                answer::done(self.declare(&name, partitions, replicas, assignment, &config))
            }
            Op::Alter { kind, name, config } => {
                only("topic", &kind)?;
                answer::done(self.alter(&name, &config))
            }
            Op::AddPartitions { topic, total } => {
                let found = self.broker.find_topic(&topic);
                answer::done(
                    found
                        .ok_or(Error::UnknownTopicOrPartition)
                        .and_then(|topic| {
                            let total =
                                u16::try_from(total).map_err(|_| Error::InvalidPartitions)?;
                            self.broker.add_partitions(topic, total)
                        }),
                )
            }
            Op::Delete {
                kind,
                name,
                topic,
                partition,
                before,
            } => match kind.as_str() {
                "topic" => {
                    let found = self.broker.find_topic(&name.unwrap_or_default());
                    let found = found.ok_or(Error::UnknownTopicOrPartition);
                    answer::done(found.and_then(|topic| self.broker.delete_topic(topic)))
                }
                "records" => {
                    let before = before.unwrap_or(-1);
                    let place = (topic.unwrap_or_default(), partition.unwrap_or(0));
                    match self.delete_records(&place, before) {
                        Ok(start) => json!({ "log_start": start.0 }),
                        Err(error) => answer::error(error),
                    }
                }
                other => return Err(Refusal::unknown("kind", other, &["topic", "records"])),
            },
            Op::RememberTopicId { topic, name } => {
                let found = self.broker.find_topic(&topic);
                let found =
                    found.ok_or_else(|| Refusal::new(format!("there is no topic `{topic}`")))?;
                self.topic_ids.insert(name, found);
                answer::nothing()
            }
            other => return Err(Refusal::new(format!("{other:?} is about no topic"))),
        })
    }

    fn declare(
        &mut self,
        name: &str,
        partitions: i64,
        replicas: i64,
        assignment: Option<Vec<Vec<i32>>>,
        config: &BTreeMap<String, Value>,
    ) -> Result<(), Error> {
        let written = written(config);
        let settings: Vec<_> = written
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let node = self.broker.settings().node;
        let placed = match assignment {
            Some(placed) => placed,
            None => {
                // Names and what is there already come before the counts.
                let count = u16::try_from(partitions).map_err(|_| Error::InvalidPartitions)?;
                if replicas != 1 {
                    self.broker.check_topic_name(name)?;
                    return Err(Error::InvalidReplicationFactor);
                }
                vec![vec![node]; usize::from(count)]
            }
        };
        self.broker.create_topic_placed(name, &placed, &settings)?;
        Ok(())
    }

    fn alter(&mut self, name: &str, config: &BTreeMap<String, Value>) -> Result<(), Error> {
        let topic = self.broker.find_topic(name);
        let topic = topic.ok_or(Error::UnknownTopicOrPartition)?;
        let texts: Vec<(String, Option<String>)> = config
            .iter()
            .map(|(name, value)| (name.clone(), (!value.is_null()).then(|| text(value))))
            .collect();
        let settings: Vec<Setting<'_>> = texts
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_deref()))
            .collect();
        self.broker.alter_topic(topic, &settings)
    }

    fn delete_records(&mut self, place: &(String, i64), before: i64) -> Result<Offset, Error> {
        let partition = self.known(&place.0, place.1)?;
        let before = match before {
            -1 => None,
            other => Some(Offset(
                u64::try_from(other).map_err(|_| Error::OffsetOutOfRange)?,
            )),
        };
        self.broker.delete_records(partition, before)
    }
}

/// Of several kinds only one is known here.
pub(super) fn only(known: &str, kind: &str) -> Result<(), Refusal> {
    if kind == known {
        Ok(())
    } else {
        Err(Refusal::unknown("kind", kind, &[known]))
    }
}
