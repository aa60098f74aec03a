//! A session with groups: members by hand, real consumers, and time that passes for both.

mod asking;
mod config;
mod consumer;
mod joining;
mod looking;
mod manual;
mod ops;
mod polling;
mod tools;

use super::{Session, answer};
use crate::kafka::ops::Op as Common;
use crate::player::Player;
use crate::recording::{Recording, Step};
use crate::refusal::Refusal;
use consumer::Consumer;
use explore::time::{Instant, Span};
use manual::Manual;
use ops::Op;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use systems::kafka::group::MemberId;
use systems::kafka::{GroupId, Out, Partition, TopicId};

/// The Unix time, in milliseconds, of the beginning: 2026-11-21T00:00:00Z.
const BEGINNING_UNIX_MS: i64 = 1_795_219_200_000;

/// Above this a timestamp is a Unix time.
const UNIX_FROM_MS: i64 = 1_000_000_000_000;

/// How far apart the polls of consumers that poll again and again are.
const STEP: Span = Span::from_ms(50);

/// The longest wait: 35 days.
const MAX_WAIT_MS: u64 = 35 * 86_400_000;

/// The session.
pub struct Groups {
    base: Session,
    manual: BTreeMap<String, Manual>,
    consumers: BTreeMap<String, Consumer>,
    /// Every client that is, or was, a consumer: its members are always named after it.
    were_consumers: Vec<String>,
    /// The names of member ids, and how many each client has.
    names: BTreeMap<(GroupId, MemberId), String>,
    given: BTreeMap<String, usize>,
    /// Topics that members speak of and that do not exist.
    absent: Vec<String>,
    /// The names that topics have or had.
    topics: BTreeMap<TopicId, String>,
}

impl Groups {
    /// A fresh broker at virtual time 0, set as the recording says.
    ///
    /// # Errors
    /// A setting that the model does not know.
    pub fn begin(recording: &Recording) -> Result<Box<dyn Player>, Refusal> {
        Ok(Box::new(Groups {
            base: Session::fresh(recording)?,
            manual: BTreeMap::new(),
            consumers: BTreeMap::new(),
            were_consumers: Vec::new(),
            names: BTreeMap::new(),
            given: BTreeMap::new(),
            absent: Vec::new(),
            topics: BTreeMap::new(),
        }))
    }

    /// The topic of this name. One that does not exist has a number from the end on, which no topic has.
    fn topic(&mut self, name: &str) -> TopicId {
        self.base.broker.find_topic(name).unwrap_or_else(|| {
            let at = self.absent.iter().position(|one| one == name);
            let at = at.unwrap_or_else(|| {
                self.absent.push(name.to_owned());
                self.absent.len() - 1
            });
            TopicId(u8::MAX - u8::try_from(at).unwrap_or(u8::MAX))
        })
    }

    fn topic_name(&self, topic: TopicId) -> String {
        if let Some(name) = self.topics.get(&topic) {
            return name.clone();
        }
        let at = usize::from(u8::MAX - topic.0);
        self.absent.get(at).cloned().unwrap_or_default()
    }

    fn any_place(&mut self, (topic, number): &(String, i64)) -> Partition {
        Partition {
            topic: self.topic(topic),
            index: u16::try_from(*number).unwrap_or(u16::MAX),
        }
    }

