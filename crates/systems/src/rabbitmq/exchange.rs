//! Exchanges, their bindings, and where a message goes.
//!
//! M13. A direct exchange routes by the exact key, a fanout exchange ignores it, a topic exchange
//! matches words, a headers exchange compares headers. The default exchange (its name is empty) routes
//! to the queue whose name is the key. Source: documentation, "Exchanges". Shown by:
//! rabbitmq-direct-exact, rabbitmq-fanout-ignores-key, rabbitmq-topic-matrix,
//! rabbitmq-headers-exchange-basic, rabbitmq-default-exchange.
//!
//! M14. However many bindings match, a queue gets one copy of a message. Exchanges that are bound to
//! an exchange are walked through once each, so that circles end. Source: documentation, "Exchange to
//! Exchange Bindings". Shown by: rabbitmq-topic-one-copy, rabbitmq-fanout-ignores-key, the test
//! `exchanges_in_a_circle_route_once`.
//!
//! M15. What an exchange has no destination for goes to its alternate exchange, if it has one; a
//! message that finds a queue so counts as routed. Source: documentation, "Alternate Exchanges". Shown
//! by: the test `an_alternate_exchange_takes_what_has_no_route`.
//!
//! M16. The keys in the headers `CC` and `BCC` route as the routing key does; consumers never see
//! `BCC`. Source: documentation, "Sender-selected Distribution". Shown by: the test
//! `cc_is_routed_and_bcc_is_hidden`.
//!
//! M17. An auto-delete exchange is deleted with the last binding it is the source of. With a queue or
//! an exchange its bindings go. Source: documentation, "Exchanges"; AMQP 0-9-1, exchange.declare. Shown
//! by: the test `an_auto_delete_exchange_goes_with_its_last_binding`.

use super::headers;
use super::message::Message;
use super::topic;
use super::value::Table;
use crate::WHOLE;
use crate::pattern::Tree;
use explore::Weigh;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A kind of exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Kind {
    /// By the exact routing key.
    Direct,
    /// To everything that is bound.
    Fanout,
    /// By the words of the routing key.
    Topic,
    /// By headers.
    Headers,
}

impl Kind {
    /// Its name in `exchange.declare`.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Direct => "direct",
            Kind::Fanout => "fanout",
            Kind::Topic => "topic",
            Kind::Headers => "headers",
        }
    }

    /// The kind of this name.
    pub fn of(name: &str) -> Option<Kind> {
        let all = [Kind::Direct, Kind::Fanout, Kind::Topic, Kind::Headers];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

/// Where a binding leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Weigh)]
pub enum Destination {
    /// To an exchange.
    Exchange(Arc<str>),
    /// To a queue.
    Queue(Arc<str>),
}

/// A binding, seen from its source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Weigh)]
pub struct Binding {
    /// Where it leads.
    pub destination: Destination,
    /// Its arguments: those that a headers exchange compares.
    pub arguments: Table,
}

/// An exchange.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Exchange {
    /// How it routes.
    pub kind: Kind,
    /// Whether it outlives a restart of the broker.
    pub durable: bool,
    /// Whether it goes with its last binding.
    pub auto_delete: bool,
    /// Whether only bindings, and no publishers, may lead to it.
    pub internal: bool,
    /// Where messages go for which it has no destination.
    pub alternate_exchange: Option<Arc<str>>,
    /// Bindings it is the source of.
    pub(super) bindings: Bindings,
}

/// Bindings by their key. For a topic exchange the keys stand in a tree, too, which follows from them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub(super) struct Bindings {
    by_key: BTreeMap<Arc<str>, BTreeSet<Binding>>,
    patterns: Tree<Arc<str>>,
}

impl Bindings {
    fn add(&mut self, kind: Kind, key: Arc<str>, binding: Binding) -> bool {
        if kind == Kind::Topic {
            *self.patterns.entry(topic::words(&key)) = Some(key.clone());
        }
        self.by_key.entry(key).or_default().insert(binding)
    }

    /// Removes a binding; whether it was there.
    fn take(&mut self, key: &str, binding: &Binding) -> bool {
        let Some(bindings) = self.by_key.get_mut(key) else {
            return false;
        };
        let was_there = bindings.remove(binding);
        if bindings.is_empty() {
            self.by_key.remove(key);
            self.patterns.remove(&topic::words(key));
        }
        was_there
    }

