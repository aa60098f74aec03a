//! XPENDING: what is delivered and not acknowledged.
//!
//! R29. The summary has the number of pending entries, the lowest and the highest id, and the
//! consumers that have any with their numbers, as texts. The long form lists entries in a range with
//! their owner, how many milliseconds ago they were last delivered, and how often; IDLE leaves out
//! those delivered more recently, and a consumer's name those of others. Source: Redis commands,
//! XPENDING. Shown by: redis-pending-idle-deliveries, redis_streams.

use super::error::Error;
use super::group::Group;
use super::id::StreamId;
use super::stream::Stream;
use super::wire::Reply;
use super::words::Words;
use super::{Redis, Step};
use std::sync::Arc;

impl Redis {
    /// The group of a command that cannot do without it.
    pub(super) fn existing_group(
        &self,
        key: &Arc<str>,
        group: &Arc<str>,
        step: &Step<'_>,
    ) -> Result<&Group, Error> {
        let stream = self.get::<Stream>(key, step.now)?;
        let held = stream.and_then(|stream| stream.groups.get(group));
        held.ok_or_else(|| Error::NoKeyOrGroup {
            key: key.clone(),
            group: group.clone(),
        })
    }

    /// XPENDING.
    pub(super) fn xpending(&self, mut words: Words<'_>, step: &Step<'_>) -> Result<Reply, Error> {
        let (key, group) = (words.word()?, words.word()?);
        if words.is_empty() {
            return Ok(summary(self.existing_group(key, group, step)?));
        }
        let mut min_idle = 0;
        if words.len() >= 5 && words.takes("IDLE", 4) {
            min_idle = words.number(Error::NotAnInteger)?.max(0).unsigned_abs();
        }
        if words.len() < 3 || words.len() > 4 {
            return Err(Error::Syntax);
        }
        let (start, end) = (words.word()?, words.word()?);
        let count = words.number(Error::NotAnInteger)?.max(0);
        let (start, end) = (StreamId::read_start(start)?, StreamId::read_end(end)?);
        let group = self.existing_group(key, group, step)?;
        let most = usize::try_from(count).unwrap_or(usize::MAX);
        let detail = |id: &StreamId| {
            let pending = group.pending().get(id)?;
            let idle = pending.at.idle_ms(step.now);
            (idle >= min_idle).then(|| {
                Reply::List(vec![
                    Reply::Id(*id),
                    Reply::Text(pending.consumer.clone()),
                    Reply::count(idle),
                    Reply::count(pending.deliveries),
                ])
            })
        };
        if start > end {
            return Ok(Reply::List(Vec::new()));
        }
        let details: Vec<Reply> = match words.peek() {
            None => {
                let ids = group.pending().range(start..=end).map(|(id, _)| id);
                ids.filter_map(detail).take(most).collect()
            }
            Some(name) => {
                let consumer = group.consumers().get(name).into_iter();
                let ids = consumer.flat_map(|one| one.pending().range(start..=end));
                ids.filter_map(detail).take(most).collect()
            }
        };
        Ok(Reply::List(details))
    }
}

fn summary(group: &Group) -> Reply {
    let pending = group.pending();
    let edges = pending.keys().next().zip(pending.keys().next_back());
    let Some((first, last)) = edges else {
        return Reply::List(vec![Reply::Integer(0), Reply::Nil, Reply::Nil, Reply::Nil]);
    };
    let consumers = group.consumers().iter();
    let consumers = consumers.filter(|(_, one)| !one.pending().is_empty());
    let consumers = consumers.map(|(name, one)| {
        let count = one.pending().len().to_string();
        Reply::List(vec![Reply::Text(name.clone()), Reply::text(&count)])
    });
    Reply::List(vec![
        Reply::count(pending.len()),
        Reply::Id(*first),
        Reply::Id(*last),
        Reply::List(consumers.collect()),
    ])
}
