//! Real consumers, as far as these families need them: positions, resets, commits, a membership.

use super::{Client, Session, answer};
use crate::kafka::ops::{Isolation, Mark, Op};
use crate::refusal::Refusal;
use explore::time::{Instant, Span};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use systems::kafka::group::{Generation, MemberId};
use systems::kafka::isolation;
use systems::kafka::log::At;
use systems::kafka::log::record::Timestamp;
use systems::kafka::produce::Membership;
use systems::kafka::producer::Call;
use systems::kafka::{Error, GroupId, Offset, Out, Partition, Request, Response, TopicId};

/// Where a consumer begins that has no committed offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reset {
    Earliest,
    Latest,
    None,
    /// At the first record that is not older.
    ByDuration(i64),
}

/// Where a consumer is in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// To be looked up: the committed offset first.
    Unknown,
    /// To be looked up here.
    Sought(At),
    /// There was nothing to begin with; it looks again then.
    Waiting(Instant),
    /// The next offset to read.
    At(Offset),
}

/// A consumer.
#[derive(Clone, Debug)]
pub(super) struct Consumer {
    /// Which group protocol it would join with; who is assigned partitions joins nothing.
    pub(super) is_classic: bool,
    pub(super) group: Option<GroupId>,
    pub(super) reset: Reset,
    pub(super) isolation: Isolation,
    pub(super) request_timeout: Span,
    pub(super) session_timeout: Span,
    pub(super) topics: Vec<TopicId>,
    pub(super) positions: BTreeMap<Partition, Position>,
    /// The ends that the last fetch told.
    pub(super) ends: BTreeMap<Partition, Offset>,
    pub(super) number: u8,
    pub(super) member: Option<MemberId>,
    pub(super) generation: Option<Generation>,
}

impl Consumer {
    /// One that has neither joined nor read anything, with the defaults of its settings.
    pub(super) fn new(is_classic: bool, reset: Reset, isolation: Isolation, number: u8) -> Self {
        Consumer {
            is_classic,
            group: None,
            reset,
            isolation,
            request_timeout: Span::from_ms(30_000),
            session_timeout: Span::from_ms(45_000),
            topics: Vec::new(),
            positions: BTreeMap::new(),
            ends: BTreeMap::new(),
            number,
            member: None,
            generation: None,
        }
    }

    pub(super) fn membership(&self) -> Option<Membership> {
        Some(Membership {
            member: self.member?,
            generation: self.generation?,
        })
    }
}

impl Session {
    pub(super) fn consumer(&mut self, name: &str) -> Result<&mut Consumer, Refusal> {
        match self.client(name)? {
            Client::Consumer(consumer) => Ok(consumer),
            Client::Producer(_) => Err(Refusal::new(format!("`{name}` is no consumer"))),
        }
    }

    pub(super) fn group_of(&mut self, name: &str) -> Result<GroupId, Refusal> {
        let group = match self.clients.get(name) {
            Some(Client::Consumer(consumer)) => consumer.group,
            Some(Client::Producer(_)) | None => None,
        };
        // A remembered membership is of the only group there is when its client is gone.
        group
            .or((self.groups.len() == 1).then_some(GroupId(0)))
            .ok_or_else(|| Refusal::new(format!("the group of `{name}` is not known")))
    }

    pub(super) fn close(&mut self, name: &str) -> Result<Value, Refusal> {
        match self.client(name)? {
            Client::Producer(_) => {
                let closed = self.call(name, Call::Close)?;
                self.clients.remove(name);
                Ok(closed.map_or_else(answer::thrown, |_| answer::nothing()))
            }
            Client::Consumer(consumer) => {
                let (group, member) = (consumer.group, consumer.member);
                self.clients.remove(name);
                if let (Some(group), Some(member)) = (group, member) {
                    let mut out = Out::default();
                    self.broker.leave_group(self.now, group, member, &mut out);
                    self.deliver(out);
                }
                Ok(answer::nothing())
            }
        }
    }

