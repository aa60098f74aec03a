//! The messages of one queue: which of them can be received, in which order.
//!
//! Whatever is asked often is an index, so that no request looks through the backlog.

use super::ages::Ages;
use super::groups::Groups;
use super::message::{Message, Place};
use super::receipt::QueueId;
use crate::lease::Leases;
use crate::numbered::Numbered;
use crate::party::Caller;
use crate::visit::Visitor;
use explore::Weigh;
use explore::time::{Instant, Span};
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Where visible messages stand.
#[derive(Clone, Debug, Weigh)]
enum Visible {
    /// In a standard queue: in one row.
    Row(BTreeSet<u64>),
    /// In a FIFO queue: in groups.
    Groups(Groups),
}

/// Which messages stand where.
#[derive(Clone, Debug, Weigh)]
struct Index {
    visible: Visible,
    /// When visibility time-outs end.
    in_flight: Leases,
    /// When delays end.
    delayed: BTreeSet<(Instant, u64)>,
    ages: Ages,
}

impl Index {
    /// Moves a message from one place to another; from or to nowhere where it comes or goes.
    fn go(
        &mut self,
        sequence: u64,
        (from, to): (Option<Place>, Option<Place>),
        group: Option<&Arc<str>>,
    ) {
        match from {
            Some(Place::Delayed { until }) => drop(self.delayed.remove(&(until, sequence))),
            Some(Place::InFlight { until, .. }) => drop(self.in_flight.end(sequence, until)),
            Some(Place::Visible) | None => {}
        }
        match to {
            Some(Place::Delayed { until }) => drop(self.delayed.insert((until, sequence))),
            Some(Place::InFlight { until, .. }) => self.in_flight.give(sequence, until),
            Some(Place::Visible) | None => {}
        }
        let is_visible = |place: Option<Place>| matches!(place, Some(Place::Visible));
        let is_held = |place: Option<Place>| matches!(place, Some(Place::InFlight { .. }));
        let groups = match &mut self.visible {
            Visible::Groups(groups) => groups,
            Visible::Row(row) => {
                match (is_visible(from), is_visible(to)) {
                    (true, false) => drop(row.remove(&sequence)),
                    (false, true) => drop(row.insert(sequence)),
                    _ => {}
                }
                return;
            }
        };
        groups.change(group.unwrap_or(&Arc::default()), |group| {
            match (is_visible(from), is_visible(to)) {
                (true, false) => drop(group.visible.remove(sequence)),
                (false, true) => drop(group.visible.insert(sequence)),
                _ => {}
            }
            match (is_held(from), is_held(to)) {
                (true, false) => group.in_flight = group.in_flight.saturating_sub(1),
                (false, true) => group.in_flight = group.in_flight.saturating_add(1),
                _ => {}
            }
        });
    }
}

/// The messages by their place in the queue.
#[derive(Clone, Debug, Weigh)]
pub struct Store {
    messages: Numbered<Message>,
    /// The place of the message that came last.
    last: u64,
    /// Follows from the messages, and is neither compared nor hashed.
    index: Index,
}

impl PartialEq for Store {
    fn eq(&self, other: &Self) -> bool {
        (&self.messages, self.last) == (&other.messages, other.last)
    }
}

impl Eq for Store {}

impl Hash for Store {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.messages, self.last).hash(state);
    }
}

impl Store {
    /// An empty store.
    pub fn new(is_fifo: bool) -> Store {
        Store {
            messages: Numbered::default(),
            last: 0,
            index: Index {
                visible: match is_fifo {
                    false => Visible::Row(BTreeSet::new()),
                    true => Visible::Groups(Groups::default()),
                },
                in_flight: Leases::default(),
                delayed: BTreeSet::new(),
                ages: Ages::default(),
            },
        }
    }

    /// Puts a message at the end; its place.
    pub fn add(&mut self, message: Message) -> u64 {
        self.last = self.last.saturating_add(1);
        let sequence = self.last;
        self.insert(sequence, message);
        sequence
    }

    fn insert(&mut self, sequence: u64, message: Message) {
        self.index.ages.add(sequence, message.sent);
        self.index.go(
            sequence,
            (None, Some(message.place)),
            message.group.as_ref(),
        );
        self.messages.insert(sequence, message);
    }

    /// Takes a message out.
    pub fn remove(&mut self, sequence: u64) -> Option<Message> {
        let message = self.messages.remove(sequence)?;
        self.index.ages.remove(sequence, message.sent);
        self.index.go(
            sequence,
            (Some(message.place), None),
            message.group.as_ref(),
        );
        Some(message)
    }

