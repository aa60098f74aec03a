//! The broker as a row of parts, and the numbers in it that only grow.

use super::group::{Generation, Group};
use super::topic::Topic;
use super::transaction::Coordinator;
use super::{Broker, GroupId, ParkedFetch};
use crate::visit::{Visit, Visitor};

crate::parts! {
    /// A part of the broker.
    #[derive(explore::Weigh)]
    pub enum Part of Broker {
        groups[]: Group(Group),
        topics[]: Topic(Topic),
        parked_fetches: Parked(Vec<ParkedFetch>),
        transactions: Transactions(Coordinator),
    }
}

impl Visit for Topic {
    const HAS_ANY: bool = false;
    fn visit(&mut self, _: &mut impl Visitor) {}
}

/// Times of transactions are not explored.
impl Visit for Coordinator {
    const HAS_ANY: bool = false;
    fn visit(&mut self, _: &mut impl Visitor) {}
}

impl Broker {
    /// Shows copies of what has to do with a group: the group itself, and the fetches that wait.
    pub fn look_at_group(&self, group: GroupId, visitor: &mut impl Visitor) {
        if let Some(state) = self.groups.get(usize::from(group.0)) {
            Group::clone(state).visit(visitor);
        }
        Vec::clone(&self.parked_fetches).visit(visitor);
    }

    /// Shows what has to do with a group, to be changed.
    pub fn visit_group(&mut self, group: GroupId, visitor: &mut impl Visitor) {
        if let Some(state) = self.groups.get_mut(usize::from(group.0)) {
            state.visit(visitor);
        }
        if !self.parked_fetches.is_empty() {
            self.parked_fetches.visit(visitor);
        }
    }

    /// The group's numbers that only grow: its generation, and how many member ids it has given.
    /// Looking at them is no touch.
    pub fn grown(&self, group: GroupId) -> (Generation, usize) {
        match self.groups.get(usize::from(group.0)) {
            Some(slot) => (slot.peek().generation(), slot.peek().ids_given()),
            None => (Generation(0), 0),
        }
    }

    /// Counts every group as written to, so that all of them are looked at.
    pub fn touch_groups(&self) {
        self.groups.iter().for_each(explore::slot::Slot::touch);
    }

    /// How many groups there are.
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }
}