    pub(super) fn consumer_op(&mut self, op: Op) -> Result<Value, Refusal> {
        match op {
            Op::Assign { client, partitions } => {
                let places: Vec<Option<Partition>> =
                    partitions.iter().map(|place| self.place(place)).collect();
                let consumer = self.consumer(&client)?;
                let before = std::mem::take(&mut consumer.positions);
                for place in places.into_iter().flatten() {
                    let kept = before.get(&place).copied();
                    let position = kept.unwrap_or(Position::Unknown);
                    consumer.positions.insert(place, position);
                }
                Ok(answer::nothing())
            }
            Op::Subscribe { client, topics } => {
                let found: Vec<TopicId> = topics
                    .iter()
                    .filter_map(|topic| self.broker.find_topic(topic))
                    .collect();
                let consumer = self.consumer(&client)?;
                if !consumer.is_classic {
                    return Err(Refusal::new(
                        "joining with the group protocol `consumer` is not modelled yet",
                    ));
                }
                consumer.topics = found;
                Ok(answer::nothing())
            }
            Op::Poll { client } => self.poll(&client),
            Op::Seek {
                client,
                topic,
                partition,
                offset,
            } => {
                let place = self.known(&topic, partition).ok();
                let position = match (offset.as_str(), offset.as_i64()) {
                    (Some("beginning"), _) => Position::Sought(At::Earliest),
                    (Some("end"), _) => Position::Sought(At::Latest),
                    (None, Some(number)) => match u64::try_from(number) {
                        Ok(number) => Position::At(Offset(number)),
                        Err(_) => return Ok(answer::throws("IllegalArgumentException")),
                    },
                    _ => return Err(Refusal::new(format!("{offset} is no place to seek"))),
                };
                let consumer = self.consumer(&client)?;
                let held = place.and_then(|place| consumer.positions.get_mut(&place));
                let Some(held) = held else {
                    return Ok(answer::throws("IllegalStateException"));
                };
                *held = position;
                Ok(answer::nothing())
            }
            Op::Position {
                client,
                topic,
                partition,
            } => {
                let Some(place) = self.assigned(&client, &topic, partition)? else {
                    return Ok(answer::throws("IllegalStateException"));
                };
                if let Err(thrown) = self.look_up(&client)? {
                    return Ok(thrown);
                }
                Ok(match self.consumer(&client)?.positions.get(&place) {
                    Some(Position::At(offset)) => json!({ "offset": offset.0 }),
                    _ => answer::throws("TimeoutException"),
                })
            }
            Op::Lag {
                client,
                topic,
                partition,
            } => {
                let Some(place) = self.assigned(&client, &topic, partition)? else {
                    return Ok(answer::throws("IllegalStateException"));
                };
                let consumer = self.consumer(&client)?;
                let end = consumer.ends.get(&place).copied();
                let position = consumer.positions.get(&place).copied();
                Ok(match (end, position) {
                    (Some(end), Some(Position::At(offset))) => {
                        json!({ "lag": end.0.saturating_sub(offset.0) })
                    }
                    _ => json!({ "lag": null }),
                })
            }
            Op::Commit {
                client,
                group,
                offsets,
            } => self.commit(client.as_deref(), group.as_deref(), offsets.as_deref()),
            Op::Committed {
                group,
                topic,
                partition,
                require_stable,
            } => {
                let group = self.group(&group);
                let committed = self.known(&topic, partition).ok().map(|place| {
                    let state = self.broker.group(group);
                    let offsets = state.map(|state| state.offsets());
                    match offsets {
                        Some(offsets) if require_stable => offsets.stable(place),
                        Some(offsets) => Ok(offsets.committed(place)),
                        None => Ok(None),
                    }
                });
                Ok(match committed {
                    Some(Err(error)) => answer::error(error),
                    Some(Ok(offset)) => json!({ "offset": offset.map(|offset| offset.0) }),
                    None => json!({ "offset": null }),
                })
            }
            Op::Remember { client, name } => {
                let membership = self.membership_of(&client)?;
                self.memberships.insert(name, membership);
                Ok(answer::nothing())
            }
            other => Err(Refusal::new(format!("{other:?} is no call of a consumer"))),
        }
    }

    fn assigned(
        &mut self,
        client: &str,
        topic: &str,
        number: i64,
    ) -> Result<Option<Partition>, Refusal> {
        let place = self.known(topic, number).ok();
        let consumer = self.consumer(client)?;
        Ok(place.filter(|place| consumer.positions.contains_key(place)))
    }

    /// Finds a position for every partition that has none; what is thrown on the way is the answer.
    fn look_up(&mut self, client: &str) -> Result<Result<(), Value>, Refusal> {
        let now = self.now;
        let consumer = self.consumer(client)?.clone();
        let mut found = consumer.positions.clone();
        let mut without = Vec::new();
        for (place, position) in &mut found {
            let committed = consumer
                .group
                .and_then(|group| self.broker.group(group))
                .and_then(|state| state.committed(*place));
            let policy = match consumer.reset {
                Reset::Earliest => Some(At::Earliest),
                Reset::Latest => Some(At::Latest),
                Reset::ByDuration(span) => Some(At::Time(Timestamp(self.now_ms() - span))),
                Reset::None => None,
            };
            let at = match position {
                Position::At(_) => continue,
                Position::Waiting(until) if now < *until => continue,
                Position::Unknown => match committed {
                    Some(offset) => {
                        *position = Position::At(offset);
                        continue;
                    }
                    None => policy,
                },
                Position::Waiting(_) => policy,
                Position::Sought(at) => Some(*at),
            };
            let Some(at) = at else {
                without.push(*place);
                continue;
            };
            let log = self.broker.log(*place);
            let offset = log.and_then(|log| log.offset_at(at, consumer.isolation.into()));
            *position = match offset {
                Some((offset, _)) => Position::At(offset),
                None => Position::Waiting(now + consumer.request_timeout),
            };
        }
        self.consumer(client)?.positions = found;
        if without.is_empty() {
            return Ok(Ok(()));
        }
        Ok(Err(
            self.thrown_at("NoOffsetForPartitionException", &without)
        ))
    }