    /// Takes all messages out; how many there were.
    pub fn clear(&mut self) -> u64 {
        let count = self.len();
        let is_fifo = matches!(self.index.visible, Visible::Groups(_));
        *self = Store {
            last: self.last,
            ..Store::new(is_fifo)
        };
        count
    }

    /// A message.
    pub fn get(&self, sequence: u64) -> Option<&Message> {
        self.messages.get(sequence)
    }

    /// Changes a message, its place excepted.
    pub fn change(&mut self, sequence: u64, change: impl FnOnce(&mut Message)) {
        if let Some(message) = self.messages.get_mut(sequence) {
            let (place, sent) = (message.place, message.sent);
            change(message);
            (message.place, message.sent) = (place, sent);
        }
    }

    /// Gives a message another place; the one it had.
    pub fn put(&mut self, sequence: u64, place: Place) -> Option<Place> {
        let message = self.messages.get_mut(sequence)?;
        let before = std::mem::replace(&mut message.place, place);
        let group = message.group.as_ref();
        self.index.go(sequence, (Some(before), Some(place)), group);
        Some(before)
    }

    /// The message that the next receive begins with.
    pub fn first(&self) -> Option<u64> {
        match &self.index.visible {
            Visible::Row(row) => row.first().copied(),
            Visible::Groups(groups) => groups.first(),
        }
    }

    /// What a receive finds where [`first`](Store::first) is, put behind what was found before: messages
    /// of one message group up to so many that can be given out, or one message of a standard queue. Those
    /// that cannot are in the list, and do not count.
    pub fn first_of_one_group(
        &self,
        most: usize,
        is_given: impl Fn(&Message) -> bool,
        found: &mut Vec<u64>,
    ) {
        match &self.index.visible {
            Visible::Row(row) => found.extend(row.first()),
            Visible::Groups(groups) => {
                let mut given = 0;
                for sequence in groups.of_first() {
                    if given == most {
                        break;
                    }
                    given += usize::from(self.messages.get(sequence).is_some_and(&is_given));
                    found.push(sequence);
                }
            }
        }
    }

    /// How many messages there are in all.
    pub fn len(&self) -> u64 {
        self.messages.len() as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// How many messages are visible, those in blocked message groups included.
    pub fn visible(&self) -> u64 {
        match &self.index.visible {
            Visible::Row(row) => row.len() as u64,
            Visible::Groups(groups) => groups.visible() as u64,
        }
    }

    /// How many are in flight.
    pub fn in_flight(&self) -> u64 {
        self.index.in_flight.len() as u64
    }

    /// How many are delayed.
    pub fn delayed(&self) -> u64 {
        self.index.delayed.len() as u64
    }

    /// The place of the message that came last.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// New messages come after this place.
    pub fn begin_after(&mut self, last: u64) {
        self.last = self.last.max(last);
    }

    /// All messages, in their order.
    pub fn messages(&self) -> impl Iterator<Item = (u64, &Message)> {
        self.messages.iter()
    }

    /// The visible messages that came up to a place, in their order: the first of them.
    pub fn first_visible_up_to(&self, last: u64) -> Option<u64> {
        let first = match &self.index.visible {
            Visible::Row(row) => row.first().copied(),
            // Moving a message away is no receive: blocked groups are moved too.
            Visible::Groups(groups) => groups.first_visible(),
        };
        first.filter(|first| *first <= last)
    }

    /// The messages in flight, by when they become visible.
    pub fn ends_of_visibility(&self) -> impl Iterator<Item = (Instant, u64, Caller)> {
        self.index.in_flight.iter().filter_map(|(until, sequence)| {
            match self.messages.get(sequence)?.place {
                Place::InFlight { by, .. } => Some((until, sequence, by)),
                _ => None,
            }
        })
    }

    /// The delayed messages, by when they become visible.
    pub fn ends_of_delays(&self) -> impl Iterator<Item = (Instant, u64)> {
        self.index.delayed.iter().copied()
    }

    /// The oldest message.
    pub fn oldest(&self) -> Option<(Instant, u64)> {
        self.index.ages.oldest()
    }

    pub(super) fn visit_in(&mut self, queue: QueueId, kept: Span, visitor: &mut impl Visitor) {
        let messages = std::mem::take(&mut self.messages);
        let mut last = self.last;
        self.clear();
        for (mut sequence, mut message) in messages.into_things() {
            visitor.counter(queue.sequences(), &mut sequence);
            message.visit_in(queue, kept, visitor);
            self.insert(sequence, message);
        }
        visitor.counter(queue.sequences(), &mut last);
        self.last = last;
    }
}
