//! Real consumers, as far as these families need them: positions, resets, commits, a membership.

use super::{Client, Session, answer};
use crate::kafka::ops::{Isolation, Mark, Op};
use crate::refusal::Refusal;
use engine::broker::kafka::group::{Generation, MemberId};
use engine::broker::kafka::log::At;
use engine::broker::kafka::log::record::Timestamp;
use engine::broker::kafka::produce::Membership;
use engine::broker::kafka::{
    Caller, Error, GroupId, Offset, Out, Partition, Request, Response, TopicId,
};
use engine::client::isolation;
use engine::client::producer::{Call, Config, Producer};
use engine::time::{Instant, Span};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where a consumer begins that has no committed offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reset {
    Earliest,
    Latest,
    None,
    /// At the first record that is not older.
    ByDuration(i64),
}

/// Where a consumer is in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
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
    is_classic: bool,
    group: Option<GroupId>,
    reset: Reset,
    isolation: Isolation,
    request_timeout: Span,
    session_timeout: Span,
    topics: Vec<TopicId>,
    positions: BTreeMap<Partition, Position>,
    /// The ends that the last fetch told.
    ends: BTreeMap<Partition, Offset>,
    number: u8,
    member: Option<MemberId>,
    generation: Option<Generation>,
}

impl Consumer {
    pub(super) fn membership(&self) -> Option<Membership> {
        Some(Membership {
            member: self.member?,
            generation: self.generation?,
        })
    }
}

/// A span as ISO 8601 writes it, such as `PT1H30M` or `-P1D`, in milliseconds.
fn duration(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (days, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((days, time)) => (days, Some(time)),
        None => (text.strip_prefix('P')?, None),
    };
    if days.is_empty() && time.is_none_or(str::is_empty) {
        return None;
    }
    let mut sum = 0_i64;
    let mut add = |text: &str, units: &[(char, i64)]| -> Option<()> {
        let mut number = String::new();
        let mut units = units.iter();
        for letter in text.chars() {
            if letter.is_ascii_digit() || "-+".contains(letter) && number.is_empty() {
                number.push(letter);
                continue;
            }
            let (_, ms) = units.find(|(unit, _)| *unit == letter)?;
            let count: i64 = number.parse().ok()?;
            sum = sum.checked_add(count.checked_mul(*ms)?)?;
            number.clear();
        }
        number.is_empty().then_some(())
    };
    add(days, &[('D', 86_400_000)])?;
    add(
        time.unwrap_or_default(),
        &[('H', 3_600_000), ('M', 60_000), ('S', 1_000)],
    )?;
    Some(sign * sum)
}

fn reset(text: &str) -> Option<Reset> {
    Some(match text {
        "earliest" => Reset::Earliest,
        "latest" => Reset::Latest,
        "none" => Reset::None,
        other => {
            let span = duration(other.strip_prefix("by_duration:")?)?;
            if span < 0 {
                return None;
            }
            Reset::ByDuration(span)
        }
    })
}

