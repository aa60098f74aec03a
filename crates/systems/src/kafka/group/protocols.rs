//! Which protocol a group speaks, and what it subscribes to.

use super::{Group, Join, Name, State};
use crate::kafka::TopicId;
use crate::kafka::tools::hash_order::{Hash, Map};
use explore::Weigh;

/// The protocol type that consumers are of.
pub const CONSUMER: &str = "consumer";

/// What the members of a group have agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub(super) struct Protocols {
    /// The protocol type of those that are in the group, or were last.
    pub kind: Option<Name>,
    /// What was chosen when the present generation was formed.
    pub chosen: Option<Name>,
    /// What its members subscribed to then.
    pub topics: Vec<TopicId>,
}

impl Group {
    /// Whether somebody can join so (rule 17).
    pub(super) fn supports(&self, join: &Join) -> bool {
        let Some(names) = &join.protocols else {
            return true;
        };
        if self.state == State::Empty {
            return !join.protocol_type.is_empty() && !names.is_empty();
        }
        self.protocols.kind.as_ref() == Some(&join.protocol_type)
            && names.iter().any(|name| self.all_know(name))
    }

    /// Whether a member knows a protocol; those of scenes know all that are asked for.
    fn all_know(&self, name: &Name) -> bool {
        let mut members = self.members.iter();
        members.all(|member| {
            let names = member.protocols.as_ref();
            names.is_none_or(|names| names.contains(name))
        })
    }

    /// Whether its members name the protocols they know.
    pub(super) fn names_protocols(&self) -> bool {
        self.members.iter().any(|member| member.protocols.is_some())
    }

    /// The protocol that most members prefer among those that all know. Of several the one that comes
    /// first in a Java hash map.
    pub(super) fn preferred(&self) -> Option<Name> {
        let mut votes: Vec<(&Name, usize)> = Vec::new();
        for member in &self.members {
            let names = member.protocols.as_ref()?;
            let vote = names.iter().find(|name| self.all_know(name))?;
            match votes.iter_mut().find(|(name, _)| *name == vote) {
                Some((_, count)) => *count += 1,
                None => votes.push((vote, 1)),
            }
        }
        Map::Plain.order(&mut votes, |(name, _)| Hash::of_text(name));
        let most = votes.iter().map(|(_, count)| *count).max()?;
        let chosen = votes.into_iter().find(|(_, count)| *count == most);
        chosen.map(|(name, _)| Name::clone(name))
    }

    /// A generation was formed: its members agree anew.
    pub(super) fn agree(&mut self) {
        self.protocols.chosen = self.preferred();
        if self.protocols.chosen.is_none() {
            self.protocols.topics.clear();
            return;
        }
        let topics = self.members.iter().flat_map(|one| &one.subscription.topics);
        let mut topics: Vec<TopicId> = topics.copied().collect();
        tiny_sort::unstable::sort(&mut topics);
        topics.dedup();
        self.protocols.topics = topics;
    }

    /// Whether its members are consumers.
    pub(super) fn is_of_consumers(&self) -> bool {
        self.protocol_type() == Some(CONSUMER)
    }

    /// Whether a member subscribed to the topic when the present generation was formed. A member that
    /// has left counts until the rebalance is over.
    pub fn subscribes_to(&self, topic: TopicId) -> bool {
        if self.protocols.chosen.is_none() {
            let mut members = self.members.iter();
            return members.any(|member| member.topics().contains(&topic));
        }
        self.is_of_consumers() && self.protocols.topics.contains(&topic)
    }
}