    fn thrown_at(&self, class: &str, places: &[Partition]) -> Value {
        let name = |topic| self.broker.topic(topic).map(|topic| topic.name.to_string());
        let places: Vec<_> = places
            .iter()
            .map(|place| json!([name(place.topic), place.index]))
            .collect();
        json!({ "error": { "name": class, "partitions": places } })
    }

    fn poll(&mut self, client: &str) -> Result<Value, Refusal> {
        self.join(client)?;
        let mut records = Vec::new();
        // Out of range means to look for a position again, once for each partition at most.
        for _ in 0..2 {
            if let Err(thrown) = self.look_up(client)? {
                return Ok(thrown);
            }
            let consumer = self.consumer(client)?.clone();
            let mut lost = Vec::new();
            for (place, position) in &consumer.positions {
                let Position::At(offset) = position else {
                    continue;
                };
                let from = offset.0 as i64;
                match self.fetch(*place, from, consumer.isolation, 52_428_800, false) {
                    Ok((found, from)) => {
                        let next = isolation::next(&found.batches, from);
                        let seen = isolation::seen(&found, from, consumer.isolation.into());
                        let topic = self.broker.topic(place.topic);
                        let topic = topic.map(|topic| topic.name.to_string());
                        records.extend(seen.into_iter().map(|(offset, record)| {
                            let mut told = answer::record(offset, record, false);
                            told.insert("topic".to_owned(), json!(topic));
                            told.insert("partition".to_owned(), json!(place.index));
                            Value::from(told)
                        }));
                        let end = match consumer.isolation {
                            Isolation::ReadUncommitted => found.high_watermark,
                            Isolation::ReadCommitted => found.last_stable,
                        };
                        let consumer = self.consumer(client)?;
                        consumer.positions.insert(*place, Position::At(next));
                        consumer.ends.insert(*place, end);
                    }
                    Err(Error::OffsetOutOfRange) => lost.push(*place),
                    Err(_) => {}
                }
            }
            if lost.is_empty() {
                break;
            }
            if consumer.reset == Reset::None {
                return Ok(self.thrown_at("OffsetOutOfRangeException", &lost));
            }
            let at = match consumer.reset {
                Reset::Latest => At::Latest,
                Reset::ByDuration(span) => At::Time(Timestamp(self.now_ms() - span)),
                Reset::Earliest | Reset::None => At::Earliest,
            };
            for place in lost {
                let positions = &mut self.consumer(client)?.positions;
                positions.insert(place, Position::Sought(at));
            }
        }
        Ok(json!({ "records": records }))
    }

    fn commit(
        &mut self,
        client: Option<&str>,
        group: Option<&str>,
        offsets: Option<&[Mark]>,
    ) -> Result<Value, Refusal> {
        let Some(client) = client else {
            let group = self.group(group.unwrap_or_default());
            let offsets = match self.marks(offsets.unwrap_or_default()) {
                Ok(offsets) => offsets,
                Err(error) => return Ok(answer::error(error)),
            };
            let written = self.broker.commit_without_member(group, &offsets);
            return Ok(answer::done(written));
        };
        let consumer = self.consumer(client)?.clone();
        let Some(group) = consumer.group else {
            return Ok(answer::throws("InvalidGroupIdException"));
        };
        let offsets = match offsets {
            Some(offsets) => match self.marks(offsets) {
                Ok(offsets) => offsets,
                Err(_) => return Ok(answer::throws("UnknownTopicOrPartitionException")),
            },
            None => consumer
                .positions
                .iter()
                .filter_map(|(place, position)| match position {
                    Position::At(offset) => Some((*place, *offset)),
                    Position::Unknown | Position::Sought(_) | Position::Waiting(_) => None,
                })
                .collect(),
        };
        let written = match consumer.membership() {
            None => self.broker.commit_without_member(group, &offsets),
            Some(one) => {
                let request = Request::OffsetCommit {
                    group,
                    member: one.member,
                    generation: one.generation,
                    offsets,
                };
                match self.request(consumer.number, request) {
                    Some(Response::CommitAnswered(answer)) => answer.map(|_| ()),
                    _ => Err(Error::UnknownMemberId),
                }
            }
        };
        Ok(match written {
            Ok(()) => answer::nothing(),
            Err(_) => answer::throws("CommitFailedException"),
        })
    }
}
