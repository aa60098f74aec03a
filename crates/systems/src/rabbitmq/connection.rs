//! Connections, their channels, and what a channel has not acknowledged yet.

use crate::party::Caller;
use crate::visit::{Counter, Visit, Visitor};
use explore::Weigh;
use explore::time::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A channel of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct Owner {
    /// The connection.
    pub caller: Caller,
    /// The channel's number on it.
    pub channel: u16,
}

impl Visit for Owner {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.caller.visit(visitor);
    }
}

/// A delivery that waits for its acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Unacked {
    /// From which queue; nothing, where that queue has been deleted since.
    pub queue: Option<Arc<str>>,
    /// The message's position in the queue; in a stream, its offset.
    pub position: u64,
    /// By which consumer it came; `basic.get` has none.
    pub consumer_tag: Option<Arc<str>>,
    /// When it times out.
    pub times_out: Option<Instant>,
    /// The timeout it has, in milliseconds.
    pub timeout: Option<u64>,
}

/// Whether a channel can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub enum Phase {
    /// It can.
    #[default]
    Open,
    /// The broker has closed it; until the client has said `channel.close-ok` all else is ignored.
    Closing,
}

/// A channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Channel {
    /// Its number.
    pub number: u16,
    /// Whether it can be used.
    pub phase: Phase,
    /// The last delivery tag that was given.
    pub delivery_tag: u64,
    /// The last publish that was counted, once publisher confirms are on.
    pub confirms: Option<u64>,
    /// The prefetch of consumers that come; 0 is no limit.
    pub prefetch: u16,
    /// The prefetch of all its consumers together; 0 is no limit.
    pub global_prefetch: u16,
    /// How many deliveries to consumers wait for their acknowledgement.
    pub consumed: u64,
    /// By their delivery tags.
    pub unacked: BTreeMap<u64, Unacked>,
}

impl Channel {
    /// A channel that was just opened.
    pub fn new(number: u16) -> Channel {
        Channel {
            number,
            ..Channel::default()
        }
    }

    /// Whether all its consumers together may get one more.
    pub fn has_capacity(&self) -> bool {
        self.global_prefetch == 0 || self.consumed < u64::from(self.global_prefetch)
    }

    /// Notes a delivery and returns its tag.
    pub fn deliver(&mut self, unacked: Option<Unacked>) -> u64 {
        self.delivery_tag = self.delivery_tag.saturating_add(1);
        if let Some(unacked) = unacked {
            if unacked.consumer_tag.is_some() {
                self.consumed = self.consumed.saturating_add(1);
            }
            self.unacked.insert(self.delivery_tag, unacked);
        }
        self.delivery_tag
    }

    /// Takes a delivery out of those that wait.
    pub fn settle(&mut self, tag: u64) -> Option<Unacked> {
        let unacked = self.unacked.remove(&tag)?;
        if unacked.consumer_tag.is_some() {
            self.consumed = self.consumed.saturating_sub(1);
        }
        Some(unacked)
    }
}

/// The counter of a channel's delivery tags.
pub const fn delivery_tags(channel: u16) -> Counter {
    Counter {
        kind: "delivery tag",
        scope: channel,
    }
}

/// The counter of a channel's publishes under confirms.
pub const fn publishes(channel: u16) -> Counter {
    Counter {
        kind: "confirm",
        scope: channel,
    }
}

impl Visit for Channel {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        let tags = delivery_tags(self.number);
        visitor.counter(tags, &mut self.delivery_tag);
        if let Some(last) = &mut self.confirms {
            visitor.counter(publishes(self.number), last);
        }
        let unacked = std::mem::take(&mut self.unacked).into_iter();
        self.unacked.extend(unacked.map(|(mut tag, mut one)| {
            visitor.counter(tags, &mut tag);
            if let Some(queue) = &one.queue {
                visitor.counter(super::queue::positions(queue), &mut one.position);
            }
            one.times_out.visit(visitor);
            (tag, one)
        }));
    }
}

/// A connection with its channels, in the order in which they were opened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Connection {
    /// Whose it is.
    pub caller: Caller,
    /// Its channels.
    pub channels: Vec<Channel>,
}

/// All connections, in the order in which they were opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Connections {
    /// The connections.
    pub list: Vec<Connection>,
}

impl Connections {
    /// A channel.
    pub fn channel(&self, owner: Owner) -> Option<&Channel> {
        let mut connections = self.list.iter();
        let connection = connections.find(|one| one.caller == owner.caller)?;
        let mut channels = connection.channels.iter();
        channels.find(|channel| channel.number == owner.channel)
    }

    /// A channel, to be changed.
    pub fn channel_mut(&mut self, owner: Owner) -> Option<&mut Channel> {
        let mut connections = self.list.iter_mut();
        let connection = connections.find(|one| one.caller == owner.caller)?;
        let mut channels = connection.channels.iter_mut();
        channels.find(|channel| channel.number == owner.channel)
    }

    /// The connection of a caller; it comes into being with its first request.
    pub fn of(&mut self, caller: Caller) -> Option<&mut Connection> {
        if !self.list.iter().any(|one| one.caller == caller) {
            self.list.push(Connection {
                caller,
                channels: Vec::new(),
            });
        }
        self.list.iter_mut().find(|one| one.caller == caller)
    }

    /// Every channel with its owner, in the order of opening.
    pub fn channels(&self) -> impl Iterator<Item = (Owner, &Channel)> {
        self.list.iter().flat_map(|connection| {
            let caller = connection.caller;
            connection.channels.iter().map(move |channel| {
                let owner = Owner {
                    caller,
                    channel: channel.number,
                };
                (owner, channel)
            })
        })
    }

    /// A queue is gone: what was delivered from it has nowhere to go back to.
    pub fn queue_gone(&mut self, queue: &str) {
        let channels = self.list.iter_mut().flat_map(|one| &mut one.channels);
        for unacked in channels.flat_map(|channel| channel.unacked.values_mut()) {
            if unacked.queue.as_deref() == Some(queue) {
                unacked.queue = None;
                unacked.position = 0;
                unacked.times_out = None;
            }
        }
    }
}

impl Visit for Connections {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for connection in &mut self.list {
            connection.channels.visit(visitor);
            connection.caller.visit(visitor);
        }
    }
}
