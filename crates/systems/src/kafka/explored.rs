//! The broker as a row of parts, and the numbers in it that only grow.

use super::group::Group;
use super::topic::Topic;
use super::transaction::Coordinator;
use super::{Broker, ParkedFetch};
use crate::parts::Grows;
use crate::visit::{Visit, Visitor};

crate::parts! {
    /// A part of the broker.
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

/// A scope is a group: its generation, and the member ids it has given.
impl Grows for Broker {
    fn scopes(&self) -> u8 {
        self.group_count() as u8
    }

    fn is_within(&self, scope: u8, group: u8) -> bool {
        scope == group
    }

    fn grown(&self, scope: u8) -> u64 {
        self.groups.get(usize::from(scope)).map_or(0, |slot| {
            let group = slot.peek();
            u64::from(group.generation().0) + group.ids_given() as u64
        })
    }

    /// The group itself, and the fetches that wait.
    fn look_at(&self, scope: u8, visitor: &mut impl Visitor) {
        if let Some(state) = self.groups.get(usize::from(scope)) {
            Group::clone(state).visit(visitor);
        }
        Vec::clone(&self.parked_fetches).visit(visitor);
    }

    fn visit_scope(&mut self, scope: u8, visitor: &mut impl Visitor) {
        if let Some(state) = self.groups.get_mut(usize::from(scope)) {
            state.visit(visitor);
        }
        if !self.parked_fetches.is_empty() {
            self.parked_fetches.visit(visitor);
        }
    }

    fn touch(&self) {
        self.groups.iter().for_each(explore::slot::Slot::touch);
    }
}

impl Broker {
    /// How many groups there are.
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }
}
