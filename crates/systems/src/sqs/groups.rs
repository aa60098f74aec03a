//! The message groups of a FIFO queue: which messages can be received, and which wait behind others.

use crate::row::Row;
use crate::spread::fingerprint;
use explore::Weigh;
use hashbrown::HashTable;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A message group that has messages.
#[derive(Clone, Debug, Weigh)]
pub struct Group {
    name: Arc<str>,
    /// Its visible messages.
    pub visible: Row,
    /// How many of its messages are in flight: while there are any, the group is blocked.
    pub in_flight: u32,
}

impl Group {
    /// Its first visible message, unless the group is blocked.
    fn head(&self) -> Option<u64> {
        self.visible.first().filter(|_| self.in_flight == 0)
    }
}

/// The message groups of a queue that have messages.
///
/// It is an index of the queue's messages: where a group stands in it depends on which were there before,
/// and is neither compared nor told.
#[derive(Clone, Debug, Default, Weigh)]
pub struct Groups {
    groups: Vec<Option<Group>>,
    /// The places of groups that are gone.
    free: Vec<u32>,
    /// A group's place, by the fingerprint of its name.
    places: HashTable<(u64, u32)>,
    /// The first visible message of each group that is not blocked, with the group's place.
    heads: BTreeMap<u64, u32>,
    /// How many messages are visible, in blocked groups too.
    visible: usize,
}

impl Groups {
    fn at(&self, place: u32) -> Option<&Group> {
        self.groups.get(place as usize)?.as_ref()
    }

    /// The place of the group of this name, which is made if it has no messages yet.
    fn place(&mut self, mark: u64, name: &Arc<str>) -> u32 {
        let groups = &self.groups;
        let is_it = |(other, place): &(u64, u32)| {
            let group = || groups.get(*place as usize)?.as_ref();
            *other == mark && group().is_some_and(|group| group.name == *name)
        };
        if let Some((_, place)) = self.places.find(mark, is_it) {
            return *place;
        }
        let group = Some(Group {
            name: Arc::clone(name),
            visible: Row::default(),
            in_flight: 0,
        });
        let place = match self.free.pop() {
            Some(place) => {
                self.groups[place as usize] = group;
                place
            }
            None => {
                self.groups.push(group);
                // There are fewer groups than messages, whose bodies would fill the memory before.
                (self.groups.len() - 1) as u32
            }
        };
        self.places
            .insert_unique(mark, (mark, place), |(mark, _)| *mark);
        place
    }

    /// Changes a message group, and keeps the list of heads.
    pub fn change(&mut self, name: &Arc<str>, change: impl FnOnce(&mut Group)) {
        let mark = fingerprint(name.bytes());
        let place = self.place(mark, name);
        let Some(group) = &mut self.groups[place as usize] else {
            return;
        };
        let (before, count) = (group.head(), group.visible.len());
        change(group);
        let head = group.head();
        self.visible = self.visible + group.visible.len() - count;
        if group.in_flight == 0 && group.visible.is_empty() {
            self.groups[place as usize] = None;
            self.free.push(place);
            let found = self.places.find_entry(mark, |(_, other)| *other == place);
            if let Ok(found) = found {
                found.remove();
            }
        }
        if head != before {
            if let Some(before) = before {
                self.heads.remove(&before);
            }
            if let Some(head) = head {
                self.heads.insert(head, place);
            }
        }
    }

    /// The first visible message whose group is not blocked.
    pub fn first(&self) -> Option<u64> {
        self.heads.first_key_value().map(|(head, _)| *head)
    }

    /// The visible messages of the group whose turn it is.
    pub fn of_first(&self) -> impl Iterator<Item = u64> {
        let first = self.heads.first_key_value();
        let group = first.and_then(|(_, place)| self.at(*place));
        group.into_iter().flat_map(|group| group.visible.iter())
    }

    /// The first visible message of all, those of blocked groups included.
    pub fn first_visible(&self) -> Option<u64> {
        let groups = self.groups.iter().flatten();
        groups.filter_map(|group| group.visible.first()).min()
    }

    /// How many messages are visible, those of blocked groups included.
    pub fn visible(&self) -> usize {
        self.visible
    }
}
