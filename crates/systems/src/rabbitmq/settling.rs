//! Settling deliveries: `basic.ack`, `basic.nack`, `basic.reject`, `basic.recover`.
//!
//! M48. A delivery tag names a delivery of its channel. `multiple` means all up to it, 0 with
//! `multiple` all there are. A tag that is not waiting (a second acknowledgement, another channel's
//! tag) is an error 406 `unknown delivery tag`. Source: documentation, "Consumer Acknowledgements and
//! Publisher Confirms". Shown by: rabbitmq-ack-multiple-double-ack.
//!
//! M49. Without `requeue` a message is dead-lettered with the reason `rejected`; without a dead-letter
//! exchange it is gone. Source: documentation, "Negative Acknowledgements". Shown by:
//! rabbitmq-dlx-reject, rabbitmq-dlx-without-args.
//!
//! M50. `basic.recover` requeues all that the channel has not acknowledged. Source: AMQP 0-9-1,
//! basic.recover. Shown by: the test `recover_requeues_all_of_the_channel`.

use super::connection::{Owner, Unacked};
use super::fact::Fact;
use super::message::Reason;
use super::method::Answer;
use super::queue::arguments::QueueType;
use super::queue::{Held, Queue};
use super::reply_code::{Exception, ReplyCode};
use super::settings::Version;
use super::work::{Work, client};
use std::sync::Arc;

/// What becomes of deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settle {
    /// They are done.
    Acknowledge,
    /// They die.
    Discard,
    /// They go back, and the attempt counts as failed.
    Failed,
    /// They go back; whether the attempt counts depends on the version.
    Returned,
    /// They go back, and the attempt counts for nothing.
    Released,
    /// They go back, for their channel is gone; the attempt counts as failed.
    Lost,
}