    /// Removes the bindings that are gone; whether there were some.
    fn forget(&mut self, is_gone: impl Fn(&Binding) -> bool) -> bool {
        let mut removed = false;
        let patterns = &mut self.patterns;
        self.by_key.retain(|key, bindings| {
            let count = bindings.len();
            bindings.retain(|binding| !is_gone(binding));
            removed |= bindings.len() < count;
            if bindings.is_empty() {
                patterns.remove(&topic::words(key));
            }
            !bindings.is_empty()
        });
        removed
    }

    /// Those whose key, as a pattern, one of these routing keys matches.
    fn matching<'a>(&'a self, keys: &[Arc<str>], mut each: impl FnMut(&'a BTreeSet<Binding>)) {
        for key in keys {
            let words = topic::words(key);
            for place in self.patterns.matching(&[], &words, topic::WILDCARDS) {
                let key = self.patterns.at(place);
                key.and_then(|key| self.by_key.get(key)).map(&mut each);
            }
        }
    }
}

impl Exchange {
    /// A durable exchange without bindings.
    pub fn new(kind: Kind) -> Exchange {
        Exchange {
            kind,
            durable: true,
            auto_delete: false,
            internal: false,
            alternate_exchange: None,
            bindings: Bindings::default(),
        }
    }

    /// The bindings it is the source of, by their key.
    pub fn bindings(&self) -> &BTreeMap<Arc<str>, BTreeSet<Binding>> {
        &self.bindings.by_key
    }

    /// Where a message goes from here.
    fn destinations<'a>(&'a self, message: &Message) -> BTreeSet<&'a Destination> {
        let mut found = BTreeSet::new();
        let mut add = |bindings: &'a BTreeSet<Binding>| {
            found.extend(bindings.iter().map(|binding| &binding.destination));
        };
        match self.kind {
            Kind::Direct => {
                let keys = message.routing_keys.iter();
                keys.filter_map(|key| self.bindings.by_key.get(key))
                    .for_each(&mut add);
            }
            Kind::Fanout => self.bindings.by_key.values().for_each(&mut add),
            Kind::Topic => {
                self.bindings.matching(&message.routing_keys, add);
            }
            Kind::Headers if WHOLE => {
                let told = message.headers();
                for binding in self.bindings.by_key.values().flatten() {
                    if headers::matches(&binding.arguments, &told) {
                        found.insert(&binding.destination);
                    }
                }
            }
            // Scenes have none.
            Kind::Headers => {}
        }
        found
    }
}

/// An exchange that a message comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop<'a> {
    /// Its name; the default exchange has the empty one.
    pub name: &'a str,
    /// Where the message goes from there. The default exchange has none: the key is the queue's name.
    pub destinations: BTreeSet<&'a Destination>,
    /// The alternate exchange, where the message goes there.
    pub alternate: Option<&'a str>,
}

/// All exchanges of the broker.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Exchanges {
    /// By their names; the default exchange has the empty one.
    pub by_name: BTreeMap<Arc<str>, Exchange>,
}

impl Default for Exchanges {
    /// Those that every virtual host begins with.
    fn default() -> Self {
        let mut by_name = BTreeMap::new();
        for (name, kind) in [
            ("", Kind::Direct),
            ("amq.direct", Kind::Direct),
            ("amq.fanout", Kind::Fanout),
            ("amq.headers", Kind::Headers),
            ("amq.match", Kind::Headers),
            ("amq.topic", Kind::Topic),
        ] {
            by_name.insert(name.into(), Exchange::new(kind));
        }
        let mut trace = Exchange::new(Kind::Topic);
        trace.internal = true;
        by_name.insert("amq.rabbitmq.trace".into(), trace);
        Exchanges { by_name }
    }
}

impl Exchanges {
    /// The names of all queues a message goes to, published to `exchange`; those of the default
    /// exchange may be no queues.
    pub fn route(&self, exchange: &str, message: &Message) -> BTreeSet<Arc<str>> {
        let mut queues = BTreeSet::new();
        if exchange.is_empty() {
            // Most is published to the default exchange, which leads nowhere else.
            queues.extend(message.routing_keys.iter().cloned());
            return queues;
        }
        self.walk(exchange, message, |stop| match stop.name {
            "" => queues.extend(message.routing_keys.iter().cloned()),
            _ => queues.extend(stop.destinations.iter().filter_map(|to| match to {
                Destination::Queue(queue) => Some(queue.clone()),
                Destination::Exchange(_) => None,
            })),
        });
        queues
    }

