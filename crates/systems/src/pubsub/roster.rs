//! Which subscriptions there are, and whose messages each of them gets.
//!
//! What a subscription holds is a part of the service by itself: pulls and acknowledgements of one
//! subscription do not depend on the others. What is asked about all of them at once (who gets a
//! message, in which order they were made) stands here, and changes only when one comes or goes.
//!
//! Each of a topic's subscriptions gets a copy of a message. Those that share the copies of one
//! subscription, its streams, take [turns](crate::turns).

use super::subscription::Subscription;
use crate::spread::Spread;
use crate::visit::{Visit, Visitor};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A subscription, as the service lists it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Listed {
    /// Its name.
    pub name: Arc<str>,
    /// Which subscription it is, also when another of its name comes.
    pub number: u32,
    /// The number of the topic whose messages it gets; nothing when the topic was deleted or the
    /// subscription was detached.
    pub topic: Option<u32>,
}

/// The subscriptions, in the order in which they were made, which is that of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Roster(Vec<Listed>);

impl Roster {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Listed> {
        self.0.iter()
    }

    /// The subscription at a place in the order.
    pub fn get(&self, at: usize) -> Option<&Listed> {
        self.0.get(at)
    }

    /// The subscription with this number.
    pub fn numbered(&self, number: u32) -> Option<&Listed> {
        let at = self.0.binary_search_by_key(&number, |one| one.number);
        self.0.get(at.ok()?)
    }

    /// Those that get the messages of a topic.
    pub fn of(&self, topic: u32) -> impl Iterator<Item = &Listed> {
        self.0.iter().filter(move |one| one.topic == Some(topic))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lists one behind all others.
    pub(super) fn add(&mut self, one: Listed) {
        self.0.push(one);
    }

    /// Takes out the subscription with this number.
    pub(super) fn remove(&mut self, number: u32) {
        self.0.retain(|one| one.number != number);
    }

    /// The subscription with this number gets no messages any more.
    pub(super) fn detach(&mut self, number: u32) {
        let detached = self.0.iter_mut().filter(|one| one.number == number);
        detached.for_each(|one| one.topic = None);
    }

    /// Nobody gets messages of this topic any more.
    pub(super) fn delete_topic(&mut self, topic: u32) {
        let of_it = self.0.iter_mut().filter(|one| one.topic == Some(topic));
        of_it.for_each(|one| one.topic = None);
    }
}

impl Visit for Roster {
    const HAS_ANY: bool = false;

    fn visit(&mut self, _: &mut impl Visitor) {}
}

/// Some of the subscriptions, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Subscriptions(BTreeMap<Arc<str>, Subscription>);

impl Visit for Subscriptions {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for one in self.0.values_mut() {
            one.visit(visitor);
        }
    }
}

impl Spread<Subscriptions> {
    /// The subscription of this name.
    pub(super) fn of(&self, name: &str) -> Option<&Subscription> {
        self.slot(name).0.get(name)
    }

    /// The subscription of this name, to be changed.
    pub(super) fn of_mut(&mut self, name: &str) -> Option<&mut Subscription> {
        let slot = self.slot_mut(name);
        match slot.0.contains_key(name) {
            true => slot.0.get_mut(name),
            false => None,
        }
    }

    /// Adds a subscription; there is none of its name.
    pub(super) fn add(&mut self, one: Subscription) {
        self.slot_mut(&one.name)
            .0
            .insert(Arc::clone(&one.name), one);
    }

    /// Takes out the subscription of this name.
    pub(super) fn remove(&mut self, name: &str) -> Option<Subscription> {
        self.of(name)?;
        self.slot_mut(name).0.remove(name)
    }
}