impl Work<'_> {
    pub(super) fn ack(&mut self, owner: Owner, tag: u64, multiple: bool) -> Result<(), Exception> {
        let tags = self.tags(owner, tag, multiple)?;
        self.settle(owner, &tags, Settle::Acknowledge);
        Ok(())
    }

    pub(super) fn reject(
        &mut self,
        owner: Owner,
        tag: u64,
        requeue: bool,
    ) -> Result<(), Exception> {
        let tags = self.tags(owner, tag, false)?;
        let how = if requeue {
            Settle::Failed
        } else {
            Settle::Discard
        };
        self.settle(owner, &tags, how);
        Ok(())
    }

    pub(super) fn nack(
        &mut self,
        owner: Owner,
        (tag, multiple): (u64, bool),
        requeue: bool,
    ) -> Result<(), Exception> {
        let tags = self.tags(owner, tag, multiple)?;
        let how = match requeue {
            true => Settle::Returned,
            false => Settle::Discard,
        };
        self.settle(owner, &tags, how);
        Ok(())
    }

    pub(super) fn recover(&mut self, owner: Owner, requeue: bool) -> Result<Answer, Exception> {
        if !requeue {
            let cause = "requeue=false";
            return Err(Exception::new(ReplyCode::NotImplemented, cause));
        }
        let channel = self.connections.channel(owner);
        let tags = channel.map(|channel| channel.unacked.keys().copied().collect::<Vec<_>>());
        self.settle(owner, &tags.unwrap_or_default(), Settle::Returned);
        Ok(Answer::BasicRecoverOk)
    }

    /// The deliveries that a tag names.
    fn tags(&self, owner: Owner, tag: u64, multiple: bool) -> Result<Vec<u64>, Exception> {
        let unknown = || Exception::precondition(format!("unknown delivery tag {tag}"));
        let unacked = match self.connections.channel(owner) {
            Some(channel) => &channel.unacked,
            None => return Err(unknown()),
        };
        match (multiple, tag) {
            (true, 0) => Ok(unacked.keys().copied().collect()),
            (_, tag) if !unacked.contains_key(&tag) => Err(unknown()),
            (true, tag) => Ok(unacked.range(..=tag).map(|(tag, _)| *tag).collect()),
            (false, tag) => Ok(vec![tag]),
        }
    }

    /// Settles deliveries of a channel, queue by queue.
    pub(super) fn settle(&mut self, owner: Owner, tags: &[u64], how: Settle) {
        let mut by_queue: Vec<(Arc<str>, Vec<Unacked>)> = Vec::new();
        for tag in tags {
            let channel = self.connections.channel_mut(owner);
            let settled = channel.and_then(|channel| channel.settle(*tag));
            let Some(unacked) = settled else { continue };
            let Some(queue) = unacked.queue.clone() else {
                continue;
            };
            match by_queue.iter_mut().find(|(name, _)| *name == queue) {
                Some((_, list)) => list.push(unacked),
                None => by_queue.push((queue, vec![unacked])),
            }
        }
        for (name, unacked) in by_queue {
            let connections = &*self.connections;
            if let Some(queue) = self.queues.by_name.get_mut(&name) {
                for tag in unacked.iter().filter_map(|one| one.consumer_tag.as_ref()) {
                    if let Some(consumer) = queue.consumers.get_mut(owner, tag) {
                        consumer.unacked = consumer.unacked.saturating_sub(1);
                    }
                }
                queue.consumers.wake(owner, connections);
            }
            let positions: Vec<u64> = unacked.iter().map(|one| one.position).collect();
            self.settle_in(&name, &positions, how);
        }
        let is_limited = |channel: &super::connection::Channel| channel.global_prefetch > 0;
        if self.connections.channel(owner).is_some_and(is_limited) {
            self.wake_channel(owner);
        }
    }

    /// Settles messages of one queue that are with channels.
    pub(super) fn settle_in(&mut self, name: &str, positions: &[u64], how: Settle) {
        let version = self.settings.version;
        for position in positions {
            let Some(queue) = self.queues.by_name.get_mut(name) else {
                return;
            };
            let Some(held) = queue.held.remove(position) else {
                continue;
            };
            let record = held.entry.message.record;
            let client = client(held.owner.caller);
            let queue_name = queue.name.clone();
            match how {
                Settle::Acknowledge => {
                    self.tell(Fact::Acknowledged {
                        record,
                        queue: queue_name,
                        client,
                    });
                }
                Settle::Discard => self.die(name, &held.entry, Reason::Rejected, Some(client)),
                Settle::Failed | Settle::Returned | Settle::Released | Settle::Lost => {
                    match give_back(queue, held, how, version) {
                        None => self.tell(Fact::Requeued {
                            record,
                            queue: queue_name,
                            client,
                        }),
                        Some(dead) => {
                            self.die(name, &dead.entry, Reason::DeliveryLimit, Some(client));
                        }
                    }
                }
            }
        }
        self.drop_heads(name);
        self.expire(name);
        self.run(name);
    }

    /// Lets consumers of a channel go on whose common prefetch has room.
    pub(super) fn wake_channel(&mut self, owner: Owner) {
        let consumes = |queue: &Queue| queue.consumers.iter().any(|one| one.owner == owner);
        let queues = self.queues.by_name.values();
        let names: Vec<Arc<str>> = queues
            .filter(|queue| consumes(queue))
            .map(|queue| queue.name.clone())
            .collect();
        for name in names {
            let connections = &*self.connections;
            if let Some(queue) = self.queues.by_name.get_mut(&name) {
                queue.consumers.wake(owner, connections);
            }
            self.run(&name);
        }
    }
}

/// Puts a message back into its queue; one that came back too often is returned instead.
fn give_back(queue: &mut Queue, held: Held, how: Settle, version: Version) -> Option<Held> {
    let Held {
        place,
        mut entry,
        owner,
    } = held;
    entry.redelivered = true;
    if queue.queue_type() != QueueType::Quorum {
        queue.put(place, entry);
        return None;
    }
    let counts = match how {
        Settle::Failed | Settle::Lost => true,
        Settle::Returned => version < Version::V4_3,
        _ => false,
    };
    if counts {
        entry.delivery_count = entry.delivery_count.saturating_add(1);
    }
    let limit = queue.arguments.delivery_limit(version);
    if limit.is_some_and(|limit| entry.delivery_count > limit) {
        return Some(Held {
            place,
            entry,
            owner,
        });
    }
    let place = match limit.is_some() || how == Settle::Lost {
        true => queue.returned_place(place.rank),
        false => queue.last_place(&entry.message, version),
    };
    queue.put(place, entry);
    None
}
