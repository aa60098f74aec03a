//! Making, looking at and removing streams, and their messages.
//!
//! # Rules
//! N23. A purge removes all messages, those of a subject, those below a sequence, or all but the last
//! ones; sequences go on. Source: NATS docs, "JetStream wire API Reference", purge. Shown by:
//! nats-js-purge.
//!
//! N24. A mirror keeps the sequences of the stream it copies; a stream with sources gives its own and
//! notes the origin in the header `Nats-Stream-Source`. Nobody publishes to a mirror. Source: NATS
//! docs, "Source and Mirror Streams". Shown by: the test `mirrors_keep_sequences_and_sources_do_not`.
//!
//! Simplified: a mirror or source copies at once, while the real one takes some milliseconds. It is
//! refused when it forms a cycle. What is deleted at the origin stays in the copy.

use crate::nats::Fact;
use crate::nats::api::Answer;
use crate::nats::error::ApiError;
use crate::nats::log::Stored;
use crate::nats::stream::{Stream, StreamConfig};
use crate::nats::subject;
use crate::nats::work::Work;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Work<'_> {
    pub(super) fn stream_info(&mut self, name: &Arc<str>) -> Result<Answer, ApiError> {
        Ok(Answer::Stream(Box::new(self.stream(name)?.info())))
    }

    fn check_overlap(&self, config: &StreamConfig) -> Result<(), ApiError> {
        let others = self
            .streams
            .values()
            .filter(|one| one.config.name != config.name);
        let mut theirs = others.flat_map(|one| &one.config.subjects);
        let overlaps = |other: &Arc<str>| {
            config
                .subjects
                .iter()
                .any(|one| subject::collide(one, other))
        };
        match theirs.any(overlaps) {
            true => Err(ApiError::SubjectOverlap),
            false => Ok(()),
        }
    }

    pub(super) fn create_stream(&mut self, config: StreamConfig) -> Result<Answer, ApiError> {
        let config = config.checked()?;
        let name = config.name.clone();
        if let Some(known) = self.streams.get(&name) {
            return match known.config == config {
                true => self.stream_info(&name),
                false => Err(ApiError::StreamNameExist),
            };
        }
        self.check_overlap(&config)?;
        self.check_cycle(&config)?;
        let origins: Vec<Arc<str>> = config.origins().map(|one| one.name.clone()).collect();
        self.streams
            .insert(name.clone(), Stream::new(self.now, config));
        for origin in origins {
            self.copy(&origin, &name);
        }
        self.copy_on(&name);
        self.stream_info(&name)
    }

    /// Refuses a stream that would, over others, copy from itself.
    fn check_cycle(&self, config: &StreamConfig) -> Result<(), ApiError> {
        let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut next: Vec<Arc<str>> = config.origins().map(|one| one.name.clone()).collect();
        while let Some(name) = next.pop() {
            if name == config.name {
                return Err(ApiError::InvalidConfig(
                    "stream configuration cycle detected".into(),
                ));
            }
            if seen.insert(name.clone())
                && let Some(stream) = self.streams.get(&name)
            {
                next.extend(stream.config.origins().map(|one| one.name.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn update_stream(&mut self, config: StreamConfig) -> Result<Answer, ApiError> {
        let config = config.checked()?;
        let old = self.stream(&config.name)?.config.clone();
        let invalid = |why: &str| Err(ApiError::InvalidConfig(why.into()));
        if old.sealed && !config.sealed {
            return invalid("stream configuration update can not unseal a sealed stream");
        }
        if old.retention != config.retention {
            return invalid(
                "stream configuration update can not change retention policy to/from workqueue",
            );
        }
        if old.mirror != config.mirror {
            return invalid("stream mirror configuration can not be updated");
        }
        if old.deny_delete && !config.deny_delete {
            return invalid("stream configuration update can not cancel deny message deletes");
        }
        if old.deny_purge && !config.deny_purge {
            return invalid("stream configuration update can not cancel deny purge");
        }
        self.check_overlap(&config)?;
        self.check_cycle(&config)?;
        let name = config.name.clone();
        self.stream(&name)?.config = config;
        self.enforce_limits(&name, None);
        self.stream_info(&name)
    }

    pub(super) fn delete_stream(&mut self, name: &Arc<str>) -> Result<Answer, ApiError> {
        let consumers: Vec<Arc<str>> = self.stream(name)?.consumers.keys().cloned().collect();
        for consumer in consumers {
            self.end_pulls(name, &consumer);
        }
        self.streams.remove(name);
        Ok(Answer::Deleted)
    }

    pub(super) fn delete_message(&mut self, name: &Arc<str>, seq: u64) -> Result<Answer, ApiError> {
        let stream = self.stream(name)?;
        if stream.config.sealed {
            return Err(ApiError::Sealed);
        }
        if stream.config.deny_delete {
            return Err(ApiError::MsgDeleteFailed(
                "message delete not permitted".into(),
            ));
        }
        if stream.log.get(seq).is_none() {
            return Err(ApiError::SequenceNotFound(seq));
        }
        self.remove(name, seq, "deleted");
        Ok(Answer::Deleted)
    }

    /// Removes messages: on a subject, below a sequence, or all but the last ones.
    pub(in crate::nats) fn purge(
        &mut self,
        name: &Arc<str>,
        filter: Option<&str>,
        seq: u64,
        keep: u64,
    ) -> Result<Answer, ApiError> {
        let stream = self.stream(name)?;
        if stream.config.sealed {
            return Err(ApiError::Sealed);
        }
        if stream.config.deny_purge {
            return Err(ApiError::PurgeFailed("stream purge not permitted".into()));
        }
        if seq > 0 && keep > 0 {
            return Err(ApiError::BadRequest);
        }
        let gone = match filter.filter(|filter| *filter != ">") {
            Some(filter) => {
                let on = |one: &&Stored| subject::matches(filter, &one.message.subject);
                let all: Vec<u64> = stream.log.from(0).filter(on).map(|one| one.seq).collect();
                let kept = all
                    .len()
                    .saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
                let mut gone: Vec<u64> = all;
                gone.truncate(kept);
                gone.retain(|one| seq <= 1 || *one < seq);
                for one in &gone {
                    self.remove(name, *one, "purged");
                }
                gone.len() as u64
            }
            None => {
                let log = &mut stream.log;
                let below = match (seq, keep) {
                    (0, 0) => log.last().saturating_add(1),
                    (seq, 0) => seq,
                    (_, keep) if keep >= log.len() => 0,
                    (_, keep) => (log.last().saturating_add(1)).saturating_sub(keep),
                };
                let gone = match below {
                    0 | 1 => Vec::new(),
                    below => log.compact(below),
                };
                for stored in &gone {
                    self.out.tell(Fact::Removed {
                        record: stored.message.record,
                        stream: name.clone(),
                        seq: stored.seq,
                        why: "purged".into(),
                    });
                }
                gone.len() as u64
            }
        };
        let now_first = self.stream(name)?.log.first();
        if let Some(stream) = self.streams.get_mut(name) {
            let first = match filter {
                None => now_first,
                Some(filter) => {
                    let left = stream
                        .log
                        .subjects(filter)
                        .filter_map(|(_, seqs)| seqs.first());
                    left.min().unwrap_or(stream.log.last().saturating_add(1))
                }
            };
            for (consumer, one) in &mut stream.consumers {
                let within = |purged: &str| {
                    let filters = &one.config.filters;
                    !filters.is_empty() && filters.iter().all(|one| subject::is_subset(one, purged))
                };
                if filter.is_none_or(within) {
                    one.purged(first, &stream.log);
                } else {
                    one.count_unseen(&stream.log);
                }
                self.signals.add(name, consumer);
            }
        }
        Ok(Answer::Purged(gone))
    }
}
