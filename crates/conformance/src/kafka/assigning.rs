//! Vectors of the assignors of classic groups.

use super::input;
use crate::refusal::Refusal;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::kafka::assignor::{Assignor, Place, Subscriber, Topics};

/// `{topics: {name: count}, members: [{id, instance?, topics, owned?, generation?}]}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    topics: BTreeMap<String, u32>,
    members: Vec<Member>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    id: String,
    instance: Option<String>,
    topics: Vec<String>,
    #[serde(default)]
    owned: Vec<String>,
    /// Below 0 means that the member has none.
    generation: Option<i64>,
}

/// A partition written as `topic-number`.
fn place(text: &str) -> Result<Place, Refusal> {
    let parts = text.rsplit_once('-');
    let read = parts.and_then(|(topic, index)| Some((topic.into(), index.parse().ok()?)));
    read.ok_or_else(|| Refusal::new(format!("`{text}` is no partition, such as `orders-0`")))
}

fn subscriber(member: Member) -> Result<Subscriber, Refusal> {
    let owned = member.owned.iter().map(|text| place(text));
    Ok(Subscriber {
        id: member.id.into(),
        instance: member.instance.map(Arc::from),
        topics: member.topics.into_iter().map(Arc::from).collect(),
        owned: owned.collect::<Result<_, _>>()?,
        generation: member
            .generation
            .and_then(|number| u32::try_from(number).ok()),
    })
}

fn assigned(assignor: Assignor, value: &Value) -> Result<Value, Refusal> {
    let input: Input = input(value)?;
    let members = input.members.into_iter().map(subscriber);
    let members: Vec<Subscriber> = members.collect::<Result<_, _>>()?;
    let topics = input.topics.into_iter();
    let topics: Topics = topics.map(|(name, count)| (name.into(), count)).collect();
    let assigned = assignor.assign(&topics, &members);
    let told = members.iter().zip(assigned).map(|(member, own)| {
        let own = own.iter().map(|(topic, index)| format!("{topic}-{index}"));
        (member.id.to_string(), own.collect::<Value>())
    });
    Ok(told.collect())
}

/// The kind `kafka_assignor_range`.
pub fn range(input: &Value) -> Result<Value, Refusal> {
    assigned(Assignor::Range, input)
}

/// The kind `kafka_assignor_roundrobin`.
pub fn round_robin(input: &Value) -> Result<Value, Refusal> {
    assigned(Assignor::RoundRobin, input)
}

/// The kind `kafka_assignor_sticky`.
pub fn sticky(input: &Value) -> Result<Value, Refusal> {
    assigned(Assignor::Sticky, input)
}

/// The kind `kafka_assignor_cooperative_sticky`.
pub fn cooperative_sticky(input: &Value) -> Result<Value, Refusal> {
    assigned(Assignor::CooperativeSticky, input)
}
