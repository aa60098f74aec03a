//! The consumers of a queue: who is next.
//!
//! M32. Consumers of one queue take turns; one without credit is passed over and stands at the end of
//! the row when it has credit again. Consumers of a higher priority come first as long as they have
//! credit. Source: documentation, "Consumer Priorities"; `rabbit_queue_consumers`. Shown by:
//! rabbitmq-prefetch-round-robin, the test `a_higher_consumer_priority_comes_first`.
//!
//! M33. Prefetch counts what is with a consumer (or, with `global`, with all consumers of the channel)
//! and not acknowledged; 0 is no limit. Neither a consumer without acknowledgements nor `basic.get` is
//! limited. Source: documentation, "Consumer Prefetch". Shown by: rabbitmq-prefetch-round-robin,
//! rabbitmq-auto-ack-ignores-prefetch, rabbitmq-priority-prefetch, the test
//! `a_global_prefetch_holds_for_the_channel`.
//!
//! M34. With `x-single-active-consumer` the first consumer gets everything; when it goes, the next in
//! the row takes its place. Source: documentation, "Single Active Consumer". Shown by:
//! rabbitmq-single-active-consumer.
//!
//! M35. An exclusive consumer must be alone: with others there it is refused (403), and others are
//! refused while it is there. Source: documentation, "Consumers", "Exclusivity". Shown by:
//! rabbitmq-exclusive-consumer.

use crate::rabbitmq::connection::{Connections, Owner};
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use std::collections::VecDeque;
use std::sync::Arc;

/// Whether a consumer acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Acknowledging {
    /// It does.
    Manual,
    /// A delivery counts as acknowledged when it is sent (`no-ack`).
    Automatic,
}

/// Where a consumer of a stream begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub enum Offset {
    /// At the first message that is there.
    First,
    /// At the last message that is there.
    Last,
    /// At what comes from now on.
    #[default]
    Next,
    /// At this offset.
    At(u64),
}

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Consumer {
    /// Its channel.
    pub owner: Owner,
    /// Its tag, by which the channel knows it.
    pub tag: Arc<str>,
    /// Whether it acknowledges.
    pub acknowledging: Acknowledging,
    /// Whether it is alone.
    pub exclusive: bool,
    /// Its priority among consumers.
    pub priority: i32,
    /// How many deliveries it may have at once; 0 is no limit.
    pub prefetch: u16,
    /// How many it has.
    pub unacked: u64,
    /// Its own acknowledgement timeout in milliseconds.
    pub timeout: Option<u64>,
    /// In a stream, what it gets next.
    pub offset: u64,
}

impl Consumer {
    /// Whether it may get one more.
    pub fn can_take(&self, connections: &Connections) -> bool {
        if self.acknowledging == Acknowledging::Automatic {
            return true;
        }
        let has_credit = self.prefetch == 0 || self.unacked < u64::from(self.prefetch);
        let channel = connections.channel(self.owner);
        has_credit && channel.is_none_or(|channel| channel.has_capacity())
    }

    fn is(&self, owner: Owner, tag: &str) -> bool {
        self.owner == owner && *self.tag == *tag
    }
}

impl Visit for Consumer {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.owner.visit(visitor);
    }
}

/// The consumers of a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Consumers {
    /// In the row, the next first.
    row: VecDeque<Consumer>,
    /// Without credit, as they lost it.
    waiting: Vec<Consumer>,
    /// The one that gets everything, where only one does.
    single_active: Option<(Owner, Arc<str>)>,
}

impl Consumers {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.row.is_empty() && self.waiting.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.row.len() + self.waiting.len()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Consumer> {
        self.row.iter().chain(&self.waiting)
    }

    /// The one that is active, where only one is.
    pub fn single_active(&self) -> Option<&(Owner, Arc<str>)> {
        self.single_active.as_ref()
    }

    /// One of them.
    pub fn get_mut(&mut self, owner: Owner, tag: &str) -> Option<&mut Consumer> {
        let all = self.row.iter_mut().chain(&mut self.waiting);
        all.into_iter().find(|one| one.is(owner, tag))
    }

    /// Puts one at the end of those with its priority.
    fn line_up(&mut self, consumer: Consumer) {
        let before = |one: &Consumer| one.priority >= consumer.priority;
        let at = self.row.partition_point(before);
        self.row.insert(at, consumer);
    }

    /// A new one comes.
    pub fn add(&mut self, consumer: Consumer, is_single_active: bool) {
        if is_single_active && self.single_active.is_none() {
            self.single_active = Some((consumer.owner, consumer.tag.clone()));
        }
        self.line_up(consumer);
    }

    /// Takes out whom the next message goes to.
    pub fn next(&mut self, connections: &Connections) -> Option<Consumer> {
        if let Some((owner, tag)) = &self.single_active {
            let at = self.row.iter().position(|one| one.is(*owner, tag))?;
            let can_take = self.row.get(at)?.can_take(connections);
            return if can_take { self.row.remove(at) } else { None };
        }
        loop {
            let consumer = self.row.pop_front()?;
            if consumer.can_take(connections) {
                return Some(consumer);
            }
            self.waiting.push(consumer);
        }
    }

    /// Puts one back that got a message.
    pub fn put_back(&mut self, consumer: Consumer, is_eager: bool, connections: &Connections) {
        if is_eager && self.single_active.is_none() && !consumer.can_take(connections) {
            self.waiting.push(consumer);
        } else {
            self.line_up(consumer);
        }
    }

    /// Lets those of a channel line up that have credit again.
    pub fn wake(&mut self, owner: Owner, connections: &Connections) {
        let waiting = std::mem::take(&mut self.waiting);
        for consumer in waiting {
            if consumer.owner == owner && consumer.can_take(connections) {
                self.line_up(consumer);
            } else {
                self.waiting.push(consumer);
            }
        }
    }

    /// Takes out all that `which` names; tells who became active by that.
    pub fn remove(
        &mut self,
        which: impl Fn(&Consumer) -> bool,
    ) -> (Vec<Consumer>, Option<Arc<str>>) {
        let mut gone = Vec::new();
        let row = std::mem::take(&mut self.row);
        let waiting = std::mem::take(&mut self.waiting);
        let mut keep = |consumer: Consumer| -> Option<Consumer> {
            if which(&consumer) {
                gone.push(consumer);
                return None;
            }
            Some(consumer)
        };
        self.row = row.into_iter().filter_map(&mut keep).collect();
        self.waiting = waiting.into_iter().filter_map(&mut keep).collect();
        let is_lost = |(owner, tag): &(Owner, Arc<str>)| gone.iter().any(|one| one.is(*owner, tag));
        if !self.single_active.as_ref().is_some_and(is_lost) {
            return (gone, None);
        }
        let next = self.row.front();
        self.single_active = next.map(|next| (next.owner, next.tag.clone()));
        (gone, next.map(|next| next.tag.clone()))
    }

    /// The consumers of a stream that may get more, in the row's order, to be changed.
    pub fn row_mut(&mut self) -> impl Iterator<Item = &mut Consumer> {
        self.row.iter_mut().chain(&mut self.waiting)
    }
}

impl Visit for Consumers {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.row.visit(visitor);
        self.waiting.visit(visitor);
        if let Some((owner, _)) = &mut self.single_active {
            owner.visit(visitor);
        }
    }
}
