//! Polls: positions, records, and commits.

use super::consumer::{Owned, Position};
use super::{Groups, STEP, answer};
use crate::kafka::ops::{Isolation, Mark};
use crate::kafka::session::consumer::Reset;
use crate::refusal::Refusal;
use explore::time::Span;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::kafka::group::Speaker;
use systems::kafka::isolation;
use systems::kafka::log::At;
use systems::kafka::log::record::Timestamp;
use systems::kafka::{Error, Offset, Partition};

impl Groups {
    fn reset_point(&self, reset: Reset) -> Option<At> {
        match reset {
            Reset::Earliest => Some(At::Earliest),
            Reset::Latest => Some(At::Latest),
            Reset::ByDuration(span) => Some(At::Time(Timestamp(self.base.now_ms() - span))),
            Reset::None => None,
        }
    }

    /// Finds a position for every partition that has none. Says what is thrown.
    pub(super) fn look_up(&mut self, name: &str) -> Result<(), &'static str> {
        let Some(consumer) = self.consumers.get(name) else {
            return Ok(());
        };
        let mut found: Vec<(Partition, Position)> = Vec::new();
        let mut without = false;
        for (place, owned) in &consumer.owned {
            let at = match owned.position {
                Position::At(_) => continue,
                Position::Sought(at) => Some(at),
                Position::Unknown => {
                    let state = consumer
                        .group
                        .and_then(|group| self.base.broker.group(group));
                    match state.map_or(Ok(None), |state| state.offsets().stable(*place)) {
                        // An open transaction may still change it.
                        Err(_) => continue,
                        Ok(Some(offset)) => {
                            found.push((*place, Position::At(offset)));
                            continue;
                        }
                        Ok(None) => self.reset_point(consumer.config.reset),
                    }
                }
            };
            let Some(at) = at else {
                without = true;
                continue;
            };
            let log = self.base.broker.log(*place);
            let isolation = consumer.config.isolation.into();
            if let Some((offset, _)) = log.and_then(|log| log.offset_at(at, isolation)) {
                found.push((*place, Position::At(offset)));
            } else if let (Some(log), At::Time(_)) = (log, at) {
                // No record is that young: it waits for the next one.
                found.push((*place, Position::At(log.readable_end(isolation))));
            }
        }
        if let Some(consumer) = self.consumers.get_mut(name) {
            for (place, position) in found {
                if let Some(owned) = consumer.owned.get_mut(&place) {
                    owned.position = position;
                }
            }
        }
        match without {
            true => Err("NoOffsetForPartitionException"),
            false => Ok(()),
        }
    }

    /// One pass of a poll: what it returns, or throws.
    fn poll_once(&mut self, name: &str) -> Result<Vec<Value>, &'static str> {
        let now = self.base.now;
        let Some(consumer) = self.consumers.get_mut(name) else {
            return Ok(Vec::new());
        };
        if let Some(fatal) = consumer.fatal {
            return Err(fatal);
        }
        consumer.last_poll = now;
        if consumer.is_subscribed() {
            self.keep_membership(name)?;
        }
        let Some(consumer) = self.consumers.get_mut(name) else {
            return Ok(Vec::new());
        };
        if let Some(interval) = consumer.config.auto_commit
            && now >= consumer.next_auto_commit
        {
            consumer.next_auto_commit = now + interval;
            // An automatic commit that is refused is only logged.
            let _ = self.commit_positions(name);
        }
        self.look_up(name)?;
        let mut records = Vec::new();
        let places = self.consumers.get(name).map(|one| one.owned.clone());
        for (place, owned) in places.unwrap_or_default() {
            self.fetch(name, place, owned, &mut records)?;
        }
        Ok(records)
    }

    fn fetch(
        &mut self,
        name: &str,
        place: Partition,
        owned: Owned,
        records: &mut Vec<Value>,
    ) -> Result<(), &'static str> {
        let Some(consumer) = self.consumers.get(name) else {
            return Ok(());
        };
        let (isolation, reset) = (consumer.config.isolation, consumer.config.reset);
        let room = consumer
            .config
            .max_poll_records
            .saturating_sub(records.len());
        let Position::At(from) = owned.position else {
            return Ok(());
        };
        if owned.paused || room == 0 {
            return Ok(());
        }
        let read = self
            .base
            .fetch(place, from.0 as i64, isolation, 52_428_800, false);
        match read {
            Ok((found, from)) => {
                let seen = isolation::seen(&found, from, isolation.into());
                let next = match seen.get(room) {
                    Some((beyond, _)) => *beyond,
                    None => isolation::next(&found.batches, from),
                };
                let topic = self.topic_name(place.topic);
                for (offset, record) in seen.into_iter().take(room) {
                    let mut told = answer::record(offset, record, false);
                    told.insert("topic".to_owned(), json!(topic));
                    told.insert("partition".to_owned(), json!(place.index));
                    records.push(Value::from(told));
                }
                let end = match isolation {
                    Isolation::ReadUncommitted => found.high_watermark,
                    Isolation::ReadCommitted => found.last_stable,
                };
                self.set(name, place, Position::At(next), Some(end));
                Ok(())
            }
            Err(Error::OffsetOutOfRange) => {
                let at = self.reset_point(reset);
                let at = at.ok_or("OffsetOutOfRangeException")?;
                self.set(name, place, Position::Sought(at), None);
                Ok(())
            }
            Err(_) => {
                // The topic is gone: it asks which ones there are.
                if let Some(consumer) = self.consumers.get_mut(name) {
                    consumer.refreshed = None;
                }
                Ok(())
            }
        }
    }

    fn set(&mut self, name: &str, place: Partition, position: Position, end: Option<Offset>) {
        let consumer = self.consumers.get_mut(name);
        if let Some(owned) = consumer.and_then(|one| one.owned.get_mut(&place)) {
            owned.position = position;
            owned.end = end.or(owned.end);
        }
    }

    /// What the listener of a consumer saw since it was last asked.
    pub(super) fn heard(&mut self, name: &str) -> Vec<Value> {
        let consumer = self.consumers.get_mut(name);
        consumer
            .map(|one| std::mem::take(&mut one.heard))
            .unwrap_or_default()
    }

    pub(super) fn poll(&mut self, name: &str, ms: u64) -> Result<Value, Refusal> {
        let end = self.base.now + Span::from_ms(ms);
        let polled = loop {
            let polled = self.poll_once(name);
            let is_over = polled.as_ref().map_or(true, |records| !records.is_empty());
            if is_over || self.base.now >= end {
                break polled;
            }
            self.pass_until(end.min(self.base.now + STEP));
        };
        self.pass_until(end);
        let mut told = match polled {
            Ok(records) => json!({ "records": sorted(records) }),
            Err(class) => answer::throws(class),
        };
        told["listener"] = json!(self.heard(name));
        Ok(told)
    }

    /// Consumers poll again and again, side by side.
    pub(super) fn settle(&mut self, ms: u64, clients: Option<Vec<String>>) -> Value {
        let all = self.consumers.iter();
        let all = all
            .filter(|(_, one)| !one.is_frozen)
            .map(|(name, _)| name.clone());
        let clients = clients.unwrap_or_else(|| all.collect());
        let end = self.base.now + Span::from_ms(ms);
        let mut records: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut errors: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        loop {
            for name in &clients {
                match self.poll_once(name) {
                    Ok(found) if found.is_empty() => {}
                    Ok(found) => records.entry(name.clone()).or_default().extend(found),
                    Err(class) => {
                        let own = errors.entry(name.clone()).or_default();
                        if own.last() != Some(&class) {
                            own.push(class);
                        }
                    }
                }
            }
            if self.base.now >= end {
                break;
            }
            self.pass_until(end.min(self.base.now + STEP));
        }
        let heard: Map<String, Value> = clients
            .iter()
            .map(|name| (name.clone(), json!(self.heard(name))))
            .collect();
        let records: Map<String, Value> = records
            .into_iter()
            .map(|(name, records)| (name, json!(sorted(records))))
            .collect();
        json!({ "listener": heard, "records": records, "errors": errors })
    }

    /// Commits what a consumer has been given so far.
    pub(super) fn commit_positions(&mut self, name: &str) -> Result<(), &'static str> {
        let Some(consumer) = self.consumers.get(name) else {
            return Ok(());
        };
        let marks: Vec<Mark> = consumer
            .owned
            .iter()
            .filter_map(|(place, owned)| match owned.position {
                Position::At(offset) => Some((
                    self.topic_name(place.topic),
                    i64::from(place.index),
                    offset.0 as i64,
                )),
                Position::Unknown | Position::Sought(_) => None,
            })
            .collect();
        self.commit_of(name, &marks, &"".into())
    }

    /// A commit of a consumer. Says what is thrown.
    pub(super) fn commit_of(
        &mut self,
        name: &str,
        marks: &[Mark],
        note: &Arc<str>,
    ) -> Result<(), &'static str> {
        let Some(consumer) = self.consumers.get(name) else {
            return Ok(());
        };
        let group = consumer.group.ok_or("InvalidGroupIdException")?;
        if marks.is_empty() {
            return Ok(());
        }
        let speaker = match consumer.is_subscribed() {
            false => Speaker::default(),
            true if consumer.is_joining() => return Err("RebalanceInProgressException"),
            true if consumer.generation.is_none() => return Err("CommitFailedException"),
            true => consumer.speaker(),
        };
        let answers = self.commit_marks(group, &speaker, marks, note);
        let Some(error) = answers.into_iter().find_map(Result::err) else {
            return Ok(());
        };
        if let Some(consumer) = self
            .consumers
            .get_mut(name)
            .filter(|one| one.is_subscribed())
        {
            consumer.learn(error);
        }
        Err(match error {
            Error::RebalanceInProgress => "RebalanceInProgressException",
            Error::OffsetMetadataTooLarge => "OffsetMetadataTooLarge",
            Error::UnknownTopicOrPartition => "TimeoutException",
            _ => "CommitFailedException",
        })
    }
}

/// Records by topic and partition; within one as they came.
fn sorted(mut records: Vec<Value>) -> Vec<Value> {
    let key = |record: &Value| {
        let topic = record["topic"].as_str().map(str::to_owned);
        (topic, record["partition"].as_u64())
    };
    records.sort_by_key(key);
    records
}
