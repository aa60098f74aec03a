//! Retained messages: the last one of each topic that was published to be kept.
//!
//! T10. A message with the retain flag replaces the topic's retained message; with an empty payload it clears it, and goes on to those who are subscribed. Source: MQTT 5.0 section 3.3.1.3. Shown by: mqtt-retained-basic.
//!
//! T11. A new subscription gets the retained messages of all topics it matches, with the retain flag, after SUBACK, in the order in which the topics' levels first came to be and parents after what is below them. Those who are subscribed already get a message without the flag, unless they asked for Retain As Published. Source: MQTT 5.0 section 3.3.1.3; Mosquitto 2.0, `retain__search`. Shown by: mqtt-retained-basic, the test `retained_messages_come_in_the_order_of_their_topics`.
//!
//! T12. Retain Handling: 0 sends them at every SUBSCRIBE, as 3.1.1 does, 1 only when the subscription is new, 2 never. Shared subscriptions get none, from 2.0.13 on. Source: MQTT 5.0 section 3.8.3.1, 4.8.2; Mosquitto's ChangeLog of 2.0.13. Shown by: the test `retain_handling_decides_when_retained_messages_come`, the test `before_2_0_13_shared_subscriptions_get_retained_messages`.
//!
//! T13. A retained message that outlived its message expiry interval is gone. Source: MQTT 5.0 section 3.3.2.3.3. Shown by: the test `an_expired_retained_message_is_gone`.

use super::message::Stored;
use super::topic;
use crate::visit::{Visit, Visitor};
use explore::time::Instant;
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Node {
    /// In the order in which they came to be.
    children: Vec<(Arc<str>, Node)>,
    message: Option<Stored>,
}

/// All retained messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Retained {
    root: Node,
}

impl Visit for Node {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.message.visit(visitor);
        for (_, child) in &mut self.children {
            child.visit(visitor);
        }
    }
}

impl Visit for Retained {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.root.visit(visitor);
    }
}

impl Node {
    fn child(&self, level: &str) -> Option<&Node> {
        let mut children = self.children.iter();
        children
            .find(|(name, _)| **name == *level)
            .map(|(_, child)| child)
    }

    fn put(&mut self, levels: &[&str], message: Stored) {
        let Some((level, rest)) = levels.split_first() else {
            self.message = Some(message);
            return;
        };
        let at = self.children.iter().position(|(name, _)| **name == **level);
        let at = at.unwrap_or_else(|| {
            self.children.push(((*level).into(), Node::default()));
            self.children.len() - 1
        });
        if let Some((_, child)) = self.children.get_mut(at) {
            child.put(rest, message);
        }
    }

    /// Takes the message away; whether there was one.
    fn clear(&mut self, levels: &[&str]) -> bool {
        let Some((level, rest)) = levels.split_first() else {
            return self.message.take().is_some();
        };
        let at = self.children.iter().position(|(name, _)| **name == **level);
        let Some((at, (_, child))) = at.and_then(|at| Some((at, self.children.get_mut(at)?)))
        else {
            return false;
        };
        let was_there = child.clear(rest);
        if child.message.is_none() && child.children.is_empty() {
            self.children.remove(at);
        }
        was_there
    }

    fn all(&self, found: &mut Vec<Stored>) {
        found.extend(self.message.clone());
        for (_, child) in &self.children {
            child.all(found);
        }
    }

    fn search(&self, levels: &[&str], found: &mut Vec<Stored>) {
        match levels.split_first() {
            None => found.extend(self.message.clone()),
            Some((&"#", _)) => {
                for (_, child) in &self.children {
                    child.all(found);
                }
                // What stands above `#` matches too, and comes last.
                found.extend(self.message.clone());
            }
            Some((&"+", rest)) => {
                for (_, child) in &self.children {
                    child.search(rest, found);
                }
            }
            Some((level, rest)) => {
                if let Some(child) = self.child(level) {
                    child.search(rest, found);
                }
            }
        }
    }

    fn count(&self) -> usize {
        let below: usize = self.children.iter().map(|(_, child)| child.count()).sum();
        usize::from(self.message.is_some()) + below
    }
}

impl Retained {
    /// Keeps a message as its topic's.
    pub(super) fn put(&mut self, message: Stored) {
        let of = Arc::clone(&message.message);
        self.root.put(&topic::levels(&of.topic), message);
    }

    /// Takes a topic's message away; whether there was one.
    pub(super) fn clear(&mut self, topic: &str) -> bool {
        self.root.clear(&topic::levels(topic))
    }

    /// The messages of all topics that match a filter with these levels, in order.
    pub(super) fn matching(&self, now: Instant, levels: &[&str]) -> Vec<Stored> {
        let mut found = Vec::new();
        // The root is no level: wildcards do not reach it.
        if let Some((root, rest)) = levels.split_first()
            && let Some(node) = self.root.child(root)
        {
            node.search(rest, &mut found);
        }
        found.retain(|stored| stored.expires.is_none_or(|at| now < at));
        found
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.root.count()
    }
}
