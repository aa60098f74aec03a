//! Streams that copy from others: mirrors and sources.

use super::log::Stored;
use super::stream::{Origin, Retention, Stream};
use super::work::Work;
use super::{Release, subject};
use std::sync::Arc;

impl Work<'_> {
    /// Whether another stream copies from this one.
    pub(super) fn has_copies(&self, name: &str) -> bool {
        let mut origins = self.streams.values().flat_map(|one| one.config.origins());
        origins.any(|origin| &*origin.name == name)
    }

    /// Lets every stream that copies from this one do so.
    pub(super) fn copy_on(&mut self, origin: &Arc<str>) {
        let copies = self.streams.values().filter(|one| {
            let mut origins = one.config.origins();
            origins.any(|one| one.name == *origin)
        });
        let copies: Vec<Arc<str>> = copies.map(|one| one.config.name.clone()).collect();
        for name in &copies {
            self.copy(origin, name);
        }
    }

    /// Copies what a stream has not copied yet from its origin.
    pub(super) fn copy(&mut self, origin: &Arc<str>, name: &Arc<str>) {
        let Some(target) = self.streams.get(name) else {
            return;
        };
        let Some(from) = target
            .config
            .origins()
            .find(|one| one.name == *origin)
            .cloned()
        else {
            return;
        };
        let done = target.copied.get(origin).copied().unwrap_or(0);
        let is_mirror = target.config.mirror.is_some();
        let Some(stream) = self.streams.get(origin) else {
            return;
        };
        let end = stream.log.last();
        let keeps = stream.config.retention == Retention::Limits;
        let first = done.saturating_add(1).max(from.start_seq);
        let wanted = |one: &&Stored| from.takes(&one.message.subject);
        let news: Vec<Stored> = stream.log.from(first).filter(wanted).cloned().collect();
        if let Some(target) = self.streams.get_mut(name) {
            target.copied.insert(origin.clone(), end);
        }
        for stored in news {
            let seq = stored.seq;
            if is_mirror {
                if let Some(target) = self.streams.get_mut(name)
                    && seq > target.log.last()
                {
                    target.log.put(stored);
                    self.arrived(name, seq);
                    self.copy_on(name);
                }
            } else {
                let header = match self.settings.release {
                    Release::V2_9 => format!("{origin} {seq}"),
                    Release::V2_14 => format!("{origin} {seq} > >"),
                };
                // A copy that the stream refuses is passed over.
                let _ = self.admit(name, stored.message.with("Nats-Stream-Source", &header));
            }
            let is_done = |one: &Stream| !keeps && !one.is_wanted(seq, None);
            if self.streams.get(origin).is_some_and(is_done) {
                self.remove(origin, seq, "acked");
            }
        }
    }
}

impl Origin {
    /// All of a stream.
    pub fn new(name: &str) -> Origin {
        Origin {
            name: name.into(),
            start_seq: 0,
            filter: None,
        }
    }

    fn takes(&self, subject: &str) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| subject::matches(filter, subject))
    }
}
