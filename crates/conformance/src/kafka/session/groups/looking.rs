//! What is looked up about groups, and what is deleted.

use super::ops::Op;
use super::{Groups, answer};
use crate::kafka::ops::{Op as Common, Place};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use systems::kafka::group::State;
use systems::kafka::{Error, GroupId, Offset, Partition};

impl Groups {
    pub(super) fn delete(&mut self, op: Op) -> Result<Value, Refusal> {
        let Op::Delete {
            kind,
            name,
            topic,
            partition,
            before,
            group,
            partitions,
        } = op
        else {
            return Err(Refusal::new(format!("{op:?} deletes nothing")));
        };
        Ok(match kind.as_str() {
            "topic" | "records" => {
                let is_records = kind == "records";
                let deleted = self.base.answer(Common::Delete {
                    kind,
                    name,
                    topic,
                    partition,
                    before,
                })?;
                match deleted.get("error").is_none() && is_records {
                    true => answer::nothing(),
                    false => deleted,
                }
            }
            "group" => {
                let group = self.base.group(&name.unwrap_or_default());
                answer::done(self.base.broker.delete_group(group))
            }
            "offsets" => {
                let group = self.base.group(&group.unwrap_or_default());
                let topic = topic.unwrap_or_default();
                let numbers = partitions.unwrap_or_default();
                let places: Vec<Partition> = numbers
                    .iter()
                    .map(|number| self.any_place(&(topic.clone(), *number)))
                    .collect();
                match self.base.broker.delete_offsets(group, &places) {
                    Err(error) => answer::error(error),
                    Ok(answers) => {
                        let told = numbers.iter().zip(answers).map(|(number, answer)| {
                            let mut told = answer::done(answer);
                            told["partition"] = json!(number);
                            told
                        });
                        json!({ "partitions": told.collect::<Vec<_>>() })
                    }
                }
            }
            other => {
                let known = ["topic", "records", "group", "offsets"];
                return Err(Refusal::unknown("kind", other, &known));
            }
        })
    }

    pub(super) fn committed(&mut self, group: &str, partitions: Option<&[Place]>) -> Value {
        let group = self.base.group(group);
        let all = self.base.broker.group(group).map(|state| state.offsets());
        let all: Vec<Partition> = all
            .into_iter()
            .flat_map(|offsets| offsets.all())
            .map(|(place, _)| *place)
            .collect();
        let places = match partitions {
            None => all,
            Some(asked) => asked.iter().map(|place| self.any_place(place)).collect(),
        };
        let mut told: Vec<(String, u16, Value)> = places
            .into_iter()
            .map(|place| {
                let state = self.base.broker.group(group);
                let offset = state.and_then(|state| state.committed(place));
                let note = state.and_then(|state| state.offsets().note(place));
                let note = note.filter(|note| !note.is_empty() && offset.is_some());
                let topic = self.topic_name(place.topic);
                let offset = offset.map_or(json!(-1), |Offset(offset)| json!(offset));
                let one = json!({
                    "topic": topic, "partition": place.index, "offset": offset, "metadata": note
                });
                (topic, place.index, one)
            })
            .collect();
        told.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
        let told: Vec<Value> = told.into_iter().map(|(.., one)| one).collect();
        json!({ "offsets": told })
    }

    pub(super) fn describe(&mut self, name: &str) -> Value {
        let group = self.base.group(name);
        let state = self.base.broker.group(group);
        let Some(state) = state.filter(|state| state.exists()).cloned() else {
            let mut told = answer::error(Error::GroupIdNotFound);
            told["state"] = json!("Dead");
            return told;
        };
        let stable = state.state() == State::Stable;
        let mut members: Vec<(String, Value)> = state
            .members()
            .iter()
            .map(|member| {
                let name = self.member_name(group, member.id);
                let mut topics: Vec<String> = member
                    .topics()
                    .iter()
                    .filter(|_| stable)
                    .map(|topic| self.topic_name(*topic))
                    .collect();
                topics.sort();
                let told = json!({
                    "member": name,
                    "instance": member.instance.as_deref(),
                    "topics": topics,
                    "assignment": self.told(&member.assignment),
                });
                (name, told)
            })
            .collect();
        members.sort_by(|one, other| one.0.cmp(&other.0));
        let members: Vec<Value> = members.into_iter().map(|(_, told)| told).collect();
        json!({
            "state": state.state().name(),
            "protocol_type": state.protocol_type().map_or("", |name| name),
            "protocol": state.protocol().map_or("", |name| name),
            "members": members,
        })
    }

    pub(super) fn list(&mut self, states: Option<&[String]>) -> Value {
        let mut groups: Vec<(String, Value)> = Vec::new();
        for (at, name) in self.base.groups.iter().enumerate() {
            let state = self.base.broker.group(GroupId(at as u8));
            let Some(state) = state.filter(|state| state.exists()) else {
                continue;
            };
            let is = state.state().name();
            let wanted = |states: &[String]| states.iter().any(|one| one.eq_ignore_ascii_case(is));
            if states.is_none_or(|states| states.is_empty() || wanted(states)) {
                let kind = state.protocol_type().map_or("", |name| name);
                let told = json!({
                    "group": name, "protocol_type": kind, "state": is, "type": "classic"
                });
                groups.push((name.clone(), told));
            }
        }
        groups.sort_by(|one, other| one.0.cmp(&other.0));
        let groups: Vec<Value> = groups.into_iter().map(|(_, told)| told).collect();
        json!({ "groups": groups })
    }
}
