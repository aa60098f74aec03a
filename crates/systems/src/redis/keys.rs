//! The commands on keys, texts, hashes and sorted sets that job queues are built from.
//!
//! R35. SET with NX sets a key only if it does not exist, and answers nil otherwise: of several
//! clients one gets the lock. With EX or PX the key is gone when the time has come. Source: Redis
//! commands, SET. Shown by: the test `of_several_clients_one_gets_the_lock_until_it_expires`.
//!
//! R36. A hash has texts by field; a sorted set has members by score, equal scores by name. Source:
//! Redis commands, HSET and ZADD. Shown by: the test `a_task_with_an_eta_is_received_once_an_hour`.
//!
//! Simplified: scores are whole numbers. Left out: the options of ZADD, and of SET those other than
//! NX, XX, EX and PX.

use super::error::Error;
use super::keyspace::{Key, Value};
use super::wire::{Element, Reply};
use super::words::Words;
use super::{Redis, Step};
use explore::time::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

type Hash = BTreeMap<Arc<str>, Element>;
type SortedSet = BTreeMap<Arc<str>, i64>;

impl Redis {
    pub(super) fn key_command(
        &mut self,
        name: &str,
        words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        match name {
            "set" => self.set(words, step),
            "get" => self.get_text(words, step),
            "del" => Ok(self.del(words, step)),
            "exists" => {
                let held = words
                    .0
                    .iter()
                    .filter(|key| self.held(key, step.now).is_some());
                Ok(Reply::count(held.count()))
            }
            "type" => {
                let key = words.peek().and_then(|key| self.held(key, step.now));
                Ok(Reply::Status(key.map_or("none", |held| held.value.kind())))
            }
            "hset" | "hget" | "hdel" | "hlen" => self.hash_command(name, words, step),
            _ => self.sorted_set_command(name, words, step),
        }
    }

    fn set(&mut self, mut words: Words<'_>, step: &mut Step<'_>) -> Result<Reply, Error> {
        let (key, text) = (words.word()?, words.word()?);
        let (mut only_if, mut expires) = (None, None);
        while !words.is_empty() {
            let wanted = if words.takes("NX", 0) {
                Some(false)
            } else if words.takes("XX", 0) {
                Some(true)
            } else {
                None
            };
            if let Some(exists) = wanted {
                if only_if.is_some_and(|one| one != exists) {
                    return Err(Error::Syntax);
                }
                only_if = Some(exists);
                continue;
            }
            let in_seconds = words.takes("EX", 1);
            if expires.is_some() || !in_seconds && !words.takes("PX", 1) {
                return Err(Error::Syntax);
            }
            let time = words.number(Error::NotAnInteger)?;
            let time = u64::try_from(time).ok().filter(|time| *time > 0);
            let time = time.ok_or(Error::InvalidExpire)?;
            let ms = time.saturating_mul(if in_seconds { 1_000 } else { 1 });
            expires = Some(step.now + Span::from_ms(ms));
        }
        let exists = self.held(key, step.now).is_some();
        if only_if.is_some_and(|wanted| wanted != exists) {
            return Ok(Reply::Nil);
        }
        let value = Value::Text(Element {
            text: text.clone(),
            record: step.record(0),
        });
        if self.is_stream(key, step) {
            step.ready.push(key.clone());
        }
        self.keys_mut(key).set(key.clone(), Key { value, expires });
        Ok(Reply::Status("OK"))
    }

    fn get_text(&self, mut words: Words<'_>, step: &Step<'_>) -> Result<Reply, Error> {
        match self.held(words.word()?, step.now).map(|held| &held.value) {
            None => Ok(Reply::Nil),
            Some(Value::Text(element)) => Ok(Reply::Element(element.clone())),
            Some(_) => Err(Error::WrongType),
        }
    }

    fn del(&mut self, words: Words<'_>, step: &mut Step<'_>) -> Reply {
        let mut deleted = 0u64;
        for key in words.0 {
            if self.is_stream(key, step) {
                step.ready.push(key.clone());
            }
            deleted += u64::from(self.keys_mut(key).remove(key, step.now).is_some());
        }
        Reply::count(deleted)
    }

