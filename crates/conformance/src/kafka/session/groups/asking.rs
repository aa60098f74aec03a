//! What a program asks of its consumer, beside polls.

use super::config::Config;
use super::consumer::{Consumer, Mode, Owned, Position};
use super::ops::{Op, Subscribing};
use super::{Groups, answer};
use crate::kafka::ops::Place;
use crate::refusal::Refusal;
use regex::Regex;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use systems::kafka::log::At;
use systems::kafka::{Offset, Partition};

impl Groups {
    fn consumer(&mut self, name: &str) -> Result<&mut Consumer, Refusal> {
        let known: Vec<String> = self.consumers.keys().cloned().collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let unknown = || Refusal::unknown("client", name, &known);
        self.consumers.get_mut(name).ok_or_else(unknown)
    }

    fn open(
        &mut self,
        name: &str,
        group: Option<&str>,
        config: Config,
    ) -> Result<&mut Consumer, Refusal> {
        let number = self.base.member_number(name);
        if self.consumers.contains_key(name) {
            return Err(Refusal::new(format!("there is a consumer `{name}`")));
        }
        let earlier = self.were_consumers.iter().filter(|one| *one == name);
        let connection = earlier.count() as u16;
        self.were_consumers.push(name.to_owned());
        let group = group.map(|group| self.base.group(group));
        let mut consumer = Consumer::new(number, connection, config, self.base.now);
        consumer.group = group;
        let entry = self.consumers.entry(name.to_owned());
        Ok(entry.or_insert(consumer))
    }

    fn subscribe(&mut self, subscribing: Subscribing) -> Result<Value, Refusal> {
        let name = subscribing.client;
        if !self.consumers.contains_key(&name) {
            let config = Config::read(&subscribing.config, subscribing.assignor.as_ref())?;
            let consumer = self.open(&name, subscribing.group.as_deref(), config)?;
            consumer.instance = subscribing.instance.map(Into::into);
            consumer.commits_on_revoked = match subscribing.on_revoked.as_deref() {
                None => false,
                Some("commit") => true,
                Some(other) => return Err(Refusal::unknown("on_revoked", other, &["commit"])),
            };
        }
        let consumer = self.consumer(&name)?;
        if consumer.group.is_none() {
            return Ok(answer::throws("InvalidGroupIdException"));
        }
        consumer.mode = match &subscribing.pattern {
            Some(pattern) => {
                // A pattern is for the whole name.
                let read = Regex::new(&format!("^(?:{pattern})$"));
                let bad = |_| Refusal::new(format!("the pattern `{pattern}` cannot be read"));
                Mode::Pattern(read.map_err(bad)?)
            }
            None => Mode::Topics,
        };
        consumer.topics = subscribing.topics.into_iter().flatten().collect();
        if subscribing.pattern.is_none() && consumer.topics.is_empty() {
            consumer.mode = Mode::Nothing;
        }
        // A pattern's topics are found at the next poll.
        consumer.refreshed = None;
        Ok(answer::nothing())
    }

    /// A partition that a consumer has.
    fn held(
        &mut self,
        client: &str,
        topic: &str,
        partition: i64,
    ) -> Result<Option<(Partition, Owned)>, Refusal> {
        let place = self.any_place(&(topic.to_owned(), partition));
        let consumer = self.consumer(client)?;
        Ok(consumer.owned.get(&place).map(|owned| (place, *owned)))
    }

    /// Changes partitions that a consumer must have.
    fn change(
        &mut self,
        client: &str,
        partitions: &[Place],
        change: impl Fn(&mut Owned),
    ) -> Result<Value, Refusal> {
        let places: Vec<Partition> = partitions.iter().map(|one| self.any_place(one)).collect();
        let consumer = self.consumer(client)?;
        if !places
            .iter()
            .all(|place| consumer.owned.contains_key(place))
        {
            return Ok(answer::throws("IllegalStateException"));
        }
        // None in particular means all.
        for (place, owned) in &mut consumer.owned {
            if places.is_empty() || places.contains(place) {
                change(owned);
            }
        }
        Ok(answer::nothing())
    }