impl Session {
    pub(super) fn open(&mut self, op: Op) -> Result<Value, Refusal> {
        let Op::Open {
            kind,
            client,
            transactional_id,
            timeout_ms,
            config,
            group,
            auto_offset_reset,
            isolation,
            protocol,
        } = op
        else {
            return Err(Refusal::new(format!("{op:?} opens nothing")));
        };
        let number = |name: &str, value: &Value| {
            let text = super::text(value);
            text.parse::<u64>()
                .map_err(|_| Refusal::new(format!("{name}={text} is no number")))
        };
        match kind.as_str() {
            "producer" => {
                let mut set = Config {
                    version: self.broker.settings().transaction_version,
                    ..Config::default()
                };
                set.transactional_id = transactional_id.map(|id| self.transactional_id(&id));
                if let Some(ms) = timeout_ms {
                    set.transaction_timeout = Span::from_ms(ms);
                }
                for (name, value) in &config {
                    match name.as_str() {
                        "max.request.size" => set.max_request_bytes = number(name, value)?,
                        "enable.idempotence" => set.idempotent = super::text(value) == "true",
                        "transaction.timeout.ms" => {
                            set.transaction_timeout = Span::from_ms(number(name, value)?);
                        }
                        // They are about how long it tries, and how it bundles: here nothing is lost,
                        // and bundles are given.
                        "acks"
                        | "retries"
                        | "linger.ms"
                        | "batch.size"
                        | "delivery.timeout.ms"
                        | "request.timeout.ms"
                        | "max.block.ms"
                        | "max.in.flight.requests.per.connection" => {}
                        other => {
                            return Err(Refusal::new(format!(
                                "the producer's setting `{other}` is unknown"
                            )));
                        }
                    }
                }
                let inits = set.transactional_id.is_some();
                let producer = Client::Producer(Box::new(Producer::new(set)));
                self.clients.insert(client.clone(), producer);
                if !inits {
                    return Ok(answer::nothing());
                }
                Ok(match self.call(&client, Call::Init)? {
                    Err(thrown) => answer::thrown(thrown),
                    Ok(_) => {
                        let identity = self.producer(&client)?.identity();
                        let name = identity.map(|identity| self.name(identity.producer, &client));
                        json!({ "producer": name, "epoch": identity.map(|one| one.epoch.0) })
                    }
                })
            }
            "consumer" => {
                let protocol = protocol.as_deref().unwrap_or("classic");
                if !["classic", "consumer"].contains(&protocol) {
                    return Err(Refusal::unknown(
                        "protocol",
                        protocol,
                        &["classic", "consumer"],
                    ));
                }
                let Some(reset) = reset(auto_offset_reset.as_deref().unwrap_or("latest")) else {
                    return Ok(answer::throws("ConfigException"));
                };
                let mut consumer = Consumer {
                    is_classic: protocol == "classic",
                    group: group.map(|group| self.group(&group)),
                    reset,
                    isolation,
                    request_timeout: Span::from_ms(30_000),
                    session_timeout: Span::from_ms(45_000),
                    topics: Vec::new(),
                    positions: BTreeMap::new(),
                    ends: BTreeMap::new(),
                    number: self.member_number(&client),
                    member: None,
                    generation: None,
                };
                for (name, value) in &config {
                    match name.as_str() {
                        "request.timeout.ms" => {
                            consumer.request_timeout = Span::from_ms(number(name, value)?);
                        }
                        "session.timeout.ms" => {
                            consumer.session_timeout = Span::from_ms(number(name, value)?);
                        }
                        "heartbeat.interval.ms"
                        | "max.poll.interval.ms"
                        | "default.api.timeout.ms"
                        | "max.poll.records" => {}
                        other => {
                            return Err(Refusal::new(format!(
                                "the consumer's setting `{other}` is unknown"
                            )));
                        }
                    }
                }
                self.clients
                    .insert(client, Client::Consumer(Box::new(consumer)));
                Ok(answer::nothing())
            }
            other => Err(Refusal::unknown("kind", other, &["producer", "consumer"])),
        }
    }