    /// The exchanges a message comes to on the same way, each once, in the order in which it comes there.
    pub fn stops<'a>(&'a self, exchange: &'a str, message: &Message) -> Vec<Stop<'a>> {
        let mut stops = Vec::new();
        self.walk(exchange, message, |stop| stops.push(stop));
        stops
    }

    fn walk<'a>(&'a self, exchange: &'a str, message: &Message, mut each: impl FnMut(Stop<'a>)) {
        let mut seen: BTreeSet<&str> = BTreeSet::from([exchange]);
        let mut ahead: Vec<&str> = vec![exchange];
        while let Some(name) = ahead.pop() {
            let (mut destinations, mut alternate) = (BTreeSet::new(), None);
            // The default exchange has no bindings of its own: the key is the queue's name.
            if !name.is_empty() {
                let Some(exchange) = self.by_name.get(name) else {
                    continue;
                };
                destinations = exchange.destinations(message);
                if destinations.is_empty() {
                    alternate = exchange.alternate_exchange.as_deref();
                }
            }
            let mut next: Vec<&str> = alternate.into_iter().collect();
            next.extend(destinations.iter().filter_map(|to| match to {
                Destination::Exchange(exchange) => Some(&**exchange),
                Destination::Queue(_) => None,
            }));
            ahead.extend(next.into_iter().filter(|name| seen.insert(name)));
            each(Stop {
                name,
                destinations,
                alternate,
            });
        }
    }

    /// Adds a binding; false, where it is there already.
    pub fn bind(&mut self, source: &str, key: Arc<str>, binding: Binding) -> bool {
        let exchange = self.by_name.get_mut(source);
        exchange.is_some_and(|exchange| exchange.bindings.add(exchange.kind, key, binding))
    }

    /// Removes a binding, and an auto-delete exchange with its last one; tells whether it was there,
    /// and which exchanges went.
    pub fn unbind(&mut self, source: &str, key: &str, binding: &Binding) -> (bool, Vec<Arc<str>>) {
        let Some(exchange) = self.by_name.get_mut(source) else {
            return (false, Vec::new());
        };
        let was_there = exchange.bindings.take(key, binding);
        let is_left = was_there && exchange.auto_delete && exchange.bindings.by_key.is_empty();
        match is_left {
            true => (true, self.delete(source)),
            false => (was_there, Vec::new()),
        }
    }

    /// Deletes an exchange with its bindings, and auto-delete exchanges that lose their last one by
    /// that; tells which went.
    pub fn delete(&mut self, name: &str) -> Vec<Arc<str>> {
        let mut gone = Vec::new();
        let mut ahead: Vec<Arc<str>> = vec![name.into()];
        while let Some(name) = ahead.pop() {
            if self.by_name.remove(&name).is_some() {
                ahead.extend(self.forget(&Destination::Exchange(name.clone())));
                gone.push(name);
            }
        }
        gone
    }

    /// Removes all bindings that lead to a queue that is gone; tells which exchanges went by that.
    pub fn queue_gone(&mut self, queue: &Arc<str>) -> Vec<Arc<str>> {
        let left = self.forget(&Destination::Queue(queue.clone()));
        left.iter().flat_map(|name| self.delete(name)).collect()
    }

    /// Removes all bindings to a destination; returns the auto-delete exchanges that lost their last.
    fn forget(&mut self, destination: &Destination) -> Vec<Arc<str>> {
        let mut left = Vec::new();
        for (name, exchange) in &mut self.by_name {
            let leads_there = |binding: &Binding| binding.destination == *destination;
            let removed = exchange.bindings.forget(leads_there);
            if removed && exchange.auto_delete && exchange.bindings.by_key.is_empty() {
                left.push(name.clone());
            }
        }
        left
    }
}

impl crate::Visit for Exchanges {
    fn visit(&mut self, _: &mut impl crate::Visitor) {}
}
