//! Those who wait: who is served when a key changes, and what they sent meanwhile.
//!
//! R22. A client that waits for a group that is destroyed, or for a stream that is deleted, gets an
//! error. Without COUNT a read that had to wait gives at most 1000 entries. Source: Redis commands,
//! XREADGROUP. Shown by: the test `a_destroyed_group_ends_the_waiting`.

use super::config::Version;
use super::error::Error;
use super::reading::Read;
use super::stream::Stream;
use super::waiting::Wanted;
use super::wire::Reply;
use super::{Out, Redis, Step};
use crate::party::{Caller, ClientId};
use explore::time::Instant;
use std::sync::Arc;

impl Redis {
    /// A key has changed: once the command has its answer, those who wait for it are served.
    pub(super) fn changed(&self, key: &Arc<str>, step: &mut Step<'_>) {
        if self.waiting.is_awaited(key) {
            step.ready.push(key.clone());
        }
    }

    /// Serves those who wait for keys that have changed.
    pub(super) fn serve(&mut self, now: Instant, ready: Vec<Arc<str>>, out: &mut Out<Redis>) {
        for key in ready {
            for (who, wanted) in self.waiting.on(&key) {
                let answer = match wanted {
                    Wanted::Entries(read) => self.read_for_waiter(&read, &key, now, out),
                    Wanted::Element { lists, left } => {
                        self.pop_first(&lists, left, now, out).ok().flatten()
                    }
                };
                if let Some(reply) = answer {
                    self.waiting.answer(who);
                    self.send(now, who, reply, out);
                }
            }
        }
    }

    fn read_for_waiter(
        &mut self,
        read: &Read,
        key: &Arc<str>,
        now: Instant,
        out: &mut Out<Redis>,
    ) -> Option<Reply> {
        let is_7_2 = self.settings.version >= Version::V7_2;
        if let Some(by) = &read.by {
            let error = match self.get::<Stream>(key, now) {
                Err(error) => Some(error),
                Ok(Some(stream)) if stream.groups.contains_key(&by.group) => None,
                Ok(_) if is_7_2 => Some(Error::NoGroupToRead {
                    key: key.clone(),
                    group: by.group.clone(),
                }),
                Ok(Some(_)) => Some(Error::GroupGone),
                // Before 7.0 nobody was told that the stream is gone.
                Ok(None) if self.settings.version < Version::V7_0 => return None,
                Ok(None) => Some(Error::KeyGone),
            };
            if let Some(error) = error {
                return Some(Reply::Error(error));
            }
        }
        // Up to 7.0 only the stream that changed is read; 7.2 executes the command again.
        let streams = read.streams.iter().filter(|(one, _)| is_7_2 || one == key);
        let mut found = Vec::new();
        for (key, after) in streams {
            let one = self.read_stream(read, key, *after, now, out);
            found.extend(one.ok().flatten());
        }
        (!found.is_empty()).then_some(Reply::List(found))
    }

    /// Executes what clients sent while they waited.
    pub(super) fn go_on(&mut self, now: Instant, out: &mut Out<Redis>) {
        while self.waiting.has_next() {
            let Some((who, request)) = self.waiting.next() else {
                break;
            };
            self.execute(now, who, request, out);
            self.waiting.queue_again(who);
        }
    }

    /// Who waits in a blocking command, in the order in which they began to.
    pub fn waiting_clients(&self) -> Vec<ClientId> {
        let clients = self
            .waiting
            .clients()
            .map(|who: Caller| ClientId(who.client));
        clients.collect()
    }
}