    pub(super) fn consumer_op(&mut self, op: Op) -> Result<Value, Refusal> {
        Ok(match op {
            Op::Subscribe(subscribing) => self.subscribe(subscribing)?,
            Op::Assign {
                client,
                group,
                partitions,
                config,
            } => {
                let places: Vec<_> = partitions.iter().map(|one| self.any_place(one)).collect();
                if !self.consumers.contains_key(&client) {
                    let config = Config::read(&config, None)?;
                    self.open(&client, group.as_deref(), config)?;
                }
                let consumer = self.consumer(&client)?;
                consumer.mode = Mode::Manual;
                let before = std::mem::take(&mut consumer.owned);
                let kept = |place| before.get(&place).copied().unwrap_or(Owned::NEW);
                consumer.owned = places
                    .into_iter()
                    .map(|place| (place, kept(place)))
                    .collect();
                answer::nothing()
            }
            Op::Unsubscribe { client } => {
                self.give_up(&client, None)?;
                let consumer = self.consumer(&client)?;
                consumer.mode = Mode::Nothing;
                consumer.topics.clear();
                consumer.joined_topics = None;
                consumer.assigned_with = None;
                json!({ "listener": self.heard(&client) })
            }
            Op::Poll { client, ms } => {
                self.consumer(&client)?;
                self.poll(&client, ms)?
            }
            Op::Settle { ms, clients } => {
                for client in clients.iter().flatten() {
                    self.consumer(client)?;
                }
                self.settle(ms, clients)
            }
            Op::Assignments { clients } => {
                let all = || self.consumers.keys().cloned().collect();
                let clients: Vec<String> = clients.unwrap_or_else(all);
                let mut told = Map::new();
                for client in clients {
                    let own = self.consumer(&client)?.owned.clone();
                    told.insert(client, self.told(own.keys()));
                }
                Value::from(told)
            }
            Op::Commit(commit) => {
                self.consumer(&commit.client)?;
                let note = commit.metadata.clone().unwrap_or_default();
                let committed = match &commit.offsets {
                    Some(marks) => self.commit_of(&commit.client, marks, &note.into()),
                    None => self.commit_positions(&commit.client),
                };
                committed.map_or_else(answer::throws, |()| answer::nothing())
            }
            Op::Position {
                client,
                topic,
                partition,
            } => {
                if self.held(&client, &topic, partition)?.is_none() {
                    return Ok(answer::throws("IllegalStateException"));
                }
                if let Err(class) = self.look_up(&client) {
                    return Ok(answer::throws(class));
                }
                match self.held(&client, &topic, partition)? {
                    Some((_, owned)) => match owned.position {
                        Position::At(offset) => json!({ "offset": offset.0 }),
                        Position::Unknown | Position::Sought(_) => {
                            answer::throws("TimeoutException")
                        }
                    },
                    None => answer::throws("IllegalStateException"),
                }
            }
            Op::Lag {
                client,
                topic,
                partition,
            } => match self.held(&client, &topic, partition)? {
                None => answer::throws("IllegalStateException"),
                Some((_, owned)) => match (owned.end, owned.position) {
                    (Some(end), Position::At(at)) => json!({ "lag": end.0.saturating_sub(at.0) }),
                    _ => json!({ "lag": null }),
                },
            },
            Op::Seek {
                client,
                topic,
                partition,
                offset,
            } => {
                let Ok(to) = u64::try_from(offset) else {
                    return Ok(answer::throws("IllegalArgumentException"));
                };
                let to = Position::At(Offset(to));
                self.change(&client, &[(topic, partition)], |owned| owned.position = to)?
            }
            Op::SeekToBeginning { client, partitions } => {
                let to = Position::Sought(At::Earliest);
                self.change(&client, &partitions, |owned| owned.position = to)?
            }
            Op::SeekToEnd { client, partitions } => {
                let to = Position::Sought(At::Latest);
                self.change(&client, &partitions, |owned| owned.position = to)?
            }
            Op::Pause { client, partitions } if partitions.is_empty() => {
                self.consumer(&client)?;
                answer::nothing()
            }
            Op::Pause { client, partitions } => {
                self.change(&client, &partitions, |owned| owned.paused = true)?
            }
            Op::Resume { client, partitions } if partitions.is_empty() => {
                self.consumer(&client)?;
                answer::nothing()
            }
            Op::Resume { client, partitions } => {
                self.change(&client, &partitions, |owned| owned.paused = false)?
            }
            Op::Paused { client } => {
                let own: BTreeMap<_, _> = self.consumer(&client)?.owned.clone();
                let paused = own.iter().filter(|(_, owned)| owned.paused);
                json!({ "paused": self.told(paused.map(|(place, _)| place)) })
            }
            Op::Close { client, membership } => {
                self.give_up(&client, membership.as_deref())?;
                let heard = self.heard(&client);
                self.consumers.remove(&client);
                json!({ "listener": heard })
            }
            Op::Freeze { client } => {
                self.consumer(&client)?.is_frozen = true;
                answer::nothing()
            }
            Op::Thaw { client } => {
                let now = self.base.now;
                let consumer = self.consumer(&client)?;
                consumer.is_frozen = false;
                consumer.next_heartbeat = now;
                answer::nothing()
            }
            other => return Err(Refusal::new(format!("{other:?} is no call of a consumer"))),
        })
    }

    /// A consumer gives up what it has, and leaves its group if it does so.
    fn give_up(&mut self, name: &str, membership: Option<&str>) -> Result<(), Refusal> {
        let consumer = self.consumer(name)?;
        let is_static = consumer.instance.is_some();
        let leaves = match membership {
            None => !is_static,
            Some("leave_group") => true,
            Some("remain_in_group") => false,
            Some(other) => {
                let known = ["leave_group", "remain_in_group"];
                return Err(Refusal::unknown("membership", other, &known));
            }
        };
        if consumer.config.auto_commit.is_some() {
            // What is refused at the end is only logged.
            let _ = self.commit_positions(name);
        }
        let consumer = self.consumer(name)?;
        let own: Vec<Partition> = consumer.owned.keys().copied().collect();
        let (group, member) = (consumer.group, consumer.member);
        if consumer.is_subscribed() && !own.is_empty() {
            let is_member = consumer.generation.is_some() && !consumer.is_joining();
            self.tell(name, if is_member { "revoked" } else { "lost" }, &own);
        }
        let consumer = self.consumer(name)?;
        let is_subscribed = consumer.is_subscribed();
        consumer.owned.clear();
        consumer.forget_generation(true);
        consumer.rejoins = false;
        if let Some(group) = group.filter(|_| leaves && is_subscribed) {
            self.leave(group, member);
        }
        Ok(())
    }
}