    /// Partitions as `[topic, number]`, sorted.
    fn told<'a>(&self, partitions: impl IntoIterator<Item = &'a Partition>) -> Value {
        let named = partitions.into_iter();
        let mut named: Vec<(String, u16)> = named
            .map(|place| (self.topic_name(place.topic), place.index))
            .collect();
        named.sort();
        json!(named)
    }

    /// The name of a member id; the second one of a client is `c1#2`.
    fn member_name(&mut self, group: GroupId, id: MemberId) -> String {
        if let Some(known) = self.names.get(&(group, id)) {
            return known.clone();
        }
        let client = self.base.members.get(usize::from(id.client)).cloned();
        let client = client.unwrap_or_else(|| "ghost".to_owned());
        if self.were_consumers.contains(&client) {
            return client;
        }
        let count = self.given.entry(client.clone()).or_default();
        *count += 1;
        let name = match *count {
            1 => client,
            nth => format!("{client}#{nth}"),
        };
        self.names.insert((group, id), name.clone());
        name
    }

    /// Hands answers to those who wait for them.
    fn deliver(&mut self, out: Out) {
        for (to, response) in out.to {
            let Some(name) = self.base.members.get(usize::from(to.client)).cloned() else {
                continue;
            };
            if let Some(consumer) = self.consumers.get_mut(&name) {
                if consumer.connection == to.connection {
                    consumer.inbox.push(response);
                }
            } else if self.manual.get(&name).is_some_and(|one| one.is_on(to)) {
                self.take_by_hand(&name, response);
            }
        }
    }

    /// Lets time pass until then: whatever is due on the way happens.
    fn pass_until(&mut self, end: Instant) {
        loop {
            self.base.rest();
            let now = self.base.now;
            let deadline = self.base.broker.deadlines().min_by_key(|(due, ..)| *due);
            let own = self.base.broker.due(now);
            let life = self
                .consumers
                .iter()
                .filter_map(|(name, one)| Some((one.next_sign()?, name.clone())))
                .min();
            let dues = [
                own,
                deadline.as_ref().map(|(due, ..)| *due),
                life.as_ref().map(|(due, _)| *due),
            ];
            let Some(due) = dues.into_iter().flatten().min().filter(|due| *due <= end) else {
                break;
            };
            self.base.now = due.max(now);
            if let Some((_, name)) = life.filter(|(at, _)| *at == due) {
                self.sign_of_life(&name);
            } else if own == Some(due) {
                self.base.broker.tick(due);
            } else if let Some((_, group, deadline)) = deadline {
                let mut out = Out::default();
                let now = self.base.now;
                self.base.broker.expire(now, group, deadline, &mut out);
                self.deliver(out);
            }
        }
        self.base.now = end;
        self.base.rest();
    }

    fn pass(&mut self, ms: u64) -> Result<(), Refusal> {
        if ms > MAX_WAIT_MS {
            return Err(Refusal::new(format!(
                "a wait of {ms} ms is longer than {MAX_WAIT_MS} ms"
            )));
        }
        self.pass_until(self.base.now + Span::from_ms(ms));
        Ok(())
    }

    fn answer(&mut self, op: Op) -> Result<Value, Refusal> {
        match op {
            Op::Declare {
                kind,
                name,
                partitions,
            } => {
                let declared = self.base.answer(Common::Declare {
                    kind,
                    name,
                    partitions,
                    replicas: 1,
                    assignment: None,
                    config: BTreeMap::new(),
                });
                let topics = self.base.broker.topics();
                self.topics
                    .extend(topics.map(|(id, topic)| (id, topic.name.to_string())));
                declared
            }
            Op::AddPartitions { topic, total } => {
                self.base.answer(Common::AddPartitions { topic, total })
            }
            Op::Publish(mut publish) => {
                let relative = |ms: i64| match ms >= UNIX_FROM_MS {
                    true => ms - BEGINNING_UNIX_MS,
                    false => ms,
                };
                publish.timestamp_ms = publish.timestamp_ms.map(relative);
                for written in publish.batch.iter_mut().flatten() {
                    written.timestamp_ms = written.timestamp_ms.map(relative);
                }
                let mut told = self.base.answer(Common::Publish(publish))?;
                if let Some(told) = told.as_object_mut() {
                    told.remove("timestamp_ms");
                }
                Ok(told)
            }
            Op::Delete { .. } => self.delete(op),
            Op::FindCoordinator { .. }
            | Op::Join(_)
            | Op::Sync { .. }
            | Op::Await { .. }
            | Op::Heartbeat { .. }
            | Op::Leave { .. } => self.by_hand(op),
            Op::Commit(commit) if commit.group.is_some() => self.commit_by_hand(&commit),
            Op::Committed {
                group, partitions, ..
            } => Ok(self.committed(&group, partitions.as_deref())),
            Op::Describe { group } => Ok(self.describe(&group)),
            Op::ListGroups { states } => Ok(self.list(states.as_deref())),
            Op::Crash { client } => {
                self.consumers.remove(&client);
                if let Some(manual) = self.manual.get_mut(&client) {
                    manual.cut();
                }
                Ok(answer::nothing())
            }
            Op::Wait { ms } => {
                self.pass(ms)?;
                Ok(answer::nothing())
            }
            Op::Tool { args, file } => self.tool(&args, file.as_ref()),
            consumer => self.consumer_op(consumer),
        }
    }
}

impl Player for Groups {
    fn play(&mut self, step: &Step) -> Result<Value, Refusal> {
        let answer = self.answer(step.read()?)?;
        let most = usize::from(u8::MAX);
        let counts = [
            self.base.groups.len(),
            self.base.members.len(),
            self.absent.len() + self.base.broker.topics().count(),
        ];
        if counts.into_iter().any(|count| count > most) {
            return Err(Refusal::new(format!(
                "a session has at most {most} groups, {most} clients and {most} topics"
            )));
        }
        self.base.rest();
        Ok(answer)
    }
}