    fn hash_command(
        &mut self,
        name: &str,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let key = words.word()?;
        match name {
            "hset" => {
                if !words.len().is_multiple_of(2) {
                    return Err(Error::Arity(Arc::from("hset")));
                }
                let hash: &mut Hash = self.keys_mut(key).get_or_make(key, step.now)?;
                let mut added = 0u64;
                for (n, pair) in words.0.chunks_exact(2).enumerate() {
                    if let [field, text] = pair {
                        let element = Element {
                            text: text.clone(),
                            record: step.record(n),
                        };
                        added += u64::from(hash.insert(field.clone(), element).is_none());
                    }
                }
                Ok(Reply::count(added))
            }
            "hget" => {
                let field = words.word()?;
                let hash = self.get::<Hash>(key, step.now)?;
                let element = hash.and_then(|hash| hash.get(field));
                Ok(element.map_or(Reply::Nil, |element| Reply::Element(element.clone())))
            }
            "hdel" => {
                let Some(hash) = self.get_mut::<Hash>(key, step.now)? else {
                    return Ok(Reply::Integer(0));
                };
                let fields = words.0.iter();
                let gone = fields.filter(|field| hash.remove(*field).is_some()).count();
                self.keys_mut(key).tidy(key);
                Ok(Reply::count(gone))
            }
            _ => {
                let hash = self.get::<Hash>(key, step.now)?;
                Ok(Reply::count(hash.map_or(0, BTreeMap::len)))
            }
        }
    }

    fn sorted_set_command(
        &mut self,
        name: &str,
        mut words: Words<'_>,
        step: &mut Step<'_>,
    ) -> Result<Reply, Error> {
        let key = words.word()?;
        match name {
            "zadd" => {
                if !words.len().is_multiple_of(2) {
                    return Err(Error::Syntax);
                }
                let mut members = Vec::new();
                while !words.is_empty() {
                    let score = words.word()?.parse().map_err(|_| Error::NotAFloat)?;
                    members.push((words.word()?, score));
                }
                let set: &mut SortedSet = self.keys_mut(key).get_or_make(key, step.now)?;
                let mut added = 0u64;
                for (member, score) in members {
                    added += u64::from(set.insert(member.clone(), score).is_none());
                }
                Ok(Reply::count(added))
            }
            "zrem" => {
                let Some(set) = self.get_mut::<SortedSet>(key, step.now)? else {
                    return Ok(Reply::Integer(0));
                };
                let members = words.0.iter();
                let gone = members.filter(|one| set.remove(*one).is_some()).count();
                self.keys_mut(key).tidy(key);
                Ok(Reply::count(gone))
            }
            "zcard" => {
                let set = self.get::<SortedSet>(key, step.now)?;
                Ok(Reply::count(set.map_or(0, BTreeMap::len)))
            }
            _ => self.range_by_score(name == "zrevrangebyscore", key, words, step),
        }
    }

    /// ZRANGEBYSCORE, ZREVRANGEBYSCORE.
    fn range_by_score(
        &self,
        reversed: bool,
        key: &str,
        mut words: Words<'_>,
        step: &Step<'_>,
    ) -> Result<Reply, Error> {
        let (one, other) = (words.word()?, words.word()?);
        let (low, high) = if reversed { (other, one) } else { (one, other) };
        let (low, high) = (bound(low, 1)?, bound(high, -1)?);
        let (mut skipped, mut most, mut with_scores) = (0, usize::MAX, false);
        while !words.is_empty() {
            if words.takes("LIMIT", 2) {
                let offset = words.number(Error::NotAnInteger)?;
                skipped = usize::try_from(offset).unwrap_or(usize::MAX);
                let count = words.number(Error::NotAnInteger)?;
                most = usize::try_from(count).unwrap_or(usize::MAX);
            } else if words.takes("WITHSCORES", 0) {
                with_scores = true;
            } else {
                return Err(Error::Syntax);
            }
        }
        let set = self.get::<SortedSet>(key, step.now)?;
        let mut members: Vec<(i64, &Arc<str>)> = set
            .into_iter()
            .flatten()
            .filter(|(_, score)| low <= **score && **score <= high)
            .map(|(member, score)| (*score, member))
            .collect();
        members.sort_unstable();
        if reversed {
            members.reverse();
        }
        let mut found = Vec::new();
        for (score, member) in members.into_iter().skip(skipped).take(most) {
            found.push(Reply::Text(member.clone()));
            if with_scores {
                found.push(Reply::text(&score.to_string()));
            }
        }
        Ok(Reply::List(found))
    }
}

/// A bound of scores; one that is left out moves inwards.
fn bound(text: &str, inwards: i64) -> Result<i64, Error> {
    let (text, is_out) = match text.strip_prefix('(') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let score: i64 = match text {
        "-inf" => i64::MIN,
        "+inf" | "inf" => i64::MAX,
        text => text.parse().map_err(|_| Error::MinMaxNotFloat)?,
    };
    Ok(score.saturating_add(if is_out { inwards } else { 0 }))
}