    fn consumer(&mut self, name: &str) -> Result<&mut Consumer, Refusal> {
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

    /// Sends a request and takes the answer that is for the same client.
    fn request(&mut self, client: u8, request: Request) -> Option<Response> {
        let caller = Caller {
            client,
            connection: 1,
        };
        let mut out = Out::default();
        self.broker.handle(self.now, caller, request, &mut out);
        let mut own = None;
        let others = out.answers.into_iter().filter_map(|(to, response)| {
            if to == caller && own.is_none() {
                own = Some(response);
                None
            } else {
                Some((to, response))
            }
        });
        let rest = Out {
            answers: others.collect(),
            events: Vec::new(),
        };
        self.deliver(rest);
        own
    }

    /// Hands answers to those who waited for them.
    pub(super) fn deliver(&mut self, out: Out) {
        for (to, response) in out.answers {
            let Some(name) = self.members.get(usize::from(to.client)).cloned() else {
                continue;
            };
            self.take(&name, response);
        }
    }

    /// What a member does with an answer of its coordinator.
    fn take(&mut self, name: &str, response: Response) {
        let Ok(consumer) = self.consumer(name) else {
            return;
        };
        let (number, group) = (consumer.number, consumer.group);
        match response {
            Response::Joined(Ok(joined)) => {
                consumer.member = Some(joined.member);
                consumer.generation = Some(joined.generation);
                let assignments = if joined.leader == joined.member {
                    self.range(&joined.members)
                } else {
                    Vec::new()
                };
                let Some(group) = group else {
                    return;
                };
                let request = Request::SyncGroup {
                    group,
                    member: joined.member,
                    generation: joined.generation,
                    assignments,
                };
                if let Some(answer) = self.request(number, request) {
                    self.take(name, answer);
                }
            }
            Response::Synced(Ok(partitions)) => {
                let before = std::mem::take(&mut consumer.positions);
                for place in partitions {
                    let kept = before.get(&place).copied();
                    let position = kept.unwrap_or(Position::Unknown);
                    consumer.positions.insert(place, position);
                }
            }
            _ => {}
        }
    }

    /// Joins, or says that one is still there, as each poll does.
    fn join(&mut self, name: &str) -> Result<(), Refusal> {
        for _ in 0..3 {
            let consumer = self.consumer(name)?;
            let Some(group) = consumer.group.filter(|_| !consumer.topics.is_empty()) else {
                return Ok(());
            };
            let number = consumer.number;
            if let Some(one) = consumer.membership() {
                let request = Request::Heartbeat {
                    group,
                    member: one.member,
                    generation: one.generation,
                };
                match self.request(number, request) {
                    Some(Response::HeartbeatAnswered(Err(error))) => {
                        let consumer = self.consumer(name)?;
                        consumer.generation = None;
                        if error != Error::RebalanceInProgress {
                            consumer.member = None;
                        }
                    }
                    _ => return Ok(()),
                }
            }
            let consumer = self.consumer(name)?;
            let request = Request::JoinGroup {
                group,
                member: consumer.member,
                session_timeout: consumer.session_timeout,
                rebalance_timeout: Span::from_ms(300_000),
                topics: consumer.topics.clone(),
            };
            match self.request(number, request) {
                Some(Response::Joined(Err((Error::MemberIdRequired, member)))) => {
                    self.consumer(name)?.member = member;
                }
                Some(answer) => {
                    self.take(name, answer);
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Range, by the order in which the members came.
    fn range(&self, members: &[(MemberId, Vec<TopicId>)]) -> Vec<(MemberId, Vec<Partition>)> {
        let mut assigned: Vec<(MemberId, Vec<Partition>)> =
            members.iter().map(|(id, _)| (*id, Vec::new())).collect();
        let mut topics: Vec<TopicId> = members.iter().flat_map(|(_, all)| all.clone()).collect();
        topics.sort();
        topics.dedup();
        for topic in topics {
            let subscribed: Vec<usize> = (0..members.len())
                .filter(|&at| members[at].1.contains(&topic))
                .collect();
            let partitions: Vec<Partition> = self.broker.partitions(topic).collect();
            let share = partitions.len() / subscribed.len();
            let extra = partitions.len() % subscribed.len();
            let mut rest = partitions.as_slice();
            for (nth, &at) in subscribed.iter().enumerate() {
                let (own, others) = rest.split_at(share + usize::from(nth < extra));
                assigned[at].1.extend_from_slice(own);
                rest = others;
            }
        }
        assigned
    }

    /// When the next member that lives has to say so.
    pub(super) fn next_heartbeat(&self) -> Option<Instant> {
        let interval = Span::from_ms(500).0;
        let alive = self.clients.values().any(|client| {
            matches!(client, Client::Consumer(consumer) if consumer.membership().is_some())
        });
        alive.then(|| Instant((self.now.0 / interval + 1) * interval))
    }

    pub(super) fn heartbeats(&mut self) {
        let members: Vec<_> = self
            .clients
            .values()
            .filter_map(|client| match client {
                Client::Consumer(consumer) => {
                    Some((consumer.number, consumer.group?, consumer.membership()?))
                }
                Client::Producer(_) => None,
            })
            .collect();
        for (number, group, one) in members {
            let request = Request::Heartbeat {
                group,
                member: one.member,
                generation: one.generation,
            };
            self.request(number, request);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_read_as_iso_8601() {
        let check = |text: &str, ms: Option<i64>| assert_eq!(duration(text), ms, "{text}");
        check("PT2S", Some(2_000));
        check("P1DT1H1M", Some(90_060_000));
        check("-PT1H", Some(-3_600_000));
        check("PT", None);
        check("P", None);
        check("2S", None);
        check("PT1S1H", None);
        check("PTS", None);
    }
}
