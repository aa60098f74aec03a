//! Who subscribes to what, as a [tree](crate::pattern) of levels.
//!
//! T6. Subscribing again to the same filter replaces QoS and identifier and adds no second copy; the first No Local and Retain As Published stay, in this version. Source: Mosquitto 2.0, `sub__add_leaf`. Shown by: mqtt-resubscribe-replaces.
//!
//! T7. A client of MQTT 5 with several filters that match gets one copy for each, with its own QoS and subscription identifier, in the order: exact levels before `+` before `#`, deeper before shallower. A client of 3.1.1 gets only the first of them, with that one's QoS, unless `allow_duplicate_messages` is set (which is the default from 2.1 on). Source: Mosquitto 2.0, `sub__search`; `allow_duplicate_messages` in mosquitto.conf(5). Shown by: the test `overlapping_subscriptions_give_a_copy_each`.
//!
//! T8. `$share/GROUP/FILTER`: each message goes to one member of the group, in turn, beginning with the one that subscribed first. Members that are offline have their turn too, and their share waits in their session. Groups of one filter are served in the order in which they came to be, and before plain subscribers. Before 2.0.12 a client that comes back to its session has lost its shared subscriptions. Source: Mosquitto 2.0, `subs__shared_process`; ChangeLog of 2.0.12. Shown by: mqtt-shared-order, mqtt-shared-each-once, the test `an_offline_member_keeps_its_share`, the test `before_2_0_12_a_return_loses_shared_subscriptions`.
//!
//! T9. A client with No Local does not get what it published itself; the option is for plain subscriptions only, and with a shared one it is a protocol error. Without it, and always in 3.1.1, a client gets its own messages. Source: MQTT 5.0 section 3.8.3.1. Shown by: mqtt-own-messages, the test `no_local_keeps_own_messages_away`.

use super::packet::Subscription;
use super::qos::Qos;
use super::topic;
use crate::pattern::Tree;
use crate::turns::Turns;
use crate::visit::{Visit, Visitor};
use std::sync::Arc;

/// One client's subscription to a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Member {
    pub client_id: Arc<str>,
    pub qos: Qos,
    pub no_local: bool,
    pub retain_as_published: bool,
    pub identifier: Option<u32>,
}

/// The members of a shared subscription.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Group {
    name: Arc<str>,
    members: Turns<Member>,
}

impl Group {
    /// Takes the client out; whether it was there.
    fn leave(&mut self, client_id: &str) -> bool {
        let left = self.members.leave(|member| *member.client_id == *client_id);
        left.is_some()
    }
}

/// The subscriptions to one filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Leaf {
    plain: Vec<Member>,
    groups: Vec<Group>,
}

/// All subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Subscriptions {
    leaves: Tree<Leaf>,
}

impl Visit for Subscriptions {
    fn visit(&mut self, _: &mut impl Visitor) {}
}

/// What became of a SUBSCRIBE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It is new.
    New,
    /// It replaced an older one to the same filter.
    Replaced,
}

impl Leaf {
    fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.groups.is_empty()
    }

    /// Takes the client out; whether it was there.
    fn remove(&mut self, group: Option<&str>, client_id: &str) -> bool {
        let Some(group) = group else {
            let before = self.plain.len();
            self.plain.retain(|member| *member.client_id != *client_id);
            return self.plain.len() < before;
        };
        let mut was_there = false;
        for one in self.groups.iter_mut().filter(|one| *one.name == *group) {
            was_there = one.leave(client_id);
        }
        self.groups.retain(|group| !group.members.is_empty());
        was_there
    }

    fn remove_shared(&mut self, client_id: &str) {
        for group in &mut self.groups {
            group.leave(client_id);
        }
        self.groups.retain(|group| !group.members.is_empty());
    }

    /// Calls `each` for everybody who gets a message; each group gives its turn to one member.
    fn members(&mut self, each: &mut dyn FnMut(&Member, bool)) {
        for group in &mut self.groups {
            if let Some((next, ())) = group.members.serve(|_| Some(())) {
                each(next, true);
            }
        }
        for member in &self.plain {
            each(member, false);
        }
    }

    fn count(&self) -> usize {
        let shared: usize = self.groups.iter().map(|group| group.members.len()).sum();
        self.plain.len() + shared
    }
}

impl Subscriptions {
    /// Adds a subscription, or replaces the one to the same filter. Nothing when the filter begins
    /// with `$share` and is none.
    pub(super) fn add(
        &mut self,
        client_id: &Arc<str>,
        asked: &Subscription,
        qos: Qos,
        identifier: Option<u32>,
    ) -> Option<Added> {
        let (group, levels) = topic::shared(&asked.filter)?;
        let node = self.leaves.entry(levels).get_or_insert_default();
        let member = Member {
            client_id: Arc::clone(client_id),
            qos,
            no_local: asked.no_local,
            retain_as_published: asked.retain_as_published,
            identifier,
        };
        let known = match group {
            None => node
                .plain
                .iter_mut()
                .find(|one| one.client_id == *client_id),
            Some(name) => {
                let group = node.groups.iter_mut().find(|group| *group.name == *name);
                let mut members = group.into_iter().flat_map(|group| group.members.iter_mut());
                members.find(|one| one.client_id == *client_id)
            }
        };
        if let Some(known) = known {
            known.qos = qos;
            known.identifier = identifier;
            return Some(Added::Replaced);
        }
        match group {
            None => node.plain.push(member),
            Some(name) => match node.groups.iter_mut().find(|group| *group.name == *name) {
                Some(group) => group.members.join(member),
                None => {
                    let mut members = Turns::default();
                    members.join(member);
                    let name = name.into();
                    node.groups.push(Group { name, members });
                }
            },
        }
        Some(Added::New)
    }

    /// Takes a subscription out; whether there was one.
    pub(super) fn remove(&mut self, client_id: &str, filter: &str) -> bool {
        let Some((group, levels)) = topic::shared(filter) else {
            return false;
        };
        let Some(leaf) = self.leaves.get_mut(levels.iter().copied()) else {
            return false;
        };
        let was_there = leaf.remove(group, client_id);
        if leaf.is_empty() {
            self.leaves.remove(&levels);
        }
        was_there
    }

    /// Takes out all of a client.
    pub(super) fn remove_all(&mut self, client_id: &str) {
        self.leaves.retain(|leaf| {
            leaf.remove(None, client_id);
            leaf.remove_shared(client_id);
            !leaf.is_empty()
        });
    }

    /// Takes out the shared ones of a client.
    pub(super) fn remove_all_shared(&mut self, client_id: &str) {
        self.leaves.retain(|leaf| {
            leaf.remove_shared(client_id);
            !leaf.is_empty()
        });
    }

    /// Every subscription that gets a message on this topic, in order; each group gives its turn to
    /// one member. Beside each stands whether it is a shared one.
    pub(super) fn matching(&mut self, topic: &str) -> Vec<(Member, bool)> {
        let levels = topic::levels(topic);
        // Wildcards do not reach the root, which is no level.
        let (root, rest) = levels.split_at(1);
        let mut found = Vec::new();
        let mut each = |member: &Member, is_shared: bool| found.push((member.clone(), is_shared));
        for place in self.leaves.matching(root, rest, topic::WILDCARDS) {
            if let Some(leaf) = self.leaves.at_mut(place) {
                leaf.members(&mut each);
            }
        }
        found
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.leaves.iter().map(|(_, leaf)| leaf.count()).sum()
    }
}
